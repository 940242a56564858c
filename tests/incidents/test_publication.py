"""What the world may read of an incident: published by a second person, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from tests.factories import acting, make_incident
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.incidents.guarded_models import Publication
from tracker.incidents.models import Incident
from tracker.incidents.publication_service import withdraw_publication
from tracker.incidents.queries import publication_of
from tracker.review.codes import EditorialState

if TYPE_CHECKING:
    from flask import Flask


@pytest.fixture
def told(app: Flask) -> str:
    """Return the ref of a published incident."""
    with acting(app) as user:
        made = make_incident(title="Winter letters", by=user)
        made.state = EditorialState.PUBLISHED
        published = Publication(
            incident=made, version=1, title="Winter letters", summary_en="Letters came.", summary_ru="",
            summary_kk="", sources="Dala News", targets="an editor", n_journalists=1,
            primary_type="threat.death", types="threat.death", occurred_edtf="2025-06",
            reported_month="2025-06", country="KZ", region="", verification=made.verification,
            published_by_id=user.id,
        )  # fmt: skip
        db.session.add(published)
        db.session.commit()
        return made.ref


def stored(ref: str) -> Incident:
    return db.session.scalars(select(Incident).where(Incident.ref == ref)).one()


def test_what_is_withdrawn_says_nothing_and_is_a_draft_again(app: Flask, told: str):
    with acting(app) as user:
        withdraw_publication(stored(told), by=user)
        db.session.commit()

        row = db.session.execute(text("SELECT * FROM public_export")).mappings().one()
        assert (row["ref"], row["status"]) == (told, "withdrawn")
        said = ("title", "summary_en", "summary_ru", "summary_kk", "sources", "targets")
        assert {row[one] for one in said} == {""}
        assert stored(told).state is EditorialState.DRAFT
        trail = select(AuditEvent.action).order_by(AuditEvent.sequence.desc())
        assert "incident:withdraw" in db.session.scalars(trail).all()


def test_withdrawing_twice_or_where_nothing_was_said_changes_nothing(app: Flask, told: str):
    with acting(app) as user:
        unsaid = make_incident(by=user)
        for incident in (stored(told), unsaid):
            withdraw_publication(incident, by=user)
        db.session.commit()
        versions = stored(told).version, unsaid.version
        for incident in (stored(told), unsaid):
            withdraw_publication(incident, by=user)
        db.session.commit()
        assert (stored(told).version, unsaid.version) == versions
        assert unsaid.state is EditorialState.DRAFT
        assert publication_of(unsaid) is None
