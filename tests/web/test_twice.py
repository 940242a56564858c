"""However often one form is sent, at once or later, it makes one record and leads to that one."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.factories import PASSWORD, as_user, make_institution, sign_in, sign_in_directly, token_in
from tracker import clock, parsing
from tracker.articles.models import Article
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.people.models import Institution
from tracker.permissions import Role
from tracker.users.idempotency import CLEANUP_KEY_HASH_PREFIX, KEY_LIFETIME, SubmissionKey
from tracker.users.models import Submission, Team

NEW = "/institutions/new"
# Fifty posts by sixteen hands: as many as a small pool of connections serves at a time.
POSTS, HANDS = 50, 16
SAVED_ALREADY = "This form was saved already."


def key_in(text: str) -> str:
    """Return the key of the first form of a page that has more than a button."""
    found = re.findall(r'name="submission"[^>]*value="([^"]+)"', text)
    assert found, "the page holds no key"
    return str(found[-1])


def filled(page: str, name: str = "Press Council") -> dict[str, Any]:
    return {
        "csrf_token": token_in(page),
        "submission": key_in(page),
        "who-name": name,
        "kind": "regulator",
        "level": "national",
        "country": "KZ",
    }


def named(name: str = "Press Council") -> list[Institution]:
    return list(db.session.scalars(select(Institution).where(Institution.name == name)))


def at_once(
    app: Flask, browser: FlaskClient, address: str, sent: dict[str, Any]
) -> list[TestResponse]:
    """Send the same form many times at the same moment, each time from a window of the browser."""
    cookie = browser.get_cookie("tracker")
    assert cookie is not None

    def post(_number: int) -> TestResponse:
        window = app.test_client()
        window.set_cookie("tracker", cookie.value)
        return window.post(address, data=sent)

    with ThreadPoolExecutor(HANDS) as hands:
        return list(hands.map(post, range(POSTS)))


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    return client


def test_fifty_posts_of_one_form_at_once_make_one_record(app: Flask, staff: FlaskClient) -> None:
    sent = filled(staff.get(NEW).text)
    answers = at_once(app, staff, NEW, sent)

    with as_user(app):
        (made,) = named()
        assert {(one.status_code, one.location) for one in answers} == {
            (303, f"/institutions/{made.ref}/")
        }
        created = select(func.count()).where(
            AuditEvent.action == "institution:create", AuditEvent.subject == made.ref
        )
        assert db.session.scalar(created) == 1


def test_a_second_click_or_the_back_button_leads_to_what_was_made(
    app: Flask, staff: FlaskClient
) -> None:
    sent = filled(staff.get(NEW).text)
    first = staff.post(NEW, data=sent)

    second = staff.post(NEW, data=sent)

    assert second.location == first.location
    assert SAVED_ALREADY in staff.get(second.location).text
    with as_user(app):
        assert len(named()) == 1


def test_two_forms_of_one_session_are_two_records(app: Flask, staff: FlaskClient) -> None:
    one, other = (filled(staff.get(NEW).text, name) for name in ("First Council", "Fund of Two"))

    for sent in (one, other, one, other):
        assert staff.post(NEW, data=sent).status_code == 303

    with as_user(app):
        assert len(named("First Council")) == len(named("Fund of Two")) == 1


def test_a_form_that_came_back_with_errors_keeps_its_key_and_is_saved_once(
    app: Flask, staff: FlaskClient
) -> None:
    first = filled(staff.get(NEW).text, "")
    refused = staff.post(NEW, data=first)
    assert refused.status_code == 422
    sent = filled(refused.text)
    assert sent["submission"] == first["submission"]

    answers = [staff.post(NEW, data=sent) for _ in range(2)]

    with as_user(app):
        (made,) = named()
    assert {one.location for one in answers} == {f"/institutions/{made.ref}/"}


def test_the_offer_of_likely_records_does_not_use_up_the_key(
    app: Flask, staff: FlaskClient
) -> None:
    with as_user(app) as by:
        make_institution("Press Council", by=by)
        db.session.commit()
    offered = staff.post(NEW, data=filled(staff.get(NEW).text))
    assert offered.status_code == 422

    answer = staff.post(NEW, data=filled(offered.text) | {"who-chosen": "new", "country": "KG"})

    assert answer.status_code == 303
    with as_user(app):
        assert len(named()) == 2


def test_what_is_refused_keeps_no_key(app: Flask, staff: FlaskClient) -> None:
    sent = filled(staff.get(NEW).text)

    assert staff.post(NEW, data=sent | {"csrf_token": "old"}).status_code == 400
    assert staff.post("/users/new", data=sent).status_code == 403
    assert staff.post("/institutions/INS-0000000000/edit", data=sent).status_code == 404

    with as_user(app):
        assert db.session.scalars(select(Submission)).all() == []
    assert staff.post(NEW, data=sent).status_code == 303


def test_the_key_of_somebody_else_says_nothing(app: Flask, staff: FlaskClient) -> None:
    sent = filled(staff.get(NEW).text)
    staff.post(NEW, data=sent)
    with as_user(app, "other", Role.STAFF):
        pass
    other = app.test_client()
    sign_in_directly(other, "other")

    token = token_in(other.get(NEW).text)
    answer = other.post(NEW, data=sent | {"csrf_token": token, "who-name": "Third Council"})

    assert answer.status_code == 303
    assert SAVED_ALREADY not in other.get(answer.location).text
    with as_user(app):
        assert len(named("Third Council")) == 1


def test_a_request_without_a_key_is_served_as_ever(app: Flask, staff: FlaskClient) -> None:
    sent = filled(staff.get(NEW).text)
    del sent["submission"]

    assert staff.post(NEW, data=sent).status_code == 303
    with as_user(app):
        assert db.session.scalars(select(Submission)).all() == []


def test_a_key_without_a_page_leads_home(app: Flask, staff: FlaskClient) -> None:
    sent = filled(staff.get(NEW).text)
    staff.post(NEW, data=sent)
    with as_user(app):
        db.session.scalars(select(Submission)).one().location = ""
        db.session.commit()

    assert staff.post(NEW, data=sent).location == "/"


def test_a_button_pressed_twice_works_once(app: Flask, staff: FlaskClient) -> None:
    with as_user(app, "root", Role.ADMIN):
        db.session.add(Team(name="Third"))
        db.session.commit()
    admin = app.test_client()
    sign_in_directly(admin, "root")
    page = admin.get("/teams/").text
    sent = {"csrf_token": token_in(page), "submission": key_in(page), "name": "Fourth"}

    answers = [admin.post("/teams/", data=sent) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    with as_user(app):
        assert db.session.scalar(select(func.count()).where(Team.name == "Fourth")) == 1


def test_every_form_of_a_page_has_a_key_of_its_own(staff: FlaskClient) -> None:
    keys = re.findall(r'name="submission"[^>]*value="([^"]+)"', staff.get(NEW).text)

    assert len(keys) >= 3
    assert len(set(keys)) == len(keys)


def test_old_keys_are_swept_out(app: Flask, staff: FlaskClient) -> None:
    with as_user(app) as by:
        long_ago = clock.utc_now() - KEY_LIFETIME - timedelta(minutes=1)
        kept = clock.utc_now() - KEY_LIFETIME + timedelta(minutes=9)
        for key, at in (("a" * 64, long_ago), ("b" * 64, kept)):
            db.session.add(Submission(key_hash=key, user_id=by.id, at=at))
        db.session.commit()
        user_id = by.id
    page = staff.get(NEW).text
    key = next(
        str(number)
        for number in range(100_000)
        if SubmissionKey.for_user(str(number), user_id).key_hash.startswith(CLEANUP_KEY_HASH_PREFIX)
    )

    staff.post(NEW, data=filled(page) | {"submission": key})

    with as_user(app):
        left = set(db.session.scalars(select(Submission.key_hash)))
    assert "a" * 64 not in left
    assert len(left) == 2


def test_a_key_given_back_meanwhile_is_taken_again_with_the_record(
    app: Flask, staff: FlaskClient
) -> None:
    # Reading a source ends the transaction in which the key was stored.
    sent = pasted(staff)

    first = staff.post("/articles/new", data=sent)
    second = staff.post("/articles/new", data=sent)

    assert first.status_code == 303
    assert second.location == first.location
    with as_user(app):
        assert db.session.scalars(select(Submission.location)).all() == [first.location]


def test_fifty_pastes_of_one_source_at_once_are_one_article(
    app: Flask, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a slow machine one would be told that the server is busy, and could send it again.
    monkeypatch.setattr(parsing, "QUEUE_WAIT_SECONDS", 60.0)
    monkeypatch.setattr(parsing, "MAX_SLOT_WAIT_SECONDS", 60.0)
    answers = at_once(app, staff, "/articles/new", pasted(staff))

    with as_user(app):
        (ref,) = db.session.scalars(select(Article.ref))
    assert {(one.status_code, one.location) for one in answers} == {(303, f"/articles/{ref}/")}


def pasted(browser: FlaskClient) -> dict[str, Any]:
    page = browser.get("/articles/new").text
    return {
        "csrf_token": token_in(page), "submission": key_in(page), "title": "Two men",
        "text": "Two men came to the house of an editor.", "kind": "article", "language": "",
        "independence": "independent", "visibility": "internal",
    }  # fmt: skip


def new_password(browser: FlaskClient) -> dict[str, Any]:
    page = browser.get("/account/").text
    return {
        "csrf_token": token_in(page), "submission": key_in(page), "current": PASSWORD,
        "password": "another-long-password-1207",
    }  # fmt: skip


def test_what_a_view_keeps_before_it_refuses_does_not_use_up_the_key(
    app: Flask, staff: FlaskClient
) -> None:
    # A wrong present password is counted, which is kept; the new password is not.
    sent = new_password(staff)
    assert (
        staff.post("/account/", data=sent | {"current": "wrong-password-0815"}).status_code == 422
    )

    answer = staff.post("/account/", data=sent)

    assert answer.status_code == 303
    assert SAVED_ALREADY not in staff.get(answer.location).text
    assert sign_in(app.test_client(), "staff", "another-long-password-1207").status_code == 303


def test_a_password_changed_by_a_double_click_is_changed_once_and_not_called_wrong(
    app: Flask, staff: FlaskClient
) -> None:
    sent = new_password(staff)

    answers = [staff.post("/account/", data=sent) for _ in range(2)]

    assert {(one.status_code, one.location) for one in answers} == {(303, "/account/")}
    assert SAVED_ALREADY in staff.get("/account/").text
    with as_user(app):
        changed = select(func.count()).where(AuditEvent.action == "user:password")
        assert db.session.scalar(changed) == 1
