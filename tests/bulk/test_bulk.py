"""Changing several rows of a list at once: what is announced, what is saved, and what is left."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import (
    as_user,
    hidden_in,
    make_article,
    make_incident,
)
from tests.fake_accounts.accounts_made import make_account
from tests.journeys.browser import Browser, browse
from tests.responses.responses_made import make_response
from tracker.audit.models import AuditEvent
from tracker.bulk import queries, views
from tracker.cases.models import Case
from tracker.cases.service import file_records, open_case
from tracker.db import db
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident
from tracker.permissions import Role, Visibility
from tracker.review.codes import EditorialState
from tracker.review.service import submit_record

MINE = ("Mine A", "Mine B", "Mine C")


@pytest.fixture
def refs(app: Flask) -> dict[str, str]:
    """Return the refs of three drafts of the Desk, a draft of others and one that they restrict."""
    with as_user(app) as user:
        article = make_article(by=user)
        made = [make_incident(title=one, article=article, by=user) for one in MINE]
        db.session.commit()
        found = {one.title: one.ref for one in made}
    with as_user(app, "other", team="Elsewhere") as other:
        article = make_article("Another", by=other)
        shown = make_incident(title="Theirs", article=article, by=other)
        hidden = make_incident(
            title="Hidden", article=article, by=other, visibility=Visibility.RESTRICTED
        )
        db.session.commit()
        return found | {"Theirs": shown.ref, "Hidden": hidden.ref}


@pytest.fixture
def staff(app: Flask, refs: dict[str, str]) -> Browser:
    return browse(app, "staff")


def edit(app: Flask, ref: str, **values: object) -> None:
    with as_user(app):
        record = db.session.scalars(select(Incident).where(Incident.ref == ref)).one()
        for name, value in values.items():
            setattr(record, name, value)
        db.session.commit()


def states(app: Flask) -> dict[str, str]:
    with as_user(app):
        rows = db.session.execute(select(Incident.title, Incident.state))
        return {row.title: str(row.state) for row in rows}


def acts(app: Flask, action: str) -> list[str]:
    """Return the subjects of the entries of the audit log with an action, in order."""
    with as_user(app):
        rows = select(AuditEvent.subject).where(AuditEvent.action == action)
        return list(db.session.scalars(rows.order_by(AuditEvent.sequence)))


def message(browser: Browser) -> str:
    return " ".join(browser.page.xpath("//*[@role='status']//text()"))


def choose(browser: Browser, button: str, *refs: str, everything: bool = False) -> None:
    """Tick rows of the open list, or the box for all of it, and press a button below it."""
    (form,) = browser.page.xpath("//form[@id='bulk']")
    sent = [(one.get("name"), one.get("value")) for one in form.xpath(".//input[@type='hidden']")]
    for ref in refs:
        (box,) = browser.page.xpath(f"//td/input[@type='checkbox' and @value='{ref}']")
        assert (box.get("name"), box.get("form")) == ("record", "bulk")
        sent.append(("record", ref))
    if everything:
        assert form.xpath(".//input[@name='all' and @value='yes']")
        sent.append(("all", "yes"))
    (pressed,) = form.xpath(f".//button[normalize-space()='{button}']")
    browser.open(f"{pressed.get('formaction')}?{urlencode(sent)}")


def listed(browser: Browser, heading: str) -> list[str]:
    """Return the records under a heading of the page, with the reason before each."""
    groups = browser.page.xpath(f"//section[h2[normalize-space()='{heading}']]//details")
    return [
        f"{group.xpath('string(summary)').rpartition(' (')[0]}: {link.text_content()}"
        for group in groups
        for link in group.xpath(".//li/a")
    ]


def test_what_is_ticked_is_announced_and_then_submitted_with_one_entry_each(
    app: Flask, staff: Browser, refs: dict[str, str]
) -> None:
    edit(app, refs["Mine B"], state=EditorialState.IN_REVIEW)
    staff.open("/incidents/?country=KZ")
    assert refs["Hidden"] not in staff.text
    choose(staff, "Submit for review", *(refs[one] for one in (*MINE, "Theirs")))
    assert sorted(listed(staff, "Will be changed")) == ["Records: Mine A", "Records: Mine C"]
    assert sorted(listed(staff, "Will not be changed")) == [
        "No longer a draft: Mine B", "Only staff of its team submit it: Theirs"
    ]  # fmt: skip
    assert "Publication will also need: a public summary (2)." in staff.words
    staff.press("Submit for review (2)")
    assert staff.loads == 3
    assert staff.address == "/incidents/?country=KZ"
    assert message(staff) == "2 drafts submitted."
    assert states(app) == {
        "Mine A": "in_review", "Mine B": "in_review", "Mine C": "in_review", "Theirs": "draft"
    }  # fmt: skip
    assert sorted(acts(app, "review:in_review")) == sorted([refs["Mine A"], refs["Mine C"]])


def test_all_of_a_filter_is_chosen_without_ticking_and_retracted_ones_only_if_asked_for(
    app: Flask, staff: Browser, refs: dict[str, str]
) -> None:
    edit(app, refs["Mine C"], state=EditorialState.RETURNED)
    staff.open("/incidents/?state=draft&q=mine")
    choose(staff, "Submit for review", refs["Mine A"], everything=True)
    staff.press("Submit for review (2)")
    assert message(staff) == "2 drafts submitted."
    assert states(app)["Mine C"] == "returned"


def test_more_than_the_most_or_nothing_is_not_changed_and_the_page_says_so(
    staff: Browser, refs: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    staff.open("/incidents/?country=KZ")
    choose(staff, "Submit for review")
    assert "Select rows first, or all records of the list." in staff.words
    assert staff.page.xpath("//main//a[.='Back to the list']/@href") == ["/incidents/?country=KZ"]
    monkeypatch.setattr(queries, "MAX_RECORDS_PER_SAVE", 3)
    monkeypatch.setattr(views, "MAX_RECORDS_PER_SAVE", 3)
    staff.open("/incidents/?country=KZ")
    choose(staff, "Submit for review", everything=True)
    assert "These are more than 3 records: filter the list first." in staff.words
    assert listed(staff, "Will be changed") == []


def test_one_record_changed_in_between_saves_nothing_and_is_left_the_next_time(
    app: Flask, staff: Browser, refs: dict[str, str]
) -> None:
    staff.open("/incidents/")
    choose(staff, "Submit for review", *(refs[one] for one in MINE))
    edit(app, refs["Mine B"], place="Almaty")
    staff.press("Submit for review (3)")
    assert staff.status == 409
    assert "nothing was saved" in staff.words
    assert listed(staff, "Will not be changed") == ["Changed since you opened the page: Mine B"]
    assert set(states(app).values()) == {"draft"}
    assert acts(app, "review:in_review") == []
    staff.press("Submit for review (2)")
    assert message(staff) == "2 drafts submitted."
    assert states(app)["Mine B"] == "draft"


def test_what_was_hidden_in_between_is_counted_and_not_named(
    app: Flask, refs: dict[str, str]
) -> None:
    monitor = browse(app, "monitor", Role.MONITOR, team="Elsewhere")
    monitor.open("/incidents/")
    choose(monitor, "Assign", refs["Mine A"], refs["Mine B"])
    edit(app, refs["Mine A"], visibility=Visibility.RESTRICTED)
    monitor.press("Assign (2)", {"assigned_to": "monitor", "comment": "Read it."})
    assert monitor.status == 409
    assert "1 record is not shown to you any more." in monitor.words
    assert "Mine A" not in monitor.text
    assert monitor.page.xpath("//option[@selected]/@value") == ["monitor"]
    assert acts(app, "review:assign") == []


def test_a_record_that_another_team_restricts_is_like_one_that_is_not_there(
    app: Flask, staff: Browser, refs: dict[str, str]
) -> None:
    pages = []
    for ref in (refs["Hidden"], "INC-0000000000"):
        for action in ("submit", "assign", "file", "restrict"):
            address = f"/bulk/incidents/{action}?record={ref}"
            staff.open(address)
            assert "Hidden" not in staff.text
            assert "Nothing here can be changed." in staff.words
            form = hidden_in(staff.text)
            answer = staff.client.post(address, data=form | {"records": f"{ref}:1"})
            assert answer.status_code == 409
            page = re.sub(r' value="[^"]{20,}"', "", answer.text).replace(ref, "")
            pages.append((action, page))
    assert pages[:4] == pages[4:]


def test_a_form_sent_twice_is_saved_once(app: Flask, staff: Browser, refs: dict[str, str]) -> None:
    address = f"/bulk/incidents/restrict?record={refs['Mine A']}+{refs['Mine B']}"
    page = staff.client.get(address).text
    values = dict(re.findall(r'name="(csrf_token|submission|records)"[^>]*value="([^"]*)"', page))
    assert set(values) == {"csrf_token", "submission", "records"}
    first, second = (staff.client.post(address, data=values) for _time in range(2))
    assert first.headers["Location"] == second.headers["Location"] == "/incidents/"
    staff.open("/incidents/")
    assert "2 records restricted." in message(staff)
    assert "This form was saved already." in message(staff)
    assert sorted(acts(app, "incident:narrow")) == sorted([refs["Mine A"], refs["Mine B"]])


def test_an_error_at_one_record_changes_none(
    app: Flask, staff: Browser, refs: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []

    def fail_at_the_last(record: Any, **values: Any) -> None:
        calls.append(record)
        if len(calls) == 3:
            raise OSError
        submit_record(record, **values)

    monkeypatch.setattr(views, "submit_record", fail_at_the_last)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    staff.open("/incidents/")
    choose(staff, "Submit for review", *(refs[one] for one in MINE))
    staff.press("Submit for review (3)")
    assert staff.status == 500
    assert set(states(app).values()) == {"draft"}
    assert acts(app, "review:in_review") == []


def test_restricting_says_what_is_restricted_retracted_or_of_others(
    app: Flask, staff: Browser, refs: dict[str, str]
) -> None:
    edit(app, refs["Mine B"], visibility=Visibility.RESTRICTED)
    staff.open("/incidents/")
    choose(staff, "Restrict to team", refs["Mine A"], refs["Mine B"], refs["Theirs"])
    assert listed(staff, "Will be changed") == ["Records: Mine A"]
    assert sorted(listed(staff, "Will not be changed")) == [
        "Only staff of its team restrict it: Theirs", "Restricted already: Mine B"
    ]  # fmt: skip
    assert "The people and sources that they show stay visible to all users." in staff.words
    staff.press("Restrict to team (1)")
    assert message(staff) == "1 record restricted."
    other = browse(app, "other", team="Elsewhere")
    other.open("/incidents/")
    assert refs["Mine A"] not in other.text


def test_assigning_asks_those_who_see_all_and_keeps_what_was_typed(
    app: Flask, staff: Browser, refs: dict[str, str]
) -> None:
    browse(app, "colleague")
    edit(app, refs["Mine B"], visibility=Visibility.RESTRICTED)
    staff.open("/incidents/")
    choose(staff, "Assign", refs["Mine A"], refs["Mine B"], refs["Theirs"])
    assert listed(staff, "Will not be changed") == [
        "Only staff of its team, and monitors, assign it: Theirs"
    ]
    offered = staff.page.xpath("//select[@name='assigned_to']/option/@value")
    assert offered == ["", "colleague", "staff"]
    wanted: dict[str, object] = {
        "assigned_to": "colleague", "comment": "Find the day.", "due_on": "2020-01-01"
    }  # fmt: skip
    staff.press("Assign (2)", wanted)
    assert staff.status == 422
    assert "This day has passed." in staff.words
    assert "Find the day." in staff.text
    staff.press("Assign (2)", {"comment": "", "due_on": ""})
    assert staff.status == 422
    staff.press("Assign (2)", {"comment": "Find the day."})
    assert message(staff) == "2 records assigned."
    assert sorted(acts(app, "review:assign")) == sorted([refs["Mine A"], refs["Mine B"]])
    colleague = browse(app, "colleague")
    colleague.open("/review/")
    assert colleague.words.count("Find the day.") == 2


def test_records_are_filed_in_a_case_that_is_there_or_new(
    app: Flask, staff: Browser, refs: dict[str, str]
) -> None:
    with as_user(app) as user:
        case = open_case("The Doe affair", country="KZ", team_id=user.team_ids[0],
                         visibility=Visibility.INTERNAL, by=user)  # fmt: skip
        mine = db.session.scalars(select(Incident).where(Incident.ref == refs["Mine A"])).one()
        file_records(case, [mine], by=user)
        db.session.commit()
        ref = case.ref
    staff.open("/incidents/")
    choose(staff, "File in a case", refs["Mine A"], refs["Mine B"], refs["Theirs"])
    assert "already filed in: The Doe affair" in staff.words
    staff.press("File in a case (3)", {"case": ref, "title": "Another"})
    assert staff.status == 422
    assert "not both" in staff.words
    staff.press("File in a case (3)", {"title": ""})
    assert message(staff) == "2 records filed."
    assert staff.address == f"/cases/{ref}/"
    assert acts(app, "case:file") == [ref, ref]
    staff.open("/incidents/")
    choose(staff, "File in a case", refs["Mine C"])
    staff.press("File in a case (1)", {"title": "The roof", "country": "KZ"})
    assert message(staff) == "1 record filed."
    with as_user(app):
        found = db.session.scalars(select(Case).where(Case.title == "The roof")).one()
        assert [one.incident.title for one in found.incidents if one.incident] == ["Mine C"]


def test_exporting_leads_to_the_export_page_of_these_rows_and_through_the_log(
    staff: Browser, refs: dict[str, str]
) -> None:
    staff.open("/incidents/?country=KZ")
    choose(staff, "Export", refs["Mine A"], refs["Theirs"])
    assert staff.address.startswith("/reports/?country=KZ&record=INC-")
    assert "Mine A" in staff.text
    assert "Mine B" not in staff.text
    query = staff.address.partition("?")[2]
    file = staff.client.get(f"/reports/incidents.csv?{query}").text
    assert refs["Mine A"] in file
    assert refs["Theirs"] in file
    assert refs["Mine B"] not in file
    staff.open("/reports/export-log")
    assert "Country: Kazakhstan" in staff.words
    assert refs["Theirs"] in staff.words
    staff.open("/incidents/?country=KZ")
    choose(staff, "Export", everything=True)
    assert staff.address == "/reports/?country=KZ"
    staff.open("/bulk/incidents/export?country=KZ")
    assert "Select rows first, or all records of the list." in staff.words


def test_a_list_of_selected_records_offers_its_rows_and_not_all_records(
    staff: Browser, refs: dict[str, str]
) -> None:
    staff.open(f"/incidents/?record={refs['Mine A']}+{refs['Hidden']}")
    assert "1 incident that you may see." in staff.words
    assert "Hidden" not in staff.text
    assert not staff.page.xpath("//input[@name='all']")
    choose(staff, "Submit for review", refs["Mine A"])
    assert listed(staff, "Will be changed") == ["Records: Mine A"]


def test_the_filter_of_selected_records_names_none(app: Flask, refs: dict[str, str]) -> None:
    with app.test_request_context():
        said = IncidentFilter(record=(refs["Hidden"], refs["Mine A"])).describe()
    assert said == "retracted excluded, selected records"


def test_everybody_is_offered_and_allowed_what_their_roles_are(
    app: Flask, staff: Browser, refs: dict[str, str]
) -> None:
    expected = {
        Role.STAFF: ["Submit for review", "Assign", "File in a case", "Restrict to team", "Export"],
        Role.MONITOR: ["Assign", "Export"],
        Role.EXPORTER: ["Export"],
        Role.ADMIN: [],
    }
    for role, buttons in expected.items():
        person = browse(app, f"one-{role}", role)
        person.open("/incidents/")
        assert person.page.xpath("//form[@id='bulk']//button/text()") == buttons
        assert bool(person.page.xpath("//td/input[@name='record']")) is bool(buttons)
        for action in ("submit", "file", "restrict"):
            answer = person.client.get(f"/bulk/incidents/{action}?record={refs['Mine A']}")
            assert answer.status_code == (200 if role is Role.STAFF else 403)
    exporter = browse(app, "one-exporter", Role.EXPORTER)
    exporter.open(f"/bulk/incidents/assign?record={refs['Mine A']}")
    assert listed(exporter, "Will not be changed") == [
        "Only staff of its team, and monitors, assign it: Mine A"
    ]
    address = f"/bulk/incidents/assign?record={refs['Mine A']}"
    sent = hidden_in(exporter.text) | {
        "records": f"{refs['Mine A']}:1", "assigned_to": "staff", "comment": "Do it."
    }  # fmt: skip
    assert exporter.client.post(address, data=sent).status_code == 409
    assert acts(app, "review:assign") == []


@pytest.mark.parametrize("kind", ["fake-accounts", "responses"])
def test_accounts_and_responses_are_submitted_assigned_and_filed_the_same_way(
    app: Flask, kind: str
) -> None:
    with as_user(app) as user:
        make: Any = make_account if kind == "fake-accounts" else make_response
        record = make(by=user)
        db.session.commit()
        ref = record.ref
    staff = browse(app, "staff")
    staff.open(f"/{kind}/")
    choose(staff, "Submit for review", ref)
    staff.press("Submit for review (1)")
    assert message(staff) == "1 draft submitted."
    assert staff.address == f"/{kind}/"
    choose(staff, "Assign", ref)
    staff.press("Assign (1)", {"assigned_to": "staff", "comment": "Look."})
    assert message(staff) == "1 record assigned."
    choose(staff, "File in a case", everything=True)
    staff.press("File in a case (1)", {"title": "One", "country": "KZ"})
    assert message(staff) == "1 record filed."
    for action in ("restrict", "export"):
        assert staff.client.get(f"/bulk/{kind}/{action}?record={ref}").status_code == 404


BAD = ("INC-'--", "INC-1", "'; DROP TABLE", "INC-0000000000%00", "%D0%98", "INC-0000000000:1")


@pytest.mark.parametrize("bad", BAD)
def test_bad_refs_are_refused_and_never_fail(
    staff: Browser, refs: dict[str, str], bad: str
) -> None:
    assert staff.client.get(f"/incidents/?record={bad}").status_code == 400
    assert staff.client.get(f"/bulk/incidents/submit?record={bad}").status_code == 400
    address = f"/bulk/incidents/submit?record={refs['Mine A']}"
    form = hidden_in(staff.client.get(address).text)
    for records in (f"{bad}:1", bad.replace("%00", "\0"), f"{refs['Mine A']}:one", ":::"):
        answer = staff.client.post(address, data=form | {"records": records})
        assert answer.status_code == 409, records
    many = " ".join(f"INC-{number:010}:1" for number in range(1001))
    assert staff.client.post(address, data=form | {"records": many}).status_code == 422
    assert staff.client.post(address, data=form).status_code == 422
    assert staff.client.get("/bulk/nothing/submit").status_code == 404


def test_a_new_case_needs_a_title_and_nothing_is_stored_without(
    app: Flask, staff: Browser, refs: dict[str, str]
) -> None:
    many = "+".join(refs[one] for one in MINE)
    staff.open(f"/bulk/incidents/file?record={many}")
    staff.press("File in a case (3)", {"title": "", "country": "KZ"})
    assert staff.status == 422
    assert "Give the case a title." in staff.words
    assert acts(app, "case:create") == []
