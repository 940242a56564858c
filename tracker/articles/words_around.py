"""The words that newsrooms print around an article: languages/*.toml, in all languages at once."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = Path(__file__).parent / "languages"
ANYTHING, COLON = " …", " …:"
NO_LETTER = re.compile(r"[^\w]+|_+")
NUMBER = re.compile(r"\b\d[\d.,]*\b")


def plain(text: str) -> str:
    """Return how phrases are compared: casefolded, ё as е, nothing but words with one space."""
    return NO_LETTER.sub(" ", text.casefold().replace("ё", "е")).strip()


@cache
def listed(name: str) -> tuple[str, ...]:
    """Return a list of every language, as it stands in the files."""
    found: list[str] = []
    for path in sorted(LANGUAGES.glob("*.toml")):
        found += tomllib.loads(path.read_text(encoding="utf-8")).get(name, [])
    return tuple(found)


@cache
def phrases(*names: str) -> frozenset[str]:
    """Return the phrases that stand for a whole line or piece."""
    whole = (phrase for name in names for phrase in listed(name) if "…" not in phrase)
    return frozenset(plain(phrase) for phrase in whole)


@cache
def beginnings(name: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the phrases that stand for a beginning, by first word: any, and those with a colon."""
    free: dict[str, list[str]] = {}
    with_colon: dict[str, list[str]] = {}
    for phrase in listed(name):
        if not phrase.endswith((ANYTHING, COLON)):
            continue
        words = plain(phrase)
        into = with_colon if phrase.endswith(COLON) else free
        into.setdefault(words.partition(" ")[0], []).append(words)
    return free, with_colon


def begins_with(name: str, words: str) -> bool:
    """Say whether plain words begin with a phrase of the list, ended by a word's end."""
    free, _with_colon = beginnings(name)
    return _begins(free, words)


def is_before_colon(name: str, line: str) -> bool:
    """Say whether what stands before the first colon is a phrase of the list that wants one."""
    before, colon, _after = line.partition(":")
    words = plain(before)
    return bool(colon) and words in beginnings(name)[1].get(words.partition(" ")[0], ())


def without_numbers(words: str) -> str:
    """Return plain words without the numbers among them, as in "comments 27"."""
    return " ".join(NUMBER.sub(" ", words).split())


def _begins(by_first: dict[str, list[str]], words: str) -> bool:
    some = by_first.get(words.partition(" ")[0], ())
    return any(words == phrase or words.startswith(phrase + " ") for phrase in some)
