"""Find users, teams and live sessions, and changes in teams."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.i18n import alphabet_sort_key
from tracker.permissions import Actor, Permission, Role
from tracker.users.models import (
    CalendarLink,
    MailAddress,
    SecondFactor,
    Team,
    User,
    UserRole,
    UserSession,
    hash_token,
    live_session_conditions,
)

# For this long, users see on their account page who joined or left their teams, and whose password
# or second factor there somebody else changed.
RECENT_CHANGE_PERIOD = timedelta(days=30)
# Audit actions by which a user joins or leaves teams.
CREATE_USER_ACTION, EDIT_USER_ACTION = "user:create", "user:edit"
# Audit actions after which the person who did them could sign in as somebody else.
CREDENTIAL_ACTIONS = ("user:password", "second_factor:reset")


def find_user_by_name(session: Session, name: str) -> User | None:
    """Return the user with a name, ignoring case; None if there is none."""
    found: User | None = session.scalars(
        select(User)
        .where(User.name == name.strip().lower())
        .options(selectinload(User.roles_held), selectinload(User.teams))
    ).first()
    return found


def select_users_by_name() -> Select[User]:
    """Select all users, sorted by name, with roles and teams. Call `unique()` on the result, since
    a user is in one row for each pair of a role and a team.
    """
    return (
        select(User)
        .order_by(User.name)
        .options(joinedload(User.roles_held), joinedload(User.teams))
    )


def list_actor_teams(actor: Actor) -> list[Team]:
    """Return the teams of a user or the console, by name."""
    return _sort_by_name(db.session.scalars(select(Team).where(Team.id.in_(actor.team_ids))))


def find_calendar_link(user: User) -> CalendarLink | None:
    """Return the secret calendar link of a user; None if there is none."""
    mine = select(CalendarLink).where(CalendarLink.user_id == user.id)
    return db.session.scalars(mine).first()


def find_mail_address(user: User) -> str:
    """Return the address for mail about changes in what a user follows, "" if there is none."""
    stored = db.session.get(MailAddress, user.id)
    return stored.address if stored else ""


def find_calendar_owner(token: str, *, require_two_factor: bool) -> User | None:
    """Return the user whose calendar link has a token; None if there is none, or if
    `can_read_without_sign_in` is False for them. `require_two_factor`: whether the installation
    requires a second factor.
    """
    owners = (
        select(User)
        .join(CalendarLink, CalendarLink.user_id == User.id)
        .where(CalendarLink.token_hash == hash_token(token), User.disabled_at.is_(None))
    )
    found = db.session.scalars(owners).first()
    is_owner = found is not None and can_read_without_sign_in(found, require_two_factor)
    return found if is_owner else None


def can_read_without_sign_in(user: User, require_two_factor: bool) -> bool:  # noqa: FBT001 (a setting)
    """Return whether a user may get data without signing in: by mail, and in a subscribed calendar.
    The user must be enabled, have a role that may read and, if `require_two_factor`, a second
    factor.
    """
    lacks_factor = require_two_factor and not has_second_factor(db.session(), user.id)
    return user.disabled_at is None and user.has_permission(Permission.READ) and not lacks_factor


def list_teams() -> list[Team]:
    """Return all teams by name, with their members."""
    return _sort_by_name(db.session.scalars(select(Team).options(selectinload(Team.members))))


def _sort_by_name(teams: Iterable[Team]) -> list[Team]:
    """Return teams sorted by name in the order of the alphabet, whatever the database sorts by."""
    return sorted(teams, key=lambda team: alphabet_sort_key(team.name))


def count_other_administrators(session: Session, user: User) -> int:
    """Return how many enabled administrators there are besides a user."""
    others = (
        select(func.count())
        .select_from(User)
        .join(User.roles_held)
        .where(UserRole.role == Role.ADMIN, User.disabled_at.is_(None), User.id != user.id)
    )
    return session.scalar(others) or 0


def list_live_sessions(user: User) -> list[UserSession]:
    """Return the sessions of a user that have not ended, the last used first."""
    mine = select(UserSession).where(UserSession.user_id == user.id, *live_session_conditions())
    return list(db.session.scalars(mine.order_by(UserSession.seen_at.desc())))


def session_form_id(session: UserSession) -> str:
    """Return the handle of a session: 16 hexadecimal digits that name it in forms, from which its
    token cannot be derived.
    """
    return hashlib.sha256(f"handle {session.token_hash}".encode()).hexdigest()[:16]


def has_second_factor(session: Session, user_id: int) -> bool:
    """Return whether a user has set up a second factor and confirmed it."""
    found = select(SecondFactor.user_id).where(
        SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None)
    )
    return session.scalars(found).first() is not None


@dataclass(frozen=True, slots=True)
class TeamChange:
    """A change of a team: the user `user_name` joined it, or left it if `has_joined` is False.
    `actor_name`: the name of the user who made the change.
    """

    user_name: str
    team_name: str
    changed_at: datetime
    actor_name: str
    has_joined: bool

    @property
    def is_recent(self) -> bool:
        """Whether the change was made in `RECENT_CHANGE_PERIOD`, up to now."""
        return self.changed_at > clock.utc_now() - RECENT_CHANGE_PERIOD


@dataclass(frozen=True, slots=True)
class Membership:
    """A user in a team; `join_change`: the change by which they joined, None if not logged."""

    team: str
    user: User
    join_change: TeamChange | None


def list_team_changes(user: User) -> list[TeamChange]:
    """Return the changes in the members of a user's teams, the latest first."""
    mine = {team.name for team in user.teams}
    if not mine:
        return []
    changes = (
        select(AuditEvent)
        .where(
            AuditEvent.subject.in_(select(User.name)),
            AuditEvent.action.in_((CREATE_USER_ACTION, EDIT_USER_ACTION)),
        )
        .order_by(AuditEvent.sequence)
    )
    by_name: dict[str, list[AuditEvent]] = {}
    for event in db.session.scalars(changes):
        by_name.setdefault(event.subject, []).append(event)
    current_teams = _team_names_by_user(list(by_name))
    found = [
        change
        for name, events in by_name.items()
        for change in _team_changes_of_user(name, events, current_teams.get(name, []))
        if change.team_name in mine
    ]
    return sorted(found, key=lambda change: change.changed_at, reverse=True)


def list_memberships(user: User, changes: list[TeamChange]) -> list[Membership]:
    """Return the members of a user's teams, by team; `changes`: as `list_team_changes` gives."""
    newest: dict[tuple[str, str], TeamChange] = {}
    for change in changes:
        if change.has_joined:
            newest.setdefault((change.team_name, change.user_name), change)
    teams = (
        select(Team)
        .where(Team.id.in_(user.team_ids))
        .order_by(Team.name)
        .options(selectinload(Team.members))
    )
    return [
        Membership(team.name, member, newest.get((team.name, member.name)))
        for team in db.session.scalars(teams)
        for member in team.members
    ]


def list_credential_changes_by_others(user: User) -> list[Row[Any]]:
    """Return user name, time and actor of each change by which somebody else set the password or
    removed the second factor of a member of the user's teams. Only changes in
    `RECENT_CHANGE_PERIOD` are returned, the latest first.
    """
    mates = select(User.name).where(User.teams.any(Team.id.in_(user.team_ids)))
    rows = select(AuditEvent.subject, AuditEvent.at, AuditEvent.actor).where(
        AuditEvent.subject.in_(mates),
        AuditEvent.action.in_(CREDENTIAL_ACTIONS),
        AuditEvent.actor != AuditEvent.subject,
        AuditEvent.at > clock.utc_now() - RECENT_CHANGE_PERIOD,
    )
    return list(db.session.execute(rows.order_by(AuditEvent.sequence.desc())))


def _team_names_by_user(names: list[str]) -> dict[str, list[str]]:
    """Return the names of the current teams of the users with these names, by user name."""
    users = select(User).where(User.name.in_(names)).options(selectinload(User.teams))
    return {user.name: [team.name for team in user.teams] for user in db.session.scalars(users)}


def _team_changes_of_user(
    name: str, events: list[AuditEvent], current_teams: list[str]
) -> list[TeamChange]:
    """Return the changes of one user's teams. `events`: the log entries on this user;
    `current_teams`: the names of the user's teams now, from which the first teams are derived if
    the entries do not have them.
    """
    edits: list[tuple[AuditEvent, Any]] = [
        (event, event.changes["teams"]) for event in events if "teams" in event.changes
    ]
    first = edits[0][1][0] if edits else current_teams
    steps = [(event, ([], first)) for event in events if event.action == CREATE_USER_ACTION] + edits
    return [
        TeamChange(name, team, event.at, event.actor, joined)
        for event, (before, after) in steps
        for joined, teams in ((True, set(after) - set(before)), (False, set(before) - set(after)))
        for team in sorted(teams)
    ]
