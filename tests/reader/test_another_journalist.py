"""Whom a sentence means that tells of another journalist than the sentences before it."""

from __future__ import annotations

import pytest

from tracker.articles.codes import Language
from tracker.reader.grouping import group_incidents
from tracker.reader.suggest import Suggestions, suggest
from tracker.reader.text import ArticleText
from tracker.responses.codes import ActType

EN, RU, KK = Language.EN, Language.RU, Language.KK
LEADS = {
    EN: "Journalist threatened\nReporter Saule Imanova received a death threat. ",
    RU: "Журналистке угрожают\nКорреспондент Сауле Иманова получила угрозу убийством. ",
    KK: "Журналистке қысым\nТілші Сәуле Иманова өлтіреміз деген хабарлама алды. ",
}


def read(language: Language, sentence: str) -> tuple[ArticleText, Suggestions]:
    """Return an article on a threat to a woman that ends with a sentence, and what it suggests."""
    reading = ArticleText(text=LEADS[language] + sentence, language=language, title="")
    return reading, suggest(reading)


def targets(language: Language, sentence: str) -> dict[str, set[str]]:
    """Return to whom the last sentence says that something was done, by the types of it."""
    reading, found = read(language, sentence)
    return {
        code: set(group.target_name_set)
        for group in group_incidents(reading, found)
        for act in group.acts
        for code in [act.code]
        if act.passage.sentence_number == len(reading.lines)
    }


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("Әкім блогер Ерлан Қасымовты сотқа берді.", "legal.civil"),
        ("Министр журналист Ерлан Қасымовты қорқытты.", "threat.other"),
        ("Полицей блогер Ерлан Қасымовты ұрды.", "physical.assault"),
        ("Полиция өкілі блогер Ерлан Қасымов ұсталды деп мәлімдеді.", "legal.detention"),
        ("Адвокат блогер Ерлан Қасымов ұсталды деп хабарлады.", "legal.detention"),
    ],
)
def test_who_acts_in_kazakh_stands_before_whom_it_is_done_to(sentence: str, code: str) -> None:
    assert targets(KK, sentence) == {code: {"Ерлан Қасымов"}}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (EN, "Another blogger was detained."),
        (EN, "Blogger X was detained."),
        (RU, "Ещё один блогер был задержан."),
        (RU, "Блогер Е.К. был задержан."),
        (KK, "Тағы бір блогер ұсталды."),
        (KK, "Блогер Е.Қ. ұсталды."),
    ],
)
def test_another_without_a_name_is_nobody_named_before(language: Language, sentence: str) -> None:
    assert targets(language, sentence) == {"legal.detention": set()}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (EN, "The reporter was detained."),
        (RU, "Корреспондент была задержана."),
        (KK, "Тілші ұсталды."),
    ],
)
def test_the_reporter_is_still_the_one_named_before(language: Language, sentence: str) -> None:
    [names] = targets(language, sentence).values()
    assert names & {"Saule Imanova", "Сауле Иманова", "Сәуле Иманова"}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (EN, "Police denied detaining the reporter."),
        (RU, "Полиция опровергла, что корреспондент задержана."),
        (RU, "Мы не задерживали корреспондента, заявила полиция."),
        (KK, "Полиция тілшіні ұстаған жоқпыз деп мәлімдеді."),
        (KK, "Полиция тілшінің ұсталғанын жоққа шығарды."),
    ],
)
def test_what_is_denied_is_an_answer_and_no_act(language: Language, sentence: str) -> None:
    _reading, found = read(language, sentence)

    assert targets(language, sentence) == {}
    assert [act.kind for one in found.responses for act in one.acts] == [ActType.DENIAL]
