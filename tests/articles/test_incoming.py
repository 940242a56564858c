"""What a file or a paste says of itself, as it is stored."""

from __future__ import annotations

import pytest

from tracker.articles.incoming import Incoming, read_file, read_paste
from tracker.characters import INVISIBLE
from tracker.intake.inbox_rules import title_for

WORDS = "An editor in Almaty has received eleven letters that threaten her family, her paper said. "
HIDDEN = "A\u202eli\u200bce\u2066 \ufeffDoe"
PAGE = (
    f'<html><head><title>Letters {HIDDEN}</title><meta name="author" content="{HIDDEN}">'
    f'<meta property="og:site_name" content="News {HIDDEN}"></head>'
    f"<body><article><h1>Letters {HIDDEN}</h1><p>{WORDS * 6}</p></article></body></html>"
)
PASTE = f"Letters {HIDDEN}\nBy {HIDDEN}\n3 June 2025\n\n{WORDS * 6}"


@pytest.mark.parametrize(
    "came", [read_file(PAGE.encode(), "page.html"), read_paste(PASTE)], ids=["file", "paste"]
)
def test_what_is_read_has_no_characters_that_a_typed_title_may_not_have(came: Incoming):
    assert came.title == "Letters Alice Doe"
    for said in (came.title, came.authors, came.publisher):
        assert not INVISIBLE.search(said)


def test_a_file_says_who_wrote_it_in_letters_that_are_seen():
    came = read_file(PAGE.encode(), "page.html")
    assert (came.authors, came.publisher) == ("Alice Doe", "News Alice Doe")


def test_a_title_made_of_the_beginning_has_none_either():
    assert title_for(f" {HIDDEN} writes \nmore", "a.txt") == "Alice Doe writes"
