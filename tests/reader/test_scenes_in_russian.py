"""Acts told in Russian as scenes, through things or in the nouns of reports, and what is no act."""

from __future__ import annotations

import pytest

from tracker.articles.codes import Language
from tracker.reader.acts.finding import find_acts
from tracker.reader.found import Reality
from tracker.reader.outlets import find_outlets
from tracker.reader.suggest import suggest
from tracker.reader.text import ArticleText

# What scores less counts only beside somebody of the press.
PLAIN = 0.5

TOLD = [
    ("threat.death", "Мужчина провёл ребром ладони по шее и усмехнулся."),
    ("threat.death", "На экране высветилось: «Пуля уже куплена»."),
    ("threat.physical", "Под дверь ей подложили окровавленную куклу."),
    ("threat.physical", "Охранник положил руку на кобуру и спросил, куда они идут."),
    ("threat.legal", "«Я вас по судам затаскаю», — сказал директор завода репортёру."),
    ("threat.other", "Человек, не назвавший себя, посоветовал ей «сбавить обороты»."),
    ("intimidation.visit", "В редакцию ввалились ветераны и не уходили два часа."),
    ("intimidation.contacts", "Родственников в ауле собрали и велели образумить его."),
    ("surveillance.physical", "Куда бы она ни ехала, сзади держался белый «Солярис»."),
    ("harassment.flooding", "Бухгалтерию осаждали курьеры с чужими заказами."),
    ("impersonation.journalist", "Самозванец ходит по сёлам с удостоверением телеканала."),
    ("impersonation.deepfake", "Её голосом робот обзванивает пенсионеров."),
    ("smear.official", "Спикер парламента заявил, что газета «живёт на подачки»."),
    ("digital.ddos", "Число обращений к серверу выросло до двух миллионов в минуту."),
    ("digital.account_attack", "Почта главреда пересылала копии писем на чужой ящик."),
    ("physical.assault", "Водитель протащил оператора двадцать метров за машиной."),
    ("physical.attempt", "Дверь подпёрли снаружи и подожгли веранду."),
    ("legal.detention", "Девятисуточный арест назначен стримеру."),
    ("legal.summons", "Всех сотрудников по очереди приглашают в департамент полиции."),
    ("legal.search", "Болгаркой спилили дверь и выгребли всё из студии."),
    ("legal.economic", "Расторжение договора аренды студии."),
    ("access.obstruction", "Замглавы встал и вынул у неё из рук диктофон."),
    ("access.information", "Непредставление акиматом сведений о закупках."),
    ("censorship.pressure", "Звонили «сверху», просили тему не поднимать."),
    ("employment.dismissal", "Вынужденный уход трёх сотрудников отдела новостей."),
    ("property.damage", "Антенну радиостанции спилили."),
    # Told by what is done, with what and to whom, in no phrase.
    ("access.denied", "Пресс-служба парламента вычеркнула нашего обозревателя из списка на борт."),
    ("access.information", "Ответ ведомства пришёл редакции, но цифры были закрашены маркером."),
    ("access.obstruction", "Помощник мэра накинул на камеру пиджак."),
    ("censorship.pressure", "Куратор из администрации правил полосы газеты до печати."),
    ("digital.account_attack", "Кто-то сменил пароль и почту на странице канала."),
    ("harassment.flooding", "За ночь обозревателю позвонили двести раз, в трубке молчали."),
    ("harassment.mob", "Вслед ей кричали: «Продажная!»"),
    ("impersonation.official", "В налоговой такого инспектора не знают, в отделе он не числится."),
    ("employment.dismissal", "С документалисткой не продлили контракт."),
    ("legal.border", "В аэропорту очеркисту не продлили визу."),
    ("legal.source_disclosure", "Суд велел редакции отдать исходники и переписку."),
    ("physical.torture", "Подкастера били током на допросе, и он подписал признание."),
    ("surveillance.stalking", "Поклонник третий месяц караулит ведущую у подъезда."),
    ("threat.physical", "Депутат пообещал переломать карикатуристу ноги."),
    ("access.obstruction", "Охранник не отставал, пока оператор не удалил запись."),
]

NOT_TOLD = [
    "На похоронах он сказал ей, что отец гордился бы сыном.",
    "Съёмочная группа провела в горах трое суток и сняла редких птиц.",
    "Блогер заказал пиццу и снял обзор.",
    "Журналисты ждали министра полчаса, он вышел и ответил на вопросы.",
    "Мать журналиста живёт в Таразе и читает каждую его статью.",
    "В редакцию пришли школьники на экскурсию.",
    "К двери прикрепили букет искусственных гвоздик.",
    "На брифинге министр ответил, что запрос редакции рассмотрят в срок.",
    "Журналист посоветовал подписчикам не переходить по подозрительным ссылкам.",
    "Хостинг поздравил редакцию и подарил ей место на сервере.",
]

FEARED = [
    "Редакция опасается, что её сайт могут заблокировать.",
    "Версию о поджоге редакции исключили: загорелась проводка.",
    "Жители попросили журналистку не называть их фамилий в газете.",
]


def _read(text: str, title: str = "") -> ArticleText:
    return ArticleText(text=text, language=Language.RU, title=title)


@pytest.mark.parametrize(("code", "text"), TOLD)
def test_scene_is_found(code: str, text: str) -> None:
    found = [act.code for act in find_acts(_read(text)) if act.reality is Reality.HAPPENED]
    assert code in found


@pytest.mark.parametrize("text", NOT_TOLD)
def test_everyday_sentence_tells_nothing(text: str) -> None:
    assert [act.code for act in find_acts(_read(text)) if act.score >= PLAIN] == []


@pytest.mark.parametrize("text", FEARED)
def test_what_is_feared_or_ruled_out_has_not_happened(text: str) -> None:
    acts = [act for act in find_acts(_read(text)) if act.reality is Reality.HAPPENED]
    assert [act.code for act in acts if act.score >= PLAIN] == []


def test_paint_over_the_door_of_an_editor_is_damage() -> None:
    codes = {act.code for act in find_acts(_read("Неизвестные облили краской дверь обозревателя."))}
    assert "property.damage" in codes
    assert "physical.assault" not in codes


def test_column_under_a_pen_name_shows_the_press() -> None:
    told = suggest(
        _read(
            "Псевдоним не спас\n\nКолонку под псевдонимом «Баба Нюра» в газете «Наш яр» писала "
            "Светлана Орлова. Её адрес и номер телефона опубликовали в анонимном канале. "
            "Орлова два дня не выходит из дома.\n"
        )
    )
    assert "Светлана Орлова" in [one.name for one in told.targeting.people]


def test_platform_removing_a_fake_blocks_nobody() -> None:
    acts = find_acts(_read("Telegram после жалобы газеты удалил фейковый канал с её логотипом."))
    codes = {act.code for act in acts}
    assert not codes & {"censorship.blocking", "harassment.mass_reporting"}


@pytest.mark.parametrize("text", ["В Sarat Press считают иначе.", "Сайт Sarat Press молчит."])
def test_word_that_opens_a_sentence_is_no_part_of_a_name(text: str) -> None:
    assert [one.name for one in find_outlets(_read(text))] == ["Sarat Press"]


@pytest.mark.parametrize(
    "text",
    [
        (
            "Суд взыскал с газеты долг за бумагу\n\nСуд взыскал с газеты «Иртышский плёс» четыре "
            "миллиона тенге в пользу типографии. Долг возник из-за поставок бумаги, редакция его "
            "признаёт. «Обычный долг», — сказал редактор Юрий Лобов.\n"
        ),
        (
            "Пресс-карта не станет обязательной\n\nВ проекте правил записано, что госорган не вправе "
            "отказать журналисту в аккредитации из-за карты. Проект правил вводит срок рассмотрения "
            "заявки. Перечень оснований для лишения аккредитации закрыт, сказал чиновник.\n"
        ),
        (
            "Слухи об обыске не подтвердились\n\nРедактор портала «Кентау.инфо» Айдос Манап опроверг "
            "слухи об обыске в редакции. «Плановая проверка, никто никого не обыскивал, техника на "
            "месте», — сказал он. Следственных действий не было, подтвердили в полиции.\n"
        ),
    ],
)
def test_press_in_the_news_is_no_incident(text: str) -> None:
    assert not suggest(_read(text)).is_incident
