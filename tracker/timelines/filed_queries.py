"""Which records stand in which open case: whatever is filed in it or is about an incident that is.

The same that `queries.facts_of_case` tells of each case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, union

from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case, CaseIncident
from tracker.cases.queries import SHELVES
from tracker.fake_accounts.models import FakeAccount, IncidentAccount
from tracker.responses.appeal_models import Appeal, AppealIncident
from tracker.responses.models import OfficialResponse, ResponseAnswer
from tracker.responses.proceeding_models import Proceeding, ProceedingIncident
from tracker.review.queries import counts
from tracker.timelines.loading_queries import to_cases_of

if TYPE_CHECKING:
    from sqlalchemy import Select, Subquery

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


def _beside(incident_id: Any, key: Any) -> Select[Any]:  # noqa: ANN401 (columns of one join)
    """Return the records that are joined to an incident of a case."""
    rows = select(CaseIncident.case_id, key.label("record_id"))
    rows = rows.select_from(incident_id.table)
    rows = rows.join(CaseIncident, CaseIncident.incident_id == incident_id)
    return rows.where(CaseIncident.case_id.in_(_open()))


def _open() -> Select[Any]:
    return select(Case.id).where(Case.lifecycle != Lifecycle.CLOSED)
