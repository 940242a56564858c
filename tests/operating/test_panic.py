"""Closing the tracker in a hurry: at once, for everybody, whatever the database does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.durability.test_disk_full import full_disk, no_room
from tests.factories import as_user, post, sign_in, token_in
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.web.guards import (
    PANIC_FILE,
    SIGN_IN_ENDPOINTS,
    SIGN_OUT_ENDPOINTS,
    PanicState,
    PanicSwitch,
)

INSTITUTION = {"name": "Council of the press", "kind": "regulator", "level": "national"}


@pytest.fixture
def kept(make_app: Callable[..., Flask], tmp_path: Path) -> Flask:
    """Make an application whose switch is its own."""
    return make_app(instance=tmp_path)


@pytest.fixture
def staff(kept: Flask) -> FlaskClient:
    with as_user(kept):
        pass
    client = kept.test_client()
    sign_in(client, "staff")
    return client


def turn(app: Flask, to: str) -> str:
    ended = app.test_cli_runner().invoke(args=["panic", to])
    assert ended.exit_code == 0, ended.output
    return ended.output.strip()


def test_read_only_takes_nothing_in_and_gives_back_what_was_typed(
    kept: Flask, staff: FlaskClient
) -> None:
    token = token_in(staff.get("/institutions/new").text)
    assert turn(kept, "read-only") == "read-only"
    answer = staff.post("/institutions/new", data={"csrf_token": token, **INSTITUTION})
    assert answer.status_code == 503
    assert "closed the tracker for changes" in answer.text
    assert "Council of the press</textarea>" in answer.text
    assert token not in answer.text
    assert staff.get("/institutions/").status_code == 200
    shown = staff.get("/institutions/").text
    assert "Council of the press" not in shown
    assert "have closed the tracker for changes" in shown
    turn(kept, "off")
    assert "have closed the tracker for changes" not in staff.get("/institutions/").text


def test_every_form_of_every_page_is_refused_while_only_reading(
    kept: Flask, staff: FlaskClient
) -> None:
    turn(kept, "read-only")
    refused = {
        rule.endpoint: staff.post(kept.url_map.bind("localhost").build(
            rule.endpoint, dict.fromkeys(rule.arguments, "1")
        )).status_code
        for rule in kept.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    }  # fmt: skip
    for open_way in SIGN_OUT_ENDPOINTS | SIGN_IN_ENDPOINTS:
        assert refused.pop(open_way) != 503
    assert len(refused) > 20
    assert set(refused.values()) == {503}


def test_no_password_comes_back_while_only_reading(kept: Flask, staff: FlaskClient) -> None:
    turn(kept, "read-only")
    given = {"new_password": "one-long-password-4711"}
    answer = staff.post("/account/", data=given)
    assert answer.status_code == 503
    assert "4711" not in answer.text


def test_whoever_may_read_signs_in_while_only_reading(kept: Flask, staff: FlaskClient) -> None:
    turn(kept, "read-only")
    client = kept.test_client()
    assert sign_in(client, "staff").status_code == 303
    assert client.get("/institutions/").status_code == 200


def test_whoever_wants_to_go_can_while_only_reading(kept: Flask, staff: FlaskClient) -> None:
    turn(kept, "read-only")
    post(staff, "/sign-out", page="/institutions/")
    assert staff.get("/institutions/").status_code == 303


def test_closed_answers_nobody_but_the_sign_of_life(kept: Flask, staff: FlaskClient) -> None:
    assert turn(kept, "closed") == "closed"
    for address in ("/", "/sign-in", "/institutions/", "/nowhere", "/leave", "/language/ru"):
        for answer in (staff.get(address), staff.post(address, data={"a": "b"})):
            assert answer.status_code == 503, address
            assert "racker" not in answer.text
            assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
            assert answer.headers["Cache-Control"] == "no-store"
    assert staff.get("/health").status_code == 200
    with staff.get("/static/tracker.css") as stylesheet:
        assert stylesheet.status_code == 200


def test_closed_reads_no_body(kept: Flask, staff: FlaskClient) -> None:
    turn(kept, "closed")

    class Unread:
        """A body that tells when somebody reads it."""

        def read(self, _size: int = -1) -> bytes:
            raise AssertionError("the body was read")

    kind = {"CONTENT_LENGTH": "9", "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/sign-in", "wsgi.input": Unread(), **kind}
    answer = kept.test_client().open(environ_overrides=environ)
    assert answer.status_code == 503


def test_an_old_cookie_opens_nothing_when_it_is_open_again(kept: Flask, staff: FlaskClient) -> None:
    old = staff.get_cookie("tracker")
    assert old is not None
    turn(kept, "closed")
    assert turn(kept, "off") == "off"
    thief = kept.test_client()
    thief.set_cookie("tracker", old.value)
    assert thief.get("/institutions/").status_code == 303
    assert sign_in(kept.test_client(), "staff").headers["Location"] == "/"


def test_a_session_begun_at_the_moment_of_closing_ends_when_it_is_opened(kept: Flask) -> None:
    with as_user(kept):
        pass
    turn(kept, "closed")
    # What a request that had passed the switch a moment earlier does.
    (kept.config["TRACKER"].instance / PANIC_FILE).rename(kept.config["TRACKER"].instance / "away")
    late = kept.test_client()
    sign_in(late, "staff")
    (kept.config["TRACKER"].instance / "away").rename(kept.config["TRACKER"].instance / PANIC_FILE)
    turn(kept, "off")
    assert late.get("/institutions/").status_code == 303


def test_each_turn_is_in_the_trail(kept: Flask) -> None:
    for to in ("read-only", "closed", "off"):
        turn(kept, to)
    with kept.app_context():
        acts = select(AuditEvent.action).where(AuditEvent.action.like("panic:%"))
        found = list(db.session.scalars(acts.order_by(AuditEvent.sequence)))
    assert found == ["panic:read-only", "panic:closed", "panic:off"]


def test_it_outlives_a_restart(kept: Flask, make_app: Callable[..., Flask]) -> None:
    turn(kept, "closed")
    again = make_app(instance=kept.config["TRACKER"].instance)
    assert again.test_client().get("/sign-in").status_code == 503


@pytest.mark.parametrize("state", ["closed", "read-only"])
def test_it_closes_on_a_full_disk(kept: Flask, staff: FlaskClient, state: str) -> None:
    """Not one byte can be written: what closes it was written when the application was made."""
    # The database of this test may be on another disk.
    with no_room(), full_disk(kept):
        ended = kept.test_cli_runner().invoke(args=["panic", state])
    assert (ended.exit_code, ended.output.partition(" ")[0].strip()) == (0, state)
    answer = staff.post("/institutions/new", data={"a": "b"})
    assert answer.status_code == 503
    assert staff.get("/institutions/").status_code == (503 if state == "closed" else 200)

    assert turn(kept, "off") == "off"
    opened = staff.get("/institutions/").status_code
    assert opened == (303 if state == "closed" else 200), "no session outlives a closing"
    assert turn(kept, state) == state, "there is room again for the next time"


@pytest.fixture
def broken(make_app: Callable[..., Flask], tmp_path: Path) -> Flask:
    """Make an application whose database was thrown away."""
    gone = f"sqlite:///{tmp_path / 'gone' / 'tracker.db'}"
    return make_app(
        instance=tmp_path, database_url=gone, low_database_url=None, export_database_url=None
    )


def test_it_closes_without_a_database_and_stays_closed_until_there_is_one(broken: Flask) -> None:
    assert turn(broken, "closed").startswith("closed (not in the audit log")
    assert broken.test_client().get("/sign-in").status_code == 503
    ended = broken.test_cli_runner().invoke(args=["panic", "off"])
    assert ended.exit_code == 1
    assert "It stays closed" in ended.stderr
    assert broken.test_client().get("/sign-in").status_code == 503


def test_without_a_database_read_only_is_turned_on_and_off(broken: Flask) -> None:
    turn(broken, "read-only")
    assert broken.test_client().post("/institutions/new").status_code == 503
    assert turn(broken, "off") == "off"


@pytest.mark.parametrize("content", ["", "shut", "CLOSED", "\u0437"])
def test_a_switch_that_says_nothing_known_closes(tmp_path: Path, content: str) -> None:
    (tmp_path / PANIC_FILE).write_text(content, encoding="utf-8")
    assert PanicSwitch(tmp_path).get_state() is PanicState.CLOSED


def test_a_switch_turned_by_another_process_is_seen_at_the_next_request(tmp_path: Path) -> None:
    ours, other = PanicSwitch(tmp_path), PanicSwitch(tmp_path)
    for state in (
        PanicState.READ_ONLY,
        PanicState.CLOSED,
        PanicState.OFF,
        PanicState.CLOSED,
        PanicState.READ_ONLY,
    ):
        other.set_state(state)
        assert ours.get_state() is state
