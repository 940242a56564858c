"""A bad setting ends the start with words and the remedy, without a trace."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_config import BAD_VALUES, GOOD, NEEDED

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *dict(BAD_VALUES).items(),
        ("TRACKER_SECRET_KEY", "changeme"),
        ("TRACKER_SAMPLE_PASSWORD", "short"),
    ],
)
def test_a_bad_setting_ends_the_start_with_one_line(tmp_path: Path, name: str, value: str) -> None:
    file = tmp_path / "tracker.db"
    kept = {one: text for one, text in os.environ.items() if not one.startswith("TRACKER_")}
    good = {
        "TRACKER_DATABASE_URL": f"sqlite:///{file}",
        "TRACKER_SECRET_KEY": GOOD,
        "TRACKER_AUDIT_KEY": GOOD,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
        cwd=ROOT,
        env=kept | good | NEEDED.get(name, {}) | {name: value},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (1, "")
    assert line.startswith(name), line
    assert not file.exists()


def test_nothing_is_served_in_debug_mode(tmp_path: Path) -> None:
    file = tmp_path / "tracker.db"
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
        cwd=ROOT,
        env={
            **os.environ,
            "FLASK_DEBUG": "1",
            "TRACKER_DATABASE_URL": f"sqlite:///{file}",
            "TRACKER_SECRET_KEY": "5f1c9e0b7d2a48c6b3e4f90a1d8c7b6e",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("Debug mode is on.")
    assert "Traceback" not in ended.stderr
    assert not file.exists()


def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "tracker.db"
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
        cwd=ROOT,
        env={
            **os.environ,
            "TRACKER_DATABASE_URL": f"sqlite:///{file}",
            "TRACKER_SECRET_KEY": "5f1c9e0b7d2a48c6b3e4f90a1d8c7b6e",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
