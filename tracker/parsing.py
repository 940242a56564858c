"""Parse untrusted input in child processes with limits on memory, time and number.

Files, pages and texts are parsed nowhere else. A parser process (`tracker.parsing_child`) holds the
libraries and word lists and forks a child for each job; a child sees no settings and no database.
"""

from __future__ import annotations

import atexit
import fcntl
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The children, which load this too, do without the web server.
    from flask import Flask

PACKAGE_ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1024 * 1024
# The package's parser, without its web server.
CHILD_SCRIPT = """
import sys, types
bare = sys.modules["tracker"] = types.ModuleType("tracker")
bare.__path__ = ["tracker"]
from tracker.parsing_child import serve
serve(int(sys.argv[1]))
"""
CHILD_ENVIRONMENT = {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
HEADER_BYTES = 256
CHUNK_SIZE = 256 * 1024
# Simultaneous children of all processes that share an instance folder.
MOST_CHILDREN = 2
# Requests of one process that may wait for their turn, and for how long; others are told at once
# that the server is busy, so that threads remain for everything else.
MOST_WAITING = 2
LONGEST_WAIT = 10.0
SHORT_WAIT = 1.0
RETRY_EVERY = 0.02
# In wall-clock time a child may take twice its processor seconds, as other processes run too.
WALL_CLOCK_FACTOR = 2
# Time for the parser to start and load words; the child itself has its own limits.
START_SECONDS = 20.0
# How a child ends that used up its time or memory.
OUT_OF_TIME = {-signal.SIGALRM, -signal.SIGXCPU}
OUT_OF_MEMORY = 97


class Job(StrEnum):
    """The jobs that a child can do."""

    ARTICLE = "article"
    TABLE = "table"
    SUGGESTIONS = "suggestions"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one child: memory beyond the parser's, processor seconds, bytes of its answer."""

    memory: int
    seconds: float
    answer: int = 64 * MEGABYTE


LIMITS = {
    Job.ARTICLE: Limits(400 * MEGABYTE, 10),
    Job.TABLE: Limits(400 * MEGABYTE, 20),
    Job.SUGGESTIONS: Limits(200 * MEGABYTE, 10),
}


class ParsingReason(StrEnum):
    """The reason why there is no answer."""

    BUSY = "busy"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    CRASHED = "crashed"


class ParsingError(Exception):
    """A child gave no answer."""

    def __init__(self, reason: ParsingReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def init_app(app: Flask) -> None:
    """Limit the children together with the other processes of this installation."""
    _turns.folder = app.config["TRACKER"].instance


def parse(
    job: Job,
    content: bytes,
    *,
    language: str = "",
    limits: Limits | None = None,
    **options: Any,  # noqa: ANN401 (whatever JSON can hold)
) -> Iterator[Any]:
    """Return the values that a child answers with; raise `ParsingError` without an answer.

    `language`: the language whose word lists the job needs; they are loaded once, before the fork.
    """
    limits = limits or LIMITS[job]
    header = {"job": job, "language": language, "memory": limits.memory, "seconds": limits.seconds}
    with _turns.acquire():
        answer = _ask_parser(
            json.dumps(header), json.dumps(options).encode() + b"\n", content, limits
        )
    return (json.loads(line) for line in io.BytesIO(answer))


def _ask_parser(header: str, options: bytes, content: bytes, limits: Limits) -> bytes:
    ours, theirs = socket.socketpair()
    status, status_end = os.pipe()
    with ours, os.fdopen(status, "rb", buffering=0) as ended:
        try:
            _parser.send(header, [theirs.fileno(), status_end])
        except OSError:
            raise ParsingError(ParsingReason.CRASHED) from None
        finally:
            theirs.close()
            os.close(status_end)
        deadline = time.monotonic() + WALL_CLOCK_FACTOR * limits.seconds + START_SECONDS
        try:
            answer = _exchange(ours, (options, content), deadline, limits.answer)
        except TimeoutError:
            raise ParsingError(ParsingReason.TIMEOUT) from None
        except OSError:
            # The child ended before it had read everything; its status says why.
            answer = b""
        ours.close()
        code = int(ended.read(16) or b"1")
    if code in OUT_OF_TIME:
        raise ParsingError(ParsingReason.TIMEOUT)
    if code in {OUT_OF_MEMORY, -signal.SIGKILL}:
        raise ParsingError(ParsingReason.TOO_LARGE)
    if code != 0:
        raise ParsingError(ParsingReason.CRASHED)
    return answer


def _exchange(ours: socket.socket, parts: tuple[bytes, ...], deadline: float, most: int) -> bytes:
    """Send everything, then receive the answer until its end."""
    for part in parts:
        ours.settimeout(max(0.01, deadline - time.monotonic()))
        ours.sendall(part)
    ours.shutdown(socket.SHUT_WR)
    answer = bytearray()
    while True:
        ours.settimeout(max(0.01, deadline - time.monotonic()))
        received = ours.recv(CHUNK_SIZE)
        if not received:
            return bytes(answer)
        answer += received
        if len(answer) > most:
            raise ParsingError(ParsingReason.TOO_LARGE)


class _ParserProcess:
    """The parser of this process: started when first needed, and restarted if it ended."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.control: socket.socket | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.owner = 0

    def send(self, header: str, descriptors: list[int]) -> None:
        """Send a job to the parser process."""
        message = [header.ljust(HEADER_BYTES).encode()]
        with self.lock:
            try:
                socket.send_fds(self._started(), message, descriptors)
            except OSError:
                # It no longer reads, but has not ended yet.
                self._end()
                socket.send_fds(self._started(), message, descriptors)

    def _end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _started(self) -> socket.socket:
        # A server that forks its workers leaves each of them to start its own.
        is_here = self.process is not None and self.process.poll() is None
        if self.control is not None and is_here and self.owner == os.getpid():
            return self.control
        if self.control is not None:
            self.control.close()
        self.control, theirs = socket.socketpair()
        with theirs:
            # It ends by itself with this process, when its end of the pair closes.
            self.process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                [sys.executable, "-c", CHILD_SCRIPT, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=PACKAGE_ROOT,
                env=CHILD_ENVIRONMENT,
                start_new_session=True,
            )
        self.owner = os.getpid()
        return self.control

    def close(self) -> None:
        """End the parser process with this one."""
        if self.control is not None and self.process is not None and self.owner == os.getpid():
            self.control.close()
            self.process.wait()


class _Slots:
    """Limits the number of children by locks on a few files, released when a process ends."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.waiting = threading.BoundedSemaphore(MOST_CHILDREN + MOST_WAITING)

    @contextmanager
    def acquire(self) -> Iterator[None]:
        """Wait for a free slot and hold it; raise `ParsingError` if the server is busy."""
        if not self.waiting.acquire(timeout=SHORT_WAIT):
            raise ParsingError(ParsingReason.BUSY)
        try:
            turn = self._wait()
            try:
                yield
            finally:
                os.close(turn)
        finally:
            self.waiting.release()

    def _wait(self) -> int:
        deadline = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < deadline:
            for number in range(MOST_CHILDREN):
                turn = self._locked(number)
                if turn is not None:
                    return turn
            time.sleep(RETRY_EVERY)
        raise ParsingError(ParsingReason.BUSY)

    def _locked(self, number: int) -> int | None:
        folder = self.folder or PACKAGE_ROOT / "instance"
        folder.mkdir(mode=0o700, exist_ok=True)
        turn = os.open(folder / f"parsing-{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(turn)
            return None
        return turn


_parser, _turns = _ParserProcess(), _Slots()
atexit.register(_parser.close)
