"""Every model in one place, for migrations and for `from tracker.models import …`."""

from __future__ import annotations

from tracker.articles.models import Article, ArticleOriginal, Citation
from tracker.audit.models import AuditEvent
from tracker.cases.models import (
    Case,
    CaseAccount,
    CaseIncident,
    CaseLink,
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
    OfficialResponse,
    ResponseAct,
    ResponseAnswer,
    ResponseCitation,
    ResponseStance,
)
from tracker.search.models import SearchEntry
from tracker.users.models import Team, TeamMember, User, UserRole, UserSession
from tracker.vocabulary.models import Term

__all__ = [
    "AccountCitation",
    "AccountImpersonation",
    "AccountSuccession",
    "Affiliation",
    "Article",
    "ArticleOriginal",
    "AuditEvent",
    "Case",
    "CaseAccount",
    "CaseIncident",
    "CaseLink",
    "CaseReference",
    "CaseResponse",
    "Citation",
    "FakeAccount",
    "FakeAccountEvent",
    "Incident",
    "IncidentAccount",
    "IncidentActor",
    "IncidentCitation",
    "IncidentLink",
    "IncidentReference",
    "IncidentTarget",
    "IncidentType",
    "Institution",
    "InstitutionName",
    "Journalist",
    "JournalistName",
    "JournalistReference",
    "OfficialResponse",
    "Outlet",
    "OutletName",
    "OutletReference",
    "ResponseAct",
    "ResponseAnswer",
    "ResponseCitation",
    "ResponseStance",
    "SearchEntry",
    "TargetStatus",
    "Team",
    "TeamMember",
    "Term",
    "User",
    "UserRole",
    "UserSession",
]
