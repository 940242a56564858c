"""Charts of figures, drawn as SVG and shown with a table: columns, bars, grid, map, tiles.

A chart has rows of cells under series; a cell may have the address of the list that it counts. The
chart, its legend, its table and its file are made from the same rows. Marks are links for the mouse
only: the table has the same links for everybody.
"""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, SubElement

from markupsafe import Markup

from tracker.i18n import _, current_language, format_date, lazy
from tracker.timelines.canvas import STANDALONE_WIDTH, Canvas, format_percent, format_px
from tracker.when import MONTHS_IN_YEAR

MAX_BARS = 12  # bars of a chart, unless it sets `max_bars`
# The titles of the charts whose rows are records, by the name of the chart.
RECORD_CHART_TITLES = {
    "targets": lazy("Incidents by target"),
    "answers": lazy("Response rate by institution"),
    "delays": lazy("Response time by institution"),
}


class ChartKind(StrEnum):
    """How a chart is drawn."""

    COLUMNS = "columns"
    BARS = "bars"
    GRID = "grid"
    MAP = "map"
    TILES = "tiles"


class Cell(NamedTuple):
    """A number of a chart. `address`: the URL of the list of what the number counts, "" for none;
    `display_text`: the text shown instead of the number, if any.
    """

    number: int
    address: str = ""
    display_text: str = ""

    def __str__(self) -> str:
        """Return the text that the cell shows."""
        return self.display_text or str(self.number)


class Series(NamedTuple):
    """One series of numbers in a chart, such as one colour of stacked columns: the cells at the
    same position in each row. `tick_lines`: the lines of the label on the axis; `style`: the
    position of its look in `SERIES_STYLES`.
    """

    code: str
    label: str
    tick_lines: Sequence[str] = ()
    style: int = 0


class Row(NamedTuple):
    """A row of the table of a chart, drawn as a column, a bar, a country, or a row of a grid.

    A bar shows the first cell. `tick_lines`: the lines of the label on the axis.
    """

    code: str
    label: str
    cells: Sequence[Cell]
    tick_lines: Sequence[str] = ()
    total: Cell | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart with the table of its numbers. `note`: the note on how the numbers are counted;
    `label_heading`: the heading of the table's column of labels; `max_bars`: how many bars a chart
    of bars draws at most (the table has all rows); `scale_maximum`: the highest number on a scale
    that several charts share, 0 for a scale of its own.
    """

    name: str
    kind: ChartKind
    title: str
    note: str
    label_heading: str
    series: Sequence[Series]
    rows: Sequence[Row]
    max_bars: int = MAX_BARS
    scale_maximum: int = 0

    @property
    def highest_number(self) -> int:
        """The highest number on the scale of the chart."""
        if self.scale_maximum:
            return self.scale_maximum
        if self.kind is ChartKind.COLUMNS:
            return max((sum(one.number for one in row.cells) for row in self.rows), default=0)
        of_row = 1 if self.kind is ChartKind.BARS else None
        return max((one.number for row in self.rows for one in row.cells[:of_row]), default=0)

    @property
    def svg(self) -> Markup:
        """The SVG of the chart for a page."""
        # ElementTree has escaped all text in it.
        return Markup(self.render_svg())  # noqa: S704  # nosec B704

    def render_svg(self, *, standalone: bool = False, scope: str = "") -> str:
        """Return the SVG of the chart. `standalone`: as a standalone file, with its legend and its
        rule; `scope`: the sentence in the file on what is counted, and as of when.
        """
        description = f"{self.note} {_('The table has the same figures.')}"
        canvas = Canvas(self.title, description, f"chart-{self.name}")
        canvas.root.set("class", "timeline chart")
        # A group may contain links, an image may not.
        canvas.root.set("role", "group")
        if standalone:
            canvas.y = LINE_HEIGHT
            canvas.draw_text_line(canvas.root, self.title, LINE_HEIGHT - 4)
        # Screen readers read the table instead of the many marks.
        marks = SubElement(canvas.root, "g", {"aria-hidden": "true"})
        DRAW_OF_KIND[self.kind](canvas, marks, self)
        if standalone:
            _draw_legend(canvas, self)
            _draw_texts_below(canvas, scope, self.undrawn_note(), self.note)
        return canvas.finish(standalone=standalone)

    def undrawn_note(self) -> str:
        """Return the sentence on the rows that a chart of bars does not draw, "" for none."""
        if self.kind is not ChartKind.BARS or len(self.rows) <= self.max_bars:
            return ""
        number, every = self.max_bars, len(self.rows)
        return str(_("The first %(number)s of %(every)s are drawn.", number=number, every=every))

    def legend_entries(self) -> Iterator[tuple[dict[str, str], str]]:
        """Yield the SVG attributes and the label of each series or shade."""
        if self.kind is ChartKind.COLUMNS:
            for one in self.series:
                yield _series_attributes(f"chart-{self.name}", one.style), one.label
        elif self.kind is not ChartKind.BARS and self.highest_number:
            lower = 1
            for step, upper in _shade_steps(self.highest_number):
                words = str(upper) if lower == upper else f"{lower}\N{EN DASH}{upper}"
                yield _shade_attributes(step), words
                lower = upper + 1


MONTHS_IN_QUARTER = 3
MAX_MONTHS_WITH_QUARTER_TICKS = 36  # each quarter has a label; for more months, each year
CHART_HEIGHT = 168  # pixels, of the highest column
LINE_HEIGHT = 20  # pixels, of a line of text
LABEL_LINE_HEIGHT = 15  # pixels, of a line of the label of a row
# The letters of any script that fit on a line of the label of a row at 360 px.
MAX_LETTERS_IN_LABEL_LINE = 34
# The letters that fit across a saved file.
MAX_LETTERS_IN_STANDALONE_LINE = 90
BAR_HEIGHT = 16  # pixels, of a bar in a chart of bars
CELL_HEIGHT = 22  # pixels, of a cell in a grid
# The gap between columns or cells, as a share of the width of one.
GAP_SHARE = 0.14
# The longest bar, in percent of the width of the picture.
WIDEST_BAR_PERCENT = 78.0
MAP_HEIGHT = 350  # pixels, of the map of the world
TILE_LINE_HEIGHT = 13  # pixels, of a line of text in the square of a region
# A picture has room for at least this number of squares of regions side by side.
FEWEST_TILES_ACROSS = 7
# The square of each region, by country and region: its position `at` (column, row), and its short
# name by language.
TILES: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("tiles.toml").read_text(encoding="utf-8")
)
# The squares of `TILES` by the code of the region alone.
TILE_OF_REGION = {code: tile for regions in TILES.values() for code, tile in regions.items()}
# The SVG path of each country, by its code; see deploy/make_world_map.py.
COUNTRY_PATHS: dict[str, str] = tomllib.loads(
    Path(__file__).with_name("world.toml").read_text(encoding="utf-8")
)
# The number of shades in which cells of a grid, countries and regions are drawn: one colour with
# rising opacity.
SHADE_COUNT = 5
SHADE_OPACITIES = (0.2, 0.34, 0.48, 0.64, 1)  # the opacity of each shade, the lightest first
SHADE_COLOUR = "#12588a"  # the colour of all shades
SERIES_COLOURS = ("#1f5f99", "#c05f08", "#1a7f5a", "#a83279", "#6d5bd0", "#6b7280")
# The colour of each style of series, as a position in `SERIES_COLOURS`, and the SVG path of its
# strokes. Each group of types has one of the first, whichever groups a chart has; the last two are
# grey: incidents without a type, and all other types together.
SERIES_STYLES = (
    *((colour, "") for colour in range(5)),
    *((colour, "M-1 7L7 -1M-1 1L1 -1M5 7L7 5") for colour in range(5)),
    *((colour, "M0 3H6") for colour in range(5)),
    (5, ""),
    (5, "M0 0L6 6M6 0L0 6"),
)
NO_TYPE_STYLE, OTHERS_STYLE = len(SERIES_STYLES) - 2, len(SERIES_STYLES) - 1


def month_tick_lines(
    month: date, months: Sequence[date], *, step: int = MONTHS_IN_QUARTER
) -> list[str]:
    """Return the lines of the label of a month on the axis, none for most months;
    `step`: the number of months between two labels.
    """
    step = step if len(months) <= MAX_MONTHS_WITH_QUARTER_TICKS else MONTHS_IN_YEAR
    if (month.month - 1) % step:
        return []
    is_first = month == next(one for one in months if not (one.month - 1) % step)
    year = [str(month.year)] if is_first or month.month == 1 else []
    return [str(format_date(month, "LLL")), *year]


def tile_name_lines(region: str) -> Sequence[str]:
    """Return the lines of a region's short name in the picture, none for one not drawn."""
    return TILE_OF_REGION[region][current_language()].split("/") if region in TILE_OF_REGION else ()


def _series_attributes(name: str, style: int) -> dict[str, str]:
    """Return the SVG attributes of a series; `name`: the prefix of the ids of patterns."""
    colour, strokes = SERIES_STYLES[style]
    fill = f"url(#{name}-{style})" if strokes else SERIES_COLOURS[colour]
    return {"class": "" if strokes else f"s{colour + 1}", "fill": fill}


def _define_series_patterns(canvas: Canvas, series: Sequence[Series]) -> None:
    """Define the patterns of series whose style has strokes."""
    for style in sorted({one.style for one in series}):
        colour, strokes = SERIES_STYLES[style]
        if not strokes:
            continue
        size = {"width": "6", "height": "6", "patternUnits": "userSpaceOnUse"}
        pattern = canvas.define_shape("pattern", f"{canvas.name}-{style}", size)
        if pattern is not None:
            ground = {"class": f"s{colour + 1}", "fill": SERIES_COLOURS[colour]}
            SubElement(pattern, "rect", ground | {"width": "6", "height": "6"})
            over = {"class": "over", "d": strokes, "stroke": "#ffffff", "stroke-width": "1.2"}
            SubElement(pattern, "path", over)


def _shade_steps(highest: int) -> list[tuple[int, int]]:
    """Return at most five shades, darkest last, each with the highest number that has the shade.
    `highest`: the highest number of the chart.
    """
    uppers = sorted(
        {max(1, round(highest ** (step / SHADE_COUNT))) for step in range(1, SHADE_COUNT + 1)}
    )
    if highest <= SHADE_COUNT:
        uppers = list(range(1, highest + 1))
    return [(SHADE_COUNT - len(uppers) + place, upper) for place, upper in enumerate(uppers)]


def _shade_attributes(shade: int) -> dict[str, str]:
    """Return the SVG attributes of a shade, given its index; 0 is the lightest."""
    return {
        "class": f"n{shade + 1}",
        "fill": SHADE_COLOUR,
        "fill-opacity": str(SHADE_OPACITIES[shade]),
    }


def _shade_of_number(number: int, most: int) -> int:
    """Return the index of the shade of a number; `most`: the highest number of the chart."""
    return next(step for step, upper in _shade_steps(most) if number <= upper)


def _add_mark(canvas: Canvas, parent: Element, label: str, cell: Cell) -> Element:
    """Add and return the SVG group in which a cell is drawn: a link if the cell has an address.
    `label`: what the cell counts; it becomes the title of the group, with the number.
    """
    # Only the links of the table are in the tab order.
    link = {"href": cell.address, "tabindex": "-1"}
    if "://" in cell.address:
        # In a saved file the link leads to the tracker from another site.
        link["rel"] = "noopener noreferrer"
    group = SubElement(parent, "a", link) if cell.address else SubElement(parent, "g")
    canvas.add_text(group, "title", f"{label}: {cell}")
    return group


def _draw_columns(canvas: Canvas, marks: Element, chart: Chart) -> None:
    """Draw a column for each row, with its series stacked."""
    _define_series_patterns(canvas, chart.series)
    top, most = canvas.y + LINE_HEIGHT, max(chart.highest_number, 1)
    floor, width = top + CHART_HEIGHT, 100 / max(len(chart.rows), 1)
    _draw_line_across(marks, top, {"class": "rule", "stroke": "#d8dde5"})
    canvas.draw_text_line(marks, str(most), top - 3, "0")
    for place, row in enumerate(chart.rows):
        y = floor
        for series, cell in zip(chart.series, row.cells, strict=True):
            if not cell.number:
                continue
            height = CHART_HEIGHT * cell.number / most
            y -= height
            group = _add_mark(canvas, marks, f"{row.label}, {series.label}", cell)
            where = {
                "x": format_percent(width * (place + GAP_SHARE / 2)), "y": f"{y:.1f}",
                "width": format_percent(width * (1 - GAP_SHARE)), "height": f"{height:.1f}",
            }  # fmt: skip
            SubElement(group, "rect", where | _series_attributes(canvas.name, series.style))
    canvas.y = _draw_ticks(canvas, marks, [row.tick_lines for row in chart.rows], floor)


def _draw_line_across(marks: Element, y: float, attributes: dict[str, str]) -> None:
    """Draw a horizontal line across the picture at `y` pixels. `attributes`: SVG attributes of the
    line, such as its colour.
    """
    place = {"x1": "0", "x2": "100%", "y1": f"{y:.1f}", "y2": f"{y:.1f}"}
    SubElement(marks, "line", place | attributes)


def _draw_ticks(
    canvas: Canvas, marks: Element, ticks: Sequence[Sequence[str]], top: float
) -> float:
    """Draw the labels of columns from `top` down, and return the y position below them."""
    _draw_line_across(marks, top, {"class": "floor", "stroke": "#748093"})
    width = 100 / max(len(ticks), 1)
    for place, lines in enumerate(ticks):
        for number, words in enumerate(lines):
            where = {"x": format_percent(width * place), "y": format_px(top + 15 + 15 * number)}
            canvas.add_text(marks, "text", words, fill="currentColor", **where)
    return top + 8 + 15 * max(map(len, ticks), default=0)


def _draw_bars(canvas: Canvas, marks: Element, chart: Chart) -> None:
    """Draw a bar for each of the first rows, with its label above and its number after the bar."""
    most = max(chart.highest_number, 1)
    for row in chart.rows[: chart.max_bars]:
        cell = row.cells[0]
        group = _add_mark(canvas, marks, row.label, cell)
        _draw_label(canvas, group, row.label)
        y, width = canvas.y, WIDEST_BAR_PERCENT * cell.number / most
        where = {"y": format_px(y), "width": format_percent(width), "height": str(BAR_HEIGHT)}
        SubElement(group, "rect", where | _series_attributes(canvas.name, 0))
        number = {"x": format_percent(width), "dx": "6", "y": format_px(y + BAR_HEIGHT - 3)}
        canvas.add_text(group, "text", str(cell), fill="currentColor", **number)
        canvas.y = y + BAR_HEIGHT + 6


def _draw_label(canvas: Canvas, parent: Element, words: str) -> None:
    """Draw the label of a row, on as many lines as it needs at 360 px."""
    for line in textwrap.wrap(words, MAX_LETTERS_IN_LABEL_LINE):
        canvas.draw_text_line(
            parent, line, canvas.y + LABEL_LINE_HEIGHT, "0", fill=canvas.fading_text_fill()
        )
        canvas.y += LABEL_LINE_HEIGHT
    canvas.y += LINE_HEIGHT - LABEL_LINE_HEIGHT


def _draw_grid(canvas: Canvas, marks: Element, chart: Chart) -> None:
    """Draw a row of shaded cells for each row, with their numbers."""
    most, width = chart.highest_number, 100 / max(len(chart.series), 1)
    for row in chart.rows:
        _draw_label(canvas, marks, row.label)
        y = canvas.y
        for place, (series, cell) in enumerate(zip(chart.series, row.cells, strict=True)):
            box = {
                "x": format_percent(width * (place + GAP_SHARE / 2)), "y": format_px(y),
                "width": format_percent(width * (1 - GAP_SHARE)), "height": str(CELL_HEIGHT),
            }  # fmt: skip
            if not cell.number:
                SubElement(marks, "rect", box | {"class": "none", "fill": "#e9edf2"})
                continue
            step = _shade_of_number(cell.number, most)
            group = _add_mark(canvas, marks, f"{row.label}, {series.label}", cell)
            SubElement(group, "rect", box | _shade_attributes(step))
            middle = {"x": format_percent(width * (place + 0.5)), "y": format_px(y + 16)}
            _draw_text_on_shade(canvas, group, str(cell.number), step, middle)
        canvas.y = y + CELL_HEIGHT + 4
    canvas.y = _draw_ticks(canvas, marks, [one.tick_lines for one in chart.series], canvas.y + 2)


def _draw_map(canvas: Canvas, marks: Element, chart: Chart) -> None:
    """Draw a map of the world with the countries of the rows shaded."""
    canvas.root.set("class", "timeline chart map")
    canvas.root.set("viewBox", f"0 0 {STANDALONE_WIDTH} {MAP_HEIGHT}")
    place = {"y": format_px(canvas.y), "width": "100%", "height": str(MAP_HEIGHT)}
    coast = {"stroke": "#ffffff", "stroke-width": "0.6"}
    world = SubElement(marks, "svg", place | coast | {"viewBox": "110 0 840 408"})
    countries = {row.code: row for row in chart.rows if row.cells[0].number}
    others = "".join(path for code, path in COUNTRY_PATHS.items() if code not in countries)
    SubElement(world, "path", {"class": "none", "fill": "#e9edf2", "d": others})
    for code, row in countries.items():
        if code in COUNTRY_PATHS:
            look = _shade_attributes(_shade_of_number(row.cells[0].number, chart.highest_number))
            group = _add_mark(canvas, world, row.label, row.cells[0])
            SubElement(group, "path", look | {"d": COUNTRY_PATHS[code]})
    canvas.y += MAP_HEIGHT


def _draw_tiles(canvas: Canvas, marks: Element, chart: Chart) -> None:
    """Draw a shaded square for each region of a country, about where the region lies."""
    canvas.root.set("class", "timeline chart tiles")
    placed = [
        (row, *TILE_OF_REGION[row.code]["at"]) for row in chart.rows if row.code in TILE_OF_REGION
    ]
    width = 100 / max([FEWEST_TILES_ACROSS, *(column + 1 for _row, column, _down in placed)])
    lines = max((len(row.tick_lines) for row, *_at in placed), default=0)
    height, top = TILE_LINE_HEIGHT * (lines + 1) + 12, canvas.y
    for row, column, down in placed:
        cell, y = row.cells[0], top + down * (height + 4)
        box = {
            "x": format_percent(width * (column + 0.03)), "y": format_px(y),
            "width": format_percent(width * 0.94), "height": format_px(height),
        }  # fmt: skip
        group = _add_mark(canvas, marks, row.label, cell)
        step = _shade_of_number(cell.number, chart.highest_number) if cell.number else 0
        look = _shade_attributes(step) if cell.number else {"class": "none", "fill": "#e9edf2"}
        SubElement(group, "rect", box | look)
        middle = {"x": format_percent(width * (column + 0.5)), "font-size": "12"}
        for line, words in enumerate(row.tick_lines, 1):
            where = {"y": format_px(y + 2 + TILE_LINE_HEIGHT * line)}
            _draw_text_on_shade(canvas, group, words, step, middle | where)
        number = {"y": format_px(y + height - 6), "font-weight": "bold"}
        _draw_text_on_shade(canvas, group, str(cell), step, middle | number)
    rows = 1 + max((down for _row, _column, down in placed), default=0)
    canvas.y = top + rows * (height + 4)


def _draw_text_on_shade(
    canvas: Canvas, parent: Element, words: str, shade: int, position: dict[str, str]
) -> None:
    """Draw text in the middle of a shaded area, in a colour that is readable on the shade. `shade`:
    the index of the shade, 0 is the lightest; `position`: SVG attributes.
    """
    ink = "#ffffff" if shade == SHADE_COUNT - 1 else "currentColor"
    look = {"class": f"on{shade + 1}", "text-anchor": "middle", "fill": ink}
    canvas.add_text(parent, "text", words, **position, **look)


def _draw_legend(canvas: Canvas, chart: Chart) -> None:
    """Draw the legend of a chart in a saved file."""
    for look, words in chart.legend_entries():
        place = {"x": "0", "y": format_px(canvas.y + 6), "width": "14", "height": "14"}
        SubElement(canvas.root, "rect", place | look)
        canvas.draw_text_line(canvas.root, words, canvas.y + 18, "22")
        canvas.y += LINE_HEIGHT
    canvas.y += 6


def _draw_texts_below(canvas: Canvas, *texts: str) -> None:
    """Draw `texts` below the picture, each on as many lines as it needs."""
    for words in texts:
        for line in textwrap.wrap(words, MAX_LETTERS_IN_STANDALONE_LINE):
            canvas.y += LINE_HEIGHT
            canvas.draw_text_line(canvas.root, line, canvas.y - 4, "0")
    canvas.y += 6


# The function that draws the rows of a chart of each kind.
DRAW_OF_KIND: dict[ChartKind, Callable[[Canvas, Element, Chart], None]] = {
    ChartKind.COLUMNS: _draw_columns,
    ChartKind.BARS: _draw_bars,
    ChartKind.GRID: _draw_grid,
    ChartKind.MAP: _draw_map,
    ChartKind.TILES: _draw_tiles,
}
