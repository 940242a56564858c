from __future__ import annotations

import os
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
        choice(Answer, name="is_urgent"), default=Answer.UNKNOWN, info=PUBLIC
    )
    is_checked: Mapped[bool] = mapped_column(default=False, info=PUBLIC)
    remark: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)
"""
BEFORE = "    setting: Mapped[Setting]"


@pytest.fixture
def changed_copy(tmp_path: Path) -> Path:
    """Return a copy of the project in which incidents have more fields."""
    for name in ("tracker", "migrations", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "wsgi.py", tmp_path)
    models = tmp_path / "tracker" / "incidents" / "models.py"
    text = models.read_text(encoding="utf-8")
    assert text.count(BEFORE) == 1
    models.write_text(text.replace(BEFORE, FIELDS + BEFORE), encoding="utf-8")
    return tmp_path


def run(copy: Path, database: Database, *command: str) -> None:
    env = os.environ | {"TRACKER_DATABASE_URL": database.url, "TRACKER_SAMPLE": "no"}
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", *command],
        cwd=copy, env=env, check=True, capture_output=True,
    )  # fmt: skip


def columns(database: Database) -> set[str]:
    engine = create_engine(database.url)
    found = {column["name"] for column in inspect(engine).get_columns("incidents")}
    engine.dispose()
    return found


def test_a_migration_is_written_from_the_models_and_runs_up_and_down(
    changed_copy: Path, empty_database: Database
) -> None:
    before = set((changed_copy / "migrations" / "versions").glob("*.py"))
    run(changed_copy, empty_database, "revision", "Add urgency to incidents")
    [made] = set((changed_copy / "migrations" / "versions").glob("*.py")) - before
    text = made.read_text(encoding="utf-8")
    # It stands alone, and changes nothing but these columns.
    assert "tracker" not in text
    assert text.count("batch_alter_table") == 2
    assert text.count("add_column") == text.count("drop_column") == 3
    last = max(before).name[:4]
    run(changed_copy, empty_database, "upgrade")
    assert {"is_urgent", "is_checked", "remark"} <= columns(empty_database)
    run(changed_copy, empty_database, "downgrade", last)
    assert {"is_urgent", "is_checked", "remark"}.isdisjoint(columns(empty_database))
