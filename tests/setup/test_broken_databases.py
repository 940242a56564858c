"""A database or setting that is wrong ends every command with 1 and one line, without a trace."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import make_url, text

from tests import databases
from tests.conftest import AUDIT_KEY, SECRET, let_go
from tracker import create_app
from tracker.config import Settings
from tracker.db import current_engines
from tracker.errors import BadSettings

COMMANDS: list[list[str]] = [
    ["serve"],
    ["db", "upgrade"],
    ["db", "check"],
    ["audit", "verify"],
    ["users", "reset-second-factor", "nobody"],
    ["vocabulary", "load"],
    ["sample", "load"],
    ["search", "rebuild"],
    ["reports", "export"],
]
each_command = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)


def run(url: str, folder: Path, *command: str) -> Result:
    """Run a command on a database of its own."""
    app = create_app(
        Settings(
            database_url=url,
            secret_key=SECRET * 2,
            audit_key=AUDIT_KEY,
            instance=folder,
            load_sample=False,
            port=0,
        )
    )
    with app.app_context():
        result = app.test_cli_runner().invoke(args=command)
    let_go(app)
    return result


def assert_one_line(result: Result, words: str) -> None:
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert words in result.stderr


def overwritten(file: Path) -> None:
    file.write_bytes(b"Not a database, and long enough to be looked at. " * 100)


def damaged(file: Path) -> None:
    with databases.fresh("sqlite") as lent:
        shutil.copyfile(lent.url.removeprefix("sqlite:///"), file)
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(bytes(range(256)) * 2000)


@each_command
@pytest.mark.parametrize(
    ("spoil", "words"), [(overwritten, "is not a database"), (damaged, "is damaged")]
)
def test_a_file_that_is_no_database(
    tmp_path: Path, command: list[str], spoil: Callable[[Path], None], words: str
) -> None:
    spoil(tmp_path / "tracker.db")
    assert_one_line(run(f"sqlite:///{tmp_path / 'tracker.db'}", tmp_path, *command), words)


@each_command
def test_a_folder_that_is_not_there(tmp_path: Path, command: list[str]) -> None:
    result = run(f"sqlite:///{tmp_path / 'gone' / 'tracker.db'}", tmp_path, *command)
    assert_one_line(result, "cannot be opened")


@pytest.mark.parametrize("command", [["serve"], ["vocabulary", "load"]])
def test_a_file_that_cannot_be_written(tmp_path: Path, command: list[str]) -> None:
    file = tmp_path / "tracker.db"
    with databases.fresh("sqlite") as lent:
        shutil.copyfile(lent.url.removeprefix("sqlite:///"), file)
    # As a file is to whoever may not write it; the tests may run as root, who may.
    result = run(f"sqlite:///file:{file}?mode=ro&immutable=1&uri=true", tmp_path, *command)
    assert_one_line(result, "cannot be written")


@each_command
def test_a_database_without_tables(tmp_path: Path, command: list[str]) -> None:
    if command in (["serve"], ["db", "upgrade"]):
        pytest.skip("these make the tables")
    result = run(f"sqlite:///{tmp_path / 'tracker.db'}", tmp_path, *command)
    assert_one_line(result, "newest")


@pytest.mark.parametrize("command", [["serve"], ["db", "upgrade"], ["db", "check"]])
def test_a_database_of_a_newer_version(app: Flask, tmp_path: Path, command: list[str]) -> None:
    with app.app_context(), current_engines().full_writing.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    result = run(app.config["TRACKER"].database_url, tmp_path, *command)
    assert_one_line(result, "9999")


@each_command
def test_a_server_that_is_not_there(tmp_path: Path, command: list[str]) -> None:
    url = "postgresql://tracker:the-password@127.0.0.1:1/tracker"
    result = run(url, tmp_path, *command)
    assert_one_line(result, "cannot be reached")
    assert "the-password" not in result.output + result.stderr


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_database_and_a_user_that_the_server_does_not_know(database: Any, tmp_path: Path) -> None:
    url = make_url(database.url)
    for changed, words in (
        (url.set(database="nowhere"), "no such database"),
        (url.set(username="nobody_here"), "no such user"),
    ):
        result = run(changed.render_as_string(hide_password=False), tmp_path, "serve")
        assert_one_line(result, words)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("tracker.db", "no address of a database"),
        ("mysql://user:the-password@host/name", "must begin with"),
        ("postgresql+nothing://user:the-password@host/name", "no address of a database"),
        ("postgresql://user:the-password@host:port/name", "no address of a database"),
    ],
)
def test_an_address_that_is_none(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(BadSettings, match=words) as refused:
        Settings(database_url=url, secret_key=SECRET * 2, instance=tmp_path)
    assert "the-password" not in str(refused.value)


class TestTheSecretKey:
    @pytest.fixture(autouse=True)
    def unset(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TRACKER_SECRET_KEY", raising=False)

    def test_one_that_a_killed_start_left_empty_is_made_again(self, tmp_path: Path) -> None:
        (tmp_path / "instance").mkdir()
        file = tmp_path / "instance" / "secret_key"
        file.touch()
        (tmp_path / "instance" / "secret_key.new").write_text("ab")

        first, second = (Settings.from_env(tmp_path).secret_key for _ in range(2))

        assert len(first) == 64
        assert first == second == file.read_text().strip()
        assert file.stat().st_mode & 0o777 == 0o600
        assert {one.name for one in file.parent.iterdir()} == {"secret_key", "audit_key"}

    def test_a_folder_in_its_place_is_said_in_words(self, tmp_path: Path) -> None:
        (tmp_path / "instance" / "secret_key" / "inside").mkdir(parents=True)
        with pytest.raises(BadSettings, match="secret_key"):
            Settings.from_env(tmp_path)

    def test_bytes_that_are_no_text_are_said_in_words(self, tmp_path: Path) -> None:
        (tmp_path / "instance").mkdir()
        (tmp_path / "instance" / "secret_key").write_bytes(b"\xff\xfe")
        with pytest.raises(BadSettings, match="TRACKER_SECRET_KEY"):
            Settings.from_env(tmp_path)
