"""Small multiples: for each of some groups a column a month, all to one scale; no script."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import SubElement

from tracker.timelines.codes import Tone
from tracker.timelines.pictures.canvas import COLOURS, Canvas, percent, px

if TYPE_CHECKING:
    from collections.abc import Sequence

HIGH = 56
FLOOR = 4
LINE = 18
# Between two columns, of the width of one.
APART = 0.2


class Column(NamedTuple):
    """One month in words, and how many."""

    words: str
    number: int


def draw_columns(
    columns: Sequence[Column], *, most: int, name: str, title: str, description: str
) -> str:
    """Return the SVG element of one group; a column of `most` takes the whole height."""
    canvas = Canvas(title, description, name)
    width = 100 / len(columns)
    for place, column in enumerate(columns):
        if not column.number:
            continue
        group = SubElement(canvas.root, "g", {"class": "timeline-month"})
        canvas.say(group, "title", f"{column.words}: {column.number}")
        height = HIGH * column.number / most
        SubElement(
            group,
            "rect",
            {
                "x": percent(width * (place + APART / 2)),
                "y": f"{FLOOR + HIGH - height:.1f}",
                "width": percent(width * (1 - APART)),
                "height": f"{height:.1f}",
                "fill": COLOURS[Tone.DONE],
            },
        )
    floor = {"x1": "0", "x2": "100%", "y1": px(FLOOR + HIGH), "y2": px(FLOOR + HIGH)}
    SubElement(canvas.root, "line", {**floor, "stroke": "#9aa5b1"})
    canvas.y = FLOOR + HIGH + LINE
    for column, x, anchor in ((columns[0], "0", "start"), (columns[-1], "100%", "end")):
        where = {"x": x, "y": px(canvas.y - 3), "text-anchor": anchor, "fill": "currentColor"}
        canvas.say(canvas.root, "text", column.words, **where)
    return canvas.finish(saved=False)
