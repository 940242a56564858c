"""How alembic runs here: one transaction a migration, foreign keys off and checked on SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from alembic import context

from tracker.db import Base, UTCDateTime
from tracker.models import __all__ as _every_model  # noqa: F401 (fills Base.metadata)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

# Made by hand in a migration; no model describes it.
NOT_MODELS = ("search_words",)


def include_name(name: str | None, kind: str, _parents: Any) -> bool:  # noqa: ANN401 (alembic's own signature)
    """Leave the full-text table and its shadows to their migration."""
    return not (kind == "table" and name is not None and name.startswith(NOT_MODELS))


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:  # noqa: ANN401 (alembic's own signature)
    """Write our moment type as what it is in the database, so that migrations stand alone."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection, *, after_each: Callable[..., None] | None = None) -> None:
    """Run what was asked for on one connection; what comes `after_each` migration may still undo it
    by an error.
    """
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        include_name=include_name,
        transaction_per_migration=True,
        compare_type=True,
        render_item=render_item,
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
        before = _triggers(driver)
        try:
            run(connection, after_each=lambda **_told: _refuse_damage(driver, before))
            connection.commit()
        finally:
            # What failed while it was kept is still open, and inside of it the pragma does nothing.
            driver.rollback()
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
