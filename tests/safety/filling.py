"""A row of every table in every place, also of tables that nobody thought of yet: made from the
columns, their types and their keys.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from tests.safety.canaries import TABLES

MOMENT = datetime(2025, 6, 20, 10, tzinfo=UTC)
DAY = date(2025, 6, 20)
# What a CHECK asks of a row, where the first code or the plainest value does not do.
FIT: dict[str, Any] = {
    "article_masks.start": 0,
    "article_masks.end": 4,
    "export_runs.sha256": "",
    "suggestion_outcomes.score": 80,
    "suggestion_outcomes.start": 0,
    "suggestion_outcomes.end": 4,
}
PLAIN: dict[type[Any], Any] = {
    sa.LargeBinary: b"words",
    sa.Integer: 1,
    sa.DateTime: MOMENT,
    sa.Date: DAY,
    sa.JSON: {},
}
# What is published is open to everybody: restricted records are not, and cannot be.
ONLY_SHOWN = {"publications"}
# An inbox is its team's, and so is a file of others.
ONLY_KEPT = {"intake_items", "import_batches", "import_rows", "import_mappings"}
# Of no team's records: people are in teams, and a monitor who writes of a month is of one.
OF_NO_RECORD = {"team_members", "monthly_texts"}
# Pairs of records, and no words: of one record they cannot be made.
NO_WORDS = {"journalist_namesakes", "outlet_namesakes", "institution_namesakes"}
# Made by the application for whoever signs in; made up, they would sign nobody in or out.
OF_ONE_USER = "leaver"


def fill(connection: sa.Connection) -> None:
    """Insert a row into each table that has none in some place (a team and a visibility)."""
    user = connection.execute(
        sa.text("SELECT id FROM users WHERE name = :name"), {"name": OF_ONE_USER}
    ).scalar_one()
    for table in TABLES.sorted_tables:
        if table.name in NO_WORDS:
            continue
        if "visibility" in table.columns:
            missing = _places_without(connection, table)
        elif "team_id" in table.columns and table.name not in OF_NO_RECORD:
            missing = _owners_without(connection, table)
        else:
            rows = sa.select(sa.func.count()).select_from(table)
            missing = [] if connection.execute(rows).scalar() else [{}]
        for place in missing:
            connection.execute(sa.insert(table).values(_row(connection, table, user, place)))


def _places_without(connection: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    """Return the team and visibility of each place in which the table has no row yet."""
    incidents = TABLES.tables["incidents"]

    def of(one: sa.Table) -> set[tuple[Any, Any]]:
        rows = sa.select(one.c.team_id, one.c.visibility).distinct()
        return {(team, str(seen)) for team, seen in connection.execute(rows)}

    missing = sorted(of(incidents) - of(table))
    if table.name in ONLY_SHOWN:
        missing = [(team, seen) for team, seen in missing if seen != "restricted"]
    if table.name in ONLY_KEPT:
        missing = [(team, seen) for team, seen in missing if seen == "restricted"]
    return [{"team_id": team, "visibility": seen} for team, seen in missing]


def _owners_without(connection: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    """Return the key and team of each record that could have a row of the table, and has none."""
    key = next(one for one in table.foreign_key_constraints if len(one.columns) > 1)
    pairs = [(one.parent, one.column) for one in key.elements]
    mine, theirs = next(pair for pair in pairs if pair[0].name != "team_id")
    owner = theirs.table
    rows = sa.select(theirs, owner.c.team_id).where(theirs.not_in(sa.select(mine))).order_by(theirs)
    return [{mine.name: number, "team_id": team} for number, team in connection.execute(rows).all()]


def _row(
    connection: sa.Connection, table: sa.Table, user: int, place: dict[str, Any]
) -> dict[str, Any]:
    values = dict(place)
    for column in table.columns:
        name = f"{table.name}.{column.name}"
        if column.name in values or column is table.autoincrement_column:
            continue
        if name in FIT:
            values[column.name] = FIT[name]
        elif column.nullable:
            values[column.name] = None
        elif column.foreign_keys:
            values[column.name] = _key(connection, column, user, place)
        else:
            values[column.name] = _plain(column)
    return values


def _key(
    connection: sa.Connection, column: sa.Column[Any], user: int, place: dict[str, Any]
) -> Any:
    """Return the id of a row that the key may point to: in the same place, where rows have one."""
    target = next(iter(column.foreign_keys)).column
    if target.table.name == "users":
        return user
    rows = sa.select(target).order_by(target)
    if place and "visibility" in target.table.columns:
        rows = rows.where(*(target.table.c[name] == value for name, value in place.items()))
    taken = []
    if column.primary_key or column.unique:
        taken = list(connection.scalars(sa.select(column)))
    return connection.scalars(rows.where(target.not_in(taken))).first()


def _plain(column: sa.Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, sa.Enum):
        return kind.enum_class(kind.enums[0]) if kind.enum_class else kind.enums[0]
    # Our own moment is a type around the database's.
    base = getattr(kind, "impl", kind)
    words = "words"[: getattr(base, "length", None) or 5]
    return next((value for type_, value in PLAIN.items() if isinstance(base, type_)), words)
