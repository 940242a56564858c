"""How well suggestions meet what a careful person would record stays as good as it is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.reader import sentences
from tests.reader.scoring import CLASSES, FOLDER, LANGUAGES, SETS, accepted, score
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import load_shipped_terms

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))
# Fewer are better.
CEILINGS = {"bystanders"}
NINE_IN_TEN, FEWEST, MANY_KINDS = 0.9, 2, 12


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SETS)
def test_no_score_falls_and_every_quote_stands_in_its_text(name: str, language: str) -> None:
    # One test, so that workers do not score the same articles twice.
    scores = score(FOLDER / name / language)
    figures = scores.figures()
    held = FLOORS[name][language]
    assert figures.keys() == held.keys()
    worse = {
        figure: (value, held[figure])
        for figure, value in figures.items()
        if (value > held[figure] if figure in CEILINGS else value < held[figure])
    }
    assert not worse
    assert scores.quotes.part == scores.quotes.whole > 0


def test_what_is_accepted_beforehand_is_right_nine_times_in_ten_of_every_kind() -> None:
    shares = accepted("kept_back")

    assert {kind: one for kind, one in shares.items() if one.share < NINE_IN_TEN} == {}
    # Of fewer articles nothing could be said.
    assert {kind: one for kind, one in shares.items() if one.whole < FEWEST} == {}
    told = {kind.partition(":")[0] for kind in shares}
    assert told == {"type", "journalist", "outlet", "account", "act", "country"}
    assert len(shares) > MANY_KINDS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["unseen", "report_unseen"])
def test_no_more_sentences_are_misread(name: str, language: str) -> None:
    found, another, nothing = sentences.score(sentences.FOLDER / language / name).figures().values()
    held = FLOORS["sentences"][name][language]

    assert found >= held["acts_found"]
    assert another <= held["acts_of_another_class"]
    assert nothing <= held["acts_of_nothing"]


def test_a_class_holds_every_type() -> None:
    codes = {term.code for term in load_shipped_terms(TermSet.INCIDENT_TYPE)}
    assert set(CLASSES) == codes
