"""What others wrote is parsed in children that cannot take the memory, the time or the settings."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tracker import parsing
from tracker.articles.extraction import ExtractionError, ExtractionReason, extract_in_child
from tracker.parsing import (
    CHILD_SCRIPT,
    MAX_CHILDREN,
    MEGABYTE,
    PACKAGE_ROOT,
    Job,
    Limits,
    ParsingError,
    ParsingReason,
    parse,
)
from tracker.parsing_child import set_limits

PAGE = b"<h1>A title of it</h1>" + b"<p>A man came to the door of an editor, they said.</p>" * 5
# More than any of these tests may take.
LIMITS = Limits(100 * MEGABYTE, 1.0)


def ended_by(act: Callable[[], object]) -> int:
    """Return how a fork of this process ends that does something under limits."""
    child = os.fork()
    if child == 0:
        code = 0
        try:
            # What the fork writes on its way out is of no use to anybody.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            set_limits(100 * MEGABYTE, 1.0)
            act()
        except MemoryError:
            code = 97
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def spin() -> None:
    while True:
        pass


def test_a_child_ends_when_it_takes_too_much() -> None:
    assert ended_by(lambda: bytes(10 * MEGABYTE)) == 0
    assert ended_by(lambda: bytes(200 * MEGABYTE)) == 97
    # On a busy machine the clock is first.
    assert ended_by(spin) in {-signal.SIGXCPU, -signal.SIGALRM}
    began = time.monotonic()
    assert ended_by(lambda: time.sleep(30)) == -signal.SIGALRM
    assert time.monotonic() - began < 5


def test_a_job_that_takes_too_long_is_stopped_in_words() -> None:
    # A fast machine reads this page in less than a second.
    limits = Limits(LIMITS.memory_bytes, 0.05)
    with pytest.raises(ParsingError) as refused:
        list(parse(Job.ARTICLE, b"<p>a word</p>" * 150_000, limits=limits, media_type="text/html"))
    assert refused.value.reason is ParsingReason.TIMEOUT


def test_a_child_that_is_killed_is_an_error_in_words_and_the_next_job_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    extract_in_child(PAGE, "text/html")
    parser = parsing._parser.process
    assert parser is not None
    parser.kill()
    parser.wait()
    assert extract_in_child(PAGE, "text/html").title == "A title of it"
    monkeypatch.setattr(parsing, "CHILD_SCRIPT", "raise SystemExit")
    parsing._parser.close()
    with pytest.raises(ExtractionError) as refused:
        extract_in_child(PAGE, "text/html")
    assert refused.value.reason is ExtractionReason.UNREADABLE
    monkeypatch.undo()
    assert extract_in_child(PAGE, "text/html").title == "A title of it"


def test_a_parser_that_no_longer_reads_is_ended_and_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deaf = "import os, sys, time; os.close(int(sys.argv[1])); print(flush=True); time.sleep(60)"
    monkeypatch.setattr(parsing, "CHILD_SCRIPT", deaf)
    parsing._parser.close()
    with pytest.raises(ExtractionError):
        extract_in_child(PAGE, "text/html")
    ended = parsing._parser.process
    assert ended is not None
    # Now it has closed its end, and lives on.
    descriptors = Path(f"/proc/{ended.pid}/fd")
    deadline = time.monotonic() + 5
    while len(list(descriptors.iterdir())) > 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(ExtractionError) as refused:
        extract_in_child(PAGE, "text/html")
    assert refused.value.reason is ExtractionReason.UNREADABLE
    assert ended.returncode is not None
    monkeypatch.undo()
    assert extract_in_child(PAGE, "text/html").title == "A title of it"


@contextlib.contextmanager
def all_turns_taken() -> Iterator[None]:
    with contextlib.ExitStack() as taken:
        for _number in range(MAX_CHILDREN):
            taken.enter_context(parsing._slots.acquire())
        yield


def test_more_jobs_at_once_than_there_are_children_wait_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parsing, "MAX_SLOT_WAIT_SECONDS", 0.2)
    with all_turns_taken():
        with pytest.raises(ExtractionError) as refused:
            extract_in_child(PAGE, "text/html")
        assert refused.value.reason is ExtractionReason.BUSY
        monkeypatch.setattr(parsing, "MAX_SLOT_WAIT_SECONDS", 20.0)
        titles: list[str] = []
        waiting = threading.Thread(
            target=lambda: titles.append(extract_in_child(PAGE, "text/html").title)
        )
        waiting.start()
        time.sleep(0.1)
        assert titles == []
    waiting.join()
    assert titles == ["A title of it"]


def test_processes_of_one_installation_share_the_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    held = "from tracker import parsing, config; import sys, pathlib, contextlib\n"
    held += "parsing._slots.folder = pathlib.Path(sys.argv[1])\n"
    held += "with contextlib.ExitStack() as taken:\n"
    held += (
        "    [taken.enter_context(parsing._slots.acquire()) for _ in range(parsing.MAX_CHILDREN)]\n"
    )
    held += "    print('held', flush=True); sys.stdin.read()\n"
    folder = parsing._slots.folder or PACKAGE_ROOT / "instance"
    monkeypatch.setattr(parsing, "MAX_SLOT_WAIT_SECONDS", 0.2)
    with subprocess.Popen(
        [sys.executable, "-c", held, str(folder)],
        cwd=PACKAGE_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(ExtractionError) as refused:
            extract_in_child(PAGE, "text/html")
        assert refused.value.reason is ExtractionReason.BUSY
        # As a server that is killed: its turns are free again.
        other.kill()
    assert extract_in_child(PAGE, "text/html").title == "A title of it"


def test_whoever_would_wait_behind_too_many_is_told_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parsing._slots, "waiting", threading.BoundedSemaphore(1))
    with parsing._slots.acquire():
        began = time.monotonic()
        with pytest.raises(ExtractionError) as refused:
            extract_in_child(PAGE, "text/html")
    assert refused.value.reason is ExtractionReason.BUSY
    assert time.monotonic() - began < parsing.MAX_SLOT_WAIT_SECONDS / 2


def test_the_parser_knows_nothing_of_the_web_server_and_sees_no_settings() -> None:
    looks = CHILD_SCRIPT.replace("serve(int(sys.argv[1]))", "import os; print(sorted(os.environ))")
    looks += "print(sorted({name.split('.')[0] for name in sys.modules}))"
    told = subprocess.run(
        [sys.executable, "-c", looks],
        capture_output=True, cwd=PACKAGE_ROOT, check=True, env=parsing.CHILD_ENVIRONMENT, text=True,
    ).stdout  # fmt: skip
    for heavy in ("'flask'", "'sqlalchemy'", "SECRET", "DATABASE"):
        assert heavy not in told


def test_the_parser_ends_with_the_process_that_started_it() -> None:
    starts = "from tracker.articles.extraction import extract_in_child\n"
    starts += "from tracker import parsing; import os, signal\n"
    starts += f"extract_in_child({PAGE!r}, 'text/html')\n"
    starts += "print(parsing._parser.process.pid, flush=True)\n"
    starts += "os.kill(os.getpid(), signal.SIGKILL)\n"
    told = subprocess.run(
        [sys.executable, "-c", starts],
        capture_output=True,
        cwd=PACKAGE_ROOT,
        check=False,
        text=True,
    ).stdout
    parser = Path(f"/proc/{int(told)}")
    deadline = time.monotonic() + 5
    while parser.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not parser.exists() or "(zombie)" in (parser / "status").read_text()


def test_children_leave_nothing_open_and_nobody_behind() -> None:
    extract_in_child(PAGE, "text/html")
    parser = parsing._parser.process
    assert parser is not None

    def open_now() -> tuple[int, int, list[Any]]:
        children = Path(f"/proc/{parser.pid}/task/{parser.pid}/children").read_text().split()
        ours, its = Path("/proc/self/fd"), Path(f"/proc/{parser.pid}/fd")
        return len(list(ours.iterdir())), len(list(its.iterdir())), children

    time.sleep(0.2)
    before = open_now()
    for _time in range(3):
        extract_in_child(PAGE, "text/html")
    time.sleep(0.2)
    assert open_now() == before


def test_our_own_memory_does_not_grow_with_what_a_child_takes() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with contextlib.suppress(ExtractionError):
        extract_in_child(b"<table><tr><td>x<br>" * 100_000, "text/html")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024
