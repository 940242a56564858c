"""People who sign in, the teams that keep records, and the sessions by which they are known."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker import clock
from tracker.db import CONFIDENTIAL, INTERNAL, Base, UTCDateTime, choice
from tracker.permissions import GRANTS, Permission, Role


class Team(Base):
    """A group of people that keeps records; restricted records are seen by theirs alone."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    name: Mapped[str] = mapped_column(String(80), unique=True, info=INTERNAL)

    members: Mapped[list[User]] = relationship(
        secondary="team_members", back_populates="teams", order_by="User.name"
    )


class User(Base):
    """A person who signs in, or the console, which cannot."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("name = lower(name)", name="name_is_lower_case"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    name: Mapped[str] = mapped_column(String(80), unique=True, info=INTERNAL)
    # An argon2id hash; "!" matches no password, so that the account cannot sign in.
    password_hash: Mapped[str] = mapped_column(String(200), info=CONFIDENTIAL)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, info=INTERNAL)
    version: Mapped[int] = mapped_column(Integer, nullable=False, info=INTERNAL)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads it from the class)

    roles_held: Mapped[list[UserRole]] = relationship(
        back_populates="user", cascade="all, delete-orphan", order_by="UserRole.role"
    )
    teams: Mapped[list[Team]] = relationship(
        secondary="team_members", back_populates="members", order_by="Team.name"
    )

    @property
    def roles(self) -> list[Role]:
        """Return the roles held, in the order of their codes."""
        return [held.role for held in self.roles_held]

    @property
    def team_ids(self) -> list[int]:
        """Return the teams whose restricted records this person sees."""
        return [team.id for team in self.teams]

    def may(self, permission: Permission) -> bool:
        """Say whether one of the roles grants the permission."""
        return any(permission in GRANTS[role] for role in self.roles)


class UserRole(Base):
    """One role of one person."""

    __tablename__ = "user_roles"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, info=INTERNAL)
    role: Mapped[Role] = mapped_column(choice(Role), primary_key=True, info=INTERNAL)

    user: Mapped[User] = relationship(back_populates="roles_held")


class TeamMember(Base):
    """One person in one team."""

    __tablename__ = "team_members"
    __table_args__ = (UniqueConstraint("user_id", "team_id"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True, info=INTERNAL)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, info=INTERNAL)


class UserSession(Base):
    """One signed-in browser: we keep the SHA-256 of its token, never the token."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True, info=CONFIDENTIAL)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True, info=INTERNAL)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, info=INTERNAL)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, info=INTERNAL)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)

    user: Mapped[User] = relationship()
