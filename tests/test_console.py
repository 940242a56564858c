"""How commands end: one line on stderr, which repeats nothing of what people typed."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskCliRunner

from tracker.console import CommandGroup
from tracker.db import current_engines, db
from tracker.users.models import Team

CANARY = "Anna-Canary"


def test_what_the_database_refuses_is_said_without_what_was_typed(
    app: Flask, runner: FlaskCliRunner
) -> None:
    group = CommandGroup("teams")

    @group.command("twice")
    def twice() -> None:
        db.session.add_all([Team(name=CANARY), Team(name=CANARY)])
        db.session.commit()

    ended = runner.invoke(group, ["twice"])

    with app.app_context():
        is_sqlite = current_engines().writing.dialect.name == "sqlite"
    code = "SQLITE_CONSTRAINT_UNIQUE" if is_sqlite else "23505"
    assert ended.exit_code == 1
    assert ended.stdout == ""
    assert ended.stderr == f"the database refused: IntegrityError {code}\n"
