"""What the cards of the confirm page say for news as Russian and Kazakh newsrooms write it."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.articles.codes import Language
from tracker.intake.drafting import build_drafts
from tracker.intake.drafts import Drafts, IncidentDraft
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
