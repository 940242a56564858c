"""Services that open, edit, link and share cases, file records in them, and follow records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

from tracker import clock
from tracker.audit.service import audited_change
from tracker.cases.codes import Accountability, CaseLinkKind, Lifecycle
from tracker.cases.models import Case, CaseLink, CaseReference
from tracker.cases.news_queries import get_follow, is_list_followed
from tracker.cases.queries import case_by_ref, case_join_of, filings_by_record, records_of
from tracker.cases.rules import LIFECYCLES_ACCEPTING_RECORDS
from tracker.db import db
from tracker.errors import Forbidden, InvalidInput, collect_errors
from tracker.i18n import _
from tracker.incidents.models import Incident
from tracker.people.redacted_names_service import validate_no_redacted_names
from tracker.permissions import Actor, Visibility, can_edit
from tracker.records import Record, set_record_author
from tracker.review.service import share_records_together, shown_people_and_sources
from tracker.scoping import more_restricted_records
from tracker.users.models import Follow, FollowedFilter, User
from tracker.vocabulary.codes import Answer


def open_case(
    title: str,
    *,
    country: str,
    summary: str = "",
    lead: User | None = None,
    team_id: int,
    visibility: Visibility,
    by: Actor,
) -> Case:
    """Open a case without records; raise InvalidInput without title or country."""
    title, country = collect_errors(
        lambda: _require_title(title), lambda: _require_country(country)
    )
    case = Case(
        title=title,
        summary=summary,
        country=country,
        lead=lead,
        lifecycle=Lifecycle.OPEN,
        team_id=team_id,
        visibility=visibility,
        incidents=[],
        accounts=[],
        responses=[],
        appeals=[],
        proceedings=[],
        links=[],
        references=[],
    )
    set_record_author(case, by=by)
    with audited_change(case, "case:create", by=by):
        pass
    return case


def get_or_open_case(
    ref: str, *, title: str, country: str, origins: Sequence[Any], by: Actor
) -> Case:
    """Return the case with the ref. If `ref` is "", open a new case for the records in `origins`;
    the case is restricted to its team if one of these records is restricted.

    Raises InvalidInput for a ref with a title or of no visible case, Forbidden if the actor is in
    no team.
    """
    if ref and title:
        raise InvalidInput(title=_("Choose a case above or title a new one, not both."))
    if ref:
        case = case_by_ref(ref)
        if case is None:
            raise InvalidInput(case=_("There is no such case, or it is not for you."))
        return case
    teams = by.team_ids
    if not teams:
        raise Forbidden(_("A case belongs to a team, and you are in none."))
    is_restricted = any(one.visibility is Visibility.RESTRICTED for one in origins)
    return open_case(
        title,
        country=country,
        team_id=next((one.team_id for one in origins if one.team_id in teams), teams[0]),
        visibility=Visibility.RESTRICTED if is_restricted else Visibility.INTERNAL,
        by=by,
    )


def edit_case(
    case: Case,
    *,
    title: str,
    summary: str,
    country: str,
    lead: User | None,
    lifecycle: Lifecycle,
    accountability: Accountability | None,
    accountability_reason: str,
    by: Actor,
) -> None:
    """Edit the details of a case. Raise InvalidInput if the title or country is missing, or an
    accountability step is set by hand without a reason, or the other way round.
    """
    title, country = collect_errors(
        lambda: _require_title(title), lambda: _require_country(country)
    )
    if accountability and not accountability_reason:
        raise InvalidInput(
            accountability_reason=_("Say why this is set by hand and not left to the record.")
        )
    if accountability_reason and not accountability:
        raise InvalidInput(accountability=_("Choose what the reason is for, or clear the reason."))
    with audited_change(case, "case:edit", by=by):
        case.title, case.summary = title, summary
        case.country, case.lead = country, lead
        case.lifecycle = lifecycle
        case.accountability = accountability
        case.accountability_reason = accountability_reason
        case.mark_revised(by=by)


def set_lifecycle(case: Case, lifecycle: Lifecycle, *, by: Actor) -> None:
    """Set the status of a case, with an entry in the audit log."""
    with audited_change(case, "case:edit", by=by):
        case.lifecycle = lifecycle
        case.mark_revised(by=by)


def file_records(case: Case, records: Sequence[Record], *, by: Actor) -> list[Record]:
    """File records in a case, with one entry in the audit log. Return the records that were not in
    the case before.

    The first case of an incident, of those that the actor may see, becomes its main case. Raises
    InvalidInput if the case is closed, or a new record is of a kind that no case holds.
    """
    if case.lifecycle not in LIFECYCLES_ACCEPTING_RECORDS:
        raise InvalidInput(case=_("This case is closed; open it again first."))
    places = filings_by_record(records)
    new = [
        record for record, rows in places.items() if case.id not in {row.case_id for row in rows}
    ]
    if not new:
        return []
    validate_no_redacted_names(case, new)
    with audited_change(case, "case:file", by=by):
        for record in new:
            case_join = case_join_of(record)
            if case_join is None:
                raise InvalidInput(
                    records=_(
                        "A case holds incidents, fake accounts, responses, appeals and proceedings."
                    )
                )
            row: Any = case_join.join_model(**{case_join.record_attribute: record})
            if isinstance(record, Incident):
                row.is_home = Answer.NO if _main_case_filing(places[record]) else Answer.YES
            getattr(case, case_join.collection).append(row)
        case.mark_revised(by=by)
    return new


def remove_from_case(case: Case, record: Record, *, by: Actor) -> None:
    """Remove a record from a case; raise InvalidInput if it is not filed there.

    An incident whose main case this was gets another main case that the actor may edit, if any.
    """
    places = filings_by_record([record])[record]
    row = next((one for one in places if one.case_id == case.id), None)
    case_join = case_join_of(record)
    if row is None or case_join is None:
        raise InvalidInput(what=_("This record is not filed in this case."))
    with audited_change(case, "case:unfile", by=by):
        getattr(case, case_join.collection).remove(row)
        case.mark_revised(by=by)
    if isinstance(record, Incident) and row.is_home is Answer.YES:
        left = [one for one in places if one is not row and can_edit(by, one.case)]
        if left:
            _set_is_main_case(left[0], Answer.YES, by=by)


def set_main_case(case: Case, incident: Incident, *, by: Actor) -> None:
    """Make a case the main case of an incident, the only one in which it is counted.

    Raises InvalidInput if the incident is not in the case, Forbidden if its main case belongs to
    another team.
    """
    places = filings_by_record([incident])[incident]
    row = next((one for one in places if one.case_id == case.id), None)
    if row is None:
        raise InvalidInput(what=_("This record is not filed in this case."))
    home = _main_case_filing(places)
    if home is row:
        return
    if home is not None:
        if not can_edit(by, home.case):
            raise Forbidden(_("The main case of this incident belongs to another team."))
        _set_is_main_case(home, Answer.NO, by=by)
    _set_is_main_case(row, Answer.YES, by=by)


def link_cases(case: Case, other: Case, kind: CaseLinkKind, *, by: Actor) -> None:
    """Link a case to another. Raise InvalidInput if both are the same case, or if they are already
    linked in this way.
    """
    if case is other:
        raise InvalidInput(other=_("A case cannot be linked to itself."))
    if any(link.other_id == other.id and link.kind is kind for link in case.links):
        raise InvalidInput(other=_("This link is there already."))
    with audited_change(case, "case:link", by=by):
        case.links.append(CaseLink(other=other, kind=kind))
        case.mark_revised(by=by)


def unlink_cases(case: Case, link_id: int, *, by: Actor) -> None:
    """Remove the link with an id that leads from a case; raise InvalidInput if there is none."""
    link = next((one for one in case.links if one.id == link_id), None)
    if link is None:
        raise InvalidInput(what=_("There is no such link."))
    with audited_change(case, "case:unlink", by=by):
        case.links.remove(link)
        case.mark_revised(by=by)


def add_reference(case: Case, *, scheme: str, identifier: str, url: str, by: Actor) -> None:
    """Add the identifier of a case in the external list `scheme`, such as CPJ; `url` may be "".

    Raises InvalidInput if it is there already, or `url` is no web address.
    """
    if any((one.scheme, one.identifier) == (scheme, identifier) for one in case.references):
        raise InvalidInput(identifier=_("This reference is there already."))
    if url and not url.startswith(("https://", "http://")):
        raise InvalidInput(url=_("This is not the address of a web page (https://…)."))
    with audited_change(case, "case:edit", by=by):
        case.references.append(CaseReference(scheme=scheme, identifier=identifier, url=url))
        case.mark_revised(by=by)


def remove_reference(case: Case, reference_id: int, *, by: Actor) -> None:
    """Remove the identifier of a case in an external list; raise InvalidInput if there is none."""
    reference = next((one for one in case.references if one.id == reference_id), None)
    if reference is None:
        raise InvalidInput(what=_("There is no such reference."))
    with audited_change(case, "case:edit", by=by):
        case.references.remove(reference)
        case.mark_revised(by=by)


def _require_title(title: str) -> str:
    """Return a title unchanged; raise InvalidInput if it is blank."""
    if not title.strip():
        raise InvalidInput(title=_("Give the case a title."))
    return title


def _require_country(country: str) -> str:
    """Return the code of a country unchanged; raise InvalidInput if it is empty."""
    if not country:
        raise InvalidInput(country=_("Choose the country."))
    return country


def _main_case_filing(filings: Sequence[Any]) -> Any:  # noqa: ANN401 (a CaseIncident or None)
    """Return the row that files an incident in its main case, None if there is none.
    `filings`: the rows that file the incident in cases.
    """
    return next((row for row in filings if row.is_home is Answer.YES), None)


def _set_is_main_case(row: Any, is_home: Answer, *, by: Actor) -> None:  # noqa: ANN401 (a CaseIncident)
    """Set whether a case is the main case of an incident, with an entry in the audit log.
    `row`: the CaseIncident that files the incident in the case; `is_home`: yes or no.
    """
    # Loaded with all parts, or the audit log would fetch them one by one.
    case = case_by_ref(row.case.ref) or row.case
    with audited_change(case, "case:home", by=by):
        row.is_home = is_home
        case.mark_revised(by=by)


def records_to_share(case: Case) -> list[Any]:
    """Return the restricted records that all users would see if the case were shared: records of
    the case, and the people and sources that these records show.
    """
    shown: dict[str, Any] = {}
    for record in records_of(case, with_all_parts=True).list_all():
        for one in (record, *shown_people_and_sources(record)):
            shown.setdefault(one.ref, one)
    return more_restricted_records(Visibility.INTERNAL, shown.values())


def share_case(case: Case, *, listed_refs: Iterable[str], by: Actor) -> None:
    """Share a case, its records, and their people and sources with all users. `listed_refs`: the
    refs that were listed for the user; raise InvalidInput if another record would be shared.
    """
    share_records_together(case, records_to_share(case), listed_refs=listed_refs, by=by)


def follow_record(record: Record, *, by: Actor) -> None:
    """Let the actor follow a record: changes by others from now on are shown as news."""
    if get_follow(record, by=by) is None:
        db.session.add(Follow(user_id=by.id, ref=record.ref, read_at=clock.utc_now()))


def unfollow_record(record: Record, *, by: Actor) -> None:
    """Let the actor unfollow a record."""
    db.session.execute(delete(Follow).where(Follow.user_id == by.id, Follow.ref == record.ref))


def follow_list(query: str, *, by: Actor) -> None:
    """Let the actor follow a list of incidents: those that others record from now on are shown as
    news. `query`: the result of `followed_query_string`.
    """
    if not is_list_followed(query, by=by):
        db.session.add(FollowedFilter(user_id=by.id, query=query, read_at=clock.utc_now()))


def unfollow_list(query: str, *, by: Actor) -> None:
    """Let the actor unfollow the list of incidents with a query string."""
    mine = FollowedFilter.user_id == by.id
    db.session.execute(delete(FollowedFilter).where(mine, FollowedFilter.query == query))


def mark_read(until: datetime, record: Record | None = None, *, by: Actor) -> None:
    """Mark what the actor follows as read up to a moment. `record`: the only record to mark, None
    for all records and lists; what was already read up to a later moment is left unchanged.
    """
    until = min(until, clock.utc_now())
    rows = update(Follow).where(Follow.user_id == by.id, Follow.read_at < until)
    if record is not None:
        rows = rows.where(Follow.ref == record.ref)
    else:
        lists = FollowedFilter.user_id == by.id, FollowedFilter.read_at < until
        db.session.execute(update(FollowedFilter).where(*lists).values(read_at=until))
    db.session.execute(rows.values(read_at=until))
