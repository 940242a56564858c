"""Every address asked for in every way by everybody, once a run: what came back each time.

Most of it is the table of `matrix.csv`; headers and the bodies of refusals are judged from the same
answers.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.wrappers import Response

from tests.nightly import IS_NIGHT
from tests.safety.addresses import Route, address, routes_of
from tests.safety.copies import copy_of_world, nothing_lasts, once_a_run
from tests.safety.viewers import Viewer, viewers
from tests.safety.world import Place, World

FILE = Path(__file__).with_name("matrix.csv")
# Where the record stands, seen from the viewer's team; a page without one has its answer in `own`.
PLACES = {
    "own": Place.OWN,
    "published": Place.PUBLISHED,
    "other": Place.OTHER,
    "hidden": Place.HIDDEN,
    "missing": "missing",
}
HEAD = ("address", "method", "viewer", *PLACES)
NONE = "-"
# One line: whose answers (address, method, viewer), and the answers by place.
Key = tuple[str, str, str]
Table = dict[Key, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request; `body` is a digest of it without the token of its forms."""

    rule: str
    method: str
    viewer: str
    place: str
    address: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def asked(self) -> str:
        return f"{self.method} {self.rule} {self.viewer} {self.place}"


def observations(kind: str) -> list[Answer]:
    """Return the answers of this run on one database, asked for by whoever wants them first."""

    def ask() -> list[Answer]:
        with copy_of_world(kind) as (app, world):
            everybody = viewers(app, world)
            with nothing_lasts():
                return list(_asked(everybody, app, world, all_places=IS_NIGHT and kind == "sqlite"))

    return once_a_run(f"answers.{kind}", ask)


def table_of(answers: list[Answer]) -> Table:
    """Return the answers as lines of the table."""
    lines: dict[Key, dict[str, str]] = {}
    for one in answers:
        line = lines.setdefault((one.rule, one.method, one.viewer), {})
        line[one.place] = str(one.status)
    return {key: tuple(line.get(place, NONE) for place in PLACES) for key, line in lines.items()}


def written() -> Table:
    """Return the table that people reviewed."""
    with FILE.open(encoding="utf-8", newline="") as file:
        first, *lines = csv.reader(file)
    assert tuple(first) == HEAD
    table = {(line[0], line[1], line[2]): tuple(line[3:]) for line in lines}
    assert len(table) == len(lines), "two lines speak of the same address, method and viewer"
    return table


def write(table: Table) -> None:
    with FILE.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(HEAD)
        lines.writerows([*key, *answers] for key, answers in table.items())


def _asked(
    everybody: list[Viewer], app: Flask, world: World, *, all_places: bool
) -> Iterator[Answer]:
    for route in routes_of(app):
        for method in sorted(route.methods):
            for viewer in everybody:
                looked_up = True
                for place in _places(route):
                    if not (looked_up or (all_places and place in PLACES)):
                        continue
                    where = address(app, world, route, PLACES.get(place, place))
                    with viewer.send(method, where) as response:
                        answer = _noted(route, viewer, place, (method, where), response)
                    yield answer
                    if place == "missing":
                        # Whoever is refused where nothing is was refused before anything was
                        # looked up: this does not depend on the database, or on the spelling.
                        looked_up = answer.status == 404


def _places(route: Route) -> list[str]:
    if route.takes_a_record:
        other = ["malformed"] if IS_NIGHT else []
        return ["missing", *other, *(place for place in PLACES if place != "missing")]
    # Teams keep records, and nothing else.
    return ["missing", "own"] if route.rule.arguments else ["own"]


def _noted(
    route: Route, viewer: Viewer, place: str, asked: tuple[str, str], response: Response
) -> Answer:
    # Tokens and the keys of forms are new each time; nothing else may be.
    body = re.sub(rb'(name="[a-z_]+" type="hidden" value=)"[^"]*"', rb"\1", response.data)
    method, where = asked
    return Answer(
        rule=route.rule.rule,
        method=method,
        viewer=viewer.name,
        place=place,
        address=where,
        status=response.status_code,
        headers=tuple(response.headers.to_wsgi_list()),
        body=hashlib.sha256(body).hexdigest(),
    )
