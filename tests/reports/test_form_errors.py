"""A wrong value in a form of a page is told at its field, with everything chosen kept."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from tests.cases.records_made import make_case
from tests.factories import as_user, sign_in_directly
from tests.reports.pressing import press
from tracker.db import db
from tracker.permissions import Role
from tracker.reports.models import ExportRun

TOO_LONG = "x" * 121


@pytest.fixture
def taker(app: Flask, client: FlaskClient) -> FlaskClient:
    """Sign in as somebody with every role."""
    with as_user(app, "taker", *Role):
        pass
    sign_in_directly(client, "taker")
    return client


def told_at(answer: TestResponse, field: str) -> str:
    """Return the value of a field that is marked as wrong and described by its error."""
    assert answer.status_code == 400
    root = html.fromstring(answer.text)
    [control] = root.xpath(f'//*[@name="{field}" and not(@type="hidden")]')
    assert control.get("aria-invalid") == "true"
    assert f"{field}-error" in control.get("aria-describedby").split()
    [error] = root.xpath(f'//*[@id="{field}-error"]')
    assert error.text_content().strip()
    return str(control.value)


@pytest.mark.parametrize(
    ("address", "field", "typed"),
    [
        ("/reports/monthly?month=soon&country=KZ&shared=yes", "month", "soon"),
        ("/reports/monthly?month=2025-08/2025-06&country=KZ&shared=yes", "month", "2025-08/2025-06"),
        ("/audit-log/?actor=" + TOO_LONG + "&subject=KZ", "actor", TOO_LONG),
        ("/reports/export-log?holds=anna", "holds", "anna"),
        ("/reports/package?profile=partner&country=KZ&recipient=" + TOO_LONG, "recipient", TOO_LONG),
        ("/reports/package?recipient=A+network", "recipient", "A network"),
        ("/reports/?column=ref&column=title&number.ref=7&number.title=7&labels=kk", "number.title", "7"),
        ("/reports/?column=ref&number.ref=first&labels=kk&download=yes", "number.ref", "first"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_at_its_field(taker, address, field, typed):
    answer = taker.get(address)
    assert told_at(answer, field) == typed
    if "country=KZ" in address:
        assert 'value="KZ" selected' in answer.text or 'name="country" value="KZ"' in answer.text
    if "shared=yes" in address:
        assert 'name="shared" value="yes" checked' in answer.text
    if "labels=kk" in address:
        assert 'value="kk" selected' in answer.text
        assert 'value="ref" checked' in answer.text
    if "subject" in address:
        assert html.fromstring(answer.text).xpath('//input[@name="subject"]')[0].value == "KZ"


def test_a_wrong_filter_of_the_list_leads_to_no_file_without_it(app, taker):
    wrong = "from=2025-03-04&to=2025-03-03&country=KZ"
    page = taker.get(f"/incidents/?{wrong}").text
    for link in ("These incidents as CSV", "Excel or another file", "Charts of these incidents"):
        assert link not in page
        assert link in taker.get("/incidents/?from=2025-03-04").text
    # The page of files has no field for it, and sends it again.
    answer = press(taker, f"/reports/?{wrong}", "Download")
    assert answer.status_code == 400
    assert "<strong>To</strong>: The end lies before the beginning." in answer.text
    with app.app_context():
        assert db.session.scalars(sa.select(ExportRun)).all() == []
    whole = html.fromstring(answer.text).xpath("//a[text()='Continue without it']/@href")[0]
    assert taker.get(whole, follow_redirects=True).status_code == 200


def test_no_other_month_is_shown_below_a_wrong_one(taker):
    page = html.fromstring(taker.get("/reports/monthly?month=soon").text)
    assert [one.text for one in page.iter("h1")] == ["Monthly report"]
    assert list(page.iter("h2")) == []
    assert not [
        one for one in page.xpath("//main//a/@href") if "monthly" in one and "x" in one[-4:]
    ]


@pytest.mark.parametrize("button", ["Download ZIP", "Download Excel (a sheet each table)"])
def test_a_package_is_not_downloaded_with_a_wrong_recipient(app, taker, button):
    answer = press(taker, "/reports/package", button, recipient="A network")
    assert told_at(answer, "recipient") == "A network"
    assert "An internal package has no recipient." in answer.text
    assert 'href="/reports/package?profile=internal' in answer.text, "no link downloads"
    with app.app_context():
        assert db.session.scalars(sa.select(ExportRun)).all() == []


@pytest.mark.parametrize("button", ["Download ZIP", "The page to print"])
def test_a_dossier_is_not_downloaded_with_a_wrong_recipient(app, taker, button):
    with as_user(app) as staff:
        ref = make_case("Letters", by=staff).ref
        db.session.commit()
    page = f"/reports/dossier/{ref}"
    answer = press(taker, page, button, recipient="A network", language="kk", profile="internal")
    assert told_at(answer, "recipient") == "A network"
    assert 'value="kk" lang="kk" selected' in answer.text
    assert f'href="{page}?profile=internal' in answer.text, "no link downloads"
    with app.app_context():
        assert db.session.scalars(sa.select(ExportRun)).all() == []


def test_a_package_says_for_whom_its_figures_are_and_that_its_recipient_is_optional(taker):
    for asked, words in (("", "Internal"), ("?profile=partner", "Partner")):
        page = html.fromstring(taker.get(f"/reports/package{asked}").text)
        headings = [one.text for one in page.iter("h2")]
        assert headings[:2] == [f"What is in it: {words}", f"Left out: {words}"]
        assert page.get_element_by_id("recipient-hint").text.startswith("Optional, for others only")


def test_an_unknown_parameter_of_a_form_is_named(taker):
    for page in ("/reports/monthly", "/audit-log/", "/reports/export-log", "/reports/package"):
        answer = taker.get(f"{page}?colour=red")
        assert answer.status_code == 400
        assert "<code>colour=red</code>" in answer.text
        assert "<form" in answer.text.partition("<main")[2]
