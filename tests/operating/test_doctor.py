"""The doctor finds each fault that is planted, and none where there is none."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import event

from tests.conftest import SECRET
from tests.databases import Database
from tests.operating.drills import new_key, taken
from tracker import clock, db_privileges
from tracker.config import Settings
from tracker.db import current_engines, db
from tracker.operating import checks
from tracker.operating.checks import Verdict
from tracker.parsing import MEGABYTE

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def sound(
    make_app: Callable[..., Flask], database: Database, tmp_path: Path
) -> Callable[..., Flask]:
    """Make applications that are set up as they should be, but for what a test gives."""
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700)
    (instance / "secret_key").touch(mode=0o600)
    if database.kind == "sqlite":
        Path(database.url.removeprefix("sqlite:///")).chmod(0o600)
    recipient, _key = new_key(tmp_path)

    def make(**given: object) -> Flask:
        good = {"instance": instance, "backup_recipient": recipient, "require_two_factor": True}
        return make_app(**(good | given))

    return make


def examined(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["doctor"])


def lines(result: Result, *verdicts: str) -> list[str]:
    """Return the checks that ended so; the test's PostgreSQL keeps nothing through a power cut."""
    found = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
    named = [(verdict, words.partition(":")[0]) for verdict, words in found]
    return [check for verdict, check in named if verdict in verdicts and check != "durability"]


def test_a_sound_set_up_has_nothing_to_fear(
    sound: Callable[..., Flask], database: Database, tmp_path: Path
) -> None:
    app = sound()
    taken(app, tmp_path / "monday.age")
    result = examined(app)
    assert lines(result, "FAIL", "warn") == []
    assert len(lines(result, "ok")) > 8
    if database.kind == "sqlite":
        assert result.exit_code == 0
        assert result.stderr == ""


def test_a_server_that_forgets_at_a_power_cut_is_found(
    sound: Callable[..., Flask], database: Database
) -> None:
    if database.kind == "sqlite":
        pytest.skip("a setting of PostgreSQL")
    result = examined(sound())
    assert "FAIL durability: fsync is off" in result.stdout
    assert result.exit_code == 1
    assert result.stderr == "1 of the checks failed\n"


def test_without_any_setting_there_are_warnings_and_no_failure(
    sound: Callable[..., Flask],
) -> None:
    result = examined(sound(backup_recipient=None, require_two_factor=False))
    assert lines(result, "warn") == ["second factor", "recipient", "backup"]
    assert lines(result, "FAIL") == []


@pytest.mark.parametrize(
    ("file", "mode", "check"),
    [
        (".", 0o755, "mode of instance"),
        (".", 0o710, "mode of instance"),
        ("secret_key", 0o640, "mode of secret_key"),
        ("secret_key", 0o604, "mode of secret_key"),
    ],
)
def test_files_that_others_may_read_are_found(
    sound: Callable[..., Flask], tmp_path: Path, file: str, mode: int, check: str
) -> None:
    (tmp_path / "instance" / file).chmod(mode)
    assert lines(examined(sound()), "FAIL") == [check]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_database_that_others_may_read_is_found(
    sound: Callable[..., Flask], database: Database
) -> None:
    file = Path(database.url.removeprefix("sqlite:///"))
    file.chmod(0o644)
    assert f"mode of {file.name}" in lines(examined(sound()), "FAIL")


@pytest.mark.parametrize(
    ("pragma", "words"),
    [
        ("synchronous=NORMAL", "synchronous is 1"),
        ("foreign_keys=OFF", "foreign_keys is 0"),
        ("secure_delete=OFF", "secure_delete is 0"),
        ("trusted_schema=ON", "trusted_schema is 1"),
        ("recursive_triggers=OFF", "recursive_triggers is 0"),
        ("busy_timeout=100", "busy_timeout is 100"),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_connection_set_up_otherwise_is_found(
    sound: Callable[..., Flask], pragma: str, words: str
) -> None:
    app = sound()
    with app.app_context():
        event.listen(
            db.engine, "connect", lambda driver, _record: driver.execute(f"PRAGMA {pragma}")
        )
        db.engine.dispose()
    result = examined(app)
    assert words in result.stdout
    assert "pragmas (full)" in lines(result, "FAIL")


def test_a_file_in_another_journal_mode_is_found() -> None:
    good = {name: wanted for name, (wanted, _lost) in checks.WANTED_PRAGMAS.items()}
    good["busy_timeout"] = "15000"
    assert checks.check_pragmas(good, "full").verdict is Verdict.OK
    assert checks.check_pragmas(good | {"journal_mode": "delete"}, "full").verdict is Verdict.FAIL


def test_debug_mode_is_found(sound: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    app = sound()
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert lines(examined(app), "FAIL") == ["debug"]


def test_what_an_interrupted_backup_left_is_told(
    sound: Callable[..., Flask], tmp_path: Path
) -> None:
    app = sound()
    (tmp_path / "instance" / "backup-x7").mkdir()
    assert "leftovers" in lines(examined(app), "warn")


def test_a_closed_tracker_is_told(sound: Callable[..., Flask]) -> None:
    app = sound()
    app.test_cli_runner().invoke(args=["panic", "read-only"])
    assert "panic" in lines(examined(app), "warn")


def test_a_backup_of_long_ago_is_found(
    sound: Callable[..., Flask], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = sound()
    taken(app, tmp_path / "long-ago.age")
    later = clock.utc_now() + timedelta(days=8)
    monkeypatch.setattr(clock, "utc_now", lambda: later)
    assert lines(examined(app), "FAIL") == ["backup"]


@pytest.mark.parametrize("power", ["low", "export"])
def test_a_connection_that_sees_too_much_is_found(
    sound: Callable[..., Flask],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    power: str,
) -> None:
    if database.kind == "sqlite":
        monkeypatch.setitem(db_privileges.AUTHORIZERS, power, lambda *_asked: 0)
        app = sound()
    else:
        # Without a role of its own it is the owner's connection.
        app = sound(**{f"{power}_database_url": None})
    assert f"connection ({power})" in lines(examined(app), "FAIL")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC", "SELECT lo_create(0)"),
        ("GRANT EXECUTE ON FUNCTION pg_try_advisory_lock(bigint) TO PUBLIC", "pg_try_advisory"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "CREATE TABLE public.doctor"),
        ("GRANT DELETE ON audit_events TO tracker_low, tracker_export", "LOCK TABLE audit_events"),
    ],
)
@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_role_that_could_stop_a_backup_or_every_save_is_found(
    sound: Callable[..., Flask], given: str, said: str
) -> None:
    app = sound()
    with app.app_context(), current_engines().full_writing.begin() as connection:
        connection.exec_driver_sql(given)
    result = examined(app)
    assert lines(result, "FAIL") == ["connection (low)", "connection (export)"]
    assert said in result.stdout
    assert "see docs/deploying.md" in result.stdout


@pytest.mark.parametrize("compiled", [None, 1, 2, 3])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_words_that_were_not_compiled_since_they_changed_are_found(
    sound: Callable[..., Flask], tmp_path: Path, compiled: int | None
) -> None:
    folder = tmp_path / "words" / "kk" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    for name, moment in (("messages.po", 2), ("messages.mo", compiled)):
        if moment is not None:
            (folder / name).touch()
            os.utime(folder / name, (moment, moment))
    app = sound()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(tmp_path / "words")
    result = examined(app)
    is_stale = compiled is None or compiled < 2
    assert lines(result, "FAIL") == (["catalogs"] if is_stale else [])
    assert ("kk is not compiled; make catalogs" in result.stdout) is is_stale


def test_a_database_behind_its_migrations_is_found(sound: Callable[..., Flask]) -> None:
    app = sound()
    app.test_cli_runner().invoke(args=["db", "downgrade", "0008"])
    assert "migrations" in lines(examined(app), "FAIL")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_database_that_is_gone_is_told_and_the_rest_is_looked_at_all_the_same(
    sound: Callable[..., Flask], tmp_path: Path
) -> None:
    result = examined(sound(database_url=f"sqlite:///{tmp_path / 'gone' / 'tracker.db'}"))
    assert lines(result, "FAIL") == [
        "connections", "access_limits", "migrations", "audit_key", "backup"
    ]  # fmt: skip
    assert "secret key" in lines(result, "ok")
    assert "Traceback" not in result.output


def given(tmp_path: Path) -> Settings:
    return Settings(database_url="sqlite://", secret_key=SECRET * 2, instance=tmp_path)


@pytest.mark.parametrize("key", ["short", "changeme" * 8, "a" * 64])
def test_a_weak_secret_is_found(tmp_path: Path, key: str) -> None:
    settings = given(tmp_path)
    # The settings refuse it themselves; the doctor does not rely on that.
    object.__setattr__(settings, "secret_key", key)
    assert next(checks.check_settings(settings)).verdict is Verdict.FAIL


def test_a_proxy_without_hosts_is_found(tmp_path: Path) -> None:
    settings = given(tmp_path)
    object.__setattr__(settings, "proxy_hops", 1)
    assert [
        one.check for one in checks.check_settings(settings) if one.verdict is Verdict.FAIL
    ] == ["hosts"]


@pytest.mark.parametrize(
    ("free", "database", "verdict"),
    [
        (199, 0, Verdict.FAIL),
        (201, 0, Verdict.OK),
        (1000, 500, Verdict.WARN),
        (1300, 500, Verdict.OK),
    ],
)
def test_a_full_disk_is_found(free: int, database: int, verdict: Verdict) -> None:
    assert checks.check_disk_space(free * MEGABYTE, database * MEGABYTE).verdict is verdict


@pytest.mark.parametrize(
    ("age", "verdict"),
    [
        (timedelta(hours=1), Verdict.OK),
        (timedelta(days=3), Verdict.WARN),
        (timedelta(days=8), Verdict.FAIL),
        (None, Verdict.WARN),
    ],
)
def test_the_age_of_a_backup_is_judged(age: timedelta | None, verdict: Verdict) -> None:
    at = NOW - age if age else None
    assert checks.check_last_backup(at, NOW).verdict is verdict


@pytest.mark.parametrize("name", ["fsync", "synchronous_commit", "full_page_writes"])
def test_each_setting_of_postgresql_counts(name: str) -> None:
    good = dict.fromkeys(checks.WANTED_DURABILITY, "on")
    assert checks.check_durability(good).verdict is Verdict.OK
    assert checks.check_durability(good | {name: "off"}).verdict is Verdict.FAIL
