"""What `flask serve` refuses before it makes anything, and what it finishes that was begun."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from tests.factories import PASSWORD, make_user
from tracker import create_app, serving
from tracker.config import Settings
from tracker.db import db
from tracker.sample import commands


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "TRACKER_SAMPLE_PASSWORD: A password has at least"),
        ("password12345", "TRACKER_SAMPLE_PASSWORD: This password is easy to guess"),
        ("the-monitor-of-nights", "TRACKER_SAMPLE_PASSWORD: A password must not contain"),
    ],
)
def test_a_weak_password_of_the_sample_makes_no_database(
    tmp_path: Path, password: str, words: str
) -> None:
    file = tmp_path / "tracker.db"
    settings = Settings(
        database_url=f"sqlite:///{file}",
        secret_key="5f1c9e0b7d2a48c6" * 4,
        instance=tmp_path,
        sample_password=password,
    )

    app = create_app(settings)
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["serve"])

    assert result.exit_code == 1
    assert result.stderr.startswith(words)
    assert len(result.stderr.splitlines()) == 1
    assert not file.exists()


@pytest.fixture(autouse=True)
def the_case_alone() -> Iterator[None]:
    """Leave the invented records of the sample out: they are tested by themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commands, "load_invented_records", lambda **_named: 0)
        yield


def held() -> list[int]:
    """Return how many terms, institutions, users (of whom the console is one) and cases there are."""
    tables = ("terms", "institutions", "users", "cases")
    return [db.session.scalar(text(f"SELECT count(*) FROM {one}")) or 0 for one in tables]


def settings_of(app: Flask, **changed: Any) -> Settings:
    settings: Settings = app.config["TRACKER"]
    return replace(settings, sample_password=PASSWORD, **changed)


@pytest.mark.parametrize("broken", ["add_shipped_institutions", "load_and_describe"])
def test_what_was_filled_by_half_is_filled_by_the_next_start(
    app: Flask, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def die(*_given: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with app.app_context():
        monkeypatch.setattr(serving, broken, die)
        with pytest.raises(KeyboardInterrupt):
            serving.seed_database(settings_of(app, load_sample=True))
        db.session.remove()
        assert held() == [0, 0, 0, 0]
        monkeypatch.undo()
        serving.seed_database(settings_of(app, load_sample=True))
        db.session.remove()
        terms, institutions, users, cases = held()
    assert min(terms, institutions) > 0
    assert (users, cases) == (5, 1)


def test_the_password_of_the_sample_is_said_before_it_holds(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    with app.app_context():
        monkeypatch.setattr(db.session, "commit", die)
        with pytest.raises(KeyboardInterrupt):
            serving.seed_database(settings_of(app, load_sample=True))
    assert PASSWORD in capsys.readouterr().out


def test_who_has_users_gets_the_vocabulary_and_no_sample(app: Flask) -> None:
    with app.app_context():
        make_user("boss")
        db.session.commit()
        serving.seed_database(settings_of(app, load_sample=True))
        db.session.remove()
        terms, _institutions, users, cases = held()
    assert terms > 0
    assert (users, cases) == (2, 0)


def test_a_start_on_a_filled_database_changes_nothing(app: Flask) -> None:
    with app.app_context():
        serving.seed_database(settings_of(app, load_sample=False))
        before = held()
        serving.seed_database(settings_of(app, load_sample=True))
        db.session.remove()
        assert held() == before


def test_a_database_is_prepared_without_serving_and_that_may_be_repeated(
    app: Flask, runner: FlaskCliRunner
) -> None:
    for _time in range(2):
        result = runner.invoke(args=["db", "prepare"])
        assert result.exit_code == 0, result.output
        with app.app_context():
            terms, institutions, _users, cases = held()
        assert terms > 100
        assert institutions > 5
        assert cases == 0
