"""Filing what an article reports: one form, one POST, one entry in the trail."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from tests.cases.records_made import make_account, make_case, make_incident, make_response
from tests.factories import as_user, make_article, post, sign_in_directly
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tracker.audit.models import AuditEvent
from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case, CaseIncident
from tracker.cases.queries import records_of
from tracker.cases.service import file_records
from tracker.db import db
from tracker.fake_accounts.models import IncidentAccount
from tracker.permissions import Role, Visibility


@pytest.fixture
def article(app):
    """Return the ref of an article that an incident, an account and a response cite."""
    with as_user(app) as staff:
        source = make_article(by=staff)
        make_incident("Two men came", by=staff, cites=source)
        make_account("Asem the second", by=staff, cites=source, quote="2")
        make_response(by=staff, cites=source, quote="4")
        db.session.commit()
        return source.ref


@pytest.fixture
def staff(app, client, article):
    sign_in_directly(client, "staff")
    return client


def stored(app, title):
    """Return what the team sees in the case of that title, by the records' prefixes."""
    with as_user(app):
        case = db.session.scalars(select(Case).where(Case.title == title)).one()
        return sorted(record.ref[:3] for record in records_of(case).list_all())


def ticks(text):
    """Return the refs offered on a page, and those of them that are ticked."""
    boxes = re.findall(r'<input type="checkbox" name="records" value="([^"]+)"( checked)?', text)
    return [ref for ref, _ in boxes], [ref for ref, ticked in boxes if ticked]


def test_an_articles_page_offers_its_records_all_ticked(staff, article):
    offered, ticked = ticks(staff.get(f"/articles/{article}/").text)

    assert sorted(ref[:3] for ref in offered) == ["ACC", "INC", "RSP"]
    assert ticked == offered


def test_everything_is_filed_in_a_new_case_with_one_post(app, staff, article):
    page = f"/articles/{article}/"
    offered, _ = ticks(staff.get(page).text)

    answer = post(
        staff, f"/cases/file?article={article}", page=page,
        records=offered, case="", title="The editor's door", country="KZ",
    )  # fmt: skip

    assert answer.status_code == 303
    assert stored(app, "The editor's door") == ["ACC", "INC", "RSP"]
    shown = staff.get(answer.headers["Location"])
    assert "3 records filed." in shown.text
    assert "Two men came" in shown.text


def test_the_trail_has_the_filing_at_the_case_once(app, staff, article):
    page = f"/articles/{article}/"
    offered, _ = ticks(staff.get(page).text)
    post(
        staff, f"/cases/file?article={article}", page=page,
        records=offered, title="The editor's door", country="KZ",
    )  # fmt: skip

    with as_user(app):
        case = db.session.scalars(select(Case)).one()
        events = db.session.scalars(select(AuditEvent).where(AuditEvent.subject == case.ref)).all()
        assert [event.action for event in events] == ["case:create", "case:file"]
        assert set(events[1].changes) == {"incidents", "accounts", "responses"}


def test_a_new_case_is_seen_by_those_who_see_the_article(app, client):
    with as_user(app) as staff:
        source = make_article(by=staff, visibility=Visibility.RESTRICTED)
        incident = make_incident("Two men came", by=staff, cites=source)
        db.session.commit()
        ref, inside = source.ref, incident.ref
    sign_in_directly(client, "staff")

    post(
        client, f"/cases/file?article={ref}",
        records=[inside], title="The editor's door", country="KZ",
    )  # fmt: skip

    with as_user(app):
        assert db.session.scalars(select(Case)).one().visibility is Visibility.RESTRICTED


def test_an_existing_case_is_chosen_instead_and_closed_ones_are_not_offered(app, staff, article):
    with as_user(app) as by:
        open_one = make_case("An older affair", by=by)
        make_case("A closed affair", by=by).lifecycle = Lifecycle.CLOSED
        db.session.commit()
        ref = open_one.ref
    page = f"/articles/{article}/"
    text = staff.get(page).text
    offered, _ = ticks(text)

    answer = post(staff, f"/cases/file?article={article}", page=page, records=offered[:1], case=ref)

    assert "A closed affair" not in text
    assert answer.headers["Location"].endswith(f"/cases/{ref}/")
    assert stored(app, "An older affair") == ["INC"]


def test_what_is_filed_is_said_and_not_ticked_again(app, staff, article):
    page = f"/articles/{article}/"
    offered, _ = ticks(staff.get(page).text)
    post(
        staff, f"/cases/file?article={article}", page=page,
        records=offered[:1], title="The editor's door", country="KZ",
    )  # fmt: skip

    text = staff.get(page).text

    assert "already filed in:" in text
    assert ticks(text)[1] == offered[1:]
    assert re.search(r'<option selected value="CAS-[^"]+">The editor', text)


def test_filing_twice_stores_nothing_twice(app, staff, article):
    page = f"/articles/{article}/"
    offered, _ = ticks(staff.get(page).text)
    first = post(
        staff, f"/cases/file?article={article}", page=page,
        records=offered, title="The editor's door", country="KZ",
    )  # fmt: skip
    ref = first.headers["Location"].split("/")[-2]

    again = post(staff, f"/cases/file?article={article}", page=page, records=offered, case=ref)

    assert again.status_code == 303
    assert "was in this case already" in staff.get(again.headers["Location"]).text
    assert stored(app, "The editor's door") == ["ACC", "INC", "RSP"]


@pytest.mark.parametrize(
    ("field", "sent", "said"),
    [
        ("records", {"title": "The editor's door", "country": "KZ"}, "Tick at least one"),
        ("title", {"records": "all", "country": "KZ"}, "Give the case a title"),
        ("title", {"records": "all", "title": "x" * 301, "country": "KZ"}, "longer than 300"),
        ("title", {"records": "all", "title": "a\x00b", "country": "KZ"}, "control characters"),
        ("country", {"records": "all", "title": "The door", "country": "XX"}, "Not a valid choice"),
        ("case", {"records": "all", "case": "CAS-0000000000"}, "Not a valid choice"),
        ("records", {"records": ["INC-0000000000"], "title": "The door", "country": "KZ"}, "not a valid choice"),
        ("title", {"records": "all", "case": "real", "title": "Both", "country": "KZ"}, "not both"),
    ],
)  # fmt: skip
def test_bad_input_is_named_at_its_field_and_nothing_is_stored(  # noqa: PLR0917 (fixtures)
    app, staff, article, field, sent, said
):
    with as_user(app) as by:
        real = make_case("An older affair", by=by).ref
        db.session.commit()
    page = f"/articles/{article}/"
    offered, _ = ticks(staff.get(page).text)
    sent = dict(sent)
    if sent.get("records") == "all":
        sent["records"] = offered
    if sent.get("case") == "real":
        sent["case"] = real

    answer = post(staff, f"/cases/file?article={article}", page=page, **sent)

    assert answer.status_code == 422
    assert said in answer.text
    assert re.search(rf'id="{field}(-error)?"', answer.text)
    if sent.get("records") == offered:
        assert ticks(answer.text)[1] == offered
    with as_user(app):
        assert db.session.scalar(select(func.count()).select_from(Case)) == 1
        assert db.session.scalar(select(func.count()).select_from(CaseIncident)) == 0


def test_without_its_token_the_form_comes_back_as_it_was_typed(staff, article):
    offered, _ = ticks(staff.get(f"/articles/{article}/").text)

    answer = staff.post(
        f"/cases/file?article={article}", data={"records": offered, "title": "The door"}
    )

    assert answer.status_code == 400
    assert 'value="The door"' in answer.text


@pytest.mark.parametrize("query", ["", "?article=x", "?record=JRN-0000000000", "?q=1"])
def test_an_address_that_names_nothing_to_file_is_refused_in_words(staff, query):
    assert staff.get(f"/cases/file{query}").status_code == 400


def test_one_record_is_filed_from_its_own_page(app, staff):
    with as_user(app) as by:
        ref = make_incident("A call at night", by=by).ref
        db.session.commit()

    answer = post(staff, f"/cases/file?record={ref}", records=[ref], title="Calls", country="KZ")

    assert answer.status_code == 303
    assert stored(app, "Calls") == ["INC"]


def test_the_first_case_of_an_incident_is_its_home_and_a_later_one_is_not(app, staff):
    with as_user(app) as by:
        incident = make_incident("A call at night", by=by)
        first, second = make_case("First", by=by), make_case("Second", by=by)
        db.session.commit()
        refs = first.ref, second.ref
        ref = incident.ref

    for case in refs:
        post(staff, f"/cases/file?record={ref}", records=[ref], case=case)

    assert homes(app) == {"First": "yes", "Second": "no"}

    address = f"/cases/{refs[1]}/"
    page = f"{address}records/"
    post(staff, f"{address}main-case", page=page, what=ref)

    assert homes(app) == {"First": "no", "Second": "yes"}

    post(staff, f"{address}remove", page=page, what=ref)

    assert homes(app) == {"First": "yes"}


def homes(app):
    with as_user(app):
        rows = db.session.scalars(select(CaseIncident)).all()
        return {row.case.title: row.is_home.value for row in rows}


def test_a_home_kept_by_another_team_stays_where_it_is(app, staff):
    with as_user(app, "other", team="Elsewhere") as other:
        incident = make_incident("A call at night", by=other)
        theirs = make_case("Theirs", by=other)
        from tracker.cases.service import file_records

        file_records(theirs, [incident], by=other)
        db.session.commit()
        ref = incident.ref
    with as_user(app) as by:
        ours = make_case("Ours", by=by).ref
        db.session.commit()
    post(staff, f"/cases/file?record={ref}", records=[ref], case=ours)

    answer = post(staff, f"/cases/{ours}/main-case", page=f"/cases/{ours}/records/", what=ref)

    assert answer.status_code == 403
    assert homes(app) == {"Theirs": "yes", "Ours": "no"}


def test_a_monitor_is_shown_where_records_are_and_offered_no_form(app, client, article):
    with as_user(app, "monitor", Role.MONITOR, team=None):
        pass
    sign_in_directly(client, "monitor")

    text = client.get(f"/articles/{article}/").text

    assert "in no case that you may see" in text
    assert ticks(text) == ([], [])
    assert client.get(f"/cases/file?article={article}").status_code == 403


def test_the_pages_of_records_name_the_cases_they_are_in(app, staff, article):
    page = f"/articles/{article}/"
    offered, _ = ticks(staff.get(page).text)
    post(
        staff, f"/cases/file?article={article}", page=page,
        records=offered, title="The editor's door", country="KZ",
    )  # fmt: skip

    with as_user(app):
        case = db.session.scalars(select(Case)).one()
        addresses = [
            f"/{record.ENDPOINT.replace('_', '-')}/{record.ref}/"
            for record in records_of(case).list_all()
        ]
    for address in addresses:
        assert "The editor&#39;s door" in staff.get(address).text, address


def test_what_a_case_tells_through_an_incident_names_that_case_on_its_own_page(app, client):
    with as_user(app) as by:
        visit, call = make_incident("A visit", by=by), make_incident("A call", by=by)
        letter = make_appeal(visit, by=by)
        docket = make_proceeding("against_perpetrators", by=by, incidents=(visit,))
        twin = make_account("Asem the second", by=by)
        twin.incidents = [IncidentAccount(incident=visit)]
        alone = make_appeal(call, by=by)
        file_records(make_case("Doors of Almaty", by=by), [visit], by=by)
        closed = make_case("Kept to a team", by=by, visibility=Visibility.RESTRICTED)
        file_records(closed, [call], by=by)
        db.session.commit()
        pages = [f"/{one.ENDPOINT.replace('_', '-')}/{one.ref}/" for one in (letter, docket, twin)]
        of_the_hidden = f"/appeals/{alone.ref}/"
        said = f"through {visit.ref}:"
    with as_user(app, "monitor", Role.MONITOR, team=None):
        pass
    sign_in_directly(client, "monitor")

    for address in pages:
        text = client.get(address).text
        assert said in text, address
        assert "Doors of Almaty" in text, address
        assert "In no case that you may see." not in text, address
    assert "In no case that you may see." in client.get(of_the_hidden).text
