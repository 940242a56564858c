"""Figures are counted once until something changes, for viewers who see the same records."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.cases.records_made import make_account, make_incident
from tests.factories import as_user, sign_in_directly
from tests.statements import collected
from tests.timelines.overview_read import words
from tracker import clock
from tracker.audit.queries import cache_slot, cached_until_change
from tracker.db import db, set_read_only
from tracker.permissions import Visibility
from tracker.review.codes import EditorialState
from tracker.scoping import Viewer, set_viewer, viewing_everything

PAGES = ["/", "/charts", "/fake-accounts/register", "/reports/monthly"]


def incidents_this_year(client) -> int:
    found = re.search(r"(\d+) incidents? this year", words(client.get("/").text))
    assert found, "the page has no number of incidents"
    return int(found[1])


def accounts_in_register(client) -> int:
    found = re.search(r"Accounts (\d+)", words(client.get("/fake-accounts/register").text))
    return int(found[1]) if found else 0


def statements_of(app, client, address) -> int:
    with app.app_context(), collected() as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def save_incident(app, name="staff", *, team="Desk", visibility=Visibility.INTERNAL) -> None:
    with as_user(app, name, team=team) as by:
        make_incident(
            f"Call to {name}", by=by, visibility=visibility, state=EditorialState.APPROVED
        )
        db.session.commit()


@pytest.fixture
def reader(app):
    save_incident(app)
    client = app.test_client()
    sign_in_directly(client, "staff")
    return client


@pytest.mark.parametrize("address", PAGES)
def test_a_page_seen_again_counts_nothing_anew(app, reader, address):
    first = statements_of(app, reader, address)

    assert statements_of(app, reader, address) < first


def test_what_is_saved_counts_at_once(app, reader):
    assert (incidents_this_year(reader), accounts_in_register(reader)) == (1, 0)

    save_incident(app)
    with as_user(app) as by:
        make_account("Somebody else", by=by)
        db.session.commit()

    assert (incidents_this_year(reader), accounts_in_register(reader)) == (2, 1)


def test_nobody_reads_what_was_counted_for_another_team(app, reader):
    save_incident(app, "other", team="Other desk", visibility=Visibility.RESTRICTED)
    other = app.test_client()
    sign_in_directly(other, "other")

    # Nothing is saved between these views.
    assert [incidents_this_year(one) for one in (other, reader, other)] == [2, 1, 2]


def test_figures_of_one_filter_and_language_are_not_shown_for_another(app, reader):
    with as_user(app) as by:
        make_account("Somebody else", by=by)
        db.session.commit()

    assert accounts_in_register(reader) == 1
    assert "No fake account fits" in reader.get("/fake-accounts/register?fate=taken_down").text
    assert "Incidents by month" in reader.get("/charts").text
    reader.get("/language/ru")
    assert "Incidents by month" not in reader.get("/charts").text


def test_a_new_day_counts_anew(app, reader, monkeypatch):
    address = "/charts"
    first = statements_of(app, reader, address)
    assert statements_of(app, reader, address) < first

    tomorrow = clock.current_date() + timedelta(days=1)
    monkeypatch.setattr(clock, "current_date", lambda: tomorrow)

    assert statements_of(app, reader, address) == first


def test_a_session_that_sees_all_rows_or_writes_leaves_nothing_for_others(app, reader):
    with app.app_context():
        set_viewer(Viewer((1,)))
        set_read_only()
        with viewing_everything("a test"):
            assert cached_until_change("number", lambda: 1) == 1
        assert cached_until_change("number", lambda: 2) == 2
        assert cached_until_change("number", lambda: 3) == 2
        set_read_only(read_only=False)
        assert cached_until_change("number", lambda: 4) == 4


def test_a_page_holds_one_result_however_often_it_changed(app, reader):
    for _time in range(3):
        save_incident(app)
        reader.get("/charts")

    assert cache_slot.cache_info().currsize == 1
