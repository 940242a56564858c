"""All errors of the confirm page are said by one save, whatever finds them, and all typed is kept."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import as_user, make_journalist, make_outlet
from tests.intake.test_confirming import ASEM, SAVE, Desk, desk, ref
from tests.intake.test_confirming_safely import close_asem
from tracker.articles.models import Article
from tracker.db import db
from tracker.fake_accounts.codes import AccountKind
from tracker.fake_accounts.service import AccountFacts, record_account
from tracker.incidents.models import Incident
from tracker.people.codes import InstitutionKind
from tracker.people.models import Institution
from tracker.people.service import add_institution
from tracker.permissions import Visibility
from tracker.responses.models import OfficialResponse

__all__ = ["desk", "ref"]

# What no name is: it has no letter.
NAMELESS = "!!!"


def send(desk: Desk, sent: dict[str, object]) -> None:
    """Save the page as it is shown, with other values of fields, also of fields in closed parts."""
    form, _button = desk.browser._form_with(SAVE)
    data = desk.browser._held(form) | {"title": "A case"} | sent
    desk.browser._take(desk.browser.client.post(desk.address, data=data), desk.address)


def held_values(desk: Desk) -> dict[str, object]:
    form, _button = desk.browser._form_with(SAVE)
    return desk.browser._held(form)


@pytest.mark.parametrize("invalid", [{}, {"accounts-0-accounts_at_least": "few"}])
def test_what_reading_planning_and_saving_refuse_is_said_by_one_save(
    desk: Desk, invalid: dict[str, object]
):
    sent = invalid | {
        "incidents-0-targets-1-who-name": ASEM,
        "incidents-1-types": ["legal.slapp"],
        "incidents-2-targets-0-who-name": NAMELESS,
        "incidents-3-same_as": "INC-0000000000",
        "accounts-0-impersonates-0-who-name": NAMELESS,
        "responses-0-institution-name": NAMELESS,
        "responses-0-institution_kind": "",
        "responses-0-acts-0-acting-name": "A body of no kind",
        "responses-0-acts-0-quote": "",
        "responses-0-acts-1-quote": "",
        "responses-0-acts-2-quote": "",
        "title": "",
    }
    send(desk, sent)

    assert set(desk.wrong()) == {
        *invalid, "incidents-0-targets-1-who-name", "incidents-1-types",
        "incidents-2-targets-0-who-name", "accounts-0-impersonates-0-who-name",
        "responses-0-institution-name", "responses-0-institution_kind",
        "responses-0-acts-0-acting_kind", "responses-0-acts-0-quote", "title",
    }  # fmt: skip
    # Of no record that is there: only the summary has room for it.
    assert "There is no such record, or your team may not change it." in desk.browser.words
    assert desk.counts() == [0, 0, 0, 0, 0]
    held = held_values(desk)
    for name, value in sent.items():
        assert name in {"incidents-1-types", "incidents-3-same_as"} or held[name] == value, name


def test_a_new_institution_is_asked_for_all_that_it_needs_at_once(app: Flask, desk: Desk):
    # Like one on record, and perhaps another.
    send(
        desk,
        {
            "responses-0-institution-name": "Ministry of Culture & Information",
            "responses-0-institution_kind": "",
        },
    )
    assert set(desk.wrong()) == {"responses-0-institution-name", "responses-0-institution_kind"}
    desk.browser.press(
        SAVE,
        {"responses-0-institution-chosen": "new", "responses-0-institution_kind": "ministry"},
    )
    assert "Saved: 6 records." in desk.browser.words, desk.wrong()
    with as_user(app):
        named = select(Institution.kind).where(
            Institution.name == "Ministry of Culture & Information"
        )
        assert db.session.scalars(named).one() is InstitutionKind.MINISTRY


def test_one_on_record_is_chosen_without_the_kind_that_a_new_one_needs(app: Flask, desk: Desk):
    (ministry,) = desk.ticked("responses-0-institution-chosen")
    send(
        desk,
        {
            "responses-0-institution-name": "Ministry of Culture & Information",
            "responses-0-institution_kind": "",
        },
    )
    desk.browser.press(SAVE, {"responses-0-institution-chosen": ministry})
    assert "Saved: 6 records." in desk.browser.words, desk.wrong()


def test_an_institution_of_another_state_is_refused_with_all_else_that_is_wrong(
    app: Flask, desk: Desk
):
    answering: dict[str, object] = {
        "responses-0-answers_scope": "incidents",
        "responses-0-institution-name": "A ministry of its own",
        "responses-0-institution_kind": "ministry",
        "responses-0-country": "AZ",
        "responses-0-made-when": "soon",
    }
    send(desk, answering | {"incidents-0-quote": "99"})
    assert set(desk.wrong()) == {
        "incidents-0-quote", "responses-0-made-when", "responses-0-standing",
    }  # fmt: skip

    with as_user(app) as user:
        kind = InstitutionKind.MINISTRY
        made = add_institution("Foreign Ministry", kind=kind, country="AZ", by=user)
        db.session.commit()
        abroad = made.ref
    recorded: dict[str, object] = {
        "responses-0-institution-name": "Foreign Ministry",
        "responses-0-institution-chosen": abroad,
    }
    send(desk, answering | recorded | {"title": ""})
    assert set(desk.wrong()) == {
        "incidents-0-quote", "responses-0-made-when", "responses-0-standing", "title",
    }  # fmt: skip
    send(
        desk,
        {
            "incidents-0-quote": "2", "responses-0-made-when": "", "responses-0-standing": "other_state",
        },
    )  # fmt: skip
    assert "Saved: 6 records." in desk.browser.words, desk.wrong()


def test_handles_on_record_and_entered_twice_are_refused_with_all_else_that_is_wrong(
    app: Flask, desk: Desk
):
    handle: dict[str, object] = {
        "kind": "channel", "identified": "yes", "accounts_at_least": "", "handle": "Twice",
    }  # fmt: skip
    first = {f"accounts-0-{name}": value for name, value in handle.items()}
    again = {f"accounts-1-{name}": value for name, value in handle.items()}
    desk.do("more", {"more": "accounts", "more_quote": "4"})
    send(desk, first | again | {"accounts-1-handle": "twice", "title": ""})
    assert set(desk.wrong()) == {"accounts-1-handle", "title"}
    assert "Fake account 1" in desk.wrong()["accounts-1-handle"]

    with as_user(app) as user:
        team = db.session.scalars(select(Article.team_id)).one()
        facts = AccountFacts(kind=AccountKind.CHANNEL, handle="twice")
        record_account(facts, team_id=team, visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
    # It was chosen that these are new ones.
    new: dict[str, object] = {"accounts-0-same_as": "new", "accounts-1-same_as": "new"}
    send(desk, new | {"title": ""})
    assert set(desk.wrong()) == {"accounts-0-handle", "accounts-1-handle", "title"}


def test_who_is_restricted_is_refused_in_a_shared_record_with_all_else_that_is_wrong(
    app: Flask, desk: Desk
):
    with as_user(app) as user:
        person = make_journalist("Hidden Person", visibility=Visibility.RESTRICTED, by=user)
        outlet = make_outlet("Hidden Paper", visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
        hidden, paper = person.ref, outlet.ref
    named: dict[str, object] = {
        "incidents-0-targets-0-who-name": "Hidden Person",
        "incidents-0-targets-0-who-chosen": hidden,
        "accounts-0-impersonates-0-kind": "outlet",
        "accounts-0-impersonates-0-who-name": "Hidden Paper",
        "accounts-0-impersonates-0-who-chosen": paper,
    }
    wrong = {"incidents-0-targets-0-who-name", "accounts-0-impersonates-0-who-name"}
    send(desk, named | {"incidents-1-occurred-when": "soon"})
    assert set(desk.wrong()) == wrong | {"incidents-1-occurred-when"}

    # Not where the team alone sees the records.
    send(desk, {"incidents-1-occurred-when": "2026", "visibility": "restricted"})
    assert "Saved: 6 records." in desk.browser.words, desk.wrong()


def test_what_others_did_meanwhile_is_said_with_all_else_that_is_wrong(app: Flask, desk: Desk):
    mine = held_values(desk)
    desk.open()
    desk.browser.press(SAVE, {"title": "Theirs"})
    counts = desk.counts()
    data = mine | {
        "title": "", "incidents-0-place": "Oral", "incidents-0-region": "KZ-00",
        "published": "2026-05-17", "published_was": "2026-05-16",
    }  # fmt: skip
    desk.browser._take(desk.browser.client.post(desk.address, data=data), desk.address)

    assert "Somebody saved records from this article in the meantime" in desk.browser.words
    assert {"title", "incidents-0-region", "published"} <= set(desk.wrong())
    assert "in the meantime" in desk.wrong()["published"]
    assert desk.counts() == counts


def test_an_article_that_cannot_be_shared_is_said_with_all_else_that_is_wrong(
    app: Flask, desk: Desk
):
    desk.browser.press(SAVE, {"title": "A case"})
    with as_user(app) as user:
        article = db.session.scalars(select(Article)).one()
        article.publisher = make_outlet(
            "Hidden Paper", country="KZ", visibility=Visibility.RESTRICTED, by=user
        )
        incident = db.session.scalars(select(Incident).order_by(Incident.id)).first()
        assert incident
        article.visibility = Visibility.RESTRICTED
        db.session.commit()
        shared = incident.ref
    desk.open()
    send(
        desk,
        {"incidents-0-use": "y", "incidents-0-same_as": shared, "share": "y", "incidents-1-quote": "99"},
    )  # fmt: skip
    assert {"share", "incidents-1-quote"} <= set(desk.wrong())


def test_a_name_that_is_closed_is_refused_at_its_field_with_all_else_that_is_wrong(
    app: Flask, desk: Desk
):
    close_asem(app)
    desk.open()
    sent: dict[str, object] = {
        "incidents-0-place": f"At the door of {ASEM}",
        "incidents-2-quote": "99",
        "title": f"{ASEM} is threatened",
    }
    send(desk, sent)

    wrong = desk.wrong()
    assert wrong.keys() >= sent.keys()
    assert "must not be named outside the team" in wrong["title"]
    assert "must not be named outside the team" in wrong["incidents-0-place"]
    # The sentence that the incident quotes has the name.
    assert "must not be named outside the team" in wrong["incidents-3-quote"]
    assert wrong["incidents-2-quote"].startswith("The article has no sentence")
    send(desk, {"incidents-2-quote": "4", "visibility": "restricted"})
    assert "Saved: 6 records." in desk.browser.words, desk.wrong()


def test_a_card_that_is_skipped_is_not_asked_to_be_right(desk: Desk):
    send(
        desk,
        {
            "incidents-0-use": "skip", "incidents-0-targets-0-number": "few",
            "incidents-0-place": "x" * 300, "responses-0-use": "skip", "responses-0-country": "XX",
        },
    )  # fmt: skip
    assert "Saved: 4 records." in desk.browser.words, desk.wrong()


def test_the_country_of_the_page_is_that_of_a_body_that_is_not_named(app: Flask, desk: Desk):
    with as_user(app):
        publisher = db.session.scalars(select(Article)).one().publisher
        assert publisher
        publisher.country = None
        db.session.commit()
    desk.browser.open(desk.address)
    # Of all that the article reports only the response, which is by no institution of a country.
    rows = {one.rsplit("-", 1)[0] for one in held_values(desk) if one.endswith("-was")}
    sent: dict[str, object] = {
        f"{row}-use": "skip" for row in rows if not row.startswith("responses")
    }
    send(
        desk,
        sent
        | {
            "responses-0-use": "y",
            "responses-0-institution-name": "Fergana Compact",
            "responses-0-institution_kind": "intergovernmental",
            "responses-0-standing": "intergovernmental",
            "responses-0-answers_scope": "situation",
            "responses-0-acts-0-unspecified": "y",
            "country": "UZ",
        },
    )
    assert "Saved: 1 record." in desk.browser.words, desk.wrong()
    with as_user(app):
        response = db.session.scalars(select(OfficialResponse)).one()
        acting = [one.acting_institution for one in response.acts if one.acting_institution]
        assert {one.country for one in acting} == {"UZ"}
