"""Two incidents that turn out to be one: the one that stays has all, the other one leads to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select

from tests.factories import as_user, make_article, make_incident, make_journalist, sign_in_directly
from tests.fake_accounts.accounts_made import make_account
from tests.journeys.browser import Browser
from tests.responses.responses_made import make_response
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.cases.models import Case, CaseIncident
from tracker.cases.service import file_records, open_case
from tracker.db import current_engines, db
from tracker.fake_accounts.models import IncidentAccount
from tracker.fake_accounts.service import add_incident
from tracker.incidents.codes import (
    IncidentLinkKind,
    NameReach,
    Setting,
    StatusOfTarget,
    WorkLink,
)
from tracker.incidents.models import Incident
from tracker.incidents.section_service import add_link, add_reference, add_status
from tracker.incidents.service import TargetFacts, set_circumstances
from tracker.permissions import Role, Visibility
from tracker.responses.models import ResponseAnswer
from tracker.responses.service import add_answer
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.models import Reviewable
from tracker.review.queries import records_by_refs
from tracker.users.models import User
from tracker.vocabulary.codes import Answer
from tracker.when import parse_when


@dataclass
class Two:
    """The refs of the one that stays, of the other one, and of a third that links to the other."""

    kept: str
    other: str
    third: str


@pytest.fixture
def two(app: Flask) -> Two:
    with as_user(app) as user:
        asem, dana = (make_journalist(name, by=user) for name in ("Asem Doe", "Dana Serik"))
        kept = make_incident(
            title="Letters", article=make_article("First report", by=user),
            targets=[TargetFacts(journalist=asem)], by=user,
        )  # fmt: skip
        other = make_incident(
            "harassment.mob", title="The same letters", narrative="They came by post.",
            article=make_article("Second report", by=user),
            targets=[TargetFacts(journalist=asem), TargetFacts(journalist=dana)], by=user,
        )  # fmt: skip
        third = make_incident(title="Later calls", by=user)
        db.session.flush()
        held = parse_when("2025-06-03", latest_possible_date=date(2025, 7, 1))
        add_status(other, other.targets[0].id, status=StatusOfTarget.DETAINED, when=held, by=user)
        add_reference(other, scheme="CPJ", identifier="4711", by=user)
        add_link(third, other, kind=IncidentLinkKind.FOLLOWS, by=user)
        add_link(kept, other, kind=IncidentLinkKind.DUPLICATE_OF, by=user)
        db.session.commit()
        return Two(kept.ref, other.ref, third.ref)


def stored(ref: str) -> Incident:
    return db.session.scalars(select(Incident).where(Incident.ref == ref)).one()


@pytest.fixture
def staff(app: Flask, two: Two) -> Browser:
    client = app.test_client()
    sign_in_directly(client, "staff")
    return Browser(client)


def merge_by_page(staff: Browser, two: Two) -> None:
    staff.open(f"/incidents/{two.kept}/")
    staff.follow("Merge duplicate")
    staff.press("Compare", {"other": two.other.lower()})
    for words in ("Letters", "The same letters", "First report", "Second report", "Dana Serik"):
        assert words in staff.words
    staff.press("Merge duplicate")
    assert "Merged. The incident is a draft again" in staff.words


def test_the_one_that_stays_has_all_that_the_other_had(app: Flask, two: Two, staff: Browser):
    merge_by_page(staff, two)
    for words in ("First report", "Second report", "Asem Doe", "Dana Serik", "They came by post."):
        assert words in staff.words
    with as_user(app):
        kept = stored(two.kept)
        assert {row.term.code for row in kept.types} == {"threat.death", "harassment.mob"}
        assert [row.rank for row in kept.types] == sorted(row.rank for row in kept.types)
        names = [target.journalist.name for target in kept.targets if target.journalist]
        assert names == ["Asem Doe", "Dana Serik"]
        assert [row.status for row in kept.targets[0].statuses] == [StatusOfTarget.DETAINED]
        assert [row.identifier for row in kept.references] == ["4711"]
        assert len(kept.citations) == 2
        assert kept.links == []
        assert kept.state is EditorialState.DRAFT


def test_incidents_with_the_same_target_at_the_same_time_are_offered(
    app: Flask, two: Two, staff: Browser
):
    with as_user(app) as user:
        asem = stored(two.kept).targets[0].journalist
        assert asem
        facts: dict[str, Any] = {"targets": [TargetFacts(journalist=asem)], "by": user}
        later = parse_when("2025-09", latest_possible_date=date(2025, 10, 1))
        make_incident(title="In another month", occurred=later, **facts)
        gone = make_incident(title="Not counted", **facts)
        gone.state, gone.retract_reason = EditorialState.RETRACTED, RetractReason.LEGAL
        db.session.commit()
    with as_user(app, "elsewhere", team="Elsewhere") as author:
        make_incident(
            title="Of another team", targets=[TargetFacts(journalist=make_journalist(by=author))],
            by=author,
        )  # fmt: skip
        db.session.commit()
    staff.open(f"/incidents/{two.kept}/merge")
    assert staff.page.xpath("//main//li//a/text()") == ["The same letters"]
    form = staff.page.xpath("//main//li//form")[0]
    staff._take(staff.client.post(f"/incidents/{two.kept}/merge", data=staff._held(form)), "")
    assert "Second report" in staff.words
    staff.open(f"/incidents/{two.third}/merge")
    assert not staff.page.xpath("//main//li")


def test_circumstances_of_the_other_are_taken_where_none_are_known(
    app: Flask, two: Two, staff: Browser
):
    with as_user(app) as user:
        known = {"setting": Setting.ONLINE, "is_ai_made": Answer.NO, "work_link": WorkLink.LIKELY}
        set_circumstances(stored(two.kept), known, by=user)
        told = {
            "setting": Setting.OFFLINE, "is_gendered": Answer.YES,
            "work_link": WorkLink.CONFIRMED, "work_link_said_by": "her editor",
        }  # fmt: skip
        set_circumstances(stored(two.other), told, by=user)
        db.session.commit()
    staff.open(f"/incidents/{two.kept}/merge/{two.other}")
    for words, is_shown in (("her editor", True), ("Gendered", True), ("Coordinated", False)):
        assert (words in staff.words) is is_shown
    merge_by_page(staff, two)
    with as_user(app):
        kept = stored(two.kept)
        assert (kept.setting, kept.is_ai_made, kept.is_gendered, kept.is_coordinated) == (
            Setting.ONLINE, Answer.NO, Answer.YES, Answer.UNKNOWN
        )  # fmt: skip
        # Who says so belongs to what they say.
        assert (kept.work_link, kept.work_link_said_by) == (WorkLink.LIKELY, "")


def test_the_other_is_a_duplicate_that_leads_on_and_counts_no_more(
    app: Flask, two: Two, staff: Browser
):
    merge_by_page(staff, two)
    with as_user(app):
        other = stored(two.other)
        assert (other.state, other.retract_reason) == (
            EditorialState.RETRACTED, RetractReason.DUPLICATE
        )  # fmt: skip
        for ref in (two.kept, two.other):
            acts = select(AuditEvent.action).where(AuditEvent.subject == ref)
            assert "incident:merge" in db.session.scalars(acts).all()
        assert [row.other.ref for row in stored(two.third).links if row.other] == [two.kept]
    staff.open(f"/incidents/{two.other}/")
    assert "Duplicate of:" in staff.words
    staff.follow("Letters")
    assert staff.address == f"/incidents/{two.kept}/"
    staff.open("/incidents/")
    assert "2 incidents that you may see." in staff.words
    verified = app.test_cli_runner().invoke(args=["audit", "verify"]).output
    assert verified.startswith("ok "), (verified, two)

    with as_user(app, "monitor", Role.MONITOR):
        pass
    client = app.test_client()
    sign_in_directly(client, "monitor")
    monitor = Browser(client)
    monitor.open(f"/incidents/{two.other}/")
    assert "Restore as draft" not in monitor.words


def case_of(title: str, user: User) -> Case:
    return open_case(
        title, country="KZ", team_id=user.team_ids[0], visibility=Visibility.INTERNAL, by=user
    )


def homes(app: Flask) -> dict[str, Answer]:
    with as_user(app):
        rows = db.session.scalars(select(CaseIncident).order_by(CaseIncident.id))
        return {
            f"{row.case.title} {row.incident.title}": row.is_home for row in rows if row.incident
        }


def test_cases_accounts_and_responses_have_the_one_that_stays(app: Flask, two: Two, staff: Browser):
    with as_user(app) as user:
        kept, other = stored(two.kept), stored(two.other)
        both, one = case_of("Both", user), case_of("One", user)
        file_records(one, [other], by=user)
        file_records(both, [kept, other], by=user)
        add_incident(make_account(by=user), other, by=user)
        answer = make_response(by=user)
        add_answer(answer, other, by=user)
        add_answer(answer, kept, by=user)
        db.session.commit()
    merge_by_page(staff, two)
    # At home once: where the one that stays was.
    assert homes(app) == {"Both Letters": Answer.YES, "One Letters": Answer.NO}
    with as_user(app):
        for model in (IncidentAccount, ResponseAnswer):
            joined = select(Incident.ref).join(model, model.incident_id == Incident.id)
            assert db.session.scalars(joined).all() == [two.kept]


def test_other_records_keep_their_approval_when_only_their_link_moves(
    app: Flask, two: Two, staff: Browser
):
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        approved_by = monitor.id
    with as_user(app) as user:
        kept, other = stored(two.kept), stored(two.other)
        answers = [make_response(by=user) for _number in range(2)]
        for answer in answers:
            add_answer(answer, other, by=user)
        add_answer(answers[1], kept, by=user)
        account = make_account(by=user)
        add_incident(account, other, by=user)
        records: list[Reviewable] = [*answers, account, stored(two.third)]
        for one in records:
            one.state, one.approved_by_id = EditorialState.APPROVED, approved_by
            one.approved_at = clock.utc_now()
        db.session.commit()
        versions = {one.ref: one.version for one in records}
    staff.open(f"/incidents/{two.kept}/merge/{two.other}")
    assert "Their review status stays" in staff.words
    merge_by_page(staff, two)
    with as_user(app):
        for found in records_by_refs(versions):
            assert (found.state, found.approved_by_id) == (EditorialState.APPROVED, approved_by)
            # A form that was opened before would bring the duplicate back.
            assert found.version > versions[found.ref]
        joined = select(Incident.ref).join(
            ResponseAnswer, ResponseAnswer.incident_id == Incident.id
        )
        assert db.session.scalars(joined).all() == [two.kept] * 2
        assert [row.other.ref for row in stored(two.third).links if row.other] == [two.kept]
        logged = select(AuditEvent.action).where(AuditEvent.subject.in_([*versions][:2]))
        assert db.session.scalars(logged).all().count("response:edit") >= 2
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).output.startswith("ok ")


@pytest.mark.parametrize("which", ["kept", "other"])
def test_what_becomes_of_the_approval_of_each_is_said_before(
    app: Flask, two: Two, staff: Browser, which: str
):
    said = {
        "kept": "This is published. Saving makes it a draft again",
        "other": "The duplicate is published: its title, summary and sources leave the public file.",
    }
    with as_user(app):
        stored({"kept": two.kept, "other": two.other}[which]).state = EditorialState.PUBLISHED
        db.session.commit()
    staff.open(f"/incidents/{two.kept}/merge/{two.other}")
    for name, words in said.items():
        assert (words in staff.words) is (name == which)


def test_where_only_the_other_was_at_home_the_one_that_stays_is(
    app: Flask, two: Two, staff: Browser
):
    with as_user(app) as user:
        file_records(case_of("One", user), [stored(two.other)], by=user)
        db.session.commit()
    merge_by_page(staff, two)
    assert homes(app) == {"One Letters": Answer.YES}


def test_a_case_that_one_may_not_change_keeps_what_it_has(app: Flask, two: Two, staff: Browser):
    with as_user(app, "elsewhere", team="Elsewhere") as user:
        file_records(case_of("Theirs", user), [stored(two.other)], by=user)
        db.session.commit()
    merge_by_page(staff, two)
    assert homes(app) == {"Theirs The same letters": Answer.YES}


def test_a_name_that_one_of_the_two_keeps_in_the_team_stays_there(
    app: Flask, two: Two, staff: Browser
):
    with as_user(app):
        stored(two.other).targets[0].name_reach = NameReach.TEAM
        db.session.commit()
    merge_by_page(staff, two)
    with as_user(app):
        assert stored(two.kept).targets[0].name_reach is NameReach.TEAM


def test_what_was_told_in_confidence_of_the_other_is_kept(app: Flask, two: Two, staff: Browser):
    for ref, name in ((two.kept, "First Witness"), (two.other, "Second Witness")):
        staff.open(f"/incidents/{ref}/confidential")
        staff.press("Save", {"witness_names": name})
    merge_by_page(staff, two)
    staff.open(f"/incidents/{two.kept}/confidential")
    [field] = staff.page.xpath("//*[@name='witness_names']")
    assert "First Witness" in field.text
    assert "Second Witness" in field.text


def test_what_was_decided_about_a_name_comes_along(app: Flask, two: Two, staff: Browser):
    with as_user(app):
        numbers = [target.id for target in stored(two.other).targets]
    for number in numbers:
        staff.open(f"/incidents/{two.other}/targets/{number}/naming")
        staff.press("Save", {"decision": "public_record", "how_asked": "It was in court."})
    merge_by_page(staff, two)
    with as_user(app):
        kept = stored(two.kept)
        assert {target.name_reach for target in kept.targets} == {NameReach.PUBLIC}
        ids = [target.id for target in kept.targets]
    with app.app_context(), current_engines().full_reading.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT target_id, decision FROM target_namings_confidential")
        )
        decided = {row[0]: row[1] for row in rows}
    assert [decided[number] for number in ids] == ["public_record"] * 2


def test_either_of_the_two_changed_meanwhile_is_shown_again(app: Flask, two: Two, staff: Browser):
    for ref in (two.kept, two.other):
        staff.open(f"/incidents/{two.kept}/merge/{two.other}")
        with as_user(app):
            stored(ref).place = f"Changed {ref}"
            db.session.commit()
        staff.press("Merge duplicate")
        assert staff.status == 409, ref
        with as_user(app):
            assert not stored(two.other).is_retracted


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ("itself", "This is the same record."),
        ("missing", "There is no such incident"),
        ("retracted", "is retracted"),
        ("another team", "That one belongs to another team."),
    ],
)
def test_two_that_cannot_be_one_are_refused(
    app: Flask, two: Two, staff: Browser, of: str, said: str
):
    if of == "retracted":
        with as_user(app):
            other = stored(two.other)
            other.state, other.retract_reason = EditorialState.RETRACTED, RetractReason.LEGAL
            db.session.commit()
    typed = {"itself": two.kept, "missing": "INC-0000000000"}.get(of, two.other)
    if of == "another team":
        with as_user(app, "elsewhere", team="Elsewhere") as user:
            typed = make_incident(by=user).ref
            db.session.commit()
    staff.open(f"/incidents/{two.kept}/merge")
    staff.press("Compare", {"other": typed})
    assert staff.status == 422
    (wrong,) = staff.page.xpath('//*[contains(@class, "wrong")]')
    assert said in wrong.text_content()
    assert staff.page.xpath('//input[@name="other"][not(@type="hidden")]/@value') == [typed]


def test_a_restricted_source_is_not_opened_by_it(app: Flask, two: Two, staff: Browser):
    with as_user(app) as user:
        closed = make_article("Closed report", visibility=Visibility.RESTRICTED, by=user)
        hidden = make_incident(article=closed, visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
        ref = hidden.ref
    staff.open(f"/incidents/{two.kept}/merge")
    staff.press("Compare", {"other": ref})
    assert staff.status == 422
    assert "Closed report" in staff.words
