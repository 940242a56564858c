"""Closed names in files of others: their cells stay as they came, and that is said beforehand."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import as_user, make_incident, make_journalist, make_outlet, sign_in_directly
from tests.incidents.namings_made import deciding
from tests.incidents.test_naming import decide, inputs_of
from tests.reports.imports.conftest import taken
from tracker.db import db
from tracker.incidents.codes import TargetKind
from tracker.incidents.merging_service import merge_incidents
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.service import TargetFacts
from tracker.people.models import Journalist
from tracker.permissions import Role, Visibility
from tracker.reports.imports.models import ImportRow

pytestmark = pytest.mark.usefixtures("words")
SAID = "Imported files with a row about them"


def brought(app: Flask) -> str:
    """Import a file; return its address."""
    with as_user(app) as staff:
        address = f"/reports/imports/{taken(staff).ref}/"
        db.session.commit()
        return address


def naming_of(name: str) -> str:
    """Return where it is decided about a name, by the last incident against her."""
    rows = (
        sa.select(Incident.ref, IncidentTarget.id)
        .join(IncidentTarget, IncidentTarget.incident_id == Incident.id)
        .join(Journalist, IncidentTarget.journalist_id == Journalist.id)
        .where(Journalist.name == name)
        .order_by(Incident.id.desc())
    )
    ref, number = db.session.execute(rows).first() or ("", 0)
    return f"/incidents/{ref}/targets/{number}/naming"


def test_a_name_that_is_about_to_be_closed_stays_in_files_that_are_listed(
    app: Flask, client: FlaskClient
):
    file = brought(app)
    with as_user(app) as staff:
        ann = db.session.scalars(sa.select(Journalist).where(Journalist.name == "Ann Lee")).one()
        # From an incident that no file brought as well.
        against_her = [TargetFacts(journalist=ann)]
        make_incident(targets=against_her, visibility=Visibility.RESTRICTED, by=staff)
        db.session.flush()
        at = naming_of("Ann Lee")
        db.session.commit()
    sign_in_directly(client, "staff")

    page = decide(client, at).text

    assert SAID in page
    assert page.partition(SAID)[2].partition("</section>")[0].count(f'href="{file}"') == 1
    assert client.post(at, data=inputs_of(page)).status_code == 303
    with as_user(app, "exporter", Role.MONITOR, Role.EXPORTER):
        pass
    sign_in_directly(client, "exporter")
    assert "names that are closed elsewhere: only exporters of this file" in client.get(file).text
    assert "Ann Lee" in client.get(f"{file}rows.csv").text


def test_a_file_is_listed_whose_incident_was_merged_into_another(app: Flask, client: FlaskClient):
    file = brought(app)
    with deciding(app) as staff:
        bob = db.session.scalars(sa.select(Journalist).where(Journalist.name == "Bob Ray")).one()
        his = sa.select(IncidentTarget.incident_id).where(IncidentTarget.journalist_id == bob.id)
        paper = TargetFacts(kind=TargetKind.OUTLET, outlet=make_outlet(by=staff))
        kept = make_incident(targets=[paper], visibility=Visibility.RESTRICTED, by=staff)
        one = db.session.scalars(sa.select(Incident).where(Incident.id.in_(his))).one()
        merge_incidents(kept, one, by=staff)
        db.session.commit()
        at = naming_of("Bob Ray")
    sign_in_directly(client, "staff")

    assert f'href="{file}"' in decide(client, at).text.partition(SAID)[2]


def test_who_stands_in_no_file_is_said_to_stand_in_none(app: Flask, client: FlaskClient):
    brought(app)
    with as_user(app) as staff:
        alone = make_journalist("Dana Serik", by=staff)
        make_incident(targets=[TargetFacts(journalist=alone)], by=staff)
        db.session.commit()
        at = naming_of("Dana Serik")
    sign_in_directly(client, "staff")

    page = decide(client, at).text

    assert "Close the name" in page
    assert SAID not in page


def test_the_files_of_other_teams_are_not_listed(app: Flask, client: FlaskClient):
    brought(app)
    with as_user(app, "other", team="Elsewhere") as other:
        theirs = make_journalist("Dana Serik", by=other)
        db.session.flush()
        made = make_incident(targets=[TargetFacts(journalist=theirs)], by=other)
        number = made.id
        db.session.commit()
    with as_user(app):
        row = db.session.scalars(sa.select(ImportRow).order_by(ImportRow.number)).first()
        assert row is not None
        row.incident_id = number
        db.session.commit()
        at = naming_of("Dana Serik")
    sign_in_directly(client, "other")

    page = decide(client, at).text

    assert "Close the name" in page
    assert SAID not in page
