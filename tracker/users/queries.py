"""Finding people, teams and live sessions."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from tracker import clock
from tracker.db import db
from tracker.permissions import Role
from tracker.users.models import SecondFactor, Team, User, UserRole, UserSession

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

LONGEST_SESSION = timedelta(hours=12)
LONGEST_IDLE = timedelta(minutes=60)
# A session seen later than this after now was seen before the clock jumped back, and would live on
# for as long as it jumped.
SLACK = timedelta(minutes=1)
# Somebody has shown that their second factor works.
IS_SET_UP = SecondFactor.confirmed_at.is_not(None)


def user_named(session: Session, name: str) -> User | None:
    """Return the person of that name, case ignored."""
    found: User | None = session.scalars(
        select(User)
        .where(User.name == name.strip().lower())
        .options(selectinload(User.roles_held), selectinload(User.teams))
    ).first()
    return found


def users_by_name() -> Select[User]:
    """Return everybody, the console included, with roles and teams."""
    return (
        select(User)
        .order_by(User.name)
        .options(selectinload(User.roles_held), selectinload(User.teams))
    )


def teams_by_name() -> Select[Team]:
    """Return every team with its members."""
    return select(Team).order_by(Team.name).options(selectinload(Team.members))


def administrators_besides(session: Session, user: User) -> int:
    """Return how many other people can administer the tracker."""
    others = (
        select(func.count())
        .select_from(User)
        .join(User.roles_held)
        .where(UserRole.role == Role.ADMIN, User.disabled_at.is_(None), User.id != user.id)
    )
    return session.scalar(others) or 0


def live_session(session: Session, token_hash: str) -> tuple[UserSession, bool] | None:
    """Return the session of a token unless it has ended, is too old, or its person is disabled;
    and whether that person has a second factor.

    One statement, since every request asks: its person comes with their roles and teams.
    """
    has_factor = exists().where(SecondFactor.user_id == User.id, IS_SET_UP)
    found = session.execute(
        select(UserSession, has_factor)
        .join(UserSession.user)
        .where(UserSession.token_hash == token_hash, User.disabled_at.is_(None), *_is_live())
        .options(
            contains_eager(UserSession.user).options(
                joinedload(User.roles_held), joinedload(User.teams)
            )
        )
    )
    row = found.unique().one_or_none()
    return (row[0], row[1]) if row else None


def live_sessions_of(user: User) -> list[UserSession]:
    """Return the sessions of a person that have not ended, the one used last first."""
    mine = select(UserSession).where(UserSession.user_id == user.id, *_is_live())
    return list(db.session.scalars(mine.order_by(UserSession.seen_at.desc())))


def handle_of(session: UserSession) -> str:
    """Return by what a form names a session: neither its token nor what we keep of that."""
    return hashlib.sha256(f"handle {session.token_hash}".encode()).hexdigest()[:16]


def has_second_factor(session: Session, user_id: int) -> bool:
    """Say whether somebody has set up a second factor and shown that it works."""
    found = select(SecondFactor.user_id).where(SecondFactor.user_id == user_id, IS_SET_UP)
    return session.scalars(found).first() is not None


def _is_live() -> list[ColumnElement[bool]]:
    now = clock.now()
    return [
        UserSession.ended_at.is_(None),
        UserSession.created_at > now - LONGEST_SESSION,
        UserSession.seen_at > now - LONGEST_IDLE,
        UserSession.seen_at <= now + SLACK,
    ]
