"""Logging an incident from an article, as staff do it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    sign_in_directly,
    token_in,
)
from tests.journeys.browser import Browser
from tests.statements import counted
from tracker.articles.models import Article
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.incidents.codes import ActorType, Extent, PurportedAs, TargetKind, TargetRole
from tracker.incidents.models import Incident
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Role, Visibility
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import terms_with_codes
from tracker.vocabulary.service import retire_term
from tracker.when import Precision

GULNARA = "Gulnara Bazhkenova"
FIVE: dict[str, object] = {
    "types": ["threat.death"],
    "quote": "1",
    "occurred-when": "2024-12/2025-05",
    "targets-0-who-name": GULNARA,
}


def only(app: Flask) -> Incident:
    """Return the incident, loaded in the eyes of staff."""
    return db.session.scalars(select(Incident)).one()


def count(app: Flask, model: type[Any] = Incident) -> int:
    with as_user(app):
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def wrong(browser: Browser) -> dict[str, str]:
    """Return the error that stands at each field."""
    found = {}
    for error in browser.page.xpath('//*[contains(@class, "wrong")]//*[contains(@class, "error")]'):
        names = error.xpath("../@id | ../*[@name]/@name")
        found[names[0]] = " ".join(error.text_content().split())
    return found


def test_five_things_make_an_incident(app: Flask, browser: Browser):
    browser.press("Save", FIVE | {"occurred-as_stated": "since winter"})
    assert browser.status == 200
    assert browser.loads == 1
    assert f"Saved: Death threat: {GULNARA}, December 2024 – May 2025" in browser.words
    for shown in (
        "December 2024 – May 2025",
        "since winter",
        "Kazakhstan",
        "promise her death",
        "Direct target",
    ):
        assert shown in browser.words
    with as_user(app) as staff:
        incident = only(app)
        (citation,) = incident.citations
        assert citation.sentence_numbers() == (1,)
        assert incident.relative_to is citation.article
        assert (incident.country, incident.extent) == ("KZ", Extent.ONCE)
        assert (incident.visibility, incident.team_id) == (Visibility.INTERNAL, staff.team_ids[0])
        assert incident.when.precision is Precision.RANGE
        assert str(incident.latest) == "2025-05-31"
        journalist = incident.targets[0].journalist
        assert journalist is not None
        assert (journalist.team_id, journalist.visibility) == (
            incident.team_id,
            Visibility.INTERNAL,
        )
        event = db.session.scalars(
            select(AuditEvent).where(AuditEvent.subject == incident.ref)
        ).one()
        assert (event.action, event.actor) == ("incident:create", "staff")


def test_logging_an_incident_asks_the_database_little(app: Flask, browser: Browser):
    fields = FIVE | {
        "country": "KZ", "extent": "once", "certainty": "unknown", "targets-0-role": "direct",
        "csrf_token": token_in(browser.text), "submission": "a" * 20,
    }  # fmt: skip
    with app.app_context(), counted() as statements:
        assert browser.client.post(browser.address, data=fields).status_code == 303
    # Once a minute it is also written that somebody was seen.
    seen = ("PRAGMA", "UPDATE sessions")
    assert len([one for one in statements if not one.startswith(seen)]) <= 26


def test_an_article_cannot_tell_of_what_came_after_it(app: Flask, browser: Browser):
    browser.press("Save", FIVE | {"occurred-when": "2025"})
    with as_user(app):
        assert str(only(app).latest) == "2025-06-04"


def test_the_numbered_sentences_stand_beside_the_form(browser: Browser):
    sentences = browser.page.xpath('//ol[@class="sentences"]/li/@value')
    assert sentences == ["1", "2", "3", "4"]
    fields = browser.page.xpath('//form[@method="post"]//*[contains(@name, "targets-0")]/@name')
    assert fields == ["targets-0-who-name", "targets-0-kind", "targets-0-role", "targets-0-number"]


def test_the_next_incident_needs_only_what_differs(app: Flask, browser: Browser):
    browser.press(
        "Save and log another",
        FIVE
        | {
            "region": "KZ-75", "place": "the newsroom", "extent": "lasting",
            "occurred-as_stated": "since winter", "actor_type": "unknown", "purported_as": "police",
            "targets-1-who-name": "reporters", "targets-1-kind": "unnamed_group", "targets-1-number": "3",
            "targets-2-who-name": "Steppe Herald", "targets-2-kind": "outlet",
        },
    )  # fmt: skip
    assert "are copied from the previous incident" in browser.words
    browser.typed = 0
    browser.press(
        "Save", {"types": ["intimidation.visit", "intimidation.contacts"], "quote": "2-3"}
    )
    assert browser.typed <= 5
    with as_user(app):
        first, second = db.session.scalars(select(Incident).order_by(Incident.id))
        for name in ("when", "country", "region", "place", "extent", "team_id", "visibility"):
            assert getattr(first, name) == getattr(second, name)
        assert second.region is not None
        people = [
            [
                (one.journalist_id, one.outlet_id, one.words, one.number_at_least, one.role)
                for one in incident.targets
            ]
            for incident in (first, second)
        ]
        assert people[0] == people[1]
        assert [row.term.code for row in second.types] == [
            "intimidation.visit", "intimidation.contacts", "impersonation.official",
        ]  # fmt: skip
        assert [actor.purported_as for actor in second.actors] == [PurportedAs.POLICE]
        assert second.citations[0].sentence_numbers() == (2, 3)
    assert count(app, Journalist) == 1


def test_who_is_hidden_is_not_carried_over(app: Flask, client: FlaskClient, article: str):
    with as_user(app, "stranger", team="Elsewhere") as user:
        hidden = make_journalist("Asem Doe", visibility=Visibility.RESTRICTED, by=user)
        source = db.session.scalars(select(Article)).one()
        ref = make_incident(article=source, by=user).ref
        db.session.commit()
        incident = only(app)
        incident.targets[0].kind = TargetKind.JOURNALIST
        incident.targets[0].journalist = hidden
        db.session.commit()
    sign_in_directly(client, "staff")
    page = client.get(f"/incidents/new?article={article}&like={ref}")
    assert page.status_code == 200
    assert "Asem" not in page.text


def test_a_name_in_another_script_is_offered_before_anybody_new_is_made(
    app: Flask, browser: Browser
):
    with as_user(app) as user:
        ref = make_journalist(GULNARA, by=user).ref
        db.session.commit()
    typed = FIVE | {
        "targets-0-who-name": "Гульнара Бажкенова",
        "place": "Алматы",
        "occurred-as_stated": "с зимы",
    }
    browser.press("Save", typed)
    assert browser.status == 422
    assert "Is this an existing record?" in wrong(browser)["targets-0-who-name"]
    assert f"{GULNARA} {ref}" in browser.words
    for kept in ("Гульнара Бажкенова", "Алматы", "с зимы", 'value="threat.death" checked'):
        assert kept in browser.text
    assert count(app) == 0
    browser.press("Save", {"targets-0-who-chosen": ref})
    with as_user(app):
        journalist = only(app).targets[0].journalist
        assert journalist is not None
        assert journalist.ref == ref
    assert count(app, Journalist) == 1


def test_somebody_new_may_be_made_though_another_sounds_alike(app: Flask, browser: Browser):
    with as_user(app) as user:
        make_journalist(GULNARA, by=user)
        db.session.commit()
    browser.press("Save", FIVE)
    assert browser.status == 422
    browser.press("Save", {"targets-0-who-chosen": "new"})
    assert browser.status == 200
    assert count(app, Journalist) == 2


def test_targets_of_every_kind_are_taken_and_empty_rows_left_out(app: Flask, browser: Browser):
    browser.press(
        "Another target",
        FIVE | {"targets-2-who-name": "a driver", "targets-2-kind": "unnamed_person"},
    )
    assert browser.status == 200
    assert GULNARA in browser.text
    assert count(app) == 0
    browser.press(
        "Save",
        {
            "targets-2-role": "collateral_colleague",
            "targets-3-who-name": "Steppe Herald", "targets-3-kind": "outlet",
        },
    )  # fmt: skip
    with as_user(app):
        targets = [(one.kind, one.describe(), one.role) for one in only(app).targets]
        assert targets == [
            (TargetKind.JOURNALIST, GULNARA, TargetRole.DIRECT),
            (TargetKind.UNNAMED_PERSON, "a driver", TargetRole.COLLATERAL_COLLEAGUE),
            (TargetKind.OUTLET, "Steppe Herald", TargetRole.DIRECT),
        ]
        outlet = db.session.scalars(select(Outlet).where(Outlet.name == "Steppe Herald")).one()
        assert outlet.visibility is Visibility.INTERNAL


def test_who_posed_as_police_is_not_police(app: Flask, browser: Browser):
    browser.press("Save", FIVE | {"purported_as": "police"})
    assert "people who said they were police" in browser.words
    with as_user(app):
        (actor,) = only(app).actors
        assert (actor.actor_type, actor.purported_as) == (ActorType.UNKNOWN, PurportedAs.POLICE)
        assert only(app).types[0].term.code == "threat.death"
        assert {row.term.code for row in only(app).types} == {
            "threat.death",
            "impersonation.official",
        }


def test_an_unknown_actor_is_recorded_where_it_is_said_so(app: Flask, browser: Browser):
    browser.press("Save", FIVE | {"actor_type": "unknown"})
    with as_user(app):
        assert [actor.actor_type for actor in only(app).actors] == [ActorType.UNKNOWN]


def test_a_retired_type_is_chosen_no_more_and_stays_where_it_was(app: Flask, browser: Browser):
    form = browser.address
    browser.press("Save", FIVE)
    page = browser.address
    browser.open(form)
    with as_user(app) as user:
        [death] = terms_with_codes(TermSet.INCIDENT_TYPE, ["threat.death"])
        retire_term(death, by=user)
        db.session.commit()
    browser.press("Save", FIVE | {"targets-0-who-name": "Timur Roe"})
    assert browser.status == 422
    assert wrong(browser) == {"types": "Unknown value: threat.death"}
    assert count(app) == 1
    browser.open(f"{page}edit")
    browser.press("Save", {"place": "by the river"})
    assert browser.status == 200
    with as_user(app):
        assert [row.term.code for row in only(app).types] == ["threat.death"]


BAD: list[tuple[dict[str, object], str]] = [
    ({"types": []}, "types"),
    ({"types": ["threat.nothing"]}, "types"),
    ({"types": ["legal.slapp"]}, "types"),
    ({"quote": ""}, "quote"),
    ({"quote": "99"}, "quote"),
    ({"quote": "words that stand nowhere"}, "quote"),
    ({"quote": "x" * 5001}, "quote"),
    ({"occurred-when": "2025-02-30"}, "occurred-when"),
    ({"occurred-when": "2025-05/2025-01"}, "occurred-when"),
    ({"occurred-when": "2025-06-05"}, "occurred-when"),
    ({"occurred-as_stated": "x" * 301}, "occurred-as_stated"),
    ({"country": ""}, "country"),
    ({"country": "XX"}, "country"),
    ({"country": "KG", "region": "KZ-75"}, "region"),
    ({"region": "KZ-00"}, "region"),
    ({"extent": "sometimes"}, "extent"),
    ({"place": "x" * 201}, "place"),
    ({"place": "a\x00b"}, "place"),
    ({"targets-0-who-name": ""}, "targets-0-who-name"),
    ({"targets-0-who-name": "x" * 201}, "targets-0-who-name"),
    ({"targets-0-who-name": "..."}, "targets-0-who-name"),
    ({"targets-0-who-name": "An\u202ena"}, "targets-0-who-name"),
    ({"targets-0-kind": "robot"}, "targets-0-kind"),
    ({"targets-0-role": "robot"}, "targets-0-role"),
    ({"targets-0-number": "3"}, "targets-0-number"),
    ({"targets-0-number": "0"}, "targets-0-number"),
    ({"targets-0-number": "9" * 30}, "targets-0-number"),
    ({"targets-0-number": "three"}, "targets-0-number"),
    ({"targets-0-who-name": "", "targets-1-number": "3"}, "targets-1-who-name"),
    ({"targets-2-who-name": GULNARA}, "targets-2-who-name"),
    ({"actor_type": "police"}, "attributed_by"),
    ({"actor_type": "robot"}, "actor_type"),
    ({"purported_as": "robot"}, "purported_as"),
    ({"certainty": "robot"}, "certainty"),
]  # fmt: skip


def test_bad_input_is_said_at_its_field_and_nothing_typed_is_lost(app: Flask, browser: Browser):
    kept: dict[str, object] = {"place": "by the river", "occurred-as_stated": "since winter"}
    address = browser.address
    for given, field in BAD:
        browser.open(address)
        browser.press("Save", FIVE | kept | given)
        assert browser.status == 422, given
        assert field in wrong(browser), given
        for name, typed in (FIVE | kept).items():
            if name not in given and name != "types":
                assert str(typed) in browser.text, given
    assert count(app) == count(app, Journalist) == 0


def test_all_that_is_wrong_is_said_at_once(app: Flask, browser: Browser):
    given: dict[str, object] = {
        "types": [], "quote": "99", "occurred-when": "soon", "country": "", "place": "x" * 201,
        "actor_type": "police",
    }  # fmt: skip
    browser.press("Save", given)
    assert set(wrong(browser)) == {
        "types", "quote", "occurred-when", "country", "place", "attributed_by",
        "targets-0-who-name",
    }  # fmt: skip
    assert count(app) == 0


def test_rows_that_nobody_typed_are_left_alone(browser: Browser, client: FlaskClient):
    for row in ("²", "٣", "9" * 5000, "-1", "", "x"):
        data = {"csrf_token": token_in(browser.text), f"targets-{row}-who-name": "A B", **FIVE}
        # What such a row lacks may be said; it is never an error on our side.
        assert client.post(browser.address, data=data).status_code == 422, row


def test_a_choice_that_is_no_ref_is_no_choice(app: Flask, browser: Browser, client: FlaskClient):
    with as_user(app) as user:
        make_journalist(GULNARA, by=user)
        db.session.commit()
    browser.press("Save", FIVE)
    browser.press("Save", {"targets-0-who-chosen": "JRN-\x00"})
    assert browser.status == 422
    assert "Is this an existing record?" in wrong(browser)["targets-0-who-name"]


def test_without_its_token_a_form_comes_back_with_everything(
    browser: Browser, client: FlaskClient, app: Flask
):
    answer = client.post(browser.address, data=FIVE)
    assert answer.status_code == 400
    assert GULNARA in answer.text
    assert count(app) == 0


def test_no_more_rows_than_a_form_holds(browser: Browser, client: FlaskClient):
    rows = {f"targets-{number}-who-name": "" for number in range(60)}
    answer = client.post(
        browser.address, data=rows | {"add": "target", "csrf_token": token_in(browser.text)}
    )
    assert answer.status_code == 422
    assert "At most 60 targets in one form." in answer.text


def test_whoever_is_restricted_is_not_shown_to_everybody_by_an_incident(
    app: Flask, browser: Browser
):
    with as_user(app) as user:
        ref = make_journalist(GULNARA, visibility=Visibility.RESTRICTED, by=user).ref
        db.session.commit()
    browser.press("Save", FIVE)
    browser.press("Save", {"targets-0-who-chosen": ref})
    assert browser.status == 422
    assert f"Only its team may see {GULNARA} ({ref})" in wrong(browser)["targets-0-who-name"]
    assert count(app) == 0
    browser.press("Save for my team only")
    assert browser.status == 200
    with as_user(app):
        assert only(app).visibility is Visibility.RESTRICTED


def test_a_restricted_article_makes_a_restricted_incident_with_restricted_people(
    app: Flask, browser: Browser
):
    with as_user(app) as user:
        ref = make_article(
            text="They threatened her.", visibility=Visibility.RESTRICTED, by=user
        ).ref
        db.session.commit()
    browser.open(f"/incidents/new?article={ref}")
    assert "Save for my team only" not in browser.words
    browser.press("Save", FIVE | {"occurred-when": "", "country": "KZ"})
    with as_user(app):
        incident = only(app)
        assert incident.visibility is Visibility.RESTRICTED
        assert incident.targets[0].journalist is not None
        assert incident.targets[0].journalist.visibility is Visibility.RESTRICTED
        assert incident.relative_to is None


def test_what_another_team_shares_is_logged_into_ones_own_and_kept_there(
    app: Flask, client: FlaskClient, article: str
):
    with as_user(app, "stranger", team="Elsewhere") as user:
        team = user.team_ids[0]
    sign_in_directly(client, "stranger")
    browser = Browser(client)
    browser.open(f"/incidents/new?article={article}")
    browser.press("Save", FIVE)
    with as_user(app, "stranger", team="Elsewhere"):
        incident = only(app)
        assert (incident.team_id, incident.visibility) == (team, Visibility.RESTRICTED)


def test_the_country_last_used_is_proposed_where_the_publisher_has_none(
    app: Flask, browser: Browser
):
    with as_user(app) as user:
        ref = make_article("No publisher", by=user).ref
        db.session.commit()
    browser.press("Save", FIVE | {"country": "KG"})
    browser.open(f"/incidents/new?article={ref}")
    assert browser.page.xpath('//select[@name="country"]/option[@selected]/@value') == ["KG"]


def test_without_a_source_one_is_chosen_first(browser: Browser, article: str):
    browser.open("/incidents/new")
    assert "Choose the source" in browser.words
    browser.follow("Log an incident from this one")
    assert article in browser.address


def test_without_any_source_one_is_added_first(app: Flask, client: FlaskClient):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    assert "No articles yet." in client.get("/incidents/new").text


def test_sources_and_patterns_that_are_not_there_are_not_found(
    client: FlaskClient, browser: Browser, article: str
):
    assert client.get("/incidents/new?article=ART-0123456789").status_code == 404
    assert client.get("/incidents/new?article=").status_code == 404
    assert client.get(f"/incidents/new?article={article}&like=INC-0123456789").status_code == 404
    assert client.get(f"/incidents/new?article={article}&colour=red").status_code == 400


@pytest.mark.parametrize("role", [Role.MONITOR, Role.EXPORTER, Role.ADMIN])
def test_only_staff_log(app: Flask, client: FlaskClient, article: str, role: Role):
    with as_user(app, "somebody", role):
        pass
    sign_in_directly(client, "somebody")
    assert client.get(f"/incidents/new?article={article}").status_code == 403


def test_whoever_is_in_no_team_cannot_log(app: Flask, client: FlaskClient, article: str):
    with as_user(app, "loner", team=None):
        pass
    sign_in_directly(client, "loner")
    browser = Browser(client)
    browser.open(f"/incidents/new?article={article}")
    browser.press("Save", FIVE)
    assert browser.status == 403
