"""Load the timeline of a case, journalist, outlet or incident, and the facts of institutions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select

from tracker import clock
from tracker.articles.models import Article
from tracker.cases.models import Case, CaseIncident, CaseResponse
from tracker.cases.queries import CASE_JOINS, CaseJoin, incident_ids_of
from tracker.db import db
from tracker.fake_accounts.models import (
    AccountImpersonation,
    FakeAccount,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.i18n import _
from tracker.incidents.models import Incident, IncidentTarget
from tracker.people.models import Institution, Journalist, Outlet
from tracker.responses.codes import AnswerScope, Stance
from tracker.responses.models import (
    Appeal,
    AppealIncident,
    OfficialResponse,
    Proceeding,
    ProceedingIncident,
    ProceedingParty,
    ProceedingStep,
    ResponseAnswer,
)
from tracker.review.queries import is_not_retracted
from tracker.timelines import situation as timeline_situation
from tracker.timelines.build import Fact
from tracker.timelines.clocks import ResponseClock, clocks_of_incidents
from tracker.timelines.filters import TimelineFilter
from tracker.timelines.loading_queries import (
    WHOLE_PERIOD,
    DateBounds,
    LoadedFacts,
    RecordScope,
    load_facts,
)

# Records of each kind that are loaded in full for a case: without all of them its clocks would be
# wrong.
MAX_RECORDS_OF_KIND_IN_CASE = 5000


def facts_of_case(case: Case, *, preferred_period: DateBounds = WHOLE_PERIOD) -> LoadedFacts:
    """Return the facts of all records in a case, and of the records about its incidents. At most
    `MAX_RECORDS_OF_KIND_IN_CASE` records of each kind are loaded with their texts: those in
    `preferred_period` first, then the newest. Of the others, appeals and proceedings are left out,
    and all else is loaded without texts.
    """
    further_records = {
        case_join.kind: select(case_join.record_id_column).where(
            case_join.join_model.case_id == case.id
        )
        for case_join in CASE_JOINS
    }
    return load_facts(
        RecordScope(
            incidents=incident_ids_of(case),
            further_records=further_records,
            preferred_period=preferred_period,
            max_records_of_kind=MAX_RECORDS_OF_KIND_IN_CASE,
        )
    )


def facts_of_journalist(
    journalist: Journalist, *, preferred_period: DateBounds = WHOLE_PERIOD
) -> LoadedFacts:
    """Return the facts of acts against a journalist or in their name, and of the responses. At most
    `MAX_RECORDS_OF_KIND` records of each kind are loaded with their texts: those in
    `preferred_period` first, then the newest. Of the others, appeals and proceedings are left out,
    and all else is loaded without texts.
    """
    return load_facts(
        RecordScope(
            incidents=select(IncidentTarget.incident_id).where(
                IncidentTarget.journalist_id == journalist.id
            ),
            further_records={
                FakeAccount: _impersonating_account_ids(
                    AccountImpersonation.journalist_id == journalist.id
                ),
                Proceeding: _proceeding_ids_concerning(
                    ProceedingParty.journalist_id == journalist.id
                ),
            },
            is_target_included=lambda target: target.journalist_id == journalist.id,
            preferred_period=preferred_period,
        )
    )


def facts_of_outlet(outlet: Outlet, *, preferred_period: DateBounds = WHOLE_PERIOD) -> LoadedFacts:
    """Return the facts of acts against an outlet or in its name, and of the responses. At most
    `MAX_RECORDS_OF_KIND` records of each kind are loaded with their texts: those in
    `preferred_period` first, then the newest. Of the others, appeals and proceedings are left out,
    and all else is loaded without texts.
    """
    return load_facts(
        RecordScope(
            incidents=select(IncidentTarget.incident_id).where(
                IncidentTarget.outlet_id == outlet.id
            ),
            further_records={
                FakeAccount: _impersonating_account_ids(
                    AccountImpersonation.outlet_id == outlet.id
                ),
                Proceeding: _proceeding_ids_concerning(ProceedingParty.outlet_id == outlet.id),
            },
            is_target_included=lambda target: target.outlet_id == outlet.id,
            preferred_period=preferred_period,
        )
    )


def facts_of_one_incident(
    incident: Incident, *, preferred_period: DateBounds = WHOLE_PERIOD
) -> LoadedFacts:
    """Return the facts of an incident, the accounts used in it, and the responses to it. At most
    `MAX_RECORDS_OF_KIND_IN_CASE` records of each kind are loaded with their texts: those in
    `preferred_period` first, then the newest. Of the others, appeals and proceedings are left out,
    and all else is loaded without texts.
    """
    one = select(Incident.id).where(Incident.id == incident.id)
    return load_facts(
        RecordScope(
            incidents=one,
            further_records={},
            preferred_period=preferred_period,
            max_records_of_kind=MAX_RECORDS_OF_KIND_IN_CASE,
        )
    )


def latest_records(case_join: CaseJoin, limit: int) -> list[Any]:
    """Return the last created records of one kind, the newest first. `case_join`: describes the
    kind.
    """
    rows = (
        select(case_join.kind)
        .order_by(case_join.kind.recorded_at.desc(), case_join.kind.ref.desc())
        .limit(limit)
    )
    return list(db.session.scalars(rows.options(*case_join.list_load_options())).unique())


def has_no_records() -> bool:
    """Return whether the viewer sees no source and no record at all."""
    kinds: list[Any] = [Article, *(case_join.kind for case_join in CASE_JOINS)]
    return not any(db.session.scalar(select(kind.id).limit(1)) for kind in kinds)


def _impersonating_account_ids(condition: Any) -> Select[Any]:  # noqa: ANN401 (a condition)
    """Return a query of the ids of accounts that impersonate somebody. `condition`: the SQL
    condition on the row of `AccountImpersonation` that says whom.
    """
    return select(AccountImpersonation.account_id).where(condition)


def _proceeding_ids_concerning(condition: Any) -> Select[Any]:  # noqa: ANN401 (a condition)
    """Return a query of the ids of proceedings that concern somebody. `condition`: the SQL
    condition on the row of `ProceedingParty` that says whom.
    """
    return select(ProceedingParty.proceeding_id).where(condition)


# The model of each kind of record with a timeline and the function that loads the facts of one
# record, by the name of its blueprint.
FACTS_OF_ENDPOINT: dict[str, tuple[type[Any], Callable[..., LoadedFacts]]] = {
    Case.ENDPOINT: (Case, facts_of_case),
    Journalist.ENDPOINT: (Journalist, facts_of_journalist),
    Outlet.ENDPOINT: (Outlet, facts_of_outlet),
    Incident.ENDPOINT: (Incident, facts_of_one_incident),
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """A record with the situation that its timeline shows: entries, clocks and accountability step.
    `is_truncated`: there are more records than are shown.
    """

    record: Any
    situation: timeline_situation.Situation
    is_truncated: bool

    @property
    def no_silences_note(self) -> str:
        """The note that no silences (times without an answer) are drawn, "" if they are."""
        if self.situation.has_silences:
            return ""
        return str(_("No silences are drawn here: an answer may be among the records not read."))


def load_timeline(record: Any, filters: TimelineFilter) -> Timeline:  # noqa: ANN401 (any record with a timeline)
    """Return the timeline of a record, as known on `filters.known_on`, by default today."""
    _model, facts_of = FACTS_OF_ENDPOINT[record.ENDPOINT]
    loaded = facts_of(record)
    spans = filters.earliest or filters.latest
    if spans and any(fact.is_outline for fact in loaded.facts):
        loaded = facts_of(record, preferred_period=(filters.earliest, filters.latest))
    return Timeline(record, _build_situation(record, loaded, filters), loaded.is_truncated)


def _build_situation(
    record: Any,  # noqa: ANN401 (as above)
    loaded: LoadedFacts,
    filters: TimelineFilter,
) -> timeline_situation.Situation:
    """Return what the page of a timeline shows about a record: the entries of the timeline, the
    response clocks (days without an answer) and, for a case, how far it came towards justice. All
    as known on `filters.known_on`, by default today.
    """
    day, known_on = clock.current_date(), filters.known_on
    if isinstance(record, Case):
        return timeline_situation.situation_of_case(
            loaded.facts, record.country, today=day, known_on=known_on,
            is_truncated=loaded.is_truncated,
        )  # fmt: skip
    if isinstance(record, Incident):
        facts, country = loaded.facts, record.country
        return timeline_situation.situation_of_incident(
            record.ref, facts, country, today=day, known_on=known_on
        )
    return timeline_situation.situation_of_person(
        loaded.facts, today=day, known_on=known_on, is_truncated=loaded.is_truncated
    )


def open_cases_with_texts(
    cases: Sequence[timeline_situation.OpenCase], further_refs: Iterable[str] = ()
) -> list[tuple[Case, timeline_situation.OpenCase]]:
    """Return each open case as the pair of its `Case` and its `OpenCase`. The facts of the records
    that pages show beside the step and the clocks have texts, and so have those of the records with
    `further_refs`; all other facts have none.
    """
    refs = set(further_refs).union(*(one.shown_refs for one in cases))
    read = _facts_by_ref(refs)
    rows = select(Case).where(Case.id.in_([one.id for one in cases]))
    by_id = {case.id: case for case in db.session.scalars(rows)}
    return [(by_id[one.id], one.with_full_facts(read)) for one in cases]


def clocks_of_incident_ids(
    incident_ids: Select[int], *, most: int
) -> dict[str, list[ResponseClock]]:
    """Return the response clocks (days without an answer) of each incident, by ref. `incident_ids`:
    a query of ids; `most`: how many records of each kind are loaded in full. Beyond that, the
    oldest appeals and proceedings are left out, other records are loaded without texts.
    """
    read = load_facts(
        RecordScope(incidents=incident_ids, further_records={}, max_records_of_kind=most)
    )
    return clocks_of_incidents(read.facts, today=clock.current_date())


def _facts_by_ref(refs: set[str]) -> dict[str, list[Fact]]:
    """Return the facts of the records with these refs, by ref."""
    prefixes = {ref.partition("-")[0] for ref in refs}
    others = {
        case_join.kind: select(case_join.kind.id).where(case_join.kind.ref.in_(refs))
        for case_join in CASE_JOINS
        if case_join.kind is not Incident and case_join.kind.PREFIX in prefixes
    }
    incidents = select(Incident.id).where(Incident.ref.in_(refs))
    read = load_facts(
        RecordScope(
            incidents=incidents,
            further_records=others,
            excludes_linked_records=True,
            max_records_of_kind=len(refs),
        )
    )
    found: dict[str, list[Fact]] = {}
    for fact in read.facts:
        found.setdefault(fact.ref, []).append(fact)
    return found


def facts_of_institution(institution: Institution, *, for_figures: bool = False) -> LoadedFacts:
    """Return the facts of what an institution did and was asked, and of the incidents concerned.
    `for_figures`: without texts.
    """
    mine = institution.id
    spoke = select(OfficialResponse.id).where(OfficialResponse.institution_id == mine)
    # Answers of the institution to appeals sent to another institution count as answers, but not as
    # requests to the institution.
    asked = select(Appeal.id).where(
        or_(Appeal.institution_id == mine, Appeal.response_id.in_(spoke))
    )
    led = select(Proceeding.id).where(
        or_(
            Proceeding.institution_id == mine,
            Proceeding.steps.any(ProceedingStep.institution_id == mine),
        )
    )
    blocked = select(FakeAccountEvent.account_id).where(FakeAccountEvent.institution_id == mine)
    about = [
        select(ResponseAnswer.incident_id).where(ResponseAnswer.response_id.in_(spoke)),
        select(AppealIncident.incident_id).where(AppealIncident.appeal_id.in_(asked)),
        select(ProceedingIncident.incident_id).where(ProceedingIncident.proceeding_id.in_(led)),
        select(IncidentAccount.incident_id).where(IncidentAccount.account_id.in_(blocked)),
        _incident_ids_of_answered_cases(spoke),
    ]
    return load_facts(
        RecordScope(
            incidents=select(Incident.id).where(or_(*(Incident.id.in_(one) for one in about))),
            further_records={
                OfficialResponse: spoke, Appeal: asked, Proceeding: led, FakeAccount: blocked,
            },
            excludes_linked_records=True,
            for_figures=for_figures,
        )
    )  # fmt: skip


def count_stances(institution: Institution) -> list[tuple[Stance, int]]:
    """Return the number of responses of an institution by primary stance, most frequent first."""
    number = func.count(OfficialResponse.id)
    rows = (
        select(OfficialResponse.stance, number)
        .where(
            OfficialResponse.institution_id == institution.id, is_not_retracted(OfficialResponse)
        )
        .group_by(OfficialResponse.stance)
        .order_by(number.desc(), OfficialResponse.stance)
    )
    return [(row[0], row[1]) for row in db.session.execute(rows)]


def _incident_ids_of_answered_cases(response_ids: Select[Any]) -> Select[Any]:
    """Return a query of the ids of the incidents in all cases that one of these responses answers
    as a whole.
    """
    return (
        select(CaseIncident.incident_id)
        .join(CaseResponse, CaseResponse.case_id == CaseIncident.case_id)
        .join(CaseResponse.response)
        .where(
            CaseResponse.response_id.in_(response_ids),
            OfficialResponse.answers_scope == AnswerScope.CASE,
        )
    )
