"""Each migration is numbered, linked to the one before, reversible, and tested with rows in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.migrations.rows import REFUSED, ROWS

# What makes a database refuse rows; the codes of closed sets are tried without being listed.
CONSTRAINT = re.compile(
    r"CheckConstraint\(|create_check_constraint\((?!\s*batch_op\.f\([^)]*\),\s*\"\w+ IN \()"
    r"|ForeignKey|create_foreign_key|UniqueConstraint\(|unique=True"
)
LISTED = "tests/migrations/rows.py"
MIGRATIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))


def constants(path: Path) -> dict[str, object]:
    """Return the simple values that a migration sets at its top."""
    found: dict[str, object] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if isinstance(value, ast.Constant):
            found |= {target.id: value.value for target in targets if isinstance(target, ast.Name)}
    return found


def out_of_line(paths: list[Path]) -> list[str]:
    """Say where a migration does not follow the one whose number is before its own."""
    wrong, before = [], None
    for number, path in enumerate(paths, 1):
        said = constants(path)
        expected = f"{number:04d}"
        if not re.fullmatch(expected + r"_[a-z0-9_]+", path.stem):
            wrong.append(f"{path.name} should begin with {expected}_")
        if (said.get("revision"), said.get("down_revision")) != (expected, before):
            wrong.append(f"{path.name} is not {expected} on {before}")
        before = expected
    return wrong


def one_way(path: Path) -> bool:
    """Say whether a migration has no way back."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    ways = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    back = ways.get("downgrade")
    return back is None or all(
        isinstance(line, ast.Pass | ast.Expr)
        and not isinstance(getattr(line, "value", None), ast.Call)
        for line in back.body
    )


def test_migrations_stand_in_one_line():
    assert MIGRATIONS
    assert out_of_line(MIGRATIONS) == []


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_a_migration_has_a_way_back_and_is_tested_with_rows(path):
    assert not one_way(path)
    number, text = path.stem[:4], path.read_text(encoding="utf-8")
    if "op.create_table(" in text:
        assert number in ROWS, f"add a row of each new table to ROWS[{number!r}] in {LISTED}"
    if CONSTRAINT.search(text):
        assert number in REFUSED, f"add a row that is refused to REFUSED[{number!r}] in {LISTED}"


def test_the_rules_bite(tmp_path):
    first = tmp_path / "0001_one.py"
    first.write_text('revision = "0001"\ndown_revision = None\ndef downgrade():\n    pass\n')
    third = tmp_path / "0003_three.py"
    third.write_text('revision: str = "0003"\ndown_revision: str = "0001"\n')

    assert len(out_of_line([first, third])) == 2
    assert one_way(first)
    assert one_way(third)


def test_no_migration_renames_a_table():
    # While they run SQLite does not rewrite what names a table (`legacy_alter_table`): triggers,
    # views and foreign keys would go on naming the old one.
    renaming = [path.name for path in MIGRATIONS if "rename_table" in path.read_text("utf-8")]
    assert renaming == []
