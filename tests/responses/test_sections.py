"""The page of a response: the incidents it answers, its review, and who sees it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.articles.sources_made import make_citing
from tests.conftest import prepared_and_signed_in
from tests.factories import as_user, make_outlet, post, sign_in_directly
from tests.responses.responses_made import make_report, make_response
from tracker.articles.models import Article
from tracker.db import db
from tracker.permissions import Visibility
from tracker.responses.codes import AnswerScope
from tracker.responses.models import OfficialResponse


@pytest.fixture
def refs(client: FlaskClient) -> dict[str, str]:
    """Return the refs of a response to a case and of an incident of its source."""
    return prepared_and_signed_in(client, "response and incident", _refs)


def _refs(app: Flask) -> dict[str, str]:
    with as_user(app) as user:
        article = make_report(by=user)
        response = make_response(by=user, cites=article)
        incident = make_citing(article, "1", title="A false death", by=user)
        db.session.commit()
        return {"response": response.ref, "incident": incident.ref}


def test_an_incident_is_added_once_and_the_scope_follows(app, client, refs):
    address = f"/responses/{refs['response']}/"
    assert f'value="{refs["incident"]}"' in client.get(address).text
    assert (
        post(client, address + "incidents", page=address, incident=refs["incident"]).status_code
        == 303
    )

    text = client.get(address).text
    assert "A false death" in text
    assert "These incidents" in text
    again = post(client, address + "incidents", page=address, other=refs["incident"])
    assert again.status_code == 422
    assert "recorded already" in again.text
    number = re.findall(r'incidents/remove".*?name="number" value="(\d+)"', text, re.DOTALL)[0]
    post(client, address + "incidents/remove", page=address, number=number)
    assert "No incidents are linked yet" in client.get(address).text
    with as_user(app):
        response = db.session.scalars(select(OfficialResponse)).one()
        assert response.answers_scope is AnswerScope.INCIDENTS
    told = client.get(address + "history").text
    assert "added incident answered" in told
    assert "removed incident answered" in told


@pytest.mark.parametrize(
    ("section", "typed", "status"),
    [
        ("incidents", {}, 422),
        ("incidents", {"other": "INC-0000000000"}, 422),
        ("incidents", {"other": "x" * 15}, 422),
        ("incidents/remove", {"number": "x"}, 422),
        ("incidents/remove", {"number": "999"}, 404),
    ],
)
def test_what_is_wrong_in_a_section_is_said_on_the_page(client, refs, *, section, typed, status):
    address = f"/responses/{refs['response']}/"
    assert post(client, address + section, page=address, **typed).status_code == status


def test_nobody_is_told_of_an_answered_incident_that_is_hidden_from_them(app, client, refs):
    with as_user(app, "other", team="Elsewhere") as user:
        article = make_report(by=user)
        hidden = make_citing(
            article, "1", title="Hidden", by=user, visibility=Visibility.RESTRICTED
        )
        ref = make_response(by=user, incidents=(hidden,)).ref
        db.session.commit()
    text = client.get(f"/responses/{ref}/").text

    assert "No incidents are linked yet." in text
    assert "Hidden" not in text


def test_whoever_may_not_edit_sees_no_forms_and_is_refused(app, client, refs):
    with as_user(app, "guest", team="Elsewhere"):
        pass
    guest = app.test_client()
    sign_in_directly(guest, "guest")
    address = f"/responses/{refs['response']}/"
    assert "It answers an incident" not in guest.get(address).text
    for section in ("incidents", "incidents/remove", "share", "edit"):
        assert post(guest, address + section, page=address).status_code == 403


def test_opening_a_response_opens_its_sources_and_says_so_first(app, client):
    with as_user(app) as user:
        outlet = make_outlet(by=user, visibility=Visibility.RESTRICTED)
        article = make_report(by=user, publisher=outlet, visibility=Visibility.RESTRICTED)
        response = make_response(by=user, cites=article, visibility=Visibility.RESTRICTED)
        db.session.commit()
        address = f"/responses/{response.ref}/"
        listed = f"{article.ref} {outlet.ref}"
    sign_in_directly(client, "staff")

    assert "Share with all users" in client.get(address).text
    assert "It shows more than was listed" in post(client, address + "share", refs="").text
    assert post(client, address + "share", refs=listed).status_code == 303
    with as_user(app, "guest", team="Elsewhere"):
        assert db.session.scalars(select(Article)).one().visibility is Visibility.INTERNAL
        assert db.session.scalars(select(OfficialResponse)).one().ref in address
    assert "visibility" in client.get(address + "history").text
