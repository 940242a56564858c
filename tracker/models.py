"""Every model in one place, for migrations and for `from tracker.models import …`; and with them
all that is proved.
"""

from __future__ import annotations

from tracker.articles.models import (
    Article,
    ArticleConfidential,
    ArticleMark,
    ArticleMask,
    ArticleMaskConfidential,
    ArticleOriginal,
    Citation,
)
from tracker.articles.proof_models import ArticleText, Original
from tracker.audit.models import AuditEvent, CommittedValue
from tracker.cases.models import (
    Case,
    CaseAccount,
    CaseAppeal,
    CaseComment,
    CaseIncident,
    CaseLink,
    CaseLook,
    CaseProceeding,
    CaseReference,
    CaseResponse,
)
from tracker.fake_accounts.models import (
    AccountCitation,
    AccountImpersonation,
    AccountSuccession,
    FakeAccount,
    FakeAccountComment,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.incidents.comment_models import IncidentComment
from tracker.incidents.guarded_models import IncidentConfidential, Publication, TargetNaming
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
from tracker.incidents.proof_models import Published
from tracker.intake.models import IntakeItem
from tracker.intake.namesake_models import (
    InstitutionNamesakes,
    JournalistNamesakes,
    OutletNamesakes,
)
from tracker.intake.outcome_models import SuggestionOutcome
from tracker.intake.proof_models import Unread
from tracker.people.models import (
    Affiliation,
    Erasure,
    Institution,
    InstitutionName,
    Journalist,
    JournalistConfidential,
    JournalistName,
    JournalistReference,
    Outlet,
    OutletName,
    OutletReference,
)
from tracker.reports.choice_models import ExportChoice
from tracker.reports.imports.models import ImportBatch, ImportMapping, ImportRow
from tracker.reports.ledger_models import ExportedRow, ExportRecipient, ExportRun
from tracker.reports.monthly.models import MonthlyText, PublishedMonth
from tracker.reports.monthly.proof_models import Figures
from tracker.responses.models import (
    Appeal,
    AppealCitation,
    AppealComment,
    AppealIncident,
    OfficialResponse,
    OfficialResponseComment,
    Proceeding,
    ProceedingCitation,
    ProceedingComment,
    ProceedingIncident,
    ProceedingParty,
    ProceedingStep,
    ResponseAct,
    ResponseAnswer,
    ResponseCitation,
    ResponseStance,
)
from tracker.review.models import Comment
from tracker.search.models import SearchEntry
from tracker.users.models import (
    KnownDevice,
    RecoveryCode,
    SecondFactor,
    SignInFailure,
    SignInLink,
    Submission,
    Team,
    TeamMember,
    User,
    UserRole,
    UserSession,
)
from tracker.users.proof_models import Standing
from tracker.vocabulary.models import Term

__all__ = [
    "AccountCitation",
    "AccountImpersonation",
    "AccountSuccession",
    "Affiliation",
    "Appeal",
    "AppealCitation",
    "AppealComment",
    "AppealIncident",
    "Article",
    "ArticleConfidential",
    "ArticleMark",
    "ArticleMask",
    "ArticleMaskConfidential",
    "ArticleOriginal",
    "ArticleText",
    "AuditEvent",
    "Case",
    "CaseAccount",
    "CaseAppeal",
    "CaseComment",
    "CaseIncident",
    "CaseLink",
    "CaseLook",
    "CaseProceeding",
    "CaseReference",
    "CaseResponse",
    "Citation",
    "Comment",
    "CommittedValue",
    "Erasure",
    "ExportChoice",
    "ExportRecipient",
    "ExportRun",
    "ExportedRow",
    "FakeAccount",
    "FakeAccountComment",
    "FakeAccountEvent",
    "Figures",
    "ImportBatch",
    "ImportMapping",
    "ImportRow",
    "Incident",
    "IncidentAccount",
    "IncidentActor",
    "IncidentCitation",
    "IncidentComment",
    "IncidentConfidential",
    "IncidentLink",
    "IncidentReference",
    "IncidentTarget",
    "IncidentType",
    "Institution",
    "InstitutionName",
    "InstitutionNamesakes",
    "IntakeItem",
    "Journalist",
    "JournalistConfidential",
    "JournalistName",
    "JournalistNamesakes",
    "JournalistReference",
    "KnownDevice",
    "MonthlyText",
    "OfficialResponse",
    "OfficialResponseComment",
    "Original",
    "Outlet",
    "OutletName",
    "OutletNamesakes",
    "OutletReference",
    "Proceeding",
    "ProceedingCitation",
    "ProceedingComment",
    "ProceedingIncident",
    "ProceedingParty",
    "ProceedingStep",
    "Publication",
    "Published",
    "PublishedMonth",
    "RecoveryCode",
    "ResponseAct",
    "ResponseAnswer",
    "ResponseCitation",
    "ResponseStance",
    "SearchEntry",
    "SecondFactor",
    "SignInFailure",
    "SignInLink",
    "Standing",
    "Submission",
    "SuggestionOutcome",
    "TargetNaming",
    "TargetStatus",
    "Team",
    "TeamMember",
    "Term",
    "Unread",
    "User",
    "UserRole",
    "UserSession",
]
