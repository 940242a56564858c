"""Two people save at the same moment what only one of them may: the second is told, in either order.

Each does it on a connection of their own; the first commits once the second has gone as far as it
can get. Before the tracker locked from the first statement on, the second looked before it waited.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from tests.factories import as_user, make_article, make_incident, make_journalist
from tests.intake.inbox_made import make_item
from tracker.cases.models import Case, CaseIncident
from tracker.cases.service import file_records, open_case
from tracker.db import current_engines, db, set_full_access
from tracker.errors import Forbidden, InvalidInput
from tracker.fake_accounts.codes import AccountKind, SuccessionBasis, SuccessionCertainty
from tracker.fake_accounts.models import AccountSuccession, FakeAccount
from tracker.fake_accounts.service import AccountFacts, add_succession, record_account
from tracker.incidents.codes import IncidentLinkKind
from tracker.incidents.merging_service import merge_incidents
from tracker.incidents.models import Incident, IncidentLink
from tracker.incidents.publication_service import RedactionConfirmation, redact_name
from tracker.incidents.section_service import add_link
from tracker.intake import inbox_service
from tracker.intake.codes import InboxState
from tracker.intake.duplicates_service import mark_not_duplicates, merge_duplicates
from tracker.intake.models import IntakeItem
from tracker.people.codes import NameKind
from tracker.people.models import Erasure, Institution, Journalist, JournalistName
from tracker.people.service import (
    add_name,
    approve_erasure,
    cancel_erasure,
    get_or_create_law_enforcement,
    request_erasure,
)
from tracker.permissions import Role, Visibility
from tracker.scoping import Viewer, set_viewer, system_session
from tracker.users.models import Team, User
from tracker.users.queries import find_user_by_name
from tracker.users.service import change_user, disable_user, get_or_create_team
from tracker.vocabulary.codes import Answer

# What a page answers with words: a refusal, or that somebody was faster.
TOLD = (InvalidInput, Forbidden, StaleDataError, IntegrityError)
LONGEST = 20.0
BOTH_ORDERS = pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["as written", "swapped"])


class Saving(threading.Thread):
    """Somebody who saves something, and commits no earlier than they are let."""

    def __init__(self, app: Flask, person: str, act: Callable[[User], object]) -> None:
        super().__init__(daemon=True)
        self.app, self.person, self.act = app, person, act
        self.did, self.may_commit = threading.Event(), threading.Event()
        self.refused: Exception | None = None
        self.broke: BaseException | None = None

    def run(self) -> None:
        with self.app.app_context():
            try:
                set_full_access()
                user = find_user_by_name(db.session(), self.person)
                assert user is not None
                set_viewer(Viewer(tuple(user.team_ids)))
                self.act(user)
                db.session.flush()
                self.did.set()
                assert self.may_commit.wait(LONGEST)
                db.session.commit()
            except TOLD as error:
                db.session.rollback()
                self.refused = error
            except BaseException as error:  # noqa: BLE001 (raised again where it is waited for)
                db.session.rollback()
                self.broke = error
            finally:
                self.did.set()


def race(app: Flask, *acts: tuple[str, Callable[[User], object]]) -> list[bool]:
    """Let two people do what they do at once, each a name and an act; return who was let."""
    first, second = (Saving(app, name, act) for name, act in acts)
    second.may_commit.set()
    first.start()
    assert first.did.wait(LONGEST)
    second.start()
    _wait_until_stuck(app, second)
    first.may_commit.set()
    for one in (first, second):
        one.join(LONGEST)
        assert not one.is_alive()
        if one.broke is not None:
            raise one.broke
    return [one.refused is None for one in (first, second)]


def _wait_until_stuck(app: Flask, second: Saving) -> None:
    """Return once the second one waits for the first, or has ended."""
    with app.app_context():
        engine = current_engines().full_reading
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    end = time.monotonic() + (LONGEST if engine.dialect.name == "postgresql" else 0.2)
    while second.is_alive() and time.monotonic() < end:
        if engine.dialect.name == "postgresql":
            with engine.connect() as connection:
                if connection.exec_driver_sql(waiting).scalar():
                    return
        time.sleep(0.01)


def test_whoever_writes_keeps_other_writers_waiting_and_no_reader(app: Flask) -> None:
    with app.app_context():
        found = current_engines()
    threads: list[threading.Thread] = []

    def write(engine: sa.Engine) -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    with found.writing.connect() as first:
        first.exec_driver_sql("SELECT 1")
        for engine in (found.writing, found.full_writing, found.reading, found.full_reading):
            threads.append(threading.Thread(target=write, args=[engine], daemon=True))
            threads[-1].start()
            threads[-1].join(0.3)
        waiting = [one.is_alive() for one in threads]
    for one in threads:
        one.join(LONGEST)

    assert waiting == [True, True, False, False]


def named(model: Any, name: str) -> Any:
    return db.session.scalars(sa.select(model).where(model.name == name)).one()


def everything(app: Flask, statement: sa.Select[Any]) -> list[Any]:
    with app.app_context(), system_session("what two left", reading=True) as session:
        return list(session.scalars(statement).all())


@pytest.fixture
def admins(app: Flask) -> Flask:
    """Return the application with two people who administer, and nobody else who does."""
    for name in ("anna", "bota"):
        with as_user(app, name, Role.ADMIN, Role.STAFF):
            pass
    return app


def _administering(app: Flask) -> list[str]:
    with app.app_context():
        found = db.session.scalars(sa.select(User).where(User.disabled_at.is_(None)))
        return sorted(one.name for one in found if Role.ADMIN in one.roles)


def _disable(name: str) -> Callable[[User], object]:
    return lambda by: disable_user(find_user_by_name(db.session(), name) or by, by=by)


def _demote(name: str) -> Callable[[User], object]:
    def act(by: User) -> None:
        other = find_user_by_name(db.session(), name) or by
        change_user(other, roles=[Role.STAFF], teams=list(other.teams), by=by)

    return act


@BOTH_ORDERS
@pytest.mark.parametrize("how", [(_disable, _disable), (_demote, _demote), (_disable, _demote)])
def test_two_administrators_do_not_put_each_other_out(
    admins: Flask, order: tuple[int, int], how: tuple[Any, Any]
) -> None:
    acts = [("anna", how[0]("bota")), ("bota", how[1]("anna"))]

    assert race(admins, *[acts[i] for i in order]) == [True, False]
    assert len(_administering(admins)) == 1


@pytest.fixture
def two(admins: Flask) -> Flask:
    with as_user(admins) as user:
        for name in ("Asem Doeva", "Асем Доева", "Dana Roe"):
            make_journalist(name, by=user)
        db.session.commit()
    return admins


def _merge(gone: str, into: str) -> Callable[[User], object]:
    return lambda by: merge_duplicates(named(Journalist, gone), named(Journalist, into), by=by)


def _apart(one: str, other: str) -> Callable[[User], object]:
    return lambda by: mark_not_duplicates(named(Journalist, one), named(Journalist, other), by=by)


@BOTH_ORDERS
def test_opposite_merges_leave_one_of_two_people(two: Flask, order: tuple[int, int]) -> None:
    acts = [
        ("anna", _merge("Asem Doeva", "Асем Доева")),
        ("bota", _merge("Асем Доева", "Asem Doeva")),
    ]

    assert race(two, *[acts[i] for i in order]) == [True, False]
    left = everything(two, sa.select(Journalist.name).where(Journalist.merged_into_id.is_(None)))
    assert len(left) == 2


@BOTH_ORDERS
def test_two_people_found_to_be_two_are_not_merged_meanwhile(
    two: Flask, order: tuple[int, int]
) -> None:
    acts = [
        ("anna", _apart("Asem Doeva", "Dana Roe")),
        ("bota", _merge("Dana Roe", "Asem Doeva")),
    ]

    assert race(two, *[acts[i] for i in order]) == [True, False]


@BOTH_ORDERS
def test_an_erasure_is_asked_for_once(two: Flask, order: tuple[int, int]) -> None:
    def ask(reason: str) -> Callable[[User], object]:
        return lambda by: request_erasure(named(Journalist, "Dana Roe"), reason=reason, by=by)

    acts = [("anna", ask("they asked")), ("bota", ask("so did their lawyer"))]

    assert race(two, *[acts[i] for i in order]) == [True, False]
    assert len(everything(two, sa.select(Erasure.id))) == 1


@BOTH_ORDERS
def test_an_erasure_is_ended_or_done(two: Flask, order: tuple[int, int]) -> None:
    with as_user(two) as user:
        request_erasure(named(Journalist, "Dana Roe"), reason="they asked", by=user)
        db.session.commit()
    acts = [
        ("anna", lambda by: approve_erasure(named(Journalist, "Dana Roe"), by=by)),
        ("bota", lambda by: cancel_erasure(named(Journalist, "Dana Roe"), by=by)),
    ]

    assert race(two, *[acts[i] for i in order]) == [True, False]


@BOTH_ORDERS
def test_a_name_that_is_being_closed_is_not_written_where_others_read(
    two: Flask, order: tuple[int, int]
) -> None:
    def close(by: User) -> None:
        redact_name(
            named(Journalist, "Dana Roe"), named_as="", confirmation=RedactionConfirmation(), by=by
        )

    def write(by: User) -> None:
        make_article(text="Two men came to Dana Roe. The ministry did not answer.", by=by)

    acts = [("anna", close), ("bota", write)]

    assert race(two, *[acts[i] for i in order]) == [True, False]


@BOTH_ORDERS
def test_an_article_of_the_inbox_is_closed_once(two: Flask, order: tuple[int, int]) -> None:
    with as_user(two) as user:
        make_item(by=user)
        db.session.commit()

    def end(reason: str) -> Callable[[User], object]:
        return lambda by: inbox_service.close_item(
            db.session.scalars(sa.select(IntakeItem)).one(),
            InboxState.OUT_OF_SCOPE,
            reason=reason,
            by=by,
        )

    acts = [("anna", end("not about the press")), ("bota", end("nothing happened"))]

    assert race(two, *[acts[i] for i in order]) == [True, False]


@BOTH_ORDERS
def test_a_name_is_recorded_once_of_one_person(two: Flask, order: tuple[int, int]) -> None:
    def add(by: User) -> None:
        add_name(named(Journalist, "Dana Roe"), "D. Roe", kind=NameKind.OTHER, by=by)

    acts = [("anna", add), ("bota", add)]

    assert race(two, *[acts[i] for i in order]) == [True, False]
    rows = sa.select(JournalistName.id).where(JournalistName.name == "D. Roe")
    assert len(everything(two, rows)) == 1


def test_a_team_is_made_once(admins: Flask) -> None:
    def make(by: User) -> None:
        get_or_create_team("night desk", by=by)

    race(admins, ("anna", make), ("bota", lambda by: get_or_create_team("Night Desk", by=by)))

    teams = everything(admins, sa.select(Team.name).where(sa.func.lower(Team.name) == "night desk"))
    assert len(teams) == 1


def test_the_police_of_a_country_is_one_body(admins: Flask) -> None:
    def make(by: User) -> None:
        get_or_create_law_enforcement("KZ", by)

    assert race(admins, ("anna", make), ("bota", make)) == [True, True]
    bodies = sa.select(Institution.name).where(Institution.country == "KZ")
    assert len(everything(admins, bodies)) == 1


@pytest.fixture
def accounts(admins: Flask) -> Flask:
    with as_user(admins) as user:
        for handle in ("first", "second", "third"):
            _account(handle, user)
        db.session.commit()
    return admins


def _account(handle: str, by: User) -> FakeAccount:
    facts = AccountFacts(kind=AccountKind.PROFILE, handle=handle)
    return record_account(facts, team_id=by.team_ids[0], visibility=Visibility.INTERNAL, by=by)


def _succeeds(before: str, after: str) -> Callable[[User], object]:
    def found(handle: str) -> FakeAccount:
        rows = sa.select(FakeAccount).where(FakeAccount.handle == handle)
        return db.session.scalars(rows).one()

    return lambda by: add_succession(
        found(before),
        found(after),
        certainty=SuccessionCertainty.LIKELY,
        basis=SuccessionBasis.SAME_TEXT,
        by=by,
    )


@BOTH_ORDERS
@pytest.mark.parametrize("between", [(), (("second", "third"),)], ids=["two", "three"])
def test_no_account_comes_after_itself(
    accounts: Flask, order: tuple[int, int], between: tuple[tuple[str, str], ...]
) -> None:
    with as_user(accounts) as user:
        for pair in between:
            _succeeds(*pair)(user)
        db.session.commit()
    last = "third" if between else "second"
    acts = [("anna", _succeeds("first", "second")), ("bota", _succeeds(last, "first"))]

    assert race(accounts, *[acts[i] for i in order]) == [True, False]
    rows = everything(accounts, sa.select(AccountSuccession.id))
    assert len(rows) == 1 + len(between)


def test_a_team_records_an_account_once(accounts: Flask) -> None:
    def record(by: User) -> None:
        _account("fourth", by)

    assert race(accounts, ("anna", record), ("bota", record)) == [True, False]


@pytest.fixture
def incidents(admins: Flask) -> tuple[Flask, list[str]]:
    with as_user(admins) as user:
        refs = [make_incident(who=f"editor {n}", by=user).ref for n in range(2)]
        for title in ("One case", "Another case"):
            open_case(
                title, country="KZ", team_id=user.team_ids[0],
                visibility=Visibility.INTERNAL, by=user,
            )  # fmt: skip
        db.session.commit()
    return admins, refs


def _incident(ref: str) -> Incident:
    return db.session.scalars(sa.select(Incident).where(Incident.ref == ref)).one()


@BOTH_ORDERS
def test_opposite_merges_leave_one_of_two_incidents(
    incidents: tuple[Flask, list[str]], order: tuple[int, int]
) -> None:
    app, (one, other) = incidents
    acts = [
        ("anna", lambda by: merge_incidents(_incident(one), _incident(other), by=by)),
        ("bota", lambda by: merge_incidents(_incident(other), _incident(one), by=by)),
    ]

    assert race(app, *[acts[i] for i in order]) == [True, False]
    left = sa.select(Incident.ref).where(Incident.merged_into_id.is_(None))
    assert len(everything(app, left)) == 1


@BOTH_ORDERS
def test_neither_of_two_incidents_is_part_of_the_other_both_ways(
    incidents: tuple[Flask, list[str]], order: tuple[int, int]
) -> None:
    app, (one, other) = incidents

    def link(part: str, whole: str) -> Callable[[User], object]:
        kind = IncidentLinkKind.PART_OF
        return lambda by: add_link(_incident(part), _incident(whole), kind=kind, by=by)

    acts = [("anna", link(one, other)), ("bota", link(other, one))]

    assert race(app, *[acts[i] for i in order]) == [True, False]
    assert len(everything(app, sa.select(IncidentLink.id))) == 1


@BOTH_ORDERS
def test_an_incident_has_one_main_case(
    incidents: tuple[Flask, list[str]], order: tuple[int, int]
) -> None:
    app, (ref, _other) = incidents

    def put(title: str) -> Callable[[User], object]:
        def act(by: User) -> None:
            case = db.session.scalars(sa.select(Case).where(Case.title == title)).one()
            file_records(case, [_incident(ref)], by=by)

        return act

    acts = [("anna", put("One case")), ("bota", put("Another case"))]

    assert race(app, *[acts[i] for i in order]) == [True, True]
    homes = everything(app, sa.select(CaseIncident.id).where(CaseIncident.is_home == Answer.YES))
    assert len(homes) == 1
