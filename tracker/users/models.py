"""Users, teams and sessions, and the proof of users' rights in the audit log."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker import clock
from tracker.audit.models import LogCheck
from tracker.config import MAX_MAIL_ADDRESS_LENGTH
from tracker.db import CONFIDENTIAL, INTERNAL, Base, UTCDateTime, code_point_string, text_enum
from tracker.permissions import PERMISSIONS_OF_ROLE, Permission, Role
from tracker.records import REF_LENGTH

# No roles and no teams, in the form of logged changes ({field: [before, after]}). Compared with
# users whose creation is not in the log, such as the console account.
NO_ROLES_AND_TEAMS: Mapping[str, Any] = {"roles": [[], []], "teams": [[], []]}
# A session ends at the latest when this time has passed since it began.
SESSION_LIFETIME = timedelta(hours=12)
# A session ends when this time has passed since its last request.
SESSION_IDLE_TIMEOUT = timedelta(minutes=60)
# How far in the future a stored time, such as when a session was last used, may be. A time further
# in the future was stored before the clock was set back, and counts as invalid.
CLOCK_TOLERANCE = timedelta(minutes=1)
# The longest query string of a list that a user can follow, in characters.
MAX_FOLLOWED_QUERY_LENGTH = 500


class Team(Base):
    """A team that owns records; its restricted records are visible only to its members."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=INTERNAL)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True, info=INTERNAL)

    members: Mapped[list[User]] = relationship(
        secondary="team_members", back_populates="teams", order_by="User.name"
    )


class User(Base):
    """A user who signs in, or the console account, which cannot."""

    __tablename__ = "users"
    __table_args__ = (sa.CheckConstraint("name = lower(name)", name="name_is_lower_case"),)

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=INTERNAL)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True, info=INTERNAL)
    # An argon2id hash; "!" matches no password, so that the account cannot sign in.
    password_hash: Mapped[str] = mapped_column(sa.String(200), info=CONFIDENTIAL)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)
    version: Mapped[int] = mapped_column(sa.Integer, nullable=False, info=INTERNAL)
    # Somebody else chose the password: a new one is asked for before anything else.
    must_change_password: Mapped[bool] = mapped_column(
        sa.Boolean, default=False, server_default=sa.false(), info=INTERNAL
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads it from the class)

    roles_held: Mapped[list[UserRole]] = relationship(
        back_populates="user", cascade="all, delete-orphan", order_by="UserRole.role"
    )
    teams: Mapped[list[Team]] = relationship(
        secondary="team_members", back_populates="members", order_by="Team.name"
    )

    @property
    def roles(self) -> list[Role]:
        """The user's roles, in the order of their codes."""
        return [held.role for held in self.roles_held]

    @property
    def team_ids(self) -> list[int]:
        """The ids of the teams whose restricted records the user sees."""
        return [team.id for team in self.teams]

    def has_permission(self, permission: Permission) -> bool:
        """Return whether one of the user's roles grants a permission."""
        return any(permission in PERMISSIONS_OF_ROLE[role] for role in self.roles)


class UserRole(Base):
    """One role of one user."""

    __tablename__ = "user_roles"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True, info=INTERNAL)
    role: Mapped[Role] = mapped_column(text_enum(Role), primary_key=True, info=INTERNAL)

    user: Mapped[User] = relationship(back_populates="roles_held")


class TeamMember(Base):
    """The membership of one user in one team."""

    __tablename__ = "team_members"
    __table_args__ = (sa.UniqueConstraint("user_id", "team_id"),)

    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"), primary_key=True, info=INTERNAL)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True, info=INTERNAL)


def hash_token(token: str) -> str:
    """Return the SHA-256 of a token as 64 hexadecimal digits, which is stored in its place."""
    return hashlib.sha256(token.encode()).hexdigest()


class UserSession(Base):
    """A session of one browser; the SHA-256 of its token is stored, never the token."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True, info=CONFIDENTIAL)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True, info=INTERNAL)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)
    # When the password was last given in this session; dangerous actions ask for it again.
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)
    # When the second factor was given; NULL if it is missing, or none is set up.
    second_factor_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)
    # The browser and system as text, by which its owner recognises it in the list.
    device: Mapped[str] = mapped_column(sa.String(80), default="", server_default="", info=INTERNAL)

    user: Mapped[User] = relationship()


def live_session_conditions() -> list[sa.ColumnElement[bool]]:
    """Return the SQL conditions of sessions that have not ended and are not too old."""

    def now(plus: timedelta) -> Any:  # noqa: ANN401 (a parameter, which takes a column's place)
        """Return a query parameter for the time at which the query is executed, plus a time."""
        return sa.bindparam(None, callable_=lambda: clock.utc_now() + plus, type_=UTCDateTime)

    return [
        UserSession.ended_at.is_(None),
        UserSession.created_at > now(-SESSION_LIFETIME),
        UserSession.seen_at > now(-SESSION_IDLE_TIMEOUT),
        UserSession.seen_at <= now(CLOCK_TOLERANCE),
    ]


class SecondFactor(Base):
    """A user's secret for one-time passwords (RFC 6238), shared with their phone."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id"), primary_key=True, autoincrement=False, info=INTERNAL
    )
    secret: Mapped[str] = mapped_column(sa.String(64), info=CONFIDENTIAL)
    # NULL until a first code proved that the phone has it.
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)
    # The latest time step whose code was accepted: it and older ones are not accepted again.
    last_step: Mapped[int] = mapped_column(sa.Integer, default=0, info=INTERNAL)


class RecoveryCode(Base):
    """A code that replaces a lost phone, once; its SHA-256 is stored."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True, info=CONFIDENTIAL)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True, info=INTERNAL)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)


class KnownDevice(Base):
    """A browser in which a user signed in, or used a sign-in link. Failed attempts in other
    browsers do not make the user wait in this one.
    """

    __tablename__ = "known_devices"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True, info=CONFIDENTIAL)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True, info=INTERNAL)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)


class SignInLink(Base):
    """A link that works once. The browser that uses it is then known for the user: failed attempts
    to sign in from other browsers no longer make the user wait in this one.
    """

    __tablename__ = "sign_in_links"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True, info=CONFIDENTIAL)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True, info=INTERNAL)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)


class CalendarLink(Base):
    """The secret address of a user's calendar; the SHA-256 of its token is stored."""

    __tablename__ = "calendar_links"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True, info=CONFIDENTIAL)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), unique=True, info=INTERNAL)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)


class MailAddress(Base):
    """The address to which a user gets mail about changes in the records that they follow.
    `sent_at`: the time of the newest change that was mailed, or when they asked for mail.
    """

    __tablename__ = "mail_notices"

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id"), primary_key=True, autoincrement=False, info=INTERNAL
    )
    address: Mapped[str] = mapped_column(sa.String(MAX_MAIL_ADDRESS_LENGTH), info=INTERNAL)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)


class Follow(Base):
    """A record (case, journalist, outlet or institution) that a user follows. `read_at`: the user
    has read all changes of the record up to this time.

    It is personal, and not part of the record.
    """

    __tablename__ = "follows"

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id"), primary_key=True, autoincrement=False, info=INTERNAL
    )
    ref: Mapped[str] = mapped_column(code_point_string(REF_LENGTH), primary_key=True, info=INTERNAL)
    read_at: Mapped[datetime] = mapped_column(UTCDateTime, info=INTERNAL)


class FollowedFilter(Base):
    """A filter of the list of incidents that a user follows. `query`: the query string of the list,
    with sorted parameters; `read_at`: the user has read all incidents recorded up to this time.

    It is personal, as `Follow` is.
    """

    __tablename__ = "followed_filters"

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id"), primary_key=True, autoincrement=False, info=INTERNAL
    )
    query: Mapped[str] = mapped_column(
        sa.String(MAX_FOLLOWED_QUERY_LENGTH), primary_key=True, info=INTERNAL
    )
    read_at: Mapped[datetime] = mapped_column(UTCDateTime, info=INTERNAL)


class SignInFailure(Base):
    """The number of recent failures to sign in with a name, whether or not a user has it."""

    __tablename__ = "sign_in_failures"

    # A keyed digest of the name and network: neither a password typed into the wrong field is
    # stored, nor an address.
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True, info=INTERNAL)
    failures: Mapped[int] = mapped_column(sa.Integer, info=INTERNAL)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True, info=INTERNAL)


class Submission(Base):
    """The key of a saved form, by which a second submission leads to what the first one saved."""

    __tablename__ = "submissions"

    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True, info=INTERNAL)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True, info=INTERNAL)
    at: Mapped[datetime] = mapped_column(
        UTCDateTime, default=clock.utc_now, index=True, info=INTERNAL
    )
    # The page to which the first submission led.
    location: Mapped[str] = mapped_column(sa.String(500), default="", info=INTERNAL)


class RolesAndTeamsLogCheck(LogCheck):
    """The roles, teams and state (enabled or disabled) of users, as `flask audit verify` compares
    them with the log.
    """

    LABEL = "user"
    ACTIONS = ("user:create", "user:edit", "user:disable", "user:enable")
    SEAL_FIELD = "users"

    @classmethod
    def select_rows(cls) -> sa.Select[*tuple[Any, ...]]:
        """Select name, id and state of each user, in one row for each pair of the user's roles and
        teams.
        """
        columns = (User.name, User.id, User.disabled_at, UserRole.role, Team.name.label("team"))
        with_roles = sa.select(*columns).outerjoin(UserRole, UserRole.user_id == User.id)
        in_teams = with_roles.outerjoin(TeamMember, TeamMember.user_id == User.id)
        return in_teams.outerjoin(Team, Team.id == TeamMember.team_id).order_by(User.id)

    @classmethod
    def select_for_seal(cls) -> sa.Select[str, int]:
        """Select the name and id of each user, for the seal (the log entry about all entries older
        than MACs).
        """
        return sa.select(User.name, User.id)

    @classmethod
    def matches_log(cls, rows: Sequence[sa.Row[Any]], logged: Mapping[str, Any]) -> bool:
        """Return whether roles, teams and state of a user are as the newest log entries say.
        `rows`: what `select_rows` selects of this user; `logged`: what the log says about the user,
        in the form that `LogCheck.matches_log` describes.

        The first entries did not record roles and teams: those of such a user match until a change.
        """
        if not rows:
            return True
        if logged.get("id", rows[0].id) != rows[0].id:
            return False
        known = logged if "user:create" in logged else NO_ROLES_AND_TEAMS
        here = {"roles": {one.role for one in rows}, "teams": {one.team for one in rows}}
        is_given = all(
            held - {None} == set(known[key][1]) for key, held in here.items() if key in known
        )
        let_in = max(logged.get(act, 0) for act in ("user:create", "user:enable"))
        is_disabled = logged.get("user:disable", 0) > let_in
        return is_given and is_disabled == (rows[0].disabled_at is not None)


class TeamNameLogCheck(LogCheck):
    """The names and ids of teams, as `flask audit verify` compares them with the log."""

    LABEL = "team"
    ACTIONS = ("team:create",)
    SEAL_FIELD = "teams"

    @classmethod
    def select_rows(cls) -> sa.Select[*tuple[Any, ...]]:
        """Select the name and id of each team."""
        return sa.select(Team.name, Team.id).order_by(Team.id)

    @classmethod
    def select_for_seal(cls) -> sa.Select[str, int]:
        """Select the name and id of each team, for the seal (the log entry about all entries older
        than MACs).
        """
        return sa.select(Team.name, Team.id)

    @classmethod
    def matches_log(cls, rows: Sequence[sa.Row[Any]], logged: Mapping[str, Any]) -> bool:
        """Return whether a team has the id that is in the log entry of its creation. `rows`: what
        `select_rows` selects of this team; `logged`: what the log says about the team, in the form
        that `LogCheck.matches_log` describes.
        """
        return not rows or logged.get("id", rows[0].id) == rows[0].id
