"""A database of each released version verifies clean once it is brought up to this one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from tests.audit.test_trail import tamper
from tests.conftest import let_go, new_app
from tests.migrations.database_objects import made
from tests.migrations.released_databases import load, released
from tracker.audit.object_queries import MADE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from tests.databases import Database


@pytest.fixture(params=released())
def app(request: pytest.FixtureRequest, empty_database: Database) -> Iterator[Flask]:
    """Lend the application on the database of a released version, not brought up as yet."""
    load(sa.create_engine(empty_database.url, poolclass=sa.NullPool), request.param)
    app = new_app(empty_database)
    yield app
    let_go(app)


def run(app: Flask, *args: str) -> tuple[int, str]:
    answer: Any = app.test_cli_runner().invoke(args=args)
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, answer.output.strip()


def test_it_verifies_clean_after_the_upgrade(app: Flask) -> None:
    assert run(app, "db", "upgrade")[0] == 0

    code, words = run(app, "audit", "verify")

    assert code == 0, words
    assert "are older than MACs, and sealed" in words
    # Once more changes nothing.
    assert run(app, "db", "upgrade")[0] == 0
    assert run(app, "audit", "verify") == (code, words)


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE incidents SET place = 'Elsewhere' WHERE id = 1"],
        ["UPDATE publications SET published_at = '2020-01-01 00:00:00+00:00'"],
        [
            "UPDATE users SET name = 'x' WHERE name = 'guarded'",
            "UPDATE users SET name = 'guarded' WHERE name = 'pending'",
            "UPDATE users SET name = 'pending' WHERE name = 'x'",
        ],
        ["UPDATE audit_events SET actor = 'somebody' WHERE sequence = 3"],
    ],
    ids=["a place", "a publication", "two names", "an entry"],
)
def test_what_was_changed_after_the_upgrade_is_shown(app: Flask, statements: list[str]) -> None:
    run(app, "db", "upgrade")
    tamper(app, *statements)

    assert run(app, "audit", "verify")[0] == 1


def test_no_entry_without_a_mac_is_appended_later(app: Flask) -> None:
    run(app, "db", "upgrade")
    tamper(
        app,
        "INSERT INTO audit_events (sequence, at, actor, action, subject, changes, previous_hash, "
        "hash) SELECT sequence + 1, at, actor, action, subject, changes, hash, 'x' "
        "FROM audit_events ORDER BY sequence DESC LIMIT 1",
    )

    code, words = run(app, "audit", "verify")

    assert (code, "at" in words) == (1, True)


def test_what_the_database_does_by_itself_is_written_down(database_kind: str) -> None:
    wanted = json.loads(MADE.read_text(encoding="utf-8"))[database_kind]

    assert wanted == made(database_kind), "python -m tests.migrations.database_objects"
