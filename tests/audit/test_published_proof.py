"""What the world reads, and the figures of a month, are as they were published, or it is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.audit.test_proof import edit
from tests.audit.test_trail import tamper, verify
from tests.factories import as_user, make_incident
from tracker.db import db, set_full_access
from tracker.i18n import MonthRange
from tracker.incidents.merging_service import merge_incidents
from tracker.incidents.models import Incident
from tracker.incidents.publication_service import publish, withdraw_publication
from tracker.incidents.service import write_public_summary
from tracker.permissions import Role
from tracker.reports.filters import MonthlyFilter
from tracker.reports.monthly.queries import monthly_tables
from tracker.reports.monthly.service import figures_digest, publish_month
from tracker.review.codes import RetractReason
from tracker.review.service import approve_record, restore_record, retract_record, submit_record
from tracker.scoping import viewing_as_all_users
from tracker.users.models import User

EMPTIED = (
    "UPDATE publications SET withdrawn_at = '2026-01-01 00:00:00+00:00', title = '', sources = '', "
    "targets = '', summary_en = '', summary_ru = '', summary_kk = ''"
)


@pytest.fixture
def told(app: Flask) -> str:
    """Return the ref of an incident that was published twice."""
    with as_user(app) as user:
        made = make_incident(by=user)
        ref = made.ref
        submit_record(made, by=user)
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        approve_record(stored(), note="", by=monitor)
        db.session.commit()
    for words in ("Letters came.", "Two letters came."):
        with as_user(app) as user:
            write_public_summary(stored(), {"public_summary_en": words}, by=user)
            db.session.commit()
        with as_user(app, "monitor", Role.MONITOR) as monitor:
            publish(stored(), by=monitor)
            db.session.commit()
    return ref


def stored() -> Incident:
    return db.session.scalars(sa.select(Incident)).one()


def withdraw(user: User) -> None:
    withdraw_publication(stored(), by=user)


def retract_and_bring_back(user: User) -> None:
    retract_record(stored(), reason=RetractReason.DID_NOT_HAPPEN, note="A rumour.", by=user)
    restore_record(stored(), note="It did happen.", by=user)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE publications SET summary_en = 'Nothing came.'",
        "UPDATE publications SET n_journalists = 2",
        "UPDATE publications SET revision = 1",
        EMPTIED,
        "DELETE FROM publications",
    ],
)
def test_a_publication_edited_withdrawn_or_removed_past_the_trail_is_shown(
    app: Flask, told: str, statement: str
) -> None:
    assert verify(app)[0] == 0
    edit(app, statement)

    assert verify(app) == (1, f"publication of {told} differs from the audit log")


def merge_away(user: User) -> None:
    gone = stored()
    merge_incidents(make_incident(by=user), gone, by=user)


@pytest.mark.parametrize("take_back", [withdraw, retract_and_bring_back, merge_away])
def test_what_was_taken_back_is_told_no_more(
    app: Flask, told: str, take_back: Callable[[User], None]
) -> None:
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        db.session.rollback()
        set_full_access()
        take_back(monitor)
        db.session.commit()
    assert verify(app)[0] == 0
    edit(app, "UPDATE publications SET withdrawn_at = NULL, summary_en = 'Two letters came.'")

    assert verify(app) == (1, f"publication of {told} differs from the audit log")


def test_what_nobody_published_is_shown(app: Flask, told: str) -> None:
    with as_user(app) as user:
        other = make_incident(by=user).ref
        db.session.commit()
    edit(
        app,
        "UPDATE publications SET incident_id = (SELECT id FROM incidents WHERE ref = :ref)",
        ref=other,
    )

    code, said = verify(app)

    assert code == 1
    for ref in (told, other):
        assert f"publication of {ref} differs from the audit log" in said


@pytest.mark.parametrize(
    "statement",
    [
        """UPDATE published_months SET figures = '{"all": {}}' WHERE country = 'KZ'""",
        "DELETE FROM published_months WHERE country = 'KZ'",
    ],
)
def test_figures_edited_or_removed_are_shown(app: Flask, statement: str) -> None:
    june = MonthRange(date(2025, 6, 1), date(2025, 6, 1))
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        for country in ("", "KZ"):
            filters = MonthlyFilter(months=june, country=country)
            with viewing_as_all_users():
                read = figures_digest(monthly_tables(filters))
            publish_month(filters, read=read, by=monitor)
        db.session.commit()
    assert verify(app)[0] == 0
    tamper(app, statement)

    assert verify(app) == (1, "month 2025-06 KZ differs from the audit log")
