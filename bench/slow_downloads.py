"""While eight people download a file at 50 kB a second, pages answer hardly slower than without.

    .venv/bin/python bench/slow_downloads.py [ROWS] [--folder FOLDER]

The server is that of `make run`, in a process of its own. Prints the slowest answer of each page
and the median, before and while the files are made and read. Fails where the slowest of all takes
more than one and a half times as long as the slowest without downloads: what holds pages up, such
as a thread that waits for a slow reader, makes them time out, and the seconds by themselves say as
much about the machine and what else it does.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from itertools import cycle
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import databases
from tests.conftest import AUDIT_KEY, new_app
from tests.factories import PASSWORD, token_in
from tests.reports.many_made import write_many

ROOT = Path(__file__).resolve().parents[1]
ROWS = 20_000
DOWNLOADS = 8
RATE, PAUSE = 50_000, 0.1
SECONDS = 30
MOST = 1.5
FILE = "/reports/incidents.csv"
PAGES = ("/", "/incidents/", "/cases/", "/journalists/", "/health", "/incidents/?country=KZ")


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def signed_in(root: str) -> tuple[urllib.request.OpenerDirector, str]:
    """Sign in as staff; return what opens pages, and the cookie."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with opener.open(f"{root}/sign-in") as page:
        token = token_in(page.read().decode())
    values = {"username": "staff", "password": PASSWORD, "csrf_token": token}
    opener.open(f"{root}/sign-in", urllib.parse.urlencode(values).encode()).close()
    return opener, "; ".join(f"{one.name}={one.value}" for one in jar)


def download(port: int, cookie: str, done: threading.Event) -> None:
    """Read a file slowly until told to stop."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        asked = f"GET {FILE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n"
        connection.sendall(asked.encode())
        while not done.wait(PAUSE):
            if not connection.recv(int(RATE * PAUSE)):
                return


def asked_for(opener: urllib.request.OpenerDirector, root: str) -> dict[str, list[float]]:
    """Ask for one page after another, and return how long each took."""
    took: dict[str, list[float]] = {page: [] for page in PAGES}
    ends = time.monotonic() + SECONDS
    for page in cycle(PAGES):
        began = time.monotonic()
        if began > ends:
            break
        opener.open(root + page).read()
        took[page].append(time.monotonic() - began)
    return took


def measured(folder: Path, rows: int) -> bool:
    """Measure, print, and say whether pages came in time."""
    database, port = folder / "many.db", free_port()
    with databases.fresh("sqlite") as lent:
        write_many(new_app(lent), rows, database)
    env = os.environ | {
        "TRACKER_DATABASE_URL": f"sqlite:///{database}",
        "TRACKER_SAMPLE": "no",
        "TRACKER_SECRET_KEY": "only for this measurement " * 2,
        "TRACKER_AUDIT_KEY": AUDIT_KEY,
        "PORT": str(port),
    }
    root, done = f"http://127.0.0.1:{port}", threading.Event()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            opener, cookie = signed_in(root)
            alone = asked_for(opener, root)
            threads = [
                threading.Thread(target=download, args=(port, cookie, done))
                for _ in range(DOWNLOADS)
            ]
            for one in threads:
                one.start()
            beside = asked_for(opener, root)
        finally:
            done.set()
            server.terminate()
    for page in PAGES:
        first, then = max(alone[page]), max(beside[page])
        print(
            f"{page} of {rows:,} incidents: at most {then * 1000:.0f} ms beside {DOWNLOADS} "
            f"downloads, {first * 1000:.0f} alone; median "
            f"{statistics.median(beside[page]) * 1000:.0f} and "
            f"{statistics.median(alone[page]) * 1000:.0f}"
        )
    ratio = max(map(max, beside.values())) / max(map(max, alone.values()))
    print(f"slow downloads: the slowest page takes {ratio:.2f} times as long, at most {MOST}")
    return ratio <= MOST


def wait_for(port: int) -> None:
    """Wait until the server answers."""
    for _ in range(600):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError


def main() -> int:
    """Measure in a folder of our own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    parser.add_argument("--folder", type=Path, help="where there is room")
    asked = parser.parse_args()
    made = databases.make_folder()
    try:
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            return 0 if measured(Path(folder), asked.rows) else 1
    finally:
        databases.remove_folder(made)


if __name__ == "__main__":
    sys.exit(main())
