"""How alembic runs here: one transaction a migration, foreign keys off and checked on SQLite."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal, TypeGuard

from alembic import context
from alembic.autogenerate.rewriter import Rewriter
from alembic.operations.ops import (
    AddColumnOp,
    AlterColumnOp,
    CreateCheckConstraintOp,
    DropColumnOp,
    DropConstraintOp,
    MigrateOperation,
)
from sqlalchemy import Connection, DefaultClause, Engine, Enum, inspect, text
from sqlalchemy.sql.elements import conv
from sqlalchemy.sql.schema import ScalarElementColumnDefault

import tracker.models  # noqa: F401 (fills Base.metadata)
from tracker.db import Base, UTCDateTime

# Made by hand in a migration; no model describes it.
NOT_MODELS = ("search_words",)
CODE = re.compile(r"'([^']*)'")


def include_name(name: str | None, kind: str, _parents: Any) -> bool:  # noqa: ANN401 (alembic's own signature)
    """Leave the full-text table and its shadows to their migration."""
    return not (kind == "table" and name is not None and name.startswith(NOT_MODELS))


def include_object(item: Any, _name: str | None, kind: str, *_rest: Any) -> bool:  # noqa: ANN401 (alembic's own signature)
    """Leave out indexes that only PostgreSQL has: new migrations are written from SQLite."""
    return not (kind == "index" and item.dialect_kwargs.get("postgresql_using"))


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:  # noqa: ANN401 (alembic's own signature)
    """Write our types as what they are in the database, so that migrations stand alone."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        codes = ", ".join(f'"{code}"' for code in item.enums)
        constraint = f"native_enum=False, create_constraint={item.create_constraint}"
        return f'sa.Enum({codes}, name="{item.name}", {constraint}, length={item.length})'
    return False


def is_other_type(context: Any, _seen: Any, column: Any, _kind: Any, wanted: Any) -> bool | None:  # noqa: ANN401 (alembic's own signature)
    """Return whether a closed set has other codes than its CHECK allows; the rest is alembic's."""
    if not is_closed_set(wanted):
        return None
    allowed = allowed_codes(context, column.table.name, wanted)
    return True if allowed and set(allowed) != set(wanted.enums) else None


def is_closed_set(column_type: Any) -> TypeGuard[Enum]:  # noqa: ANN401 (any type of a column)
    """Return whether a column's type has a CHECK of its codes."""
    return isinstance(column_type, Enum) and column_type.create_constraint


def allowed_codes(context: Any, table: str, kind: Enum) -> list[str]:  # noqa: ANN401 (alembic's own)
    """Return the codes that the CHECK of a closed set allows in the migrated database."""
    checks = inspect(context.connection).get_check_constraints(table)
    sql = {one["name"]: one["sqltext"] for one in checks}
    return CODE.findall(sql.get(f"ck_{table}_{kind.name}", ""))


rewriter = Rewriter()


@rewriter.rewrites(AlterColumnOp)
def _replace_check(context: Any, _revision: Any, alter: AlterColumnOp) -> list[MigrateOperation]:  # noqa: ANN401 (alembic's own signature)
    """Replace the CHECK of a closed set whose codes changed; its column stays."""
    wanted, before = alter.modify_type, alter.existing_type
    if is_closed_set(wanted) and not is_closed_set(before):
        kind, codes = wanted, wanted.enums
    elif is_closed_set(before) and wanted is not None:
        kind, codes = before, allowed_codes(context, alter.table_name, before)
    else:
        return [alter]
    name = conv(f"ck_{alter.table_name}_{kind.name}")
    condition = f"{alter.column_name} IN ({', '.join(map(repr, codes))})"
    alter.modify_type = None
    return [
        DropConstraintOp(name, alter.table_name, type_="check"),
        CreateCheckConstraintOp(name, alter.table_name, condition),
        *([alter] if alter.has_changes() else []),
    ]


@rewriter.rewrites(AddColumnOp)
def _fill_rows(_context: Any, _revision: Any, add: AddColumnOp) -> MigrateOperation:  # noqa: ANN401 (alembic's own signature)
    """Give a column that may not be NULL the model's default in the rows that exist."""
    column, default = add.column, add.column.default
    if isinstance(default, ScalarElementColumnDefault) and column.server_default is None:
        value = default.arg
        in_sql = str(value) if isinstance(value, str) else text(str(value).lower())
        column.server_default = None if column.nullable else DefaultClause(in_sql)
    return add


@rewriter.rewrites(DropColumnOp)
def _drop_check_first(_context: Any, _revision: Any, drop: DropColumnOp) -> list[MigrateOperation]:  # noqa: ANN401 (alembic's own signature)
    """Drop the CHECK of a closed set before its column: SQLite would keep it."""
    column_type = drop.to_column().type
    if not is_closed_set(column_type):
        return [drop]
    name = conv(f"ck_{drop.table_name}_{column_type.name}")
    return [DropConstraintOp(name, drop.table_name, type_="check"), drop]


def run(connection: Connection, *, after_each: Callable[..., None] | None = None) -> None:
    """Run what was asked for on one connection; what comes `after_each` migration may still undo it
    by an error.
    """
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        include_name=include_name,
        include_object=include_object,
        transaction_per_migration=True,
        compare_type=is_other_type,
        render_item=render_item,
        process_revision_directives=rewriter,
        on_version_apply=after_each,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_on(engine: Engine) -> None:
    """Run on an engine; on SQLite without cascades while tables are rebuilt.

    A batch ALTER of a parent would delete its children through ON DELETE CASCADE, and the pragma is
    a no-op inside a transaction: it is set on the driver's connection before any begins.
    """
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            run(connection)
            connection.commit()
            return
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        # Else the renaming that ends a rebuilt table fails on the views that read it.
        driver.execute("PRAGMA legacy_alter_table=ON")
        before = _triggers(driver)
        try:
            run(connection, after_each=lambda **_told: _refuse_damage(driver, before))
            connection.commit()
        finally:
            # What failed while it was kept is still open, and inside of it the pragma does nothing.
            driver.rollback()
            driver.execute("PRAGMA legacy_alter_table=OFF")
            driver.execute("PRAGMA foreign_keys=ON")


def _triggers(driver: Any) -> set[str]:  # noqa: ANN401 (the driver's connection)
    rows = driver.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    return {name for (name,) in rows}


def _refuse_damage(driver: Any, triggers_before: set[str]) -> None:  # noqa: ANN401 (the driver's connection)
    orphans = driver.execute("PRAGMA foreign_key_check").fetchall()
    if orphans:
        message = f"the migration left rows without their parent: {orphans[:5]}"
        raise RuntimeError(message)
    tables = {name for (name,) in driver.execute("SELECT name FROM sqlite_master")}
    lost = {name for name in triggers_before - _triggers(driver) if name.split("__")[0] in tables}
    if lost:
        message = f"the migration dropped triggers: {sorted(lost)}"
        raise RuntimeError(message)


run_on(context.config.attributes["engine"])
