"""The power goes: every write that was not yet synced is gone, and nothing acknowledged with it."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import databases
from tests.durability.acknowledging import ACKNOWLEDGED
from tests.durability.figures import figure
from tests.durability.running import ROOT

CUTS = 300
TRANSACTIONS = 600
DATABASE = "tracker.db"
FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-journal", ACKNOWLEDGED)
CALLS = "write,pwrite64,pwritev,writev,ftruncate,fallocate,fsync,fdatasync,unlink,rename"
# `-y` writes the path behind the number of each open file, `-xx` every byte in hex.
CALL = re.compile(r"(?:\d+ +)?(\w+)\((?:\d+<([^>]*)>)?(.*)\) += (-?\d+)")
WRITTEN = re.compile(r', "((?:\\x[0-9a-f]{2})*)", \d+(?:, (\d+))?')

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(
        shutil.which("strace") is None,
        reason="strace is missing: it shows what was written and what was synced",
    ),
]


@dataclass
class Disk:
    """What a disk would hold after a power cut: of each file what was synced, and nothing else."""

    synced: dict[str, bytearray]
    waiting: dict[str, list[tuple[int, bytes | None]]] = field(default_factory=dict)
    acknowledged: int = 0

    def take(self, call: str, name: str, rest: str) -> None:
        """Do what one line of the trace did."""
        if name == ACKNOWLEDGED:
            self.acknowledged = int(_bytes(rest)[0])
        elif call == "pwrite64":
            data, offset = _bytes(rest)
            self.waiting.setdefault(name, []).append((offset, data))
        elif call == "ftruncate":
            self.waiting.setdefault(name, []).append((int(rest.lstrip(", ")), None))
        elif call in {"fsync", "fdatasync"}:
            content = self.synced.setdefault(name, bytearray())
            for offset, part in self.waiting.pop(name, []):
                _change(content, offset, part)
        else:
            raise AssertionError(f"what does {call} do to {name}?")


def _bytes(rest: str) -> tuple[bytes, int]:
    found = WRITTEN.match(rest)
    assert found, rest[:200]
    return bytes.fromhex(found[1].replace("\\x", "")), int(found[2] or 0)


def _change(content: bytearray, offset: int, part: bytes | None) -> None:
    if part is None:
        del content[offset:]
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(part)] = part


def trace(folder: Path, synchronous: str) -> Iterator[tuple[str, str, str]]:
    """Run the writer, and yield each call that changed one of its files."""
    told = folder / "trace"
    command = ["strace", "-f", "-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}"]
    command += ["-o", str(told)]
    for name in FILES:
        command += ["-P", str(folder / name)]
    command += [sys.executable, "-m", "tests.durability.acknowledging"]
    command += [str(folder / DATABASE), str(TRANSACTIONS), synchronous]
    subprocess.run(command, cwd=ROOT, check=True)
    with told.open() as lines:
        for line in lines:
            assert "unfinished" not in line, line[:200]
            found = CALL.match(line)
            if found and int(found[4]) >= 0:
                yield found[1], _plain(found[2] or "").rsplit("/", 1)[-1], found[3]


def _plain(path: str) -> str:
    """Return a path as written, where the trace has its letters in hex too."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), path)


def cuts_that_lost(folder: Path, synchronous: str) -> int:
    """Cut the power at random moments, and return after how many something acknowledged is gone."""
    with databases.fresh("sqlite") as lent:
        shutil.copyfile(lent.url.removeprefix("sqlite:///"), folder / DATABASE)
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        database.execute("PRAGMA journal_mode=WAL")
    disk = Disk({DATABASE: bytearray((folder / DATABASE).read_bytes())})
    calls = list(trace(folder, synchronous))
    moments = set(random.Random(7).sample(range(len(calls)), CUTS))
    lost = 0
    for place, call in enumerate(calls):
        disk.take(*call)
        if place in moments:
            lost += disk.acknowledged > kept_after(disk, folder / "after")
    assert disk.acknowledged == TRANSACTIONS
    return lost


def kept_after(disk: Disk, folder: Path) -> int:
    """Start again from what the disk holds, and return how many transactions are there."""
    folder.mkdir()
    for name, content in disk.synced.items():
        (folder / name).write_bytes(content)
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = database.execute("SELECT count(*), max(sequence) FROM audit_events").fetchone()
    shutil.rmtree(folder)
    # One after the other, none missing in between.
    assert kept[0] == (kept[1] or 0)
    return int(kept[0])


def test_a_power_cut_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    lost = cuts_that_lost(tmp_path, "")
    figure("power cut: cuts that lost something acknowledged", f"{lost} of {CUTS}", 0)
    assert lost == 0


def test_the_control_with_a_weaker_setting_loses(tmp_path: Path) -> None:
    lost = cuts_that_lost(tmp_path, "NORMAL")
    figure("power cut, control with synchronous=NORMAL", f"{lost} of {CUTS}", "more than 0")
    assert lost > 0
