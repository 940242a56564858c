"""Days are read as newsrooms write them; what is no full day is none."""

from __future__ import annotations

import pytest

from tracker.articles.written_dates import written_dates


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
    found = written_dates(f"Опубликовано {text}, 10:20")
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
    assert written_dates(text) == []


def test_days_come_in_their_order_with_their_places() -> None:
    text = "5 May 2025, then 2025 жылғы 4 маусым, then 06.07.2025"
    found = written_dates(text)
    assert [text[one.start : one.end] for one in found] == [
        "5 May 2025",
        "2025 жылғы 4 маусым",
        "06.07.2025",
    ]
