"""Records of cases, written directly to the database: their content does not matter."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from sqlalchemy import select

from tests.factories import make_institution
from tracker.articles.models import Article
from tracker.articles.service import build_citation
from tracker.audit.service import audited_change
from tracker.cases.models import Case
from tracker.cases.queries import placements_by_record
from tracker.cases.service import open_case
from tracker.clock import current_date
from tracker.db import db
from tracker.fake_accounts.codes import AccountKind
from tracker.fake_accounts.models import AccountCitation, FakeAccount, FakeAccountEvent
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget, IncidentType
from tracker.people.models import Journalist
from tracker.permissions import Visibility
from tracker.records import set_record_author
from tracker.responses.codes import AnswerScope, Standing
from tracker.responses.models import OfficialResponse, ResponseAct, ResponseCitation
from tracker.users.models import User
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.models import Term
from tracker.when import parse_when

R = TypeVar("R", Incident, FakeAccount, OfficialResponse)


def cases_of(record: Any) -> list[Case]:
    """Return the cases in which a record is filed, the first filed first."""
    return [place.case for place in placements_by_record([record])[record]]


def make_term(code: str, label: str) -> Term:
    found = db.session.scalars(select(Term).where(Term.code == code)).first()
    if found is None:
        found = Term(
            term_set=TermSet.INCIDENT_TYPE, code=code, rank=5,
            label_en=label, label_ru=label, label_kk=label,
        )  # fmt: skip
        db.session.add(found)
        db.session.flush()
    return found


def found(pattern: str, text: str) -> str:
    """Return the group that a pattern matches on a page."""
    match = re.search(pattern, text, re.DOTALL)
    assert match, f"{pattern} is not on the page"
    return match.group(1)


def _whose(by: User, given: dict[str, Any]) -> dict[str, Any]:
    return {"team_id": by.team_ids[0], "visibility": Visibility.INTERNAL} | given


def _stored(record: R, act: str, by: User) -> R:
    set_record_author(record, by=by)
    with audited_change(record, act, by=by):
        pass
    return record


def make_incident(
    title: str, *, by: User, when: str = "2025-06-03", cites: Article | None = None,
    quote: str = "1", journalist: Journalist | None = None, code: str = "threat.death", **given: Any,
) -> Incident:  # fmt: skip
    incident = Incident(
        title=title,
        country="KZ",
        when=parse_when(when, latest_possible_date=current_date()),
        **_whose(by, given),
    )
    incident.types = [IncidentType(term=make_term(code, code.capitalize()), rank=5)]
    incident.targets = [
        IncidentTarget(kind=TargetKind.JOURNALIST, journalist=journalist)
        if journalist
        else IncidentTarget(kind=TargetKind.UNNAMED_PERSON, words="An editor")
    ]
    if cites:
        incident.citations = [build_citation(IncidentCitation, cites, quote)]
    return _stored(incident, "incident:create", by)


def make_account(
    name: str, *, by: User, cites: Article | None = None, quote: str = "1",
    events: tuple[FakeAccountEvent, ...] = (), **given: Any,
) -> FakeAccount:  # fmt: skip
    values = {"kind": AccountKind.PROFILE, "identified": Answer.YES, "displayed_name": name}
    account = FakeAccount(**values | _whose(by, given))
    account.events = list(events)
    if cites:
        account.citations = [build_citation(AccountCitation, cites, quote)]
    return _stored(account, "fake_account:create", by)


def make_response(
    *acts: ResponseAct, by: User, when: str = "2025-06-05", cites: Article | None = None,
    quote: str = "1", **given: Any,
) -> OfficialResponse:  # fmt: skip
    response = OfficialResponse(
        institution=given.pop("institution", None) or make_institution(by=by),
        standing=Standing.RESPONSIBLE_STATE,
        answers_scope=AnswerScope.CASE,
        when=parse_when(when, latest_possible_date=current_date()),
        acts=list(acts),
        **_whose(by, given),
    )
    if cites:
        response.citations = [build_citation(ResponseCitation, cites, quote)]
    return _stored(response, "response:create", by)


def make_case(title: str = "An affair", *, by: User, **given: Any) -> Case:
    return open_case(title, **({"country": "KZ"} | _whose(by, given)), by=by)
