"""`make audit` asks about everything that is ever installed."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_lock_file_is_audited():
    [recipe] = re.findall(
        r"^audit:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE
    )

    locked = {one.name for one in ROOT.glob("requirements*.txt")}
    assert locked
    assert locked == set(re.findall(r"requirements[\w-]*\.txt", recipe))
