"""What an act is by what it is done to, or for how long, where its verb alone says another type."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.acts.book import with_lists
from tracker.intake.reading.lexicon import Phrases, lexicon

if TYPE_CHECKING:
    from tracker.intake.reading.acts.book import Hit
    from tracker.intake.reading.text import Word

# The object stands so near behind its verb ("over the door"), in Kazakh right before it.
BEHIND, BEFORE, WHOSE = 3, 1, 2
# "Sentenced to eight years": the term stands so near behind the verb.
TERM = 3
DETENTION, SENTENCE = "legal.detention", "legal.criminal"
ASSAULT, DAMAGE = "physical.assault", "property.damage"


def by_object(language: str, words: tuple[Word, ...], hit: Hit) -> Hit:
    """Return an act as the type that its object makes it: paint over her door is damage, years in
    prison are a sentence and no detention.
    """
    said = words[hit.first : hit.end + TERM]
    if hit.rule.code == DETENTION and _phrases(language, "terms").find(said):
        return hit._replace(rule=hit.rule._replace(code=SENTENCE))
    if hit.rule.code == ASSAULT and _is_thing(language, words, hit):
        return hit._replace(rule=hit.rule._replace(code=DAMAGE))
    return hit


def _is_thing(language: str, words: tuple[Word, ...], hit: Hit) -> bool:
    before = words[max(0, hit.first - BEFORE) : hit.first] if language == "kk" else ()
    # In Russian the last word of an act may say whose the thing is: «облили дверь редактора».
    whose = WHOSE if language == "ru" else 0
    beside = (*before, *words[max(hit.first, hit.end - whose) : hit.end + BEHIND])
    things = _phrases(language, "things")
    return (
        bool(things.find(beside))
        and _phrases(language, "throws").find(words[hit.first : hit.end]) != []
    )


@cache
def _phrases(language: str, name: str) -> Phrases:
    lists = lexicon(language, "lists")
    found = lexicon(language, "deeds").get("objects", {}).get(name, ())
    return Phrases((with_lists(phrase, lists), None) for phrase in found)
