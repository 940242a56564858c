"""What stands beside a date: where a period begins or ends, its hour, and whether it is to come."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.dates.phrases import SPACE, date_words

if TYPE_CHECKING:
    from tracker.intake.reading.dates.phrases import Spotted

# A cue counts within so many letters before and after a date, in its sentence.
REACH_BEFORE, REACH_AFTER = 70, 45
# The word beside a date is no longer than this.
REACH_BESIDE = 20
NEVER = re.compile(r"(?!)")
# Another clause: what stands beyond it says nothing of the date.
BREAK = re.compile(r"[;:()—«»“”\"]|, (?:and|but|а|но|ал)\b")
COMMA = re.compile(r"[;:()—«»“”\",]")


class DateCues:
    """The words of a language that stand beside dates, compiled."""

    def __init__(self, language: str) -> None:
        words = date_words(language)

        def made(section: str, name: str, form: str) -> re.Pattern[str]:
            body = words.pattern(section, name)
            return re.compile(form.format(body)) if body else NEVER

        before, own, after = rf"(?<!\w)(?:{{}}){SPACE}$", rf"(?:{{}}){SPACE}", r"\s+(?:{})(?!\w)"
        around = words.data.get("around", {})
        self.since = (made("bounds", "since_before", before), made("bounds", "since_before", own))
        self.since_after = made("bounds", "since_after", after)
        self.until = (made("bounds", "until_before", before), made("bounds", "until_before", own))
        self.until_after = made("bounds", "until_after", after)
        self.whole = made("bounds", "whole", r"(?<!\w)(?:{})(?!\w)")
        self.future = made("cues", "future", r"(?<!\w)(?:{})(?!\w)")
        self.history = made("cues", "history", r"(?<!\w)(?:{})(?!\w)")
        self.statement = made("cues", "statement", r"(?<!\w)(?:{})(?!\w)")
        self.hour_before = _hour(around.get("before"), rf"(?<!\w)(?:(?:{{}}){SPACE})+$")
        self.hour_after = _hour(around.get("after"), rf"(?:{SPACE}(?:{{}})(?!\w))+")

    def begins(self, text: str, spotted: Spotted) -> bool:
        """Say whether a period begins with the date ("since January")."""
        return _bounds(text, spotted, self.since, self.since_after)

    def ends(self, text: str, spotted: Spotted) -> bool:
        """Say whether the date is the border at which something ends or is due."""
        return _bounds(text, spotted, self.until, self.until_after)

    def is_whole(self, text: str, spotted: Spotted) -> bool:
        """Say whether all of the time is meant ("throughout 2025")."""
        inside = text[spotted.start : spotted.end]
        before = text[max(0, spotted.start - REACH_BESIDE) : spotted.start].split()
        after = text[spotted.end : spotted.end + REACH_BESIDE].split()
        return self.whole.search(" ".join([*before[-1:], inside, *after[:1]])) is not None

    def is_to_come(self, text: str, spotted: Spotted) -> bool:
        """Say whether the words around speak of what is still to come."""
        return self.future.search(_around(text, spotted, BREAK)) is not None

    def is_history(self, text: str, spotted: Spotted) -> bool:
        """Say whether the date is one of a life, a law or a document."""
        return self.history.search(_around(text, spotted, COMMA)) is not None

    def is_statement(self, text: str, spotted: Spotted) -> bool:
        """Say whether it is the date on which somebody spoke of what had happened."""
        return self.statement.search(_around(text, spotted, COMMA)) is not None

    def widened(self, text: str, spotted: Spotted) -> tuple[int, int]:
        """Return the place of the date with the hour that the sentence gives beside it."""
        reach = max(0, spotted.start - REACH_BEFORE)
        before = self.hour_before.search(text, reach, spotted.start)
        after = self.hour_after.match(text, spotted.end)
        return (
            before.start() if before else spotted.start,
            after.end() if after else spotted.end,
        )


@cache
def date_cues(language: str) -> DateCues:
    """Return the words of a language that stand beside dates."""
    return DateCues(language)


def _hour(body: str | None, form: str) -> re.Pattern[str]:
    return re.compile(form.format(body.replace(" ", r"\s"))) if body else NEVER


def _bounds(
    text: str, spotted: Spotted, before: tuple[re.Pattern[str], ...], after: re.Pattern[str]
) -> bool:
    outside, inside = before
    return bool(
        outside.search(text[max(0, spotted.start - REACH_BEFORE) : spotted.start])
        or inside.match(text, spotted.start, spotted.end)
        or after.match(text, spotted.end)
    )


def _around(text: str, spotted: Spotted, ends: re.Pattern[str]) -> str:
    """Return the clause of a date, as far as words there bear on it."""
    before = text[max(0, spotted.start - REACH_BEFORE) : spotted.start]
    after = text[spotted.end : spotted.end + REACH_AFTER]
    return f"{ends.split(before)[-1]} {ends.split(after)[0]}"
