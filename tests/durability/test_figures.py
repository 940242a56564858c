"""The table that `make nightly` ends with, and what runs only then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.durability import figures
from tests.nightly import IS_NIGHT, size

ROOT = Path(__file__).resolve().parents[2]


def test_figures_are_printed_as_a_table_with_date_and_machine(tmp_path, monkeypatch) -> None:
    kept = tmp_path / "figures"
    monkeypatch.setenv(figures.FILE, str(kept))
    figures.figure("kill -9, records lost", "0 of 812", "0")
    figures.figure("a control, cuts that lost", "230 of 300", "more than 0")

    command = [sys.executable, "-m", "tests.durability.figures", str(kept)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    first, *rows = printed.stdout.splitlines()
    assert first.endswith(figures.machine())
    assert rows == [
        "proof                      measured    wanted",
        "a control, cuts that lost  230 of 300  more than 0",
        "kill -9, records lost      0 of 812    0",
    ]


def test_a_run_without_measurements_says_so() -> None:
    assert figures.table([]) == "No figures were measured."


@pytest.mark.nightly
def test_what_is_marked_nightly_runs_at_night_alone() -> None:
    assert IS_NIGHT
    assert size(day=1, night=2) == 2
