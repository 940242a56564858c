"""Whoever is must not be named outside her team is not named there by what is written later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import as_user, make_article, make_incident, make_journalist, make_outlet
from tracker import clock
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts, write_public_summary
from tracker.people.codes import NameKind
from tracker.people.models import Journalist
from tracker.people.service import add_name, change_main_name
from tracker.permissions import Visibility
from tracker.review.service import records_to_share, share_record
from tracker.scoping import Viewer, set_viewer
from tracker.users.models import User
from tracker.users.service import get_or_create_console_user, get_or_create_team

NAME, PEN_NAME = "Gulnara Bazhkenova", "Zhuldyz Tulegen"


@pytest.fixture
def staff(app: Flask) -> Iterator[User]:
    with as_user(app) as user:
        yield user


@pytest.fixture
def closed(staff: User) -> Journalist:
    journalist = make_journalist(NAME, visibility=Visibility.RESTRICTED, by=staff)
    journalist.name_closed_on = clock.current_date()
    db.session.commit()
    return journalist


@pytest.mark.parametrize("words", [NAME, "Гульнаре Бажкеновой", "BAZHKENOVA, G."])
def test_no_open_record_names_her(staff, closed, words):
    with pytest.raises(InvalidInput, match="must not be named outside the team"):
        make_incident(title=f"Threat to {words}", by=staff)


def test_no_open_source_names_her_in_its_text(staff, closed):
    with pytest.raises(InvalidInput, match="must not be named"):
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
    with pytest.raises(InvalidInput, match="must not be named"):
        db.session.flush()


def test_somebody_else_is_named_as_before(staff, closed):
    make_incident(title="Threat to Gulnara Bazhenova", by=staff)
    db.session.commit()


def test_another_team_is_told_nothing_of_it(app, closed):
    with as_user(app, "other", team="Elsewhere") as other:
        make_incident(title=f"Threat to {NAME}", by=other)
        db.session.commit()


def test_an_incident_against_her_is_opened_without_her(app, staff, closed):
    incident = make_incident(
        targets=[TargetFacts(journalist=closed)], visibility=Visibility.RESTRICTED, by=staff
    )
    db.session.commit()
    shown = records_to_share(incident)
    assert closed not in shown

    ref = incident.ref
    share_record(incident, listed_refs=[one.ref for one in shown], by=staff)
    db.session.commit()

    with as_user(app, "other", team="Elsewhere"):
        seen = db.session.scalars(sa.select(Incident).where(Incident.ref == ref)).one()
        assert seen.targets[0].journalist is None
        assert seen.targets[0].describe() == "a journalist (name withheld)"


@pytest.mark.parametrize("words", ["Two men asked for Bazhkenova.", "Gulnara was not at home."])
def test_one_word_of_her_name_names_her_in_an_open_incident_against_her(staff, closed, words):
    incident = make_incident(targets=[TargetFacts(journalist=closed)], by=staff)
    db.session.commit()

    with pytest.raises(InvalidInput, match="must not be named"):
        write_public_summary(incident, {"public_summary_en": words}, by=staff)


def test_one_word_of_her_name_names_nobody_elsewhere(staff, closed):
    make_outlet("Bazhkenova Street Radio", by=staff)
    make_incident(title="Gulnara Omarova was followed", by=staff)
    db.session.commit()


def test_an_incident_that_names_her_by_her_surname_is_not_opened(staff, closed):
    burnt = TargetFacts(journalist=closed, harm="The car of Bazhkenova was burnt.")
    incident = make_incident(targets=[burnt], visibility=Visibility.RESTRICTED, by=staff)
    db.session.commit()
    shown = [one.ref for one in records_to_share(incident)]

    with pytest.raises(InvalidInput, match="Change or mask these words first") as refused:
        share_record(incident, listed_refs=shown, by=staff)
    assert f": {closed.name} ({incident.ref})." in str(refused.value)


def test_a_name_that_others_read_already_is_not_put_among_hers(staff, closed):
    told = make_incident(title=f"Visit to {PEN_NAME}", by=staff)
    db.session.commit()

    with pytest.raises(InvalidInput, match=f"Others can read this name.*{told.ref}"):
        add_name(closed, PEN_NAME, kind=NameKind.PEN_NAME, by=staff)
    with pytest.raises(InvalidInput, match="Others can read this name"):
        change_main_name(closed, PEN_NAME, is_correction=False)


def test_a_name_added_since_is_closed_too(staff, closed):
    make_incident(title="Calls to an editor", by=staff)
    db.session.commit()
    add_name(closed, PEN_NAME, kind=NameKind.PEN_NAME, by=staff)
    db.session.commit()

    with pytest.raises(InvalidInput, match="must not be named"):
        make_incident(title=f"Visit to {PEN_NAME}", by=staff)


def test_a_name_is_closed_from_the_moment_at_which_that_is_said(staff):
    journalist = make_journalist(NAME, by=staff)
    make_incident(title="Calls to an editor", by=staff)
    journalist.visibility, journalist.name_closed_on = Visibility.RESTRICTED, clock.current_date()
    db.session.flush()

    with pytest.raises(InvalidInput, match="must not be named"):
        make_incident(title=f"Threat to {NAME}", by=staff)


def test_somebody_of_two_teams_is_held_to_each_by_its_own_names(app, closed):
    with as_user(app, "both", team="Elsewhere") as both:
        both.teams.append(get_or_create_team("Desk", by=get_or_create_console_user()))
        db.session.commit()
        set_viewer(Viewer(tuple(both.team_ids)))
        desk, theirs = (get_or_create_team(name, by=both).id for name in ("Desk", "Elsewhere"))

        make_article(f"{NAME} writes", team_id=theirs, by=both)
        with pytest.raises(InvalidInput, match="must not be named"):
            make_article(f"{NAME} writes", team_id=desk, by=both)
