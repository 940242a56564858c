"""When an authority answered, by the date beside the words that say so; and of which state it is."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.articles.codes import Language
from tracker.intake.drafting import build_drafts
from tracker.reader.suggest import suggest
from tracker.reader.text import ArticleText

LEADS = {
    Language.EN: "Journalist Aida Serikova was beaten on 9 November. ",
    Language.RU: "Журналистку Аиду Серикову избили 9 ноября. ",
    Language.KK: "Журналист Айгүл Серікова 9 қарашада соққыға жығылды. ",
}
PUBLISHED = date(2025, 11, 20)


def told(text: str, language: Language) -> list[tuple[str, str]]:
    """Return the country and the date of each response that an article suggests."""
    reading = ArticleText(text=LEADS[language] + text, language=language, published=PUBLISHED)
    drafts = build_drafts(reading, suggest(reading)).responses
    return [(one.country, one.when.value if one.when else "") for one in drafts]


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        (Language.EN, "The ministry of justice condemned the attack in a letter of 11 November.", "2025-11-11"),
        (Language.EN, "In a statement on 12 November, the city police said they had opened a case.", "2025-11-12"),
        (Language.EN, "The prosecutor's office said on 13 November that it condemned the attack.", "2025-11-13"),
        (Language.EN, "On 14 November the ombudsman condemned the attack.", "2025-11-14"),
        (Language.EN, "The ministry of justice condemned the attack on 9 November.", ""),
        (Language.EN, "The city police said that she had been attacked on 9 November.", ""),
        (Language.RU, "В ответе от 11 ноября прокуратура осудила нападение.", "2025-11-11"),
        (Language.RU, "12 ноября в полиции сообщили, что начато расследование.", "2025-11-12"),
        (Language.RU, "«Мы осуждаем это», - сказал аким Марат Абенов на брифинге 13 ноября.", "2025-11-13"),
        (Language.RU, "Омбудсмен осудил нападение 9 ноября.", ""),
        (Language.KK, "11 қарашадағы мәлімдемесінде Ішкі істер министрлігі шабуылды айыптады.", "2025-11-11"),
    ],
)  # fmt: skip
def test_a_response_has_the_date_on_which_it_was_given(
    language: Language, text: str, day: str
) -> None:
    assert told(text, language) == [("", day)]


@pytest.mark.parametrize(
    ("language", "text", "country"),
    [
        (Language.EN, "Kyrgyzstan's Interior Ministry condemned the attack.", "KG"),
        (Language.EN, "The Interior Ministry of Kyrgyzstan condemned the attack.", "KG"),
        (Language.EN, "The Kyrgyz Interior Ministry condemned the attack.", "KG"),
        (Language.EN, "Bishkek police condemned the attack.", "KG"),
        (Language.EN, "The Interior Ministry condemned the attack in Kyrgyzstan.", ""),
        (Language.RU, "МВД Кыргызстана осудило нападение.", "KG"),
        (Language.RU, "Министр внутренних дел Киргизии Улан Абаев осудил нападение.", "KG"),
        (Language.RU, "Казахстанский МИД осудил нападение.", "KZ"),
        (Language.RU, "МВД осудило нападение.", ""),
        (Language.KK, "Қырғызстан Ішкі істер министрлігі шабуылды айыптады.", "KG"),
    ],
)
def test_the_country_beside_a_body_is_its_own(language: Language, text: str, country: str) -> None:
    assert [one for one, _day in told(text, language)] == [country]


def test_bodies_of_two_states_are_two_and_one_without_a_state_is_the_last() -> None:
    text = (
        "The Kyrgyz Interior Ministry condemned the attack. The Interior Ministry said that the police "
        "had opened an investigation. The Interior Ministry of Kazakhstan condemned the attack as well."
    )
    assert told(text, Language.EN) == [("KG", ""), ("KZ", "")]
