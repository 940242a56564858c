"""Which records stand in which open case: whatever is filed in it or is about an incident that is,
the same that `queries.facts_of_case` tells of each; and which incidents of them are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, not_, or_, select, union

from tracker import clock
from tracker.articles.codes import SourceKind
from tracker.articles.models import Article
from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case, CaseIncident, CaseResponse
from tracker.cases.queries import SHELVES
from tracker.fake_accounts.models import FakeAccount, IncidentAccount
from tracker.incidents.codes import Extent
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget, TargetStatus
from tracker.responses.appeal_models import Appeal, AppealIncident
from tracker.responses.codes import AnswerScope
from tracker.responses.models import OfficialResponse, ResponseAnswer
from tracker.responses.proceeding_models import Proceeding, ProceedingIncident
from tracker.review.queries import counts
from tracker.timelines.loading_queries import to_cases_of
from tracker.when import Precision

if TYPE_CHECKING:
    from sqlalchemy import CompoundSelect, Select, Subquery

# What joins records of a kind to the incidents that they are about, and its column of the record.
ABOUT: dict[type[Any], tuple[type[Any], Any]] = {
    FakeAccount: (IncidentAccount, IncidentAccount.account_id),
    OfficialResponse: (ResponseAnswer, ResponseAnswer.response_id),
    Appeal: (AppealIncident, AppealIncident.appeal_id),
    Proceeding: (ProceedingIncident, ProceedingIncident.proceeding_id),
}


def in_open_cases(kind: type[Any]) -> Subquery:
    """Return the pairs of `case_id` and `record_id`, each once."""
    shelf = next(one for one in SHELVES if one.kind is kind)
    filed = select(shelf.join.case_id, shelf.key.label("record_id"))
    pairs = [filed.where(shelf.join.case_id.in_(_open()))]
    if kind in ABOUT:
        join, key = ABOUT[kind]
        pairs.append(_beside(join.incident_id, key))
    if kind is OfficialResponse:
        # What answers an appeal answers what it was about; what answers a case as a whole answers
        # its incidents, in whatever cases they stand.
        answered = _beside(AppealIncident.incident_id, Appeal.response_id)
        answered = answered.join(AppealIncident.appeal)
        pairs.append(answered.where(Appeal.response_id.is_not(None), counts(Appeal)))
        whole = to_cases_of(select(CaseIncident.incident_id)).subquery()
        pairs.append(_beside(whole.c.incident_id, whole.c.response_id))
    return union(*pairs).subquery()


def answers_elsewhere(placed: Subquery) -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that a response placed in a case answers another one: its incidents, or
    all of it. It is what `loading_queries` finds of one case.
    """
    answered = select(ResponseAnswer.id).join(Incident, Incident.id == ResponseAnswer.incident_id)
    answered = answered.where(ResponseAnswer.response_id == OfficialResponse.id)
    here = answered.join(CaseIncident, CaseIncident.incident_id == ResponseAnswer.incident_id)
    asked = (
        select(Appeal.id)
        .join(Appeal.incidents)
        .join(Incident, Incident.id == AppealIncident.incident_id)
        .join(CaseIncident, CaseIncident.incident_id == AppealIncident.incident_id)
        .where(Appeal.response_id == OfficialResponse.id, counts(Appeal))
    )
    filed = select(CaseResponse.id).where(CaseResponse.response_id == OfficialResponse.id)
    of_case = CaseIncident.case_id == placed.c.case_id
    is_filed = filed.where(CaseResponse.case_id == placed.c.case_id).exists()
    scope = OfficialResponse.answers_scope
    of_another = or_(
        and_(scope == AnswerScope.INCIDENTS, answered.exists()),
        and_(scope == AnswerScope.CASE, not_(is_filed)),
    )
    return and_(of_another, not_(here.where(of_case).exists()), not_(asked.where(of_case).exists()))


def telling(placed: Subquery, *, latest: int) -> CompoundSelect[Any]:
    """Return the ids of the incidents from which something follows for a case: it may begin with
    those that are the first in it by any of their dates, or that say by themselves when they were
    public; then those of whose targets something became, and those that happened last of all.
    """
    is_dated = Incident.precision != Precision.UNKNOWN
    # Most are public from their first time on, whatever their sources say: all are read.
    is_repeated = Incident.extent == Extent.REPEATED
    is_public = and_(
        Article.id == IncidentCitation.article_id,
        Article.kind == SourceKind.ARTICLE,
        not_(is_repeated),
    )
    dated = case((is_dated, Incident.earliest))
    dates = (Incident.earliest, dated, Article.earliest, Article.latest)
    firsts = [func.min(one).over(partition_by=placed.c.case_id) == one for one in dates]
    begins = (
        select(Incident.id, or_(is_repeated, *firsts).label("is_first"))
        .join(placed, placed.c.record_id == Incident.id)
        .outerjoin(Incident.citations)
        .outerjoin(Article, is_public)
        .where(counts(Incident))
        .subquery()
    )
    last = (
        select(Incident.id)
        .where(Incident.id.in_(select(placed.c.record_id)), counts(Incident))
        .where(is_dated, Incident.earliest <= clock.today())
        .order_by(Incident.latest.desc(), Incident.earliest.desc(), Incident.ref.desc())
        .limit(latest)
        .subquery()
    )
    became = select(TargetStatus.target_id)
    return union(
        select(begins.c.id).where(begins.c.is_first),
        select(IncidentTarget.incident_id).where(IncidentTarget.id.in_(became)),
        select(last.c.id),
    )


def _beside(incident_id: Any, key: Any) -> Select[Any]:  # noqa: ANN401 (columns of one join)
    """Return the records that are joined to an incident of a case."""
    rows = select(CaseIncident.case_id, key.label("record_id"))
    rows = rows.select_from(incident_id.table)
    rows = rows.join(CaseIncident, CaseIncident.incident_id == incident_id)
    return rows.where(CaseIncident.case_id.in_(_open()))


def _open() -> Select[Any]:
    return select(Case.id).where(Case.lifecycle != Lifecycle.CLOSED)
