"""How real an act is that a sentence names: it happened, or is negated, supposed, denied, past."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tracker.reader.found import Reality
from tracker.reader.lexicon import Phrases, lexicon

if TYPE_CHECKING:
    from tracker.reader.acts.book import Hit
    from tracker.reader.text import Line, Reading

# A cue before or after an act counts within so many words, and not across a break of the clause.
REACH = 5
FAR = 14
# The words by which a "not" says what it came to.
UNTIL = "until"
YEAR = re.compile(r"(?<![\d.,-])(?:19\d\d|20[0-4]\d)(?![\d,]|-\d)")
BREAK = re.compile(r"[;:—()]|, ")
# An event of two calendar years before the article is history, whatever it is told for.
OLD = 2
# A sentence whose year stands among its first words sets the time of the next one too.
OPENING = 3
LAST_DAY = 31
# An article is about a film or a bill when so many of its sentences, so large a share, say so.
TOPIC_SENTENCES = 4
TOPIC_SHARE = 0.2
# Of several, the one that denies most wins.
ORDER = (Reality.NEGATED, Reality.DENIED, Reality.HYPOTHETICAL, Reality.BACKGROUND)


class Cue(NamedTuple):
    """A word that says how real an act is, and where it stands to the act."""

    reality: Reality
    side: str


def reality_of(reading: Reading, line: Line, hit: Hit) -> Reality:
    """Return how real an act of a sentence is."""
    language = reading.language.value
    found = {
        cue.reality
        for cue, first, end in _cues(language).find(line.words)
        if _bears(reading, line, cue.side, (first, end), hit)
        and not _is_its_own(cue, hit)
        and not _is_month(language, line, first, end)
        and not (cue.reality is Reality.NEGATED and _is_until(language, line, first))
    }
    if _is_past(reading, line):
        found.add(Reality.BACKGROUND)
    if _is_refused(language, line, hit):
        found.add(Reality.NEGATED)
    if _is_taken_back(reading, line):
        found.add(Reality.DENIED)
    return next((one for one in ORDER if one in found), Reality.HAPPENED)


def is_supposed(reading: Reading) -> bool:
    """Say whether the whole article is about a film, a bill, a course: nothing in it happened."""
    topics = [topic.find for topic in _topics(reading.language.value)]
    counts = [sum(bool(find(line.words)) for line in reading.lines) for find in topics]
    most = max(counts, default=0)
    return most >= TOPIC_SENTENCES and most >= TOPIC_SHARE * len(reading.lines)


@cache
def _cues(language: str) -> Phrases:
    return Phrases(
        (phrase, Cue(Reality(reality), side))
        for reality, sides in lexicon(language, "reality").items()
        if reality in set(Reality)
        for side, phrases in sides.items()
        if side != UNTIL
        for phrase in phrases
    )


@cache
def _topics(language: str) -> tuple[Phrases, ...]:
    topics = lexicon(language, "reality").get("topics", {})
    return tuple(Phrases((phrase, None) for phrase in phrases) for phrases in topics.values())


def _is_until(language: str, line: Line, first: int) -> bool:
    """Say whether a "not" says what it came to: «пока он не стёр запись», and he did."""
    words = lexicon(language, "reality").get("negated", {}).get(UNTIL, ())
    return any(word.folded in words for word in line.words[max(0, first - REACH) : first])


def _is_its_own(cue: Cue, hit: Hit) -> bool:
    """Say whether a "would" or "if" is that of the threat itself: "we will find you if you …"."""
    is_near = not cue.side.startswith("far_") and cue.side != "sentence"
    return is_near and cue.reality is Reality.HYPOTHETICAL and hit.rule.code.startswith("threat.")


def _is_month(language: str, line: Line, first: int, end: int) -> bool:
    """Say whether "may" is the month: "on 15 May she was beaten"."""
    word = line.words[first]
    return end - first == 1 and first > 0 and word.is_capital and word.folded in _months(language)


def _bears(reading: Reading, line: Line, side: str, cue: tuple[int, int], hit: Hit) -> bool:
    """Say whether a cue bears on an act; what an act's own phrase says is part of the act."""
    before, after = hit.first - cue[1], cue[0] - hit.end
    if side == "inside":
        inside = hit.is_whole and hit.first < cue[0] < hit.end
        return inside and line.words[cue[0]].folded not in hit.stems
    if side == "sentence":
        return before >= 0 or after >= 0
    if side == "start":
        return cue[0] <= 1 and before >= 0
    if side in ("beside", "just_before"):
        return before == 0 or (after == 0 and side == "beside")
    distance = before if side.endswith("before") else after
    if side.startswith("far_"):
        return 0 <= distance <= FAR
    gap = (cue[1], hit.first) if side == "before" else (hit.end, cue[0])
    return 0 <= distance <= REACH and not _broken(reading, line, *gap)


def _broken(reading: Reading, line: Line, first: int, end: int) -> bool:
    """Say whether a new clause begins between two words of a sentence."""
    start, stop = line.words[first - 1].end, line.words[min(end, len(line.words) - 1)].start
    return BREAK.search(reading.text, start, max(start, stop)) is not None


def _is_taken_back(reading: Reading, line: Line) -> bool:
    """Say whether the next sentence of the paragraph says that it was not so: "That was wrong"."""
    lines = reading.lines
    after = lines[line.number] if line.number < len(lines) else None
    if after is None or after.paragraph != line.paragraph:
        return False
    found = _takes_back(reading.language.value).find(after.words)
    return any(first <= 1 for _label, first, _end in found)


@cache
def _takes_back(language: str) -> Phrases:
    words = lexicon(language, "reality").get("taken_back", {})
    return Phrases((phrase, None) for phrase in words.get("phrases", ()))


def _is_past(reading: Reading, line: Line) -> bool:
    """Say whether a sentence is of years well before the article's own, or goes on, without a date
    of its own, from one that begins with such a year: "In 1983 she read. They threw fish at her".
    """
    if _is_old(reading, line):
        return True
    before = reading.lines[line.number - 2] if line.number > 1 else None
    return (
        before is not None
        and before.paragraph == line.paragraph
        and _is_old(reading, before)
        and any(YEAR.fullmatch(word.text) for word in before.words[:OPENING])
        and not _has_date(reading, line)
    )


def _has_date(reading: Reading, line: Line) -> bool:
    language = reading.language.value
    return (
        YEAR.search(line.sentence.text) is not None
        or any(word.folded in _weekdays(language) for word in line.words)
        or _has_day(language, line)
    )


@cache
def _weekdays(language: str) -> frozenset[str]:
    days = lexicon(language, "dates").get("weekdays", {})
    return frozenset(name for names in days.values() for name in names.split("|"))


def _is_old(reading: Reading, line: Line) -> bool:
    """Say whether the years in a sentence are all well before the article's own."""
    if _has_day(reading.language.value, line):
        # "On 6 February" beside "an interview of 2019": the day is one of the article's own year.
        return False
    years = [int(year) for year in YEAR.findall(line.sentence.text)]
    return bool(years) and max(years) <= _newest(reading) - OLD


def _has_day(language: str, line: Line) -> bool:
    """Say whether a day and month stand in a sentence without a year behind them."""
    words = line.words
    return any(
        words[place - 1].text.isdecimal()
        and int(words[place - 1].text) <= LAST_DAY
        and not (place + 1 < len(words) and YEAR.fullmatch(words[place + 1].text))
        for place in range(1, len(words))
        if words[place].folded in _months(language)
    )


@cache
def _months(language: str) -> frozenset[str]:
    months = lexicon(language, "dates").get("months", {})
    return frozenset(name for names in months.values() for name in names.split("|"))


def _newest(reading: Reading) -> int:
    if reading.published is not None:
        return reading.published.year
    return max((int(year) for year in YEAR.findall(reading.text)), default=0)


def _is_refused(language: str, line: Line, hit: Hit) -> bool:
    """Say whether the last verb of an act carries its own "not" behind the stem, as in Kazakh."""
    endings = lexicon(language, "reality").get("endings")
    if not endings:
        return False
    word = line.words[hit.end - 1].folded
    stem = max((len(stem) for stem in hit.stems if word.startswith(stem)), default=0)
    if stem > 0 and re.search(endings["negated"], word[stem:]) is not None:
        return True
    # "Did no threat": the noun is the act's, the verb behind it carries the "not".
    after = line.words[hit.end].folded if hit.end < len(line.words) else ""
    return "light" in endings and re.match(endings["light"], after) is not None
