"""The picture of a timeline as SVG: two lanes over one axis, a row for each entry, no script.

Lengths across are percentages and lengths down are pixels, so that the picture takes the width of a
telephone, a screen or a sheet of paper while its words keep their size. Colours are presentation
attributes: a strict Content-Security-Policy allows them, and a saved file keeps them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from tracker.timelines.axis import Axis, axis_for
from tracker.timelines.codes import Lane
from tracker.when import Precision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tracker.timelines.axis import Tick
    from tracker.timelines.build import Entry

# Those of the stylesheet, at least 7 to 1 on white; on grey paper the shapes tell lanes apart.
COLOURS = {"done": "#8a2d1c", "authorities": "#1d5c4a", "countermeasure": "#6b4a00"}
# Points by tone: a circle, a diamond, a triangle, all about an origin of their own.
SHAPES = {
    "done": ("circle", {"r": "6"}),
    "authorities": ("polygon", {"points": "0,-7.5 7.5,0 0,7.5 -7.5,0"}),
    "countermeasure": ("polygon", {"points": "0,-7 7.5,6 -7.5,6"}),
}
# Corners of bars: an answer's are round, so that a grey print still shows whose lane it is.
CORNERS = {"done": "0", "authorities": "5", "countermeasure": "0"}
# Where a bar fades: what begins nobody knows when, what goes on, what is only approximate.
FADES = {"left": ("0", "1", "1"), "right": ("1", "1", "0"), "both": ("0", "1", "0")}
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

SAVED_WIDTH = 720
LABEL_LENGTH = 44
HEAD = 24
ROW = 36
BAR = 10
GAP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the picture says, in the viewer's language."""

    title: str
    description: str
    lanes: Mapping[Lane, str]
    nothing: str
    undated: str
    tick: Callable[[Tick], str]
    row: Callable[[Entry], str]


def draw_timeline(entries: Sequence[Entry], words: Words, *, saved: bool = False) -> str:
    """Return the SVG element; `saved` makes it a file of its own, with a ground and a size."""
    return _Drawing(entries, words).finish(saved=saved)


def _px(number: float) -> str:
    return f"{number:g}"


def _percent(number: float) -> str:
    return f"{number:.2f}%"


class _Drawing:
    """One picture in the making: `y` is how far down it has come."""

    def __init__(self, entries: Sequence[Entry], words: Words) -> None:
        self.words = words
        self.dated = [entry for entry in entries if entry.fact.is_dated]
        self.undated = [entry for entry in entries if not entry.fact.is_dated]
        self.axis = axis_for(entry.fact.when for entry in self.dated)
        self.y = 0.0
        self.root = Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "class": "timeline",
                "role": "img",
                "aria-labelledby": "timeline-title timeline-description",
                "width": "100%",
                "font-size": "13",
            },
        )
        self._say(self.root, "title", words.title, id="timeline-title")
        self._say(self.root, "desc", words.description, id="timeline-description")
        self.definitions = SubElement(self.root, "defs")
        self.defined: set[str] = set()

    def finish(self, *, saved: bool) -> str:
        """Draw everything and return the text."""
        ground = SubElement(self.root, "g", {"class": "timeline-ground"})
        if self.axis:
            self._axis(self.axis)
        top = self.y
        for lane in Lane:
            self._lane(lane)
        if self.axis:
            self._grid(ground, self.axis, top, self.y)
        if self.undated:
            self._undated()
        self.root.set("height", _px(self.y))
        if saved:
            self.root.set("width", str(SAVED_WIDTH))
            self.root.set("viewBox", f"0 0 {SAVED_WIDTH} {_px(self.y)}")
            self.root.set("font-family", "sans-serif")
            self.root.set("color", "#1f2933")
            paper = {"width": "100%", "height": "100%", "fill": "#ffffff"}
            ground.insert(0, Element("rect", paper))
        return tostring(self.root, encoding="unicode")

    def _define(self, shape: str, name: str, attributes: dict[str, str]) -> Element | None:
        """Define what several entries use; None where that has been done."""
        if name in self.defined:
            return None
        self.defined.add(name)
        return SubElement(self.definitions, shape, {"id": name, **attributes})

    def _fading(self, fade: str, tone: str) -> str:
        """Return the fill of a bar that fades at those ends."""
        name = f"timeline-fade-{fade}-{tone}"
        gradient = self._define("linearGradient", name, {})
        if gradient is not None:
            for place, opacity in zip(("0", "0.5", "1"), FADES[fade], strict=True):
                stop = {"offset": place, "stop-opacity": opacity}
                SubElement(gradient, "stop", {**stop, "stop-color": COLOURS[tone]})
        return f"url(#{name})"

    def _axis(self, axis: Axis) -> None:
        for tick in axis.ticks:
            place = axis.at(tick.day)
            anchor = "start" if place < 12 else "end" if place > 88 else "middle"  # noqa: PLR2004 (percent, so that no word is cut)
            where = {"x": _percent(place), "y": "14", "text-anchor": anchor}
            self._say(self.root, "text", self.words.tick(tick), fill="currentColor", **where)
        self.y = HEAD

    def _grid(self, ground: Element, axis: Axis, top: float, bottom: float) -> None:
        for tick in axis.ticks:
            x = _percent(axis.at(tick.day))
            line = {"x1": x, "x2": x, "y1": _px(top - 4), "y2": _px(bottom)}
            SubElement(ground, "line", {**line, "stroke": "#9aa5b1", "stroke-dasharray": "2 4"})

    def _lane(self, lane: Lane) -> None:
        entries = [entry for entry in self.dated if entry.lane is lane]
        height = HEAD + ROW * max(len(entries), 1) + GAP
        group = self._box(f"timeline-lane {lane.value}", height, COLOURS[lane.value])
        self._heading(group, self.words.lanes[lane])
        for number, entry in enumerate(entries):
            self._row(group, entry, self.y + HEAD + ROW * number)
        if not entries:
            self._line(group, self.words.nothing, self.y + HEAD + 15)
        self.y += height + GAP

    def _undated(self) -> None:
        """Draw the box of what has no date at all: beside the axis, never at a made-up place."""
        height = HEAD + HEAD * len(self.undated) + GAP
        group = self._box("timeline-undated", height, "#52606d", dashed=True)
        self._heading(group, self.words.undated)
        for number, entry in enumerate(self.undated):
            y = self.y + HEAD + HEAD * number
            row = self._group(group, entry)
            self._point(row, entry, "14", y + 11)
            self._label(row, entry, y + 15, x="27")
        self.y += height

    def _row(self, parent: Element, entry: Entry, y: float) -> None:
        assert self.axis is not None  # noqa: S101 (a dated entry has made an axis)
        row = self._group(parent, entry)
        self._label(row, entry, y + 13)
        when = entry.fact.when
        if when.earliest == when.latest and when.precision is not Precision.APPROXIMATE:
            self._point(row, entry, _percent(self.axis.middle(when.latest)), y + 25)
        else:
            self._bar(row, entry, self.axis.stretch(when), y + 20)

    def _bar(self, row: Element, entry: Entry, stretch: tuple[float, float], y: float) -> None:
        """Draw an interval: full where it lasted, hollow where it was some day within, and fading
        where an end is not known.
        """
        colour, corner = COLOURS[entry.tone], CORNERS[entry.tone]
        bar = {
            "class": "timeline-bar",
            "x": _percent(stretch[0]),
            "y": _px(y),
            "width": _percent(stretch[1]),
            "height": str(BAR),
            "rx": corner,
        }
        fade = _fade(entry)
        if fade:
            bar["fill"] = self._fading(fade, entry.tone)
        elif entry.fact.lasted:
            bar["fill"] = colour
        else:
            bar |= {"fill": colour, "fill-opacity": "0.15", "stroke": colour, "stroke-width": "1.5"}
        SubElement(row, "rect", bar)

    def _point(self, row: Element, entry: Entry, x: str, y: float) -> None:
        name = f"timeline-point-{entry.tone}"
        shape, attributes = SHAPES[entry.tone]
        self._define(shape, name, attributes)
        point = {"href": f"#{name}", "x": x, "y": _px(y)}
        SubElement(row, "use", {**point, "class": "timeline-point", "fill": COLOURS[entry.tone]})

    def _group(self, parent: Element, entry: Entry) -> Element:
        group = SubElement(parent, "g", {"class": f"timeline-entry {entry.tone}"})
        self._say(group, "title", f"{entry.number}. {self.words.row(entry)}")
        return group

    def _label(self, row: Element, entry: Entry, y: float, x: str = "6") -> None:
        label = f"{entry.number}. " + (
            ", ".join(tag.words for tag in entry.fact.types) or entry.fact.title
        )
        if len(label) > LABEL_LENGTH:
            label = label[: LABEL_LENGTH - 1].rstrip() + "…"
        self._line(row, label, y, x)

    def _box(self, name: str, height: float, colour: str, *, dashed: bool = False) -> Element:
        group = SubElement(self.root, "g", {"class": name})
        box = {"y": _px(self.y), "width": "100%", "height": _px(height), "fill": colour}
        if dashed:
            box |= {"stroke": colour, "stroke-dasharray": "4 4"}
        SubElement(group, "rect", {**box, "fill-opacity": "0.06"})
        return group

    def _heading(self, parent: Element, text: str) -> None:
        place = {"x": "6", "y": _px(self.y + 16), "font-weight": "bold"}
        self._say(parent, "text", text, fill="currentColor", **place)

    def _line(self, parent: Element, text: str, y: float, x: str = "6") -> None:
        self._say(parent, "text", text, x=x, y=_px(y), fill="currentColor")

    def _say(self, parent: Element, tag: str, text: str, **attributes: str) -> None:
        SubElement(parent, tag, attributes).text = NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _fade(entry: Entry) -> str:
    """Return at which ends a bar fades: "left", "right", "both" or ""."""
    fact = entry.fact
    if fact.when.precision is Precision.APPROXIMATE:
        return "both"
    left = fact.has_open_start
    right = fact.is_ongoing or fact.when.precision is Precision.AFTER
    return "both" if left and right else "left" if left else "right" if right else ""
