"""Memory stays flat over 1,000 articles that one process extracts.

    .venv/bin/python bench/extraction_memory.py

The tracker gives every file a process of its own; this shows that a longer life would not leak.
"""

from __future__ import annotations

import sys
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.articles.pages_made import PAGES
from tracker.articles.extract import extract_as_json

ARTICLES = 1000
# Caches fill while the first ones are read.
FIRST = 200
MOST_MEGABYTES = 5.0


def megabytes() -> float:
    """Return what this process holds in memory now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line) / 1024


def main() -> int:
    """Extract one article after another, and compare."""
    pages = list(PAGES.values())
    before = 0.0
    for number, page in enumerate(islice(cycle(pages), ARTICLES)):
        if number == FIRST:
            before = megabytes()
        extract_as_json(page.replace(b"</title>", b" %d</title>" % number), "text/html")
    grown = megabytes() - before
    print(
        f"extraction: {grown:+.1f} MB from article {FIRST} to article {ARTICLES}, "
        f"at most {MOST_MEGABYTES:.0f} (now {megabytes():.0f} MB)"
    )
    return 0 if grown <= MOST_MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
