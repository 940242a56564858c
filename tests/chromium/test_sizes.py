"""How long the pages of the sample are, how much of them is sent, and where their content begins."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import select

from tests.chromium.visitor import NARROW, Visitor
from tests.factories import as_user
from tracker.cases.models import Case
from tracker.cases.queries import records_of
from tracker.config import LANGUAGES
from tracker.db import db

if TYPE_CHECKING:
    from playwright.sync_api import Response

TITLE = "Pressure on two journalists of Kazakhstan"
LISTS = ("/", "/incidents/", "/cases/", "/journalists/", "/review/", "/charts")


def addresses(app: Flask) -> tuple[str, str]:
    """Return the page of the sample case, and that of its incident with the most to show."""
    with as_user(app, "staff"):
        case = db.session.scalars(select(Case).where(Case.title == TITLE)).one()
        incidents = records_of(case, with_all_parts=True).incidents
        longest = max(incidents, key=lambda one: len(one.targets))
        return f"/cases/{case.ref}/", f"/incidents/{longest.ref}/"


def test_pages_are_short(
    app: Flask, sample: str, visit: Callable[..., Visitor], figure: Callable[[str, int, int], None]
) -> None:
    case, incident = addresses(app)
    staff = visit(sample)
    staff.sign_in("staff")
    figure("header at 1280 px: height", staff.height_of("header.top"), 64)
    figure("overview of the sample: height", staff.height, 2400)
    staff.open(case)
    figure("case page of the sample: height", staff.height, 2200)
    staff.open(incident)
    figure("incident page of the sample: height", staff.height, 2000)

    narrow = visit(sample, width=NARROW)
    narrow.sign_in("staff")
    figure("header at 360 px: height", narrow.height_of("header.top"), 56)
    figure("overview of the sample at 360 px: height", narrow.height, 4500)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_begins_on_the_first_screen_of_a_phone(
    sample: str,
    visit: Callable[..., Visitor],
    figure: Callable[[str, int, int], None],
    language: str,
) -> None:
    narrow = visit(sample, language=language, width=NARROW)
    narrow.sign_in("staff")
    narrow.choose("Records", "Incidents")
    first = narrow.top_of("table.list tbody tr")
    figure(f"first incident of the list at 360 px, {language}: y", first, 430)


def test_pages_are_light(
    app: Flask, sample: str, visit: Callable[..., Visitor], figure: Callable[[str, int, int], None]
) -> None:
    staff = visit(sample)
    staff.sign_in("staff")
    # Each page as on a first visit.
    tools = staff.page.context.new_cdp_session(staff.page)
    tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    fetched: list[Response] = []
    staff.page.on("response", lambda one: fetched.append(one))  # noqa: PLW0108 (it marks what it is given)
    weights, requests = [], []
    for address in (*LISTS, *addresses(app)):
        fetched.clear()
        staff.open(address)
        weights.append(sum(len(gzip.compress(one.body())) for one in fetched))
        requests.append(len(fetched))
    figure("heaviest page, compressed: bytes", max(weights), 60_000)
    figure("most requests of a page", max(requests), 6)
