"""What pages and exports call an incident, its targets and its actors."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from tests.factories import as_user, make_incident, make_journalist, make_outlet
from tracker.db import db
from tracker.incidents.codes import (
    ActorType,
    AttributedBy,
    Certainty,
    IncidentLinkKind,
    PurportedAs,
    TargetKind,
    TargetRole,
)
from tracker.incidents.models import Incident, IncidentActor, IncidentTarget
from tracker.incidents.rules import (
    describe_actor,
    describe_target,
    incident_title,
    inverse_link_label,
    target_name,
    type_group_label,
)
from tracker.incidents.service import TargetFacts
from tracker.permissions import Visibility
from tracker.scoping import Viewer, set_viewer
from tracker.users.models import User
from tracker.when import parse_when

KNOWN_BY = date(2025, 6, 30)


def named(name: str, *, by: User, **given: Any) -> TargetFacts:
    return TargetFacts(journalist=make_journalist(name, by=by), **given)


def test_a_title_is_made_of_the_primary_type_the_direct_targets_and_the_date(app: Flask):
    with as_user(app) as user:
        incident = make_incident(
            "smear.official", "threat.death",
            targets=[
                named("Gulnara Bazhkenova", by=user),
                named("Askhat Niyazov", by=user),
                TargetFacts(kind=TargetKind.UNNAMED_GROUP, words="neighbours", role=TargetRole.COLLATERAL_NEIGHBOUR),
            ],
            occurred=parse_when("2024-12/2025-06", latest_possible_date=KNOWN_BY), by=user,
        )  # fmt: skip
        assert incident.heading == (
            "Death threat: Gulnara Bazhkenova, Askhat Niyazov, December 2024 – June 2025"
        )
        title = incident_title(incident, "ru")
        assert title.startswith("Угроза убийством: Gulnara Bazhkenova, ")
        assert title.endswith(", декабрь 2024 – июнь 2025")
        assert incident_title(incident, "kk").startswith("Өлтіремін деп қорқыту: ")


def test_a_title_of_ones_own_is_kept(app: Flask):
    with as_user(app) as user:
        assert (
            make_incident(title="Winter letters", by=user).title_in_language("ru")
            == "Winter letters"
        )


@pytest.mark.parametrize(
    ("code", "beginning"), [("en", "False"), ("ru", "Ложное"), ("kk", "Жалған")]
)
def test_a_title_cut_off_in_a_list_can_never_announce_a_death(
    app: Flask, code: str, beginning: str
):
    with as_user(app) as user:
        incident = make_incident("disinformation.death_hoax", "threat.other", by=user)
        assert incident_title(incident, code).startswith(beginning)


@pytest.mark.parametrize(
    ("typed", "end"),
    [
        ("", "Death threat: an editor"),
        ("before 2025-05", ", before May 2025"),
        ("2025-05~", ", about May 2025"),
    ],
)
def test_a_title_says_the_date_as_far_as_it_is_known(app: Flask, typed: str, end: str):
    with as_user(app) as user:
        incident = make_incident(occurred=parse_when(typed, latest_possible_date=KNOWN_BY), by=user)
        assert incident.heading.endswith(end)


def test_a_title_names_whose_name_was_used_where_nobody_was_hit_directly(app: Flask):
    with as_user(app) as user:
        incident = make_incident(
            targets=[
                TargetFacts(
                    kind=TargetKind.UNNAMED_PERSON,
                    words="a cousin",
                    role=TargetRole.COLLATERAL_RELATIVE,
                ),
                named("Asem Doe", by=user, role=TargetRole.IMPERSONATED),
            ],
            by=user,
        )
        assert incident.heading == "Death threat: Asem Doe, June 2025"
        incident.targets.pop()
        assert incident.heading == "Death threat: a cousin, June 2025"


def test_a_title_names_a_few_and_counts_the_rest():
    targets = [
        IncidentTarget(
            kind=TargetKind.UNNAMED_PERSON, words=f"person {number}", role=TargetRole.DIRECT
        )
        for number in range(1, 6)
    ]
    incident = Incident(
        title="", targets=targets, when=parse_when("", latest_possible_date=KNOWN_BY)
    )
    assert incident.heading == "Incident: person 1, person 2, person 3, 2 more"


def test_hidden_people_are_called_so(app: Flask):
    with as_user(app) as user:
        hidden = make_journalist("Asem Doe", visibility=Visibility.RESTRICTED, by=user)
        paper = make_outlet(visibility=Visibility.RESTRICTED, by=user)
        facts = [TargetFacts(journalist=hidden), TargetFacts(kind=TargetKind.OUTLET, outlet=paper)]
        ref = make_incident(targets=facts, visibility=Visibility.RESTRICTED, by=user).ref
        db.session.commit()
        (incident,) = db.session.scalars(db.select(Incident))
        incident.visibility = Visibility.INTERNAL
        db.session.commit()
        db.session.remove()
        set_viewer(Viewer(()))
        (seen,) = db.session.scalars(db.select(Incident).where(Incident.ref == ref))
        assert "a person not shown to you, an outlet not shown to you" in seen.heading
        assert "Asem" not in seen.search_text()


def test_targets_stand_with_their_outlet_or_their_number(app: Flask):
    with as_user(app) as user:
        (one,) = make_incident(
            targets=[named("Asem Doe", outlet=make_outlet("Dala News", by=user), by=user)], by=user
        ).targets
        assert (target_name(one), describe_target(one)) == ("Asem Doe", "Asem Doe (Dala News)")
    group = IncidentTarget(kind=TargetKind.UNNAMED_GROUP, words="neighbours", number_at_least=3)
    assert describe_target(group) == "neighbours (at least 3)"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"purported_as": PurportedAs.POLICE}, "people who said they were police"),
        (
            {"actor_type": ActorType.POLICE, "attributed_by": AttributedBy.OUTLET},
            "Police, according to a media outlet",
        ),
        (
            {
                "actor_type": ActorType.SECURITY_SERVICE,
                "purported_as": PurportedAs.COURIER,
                "certainty": Certainty.ALLEGED,
                "attributed_by": AttributedBy.TARGET,
            },
            "Security service, said they were couriers, alleged, according to the target",
        ),
        ({"name": "B. Bekov", "actor_type": ActorType.BUSINESS}, "B. Bekov (Business)"),
        ({"name": "B. Bekov"}, "B. Bekov"),
        ({}, "Unknown"),
    ],
)
def test_an_actor_is_said_with_whose_word_it_is(given: dict[str, Any], words: str):
    known = {"actor_type": ActorType.UNKNOWN, "certainty": Certainty.UNKNOWN, "name": ""} | given
    assert describe_actor(IncidentActor(**known)) == words


def test_men_who_say_they_are_police_are_not_called_police_in_any_language(app: Flask):
    actor = IncidentActor(
        actor_type=ActorType.UNKNOWN,
        purported_as=PurportedAs.POLICE,
        certainty=Certainty.UNKNOWN,
        name="",
    )
    with app.test_request_context():
        assert "представились полицейскими" in describe_actor(actor, "ru")
        assert "деп таныстырған" in describe_actor(actor, "kk")


def test_every_link_has_an_inverse_and_mutual_ones_are_their_own():
    assert inverse_link_label(IncidentLinkKind.PART_OF) == "has as a part"
    assert inverse_link_label(IncidentLinkKind.PARALLEL) == "parallel to"
    assert all(inverse_link_label(kind) for kind in IncidentLinkKind)


def test_a_class_of_types_has_words():
    assert type_group_label("threat") == "Threats"
    assert type_group_label("") == type_group_label("made_up") == "Other"
