"""While four people log as fast as they can, every backup restores, with all that was saved before."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from tests.databases import Database
from tests.durability.figures import figure
from tests.factories import as_user, make_incident
from tests.nightly import size
from tests.operating.drills import elsewhere, new_key, refs_in, restore, started_on, taken
from tracker.db import db

WRITERS = 4
BACKUPS = size(day=3, night=60)


class Writers:
    """People who log one incident after the other; what was acknowledged is kept."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.acknowledged: list[str] = []
        self.failed: list[BaseException] = []
        self.stop = threading.Event()

    def write(self, number: int) -> None:
        done = 0
        while not self.stop.is_set():
            try:
                with as_user(self.app, f"staff{number}") as person:
                    ref = make_incident(who=f"editor {number}-{done}", by=person).ref
                    db.session.commit()
            except Exception as error:  # noqa: BLE001 (told at the end, by the test)
                self.failed.append(error)
                return
            self.acknowledged.append(ref)
            done += 1
            # A breath: SQLite's lock goes to whoever asks first, and nobody here ever asks last.
            self.stop.wait(0.05)


@contextmanager
def writing(app: Flask) -> Iterator[Writers]:
    for number in range(WRITERS):
        with as_user(app, f"staff{number}") as person:
            # The types of the vocabulary are made once, before several want to.
            make_incident(by=person)
            db.session.commit()
    writers = Writers(app)
    threads = [threading.Thread(target=writers.write, args=[n]) for n in range(WRITERS)]
    for one in threads:
        one.start()
    try:
        yield writers
    finally:
        writers.stop.set()
        for one in threads:
            one.join()


def test_every_backup_restores_with_all_that_was_acknowledged_before_it(
    make_app: Callable[..., Flask], database: Database, tmp_path: Path
) -> None:
    (tmp_path / "instance").mkdir()
    recipient, key = new_key(tmp_path)
    app = make_app(instance=tmp_path / "instance", backup_recipient=recipient)
    before: list[set[str]] = []
    with writing(app) as writers:
        for number in range(BACKUPS):
            before.append(set(writers.acknowledged))
            taken(app, tmp_path / f"{number}.age")
    assert writers.failed == []
    assert len(writers.acknowledged) > BACKUPS
    lost = 0
    for number, acknowledged in enumerate(before):
        with elsewhere(database.kind, tmp_path / f"machine{number}") as other:
            backup, folder = tmp_path / f"{number}.age", tmp_path / f"new{number}"
            ended = restore(other, backup, folder, "--identity", str(key))
            assert ended.exit_code == 0, ended.output
            with started_on(other, folder) as started:
                lost += len(acknowledged - set(refs_in(started)))
    assert lost == 0
    whole = f"{BACKUPS} of {BACKUPS}"
    figure(f"backups under {WRITERS} writers that restore whole, {database.kind}", whole, whole)
