"""Shared by the tests of responses: an article in which a ministry answers, and responses."""

from __future__ import annotations

from typing import Any

from tests.factories import make_article, make_institution
from tracker.articles.models import Article
from tracker.articles.service import build_citation
from tracker.clock import current_date
from tracker.incidents.models import Incident
from tracker.permissions import Visibility
from tracker.responses.codes import ActType, AnswerScope
from tracker.responses.models import OfficialResponse, ResponseCitation
from tracker.responses.service import ActFacts, ResponseFacts, record_response
from tracker.users.models import User
from tracker.when import parse_when

TEXT = (
    "Pages with her photograph announced the death of an editor. "
    "“Whoever does this wants to harm the state”, said the minister. "
    "Such pages are blocked day and night, she added. "
    "The police, she said, are looking into it."
)


def make_report(*, by: User, **given: Any) -> Article:
    """Return an article in which a minister speaks."""
    values = {
        "text": TEXT,
        "published": parse_when("2025-06-17", latest_possible_date=current_date()),
    }
    return make_article("The minister answers", by=by, **(values | given))


def make_response(
    *acts: ActFacts, by: User, when: str = "2025-06-17", cites: Article | None = None,
    incidents: tuple[Incident, ...] = (), visibility: Visibility = Visibility.INTERNAL, **facts: Any,
) -> OfficialResponse:  # fmt: skip
    """Return a response to a case, with a neutral statement unless acts are given."""
    values: dict[str, Any] = {
        "made": parse_when(when, latest_possible_date=current_date()),
        "answers_scope": AnswerScope.INCIDENTS if incidents else AnswerScope.CASE,
    } | facts
    if "institution" not in values:
        values["institution"] = make_institution(by=by)
    return record_response(
        ResponseFacts(**values),
        acts=acts or [ActFacts(act=ActType.STATEMENT)],
        incidents=incidents,
        citations=[build_citation(ResponseCitation, cites, "2")] if cites else [],
        team_id=by.team_ids[0],
        visibility=visibility,
        by=by,
    )
