"""Two people erase what is kept in confidence of a journalist, and then it is nowhere any more."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.conftest import let_go
from tests.databases import Database
from tests.factories import as_user, make_incident, make_journalist, sign_in_directly
from tests.journeys.browser import Browser, browse
from tracker.audit.models import AuditEvent
from tracker.db import (
    PURGE_RETRY_THREAD_NAME,
    current_engines,
    db,
    purge_deleted_pages,
    set_full_access,
)
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts
from tracker.people import service
from tracker.people.models import Erasure, Journalist
from tracker.permissions import Role
from tracker.serving import prepare_to_serve

SECRET = "Zyzzyvaquux47110815"
HOW = "Qwyjibofoobar2309"


@pytest.fixture
def hers(app: Flask) -> str:
    """Return the ref of a journalist of whom something is kept in confidence, by the pages."""
    with as_user(app) as user:
        asem = make_journalist("Asem Doe", by=user)
        incident = make_incident(targets=[TargetFacts(journalist=asem)], by=user)
        db.session.commit()
        ref, about, number = asem.ref, incident.ref, incident.targets[0].id
    staff = browse(app, "staff")
    staff.open(f"/journalists/{ref}/confidential")
    values: dict[str, object] = dict.fromkeys(
        ("legal_name", "home_address", "contacts", "notes"), SECRET
    )
    staff.press("Save", values)
    staff.open(f"/incidents/{about}/targets/{number}/naming")
    staff.press("Save", {"decision": "public_record", "how_asked": HOW})
    assert staff.status == 200
    return ref


def places(app: Flask, word: str) -> list[str]:
    """Return where a word still stands: in tables, the search index and the trail among them, and
    on SQLite in the bytes of the files.
    """
    found = []
    with app.app_context():
        engine = current_engines().full_reading
        with engine.connect() as connection:
            for table in sa.inspect(connection).get_table_names():
                rows = connection.execute(sa.text(f'SELECT * FROM "{table}"'))
                if any(word.casefold() in str(tuple(row)).casefold() for row in rows):
                    found.append(table)
        if engine.dialect.name == "sqlite":
            file = Path(engine.url.database or "")
            files = [one for one in (file, Path(f"{file}-wal")) if one.exists()]
            found += [one.name for one in files if word.encode() in one.read_bytes()]
    return found


def test_asked_by_one_and_agreed_by_another_it_is_nowhere_any_more(app: Flask, hers: str):
    assert "journalists_confidential" in places(app, SECRET)
    assert "audit_values_confidential" in places(app, SECRET)
    assert "target_namings_confidential" in places(app, HOW)

    staff = browse(app, "staff")
    staff.open(f"/journalists/{hers}/")
    staff.follow("Erase confidential data")
    staff.press("Request erasure", {"reason": "She asked us to."})
    assert "You requested it. Another member of the team must approve it" in staff.words
    assert "Approve and erase" not in staff.words
    assert places(app, SECRET)
    staff.open("/")
    assert "Erase confidential data" not in staff.words

    other = browse(app, "colleague")
    other.open("/")
    other.follow("Asem Doe")
    assert "She asked us to." in other.words
    other.press("Approve and erase")
    assert "Confidential data erased." in other.words
    assert "requested by staff, approved by colleague" in other.words
    other.open("/")
    assert "Erase confidential data" not in other.words

    assert places(app, SECRET) == []
    assert places(app, HOW) == []
    other.open(f"/journalists/{hers}/history")
    assert "erased the confidential data of this person" in other.words
    result = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert result.output.startswith("ok "), result.output


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_somebody_still_reads_is_gone_soon_after_they_are_done(
    app: Flask, hers: str, database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tracker.db.PURGE_RETRY_SECONDS", 0.1)
    monkeypatch.setattr("tracker.db.PURGE_LOCK_TIMEOUT_MS", 100)
    with as_user(app) as first:
        service.request_erasure(one(hers), reason="She asked us to.", by=first)
        db.session.commit()
    other = browse(app, "colleague")
    other.open(f"/journalists/{hers}/erase")
    log = Path(database.url.removeprefix("sqlite:///") + "-wal")
    with reading(app):
        other.press("Approve and erase")
        assert "copies in free disk space are removed when the database is less busy" in other.words
        time.sleep(0.5)
        assert SECRET.encode() in log.read_bytes()
    _wait_until_forgotten()
    assert places(app, SECRET) == []
    assert places(app, HOW) == []


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_table_that_somebody_still_reads_is_written_anew_soon_after_they_are_done(
    app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tracker.db.PURGE_RETRY_SECONDS", 0.1)
    monkeypatch.setattr("tracker.db.BUSY_TIMEOUT_MS", 200)
    let_go(app)
    table = "journalists_confidential"
    file = sa.text(f"SELECT pg_relation_filenode('{table}')")
    with app.app_context(), current_engines().full_reading.connect() as reader:
        reader.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
        before = reader.execute(file).scalar()
        assert not purge_deleted_pages([table])
        time.sleep(0.5)
        assert reader.execute(file).scalar() == before
        reader.rollback()
        _wait_until_forgotten()
        assert reader.execute(file).scalar() != before
    let_go(app)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_a_killed_server_left_is_gone_when_the_next_one_starts(
    app: Flask, hers: str, database: Database
):
    with as_user(app) as first:
        service.request_erasure(one(hers), reason="She asked us to.", by=first)
        db.session.commit()
    with as_user(app, "colleague") as second:
        db.session.rollback()
        set_full_access()
        service.approve_erasure(one(hers), by=second)
        db.session.commit()
    assert SECRET.encode() in Path(database.url.removeprefix("sqlite:///") + "-wal").read_bytes()
    with app.app_context():
        prepare_to_serve(app.config["TRACKER"])
    assert places(app, SECRET) == []


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_full_disk_delays_forgetting_and_stops_no_start(
    app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tracker.db.PURGE_RETRY_SECONDS", 0.1)
    full = ["full", "full"]

    class Full(sqlite3.Cursor):
        def execute(self, statement: str, *given: Any) -> Any:
            if "wal_checkpoint" in statement and full:
                full.pop()
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(statement, *given)

    with app.app_context():
        engine = current_engines().full_writing
        raw = engine.raw_connection

        def connect() -> Any:
            fairy: Any = raw()
            monkeypatch.setattr(fairy, "cursor", lambda: fairy.dbapi_connection.cursor(Full))
            return fairy

        monkeypatch.setattr(engine, "raw_connection", connect)
        prepare_to_serve(app.config["TRACKER"])
    assert full == ["full"]
    _wait_until_forgotten()
    assert full == []


@contextmanager
def reading(app: Flask) -> Iterator[None]:
    """Keep reading what the database holds now, as a long file does."""
    with app.app_context(), current_engines().reading.connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM users").scalar()
        yield


def _wait_until_forgotten() -> None:
    for thread in [one for one in threading.enumerate() if one.name == PURGE_RETRY_THREAD_NAME]:
        thread.join(10)
        assert not thread.is_alive()


def test_what_was_decided_about_her_name_stays(app: Flask, hers: str):
    with as_user(app) as first:
        service.request_erasure(one(hers), reason="She asked us to.", by=first)
        db.session.commit()
    other = browse(app, "colleague")
    other.open(f"/journalists/{hers}/erase")
    other.press("Approve and erase")
    with app.app_context(), current_engines().full_reading.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT decision, how_asked FROM target_namings_confidential")
        )
        assert [tuple(row) for row in rows] == [("public_record", "")]
    with as_user(app):
        [target] = db.session.scalars(select(Incident)).one().targets
        assert str(target.name_reach) == "public"


def one(ref: str) -> Journalist:
    return db.session.scalars(select(Journalist).where(Journalist.ref == ref)).one()


def test_whoever_asked_does_not_agree(app: Flask, hers: str):
    staff = browse(app, "staff")
    staff.open(f"/journalists/{hers}/erase")
    staff.press("Request erasure", {"reason": "She asked us to."})
    staff.open(f"/journalists/{hers}/")
    token = staff.page.xpath("//input[@name='csrf_token']")[0].value
    answer = staff.client.post(f"/journalists/{hers}/erase/agree", data={"csrf_token": token})
    assert answer.status_code == 422
    assert "not the one who requested it" in answer.text
    assert places(app, SECRET)
    with as_user(app) as user:
        asked = db.session.scalars(select(Erasure)).one()
        asked.agreed_by_id, asked.agreed_at = user.id, asked.asked_at
        with pytest.raises(IntegrityError, match="two_people"):
            db.session.flush()


@pytest.mark.parametrize("name", ["staff", "colleague"])
def test_a_request_is_ended_by_whoever_asked_and_by_the_second_person(
    app: Flask, hers: str, name: str
):
    staff, by = browse(app, "staff"), browse(app, name)
    staff.open(f"/journalists/{hers}/erase")
    staff.press("Request erasure", {"reason": "She asked us to."})

    by.open(f"/journalists/{hers}/erase")
    by.press("Cancel the request")

    assert "Request cancelled; nothing was erased." in by.words
    assert "She asked us to." not in by.words
    assert places(app, SECRET)
    by.open(f"/journalists/{hers}/history")
    assert "cancelled the request to erase the confidential data of this person" in by.words
    other = browse(app, "colleague")
    other.open("/")
    assert "Erase confidential data" not in other.words
    staff.open(f"/journalists/{hers}/erase")
    staff.press("Request erasure", {"reason": "She asked us again."})
    assert "She asked us again." in staff.words


@pytest.mark.parametrize("answer", ["agree", "end"])
def test_nobody_answers_what_was_not_asked(app: Flask, hers: str, answer: str):
    staff = browse(app, "staff")
    staff.open(f"/journalists/{hers}/")
    token = staff.page.xpath("//input[@name='csrf_token']")[0].value
    said = staff.client.post(f"/journalists/{hers}/erase/{answer}", data={"csrf_token": token})
    assert said.status_code == 422
    assert "There is no open request for erasure" in said.text


def test_it_is_asked_with_a_reason_and_once(app: Flask, hers: str):
    staff = browse(app, "staff")
    staff.open(f"/journalists/{hers}/erase")
    staff.press("Request erasure", {"reason": " "})
    assert staff.status == 422
    staff.press("Request erasure", {"reason": "She asked us to."})
    answer = staff.client.post(
        f"/journalists/{hers}/erase",
        data={"reason": "Again.", "csrf_token": _token(staff, hers)},
    )
    assert "Erasure is already requested." in answer.text


def _token(browser: Browser, ref: str) -> str:
    browser.open(f"/journalists/{ref}/")
    return str(browser.page.xpath("//input[@name='csrf_token']")[0].value)


@pytest.mark.parametrize(
    ("name", "role", "team"),
    [("monitor", Role.MONITOR, "Desk"), ("elsewhere", Role.STAFF, "Elsewhere")],
)
def test_only_staff_of_her_team_come_to_the_page(
    app: Flask, hers: str, name: str, role: Role, team: str
):
    assert (
        browse(app, name, role, team=team).client.get(f"/journalists/{hers}/erase").status_code
        == 403
    )


def test_the_trail_says_who_and_nothing_of_what(app: Flask, hers: str):
    with as_user(app) as first:
        service.request_erasure(one(hers), reason="She asked us to.", by=first)
        db.session.commit()
        last = select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)
        event = db.session.scalars(last).one()
        assert (event.action, event.subject, event.actor) == (
            "journalist:ask-erasure", hers, "staff"
        )  # fmt: skip
        assert event.changes == {}


def test_others_do_not_read_that_something_was_kept_or_is_to_go(app: Flask):
    with as_user(app) as first:
        journalist = make_journalist(by=first)
        service.request_erasure(journalist, reason="She asked us to.", by=first)
        ref = journalist.ref
        db.session.commit()
    with as_user(app, "far", Role.STAFF, team="Abroad"):
        pass
    told = {}
    for name in ("staff", "far"):
        browser = app.test_client()
        sign_in_directly(browser, name)
        told[name] = "erasure" in browser.get(f"/journalists/{ref}/history").text
        assert "Erase confidential data" not in browser.get("/").text
    assert told == {"staff": True, "far": False}
