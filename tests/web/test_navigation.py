"""The header by role: one menu, no list or report lost from it; and the breadcrumb of records."""

from __future__ import annotations

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from lxml import html

from tests.factories import as_user, make_article, make_incident, sign_in_directly
from tracker.db import db
from tracker.permissions import PERMISSIONS_OF_ROLE, Permission, Role
from tracker.reports.formats import CONTENT_TYPES
from tracker.review.codes import EditorialState
from tracker.web.guards import PUBLIC_ENDPOINTS

# Pages without a record in their address that something else leads to: a button, a file, a step.
LINKED_ELSEWHERE = {
    "timelines.overview", "users.second_factor", "following.edit_mail", "users.confirm", "users.sign_in_code", "cases.file",
    "everywhere.index", "users.new_password", "help.roles", "help.terms", "help.tour", "reports.publish_month",
    "reports.write_month", "articles.new",
}  # fmt: skip
FILES = tuple(f".{suffix}" for suffix in CONTENT_TYPES)


def header_of(client: FlaskClient, address: str = "/") -> html.HtmlElement:
    [found] = html.fromstring(client.get(address).text).xpath('//header[@class="top"]')
    return found


def links_in(header: html.HtmlElement) -> set[str]:
    return {one.get("href") for one in header.iter("a")} - {"/"}


def pages_for(app: Flask, role: Role) -> set[str]:
    """Return the address of each page that stands below no record and is open to the role."""
    found = set()
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            needed = getattr(app.view_functions[rule.endpoint], "requires", None)
            if (
                "GET" in (rule.methods or ())
                and not rule.arguments
                and rule.endpoint not in PUBLIC_ENDPOINTS | LINKED_ELSEWHERE
                and not rule.rule.endswith(FILES)
                and needed in PERMISSIONS_OF_ROLE[role]
            ):
                found.add(url_for(rule.endpoint))
    return found


@pytest.fixture
def browser(app: Flask, client: FlaskClient, request: pytest.FixtureRequest) -> FlaskClient:
    with as_user(app, "somebody", request.param):
        pass
    sign_in_directly(client, "somebody")
    return client


EACH_ROLE = pytest.mark.parametrize(
    ("browser", "role"), [(role, role) for role in Role], indirect=["browser"]
)


@pytest.mark.parametrize("browser", [Role.STAFF], indirect=True)
def test_articles_come_in_by_one_page_of_one_name(browser: FlaskClient) -> None:
    for address in ("/", "/articles/", "/incidents/new", "/intake/", "/help/roles", "/help/tour"):
        links = list(html.fromstring(browser.get(address).text).iter("a"))
        names = {one.text_content().strip() for one in links if one.get("href") == "/intake/new"}
        assert names == {"Import articles"}, address
        assert "/articles/new" not in {one.get("href") for one in links}, address
    assert 'href="/articles/new"' in browser.get("/intake/new").text


@EACH_ROLE
def test_the_header_leads_to_every_list_and_report_of_the_role(
    app: Flask, browser: FlaskClient, role: Role
) -> None:
    links = {
        one.partition("?")[0]
        for one in links_in(header_of(browser))
        if not one.startswith("/language/")
    }
    expected = pages_for(app, role)
    if Permission.LOG not in PERMISSIONS_OF_ROLE[role]:
        expected -= {"/intake/"}
    if role is not Role.ADMIN:
        expected -= {"/style"}
    assert links == expected
    for address in links:
        assert browser.get(address).status_code in {200, 303}, address


@EACH_ROLE
def test_the_header_is_one_menu_of_details_with_no_script(browser: FlaskClient, role: Role) -> None:
    header = header_of(browser)
    assert len(header.xpath(".//nav")) == 1
    [narrow] = header.xpath('.//details[@class="menu"]')
    assert narrow.getnext().get("class") == "panel"
    others = [one for one in header.iter("details") if one is not narrow]
    # Browsers close the others of the same name.
    assert {one.get("name") for one in others} == {"menu"}
    assert not [one for one in others if one.get("open") is not None]
    assert [one.get("action") for one in header.iter("form")] == [
        "/search", "/sign-out", "/leave",
    ]  # fmt: skip
    assert bool(header.xpath('.//*[contains(@class, "add")]')) == (role in {Role.STAFF, Role.ADMIN})


@pytest.mark.parametrize("browser", [Role.STAFF], indirect=True)
def test_the_page_and_the_section_are_marked(browser: FlaskClient) -> None:
    header = header_of(browser, "/outlets/")
    assert header.xpath('string(.//a[@aria-current="page"])') == "Outlets"
    assert header.xpath('string(.//details[contains(@class, "here")]/summary)') == "People"
    header = header_of(browser, "/cases/new")
    assert header.xpath('string(.//nav//a[@aria-current="true"])') == "Cases"
    assert not header_of(browser, "/nowhere").xpath('.//nav//*[@aria-current or @class="here"]')


@pytest.mark.parametrize("browser", [Role.ADMIN], indirect=True)
def test_the_own_account_is_in_no_menu(browser: FlaskClient) -> None:
    marked = './/nav//*[@aria-current or contains(@class, "here")]'
    assert header_of(browser, "/users/").xpath(marked)
    assert not header_of(browser, "/account/").xpath(marked)
    assert not header_of(browser, "/account/second-factor").xpath(marked)


@pytest.mark.parametrize("browser", [Role.STAFF], indirect=True)
def test_the_search_asks_everywhere(browser: FlaskClient) -> None:
    [form] = header_of(browser).xpath('.//form[@role="search"]')
    [field] = form.xpath(".//input")
    assert (form.get("action"), form.get("method"), field.get("name")) == ("/search", "get", "q")
    assert field.get("aria-label") == "Search everywhere"


def test_whoever_reviews_sees_how_many_wait_and_nobody_else_does(
    app: Flask, client: FlaskClient
) -> None:
    with as_user(app, "monitor", Role.MONITOR):
        pass
    sign_in_directly(client, "monitor")
    assert not header_of(client).xpath('.//span[@class="count"]')
    with as_user(app, "staff") as user:
        made = make_incident(article=make_article(by=user), by=user)
        made.state = EditorialState.IN_REVIEW
        db.session.commit()
    sign_in_directly(client, "staff")
    assert not header_of(client).xpath('.//span[@class="count"]')
    sign_in_directly(client, "monitor")
    assert header_of(client).xpath('string(.//span[@class="count"])') == "1"


def test_the_header_counts_no_further_than_99(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_user(app, "monitor", Role.MONITOR):
        pass
    sign_in_directly(client, "monitor")
    monkeypatch.setattr("tracker.review.views.queries.count_records_in_review", lambda: 100)
    assert header_of(client).xpath('string(.//span[@class="count"])') == "99+"


def test_a_record_says_where_it_stands(app: Flask, client: FlaskClient) -> None:
    with as_user(app) as user:
        ref = make_incident(article=make_article(by=user), by=user).ref
        db.session.commit()
    sign_in_directly(client, "staff")
    assert crumbs_of(client, f"/incidents/{ref}/") == [("Incidents", "/incidents/"), (ref, None)]
    way = [("Incidents", "/incidents/"), (ref, f"/incidents/{ref}/")]
    for page in ("edit", "history", "timeline"):
        assert crumbs_of(client, f"/incidents/{ref}/{page}") == way
    assert crumbs_of(client, "/incidents/new") == way[:1]
    assert crumbs_of(client, "/incidents/") == []
    assert crumbs_of(client, "/incidents/INC-0000000000/") == []


def crumbs_of(client: FlaskClient, address: str) -> list[tuple[str, str | None]]:
    page = html.fromstring(client.get(address).text)
    return [(one.text, one.get("href")) for one in page.xpath('//nav[@class="crumbs"]/*')]
