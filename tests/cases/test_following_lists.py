"""Whoever follows a list of incidents reads on the overview what others record in it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select

from tests.cases.records_made import make_incident
from tests.cases.test_following import mark_read, monitor, news, section, stranger
from tests.factories import as_user, make_journalist, post, sign_in_directly
from tracker.cases.news_queries import followed_news
from tracker.db import db
from tracker.permissions import Visibility
from tracker.users.models import FollowedFilter

__all__ = ["monitor", "stranger"]
LIST = "/incidents/?type=threat.death&country=KZ"
FOLLOW = "/following/incidents?type=threat.death&country=KZ"


def record(app: Flask, title: str, *, country: str = "KZ", name: str = "staff") -> None:
    with as_user(app, name) as by:
        make_incident(title, by=by).country = country
        db.session.commit()


def followed(app: Flask) -> list[str]:
    with as_user(app):
        return list(db.session.scalars(select(FollowedFilter.query)))


def test_what_others_record_in_a_list_is_on_the_overview_until_it_is_read(
    app: Flask, monitor: FlaskClient
) -> None:
    record(app, "An old call")
    assert "Follow this list" in monitor.get(LIST).text
    answer = post(monitor, FOLLOW, page=LIST)
    assert answer.headers["Location"] == LIST
    assert "Unfollow this list" in monitor.get(LIST).text
    assert news(monitor) == {}

    record(app, "A call")
    record(app, "A call elsewhere", country="RU")
    record(app, "A call of ones own", name="monitor")

    [(title, (mark, lists))] = news(monitor).items()
    assert (title, mark) == ("A call", "new")
    assert len(lists) == 1
    assert f'href="{LIST.replace("&", "&amp;")}"' in section(monitor)
    with as_user(app, "monitor") as by:
        assert followed_news(by=by, limit=0).until is not None
    mark_read(monitor)
    assert news(monitor) == {}
    assert "What you follow (1)<" in section(monitor)


def views(page: str) -> dict[str, tuple[str, bool]]:
    """Return the saved views by name: where each leads, and whether it is the one in use."""
    menus = html.fromstring(page).xpath("//details[summary[starts-with(., 'Saved views')]]")
    return {
        one.text_content(): (one.get("href"), one.get("aria-current") == "page")
        for menu in menus
        for one in menu.xpath(".//a")
    }


def test_the_lists_that_somebody_follows_are_offered_above_each_as_saved_views(
    app: Flask, monitor: FlaskClient
) -> None:
    record(app, "A call")
    assert views(monitor.get("/incidents/").text) == {}
    other = "/incidents/?country=UZ&state=retracted"
    post(monitor, other.replace("/incidents/", "/following/incidents"), page=other)
    post(monitor, FOLLOW, page=LIST)

    names = "Threat.death, Kazakhstan", "Uzbekistan, status: Retracted"
    both = dict(zip(names, (LIST, other), strict=True))
    plain = views(monitor.get("/incidents/").text)
    assert list(plain.items()) == [(one, (both[one], False)) for one in names]
    # Also where the parameters stand in another order, and on a further page.
    in_use = views(monitor.get("/incidents/?country=KZ&type=threat.death&sort=date").text)
    assert in_use == {names[0]: (LIST, True), names[1]: (other, False)}

    charts = views(monitor.get("/charts?country=UZ&state=retracted").text)
    assert charts[names[1]] == ("/charts?country=UZ&state=retracted", True)
    assert views(monitor.get("/cases/").text) == {}

    post(monitor, "/following/incidents/remove?type=threat.death&country=KZ", page=LIST)
    assert list(views(monitor.get(LIST).text)) == [names[1]]


def test_saved_views_are_called_in_the_language_of_the_page_and_are_nobody_elses(
    app: Flask, monitor: FlaskClient, client: FlaskClient
) -> None:
    record(app, "A call")
    post(monitor, "/following/incidents?type=threat.&country=KZ", page=LIST)
    monitor.get("/language/ru")
    page = html.fromstring(monitor.get("/incidents/").text)
    menu = page.xpath("//details[summary[starts-with(., 'Сохранённые')]]//a/text()")
    assert menu == ["Угрозы, Казахстан"]

    monitor.get("/language/en")
    assert list(views(monitor.get(LIST).text)) == ["Threats, Kazakhstan"]
    sign_in_directly(client, "staff")
    page = client.get(LIST).text
    assert "Follow this list" in page
    assert views(page) == {}


def test_a_list_can_be_unfollowed(app: Flask, monitor: FlaskClient) -> None:
    record(app, "A call")
    for _time in range(2):
        post(monitor, FOLLOW, page=LIST)
    assert followed(app) == ["country=KZ&type=threat.death"]

    post(monitor, "/following/incidents/remove?type=threat.death&country=KZ", page=LIST)

    assert followed(app) == []
    assert "Follow this list" in monitor.get(LIST).text


def test_what_is_hidden_is_no_news_of_a_list(app: Flask, stranger: FlaskClient) -> None:
    record(app, "Shown")
    post(stranger, FOLLOW, page=LIST)
    with as_user(app) as by:
        make_incident("Hidden", by=by, visibility=Visibility.RESTRICTED)
        make_incident("Shown later", by=by)
        db.session.commit()

    assert list(news(stranger)) == ["Shown later"]


def test_the_list_of_somebody_who_is_hidden_by_now_is_left_out(
    app: Flask, stranger: FlaskClient
) -> None:
    with as_user(app) as by:
        journalist = make_journalist("Asem Doe", by=by)
        make_incident("A call", by=by, journalist=journalist)
        db.session.commit()
        ref = journalist.ref
    post(stranger, f"/following/incidents?journalist={ref}", page=f"/incidents/?journalist={ref}")
    assert "Asem Doe" in section(stranger)
    assert list(views(stranger.get("/incidents/").text)) == ["against Asem Doe"]
    with as_user(app) as by:
        db.session.add(hidden := db.session.merge(journalist))
        hidden.visibility = Visibility.RESTRICTED
        db.session.commit()

    text = stranger.get("/").text

    assert "Asem Doe" not in stranger.get("/incidents/").text
    assert views(stranger.get("/incidents/").text) == {}
    assert "Asem Doe" not in text
    assert "What changed in what you follow" not in text


@pytest.mark.parametrize("asked", ["", "?q=call", "?country=KZ&q=call", "?record=INC-0000000000"])
def test_lists_of_all_of_a_search_or_of_chosen_records_cannot_be_followed(
    app: Flask, monitor: FlaskClient, asked: str
) -> None:
    assert "Follow this list" not in monitor.get(f"/incidents/{asked}").text
    answer = post(monitor, f"/following/incidents{asked}", page="/account/")
    assert answer.status_code == 404
    assert followed(app) == []


def test_a_filter_that_is_none_is_refused(monitor: FlaskClient) -> None:
    answer = post(monitor, "/following/incidents?country=nowhere", page="/account/")

    assert answer.status_code == 400
