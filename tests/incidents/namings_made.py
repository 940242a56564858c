"""Shared by the tests of naming: targets, their decisions, and what others read.

All through the services; the pages are tested in test_naming.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tests.factories import as_user, make_incident, make_journalist, make_user
from tracker.audit.queries import changes_since_shared, list_record_history
from tracker.db import db, set_full_access
from tracker.incidents.codes import NamingDecision
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident
from tracker.incidents.naming_queries import NameRedactionPlan, plan_name_redaction
from tracker.incidents.publication_service import (
    NamingInput,
    RedactionConfirmation,
    publish,
    save_naming_decision,
)
from tracker.incidents.service import TargetFacts, write_public_summary
from tracker.people.models import Journalist
from tracker.people.queries import record_texts
from tracker.permissions import Role
from tracker.records import record_models
from tracker.reports.codes import Profile
from tracker.reports.filters import FileOptions
from tracker.reports.service import ExportRequest, stream_export
from tracker.review.codes import EditorialState
from tracker.scoping import ALL_USERS_VIEWER, ScopedRecord
from tracker.users.models import User

NAME = "Gulnara Bazhkenova"
STANDS = "an editor in Almaty"
SUMMARY = "Two men came at night."


@contextmanager
def deciding(
    app: Flask, name: str = "staff", *roles: Role, team: str | None = "Desk"
) -> Iterator[User]:
    """Work as a user on the connection that can read naming decisions."""
    with as_user(app, name, *roles, team=team) as user:
        db.session.commit()
        set_full_access()
        yield user


def visit(
    *journalists: Journalist | TargetFacts, types: tuple[str, ...] = (), by: User, **given: Any
) -> Incident:
    """Return an incident against some journalists, with a summary that names nobody."""
    summary = given.pop("summary", SUMMARY)
    targets = [
        one if isinstance(one, TargetFacts) else TargetFacts(journalist=one) for one in journalists
    ]
    if targets:
        given["targets"] = targets
    made = make_incident(*(types or ("intimidation.visit",)), by=by, **given)
    write_public_summary(made, {"public_summary_en": summary}, by=by)
    return made


def her(by: User) -> Journalist:
    return make_journalist(NAME, by=by)


def stored(incident: Incident | str) -> Incident:
    ref = incident if isinstance(incident, str) else incident.ref
    return db.session.scalars(sa.select(Incident).where(Incident.ref == ref)).one()


def decide(
    incident: Incident,
    decision: NamingDecision = NamingDecision.PUBLIC_RECORD,
    *,
    place: int = 0,
    named_as: str = "",
    by: User,
    **given: Any,
) -> None:
    """Record the naming decision of a target."""
    save_naming_decision(
        incident,
        incident.targets[place],
        NamingInput(decision=decision, **given),
        named_as=named_as,
        confirmation=RedactionConfirmation(),
        by=by,
    )
    db.session.commit()


def close(incident: Incident, *, by: User) -> NameRedactionPlan:
    """Record that the first target refuses to be named; restrict all that names her to the team."""
    # The index, which finds what names her, is written at the end of a request.
    db.session.commit()
    target = incident.targets[0]
    assert target.journalist is not None
    plan = plan_name_redaction(target.journalist)
    save_naming_decision(
        incident,
        target,
        NamingInput(decision=NamingDecision.REFUSED),
        named_as=STANDS,
        confirmation=RedactionConfirmation(
            listed_refs=plan.affected_refs(),
            refs_to_restrict=[one.ref for one in plan.records_to_edit],
        ),
        by=by,
    )
    db.session.commit()
    return plan


def let_out(*incidents: Incident) -> None:
    """Approve incidents and publish them, as a monitor."""
    for one in incidents:
        one.state = EditorialState.APPROVED
        db.session.flush()
        publish(one, by=make_user("monitor", Role.MONITOR))
    db.session.commit()


def world() -> str:
    """Return the public file."""
    unkept: Any = SimpleNamespace(
        add_rows=lambda _rows: None, store_rows=lambda: None, close=lambda _digest: None
    )
    asked = FileOptions(incidents=IncidentFilter(), profile=Profile.PUBLIC)
    question = ExportRequest(
        options=asked, rows=sa.select(Incident), viewer=ALL_USERS_VIEWER, base_url=""
    )
    return b"".join(stream_export(question, unkept)).decode()


def elsewhere(app: Flask) -> str:
    """Return all that another team reads: the text of every record, and of its history."""
    said: list[str] = []
    with as_user(app, "reader", Role.MONITOR, team="Elsewhere"):
        for model in record_models().values():
            if not issubclass(model, ScopedRecord):
                continue
            for record in db.session.scalars(sa.select(model)):
                entries = [(one.action, one.changes) for one in list_record_history(record.ref)]
                said += [record.ref, record.heading, *record_texts(record)]
                said.append(str(changes_since_shared(entries)))
    return "\n".join(said)
