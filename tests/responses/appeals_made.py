"""Shared by the tests of appeals: an appeal to an institution."""

from __future__ import annotations

from typing import Any

from tests.factories import make_institution
from tracker.articles.models import Article
from tracker.articles.service import build_citation
from tracker.clock import current_date
from tracker.incidents.models import Incident
from tracker.permissions import Visibility
from tracker.responses.appeal_service import AppealFacts, record_appeal
from tracker.responses.codes import AppealKind, AppealOutcome, AppealSender
from tracker.responses.models import Appeal, AppealCitation
from tracker.users.models import User
from tracker.when import parse_when


def make_appeal(
    *incidents: Incident, by: User, when: str = "2025-06-16", cites: Article | None = None,
    outcome: AppealOutcome = AppealOutcome.PENDING,
    visibility: Visibility = Visibility.INTERNAL, **facts: Any,
) -> Appeal:  # fmt: skip
    """Return a letter of a lawyer to an institution of Kazakhstan."""
    values: dict[str, Any] = {
        "sent": parse_when(when, latest_possible_date=current_date()),
        "sender_kind": AppealSender.LAWYER,
        "kind": AppealKind.LETTER,
    } | facts
    if "institution" not in values:
        values["institution"] = make_institution(by=by)
    return record_appeal(
        AppealFacts(**values),
        outcome=outcome,
        incidents=incidents,
        citations=[build_citation(AppealCitation, cites, "2")] if cites else [],
        team_id=by.team_ids[0],
        visibility=visibility,
        by=by,
    )
