"""People named in an article: under which name, where they are meant, and what part they play."""

import pytest

from tracker.articles.codes import Language
from tracker.reader.found import FoundPerson, PersonRole
from tracker.reader.people.finding import find_people
from tracker.reader.text import ArticleText

EN, RU, KK = Language.EN, Language.RU, Language.KK


def people(language: Language, text: str, *authors: str) -> dict[str, FoundPerson]:
    reading = ArticleText(text=text, language=language, authors=authors)
    return {one.name: one for one in find_people(reading)}


def parts(language: Language, text: str) -> dict[str, set[str]]:
    found = people(language, text)
    return {name: {part.value for part in one.roles} for name, one in found.items()}


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        (EN, "Police stopped Marta K. Winslow and Ruslan Dautov near the port.",
         ["Marta K. Winslow", "Ruslan Dautov"]),
        (EN, "Nikolai van der Meer met Sheikh Ahmed al-Basri and Zeinep Asan kyzy.",
         ["Nikolai van der Meer", "Ahmed al-Basri", "Zeinep Asan kyzy"]),
        (EN, "EDITOR SAULE TEMIRBEK FINED", ["SAULE TEMIRBEK"]),
        (RU, "На допрос вызвали Ирину Петровну Лозовую и Данияра Касенова.",
         ["Ирина Петровна Лозовая", "Данияр Касенов"]),
        (RU, "Домой Рамазанов не вернулся. Аскара Рамазанова ищут.", ["Аскар Рамазанов"]),
        (RU, "В деле фигурируют О. Жукова и Ли Вероника.", ["О. Жукова", "Ли Вероника"]),
        (KK, "Сотқа Айнұр Серікқызы Бектұрова мен Қ. Жанатов келді.",
         ["Айнұр Серікқызы Бектұрова", "Қ. Жанатов"]),
        (KK, "Бүгін Марал Есеноваға хат келді. Кейін Марал Есенова полицияға барды.",
         ["Марал Есенова"]),
    ],
)  # fmt: skip
def test_people_are_named_in_full(language: Language, text: str, names: list[str]) -> None:
    assert list(people(language, text)) == names


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "The Ministry of Culture and Information and the Supreme Court did not comment."),
        (EN, "Human Rights Watch and Adil Soz published reports on Abai Avenue in New York."),
        (EN, "Police Ask Readers Of City News To Stay Calm In The New Year"),
        (RU, "Верховный Суд и Министерство юстиции Республики Казахстан промолчали."),
        (RU, "Адил соз и Human Rights Watch выпустили отчёт. Улица Абая Кунанбаева перекрыта."),
        (RU, "Накануне вечером Телефон доверия не отвечал. Москва и Новая Зеландия молчат."),
        (KK, "Мәдениет және ақпарат министрлігі мен Жоғарғы Сот үндемеді."),
        (KK, "Әділ сөз қоры есеп шығарды. Достық даңғылы жабылды. Арман қуған жастар көп."),
    ],
)
def test_institutions_streets_and_openings_are_nobody(language: Language, text: str) -> None:
    assert people(language, text) == {}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (EN, "Steppe Voice reporter Alma Kuanova and cameraman Oleg Zorin were held.",
         {"Alma Kuanova": {"journalist"}, "Oleg Zorin": {"journalist"}}),
        (EN, "Timur Baisov, the editor of a district weekly, spoke to prosecutor Irina Galt.",
         {"Timur Baisov": {"journalist"}, "Irina Galt": {"official"}}),
        (EN, "Journalists, including Alma Kuanova and Oleg Zorin, were asked to leave.",
         {"Alma Kuanova": {"journalist"}, "Oleg Zorin": {"journalist"}}),
        (EN, "The wife of blogger Oleg Zorin, Marina, called their lawyer, Dana Akhmet.",
         {"Oleg Zorin": {"journalist"}, "Marina": {"relative"}, "Dana Akhmet": {"lawyer"}}),
        (EN, "Dana Akhmet, head of the Free Word foundation, met Bolat Esenov, director of a mine.",
         {"Dana Akhmet": {"advocate"}, "Bolat Esenov": {"other"}}),
        (RU, "Корреспондентка газеты «Степной маяк» Алма Куанова и оператор Олег Зорин задержаны.",
         {"Алма Куанова": {"journalist"}, "Олег Зорин": {"journalist"}}),
        (RU, "Адвокат журналистки Марии Ивашовой Айман Омарова подала жалобу.",
         {"Мария Ивашова": {"journalist"}, "Айман Омарова": {"lawyer"}}),
        (RU, "Мать Данияра Касенова, Гульнар Касенова, ждала следователя Петрова.",
         {"Данияр Касенов": set(), "Гульнар Касенова": {"relative"}, "Петров": {"official"}}),
        (RU, "Глава фонда «Свободное слово» Инна Громова и директор завода Пётр Лаптев спорили.",
         {"Инна Громова": {"advocate"}, "Пётр Лаптев": {"other"}}),
        (RU, "Марат Жаксылыков, до 2020 года главный редактор «Степного маяка», уехал.",
         {"Марат Жаксылыков": {"journalist"}}),
        (KK, "«Дала таңы» газетінің тілшісі Алма Қуанова мен оператор Олег Зорин ұсталды.",
         {"Алма Қуанова": {"journalist"}, "Олег Зорин": {"journalist"}}),
        (KK, "Журналистің адвокаты Әсем Оспанова мен анасы Күләш Сәрсенова келді.",
         {"Әсем Оспанова": {"lawyer"}, "Күләш Сәрсенова": {"relative"}}),
        (KK, "Облыс әкімінің баспасөз хатшысы Нұрлан Тоқсанов пен қор басшысы Жанар Есен келді.",
         {"Нұрлан Тоқсанов": {"official"}, "Жанар Есен": {"advocate"}}),
        (KK, "Ерлан Маратов – «Дала таңы» порталының редакторы.", {"Ерлан Маратов": {"journalist"}}),
    ],
)  # fmt: skip
def test_a_noun_beside_the_name_tells_the_part(
    language: Language, text: str, expected: dict[str, set[str]]
) -> None:
    assert parts(language, text) == expected


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        (EN, "Alma Kuanova writes for several papers.", "Alma Kuanova"),
        (EN, "Oleg Zorin, whose articles on coal were read widely, moved.", "Oleg Zorin"),
        (EN, "Oleg Zorin of the Daily Herald was fined.", "Oleg Zorin"),
        (RU, "Алма Куанова ведёт канал о стройках.", "Алма Куанова"),
        (RU, "Алма Куанова, которая сотрудничает с «Властью», уехала.", "Алма Куанова"),
        (KK, "Алма Қуанова өз арнасында жер дауы туралы сюжет жариялаған.", "Алма Қуанова"),
    ],
)
def test_what_somebody_does_shows_a_journalist(language: Language, text: str, name: str) -> None:
    assert parts(language, text)[name] == {"journalist"}


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        (EN, "Oleg Zorin, the minister said, was never held.", "Oleg Zorin"),
        (EN, "Oleg Zorin is not a journalist.", "Oleg Zorin"),
        (RU, "Следователь допросил Олега Зорина.", "Олег Зорин"),
        (RU, "Адвокат Марии Ивашовой промолчал.", "Мария Ивашова"),
        (KK, "Алма Қуанованың адвокаты келмеді.", "Алма Қуанова"),
    ],
)
def test_a_noun_said_of_somebody_else_gives_no_part(
    language: Language, text: str, name: str
) -> None:
    assert parts(language, text)[name] == set()


@pytest.mark.parametrize(
    ("language", "text", "name", "meant"),
    [
        (EN, "Reporter Alma Kuanova was held. She wrote to us. The journalist is safe.",
         "Alma Kuanova", ["She", "journalist"]),
        (RU, "Журналистку Алму Куанову задержали. Она молчит. Редактор «Маяка» её ждёт.",
         "Алма Куанова", ["Она", "её"]),
        (KK, "Тілші Алма Қуанова ұсталды. Ол күні жаңбыр жауды. Журналист хат жазды.",
         "Алма Қуанова", ["Журналист"]),
    ],
)  # fmt: skip
def test_pronouns_and_nouns_are_traced(
    language: Language, text: str, name: str, meant: list[str]
) -> None:
    mentions = people(language, text)[name].mentions
    assert [one.passage.text for one in mentions if not one.is_name] == meant


def test_surname_and_first_name_alone_are_the_same_person() -> None:
    text = "Ирина Лозовая уехала. Лозовую искали. «Ирина дома», — сказала соседка Лозовой."
    [one] = people(RU, text).values()
    assert (one.name, len(one.mentions)) == ("Ирина Лозовая", 4)


def test_every_mention_stands_in_the_text() -> None:
    text = "Редактора «Маяка» Олега Зорина вызвали. Зорин пришёл. Он молчал."
    for one in people(RU, text).values():
        for mention in one.mentions:
            assert text[mention.passage.start : mention.passage.end] == mention.passage.text


def test_the_office_is_cited() -> None:
    text = "Облыстық полиция департаментінің баспасөз хатшысы Нұрлан Тоқсанов хабарлады."
    assert people(KK, text)["Нұрлан Тоқсанов"].office.endswith("баспасөз хатшысы")
    text = "Заявление сделала министр культуры и информации Инна Громова."
    assert people(RU, text)["Инна Громова"].office == "министр культуры и информации"


def test_a_byline_names_an_author() -> None:
    text = "Окна редакции разбили.\nВиновных не нашли.\nАвтор: Инна Громова"
    assert PersonRole.AUTHOR in people(RU, text)["Инна Громова"].roles


def test_an_author_in_the_first_person_is_meant_by_it() -> None:
    text = "I came home late. My door was open. I run a channel on housing. Nobody called me."
    one = people(EN, text, "Alma Kuanova")["Alma Kuanova"]
    assert set(one.roles) == {PersonRole.AUTHOR, PersonRole.JOURNALIST}
    assert [mention.passage.text for mention in one.mentions] == ["I", "My", "I", "me"]


def test_a_text_in_another_language_is_read_without_failing() -> None:
    assert people(Language.OTHER, "Bugün hava güzel.") == {}


def test_a_patronymic_may_begin_like_a_common_word() -> None:
    found = people(Language.KK, "Кеше Ерболат Құдайбергенұлы жұмысқа шықты.")
    assert list(found) == ["Ерболат Құдайбергенұлы"]


def test_a_name_that_stands_in_two_kazakh_cases_alone_is_one_person() -> None:
    text = "Тілші Марал Есеноваға хат келді. Кейін көшеде Марал Есенованы ұрып кетті."
    found = find_people(ArticleText(text=text, language=KK))
    assert [one.name for one in found] == ["Марал Есенова"]


def test_the_other_one_behind_a_dash_is_somebody_else() -> None:
    text = "Біреуі – Тоқтар Сейілов, екіншісі – оның көмекшісі, жас жігіт."
    assert parts(Language.KK, text) == {"Тоқтар Сейілов": set()}


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("Журналиста Александра Иванова задержали.", "Александр Иванов", "journalist"),
        ("Журналисту Александру Иванову угрожали.", "Александр Иванов", "journalist"),
        ("Журналистку Александру Иванову задержали.", "Александра Иванова", "journalist"),
        ("Журналистка Александра Иванова уехала.", "Александра Иванова", "journalist"),
        ("Евгения Ивлева, редактора, избили.", "Евгений Ивлев", "journalist"),
        ("Корреспонденту Руслану Жумабаеву пришло письмо.", "Руслан Жумабаев", "journalist"),
        ("Журналисту Сергею Литвинчуку угрожали.", "Сергей Литвинчук", "journalist"),
    ],
)
def test_the_noun_beside_a_name_shows_its_case(text: str, name: str, role: str) -> None:
    assert parts(RU, text) == {name: {role}}


def test_a_name_with_a_year_below_the_title_is_a_caption_if_the_text_is_about_the_person() -> None:
    caption = "Арестован редактор\n\nМарат Есенов, 2022 год\n\n"
    text = "Редактора Марата Есенова арестовали в мае. Есенов вину не признал."

    assert PersonRole.AUTHOR not in people(RU, caption + text)["Марат Есенов"].roles
    assert (
        PersonRole.AUTHOR in people(RU, f"{caption}Суд арестовал редактора.")["Марат Есенов"].roles
    )
