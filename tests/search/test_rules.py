"""What a word is, for the index and for whoever asks it."""

from __future__ import annotations

import pytest

from tracker.search.index import (
    MAX_INDEXED_BYTES,
    MAX_QUERY_WORDS,
    indexed_words,
    normalized_words,
    query_words,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Editor's page, No. 7", ["the", "editor", "s", "page", "no", "7"]),
        ("Ёлка ещё ЗЕЛЁНАЯ", ["елка", "еще", "зеленая"]),
        ("Ғылым, Қазақ ҮКІМЕТІ — әлі де", ["ғылым", "қазақ", "үкіметі", "әлі", "де"]),
        ("йод Иод", ["йод", "иод"]),
        ("и\u0306од", ["йод"]),
        ("Straße ﬁle ＡＢＣ", ["strasse", "file", "abc"]),
        ("orda.kz/2025-03-04", ["orda", "kz", "2025", "03", "04"]),
        ("a_b", ["a", "b"]),
        ("\x00\ud800*\":()'", []),
        ("", []),
    ],
)
def test_words_are_compared_without_case_marks_and_punctuation(text, words):
    assert normalized_words(text) == words


def test_the_index_keeps_each_word_once_and_not_without_end():
    assert indexed_words("one two One TWO three") == ["one", "two", "three"]
    endless = indexed_words(" ".join(f"word{number}" for number in range(200_000)))
    assert sum(len(word) for word in endless) <= MAX_INDEXED_BYTES


def test_a_key_of_a_thousand_letters_is_found_by_its_beginning():
    long = "k" * 1000
    assert indexed_words(long) == query_words(long)


def test_a_question_has_a_bounded_number_of_words():
    assert len(query_words(" ".join(str(number) for number in range(500)))) == MAX_QUERY_WORDS
