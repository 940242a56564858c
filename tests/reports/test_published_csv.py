"""The public file: what is published, read by the one connection that can read nothing else."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select

from tests.factories import as_user, make_incident, sign_in_directly
from tests.reports.pressing import press
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.incidents.publication_service import publish
from tracker.incidents.service import write_public_summary
from tracker.permissions import Role
from tracker.reports.flat_queries import PUBLIC_EXPORT_COLUMNS
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.service import retract_record

HEADER = [
    "ref", "revision", "status", "retract_reason", "title", "summary_en", "summary_ru", "summary_kk",
    "sources", "targets", "n_journalists", "primary_type", "types", "occurred_edtf",
    "reported_month", "country", "region", "verification", "published_at",
]  # fmt: skip
SECRET = "told in confidence"


@pytest.fixture
def three(app: Flask) -> dict[str, str]:
    """Return the refs of three published incidents by what became of them, beside a draft."""
    refs = {}
    with as_user(app) as staff:
        made = {
            name: make_incident(title=title, narrative=SECRET, by=staff)
            for name, title in (("kept", "=Letters"), ("changed", "Calls"), ("gone", "Visits"))
        }
        make_incident(title="A draft", by=staff)
        for name, one in made.items():
            write_public_summary(one, {"public_summary_en": f"Summary of {name}"}, by=staff)
            one.state = EditorialState.APPROVED
            refs[name] = one.ref
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        for ref in refs.values():
            publish(stored(ref), by=monitor)
        retract_record(
            stored(refs["gone"]), reason=RetractReason.DID_NOT_HAPPEN, note="", by=monitor
        )
        db.session.commit()
    with as_user(app) as staff:
        write_public_summary(
            stored(refs["changed"]), {"public_summary_en": "Not yet approved"}, by=staff
        )
        db.session.commit()
    return refs


def stored(ref: str) -> Incident:
    return db.session.scalars(select(Incident).where(Incident.ref == ref)).one()


def read(content: bytes) -> dict[str, dict[str, str]]:
    assert content.startswith("\ufeff".encode())
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert lines[0] == HEADER == list(PUBLIC_EXPORT_COLUMNS)
    return {line[0]: dict(zip(HEADER, line, strict=True)) for line in lines[1:]}


def test_the_file_holds_what_was_approved_and_says_what_became_of_it(
    app: Flask, client: FlaskClient, three: dict[str, str]
):
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    answer = client.get("/reports/published.csv")
    assert answer.status_code == 200
    assert "published-" in answer.headers["Content-Disposition"]
    rows = read(answer.data)
    assert set(rows) == set(three.values())
    kept, changed, gone = (rows[three[name]] for name in ("kept", "changed", "gone"))
    assert (kept["status"], kept["title"], kept["summary_en"]) == (
        "published", "'=Letters", "Summary of kept"
    )  # fmt: skip
    assert (changed["status"], changed["summary_en"]) == ("under_revision", "Summary of changed")
    assert (gone["status"], gone["retract_reason"]) == ("retracted", "did_not_happen")
    assert gone["title"] == gone["summary_en"] == gone["sources"] == gone["targets"] == ""
    assert SECRET not in answer.text
    assert kept["published_at"].endswith("Z")
    with as_user(app):
        last = select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)
        event = db.session.scalars(last).one()
        assert (event.actor, event.action) == ("taker", "export:published")


def test_whoever_chooses_the_public_file_of_a_filter_gets_all_of_it_and_is_told(
    app: Flask, client: FlaskClient
):
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    chosen = {"profile": "public", "format": "xlsx", "labels": "kk"}
    answer = press(client, "/reports/?country=KZ&type=threat.death", "Download", **chosen)
    assert answer.status_code == 200
    assert "The public file is always complete, so the filter was removed." in answer.text
    for value in chosen.values():
        assert f'<option value="{value}" selected' in answer.text
    [link] = re.findall('href="([^"]*)">Download the whole public file', answer.text)
    assert link == "/reports/incidents.xlsx?profile=public&amp;labels=kk&amp;format=xlsx"
    assert client.get(unescape(link)).status_code == 200


def test_the_command_writes_the_same_file(
    app: Flask, runner: FlaskCliRunner, client: FlaskClient, three: dict[str, str]
):
    result = runner.invoke(args=["reports", "export", "--profile", "public"])
    assert result.exit_code == 0, result.output
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    assert result.stdout_bytes == client.get("/reports/published.csv").data
    refused = runner.invoke(args=["reports", "export", "--profile", "public", "country=KZ"])
    assert refused.exit_code == 1


def test_who_may_not_export_does_not_take_it(app: Flask, client: FlaskClient):
    with as_user(app, "admin", Role.ADMIN):
        pass
    sign_in_directly(client, "admin")
    assert client.get("/reports/published.csv").status_code == 403


def test_an_unknown_filter_is_refused(app: Flask, client: FlaskClient):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    assert client.get("/reports/published.csv?country=KZ").status_code == 400


def test_the_page_of_reports_leads_to_it(app: Flask, client: FlaskClient):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    assert "/reports/published.csv" in client.get("/reports/").text
