"""Very many incidents with all their parts, copied in SQL from one that the services made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask

from tests.cases.records_made import make_case
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_outlet,
    make_type,
)
from tracker.cases.service import file_records
from tracker.db import db
from tracker.incidents.codes import PurportedAs, TargetKind, TargetRole
from tracker.incidents.service import ActorFacts, TargetFacts

# Journalists and sources grow with the incidents; outlets and cases do not.
OUTLETS, CASES = 200, 500
REF = "'{prefix}-' || printf('%010d', (i * 7919117) % 10000000000)"


def write_many(app: Flask, number: int, file: Path) -> None:
    """Write an SQLite database with that many incidents."""
    with as_user(app) as user:
        make_type("impersonation.official")
        outlet = make_outlet(by=user)
        article = make_article(url="https://paper.example/1", by=user)
        made = make_incident(
            "threat.death",
            "surveillance.physical",
            article=article,
            targets=[
                TargetFacts(journalist=make_journalist(by=user), outlet=outlet),
                TargetFacts(
                    kind=TargetKind.UNNAMED_GROUP,
                    words="her neighbours",
                    role=TargetRole.COLLATERAL_NEIGHBOUR,
                ),
            ],
            actor=ActorFacts(purported_as=PurportedAs.POLICE),
            by=user,
        )
        file_records(make_case(by=user), [made], by=user)
        db.session.commit()
    source = app.config["TRACKER"].database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(source)) as seed, closing(sqlite3.connect(file)) as many:
        seed.backup(many)
    with closing(sqlite3.connect(file)) as many, many:
        many.execute("PRAGMA synchronous = OFF")
        _multiply(many, number)
        many.execute("ANALYZE")


def _multiply(many: sqlite3.Connection, number: int) -> None:
    day = "date('2005-01-01', '+' || ((i * 7919) % 7000) || ' days')"
    people, sources = max(2, number // 50), max(2, number // 2)
    bearer = {"id": "i", "name": "'Асем Қызы ' || i", "sort_key": "'k' || i"}
    _copy(many, "journalists", people, bearer | {"ref": REF.format(prefix="JRN")})
    _copy(many, "outlets", OUTLETS, bearer | {"ref": REF.format(prefix="OUT")})
    _copy(many, "cases", CASES, {"id": "i", "ref": REF.format(prefix="CAS")})
    address = "'https://paper.example/' || i"
    article = {
        "id": "i", "url": address, "canonical_url": address, "earliest": day, "latest": day,
        "precision": "'day'",
    }  # fmt: skip
    _copy(many, "articles", sources, article | {"ref": REF.format(prefix="ART")})
    incident = {
        "id": "i", "ref": REF.format(prefix="INC"), "earliest": day, "latest": day,
        "precision": "'day'", "place": "'Алматы, үй ' || (i % 900)",
        # A proposed title takes longest; half have their own.
        "title": "CASE WHEN i % 2 THEN '' ELSE 'Угрозы по телефону № ' || i END",
    }  # fmt: skip
    _copy(many, "incidents", number, incident)
    of = {"incident_id": "i"}
    _copy(many, "incident_types", number, of)
    # NULL if the seed has none.
    named = {
        "journalist_id": f"one.journalist_id * 0 + 2 + (i * 31) % ({people} - 1)",
        "outlet_id": f"one.outlet_id * 0 + 2 + (i * 17) % ({OUTLETS} - 1)",
    }
    _copy(many, "incident_targets", number, {"id": "NULL", **of, **named})
    _copy(many, "incident_actors", number, {"id": "i", **of})
    cited = {"id": "i", "record_id": "i", "article_id": f"2 + i % ({sources} - 1)"}
    _copy(many, "incident_citations", number, cited)
    filed = {"id": "i", **of, "case_id": f"2 + (i * 13) % ({CASES} - 1)"}
    _copy(many, "case_incidents", number, filed)


def _copy(many: sqlite3.Connection, table: str, number: int, other: dict[str, str]) -> None:
    """Copy the rows of the seed, with other values, until there are that many records."""
    names = [row[1] for row in many.execute(f"PRAGMA table_info({table})")]
    chosen = ", ".join(other.get(name, f'one."{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    many.execute(
        f"WITH RECURSIVE n(i) AS (VALUES (2) UNION ALL SELECT i + 1 FROM n WHERE i < {number}) "
        f"INSERT INTO {table} ({listed}) SELECT {chosen} FROM n, "
        f"{table} AS one"
    )
