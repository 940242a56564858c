"""Who is shown to be a journalist by the work told of her, and who is not."""

from __future__ import annotations

import pytest

from tracker.articles.codes import Language
from tracker.reader.suggest import suggest
from tracker.reader.text import ArticleText

COLUMNIST = """A drive that ended in a ditch
On Friday Timur Sadenov left town after lunch. Past the mill his front wheel came off.
Readers know Mr Sadenov by his Wednesday page. Since August it has been about grain loans.
Somebody had cut the brake hose of his car, the mechanic said. Sadenov went to the police.
The police said that a statement had been received."""

DEPUTY = """Deputy afraid to answer the door
Timur Sadenov, who represents the northern district, said that his windows had been smashed.
He had voted for the new plan. Sadenov went to the police, and his listeners wrote to him.
The police said that a statement had been received."""

SIGNED = """Why you could not read us on Saturday
If you tried to open Alatau Post on Saturday, you saw nothing. Neither did we.
Our server was answering two million requests a minute. We closed that door and they came back.
We have written to the police. Our readers wrote to us all night.
Saule Imanova, for the newsroom"""

COLLAPSE = """Six hurt, TV reporter among them, as stage gives way
A wooden stage collapsed on Saturday, leaving six people with injuries, rescue officials said.
Reporter Saule Imanova of Alatau News broke her wrist as the scaffold fell.
The planks had been built for ten, and the contractor had used old timber, rescue workers said."""


def aimed(text: str) -> list[str]:
    """Return the people suggested as aimed at."""
    reading = ArticleText(text=text, language=Language.EN, title=text.split("\n", 1)[0])
    return [person.name for person in suggest(reading).targeting.people]


def test_her_page_makes_a_journalist() -> None:
    assert aimed(COLUMNIST) == ["Timur Sadenov"]


@pytest.mark.parametrize("text", [DEPUTY, SIGNED, COLLAPSE])
def test_nobody_is_aimed_at(text: str) -> None:
    assert aimed(text) == []


def test_a_newsroom_that_says_we_was_aimed_at() -> None:
    reading = ArticleText(text=SIGNED, language=Language.EN, title=SIGNED.split("\n", 1)[0])
    assert [one.name for one in suggest(reading).targeting.newsrooms] == ["Alatau Post"]
