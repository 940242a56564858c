"""The rows of the flat file of incidents, and how each column is written; pure.

The rows have the attributes of the models, so that functions for labels and rules accept both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

from tracker.articles.rules import shorten_masks
from tracker.i18n import _, country_name, current_language, localized_edtf
from tracker.incidents.codes import TargetKind
from tracker.incidents.publication_rules import count_attacked_journalists, reported_month
from tracker.incidents.rules import proposed_title
from tracker.reports.cells import WITHHELD, RedactedNames, redact_handle, redact_names
from tracker.reports.tables import Column, ColumnKind
from tracker.reports.tables.incident_tables import FURTHER_CIRCUMSTANCE_COLUMNS
from tracker.vocabulary.labels import get_label
from tracker.when import OPEN_START, format_edtf

# The value of a cell before it is written: a text, a number, a date, a time, or a list of texts;
# None or "" if the incident has no such value.
Value = Any
# The kinds of targets that have a record with their name.
TARGET_KINDS_WITH_NAME = frozenset({TargetKind.JOURNALIST, TargetKind.OUTLET})
# By kind of column, the function that removes redacted names; other kinds have none.
REDACT_FUNCTION_OF_KIND: dict[ColumnKind, Callable[[str, RedactedNames], str]] = {
    ColumnKind.TEXT: redact_names,
    ColumnKind.HANDLE: redact_handle,
}


def _first_day_of_month(month: str) -> Value:
    """Return the first day of a month given as "2026-11"; other text stays as it is."""
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        return month


# By kind of column, the function that makes its values readable; other kinds are readable.
READABLE_FORMATTER_OF_KIND: dict[ColumnKind, Callable[[str], Value]] = {
    ColumnKind.COUNTRY: country_name,
    ColumnKind.WHEN: localized_edtf,
    ColumnKind.MONTH: _first_day_of_month,
}


class NameOnlyRow(NamedTuple):
    """A journalist or outlet, of whom only the name was read."""

    name: str


def _name_only_row(name: str | None) -> NameOnlyRow | None:
    """Return the journalist or outlet with a name that was read, None if no name was."""
    return None if name is None else NameOnlyRow(name)


class ShippedTerm(NamedTuple):
    """A term, an incident type or a region: its code, and its labels by language."""

    code: str
    labels: dict[str, str]

    def label_in(self, language: str) -> str:
        """Return the label of the term in a language."""
        return self.labels[language]

    @property
    def term(self) -> ShippedTerm:
        """The row itself, so that `row.term` works as it does for the model `IncidentType`."""
        return self


class TargetRow(NamedTuple):
    """A target of an incident, with the names that may be shared."""

    incident_id: int
    kind: Any
    role: Any
    journalist_id: int | None
    outlet_id: int | None
    name_reach: Any
    named_as: str
    words: str
    journalist: NameOnlyRow | None
    outlet: NameOnlyRow | None

    @classmethod
    def from_columns(cls, read: Sequence[Any]) -> TargetRow:
        """Return a target from read columns, of which the last two are the names."""
        return cls._make((*read[:-2], _name_only_row(read[-2]), _name_only_row(read[-1])))


class ActorRow(NamedTuple):
    """An actor of an incident."""

    incident_id: int
    actor_type: Any
    purported_as: Any


class CitationRow(NamedTuple):
    """A citation of an incident, with the source if that may be shared."""

    incident_id: int
    ref: str | None
    url: str
    latest: Any
    precision: Any

    @property
    def article(self) -> CitationRow | None:
        """The row itself, so that `row.article` works as it does for the model `IncidentCitation`;
        None if the source may not be shared.
        """
        return None if self.ref is None else self


class IncidentRow(NamedTuple):
    """An incident read for a file, with its parts that may be shared.

    The first fields are columns of the model, in the order in which they are read; `declared` has
    the values of the columns in `FURTHER_CIRCUMSTANCE_COLUMNS`, which are read after the first
    ones.
    """

    id: int
    ref: str
    version: int
    title: str
    extent: Any
    is_ongoing: Any
    occurrences_at_least: int | None
    earliest: date
    latest: date
    precision: Any
    as_stated: str
    country: str
    region_id: int | None
    place: str
    work_link: Any
    verification: Any
    state: Any
    visibility: Any
    recorded_at: datetime
    updated_at: datetime
    declared: Sequence[Any]
    # The parts of the incident.
    region: str
    types: Sequence[ShippedTerm]
    targets: Sequence[TargetRow]
    actors: Sequence[ActorRow]
    citations: Sequence[CitationRow]
    cases: Sequence[str]
    redacted: RedactedNames
    # Options of the file: the language of its labels, and the base of every address.
    language: str
    base_url: str

    @property
    def when(self) -> Any:  # noqa: ANN401 (what has the fields of a When)
        """The row itself, so that `row.when` works as it does for the model `Incident`: the row has
        the attributes of a `When`.
        """
        return self


def _unique_values(values: Iterable[Any]) -> list[str]:
    """Return the distinct values in their order, without None."""
    return [value for value in dict.fromkeys(values) if value is not None]


def _target_name(target: Any) -> str:  # noqa: ANN401 (a target)
    """Return the name of a target, or its placeholder if the name may not be shared."""
    if target.kind in TARGET_KINDS_WITH_NAME:
        owner = target.journalist if target.kind is TargetKind.JOURNALIST else target.outlet
        return str(owner.name if owner else target.named_as or WITHHELD)
    return str(target.named_as or WITHHELD if target.words == WITHHELD else target.words)


def _outlet_names(row: IncidentRow) -> list[str]:
    """Return the names of the outlets of all targets, `WITHHELD` for an outlet that may not be
    named.
    """
    return _unique_values([
        target.outlet.name if target.outlet else WITHHELD
        for target in row.targets
        if target.outlet_id
    ])  # fmt: skip


def _article_addresses(row: IncidentRow) -> list[str]:
    """Return, for each cited source, its address, or its ref if it has no address, or `WITHHELD` if
    the source may not be shared.
    """
    sources = [one.article for one in row.citations]
    return _unique_values([(one.url or one.ref) if one else WITHHELD for one in sources])


def _circumstance_value(position: int, row: IncidentRow) -> Value:
    """Return the value that an incident has in the column at a position of
    `FURTHER_CIRCUMSTANCE_COLUMNS`, the columns of form fields about its circumstances.
    """
    value = row.declared[position]
    return shorten_masks(value) if type(value) is str else value


# By name of a column, the function that returns the value of an incident in the column.
VALUE_GETTER_OF_COLUMN: dict[str, Callable[[IncidentRow], Value]] = {
    **{
        one.name: partial(_circumstance_value, at)
        for at, one in enumerate(FURTHER_CIRCUMSTANCE_COLUMNS)
    },
    "ref": attrgetter("ref"),
    "revision": attrgetter("version"),
    "title": lambda row: shorten_masks(row.title or proposed_title(row, row.language)),
    "types": lambda row: [one.term.code for one in row.types],
    "type_labels": lambda row: [one.term.label_in(row.language) for one in row.types],
    "primary_type": lambda row: row.types[0].term.code if row.types else "",
    "extent": attrgetter("extent"),
    "occurrences_at_least": lambda row: row.occurrences_at_least or None,
    "occurred_edtf": lambda row: format_edtf(
        row.when, extent=row.extent, ongoing=row.is_ongoing == "yes"
    ),
    "occurred_earliest": lambda row: None if row.earliest == OPEN_START else row.earliest,
    "occurred_latest": lambda row: None if row.latest == OPEN_START else row.latest,
    "occurred_precision": attrgetter("precision"),
    "occurred_as_stated": lambda row: shorten_masks(row.as_stated),
    "reported_month": reported_month,
    "country": attrgetter("country"),
    "region": attrgetter("region"),
    "place": lambda row: shorten_masks(row.place),
    "work_link": attrgetter("work_link"),
    "verification": attrgetter("verification"),
    "state": attrgetter("state"),
    "targets": lambda row: [_target_name(target) for target in row.targets],
    "target_roles": lambda row: [one.role for one in row.targets],
    "n_journalists": count_attacked_journalists,
    "outlets": _outlet_names,
    "actor_types": lambda row: _unique_values([one.actor_type for one in row.actors]),
    "purported_as": lambda row: _unique_values([one.purported_as for one in row.actors]),
    "articles": _article_addresses,
    "cases": attrgetter("cases"),
    "updated_at": attrgetter("updated_at"),
    "address": lambda row: f"{row.base_url}{row.ref}/",
    "visibility": attrgetter("visibility"),
}


def column_values(
    rows: Sequence[IncidentRow], columns: Sequence[Column]
) -> Iterator[Sequence[Value]]:
    """Yield, for each incident, the list of its values in the columns, with labels in the current
    language. Placeholders replace the names that must not be shown.

    People whose name is redacted are named in no file, not even that of their team: a target has
    the chosen placeholder, anybody else is `WITHHELD`.
    """
    # Column by column, which is faster than cell by cell.
    written = [list(map(VALUE_GETTER_OF_COLUMN[one.name], rows)) for one in columns]
    for row, values in zip(rows, zip(*written, strict=True), strict=True):
        redacted = row.redacted
        if redacted.target_names or redacted.other_names:
            yield [_redact_value(*one, redacted) for one in zip(columns, values, strict=True)]
        else:
            yield values


def readable_rows(
    columns: Sequence[Column], rows: Iterable[Sequence[Value]], term_labels: Mapping[str, str]
) -> Iterator[tuple[Value, ...]]:
    """Yield rows with labels in place of codes, and dates as people write them, in the current
    language; `term_labels`: of types and regions, by code.
    """
    label_functions = [_get_label_function(one, term_labels) for one in columns]
    for row in rows:
        yield tuple(
            [label(each) for each in value] if isinstance(value, list) else label(value)
            for label, value in zip(label_functions, row, strict=True)
        )


def _get_label_function(column: Column, term_labels: Mapping[str, str]) -> Callable[[Value], Value]:
    """Return the function that makes a value of a column readable. Empty values stay empty."""
    labels: dict[Value, Value] = {WITHHELD: str(_("withheld"))}
    if column.codes:
        labels |= {one.value: get_label(one, current_language()) for one in column.codes}
    if column.term_set:
        labels |= term_labels
    convert = READABLE_FORMATTER_OF_KIND.get(column.kind)
    return lambda value: labels.get(value) or (convert(value) if value and convert else value)


def _redact_value(column: Column, value: Value, redacted: RedactedNames) -> Value:
    """Return the value of a cell, in which placeholders replace the names in `redacted`, if the
    column may contain names.
    """
    cut = REDACT_FUNCTION_OF_KIND.get(column.kind)
    if cut is None:
        return value
    return [cut(one, redacted) for one in value] if column.is_list else cut(value, redacted)
