"""A name that an article has in other cases alone is suggested in the nominative, if it is sure."""

from __future__ import annotations

import pytest

from tracker.articles.codes import Language
from tracker.reader.name_words import analyse_name_word
from tracker.reader.people.finding import find_people
from tracker.reader.people.nominative import to_nominative
from tracker.reader.text import ArticleText

TOLD = {
    Language.RU: [
        ("Динаре Омаровой", "Динара Омарова"),
        ("Марией Лисовской", "Мария Лисовская"),
        ("Олега Громова", "Олег Громов"),
        ("Сергею Коваленко", "Сергей Коваленко"),
        ("Павлом Ткачуком", "Павел Ткачук"),
        ("Льву Гольдману", "Лев Гольдман"),
        ("Игорю Ковалю", "Игорь Коваль"),
        ("Андрею Гайдаю", "Андрей Гайдай"),
        ("Ивану Глобе", "Иван Глоба"),
        ("Любови Соболь", "Любовь Соболь"),
        # Hers, that has one form for all cases, beside a surname that has not.
        ("Айгуль Омаровой", "Айгуль Омарова"),
        ("Асель Ким", ""),
        # Names that no list has, beside a sure surname.
        ("Фанисе Хабибуллиной", "Фаниса Хабибуллина"),
        ("Максата Турсунбека уулу", "Максат Турсунбек уулу"),
        ("Нине Петровне Лебедевой", "Нина Петровна Лебедева"),
        ("Лебедевой Нине", "Лебедева Нина"),
        ("О Громову", ""),
        ("Н Лебедевой", "Н. Лебедева"),
        ("Лебедевой", "Лебедева"),
        # Hers or his: it stays as it is written.
        ("Громова", ""),
        ("Лукпану Громову", ""),
    ],
    Language.KK: [
        ("Айгүл Омарованың", "Айгүл Омарова"),
        ("Нұрлан Әбішевтен", "Нұрлан Әбішев"),
        ("Дәурен Сейітқызына", "Дәурен Сейітқызы"),
        ("Сабина Омарова", ""),
        ("Ерлан Қалиев", ""),
    ],
    Language.EN: [("Aida Serikova", "")],
}


@pytest.mark.parametrize(
    ("language", "written", "name"),
    [(language, *pair) for language, pairs in TOLD.items() for pair in pairs],
)
def test_a_name_is_restored_where_only_one_can_be_meant(
    language: Language, written: str, name: str
) -> None:
    assert (
        to_nominative([analyse_name_word(word, language) for word in written.split()], language)
        == name
    )


def test_the_surname_elsewhere_in_the_article_says_whose_name_it_is() -> None:
    words = [analyse_name_word(word, Language.RU) for word in ("Лукпану", "Громову")]
    assert to_nominative(words, Language.RU, {"громов"}) == "Лукпан Громов"
    assert to_nominative(words, Language.RU, {"громова"}) == "Лукпана Громова"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Редактору Динаре Омаровой угрожали по телефону.", "Динара Омарова"),
        ("Редактору Динаре Омаровой угрожали. Динару Омарову ждали у дома.", "Динара Омарова"),
        ("Угрожали Динаре Омаровой. Редактор Динара Омарова молчит.", "Динара Омарова"),
    ],
)
def test_it_is_suggested_so(text: str, name: str) -> None:
    (person,) = find_people(ArticleText(text=text, language=Language.RU))
    assert person.name == name
    assert person.mentions[0].passage.text in text
