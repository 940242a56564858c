"""Everybody gets the answer at every address that `matrix.csv` says, and nothing else.

A new page needs its lines there: `HYPOTHESIS_PROFILE=nightly python -m tests.safety.test_matrix
--write` writes what it answers now, for a person to review the difference.
"""

from __future__ import annotations

import sys

import pytest
from flask import Flask

from tests import databases
from tests.conftest import new_app
from tests.nightly import IS_NIGHT, KINDS_BY_DAY
from tests.safety.observed import HEAD, NONE, Answer, Table, observations, table_of, write, written
from tests.safety.viewers import ROLES
from tracker.permissions import PERMISSIONS_OF_ROLE, Role
from tracker.web.guards import PUBLIC_ENDPOINTS

ADVICE = (
    "run `HYPOTHESIS_PROFILE=nightly python -m tests.safety.test_matrix --write` and review each "
    "line that changed in "
    "tests/safety/matrix.csv: is this what the viewer may know?"
)
NOBODY = {"anonymous", "disabled"}


@pytest.fixture(params=KINDS_BY_DAY)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def answers(database_kind: str) -> list[Answer]:
    return observations(database_kind)


def differences(got: Table, expected: Table, *, entire: bool = True) -> list[str]:
    """Return what differs, cell by cell, in words that say what to do."""
    missing = [f"no line for {' '.join(key)}" for key in got if key not in expected]
    left = [f"a line for what is gone: {' '.join(key)}" for key in expected if key not in got]
    wrong = [
        f"{' '.join(key)}, {place}: {is_now} instead of {wanted}"
        for key in got.keys() & expected.keys()
        for place, is_now, wanted in zip(HEAD[3:], got[key], expected[key], strict=True)
        if is_now != wanted and (entire or is_now != NONE)
    ]
    found = sorted([*missing, *left, *wrong])
    return [*found, ADVICE] if found else []


def test_every_answer_is_the_one_written_down(answers: list[Answer], database_kind: str) -> None:
    # But for a night on SQLite nobody asks again for what a person is refused before a record is
    # looked up: whatever stands there then is the same in the whole line, see below.
    entire = IS_NIGHT and database_kind == "sqlite"
    wrong = differences(table_of(answers), written(), entire=entire)
    assert not wrong, "\n".join(wrong)


def test_a_page_without_its_lines_is_found() -> None:
    table = written()
    key = ("/a-new-page/", "GET", "monitor")
    assert differences(table | {key: ("200", "-", "-", "-", "-")}, table) == [
        "no line for /a-new-page/ GET monitor",
        ADVICE,
    ]
    assert differences(table, table) == []


def test_what_is_hidden_is_answered_like_what_is_missing_or_misspelt(answers: list[Answer]) -> None:
    by_place: dict[tuple[str, str, str], dict[str, Answer]] = {}
    for one in answers:
        by_place.setdefault((one.rule, one.method, one.viewer), {})[one.place] = one
    compared = 0
    for places in by_place.values():
        if "hidden" not in places:
            continue
        missing = places["missing"]
        # Institutions belong to no team, and are hidden from nobody.
        hidden = missing if is_shared(missing.rule) else places["hidden"]
        for one in (hidden, places.get("malformed", missing)):
            assert one.status == missing.status, one.asked
            assert one.body == missing.body, one.asked
            assert without_cookie(one) == without_cookie(missing), one.asked
            compared += 1
    assert compared > 200


def is_shared(rule: str) -> bool:
    return rule.startswith("/institutions/")


def without_cookie(answer: Answer) -> list[tuple[str, str]]:
    # It is signed with the second in which it was made, and remembers what a stranger asked for.
    return [(name, value) for name, value in answer.headers if name != "Set-Cookie"]


@pytest.fixture
def map_alone() -> Flask:
    """Make the application for its addresses alone."""
    return new_app(databases.Database("sqlite", f"sqlite:///{databases.folder_of_run()}/none.db"))


def test_the_table_keeps_the_rules_whatever_stands_in_it(map_alone: Flask) -> None:
    rules = map_alone.url_map.iter_rules()
    public = {rule.rule for rule in rules if rule.endpoint in PUBLIC_ENDPOINTS}
    table = written()
    for key, cells in table.items():
        rule, method, viewer = key
        *_, hidden, missing = cells
        statuses = set(cells) - {NONE}
        assert not [one for one in statuses if one.startswith("5")], key
        assert hidden in {missing, NONE} or is_shared(rule), key
        if viewer == "disabled":
            assert cells == table[rule, method, "anonymous"], key
        if viewer in NOBODY and rule not in public:
            assert statuses == {"303"}, key


# What the world has of these was read: `tests/intake/test_inbox_pages.py` asks for one that was not.
NOT_THERE = {("/intake/items/<ref>/original", "GET")}


def test_every_page_is_there_for_somebody() -> None:
    """An address made for the wrong kind of record is missing to everybody, and proves nothing."""
    there = {key[:2] for key, cells in written().items() if set(cells[:3]) - {"404", "403", "303"}}
    buttons = {key[:2] for key, cells in written().items() if "303" in cells and key[2] in ROLES}
    assert {key[:2] for key in written()} - there - buttons == NOT_THERE


def test_whoever_lacks_the_permission_is_refused_everywhere_alike(map_alone: Flask) -> None:
    for rule in map_alone.url_map.iter_rules():
        needed = getattr(map_alone.view_functions[rule.endpoint], "requires", None)
        for key, cells in written().items():
            if key[0] != rule.rule or key[1] not in (rule.methods or ()) or needed is None:
                continue
            if key[2] in ROLES and needed not in PERMISSIONS_OF_ROLE[Role(key[2])]:
                assert set(cells) - {NONE} == {"403"}, key


if __name__ == "__main__":
    # By day not every cell is asked for, and would be written as empty.
    assert IS_NIGHT, ADVICE
    assert sys.argv[1:] == ["--write"], ADVICE
    databases.make_folder()
    try:
        write(table_of(observations("sqlite")))
    finally:
        databases.remove_folder(databases.folder_of_run())
