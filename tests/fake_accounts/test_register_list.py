"""The register: its figures and the accounts behind each, chains, and what is hidden from whom."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from tests.conftest import prepared
from tests.factories import (
    as_user,
    make_institution,
    make_journalist,
    make_outlet,
    sign_in_directly,
)
from tests.fake_accounts.accounts_made import make_account, make_platforms
from tests.statements import counted
from tracker.audit.queries import cache_slot
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.fake_accounts import rules
from tracker.fake_accounts.codes import (
    AccountFate,
    Reappearance,
    SuccessionBasis,
    SuccessionCertainty,
)
from tracker.fake_accounts.filters import AccountFilter
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.queries import accounts_matching, load_register, successions_in_chain
from tracker.fake_accounts.service import add_succession
from tracker.permissions import Visibility
from tracker.review.codes import EditorialState, RetractReason
from tracker.users.models import User

LIVES = {
    "never": [],
    "up": [("first_seen", "2025-06-01")],
    "blocked": [("first_seen", "2025-06-01"), ("blocked", "2025-06-02")],
    "only_blocked": [("blocked", "2025-06-02"), ("checked_gone", "2025-06-03")],
    "back": [("removed_by_platform", "2025-06-02"), ("seen_again", "2025-06-03")],
    "same_month": [("suspended", "2025-06"), ("first_seen", "2025-06")],
    "dim": [("checked_active", "2025-06-10"), ("blocked", "2025-06"), ("restored", "2025-07")],
    "reported": [("reported_to_authority", "2025-06-01"), ("block_ordered", "2025-06-02")],
    "gone": [("checked_gone", "2025-06-05")],
}  # fmt: skip


def follow(account: FakeAccount, successor: FakeAccount, certainty: str, *, by: User) -> None:
    sure = SuccessionCertainty(certainty)
    add_succession(account, successor, certainty=sure, basis=SuccessionBasis.SAME_NAME, by=by)


def retract(account: FakeAccount) -> None:
    account.state, account.retract_reason = EditorialState.RETRACTED, RetractReason.DUPLICATE


def handles_in(text: str) -> list[str]:
    """Return the handles of a list of profiles, in its order."""
    return re.findall(r'<td class="account title">\s*<a[^>]*>[^<]*@(\w+)', text)


def read(text: str) -> str:
    """Return the words of a page, without marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_list_and_the_rules_agree_on_every_fate(app: Flask):
    with as_user(app) as user:
        made = [make_account(name, *events, by=user) for name, events in LIVES.items()]
        made.append(make_account("", ("first_seen", "2025-06-01"), by=user))
        gone = make_account("retracted", ("first_seen", "2025-06-01"), by=user)
        retract(gone)
        db.session.commit()
        for fate in AccountFate:
            rows = db.session.scalars(accounts_matching(AccountFilter(fate=fate))).unique()
            assert {one.ref for one in rows} == {
                one.ref for one in made if one.life.fate is fate
            }, fate
        assert {one.life.fate for one in made} == set(AccountFate)


@pytest.fixture
def refs(app: Flask, client: FlaskClient) -> dict[str, str]:
    """Return the refs of four generations of one channel, and of others; sign staff in.

    first (Telegram, as Anna) 1–11 June > second (as Anna) 12–14 June > third (Facebook, as Anna and
    the ministry), still up; third > fourth is only possible. Beside them an account of Dala Press,
    down on 20 June and possibly back as one of an official's name.
    """
    found = prepared(app, "register", lambda: _refs(app))
    sign_in_directly(client, "staff")
    return found


def _refs(app: Flask) -> dict[str, str]:
    with as_user(app) as user:
        platforms = make_platforms()
        anna, dala = make_journalist("Anna Smirnova", by=user), make_outlet("Dala Press", by=user)
        ministry = make_institution("Night Ministry", by=user)
        telegram: dict[str, Any] = {"by": user, "platform": platforms["telegram"]}
        facebook: dict[str, Any] = {"by": user, "platform": platforms["facebook"]}
        seen = ("first_seen", "2025-06-01")
        made = {
            "first": make_account(
                "first", seen, ("blocked", "2025-06-11"), impersonates=[anna], **telegram
            ),
            "second": make_account(
                "second", ("first_seen", "2025-06-12"), ("blocked", "2025-06-14"),
                impersonates=[anna], **telegram,
            ),
            "third": make_account(
                "third", ("first_seen", "2025-06-15"), impersonates=[anna, ministry], **facebook
            ),
            "fourth": make_account("fourth", by=user),
            "dala": make_account(
                "dala", seen, ("removed_by_platform", "2025-06-20"), impersonates=[dala], **facebook
            ),
            "official": make_account("official", impersonates=["Judge A. B."], by=user),
        }  # fmt: skip
        retracted = make_account("retracted", seen, ("blocked", "2025-06-02"), by=user)
        follow(made["first"], made["second"], "confirmed", by=user)
        follow(made["second"], made["third"], "likely", by=user)
        follow(made["third"], made["fourth"], "possible", by=user)
        follow(made["dala"], made["official"], "possible", by=user)
        follow(retracted, made["first"], "confirmed", by=user)
        follow(made["dala"], retracted, "confirmed", by=user)
        retract(retracted)
        db.session.commit()
        found = {name: one.ref for name, one in made.items()}
        return found | {"anna": anna.ref, "outlet": dala.ref, "ministry": ministry.ref}


def test_the_register_gives_the_figures_that_one_counts_by_hand(client, refs):
    text = client.get("/fake-accounts/register").text
    said = read(text)

    # Six that count. Days: 10, 2, 19 and one still up: half (two of four) within ten days.
    assert "Accounts 6 Taken down 3 Not taken down 1" in said
    assert "not known since when it was up 0 Not counted 2" in said
    assert (
        "Median time to takedown 10 days based on 4 accounts, including those still online" in said
    )
    # First and second came back; the account of Dala Press possibly: two or three of three.
    assert "Came back as another one 2 to 3 of 3 (67–100 %); possibly: 1" in said
    # First to third for certain, to fourth possibly.
    assert "Chains 2 , the longest of 3–4 accounts one after another" in said
    assert "Telegram 2 2 0 2 days 2 of 2" in said
    # Down after 19 days, and one still up: half by then.
    assert "Facebook 2 1 1 19 days 0 to 1 of 1; possibly: 1" in said
    assert "Anna Smirnova 3 2 1 10 days 2 of 2" in said
    assert "Judge A. B. 1 0 0 – –" in said
    assert "retracted" not in re.sub("Retracted accounts", "", said)


def test_the_platforms_sum_to_the_total(client, refs):
    page = html.fromstring(client.get("/fake-accounts/register").text)
    [table] = page.xpath('//table[.//th = "Platform"]')
    rows = [[cell.text_content() for cell in row] for row in table.xpath("tbody/tr")]

    assert [row[0] for row in rows] == ["Facebook", "Telegram", "Platform not known"]
    sums = [sum(int(row[at]) for row in rows) for at in (1, 2, 3)]
    assert sums == [6, 3, 1]
    # Of one platform there is nothing to sum.
    assert "Platform not known" not in client.get("/fake-accounts/register?platform=none").text


def test_a_long_table_of_people_is_cut_and_says_so(client, refs, monkeypatch):
    # Anna has three accounts, each of the three others one.
    whole = client.get("/fake-accounts/register").text
    assert "Only the first" not in whole
    monkeypatch.setattr("tracker.fake_accounts.views.MAX_PARTY_ROWS", 2)
    cache_slot.cache_clear()
    text = read(client.get("/fake-accounts/register").text)

    assert "Anna Smirnova 3" in text
    assert "Dala Press 1" in text
    assert "Judge A. B. 1" not in text
    assert "Night Ministry 1" not in text
    assert "Only the first 2 are shown." in text


def test_figures_are_counted_only_of_the_people_shown(client, refs, monkeypatch):
    counted_of = []

    def counted(accounts):
        counted_of.append(accounts)
        return rules.compute_figures(accounts)

    monkeypatch.setattr("tracker.fake_accounts.views.MAX_PARTY_ROWS", 2)
    monkeypatch.setattr("tracker.fake_accounts.views.compute_figures", counted)
    client.get("/fake-accounts/register")

    # Of all, of both platforms and of none, and of two of the people.
    assert len(counted_of) == 1 + 3 + 2


def test_every_figure_leads_to_the_accounts_behind_it(client, refs):
    text = client.get("/fake-accounts/register").text
    figures = re.findall(r'<a href="(/fake-accounts/\?[^"]+)">(\d+)</a>', text)

    assert len(figures) > 15
    for address, number in set(figures):
        found = handles_in(client.get(address.replace("&amp;", "&")).text)
        assert len(found) == int(number), address


@pytest.mark.parametrize(
    ("query", "said", "accounts"),
    [
        ("platform=telegram", "platform: Telegram", 2),
        ("platform=none&without_retracted=yes", "platform: not known", 2),
        ("journalist={anna}", "posing as Anna Smirnova", 3),
        ("outlet={outlet}", "posing as Dala Press", 1),
        ("institution={ministry}", "posing as Night Ministry", 1),
        ("official=Judge A. B.", "posing as Judge A. B.", 1),
        ("fate=taken_down", "Taken down", 3),
        ("reappeared=yes", "Reappeared", 2),
        ("reappeared=possibly", "Possibly reappeared", 1),
    ],
)
def test_register_and_list_are_filtered_alike_and_say_how(client, refs, query, said, accounts):
    query = query.format(**refs)
    register = client.get(f"/fake-accounts/register?{query}").text
    listed = client.get(f"/fake-accounts/?{query}").text

    assert said in register
    assert said in listed
    assert f"Accounts {accounts} " in read(register)
    assert len(handles_in(listed)) == accounts


def test_a_chain_is_shown_whole_whatever_is_asked_for(client, refs):
    text = client.get("/fake-accounts/register?platform=facebook").text

    for handle in ("@first", "@second", "@third", "@fourth", "@dala", "@official"):
        assert handle in text


@pytest.mark.parametrize(
    "query",
    ["fate=x", "reappeared=maybe", "institution=INS-0000000000", "institution=x", "official=%00",
     "platform=nowhere", "from=2025-01-01"],
)  # fmt: skip
def test_an_unknown_value_is_said(client, refs, query):
    for page in ("/fake-accounts/register", "/fake-accounts/"):
        answer = client.get(f"{page}?{query}")
        assert answer.status_code == 400
        assert query.split("=", maxsplit=1)[0] in answer.text


def test_an_empty_register_says_what_to_do(app, client):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")

    assert "log one from the article that reports it" in client.get("/fake-accounts/register").text


def test_the_page_of_an_account_draws_its_whole_chain(client, refs):
    text = client.get(f"/fake-accounts/{refs['second']}/").text

    drawn = re.search(r'<svg (?!class="icon").*?</svg>', text, re.DOTALL)
    assert drawn
    assert [one in drawn[0] for one in ("@first", "@third", "@fourth", "@dala")] == [True] * 3 + [
        False
    ]
    assert text.count("<script") == text.count('<script src="/static/')
    assert "reappeared as number 3 (likely, same name)" in read(text)
    assert "Up from: 12 June 2025 · Blocked: 14 June 2025 · 2 days" in read(text)
    assert text.count('stroke-dasharray="2 4"') >= 1


def test_whoever_may_not_see_an_account_finds_no_trace_of_it(app: Flask, client: FlaskClient):
    with as_user(app, "other", team="Elsewhere") as other:
        hidden = make_account(
            "hidden", ("first_seen", "2025-06-01"), by=other, visibility=Visibility.RESTRICTED
        )
        seen = ("first_seen", "2025-06-01")
        before = make_account("before", seen, ("blocked", "2025-06-02"), by=other)
        beside = make_account("beside", seen, by=other)
        # A chain only by way of what is hidden.
        follow(before, hidden, "confirmed", by=other)
        follow(beside, hidden, "confirmed", by=other)
        follow(beside, make_account("beyond", by=other), "confirmed", by=other)
        db.session.commit()
        assert len(successions_in_chain(before)) == 3
        ref = before.ref
    with as_user(app):
        mine = next(iter(db.session.scalars(accounts_matching(AccountFilter(q="before"))).unique()))
        assert successions_in_chain(mine) == []
        found = load_register(AccountFilter())
        assert (len(found.accounts), len(found.links)) == (3, 1)
        back = AccountFilter(reappeared=Reappearance.YES)
        assert list(db.session.scalars(accounts_matching(back)).unique()) == []
    sign_in_directly(client, "staff")

    text = client.get("/fake-accounts/register").text
    assert "@hidden" not in text
    assert "Came back as another one 0 of 1 (0 %)" in read(text)
    text = client.get(f"/fake-accounts/{ref}/").text
    assert not re.search('<svg (?!class="icon")', text)


def test_of_what_all_users_see_nothing_restricted_is_counted_or_drawn(
    app: Flask, client: FlaskClient
):
    with as_user(app) as user:
        seen = ("first_seen", "2025-06-01")
        shared = make_account("shared", seen, ("blocked", "2025-06-02"), by=user)
        own = make_account("own", seen, by=user, visibility=Visibility.RESTRICTED)
        follow(shared, own, "confirmed", by=user)
        db.session.commit()
    sign_in_directly(client, "staff")

    assert "Came back as another one 1 of 1" in read(client.get("/fake-accounts/register").text)
    text = client.get("/fake-accounts/register?shared=yes").text
    assert "Came back as another one 0 of 1" in read(text)
    assert "@own" not in text
    assert handles_in(client.get("/fake-accounts/?reappeared=yes").text) == ["shared"]
    assert handles_in(client.get("/fake-accounts/?reappeared=yes&shared=yes").text) == []


def test_somebody_hidden_has_no_row(app: Flask, client: FlaskClient):
    with as_user(app, "other", team="Elsewhere") as other:
        anna = make_journalist("Anna Smirnova", by=other)
        make_account("open", impersonates=[anna], by=other)
        anna.visibility = Visibility.RESTRICTED
        db.session.commit()
        assert list(load_register(AccountFilter()).by_party) == [anna]
    with as_user(app):
        pass
    sign_in_directly(client, "staff")

    text = client.get("/fake-accounts/register").text
    assert "Smirnova" not in text
    assert "Accounts 1 " in read(text)
    assert "By whom they pose as" not in text


def test_only_the_chain_of_an_account_is_read(app: Flask):
    with as_user(app) as user:
        made = [make_account(f"number_{place}", by=user) for place in range(6)]
        for one, other in ((0, 1), (1, 2), (4, 5)):
            follow(made[one], made[other], "likely", by=user)
        db.session.commit()

        last = made[2]
        assert last.id
        with counted() as sent:
            links = successions_in_chain(last)
        assert [one.pair for one in links] == [
            (made[0].id, made[1].id), (made[1].id, made[2].id)
        ]  # fmt: skip
        assert len([one for one in sent if "account_successions" in one]) == 1
        with pytest.raises(InvalidInput, match="came after"):
            follow(made[2], made[0], "likely", by=user)
        with pytest.raises(InvalidInput, match="already"):
            follow(made[0], made[1], "likely", by=user)
        follow(made[5], made[0], "possible", by=user)
        assert len(successions_in_chain(made[3])) == 0
        assert len(successions_in_chain(made[4])) == 4


def test_the_number_of_queries_does_not_grow_with_the_register(app: Flask, client: FlaskClient):
    def more(number: int) -> None:
        with as_user(app) as user:
            platforms = make_platforms()
            made = [
                make_account(
                    f"of_{number}_{place}", ("first_seen", "2025-06-01"), ("blocked", "2025-06-02"),
                    by=user, impersonates=[make_journalist(f"Person {number} {place}", by=user)],
                    platform=platforms["telegram"],
                )
                for place in range(number)
            ]  # fmt: skip
            for one, other in zip(made[::2], made[1::2], strict=True):
                follow(one, other, "likely", by=user)
            db.session.commit()

    def queries() -> int:
        cache_slot.cache_clear()
        with app.app_context(), counted() as sent:
            assert client.get("/fake-accounts/register").status_code == 200
        return len(sent)

    more(2)
    sign_in_directly(client, "staff")
    queries()
    few = queries()
    more(8)

    assert queries() == few


def test_an_active_account_says_when_it_was_last_seen_up(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        seen = make_account(
            "up", ("first_seen", "2025-06-01"), ("seen_again", "2025-06-09"), by=user
        )
        down = make_account(
            "down", ("first_seen", "2025-06-01"), ("blocked", "2025-06-02"), by=user
        )
        follow(down, seen, "confirmed", by=user)
        db.session.commit()
        refs = {"up": seen.ref, "down": down.ref}
    sign_in_directly(client, "staff")
    said = "Active last seen up: 9 June 2025"

    for address in ("", "register", f"{refs['up']}/", f"{refs['up']}/dossier"):
        page = read(client.get(f"/fake-accounts/{address}").text)
        assert page.count(said) == page.count("last seen up:") >= 1, address
    assert "last seen up" not in read(client.get("/fake-accounts/?status=blocked").text)
