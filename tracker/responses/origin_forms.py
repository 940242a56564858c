"""What a new appeal or proceeding is begun from, and what its form takes over: an article that
tells of it, an incident that it is about, or a case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import request, url_for

from tracker.articles.logging_rules import whose
from tracker.articles.models import Article
from tracker.articles.queries import to_log_from
from tracker.errors import BadQuery
from tracker.i18n import _
from tracker.incidents.models import Incident
from tracker.incidents.queries import for_a_line, incidents_citing, incidents_joined_by
from tracker.permissions import Visibility
from tracker.records import kinds_of_record
from tracker.web.filters import refuse_unknown
from tracker.web.records import after_logging, asked_for, record_url

if TYPE_CHECKING:
    from tracker.permissions import Actor
    from tracker.records import Record

NAMES = ("article", "incident", "case")
MOST_OFFERED = 100


@dataclass(frozen=True, slots=True)
class Origin:
    """The record from which another one is logged, None for no record, and the incidents that this
    one may be about.
    """

    record: Any = None
    incidents: list[Incident] = field(default_factory=list)

    @property
    def article(self) -> Article | None:
        """Return the article that is the source, None where there is none."""
        return self.record if isinstance(self.record, Article) else None

    @property
    def ticked(self) -> list[str]:
        """Return the refs of the incidents that it is about for sure."""
        return [one.ref for one in self.incidents if one is self.record]

    @property
    def visibility(self) -> Visibility:
        """Return who may see what is logged from it, unless a person says otherwise."""
        found: Visibility = self.record.visibility if self.record else Visibility.RESTRICTED
        return found

    @property
    def country(self) -> str | None:
        """Return of which country it tells: that of its incidents, else its own or its
        publisher's.
        """
        if self.incidents:
            return self.incidents[0].country
        of: Any = self.article.publisher if self.article else self.record
        return of.country if of else None

    def whose(self, *, by: Actor, wanted: Visibility) -> tuple[int, Visibility]:
        """Return the team and visibility of what is logged from it."""
        if self.record and not self.article and self.record.team_id in by.team_ids:
            return self.record.team_id, wanted
        return whose(self.article, by=by, wanted=wanted)

    def leads_to(self, made: Record) -> str:
        """Return where the button leads: from a case to filing what was logged in it."""
        if self.record and self.record.PREFIX == "CAS":
            return url_for("cases.file", record=made.ref, case=self.record.ref)
        return after_logging(made, self.article)

    def back(self, otherwise: str) -> str:
        """Return where to go without logging anything."""
        return record_url(self.record) if self.record else otherwise


def origin_asked_for() -> Origin:
    """Read from the address what a new record is begun from; a hidden one answers like a missing
    one.
    """
    refuse_unknown(request.args, {*NAMES, "like"})
    named = [name for name in NAMES if name in request.args]
    if len(named) > 1:
        raise BadQuery(named[1], _("Name an article, an incident or a case, and only one."))
    if article := asked_for(Article, "article", *to_log_from()):
        return Origin(article, incidents_citing(article))
    if incident := asked_for(Incident, "incident", *for_a_line()):
        return Origin(incident, [incident])
    # No model of a lower feature knows a case; it has incidents by its joins like any other record.
    if case := asked_for(kinds_of_record()["CAS"], "case"):
        return Origin(case, incidents_joined_by(case, most=MOST_OFFERED))
    return Origin()
