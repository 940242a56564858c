"""No log keeps what people typed or asked for: not ours, not the server's, not an error's."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from tests.factories import as_user, post, sign_in, sign_in_directly, token_in
from tests.operating.running import served
from tracker.config import Settings
from tracker.db import db
from tracker.errors import BadSettings, redacted_traceback
from tracker.log_redaction import RedactingFormatter
from tracker.users.models import Team

CANARY = "Anna-Canary"


def test_neither_queries_nor_failing_forms_are_logged(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with as_user(app):
        pass
    with caplog.at_level(logging.DEBUG):
        client.post("/sign-in", data={"username": CANARY, "password": CANARY})
        sign_in(client, CANARY)
        sign_in(client, "staff")
        client.get("/journalists/", query_string={"q": CANARY})
        client.get("/incidents/", query_string={"type": CANARY})
        client.get(f"/journalists/{CANARY}/")
        post(client, "/journalists/new", name=CANARY, country=CANARY)
        client.post("/journalists/new", data={"name": CANARY})
        client.post("/incidents/new", data={CANARY: CANARY * 100_000})
    assert CANARY not in caplog.text


def test_a_save_that_the_database_refuses_is_logged_without_its_values(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    def save_twice() -> str:
        db.session.add_all([Team(name=CANARY), Team(name=CANARY)])
        db.session.flush()
        return ""

    app.view_functions["users.sign_in"] = save_twice
    with as_user(app):
        pass
    answer = client.post("/sign-in")
    assert answer.status_code == 409
    assert "overtaken by another save" in caplog.text
    assert "IntegrityError" in caplog.text
    assert "save_twice" in caplog.text
    assert CANARY not in caplog.text + answer.text


def test_a_trace_says_where_and_never_what(app: Flask) -> None:
    with app.app_context():
        try:
            try:
                int(CANARY)
            except ValueError as error:
                raise LookupError(CANARY) from error
        except LookupError as error:
            told = redacted_traceback(error)
    assert "builtins.LookupError" in told
    assert "builtins.ValueError" in told
    assert "test_logs.py" in told
    assert CANARY not in told


@pytest.mark.parametrize(
    ("said", "written_down"),
    [
        (f"Exception while serving /users/{CANARY}/edit", "Exception while serving a request"),
        (f"Exception on /users/{CANARY}/edit [POST]", "Exception on a request [POST]"),
    ],
)
def test_what_other_libraries_log_of_an_error_loses_its_words(
    app: Flask, said: str, written_down: str
) -> None:
    written = RedactingFormatter()
    try:
        with app.app_context():
            db.session.add_all([Team(name=CANARY), Team(name=CANARY)])
            db.session.flush()
    except IntegrityError as error:
        record = logging.LogRecord(
            "waitress", logging.ERROR, "", 0, said, (), (type(error), error, error.__traceback__),
        )  # fmt: skip
        # Another handler has formatted it already, with its words.
        record.exc_text = str(error)
        told = written.format(record)
    assert written_down in told
    assert "IntegrityError" in told
    assert CANARY not in told


@pytest.fixture
def in_almaty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the server be five hours ahead of UTC."""
    monkeypatch.setenv("TZ", "UTC-5")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_almaty")
def test_a_line_begins_with_when_it_was_in_utc() -> None:
    record = logging.LogRecord("tracker", logging.ERROR, "", 0, "an unforeseen error", (), None)
    record.created, record.msecs = 1_740_787_200.25, 250.0

    assert RedactingFormatter().format(record) == (
        "2025-03-01T00:00:00.250Z ERROR tracker: an unforeseen error"
    )


def test_the_running_server_writes_nothing_of_what_it_was_asked(
    tmp_path: Path,
) -> None:
    with served(tmp_path) as (port, log):
        ask_for_trouble(port, tmp_path)
    written = log.read_text()
    assert "unforeseen error" in written
    assert CANARY not in written


def ask_for_trouble(port: int, folder: Path) -> None:
    browser = build_opener(HTTPCookieProcessor(CookieJar()))

    def ask(path: str, **data: str) -> tuple[int, str]:
        body = urlencode(data).encode() if data else None
        try:
            with browser.open(f"http://127.0.0.1:{port}{path}", data=body) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    given = {"username": CANARY, "password": CANARY}
    status, form = ask(f"/sign-in?next={CANARY}")
    assert status == 200
    assert ask(f"/{CANARY}")[0] == 404
    assert ask("/sign-in", **given)[0] == 400
    assert ask("/sign-in", **given, csrf_token=token_in(form))[0] < 500
    for left in folder.glob("tracker.db*"):
        left.write_bytes(CANARY.encode() * 10_000)
    assert ask("/sign-in", **given, csrf_token=token_in(form))[0] == 500
    with socket.create_connection(("127.0.0.1", port)) as gone:
        gone.sendall(f"GET /{CANARY}?q={CANARY} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    with socket.create_connection(("127.0.0.1", port)) as wrong:
        wrong.sendall(f"{CANARY} {CANARY}\r\n\r\n".encode())
        wrong.recv(100)


class TestLinesOfJson:
    def test_a_request_is_written_by_its_route_and_without_names(
        self, make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
    ) -> None:
        app = make_app(log_as_json=True)
        client = app.test_client()
        with as_user(app):
            pass
        sign_in_directly(client, "staff")
        caplog.clear()
        client.get(f"/journalists/{CANARY}/?q={CANARY}", headers={"User-Agent": CANARY})
        client.get(f"/{CANARY}")
        client.open("/health", method="CANARY")
        written = [
            json.loads(RedactingFormatter(as_json=True).format(one))
            for one in caplog.records
            if one.name == "tracker.access"
        ]

        assert [(one["method"], one["route"], one["status"]) for one in written] == [
            ("GET", "/journalists/<ref>/", 404), ("GET", None, 404), ("other", None, 405),
        ]  # fmt: skip
        assert all(isinstance(one["ms"], int) for one in written)
        assert "anary" not in json.dumps(written).lower()
        assert "staff" not in json.dumps(written)

    def test_nothing_is_written_of_requests_where_the_log_is_text(
        self, client: FlaskClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            client.get("/sign-in")
        assert not [one for one in caplog.records if one.name == "tracker.access"]

    def test_an_error_is_one_line_with_its_trace(self) -> None:
        try:
            int(CANARY)
        except ValueError as error:
            found = (type(error), error, error.__traceback__)
        record = logging.LogRecord(
            "gunicorn.error", logging.ERROR, "", 0, "Error handling request /users/%s", (CANARY,), found
        )  # fmt: skip
        line = RedactingFormatter(as_json=True).format(record)
        told = json.loads(line)

        assert "\n" not in line
        assert CANARY not in line
        assert told["message"] == "Error handling request a request"
        assert told["trace"][0] == "builtins.ValueError"

    def test_the_running_server_writes_nothing_else(self, tmp_path: Path) -> None:
        with served(tmp_path, TRACKER_LOG_FORMAT="json") as (port, log):
            ask_for_trouble(port, tmp_path)
        written = log.read_text()
        lines = [line for line in written.splitlines() if line.startswith("{")]
        routes = [json.loads(line).get("route") for line in lines]

        assert "/sign-in" in routes
        assert CANARY not in written
        # Before the server listens, people are told what to do.
        assert not [line for line in written.splitlines() if line[:1] not in {"{", "T", " "}], (
            written
        )


def test_an_unknown_form_of_the_log_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_LOG_FORMAT", "xml")
    with pytest.raises(BadSettings, match="TRACKER_LOG_FORMAT"):
        Settings.from_env(tmp_path)
