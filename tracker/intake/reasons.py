"""Why something is suggested, in the viewer's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.i18n import _, language, ngettext, quoted
from tracker.vocabulary.labels import label

if TYPE_CHECKING:
    from collections.abc import Collection

    from tracker.incidents.codes import PurportedAs
    from tracker.intake.reading.found import Person, Said
    from tracker.intake.reading.text import Passage

MOST_WORDS = 90


def of_type(passage: Passage, posed: PurportedAs | None) -> str:
    """Say which words tell that it was done."""
    said = str(_("%(words)s, sentence %(n)d", words=_words(passage), n=passage.number))
    return f"{said}; {label(posed, language())}" if posed else said


def of_person(person: Person, numbers: Collection[int]) -> str:
    """Say as what somebody is named, and in how many sentences something was done to them."""
    done = ngettext(
        "what was done is told in %(num)d sentence about this person",
        "what was done is told in %(num)d sentences about this person",
        len(numbers),
    )
    if not person.office:
        return str(done)
    return f"{_('called %(office)s', office=quoted(person.office))}; {done}"


def of_newsroom(passage: Passage) -> str:
    """Say where an outlet is named as the one concerned."""
    return str(_("named in sentence %(n)d as the outlet concerned", n=passage.number))


def of_words(passage: Passage) -> str:
    """Quote a date, a place or an account as the article writes it."""
    return str(_("%(words)s, sentence %(n)d", words=_words(passage), n=passage.number))


def of_unidentified(passage: Passage) -> str:
    """Say that accounts are told of which the article does not name."""
    return str(_("told of in sentence %(n)d, and not named there", n=passage.number))


def of_response(speaker: str, count: int) -> str:
    """Say who speaks, and in how many passages."""
    who = speaker or str(_("a body"))
    return str(
        ngettext(
            "%(who)s is quoted in %(num)d passage",
            "%(who)s is quoted in %(num)d passages",
            count,
            who=who,
        )
    )


def of_act(said: Said) -> str:
    """Say how the words are given, and where."""
    number = said.quote.number
    if said.is_direct:
        return str(_("in their own words, sentence %(n)d", n=number))
    return str(_("as the article reports it, sentence %(n)d", n=number))


def _words(passage: Passage) -> str:
    words = " ".join(passage.words.split())
    return quoted(words if len(words) <= MOST_WORDS else words[: MOST_WORDS - 1] + "…")
