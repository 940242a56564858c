"""A day of the staff: an article comes in, is confirmed, filed in a case and submitted for review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.chromium.articles import ARTICLES
from tests.chromium.visitor import NARROW, KeyboardVisitor, Visitor
from tests.factories import as_user
from tracker.cases.models import Case
from tracker.cases.queries import records_of
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.review.codes import EditorialState
from tracker.review.models import Reviewable

WAYS = [
    pytest.param({}, id="english"),
    pytest.param({"kind": KeyboardVisitor}, id="by keyboard"),
    pytest.param({"language": "ru", "scripts": False}, id="russian without scripts"),
    pytest.param({"language": "kk", "width": NARROW}, id="kazakh at 360 px"),
]
CARDS = "fieldset.draft"


def take_in(staff: Visitor) -> None:
    """Import an article in the language of the pages, which leads to what it suggests."""
    staff.sign_in("staff")
    staff.choose("New", "Import articles")
    staff.fill("Text of the article", ARTICLES[staff.language])
    staff.press("Import", "main")


def accept_all(staff: Visitor) -> None:
    """Accept each card; whoever may be on record already is somebody new."""
    for card in staff.page.locator(CARDS).all():
        accept = card.get_by_label(staff.words("Accept"), exact=True)
        if not accept.is_checked():
            staff.click(accept)
    for offers in staff.page.locator("fieldset.offers:visible").all():
        if not offers.locator("input:checked").count():
            staff.click(offers.locator("input[value=new]"))


def states(app: Flask) -> list[EditorialState]:
    """Return the state of each record in the one case that there is."""
    with as_user(app):
        found = records_of(db.session.scalars(select(Case)).one(), with_all_parts=True)
        records = (*found.incidents, *found.accounts, *found.responses)
        return [one.state for one in records if isinstance(one, Reviewable)]


@pytest.mark.parametrize("way", WAYS)
def test_an_article_becomes_a_case_in_review(
    app: Flask,
    empty: str,
    visit: Callable[..., Visitor],
    figure: Callable[[str, int, int], None],
    way: dict[str, Any],
) -> None:
    staff = visit(empty, **way)
    take_in(staff)
    cards = staff.page.locator(CARDS).count()
    accept_all(staff)
    before = staff.clicks
    staff.press("Save and submit for review")

    figure(f"article to case ({staff.manner}): loads", staff.loads, 5)
    figure(f"article to case ({staff.manner}): fields typed", staff.typed, 2)
    figure(f"article to case ({staff.manner}): failed saves", staff.refused, 0)
    figure(f"submit its {cards} records ({staff.manner}): clicks", staff.clicks - before, 1)
    assert staff.here == "/cases/…/"
    assert states(app) == [EditorialState.IN_REVIEW] * cards
    assert cards > 0
    staff.follow("Records", "main")


def test_the_confirm_page_is_short_and_enter_saves_nothing(
    app: Flask,
    empty: str,
    visit: Callable[..., Visitor],
    figure: Callable[[str, int, int], None],
) -> None:
    staff = visit(empty)
    take_in(staff)
    figure("confirm page: height at 1280 px", staff.height, 3500)
    figure("confirm page: controls to be seen", staff.seen(), 60)
    figure("confirm page: buttons to be seen", staff.seen("button"), 15)

    title = staff.page.get_by_label("Title of the new case")
    title.fill("Another title")
    staff.load_by_key(title, "Enter")
    assert title.input_value() == "Another title"
    with as_user(app):
        assert db.session.scalars(select(Incident)).all() == []
