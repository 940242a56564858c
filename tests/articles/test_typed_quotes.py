"""In every form in which a quote is typed by hand, "3, 6" are two passages and nothing between them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import prepared_and_signed_in
from tests.factories import as_user, make_article, make_incident
from tests.fake_accounts.accounts_made import make_account
from tests.journeys.browser import Browser
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tests.responses.responses_made import make_response
from tracker.articles.rules import OMISSION_MARK
from tracker.clock import current_date
from tracker.db import db
from tracker.fake_accounts.models import FakeAccount
from tracker.incidents.models import Incident
from tracker.responses.models import Appeal, OfficialResponse, Proceeding
from tracker.when import parse_when

THIRD = "Two strangers waited at the gate of a printer."
SIXTH = "A page in her name asked for money."
TEXT = (
    f"It was a quiet week in Karatau. The bridge was closed. {THIRD} It rained until the evening. "
    f"The ministry was on holiday. {SIXTH} Nobody was seen at the bridge."
)
# Its address, its button, and what else it needs.
Form = tuple[str, str, dict[str, str]]
KINDS: dict[str, Any] = {
    "account": FakeAccount, "response": OfficialResponse, "appeal": Appeal,
    "proceeding": Proceeding, "incident": Incident,
}  # fmt: skip
BODY = {"institution-name": "Night Ministry", "institution_kind": "ministry"}
# With the kind of record that cites.
FORMS: dict[str, tuple[str, str, dict[str, str], str]] = {
    "a new incident": (
        "/incidents/new?article={article}", "Save",
        {
            "types": "threat.death", "country": "KZ", "targets-0-kind": "unnamed_person",
            "targets-0-who-name": "a printer",
        },
        "incident",
    ),
    "a new account": (
        "/fake-accounts/new?article={article}", "Save", {"kind": "profile", "handle": "@printer_true"},
        "account",
    ),
    "an event of an account": (
        "/fake-accounts/{account}/", "Add the event", {"event": "blocked", "article": "{article}"},
        "account",
    ),
    "a new response": (
        "/responses/new?article={article}", "Save",
        BODY | {"answers_scope": "case", "acts-0-act": "condemnation"}, "response",
    ),
    "a new appeal": (
        "/appeals/new?article={article}", "Save",
        BODY | {"sender_kind": "lawyer", "kind": "letter"}, "appeal",
    ),
    "a new proceeding": (
        "/proceedings/new?article={article}", "Save",
        {"direction": "against_perpetrators", "kind": "criminal", "country": "KZ"}, "proceeding",
    ),
    "a step of a proceeding": (
        "/proceedings/{proceeding}/", "Add the step",
        {"step": "opened", "taken-when": "2025-06-02", "article": "{article}"}, "proceeding",
    ),
} | {
    f"a source of an existing {kind}": (f"/articles/{{article}}/cite/{{{kind}}}", "Cite it", {}, kind)
    for kind in KINDS
}  # fmt: skip
ACTS: dict[str, Form] = {
    "of a new response": FORMS["a new response"][:3],
    "of an existing response": ("/responses/{response}/edit", "Save", {}),
}


@pytest.fixture
def refs(client: FlaskClient) -> dict[str, str]:
    """Return the refs of an article and of a record of each kind; staff of its team is signed in."""
    return prepared_and_signed_in(client, "records of every kind that cite", _refs)


def _refs(app: Flask) -> dict[str, str]:
    with as_user(app) as user:
        day = parse_when("2025-06-04", latest_possible_date=current_date())
        article = make_article("A quiet week", text=TEXT, published=day, by=user)
        made: dict[str, Any] = {
            "article": article,
            "account": make_account(by=user, cites=article),
            "response": make_response(by=user, cites=article),
            "appeal": make_appeal(by=user, cites=article),
            "proceeding": make_proceeding(by=user, cites=article),
            "incident": make_incident(article=article, by=user),
        }
        db.session.commit()
        return {name: one.ref for name, one in made.items()}


def type_quote(
    client: FlaskClient, refs: dict[str, str], form: Form, field: str, typed: str
) -> Browser:
    """Return the browser after a form was sent with a quote in one of its fields."""
    address, button, _values = form
    browser = Browser(client)
    browser.open(address.format(**refs))
    browser.press(button, values_of(form, refs) | {field: typed})
    return browser


def values_of(form: Form, refs: dict[str, str]) -> dict[str, object]:
    return {name: value.format(**refs) for name, value in form[2].items()}


def newest(kind: str) -> Any:
    """Return the record of a kind that was made last."""
    model = KINDS[kind]
    return db.session.scalars(select(model).order_by(model.id.desc())).first()


def quotes() -> dict[str, list[str]]:
    """Return what each record cites, by its ref."""
    return {
        one.ref: [citation.quote for citation in one.citations]
        for kind in KINDS.values()
        for one in db.session.scalars(select(kind))
    }


@pytest.mark.parametrize("form", FORMS)
def test_several_numbers_are_cited_without_what_stands_between(
    app: Flask, client: FlaskClient, refs: dict[str, str], form: str
):
    with as_user(app):
        before = quotes()
    browser = type_quote(client, refs, FORMS[form][:3], "quote", "3, 6")

    assert browser.status == 200, browser.words
    with as_user(app):
        ref = newest(FORMS[form][3]).ref
        assert quotes() == before | {ref: [*before.get(ref, []), THIRD, SIXTH]}


@pytest.mark.parametrize("form", ACTS)
def test_the_quote_of_an_act_says_that_something_is_left_out_between_its_sentences(
    app: Flask, client: FlaskClient, refs: dict[str, str], form: str
):
    browser = type_quote(client, refs, ACTS[form], "acts-0-quote", "3, 6")

    assert browser.status == 200, browser.words
    with as_user(app):
        assert [one.quote for one in newest("response").acts] == [f"{THIRD}{OMISSION_MARK}{SIXTH}"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        *(pytest.param(one[:3], "quote", id=name) for name, one in FORMS.items()),
        *(pytest.param(one, "acts-0-quote", id=f"an act {name}") for name, one in ACTS.items()),
    ],
)
def test_one_wrong_number_among_several_is_said_at_its_field_and_all_stays_typed(
    app: Flask, client: FlaskClient, refs: dict[str, str], form: Form, field: str
):
    with as_user(app):
        before = quotes()
    browser = type_quote(client, refs, form, field, "3, 99")

    assert browser.status == 422
    (typed,) = browser.page.xpath(f'//textarea[@name="{field}"]')
    error = " ".join(typed.xpath('../*[@class="error"]//text()'))
    assert "no sentence with this number" in error, browser.words
    held = browser._held(browser._form_with(form[1])[0])
    assert held == held | values_of(form, refs) | {field: "3, 99"}
    with as_user(app):
        assert quotes() == before
