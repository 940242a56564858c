"""The dates and periods of events in an article, most likely first.

Words next to a date ("cues") show whether a period begins or ends there, its hour, and whether it
is in the future.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import NamedTuple

from tracker.reader.acts.finding import find_acts
from tracker.reader.dates.days import (
    ABSOLUTE_DATE_RESOLVERS,
    RELATIVE_DATE_RESOLVERS,
    DateAnchors,
    DatePhrase,
    DayRange,
)
from tracker.reader.dates.phrases import (
    NO_EVENT_SECTION,
    SPACE_REGEX,
    YEAR_REGEX,
    DateLexicon,
    DateMatch,
    load_date_lexicon,
)
from tracker.reader.found import FoundAct, FoundDate, Reality
from tracker.reader.lines import content_lines, dateline_length
from tracker.reader.text import ArticleText, Line
from tracker.when import DECEMBER, Precision, When

# How many letters before and after a date, in its sentence, are searched for words about it.
CUE_REACH_BEFORE, CUE_REACH_AFTER = 70, 45
# How many characters beside a date are searched for the word next to it.
MAX_NEIGHBOUR_CHARACTERS = 20
MATCHES_NOTHING_PATTERN = re.compile(r"(?!)")
# Marks and words of another clause: what is beyond them does not apply to the date.
CLAUSE_BREAK_PATTERN = re.compile(r"[;:()—«»“”\"]|, (?:and|but|а|но|ал)\b")
# Marks of another clause, and the comma. Words beyond them do not show that the date belongs to
# history, or to a statement about an earlier event.
CLAUSE_BREAK_OR_COMMA_PATTERN = re.compile(r"[;:()—«»“”\",]")
# A report on a year has the year at one end of its headline, and is published within this many
# years.
HEADING_YEAR_PATTERN, MAX_REPORT_AGE_YEARS = (
    re.compile(rf"^\W*({YEAR_REGEX})(?!\w)|(?<!\w)({YEAR_REGEX})\W*$"),
    2,
)
# A year outside of any date phrase.
BARE_YEAR_PATTERN = re.compile(rf"(?<![\w.,/-]){YEAR_REGEX}(?![\w,/-])")
# Kinds of date phrases that, with "since" or "until" next to them, are the beginning or end of a
# period ("since May").
PERIOD_BOUND_KINDS = {
    "day", "month", "part_of_month", "part_of_year", "season", "year", "weekday", "last_weekday",
}  # fmt: skip
# Kinds that last from one day to another. Other dates ("in 2025", "in the night") say within which
# days something happened.
PERIOD_KINDS = {"days", "months", "years", "past_n"}
# How likely a date phrase of each kind is the date of the event, 0 to 1, before the words around it
# are read.
LIKELIHOOD_OF_KIND = {
    "day": 0.9, "days": 0.85, "listed": 0.85, "night": 0.9, "night_of": 0.9, "weekday_night": 0.85,
    "weekday_night_of": 0.85, "weekday": 0.8, "last_weekday": 0.8, "days_ago": 0.75, "nights": 0.8,
    "month": 0.65, "months": 0.6, "part_of_month": 0.7, "next_day": 0.6, "later": 0.45,
    "earlier": 0.5, "weekend": 0.7, "ago": 0.6, "last": 0.55, "season": 0.45, "past_n": 0.5,
    "this": 0.4, "years_back": 0.35, "part_of_year": 0.4, "quarter": 0.35, "half": 0.35,
    "year": 0.25, "years": 0.2,
}  # fmt: skip
# Factors of the likelihood that a date is that of the event: for a date of a biography or law, of
# the future, of a statement, and more than `OLD_DAYS` or `OLDER_DAYS` before publication.
HISTORY_FACTOR, FUTURE_FACTOR, STATEMENT_FACTOR, OLD_FACTOR, OLDER_FACTOR = (
    0.3,
    0.6,
    0.65,
    0.6,
    0.35,
)
# More than this many days before publication, `OLD_FACTOR` or `OLDER_FACTOR` applies.
OLD_DAYS, OLDER_DAYS = 250, 700
# Factors of the likelihood that a date is that of the event: with an act in its sentence, with one
# in its paragraph, without one, and with one in its sentence that did not happen or is an older
# story.
SAME_SENTENCE_FACTOR, SAME_PARAGRAPH_FACTOR, WITHOUT_ACT_FACTOR, PAST_ACT_FACTOR = (
    1.0,
    0.85,
    0.7,
    0.6,
)
# The factor of the likelihood of a date that is the full date of publication, which is mostly in a
# byline.
PUBLICATION_DATE_FACTOR = 0.2
# A date that is less likely than this to be the date of an event is left out.
MIN_DATE_SCORE = 0.12
# The function that returns the days of a date phrase, by its kind.
DATE_RESOLVERS = ABSOLUTE_DATE_RESOLVERS | RELATIVE_DATE_RESOLVERS


class DateSentence(NamedTuple):
    """A sentence of the article, with its text as `fold_text` returns it, and the date phrases in
    it (`date_matches`).
    """

    line: Line
    text: str
    date_matches: tuple[DateMatch, ...]


class DateLanguage(NamedTuple):
    """The date phrases of a language, and the words next to a date that show what it means."""

    lexicon: DateLexicon
    cues: DateCues


@dataclass(frozen=True)
class DateInSentence:
    """A date in a sentence. `start`, `end`: its offsets in the sentence; `day_range`: the days that
    it means; `score`: how likely the event in the sentence was on these days, 0 to 1; `is_period`:
    whether the event lasted from the first to the last of these days.
    """

    line: Line
    start: int
    end: int
    day_range: DayRange
    score: float
    is_period: bool


def find_dates(article: ArticleText, acts: Sequence[FoundAct] | None = None) -> list[FoundDate]:
    """Return the dates of events, the most likely date of the main event first. `acts`: the acts in
    the article, near which dates are more likely; if None, they are searched for.
    """
    date_language = DateLanguage(
        load_date_lexicon(article.language.value), load_date_cues(article.language.value)
    )
    sentences = [
        DateSentence(line, text, tuple(date_language.lexicon.find(text)))
        for line in content_lines(article)
        for text in (fold_text(line.text),)
    ]
    anchors = _build_anchors(article, sentences)
    found: list[DateInSentence] = []
    paragraph = 0
    for sentence in sentences:
        if sentence.line.paragraph != paragraph and article.published is not None:
            anchors.last_named_year = None
        paragraph = sentence.line.paragraph
        found += _find_dates_in_sentence(article, sentence, date_language, anchors)
    if acts is None:
        acts = find_acts(article) if found else ()
    return _rank_dates(article, _close_open_periods(found), _factors_near_acts(article, acts))


def fold_text(text: str) -> str:
    """Return a sentence as `dates.toml` writes its phrases: in lower case, with е for ё, and with
    one kind of apostrophe and of hyphen. Its length does not change.
    """
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
    return lower.replace("ё", "е").replace("’", "'").replace("‑", "-")


def _build_anchors(article: ArticleText, sentences: Sequence[DateSentence]) -> DateAnchors:
    """Return the dates known before an article is read: the publication date, and a year for the
    whole text (`text_year`). With a publication date this is the year of a yearly report ("2019
    Country Reports"), without one the year in the headline, else the latest year in the text.
    """
    published = article.published
    first = sentences[0].text if sentences else ""
    heading = fold_text(article.title) or ("" if first.endswith(".") else first)
    spotted = load_date_lexicon(article.language.value).find(heading)
    years = {int(one or other) for one, other in HEADING_YEAR_PATTERN.findall(heading)}
    if published is None:
        years.update(_years_in(spotted))
    else:
        # "Editor jailed in 2024 is free" is not a report on that year.
        years.difference_update(_years_in(spotted))
    if len(years) == 1 and (
        published is None or 0 < published.year - min(years) <= MAX_REPORT_AGE_YEARS
    ):
        return DateAnchors(published, text_year=min(years))
    if published:
        return DateAnchors(published)
    named = [year for one in sentences for year in _years_in(one.date_matches)]
    # "The year 2025" of a report may be in no phrase at all.
    named = named or [
        int(year) for one in sentences for year in BARE_YEAR_PATTERN.findall(one.text)
    ]
    return DateAnchors(None, text_year=max(named, default=None))


def _years_in(date_matches: Sequence[DateMatch]) -> list[int]:
    """Return the years that date phrases contain."""
    return [
        int(year)
        for one in date_matches
        if one.kind != NO_EVENT_SECTION
        for slot in ("year", "year2")
        if (year := one.slots.get(slot))
    ]


def _find_dates_in_sentence(
    article: ArticleText, sentence: DateSentence, date_language: DateLanguage, anchors: DateAnchors
) -> list[DateInSentence]:
    """Return the dates in a sentence. Set `latest_year` and `latest_day` in `anchors` by them, for
    the next sentences.
    """
    line, text = sentence.line, sentence.text
    opening = dateline_length(article, line)
    found: list[DateInSentence] = []
    for spotted in sentence.date_matches:
        if spotted.end <= opening or not _is_written_as_date(
            line, text, spotted, date_language.lexicon
        ):
            continue
        score = _date_score(text, spotted, date_language.cues)
        start, end = date_language.cues.extend_by_time(text, spotted)
        for day_range in _possible_ranges(spotted, date_language.lexicon, anchors):
            bounded = _bounded_range(text, spotted, day_range, date_language.cues, anchors)
            if bounded is not None:
                if _is_publication_date(spotted, day_range, anchors.published):
                    score *= PUBLICATION_DATE_FACTOR
                is_period = _is_period(text, spotted, date_language.cues)
                age = _age_factor(bounded, anchors)
                found.append(DateInSentence(line, start, end, bounded, score * age, is_period))
                _update_anchors(spotted, bounded, score, anchors)
    return found


def _possible_ranges(
    date_match: DateMatch, words: DateLexicon, anchors: DateAnchors
) -> list[DayRange]:
    """Return the ranges of days that a phrase means. Return [] if the phrase is not the date of an
    event (`NO_EVENT_SECTION`), if there is no such day ("31 June"), or if the date from which it is
    counted is unknown.
    """
    kind, _colon, number = date_match.kind.partition(":")
    reader = DATE_RESOLVERS.get(kind)
    if reader is None:
        return []
    try:
        return reader(DatePhrase({**date_match.slots, "fixed": number}, words, anchors))
    except (ValueError, OverflowError):
        return []


def _is_written_as_date(line: Line, text: str, date_match: DateMatch, words: DateLexicon) -> bool:
    """Return whether the month or weekday of a date in `text`, the folded text of the line, has the
    capital or small letter that dates have.
    """
    word = date_match.slots.get("month") or date_match.slots.get("weekday")
    if not word:
        return True
    place = text.find(word, date_match.start, date_match.end)
    is_capital = line.sentence.text[place].isupper()
    if words.data.get("capital"):
        return is_capital
    is_first = not any(sign.isalnum() for sign in text[:place])
    return not is_capital or bool(date_match.slots.get("day")) or is_first


def _is_publication_date(
    date_match: DateMatch, day_range: DayRange, published: date | None
) -> bool:
    """Return whether a phrase is the full publication date, as in bylines."""
    return (
        published is not None
        and date_match.kind == "day"
        and bool(date_match.slots.get("year"))
        and day_range.earliest == published
    )


def _date_score(text: str, date_match: DateMatch, cues: DateCues) -> float:
    """Return how likely a date in a sentence is the date of the event, 0 to 1, by the kind of the
    date phrase and the words of its clause.
    """
    score = (
        LIKELIHOOD_OF_KIND[date_match.kind.partition(":")[0]]
        if date_match.kind != NO_EVENT_SECTION
        else 0.0
    )
    if cues.is_history(text, date_match):
        score *= HISTORY_FACTOR
    if cues.is_in_future(text, date_match):
        score *= FUTURE_FACTOR
    if cues.is_statement_date(text, date_match):
        score *= STATEMENT_FACTOR
    return score


def _bounded_range(
    text: str, date_match: DateMatch, day_range: DayRange, cues: DateCues, anchors: DateAnchors
) -> DayRange | None:
    """Return the days of a date (`day_range`) up to publication. After "since", all days from the
    date to publication are meant; without a publication date, to the end of the year. Return None
    if the date is in the future, or ends a period ("until May").
    """
    published = anchors.published
    if date_match.kind in PERIOD_BOUND_KINDS:
        if cues.is_period_end(text, date_match):
            return None
        if cues.is_period_start(text, date_match):
            end = published or day_range.latest.replace(month=DECEMBER, day=31)
            precision = Precision.RANGE if published else Precision.AFTER
            return (
                DayRange(day_range.earliest, end, precision) if day_range.earliest <= end else None
            )
    if published is None:
        return day_range
    if day_range.earliest > published:
        return None
    # A weekday or month that "will" come is not the last one of that name.
    has_year = any(date_match.slots.get(slot) for slot in ("year", "year2", "yearsago"))
    if (
        not has_year
        and date_match.kind in ("weekday", "month")
        and cues.is_in_future(text, date_match)
    ):
        return None
    return DayRange(day_range.earliest, min(day_range.latest, published), day_range.precision)


def _is_period(text: str, date_match: DateMatch, cues: DateCues) -> bool:
    """Return whether a phrase means a whole period, not a day within it."""
    kind = date_match.kind.partition(":")[0]
    return (
        kind in PERIOD_KINDS
        or cues.is_period_start(text, date_match)
        or cues.is_whole_period(text, date_match)
    )


def _close_open_periods(found: Sequence[DateInSentence]) -> list[DateInSentence]:
    """Return the dates with the end of each open period set to the last date of the text."""
    last = max((one.day_range.latest for one in found if not _is_open_ended(one)), default=None)
    return [
        replace(one, day_range=replace(one.day_range, latest=max(one.day_range.earliest, last)))
        if last and _is_open_ended(one)
        else one
        for one in found
    ]


def _is_open_ended(date: DateInSentence) -> bool:
    """Return whether a date is a period of which only the beginning is known (`Precision.AFTER`):
    "since May" without a publication date.
    """
    return date.day_range.precision is Precision.AFTER


def _age_factor(day_range: DayRange, anchors: DateAnchors) -> float:
    """Return the factor for the age of a date: 1 for a recent one, less for an old one."""
    if anchors.published is None or anchors.text_year == day_range.latest.year:
        return 1.0
    days = (anchors.published - day_range.latest).days
    return OLDER_FACTOR if days > OLDER_DAYS else OLD_FACTOR if days > OLD_DAYS else 1.0


def _update_anchors(
    date_match: DateMatch, day_range: DayRange, score: float, anchors: DateAnchors
) -> None:
    """Set the last year and day in `anchors` by a date, for the next date phrases. The year is set
    only if the date is likely enough the date of an event (`score`), not a date of history.
    """
    if (
        date_match.slots.get("year")
        and date_match.kind not in ("year", "years")
        and score > HISTORY_FACTOR
    ):
        anchors.last_named_year = day_range.latest.year
    if day_range.precision == Precision.DAY or date_match.kind.startswith(
        ("night", "weekday_night")
    ):
        anchors.last_named_day = day_range.latest


def _factors_near_acts(
    article: ArticleText, acts: Sequence[FoundAct]
) -> dict[tuple[str, int], float]:
    """Return the factors of the likelihood of dates near acts. The key ("sentence", 3) or
    ("paragraph", 2) says which dates a factor is for: the dates in this sentence or paragraph.
    """
    paragraphs = {line.number: line.paragraph for line in article.lines}
    factors_near_acts: dict[tuple[str, int], float] = {}
    for act in acts:
        number = act.passage.sentence_number
        real = act.reality is Reality.HAPPENED
        for key, value in (
            (("sentence", number), SAME_SENTENCE_FACTOR if real else PAST_ACT_FACTOR),
            (
                ("paragraph", paragraphs.get(number, 0)),
                SAME_PARAGRAPH_FACTOR if real else WITHOUT_ACT_FACTOR,
            ),
        ):
            factors_near_acts[key] = max(factors_near_acts.get(key, 0.0), value)
    return factors_near_acts


def _rank_dates(
    article: ArticleText,
    found: Sequence[DateInSentence],
    factors_near_acts: dict[tuple[str, int], float],
) -> list[FoundDate]:
    """Return the dates, the most likely first, each range of days once. `factors_near_acts`: the
    factors for dates near acts, as `_factors_near_acts` returns them.
    """
    dated: dict[tuple[object, ...], FoundDate] = {}
    for one in found:
        act = factors_near_acts.get(("sentence", one.line.number)) or factors_near_acts.get(
            ("paragraph", one.line.paragraph), WITHOUT_ACT_FACTOR
        )
        score = round(one.score * act, 3)
        key = (one.day_range.earliest, one.day_range.latest)
        if score < MIN_DATE_SCORE or (key in dated and dated[key].score >= score):
            continue
        offset = one.line.sentence.start
        passage = article.get_passage(offset + one.start, offset + one.end)
        when = When(
            one.day_range.earliest, one.day_range.latest, one.day_range.precision, passage.text
        )
        dated[key] = FoundDate(passage, when, score, is_period=one.is_period)
    return sorted(dated.values(), key=lambda one: (-one.score, one.passage.start))


class DateCues:
    """The words of a language that show what a date next to them means; all methods get the
    sentence as `fold_text` gives it.
    """

    def __init__(self, language: str) -> None:
        words = load_date_lexicon(language)

        def made(section: str, name: str, form: str) -> re.Pattern[str]:
            body = words.build_regex(section, name)
            return re.compile(form.format(body)) if body else MATCHES_NOTHING_PATTERN

        before, own, after = (
            rf"(?<!\w)(?:{{}}){SPACE_REGEX}$",
            rf"(?:{{}}){SPACE_REGEX}",
            r"\s+(?:{})(?!\w)",
        )
        around = words.data.get("around", {})
        self.since = (made("bounds", "since_before", before), made("bounds", "since_before", own))
        self.since_after = made("bounds", "since_after", after)
        self.until = (made("bounds", "until_before", before), made("bounds", "until_before", own))
        self.until_after = made("bounds", "until_after", after)
        self.whole = made("bounds", "whole", r"(?<!\w)(?:{})(?!\w)")
        self.future = made("cues", "future", r"(?<!\w)(?:{})(?!\w)")
        self.history = made("cues", "history", r"(?<!\w)(?:{})(?!\w)")
        self.statement = made("cues", "statement", r"(?<!\w)(?:{})(?!\w)")
        self.hour_before = _time_of_day_pattern(
            around.get("before"), rf"(?<!\w)(?:(?:{{}}){SPACE_REGEX})+$"
        )
        self.hour_after = _time_of_day_pattern(
            around.get("after"), rf"(?:{SPACE_REGEX}(?:{{}})(?!\w))+"
        )

    def is_period_start(self, text: str, date_match: DateMatch) -> bool:
        """Return whether a period begins at the date ("since January")."""
        return _is_bounded_by(text, date_match, self.since, self.since_after)

    def is_period_end(self, text: str, date_match: DateMatch) -> bool:
        """Return whether the date is a deadline or the end of a period ("until May")."""
        return _is_bounded_by(text, date_match, self.until, self.until_after)

    def is_whole_period(self, text: str, date_match: DateMatch) -> bool:
        """Return whether the whole period is meant ("throughout 2025")."""
        inside = text[date_match.start : date_match.end]
        before = text[
            max(0, date_match.start - MAX_NEIGHBOUR_CHARACTERS) : date_match.start
        ].split()
        after = text[date_match.end : date_match.end + MAX_NEIGHBOUR_CHARACTERS].split()
        return self.whole.search(" ".join([*before[-1:], inside, *after[:1]])) is not None

    def is_in_future(self, text: str, date_match: DateMatch) -> bool:
        """Return whether the clause of the date is about the future."""
        return (
            self.future.search(_clause_around(text, date_match, CLAUSE_BREAK_PATTERN)) is not None
        )

    def is_history(self, text: str, date_match: DateMatch) -> bool:
        """Return whether the date belongs to a biography, a law or a document."""
        return (
            self.history.search(_clause_around(text, date_match, CLAUSE_BREAK_OR_COMMA_PATTERN))
            is not None
        )

    def is_statement_date(self, text: str, date_match: DateMatch) -> bool:
        """Return whether the date belongs to a statement about earlier events."""
        return (
            self.statement.search(_clause_around(text, date_match, CLAUSE_BREAK_OR_COMMA_PATTERN))
            is not None
        )

    def extend_by_time(self, text: str, date_match: DateMatch) -> tuple[int, int]:
        """Return the start and end of the date, with a time of day next to it included."""
        reach = max(0, date_match.start - CUE_REACH_BEFORE)
        before = self.hour_before.search(text, reach, date_match.start)
        after = self.hour_after.match(text, date_match.end)
        return (
            before.start() if before else date_match.start,
            after.end() if after else date_match.end,
        )


@cache
def load_date_cues(language: str) -> DateCues:
    """Return the words of a language that show what a date next to them means."""
    return DateCues(language)


def _time_of_day_pattern(hour_words: str | None, template: str) -> re.Pattern[str]:
    """Return a pattern for a time of day next to a date. `template`: a regular expression with
    braces in which `hour_words`, another one, is inserted. If there are no `hour_words`, return a
    pattern that matches nothing.
    """
    return (
        re.compile(template.format(hour_words.replace(" ", r"\s")))
        if hour_words
        else MATCHES_NOTHING_PATTERN
    )


def _is_bounded_by(
    text: str, date_match: DateMatch, before: tuple[re.Pattern[str], ...], after: re.Pattern[str]
) -> bool:
    """Return whether a word such as "since" is next to a date. `before`: a pattern for the text
    before the date, and one for the beginning of the date itself; `after`: a pattern for the text
    after the date.
    """
    outside, inside = before
    return bool(
        outside.search(text[max(0, date_match.start - CUE_REACH_BEFORE) : date_match.start])
        or inside.match(text, date_match.start, date_match.end)
        or after.match(text, date_match.end)
    )


def _clause_around(text: str, date_match: DateMatch, ends: re.Pattern[str]) -> str:
    """Return the words of a date's clause before and after the date. `ends`: a pattern for the
    marks and words between two clauses.
    """
    before = text[max(0, date_match.start - CUE_REACH_BEFORE) : date_match.start]
    after = text[date_match.end : date_match.end + CUE_REACH_AFTER]
    return f"{ends.split(before)[-1]} {ends.split(after)[0]}"
