"""Whoever is not to be named outside her team is not named there by what is written later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.factories import acting, make_article, make_incident, make_journalist
from tracker import clock
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.incidents.models import Incident
from tracker.incidents.targets_service import TargetFacts
from tracker.permissions import Visibility
from tracker.review.widening_service import to_open, widen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from tracker.people.models import Journalist
    from tracker.users.models import User

NAME = "Gulnara Bazhkenova"


@pytest.fixture
def staff(app: Flask) -> Iterator[User]:
    with acting(app) as user:
        yield user


@pytest.fixture
def closed(staff: User) -> Journalist:
    journalist = make_journalist(NAME, visibility=Visibility.RESTRICTED, by=staff)
    journalist.name_closed_on = clock.today()
    db.session.commit()
    return journalist


@pytest.mark.parametrize("words", [NAME, "Гульнаре Бажкеновой", "BAZHKENOVA, G."])
def test_no_open_record_names_her(staff, closed, words):
    with pytest.raises(InvalidInput, match="not to be named outside the team"):
        make_incident(title=f"Threat to {words}", by=staff)


def test_no_open_source_names_her_in_its_text(staff, closed):
    with pytest.raises(InvalidInput, match="not to be named"):
        make_article(text=f"Two men asked for {NAME}.", by=staff)


def test_her_team_writes_her_name_where_only_the_team_reads(staff, closed):
    article = make_article(
        text=f"Two men asked for {NAME}.", visibility=Visibility.RESTRICTED, by=staff
    )
    made = make_incident(
        title=f"Threat to {NAME}", article=article, visibility=Visibility.RESTRICTED, by=staff
    )
    db.session.commit()

    made.visibility = Visibility.INTERNAL
    with pytest.raises(InvalidInput, match="not to be named"):
        db.session.flush()


def test_somebody_else_is_named_as_before(staff, closed):
    make_incident(title="Threat to Gulnara Bazhenova", by=staff)
    db.session.commit()


def test_another_team_is_told_nothing_of_it(app, closed):
    with acting(app, "other", team="Elsewhere") as other:
        make_incident(title=f"Threat to {NAME}", by=other)
        db.session.commit()


def test_an_incident_against_her_is_opened_without_her(app, staff, closed):
    incident = make_incident(
        targets=[TargetFacts(journalist=closed)], visibility=Visibility.RESTRICTED, by=staff
    )
    db.session.commit()
    shown = to_open(incident)
    assert closed not in shown

    ref = incident.ref
    widen(incident, named=[one.ref for one in shown], by=staff)
    db.session.commit()

    with acting(app, "other", team="Elsewhere"):
        seen = db.session.scalars(sa.select(Incident).where(Incident.ref == ref)).one()
        assert seen.targets[0].journalist is None
        assert seen.targets[0].in_words() == "a journalist (name withheld)"
