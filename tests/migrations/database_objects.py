"""`python -m tests.migrations.database_objects` writes which triggers and views the migrations make."""

from __future__ import annotations

import json

import sqlalchemy as sa

from tests import databases
from tracker.audit.proof_queries import DATABASE_OBJECTS_FILE, list_database_objects


def made(kind: str) -> dict[str, str]:
    """Return what the migrations make on one of the databases."""
    with databases.fresh(kind) as database:
        engine = sa.create_engine(database.url, poolclass=sa.NullPool)
        return dict(sorted(list_database_objects(engine).items()))


if __name__ == "__main__":
    folder = databases.make_folder()
    try:
        every = {kind: made(kind) for kind in databases.KINDS}
        DATABASE_OBJECTS_FILE.write_text(
            json.dumps(every, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    finally:
        databases.remove_folder(folder)
