"""The server as `make run` starts it: as a process with a database of its own, or in this one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from tracker.serving import Server

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def listening(app: Flask) -> Iterator[Server]:
    """Serve an application as `flask serve` does, in a thread of this process."""
    server = Server(app, port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(20)
        assert not thread.is_alive()


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[tuple[int, Path]]:
    """Run the server with a database in the folder; lend its port, and the file of what it writes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "TRACKER_DATABASE_URL": f"sqlite:///{folder / 'tracker.db'}",
        "TRACKER_SECRET_KEY": "5f1c9e0b7d2a48c6b3e4f90a1d8c7b6e",
        "TRACKER_SAMPLE": "no",
        "PORT": str(port),
        **settings,
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    log = folder / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out) as process,
    ):
        try:
            _wait_until_it_listens(port)
            yield port, log
        finally:
            process.terminate()


def _wait_until_it_listens(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not listen")
