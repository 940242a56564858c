"""What the pages on security name is there: every test, every file; and their counts are right."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from tests.architecture.source import ROOT

Item = dict[str, Any]

LEAST = 120
ID = re.compile(r"v\d{1,2}\.\d{1,2}\.\d{1,2}")
PLACES = re.compile(r"(?<![\w/.])(?:tests|docs|tracker)/[\w./-]*\w/?")
KEYS = {"id", "asks", "tests", "reason", "note"}


def items() -> list[Item]:
    found: list[Item] = tomllib.loads(read("docs/asvs.toml"))["item"]
    return found


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def run_by_day(file: str) -> frozenset[str]:
    """Return the tests of a file that run by day, those of classes as `Class::test`."""
    if not (ROOT / file).is_file():
        return frozenset()
    return frozenset(_named_in(ast.parse(read(file)).body))


def _named_in(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}::{name}" for name in _named_in(node.body))
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = " ".join(ast.unparse(one) for one in node.decorator_list)
            if "mark.nightly" not in marks.split("(", maxsplit=1)[0]:
                yield node.name


def malformed(item: Item) -> list[str]:
    """Say what an item lacks, or has too much of."""
    wrong = [f"no key of an item: {key}" for key in item.keys() - KEYS]
    if not ID.fullmatch(item.get("id", "")):
        wrong.append("an id is written v6.2.1")
    if not item.get("asks"):
        wrong.append("it does not say what is asked")
    if bool(item.get("tests")) is bool(item.get("reason")):
        wrong.append("tests, or a reason: one of the two")
    return wrong


def missing(item: Item) -> list[str]:
    """Return the tests of an item that are not there."""
    return [
        one
        for one in item.get("tests", [])
        if (parts := one.partition("::"))[2] not in run_by_day(parts[0])
    ]


def gone(text: str) -> list[str]:
    """Return the files that a text names and that are not there; `0012` stands for its decision."""
    places = {one.rstrip(".") for one in PLACES.findall(text)}
    return sorted(
        one for one in places if not (ROOT / one).exists() and not [*ROOT.glob(f"{one}-*")]
    )


def counted(text: str) -> list[int]:
    """Return how many items a page says are shown by a test, and how many have a reason."""
    found = [
        re.search(rf"^\| {words} \| (\d+) \|$", text, re.MULTILINE)
        for words in ("shown by a test", "with a reason why not")
    ]
    return [int(one[1]) for one in found if one]


def test_every_item_has_its_tests_or_its_reason() -> None:
    assert {item["id"]: wrong for item in items() if (wrong := malformed(item))} == {}


def test_every_test_that_an_item_names_is_there() -> None:
    assert {item["id"]: wrong for item in items() if (wrong := missing(item))} == {}


def test_no_item_is_there_twice_and_all_are_in_order() -> None:
    numbers = [tuple(map(int, item["id"][1:].split("."))) for item in items()]

    assert [one for one, times in Counter(numbers).items() if times > 1] == []
    assert numbers == sorted(numbers)


def test_enough_items_are_shown_by_tests_and_the_page_says_how_many() -> None:
    shown = sum("tests" in item for item in items())

    assert shown >= LEAST
    assert counted(read("docs/security.md")) == [shown, len(items()) - shown]


@pytest.mark.parametrize("page", ["docs/security.md", "docs/asvs.toml"])
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    text = read(page)

    assert gone(text) == []
    assert len(PLACES.findall(text)) > 20


@pytest.mark.parametrize(
    "item",
    [
        {"id": "6.2.1", "asks": "x", "reason": "y"},
        {"id": "v6.2.1", "asks": "", "reason": "y"},
        {"id": "v6.2.1", "asks": "x"},
        {"id": "v6.2.1", "asks": "x", "tests": []},
        {"id": "v6.2.1", "asks": "x", "reason": "y", "tests": ["tests/test_db.py::test_x"]},
        {"id": "v6.2.1", "asks": "x", "reasons": "y", "reason": "y"},
    ],
)
def test_a_malformed_item_is_found(item: Item) -> None:
    assert malformed(item) != []


@pytest.mark.parametrize(
    "name",
    [
        "tests/test_db.py::test_there_is_none",
        "tests/test_none.py::test_every_pooled_connection_has_its_pragmas",
        "tests/test_db.py",
        "tests/test_db.py::_pragma",
        "tests/users/test_administration.py::test_it_makes_the_first_administrator",
        "tests/safety/test_canaries.py::test_nobody_finds_a_word_with_any_filter_or_form",
    ],
    ids=["no test", "no file", "a file", "no test either", "of a class", "at night alone"],
)
def test_a_test_that_is_not_there_is_found(name: str) -> None:
    assert missing({"tests": [name]}) == [name]


def test_what_is_there_is_found() -> None:
    there = [
        "tests/test_db.py::test_every_pooled_connection_has_its_pragmas",
        "tests/users/test_administration.py::TestTheCommand::test_it_makes_the_first_administrator",
    ]

    assert missing({"tests": there}) == []
    assert gone("`tests/durability/` docs/decisions/0012, tests/test_db.py.") == []
    assert gone("`tests/users/test_teams.py` docs/none.md") == [
        "docs/none.md", "tests/users/test_teams.py",
    ]  # fmt: skip
    assert counted("| shown by a test | 7 |\n| with a reason why not | 3 |\n") == [7, 3]
