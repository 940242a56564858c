"""What monitors write about a month: everybody reads it, so it names only whom the world may."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from tracker import clock
from tracker.audit.service import audited
from tracker.errors import InvalidInput, Refused
from tracker.i18n import _
from tracker.incidents.publication_rules import names_told
from tracker.people.mention_rules import mentions, without_names
from tracker.permissions import Permission
from tracker.reports.monthly.queries import incidents_to_name, names_closed
from tracker.scoping import team_ids_of_viewer

if TYPE_CHECKING:
    from tracker.permissions import Actor
    from tracker.reports.monthly.filters import MonthlyFilter
    from tracker.reports.monthly.models import MonthlyText

PARTS = ("summary", "on_incidents", "on_responses")
WITHHELD = "withheld"


def write_text(
    text: MonthlyText, filters: MonthlyFilter, *, words: dict[str, str], by: Actor
) -> None:
    """Put down what is written about a month; raise InvalidInput at the part that names somebody
    whose name may not be published, by the decisions on the incidents of that month.
    """
    if not by.may(Permission.REVIEW):
        raise Refused(_("Only monitors write about the figures."))
    if not filters.is_one_month:
        raise InvalidInput(summary=_("Choose a single month."))
    team_id = min(by.team_ids, default=None)
    wrong = _named(filters, words, names_closed(by.team_ids))
    if wrong:
        raise InvalidInput(**wrong)
    with audited(text, "monthly:write", by=by):
        for part in PARTS:
            setattr(text, part, words[part])
        text.written_at, text.written_by_id, text.team_id = clock.now(), by.id, team_id


def parts_shown(text: MonthlyText) -> dict[str, str]:
    """Return what is written, without the names that its team closed since, and those closed by
    the viewer's. What another team closed is left: whoever wrote a name would read that it is.
    """
    written = {part: getattr(text, part) for part in PARTS}
    if not any(written.values()):
        return {}
    closed = names_closed({text.team_id, *team_ids_of_viewer()})
    return {
        part: without_names(words, closed, instead=WITHHELD, alone=False)
        for part, words in written.items()
        if words
    }


def _named(filters: MonthlyFilter, words: dict[str, str], closed: list[str]) -> dict[str, str]:
    """Return what is wrong with each part, by its name."""
    incidents = list(incidents_to_name(filters)) if any(words.values()) else []
    wrong = {}
    for part, text in words.items():
        # Everything else that a publication would say is not said here.
        said = SimpleNamespace(title=text, targets="", summary_en="", summary_ru="", summary_kk="")
        told = [one for incident in incidents for one in names_told(incident, said)]
        told += [text[start:end] for start, end in mentions(text, closed)]
        if told:
            wrong[part] = _(
                "This names somebody whose name may not be published: “%(words)s”.",
                words="”, “".join(dict.fromkeys(told)),
            )
    return wrong
