"""Who revised a record last: nobody by a save that changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import as_user, make_incident, make_user
from tracker.audit.models import AuditEvent
from tracker.audit.service import audited_change
from tracker.db import db
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.service import set_types
from tracker.permissions import Role
from tracker.review.codes import EditorialState
from tracker.review.service import approve_record, submit_record
from tracker.users.models import User
from tracker.when import Precision, When


@pytest.fixture
def author(app: Flask) -> Iterator[User]:
    with as_user(app, "author") as user:
        yield user


@pytest.fixture
def approved(author: User) -> Incident:
    """Return an incident that a second person approved."""
    incident = make_incident(place="Almaty", by=author)
    db.session.flush()
    submit_record(incident, by=author)
    approve_record(incident, note="", by=make_user("monitor", Role.MONITOR))
    db.session.commit()
    return incident


def bookkeeping(incident: Incident) -> list[Any]:
    """Return who signed the stored row, its version, state and entries in the trail."""
    columns = [
        Incident.revised_by_id, Incident.version, Incident.updated_at, Incident.state,
        Incident.approved_by_id, Incident.approved_at,
    ]  # fmt: skip
    entries = sa.select(sa.func.count()).where(AuditEvent.subject == incident.ref)
    row = db.session.execute(sa.select(*columns).where(Incident.id == incident.id)).one()
    return [*row, db.session.scalar(entries)]


def save(incident: Incident, change: Callable[[Incident], object]) -> None:
    """Save as a colleague does."""
    editor = make_user("editor")
    db.session.commit()
    db.session.refresh(editor)
    with audited_change(incident, "incident:edit", by=editor):
        change(incident)
        incident.mark_revised(by=editor)
    db.session.commit()


def same_values(incident: Incident) -> None:
    incident.place, incident.region, incident.targets[0].words = "Almaty", None, "an editor"
    incident.when = When(date(2025, 6, 1), date(2025, 6, 30), Precision.MONTH)
    set_types(incident, [row.term for row in incident.types])


def another_target(incident: Incident) -> None:
    old = incident.targets[0]
    incident.targets.append(IncidentTarget(kind=old.kind, words="a driver"))


def another_word(incident: Incident) -> None:
    incident.targets[0].words = "a driver"


def another_place(incident: Incident) -> None:
    incident.place = "Astana"


def test_a_save_that_changes_nothing_leaves_the_record_as_it_was(approved):
    before = bookkeeping(approved)

    save(approved, same_values)

    assert bookkeeping(approved) == before
    assert approved.state is EditorialState.APPROVED


@pytest.mark.parametrize("change", [another_place, another_word, another_target])
def test_a_change_of_the_row_or_of_a_child_is_signed_once(approved, change):
    version, entries = approved.version, bookkeeping(approved)[-1]

    save(approved, change)

    editor = make_user("editor")
    signed = bookkeeping(approved)
    assert signed[:2] == [editor.id, version + 1]
    assert signed[3:] == [EditorialState.DRAFT, None, None, entries + 1]


def test_a_change_that_a_query_sent_early_is_signed(approved):
    def change(incident: Incident) -> None:
        incident.mark_revised(by=make_user("editor"))
        another_word(incident)
        db.session.flush()

    version = approved.version
    save(approved, change)

    # Once by the query, once by the end of the save: nothing is taken back in between.
    assert bookkeeping(approved)[:2] == [make_user("editor").id, version + 2]
    assert approved.state is EditorialState.DRAFT


def test_who_saved_without_changing_anything_may_approve(author):
    incident = make_incident(place="Almaty", by=author)
    db.session.flush()
    submit_record(incident, by=author)
    save(incident, same_values)

    approve_record(incident, note="", by=make_user("editor"))
    db.session.commit()

    assert incident.state is EditorialState.APPROVED
