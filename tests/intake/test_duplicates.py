"""A journalist or outlet on record twice becomes one, and two again, whoever's records mean them."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_institution,
    make_journalist,
    make_outlet,
    sign_in_directly,
)
from tests.journeys.browser import Browser
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.audit.service import audited_change
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.fake_accounts.codes import AccountKind
from tracker.fake_accounts.service import AccountFacts, record_account
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import IncidentTarget
from tracker.incidents.service import TargetFacts
from tracker.intake.duplicates_service import (
    mark_not_duplicates,
    merge_duplicates,
    remove_not_duplicates,
    undo_merge,
)
from tracker.intake.queries import duplicate_pairs, list_not_duplicates
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.queries import (
    JournalistOrOutletFilter,
    institution_by_name,
    institution_by_ref,
    journalist_by_ref,
    likely_institutions,
    likely_journalists,
    outlets_matching,
)
from tracker.people.service import add_shipped_institutions
from tracker.permissions import Role, Visibility
from tracker.responses.codes import ActType
from tracker.responses.models import OfficialResponse, ResponseAct
from tracker.responses.service import ActFacts, ResponseFacts, record_response
from tracker.scoping import system_session, viewing_everything
from tracker.users.models import User
from tracker.when import Precision, When

LATIN, CYRILLIC = "Asem Doeva", "Асем Доева"


@pytest.fixture
def twins(app: Flask) -> tuple[str, str]:
    """Return the refs of one journalist on record in either script, each a target of an incident;
    the second one also of another team's restricted one.
    """
    with as_user(app, "other", team="Other") as other:
        there = make_journalist(CYRILLIC, by=other)
        _incident(there, other, Visibility.RESTRICTED)
        _incident(there, other, Visibility.INTERNAL)
        db.session.commit()
        gone = there.ref
    with as_user(app) as user:
        here = make_journalist(LATIN, by=user)
        _incident(here, user, Visibility.INTERNAL)
        db.session.commit()
        into = here.ref
    with as_user(app, "admin", Role.ADMIN, team=None):
        pass
    return into, gone


def _incident(who: Journalist, by: User, visibility: Visibility) -> None:
    facts = [TargetFacts(kind=TargetKind.JOURNALIST, journalist=who)]
    make_incident(targets=facts, visibility=visibility, by=by)


def meant(ref: str) -> int:
    with system_session("how often somebody is a target", reading=True) as session:
        rows = select(IncidentTarget).join(IncidentTarget.journalist).where(Journalist.ref == ref)
        return len(session.scalars(rows).all())


def browser_of(app: Flask, name: str) -> Browser:
    client = app.test_client()
    sign_in_directly(client, name)
    return Browser(client)


def test_one_of_two_stays_and_takes_the_records_of_every_team(
    app: Flask, twins: tuple[str, str]
) -> None:
    into, gone = twins
    admin = browser_of(app, "admin")
    admin.open("/intake/duplicates/")
    assert LATIN in admin.words
    assert CYRILLIC in admin.words
    admin.open(f"/intake/duplicates/{into}/{gone}")
    admin.press("Merge duplicate")

    assert CYRILLIC in admin.words
    with app.app_context():
        assert (meant(into), meant(gone)) == (3, 0)
    admin.open("/journalists/")
    assert CYRILLIC not in admin.words
    admin.open("/intake/duplicates/")
    assert "No similar names." in admin.words

    admin.open(f"/journalists/{gone}/")
    assert f"This record was merged into {LATIN}" in admin.words
    admin.press("Not a duplicate: undo")
    with app.app_context():
        assert (meant(into), meant(gone)) == (1, 2)
    admin.open(f"/journalists/{into}/")
    assert CYRILLIC not in admin.words


def test_it_stands_in_the_trail_of_each_record(app: Flask, twins: tuple[str, str]) -> None:
    into, gone = twins
    with as_user(app, "admin", Role.ADMIN, team=None) as admin:
        merge_duplicates(_found(gone), _found(into), by=admin)
        db.session.commit()
        acts = [
            event.action
            for event in db.session.scalars(select(AuditEvent).where(AuditEvent.actor == "admin"))
        ]
    assert sorted(acts) == ["incident:edit"] * 2 + ["journalist:merge"] * 2


def test_who_leads_to_a_name_that_was_closed_tells_nobody_else_of_it(
    app: Flask, twins: tuple[str, str]
) -> None:
    into, gone = twins
    with as_user(app, "admin", Role.ADMIN, team=None) as admin:
        merge_duplicates(_found(gone), _found(into), by=admin)
        db.session.commit()
    assert "was merged into" in pages_of(app, "other", gone)
    assert "record of the same person" in pages_of(app, "other", gone)
    with as_user(app):
        closed = _found(into)
        closed.visibility, closed.name_closed_on = Visibility.RESTRICTED, clock.current_date()
        db.session.commit()

    told = pages_of(app, "other", gone)
    assert CYRILLIC in told
    assert "same" not in told
    assert "was merged into" in (told := pages_of(app, "staff", gone))
    assert "record of the same person" in told


def pages_of(app: Flask, reader: str, ref: str) -> str:
    """Return what somebody reads of a journalist and of her history."""
    browser, told = browser_of(app, reader), []
    for address in (f"/journalists/{ref}/", f"/journalists/{ref}/history"):
        browser.open(address)
        told.append(browser.words)
    return "\n".join(told)


def test_who_leads_to_another_is_offered_no_more(app: Flask, twins: tuple[str, str]) -> None:
    into, gone = twins
    with as_user(app, "admin", Role.ADMIN, team=None) as admin:
        merge_duplicates(_found(gone), _found(into), by=admin)
        db.session.commit()
        assert [one.ref for one in likely_journalists(CYRILLIC)] == [into]


@pytest.mark.parametrize("role", [Role.STAFF, Role.MONITOR, Role.EXPORTER])
def test_nobody_else_makes_two_one(app: Flask, twins: tuple[str, str], role: Role) -> None:
    into, gone = twins
    with as_user(app, "somebody", role):
        pass
    client = app.test_client()
    sign_in_directly(client, "somebody")
    for address in ("/intake/duplicates/", f"/intake/duplicates/{into}/{gone}"):
        assert client.get(address).status_code == 403
    for what in ("mark-different", "unmark"):
        assert client.post(f"/intake/duplicates/{into}/{gone}/{what}").status_code == 403


def test_what_cannot_be_one_is_said(app: Flask, twins: tuple[str, str]) -> None:
    into, gone = twins
    with as_user(app) as user:
        hidden = make_journalist("Асем Доева", visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
        for pair in ((_found(gone), hidden), (hidden, _found(into))):
            with pytest.raises(InvalidInput, match="The two are visible to different users"):
                merge_duplicates(*pair, by=user)
        with pytest.raises(InvalidInput, match="not two records of one kind"):
            merge_duplicates(_found(gone), _found(gone), by=user)
        closed = make_journalist("Sara Roe", visibility=Visibility.RESTRICTED, by=user)
        closed.name_closed_on = clock.current_date()
        with pytest.raises(InvalidInput, match="is closed"):
            merge_duplicates(hidden, closed, by=user)
        merge_duplicates(_found(gone), _found(into), by=user)
        with pytest.raises(InvalidInput, match="already"):
            merge_duplicates(_found(gone), _found(into), by=user)
        db.session.rollback()
    with app.app_context():
        assert (meant(into), meant(gone)) == (1, 2)


def test_what_two_teams_keep_to_themselves_stays_apart(app: Flask) -> None:
    with as_user(app, "other", team="Other") as other:
        make_outlet("Дала", visibility=Visibility.RESTRICTED, by=other)
        db.session.commit()
    with as_user(app) as user:
        ours = make_outlet("Dala", visibility=Visibility.RESTRICTED, by=user)
        with viewing_everything("a test that somebody of both teams could do"):
            rows = select(Outlet).where(Outlet.name == "Дала")
            theirs = db.session.scalars(rows).one()
            with pytest.raises(InvalidInput, match="The two are visible to different users"):
                merge_duplicates(theirs, ours, by=user)


def test_a_record_that_means_both_is_named_to_those_who_see_it(
    app: Flask, twins: tuple[str, str]
) -> None:
    into, gone = twins
    with as_user(app, "other", team="Other") as other:
        both = [TargetFacts(kind=TargetKind.JOURNALIST, journalist=_found(ref)) for ref in twins]
        hidden = make_incident(targets=both, visibility=Visibility.RESTRICTED, by=other).ref
        db.session.commit()
        with pytest.raises(InvalidInput, match=hidden):
            merge_duplicates(_found(gone), _found(into), by=other)
    with as_user(app, "admin", Role.ADMIN, team=None) as admin:
        with pytest.raises(InvalidInput, match="not shown to you") as refused:
            merge_duplicates(_found(gone), _found(into), by=admin)
        assert hidden not in str(refused.value)


def test_whoever_is_meant_by_an_old_page_is_the_one_that_stays(
    app: Flask, twins: tuple[str, str]
) -> None:
    into, gone = twins
    with as_user(app, "admin", Role.ADMIN, team=None) as admin:
        merge_duplicates(_found(gone), _found(into), by=admin)
        db.session.commit()
        found = journalist_by_ref(gone)
        assert found is not None
        assert found.ref == into


def test_the_versions_that_were_read_are_the_ones_made_one(
    app: Flask, twins: tuple[str, str]
) -> None:
    into, gone = twins
    admin = browser_of(app, "admin")
    admin.open(f"/intake/duplicates/{into}/{gone}")
    with as_user(app, "other", team="Other") as other:
        _found(gone).mark_revised(by=other)
        _found(gone).notes = "changed meanwhile"
        db.session.commit()
    admin.press("Merge duplicate")
    with app.app_context():
        assert (meant(into), meant(gone)) == (1, 2)


def test_an_outlet_takes_the_articles_of_the_other(app: Flask) -> None:
    with as_user(app) as user:
        into, gone = make_outlet("Dala News", by=user), make_outlet("Дала Ньюс", by=user)
        article = make_article(publisher=gone, by=user)
        db.session.commit()
        assert merge_duplicates(gone, into, by=user) == 1
        db.session.commit()
        assert article.publisher is into
        assert db.session.scalars(
            outlets_matching(JournalistOrOutletFilter.from_args({}))
        ).all() == [into]
        undo_merge(gone, by=user)
        db.session.commit()
        assert article.publisher is gone


# Namesakes.


def test_two_people_of_one_name_are_not_proposed_again_until_that_is_taken_back(
    app: Flask, twins: tuple[str, str]
) -> None:
    into, gone = twins
    admin = browser_of(app, "admin")
    admin.open(f"/intake/duplicates/{into}/{gone}")
    admin.press("Mark as two people")

    assert admin.address == "/intake/duplicates/"
    assert "No other similar names." in admin.words
    assert "Marked as two people" in admin.words
    assert "marked by admin on" in admin.words
    admin.open(f"/intake/duplicates/{gone}/{into}")
    assert "admin marked these as two on" in admin.words
    assert "<button>Merge duplicate" not in admin.text
    with as_user(app, "admin", Role.ADMIN, team=None) as user:
        with pytest.raises(InvalidInput, match="marked these as two"):
            merge_duplicates(_found(gone), _found(into), by=user)
        db.session.rollback()
        with pytest.raises(InvalidInput, match="already"):
            mark_not_duplicates(_found(gone), _found(into), by=user)
        db.session.rollback()
        told = {(event.action, event.subject) for event in db.session.scalars(select(AuditEvent))}
    assert {("journalist:tell-apart", into), ("journalist:tell-apart", gone)} <= told
    for ref in twins:
        admin.open(f"/journalists/{ref}/history")
        assert "marked this and another record as two people" in admin.words

    admin.open("/intake/duplicates/")
    admin.press("Undo")
    assert "Undone" in admin.words
    assert "Compare" in admin.words
    assert "Marked as two people" not in admin.words
    assert admin.client.post(f"/intake/duplicates/{into}/{gone}/unmark").status_code == 404


def test_whoever_one_of_two_people_turns_out_to_be_is_not_the_other(app: Flask) -> None:
    with as_user(app) as user:
        one, other, third, last = (
            make_journalist(name, by=user)
            for name in ("Asem Doeva", "Асем Доева", "Asem Doyeva", "Әсем Доева")
        )
        decision = mark_not_duplicates(other, one, by=user)
        assert pairs(Journalist) == {(0, 2), (0, 3), (1, 2), (1, 3), (2, 3)}
        merge_duplicates(other, third, by=user)
        assert pairs(Journalist) == {(0, 3), (2, 3)}
        # However far it leads: the first is not the last either.
        merge_duplicates(third, last, by=user)
        assert pairs(Journalist) == set()
        with pytest.raises(InvalidInput, match="marked these as two"):
            merge_duplicates(last, one, by=user)
        undo_merge(third, by=user)
        assert pairs(Journalist) == {(0, 3), (2, 3)}
        undo_merge(other, by=user)
        assert pairs(Journalist) == {(0, 2), (0, 3), (1, 2), (1, 3), (2, 3)}
        remove_not_duplicates(decision, one, other, by=user)
        assert len(pairs(Journalist)) == 6


def test_a_decision_is_shown_to_whoever_sees_both_alone(app: Flask) -> None:
    with as_user(app) as user:
        one = make_outlet("Dala", by=user)
        mark_not_duplicates(
            one, make_outlet("Дала", visibility=Visibility.RESTRICTED, by=user), by=user
        )
        with pytest.raises(InvalidInput, match="not two records of one kind"):
            mark_not_duplicates(one, make_journalist("Dala", by=user), by=user)
        db.session.commit()
        assert len(list_not_duplicates(Outlet)) == 1
        assert duplicate_pairs(Outlet) == []
    with as_user(app, "admin", Role.ADMIN, team=None):
        assert list_not_duplicates(Outlet) == []


@pytest.mark.parametrize("was_opened", [False, True])
def test_that_two_are_two_people_is_read_by_whoever_sees_both(app: Flask, was_opened: bool) -> None:
    with as_user(app) as user:
        first = Visibility.RESTRICTED if was_opened else Visibility.INTERNAL
        one = make_journalist(LATIN, visibility=first, by=user)
        other = make_journalist(CYRILLIC, visibility=Visibility.RESTRICTED, by=user)
        decision = mark_not_duplicates(one, other, by=user)
        remove_not_duplicates(decision, one, other, by=user)
        if was_opened:
            with audited_change(one, "journalist:widen", by=user):
                one.visibility = Visibility.INTERNAL
        db.session.commit()
        ref = one.ref
    with as_user(app, "far", team="Other"):
        pass

    assert "this and another record as two" in pages_of(app, "staff", ref)
    assert "another record" not in pages_of(app, "far", ref)


def pairs(kind: type[Journalist]) -> set[tuple[int, int]]:
    """Return the pairs proposed, by the order in which they were recorded."""
    ids = sorted(db.session.scalars(select(kind.id)))
    return {(ids.index(pair.one.id), ids.index(pair.other.id)) for pair in duplicate_pairs(kind)}


def test_a_pair_that_is_not_shown_to_somebody_is_not_listed(app: Flask) -> None:
    with as_user(app) as user:
        make_outlet("Dala", by=user)
        make_outlet("Дала", visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
        assert len(duplicate_pairs(Outlet)) == 1
    with as_user(app, "admin", Role.ADMIN, team=None):
        assert duplicate_pairs(Outlet) == []


def _found(ref: str) -> Journalist:
    return db.session.scalars(select(Journalist).where(Journalist.ref == ref)).one()


# Institutions, which all teams share.

MINISTRY, MVD = "Ministry of Internal Affairs", "Ministry of Internal Afairs"


@pytest.fixture
def bodies(app: Flask) -> tuple[str, str]:
    """Return the refs of one ministry recorded twice; the second speaks in one team's restricted
    response, is said to act in another's beside the first, and led a step of a proceeding.
    """
    with as_user(app) as user:
        into = make_institution(MINISTRY, by=user)
        gone = make_institution(MVD, by=user)
        _response(gone, acts=[], by=user, visibility=Visibility.RESTRICTED)
        db.session.commit()
        refs = into.ref, gone.ref
    with as_user(app, "other", team="Other") as other:
        into, gone = (_body(ref) for ref in refs)
        both = [ActFacts(act=ActType.STATEMENT, acting_institution=one) for one in (into, gone)]
        _response(into, acts=both, by=other, visibility=Visibility.INTERNAL)
        db.session.commit()
    with as_user(app, "admin", Role.ADMIN, team=None):
        pass
    return refs


def _response(
    body: Institution, *, acts: list[ActFacts], by: User, visibility: Visibility
) -> OfficialResponse:
    june = When(date(2025, 6, 1), date(2025, 6, 30), Precision.MONTH)
    return record_response(
        ResponseFacts(institution=body, made=june),
        acts=acts or [ActFacts(act=ActType.STATEMENT)],
        team_id=by.team_ids[0],
        visibility=visibility,
        by=by,
    )


def _body(ref: str) -> Institution:
    return db.session.scalars(select(Institution).where(Institution.ref == ref)).one()


def speaking(ref: str) -> tuple[int, int]:
    """Return in how many responses a body speaks, and how often it is said to act."""
    with system_session("how often a body is meant", reading=True) as session:
        spoke = select(OfficialResponse.id).join(OfficialResponse.institution)
        acted = select(ResponseAct.id).join(ResponseAct.acting_institution)
        numbers = [
            len(session.scalars(rows.where(Institution.ref == ref)).all())
            for rows in (spoke, acted)
        ]
    return numbers[0], numbers[1]


def test_an_institution_recorded_twice_is_merged_and_parted(
    app: Flask, bodies: tuple[str, str]
) -> None:
    into, gone = bodies
    admin = browser_of(app, "admin")
    admin.open("/intake/duplicates/")
    assert MVD in admin.words
    admin.open(f"/intake/duplicates/{into}/{gone}")
    admin.press("Merge duplicate")

    assert admin.address == f"/institutions/{into}/"
    assert MVD in admin.words
    with app.app_context():
        assert (speaking(into), speaking(gone)) == ((2, 2), (0, 0))
    admin.open("/institutions/")
    assert MVD not in admin.words
    admin.open(f"/institutions/{into}/history")
    assert "merged this institution with a duplicate" in admin.words
    admin.open(f"/institutions/{gone}/")
    assert f"This record was merged into {MINISTRY}" in admin.words
    with as_user(app):
        assert [one.ref for one in likely_institutions(MVD)] == [into]
        assert institution_by_ref(gone) is _body(into)
        assert institution_by_name(MVD, "KZ") is _body(into)

    admin.press("Not a duplicate: undo")
    with app.app_context():
        assert (speaking(into), speaking(gone)) == ((1, 1), (1, 1))
    admin.open(f"/institutions/{into}/")
    assert MVD not in admin.words
    result = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert result.output.startswith("ok "), result.output


def test_duplicates_whose_names_do_not_sound_alike_are_compared_by_their_refs(
    app: Flask, bodies: tuple[str, str]
) -> None:
    with as_user(app) as user:
        russian = make_institution("МВД", by=user).ref
        outlet = make_outlet("Dala News", by=user).ref
        db.session.commit()
    into, _gone = bodies
    admin = browser_of(app, "admin")
    admin.open("/intake/duplicates/")
    admin.press("Compare", {"stays": f" {into.lower()} ", "duplicate": russian})
    assert admin.address == f"/intake/duplicates/{into}/{russian}"
    admin.press("Merge duplicate")
    assert "МВД" in admin.words
    for other, words in (
        ("INS-0000000000", "There is no such record, or it is not for you."),
        ("nobody", "There is no such record, or it is not for you."),
        (outlet, "These are not two records of one kind."),
        (russian, "One of the two is already merged into another record."),
        ("", "This field is required."),
        ("a\x00b", "control characters"),
    ):
        admin.open("/intake/duplicates/")
        admin.press("Compare", {"stays": into, "duplicate": other})
        assert admin.status == 422, other
        (wrong,) = admin.page.xpath('//*[contains(@class, "wrong")]')
        assert wrong.xpath(".//input/@name") == ["duplicate"]
        assert words in wrong.text_content()
        assert admin.page.xpath('//input[@name="stays"]/@value') == [into]
    # What is wrong with both is said at once.
    admin.press("Compare", {"stays": "nobody", "duplicate": "nothing"})
    assert len(admin.page.xpath('//*[contains(@class, "wrong")]')) == 2


def test_the_lists_say_the_refs_that_are_typed_to_compare_two(
    app: Flask, bodies: tuple[str, str]
) -> None:
    with as_user(app) as user:
        refs = {
            "institutions": bodies[0],
            "outlets": make_outlet("Dala News", by=user).ref,
            "journalists": make_journalist(by=user).ref,
        }
        db.session.commit()
    admin = browser_of(app, "admin")
    for address, ref in refs.items():
        admin.open(f"/{address}/")
        assert ref in admin.words


def test_institutions_of_two_countries_are_neither_proposed_nor_merged(app: Flask) -> None:
    with as_user(app) as user:
        here = make_institution(MINISTRY, country="KZ", by=user)
        there = make_institution(MINISTRY, country="KG", by=user)
        assert duplicate_pairs(Institution) == []
        with pytest.raises(InvalidInput, match="two countries"):
            merge_duplicates(there, here, by=user)


def test_two_institutions_found_to_be_two_are_not_proposed_again(
    app: Flask, bodies: tuple[str, str]
) -> None:
    into, gone = bodies
    admin = browser_of(app, "admin")
    admin.open(f"/intake/duplicates/{into}/{gone}")
    admin.press("Mark as two institutions")

    assert "No other similar names." in admin.words
    assert "Marked as two institutions" in admin.words
    with as_user(app, "admin", Role.ADMIN, team=None) as user:
        assert duplicate_pairs(Institution) == []
        with pytest.raises(InvalidInput, match="marked these as two"):
            merge_duplicates(_body(gone), _body(into), by=user)


def test_the_institutions_that_ship_are_no_duplicates(app: Flask) -> None:
    with as_user(app) as user:
        add_shipped_institutions(by=user)
        assert [(pair.one.name, pair.other.name) for pair in duplicate_pairs(Institution)] == []


def test_an_account_that_poses_as_both_has_to_be_put_right_first(
    app: Flask, bodies: tuple[str, str]
) -> None:
    with as_user(app) as user:
        into, gone = (_body(ref) for ref in bodies)
        account = record_account(
            AccountFacts(kind=AccountKind.PROFILE, handle="mvd"),
            impersonates=[into, gone],
            team_id=user.team_ids[0],
            visibility=Visibility.INTERNAL,
            by=user,
        )
        with pytest.raises(InvalidInput, match=account.ref):
            merge_duplicates(gone, into, by=user)
