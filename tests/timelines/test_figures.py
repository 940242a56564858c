"""The kept figures of open cases are at each commit what the records say, for whoever looks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.cases.records_made import make_case, make_response
from tests.factories import as_user, make_article, make_institution, sign_in_directly
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding, step
from tests.statements import counted
from tests.timelines.conftest import act, at
from tests.timelines.overview_read import NOW
from tests.timelines.test_open_cases import Made
from tracker import clock
from tracker.articles.codes import SourceKind
from tracker.articles.service import build_citation
from tracker.cases.codes import Accountability, Lifecycle
from tracker.cases.models import Case, CaseIncident, StoredCaseFigures
from tracker.cases.service import file_records, remove_from_case
from tracker.db import db
from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.models import IncidentAccount
from tracker.incidents.codes import Extent, StatusOfTarget
from tracker.incidents.models import Incident, IncidentCitation, TargetStatus
from tracker.people.codes import InstitutionKind
from tracker.permissions import Role, Visibility
from tracker.responses.codes import ActType, AnswerScope, AppealOutcome, Standing
from tracker.responses.models import (
    Appeal,
    AppealIncident,
    OfficialResponse,
    ProceedingIncident,
    ResponseAnswer,
)
from tracker.responses.proceeding_service import add_step
from tracker.review.codes import EditorialState, RetractReason
from tracker.scoping import Viewer, set_viewer, viewing_columns_as
from tracker.timelines.figures_service import (
    Audience,
    check_figures,
    open_case_summaries,
    store_missing_figures,
    stored_figures,
)
from tracker.timelines.open_case_queries import load_open_cases

STATES = {
    EditorialState.RETRACTED: RetractReason.CODING_ERROR,
    EditorialState.DRAFT: None,
}


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(clock, "utc_now", lambda: NOW)


def differing() -> list[str]:
    """Return the refs of cases of which other figures are kept than their records say."""
    return [ref for _count, refs in check_figures(repair=False) for ref in refs]


def kept() -> dict[Audience, Any]:
    with viewing_columns_as(system="test"):
        return stored_figures(list(db.session.scalars(select(Case.id))))


def silent_and_step() -> dict[str, tuple[bool, Accountability]]:
    """Return by title what the viewer reads of each case."""
    titles = {one.ref: one.title for one in db.session.scalars(select(Case))}
    return {titles[one.ref]: (one.figures.is_silent, one.step) for one in open_case_summaries()}


@contextmanager
def saved() -> Iterator[None]:
    """Commit what is done inside, after which the figures must have changed, and be right."""
    before = kept()
    yield
    db.session.commit()
    assert differing() == []
    assert kept() != before


def test_each_change_of_a_record_is_counted_in_its_cases(app):
    with as_user(app) as by:
        made = Made(by)
        visit = made.incident()
        with saved():
            made.case("An affair", visit)
        assert silent_and_step() == {"An affair": (True, Accountability.NO_RESPONSE)}
        with saved():
            made.news.when = at("2025-03-07")
        with saved():
            made.news.kind = SourceKind.PHONE_CALL
        with saved():
            visit.citations.append(build_citation(IncidentCitation, made.later, "1"))
        with saved():
            visit.citations.remove(visit.citations[1])
        made.news.kind = SourceKind.ARTICLE
        with saved():
            visit.extent = Extent.REPEATED
        with saved():
            visit.when = at("2025-03-03")
        with saved():
            left = TargetStatus(status=StatusOfTarget.LEFT_COUNTRY, when=at("2025-03-09"))
            visit.targets[0].statuses = [left]
        with saved():
            left.when = at("2025-03-10")
        with saved():
            visit.targets[0].statuses = []


def test_each_change_of_a_response_or_of_a_case_is_counted(app):
    with as_user(app) as by:
        made = Made(by)
        visit = made.incident()
        made.case("An affair", visit)
        case = db.session.scalars(select(Case)).one()
        db.session.commit()
        with saved():
            answer = made.response("2025-03-20")
            answer.answers = [ResponseAnswer(incident=visit)]
        assert silent_and_step() == {"An affair": (False, Accountability.STATEMENTS_ONLY)}
        with saved():
            answer.acts[0].act = ActType.INVESTIGATION_ANNOUNCED
        with saved():
            made.police.country = "KG"
        with saved():
            case.country = "KG"
        with saved():
            answer.answers = []
        with saved():
            file_records(case, [answer], by=by)
        with saved():
            answer.standing = Standing.PLATFORM
        with saved():
            remove_from_case(case, answer, by=by)
        with saved():
            visit.state = EditorialState.RETRACTED
            visit.retract_reason = RetractReason.CODING_ERROR
        with saved():
            case.lifecycle = Lifecycle.CLOSED
        assert kept() == {}
        with saved():
            case.lifecycle = Lifecycle.REOPENED


def test_appeals_accounts_and_proceedings_are_counted_too(app):
    with as_user(app) as by:
        made = Made(by)
        visit = made.incident()
        made.case("An affair", visit)
        db.session.commit()
        with saved():
            letter = make_appeal(visit, by=by, when="2025-03-10", institution=made.police)
            letter.outcome = AppealOutcome.ANSWERED
        with saved():
            letter.response = made.response("2025-06-01")
        with saved():
            letter.response.acts = [act(ActType.INVESTIGATION_OPENED)]
        with saved():
            letter.response = None
        with saved():
            letter.incidents = []
        with saved():
            letter.incidents = [AppealIncident(incident=visit)]
        with saved():
            made.police.kind = InstitutionKind.PLATFORM
        made.police.kind = InstitutionKind.POLICE
        with saved():
            trial = make_proceeding("against_perpetrators", by=by, incidents=(visit,))
            add_step(trial, step("opened", "2025-07-01"), by=by)
        with saved():
            trial.steps[0].when = at("2025-07-02")
        with saved():
            trial.incidents = []
        with saved():
            trial.incidents = [ProceedingIncident(incident=visit)]
        with saved():
            trial.state, trial.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        with saved():
            blocked = made.event(AccountEvent.BLOCKED, "2025-08-09", institution=made.police)
            twin = made.account(blocked)
            twin.incidents = [IncidentAccount(incident=visit)]
        with saved():
            twin.events.remove(blocked)
        with saved():
            twin.incidents = []
        with saved():
            db.session.delete(db.session.scalars(select(Case)).one())


def test_what_answers_one_case_is_an_event_of_others_that_hold_its_incidents(app):
    with as_user(app) as by:
        made = Made(by)
        shared, elsewhere = made.incident(), made.incident()
        answer = made.response("2025-04-01", scope=AnswerScope.CASE)
        made.case("One", shared)
        made.case("Two", shared)
        one, two = db.session.scalars(select(Case).order_by(Case.title))
        db.session.commit()

        def last() -> str:
            [found] = [one for one in open_case_summaries() if one.id == two.id]
            assert found.figures.last_event
            return found.figures.last_event.ref

        with saved():
            file_records(one, [answer], by=by)
        assert last() == answer.ref
        with saved():
            remove_from_case(one, shared, by=by)
        assert last() == shared.ref
        with saved():
            file_records(one, [shared], by=by)
        with saved():
            one.visibility = Visibility.RESTRICTED
        with saved():
            remove_from_case(one, answer, by=by)
        words = made.response("2025-03-20")
        words.answers = [ResponseAnswer(incident=elsewhere)]
        file_records(two, [words], by=by)
        db.session.commit()
        assert silent_and_step()["Two"] == (True, Accountability.NO_RESPONSE)
        # Whoever does not see what it answers takes it for an answer to this case.
        with saved():
            elsewhere.visibility = Visibility.RESTRICTED
        set_viewer(Viewer(()))
        assert silent_and_step()["Two"] == (False, Accountability.STATEMENTS_ONLY)


def test_readers_of_different_records_read_different_figures(app, client):
    """Each shown record has a hidden one that would change the figures of the case."""
    with as_user(app) as by:
        made = Made(by)
        case = make_case("An affair", by=by)
        kept_source = make_article(
            "Kept", by=by, published=at("2024-01-01"), text="For us.",
            visibility=Visibility.RESTRICTED,
        )  # fmt: skip
        visit = made.incident()
        visit.citations.append(build_citation(IncidentCitation, kept_source, "1"))
        file_records(case, [visit], by=by)
        db.session.commit()
        mine, everybody = (
            Audience(case.id, by.team_ids[0], seen)
            for seen in (Visibility.RESTRICTED, Visibility.INTERNAL)
        )
        assert kept().keys() == {mine, everybody}
        years = {one: columns["public_earliest"].year for one, columns in kept().items()}
        assert years == {mine: 2024, everybody: 2025}
        hidden = make_response(
            act(ActType.INVESTIGATION_OPENED), by=by, visibility=Visibility.RESTRICTED
        )
        file_records(case, [hidden], by=by)
        db.session.commit()
        ref = case.ref
        assert silent_and_step() == {"An affair": (False, Accountability.INVESTIGATION_REGISTERED)}
    with as_user(app, "monitor", Role.MONITOR, team="Abroad"):
        assert silent_and_step() == {"An affair": (True, Accountability.NO_RESPONSE)}
    for name, is_silent in (("staff", False), ("monitor", True)):
        sign_in_directly(client, name)
        assert (ref in client.get("/cases-by-status?silent=yes").text) is is_silent
        assert ('href="/cases-by-status?step=no_response">1' in client.get("/").text) is is_silent


def test_a_reader_of_two_teams_sees_what_neither_alone_does(app):
    with as_user(app, "abroad", team="Abroad") as other:
        theirs = make_article(
            "Theirs", by=other, published=at("2024-01-01"), text="Abroad.",
            visibility=Visibility.RESTRICTED,
        )  # fmt: skip
        db.session.commit()
        number, source = other.team_ids[0], theirs.id
    with as_user(app) as by:
        set_viewer(Viewer((*by.team_ids, number)))
        made = Made(by)
        hidden = made.incident(visibility=Visibility.RESTRICTED)
        cited = build_citation(IncidentCitation, db.session.get_one(type(theirs), source), "1")
        hidden.citations.append(cited)
        made.case("An affair", made.incident("2025-03-05", cites=made.later), hidden)
        db.session.commit()
        assert differing() == []
        years = {}
        for teams in ((), by.team_ids, (number,), (*by.team_ids, number)):
            set_viewer(Viewer(tuple(teams)))
            [one] = open_case_summaries()
            [whole] = load_open_cases()
            assert one.figures == whole.figures
            public = one.figures.public_since
            assert public is not None
            years[tuple(teams)] = public.earliest.isoformat()[:7]
        assert list(years.values()) == ["2025-05", "2025-03", "2025-05", "2024-01"]


def test_days_are_counted_when_they_are_read(app, monkeypatch):
    with as_user(app) as by:
        made = Made(by)
        fresh = make_article("Fresh", by=by, published=at("2026-03-01"), text="Fresh.")
        made.case("An affair", made.incident("2026-02-28", cites=fresh))
        db.session.commit()
        for days, is_long in ((0, False), (80, False), (81, True)):
            monkeypatch.setattr(clock, "utc_now", lambda days=days: NOW + timedelta(days=days))
            [one] = open_case_summaries()
            assert one.waiting_days is not None
            assert one.waiting_days.at_least == 9 + days
            assert one.is_long_unanswered is is_long


def test_cases_without_figures_are_counted_from_their_records(app):
    with as_user(app) as by:
        made = Made(by)
        made.case("An affair", made.incident())
        made.case("Another", made.answered("2025-03-20"))
        db.session.commit()
        right, before = silent_and_step(), kept()
        db.session.rollback()
        with db.engine.begin() as connection:
            connection.execute(delete(StoredCaseFigures))
        assert kept() == {}
        assert silent_and_step() == right
        store_missing_figures()
        db.session.commit()
        assert kept() == before


def test_the_command_finds_and_repairs_what_was_written_past_the_session(app):
    with as_user(app) as by:
        made = Made(by)
        made.case("An affair", made.incident())
        made.case("Another", made.incident())
        over = make_case("Over", by=by)
        over.lifecycle = Lifecycle.CLOSED
        db.session.commit()
        case = db.session.scalars(select(Case).where(Case.title == "Another")).one()
        ref, number = case.ref, case.id
        db.session.rollback()
        with db.engine.begin() as connection:
            mine = StoredCaseFigures.case_id == number
            connection.execute(update(StoredCaseFigures).where(mine).values(is_silent=False))
    run = app.test_cli_runner().invoke

    checked = run(args=["figures", "check"])
    assert (checked.exit_code, checked.stdout) == (1, "")
    assert checked.stderr == f"other figures are kept of 1 of 3 cases: {ref}\n"
    assert run(args=["figures", "check", "--repair"]).output == f"ok 3, repaired 1: {ref}\n"
    assert run(args=["figures", "check"]).output == "ok 3\n"


def test_a_statement_for_many_rows_has_all_cases_counted(app):
    with as_user(app) as by:
        made = Made(by)
        made.case("An affair", made.incident(), made.incident("2025-01-05"))
        db.session.commit()
        with saved():
            db.session.execute(update(Incident).values(extent=Extent.REPEATED))
        with saved():
            db.session.execute(delete(CaseIncident))


def test_what_is_rolled_back_is_not_counted_and_other_saves_count_nothing(app):
    with as_user(app) as by:
        made = Made(by)
        made.case("An affair", made.incident())
        db.session.commit()
        before = kept()
        made.news.when = at("2025-01-07")
        db.session.flush()
        db.session.rollback()
        with counted() as seen:
            make_institution("A court", by=by)
            db.session.commit()
        assert not [one for one in seen if "case_figures" in one]
        assert kept() == before


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_right_whatever_is_changed_in_whatever_order(app, seed):
    chance = random.Random(seed)
    with as_user(app, "abroad", team="Abroad") as other:
        number = other.team_ids[0]
    with as_user(app) as by:
        teams = (by.team_ids[0], number)
        set_viewer(Viewer(teams))
        made = Made(by)
        incidents = [made.incident(f"2025-0{day}-01") for day in (1, 2, 3)]
        accounts = [made.account(made.event(AccountEvent.FIRST_SEEN, "2025-02-03"))]
        responses = [made.response(f"2025-0{day}-20") for day in (1, 3)]
        appeals = [make_appeal(incidents[0], by=by, institution=made.police)]
        steps = ("opened", "2025-02-01"), ("closed", "2025-04-01")
        files = [make_proceeding("against_perpetrators", *steps, by=by, cites=made.later)]
        cases = [make_case(f"Case {place}", by=by) for place in range(3)]
        records = [*incidents, *accounts, *responses, *appeals, *files]
        db.session.commit()
        things = Things(made, cases, records, teams, chance)
        for _ in range(25):
            for _ in range(chance.choice((1, 2))):
                things.change()
            db.session.commit()
            assert differing() == []
        for team_ids in ((), teams[:1], teams[1:], teams):
            set_viewer(Viewer(team_ids))
            whole = {one.ref: one.figures for one in load_open_cases()}
            assert {one.ref: one.figures for one in open_case_summaries()} == whole


@dataclass
class Things:
    """What may be changed, and how, by chance."""

    made: Made
    cases: list[Any]
    records: list[Any]
    teams: tuple[int, int]
    chance: random.Random

    def change(self) -> None:
        acts = (
            self.file, self.file, self.file, self.take_out, self.show, self.show, self.answer,
            self.answer, self.decide, self.date, self.ask, self.close,
        )  # fmt: skip
        self.chance.choice(acts)()

    def one(self, kind: type[Any]) -> Any:
        return self.chance.choice([one for one in self.records if isinstance(one, kind)])

    def file(self) -> None:
        case = self.chance.choice(self.cases)
        if case.lifecycle is not Lifecycle.CLOSED:
            file_records(case, [self.chance.choice(self.records)], by=self.made.by)

    def take_out(self) -> None:
        case = self.chance.choice(self.cases)
        names = ("incidents", "responses", "accounts", "appeals", "proceedings")
        filed = [getattr(case, name) for name in names if getattr(case, name)]
        if filed:
            rows = self.chance.choice(filed)
            rows.remove(self.chance.choice(rows))

    def show(self) -> None:
        sources = [self.made.news, self.made.later]
        record = self.chance.choice([*self.cases, *self.records, *sources])
        record.team_id = self.chance.choice(self.teams)
        record.visibility = self.chance.choice(list(Visibility))

    def answer(self) -> None:
        response, incident = self.one(OfficialResponse), self.one(Incident)
        others = [row for row in response.answers if row.incident_id != incident.id]
        is_new = len(others) == len(response.answers)
        response.answers = [*others, *([ResponseAnswer(incident=incident)] if is_new else [])]
        response.answers_scope = self.chance.choice(list(AnswerScope))

    def decide(self) -> None:
        record = self.chance.choice(self.records)
        record.state, record.retract_reason = self.chance.choice(list(STATES.items()))

    def date(self) -> None:
        day = f"2025-0{self.chance.randint(1, 9)}-1{self.chance.randint(0, 9)}"
        kind = self.chance.choice((Incident, OfficialResponse))
        dated = self.chance.choice([self.one(kind), self.made.news, self.made.later])
        dated.when = at(day)

    def ask(self) -> None:
        letter = self.one(Appeal)
        letter.response = self.chance.choice([None, self.one(OfficialResponse)])
        letter.outcome = AppealOutcome.ANSWERED if letter.response else AppealOutcome.PENDING

    def close(self) -> None:
        self.chance.choice(self.cases).lifecycle = self.chance.choice(list(Lifecycle))
