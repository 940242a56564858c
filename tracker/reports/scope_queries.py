"""The scope of an export: its rows and names, for a filter and a profile.

Declared once for all tables. Records are given as selects of ids; rows that belong to a record
follow it. References to records outside the scope are empty. Whether a name may be shared is
decided by the records of every team.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, false, literal, or_, select, true
from sqlalchemy.orm import Session, aliased, selectinload

from tracker.articles.models import Article, Citation
from tracker.articles.rules import SHAREABLE_KINDS
from tracker.bulk_insert import is_in_json_list
from tracker.cases.models import Case, CaseIncident
from tracker.db import current_engines, db
from tracker.fake_accounts.models import (
    AccountCitation,
    AccountImpersonation,
    FakeAccount,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.incidents.codes import NameReach, TargetKind
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget, JoinsIncident
from tracker.incidents.naming_queries import withholds_name
from tracker.incidents.publication_rules import PARTNER_REACHES
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.queries import names_of
from tracker.permissions import Visibility
from tracker.reports.cells import WITHHELD
from tracker.reports.codes import Profile
from tracker.responses.models import (
    Appeal,
    AppealCitation,
    AppealIncident,
    OfficialResponse,
    Proceeding,
    ProceedingCitation,
    ProceedingIncident,
    ProceedingParty,
    ProceedingStep,
    ResponseAnswer,
    ResponseCitation,
)
from tracker.review.codes import LET_THROUGH
from tracker.review.models import Reviewable
from tracker.review.queries import is_not_retracted
from tracker.scoping import system_session


@dataclass(frozen=True)
class ExportScope:
    """The content of a file.

    `incidents`: the ids of those requested, None for everything, including what is about no
    incident. `drafts`: whether a file for others includes records that are not approved; an
    internal one always does.
    """

    profile: Profile
    incidents: Select[Any] | None = None
    drafts: bool = False

    @property
    def is_outside(self) -> bool:
        """Return whether it is made for somebody outside the organisation."""
        return self.profile is not Profile.INTERNAL

    @property
    def is_approved_only(self) -> bool:
        """Return whether it has only approved records, and what those refer to."""
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
        """Return the exported expression of a column, which withholds names."""
        found: dict[tuple[str, str], Callable[[], Any]] = {
            ("targets", "journalist"): lambda: case((self._may_be_named(), plain)),
            ("targets", "outlet"): lambda: case((self._may_be_named(), plain)),
            ("targets", "words"): lambda: self._unless(IncidentTarget.name_reach, plain),
            ("fake_accounts", "handle"): lambda: self._safe(FakeAccount.id, plain),
            ("fake_accounts", "url"): lambda: self._safe(FakeAccount.id, plain),
            ("articles", "url"): lambda: self._safe(Article.id, plain),
            ("articles", "archive_url"): lambda: self._safe(Article.id, plain),
            ("articles", "publisher"): lambda: case((self._may_publish_source(), plain)),
        }
        less = found.get((table, name))
        return less() if less else plain

    @cached_property
    def _free(self) -> NameableIds:
        return nameable_ids()

    @property
    def _is_asked(self) -> bool:
        return self.incidents is not None

    def _of(self, model: Any, *conditions: Any) -> Select[Any]:  # noqa: ANN401 (models and conditions)
        """Select the ids of one kind; retracted records only if the filter asks for them."""
        rows = select(model.id).where(*conditions)
        if issubclass(model, Reviewable) and not (self._is_asked and model is Incident):
            rows = rows.where(is_not_retracted(model))
        return self.shareable(rows, model)

    def shareable(self, rows: Select[Any], model: Any) -> Select[Any]:  # noqa: ANN401 (a model)
        """Limit a select of a kind to what may be shared.

        Restricted records are never shared outside, nor are drafts, unless that was chosen.
        """
        if self.is_approved_only and issubclass(model, Reviewable):
            rows = rows.where(model.state.in_(LET_THROUGH))
        return rows.where(model.visibility == Visibility.INTERNAL) if self.is_outside else rows

    def _joined(self, own: Any, owner: Any, join: Any, about: Select[Any]) -> Any:  # noqa: ANN401 (columns)
        """Return the condition that a record is joined to a requested incident."""
        if not self._is_asked:
            return true()
        incidents = about if self.is_approved_only else self.incidents
        return own.in_(select(owner).where(join.incident_id.in_(incidents)))

    def _filed(self, about: Select[Any]) -> Any:  # noqa: ANN401 (a condition)
        """Return the condition that a case has an incident in the file, or has none at all."""
        if not self.is_approved_only:
            return self._joined(Case.id, CaseIncident.case_id, CaseIncident, about)
        return Case.id.in_(select(CaseIncident.case_id).where(CaseIncident.incident_id.in_(about)))

    @property
    def _is_all(self) -> bool:
        """Return whether people and sources are in the file whichever records refer to them."""
        return not self._is_asked and not self.is_approved_only

    def _cited(self, ids: dict[str, Any]) -> Any:  # noqa: ANN401 (a condition)
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
            Article.id.in_(select(one.article_id).where(one.record_id.in_(ids[table])))
            for one, table in citing.items()
        ]
        events = select(FakeAccountEvent.article_id).where(
            FakeAccountEvent.account_id.in_(ids["fake_accounts"])
        )
        steps = select(ProceedingStep.article_id).where(
            ProceedingStep.proceeding_id.in_(ids["proceedings"])
        )
        return or_(*found, Article.id.in_(events), Article.id.in_(steps))

    def _is_told(self) -> Any:  # noqa: ANN401 (a condition)
        return Article.kind.in_(SHAREABLE_KINDS) if self.is_outside else true()

    def _aimed_at(self, ids: dict[str, Any]) -> Any:  # noqa: ANN401 (a condition)
        if self._is_all:
            return true()
        return Journalist.id.in_(
            select(IncidentTarget.journalist_id).where(
                IncidentTarget.incident_id.in_(ids["incidents"]), self._may_be_named()
            )
        )

    def _is_named(self) -> Any:  # noqa: ANN401 (a condition)
        stands = and_(Journalist.merged_into_id.is_(None), Journalist.name_closed_on.is_(None))
        return (
            and_(stands, _among(Journalist.id, self._free.journalists))
            if self.is_outside
            else stands
        )

    def _meant(self, ids: dict[str, Any]) -> Any:  # noqa: ANN401 (a condition)
        aimed_at = select(IncidentTarget.outlet_id).where(self._may_be_named())
        publishers = select(Article.publisher_id).where(
            Article.id.in_(ids["articles"]), self._may_publish_source()
        )
        if not self._is_asked and not self.is_outside:
            return true()
        aimed_at = aimed_at.where(IncidentTarget.incident_id.in_(ids["incidents"]))
        return or_(Outlet.id.in_(aimed_at), Outlet.id.in_(publishers))

    def _may_be_named(self) -> Any:  # noqa: ANN401 (a condition)
        """Return the condition that a target may be named in this file."""
        reach = IncidentTarget.name_reach
        return reach.in_(PARTNER_REACHES) if self.is_outside else reach != NameReach.TEAM

    def _unless(self, reach: Any, plain: Any) -> Any:  # noqa: ANN401 (columns)
        return case((reach != NameReach.TEAM, plain), else_=literal(WITHHELD))

    def _may_publish_source(self) -> Any:  # noqa: ANN401 (a condition)
        """Return the condition that the publisher of a source may be named.

        Outside only if the source is about nobody who is withheld, who may be the outlet itself.
        """
        return _among(Article.id, self._free.articles) if self.is_outside else true()

    def _safe(self, own: Any, plain: Any) -> Any:  # noqa: ANN401 (columns)
        """Return an address, if nobody is withheld whose name it may contain.

        In a file for outside: only of accounts and sources about people who may all be named.
        """
        if not self.is_outside:
            return plain
        ids = self._free.accounts if own is FakeAccount.id else self._free.articles
        return case((or_(_among(own, ids), plain == ""), plain), else_=literal(WITHHELD))


def _among(own: Any, ids: list[int]) -> Any:  # noqa: ANN401 (a column, a condition)
    """Return the condition that an id is one of many, passed as one text.

    A database accepts only so many parameters, and parses ids in a statement again each time.
    """
    found = is_in_json_list(own, current_engines().reading.dialect.name, str(ids))
    # As a CASE it is evaluated for the rows of a batch; otherwise PostgreSQL, which assumes a
    # hundred ids whatever their number, would look up a row for each of them.
    return case((found, true()), else_=false())


class NameableIds(NamedTuple):
    """The ids of people and outlets nameable outside, and of rows that contain no other name."""

    journalists: list[int]
    accounts: list[int]
    articles: list[int]


def nameable_ids() -> NameableIds:
    """Return what may be named: by what all users see, unless a record of any team withholds it.

    It is the same whoever exports.
    """
    accounts = _records_about(IncidentAccount, _is_shown()).where(
        IncidentAccount.account_id.not_in(_records_about(IncidentAccount, _is_withheld())),
        IncidentAccount.account_id.not_in(_impersonating_accounts()),
    )
    articles = _sources_of_incidents(_is_shown()).where(
        IncidentCitation.article_id.not_in(_sources_of_incidents(_is_withheld())),
        *(IncidentCitation.article_id.not_in(one) for one in _sources_of_others()),
    )
    with system_session("whose name may leave the house", reading=True) as session:
        wanted = (_nameable_journalists(), accounts, articles)
        return NameableIds(*(list(session.scalars(one.distinct())) for one in wanted))


def count_withheld_names(incidents: Select[Any]) -> tuple[int, list[str]]:
    """Return how many people are withheld whom some incidents release, and the refs of these.

    Only of what the viewer may see, whatever else withholds a name.
    """
    let_go = select(IncidentTarget.journalist_id).where(
        IncidentTarget.incident_id.in_(incidents),
        IncidentTarget.journalist_id.is_not(None),
        IncidentTarget.name_reach.in_(PARTNER_REACHES),
    )
    rows = select(IncidentTarget.journalist_id, Incident.ref).join(IncidentTarget.incident)
    held = rows.where(IncidentTarget.journalist_id.in_(let_go), withholds_name(IncidentTarget))
    found = db.session.execute(held).all()
    return len({number for number, _ref in found}), sorted({ref for _number, ref in found})


def _is_shown() -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that all users see a target."""
    return IncidentTarget.visibility == Visibility.INTERNAL


def _is_withheld() -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that a target's name is withheld."""
    is_somebody = or_(
        IncidentTarget.journalist_id.is_not(None), IncidentTarget.outlet_id.is_not(None)
    )
    return and_(is_somebody, IncidentTarget.name_reach.not_in(PARTNER_REACHES))


def _records_about(joins: type[JoinsIncident], condition: Any) -> Select[Any]:  # noqa: ANN401 (a condition)
    """Select the records of a kind that are about an incident with such a target."""
    rows = select(getattr(joins, f"{joins.OWNER}_id")).join(
        IncidentTarget, IncidentTarget.incident_id == joins.incident_id
    )
    return rows.where(condition)


def _sources_of_incidents(*conditions: Any) -> Select[Any]:  # noqa: ANN401 (conditions)
    """Select the sources of an incident with such a target."""
    rows = select(IncidentCitation.article_id).join(
        IncidentTarget, IncidentTarget.incident_id == IncidentCitation.record_id
    )
    return rows.where(*conditions)


def _sources_of_others() -> list[Select[Any]]:
    """Select the sources of other records about people who must not be named.

    Of records about an incident with them, accounts that were used there or impersonate them, and
    proceedings that concern them.
    """
    concerning = select(ProceedingParty.proceeding_id).where(_is_unnamed(ProceedingParty))
    accounts = _impersonating_accounts().union(_records_about(IncidentAccount, _is_withheld()))
    proceedings = concerning.union(_records_about(ProceedingIncident, _is_withheld()))
    telling: list[tuple[type[Citation], Any]] = [
        (AccountCitation, accounts),
        (ProceedingCitation, proceedings),
        (ResponseCitation, _records_about(ResponseAnswer, _is_withheld())),
        (AppealCitation, _records_about(AppealIncident, _is_withheld())),
    ]
    event, step = FakeAccountEvent.article_id, ProceedingStep.article_id
    return [
        *(select(one.article_id).where(one.record_id.in_(of)) for one, of in telling),
        select(event).where(event.is_not(None), FakeAccountEvent.account_id.in_(accounts)),
        select(step).where(step.is_not(None), ProceedingStep.proceeding_id.in_(proceedings)),
    ]


def _impersonating_accounts() -> Select[Any]:
    """Select the accounts that impersonate somebody who must not be named."""
    return select(AccountImpersonation.account_id).where(_is_unnamed(AccountImpersonation))


def _is_unnamed(model: type[AccountImpersonation | ProceedingParty]) -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that a row refers to somebody who must not be named."""
    named_outlets = select(IncidentTarget.outlet_id).where(
        _is_shown(),
        IncidentTarget.kind == TargetKind.OUTLET,
        IncidentTarget.outlet_id.is_not(None),
        IncidentTarget.name_reach.in_(PARTNER_REACHES),
    )
    return or_(
        and_(model.journalist_id.is_not(None), model.journalist_id.not_in(_nameable_journalists())),
        and_(model.outlet_id.is_not(None), model.outlet_id.not_in(named_outlets)),
    )


def _nameable_journalists() -> Select[Any]:
    """Select journalists with naming decisions that all allow sharing the name."""
    other = aliased(IncidentTarget)
    kept = select(other.journalist_id).where(
        other.journalist_id.is_not(None), withholds_name(other)
    )
    return select(IncidentTarget.journalist_id).where(
        _is_shown(),
        IncidentTarget.journalist_id.is_not(None),
        IncidentTarget.journalist_id.not_in(kept),
    )


def closed_targets(
    session: Session, incident_ids: Collection[int]
) -> dict[int, list[tuple[list[str], str]]]:
    """Return the names of the closed targets of each incident, and their placeholders."""
    rows = (
        select(IncidentTarget)
        .join(Journalist, IncidentTarget.journalist_id == Journalist.id)
        .where(
            IncidentTarget.incident_id.in_(incident_ids),
            or_(
                IncidentTarget.name_reach == NameReach.TEAM,
                Journalist.name_closed_on.is_not(None),
            ),
        )
        .options(selectinload(IncidentTarget.journalist).selectinload(Journalist.names))
    )
    found: dict[int, list[tuple[list[str], str]]] = defaultdict(list)
    for target in session.scalars(rows):
        if target.journalist is not None:
            found[target.incident_id].append((names_of(target.journalist), target.named_as))
    session.expunge_all()
    return found
