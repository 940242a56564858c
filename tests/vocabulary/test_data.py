"""The files of the vocabulary keep its house rules."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tracker.incidents.codes import FigureTable
from tracker.incidents.rules import HEADINGS_BY_CROSSWALK_TABLE, NOT_RECORDED_CODE, figure_row_label
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import DATA_FOLDER, load_shipped_terms

FILES = sorted(DATA_FOLDER.glob("*/*.toml"))
LANGUAGES = ("en", "ru", "kk")
DEFINITIONS = ("definition", "definition_ru", "definition_kk")
# What the columns of `terms` hold.
MAX_LABEL_LENGTH = 160
LONGEST_CODE = 60
HOAX = {"disinformation.death_hoax", "disinformation.false_wanted"}
FALSE = {"en": "False ", "ru": "Ложн", "kk": "Жалған "}
REGIONS = {"KG": 9, "KZ": 20, "RU": 83, "UA": 27, "UZ": 14}


def entries(text: str) -> list[dict[str, Any]]:
    """Return the terms or choices of a file, whichever it has."""
    read = tomllib.loads(text)
    found: list[dict[str, Any]] = read.get("term") or read["choice"]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_in_a_file_twice(path: Path) -> None:
    codes = [entry["code"] for entry in entries(path.read_text(encoding="utf-8"))]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_says_what_it_is_for(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("term_set", TermSet)
def test_terms_have_three_labels_that_fit_their_columns(term_set: TermSet) -> None:
    for row in load_shipped_terms(term_set):
        assert set(row.labels) == set(LANGUAGES)
        assert all(0 < len(words) <= MAX_LABEL_LENGTH for words in row.labels.values())
        assert len(row.code) <= LONGEST_CODE


@pytest.mark.parametrize("term_set", TermSet)
def test_ranks_are_unique_so_that_counts_are_reproducible(term_set: TermSet) -> None:
    ranks = [row.rank for row in load_shipped_terms(term_set)]
    assert len(set(ranks)) == len(ranks)


@pytest.mark.parametrize("term_set", TermSet)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_terms_of_a_set_read_the_same(term_set: TermSet, language: str) -> None:
    words = [row.labels[language] for row in load_shipped_terms(term_set)]
    assert len(set(words)) == len(words)


def test_every_incident_type_has_a_definition_and_a_crosswalk() -> None:
    for row in load_shipped_terms(TermSet.INCIDENT_TYPE):
        assert row.definitions["en"]
        assert set(row.crosswalk) == {"coe", "jfj", "ads", "sdg"}
        assert all(row.crosswalk.values())


def test_every_heading_of_a_crosswalk_has_its_words() -> None:
    """Reports show them in three languages, and not as the codes of the file."""
    for table, headings in HEADINGS_BY_CROSSWALK_TABLE.items():
        given = {row.crosswalk[table.value] for row in load_shipped_terms(TermSet.INCIDENT_TYPE)}
        assert given - {NOT_RECORDED_CODE} == {one.value for one in headings}, table
        assert not [one for one in headings if figure_row_label(table, one.value, {}) == one.value]
    # An administrator may write a heading that we do not know: it stands as it was written.
    assert figure_row_label(FigureTable.ADS, "a new heading", {}) == "a new heading"


def test_the_crosswalk_says_that_it_is_no_official_mapping() -> None:
    text = (DATA_FOLDER / "terms" / "incident_type.toml").read_text(encoding="utf-8")
    assert "OUR PROPOSAL, NOT AN OFFICIAL MAPPING" in text


def test_the_label_of_a_hoax_can_never_announce_a_death() -> None:
    hoaxes = {
        row.code: row for row in load_shipped_terms(TermSet.INCIDENT_TYPE) if row.code in HOAX
    }
    assert set(hoaxes) == HOAX
    for row in hoaxes.values():
        assert all(row.labels[language].startswith(FALSE[language]) for language in LANGUAGES)


def test_other_is_proposed_last() -> None:
    for term_set in (TermSet.INCIDENT_TYPE, TermSet.PLATFORM, TermSet.TOPIC):
        assert max(load_shipped_terms(term_set), key=lambda row: row.rank).code == "other"


def test_what_is_defined_is_defined_in_each_language() -> None:
    missing = [
        f"{path.stem}/{entry['code']}: {key}"
        for path in FILES
        for entry in entries(path.read_text(encoding="utf-8"))
        if any(key in entry for key in DEFINITIONS)
        for key in DEFINITIONS
        if not entry.get(key, "").strip()
    ]
    assert missing == []


def test_a_definition_names_the_same_codes_in_each_language() -> None:
    code = re.compile(r"\b[a-z]+\.[a-z_*]+|\([a-z_]+\)")
    differ = [
        f"{path.stem}/{entry['code']}"
        for path in FILES
        for entry in entries(path.read_text(encoding="utf-8"))
        if len({tuple(sorted(code.findall(entry.get(key, "")))) for key in DEFINITIONS}) > 1
    ]
    assert differ == []


def test_definitions_name_only_incident_types_that_exist() -> None:
    rows = load_shipped_terms(TermSet.INCIDENT_TYPE)
    codes = {row.code for row in rows}
    classes = {code.split(".")[0] for code in codes if "." in code}
    named = re.compile(rf"\b(?:{'|'.join(classes)})\.[a-z_]+")
    mentioned = {code for row in rows for code in named.findall(row.definitions["en"])}
    assert mentioned
    assert mentioned <= codes


def test_countries_have_all_their_regions_by_iso_code() -> None:
    rows = load_shipped_terms(TermSet.REGION)
    assert Counter(row.country for row in rows) == REGIONS
    assert all(re.fullmatch(rf"{row.country}-[0-9A-Z]{{1,3}}", row.code) for row in rows)
