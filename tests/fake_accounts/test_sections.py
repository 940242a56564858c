"""The page of a fake account: its events, its successors, its incidents, and who sees it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.articles.sources_made import make_citing
from tests.conftest import prepared_and_signed_in
from tests.factories import (
    as_user,
    make_institution,
    make_journalist,
    make_outlet,
    post,
    sign_in_directly,
)
from tests.fake_accounts.accounts_made import make_account, make_report
from tracker.articles.models import Article
from tracker.db import db
from tracker.fake_accounts.codes import AccountStatus, SuccessionBasis, SuccessionCertainty
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.queries import account_by_ref
from tracker.fake_accounts.service import add_succession
from tracker.people.models import Journalist
from tracker.people.queries import journalist_by_ref
from tracker.permissions import Role, Visibility
from tracker.review.service import approve_record, submit_record
from tracker.scoping import Viewer, set_viewer


@pytest.fixture
def refs(client: FlaskClient) -> dict[str, str]:
    """Return the refs of an account, its article and two others; staff of its team is signed in."""
    return prepared_and_signed_in(client, "account and others", _refs)


def _refs(app: Flask) -> dict[str, str]:
    with as_user(app) as user:
        article = make_report(by=user)
        made: dict[str, Any] = {
            "account": make_account(by=user, cites=article),
            "second": make_account("anna_two", by=user),
            "third": make_account("anna_three", by=user),
            "article": article,
            "incident": make_citing(article, "2", title="A false death", by=user),
            "body": make_institution("Night Ministry", by=user),
        }
        db.session.commit()
        return {name: one.ref for name, one in made.items()}


def numbers_in(text: str, action: str) -> list[str]:
    """Return the numbers that the remove buttons of one kind would send."""
    return re.findall(rf'/{action}/remove".*?name="number" value="(\d+)"', text, re.DOTALL)


def page_of(client: FlaskClient, refs: dict[str, str], name: str = "account") -> str:
    return client.get(f"/fake-accounts/{refs[name]}/").text


def test_an_event_with_its_source_changes_the_status(app, client, refs):
    answer = post(
        client, f"/fake-accounts/{refs['account']}/events", page=f"/fake-accounts/{refs['account']}/",
        event="blocked", article=refs["article"], quote="2", note="by court order",
        **{
            "occurred-when": "2025-06-02", "occurred-as_stated": "on Monday",
            "institution-name": "Night Ministry", "institution-chosen": refs["body"],
        },
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    text = page_of(client, refs)
    for words in ("2 June 2025", "on Monday", "by court order", "Night Ministry", "False pages"):
        assert words in text
    # At the event, and among the sources.
    assert text.count("One of them said that she had died.") == 2
    with as_user(app):
        account = account_by_ref(refs["account"])
        assert account
        assert account.status is AccountStatus.BLOCKED


def test_a_removed_event_takes_the_status_with_it(app, client, refs):
    address = f"/fake-accounts/{refs['account']}/"
    post(client, address + "events", page=address, event="blocked")
    post(client, address + "events/remove", page=address, number=numbers_in(page_of(client, refs), "events")[0])  # fmt: skip

    with as_user(app):
        account = account_by_ref(refs["account"])
        assert account
        assert account.status is AccountStatus.UNKNOWN
    told = client.get(address + "history").text
    assert "added event" in told
    assert "removed event" in told


@pytest.mark.parametrize(
    ("section", "typed", "said"),
    [
        ("events", {"event": "exploded"}, "Not a valid choice"),
        ("events", {"event": "blocked", "occurred-when": "2025-13"}, "no such day"),
        ("events", {"event": "blocked", "institution-name": "Nobody’s Office"}, "record it first"),
        ("events", {"event": "blocked", "article": "ART-0000000000"}, "Not a valid choice"),
        ("successors", {"successor": "ACC-0000000000", "certainty": "likely", "basis": "same_name"}, "no such account"),
        ("successors", {"successor": "x" * 15, "certainty": "likely", "basis": "same_name"}, "longer than 14"),
        ("incidents", {}, "Choose an incident"),
        ("incidents", {"other": "INC-0000000000"}, "Choose an incident"),
        ("events/remove", {"number": "none"}, "Not a valid integer"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_section_is_said_on_the_page(app, client, refs, *, section, typed, said):
    address = f"/fake-accounts/{refs['account']}/"
    answer = post(client, address + section, page=address, **typed)

    assert answer.status_code == 422
    assert said in answer.text
    for word in typed.values():
        assert word in answer.text or word in {"likely", "exploded", "ART-0000000000", "none"}
    with as_user(app):
        account = account_by_ref(refs["account"])
        assert account
        assert (account.events, account.successors, account.incidents) == ([], [], [])


@pytest.mark.parametrize("section", ["events", "successors", "incidents"])
def test_a_row_of_another_account_cannot_be_removed(client, refs, section):
    address = f"/fake-accounts/{refs['account']}/"
    assert post(client, f"{address}{section}/remove", page=address, number=999).status_code == 404


def test_a_successor_shows_the_inverse_and_all_show_the_whole_chain(client, refs):
    for before, after in (("account", "second"), ("second", "third")):
        address = f"/fake-accounts/{refs[before]}/"
        answer = post(
            client, address + "successors", page=address, successor=refs[after],
            certainty="likely", basis="same_photograph",
        )  # fmt: skip
        assert answer.status_code == 303

    first, second, third = (page_of(client, refs, one) for one in ("account", "second", "third"))
    assert "Reappeared as" in first
    assert "Succeeds" not in first
    assert "Reappeared as" in second
    assert "Succeeds" in second
    assert "same photograph" in third
    for text in (first, second, third):
        chain = text[text.index("The whole chain") :]
        places = [chain.index(name) for name in ("@anna_true", "@anna_two", "@anna_three")]
        assert places == sorted(places)


def test_nothing_succeeds_itself_twice_or_in_a_circle(client, refs):
    def succeed(before: str, after: str) -> str:
        address = f"/fake-accounts/{refs[before]}/"
        typed = {"successor": refs[after], "certainty": "likely", "basis": "same_name"}
        return post(client, address + "successors", page=address, **typed).text

    assert "does not succeed itself" in succeed("account", "account")
    succeed("account", "second")
    assert "recorded already" in succeed("account", "second")
    assert "already came after" in succeed("second", "account")


def test_a_succession_can_be_taken_out_again(client, refs):
    address = f"/fake-accounts/{refs['account']}/"
    post(
        client, address + "successors", page=address, successor=refs["second"],
        certainty="likely", basis="same_name",
    )  # fmt: skip
    page = page_of(client, refs)
    assert "Reappeared as <a" in page
    number = numbers_in(page, "successors")[0]
    post(client, address + "successors/remove", page=address, number=number)

    assert "Reappeared as <a" not in page_of(client, refs)


def test_nobody_is_told_of_a_successor_that_is_hidden_from_them(app, client, refs):
    with as_user(app, "other", team="Elsewhere") as user:
        hidden = make_account("anna_hidden", by=user, visibility=Visibility.RESTRICTED)
        shown = make_account("anna_shown", by=user)
        add_succession(
            shown, hidden, certainty=SuccessionCertainty.LIKELY,
            basis=SuccessionBasis.SAME_TEXT, by=user,
        )  # fmt: skip
        db.session.commit()
        ref = shown.ref
    text = client.get(f"/fake-accounts/{ref}/").text

    assert "No earlier or later account is recorded." in text
    assert "anna_hidden" not in text


def test_an_incident_of_the_same_source_is_offered_and_added_once(client, refs):
    address = f"/fake-accounts/{refs['account']}/"
    assert f'value="{refs["incident"]}"' in page_of(client, refs)
    post(client, address + "incidents", page=address, incident=refs["incident"])

    text = page_of(client, refs)
    assert "A false death" in text
    assert f'value="{refs["incident"]}"' not in text
    again = post(client, address + "incidents", page=address, other=refs["incident"])
    assert "recorded already" in again.text
    assert "@anna_true" in client.get(f"/incidents/{refs['incident']}/").text
    post(
        client, address + "incidents/remove", page=address, number=numbers_in(text, "incidents")[0]
    )
    assert "@anna_true" not in client.get(f"/incidents/{refs['incident']}/").text


def test_what_befalls_an_approved_account_makes_it_a_draft_again(app, client, refs):
    with as_user(app, "second", Role.MONITOR) as monitor:
        account = account_by_ref(refs["account"])
        assert account
        submit_record(account, by=monitor)
        approve_record(account, note="", by=monitor)
        db.session.commit()
    address = f"/fake-accounts/{refs['account']}/"
    assert "Approved" in page_of(client, refs)
    post(client, address + "events", page=address, event="blocked")

    assert "Draft" in page_of(client, refs)


def test_whoever_may_not_edit_sees_no_forms_and_is_refused(app, client, refs):
    with as_user(app, "guest", team="Elsewhere"):
        pass
    guest = app.test_client()
    sign_in_directly(guest, "guest")
    address = f"/fake-accounts/{refs['account']}/"
    assert "Add an event" not in guest.get(address).text
    for section in ("events", "events/remove", "successors", "incidents", "share"):
        assert post(guest, address + section, page=address).status_code == 403


def test_opening_an_account_opens_what_it_shows_and_says_so_first(app, client):
    with as_user(app) as user:
        kept: dict[str, Any] = {"by": user, "visibility": Visibility.RESTRICTED}
        outlet = make_outlet(**kept)
        article = make_report(publisher=outlet, **kept)
        anna = make_journalist("Anna Smirnova", **kept)
        account = make_account(cites=article, impersonates=[anna], **kept)
        db.session.commit()
        ref, listed = account.ref, [anna.ref, article.ref, outlet.ref]
    sign_in_directly(client, "staff")
    address = f"/fake-accounts/{ref}/share"
    text = client.get(address).text
    assert all(one in text for one in listed)
    assert "It shows more than was listed" in post(client, address, refs=listed[0]).text
    assert post(client, address, refs=" ".join(listed)).status_code == 303

    with as_user(app, "guest", team="Elsewhere"):
        models: tuple[type[Any], ...] = (FakeAccount, Article, Journalist)
        for model in models:
            assert db.session.scalars(select(model)).one().visibility is Visibility.INTERNAL
    assert "visibility" in client.get(f"/journalists/{listed[0]}/history").text


def test_what_its_editor_does_not_see_is_not_opened_with_it(app, client):
    with as_user(app, "other", team="Elsewhere") as other:
        theirs = other.teams[0]
        hidden = make_journalist("Vera Hidden", by=other, visibility=Visibility.RESTRICTED)
        db.session.commit()
        vera, elsewhere = hidden.ref, theirs.id
    with as_user(app, "both") as both:
        ours = both.team_ids[0]
        set_viewer(Viewer((ours, elsewhere)))
        meant = journalist_by_ref(vera)
        assert meant
        ref = make_account(by=both, visibility=Visibility.RESTRICTED, impersonates=[meant]).ref
        db.session.commit()
    sign_in_directly(client, "both")

    assert client.get(f"/fake-accounts/{ref}/").status_code == 200
    answer = post(client, f"/fake-accounts/{ref}/share", refs="")
    assert answer.status_code == 422
    assert "that you may not see" in answer.text
    edited = post(
        client, f"/fake-accounts/{ref}/edit", version="1", kind="profile", identified="yes",
        handle="anna_true", visibility="internal",
    )  # fmt: skip
    assert "It shows a person or source that you may not see" in edited.text
