"""What is written is found by the beginnings of its words, alike on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import as_user, make_article, make_incident, make_user
from tests.statements import collected, counted
from tracker.articles.models import Article
from tracker.cases.models import Case
from tracker.db import db
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import (
    Incident,
    IncidentActor,
    IncidentReference,
    IncidentTarget,
)
from tracker.incidents.service import TargetFacts
from tracker.people.codes import NameKind, Script
from tracker.people.models import Affiliation, Journalist, JournalistName, Outlet
from tracker.people.service import add_journalist, add_outlet
from tracker.permissions import Role, Visibility
from tracker.records import set_record_author
from tracker.scoping import Viewer, set_viewer, system_session
from tracker.search.index import ids_matching_words, rebuild_index, viewer_for_indexing
from tracker.search.models import SearchEntry
from tracker.users.models import User
from tracker.when import parse_when

KNOWN = date(2025, 4, 1)


@pytest.fixture
def staff(app: Flask) -> Iterator[User]:
    with as_user(app) as user:
        yield user


def make_case(user: User, title: str, summary: str = "", **values: Any) -> Case:
    values = {"team_id": user.team_ids[0], "visibility": Visibility.INTERNAL} | values
    case = Case(title=title, summary=summary, country="KZ", **values)
    set_record_author(case, by=user)
    db.session.add(case)
    return case


def found(q: str, model: type[Any] = Case) -> list[str]:
    matching = sa.select(model).where(model.id.in_(ids_matching_words(model, q)))
    return sorted(record.heading for record in db.session.scalars(matching))


def test_all_words_are_needed_and_their_beginnings_are_enough(staff):
    make_case(staff, "Угрозы редакции", "Звонки ночью")
    make_case(staff, "Звонки из банка")
    db.session.commit()

    assert found("звонки") == ["Звонки из банка", "Угрозы редакции"]
    assert found("звон ноч") == ["Угрозы редакции"]
    assert found("УГРОЗЫ, редак…") == ["Угрозы редакции"]
    assert found("ночью банка") == []
    assert found("онки") == []


def test_kazakh_and_russian_letters_are_folded_but_kept_apart(staff):
    make_case(staff, "Әнші туралы өтірік")
    make_case(staff, "Ещё один случай")
    db.session.commit()

    assert found("әнші ӨТІРІК") == ["Әнші туралы өтірік"]
    assert found("анши") == []
    assert found("еще") == found("ЕЩЁ") == ["Ещё один случай"]


def test_a_change_takes_the_old_words_out_of_the_index(staff):
    case = make_case(staff, "Vanishing words", "and a summary")
    db.session.commit()
    case.title = "Other ones"
    case.mark_revised(by=staff)
    db.session.commit()

    assert found("vanish") == []
    assert found("other summary") == ["Other ones"]


def test_a_record_that_is_deleted_is_out_of_the_index(staff):
    case = make_case(staff, "Here for a moment")
    db.session.commit()
    db.session.delete(case)
    db.session.commit()

    assert db.session.scalars(sa.select(SearchEntry)).all() == []
    if db.session.get_bind().dialect.name == "sqlite":
        tokens = sa.text("SELECT count(*) FROM search_words WHERE search_words MATCH 'moment'")
        assert db.session.scalar(tokens) == 0


def test_a_child_alone_changes_the_words_of_its_owner(staff):
    journalist = add_journalist(
        "Aigerim Nurlan", team_id=staff.team_ids[0], visibility=Visibility.INTERNAL, by=staff
    )
    db.session.commit()
    assert found("pseudonym", Journalist) == []

    journalist.names[0].name = "Aigerim Pseudonym"
    journalist.mark_revised(by=staff)
    db.session.commit()

    assert found("pseudonym", Journalist) == ["Aigerim Nurlan"]


def test_what_is_rolled_back_is_not_indexed(staff):
    make_case(staff, "Never happened")
    db.session.flush()
    db.session.rollback()
    make_case(staff, "Happened")
    db.session.commit()

    assert found("never") == []
    assert found("happened") == ["Happened"]


@pytest.mark.parametrize(
    "q",
    ['"', "'", "*", ":", "NEAR(", "a:*", "a & b", "!a | b", "\\", "''", '" OR "', "(", "^a", "-a", "",
     "\x00", "\ud800", "words : *", "AND", "OR NOT", "NEAR(a b, 5)", "x" * 5000, "<->", "%", "_"],
)  # fmt: skip
def test_nothing_that_can_be_typed_is_a_query_of_the_database(staff, q):
    make_case(staff, "A plain title")
    db.session.commit()

    assert found(q) in ([], ["A plain title"])


def test_words_that_are_operators_elsewhere_are_words_here(staff):
    make_case(staff, "Near and or not")
    make_case(staff, "Nothing else")
    db.session.commit()

    assert found("NEAR AND OR NOT") == ["Near and or not"]
    assert found("no") == ["Near and or not", "Nothing else"]


def test_a_text_of_two_hundred_thousand_words_is_saved(staff):
    make_case(staff, "Endless", " ".join(f"слово{number}" for number in range(200_000)))
    db.session.commit()

    assert found("endless слово1") == ["Endless"]


def test_the_viewer_finds_only_what_the_viewer_may_see(staff):
    make_case(staff, "Secret plan", visibility=Visibility.RESTRICTED)
    db.session.commit()
    assert found("secret") == ["Secret plan"]

    set_viewer(Viewer(()))

    assert found("secret") == []


class TestNamesThatSomeReadersMayNotSee:
    """A record is indexed in the eyes of whoever sees least among those who see it."""

    def article(self, staff: User, publisher: Outlet) -> type[Article]:
        article = Article(
            title="Open letter", language="en", text="Some words.", text_digest="0" * 64,
            when=parse_when("2025-03-04", latest_possible_date=KNOWN),
            publisher=publisher, team_id=staff.team_ids[0], visibility=Visibility.INTERNAL,
        )  # fmt: skip
        set_record_author(article, by=staff)
        db.session.add(article)
        db.session.commit()
        return Article

    def test_a_restricted_name_does_not_find_an_internal_record(self, staff):
        outlet = add_outlet(
            "Hidden Herald", team_id=staff.team_ids[0], visibility=Visibility.RESTRICTED, by=staff
        )
        model = self.article(staff, outlet)

        assert found("open letter", model) == ["Open letter"]
        assert found("hidden", model) == []
        assert found("hidden", Outlet) == ["Hidden Herald"]

    def test_it_no_longer_does_when_the_name_is_restricted_later(self, staff):
        outlet = add_outlet(
            "Open Herald", team_id=staff.team_ids[0], visibility=Visibility.INTERNAL, by=staff
        )
        model = self.article(staff, outlet)
        assert found("herald", model) == ["Open letter"]

        outlet.visibility = Visibility.RESTRICTED
        outlet.mark_revised(by=staff)
        db.session.commit()

        assert found("herald", model) == []

    def test_a_new_name_finds_what_it_stands_on(self, staff):
        outlet = add_outlet(
            "Former Herald", team_id=staff.team_ids[0], visibility=Visibility.INTERNAL, by=staff
        )
        model = self.article(staff, outlet)
        outlet.name = outlet.names[0].name = "Renamed Herald"
        outlet.mark_revised(by=staff)
        db.session.commit()

        assert found("renamed", model) == ["Open letter"]
        assert found("former", model) == []


def test_a_spelling_added_to_a_journalist_finds_the_incidents_that_name_her(staff):
    team = staff.team_ids[0]
    journalist = add_journalist(
        "Dana Serik", team_id=team, visibility=Visibility.INTERNAL, by=staff
    )
    incident = Incident(
        title="Calls", country="KZ", team_id=team, visibility=Visibility.INTERNAL,
        when=parse_when("2025-03", latest_possible_date=KNOWN),
        targets=[IncidentTarget(kind=TargetKind.JOURNALIST, journalist=journalist)],
    )  # fmt: skip
    set_record_author(incident, by=staff)
    db.session.add(incident)
    db.session.commit()
    assert found("dana", Incident) == ["Calls"]
    assert found("pseudonym", Incident) == []

    journalist.names.append(
        JournalistName(
            name="Pseudonym", kind=NameKind.PEN_NAME, script=Script.LATIN, matching_key="pseudonim",
            loose_key="pseudunim",
        )
    )  # fmt: skip
    journalist.mark_revised(by=staff)
    db.session.commit()

    assert found("pseudonym", Incident) == ["Calls"]


def test_least_viewer_is_of_the_team_alone(staff):
    restricted = make_case(staff, "One", visibility=Visibility.RESTRICTED)

    assert viewer_for_indexing(restricted) == Viewer((staff.team_ids[0],))
    assert viewer_for_indexing(make_case(staff, "Two")) == Viewer(())


def test_rebuilding_brings_back_what_was_lost_and_drops_what_is_no_more(runner, staff):
    make_case(staff, "Lost and found")
    make_user("stranger", Role.STAFF, team="Other")
    db.session.commit()
    db.session.execute(sa.delete(SearchEntry))
    db.session.execute(
        sa.insert(SearchEntry).values(subject_table="cases", subject_id=4711, words="ghost")
    )
    db.session.commit()
    assert found("lost") == []
    db.session.rollback()

    result = runner.invoke(args=["search", "rebuild"])

    assert (result.exit_code, result.stdout, result.stderr) == (0, "ok 1\n", "")
    assert found("lost") == ["Lost and found"]
    assert db.session.scalars(sa.select(SearchEntry.subject_id)).all() != [4711]


def test_rebuilding_an_empty_tracker_is_no_mistake(staff):
    db.session.rollback()
    with system_session("test") as session:
        assert list(rebuild_index(session)) == [0]


def test_rebuilding_asks_no_more_often_for_more_records(staff):
    outlet = add_outlet(
        "Paper", team_id=staff.team_ids[0], visibility=Visibility.INTERNAL, by=staff
    )
    article = make_article(by=staff)

    def asked() -> int:
        """Say how many questions a rebuilding asks, once another incident is there."""
        journalist = add_journalist(
            "Dana Serik", team_id=staff.team_ids[0], visibility=Visibility.INTERNAL, by=staff
        )
        target = TargetFacts(kind=TargetKind.JOURNALIST, journalist=journalist, outlet=outlet)
        incident = make_incident(article=article, targets=[target], by=staff)
        incident.actors.append(IncidentActor())
        incident.references.append(IncidentReference(scheme="THEIRS", identifier="1"))
        db.session.commit()
        with system_session("test") as session, counted() as statements:
            list(rebuild_index(session))
        return len(statements)

    assert asked() == asked()


def test_affiliations_of_others_do_not_stop_the_index(staff):
    team = staff.team_ids[0]
    outlet = add_outlet("Paper", team_id=team, visibility=Visibility.INTERNAL, by=staff)
    journalist = add_journalist("Someone", team_id=team, visibility=Visibility.INTERNAL, by=staff)
    when = parse_when("2024", latest_possible_date=KNOWN)
    journalist.affiliations.append(Affiliation(outlet=outlet, when=when))
    db.session.commit()
    outlet.name = "Newspaper"
    outlet.mark_revised(by=staff)
    db.session.commit()

    assert found("someone", Journalist) == ["Someone"]


def test_entries_of_several_tables_are_looked_up_without_conditions_joined_by_or(staff):
    """With statistics of many rows, SQLite would read the whole index for such conditions."""
    with collected() as statements:
        make_case(staff, "Calls")
        make_incident(by=staff)
        db.session.commit()
    entries = [one for one, _values in statements if one.startswith("SELECT search_entries")]
    assert any("UNION ALL" in one for one in entries)
    assert not any(" OR " in one for one in entries)
