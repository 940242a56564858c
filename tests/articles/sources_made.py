"""Shared by the tests of articles: a record that cites, and a count of queries."""

from __future__ import annotations

from datetime import date
from typing import Any

from tracker.articles.models import Article
from tracker.articles.service import build_citation
from tracker.audit.service import audited_change
from tracker.incidents.models import Incident, IncidentCitation
from tracker.permissions import Visibility
from tracker.records import set_record_author
from tracker.users.models import User
from tracker.when import Precision, When

DAY = When(date(2025, 6, 3), date(2025, 6, 3), Precision.DAY)


def make_citing(
    article: Article, *typed: str, title: str = "Visit", by: User, **given: Any
) -> Incident:
    """Return an incident that cites the article once for each quote."""
    values = {
        "country": "KZ",
        "when": DAY,
        "visibility": Visibility.INTERNAL,
        "team_id": by.team_ids[0],
    }
    incident = Incident(title=title, **(values | given))
    incident.citations = [build_citation(IncidentCitation, article, one) for one in typed]
    set_record_author(incident, by=by)
    with audited_change(incident, "incident:create", by=by):
        pass
    return incident
