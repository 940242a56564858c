"""Reading the values of an address: each is typed, and an unknown one is said, never ignored."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from tracker.errors import BadQuery
from tracker.i18n import _, is_country

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from enum import StrEnum

    from werkzeug.datastructures import MultiDict

Code = TypeVar("Code", bound="StrEnum")
Named = TypeVar("Named")
PAGING = frozenset({"after", "before"})
TYPE = re.compile(r"[a-z0-9_]{1,40}(?:\.[a-z0-9_]{0,30})?")
MOST_TYPES = 60
REF = re.compile(r"[A-Z]{3}-[0-9A-HJKMNP-TV-Z]{10}")


def refuse_unknown(args: Iterable[str], known: Iterable[str]) -> None:
    """Raise BadQuery for a parameter that no filter of this list has."""
    allowed = set(known) | PAGING
    for name in args:
        if name not in allowed:
            raise BadQuery(name, _("There is no such filter."))


def words_in(args: Mapping[str, str], field: str, *, most: int = 200) -> str:
    """Return free words, "" where none are given."""
    text = args.get(field, "").strip()
    if len(text) > most:
        raise BadQuery(field, _("At most %(n)d characters.", n=most))
    if any(ord(letter) < ord(" ") for letter in text):
        raise BadQuery(field, _("This holds characters that cannot be searched for."))
    return text


def day_in(args: Mapping[str, str], field: str) -> date | None:
    """Return a day written as 2025-03-04, None where it is not given."""
    text = args.get(field, "").strip()
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise BadQuery(field, _("Write a day as 2025-03-04."))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuery(field, _("There is no such day.")) from None


def days_in(args: Mapping[str, str]) -> tuple[date | None, date | None]:
    """Return the first and last day asked for, None where one is not given."""
    first, last = day_in(args, "from"), day_in(args, "to")
    if first and last and last < first:
        raise BadQuery("to", _("The end lies before the beginning."))
    return first, last


def code_in(args: Mapping[str, str], field: str, codes: type[Code]) -> Code | None:
    """Return a code of a closed set, None where it is not given."""
    text = args.get(field, "").strip()
    if not text:
        return None
    try:
        return codes(text)
    except ValueError:
        raise BadQuery(field, _("Unknown value: %(value)s", value=text[:40])) from None


def types_in(args: MultiDict[str, str]) -> tuple[str, ...]:
    """Return codes of types, each once; one that ends in a point takes the class."""
    given = [text.strip() for text in args.getlist("type")]
    types = tuple(dict.fromkeys(text for text in given if text))
    for text in types:
        if not TYPE.fullmatch(text):
            raise BadQuery("type", _("Unknown value: %(value)s", value=text[:40]))
    if len(types) > MOST_TYPES:
        raise BadQuery("type", _("At most %(n)d types.", n=MOST_TYPES))
    return types


def yes_in(args: Mapping[str, str], field: str) -> bool:
    """Say whether a parameter says yes; it says nothing else."""
    text = args.get(field, "").strip()
    if text not in {"", "yes"}:
        raise BadQuery(field, _("Unknown value: %(value)s", value=text[:40]))
    return text == "yes"


def ref_in(args: Mapping[str, str], field: str, prefix: str) -> str:
    """Return the ref of a record of one kind, "" where it is not given."""
    text = args.get(field, "").strip()
    if text and not (REF.fullmatch(text) and text.startswith(prefix + "-")):
        raise BadQuery(field, _("Unknown value: %(value)s", value=text[:40]))
    return text


def known(field: str, ref: str, by_ref: Callable[[str], Named | None]) -> Named | None:
    """Return the record that a filter names, None where none is named; raise BadQuery for one that
    the viewer has not.
    """
    record = by_ref(ref) if ref else None
    if ref and record is None:
        raise BadQuery(field, _("Unknown value: %(value)s", value=ref))
    return record


def country_in(args: Mapping[str, str], field: str = "country") -> str:
    """Return the ISO 3166-1 alpha-2 code of a country that exists, "" where none is given."""
    text = args.get(field, "").strip()
    if text and not is_country(text):
        raise BadQuery(field, _("Unknown value: %(value)s", value=text[:40]))
    return text
