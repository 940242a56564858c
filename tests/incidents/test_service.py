"""What the services hold whoever calls them: a form, a command or the sample."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories import as_user, make_article, make_incident, make_type
from tracker.db import db
from tracker.errors import Forbidden, InvalidInput
from tracker.incidents import section_service, service
from tracker.incidents.codes import Degree, Extent, PurportedAs, TargetKind
from tracker.incidents.service import ActorFacts, TargetFacts
from tracker.permissions import Visibility
from tracker.vocabulary.codes import Answer


def test_a_part_is_said_by_monitors_alone(app: Flask):
    with as_user(app) as user:
        incident = make_incident(actor=ActorFacts(purported_as=PurportedAs.BANK), by=user)
        with pytest.raises(Forbidden):
            section_service.set_degree(incident, incident.actors[0].id, Degree.ORDERED, by=user)


def test_an_assessment_by_who_logged_it_is_refused(app: Flask):
    with as_user(app) as user:
        incident = make_incident("legal.civil", by=user)
        with pytest.raises(Forbidden):
            section_service.assess_lawsuit(incident, is_abusive=True, by=user)


def test_posing_as_officials_that_was_chosen_by_hand_is_there_once(app: Flask):
    with as_user(app) as user:
        incident = make_incident(
            "impersonation.official", "intimidation.visit",
            actor=ActorFacts(purported_as=PurportedAs.POLICE), by=user,
        )  # fmt: skip
        codes = [row.term.code for row in incident.types]
        assert codes == ["intimidation.visit", "impersonation.official"]


def test_an_incident_has_somebody_at_whom_it_was_aimed(app: Flask):
    with as_user(app) as user, pytest.raises(InvalidInput) as refused:
        make_incident(targets=[], by=user)
    assert refused.value.fields.keys() == {"targets-0-who-name"}


def test_an_internal_incident_cites_no_restricted_article(app: Flask):
    with as_user(app) as user:
        article = make_article(visibility=Visibility.RESTRICTED, by=user)
        with pytest.raises(InvalidInput) as refused:
            make_incident(article=article, by=user)
        assert article.ref in refused.value.fields["quote"]


def test_the_source_that_dates_follow_stays_while_the_words_do(app: Flask):
    with as_user(app) as user:
        incident = make_incident(by=user)
        before = incident.relative_to
        for words in ("last month", "a month ago"):
            service.edit_incident(
                incident, title="", types=[make_type("threat.death")],
                occurred=incident.when.__class__(
                    incident.earliest, incident.latest, incident.precision, words
                ),
                extent=Extent.ONCE, occurrences_at_least=None, is_ongoing=Answer.NO, country="KZ",
                region=None, place="", narrative="", by=user,
            )  # fmt: skip
            assert incident.relative_to is incident.citations[0].article
        assert before is None
        assert incident.ongoing_as_of is None


def test_all_targets_that_are_wrong_are_said_at_their_rows(app: Flask):
    named = TargetFacts(kind=TargetKind.UNNAMED_PERSON, words="a driver", field_prefix="targets-0-")
    again = TargetFacts(kind=TargetKind.UNNAMED_PERSON, words="a driver", field_prefix="targets-3-")
    empty = TargetFacts(kind=TargetKind.OUTLET, field_prefix="targets-5-")
    with as_user(app) as user, pytest.raises(InvalidInput) as refused:
        make_incident(targets=[named, again, empty], by=user)
    assert refused.value.fields.keys() == {"targets-3-who-name", "targets-5-who-name"}


def test_an_incident_is_found_by_names_in_every_script_and_by_its_types(app: Flask):
    with as_user(app) as user:
        facts = TargetFacts(journalist="Gulnara Bazhkenova", outlet="Dala News")
        incident = make_incident("threat.death", targets=[facts], by=user)
        db.session.commit()
        text = incident.search_text()
        for word in (
            "Gulnara Bazhkenova",
            "Dala News",
            "Death threat",
            "Угроза убийством",
            "Two men came",
        ):
            assert word in text
