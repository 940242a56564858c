"""Read and validate query parameters, rejecting unknown values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict

from tracker.dates import MonthRange
from tracker.errors import BadQuery
from tracker.i18n import _, in_quotation_marks, is_country
from tracker.when import Precision, WhenError, parse_when

Code = TypeVar("Code", bound="StrEnum")
Named = TypeVar("Named")
Read = TypeVar("Read")
# If several values are wrong, the others are reported after these are corrected.
MOST_WRONG = 10
MOST_OF_A_NAME = 40  # characters
# What an address says of a list beside its filter: the page, how it is sorted, and that the values
# of its fields are counted.
SORT_PARAMETER, COUNTS_PARAMETER = "sort", "counts"
PAGING_PARAMETERS = frozenset({"after", "before", SORT_PARAMETER, COUNTS_PARAMETER})
TYPE_PATTERN = re.compile(r"[a-z0-9_]{1,40}(?:\.[a-z0-9_]{0,30})?")
MOST_TYPES = 60
# Rows of two pages of a list; more would not fit into an address.
MOST_REFS = 100
PERIOD_SEPARATOR_PATTERN = re.compile(r"/|\s[-–—]\s")
LATEST_MONTH = date(2199, 12, 31)
REF_PATTERN = re.compile(r"[A-Z]{3}-[0-9A-HJKMNP-TV-Z]{10}")


def invalid_value_error(
    field: str, value: str, hint: str = "", *, label: object = "", choices: Sequence[StrEnum] = ()
) -> BadQuery:
    """Return the error for an unknown value."""
    said = _(
        "Unknown value: %(value)s", value=in_quotation_marks(printable(value[:MOST_OF_A_NAME]))
    )
    words = f"{said}. {hint}" if hint else str(said)
    return BadQuery(field, words, label=label, value=value, choices=choices)


def printable(text: str) -> str:
    """Return the submitted text with a visible mark for each unprintable character."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def validate_known_parameters(args: Iterable[str], known: Iterable[str]) -> None:
    """Raise BadQuery for a parameter that the list does not have."""
    allowed = set(known) | PAGING_PARAMETERS
    for name in args:
        if name not in allowed:
            raise BadQuery(name, _("There is no such filter here."), label=name[:MOST_OF_A_NAME])


def text_in(args: Mapping[str, str], field: str, *, most: int = 200, label: object = "") -> str:
    """Return a free-text parameter, "" if not given."""
    text = args.get(field, "").strip()
    if len(text) > most:
        raise BadQuery(field, _("At most %(n)d characters.", n=most), label=label)
    if any(ord(letter) < ord(" ") for letter in text):
        words = _("This contains characters that cannot be searched for.")
        raise BadQuery(field, words, label=label)
    return text


def collect_query_errors(
    read: Callable[[type[Read], Any], Read],
) -> Callable[[type[Read], Any], Read]:
    """Wrap a parser of query parameters so that all errors are collected."""

    @wraps(read)
    def reading(kind: type[Read], args: Any) -> Read:  # noqa: ANN401 (the values of an address)
        wrong: list[BadQuery] = []
        while len(wrong) < MOST_WRONG:
            try:
                found = read(kind, args)
            except BadQuery as error:
                wrong.append(error)
                given = list(MultiDict(args).items(multi=True))
                args = MultiDict(pair for pair in given if not error.matches_parameter(*pair))
                if len(given) == len(list(args.items(multi=True))):
                    break
            else:
                if not wrong:
                    return found
                break
        wrong[0].others = wrong[1:]
        raise wrong[0]

    return reading


def day_in(args: Mapping[str, str], field: str) -> date | None:
    """Return a date written as 2025-03-04, None if not given."""
    text = args.get(field, "").strip()
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise BadQuery(field, _("Write a day as 2025-03-04."))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuery(field, _("There is no such day.")) from None


def last_day_in(args: Mapping[str, str], field: str, first: str = "from") -> date | None:
    """Return the last day of a period; raise BadQuery if it is before the first."""
    last = day_in(args, field)
    try:
        begins = day_in(args, first)
    except BadQuery:
        begins = None
    if begins and last and last < begins:
        raise BadQuery(field, _("The end lies before the beginning."))
    return last


def months_in(args: Mapping[str, str], field: str, *, label: object = "") -> MonthRange | None:
    """Return a month written as June 2025 or 2025-06, or several; None if not given."""
    text = args.get(field, "").strip()
    if not text:
        return None
    ends = [_month(part) for part in PERIOD_SEPARATOR_PATTERN.split(text, maxsplit=1)]
    first, last = ends[0], ends[-1]
    if first is None or last is None:
        words = _("Write a month as June 2025 or 2025-06, several as 2025-06/2025-08.")
        raise BadQuery(field, words, label=label)
    if last < first:
        raise BadQuery(field, _("The end lies before the beginning."), label=label)
    return MonthRange(first, last)


def _month(text: str) -> date | None:
    """Return the first day of a month, None for a text that is not one month."""
    try:
        when = parse_when(text, latest_possible_date=LATEST_MONTH)
    except WhenError:
        return None
    return when.earliest if when.precision is Precision.MONTH else None


def code_in(
    args: Mapping[str, str], field: str, codes: type[Code], *, label: object = ""
) -> Code | None:
    """Return a code of a closed set, None if not given."""
    text = args.get(field, "").strip()
    if not text:
        return None
    try:
        return codes(text)
    except ValueError:
        raise invalid_value_error(field, text, label=label, choices=list(codes)) from None


def types_in(args: MultiDict[str, str], field: str = "type") -> tuple[str, ...]:
    """Return the type codes without duplicates.

    One that ends in a full stop stands for its whole group.
    """
    given = [text.strip() for text in args.getlist(field)]
    types = tuple(dict.fromkeys(text for text in given if text))
    for text in types:
        if not TYPE_PATTERN.fullmatch(text):
            raise invalid_value_error(field, text, form_hint())
    if len(types) > MOST_TYPES:
        raise BadQuery(field, _("At most %(n)d types.", n=MOST_TYPES))
    return types


def yes_in(args: Mapping[str, str], field: str) -> bool:
    """Return whether a parameter is `yes`."""
    text = args.get(field, "").strip()
    if text not in {"", "yes"}:
        raise invalid_value_error(field, text, _("Enter “yes”, or leave it out."))
    return text == "yes"


def ref_in(args: Mapping[str, str], field: str, prefix: str, *, label: object = "") -> str:
    """Return the ref of a record of one kind, "" if not given."""
    text = args.get(field, "").strip()
    if text and not (REF_PATTERN.fullmatch(text) and text.startswith(prefix + "-")):
        raise _no_record(field, text, prefix, label)
    return text


def refs_in(args: MultiDict[str, str], field: str) -> tuple[str, ...]:
    """Return the refs of several records without duplicates.

    They may be several values, or stand in one, separated by spaces.
    """
    refs: dict[str, None] = {}
    for text in args.getlist(field):
        for ref in text.split():
            if not REF_PATTERN.fullmatch(ref):
                error = invalid_value_error(field, ref)
                error.value = text.strip()
                raise error
            refs[ref] = None
    if len(refs) > MOST_REFS:
        raise BadQuery(field, _("At most %(n)d records at once.", n=MOST_REFS))
    return tuple(refs)


def require_record(
    field: str, ref: str, by_ref: Callable[[str], Named | None], *, label: object = ""
) -> Named | None:
    """Return the record that a filter names, None if none.

    Raises BadQuery if the viewer cannot see it.
    """
    record = by_ref(ref) if ref else None
    if ref and record is None:
        raise _no_record(field, ref, ref.partition("-")[0], label)
    return record


def country_in(args: Mapping[str, str], field: str = "country") -> str:
    """Return the ISO 3166-1 alpha-2 code of an existing country, "" if not given."""
    text = args.get(field, "").strip()
    if text and not is_country(text):
        raise invalid_value_error(
            field, text, _("Enter a country code of two letters, such as KZ.")
        )
    return text


def form_hint() -> str:
    """Return the hint that says where valid values are listed."""
    return str(_("Choose one of those in the form on the page."))


def _no_record(field: str, ref: str, prefix: str, label: object) -> BadQuery:
    hint = _(
        "Enter the ref of a record that you may see, such as %(ref)s.", ref=f"{prefix}-7K3F9QAB2D"
    )
    return invalid_value_error(field, ref, str(hint), label=label)
