"""What staff type as a date becomes the right days, comes back as typed, and leaves as EDTF."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.when import (
    OPEN_START,
    Precision,
    When,
    WhenError,
    WhenErrorReason,
    count_days,
    format_edtf,
    format_when,
    has_day_between,
    parse_when,
)

KNOWN_BY = date(2026, 6, 10)


def read(text: str, latest_possible_date: date = KNOWN_BY) -> When:
    """Parse with the day of the article that most tests share."""
    return parse_when(text, latest_possible_date=latest_possible_date)


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "precision"),
    [
        ("2025", "2025-01-01", "2025-12-31", "year"),
        ("2025-02", "2025-02-01", "2025-02-28", "month"),
        ("2024-02", "2024-02-01", "2024-02-29", "month"),
        ("2025-03-04", "2025-03-04", "2025-03-04", "day"),
        ("04.03.2025", "2025-03-04", "2025-03-04", "day"),
        ("4.3.2025", "2025-03-04", "2025-03-04", "day"),
        ("16 May 2025", "2025-05-16", "2025-05-16", "day"),
        ("May 16, 2025", "2025-05-16", "2025-05-16", "day"),
        ("16th of may 2025", "2025-05-16", "2025-05-16", "day"),
        ("3 Sept. 2025", "2025-09-03", "2025-09-03", "day"),
        ("16.05.2025", "2025-05-16", "2025-05-16", "day"),
        ("16/05/2025", "2025-05-16", "2025-05-16", "day"),
        ("16 мая 2025 г.", "2025-05-16", "2025-05-16", "day"),
        ("16 мая 2025 года", "2025-05-16", "2025-05-16", "day"),
        ("16.05.2025 г.", "2025-05-16", "2025-05-16", "day"),
        ("2025 жылғы 16 мамыр", "2025-05-16", "2025-05-16", "day"),
        ("2025 жылдың 16 мамыры", "2025-05-16", "2025-05-16", "day"),
        ("16 мамыр 2025 ж.", "2025-05-16", "2025-05-16", "day"),
        ("May 2025", "2025-05-01", "2025-05-31", "month"),
        ("Май 2025", "2025-05-01", "2025-05-31", "month"),
        ("май 2025 г.", "2025-05-01", "2025-05-31", "month"),
        ("2025 май", "2025-05-01", "2025-05-31", "month"),
        ("2025 жылғы мамыр", "2025-05-01", "2025-05-31", "month"),
        ("2025 ж. желтоқсан", "2025-12-01", "2025-12-31", "month"),
        ("2025 г.", "2025-01-01", "2025-12-31", "year"),
        ("2025 год", "2025-01-01", "2025-12-31", "year"),
        ("2025 жыл", "2025-01-01", "2025-12-31", "year"),
        ("16 May 2025/18 May 2025", "2025-05-16", "2025-05-18", "range"),
        ("before May 2025", "0001-01-01", "2025-04-30", "before"),
        ("до 16 мая 2025 г.", "0001-01-01", "2025-05-15", "before"),
        ("2025 жылғы мамырға дейін", "0001-01-01", "2025-04-30", "before"),
        ("после мая 2025", "2025-06-01", "2026-06-10", "after"),
        ("май 2025 ~", "2025-05-01", "2025-05-31", "approximate"),
        ("2024-12/2025-06", "2024-12-01", "2025-06-30", "range"),
        ("Dec 2024 – Jun 2025", "2024-12-01", "2025-06-30", "range"),
        ("дек. 2024 - июнь 2025", "2024-12-01", "2025-06-30", "range"),
        ("2024–2025", "2024-01-01", "2025-12-31", "range"),
        ("01.02.2025—05.02.2025", "2025-02-01", "2025-02-05", "range"),
        ("about May 2025", "2025-05-01", "2025-05-31", "approximate"),
        ("около мая 2025", "2025-05-01", "2025-05-31", "approximate"),
        ("шамамен 2025 жылғы мамыр", "2025-05-01", "2025-05-31", "approximate"),
        (" 2024-12 / 2025-06-07 ", "2024-12-01", "2025-06-07", "range"),
        ("2025-03/2025", "2025-03-01", "2025-12-31", "range"),
        ("spring 2025/2025-23", "2025-03-01", "2025-11-30", "range"),
        ("01.02.2025/05.02.2025", "2025-02-01", "2025-02-05", "range"),
        ("2025-05~", "2025-05-01", "2025-05-31", "approximate"),
        ("2025 ~", "2025-01-01", "2025-12-31", "approximate"),
        ("before 2025-05", "0001-01-01", "2025-04-30", "before"),
        ("Before 2025", "0001-01-01", "2024-12-31", "before"),
        ("до 04.03.2025", "0001-01-01", "2025-03-03", "before"),
        ("2025-05-ке дейін", "0001-01-01", "2025-04-30", "before"),
        ("2025 көктемге дейін", "0001-01-01", "2025-02-28", "before"),
        ("before 2030", "0001-01-01", "2026-06-10", "before"),
        ("after 2025-05", "2025-06-01", "2026-06-10", "after"),
        ("после 2025-12-31", "2026-01-01", "2026-06-10", "after"),
        ("2025-тен кейін", "2026-01-01", "2026-06-10", "after"),
        ("2025-21", "2025-03-01", "2025-05-31", "season"),
        ("2024-24", "2024-12-01", "2025-02-28", "season"),
        ("winter 2023", "2023-12-01", "2024-02-29", "season"),
        ("Autumn 2025", "2025-09-01", "2025-11-30", "season"),
        ("лето 2025", "2025-06-01", "2025-08-31", "season"),
        ("осенью 2025", "2025-09-01", "2025-11-30", "season"),
        ("2025 жаз", "2025-06-01", "2025-08-31", "season"),
        ("қыс 2024", "2024-12-01", "2025-02-28", "season"),
        ("mid-February 2019", "2019-02-11", "2019-02-20", "range"),
        ("early February 2019", "2019-02-01", "2019-02-10", "range"),
        ("at the end of February 2019", "2019-02-21", "2019-02-28", "range"),
        ("late 2019", "2019-10-01", "2019-12-31", "range"),
        ("середина февраля 2019", "2019-02-11", "2019-02-20", "range"),
        ("в начале февраля 2019 г.", "2019-02-01", "2019-02-10", "range"),
        ("конец 2019 года", "2019-10-01", "2019-12-31", "range"),
        ("2019 жылғы ақпанның ортасы", "2019-02-11", "2019-02-20", "range"),
        ("2019 жылғы ақпан айының басында", "2019-02-01", "2019-02-10", "range"),
        ("2019 жылдың соңында", "2019-10-01", "2019-12-31", "range"),
        ("before mid-February 2019", "0001-01-01", "2019-02-10", "before"),
        ("about mid-2019", "2019-05-01", "2019-08-31", "range"),
        ("mid-May 2025 – late 2025", "2025-05-11", "2025-12-31", "range"),
        ("12–13 January 2013", "2013-01-12", "2013-01-13", "range"),
        ("12-13 January 2013", "2013-01-12", "2013-01-13", "range"),
        ("12 January – 3 February 2013", "2013-01-12", "2013-02-03", "range"),
        ("12–13 января 2013 г.", "2013-01-12", "2013-01-13", "range"),
        ("12 января – 3 февраля 2013", "2013-01-12", "2013-02-03", "range"),
        ("2013 ж. 12–13 қаңтар", "2013-01-12", "2013-01-13", "range"),
        ("2013 ж. 12 қаңтар – 3 ақпан", "2013-01-12", "2013-02-03", "range"),
        ("June – August 2025", "2025-06-01", "2025-08-31", "range"),
        ("2025 ж. маусым – тамыз", "2025-06-01", "2025-08-31", "range"),
    ],
)
def test_what_is_typed_becomes_these_days(
    text: str, earliest: str, latest: str, precision: str
) -> None:
    when = read(text)
    assert (when.earliest.isoformat(), when.latest.isoformat()) == (earliest, latest)
    assert when.precision == precision


def test_nothing_typed_is_an_unknown_date_up_to_the_day_it_was_known() -> None:
    when = read("  ")
    assert when == When(OPEN_START, KNOWN_BY, Precision.UNKNOWN)
    assert format_when(when) == ""


@pytest.mark.parametrize("text", ["2026", "2026-06", "2026-22", "2026-06~"])
def test_a_period_that_still_runs_ends_on_the_day_it_was_known(text: str) -> None:
    assert read(text).latest == KNOWN_BY


def test_the_words_of_the_article_are_kept_beside_the_days() -> None:
    when = parse_when("2025", latest_possible_date=KNOWN_BY, as_stated="in recent months")
    assert when.as_stated == "in recent months"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("yesterday", WhenErrorReason.NOT_UNDERSTOOD),
        ("03/04/2025", WhenErrorReason.AMBIGUOUS),
        ("3-4-2025", WhenErrorReason.AMBIGUOUS),
        ("03.04.25", WhenErrorReason.AMBIGUOUS),
        ("16.05.25", WhenErrorReason.AMBIGUOUS),
        ("16 May 25", WhenErrorReason.AMBIGUOUS),
        ("16 May", WhenErrorReason.AMBIGUOUS),
        ("16 мая", WhenErrorReason.AMBIGUOUS),
        ("мамыр", WhenErrorReason.AMBIGUOUS),
        ("31 апреля 2025", WhenErrorReason.NO_SUCH_DAY),
        ("05/31/2025", WhenErrorReason.AMBIGUOUS),
        ("marmalade 2025", WhenErrorReason.NOT_UNDERSTOOD),
        ("16 мая 1825 г.", WhenErrorReason.TOO_EARLY),
        ("1 July 2026", WhenErrorReason.IN_THE_FUTURE),
        ("2025-3-4", WhenErrorReason.NOT_UNDERSTOOD),
        ("2025/", WhenErrorReason.NOT_UNDERSTOOD),
        ("2025 –", WhenErrorReason.NOT_UNDERSTOOD),
        ("2023 – 2024 – 2025", WhenErrorReason.NOT_UNDERSTOOD),
        ("about", WhenErrorReason.NOT_UNDERSTOOD),
        ("mid-February", WhenErrorReason.AMBIGUOUS),
        ("ақпанның ортасы", WhenErrorReason.AMBIGUOUS),
        ("early 16 May 2025", WhenErrorReason.NOT_UNDERSTOOD),
        ("early late 2025", WhenErrorReason.NOT_UNDERSTOOD),
        ("16 May – 18 May", WhenErrorReason.AMBIGUOUS),
        ("12–13", WhenErrorReason.NOT_UNDERSTOOD),
        ("30–31 April 2025", WhenErrorReason.NO_SUCH_DAY),
        ("13–12 January 2013", WhenErrorReason.REVERSED),
        ("late 2026", WhenErrorReason.IN_THE_FUTURE),
        ("Jun 2025 – Dec 2024", WhenErrorReason.REVERSED),
        ("before", WhenErrorReason.NOT_UNDERSTOOD),
        ("before after 2025", WhenErrorReason.NOT_UNDERSTOOD),
        ("202\u0665", WhenErrorReason.NOT_UNDERSTOOD),
        ("２０２５", WhenErrorReason.NOT_UNDERSTOOD),
        ("2025\x00", WhenErrorReason.NOT_UNDERSTOOD),
        ("\ud800", WhenErrorReason.NOT_UNDERSTOOD),
        ("2" * 5000, WhenErrorReason.NOT_UNDERSTOOD),
        ("2025-02-29", WhenErrorReason.NO_SUCH_DAY),
        ("31.04.2025", WhenErrorReason.NO_SUCH_DAY),
        ("2025-13", WhenErrorReason.NO_SUCH_DAY),
        ("2025-00", WhenErrorReason.NO_SUCH_DAY),
        ("9999-24", WhenErrorReason.NO_SUCH_DAY),
        ("0225", WhenErrorReason.TOO_EARLY),
        ("0000-01-01", WhenErrorReason.TOO_EARLY),
        ("2025-06/2024-12", WhenErrorReason.REVERSED),
        ("2026-06-11", WhenErrorReason.IN_THE_FUTURE),
        ("2026-07", WhenErrorReason.IN_THE_FUTURE),
        ("2027~", WhenErrorReason.IN_THE_FUTURE),
        ("2025/2026-06-11", WhenErrorReason.IN_THE_FUTURE),
        ("2026-07/2026", WhenErrorReason.IN_THE_FUTURE),
        ("after 2026-06-10", WhenErrorReason.IN_THE_FUTURE),
        ("after 9999-12-31", WhenErrorReason.IN_THE_FUTURE),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(text: str, reason: WhenErrorReason) -> None:
    with pytest.raises(WhenError) as refused:
        read(text)
    assert refused.value.reason == reason
    assert refused.value.args[0].endswith(".")


def test_an_interval_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before the beginning"):
        When(date(2025, 2, 1), date(2025, 1, 1), Precision.RANGE)


past_days = st.dates(min_value=date(1900, 1, 2), max_value=KNOWN_BY - timedelta(days=400))
past_years = st.integers(1901, 2024)
units = st.one_of(
    past_days.map(date.isoformat),
    past_days.map("{:%Y-%m}".format),
    past_years.map(str),
    st.tuples(past_years, st.integers(21, 24)).map(lambda pair: f"{pair[0]}-{pair[1]}"),
)
simple_forms = st.one_of(
    units,
    units.map("{}~".format),
    units.map("before {}".format),
    units.map("after {}".format),
)


@given(simple_forms, st.dates(min_value=KNOWN_BY - timedelta(days=900), max_value=KNOWN_BY))
def test_what_is_typed_back_means_the_same_again(text: str, latest_possible_date: date) -> None:
    try:
        when = parse_when(text, latest_possible_date=latest_possible_date)
    except WhenError as error:
        assert error.reason == WhenErrorReason.IN_THE_FUTURE  # noqa: PT017 (short of the latest possible date, that is right)
        return
    assert parse_when(format_when(when), latest_possible_date=latest_possible_date) == when


@given(units, units)
def test_a_range_typed_back_means_the_same_again(start: str, end: str) -> None:
    try:
        when = read(f"{start}/{end}")
    except WhenError as error:
        assert error.reason == WhenErrorReason.REVERSED  # noqa: PT017 (half of all random ranges are)
        return
    assert when.precision == Precision.RANGE
    assert read(format_when(when)) == when


@given(st.text(max_size=80))
def test_any_text_is_a_date_or_a_refusal_in_words(text: str) -> None:
    try:
        when = read(text)
    except WhenError:
        return
    assert when.earliest <= when.latest <= KNOWN_BY


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("04.03.2025", "2025-03-04"),
        ("summer 2025", "2025-22"),
        ("2023-01/2024-12", "2023/2024"),
        ("2025/2025", "2025-01/2025-12"),
        ("mid-February 2019", "2019-02-11/2019-02-20"),
        ("до 2025-01", "before 2025"),
        ("after 2025-12", "after 2025"),
        ("after 2025-05-31", "after 2025-05"),
        ("2025-22~", "2025-22~"),
        ("2025-03-04~", "2025-03-04~"),
        ("2026", "2026"),
    ],
)
def test_the_shortest_form_is_typed_back(text: str, back: str) -> None:
    assert format_when(read(text)) == back


@pytest.mark.parametrize(
    ("text", "once", "lasting", "ongoing"),
    [
        ("2025", "2025", "2025", "2025/.."),
        ("2025-05", "2025-05", "2025-05", "2025-05/.."),
        ("2025-03-04", "2025-03-04", "2025-03-04", "2025-03-04/.."),
        ("spring 2025", "2025-21", "2025-21", "2025-21/.."),
        ("2025-05~", "2025-05~", "2025-05~", "2025-05~/.."),
        (
            "2024-12/2025-06",
            "[2024-12..2025-06]",
            "2024-12/2025-06",
            "2024-12/..",
        ),
        ("before 2025-05", "[..2025-04-30]", "../2025-04-30", "../.."),
        (
            "after 2025-05",
            "[2025-06-01..2026-06-10]",
            "2025-06-01/2026-06-10",
            "2025-06-01/..",
        ),
        ("", "[..2026-06-10]", "../2026-06-10", "../.."),
    ],
)
def test_edtf_tells_one_event_in_an_interval_from_what_lasted(
    text: str, once: str, lasting: str, ongoing: str
) -> None:
    when = read(text)
    assert format_edtf(when) == once
    assert format_edtf(when, extent="lasting") == format_edtf(when, extent="repeated") == lasting
    assert format_edtf(when, extent="lasting", ongoing=True) == ongoing


def test_search_finds_what_touches_the_days_asked_for() -> None:
    may = read("2025-05")
    assert has_day_between(may, None, None)
    assert has_day_between(may, date(2025, 5, 31), None)
    assert has_day_between(may, None, date(2025, 5, 1))
    assert not has_day_between(may, date(2025, 6, 1), None)
    assert not has_day_between(may, None, date(2025, 4, 30))
    assert has_day_between(read(""), date(2020, 1, 1), date(2020, 1, 2))


def test_both_ends_of_an_interval_are_counted() -> None:
    assert count_days(read("2025-03-04")) == 1
    assert count_days(read("2025-02")) == 28
