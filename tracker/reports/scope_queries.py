"""The scope of an export: which records and names it contains, for a filter and a profile.

Declared once for all tables. Records are selects of ids; rows that belong to a record are in the
scope with the record. References to records outside the scope are empty. The records of all teams
decide whether a name may be shared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, false, func, literal, or_, select, true
from sqlalchemy.orm import Session, selectinload

from tracker.articles.models import Article, Citation
from tracker.articles.rules import SHAREABLE_SOURCE_KINDS
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
from tracker.incidents import source_queries
from tracker.incidents.codes import NameReach
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget
from tracker.incidents.naming_queries import (
    names_redacted_by_any_team,
    redacted_names,
    withholds_name,
)
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
    ProceedingStep,
    ResponseAnswer,
    ResponseCitation,
)
from tracker.review.codes import APPROVED_STATES
from tracker.review.models import Reviewable
from tracker.review.queries import is_not_retracted
from tracker.scoping import system_session


@dataclass(frozen=True)
class ExportScope:
    """The records, names and values that an export may contain, for its profile and filter.

    `incidents`: a select of the ids of the requested incidents, None for all records, also those
    about no incident. `drafts`: whether a file for others includes records that are not approved;
    an internal file always does.
    """

    profile: Profile
    incidents: Select[Any] | None = None
    drafts: bool = False

    @property
    def is_outside(self) -> bool:
        """Whether the export is for somebody outside the organisation."""
        return self.profile is not Profile.INTERNAL

    @property
    def is_approved_only(self) -> bool:
        """Whether the export has only approved records, and records that these refer to."""
        return self.is_outside and not self.drafts

    @cached_property
    def ids_by_table(self) -> dict[str, Any]:
        """The select of ids of the records in the scope, by the name of their table."""
        asked = self.incidents
        about = self._select_ids(Incident, true() if asked is None else Incident.id.in_(asked))
        of = {
            "incidents": about,
            "cases": self._select_ids(Case, self._has_requested_incident(about)),
            "fake_accounts": self._select_ids(
                FakeAccount,
                self._is_about(FakeAccount.id, IncidentAccount.account_id, IncidentAccount, about),
            ),
            "appeals": self._select_ids(
                Appeal,
                self._is_about(Appeal.id, AppealIncident.appeal_id, AppealIncident, about),
            ),
            "proceedings": self._select_ids(
                Proceeding,
                self._is_about(
                    Proceeding.id, ProceedingIncident.proceeding_id, ProceedingIncident, about
                ),
            ),
            "responses": self._select_ids(
                OfficialResponse,
                self._is_about(
                    OfficialResponse.id, ResponseAnswer.response_id, ResponseAnswer, about
                ),
            ),
            "institutions": select(Institution.id).where(Institution.merged_into_id.is_(None)),
        }
        of["articles"] = self._select_ids(
            Article, self._is_cited_source(of), self._is_shareable_source()
        )
        of["journalists"] = self._select_ids(
            Journalist, self._is_targeted_journalist(of), self._is_nameable_journalist()
        )
        of["outlets"] = self._select_ids(
            Outlet, self._is_target_or_publisher(of), Outlet.merged_into_id.is_(None)
        )
        return of

    def exported_value(self, table: str, name: str, recorded_value: Any) -> Any:  # noqa: ANN401 (columns)
        """Return the SQL expression for the column `name` of a package table, which is NULL or
        `WITHHELD` where a name may not be shared. `recorded_value`: the SQL expression for the
        recorded value.
        """
        found: dict[tuple[str, str], Callable[[], Any]] = {
            ("targets", "journalist"): lambda: case((self._is_nameable_target(), recorded_value)),
            ("targets", "outlet"): lambda: case((self._is_nameable_target(), recorded_value)),
            ("targets", "words"): lambda: self._withhold_if_team_only(
                IncidentTarget.name_reach, recorded_value
            ),
            ("fake_accounts", "handle"): lambda: self._withhold_unless_all_nameable(
                FakeAccount.id, recorded_value
            ),
            ("fake_accounts", "url"): lambda: self._withhold_unless_all_nameable(
                FakeAccount.id, recorded_value
            ),
            ("articles", "url"): lambda: self._withhold_unless_all_nameable(
                Article.id, recorded_value
            ),
            ("articles", "archive_url"): lambda: self._withhold_unless_all_nameable(
                Article.id, recorded_value
            ),
            ("articles", "publisher"): lambda: case(
                (self._is_nameable_publisher(), recorded_value)
            ),
        }
        less = found.get((table, name))
        return less() if less else recorded_value

    def redacted_names(self, session: Session) -> list[str]:
        """Return the names that no text of the export may contain, in all spellings: those that
        some record redacts, as the session sees it; in files for others, by any team's decision.
        """
        return names_redacted_by_any_team() if self.is_outside else redacted_names(session)

    @cached_property
    def _nameable_ids(self) -> NameableIds:
        """The result of `nameable_ids()`, read once."""
        return nameable_ids()

    @property
    def _has_filter(self) -> bool:
        """Whether only the records about some incidents are exported."""
        return self.incidents is not None

    def _select_ids(self, model: Any, *conditions: Any) -> Select[Any]:  # noqa: ANN401 (models and conditions)
        """Select the ids of the records of a model that may be shared and meet the SQL conditions
        `*conditions`.

        Retracted records only if they are incidents, and the export has a filter.
        """
        rows = select(model.id).where(*conditions)
        if issubclass(model, Reviewable) and not (self._has_filter and model is Incident):
            rows = rows.where(is_not_retracted(model))
        return self.limit_to_shareable(rows, model)

    def limit_to_shareable(self, rows: Select[Any], model: Any) -> Select[Any]:  # noqa: ANN401 (a model)
        """Limit a select of a model to the records that may be shared.

        Restricted records are never shared outside; drafts only if the user chose to.
        """
        if self.is_approved_only and issubclass(model, Reviewable):
            rows = rows.where(model.state.in_(APPROVED_STATES))
        return rows.where(model.visibility == Visibility.INTERNAL) if self.is_outside else rows

    def _is_about(
        self,
        record_id: Any,  # noqa: ANN401 (a column)
        owner_id: Any,  # noqa: ANN401 (a column)
        join_model: Any,  # noqa: ANN401 (a model)
        incident_ids: Select[Any],
    ) -> Any:  # noqa: ANN401 (a condition)
        """Return the SQL condition that a record is about a requested incident; without a filter it
        is always true. `record_id`: the column with the id of the record; `join_model`, `owner_id`:
        the model that joins records to incidents, and its column with the id of the record;
        `incident_ids`: a select of the ids of the incidents in the scope.
        """
        if not self._has_filter:
            return true()
        requested = incident_ids if self.is_approved_only else self.incidents
        return record_id.in_(select(owner_id).where(join_model.incident_id.in_(requested)))

    def _has_requested_incident(self, incident_ids: Select[Any]) -> Any:  # noqa: ANN401 (a condition)
        """Return the SQL condition that a case has a requested incident; without a filter it is
        always true. In an export of approved records only, the case must have an incident in the
        scope. `incident_ids`: a select of the ids of the incidents in the scope.
        """
        if not self.is_approved_only:
            return self._is_about(Case.id, CaseIncident.case_id, CaseIncident, incident_ids)
        return Case.id.in_(
            select(CaseIncident.case_id).where(CaseIncident.incident_id.in_(incident_ids))
        )

    @property
    def _includes_unreferenced(self) -> bool:
        """Whether the scope has all people and sources, also those that no record refers to."""
        return not self._has_filter and not self.is_approved_only

    def _is_cited_source(self, ids_by_table: dict[str, Any]) -> Any:  # noqa: ANN401 (a condition)
        """Return the SQL condition that a record in the scope cites a source; `ids_by_table`: the
        selects of the ids of the records in the scope.
        """
        if self._includes_unreferenced:
            return true()
        citing: dict[type[Citation], str] = {
            IncidentCitation: "incidents",
            AccountCitation: "fake_accounts",
            ResponseCitation: "responses",
            AppealCitation: "appeals",
            ProceedingCitation: "proceedings",
        }
        found = [
            Article.id.in_(select(one.article_id).where(one.record_id.in_(ids_by_table[table])))
            for one, table in citing.items()
        ]
        events = select(FakeAccountEvent.article_id).where(
            FakeAccountEvent.account_id.in_(ids_by_table["fake_accounts"])
        )
        steps = select(ProceedingStep.article_id).where(
            ProceedingStep.proceeding_id.in_(ids_by_table["proceedings"])
        )
        return or_(*found, Article.id.in_(events), Article.id.in_(steps))

    def _is_shareable_source(self) -> Any:  # noqa: ANN401 (a condition)
        """Return the SQL condition that a source is of a kind that may be shared."""
        return Article.kind.in_(SHAREABLE_SOURCE_KINDS) if self.is_outside else true()

    def _is_targeted_journalist(self, ids_by_table: dict[str, Any]) -> Any:  # noqa: ANN401 (a condition)
        """Return the SQL condition that a journalist is a target who may be named; `ids_by_table`:
        the selects of the ids of the records in the scope.
        """
        if self._includes_unreferenced:
            return true()
        return Journalist.id.in_(
            select(IncidentTarget.journalist_id).where(
                IncidentTarget.incident_id.in_(ids_by_table["incidents"]),
                self._is_nameable_target(),
            )
        )

    def _is_nameable_journalist(self) -> Any:  # noqa: ANN401 (a condition)
        """Return the SQL condition that a journalist may be named in the export."""
        stands = and_(Journalist.merged_into_id.is_(None), Journalist.name_closed_on.is_(None))
        return (
            and_(stands, _is_in_ids(Journalist.id, self._nameable_ids.journalists))
            if self.is_outside
            else stands
        )

    def _is_target_or_publisher(self, ids_by_table: dict[str, Any]) -> Any:  # noqa: ANN401 (a condition)
        """Return the SQL condition that an outlet is a target, or published a source, of records in
        the scope. `ids_by_table`: the selects of the ids of the records in the scope.
        """
        aimed_at = select(IncidentTarget.outlet_id).where(self._is_nameable_target())
        publishers = select(Article.publisher_id).where(
            Article.id.in_(ids_by_table["articles"]), self._is_nameable_publisher()
        )
        if not self._has_filter and not self.is_outside:
            return true()
        aimed_at = aimed_at.where(IncidentTarget.incident_id.in_(ids_by_table["incidents"]))
        return or_(Outlet.id.in_(aimed_at), Outlet.id.in_(publishers))

    def _is_nameable_target(self) -> Any:  # noqa: ANN401 (a condition)
        """Return the SQL condition that a target may be named in the export."""
        reach = IncidentTarget.name_reach
        return reach.in_(PARTNER_REACHES) if self.is_outside else reach != NameReach.TEAM

    def _withhold_if_team_only(self, name_reach: Any, words: Any) -> Any:  # noqa: ANN401 (columns)
        """Return the SQL expression of the text `words` about a target, `WITHHELD` if only the
        owning team may read the target's name; `name_reach`: the column that says who may read it.
        """
        return case((name_reach != NameReach.TEAM, words), else_=literal(WITHHELD))

    def _is_nameable_publisher(self) -> Any:  # noqa: ANN401 (a condition)
        """Return the SQL condition that the publisher of a source may be named.

        Outside only if the source is about nobody whose name is withheld, the outlet included.
        """
        return _is_in_ids(Article.id, self._nameable_ids.articles) if self.is_outside else true()

    def _withhold_unless_all_nameable(self, record_id: Any, address: Any) -> Any:  # noqa: ANN401 (columns)
        """Return the SQL expression for an address of a fake account or source. In files for others
        it is `WITHHELD`, unless everybody whom the account or source is about may be named.
        `address`: the column with the address; `record_id`: `FakeAccount.id` or `Article.id`.
        """
        if not self.is_outside:
            return address
        ids = (
            self._nameable_ids.accounts
            if record_id is FakeAccount.id
            else self._nameable_ids.articles
        )
        return case(
            (or_(_is_in_ids(record_id, ids), address == ""), address), else_=literal(WITHHELD)
        )


def _is_in_ids(column: Any, ids: list[int]) -> Any:  # noqa: ANN401 (a column, a condition)
    """Return the SQL condition that a column is one of many ids, passed as one JSON text.

    The number of parameters is limited, and ids in the statement would be parsed each time.
    """
    found = is_in_json_list(column, current_engines().reading.dialect.name, str(ids))
    # As a CASE it is evaluated for the rows of a batch; otherwise PostgreSQL, which assumes a
    # hundred ids whatever their number, would look up a row for each of them.
    return case((found, true()), else_=false())


class NameableIds(NamedTuple):
    """The ids of journalists who may be named outside the organisation, and of accounts and
    articles that belong to incidents and are only about people and outlets that may be named.
    """

    journalists: list[int]
    accounts: list[int]
    articles: list[int]


def nameable_ids() -> NameableIds:
    """Return the ids of journalists who may be named outside the organisation, and of accounts and
    articles that belong to incidents and are only about people and outlets that may be named.

    Those in records that all users see, unless a record of any team withholds the name. The result
    does not depend on the user.
    """
    withheld = source_queries.withheld_name_condition(PARTNER_REACHES)
    accounts = _accounts_used_against(source_queries.visible_to_all_condition()).where(
        IncidentAccount.account_id.not_in(_accounts_used_against(withheld)),
        IncidentAccount.account_id.not_in(
            select(AccountImpersonation.account_id).where(
                source_queries.unnameable_condition(AccountImpersonation, PARTNER_REACHES)
            )
        ),
    )
    journalists = source_queries.select_nameable_journalist_ids(PARTNER_REACHES)
    with system_session("whose name may leave the house", reading=True) as session:
        named, used = (list(session.scalars(one.distinct())) for one in (journalists, accounts))
        return NameableIds(
            named, used, source_queries.source_ids_with_shareable_url(session, PARTNER_REACHES)
        )


def count_withheld_names(incidents: Select[Any]) -> tuple[int, list[str]]:
    """Return how many people may be named according to some incidents, but not according to other
    incidents, and the refs of these other incidents. Only incidents that the viewer may see count.
    `incidents`: a select of the ids of the first incidents.
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


def _accounts_used_against(condition: Any) -> Select[Any]:  # noqa: ANN401 (a condition)
    """Select the ids of the accounts that were used in an incident with a target for which an SQL
    condition is true.
    """
    rows = select(IncidentAccount.account_id)
    return rows.join(
        IncidentTarget, IncidentTarget.incident_id == IncidentAccount.incident_id
    ).where(condition)


def redacted_targets(
    session: Session, incident_ids: Collection[int]
) -> dict[int, list[tuple[list[str], str]]]:
    """Return, by incident id, the names and the placeholder of each target with a redacted name."""
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


def select_redacted_outlets(incidents: Select[Any]) -> Select[str]:
    """Select the refs of the outlets that an internal file about some incidents does not name: all
    their targets in these incidents have a redacted name. `incidents`: a select of the ids of the
    incidents.
    """
    exported = ExportScope(Profile.INTERNAL).exported_value(
        "targets", "outlet", IncidentTarget.outlet_id
    )
    rows = select(Outlet.ref).join(IncidentTarget, IncidentTarget.outlet_id == Outlet.id)
    rows = rows.where(IncidentTarget.incident_id.in_(incidents)).group_by(Outlet.ref)
    return rows.having(func.count(exported) == 0)
