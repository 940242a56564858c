"""People sign in and read while nothing can be stored; guessing is slowed down all the same."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from threading import Timer

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from tests.durability.test_disk_full import full_disk, no_room
from tests.factories import (
    PASSWORD,
    as_user,
    hidden_in,
    make_institution,
    make_second_factor,
    make_user,
    post,
    sign_in,
)
from tests.users.conftest import Clock
from tests.users.test_second_factor import code_of, give
from tests.users.test_throttle import guess, guess_from
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.permissions import Role
from tracker.users import full_disk_service
from tracker.users.full_disk_service import (
    UnstoredSession,
    find_unstored_session_user,
    store_session,
)
from tracker.users.models import SignInFailure, User, UserSession
from tracker.users.queries import find_user_by_name
from tracker.users.second_factor_service import replace_recovery_codes
from tracker.users.service import (
    change_password,
    disable_user,
    end_all_sessions,
    get_or_create_console_user,
    hash_password,
)
from tracker.users.throttle_service import FAILURES_BEFORE_WAIT
from tracker.users.views import password_hasher
from tracker.web.forms import IDEMPOTENCY_FIELD

INSTITUTION = {
    "who-name": "Council of the press", "kind": "regulator", "level": "national", "country": "KZ"
}  # fmt: skip


def forget_everything() -> None:
    """Forget what a process keeps in memory, as a restarted one has."""
    for one in (
        full_disk_service._failure_row_by_key,
        full_disk_service._last_time_step_by_user_id,
        full_disk_service._start_by_ended_token_id,
    ):
        one.clear()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Lend the clock, which the application then goes by."""
    own = Clock()
    monkeypatch.setattr(clock, "utc_now", lambda: own.at)
    return own


@pytest.fixture(autouse=True)
def people(app: Flask, time: Clock) -> Iterator[None]:
    """Make a member of staff."""
    del time
    with as_user(app):
        db.session.commit()
    yield
    forget_everything()


@contextmanager
def disk_is_full(app: Flask) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(full_disk(app))
        # Only tests keep compiled templates in files.
        app.jinja_env.bytecode_cache = None
        # The database of PostgreSQL is of another process, which the limit does not reach.
        if app.config["TRACKER"].database_url.startswith("sqlite"):
            stack.enter_context(no_room())
        yield


def session_acts(app: Flask) -> list[tuple[str, object]]:
    with app.app_context():
        found = sa.select(AuditEvent).where(AuditEvent.action.like("session:%"))
        ordered = db.session.scalars(found.order_by(AuditEvent.sequence))
        return [(one.action, one.changes) for one in ordered]


def test_people_sign_in_and_read_and_sign_out(app: Flask, client: FlaskClient) -> None:
    with disk_is_full(app):
        assert sign_in(client, "staff", "wrong-password-1").status_code == 422
        assert sign_in(client, "staff").status_code == 303
        assert client.get("/institutions/").status_code == 200
        assert client.get("/account/").status_code == 200

        refused = post(client, "/institutions/new", **INSTITUTION)
        assert refused.status_code == 507
        assert "Council of the press</textarea>" in refused.text

        old = client.get_cookie("tracker")
        assert old is not None
        assert post(client, "/sign-out", page="/account/").headers["Location"] == "/sign-in"
        assert client.get("/account/").status_code == 303
        client.set_cookie("tracker", old.value)
        assert client.get("/account/").status_code == 303, "an old cookie opens nothing"


def test_guessing_is_slowed_down_where_nothing_can_be_counted(
    app: Flask, client: FlaskClient, time: Clock
) -> None:
    with disk_is_full(app):
        assert guess(app, 6) == [422] * FAILURES_BEFORE_WAIT + [429]
        assert sign_in(client, "staff").headers["Retry-After"] == "1"
        assert guess_from(app, "10.0.9.1", PASSWORD) == 303
        time.move(seconds=1)
        assert sign_in(client, "staff").status_code == 303
        assert guess(app, 1) == [422], "a right password starts anew"
    if app.config["TRACKER"].database_url.startswith("sqlite"):
        with app.app_context():
            assert db.session.scalars(sa.select(SignInFailure)).all() == []


def test_once_there_is_room_it_becomes_a_session_and_stands_in_the_audit_log(
    app: Flask, client: FlaskClient
) -> None:
    with disk_is_full(app):
        sign_in(client, "staff")
        temporary = client.get_cookie("tracker")
    assert session_acts(app) == []

    assert client.get("/institutions/").status_code == 200

    [(action, changes)] = session_acts(app)
    assert action == "session:begin"
    assert "on_full_disk" in str(changes)
    assert post(client, "/institutions/new", **INSTITUTION).status_code == 303
    with app.app_context():
        assert db.session.query(UserSession).count() == 1
    assert temporary is not None
    other = app.test_client()
    other.set_cookie("tracker", temporary.value)
    assert other.get("/account/").status_code == 303, "it was exchanged"


def test_what_was_exchanged_opens_nothing_in_another_process(
    app: Flask, client: FlaskClient
) -> None:
    with disk_is_full(app):
        sign_in(client, "staff")
        temporary = client.get_cookie("tracker")
    assert client.get("/institutions/").status_code == 200
    assert post(client, "/sign-out", page="/account/").headers["Location"] == "/sign-in"
    # What this process remembers, another one and a restarted one do not.
    forget_everything()

    assert temporary is not None
    client.set_cookie("tracker", temporary.value)
    assert client.get("/account/").status_code == 303
    assert [action for action, _changes in session_acts(app)].count("session:begin") == 1


def test_what_ends_sessions_while_it_is_exchanged_ends_it(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with disk_is_full(app):
        sign_in(client, "staff")
    asked: list[bool] = []

    def holder_as_somebody_disables_them(
        held: UnstoredSession, *, session: Session
    ) -> tuple[User, bool] | None:
        found = find_unstored_session_user(held, session=session)
        if not asked:
            session.close()
            with app.app_context():
                staff = find_user_by_name(db.session(), "staff")
                assert staff is not None
                disable_user(staff, by=get_or_create_console_user())
                db.session.commit()
        asked.append(found is not None)
        return found

    monkeypatch.setattr(
        full_disk_service, "find_unstored_session_user", holder_as_somebody_disables_them
    )
    assert client.get("/account/").status_code == 303
    assert asked[0]
    with app.app_context():
        assert db.session.query(UserSession).count() == 0


def test_what_is_saved_first_when_there_is_room_is_saved_in_a_session(
    app: Flask, client: FlaskClient
) -> None:
    with disk_is_full(app):
        sign_in(client, "staff")

    assert post(client, "/institutions/new", **INSTITUTION).status_code == 303
    assert [action for action, _changes in session_acts(app)] == ["session:begin"]


def test_what_is_sent_before_there_is_room_for_its_session_is_not_saved(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is room again between its session and what it saves: it is refused all the same."""
    with disk_is_full(app):
        sign_in(client, "staff")
        hidden = hidden_in(client.get("/institutions/new").text)

    def exchange_just_before_there_is_room(held: UnstoredSession, *, wait: bool) -> str | None:
        with disk_is_full(app):
            return store_session(held, wait=wait)

    with monkeypatch.context() as patched:
        patched.setattr(full_disk_service, "store_session", exchange_just_before_there_is_room)
        answer = client.post("/institutions/new", data=hidden | INSTITUTION)

    assert (answer.status_code, INSTITUTION["who-name"] in answer.text) == (507, True)
    assert "The disk of the tracker is full" in answer.text
    assert session_acts(app) == []
    assert INSTITUTION["who-name"] not in client.get("/institutions/").text
    assert client.post("/institutions/new", data=hidden | INSTITUTION).status_code == 303
    assert [action for action, _changes in session_acts(app)] == ["session:begin"]


def test_what_is_asked_by_a_form_and_saves_nothing_is_answered(
    app: Flask, client: FlaskClient
) -> None:
    with as_user(app, "chief", Role.ADMIN) as user:
        one, other = (make_institution(name, by=user).ref for name in ("One", "Other"))
        db.session.commit()
    with disk_is_full(app):
        sign_in(client, "chief")
        # As every page sends it.
        key = {IDEMPOTENCY_FIELD: secrets.token_hex()}

        answer = post(client, "/intake/duplicates/", stays=one, duplicate=other, **key)

        assert answer.status_code == 303
        assert client.get(answer.headers["Location"]).status_code == 200


def test_a_file_asked_for_before_its_session_is_stored_does_not_leave(
    app: Flask,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    somebody_saves: Callable[[], AbstractContextManager[Connection]],
) -> None:
    """Who takes a file stands in the log, and so does that they signed in, before."""
    with disk_is_full(app):
        sign_in(client, "staff")
    with somebody_saves() as saving:

        def exchange_just_before_they_are_done(held: UnstoredSession, *, wait: bool) -> str | None:
            try:
                return store_session(held, wait=wait)
            finally:
                saving.rollback()

        monkeypatch.setattr(full_disk_service, "store_session", exchange_just_before_they_are_done)
        assert client.get("/reports/incidents.csv", buffered=True).status_code == 503
    monkeypatch.undo()

    assert client.get("/reports/incidents.csv", buffered=True).status_code == 200
    assert [action for action, _changes in session_acts(app)] == ["session:begin"]


def test_what_is_saved_while_somebody_else_saves_waits_for_the_session(
    app: Flask,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    somebody_saves: Callable[[], AbstractContextManager[Connection]],
) -> None:
    with disk_is_full(app):
        sign_in(client, "staff")
        hidden = hidden_in(client.get("/institutions/new").text)
    with somebody_saves() as saving:
        monkeypatch.setattr("tracker.db.BUSY_TIMEOUT_MS", 10_000)
        Timer(0.5, saving.rollback).start()
        answer = client.post("/institutions/new", data=hidden | INSTITUTION)

    assert answer.status_code == 303
    assert [action for action, _changes in session_acts(app)] == ["session:begin"]


def test_what_waited_in_vain_for_its_session_is_not_saved(
    app: Flask,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    somebody_saves: Callable[[], AbstractContextManager[Connection]],
) -> None:
    with disk_is_full(app):
        sign_in(client, "staff")
        hidden = hidden_in(client.get("/institutions/new").text)
    with somebody_saves() as saving:

        def exchange_just_before_they_are_done(held: UnstoredSession, *, wait: bool) -> str | None:
            try:
                return store_session(held, wait=wait)
            finally:
                saving.rollback()

        monkeypatch.setattr(full_disk_service, "store_session", exchange_just_before_they_are_done)
        answer = client.post("/institutions/new", data=hidden | INSTITUTION)

    assert (answer.status_code, INSTITUTION["who-name"] in answer.text) == (503, True)
    assert INSTITUTION["who-name"] not in client.get("/institutions/").text


def test_while_somebody_saves_for_long_a_save_is_refused_in_words(
    app: Flask,
    client: FlaskClient,
    somebody_saves: Callable[[], AbstractContextManager[Connection]],
) -> None:
    with disk_is_full(app):
        sign_in(client, "staff")
        hidden = hidden_in(client.get("/institutions/new").text)
    with somebody_saves():
        answer = client.post("/institutions/new", data=hidden | INSTITUTION)

    assert (answer.status_code, INSTITUTION["who-name"] in answer.text) == (503, True)
    assert session_acts(app) == []


def test_the_second_factor_is_asked_for_and_a_code_is_good_once(
    app: Flask, client: FlaskClient, time: Clock
) -> None:
    with app.app_context():
        staff = make_user("staff")
        secret = make_second_factor(staff)
        db.session.flush()
        recovery = replace_recovery_codes(staff)[0]
        db.session.commit()
    with disk_is_full(app):
        assert sign_in(client, "staff").headers["Location"] == "/sign-in/code"
        assert client.get("/account/").status_code == 303
        assert give(client, "000000") == 422
        assert give(client, recovery) == 422
        assert give(client, code_of(secret)) == 303
        assert client.get("/account/").status_code == 200

        thief = app.test_client()
        sign_in(thief, "staff")
        assert give(thief, code_of(secret)) == 422
        assert [give(thief, "000000") for _number in range(5)][-1] == 429
    time.move(minutes=2)

    assert client.get("/account/").status_code == 200
    assert thief.get("/account/").status_code == 303
    assert [act for act, _changes in session_acts(app)][-2:] == ["session:begin", "session:half"]


def _new_password(user: User) -> None:
    hashed = hash_password("entirely-other-words-9", user.name, hasher=password_hasher())
    change_password(user, hashed, by=get_or_create_console_user())


@pytest.mark.parametrize(
    "act",
    [
        _new_password,
        lambda user: disable_user(user, by=get_or_create_console_user()),
        lambda user: end_all_sessions(user, by=get_or_create_console_user()),
    ],
)
def test_what_ends_sessions_ends_this_kind_too(
    app: Flask, client: FlaskClient, time: Clock, act: Callable[[User], None]
) -> None:
    with disk_is_full(app):
        sign_in(client, "staff")
        # Written by another process, as a command is.
        time.move(seconds=2)
    with app.app_context():
        staff = find_user_by_name(db.session(), "staff")
        assert staff is not None
        act(staff)
        db.session.commit()
    time.move(seconds=2)

    assert client.get("/account/").status_code == 303


def test_closing_the_tracker_ends_it(app: Flask, client: FlaskClient, time: Clock) -> None:
    with disk_is_full(app):
        sign_in(client, "staff")
        time.move(seconds=2)
    assert app.test_cli_runner().invoke(args=["panic", "closed"]).exit_code == 0
    assert app.test_cli_runner().invoke(args=["panic", "off"]).exit_code == 0

    assert client.get("/account/").status_code == 303


@pytest.mark.parametrize("by", [{"hours": 1, "seconds": 1}, {"minutes": -2}])
def test_it_lasts_an_hour_and_no_clock_makes_it_longer(
    app: Flask, client: FlaskClient, time: Clock, by: dict[str, float]
) -> None:
    with disk_is_full(app):
        sign_in(client, "staff")
        time.move(**by)
        assert client.get("/account/").status_code == 303


def test_a_token_that_somebody_made_up_opens_nothing(app: Flask, client: FlaskClient) -> None:
    with disk_is_full(app):
        sign_in(client, "staff")
        with client.session_transaction() as session:
            token = str(session["_user_id"])
        for made_up in (token[:-1], token + "x", "full-disk.", "full-disk.e30.x", token.lower()):
            with client.session_transaction() as session:
                session["_user_id"] = made_up
            assert client.get("/account/").status_code == 303, made_up
        with client.session_transaction() as session:
            session["_user_id"] = token
        assert client.get("/account/").status_code == 200
