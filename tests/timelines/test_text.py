"""A timeline as text: every entry, quotation marks around what was said, sources as footnotes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.timelines.facts_made import at, fact
from tracker.articles.codes import Bearing
from tracker.i18n import use_language
from tracker.incidents.codes import Extent
from tracker.review.codes import EditorialState
from tracker.timelines.build import LabelledCode, Quote, Source, build_timeline
from tracker.timelines.codes import EntryKind
from tracker.timelines.text import date_label, timeline_text

FIRST = Source(
    "ART-1", "A house in Almaty", "Dala News", "https://example.org/a", at("2025-06-05"),
    "https://archive.example/a",
)  # fmt: skip
SECOND = Source("ART-2", "The police\nanswer", "", "", at("2025-06-07"))


def text(*facts):
    heading = ["Timeline: An affair", "", "retracted excluded"]
    return timeline_text(
        heading, build_timeline(facts), lambda one: f"https://t.example/{one.ref}/"
    )


def test_an_entry_says_when_what_whom_and_on_whose_word():
    visit = fact(
        "INC-1", "2025-06-03", EntryKind.INCIDENT, "visit", title="A visit",
        targets=("Asem Doe",), actors=("unknown",),
        quotes=(
            Quote("men came", FIRST),
            Quote("nobody had come", SECOND, Bearing.CONTRADICTS),
        ),
    )  # fmt: skip

    assert text(visit) == (
        "Timeline: An affair\n"
        "retracted excluded\n"
        "\n"
        "1. 3 June 2025. A visit\n"
        "   Incident\n"
        "   Visit\n"
        "   About: Asem Doe\n"
        "   By: unknown\n"
        "   “men came” [1]\n"
        "   Disputed by a source: “nobody had come” [2]\n"
        "\n"
        "Sources\n"
        "[1] A house in Almaty, Dala News, 5 June 2025. https://example.org/a. "
        "Archived: https://archive.example/a\n"
        "[2] The police answer, 7 June 2025\n"
    )


def test_words_that_nobody_said_so_stand_without_quotation_marks():
    answer = fact(
        "RSP-1", "2025-06-05", EntryKind.RESPONSE, "pledge",
        quotes=(
            Quote("He promised to look into it.", FIRST, quoted_act=LabelledCode("pledge", "Pledge"), is_direct=False),
        ),
    )  # fmt: skip

    assert "   Pledge: He promised to look into it. [1]\n" in text(answer)
    assert "“" not in text(answer)


def test_a_source_has_one_number_however_often_it_is_cited():
    facts = [
        fact(f"INC-{number}", f"2025-06-0{number}", quotes=(Quote(f"words {number}", FIRST),))
        for number in (1, 2)
    ]

    assert "“words 1” [1]" in text(*facts)
    assert "“words 2” [1]" in text(*facts)
    assert text(*facts).count("A house in Almaty") == 1


def test_a_source_that_is_hidden_has_no_number_and_no_note():
    told = text(fact("INC-1", "2025-06-01", quotes=(Quote("words", None),)))

    assert "“words” [a source that is not shown to you]" in told
    assert "Sources" not in told


def test_words_behind_a_warning_are_not_copied_and_the_text_says_where_they_are():
    closed = Quote("I will", FIRST, content_warning="A quote of a death threat; open it to read")
    told = text(fact("INC-1", "2025-06-01", quotes=(closed,)))

    assert "(closed quote: it is on the record’s page, https://t.example/INC-1/) [1]" in told
    assert "open it to read" not in told
    assert "I will" not in told


def test_a_date_is_as_exact_as_it_is_known_and_has_its_words():
    lasting = fact("INC-1", "2025-03~", extent=Extent.LASTING, is_ongoing=True)
    told = text(lasting, fact("ACC-1", "", EntryKind.ACCOUNT))

    assert "1. about March 2025, ongoing. Record INC-1" in told
    assert "2. date unknown, known by 20 June 2025. Record ACC-1" in told


def test_an_unknown_date_keeps_the_words_of_the_article():
    made = fact("ACC-1", "", EntryKind.ACCOUNT)
    undated = replace(made, when=replace(made.when, as_stated="mid-February"))

    assert "date unknown, known by 20 June 2025 (“mid-February”)" in text(undated)


@pytest.mark.parametrize(("code", "words"), [("ru", "продолжается"), ("kk", "жалғасып жатыр")])
def test_what_goes_on_is_said_and_not_asked(app, code, words):
    lasting = fact("INC-1", "2025-03~", extent=Extent.LASTING, is_ongoing=True)
    with app.test_request_context(), use_language(code):
        assert date_label(lasting).endswith(f", {words}")


def test_a_date_that_ends_a_title_is_said_once():
    told = text(fact("RSP-1", "2025-06-05", EntryKind.RESPONSE, title="Ministry, 5 June 2025"))

    assert "1. 5 June 2025. Ministry\n" in told


def test_what_became_of_a_record_later_is_said():
    told = text(
        fact("INC-1", "2025-06-01", state=EditorialState.RETRACTED),
        fact("INC-2", "2025-06-02", is_changed_later=True),
    )

    assert "Incident; Retracted" in told
    assert "Incident; changed since" in told


def test_what_nobody_has_approved_yet_says_so():
    assert "Incident; Draft\n" in text(fact("INC-1", "2025-06-01", state=EditorialState.DRAFT))
    assert "Approved" not in text(fact("INC-1", "2025-06-01", state=EditorialState.APPROVED))


def test_what_is_only_counted_is_left_out():
    assert text(fact("INC-1", "2025-06-01", is_outline=True)) == (
        "Timeline: An affair\nretracted excluded\n"
    )
