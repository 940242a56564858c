"""Eight people who log at the same time, through the running server on SQLite: nothing is lost."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from tests.factories import token_in
from tests.nightly import size

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "sample-7431-words"
PEOPLE = 8
# The whole proof, a hundred each, runs at night; by day a twentieth shows a lost row as well.
EACH = size(day=5, night=100)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


PORT = _free_port()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Path]:
    """Run what `make run` runs, on a database of its own, and return the database's file."""
    file = tmp_path / "tracker.db"
    environment = {
        **os.environ,
        "TRACKER_DATABASE_URL": f"sqlite:///{file}",
        "TRACKER_SECRET_KEY": "5f1c9e0b7d2a48c6b3e4f90a1d8c7b6e",
        "TRACKER_SAMPLE_PASSWORD": PASSWORD,
        "PORT": str(PORT),
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_until_it_answers()
            yield file
        finally:
            process.terminate()


def _wait_until_it_answers() -> None:
    for _ in range(300):
        try:
            with build_opener().open(f"http://127.0.0.1:{PORT}/health") as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def _read(
    browser: OpenerDirector, path: str, data: dict[str, str] | None = None
) -> tuple[int, str]:
    body = urlencode(data).encode() if data else None
    try:
        with browser.open(f"http://127.0.0.1:{PORT}{path}", data=body) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def _signed_in() -> OpenerDirector:
    """Return a browser of the one account of the sample: eight tries of it at once are slowed down."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    token = token_in(_read(browser, "/sign-in")[1])
    _read(browser, "/sign-in", {"username": "staff", "password": PASSWORD, "csrf_token": token})
    return browser


def _log_many(browser: OpenerDirector, number: int) -> list[int]:
    found = re.search(r"/articles/(ART-[0-9A-Z]{10})/", _read(browser, "/articles/")[1])
    assert found
    form = f"/incidents/new?article={found.group(1)}"
    token = token_in(_read(browser, form)[1])
    answers = []
    for place in range(EACH):
        status, _page = _read(
            browser,
            form,
            {
                "csrf_token": token,
                "types": "threat.other",
                "quote": "2",
                "country": "KZ",
                "occurred-when": "2025",
                "extent": "once",
                "certainty": "unknown",
                "place": f"place {number}-{place}",
                "targets-0-kind": "unnamed_person",
                "targets-0-role": "direct",
                "targets-0-who-name": "a reporter",
                "then": "another",
            },
        )
        answers.append(status)
    return answers


def test_nobody_loses_a_record_to_anybody_else(server: Path) -> None:
    browsers = [_signed_in() for _person in range(PEOPLE)]
    with ThreadPoolExecutor(PEOPLE) as people:
        done = people.map(_log_many, browsers, range(PEOPLE))
        answers = [status for one in done for status in one]

    assert set(answers) == {200}
    with sqlite3.connect(server) as database:
        rows = database.execute("SELECT count(*) FROM incidents WHERE place LIKE 'place %'")
        assert rows.fetchone() == (PEOPLE * EACH,)
        chain = database.execute("SELECT count(*), max(sequence) FROM audit_events").fetchone()
        assert chain[0] == chain[1]
    database.close()
