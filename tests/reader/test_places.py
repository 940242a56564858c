"""Places where things happened, as newsrooms write them in three languages."""

import pytest

from tracker.articles.codes import Language
from tracker.reader.places.finding import find_places
from tracker.reader.places.gazetteer import decline_russian_name
from tracker.reader.text import ArticleText

EN, RU, KK = Language.EN, Language.RU, Language.KK


def found(text: str, language: Language) -> list[str]:
    return [one.name for one in find_places(ArticleText(text=text, language=language))]


@pytest.mark.parametrize(
    ("language", "text", "name", "country", "region"),
    [
        (EN, "Two men beat the reporter in Almaty.", "Almaty", "KZ", "KZ-75"),
        (EN, "She lives in the city of Oral.", "Uralsk", "KZ", "KZ-27"),
        (EN, "A fire broke out in Mangystau region.", "Mangystau Region", "KZ", "KZ-47"),
        (EN, "He was stopped at the border near Osh.", "Osh", "KG", ""),
        (EN, "OSKEMEN, 3 March — The office was searched.", "Ust-Kamenogorsk", "KZ", "KZ-63"),
        (EN, "Police came to the village of Kensai.", "Kensai", "", ""),
        (EN, "It happened in Almaty’s Medeu district.", "Medeu district", "KZ", "KZ-75"),
        (EN, "The trial was held in Ukraine.", "Ukraine", "UA", ""),
        (RU, "В Жанаозене задержали блогера.", "Жанаозен", "KZ", "KZ-47"),
        (RU, "Его избили в центре Москвы.", "Москва", "RU", ""),
        (RU, "Обыск прошёл в Западно-Казахстанской области.", "Западно-Казахстанская область", "KZ",
         "KZ-27"),
        (RU, "В Уйгурском районе сожгли машину.", "Уйгурский район", "", ""),
        (RU, "В селе Кенсай его знали все.", "Кенсай", "", ""),
        (RU, "Её не пустили в США.", "США", "US", ""),
        (RU, "Фергана. Ведущую вызвали на допрос.", "Фергана", "UZ", ""),
        (KK, "Журналисті Алматыда ұстады.", "Алматы", "KZ", "KZ-75"),
        (KK, "Қостанайдағы редакцияны тінтті.", "Қостанай", "KZ", "KZ-39"),
        (KK, "Ол Түркістан облысында тұтқындалды.", "Түркістан облысы", "KZ", "KZ-61"),
        (KK, "Панфилов ауданында көлігі өртенді.", "Панфилов ауданы", "", ""),
        (KK, "Оны Мәскеуде ұрып кетті.", "Мәскеу", "RU", ""),
    ],
)  # fmt: skip
def test_a_place_is_found_in_the_form_that_the_sentence_gives_it(
    language: Language, text: str, name: str, country: str, region: str
) -> None:
    [place] = [
        one for one in find_places(ArticleText(text=text, language=language)) if one.name == name
    ]
    assert (place.country, place.region) == (country, region)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "He writes for the Kyiv Post and the Riga Courier."),
        (EN, "Victoria Sydney wrote the report."),
        (EN, "The show is called “Moscow Nights”."),
        (EN, "Kazakhstan signed the convention."),
        (RU, "Автор канала «Ташкент сегодня» молчит."),
        (RU, "Владимира Семёнова знали все."),
        (RU, "Казахстан подписал конвенцию."),
        (KK, "«Алматы ақшамы» газеті жазды."),
        (KK, "Есікті біреу қақты."),
        (KK, "Қазақстан конвенцияға қол қойды."),
    ],
)
def test_names_of_outlets_people_and_things_are_no_places(language: Language, text: str) -> None:
    assert found(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "first"),
    [
        (EN, "Astana police were silent. She was beaten in Taraz.", "Taraz"),
        (RU, "Полиция Астаны молчит. Её избили в Таразе.", "Тараз"),
        (KK, "Астана полициясы үндемеді. Оны Таразда ұрды.", "Тараз"),
    ],
)
def test_the_seat_of_an_office_comes_behind_where_it_happened(
    language: Language, text: str, first: str
) -> None:
    assert found(text, language)[0] == first


def test_the_longer_of_two_names_counts() -> None:
    assert found("Оны Алматы облысында ұстады.", KK) == ["Алматы облысы"]


def test_a_country_comes_behind_its_towns() -> None:
    assert found("In Kazakhstan this is rare. It was in Semey.", EN)[0] == "Semey"


def test_russian_names_have_their_cases() -> None:
    assert decline_russian_name("астана").split("|") == [
        "астана", "астаны", "астани", "астане", "астану", "астаной", "астаною",
    ]  # fmt: skip
    assert decline_russian_name("алматы") == "алматы"


def test_a_text_in_another_language_has_no_places() -> None:
    assert found("In Almaty.", Language.OTHER) == []
