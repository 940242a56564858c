"""Of a pasted page the article stays; menus, lists, buttons and signatures go; no paragraph goes."""

from __future__ import annotations

import pytest

from tests.articles.pages_made import BODIES, OTHERS, TITLES
from tracker.articles.boilerplate import load_word_list, normalize_phrase
from tracker.articles.codes import Language
from tracker.articles.incoming import read_pasted_text
from tracker.articles.pasted import parse_pasted_article

TOP = {
    "en": [
        "Skip to content",
        "Home | Politics | Economy | City",
        "Home",
        "Sport",
        "Search",
        "EN",
        "RU",
    ],
    "ru": [
        "Главная   Политика   Экономика   Мнения",
        "Главная » Общество",
        "Поиск",
        "Войти",
        "ҚАЗ | РУС",
    ],
    "kk": ["Басты бет  |  Саясат  Экономика  Пікір", "Басты бет / Қоғам / Оқиға", "Іздеу", "Кіру"],
}
SIGNED = {
    "en": ["By Aida Serikova", "4 June 2025, 14:20   👁 3 412"],
    "ru": ["Аида Серикова", "4 июня 2025, 14:20    3 412 просмотров"],
    "kk": ["Аида Серікова", "2025 жылғы 4 маусым, 14:20    3 412 рет оқылды"],
}
NAMES = {"en": "Aida Serikova", "ru": "Аида Серикова", "kk": "Аида Серікова"}
SHARE = {
    "en": "Share: Facebook  Telegram  WhatsApp  Copy link",
    "ru": "Поделиться: Telegram  WhatsApp  Facebook",
    "kk": "Бөлісу: Facebook  Telegram  WhatsApp",
}
INSIDE = {"en": "Read also", "ru": "Читайте также", "kk": "Сондай-ақ оқыңыз"}
LATEST = {"en": "Latest news", "ru": "Последние новости", "kk": "Соңғы жаңалықтар"}
FOOT = {
    "en": ["Tags: water, press", "Comments (12)", "Leave a comment", "Subscribe to our newsletter: one letter on Sundays.", "© 2019–2025 The Karasu Herald. All rights reserved."],
    "ru": ["Теги: вода, пресса", "Комментарии (12)", "Нашли ошибку? Выделите её и нажмите Ctrl+Enter.", "Подпишитесь на рассылку — одно письмо по воскресеньям", "© «Вестник Карасу», 2019–2025. Использование материалов — только с активной ссылкой."],
    "kk": ["Тегтер: су, баспасөз", "Пікірлер (12)", "Қате таптыңыз ба? Ctrl+Enter басыңыз.", "Бізді Telegram-да оқыңыз: t.me/karasu", "© «Қарасу айнасы», 2019–2025. Материалдарды көшіріп басқанда сілтеме жасау міндетті."],
}  # fmt: skip
PUBLISHERS = {"en": "The Karasu Herald", "ru": "Вестник Карасу", "kk": "Қарасу айнасы"}


@pytest.mark.parametrize("language", TITLES)
@pytest.mark.parametrize("between", ["\n", "\n\n", "\r\n"])
def test_of_a_whole_page_the_article_stays(language: str, between: str) -> None:
    body, others = BODIES[language], OTHERS[language]
    page = [
        *TOP[language], TITLES[language], *SIGNED[language], *body[:3],
        INSIDE[language], f"• {others[0]}", f"• {others[1]}", *body[3:5],
        f"{INSIDE[language]}: {others[2]}", *body[5:], SHARE[language], LATEST[language], *others, *FOOT[language],
    ]  # fmt: skip
    came = read_pasted_text(between.join(page))
    assert [line for line in came.text.splitlines() if line] == [TITLES[language], *body]
    assert (came.title, came.authors) == (TITLES[language], NAMES[language])
    assert came.published is not None
    assert came.published.isoformat() == "2025-06-04"
    assert came.publisher == PUBLISHERS[language]
    assert came.language == Language(language)
    assert came.content == between.join(page).encode()


@pytest.mark.parametrize("language", TITLES)
def test_an_article_without_anything_around_it_stays_as_it_is(language: str) -> None:
    text = "\n\n".join([TITLES[language], *BODIES[language]])
    found = parse_pasted_article(text)
    assert found.text == text
    assert (found.authors, found.publisher) == ([], "")


# What begins or looks like furniture and is none. Each line must stay wherever it stands.
REAL = [
    "Related companies of the owner won three tenders, the paper wrote in the same article.",
    "More people came on Tuesday.",
    "No part of the village was spared by the search, neighbours told the reporter.",
    "Share prices of the company fell after the article, and its owner called the editor at night.",
    "By Thursday the gate had been painted over twice.",
    "Copyright complaints shut down the channel on 9 September, its owner said.",
    "Свидетельство о регистрации газеты аннулировали в мае.",
    "Сетевое издание «Край» заблокировали по требованию прокуратуры.",
    "Учредитель газеты Иван Петров заявил, что угроз не получал.",
    "Наш канал удалили ночью, сообщила ведущая.",
    "Фото из квартиры журналистки появились в анонимном канале утром.",
    "Телефон редакции отключили за долги, которых не было.",
    "Видео, на котором мужчина угрожает журналистке, удалили через час.",
    "Новости о задержании редактора появились ночью.",
    "Жазылған арыз бойынша полиция іс қозғамады.",
    "Редакция пікірі бойынша бұл — қысым.",
    "Жаңалықтар сайтын түнде бұғаттаған.",
    "Суд назначен на 4 июня 2025 года.",
    "She was born in Almaty on 4 June 1985.",
    "Kairat won 2–1.",
    "— Who sent you?",
    "— Полиция не деді?",
    "— All?",
    "— OK.",
    "Все.",
    "Обзор прессы запретили.",
    "Interview with the editor",
    "Автор канала задержан.",
    "Тілші Айгүл Серікова ұсталды",
    "Что известно:",
    "- двое мужчин ждали у подъезда",
    "1. The men had a list of names.",
    "* * *",
]


@pytest.mark.parametrize("line", REAL)
def test_a_real_line_is_never_left_out(line: str) -> None:
    body = BODIES["en"]
    for place in (1, 3, len(body)):
        lines = [TITLES["en"], *body[:place], line, *body[place:]]
        assert parse_pasted_article("\n".join(lines)).text.splitlines() == lines, place


def test_a_list_of_the_article_stays_and_a_list_of_others_goes() -> None:
    body = BODIES["ru"]
    facts = [
        "Что известно:",
        "- двое мужчин ждали у подъезда",
        "- номер записала соседка",
        "- полиция приехала через час",
    ]
    ticker = [
        "18:40  Суд в Москве арестовал журналиста",
        "18:32  Сборная по хоккею проведёт сбор",
        "18:20  ЦБ установил курсы",
    ]
    found = parse_pasted_article("\n".join([TITLES["ru"], *body[:2], *facts, *body[2:], *ticker]))
    assert found.text.splitlines() == [TITLES["ru"], *body[:2], *facts, *body[2:]]


def test_teasers_under_the_last_list_go_with_it() -> None:
    others = [
        line for one in OTHERS["en"] for line in (one, "The ribbon was cut on Monday at noon.")
    ]
    found = parse_pasted_article(
        "\n".join([TITLES["en"], *BODIES["en"], "Related articles", *others, "About us", "18+"])
    )
    assert found.text.splitlines() == [TITLES["en"], *BODIES["en"]]


def test_words_that_would_leave_nothing_leave_everything() -> None:
    poem = "Poem for the press\nRead also\nThe night is long\nThe light is low\nThey came for us"
    assert parse_pasted_article(poem).text == poem
    talk = "Interview\n— Who came?\n— Two men.\n— What did they say?\n— Nothing."
    assert parse_pasted_article(talk).text == talk


@pytest.mark.parametrize(
    ("around", "authors", "publisher", "published"),
    [
        (["Ridgeway Courier | Local | Updated 6:12 p.m. ET April 17, 2026", "Dan Pruitt, Staff Writer"], ["Dan Pruitt"], "Ridgeway Courier", "2026-04-17"),
        (["By Peter Holloway and Aida Serikova", "November 7, 2025"], ["Peter Holloway", "Aida Serikova"], "", "2025-11-07"),
        (["Published: 05/12/2025 – 10:02", "Views: 1,877"], [], "", "2025-12-05"),
        (["The Silk Road Dispatch", "By Our Almaty Correspondent"], [], "The Silk Road Dispatch", None),
        (["(Reporting by Igor Maslov; Editing by Rachel Denham)"], ["Igor Maslov"], "", None),
        (["21.01.2026 11:15     Просмотров: 9 877      Автор: Руслан Жумадилов"], ["Руслан Жумадилов"], "", "2026-01-21"),
        (["17:58, 30 января 2026 (обновлено: 2 февраля 2026, 18:11)    1204"], [], "", "2026-01-30"),
        (["Сергей Тен, «Аргументы региона», 26 сентября 2025 г."], ["Сергей Тен"], "Аргументы региона", "2025-09-26"),
        (["Составитель — Нигора Хамраева. Фото: Аскар Валиев."], ["Нигора Хамраева"], "", None),
        (["Kulan.media   НОВОСТИ   ТЕКСТЫ   ПОДДЕРЖАТЬ", "Дина Абжанова, 19 марта 2026, 14:03"], ["Дина Абжанова"], "Kulan.media", "2026-03-19"),
        (["2 қазан, 2025 ж.  11:40"], [], "", "2025-10-02"),
        (["«Сыр елі» газеті, 19.05.2025, 10:10"], [], "Сыр елі", "2025-05-19"),
        (["Қуат СЕЙТЖАНОВ", "Блог"], ["Қуат Сейтжанов"], "", None),
        (["Сұхбаттасқан Аружан Мәлік"], ["Аружан Мәлік"], "", None),
        (["Қарағанды облысы | 11 желтоқсан 2024 | Ерсін Қалиев"], ["Ерсін Қалиев"], "", "2024-12-11"),
    ],
)  # fmt: skip
def test_signatures_are_read_and_are_no_text(
    around: list[str], authors: list[str], publisher: str, published: str | None
) -> None:
    for lines in ([TITLES["en"], *around, *BODIES["en"]], [TITLES["en"], *BODIES["en"], *around]):
        found = parse_pasted_article("\n".join(lines))
        assert found.text.splitlines() == [TITLES["en"], *BODIES["en"]]
        assert (found.authors, found.publisher, found.published) == (authors, publisher, published)


@pytest.mark.parametrize(
    ("first", "publisher", "published"),
    [
        ("ASTANA, Feb 4, 2026 (Caspian Newswire) - A reporter spent the session of parliament in the cloakroom.", "Caspian Newswire", "2026-02-04"),
        ("ASTANA. 21 September 2025. 19:30. /Kazinfo Today/ - A dead crow lay on the doorstep of the editor.", "Kazinfo Today", "2025-09-21"),
        ("Бишкек, 3 марта 2026. В понедельник вечером в студию канала пришли сотрудники комитета.", "", "2026-03-03"),
        ("Almaty. Anyone who tried to open the site on Sunday, November 16, 2025, saw nothing but white.", "", None),
        ("Хат 2025 жылғы 29 сәуірде түнгі екіде келді, деп жазады редакция өз сайтында.", "", None),
    ],
)  # fmt: skip
def test_a_dateline_is_read_and_stays_text(
    first: str, publisher: str, published: str | None
) -> None:
    found = parse_pasted_article("\n".join([TITLES["en"], first, *BODIES["en"]]))
    assert first in found.text.splitlines()
    assert (found.publisher, found.published) == (publisher, published)


# Lines that say where and when an article was published, by the language of the article.
PUBLICATION_LINES = [
    ("ru", "«Степной край», г. Рудный, 16 октября 2025 года", "2025-10-16"),
    ("ru", "Степной край, 16 мая", "--05-16"),
    ("ru", "16 мая, 10:20 | Общество", "--05-16"),
    ("ru", "14.11.2025, 09:12   Просмотров: 3 418", "2025-11-14"),
    ("ru", "Опубликовано 02.12.2025 | Время чтения 5 мин.", "2025-12-02"),
    ("ru", "02.05.2026 / 13:27 / Семей / Редакция «Степь»", "2026-05-02"),
    ("ru", "Запись от 3 октября 2026", "2026-10-03"),
    ("ru", "СЕМЕЙ. 14 мая 2025 года. Агентство «Иртыш»", "2025-05-14"),
    ("kk", "16 мамыр 2025, Алматы", "2025-05-16"),
    ("kk", "Қала айнасы, Алматы, 16 мамыр", "--05-16"),
    ("kk", "Жарық көрді: 14.02.2026 | Жаңартылды: 15.02.2026", "2026-02-14"),
    ("kk", "Автор: Сәуле Ертай · 21.05.2026 · оқуға 2 минут", "2026-05-21"),
    ("kk", "Сот залынан · 2026 ж. 2 қыркүйек", "2026-09-02"),
    ("en", "The Karasu Herald, 16 May", "--05-16"),
    ("en", "Karasu Herald, Almaty, May 16, 2025", "2025-05-16"),
    ("en", "SEMEY. 26 June. Ertis Press", "--06-26"),
    ("en", "Published 22 May 2026 | Checked by Dana Omar and Lev Pak", "2026-05-22"),
]


@pytest.mark.parametrize(("language", "line", "day"), PUBLICATION_LINES)
def test_a_publication_line_dates_the_article(language: str, line: str, day: str) -> None:
    body = BODIES[language]
    question = TITLES[language].rstrip(".") + " before the doors of the house were opened again?"
    for title in (TITLES[language], question):
        assert parse_pasted_article("\n".join([title, line, *body])).published == day
    assert parse_pasted_article("\n".join([TITLES[language], *body, line])).published == day


@pytest.mark.parametrize(
    "line",
    [
        "Митинг на площади, 16 декабря 2011 года",
        "The rally on the square, 16 December 2011",
        "16 декабря 2011 года она вышла на площадь с плакатом",
        "3 қазанда редакция есігі ашылмай қалды",
        "On Thursday, 27 February, the weekly printed the answer of the akim in full, on page one.",
    ],
)
def test_a_caption_or_a_sentence_with_a_day_dates_nothing(line: str) -> None:
    for language, body in BODIES.items():
        assert parse_pasted_article("\n".join([TITLES[language], line, *body])).published is None


@pytest.mark.parametrize(
    ("first", "publisher", "published"),
    [
        ("АЛМАТЫ, 16 мая. Степьинформ – ", "Степьинформ", "--05-16"),
        ("АЛМАТЫ. 16 мая 2025. Степьинформ — ", "Степьинформ", "2025-05-16"),
        ("Алматы, 16 мая. ", "", "--05-16"),
        ("Степной край, 16 мая. ", "Степной край", "--05-16"),
        ("16 мая 2025, Алматы. ", "", "2025-05-16"),
        ("АЛМАТЫ, 16 мамыр (Қала үні) – ", "Қала үні", "--05-16"),
        ("ALMATY, May 16 (Ertis Press) - ", "Ertis Press", "--05-16"),
    ],
)
def test_a_dateline_without_a_year_is_read(first: str, publisher: str, published: str) -> None:
    body = [first + BODIES["ru"][0], *BODIES["ru"][1:]]
    for lines in ([TITLES["ru"], *body], body):
        found = parse_pasted_article("\n".join(lines))
        assert (found.publisher, found.published) == (publisher, published)


def test_the_days_of_a_digest_date_none_of_its_paragraphs() -> None:
    items = [f"{town}, {day} июля. {BODIES['ru'][0]}" for town, day in (("Тараз", 3), ("Семей", 9))]
    assert parse_pasted_article("\n".join([TITLES["ru"], *items])).published is None


def test_a_line_of_town_and_day_stays_for_the_town() -> None:
    found = parse_pasted_article(
        "\n".join([TITLES["kk"], "Ақтау, 14 тамыз 2025 жыл", *BODIES["kk"]])
    )
    assert "Ақтау, 14 тамыз 2025 жыл" in found.text
    assert found.published == "2025-08-14"


@pytest.mark.parametrize(
    "name",
    [
        "lists",
        "menu",
        "buttons",
        "counters",
        "begins",
        "authors",
        "roles",
        "others",
        "updated",
        "days",
        "outlets",
        "places",
    ],
)
def test_every_language_has_every_list_and_no_phrase_is_empty(name: str) -> None:
    assert all(normalize_phrase(phrase) for phrase in load_word_list(name))


def test_every_language_names_twelve_months() -> None:
    assert len(load_word_list("months")) == 36


# What stands over a title: the lines, who publishes it, and the day.
OVER = [
    (["Orda.kz"], "Orda.kz", None),
    (["https://www.orda.kz/news/42"], "orda.kz", None),
    (["The Karasu Herald", "Monday, 18 May 2026"], "The Karasu Herald", "2026-05-18"),
    (["Reuters", "Kazakhstan"], "Reuters", None),
    (["RFE/RL’s Kazakh Service", "Press freedom"], "RFE/RL’s Kazakh Service", None),
    (["Vlast | Politics | 18 May"], "Vlast", "--05-18"),
    (["ИА «КазТАГ»", "18.05.2026 10:20"], "КазТАГ", "2026-05-18"),
    (["Новая газета", "Свобода слова"], "Новая газета", None),
    (["Понедельник, 18 мая", "Срочно"], "", "--05-18"),
    (["Азаттық", "2026 жылғы 18 мамыр", "Сөз бостандығы"], "Азаттық", "2026-05-18"),
]


@pytest.mark.parametrize(("over", "publisher", "day"), OVER)
def test_an_outlet_a_section_or_a_day_over_the_title_is_no_title(
    over: list[str], publisher: str, day: str | None
) -> None:
    for language, title in TITLES.items():
        body = [title, *BODIES[language]]
        found = parse_pasted_article("\n".join([*over, *body]))
        assert found.text.splitlines() == body
        assert (found.title, found.publisher, found.published) == (title, publisher, day)


# What looks like it and is the title, with what is written under it.
TITLED = [
    ("Radio silence", "How the stations of a city went quiet after January"),
    ("Fake news", "A minister answers what was said of him, and of his brother"),
    ("Orda.kz goes dark", "The site was down from noon until the evening"),
    ("Media under pressure", "What a year of searches has done to three papers"),
    ("Vlast is sued by a mayor", "He asks for ten million and an apology"),
    ("Май", "Что случилось с журналистами за месяц"),
    ("Свобода слова", "Аида Серикова"),
    ("«Я знаю, где ты»", "Кто и зачем писал редактору письма без подписи"),
    ("Kazakhstan", "By Aida Serikova"),
]


@pytest.mark.parametrize(("title", "under"), TITLED)
def test_a_title_that_names_an_outlet_or_a_country_is_one(title: str, under: str) -> None:
    found = parse_pasted_article("\n".join([title, under, *BODIES["en"]]))
    assert found.title == title
    assert found.text.startswith(title)
    assert found.publisher == ""


@pytest.mark.parametrize(
    ("menu", "title", "author", "day"),
    [
        ("Home\nLatest news\nCulture\nSubscribe", "A van stood before the newsroom all night",
         "By Anna Petrova", "3 June 2025, 11:20"),
        ("Главная\nНовости\nОбщество\nПоиск", "У редакции всю ночь стоял фургон",
         "Автор: Анна Петрова", "3 июня 2025, 11:20"),
        ("Басты бет\nЖаңалықтар\nҚоғам\nІздеу", "Редакция алдында түні бойы фургон тұрды",
         "Авторы: Анна Петрова", "2025 жылғы 3 маусым, 11:20"),
    ],
)  # fmt: skip
def test_a_menu_with_news_in_it_leaves_the_title_and_who_wrote_when(
    menu: str, title: str, author: str, day: str
) -> None:
    text = "Nobody knew whose it was, and at seven it was gone, said the guard of the house, Marat."
    found = parse_pasted_article(f"{menu}\n\n{title}\n\n{author}\n{day}\n\n{text}\n\n{text} Again.")

    assert (found.title, found.published) == (title, "2025-06-03")
    assert found.authors in (["Anna Petrova"], ["Анна Петрова"])
    assert found.text.startswith(title)
    assert menu.splitlines()[-1] not in found.text


def test_a_headline_of_more_than_a_hundred_letters_is_one() -> None:
    title = (
        "Strangers told the neighbours that the editor of the site owed money; a channel in her "
        "name called her a thief"
    )
    text = "Nobody knew whose it was, and at seven it was gone, said the guard of the house, Marat."
    found = parse_pasted_article(
        f"{title}\nBy Anna Petrova\n3 June 2025\n\n{text}\n\n{text} Again."
    )

    assert (found.title, found.authors, found.published) == (title, ["Anna Petrova"], "2025-06-03")


@pytest.mark.parametrize("line", ["Share Facebook Telegram X", "Books", "Рецензии"])
def test_buttons_in_a_row_and_sections_are_not_the_text(line: str) -> None:
    text = "Nobody knew whose it was, and at seven it was gone, said the guard of the house, Marat."
    title = "A van stood before the newsroom all night"
    found = parse_pasted_article(f"{line}\n\n{title}\n\n{text}\n\n{text} Again.")

    assert (found.title, line in found.text) == (title, False)
