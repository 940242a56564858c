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

# The folder in which the package `tracker` is.
PACKAGE_ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1024 * 1024  # bytes
# The program of the parser process: it loads this package without its web server.
CHILD_SCRIPT = """
import sys, types
bare = sys.modules["tracker"] = types.ModuleType("tracker")
bare.__path__ = ["tracker"]
from tracker.parsing_child import serve
serve(int(sys.argv[1]))
"""
# All environment variables of the parser process.
CHILD_ENVIRONMENT = {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
# Each job begins with a header of this length.
JOB_HEADER_BYTES = 256
CHUNK_SIZE = 256 * 1024  # bytes received at once
# Child processes that run at the same time, for all server processes that share an instance folder.
# To run one, a request needs a slot: a lock on one of this many files.
MAX_CHILDREN = 2
# Requests of one server process that may wait for a slot while `MAX_CHILDREN` others hold slots.
MAX_WAITING_REQUESTS = 2
# How long such a request waits for a slot at most.
MAX_SLOT_WAIT_SECONDS = 10.0
# If `MAX_WAITING_REQUESTS` already wait for slots, how long one more request tries to join them
# before it fails. Short, so that threads remain for everything else.
QUEUE_WAIT_SECONDS = 1.0
# The pause between two attempts of a request to get a slot.
SLOT_RETRY_SECONDS = 0.02
# The wall-clock time that a child process may take, as a multiple of its limit of processor time:
# other processes run too.
WALL_CLOCK_FACTOR = 2
# Time for the parser process to start and load word lists, beyond the limits of the child.
PARSER_START_SECONDS = 20.0
# Exit codes of a child that used up its time.
TIMEOUT_EXIT_CODES = {-signal.SIGALRM, -signal.SIGXCPU}
# The exit code of a child that used up its memory.
OUT_OF_MEMORY_EXIT_CODE = 97


class Job(StrEnum):
    """The kind of input that a child process parses."""

    ARTICLE = "article"
    TABLE = "table"
    SUGGESTIONS = "suggestions"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one child process. `memory_bytes`: bytes that it may use beyond the memory of
    the parser process; `processor_seconds`: processor time; `answer_bytes`: bytes of its answer.
    """

    memory_bytes: int
    processor_seconds: float
    answer_bytes: int = 64 * MEGABYTE


# The limits of each job, unless `parse` is given others.
LIMITS_OF_JOB = {
    Job.ARTICLE: Limits(400 * MEGABYTE, 10),
    Job.TABLE: Limits(400 * MEGABYTE, 20),
    Job.SUGGESTIONS: Limits(200 * MEGABYTE, 10),
}


class ParsingReason(StrEnum):
    """The reason why a child process gave no answer."""

    BUSY = "busy"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    CRASHED = "crashed"


class ParsingError(Exception):
    """A child process gave no answer; `reason`: why."""

    def __init__(self, reason: ParsingReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def init_app(app: Flask) -> None:
    """Count child processes together with all processes that use the same instance folder."""
    _slots.folder = app.config["TRACKER"].instance


def parse(
    job: Job,
    content: bytes,
    *,
    language: str = "",
    limits: Limits | None = None,
    **options: Any,  # noqa: ANN401 (whatever JSON can hold)
) -> Iterator[Any]:
    """Parse `content` in a child process and return the values that its job yields. `language`: the
    language whose word lists the job needs, "" for none; `limits`: by default those in
    `LIMITS_OF_JOB`; `options`: arguments of the job. Raise `ParsingError` if the child gave no
    answer.

    Word lists are loaded once, before the fork.
    """
    limits = limits or LIMITS_OF_JOB[job]
    header = {
        "job": job,
        "language": language,
        "memory": limits.memory_bytes,
        "seconds": limits.processor_seconds,
    }
    with _slots.acquire():
        answer = _run_in_child(
            json.dumps(header), json.dumps(options).encode() + b"\n", content, limits
        )
    return (json.loads(line) for line in io.BytesIO(answer))


def _run_in_child(header: str, options: bytes, content: bytes, limits: Limits) -> bytes:
    """Return the raw answer of a child process; raise `ParsingError` if it gave none. `header`:
    what the parser process must know about the job, as JSON; `options`: the arguments of the job,
    as JSON; `content`: what is parsed.
    """
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
        deadline = (
            time.monotonic() + WALL_CLOCK_FACTOR * limits.processor_seconds + PARSER_START_SECONDS
        )
        try:
            answer = _send_and_receive(ours, (options, content), deadline, limits.answer_bytes)
        except TimeoutError:
            raise ParsingError(ParsingReason.TIMEOUT) from None
        except OSError:
            # The child ended before it had read everything; its status says why.
            answer = b""
        ours.close()
        code = int(ended.read(16) or b"1")
    if code in TIMEOUT_EXIT_CODES:
        raise ParsingError(ParsingReason.TIMEOUT)
    if code in {OUT_OF_MEMORY_EXIT_CODE, -signal.SIGKILL}:
        raise ParsingError(ParsingReason.TOO_LARGE)
    if code != 0:
        raise ParsingError(ParsingReason.CRASHED)
    return answer


def _send_and_receive(
    connection: socket.socket, parts: tuple[bytes, ...], deadline: float, max_bytes: int
) -> bytes:
    """Send all parts through a socket, then return the whole answer.
    Raise `ParsingError` if it has more than `max_bytes`, and TimeoutError after the deadline, a
    monotonic time in seconds.
    """
    for part in parts:
        connection.settimeout(max(0.01, deadline - time.monotonic()))
        connection.sendall(part)
    connection.shutdown(socket.SHUT_WR)
    answer = bytearray()
    while True:
        connection.settimeout(max(0.01, deadline - time.monotonic()))
        received = connection.recv(CHUNK_SIZE)
        if not received:
            return bytes(answer)
        answer += received
        if len(answer) > max_bytes:
            raise ParsingError(ParsingReason.TOO_LARGE)


class _ParserProcess:
    """The parser process that runs beside this process, and forks a child for each job. It is
    started when first needed, and again if it has ended.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.control: socket.socket | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.owner = 0

    def send(self, header: str, descriptors: list[int]) -> None:
        """Send the header of a job to the parser process. `descriptors`: the file descriptors of
        the socket for the options, the content and the answer of the job, and of the pipe for the
        exit code of its child process.
        """
        message = [header.ljust(JOB_HEADER_BYTES).encode()]
        with self.lock:
            try:
                socket.send_fds(self._ensure_started(), message, descriptors)
            except OSError:
                # It no longer reads, but has not ended yet.
                self._kill_process()
                socket.send_fds(self._ensure_started(), message, descriptors)

    def _kill_process(self) -> None:
        """Kill the parser process, if it was started."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _ensure_started(self) -> socket.socket:
        """Return the socket of the parser process, which is started if necessary."""
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
        """Stop the parser process of this process, if it was started."""
        if self.control is not None and self.process is not None and self.owner == os.getpid():
            self.control.close()
            self.process.wait()


class _Slots:
    """The slots for child processes: `MAX_CHILDREN` files. A request keeps one of them locked while
    its child process runs; the system removes the lock if the server process ends.
    """

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.waiting = threading.BoundedSemaphore(MAX_CHILDREN + MAX_WAITING_REQUESTS)

    @contextmanager
    def acquire(self) -> Iterator[None]:
        """Hold a free slot during the block; raise `ParsingError` if none becomes free in time."""
        if not self.waiting.acquire(timeout=QUEUE_WAIT_SECONDS):
            raise ParsingError(ParsingReason.BUSY)
        try:
            slot = self._wait_for_slot()
            try:
                yield
            finally:
                os.close(slot)
        finally:
            self.waiting.release()

    def _wait_for_slot(self) -> int:
        """Lock a slot and return its file descriptor; raise `ParsingError` if none becomes free."""
        deadline = time.monotonic() + MAX_SLOT_WAIT_SECONDS
        while time.monotonic() < deadline:
            for number in range(MAX_CHILDREN):
                slot = self._try_lock_slot(number)
                if slot is not None:
                    return slot
            time.sleep(SLOT_RETRY_SECONDS)
        raise ParsingError(ParsingReason.BUSY)

    def _try_lock_slot(self, number: int) -> int | None:
        """Lock the slot with a number and return its file descriptor; None if it is locked."""
        folder = self.folder or PACKAGE_ROOT / "instance"
        folder.mkdir(mode=0o700, exist_ok=True)
        slot = os.open(folder / f"parsing-{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(slot)
            return None
        return slot


_parser, _slots = _ParserProcess(), _Slots()
atexit.register(_parser.close)
