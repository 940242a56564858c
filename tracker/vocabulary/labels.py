"""Labels and definitions of the vocabulary, read once from the files in `data/`.

Closed sets are in `data/sets/`, one file per StrEnum, named like the CHECK of its column. Terms are
in `data/terms/`: `flask vocabulary load` writes them to the database.
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

MAX_CODE_LENGTH = 60  # characters
MAX_LABEL_LENGTH = 160  # characters
# The code of a term, such as threat.death.
CODE_PATTERN = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
# A line such as `jfj = N`: the name of an external list of terms, and the id of our term in it.
CROSSWALK_PATTERN = re.compile(r"\s*([a-z][a-z0-9_]{0,19})\s*[=:]\s*(\S.{0,79}?)\s*")
DATA_FOLDER = Path(__file__).parent / "data"
LABEL_LANGUAGES = ("en", "ru", "kk")


@dataclass(frozen=True, slots=True)
class ShippedTerm:
    """A term as shipped. `labels`: by language (en, ru and kk); `definitions`: by language, not in
    every language; `rank`: of several terms the one with the lowest rank is proposed first;
    `crosswalk`: the ids of the term in external lists, by the name of the list.
    """

    code: str
    rank: int
    labels: dict[str, str]
    definitions: dict[str, str]
    crosswalk: dict[str, str]
    country: str | None


@dataclass(frozen=True, slots=True)
class _CodeTexts:
    """The labels and the definitions of one code of a closed set, both by language."""

    labels: Mapping[str, str]
    definitions: Mapping[str, str]


def get_label(code: StrEnum, language: str = "en") -> str:
    """Return the label of a code of a closed set, in English if the language has none."""
    labels = _get_code_texts(code).labels
    return labels.get(language) or labels["en"]


def get_definition(code: StrEnum, language: str = "en") -> str:
    """Return the definition of a code of a closed set, in English if the language has none.
    Return "" if the code has no definition.
    """
    definitions = _get_code_texts(code).definitions
    return definitions.get(language) or definitions.get("en", "")


def term_definition(term_set: TermSet, code: str, stored_definition: str, language: str) -> str:
    """Return the definition of a term. `stored_definition`: the definition in the database; if it
    is the shipped English one, return the shipped definition in this language, else
    `stored_definition`.
    """
    ours = _term_definitions(term_set).get(code, {})
    return (
        ours.get(language, stored_definition)
        if ours.get("en") == stored_definition
        else stored_definition
    )


def code_choices(codes: type[StrEnum], language: str = "en") -> list[tuple[str, str]]:
    """Return the code and label of each member of a closed set, in the order of the set."""
    return [(code.value, get_label(code, language)) for code in codes]


def load_shipped_terms(term_set: TermSet) -> list[ShippedTerm]:
    """Return the shipped terms of an open taxonomy, in the order of its file."""
    return [
        ShippedTerm(
            code=entry["code"],
            rank=entry["rank"],
            labels=_labels_by_language(entry),
            definitions=_definitions_by_language(entry),
            crosswalk=dict(entry.get("crosswalk", {})),
            country=entry.get("country"),
        )
        for entry in _read_toml(DATA_FOLDER / "terms" / f"{term_set}.toml")["term"]
    ]


def _get_code_texts(code: StrEnum) -> _CodeTexts:
    """Return the labels and definitions of a code. If the file of its set lacks the code, the value
    of the code is its label.
    """
    found = _load_closed_set(type(code).__name__).get(code.value)
    return found or _CodeTexts({"en": code.value}, {})


@cache
def _load_closed_set(name: str) -> Mapping[str, _CodeTexts]:
    """Return the labels and definitions of all codes of a closed set, by code. `name`: the class
    name.
    """
    return {
        entry["code"]: _CodeTexts(_labels_by_language(entry), _definitions_by_language(entry))
        for entry in _read_toml(closed_set_path(name))["choice"]
    }


def closed_set_path(name: str, data: Path = DATA_FOLDER) -> Path:
    """Return the path of the file with the labels of a closed set, given its class name.
    `data`: the folder of the vocabulary.
    """
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return data / "sets" / f"{snake}.toml"


@cache
def _term_definitions(term_set: TermSet) -> Mapping[str, Mapping[str, str]]:
    """Return the shipped definitions of the terms of a taxonomy, by code and then by language."""
    return {row.code: row.definitions for row in load_shipped_terms(term_set)}


def _labels_by_language(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the labels in an entry of a file, by language; "" in a language without one."""
    return {language: entry.get(language, "") for language in LABEL_LANGUAGES}


def _definitions_by_language(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the definitions in an entry of a file, by language. Languages in which the entry has
    no definition are left out.
    """
    names = {"en": "definition", "ru": "definition_ru", "kk": "definition_kk"}
    return {language: entry[name] for language, name in names.items() if name in entry}


@cache
def _read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def is_valid_code(text: str) -> bool:
    """Return whether a text has the form of a term's code, such as threat.death."""
    return len(text) <= MAX_CODE_LENGTH and bool(CODE_PATTERN.fullmatch(text))


def parse_crosswalk(text: str) -> dict[str, str] | None:
    """Return the external ids of a term by list name. `text`: one id per line, such as `jfj = N`
    for the id N in the list jfj. Return None if a line is invalid.
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
    """Return the external ids of a term as text for the form, one per line as `jfj = N`."""
    return "\n".join(f"{name} = {place}" for name, place in crosswalk.items())
