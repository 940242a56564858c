"""A database of each released version verifies clean once it is brought up to this one."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.attacks.test_audit_forgery import downgrade_and_forge
from tests.audit.test_trail import tamper
from tests.conftest import let_go, new_app
from tests.databases import Database
from tests.migrations.database_objects import made
from tests.migrations.released_databases import load, released
from tracker import schema
from tracker.audit.chain import HASH_BEFORE_FIRST_ENTRY, SEAL_ACTION
from tracker.audit.models import AuditEvent
from tracker.audit.proof_queries import DATABASE_OBJECTS_FILE
from tracker.db import current_engines, db
from tracker.operating.backup_service import activate_restored
from tracker.operating.container import BackupError, BackupManifest


@pytest.fixture(params=released())
def app(
    request: pytest.FixtureRequest, empty_database: Database, tmp_path: Path
) -> Iterator[Flask]:
    """Lend the application on the database of a released version, not brought up as yet."""
    load(sa.create_engine(empty_database.url, poolclass=sa.NullPool), request.param)
    app = new_app(empty_database, instance=tmp_path)
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


def test_it_is_sealed_only_once_and_only_as_it_was(app: Flask, tmp_path: Path) -> None:
    run(app, "db", "upgrade")
    accepted = (tmp_path / "audit_sealed").read_text()
    with app.app_context():
        first = sa.select(AuditEvent.changes).where(AuditEvent.action == SEAL_ACTION)
        assert accepted == db.session.scalars(first).one()["until"] + "\n"
        db.session.remove()
        downgrade_and_forge()

    code, words = run(app, "db", "upgrade")

    assert (code, "audit_sealed" in words) == (1, True), words
    assert (tmp_path / "audit_sealed").read_text() == accepted


def test_restored_into_a_tracker_that_runs_it_verifies_clean(app: Flask, tmp_path: Path) -> None:
    other_log = f"7:{'a' * 64}\n"
    # First with the backup of that version, then with one of this version.
    for refused in (("db", "upgrade"), ("audit", "verify")):
        (tmp_path / "audit_sealed").write_text(other_log)
        assert run(app, *refused)[0] == 1
        with app.app_context():
            engine = current_engines().full_writing
            revision = schema.current_revision(engine) or ""
            manifest = BackupManifest(kind="", revision=revision, counts={}, head="", taken_at="")

            settings = app.config["TRACKER"]
            with pytest.raises(BackupError) as refused_too:
                activate_restored(engine, manifest, settings)
            assert (tmp_path / "audit_sealed").read_text() == other_log
            assert schema.current_revision(engine) == revision
            head = re.search(r"[0-9]+:[0-9a-f]{64}", str(refused_too.value))
            assert head is not None

            activate_restored(engine, manifest, settings, accepted_head=head[0])

        code, words = run(app, "audit", "verify")
        assert code == 0, words
        assert "are older than MACs, and sealed" in words
        assert other_log in (tmp_path / "audit_sealed").read_text()


def test_on_a_host_that_did_not_start_it_unsigned_entries_are_not_accepted(
    app: Flask, tmp_path: Path
) -> None:
    run(app, "db", "upgrade")
    (tmp_path / "audit_sealed").unlink()
    assert run(app, "audit", "verify")[1].startswith("forged at ")

    assert run(app, "db", "upgrade")[0] == 0

    assert run(app, "audit", "verify")[0] == 0


def test_copied_to_a_tracker_with_another_key_it_is_accepted_on_purpose(
    app: Flask, empty_database: Database, tmp_path: Path
) -> None:
    run(app, "db", "upgrade")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "audit_sealed").write_text(f"0:{HASH_BEFORE_FIRST_ENTRY}\n")
    other = new_app(empty_database, instance=tmp_path / "other", audit_key=secrets.token_hex(32))
    last = run(app, "audit", "anchor")[1].partition(":")[0]
    accepting = ("audit", "verify", "--unchecked-until", last)
    try:
        assert run(other, "db", "upgrade")[0] == 1
        assert "audit_sealed" in run(other, *accepting)[1]

        assert run(other, "audit", "rotate-key", "--old-key-lost")[0] == 0

        code, words = run(other, *accepting)
        assert code == 0, words
    finally:
        let_go(other)


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
    wanted = json.loads(DATABASE_OBJECTS_FILE.read_text(encoding="utf-8"))[database_kind]

    assert wanted == made(database_kind), "python -m tests.migrations.database_objects"
