"""The drawing surface of timeline pictures in SVG: axis, grid, lanes, shapes, text.

Horizontal lengths are percentages and vertical ones are pixels, so that the picture fits a phone, a
screen or a sheet of paper while its text keeps its size. Colours are presentation attributes: a
strict Content-Security-Policy allows them, and a saved file keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from xml.etree.ElementTree import Element, SubElement, tostring

from tracker.timelines.build import Entry
from tracker.timelines.codes import Lane, Tone
from tracker.when import MONTHS_IN_YEAR, ONE_DAY, OPEN_START, When

# The most marks on the axis: more would overlap on a screen 360 px wide.
MAX_TICKS = 5
# Possible distances between two marks, in months. From twelve months on, the label of a mark is
# only the year.
TICK_STEPS_IN_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 24_000)
MARGIN_PERCENT = 4.0  # of the width, at both ends of the axis
# The width of the label of a year at 360 px, as a share of the axis.
LABEL_WIDTH_SHARE = 0.16
# The least width of a bar, in percent of the width of the picture: narrower ones would be
# invisible.
NARROWEST_BAR_PERCENT = 1.6
# Colours of the stylesheet, with a contrast of at least 7 to 1 on white; on grey paper shapes
# distinguish tones.
COLOUR_OF_TONE = {
    Tone.DONE: "#8a2d1c",
    Tone.AUTHORITIES: "#1d5c4a",
    Tone.COUNTERMEASURE: "#6b4a00",
    Tone.ASKED: "#1f4e79",
    Tone.SILENCE: "#4a4f5a",
}
# The SVG element and attributes of the shape of each tone, around the origin.
SHAPE_OF_TONE = {
    Tone.DONE: ("circle", {"r": "6"}),
    Tone.AUTHORITIES: ("polygon", {"points": "0,-7.5 7.5,0 0,7.5 -7.5,0"}),
    Tone.COUNTERMEASURE: ("polygon", {"points": "0,-7 7.5,6 -7.5,6"}),
    Tone.ASKED: ("polygon", {"points": "-6,-6 0,-6 7,0 0,6 -6,6"}),
    Tone.SILENCE: ("polygon", {"points": "-8,-4 8,-4 8,4 -8,4"}),
}
# The tones that the legend explains. The other two are the tones of the lanes, which have headings.
TONES_IN_LEGEND = (Tone.COUNTERMEASURE, Tone.ASKED, Tone.SILENCE)
# The characters that XML forbids.
NOT_XML_PATTERN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
STANDALONE_WIDTH = 720  # pixels, of a saved file
LANE_HEADING_HEIGHT = 24  # pixels, of the heading of a lane
# Half the width of the label of a month at 360 px, in percent of the width of the picture.
EDGE_WIDTH_PERCENT = 6.0
LINE_HEIGHT = 14  # pixels, of a line of text
ROW_GAP = 10  # pixels, below the entries of a lane and between two lanes


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTexts:
    """The texts of a timeline picture in the viewer's language. `tick_label_lines`: returns the
    label of a mark on the axis, line by line; `entry_label`, `month_label`: return the label of an
    entry or month; `scale_note`: returns the note on the highest column; `empty_lane_note`: the
    note in an empty lane; `undated_heading`: the heading of entries without a date;
    `left_out_note_by_lane`: the note on entries hidden by a filter, by lane.
    """

    title: str
    description: str
    lanes: Mapping[Lane, str]
    tones: Mapping[Tone, str]
    empty_lane_note: str
    undated_heading: str
    tick_label_lines: Callable[[Tick], Sequence[str]]
    entry_label: Callable[[Entry], str]
    month_label: Callable[[date], str]
    scale_note: Callable[[int], str]
    left_out_note_by_lane: Mapping[Lane, str] = field(default_factory=dict)


def format_px(number: float) -> str:
    """Format a length in pixels as an SVG length."""
    return f"{number:g}"


def format_percent(number: float) -> str:
    """Format a length in percent of the width as an SVG length."""
    return f"{number:.2f}%"


class Canvas:
    """An SVG picture that is being drawn. `y`: the current vertical position in pixels; `name`: the
    beginning of all ids in the picture.
    """

    def __init__(self, title: str, description: str, name: str = "timeline") -> None:
        self.y = 0.0
        self.name = name
        self.root = Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "class": "timeline",
                "role": "img",
                "aria-labelledby": f"{name}-title {name}-description",
                "width": "100%",
                "font-size": "13",
            },
        )
        self.add_text(self.root, "title", title, id=f"{name}-title")
        self.add_text(self.root, "desc", description, id=f"{name}-description")
        self.definitions = SubElement(self.root, "defs")
        self.defined: set[str] = set()
        self.ground = SubElement(self.root, "g", {"class": "timeline-ground"})

    def finish(self, *, standalone: bool) -> str:
        """Return the SVG text; `standalone`: as a standalone file, with a background and a size."""
        self.root.set("height", format_px(self.y))
        if standalone:
            self.root.set("width", str(STANDALONE_WIDTH))
            self.root.set("viewBox", f"0 0 {STANDALONE_WIDTH} {format_px(self.y)}")
            self.root.set("font-family", "sans-serif")
            self.root.set("color", "#1f2933")
            paper = {"width": "100%", "height": "100%", "fill": "#ffffff"}
            self.ground.insert(0, Element("rect", paper))
        return tostring(self.root, encoding="unicode")

    def define_shape(self, tag: str, element_id: str, attributes: dict[str, str]) -> Element | None:
        """Add an element to the definitions of the SVG (`defs`) and return the element; return None
        if an element with this id is defined already.
        """
        if element_id in self.defined:
            return None
        self.defined.add(element_id)
        return SubElement(self.definitions, tag, {"id": element_id, **attributes})

    def fading_text_fill(self) -> str:
        """Return the fill of text that may be wider than the picture and fades at the edge."""
        name = f"{self.name}-ink"
        across = {"gradientUnits": "userSpaceOnUse", "x1": "0", "x2": "100%"}
        gradient = self.define_shape("linearGradient", name, across)
        if gradient is not None:
            for place, opacity in (("0.88", "1"), ("1", "0")):
                stop = {"offset": place, "stop-color": "currentColor", "stop-opacity": opacity}
                SubElement(gradient, "stop", stop)
        return f"url(#{name}) currentColor"

    def hatched_fill(self, tone: Tone) -> str:
        """Return the fill of a hatched area in the colour of a tone."""
        name = f"{self.name}-hatch-{tone}"
        size = {"width": "6", "height": "6", "patternUnits": "userSpaceOnUse"}
        pattern = self.define_shape("pattern", name, {**size, "patternTransform": "rotate(45)"})
        if pattern is not None:
            line = {"x1": "0", "y1": "0", "x2": "0", "y2": "6", "stroke-width": "3"}
            SubElement(pattern, "line", {**line, "stroke": COLOUR_OF_TONE[tone]})
        return f"url(#{name})"

    def draw_hatched_band(self, parent: Element, tone: Tone, bounds: dict[str, str]) -> None:
        """Draw a hatched band, for a silence; `bounds`: its x, y, width and height in SVG."""
        look = {"fill": self.hatched_fill(tone), "stroke": COLOUR_OF_TONE[tone]}
        SubElement(parent, "rect", {"class": "timeline-bar", **bounds, **look})

    def draw_point(self, row: Element, tone: Tone, x: str, y: float) -> None:
        """Draw a point with the shape and colour of a tone (a kind of entry). `row`: the SVG group
        to draw in; `x`: the position of its centre as an SVG length; `y`: the same in pixels.
        """
        name = f"{self.name}-point-{tone}"
        shape, attributes = SHAPE_OF_TONE[tone]
        self.define_shape(shape, name, attributes)
        place = {"href": f"#{name}", "x": x, "y": format_px(y), "class": "timeline-point"}
        fill = {"fill": COLOUR_OF_TONE[tone]}
        if tone is Tone.SILENCE:
            fill = {"fill": self.hatched_fill(tone), "stroke": COLOUR_OF_TONE[tone]}
        SubElement(row, "use", place | fill)

    def draw_axis(self, axis: Axis, label_lines: Callable[[Tick], Sequence[str]]) -> None:
        """Draw the labels of the axis, each year below its month; `label_lines`: returns the lines
        of the label of a mark.
        """
        marks = [(axis.position_of(tick.day), label_lines(tick)) for tick in axis.ticks]
        for place, lines in marks:
            # At the edges no label is cut, and each still begins or ends at its mark.
            anchor = (
                "start"
                if place < EDGE_WIDTH_PERCENT
                else "end"
                if place > 100 - EDGE_WIDTH_PERCENT
                else "middle"
            )
            where = {"x": format_percent(place), "text-anchor": anchor, "fill": "currentColor"}
            for number, line in enumerate(lines):
                self.add_text(
                    self.root,
                    "text",
                    line,
                    y=format_px(LINE_HEIGHT + LINE_HEIGHT * number),
                    **where,
                )
        self.y = LANE_HEADING_HEIGHT + LINE_HEIGHT * (
            max(len(lines) for _place, lines in marks) - 1
        )

    def draw_grid(self, axis: Axis, top: float, bottom: float) -> None:
        """Draw a vertical line at each mark of the axis, between two positions in pixels."""
        for tick in axis.ticks:
            x = format_percent(axis.position_of(tick.day))
            line = {"x1": x, "x2": x, "y1": format_px(top - 4), "y2": format_px(bottom)}
            dashes = {"stroke": "#9aa5b1", "stroke-dasharray": "2 4"}
            SubElement(self.ground, "line", line | dashes)

    def draw_legend(self, tones: Iterable[tuple[Tone, str]]) -> None:
        """Draw a legend of these tones, each with its label."""
        group = SubElement(self.root, "g", {"class": "timeline-legend"})
        for tone, words in tones:
            self.draw_point(group, tone, "14", self.y + 11)
            self.draw_text_line(group, words, self.y + 16, "28")
            self.y += LANE_HEADING_HEIGHT

    def draw_box(
        self, css_class: str, height: float, colour: str, *, dashed: bool = False
    ) -> Element:
        """Draw the background of a lane from the current position down, `height` pixels high, and
        return the group for its content. `dashed`: with a dashed border.
        """
        group = SubElement(self.root, "g", {"class": css_class})
        box = {"y": format_px(self.y), "width": "100%", "height": format_px(height), "fill": colour}
        if dashed:
            box |= {"stroke": colour, "stroke-dasharray": "4 4"}
        SubElement(group, "rect", {**box, "fill-opacity": "0.06"})
        return group

    def draw_heading(self, parent: Element, text: str) -> None:
        """Draw the heading of a lane at the current position."""
        place = {"x": "6", "y": format_px(self.y + 16), "font-weight": "bold"}
        self.add_text(parent, "text", text, fill="currentColor", **place)

    def draw_text_line(
        self, parent: Element, text: str, y: float, x: str = "6", fill: str = "currentColor"
    ) -> None:
        """Draw a line of text with its baseline at `y` pixels; `x`: an SVG length."""
        self.add_text(parent, "text", text, x=x, y=format_px(y), fill=fill)

    def add_text(self, parent: Element, tag: str, text: str, **attributes: str) -> None:
        """Add a child element with text and SVG attributes, without characters that XML forbids."""
        SubElement(parent, tag, attributes).text = NOT_XML_PATTERN.sub(
            "\N{REPLACEMENT CHARACTER}", text
        )


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis; `has_month`, `has_year`: what its label shows."""

    day: date
    has_month: bool
    has_year: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """The horizontal axis: days from `first` up to but not including `end`, between two margins."""

    first: date
    end: date
    ticks: tuple[Tick, ...]

    def position_of(self, day: date) -> float:
        """Return the position of the beginning of a day, in percent of the width."""
        share = (day - self.first).days / (self.end - self.first).days
        return MARGIN_PERCENT + share * (100 - 2 * MARGIN_PERCENT)

    def middle_of(self, day: date) -> float:
        """Return the position of the middle of a day, in percent of the width."""
        return (self.position_of(day) + self.position_of(day + ONE_DAY)) / 2

    def start_and_width_of(self, when: When) -> tuple[float, float]:
        """Return where a date range starts on the axis and how wide it is, in percent of the width;
        both its first and its last day are included.

        An interval with an open start begins at the edge.
        """
        start = 0.0 if when.earliest == OPEN_START else self.position_of(when.earliest)
        width = self.position_of(when.latest + ONE_DAY) - start
        if width >= NARROWEST_BAR_PERCENT:
            return start, width
        return start - (NARROWEST_BAR_PERCENT - width) / 2, NARROWEST_BAR_PERCENT


def build_axis(whens: Iterable[When]) -> Axis | None:
    """Return an axis of whole months that covers all intervals, None if no interval has a date."""
    days = [day for when in whens for day in (when.earliest, when.latest) if day != OPEN_START]
    if not days:
        return None
    first, last = _month_number(min(days)), _month_number(max(days)) + 1
    return Axis(_first_day_of_month(first), _first_day_of_month(last), _build_ticks(first, last))


def _build_ticks(first_month: int, last_month: int) -> tuple[Tick, ...]:
    """Return the marks of an axis between two months, given as numbers of `_month_number`."""
    for step in TICK_STEPS_IN_MONTHS:
        marked = [month for month in range(first_month, last_month + 1) if month % step == 0]
        if len(marked) <= MAX_TICKS:
            break
    marks = [
        Tick(
            _first_day_of_month(month),
            has_month=step < MONTHS_IN_YEAR,
            has_year=month == marked[0] or month % MONTHS_IN_YEAR == 0,
        )
        for month in marked
    ]
    # A first year without its January is labelled where it begins, if there is room.
    has_room = (marked[0] - first_month) / (last_month - first_month) >= LABEL_WIDTH_SHARE
    if step >= MONTHS_IN_YEAR and has_room and len(marks) < MAX_TICKS:
        marks.insert(0, Tick(_first_day_of_month(first_month), has_month=False, has_year=True))
    return tuple(marks)


def _month_number(day: date) -> int:
    """Return the number of months from the year 0 to the month of a day."""
    return day.year * MONTHS_IN_YEAR + day.month - 1


def _first_day_of_month(month: int) -> date:
    """Return the first day of a month, given as a number of `_month_number`."""
    return date(month // MONTHS_IN_YEAR, month % MONTHS_IN_YEAR + 1, 1)
