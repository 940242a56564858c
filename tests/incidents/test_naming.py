"""A journalist who refused to be named is named in no file and on no page of another team, and her
record still counts.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import prepared
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_user,
    sign_in_directly,
    token_in,
)
from tracker.audit.models import AuditEvent
from tracker.cases.models import Case
from tracker.cases.service import file_records, open_case
from tracker.db import db, set_full_access
from tracker.incidents.codes import NameReach, NamingDecision, TargetKind, TargetRole
from tracker.incidents.guarded_models import TargetNamingDecision
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.publication_service import publish
from tracker.incidents.section_service import add_target
from tracker.incidents.service import TargetFacts, write_public_summary
from tracker.people.codes import NameKind
from tracker.people.models import Journalist
from tracker.people.service import add_name
from tracker.permissions import Role, Visibility
from tracker.review.codes import EditorialState, RetractReason

NAME, CYRILLIC = "Gulnara Bazhkenova", "Гульнара Бажкенова"
STANDS = "an editor in Almaty"
TEXT = (
    "Two men came to the house of Gulnara Bazhkenova. They said that they were police. "
    "Bazhkenova was not at home.\nО Гульнаре Бажкеновой спрашивали соседей."
)
# Whatever of her name stands somewhere, in whichever script and case.
HERS = re.compile("azhkenov|ажкенов|gulnar|гульнар", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hers:
    """What the team recorded about her, all of it open, and what another team did."""

    journalist: str
    article: str
    incident: str
    target: int
    titled: str
    case: str
    changed: str
    theirs: str


@pytest.fixture
def hers(app: Flask) -> Hers:
    return prepared(app, "hers", lambda: _hers(app))


def _hers(app: Flask) -> Hers:
    with as_user(app) as staff:
        journalist = make_journalist(NAME, by=staff)
        add_name(journalist, CYRILLIC, kind=NameKind.TRANSLITERATION, by=staff)
        db.session.flush()
        article = make_article("Two men at the door", text=TEXT, by=staff)
        about: dict[str, Any] = {"targets": [TargetFacts(journalist=journalist)], "by": staff}
        incident = make_incident("intimidation.visit", article=article, quote="1", **about)
        titled = make_incident(article=article, title=f"Threat to {NAME}", quote="2", **about)
        changed = make_incident(article=article, title="Visit", quote="3-4", **about)
        write_public_summary(
            changed, {"public_summary_en": "They looked for Bazhkenova."}, by=staff
        )
        db.session.flush()
        write_public_summary(changed, {"public_summary_en": "They looked for an editor."}, by=staff)
        case = open_case(
            "The house", summary="Neighbours of Bazhkenova", country="KZ",
            team_id=staff.team_ids[0], visibility=Visibility.INTERNAL, by=staff,
        )  # fmt: skip
        file_records(case, [incident], by=staff)
        make_user("exporter", Role.EXPORTER)
        make_user("monitor", Role.MONITOR, team="Elsewhere")
        make_user("other-exporter", Role.EXPORTER, team="Elsewhere")
        db.session.commit()
        made = journalist.ref, article.ref, incident.ref, incident.targets[0].id
        more = titled.ref, case.ref, changed.ref
    with as_user(app, "other", team="Elsewhere") as other:
        seen = db.session.scalars(sa.select(Journalist)).one()
        theirs = make_incident(targets=[TargetFacts(journalist=seen)], by=other)
        db.session.commit()
        return Hers(*made, *more, theirs.ref)


def address(hers: Hers) -> str:
    return f"/incidents/{hers.incident}/targets/{hers.target}/naming"


def inputs_of(page: str) -> dict[str, str]:
    """Return what the hidden fields of a page hold."""
    found = re.findall(r'<input[^>]*type="hidden"[^>]*>', page.split("<main")[1])
    return {
        re.search(r'name="([^"]+)"', one)[1]: re.search(r'value="([^"]*)"', one)[1]  # type: ignore[index]
        for one in found
    }


def decide(client: FlaskClient, at: str, decision: str = "refused", **typed: str) -> TestResponse:
    sent = {"decision": decision, "named_as": STANDS, "is_written": "unknown", "is_minor": "no"}
    return client.post(at, data={**inputs_of(client.get(at).text), **sent, **typed})


def close(client: FlaskClient, hers: Hers, *, excluding: str = "") -> TestResponse:
    """Close her name as the page proposes it, but for a record that is not ticked."""
    page = decide(client, address(hers)).text
    kept = [
        one for one in re.findall(r'name="restricted" value="([^"]+)"', page) if one != excluding
    ]
    return client.post(address(hers), data={**inputs_of(page), "restricted": kept})


def staff_of_the_team(client: FlaskClient) -> FlaskClient:
    sign_in_directly(client, "staff")
    return client


def enter(client: FlaskClient, name: str) -> FlaskClient:
    someone = client.application.test_client()
    sign_in_directly(someone, name)
    return someone


def rows(client: FlaskClient) -> list[dict[str, str]]:
    text = client.get("/reports/incidents.csv").get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def crawled(client: FlaskClient, hers: Hers) -> dict[str, str]:
    """Return every page and file that might name her, by address."""
    paths = ["/", "/incidents/", "/articles/", "/journalists/", "/cases/", "/fake-accounts/",
             "/responses/", "/reports/", "/reports/incidents.csv", "/review/",
             f"/cases/{hers.case}/timeline.svg", f"/cases/{hers.case}/timeline.json"]  # fmt: skip
    for kind, refs in {
        "incidents": [hers.incident, hers.titled, hers.changed, hers.theirs],
        "articles": [hers.article], "journalists": [hers.journalist], "cases": [hers.case],
    }.items():  # fmt: skip
        paths += [f"/{kind}/{ref}/" for ref in refs] + [f"/{kind}/{ref}/history" for ref in refs]
    paths += [f"/journalists/{hers.journalist}/timeline", f"/cases/{hers.case}/timeline"]
    paths += [f"/incidents/{ref}/timeline" for ref in (hers.incident, hers.titled, hers.changed)]
    paths += [
        f"/{kind}/?q={word}"
        for kind in ("incidents", "articles", "journalists", "cases")
        for word in ("Bazhkenova", "Бажкенова")
    ]
    return {path: client.get(path).get_data(as_text=True) for path in paths}


def test_a_journalist_who_refused_is_named_nowhere_outside_her_team_and_still_counts(
    client: FlaskClient, hers: Hers
) -> None:
    staff = staff_of_the_team(client)
    before = {row["ref"]: row for row in rows(enter(client, "monitor"))}

    assert close(staff, hers).status_code == 303

    for name in ("monitor", "other-exporter", "other"):
        pages = crawled(enter(client, name), hers)
        told = {
            path: HERS.findall(re.sub(r'value="[^"]*"', "", page))
            for path, page in pages.items()
            if "?q=" not in path and HERS.search(page)
        }
        assert told == {}
        for path, page in pages.items():
            if "?q=" in path:
                # The words asked for stand in the field; no record is found by them.
                assert not re.search(r"(INC|ART|JRN|CAS)-[0-9A-Z]{10}", page), path
        assert STANDS in pages[f"/incidents/{hers.incident}/"]
    after = {row["ref"]: row for row in rows(enter(client, "monitor"))}
    assert after[hers.incident]["n_journalists"] == before[hers.incident]["n_journalists"] == "1"
    assert after[hers.incident]["targets"] == STANDS
    assert hers.incident in enter(client, "monitor").get("/incidents/").text


def test_no_file_of_her_own_team_names_her_either(client, hers):
    close(staff_of_the_team(client), hers)

    for name in ("staff", "exporter"):
        found = {row["ref"]: row for row in rows(enter(client, name))}
        assert not HERS.search(str(found))
        assert found[hers.incident]["targets"] == STANDS
        assert found[hers.incident]["n_journalists"] == "1"
        assert found[hers.titled]["title"] == f"Threat to {STANDS}"


def test_her_team_goes_on_reading_her_name(client, hers):
    staff = staff_of_the_team(client)
    close(staff, hers)

    assert NAME in staff.get(f"/incidents/{hers.incident}/").text
    assert NAME in staff.get(f"/journalists/{hers.journalist}/").text
    assert f"Threat to {NAME}" in staff.get(f"/incidents/{hers.titled}/").text


def test_all_that_it_does_is_listed_before(client, hers):
    page = decide(staff_of_the_team(client), address(hers))

    assert page.status_code == 200
    for ref in (hers.article, hers.titled, hers.case):
        assert ref in page.text
    # What names her in its quote alone is masked, and not closed.
    assert f'value="{hers.incident}"' not in page.text
    with as_user(client.application):
        assert db.session.scalars(sa.select(Journalist)).one().visibility is Visibility.INTERNAL


def test_what_is_published_is_said_to_become_a_draft(app, client, hers):
    sign_in_directly(client, "staff")
    assert "become drafts" not in decide(client, address(hers)).text
    published = {hers.incident, hers.changed}
    with as_user(app) as staff:
        monitor = make_user("publisher", Role.MONITOR)
        for one in db.session.scalars(sa.select(Incident).where(Incident.ref.in_(published))):
            write_public_summary(one, {"public_summary_en": "They came."}, by=staff)
            one.state = EditorialState.APPROVED
            db.session.flush()
            publish(one, by=monitor)
        db.session.commit()

    page = decide(client, address(hers)).text
    drafts = page.partition('id="drafts-heading"')[2].partition("</section>")[0]

    assert "no longer counted" in drafts
    assert set(re.findall(r"INC-\w+", drafts)) == published
    close(client, hers)
    with as_user(app):
        rows = sa.select(Incident.state).where(Incident.ref.in_(published))
        assert set(db.session.scalars(rows)) == {EditorialState.DRAFT}


def test_the_files_that_hold_what_was_done_to_her_are_found_from_her_naming_decision(client, hers):
    sign_in_directly(client, "staff")
    link = f'href="/reports/export-log?holds={hers.journalist}"'

    assert link in client.get(address(hers)).text
    assert link in decide(client, address(hers)).text
    close(client, hers)
    assert link in client.get(address(hers)).text


def test_to_whom_she_agreed_before_is_no_error_when_she_takes_it_back(app, client, hers):
    sign_in_directly(client, "staff")
    decide(client, address(hers), "consented", scope="public")

    page = decide(client, address(hers), "withdrawn", scope="public").text
    assert "only for somebody who agreed" not in page
    kept = re.findall(r'name="restricted" value="([^"]+)"', page)
    client.post(address(hers), data={**inputs_of(page), "restricted": kept})

    with as_user(app):
        db.session.commit()
        set_full_access()
        naming = db.session.scalars(sa.select(TargetNamingDecision)).one()
        assert (naming.decision, naming.scope) == (NamingDecision.WITHDRAWN, None)


def test_a_decision_that_changes_nothing_for_others_makes_no_revision(client, hers):
    staff_of_the_team(client)
    at, exporter = address(hers), enter(client, "other-exporter")
    decide(client, at, "public_record", how_asked="Not yet")
    opened = inputs_of(client.get(at).text)
    before = revision(exporter, hers)

    assert decide(client, at, "public_record", how_asked="By her lawyer").status_code == 303
    assert revision(exporter, hers) == before
    # Whoever opened the form before overwrites nothing unseen all the same.
    late = {"decision": "public_record", "named_as": STANDS, "is_written": "no", "is_minor": "no"}
    assert client.post(at, data={**opened, **late}).status_code == 409
    assert decide(client, at, "not_asked").status_code == 303
    assert revision(exporter, hers) != before


def revision(exporter: FlaskClient, hers: Hers) -> tuple[str, str]:
    """Return what a file says of how often the incident was changed, and when."""
    row = next(one for one in rows(exporter) if one["ref"] == hers.incident)
    return row["revision"], row["updated_at"]


def test_what_was_not_listed_is_not_done(app, client, hers):
    staff = staff_of_the_team(client)
    page = decide(staff, address(hers)).text
    kept = re.findall(r'name="restricted" value="([^"]+)"', page)
    with as_user(app) as user:
        make_article("Another one", text=f"{NAME} again.", by=user)
        db.session.commit()

    answer = staff.post(address(hers), data={**inputs_of(page), "restricted": kept})

    assert answer.status_code == 422
    assert "more places than listed" in answer.text
    assert "Another one" in answer.text
    with as_user(app):
        assert db.session.scalars(sa.select(Journalist)).one().name_closed_on is None


def test_what_names_her_is_changed_first_or_kept_to_the_team(client, hers):
    staff = staff_of_the_team(client)

    answer = close(staff, hers, excluding=hers.titled)

    assert answer.status_code == 422
    assert "Edit these first" in answer.text
    assert hers.titled in enter(client, "monitor").get("/incidents/").text


def test_others_read_nothing_of_what_was_said_before(client, hers):
    close(staff_of_the_team(client), hers)

    ours = client.get(f"/incidents/{hers.changed}/history").text
    theirs = enter(client, "monitor").get(f"/incidents/{hers.changed}/history").text
    assert "They looked for Bazhkenova" in ours
    assert "They looked for" not in theirs
    assert "closed a name to everybody outside the team" in theirs


def test_nothing_opens_her_record(app, client, hers):
    staff = staff_of_the_team(client)
    close(staff, hers)
    page = staff.get(f"/journalists/{hers.journalist}/edit").text
    sent = {"name": NAME, "kind": "staff", "gender": "woman", "country": "KZ", "notes": ""}

    answer = staff.post(
        f"/journalists/{hers.journalist}/edit",
        data={**inputs_of(page), **sent, "visibility": "internal"},
    )

    assert answer.status_code == 422
    assert "must not be named outside the team" in answer.text


def test_what_is_opened_again_must_not_name_her(client, hers):
    staff = staff_of_the_team(client)
    close(staff, hers)
    at = f"/incidents/{hers.titled}/share"

    answer = staff.post(at, data=inputs_of(staff.get(at).text))

    assert answer.status_code == 422
    assert "Change or mask these words first" in answer.text


def test_another_incident_against_her_can_be_logged_and_seen(app, client, hers):
    close(staff_of_the_team(client), hers)
    with as_user(app) as staff:
        journalist = db.session.scalars(sa.select(Journalist)).one()
        later = make_incident(targets=[TargetFacts(journalist=journalist)], by=staff)
        db.session.commit()
        ref = later.ref
        assert later.targets[0].name_reach is NameReach.TEAM

    page = enter(client, "monitor").get(f"/incidents/{ref}/").text

    assert "a journalist (name withheld)" in page
    assert not HERS.search(page)


def test_another_teams_incident_goes_on_without_her_name(client, hers):
    close(staff_of_the_team(client), hers)

    page = enter(client, "other").get(f"/incidents/{hers.theirs}/").text
    assert not HERS.search(page)
    assert "a person not shown to you" in page


def test_a_record_of_another_team_cannot_be_closed(app, client, hers):
    with as_user(app, "other", team="Elsewhere"):
        theirs = db.session.scalars(sa.select(Incident).where(Incident.ref == hers.theirs)).one()
        at = f"/incidents/{hers.theirs}/targets/{theirs.targets[0].id}/naming"

    answer = decide(enter(client, "other"), at)

    assert answer.status_code == 422
    assert "Another team owns this journalist" in answer.text


def test_a_withdrawn_consent_closes_like_a_refusal_and_a_new_one_opens(app, client, hers):
    staff = staff_of_the_team(client)
    agreed = {"scope": "public", "is_written": "yes", "named_as": ""}
    assert decide(staff, address(hers), "consented", **agreed).status_code == 303
    assert target_of(app, hers).name_reach is NameReach.PUBLIC

    page = decide(staff, address(hers), "withdrawn").text
    kept = re.findall(r'name="restricted" value="([^"]+)"', page)
    assert (
        staff.post(address(hers), data={**inputs_of(page), "restricted": kept}).status_code == 303
    )
    assert target_of(app, hers).name_reach is NameReach.TEAM

    decide(staff, address(hers), "consented", **agreed)

    assert target_of(app, hers).name_reach is NameReach.PUBLIC
    with as_user(app):
        journalist = db.session.scalars(sa.select(Journalist)).one()
        assert journalist.name_closed_on is None
        assert journalist.visibility is Visibility.RESTRICTED
        others = db.session.scalars(
            sa.select(IncidentTarget.name_reach).where(IncidentTarget.id != hers.target)
        ).all()
        assert NameReach.TEAM not in others


def target_of(app: Flask, hers: Hers) -> IncidentTarget:
    with as_user(app):
        target = db.session.get_one(IncidentTarget, hers.target)
        db.session.expunge(target)
        return target


def test_a_second_refusal_keeps_the_name_closed(app, client, hers):
    staff = staff_of_the_team(client)
    close(staff, hers)
    with as_user(app):
        changed = db.session.scalars(sa.select(Incident).where(Incident.ref == hers.changed)).one()
        second = f"/incidents/{hers.changed}/targets/{changed.targets[0].id}/naming"
    assert decide(staff, second).status_code == 303

    decide(staff, address(hers), "public_record")

    with as_user(app):
        assert db.session.scalars(sa.select(Journalist)).one().name_closed_on is not None


@pytest.mark.parametrize(
    ("decision", "typed", "said"),
    [
        ("refused", {"named_as": ""}, "Enter what is shown instead of the name"),
        ("refused", {"named_as": "Bazhkenova"}, "This text has the name"),
        ("consented", {"scope": ""}, "only for somebody who agreed"),
        ("not_asked", {"scope": "public"}, "only for somebody who agreed"),
        ("consented", {"scope": "public", "decided_on": "2999-01-01"}, "is in the future"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(client, hers, decision, typed, said):
    answer = decide(staff_of_the_team(client), address(hers), decision, **typed)

    assert answer.status_code == 422
    assert said in answer.text


def test_the_ground_of_a_decision_is_kept_apart_and_never_in_the_trail(app, client, hers):
    decide(staff_of_the_team(client), address(hers), "public_record", how_asked="by her lawyer")

    with as_user(app):
        db.session.commit()
        set_full_access()
        assert (
            db.session.scalars(sa.select(TargetNamingDecision)).one().how_asked == "by her lawyer"
        )
        trail = db.session.scalars(sa.select(AuditEvent.changes)).all()
        assert "by her lawyer" not in str(trail)
        assert "public_record" not in str(trail)


def test_only_staff_of_the_team_decide(client, hers):
    for name in ("monitor", "other", "exporter"):
        assert enter(client, name).get(address(hers)).status_code == 403


def test_the_page_says_which_records_hold_her_name_back_and_leads_to_those_of_the_team(
    app, client, hers
):
    staff = staff_of_the_team(client)
    decide(staff, address(hers), "public_record")
    page = staff.get(address(hers)).text
    assert "3 other records that you may see prevent sharing the name" in page
    links = set(re.findall(r"/incidents/(INC-\w+)/targets/\d+/naming", page))
    assert links >= {hers.titled, hers.changed}
    assert hers.theirs in page
    assert hers.theirs not in links

    with as_user(app, "other", team="Elsewhere"):
        theirs = db.session.scalars(sa.select(Incident).where(Incident.ref == hers.theirs)).one()
        theirs.visibility = Visibility.RESTRICTED
        db.session.commit()
    for ref in (hers.titled, hers.changed):
        [link] = re.findall(
            rf"/incidents/{ref}/targets/[0-9]+/naming", staff.get(address(hers)).text
        )
        decide(staff, link, "public_record")
    # Of what is hidden nothing is said but what is said always.
    page = staff.get(address(hers)).text
    assert "No other record that you may see prevents sharing the name." in page
    assert "Records that you may not see may prevent it too." in page
    assert hers.theirs not in page


def test_her_name_is_decided_on_in_a_retracted_record_too(app, client, hers):
    with as_user(app):
        titled = db.session.scalars(sa.select(Incident).where(Incident.ref == hers.titled)).one()
        titled.state, titled.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        at = f"/incidents/{hers.titled}/targets/{titled.targets[0].id}/naming"
        db.session.commit()
    staff = staff_of_the_team(client)
    assert at in staff.get(f"/incidents/{hers.titled}/").text
    assert at in staff.get(address(hers)).text
    assert decide(staff, at, "public_record").status_code == 303
    with as_user(app):
        titled = db.session.scalars(sa.select(Incident).where(Incident.ref == hers.titled)).one()
        assert titled.targets[0].name_reach is NameReach.PUBLIC
        assert titled.is_retracted
    assert enter(client, "monitor").get(at).status_code == 403


def test_a_decision_leaves_an_unnamed_person_unnamed(app, client, hers):
    with as_user(app) as staff:
        incident = make_incident(by=staff)
        db.session.commit()
        at = f"/incidents/{incident.ref}/targets/{incident.targets[0].id}/naming"
        assert incident.targets[0].kind is TargetKind.UNNAMED_PERSON

    answer = decide(staff_of_the_team(client), at)

    assert answer.status_code == 422
    assert "no journalist’s record" in answer.text


def test_a_target_who_was_reached_because_of_somebody_else_takes_her_name_back(app, client, hers):
    staff = staff_of_the_team(client)
    decide(staff, address(hers), "public_record")
    at = f"/incidents/{hers.incident}/targets/{hers.target}/edit"
    page = staff.get(at).text
    chosen = re.search(r'value="(JRN-[0-9A-Z]+)"', page)
    sent = {"kind": "journalist", "who-name": NAME, "basis": "named", "harm": "", "place": ""}
    who = {"who-chosen": chosen[1]} if chosen else {}

    answer = staff.post(
        at, data={**inputs_of(page), **sent, **who, "role": TargetRole.COLLATERAL_COLLEAGUE.value}
    )

    assert answer.status_code == 303
    assert target_of(app, hers).name_reach is NameReach.HOUSE


def test_a_target_about_whose_name_was_decided_is_removed_with_the_decision(app, client, hers):
    staff = staff_of_the_team(client)
    decide(staff, address(hers), "public_record")
    with as_user(app) as user:
        incident = db.session.scalars(
            sa.select(Incident).where(Incident.ref == hers.incident)
        ).one()
        extra = TargetFacts(kind=TargetKind.UNNAMED_PERSON, words="a neighbour")
        add_target(incident, extra, by=user)
        db.session.commit()
    page = staff.get(f"/incidents/{hers.incident}/").text
    token, version = token_in(page), page.split('name="version"')[1].split('value="')[1]

    answer = staff.post(
        f"/incidents/{hers.incident}/targets/{hers.target}/remove",
        data={"csrf_token": token, "version": version.split('"')[0]},
    )

    assert answer.status_code == 303
    with as_user(app):
        db.session.commit()
        set_full_access()
        assert db.session.scalars(sa.select(TargetNamingDecision)).all() == []


def test_the_public_record_needs_no_words_for_the_name(app, client, hers):
    answer = decide(staff_of_the_team(client), address(hers), "public_record", named_as="")

    assert answer.status_code == 303
    assert target_of(app, hers).name_reach is NameReach.PUBLIC
    assert NamingDecision.PUBLIC_RECORD.value == "public_record"


def test_a_case_that_named_her_is_kept_to_the_team(app, client, hers):
    close(staff_of_the_team(client), hers)

    assert enter(client, "monitor").get(f"/cases/{hers.case}/").status_code == 404
    with as_user(app):
        assert db.session.scalars(sa.select(Case)).one().visibility is Visibility.RESTRICTED
