"""Files for partners hold what a second person approved, and drafts only where that was chosen."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from tests.cases.records_made import make_case, make_response
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_institution,
    make_outlet,
    sign_in_directly,
)
from tests.fake_accounts.accounts_made import make_account
from tests.reports.dossiers.case_made import everything, make_told
from tests.reports.dossiers.case_made import taken as dossier_taken
from tests.reports.test_export_log import changes_of
from tests.reports.test_file_builder import FILE, PAGE, read, take
from tests.reports.test_package import rows, taken
from tracker.cases.service import file_records
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.permissions import Role, Visibility
from tracker.review.codes import EditorialState

PARTNER = "?profile=partner"
WITH_DRAFTS = "?profile=partner&drafts=yes"
EXPORT_LOG = "/reports/export-log"
UNAPPROVED = (EditorialState.DRAFT, EditorialState.IN_REVIEW, EditorialState.RETURNED)


@pytest.fixture
def made(app: Flask, client: FlaskClient) -> dict[str, Any]:
    """Record an incident in each state that counts, each with a source and in a case of its own, a
    draft and an approved account and response; sign in who exports for partners.
    """
    refs: dict[str, Any] = {}
    with as_user(app, "taker", Role.STAFF, Role.EXPORTER) as by:
        shared: dict[str, Any] = {"visibility": Visibility.INTERNAL, "by": by}
        for state in (*UNAPPROVED, EditorialState.APPROVED, EditorialState.PUBLISHED):
            outlet = make_outlet(f"Paper {state}", by=by)
            source = make_article(f"On {state}", publisher=outlet, by=by)
            one = make_incident(article=source, by=by)
            case = make_case(f"Case {state}", **shared)
            file_records(case, [one], by=by)
            one.state = state
            refs[state] = (one.ref, source.ref, case.ref, outlet.ref)
        body = make_institution(by=by)
        for state in (EditorialState.DRAFT, EditorialState.APPROVED):
            source = make_article(f"More on {state}", by=by)
            account = make_account(f"anna_{state}", cites=source, by=by)
            response = make_response(cites=source, institution=body, **shared)
            account.state = response.state = state
            refs[f"other {state}"] = (account.ref, response.ref)
        db.session.commit()
    sign_in_directly(client, "taker")
    return refs


def approved_in(made: dict[str, Any]) -> set[str]:
    return {made[one][0] for one in (EditorialState.APPROVED, EditorialState.PUBLISHED)}


def every_in(made: dict[str, Any]) -> set[str]:
    return approved_in(made) | {made[one][0] for one in UNAPPROVED}


@pytest.mark.parametrize(
    ("asked", "whole"),
    [(PARTNER, False), (f"{PARTNER}&drafts=no", False), (WITH_DRAFTS, True), ("", True),
     ("?drafts=no", True)],
)  # fmt: skip
def test_a_file_for_partners_has_drafts_only_where_that_was_chosen(client, made, asked, whole):
    expected = every_in(made) if whole else approved_in(made)

    assert {row["ref"] for row in read(take(client, f"{FILE}csv{asked}"))} == expected
    lines = take(client, f"{FILE}jsonl{asked}").decode().splitlines()
    assert {json.loads(line)["ref"] for line in lines} == expected
    book = CalamineWorkbook.from_filelike(io.BytesIO(take(client, f"{FILE}xlsx{asked}")))
    header, *cells = book.get_sheet_by_index(0).to_python()
    assert {row[header.index("Ref")] for row in cells} == expected
    page = client.get(PAGE + asked).text
    assert f"{len(expected)} rows." in page
    assert ("3 drafts are left out." in page) == (not whole)


def test_preview_log_and_name_of_the_file_say_whether_drafts_are_in_it(client, made):
    for asked, answer, said, name in (
        (PARTNER, "No", "Only approved and published records are included.", "partner-2"),
        (WITH_DRAFTS, "Yes", "Drafts are included", "partner-with-drafts-2"),
    ):
        page = client.get(PAGE + asked).text
        assert said in page
        ticked = 'name="drafts" value="yes" aria-describedby="drafts-hint" checked'
        assert (ticked in page) == (answer == "Yes")
        with client.get(f"{FILE}csv{asked}") as file:
            assert name in file.headers["Content-Disposition"]
            file.get_data()
        log = client.get(EXPORT_LOG).text
        assert log.count(f"Include drafts: {answer}") == 1
    assert client.get(f"{PAGE}?profile=partner&drafts=some").status_code == 400
    inside = client.get(PAGE).text
    assert "Drafts are included: the column “state” says which rows are approved." in inside
    assert "Only approved" not in inside


def test_a_package_leaves_out_drafts_and_what_only_they_lead_to(client, made):
    inside, outside, whole = (taken(client, asked) for asked in ("", PARTNER, WITH_DRAFTS))

    def refs(package: Any, *tables: str) -> set[str]:
        return {row["ref"] for table in tables for row in rows(package, table)}

    tables = ("incidents", "articles", "cases", "outlets")
    left = {ref for state in UNAPPROVED for ref in made[state]}
    stay = {ref for one in (EditorialState.APPROVED, EditorialState.PUBLISHED) for ref in made[one]}
    assert refs(outside, *tables) & (left | stay) == stay
    for package in (inside, whole):
        assert refs(package, *tables) >= left | stay
    others = ("fake_accounts", "responses")
    assert refs(outside, *others) == set(made["other approved"])
    assert refs(whole, *others) == {*made["other approved"], *made["other draft"]}
    assert not [row for row in rows(outside, "incident_cases") if row["incident"] in left]
    for package, words in ((outside, "without drafts"), (whole, "drafts included")):
        assert words in package.read("README.txt").decode()
        assert words in json.loads(package.read("datapackage.json"))["description"]
    page = client.get(f"/reports/package{PARTNER}").text
    assert "5 drafts are left out." in page
    assert "Drafts are included" in client.get(f"/reports/package{WITH_DRAFTS}").text


def test_what_is_revised_is_told_as_such_and_comes_back_once_it_is_approved(app, client, made):
    them = f"{PARTNER}&recipient=A+network"
    taken(client, them)
    ref = made[EditorialState.APPROVED][0]

    def set_state(state: EditorialState) -> None:
        with as_user(app, "other"):
            db.session.scalars(select(Incident).where(Incident.ref == ref)).one().state = state
            db.session.commit()

    set_state(EditorialState.DRAFT)
    assert changes_of(taken(client, them))[ref] == ("redacted", "not_approved")
    set_state(EditorialState.APPROVED)
    assert changes_of(taken(client, them))[ref] == ("added", "")


def test_a_dossier_for_partners_leaves_drafts_out_and_says_so(app, client):
    told = make_told(app)
    with as_user(app, "taker", Role.STAFF, Role.EXPORTER):
        ref = told.incidents["free"]
        one = db.session.scalars(select(Incident).where(Incident.ref == ref)).one()
        one.state = EditorialState.APPROVED
        db.session.commit()
    sign_in_directly(client, "taker")
    draft = told.incidents["threat"]

    for asked, words, has_draft in (
        (PARTNER, "without drafts", False), (WITH_DRAFTS, "drafts included", True),
    ):  # fmt: skip
        packed = dossier_taken(client, told.case, asked)
        assert words in packed.read("dossier.html").decode()
        assert words in packed.read("dossier.txt").decode()
        text = everything(packed)
        assert ref in text
        assert (draft in text) == has_draft
        assert (told.articles["threat"] in text) == has_draft
    page = client.get(f"/reports/dossier/{told.case}{PARTNER}").text
    assert "Only approved and published records are included." in page
    log = client.get(EXPORT_LOG).text
    assert (log.count("Include drafts: No"), log.count("Include drafts: Yes")) == (1, 1)


def test_the_command_leaves_drafts_out_of_files_for_partners_too(runner, made):
    def refs(*asked: str) -> set[str]:
        found = runner.invoke(args=["reports", "export", "--profile", "partner", *asked])
        return {row["ref"] for row in read(found.stdout_bytes)}

    assert refs() == approved_in(made)
    assert refs("drafts=yes") == every_in(made)
