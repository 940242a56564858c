"""Read and validate query parameters, rejecting unknown values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict

from tracker.errors import BadQuery
from tracker.i18n import MonthRange, _, add_quotation_marks, is_country_code
from tracker.when import Precision, WhenError, parse_when

CodeT = TypeVar("CodeT", bound="StrEnum")  # a member of the enum of valid codes of a parameter
RecordT = TypeVar("RecordT")  # the record that a query parameter names
FilterT = TypeVar("FilterT")  # a filter, made from query parameters
# Errors in query parameters reported at once.
MAX_REPORTED_ERRORS = 10
MAX_SHOWN_VALUE_LENGTH = 40  # characters of a wrong value or name
# The query parameters with the order of a list, and with the request to count its facets.
SORT_PARAMETER, COUNTS_PARAMETER = "sort", "counts"
# The parameters of a list besides its filter.
PAGING_PARAMETERS = frozenset({"after", "before", SORT_PARAMETER, COUNTS_PARAMETER})
# The code of an incident type, such as `legal.search`, or the beginning of codes, such as `legal.`.
INCIDENT_TYPE_PATTERN = re.compile(r"[a-z0-9_]{1,40}(?:\.[a-z0-9_]{0,30})?")
# Incident types in one parameter.
MAX_INCIDENT_TYPES = 60
# Refs in one parameter: the rows of two pages of a list; more would not fit into an address.
MAX_REFS = 100
# The separator between the first and the last month of a period.
PERIOD_SEPARATOR_PATTERN = re.compile(r"/|\s[-–—]\s")
# The last day that a month in a filter may have.
LAST_ALLOWED_DAY = date(2199, 12, 31)
# A whole ref: the prefix of the kind of record, and ten letters or digits.
REF_PATTERN = re.compile(r"[A-Z]{3}-[0-9A-HJKMNP-TV-Z]{10}")


def invalid_value_error(
    field: str, value: str, hint: str = "", *, label: object = "", choices: Sequence[StrEnum] = ()
) -> BadQuery:
    """Return the error for an unknown value of a parameter. `hint`: a sentence on valid values;
    `label`: the name of the parameter on the page; `choices`: the valid codes, to be offered.
    """
    said = _(
        "Unknown value: %(value)s",
        value=add_quotation_marks(mark_unprintable(value[:MAX_SHOWN_VALUE_LENGTH])),
    )
    words = f"{said}. {hint}" if hint else str(said)
    return BadQuery(field, words, label=label, value=value, choices=choices)


def mark_unprintable(text: str) -> str:
    """Return a text with a visible mark in place of each unprintable character."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def reject_unknown_parameters(args: Iterable[str], known_names: Iterable[str]) -> None:
    """Raise BadQuery for a query parameter that is neither in `known_names` nor one of paging."""
    allowed = set(known_names) | PAGING_PARAMETERS
    for name in args:
        if name not in allowed:
            raise BadQuery(
                name, _("There is no such filter here."), label=name[:MAX_SHOWN_VALUE_LENGTH]
            )


def parse_text(
    args: Mapping[str, str], field: str, *, max_length: int = 200, label: object = ""
) -> str:
    """Return a text parameter, "" if not given; raise BadQuery, with the `label` of the parameter,
    if it has more than `max_length` characters or unprintable ones.
    """
    text = args.get(field, "").strip()
    if len(text) > max_length:
        raise BadQuery(field, _("At most %(n)d characters.", n=max_length), label=label)
    if any(ord(letter) < ord(" ") for letter in text):
        words = _("This contains characters that cannot be searched for.")
        raise BadQuery(field, words, label=label)
    return text


def collect_query_errors(
    parse: Callable[[type[FilterT], Any], FilterT],
) -> Callable[[type[FilterT], Any], FilterT]:
    """Decorate a parser of query parameters, so that it reports all invalid values at once: it
    raises the first BadQuery, whose attribute `others` has the further errors.
    """

    @wraps(parse)
    def parse_all(kind: type[FilterT], args: Any) -> FilterT:  # noqa: ANN401 (the values of an address)
        wrong: list[BadQuery] = []
        while len(wrong) < MAX_REPORTED_ERRORS:
            try:
                found = parse(kind, args)
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

    return parse_all


def parse_day(args: Mapping[str, str], field: str) -> date | None:
    """Return a day parameter, written 2025-03-04, None if not given; raise BadQuery if invalid."""
    text = args.get(field, "").strip()
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise BadQuery(field, _("Write a day as 2025-03-04."))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuery(field, _("There is no such day.")) from None


def parse_last_day(args: Mapping[str, str], field: str, first: str = "from") -> date | None:
    """Return the day of a parameter that ends a period, None if not given; raise BadQuery if it is
    before the day of the parameter with the name `first`.
    """
    last = parse_day(args, field)
    try:
        begins = parse_day(args, first)
    except BadQuery:
        begins = None
    if begins and last and last < begins:
        raise BadQuery(field, _("The end lies before the beginning."))
    return last


def parse_months(args: Mapping[str, str], field: str, *, label: object = "") -> MonthRange | None:
    """Return the months of a parameter; None if not given. A month is written June 2025 or 2025-06,
    a range of months as two months separated by "/", a year as 2025. Raise BadQuery, with the
    `label` of the parameter, for any other text.
    """
    text = args.get(field, "").strip()
    if not text:
        return None
    ends = [_parse_month_or_year(part) for part in PERIOD_SEPARATOR_PATTERN.split(text, maxsplit=1)]
    first, last = ends[0], ends[-1]
    if first is None or last is None:
        words = _(
            "Write a month as June 2025 or 2025-06, several as 2025-06/2025-08, a year as 2025."
        )
        raise BadQuery(field, words, label=label)
    if last.last < first.first:
        raise BadQuery(field, _("The end lies before the beginning."), label=label)
    return MonthRange(first.first, last.last)


def _parse_month_or_year(text: str) -> MonthRange | None:
    """Return the months of the month or year that a text states, None if it states neither."""
    try:
        when = parse_when(text, latest_possible_date=LAST_ALLOWED_DAY)
    except WhenError:
        return None
    if when.precision not in {Precision.MONTH, Precision.YEAR}:
        return None
    return MonthRange(when.earliest, when.latest.replace(day=1))


def parse_code(
    args: Mapping[str, str], field: str, codes: type[CodeT], *, label: object = ""
) -> CodeT | None:
    """Return the code in a parameter, a member of `codes`, None if not given; raise BadQuery, with
    the `label` of the parameter, if it is unknown.
    """
    text = args.get(field, "").strip()
    if not text:
        return None
    try:
        return codes(text)
    except ValueError:
        raise invalid_value_error(field, text, label=label, choices=list(codes)) from None


def parse_incident_types(args: MultiDict[str, str], field: str = "type") -> tuple[str, ...]:
    """Return the codes of incident types in a parameter without duplicates; one that ends in a full
    stop stands for all types of its group. Raise BadQuery for another text, or too many codes.
    """
    given = [text.strip() for text in args.getlist(field)]
    types = tuple(dict.fromkeys(text for text in given if text))
    for text in types:
        if not INCIDENT_TYPE_PATTERN.fullmatch(text):
            raise invalid_value_error(field, text, choices_hint())
    if len(types) > MAX_INCIDENT_TYPES:
        raise BadQuery(field, _("At most %(n)d types.", n=MAX_INCIDENT_TYPES))
    return types


def parse_yes(args: Mapping[str, str], field: str) -> bool:
    """Return whether a parameter is "yes"; raise BadQuery if it is another text."""
    text = args.get(field, "").strip()
    if text not in {"", "yes"}:
        raise invalid_value_error(field, text, _("Enter “yes”, or leave it out."))
    return text == "yes"


def parse_ref(args: Mapping[str, str], field: str, prefix: str, *, label: object = "") -> str:
    """Return the ref in a parameter, "" if not given; raise BadQuery, with the `label` of the
    parameter, if it is not a ref with this prefix, such as INC.
    """
    text = args.get(field, "").strip()
    if text and not (REF_PATTERN.fullmatch(text) and text.startswith(prefix + "-")):
        raise _unknown_record_error(field, text, prefix, label)
    return text


def parse_refs(args: MultiDict[str, str], field: str) -> tuple[str, ...]:
    """Return the refs in a parameter without duplicates; each value may have several, separated by
    spaces. Raise BadQuery for any other text.
    """
    refs: dict[str, None] = {}
    for text in args.getlist(field):
        for ref in text.split():
            if not REF_PATTERN.fullmatch(ref):
                error = invalid_value_error(field, ref)
                error.value = text.strip()
                raise error
            refs[ref] = None
    if len(refs) > MAX_REFS:
        raise BadQuery(field, _("At most %(n)d records at once.", n=MAX_REFS))
    return tuple(refs)


def require_record(
    field: str, ref: str, find_by_ref: Callable[[str], RecordT | None], *, label: object = ""
) -> RecordT | None:
    """Return the record with a ref, None for ""; raise BadQuery at the parameter `field`, with its
    `label`, if the function `find_by_ref` does not find one.
    """
    record = find_by_ref(ref) if ref else None
    if ref and record is None:
        raise _unknown_record_error(field, ref, ref.partition("-")[0], label)
    return record


def parse_country(args: Mapping[str, str], field: str = "country") -> str:
    """Return a country as ISO 3166-1 alpha-2 code, "" if not given; raise BadQuery if unknown."""
    text = args.get(field, "").strip()
    if text and not is_country_code(text):
        raise invalid_value_error(
            field, text, _("Enter a country code of two letters, such as KZ.")
        )
    return text


def choices_hint() -> str:
    """Return the hint that the form on the page lists the valid values."""
    return str(_("Choose one of those in the form on the page."))


def _unknown_record_error(field: str, ref: str, prefix: str, label: object) -> BadQuery:
    """Return the error for a ref without a record that the viewer may see. The message has a ref
    with the same prefix as an example.
    """
    hint = _(
        "Enter the ref of a record that you may see, such as %(ref)s.", ref=f"{prefix}-7K3F9QAB2D"
    )
    return invalid_value_error(field, ref, str(hint), label=label)
