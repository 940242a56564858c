"""The words by which suggestions are put together: `languages/LANGUAGE/together.toml`."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.lexicon import Phrases, lexicon
from tracker.intake.reading.text import words_of
from tracker.people.codes import InstitutionKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.articles.codes import Language
    from tracker.intake.reading.text import Word

FILE = "together"


def means_everybody(language: Language, words: Sequence[Word]) -> bool:
    """Say whether a sentence speaks of the journalists together."""
    return bool(_phrases(language.value, "everybody").find(words))


def goes_on(language: Language, words: Sequence[Word]) -> bool:
    """Say whether a sentence begins with those who acted in the one before."""
    return bool(words) and next(_phrases(language.value, "they").at(words, 0), None) is not None


def tells_of_accounts(language: Language, words: Sequence[Word]) -> bool:
    """Say whether a sentence speaks of profiles, channels or pages."""
    return bool(_phrases(language.value, "accounts").find(words))


def tells_of_many_accounts(language: Language, words: Sequence[Word]) -> bool:
    """Say whether a sentence speaks of more than one of them."""
    return bool(_phrases(language.value, "accounts_many").find(words))


def tells_of_pressure(language: Language, words: Sequence[Word]) -> bool:
    """Say whether a sentence speaks of what is done to journalists, whatever it is."""
    return bool(_phrases(language.value, "pressure").find(words))


def tells_of_many_times(language: Language, words: Sequence[Word]) -> bool:
    """Say whether a sentence tells of something that happened again and again."""
    return bool(_phrases(language.value, "repeated").find(words))


def names_law_enforcement(language: Language, text: str) -> bool:
    """Say whether words name the police or another service without saying which."""
    return bool(_phrases(language.value, "law_enforcement").find(words_of(text)))


def kind_of_body(language: Language, *names: str) -> InstitutionKind | None:
    """Return what kind a body is, by the words of its name or of an office in it."""
    bodies = lexicon(language.value, FILE).get("bodies", {})
    for name in filter(None, names):
        words = words_of(name)
        for kind in bodies:
            if _bodies(language.value, kind).find(words):
                return InstitutionKind(kind)
    return None


def body_spoken_for(language: Language, institution: str, office: str) -> str:
    """Return the name of the body for which somebody speaks, made of the office where that is all
    there is, and without the words that say of which state it is.
    """
    words = lexicon(language.value, FILE)
    name = institution
    if not name:
        for said, body in words.get("office_bodies", {}).items():
            found = re.search(rf"\b{re.escape(said)}\b", office, re.IGNORECASE)
            if found:
                name = office[: found.start()] + body + office[found.end() :]
                break
    for state in words.get("of_the_state", ()):
        name = re.sub(rf"\b{re.escape(state)}(?!\w)", "", name, flags=re.IGNORECASE)
    name = " ".join(name.split()).removeprefix("the ").removeprefix("The ")
    return name[:1].upper() + name[1:]


@cache
def _phrases(language: str, heading: str) -> Phrases:
    return Phrases((phrase, None) for phrase in lexicon(language, FILE).get(heading, ()))


@cache
def _bodies(language: str, kind: str) -> Phrases:
    return Phrases((phrase, None) for phrase in lexicon(language, FILE)["bodies"][kind])
