"""The list of appeals, its count, and the panels that other pages show of them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.articles.sources_made import make_citing
from tests.factories import as_user, make_institution, sign_in_directly
from tests.responses.appeals_made import make_appeal
from tests.responses.responses_made import make_report, make_response
from tests.statements import counted
from tracker.clock import current_date
from tracker.db import db
from tracker.permissions import Visibility
from tracker.responses.appeal_service import set_outcome
from tracker.responses.codes import AppealKind, AppealOutcome, AppealSender
from tracker.responses.models import Appeal
from tracker.review.codes import EditorialState, RetractReason


def refs_in(text: str) -> list[str]:
    """Return the refs of a list, in its order."""
    return re.findall(r'href="/appeals/(APP-\w{10})/"', text)


def same(text: str, ref: str = "APP-0000000000") -> str:
    """Return a page without what differs between any two: the address asked for, and tokens."""
    return re.sub(r'value="[^"]+"', "", text).replace(ref, "")


@pytest.fixture
def three(app: Flask, client: FlaskClient) -> list[str]:
    """Return the refs of three appeals, the latest first: one is overdue; somebody is signed in."""
    yesterday, tomorrow = current_date() - timedelta(days=1), current_date() + timedelta(days=1)
    with as_user(app) as user:
        police = make_institution("Night Police", by=user)
        abroad = make_institution("Far Office", by=user, country="KG")
        made = [
            make_appeal(
                by=user, when="2025-06-12", institution=police, due_on=yesterday,
                kind=AppealKind.POLICE_REPORT, reference="12-34/56",
            ),
            make_appeal(
                by=user, when="2025-06-10", institution=abroad, due_on=yesterday,
                outcome=AppealOutcome.NO_REPLY, sender_kind=AppealSender.WE,
            ),
            make_appeal(by=user, when="2025-05", institution=police, due_on=tomorrow),
        ]  # fmt: skip
        db.session.commit()
        found = [one.ref for one in made]
        found.append(police.ref)
    sign_in_directly(client, "staff")
    return found


def test_the_list_is_filtered_and_says_how(client: FlaskClient, three: list[str]):
    one, two, last, police = three

    def ask(query: str) -> tuple[list[str], str]:
        text = client.get(f"/appeals/?{query}").text
        return refs_in(text), text

    assert ask("")[0] == [one, two, last]
    for query, refs, said in (
        (f"institution={police}", [one, last], "to Night Police"),
        ("country=KG", [two], "Kyrgyzstan"),
        ("sender=we", [two], "by our organisation"),
        ("kind=police_report", [one], "Police report"),
        ("outcome=no_reply", [two], "Never answered"),
        ("overdue=yes", [one], "overdue"),
        ("from=2025-06-11", [one], "from 11 June 2025"),
        ("to=2025-05-20", [last], "until 20 May 2025"),
        ("q=12-34", [one], "with the words"),
    ):
        found, text = ask(query)
        assert found == refs, query
        assert said in text
    assert "No appeal fits" in ask("q=nothing")[1]


def test_the_list_says_how_late_an_answer_is(client: FlaskClient, three: list[str]):
    text = client.get("/appeals/").text

    assert "3 appeals that you may see: No answer yet 2, Never answered 1" in text
    assert "overdue for 1 day<" in text
    assert text.count("overdue for") == 1
    assert text.count("due on") == 1
    assert re.search(r'href="/appeals/\?overdue=yes">1 is overdue', text)


def test_what_is_retracted_is_listed_and_counted_nowhere(app: Flask, client, three):
    with as_user(app) as user:
        appeal = make_appeal(by=user, due_on=current_date() - timedelta(days=9))
        appeal.state = EditorialState.RETRACTED
        appeal.retract_reason = RetractReason.CODING_ERROR
        db.session.commit()
        ref = appeal.ref

    assert ref in refs_in(client.get("/appeals/").text)
    assert "3 appeals that you may see" in client.get("/appeals/").text
    assert ref not in refs_in(client.get("/appeals/?overdue=yes").text)


def test_what_is_retracted_answers_nothing_and_what_is_passed_on_may_lack_its_answer(
    app: Flask, client, three
):
    _one, _two, last, _police = three
    with as_user(app) as user:
        response = make_response(by=user, when="2025-06-20")
        for ref in three[:3]:
            found = db.session.scalars(select(Appeal).where(Appeal.ref == ref)).one()
            set_outcome(found, AppealOutcome.ANSWERED, response, by=user)
        found.response, found.due_on = make_response(by=user, when="2025-06-20"), found.latest
        found.response.state = EditorialState.RETRACTED
        found.response.retract_reason = RetractReason.CODING_ERROR
        passed = make_appeal(by=user, when="2025-04-01", outcome=AppealOutcome.REFERRED)
        gone = make_appeal(by=user, outcome=AppealOutcome.ANSWERED)
        gone.state, gone.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        db.session.commit()
        said = {one.ref: one.has_unrecorded_response for one in db.session.scalars(select(Appeal))}
        gone_ref, passed_ref = gone.ref, passed.ref

    listed = client.get("/appeals/?unrecorded=yes").text
    assert refs_in(listed) == [last, passed_ref]
    assert "2 appeals that you may see" in listed
    lacking = {last: True, passed_ref: True, gone_ref: False}
    assert said == {**dict.fromkeys(three[:3], False), **lacking}
    assert "no response that you may see</span>" in client.get(f"/appeals/{last}/").text
    assert " late</span>" not in client.get(f"/appeals/{last}/").text


@pytest.mark.parametrize(
    "query",
    ["institution=x", "institution=INS-0000000000", "country=XX", "sender=x", "kind=x",
     "outcome=x", "overdue=no", "overdue=1", "from=yesterday", "to=2025-02-30", "colour=red"],
)  # fmt: skip
def test_an_unknown_filter_is_said(app: Flask, client: FlaskClient, query: str):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    answer = client.get(f"/appeals/?{query}")

    assert answer.status_code == 400
    assert query.split("=", maxsplit=1)[0] in answer.text


def test_the_end_of_a_filter_is_not_before_its_beginning(client: FlaskClient, three: list[str]):
    answer = client.get("/appeals/?from=2025-06-02&to=2025-06-01")
    assert answer.status_code == 400
    assert "<strong>To</strong>: The end" in answer.text


def test_what_is_hidden_is_not_listed_and_answers_like_nothing(app: Flask, client: FlaskClient):
    with as_user(app, "other", team="Elsewhere") as user:
        ref = make_appeal(by=user, visibility=Visibility.RESTRICTED).ref
        db.session.commit()
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    text = client.get("/appeals/").text

    assert refs_in(text) == []
    assert "0 appeals that you may see" in text
    for page in ("", "edit", "history", "share"):
        hidden = client.get(f"/appeals/{ref}/{page}")
        missing = client.get(f"/appeals/APP-0000000000/{page}")
        assert hidden.status_code == 404
        assert same(hidden.text, ref) == same(missing.text)


def test_articles_incidents_bodies_and_responses_show_the_appeals(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        article = make_report(by=user)
        incident = make_citing(article, "1", by=user)
        silent = make_citing(article, "1", by=user)
        appeal = make_appeal(incident, by=user, cites=article)
        response = make_response(by=user, institution=appeal.institution)
        set_outcome(appeal, AppealOutcome.ANSWERED, response, by=user)
        db.session.commit()
        ref, other = appeal.ref, silent.ref
        pages = [
            f"/incidents/{incident.ref}/", f"/institutions/{appeal.institution.ref}/",
            f"/responses/{response.ref}/", f"/articles/{article.ref}/",
        ]  # fmt: skip
    sign_in_directly(client, "staff")

    for page in pages:
        assert ref in client.get(page).text, page
    assert "Log an appeal from this article" in client.get(pages[3]).text
    assert "No appeal about it" in client.get(f"/incidents/{other}/").text
    assert f"/appeals/new?incident={other}" in client.get(f"/incidents/{other}/").text


def test_a_body_that_is_asked_often_links_to_all_of_it(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        body = make_institution(by=user)
        for _number in range(21):
            make_appeal(by=user, institution=body, due_on=current_date() - timedelta(days=1))
        db.session.commit()
        ref = body.ref
    sign_in_directly(client, "staff")
    text = client.get(f"/institutions/{ref}/").text

    assert len(refs_in(text)) == 20
    assert f'href="/appeals/?institution={ref}"' in text
    assert f'href="/appeals/?institution={ref}&amp;overdue=yes">21 are overdue' in text


def test_the_number_of_queries_does_not_grow_with_the_list(app: Flask, client: FlaskClient):
    def more(number: int) -> None:
        with as_user(app) as user:
            for place in range(number):
                body = make_institution(f"Office {number} {place}", by=user)
                make_appeal(by=user, institution=body)
            db.session.commit()

    def queries() -> int:
        with app.app_context(), counted() as sent:
            assert client.get("/appeals/").status_code == 200
        return len(sent)

    more(2)
    sign_in_directly(client, "staff")
    queries()
    few = queries()
    more(8)

    assert queries() == few
