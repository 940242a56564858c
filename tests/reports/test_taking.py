"""How a file leaves: whole or visibly broken, in pieces, and from the place asked for."""

from __future__ import annotations

import csv
import gc
import http.client
import io
import subprocess
import zipfile
from contextlib import closing
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_outlet,
    sign_in_directly,
)
from tests.operating.running import listening
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.incidents.codes import TargetKind, TargetRole
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.publication_rules import reported_month
from tracker.permissions import Role, Visibility
from tracker.reports import flat_queries, service
from tracker.reports.cells import escape_formula, join_list
from tracker.reports.codes import Profile
from tracker.reports.flat_rows import IncidentRow
from tracker.reports.models import ExportedRow, ExportRun
from tracker.reports.packages import queries
from tracker.reports.scope_queries import ExportScope
from tracker.scoping import Viewer
from tracker.when import Precision, parse_when

ADDRESS = "/reports/incidents.csv"
# How curl ends: the connection was closed before the end; the server answered with an error.
PARTIAL_FILE, FAILED = 18, 22


@pytest.fixture
def five(app: Flask) -> list[str]:
    """Log five incidents, and return their refs in the order of the list."""
    with as_user(app) as staff:
        article = make_article(by=staff)
        made = [
            make_incident(
                article=article,
                occurred=parse_when(f"2025-03-0{day}", latest_possible_date=date(2025, 6, 1)),
                by=staff,
            )
            for day in (5, 4, 3, 2, 1)
        ]
        db.session.commit()
        return [incident.ref for incident in made]


def refs(client: FlaskClient, address: str) -> list[str]:
    with client.get(address) as answer:
        assert answer.status_code == 200
        text = answer.get_data().decode("utf-8-sig")
    return [row["ref"] for row in csv.DictReader(io.StringIO(text, newline=""))]


def exports_noted(app: Flask) -> list[dict[str, Any]]:
    with app.app_context():
        rows = select(AuditEvent.changes).where(AuditEvent.action == "export:incidents")
        return list(db.session.scalars(rows.order_by(AuditEvent.sequence)))


def test_a_file_begins_after_a_place_or_ends_before_it(app, client, five):
    sign_in_directly(client, "staff")

    assert refs(client, f"{ADDRESS}?after={five[1]}") == five[2:]
    assert refs(client, f"{ADDRESS}?before={five[1]}") == five[:1]
    assert exports_noted(app) == [{"after": five[1]}, {"before": five[1]}]


@pytest.mark.parametrize(
    "asked", ["?after=INC-0000000000", "?before=nonsense", "?after=INC-0000000000&before=x"]
)
def test_a_place_that_is_not_there_is_refused_before_anything_is_noted(app, client, five, asked):
    sign_in_directly(client, "staff")

    answer = client.get(ADDRESS + asked)

    assert answer.status_code == 400
    assert exports_noted(app) == []


def test_asking_for_the_headers_alone_takes_nothing(app, client, five):
    sign_in_directly(client, "staff")

    answer = client.head(ADDRESS)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert exports_noted(app) == []


def test_the_name_of_the_file_is_a_date_and_nobody(client, five):
    sign_in_directly(client, "staff")

    with client.get(ADDRESS + "?q=editor") as answer:
        disposition = answer.headers["Content-Disposition"]

    assert disposition.startswith('attachment; filename="incidents-internal-20')
    assert "editor" not in disposition
    assert "staff" not in disposition


class TestAnErrorInTheMiddle:
    @pytest.fixture(autouse=True)
    def breaking(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the second batch of each file fail, after the first has left."""
        real = flat_queries._BatchReader._find_case_refs
        calls = []

        def fail_every_second_time(*args: Any) -> Any:
            calls.append(args)
            if len(calls) % 2 == 0:
                raise ZeroDivisionError
            return real(*args)

        def in_twos(*args: Any, **_how: Any) -> Any:
            return real_batches(*args, size=2)

        real_batches = flat_queries.incident_batches
        monkeypatch.setattr(flat_queries._BatchReader, "_find_case_refs", fail_every_second_time)
        monkeypatch.setattr(flat_queries, "incident_batches", in_twos)

    @pytest.mark.parametrize("address", [ADDRESS, "/reports/incidents.jsonl"])
    def test_it_breaks_the_connection_and_does_not_end_it_politely(
        self, app, client, five, address
    ):
        sign_in_directly(client, "staff")
        with listening(app) as server:
            broken = taken_until_it_breaks(client, server.effective_port, address)
            # What a program that takes files says of it.
            assert curl(client, server.effective_port, address).returncode == PARTIAL_FILE

        assert five[1].encode() in broken
        assert five[4].encode() not in broken
        # What may have left is known; that it was not all of it, too.
        with app.app_context():
            first = sa.select(ExportRun.id).order_by(ExportRun.id).limit(1).scalar_subquery()
            left = select(ExportedRow.ref).where(ExportedRow.run_id == first)
            assert set(db.session.scalars(left)) == set(five[:2])
            assert set(db.session.scalars(select(ExportRun.ended_at))) == {None}
        page = client.get("/reports/export-log").text
        assert "2 records may have been sent." in page

    @pytest.mark.usefixtures("five")
    def test_of_a_workbook_nothing_leaves_before_it_is_whole(self, app, client):
        sign_in_directly(client, "staff")
        with listening(app) as server:
            answer = curl(client, server.effective_port, "/reports/incidents.xlsx", "--fail")

        assert (answer.returncode, answer.stdout) == (FAILED, b"")
        with app.app_context():
            assert db.session.scalars(select(ExportRun.ended_at)).all() == [None]

    @pytest.mark.usefixtures("five")
    def test_it_leaves_no_half_file_on_disk(self, runner, tmp_path):
        file = tmp_path / "incidents.csv"
        file.write_text("the one of yesterday")

        result = runner.invoke(args=["reports", "export", "--output", str(file)])

        assert result.exit_code == 1
        assert file.read_text() == "the one of yesterday"
        assert [one.name for one in tmp_path.iterdir() if "csv" in one.name] == ["incidents.csv"]


def test_a_package_that_breaks_off_is_no_zip(app, client, five, monkeypatch):
    sign_in_directly(client, "staff")
    real, calls = queries._RowBatch.format_rows, []

    def fail_in_the_middle(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 3:
            raise ZeroDivisionError
        return real(*args)

    monkeypatch.setattr(queries._RowBatch, "format_rows", fail_in_the_middle)
    with listening(app) as server:
        broken = taken_until_it_breaks(client, server.effective_port, "/reports/package.zip")

    assert broken.startswith(b"PK")
    assert not zipfile.is_zipfile(io.BytesIO(broken))
    with app.app_context():
        assert db.session.scalars(select(ExportRun.ended_at)).all() == [None]


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("tracker")
    assert cookie is not None
    return f"tracker={cookie.value}"


def taken_until_it_breaks(client: FlaskClient, port: int, address: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with closing(connection):
        connection.request("GET", address, headers={"Cookie": cookie_of(client)})
        answer = connection.getresponse()
        assert answer.status == 200
        with pytest.raises(http.client.IncompleteRead) as broken:
            answer.read()
    partial: bytes = broken.value.partial
    return partial


def curl(client: FlaskClient, port: int, address: str, *more: str) -> Any:
    asked = ["curl", "--silent", *more, "--cookie", cookie_of(client)]
    return subprocess.run(
        [*asked, f"http://127.0.0.1:{port}{address}"], capture_output=True, timeout=60, check=False
    )


def test_a_file_on_disk_is_its_owners_alone(runner, five, tmp_path):
    file = tmp_path / "incidents.csv"

    assert runner.invoke(args=["reports", "export", "--output", str(file)]).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert five[0].encode() in file.read_bytes()


@pytest.mark.usefixtures("five")
def test_a_file_over_the_web_rests_after_each_batch(client, runner, monkeypatch):
    """While files are made, pages have the processor in between."""
    rests: list[float] = []
    monkeypatch.setattr(service, "sleep", rests.append)
    sign_in_directly(client, "staff")

    client.get(ADDRESS).get_data()
    runner.invoke(args=["reports", "export"])

    over_the_web, on_the_console = rests
    assert over_the_web > 0
    assert on_the_console == 0


def test_a_file_that_cannot_be_written_is_said_in_one_line(runner, five, tmp_path):
    file = tmp_path / "missing" / "incidents.csv"

    result = runner.invoke(args=["reports", "export", "--output", str(file)])

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "cannot be written" in result.stderr


def test_the_command_needs_the_right_to_export(app, runner, five):
    with as_user(app, "boss", Role.ADMIN):
        pass

    result = runner.invoke(args=["reports", "export", "--by", "boss"])

    assert (result.exit_code, result.stdout) == (1, "")
    assert exports_noted(app) == []


def test_it_begins_after_a_place_from_the_command_line_too(runner, five):
    result = runner.invoke(args=["reports", "export", f"after={five[3]}"])

    lines = result.stdout_bytes.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == five[4:]


def test_many_rows_take_no_more_memory_than_few(app, five):
    """Batches are let go: never more than two of them are there."""
    with as_user(app) as staff:
        viewer = Viewer(tuple(staff.team_ids))
        batches = flat_queries.incident_batches(
            select(Incident), viewer, ExportScope(Profile.INTERNAL), size=1
        )
        there = [sum(type(one) is IncidentRow for one in gc.get_objects()) for _batch in batches]

    assert len(there) == len(five)
    assert max(there) <= 2


def incident(*articles: Any, recorded: datetime) -> Any:
    citations = [SimpleNamespace(article=article) for article in articles]
    return SimpleNamespace(citations=citations, recorded_at=recorded)


def published(day: date, precision: Precision = Precision.DAY) -> Any:
    return SimpleNamespace(latest=day, precision=precision)


def test_the_month_is_that_of_the_earliest_source_the_viewer_may_see():
    recorded = datetime(2025, 8, 1, tzinfo=UTC)
    may, june = published(date(2025, 5, 31)), published(date(2025, 6, 1))

    assert reported_month(incident(june, may, None, recorded=recorded)) == "2025-05"
    assert reported_month(incident(june, None, recorded=recorded)) == "2025-06"


def test_without_a_dated_source_it_is_the_month_of_recording_where_the_tracker_is():
    late = datetime(2025, 7, 31, 20, tzinfo=UTC)  # already August in Almaty
    undated = published(date(2025, 6, 1), Precision.UNKNOWN)

    assert reported_month(incident(undated, None, recorded=late)) == "2025-08"


def test_whom_the_reader_may_not_see_is_withheld_and_never_left_out(app, client):
    with as_user(app) as staff:
        outlet = make_outlet("Hidden Herald", visibility=Visibility.RESTRICTED, by=staff)
        hidden = make_journalist("Hidden Person", visibility=Visibility.RESTRICTED, by=staff)
        article = make_article(by=staff, url="https://paper.example/1")
        made = make_incident(article=article, who="an editor", by=staff)
        made.targets[0].outlet = outlet
        made.targets += [
            IncidentTarget(kind=TargetKind.JOURNALIST, journalist=hidden),
            IncidentTarget(
                kind=TargetKind.OUTLET, outlet=outlet, role=TargetRole.COLLATERAL_SOURCE
            ),
        ]
        article.visibility = Visibility.RESTRICTED
        db.session.commit()
    with as_user(app, "exporter", Role.EXPORTER, team="Office"):
        pass
    sign_in_directly(client, "exporter")

    with client.get(ADDRESS) as answer:
        text = answer.get_data().decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text, newline=""))

    assert row["targets"] == "an editor | withheld | withheld"
    assert row["target_roles"] == "direct | direct | collateral_source"
    assert row["n_journalists"] == "1"
    assert row["outlets"] == "withheld"
    assert row["articles"] == "withheld"
    assert "Hidden" not in text


@pytest.mark.parametrize(
    "before", ["\u3164", "\u2800", "\ufe0f", "\u115f", "\u034f", "\u180e", "\u2060"]
)
def test_letters_that_nobody_sees_do_not_hide_a_formula(before):
    assert escape_formula(before + "=1+1").startswith("'")
    assert escape_formula(before + "Anna") == before + "Anna"


@pytest.mark.parametrize("part", ["a|b", "a |", "| a", "|"])
def test_no_part_of_a_list_holds_what_parts_it(part):
    assert join_list([part, "x"]).split(" | ") == [part.replace("|", "/"), "x"]
