"""What is suggested points into the text as people cite it."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.articles.codes import Language
from tracker.incidents.codes import Extent
from tracker.intake.drafting import build_drafts
from tracker.intake.proposal_views import confirm_form_data
from tracker.reader.suggest import suggest
from tracker.reader.text import ArticleText

TEXT = """Editor beaten in Almaty
Asem Tulegenova, editor of Dala News, went home on Monday.
Read also: Court fines a blogger in Taraz
Two men beat the editor Asem Tulegenova in the yard of her house on Tuesday.
Police said they had opened an investigation."""


def test_a_headline_that_was_pasted_along_moves_no_number() -> None:
    reading = ArticleText(text=TEXT, language=Language.EN, title="Editor beaten in Almaty")
    found = suggest(reading)

    assert found.is_incident
    assert "Read also" in reading.lines[2].sentence.text
    cited = {act.passage.text: act.passage.sentence_number for act in found.targeting.acts}
    assert cited["beat the editor"] == 4
    for drafted in build_drafts(reading, found).incidents:
        assert drafted.quote in {"1", "4", "1, 4"}
    (response,) = found.responses
    assert [act.quote.sentence_number for act in response.acts] == [5]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            Language.EN,
            (
                "Editor Alma Dauren received death threats on 3 May 2026 in Kokshetau. Police said they "
                "were looking for those who sent the threats.\n\n"
                "On 10 May 2026 accounts on Telegram announced the death of reporter Aset Omar, who is "
                "alive.\n\n"
                "The minister of culture, Vera Minister, said that she lives in Astana."
            ),
            [{"threat.death"}, set()],
        ),
        (
            Language.RU,
            (
                "Редактор газеты «Жол» Алма Даурен 3 мая 2026 года получила угрозы убийством. Полиция "
                "заявила, что ищет авторов угроз.\n\n"
                "10 мая 2026 года неизвестные избили в Кокшетау корреспондента сайта «Дала» Асета Омара.\n\n"
                "Министр культуры Вера Исаева сказала, что живёт в Астане и любит театр."
            ),
            [{"threat.death", "threat.other"}, set()],
        ),
        (
            Language.KK,
            (
                "«Жол» газетінің редакторы Алма Дәуренге 2026 жылғы 3 мамырда өлтіреміз деген қоқан-лоққы "
                "келді. Полиция қоқан-лоққы жасағандарды іздеп жатқанын мәлімдеді.\n\n"
                "2026 жылғы 10 мамырда белгісіз біреулер Көкшетауда «Дала» сайтының тілшісі Әсет Омарды "
                "ұрып кетті.\n\n"
                "Мәдениет министрі Вера Исаева Астанада тұратынын және театрды жақсы көретінін айтты."
            ),
            [{"threat.death"}, set()],
        ),
    ],
)
def test_a_response_answers_the_incidents_of_which_its_sentences_speak(
    language: Language, text: str, expected: list[set[str]]
) -> None:
    reading = ArticleText(text=text, language=language)
    drafts = build_drafts(reading, suggest(reading))

    assert len(drafts.incidents) == 2
    answered = [
        {key.partition("-")[2] for key in one.answered_type_keys} for one in drafts.responses
    ]
    assert answered == expected
    data = confirm_form_data(drafts, country="KZ", is_uncited=True)
    rows = data["responses"]
    assert [one["answers_scope"] for one in rows] == ["incidents", "case"]
    # The threats stand first in each text.
    assert [one["answers"] for one in rows] == [[data["incidents"][0]["key"]], []]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            Language.EN,
            (
                "Editor Alma Dauren has received threats for the past six months. Unknown men visited "
                "her home and questioned her neighbours.\n\n"
                "Fake accounts with the name and photographs of Alma Dauren were created."
            ),
        ),
        (
            Language.RU,
            (
                "Редактор газеты «Жол» Алма Даурен уже шесть месяцев получает угрозы. Неизвестные "
                "приходили к ней домой и расспрашивали соседей.\n\n"
                "В соцсетях появились фейковые аккаунты с именем и фотографиями Алмы Даурен."
            ),
        ),
        (
            Language.KK,
            (
                "«Жол» газетінің редакторы Алма Даурен соңғы алты айда қоқан-лоққы алып келеді. "
                "Белгісіз адамдар оның үйіне келіп, көршілерінен сұрастырған.\n\n"
                "Әлеуметтік желіде Алма Дауреннің атымен және суретімен жалған аккаунттар ашылды."
            ),
        ),
    ],
)
def test_the_period_of_an_article_reaches_all_its_incidents(language: Language, text: str) -> None:
    reading = ArticleText(text=text, language=language, published=date(2026, 6, 20))
    incidents = build_drafts(reading, suggest(reading)).incidents

    assert len(incidents) >= 2
    for one in incidents:
        assert (one.extent, one.when and one.when.value) == (
            Extent.LASTING, "2025-12-20/2026-06-20",
        )  # fmt: skip
        assert one.quote.startswith("1")
    # Of the same text without a date nothing is known of its period.
    reading = ArticleText(text=text, language=language)
    assert {one.extent for one in build_drafts(reading, suggest(reading)).incidents} == {
        Extent.ONCE
    }


ONE = "Reporter Alma Dauren received death threats from the fake channel @alma_real on 3 May 2026.\n\n"
TWO = ONE.replace("channel @alma_real", "channels @alma_real and @alma_two")
UNNAMED = ONE.replace(" @alma_real", "")
ONE_RU = "Журналистке Алме Даурен угрожали убийством с фейкового канала @alma_real.\n\n"
ONE_KK = "Журналист Алма Дауренге @alma_real жалған арнасынан өлтіреміз деп қорқытты.\n\n"


@pytest.mark.parametrize(
    ("language", "text", "event", "when"),
    [
        (
            Language.EN,
            ONE + "On 10 May Telegram blocked the fake channel.",
            "blocked",
            "2026-05-10",
        ),
        (
            Language.RU,
            ONE_RU + "Telegram заблокировал фейковый канал 10 мая.",
            "blocked",
            "2026-05-10",
        ),
        (
            Language.RU,
            ONE_RU + "Telegram удалил фейковый канал @alma_real.",
            "removed_by_platform",
            "",
        ),
        (
            Language.KK,
            ONE_KK + "10 мамырда Telegram жалған арнаны бұғаттады.",
            "blocked",
            "2026-05-10",
        ),
        # Which of two, and of whom nobody says so.
        (Language.EN, TWO + "Telegram blocked the fake channel.", "", ""),
        (Language.EN, UNNAMED + "Telegram blocked the fake channel.", "", ""),
        (Language.EN, ONE + "Telegram blocked hundreds of fake channels.", "", ""),
        (Language.EN, ONE + "Telegram has not blocked the fake channel.", "", ""),
        (Language.EN, ONE + "Police asked Telegram to block the fake channel.", "", ""),
        (Language.EN, ONE + "Telegram took down all the advertisements in our channel.", "", ""),
        (
            Language.EN,
            ONE + "Telegram blocked the channel of the newspaper Zhol; the fake one is open.",
            "",
            "",
        ),
    ],
)
def test_a_fake_account_that_was_blocked_has_that_as_its_event(
    language: Language, text: str, event: str, when: str
) -> None:
    reading = ArticleText(text=text, language=language, published=date(2026, 5, 20))
    accounts = build_drafts(reading, suggest(reading)).accounts

    found = [(one.event, one.when.value if one.when else "") for one in accounts if one.event]
    assert found == ([(event, when)] if event else [])


def test_of_two_fake_accounts_the_one_named_was_blocked() -> None:
    text = TWO + "On 10 May Telegram blocked the fake channel @alma_two."
    reading = ArticleText(text=text, language=Language.EN, published=date(2026, 5, 20))

    accounts = build_drafts(reading, suggest(reading)).accounts
    assert [(one.account.value, one.event, one.quote) for one in accounts] == [
        ("@alma_real", None, "1"), ("@alma_two", "blocked", "1-2"),
    ]  # fmt: skip
