"""What `gunicorn.conf.py` and `deploy/nginx.conf` say: the limits of the bundled server and of
docs/deploying.md, and nothing of a request's address in a log.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tracker import serving
from tracker.parsing import MEGABYTE
from tracker.web.guards import MAX_REQUEST_BYTES

ROOT = Path(__file__).resolve().parents[2]
LOGS = """
import logging, logging.config, runpy
logging.config.dictConfig(runpy.run_path("gunicorn.conf.py")["logconfig_dict"])
error, access = logging.getLogger("gunicorn.error"), logging.getLogger("gunicorn.access")
error.info("Booting worker with pid: %s", 1)
try:
    int("Anna-Canary")
except ValueError:
    error.exception("Error handling request %s", "/users/Anna-Canary?q=Anna-Canary")
error.warning("Invalid request from ip=%s: %s", "10.0.0.1", "Invalid line 'GET /search?q=Canary'")
access.info("GET /users/Anna-Canary")
access.error("GET /users/Anna-Canary")
logging.getLogger("tracker.web").warning("overtaken by another save")
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_its_log_has_our_form_and_no_names(form: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LOGS],
        cwd=ROOT,
        env={**os.environ, "TRACKER_LOG_FORMAT": form, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stderr

    for expected in (
        "Booting worker", "handling request a request", "ValueError", "Invalid request",
        "overtaken",
    ):  # fmt: skip
        assert expected in told
    assert "Canary" not in told
    if form == "json":
        assert len([json.loads(line) for line in told.splitlines()]) == 4


@pytest.fixture
def gunicorn(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the settings of gunicorn."""
    monkeypatch.delenv("PORT", raising=False)
    mask = os.umask(0o077)
    try:
        return runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    finally:
        os.umask(mask)


@pytest.fixture
def nginx() -> dict[str, list[str]]:
    """Return the values of each directive of nginx."""
    text = re.sub("#.*", "", (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8"))
    found = defaultdict(list)
    for name, value in re.findall(r"^\s*([a-z_]+)\s([^;{]+);", text, re.MULTILINE):
        found[name].append(" ".join(value.split()))
    return dict(found)


@pytest.fixture
def promised() -> str:
    """Return what is said about deploying, in one line."""
    return " ".join((ROOT / "docs/deploying.md").read_text(encoding="utf-8").split())


def test_gunicorn_answers_and_stops_as_the_bundled_server(
    gunicorn: dict[str, Any], promised: str
) -> None:
    assert "two processes of eight threads, no access log" in promised
    assert (gunicorn["workers"], gunicorn["threads"]) == (2, 8)
    assert gunicorn["workers"] * gunicorn["threads"] == serving.SERVER_THREADS
    assert gunicorn["accesslog"] is None
    assert "it finishes running requests within 30 seconds" in promised
    assert gunicorn["graceful_timeout"] == serving.SHUTDOWN_SECONDS == 30
    # A container is not killed before.
    (grace,) = re.findall(r"stop_grace_period: (\d+)s", (ROOT / "compose.yaml").read_text())
    assert int(grace) > gunicorn["graceful_timeout"]


def test_nginx_refuses_what_the_bundled_server_refuses(
    nginx: dict[str, list[str]], gunicorn: dict[str, Any], promised: str
) -> None:
    assert "no complete header within 10 seconds" in promised
    assert nginx["client_header_timeout"] == [f"{serving.HEADER_TIMEOUT_SECONDS:.0f}s"] == ["10s"]
    assert nginx["client_max_body_size"] == [f"{MAX_REQUEST_BYTES // MEGABYTE}m"]
    count, kilobytes = re.findall(r"\d+", nginx["large_client_header_buffers"][0])
    assert int(count) * int(kilobytes) * 1024 == serving.LARGEST_HEADER_BYTES
    # gunicorn takes no longer lines than these.
    assert gunicorn["limit_request_line"] == gunicorn["limit_request_field_size"] == 8190
    assert int(kilobytes) * 1024 >= 8190
    # It does not count bytes per second: who sends or reads nothing for so long is ended.
    assert nginx["client_body_timeout"] == nginx["send_timeout"] == ["30s"]
    assert nginx["keepalive_timeout"] == ["30s"]
    assert serving.IDLE_TIMEOUT_SECONDS >= 30
    assert serving.STALL_TIMEOUT_SECONDS >= 30
    assert nginx["proxy_pass"] == [f"http://{gunicorn['bind']}"]


def test_nginx_slows_guessing_as_the_docs_say(nginx: dict[str, list[str]], promised: str) -> None:
    said = "Raise 40, 100 and the sign-in limit (ten a minute after twenty at once)"
    assert said in promised
    assert nginx["limit_conn"] == ["connections 40"]
    assert nginx["limit_conn_zone"] == ["$binary_remote_addr zone=connections:1m"]
    assert nginx["limit_req_zone"] == ["$signing_in zone=signing_in:1m rate=10r/m"]
    assert nginx["limit_req"] == ["zone=signing_in burst=20 nodelay"]
    assert nginx["limit_req_status"] == ["429"]
    assert "ct count over 100" in promised
    # Of all requests, those that guess.
    text = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
    limited = re.findall(r'"~\^(.+)" \$binary_remote_addr;', text)
    assert limited == ["POST /sign-in", "GET /cases/calendar/"]
