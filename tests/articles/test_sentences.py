"""Sentences are numbered the same way every time, in three languages and in any paste."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.articles.sentences import split_paragraphs, split_sentences


def texts(text: str) -> list[str]:
    """Return the sentences as words alone."""
    return [sentence.text for sentence in split_sentences(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["The editor was followed.", "She told the police."],
        ["Mr. Smith met Dr. Orlova at 3.5 km from St. Paul.", "Nobody called."],
        ["On Dec. 15 she saw No. 7.", "He said no.", "Then he left."],
        ["B. U. Karimov spoke to U.S. Senators.", "They listened."],
        ["“Leave the city.”", "The caller hung up."],
        ["(The call was recorded.)", "It was short!", "Why?", "No one knows…", "She filed it."],
        ['"Who are you?" she asked.', "He did not answer."],
        ["He wrote: “We know (!) where you live”.", "The account is gone."],
        ["В 2025 г. редакцию закрыли.", "Об этом сообщил А. Ниязов."],
        ["Это было в 2025 г.", "Полиция молчит."],
        ["Он живёт в г. Алматы на ул. Абая, д. 5.", "Адрес опубликовали."],
        ["Редактор, т.е. автор текста, уехала.", "Её искали."],
        ["— Кто там? — спросила она.", "Ответа не было."],
        ["«Уходите!» — крикнул он.", "«Это угроза.»", "Она ушла."],
        ["Ущерб — 5 млн. Тенге не вернули."],
        ["Угрожали и т.д.", "Полиция приехала."],
        ["Сотні тисяч.", "1 мая всё повторилось."],
        ["2025 ж. редакция жабылды.", "Ол туралы Ә. Сәтбаев айтты."],
        ["Бұл 2024 ж.", "Полиция үндемеді."],
        ["Абай ат. көшеде, Алматы қ. Орталығында тұрды.", "Хабарлама, қоңырау т.б. келді."],
        ["Wait... what?!", "Really?", "Yes."],
        ["1. First point.", "It matters."],
        ["The account @orda posted.", "@fake answered."],
        ["Pressure grew in 12.", "13 letters came."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(sentences: list[str]) -> None:
    assert texts(" ".join(sentences)) == sentences


def test_a_line_break_ends_a_sentence_and_a_paragraph() -> None:
    found = split_sentences("A headline without a stop\r\n\r\nFirst. Second.\n\n  * * *\nThird")
    assert [(s.number, s.text, s.paragraph) for s in found] == [
        (1, "A headline without a stop", 1),
        (2, "First.", 2),
        (3, "Second.", 2),
        (4, "Third", 3),
    ]
    assert [len(group) for group in split_paragraphs("One. Two.\nThree.")] == [2, 1]


def test_an_opening_quotation_mark_stays_with_its_sentence() -> None:
    assert texts("Они ушли. «Мы вернёмся», — сказал он.") == [
        "Они ушли.",
        "«Мы вернёмся», — сказал он.",
    ]


def test_an_empty_text_has_no_sentence() -> None:
    assert split_sentences("") == split_sentences(" \n\t\n") == split_sentences("— …\n***") == []


PIECES = st.lists(
    st.one_of(st.sampled_from([". ", "! ", "\n", "г. ", "«", "» ", "Mr. ", "… ", "5"]), st.text())
).map("".join)


@given(PIECES)
def test_sentences_are_slices_in_order_that_lose_no_word(text: str) -> None:
    found = split_sentences(text)
    assert [s.number for s in found] == list(range(1, len(found) + 1))
    end = 0
    for sentence in found:
        assert sentence.start >= end
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text
        assert not any(letter.isalnum() for letter in text[end : sentence.start])
        end = sentence.end
    assert not any(letter.isalnum() for letter in text[end:])


@pytest.mark.parametrize(
    "text",
    [
        "A short paragraph.\n" * 200_000,
        "." * 1_000_000,
        ". " * 500_000,
        "a. " * 300_000,
        "«" * 1_000_000 + "Нет. ",
        "word " * 200_000,
    ],
    ids=["paragraphs", "dots", "spaced dots", "initials", "quotation marks", "no stop"],
)
def test_a_huge_text_is_split_in_linear_time(text: str) -> None:
    began = time.process_time()
    split_sentences(text)
    assert time.process_time() - began < 5
