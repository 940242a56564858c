"""What Russian newsrooms tell without the usual words, and what only sounds like an incident."""

import pytest

from tracker.articles.codes import Language
from tracker.reader.acts.finding import find_acts
from tracker.reader.found import PersonRole, Reality
from tracker.reader.people.finding import find_people
from tracker.reader.suggest import suggest
from tracker.reader.text import ArticleText


def happened(text: str) -> set[str]:
    acts = find_acts(ArticleText(text=text, language=Language.RU))
    return {act.code for act in acts if act.reality is Reality.HAPPENED}


def test_fonts_of_a_newsroom_are_not_its_editors() -> None:
    told = suggest(
        ArticleText(
            text=(
                "Дорогие читатели «Тумар Медиа»! В сети появилась фальшивая страница "
                "tumar-media.kz.org, она копирует логотип редакции. На ней "
                "наша шапка, наши шрифты, наши колонки.\n\nРедактору Жанне Оспановой с понедельника "
                "звонят незнакомые люди: её номер висит на трёх досках объявлений. Жанна Оспанова "
                "выключила телефон.\n"
            ),
            language=Language.RU,
        )
    )
    assert [one.name for one in told.newsrooms] == ["Тумар Медиа"]
    assert [one.name for one in told.targeting.newsrooms] == ["Тумар Медиа"]


def test_whose_relative_is_named_is_no_relative() -> None:
    text = "Муж Динары, Алибек Асанов, отвёз насос. Машина Динары Асановой встала."
    people = {
        one.name: set(one.roles)
        for one in find_people(ArticleText(text=text, language=Language.RU))
    }
    assert people["Алибек Асанов"] == {PersonRole.RELATIVE}
    assert people["Динара Асанова"] == set()


def test_a_politician_complaining_to_the_press_is_no_incident() -> None:
    told = suggest(
        ArticleText(
            text=(
                "Депутат заявила об угрозах\n\nДепутат парламента Нургуль Асанова на брифинге для "
                "журналистов рассказала, что получает угрозы расправой.\n\nЕё коллега по фракции "
                "Мирлан Кадыров считает, что травля политиков стала нормой.\n"
            ),
            language=Language.RU,
        )
    )
    assert not told.is_incident


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("censorship.closure", "Суд закрыл газету, журналисты остались без работы."),
        (
            "legal.detention",
            "Корреспондента «Вестей» задержали на площади и продержали в отделе девять часов.",
        ),
        (
            "legal.administrative",
            "Суд признал репортёра виновным по статье 434 и назначил штраф в сорок МРП.",
        ),
        (
            "legal.search",
            "В апреле в квартире редактора Ольги Гречко прошёл обыск, изъяли два ноутбука.",
        ),
        (
            "access.denied",
            "Журналистам портала «Степь» отказали в аккредитации на заседания парламента.",
        ),
        (
            "access.information",
            "На запрос редакции о расходах на дороги министерство в законный срок не ответило.",
        ),
        (
            "censorship.blocking",
            "По требованию регулятора провайдеры ограничили доступ к сайту издания «Долина».",
        ),
        (
            "digital.ddos",
            "В ночь на выборы сайт еженедельника был недоступен шесть часов из-за DDoS-атаки.",
        ),
        (
            "physical.assault",
            "Неизвестный ударил оператора телеканала «Волна» по лицу и разбил ему губу.",
        ),
        (
            "property.damage",
            "Автомобиль главного редактора Даурена Ахметова сожгли во дворе его дома.",
        ),
        (
            "threat.death",
            "Блогерка Сауле Иманова сообщила о получении анонимных писем с угрозами убийством.",
        ),
    ],
)
def test_reports_tell_acts_in_their_own_prose(code: str, sentence: str) -> None:
    assert code in happened(sentence)


def test_a_person_off_the_air_is_no_closure() -> None:
    assert "censorship.closure" not in happened("Ведущую Анну Белову сняли с эфира.")
    assert "censorship.closure" in happened("Передачу ведущей сняли, а телеканал лишили лицензии.")
