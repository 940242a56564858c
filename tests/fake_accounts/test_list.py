"""The list of fake accounts and the panels that other pages show of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from tests.articles.sources_made import make_citing
from tests.factories import as_user, make_journalist, make_outlet, sign_in_directly
from tests.fake_accounts.accounts_made import make_account, make_platforms, make_report
from tests.statements import counted
from tracker.db import db
from tracker.fake_accounts.codes import AccountKind, AccountStatus
from tracker.fake_accounts.filters import AccountFilter
from tracker.fake_accounts.queries import accounts_matching
from tracker.permissions import Visibility

LIVES = {
    "never": [],
    "up": [("first_seen", "2025-06-01")],
    "blocked": [("first_seen", "2025-06-01"), ("blocked", "2025-06-02")],
    "blocked_gone": [("blocked", "2025-06-02"), ("checked_gone", "2025-06-03")],
    "back": [("removed_by_platform", "2025-06-02"), ("seen_again", "2025-06-03")],
    "same_day": [("suspended", "2025-06-02"), ("first_seen", "2025-06-02")],
    "back_and_gone": [
        ("blocked", "2025-06-02"), ("restored", "2025-06-03"), ("checked_gone", "2025-06-04"),
    ],
    "removed": [("removed_by_owner", "2025-06-05"), ("reported_to_platform", "2025-06-06")],
    "gone": [("checked_gone", "2025-06-05")],
    "undated_sighting": [("first_seen", ""), ("blocked", "2025-06-02")],
    "some_day_of_june": [("blocked", "2025-06-02"), ("checked_active", "2025-06")],
    "undated_block": [("first_seen", "2025-06-01"), ("blocked", "")],
}  # fmt: skip


def handles_in(text: str) -> list[str]:
    """Return the handles of a list, in its order."""
    return re.findall(r">\w+ @(\w+)", text)


def same(text: str, ref: str = "ACC-0000000000") -> str:
    """Return a page without what differs between any two: the address asked for, and tokens."""
    return re.sub(r'value="[^"]+"', "", text).replace(ref, "")


@pytest.mark.parametrize("status", AccountStatus)
def test_the_filter_and_the_page_agree_on_what_an_account_is(app: Flask, status: AccountStatus):
    with as_user(app) as user:
        made = [make_account(name, *events, by=user) for name, events in LIVES.items()]
        db.session.commit()
        found = db.session.scalars(accounts_matching(AccountFilter(status=status))).unique()

        assert {one.handle for one in found} == {one.handle for one in made if one.status is status}


def test_the_list_is_filtered_and_says_how(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        platforms = make_platforms()
        anna = make_journalist("Anna Smirnova", by=user)
        outlet = make_outlet("Dala Press", by=user)
        make_account("one", ("blocked", "2025-06-02"), by=user, platform=platforms["telegram"])
        make_account("two", by=user, impersonates=[anna], kind=AccountKind.CHANNEL)
        make_account("three", by=user, impersonates=[outlet], spreads="Tales of her death")
        db.session.commit()
        refs = anna.ref, outlet.ref
    sign_in_directly(client, "staff")

    def ask(query: str) -> tuple[list[str], str]:
        text = client.get(f"/fake-accounts/?{query}").text
        return handles_in(text), text

    assert ask("")[0] == ["three", "two", "one"]
    for query, handle, said in (
        ("platform=telegram", "one", "platform: Telegram"),
        ("status=blocked", "one", "status: Blocked"),
        ("kind=channel", "two", "Channel"),
        (f"journalist={refs[0]}", "two", "posing as Anna Smirnova"),
        (f"outlet={refs[1]}", "three", "posing as Dala Press"),
        ("q=tales+dea", "three", "with the words “tales dea”"),
        ("q=smirnova", "two", "with the words “smirnova”"),
    ):
        found, text = ask(query)
        assert found == [handle], query
        assert said in text
    assert "No fake account fits" in ask("q=nothing")[1]


def test_no_two_columns_are_called_alike_and_the_days_of_a_life_are_parted(
    app: Flask, client: FlaskClient
):
    with as_user(app) as user:
        make_account("one", ("first_seen", "2025-06-02"), by=user)
        db.session.commit()
    sign_in_directly(client, "staff")
    page = html.fromstring(client.get("/fake-accounts/").text)
    heads = [" ".join(one.text_content().split()) for one in page.iter("th")]
    assert len(heads) == len(set(heads)) == 7
    words = " ".join(page.text_content().split())
    assert "last seen up: 2 June 2025 · Up from: 2 June 2025 ·" in words


@pytest.mark.parametrize(
    "query",
    ["platform=nowhere", "platform=A%20B", "kind=x", "status=x", "journalist=x", "outlet=OUT-0000000000",
     "journalist=JRN-0000000000", "from=2025-01-01", "after=ACC-0000000000", "after=x", "q=%00"],
)  # fmt: skip
def test_an_unknown_filter_is_said(app: Flask, client: FlaskClient, query: str):
    with as_user(app):
        make_platforms()
        db.session.commit()
    sign_in_directly(client, "staff")
    answer = client.get(f"/fake-accounts/?{query}")

    assert answer.status_code == 400
    assert query.split("=", maxsplit=1)[0] in answer.text


def test_paging_by_twos_loses_and_doubles_none(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "tracker.web.paging.paginate.__kwdefaults__", {"descending": True, "size": 2}
    )
    with as_user(app) as user:
        moment = datetime(2025, 6, 1, tzinfo=UTC)
        for number in range(5):
            account = make_account(f"number_{number}", by=user)
            # Two of them at the same moment.
            account.recorded_at = moment + timedelta(days=number // 2)
        db.session.commit()
    client = app.test_client()
    sign_in_directly(client, "staff")
    seen, address = [], "/fake-accounts/"
    while address:
        text = client.get(address).text
        seen += handles_in(text)
        older = re.search(r'rel="next" href="([^"]+)"', text)
        address = older.group(1) if older else ""

    assert sorted(seen) == [f"number_{number}" for number in range(5)]


def test_what_is_hidden_is_not_listed_and_answers_like_nothing(app: Flask, client: FlaskClient):
    with as_user(app, "other", team="Elsewhere") as user:
        ref = make_account("hidden", by=user, visibility=Visibility.RESTRICTED).ref
        db.session.commit()
    with as_user(app):
        pass
    sign_in_directly(client, "staff")

    assert handles_in(client.get("/fake-accounts/").text) == []
    hidden = client.get(f"/fake-accounts/{ref}/")
    assert hidden.status_code == 404
    assert same(hidden.text, ref) == same(client.get("/fake-accounts/ACC-0000000000/").text)
    for page in ("edit", "history", "share"):
        assert client.get(f"/fake-accounts/{ref}/{page}").status_code == 404


def test_people_and_incidents_show_the_accounts(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        article = make_report(by=user)
        anna, outlet = make_journalist("Anna Smirnova", by=user), make_outlet(by=user)
        incident = make_citing(article, "2", by=user)
        make_account(by=user, cites=article, impersonates=[anna, outlet], incidents=[incident])
        db.session.commit()
        pages = [
            f"/journalists/{anna.ref}/", f"/outlets/{outlet.ref}/", f"/incidents/{incident.ref}/",
            f"/articles/{article.ref}/",
        ]  # fmt: skip
    sign_in_directly(client, "staff")

    for page in pages:
        assert "@anna_true" in client.get(page).text, page
    assert "Log a fake account from this article" in client.get(pages[-1]).text


def test_the_number_of_queries_does_not_grow_with_the_list(app: Flask, client: FlaskClient):
    def more(number: int) -> None:
        with as_user(app) as user:
            article, platforms = make_report(by=user), make_platforms()
            for place in range(number):
                name = f"Person {number} {place}"
                make_account(
                    f"of_{number}_{place}", ("blocked", "2025-06-02"), by=user, cites=article,
                    impersonates=[make_journalist(name, by=user)],
                    incidents=[make_citing(article, "2", title=f"Incident {place}", by=user)],
                    platform=platforms["telegram"],
                )  # fmt: skip
            db.session.commit()

    def queries() -> int:
        with app.app_context(), counted() as sent:
            assert client.get("/fake-accounts/").status_code == 200
        return len(sent)

    more(2)
    sign_in_directly(client, "staff")
    queries()
    few = queries()
    more(8)

    assert queries() == few


def test_rows_with_strange_numbers_are_left_alone(app: Flask, client: FlaskClient):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    for number in ("²", "-1", "x", "99999999999"):
        answer = client.post("/fake-accounts/new", data={f"impersonates-{number}-who-name": "A"})
        assert answer.status_code == 400
