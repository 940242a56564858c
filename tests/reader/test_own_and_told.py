"""What looks like an act and is none: who only tells it, what is their own, what was confessed; and
as whom people posed.
"""

from __future__ import annotations

import pytest

from tracker.articles.codes import Language
from tracker.incidents.codes import PurportedAs
from tracker.reader.acts.finding import find_acts
from tracker.reader.text import ArticleText


def codes(text: str, language: Language) -> set[str]:
    return {act.code for act in find_acts(ArticleText(text=text, language=language))}


@pytest.mark.parametrize(
    "text",
    [
        "“They were waiting for me near the border,” she told a radio station on Friday.",
        "We drove along the border, he told colleagues, and saw nobody.",
        "At the airport there was a queue, she said.",
        "Serikova told the paper how she had walked along the border with shepherds.",
    ],
)
def test_that_somebody_tells_of_a_border_is_no_ban(text: str) -> None:
    assert "legal.border" not in codes(text, Language.EN)


@pytest.mark.parametrize(
    "text",
    [
        "At passport control she was told that she may not leave.",
        "At the airport an officer told him of the restriction, he told the newspaper.",
        "At the border, she told Dala News, she was not let out of the country.",
    ],
)
def test_that_somebody_is_told_of_it_is_one(text: str) -> None:
    assert "legal.border" in codes(text, Language.EN)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            Language.EN,
            "State television showed a video in which the journalist allegedly confessed.",
        ),
        (Language.EN, "The ministry posted a clip where he allegedly called for a rally."),
        (Language.EN, "A recording was aired in which she allegedly admitted taking grants."),
        (
            Language.RU,
            "По телевизору показали ролик, на записи журналист якобы признаётся во всём.",
        ),
        (Language.RU, "На видео блогер якобы призывает к погромам, утверждает следствие."),
        (Language.RU, "Милиция показала запись, где она якобы созналась."),
    ],
)
def test_what_was_allegedly_confessed_is_no_forgery(language: Language, text: str) -> None:
    forged = {"impersonation.deepfake", "disinformation.fabricated"}
    assert codes(text, language).isdisjoint(forged)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (Language.EN, "A clip circulates in which the presenter supposedly promotes a casino."),
        (Language.EN, "In the video, where she allegedly confesses, her voice was cloned."),
        (Language.RU, "В ролике ведущая якобы рекламирует казино, говорит журналистка."),
        (Language.RU, "На записи журналист якобы признаётся в подкупе, голос сделан нейросетью."),
    ],
)
def test_what_says_that_it_is_forged_is_one(language: Language, text: str) -> None:
    assert "impersonation.deepfake" in codes(text, language)


OWN = [
    (Language.EN, "The paper's own channel, with its name and logo, goes on publishing."),
    (Language.EN, "Steppe Post wrote so on its Telegram channel of the same name."),
    (Language.EN, "The newsroom runs a channel with the newspaper's logo."),
    (Language.EN, "It now publishes under its own name on a new site."),
    (Language.RU, "Об этом сказано на официальной странице под именем издания."),
    (Language.RU, "В своём телеграм-канале с логотипом редакции вышло видео."),
    (Language.KK, "Басылымның ресми арнасында оның логотипі тұр."),
]


@pytest.mark.parametrize(("language", "text"), OWN)
def test_a_channel_of_their_own_is_no_fake(language: Language, text: str) -> None:
    faked = {"impersonation.outlet", "impersonation.journalist"}
    assert codes(text, language).isdisjoint(faked)


FAKED = [
    (Language.EN, "A channel with the newspaper's logo, which nobody there runs, names informers."),
    (Language.EN, "Its Telegram channel warned of a fake page of the newspaper with its logo."),
    (Language.RU, "Под логотипом издания вышло видео, которого редакция не снимала."),
    (Language.RU, "Своя страница у редакции одна, а вторая под именем издания - подделка."),
    (Language.KK, "Басылымның логотипі бар жалған арна ашылды."),
]


@pytest.mark.parametrize(("language", "text"), FAKED)
def test_a_channel_of_others_under_their_name_is_one(language: Language, text: str) -> None:
    assert "impersonation.outlet" in codes(text, language)


POSED = [
    (Language.EN, "A caller who said he was a major of the state security service asked for her.",
     PurportedAs.SECURITY_SERVICE),
    (Language.EN, "The man flashed an officer's card of the National Security Committee.",
     PurportedAs.SECURITY_SERVICE),
    (Language.EN, "Men who said they were investigators of the prosecutor's office came to her flat.",
     PurportedAs.PROSECUTOR),
    (Language.EN, "Men who said they were interior ministry officers came to the flat.",
     PurportedAs.POLICE),
    (Language.EN, "A caller who said he was a police captain asked for her.", PurportedAs.POLICE),
    (Language.RU, "Звонивший назвался майором службы безопасности.", PurportedAs.SECURITY_SERVICE),
    (Language.RU, "Мужчина представился капитаном полиции.", PurportedAs.POLICE),
    (Language.KK, "Ол өзін ҰҚК майорымын деп таныстырды.", PurportedAs.SECURITY_SERVICE),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "as_whom"), POSED)
def test_the_service_that_is_named_goes_before_the_police(
    language: Language, text: str, as_whom: PurportedAs
) -> None:
    posed = {act.purported_as for act in find_acts(ArticleText(text=text, language=language))}
    assert posed - {None} == {as_whom}
