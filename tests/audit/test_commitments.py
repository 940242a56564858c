"""Confidential values are committed to in the trail, and lie where they can be erased."""

from __future__ import annotations

import sqlalchemy as sa

from tests.factories import as_user
from tracker.audit.chain import compute_commitment
from tracker.audit.models import AuditEvent, CommittedValue
from tracker.audit.service import delete_committed_values, record_commitments, record_event
from tracker.db import db, set_full_access
from tracker.users.service import get_or_create_console_user

REF = "INC-0000000001"


def on_full_power():
    db.session.rollback()
    set_full_access()


def committed(app, before, after):
    with as_user(app) as user:
        on_full_power()
        record_commitments(REF, "incident:confidential", before, after, by=user)
        db.session.commit()


def entries(app):
    with as_user(app):
        return db.session.scalars(sa.select(AuditEvent).where(AuditEvent.subject == REF)).all()


def test_the_trail_says_which_value_changed_and_not_what_it_is(app):
    committed(
        app,
        {"witness_names": "", "contacts": "same"},
        {"witness_names": "Bota", "contacts": "same"},
    )

    entry = entries(app)[0]

    assert list(entry.changes["committed"]) == ["witness_names"]
    assert "Bota" not in str(entry.changes)


def test_the_value_is_proved_by_its_salt(app):
    committed(app, {}, {"witness_names": "Bota"})

    with as_user(app):
        on_full_power()
        kept = db.session.scalars(sa.select(CommittedValue)).one()

    assert kept.commitment == entries(app)[0].changes["committed"]["witness_names"]
    assert compute_commitment("Bota", kept.salt) == kept.commitment
    assert compute_commitment("Dana", kept.salt) != kept.commitment


def test_the_same_value_twice_looks_different(app):
    committed(app, {}, {"witness_names": "Bota"})
    committed(app, {}, {"witness_names": "Bota"})

    first, second = (one.changes["committed"]["witness_names"] for one in entries(app))

    assert first != second


def test_nothing_changed_is_not_written(app):
    committed(app, {"contacts": "a"}, {"contacts": "a"})

    assert entries(app) == []


def test_values_are_forgotten_and_the_trail_holds(app, runner):
    committed(app, {}, {"witness_names": "Bota"})

    with as_user(app):
        on_full_power()
        assert delete_committed_values(REF) == 1
        record_event("journalist:erase", REF, by=get_or_create_console_user())
        db.session.commit()
        assert db.session.scalars(sa.select(CommittedValue)).all() == []

    assert runner.invoke(args=["audit", "verify"]).output.startswith("ok ")
