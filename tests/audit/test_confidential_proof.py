"""A confidential value that is edited past the trail is shown, and is not told."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.audit.test_proof import edit
from tests.audit.test_trail import verify
from tests.factories import as_user, make_incident, make_journalist
from tracker.audit.chain import compute_commitment
from tracker.audit.service import get_confidential_row, save_confidential_values
from tracker.db import db, set_full_access
from tracker.incidents.guarded_models import IncidentConfidential
from tracker.incidents.models import Incident
from tracker.people.models import Journalist, JournalistConfidential
from tracker.people.service import approve_erasure, request_erasure

SALT = "0" * 32


@pytest.fixture
def trusted(app: Flask) -> str:
    """Return the ref of an incident of which a witness was named, and then another one."""
    with as_user(app) as user:
        ref = make_incident(by=user).ref
        db.session.commit()
    for name in ("Anna", "Bota"):
        with as_user(app) as user:
            db.session.rollback()
            set_full_access()
            incident = db.session.scalars(sa.select(Incident)).one()
            row = get_confidential_row(incident, IncidentConfidential)
            values = dict.fromkeys(("addresses", "contacts", "source_notes"), "")
            save_confidential_values(incident, row, values | {"witness_names": name}, by=user)
            db.session.commit()
    return ref


def test_values_that_were_left_alone_hold(app: Flask, trusted: str) -> None:
    assert verify(app)[0] == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incidents_confidential SET witness_names = 'Dana'",
        "UPDATE incidents_confidential SET witness_names = ''",
        "UPDATE incidents_confidential SET witness_names = 'Anna'",
        "DELETE FROM incidents_confidential",
        "DELETE FROM audit_values_confidential WHERE value = 'Bota'",
    ],
    ids=["another", "emptied", "the one before", "row gone", "kept value gone"],
)
def test_a_value_edited_is_shown(app: Flask, trusted: str, statement: str) -> None:
    edit(app, statement)

    assert verify(app) == (1, f"witness_names of {trusted} differs from the audit log")


def test_a_value_given_past_the_trail_is_shown(app: Flask, trusted: str) -> None:
    edit(app, "UPDATE incidents_confidential SET contacts = 'Dana'")

    assert verify(app) == (1, f"contacts of {trusted} differs from the audit log")


def test_a_value_edited_where_it_is_kept_too_is_shown(app: Flask, trusted: str) -> None:
    edit(app, "UPDATE incidents_confidential SET witness_names = 'Dana'")
    edit(app, "UPDATE audit_values_confidential SET value = 'Dana' WHERE value = 'Bota'")

    code, said = verify(app)
    assert code == 1
    assert f"a value kept of {trusted} differs from the audit log" in said
    assert f"witness_names of {trusted} differs from the audit log" in said
    assert "Dana" not in said


def test_an_older_value_edited_with_its_commitment_is_shown(app: Flask, trusted: str) -> None:
    edit(
        app,
        "UPDATE audit_values_confidential SET value = 'Dana', salt = :salt, commitment = :new "
        "WHERE value = 'Anna'",
        salt=SALT,
        new=compute_commitment("Dana", SALT),
    )

    assert verify(app) == (1, f"a value kept of {trusted} differs from the audit log")


def test_what_was_erased_is_expected_no_more_and_what_is_given_later_is(app: Flask) -> None:
    with as_user(app) as user:
        ref = make_journalist(by=user).ref
        db.session.commit()
    keep_of_her(app, contacts="tel", notes="says")
    for name, act in (("staff", request_erasure), ("colleague", approve_erasure)):
        with as_user(app, name) as user:
            db.session.rollback()
            set_full_access()
            her = db.session.scalars(sa.select(Journalist)).one()
            act(her, **({"reason": "She asked."} if act is request_erasure else {}), by=user)
            db.session.commit()
    assert verify(app)[0] == 0
    keep_of_her(app, contacts="another")
    assert verify(app)[0] == 0
    edit(app, "UPDATE journalists_confidential SET contacts = 'Dana'")

    assert verify(app) == (1, f"contacts of {ref} differs from the audit log")


def keep_of_her(app: Flask, **values: str) -> None:
    with as_user(app) as user:
        db.session.rollback()
        set_full_access()
        her = db.session.scalars(sa.select(Journalist)).one()
        row = get_confidential_row(her, JournalistConfidential)
        save_confidential_values(her, row, values, by=user)
        db.session.commit()
