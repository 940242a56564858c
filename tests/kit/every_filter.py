"""Every filter of a list that is made of declarations, with the records that it is asked of."""

from __future__ import annotations

from typing import Any

from tracker.articles.models import Article
from tracker.articles.queries import ArticleFilter
from tracker.audit.models import AuditEvent
from tracker.audit.queries import LogFilter
from tracker.cases.models import Case
from tracker.cases.queries import CaseFilter
from tracker.everywhere.queries import SearchFilter
from tracker.fake_accounts.filters import AccountFilter
from tracker.fake_accounts.models import FakeAccount
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident
from tracker.intake.queries import InboxFilter
from tracker.kit.filters import ListFilter
from tracker.people.models import Institution, Journalist
from tracker.people.queries import InstitutionFilter, JournalistOrOutletFilter
from tracker.reports.filters import MonthlyFilter
from tracker.responses.filters import AppealFilter, ProceedingFilter, ResponseFilter
from tracker.responses.models import Appeal, OfficialResponse, Proceeding
from tracker.timelines.filters import OpenCaseFilter, TimelineFilter

# None where it has no columns: what it lets through is chosen by hand.
RECORDS: dict[type[ListFilter], Any] = {
    AccountFilter: FakeAccount,
    AppealFilter: Appeal,
    ArticleFilter: Article,
    CaseFilter: Case,
    InboxFilter: None,
    IncidentFilter: Incident,
    InstitutionFilter: Institution,
    LogFilter: AuditEvent,
    MonthlyFilter: None,
    OpenCaseFilter: None,
    JournalistOrOutletFilter: Journalist,
    ProceedingFilter: Proceeding,
    ResponseFilter: OfficialResponse,
    SearchFilter: None,
    TimelineFilter: None,
}
FILTERS = list(RECORDS)
