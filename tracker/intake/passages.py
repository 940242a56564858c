"""Several passages in one quote box: numbers with commas, or words with blank lines; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.articles.rules import MOST_PASSAGES, RUNS, runs_typed

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_QUOTE = 5000
BLANK_LINE = re.compile(r"\n\s*\n")
NUMBER = re.compile(r"[0-9]{1,6}")


def passages_in(typed: str) -> list[str]:
    """Return each passage by itself: `5, 9-11` are two, so are words with a blank line between."""
    found: list[str] = []
    for block in BLANK_LINE.split(typed.strip()):
        found += runs_typed(block)
    return list(dict.fromkeys(found))


def joined(one: str, other: str) -> str:
    """Return what is typed for the passages of both."""
    if _are_numbers(one) and _are_numbers(other):
        return _typed_runs([*runs_in(one), *runs_in(other)])
    return "\n\n".join(text for text in (one.strip(), other.strip()) if text)


def runs_in(typed: str) -> list[tuple[int, int]]:
    """Return the first and last sentence of each passage that is given by numbers."""
    found: list[tuple[int, int]] = []
    for passage in passages_in(typed):
        if RUNS.fullmatch(passage):
            first, *rest = map(int, NUMBER.findall(passage))
            found.append((first, rest[0] if rest else first))
    return found


def typed_numbers(numbers: Iterable[int]) -> str:
    """Return sentence numbers as a person types them: `5, 9-11`."""
    return _typed_runs((one, one) for one in numbers)


def first_of(typed: str) -> str:
    """Return as many of the passages that are given by numbers as one record may cite."""
    return ", ".join(typed.split(", ")[:MOST_PASSAGES])


def _typed_runs(given: Iterable[tuple[int, int]]) -> str:
    runs: list[tuple[int, int]] = []
    for first, last in sorted(given):
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = runs[-1][0], max(last, runs[-1][1])
        else:
            runs.append((first, last))
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _are_numbers(typed: str) -> bool:
    return all(RUNS.fullmatch(passage) for passage in passages_in(typed))
