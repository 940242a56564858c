"""Shared by the tests of timelines' pages: a case with everything in it."""

from __future__ import annotations

import pytest

from tests.cases.records_made import make_account, make_case, make_incident, make_response
from tests.conftest import prepared
from tests.factories import as_user, make_article, make_journalist, make_outlet, sign_in_directly
from tests.timelines.overview_read import NOW
from tracker import clock
from tracker.articles.codes import Bearing
from tracker.cases.service import file_records
from tracker.clock import current_date
from tracker.db import db
from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.models import AccountImpersonation, FakeAccountEvent, IncidentAccount
from tracker.incidents.codes import Extent, StatusOfTarget
from tracker.incidents.models import TargetStatus
from tracker.responses.codes import ActType
from tracker.responses.models import ResponseAct, ResponseAnswer
from tracker.review.codes import EditorialState
from tracker.vocabulary.codes import Answer
from tracker.when import parse_when

TEXT = (
    "For six months strangers had written to Asem Doe that she would die. "
    "On 3 June men who said they were police came to her house. "
    "A profile under her name told her friends that she was dead. "
    "It was blocked on 4 June. "
    "The minister condemned it on 5 June and said that an inquiry had begun. "
    "The police said that nobody had come."
)


def at(typed):
    return parse_when(typed, latest_possible_date=current_date())


def act(kind, quote="", substantive=Answer.NO):
    return ResponseAct(act=kind, is_substantive=substantive, quote=quote)


@pytest.fixture
def told(app, client):
    """Return the refs of a case with everything in it, and sign staff in."""
    refs = prepared(app, "told", lambda: _told(app))
    sign_in_directly(client, "staff")
    return refs


def _told(app):
    with as_user(app) as by:
        source = make_article("A house in Almaty", text=TEXT, by=by)
        asem = make_journalist("Asem Doe", by=by)
        dala = make_outlet("Dala News", by=by)
        campaign = make_incident(
            "Threats", by=by, when="2024-12/2025-05", cites=source, quote="1", journalist=asem,
            extent=Extent.REPEATED,
        )  # fmt: skip
        visit = make_incident(
            "A visit", by=by, when="2025-06-03", cites=source, quote="2", journalist=asem,
            code="intimidation.visit",
        )  # fmt: skip
        visit.targets[0].outlet = dala
        visit.targets[0].statuses = [
            TargetStatus(status=StatusOfTarget.LEFT_COUNTRY, when=at("2025-06-10"))
        ]
        visit.citations.append(
            type(visit.citations[0])(
                article=source, quote="nobody had come", bearing=Bearing.CONTRADICTS
            )
        )
        events = (
            FakeAccountEvent(event=AccountEvent.FIRST_SEEN, when=at("2025-06-02")),
            FakeAccountEvent(event=AccountEvent.BLOCKED, when=at("2025-06-04"), article=source),
        )
        profile = make_account("Asem the second", by=by, cites=source, quote="3", events=events)
        profile.impersonates = [AccountImpersonation(journalist=asem)]
        profile.incidents = [IncidentAccount(incident=visit)]
        nameless = make_account(
            "", by=by, cites=source, quote="3", identified=Answer.NO, accounts_at_least=2
        )
        answer = make_response(
            act(ActType.CONDEMNATION, "The minister condemned it"),
            act(ActType.INVESTIGATION_ANNOUNCED),
            act(ActType.COUNTERMEASURE, "She will be asked about it."),
            by=by, cites=source, quote="5",
        )  # fmt: skip
        answer.answers = [ResponseAnswer(incident=visit)]
        case = make_case(by=by)
        file_records(case, [campaign, visit, profile, nameless, answer], by=by)
        db.session.commit()
        return {
            "case": case.ref, "article": source.ref, "asem": asem.ref, "dala": dala.ref,
            "campaign": campaign.ref, "visit": visit.ref, "profile": profile.ref,
            "nameless": nameless.ref, "answer": answer.ref,
        }  # fmt: skip


@pytest.fixture
def three_cases(app, client, monkeypatch):
    """Return the refs of three cases: the one without response for longest, and an answered one."""
    monkeypatch.setattr(clock, "utc_now", lambda: NOW)
    refs = prepared(app, "three_cases", lambda: _three_cases(app))
    sign_in_directly(client, "staff")
    return refs


def _three_cases(app):
    with as_user(app) as by:
        old = make_article("Old news", by=by, published=at("2026-01-09"))
        new = make_article("New news", by=by, published=at("2026-02-18"), text="Another text.")
        refs = {}
        for name, source, day in (
            ("silent", old, "2026-01-08"),
            ("answered", old, "2026-01-07"),
            ("newer", new, "2026-02-17"),
        ):
            incident = make_incident(
                f"Calls, {name}", by=by, when=day, cites=source, state=EditorialState.APPROVED
            )
            case = make_case(f"Affair {name}", by=by)
            file_records(case, [incident], by=by)
            refs[name], refs[f"in {name}"] = case.ref, incident.ref
            if name == "answered":
                answer = make_response(act(ActType.CONDEMNATION), by=by, when="2026-03-01")
                file_records(case, [answer], by=by)
                refs["answer"] = answer.ref
        db.session.commit()
    return refs
