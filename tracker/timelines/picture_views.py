"""The timeline as a section of other pages: the picture, and under it its entries as a story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template
from markupsafe import Markup

from tracker import clock
from tracker.dates import when_words
from tracker.i18n import _, format_date, language, ngettext
from tracker.review.codes import EditorialState
from tracker.timelines.build import build_timeline
from tracker.timelines.codes import Lane
from tracker.timelines.queries import (
    facts_of_case,
    facts_of_journalist,
    facts_of_one_incident,
    facts_of_outlet,
)
from tracker.timelines.svg import Words, draw_timeline
from tracker.vocabulary.labels import label
from tracker.web.panels import panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.cases.models import Case
    from tracker.incidents.models import Incident
    from tracker.people.models import Journalist, Outlet
    from tracker.timelines.axis import Tick
    from tracker.timelines.build import Entry
    from tracker.timelines.queries import Told


@panel("case")
def timeline_of_case(case: Case) -> str:
    """Tell a case."""
    return _section(case, facts_of_case(case), case=case)


@panel("journalist")
def timeline_of_journalist(journalist: Journalist) -> str:
    """Tell what is recorded about a journalist."""
    return _section(journalist, facts_of_journalist(journalist))


@panel("outlet")
def timeline_of_outlet(outlet: Outlet) -> str:
    """Tell what is recorded about an outlet."""
    return _section(outlet, facts_of_outlet(outlet))


@panel("incident")
def timeline_of_incident(incident: Incident) -> str:
    """Tell an incident with what followed from it."""
    return _section(incident, facts_of_one_incident(incident))


def picture(entries: Sequence[Entry], name: str, *, saved: bool = False) -> Markup:
    """Return the SVG of these entries."""
    counted = [entry for entry in entries if entry.fact.state is not EditorialState.RETRACTED]
    done = sum(entry.lane is Lane.DONE for entry in counted)
    words = Words(
        title=_("Timeline: %(name)s", name=name),
        description=" ".join(
            [
                ngettext(
                    "%(num)d entry on what was done.", "%(num)d entries on what was done.", done
                ),
                ngettext(
                    "%(num)d entry on what the authorities did.",
                    "%(num)d entries on what the authorities did.",
                    len(counted) - done,
                ),
                _("The numbers are those of the list of the same entries."),
            ]
        ),
        lanes={lane: label(lane, language()) for lane in Lane},
        nothing=_("Nothing that you may see is recorded."),
        undated=_("Date unknown"),
        tick=_tick,
        row=_row,
    )
    # ElementTree has escaped every word in it.
    return Markup(draw_timeline(entries, words, saved=saved))  # noqa: S704  # nosec B704


def _section(record: Any, told: Told, case: Case | None = None) -> str:  # noqa: ANN401 (any record)
    entries = build_timeline(told.facts)
    return render_template(
        "timelines/section.html",
        entries=entries,
        drawn=picture(entries, record.heading()) if entries else "",
        case=case,
        is_cut=told.is_cut,
        as_of=clock.now(),
    )


def _row(entry: Entry) -> str:
    """Return an entry in one line; some titles say the date already."""
    title, when = entry.fact.title, when_words(entry.fact.when)
    line = title if title.endswith(when) else f"{title}, {when}"
    if entry.fact.state is EditorialState.RETRACTED:
        line += f" ({label(entry.fact.state, language())})"
    return line


def _tick(tick: Tick) -> str:
    """Return a mark in words: `2025`, `Jan 2025`, `Mar`."""
    if not tick.has_month:
        return str(tick.day.year)
    return str(format_date(tick.day, "LLL y" if tick.has_year else "LLL"))
