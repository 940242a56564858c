"""Open cases in outline: they say of all cases what each says by itself, whoever looks."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from tests.cases.records_made import make_account, make_case, make_incident, make_response
from tests.factories import as_user, make_article, make_institution
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tests.timelines.conftest import act, at
from tests.timelines.overview_read import NOW
from tracker import clock
from tracker.articles.codes import SourceKind
from tracker.articles.service import build_citation
from tracker.cases.codes import Accountability, Lifecycle
from tracker.cases.models import Case
from tracker.cases.service import file_records
from tracker.db import db
from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.models import FakeAccountEvent, IncidentAccount
from tracker.incidents.codes import Extent, StatusOfTarget
from tracker.incidents.models import Incident, IncidentCitation, TargetStatus
from tracker.people.codes import InstitutionKind
from tracker.permissions import Role, Visibility
from tracker.responses.codes import (
    ActType,
    AnswerScope,
    AppealOutcome,
    Standing,
    StepOfProceeding,
)
from tracker.responses.models import ProceedingCitation, ResponseAnswer
from tracker.responses.proceeding_service import StepFacts, add_step
from tracker.review.codes import EditorialState, RetractReason
from tracker.timelines.open_case_queries import load_open_cases
from tracker.timelines.queries import facts_of_case, open_cases_with_texts
from tracker.timelines.situation import (
    OpenCase,
    cases_with_latest_events,
    situation_of_case,
    unanswered_cases,
)
from tracker.users.models import User
from tracker.vocabulary.codes import Answer
from tracker.when import Precision, When

WHEN = (
    "2024", "2024-11", "2024-12-30/2025-01-10", "2025-01-05", "2025-02", "2025-02-14", "2025-03-04",
    "2025-03-06", "2025-04-01/2025-04-20", "2025-05", "2025-05-30", "before 2025-01-01",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(clock, "utc_now", lambda: NOW)


def bounds(clocks: Any) -> list[Any]:
    """Return what each clock says, but for the words."""
    return [
        (
            one.kind, one.start, one.days, [part.fact.ref for part in one.start_event.parts],
            one.stop_event and one.stop_event.fact.ref,
        )
        for one in clocks
    ]  # fmt: skip


def differences() -> dict[str, Any]:
    """Return by its title what the outline of a case says otherwise than the whole of it, and so
    what it says where some of it is told in words.
    """
    db.session.expire_all()
    found = {}
    for case, one in open_cases_with_texts(outlines := load_open_cases()):
        facts = facts_of_case(case).facts
        whole = situation_of_case(facts, case.country, today=clock.current_date())
        assert whole.derived_step is not None
        step, clocks = case.accountability or whole.derived_step.step, bounds(whole.clocks)
        outline = next(each for each in outlines if each.id == one.id)
        for said in (outline, one):
            if (said.step, bounds(said.clocks)) != (step, clocks):
                found[case.title] = said.step, step, bounds(said.clocks), clocks
    return found


@dataclass
class Made:
    """Records of one test: two articles, a body that answers, and a case for whatever is filed."""

    by: User

    def __post_init__(self) -> None:
        self.news = make_article("News", by=self.by, published=at("2025-03-06"))
        self.later = make_article("More", by=self.by, published=at("2025-05"), text="Later.")
        self.police = make_institution("Police", kind=InstitutionKind.POLICE, by=self.by)

    def case(self, title: str, *records: Any, **given: Any) -> None:
        file_records(make_case(title, by=self.by, **given), records, by=self.by)

    def incident(self, when: str = "2025-03-04", **given: Any) -> Any:
        return make_incident("Calls", by=self.by, when=when, **({"cites": self.news} | given))

    def response(
        self,
        when: str,
        kind: ActType = ActType.STATEMENT,
        scope: AnswerScope = AnswerScope.INCIDENTS,
        standing: Standing = Standing.RESPONSIBLE_STATE,
    ) -> Any:
        made = make_response(act(kind), by=self.by, when=when, institution=self.police)
        made.answers_scope, made.standing = scope, standing
        return made

    def answered(self, *given: Any, to: Any = None, **more: Any) -> Any:
        """Return an incident that a response names which is filed nowhere."""
        incident = to or self.incident()
        self.response(*given, **more).answers = [ResponseAnswer(incident=incident)]
        return incident

    def event(self, kind: AccountEvent, when: str, **given: Any) -> FakeAccountEvent:
        return FakeAccountEvent(event=kind, when=at(when), **given)

    def account(self, *events: FakeAccountEvent, **given: Any) -> Any:
        return make_account("Twin", by=self.by, cites=self.news, events=events, **given)


def test_an_outline_has_the_clocks_and_the_step_of_the_whole_case(app):
    with as_user(app) as by:
        made = Made(by)
        told = make_article("Told", by=by, kind=SourceKind.PHONE_CALL, text="By telephone.")
        made.case("silent", made.incident())
        made.case("told to us alone", made.incident(cites=told))
        made.case("repeated", made.incident("2024-12/2025-02", extent=Extent.REPEATED))
        made.case("undated", made.incident(""))
        made.case("answered beside it", made.answered("2025-03-20"))
        made.case("no comment", made.answered("2025-03-20", ActType.NO_COMMENT))
        made.case("answered before", made.answered("2025-03-02"))
        made.case("of another state", made.answered("2025-03-20"), country="KG")
        made.case("by a platform", made.answered("2025-03-20", standing=Standing.PLATFORM))
        shared = made.incident()
        made.case("shared", shared)
        made.case("answered whole", shared, made.response("2025-04-01", scope=AnswerScope.CASE))
        asked = made.incident()
        letter = make_appeal(asked, by=by, when="2025-03-10", institution=made.police)
        letter.response = made.response("2025-06-01", ActType.INVESTIGATION_ANNOUNCED)
        letter.outcome = AppealOutcome.ANSWERED
        made.case("asked about", asked)
        gone = made.answered("2024-02-01", to=made.incident("2024-01-01"))
        gone.state, gone.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        made.case("with something retracted", gone, made.incident())
        left = made.incident()
        left.targets[0].statuses = [
            TargetStatus(status=StatusOfTarget.LEFT_COUNTRY, when=at("2025-02-01"))
        ]
        made.case("answered what became of her", left, made.response("2025-02-15"))
        # Several sources of one incident: some day of the year, and its last of March.
        twice = made.incident(cites=make_article("Year", by=by, published=at("2025"), text="A."))
        last = make_article("Last", by=by, published=at("2025-03-31"), text="B.")
        twice.citations.append(build_citation(IncidentCitation, last, "1"))
        month = make_article("Month", by=by, published=at("2025-03"), text="C.")
        made.case("sources that differ", twice, made.incident("2025-01-06", cites=month))
        made.case("empty")
        elsewhere = made.response("2025-03-20")
        elsewhere.answers = [ResponseAnswer(incident=made.incident())]
        made.case("with words to another case", made.incident(), elsewhere)
        general = made.response("2025-03-20", scope=AnswerScope.SITUATION)
        made.case("with words to all journalists", made.incident(), general)
        db.session.commit()

        assert differences() == {}
        assert len(load_open_cases()) == 18
        assert {one.silence_clock is not None for one in load_open_cases()} == {True, False}


def test_accounts_and_proceedings_count_in_an_outline_as_in_the_whole(app):
    with as_user(app) as by:
        made = Made(by)
        platform = make_institution("A platform", kind=InstitutionKind.PLATFORM, by=by)
        seen = partial(made.event, AccountEvent.FIRST_SEEN, "2025-03-01")
        blocked = partial(made.event, AccountEvent.BLOCKED, "2025-03-09", institution=made.police)
        reported = made.event(AccountEvent.REPORTED_TO_AUTHORITY, "2025-03-02")
        reported.institution = platform
        suspended = made.event(AccountEvent.SUSPENDED, "2025-03-09", institution=platform)
        for title, *events in (
            ("without events",),
            ("blocked alone", blocked()),
            # The only source tells of the block: nothing says when the account was public.
            ("seen and blocked", seen(article=made.later), blocked(article=made.news)),
            ("suspended", seen(), reported, suspended),
        ):
            made.case(title, made.account(*events))
        used = made.incident()
        twin = made.account(blocked(), identified=Answer.UNKNOWN)
        twin.incidents = [IncidentAccount(incident=used)]
        made.case("by an account beside it", used)
        charged = made.incident()
        for direction, *steps in (
            ("against_target", ("charged", "2025-03-05"), ("verdict", "2025-08-01")),
            ("against_perpetrators", ("filed", "2025-04-01"), ("opened", "2025-04-15")),
            ("by_target",),
        ):
            make_proceeding(direction, *steps, by=by, cites=made.later, incidents=(charged,))
        made.case("charged", charged)
        made.case("no step", make_proceeding("against_target", by=by, cites=made.news))
        # What tells of her appeal alone does not say when anything done to her was public.
        heard = make_proceeding("against_target", by=by)
        for step, day, source in (
            (StepOfProceeding.CHARGED, "2025-03-01", made.later),
            (StepOfProceeding.APPEAL, "2025-03-04", made.news),
        ):
            words = [build_citation(ProceedingCitation, source, "1")]
            add_step(heard, StepFacts(step=step, when=at(day), article=source, quotes=words), by=by)
        made.case("appealed", heard)
        over = ("opened", "2025-04-01"), ("closed", "2025-05-01")
        made.case("closed again", make_proceeding("against_perpetrators", *over, by=by))
        db.session.commit()

        assert differences() == {}
        assert {one.step for one in load_open_cases()} == {
            Accountability.NO_RESPONSE, Accountability.STATEMENTS_ONLY,
            Accountability.INVESTIGATION_REGISTERED, Accountability.CLOSED_WITHOUT_RESULT,
        }  # fmt: skip


def test_an_outline_is_of_what_the_viewer_sees(app):
    with as_user(app) as by:
        made = Made(by)
        visit = made.incident()
        kept = make_article("Kept", by=by, published=at("2024-01-01"), text="For us.",
                            visibility=Visibility.RESTRICTED)  # fmt: skip
        made.case("Ours", visit, made.incident(cites=kept), visibility=Visibility.RESTRICTED)
        case = make_case("An affair", by=by)
        answer = make_response(act(ActType.STATEMENT), by=by, visibility=Visibility.RESTRICTED)
        file_records(case, [visit, answer], by=by)
        db.session.commit()
        ref = case.ref

        assert differences() == {}
        # What answers a case as a whole answers its incident, and not the other one of that.
        steps = {one.ref == ref: one.step for one in load_open_cases()}
        assert steps == {True: Accountability.STATEMENTS_ONLY, False: Accountability.NO_RESPONSE}
    with as_user(app, "monitor", Role.MONITOR, team=None):
        (seen,) = load_open_cases()
        assert (seen.ref, seen.step) == (ref, Accountability.NO_RESPONSE)
        assert seen.silence_clock
        assert differences() == {}


def test_the_longest_silence_is_found_and_what_happened_last(app):
    with as_user(app) as by:
        for number in range(1, 4):
            source = make_article(f"News {number}", by=by, published=at(f"2025-0{number}-06"),
                                  text=f"Number {number}.")  # fmt: skip
            incident = make_incident(
                f"Call {number}", by=by, when=f"2025-0{number}-05", cites=source
            )
            file_records(make_case(f"Affair {number}", by=by), [incident], by=by)
        # Neither what nobody dates nor what is to come has happened.
        steps = ("opened", "2025-01-10"), ("trial", "2025-02-05")
        coming = make_proceeding("against_perpetrators", *steps, by=by)
        coming.steps[1].when = When(date(2026, 5, 5), date(2026, 5, 5), Precision.DAY)
        undated = make_incident("Some day", by=by, when="")
        file_records(make_case("Not yet", by=by), [coming, undated], by=by)
        db.session.commit()
        titles = {one.ref: one.title for one in db.session.scalars(select(Case))}
        calls = {one.ref: one.title for one in db.session.scalars(select(Incident))}

        found = load_open_cases()

        assert [titles[one.ref] for one in unanswered_cases(one.summary for one in found)] == [
            "Affair 1", "Affair 2", "Affair 3",
        ]  # fmt: skip
        latest, refs = cases_with_latest_events(found, 2)
        assert [titles[one.ref] for one in latest] == ["Affair 3", "Affair 2"]
        assert {calls[one] for one in refs} == {"Call 2", "Call 3"}


def test_an_incident_is_read_that_is_the_first_in_its_case_by_one_date_alone(app):
    with as_user(app) as by:
        made = Made(by)
        heard = make_article("Heard", by=by, kind=SourceKind.PHONE_CALL, text="By telephone.")
        early, late = partial(made.incident, "2025-01-05"), partial(made.incident, "2025-03-04")
        made.case(
            "the first with a date", early(cites=made.later), late(),
            made.incident("", cites=heard), made.response("2025-02-01"),
        )  # fmt: skip
        undated = made.incident("", cites=heard)
        make_appeal(undated, by=by, when="2025-03-10", institution=made.police)
        made.case("none with a date or an article", undated)
        made.case(
            "repeated", early(cites=made.news),
            made.incident("2025-02/2025-03", cites=made.later, extent=Extent.REPEATED),
        )  # fmt: skip
        # What its own first time says hides no article about another one.
        early_news = make_article("Early", by=by, published=at("2025-01-10"), text="Early.")
        made.case(
            "repeated, told of first", late(),
            made.incident("2025", cites=early_news, extent=Extent.REPEATED),
        )  # fmt: skip
        # When it began nobody knows: its articles count as those of any other.
        made.case(
            "repeated before", late(cites=made.later),
            made.incident("before 2025-03", cites=made.news, extent=Extent.REPEATED),
        )  # fmt: skip
        left = late(cites=made.later)
        left.targets[0].statuses = [
            TargetStatus(status=StatusOfTarget.LEFT_COUNTRY, when=at("2024-12-20"))
        ]
        made.case("what became of her", early(), left, made.response("2025-01-02"))
        gone = made.incident("2024-11-01")
        gone.state, gone.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        made.case("after one that is retracted", gone, early(cites=made.later))
        db.session.commit()

        assert differences() == {}


def test_what_happened_last_is_read_though_nothing_follows_from_it(app):
    with as_user(app) as by:
        made = Made(by)
        last = made.incident("2025-04-01/2025-04-02", cites=made.later)
        # Of those that ended last, that which began last.
        made.case("Another", made.incident("2025-01-04"), made.incident("2025-03-01/2025-04-02"))
        coming = made.incident("2025-04-03", cites=made.later)
        coming.when = When(date(2026, 5, 5), date(2026, 5, 5), Precision.DAY)
        gone = made.incident("2025-04-04", cites=made.later)
        gone.state, gone.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        made.case("An affair", made.incident("2025-01-05"), last, coming, gone)
        made.case("Over", made.incident("2025-05-01"))
        over = db.session.scalars(select(Case).where(Case.title == "Over")).one()
        over.lifecycle = Lifecycle.CLOSED
        db.session.commit()

        assert cases_with_latest_events(load_open_cases(latest=1), 1)[1] == {last.ref}
        assert last.ref not in {fact.ref for one in load_open_cases() for fact in one.facts}


@pytest.mark.parametrize("seed", range(4))
def test_of_many_incidents_those_few_are_read_from_which_something_follows(app, seed):
    chance = random.Random(seed)
    with as_user(app) as by:
        made = Made(by)
        sources = [
            make_article(
                f"News {number}", by=by, published=at(published), text=f"Number {number}.",
                kind=chance.choice((SourceKind.ARTICLE, SourceKind.ARTICLE, SourceKind.PHONE_CALL)),
            )
            for number, published in enumerate(chance.choices(WHEN, k=12))
        ]  # fmt: skip
        for number in range(3):
            made.case(f"Case {number}", *(_somehow(made, sources, chance) for _ in range(12)))
        made.case("All of one day", *(made.incident() for _ in range(12)))
        db.session.commit()

        assert differences() == {}
        outlines = load_open_cases(latest=6)
        assert (
            cases_with_latest_events(outlines, 6)[1]
            == cases_with_latest_events(_whole(outlines), 6)[1]
        )
        # Of one day all are first; of the others most follow some other.
        assert sum(len(one.facts) for one in load_open_cases()) < 12 + 3 * 12


def _somehow(made: Made, sources: list[Any], chance: random.Random) -> Any:
    """Return an incident with days, sources and what became of its target by chance."""
    extent = chance.choice((Extent.ONCE,) * 9 + (Extent.REPEATED,))
    first, *others = chance.sample(sources, k=chance.randint(1, 3))
    incident = made.incident(chance.choice(("", *WHEN)), cites=first, extent=extent)
    incident.citations += [build_citation(IncidentCitation, one, "1") for one in others]
    if chance.random() < 1 / 12:
        left = TargetStatus(status=StatusOfTarget.LEFT_COUNTRY, when=at(chance.choice(WHEN)))
        incident.targets[0].statuses = [left]
    if chance.random() < 1 / 12:
        incident.state = EditorialState.RETRACTED
        incident.retract_reason = RetractReason.CODING_ERROR
    return incident


def _whole(outlines: list[OpenCase]) -> list[OpenCase]:
    """Return these cases with everything that is told of each."""
    by_id = {case.id: case for case in db.session.scalars(select(Case))}
    return [
        replace(one, facts=[fact for fact in facts_of_case(by_id[one.id]).facts
                            if fact.state is not EditorialState.RETRACTED])
        for one in outlines
    ]  # fmt: skip
