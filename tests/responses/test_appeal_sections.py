"""The page of an appeal: what came of it, the incidents it is about, review, and who sees it."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.articles.sources_made import make_citing
from tests.cases.records_made import make_case
from tests.conftest import prepared_and_signed_in
from tests.factories import (
    as_user,
    make_institution,
    make_journalist,
    make_outlet,
    post,
    sign_in_directly,
)
from tests.responses.appeals_made import make_appeal
from tests.responses.responses_made import make_report, make_response
from tracker.cases.service import file_records
from tracker.clock import current_date
from tracker.db import db, set_full_access
from tracker.errors import InvalidInput
from tracker.incidents.merging_service import merge_incidents
from tracker.incidents.models import Incident
from tracker.permissions import Role, Visibility
from tracker.responses.appeal_service import add_incident, set_outcome
from tracker.responses.codes import AppealOutcome
from tracker.responses.models import Appeal, OfficialResponse
from tracker.review.codes import EditorialState, RetractReason


@pytest.fixture
def refs(client: FlaskClient) -> dict[str, str]:
    """Return the refs of an appeal of June 16, of responses before and after, and of an incident
    of its source.
    """
    return prepared_and_signed_in(client, "appeal and responses", _refs)


def _refs(app: Flask) -> dict[str, str]:
    with as_user(app) as user:
        article = make_report(by=user)
        appeal = make_appeal(by=user, cites=article)
        body = appeal.institution
        incident = make_citing(article, "1", title="A false death", by=user)
        early = make_response(by=user, when="2025-06-15", institution=body, official="Early Man")
        late = make_response(by=user, when="2025-06-30", institution=body, official="Late Man")
        db.session.commit()
        return {
            "appeal": appeal.ref, "incident": incident.ref, "early": early.ref, "late": late.ref
        }  # fmt: skip


def stored() -> Appeal:
    return db.session.scalars(select(Appeal)).one()


def body_of(app: Flask) -> str:
    with as_user(app):
        return stored().institution.ref


def say(client: FlaskClient, refs: dict[str, str], outcome: str, **typed: object):
    address = f"/appeals/{refs['appeal']}/"
    return post(client, address + "outcome", page=address, outcome=outcome, **typed)


def test_what_answers_it_is_chosen_among_what_the_body_said_since(app, client, refs):
    address = f"/appeals/{refs['appeal']}/"
    page = client.get(address).text
    assert f'value="{refs["late"]}"' in page
    assert f'value="{refs["early"]}"' not in page
    assert say(client, refs, "answered", response=refs["late"]).status_code == 303

    assert "Late Man" in client.get(address).text
    assert "a different institution" not in client.get(address).text
    assert refs["appeal"] in client.get(f"/responses/{refs['late']}/").text
    told = client.get(address + "history").text
    assert "Answered" in told
    assert "official response" in told
    # Taken off again, and what came of it changed.
    assert say(client, refs, "no_reply", response="").status_code == 303
    with as_user(app):
        assert (stored().outcome, stored().response) == (AppealOutcome.NO_REPLY, None)


def test_an_answer_without_its_response_is_said_so_and_is_logged_from_there(app, client, refs):
    with as_user(app) as user:
        appeal = stored()
        incident = db.session.scalars(select(Incident)).one()
        appeal.due_on = appeal.latest
        add_incident(appeal, incident, by=user)
        db.session.commit()
    address = f"/appeals/{refs['appeal']}/"
    assert "1 is overdue" in client.get("/appeals/").text
    assert say(client, refs, "answered").status_code == 303
    page, listed = client.get(address).text, client.get("/appeals/").text
    assert "no response that you may see</span>" in page
    assert "overdue for" not in page
    assert "1 was answered or passed on by no response that you may see" in listed
    assert "is overdue" not in listed
    assert refs["appeal"] in client.get("/appeals/?unrecorded=yes").text
    told = client.get(f"/incidents/{refs['incident']}/timeline.txt").text
    assert "reported as answered, but you see no recorded answer" in told
    assert "No response for" in told
    # What it answers, and to whom, is filled in; the appeal has it from then on.
    log = f"/responses/new?appeal={refs['appeal']}"
    assert f'href="{log}"' in page
    form = client.get(log).text
    assert 'value="Media Council"' in form
    assert f'value="{refs["incident"]}" checked' in form
    response = {
        "standing": "responsible_state", "stance": "procedural", "answers_scope": "incidents",
        "institution-name": "Media Council", "institution-chosen": body_of(app),
        "incidents": refs["incident"], "visibility": "internal", "acts-0-act": "formal_reply",
        "acts-0-substantive": "no",
    }  # fmt: skip
    early = post(client, log, **response, **{"made-when": "2025-06-15"})
    assert "made before the appeal was sent" in early.text
    done = post(client, log, **response, **{"made-when": "2025-06-20"})
    assert done.status_code == 303, done.text
    assert done.location == address
    page = client.get(address).text
    assert "no response that you may see" not in page
    assert "at least 4 days late" in page
    assert "by no response" not in client.get("/appeals/").text
    # Whoever had the form open meanwhile takes nothing off.
    again = post(client, log, **response, **{"made-when": "2025-06-25"})
    assert "on record already" in again.text
    with as_user(app):
        kept = stored().response
        assert kept is not None
        assert kept.latest == date(2025, 6, 20)


def test_who_may_not_change_an_appeal_logs_no_answer_to_it(app, refs):
    with as_user(app, "guest", team="Elsewhere"):
        pass
    guest = app.test_client()
    sign_in_directly(guest, "guest")

    assert guest.get(f"/responses/new?appeal={refs['appeal']}").status_code == 403
    assert guest.get("/responses/new?appeal=APP-0000000000").status_code == 404


def test_another_body_than_the_one_asked_may_answer(app, client, refs):
    with as_user(app) as user:
        other = make_institution("Far Office", by=user)
        ref = make_response(by=user, when="2025-07-01", institution=other).ref
        db.session.commit()

    assert say(client, refs, "referred", other=ref).status_code == 303
    text = client.get(f"/appeals/{refs['appeal']}/").text
    assert "a different institution from the one asked" in text
    assert "Passed to another body" in text


@pytest.mark.parametrize(
    ("outcome", "which", "said"),
    [
        ("answered", "early", "made before the appeal was sent"),
        ("pending", "late", "A response came"),
        ("no_reply", "late", "A response came"),
        ("answered", "RSP-0000000000", "There is no such response"),
        ("answered", "INC-x", "There is no such response"),
        ("shrug", "late", "Not a valid choice"),
    ],
)
def test_an_outcome_that_cannot_be_is_refused(app, client, refs, *, outcome, which, said):
    answer = say(client, refs, outcome, other=refs.get(which, which))

    assert answer.status_code == 422
    assert said in answer.text
    with as_user(app):
        assert (stored().outcome, stored().response_id) == (AppealOutcome.PENDING, None)


def test_a_retracted_response_answers_nothing(app, client, refs):
    with as_user(app):
        response = db.session.scalars(
            select(OfficialResponse).where(OfficialResponse.ref == refs["late"])
        ).one()
        response.state = EditorialState.RETRACTED
        response.retract_reason = RetractReason.CODING_ERROR
        db.session.commit()

    assert f'value="{refs["late"]}"' not in client.get(f"/appeals/{refs['appeal']}/").text
    assert "is retracted" in say(client, refs, "answered", other=refs["late"]).text


def test_a_hidden_answer_is_neither_told_nor_lost(app, client, refs):
    with as_user(app, "guest", team="Elsewhere") as user:
        body = make_institution("Far Office", by=user)
        hidden = make_response(
            by=user, institution=body, when="2025-07-01", official="Hidden Man",
            visibility=Visibility.RESTRICTED,
        )  # fmt: skip
        db.session.commit()
        # Linked while everybody saw it.
        appeal, number = stored(), hidden.id
        appeal.outcome, appeal.response_id = AppealOutcome.ANSWERED, number
        db.session.commit()
    address = f"/appeals/{refs['appeal']}/"
    text = client.get(address).text
    # As where there is none: nobody is told of what is hidden.
    assert "no response that you may see</span>" in text
    assert "not on record" not in text
    assert "Log that response" not in text
    assert refs["appeal"] in client.get("/appeals/?unrecorded=yes").text
    assert "Hidden Man" not in text
    assert "Far Office" not in text

    log = f"/responses/new?appeal={refs['appeal']}"
    typed = {
        "standing": "responsible_state", "stance": "procedural", "answers_scope": "case",
        "institution-name": "Media Council", "institution-chosen": body_of(app),
        "visibility": "internal", "acts-0-act": "formal_reply", "acts-0-substantive": "no",
        "made-when": "2025-07-02",
    }  # fmt: skip
    assert "on record already" in post(client, log, **typed).text
    assert "on record already" in say(client, refs, "answered", response=refs["late"]).text
    assert say(client, refs, "referred", response="").status_code == 303
    with as_user(app):
        assert (stored().outcome, stored().response_id) == (AppealOutcome.REFERRED, number)
    assert say(client, refs, "pending", response="").status_code == 303
    with as_user(app):
        assert (stored().outcome, stored().response_id) == (AppealOutcome.PENDING, None)


def test_two_who_say_what_came_of_it_are_told_of_each_other(client, refs):
    say(client, refs, "no_reply")
    stale = say(client, refs, "answered", response=refs["late"], version="1")

    assert stale.status_code == 409
    assert "Never answered" in stale.text


def test_an_incident_is_added_once_and_taken_out(client, refs):
    address = f"/appeals/{refs['appeal']}/"
    assert f'value="{refs["incident"]}"' in client.get(address).text
    added = post(client, address + "incidents", page=address, incident=refs["incident"])
    assert added.status_code == 303

    text = client.get(address).text
    assert "A false death" in text
    assert refs["appeal"] in client.get(f"/incidents/{refs['incident']}/").text
    again = post(client, address + "incidents", page=address, other=refs["incident"])
    assert again.status_code == 422
    assert "recorded already" in again.text
    number = re.findall(r'incidents/remove".*?name="number" value="(\d+)"', text, re.DOTALL)[0]
    post(client, address + "incidents/remove", page=address, number=number)
    assert "Not linked to any incident that you may see" in client.get(address).text
    told = client.get(address + "history").text
    assert "added incident" in told
    assert "removed incident" in told


@pytest.mark.parametrize(
    ("section", "typed", "status"),
    [
        ("incidents", {}, 422),
        ("incidents", {"other": "INC-0000000000"}, 422),
        ("incidents/remove", {"number": "x"}, 422),
        ("incidents/remove", {"number": "999"}, 404),
    ],
)
def test_what_is_wrong_in_a_section_is_said_on_the_page(client, refs, *, section, typed, status):
    address = f"/appeals/{refs['appeal']}/"
    assert post(client, address + section, page=address, **typed).status_code == status


def test_nobody_is_told_of_an_incident_that_is_hidden_from_them(app, client, refs):
    with as_user(app, "other", team="Elsewhere") as user:
        hidden = make_citing(
            make_report(by=user), "1", title="Hidden", by=user, visibility=Visibility.RESTRICTED
        )
        ref = make_appeal(hidden, by=user, institution=make_institution("Far Office", by=user)).ref
        db.session.commit()
    text = client.get(f"/appeals/{ref}/").text

    assert "Not linked to any incident that you may see." in text
    assert "Hidden" not in text


def test_whoever_may_not_edit_sees_no_forms_and_is_refused(app, refs):
    with as_user(app, "guest", team="Elsewhere"):
        pass
    guest = app.test_client()
    sign_in_directly(guest, "guest")
    address = f"/appeals/{refs['appeal']}/"
    assert "Set outcome" not in guest.get(address).text
    for section in ("outcome", "incidents", "incidents/remove", "share", "edit"):
        assert post(guest, address + section, page=address).status_code == 403


def test_opening_an_appeal_opens_its_sources_and_says_so_first(app, client):
    with as_user(app) as user:
        outlet = make_outlet(by=user, visibility=Visibility.RESTRICTED)
        article = make_report(by=user, publisher=outlet, visibility=Visibility.RESTRICTED)
        appeal = make_appeal(by=user, cites=article, visibility=Visibility.RESTRICTED)
        db.session.commit()
        address, listed = f"/appeals/{appeal.ref}/", f"{article.ref} {outlet.ref}"
    sign_in_directly(client, "staff")

    assert article.ref in client.get(address + "share").text
    assert "It shows more than was listed" in post(client, address + "share", refs="").text
    assert post(client, address + "share", refs=listed).status_code == 303
    with as_user(app, "guest", team="Elsewhere"):
        assert stored().ref in address


def test_a_second_person_approves_it_and_a_retracted_one_is_not_overdue(app, client, refs):
    with as_user(app) as user:
        appeal = make_appeal(
            by=user, institution=make_institution("Late Office", by=user), when="2025-05-01",
            due_on=stored().latest,
        )  # fmt: skip
        db.session.commit()
        ref = appeal.ref
    with as_user(app, "monitor", Role.MONITOR):
        pass
    monitor = app.test_client()
    sign_in_directly(monitor, "monitor")
    address = f"/appeals/{ref}/"
    assert post(client, f"/review/{ref}/submit", page=address).status_code == 303
    assert "Late Office" in monitor.get("/review/").text
    assert post(monitor, f"/review/{ref}/approve", page=address).status_code == 303
    assert "overdue for" in client.get(address).text
    retracted = post(monitor, f"/review/{ref}/retract", page=address, reason="coding_error")
    assert retracted.status_code == 303
    assert "overdue for" not in client.get(address).text
    # A retracted one is not changed any more.
    assert say(client, {"appeal": ref}, "answered").status_code == 403


def test_approved_it_is_a_draft_again_once_something_came_of_it(app, client, refs):
    with as_user(app):
        stored().state = EditorialState.APPROVED
        db.session.commit()
    say(client, refs, "no_reply")
    with as_user(app):
        assert stored().state is EditorialState.DRAFT


def test_of_two_incidents_made_one_the_appeal_has_the_one_that_stays(app):
    with as_user(app) as user:
        article = make_report(by=user)
        kept = make_citing(article, "1", title="One", by=user)
        other = make_citing(article, "1", title="Same", by=user)
        both = make_appeal(kept, other, by=user)
        one = make_appeal(other, by=user, institution=make_institution("Far Office", by=user))
        db.session.commit()
        set_full_access()
        merge_incidents(kept, other, by=user)
        db.session.commit()

        assert [row.incident for row in both.incidents] == [kept]
        assert [row.incident for row in one.incidents] == [kept]


def test_the_response_is_cleared_by_key_too(app):
    with as_user(app) as user:
        appeal = make_appeal(by=user)
        response = make_response(by=user, institution=appeal.institution)
        set_outcome(appeal, AppealOutcome.ANSWERED, response, by=user)
        db.session.commit()
        set_outcome(appeal, AppealOutcome.ANSWERED, None, by=user)
        db.session.commit()

        assert (appeal.response, appeal.response_id) == (None, None)


def test_whoever_is_not_to_be_named_is_named_in_no_open_appeal(app):
    with as_user(app) as user:
        hers = make_journalist("Gulnara Bazhkenova", visibility=Visibility.RESTRICTED, by=user)
        hers.name_closed_on = current_date()
        db.session.commit()
        body = make_institution(by=user)
        make_appeal(
            by=user, institution=body, sender="Gulnara Bazhkenova",
            visibility=Visibility.RESTRICTED,
        )  # fmt: skip
        db.session.flush()

        with pytest.raises(InvalidInput, match="must not be named outside the team"):
            # Writing her name into the trail sends it to the database.
            make_appeal(by=user, institution=body, summary="To protect Gulnara Bazhkenova.")


def test_a_case_that_is_opened_opens_its_appeals_and_says_so_first(app, client):
    with as_user(app) as user:
        appeal = make_appeal(by=user, visibility=Visibility.RESTRICTED)
        case = make_case("A case", visibility=Visibility.RESTRICTED, by=user)
        file_records(case, [appeal], by=user)
        db.session.commit()
        address, ref = f"/cases/{case.ref}/share", appeal.ref
    sign_in_directly(client, "staff")

    assert ref in client.get(address).text
    assert post(client, address, refs=[]).status_code == 422
    assert post(client, address, refs=[ref]).status_code == 303
    with as_user(app, "guest", team="Elsewhere"):
        assert stored().ref == ref


def test_whatever_its_page_leads_to_is_there(app, client, refs):
    address = f"/appeals/{refs['appeal']}/"
    text = client.get(address).text
    leads = {
        one for one in re.findall(r'href="(/(?!language)[^"#]*)"', text) if refs["appeal"] in one
    }

    assert any("cite" in one for one in leads)
    found = {one: client.get(one.replace("&amp;", "&")).status_code for one in leads}
    assert set(found.values()) == {200}, found
