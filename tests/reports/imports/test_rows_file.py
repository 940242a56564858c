"""The rows of a file as a file: of one moment, exactly as they came, and told in the export log."""

from __future__ import annotations

import csv
import io

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import NoResultFound

from tests.factories import as_user, sign_in_directly
from tests.reports.imports.conftest import LIST, kept, taken
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.permissions import Role
from tracker.reports.export_log_service import ExportLogger
from tracker.reports.imports import queries
from tracker.reports.imports.models import ImportBatch, ImportRow
from tracker.reports.imports.service import RowsRequest, remove_file, stream_rows
from tracker.reports.models import ExportedRow, ExportRun
from tracker.scoping import Viewer

pytestmark = pytest.mark.usefixtures("words")
EXPORT_LOG = "/reports/export-log"
# Its fifth row has the number of its first.
TWICE = LIST + '1,"April 30, 2018",Kazakhstan,Almaty,"Ann Lee, Bob Ray",Morning Paper,Assault,,,\n'


def read(file: bytes | str) -> list[list[str]]:
    text = file.decode() if isinstance(file, bytes) else file
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.fixture
def exporter(app: Flask, client: FlaskClient) -> FlaskClient:
    """Sign in somebody of the team who may take files."""
    with as_user(app, "exporter", Role.MONITOR, Role.EXPORTER):
        pass
    sign_in_directly(client, "exporter")
    return client


def brought(app: Flask, text: str = LIST, name: str = "list.csv") -> tuple[str, list[str]]:
    """Import a file; return the address of its rows, and the refs of the incidents made of them."""
    with as_user(app) as staff:
        address = f"/reports/imports/{taken(staff, text, name).ref}/rows.csv"
        db.session.commit()
        return address, list(db.session.scalars(sa.select(Incident.ref).order_by(Incident.id)))


def test_each_cell_is_found_again_exactly_as_it_came(app: Flask, exporter: FlaskClient):
    address, refs = brought(app)

    rows = read(exporter.get(address).data)

    assert [row[3:] for row in rows] == read(LIST)
    assert [row[2] for row in rows[1:]] == refs


def test_half_a_character_of_an_earlier_version_leaves_as_it_came(
    app: Flask, exporter: FlaskClient
):
    row = '{"date": "2020", "country": "KZ", "type": "Assault", "note": "here"}'
    address, refs = brought(app, f"[{row}]", "list.json")
    with as_user(app):
        cells = ["2020", "KZ", "Assault", "\ud800"]
        db.session.execute(sa.update(ImportRow).values(cells=cells))
        db.session.commit()

    [_header, line] = exporter.get(address).data.splitlines()

    assert line == f"2,made,{refs[0]},2020,KZ,Assault,\ud800".encode("utf-8", "surrogatepass")


def test_rows_that_are_removed_while_they_leave_are_all_there(
    app: Flask, exporter: FlaskClient, monkeypatch
):
    monkeypatch.setattr(queries, "READ_BATCH_SIZE", 1)
    with as_user(app) as staff:
        ref = kept(staff).ref
        db.session.commit()
    with exporter.get(f"/reports/imports/{ref}/rows.csv") as answer:
        file = answer.iter_encoded()
        first = [next(file), next(file)]
        with as_user(app) as staff:
            remove_file(db.session.scalars(sa.select(ImportBatch)).one(), by=staff)
            db.session.commit()
            assert not db.session.scalar(sa.select(sa.func.count()).select_from(ImportRow))

        whole = b"".join([*first, *file])

    assert [row[3:] for row in read(whole)] == read(LIST)
    with as_user(app):
        run = db.session.scalars(sa.select(ExportRun)).one()
        assert (run.rows, bool(run.ended_at)) == (4, True)


def test_a_file_that_was_removed_before_its_first_byte_is_no_empty_one(app: Flask):
    with as_user(app) as staff:
        batch, viewer = kept(staff), Viewer(tuple(staff.team_ids))
        asked = RowsRequest(batch_id=batch.id, batch_ref=batch.ref, viewer=viewer)
        remove_file(batch, by=staff)
        db.session.commit()
        with pytest.raises(NoResultFound):
            next(stream_rows(asked, ExportLogger(1, "EXP-0000000000")))


def test_nothing_leaves_for_whom_the_file_is_not(app: Flask):
    with as_user(app) as staff:
        batch = kept(staff)
        asked = RowsRequest(batch_id=batch.id, batch_ref=batch.ref, viewer=Viewer(()))
        db.session.commit()
        with pytest.raises(NoResultFound):
            next(stream_rows(asked, ExportLogger(1, "EXP-0000000000")))


def test_who_took_the_rows_holds_each_incident_and_the_file(app: Flask, exporter: FlaskClient):
    address, refs = brought(app, TWICE)
    batch_ref = address.split("/")[3]

    rows = read(exporter.get(address).text)

    # Two rows lead to one incident, which the export log has once.
    assert [row[2] for row in rows[1:]] == [*refs, refs[0]]
    with as_user(app):
        run = db.session.scalars(sa.select(ExportRun)).one()
        assert (run.kind, run.asked, run.rows) == ("incidents", {"import": batch_ref}, 5)
        assert run.ended_at is not None
        held = db.session.scalars(sa.select(ExportedRow.ref).order_by(ExportedRow.ref))
        assert list(held) == sorted([*refs, batch_ref])
        event = db.session.scalars(
            sa.select(AuditEvent).order_by(AuditEvent.sequence.desc())
        ).first()
        assert event is not None
        assert (event.action, event.changes) == ("export:incidents", {"import": batch_ref})
    for ref in (*refs, batch_ref):
        page = exporter.get(f"{EXPORT_LOG}?holds={ref}").text
        assert page.count('class="entry"') == 1
        assert "Rows of an imported file" in page
        assert f'href="/reports/imports/{batch_ref}/"' in page


def test_the_same_rows_taken_again_are_the_same_until_they_change(
    app: Flask, exporter: FlaskClient
):
    with as_user(app) as staff:
        address = f"/reports/imports/{kept(staff).ref}/rows.csv"
        db.session.commit()
    for _once in range(2):
        exporter.get(address).get_data()
    page = exporter.get(EXPORT_LOG).text
    assert (page.count("The same as EXP-"), page.count("Different from")) == (1, 0)

    assert brought(app)[0] == address
    for asked in (address, f"{address}?fate=made", f"{address}?fate=waiting"):
        exporter.get(asked).get_data()

    page = exporter.get(EXPORT_LOG).text
    assert (page.count("The same as EXP-"), page.count("Different from EXP-")) == (1, 1)
    assert "Result for each row: made" in page


def test_the_headers_alone_are_no_file(app: Flask, exporter: FlaskClient):
    address, _refs = brought(app)
    assert exporter.head(address).status_code == 200
    with as_user(app):
        assert db.session.scalars(sa.select(ExportRun)).all() == []


def test_of_rows_that_broke_off_it_is_known_which_may_have_left(
    app: Flask, exporter: FlaskClient, monkeypatch
):
    monkeypatch.setattr(queries, "READ_BATCH_SIZE", 2)
    address, refs = brought(app)

    with exporter.get(address) as answer:
        file = answer.iter_encoded()
        # The header leaves with the first rows, so that none leaves of which no list is kept.
        assert next(file).count(b"\n") == 3
        # The reader goes away here.

    with as_user(app):
        [run] = db.session.scalars(sa.select(ExportRun))
        assert (run.ended_at, run.rows) == (None, 2)
        held = set(db.session.scalars(sa.select(ExportedRow.ref)))
        assert held == {address.split("/")[3], *refs[:2]}


def test_which_file_others_took_the_rows_of_is_not_said(app: Flask, exporter: FlaskClient):
    address, refs = brought(app)
    batch_ref = address.split("/")[3]
    exporter.get(address).get_data()
    with as_user(app, "elsewhere", Role.MONITOR, team="Elsewhere"):
        pass
    sign_in_directly(exporter, "elsewhere")

    page = exporter.get(EXPORT_LOG).text

    assert page.count('class="entry"') == 1
    assert "File of others: …" in page
    assert batch_ref not in page
    assert "journalist" not in page.partition("Checksum and columns")[2].partition("</li>")[0]
    for ref in (refs[0], batch_ref):
        assert 'class="entry"' not in exporter.get(f"{EXPORT_LOG}?holds={ref}").text
