"""What an act is by what it is done to, or for how long, where its verb alone says another type."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.acts.book import with_lists
from tracker.intake.reading.lexicon import Phrases, lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.intake.reading.acts.book import Hit
    from tracker.intake.reading.text import Word

# The object stands so near behind its verb ("over the door"), in Kazakh right before it.
BEHIND, BEFORE, WHOSE = 3, 1, 2
# "Sentenced to eight years": the term stands so near behind the verb.
TERM = 3
DETENTION, SENTENCE = "legal.detention", "legal.criminal"
LEGAL_THREAT = "threat.legal"
CASES = frozenset({SENTENCE, "legal.administrative", LEGAL_THREAT})
TAKEN_DOWN = frozenset({"censorship.blocking", "censorship.removal", "censorship.closure"})
# So near before "against her" stands what was done to her; so near the act stands its object.
WHOM, AROUND = 3, 5
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


def is_over_harm(language: str, words: tuple[Word, ...], hit: Hit) -> bool:
    """Say whether a case, or the threat of one, is about what was done to somebody, and not against
    them: "police opened a criminal case over death threats against the reporter".
    """
    if hit.rule.code not in CASES or not is_case_over_harm(language, words):
        return False
    return hit.rule.code != LEGAL_THREAT or bool(_phrases(language, "opened").find(words))


def is_case_over_harm(language: str, words: Sequence[Word]) -> bool:
    """Say whether a sentence tells of a case over what was done to somebody."""
    if not _phrases(language, "over_harm").find(words):
        return False
    harm = _phrases(language, "harm")
    # "Threats against her" is no case against her.
    return all(
        harm.find(words[max(0, first - WHOM) : first])
        for _label, first, _end in _phrases(language, "against").find(words)
    )


def is_of_fake(language: str, words: tuple[Word, ...], hit: Hit) -> bool:
    """Say whether what was blocked or removed is a fake: "Telegram blocked the bogus channel"."""
    if hit.rule.code not in TAKEN_DOWN:
        return False
    return names_fake(language, words[max(0, hit.first - AROUND) : hit.end + AROUND])


def names_fake(language: str, words: Sequence[Word]) -> bool:
    """Say whether words speak of a fake account, channel or page."""
    return bool(_phrases(language, "fakes").find(words))


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
