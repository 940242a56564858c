"""The lines over a title that name who publishes it, the section it stands in, or its day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tracker.articles.furniture import LABELS, is_headline, pieces
from tracker.articles.signatures import LONGEST, MARKS, TIME, is_capital, outlet_in
from tracker.articles.words_around import begins_with, phrases, plain
from tracker.articles.written_dates import is_month, written_dates

if TYPE_CHECKING:
    from datetime import date

# A title under a section or an outlet that is not known; less may be part of either.
FEWEST_IN_TITLE = 3
MOST_IN_NAME = 5
ADDRESS = re.compile(
    r"(?:https?://)?(?:www\.)?(?P<host>[^\W_][\w-]*(?:\.[\w-]+)*\.[^\W\d_]{2,})(?:/\S*)?",
    re.IGNORECASE,
)
NUMBERED_DAY = re.compile(r"\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?")
ORDINAL = re.compile(r"\d{1,4}(?:st|nd|rd|th)?")
QUOTED = re.compile(r"[«\"“][^»\"”]{0,200}[»\"”]")
SMALL = re.compile(r"\b(?:of|the|and|for|to)\s", re.IGNORECASE)


class Masthead(NamedTuple):
    """What a line over a title says; `is_sure`: that it is no title itself."""

    publishers: list[str]
    days: list[date]
    is_sure: bool


def masthead_in(line: str) -> Masthead | None:
    """Return what a line says that is nothing but an outlet, a section or a day; None for others.

    Outlets are those that the lists name, addresses, and names made of the words of outlets.
    """
    if not line or len(line) > LONGEST:
        return None
    publishers, are_sure = [], []
    for part in pieces(line):
        known = _known(part)
        is_sure = bool(known) or _is_day(part)
        is_section = plain(part) in phrases("sections", *LABELS)
        name = known or ("" if is_sure or is_section else _shaped(part))
        if not (is_sure or is_section or name):
            return None
        publishers += [name] if name else []
        are_sure.append(is_sure)
    days = [written.day for written in written_dates(line)]
    return Masthead(publishers, days, is_sure=all(are_sure))


def may_be_title(line: str) -> bool:
    """Say whether a line under a masthead looks like a title, and is no masthead itself."""
    is_long = len(line.split()) >= FEWEST_IN_TITLE
    return is_long and is_headline(line) and masthead_in(line) is None


def _is_day(part: str) -> bool:
    """Say whether words are nothing but a day or an hour; its year may be missing."""
    bare = TIME.sub(" ", part).strip(MARKS)
    if not bare or NUMBERED_DAY.fullmatch(bare):
        return True
    words = plain(bare).split()
    named = {word for word in words if is_month(word)}
    beside = {word for phrase in phrases("days", "years") for word in phrase.split()}
    numbers = set(words) - beside - named
    # A month or a weekday alone may be a title.
    return bool(named and numbers) and all(map(ORDINAL.fullmatch, numbers))


def _known(part: str) -> str:
    """Return the outlet that is surely meant by words, "" for none: a known one, an address."""
    words = part.strip(MARKS)
    if found := ADDRESS.fullmatch(words):
        return found["host"]
    bare = plain(words)
    is_short = len(bare.split()) <= MOST_IN_NAME
    if bare in phrases("publishers") or (is_short and begins_with("publishers", bare)):
        return words
    # "Газета «Край»", not a title that is somebody's words: «Край молчит».
    is_told = QUOTED.sub("", words).strip(MARKS) != ""
    quoted = outlet_in(words) if is_told and is_short else ""
    return quoted if quoted != words else ""


def _shaped(part: str) -> str:
    """Return words that are the name of an outlet by their shape: "The Karasu Herald"."""
    words = part.strip(MARKS)
    bare = plain(words).removeprefix("the ").split()
    is_short = 1 < len(bare) <= MOST_IN_NAME
    is_one = is_short and not phrases("outlets").isdisjoint({bare[0], bare[-1]})
    # "Fake news" and "Radio silence" are titles.
    return words if is_one and is_capital(SMALL.sub("", words)) else ""
