"""Very many incidents with all their parts, copied in SQL from one that the services made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from tests.cases.records_made import make_case, make_response
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_institution,
    make_journalist,
    make_outlet,
    make_type,
)
from tests.fake_accounts.accounts_made import make_account, make_platforms
from tests.intake.inbox_made import make_item
from tracker import clock
from tracker.cases.service import file_records
from tracker.db import db
from tracker.incidents.codes import PurportedAs, TargetKind, TargetRole
from tracker.incidents.models import Incident
from tracker.incidents.service import ActorFacts, TargetFacts
from tracker.people.models import Journalist
from tracker.permissions import Role
from tracker.responses.codes import ActType, AnswerScope
from tracker.responses.models import ResponseAct, ResponseAnswer
from tracker.vocabulary.codes import Answer

# Journalists and sources grow with the incidents; outlets and cases do not.
OUTLETS, CASES = 200, 500
# The incidents and sources are of so many days.
FIRST_DAY, DAYS = date(2005, 1, 1), 7_000
# A fake account for every tenth incident, a response for every twentieth; of so many bodies.
INCIDENTS_PER_ACCOUNT, INCIDENTS_PER_RESPONSE, INSTITUTIONS = 10, 20, 50
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


def _number_of_others(number: int) -> tuple[int, int]:
    """Return how many journalists and how many sources so many incidents have."""
    return max(2, number // 50), max(2, number // 2)


def _multiply(many: sqlite3.Connection, number: int) -> None:
    day = f"date('{FIRST_DAY}', '+' || ((i * 7919) % {DAYS}) || ' days')"
    people, sources = _number_of_others(number)
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


def write_others(app: Flask, number: int, file: Path) -> None:
    """Add to such a database what other pages show, for its application: fake accounts, responses,
    and an inbox in which most items are closed. Let the days end today, and approve most incidents.
    """
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        approved_by = monitor.id
    with as_user(app) as user:
        journalist = db.session.scalars(select(Journalist).limit(1)).one()
        make_account(
            "anna_true",
            ("first_seen", "2020-01-01"),
            ("blocked", "2020-02-01"),
            impersonates=[journalist],
            platform=make_platforms()["telegram"],
            by=user,
        )
        act = ResponseAct(act=ActType.CONDEMNATION, is_substantive=Answer.NO, quote="")
        answer = ResponseAnswer(incident=db.session.scalars(select(Incident).limit(1)).one())
        response = make_response(
            act, institution=make_institution(by=user), answers=[answer], by=user
        )
        response.answers_scope = AnswerScope.INCIDENTS
        make_item(by=user)
        db.session.commit()
    with closing(sqlite3.connect(file)) as many, many:
        many.execute("PRAGMA synchronous = OFF")
        people, sources = _number_of_others(number)
        _end_today(many, sources, approved_by)
        _multiply_accounts(many, number // INCIDENTS_PER_ACCOUNT, people)
        _multiply_responses(many, number // INCIDENTS_PER_RESPONSE, number)
        _multiply_items(many, sources)


def _end_today(many: sqlite3.Connection, sources: int, approved_by: int) -> None:
    """Let the last day be today; let incidents be of the day of their source, logged on it, and but
    for a hundredth approved.
    """
    days = (clock.current_date() - FIRST_DAY - timedelta(days=DAYS)).days
    moved = ", ".join(f"{name} = date({name}, '+{days} days')" for name in ("earliest", "latest"))
    many.execute(f"UPDATE articles SET {moved}, text_digest = printf('%064d', id)")
    many.execute(
        "UPDATE incidents SET (earliest, latest, recorded_at, country) = (SELECT latest, latest, "
        "latest || ' 09:00:00.000000', substr('KZKGUZRUUA', 1 + 2 * (incidents.id % 5), 2) "
        "FROM articles WHERE articles.id = 2 + incidents.id % ?)",
        (sources - 1,),
    )
    many.execute(
        "UPDATE incidents SET state = 'approved', approved_at = recorded_at, approved_by_id = ? "
        "WHERE id % 100",
        (approved_by,),
    )


def _multiply_accounts(many: sqlite3.Connection, number: int, people: int) -> None:
    """Copy the account: two thirds were blocked, and each tenth came back as the next one."""
    account = {"id": "i", "handle": "'anna_' || i", "ref": REF.format(prefix="ACC")}
    _copy(many, "fake_accounts", number, account)
    happened = f"date('{FIRST_DAY}', '+' || ((i * 7919) % {DAYS}) || ' days', CASE one.event "
    happened += "WHEN 'blocked' THEN '+' || (i % 90) || ' days' ELSE '+0 days' END)"
    of = {"id": "NULL", "account_id": "i"}
    _copy(many, "fake_account_events", number, {**of, "earliest": happened, "latest": happened})
    many.execute("DELETE FROM fake_account_events WHERE event = 'blocked' AND account_id % 3 = 0")
    posing = {**of, "journalist_id": f"2 + (i * 31) % ({people} - 1)"}
    _copy(many, "account_impersonations", number, posing)
    many.execute(
        "INSERT INTO account_successions "
        "(account_id, successor_id, certainty, basis, team_id, visibility) "
        "SELECT id, id + 1, 'likely', 'same_name', team_id, visibility FROM fake_accounts "
        "WHERE id % 10 = 1 AND id < ?",
        (number,),
    )


def _multiply_responses(many: sqlite3.Connection, number: int, incidents: int) -> None:
    body = {"id": "i", "name": "'Body ' || i", "sort_key": "'k' || i"}
    _copy(many, "institutions", INSTITUTIONS, body | {"ref": REF.format(prefix="INS")})
    day = f"date('{FIRST_DAY}', '+' || ((i * 7919) % {DAYS}) || ' days')"
    response = {
        "id": "i", "ref": REF.format(prefix="RES"), "earliest": day, "latest": day,
        "institution_id": f"2 + i % ({INSTITUTIONS} - 1)",
    }  # fmt: skip
    _copy(many, "responses", number, response)
    of = {"id": "NULL", "response_id": "i"}
    _copy(many, "response_acts", number, of)
    answered = {"incident_id": f"2 + (i * 37) % ({incidents} - 1)"}
    _copy(many, "response_answers", number, of | answered)


def _multiply_items(many: sqlite3.Connection, number: int) -> None:
    """Copy the inbox item: each source has one, and of twenty one is open."""
    closed = "CASE WHEN i % 20 THEN {} ELSE NULL END"
    item = {
        "id": "i", "article_id": "i", "ref": REF.format(prefix="INB"),
        "state": "CASE WHEN i % 20 THEN 'logged' ELSE one.state END",
        "ended_at": closed.format("one.recorded_at"),
        "ended_by_id": closed.format("one.recorded_by_id"),
    }  # fmt: skip
    _copy(many, "intake_items", number, item)


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
