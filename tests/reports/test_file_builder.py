"""Which file leaves is chosen on a page: columns, for whom, in which language and format."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import date, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from lxml import html
from python_calamine import CalamineWorkbook
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.cases.records_made import make_case
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_outlet,
    sign_in_directly,
    token_in,
)
from tests.incidents.namings_made import decide, deciding
from tests.kit.pages_read import is_named_as_wrong
from tests.reports.pressing import press
from tests.reports.test_package import rows, taken, told
from tracker import clock
from tracker.articles.codes import SourceKind
from tracker.audit.models import AuditEvent
from tracker.cases.service import file_records
from tracker.db import db
from tracker.incidents.codes import NamingDecision, NamingScope
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts
from tracker.permissions import Role, Visibility
from tracker.reports import formats, service
from tracker.reports.codes import Profile
from tracker.reports.flat_queries import TupleBundle
from tracker.reports.models import ExportedRow, ExportRun, SavedExport
from tracker.reports.packages import service as package_service
from tracker.reports.tables import FLAT_INCIDENTS
from tracker.review.codes import EditorialState
from tracker.scoping import ALL_USERS_VIEWER, set_viewer
from tracker.when import parse_when

PAGE, FILE = "/reports/", "/reports/incidents."
TODAY = date(2025, 6, 30)


def take(client: FlaskClient, address: str) -> bytes:
    with client.get(address) as answer:
        assert answer.status_code == 200, (address, answer.get_data(as_text=True)[:2000])
        return answer.get_data()


def read(content: bytes, separator: str = ",") -> list[dict[str, str]]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, delimiter=separator))


def save(
    client: FlaskClient,
    page: str,
    name: str,
    instead: dict[str, list[str]] | None = None,
    **chosen: str,
) -> TestResponse:
    """Open the page, choose in its form, and save the choices under a name; `instead`: fields
    with several values.
    """
    root = html.fromstring(client.get(page).text)
    [pressed] = (one for one in root.iter("button") if one.text_content() == "Save")
    [form] = root.xpath(f'//form[@id="{pressed.get("form")}"]')
    sent = MultiDict(form.form_values())
    for field, value in {**chosen, "name": name, pressed.get("name"): pressed.get("value")}.items():
        sent[field] = value
    for field, values in (instead or {}).items():
        sent.setlist(field, [one for one in values if one])
    assert pressed.get("formmethod") == "post"
    answer: TestResponse = client.post(pressed.get("formaction"), data=sent, follow_redirects=True)
    return answer


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    """Record one incident with words that a spreadsheet might run, and sign in."""
    with as_user(app) as by:
        article = make_article(
            published=parse_when("2025-06-17", latest_possible_date=TODAY),
            url="https://a.example/1",
            by=by,
        )
        make_incident(
            "threat.death", "surveillance.physical",
            article=article, title='=CMD("угроза"); да',
            occurred=parse_when("2025-03-04", latest_possible_date=TODAY), by=by,
        )  # fmt: skip
        db.session.commit()
    sign_in_directly(client, "staff")
    return client


def test_columns_come_as_they_were_chosen_and_in_that_order(staff):
    assert take(staff, f"{FILE}csv?columns=types,ref").startswith("\ufefftypes,ref\r\n".encode())
    # The form has a box and a number for each; the address that it leads to can be passed on.
    boxes = "column=ref&column=state&column=types&number.types=1&number.ref=2&number.title=5"
    answer = staff.get(f"{PAGE}?{boxes}&country=KZ&labels=ru")
    assert answer.status_code == 302
    chosen = parse_qs(urlsplit(answer.location).query)
    assert chosen == {"columns": ["types,ref,state"], "country": ["KZ"], "labels": ["ru"]}
    page = staff.get(answer.location).text
    assert re.findall(r'<th scope="col"><code>(\w+)', page) == ["types", "ref", "state"]
    # All that were offered, in order, are no choice, also where another profile is chosen.
    every = "&".join(f"column={name}" for name in FLAT_INCIDENTS.header)
    to = staff.get(f"{PAGE}?{every}&offered=internal&profile=public").location
    assert to == "/reports/?profile=public"


def test_what_is_not_ticked_stays_out_though_it_is_what_a_partner_has(staff):
    left = [one.name for one in FLAT_INCIDENTS.columns_for(Profile.PARTNER)]
    boxes = "&".join(f"column={name}" for name in left)
    to = staff.get(f"{PAGE}?{boxes}&offered=internal&download=yes").location
    with staff.get(to) as answer:
        header = answer.get_data().decode().splitlines()[0]
    assert header == "\ufeff" + ",".join(left)
    assert 'name="offered" value="internal"' in staff.get(PAGE).text


def test_a_slip_in_a_number_costs_that_number_alone(staff):
    boxes = "column=ref&column=types&column=state&number.types=1.&number.ref=2)"
    assert parse_qs(urlsplit(staff.get(f"{PAGE}?{boxes}").location).query) == {
        "columns": ["types,ref,state"]
    }
    wrong = staff.get(f"{PAGE}?{boxes}&number.state=2&labels=ru&download=yes").text
    assert "<strong>Place of state</strong>: Another column has this number." in wrong
    [rest] = re.findall('href="([^"]*)">Continue without it', wrong)
    answer = staff.get(unescape(rest))
    assert urlsplit(answer.location).path == f"{PAGE}incidents.csv"
    chosen = {"columns": ["types,ref,state"], "labels": ["ru"]}
    assert parse_qs(urlsplit(answer.location).query) == chosen


def test_columns_are_named_for_people_and_all_can_be_unticked(staff):
    page = html.fromstring(staff.get(PAGE).text)
    [box] = page.xpath('//input[@name="column" and @value="occurred_edtf"]')
    assert " ".join(box.getparent().text_content().split()) == "Date occurred_edtf"
    [number] = page.xpath('//input[@name="number.occurred_edtf"]')
    assert number.getparent().text_content().strip() == "Order"
    answer = press(staff, f"{PAGE}?country=KZ", "Untick all columns", labels="kk", format="jsonl")
    assert answer.status_code == 200
    page = html.fromstring(answer.text)
    assert page.xpath('//input[@name="column" and @checked]') == []
    assert page.xpath("//details[@open]//input[@name='column']")
    for kept in ("kk", "jsonl"):
        assert f'<option value="{kept}" selected' in answer.text
    # What is ticked then is all that is in the file.
    [form] = page.xpath('//form[@id="file-form"]')
    sent = [*form.form_values(), ("column", "ref"), ("download", "yes")]
    line = staff.get(form.action, query_string=sent, follow_redirects=True).text
    assert list(json.loads(line)) == ["ref"]


def test_no_column_ticked_takes_no_file(app, staff):
    asked = "number.ref=&offered=internal&labels=ru&download=yes"
    answer = staff.get(f"{PAGE}?{asked}", follow_redirects=True)
    assert answer.status_code == 400
    page = html.fromstring(answer.text)
    assert page.get_element_by_id("offered-error").text == "Tick at least one column."
    assert page.xpath('//input[@name="column" and @checked]') == []
    assert '<option value="ru" selected' in answer.text
    with app.app_context():
        assert db.session.scalars(sa.select(ExportRun)).all() == []


def test_what_is_chosen_and_not_yet_looked_at_is_what_the_button_takes(app, client):
    with as_user(app, "taker", Role.STAFF, Role.EXPORTER) as by:
        made = make_incident(title="Words of the house", by=by)
        make_incident(article=make_article("Kept", by=by), visibility=Visibility.RESTRICTED, by=by)
        db.session.commit()
        after = made.ref
    sign_in_directly(client, "taker")
    chosen = {"profile": "partner", "drafts": "yes", "format": "jsonl"}
    with press(client, f"{PAGE}?country=KZ", "Download", **chosen) as answer:
        assert "incidents-partner-with-drafts-" in answer.headers["Content-Disposition"]
        text = answer.get_data(as_text=True)
        assert "Words of the house" not in text
        assert len(text.splitlines()) == 1
    with press(client, f"{PAGE}?after={after}", "Download", format="csv") as answer:
        assert "incidents-internal-" in answer.headers["Content-Disposition"]
    with app.app_context():
        first, second = db.session.scalars(sa.select(ExportRun).order_by(ExportRun.id))
        assert (first.profile, first.asked["country"]) == (Profile.PARTNER, "KZ")
        assert second.asked == {"after": after}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("columns=ref,colour", "columns"), ("column=ref&number.ref=first", "number.ref"),
        ("profile=press", "profile"), ("labels=de", "labels"), ("format=ods", "format"),
        ("columns=title&profile=public&country=KZ", "profile"), ("number.ref=x&colour=1", "colour"),
        ("column=ref&column=title&number.ref=2&number.title=2", "number.title"),
        ("columns=address&profile=partner", "columns"),
        ("columns=visibility&profile=partner", "columns"),
        ("columns=visibility&profile=public", "columns"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_refused_by_name(app, client, asked, field):
    with as_user(app, "taker", Role.STAFF, Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    for address in (PAGE, f"{FILE}csv", f"{FILE}xlsx"):
        answer = client.get(f"{address}?{asked}")
        assert answer.status_code == 400
        assert is_named_as_wrong(answer.text, field)


def test_every_format_holds_the_same_rows(staff):
    [plain] = read(take(staff, f"{FILE}csv?labels=ru"))
    assert plain["title"].startswith("'=CMD")
    assert plain["type_labels"] == "Угроза убийством | Слежка, наружное наблюдение"
    semicolons = take(staff, f"{FILE}csv?labels=ru&format=csv_semicolons")
    assert read(semicolons, ";") == [plain]

    [line] = take(staff, f"{FILE}jsonl?labels=ru").decode().splitlines()
    values = json.loads(line)
    assert list(values) == list(FLAT_INCIDENTS.header)
    assert values["title"] == '=CMD("угроза"); да'
    assert values["types"] == ["threat.death", "surveillance.physical"]
    assert (values["revision"], values["region"], values["cases"]) == (1, None, [])
    assert values["occurred_latest"] == "2025-03-04"

    staff.get("/language/ru")
    codes = f"{FILE}xlsx?format=xlsx_codes"
    sheet = take(staff, codes)
    assert sheet == take(staff, codes), "the same rows are the same file"
    header, row = (
        CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
    )
    cells = dict(zip(header, row, strict=True))
    assert list(cells) == list(FLAT_INCIDENTS.header)
    # The second sheet says what is in the first.
    readme = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_name("README")
    told = {str(one[0]): one[1:] for one in readme.to_python()}
    assert told["Инциденты"][1] == "Доступные вам инциденты: без отозванных."
    assert told["state"][:2] == ["state", "Этап проверки, от черновика до публикации."]
    assert "in_review: На проверке" in str(told["state"][2])
    assert set(FLAT_INCIDENTS.header) <= set(told)
    # A text as it is, and marked as one for whoever edits it.
    assert cells["title"] == values["title"]
    styles = zipfile.ZipFile(io.BytesIO(sheet)).read("xl/styles.xml").decode()
    assert 'quotePrefix="1"' in styles
    assert (cells["occurred_latest"], cells["revision"]) == (date(2025, 3, 4), 1)
    assert isinstance(cells["updated_at"], datetime)
    assert staff.get(f"{FILE}xlsx?format=csv").status_code == 400


def test_internal_files_say_the_state_and_visibility_of_every_row_and_no_others(app, client):
    with as_user(app, "taker", Role.STAFF, Role.EXPORTER) as by:
        shared = make_incident(by=by)
        shared.state = EditorialState.APPROVED
        restricted = make_incident(
            article=make_article("Kept", by=by), visibility=Visibility.RESTRICTED, by=by
        )
        db.session.commit()
        expected = {
            shared.ref: ("approved", "internal"), restricted.ref: ("draft", "restricted")
        }  # fmt: skip
    sign_in_directly(client, "taker")

    rows = read(take(client, f"{FILE}csv"))
    assert {row["ref"]: (row["state"], row["visibility"]) for row in rows} == expected
    assert {"address", "visibility"} <= rows[0].keys()
    lines = [json.loads(line) for line in take(client, f"{FILE}jsonl").decode().splitlines()]
    assert {row["ref"]: (row["state"], row["visibility"]) for row in lines} == expected
    book = CalamineWorkbook.from_filelike(io.BytesIO(take(client, f"{FILE}xlsx?format=xlsx_codes")))
    header, *cells = book.get_sheet_by_index(0).to_python()
    found = [dict(zip(header, row, strict=True)) for row in cells]
    assert {row["ref"]: (row["state"], row["visibility"]) for row in found} == expected

    for profile in ("partner", "public"):
        for suffix in ("csv", "jsonl"):
            text = take(client, f"{FILE}{suffix}?profile={profile}").decode()
            assert "visibility" not in text
            assert "restricted" not in text


def test_the_page_shows_the_first_rows_as_they_would_leave(app, staff):
    with as_user(app) as by:
        article = make_article("Another", by=by)
        for _number in range(11):
            make_incident(article=article, by=by)
        db.session.commit()
    page = staff.get(f"{PAGE}?columns=ref,title").text
    assert "12 rows." in page
    assert page.count("<tr><td>INC-") == 10
    assert "&#39;=CMD(" in staff.get(f"{PAGE}?columns=title&type=surveillance.").text
    as_json = staff.get(f"{PAGE}?columns=types&type=surveillance.&format=jsonl").text
    assert "[&#34;threat.death&#34;, &#34;surveillance.physical&#34;]" in as_json


def test_a_partner_has_what_the_package_has_and_no_more(app, client):
    refs = told(app)
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    package = taken(client, "?profile=partner&drafts=yes")
    text = take(client, f"{FILE}csv?profile=partner&drafts=yes").decode()
    workbook = io.BytesIO(take(client, f"{FILE}xlsx?profile=partner&drafts=yes"))
    readme = CalamineWorkbook.from_filelike(workbook).get_sheet_by_name("README").to_python()
    assert readme[1][:3] == ["Incidents", "", "retracted excluded"]
    found = {one["ref"]: one for one in read(text.encode())}

    assert set(found) == {one["ref"] for one in rows(package, "incidents")}
    names = {one["ref"]: one["name"] for one in rows(package, "journalists")}
    urls = {one["ref"]: one["url"] for one in rows(package, "articles")}
    for ref, row in found.items():
        targets = [one for one in rows(package, "targets") if one["incident"] == ref]
        named = [names.get(one["journalist"]) or one["named_as"] or "withheld" for one in targets]
        assert row["targets"] == " | ".join(named)
        cited = [one for one in rows(package, "citations") if one["record"] == ref]
        assert row["articles"] == " | ".join(urls[one["article"]] for one in cited)
        assert int(row["n_journalists"]) == len(targets)
    for word in ("CANARY", "Berik", "berik", refs["own"], "localhost"):
        assert word not in text
    assert "title" not in text.partition("\r\n")[0]

    page = client.get(f"{PAGE}?profile=partner&drafts=yes").text
    assert "address" in page.partition("Columns left out")[2]
    with as_user(app, "plain"):
        pass
    sign_in_directly(client, "plain")
    assert client.get(f"{FILE}csv?profile=partner").status_code == 403
    refused = client.get(f"{PAGE}?profile=partner")
    assert refused.status_code == 403
    assert "Only exporters can make files for others." in refused.text


def test_who_is_unnamed_for_a_partner_is_called_as_she_chose(app, client):
    with as_user(app, "taker", Role.EXPORTER) as by:
        made = make_incident(who="the brother of an editor", by=by)
        make_incident(article=make_article("Kept", by=by), visibility=Visibility.RESTRICTED, by=by)
        db.session.commit()
        made.targets[0].named_as = "a relative"
        db.session.commit()
    sign_in_directly(client, "taker")
    [row] = read(take(client, f"{FILE}csv?profile=partner&drafts=yes"))
    assert row["targets"] == "a relative"
    assert (
        "1 incident is kept by its team." in client.get(f"{PAGE}?profile=partner&drafts=yes").text
    )


def test_a_choice_is_kept_under_a_name_by_whoever_made_it(app, staff):
    # What is chosen in the form is saved, also where the preview still shows something else.
    chosen = {"format": "xlsx", "labels": "ru", "number.types": "1"}
    ticked = {"column": ["types", "ref"]}
    answer = save(staff, f"{PAGE}?country=KZ", "For Anna", ticked, **chosen)
    assert "Saved." in answer.text
    assert '<option value="xlsx" selected' in answer.text
    assert '<option value="ru" selected' in answer.text
    with app.app_context():
        one = db.session.scalars(sa.select(SavedExport)).one()
        assert one.asked == {
            "columns": "types,ref", "labels": "ru", "country": "KZ", "format": "xlsx"
        }  # fmt: skip
    # Another choice of the same name takes its place, and the page says so.
    again = save(staff, PAGE, "For Anna", labels="kk")
    assert "It replaces the export that you had saved under this name." in again.text
    [kept] = re.findall('<a href="([^"]*)">For Anna</a>', again.text)
    assert parse_qs(urlsplit(unescape(kept)).query) == {"labels": ["kk"]}
    # The page says which saved export it shows, until another choice is made.
    for address, heading in (
        (unescape(kept), "Incidents as a file: For Anna"),
        (f"{PAGE}?labels=ru", "Incidents as a file"),
    ):
        page = html.fromstring(staff.get(address).text)
        assert page.get_element_by_id("file-heading").text_content() == heading

    with as_user(app, "other"):
        pass
    sign_in_directly(staff, "other")

    def remove() -> None:
        values = {"name": "For Anna", "csrf_token": token_in(staff.get(PAGE).text)}
        staff.post("/reports/saved-exports/remove", data=values)

    assert "For Anna" not in staff.get(PAGE).text
    remove()
    sign_in_directly(staff, "staff")
    assert "For Anna" in staff.get(PAGE).text
    remove()
    assert "For Anna</a>" not in staff.get(PAGE).text


@pytest.mark.parametrize(
    ("name", "chosen", "expected"),
    [
        ("", {}, (422, "is required")),
        ("For Anna", {"number.ref": "first"}, (400, "Number the columns 1, 2, 3 …")),
        ("For Anna", {"column": ""}, (400, "Tick at least one column.")),
    ],
)
def test_nothing_is_saved_by_half(app, staff, name, chosen, expected):
    ticked = {"column": [chosen.pop("column")]} if "column" in chosen else {}
    answer = save(staff, PAGE, name, ticked, format="jsonl", labels="kk", **chosen)
    assert answer.status_code == expected[0]
    assert expected[1] in answer.text
    assert '<option value="jsonl" selected' in answer.text
    assert '<option value="kk" selected' in answer.text
    assert html.fromstring(answer.text).get_element_by_id("name").value == name
    with app.app_context():
        assert db.session.scalars(sa.select(SavedExport)).all() == []


def test_a_public_file_that_is_not_saved_shows_no_filter_after_it_was_removed(staff):
    answer = save(staff, f"{PAGE}?country=KZ", "", profile="public")
    assert answer.status_code == 422
    assert "so the filter was removed" in answer.text
    assert "country=KZ" not in unescape(answer.text)
    assert "remove the filter" not in answer.text


def test_what_is_typed_as_a_name_is_kept_by_a_preview(staff):
    asked = "column=ref&offered=internal&format=jsonl&name=For+Anna"
    answer = staff.get(f"{PAGE}?{asked}", follow_redirects=True)
    assert html.fromstring(answer.text).get_element_by_id("name").value == "For Anna"
    assert '<option value="jsonl" selected' in answer.text


def test_excel_has_no_more_rows_and_letters_than_it_reads(staff, monkeypatch):
    monkeypatch.setattr(service, "MAX_SHEET_ROWS", 0)
    answer = staff.get(f"{FILE}xlsx")
    assert answer.status_code == 400
    assert "Excel holds" in answer.text
    monkeypatch.undo()
    monkeypatch.setattr(formats, "MAX_CELL_CHARACTERS", 100)
    long = formats._fit_excel_cell("я" * 150)
    assert len(long) <= 100
    assert "more letters than Excel holds" in long
    # Rows that came since they were counted: no file is cut short.
    monkeypatch.setattr(formats, "MAX_SHEET_ROWS", 0)
    with pytest.raises(formats.TooManyRows):
        take(staff, f"{FILE}xlsx")


@pytest.mark.parametrize("suffix", ["xlsx", "jsonl"])
def test_what_breaks_off_stays_unfinished(app, staff, monkeypatch, tmp_path: Path, suffix):
    def fail(*_args: Any, **_how: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(service, "column_values", fail)
    with pytest.raises(ZeroDivisionError):
        take(staff, FILE + suffix)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    take(staff, FILE + suffix)
    staff.head(FILE + suffix)
    with app.app_context():
        runs = db.session.scalars(sa.select(ExportRun).order_by(ExportRun.id)).all()
        assert [run.ended_at is not None for run in runs] == [False, True]
        last = sa.select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)
        assert db.session.scalars(last).one().subject == f"incidents.{suffix}"


def test_the_export_log_keeps_what_was_chosen(app, staff):
    asked = "columns=ref,types&labels=kk&format=jsonl"
    take(staff, f"{FILE}jsonl?{asked}")
    with app.app_context():
        run = db.session.scalars(sa.select(ExportRun)).one()
        assert run.columns == {"incidents.csv": ["ref", "types"]}
        assert (run.language, run.rows) == ("kk", 1)
    assert "/reports/?columns=ref,types&amp;labels=kk&amp;format=jsonl" in (
        staff.get("/reports/export-log").text.replace("%2C", ",")
    )


def test_the_command_takes_the_same_keys(app, staff, runner: FlaskCliRunner):
    asked = ["columns=ref,title", "labels=ru", "format=jsonl", "country=KZ"]
    written = runner.invoke(args=["reports", "export", "--by", "staff", *asked])
    assert written.stdout_bytes == take(staff, f"{FILE}jsonl?{'&'.join(asked)}")
    for wrong in ("columns=colour", "format=ods", "profile=press", "labels=de"):
        refused = runner.invoke(args=["reports", "export", wrong])
        assert (refused.exit_code, refused.stdout) == (1, "")
    refused = runner.invoke(args=["reports", "export", "--by", "staff", "profile=partner"])
    assert refused.exit_code == 1
    partner = runner.invoke(
        args=["reports", "export", "profile=partner", "drafts=yes", "columns=ref,state"]
    )
    assert partner.stdout_bytes.decode("utf-8-sig").startswith("ref,state\r\nINC-")


def test_public_files_come_in_every_format(staff):
    assert take(staff, f"{FILE}csv?profile=public") == take(staff, "/reports/published.csv")
    assert take(staff, f"{FILE}jsonl?profile=public") == b""
    page = staff.get(f"{PAGE}?profile=public").text
    assert "Nothing is published yet." in page
    said = "Titles stay as they were published"
    assert said in page
    assert said not in staff.get(PAGE).text


def test_rows_that_are_made_past_the_orm_are_cut_to_the_viewer(app, client):
    """Read, the shortcut of exports, has the criteria of the viewer all the same."""
    with as_user(app) as by:
        make_incident(visibility=Visibility.RESTRICTED, by=by)
        open_one = make_incident(article=make_article("Open", by=by), by=by).ref
        db.session.commit()
        set_viewer(ALL_USERS_VIEWER)
        assert list(db.session.scalars(sa.select(TupleBundle(Incident.ref)))) == [(open_one,)]
        set_viewer(None)
        assert list(db.session.scalars(sa.select(TupleBundle(Incident.ref)))) == []


def test_what_the_team_keeps_beside_an_incident_goes_to_no_partner(app, client):
    with deciding(app) as staff:
        outlet = make_outlet("Hidden Herald", by=staff)
        named, twice = (make_journalist(name, by=staff) for name in ("Aida Named", "Berik Twice"))
        hidden, told_us = (
            make_article(name, url=f"https://a.example/{name}", by=staff)
            for name in ("hidden", "doc")
        )
        made, also = (
            make_incident(article=article, targets=[TargetFacts(journalist=named, outlet=outlet),
                                                    TargetFacts(journalist=twice)], by=staff)
            for article in (hidden, told_us)
        )  # fmt: skip
        case = make_case("Ours", by=staff)
        db.session.flush()
        file_records(case, [made, also], by=staff)
        db.session.commit()
        for one in (made, also):
            decide(one, NamingDecision.CONSENTED, scope=NamingScope.PARTNER, by=staff)
        # She agreed here, and was never asked there.
        decide(made, NamingDecision.CONSENTED, scope=NamingScope.PARTNER, place=1, by=staff)
        for kept in (outlet, hidden, case):
            kept.visibility = Visibility.RESTRICTED
        told_us.kind = SourceKind.DOCUMENT
        db.session.commit()
        ref, first = case.ref, made.ref
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    inside, outside = (
        {one["ref"]: one for one in read(take(client, f"{FILE}csv?profile={profile}&drafts=yes"))}
        for profile in ("internal", "partner")
    )
    names = ("targets", "outlets", "articles", "cases")
    assert [inside[first][name] for name in names] == [
        "Aida Named | Berik Twice", "Hidden Herald", "https://a.example/hidden", ref
    ]  # fmt: skip
    assert [[one[name] for name in names] for one in outside.values()] == (
        [["Aida Named | withheld", "withheld", "", ""]] * 2
    )


def test_a_package_is_one_workbook_with_a_sheet_each_table(app, client):
    refs = told(app)
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(take(client, "/reports/package.xlsx?profile=partner&drafts=yes"))
    )
    package = taken(client, "?profile=partner&drafts=yes")
    names = [one.removesuffix(".csv") for one in package.namelist() if one.endswith(".csv")]
    assert book.sheet_names == ["README", *names]
    readme = book.get_sheet_by_name("README").to_python()
    about = {str(name): str(said) for name, said in readme}
    assert about["Profile"].startswith("partner: only people who agreed are named")
    assert about["Taken"].startswith(f"{clock.utc_now():%Y-}")
    assert about["incidents"].startswith("What the same actors did")
    sheet = book.get_sheet_by_name("incidents").to_python()
    assert [row[0] for row in sheet[1:]] == [one["ref"] for one in rows(package, "incidents")]
    assert refs["own"] not in str(sheet)
    assert isinstance(dict(zip(sheet[0], sheet[1], strict=True))["latest"], date)
    with app.app_context():
        first, second = db.session.scalars(sa.select(ExportRun).order_by(ExportRun.id)).all()
        assert first.ended_at is not None
        # Of the same rows both are the same, whichever way they are written.
        assert (first.rows, first.sha256) == (second.rows, second.sha256)
        of_each = [
            db.session.scalars(sa.select(ExportedRow.ref).where(ExportedRow.run_id == one.id)).all()
            for one in (first, second)
        ]
        assert of_each[0] == of_each[1] != []


def test_a_workbook_of_which_a_sheet_would_be_too_long_is_refused_before_it_leaves(
    app, client, monkeypatch
):
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    address = "/reports/package.xlsx?profile=partner&drafts=yes"
    every = CalamineWorkbook.from_filelike(io.BytesIO(take(client, address)))
    codes = every.get_sheet_by_name("codes").height - 1

    # The longest of them is the one that no record fills.
    monkeypatch.setattr(package_service, "MAX_SHEET_ROWS", codes - 1)
    answer = client.get(address)
    assert answer.status_code == 400
    assert "Excel holds" in answer.text
    monkeypatch.setattr(package_service, "MAX_SHEET_ROWS", codes)
    assert take(client, address)
    with app.app_context():
        assert len(db.session.scalars(sa.select(ExportRun)).all()) == 2
