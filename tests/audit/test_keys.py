"""The keys of the audit log: made beside the secret key, rotated, lost, and taken elsewhere."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from tests.audit.test_trail import tamper, verify
from tests.factories import acting
from tracker.audit.keys import id_of, keys_of, path_of
from tracker.audit.models import AuditEvent
from tracker.audit.service import record_event
from tracker.config import AUDIT_KEYS, Settings
from tracker.db import db
from tracker.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

FIRST, SECOND = (secrets.token_hex(32) for _ in range(2))


@pytest.fixture
def app_with(make_app: Callable[..., Flask], tmp_path: Path) -> Callable[..., Flask]:
    """Return what makes the application with the keys of the setting, or with those of a file."""

    def make(audit_key: str | None = None) -> Flask:
        file = tmp_path / AUDIT_KEYS
        if not file.exists():
            file.write_text(f"{FIRST}\n")
        return make_app(audit_key=audit_key, instance=tmp_path)

    return make


def run(app: Flask, *args: str) -> tuple[int, str]:
    answer: Any = app.test_cli_runner().invoke(args=["audit", *args])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, answer.output.strip()


def do_something(app: Flask, times: int = 1) -> None:
    with acting(app) as user:
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
    [kept] = keys_of(settings).values()

    assert len(kept) == 64
    assert path_of(settings).stat().st_mode & 0o777 == 0o600
    assert [*keys_of(Settings.from_env(tmp_path)).values()] == [kept]
    assert kept != settings.secret_key


def test_the_setting_takes_the_place_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_AUDIT_KEY", f"{SECOND} {FIRST}")
    settings = Settings.from_env(tmp_path)

    assert [*keys_of(settings)] == [id_of(FIRST), id_of(SECOND)]
    assert not path_of(settings).exists()


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
    assert [*keys_of(app.config["TRACKER"])] == [first, second]
    assert run(app, "verify")[0] == 0


def test_a_key_that_is_changed_past_the_log_is_shown(app_with: Callable[..., Flask]) -> None:
    do_something(app_with(FIRST))
    with acting(app := app_with(SECOND)) as user:
        record_event("case:edit", "CAS-0000000001", by=user)
        sequence = db.session.scalar(sa.select(sa.func.max(AuditEvent.sequence)))
        db.session.commit()

    app = app_with(f"{SECOND} {FIRST}")
    assert verify(app) == (
        1, f"forged at {sequence}: it is signed with another key than the entries before it"
    )  # fmt: skip


def test_a_key_of_the_setting_is_changed_in_three_steps(app_with: Callable[..., Flask]) -> None:
    do_something(app_with(FIRST))
    assert run(app_with(FIRST), "rotate-key")[0] == 1
    both = app_with(f"{SECOND} {FIRST}")
    do_something(both)
    assert key_ids(both) == [id_of(FIRST)]

    assert run(both, "rotate-key")[0] == 0

    do_something(both)
    assert key_ids(both) == [id_of(FIRST), id_of(SECOND)]
    assert run(both, "verify")[0] == 0
    # A key that leaked and was changed signs nothing any more.
    tamper(both, f"UPDATE audit_events SET key_id = '{id_of(FIRST)}'")
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


def test_the_doctor_says_that_the_key_is_not_here(app_with: Callable[..., Flask]) -> None:
    do_something(app_with(FIRST))

    for key, verdict in ((FIRST, "ok   audit key"), (SECOND, "FAIL audit key")):
        said = app_with(key).test_cli_runner().invoke(args=["doctor"]).output
        assert verdict in said
