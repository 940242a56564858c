"""The databases of released versions: their rows as that version left them, kept for good.

`python -m tests.migrations.released_databases NAME` writes `released/NAME.jsonl`: a world with a
record of every kind, made by the services and so in the audit log. Run it once for each release, on
the commit of the release, and keep the file.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from tests import databases
from tests.safety.copies import copy_of_world
from tracker import schema
from tracker.db import current_engines

FOLDER = Path(__file__).parent / "released"
# Made from the others by the next save, or by the database.
LEFT_OUT = ("alembic_version", "search_", "article_marks")


def released() -> list[str]:
    """Return the names of the versions that are kept."""
    return sorted(file.stem for file in FOLDER.glob("*.jsonl"))


def write(engine: Engine, file: Path) -> None:
    """Write the rows of a database, one a line, in an order in which they can be put back."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection, file.open("w", encoding="utf-8") as lines:
        lines.write(json.dumps(schema.current_revision(engine)) + "\n")
        for table in metadata.sorted_tables:
            if table.name.startswith(LEFT_OUT):
                continue
            for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns)):
                values = {key: _plain(value) for key, value in row._mapping.items()}
                line = [table.name, {k: v for k, v in values.items() if v is not None}]
                lines.write(json.dumps(line, ensure_ascii=False) + "\n")


def load(engine: Engine, name: str) -> None:
    """Bring an empty database to the revision of a released version, and put its rows in."""
    revision, *rows = map(json.loads, (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines())
    schema.upgrade(engine, revision)
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Rows of one table may point to later ones.
            connection.exec_driver_sql("SET session_replication_role = replica")
        for table_name, values in rows:
            table = metadata.tables[table_name]
            given = {key: _stored(table.c[key].type, value) for key, value in values.items()}
            connection.execute(sa.insert(table).values(given))
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = origin")
            _count_on(connection, metadata)


def _count_on(connection: Connection, metadata: sa.MetaData) -> None:
    """Let PostgreSQL give new rows numbers after those that were put in."""
    for table in metadata.tables.values():
        if "id" in table.c:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) "
                f"FROM {table.name} WHERE pg_get_serial_sequence('{table.name}', 'id') IS NOT NULL"
            )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat()
    return (
        value.hex()
        if isinstance(value, bytes)
        else str(value)
        if isinstance(value, date)
        else value
    )


def _stored(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if isinstance(kind, sa.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    return bytes.fromhex(value) if isinstance(kind, sa.LargeBinary) else value


def _main(name: str) -> None:
    folder = databases.make_folder()
    try:
        with copy_of_world("sqlite") as (app, _world), app.app_context():
            write(current_engines().full_reading, FOLDER / f"{name}.jsonl")
    finally:
        databases.remove_folder(folder)


if __name__ == "__main__":
    _main(sys.argv[1])
