"""Logging an appeal from an article, an incident or a case, and changing what is recorded."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.articles.sources_made import make_citing
from tests.conftest import prepared_and_signed_in
from tests.factories import as_user, make_institution, post, sign_in_directly
from tests.responses.appeals_made import make_appeal
from tests.responses.responses_made import make_report, make_response
from tracker.articles.queries import article_by_ref
from tracker.cases.models import Case
from tracker.cases.queries import records_of
from tracker.cases.service import file_records, open_case
from tracker.db import db
from tracker.incidents.queries import incident_by_ref
from tracker.people.models import Institution
from tracker.permissions import Role, Visibility
from tracker.responses.appeal_service import set_outcome
from tracker.responses.codes import AppealKind, AppealOutcome, AppealSender
from tracker.responses.models import Appeal
from tracker.when import Precision

APPEAL = {
    "sender_kind": "lawyer", "kind": "police_report", "institution-name": "Night Police",
    "institution_kind": "police", "outcome": "pending", "quote": "4",
}  # fmt: skip


@pytest.fixture
def source(client: FlaskClient) -> str:
    """Return the ref of an article; a member of its team is signed in."""
    return prepared_and_signed_in(client, "source of an appeal", _source)


def _source(app: Flask) -> str:
    with as_user(app) as user:
        ref = make_report(by=user).ref
        db.session.commit()
    return ref


def log(client: FlaskClient, source: str, **data: Any) -> TestResponse:
    return post(client, f"/appeals/new?article={source}", **(APPEAL | data))


def logged() -> Appeal:
    return db.session.scalars(select(Appeal)).one()


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def incident_of(app: Flask, source: str, title: str = "A false death", **given: Any) -> str:
    with as_user(app) as user:
        article = article_by_ref(source)
        assert article
        ref = make_citing(article, "1", title=title, by=user, **given).ref
        db.session.commit()
        return ref


def test_an_appeal_is_logged_from_the_article_that_tells_of_it(app, client, source):
    incident = incident_of(app, source)
    answer = log(
        client, source, incidents=incident, sender="Dana Lawyer", reference="12-34/56",
        due_on="2025-07-15", summary="To find out who made the pages.",
        **{"sent-when": "2025-06-16", "sent-as_stated": "on Monday"},
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    text = client.get(answer.location).text
    assert "Police report to Night Police, 16 June 2025" in text
    for words in (
        "a lawyer (Dana Lawyer)", "on Monday", "12-34/56", "To find out who", "A false death",
        "The police, she said, are looking into it.", "15 July 2025", "overdue for",
    ):  # fmt: skip
        assert words in text
    with as_user(app):
        appeal = logged()
        assert appeal.visibility is Visibility.INTERNAL
        assert appeal.due_on == date(2025, 7, 15)
        assert appeal.outcome is AppealOutcome.PENDING
        assert appeal.institution.country == "KZ"


def test_it_was_sent_at_the_latest_when_the_article_came_out(app, client, source):
    log(client, source)
    with as_user(app):
        appeal = logged()
        assert (appeal.precision, appeal.latest) == (Precision.UNKNOWN, date(2025, 6, 17))
        assert appeal.heading == "Police report to Night Police"


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"sender_kind": ""}, "sender_kind", "Choose who asked"),
        ({"sender_kind": "king"}, "sender_kind", "Not a valid choice"),
        ({"kind": ""}, "kind", "Choose what was sent or said"),
        ({"institution-name": ""}, "institution-name", "Name the institution that was asked"),
        ({"institution_kind": ""}, "institution_kind", "choose what kind it is"),
        ({"institution-name": "…"}, "institution-name", "at least one letter"),
        ({"sent-when": "2025-06-31"}, "sent-when", "no such day"),
        ({"sent-when": "2025-06-18"}, "sent-when", "after the day by which"),
        ({"due_on": "soon"}, "due_on", "Not a valid date"),
        ({"sent-when": "2025-06-16", "due_on": "2025-06-15"}, "due_on", "cannot be due before"),
        ({"outcome": "shrug"}, "outcome", "Not a valid choice"),
        ({"incidents": "INC-0000000000"}, "incidents", "INC-0000000000"),
        ({"quote": ""}, "quote", "Quote the article"),
        ({"quote": "9-12"}, "quote", "no sentence with this number"),
        ({"reference": "a" * 201}, "reference", "longer than 200"),
        ({"sender": "a\0b"}, "sender", "control characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_everything_typed_stays(
    app, client, source, *, typed, field, said
):
    incident_of(app, source)
    answer = log(client, source, **({"sent-as_stated": "last week"} | typed))

    assert answer.status_code == 422
    assert said in answer.text
    assert "last week" in answer.text
    assert f'id="{field}"' in answer.text
    with as_user(app):
        assert count(Appeal) == count(Institution) == 0


def test_all_that_is_wrong_is_said_at_once(client, source):
    text = log(client, source, quote="99", sender_kind="", kind="", **{"institution-name": ""}).text

    for said in ("who asked", "what was sent", "Name the institution", "no sentence with this"):
        assert said in text
    # Also what only its rules refuse, beside what is wrong with a field itself.
    text = log(
        client, source, quote="99", reference="r" * 201, due_on="2025-06-15",
        **{"sent-when": "2025-06-16"},
    ).text  # fmt: skip
    for said in ("longer than 200", "no sentence with this", "cannot be due before"):
        assert said in text


def test_a_form_without_its_token_stores_nothing(app, client, source):
    answer = client.post(f"/appeals/new?article={source}", data=APPEAL)

    assert answer.status_code == 400
    assert "Night Police" in answer.text
    with as_user(app):
        assert count(Appeal) == 0


def test_an_appeal_of_our_own_needs_no_quote(app, client, source):
    assert log(client, source, sender_kind="we", quote="").status_code == 303
    with as_user(app):
        assert logged().citations == []


def test_a_body_on_record_is_offered_first(app, client, source):
    with as_user(app) as user:
        known = make_institution("Night Police", by=user).ref
        db.session.commit()
    asked = log(client, source)

    assert asked.status_code == 422
    assert known in asked.text
    assert log(client, source, **{"institution-chosen": known}).status_code == 303
    with as_user(app):
        assert count(Institution) == 1


def test_the_next_one_from_the_same_article_starts_with_what_both_share(app, client, source):
    incident = incident_of(app, source)
    answer = log(
        client, source, then="another", incidents=incident, due_on="2025-07-15",
        **{"sent-when": "2025-06-16"},
    )  # fmt: skip

    assert answer.location.startswith(f"/appeals/new?article={source}&like=APP-")
    page = client.get(answer.location).text
    for shown in (
        'value="2025-06-16"', 'selected value="lawyer"', 'selected value="police_report"',
        'value="2025-07-15"', f'value="{incident}" checked',
    ):  # fmt: skip
        assert shown in page
    assert not re.search(r'name="institution-name"[^>]*value="Night', page)
    answer = log(client, source, then="article", **{"institution-name": "Day Council"})
    assert answer.location == f"/articles/{source}/"


def test_from_an_incident_it_is_about_that_one_and_as_open(app, client, source):
    incident = incident_of(app, source, visibility=Visibility.RESTRICTED)
    address = f"/appeals/new?incident={incident}"
    page = client.get(address).text
    assert f'value="{incident}" checked' in page
    assert 'selected value="restricted"' in page
    assert 'name="quote"' not in page
    answer = post(
        client, address, incidents=incident, visibility="restricted", **(APPEAL | {"quote": "x"})
    )

    assert answer.status_code == 303, answer.text
    assert "APP-" in answer.location
    with as_user(app):
        appeal = logged()
        assert [one.incident and one.incident.ref for one in appeal.incidents] == [incident]
        assert appeal.institution.country == "KZ"
        assert (appeal.visibility, appeal.citations) == (Visibility.RESTRICTED, [])


def test_from_a_case_its_incidents_are_offered_and_it_is_filed_there_next(app, client, source):
    incident = incident_of(app, source)
    incident_of(app, source, title="Elsewhere")
    with as_user(app) as user:
        case = open_case(
            "The false death", country="KZ", team_id=user.team_ids[0],
            visibility=Visibility.INTERNAL, by=user,
        )  # fmt: skip
        filed = incident_by_ref(incident)
        assert filed
        file_records(case, [filed], by=user)
        db.session.commit()
        ref = case.ref
    assert f"/appeals/new?case={ref}" in client.get(f"/cases/{ref}/records/").text
    address = f"/appeals/new?case={ref}"
    page = client.get(address).text
    assert f'value="{incident}"' in page
    assert "Elsewhere" not in page
    answer = post(client, address, visibility="internal", incidents=incident, **APPEAL)

    assert answer.status_code == 303, answer.text
    with as_user(app):
        made = logged().ref
    assert answer.location == f"/cases/file?record={made}&case={ref}"
    filing = client.get(answer.location).text
    assert f'selected value="{ref}"' in filing
    done = post(client, answer.location, records=made, case=ref)
    assert done.location == f"/cases/{ref}/"
    assert made in client.get(done.location).text
    assert "1 appeal" in client.get("/cases/").text
    assert "The false death" in client.get(f"/appeals/{made}/").text
    with as_user(app):
        case = db.session.scalars(select(Case)).one()
        assert [one.ref for one in records_of(case).appeals] == [made]


def test_begun_from_nothing_it_is_kept_to_the_team_unless_said(app, client, source):
    assert 'selected value="restricted"' in client.get("/appeals/new").text
    typed = {name: value for name, value in APPEAL.items() if name != "quote"}
    assert post(client, "/appeals/new", visibility="restricted", **typed).status_code == 303
    with as_user(app):
        assert logged().visibility is Visibility.RESTRICTED


def test_what_is_logged_from_another_teams_record_is_kept_to_ones_own(app, source):
    incident = incident_of(app, source)
    with as_user(app, "guest", team="Elsewhere") as guest:
        own = guest.team_ids[0]
    browser = app.test_client()
    sign_in_directly(browser, "guest")

    assert log(browser, source).status_code == 303
    with as_user(app, "guest", team="Elsewhere"):
        assert (logged().team_id, logged().visibility) == (own, Visibility.RESTRICTED)
    address = f"/appeals/new?incident={incident}"
    more = {"institution-name": "Day Council", "visibility": "internal"}
    assert post(browser, address, **(APPEAL | more)).status_code == 303
    with as_user(app, "guest", team="Elsewhere"):
        assert {one.team_id for one in db.session.scalars(select(Appeal))} == {own}


def test_an_unknown_beginning_is_said(client, source):
    for wrong in (
        "article=ART-0000000000", "incident=INC-0000000000", "case=CAS-0000000000", "case=x",
    ):  # fmt: skip
        assert client.get(f"/appeals/new?{wrong}").status_code == 404
    assert client.get("/appeals/new?colour=red").status_code == 400
    two = client.get(f"/appeals/new?article={source}&case=CAS-0000000000")
    assert two.status_code == 400
    assert "only one" in two.text


def test_a_monitor_logs_none(app, source):
    with as_user(app, "reader", Role.MONITOR):
        pass
    browser = app.test_client()
    sign_in_directly(browser, "reader")
    assert browser.get(f"/appeals/new?article={source}").status_code == 403
    assert "Log an appeal" not in browser.get(f"/articles/{source}/").text


def edit(client: FlaskClient, ref: str, body: str, **data: Any) -> TestResponse:
    values = {
        "version": "1", "sender_kind": "we", "kind": "letter", "visibility": "internal",
        "institution-name": "Media Council", "institution-chosen": body, "sent-when": "2025-06-16",
    }  # fmt: skip
    return post(client, f"/appeals/{ref}/edit", **(values | data))


def test_editing_says_what_changed_and_keeps_what_came_of_it(app, client, source):
    with as_user(app) as user:
        appeal = make_appeal(by=user, outcome=AppealOutcome.REFERRED, reference="1")
        db.session.commit()
        ref, body = appeal.ref, appeal.institution.ref
    page = client.get(f"/appeals/{ref}/edit").text
    assert 'value="2025-06-16"' in page
    assert 'name="outcome"' not in page
    answer = edit(
        client, ref, body, kind="court", sender="Our lawyers", reference="77", due_on="2025-08-01"
    )

    assert answer.status_code == 303, answer.text
    with as_user(app):
        appeal = logged()
        assert (appeal.kind, appeal.sender_kind) == (AppealKind.COURT, AppealSender.WE)
        assert appeal.outcome is AppealOutcome.REFERRED
    told = client.get(f"/appeals/{ref}/history").text
    for words in ("recorded this appeal", "Court complaint", "Our lawyers", "77"):
        assert words in told
    stale = edit(client, ref, body, sender="Somebody else")
    assert stale.status_code == 409
    assert "Our lawyers" in stale.text
    assert "Somebody else" in stale.text


def test_an_appeal_is_not_moved_behind_what_answers_it(app, client, source):
    with as_user(app) as user:
        appeal = make_appeal(by=user, when="2025-06-10")
        response = make_response(by=user, when="2025-06-20", institution=appeal.institution)
        set_outcome(appeal, AppealOutcome.ANSWERED, response, by=user)
        db.session.commit()
        ref, body, version = appeal.ref, appeal.institution.ref, appeal.version
    late = edit(client, ref, body, version=version, **{"sent-when": "2025-06-21"})

    assert late.status_code == 422
    assert "was made before that" in late.text
    assert edit(client, ref, body, version=version, due_on="2025-06-15").status_code == 422
    on_the_day = edit(client, ref, body, version=version, **{"sent-when": "2025-06-20"})
    assert on_the_day.status_code == 303


def test_an_unknown_date_stays_as_it_was_known(app, client, source):
    log(client, source, sender_kind="we")
    with as_user(app):
        ref, body = logged().ref, logged().institution.ref
    names = {"institution-name": "Night Police", "sent-when": "", "sent-as_stated": "in spring"}
    assert edit(client, ref, body, **names).status_code == 303
    with as_user(app):
        assert logged().latest == date(2025, 6, 17)
        assert logged().as_stated == "in spring"


def test_opening_by_editing_is_refused_while_its_source_is_kept(app, client):
    with as_user(app) as user:
        article = make_report(by=user, visibility=Visibility.RESTRICTED)
        appeal = make_appeal(by=user, cites=article, visibility=Visibility.RESTRICTED)
        db.session.commit()
        ref, body = appeal.ref, appeal.institution.ref
    sign_in_directly(client, "staff")

    assert "share that with all users first" in edit(client, ref, body).text
