"""Who is in a person's teams, since when, and by whose doing: read from the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.users.models import Team, User

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

# So long whoever joined or left stands at the top of the account page of the others.
RECENT = timedelta(days=30)
MADE, CHANGED = "user:create", "user:edit"
# After these whoever did them could sign in as somebody else.
HANDED_OVER = ("user:password", "second_factor:reset")


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody joined a team or left it."""

    name: str
    team: str
    at: datetime
    by: str
    joined: bool

    @property
    def is_recent(self) -> bool:
        """Say whether the members of the team are still told."""
        return self.at > clock.now() - RECENT


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a team; `since` is the newest joining."""

    team: str
    user: User
    since: Change | None


def changes_of(user: User) -> list[Change]:
    """Return who joined and left the teams of a person, the newest first."""
    mine = {team.name for team in user.teams}
    if not mine:
        return []
    trail = (
        select(AuditEvent)
        .where(AuditEvent.subject.in_(select(User.name)), AuditEvent.action.in_((MADE, CHANGED)))
        .order_by(AuditEvent.sequence)
    )
    by_name: dict[str, list[AuditEvent]] = {}
    for event in db.session.scalars(trail):
        by_name.setdefault(event.subject, []).append(event)
    now_in = _teams_by_name(list(by_name))
    found = [
        change
        for name, events in by_name.items()
        for change in _changes(name, events, now_in.get(name, []))
        if change.team in mine
    ]
    return sorted(found, key=lambda change: change.at, reverse=True)


def members_of(user: User, changes: list[Change]) -> list[Member]:
    """Return everybody in the teams of a person, team by team."""
    newest: dict[tuple[str, str], Change] = {}
    for change in changes:
        if change.joined:
            newest.setdefault((change.team, change.name), change)
    teams = (
        select(Team)
        .where(Team.id.in_(user.team_ids))
        .order_by(Team.name)
        .options(selectinload(Team.members))
    )
    return [
        Member(team.name, member, newest.get((team.name, member.name)))
        for team in db.session.scalars(teams)
        for member in team.members
    ]


def handed_over(user: User) -> list[Row[Any]]:
    """Return of whom in a person's teams somebody else set the way to sign in, when, and who did,
    the newest first.
    """
    mates = select(User.name).where(User.teams.any(Team.id.in_(user.team_ids)))
    rows = select(AuditEvent.subject, AuditEvent.at, AuditEvent.actor).where(
        AuditEvent.subject.in_(mates),
        AuditEvent.action.in_(HANDED_OVER),
        AuditEvent.actor != AuditEvent.subject,
        AuditEvent.at > clock.now() - RECENT,
    )
    return list(db.session.execute(rows.order_by(AuditEvent.sequence.desc())))


def _teams_by_name(names: list[str]) -> dict[str, list[str]]:
    users = select(User).where(User.name.in_(names)).options(selectinload(User.teams))
    return {user.name: [team.name for team in user.teams] for user in db.session.scalars(users)}


def _changes(name: str, events: list[AuditEvent], now_in: list[str]) -> list[Change]:
    """Return what the entries of one person say of teams; an older first one names none."""
    edits: list[tuple[AuditEvent, Any]] = [
        (event, event.changes["teams"]) for event in events if "teams" in event.changes
    ]
    first = edits[0][1][0] if edits else now_in
    steps = [(event, ([], first)) for event in events if event.action == MADE] + edits
    return [
        Change(name, team, event.at, event.actor, joined)
        for event, (before, after) in steps
        for joined, teams in ((True, set(after) - set(before)), (False, set(before) - set(after)))
        for team in sorted(teams)
    ]
