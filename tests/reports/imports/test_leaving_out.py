"""Rows that somebody takes for others: ticked, left out of what is made, and to be had as a file."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import as_user, sign_in_directly
from tests.reports.imports.conftest import kept, plan_of
from tests.reports.imports.test_pages import checked_page, form_of, words_of
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.permissions import Role
from tracker.reports.imports import service
from tracker.reports.imports.models import ImportBatch, ImportMapping
from tracker.reports.models import ExportRun

pytestmark = pytest.mark.usefixtures("words")
HEAD = "date,country,city,journalist,type,description\n"
ROWS = (
    "2020-01-01,KZ,Almaty,Ann Lee,Assault,Pushed\n"
    "2020-02-01,KZ,Almaty,Bob Ray,Assault,Beaten\n"
    "2020-02-01,KZ,Almaty,Bob Ray,Assault,Beaten\n"
    "2020-03-01,KZ,Astana,Cay Dow,Assault,Held\n"
    "soon,KZ,Astana,Cay Dow,Assault,Held\n"
)


@pytest.fixture
def address(client: FlaskClient) -> str:
    """Return the address of a file that was checked, one of whose rows is on record by now."""
    sign_in_directly(client, "staff")
    first = checked_page(client, HEAD + "2020-01-01,KZ,Almaty,Ann Lee,Assault,Shoved\n", "old.csv")
    take(client, first)
    return checked_page(client, HEAD + ROWS, "new.csv", name="Theirs")


def check(client: FlaskClient, address: str, *left_out: str) -> str:
    """Check a file anew with these ticks; return its page."""
    sent = form_of(client.get(address).text) | {"left_out": list(left_out)}
    assert client.post(address + "check", data=sent).status_code == 303
    return client.get(address).text


def take(client: FlaskClient, address: str) -> None:
    """Import a file; the answer goes on until it is done."""
    assert "Done." in client.post(address + "run", data=form_of(client.get(address).text)).text


def ticked(page: str) -> set[str]:
    return {
        one.partition('value="')[2].partition('"')[0]
        for one in page.split("<input")
        if 'name="left_out"' in one and " checked" in one.partition(">")[0]
    }


def test_rows_that_are_ticked_become_nothing_and_stay_ticked(app: Flask, client, address: str):
    page = client.get(address).text
    assert "1 row has the dates, country and place of an existing incident" in words_of(page)
    assert "1 row is identical to a row above it" in words_of(page)
    assert ticked(page) == set()

    page = check(client, address, "2", "4", "wrong")

    shown = words_of(page)
    assert "2 rows are left out as duplicates" in shown
    assert "Row 4: 2020-02-01 · KZ · Almaty · Bob Ray · Assault · Beaten" in shown
    assert ticked(page) == {"2", "4", "wrong"}
    assert "2 rows become incidents." in shown
    # What is unticked is read again.
    assert "3 rows become incidents." in words_of(check(client, address, "2", "wrong"))
    check(client, address, "2", "4", "wrong")
    take(client, address)
    with as_user(app):
        told = set(db.session.scalars(select(Incident.narrative)))
        assert told == {"Shoved", "Beaten", "Held"}
        mapping = db.session.scalars(select(ImportMapping)).one().mapping
        assert (mapping["left_out"], mapping["the_same"]) == ([], [])


def test_all_that_look_the_same_are_left_out_by_one_tick(client, address: str, monkeypatch):
    with monkeypatch.context() as only:
        only.setattr(service, "MAX_SKIPPED_ROWS", 1)
        sent = form_of(client.get(address).text) | {"left_out": ["alike", "repeated"]}
        refused = client.post(address + "check", data=sent)
    assert (refused.status_code, "At most 1 rows can be left out" in refused.text) == (422, True)

    page = check(client, address, "alike", "repeated", "wrong")

    assert ticked(page) == {"2", "4", "wrong"}
    assert "2 rows become incidents." in words_of(page)


def test_a_row_that_no_list_holds_cannot_be_ticked(client, address: str):
    for row in ("5", "999", "x"):
        sent = form_of(client.get(address).text) | {"left_out": row}
        assert client.post(address + "check", data=sent).status_code == 422


def test_what_became_nothing_is_to_be_had_as_a_file_of_its_own(app: Flask, client, address: str):
    check(client, address, "4", "wrong")
    take(client, address)
    with as_user(app, "exporter", Role.MONITOR, Role.EXPORTER):
        pass
    sign_in_directly(client, "exporter")
    page = client.get(address).text
    assert "rows.csv?fate=waiting" in page

    file = client.get(address + "rows.csv?fate=waiting").text

    rows = list(csv.reader(io.StringIO(file)))
    assert [row[:2] for row in rows[1:]] == [["4", "waiting"], ["6", "waiting"]]
    assert rows[2][3] == "soon"
    assert client.get(address + "rows.csv?fate=gone").status_code == 400
    assert client.get(address + "rows.csv?fates=made").status_code == 400
    with as_user(app):
        assert [one["rows"] for one in db.session.scalars(select(ExportRun.asked))] == ["waiting"]


def test_a_mapping_of_before_leaves_the_same_rows_out(app: Flask):
    with as_user(app) as staff:
        batch = kept(staff, HEAD + ROWS)
        plan = plan_of(batch, left_out=[6])
        batch.mapping = {name: one for name, one in plan.to_json().items() if name != "the_same"}
        db.session.commit()

        again = db.session.get(ImportBatch, batch.id)
        assert again is not None
        checked = service.check_file(again, plan_of(again))
        assert (checked.left_out, checked.the_same, len(checked.drafts)) == ((6,), (), 4)
