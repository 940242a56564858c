"""Which rows are in a file: for a filter, a profile and a viewer, said once for all tables.

Records are given as selects of ids; rows that hang on a record follow it. What a column points to
that is not in here is not pointed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, false, literal, or_, select, true

from tracker.articles.models import Article, Citation
from tracker.articles.rules import TOLD
from tracker.bulk_insert import is_among
from tracker.cases.models import Case, CaseIncident
from tracker.db import engines
from tracker.fake_accounts.models import (
    AccountCitation,
    FakeAccount,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.incidents.codes import NameReach
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget
from tracker.incidents.naming_rules import LEAVES
from tracker.people.models import Institution, Journalist, Outlet
from tracker.permissions import Visibility
from tracker.reports.closed_names import WITHHELD
from tracker.reports.codes import Profile
from tracker.reports.free_queries import Free, free
from tracker.responses.models import (
    Appeal,
    AppealCitation,
    AppealIncident,
    OfficialResponse,
    Proceeding,
    ProceedingCitation,
    ProceedingIncident,
    ProceedingStep,
    ResponseAnswer,
    ResponseCitation,
)
from tracker.review.codes import LET_THROUGH
from tracker.review.models import Reviewable
from tracker.review.queries import counts

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Select


@dataclass(frozen=True)
class Extent:
    """What is in a file. `incidents`: the ids of those asked for, None for everything there
    is, and then with all that is about no incident. `drafts`: whether a file for others holds what
    is not approved as well; an internal one always does.
    """

    profile: Profile
    incidents: Select[Any] | None = None
    drafts: bool = False

    @property
    def is_outside(self) -> bool:
        """Say whether it is made for somebody outside the house."""
        return self.profile is not Profile.INTERNAL

    @property
    def is_approved_only(self) -> bool:
        """Say whether only what a second person approved is in it, and what that leads to."""
        return self.is_outside and not self.drafts

    @cached_property
    def members(self) -> dict[str, Any]:
        """Return the ids of the records of each table of records."""
        asked = self.incidents
        about = self._of(Incident, true() if asked is None else Incident.id.in_(asked))
        of = {
            "incidents": about,
            "cases": self._of(Case, self._filed(about)),
            "fake_accounts": self._of(
                FakeAccount,
                self._joined(FakeAccount.id, IncidentAccount.account_id, IncidentAccount, about),
            ),
            "appeals": self._of(
                Appeal, self._joined(Appeal.id, AppealIncident.appeal_id, AppealIncident, about)
            ),
            "proceedings": self._of(
                Proceeding,
                self._joined(
                    Proceeding.id, ProceedingIncident.proceeding_id, ProceedingIncident, about
                ),
            ),
            "responses": self._of(
                OfficialResponse,
                self._joined(
                    OfficialResponse.id, ResponseAnswer.response_id, ResponseAnswer, about
                ),
            ),
            "institutions": select(Institution.id).where(Institution.merged_into_id.is_(None)),
        }
        of["articles"] = self._of(Article, self._cited(of), self._is_told())
        of["journalists"] = self._of(Journalist, self._aimed_at(of), self._is_named())
        of["outlets"] = self._of(Outlet, self._meant(of), Outlet.merged_into_id.is_(None))
        return of

    def value(self, table: str, name: str, plain: Any) -> Any:  # noqa: ANN401 (columns)
        """Return what is read for a column: less than what stands there, where a name is in it."""
        found: dict[tuple[str, str], Callable[[], Any]] = {
            ("targets", "journalist"): lambda: case((self._may_leave(), plain)),
            ("targets", "outlet"): lambda: case((self._may_leave(), plain)),
            ("targets", "words"): lambda: self._unless(IncidentTarget.name_reach, plain),
            ("fake_accounts", "handle"): lambda: self._safe(FakeAccount.id, plain),
            ("fake_accounts", "url"): lambda: self._safe(FakeAccount.id, plain),
            ("articles", "url"): lambda: self._safe(Article.id, plain),
            ("articles", "archive_url"): lambda: self._safe(Article.id, plain),
            ("articles", "publisher"): lambda: case((self._may_be_told(), plain)),
        }
        less = found.get((table, name))
        return less() if less else plain

    @cached_property
    def _free(self) -> Free:
        return free()

    @property
    def _is_asked(self) -> bool:
        return self.incidents is not None

    def _of(self, model: Any, *conditions: Any) -> Select[Any]:  # noqa: ANN401 (models and conditions)
        """Select the ids of one kind: what is retracted is in only where it was asked for."""
        rows = select(model.id).where(*conditions)
        if issubclass(model, Reviewable) and not (self._is_asked and model is Incident):
            rows = rows.where(counts(model))
        return self.leaving(rows, model)

    def leaving(self, rows: Select[Any], model: Any) -> Select[Any]:  # noqa: ANN401 (a model)
        """Cut a select of a kind to what may leave: what its team keeps goes to nobody outside, nor
        does what is not approved, unless that was chosen.
        """
        if self.is_approved_only and issubclass(model, Reviewable):
            rows = rows.where(model.state.in_(LET_THROUGH))
        return rows.where(model.visibility == Visibility.INTERNAL) if self.is_outside else rows

    def _joined(self, own: Any, owner: Any, join: Any, about: Select[Any]) -> Any:  # noqa: ANN401 (columns)
        """Return the condition that a record is joined to an incident that was asked for."""
        if not self._is_asked:
            return true()
        incidents = about if self.is_approved_only else self.incidents
        return own.in_(select(owner).where(join.incident_id.in_(incidents)))

    def _filed(self, about: Select[Any]) -> Any:  # noqa: ANN401 (a condition)
        """Return the condition that a case holds an incident that is in the file, or may be in it
        without one.
        """
        if not self.is_approved_only:
            return self._joined(Case.id, CaseIncident.case_id, CaseIncident, about)
        return Case.id.in_(select(CaseIncident.case_id).where(CaseIncident.incident_id.in_(about)))

    @property
    def _is_all(self) -> bool:
        """Say whether people and sources are in the file whatever records lead to them."""
        return not self._is_asked and not self.is_approved_only

    def _cited(self, of: dict[str, Any]) -> Any:  # noqa: ANN401 (a condition)
        if self._is_all:
            return true()
        citing: dict[type[Citation], str] = {
            IncidentCitation: "incidents",
            AccountCitation: "fake_accounts",
            ResponseCitation: "responses",
            AppealCitation: "appeals",
            ProceedingCitation: "proceedings",
        }
        found = [
            Article.id.in_(select(one.article_id).where(one.record_id.in_(of[table])))
            for one, table in citing.items()
        ]
        events = select(FakeAccountEvent.article_id).where(
            FakeAccountEvent.account_id.in_(of["fake_accounts"])
        )
        steps = select(ProceedingStep.article_id).where(
            ProceedingStep.proceeding_id.in_(of["proceedings"])
        )
        return or_(*found, Article.id.in_(events), Article.id.in_(steps))

    def _is_told(self) -> Any:  # noqa: ANN401 (a condition)
        return Article.kind.in_(TOLD) if self.is_outside else true()

    def _aimed_at(self, of: dict[str, Any]) -> Any:  # noqa: ANN401 (a condition)
        if self._is_all:
            return true()
        return Journalist.id.in_(
            select(IncidentTarget.journalist_id).where(
                IncidentTarget.incident_id.in_(of["incidents"]), self._may_leave()
            )
        )

    def _is_named(self) -> Any:  # noqa: ANN401 (a condition)
        stands = and_(Journalist.merged_into_id.is_(None), Journalist.name_closed_on.is_(None))
        return (
            and_(stands, _among(Journalist.id, self._free.journalists))
            if self.is_outside
            else stands
        )

    def _meant(self, of: dict[str, Any]) -> Any:  # noqa: ANN401 (a condition)
        aimed_at = select(IncidentTarget.outlet_id).where(self._may_leave())
        publishers = select(Article.publisher_id).where(
            Article.id.in_(of["articles"]), self._may_be_told()
        )
        if not self._is_asked and not self.is_outside:
            return true()
        aimed_at = aimed_at.where(IncidentTarget.incident_id.in_(of["incidents"]))
        return or_(Outlet.id.in_(aimed_at), Outlet.id.in_(publishers))

    def _may_leave(self) -> Any:  # noqa: ANN401 (a condition)
        """Return the condition that a target may be named in this file."""
        reach = IncidentTarget.name_reach
        return reach.in_(LEAVES) if self.is_outside else reach != NameReach.TEAM

    def _unless(self, reach: Any, plain: Any) -> Any:  # noqa: ANN401 (columns)
        return case((reach != NameReach.TEAM, plain), else_=literal(WITHHELD))

    def _may_be_told(self) -> Any:  # noqa: ANN401 (a condition)
        """Return the condition that a source may be known by who published it: outside only where
        it is about nobody who is kept back, who may be the outlet itself.
        """
        return _among(Article.id, self._free.articles) if self.is_outside else true()

    def _safe(self, own: Any, plain: Any) -> Any:  # noqa: ANN401 (columns)
        """Return an address as it is, outside only where nobody is kept back whose name it may
        spell: of an account and a source that are about somebody, all of whom may be named.
        """
        if not self.is_outside:
            return plain
        ids = self._free.accounts if own is FakeAccount.id else self._free.articles
        return case((or_(_among(own, ids), plain == ""), plain), else_=literal(WITHHELD))


def _among(own: Any, ids: list[int]) -> Any:  # noqa: ANN401 (a column, a condition)
    """Return the condition that an id is one of many: in one text, since a database takes only so
    many parameters, and reads ids that are written out in a statement anew each time.
    """
    found = is_among(own, engines().reading.dialect.name, str(ids))
    # As a CASE it is asked of the rows of a batch; else PostgreSQL, which takes however many ids to
    # be a hundred, would look up a row for each of them.
    return case((found, true()), else_=false())
