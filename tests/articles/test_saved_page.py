"""Of a saved page of any kind the article comes out, with its title and its day."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.articles.pages_made import MADE, Made
from tracker.articles.extract import extract_as_json


def tokens(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def likeness(text: str, wanted: str) -> float:
    """Return the F1 of the words of both."""
    got, gold = tokens(text), tokens(wanted)
    return 2 * (got & gold).total() / (got.total() + gold.total())


def read(made: Made) -> dict[str, object]:
    return extract_as_json(made.page, "text/html")


@pytest.mark.parametrize("name", MADE)
def test_the_article_comes_out_of_a_page(name: str) -> None:
    made = MADE[name]
    found = read(made)
    lines = str(found["text"]).splitlines()
    assert [line for line in made.lines if line not in lines] == []
    assert likeness(str(found["text"]), "\n".join(made.lines)) >= 0.97
    assert found["title"] == made.title
    assert found["published"] == made.day
    assert found["language"] == name.rpartition(" ")[2]


def test_all_pages_together_come_out_as_well_as_is_asked_for() -> None:
    scores = [likeness(str(read(made)["text"]), "\n".join(made.lines)) for made in MADE.values()]
    assert min(scores) >= 0.97
    assert sum(scores) / len(scores) >= 0.99
