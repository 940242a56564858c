"""Days are read as newsrooms write them; what is no full day is none."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.articles.written_dates import find_dates, resolve_publication_day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("4 June 2025", "2025-06-04"), ("June 4, 2025", "2025-06-04"), ("the 4th of June, 2025", "2025-06-04"),
        ("Sept. 4, 2025", "2025-09-04"), ("4 июня 2025 г.", "2025-06-04"), ("4 МАЯ 2025", "2025-05-04"),
        ("30 сен. 2025", "2025-09-30"), ("2025 жылғы 4 маусым", "2025-06-04"), ("2025 ж. 4 Маусым", "2025-06-04"),
        ("4 маусым 2025 жыл", "2025-06-04"), ("4-маусым, 2025", "2025-06-04"), ("2 қазан, 2025 ж.", "2025-10-02"),
        ("2024 жылғы 23 наурызда", "2024-03-23"), ("04.06.2025", "2025-06-04"), ("2025-06-04", "2025-06-04"),
        ("2025/06/04", "2025-06-04"), ("05/12/2025", "2025-12-05"), ("12/25/2025", "2025-12-25"),
    ],
)  # fmt: skip
def test_a_day_is_read(text: str, day: str) -> None:
    found = find_dates(f"Опубликовано {text}, 10:20")
    assert [written.day.isoformat() for written in found] == [day]


@pytest.mark.parametrize(
    "text",
    [
        "June 2025",
        "4 июня",
        "2025 жылғы оқиға",
        "31 June 2025",
        "№ 4/2025",
        "1.2.3.2025",
        "10:20",
        "4 Junes 2025",
        "12.2025",
        "4 мамандық 2025",
        "04.06.1825",
    ],
)
def test_what_is_no_full_day_is_none(text: str) -> None:
    assert find_dates(text) == []


def test_days_come_in_their_order_with_their_places() -> None:
    text = "5 May 2025, then 2025 жылғы 4 маусым, then 06.07.2025"
    found = find_dates(text)
    assert [text[one.start : one.end] for one in found] == [
        "5 May 2025",
        "2025 жылғы 4 маусым",
        "06.07.2025",
    ]


TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("written", "text", "day", "is_assumed"),
    [
        ("2024-05-16", "", date(2024, 5, 16), False),
        (None, "On Monday, 12 May", None, False),
        # Nothing tells the year: the last such day, and it is said that it is assumed.
        ("--05-16", "The editor came back in 2023.", date(2026, 5, 16), True),
        ("--12-16", "", date(2025, 12, 16), True),
        ("--02-29", "", date(2024, 2, 29), True),
        # A weekday beside a day tells it.
        (
            "--05-16",
            "On Monday, 12 May, a stone flew through the window.",
            date(2025, 5, 16),
            False,
        ),
        ("--05-16", "В среду, 14 мая, в редакцию пришли.", date(2025, 5, 16), False),
        ("--05-16", "12 мамыр, дүйсенбі күні терезе сынды.", date(2025, 5, 16), False),
        ("--01-02", "On Tuesday, December 30, the door was painted.", date(2026, 1, 2), False),
        # A weekday that such a day never had of late tells nothing.
        ("--05-16", "On Sunday, 12 May 1991", date(2026, 5, 16), True),
    ],
)
def test_the_year_of_a_day_without_one(
    written: str | None, text: str, day: date | None, is_assumed: bool
) -> None:
    assert resolve_publication_day(written, text, today=TODAY) == (day, is_assumed)
