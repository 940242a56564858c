"""A bad setting ends the start with words and the remedy, without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_known_secret_key_is_refused_in_words():
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
        cwd=ROOT,
        env={**os.environ, "TRACKER_SECRET_KEY": "changeme"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "secrets.token_hex" in ended.stderr
    assert "Traceback" not in ended.stderr
