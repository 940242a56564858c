"""Dates and periods of events, as newsrooms write them in three languages."""

from datetime import date

import pytest

from tracker.articles.codes import Language
from tracker.reader.dates.finding import find_dates
from tracker.reader.text import ArticleText
from tracker.when import Precision

EN, RU, KK = Language.EN, Language.RU, Language.KK
# A Wednesday.
PUBLISHED = date(2025, 6, 18)


def found(
    text: str, language: Language, published: date | None = PUBLISHED
) -> set[tuple[str, str]]:
    reading = ArticleText(text=text, language=language, title="Headline", published=published)
    return {
        (one.when.earliest.isoformat(), one.when.latest.isoformat())
        for one in find_dates(reading, acts=())
    }


@pytest.mark.parametrize(
    ("language", "text", "first", "last"),
    [
        (EN, "Two men hit the reporter on 17 June 2025 near her home.", "2025-06-17", "2025-06-17"),
        (EN, "She was detained on June 12 outside the court.", "2025-06-12", "2025-06-12"),
        (EN, "The office was searched on Nov. 30.", "2024-11-30", "2024-11-30"),
        (EN, "In March the site was blocked.", "2025-03-01", "2025-03-31"),
        (EN, "The calls began in early April.", "2025-04-01", "2025-04-10"),
        (EN, "Somebody broke in on the night of 13 January.", "2025-01-13", "2025-01-14"),
        (EN, "The site was down between March and May.", "2025-03-01", "2025-05-31"),
        (EN, "On Monday she found the tyres cut.", "2025-06-16", "2025-06-16"),
        (EN, "He was beaten last Thursday in the yard.", "2025-06-12", "2025-06-12"),
        (EN, "The letter came yesterday.", "2025-06-17", "2025-06-17"),
        (EN, "Two months ago her account was hacked.", "2025-04-01", "2025-04-30"),
        (EN, "For the past six months she has been followed.", "2024-12-18", "2025-06-18"),
        (EN, "They have called daily since January.", "2025-01-01", "2025-06-18"),
        (RU, "21 мая к ней пришли с обыском.", "2025-05-21", "2025-05-21"),
        (RU, "В июне 2024 года его оштрафовали.", "2024-06-01", "2024-06-30"),
        (RU, "В ночь на 13 января подожгли машину.", "2025-01-12", "2025-01-13"),
        (RU, "С 3 по 5 июня сайт не открывался.", "2025-06-03", "2025-06-05"),
        (RU, "В понедельник её вызвали в полицию.", "2025-06-16", "2025-06-16"),
        (RU, "В прошлую среду ему порезали шины.", "2025-06-11", "2025-06-11"),
        (RU, "Вчера вечером ей угрожали.", "2025-06-17", "2025-06-17"),
        (RU, "В течение последних шести месяцев за ней следят.", "2024-12-18", "2025-06-18"),
        (RU, "С начала года редакции пришло шесть исков.", "2025-01-01", "2025-06-18"),
        (RU, "В прошлом году его уже задерживали.", "2024-01-01", "2024-12-31"),
        (RU, "Инцидент произошёл 05.03.2025 у здания суда.", "2025-03-05", "2025-03-05"),
        (RU, "Неделю назад у редактора отобрали камеру.", "2025-06-08", "2025-06-14"),
        (KK, "2025 жылғы 4 маусымда оны ұстады.", "2025-06-04", "2025-06-04"),
        (KK, "Биылғы наурызда сайт бұғатталды.", "2025-03-01", "2025-03-31"),
        (KK, "Наурыз айында оған қоңырау шалды.", "2025-03-01", "2025-03-31"),
        (KK, "13 қаңтарға қараған түні көлігін өртеді.", "2025-01-12", "2025-01-13"),
        (KK, "3-5 мамырда редакция жұмыс істемеді.", "2025-05-03", "2025-05-05"),
        (KK, "Дүйсенбіде журналисті сотқа шақырды.", "2025-06-16", "2025-06-16"),
        (KK, "Кеше оны көшеде ұрып кетті.", "2025-06-17", "2025-06-17"),
        (KK, "Екі апта бұрын пәтеріне бөтен кісілер келді.", "2025-06-01", "2025-06-07"),
        (KK, "Соңғы жарты жылда оны аңдып жүр.", "2024-12-18", "2025-06-18"),
        (KK, "Мамырдың соңында арнасы бұғатталды.", "2025-05-21", "2025-05-31"),
        (KK, "Былтыр оған айыппұл салынды.", "2024-01-01", "2024-12-31"),
    ],
)
def test_a_date_is_read_as_its_days(language: Language, text: str, first: str, last: str) -> None:
    assert (first, last) in found(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "The hearing will take place on 24 June."),
        (EN, "She was remanded until 1 July."),
        (EN, "They may meet again next Monday."),
        (EN, "The minister may answer in the coming weeks."),
        (EN, "He marched to the door and may return."),
        (EN, "She was given 15 days of arrest under article 274."),
        (EN, "Sarah March and April Stone wrote the story."),
        (RU, "Следующее заседание назначено на 24 июня."),
        (RU, "Мера пресечения действует до 1 июля."),
        (RU, "Завтра он поедет домой."),
        (RU, "Журналистку Марту Беккер знают все."),
        (RU, "Суд арестовал её на 15 суток по статье 274."),
        (RU, "Речь шла об окружающей среде."),
        (KK, "Келесі отырыс 24 маусымға белгіленді."),
        (KK, "Ертең ол сотқа барады."),
        (KK, "Футбол маусымы аяқталды."),
        (KK, "Сот оны 15 тәулікке қамады."),
    ],
)
def test_what_is_to_come_or_only_looks_like_a_date_is_none(language: Language, text: str) -> None:
    assert found(text, language) == set()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "On Friday two men came to her door. Yesterday they came again."),
        (RU, "В пятницу к ней пришли. Вчера пришли снова."),
        (KK, "Жұма күні оған екі кісі келді. Кеше тағы келді."),
    ],
)
def test_words_counted_from_an_unknown_publication_give_no_days(
    language: Language, text: str
) -> None:
    assert found(text, language, published=None) == set()


def test_a_missing_year_is_that_of_the_report() -> None:
    text = "Press Freedom in 2023\n\nOn 4 August police searched the newsroom."
    assert ("2023-08-04", "2023-08-04") in found(text, EN, published=None)


def test_a_year_told_before_holds_in_its_paragraph() -> None:
    text = "3 марта 2022 года его избили. 9 мая дело закрыли."
    assert found(text, RU) == {("2022-03-03", "2022-03-03"), ("2022-05-09", "2022-05-09")}


def test_the_next_day_is_counted_from_the_day_told() -> None:
    assert ("2025-05-22", "2025-05-22") in found(
        "21 мая его избили. На следующий день — снова.", RU
    )


def test_lines_that_only_say_when_the_page_appeared_tell_no_event() -> None:
    text = "Headline\n\n18 June 2025, 09:12 | 1,204 views\n\nThieves took the camera on 2 June."
    assert found(text, EN) == {("2025-06-02", "2025-06-02")}


def test_the_words_are_kept_with_the_hour() -> None:
    reading = ArticleText(
        text="Утром 9 июня машину подожгли.", language=RU, title="", published=PUBLISHED
    )
    [one] = find_dates(reading, acts=())
    assert one.when.as_stated == "Утром 9 июня"
    assert one.passage.text == one.when.as_stated
    assert one.when.precision is Precision.DAY


def test_the_day_of_a_life_comes_behind_the_day_of_the_event() -> None:
    text = "The site was founded in June 2024. On 2 June its editor was beaten."
    reading = ArticleText(text=text, language=EN, title="", published=PUBLISHED)
    assert find_dates(reading, acts=())[0].when.earliest == date(2025, 6, 2)


def test_a_text_in_another_language_has_dates_in_figures_only() -> None:
    assert found("2025-06-02 xyz.", Language.OTHER) == {("2025-06-02", "2025-06-02")}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (EN, "For the past six months she has been followed.", True),
        (EN, "They have called daily since January.", True),
        (EN, "Since the beginning of the year he got threats.", True),
        (EN, "Throughout May he got threats.", True),
        (EN, "The site was down between March and May.", True),
        (EN, "In the first half of 2025 he was detained.", False),
        (EN, "In 2024 the reporter was beaten.", False),
        (EN, "The calls began in early April.", False),
        (EN, "Somebody broke in on the night of 13 January.", False),
        (EN, "She was beaten over the weekend.", False),
        (EN, "A few weeks ago the tyres were cut.", False),
        (RU, "В течение последних шести месяцев за ней следят.", True),
        (RU, "С января ей звонят по ночам.", True),
        (RU, "С начала года редакции пришло шесть исков.", True),
        (RU, "Всё лето ей угрожали.", True),
        (RU, "В начале мая ей порезали шины.", False),
        (RU, "Летом его избили.", False),
        (KK, "Соңғы алты айда оны бақылап жүр.", True),
        (KK, "Қаңтардан бері оған қоңырау шалады.", True),
        (KK, "Жыл басынан бері оған қоқан-лоққы жасайды.", True),
        (KK, "2024 жылы оны ұрып кетті.", False),
    ],
)
def test_a_period_is_told_from_a_time_within_which_something_happened(
    language: Language, text: str, expected: bool
):
    reading = ArticleText(text=text, language=language, title="Headline", published=PUBLISHED)

    assert [one.is_period for one in find_dates(reading, acts=())] == [expected]
