"""What of a language decides who speaks: cases, prepositions, verbs of saying."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tracker.intake.reading.answers.joining import OFFICIAL, OTHER, TARGET
from tracker.intake.reading.lexicon import Phrases, lexicon

if TYPE_CHECKING:
    from tracker.intake.reading.answers.joining import Mark
    from tracker.intake.reading.text import Word


WHERE_TO = re.compile("(?:ую|у|ю|ство|ение|нт|т|д)$")


class Grammar(NamedTuple):
    """What of a language decides who is spoken to."""

    spoken_to: frozenset[str]
    into: frozenset[str]
    not_platform: Phrases
    verbs: Phrases
    impersonal: Phrases
    before: Phrases
    after: Phrases
    again: Phrases
    oblique: re.Pattern[str]
    genitive: re.Pattern[str]
    genitive_person: re.Pattern[str]
    nominative: frozenset[str]
    prepositional: re.Pattern[str]


@cache
def grammar_of(language: str) -> Grammar:
    data: dict[str, Any] = lexicon(language, "speakers")
    speech: dict[str, Any] = data.get("speech", {})
    weak = frozenset(speech.get("weak", ()))
    never = r"(?!)"

    def phrases(name: str) -> Phrases:
        return Phrases((one, None) for one in speech.get(name, ()))

    return Grammar(
        frozenset(speech.get("spoken_to", ())),
        frozenset(speech.get("into", ())),
        phrases("not_platform"),
        Phrases((one, one in weak) for one in speech.get("verbs", ())),
        phrases("impersonal"),
        phrases("before"),
        Phrases(
            (f"@{side} {one}", None)
            for one in speech.get("after", ())
            for side in (OFFICIAL, TARGET, OTHER)
        ),
        Phrases((one, None) for one in data.get("pronouns", {}).get("again", ())),
        re.compile(speech.get("oblique", never)),
        re.compile(speech.get("genitive", never)),
        re.compile(speech.get("genitive_person", speech.get("genitive", never))),
        frozenset(speech.get("nominative", ())),
        re.compile(speech.get("prepositional", never)),
    )


def is_nominative(word: str, *, speaks: bool) -> bool:
    """Say whether a Kazakh word stands for one who acts, or speaks "in" or "from" somewhere."""
    grammar = grammar_of("kk")
    if word in grammar.nominative:
        return True
    if not speaks and grammar.prepositional.search(word):
        return False
    return not (grammar.oblique.search(word) or grammar.genitive.search(word))


def is_inside(head: Word) -> bool:
    """Say whether a Russian word behind «в» says where, not where to."""
    return (
        head.text.isupper()
        or grammar_of("ru").prepositional.search(head.folded) is not None
        or WHERE_TO.search(head.folded) is None
    )


def institution_of(language: str, mark: Mark) -> str:
    """Return the name of the body for which somebody speaks: "Ministry of …" for its minister."""
    office = mark.office.removeprefix("the ").strip()
    if mark.body or not office:
        return mark.body
    rows = lexicon(language, "speakers").get("institutions", {})
    for pattern, name in rows.items():
        found = re.fullmatch(pattern, office, re.IGNORECASE)
        if found is not None:
            return found.expand(str(name))
    return ""
