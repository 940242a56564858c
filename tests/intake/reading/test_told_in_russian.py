"""What Russian newsrooms tell without the usual words, and what only sounds like an incident."""

from tracker.articles.codes import Language
from tracker.intake.reading.kinds import Part
from tracker.intake.reading.people.gathering import people_in
from tracker.intake.reading.text import Reading
from tracker.intake.suggest import suggest


def test_fonts_of_a_newsroom_are_not_its_editors() -> None:
    told = suggest(
        Reading(
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
    assert [one.name for one in told.aimed.newsrooms] == ["Тумар Медиа"]


def test_whose_relative_is_named_is_no_relative() -> None:
    text = "Муж Динары, Алибек Асанов, отвёз насос. Машина Динары Асановой встала."
    people = {
        one.name: set(one.parts) for one in people_in(Reading(text=text, language=Language.RU))
    }
    assert people["Алибек Асанов"] == {Part.RELATIVE}
    assert people["Динара Асанова"] == set()


def test_a_politician_complaining_to_the_press_is_no_incident() -> None:
    told = suggest(
        Reading(
            text=(
                "Депутат заявила об угрозах\n\nДепутат парламента Нургуль Асанова на брифинге для "
                "журналистов рассказала, что получает угрозы расправой.\n\nЕё коллега по фракции "
                "Мирлан Кадыров считает, что травля политиков стала нормой.\n"
            ),
            language=Language.RU,
        )
    )
    assert not told.is_incident
