"""Publish the figures of a month permanently, and save the commentary on a month.

All users read the commentary, so it names only people who may be named in public.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from types import SimpleNamespace

from tracker import clock
from tracker.audit.service import audited_change, record_event
from tracker.db import db
from tracker.errors import Forbidden, InvalidInput
from tracker.i18n import _
from tracker.incidents.codes import FigureTable
from tracker.incidents.publication_rules import withheld_names_in
from tracker.people.rules import find_mentions, replace_names
from tracker.permissions import Actor, Permission
from tracker.reports.cells import WITHHELD, escape_formula
from tracker.reports.filters import MonthlyFilter
from tracker.reports.formats import BOM
from tracker.reports.monthly import queries
from tracker.reports.monthly.models import MonthlyText, PublishedMonth
from tracker.reports.monthly.sheet import (
    CSV_HEADER,
    EMPTY_CELL,
    Tables,
    json_digest,
    tables_to_json,
)
from tracker.scoping import viewer_team_ids, viewing_as_all_users

# The parts of a commentary: fields of the form, and columns of the model.
COMMENTARY_FIELDS = ("summary", "on_incidents", "on_responses")


def figures_digest(tables: Tables) -> str:
    """Return the digest of the figures in tables. When a user publishes figures, their digest is
    compared with the digest on the page that the user read.
    """
    return json_digest(tables_to_json(tables))


def publish_month(filters: MonthlyFilter, *, read: str, by: Actor) -> PublishedMonth:
    """Publish the figures of a month that is over, counted over the records that all users may see;
    `read`: the digest of the figures that the user read.

    Raises Forbidden for users who may not review, and InvalidInput if the month is not over or
    published already, or the figures changed.
    """
    if not by.has_permission(Permission.REVIEW):
        raise Forbidden(_("Only monitors publish figures."))
    if not filters.is_one_month or not filters.is_complete:
        raise InvalidInput(read=_("Only a single month that is over can be published."))
    if queries.published_month(filters) is not None:
        raise InvalidInput(read=_("This month is published already, and stays as it was."))
    with viewing_as_all_users():
        tables = queries.monthly_tables(filters)
    if figures_digest(tables) != read:
        raise InvalidInput(read=_("The figures have changed since: check them again."))
    made = PublishedMonth(
        month=filters.months.first,
        country=filters.country,
        figures=tables_to_json(tables),
        published_by_id=by.id,
        published_at=clock.utc_now(),
    )
    db.session.add(made)
    total = tables[FigureTable.ALL].get("all", EMPTY_CELL).number
    record_event(
        "monthly:publish",
        f"{filters.months} {filters.country}".strip(),
        by=by,
        changes={"incidents": total, "digest": read, "at": made.published_at.isoformat()},
    )
    return made


def format_figures_csv(rows: Iterable[list[str]]) -> bytes:
    """Return the rows of a report, from `MonthlyReport.csv_rows`, as CSV in UTF-8 with BOM."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(
        [CSV_HEADER, *([escape_formula(cell) for cell in row] for row in rows)]
    )
    return (BOM + buffer.getvalue()).encode()


def save_commentary(
    text: MonthlyText, filters: MonthlyFilter, *, words: dict[str, str], by: Actor
) -> None:
    """Save the commentary on a month; `words`: the text of each part.

    Raises InvalidInput for a part that names somebody whose name may not be published, by the
    naming decisions on the incidents of that month.
    """
    if not by.has_permission(Permission.REVIEW):
        raise Forbidden(_("Only monitors write about the figures."))
    if not filters.is_one_month:
        raise InvalidInput(summary=_("Choose a single month."))
    team_id = min(by.team_ids, default=None)
    wrong = _name_errors(filters, words, queries.redacted_names_of_teams(by.team_ids))
    if wrong:
        raise InvalidInput(**wrong)
    with audited_change(text, "monthly:write", by=by):
        for part in COMMENTARY_FIELDS:
            setattr(text, part, words[part])
        text.written_at, text.written_by_id, text.team_id = clock.utc_now(), by.id, team_id


def visible_commentary(text: MonthlyText) -> dict[str, str]:
    """Return the text of each part of a commentary, without the names that were redacted by the
    team that wrote it or by the teams of the viewer.

    Names redacted by other teams are kept: removing them would reveal that they are redacted.
    """
    written = {part: getattr(text, part) for part in COMMENTARY_FIELDS}
    if not any(written.values()):
        return {}
    redacted = queries.redacted_names_of_teams({text.team_id, *viewer_team_ids()})
    return {
        part: replace_names(words, redacted, replacement=WITHHELD, allow_single_words=False)
        for part, words in written.items()
        if words
    }


def _name_errors(
    filters: MonthlyFilter, words: dict[str, str], redacted: list[str]
) -> dict[str, str]:
    """Return an error message for each part of a commentary that contains a name which may not be
    published; `words`: the text of each part; `redacted`: names that are redacted in any case.
    """
    incidents = list(queries.incidents_with_naming_details(filters)) if any(words.values()) else []
    wrong = {}
    for part, text in words.items():
        # Of all checks of a publication, only names matter here.
        said = SimpleNamespace(title=text, targets="", summary_en="", summary_ru="", summary_kk="")
        names = [one for incident in incidents for one in withheld_names_in(incident, said)]
        names += [text[start:end] for start, end in find_mentions(text, redacted)]
        if names:
            wrong[part] = _(
                "This names somebody whose name may not be published: “%(words)s”.",
                words="”, “".join(dict.fromkeys(names)),
            )
    return wrong
