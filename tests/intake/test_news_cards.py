"""What the cards of the confirm page say for news as Russian and Kazakh newsrooms write it."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.articles.codes import Language
from tracker.intake.drafting import build_drafts
from tracker.intake.drafts import Drafts, IncidentDraft
from tracker.people.codes import InstitutionKind
from tracker.reader.suggest import suggest
from tracker.reader.text import ArticleText

RU, KK = Language.RU, Language.KK


def cards(*paragraphs: str, language: Language = RU) -> Drafts:
    """Return the drafts for an article; its first paragraph is the headline."""
    article = ArticleText(
        text="\n\n".join(paragraphs),
        language=language,
        title=paragraphs[0],
        published=date(2026, 3, 20),
    )
    return build_drafts(article, suggest(article))


def types(incident: IncidentDraft) -> list[str]:
    return [one.code for one in incident.types]


def targets(incident: IncidentDraft) -> list[str]:
    return [one.value for one in incident.targets]


def test_the_headline_is_about_the_person_whom_the_article_names() -> None:
    (incident,) = cards(
        "В Приозёрске избили журналиста «Прибрежной правды»",
        "Неизвестные избили корреспондента «Прибрежной правды» Марата Есенова. "
        "Есенову сломали руку.",
    ).incidents

    assert targets(incident) == ["Марат Есенов"]


def test_spyware_is_aimed_at_the_person_and_a_flood_of_requests_at_the_outlet() -> None:
    (spied,) = cards(
        "Журналист рассказал о слежке",
        "Редактор проекта «Маяк» Марат Есенов нашёл в квартире прослушивающее устройство.",
    ).incidents
    attacked = cards(
        "Сайт «Прибрежной правды» атакуют",
        "Сайт «Прибрежной правды» подвергся DDoS-атаке, сообщила редактор Дина Оспанова. "
        "На сервер приходило миллион запросов в минуту.",
    ).incidents

    assert targets(spied) == ["Марат Есенов"]
    assert all(
        "Дина Оспанова" not in targets(one) for one in attacked if "digital.ddos" in types(one)
    )


@pytest.mark.parametrize(
    ("language", "title", "text", "place"),
    [
        (
            RU,
            "В Костанайской области сожгли машину редактора",
            (
                "В Костанае неизвестные сожгли машину редактора Марата Есенова. "
                "Есенов живёт там двадцать лет."
            ),
            "Костанай",
        ),
        (
            KK,
            "Қызылорда облысында журналистің көлігі өртенді",
            (
                "Қызылордада белгісіз біреулер журналист Марат Есеновтың көлігін өртеп кетті. "
                "Есенов полицияға арызданды."
            ),
            "Қызылорда",
        ),
    ],
)
def test_a_town_and_its_region_are_one_place(
    language: Language, title: str, text: str, place: str
) -> None:
    (incident,) = cards(title, text, language=language).incidents

    assert incident.found_place is not None
    assert incident.found_place.name == place


def test_where_somebody_wanted_to_go_is_no_place_of_the_incident() -> None:
    incidents = cards(
        "Журналистку не выпустили из страны",
        "Пограничники не выпустили журналистку Дину Оспанову, которая летела в Прагу. "
        "Оспановой не объяснили причин.",
    ).incidents

    assert [
        one.found_place for one in incidents if one.found_place and one.found_place.name == "Прага"
    ] == []


def test_what_others_think_of_an_arrest_is_no_second_arrest() -> None:
    (incident,) = cards(
        "Арестован журналист Марат Есенов",
        "2 марта 2026 года в Сент-Луисе арестовали журналиста Марата Есенова.",
        "В Тегеране 5 марта осудили арест Есенова.",
    ).incidents

    assert incident.when is not None
    assert (incident.when.value, incident.found_place and incident.found_place.name) == (
        "2026-03-02",
        "Сент-Луис",
    )


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        (
            RU,
            "Журналистку не пустили на заседание",
            "Охрана не пустила журналистку Дину Оспанову в акимат. Инцидент произошёл 12 марта.",
        ),
        (
            KK,
            "Журналистің көлігін өртеп кетті",
            (
                "Белгісіз біреулер журналист Марат Есеновтың көлігін өртеп кетті. "
                "Оқиға 12 наурызда болған."
            ),
        ),
    ],
)
def test_the_next_sentence_says_when_it_happened(language: Language, title: str, text: str) -> None:
    dates = [one.when.value for one in cards(title, text, language=language).incidents if one.when]

    assert dates == ["2026-03-12"]


@pytest.mark.parametrize(
    ("language", "paragraphs"),
    [
        (
            RU,
            (
                "Журналисту Марату Есенову сожгли машину",
                "Неизвестные сожгли машину журналиста Марата Есенова.",
                "В министерстве цифрового развития на запрос издания к моменту публикации не ответили.",
            ),
        ),
        (
            KK,
            (
                "Журналист Марат Есеновтың көлігін өртеді",
                "Белгісіз біреулер журналист Марат Есеновтың көлігін өртеп кетті.",
                "Ішкі істер министрлігі бұл туралы сауалға жауап бермеді.",
            ),
        ),
    ],
)
def test_a_question_that_nobody_answered_is_silence_and_no_incident(
    language: Language, paragraphs: tuple[str, ...]
) -> None:
    found = cards(*paragraphs, language=language)

    assert {code for one in found.incidents for code in types(one)} == {"property.damage"}
    assert [act.kind for one in found.responses for act in one.acts] == ["no_reply"]


def test_short_words_do_not_match_longer_ones() -> None:
    found = cards(
        "Арестована журналистка Дина Оспанова",
        "Суд арестовал ведущую новостного канала Дину Оспанову.",
        "Журналистка Оспанова говорит, что в камере её заставили снять платок.",
    )

    assert {code for one in found.incidents for code in types(one)} == {"legal.detention"}


def test_the_channel_of_a_journalist_is_no_fake_and_a_fake_is_where_the_text_has_put_it() -> None:
    accounts = cards(
        "От имени журналистки пишут мошенники",
        "Ведущая YouTube-канала «Полёт нормальный» Дина Оспанова сообщила о поддельных аккаунтах "
        "от её имени.",
        "Аккаунт @dina_osp_real создали в Telegram в марте.",
        "С него просили деньги. Потом появился поддельный @dina_osp_new.",
    ).accounts

    assert [(one.account.value, one.platform) for one in accounts] == [
        ("@dina_osp_real", "telegram"),
        ("@dina_osp_new", "telegram"),
    ]


def test_what_is_not_reported_is_no_answer_and_looking_for_suspects_finds_none() -> None:
    (answer,) = cards(
        "Избили журналиста Марата Есенова",
        "Неизвестные избили журналиста Марата Есенова. Будет ли Есенов писать заявление в "
        "прокуратуру, не сообщается.",
        "«По факту избиения проводятся мероприятия, направленные на установление подозреваемых», — "
        "сообщили в отделе внутренних дел.",
    ).responses

    assert (answer.institution, answer.institution_kind) == (
        "Отдел внутренних дел",
        InstitutionKind.POLICE,
    )
    assert "suspect" not in [one.kind for one in answer.acts]
