"""The figures that proofs measure: kept while they run, printed as a table when all are done."""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

# The file that `make nightly` names; without it nothing is kept.
FILE = "TRACKER_FIGURES"


@dataclass(frozen=True, slots=True)
class Figure:
    """What one proof measured, and what it has to be."""

    name: str
    measured: str
    wanted: str
    date: str
    machine: str


def figure(name: str, measured: object, wanted: object) -> None:
    """Keep one figure of this run; several processes may do so at once."""
    if FILE not in os.environ:
        return
    one = Figure(
        name=name,
        measured=str(measured),
        wanted=str(wanted),
        date=datetime.now(UTC).date().isoformat(),
        machine=machine(),
    )
    # One short write to the end of a file: lines of two processes do not mix.
    with Path(os.environ[FILE]).open("a") as file:
        file.write(json.dumps(asdict(one)) + "\n")


def machine() -> str:
    """Return what of the machine the figures depend on, and nothing that names it."""
    python = platform.python_version()
    return f"{os.cpu_count()} cores {platform.machine()}, {platform.system()}, Python {python}"


def table(lines: list[str]) -> str:
    """Return the figures as a table, with date and machine above it."""
    found = sorted({Figure(**json.loads(line)) for line in lines}, key=lambda one: one.name)
    if not found:
        return "No figures were measured."
    heads = sorted({f"{one.date}, {one.machine}" for one in found})
    rows = [("proof", "measured", "wanted")]
    rows += [(one.name, one.measured, one.wanted) for one in found]
    wide = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(heads + [f"{a:<{wide[0]}}  {b:<{wide[1]}}  {c}".rstrip() for a, b, c in rows])


if __name__ == "__main__":
    sys.stdout.write(table(Path(sys.argv[1]).read_text().splitlines()) + "\n")
