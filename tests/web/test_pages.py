"""What every page has: headers, one 404, errors in words, the language switch."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from tests.factories import as_user, post, sign_in, sign_in_directly
from tests.statements import counted
from tracker.db import db
from tracker.users.models import Team


def test_a_sign_of_life_needs_no_session(client: FlaskClient) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("address", ["/", "/cases/", "/incidents/", "/articles/new", "/users/"])
def test_whoever_is_signed_out_is_sent_to_sign_in(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_sign_in_leads_back_to_the_page_that_was_wanted(app: Flask, client: FlaskClient) -> None:
    with as_user(app):
        db.session.commit()
    client.get("/journalists/?q=anna")
    assert sign_in(client, "staff").headers["Location"] == "/journalists/?q=anna"


def test_the_title_says_that_something_is_wrong(client: FlaskClient) -> None:
    assert "<title>Sign in ·" in client.get("/sign-in").text
    assert "<title>Error: Sign in ·" in post(client, "/sign-in").text


def test_every_answer_carries_the_strict_headers(client: FlaskClient) -> None:
    for address in ("/sign-in", "/nowhere", "/static/tracker.css", "/static/tracker.css?v=0"):
        with client.get(address) as answer:
            headers = answer.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_malformed_and_a_missing_ref_get_the_same_404(app: Flask, client: FlaskClient) -> None:
    with as_user(app):
        db.session.commit()
    sign_in_directly(client, "staff")
    missing = client.get("/cases/CAS-0000000000/")
    malformed = client.get("/cases/CAS-'--/")
    nowhere = client.get("/cases/" + "9" * 400 + "/")
    assert missing.status_code == malformed.status_code == nowhere.status_code == 404
    # The token is signed with the second in which it was made; nothing else may differ.
    first, *others = (
        re.sub(r'value="[^"]+"', "", one.text) for one in (missing, malformed, nowhere)
    )
    assert others == [first, first]
    assert missing.headers["Content-Length"] == malformed.headers["Content-Length"]


def test_the_language_switch_is_kept_and_comes_back(client: FlaskClient) -> None:
    answer = client.get("/language/kk?back=/sign-in")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert '<html lang="kk">' in client.get("/sign-in").text
    assert client.get("/language/xx").status_code == 404


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\r\n/evil.example",
        "\t//evil.example",
        "",
    ],
)
def test_the_language_switch_leads_to_no_other_site(client: FlaskClient, back: str) -> None:
    assert client.get("/language/ru", query_string={"back": back}).headers["Location"] == "/"


def test_a_request_that_is_too_large_is_refused_in_words(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"username": "x" * (17 * 1024 * 1024)})
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_an_unforeseen_error_shows_a_reference_and_nothing_else(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down() -> str:
        raise RuntimeError("the secret of Anna")

    app.view_functions["operating.health"] = break_down
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get("/health")
    assert answer.status_code == 500
    assert "Reference: " in answer.text
    assert "Anna" not in answer.text + caplog.text
    assert re.findall(r"Reference: (\w+)", answer.text)[0] in caplog.text
    assert "RuntimeError" in caplog.text
    assert "break_down" in caplog.text


def test_a_get_cannot_write(app: Flask, client: FlaskClient) -> None:
    with as_user(app):
        pass

    def write() -> str:
        db.session.add(Team(name="Made by a GET"))
        db.session.commit()
        return "written"

    app.view_functions["operating.health"] = write
    assert client.get("/health").status_code == 500
    with app.app_context():
        assert db.session.scalar(select(Team).where(Team.name == "Made by a GET")) is None


def test_a_save_that_was_overtaken_is_told_and_no_error_of_ours(
    app: Flask, client: FlaskClient
) -> None:
    def overtaken() -> str:
        raise StaleDataError

    app.view_functions["operating.health"] = overtaken
    answer = client.get("/health")
    assert answer.status_code == 409
    assert "at the same moment" in answer.text


def test_a_sign_of_life_and_the_stylesheet_ask_for_no_session(
    app: Flask, client: FlaskClient
) -> None:
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    with app.app_context(), counted() as asked:
        client.get("/health")
        with client.get("/static/tracker.css"):
            pass
    assert asked == []
