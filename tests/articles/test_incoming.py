"""What a file or a paste says of itself, as it is stored."""

from __future__ import annotations

import unicodedata
from functools import partial

import pytest

from tracker.articles import extraction
from tracker.articles.extraction import ExtractionError, ExtractionReason, extract_in_child
from tracker.articles.incoming import (
    IncomingArticle,
    read_file,
    read_pasted_text,
    read_pasted_text_in_child,
)
from tracker.errors import InvalidInput
from tracker.i18n import INVISIBLE_PATTERN
from tracker.intake.inbox_service import fallback_title

WORDS = "An editor in Almaty has received eleven letters that threaten her family, her paper said. "
HIDDEN = "A\u202eli\u200bce\u2066 \ufeffDoe"
PAGE = (
    f'<html><head><title>Letters {HIDDEN}</title><meta name="author" content="{HIDDEN}">'
    f'<meta property="og:site_name" content="News {HIDDEN}"></head>'
    f"<body><article><h1>Letters {HIDDEN}</h1><p>{WORDS * 6}</p></article></body></html>"
)
PASTE = f"Letters {HIDDEN}\nBy {HIDDEN}\n3 June 2025\n\n{WORDS * 6}"


@pytest.mark.parametrize(
    "came", [read_file(PAGE.encode(), "page.html"), read_pasted_text(PASTE)], ids=["file", "paste"]
)
def test_what_is_read_has_no_characters_that_a_typed_title_may_not_have(came: IncomingArticle):
    assert came.title == "Letters Alice Doe"
    for said in (came.title, came.authors, came.publisher):
        assert not INVISIBLE_PATTERN.search(said)


def test_a_file_says_who_wrote_it_in_letters_that_are_seen():
    came = read_file(PAGE.encode(), "page.html")
    assert (came.authors, came.publisher) == ("Alice Doe", "News Alice Doe")


def test_a_title_made_of_the_beginning_has_none_either():
    assert fallback_title(f" {HIDDEN} writes \nmore", "a.txt") == "Alice Doe writes"


@pytest.mark.parametrize(
    "text",
    [
        PASTE,
        "Письма редактору\nАнна Петрова\n3 июня 2025\n\n" + "Ей угрожали, сказала она. " * 9,
        "%PDF is how such a file begins.",
        "Café, cafe\u0301 and more",
        " \n",
        "",
    ],
)
def test_a_pasted_text_is_read_in_a_child_as_it_would_be_here(text: str):
    found, here = read_pasted_text_in_child(text), read_pasted_text(text)

    assert found.content == here.content
    told = [(one.title, one.authors, one.published, one.language) for one in (found, here)]
    assert told[0] == told[1]
    # As of a file: composed, and without characters that stand for nothing.
    composed = unicodedata.normalize("NFC", here.text).replace("\ufeff", "")
    assert found.text.splitlines() == composed.splitlines()


def test_a_pasted_text_that_takes_too_long_is_refused_at_its_field(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(extraction, "extract_in_child", partial(extract_in_child, timeout=0.01))

    with pytest.raises(InvalidInput) as refused:
        read_pasted_text_in_child("An editor was threatened, they said.\n" * 25_000)
    assert set(refused.value.fields) == {"text"}
    assert "too much time or memory" in str(refused.value)


def test_a_pasted_text_meets_a_busy_server_in_words(monkeypatch: pytest.MonkeyPatch):
    def busy(*_given: object) -> None:
        raise ExtractionError(ExtractionReason.BUSY)

    monkeypatch.setattr(extraction, "extract_in_child", busy)
    with pytest.raises(InvalidInput, match="The server is busy"):
        read_pasted_text_in_child(PASTE)
