"""What is declared of the filters of lists: links, words, refusals and conditions, for each."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from tests.kit.every_filter import FILTERS, RECORDS
from tracker.articles.queries import ArticleFilter
from tracker.cases.queries import CaseFilter
from tracker.errors import BadQuery
from tracker.i18n import MonthRange
from tracker.kit.filters import FilterField, ListFilter
from tracker.people.queries import JournalistOrOutletFilter
from tracker.reports.filters import MonthlyFilter
from tracker.vocabulary.labels import DATA_FOLDER

# Of each field that is no code something to ask for.
GIVEN = {
    "type": ["threat.", "other"],
    "primary": ["threat.", "other"],
    "from": "2025-03-04",
    "to": "2025-03-05",
    "known_on": "2025-03-04",
    "country": "KZ",
    "region": "KZ-75",
    "figure": "all:all",
    "month": "2025-06/2025-08",
    "reported": "2025-06",
    "happened": "2025-06",
    "counted": "2025-06",
    "without_retracted": "yes",
    "journalist": "JRN-0123456789",
    "outlet": "OUT-0123456789",
    "institution": "INS-0123456789",
    "action": "case:file",
    "logged_from": "2025-03-04",
    "record": "INC-0123456789 INC-0123456788",
}
EACH = pytest.mark.parametrize("kind", FILTERS)


def given(one: FilterField) -> Any:
    if one.codes:
        return next(iter(one.codes)).value
    return GIVEN.get(
        one.name, "yes" if one.control == "checkbox" or one.name == "shared" else "words"
    )


def args_of(values: dict[str, Any]) -> MultiDict[str, str]:
    return MultiDict(
        (name, text)
        for name, value in values.items()
        for text in ([value] if isinstance(value, str) else value)
    )


CODED = [(kind, one) for kind in FILTERS for one in kind.declared_fields() if one.codes]


@EACH
def test_a_filter_comes_back_from_its_own_link(kind: type[ListFilter]) -> None:
    asked = {one.name: given(one) for one in kind.declared_fields()}
    found = kind.from_args(args_of(asked))

    assert found.to_args() == asked
    assert kind.from_args(args_of(found.to_args())) == found


@EACH
def test_each_field_is_said_in_the_heading_or_left_out_on_purpose(kind: type[ListFilter]) -> None:
    for one in kind.declared_fields():
        said = one.describe_value(one.parse_value(args_of({one.name: given(one)})))
        assert bool(said) is bool(str(one.heading)), one.name
        assert "%(" not in said, one.name


@pytest.mark.parametrize(
    ("kind", "one"), CODED, ids=[f"{kind.__name__}-{one.name}" for kind, one in CODED]
)
def test_a_code_that_does_not_exist_is_refused_by_the_label_of_its_field(
    kind: type[ListFilter], one: FilterField
) -> None:
    with pytest.raises(BadQuery) as refused:
        kind.from_args(MultiDict({one.name: "surely"}))

    assert (refused.value.field, refused.value.label) == (one.name, one.label)
    assert list(refused.value.choices) == list(one.codes or ())
    # And those that exist have words.
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", one.codes.__name__).lower() if one.codes else ""
    assert (DATA_FOLDER / "sets" / f"{snake}.toml").exists()


def test_all_that_is_wrong_is_refused_together() -> None:
    args = args_of({"lifecycle": "x", "country": "XX", "colour": "red"})
    with pytest.raises(BadQuery) as refused:
        CaseFilter.from_args(args)

    told = [refused.value, *refused.value.others]
    assert {one.field for one in told} == {"lifecycle", "country", "colour"}


@EACH
def test_each_column_that_is_declared_is_one_of_the_record(
    app: Flask, kind: type[ListFilter]
) -> None:
    model = RECORDS[kind]
    for one in kind.declared_fields():
        found = kind.from_args(args_of({one.name: given(one)}))
        conditions = [str(condition) for condition in found.build_conditions(model)]
        assert len(conditions) == bool(one.column), one.name
        assert all(f".{one.column} " in condition for condition in conditions), one.name


def test_every_filter_is_tried_here(app: Flask) -> None:
    assert {one.__name__ for one in ListFilter.__subclasses__()} == {
        one.__name__ for one in FILTERS
    }


def test_the_last_day_lies_not_before_the_first() -> None:
    assert ArticleFilter.from_args(
        MultiDict({"from": "2025-03-04", "to": "2025-03-04"})
    ).latest == date(2025, 3, 4)
    for args, fields in (
        ({"from": "2025-03-04", "to": "2025-03-03"}, ["to"]),
        ({"from": "soon", "to": "2025-03-03"}, ["from"]),
        ({"from": "soon", "to": "later"}, ["from", "to"]),
    ):
        with pytest.raises(BadQuery) as refused:
            ArticleFilter.from_args(MultiDict(args))
        assert [one.field for one in (refused.value, *refused.value.others)] == fields


def test_a_report_is_of_the_months_asked_for() -> None:
    asked = MonthlyFilter.from_args(MultiDict({"month": "2025-06/2025-08"}))

    assert asked.months == MonthRange(date(2025, 6, 1), date(2025, 8, 1))
    assert asked.describe() == "June 2025 – August 2025, all countries"


@pytest.mark.parametrize(
    ("asked", "said"),
    [("Schemes", "called “Schemes”"), ("“Schemes” reporters", "called “Schemes” reporters")],
)
def test_words_that_bring_their_quotation_marks_get_no_others(asked: str, said: str) -> None:
    assert JournalistOrOutletFilter.from_args(MultiDict({"q": asked})).describe() == said
