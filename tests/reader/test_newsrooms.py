"""Outlets named in an article, apart from what only looks like one."""

import pytest

from tracker.articles.codes import Language
from tracker.reader.outlets import find_outlets
from tracker.reader.text import ArticleText

EN, RU, KK = Language.EN, Language.RU, Language.KK


def outlets(language: Language, text: str) -> list[str]:
    return [one.name for one in find_outlets(ArticleText(text=text, language=language))]


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        (EN, "The newspaper Steppe Dawn and the site of Radio Tolqyn were attacked.",
         ["Steppe Dawn", "Radio Tolqyn"]),
        (EN, "Police came to the Zhartas Observer's office.", ["Zhartas Observer"]),
        (EN, "Saryarka.kz reporters were told to leave.", ["Saryarka.kz"]),
        (EN, "Azattyq’s reporter was fined.", ["Azattyq"]),
        (RU, "В редакции газеты «Степной маяк» прошёл обыск.", ["Степной маяк"]),
        (RU, "Журналиста «Власти» оштрафовали, портал Saryarka.kz заблокировали.",
         ["Власти", "Saryarka.kz"]),
        (KK, "«Дала таңы» газетінің редакциясы өртенді.", ["Дала таңы"]),
        (KK, "Saryarka.kz-тің сайты мен КТК арнасы істемеді.", ["Saryarka.kz", "КТК"]),
    ],
)  # fmt: skip
def test_outlets_are_found(language: Language, text: str, names: list[str]) -> None:
    assert outlets(language, text) == names


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "Facebook, Telegram and Human Rights Watch published statements on gov.kz."),
        (EN, "Local media and the Ministry of Information wrote to the police."),
        (EN, "The blogger wrote to steppe@example.kz."),
        (RU, "Фонд «Адил соз» и Комитет защиты журналистов написали в WhatsApp."),
        (RU, "«Мы этого не делали», — сказал чиновник. Завод «Восток» закрыт."),
        (KK, "Telegram мен Instagram желісінде «Әділ сөз» қоры мәлімдеме жариялады."),
    ],
)
def test_platforms_organisations_and_speech_are_no_outlets(language: Language, text: str) -> None:
    assert outlets(language, text) == []


def test_an_outlet_named_again_is_one() -> None:
    text = "Сайт «Степной маяк» лежал два дня. Двойник «Степного маяка» открылся."
    [one] = find_outlets(ArticleText(text=text, language=RU))
    assert [passage.text for passage in one.mentions] == ["Степной маяк", "Степного маяка"]
