"""An incident that a person adds by the numbers of its sentences: what they say is filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask

from tests.factories import as_user

# The fixtures of the page are named as parameters of the tests.
from tests.intake.suggestions_made import Made
from tests.intake.test_confirming import (
    ASEM,
    DANIYAR,
    DAY,
    SAVE,
    Desk,
    desk,
    ref,
)
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.intake.drafting import draft_of_sentences
from tracker.reader.found import PersonRole

__all__ = ["desk", "ref"]
DIGEST = """Asem Tulegenova was beaten at the market in Oral on 4 May 2026.
In June 2025, editor Saule Akan had to go to court to keep her messages from the police, which she \
had sent in 2024.
In April 2024, reporters of Dala News were beaten by masked men on the way home from work, and a \
month earlier Daniyar Omarov was followed in Taraz.
They were beaten again, it was said.
"""


def digest() -> Made:
    made = Made(DIGEST)
    made.person(ASEM)
    made.person(DANIYAR)
    made.newsroom("Dala News")
    made.act("physical.assault", "was beaten")
    made.act("physical.assault", "were beaten by masked men")
    made.act("surveillance.physical", "was followed")
    made.act("physical.assault", "were beaten again")
    # As the reader returns them: the most certain first.
    made.date("a month earlier", "2026-04", DAY)
    made.date("in 2024", "2024", DAY)
    made.date("on 4 May 2026", "2026-05-04", DAY)
    made.date("In June 2025", "2025-06", DAY)
    made.date("In April 2024", "2024-04", DAY)
    made.place("Oral")
    made.place("Taraz")
    return made


def incident_of(made: Made, *numbers: int) -> tuple[Any, ...]:
    """Return types, targets, date and place of the incident that sentences report."""
    draft = draft_of_sentences(made.reading, made.found, numbers)
    return (
        [one.code for one in draft.types],
        [one.value for one in draft.targets],
        draft.suggested_date,
        draft.place and draft.place.value,
    )


def test_an_incident_has_the_date_next_to_its_first_act():
    types, _targets, when, place = incident_of(digest(), 3)

    assert types == ["physical.assault", "surveillance.physical"]
    assert (when, place) == ("2024-04", "Taraz")


def test_an_incident_has_the_targets_that_its_sentences_name():
    made = digest()

    assert incident_of(made, 1)[1] == [ASEM]
    assert incident_of(made, 3)[1] == [DANIYAR]
    assert incident_of(made, 4)[1] == []
    made.people.pop()
    assert incident_of(made, 3)[1] == ["Dala News"]


def test_a_journalist_whom_nothing_befell_elsewhere_is_a_target_too():
    made = digest()
    made.person("Saule Akan")
    editor = made.people[-1]
    targeting = replace(made.found.targeting, people=made.people[:2])
    found = replace(made.found, targeting=targeting)

    def targets() -> list[str]:
        return [one.value for one in draft_of_sentences(made.reading, found, {2}).targets]

    assert targets() == []
    editor.roles[PersonRole.JOURNALIST] = made.passage("editor")
    assert targets() == ["Saule Akan"]


def test_without_an_act_the_first_date_of_the_sentences_is_taken():
    assert incident_of(digest(), 2) == ([], [], "2025-06", None)
    assert incident_of(digest(), 4)[2] == ""


def test_what_the_sentences_say_is_filled_in_and_not_what_the_last_incident_says(desk: Desk):
    desk.do("more", {"more": "incidents", "more_quote": "2", "incidents-3-place": "Oral"})

    assert desk.ticked("incidents-4-types") == ["threat.other"]
    assert desk.held("incidents-4-targets-0-who-name") == ASEM
    assert desk.held("incidents-4-targets-1-who-name") == DANIYAR
    assert desk.held("incidents-4-occurred-when") == "2025-12-01/2026-05-18"
    assert desk.held("incidents-4-occurred-as_stated") == "since the winter"
    assert desk.held("incidents-4-extent") == "lasting"
    assert desk.held("incidents-4-quote") == "2"
    # It has a time of its own: that the last incident was in Oral says nothing of it.
    assert desk.held("incidents-4-place") == ""
    assert desk.held("incidents-4-country") == desk.held("incidents-3-country") != ""


def test_what_the_sentences_do_not_say_is_empty_but_for_the_place(app: Flask, desk: Desk):
    given = {"incidents-3-place": "Oral", "incidents-3-occurred-when": "2026-03"}
    desk.do("more", {"more": "incidents", "more_quote": "3", **given})

    assert desk.ticked("incidents-4-types") == ["intimidation.visit", "intimidation.contacts"]
    assert desk.held("incidents-4-purported_as") == "police"
    assert desk.held("incidents-4-occurred-when") == ""
    assert desk.held("incidents-4-place") == "Oral"
    assert desk.held("incidents-4-targets-0-who-name") == ""
    assert "say who was meant" in desk.browser.words
    desk.browser.press(SAVE, {"title": "A case", "incidents-4-targets-0-who-name": "Aigul Ermek"})
    assert desk.counts()[0] == 5
    with as_user(app):
        last = db.session.query(Incident).order_by(Incident.id.desc()).first()
        assert last is not None
        assert [one.describe() for one in last.targets] == ["Aigul Ermek"]


def test_the_page_comes_back_at_the_card_that_was_added(desk: Desk):
    desk.do("more", {"more": "incidents", "more_quote": "5"})

    def focused() -> list[str]:
        ids = desk.browser.page.xpath("//legend[@autofocus]/../@id | //input[@autofocus]/@id")
        return [str(one) for one in ids]

    assert focused() == ["incidents-4"]
    # An address with an anchor would lead elsewhere.
    (button,) = desk.browser.page.xpath('//button[@value="more"]')
    assert button.get("formaction") is None
    desk.do("more", {"more": "incidents", "more_quote": "99"})
    assert focused() == ["more_quote"]
