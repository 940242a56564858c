"""The parser process: it loads the libraries once and runs each job in a fork under limits."""

from __future__ import annotations

import contextlib
import gc
import json
import math
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tracker.articles import extract
from tracker.parsing import JOB_HEADER_BYTES, OUT_OF_MEMORY_EXIT_CODE, WALL_CLOCK_FACTOR, Job
from tracker.reader import suggest
from tracker.reports.imports import tables

# Each function takes the content and the options of a job, and yields values that JSON can hold.
JOB_RUNNERS: dict[Job, Callable[[bytes, dict[str, Any]], Iterable[Any]]] = {
    Job.ARTICLE: extract.run_job,
    Job.TABLE: tables.run_job,
    Job.SUGGESTIONS: suggest.run_job,
}
# Requests for pages have priority over parsing.
NICENESS = 10
FAILURE_EXIT_CODE = 1  # of a child whose job failed
# Its first number is the memory that this process uses, in pages; only Linux has it.
STATM_FILE = Path("/proc/self/statm")


def serve(control: int) -> None:
    """Run the jobs that come through a socket until the parent process closes its end.
    `control`: the file descriptor of the socket.
    """
    jobs = socket.socket(fileno=control)
    extract.preload_libraries()
    running: dict[int, int] = {}

    def reap(_signal: int, _frame: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                _report_status(running.pop(ended[0]), os.waitstatus_to_exitcode(ended[1]))

    signal.signal(signal.SIGCHLD, reap)
    while True:
        header, descriptors, _flags, _address = socket.recv_fds(
            jobs, JOB_HEADER_BYTES, 2, socket.MSG_WAITALL
        )
        if len(header) < JOB_HEADER_BYTES:
            return
        job = json.loads(header)
        if job["language"]:
            # Loading parses a sample text of ours; untrusted text is parsed in the child only.
            suggest.preload(job["language"])
        gc.collect()
        gc.freeze()
        socket_fd, status_end = descriptors
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        child = os.fork()
        if child == 0:
            jobs.close()
            _run_job(job, socket_fd)
        running[child] = status_end
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        os.close(socket_fd)


def _report_status(pipe: int, code: int) -> None:
    """Write the exit code of a child to its pipe, if the other end is still open."""
    with contextlib.suppress(OSError):
        os.write(pipe, str(code).encode())
    os.close(pipe)


def _run_job(job: dict[str, Any], socket_fd: int) -> None:
    """Run one job under its limits, write the answer, and exit this process.
    `job`: the header of the job, decoded from JSON; `socket_fd`: the file descriptor of the socket
    that brings the options and the content of the job, and takes the answer.
    """
    code = FAILURE_EXIT_CODE
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        set_limits(job["memory"], job["seconds"])
        with socket.socket(fileno=socket_fd) as connection, connection.makefile("rwb") as stream:
            options = json.loads(stream.readline())
            for value in JOB_RUNNERS[Job(job["job"])](stream.read(), options):
                stream.write(json.dumps(value).encode() + b"\n")
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY_EXIT_CODE
    finally:
        # Exits without the parser's exit handlers and output buffers, which the fork inherited.
        os._exit(code)


def set_limits(memory: int, seconds: float) -> None:
    """Limit the memory and processor time of this process; the system kills the process above them.
    `memory`: bytes beyond what the process uses now.
    """
    used = (
        int(STATM_FILE.read_text().split()[0]) * resource.getpagesize()
        if STATM_FILE.exists()
        else 0
    )
    resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    processor = math.ceil(seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, WALL_CLOCK_FACTOR * seconds)
    os.nice(NICENESS)
