"""What the migrations leave is what the models describe, on both databases, CHECKs included.

Alembic's own check does not see CHECK constraints. Here the models make a second database, and an
inspector looks at both: whatever each database makes of a text, it makes of both.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from tests.databases import Database
from tracker.db import Base

# Made by hand in a migration: no model describes the table of the search index, nor alembic's own.
NOT_MODELS = ("search_words", "alembic_version")
# The parts of a description, to say which of them differ: names, codes, types and defaults.
WORD = re.compile(r"'[^']*'|\w+")
ADVICE = (
    "the migrations do not make what the models describe. If the models are right, run "
    '`.venv/bin/python -m flask --app wsgi db revision "What it changes"`:'
)


def described(engine: sa.Engine) -> dict[str, Any]:
    """Return all that an inspector sees, by table and kind."""
    inspector = sa.inspect(engine)
    return {
        f"{table}: {kind}": seen
        for table in inspector.get_table_names()
        if not table.startswith(NOT_MODELS)
        for kind, seen in {
            "columns": {c["name"]: column(c, engine) for c in inspector.get_columns(table)},
            "primary key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": by_name(inspector.get_foreign_keys(table)),
            "uniques": by_name(inspector.get_unique_constraints(table)),
            "checks": by_name(inspector.get_check_constraints(table)),
            "indexes": by_name(inspector.get_indexes(table)),
        }.items()
    }


def column(of: Any, engine: sa.Engine) -> tuple[str, str | None]:
    kind = of["type"].compile(engine.dialect)
    return f"{kind} {'NULL' if of['nullable'] else 'NOT NULL'}", plain(of["default"])


def forgive_filled_rows(migrated: dict[str, Any], modelled: dict[str, Any]) -> None:
    """Take out a default by which a migration filled rows with what the model gives new ones."""
    for table in Base.metadata.sorted_tables:
        columns = migrated.get(f"{table.name}: columns", {})
        for name, (kind, default) in columns.items():
            if modelled[f"{table.name}: columns"].get(name) == (kind, None):
                given = getattr(table.columns[name].default, "arg", None)
                if kind.endswith("NOT NULL") and default in in_sql(given):
                    columns[name] = (kind, None)


def in_sql(value: Any) -> set[str]:
    """Return how the databases write a default."""
    if isinstance(value, str):
        return {f"'{value}'", f"'{value}'::character varying", f"'{value}'::text"}
    return {str(value).lower()}


def by_name(found: Any) -> dict[str, dict[str, Any]]:
    return {
        str(one["name"]): {key: plain(value) for key, value in one.items() if value}
        for one in found
    }


def plain(value: Any) -> Any:
    """Forgive white space, quoting and the table's name, which a rebuilt table writes differently."""
    return re.sub(r'[\s"`]+', " ", value).strip() if isinstance(value, str) else value


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what differs, without what is the same."""
    found = {}
    for key in sorted(one.keys() | other.keys()):
        here, there = one.get(key, {}), other.get(key, {})
        if isinstance(here, dict) and isinstance(there, dict):
            for name in sorted(here.keys() | there.keys()):
                if here.get(name) != there.get(name):
                    found[f"{key}: {name}"] = (here.get(name), there.get(name))
        elif here != there:
            found[key] = (here, there)
    return found


def told(what: str, migrated: Any, modelled: Any) -> str:
    """Return a difference in one line: the words that only one of both has, if there are any."""
    if migrated is None or modelled is None:
        return f"{what} is only in the {'models' if migrated is None else 'migrations'}"
    here, there = WORD.findall(str(migrated)), WORD.findall(str(modelled))
    if set(here) == set(there):
        return f"{what} is {modelled} in the models, {migrated} in the migrations"
    more = ", ".join(one for one in there if one not in here)
    less = ", ".join(one for one in here if one not in there)
    return f"{what} has only in the models: {more or '-'}; only in the migrations: {less or '-'}"


def described_at(database: Database, metadata: sa.MetaData | None = None) -> dict[str, Any]:
    engine = sa.create_engine(database.url, poolclass=sa.NullPool)
    if metadata is not None:
        metadata.create_all(engine)
    return described(engine)


def test_the_migrations_make_what_the_models_describe(database, empty_database):
    migrated = described_at(database)
    modelled = described_at(empty_database, Base.metadata)

    forgive_filled_rows(migrated, modelled)
    differ = [told(what, *both) for what, both in differences(migrated, modelled).items()]
    assert not differ, "\n".join([ADVICE, *differ])
    assert len(migrated) > 100


def test_only_a_default_that_the_model_gives_as_well_is_forgiven():
    name = "incidents: columns"
    modelled = {name: {"setting": ("VARCHAR(40) NOT NULL", None), "place": ("TEXT NULL", None)}}
    for kind, default, is_forgiven in (
        ("VARCHAR(40) NOT NULL", "'unknown'", True),
        ("VARCHAR(40) NOT NULL", "'unknown'::character varying", True),
        ("VARCHAR(40) NOT NULL", "'online'", False),
        ("VARCHAR(40) NULL", "'unknown'", False),
    ):
        migrated = {name: {"setting": (kind, default)}}
        forgive_filled_rows(migrated, modelled)
        assert (migrated[name]["setting"][1] is None) == is_forgiven


def test_the_comparison_sees_what_alembic_does_not(empty_database):
    def shelf(*parts: Any, kind: Any = None) -> dict[str, Any]:
        metadata = sa.MetaData()
        sa.Table(
            "shelves",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("size", kind or sa.String(10), nullable=False),
            sa.Column("parent", sa.Integer, sa.ForeignKey("shelves.id", name="fk_parent")),
            *parts,
        )
        seen = described_at(empty_database, metadata)
        engine = sa.create_engine(empty_database.url, poolclass=sa.NullPool)
        metadata.drop_all(engine)
        return seen

    plain_shelf = shelf()

    assert differences(plain_shelf, shelf()) == {}
    for changed in (
        shelf(sa.CheckConstraint("size IN ('small', 'large')", name="ck_size")),
        shelf(sa.UniqueConstraint("size", name="uq_size")),
        shelf(sa.Index("ix_size", "size")),
        shelf(sa.ForeignKeyConstraint(["id"], ["shelves.id"], name="fk_id")),
        shelf(kind=sa.Integer),
    ):
        assert differences(plain_shelf, changed) != {}
    small = shelf(sa.CheckConstraint("size IN ('small', 'medium')", name="ck_size"))
    large = shelf(sa.CheckConstraint("size IN ('small', 'medium', 'large')", name="ck_size"))
    differ = [told(what, *both) for what, both in differences(small, large).items()]
    assert differ == [
        "shelves: checks: ck_size has only in the models: 'large'; only in the migrations: -"
    ]
    assert [told(what, *both) for what, both in differences(plain_shelf, large).items()] == [
        "shelves: checks: ck_size is only in the models"
    ]
