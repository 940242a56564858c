"""What the world may read of an incident: published by a second person, and taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from lxml import html
from sqlalchemy import select, text

from tests.factories import as_user, make_incident, make_journalist, sign_in_directly
from tests.journeys.browser import Browser
from tracker import clock
from tracker.articles.codes import SourceKind
from tracker.articles.models import Article
from tracker.audit.models import AuditEvent
from tracker.db import db, set_full_access
from tracker.errors import Forbidden, InvalidInput
from tracker.incidents.codes import ActorType, AttributedBy, Certainty, NameReach
from tracker.incidents.guarded_models import Publication
from tracker.incidents.merging_service import merge_incidents
from tracker.incidents.models import Incident
from tracker.incidents.publication_service import public_preview, publish, withdraw_publication
from tracker.incidents.queries import publication_of
from tracker.incidents.section_service import add_actor, edit_actor
from tracker.incidents.service import (
    ActorFacts,
    TargetFacts,
    set_circumstances,
    write_public_summary,
)
from tracker.people.codes import NameKind
from tracker.people.service import add_name
from tracker.permissions import Role, Visibility
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.rules import is_own_work
from tracker.review.service import approve_record, submit_record
from tracker.vocabulary.codes import Answer


@pytest.fixture
def told(app: Flask) -> str:
    """Return the ref of a published incident."""
    with as_user(app) as user:
        made = make_incident(title="Winter letters", by=user)
        made.state = EditorialState.PUBLISHED
        published = Publication(
            incident=made, version=1, title="Winter letters", summary_en="Letters came.", summary_ru="",
            summary_kk="", sources="Dala News", targets="an editor", n_journalists=1,
            primary_type="threat.death", types="threat.death", occurred_edtf="2025-06",
            reported_month="2025-06", country="KZ", region="", verification=made.verification,
            published_by_id=user.id,
        )  # fmt: skip
        db.session.add(published)
        db.session.commit()
        return made.ref


def stored(ref: str) -> Incident:
    return db.session.scalars(select(Incident).where(Incident.ref == ref)).one()


def test_what_is_withdrawn_says_nothing_and_is_a_draft_again(app: Flask, told: str):
    with as_user(app) as user:
        withdraw_publication(stored(told), by=user)
        db.session.commit()

        row = db.session.execute(text("SELECT * FROM public_export")).mappings().one()
        assert (row["ref"], row["status"]) == (told, "withdrawn")
        said = ("title", "summary_en", "summary_ru", "summary_kk", "sources", "targets")
        assert {row[one] for one in said} == {""}
        assert stored(told).state is EditorialState.DRAFT
        trail = select(AuditEvent.action).order_by(AuditEvent.sequence.desc())
        assert "incident:withdraw" in db.session.scalars(trail).all()


def test_withdrawing_twice_or_where_nothing_was_said_changes_nothing(app: Flask, told: str):
    with as_user(app) as user:
        unsaid = make_incident(by=user)
        for incident in (stored(told), unsaid):
            withdraw_publication(incident, by=user)
        db.session.commit()
        versions = stored(told).version, unsaid.version
        for incident in (stored(told), unsaid):
            withdraw_publication(incident, by=user)
        db.session.commit()
        assert (stored(told).version, unsaid.version) == versions
        assert unsaid.state is EditorialState.DRAFT
        assert publication_of(unsaid) is None


NAME = "Asem Doeva"


@pytest.fixture
def approved(app: Flask, article: str) -> str:
    """Return the ref of an approved incident about somebody whose name is not public."""
    with as_user(app) as user:
        source = db.session.scalars(select(Article).where(Article.ref == article)).one()
        asem = make_journalist(NAME, by=user)
        add_name(asem, "Асем Доева", kind=NameKind.TRANSLITERATION, by=user)
        made = make_incident(article=source, targets=[TargetFacts(journalist=asem)], by=user)
        write_public_summary(made, {"public_summary_en": "A reporter was sent letters."}, by=user)
        made.state = EditorialState.APPROVED
        db.session.commit()
        return made.ref


def change(app: Flask, ref: str, **values: object) -> None:
    """Change the incident, or its only target, behind everybody's back."""
    with as_user(app):
        incident = stored(ref)
        for name, value in values.items():
            one = incident if hasattr(incident, name) else incident.targets[0]
            setattr(one, name, value)
        db.session.commit()


def public_rows(app: Flask) -> list[dict[str, Any]]:
    with as_user(app):
        rows = db.session.execute(text("SELECT * FROM public_export")).mappings()
        return [dict(row) for row in rows]


def refused(monitor: Browser, ref: str) -> str:
    """Return why the page does not publish it; it says so before anything is pressed."""
    monitor.open(f"/incidents/{ref}/publish")
    assert not monitor.page.xpath("//button[contains(., 'Publish this')]")
    token = monitor.page.xpath("//input[@name='csrf_token']")[0].value
    version = {"csrf_token": token, "version": current_version(monitor, ref)}
    answer = monitor.client.post(f"/incidents/{ref}/publish", data=version)
    assert answer.status_code == 422
    return monitor.words


def current_version(browser: Browser, ref: str) -> str:
    page = html.fromstring(browser.client.get(f"/incidents/{ref}/").text)
    return str(page.xpath("//input[@name='version']")[0].value)


def test_the_page_shows_what_the_world_then_reads(app: Flask, approved: str, monitor: Browser):
    monitor.open(f"/incidents/{approved}/publish")
    shown = " ".join(" ".join(monitor.page.xpath("//main//text()")).split())
    for words in (
        "A reporter was sent letters.", "according to Dala News", "a journalist",
        "Primary type Death threat", "Date June 2025", "Country Kazakhstan",
        "Verification not assessed", "Title Death threat: a journalist, June 2025",
    ):  # fmt: skip
        assert words in shown
    assert NAME not in " ".join(monitor.page.xpath("//dl")[0].text_content().split())
    monitor.press("Publish this")
    assert "Added to the public file." in monitor.words

    [row] = public_rows(app)
    assert (row["ref"], row["status"]) == (approved, "published")
    assert row["revision"] == 1
    assert row["title"] == "Death threat: a journalist, June 2025"
    assert row["summary_en"] == "A reporter was sent letters."
    assert row["sources"] == "according to Dala News"
    assert row["targets"] == "a journalist"
    assert row["n_journalists"] == 1
    assert (row["primary_type"], row["types"]) == ("threat.death", "threat.death")
    assert (row["occurred_edtf"], row["reported_month"]) == ("2025-06", "2025-06")
    assert (row["country"], row["region"], row["verification"]) == ("KZ", "", "unknown")
    assert NAME not in str(row)
    with as_user(app):
        acts = select(AuditEvent.action).where(AuditEvent.subject == approved)
        assert "incident:publish" in db.session.scalars(acts).all()


def test_a_public_name_is_told_and_else_what_stands_for_it(
    app: Flask, approved: str, monitor: Browser
):
    change(app, approved, named_as="an editor in Almaty")
    monitor.open(f"/incidents/{approved}/publish")
    assert "an editor in Almaty" in monitor.words
    for reach in (NameReach.TEAM, NameReach.HOUSE, NameReach.PARTNER, NameReach.INTERGOVERNMENTAL):
        change(app, approved, name_reach=reach)
        monitor.open(f"/incidents/{approved}/publish")
        assert NAME not in monitor.page.xpath("//dl")[0].text_content(), reach
    change(app, approved, name_reach=NameReach.PUBLIC)
    monitor.open(f"/incidents/{approved}/publish")
    assert NAME in monitor.page.xpath("//dl")[0].text_content()


def test_a_changed_incident_keeps_its_published_text_under_revision(
    app: Flask, approved: str, monitor: Browser
):
    monitor.open(f"/incidents/{approved}/publish")
    monitor.press("Publish this")
    with as_user(app) as user:
        write_public_summary(stored(approved), {"public_summary_en": "Letters and calls."}, by=user)
        db.session.commit()
    [row] = public_rows(app)
    assert (row["status"], row["summary_en"]) == ("under_revision", "A reporter was sent letters.")
    monitor.open(f"/incidents/{approved}/")
    assert "Under revision" in monitor.words

    change(app, approved, state=EditorialState.APPROVED)
    monitor.open(f"/incidents/{approved}/publish")
    monitor.press("Publish this")
    [row] = public_rows(app)
    assert (row["status"], row["revision"]) == ("published", 2)
    assert row["summary_en"] == "Letters and calls."
    assert "Under revision" not in monitor.words


def test_what_is_retracted_says_that_and_why_and_nothing_else(
    app: Flask, approved: str, monitor: Browser
):
    monitor.open(f"/incidents/{approved}/publish")
    monitor.press("Publish this")
    monitor.press("Retract", {"reason": "coding_error"})
    [row] = public_rows(app)
    assert (row["status"], row["retract_reason"]) == ("retracted", "coding_error")
    assert row["title"] == row["summary_en"] == row["sources"] == row["targets"] == ""


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"state": EditorialState.DRAFT}, "It is not approved"),
        ({"visibility": Visibility.RESTRICTED}, "Only its team may see it"),
        ({"public_summary_en": " "}, "The public summary is missing"),
        ({"public_summary_en": f"Letters to {NAME.upper()}."}, "names somebody"),
        ({"public_summary_en": "Letters to Doeva."}, "names somebody"),
        ({"public_summary_ru": "Письма Асем Доевой."}, "names somebody"),
        ({"title": f"Letters to {NAME}"}, "names somebody"),
        ({"named_as": f"{NAME}, an editor"}, "names somebody"),
    ],
)
def test_it_is_not_published_while_a_reason_stands_against_it(
    app: Flask, approved: str, monitor: Browser, values: dict[str, object], reason: str
):
    change(app, approved, **values)
    assert reason in refused(monitor, approved)
    assert public_rows(app) == []


def test_all_reasons_are_said_at_once(app: Flask, approved: str, monitor: Browser):
    change(
        app, approved, state=EditorialState.DRAFT, visibility=Visibility.RESTRICTED,
        public_summary_en="", title=f"Letters to {NAME}",
    )  # fmt: skip
    words = refused(monitor, approved)
    for reason in ("not approved", "Only its team", "summary is missing", "names somebody"):
        assert reason in words


BEFORE_APPROVAL = "Can be approved, but not published yet"
REASONS = (
    "Only its team may see it: staff of the team share it with all users first.",
    "The public summary is missing: write it in at least one language.",
    f"The text names somebody whose name may not be published: “{NAME}”.",
)


def test_what_publication_will_miss_is_said_before_approval(
    app: Flask, approved: str, monitor: Browser
):
    change(app, approved, state=EditorialState.IN_REVIEW)
    monitor.open(f"/incidents/{approved}/")
    assert "Approve" in monitor.words
    assert BEFORE_APPROVAL not in monitor.words

    change(
        app, approved, visibility=Visibility.RESTRICTED, public_summary_en="",
        title=f"Letters to {NAME}",
    )  # fmt: skip
    with as_user(app) as user:
        source = stored(approved).citations[0].article
        assert source is not None
        make_incident(
            article=source, title="Nothing said", by=user
        ).state = EditorialState.IN_REVIEW
        db.session.commit()
        source_ref = source.ref
    for address in (f"/incidents/{approved}/", f"/review/articles/{source_ref}"):
        monitor.open(address)
        for words in (BEFORE_APPROVAL, *REASONS):
            assert words in monitor.words, address
        assert "It is not approved" not in monitor.words
    # The very reasons for which it is then refused.
    monitor.open(f"/incidents/{approved}/")
    monitor.press("Approve")
    assert stored_state(app, approved) is EditorialState.APPROVED
    words = refused(monitor, approved)
    assert all(reason in words for reason in REASONS)


def test_a_name_that_another_team_closed_is_refused_at_publication_and_not_told_before(
    app, approved, monitor
):
    with as_user(app, "closer", team="Elsewhere") as closer:
        hidden = make_journalist("Dana Serik", visibility=Visibility.RESTRICTED, by=closer)
        hidden.name_closed_on = clock.current_date()
        db.session.commit()
    change(app, approved, public_summary_en="Dana Serik helped.", state=EditorialState.IN_REVIEW)
    told = "The text names somebody whose name may not be published: “Dana Serik”."
    monitor.open(f"/incidents/{approved}/")
    # Else whoever writes a name would learn whether another team closed it.
    assert told not in monitor.words
    monitor.press("Approve")
    monitor.open(f"/incidents/{approved}/publish")
    assert told not in monitor.words
    monitor.press("Publish this")
    assert told in monitor.words
    assert public_rows(app) == []


def stored_state(app: Flask, ref: str) -> EditorialState:
    with as_user(app):
        return stored(ref).state


def test_an_address_that_leads_to_a_name_kept_back_is_left_out_and_the_page_says_so(
    app, approved, monitor
):
    change(app, approved, state=EditorialState.APPROVED)
    with as_user(app):
        source = stored(approved).citations[0].article
        assert source is not None
        source.url = "https://dala.example/letters"
        db.session.commit()
        assert public_preview(stored(approved)).sources == "according to Dala News"
    monitor.open(f"/incidents/{approved}/publish")
    said = "Sources that tell of somebody who may not be named publicly have no address here."
    assert said in monitor.words
    assert "dala.example" not in monitor.words

    change(app, approved, name_reach=NameReach.PUBLIC)
    with as_user(app):
        told = "according to Dala News, https://dala.example/letters"
        assert public_preview(stored(approved)).sources == told


def test_an_address_that_spells_whom_it_tells_of_besides_is_left_out(app, approved, monitor):
    with as_user(app) as user:
        source = stored(approved).citations[0].article
        assert source is not None
        source.url = "https://dala.example/berik-beaten"
        berik = make_journalist("Berik Kept", by=user)
        other = make_incident(article=source, targets=[TargetFacts(journalist=berik)], by=user)
        other.targets[0].name_reach = NameReach.PARTNER
        db.session.commit()
        beside = other.ref
    monitor.open(f"/incidents/{approved}/publish")
    assert "according to Dala News" in monitor.words
    assert "berik" not in monitor.words
    monitor.press("Publish this")
    assert [row["sources"] for row in public_rows(app)] == ["according to Dala News"]

    # Whose name is public everywhere is spelt.
    change(app, beside, name_reach=NameReach.PUBLIC)
    change(app, approved, name_reach=NameReach.PUBLIC, state=EditorialState.APPROVED)
    monitor.open(f"/incidents/{approved}/publish")
    assert "according to Dala News, https://dala.example/berik-beaten" in monitor.words


NEIGHBOUR = ActorFacts(
    actor_type=ActorType.PRIVATE_PERSON, certainty=Certainty.ALLEGED, name="Ivan Petrov",
    attributed_by=AttributedBy.TARGET,
)  # fmt: skip
MINISTRY = ActorFacts(
    actor_type=ActorType.MINISTRY, certainty=Certainty.KNOWN, name="Ministry of Calm",
    attributed_by=AttributedBy.OUTLET,
)  # fmt: skip
CONVICTED = replace(NEIGHBOUR, certainty=Certainty.KNOWN, attributed_by=AttributedBy.JUDGMENT)


def accuse(app: Flask, ref: str, actor: ActorFacts, summary: str) -> None:
    with as_user(app) as user:
        add_actor(stored(ref), actor, by=user)
        db.session.commit()
    change(app, ref, public_summary_en=summary, state=EditorialState.APPROVED)


@pytest.mark.parametrize(
    ("actor", "summary"),
    [
        (NEIGHBOUR, "She was threatened by Ivan Petrov, a neighbour."),
        (NEIGHBOUR, "Petrov threatened her."),
        (replace(MINISTRY, certainty=Certainty.ALLEGED), "The Ministry of Calm wrote to her."),
    ],
)
def test_who_is_accused_is_not_published(app, approved, monitor, actor, summary):
    accuse(app, approved, actor, summary)
    assert "The text names somebody" in refused(monitor, approved)


@pytest.mark.parametrize(
    ("actor", "summary"),
    [
        (CONVICTED, "She was threatened by Ivan Petrov, a neighbour."),
        (MINISTRY, "The Ministry of Calm wrote to her."),
        (replace(MINISTRY, certainty=Certainty.ALLEGED), "No Ministry answered."),
    ],
)
def test_who_is_in_office_or_convicted_is_published(app, approved, monitor, actor, summary):
    accuse(app, approved, actor, summary)
    monitor.open(f"/incidents/{approved}/publish")
    monitor.press("Publish this")
    assert [row["summary_en"] for row in public_rows(app)] == [summary]


@pytest.mark.parametrize("is_of_this_incident", [True, False])
def test_an_address_that_spells_somebody_accused_is_left_out(app, approved, is_of_this_incident):
    with as_user(app) as user:
        source = stored(approved).citations[0].article
        assert source is not None
        source.url = "https://dala.example/petrov-threatens"
        besides = make_incident(article=source, by=user)
        add_actor(stored(approved) if is_of_this_incident else besides, NEIGHBOUR, by=user)
        db.session.commit()
        assert public_preview(stored(approved)).sources == "according to Dala News"


def test_what_names_somebody_is_taken_back_when_they_are_accused(app, approved, monitor):
    summary = "Letters came, as Ivan Petrov says."

    def published() -> list[str]:
        change(app, approved, public_summary_en=summary, state=EditorialState.APPROVED)
        monitor.open(f"/incidents/{approved}/publish")
        monitor.press("Publish this")
        return [row["summary_en"] for row in public_rows(app)]

    assert published() == [summary]
    with as_user(app) as user:
        add_actor(stored(approved), NEIGHBOUR, by=user)
        db.session.commit()
    assert [row["summary_en"] for row in public_rows(app)] == [""]

    with as_user(app) as user:
        edit_actor(stored(approved), stored(approved).actors[0].id, CONVICTED, by=user)
        db.session.commit()
    assert published() == [summary]
    with as_user(app) as user:
        edit_actor(stored(approved), stored(approved).actors[0].id, NEIGHBOUR, by=user)
        db.session.commit()
    assert [row["summary_en"] for row in public_rows(app)] == [""]


def monitors(app: Flask, *names: str) -> list[Browser]:
    found = []
    for name in names:
        with as_user(app, name, Role.MONITOR):
            pass
        client = app.test_client()
        sign_in_directly(client, name)
        found.append(Browser(client))
    return found


def test_a_monitor_writes_the_summary_of_what_is_approved_and_another_one_publishes_it(
    app: Flask, approved: str, runner: FlaskCliRunner
):
    change(app, approved, public_summary_en="")
    writer, publisher = monitors(app, "writer", "publisher")
    writer.open(f"/incidents/{approved}/")
    writer.follow("Write public summary")
    assert "stays approved" in writer.words
    writer.press("Save", {"public_summary_en": "A reporter was sent letters."})
    assert writer.address == f"/incidents/{approved}/publish"
    with as_user(app):
        incident = stored(approved)
        assert incident.state is EditorialState.APPROVED
        assert incident.revised_by_id != incident.summarised_by_id
    # Nobody publishes what they wrote alone.
    assert "somebody else must review it" in writer.words
    assert not writer.page.xpath("//button[contains(., 'Publish this')]")
    with as_user(app, "writer", Role.MONITOR) as user, pytest.raises(Forbidden):
        publish(stored(approved), by=user)

    publisher.open(f"/incidents/{approved}/publish")
    publisher.press("Publish this")
    assert [row["summary_en"] for row in public_rows(app)] == ["A reporter was sent letters."]
    # What is published goes on in the words that were published, until somebody else has read it.
    publisher.open(f"/incidents/{approved}/publish/summary")
    publisher.press("Save", {"public_summary_en": "Letters came in winter."})
    assert stored_state(app, approved) is EditorialState.APPROVED
    [row] = public_rows(app)
    assert (row["status"], row["summary_en"]) == ("under_revision", "A reporter was sent letters.")
    publisher.open(f"/incidents/{approved}/publish")
    assert not publisher.page.xpath("//button[contains(., 'Publish this')]")
    writer.open(f"/incidents/{approved}/publish")
    writer.press("Publish this")
    assert [row["summary_en"] for row in public_rows(app)] == ["Letters came in winter."]
    assert runner.invoke(args=["audit", "verify"]).output.startswith("ok ")
    change(app, approved, summarised_by_id=None)
    assert approved in runner.invoke(args=["audit", "verify"]).output


@pytest.mark.parametrize(
    "state",
    [one for one in EditorialState if one.value not in {"in_review", "approved", "published"}],
)
def test_a_monitor_writes_no_summary_of_what_is_not_in_review_or_approved(
    app, approved, monitor, state
):
    reason = RetractReason.CODING_ERROR if state is EditorialState.RETRACTED else None
    change(app, approved, state=state, retract_reason=reason)
    assert monitor.client.get(f"/incidents/{approved}/publish/summary").status_code == 403
    monitor.open(f"/incidents/{approved}/")
    assert "Write public summary" not in monitor.words


def test_a_summary_leaves_it_approved_and_another_change_by_staff_makes_it_a_draft(
    app: Flask, approved: str
):
    def summarise_as(name: str, *roles: Role) -> Incident:
        with as_user(app, name, *roles) as user:
            write_public_summary(
                stored(approved), {"public_summary_en": f"Words of {name}."}, by=user
            )
            db.session.commit()
            return stored(approved)

    one = summarise_as("both", Role.STAFF, Role.MONITOR)
    assert (one.state, one.summarised_by_id) != (EditorialState.APPROVED, one.revised_by_id)
    assert one.state is EditorialState.APPROVED
    again = summarise_as("desk", Role.STAFF)
    assert again.state is EditorialState.APPROVED
    assert again.summarised_by_id not in {one.summarised_by_id, again.revised_by_id}
    with as_user(app, "desk") as user:
        set_circumstances(stored(approved), {"is_gendered": Answer.YES}, by=user)
        db.session.commit()
        assert stored(approved).state is EditorialState.DRAFT


def test_whoever_wrote_the_summary_does_not_approve_it_either(app, approved):
    with as_user(app, "writer", Role.MONITOR) as user:
        write_public_summary(stored(approved), {"public_summary_en": "Words."}, by=user)
        stored(approved).state = EditorialState.IN_REVIEW
        db.session.commit()
        with pytest.raises(Forbidden):
            approve_record(stored(approved), note="", by=user)


def summarise_as(app: Flask, ref: str, name: str, *languages: str) -> None:
    with as_user(app, name, Role.MONITOR) as user:
        columns = [f"public_summary_{one}" for one in languages]
        write_public_summary(stored(ref), dict.fromkeys(columns, f"Words of {name}."), by=user)
        db.session.commit()


def may_decide(app: Flask, ref: str, name: str) -> bool:
    with as_user(app, name, Role.MONITOR) as user:
        return not is_own_work(stored(ref), user)


def test_where_all_monitors_wrote_of_the_summary_the_page_says_what_is_needed(
    app: Flask, approved: str
) -> None:
    summarise_as(app, approved, "first", "en")
    (first,) = monitors(app, "first")
    first.open(f"/incidents/{approved}/publish")
    assert "wrote part of its public summary: somebody else must review it" in first.words
    none_left = "No other monitor may publish it"
    assert none_left in first.words
    assert "An administrator can make somebody else a monitor." in first.words

    # A monitor who wrote nothing of it may, and nobody who is none.
    with as_user(app, "elsewhere", Role.MONITOR, team="Elsewhere"):
        pass
    with as_user(app, "colleague"):
        pass
    first.open(f"/incidents/{approved}/publish")
    assert "These may publish it: elsewhere." in first.words
    assert none_left not in first.words
    with as_user(app, "elsewhere", Role.MONITOR, team="Elsewhere") as user:
        write_public_summary(stored(approved), {"public_summary_ru": "Words."}, by=user)
        db.session.commit()
    first.open(f"/incidents/{approved}/publish")
    assert none_left in first.words


def test_nobody_publishes_a_summary_of_which_they_wrote_a_part(app: Flask, approved: str) -> None:
    summarise_as(app, approved, "first", "en")
    summarise_as(app, approved, "second", "ru")
    first, second, third = monitors(app, "first", "second", "third")
    for writer in (first, second):
        writer.open(f"/incidents/{approved}/publish")
        assert "somebody else must review it" in writer.words
        assert not writer.page.xpath("//button[contains(., 'Publish this')]")
    with as_user(app, "first", Role.MONITOR) as user, pytest.raises(Forbidden):
        publish(stored(approved), by=user)

    third.open(f"/incidents/{approved}/publish")
    third.press("Publish this")
    [row] = public_rows(app)
    assert (row["summary_en"], row["summary_ru"]) == ("Words of first.", "Words of second.")
    # What the first one wrote has been read: they may decide on what somebody else writes later.
    summarise_as(app, approved, "third", "kk")
    assert [may_decide(app, approved, one) for one in ("first", "third")] == [True, False]


def test_after_a_merge_nobody_decides_on_a_summary_of_which_they_wrote_a_part(
    app: Flask, approved: str
) -> None:
    refs = [approved]
    for title in ("Calls", "More calls"):
        with as_user(app) as user:
            made = make_incident(title=title, by=user)
            made.state = EditorialState.APPROVED
            db.session.commit()
            refs.append(made.ref)
    kept, other, before = refs
    summarise_as(app, kept, "first", "en")
    summarise_as(app, kept, "second", "en")
    summarise_as(app, other, "third", "ru")
    summarise_as(app, other, "fourth", "ru")
    summarise_as(app, before, "fifth", "kk")
    summarise_as(app, before, "sixth", "kk")
    # Of two merges in a row, the writers of the first one come along.
    for ref, into in ((before, other), (other, kept)):
        with as_user(app) as user:
            db.session.commit()
            set_full_access()
            merge_incidents(stored(into), stored(ref), by=user)
            db.session.commit()
    writers = ("first", "second", "third", "fourth", "fifth", "sixth")
    assert not any(may_decide(app, kept, one) for one in writers)
    # Of the one that is gone it can be asked as well.
    assert not any(may_decide(app, other, one) for one in writers[2:])

    with as_user(app) as user:
        submit_record(stored(kept), by=user)
        db.session.commit()
    with as_user(app, "seventh", Role.MONITOR) as user:
        approve_record(stored(kept), note="", by=user)
        db.session.commit()
    # Somebody who wrote nothing has read it all.
    assert all(may_decide(app, kept, one) for one in ("first", "third", "fifth", "seventh"))


def test_who_told_it_by_telephone_is_not_said(app: Flask, approved: str):
    with as_user(app):
        source = stored(approved).citations[0].article
        assert source is not None
        source.kind = SourceKind.PHONE_CALL
        assert public_preview(stored(approved)).sources == "according to a source known to us"


def test_who_changed_it_last_does_not_publish_it(app: Flask, approved: str):
    with as_user(app, "both", Role.STAFF, Role.MONITOR) as user:
        stored(approved).revised_by_id = user.id
        db.session.commit()
        with pytest.raises(Forbidden):
            publish(stored(approved), by=user)


def test_a_monitor_who_does_not_see_all_of_it_does_not_publish_it(app: Flask, approved: str):
    with as_user(app):
        target = stored(approved).targets[0].journalist
        assert target is not None
        target.visibility = Visibility.RESTRICTED
        db.session.commit()
    elsewhere = as_user(app, "other", Role.MONITOR, team="Elsewhere")
    with elsewhere as user, pytest.raises(InvalidInput, match="not shown to you"):
        publish(stored(approved), by=user)


def test_saving_a_summary_says_that_it_was_cleared_or_cannot_be_published(app, approved: str):
    (writer,) = monitors(app, "writer")
    with as_user(app, "colleague"):
        pass
    client = app.test_client()
    sign_in_directly(client, "colleague")
    staff = Browser(client)
    named = "cannot be published: the text names somebody whose name may not be published"
    for browser, address in (
        (writer, f"/incidents/{approved}/publish/summary"),
        (staff, f"/incidents/{approved}/summary"),
    ):
        said = []
        for words in ("Asem Doeva was sent letters.", "Letters came.", " "):
            browser.open(address)
            browser.press("Save", {"public_summary_en": words})
            said.append(" ".join(browser.page.xpath("//*[@role='status']//text()")))
        assert named in said[0]
        assert "Asem" not in said[0]
        assert named not in said[1]
        assert "aved" in said[1]
        assert "Public summary cleared." in said[2]
        assert not any("publishes it" in one for one in (said[0], said[2]))
