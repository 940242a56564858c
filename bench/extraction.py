"""Extraction takes at most 1.3 times as long as bare trafilatura on the same pages in the same run.

    .venv/bin/python bench/extraction.py

What the child process needs to start is not counted. Prints the ratio; fails where it is too high.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from collections.abc import Callable

from trafilatura import bare_extraction

from tests.articles.pages_made import PAGES
from tracker.articles.extract import extract_as_json

MOST = 1.3
ROUNDS = 15


def fastest(page: bytes, *ways: Callable[[bytes], object]) -> list[float]:
    """Return the processor time of the fastest round of each way to read a page, in turn: what else
    the machine does slows both alike.
    """
    rounds: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS):
        for read, took in zip(ways, rounds, strict=True):
            began = time.process_time()
            read(page)
            took.append(time.process_time() - began)
    return list(map(min, rounds))


def main() -> int:
    """Measure both on every page, and compare the sums."""
    ours = bare = 0.0
    for page in PAGES.values():
        took = fastest(
            page,
            lambda content: extract_as_json(content, "text/html"),
            lambda content: bare_extraction(content, with_metadata=True),
        )
        ours, bare = ours + took[0], bare + took[1]
    ratio = ours / bare
    print(
        f"extraction: {ratio:.2f} times bare trafilatura, at most {MOST} "
        f"({ours / len(PAGES) * 1000:.1f} ms and {bare / len(PAGES) * 1000:.1f} ms a page)"
    )
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
