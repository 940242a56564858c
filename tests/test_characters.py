"""Texts in the form in which they are compared and searched."""

from __future__ import annotations

import sys

from tracker.i18n import normalise_for_comparison

SURROGATES = range(0xD800, 0xE000)


def test_no_character_makes_a_text_many_times_as_long() -> None:
    grown = {
        f"U+{point:04X}": len(normalise_for_comparison(chr(point)))
        for point in range(sys.maxunicode + 1)
        if point not in SURROGATES
    }
    assert {name: length for name, length in grown.items() if length > 6} == {}


def test_other_forms_of_letters_are_the_letters() -> None:
    assert normalise_for_comparison("ﬁle Ⅳ \ufdfa") == "file IV  "
