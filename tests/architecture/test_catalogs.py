"""The catalogs: every message in each language, with its placeholders, in the words decided."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from tests.architecture.source import PACKAGE
from tracker.vocabulary.labels import DATA

LANGUAGES = ("ru", "kk")
# What docs/glossary.md has another word for: a stem, and the word to write.
OTHER_WORDS = {
    "ru": {
        r"стать(?!я закона|е 158)[яюией]": "публикация",
        r"монитор(?!инг)": "специалист по мониторингу",
        r"причастн": "исполнитель",
        r"журнал\w* аудита": "журнал действий",
        r"практическ\w+ мер": "по существу",
        r"гендер(?!н)": "пол",
    },
    "kk": {
        r"мақала": "жарияланым",
        r"монитор(?!инг)": "мониторинг маманы",
        r"нысана": "зардап шегуші",
        r"жоба нұсқа": "жоба",
        r"уақыт шкала": "оқиғалар хронологиясы",
        r"аудит журнал": "әрекеттер журналы",
        r"нақты шара": "мәні бойынша",
    },
}


def messages(language: str) -> Iterator[tuple[Message, list[str], list[str]]]:
    """Yield each message with its forms in English and in a language."""
    path = PACKAGE / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        for one in read_po(file, locale=language):
            if one.id:
                yield one, _forms(one.id), _forms(one.string)


def labels(language: str) -> Iterator[str]:
    """Yield every label and definition of the vocabulary in a language."""
    for path in sorted(DATA.glob("*/*.toml")):
        for entries in tomllib.loads(path.read_text(encoding="utf-8")).values():
            for one in entries:
                yield from (one.get(key, "") for key in (language, f"definition_{language}"))


def _forms(said: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [said] if isinstance(said, str) else list(said or ())


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_written_in_each_language(language: str) -> None:
    assert [one.id for one, _said, written in messages(language) if not all(written)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_keeps_its_placeholders(language: str) -> None:
    wrong = [
        form
        for _one, said, written in messages(language)
        for form in written
        if placeholders(form) - {"%(num)d"} != placeholders(said[-1]) - {"%(num)d"}
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_term_has_one_word(language: str) -> None:
    texts = [form for _one, _said, written in messages(language) for form in written]
    wrong = [
        f"{form}: write {word}"
        for form in [*texts, *labels(language)]
        for stem, word in OTHER_WORDS[language].items()
        if re.search(rf"\b{stem}", form.lower())
    ]
    assert wrong == []
