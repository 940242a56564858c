"""Publish the figures of a month for good, and write its commentary.

All users read the commentary, so it names only people whose names are public.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from types import SimpleNamespace

from tracker import clock
from tracker.audit.service import audited, record_event
from tracker.db import db
from tracker.errors import Forbidden, InvalidInput
from tracker.i18n import _
from tracker.incidents.codes import FigureTable
from tracker.incidents.publication_rules import withheld_names_in
from tracker.people.rules import find_mentions, replace_names
from tracker.permissions import Actor, Permission
from tracker.reports.cells import escape_formula
from tracker.reports.filters import MonthlyFilter
from tracker.reports.monthly import queries
from tracker.reports.monthly.models import MonthlyText, PublishedMonth
from tracker.reports.monthly.sheet import CSV_HEADER, EMPTY_CELL, Tables, stored_digest, to_stored
from tracker.scoping import viewer_team_ids, viewing_as_all_users

TEXT_FIELDS = ("summary", "on_incidents", "on_responses")
WITHHELD = "withheld"
# Excel reads Cyrillic in a CSV only with this mark.
BOM = "\ufeff"


def figures_digest(tables: Tables) -> str:
    """Return a digest of figures, by which publishing checks that exactly these were read."""
    return stored_digest(to_stored(tables))


def publish_month(filters: MonthlyFilter, *, read: str, by: Actor) -> PublishedMonth:
    """Publish the figures of a complete month, over what all users may see.

    `read`: the digest of the figures that the user read.
    """
    if not by.has_permission(Permission.REVIEW):
        raise Forbidden(_("Only monitors publish figures."))
    if not filters.is_one_month or not filters.is_over:
        raise InvalidInput(read=_("Only a single month that is over can be published."))
    if queries.published_month(filters) is not None:
        raise InvalidInput(read=_("This month is published already, and stays as it was."))
    with viewing_as_all_users():
        tables = queries.tables_of(filters)
    if figures_digest(tables) != read:
        raise InvalidInput(read=_("The figures have changed since: check them again."))
    made = PublishedMonth(
        month=filters.months.first,
        country=filters.country,
        figures=to_stored(tables),
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


def figures_csv(rows: Iterable[list[str]]) -> bytes:
    """Return the figures as a file: UTF-8 with BOM, CR LF line ends, header first."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(
        [CSV_HEADER, *([escape_formula(cell) for cell in row] for row in rows)]
    )
    return (BOM + buffer.getvalue()).encode()


def write_text(
    text: MonthlyText, filters: MonthlyFilter, *, words: dict[str, str], by: Actor
) -> None:
    """Save the commentary on a month.

    Raises InvalidInput at the part that names somebody whose name may not be published, by the
    decisions on the incidents of that month.
    """
    if not by.has_permission(Permission.REVIEW):
        raise Forbidden(_("Only monitors write about the figures."))
    if not filters.is_one_month:
        raise InvalidInput(summary=_("Choose a single month."))
    team_id = min(by.team_ids, default=None)
    wrong = _name_errors(filters, words, queries.closed_names_of(by.team_ids))
    if wrong:
        raise InvalidInput(**wrong)
    with audited(text, "monthly:write", by=by):
        for part in TEXT_FIELDS:
            setattr(text, part, words[part])
        text.written_at, text.written_by_id, text.team_id = clock.utc_now(), by.id, team_id


def visible_parts(text: MonthlyText) -> dict[str, str]:
    """Return the commentary without names that its team, or the viewer's, closed since.

    Names closed by other teams are kept: their removal would reveal that they are closed.
    """
    written = {part: getattr(text, part) for part in TEXT_FIELDS}
    if not any(written.values()):
        return {}
    closed = queries.closed_names_of({text.team_id, *viewer_team_ids()})
    return {
        part: replace_names(words, closed, replacement=WITHHELD, alone=False)
        for part, words in written.items()
        if words
    }


def _name_errors(
    filters: MonthlyFilter, words: dict[str, str], closed: list[str]
) -> dict[str, str]:
    """Return the errors of each part, by its name."""
    incidents = list(queries.incidents_for_naming(filters)) if any(words.values()) else []
    wrong = {}
    for part, text in words.items():
        # Of all checks of a publication, only names matter here.
        said = SimpleNamespace(title=text, targets="", summary_en="", summary_ru="", summary_kk="")
        names = [one for incident in incidents for one in withheld_names_in(incident, said)]
        names += [text[start:end] for start, end in find_mentions(text, closed)]
        if names:
            wrong[part] = _(
                "This names somebody whose name may not be published: “%(words)s”.",
                words="”, “".join(dict.fromkeys(names)),
            )
    return wrong
