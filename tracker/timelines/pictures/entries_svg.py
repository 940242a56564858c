"""The picture of a timeline as SVG: two lanes over one axis, a row for each entry, no script."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from tracker.timelines.codes import Lane, Tone
from tracker.timelines.pictures.axis import Axis, axis_for
from tracker.timelines.pictures.canvas import COLOURS, GAP, HEAD, NAMED, Canvas, percent, px
from tracker.when import Precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.timelines.build import Entry
    from tracker.timelines.pictures.canvas import Words

# Corners of bars: an answer's are round, so that a grey print still shows whose lane it is.
CORNERS = {tone: "5" if tone is Tone.AUTHORITIES else "0" for tone in Tone}
# Where a bar fades: what begins nobody knows when, what goes on, what is only approximate.
FADES = {"left": ("0", "1", "1"), "right": ("1", "1", "0"), "both": ("0", "1", "0")}

# What does not fit at the width of the page fades; nobody reads a label longer than this.
LABEL_LENGTH = 120
ROW = 36
BAR = 10


def draw_timeline(
    entries: Sequence[Entry],
    words: Words,
    *,
    lanes: Sequence[Lane] = tuple(Lane),
    saved: bool = False,
) -> str:
    """Return the SVG element of some lanes of a timeline; `saved` makes it a file of its own, with
    a ground and a size.
    """
    return _Rows(entries, words, lanes).drawn(saved=saved)


class _Rows(Canvas):
    """A picture with a row for each entry of its lanes, on the axis of all."""

    def __init__(self, entries: Sequence[Entry], words: Words, lanes: Sequence[Lane]) -> None:
        is_part = len(lanes) < len(Lane)
        parts = ", ".join(words.lanes[lane] for lane in lanes)
        title = f"{words.title}. {parts}" if is_part else words.title
        name = "-".join(["timeline", *(lanes if is_part else ())])
        super().__init__(title, words.description, name)
        self.lanes = lanes
        self.words = words
        self.dated = [entry for entry in entries if entry.fact.is_dated]
        self.undated = [entry for entry in entries if not entry.fact.is_dated]
        self.days = axis_for(entry.fact.when for entry in self.dated)
        self.tones = {entry.tone for entry in entries}

    def drawn(self, *, saved: bool) -> str:
        """Draw everything and return the text."""
        if self.days:
            self.axis(self.days, self.words.tick)
        top = self.y
        for lane in self.lanes:
            self._lane(lane)
        if self.days:
            self.grid(self.days, top, self.y)
        if self.lanes[-1] is tuple(Lane)[-1]:
            self._rest()
        return self.finish(saved=saved)

    def _lane(self, lane: Lane) -> None:
        entries = [entry for entry in self.dated if entry.lane is lane]
        height = HEAD + ROW * max(len(entries), 1) + GAP
        group = self.box(f"timeline-lane {lane.value}", height, COLOURS[Tone(lane.value)])
        self.heading(group, self.words.lanes[lane])
        for number, entry in enumerate(entries):
            self._row(group, entry, self.y + HEAD + ROW * number)
        if not entries:
            empty = self.words.left_out.get(lane, self.words.nothing)
            self.line(group, empty, self.y + HEAD + 15)
        self.y += height + GAP

    def _rest(self) -> None:
        """Draw what stands below the lanes: what has no date at all, never at a made-up place, and
        the names of tones.
        """
        if self.undated:
            self._undated()
        self.legend((tone, self.words.tones[tone]) for tone in NAMED if tone in self.tones)

    def _undated(self) -> None:
        height = HEAD + HEAD * len(self.undated) + GAP
        group = self.box("timeline-undated", height, "#52606d", dashed=True)
        self.heading(group, self.words.undated)
        for number, entry in enumerate(self.undated):
            y = self.y + HEAD + HEAD * number
            row = self._group(group, entry)
            self.point(row, entry.tone, "14", y + 11)
            self._label(row, entry, y + 15, x="27")
        self.y += height + GAP

    def _row(self, parent: Element, entry: Entry, y: float) -> None:
        assert self.days is not None  # noqa: S101 (a dated entry has made an axis)
        row = self._group(parent, entry)
        self._label(row, entry, y + 13)
        when = entry.fact.when
        if when.earliest == when.latest and when.precision is not Precision.APPROXIMATE:
            self.point(row, entry.tone, percent(self.days.middle(when.latest)), y + 25)
        else:
            self._bar(row, entry, self.days, y + 20)

    def _bar(self, row: Element, entry: Entry, days: Axis, y: float) -> None:
        """Draw an interval: full where it lasted, hollow where it was some day within, hatched
        where nobody spoke, and fading where an end is not known.
        """
        start, width = days.stretch(entry.fact.when)
        colour = COLOURS[entry.tone]
        bar = {
            "x": percent(start),
            "y": px(y),
            "width": percent(width),
            "height": str(BAR),
            "rx": CORNERS[entry.tone],
        }
        if entry.tone is Tone.SILENCE:
            self.hatch(row, entry.tone, bar)
            return
        fade = _fade(entry)
        if fade:
            bar["fill"] = self._fading(fade, entry.tone)
        elif entry.fact.lasted:
            bar["fill"] = colour
        else:
            bar |= {"fill": colour, "fill-opacity": "0.15", "stroke": colour, "stroke-width": "1.5"}
        SubElement(row, "rect", {"class": "timeline-bar", **bar})

    def _fading(self, fade: str, tone: Tone) -> str:
        """Return the fill of a bar that fades at those ends."""
        name = f"{self.name}-fade-{fade}-{tone}"
        gradient = self.define("linearGradient", name, {})
        if gradient is not None:
            for place, opacity in zip(("0", "0.5", "1"), FADES[fade], strict=True):
                stop = {"offset": place, "stop-opacity": opacity}
                SubElement(gradient, "stop", {**stop, "stop-color": COLOURS[tone]})
        return f"url(#{name})"

    def _group(self, parent: Element, entry: Entry) -> Element:
        group = SubElement(parent, "g", {"class": f"timeline-entry {entry.tone}"})
        self.say(group, "title", f"{entry.number}. {self.words.row(entry)}")
        return group

    def _label(self, row: Element, entry: Entry, y: float, x: str = "6") -> None:
        title, types = entry.fact.title, ", ".join(tag.words for tag in entry.fact.types)
        # Where the title begins with what it is, it says of whom or what as well.
        label = f"{entry.number}. {title if title.startswith(types) else types}"
        if len(label) > LABEL_LENGTH:
            label = label[: LABEL_LENGTH - 1].rstrip() + "…"
        self.line(row, label, y, x, fill=self.ink())


def _fade(entry: Entry) -> str:
    """Return at which ends a bar fades: "left", "right", "both" or ""."""
    fact = entry.fact
    if fact.when.precision is Precision.APPROXIMATE:
        return "both"
    left = fact.has_open_start
    right = fact.is_ongoing or fact.when.precision is Precision.AFTER
    return "both" if left and right else "left" if left else "right" if right else ""
