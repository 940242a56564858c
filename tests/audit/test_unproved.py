"""Every column is held against the log, or stands with a reason on the list of those that are not."""

from __future__ import annotations

from tracker.audit.proof_queries import UNVERIFIED_COLUMNS, verified_columns
from tracker.db import Base

OF_ALL_CHILDREN = {"team_id", "visibility"}


def test_no_column_is_in_neither(app) -> None:
    assert app
    listed = [name for names in UNVERIFIED_COLUMNS.values() for name in names]
    proved = verified_columns()

    in_neither = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name not in proved.get(table.name, ())
        and not {table.name, f"{table.name}.{column.name}", f"*.{column.name}"} & set(listed)
    ]

    assert in_neither == []
    assert len(listed) == len(set(listed))
    tables = {name for name in listed if "." not in name}
    assert tables <= set(Base.metadata.tables)
    assert not [one for one in tables if len(proved.get(one, ())) > len(OF_ALL_CHILDREN) + 1]


def test_the_command_says_what_is_proved_and_what_not(app, runner) -> None:
    assert app
    said = runner.invoke(args=["audit", "fields"]).output

    assert "published_by_id" in next(
        line for line in said.splitlines() if line.startswith("publications: ")
    )
    assert "not users.password_hash, users.must_change_password, users.created_at: " in said
