"""The timeline on pages, as a file and as data; and the start page."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from lxml import html
from sqlalchemy import select

from tests.cases.records_made import (
    found,
    make_account,
    make_case,
    make_incident,
    make_response,
)
from tests.factories import as_user, make_article, make_journalist, sign_in_directly
from tests.statements import counted
from tests.timelines.conftest import TEXT, act, at
from tracker.cases.models import Case
from tracker.cases.service import file_records
from tracker.db import db
from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.models import FakeAccountEvent
from tracker.incidents.codes import StatusOfTarget, TargetKind
from tracker.incidents.models import IncidentTarget, TargetStatus
from tracker.incidents.queries import incident_by_ref
from tracker.permissions import Role, Visibility
from tracker.responses.codes import ActType
from tracker.review.codes import EditorialState

NS = "{http://www.w3.org/2000/svg}"


def entries_of(client, ref):
    return client.get(f"/cases/{ref}/timeline.json").get_json()["entries"]


def test_a_case_is_told_whole_in_two_lanes_and_in_order(client, told):
    entries = entries_of(client, told["case"])

    assert [(one["lane"], one["kind"], one["ref"]) for one in entries] == [
        ("done", "incident", told["campaign"]),
        ("done", "account_event", told["profile"]),
        ("done", "incident", told["visit"]),
        ("authorities", "account_event", told["profile"]),
        # From the first of the threats, whoever began it, to the answer.
        ("authorities", "silence", told["campaign"]),
        ("authorities", "countermeasure", told["answer"]),
        ("authorities", "response", told["answer"]),
        ("done", "target_status", told["visit"]),
        ("done", "account", told["nameless"]),
    ]  # fmt: skip
    assert [one["number"] for one in entries] == list(range(1, 10))
    assert (entries[0]["earliest"], entries[0]["latest"]) == ("2024-12-01", "2025-05-31")
    assert (entries[8]["earliest"], entries[8]["precision"]) == (None, "unknown")


def test_every_entry_has_its_quote_and_its_source(client, told):
    entries = {(one["kind"], one["ref"]): one for one in entries_of(client, told["case"])}
    visit = entries["incident", told["visit"]]

    assert [(one["quote"], one["bearing"]) for one in visit["quotes"]] == [
        ("On 3 June men who said they were police came to her house.", "supports"),
        ("nobody had come", "contradicts"),
    ]
    assert {one["source"]["title"] for one in visit["quotes"]} == {"A house in Almaty"}
    assert visit["targets"] == ["Asem Doe (Dala News)"]
    answer = entries["response", told["answer"]]
    assert [one["code"] for one in answer["types"]] == ["condemnation", "investigation_announced"]
    first = answer["quotes"][0]
    assert (first["quote"], first["about"]) == ("The minister condemned it", "condemnation")
    assert "She will be asked about it." not in str(answer)
    counter = entries["countermeasure", told["answer"]]
    assert counter["quotes"][0]["quote"] == "She will be asked about it."


def test_an_accounts_words_stand_once_with_the_event_of_their_article(client, told):
    first, blocked = (
        one for one in entries_of(client, told["case"]) if one["kind"] == "account_event"
    )

    assert first["quotes"] == []
    assert [one["quote"] for one in blocked["quotes"]] == [
        "A profile under her name told her friends that she was dead."
    ]


def test_the_page_tells_the_story_under_the_picture(client, told):
    text = client.get(f"/cases/{told['case']}/").text

    # A picture a lane, the second with what has no date and the names of the tones.
    drawn = re.findall(r'<svg (?!class="icon").*?</svg>', text)
    done, authorities = map(ET.fromstring, drawn)
    assert [len(list(one.iter(f"{NS}use"))) for one in (done, authorities)] == [3, 6]
    assert text.index(drawn[0]) < text.index('id="entry-1"') < text.index('id="entry-9"')
    assert "December 2024 – May 2025" in text
    assert "Disputed by a source:" in text
    assert "Measure against the target, not a response" in text
    assert f'<a href="/articles/{told["article"]}/">A house in Almaty</a>' in text
    assert "over the records that you may see" in text
    assert not re.search(r"<script(?! src=\"/static/)|<style|\sstyle=", text)


def test_entries_are_called_by_what_they_are_as_the_figures_count_them(client, told):
    page = html.fromstring(client.get(f"/cases/{told['case']}/").text)
    names = page.xpath("//dl[@class='headline']//dt/text()")
    figures = dict(zip(names, page.xpath("//dl[@class='headline']//dd/text()"), strict=False))
    entries = [
        (
            li.xpath("string(p[@class='meta'])").split(" · ")[-1].strip(),
            li.xpath("string(h3/a/@href)"),
        )
        for li in page.xpath("//li[starts-with(@id,'entry-')]")
    ]
    called = Counter(kind for kind, _address in entries)

    assert called["Incident"] == int(figures["Incidents"])
    assert called["Official response"] == int(figures["Official responses"])
    # Neither a step nor an event of an account is called an incident or a response.
    assert {kind for kind, address in entries if address.startswith("/fake-accounts/")} <= {
        "Fake account", "Event of a fake account"
    }  # fmt: skip


def test_a_case_opens_on_its_figures(client, told):
    head = client.get(f"/cases/{told['case']}/").text.partition('class="picture"')[0]
    words = " ".join(re.sub(r"<[^>]+>", " ", head).split())

    assert "Incidents 2 Fake accounts 2 Official responses 1 Since the first incident" in words
    # The first of the threats is of a day in half a year.
    assert re.search(r"first incident [\d,]+ to [\d,]+ days Without a substantive", words)


def test_the_picture_is_a_file_of_its_own(client, told):
    answer = client.get(f"/cases/{told['case']}/timeline.svg")

    assert answer.mimetype == "image/svg+xml"
    picture = ET.fromstring(answer.text)
    assert picture.get("viewBox")
    headings = [one.text for one in picture.iter(f"{NS}text") if one.get("font-weight")]
    assert headings == ["Incidents", "Official response", "Date unknown"]


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_the_picture_speaks_the_language_of_the_viewer(client, told, language):
    client.get(f"/language/{language}")

    text = client.get(f"/cases/{told['case']}/timeline.svg").text

    lanes = {"ru": "Официальная реакция", "kk": "Ресми жауап"}
    assert lanes[language] in text


@pytest.mark.parametrize(
    ("address", "kinds"),
    [
        (
            "/journalists/{asem}/timeline",
            {"campaign", "visit", "profile", "answer"},
        ),
        ("/outlets/{dala}/timeline", {"visit", "profile", "answer"}),
        ("/incidents/{visit}/timeline", {"visit", "profile", "answer"}),
        # Answered with the case in which it stood already.
        ("/incidents/{campaign}/timeline", {"campaign", "answer"}),
    ],
)
def test_people_outlets_and_incidents_have_theirs(client, told, address, kinds):
    text = client.get(address.format(**told)).text
    story = found(r'(<ol class="entries story">.*?\n</ol>)', text)
    shown = set(re.findall(r"<h3><a href=\"/[a-z-]+/([A-Z]{3}-\w+)/\"", story))

    assert shown == {told[kind] for kind in kinds}


def test_a_journalists_timeline_tells_what_became_of_her_and_not_of_others(app, client, told):
    with as_user(app) as by:
        visit = incident_by_ref(told["visit"])
        assert visit
        other = IncidentTarget(kind=TargetKind.UNNAMED_PERSON, words="A neighbour")
        other.statuses = [TargetStatus(status=StatusOfTarget.QUESTIONED, when=at("2025-06-03"))]
        visit.targets.append(other)
        visit.mark_revised(by=by)
        db.session.commit()

    page = client.get(f"/journalists/{told['asem']}/timeline").text

    assert ": Asem Doe (Dala News)</a>" in page
    assert ": A neighbour</a>" not in page
    assert ": A neighbour</a>" in client.get(f"/cases/{told['case']}/").text


def test_an_empty_case_says_what_will_stand_there(app, client, told):
    with as_user(app) as by:
        ref = make_case("Nothing in it", by=by).ref
        db.session.commit()

    assert "has been recorded here yet" in client.get(f"/cases/{ref}/").text
    assert entries_of(client, ref) == []
    assert ET.fromstring(client.get(f"/cases/{ref}/timeline.svg").text).tag == f"{NS}svg"


def test_what_is_hidden_is_nowhere_in_a_timeline(app, client, told):
    with as_user(app):
        visit = incident_by_ref(told["visit"])
        assert visit
        visit.visibility = Visibility.RESTRICTED
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR, team=None):
        pass
    other = app.test_client()
    sign_in_directly(other, "monitor")

    shown = [one["ref"] for one in entries_of(other, told["case"])]

    assert told["visit"] not in shown
    assert told["campaign"] in shown
    assert "A visit" not in other.get(f"/cases/{told['case']}/timeline.svg").text
    assert "A visit" not in other.get(f"/journalists/{told['asem']}/timeline").text
    # The response stays, but no longer answers anything that the viewer may see.
    assert told["answer"] not in other.get(f"/outlets/{told['dala']}/timeline").text


def test_a_hidden_source_is_said_to_be_hidden(app, client, told):
    with as_user(app) as by:
        hidden = make_article("A leaked letter", by=by, visibility=Visibility.RESTRICTED)
        case = db.session.scalars(select(Case)).one()
        incident = make_incident("A call", by=by, cites=hidden)
        file_records(case, [incident], by=by)
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR, team=None):
        pass
    other = app.test_client()
    sign_in_directly(other, "monitor")

    page = other.get(f"/cases/{told['case']}/").text

    assert "a source that is not shown to you" in page
    assert "A leaked letter" not in page


def test_the_number_of_queries_does_not_grow_with_the_entries(app, client, told):
    def queries():
        with app.app_context(), counted() as seen:
            assert client.get(f"/cases/{told['case']}/timeline.json").status_code == 200
        return len(seen)

    def add(number: int) -> None:
        with as_user(app) as by:
            case = db.session.scalars(select(Case)).one()
            source = make_article(f"Another {number}", text=TEXT + str(number), by=by)
            who = make_journalist(f"Somebody {number}", by=by)
            event = FakeAccountEvent(event=AccountEvent.FIRST_SEEN, when=at("2025-06-02"))
            more: list[Any] = [
                make_incident("A call", by=by, cites=source, journalist=who),
                make_account(f"Twin {number}", by=by, cites=source, events=(event,)),
                make_response(act(ActType.PLEDGE), by=by, cites=source),
            ]
            file_records(case, more, by=by)
            db.session.commit()

    # Something of each kind is there.
    add(0)
    before = queries()
    for number in range(1, 6):
        add(number)

    assert queries() == before


@pytest.mark.parametrize("address", ["timeline.svg?x=1", "timeline.json?x=1"])
def test_an_unknown_parameter_is_refused(client, told, address):
    assert client.get(f"/cases/{told['case']}/{address}").status_code == 400


def test_the_start_page_shows_what_came_in_last(client, told):
    text = client.get("/").text

    assert "An affair" in text
    assert "A visit" in text
    assert "Import articles" in text
    assert "This is how it begins" not in text


def test_the_start_page_shows_what_waits_for_a_second_person(app, client, told):
    with as_user(app) as by:
        make_incident("Handed in", by=by, state=EditorialState.IN_REVIEW)
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR):
        pass
    monitor = app.test_client()
    sign_in_directly(monitor, "monitor")

    text = monitor.get("/").text

    assert "Waiting for review" not in client.get("/").text
    assert re.search(r"Waiting for review</dt>\s*<dd><a[^>]*>1 record to review</a>", text)


def test_a_new_installation_is_told_how_to_begin(app, client):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")

    text = client.get("/").text

    assert "This is how it begins" in text
    assert 'href="/intake/new"' in text
    assert 'href="/help/tour"' in text


def test_who_cannot_log_is_told_who_does(app, client):
    with as_user(app, "monitor", Role.MONITOR):
        pass
    sign_in_directly(client, "monitor")

    text = client.get("/").text

    assert "Staff log what articles report." in text
    assert 'href="/review/"' in text
    assert 'href="/intake/new"' not in text


def test_whoever_is_not_signed_in_is_sent_to_sign_in(client):
    assert client.get("/").headers["Location"].startswith("/sign-in")
