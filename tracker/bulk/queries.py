"""Find the records of a bulk action, and split them into those it can change and the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select

from tracker.db import db
from tracker.fake_accounts.filters import AccountFilter
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.queries import accounts_matching
from tracker.i18n import _
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident
from tracker.incidents.queries import SORT_ORDER, incidents_matching, row_load_options
from tracker.people.queries import search_spellings
from tracker.permissions import Actor, Visibility, can_edit
from tracker.responses import queries as responses
from tracker.responses.filters import ResponseFilter
from tracker.responses.models import OfficialResponse
from tracker.review.models import Reviewable
from tracker.review.queries import records_by_refs
from tracker.review.rules import can_comment
from tracker.search.index import select_for_filtered_list
from tracker.web.filters import REF_PATTERN

# Records that one save may change.
MAX_RECORDS_PER_SAVE = 1_000
# Returns why an action cannot change a record, "" if it can, given the record, the version that was
# shown, and the actor.
RefusalReasonGetter = Callable[[Any, str, Actor], str]


@dataclass(frozen=True, slots=True)
class BulkList:
    """A list with bulk actions: its model, filter class and sort columns.
    `select_matching`: returns the select of the records that match a filter.
    """

    model: type[Any]
    filter_class: type[Any]
    select_matching: Callable[[Any], Select[Any]]
    sort_columns: tuple[Any, ...]


def _select_listed_incidents(filters: IncidentFilter) -> Select[Any]:
    """Return a select of the incidents that their list shows for a filter."""
    rows, _is_truncated = select_for_filtered_list(
        Incident, filters, incidents_matching, search_spellings
    )
    return rows.options(*row_load_options())


# The lists with bulk actions, by the name of each in addresses.
BULK_LISTS = {
    "incidents": BulkList(Incident, IncidentFilter, _select_listed_incidents, SORT_ORDER),
    "fake-accounts": BulkList(
        FakeAccount, AccountFilter, accounts_matching, (FakeAccount.recorded_at, FakeAccount.ref)
    ),
    "responses": BulkList(
        OfficialResponse, ResponseFilter, responses.responses_matching, responses.SORT_ORDER
    ),
}


def filtered_records(bulk_list: BulkList, filters: Any) -> list[Any]:  # noqa: ANN401 (the filter of a list)
    """Return the records that a list shows for a filter, latest first.
    They are at most 1,001, one more than a save may change.
    """
    latest_first = (column.desc() for column in bulk_list.sort_columns)
    rows = (
        bulk_list.select_matching(filters).order_by(*latest_first).limit(MAX_RECORDS_PER_SAVE + 1)
    )
    return list(db.session.scalars(rows).unique())


def visible_records(bulk_list: BulkList, refs: Iterable[str]) -> list[Reviewable]:
    """Return the records of a list with these refs, as far as the viewer may see them."""
    prefix = f"{bulk_list.model.PREFIX}-"
    # Only a valid ref is looked up: PostgreSQL rejects some texts.
    return records_by_refs(
        ref for ref in refs if ref.startswith(prefix) and REF_PATTERN.fullmatch(ref)
    )


@dataclass(frozen=True, slots=True)
class RecordSplit:
    """The records that an action changes (`changed`), and those that it leaves unchanged
    (`unchanged`), in lists by the reason.
    """

    changed: list[Any] = field(default_factory=list)
    unchanged: dict[str, list[Any]] = field(default_factory=dict)


def split_records(
    records: Iterable[Any],
    get_refusal_reason: RefusalReasonGetter,
    actor: Actor,
    versions: Mapping[str, str] | None = None,
) -> RecordSplit:
    """Return the records that an action changes, and the others by reason. `get_refusal_reason`:
    returns why the action cannot change a record; `versions`: the versions that were shown, by ref,
    None for the current versions.
    """
    parts = RecordSplit()
    for record in records:
        version = str(record.version) if versions is None else versions[record.ref]
        if why := get_refusal_reason(record, version, actor):
            parts.unchanged.setdefault(why, []).append(record)
        else:
            parts.changed.append(record)
    return parts


def assign_refusal_reason(record: Any, version: str, actor: Actor) -> str:  # noqa: ANN401 (a reviewed record)
    """Return why an actor cannot assign a record, "" if they can.
    `version`: the version of the record that the page showed.
    """
    if not can_comment(record, actor):
        return str(_("only staff of its team, and monitors, assign it"))
    return file_refusal_reason(record, version, actor)


def restrict_refusal_reason(record: Any, version: str, actor: Actor) -> str:  # noqa: ANN401 (as above)
    """Return why an actor cannot restrict a record to its team, "" if they can.
    `version`: the version of the record that the page showed.
    """
    if not can_edit(actor, record):
        return str(_("only staff of its team restrict it"))
    if record.is_retracted:
        return str(_("retracted"))
    if record.visibility is Visibility.RESTRICTED:
        return str(_("restricted already"))
    return file_refusal_reason(record, version, actor)


def file_refusal_reason(record: Any, version: str, _actor: Actor) -> str:  # noqa: ANN401 (as above)
    """Return why a record cannot be added to a case, "" if it can.
    `version`: the version of the record that the page showed.

    Everybody who can see a record may add it to a case.
    """
    is_unchanged = version == str(record.version)
    return "" if is_unchanged else str(_("changed since you opened the page"))
