"""Dates in words, as exactly as they are known."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from tracker.i18n import (
    format_date,
    format_datetime,
    localized_date,
    localized_day,
    localized_day_range,
    localized_edtf,
    use_language,
)
from tracker.when import Precision, When, parse_when

KNOWN_BY = date(2026, 3, 30)


@pytest.mark.parametrize(
    ("typed", "english"),
    [
        ("", "date unknown"),
        ("2025", "2025"),
        ("2025-06", "June 2025"),
        ("2025-06-04", "4 June 2025"),
        ("2024-12/2025-06", "December 2024 – June 2025"),
        ("2025-06-04/2025-06-07", "4–7 June 2025"),
        ("2025-06-04/2025-07-03", "4 June – 3 July 2025"),
        ("2024-12-30/2025-01-02", "30 December 2024 – 2 January 2025"),
        ("2025-06/2025-08", "June – August 2025"),
        ("2024/2025", "2024 – 2025"),
        ("2025-05~", "about May 2025"),
        ("before 2025-05", "before May 2025"),
        ("after 2025-06-04", "after 4 June 2025"),
        ("2025-22", "summer 2025"),
        ("2024-24", "winter 2024/2025"),
    ],
)
def test_a_date_is_said_as_exactly_as_it_is_known(typed: str, english: str):
    assert localized_date(parse_when(typed, latest_possible_date=KNOWN_BY)) == english


@pytest.mark.parametrize(
    ("code", "typed", "words"),
    [
        ("ru", "2025-06", "июнь 2025"),
        ("ru", "2025-06-04", "4 июня 2025"),
        ("ru", "before 2025-05", "мая 2025"),
        ("ru", "2024-12/2025-06", "декабрь 2024 – июнь 2025"),
        ("kk", "2025-06-04", "2025 ж. 4 маусым"),
        ("kk", "2025-06", "2025 ж. маусым"),
    ],
)
def test_months_have_the_form_that_the_language_asks_for(
    app: Flask, code: str, typed: str, words: str
):
    with app.test_request_context(), use_language(code):
        assert words in localized_date(parse_when(typed, latest_possible_date=KNOWN_BY))


RANGES = {
    "en": ("12–13 January 2013", "12 January – 3 February 2013", "June – August 2025"),
    "ru": ("12–13 января 2013", "12 января – 3 февраля 2013", "июнь – август 2025"),
    "kk": ("2013 ж. 12–13 қаңтар", "2013 ж. 12 қаңтар – 3 ақпан", "2025 ж. маусым – тамыз"),
}


@pytest.mark.parametrize("code", RANGES)
def test_a_range_says_once_what_its_ends_share_and_can_be_typed_so(app: Flask, code: str):
    typed = ("2013-01-12/2013-01-13", "2013-01-12/2013-02-03", "2025-06/2025-08")
    with app.test_request_context(), use_language(code):
        for text, words in zip(typed, RANGES[code], strict=True):
            when = parse_when(text, latest_possible_date=KNOWN_BY)
            assert localized_date(when) == words
            assert parse_when(words, latest_possible_date=KNOWN_BY) == when


@pytest.mark.parametrize(
    ("first", "last", "english"),
    [
        (date(2026, 2, 1), date(2026, 2, 28), "February 2026"),
        (date(2026, 2, 1), date(2026, 2, 27), "between 1 February 2026 and 27 February 2026"),
        (date(2025, 12, 1), date(2026, 1, 31), "between 1 December 2025 and 31 January 2026"),
    ],
)
def test_some_day_of_a_whole_month_is_said_by_the_month(first: date, last: date, english: str):
    assert localized_day_range(first, last) == english


def test_a_month_that_was_cut_where_it_became_known_is_still_that_month():
    cut = When(date(2025, 6, 1), date(2025, 6, 4), Precision.MONTH)
    assert localized_date(cut) == "June 2025"


@pytest.mark.parametrize("code", ["en", "ru", "kk"])
def test_days_and_moments_are_written_in_one_way_everywhere(app: Flask, code: str):
    # Five past nine in the evening, UTC, is the next morning in Almaty.
    moment = datetime(2026, 4, 16, 21, 5, tzinfo=UTC)
    with app.test_request_context(), use_language(code):
        day = localized_day(date(2026, 4, 17))

        assert format_date(date(2026, 4, 17)) == format_date(moment) == day
        assert format_datetime(moment) == format_datetime(moment, "medium") == f"{day}, 02:05"


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("2025-03-04", "4 марта 2025"),
        ("2025-05~", "примерно май 2025"),
        ("2024-12/2025-05", "декабрь 2024 – май 2025"),
        ("[2024-12-03..2025-05-04]", "3 декабря 2024 – 4 мая 2025"),
        ("[..2025-05-31]", "… – 31 мая 2025"),
        ("../2025-05-31", "… – 31 мая 2025"),
        ("2025-21/..", "весна 2025 – …"),
        ("../..", "… – …"),
    ],
)
def test_a_date_of_a_file_is_written_for_people(app: Flask, edtf: str, words: str) -> None:
    with app.app_context(), use_language("ru"):
        assert localized_edtf(edtf) == words
