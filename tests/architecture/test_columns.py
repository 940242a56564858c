"""Every column says who may see it, and every constraint has a name that both databases take."""

from __future__ import annotations

from difflib import unified_diff
from textwrap import shorten

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Constraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
)

from tests.architecture.source import ROOT, imports, modules
from tracker.db import Base
from tracker.reports.formats import CONTENT_TYPES, FILE_SUFFIXES, WRITER_OF_FORMAT, FileFormat
from tracker.reports.packages.metadata import build_dictionary

WRITE = "run `.venv/bin/python -m flask --app wsgi reports dictionary > docs/data-dictionary.md`:"
CLASSES = {"public", "internal", "confidential"}
MAX_NAME_LENGTH = 63  # PostgreSQL cuts a longer one off, and a migration then looks for another

# Secrets of signing in, not facts about anybody: they lie where the session is looked up.
SECRETS = {
    "users.password_hash",
    "sessions.token_hash",
    "second_factors.secret",
    "recovery_codes.code_hash",
    "known_devices.token_hash",
    "sign_in_links.token_hash",
    "calendar_links.token_hash",
}


def unclassed(metadata: MetaData) -> list[str]:
    """Say which columns lack a classification: PUBLIC, INTERNAL or CONFIDENTIAL."""
    return [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.info.get("class") not in CLASSES
    ]


def misplaced(metadata: MetaData) -> list[str]:
    """Say where a confidential column lies among others: a query for the others would load it."""
    return [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.info.get("class") == "confidential"
        and not table.name.endswith("_confidential")
        and f"{table.name}.{column.name}" not in SECRETS
    ]


def unnamed(metadata: MetaData) -> list[str]:
    """Say which constraints and indexes lack a name that both databases take."""
    wrong = []
    for table in metadata.tables.values():
        parts: list[Constraint | Index] = [*table.constraints, *table.indexes]
        for one in parts:
            name = None if one.name is None else str(one.name)
            # A CHECK without a name of its own is given None by the naming convention.
            if not name or name.endswith("_None") or len(name) > MAX_NAME_LENGTH:
                wrong.append(f"{table.name}: {type(one).__name__} {name}")
    return wrong


def test_models_are_all_in_one_place():
    (one_place,) = (one for one in modules() if one.name == "tracker.models")
    named = {found.target for found in imports(one_place)}
    assert {mapper.class_.__module__ for mapper in Base.registry.mappers} <= named


@pytest.mark.parametrize("rule", [unclassed, misplaced, unnamed], ids=lambda rule: rule.__name__)
def test_tables_say_what_they_hold(rule):
    wrong = rule(Base.metadata)
    assert not wrong, "\n".join([rule.__doc__, *wrong])


def test_the_data_dictionary_has_the_columns_of_files():
    lines = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8").splitlines()
    wanted = build_dictionary().splitlines()
    differ = [line for line in unified_diff(lines, wanted, n=0, lineterm="") if line[:1] in "+-"]
    assert not differ, "\n".join([WRITE, *(shorten(line, 100) for line in differ[2:])])


def test_the_rules_bite():
    bad = MetaData()
    Table(
        "notes",
        bad,
        Column("id", Integer, primary_key=True),
        Column("witness", Integer, info={"class": "confidential"}),
        ForeignKeyConstraint(["id"], ["notes.id"]),
        CheckConstraint("id > 0", name="a" * 64),
    )

    assert unclassed(bad) == ["notes.id"]
    assert misplaced(bad) == ["notes.witness"]
    assert len(unnamed(bad)) == 3


def test_each_file_format_has_a_writer_and_a_content_type() -> None:
    missing = [
        *(
            f"WRITER_OF_FORMAT: {one}"
            for one in FileFormat
            if not one.is_workbook and one not in WRITER_OF_FORMAT
        ),
        *(f"CONTENT_TYPES: {one}" for one in FILE_SUFFIXES if one not in CONTENT_TYPES),
    ]
    assert not missing, "add to tracker/reports/formats.py: " + ", ".join(missing)
