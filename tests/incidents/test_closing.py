"""What closing a name finds: in every script, copy and consequence of what the team wrote."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import as_user, make_article, make_journalist, make_outlet, sign_in_directly
from tests.fake_accounts.accounts_made import make_account
from tests.incidents.namings_made import (
    NAME,
    close,
    decide,
    deciding,
    elsewhere,
    her,
    let_out,
    stored,
    visit,
    world,
)
from tracker.articles.models import Article
from tracker.audit.queries import list_record_history
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.incidents.codes import NameReach, NamingDecision, TargetKind
from tracker.incidents.naming_queries import plan_name_redaction
from tracker.incidents.publication_service import delete_naming_decision
from tracker.incidents.section_service import remove_target
from tracker.incidents.service import TargetFacts, write_public_summary
from tracker.people.models import Journalist
from tracker.permissions import Visibility
from tracker.review.codes import EditorialState
from tracker.review.service import restrict_records

DRIVER = f"The driver of {NAME} was threatened."
SURNAME = "bazhkenov"


def test_the_world_reads_no_more_of_an_incident_against_her(app: Flask):
    """Even where its text names nobody: it tells of her, and is looked at again."""
    with deciding(app) as staff:
        incident = visit(her(staff), summary="An editor was visited.", by=staff)
        let_out(incident)

        close(incident, by=staff)

        assert "An editor was visited." not in world()
        assert stored(incident).state is EditorialState.DRAFT


@pytest.mark.parametrize("now", [DRIVER, "The driver of an editor was threatened."])
def test_the_world_reads_her_name_no_more_beside_somebody_else(app: Flask, now: str):
    """Whatever the record says by now: what was published is a copy."""
    with deciding(app) as staff:
        incident, beside = visit(her(staff), by=staff), visit(title="A driver", by=staff)
        write_public_summary(beside, {"public_summary_en": DRIVER}, by=staff)
        let_out(beside)
        write_public_summary(beside, {"public_summary_en": now}, by=staff)
        assert NAME in world()

        close(incident, by=staff)

        assert NAME not in world()


@pytest.mark.parametrize("is_narrowed", [False, True])
def test_the_world_reads_her_name_no_more_from_another_team(app: Flask, is_narrowed: bool):
    """Not even where that team has kept the incident to itself since."""
    with deciding(app) as staff:
        ref = visit(her(staff), by=staff).ref
        db.session.commit()
    with deciding(app, "other", team="Elsewhere") as other:
        theirs = visit(db.session.scalars(sa.select(Journalist)).one(), by=other)
        decide(theirs, by=other)
        let_out(theirs)
        if is_narrowed:
            restrict_records([theirs], by=other)
            db.session.commit()
        assert NAME in world()
    with deciding(app) as staff:
        close(stored(ref), by=staff)

        assert NAME not in world()


@pytest.mark.parametrize("is_target", [False, True])
def test_another_team_does_not_publish_her_name_anew(app: Flask, is_target: bool):
    """Not even where she agreed that this team names her: it keeps a record of hers too."""
    with deciding(app) as staff:
        ref = visit(her(staff), by=staff).ref
        db.session.commit()
    with deciding(app, "other", team="Elsewhere") as other:
        own = [her(other)] if is_target else []
        theirs = visit(*own, summary="Two men." if is_target else DRIVER, by=other)
        if is_target:
            decide(theirs, by=other)
        let_out(theirs)
        assert NAME in world()
        theirs_ref = theirs.ref
    with deciding(app) as staff:
        close(stored(ref), by=staff)
    with deciding(app, "other", team="Elsewhere"):
        with pytest.raises(InvalidInput, match=f"may not be published: “{NAME}”"):
            let_out(stored(theirs_ref))
        db.session.rollback()

        assert NAME not in world()


def test_who_closed_a_name_stands_in_no_history_of_another_team(app: Flask, client: FlaskClient):
    with deciding(app, "closer") as closer:
        incident = visit(her(closer), by=closer)
        ours = visit(summary=DRIVER, by=closer)
        let_out(ours)
        ref, ours_ref = incident.ref, ours.ref
    with deciding(app, "other", team="Elsewhere") as other:
        theirs = visit(summary=DRIVER, by=other)
        let_out(theirs)
        theirs_ref = theirs.ref
    with deciding(app, "closer") as closer:
        close(stored(ref), by=closer)
        assert "closer" in {
            one.actor for one in list_record_history(ours_ref) if "withdraw" in one.action
        }
    sign_in_directly(client, "other")

    page = client.get(f"/incidents/{theirs_ref}/history").text

    assert "withdrew this from the public file" in page
    assert "closer" not in page


def test_what_the_world_reads_of_somebody_else_stays(app: Flask):
    with deciding(app) as staff:
        incident = visit(her(staff), by=staff)
        let_out(visit(make_journalist("Dana Serik", by=staff), summary="Another one.", by=staff))

        close(incident, by=staff)

        assert "Another one." in world()


def test_others_read_nothing_that_an_incident_against_her_said_before(app: Flask):
    with deciding(app) as staff:
        incident = visit(her(staff), summary="The one who writes on gold.", by=staff)
        write_public_summary(incident, {"public_summary_en": "Somebody was visited."}, by=staff)

        close(incident, by=staff)

    assert "Somebody was visited." in (told := elsewhere(app))
    assert "gold" not in told


@pytest.mark.parametrize("name", [NAME, "Гульнара Бажкенова"])
def test_others_read_nothing_that_a_record_beside_her_said_before(app: Flask, name: str):
    with deciding(app) as staff:
        incident = visit(make_journalist(name, by=staff), by=staff)
        beside = visit(summary=DRIVER, by=staff)
        write_public_summary(beside, {"public_summary_en": "The driver of an editor."}, by=staff)

        plan = close(incident, by=staff)

        assert beside.ref in plan.refs_with_former_name
    assert "The driver of an editor." in (told := elsewhere(app))
    assert SURNAME not in told.lower()


def test_a_source_that_nobody_cites_is_masked_in_whichever_script_it_names_her(app: Flask):
    with deciding(app) as staff:
        incident = visit(make_journalist("Гульнара Бажкенова", by=staff), by=staff)
        make_article(text=f"{NAME} said that two men came.", by=staff)

        close(incident, by=staff)

    assert "said that two men came" in (told := elsewhere(app))
    assert SURNAME not in told.lower()


def test_a_source_of_the_team_alone_is_masked_where_an_open_record_quotes_it(app: Flask):
    with deciding(app) as staff:
        article = make_article(text=f"Two men came to {NAME}. They left.", by=staff)
        incident = visit(her(staff), article=article, quote="1", by=staff)
        article.visibility = Visibility.RESTRICTED

        close(incident, by=staff)

    assert "Two men came to" in (told := elsewhere(app))
    assert SURNAME not in told.lower()


def test_a_source_of_the_team_alone_that_nobody_quotes_stays_as_it_is(app: Flask):
    with deciding(app) as staff:
        article = make_article(text=f"{NAME} spoke.", visibility=Visibility.RESTRICTED, by=staff)
        close(visit(her(staff), by=staff), by=staff)

        assert article.text == f"{NAME} spoke."


def test_the_source_of_another_team_is_told_and_left_as_it_is(app: Flask):
    with as_user(app, "other", team="Elsewhere") as other:
        make_article("Their report", text=f"{NAME} spoke.", by=other)
        db.session.commit()
    with deciding(app) as staff:
        plan = close(visit(her(staff), by=staff), by=staff)

        assert [one.title for one in plan.other_team_records] == ["Their report"]
        theirs = db.session.scalars(sa.select(Article).where(Article.title == "Their report"))
        assert theirs.one().text == f"{NAME} spoke."


@pytest.mark.parametrize(
    "values",
    [{"title": f"Two men at the door of {NAME}"}, {"authors": NAME, "text": f"By {NAME}."}],
)
def test_the_own_words_of_a_source_are_changed_or_kept_to_the_team(
    app: Flask, values: dict[str, str]
):
    with deciding(app) as staff:
        article = make_article(**values, by=staff)

        plan = close(visit(her(staff), by=staff), by=staff)

        assert plan.records_to_edit == [article]
    assert SURNAME not in elsewhere(app).lower()


def test_an_address_that_spells_her_surname_is_found_in_what_her_incident_cites(app: Flask):
    with deciding(app) as staff:
        article = make_article(url="https://orda.example/bazhkenova-threatened", by=staff)

        plan = close(visit(her(staff), article=article, by=staff), by=staff)

        assert plan.records_to_edit == [article]
    assert SURNAME not in elsewhere(app).lower()


@pytest.mark.parametrize("handle", ["gulnara_bazhkenova", "bazhkenova_live", "gulnarabazhkenova"])
def test_an_account_that_poses_as_her_is_found_by_its_handle(app: Flask, handle: str):
    with deciding(app) as staff:
        journalist = her(staff)
        account = make_account(handle, impersonates=[journalist], by=staff)

        plan = close(visit(journalist, by=staff), by=staff)

        assert plan.records_to_edit == [account]
    assert SURNAME not in elsewhere(app).lower()


def test_an_outlet_called_after_her_is_found(app: Flask):
    with deciding(app) as staff:
        outlet = make_outlet("Bazhkenova Live", by=staff)
        facts = TargetFacts(journalist=her(staff), outlet=outlet)

        plan = close(visit(facts, by=staff), by=staff)

        assert plan.records_to_edit == [outlet]
    assert SURNAME not in elsewhere(app).lower()


def test_a_namesake_by_one_word_is_not_found(app: Flask):
    with deciding(app) as staff:
        visit(title="Gulnara Omarova was followed", by=staff)
        make_outlet("Bazhkenova Live", by=staff)

        assert plan_name_redaction(her(staff)).affected_refs() == []


def test_a_target_that_is_removed_opens_no_name_that_she_closed(app: Flask):
    with deciding(app) as staff:
        journalist = her(staff)
        neighbour = TargetFacts(kind=TargetKind.UNNAMED_PERSON, words="a neighbour")
        first = visit(journalist, neighbour, by=staff)
        second = visit(journalist, by=staff)
        close(first, by=staff)
        delete_naming_decision(first.targets[0])
        remove_target(first, first.targets[0].id, by=staff)

        decide(second, NamingDecision.NOT_ASKED, by=staff)

        assert journalist.name_closed_on is not None


def test_what_she_agreed_to_elsewhere_lets_no_closed_name_out(app: Flask):
    with deciding(app) as staff:
        journalist = her(staff)
        refused, agreed = visit(journalist, by=staff), visit(journalist, by=staff)
        close(refused, by=staff)

        decide(agreed, by=staff)

        assert agreed.targets[0].name_reach is NameReach.PUBLIC
        let_out(agreed)
        assert "a journalist" in world()
        assert NAME not in world()
