"""Labels and definitions of the vocabulary, read once from the files in `data/`.

Closed sets are in `data/sets/`, one file per StrEnum, named like the CHECK of its column. Terms are
in `data/terms/`: `flask vocabulary load` makes rows of them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from tracker.vocabulary.codes import TermSet

LONGEST_CODE = 60  # characters
LONGEST_LABEL = 160  # characters
CODE_PATTERN = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
CROSSWALK_PATTERN = re.compile(r"\s*([a-z][a-z0-9_]{0,19})\s*[=:]\s*(\S.{0,79}?)\s*")
DATA_FOLDER = Path(__file__).parent / "data"
LABEL_LANGUAGES = ("en", "ru", "kk")


@dataclass(frozen=True, slots=True)
class TermRow:
    """One term in its file; `labels` has the keys en, ru and kk, `definitions` some of them."""

    code: str
    rank: int
    labels: dict[str, str]
    definitions: dict[str, str]
    crosswalk: dict[str, str]
    country: str | None


@dataclass(frozen=True, slots=True)
class _Choice:
    labels: Mapping[str, str]
    definitions: Mapping[str, str]


def label(code: StrEnum, language: str = "en") -> str:
    """Return the label of a code of a closed set, in English if the language has none."""
    labels = _choice(code).labels
    return labels.get(language) or labels["en"]


def definition(code: StrEnum, language: str = "en") -> str:
    """Return the definition of a code of a closed set, in English if the language has none.

    "" if the label is enough.
    """
    definitions = _choice(code).definitions
    return definitions.get(language) or definitions.get("en", "")


def term_definition(term_set: TermSet, code: str, stored: str, language: str) -> str:
    """Return the definition of a term in a language, if the stored English one is the shipped one.

    Otherwise the stored one, in whatever language an editor wrote it.
    """
    ours = _term_definitions(term_set).get(code, {})
    return ours.get(language, stored) if ours.get("en") == stored else stored


def choices(codes: type[StrEnum], language: str = "en") -> list[tuple[str, str]]:
    """Return code and label of each member of a closed set, in the order of the set."""
    return [(code.value, label(code, language)) for code in codes]


def load_terms(term_set: TermSet) -> list[TermRow]:
    """Return the terms of an open taxonomy, in the order of its file."""
    return [
        TermRow(
            code=entry["code"],
            rank=entry["rank"],
            labels=_labels(entry),
            definitions=_definitions(entry),
            crosswalk=dict(entry.get("crosswalk", {})),
            country=entry.get("country"),
        )
        for entry in _read(DATA_FOLDER / "terms" / f"{term_set}.toml")["term"]
    ]


def _choice(code: StrEnum) -> _Choice:
    """Return the words of a code: itself if its entry was forgotten, which a test names."""
    found = _closed_set(type(code).__name__).get(code.value)
    return found or _Choice({"en": code.value}, {})


@cache
def _closed_set(name: str) -> Mapping[str, _Choice]:
    """Return the labels of a closed set by code; a set without a file is a bug."""
    return {
        entry["code"]: _Choice(_labels(entry), _definitions(entry))
        for entry in _read(set_file(name))["choice"]
    }


def set_file(name: str, data: Path = DATA_FOLDER) -> Path:
    """Return the file with the labels of the closed set of this name."""
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return data / "sets" / f"{snake}.toml"


@cache
def _term_definitions(term_set: TermSet) -> Mapping[str, Mapping[str, str]]:
    return {row.code: row.definitions for row in load_terms(term_set)}


def _labels(entry: Mapping[str, Any]) -> dict[str, str]:
    return {language: entry.get(language, "") for language in LABEL_LANGUAGES}


def _definitions(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the definition of a code by language; English is required."""
    names = {"en": "definition", "ru": "definition_ru", "kk": "definition_kk"}
    return {language: entry[name] for language, name in names.items() if name in entry}


@cache
def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def is_code(text: str) -> bool:
    """Return whether this may be the code of a term, which addresses and exports keep for ever."""
    return len(text) <= LONGEST_CODE and bool(CODE_PATTERN.fullmatch(text))


def read_crosswalk(text: str) -> dict[str, str] | None:
    """Return the crosswalk of a term, entered one list per line as `jfj = N`.

    None if a line is invalid.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        match = CROSSWALK_PATTERN.fullmatch(line)
        if match is None:
            return None
        found[match[1]] = match[2]
    return found


def format_crosswalk(crosswalk: dict[str, str]) -> str:
    """Return a crosswalk in the form in which it is entered."""
    return "\n".join(f"{name} = {place}" for name, place in crosswalk.items())
