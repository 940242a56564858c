"""The language of a text is told by its letters, in headlines and in articles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.articles.language import detect_language

ENGLISH = "The editor said that the men at the door of her flat had asked for her by name. "
RUSSIAN = "Редактор рассказала, что неизвестные спрашивали о ней соседей и показывали фоторобот. "
KAZAKH = "Редактор белгісіз адамдардың көршілерінен ол туралы сұрағанын және қорқытқанын айтты. "


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (ENGLISH * 3 + "Müşfiq Cəfərov and Žydrūnė agreed.", "en"),
        ("Police detain blogger", "en"),
        (RUSSIAN, "ru"),
        (RUSSIAN * 3 + "Её зовут Гүлнара Әбенқызы.", "ru"),
        (RUSSIAN * 5 + "Зеленський є.", "ru"),
        ("Суд закрыл дело", "ru"),
        (KAZAKH, "kk"),
        ("Қауіп", "kk"),
        (KAZAKH + RUSSIAN, "kk"),
        ("Журналистті қорқытты: The Village", "kk"),
        ("Журналистке коркутуу болду, деди өкүл", "other"),
        ("Журналистга таҳдид қилишди", "other"),
        ("Журналістці погрожували невідомі, каже її адвокат", "other"),
        ("Журналістку ў Мінску зноў затрымалі", "other"),
        ("Redaktorė sakė, kad žmonės prie durų klausė apie ją", "other"),
        ("Jurnalistke qorqytý jasaldy " * 10, "other"),
        ("Die Journalistin wurde von zwei Leuten vor ihrer Wohnung bedroht " * 5, "other"),
        ("გაზეთის რედაქტორი", "other"),
        ("记者受到威胁", "other"),
        ("", "other"),
        ("2025 — 13!", "other"),
    ],
)
def test_the_letters_tell_the_language(text: str, language: str) -> None:
    assert detect_language(text) == language


@given(st.text())
def test_any_text_has_one_of_four_answers(text: str) -> None:
    assert detect_language(text) in {"en", "ru", "kk", "other"}
