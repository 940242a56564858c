"""Russian news as newsrooms write it: acts told without their names, and what is no incident."""

from __future__ import annotations

import pytest

from tracker.articles.codes import Language
from tracker.reader.acts.finding import find_acts
from tracker.reader.found import Reality
from tracker.reader.suggest import suggest
from tracker.reader.text import ArticleText

LEAD = (
    "Что случилось с Айной Саровой\n\n"
    "Журналистка Айна Сарова пишет о закупках для «Степного обозрения». "
    "В четверг у неё вышел текст о мосте.\n\n"
)
END = "\n\n«Я ещё ничего не решила», — говорит Сарова. В полиции на вопросы не ответили."


def _codes(words: str) -> set[str]:
    found = suggest(ArticleText(text=LEAD + words + END, language=Language.RU))
    return {act.code for act in found.targeting.acts}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Домой она вернулась с рукой в лангете.", "physical.assault"),
        ("Ночью по окнам спальни выпустили шесть пуль.", "physical.attempt"),
        ("Выпустили её только под утро, без шнурков.", "legal.detention"),
        ("Её продержали в коридоре отдела, адвоката не пустили.", "legal.detention"),
        ("Под бампером механик нашёл магнитную коробочку с сим-картой.", "surveillance.physical"),
        ("Маме позвонили и спросили, не хочет ли дочь сменить профессию.", "intimidation.contacts"),
        ("Ей протянули готовое заявление.", "employment.dismissal"),
    ],
)
def test_acts_are_found_without_their_names(words: str, code: str) -> None:
    assert code in _codes(words)


@pytest.mark.parametrize(
    "text",
    [
        (
            "Автомобиль телеканала «Арка-24» съехал в кювет. Журналистка Динара Есенова ушибла плечо. "
            "Водитель не справился с управлением на обледенелом участке."
        ),
        (
            "Бывший редактор осуждён за хищение. Руслан Тропин признан виновным в хищении на стройке "
            "бассейна. До 2014 года он был собственным корреспондентом газеты."
        ),
        (
            "Редакция газеты «Приишимье» подала иск к ТОО «Кровля». Потолок протёк на компьютеры. "
            "Директор ТОО иск не признаёт."
        ),
        (
            "Блогера оштрафовали за превышение скорости. Денис Чон ехал со скоростью 210 километров "
            "в час. Его лишили прав на год."
        ),
    ],
)
def test_accidents_crimes_and_disputes_are_no_incidents(text: str) -> None:
    assert not suggest(ArticleText(text=text, language=Language.RU)).is_incident


def test_a_day_without_year_is_not_history() -> None:
    text = (
        "6 февраля суд приговорил редактора Петра Сомова за два интервью 2019 года. Идёт 2024 год."
    )
    acts = suggest(ArticleText(text=text, language=Language.RU)).acts
    assert any(act.reality is Reality.HAPPENED for act in acts if act.code == "legal.criminal")


def test_not_behind_an_act_negates_what_follows() -> None:
    text = "Редактору звонили из администрации и просили не раскачивать область."
    acts = suggest(ArticleText(text=text, language=Language.RU)).acts
    assert {act.reality for act in acts if act.code == "censorship.pressure"} == {Reality.HAPPENED}


def test_a_person_behind_the_word_for_a_radio_is_no_outlet() -> None:
    found = suggest(
        ArticleText(text="Сотрудник зарубежного радио Оразбек Гелдыев исчез.", language=Language.RU)
    )
    assert [one.name for one in found.people] == ["Оразбек Гелдыев"]
    assert not found.newsrooms


def test_a_declined_acronym_is_no_person() -> None:
    text = "Собкор осуждён за хищение на стройке ФОКа."
    assert not suggest(ArticleText(text=text, language=Language.RU)).people


def test_an_author_who_says_i_does_not_make_others_of_the_sentence_less_present() -> None:
    text = (
        "Записки из Карабулака\n\nАлия Бекова\n\nВ Карабулаке я была две недели.\n\n"
        "Потом я встретила Айну Сарову, репортёра «Степного обозрения». Я пила чай с ней.\n\n"
        "Утром я снова ждала Сарову. Мне она показала дверь, где ночью намалевали крест.\n\n"
        "Стёкла её машины разбили битой. Мне это рассказал дворник."
    )

    found = suggest(ArticleText(text=text, language=Language.RU, authors=("Алия Бекова",)))

    # The one mentioned most comes first.
    assert found.targeting.people[0].name == "Айна Сарова"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            Language.RU,
            (
                "Министр, отвечая на вопрос журналистов в кулуарах, сказал, что ведомство направило "
                "площадке предписание."
            ),
        ),
        (
            Language.RU,
            "Как рассказала Сарова изданию «Поток», первый фейковый аккаунт появился в мае.",
        ),
        (
            Language.KK,
            "Министр журналистердің сұрағына жауап берді: аккаунттар туралы ескерту жіберілді.",
        ),
    ],
)
def test_nothing_is_done_to_reporters_who_are_told_something(
    language: Language, sentence: str
) -> None:
    acts = find_acts(ArticleText(text=sentence, language=language))

    assert {act.code for act in acts} <= {"impersonation.journalist"}


def test_an_agency_that_is_only_cited_is_not_aimed_at() -> None:
    text = (
        "Арестован журналист\n\nВ аэропорту арестовали журналиста Press TV Марата Есенова.\n\n"
        "По сообщению агентства ISNA, Есенов прилетел к семье. Коллеги Есенова ждут его."
    )

    found = suggest(ArticleText(text=text, language=Language.RU))

    assert [one.name for one in found.targeting.newsrooms] == ["Press TV"]
