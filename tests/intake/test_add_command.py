"""`flask intake add`: files into the inbox of a team; `suggest`: what each file suggests."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner

from tests.factories import as_user
from tests.intake.inbox_made import ADDED, ANOTHER, REPORT, stored
from tracker import parsing
from tracker.db import db
from tracker.intake.codes import InboxState, UnreadReason
from tracker.parsing import Job
from tracker.permissions import Role
from tracker.users.service import get_or_create_console_user, get_or_create_team


def run(runner: FlaskCliRunner, *args: object) -> Result:
    return runner.invoke(args=["intake", "add", *map(str, args)])


@pytest.fixture
def files(tmp_path: Path, app: Flask) -> dict[str, Path]:
    """Write three files, and make a person who could have got them."""
    with as_user(app):
        pass
    texts = {"letters.txt": REPORT, "camera.txt": ANOTHER, "reprint.txt": REPORT + ADDED}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "scan.html").write_bytes(b"\x00\x01\x02" * 50)
    return {one.name: one for one in tmp_path.iterdir()}


def test_each_file_has_a_line_and_waits_in_the_inbox(
    app: Flask, runner: FlaskCliRunner, files: dict[str, Path]
):
    names = ["letters.txt", "scan.html", "letters.txt", "reprint.txt"]
    result = run(runner, "--by", "staff", *(files[name] for name in names))
    assert result.exit_code == 0, result.output
    items = stored(app)
    refs = [one.article.ref if one.article else "" for one in items]
    assert result.output.splitlines() == [
        f"read {refs[0]} {items[0].ref}: letters.txt",
        f"unread binary {items[1].ref}: scan.html",
        f"known {refs[0]}: letters.txt",
        f"read {refs[2]} {items[2].ref}: reprint.txt",
    ]
    assert items[1].unread_reason is UnreadReason.BINARY
    assert [one.state for one in items] == [
        InboxState.RECEIVED, InboxState.UNREADABLE, InboxState.RECEIVED
    ]  # fmt: skip
    with as_user(app) as user:
        assert items[0].recorded_by_id == user.id


def test_without_a_name_the_console_puts_them_there(
    app: Flask, runner: FlaskCliRunner, files: dict[str, Path]
):
    result = run(runner, "--team", " desk ", files["letters.txt"])
    assert result.exit_code == 0, result.output
    (item,) = stored(app)
    with as_user(app):
        assert item.recorded_by_id == get_or_create_console_user().id


def test_a_file_that_is_not_there_stops_no_other_and_is_said(
    app: Flask, runner: FlaskCliRunner, files: dict[str, Path], tmp_path: Path
):
    gone = tmp_path / "gone.html"
    result = run(runner, "--by", "staff", gone, files["letters.txt"], tmp_path)
    assert result.exit_code == 1
    assert f"not opened: {gone}, {tmp_path}" in result.stderr
    assert len(stored(app)) == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "say whose inbox: --team TEAM"),
        (["--team", "Nobody"], "there is no such team for console: Nobody"),
        (["--by", "nobody"], "There is no user of this name"),
        (["--by", "monitor"], "monitor may not log."),
        (["--by", "staff", "--team", "Abroad"], "there is no such team for staff: Abroad"),
    ],
)
def test_whose_inbox_it_is_must_be_clear(
    app: Flask, runner: FlaskCliRunner, files: dict[str, Path], args: list[str], said: str
):
    with as_user(app, "monitor", Role.MONITOR):
        get_or_create_team("Abroad", by=get_or_create_console_user())
        db.session.commit()
    result = run(runner, *args, files["letters.txt"])
    assert result.exit_code == 1
    assert said in result.stderr
    assert stored(app) == []


def test_what_a_person_of_the_team_may_not_see_is_not_known(
    app: Flask, runner: FlaskCliRunner, files: dict[str, Path]
):
    with as_user(app):
        get_or_create_team("Abroad", by=get_or_create_console_user())
        db.session.commit()
    assert run(runner, "--team", "Abroad", files["letters.txt"]).exit_code == 0
    assert run(runner, "--by", "staff", files["letters.txt"]).output.startswith("read ")


def test_what_files_suggest_is_printed_as_a_line_of_json_each(
    runner: FlaskCliRunner, files: dict[str, Path], tmp_path: Path
):
    names = [files["letters.txt"], files["scan.html"], tmp_path / "none.txt"]
    result = runner.invoke(args=["intake", "suggest", "--json", *map(str, names)])

    assert result.exit_code == 0, result.output
    read, binary, missing = map(json.loads, result.output.splitlines())
    assert (read["language"], read["is_incident"]) == ("en", True)
    assert "not a text" in binary["error"]
    assert missing == {"file": str(names[2]), "error": "No such file or directory"}


def test_a_text_that_takes_too_long_to_read_is_an_error_of_its_file_alone(
    runner: FlaskCliRunner, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    tight = replace(parsing.LIMITS_OF_JOB[Job.SUGGESTIONS], processor_seconds=0.02)
    monkeypatch.setitem(parsing.LIMITS_OF_JOB, Job.SUGGESTIONS, tight)
    files["letters.txt"].write_text(f"{REPORT}\n{'The editor was threatened. ' * 9000}")
    names = [files["letters.txt"], files["scan.html"]]
    result = runner.invoke(args=["intake", "suggest", "--json", *map(str, names)])

    assert result.exit_code == 0, result.output
    slow, binary = map(json.loads, result.output.splitlines())
    assert slow == {"file": str(names[0]), "error": "could not be read in time"}
    assert "not a text" in binary["error"]
