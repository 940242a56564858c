"""Hostile files and texts sent to a real server: nobody else waits, it stays small, and it stays up."""

from __future__ import annotations

import http.client
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest

from tests.attacks.hostile_input import SIZES, Kind, kinds
from tests.databases import Database
from tests.durability.figures import figure
from tests.durability.running import Server, Writer, furnished_file, people
from tests.nightly import IS_NIGHT, size

TABLES = {"csv", "json", "xlsx"}
MOST_MEMORY = 1.5 * 1024**3
# By day other tests run beside it.
LONGEST_WAIT = size(day=2_000, night=500) / 1000
BUSY = "The server is busy"


@dataclass
class Seen:
    """What was seen of a server while it was attacked."""

    waits: list[float] = field(default_factory=list)
    memory: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


class Sender(Writer):
    """Somebody signed in who sends files and texts."""

    def _post(self, path: str, parts: list[tuple[str, bytes]], mark: str) -> tuple[int, str, str]:
        body = (
            b"".join(
                f"--{mark}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode()
                + given
                + b"\r\n"
                for head, given in parts
            )
            + f"--{mark}--\r\n".encode()
        )
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": f"multipart/form-data; boundary={mark}",
        }
        self.connection.request("POST", path, body, headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        return answer.status, page, answer.headers.get("Location", "")

    def attack(self, kind: Kind, length: int) -> tuple[int, str]:
        """Send one hostile thing where such things go, and look at what it suggests."""
        content, mark = kind.make(length), secrets.token_hex(16)
        path = "/reports/imports/new" if kind.ending in TABLES else "/intake/new"
        given = [(f'name="{name}"', one.encode()) for name, one in self.hidden(path).items()]
        given += [('name="visibility"', b"restricted"), ('name="keep"', b"y")]
        if kind.ending == "text":
            given.append(('name="text"', content))
        else:
            name = "file" if kind.ending in TABLES else "files"
            given.append((f'name="{name}"; filename="a.{kind.ending}"', content))
        status, page, leads = self._post(path, given, mark)
        if status == 303 and "/intake/ART-" in leads:
            # Twice: what was read is kept.
            for _time in range(2):
                status, page = self.send(leads)
        return status, page


def processes_of(pid: int) -> Iterator[Path]:
    """Yield a process and all that it started."""
    yield Path(f"/proc/{pid}")
    # Each thread has children of its own.
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in thread.read_text().split():
                yield from processes_of(int(child))


def memory_of(process: Path) -> int:
    """Return what a process has, of what several share its part."""
    try:
        told = (process / "smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in told.splitlines() if line[:4] == "Pss:")


@contextmanager
def watched(server: Server, pid: int, reader: Writer, seen: Seen) -> Iterator[None]:
    """Ask for pages again and again meanwhile, as a stranger and as somebody signed in, and measure
    the memory of all processes.
    """
    done = threading.Event()

    def ask_as_stranger() -> int:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status
        finally:
            connection.close()

    def ask(page: Callable[[], int]) -> None:
        while not done.wait(0.05):
            began = time.monotonic()
            try:
                seen.answers[str(page())] += 1
            except (OSError, http.client.HTTPException) as error:
                seen.broken.append(f"a page: {error!r}")
            seen.waits.append(time.monotonic() - began)

    def measure() -> None:
        while not done.wait(0.2):
            seen.memory = max(seen.memory, sum(map(memory_of, processes_of(pid))))

    watching = [
        threading.Thread(target=ask, args=(ask_as_stranger,)),
        threading.Thread(target=ask, args=(lambda: reader.send("/incidents/")[0],)),
        threading.Thread(target=measure),
    ]
    for one in watching:
        one.start()
    try:
        yield
    finally:
        done.set()
        for one in watching:
            one.join()


def attack(
    server: Server, name: str, article: str, work: list[tuple[Kind, int]], seen: Seen
) -> None:
    """Send what is to be sent, one after the other, until there is no more."""
    sender = Sender(server, name, article)
    while work:
        kind, length = work.pop()
        began = time.monotonic()
        try:
            status, page = sender.attack(kind, length)
        except (OSError, http.client.HTTPException) as error:
            seen.broken.append(f"{kind.name} of {length}: {error!r}")
            continue
        seen.slowest[f"{kind.name} of {length}"] = time.monotonic() - began
        seen.answers["busy" if BUSY in page else str(status)] += 1
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            seen.broken.append(f"{kind.name} of {length}: {status}")
    sender.connection.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Server, str]]:
    file = tmp_path / "tracker.db"
    article = furnished_file(file)
    made = Server(Database("sqlite", f"sqlite:///{file}"), tmp_path)
    yield made, article
    made.stop()


def drawn() -> list[tuple[Kind, int]]:
    """Return all kinds in all sizes by night, by day a few of each."""
    found = list(kinds())
    assert len(found) >= 200
    if IS_NIGHT:
        return [(kind, length) for kind in found for length in SIZES]
    return [(kind, SIZES[number % len(SIZES)]) for number, kind in enumerate(found[::32])]


def test_nobody_waits_while_hostile_files_and_texts_are_read(
    server: tuple[Server, str], capsys: pytest.CaptureFixture[str]
) -> None:
    attacked, article = server
    pid, seen, work = attacked.start(), Seen(), drawn()
    count = len(work)
    reader = Writer(attacked, people()[2], article)
    with watched(attacked, pid, reader, seen):
        senders = [
            threading.Thread(target=attack, args=(attacked, name, article, work, seen))
            for name in people()[:2]
        ]
        for one in senders:
            one.start()
        for one in senders:
            one.join()
    reader.connection.close()
    assert attacked.process is not None
    deaths = int(attacked.process.poll() is not None)
    longest, megabytes = max(seen.waits), seen.memory // 1024**2
    slow = ", ".join(
        f"{name}: {taken:.1f} s"
        for name, taken in sorted(seen.slowest.items(), key=lambda one: -one[1])[:6]
    )
    with capsys.disabled():
        sys.stdout.write(
            f"\n{count} hostile inputs, {len(seen.waits)} pages meanwhile: median "
            f"{median(seen.waits):.3f} s, longest {longest:.3f} s; {megabytes} MB of all processes "
            f"at most; {deaths} deaths; answers {dict(seen.answers)}; slowest {slow}\n"
        )
    figure("hostile inputs: the longest that another page took", f"{longest:.3f} s", "500 ms")
    figure("hostile inputs: memory of all processes", f"{megabytes} MB", "1,536 MB")
    figure("hostile inputs: deaths of the server", f"{deaths} of {count}", "0")
    assert seen.broken == []
    assert deaths == 0
    assert seen.memory <= MOST_MEMORY
    assert longest <= LONGEST_WAIT
