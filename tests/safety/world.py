"""One world for all proofs: two teams, a person of each role in both, a record of every kind in
every place, and ties between them that a page must not give away.

`build(app)` fills an empty database and returns the World; it is plain data, so that it can be used
again on a copy of the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.factories import PASSWORD, make_journalist, make_user, sign_in
from tests.safety.beside_made import take_in, write_of_a_month
from tests.safety.names_made import close, let_out
from tests.safety.records_made import Made, _get, approve, hide_behind, plant, retracted, tie
from tracker import clock
from tracker.db import db, set_full_access
from tracker.incidents import section_service
from tracker.incidents.service import TargetFacts
from tracker.intake import duplicates_service
from tracker.people.service import add_shipped_institutions
from tracker.permissions import Role, Visibility
from tracker.records import Record
from tracker.scoping import Viewer, set_viewer
from tracker.users.models import CalendarLink, User, UserSession, hash_token
from tracker.users.queries import find_user_by_name
from tracker.users.second_factor_service import find_second_factor, start_second_factor_setup
from tracker.users.service import change_user, disable_user, get_or_create_console_user
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import find_term
from tracker.vocabulary.service import load_vocabulary, retire_term

OWN_TEAM, OTHER_TEAM = "Desk", "Abroad"


class Place(StrEnum):
    """Where a record stands, seen by the people of the own team."""

    OWN = "own"  # restricted, kept by the own team
    INTERNAL = "internal"  # for everybody, kept by the own team
    PUBLISHED = "published"  # the same, approved by the monitor, the incident published
    OTHER = "other"  # for everybody, kept by the other team
    HIDDEN = "hidden"  # restricted, kept by the other team


SHOWN = (Place.OWN, Place.INTERNAL, Place.PUBLISHED, Place.OTHER)

LEAVER = "leaver"
# The token of the exporter's calendar; they follow nothing.
CALENDAR = "token-of-a-calendar"
# A type of incident that is no longer on offer.
RETIRED = "employment.dismissal"
# Everybody there is: name -> roles and team. The leaver is disabled; `of-both` joins below.
PEOPLE: dict[str, tuple[tuple[Role, ...], str | None]] = {
    "staff": ((Role.STAFF,), OWN_TEAM),
    "monitor": ((Role.MONITOR,), OWN_TEAM),
    "exporter": ((Role.EXPORTER,), OWN_TEAM),
    "admin": ((Role.ADMIN,), OWN_TEAM),
    "other-staff": ((Role.STAFF,), OTHER_TEAM),
    "other-monitor": ((Role.MONITOR,), OTHER_TEAM),
    "other-exporter": ((Role.EXPORTER,), OTHER_TEAM),
    "other-admin": ((Role.ADMIN,), OTHER_TEAM),
    "teamless": ((Role.STAFF,), None),
    LEAVER: ((Role.STAFF,), OWN_TEAM),
    "guarded": ((Role.STAFF,), OWN_TEAM),  # with a second factor
    "pending": ((Role.STAFF,), OWN_TEAM),  # the same, and always before giving its code
    "unready": ((Role.STAFF,), OWN_TEAM),  # with a second factor not yet confirmed
}


@dataclass
class World:
    """What was made: `records[place][kind]`, kinds by the names of their pages (`incidents` …)."""

    records: dict[Place, dict[str, Made]] = field(default_factory=dict)
    # Pages of what stands there besides.
    more: dict[Place, list[str]] = field(default_factory=dict)
    # The cookie of somebody who was signed in when they were disabled.
    old_cookie: str = ""
    # An incident of the own team that a monitor retracted.
    retracted: str = ""

    def ref(self, kind: str, place: Place) -> str:
        return self.records[place][kind].ref

    @property
    def kinds(self) -> list[str]:
        return list(self.records[Place.OWN])


def build(app: Flask) -> World:
    """Fill an empty database; whatever is restricted in the other team refers to what is shown."""
    world = World()
    with app.app_context():
        set_full_access()
        _people()
        for place in Place:
            staff = _become("other-staff" if place in {Place.OTHER, Place.HIDDEN} else "staff")
            restricted = place in {Place.OWN, Place.HIDDEN}
            visibility = Visibility.RESTRICTED if restricted else Visibility.INTERNAL
            world.records[place] = plant(place.value, by=staff, visibility=visibility)
            whose = {"team_id": staff.team_ids[0], "visibility": visibility}
            named = let_out(place.value.capitalize(), **whose, by=staff)
            world.more[place] = [at for one in named for at in pages_of(one)]
            db.session.commit()
        tie(world.records[Place.PUBLISHED], world.records[Place.INTERNAL], by=_become("staff"))
        approve(world.records[Place.PUBLISHED], staff=_become("staff"), monitor=_become("monitor"))
        tie(world.records[Place.OTHER], world.records[Place.INTERNAL], by=_become("other-staff"))
        tie(world.records[Place.HIDDEN], world.records[Place.INTERNAL], by=_become("other-staff"))
        hide_behind(world.records[Place.OWN], world.records[Place.HIDDEN], by=_become_of_both())
        _stand_twice(world)
        _tell_apart(world)
        for place, name in ((Place.OWN, "staff"), (Place.HIDDEN, "other-staff")):
            batch, incident = take_in(place.value.capitalize(), by=_become(name))
            world.more[place] += [f"/reports/imports/{batch.ref}/", *pages_of(incident)]
        write_of_a_month(by=_become("monitor"))
        world.retracted = retracted(staff=_become("staff"), monitor=_become("monitor"))
        _second_factors()
        mine = _become("exporter").id
        db.session.add(CalendarLink(token_hash=hash_token(CALENDAR), user_id=mine))
        db.session.commit()
    world.old_cookie = cookie_of(enter(app, LEAVER))
    with app.app_context():
        disable_user(_become(LEAVER), by=_become("admin"))
        db.session.commit()
    return world


def pages_of(record: Record) -> list[str]:
    """Return where a record is read, and its history."""
    at = f"/{record.ENDPOINT.replace('_', '-')}/{record.ref}/"
    return [at, f"{at}history"]


def enter(app: Flask, name: str) -> FlaskClient:
    """Return a browser in which that person is signed in."""
    client = app.test_client()
    answer = sign_in(client, name, PASSWORD)
    assert answer.status_code == 303, f"{name} cannot sign in: {answer.status_code}"
    return client


def enter_guarded(app: Flask) -> FlaskClient:
    """Return the browser of the person who gave their second factor as well."""
    client = enter(app, "guarded")
    with app.app_context():
        mine = User.id == UserSession.user_id
        given = update(UserSession).where(mine, User.name == "guarded")
        db.session.execute(given.values(second_factor_at=clock.utc_now()))
        db.session.commit()
    return client


def enter_disabled(app: Flask, world: World) -> FlaskClient:
    """Return the browser of the person who was disabled while signed in."""
    client = app.test_client()
    client.set_cookie(cookie_name(app), world.old_cookie)
    return client


def cookie_name(app: Flask) -> str:
    return str(app.config["SESSION_COOKIE_NAME"])


def cookie_of(client: FlaskClient) -> str:
    """Return the cookie by which a browser is known."""
    cookie = client.get_cookie(cookie_name(client.application))
    assert cookie is not None
    return cookie.value


def _people() -> None:
    console = get_or_create_console_user()
    load_vocabulary(console)
    add_shipped_institutions(console)
    retire_term(_retired(), by=console)
    for name, (roles, team) in PEOPLE.items():
        make_user(name, *roles, team=team)
    db.session.commit()


def _stand_twice(world: World) -> None:
    """Let two journalists of the own team lead to another record: to one that everybody sees, and
    to one of the other team, which closed that name since.
    """
    staff = _become("staff")
    one, into, gone = (
        make_journalist(name, by=staff) for name in ("Led Anna", "Anna Led", "Led Bela")
    )
    for place, bearer in ((Place.INTERNAL, one), (Place.OWN, gone)):
        incident = _get(world.records[place]["incidents"])
        section_service.add_target(incident, TargetFacts(journalist=bearer), by=staff)
    theirs = make_journalist("Bela Led", by=_become("other-staff"))
    world.more[Place.INTERNAL] += [at for bearer in (one, into, gone) for at in pages_of(bearer)]
    world.more[Place.HIDDEN] += pages_of(theirs)
    admin = _become("admin")
    duplicates_service.merge_duplicates(one, into, by=admin)
    duplicates_service.merge_duplicates(gone, theirs, by=admin)
    by = _become("other-staff")
    close(_get(world.records[Place.HIDDEN]["incidents"]), theirs, by=by)


def _tell_apart(world: World) -> None:
    """Let somebody have found that a journalist whom all see is neither another of whom that is true
    nor one who is kept to the team.
    """
    admin = _become("admin")
    one, *others = (
        _get(world.records[place]["journalists"])
        for place in (Place.INTERNAL, Place.PUBLISHED, Place.OWN)
    )
    for other in others:
        duplicates_service.mark_not_duplicates(one, other, by=admin)


def _second_factors() -> None:
    for name in ("guarded", "pending", "unready"):
        user = _become(name)
        start_second_factor_setup(user)
        factor = find_second_factor(user)
        assert factor is not None
        factor.confirmed_at = None if name == "unready" else clock.utc_now()


def _retired() -> Term:
    term = find_term(TermSet.INCIDENT_TYPE, RETIRED)
    assert term is not None
    return term


def _become(name: str) -> User:
    user = find_user_by_name(db.session(), name)
    assert user is not None
    db.session.expire_all()
    set_viewer(Viewer(tuple(user.team_ids)))
    return user


def _become_of_both() -> User:
    """Return somebody in both teams, by whose doing a record of one shows what the other hides."""
    user = make_user("of-both", Role.STAFF, team=OWN_TEAM)
    other = find_user_by_name(db.session(), "other-staff")
    assert other is not None
    change_user(
        user, roles=user.roles, teams=[*user.teams, *other.teams], by=get_or_create_console_user()
    )
    return _become("of-both")
