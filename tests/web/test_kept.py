"""What a person typed comes back on the page that could not take it; secrets and tokens do not."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from tests.factories import as_user, hidden_in, make_incident, sign_in_directly
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.permissions import Permission
from tracker.users.service import change_user, get_or_create_console_user, get_or_create_team
from tracker.web.forms import submitted_fields

SENT = {
    "csrf_token": "canary-token",
    "version": "canary-version",
    "submission": "canary-submission",
    "password": "canary-password",
    "person-new_password": "canary-nested",
    "kept_file": "canary-file",
    "targets-0-who-name": "Анна <b>Doe</b>",
    "narrative": "\nTwo men\ncame.",
    "types": ["threat.death", "threat.other"],
    "title": "",
}


@pytest.fixture
def sent(app: Flask):
    data = {**SENT, "file": (BytesIO(b"canary-upload"), "canary.html")}
    with app.test_request_context("/incidents/new", method="POST", data=data):
        yield


def test_what_was_typed_is_listed_without_secrets_tokens_and_files(sent: None) -> None:
    assert sorted(submitted_fields()) == [
        ("narrative", "\nTwo men\ncame."),
        ("targets-0-who-name", "Анна <b>Doe</b>"),
        ("types", "threat.death"),
        ("types", "threat.other"),
    ]


def test_the_page_shows_it_to_be_copied_and_nothing_else_of_the_request(sent: None) -> None:
    html = render_template("errors/kept.html")
    assert "canary" not in html
    assert "<b>" not in html
    # The first line end belongs to the markup, as browsers read it.
    texts = re.findall(r"<textarea[^>]*readonly[^>]*>\n(.*?)</textarea>", html, re.DOTALL)
    assert "\nTwo men\ncame." in texts
    assert "Анна &lt;b&gt;Doe&lt;/b&gt;" in texts


def test_a_page_that_was_only_asked_for_has_nothing_to_keep(app: Flask) -> None:
    with app.test_request_context("/incidents/new?q=typed"):
        assert submitted_fields() == []
        assert render_template("errors/kept.html").strip() == ""


def test_a_request_too_large_to_read_has_nothing_to_keep(app: Flask) -> None:
    with app.test_request_context(
        "/incidents/new", method="POST", data={"narrative": "x" * 100}
    ) as it:
        it.request.max_content_length = 10
        assert submitted_fields() == []


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app) as user:
        make_incident(by=user)
        db.session.commit()
    sign_in_directly(client, "staff")
    return client


def test_a_mistake_of_ours_loses_no_text(app: Flask, staff: FlaskClient) -> None:
    def break_down() -> str:
        raise RuntimeError

    fields = hidden_in(staff.get("/articles/new").text) | {"text": "A long pasted article."}
    break_down.requires = Permission.LOG  # type: ignore[attr-defined]
    app.view_functions["articles.new"] = break_down
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = staff.post("/articles/new", data=fields)
    assert answer.status_code == 500
    assert "A long pasted article." in answer.text


def test_whose_rights_ended_while_they_typed_loses_no_text(app: Flask, staff: FlaskClient) -> None:
    with as_user(app):
        address = f"/incidents/{db.session.scalars(select(Incident.ref)).one()}/edit"
    fields = hidden_in(staff.get(address).text) | {"narrative": "A long narrative."}
    with as_user(app) as user:
        other = get_or_create_team("Abroad", by=get_or_create_console_user())
        change_user(user, roles=user.roles, teams=[other], by=get_or_create_console_user())
        db.session.commit()
    answer = staff.post(address, data=fields)
    assert answer.status_code == 403
    assert "A long narrative." in answer.text


def test_whose_save_was_overtaken_at_the_same_moment_loses_no_text(
    app: Flask, staff: FlaskClient
) -> None:
    def overtaken() -> str:
        raise StaleDataError

    fields = hidden_in(staff.get("/articles/new").text) | {"text": "A long pasted article."}
    overtaken.requires = Permission.LOG  # type: ignore[attr-defined]
    app.view_functions["articles.new"] = overtaken
    answer = staff.post("/articles/new", data=fields)
    assert answer.status_code == 409
    assert "A long pasted article." in answer.text
