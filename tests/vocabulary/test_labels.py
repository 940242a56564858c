"""Every code that a person meets has words in three languages."""

from __future__ import annotations

import importlib
import inspect
import re
from enum import StrEnum
from pathlib import Path

import pytest

import tracker
from tracker.fake_accounts.codes import SuccessionBasis
from tracker.i18n import _, country_name, country_names, use_language
from tracker.incidents.codes import ActorType, FigureTable, PurportedAs, Verification
from tracker.permissions import Permission, Role, Visibility
from tracker.reports.formats import FileFormat
from tracker.responses.codes import ActType
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.labels import code_choices, get_definition, get_label, load_shipped_terms
from tracker.when import Precision

LANGUAGES = ("en", "ru", "kk")
PACKAGE = Path(next(iter(tracker.__path__)))


def sets_in(module_name: str) -> list[type[StrEnum]]:
    """Return the closed sets that a module defines itself."""
    module = importlib.import_module(module_name)
    return [
        member
        for _name, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, StrEnum) and member.__module__ == module_name
    ]


CLOSED_SETS = [
    found
    for path in sorted(PACKAGE.glob("*/codes.py"))
    for found in sets_in(f"tracker.{path.parent.name}.codes")
] + [Precision, Visibility, Role, Permission, FileFormat]


# That each member has a label in each language is a test of the architecture, so `make check` runs it.
def test_closed_sets_are_found() -> None:
    assert {ActorType, ActType, Answer, SuccessionBasis} <= set(CLOSED_SETS)


@pytest.mark.parametrize("codes", CLOSED_SETS, ids=lambda codes: codes.__name__)
def test_no_two_members_of_a_set_read_the_same(codes: type[StrEnum]) -> None:
    for language in LANGUAGES:
        words = [words for _code, words in code_choices(codes, language)]
        assert len(set(words)) == len(words)


def test_no_two_sets_share_a_name_and_so_a_file() -> None:
    names = [codes.__name__ for codes in CLOSED_SETS]
    assert len(set(names)) == len(names)


def test_men_who_say_they_are_police_are_never_called_police() -> None:
    for code in PurportedAs:
        assert get_label(code, "en").startswith("said they ")
        assert get_label(code, "ru").startswith("представились ")
        assert get_label(code, "kk").startswith("өзін ")
        assert "таныстырған" in get_label(code, "kk")
    assert get_label(PurportedAs.POLICE, "ru") == "представились полицейскими"


def test_actors_can_pose_as_every_type_of_actor() -> None:
    assert {code.value for code in ActorType} < {code.value for code in PurportedAs}


def test_choices_keep_the_order_of_the_set() -> None:
    assert code_choices(Answer, "ru") == [("yes", "Да"), ("no", "Нет"), ("unknown", "Неизвестно")]


def test_a_language_without_labels_gets_english() -> None:
    assert get_label(Answer.NO, "fr") == get_label(Answer.NO) == "No"


def test_verification_says_what_it_takes() -> None:
    assert "one independent source" in get_definition(Verification.LIKELY).lower()


@pytest.mark.parametrize(
    ("language", "word"), [("ru", "Достоверность"), ("kk", "Расталу дәрежесі")]
)
def test_figures_call_what_they_count_as_the_page_of_an_incident_does(app, language, word) -> None:
    with app.app_context(), use_language(language):
        assert get_label(FigureTable.VERIFICATION, language) == _("Verification") == word
        assert get_label(FigureTable.TYPE, "ru") == "Основной вид"


def test_kyrgyzstan_is_called_in_russian_as_the_press_of_the_region_calls_it(app) -> None:
    with app.app_context(), use_language("ru"):
        assert country_name("KG") == dict(country_names())["KG"] == "Кыргызстан"
        assert country_name("KZ") == "Казахстан"


def test_countries_stand_in_the_order_of_the_kazakh_alphabet(app) -> None:
    with app.app_context(), use_language("kk"):
        names = [name for _code, name in country_names()]
    assert names.index("Әзірбайжан") < names.index("Бельгия") < names.index("Германия")
    assert names.index("Кувейт") < names.index("Қазақстан") < names.index("Латвия")


def test_in_russian_types_of_incidents_are_called_by_one_word() -> None:
    told = [
        words
        for codes in CLOSED_SETS
        for code in codes
        for words in (get_label(code, "ru"), get_definition(code, "ru"))
    ]
    assert [one for one in told if re.search(r"\bтип(ы|а|у|ов|ам)?\b", one.lower())] == []


def test_every_table_of_figures_is_defined_in_each_language_or_in_none() -> None:
    for table in FigureTable:
        said = {get_definition(table, language) for language in LANGUAGES}
        assert len(said) == (len(LANGUAGES) if get_definition(table) else 1), table


def test_a_label_that_says_it_all_has_no_definition() -> None:
    assert not get_definition(Answer.YES)


def test_terms_come_with_labels_rank_and_crosswalk() -> None:
    threat = next(
        row for row in load_shipped_terms(TermSet.INCIDENT_TYPE) if row.code == "threat.death"
    )
    assert (threat.rank, threat.labels["ru"]) == (90, "Угроза убийством")
    assert threat.crosswalk == {"coe": "1", "jfj": "N", "ads": "threat", "sdg": "OHA"}
    assert threat.country is None


def test_a_caller_that_changes_its_terms_leaves_the_vocabulary_alone() -> None:
    load_shipped_terms(TermSet.INCIDENT_TYPE)[0].crosswalk["coe"] = "9"
    load_shipped_terms(TermSet.INCIDENT_TYPE).clear()
    assert load_shipped_terms(TermSet.INCIDENT_TYPE)[0].crosswalk["coe"] == "1"
