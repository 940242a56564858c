"""What `gunicorn.conf.py` says: nothing of a request's address gets into a log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
