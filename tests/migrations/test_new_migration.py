from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from tests.databases import Database

ROOT = Path(__file__).resolve().parents[2]
# What CONTRIBUTING tells a new contributor to add.
FIELDS = """
    is_urgent: Mapped[Answer] = mapped_column(
        text_enum(Answer, name="is_urgent"), default=Answer.UNKNOWN, info=PUBLIC
    )
    is_checked: Mapped[bool] = mapped_column(default=False, info=PUBLIC)
    remark: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)
"""
BEFORE = "    setting: Mapped[codes.Setting]"
CODES = '    ONLINE = "online"\n'


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the project."""
    for name in ("tracker", "migrations", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "wsgi.py", tmp_path)
    return tmp_path


def insert_before(file: Path, line: str, more: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(line) == 1
    file.write_text(text.replace(line, more + line), encoding="utf-8")


def run(copy: Path, database: Database, *command: str) -> None:
    env = os.environ | {"TRACKER_DATABASE_URL": database.url, "TRACKER_SAMPLE": "no"}
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", *command],
        cwd=copy, env=env, check=True, capture_output=True,
    )  # fmt: skip


def new_migration(copy: Path, database: Database, message: str) -> tuple[str, str]:
    """Write a migration; return its text, and the revision before it."""
    before = set((copy / "migrations" / "versions").glob("*.py"))
    run(copy, database, "revision", message)
    [made] = set((copy / "migrations" / "versions").glob("*.py")) - before
    text = made.read_text(encoding="utf-8")
    assert "tracker" not in text
    assert "###" not in text
    return text, max(before).name[:4]


def columns(database: Database) -> set[str]:
    engine = create_engine(database.url)
    found = {column["name"] for column in inspect(engine).get_columns("incidents")}
    engine.dispose()
    return found


def codes_of_setting(database: Database) -> set[str]:
    engine = create_engine(database.url)
    [check] = [
        one["sqltext"]
        for one in inspect(engine).get_check_constraints("incidents")
        if one["name"] == "ck_incidents_setting"
    ]
    engine.dispose()
    return set(re.findall(r"'(\w+)'", check))


def test_a_migration_is_written_from_the_models_and_runs_up_and_down(
    copy: Path, empty_database: Database
) -> None:
    insert_before(copy / "tracker" / "incidents" / "models.py", BEFORE, FIELDS)
    text, last = new_migration(copy, empty_database, "Add urgency to incidents")
    # It changes nothing but these columns.
    assert text.count("batch_alter_table") == 2
    assert text.count("add_column") == text.count("drop_column") == 3
    run(copy, empty_database, "upgrade")
    assert {"is_urgent", "is_checked", "remark"} <= columns(empty_database)
    run(copy, empty_database, "downgrade", last)
    assert {"is_urgent", "is_checked", "remark"}.isdisjoint(columns(empty_database))


def test_a_migration_is_written_for_a_new_code_of_a_closed_set(
    copy: Path, empty_database: Database
) -> None:
    insert_before(copy / "tracker" / "incidents" / "codes.py", CODES, '    STREET = "street"\n')
    text, last = new_migration(copy, empty_database, "Add a code to settings")
    assert text.count("drop_constraint") == text.count("create_check_constraint") == 2
    assert text.count("street") == 1
    run(copy, empty_database, "upgrade")
    assert codes_of_setting(empty_database) == {"street", "online", "offline", "both", "unknown"}
    run(copy, empty_database, "downgrade", last)
    assert codes_of_setting(empty_database) == {"online", "offline", "both", "unknown"}
