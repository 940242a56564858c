"""The keys of the audit log: made beside the secret key, rotated, lost, and taken elsewhere."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.audit.test_trail import tamper
from tests.databases import Database
from tests.factories import as_user, sign_in
from tracker.audit.chain import add_audit_key, compute_key_id, key_file_path, load_audit_keys
from tracker.audit.models import AuditEvent
from tracker.audit.service import prepare_creation_entry, record_event, record_prepared_entries
from tracker.config import AUDIT_KEYS_FILE, Settings
from tracker.db import db
from tracker.errors import AuditKeyMissing, BadSettings
from tracker.permissions import Role

ROOT = Path(__file__).resolve().parents[2]
FIRST, SECOND = (secrets.token_hex(32) for _ in range(2))


@pytest.fixture
def app_with(make_app: Callable[..., Flask], tmp_path: Path) -> Callable[..., Flask]:
    """Return what makes the application with the keys of the setting, or with those of a file."""

    def make(audit_key: str | None = None) -> Flask:
        file = tmp_path / AUDIT_KEYS_FILE
        if not file.exists():
            file.write_text(f"{FIRST}\n")
        return make_app(audit_key=audit_key, instance=tmp_path)

    return make


def run(app: Flask, *args: str) -> tuple[int, str]:
    answer: Any = app.test_cli_runner().invoke(args=["audit", *args])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, answer.output.strip()


def do_something(app: Flask, times: int = 1) -> None:
    with as_user(app) as user:
        for _ in range(times):
            record_event("case:edit", "CAS-0000000001", by=user)
        db.session.commit()


def key_ids(app: Flask) -> list[str]:
    with app.app_context():
        rows = db.session.scalars(sa.select(AuditEvent.key_id).order_by(AuditEvent.sequence))
        return list(dict.fromkeys(filter(None, rows)))


def test_a_key_is_made_beside_the_secret_key_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRACKER_AUDIT_KEY", raising=False)
    settings = Settings.from_env(tmp_path)
    [kept] = load_audit_keys(settings).values()

    assert len(kept) == 64
    assert key_file_path(settings).stat().st_mode & 0o777 == 0o600
    assert [*load_audit_keys(Settings.from_env(tmp_path)).values()] == [kept]
    assert kept != settings.secret_key


def test_the_setting_takes_the_place_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_AUDIT_KEY", f"{SECOND} {FIRST}")
    settings = Settings.from_env(tmp_path)

    assert [*load_audit_keys(settings)] == [compute_key_id(FIRST), compute_key_id(SECOND)]
    assert not key_file_path(settings).exists()


@pytest.mark.parametrize(
    "weak",
    ["short", f"{FIRST} short", "a" * 64, " "],
    ids=["short", "one short of two", "one letter", "blank"],
)
def test_a_weak_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weak: str) -> None:
    monkeypatch.setenv("TRACKER_AUDIT_KEY", weak)

    with pytest.raises(BadSettings, match="TRACKER_AUDIT_KEY"):
        Settings.from_env(tmp_path)


def test_a_new_key_signs_from_its_entry_on_and_the_old_one_still_proves(
    app_with: Callable[..., Flask],
) -> None:
    app = app_with()
    do_something(app)
    code, words = run(app, "rotate-key")
    assert code == 0
    do_something(app)

    first, second = key_ids(app)
    assert words.startswith(f"ok {second} follows {first};")
    assert [*load_audit_keys(app.config["TRACKER"])] == [first, second]
    assert run(app, "verify")[0] == 0


def test_with_a_wrong_key_nothing_is_written_and_the_log_still_holds(
    app_with: Callable[..., Flask],
) -> None:
    do_something(app := app_with(FIRST))
    before = run(app, "verify")
    assert before[0] == 0

    for args in (["vocabulary", "load"], ["db", "upgrade"], ["serve"]):
        with (other := app_with(SECOND)).app_context():
            ended = other.test_cli_runner().invoke(args=args)
        assert (ended.exit_code, type(ended.exception)) == (1, SystemExit), args
        [line] = ended.stderr.splitlines()
        assert line.startswith(
            f"Nothing is saved: the key {compute_key_id(FIRST)} of the audit log is not"
        )
    with as_user(app_with(SECOND)) as user, pytest.raises(AuditKeyMissing):
        record_prepared_entries(
            [prepare_creation_entry("case:create", "CAS-0000000001", "x" * 64)], by=user
        )

    assert run(app_with(FIRST), "verify") == before


def test_a_page_says_that_nothing_can_be_saved_without_the_key(
    app_with: Callable[..., Flask],
) -> None:
    with as_user(app_with(FIRST), "nora", Role.STAFF):
        db.session.commit()
    do_something(app_with(FIRST))
    before = run(app_with(FIRST), "verify")
    client = app_with(SECOND).test_client()

    answer = sign_in(client, "nora")

    assert answer.status_code == 503
    assert "The key that signs the audit log is not on the server." in answer.text
    assert run(app_with(FIRST), "verify") == before


def test_the_tracker_is_closed_also_without_the_key(app_with: Callable[..., Flask]) -> None:
    do_something(app_with(FIRST))
    shell = app_with(SECOND).test_cli_runner()

    ended = shell.invoke(args=["panic", "closed"])

    assert (ended.exit_code, "closed (not in the audit log: " in ended.output) == (0, True)
    assert shell.invoke(args=["panic", "off"]).exit_code == 1
    assert app_with(FIRST).test_cli_runner().invoke(args=["panic", "off"]).exit_code == 0


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_another_server_does_not_start_without_the_key(
    app_with: Callable[..., Flask], database: Database
) -> None:
    do_something(app_with(FIRST))
    for key, code in ((FIRST, 0), (SECOND, 1)):
        settings = {
            "TRACKER_DATABASE_URL": database.url,
            "TRACKER_SECRET_KEY": FIRST,
            "TRACKER_AUDIT_KEY": key,
        }
        ended = subprocess.run(
            [sys.executable, "-c", "import wsgi"],
            cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == code, ended.stderr
        assert len(ended.stderr.splitlines()) == code


def test_a_key_of_the_setting_is_changed_in_three_steps(app_with: Callable[..., Flask]) -> None:
    do_something(app_with(FIRST))
    assert run(app_with(FIRST), "rotate-key")[0] == 1
    both = app_with(f"{SECOND} {FIRST}")
    do_something(both)
    assert key_ids(both) == [compute_key_id(FIRST)]

    assert run(both, "rotate-key")[0] == 0

    do_something(both)
    assert key_ids(both) == [compute_key_id(FIRST), compute_key_id(SECOND)]
    assert run(both, "verify")[0] == 0
    # A key that leaked and was changed signs nothing any more.
    tamper(both, f"UPDATE audit_events SET key_id = '{compute_key_id(FIRST)}'")
    assert run(both, "verify")[1].startswith("forged at ")


def test_without_the_key_nothing_is_called_ok_unless_one_says_so(
    app_with: Callable[..., Flask],
) -> None:
    do_something(app_with(FIRST))
    app = app_with(SECOND)

    code, words = run(app, "verify")
    assert code == 1
    assert words.startswith("no key: the MACs of entries 1 to ")
    last = words.rpartition(" ")[2]
    assert run(app, "verify", "--unchecked-until", last)[0] == 0
    assert run(app, "verify", "--unchecked-until", str(int(last) - 1))[0] == 1

    assert run(app, "rotate-key")[0] == 1
    assert run(app, "rotate-key", "--old-key-lost")[0] == 0
    do_something(app)
    assert run(app, "verify")[0] == 1
    code, words = run(app, "verify", "--unchecked-until", last)
    assert (code, "no key" in words) == (0, True)
    # What came before the new key is held by the new key.
    tamper(app, "UPDATE audit_events SET actor = 'somebody' WHERE sequence = 1")
    assert run(app, "verify", "--unchecked-until", last)[0] == 1


def test_a_change_of_the_key_that_did_not_finish_is_finished_on_purpose(
    app_with: Callable[..., Flask],
) -> None:
    do_something(app := app_with())
    add_audit_key(app.config["TRACKER"])

    assert run(app, "verify")[1].startswith("forged at ")
    code, words = run(app, "rotate-key")
    assert (code, "--old-key-lost" in words) == (1, True), words
    assert run(app, "rotate-key", "--old-key-lost")[0] == 0

    assert key_ids(app) == [*load_audit_keys(app.config["TRACKER"])]
    assert run(app, "verify")[0] == 0


def test_the_doctor_says_that_the_key_is_not_here(app_with: Callable[..., Flask]) -> None:
    do_something(app_with(FIRST))

    for key, verdict in ((FIRST, "ok   audit key"), (SECOND, "FAIL audit key")):
        said = app_with(key).test_cli_runner().invoke(args=["doctor"]).output
        assert verdict in said
