"""Review by article: its text beside all records drawn from it, and one save for all decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import as_user, make_article, make_incident
from tests.journeys.browser import Browser, browse
from tests.statements import counted
from tracker.articles.models import Article
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.permissions import Role, Visibility
from tracker.review import queries
from tracker.review.codes import EditorialState
from tracker.review.queries import next_article_ref_in_review

LONG_AGO = datetime(2025, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def drawn(app: Flask) -> tuple[str, list[str]]:
    """Return the refs of an article and of three records in review that staff drew from it."""
    with as_user(app) as user:
        article = make_article(by=user)
        made = [
            make_incident(title=f"Visit {n}", article=article, quote=str(n), by=user)
            for n in (1, 2, 3)
        ]
        for one in made:
            one.state = EditorialState.IN_REVIEW
        db.session.commit()
        return article.ref, [one.ref for one in made]


@pytest.fixture
def monitor(app: Flask, drawn: tuple[str, list[str]]) -> Browser:
    browser = browse(app, "monitor", Role.MONITOR)
    browser.open(f"/review/articles/{drawn[0]}")
    return browser


def states(app: Flask) -> list[str]:
    with as_user(app):
        return [
            str(one) for one in db.session.scalars(select(Incident.state).order_by(Incident.id))
        ]


def test_the_text_stands_beside_each_record_with_its_values_and_quotes(
    app: Flask, monitor: Browser, drawn: tuple[str, list[str]]
):
    for words in ("Visit 1", "Visit 3", "an editor", "June 2025", "In review", "sentence 2"):
        assert words in monitor.words
    assert len(monitor.page.xpath("//ol[@class='sentences']/li")) == 4
    assert len(monitor.page.xpath("//ol[@class='sentences']//mark")) == 3
    for link in monitor.page.xpath("//a[starts-with(@href, '#s')]"):
        assert monitor.page.xpath(f"//*[@id='{link.get('href')[1:]}']")


def test_what_waits_stands_before_what_was_not_submitted(
    app: Flask, monitor: Browser, drawn: tuple[str, list[str]]
):
    first, *others = drawn[1]
    with as_user(app):
        one = db.session.scalars(select(Incident).where(Incident.ref == first)).one()
        one.state = EditorialState.DRAFT
        db.session.commit()
    monitor.open(f"/review/articles/{drawn[0]}")
    shown = monitor.page.xpath("//form/section[starts-with(@id, 'INC-')]/@id")
    assert shown == [*others, first]


def test_texts_of_several_lines_keep_them(
    app: Flask, monitor: Browser, drawn: tuple[str, list[str]]
):
    with as_user(app):
        first = db.session.scalars(select(Incident).where(Incident.ref == drawn[1][0])).one()
        first.public_summary_en = "Two men came.\nThey left."
        db.session.commit()
    monitor.open(f"/review/articles/{drawn[0]}")
    assert '<dd class="kept">Two men came.\nThey left.</dd>' in monitor.text


def test_one_save_approves_some_and_returns_others(app: Flask, monitor: Browser):
    monitor.press(
        "Save all decisions",
        {
            "rows-0-choice": "approve",
            "rows-1-choice": "return",
            "rows-1-note": "Which day was it?",
            "rows-2-choice": "",
        },
    )
    assert states(app) == ["approved", "returned", "in_review"]
    assert monitor.message == "1 record approved. Changes requested in 1 record."
    assert "Which day was it?" in monitor.words
    monitor.open("/incidents/?state=returned")
    assert "Changes requested" in monitor.page.xpath("string(//main)")
    assert "Returned" not in monitor.page.xpath("string(//main//tbody)")


def test_all_is_saved_or_nothing(app: Flask, monitor: Browser):
    monitor.press(
        "Save all decisions",
        {"rows-0-choice": "approve", "rows-0-note": "Good.", "rows-1-choice": "return"},
    )
    assert monitor.status == 422
    assert "Say what is missing." in monitor.words
    assert "Good." in monitor.text
    assert states(app) == ["in_review"] * 3


def test_who_decides_nothing_is_told_so(app: Flask, monitor: Browser):
    monitor.press("Save all decisions")
    assert monitor.status == 422
    assert "Approve one of the records at least, or request changes." in monitor.words


def test_a_record_changed_meanwhile_is_named_and_the_notes_are_kept(
    app: Flask, monitor: Browser, drawn: tuple[str, list[str]]
):
    with as_user(app):
        second = db.session.scalars(select(Incident).where(Incident.ref == drawn[1][1])).one()
        second.place = "Almaty"
        db.session.commit()
    monitor.press(
        "Save all decisions",
        {
            "rows-0-choice": "approve",
            "rows-1-choice": "approve",
            "rows-1-note": "Well sourced.",
        },
    )
    assert monitor.status == 409
    [named] = monitor.page.xpath("//div[@role='alert']//li")
    assert drawn[1][1] in named.text_content()
    assert "Well sourced." in monitor.text
    assert states(app) == ["in_review"] * 3

    # The choice on what was not read is gone, that on the other one stands. No note is dropped.
    monitor.press("Save all decisions")
    assert monitor.status == 422
    assert "a note alone is not kept" in monitor.words
    assert "Well sourced." in monitor.text
    monitor.press("Save all decisions", {"rows-1-choice": "approve"})
    assert states(app) == ["approved", "approved", "in_review"]


def test_own_work_is_shown_without_a_choice_and_cannot_be_decided(
    app: Flask, drawn: tuple[str, list[str]]
):
    both = browse(app, "both", Role.STAFF, Role.MONITOR)
    with as_user(app, "both") as user:
        first = db.session.scalars(select(Incident).where(Incident.ref == drawn[1][0])).one()
        first.revised_by_id = user.id
        db.session.commit()
    both.open(f"/review/articles/{drawn[0]}")
    assert "somebody else must review it" in both.words
    assert not both.page.xpath("//*[@name='rows-0-choice']")
    assert both.page.xpath("//*[@name='rows-1-choice']")
    held = {
        one.get("name"): one.get("value")
        for one in both.page.xpath("//form[@method='post']//input[@type='hidden']")
    }
    answer = both.client.post(
        f"/review/articles/{drawn[0]}", data=held | {"rows-0-choice": "approve"}
    )
    assert answer.status_code == 403
    assert states(app) == ["in_review"] * 3


def test_what_was_not_handed_in_has_no_choice(app: Flask, drawn: tuple[str, list[str]]):
    with as_user(app):
        for one in db.session.scalars(select(Incident)):
            one.state = EditorialState.DRAFT
        db.session.commit()
    monitor = browse(app, "monitor", Role.MONITOR)
    monitor.open(f"/review/articles/{drawn[0]}")
    assert "Not submitted for review." in monitor.words
    assert not monitor.page.xpath("//*[@name='rows-0-choice']")


def test_staff_may_look_and_not_decide(app: Flask, drawn: tuple[str, list[str]]):
    staff = browse(app, "colleague", Role.STAFF)
    staff.open(f"/review/articles/{drawn[0]}")
    assert "Visit 1" in staff.words
    assert "Save all decisions" not in staff.words
    assert staff.client.post(f"/review/articles/{drawn[0]}").status_code == 403


def test_what_is_restricted_to_another_team_is_not_among_the_records(
    app: Flask, drawn: tuple[str, list[str]]
):
    with as_user(app):
        db.session.scalars(
            select(Incident).where(Incident.ref == drawn[1][0])
        ).one().visibility = Visibility.RESTRICTED
        db.session.commit()
    other = browse(app, "other", Role.MONITOR, team="Elsewhere")
    other.open(f"/review/articles/{drawn[0]}")
    assert "Visit 1" not in other.words
    assert "Visit 2" in other.words


def test_the_queue_leads_to_each_article_once(
    app: Flask, monitor: Browser, drawn: tuple[str, list[str]]
):
    monitor.open("/review/")
    links = monitor.page.xpath(f"//a[@href='/review/articles/{drawn[0]}']")
    assert len(links) == 1
    assert "3 records waiting" in monitor.words


def test_the_next_article_is_that_whose_record_waits_longest_after_this_one(
    app: Flask, monitor: Browser, monkeypatch: pytest.MonkeyPatch
):
    with as_user(app) as user:
        articles = [make_article(f"Waiting {number}", by=user) for number in range(3)]
        for article in articles:
            # The first two wait equally long: then it is the article recorded first.
            made = make_incident(article=article, by=user)
            made.state, made.updated_at = EditorialState.IN_REVIEW, LONG_AGO
        made.updated_at = LONG_AGO + timedelta(days=1)
        db.session.commit()
        refs = [one.ref for one in articles]
    with as_user(app, "monitor") as reviewer:
        articles = [
            db.session.scalars(select(Article).where(Article.ref == ref)).one() for ref in refs
        ]
        with counted() as statements:
            found = [next_article_ref_in_review(one, reviewer) for one in articles[:2]]
        assert found == refs[1:]
        assert all("LIMIT" in one for one in statements)
        last = next_article_ref_in_review(articles[2], reviewer)
        assert last not in refs
        monkeypatch.setattr(queries, "MAX_IN_REVIEW_CONSIDERED", 1)
        assert next_article_ref_in_review(articles[2], reviewer) == refs[0]
        assert next_article_ref_in_review(articles[0], reviewer) == ""


def test_neither_page_asks_more_of_the_database_for_more_records(
    app: Flask, monitor: Browser, drawn: tuple[str, list[str]]
):
    pages = ("/review/", f"/review/articles/{drawn[0]}")

    def asked() -> list[int]:
        counts = []
        for page in pages:
            with app.app_context(), counted() as statements:
                assert monitor.client.get(page).status_code == 200
            counts.append(len(statements))
        return counts

    asked()
    before = asked()
    with as_user(app) as user:
        for number in range(6):
            other = make_article(f"Another {number}", by=user)
            made = make_incident(article=other, who=f"editor {number}", by=user)
            made.state = EditorialState.IN_REVIEW
        db.session.commit()
    assert asked()[0] == before[0]
    with as_user(app) as user:
        source = db.session.scalars(select(Incident).order_by(Incident.id).limit(1)).one()
        article = source.citations[0].article
        assert article is not None
        for number in range(6):
            make_incident(
                article=article, who=f"editor {number}", by=user
            ).state = EditorialState.IN_REVIEW
        db.session.commit()
    assert asked()[1] == before[1]
