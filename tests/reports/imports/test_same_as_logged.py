"""What an import stores past the objects is what the services store: columns, trail and index."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import inspect, select

from tests.factories import as_user
from tests.reports.imports.conftest import taken
from tracker.articles.codes import SourceKind
from tracker.articles.service import add_article
from tracker.audit.models import AuditEvent
from tracker.audit.service import audited_change
from tracker.audit.snapshot import row_digest
from tracker.db import db
from tracker.incidents.codes import ActorType, AttributedBy, TargetKind
from tracker.incidents.models import Incident, IncidentReference
from tracker.incidents.section_service import add_actor
from tracker.incidents.service import ActorFacts, TargetFacts, record_incident
from tracker.people.service import add_journalist, add_outlet
from tracker.permissions import Visibility
from tracker.search.models import SearchEntry
from tracker.users.models import User
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import list_active_terms
from tracker.when import Precision, When

# What tells two records that say the same apart: keys, moments, the order of saving.
OWN = {
    "id", "ref", "recorded_at", "updated_at", "cited_at", "version", "incident_id", "record_id",
    "bearer_id", "article_id", "relative_to_id", "journalist_id", "outlet_id", "start", "end",
}  # fmt: skip
ROW = (
    "id,date,country,city,journalist,outlet,type,description,link,actor\n"
    '7,"April 30, 2018",Kazakhstan,Алматы,Ann Lee,Morning Paper,"Assault, Doxxing",Beaten,'
    "https://list.example/7,Police\n"
)


def logged(staff: User, quote: str) -> Incident:
    seen: dict[str, Any] = {
        "team_id": staff.team_ids[0], "visibility": Visibility.RESTRICTED, "by": staff,
    }  # fmt: skip
    terms = {term.code: term for term in list_active_terms(TermSet.INCIDENT_TYPE)}
    ann, paper = add_journalist("Ann Lee", **seen), add_outlet("Morning Paper", **seen)
    incident = record_incident(
        types=[terms["physical.assault"], terms["harassment.doxxing"]],
        occurred=When(date(2018, 4, 30), date(2018, 4, 30), Precision.DAY, "April 30, 2018"),
        country="KZ", place="Алматы", narrative="Beaten",
        targets=[TargetFacts(kind=TargetKind.JOURNALIST, journalist=ann, outlet=paper)],
        article=add_article("their.csv", kind=SourceKind.DOCUMENT, publisher_words="They", **seen),
        quote=quote,
        **seen,
    )  # fmt: skip
    facts = ActorFacts(actor_type=ActorType.POLICE, attributed_by=AttributedBy.DOCUMENT)
    add_actor(incident, facts, by=staff)
    reference = IncidentReference(scheme="THEIRS", identifier="7", url="https://list.example/7")
    with audited_change(incident, "incident:refer", by=staff):
        incident.references = [reference]
    return incident


def columns(row: Any) -> dict[str, Any]:
    """Return what a record and its children say, kept apart from which record it is."""
    mapper = inspect(type(row))
    found: dict[str, Any] = {
        one.key: getattr(row, one.key) for one in mapper.column_attrs if one.key not in OWN
    }
    for relation in mapper.relationships:
        if relation.info.get("audited"):
            found[relation.key] = [columns(one) for one in getattr(row, relation.key)]
    return found


def told(row: Any) -> tuple[str, list[str], bool]:
    """Return how the trail tells of a record: its first entry, and whether the last still holds."""
    entries = select(AuditEvent).where(AuditEvent.subject == row.ref).order_by(AuditEvent.sequence)
    first, *later = db.session.scalars(entries).all()
    last = [first, *later][-1]
    return first.action, sorted(first.changes), last.row_digest == row_digest(row)


def found_by(row: Any) -> set[str]:
    """Return the words by which a record is found."""
    entries = select(SearchEntry.words).where(
        SearchEntry.subject_table == row.__tablename__, SearchEntry.subject_id == row.id
    )
    words = db.session.scalars(entries).one().split()
    return {word.strip("'") for word in words}


@pytest.mark.usefixtures("words")
def test_an_imported_record_is_stored_as_a_logged_one(app):
    with as_user(app) as staff:
        taken(staff, ROW, attributed_by="document")
        db.session.commit()
        imported = db.session.scalars(select(Incident)).one()
        as_logged = logged(staff, imported.citations[0].quote)
        db.session.commit()

        for mine, theirs in zip(parts(imported), parts(as_logged), strict=True):
            assert columns(mine) == columns(theirs)
            assert told(mine) == told(theirs)
            assert found_by(mine) == found_by(theirs)


def parts(incident: Incident) -> list[Any]:
    """Return an incident, and whom it names."""
    [target] = incident.targets
    return [incident, target.journalist, target.outlet]
