"""Draw timelines as SVG pictures, with a row for each entry or a column for each month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from xml.etree.ElementTree import Element, SubElement

from markupsafe import Markup

from tracker.i18n import _, current_language, format_date, localized_month, next_month, ngettext
from tracker.timelines import canvas as timeline_canvas
from tracker.timelines.build import Entry, MonthOfEntries, group_by_month, is_grouped_by_month
from tracker.timelines.codes import Lane, Tone
from tracker.timelines.text import left_out_label, row_label
from tracker.vocabulary.labels import get_label
from tracker.when import Precision, When

# The radius of the corners of bars, in pixels. Bars in the tone of the authorities have round
# corners, which distinguish the lanes in a print without colours.
CORNER_RADIUS_OF_TONE = {tone: "5" if tone is Tone.AUTHORITIES else "0" for tone in Tone}
# The opacity of a bar at its left end, middle and right end, by the ends at which it fades: an
# unknown start, an ongoing end, or both for an approximate date.
FADE_OPACITIES = {"left": ("0", "1", "1"), "right": ("1", "1", "0"), "both": ("0", "1", "0")}
# The longest label of an entry, in characters.
MAX_LABEL_LENGTH = 120
ROW_HEIGHT = 36  # pixels, of an entry
BAR_HEIGHT = 10  # pixels, of the bar in a row
COLUMNS_HEIGHT = 96  # pixels, of the highest column
SILENCE_STRIP_HEIGHT = 12  # pixels, of the strip of silences below the columns
# The gap between two columns, in percent of the width.
COLUMN_GAP_PERCENT = 0.1
# The number of entries hidden in each lane if no filter hides any.
NOTHING_LEFT_OUT: Mapping[Lane, int] = MappingProxyType({})


def render_picture(
    entries: Sequence[Entry],
    name: str,
    *,
    standalone: bool = False,
    left_out: Mapping[Lane, int] = NOTHING_LEFT_OUT,
) -> Markup:
    """Return the SVG picture of the timeline of a record. `name`: the name of the record;
    `standalone`: as a standalone file; `left_out`: the number of entries that a filter hides, by
    lane.
    """
    words = timeline_canvas.PictureTexts(
        title=_("Timeline: %(name)s", name=name),
        description=_picture_description(entries, left_out),
        lanes={lane: get_label(lane, current_language()) for lane in Lane},
        tones={tone: get_label(tone, current_language()) for tone in Tone},
        empty_lane_note=_("Nothing that you may see is recorded."),
        undated_heading=_("Date unknown"),
        tick_label_lines=_tick_label_lines,
        entry_label=lambda entry: row_label(entry.fact),
        month_label=localized_month,
        scale_note=_axis_maximum_label,
        left_out_note_by_lane={
            lane: _left_out_sentence(number) for lane, number in left_out.items()
        },
    )
    if is_grouped_by_month(entries):
        drawn = draw_months(group_by_month(entries), words, standalone=standalone)
    elif standalone:
        drawn = draw_timeline(entries, words, standalone=True)
    else:
        # Each lane separately, so that a page can break between them.
        drawn = "".join(draw_timeline(entries, words, lanes=[lane]) for lane in Lane)
    # ElementTree has escaped all text in it.
    return Markup(drawn)  # noqa: S704  # nosec B704


def _left_out_sentence(number: int) -> str:
    """Return the sentence that a filter hides `number` entries."""
    return str(
        ngettext(
            "%(num)d entry is left out by the filter.",
            "%(num)d entries are left out by the filter.",
            number,
        )
    )


def _picture_description(entries: Sequence[Entry], left_out: Mapping[Lane, int]) -> str:
    """Return the description of a picture in words: how many entries on acts each lane has.

    Appeals and silences are no acts of the authorities. A lane without acts is left out if a filter
    hides entries in it.
    """
    tones = [entry.tone for entry in entries]
    done, acts = tones.count(Tone.DONE), tones.count(Tone.AUTHORITIES)
    said = []
    if done or Lane.DONE not in left_out:
        said.append(
            ngettext("%(num)d entry on what was done.", "%(num)d entries on what was done.", done)
        )
    if acts or Lane.AUTHORITIES not in left_out:
        said.append(
            ngettext(
                "%(num)d entry on what the authorities did.",
                "%(num)d entries on what the authorities did.",
                acts,
            )
        )
    said += [left_out_label(left_out), _("The same stands below in words.")]
    return " ".join(str(one) for one in said if one)


def _axis_maximum_label(most: int) -> str:
    """Return the note on how many entries the highest column has."""
    words = ngettext(
        "The highest column is %(num)d entry.", "The highest column is %(num)d entries.", most
    )
    return str(words)


def _tick_label_lines(tick: timeline_canvas.Tick) -> list[str]:
    """Return the label of a mark of the axis, line by line: `2025`, `Jan` and `2025`, `Mar`."""
    month = [str(format_date(tick.day, "LLL"))] if tick.has_month else []
    return [*month, str(tick.day.year)] if tick.has_year else month


def draw_timeline(
    entries: Sequence[Entry],
    words: timeline_canvas.PictureTexts,
    *,
    lanes: Sequence[Lane] = tuple(Lane),
    standalone: bool = False,
) -> str:
    """Return the SVG text of a timeline with a row for each entry of these lanes. `standalone`: as
    a standalone file, with a background and a size.
    """
    return _EntryRowsPicture(entries, words, lanes).draw(standalone=standalone)


class _EntryRowsPicture(timeline_canvas.Canvas):
    """A picture with a row for each entry of some lanes, on the axis of all entries."""

    def __init__(
        self, entries: Sequence[Entry], words: timeline_canvas.PictureTexts, lanes: Sequence[Lane]
    ) -> None:
        is_part = len(lanes) < len(Lane)
        parts = ", ".join(words.lanes[lane] for lane in lanes)
        title = f"{words.title}. {parts}" if is_part else words.title
        name = "-".join(["timeline", *(lanes if is_part else ())])
        super().__init__(title, words.description, name)
        self.lanes = lanes
        self.words = words
        self.dated = [entry for entry in entries if entry.fact.is_dated]
        self.undated = [entry for entry in entries if not entry.fact.is_dated]
        self.days = timeline_canvas.build_axis(entry.fact.when for entry in self.dated)
        self.tones = {entry.tone for entry in entries}

    def draw(self, *, standalone: bool) -> str:
        """Draw everything and return the text."""
        if self.days:
            self.draw_axis(self.days, self.words.tick_label_lines)
        top = self.y
        for lane in self.lanes:
            self._draw_lane(lane)
        if self.days:
            self.draw_grid(self.days, top, self.y)
        if self.lanes[-1] is tuple(Lane)[-1]:
            self._draw_undated_and_legend()
        return self.finish(standalone=standalone)

    def _draw_lane(self, lane: Lane) -> None:
        """Draw the entries of a lane, one below the other, at the current position."""
        entries = [entry for entry in self.dated if entry.lane is lane]
        height = (
            timeline_canvas.LANE_HEADING_HEIGHT
            + ROW_HEIGHT * max(len(entries), 1)
            + timeline_canvas.ROW_GAP
        )
        group = self.draw_box(
            f"timeline-lane {lane.value}", height, timeline_canvas.COLOUR_OF_TONE[Tone(lane.value)]
        )
        self.draw_heading(group, self.words.lanes[lane])
        for number, entry in enumerate(entries):
            self._draw_row(
                group, entry, self.y + timeline_canvas.LANE_HEADING_HEIGHT + ROW_HEIGHT * number
            )
        if not entries:
            empty = self.words.left_out_note_by_lane.get(lane, self.words.empty_lane_note)
            self.draw_text_line(group, empty, self.y + timeline_canvas.LANE_HEADING_HEIGHT + 15)
        self.y += height + timeline_canvas.ROW_GAP

    def _draw_undated_and_legend(self) -> None:
        """Draw the entries without any date and the legend, below the lanes."""
        if self.undated:
            self._draw_undated()
        self.draw_legend(
            (tone, self.words.tones[tone])
            for tone in timeline_canvas.TONES_IN_LEGEND
            if tone in self.tones
        )

    def _draw_undated(self) -> None:
        """Draw the entries without any date, at the current position."""
        height = (
            timeline_canvas.LANE_HEADING_HEIGHT
            + timeline_canvas.LANE_HEADING_HEIGHT * len(self.undated)
            + timeline_canvas.ROW_GAP
        )
        group = self.draw_box("timeline-undated", height, "#52606d", dashed=True)
        self.draw_heading(group, self.words.undated_heading)
        for number, entry in enumerate(self.undated):
            y = (
                self.y
                + timeline_canvas.LANE_HEADING_HEIGHT
                + timeline_canvas.LANE_HEADING_HEIGHT * number
            )
            row = self._add_entry_group(group, entry)
            self.draw_point(row, entry.tone, "14", y + 11)
            self._draw_label(row, entry, y + 15, x="27")
        self.y += height + timeline_canvas.ROW_GAP

    def _draw_row(self, parent: Element, entry: Entry, y: float) -> None:
        """Draw a dated entry at `y` pixels: its label, and below it a point or a bar."""
        assert self.days is not None  # noqa: S101 (a dated entry has made an axis)
        row = self._add_entry_group(parent, entry)
        self._draw_label(row, entry, y + 13)
        when = entry.fact.when
        if when.earliest == when.latest and when.precision is not Precision.APPROXIMATE:
            self.draw_point(
                row,
                entry.tone,
                timeline_canvas.format_percent(self.days.middle_of(when.latest)),
                y + 25,
            )
        else:
            self._draw_bar(row, entry, self.days, y + 20)

    def _draw_bar(self, row: Element, entry: Entry, days: timeline_canvas.Axis, y: float) -> None:
        """Draw the interval of an entry as a bar.

        The bar is filled if the entry lasted, hollow for some day within the interval, hatched for
        a silence, and fading at an unknown end.
        """
        start, width = days.start_and_width_of(entry.fact.when)
        colour = timeline_canvas.COLOUR_OF_TONE[entry.tone]
        bar = {
            "x": timeline_canvas.format_percent(start),
            "y": timeline_canvas.format_px(y),
            "width": timeline_canvas.format_percent(width),
            "height": str(BAR_HEIGHT),
            "rx": CORNER_RADIUS_OF_TONE[entry.tone],
        }
        if entry.tone is Tone.SILENCE:
            self.draw_hatched_band(row, entry.tone, bar)
            return
        fade = _fading_ends(entry)
        if fade:
            bar["fill"] = self._fading_fill(fade, entry.tone)
        elif entry.fact.has_lasted:
            bar["fill"] = colour
        else:
            bar |= {"fill": colour, "fill-opacity": "0.15", "stroke": colour, "stroke-width": "1.5"}
        SubElement(row, "rect", {"class": "timeline-bar", **bar})

    def _fading_fill(self, fade: str, tone: Tone) -> str:
        """Return the fill of a bar that fades; `fade`: "left", "right" or "both"."""
        name = f"{self.name}-fade-{fade}-{tone}"
        gradient = self.define_shape("linearGradient", name, {})
        if gradient is not None:
            for place, opacity in zip(("0", "0.5", "1"), FADE_OPACITIES[fade], strict=True):
                stop = {"offset": place, "stop-opacity": opacity}
                SubElement(
                    gradient, "stop", {**stop, "stop-color": timeline_canvas.COLOUR_OF_TONE[tone]}
                )
        return f"url(#{name})"

    def _add_entry_group(self, parent: Element, entry: Entry) -> Element:
        """Add the SVG group of an entry, with its number and text as title."""
        group = SubElement(parent, "g", {"class": f"timeline-entry {entry.tone}"})
        self.add_text(group, "title", f"{entry.number}. {self.words.entry_label(entry)}")
        return group

    def _draw_label(self, row: Element, entry: Entry, y: float, x: str = "6") -> None:
        """Draw the number and the title or types of an entry, cut to `MAX_LABEL_LENGTH`."""
        title, types = entry.fact.title, ", ".join(tag.label for tag in entry.fact.types)
        # A title that begins with the kind of event continues with the person or thing.
        label = f"{entry.number}. {title if title.startswith(types) else types}"
        if len(label) > MAX_LABEL_LENGTH:
            label = label[: MAX_LABEL_LENGTH - 1].rstrip() + "…"
        self.draw_text_line(row, label, y, x, fill=self.fading_text_fill())


def _fading_ends(entry: Entry) -> str:
    """Return the ends at which the bar of an entry fades: "left", "right", "both" or ""."""
    fact = entry.fact
    if fact.when.precision is Precision.APPROXIMATE:
        return "both"
    left = fact.has_open_start
    right = fact.is_ongoing or fact.when.precision is Precision.AFTER
    return "both" if left and right else "left" if left else "right" if right else ""


def draw_months(
    months: Sequence[MonthOfEntries],
    words: timeline_canvas.PictureTexts,
    *,
    standalone: bool = False,
) -> str:
    """Return the SVG text of a timeline with a column for each month. `standalone`: as a standalone
    file, with a background and a size.
    """
    return _MonthColumnsPicture(months, words).draw(standalone=standalone)


class _MonthColumnsPicture(timeline_canvas.Canvas):
    """A picture with a column for each month."""

    def __init__(
        self, months: Sequence[MonthOfEntries], words: timeline_canvas.PictureTexts
    ) -> None:
        super().__init__(words.title, words.description)
        self.words = words
        entries = [entry for month in months for entry in month.entries]
        self.silences = [entry for entry in entries if entry.tone is Tone.SILENCE]
        self.undated = sum(not entry.fact.is_dated for entry in entries)
        self.tones = {entry.tone for entry in entries}
        self.months = [(month, _count_by_lane_and_tone(month)) for month in months]
        spans = [month for month, counts in self.months if counts]
        self.days = timeline_canvas.build_axis(
            [When(one.first, one.last_day, Precision.MONTH) for one in spans]
            + [entry.fact.when for entry in self.silences]
        )
        self.most = max(
            (_count_in_lane(counts, lane) for _month, counts in self.months for lane in Lane),
            default=0,
        )

    def draw(self, *, standalone: bool) -> str:
        """Draw everything and return the text."""
        if self.days:
            self.draw_axis(self.days, self.words.tick_label_lines)
            top = self.y
            for lane in Lane:
                self._draw_lane(lane, self.days)
            self.draw_grid(self.days, top, self.y)
        notes = [self.words.scale_note(self.most)] if self.most else []
        notes += [f"{self.words.undated_heading}: {self.undated}"] if self.undated else []
        for note in notes:
            self.draw_text_line(self.root, note, self.y + 16)
            self.y += timeline_canvas.LANE_HEADING_HEIGHT
        self.draw_legend(
            (tone, self.words.tones[tone])
            for tone in timeline_canvas.TONES_IN_LEGEND
            if tone in self.tones
        )
        return self.finish(standalone=standalone)

    def _draw_lane(self, lane: Lane, days: timeline_canvas.Axis) -> None:
        """Draw the columns of a lane, and its silences, at the current position."""
        silent = self.silences if lane is Lane.AUTHORITIES else []
        height = (
            timeline_canvas.LANE_HEADING_HEIGHT
            + COLUMNS_HEIGHT
            + timeline_canvas.ROW_GAP
            + (SILENCE_STRIP_HEIGHT if silent else 0)
        )
        group = self.draw_box(
            f"timeline-lane {lane.value}", height, timeline_canvas.COLOUR_OF_TONE[Tone(lane.value)]
        )
        self.draw_heading(group, self.words.lanes[lane])
        for month, counts in self.months:
            if _count_in_lane(counts, lane):
                self._draw_column(group, days, month, lane)
        for entry in silent:
            start, width = days.start_and_width_of(entry.fact.when)
            band = SubElement(group, "g", {"class": f"timeline-entry {entry.tone}"})
            self.add_text(band, "title", f"{entry.number}. {self.words.entry_label(entry)}")
            place = {
                "x": timeline_canvas.format_percent(start),
                "y": timeline_canvas.format_px(
                    self.y + timeline_canvas.LANE_HEADING_HEIGHT + COLUMNS_HEIGHT + 3
                ),
                "width": timeline_canvas.format_percent(width),
            }
            self.draw_hatched_band(
                band, entry.tone, {**place, "height": str(SILENCE_STRIP_HEIGHT - 3)}
            )
        self.y += height + timeline_canvas.ROW_GAP

    def _draw_column(
        self, parent: Element, days: timeline_canvas.Axis, month: MonthOfEntries, lane: Lane
    ) -> None:
        """Draw the entries of a lane in a month as a column, with tones stacked."""
        counts = _count_by_lane_and_tone(month)
        group = SubElement(parent, "g", {"class": "timeline-month"})
        self.add_text(
            group, "title", f"{self.words.month_label(month.first)}: {_count_in_lane(counts, lane)}"
        )
        start = days.position_of(month.first)
        width = days.position_of(next_month(month.first)) - start - COLUMN_GAP_PERCENT
        y = self.y + timeline_canvas.LANE_HEADING_HEIGHT + COLUMNS_HEIGHT
        for tone in Tone:
            height = COLUMNS_HEIGHT * counts[lane, tone] / self.most
            if height:
                y -= height
                place = {
                    "x": timeline_canvas.format_percent(start),
                    "y": f"{y:.1f}",
                    "width": timeline_canvas.format_percent(width),
                }
                SubElement(
                    group,
                    "rect",
                    place
                    | {"height": f"{height:.1f}", "fill": timeline_canvas.COLOUR_OF_TONE[tone]},
                )


def _count_by_lane_and_tone(month: MonthOfEntries) -> Counter[tuple[Lane, Tone]]:
    """Count the dated entries of a month by lane and tone; silences are not counted."""
    return Counter(
        (entry.lane, entry.tone)
        for entry in month.entries
        if entry.fact.is_dated and entry.tone is not Tone.SILENCE
    )


def _count_in_lane(counts: Counter[tuple[Lane, Tone]], lane: Lane) -> int:
    """Return the number of entries in a lane, of all tones."""
    return sum(count for (of, _tone), count in counts.items() if of is lane)
