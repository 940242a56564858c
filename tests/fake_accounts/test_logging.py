"""Logging a fake account: much is understood from little, and nothing typed is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.articles.sources_made import make_citing
from tests.conftest import prepared_and_signed_in
from tests.factories import (
    as_user,
    make_article,
    make_institution,
    make_journalist,
    make_outlet,
    post,
    sign_in_directly,
)
from tests.fake_accounts.accounts_made import make_account, make_platforms, make_report
from tracker.articles.queries import article_by_ref
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.fake_accounts.codes import AccountEvent, AccountStatus
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.queries import account_by_ref
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Role, Visibility
from tracker.scoping import Viewer, set_viewer
from tracker.users.service import get_or_create_console_user, get_or_create_team
from tracker.vocabulary.codes import Answer
from tracker.when import OPEN_START, Precision

PROFILE = {"kind": "profile", "identified": "yes", "handle": "@anna_true", "quote": "1"}


@pytest.fixture
def source(client: FlaskClient) -> str:
    """Return the ref of an article; a member of its team is signed in."""
    return prepared_and_signed_in(client, "source of an account", _source)


def _source(app: Flask) -> str:
    with as_user(app) as user:
        make_platforms()
        ref = make_report(by=user).ref
        db.session.commit()
    return ref


def log(client: FlaskClient, source: str, **data: Any) -> TestResponse:
    return post(client, f"/fake-accounts/new?article={source}", **(PROFILE | data))


def logged() -> FakeAccount:
    return db.session.scalars(select(FakeAccount)).one()


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_an_account_takes_its_quote_team_and_first_day_from_the_article(app, client, source):
    answer = log(client, source, platform="telegram")

    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Profile @anna_true · Telegram" in page
    assert "Pages with the name of Anna Smirnova appeared on Telegram." in page
    with as_user(app):
        account = logged()
        assert account.handle == "anna_true"
        assert account.visibility is Visibility.INTERNAL
        assert account.status is AccountStatus.ACTIVE
        assert account.events[0].event is AccountEvent.FIRST_SEEN
        assert account.events[0].latest == date(2025, 6, 4)
        assert account.events[0].precision is Precision.UNKNOWN
        assert account.events[0].earliest == OPEN_START


def test_a_pasted_address_gives_platform_and_handle(app, client, source):
    assert log(client, source, handle="https://t.me/anna_true").status_code == 303
    with as_user(app):
        account = logged()
        assert account.platform
        assert account.platform.code == "telegram"
        assert (account.handle, account.url) == ("anna_true", "https://t.me/anna_true")


def test_an_address_in_its_own_field_gives_the_handle_as_well(app, client, source):
    assert log(client, source, handle="", url="https://facebook.com/anna").status_code == 303
    with as_user(app):
        account = logged()
        assert account.platform
        assert account.platform.code == "facebook"
        assert account.handle == "anna"


def test_accounts_that_the_source_does_not_identify_are_one_record(app, client, source):
    answer = log(client, source, identified="no", handle="", accounts_at_least="2")

    assert "Profile, not identified, at least 2" in client.get(answer.location).text
    with as_user(app):
        assert logged().accounts_at_least == 2
        assert logged().identified is Answer.NO


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"handle": ""}, "identified", "say that the source does not identify it"),
        ({"identified": "no"}, "identified", "whose handle or address is known"),
        ({"accounts_at_least": "2"}, "accounts_at_least", "Only accounts that the source"),
        ({"accounts_at_least": "0"}, "accounts_at_least", "between 1"),
        ({"accounts_at_least": "two"}, "accounts_at_least", "Not a valid integer"),
        ({"accounts_at_least": "99999999999"}, "accounts_at_least", "between 1"),
        ({"url": "javascript:alert(1)"}, "url", "not the address of a web page"),
        ({"handle": "a" * 201}, "handle", "At most 200"),
        ({"handle": "https://t.me/anna", "platform": "facebook"}, "platform", "one of Telegram"),
        ({"platform": "nowhere"}, "platform", "Not a valid choice"),
        ({"kind": "ghost"}, "kind", "Not a valid choice"),
        ({"handle": "an\0na"}, "handle", "control characters"),
        ({"displayed_name": "a" * 201}, "displayed_name", "longer than 200"),
        ({"quote": "99"}, "quote", "no sentence with this number"),
        ({"quote": ""}, "quote", "Quote the article"),
        ({"quote": "words that stand nowhere"}, "quote", "does not contain these words"),
        ({"first_seen-when": "2025-02-30"}, "first_seen-when", "no such day"),
        ({"first_seen-when": "2025-07-01"}, "first_seen-when", "after the day by which"),
        ({"first_seen-when": "2025-06/2025-01"}, "first_seen-when", "before the beginning"),
        (
            {"impersonates-0-kind": "institution", "impersonates-0-who-name": "Night Ministry"},
            "impersonates-0-who-name",
            "no such institution",
        ),
        (
            {"impersonates-0-who-name": "…"},
            "impersonates-0-who-name",
            "at least one letter",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_everything_typed_stays(
    app, client, source, *, typed, field, said
):
    answer = log(client, source, **({"spreads": "Tales of her death"} | typed))

    assert answer.status_code == 422
    assert said in answer.text
    assert "Tales of her death" in answer.text
    assert f'id="{field}"' in answer.text
    with as_user(app):
        assert count(FakeAccount) == count(Journalist) == 0


def test_all_that_is_wrong_is_said_at_once(client, source):
    text = log(client, source, handle="", quote="99", **{"first_seen-when": "soon"}).text

    assert "say that the source does not identify it" in text
    assert "no sentence with this number" in text
    assert "Write a date like" in text


def test_a_form_without_its_token_stores_nothing(app, client, source):
    answer = client.post(f"/fake-accounts/new?article={source}", data=PROFILE)

    assert answer.status_code == 400
    assert "@anna_true" in answer.text
    with as_user(app):
        assert count(FakeAccount) == 0


def test_another_name_gives_one_more_line_and_keeps_the_rest(app, client, source):
    answer = log(
        client, source, another="name",
        **{"impersonates-0-who-name": "Anna Smirnova", "first_seen-as_stated": "last week"},
    )  # fmt: skip

    assert answer.status_code == 200
    assert 'name="impersonates-1-who-name"' in answer.text
    assert "Anna Smirnova" in answer.text
    assert "last week" in answer.text
    with as_user(app):
        assert count(FakeAccount) == 0


def test_there_is_an_end_to_the_lines(client, source):
    many = {f"impersonates-{place}-kind": "official" for place in range(25)}
    text = log(client, source, another="name", **many).text

    assert 'name="impersonates-19-kind"' in text
    assert 'name="impersonates-20-kind"' not in text


def test_somebody_without_a_team_has_nowhere_to_log(app):
    with as_user(app, "loner", team=None):
        pass
    browser = app.test_client()
    sign_in_directly(browser, "loner")
    answer = post(
        browser,
        "/fake-accounts/new",
        kind="profile",
        identified="yes",
        handle="a",
        visibility="internal",
    )
    assert answer.status_code == 403


def test_a_number_beyond_all_measure_is_refused_by_the_rules_too(app):
    with as_user(app) as user:
        for number in (0, 10**9):
            with pytest.raises(InvalidInput) as refused:
                make_account("", by=user, accounts_at_least=number)
            assert set(refused.value.fields) == {"accounts_at_least"}


def test_whoever_is_new_is_recorded_with_the_account_and_once(app, client, source):
    answer = log(
        client, source,
        **{
            "impersonates-0-who-name": "Anna Smirnova",
            "impersonates-1-who-name": "Anna Smirnova",
            "impersonates-2-kind": "outlet", "impersonates-2-who-name": "Dala Press",
            "impersonates-3-kind": "official", "impersonates-3-who-name": "a deputy akim",
            "impersonates-4-who-name": "",
        },
    )  # fmt: skip

    page = client.get(answer.location).text
    for name in ("Anna Smirnova", "Dala Press", "a deputy akim"):
        assert name in page
    with as_user(app):
        assert count(Journalist) == count(Outlet) == 1
        assert len(logged().impersonates) == 3


def test_a_likely_match_in_another_script_is_offered_before_anybody_new_is_made(
    app, client, source
):
    with as_user(app) as user:
        known = make_journalist("Anna Smirnova", by=user).ref
        db.session.commit()

    asked = log(client, source, **{"impersonates-0-who-name": "Анна Смирнова"})
    assert asked.status_code == 422
    assert known in asked.text
    chosen = {"impersonates-0-who-name": "Анна Смирнова", "impersonates-0-who-chosen": known}
    assert log(client, source, **chosen).status_code == 303
    with as_user(app):
        assert count(Journalist) == 1
        assert logged().impersonates[0].journalist is not None


def test_an_institution_on_record_can_be_posed_as(app, client, source):
    with as_user(app) as user:
        ref = make_institution("Night Ministry", by=user).ref
        db.session.commit()
    answer = log(
        client, source,
        **{
            "impersonates-0-kind": "institution", "impersonates-0-who-name": "Night Ministry",
            "impersonates-0-who-chosen": ref,
        },
    )  # fmt: skip

    assert f"/institutions/{ref}/" in client.get(answer.location).text


def test_the_incidents_of_the_article_can_be_ticked(app, client, source):
    with as_user(app) as user:
        article = article_by_ref(source)
        assert article is not None
        incident = make_citing(article, "2", title="A false death", by=user).ref
        db.session.commit()

    assert "A false death" in client.get(f"/fake-accounts/new?article={source}").text
    answer = log(client, source, incidents=incident)
    assert "A false death" in client.get(answer.location).text
    assert "@anna_true" in client.get(f"/articles/{source}/").text


def test_an_incident_that_was_not_offered_cannot_be_ticked(app, client, source):
    with as_user(app) as user:
        elsewhere = make_citing(make_article(by=user), "1", by=user).ref
        db.session.commit()
    answer = log(client, source, incidents=elsewhere)

    assert answer.status_code == 422
    assert elsewhere in answer.text
    with as_user(app):
        assert count(FakeAccount) == 0


def test_the_next_one_from_the_same_article_starts_with_what_both_share(app, client, source):
    answer = log(
        client, source, then="another", platform="telegram", spreads="Tales",
        **{"impersonates-0-who-name": "Anna Smirnova"},
    )  # fmt: skip

    assert answer.location.startswith(f"/fake-accounts/new?article={source}&like=ACC-")
    page = client.get(answer.location).text
    assert 'value="Anna Smirnova"' in page
    assert 'selected value="telegram"' in page
    assert "Tales" in page
    assert 'value="anna_true"' not in page


def test_one_may_go_straight_back_to_the_article(client, source):
    assert log(client, source, then="article").location == f"/articles/{source}/"


def test_the_same_account_is_not_recorded_twice_by_one_team(client, source):
    log(client, source, platform="telegram")
    again = log(client, source, platform="telegram", handle="Anna_True")

    assert again.status_code == 422
    assert "It is on record already" in again.text
    assert log(client, source, platform="facebook").status_code == 303


def test_an_account_without_an_article_is_its_teams_unless_one_says_otherwise(app, client, source):
    answer = post(
        client, "/fake-accounts/new", kind="website", identified="yes", url="https://twin.example/",
        visibility="restricted",
    )  # fmt: skip

    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "https://twin.example/" in page
    assert 'href="https://twin.example/"' not in page
    with as_user(app):
        assert logged().visibility is Visibility.RESTRICTED
        assert logged().events == []


def test_a_public_record_does_not_show_restricted_people_in_silence(app, client, source):
    with as_user(app) as user:
        ref = make_journalist("Anna Smirnova", by=user, visibility=Visibility.RESTRICTED).ref
        db.session.commit()
    chosen = {"impersonates-0-who-name": "Anna Smirnova", "impersonates-0-who-chosen": ref}
    answer = log(client, source, **chosen)

    assert answer.status_code == 422
    assert "Only its team may see Anna Smirnova" in answer.text
    with as_user(app):
        assert count(FakeAccount) == 0


def test_what_is_logged_from_an_article_of_another_team_is_kept_to_ones_own(app, client, source):
    with as_user(app, "guest", team="Elsewhere") as guest:
        own = guest.team_ids[0]
        db.session.commit()
    browser = app.test_client()
    sign_in_directly(browser, "guest")

    assert log(browser, source).status_code == 303

    with as_user(app, "guest", team="Elsewhere"):
        account = db.session.scalars(select(FakeAccount)).one()
        assert (account.team_id, account.visibility) == (own, Visibility.RESTRICTED)
    with as_user(app):
        assert count(FakeAccount) == 0


def test_a_monitor_logs_nothing_from_an_article(app, source):
    with as_user(app, "reader", Role.MONITOR):
        db.session.commit()
    reader = app.test_client()
    sign_in_directly(reader, "reader")
    assert reader.get(f"/fake-accounts/new?article={source}").status_code == 403


def test_an_unknown_article_or_parameter_is_said(client, source):
    assert client.get("/fake-accounts/new?article=ART-0000000000").status_code == 404
    assert client.get("/fake-accounts/new?article=x").status_code == 404
    assert client.get("/fake-accounts/new?colour=red").status_code == 400


def test_editing_keeps_whom_one_does_not_touch_and_says_what_changed(app, client, source):
    with as_user(app) as user:
        account = make_account(
            by=user, impersonates=[make_journalist("Anna Smirnova", by=user), "a deputy akim"]
        )
        outlet = make_outlet("Dala Press", by=user).ref
        db.session.commit()
        ref, people = account.ref, [row.id for row in account.impersonates]
    page = client.get(f"/fake-accounts/{ref}/edit").text
    assert "Anna Smirnova" in page
    assert "a deputy akim" in page
    answer = edit(
        client, ref, handle="anna_truth",
        **{
            "impersonates-0-who-name": "Anna Smirnova", "impersonates-0-who-chosen": chosen_in(page),
            "impersonates-1-kind": "official", "impersonates-1-who-name": "",
            "impersonates-2-kind": "outlet", "impersonates-2-who-name": "Dala Press",
            "impersonates-2-who-chosen": outlet,
        },
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    with as_user(app):
        account = logged()
        assert account.handle == "anna_truth"
        assert account.impersonates[0].id == people[0]
        meant = [row.impersonated_party() for row in account.impersonates]
        assert [one.name for one in meant if one] == ["Anna Smirnova", "Dala Press"]
    told = client.get(f"/fake-accounts/{ref}/history").text
    assert "anna_truth" in told
    assert "Dala Press" in told
    assert "a deputy akim" in told


def chosen_in(page: str) -> str:
    start = page.index("JRN-")
    return page[start : start + 14]


def edit(client: FlaskClient, ref: str, *, version: str = "1", **data: Any) -> TestResponse:
    values = {
        "kind": "profile",
        "identified": "yes",
        "handle": "anna_true",
        "visibility": "internal",
    }
    return post(client, f"/fake-accounts/{ref}/edit", **(values | {"version": version} | data))


def test_a_second_save_gets_both_texts(app, client, source):
    with as_user(app) as user:
        ref = make_account(by=user).ref
        db.session.commit()
    assert edit(client, ref, displayed_name="Anna the first").status_code == 303
    late = edit(client, ref, displayed_name="Anna the second")

    assert late.status_code == 409
    assert "Anna the first" in late.text
    assert "Anna the second" in late.text
    with as_user(app):
        assert logged().displayed_name == "Anna the first"


def test_an_edit_that_is_wrong_keeps_what_was_typed(app, client, source):
    with as_user(app) as user:
        ref = make_account(by=user).ref
        db.session.commit()
    wrong = edit(client, ref, handle="", spreads="Other tales")
    assert wrong.status_code == 422
    assert "Other tales" in wrong.text
    assert edit(client, ref, accounts_at_least="two").status_code == 422
    more = edit(client, ref, another="name", spreads="Other tales")
    assert more.status_code == 200
    assert 'name="impersonates-1-who-name"' in more.text


def test_an_edit_does_not_open_restricted_sources_or_people(app, client, source):
    with as_user(app) as user:
        article = make_report(by=user, visibility=Visibility.RESTRICTED)
        ref = make_account(by=user, cites=article, visibility=Visibility.RESTRICTED).ref
        db.session.commit()
    answer = edit(client, ref, visibility="internal")

    assert answer.status_code == 422
    assert "Only its team may see False pages" in answer.text
    with as_user(app):
        assert logged().visibility is Visibility.RESTRICTED


def test_only_its_team_edits_an_account(app, client, source):
    with as_user(app) as user:
        ref = make_account(by=user).ref
        db.session.commit()
    with as_user(app, "guest", team="Elsewhere"):
        db.session.commit()
    guest = app.test_client()
    sign_in_directly(guest, "guest")
    assert guest.get(f"/fake-accounts/{ref}/").status_code == 200
    assert guest.get(f"/fake-accounts/{ref}/edit").status_code == 403


def test_a_hidden_person_survives_an_edit_by_somebody_who_does_not_see_them(app, client, source):
    with as_user(app, "both") as user:
        other = second_team(user)
        hidden = make_journalist(
            "Vera Hidden", by=user, team_id=other, visibility=Visibility.RESTRICTED
        )
        account = make_account(by=user, impersonates=[hidden], visibility=Visibility.RESTRICTED)
        ref = account.ref
        db.session.commit()
    page = client.get(f"/fake-accounts/{ref}/").text
    assert "somebody not shown to you" in page
    assert "Vera Hidden" not in page
    assert edit(client, ref, displayed_name="Anna", visibility="restricted").status_code == 303
    with as_user(app, "both"):
        kept = account_by_ref(ref)
        assert kept is not None
        assert kept.displayed_name == "Anna"
        assert len(kept.impersonates) == 1


def second_team(user: Any) -> int:
    """Return a second team of which only this person is a member."""
    team = get_or_create_team("Second", by=get_or_create_console_user())
    user.teams.append(team)
    db.session.commit()
    set_viewer(Viewer(tuple(user.team_ids)))
    return team.id
