"""Many entries of one journalist, written in a few statements: their content does not matter."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from sqlalchemy import insert

from tests.cases.records_made import make_term
from tracker.articles.models import Article
from tracker.articles.service import build_citation
from tracker.db import db
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget, IncidentType
from tracker.people.models import Journalist
from tracker.permissions import Visibility
from tracker.records import generate_ref
from tracker.users.models import User
from tracker.when import Precision

FIRST = date(2016, 1, 1)
DAYS = 3_650
_ids = count(1_000_000)


def add_entries(number: int, journalist: Journalist, *, cites: Article, by: User) -> None:
    """Add incidents on days spread over ten years, each with a type, a target and a citation."""
    db.session.flush()
    whose = {"team_id": by.team_ids[0], "visibility": Visibility.INTERNAL}
    term = make_term("threat.other", "Threat")
    quote = build_citation(IncidentCitation, cites, "1")
    cited = {"start": quote.start, "end": quote.end, "quote": quote.quote}
    ids = [next(_ids) for _ in range(number)]
    days = [FIRST + timedelta(days=place * 7 % DAYS) for place in range(number)]
    signed = {"recorded_by_id": by.id, "revised_by_id": by.id, "version": 1}
    incidents = [
        {
            "id": one, "ref": generate_ref("INC"), "title": f"Call {one}", "country": "KZ",
            "earliest": day, "latest": day, "precision": Precision.DAY, **signed, **whose,
        }
        for one, day in zip(ids, days, strict=True)
    ]  # fmt: skip
    db.session.execute(insert(Incident), incidents)
    db.session.execute(
        insert(IncidentType),
        [{"incident_id": one, "term_id": term.id, "rank": 5, **whose} for one in ids],
    )
    target = {"kind": TargetKind.JOURNALIST, "journalist_id": journalist.id}
    db.session.execute(
        insert(IncidentTarget), [{"incident_id": one, **target, **whose} for one in ids]
    )
    db.session.execute(
        insert(IncidentCitation),
        [{"record_id": one, "article_id": cites.id, **cited, **whose} for one in ids],
    )
