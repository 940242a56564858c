"""Rows are cut to the viewer below every view: no viewer, no rows."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, joinedload, selectinload

from tests.factories import as_user
from tracker.db import db, set_full_access
from tracker.incidents.codes import TargetKind
from tracker.incidents.guarded_models import TargetNamingDecision
from tracker.incidents.models import Incident, IncidentTarget
from tracker.people.models import Journalist
from tracker.permissions import Visibility
from tracker.records import set_record_author
from tracker.scoping import (
    Viewer,
    set_viewer,
    system_session,
    viewing_as_all_users,
    viewing_everything,
)
from tracker.users.models import User
from tracker.when import OPEN_START, Precision, When

LONG_AGO = When(OPEN_START, OPEN_START, Precision.UNKNOWN)


def make_pair(user: User, visibility: Visibility) -> Incident:
    journalist = Journalist(
        name="Anna", sort_key="anna", team_id=user.team_ids[0], visibility=visibility
    )
    incident = Incident(
        country="KZ", when=LONG_AGO, team_id=user.team_ids[0], visibility=visibility
    )
    incident.targets.append(IncidentTarget(kind=TargetKind.JOURNALIST, journalist=journalist))
    for record in (journalist, incident):
        set_record_author(record, by=user)
        db.session.add(record)
    db.session.commit()
    return incident


STATEMENTS: list[Any] = [
    select(Incident),
    select(Incident.ref),
    select(func.count()).select_from(Incident),
    select(IncidentTarget),
    select(Journalist.name).join(IncidentTarget, IncidentTarget.journalist_id == Journalist.id),
    select(aliased(Incident)),
    select(Incident).options(selectinload(Incident.targets)),
    select(Incident).options(joinedload(Incident.targets).joinedload(IncidentTarget.journalist)),
    select(func.max(Incident.latest)),
    select(Incident).where(Incident.id.in_(select(IncidentTarget.incident_id))),
    select(func.count()).select_from(select(Incident.id).subquery()),
    select(Incident.id).union_all(select(IncidentTarget.id)),
]


def found(statement: Any) -> list[Any]:
    rows = db.session.execute(statement).unique().all()
    return [row for row in rows if row[0] not in (None, 0)]


@pytest.mark.parametrize("number", range(len(STATEMENTS)))
def test_a_restricted_record_exists_for_its_team_alone(app: Flask, number: int) -> None:
    with as_user(app, "staff") as user:
        make_pair(user, Visibility.RESTRICTED)
        assert found(STATEMENTS[number])
        for viewer in (None, Viewer(()), Viewer((user.team_ids[0] + 1,))):
            db.session.remove()
            set_viewer(viewer)
            assert found(STATEMENTS[number]) == []


@pytest.mark.parametrize("number", range(len(STATEMENTS)))
def test_an_internal_record_exists_for_whoever_signed_in(app: Flask, number: int) -> None:
    with as_user(app, "staff") as user:
        make_pair(user, Visibility.INTERNAL)
        db.session.remove()
        set_viewer(Viewer(()))
        assert found(STATEMENTS[number])
        db.session.remove()
        set_viewer(None)
        assert found(STATEMENTS[number]) == []


def test_updates_and_deletions_touch_only_what_the_viewer_sees(app: Flask) -> None:
    with as_user(app, "staff") as user:
        make_pair(user, Visibility.RESTRICTED)
        team = user.team_ids[0]
        set_viewer(Viewer(()))
        db.session.execute(update(Incident).values(place="elsewhere"))
        db.session.execute(delete(IncidentTarget))
        db.session.commit()
        set_viewer(Viewer((team,)))
        assert db.session.scalars(select(Incident.place)).all() == [""]
        assert len(db.session.scalars(select(IncidentTarget)).all()) == 1


def test_a_child_follows_its_owner_by_the_databases_own_hand(app: Flask) -> None:
    with as_user(app, "staff") as user:
        incident = make_pair(user, Visibility.RESTRICTED)
        incident.visibility = Visibility.INTERNAL
        db.session.commit()
        assert [target.visibility for target in incident.targets] == [Visibility.INTERNAL]
        # It cannot be made wider or narrower than its owner.
        with pytest.raises(IntegrityError):
            db.session.execute(update(IncidentTarget).values(visibility="restricted"))


def test_a_hidden_person_on_a_visible_record_is_not_there(app: Flask) -> None:
    with as_user(app, "staff") as user:
        incident = make_pair(user, Visibility.RESTRICTED)
        incident.visibility = Visibility.INTERNAL
        db.session.commit()
        db.session.remove()
        set_viewer(Viewer(()))
        seen = db.session.scalars(select(Incident)).one()
        assert seen.targets[0].journalist_id is not None
        assert seen.targets[0].journalist is None


def test_a_hidden_person_stays_hidden_on_what_was_made_in_the_same_session(app: Flask) -> None:
    with as_user(app, "staff") as user:
        incident = make_pair(user, Visibility.RESTRICTED)
        journalist, team, author = incident.targets[0].journalist_id, user.team_ids[0], user.id
        db.session.remove()
        set_viewer(Viewer(()))
        made = Incident(
            country="KZ", when=LONG_AGO, team_id=team, recorded_by_id=author, revised_by_id=author
        )
        made.targets.append(IncidentTarget(kind=TargetKind.JOURNALIST, journalist_id=journalist))
        db.session.add(made)
        db.session.flush()
        assert made.targets[0].journalist is None


def test_what_everybody_may_see_holds_for_rows_that_the_viewer_has_read_already(app: Flask) -> None:
    with as_user(app, "staff") as user:
        incident = make_pair(user, Visibility.RESTRICTED)
        hidden = incident.targets[0].journalist
        incident.visibility = Visibility.INTERNAL
        db.session.commit()
        held = select(Incident)
        assert hidden is not None
        assert db.session.scalars(held).one().targets[0].journalist is hidden
        with viewing_as_all_users():
            assert db.session.scalars(held).one().targets[0].journalist is None
            assert db.session.get(Journalist, hidden.id) is None
        assert db.session.scalars(held).one().targets[0].journalist is hidden


def test_a_system_session_sees_all_and_says_why(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with as_user(app, "staff") as user:
        make_pair(user, Visibility.RESTRICTED)
        db.session.remove()
        with caplog.at_level("INFO"), system_session("a test") as session:
            assert len(session.scalars(select(Incident)).all()) == 1
        assert "a test" in caplog.text


def test_what_was_seen_for_a_change_that_reaches_further_is_not_seen_afterwards(app: Flask) -> None:
    with as_user(app, "staff") as user:
        number = make_pair(user, Visibility.RESTRICTED).id
        db.session.remove()
        set_viewer(Viewer(()))
        with viewing_everything("a test"):
            held = db.session.get(Incident, number)
            assert held is not None
            assert held.targets
        assert db.session.get(Incident, number) is None
        assert held not in db.session


def test_what_a_team_keeps_of_an_open_record_is_not_seen_afterwards_either(app: Flask) -> None:
    with as_user(app, "staff") as user:
        target = make_pair(user, Visibility.INTERNAL).targets[0].id
        db.session.commit()
        set_full_access()
        db.session.add(TargetNamingDecision(target_id=target, team_id=user.team_ids[0]))
        db.session.commit()
        set_viewer(Viewer(()))
        with viewing_everything("a test"):
            held = db.session.get(TargetNamingDecision, target)
            assert held is not None
        assert held not in db.session
        assert db.session.get(TargetNamingDecision, target) is None
