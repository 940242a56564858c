"""Quotes of several passages, rows that are split and joined, and what became of suggestions."""

from __future__ import annotations

import pytest

from tracker.incidents.codes import Extent
from tracker.intake.codes import SuggestionKind, SuggestionVerdict
from tracker.intake.confirm_service import (
    ConfirmedValue,
    confirmed_type_values,
    suggestion_outcomes,
)
from tracker.intake.drafts import Drafts, IncidentDraft, ResponseDraft, Suggestion
from tracker.intake.filling import update_dates
from tracker.intake.quoting import (
    format_sentence_numbers,
    join_passages,
    sentence_ranges,
    split_passages,
)
from tracker.intake.sheet import (
    MAX_ROWS_PER_KIND,
    MAX_SUBROWS,
    SubmittedRow,
    SubmittedRows,
)
from tracker.reader.text import Passage
from tracker.responses.codes import Stance, Standing


@pytest.mark.parametrize(
    ("typed", "passages"),
    [
        ("", []),
        ("12", ["12"]),
        ("5, 9-11", ["5", "9-11"]),
        ("5 ,9–11;5", ["5", "9–11"]),
        ("She was, they said, followed", ["She was, they said, followed"]),
        ("She was followed\n\nHe was not", ["She was followed", "He was not"]),
        ("two\nlines", ["two\nlines"]),
        ("5\n\nShe was", ["5", "She was"]),
    ],
)
def test_each_passage_is_read_by_itself(typed: str, passages: list[str]):
    assert split_passages(typed) == passages


def test_numbers_are_written_as_people_type_them():
    assert format_sentence_numbers([9, 5, 10, 11, 9]) == "5, 9-11"
    assert format_sentence_numbers([]) == ""
    assert sentence_ranges("5, 9-11") == [(5, 5), (9, 11)]


def test_passages_of_two_are_joined_without_losing_words():
    assert join_passages("5", "6, 9") == "5-6, 9"
    assert join_passages("", "6") == "6"
    assert join_passages("She was followed", "6") == "She was followed\n\n6"


ROWS = [
    ("csrf_token", "x"),
    ("incidents-0-use", "y"),
    ("incidents-0-types", "threat.death"),
    ("incidents-0-types", "threat.other"),
    ("incidents-0-came", "t1-threat.death t2-threat.other d9"),
    ("incidents-0-targets-0-who-name", "A"),
    ("incidents-0-targets-3-who-name", "B"),
    ("incidents-7-quote", "4"),
    ("incidents-7-types", "physical.assault"),
    ("incidents-7-targets-0-who-name", "a"),
    ("incidents-7-targets-1-who-name", "C"),
    ("accounts-1-handle", "@x"),
]


def test_rows_keep_their_order_and_whatever_was_typed():
    typed = SubmittedRows(ROWS).form_pairs()

    assert ("csrf_token", "x") in typed
    assert ("incidents-1-quote", "4") in typed
    assert ("incidents-0-targets-1-who-name", "B") in typed
    assert ("accounts-0-handle", "@x") in typed
    assert len(typed) == len(ROWS)


def test_a_split_stands_right_behind_what_it_was_split_from():
    sheet = SubmittedRows(ROWS)

    assert sheet.split_subrow("incidents", 0, 3)
    typed = sheet.form_pairs()
    assert ("incidents-1-targets-0-who-name", "B") in typed
    assert ("incidents-1-types", "threat.death") in typed
    assert ("incidents-2-quote", "4") in typed
    assert ("incidents-0-targets-1-who-name", "B") not in typed


def test_a_type_takes_its_own_suggestion_along():
    sheet = SubmittedRows(ROWS)

    assert sheet.split_type(0, "threat.other", {})
    typed = dict(sheet.form_pairs())
    assert typed["incidents-0-came"] == "t1-threat.death d9"
    assert typed["incidents-1-came"] == "t2-threat.other d9"


def split_threats(*, more: dict[str, str], at: dict[str, int]) -> tuple[SubmittedRow, SubmittedRow]:
    """Split `threat.other`, of sentences 2 and 3, from `threat.death`, of sentences 1 and 2. `at`:
    the sentences of the date d9 (2026-05) and of the place p7 (Oral).
    """

    def suggestion(key: str, value: str, *numbers: int) -> Suggestion:
        first, *other_passages = [Passage(number, number + 1, "w", number) for number in numbers]
        kind = {"t": SuggestionKind.TYPE, "d": SuggestionKind.DATE, "p": SuggestionKind.PLACE}
        return Suggestion(
            key, kind[key[0]], "", value, first, 1.0, "", other_passages=tuple(other_passages)
        )

    found = {
        "t1-threat.death": suggestion("t1-threat.death", "threat.death", 1, 2),
        "t2-threat.other": suggestion("t2-threat.other", "threat.other", 2, 3),
        "d9": suggestion("d9", "2026-05", at.get("d9", 9)),
        "p7": suggestion("p7", "Oral", at.get("p7", 9)),
    }
    row = {
        "came": "t1-threat.death t2-threat.other d9 p7",
        "quote": "1-4", "occurred-when": "2026-05", "occurred-as_stated": "in May", "dated": "2026-05",
        "place": "Oral", "region": "KZ-27", "country": "KZ",
    } | more  # fmt: skip
    rows = [("types", "threat.death"), ("types", "threat.other"), *row.items()]
    sheet = SubmittedRows([(f"incidents-0-{name}", text) for name, text in rows])
    assert sheet.split_type(0, "threat.other", found)
    first, second = sheet.rows["incidents"].values()
    return first, second


@pytest.mark.parametrize(
    ("quote", "halves"),
    [
        ("1-4", ("1-2, 4", "2-3")),
        ("2-3", ("2", "2-3")),
        ("1", ("1", "1")),
        ("She was told", ("She was told", "She was told")),
        ("1-999999", ("1-999999", "1-999999")),
    ],
    ids=["all", "some", "none of its own", "words", "no sentences"],
)
def test_a_type_takes_the_sentences_that_report_it_along(quote: str, halves: tuple[str, str]):
    rows = split_threats(more={"quote": quote}, at={})

    assert tuple(one.get_value("quote") for one in rows) == halves


@pytest.mark.parametrize(
    ("at", "more", "dates", "places"),
    [
        ({"d9": 3, "p7": 1}, {}, ("", "2026-05"), ("Oral", "")),
        ({"d9": 2, "p7": 2}, {}, ("2026-05", "2026-05"), ("Oral", "Oral")),
        ({}, {}, ("2026-05", "2026-05"), ("Oral", "Oral")),
        (
            {"d9": 3, "p7": 3},
            {"occurred-when": "2026-04", "place": "Taraz"},
            ("2026-04", "2026-04"),
            ("Taraz", "Taraz"),
        ),
    ],
    ids=["of one", "of both", "of neither", "typed"],
)
def test_date_and_place_stay_with_the_half_whose_sentences_say_them(
    at: dict[str, int], more: dict[str, str], dates: tuple[str, str], places: tuple[str, str]
):
    rows = split_threats(more=more, at=at)

    assert tuple(one.get_value("occurred-when") for one in rows) == dates
    assert tuple(bool(one.get_value("occurred-as_stated")) for one in rows) == tuple(
        map(bool, dates)
    )
    assert tuple(one.get_value("place") for one in rows) == places
    assert tuple(bool(one.get_value("region")) for one in rows) == tuple(map(bool, places))
    assert {one.get_value("country") for one in rows} == {"KZ"}


def test_who_is_named_in_both_is_named_once_when_they_are_joined():
    sheet = SubmittedRows(ROWS)

    assert sheet.merge_with_previous("incidents", 7)
    typed = sheet.form_pairs()
    names = [text for name, text in typed if name.endswith("who-name")]
    assert names == ["A", "B", "C"]
    assert [text for name, text in typed if name.endswith("-types")] == [
        "threat.death", "threat.other", "physical.assault",
    ]  # fmt: skip
    assert ("incidents-0-quote", "4") in typed


@pytest.mark.parametrize(
    ("ticked", "joined"),
    [(("0", ""), []), (("", "0"), []), (("0", "1"), ["0", "1"])],
    ids=["first", "second", "both"],
)
def test_a_response_that_answers_all_incidents_still_does_when_it_is_joined(
    ticked: tuple[str, str], joined: list[str]
):
    sheet = SubmittedRows(
        [(f"responses-{number}-answers_scope", "incidents") for number in range(2)]
        + [(f"responses-{number}-answers", one) for number, one in enumerate(ticked) if one]
    )

    assert sheet.merge_with_previous("responses", 1)
    assert sheet.rows["responses"][0].get_values("answers") == joined


def incident_of(key: str, when: str) -> IncidentDraft:
    """Return an incident of one type that was suggested, with a date or without one."""
    passage = Passage(1, 2, "w", 1)
    kind = Suggestion(key, SuggestionKind.TYPE, "threat.other", "threat.other", passage, 1.0, "")
    date = Suggestion("d" + key, SuggestionKind.DATE, "", when, passage, 1.0, "", is_strong=True)
    return IncidentDraft(types=[kind], targets=[], quote="1", when=date if when else None)


@pytest.mark.parametrize(
    ("came", "stood", "when", "told"),
    [
        ("t1", "", "", "2026-05"),
        ("t1 dt1", "2025-05", "2025-05", "2026-05"),
        ("t1", "2025-05", "2025-06", "2025-06"),
        ("t2 t1", "", "", "2026-05"),
        ("t2 dt2", "2025-05", "2025-05", ""),
        ("", "", "", ""),
    ],
    ids=["new", "other", "typed over", "joined", "gone", "added by hand"],
)
def test_a_date_is_counted_anew_unless_somebody_typed_another_one(
    came: str, stood: str, when: str, told: str
):
    sheet = SubmittedRows(
        [
            ("incidents-0-came", came),
            ("incidents-0-dated", stood),
            ("incidents-0-occurred-when", when),
        ]
    )
    drafts = Drafts([incident_of("t2", ""), incident_of("t1", "2026-05")])

    assert update_dates(sheet, drafts) is (told != when)
    assert sheet.rows["incidents"][0].get_value("occurred-when") == told
    assert not update_dates(sheet, drafts)


@pytest.mark.parametrize(
    ("extent", "suggested", "quote", "expected"),
    [
        ("once", "once", "3", ("lasting", "1, 3")),
        ("repeated", "once", "3", ("repeated", "1, 3")),
        ("once", "once", "1-2", ("lasting", "1-2")),
        ("once", "once", "She was followed", ("lasting", "She was followed\n\n1")),
    ],
    ids=["as suggested", "chosen", "quoted already", "in words"],
)
def test_a_new_period_sets_frequency_and_quote_unless_somebody_chose(
    extent: str, suggested: str, quote: str, expected: tuple[str, str]
):
    typed = {"came": "t1", "extent": extent, "suggested_extent": suggested, "quote": quote}
    sheet = SubmittedRows([(f"incidents-0-{name}", text) for name, text in typed.items()])
    draft = incident_of("t1", "2026-01/2026-05")
    draft.extent = Extent.LASTING

    assert update_dates(sheet, Drafts([draft]))
    row = sheet.rows["incidents"][0]
    assert (row.get_value("extent"), row.get_value("quote")) == expected
    assert row.get_value("suggested_extent") == "lasting"


def test_a_date_that_several_incidents_have_gives_it_to_none_that_lost_it():
    lost, kept, too = incident_of("t1", ""), incident_of("t2", "2026-05"), incident_of("t3", "")
    too.when = kept.when
    typed = {"came": "t1 dt2", "dated": "2025-05", "occurred-when": "2025-05"}
    sheet = SubmittedRows([(f"incidents-0-{name}", text) for name, text in typed.items()])

    assert update_dates(sheet, Drafts([lost, kept, too]))
    assert sheet.rows["incidents"][0].get_value("occurred-when") == ""


def test_the_date_of_a_response_is_counted_anew_like_that_of_an_incident():
    date = Suggestion("w1", SuggestionKind.DATE, "", "2026-05-11", Passage(1, 2, "w", 1), 1.0, "")
    said = Suggestion("r1", SuggestionKind.RESPONSE, "", "Police", Passage(1, 2, "w", 1), 1.0, "")
    draft = ResponseDraft(
        said, "", "", "Police", None, Standing.RESPONSIBLE_STATE, Stance.UNCLEAR, [], when=date
    )
    typed = [("came", "r1"), ("dated", "2025-05-11"), ("made-when", "2025-05-11")]
    sheet = SubmittedRows([(f"responses-0-{name}", text) for name, text in typed])

    assert update_dates(sheet, Drafts(responses=[draft]))
    assert sheet.rows["responses"][0].get_value("made-when") == "2026-05-11"
    assert not update_dates(sheet, Drafts(responses=[draft]))


def test_the_last_target_and_the_last_type_are_never_split_off():
    sheet = SubmittedRows([("incidents-0-types", "other"), ("incidents-0-targets-0-who-name", "A")])

    assert not sheet.split_subrow("incidents", 0, 0)
    assert not sheet.split_type(0, "other", {})
    assert not sheet.merge_with_previous("incidents", 0)


def test_a_form_does_not_grow_without_end():
    sheet = SubmittedRows(ROWS)

    assert [sheet.add_row("accounts", [("quote", "1")]) for _time in range(MAX_ROWS_PER_KIND)][
        -2:
    ] == [
        True,
        False,
    ]
    added = [sheet.add_subrow("incidents", 0) for _time in range(MAX_SUBROWS)]
    assert added.count(True) == MAX_SUBROWS - 2


def suggested(code: str, start: int = 0) -> Suggestion:
    passage = Passage(start, start + 5, "words", 1)
    return Suggestion(f"t{start}-{code}", SuggestionKind.TYPE, code, code, passage, 0.8, "")


def test_a_suggestion_that_two_records_took_over_was_accepted_once():
    one = suggested("threat.other")
    said = [
        ConfirmedValue(one.kind, one.code, one.key),
        ConfirmedValue(one.kind, one.code, one.key, is_as_suggested=True),
    ]

    (outcome,) = suggestion_outcomes({one.key: one}, said)
    assert (outcome.verdict, outcome.score) == (SuggestionVerdict.ACCEPTED, 80)


def test_a_key_that_nobody_gave_is_something_added():
    (outcome,) = suggestion_outcomes(
        {}, [ConfirmedValue(SuggestionKind.TYPE, "other", "t5-other", is_as_suggested=True)]
    )

    assert (outcome.verdict, outcome.score) == (SuggestionVerdict.ADDED, None)


def test_a_type_in_the_place_of_another_is_a_change_and_one_beside_it_is_added():
    types = [suggested("threat.other"), suggested("physical.assault", 9)]

    said = confirmed_type_values(types, ["threat.death", "physical.assault", "other"])
    assert [(one.code, one.suggestion_key, one.is_as_suggested) for one in said] == [
        ("physical.assault", "t9-physical.assault", True),
        ("threat.other", "t0-threat.other", False),
        ("other", "", False),
    ]
