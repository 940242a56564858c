"""The catalogs: every message in each language, with its placeholders, in the words decided."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from tests.architecture.source import PACKAGE, ROOT
from tests.vocabulary.test_labels import CLOSED_SETS
from tracker.incidents.codes import Setting
from tracker.reports.tables import FLAT_INCIDENTS, PUBLISHED_INCIDENTS
from tracker.vocabulary.labels import DATA_FOLDER, LABEL_LANGUAGES, closed_set_path

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
        r"нобай|жоба нұсқа": "жоба",
        r"уақыт шкала": "оқиғалар хронологиясы",
        r"аудит журнал": "әрекеттер журналы",
        r"нақты шара": "мәні бойынша",
    },
}


def messages(language: str) -> Iterator[tuple[Message, list[str], list[str]]]:
    """Yield each message with its forms in English and in a language."""
    with catalog(language).open("rb") as file:
        for one in read_po(file, locale=language):
            if one.id:
                yield one, _forms(one.id), _forms(one.string)


def catalog(language: str) -> Path:
    return PACKAGE / "translations" / language / "LC_MESSAGES" / "messages.po"


def unlabelled(sets: Iterable[type[StrEnum]], data: Path = DATA_FOLDER) -> list[str]:
    """Say which codes of closed sets, and which terms, lack a label, and in which file."""
    found, missing = {path: entries(path) for path in data.glob("terms/*.toml")}, []
    for codes in sets:
        path = closed_set_path(codes.__name__, data)
        if not path.exists():
            missing.append(f"{codes.__name__}: make {path.relative_to(data)}")
            continue
        labelled = {one["code"]: one for one in entries(path)}
        found[path] = [labelled.get(code.value, {"code": code.value}) for code in codes]
    return missing + [
        f"{path.relative_to(data)}: {one['code']} has no {language}"
        for path, given in found.items()
        for one in given
        for language in LABEL_LANGUAGES
        if not (words := one.get(language, "")) or words != words.strip()
    ]


def entries(path: Path) -> list[dict[str, str]]:
    """Return the choices or terms of a file of the vocabulary."""
    [found] = tomllib.loads(path.read_text(encoding="utf-8")).values()
    assert isinstance(found, list)
    return found


def labels(language: str) -> Iterator[str]:
    """Yield every label and definition of the vocabulary in a language."""
    for path in sorted(DATA_FOLDER.glob("*/*.toml")):
        for one in entries(path):
            yield from (one.get(key, "") for key in (language, f"definition_{language}"))


def _forms(said: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [said] if isinstance(said, str) else list(said or ())


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_written_in_each_language(language: str) -> None:
    empty = [said[0] for _one, said, written in messages(language) if not all(written)]
    advice = f"fill the empty msgstr in {catalog(language).relative_to(ROOT)}:"
    assert not empty, "\n".join([advice, *empty])


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Return the messages of code and templates, in the order of their files."""
    file = tmp_path_factory.mktemp("messages") / "messages.pot"
    options = [
        "--mapping",
        str(ROOT / "pyproject.toml"),
        "--keyword",
        "lazy",
        "--keyword",
        "mark",
        "--sort-by-file",
        "--output",
        str(file),
    ]
    CommandLineInterface().run(["pybabel", "-q", "extract", *options, str(ROOT)])
    with file.open("rb") as pot:
        return [one.id for one in read_po(pot) if one.id]


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogs_have_the_messages_of_code_and_templates(
    language: str, collected: list[Any]
) -> None:
    known = [one.id for one, _said, _written in messages(language)]
    there = set(known)
    missing = [_forms(one)[0] for one in collected if one not in there]
    assert not missing, "\n".join(["run `make messages`; it adds:", *missing])
    # Otherwise the next person who runs it moves what others left behind.
    assert known == collected, (
        "run `make messages`: a text is used in more files, in other files or no more"
    )


def test_meanings_of_columns_are_collected(collected: list[object]) -> None:
    columns = [*FLAT_INCIDENTS.columns, *PUBLISHED_INCIDENTS.columns]
    unmarked = {one.name for one in columns if one.description not in collected}
    assert not unmarked, f"write mark(…) around the meanings of {unmarked}"


def test_every_code_and_term_has_a_label_in_each_language(tmp_path: Path) -> None:
    missing = unlabelled(CLOSED_SETS)
    assert not missing, "\n".join([f"in {DATA_FOLDER.relative_to(ROOT)}:", *missing])

    (tmp_path / "sets").mkdir()
    assert unlabelled([Setting], tmp_path) == ["Setting: make sets/setting.toml"]
    choices = [f'[[choice]]\ncode = "{code}"\nen = "A"\nru = "Б"\nkk = "Ә"' for code in Setting]
    text = "\n".join(choices[:-1]).replace('kk = "Ә"', "", 1)
    (tmp_path / "sets" / "setting.toml").write_text(text, encoding="utf-8")
    assert unlabelled([Setting], tmp_path) == [
        "sets/setting.toml: online has no kk",
        "sets/setting.toml: unknown has no en",
        "sets/setting.toml: unknown has no ru",
        "sets/setting.toml: unknown has no kk",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_keeps_its_placeholders(language: str) -> None:
    wrong = [
        form
        for _one, said, written in messages(language)
        for form in filter(None, written)
        if placeholders(form) - {"%(num)d"} != placeholders(said[-1]) - {"%(num)d"}
    ]
    assert not wrong, "\n".join(["not the placeholders of the English message:", *wrong])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_term_has_one_word(language: str) -> None:
    texts = [form for _one, _said, written in messages(language) for form in written]
    wrong = [
        f"{form}: write {word}"
        for form in [*texts, *labels(language)]
        for stem, word in OTHER_WORDS[language].items()
        if re.search(rf"\b{stem}", form.lower())
    ]
    assert not wrong, "\n".join(wrong)
