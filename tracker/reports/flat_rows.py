"""The rows of a flat file: data read of an incident, and how each column is written; pure.

Functions for labels and rules that take models also take these rows, whose attributes have the same
names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

from tracker.articles.rules import collapse_mask_width
from tracker.incidents.codes import TargetKind
from tracker.incidents.publication_rules import count_attacked_journalists, reported_month
from tracker.incidents.words import proposed_title
from tracker.reports.cells import WITHHELD, ClosedNames, redact_handle, redact_names
from tracker.reports.tables import Column, Kind
from tracker.reports.tables.incident_tables import DECLARED_COLUMNS
from tracker.when import OPEN_START, format_edtf

# The value of a cell before it is written: a text, a number, a date, a time, or a list of texts;
# None and "" are not recorded.
Value = Any
TARGET_KINDS_WITH_NAME = frozenset({TargetKind.JOURNALIST, TargetKind.OUTLET})
# Columns from which withheld names are removed.
REDACTION_OF_KIND: dict[Kind, Callable[[str, ClosedNames], str]] = {
    Kind.TEXT: redact_names,
    Kind.GLUED: redact_handle,
}


class NamedValue(NamedTuple):
    """A person or thing with a name."""

    name: str


def _row_with_name(name: str | None) -> NamedValue | None:
    return None if name is None else NamedValue(name)


class TermRow(NamedTuple):
    """A type or a region."""

    code: str
    labels: dict[str, str]

    def label(self, language: str) -> str:
        """Return the label in a language."""
        return self.labels[language]

    @property
    def term(self) -> TermRow:
        """Return itself: an incident's types are rows of their own."""
        return self


class TargetRow(NamedTuple):
    """A target, with names as far as they may be shared."""

    incident_id: int
    kind: Any
    role: Any
    journalist_id: int | None
    outlet_id: int | None
    name_reach: Any
    named_as: str
    words: str
    journalist: NamedValue | None
    outlet: NamedValue | None

    @classmethod
    def of(cls, read: Sequence[Any]) -> TargetRow:
        """Return a target from read values; the names of both come last."""
        return cls._make((*read[:-2], _row_with_name(read[-2]), _row_with_name(read[-1])))


class ActorRow(NamedTuple):
    """An actor of an incident."""

    incident_id: int
    actor_type: Any
    purported_as: Any


class CitationRow(NamedTuple):
    """A citation with its source, as far as it may be shared."""

    incident_id: int
    ref: str | None
    url: str
    latest: Any
    precision: Any

    @property
    def article(self) -> CitationRow | None:
        """Return the source, None if it may not be shared."""
        return None if self.ref is None else self


class Row(NamedTuple):
    """An incident read for a file, with its parts as far as they may be shared.

    The first fields are columns of the model, in the order in which they are read; `declared` are
    the values of the columns in `DECLARED_COLUMNS`, which are read after them.
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
    types: Sequence[TermRow]
    targets: Sequence[TargetRow]
    actors: Sequence[ActorRow]
    citations: Sequence[CitationRow]
    cases: Sequence[str]
    closed: ClosedNames
    # Options of the file: the language of its labels, and the base of every address.
    language: str
    root: str

    @property
    def when(self) -> Any:  # noqa: ANN401 (what has the fields of a When)
        """Return itself: it has both days, their precision, and the source's words."""
        return self


def _join_each(values: Iterable[Any]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value is not None]


def _target_name(target: Any) -> str:  # noqa: ANN401 (a target)
    """Return the name of a target, or the placeholder for an unnamed one."""
    if target.kind in TARGET_KINDS_WITH_NAME:
        owner = target.journalist if target.kind is TargetKind.JOURNALIST else target.outlet
        return str(owner.name if owner else target.named_as or WITHHELD)
    return str(target.named_as or WITHHELD if target.words == WITHHELD else target.words)


def _outlets(row: Row) -> list[str]:
    return _join_each([
        target.outlet.name if target.outlet else WITHHELD
        for target in row.targets
        if target.outlet_id
    ])  # fmt: skip


def _articles(row: Row) -> list[str]:
    sources = [one.article for one in row.citations]
    return _join_each([(one.url or one.ref) if one else WITHHELD for one in sources])


def _declared(at: int, row: Row) -> Value:
    value = row.declared[at]
    return collapse_mask_width(value) if type(value) is str else value


# How each column of the header is written.
WRITER_OF_COLUMN: dict[str, Callable[[Row], Value]] = {
    **{one.name: partial(_declared, at) for at, one in enumerate(DECLARED_COLUMNS)},
    "ref": attrgetter("ref"),
    "revision": attrgetter("version"),
    "title": lambda row: collapse_mask_width(row.title or proposed_title(row, row.language)),
    "types": lambda row: [one.term.code for one in row.types],
    "type_labels": lambda row: [one.term.label(row.language) for one in row.types],
    "primary_type": lambda row: row.types[0].term.code if row.types else "",
    "extent": attrgetter("extent"),
    "occurrences_at_least": lambda row: row.occurrences_at_least or None,
    "occurred_edtf": lambda row: format_edtf(
        row.when, extent=row.extent, ongoing=row.is_ongoing == "yes"
    ),
    "occurred_earliest": lambda row: None if row.earliest == OPEN_START else row.earliest,
    "occurred_latest": lambda row: None if row.latest == OPEN_START else row.latest,
    "occurred_precision": attrgetter("precision"),
    "occurred_as_stated": lambda row: collapse_mask_width(row.as_stated),
    "reported_month": reported_month,
    "country": attrgetter("country"),
    "region": attrgetter("region"),
    "place": lambda row: collapse_mask_width(row.place),
    "work_link": attrgetter("work_link"),
    "verification": attrgetter("verification"),
    "state": attrgetter("state"),
    "targets": lambda row: [_target_name(target) for target in row.targets],
    "target_roles": lambda row: [one.role for one in row.targets],
    "n_journalists": count_attacked_journalists,
    "outlets": _outlets,
    "actor_types": lambda row: _join_each([one.actor_type for one in row.actors]),
    "purported_as": lambda row: _join_each([one.purported_as for one in row.actors]),
    "articles": _articles,
    "cases": attrgetter("cases"),
    "updated_at": attrgetter("updated_at"),
    "address": lambda row: f"{row.root}{row.ref}/",
    "visibility": attrgetter("visibility"),
}


def values_of(rows: Sequence[Row], columns: Sequence[Column]) -> Iterator[Sequence[Value]]:
    """Yield the values of some columns for each incident, in the language of the file.

    People who must not be named outside the team are named in no file, even the team's own: a
    target has the placeholder they chose, anybody else is withheld.
    """
    # Column by column, which is faster than cell by cell.
    written = [list(map(WRITER_OF_COLUMN[one.name], rows)) for one in columns]
    for row, values in zip(rows, zip(*written, strict=True), strict=True):
        closed = row.closed
        if closed.here or closed.everywhere:
            yield [_redacted(*one, closed) for one in zip(columns, values, strict=True)]
        else:
            yield values


def _redacted(column: Column, value: Value, closed: ClosedNames) -> Value:
    cut = REDACTION_OF_KIND.get(column.kind)
    if cut is None:
        return value
    return [cut(one, closed) for one in value] if column.is_list else cut(value, closed)
