"""The world with a canary in every text, and a browser for each of its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.safety.canaries import Planted, Viewer, plant
from tests.safety.copies import copy_of_world
from tests.safety.filling import fill
from tests.safety.world import PEOPLE, World, enter
from tracker import scoping
from tracker.audit.service import record_event
from tracker.audit.snapshot import take_snapshot
from tracker.audit.words import WHEN_PARTS, compute_changes
from tracker.db import Base, db
from tracker.records import record_models
from tracker.scoping import set_viewer, system_session
from tracker.search.index import rebuild_index
from tracker.timelines.figures_service import check_figures
from tracker.users.models import Team
from tracker.users.queries import find_user_by_name

SAME = {"visibility", *WHEN_PARTS}
NOBODY = Viewer("", frozenset(), frozenset())


@dataclass
class Aviary:
    """An application on a world full of canaries; browsers by the name of who is signed in."""

    app: Flask
    world: World
    planted: Planted
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    def browser(self, name: str) -> FlaskClient:
        """Return the browser of a person, "" for somebody who is not signed in."""
        if name not in self.browsers:
            self.browsers[name] = enter(self.app, name) if name else self.app.test_client()
        return self.browsers[name]


def viewer_named(name: str) -> Viewer:
    if not name:
        return NOBODY
    roles, team = PEOPLE[name]
    return Viewer(name, frozenset(role.value for role in roles), frozenset({team} if team else ()))


@contextmanager
def aviary(
    kind: str, prepare: Callable[[Flask, World], None] = lambda _app, _world: None
) -> Iterator[Aviary]:
    """Lend a copy of the world in which every text is a canary, also in the trail and the index.

    `prepare` changes the world before anything is planted.
    """
    with copy_of_world(kind) as (app, world):
        prepare(app, world)
        planted = Planted()
        with app.app_context():
            with db.engine.begin() as connection:
                fill(connection)
                plant(connection, planted)
            _note_in_trail()
            reindex()
        yield Aviary(app, world, planted)


def reindex() -> None:
    """Make index and figures anew: what was written past the session is not in them."""
    with system_session("canaries") as session:
        for _done in rebuild_index(session):
            session.commit()
    for _checked in check_figures(repair=True):
        db.session.commit()


def _note_in_trail() -> None:
    """Write down each record as if somebody had just changed all of it."""
    user = find_user_by_name(db.session(), "of-both")
    assert user is not None
    set_viewer(scoping.Viewer(tuple(db.session.scalars(select(Team.id)))))
    for prefix, model in sorted(record_models().items()):
        for record in db.session.scalars(select(model).order_by(model.ref)).unique():
            after = take_snapshot(cast("Base", record))
            # Who may see it and when it was stay: entries about those say more than a value.
            before = {key: value for key, value in after.items() if key in SAME}
            before |= {key: [] for key, value in after.items() if isinstance(value, list)}
            changes = compute_changes(before, after)
            record_event(f"{prefix.lower()}:edit", record.ref, by=user, changes=changes)
    db.session.commit()
