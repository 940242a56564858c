"""The same world once more, and once more without what is hidden, or with it changed or doubled.

Whoever may not see it must not be able to tell these worlds apart.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tests import databases
from tests.conftest import let_go, new_app
from tests.databases import Database, folder_of_run
from tests.safety import copies
from tests.safety.canaries import TABLES, Canary
from tests.safety.canaries import Place as Kept
from tests.safety.planted import Aviary, aviary, reindex
from tests.safety.records_made import Made, _get, plant, tie
from tests.safety.world import Place, World, _become
from tracker.audit.service import audited_change, record_event
from tracker.cases import service as cases
from tracker.cases.codes import CaseLinkKind
from tracker.db import db, set_full_access
from tracker.fake_accounts import service
from tracker.incidents import section_service
from tracker.incidents.codes import IncidentLinkKind, TargetKind
from tracker.incidents.service import TargetFacts
from tracker.permissions import Visibility
from tracker.responses import service as responses
from tracker.responses.codes import ActType
from tracker.responses.models import ResponseAct
from tracker.users.models import User
from tracker.vocabulary.codes import Answer

# Hidden from everybody who looks: what the own team keeps to itself.
HIDDEN = Place.OWN
HIDDEN_TEAM = "Desk"
# By these rows know each other.
KEPT = frozenset({"id", "ref", "team_id", "visibility", "version"})


@dataclass
class Worlds:
    """The whole world, and the others by what became of what is hidden in them."""

    whole: Aviary
    others: dict[str, Aviary] = field(default_factory=dict)


@contextmanager
def worlds(kind: str, **changes: Callable[[World], None]) -> Iterator[Worlds]:
    """Lend the world with ties between shown and hidden records, and a copy for each change."""
    with ExitStack() as stack:
        made = Worlds(stack.enter_context(aviary(kind, entangle)))
        with made.whole.app.app_context():
            _tell_apart()
            _open_later(made.whole)
        let_go(made.whole.app)
        for name, change in changes.items():
            app = stack.enter_context(_copy(kind, made.whole.app, name))
            made.others[name] = Aviary(app, made.whole.world, made.whole.planted)
            with app.app_context():
                set_full_access()
                change(made.whole.world)
                reindex()
        yield made


def entangle(app: Flask, world: World) -> None:
    """Tie what is hidden to what is shown, both ways, through the services that people use."""
    with app.app_context():
        staff = _become("staff")
        tie(world.records[HIDDEN], world.records[Place.INTERNAL], by=staff)
        hidden = {kind: _get(made) for kind, made in world.records[HIDDEN].items()}
        point_at(hidden, world, by=staff)
        shown = _get(world.records[Place.INTERNAL]["incidents"])
        responses.add_answer(hidden["responses"], shown, by=staff)
        # So that a list in the order of a count over all would be another one.
        journalist = _get(world.records[Place.PUBLISHED]["journalists"])
        facts = TargetFacts(kind=TargetKind.JOURNALIST, journalist=journalist)
        section_service.add_target(hidden["incidents"], facts, by=staff)
        # So that a shown case has come further for whoever sees what is hidden in it.
        with audited_change(hidden["responses"], "response:edit", by=staff):
            tried = ResponseAct(act=ActType.TRIAL, is_substantive=Answer.YES)
            hidden["responses"].acts.append(tried)
        db.session.commit()


def point_at(hidden: dict[str, Any], world: World, *, by: User) -> None:
    """Let shown records point at hidden ones in every way that the tracker allows; only the hidden
    account came back as the shown one already.
    """
    shown = {kind: _get(made) for kind, made in world.records[Place.INTERNAL].items()}
    section_service.add_link(
        shown["incidents"], hidden["incidents"], kind=IncidentLinkKind.PART_OF, by=by
    )
    service.add_incident(shown["fake_accounts"], hidden["incidents"], by=by)
    responses.add_answer(shown["responses"], hidden["incidents"], by=by)
    cases.link_cases(shown["cases"], hidden["cases"], CaseLinkKind.PARALLEL, by=by)
    filed = [hidden[kind] for kind in ("incidents", "fake_accounts", "responses")]
    cases.file_records(shown["cases"], filed, by=by)


def add_hidden(world: World) -> None:
    """Make as much again as is hidden, tied to what is shown as that is."""
    staff = _become("staff")
    tie(_more("late", world, by=staff), world.records[Place.INTERNAL], by=staff)
    db.session.commit()


def point_at_more(world: World) -> None:
    """Let what is shown point to more that is hidden, which changes nothing else about it."""
    staff = _become("staff")
    more = _more("later", world, by=staff)
    point_at({kind: _get(made) for kind, made in more.items()}, world, by=staff)
    db.session.commit()


def _more(word: str, world: World, *, by: User) -> dict[str, Made]:
    """Return hidden records of every kind; the institution, which nobody hides, is one of before."""
    made = plant(word, by=by, visibility=Visibility.RESTRICTED)
    institution = _get(made.pop("institutions"))
    shown = _get(world.records[Place.INTERNAL]["institutions"])
    for kind in ("responses", "appeals", "proceedings"):
        _get(made[kind]).institution = shown
    for step in _get(made["proceedings"]).steps:
        step.institution = shown
    db.session.flush()
    db.session.delete(institution)
    db.session.flush()
    return made


def remove_hidden(_world: World) -> None:
    """Delete what is hidden, and whatever points to it; whom shown records call somebody that is not
    named stays there, and is somebody else.
    """
    with db.engine.begin() as connection:
        hidden, staying = _hidden_ids(connection), _only_called(connection)
        _change(connection, staying, "before")
        for name, ids in staying.items():
            hidden[name] = [one for one in hidden[name] if one not in ids]
        for table in reversed(TABLES.sorted_tables):
            for column in table.columns:
                _cut_loose(connection, column, hidden)
            if table.name in hidden:
                connection.execute(sa.delete(table).where(table.c.id.in_(hidden[table.name])))


def _cut_loose(
    connection: sa.Connection, column: sa.Column[Any], hidden: dict[str, list[int]]
) -> None:
    for key in column.foreign_keys:
        ids = hidden.get(key.column.table.name)
        if ids is None or key.column.name != "id":
            continue
        points: sa.ColumnElement[bool] = column.in_(ids)
        if column.table.name in hidden:
            # What goes itself need not be whole before.
            points &= column.table.c.id.not_in(hidden[column.table.name])
        if column.nullable:
            connection.execute(sa.update(column.table).where(points).values({column.name: None}))
        else:
            connection.execute(sa.delete(column.table).where(points))


def change_hidden(_world: World) -> None:
    """Give every value of what is hidden another one, where its CHECKs allow it."""
    with db.engine.begin() as connection:
        _change(connection, _hidden_ids(connection), "anew")


def _change(connection: sa.Connection, rows: dict[str, list[int]], word: str) -> None:
    for name, ids in rows.items():
        table = TABLES.tables[name]
        for row in connection.execute(sa.select(table).where(table.c.id.in_(ids))).mappings():
            for column in table.columns:
                new = _other(column, row[column.name], word)
                if new == row[column.name]:
                    continue
                change = sa.update(table).where(table.c.id == row["id"])
                with suppress(sa.exc.IntegrityError), connection.begin_nested():
                    connection.execute(change.values({column.name: new}))


def _other(column: sa.Column[Any], value: Any, word: str) -> Any:
    """Return another value that the column takes, with a word; the same one where it is a key."""
    if value is None or column.foreign_keys or column.name in KEPT:
        return value
    if isinstance(column.type, sa.Enum):
        codes = list(column.type.enum_class or column.type.enums)
        return codes[(codes.index(value) + 1) % len(codes)]
    if isinstance(value, str):
        return f"{value} {word}"[: getattr(column.type, "length", None) or None]
    if isinstance(value, date):
        return value + timedelta(days=1)
    return value + 1 if isinstance(value, int) else value


def _tell_apart() -> None:
    """Give hidden records a country that no other has: a choice among those in use would tell."""
    with db.engine.begin() as connection:
        for name, ids in _hidden_ids(connection).items():
            table = TABLES.tables[name]
            if "country" in table.columns:
                mongolia = sa.update(table).where(table.c.id.in_(ids)).values(country="MN")
                connection.execute(mongolia)


def _open_later(birds: Aviary) -> None:
    """Let a record that all see have had words that were taken out before it was opened."""
    text = "CNRY-history-before-deskr001"
    place = Kept(HIDDEN_TEAM, "restricted")
    birds.planted.canaries[text.lower()] = Canary(text, "history", "before", "internal", place)
    staff, ref = _become("staff"), birds.world.ref("incidents", Place.INTERNAL)
    record_event("incident:edit", ref, by=staff, changes={"place": [text, "Almaty"]})
    record_event(
        "incident:widen", ref, by=staff, changes={"visibility": ["restricted", "internal"]}
    )
    db.session.commit()


@contextmanager
def _copy(kind: str, app: Flask, name: str) -> Iterator[Flask]:
    """Lend an application on a copy of another one's database."""
    name = f"{databases.worker()}_world_{name}"
    let_go(app)
    url = app.config["TRACKER"].database_url
    if kind == "postgresql":
        url = copies._copy_on_server(name, sa.make_url(url).database or "")
    else:
        file = folder_of_run() / f"{name}.db"
        source = sqlite3.connect(sa.make_url(url).database or "")
        with closing(source), closing(sqlite3.connect(file)) as target:
            source.backup(target)
        url = f"sqlite:///{file}"
    copied = new_app(Database(kind, url))
    try:
        yield copied
    finally:
        let_go(copied)
        copies._drop(kind, name)


def _hidden_ids(connection: sa.Connection) -> dict[str, list[int]]:
    team = sa.select(TABLES.tables["teams"].c.id).where(
        TABLES.tables["teams"].c.name == HIDDEN_TEAM
    )
    found = {}
    for table in TABLES.sorted_tables:
        if "visibility" in table.columns and "id" in table.columns:
            hidden = (table.c.team_id == team.scalar_subquery()) & (
                table.c.visibility == "restricted"
            )
            found[table.name] = list(connection.scalars(sa.select(table.c.id).where(hidden)))
    return found


def _only_called(connection: sa.Connection) -> dict[str, list[int]]:
    """Return the journalists whose names are closed and at whom shown incidents were aimed: these
    say that there is somebody.
    """
    target, name = TABLES.tables["incident_targets"], TABLES.tables["journalist_names"]
    aimed_at = sa.select(target.c.journalist_id).where(
        target.c.visibility == "internal", target.c.name_reach == "team"
    )
    hers = sa.select(name.c.id).where(name.c.bearer_id.in_(aimed_at))
    hidden = _hidden_ids(connection)
    return {
        table: [one for one in connection.scalars(rows) if one in hidden[table]]
        for table, rows in (("journalists", aimed_at), ("journalist_names", hers))
    }
