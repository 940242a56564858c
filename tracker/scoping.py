"""Row visibility, decided here alone: every ORM statement finds only the rows of its viewer."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    event,
    false,
    or_,
    orm,
)

from tracker.db import INTERNAL, current_engines, db, text_enum
from tracker.permissions import Visibility

log = logging.getLogger(__name__)
# The number of viewers whose SQL criteria are cached. Users with the same teams count as one.
VIEWER_CACHE_SIZE = 256


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person for whom rows are read, with the teams whose restricted records they see."""

    team_ids: tuple[int, ...]


# The viewer of no team, who sees what all signed-in users see.
ALL_USERS_VIEWER = Viewer(())


class ScopedRow:
    """A row with a team and a visibility, its own or copied from a record."""

    team_id: orm.Mapped[int] = orm.mapped_column(info=INTERNAL)
    visibility: orm.Mapped[Visibility] = orm.mapped_column(
        text_enum(Visibility, check=False), default=Visibility.RESTRICTED, info=INTERNAL
    )


class ScopedRecord(ScopedRow):
    """A record that a team owns, with a visibility of its own."""

    @property
    def is_withheld(self) -> bool:
        """Whether the record stays restricted even if shared records refer to it."""
        return False

    team_id: orm.Mapped[int] = orm.mapped_column(ForeignKey("teams.id"), index=True, info=INTERNAL)
    visibility: orm.Mapped[Visibility] = orm.mapped_column(
        text_enum(Visibility), default=Visibility.RESTRICTED, info=INTERNAL
    )


class ChildRow(ScopedRow):
    """A row that belongs to a record. The row has the same team and visibility as the record, which
    a foreign key with these columns ensures.
    """


class ConfidentialRow:
    """A confidential row, visible only to the owning team, whatever the record's visibility.

    Its table is named `…_confidential`, and only full connections can read it (see `db.py`).
    """

    team_id: orm.Mapped[int] = orm.mapped_column(info=INTERNAL)


def team_foreign_key(table: str, column: str) -> ForeignKeyConstraint:
    """Return the foreign key of a confidential row to its record and team.
    `table`: the table of the record; `column`: the row's column with the record's id.
    """
    return ForeignKeyConstraint([column, "team_id"], [f"{table}.id", f"{table}.team_id"])


def team_unique_key(table: str) -> Index:
    """Return the unique key of a table of records, to which a `team_foreign_key` refers."""
    return Index(f"uq_{table}_id_team_id", "id", "team_id", unique=True)


def owner_foreign_key(table: str, column: str) -> ForeignKeyConstraint:
    """Return the foreign key by which a child row copies the team and visibility of its record.
    `table`: the table of the record; `column`: the row's column with the record's id.
    """
    return ForeignKeyConstraint(
        [column, "team_id", "visibility"],
        [f"{table}.id", f"{table}.team_id", f"{table}.visibility"],
        onupdate="CASCADE",
    )


def owner_unique_key() -> UniqueConstraint:
    """Return the unique key of a table of records, to which an `owner_foreign_key` refers."""
    return UniqueConstraint("id", "team_id", "visibility")


def more_restricted_records(
    visibility: Visibility, shown_records: Iterable[ScopedRecord | None]
) -> list[ScopedRecord]:
    """Return the shown records that fewer users see than a record of this visibility. None in place
    of a record is ignored, and so are records that stay restricted in any case (`is_withheld`).
    """
    if visibility is Visibility.RESTRICTED:
        return []
    found = {
        id(one): one
        for one in shown_records
        if one and one.visibility is Visibility.RESTRICTED and not one.is_withheld
    }
    return list(found.values())


def set_viewer(viewer: Viewer | None) -> None:
    """Set the viewer whose rows the current session finds; with None it finds no rows."""
    db.session.info["viewer"] = viewer


def viewer_team_ids() -> tuple[int, ...]:
    """Return the teams whose restricted records the current session shows."""
    viewer: Viewer | None = db.session.info.get("viewer")
    return viewer.team_ids if viewer else ()


def sees_all_rows() -> bool:
    """Return whether the current session finds the rows of all teams, as `viewing_everything`
    lets it.
    """
    return "system" in db.session.info


@contextmanager
def viewing_as_all_users() -> Iterator[None]:
    """Replace the current session, within a `with` block, by a session that finds only rows which
    all users may see.
    """
    session = db.session()
    info = {
        "viewer": session.info.get("viewer") and ALL_USERS_VIEWER,
        "reading": True,
        "full": session.info.get("full"),
    }
    with db.session.session_factory(info=info) as of_everybody:
        db.session.registry.set(of_everybody)
        try:
            yield
        finally:
            db.session.registry.set(session)


@contextmanager
def viewing_as_team(team_id: int) -> Iterator[None]:
    """Limit the current session, within a `with` block, to what one of the viewer's teams sees."""
    session = db.session()
    viewer: Viewer | None = session.info.get("viewer")
    seen = tuple(one for one in viewer_team_ids() if one == team_id)
    session.info["viewer"] = viewer and Viewer(seen)
    try:
        yield
    finally:
        session.info["viewer"] = viewer


@contextmanager
def viewing_columns_as(*, viewer: Viewer | None = None, system: str = "") -> Iterator[None]:
    """Let the current session, within a `with` block, see the rows of another `viewer`; None for no
    rows. `system`: the reason for seeing every row instead, "" not to do so. The block must select
    only columns, never whole records, since loaded records would stay in the session.

    A test counts the places that give a reason.
    """
    info = db.session().info
    before = {key: info.pop(key) for key in ("viewer", "system") if key in info}
    info["viewer"] = viewer
    if system:
        info["system"] = system
    try:
        yield
    finally:
        info.pop("system", None)
        info.update({"viewer": None} | before)


@contextmanager
def system_session(
    reason: str, *, reading: bool = False, full: bool = False
) -> Iterator[orm.Session]:
    """Open a session that sees every row; the reason is written to the log.
    `reading`: it only reads; `full`: it may also read confidential tables.

    While another session writes it must only read: on SQLite one session writes at a time. A test
    counts the places that call this function.
    """
    log.info("system session: %s", reason)
    found = current_engines()
    engine = found.reading if reading else found.writing
    if full:
        engine = found.full_reading if reading else found.full_writing
    if reading and engine.dialect.name == "postgresql":
        # A snapshot of one moment, which SQLite gives every reader.
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with orm.Session(engine, info={"system": reason}) as session:
        yield session


@contextmanager
def viewing_everything(reason: str) -> Iterator[None]:
    """Let the current session see every row within a `with` block; the reason goes to the log.

    A test counts the places that call this function.
    """
    session = db.session()
    log.info("seeing all: %s", reason)
    session.info["system"] = reason
    try:
        yield
        session.flush()
    finally:
        del session.info["system"]
        hidden = [row for row in session if _is_hidden(row, viewer_team_ids())]
        for row in hidden:
            # Expunging a record expunges its child rows, so this row may be gone already.
            if row in session:
                session.expunge(row)
        # Other loaded objects may refer to a hidden row.
        session.expire_all()


def is_visible(row: ScopedRow) -> bool:
    """Return whether the viewer of the current session may see a row, however it was loaded."""
    return not _is_hidden(row, viewer_team_ids())


def _is_hidden(row: object, team_ids: tuple[int, ...]) -> bool:
    """Return whether members of these teams may not see a row."""
    if isinstance(row, ScopedRow):
        return row.visibility is Visibility.RESTRICTED and row.team_id not in team_ids
    return isinstance(row, ConfidentialRow) and row.team_id not in team_ids


@event.listens_for(orm.Session, "do_orm_execute")
def _apply_scope(state: orm.ORMExecuteState) -> None:
    """Limit a statement to rows that the viewer of the session may see. With the execution option
    `shared`, limit it to rows that all users may see.
    """
    # Loads of columns, and of relationships together with their owners, inherit the criteria of the
    # statement that started them. A lazy load may start from an object that no statement loaded.
    if state.is_column_load or (state.is_relationship_load and state.lazy_loaded_from is None):
        return
    if not (state.is_select or state.is_update or state.is_delete):
        return
    if state.session.info.get("system"):
        return
    viewer: Viewer | None = state.session.info.get("viewer")
    if viewer is not None and state.execution_options.get("shared"):
        # Restricted to what all users may see: never more than the viewer does.
        viewer = ALL_USERS_VIEWER
    state.statement = state.statement.options(*_visibility_criteria(viewer))


@lru_cache(maxsize=VIEWER_CACHE_SIZE)
def _visibility_criteria(viewer: Viewer | None) -> tuple[orm.LoaderCriteriaOption, ...]:
    """Return the loader options that limit a statement to rows that a viewer may see. `viewer`:
    None for no rows.
    """
    if viewer is None:
        return tuple(
            orm.with_loader_criteria(kind, lambda _cls: false(), include_aliases=True)
            for kind in (ScopedRow, ConfidentialRow)
        )
    team_ids = list(viewer.team_ids)
    return (
        orm.with_loader_criteria(
            ScopedRow,
            lambda cls: or_(cls.visibility == "internal", cls.team_id.in_(team_ids)),
            include_aliases=True,
        ),
        orm.with_loader_criteria(
            ConfidentialRow, lambda cls: cls.team_id.in_(team_ids), include_aliases=True
        ),
    )
