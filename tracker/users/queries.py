"""Finding people, teams and live sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from tracker import clock
from tracker.permissions import Role
from tracker.users.models import Team, User, UserRole, UserSession

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LONGEST_SESSION = timedelta(hours=12)
CONSOLE = "console"


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


def live_session(session: Session, token_hash: str) -> UserSession | None:
    """Return the session of a token unless it has ended, is too old, or its person is disabled."""
    found: UserSession | None = session.scalars(
        select(UserSession)
        .join(UserSession.user)
        .where(
            UserSession.token_hash == token_hash,
            UserSession.ended_at.is_(None),
            UserSession.created_at > clock.now() - LONGEST_SESSION,
            User.disabled_at.is_(None),
        )
    ).first()
    return found
