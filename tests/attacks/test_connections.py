"""Connections that never finish what they ask: everybody else is answered at once meanwhile."""

from __future__ import annotations

import http.client
import re
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests import databases
from tests.durability.running import Server
from tests.nightly import size

MANY = size(day=400, night=4000)
UPLOADS = size(day=6, night=40)
SECONDS = size(day=2, night=40)
LONGEST_WAIT = 0.5
# What the server may hold more than before, in kB: 3 MB were measured, with 400 and with 4,000.
MOST_HELD = 32 * 1024
MEGABYTE = 1024 * 1024
HEADER = b"GET /sign-in HTTP/1.1\r\nHost: a\r\n"
BODY = b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 16000\r\n\r\n"
UPLOAD = b"POST /articles/new HTTP/1.1\r\nHost: a\r\nContent-Length: 62914560\r\n\r\n"
CHUNKS = b"POST /articles/new HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"100000\r\n" + bytes(MEGABYTE) + b"\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve an empty tracker as a process of its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with databases.fresh("sqlite") as lent:
        started = Server(lent, tmp_path_factory.mktemp("server"))
        # Started with the usual limit of open files; only the attacker has more.
        started.start()
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, MANY + 1000), hard))
        yield started
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        started.stop()


@contextmanager
def connected(port: int, number: int) -> Iterator[list[socket.socket]]:
    """Open that many connections, and close them at the end."""
    with ExitStack() as stack:
        lines = []
        for _ in range(number):
            line = socket.create_connection(("127.0.0.1", port), timeout=5)
            lines.append(stack.enter_context(closing(line)))
        yield lines


def held(server: Server) -> int:
    """Return what the server holds in memory and in temporary files, in kB."""
    assert server.process
    folder = Path(f"/proc/{server.process.pid}")
    [memory] = re.findall(r"VmRSS:\s+(\d+)", (folder / "status").read_text())
    files = 0
    for one in (folder / "fd").iterdir():
        with suppress(OSError):
            # A temporary file has no name from the beginning.
            files += one.stat().st_size if str(one.readlink()).endswith("(deleted)") else 0
    return int(memory) + files // 1024


def waited(port: int) -> float:
    """Ask for a light page on a new connection, and return how long that took."""
    began = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/sign-in")
        assert connection.getresponse().status == 200
    return time.monotonic() - began


def longest_wait(port: int, *, seconds: float, between: Callable[[], None]) -> float:
    """Ask again and again, with something in between, and return the longest wait."""
    until, waits = time.monotonic() + seconds, [0.0]
    while time.monotonic() < until:
        waits.append(waited(port))
        between()
        time.sleep(0.05)
    return max(waits)


def send(lines: list[socket.socket], data: bytes) -> None:
    """Send to each; one that was closed or does not read is left alone."""
    for line in lines:
        line.settimeout(0.01)
        with suppress(OSError):
            line.sendall(data)


def nothing() -> None:
    """Send nothing more."""


@pytest.mark.parametrize(
    ("begin", "goes_on"),
    [(b"", b""), (HEADER, b""), (HEADER, b"X-More: 1\r\n"), (BODY, b"x")],
    ids=["silent", "half a header", "slow header", "slow body"],
)
def test_many_half_open_connections_hold_nobody_up(
    server: Server, begin: bytes, goes_on: bytes
) -> None:
    usual, before = longest_wait(server.port, seconds=0.5, between=nothing), held(server)

    with connected(server.port, MANY) as lines:
        send(lines, begin)
        waits = longest_wait(
            server.port, seconds=SECONDS, between=lambda: send(lines[-50:], goes_on)
        )

    assert waits <= max(LONGEST_WAIT, 2 * usual)
    assert held(server) - before <= MOST_HELD


@pytest.mark.parametrize(
    ("begin", "goes_on"), [(UPLOAD, bytes(MEGABYTE)), (CHUNKS, CHUNK)], ids=["length", "chunks"]
)
def test_unfinished_uploads_of_strangers_are_not_kept(
    server: Server, begin: bytes, goes_on: bytes
) -> None:
    usual, before = longest_wait(server.port, seconds=0.5, between=nothing), held(server)

    with connected(server.port, UPLOADS) as lines:
        send(lines, begin)
        waits = longest_wait(server.port, seconds=SECONDS, between=lambda: send(lines, goes_on))
        more = held(server) - before

    assert waits <= max(LONGEST_WAIT, 2 * usual)
    assert more <= MOST_HELD
