"""Saving the confirm page names the outlet that published the article, and says whether the source
is the target's own.
"""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import as_user, make_journalist, make_outlet, sign_in_directly
from tests.intake.test_confirming import ASEM, DANIYAR, DAY, SAVE, Desk, accept_all, desk
from tests.journeys.browser import Browser
from tracker import clock
from tracker.articles.codes import Independence
from tracker.articles.models import Article
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.incidents.codes import Verification
from tracker.incidents.models import Incident
from tracker.people.models import Journalist, Outlet
from tracker.people.service import add_affiliation
from tracker.permissions import Visibility
from tracker.when import parse_when

__all__ = ["desk"]
KEEP = "Save for my team only"
OWN = "Source: published by the outlet concerned; not counted as independent."
PAPER = "City Paper"
# All records but the first incident.
REST = ("incidents-1", "incidents-2", "incidents-3", "accounts-0", "responses-0")


def publish(desk: Desk, words: str) -> None:
    """Let the article have a publisher that is only words, and tell of a country itself."""
    desk.made.place("city paper", country="KZ")
    with as_user(desk.app):
        article = db.session.scalars(select(Article)).one()
        article.publisher, article.publisher_words = None, words
        db.session.commit()


def aimed_at(name: str, kind: str = "outlet") -> dict[str, object]:
    """Return what is typed to aim the first incident, the only one ticked, at somebody."""
    first = "incidents-0-targets-0-"
    return {
        "title": "A case",
        "incidents-0-targets-1-use": "", f"{first}kind": kind, f"{first}who-name": name,
    }  # fmt: skip


def source(app: Flask) -> tuple[str, str, str]:
    """Return the outlet that published the article, its words for that, and its independence."""
    with as_user(app):
        one = db.session.scalars(select(Article)).one()
        outlet = one.publisher.name if one.publisher else ""
        return outlet, one.publisher_words, one.independence.value


def edits(app: Flask) -> list[AuditEvent]:
    with as_user(app):
        rows = select(AuditEvent).where(AuditEvent.action == "article:edit")
        return list(db.session.scalars(rows.order_by(AuditEvent.sequence)))


def add_employer(app: Flask, *periods: tuple[str, str], name: str = ASEM) -> None:
    """Record a journalist with the outlets she worked for."""
    with as_user(app) as user:
        made = make_journalist(name, by=user)
        for outlet, period in periods:
            found = db.session.scalars(select(Outlet).where(Outlet.name == outlet)).first()
            when = parse_when(period, latest_possible_date=DAY)
            add_affiliation(made, found or make_outlet(outlet, by=user), when=when, by=user)
        db.session.commit()


def test_the_outlet_on_record_that_the_words_name_is_the_publisher(app: Flask, desk: Desk):
    publish(desk, "Dala News")
    desk.open()
    assert OWN not in desk.browser.words
    desk.browser.press(SAVE, {"title": "A case"})

    assert source(app) == ("Dala News", "", "independent")
    (edit,) = edits(app)
    assert (edit.subject, edit.actor) == (desk.ref, "staff")
    assert edit.changes["publisher_words"] == ["Dala News", ""]


def test_the_outlet_that_the_same_save_records_is_the_publisher_and_no_independent_source(
    app: Flask, desk: Desk
):
    publish(desk, PAPER)
    desk.open(excluding=REST)
    desk.do("update", aimed_at(PAPER))
    assert OWN in desk.browser.words
    desk.browser.press(SAVE)

    assert desk.wrong() == {}
    assert source(app) == (PAPER, "", "target_itself")
    assert "published by the outlet concerned, so it is not" in desk.browser.words
    (edit,) = edits(app)
    assert edit.changes["independence"] == ["independent", "target_itself"]
    desk.browser.open(f"/articles/{desk.ref}")
    assert "The target itself" in desk.browser.words


def test_verification_does_not_count_the_outlet_concerned(app: Flask, desk: Desk):
    publish(desk, PAPER)
    desk.open(excluding=REST)
    desk.browser.press(SAVE, aimed_at(PAPER))
    with as_user(app):
        ref = db.session.scalars(select(Incident)).one().ref
    desk.browser.open(f"/incidents/{ref}")
    desk.browser.open(f"/incidents/{ref}/circumstances")
    desk.browser.press("Save", {"verification": Verification.LIKELY.value})

    assert desk.browser.status == 422
    assert "Its sources do not support this" in desk.browser.words


def test_a_source_without_a_publisher_counts_once_a_person_says_that_it_is_independent(
    app: Flask, desk: Desk
):
    publish(desk, "")
    desk.open(excluding=REST)
    assert "The publisher is not known: it counts as independent only if" in desk.browser.words
    desk.browser.press(SAVE, {"title": "A case"})
    with as_user(app):
        ref = db.session.scalars(select(Incident)).one().ref

    def is_likely() -> bool:
        desk.browser.open(f"/incidents/{ref}/circumstances")
        desk.browser.press("Save", {"verification": Verification.LIKELY.value})
        return desk.browser.status == 200

    assert not is_likely()
    assert "since the publisher is not known: Pressure." in desk.browser.words
    desk.browser.open(desk.address)
    desk.browser.press(SAVE, {"independence": "independent"})
    assert is_likely()


def test_an_outlet_that_nobody_recorded_stays_words(app: Flask, desk: Desk):
    publish(desk, PAPER)
    desk.open()
    desk.browser.press(SAVE, {"title": "A case"})

    assert source(app) == ("", PAPER, "independent")
    assert edits(app) == []
    with as_user(app):
        assert [one.name for one in db.session.scalars(select(Outlet))] == ["Dala News"]


def test_of_two_outlets_of_one_name_the_publisher_is_the_one_targeted(app: Flask, desk: Desk):
    publish(desk, "Dala News")
    with as_user(app) as user:
        second = make_outlet("Dala news", by=user).ref
        db.session.commit()
    desk.open(excluding=REST)
    desk.do("update", aimed_at("Dala News"))
    desk.browser.press(SAVE, {"incidents-0-targets-0-who-chosen": second})

    assert source(app) == ("Dala news", "", "target_itself")


def test_of_two_outlets_of_one_name_none_is_guessed(app: Flask, desk: Desk):
    publish(desk, "Dala News")
    with as_user(app) as user:
        make_outlet("Dala news", by=user)
        db.session.commit()
    desk.open()
    desk.browser.press(SAVE, {"title": "A case"})

    assert source(app) == ("", "Dala News", "independent")


@pytest.mark.parametrize(
    ("periods", "independence"),
    [
        ([("Dala News", "2020/2026")], "target_itself"),
        ([("Dala News", "")], "target_itself"),
        ([("Dala News", "2015/2018"), (PAPER, "2019/2026")], "independent"),
        ([(PAPER, "2019/2026")], "independent"),
    ],
)
def test_the_outlet_where_a_targeted_journalist_works_is_no_independent_source(
    app: Flask, desk: Desk, periods: list[tuple[str, str]], independence: str
):
    add_employer(app, *periods)
    desk.open()
    assert (OWN in desk.browser.words) == (independence == "target_itself")
    desk.browser.press(SAVE, {"title": "A case"})

    assert source(app) == ("Dala News", "", independence)


def test_a_journalist_who_is_left_out_changes_nothing(app: Flask, desk: Desk):
    add_employer(app, ("Dala News", "2020/2026"), name=DANIYAR)
    desk.open()
    left: dict[str, object] = {f"incidents-{n}-targets-1-use": "" for n in range(3)}
    desk.browser.press(SAVE, left | {"title": "A case"})

    assert source(app) == ("Dala News", "", "independent")
    assert edits(app) == []


def test_what_is_chosen_on_the_page_holds_now_and_later(app: Flask, desk: Desk):
    publish(desk, PAPER)
    desk.open(excluding=REST)
    desk.browser.press(SAVE, aimed_at(PAPER) | {"independence": "independent"})
    assert source(app) == (PAPER, "", "independent")
    assert [one.changes.get("independence") for one in edits(app)] == [None, ["independent"] * 2]

    desk.open(excluding=REST)
    assert desk.held("independence") == "independent"
    assert OWN not in desk.browser.words
    with as_user(app):
        chosen = db.session.scalars(select(Outlet.ref).where(Outlet.name == PAPER)).one()
    desk.do("update", aimed_at(PAPER) | {"case": "none"})
    desk.browser.press(
        SAVE, {"incidents-0-targets-0-who-chosen": chosen, "incidents-0-same_as": "new"}
    )
    assert desk.counts()[0] == 2
    assert source(app) == (PAPER, "", "independent")


@pytest.mark.parametrize("said", ["party", "target_itself"])
def test_a_choice_alone_is_saved_and_told(app: Flask, desk: Desk, said: str):
    desk.browser.open(desk.address)
    desk.browser.press(SAVE, {"independence": said})

    assert "Nothing was accepted; no record was saved." in desk.browser.words
    assert "Details of the source were saved." in desk.browser.words
    assert source(app) == ("Dala News", "", said)
    desk.open()
    assert desk.held("independence") == said


def test_what_a_person_said_before_is_kept(app: Flask, desk: Desk):
    add_employer(app, ("Dala News", "2020/2026"))
    for said in ("party", "independent"):
        desk.browser.open(f"/articles/{desk.ref}/edit")
        desk.browser.press("Save", {"independence": said})
    desk.open()
    assert OWN not in desk.browser.words
    desk.browser.press(SAVE, {"title": "A case"})

    assert source(app)[2] == "independent"


def test_what_others_said_meanwhile_is_not_saved_over_unseen(app: Flask, desk: Desk):
    with as_user(app):
        article = db.session.scalars(select(Article)).one()
        article.independence = Independence.PARTY
        db.session.commit()
    desk.browser.press(SAVE, {"title": "A case", "independence": "target_itself"})

    assert desk.browser.status == 422
    assert "Somebody changed this to" in desk.wrong()["independence"]
    assert source(app)[2] == "party"
    assert desk.counts() == [0, 0, 0, 0, 0]
    desk.browser.press(SAVE)
    assert source(app)[2] == "target_itself"


def test_a_choice_that_is_none_stores_nothing(app: Flask, desk: Desk):
    form, _button = desk.browser._form_with(SAVE)
    for sent in ("repeats_another", "x", "\x00"):
        data = desk.browser._held(form) | {"title": "A case", "independence": sent}
        desk.browser._take(desk.browser.client.post(desk.address, data=data), desk.address)
        assert desk.browser.status == 422
    assert desk.counts() == [0, 0, 0, 0, 0]
    assert source(app)[2] == "independent"


def test_a_source_that_repeats_another_goes_on_repeating_it(app: Flask, desk: Desk):
    publish(desk, PAPER)
    with as_user(app):
        article = db.session.scalars(select(Article)).one()
        article.independence = Independence.REPEATS_ANOTHER
        db.session.commit()
    desk.open(excluding=REST)
    assert desk.browser.page.xpath('//select[@name="independence"]') == []
    form, _button = desk.browser._form_with(SAVE)
    data = desk.browser._held(form) | aimed_at(PAPER) | {"independence": "party"}
    desk.browser._take(desk.browser.client.post(desk.address, data=data), desk.address)

    assert "Saved: 1 record." in desk.browser.words
    assert source(app) == (PAPER, "", "repeats_another")


def test_what_the_team_keeps_to_itself_changes_nothing_of_what_everybody_sees(
    app: Flask, desk: Desk
):
    publish(desk, PAPER)
    desk.open(excluding=REST)
    desk.browser.press(KEEP, aimed_at(PAPER))

    assert "Saved: 1 record." in desk.browser.words, desk.wrong()
    assert source(app) == ("", PAPER, "independent")
    assert edits(app) == []


def test_where_somebody_closed_works_is_not_told_by_the_source(app: Flask, desk: Desk):
    add_employer(app, ("Dala News", "2020/2026"))
    with as_user(app):
        made = db.session.scalars(select(Journalist)).one()
        made.visibility, made.name_closed_on = Visibility.RESTRICTED, clock.current_date()
        db.session.commit()
    desk.open()
    assert OWN not in desk.browser.words
    desk.browser.press(SAVE, {"title": "A case", "case": "none"})

    assert source(app) == ("Dala News", "", "independent")


def test_the_source_of_another_team_is_theirs(app: Flask, desk: Desk):
    publish(desk, "Dala News")
    with as_user(app, "stranger", team="Elsewhere"):
        pass
    client = app.test_client()
    sign_in_directly(client, "stranger")
    theirs = Browser(client)
    accept_all(theirs, desk.address)
    assert theirs.page.xpath('//select[@name="independence"]') == []
    form, _button = theirs._form_with(SAVE)
    data = theirs._held(form) | {"title": "Our case", "independence": "party"}
    theirs._take(theirs.client.post(desk.address, data=data), desk.address)

    assert "Saved: 6 records." in theirs.words
    assert source(app) == ("", "Dala News", "independent")
    assert edits(app) == []
