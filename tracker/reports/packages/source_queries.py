"""Where each table of a package is read, and on which record its rows hang."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import null

from tracker.articles.models import Article, ArticleMask
from tracker.cases.models import (
    Case,
    CaseAccount,
    CaseAppeal,
    CaseIncident,
    CaseLink,
    CaseProceeding,
    CaseReference,
    CaseResponse,
)
from tracker.fake_accounts.models import (
    AccountCitation,
    AccountImpersonation,
    AccountSuccession,
    FakeAccount,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.incidents.guarded_models import Publication
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
    Affiliation,
    Institution,
    InstitutionName,
    Journalist,
    JournalistName,
    JournalistReference,
    Outlet,
    OutletName,
    OutletReference,
)
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
    ResponseAct,
    ResponseAnswer,
    ResponseCitation,
    ResponseStance,
)
from tracker.vocabulary.models import Term

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.reports.tables import Column


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a table are read. `owner`: the attribute by which they follow their
    record, a row of the table `of`; `last`: what tells those of one record apart; `beside`: a model
    to which the attribute `by` leads, with owner or `last`; `counted`: the model, and its owner,
    that an ordinal counts. `refers` and `reads`: what columns point to, and in which attribute they
    are read, where that depends on the source.
    """

    model: Any
    owner: str = ""
    of: str = ""
    last: str = "id"
    beside: Any = None
    by: str = ""
    counted: tuple[Any, str] | None = None
    refers: Mapping[str, str] = field(default_factory=dict)
    reads: Mapping[str, str] = field(default_factory=dict)

    def attribute(self, name: str) -> Any:  # noqa: ANN401 (a column)
        """Return a column of the rows, or of what lies beside them."""
        return getattr(self.model if hasattr(self.model, name) else self.beside, name)

    def value(self, column: Column) -> Any:  # noqa: ANN401 (a column)
        """Return what a column is read in; NULL where its rows have no such thing."""
        name = self.reads.get(column.name, column.attribute)
        is_here = hasattr(self.model, name) or hasattr(self.beside, name)
        return self.attribute(name) if is_here else null()

    @property
    def order(self) -> tuple[Any, ...]:
        """Return what the rows are ordered by: those of one record stand together."""
        names = [self.owner, self.last] if self.owner else [self.last]
        return tuple(self.attribute(name) for name in names)

    def referred(self, column: Column) -> str:
        """Return the table whose key stands in a column."""
        return self.refers.get(column.name, column.refers)


def _hanging(model: Any, owner: str, table: str, **more: Any) -> Source:  # noqa: ANN401 (a model)
    """Return a source of rows that say in `record` on which record of a table they hang."""
    return Source(
        model, owner=owner, of=table, reads={"record": owner},
        refers={"record": table, **more.pop("refers", {})}, **more,
    )  # fmt: skip


def _cited(model: Any, table: str, **more: Any) -> Source:  # noqa: ANN401 (a model)
    return _hanging(model, "record_id", table, **more)


def _linked(model: Any, owner: str, table: str) -> Source:  # noqa: ANN401 (a model)
    return _hanging(model, owner, table, refers={"other": table})


def _filed(model: Any, one: str, table: str) -> Source:  # noqa: ANN401 (a model)
    return Source(model, "case_id", "cases", reads={"record": one}, refers={"record": table})


def _party(one: str, table: str) -> Source:
    return Source(
        ProceedingParty, "proceeding_id", "proceedings", reads={"party": one},
        refers={"party": table},
    )  # fmt: skip


TARGETS = (IncidentTarget, "incident_id")
EVENTS = (FakeAccountEvent, "account_id")
STEPS = (ProceedingStep, "proceeding_id")
SOURCES: dict[str, tuple[Source, ...]] = {
    "outlets": (Source(Outlet),),
    "journalists": (Source(Journalist),),
    "institutions": (Source(Institution),),
    "names": (
        _hanging(OutletName, "bearer_id", "outlets"),
        _hanging(JournalistName, "bearer_id", "journalists"),
        _hanging(InstitutionName, "bearer_id", "institutions"),
    ),
    "affiliations": (Source(Affiliation, "journalist_id", "journalists"),),
    "articles": (Source(Article),),
    "article_masks": (Source(ArticleMask, "article_id", "articles"),),
    "incidents": (Source(Incident),),
    "incident_types": (
        Source(IncidentType, "incident_id", "incidents", "code", beside=Term, by="term_id"),
    ),
    "targets": (Source(IncidentTarget, "incident_id", "incidents", counted=TARGETS),),
    "target_statuses": (
        Source(
            TargetStatus, "incident_id", "incidents", beside=IncidentTarget, by="target_id",
            counted=TARGETS,
        ),
    ),
    "actors": (Source(IncidentActor, "incident_id", "incidents"),),
    "publications": (Source(Publication, "incident_id", "incidents"),),
    "fake_accounts": (Source(FakeAccount),),
    "fake_account_events": (
        Source(FakeAccountEvent, "account_id", "fake_accounts", counted=EVENTS),
    ),
    "account_impersonations": (Source(AccountImpersonation, "account_id", "fake_accounts"),),
    "account_successions": (Source(AccountSuccession, "account_id", "fake_accounts"),),
    "incident_accounts": (Source(IncidentAccount, "account_id", "fake_accounts"),),
    "responses": (Source(OfficialResponse),),
    "response_stances": (Source(ResponseStance, "response_id", "responses", "stance"),),
    "response_acts": (Source(ResponseAct, "response_id", "responses"),),
    "response_answers": (Source(ResponseAnswer, "response_id", "responses"),),
    "appeals": (Source(Appeal),),
    "appeal_incidents": (Source(AppealIncident, "appeal_id", "appeals"),),
    "proceedings": (Source(Proceeding),),
    "proceeding_incidents": (Source(ProceedingIncident, "proceeding_id", "proceedings"),),
    "proceeding_parties": (_party("outlet_id", "outlets"), _party("journalist_id", "journalists")),
    "proceeding_steps": (Source(ProceedingStep, "proceeding_id", "proceedings", counted=STEPS),),
    "cases": (Source(Case),),
    "incident_cases": (Source(CaseIncident, "case_id", "cases"),),
    "case_records": (
        _filed(CaseAccount, "account_id", "fake_accounts"),
        _filed(CaseResponse, "response_id", "responses"),
        _filed(CaseAppeal, "appeal_id", "appeals"),
        _filed(CaseProceeding, "proceeding_id", "proceedings"),
    ),
    "links": (
        _linked(IncidentLink, "incident_id", "incidents"), _linked(CaseLink, "case_id", "cases")
    ),
    "citations": (
        _cited(IncidentCitation, "incidents"),
        _cited(AccountCitation, "fake_accounts", counted=EVENTS),
        _cited(ResponseCitation, "responses"), _cited(AppealCitation, "appeals"),
        _cited(ProceedingCitation, "proceedings", counted=STEPS),
    ),
    "external_refs": (
        _cited(IncidentReference, "incidents"), _cited(CaseReference, "cases"),
        _cited(JournalistReference, "journalists"), _cited(OutletReference, "outlets"),
    ),
}  # fmt: skip
