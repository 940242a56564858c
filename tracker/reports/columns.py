"""The flat file of incidents: its header, which never changes by itself, and each column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

from tracker.incidents.codes import TargetKind
from tracker.incidents.naming_rules import is_closed
from tracker.incidents.publication_rules import journalists_attacked, reported_month
from tracker.reports.cells import guarded, joined
from tracker.reports.closed_names import WITHHELD, Closed, without_closed
from tracker.reports.tables import FLAT, Kind
from tracker.when import OPEN_START, edtf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Columns in which somebody may be named.
WRITTEN = frozenset(one.name for one in FLAT.columns if one.kind is Kind.TEXT)


@dataclass(frozen=True, slots=True)
class Row:
    """An incident with what lies outside it: its cases and its address, in one language."""

    incident: Any
    cases: Sequence[str]
    address: str
    language: str
    # The names of those whom the taker's teams do not name outside, targets here or not.
    closed: Sequence[str] = ()


def _codes(values: Sequence[Any]) -> str:
    return joined(list(dict.fromkeys(str(value) for value in values if value is not None)))


def _types(row: Row) -> list[Any]:
    return [one.term for one in row.incident.types]


def _end(day: date) -> str:
    return "" if day == OPEN_START else day.isoformat()


def _targets(row: Row) -> str:
    return joined([_named(target) for target in row.incident.targets])


def _named(target: Any) -> str:  # noqa: ANN401 (an IncidentTarget)
    """Return the name of a target, or the words for somebody unnamed."""
    if is_closed(target):
        return target.named_as or WITHHELD
    if target.kind is TargetKind.JOURNALIST:
        return target.journalist.name if target.journalist else WITHHELD
    if target.kind is TargetKind.OUTLET:
        return target.outlet.name if target.outlet else WITHHELD
    return str(target.words)


def _outlets(row: Row) -> str:
    found = [
        target.outlet.name if target.outlet else WITHHELD
        for target in row.incident.targets
        if target.outlet_id
    ]
    return _codes(found)


def _articles(row: Row) -> str:
    found = [
        (one.article.url or one.article.ref) if one.article else WITHHELD
        for one in row.incident.citations
    ]
    return _codes(found)


def _edtf(row: Row) -> str:
    incident = row.incident
    return edtf(incident.when, extent=incident.extent.value, ongoing=incident.is_ongoing == "yes")


# How each column of the header is written.
WRITERS: dict[str, Callable[[Row], str]] = {
    "ref": lambda row: row.incident.ref,
    "revision": lambda row: str(row.incident.version),
    "title": lambda row: row.incident.title_in(row.language),
    "types": lambda row: joined([term.code for term in _types(row)]),
    "type_labels": lambda row: joined([term.label(row.language) for term in _types(row)]),
    "primary_type": lambda row: _types(row)[0].code if _types(row) else "",
    "extent": lambda row: row.incident.extent.value,
    "occurrences_at_least": lambda row: str(row.incident.occurrences_at_least or ""),
    "occurred_edtf": _edtf,
    "occurred_earliest": lambda row: _end(row.incident.earliest),
    "occurred_latest": lambda row: _end(row.incident.latest),
    "occurred_precision": lambda row: row.incident.precision.value,
    "occurred_as_stated": lambda row: row.incident.as_stated,
    "reported_month": lambda row: reported_month(row.incident),
    "country": lambda row: row.incident.country,
    "region": lambda row: row.incident.region.code if row.incident.region else "",
    "place": lambda row: row.incident.place,
    "work_link": lambda row: row.incident.work_link.value,
    "verification": lambda row: row.incident.verification.value,
    "state": lambda row: row.incident.state.value,
    "targets": _targets,
    "target_roles": lambda row: joined([one.role.value for one in row.incident.targets]),
    "n_journalists": lambda row: str(journalists_attacked(row.incident)),
    "outlets": _outlets,
    "actor_types": lambda row: _codes([one.actor_type for one in row.incident.actors]),
    "purported_as": lambda row: _codes([one.purported_as for one in row.incident.actors]),
    "articles": _articles,
    "cases": lambda row: joined(list(row.cases)),
    "updated_at": lambda row: f"{row.incident.updated_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    "address": lambda row: row.address,
}


COLUMNS = {name: WRITERS[name] for name in FLAT.header}


def cells(row: Row) -> list[str]:
    """Return the cells of one incident, in the order of the header, safe for spreadsheets.

    Whoever is not to be named outside the team is named in no file, the team's own included:
    a target is called as she chose to be, anybody else is withheld.
    """
    closed = Closed(
        [
            ([target.journalist.name, *(one.name for one in target.journalist.names)],
             target.named_as)
            for target in row.incident.targets
            if target.journalist is not None and is_closed(target)
        ],
        row.closed,
    )  # fmt: skip
    return [
        guarded(without_closed(write(row), closed) if name in WRITTEN else write(row))
        for name, write in COLUMNS.items()
    ]
