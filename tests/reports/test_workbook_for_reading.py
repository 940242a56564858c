"""An Excel file is read by people: headings, labels and dates in their language."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html
from python_calamine import CalamineWorkbook

from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_type,
    sign_in_directly,
    token_in,
)
from tests.reports.pressing import press
from tests.reports.test_file_builder import read, take
from tests.reports.test_published_csv import stored
from tests.reports.test_sheets import NS
from tracker.db import db
from tracker.i18n import use_language
from tracker.incidents.codes import Extent, PurportedAs
from tracker.incidents.publication_service import publish
from tracker.incidents.service import ActorFacts, TargetFacts, write_public_summary
from tracker.permissions import Role
from tracker.reports.formats import stream_workbook
from tracker.reports.imports import service as import_service
from tracker.reports.imports.codes import ListSeparator
from tracker.reports.imports.mapping import guess_plan
from tracker.reports.imports.tables import read_table
from tracker.reports.tables import FLAT_INCIDENTS, PUBLISHED_INCIDENTS, Column, Table
from tracker.review.codes import EditorialState
from tracker.when import parse_when

FILE, TODAY = "/reports/incidents.xlsx?labels=", date(2025, 6, 30)


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    """Publish an incident of a journalist whose name is closed, and sign in."""
    with as_user(app) as by:
        make_type("impersonation.official")
        article = make_article(
            published=parse_when("2025-06-17", latest_possible_date=TODAY), by=by
        )
        anna = make_journalist("Anna Q", by=by)
        made = make_incident(
            "threat.death", "surveillance.physical",
            article=article, title="Letters", extent=Extent.LASTING,
            occurred=parse_when("2024-12/2025-05", latest_possible_date=TODAY),
            targets=[TargetFacts(journalist=anna)],
            actor=ActorFacts(purported_as=PurportedAs.POLICE), by=by,
        )  # fmt: skip
        made.state = EditorialState.APPROVED
        write_public_summary(made, {"public_summary_en": "Letters came."}, by=by)
        db.session.commit()
        ref = made.ref
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        publish(stored(ref), by=monitor)
        db.session.commit()
    sign_in_directly(client, "staff")
    return client


def sheets(content: bytes) -> list[list[list[Any]]]:
    """Return the rows of each sheet of a workbook."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [book.get_sheet_by_index(at).to_python() for at in range(len(book.sheet_names))]


def first_row(content: bytes) -> dict[str, Any]:
    header, row = sheets(content)[0]
    return dict(zip(header, row, strict=True))


def test_headings_codes_and_dates_are_written_for_people(staff: FlaskClient) -> None:
    row = first_row(take(staff, f"{FILE}ru"))
    expected = {
        "Виды (коды)": "threat.death | surveillance.physical | impersonation.official",
        "Основной вид": "Угроза убийством",
        "Частота": "длящееся",
        "Дата": "декабрь 2024 – май 2025",
        "Самый ранний день": date(2024, 12, 1),
        "Точность даты": "между двумя датами",
        "Месяц сообщения": date(2025, 6, 1),
        "Страна": "Казахстан",
        "Статус": "Опубликовано",
        "Роли пострадавших": "Пострадавший",
        "Кем представились": "представились полицейскими",
        "Видимость": "Внутренняя: все пользователи системы",
    }
    assert {name: row[name] for name in expected} == expected
    # Names and codes that programs read, as in every CSV, are a format of their own.
    plain = first_row(take(staff, f"{FILE}ru&format=xlsx_codes"))
    assert list(plain) == list(FLAT_INCIDENTS.header)
    assert (plain["country"], plain["reported_month"]) == ("KZ", "2025-06")
    [text] = read(take(staff, "/reports/incidents.csv?labels=ru"))
    assert (text["country"], text["extent"], text["occurred_edtf"]) == (
        "KZ", "lasting", "2024-12/2025-05"
    )  # fmt: skip


def test_a_workbook_is_in_the_language_of_the_pages_unless_another_is_chosen(staff):
    [link] = re.findall(
        '<a href="([^"]*)">Excel or another file</a>', staff.get("/incidents/").text
    )
    page = html.fromstring(staff.get(unescape(link)).text)
    [chosen] = page.xpath('//select[@name="format"]/option[@selected]')
    assert chosen.text == "Excel (XLSX)"
    [same] = page.xpath('//select[@name="labels"]/option[@value=""]')
    assert same.text == "English, as these pages"
    with press(staff, unescape(link), "Download") as answer:
        row = first_row(answer.get_data())
    assert (row["Country"], row["Frequency"]) == ("Kazakhstan", "lasting")
    staff.get("/language/kk")
    assert first_row(take(staff, FILE))["Ел"] == "Қазақстан"


def test_a_public_workbook_is_read_too(staff: FlaskClient) -> None:
    row = first_row(take(staff, f"{FILE}ru&profile=public"))
    expected = {
        "Статус": "Опубликовано", "Виды": "Угроза убийством | Слежка, наружное наблюдение | "
        "Выдача себя за должностных лиц",
        "Дата": "декабрь 2024 – май 2025", "Страна": "Казахстан", "Достоверность": "не оценено",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_a_second_sheet_relates_headings_to_columns_and_meanings(staff: FlaskClient) -> None:
    _incidents, about = sheets(take(staff, f"{FILE}ru&columns=country,state"))
    header, *lines = about
    assert header == ["Заголовок столбца", "Столбец в CSV", "Значение", "Коды"]
    told = {heading: rest for heading, *rest in lines}
    assert told["Статус"][:2] == ["state", "Этап проверки, от черновика до публикации."]
    assert "in_review: На проверке" in told["Статус"][2].split("\n")
    assert told["Страна"][0] == "country"
    assert "README" in told["Как читать файл"][1]


def readme(content: bytes) -> dict[str, str]:
    """Return what the sheet README says, by heading."""
    return {heading: said for heading, _column, said, _codes in sheets(content)[-1]}


def test_the_second_sheet_describes_the_cells_as_they_are(staff: FlaskClient) -> None:
    told = readme(take(staff, FILE))
    expected = {
        "Date": "When it was.",
        "Country": "The country.",
        "Region": "The region of the country.",
        "Types": "Its types, the primary one first.",
        "Who says so": "Who says that it is linked to the journalist's work.",
        "Last possible day": "The last day on which it may have been. For an approximate date, the "
        "last day as stated: it may have been later.",
    }
    assert {name: told[name] for name in expected} == expected
    codes = readme(take(staff, f"{FILE}&format=xlsx_codes"))
    assert (codes["occurred_edtf"], codes["country"]) == (
        "When it was, as EDTF.", "ISO 3166-1 alpha-2."
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "Drafts are included: the column “Status” says which rows are approved."),
        ("&columns=ref", "Drafts are included."),
        (
            "&format=xlsx_codes",
            "Drafts are included: the column “state” says which rows are approved.",
        ),
        ("&profile=partner", "Only approved and published records are included."),
        ("&profile=public", ""),
        ("&state=draft", "Drafts are included: the column “Status” says which rows are approved."),
        ("&state=published", ""),
        ("&state=retracted", ""),
        ("&figure=all:all", ""),
    ],
)
def test_the_second_sheet_says_what_is_left_out_and_what_withheld_means(
    app: Flask, client: FlaskClient, asked: str, said: str
) -> None:
    with as_user(app, "taker", Role.STAFF, Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    told = readme(take(client, f"{FILE}{asked}"))
    assert "“withheld” means that somebody or something is there" in told["Left out"]
    assert ("Drafts are included" in told["Left out"]) == said.startswith("Drafts")
    assert said in told["Left out"]
    for sentence in told["Left out"].split("\n"):
        assert sentence in unescape(client.get(f"/reports/?{asked[1:]}&format=xlsx").text)


def test_how_to_read_it_is_told_for_the_format(staff: FlaskClient) -> None:
    same = "the header is the same in every language"
    assert same in staff.get("/reports/").text
    for_reading = staff.get("/reports/?format=xlsx").text
    assert same not in for_reading
    assert "A cell of Excel holds 32,767 letters" in for_reading
    assert same in staff.get("/reports/?format=xlsx_codes").text


def test_the_heading_row_stays_in_sight(staff: FlaskClient) -> None:
    with zipfile.ZipFile(io.BytesIO(take(staff, f"{FILE}kk"))) as book:
        sheet, styles = (
            etree.fromstring(book.read(name))
            for name in ("xl/worksheets/sheet1.xml", "xl/styles.xml")
        )
    pane = sheet.find(".//x:pane", NS)
    assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
    style = styles.findall(".//x:cellXfs/x:xf", NS)[int(sheet.find(".//x:c[@r='A1']", NS).get("s"))]
    font = styles.findall(".//x:fonts/x:font", NS)[int(style.get("fontId"))]
    assert font.find("x:b", NS) is not None
    assert style.find("x:alignment", NS).get("wrapText") == "1"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("&country=KZ", "Incidents. Incidents that you may see: Kazakhstan, retracted excluded."),
        # The properties of a file are read by everybody who gets it.
        ("&q=Anna", "Incidents."),
        (
            "&profile=public",
            "Incidents. Only what monitors published is in it, in the words that were approved.",
        ),
    ],
)
def test_the_title_of_the_file_says_what_was_filtered_and_no_name(
    staff: FlaskClient, asked: str, said: str
) -> None:
    with zipfile.ZipFile(io.BytesIO(take(staff, FILE + "en" + asked))) as book:
        properties = etree.fromstring(book.read("docProps/core.xml"))
    assert properties.findtext("{http://purl.org/dc/elements/1.1/}title") == said


def test_the_preview_shows_the_headings_and_labels_of_the_file(staff: FlaskClient) -> None:
    asked = "columns=ref,country,reported_month&format=xlsx&labels=kk"
    page = unescape(staff.get(f"/reports/?{asked}").text)
    assert '<th scope="col">Ел</th>' in page
    assert "<td>Қазақстан</td><td>2025-06</td>" in page


def test_who_is_withheld_is_withheld_in_words(app: Flask, client: FlaskClient) -> None:
    with as_user(app, "taker", Role.EXPORTER) as by:
        made = make_incident(who="a colleague", by=by)
        made.state = EditorialState.APPROVED
        db.session.commit()
    sign_in_directly(client, "taker")
    row = first_row(take(client, f"{FILE}ru&profile=partner"))
    assert row["Пострадавшие"] == "не раскрывается"


@pytest.mark.parametrize("table", [FLAT_INCIDENTS, PUBLISHED_INCIDENTS], ids=lambda one: one.name)
@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_every_column_has_a_heading_of_its_own(app: Flask, table: Table, language: str) -> None:
    with app.app_context(), use_language(language):
        headings = [str(one.label) for one in table.columns]
    assert all(headings)
    assert len(set(headings)) == len(headings)


def test_our_own_workbook_says_which_sheet_to_import(staff: FlaskClient) -> None:
    address = "/reports/imports/new"
    answer = staff.post(
        address,
        data={
            "file": (io.BytesIO(take(staff, f"{FILE}ru")), "ours.xlsx"),
            "csrf_token": token_in(staff.get(address).text),
        },
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert "It has several sheets: Инциденты, README." in answer.text
    assert "Save the sheet that you want as a file of its own." in answer.text


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_its_sheet_alone_is_imported_as_it_is(
    app: Flask, staff: FlaskClient, language: str
) -> None:
    header, *rows = sheets(take(staff, FILE + language))[0]
    columns = [Column(name=name, description="") for name in header]
    table = read_table(b"".join(stream_workbook([("sheet", columns, [rows])])), "ours.xlsx")

    # Only a person can say on whose word somebody is a perpetrator.
    plan = replace(guess_plan(table.header, table.rows), attributed_by="outlet")
    assert set(plan.split.values()) == {ListSeparator.BAR}
    with as_user(app) as by:
        batch = import_service.receive_file(
            table, sha256="0" * 64, file_name="ours.xlsx", mapping="",
            team_id=by.team_ids[0], by=by,
        )  # fmt: skip
        checked = import_service.check_file(batch, plan)
    assert [(one.column, one.kind) for one in checked.problems] == []
    [draft] = checked.drafts
    assert draft.types == ("threat.death", "surveillance.physical", "impersonation.official")
    assert (draft.title, draft.country, draft.journalists) == ("Letters", "KZ", ("Anna Q",))
    assert (draft.when.earliest, draft.when.latest) == (date(2024, 12, 1), date(2025, 5, 31))
