"""Whether a Russian name stands in the nominative, and of whom that tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.intake.reading.people.wordforms import FEMALE, MALE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.intake.reading.people.wordforms import Form

VOWELS = tuple("аеёиоуыэюяь")
# Women's names in a hard consonant (Айнур, Салтанат) and ones in о, у, и, э have one form for all.
UNCHANGING = tuple("оуиыэюё")
OBLIQUE = re.compile(r"(?:ой|ою|ей|ею|ому|ого|ым|ую|у|ю|ом|ем|е|ым|их|ых|ому)$")
HERS = re.compile(r"(?:(?:[оеё]в|[иы]н|[сц]к)ой|[сц]кую|(?:[оеё]в|[иы]н)у)$")
MASCULINE = re.compile(r"(?:[оеё]в|[иы]н|ский|цкий|ич|улы|ян|енко|ук|юк|швили|дзе|ман|берг)$")
GENITIVE = re.compile(r"[ыиая]$")


def gender_of(forms: Sequence[Form]) -> str:
    """Return the gender that the given name tells, empty where none does."""
    return next((one.gender for one in forms if one.is_given and one.gender), "")


def is_nominative(forms: Sequence[Form]) -> bool | None:
    """Say whether a Russian name stands in the nominative; None where its form does not tell."""
    gender = gender_of(forms)
    given = next((one for one in forms if one.is_given and not one.is_surname), None)
    last = forms[-1].text.casefold()
    if given is not None and given.is_unsure:
        return _by_surname(last, gender)
    if given is not None and len(forms) > 1:
        text = given.text.casefold()
        if given.is_bare and gender != MALE and HERS.search(last):
            # «Айгуль Сериковой»: her given name has one form for all cases.
            return False
        if given.is_bare and (
            text.endswith(UNCHANGING) or (gender == FEMALE and not text.endswith(VOWELS))
        ):
            return _by_surname(last, gender)
        return given.is_bare
    if len(forms) == 1 and given is not None:
        return given.is_bare or None
    return _by_surname(last, gender)


def _by_surname(last: str, gender: str) -> bool | None:
    if OBLIQUE.search(last) and not last.endswith(("ский", "цкий", "енко")):
        return False
    if gender == FEMALE:
        return True if last.endswith(("ова", "ева", "ёва", "ина", "ына", "ская", "цкая")) else None
    if MASCULINE.search(last):
        return True
    return False if gender == MALE and last.endswith(("ова", "ева", "ина")) else None


def is_genitive_like(forms: Sequence[Form]) -> bool:
    """Say whether the first word has an ending of the genitive, which also makes an owner."""
    return bool(GENITIVE.search(forms[0].text.casefold()))
