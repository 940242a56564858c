"""The picture of many entries: in each lane a column for each month, as high as its entries."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from tracker.dates import following
from tracker.timelines.codes import Lane, Tone
from tracker.timelines.pictures.axis import Axis, axis_for
from tracker.timelines.pictures.canvas import COLOURS, GAP, HEAD, NAMED, Canvas, percent, px
from tracker.when import Precision, When

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.timelines.folding import Month
    from tracker.timelines.pictures.canvas import Words

HIGH = 96
STRIP = 12
# Between two columns, in percent of the width.
APART = 0.1


def draw_months(months: Sequence[Month], words: Words, *, saved: bool = False) -> str:
    """Return the SVG element; `saved` makes it a file of its own."""
    return _Columns(months, words).drawn(saved=saved)


class _Columns(Canvas):
    """A picture with a column for each month."""

    def __init__(self, months: Sequence[Month], words: Words) -> None:
        super().__init__(words.title, words.description)
        self.words = words
        entries = [entry for month in months for entry in month.entries]
        self.silences = [entry for entry in entries if entry.tone is Tone.SILENCE]
        self.undated = sum(not entry.fact.is_dated for entry in entries)
        self.tones = {entry.tone for entry in entries}
        self.months = [(month, _by_tone(month)) for month in months]
        spans = [month for month, counts in self.months if counts]
        self.days = axis_for(
            [When(one.first, one.last, Precision.MONTH) for one in spans]
            + [entry.fact.when for entry in self.silences]
        )
        self.most = max(
            (_of(counts, lane) for _month, counts in self.months for lane in Lane), default=0
        )

    def drawn(self, *, saved: bool) -> str:
        """Draw everything and return the text."""
        if self.days:
            self.axis(self.days, self.words.tick)
            top = self.y
            for lane in Lane:
                self._lane(lane, self.days)
            self.grid(self.days, top, self.y)
        notes = [self.words.scale(self.most)] if self.most else []
        notes += [f"{self.words.undated}: {self.undated}"] if self.undated else []
        for note in notes:
            self.line(self.root, note, self.y + 16)
            self.y += HEAD
        self.legend((tone, self.words.tones[tone]) for tone in NAMED if tone in self.tones)
        return self.finish(saved=saved)

    def _lane(self, lane: Lane, days: Axis) -> None:
        silent = self.silences if lane is Lane.AUTHORITIES else []
        height = HEAD + HIGH + GAP + (STRIP if silent else 0)
        group = self.box(f"timeline-lane {lane.value}", height, COLOURS[Tone(lane.value)])
        self.heading(group, self.words.lanes[lane])
        for month, counts in self.months:
            if _of(counts, lane):
                self._column(group, days, month, lane)
        for entry in silent:
            start, width = days.stretch(entry.fact.when)
            band = SubElement(group, "g", {"class": f"timeline-entry {entry.tone}"})
            self.say(band, "title", f"{entry.number}. {self.words.row(entry)}")
            place = {
                "x": percent(start),
                "y": px(self.y + HEAD + HIGH + 3),
                "width": percent(width),
            }
            self.hatch(band, entry.tone, {**place, "height": str(STRIP - 3)})
        self.y += height + GAP

    def _column(self, parent: Element, days: Axis, month: Month, lane: Lane) -> None:
        """Draw a month's entries of a lane on its floor, one tone upon the other."""
        counts = _by_tone(month)
        group = SubElement(parent, "g", {"class": "timeline-month"})
        self.say(group, "title", f"{self.words.month(month.first)}: {_of(counts, lane)}")
        start = days.at(month.first)
        width = days.at(following(month.first)) - start - APART
        y = self.y + HEAD + HIGH
        for tone in Tone:
            height = HIGH * counts[lane, tone] / self.most
            if height:
                y -= height
                place = {"x": percent(start), "y": f"{y:.1f}", "width": percent(width)}
                SubElement(
                    group, "rect", place | {"height": f"{height:.1f}", "fill": COLOURS[tone]}
                )


def _by_tone(month: Month) -> Counter[tuple[Lane, Tone]]:
    """Count what has a date, by lane and tone; a silence is no entry of the month it ends in."""
    return Counter(
        (entry.lane, entry.tone)
        for entry in month.entries
        if entry.fact.is_dated and entry.tone is not Tone.SILENCE
    )


def _of(counts: Counter[tuple[Lane, Tone]], lane: Lane) -> int:
    return sum(count for (of, _tone), count in counts.items() if of is lane)
