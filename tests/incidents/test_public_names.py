"""Naming consent, and what the world then reads: less consent takes it back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import make_article, make_incident, make_journalist, make_outlet, make_type
from tests.incidents.namings_made import (
    NAME,
    SUMMARY,
    close,
    decide,
    deciding,
    her,
    let_out,
    stored,
    visit,
    world,
)
from tracker.articles.citation_service import add_citations
from tracker.articles.codes import Bearing
from tracker.audit.models import CommittedValue
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.incidents.codes import NameReach, NamingDecision, NamingScope, TargetKind, TargetRole
from tracker.incidents.guarded_models import TargetNamingDecision
from tracker.incidents.models import Incident
from tracker.incidents.publication_rules import public_target_name
from tracker.incidents.publication_service import delete_naming_decision, public_preview
from tracker.incidents.section_service import edit_target, remove_target
from tracker.incidents.service import TargetFacts, edit_incident
from tracker.people.models import Journalist
from tracker.permissions import Role
from tracker.scoping import Viewer, set_viewer
from tracker.users.models import User
from tracker.users.service import get_or_create_console_user, get_or_create_team
from tracker.vocabulary.codes import Answer


def named(by: User) -> Incident:
    """Return a published incident in which she is named, as she is of public record."""
    incident = visit(her(by), by=by)
    decide(incident, by=by)
    let_out(incident)
    assert NAME in world()
    return incident


def becomes(incident: Incident, *types: str, by: User) -> None:
    """Give an incident other types, and leave the rest as it is."""
    edit_incident(
        incident, title=incident.title, types=[make_type(one) for one in types],
        occurred=incident.when, extent=incident.extent,
        occurrences_at_least=incident.occurrences_at_least, is_ongoing=incident.is_ongoing,
        country=incident.country, region=incident.region, place=incident.place,
        narrative=incident.narrative, by=by,
    )  # fmt: skip
    db.session.commit()


@pytest.mark.parametrize(
    ("decision", "scope"),
    [(NamingDecision.NOT_ASKED, None), (NamingDecision.CONSENTED, NamingScope.PARTNER)],
)
def test_less_consent_takes_back_what_the_world_reads_of_her(
    app: Flask, decision: NamingDecision, scope: NamingScope | None
):
    with deciding(app) as staff:
        decide(named(staff), decision, scope=scope, by=staff)

        assert NAME not in world()


def test_what_names_nobody_stays_when_less_is_agreed_to(app: Flask):
    with deciding(app) as staff:
        incident = visit(her(staff), by=staff)
        let_out(incident)

        decide(incident, NamingDecision.NOT_ASKED, by=staff)

        assert SUMMARY in world()


def test_what_becomes_a_sexual_act_names_her_in_public_no_more(app: Flask):
    with deciding(app) as staff:
        incident = named(staff)

        becomes(incident, "intimidation.visit", "harassment.sexual", by=staff)

        assert incident.targets[0].name_reach is NameReach.HOUSE
        assert NAME not in world()


def test_who_was_named_by_written_consent_in_a_sexual_act_stays_so(app: Flask):
    with deciding(app) as staff:
        incident = visit(her(staff), types=("harassment.sexual",), by=staff)
        decide(
            incident, NamingDecision.CONSENTED, scope=NamingScope.PUBLIC, is_written=Answer.YES,
            by=staff,
        )  # fmt: skip

        becomes(incident, "harassment.sexual", "intimidation.visit", by=staff)

        assert incident.targets[0].name_reach is NameReach.PUBLIC


def test_nobody_takes_the_place_of_somebody_about_whose_name_was_decided(app: Flask):
    with deciding(app) as staff:
        incident = visit(her(staff), by=staff)
        dana = make_journalist("Dana Serik", by=staff)
        decide(incident, by=staff)
        number = incident.targets[0].id

        for other in (
            TargetFacts(journalist=dana),
            TargetFacts(kind=TargetKind.UNNAMED_PERSON, words="a neighbour"),
        ):
            with pytest.raises(InvalidInput, match="is about this person"):
                edit_target(incident, number, other, by=staff)

        assert db.session.scalars(sa.select(TargetNamingDecision)).one().target_id == number
        assert [one.journalist.name for one in incident.targets if one.journalist] == [NAME]


def test_what_is_said_of_her_is_changed_after_a_decision(app: Flask):
    with deciding(app) as staff:
        incident = visit(her(staff), by=staff)
        decide(incident, by=staff)
        facts = TargetFacts(journalist=incident.targets[0].journalist, harm="Her car was burnt.")

        edit_target(incident, incident.targets[0].id, facts, by=staff)

        assert incident.targets[0].harm == "Her car was burnt."


def test_somebody_else_takes_the_place_where_nothing_was_decided(app: Flask):
    with deciding(app) as staff:
        incident = visit(her(staff), by=staff)
        dana = make_journalist("Dana Serik", by=staff)
        facts = TargetFacts(journalist=dana, role=TargetRole.COLLATERAL_COLLEAGUE)

        edit_target(incident, incident.targets[0].id, facts, by=staff)

        assert incident.targets[0].journalist is dana


@pytest.mark.parametrize("publisher", ["Bazhkenova Live", f"Blog of {NAME}"])
def test_a_publisher_called_after_her_is_no_source_that_the_world_reads(app: Flask, publisher: str):
    with deciding(app) as staff:
        article = make_article(
            url="https://orda.example/1", publisher=make_outlet(publisher, by=staff), by=staff
        )
        let_out(visit(her(staff), article=article, by=staff))

        assert "a source known to us" in world()
        assert "bazhkenov" not in world().lower()
        assert "orda.example" not in world()


def test_only_what_bears_it_out_is_a_source_that_the_world_reads(app: Flask):
    with deciding(app) as staff:
        article, denial, aside = (
            make_article(publisher=make_outlet(name, by=staff), by=staff)
            for name in ("Orda", "The Ministry's Gazette", "Weather")
        )
        incident = visit(article=article, by=staff)
        add_citations(incident, denial, "1", bearing=Bearing.CONTRADICTS, by=staff)
        add_citations(incident, aside, "1", bearing=Bearing.MENTIONS, by=staff)

        assert public_preview(incident).sources == "according to Orda"


def test_a_monitor_of_two_teams_lets_no_name_out_that_one_of_them_closed(app: Flask):
    with deciding(app) as staff:
        ref = visit(her(staff), by=staff).ref
        db.session.commit()
    with deciding(app, "other", team="Elsewhere") as other:
        theirs = visit(db.session.scalars(sa.select(Journalist)).one(), by=other).ref
        decide(stored(theirs), by=other)
        db.session.commit()
    with deciding(app) as staff:
        close(stored(ref), by=staff)
    with deciding(app, "both", Role.MONITOR, team="Elsewhere") as both:
        both.teams.append(get_or_create_team("Desk", by=get_or_create_console_user()))
        db.session.commit()
        set_viewer(Viewer(tuple(both.team_ids)))
        target = stored(theirs).targets[0]
        assert target.journalist is not None
        assert target.name_reach is NameReach.PUBLIC

        assert public_target_name(target) == "a journalist"
        let_out(stored(theirs))
        assert NAME not in world()


@pytest.mark.parametrize("kind", [TargetKind.UNNAMED_PERSON, TargetKind.UNNAMED_GROUP])
def test_somebody_unnamed_is_published_by_their_words_and_not_as_their_outlet(
    app: Flask, kind: TargetKind
):
    with deciding(app) as staff:
        outlet = make_outlet("Orda", by=staff)
        target = TargetFacts(kind=kind, words="staff of Orda", outlet=outlet)
        incident = make_incident(targets=[target], by=staff)
        incident.targets[0].name_reach = NameReach.PUBLIC

        assert public_target_name(incident.targets[0]) == "staff of Orda"


def test_how_somebody_was_asked_is_nowhere_any_more_when_she_is_no_target(app: Flask):
    """No erasure leads there: nothing ties her to the incident by then."""
    with deciding(app) as staff:
        neighbour = TargetFacts(kind=TargetKind.UNNAMED_PERSON, words="a neighbour")
        incident = visit(her(staff), neighbour, by=staff)
        decide(incident, how_asked="By her lawyer", by=staff)
        values = sa.select(CommittedValue.value)
        assert "By her lawyer" in db.session.scalars(values).all()

        delete_naming_decision(incident.targets[0])
        remove_target(incident, incident.targets[0].id, by=staff)

        assert "By her lawyer" not in db.session.scalars(values).all()
