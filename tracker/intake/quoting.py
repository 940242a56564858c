"""Read and write the text of a quote field: several passages, either sentence numbers separated by
commas, or words separated by blank lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tracker.articles.rules import MAX_CITED_PASSAGES
from tracker.articles.sentences import SENTENCE_RANGES_PATTERN, parse_passages

BLANK_LINE_PATTERN = re.compile(r"\n\s*\n")
# More sentences than any article has.
MAX_SENTENCE_NUMBER = 10_000
# The number of a sentence.
SENTENCE_NUMBER_PATTERN = re.compile(r"[0-9]{1,6}")


def split_passages(user_input: str) -> list[str]:
    """Return the passages in a quote field: `5, 9-11` are two; blank lines divide quoted words."""
    found: list[str] = []
    for block in BLANK_LINE_PATTERN.split(user_input.strip()):
        found += parse_passages(block)
    return list(dict.fromkeys(found))


def join_passages(quote: str, other_quote: str) -> str:
    """Return the passages of two quote fields as one text."""
    if _has_only_numbers(quote) and _has_only_numbers(other_quote):
        return _format_ranges([*sentence_ranges(quote), *sentence_ranges(other_quote)])
    return "\n\n".join(text for text in (quote.strip(), other_quote.strip()) if text)


def sentence_ranges(user_input: str) -> list[tuple[int, int]]:
    """Return the first and last sentence number of each passage given by numbers."""
    found: list[tuple[int, int]] = []
    for passage in split_passages(user_input):
        if SENTENCE_RANGES_PATTERN.fullmatch(passage):
            first, *rest = map(int, SENTENCE_NUMBER_PATTERN.findall(passage))
            found.append((first, rest[0] if rest else first))
    return found


def quoted_sentence_numbers(user_input: str) -> set[int]:
    """Return the numbers of all sentences in a quote field; none if the field has words, or numbers
    that no article has.
    """
    ranges = sentence_ranges(user_input) if _has_only_numbers(user_input) else []
    if any(last > MAX_SENTENCE_NUMBER for _first, last in ranges):
        return set()
    return {one for first, last in ranges for one in range(first, last + 1)}


def parse_sentence_numbers(user_input: str) -> list[str]:
    """Return the sentence numbers and ranges in a quote field; none if the field has words."""
    found = split_passages(user_input) if user_input else []
    return found if all(SENTENCE_RANGES_PATTERN.fullmatch(one) for one in found) else []


def format_sentence_numbers(numbers: Iterable[int]) -> str:
    """Return sentence numbers as a person enters them: `5, 9-11`."""
    return _format_ranges((one, one) for one in numbers)


def truncate_passages(sentence_numbers: str) -> str:
    """Return the first passages of a list such as `5, 9-11`, as many as one record may cite."""
    return ", ".join(sentence_numbers.split(", ")[:MAX_CITED_PASSAGES])


def _format_ranges(ranges: Iterable[tuple[int, int]]) -> str:
    """Return ranges of sentence numbers as text, such as `5, 9-11`; adjacent ones are joined."""
    runs: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = runs[-1][0], max(last, runs[-1][1])
        else:
            runs.append((first, last))
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _has_only_numbers(user_input: str) -> bool:
    """Return whether a quote field has sentence numbers and no words."""
    return all(SENTENCE_RANGES_PATTERN.fullmatch(passage) for passage in split_passages(user_input))
