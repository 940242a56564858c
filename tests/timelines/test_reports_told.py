"""What a timeline says of whom a fake account was reported to: asked, and no act of theirs."""

from __future__ import annotations

from tests.cases.records_made import make_account, make_case
from tests.factories import as_user, make_article, make_institution, sign_in_directly
from tests.timelines.conftest import at
from tests.timelines.overview_read import words
from tracker.cases.service import file_records
from tracker.db import db
from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.models import FakeAccountEvent


def test_whoever_an_account_was_reported_to_did_nothing_to_her_and_was_told(app, client):
    with as_user(app) as by:
        source = make_article("False pages", by=by)
        police = make_institution("Police of Astana", by=by)
        events = (
            FakeAccountEvent(event=AccountEvent.FIRST_SEEN, when=at("2025-06-01")),
            FakeAccountEvent(
                event=AccountEvent.REPORTED_TO_AUTHORITY, when=at("2025-06-05"), institution=police
            ),
        )
        account = make_account("Asem the second", by=by, cites=source, events=events)
        case = make_case(by=by)
        file_records(case, [account], by=by)
        db.session.commit()
        address = f"/cases/{case.ref}/timeline"
    sign_in_directly(client, "staff")

    page, text = client.get(address).text, client.get(f"{address}.txt").text
    seen, reported = [
        one
        for one in client.get(f"{address}.json").get_json()["entries"]
        if one["kind"] == "account_event"
    ]

    assert (seen["tone"], seen["to"]) == ("done", "")
    assert (reported["tone"], reported["actors"]) == ("asked", [])
    assert reported["to"] == "Police of Astana"
    assert "<dt>Reported to</dt><dd>Police of Astana</dd>" in page
    assert "   Reported to: Police of Astana\n" in text
    assert "By: Police of Astana" not in text
    # An authority was told on that day, as before.
    told = words(client.get(f"/cases/{case.ref}/official-response/").text)
    assert "Since the authority was told" in told
    assert "5 June 2025" in told.partition("Since the authority was told")[2][:200]
