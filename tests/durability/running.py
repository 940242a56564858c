"""The real server as a process of its own, and people who log incidents through it."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask

from tests import databases
from tests.conftest import AUDIT_KEY, SECRET, let_go, new_app
from tests.databases import Database
from tests.factories import PASSWORD, as_user, make_article, make_user
from tracker.db import db
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.service import load_vocabulary

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = re.compile(r'name="(csrf_token|submission)"[^>]*value="([^"]+)"')
PEOPLE = 8
ANSWERS_WITHIN = 60


def people() -> list[str]:
    return [f"writer-{number}" for number in range(PEOPLE)]


def furnish(app: Flask) -> str:
    """Put into a database what somebody needs who logs, and return the article's ref."""
    with as_user(app, people()[0]) as user:
        for name in people():
            make_user(name)
        load_vocabulary(get_or_create_console_user())
        ref = make_article(by=user).ref
        db.session.commit()
    let_go(app)
    return ref


def furnished_file(file: Path) -> str:
    """Make an SQLite database for a server of one's own, and return the article's ref."""
    with databases.fresh("sqlite") as lent:
        ref = furnish(new_app(lent))
        shutil.copyfile(lent.url.removeprefix("sqlite:///"), file)
    return ref


class Server:
    """What `flask serve` starts, on a free port and a database of one's own."""

    def __init__(self, database: Database, instance: Path) -> None:
        self.database = database
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.environment = {
            **os.environ,
            "TRACKER_DATABASE_URL": database.url,
            "TRACKER_SECRET_KEY": SECRET * 2,
            "TRACKER_AUDIT_KEY": AUDIT_KEY,
            "TRACKER_SAMPLE": "no",
            "PORT": str(self.port),
        }
        self.log = instance / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """Start, wait until it answers, and return the number of its process."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        until = time.monotonic() + ANSWERS_WITHIN
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port)):
                    return self.process.pid
            except OSError:
                time.sleep(0.02)
        raise AssertionError("the server does not start: " + self.log.read_text()[-2000:])

    def kill(self) -> None:
        """End it as a crash does: nothing of the program runs any more."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


class Writer:
    """Somebody signed in, who logs incidents one after the other."""

    def __init__(self, server: Server, name: str, article: str) -> None:
        self.name, self.form = name, f"/incidents/new?article={article}"
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.number = 0
        given = {"username": name, "password": PASSWORD}
        status, page = self.send("/sign-in", given | self.hidden("/sign-in"))
        assert status == 303, page

    @property
    def place(self) -> str:
        """The place of the incident that was logged last."""
        return f"{self.name} {self.number}"

    def send(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        """Ask for a page, or post a form; the connection is kept as a browser keeps it."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            body = None if data is None else urlencode(data)
            self.connection.request("POST" if body else "GET", path, body, headers)
            answer = self.connection.getresponse()
            page = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, page

    def hidden(self, path: str) -> dict[str, str]:
        """Open a form and return what it carries unseen."""
        return dict(HIDDEN.findall(self.send(path)[1]))

    def log(self, **more: str) -> tuple[int, str]:
        """Log one incident, whose place tells it from others, and return status and page."""
        self.number += 1
        given = {
            **self.hidden(self.form),
            "types": "threat.other",
            "quote": "2",
            "country": "KZ",
            "occurred-when": "2025",
            "extent": "once",
            "certainty": "unknown",
            "place": self.place,
            "targets-0-kind": "unnamed_person",
            "targets-0-role": "direct",
            "targets-0-who-name": "a reporter",
        }
        return self.send(self.form, given | more)

    def log_until_it_dies(self, first: threading.Event) -> Iterator[str]:
        """Yield the place of each incident that the server said it saved; tell of the first."""
        try:
            while True:
                status, page = self.log()
                assert status == 303, page
                yield self.place
                first.set()
        except (OSError, http.client.HTTPException):
            return


@contextmanager
def writing(server: Server, article: str) -> Iterator[list[Writer]]:
    """Sign eight people in, and close what they hold open when they are done."""
    writers = [Writer(server, name, article) for name in people()]
    yield writers
    for one in writers:
        one.connection.close()
