"""Suggestions for an article of 500 words take at most 150 ms of one core, after the first.

    .venv/bin/python bench/suggesting.py

The first one in a language compiles its phrases; the whole process pays that once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dataclasses import replace

from tests.intake.scoring import FOLDER, LANGUAGES, read
from tracker.intake.suggest import suggest

WORDS = 500
MOST_MILLISECONDS = 150.0


def per_words(language: str) -> tuple[float, float]:
    """Return the milliseconds of the first article, and for 500 words of those after it."""
    files = sorted((FOLDER / "tuned" / language).glob("*.txt"))
    readings = [read(file) for file in files]
    began = process_time()
    suggest(readings[0])
    first = 1000 * (process_time() - began)
    # Whatever a reading caches of its own text is made again.
    readings = [replace(one) for one in readings]
    words = sum(len(one.text.split()) for one in readings)
    began = process_time()
    for reading in readings:
        suggest(reading)
    return first, 1000 * (process_time() - began) * WORDS / words


def main() -> int:
    """Time the articles of each language."""
    result = 0
    for language in LANGUAGES:
        first, later = per_words(language)
        print(
            f"suggestions, {language}: {later:.0f} ms for {WORDS} words, at most "
            f"{MOST_MILLISECONDS:.0f} (the first article {first:.0f} ms)"
        )
        result |= later > MOST_MILLISECONDS
    return result


if __name__ == "__main__":
    sys.exit(main())
