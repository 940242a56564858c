"""What stands on record when somebody new takes articles in and only presses Save."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import prepared
from tests.factories import as_user, sign_in_directly
from tests.intake.suggestions_made import Made
from tests.intake.test_confirming import SAVE, Desk
from tests.journeys.browser import Browser
from tests.nightly import size
from tests.reader.scoring import FOLDER, LANGUAGES, Labels, classes, read, same_account, same_name
from tracker.articles.models import Article
from tracker.cases.models import Case
from tracker.db import db
from tracker.fake_accounts.codes import AccountEvent, AccountStatus
from tracker.fake_accounts.models import FakeAccount
from tracker.incidents.models import Incident
from tracker.intake.codes import SuggestionKind
from tracker.intake.drafting import build_drafts
from tracker.intake.drafts import Drafts, IncidentDraft, Suggestion
from tracker.intake.proposal_views import confirm_form_data
from tracker.people.models import Journalist
from tracker.people.service import add_shipped_institutions
from tracker.reader.suggest import suggest
from tracker.reader.text import Passage
from tracker.responses.models import OfficialResponse
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.service import load_vocabulary

RECORDS: tuple[type[Any], ...] = (Incident, FakeAccount, OfficialResponse)
ONE_IN_TWENTY = 0.05
MOST_SAVES = 4


@dataclass
class Hurried:
    """Somebody who presses Save, and where the page asks which of several, takes the first."""

    app: Flask
    browser: Browser
    # How often Save was pressed and nothing could be saved.
    failed: int = 0
    chosen: list[str] = field(default_factory=list)

    def take_in(self, text: str, **more: object) -> None:
        """Take a text in, and press Save on what it suggests."""
        self.browser.open("/intake/new")
        self.browser.press("Import", {"text": text})
        if self.browser.page.xpath('//input[@name="keep"]'):
            self.browser.press("Import", {"keep": "y"})
        if "Known already" in self.browser.words:
            self.browser.press("Review suggestions")
        assert "Suggested records" in self.browser.words, self.browser.words[:500]
        self.save(**more)

    def save(self, **more: object) -> None:
        self.browser.press(SAVE, dict(more))
        for _time in range(MOST_SAVES):
            if self.browser.status == 200:
                return
            self.failed += 1
            self.browser.press(SAVE, self._choices())
        raise AssertionError(self.browser.words[:2000])

    def _choices(self) -> dict[str, object]:
        """Return the first record offered wherever one has to be chosen for what is ticked."""
        boxes = self.browser.page.xpath('//fieldset[contains(@class, "offers")]')
        names = {
            str(box.xpath('.//input[@type="radio"]/@name')[0]): str(
                box.xpath('.//input[@type="radio"]/@value')[0]
            )
            for box in boxes
            if not box.xpath(".//input[@checked]")
        }
        names = {name: value for name, value in names.items() if self._is_ticked(name)}
        self.chosen += names
        return dict(names)

    def _is_ticked(self, name: str) -> bool:
        row = "-".join(name.split("-")[:2])
        return bool(self.browser.page.xpath(f'//input[@name="{row}-use"][@checked]'))

    def counts(self) -> list[int]:
        with as_user(self.app):
            kinds: tuple[Any, ...] = (*RECORDS, Case, Journalist)
            return [db.session.scalar(select(func.count()).select_from(one)) or 0 for one in kinds]


@pytest.fixture
def hurried(app: Flask, client: FlaskClient) -> Hurried:
    prepared(app, "hurried", lambda: _begun(app))
    sign_in_directly(client, "staff")
    return Hurried(app, Browser(client))


def _begun(app: Flask) -> str:
    with as_user(app):
        console = get_or_create_console_user()
        load_vocabulary(by=console)
        add_shipped_institutions(by=console)
        db.session.commit()
    return ""


def articles(most: int) -> list[tuple[Path, Labels]]:
    """Return articles that were kept back and of which something is accepted beforehand, as many of
    each language.
    """
    found: list[tuple[Path, Labels]] = []
    for place, language in enumerate(LANGUAGES):
        folder = FOLDER / "kept_back" / language
        wanted = (most - len(found)) // (len(LANGUAGES) - place)
        found += islice(_with_ticks(folder), wanted)
    return found


def _with_ticks(folder: Path) -> Iterator[tuple[Path, Labels]]:
    for label in json.loads((folder / "labels.json").read_text(encoding="utf-8")):
        reading = read(folder / label["file"])
        drafts = build_drafts(reading, suggest(reading))
        if _is_ticked(confirm_form_data(drafts, country="", is_uncited=True)):
            yield folder / label["file"], label


def _is_ticked(data: dict[str, Any]) -> bool:
    return any(row["use"] for rows in data.values() for row in rows)


def wrong_records(app: Flask, labels: dict[str, Labels]) -> list[str]:
    """Return what is wrong with records, by the labels of the article that each cites."""
    with as_user(app):
        found = []
        faults: dict[Any, Any] = {
            Incident: _fault_of_incident,
            FakeAccount: _fault_of_account,
        }
        for kind, fault in faults.items():
            for record in db.session.scalars(select(kind)):
                article = record.citations[0].article
                assert article is not None
                if why := fault(record, labels[article.title]):
                    found.append(f"{record.ref} from {article.title}: {why}")
        return found


def _fault_of_incident(incident: Incident, label: Labels) -> str:
    types = classes(row.term.code for row in incident.types)
    told = classes([*label["incident_types"], *label["optional_types"], *label["background_types"]])
    press = [*label["journalists"], *label["optional_journalists"]]
    press += [*label["targeted_outlets"], *label["optional_outlets"]]
    names = [who.name for row in incident.targets if (who := row.journalist or row.outlet)]
    wrong = [one for one in types if one not in told]
    wrong += [one for one in names if not any(same_name(one, other) for other in press)]
    if label["country"] and incident.country != label["country"]:
        wrong.append(incident.country)
    return ", ".join(wrong)


def _fault_of_account(account: FakeAccount, label: Labels) -> str:
    known = [*label["accounts"], *label["optional_accounts"]]
    is_known = any(same_account(account.handle or account.url, one) for one in known)
    return "" if is_known else account.heading


def test_of_twenty_records_saved_in_a_hurry_at_most_one_is_wrong_and_none_is_doubled(
    hurried: Hurried,
):
    labels: dict[str, Labels] = {}
    texts = []
    for file, label in articles(size(day=10, night=200)):
        text = file.read_text(encoding="utf-8")
        hurried.take_in(text)
        with as_user(hurried.app):
            newest = select(Article.title).order_by(Article.id.desc())
            labels[db.session.scalars(newest).first() or ""] = label
        texts.append(text)
    # Nothing had to be typed, and no save was refused where nobody else was on record.
    assert (hurried.failed, hurried.chosen) == (0, [])
    first = hurried.counts()
    assert sum(first[:2]) >= len(texts)
    # Responses are never accepted beforehand.
    assert first[2] == 0
    wrong = wrong_records(hurried.app, labels)
    assert len(wrong) <= ONE_IN_TWENTY * sum(first[:3]), wrong

    # The same articles once more, and others that tell the same in part.
    again = texts[:: size(day=4, night=1)]
    for text in again:
        hurried.take_in(text)
    assert hurried.counts() == first
    for text in again:
        hurried.take_in(later(text))
    assert hurried.counts() == first


def later(text: str) -> str:
    """Return what another paper would tell of the same: less of it, under another headline."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n\n".join(["What is known by now", *lines[: 2 * len(lines) // 3]])


BLOCKED = """Fake channel threatens reporter Alma Dauren

Reporter Alma Dauren received death threats from the fake channel @alma_real on 3 May 2026.

On 10 May Telegram blocked the fake channel."""


FORGED = """Forged page copies Nordul TV

Nordul TV warned viewers about a fake account that used its logo and name.

The fake account @nordul_news_md posed as Nordul TV on TikTok and spread a forged report about \
editor Ludmila Ceban.

TikTok removed the fake account @nordul_news_md for impersonation of Nordul TV.
"""


def test_where_no_country_is_told_save_alone_asks_for_none(hurried: Hurried):
    hurried.take_in(FORGED)

    assert (hurried.failed, hurried.chosen) == (0, [])
    incidents, accounts, _responses, cases, _journalists = hurried.counts()
    assert (incidents, accounts, cases) == (0, 1, 0)


def test_what_a_monitor_assesses_is_not_ticked_for_staff():
    passage = Passage(0, 5, "words", 1)

    def strong(kind: SuggestionKind, code: str) -> Suggestion:
        return Suggestion(f"t0-{code}", kind, code, code, passage, 1.0, "", is_strong=True)

    types = [strong(SuggestionKind.TYPE, code) for code in ("legal.civil", "legal.slapp")]
    target = strong(SuggestionKind.JOURNALIST, "Alma Dauren")
    drafts = Drafts(incidents=[IncidentDraft(types=types, targets=[target], quote="1", when=None)])

    [row] = confirm_form_data(drafts, country="KZ", is_uncited=True)["incidents"]

    assert (row["use"], row["types"]) == (True, ["legal.civil"])


def begun(hurried: Hurried) -> Desk:
    """Return the desk before the article, with all of its account accepted."""
    browser = hurried.browser
    browser.open("/intake/new")
    browser.press("Import", {"text": BLOCKED, "published": "2026-05-20"})
    if browser.page.xpath('//input[@name="keep"]'):
        browser.press("Import", {"keep": "y"})
    if "Known already" in browser.words:
        browser.press("Review suggestions")
    desk = Desk(hurried.app, browser, browser.address.split("/")[2], Made(BLOCKED))
    assert "Blocked · 10 May 2026" in browser.words
    desk.do("update", {"accounts-0-use": "y"})
    return desk


def events_of(app: Flask) -> list[tuple[AccountEvent, str, str, bool]]:
    """Return what happened to the one account, but for when it was first seen."""
    with as_user(app):
        account = db.session.scalars(select(FakeAccount)).one()
        return [
            (one.event, str(one.earliest), one.as_stated, one.article is not None)
            for one in account.events
            if one.event is not AccountEvent.FIRST_SEEN
        ]


def test_what_happened_to_an_account_stands_on_its_card_with_its_date(hurried: Hurried):
    desk = begun(hurried)
    assert desk.held("accounts-0-event") == "blocked"
    assert desk.held("accounts-0-event_on-when") == "2026-05-10"

    desk.do("update", {"accounts-0-event": ""})
    desk.browser.press(SAVE, {"case": "none"})
    assert desk.wrong() == {"accounts-0-event": "Say what happened on this date."}


def test_a_block_that_was_accepted_is_on_record_once_with_its_date_and_source(hurried: Hurried):
    for _time in range(2):
        begun(hurried)
        hurried.save(case="none")

    assert events_of(hurried.app) == [(AccountEvent.BLOCKED, "2026-05-10", "On 10 May", True)]
    with as_user(hurried.app):
        account = db.session.scalars(select(FakeAccount)).one()
        assert account.status is AccountStatus.BLOCKED
        assert {2, 3} <= {number for one in account.citations for number in one.sentence_numbers()}


def test_what_happened_to_an_account_accepted_beforehand_waits_until_it_is_accepted(
    hurried: Hurried,
):
    hurried.take_in(FORGED)
    assert (hurried.counts()[1], events_of(hurried.app)) == (1, [])


def test_a_block_that_was_taken_out_of_the_card_is_not_recorded(hurried: Hurried):
    begun(hurried)
    event = ("event", "event_on-when", "event_on-as_stated")
    hurried.save(**{f"accounts-0-{name}": "" for name in event}, case="none")

    assert (hurried.counts()[1], events_of(hurried.app)) == (1, [])
