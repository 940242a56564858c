"""Copies of the world: built once a run for each database, then lent as cheaply as an empty one."""

from __future__ import annotations

import fcntl
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from flask import Flask
from sqlalchemy.engine.default import DefaultDialect

from tests import databases
from tests.conftest import let_go, new_app
from tests.databases import Database, folder_of_run
from tests.safety.world import World, build
from tracker.db import db
from tracker.reports.export_log_service import ExportLogger
from tracker.timelines.figures_service import check_figures

T = TypeVar("T")
TEMPLATE = "tracker_world"
COMMIT = DefaultDialect.do_commit
# One application for each worker and database: every copy stands behind the same address.
_apps: dict[str, Flask] = {}


@contextmanager
def copy_of_world(kind: str) -> Iterator[tuple[Flask, World]]:
    """Lend the application on a copy of the world, which is thrown away afterwards."""
    world = once_a_run(f"world.{kind}", lambda: _built(kind))
    name = databases.worker() + "_world"
    url = _copy(kind, name)
    if url not in _apps:
        _apps[url] = new_app(Database(kind, url))
    try:
        yield _apps[url], world
    finally:
        let_go(_apps[url])
        _drop(kind, name)


@contextmanager
def nothing_lasts() -> Iterator[None]:
    """Let every commit end as a rollback: answers are as they would be, and the next request finds
    the world as it was.
    """
    sessions = db.session.session_factory
    note = ExportLogger.add_rows
    # What a view says of the record it has just made would be looked up, and not be there.
    sessions.configure(expire_on_commit=False)
    DefaultDialect.do_commit = DefaultDialect.do_rollback  # type: ignore[method-assign]
    # What leaves in a file is noted of a run that is not there any more.
    ExportLogger.add_rows = lambda self, rows, *, count=None: None  # type: ignore[method-assign]  # noqa: ARG005 (its own names)
    try:
        yield
    finally:
        sessions.configure(expire_on_commit=True)
        DefaultDialect.do_commit = COMMIT  # type: ignore[method-assign]
        ExportLogger.add_rows = note  # type: ignore[method-assign]


def keep_figures(app: Flask) -> None:
    """Count the kept figures of cases again, and keep them even where nothing lasts."""
    rollback, DefaultDialect.do_commit = DefaultDialect.do_commit, COMMIT  # type: ignore[method-assign]
    try:
        with app.app_context():
            for _checked in check_figures(repair=True):
                db.session.commit()
    finally:
        DefaultDialect.do_commit = rollback  # type: ignore[method-assign]


def once_a_run(name: str, make: Callable[[], T]) -> T:
    """Return what the first process that asks for it makes; all others read it."""
    note = folder_of_run() / f"{name}.pickle"
    with note.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            note.write_bytes(pickle.dumps(make()))
        found: T = pickle.loads(note.read_bytes())
    return found


def _built(kind: str) -> World:
    if kind == "sqlite":
        file = _file(TEMPLATE)
        shutil.copyfile(databases._sqlite_template(folder_of_run()), file)
        url = f"sqlite:///{file}"
    else:
        url = _copy_on_server(TEMPLATE, databases.TEMPLATE)
    app = new_app(Database(kind, url))
    world = build(app)
    let_go(app)
    return world


def _copy(kind: str, name: str) -> str:
    if kind == "postgresql":
        return _copy_on_server(name, TEMPLATE)
    shutil.copyfile(_file(TEMPLATE), _file(name))
    return f"sqlite:///{_file(name)}"


def _drop(kind: str, name: str) -> None:
    if kind == "postgresql":
        _on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    for left in folder_of_run().glob(f"{name}.db*"):
        left.unlink()


def _file(name: str) -> Path:
    return folder_of_run() / f"{name}.db"


def _copy_on_server(name: str, template: str) -> str:
    # Left over where a build failed a moment ago.
    _on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _on_server(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return databases._address(databases._postgresql(folder_of_run()), name)


def _on_server(statement: str) -> None:
    with databases._postgresql(folder_of_run()).connect() as connection:
        connection.exec_driver_sql(statement)
