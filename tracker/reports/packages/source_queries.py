"""Where each table of a package is read, and on which record its rows hang."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tracker.articles.models import Article
from tracker.cases.models import Case, CaseIncident, CaseLink, CaseReference
from tracker.fake_accounts.models import (
    AccountCitation,
    AccountSuccession,
    FakeAccount,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.incidents.models import (
    Incident,
    IncidentActor,
    IncidentCitation,
    IncidentLink,
    IncidentReference,
    IncidentTarget,
    IncidentType,
    TargetStatus,
)
from tracker.people.models import (
    Institution,
    Journalist,
    JournalistReference,
    Outlet,
    OutletReference,
)
from tracker.responses.appeal_models import Appeal, AppealCitation
from tracker.responses.models import (
    OfficialResponse,
    ResponseAct,
    ResponseAnswer,
    ResponseCitation,
)
from tracker.responses.proceeding_models import Proceeding, ProceedingCitation, ProceedingStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.reports.tables import Column


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a table are read. `owner`: the attribute by which they follow their
    record, a row of the table `of`; `last`: what tells those of one record apart; `beside`: a model
    between the two; `refers`: what columns point to, where that depends on the source.
    """

    model: Any
    owner: str = ""
    of: str = ""
    last: str = "id"
    beside: Any = None
    refers: Mapping[str, str] = field(default_factory=dict)

    def attribute(self, name: str) -> Any:  # noqa: ANN401 (a column)
        """Return a column of the rows, or of what lies between them and their record."""
        return getattr(self.model if hasattr(self.model, name) else self.beside, name)

    @property
    def order(self) -> tuple[Any, ...]:
        """Return what the rows are ordered by: those of one record stand together."""
        names = [self.owner, self.last] if self.owner else [self.last]
        return tuple(self.attribute(name) for name in names)

    def referred(self, column: Column) -> str:
        """Return the table whose key stands in a column."""
        return self.refers.get(column.name, column.refers)


def _cited(model: Any, table: str) -> Source:  # noqa: ANN401 (a model)
    return Source(model, owner="record_id", of=table, refers={"record": table})


def _linked(model: Any, owner: str, table: str) -> Source:  # noqa: ANN401 (a model)
    return Source(model, owner=owner, of=table, refers={"record": table, "other": table})


SOURCES: dict[str, tuple[Source, ...]] = {
    "outlets": (Source(Outlet),),
    "journalists": (Source(Journalist),),
    "institutions": (Source(Institution),),
    "articles": (Source(Article),),
    "incidents": (Source(Incident),),
    "incident_types": (Source(IncidentType, "incident_id", "incidents", "term_id"),),
    "targets": (Source(IncidentTarget, "incident_id", "incidents"),),
    "target_statuses": (
        Source(TargetStatus, "incident_id", "incidents", beside=IncidentTarget),
    ),
    "actors": (Source(IncidentActor, "incident_id", "incidents"),),
    "fake_accounts": (Source(FakeAccount),),
    "fake_account_events": (Source(FakeAccountEvent, "account_id", "fake_accounts"),),
    "account_successions": (Source(AccountSuccession, "account_id", "fake_accounts"),),
    "incident_accounts": (Source(IncidentAccount, "account_id", "fake_accounts"),),
    "responses": (Source(OfficialResponse),),
    "response_acts": (Source(ResponseAct, "response_id", "responses"),),
    "response_answers": (Source(ResponseAnswer, "response_id", "responses"),),
    "appeals": (Source(Appeal),),
    "proceedings": (Source(Proceeding),),
    "proceeding_steps": (Source(ProceedingStep, "proceeding_id", "proceedings"),),
    "cases": (Source(Case),),
    "incident_cases": (Source(CaseIncident, "case_id", "cases"),),
    "links": (
        _linked(IncidentLink, "incident_id", "incidents"), _linked(CaseLink, "case_id", "cases")
    ),
    "citations": (
        _cited(IncidentCitation, "incidents"), _cited(AccountCitation, "fake_accounts"),
        _cited(ResponseCitation, "responses"), _cited(AppealCitation, "appeals"),
        _cited(ProceedingCitation, "proceedings"),
    ),
    "external_refs": (
        _cited(IncidentReference, "incidents"), _cited(CaseReference, "cases"),
        _cited(JournalistReference, "journalists"), _cited(OutletReference, "outlets"),
    ),
}  # fmt: skip
