"""The pages of the inbox, as staff, monitors and other teams meet them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.articles.sources_made import make_citing
from tests.factories import as_user, hidden_in, make_article, post, sign_in_directly, token_in
from tests.intake.inbox_made import ADDED, ANOTHER, REPORT, make_item, put, put_unread, stored
from tests.kit.pages_read import is_named_as_wrong
from tests.statements import counted
from tracker.articles.incoming import read_pasted_text_in_child
from tracker.articles.models import Article
from tracker.db import db
from tracker.intake import inbox_service, views
from tracker.intake.codes import InboxState
from tracker.intake.models import IntakeItem
from tracker.permissions import Role, Visibility
from tracker.review.codes import EditorialState

WRONG_FILTERS = [
    ("state=king", "state"),
    ("taken_by=nobody", "taken_by"),
    ("taken_by=abroad", "taken_by"),
    ("colour=red", "colour"),
    ("after=INB-0000000000", "after"),
]


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    return client


def another(app: Flask, name: str, *roles: Role, team: str = "Desk") -> FlaskClient:
    """Return a browser in which somebody else is signed in."""
    with as_user(app, name, *roles, team=team):
        pass
    client = app.test_client()
    sign_in_directly(client, name)
    return client


def press(client: FlaskClient, ref: str, act: str, **data: str) -> str:
    """Press a button on the page of a thing, and return the page that follows."""
    answer = post(client, f"/intake/items/{ref}/{act}", page=f"/intake/items/{ref}/", **data)
    assert answer.status_code == 303, answer.text
    return client.get(answer.location).text


def without_keys(page: str) -> str:
    """Return a page without what is another one in each form."""
    return re.sub(r'(name="(?:submission|csrf_token)"[^>]*value)="[^"]*"', r"\1", page)


def entry(page: str, ref: str) -> str:
    """Return the entry of one thing in the list."""
    found = re.search(rf'<li class="entry line" id="{ref}">(.*?)\n  </li>', page, re.DOTALL)
    return found[1] if found else ""


def test_an_empty_inbox_says_what_to_do(staff: FlaskClient):
    page = staff.get("/intake/").text
    assert "Inbox is empty." in page
    assert 'href="/intake/new"' in page
    assert '<a href="/intake/" aria-current="page">Inbox</a>' in page
    assert 'href="/intake/"' in staff.get("/articles/").text


def test_what_waits_is_listed_with_who_has_it_and_the_work_is_a_link(
    app: Flask, staff: FlaskClient
):
    first, article = put(app)
    second, _ref = put(app, text=ANOTHER)
    unread = put_unread(app)
    page = staff.get("/intake/").text
    assert page.index(unread) < page.index(second) < page.index(first)
    assert "Letters to an editor" in entry(page, first)
    assert "Review suggestions" in entry(page, first)
    assert "Could not be read" in entry(page, unread)
    assert "It is not what its name says" in entry(page, unread)
    assert "Review suggestions" not in entry(page, unread)
    assert "assigned to staff" in press(staff, first, "assign")
    assert "assigned to staff" in entry(staff.get("/intake/").text, first)
    assert f'href="/intake/{article}/"' in entry(staff.get("/intake/").text, first)
    theirs = another(app, "second").get("/intake/").text
    assert "assigned to staff" in entry(theirs, first)
    assert "Unassign" not in entry(theirs, first)


def test_the_overview_says_how_many_wait_to_whoever_may_work_on_them(
    app: Flask, staff: FlaskClient
):
    assert "Inbox is empty." in staff.get("/").text
    first, _article = put(app)
    put(app, text=ANOTHER)
    put_unread(app)
    put(app, "abroad", text=ANOTHER + ADDED)
    press(staff, first, "close", ending="out_of_scope", reason="It is about sport.")
    assert '<a href="/intake/">2 articles wait</a>' in staff.get("/").text
    assert staff.get("/intake/").text.count('<li class="entry line" id=') == 2
    for role in (Role.MONITOR, Role.EXPORTER, Role.ADMIN):
        page = another(app, role.value, role).get("/").text
        assert "inbox-heading" not in page
        assert "/intake/new" not in page


def test_counting_what_waits_is_one_query(app: Flask, staff: FlaskClient):
    put(app)
    with app.app_context(), counted() as sent:
        staff.get("/")
    assert len([one for one in sent if "intake_items" in one]) == 1


def test_filters_are_addresses(app: Flask, staff: FlaskClient):
    first, second = put(app)[0], put(app, text=ANOTHER)[0]
    press(staff, first, "assign")
    press(staff, second, "close", ending="out_of_scope", reason="It is about sport.")

    def listed(query: str) -> list[str]:
        answer = staff.get("/intake/?" + query)
        assert answer.status_code == 200
        return re.findall(r'<li class="entry line" id="(INB-\w+)"', answer.text)

    assert listed("") == [first]
    assert listed("state=taken&taken_by=staff") == [first]
    assert listed("taken_by=staff") == [first]
    assert listed("state=out_of_scope") == [second]
    assert listed("state=logged") == []
    page = staff.get("/intake/?state=out_of_scope").text
    assert "It is about sport." in page
    assert "closed by staff" in page
    assert "<h1>Inbox: Out of scope</h1>" in page
    assert "Nothing here fits this filter." in staff.get("/intake/?state=logged").text


@pytest.mark.parametrize(("query", "field"), WRONG_FILTERS)
def test_a_filter_that_does_not_exist_is_named(
    app: Flask, staff: FlaskClient, query: str, field: str
):
    another(app, "abroad", team="Abroad")
    answer = staff.get("/intake/?" + query)
    assert answer.status_code == 400
    assert is_named_as_wrong(answer.text, field)


def test_a_long_inbox_has_pages_and_a_page_has_few_queries(app: Flask, staff: FlaskClient):
    with as_user(app) as user:
        for number in range(53):
            make_item(f"Article {number} " + f"word{number} " * 60, by=user)
        db.session.commit()
    with app.app_context(), counted() as sent:
        page = staff.get("/intake/").text
    assert page.count('<li class="entry line" id=') == 50
    assert len(sent) < 45
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older
    assert staff.get(older[1]).text.count('<li class="entry line" id=') == 3


def test_what_is_known_already_is_said_with_what_was_recorded_from_it(
    app: Flask, staff: FlaskClient
):
    with as_user(app) as user:
        earlier = make_article("Letters", by=user, text=REPORT)
        make_citing(
            earlier, "3", by=user, title="Visit by two men"
        ).state = EditorialState.IN_REVIEW
        db.session.commit()
        earlier_ref = earlier.ref
    ref, article = put(app, text=REPORT + ADDED, visibility=Visibility.INTERNAL)
    line = entry(staff.get("/intake/").text, ref)
    assert "known already" in line
    assert f'href="/articles/{earlier_ref}/"' in line
    assert "1 record cites it" in line
    page = staff.get(f"/intake/items/{ref}/").text
    assert "Known already" in page
    assert "Visit by two men" in page
    assert "Those that are in review, approved or published become drafts again." in page

    assert f'name="earlier" value="{earlier_ref}"' in page
    after = press(staff, ref, "close", ending="adds_source", earlier=earlier_ref)
    assert "Saved, and cited in 1 record. 1 record is a draft again" in after
    assert "Adds a source" in after
    assert "Visit by two men" in after
    assert article in after
    assert ref not in staff.get("/intake/").text


def test_another_teams_hidden_article_is_never_the_one_that_is_known(
    app: Flask, staff: FlaskClient
):
    put(app, "abroad")
    ref, _article = put(app, text=REPORT + ADDED)
    assert "known already" not in staff.get("/intake/").text
    assert "Known already" not in staff.get(f"/intake/items/{ref}/").text


def test_an_inbox_is_its_teams_whoever_may_see_the_article(app: Flask, staff: FlaskClient):
    ref, article = put(app, visibility=Visibility.INTERNAL)
    theirs = another(app, "abroad", team="Abroad")
    assert theirs.get(f"/articles/{article}/").status_code == 200
    assert ref not in theirs.get(f"/articles/{article}/").text
    assert ref not in theirs.get("/intake/").text
    missing = theirs.get("/intake/items/INB-0000000000/")
    for tail in ("", "history", "original"):
        answer = theirs.get(f"/intake/items/{ref}/{tail}")
        assert answer.status_code == 404
        assert without_keys(answer.text) == without_keys(missing.text)
    for act in ("assign", "unassign", "reopen", "close", "text"):
        answer = post(theirs, f"/intake/items/{ref}/{act}", page="/intake/new", version="1")
        assert answer.status_code == 404
    assert f'href="/intake/items/{ref}/"' in staff.get(f"/articles/{article}/").text


def test_who_only_reads_sees_no_button_and_moves_nothing(app: Flask, staff: FlaskClient):
    ref, _article = put(app)
    unread = put_unread(app)
    monitor = another(app, "monitor", Role.MONITOR)
    assert ref in monitor.get("/intake/").text
    assert ">Inbox</a>" not in monitor.get("/cases/").text
    for page in ("/intake/", f"/intake/items/{ref}/", f"/intake/items/{unread}/"):
        text = monitor.get(page).text
        assert "Assign to me" not in text
        assert "Review suggestions" not in text
        assert 'action="/intake/items' not in text
    token = token_in(monitor.get("/intake/").text)
    for act in ("assign", "unassign", "reopen", "close", "text"):
        given = {"csrf_token": token, "version": "1"}
        assert monitor.post(f"/intake/items/{ref}/{act}", data=given).status_code == 403
    assert monitor.get("/intake/new").status_code == 403
    assert [one.state for one in stored(app)] == [InboxState.RECEIVED, InboxState.UNREADABLE]


def test_two_who_take_the_same_thing_do_not_both_have_it(app: Flask, staff: FlaskClient):
    ref, _article = put(app)
    second = another(app, "second")
    page = second.get(f"/intake/items/{ref}/").text
    press(staff, ref, "assign")
    late = second.post(
        f"/intake/items/{ref}/assign", data={"csrf_token": token_in(page), "version": "1"}
    )
    assert late.status_code == 409
    (item,) = stored(app)
    assert item.taken_by is not None
    assert item.taken_by.name == "staff"
    assert "Assign to me" in second.get(f"/intake/items/{ref}/").text
    assert "assigned to second" in press(second, ref, "assign")
    assert "Unassigned." in press(second, ref, "unassign")


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"ending": ""}, "ending", "Choose how to close it."),
        ({"ending": "taken"}, "ending", "Not a valid choice."),
        ({"ending": "logged"}, "ending", "No record cites it yet"),
        ({"ending": "out_of_scope", "reason": " "}, "reason", "Say why."),
        ({"ending": "out_of_scope", "reason": "x" * 501}, "reason", "500"),
        ({"ending": "adds_source"}, "earlier", "Name the earlier article."),
        ({"ending": "adds_source", "earlier": "ART-0000000000"}, "earlier", "no such article"),
        ({"ending": "adds_source", "earlier": "a\x00b"}, "earlier", "control characters"),
    ],
)
def test_an_ending_without_what_it_needs_is_refused_at_its_field(
    app: Flask, staff: FlaskClient, typed: dict[str, str], field: str, said: str
):
    ref, _article = put(app)
    given = {"reason": "As typed", **typed}
    answer = post(staff, f"/intake/items/{ref}/close", page=f"/intake/items/{ref}/", **given)
    assert answer.status_code == 422
    error = re.search(rf'id="{field}-error">([^<]*)<', answer.text)
    assert error
    assert said in error[1]
    if "reason" not in typed:
        assert "As typed" in answer.text
    (item,) = stored(app)
    assert item.state is InboxState.RECEIVED


def test_a_form_without_its_token_ends_nothing(app: Flask, staff: FlaskClient):
    ref, _article = put(app)
    for act in ("close", "assign", "text"):
        answer = staff.post(f"/intake/items/{ref}/{act}", data={"version": "1", "reason": "typed"})
        assert answer.status_code == 400
    assert stored(app)[0].state is InboxState.RECEIVED


def test_why_it_is_out_of_scope_keeps_its_lines(app: Flask, staff: FlaskClient):
    ref, _article = put(app)
    page = press(staff, ref, "close", ending="out_of_scope", reason="About sport.\r\nNo press.")

    assert stored(app)[0].reason == "About sport.\nNo press."
    assert '<dt>Why</dt><dd class="kept">About sport.\nNo press.</dd>' in page
    listed = staff.get("/intake/?state=out_of_scope").text
    assert '<q class="kept">About sport.\nNo press.</q>' in listed


def test_what_has_ended_offers_to_be_opened_again_and_nothing_else(app: Flask, staff: FlaskClient):
    ref, _article = put(app)
    page = press(staff, ref, "close", ending="out_of_scope", reason="sport")
    assert "Reopen" in page
    assert "Close as" not in page
    assert "Assign to me" not in page
    late = post(staff, f"/intake/items/{ref}/assign", page=f"/intake/items/{ref}/")
    assert late.status_code == 422
    assert "It is closed: reopen it first." in late.text
    again = press(staff, ref, "reopen")
    assert "Close as" in again
    history = staff.get(f"/intake/items/{ref}/history").text
    for said in ("imported this", "closed this as out of scope", "reopened this", "sport"):
        assert said in history


def test_what_could_not_be_read_is_handed_out_as_a_file_and_can_be_given_its_text(
    app: Flask, staff: FlaskClient
):
    ref = put_unread(app, name="скан.html", content=b"<script>x</script>")
    page = staff.get(f"/intake/items/{ref}/").text
    assert "It is not what its name says" in page
    download = staff.get(f"/intake/items/{ref}/original")
    assert download.data == b"<script>x</script>"
    assert download.headers["Content-Type"] == "application/octet-stream"
    assert download.headers["Content-Disposition"] == f'attachment; filename="{ref}"'
    monitor = another(app, "monitor", Role.MONITOR)
    assert monitor.get(f"/intake/items/{ref}/original").data == b"<script>x</script>"
    # Whoever takes it stands in its history.
    assert staff.get(f"/intake/items/{ref}/history").text.count("downloaded the original") == 2

    wrong = post(
        staff,
        f"/intake/items/{ref}/text",
        page=f"/intake/items/{ref}/",
        text=ANOTHER,
        url="no address",
    )
    assert wrong.status_code == 422
    assert "Camera broken" in wrong.text
    assert 'id="url-error"' in wrong.text
    answer = post(staff, f"/intake/items/{ref}/text", page=f"/intake/items/{ref}/", text=ANOTHER)
    assert answer.status_code == 303
    (item,) = stored(app)
    assert item.article is not None
    assert answer.location == f"/intake/{item.article.ref}/"
    original = staff.get(f"/articles/{item.article.ref}/original")
    assert original.data == b"<script>x</script>"
    assert staff.get(f"/intake/items/{ref}/original").status_code == 404
    assert "Paste the text" not in staff.get(f"/intake/items/{ref}/").text


def test_a_text_that_is_known_is_given_only_as_another_source(app: Flask, staff: FlaskClient):
    _ref, article = put(app)
    ref = put_unread(app)
    at = {"address": f"/intake/items/{ref}/text", "page": f"/intake/items/{ref}/"}
    assert 'name="keep"' not in staff.get(at["page"]).text
    answer = post(staff, **at, text=REPORT)
    assert answer.status_code == 422
    assert "Known already" in answer.text
    assert f'href="/articles/{article}/"' in answer.text
    assert "tick the box below and send it again." in answer.text
    assert 'name="keep"' in answer.text
    assert "eleven letters" in answer.text
    assert post(staff, **at, text=REPORT, keep="y").status_code == 303
    assert [one.article is None for one in stored(app)] == [False, False]


def test_a_text_is_read_while_nobody_waits_and_never_over_what_others_saved(
    app: Flask, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    ref = put_unread(app)
    another(app, "second")
    open_ones: list[bool] = []

    def slowly(text: str) -> Any:
        open_ones.append(db.session().in_transaction())
        if len(open_ones) == 1:
            with as_user(app, "second") as colleague:
                inbox_service.assign_item(
                    db.session.scalars(select(IntakeItem)).one(), by=colleague
                )
                db.session.commit()
        return read_pasted_text_in_child(text)

    monkeypatch.setattr(views, "read_pasted_text_in_child", slowly)
    page = f"/intake/items/{ref}/"
    late = post(staff, page + "text", page=page, text=ANOTHER)
    assert late.status_code == 409
    assert [one.article for one in stored(app)] == [None]
    assert post(staff, page + "text", page=page, text=ANOTHER).status_code == 303
    assert open_ones == [False, False]


def test_the_inbox_counts_records_and_loads_none(app: Flask, staff: FlaskClient):
    with as_user(app) as user:
        earlier = make_article("Letters", by=user, text=REPORT)
        make_citing(earlier, "1", "2", by=user, title="Visit by two men")
        make_citing(earlier, "3", by=user, title="Another visit")
        db.session.commit()
    ref, _article = put(app, text=REPORT + ADDED)
    with app.app_context(), counted() as sent:
        page = staff.get("/intake/").text
    assert "2 records cite it" in entry(page, ref)
    assert not [one for one in sent if "incidents.title" in one]


@pytest.mark.parametrize("act", ["assign", "unassign", "reopen", "close", "text"])
def test_whoever_sees_a_thing_and_may_not_change_it_moves_nothing(
    app: Flask, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch, act: str
):
    """Today whoever sees an inbox and may log may change it: the pages do not rely on that."""
    ref = put_unread(app)
    page = staff.get(f"/intake/items/{ref}/").text
    given = {**hidden_in(page), "ending": "out_of_scope", "reason": "sport", "text": ANOTHER}
    monkeypatch.setattr("tracker.web.guards.can_edit", lambda *_given: False)
    answer = staff.post(f"/intake/items/{ref}/{act}", data=given)
    assert answer.status_code == 403
    (item,) = stored(app)
    assert (item.state, item.version, item.article) == (InboxState.UNREADABLE, 1, None)


def test_the_records_of_an_article_let_it_end_as_logged(app: Flask, staff: FlaskClient):
    ref, article_ref = put(app)
    with as_user(app) as user:
        article = db.session.scalars(select(Article).where(Article.ref == article_ref)).one()
        make_citing(article, "1", by=user, title="Threats", visibility=Visibility.RESTRICTED)
        db.session.commit()
    page = press(staff, ref, "close", ending="logged")
    assert "Logged" in page
    assert "Threats" in page


def test_the_page_of_an_article_says_how_far_it_is(app: Flask, staff: FlaskClient):
    ref, article_ref = put(app)
    with as_user(app) as user:
        item = db.session.scalars(select(IntakeItem)).one()
        inbox_service.assign_item(item, by=user)
        db.session.commit()
    page = staff.get(f"/articles/{article_ref}/").text
    assert '<h2 id="inbox-heading">Inbox</h2>' in page
    assert "assigned to staff" in page
    assert f'href="/intake/{article_ref}/"' in page
    other = post(staff, "/articles/new", text=ANOTHER, visibility="internal")
    assert "inbox-heading" not in staff.get(other.location).text
    assert ref in page
