"""A quote is found by number or by words, and is always the article's own text."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.articles.sentences import (
    MAX_QUOTE_LENGTH,
    Passage,
    QuoteError,
    QuoteReason,
    locate_quote,
    split_sentences,
)

TEXT = (
    "The women waited. Two men came at night — they said: “We are police”.\n\n"
    "Соседей спрашивали о «той журналистке». Её звали к окну.\n"
    "It's the editor's\u00a0third   complaint."
)
SENTENCES = split_sentences(TEXT)


def find(typed: str) -> Passage:
    """Locate in the article that the tests share."""
    passage = locate_quote(TEXT, SENTENCES, typed)
    assert TEXT[passage.start : passage.end] == passage.quote
    return passage


@pytest.mark.parametrize(
    ("typed", "quote", "numbers"),
    [
        ("1", "The women waited.", (1,)),
        (" 3 ", "Соседей спрашивали о «той журналистке».", (3,)),
        ("3-4", "Соседей спрашивали о «той журналистке». Её звали к окну.", (3, 4)),
        ("3 – 4", "Соседей спрашивали о «той журналистке». Её звали к окну.", (3, 4)),
        ("2-2", "Two men came at night — they said: “We are police”.", (2,)),
        ("Two men came", "Two men came", (2,)),
        ("men", "men", (2,)),
        ("wome", "wome", (1,)),
        ('night - they said: "We are police"', "night — they said: “We are police”", (2,)),
        ("«We are police»", "“We are police”", (2,)),
        ('о "той журналистке"', "о «той журналистке»", (3,)),
        ("It’s the editor’s third complaint", "It's the editor's\u00a0third   complaint", (5,)),
        ("“Two men came”", "Two men came", (2,)),
        (unicodedata.normalize("NFD", "Её звали"), "Её звали", (4,)),
        ("We are\u200b police", "We are police", (2,)),
        (
            "“We are police”.\r\nСоседей спрашивали",
            "“We are police”.\n\nСоседей спрашивали",
            (2, 3),
        ),
    ],
)
def test_what_is_typed_becomes_the_passage_of_the_article(
    typed: str, quote: str, numbers: tuple[int, ...]
) -> None:
    passage = find(typed)
    assert passage.quote == quote
    assert passage.numbers == numbers


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", QuoteReason.EMPTY),
        (" \n ", QuoteReason.EMPTY),
        ("«…»", QuoteReason.EMPTY),
        ("0", QuoteReason.NO_SUCH_SENTENCE),
        ("6", QuoteReason.NO_SUCH_SENTENCE),
        ("4-6", QuoteReason.NO_SUCH_SENTENCE),
        ("999999999", QuoteReason.NO_SUCH_SENTENCE),
        ("4-2", QuoteReason.REVERSED),
        ("9" * 5000, QuoteReason.NOT_IN_TEXT),
        ("\u0663", QuoteReason.NOT_IN_TEXT),
        ("three men came", QuoteReason.NOT_IN_TEXT),
        ("men.came", QuoteReason.NOT_IN_TEXT),
        ("a\x00b", QuoteReason.NOT_IN_TEXT),
        ("\ud800a", QuoteReason.NOT_IN_TEXT),
        ("a" * (MAX_QUOTE_LENGTH + 1), QuoteReason.TOO_LONG),
    ],
)
def test_what_does_not_stand_in_the_article_is_refused(typed: str, reason: QuoteReason) -> None:
    with pytest.raises(QuoteError) as refused:
        find(typed)
    assert refused.value.reason == reason
    assert refused.value.args[0].endswith(".")


def test_hidden_characters_and_decomposed_letters_of_a_saved_page_are_seen_through() -> None:
    text = unicodedata.normalize("NFD", "Её жур\u00adна\u00adлист\u00adку искали \ufeff здесь.")
    passage = locate_quote(text, split_sentences(text), "Её журналистку искали здесь")
    assert passage.start == 0
    assert passage.quote == text[:-1]


WORDS = st.lists(
    st.sampled_from(["she", "he", "said", "«да»", "it's", "—", "no.", "Ёлка", "й\n\n"]), min_size=1
)


@given(WORDS, st.data())
def test_every_part_of_an_article_is_found_in_any_typography(
    words: list[str], data: st.DataObject
) -> None:
    text = " ".join(words)
    first = data.draw(st.integers(0, len(words) - 1))
    part = " ".join(words[first : data.draw(st.integers(first + 1, len(words)))])
    typed = part.translate({ord("«"): '"', ord("»"): "”", ord("—"): "-", ord("'"): "’"})
    typed = unicodedata.normalize("NFD", " ".join(typed.split()))
    try:
        passage = locate_quote(text, split_sentences(text), typed)
    except QuoteError as error:
        assert error.reason == QuoteReason.EMPTY  # noqa: PT017 (a part may be a dash alone)
        return
    assert text[passage.start : passage.end] == passage.quote
    assert passage.quote.split() == part.split()


@given(st.text(max_size=200), st.text(max_size=20))
def test_any_text_is_a_passage_or_a_refusal(text: str, typed: str) -> None:
    try:
        passage = locate_quote(text, split_sentences(text), typed)
    except QuoteError:
        return
    assert text[passage.start : passage.end] == passage.quote


def test_a_long_quote_is_found_in_a_huge_article_quickly() -> None:
    text = "she said no and " * 190_000 + "then she left\u00ad at last."
    began = time.process_time()
    passage = locate_quote(
        text, split_sentences(text), "she said no and " * 500 + "then  she left at last"
    )
    assert time.process_time() - began < 2
    assert passage.quote.endswith("at last")
