"""The trail: nothing in it can be changed unseen, and a change that fails leaves nothing in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from tests.conftest import AUDIT_KEY
from tests.factories import as_user
from tracker.audit.chain import HASH_BEFORE_FIRST_ENTRY, HASHED_FIELDS, compute_mac, entry_hash
from tracker.audit.models import AuditEvent
from tracker.audit.service import audited_change, record_event
from tracker.db import current_engines, db
from tracker.users.service import get_or_create_console_user, get_or_create_team


@pytest.fixture
def written(app: Flask) -> Flask:
    """Return an application whose trail has the entries of a new user and five more."""
    with as_user(app) as user:
        for number in range(5):
            record_event(
                "case:edit", f"CAS-000000000{number}", by=user, changes={"title": ["a", "b"]}
            )
        db.session.commit()
    return app


def tamper(app: Flask, *statements: str) -> None:
    """Do what only somebody with the database file or password can do; nobody sees it by the
    triggers.
    """
    with (
        app.app_context(),
        current_engines().full_writing.begin() as connection,
        lifted(connection),
    ):
        for statement in statements:
            connection.exec_driver_sql(statement)


@contextmanager
def lifted(connection: sa.Connection) -> Iterator[None]:
    """Take the triggers away meanwhile, and put them back as they were."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield
        return
    triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    found = connection.exec_driver_sql(triggers).all()
    for name, _sql in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _name, sql in found:
        connection.exec_driver_sql(sql)


def verify(app: Flask, *args: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["audit", "verify", *args])
    assert len(result.output.splitlines()) == 1
    return result.exit_code, result.output.strip()


def anchor_of(app: Flask) -> str:
    return app.test_cli_runner().invoke(args=["audit", "anchor"]).stdout.strip()


def test_a_trail_that_was_left_alone_holds(written):
    code, words = verify(written)

    assert code == 0
    assert words == "ok " + anchor_of(written).replace(":", " ")


def test_an_empty_trail_holds(app):
    assert verify(app) == (0, f"ok 0 {HASH_BEFORE_FIRST_ENTRY}")
    assert anchor_of(app) == f"0:{HASH_BEFORE_FIRST_ENTRY}"
    assert verify(app, "--anchor", f"0:{HASH_BEFORE_FIRST_ENTRY}") == (
        0,
        f"ok 0 {HASH_BEFORE_FIRST_ENTRY}",
    )


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE audit_events SET actor = 'somebody' WHERE sequence = 4",
            "its content was changed",
        ),
        ("UPDATE audit_events SET changes = '{}' WHERE sequence = 4", "its content was changed"),
        (
            "UPDATE audit_events SET at = '2020-01-01 00:00:00+00:00' WHERE sequence = 4",
            "its content was changed",
        ),
        ("DELETE FROM audit_events WHERE sequence = 4", "an entry is missing"),
        (
            "INSERT INTO audit_events (sequence, at, actor, action, subject, changes, previous_hash, hash) SELECT 99, at, actor, action, subject, changes, hash, 'x' FROM audit_events WHERE sequence = 4",
            "an entry is missing",
        ),
        ("UPDATE audit_events SET hash = 'made-up' WHERE sequence = 4", "its content was changed"),
    ],
)
def test_an_entry_edited_deleted_or_inserted_is_found(written, statement, words):
    tamper(written, statement)

    code, said = verify(written)

    assert code == 1
    assert said.startswith("broken at ")
    assert said.endswith(words)


def test_the_place_of_the_break_is_named(written):
    tamper(written, "UPDATE audit_events SET action = 'case:create' WHERE sequence = 3")

    assert verify(written) == (1, "broken at 3: its content was changed")


def test_entries_in_another_order_are_found(written):
    tamper(
        written,
        "UPDATE audit_events SET sequence = 1000 WHERE sequence = 3",
        "UPDATE audit_events SET sequence = 3 WHERE sequence = 4",
        "UPDATE audit_events SET sequence = 4 WHERE sequence = 1000",
    )

    assert verify(written) == (1, "broken at 3: it does not follow the entry before")


def test_a_cut_tail_is_found_only_by_the_anchor(written):
    anchor = anchor_of(written)
    sequence = int(anchor.split(":")[0])
    tamper(written, f"DELETE FROM audit_events WHERE sequence >= {sequence - 1}")

    assert verify(written)[0] == 0
    assert verify(written, "--anchor", anchor) == (
        1, f"broken at {sequence}: the entry of the anchor is missing"
    )  # fmt: skip


def test_a_trail_rebuilt_from_an_edited_entry_on_is_forged(written):
    tamper(written, "UPDATE audit_events SET actor = 'somebody' WHERE sequence = 5")
    rebuild_hashes(written, key="another")

    assert verify(written) == (1, "forged at 1: its MAC does not fit")


def test_what_was_rebuilt_with_the_key_is_found_only_by_the_anchor(written):
    anchor = anchor_of(written)
    tamper(written, "UPDATE audit_events SET actor = 'somebody' WHERE sequence = 5")
    rebuild_hashes(written)

    assert verify(written)[0] == 0
    assert verify(written, "--anchor", anchor) == (
        1, f"broken at {anchor.split(':')[0]}: it is not the entry of the anchor"
    )  # fmt: skip


def rebuild_hashes(app: Flask, *, key: str = AUDIT_KEY) -> None:
    """Write the whole log anew, signed with a key; a forger has not that of the tracker."""
    with (
        app.app_context(),
        current_engines().full_writing.begin() as connection,
        lifted(connection),
    ):
        session, previous = Session(connection), HASH_BEFORE_FIRST_ENTRY
        for event in session.scalars(sa.select(AuditEvent).order_by(AuditEvent.sequence)):
            event.previous_hash = previous
            event.hash = previous = entry_hash(
                **{name: getattr(event, name) for name in HASHED_FIELDS}
            )
            event.mac = compute_mac(key, event.hash)
        session.flush()


def test_an_older_anchor_still_proves_a_trail_that_grew(written):
    anchor = anchor_of(written)
    with as_user(written) as user:
        record_event("case:edit", "CAS-0000000009", by=user)
        db.session.commit()

    assert verify(written, "--anchor", anchor)[0] == 0


@pytest.mark.parametrize(
    "anchor", ["", "5", "5:abc", "-1:" + HASH_BEFORE_FIRST_ENTRY, "5:" + "G" * 64, "x"]
)
def test_what_is_no_anchor_is_said_in_one_line(app, anchor):
    code, words = verify(app, "--anchor", anchor or " ")

    assert code == 1
    assert "SEQ:HASH" in words


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_events SET actor = 'somebody'", "DELETE FROM audit_events"]
)
def test_the_database_refuses_to_change_the_trail(written, statement):
    with (
        written.app_context(),
        current_engines().full_writing.begin() as connection,
        pytest.raises(sa.exc.DBAPIError, match="the trail is never changed"),
    ):
        connection.exec_driver_sql(statement)


def test_a_change_that_fails_leaves_no_entry(app):
    with as_user(app) as user:
        entries = sa.select(sa.func.count()).select_from(AuditEvent)
        before = db.session.scalar(entries)

        def fail_inside() -> None:
            with audited_change(user.teams[0], "team:edit", by=user):
                user.teams[0].name = "Another name"
                raise ZeroDivisionError

        def fail_after() -> None:
            with audited_change(user.teams[0], "team:edit", by=user):
                user.teams[0].name = "Another name"
            assert db.session.scalar(entries) == (before or 0) + 1
            raise ZeroDivisionError

        for fail in (fail_inside, fail_after):
            roll_back(fail)
            assert db.session.scalar(entries) == before
            assert user.teams[0].name == "Desk"


def roll_back(work: Callable[[], None]) -> None:
    """End as every failed request ends."""
    with pytest.raises(ZeroDivisionError):
        work()
    db.session.rollback()


def test_a_save_that_changes_nothing_leaves_no_entry(app):
    with as_user(app) as user:
        before = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent))
        with audited_change(user.teams[0], "team:edit", by=user):
            user.teams[0].name = "Desk"

        assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) == before


def test_a_long_trail_is_read_in_pieces(written, monkeypatch):
    """A million entries must not come into memory at once: they come as the cursor moves."""
    from tracker.audit import queries

    monkeypatch.setattr(queries, "STREAM_BATCH_ROWS", 2)

    assert verify(written)[0] == 0


def test_nobody_needs_a_tracker_set_up_to_ask_for_help(runner: FlaskCliRunner):
    result = runner.invoke(args=["audit", "prove"])

    assert result.exit_code == 1
    assert result.stderr == "No such command 'prove'.\n"


def test_a_team_named_like_a_ref_is_no_record(app, runner):
    with app.app_context():
        get_or_create_team("ARTICLE 19", by=get_or_create_console_user())
        db.session.commit()

    assert runner.invoke(args=["audit", "verify"]).output.startswith("ok ")
