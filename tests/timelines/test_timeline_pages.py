"""The pages of timelines: of four kinds of things, under a filter, as text and data, and of many."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from lxml import html
from sqlalchemy import select, update

from tests.cases.records_made import make_case
from tests.factories import as_user, make_article, make_journalist, make_user, sign_in_directly
from tests.incidents.namings_made import NAME, close, deciding, her, visit
from tests.statements import counted
from tests.timelines.facts_made import event, incident, response
from tests.timelines.many_made import add_entries
from tracker import clock
from tracker.cases.service import file_records
from tracker.db import db
from tracker.fake_accounts.codes import AccountEvent
from tracker.incidents.codes import Verification
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.queries import incident_by_ref
from tracker.people.queries import journalist_by_ref
from tracker.permissions import Role, Visibility
from tracker.responses.codes import ActType, Standing
from tracker.review.codes import EditorialState, RetractReason
from tracker.timelines.build import build_timeline
from tracker.timelines.queries import facts_of_journalist
from tracker.timelines.text import other_bodies_note

SUBJECTS = [
    "/cases/{case}/timeline", "/journalists/{asem}/timeline", "/outlets/{dala}/timeline",
    "/incidents/{visit}/timeline",
]  # fmt: skip


def refs_on(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/[a-z-]+/([A-Z]{3}-\w+)/"', page)


def numbers_in(text: str) -> list[int]:
    return [int(one) for one in re.findall(r"^(\d+)\. ", text, re.MULTILINE)]


def the(ref: str) -> Incident:
    """Return the incident of that ref."""
    found = incident_by_ref(ref)
    assert found
    return found


def first_in(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, pattern
    return found[1]


def without_tokens(page: str) -> str:
    return re.sub(r'value="[^"]*"', "", page)


@pytest.mark.parametrize("address", SUBJECTS)
def test_list_text_and_data_of_an_address_tell_the_same(client, told, address):
    address = address.format(**told)
    page = client.get(address)
    data = client.get(f"{address}.json").get_json()
    text = client.get(f"{address}.txt")

    assert page.status_code == 200
    assert refs_on(page.text) == [one["ref"] for one in data["entries"]]
    assert numbers_in(text.text) == [one["number"] for one in data["entries"]]
    assert text.content_type == "text/plain; charset=utf-8"
    assert client.get(f"{address}.svg").mimetype == "image/svg+xml"


@pytest.mark.parametrize("address", SUBJECTS)
def test_the_page_of_a_thing_leads_to_its_timeline(client, told, address):
    address = address.format(**told)

    assert f'href="{address}"' in client.get(address.removesuffix("timeline")).text


def test_the_page_has_a_table_and_leads_to_its_other_forms(client, told):
    page = client.get(f"/cases/{told['case']}/timeline?lane=done").text

    assert "The picture as a table" in page
    assert page.count('<tr><td><a href="#entry-') == len(refs_on(page))
    for form in ("txt", "svg", "json"):
        assert f'href="/cases/{told["case"]}/timeline.{form}?lane=done"' in page
    assert not re.search(r"<script(?! src=\"/static/)|<style|\sstyle=", page)


def test_a_filter_in_the_address_leaves_the_numbers_as_they_are(client, told):
    whole = client.get(f"/cases/{told['case']}/timeline.json").get_json()["entries"]
    some = client.get(f"/cases/{told['case']}/timeline.json?lane=authorities").get_json()["entries"]

    assert some == [one for one in whole if one["lane"] == "authorities"]
    assert some


@pytest.mark.parametrize("form", ["", ".svg", ".txt", ".json"])
@pytest.mark.parametrize(
    "asked", ["lane=left", "kind=x", "type=x", "verification=x", "known_on=x", "x=1"]
)
def test_an_unknown_value_is_refused_in_every_form(client, told, form, asked):
    answer = client.get(f"/cases/{told['case']}/timeline{form}?{asked}")

    assert answer.status_code == 400
    assert asked.partition("=")[0] in answer.text


def test_a_type_that_does_not_exist_is_refused_and_one_that_does_not_occur_is_not(client, told):
    address = f"/cases/{told['case']}/timeline"

    assert client.get(f"{address}?type=threat.tickling").status_code == 400
    assert client.get(f"{address}?type=nonsense.").status_code == 400
    elsewhere = f"/incidents/{told['visit']}/timeline?type=threat.&type=threat.death"
    ticked = html.fromstring(client.get(elsewhere).text).xpath("//input[@name='type'][@checked]/..")
    words = [" ".join(one.text_content().split()) for one in ticked]
    assert words == ["Threats", "Threat.death"]
    occurs = client.get(f"/journalists/{told['asem']}/timeline?type=threat.")
    assert refs_on(occurs.text) == [told["campaign"]]


def test_what_is_retracted_is_left_out_unless_it_is_asked_for(app, client, told):
    reason = {"state": EditorialState.RETRACTED, "retract_reason": RetractReason.CODING_ERROR}
    with as_user(app):
        one = update(Incident).where(Incident.ref == told["visit"])
        db.session.execute(one.values(**reason))
        db.session.commit()
    address = f"/cases/{told['case']}/timeline"

    assert told["visit"] not in refs_on(client.get(address).text)
    with_it = client.get(f"{address}?retracted=yes").text
    assert told["visit"] in refs_on(with_it)
    assert "retracted included" in with_it


def test_verification_is_a_filter(app, client, told):
    with as_user(app) as by:
        the(told["campaign"]).verification = Verification.CONFIRMED
        the(told["campaign"]).mark_revised(by=by)
        db.session.commit()

    page = client.get(f"/cases/{told['case']}/timeline?verification=confirmed").text

    assert refs_on(page) == [told["campaign"]]


def test_as_known_on_a_day_leaves_out_what_came_later_and_marks_what_was_changed(app, client, told):
    with as_user(app):
        campaign = the(told["campaign"])
        campaign.recorded_at = clock.utc_now() - timedelta(days=10)
        campaign.updated_at = clock.utc_now() - timedelta(days=1)
        db.session.commit()
    day = (clock.current_date() - timedelta(days=5)).isoformat()

    page = client.get(f"/cases/{told['case']}/timeline?known_on={day}").text
    entries = client.get(f"/cases/{told['case']}/timeline.json?known_on={day}").get_json()[
        "entries"
    ]

    assert {one["ref"] for one in entries} == {told["campaign"]}
    assert [one["kind"] for one in entries] == ["incident", "silence"]
    assert entries[0]["is_changed_later"] is True
    assert "changed since" in page
    assert "in today’s wording" in page


def test_hidden_missing_and_malformed_are_one_answer(app, client, told):
    with as_user(app):
        the(told["visit"]).visibility = Visibility.RESTRICTED
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR, team=None):
        pass
    other = app.test_client()
    sign_in_directly(other, "monitor")
    missing = other.get("/incidents/INC-0000000000/timeline")

    for address in (
        f"/incidents/{told['visit']}/timeline",
        f"/incidents/{told['visit']}/timeline.txt",
        f"/incidents/{told['visit']}/timeline.json?lane=nowhere",
        "/incidents/x/timeline",
        f"/articles/{told['article']}/timeline",
        f"/cases/{told['visit']}/timeline.svg",
    ):
        answer = other.get(address)
        assert answer.status_code == 404, address
        assert without_tokens(answer.text) == without_tokens(missing.text), address


def test_the_text_has_footnotes(client, told):
    text = client.get(f"/cases/{told['case']}/timeline.txt").text

    assert "Disputed by a source: “nobody had come” [1]" in text
    assert "\n\nSources\n[1] A house in Almaty" in text
    # A direct quote nobody marked as such has no quotation marks.
    assert "[2]" not in text
    closed = f"http://localhost/incidents/{told['campaign']}/"
    assert f"(closed quote: it is on the record’s page, {closed}) [1]" in text


def test_whose_acts_stand_in_the_lane_of_the_authorities_is_said_beside_it(client, told):
    address, words = (
        f"/cases/{told['case']}/timeline",
        "not counted as an answer of the authorities",
    )

    assert words in client.get(address).text
    assert words in client.get(f"{address}.txt").text
    assert words not in client.get(f"{address}?lane=done").text


@pytest.mark.parametrize(
    ("one", "is_said"),
    [
        (response("RSP-1", "2025-06-05", ActType.CONDEMNATION, country="KZ"), False),
        (response("RSP-1", "2025-06-05", ActType.NO_COMMENT, country="KZ"), False),
        (event("ACC-1", "2025-06-05", AccountEvent.BLOCKED), False),
        (event("ACC-1", "2025-06-05", AccountEvent.BLOCKED, by_state=False), True),
        (event("ACC-1", "2025-06-05", AccountEvent.SUSPENDED, by_state=False), True),
        (response("RSP-1", "2025-06-05", ActType.CONDEMNATION, country="FR"), True),
        (
            response(
                "RSP-1", "2025-06-05", ActType.CONDEMNATION,
                standing=Standing.INTERGOVERNMENTAL, country="",
            ),
            True,
        ),
    ],
)  # fmt: skip
def test_it_is_said_only_where_somebody_else_spoke_or_acted(one, is_said):
    said = other_bodies_note(build_timeline([incident("INC-1", "2025-06-01"), one]))

    assert bool(said) is is_said


@pytest.fixture
def many(app, client):
    """Return the ref of a journalist with 1,200 entries, and sign staff in."""
    with as_user(app) as by:
        journalist = make_journalist("Asem Doe", by=by)
        add_entries(1_200, journalist, cites=make_article(by=by), by=by)
        db.session.commit()
        ref = journalist.ref
    sign_in_directly(client, "staff")
    return ref


def test_many_entries_fold_into_their_months_and_none_is_lost(client, many):
    page = client.get(f"/journalists/{many}/timeline").text
    entries = client.get(f"/journalists/{many}/timeline.json").get_json()["entries"]
    folded = re.findall(r'timeline\?from=([0-9-]+)&amp;to=[0-9-]+">[^<]+</a>\s*<span', page)

    in_months = [int(one) for one in re.findall(r'<span class="meta">\((\d+)\)</span>', page)]
    assert sum(in_months) == len(entries) == 1_200
    assert [one["number"] for one in entries] == list(range(1, 1_201))
    assert len(refs_on(page)) <= 500
    assert len(folded) + page.count('<details class="month"') == len(in_months)


def test_a_folded_month_opens_by_its_link_with_the_same_numbers(client, many):
    page = client.get(f"/journalists/{many}/timeline").text
    entries = client.get(f"/journalists/{many}/timeline.json").get_json()["entries"]
    link = first_in(r'<p class="month">\s*<a href="([^"]+)"', page).replace("&amp;", "&")
    assert entries[0]["is_outline"] is True

    month = client.get(link).text

    first = first_in(r"from=(\d{4}-\d{2})", link)
    expected = [one for one in entries if one["earliest"] and first in one["earliest"]]
    assert refs_on(month) == [one["ref"] for one in expected]
    assert re.findall(r'id="entry-(\d+)"', month) == [str(one["number"]) for one in expected]
    assert month.count("Two men at the door") == len(expected)


def test_what_is_only_counted_is_said(client, many):
    address = f"/journalists/{many}/timeline"

    for text in (client.get(address).text, client.get(f"{address}.txt").text):
        assert "700 older entries are only counted here" in text
        # An answer may be among what was not read.
        assert "No silences are drawn here" in text
        assert "No response for" not in text


def test_where_all_is_read_silences_are_drawn(client, told):
    for form in ("", ".txt"):
        text = client.get(f"/journalists/{told['asem']}/timeline{form}").text

        assert "No silences are drawn here" not in text
        assert "No response for" in text


def test_all_of_many_is_found_in_twelve_queries(app, many):
    with as_user(app):
        journalist = journalist_by_ref(many)
        assert journalist
        with counted() as seen:
            found = facts_of_journalist(journalist)

    assert (len(found.facts), found.is_truncated) == (1_200, False)
    assert len(seen) <= 12


def test_the_page_of_a_case_with_many_shows_the_months_alone(app, client, many):
    with as_user(app) as by:
        case = make_case(by=by)
        file_records(case, db.session.scalars(select(Incident).limit(150)).all(), by=by)
        db.session.commit()
        ref = case.ref
    page = client.get(f"/cases/{ref}/").text

    assert refs_on(page) == []
    assert "The picture as a table" in page
    assert f'href="/cases/{ref}/timeline"' in page


def test_an_outline_of_another_persons_fate_is_not_told(app, many):
    with as_user(app) as by:
        journalist, other = journalist_by_ref(many), make_journalist("Somebody", by=by)
        oldest = db.session.scalars(select(Incident).order_by(Incident.latest)).first()
        assert journalist
        assert oldest
        oldest.targets.append(IncidentTarget(kind=oldest.targets[0].kind, journalist=other))
        oldest.mark_revised(by=by)
        db.session.commit()

        kinds = {fact.kind for fact in facts_of_journalist(journalist).facts}

    assert kinds == {"incident"}


def test_what_a_filter_leaves_out_is_never_told_as_nothing_done(client, told):
    address, nothing = f"/cases/{told['case']}/timeline", "Nothing that you may see is recorded."
    whole = client.get(f"{address}.json").get_json()["entries"]
    acts = sum(one["lane"] == "authorities" for one in whole)
    words = f"Left out by the filter: Official response: {acts}."

    forms = {form: client.get(f"{address}{form}?lane=done").text for form in ("", ".svg", ".txt")}

    for form, said in forms.items():
        assert words in said, form
        assert nothing not in said, form
        assert "0 entries on what the authorities did" not in said, form
    for form in ("", ".svg"):
        assert f"{acts} entries are left out by the filter." in forms[form]
    assert "Left out by the filter" not in client.get(address).text


def test_the_order_of_the_list_is_said_above_it(client, told):
    page = client.get(f"/cases/{told['case']}/timeline").text

    assert page.count("Entries stand by their last possible day") == 1
    assert page.index("Entries stand by their last possible day") < page.index('id="entry-1"')


def test_a_closed_name_stands_in_a_timeline_for_its_team_alone_in_every_form(app, client):
    with deciding(app) as staff:
        one = visit(her(staff), by=staff)
        address = f"/incidents/{one.ref}/timeline"
        close(one, by=staff)
        make_user("reader", Role.MONITOR, team="Elsewhere")
        db.session.commit()
    for form in ("", ".svg", ".txt", ".json"):
        for name, is_named in (("staff", True), ("reader", False)):
            sign_in_directly(client, name)
            told = client.get(address + form)
            assert told.status_code == 200
            assert (NAME in told.text) is is_named, (form, name)
