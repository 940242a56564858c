"""The monthly report: by the rules, with the list behind each number, and frozen once published."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from tests.cases.records_made import make_response
from tests.conftest import prepared
from tests.factories import (
    as_user,
    hidden_in,
    make_article,
    make_incident,
    make_journalist,
    make_outlet,
    make_type,
    post,
    sign_in_directly,
)
from tests.fake_accounts.accounts_made import make_account
from tests.kit.pages_read import titles as list_titles
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.errors import Forbidden
from tracker.fake_accounts.codes import SuccessionBasis, SuccessionCertainty
from tracker.fake_accounts.models import AccountSuccession
from tracker.incidents.codes import (
    ActorType,
    AttributedBy,
    Extent,
    IncidentLinkKind,
    PurportedAs,
    TargetKind,
    TargetRole,
    Verification,
    WorkLink,
)
from tracker.incidents.models import Incident, IncidentActor, IncidentLink, IncidentTarget
from tracker.people.codes import Gender
from tracker.people.models import Journalist
from tracker.permissions import Role, Visibility
from tracker.reports.filters import MonthlyFilter
from tracker.reports.models import ExportRun
from tracker.reports.monthly import views
from tracker.reports.monthly.models import PublishedMonth
from tracker.reports.monthly.queries import monthly_text
from tracker.reports.monthly.service import publish_month, save_commentary
from tracker.responses.codes import ActType
from tracker.responses.models import ResponseAct, ResponseAnswer
from tracker.review.codes import EditorialState, RetractReason
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.labels import get_label
from tracker.when import parse_when

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGE = "/reports/monthly?month=2026-10"
SHARED = f"{PAGE}&shared=yes"
PUBLISH = "/reports/monthly/publish?month=2026-10"
WRITE = "/reports/monthly/write?month=2026-10"


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be November: October is over."""
    monkeypatch.setattr(clock, "utc_now", lambda: NOW)


def made(
    title: str, *, by: Any, at: str = "2026-10", code: str = "threat.death", **given: Any
) -> Incident:
    """Return an approved incident that an article of a month reports."""
    article = make_article(
        f"On {title}",
        text=f"Of {title} it is told.",
        published=parse_when(at, latest_possible_date=NOW.date()),
        by=by,
    )
    incident = make_incident(code, article=article, by=by, **given)
    incident.title, incident.state = title, EditorialState.APPROVED
    incident.approved_by_id = None
    return incident


@pytest.fixture
def october(app: Flask) -> None:
    """Record seven incidents that count in October, and whatever must not."""
    prepared(app, "october", lambda: _october(app))


def _october(app: Flask) -> None:
    with as_user(app, "chief", Role.MONITOR):
        pass
    with as_user(app, "reader", Role.EXPORTER, team="Elsewhere"):
        pass
    with as_user(app) as by:
        woman = make_journalist("Asem Doe", gender=Gender.WOMAN, by=by)
        outlet = make_outlet(by=by)
        made("Twice threatened", by=by)
        one = made("A search", code="legal.search", by=by)
        one.verification = Verification.CONFIRMED
        one.targets += [
            IncidentTarget(kind=TargetKind.JOURNALIST, journalist=woman),
            IncidentTarget(kind=TargetKind.OUTLET, outlet=outlet),
            IncidentTarget(
                kind=TargetKind.UNNAMED_GROUP, words="her neighbours", number_at_least=3,
                role=TargetRole.COLLATERAL_NEIGHBOUR,
            ),
        ]  # fmt: skip
        one.actors = [
            IncidentActor(
                actor_type=ActorType.PRIVATE_PERSON, purported_as=PurportedAs.POLICE,
                attributed_by=AttributedBy.TARGET,
            ),
            IncidentActor(actor_type=ActorType.PRIVATE_PERSON, attributed_by=AttributedBy.TARGET),
            IncidentActor(actor_type=ActorType.UNKNOWN),
        ]  # fmt: skip
        again = made("Again", by=by)
        again.targets += [IncidentTarget(kind=TargetKind.JOURNALIST, journalist=woman)]
        again.extent, again.occurrences_at_least = Extent.REPEATED, 4
        made("Ours alone", visibility=Visibility.RESTRICTED, by=by)
        made("In September", at="2026-09", by=by)
        made("Far away", country="KG", by=by)
        # What does not count: a draft, the unlikely, another matter, and what its episode tells.
        made("A draft", by=by).state = EditorialState.DRAFT
        made("Unlikely", by=by).verification = Verification.UNLIKELY
        made("Private", by=by).work_link = WorkLink.NONE
        whole, part = made("The whole", by=by), made("An episode", by=by)
        part.links = [IncidentLink(other=whole, kind=IncidentLinkKind.PART_OF)]
        # An episode that does not count takes nothing away.
        kept, lost = made("Told whole", by=by), made("A doubtful episode", by=by)
        lost.verification = Verification.UNLIKELY
        lost.links = [IncidentLink(other=kept, kind=IncidentLinkKind.PART_OF)]
        make_response(by=by, when="2026-10-05").state = EditorialState.APPROVED
        make_response(by=by, when="2026-10-06")
        db.session.commit()


def rows(client: FlaskClient, address: str) -> dict[tuple[str, str], dict[str, str]]:
    with client.get(address) as answer:
        assert answer.status_code == 200
        text = answer.get_data().decode("utf-8-sig")
    return {(row["table"], row["code"]): row for row in csv.DictReader(io.StringIO(text))}


def numbers(client: FlaskClient, address: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (table, code), row in rows(client, address.replace("monthly?", "monthly.csv?")).items():
        found.setdefault(table, {})[code] = int(row["number"])
    return found


def titles(client: FlaskClient, address: str) -> list[str]:
    return list_titles(client.get(address).text)


def test_a_month_counts_by_the_rules(client, october):
    sign_in_directly(client, "staff")

    found = numbers(client, f"{PAGE}&country=KZ")

    assert found["all"] == {"all": 6}
    assert found["occurrences"] == {"all": 9}
    assert found["type"] == {"legal.search": 1, "threat.death": 5}
    assert found["region"] == {"none": 6}
    assert found["verification"] == {"confirmed": 1, "unknown": 5}
    # The actual actor; men who only say that they are police are in a table of their own.
    assert found["actor"] == {"private_person": 1, "unknown": 1, "none": 5}
    assert found["purported"] == {"police": 1}
    # One woman in two incidents is one; the others are the editor of each incident.
    assert found["people"] == {"named": 1, "unnamed": 6, "outlets": 1, "collateral": 3}
    assert found["gender"] == {"woman": 1}
    assert found["responses"] == {"responsible_state": 1}
    for table in ("type", "region", "verification", "sdg", "jfj", "ads"):
        assert sum(found[table].values()) == 6, table


def test_an_incident_whose_link_to_the_work_is_unclear_counts_as_the_page_says(
    app, client, october
):
    with as_user(app) as by:
        made("Not clear", by=by).work_link = WorkLink.UNCLEAR
        db.session.commit()
    sign_in_directly(client, "staff")

    assert numbers(client, PAGE)["all"] == {"all": 8}
    page = client.get(PAGE).text
    assert "a link to the work that is not “none” (an unclear one counts)" in page
    assert page.count("in that in which it was recorded or imported") == 1


def test_each_number_leads_to_exactly_what_it_counts(client, october):
    sign_in_directly(client, "staff")
    page = client.get(PAGE).text
    assert "leads to all their incidents" in page, "of people, who are counted by heads"
    assert "over the records that you may see" in page
    links = {
        (html.unescape(link), int(number))
        for link, number in re.findall(r'<a href="(/incidents/\?[^"]+)">(\d+)</a>', page)
    }
    assert len(links) >= 15

    # People are counted by heads and occurrences by how often: the list has their incidents.
    for link, number in links:
        listed = len(titles(client, link))
        if any(table in link for table in ("people", "gender", "occurrences")):
            assert 0 < listed <= 7, link
        else:
            assert listed == number, link
    named = titles(client, "/incidents/?reported=2026-10&figure=people:named")
    assert sorted(named) == ["A search", "Again"]
    assert titles(client, "/incidents/?reported=2026-09/2026-10&figure=actor:private_person") == [
        "A search"
    ]
    assert len(titles(client, "/incidents/?reported=2026-09/2026-10&figure=all:all")) == 8
    assert len(list_titles(client.get("/responses/?counted=2026-10").text)) == 1


def test_who_refused_to_be_named_is_counted_and_shown_to_nobody_else(app, client, october):
    with as_user(app):
        woman = db.session.scalars(select(Journalist)).one()
        woman.visibility, woman.name_closed_on = Visibility.RESTRICTED, NOW.date()
        db.session.commit()

    sign_in_directly(client, "staff")
    assert numbers(client, PAGE)["gender"] == {"woman": 1}
    assert numbers(client, SHARED)["gender"] == {"withheld": 1}
    sign_in_directly(client, "reader")
    found = numbers(client, PAGE)
    assert (found["people"]["named"], found["gender"]) == (1, {"withheld": 1})
    page = client.get(PAGE).text
    assert "not shown to you" in page
    assert "Asem" not in page
    assert len(titles(client, "/incidents/?reported=2026-10&figure=gender:withheld")) == 2


def test_a_figure_that_there_is_not_is_refused_at_its_field(client, october):
    sign_in_directly(client, "staff")

    for asked in ("figure=x:y", "figure=type:threat.x", "figure=actor:nobody", "figure=sdg:none of it",
                  "figure=type", "shared=no"):  # fmt: skip
        assert client.get(f"/incidents/?{asked}").status_code == 400, asked
    for asked in ("month=20266", "month=2026-10/2026-09", "country=XX", "from=2026-10-01"):
        assert client.get(f"/reports/monthly?{asked}").status_code == 400, asked


def test_counts_are_over_what_the_viewer_may_see(client, october):
    sign_in_directly(client, "staff")
    mine, shared = numbers(client, PAGE), numbers(client, SHARED)
    assert (mine["all"]["all"], shared["all"]["all"]) == (7, 6)
    assert "Ours alone" in titles(client, "/incidents/?reported=2026-10&figure=all:all")
    assert "Ours alone" not in titles(
        client, "/incidents/?reported=2026-10&figure=all:all&shared=yes"
    )

    sign_in_directly(client, "reader")
    assert numbers(client, PAGE) == numbers(client, SHARED) == shared


def test_a_list_of_what_everybody_sees_is_that_as_a_file_too(client, october):
    sign_in_directly(client, "staff")

    with client.get("/reports/incidents.csv?reported=2026-10&figure=all:all&shared=yes") as answer:
        text = answer.get_data().decode("utf-8-sig")

    assert sorted(row["title"] for row in csv.DictReader(io.StringIO(text))) == [
        "A search", "Again", "An episode", "Far away", "Told whole", "Twice threatened"
    ]  # fmt: skip


def test_the_period_before_stands_beside(client, october):
    sign_in_directly(client, "staff")

    found = rows(client, "/reports/monthly.csv?month=2026-10")

    assert (
        found["type", "threat.death"]["number"],
        found["type", "threat.death"]["period_before"],
    ) == ("6", "1")
    assert found["region", "none"]["period_before"] == ""
    both = rows(client, "/reports/monthly.csv?month=2026-09/2026-10")
    assert both["all", "all"]["number"] == "8"


def test_no_spreadsheet_takes_a_label_for_a_formula(app, client, october):
    with as_user(app):
        make_type("threat.death").label_en = "=Death threat"
        db.session.commit()
    sign_in_directly(client, "staff")
    found = rows(client, "/reports/monthly.csv?month=2026-10")
    assert found["type", "threat.death"]["label"] == "'=Death threat"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_file_is_noted_before_it_leaves(app, client, october, suffix):
    sign_in_directly(client, "reader")
    address = f"/reports/monthly.{suffix}?month=2026-10&country=KZ"
    client.head(address)
    client.get(address)

    with app.app_context():
        noted = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "export:monthly")
        ).one()
        assert (noted.actor, noted.subject) == ("reader", f"monthly.{suffix}")
        assert noted.changes == {"month": "2026-10", "country": "KZ"}
        # It has a row of no record: the export log has nothing to keep.
        assert db.session.scalars(select(ExportRun)).all() == []


def book(client: FlaskClient, asked: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each sheet of the workbook, by their header."""
    with client.get(f"/reports/monthly.xlsx?{asked}") as answer:
        assert answer.status_code == 200
        assert "-to-" in answer.headers["Content-Disposition"] or "/" not in asked
        read = CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data()))
    found: dict[str, list[dict[str, Any]]] = {}
    for name in read.sheet_names:
        header, *below = read.get_sheet_by_name(name).to_python()
        found[name] = [dict(zip(map(str, header), row, strict=True)) for row in below]
    return found


def test_the_workbook_has_a_sheet_for_each_table_with_the_numbers_of_the_page(client, october):
    sign_in_directly(client, "staff")

    sheets = book(client, "month=2026-10&country=KZ")

    plain = rows(client, f"{PAGE.replace('monthly?', 'monthly.csv?')}&country=KZ")
    tables = list(dict.fromkeys(table for table, _code in plain))
    assert list(sheets) == [
        "Period", "All counted", "Occurrences at least", "Primary type", "Region", "Verification",
        "Perpetrators", "Whom they posed as", "People and outlets", "Gender of named journalists",
        "SDG 16.10.1", "Justice for Journalists", "Adil Soz", "Official responses", "Fake accounts",
        "Waiting for a response", "Takedowns", "README",
    ]  # fmt: skip
    name_of = dict(zip([*tables, "accounts"], list(sheets)[1:], strict=False))
    for (table, code), row in plain.items():
        [one] = [one for one in sheets[name_of[table]] if one["Code in the CSV"] == code]
        assert (next(iter(one.values())), one["How many"]) == (row["label"], int(row["number"]))
        before = int(row["period_before"]) if row["period_before"] else None
        assert one.get("Period before") == before
        assert "As published" not in one
    # Where each incident is counted once, the last row has their number.
    assert [name for name, lines in sheets.items() if lines and "Total" in lines[-1].values()] == [
        "Primary type", "Region", "Verification", "SDG 16.10.1", "Justice for Journalists",
        "Adil Soz", "Official responses",
    ]  # fmt: skip
    total = sheets["Primary type"][-1]
    assert (total["Primary type"], total["How many"]) == ("Total", 6)
    assert len(titles(client, total["List"])) == 6
    # A number leads to the list of what it counts.
    [mine] = [one for one in sheets["Primary type"] if one["Code in the CSV"] == "threat.death"]
    assert len(titles(client, mine["List"])) == mine["How many"] == 5
    period = {one["Monthly report"]: one["Value"] for one in sheets["Period"]}
    assert (period["Month or period"], period["Period before"], period["Country"]) == (
        "October 2026", "September 2026", "Kazakhstan"
    )  # fmt: skip
    assert "that you may see" in period["Figures"]
    assert "Published" not in period
    [silent, _substantive] = sheets["Waiting for a response"]
    assert list(silent.values())[:3] == ["Without any response", 6, 0]
    assert silent["Longest wait in days, at least"] >= 19
    said = [f"{one['Sheet or column']}: {one['Meaning']}" for one in sheets["README"]]
    assert any(one.startswith("Period: October 2026, Kazakhstan") for one in said)
    assert sum("assignments are ours" in one for one in said) == 3
    assert any(one.startswith("All counted: All counted: Approved or published") for one in said)


@pytest.mark.parametrize(
    ("language", "names", "headings"),
    [
        ("ru", ["Период", "Все учтённые", "Основной вид"], ["Сколько", "Предыдущий период"]),
        ("kk", ["Кезең", "Барлық есепке алынғаны", "Негізгі түрі"], ["Саны", "Алдыңғы кезең"]),
    ],
)
def test_the_workbook_is_in_the_language_of_the_pages(client, october, language, names, headings):
    sign_in_directly(client, "staff")
    client.get(f"/language/{language}")

    sheets = book(client, "month=2026-10")

    assert [name for name in sheets if name in names] == names
    assert set(headings) <= set(sheets[names[2]][0])
    told = " ".join(name for lines in sheets.values() for one in lines for name in one)
    assert (
        re.findall("[a-z]{3,}", told.replace("CSV", "").replace("Justice for Journalists", ""))
        == []
    )


def test_the_workbook_says_what_was_frozen_and_over_whose_records(client, october):
    sign_in_directly(client, "chief")
    publish(client)
    sign_in_directly(client, "reader")

    shared, mine = book(client, "month=2026-10&shared=yes"), book(client, "month=2026-10")

    assert [one["As published"] for one in shared["All counted"]] == [6]
    period = {one["Monthly report"]: one["Value"] for one in shared["Period"]}
    assert period["Published"].startswith("20 November 2026")
    assert "all users may see" in period["Figures"]
    # What everybody sees was published: it says nothing of what somebody sees besides.
    assert "As published" not in mine["All counted"][0]
    assert "Published" not in {one["Monthly report"] for one in mine["Period"]}


def test_the_workbook_counts_takedowns_and_says_where_no_clock_is_read(
    app, client, october, monkeypatch
):
    monkeypatch.setattr(views, "MAX_INCIDENTS_WITH_CLOCKS", 1)
    with as_user(app) as by:
        account = make_account(
            "anna", ("first_seen", "2026-10-01"), ("removed_by_platform", "2026-10-04"), by=by
        )
        account.state = EditorialState.APPROVED
        db.session.commit()
    sign_in_directly(client, "staff")

    sheets = book(client, "month=2026-10")

    accounts = {one["Code in the CSV"]: one["How many"] for one in sheets["Fake accounts"]}
    assert accounts == {"first_seen": 1, "removed_by_platform": 1}
    down = {one["Fake accounts"]: (one["How many"], one["At most"]) for one in sheets["Takedowns"]}
    assert (down["Taken down"], down["Median time to takedown"]) == ((1, ""), (3, 3))
    assert sheets["Waiting for a response"] == []
    assert any("at most 1 incident:" in one["Meaning"] for one in sheets["README"])


def test_what_everybody_reads_is_answered_and_came_back_by_what_everybody_sees(
    app, client, october
):
    """On the page and in the workbook: the team sees a response and a successor besides."""
    with as_user(app) as by:
        again = db.session.scalars(select(Incident).where(Incident.title == "Again")).one()
        said = ResponseAct(act=ActType.CONDEMNATION, is_substantive=Answer.NO)
        ours = make_response(said, by=by, when="2026-11-02", visibility=Visibility.RESTRICTED)
        ours.answers = [ResponseAnswer(incident=again)]
        gone = make_account(
            "anna", ("first_seen", "2026-10-01"), ("removed_by_platform", "2026-10-02"), by=by
        )
        back = make_account("anna2", visibility=Visibility.RESTRICTED, by=by)
        gone.successors = [
            AccountSuccession(
                successor=back, certainty=SuccessionCertainty.CONFIRMED,
                basis=SuccessionBasis.SAME_NAME,
            )
        ]  # fmt: skip
        ours.state = gone.state = back.state = EditorialState.APPROVED
        db.session.commit()
    sign_in_directly(client, "staff")

    for asked, answered, came_back in (("", 1, 1), ("&shared=yes", 0, 0)):
        page, sheets = client.get(PAGE + asked).text, book(client, f"month=2026-10{asked}")
        assert ("1 was answered" in page) == bool(answered)
        [silent, _substantive] = sheets["Waiting for a response"]
        assert silent["Answered"] == answered
        down = {one["Fake accounts"]: one["How many"] for one in sheets["Takedowns"]}
        assert (down["Taken down"], down["Came back as another one"]) == (1, came_back)


def publish(client: FlaskClient, address: str = PUBLISH) -> Any:
    read = re.search(r'name="read"[^>]*value="([0-9a-f]*)"', client.get(address).text)
    return post(client, address, read=read.group(1) if read else "")


def test_a_published_month_is_frozen_and_says_what_was_revised(app, client, october):
    older = "this text may state the earlier ones"
    sign_in_directly(client, "chief")
    assert publish(client).status_code == 303
    page = client.get(SHARED).text
    assert "Nothing is counted otherwise" in page
    # On paper too: other notices are not printed.
    assert re.search(r'<p class="notice printed">Published on', page)
    with client.get("/static/tracker.css") as styles:
        assert ".notice:not(.printed)" in styles.text
    with app.app_context():
        noted = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "monthly:publish")
        ).one()
        assert (noted.actor, noted.subject, noted.changes["incidents"]) == ("chief", "2026-10", 6)
        kept = json.dumps(db.session.scalars(select(PublishedMonth)).one().figures)
        assert "Asem" not in kept

    with as_user(app) as by:
        late = made("Found later", by=by)
        late_ref = late.ref
        gone, hidden = (
            db.session.scalars(select(Incident).where(Incident.title == title)).one()
            for title in ("Far away", "Twice threatened")
        )
        gone.state, gone.retract_reason = EditorialState.RETRACTED, RetractReason.DID_NOT_HAPPEN
        hidden.visibility = Visibility.RESTRICTED
        gone_ref, hidden_ref = gone.ref, hidden.ref
        extra = make_journalist("Bek Roe", by=by)
        db.session.scalars(select(Incident).where(Incident.title == "Again")).one().targets += [
            IncidentTarget(kind=TargetKind.JOURNALIST, journalist=extra)
        ]
        db.session.commit()

    sign_in_directly(client, "reader")
    page = client.get(SHARED).text
    assert "revised from 6 to 5" in page
    assert "revised from 1 to 2" in page, "of the people in an incident that counts as before"
    assert late_ref in page
    assert gone_ref in page
    assert f"Retracted: {get_label(RetractReason.DID_NOT_HAPPEN, 'en')}" in page, (
        "why it counts no longer"
    )
    assert hidden_ref not in page
    # How many there are is not said.
    assert "Records that you may not see may be counted otherwise as well." in page
    totals = re.findall(r"<tfoot>.*?</tfoot>", page, re.DOTALL)
    assert [one for one in totals if "revised from 6 to 5" not in one] == [totals[3]], (
        "all but official responses, which are as they were"
    )
    # Each record stands once, with the rows that it changes.
    told = page.partition('id="revised-heading"')[2].partition("</section>")[0]
    assert told.count(f">{late_ref}</a>") == told.count(f">{gone_ref}</a>") == 1
    assert told.count("that you may not see") == 1
    assert (
        rows(client, SHARED.replace("monthly?", "monthly.csv?"))["all", "all"]["published"] == "6"
    )
    shared = {
        row["shared"] for row in rows(client, SHARED.replace("monthly?", "monthly.csv?")).values()
    }
    assert shared == {"yes"}
    assert {
        row["shared"] for row in rows(client, "/reports/monthly.csv?month=2026-10").values()
    } == {""}
    assert older not in page, "nothing is written"
    sign_in_directly(client, "chief")
    words = {"summary": "Six in all.", "on_incidents": "", "on_responses": ""}
    assert post(client, WRITE, version="0", **words).status_code == 303
    assert older in client.get(SHARED).text
    assert older not in client.get(PAGE).text, "whose figures were not published"
    sign_in_directly(client, "staff")
    assert hidden_ref in client.get(SHARED).text
    assert "revised from" not in client.get(PAGE).text


def test_a_closed_name_tells_no_gender_by_what_was_published_before(app, client, october):
    sign_in_directly(client, "chief")
    publish(client)
    file = SHARED.replace("monthly?", "monthly.csv?")
    with as_user(app) as by:
        woman = db.session.scalars(select(Journalist)).one()
        woman.visibility, woman.name_closed_on = Visibility.RESTRICTED, NOW.date()
        made("Found later", by=by)
        db.session.commit()

    sign_in_directly(client, "reader")
    page, figures = client.get(SHARED).text, rows(client, file)
    revised = page.partition('id="revised-heading"')[2].partition("</section>")[0]
    gender = page.partition('id="gender-heading"')[2].partition("</section>")[0]
    assert "revised from 6 to 7" in revised
    for told in (revised, gender):
        assert "Woman" not in told
    assert "Gender" not in revised
    assert "not shown to you" not in revised
    assert "not compared with the published one" in gender
    assert {key: one["published"] for key, one in figures.items() if key[0] == "gender"} == {
        ("gender", "withheld"): ""
    }

    # Once it is open again, there is nothing to keep.
    with as_user(app):
        woman = db.session.scalars(select(Journalist)).one()
        woman.visibility, woman.name_closed_on = Visibility.INTERNAL, None
        db.session.commit()
    assert rows(client, file)["gender", "woman"]["published"] == "1"


def test_a_month_is_published_once_by_a_monitor_and_when_it_is_over(app, client, october):
    sign_in_directly(client, "staff")
    assert client.get(PUBLISH).status_code == 403
    sign_in_directly(client, "chief")
    early, ready = client.get(PUBLISH.replace("-10", "-11")).text, client.get(PUBLISH).text
    assert "Only a single month that is over" in early
    assert "All figures of the report are stored" not in early
    assert "All figures of the report are stored" in ready
    assert '<h2 id="type-heading">' in ready
    # Of the seven that the report shows to its team, one is not shared.
    assert "1 record that your report counts is left out here" in ready
    for address in (PUBLISH.replace("-10", "-11"), PUBLISH.replace("2026-10", "2026-09/2026-10")):
        refused = publish(client, address)
        assert refused.status_code == 422
        assert "Only a single month that is over" in refused.text.partition("<form")[2]
    # What changed since it was read is not published unread.
    stale = post(client, PUBLISH, read="0" * 64)
    assert stale.status_code == 422
    assert "check them again" in stale.text
    read = re.search(r'name="read"[^>]*value="([0-9a-f]*)"', ready)
    assert read
    assert publish(client).status_code == 303
    assert "All figures of the report are stored" not in client.get(PUBLISH).text
    again = post(client, PUBLISH, page=f"{PUBLISH}&country=KZ", read=read.group(1))
    assert "published already" in again.text
    assert publish(client, f"{PUBLISH}&country=KZ").status_code == 303

    with app.app_context():
        assert len(db.session.scalars(select(PublishedMonth)).all()) == 2


def test_what_is_frozen_is_what_everybody_sees(app, client, october):
    with as_user(app):
        woman = db.session.scalars(select(Journalist)).one()
        woman.visibility, woman.name_closed_on = Visibility.RESTRICTED, NOW.date()
        db.session.commit()
    sign_in_directly(client, "chief")
    answer = publish(client)
    assert (answer.status_code, answer.location) == (
        303, "/reports/monthly?month=2026-10&shared=yes"
    )  # fmt: skip
    with app.app_context():
        frozen = db.session.scalars(select(PublishedMonth)).one().figures
        assert list(frozen["gender"]) == ["withheld"]
    assert "Nothing is counted otherwise" in client.get(SHARED).text
    # A period is published by none of its months.
    assert "Published on" not in client.get(SHARED.replace("2026-10", "2026-10/2026-11")).text


def test_only_monitors_publish_and_write_whoever_calls_for_it(app, october):
    with as_user(app) as staff:
        filters = MonthlyFilter.from_args({"month": "2026-10"})
        with pytest.raises(Forbidden):
            publish_month(filters, read="", by=staff)
        with pytest.raises(Forbidden):
            save_commentary(monthly_text(filters), filters, words={}, by=staff)


def test_the_clocks_of_a_month_lead_to_the_incidents_that_wait(app, client, october):
    sign_in_directly(client, "staff")

    page = client.get(f"{PAGE}&country=KZ").text

    assert "6 still wait" in page
    assert "Responses that are not approved yet stop a clock too" in page
    assert "at most 300" not in page


def test_what_is_written_about_a_month_names_nobody_who_may_not_be_named(app, client, october):
    sign_in_directly(client, "staff")
    assert client.get(WRITE).status_code == 403
    sign_in_directly(client, "chief")
    refused = post(client, WRITE, summary="A quiet month.", on_incidents="Asem Doe was searched.")
    assert refused.status_code == 422
    assert "may not be published: “Asem Doe”" in refused.text
    assert "A quiet month." in refused.text
    opened = client.get(WRITE).text
    sent = {"summary": "A quiet month.", "on_incidents": "Bek Roe was threatened."}
    assert post(client, WRITE, **sent).status_code == 303
    # Who opened the form before that overwrites nothing unseen.
    late = client.post(WRITE, data=hidden_in(opened) | {"summary": "Mine.", "version": "0"})
    assert late.status_code == 409
    assert "A quiet month." in late.text
    # The trail has its digest alone: nothing that is replaced can be read there.
    assert "stays in the history" not in late.text
    period = post(client, WRITE.replace("2026-10", "2026-09/2026-10"), summary="Two months.")
    assert period.status_code == 422
    assert "Choose a single month." in period.text

    sign_in_directly(client, "reader")
    page = client.get(PAGE).text
    assert "A quiet month." in page
    assert "This text is internal" in page
    assert "Bek Roe was threatened." in client.get(SHARED).text
    assert "A quiet month." not in client.get(PAGE.replace("-10", "-09")).text
    with app.app_context():
        noted = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "monthly:write"))
        assert [(one.actor, one.subject) for one in noted] == [("chief", "2026-10")]

    with as_user(app) as by:
        closed = make_journalist("Bek Roe", visibility=Visibility.RESTRICTED, by=by)
        closed.name_closed_on = NOW.date()
        db.session.commit()
    page = client.get(PAGE).text
    assert "Bek Roe" not in page
    assert "withheld was threatened." in page
    sign_in_directly(client, "chief")
    again = post(client, WRITE, **sent)
    assert again.status_code == 422
    assert "may not be published: “Bek Roe”" in again.text


def test_who_writes_about_a_month_is_not_told_whom_another_team_closed(app, client, october):
    sign_in_directly(client, "chief")
    sent = {"summary": "", "on_incidents": "Dana Poe was threatened."}
    assert post(client, WRITE, **sent).status_code == 303
    before = in_sources(client)
    assert before == ["Dana Poe was threatened."] * 2
    with as_user(app, "far", team="Elsewhere") as by:
        closed = make_journalist("Dana Poe", visibility=Visibility.RESTRICTED, by=by)
        closed.name_closed_on = NOW.date()
        db.session.commit()

    assert in_sources(client) == before
    assert post(client, WRITE, **sent).status_code == 303
    assert in_sources(client) == before
    # Who closed it reads it nowhere, as in every text of others.
    sign_in_directly(client, "reader")
    page = client.get(PAGE).text
    assert "withheld was threatened." in page
    assert "Dana" not in page


def in_sources(client: FlaskClient) -> list[str]:
    """Return what the page of October and the form of its words say of a threat."""
    pages = [client.get(address).text for address in (PAGE, WRITE)]
    return [
        words for page in pages for words in re.findall(r"[^<>\s][^<>]* was threatened\.", page)
    ]


def test_what_everybody_reads_names_nobody_of_what_only_the_team_sees(app, client, october):
    with as_user(app) as by:
        kept = made("Kept by us", visibility=Visibility.RESTRICTED, by=by)
        erlan = make_journalist("Erlan Poe", visibility=Visibility.RESTRICTED, by=by)
        kept.targets += [IncidentTarget(kind=TargetKind.JOURNALIST, journalist=erlan)]
        db.session.commit()
    sign_in_directly(client, "chief")
    refused = post(client, f"{WRITE}&shared=yes", on_incidents="Erlan Poe was threatened.")
    assert refused.status_code == 422
    assert "may not be published: “Erlan Poe”" in refused.text
