"""The picture of a timeline in the viewer's language: a row for each entry, or months of many."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from markupsafe import Markup

from tracker.dates import month_words
from tracker.i18n import _, format_date, language, ngettext
from tracker.timelines.codes import Lane, Tone
from tracker.timelines.folding import is_many, months_of
from tracker.timelines.pictures.canvas import Words
from tracker.timelines.pictures.entries_svg import draw_timeline
from tracker.timelines.pictures.months_svg import draw_months
from tracker.timelines.pictures.multiples_svg import Column, draw_columns
from tracker.timelines.text import left_out_words, row_words
from tracker.vocabulary.labels import label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from tracker.timelines.build import Entry
    from tracker.timelines.pictures.axis import Tick

NOTHING: Mapping[Lane, int] = MappingProxyType({})


def picture(
    entries: Sequence[Entry],
    name: str,
    *,
    saved: bool = False,
    left_out: Mapping[Lane, int] = NOTHING,
) -> Markup:
    """Return the SVG of these entries; `left_out`: how many of a lane a filter leaves out."""
    words = Words(
        title=_("Timeline: %(name)s", name=name),
        description=_counted(entries, left_out),
        lanes={lane: label(lane, language()) for lane in Lane},
        tones={tone: label(tone, language()) for tone in Tone},
        nothing=_("Nothing that you may see is recorded."),
        undated=_("Date unknown"),
        tick=_tick,
        row=lambda entry: row_words(entry.fact),
        month=month_words,
        scale=_scale,
        left_out={
            lane: ngettext(
                "%(num)d entry is left out by the filter.",
                "%(num)d entries are left out by the filter.",
                number,
            )
            for lane, number in left_out.items()
        },
    )
    if is_many(entries):
        drawn = draw_months(months_of(entries), words, saved=saved)
    elif saved:
        drawn = draw_timeline(entries, words, saved=True)
    else:
        # Each lane by itself, so that paper has a place to turn the page.
        drawn = "".join(draw_timeline(entries, words, lanes=[lane]) for lane in Lane)
    # ElementTree has escaped every word in it.
    return Markup(drawn)  # noqa: S704  # nosec B704


def columns(code: str, name: str, counts: Mapping[date, int], *, most: int) -> Markup:
    """Return the SVG of how many of a group there were in each month, one of small multiples."""
    months = [Column(month_words(month), number) for month, number in counts.items()]
    drawn = draw_columns(
        months,
        most=most,
        name=f"months-{code or 'all'}",
        title=_("%(name)s by month", name=name),
        description=", ".join(f"{one.words}: {one.number}" for one in months),
    )
    # ElementTree has escaped every word in it.
    return Markup(drawn)  # noqa: S704  # nosec B704


def _counted(entries: Sequence[Entry], left_out: Mapping[Lane, int]) -> str:
    """Return how many entries there are of what the lanes are named after, and where they are told;
    what was asked and what was left unanswered is nothing that the authorities did. None is said of
    no lane of which a filter leaves some out.
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
    said += [left_out_words(left_out), _("The same stands below in words.")]
    return " ".join(str(one) for one in said if one)


def _scale(most: int) -> str:
    words = ngettext(
        "The highest column is %(num)d entry.", "The highest column is %(num)d entries.", most
    )
    return str(words)


def _tick(tick: Tick) -> list[str]:
    """Return a mark in words, line by line: `2025`, `Jan` and `2025`, `Mar`."""
    month = [str(format_date(tick.day, "LLL"))] if tick.has_month else []
    return [*month, str(tick.day.year)] if tick.has_year else month
