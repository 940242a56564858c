"""Every page as each person sees it, asked for once a run, and what the looking left behind.

Forms, markup and what a look writes are judged from the same pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tests.nightly import IS_NIGHT, size
from tests.safety.copies import copy_of_world, once_a_run
from tests.safety.kept import kept_writes
from tests.safety.pages_found import Page, pages_of
from tests.safety.viewers import Viewer, viewer
from tests.safety.world import World
from tracker.db import Base, db

# What exporters see beside the others is seen at night.
LOOKERS = ("anonymous", "staff", "monitor", *(["exporter"] if IS_NIGHT else []), "admin")
# People of whom only some pages say anything new.
SOME_PAGES = {
    "pending": ["/sign-in/code"],
    "guarded": ["/account/", "/account/second-factor"],
    "unready": ["/account/second-factor"],
}
# Written by a look: when somebody was last seen, which files left with which rows, who read what is
# confidential.
BY_LOOKING = {"sessions", "audit_events", "export_runs", "exported_rows"}
BY_A_LOOK = re.compile(rf"(INSERT INTO|UPDATE) ({'|'.join(sorted(BY_LOOKING))})\b")
# A HEAD runs the view of its GET: by day some of them show one that is not answered like it.
HEADS = size(day=10, night=1)


@dataclass(frozen=True, slots=True)
class Looked:
    """The pages by who saw them; what was written meanwhile, and whether every row is as it was."""

    pages: dict[str, list[Page]]
    written: frozenset[str]
    is_as_before: bool


def looked(kind: str) -> Looked:
    """Return what everybody saw in this run on one database."""

    def look() -> Looked:
        with copy_of_world(kind) as (app, world):
            people = {name: viewer(app, world, name) for name in (*LOOKERS, *SOME_PAGES)}
            before = digest(app)
            with kept_writes() as kept:
                pages = {name: _seen(app, world, one) for name, one in people.items()}
            return Looked(pages, left_by(kept), digest(app) == before)

    return once_a_run(f"looked.{kind}", look)


def left_by(kept: list[str]) -> frozenset[str]:
    """Return what was written besides what any look may write."""
    return frozenset(words for words in kept if not BY_A_LOOK.match(words))


def digest(app: Flask) -> dict[str, Any]:
    """Return all rows of all tables but those that a look writes, in a form that can be compared."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
            for table in Base.metadata.sorted_tables
            if table.name not in BY_LOOKING and not table.info.get("view")
        }


def _seen(app: Flask, world: World, one: Viewer) -> list[Page]:
    seen = []
    for number, page in enumerate(pages_of(app, world, one, SOME_PAGES.get(one.name))):
        seen.append(page)
        if number % HEADS == 0:
            one.send("HEAD", page.at).close()
    return seen
