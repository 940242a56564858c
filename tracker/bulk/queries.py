"""Find the records of a bulk action, those of a list's filter or those that its page announced, and
which of them it can change, and why not the others.
"""

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
from tracker.review.queries import possible_assignees, records_by_refs
from tracker.review.rules import can_comment
from tracker.search.queries import select_matching_for_list
from tracker.users.models import User
from tracker.web.filters import REF_PATTERN

# One save changes at most this many records.
MOST_CHANGED = 1_000
# Returns why a record that was shown in a version is not changed, "" if it is.
Reason = Callable[[Any, str, Actor], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A list whose records can be changed together, with its filter, select and order."""

    model: type[Any]
    filter: type[Any]
    matching: Callable[[Any], Select[Any]]
    order: tuple[Any, ...]


def _incidents_shown(filters: IncidentFilter) -> Select[Any]:
    rows, _is_truncated = select_matching_for_list(
        Incident, filters, incidents_matching, search_spellings
    )
    return rows.options(*row_load_options())


KINDS = {
    "incidents": Kind(Incident, IncidentFilter, _incidents_shown, SORT_ORDER),
    "fake-accounts": Kind(
        FakeAccount, AccountFilter, accounts_matching, (FakeAccount.recorded_at, FakeAccount.ref)
    ),
    "responses": Kind(
        OfficialResponse, ResponseFilter, responses.responses_matching, responses.SORT_ORDER
    ),
}


def records_of_filter(kind: Kind, filters: Any) -> list[Any]:  # noqa: ANN401 (the filter of a list)
    """Return the records that a list shows for a filter, at most 1,001."""
    latest_first = (column.desc() for column in kind.order)
    rows = kind.matching(filters).order_by(*latest_first).limit(MOST_CHANGED + 1)
    return list(db.session.scalars(rows).unique())


def announced_records(kind: Kind, refs: Iterable[str]) -> list[Reviewable]:
    """Return the records with these refs that are of this kind and the viewer may see."""
    prefix = f"{kind.model.PREFIX}-"
    # Only a valid ref is looked up: PostgreSQL rejects some texts.
    return records_by_refs(
        ref for ref in refs if ref.startswith(prefix) and REF_PATTERN.fullmatch(ref)
    )


def assignees_of_all(records: Iterable[Any]) -> list[User]:
    """Return the people who can be assigned something about each of some records, by name."""
    # Who sees a record depends on its team and visibility alone.
    alike = {(one.team_id, one.visibility): one for one in records}
    people = [possible_assignees(one) for one in alike.values()]
    return [one for one in people[0] if all(one in some for some in people)] if people else []


@dataclass(frozen=True, slots=True)
class Split:
    """The records that an action changes, and by reason those that it leaves."""

    changed: list[Any] = field(default_factory=list)
    left: dict[str, list[Any]] = field(default_factory=dict)


def split_records(
    records: Iterable[Any], reason: Reason, actor: Actor, versions: Mapping[str, str] | None = None
) -> Split:
    """Return which records an action changes; `versions`: by ref those that were shown."""
    parts = Split()
    for record in records:
        version = str(record.version) if versions is None else versions[record.ref]
        if why := reason(record, version, actor):
            parts.left.setdefault(why, []).append(record)
        else:
            parts.changed.append(record)
    return parts


def reason_not_assigned(record: Any, version: str, actor: Actor) -> str:  # noqa: ANN401 (a reviewed record)
    """Return why nothing about a record can be assigned, "" if it can."""
    if not can_comment(record, actor):
        return str(_("only staff of its team, and monitors, assign it"))
    return reason_not_filed(record, version, actor)


def reason_not_restricted(record: Any, version: str, actor: Actor) -> str:  # noqa: ANN401 (as above)
    """Return why a record cannot be restricted to its team, "" if it can."""
    if not can_edit(actor, record):
        return str(_("only staff of its team restrict it"))
    if record.is_retracted:
        return str(_("retracted"))
    if record.visibility is Visibility.RESTRICTED:
        return str(_("restricted already"))
    return reason_not_filed(record, version, actor)


def reason_not_filed(record: Any, version: str, _actor: Actor) -> str:  # noqa: ANN401 (as above)
    """Return why a record cannot be added to a case, "" if it can: all who see it may."""
    is_unchanged = version == str(record.version)
    return "" if is_unchanged else str(_("changed since you opened the page"))
