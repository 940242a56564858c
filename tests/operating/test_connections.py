"""Whom the server waits for, how long, and whom it lets go: it never waits for strangers for long."""

from __future__ import annotations

import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import databases
from tests.durability.running import Server
from tests.factories import as_user, sign_in_directly
from tests.operating.running import listening
from tracker import serving
from tracker.web.guards import MAX_ANONYMOUS_REQUEST_BYTES

# What is said of connections does not depend on the database.
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
GET = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
HEADER = b"GET /health HTTP/1.1\r\nHost: a\r\n"


def connect(port: int, first: bytes = b"") -> closing[socket.socket]:
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.sendall(first)
    return closing(line)


def posted(length: int, *, cookie: str = "", path: str = "/sign-in") -> bytes:
    """Return the header of a form of that length."""
    lines = [
        f"POST {path} HTTP/1.1", "Host: a", f"Content-Length: {length}", f"Cookie: {cookie}",
        "Content-Type: application/x-www-form-urlencoded",
    ]  # fmt: skip
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def cookie_of(app: Flask, client: FlaskClient) -> str:
    """Let somebody in, and return the cookie that their browser sends."""
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    found = client.get_cookie("tracker")
    assert found
    return f"tracker={found.value}"


def closed_after(line: socket.socket, send: Callable[[], bytes] = bytes) -> float:
    """Send something again and again, and return after how many seconds the other end closes."""
    began = time.monotonic()
    line.settimeout(0.1)
    while time.monotonic() - began < 10:
        with suppress(TimeoutError):
            try:
                line.sendall(send())
                if not line.recv(65536):
                    break
            except ConnectionError:
                break
    return time.monotonic() - began


def read_until(line: socket.socket, end: bytes) -> bytes:
    """Return what comes up to these bytes, the last of an answer."""
    line.settimeout(10)
    read = b""
    while not read.endswith(end):
        more = line.recv(65536)
        assert more, read
        read += more
    return read


def answer(line: socket.socket) -> bytes:
    """Return all that comes until the other end closes."""
    line.settimeout(10)
    return b"".join(iter(lambda: line.recv(65536), b""))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything that takes seconds take less."""
    monkeypatch.setattr(serving, "HEADER_TIMEOUT_SECONDS", 1.0)
    monkeypatch.setattr(serving, "IDLE_TIMEOUT_SECONDS", 3.0)
    monkeypatch.setattr(serving, "STALL_TIMEOUT_SECONDS", 2.0)


@on_sqlite
@pytest.mark.usefixtures("impatient")
class TestTheTimeThatSomebodyHas:
    def test_a_header_that_trickles_in_is_not_waited_for(self, app: Flask) -> None:
        with listening(app) as server, connect(server.effective_port, HEADER) as line:
            assert 0.9 < closed_after(line, lambda: b"X-More: 1\r\n") < 8

    def test_a_connection_that_says_nothing_is_closed(self, app: Flask) -> None:
        with listening(app) as server, connect(server.effective_port) as line:
            assert 0.9 < closed_after(line) < 8

    def test_a_body_that_trickles_in_is_not_waited_for(self, app: Flask) -> None:
        with listening(app) as server, connect(server.effective_port, posted(9000)) as line:
            assert 0.9 < closed_after(line, lambda: b"x") < 8

    def test_a_body_above_the_slowest_is_waited_for(self, app: Flask) -> None:
        with listening(app) as server, connect(server.effective_port, posted(9000)) as line:
            for _ in range(30):
                line.sendall(b"x" * 300)
                time.sleep(0.1)
            assert line.recv(100).startswith(b"HTTP/1.1 ")

    def test_after_an_answer_the_next_request_may_take_longer(self, app: Flask) -> None:
        with listening(app) as server, connect(server.effective_port, GET) as line:
            assert read_until(line, b"ok\n")
            time.sleep(1.5)
            line.sendall(GET)
            assert read_until(line, b"ok\n")
            assert 2.5 < closed_after(line) < 9

    def test_blank_lines_are_no_request(self, app: Flask) -> None:
        with listening(app) as server, connect(server.effective_port) as line:
            assert 0.9 < closed_after(line, lambda: b"\r\n\r\n") < 8

    def test_who_takes_nothing_of_an_answer_is_let_go(self, app: Flask) -> None:
        app.view_functions["operating.health"] = lambda: bytes(32 * 1024**2)
        with listening(app) as server, connect(server.effective_port, GET):
            until = time.monotonic() + 8
            while not server.active_channels and time.monotonic() < until:
                time.sleep(0.01)
            while server.active_channels and time.monotonic() < until:
                time.sleep(0.1)
            assert not server.active_channels


@on_sqlite
class TestWhoIsLetGoForOthers:
    def test_beyond_the_limit_the_one_who_waits_longest(
        self, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(serving, "SOFT_CONNECTION_LIMIT", 3)
        header = posted(1000, cookie=cookie_of(app, client))
        with (
            listening(app) as server,
            connect(server.effective_port, header) as signed_in,
            connect(server.effective_port) as oldest,
            connect(server.effective_port, HEADER) as newer,
        ):
            time.sleep(0.2)
            with connect(server.effective_port, GET) as newest:
                assert read_until(newest, b"ok\n")
                assert closed_after(oldest) < 5
                for line in (signed_in, newer):
                    line.settimeout(0.2)
                    with pytest.raises(TimeoutError):
                        line.recv(1)


@on_sqlite
class TestWhatStrangersMaySend:
    def test_a_body_larger_than_a_sign_in_is_refused_before_it_comes(self, app: Flask) -> None:
        with (
            listening(app) as server,
            connect(server.effective_port, posted(MAX_ANONYMOUS_REQUEST_BYTES + 1)) as line,
        ):
            told = answer(line)
        assert told.startswith(b"HTTP/1.1 413 ")
        # The page of the application, with its headers, in words.
        assert b"Content-Security-Policy" in told
        assert b"Sign in first" in told

    def test_nor_is_one_taken_whose_length_is_not_said(self, app: Flask) -> None:
        chunked = posted(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        with listening(app) as server, connect(server.effective_port, chunked) as line:
            line.sendall(b"8000\r\n" + b"x" * 0x8000)
            told = answer(line)
        assert told.startswith(b"HTTP/1.1 413 ")

    def test_nobody_is_asked_to_go_on_with_it(self, app: Flask) -> None:
        asking = posted(10**6).replace(b"Host: a", b"Host: a\r\nExpect: 100-continue")
        with listening(app) as server, connect(server.effective_port, asking) as line:
            told = answer(line)
        assert told.startswith(b"HTTP/1.1 413 ")

    def test_a_cookie_that_we_did_not_sign_is_nobodys(self, app: Flask) -> None:
        with (
            listening(app) as server,
            connect(server.effective_port, posted(10**6, cookie="tracker=eyJfdXNlcl9pZCI6IjEifQ.x.y"))
            as line,
        ):  # fmt: skip
            assert answer(line).startswith(b"HTTP/1.1 413 ")

    def test_who_is_signed_in_sends_more(self, app: Flask, client: FlaskClient) -> None:
        cookie, body = cookie_of(app, client), urlencode({"title": "x" * 900_000}).encode()
        header = posted(len(body), cookie=cookie, path="/articles/new")
        with listening(app) as server, connect(server.effective_port, header) as line:
            line.sendall(body)
            assert line.recv(100).startswith(b"HTTP/1.1 400 ")

    def test_the_application_refuses_it_under_any_server(self, client: FlaskClient) -> None:
        told = client.post("/sign-in", data={"username": "x" * MAX_ANONYMOUS_REQUEST_BYTES})
        assert told.status_code == 413
        assert "Sign in first" in told.text


class TestBeingToldToStop:
    def test_what_runs_is_finished_and_nothing_new_is_taken(self, tmp_path: Path) -> None:
        with databases.fresh("sqlite") as lent:
            server = Server(lent, tmp_path)
            server.start()
            assert server.process
            file = lent.url.removeprefix("sqlite:///")
            with (
                closing(sqlite3.connect(file, isolation_level=None)) as other,
                connect(server.port) as idle,
                connect(server.port) as line,
            ):
                # Whoever posts waits for the write lock.
                other.execute("BEGIN IMMEDIATE")
                line.sendall(posted(0, path="/leave"))
                time.sleep(0.5)
                server.process.send_signal(signal.SIGTERM)
                assert closed_after(idle) < 5
                with pytest.raises(ConnectionRefusedError):
                    connect(server.port)
                assert server.process.poll() is None
                other.execute("ROLLBACK")
                told = answer(line)
            ended = server.process.wait(5)

        assert told.startswith(b"HTTP/1.1 ")
        assert ended == 0
        assert "Traceback" not in server.log.read_text()

    @on_sqlite
    def test_what_runs_for_ever_is_cut_off(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(serving, "SHUTDOWN_SECONDS", 0.5)
        begun, over = threading.Event(), threading.Event()

        def wait() -> str:
            begun.set()
            over.wait(20)
            return ""

        app.view_functions["operating.health"] = wait
        with listening(app) as server, connect(server.effective_port, GET):
            assert begun.wait(5)
            stopped = time.monotonic()
            server.stop()
            while server.task_dispatcher.threads and time.monotonic() - stopped < 5:
                time.sleep(0.05)
                if "cut off" in caplog.text:
                    break
            assert time.monotonic() - stopped < 5
            over.set()
        assert "1 requests were cut off" in caplog.text
