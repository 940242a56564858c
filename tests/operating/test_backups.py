"""A backup restores whole into a new place, or says loudly why it does not."""

from __future__ import annotations

import errno
import os
import random
import secrets
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from tests.conftest import AUDIT_KEY
from tests.databases import Database
from tests.factories import as_user, sign_in
from tests.nightly import size
from tests.operating.drills import (
    elsewhere,
    log_some,
    new_key,
    refs_in,
    restore,
    started_on,
    take,
    taken,
)
from tracker import schema
from tracker.audit.chain import ROTATE_ACTION, load_audit_keys
from tracker.audit.models import AuditEvent
from tracker.db import current_engines, db
from tracker.errors import AuditKeyMissing
from tracker.operating.container import (
    ARCHIVE_DIGEST_LENGTH,
    BackupError,
    BackupManifest,
    open_archive,
    pack_archive,
    unpack_archive,
)
from tracker.users.service import create_calendar_link

NO_SPACE = os.strerror(errno.ENOSPC)


@pytest.fixture
def kept(make_app: Callable[..., Flask], tmp_path: Path) -> Flask:
    """Make an application with an instance folder of its own."""
    (tmp_path / "instance").mkdir(exist_ok=True)
    return make_app(instance=tmp_path / "instance")


@pytest.fixture
def sealed(make_app: Callable[..., Flask], tmp_path: Path) -> tuple[Flask, Path]:
    """Make an application whose backups are encrypted, and return the file of the key too."""
    (tmp_path / "instance").mkdir(exist_ok=True)
    recipient, key = new_key(tmp_path)
    return make_app(instance=tmp_path / "instance", backup_recipient=recipient), key


def test_the_drill_brings_everything_back_elsewhere(
    kept: Flask, database: Database, tmp_path: Path
) -> None:
    refs = log_some(kept)
    with as_user(kept) as staff:
        calendar = f"/cases/calendar/{create_calendar_link(staff)}.ics"
        db.session.commit()
    assert kept.test_client().get(calendar).status_code == 200
    file = taken(kept, tmp_path / "monday.backup")
    with elsewhere(database.kind, tmp_path / "other") as other:
        ended = restore(other, file, tmp_path / "new")
        assert ended.exit_code == 0, ended.output
        address = f"TRACKER_DATABASE_URL=sqlite:///{tmp_path / 'new' / 'tracker.db'} "
        setting = address if database.kind == "sqlite" else ""
        assert f"Start on it: {setting}make run" in ended.output
        assert (tmp_path / "new" / "tracker.db").exists() == (database.kind == "sqlite")
        with started_on(other, tmp_path / "new") as started:
            assert refs_in(started) == refs
            shell = started.test_cli_runner()
            assert shell.invoke(args=["audit", "verify"]).output.startswith("ok ")
            assert shell.invoke(args=["db", "check"]).output.startswith("ok ")
            client = started.test_client()
            assert sign_in(client, "staff").headers["Location"] == "/"
            assert client.get(f"/incidents/{refs[0]}/").status_code == 200
            # One that was revoked since the backup must not be good again.
            assert client.get(calendar).status_code == 404


def test_an_encrypted_backup_comes_back_with_its_key_alone(
    sealed: tuple[Flask, Path], database: Database, tmp_path: Path
) -> None:
    app, key = sealed
    refs = log_some(app)
    ended = take(app, tmp_path / "monday.age")
    assert ended.exit_code == 0
    assert "(encrypted)" in ended.output
    _recipient, wrong = new_key(tmp_path, "wrong.txt")
    with elsewhere(database.kind, tmp_path / "other") as other:
        for more in ((), ("--identity", str(wrong)), ("--identity", str(tmp_path / "none"))):
            refused = restore(other, tmp_path / "monday.age", tmp_path / "new", *more)
            assert_refused(refused, tmp_path / "new")
        ended = restore(other, tmp_path / "monday.age", tmp_path / "new", "--identity", str(key))
        assert ended.exit_code == 0, ended.output
        with started_on(other, tmp_path / "new") as started:
            assert refs_in(started) == refs


def test_restored_without_the_key_of_the_log_a_new_one_begins_and_holds_it(
    kept: Flask, database: Database, tmp_path: Path
) -> None:
    log_some(kept)
    file = taken(kept, tmp_path / "monday.backup")
    key = secrets.token_hex(32)
    with elsewhere(database.kind, tmp_path / "other", audit_key=key) as other:
        assert restore(other, file, tmp_path / "new").exit_code == 0
        with started_on(other, tmp_path / "new") as started:
            shell = started.test_cli_runner()
            ended = shell.invoke(args=["audit", "verify"])
            assert ended.exit_code == 1
            assert ended.stderr.startswith("no key: the MACs of entries 1 to ")
            last = ended.stderr.strip().rpartition(" ")[2]
            accepted = ["audit", "verify", "--unchecked-until", last]
            assert shell.invoke(args=accepted).output.startswith("ok ")
            assert "ok   audit key" in shell.invoke(args=["doctor"]).output
            # With the key of the other machine all of it is checked.
            both = replace(started.config["TRACKER"], audit_key=f"{key} {AUDIT_KEY}")
            started.config["TRACKER"] = both
            assert shell.invoke(args=["audit", "verify"]).output.startswith("ok ")


def test_restored_from_before_the_key_was_changed_the_new_one_begins_again(
    kept: Flask, database: Database, tmp_path: Path
) -> None:
    log_some(kept)
    file = taken(kept, tmp_path / "monday.backup")
    both = f"{secrets.token_hex(32)} {AUDIT_KEY}"
    with elsewhere(database.kind, tmp_path / "other", audit_key=both) as other:
        assert restore(other, file, tmp_path / "new").exit_code == 0
        with started_on(other, tmp_path / "new") as started, started.app_context():
            ended = started.test_cli_runner().invoke(args=["audit", "verify"])
            assert ended.output.startswith("ok "), ended.output
            rotated = select(AuditEvent.changes).where(AuditEvent.action == ROTATE_ACTION)
            old, new = load_audit_keys(started.config["TRACKER"])
            assert db.session.scalars(rotated).one() == {"key": [old, new]}


def assert_refused(ended, folder: Path) -> None:
    """One line on stderr, 1, no trace, and nothing left."""
    assert ended.exit_code == 1
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""
    assert isinstance(ended.exception, SystemExit)
    assert not folder.exists()


def test_nothing_readable_is_in_an_encrypted_backup_or_stays_behind(
    sealed: tuple[Flask, Path], tmp_path: Path
) -> None:
    app, _key = sealed
    log_some(app)
    file = taken(app, tmp_path / "monday.age")
    assert file.read_bytes().startswith(b"age-encryption.org/v1")
    assert b"an editor" not in file.read_bytes()
    assert b"manifest.json" not in file.read_bytes()
    # Besides what closes the tracker on a full disk.
    left = {one.name for one in (tmp_path / "instance").iterdir()}
    assert left <= {"panic.read-only", "panic.closed"}


def test_a_backup_is_its_owners_alone_and_not_half_written(kept: Flask, tmp_path: Path) -> None:
    file = taken(kept, tmp_path / "monday.backup")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not (tmp_path / "monday.backup.part").exists()


def test_a_backup_is_written_over_nothing(kept: Flask, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    file.write_text("something else")
    ended = take(kept, file)
    assert ended.exit_code == 1
    assert "is there already" in ended.stderr
    assert file.read_text() == "something else"


def test_an_interrupted_backup_is_told_and_not_written_into(kept: Flask, tmp_path: Path) -> None:
    (tmp_path / "monday.backup.part").write_text("half")
    ended = take(kept, tmp_path / "monday.backup")
    assert ended.exit_code == 1
    assert "Remove it" in ended.stderr
    assert (tmp_path / "monday.backup.part").read_text() == "half"


def test_a_backup_to_a_folder_that_is_not_there_fails_in_one_line(
    kept: Flask, tmp_path: Path
) -> None:
    ended = take(kept, tmp_path / "nowhere" / "monday.backup")
    assert ended.exit_code == 1
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_database_that_is_gone_or_empty_gives_no_backup(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    for url in (tmp_path / "gone" / "tracker.db", tmp_path / "empty.db"):
        (tmp_path / "empty.db").touch()
        app = make_app(instance=tmp_path, database_url=f"sqlite:///{url}")
        assert_refused(take(app, tmp_path / "monday.backup"), tmp_path / "monday.backup")


def test_taking_and_restoring_are_in_the_trail(
    kept: Flask, database: Database, tmp_path: Path
) -> None:
    log_some(kept)
    file = taken(kept, tmp_path / "monday.backup")
    with kept.app_context():
        newest = select(AuditEvent).order_by(AuditEvent.sequence.desc())
        event = db.session.scalars(newest).first()
        assert event is not None
        assert (event.action, event.actor) == ("backup:take", "console")
    with elsewhere(database.kind, tmp_path / "other") as other:
        restore(other, file, tmp_path / "new")
        with started_on(other, tmp_path / "new") as started, started.app_context():
            event = db.session.scalars(newest).first()
            assert event is not None
            assert event.action == "backup:restore"


def test_nobody_is_signed_in_after_a_restore(
    kept: Flask, database: Database, tmp_path: Path
) -> None:
    log_some(kept)
    client = kept.test_client()
    sign_in(client, "staff")
    cookie = client.get_cookie("tracker")
    assert cookie is not None
    file = taken(kept, tmp_path / "monday.backup")
    with elsewhere(database.kind, tmp_path / "other") as other:
        restore(other, file, tmp_path / "new")
        with started_on(other, tmp_path / "new") as started:
            old = started.test_client()
            old.set_cookie("tracker", cookie.value)
            assert old.get("/incidents/").status_code == 303


def test_a_restore_goes_into_nothing_that_is_there(
    kept: Flask, database: Database, tmp_path: Path
) -> None:
    file = taken(kept, tmp_path / "monday.backup")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "tracker.db").write_text("mine")
    with elsewhere(database.kind, tmp_path / "other") as other:
        ended = restore(other, file, tmp_path / "new")
    assert ended.exit_code == 1
    assert "is not empty" in ended.stderr
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["tracker.db"]
    assert (tmp_path / "new" / "tracker.db").read_text() == "mine"


def test_a_database_in_use_is_not_restored_into(
    kept: Flask, database: Database, tmp_path: Path
) -> None:
    if database.kind == "sqlite":
        pytest.skip("an SQLite backup becomes a new file")
    refs = log_some(kept)
    file = taken(kept, tmp_path / "monday.backup")
    ended = restore(kept, file, tmp_path / "new")
    assert_refused(ended, tmp_path / "new")
    assert "not empty" in ended.stderr
    assert refs_in(kept) == refs


@contextmanager
def refused_elsewhere(kind: str, file: Path, folder: Path) -> Iterator[tuple[Flask, list[str]]]:
    """Lend an empty tracker; afterwards a restore into it is refused and leaves nothing behind."""
    said: list[str] = []
    with elsewhere(kind, folder) as other:
        yield other, said
        ended = restore(other, file, folder.with_name("new"))
        assert_refused(ended, folder.with_name("new"))
        said.append(ended.stderr)
        with other.app_context():
            assert inspect(db.engine).get_table_names() == []
    assert not [one for one in folder.iterdir() if one.name.startswith("audit_sealed")]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_unsigned_entries_of_a_backup_whose_log_is_broken_are_not_accepted(
    kept: Flask, tmp_path: Path
) -> None:
    log_some(kept)
    with kept.app_context():
        schema.downgrade(current_engines().full_writing, "0030")
    take(kept, tmp_path / "whole")
    file = repacked(tmp_path / "whole", tmp_path / "forged", with_another_entry)

    with refused_elsewhere("sqlite", file, tmp_path / "other") as (_other, said):
        pass

    assert "The restored audit log is broken at 2" in said[0]


@pytest.mark.parametrize("error", [AuditKeyMissing("0123"), OSError(errno.ENOSPC, NO_SPACE)])
def test_what_fails_just_before_a_restore_is_stored_leaves_nothing(
    kept: Flask,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def fail(*_args: object, **_more: object) -> NoReturn:
        raise error

    file = taken(kept, tmp_path / "monday.backup")
    monkeypatch.setattr("tracker.operating.backup_service.record_event", fail)

    with refused_elsewhere(database.kind, file, tmp_path / "other"):
        pass


def test_a_restore_that_cannot_write_what_it_accepts_says_so_and_leaves_nothing(
    kept: Flask, database: Database, tmp_path: Path
) -> None:
    file = taken(kept, tmp_path / "monday.backup")

    with refused_elsewhere(database.kind, file, tmp_path / "other") as (_other, said):
        (tmp_path / "other" / "audit_sealed.new").symlink_to("/dev/full")

    assert said == [f"{tmp_path / 'other' / 'audit_sealed'} cannot be written: {NO_SPACE}\n"]


PLACES = (0, 1, 50, 0.25, 0.5, 0.75, 0.99, -65, -64, -1)


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
def test_a_backup_cut_anywhere_is_refused(
    sealed: tuple[Flask, Path], kept: Flask, database: Database, tmp_path: Path, encrypted: bool
) -> None:
    app, key = sealed if encrypted else (kept, sealed[1])
    log_some(app, 1)
    whole = taken(app, tmp_path / "whole").read_bytes()
    with elsewhere(database.kind, tmp_path / "other") as other:
        for place in PLACES:
            at = int(len(whole) * place) if isinstance(place, float) else place
            (tmp_path / "cut").write_bytes(whole[:at])
            ended = restore(other, tmp_path / "cut", tmp_path / "new", "--identity", str(key))
            assert_refused(ended, tmp_path / "new")


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
def test_a_flipped_bit_anywhere_is_found(
    sealed: tuple[Flask, Path], kept: Flask, tmp_path: Path, encrypted: bool
) -> None:
    app, key = sealed if encrypted else (kept, sealed[1])
    whole = taken(app, tmp_path / "whole").read_bytes()
    chance = random.Random(7)
    places = [*range(60), *range(-80, 0)]
    places += chance.sample(range(len(whole)), size(day=100, night=1000))
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        (tmp_path / "changed").write_bytes(changed)
        workspace = tmp_path / "workspace"
        workspace.mkdir()
        with pytest.raises(BackupError):
            unpack_archive(open_archive(tmp_path / "changed", workspace, key), workspace)
        shutil.rmtree(workspace)


def repacked(
    file: Path, folder: Path, change: Callable[[Path, BackupManifest], BackupManifest]
) -> Path:
    """Return a backup whose seal fits, made by somebody who changed what is in it."""
    folder.mkdir()
    manifest, content = unpack_archive(file, folder)
    manifest = change(content, manifest)
    pack_archive(content, manifest, folder / "repacked")
    return folder / "repacked"


def without_a_row(content: Path, manifest: BackupManifest) -> BackupManifest:
    with closing(sqlite3.connect(content)) as database, database:
        database.execute("DELETE FROM team_members")
    return manifest


def without_a_parent(content: Path, manifest: BackupManifest) -> BackupManifest:
    with closing(sqlite3.connect(content)) as database, database:
        database.execute("UPDATE incident_targets SET incident_id = 99999")
    return manifest


def with_another_entry(content: Path, manifest: BackupManifest) -> BackupManifest:
    with closing(sqlite3.connect(content)) as database, database:
        for (trigger,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_events'"
        ).fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("UPDATE audit_events SET actor = 'somebody' WHERE sequence = 2")
    return manifest


def with_another_head(content: Path, manifest: BackupManifest) -> BackupManifest:
    return replace(manifest, head="9:" + "0" * 64)


def of_a_newer_tracker(content: Path, manifest: BackupManifest) -> BackupManifest:
    return replace(manifest, revision="9999")


def of_another_revision(content: Path, manifest: BackupManifest) -> BackupManifest:
    return replace(manifest, revision="0001")


def with_a_page_of_noise(content: Path, manifest: BackupManifest) -> BackupManifest:
    data = bytearray(content.read_bytes())
    for place in range(3, len(data) // 4096, 3):
        data[place * 4096 : place * 4096 + 64] = b"\xff" * 64
    content.write_bytes(data)
    return manifest


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_a_row, "The restored table team_members has 0 rows, the backup had 1."),
        (without_a_parent, "has lost its parent"),
        (with_another_entry, "The restored audit log is broken at 2: its content was changed"),
        (with_another_head, "The restored audit log ends with"),
        (of_a_newer_tracker, "of a newer tracker"),
        (of_another_revision, "not at 0001"),
        (with_a_page_of_noise, "malformed"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_sealed_backup_with_something_else_in_it_is_refused(
    kept: Flask,
    tmp_path: Path,
    change: Callable[[Path, BackupManifest], BackupManifest],
    words: str,
) -> None:
    log_some(kept)
    file = repacked(taken(kept, tmp_path / "whole"), tmp_path / "forged", change)
    ended = restore(kept, file, tmp_path / "new")
    assert_refused(ended, tmp_path / "new")
    assert words in ended.stderr


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_dump_that_is_not_what_its_manifest_says_leaves_the_database_empty(
    kept: Flask, tmp_path: Path
) -> None:
    log_some(kept)
    file = repacked(taken(kept, tmp_path / "whole"), tmp_path / "forged", with_another_head)
    with elsewhere("postgresql", tmp_path / "other") as other:
        ended = restore(other, file, tmp_path / "new")
        assert_refused(ended, tmp_path / "new")
        with other.app_context():
            assert inspect(db.engine).get_table_names() == []


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_dump_is_not_taken_for_an_sqlite_file(kept: Flask, tmp_path: Path) -> None:
    file = taken(kept, tmp_path / "whole")
    with elsewhere("sqlite", tmp_path / "other") as other:
        ended = restore(other, file, tmp_path / "new")
    assert_refused(ended, tmp_path / "new")
    assert "TRACKER_DATABASE_URL" in ended.stderr


@pytest.mark.parametrize("content", [b"", b"x" * 1000, b"PK\x03\x04" + b"0" * 500])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_is_no_backup_is_refused(kept: Flask, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert_refused(restore(kept, tmp_path / "file", tmp_path / "new"), tmp_path / "new")
    assert_refused(restore(kept, tmp_path / "missing", tmp_path / "new"), tmp_path / "new")


def test_a_zip_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("something.txt", "else")
    (tmp_path / "a.zip").write_bytes(
        (tmp_path / "a.zip").read_bytes() + b"0" * ARCHIVE_DIGEST_LENGTH
    )
    with pytest.raises(BackupError, match="cut off or was changed"):
        unpack_archive(tmp_path / "a.zip", tmp_path)


def test_without_arguments_a_command_says_in_one_line_what_is_missing(kept: Flask) -> None:
    for command in (["backup"], ["restore"]):
        ended = kept.test_cli_runner().invoke(args=command)
        assert ended.exit_code == 1
        assert ended.stderr.count("\n") == 1
        assert "Missing argument" in ended.stderr
