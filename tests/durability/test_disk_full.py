"""A disk that is full while somebody saves: said in words, nothing typed or stored is lost."""

from __future__ import annotations

import re
import resource
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.databases import Database
from tests.durability.figures import figure
from tests.durability.running import PEOPLE, Server, furnished_file, writing
from tests.factories import as_user, make_article, sign_in, token_in
from tests.journeys.browser import Browser
from tracker.db import current_engines, db
from tracker.db_privileges import AUTHORIZERS

# Enough for several new pages of a database, whose free space a small record would still find.
STORY = "\n".join(f"Line {number}: Анна & Co said <no>." for number in range(1, 900))
QUOTE = "Two men came to the house of an editor."
KEPT = re.compile(r"<textarea[^>]* readonly[^>]*>\n(.*?)</textarea>", re.DOTALL)
# Raised by PostgreSQL itself with the code that it has for a full disk.
REFUSING = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON audit_events EXECUTE FUNCTION no_room();
"""
ROOM = "DROP TRIGGER no_room ON audit_events; DROP FUNCTION no_room();"


def kept_on(page: str) -> list[str]:
    return [unescape(text) for text in KEPT.findall(page)]


def rows(app: Flask) -> dict[str, list[Any]]:
    """Return everything that the database holds, but for when somebody was last seen."""
    with app.app_context(), current_engines().full_reading.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        return {
            name: sorted(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{name}"')))
            for name in names
            if name != "sessions" and not name.startswith("search_words")
        }


@contextmanager
def full_disk(app: Flask) -> Iterator[None]:
    """Let no connection of the application find any more room."""
    with app.app_context():
        full, low = current_engines().full_writing, current_engines().writing
    if full.dialect.name == "postgresql":
        with full.begin() as connection:
            connection.exec_driver_sql(REFUSING)
        try:
            yield
        finally:
            with full.begin() as connection:
                connection.exec_driver_sql(ROOM)
        return
    with full.connect() as connection:
        most = {"pages": connection.exec_driver_sql("PRAGMA page_count").scalar_one()}

    def limit(connection: Any, *_rest: object, of_low: bool) -> None:
        # Those of pages refuse to be set up otherwise: the test puts their guard aside for it.
        connection.set_authorizer(None)
        connection.execute(f"PRAGMA max_page_count={most['pages']}")
        connection.set_authorizer(AUTHORIZERS["low"] if of_low else None)

    sa.event.listen(full, "checkout", partial(limit, of_low=False))
    sa.event.listen(low, "checkout", partial(limit, of_low=True))
    try:
        yield
    finally:
        # The application goes on with the connections that it has.
        most["pages"] = 2**30


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file of this process take a byte, where the database is its own file as well."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def browser(app: Flask, client: FlaskClient) -> Browser:
    """Return the browser of somebody of the staff, with a source already kept."""
    with as_user(app) as user:
        make_article("Kept before", by=user)
        db.session.commit()
    sign_in(client, "staff")
    return Browser(client)


def save(browser: Browser, title: str) -> int:
    browser.open("/articles/new")
    browser.press("Save", {"text": STORY, "title": title, "authors": "A. <b>Petrova</b>"})
    return browser.status


def test_a_full_disk_is_said_in_words_and_everything_typed_is_shown(
    app: Flask, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    before = rows(app)
    with full_disk(app):
        assert save(browser, "Two men <again>") == 507

    assert "The disk of the tracker is full or refuses to write." in browser.words
    kept = kept_on(browser.text)
    assert {STORY, "Two men <again>", "A. <b>Petrova</b>"} <= set(kept)
    assert token_in(browser.text) not in kept
    assert "<b>" not in browser.text
    assert "the disk is full" in caplog.text
    assert "Petrova" not in caplog.text
    assert rows(app) == before


def test_a_file_that_cannot_be_noted_is_not_given_and_the_reason_is_said(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taking a file is written down before its first byte, although it is asked for by a GET."""

    def full() -> None:
        # What the entry is too small to bring about for certain.
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise sa.exc.OperationalError("INSERT", {}, error)

    monkeypatch.setattr("tracker.reports.export_log_service.write_transaction", full)
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    browser.open("/reports/incidents.csv")
    assert browser.status == 507
    assert "The disk of the tracker is full or refuses to write." in browser.words


def test_there_is_room_again_and_saving_works_without_a_restart(
    app: Flask, browser: Browser
) -> None:
    with full_disk(app):
        assert [save(browser, "No room") for _try in range(3)] == [507] * 3
        browser.open("/articles/")
        assert (browser.status, "Kept before" in browser.words) == (200, True)

    assert save(browser, "Room again") == 200
    browser.open("/articles/")
    assert ("Room again" in browser.words, "No room" in browser.words) == (True, False)
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0


def test_another_failure_of_the_database_is_not_called_a_full_disk(
    app: Flask, browser: Browser
) -> None:
    with app.app_context(), current_engines().full_writing.begin() as connection:
        connection.exec_driver_sql("DROP TABLE article_originals")
    app.config.update(PROPAGATE_EXCEPTIONS=False)

    assert save(browser, "No table") == 500
    assert "full" not in browser.words
    assert "No table" in kept_on(browser.text)


def seen_a_while_ago(file: Path) -> None:
    """Let every request want to write when its sender was last seen, a reading one too."""
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "UPDATE sessions SET seen_at = strftime('%Y-%m-%d %H:%M:%f000', 'now', '-2 minutes')"
        )


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="this system cannot limit a process")
def test_eight_people_who_save_on_a_full_disk_lose_nothing(tmp_path: Path) -> None:
    """The whole server, on a file system that takes no more bytes for a while."""
    file = tmp_path / "tracker.db"
    article = furnished_file(file)
    server = Server(Database("sqlite", f"sqlite:///{file}"), tmp_path)
    process = server.start()
    acknowledged: list[str] = []
    refused: list[str] = []
    try:
        with ThreadPoolExecutor(PEOPLE) as pool, writing(server, article) as writers:
            for full in (False, True, False):
                seen_a_while_ago(file)
                written = file.with_name("tracker.db-wal").stat().st_size
                most = written if full else resource.RLIM_INFINITY
                resource.prlimit(process, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
                answers = list(pool.map(lambda one: one.log(quote=QUOTE), writers))
                assert {status for status, _page in answers} == {507 if full else 303}
                # Whoever only reads goes on reading.
                assert {one.send("/incidents/")[0] for one in writers} == {200}
                assert all((QUOTE in kept_on(page)) is full for _status, page in answers)
                (refused if full else acknowledged).extend(one.place for one in writers)
    finally:
        server.stop()

    with closing(sqlite3.connect(file)) as database:
        found = {place for (place,) in database.execute("SELECT place FROM incidents")}
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert found == set(acknowledged)
    figure(
        "disk full under 8 writers: records lost, stored by half",
        f"0 of {len(acknowledged)}, 0 of {len(refused)}",
        "0, 0",
    )
