"""Draw a timeline as SVG: a row for each entry, or a column for each month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from xml.etree.ElementTree import Element, SubElement

from markupsafe import Markup

from tracker.dates import localized_month, next_month
from tracker.i18n import _, format_date, language, ngettext
from tracker.timelines import canvas as timeline_canvas
from tracker.timelines.build import Entry, Month, is_long, months_of
from tracker.timelines.codes import Lane, Tone
from tracker.timelines.text import left_out_label, row_label
from tracker.vocabulary.labels import label
from tracker.when import Precision, When

# Corners of bars: those of answers are round, so that a grey print still shows the lane.
CORNER_OF_TONE = {tone: "5" if tone is Tone.AUTHORITIES else "0" for tone in Tone}
# Where a bar fades: an unknown start, an ongoing end, or an approximate date.
FADE_STOPS = {"left": ("0", "1", "1"), "right": ("1", "1", "0"), "both": ("0", "1", "0")}
# Text wider than the page fades; nobody reads a longer label.
LABEL_LENGTH = 120
ROW_HEIGHT = 36
BAR_HEIGHT = 10
MONTHS_HEIGHT = 96
STRIP_HEIGHT = 12
# Between two columns, in percent of the width.
MONTHS_GAP = 0.1
NO_ATTRIBUTES: Mapping[Lane, int] = MappingProxyType({})


def picture(
    entries: Sequence[Entry],
    name: str,
    *,
    saved: bool = False,
    left_out: Mapping[Lane, int] = NO_ATTRIBUTES,
) -> Markup:
    """Return the SVG of these entries; `left_out`: how many of a lane a filter hides."""
    words = timeline_canvas.PictureTexts(
        title=_("Timeline: %(name)s", name=name),
        description=_counted(entries, left_out),
        lanes={lane: label(lane, language()) for lane in Lane},
        tones={tone: label(tone, language()) for tone in Tone},
        nothing=_("Nothing that you may see is recorded."),
        undated=_("Date unknown"),
        tick=_tick,
        row=lambda entry: row_label(entry.fact),
        month=localized_month,
        scale=_axis_maximum,
        left_out={
            lane: ngettext(
                "%(num)d entry is left out by the filter.",
                "%(num)d entries are left out by the filter.",
                number,
            )
            for lane, number in left_out.items()
        },
    )
    if is_long(entries):
        drawn = draw_months(months_of(entries), words, saved=saved)
    elif saved:
        drawn = draw_timeline(entries, words, saved=True)
    else:
        # Each lane separately, so that a page can break between them.
        drawn = "".join(draw_timeline(entries, words, lanes=[lane]) for lane in Lane)
    # ElementTree has escaped all text in it.
    return Markup(drawn)  # noqa: S704  # nosec B704


def _counted(entries: Sequence[Entry], left_out: Mapping[Lane, int]) -> str:
    """Return the number of entries that are acts of each lane, for the description.

    Appeals and silences are no acts of the authorities. "None" is not said of a lane in which a
    filter hides entries.
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


def _axis_maximum(most: int) -> str:
    words = ngettext(
        "The highest column is %(num)d entry.", "The highest column is %(num)d entries.", most
    )
    return str(words)


def _tick(tick: timeline_canvas.Tick) -> list[str]:
    """Return the label of a mark, line by line: `2025`, `Jan` and `2025`, `Mar`."""
    month = [str(format_date(tick.day, "LLL"))] if tick.has_month else []
    return [*month, str(tick.day.year)] if tick.has_year else month


def draw_timeline(
    entries: Sequence[Entry],
    words: timeline_canvas.PictureTexts,
    *,
    lanes: Sequence[Lane] = tuple(Lane),
    saved: bool = False,
) -> str:
    """Return the SVG element of some lanes of a timeline.

    `saved` makes it a standalone file, with a background and a size.
    """
    return _Rows(entries, words, lanes).drawn(saved=saved)


class _Rows(timeline_canvas.Canvas):
    """A picture with a row for each entry of its lanes, on the axis of all."""

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
        self.days = timeline_canvas.axis_for(entry.fact.when for entry in self.dated)
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
        height = (
            timeline_canvas.HEAD_HEIGHT
            + ROW_HEIGHT * max(len(entries), 1)
            + timeline_canvas.ROW_GAP
        )
        group = self.box(
            f"timeline-lane {lane.value}", height, timeline_canvas.COLOUR_OF_TONE[Tone(lane.value)]
        )
        self.heading(group, self.words.lanes[lane])
        for number, entry in enumerate(entries):
            self._row(group, entry, self.y + timeline_canvas.HEAD_HEIGHT + ROW_HEIGHT * number)
        if not entries:
            empty = self.words.left_out.get(lane, self.words.nothing)
            self.line(group, empty, self.y + timeline_canvas.HEAD_HEIGHT + 15)
        self.y += height + timeline_canvas.ROW_GAP

    def _rest(self) -> None:
        """Draw what is below the lanes: entries without any date, and the legend."""
        if self.undated:
            self._undated()
        self.legend(
            (tone, self.words.tones[tone])
            for tone in timeline_canvas.TONES_WITH_NAME
            if tone in self.tones
        )

    def _undated(self) -> None:
        height = (
            timeline_canvas.HEAD_HEIGHT
            + timeline_canvas.HEAD_HEIGHT * len(self.undated)
            + timeline_canvas.ROW_GAP
        )
        group = self.box("timeline-undated", height, "#52606d", dashed=True)
        self.heading(group, self.words.undated)
        for number, entry in enumerate(self.undated):
            y = self.y + timeline_canvas.HEAD_HEIGHT + timeline_canvas.HEAD_HEIGHT * number
            row = self._group(group, entry)
            self.point(row, entry.tone, "14", y + 11)
            self._label(row, entry, y + 15, x="27")
        self.y += height + timeline_canvas.ROW_GAP

    def _row(self, parent: Element, entry: Entry, y: float) -> None:
        assert self.days is not None  # noqa: S101 (a dated entry has made an axis)
        row = self._group(parent, entry)
        self._label(row, entry, y + 13)
        when = entry.fact.when
        if when.earliest == when.latest and when.precision is not Precision.APPROXIMATE:
            self.point(
                row,
                entry.tone,
                timeline_canvas.format_percent(self.days.middle(when.latest)),
                y + 25,
            )
        else:
            self._bar(row, entry, self.days, y + 20)

    def _bar(self, row: Element, entry: Entry, days: timeline_canvas.Axis, y: float) -> None:
        """Draw an interval.

        Filled if it lasted, hollow if it was some day within, hatched for a silence, and fading at
        an unknown end.
        """
        start, width = days.interval(entry.fact.when)
        colour = timeline_canvas.COLOUR_OF_TONE[entry.tone]
        bar = {
            "x": timeline_canvas.format_percent(start),
            "y": timeline_canvas.format_px(y),
            "width": timeline_canvas.format_percent(width),
            "height": str(BAR_HEIGHT),
            "rx": CORNER_OF_TONE[entry.tone],
        }
        if entry.tone is Tone.SILENCE:
            self.hatch(row, entry.tone, bar)
            return
        fade = _fading_ends(entry)
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
            for place, opacity in zip(("0", "0.5", "1"), FADE_STOPS[fade], strict=True):
                stop = {"offset": place, "stop-opacity": opacity}
                SubElement(
                    gradient, "stop", {**stop, "stop-color": timeline_canvas.COLOUR_OF_TONE[tone]}
                )
        return f"url(#{name})"

    def _group(self, parent: Element, entry: Entry) -> Element:
        group = SubElement(parent, "g", {"class": f"timeline-entry {entry.tone}"})
        self.add_text(group, "title", f"{entry.number}. {self.words.row(entry)}")
        return group

    def _label(self, row: Element, entry: Entry, y: float, x: str = "6") -> None:
        title, types = entry.fact.title, ", ".join(tag.words for tag in entry.fact.types)
        # A title that begins with the kind of event continues with the person or thing.
        label = f"{entry.number}. {title if title.startswith(types) else types}"
        if len(label) > LABEL_LENGTH:
            label = label[: LABEL_LENGTH - 1].rstrip() + "…"
        self.line(row, label, y, x, fill=self.text_fill())


def _fading_ends(entry: Entry) -> str:
    """Return the ends at which a bar fades: "left", "right", "both" or ""."""
    fact = entry.fact
    if fact.when.precision is Precision.APPROXIMATE:
        return "both"
    left = fact.has_open_start
    right = fact.is_ongoing or fact.when.precision is Precision.AFTER
    return "both" if left and right else "left" if left else "right" if right else ""


def draw_months(
    months: Sequence[Month], words: timeline_canvas.PictureTexts, *, saved: bool = False
) -> str:
    """Return the SVG element; `saved` makes it a standalone file."""
    return _Columns(months, words).drawn(saved=saved)


class _Columns(timeline_canvas.Canvas):
    """A picture with a column for each month."""

    def __init__(self, months: Sequence[Month], words: timeline_canvas.PictureTexts) -> None:
        super().__init__(words.title, words.description)
        self.words = words
        entries = [entry for month in months for entry in month.entries]
        self.silences = [entry for entry in entries if entry.tone is Tone.SILENCE]
        self.undated = sum(not entry.fact.is_dated for entry in entries)
        self.tones = {entry.tone for entry in entries}
        self.months = [(month, _by_tone(month)) for month in months]
        spans = [month for month, counts in self.months if counts]
        self.days = timeline_canvas.axis_for(
            [When(one.first, one.last, Precision.MONTH) for one in spans]
            + [entry.fact.when for entry in self.silences]
        )
        self.most = max(
            (_counts_of_lane(counts, lane) for _month, counts in self.months for lane in Lane),
            default=0,
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
            self.y += timeline_canvas.HEAD_HEIGHT
        self.legend(
            (tone, self.words.tones[tone])
            for tone in timeline_canvas.TONES_WITH_NAME
            if tone in self.tones
        )
        return self.finish(saved=saved)

    def _lane(self, lane: Lane, days: timeline_canvas.Axis) -> None:
        silent = self.silences if lane is Lane.AUTHORITIES else []
        height = (
            timeline_canvas.HEAD_HEIGHT
            + MONTHS_HEIGHT
            + timeline_canvas.ROW_GAP
            + (STRIP_HEIGHT if silent else 0)
        )
        group = self.box(
            f"timeline-lane {lane.value}", height, timeline_canvas.COLOUR_OF_TONE[Tone(lane.value)]
        )
        self.heading(group, self.words.lanes[lane])
        for month, counts in self.months:
            if _counts_of_lane(counts, lane):
                self._column(group, days, month, lane)
        for entry in silent:
            start, width = days.interval(entry.fact.when)
            band = SubElement(group, "g", {"class": f"timeline-entry {entry.tone}"})
            self.add_text(band, "title", f"{entry.number}. {self.words.row(entry)}")
            place = {
                "x": timeline_canvas.format_percent(start),
                "y": timeline_canvas.format_px(
                    self.y + timeline_canvas.HEAD_HEIGHT + MONTHS_HEIGHT + 3
                ),
                "width": timeline_canvas.format_percent(width),
            }
            self.hatch(band, entry.tone, {**place, "height": str(STRIP_HEIGHT - 3)})
        self.y += height + timeline_canvas.ROW_GAP

    def _column(
        self, parent: Element, days: timeline_canvas.Axis, month: Month, lane: Lane
    ) -> None:
        """Draw a month's entries of a lane as a column, with tones stacked."""
        counts = _by_tone(month)
        group = SubElement(parent, "g", {"class": "timeline-month"})
        self.add_text(
            group, "title", f"{self.words.month(month.first)}: {_counts_of_lane(counts, lane)}"
        )
        start = days.at(month.first)
        width = days.at(next_month(month.first)) - start - MONTHS_GAP
        y = self.y + timeline_canvas.HEAD_HEIGHT + MONTHS_HEIGHT
        for tone in Tone:
            height = MONTHS_HEIGHT * counts[lane, tone] / self.most
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


def _by_tone(month: Month) -> Counter[tuple[Lane, Tone]]:
    """Count dated entries by lane and tone; a silence is no entry of the month it ends in."""
    return Counter(
        (entry.lane, entry.tone)
        for entry in month.entries
        if entry.fact.is_dated and entry.tone is not Tone.SILENCE
    )


def _counts_of_lane(counts: Counter[tuple[Lane, Tone]], lane: Lane) -> int:
    return sum(count for (of, _tone), count in counts.items() if of is lane)
