"""Create users and teams, and manage sessions."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from tracker import clock
from tracker.audit.service import audited_change, record_event
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.permissions import CONSOLE_NAME, Actor, Role
from tracker.users import queries
from tracker.users.models import (
    CalendarLink,
    KnownDevice,
    MailAddress,
    SignInLink,
    Team,
    User,
    UserRole,
    UserSession,
    hash_token,
)
from tracker.users.passwords import (
    SHORTEST_PASSWORD,
    UNUSABLE_PASSWORD_HASH,
    PasswordWeakness,
    find_password_weakness,
    is_correct_password,
)

# The longest time that browsers keep a cookie.
DEVICE_COOKIE_LIFETIME = timedelta(days=400)
USER_NAME_PATTERN = re.compile(r"[a-z][a-z0-9._-]{1,39}")


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that was started after a correct password. `token`: only the browser knows it;
    `awaits_code`: whether the user has a second factor, which must be given before anything else.
    """

    user: User
    token: str
    awaits_code: bool


def get_or_create_console_user() -> User:
    """Return the console account, for commands without `--by`; create it if needed."""
    found = queries.find_user_by_name(db.session(), CONSOLE_NAME)
    if found is None:
        found = User(
            name=CONSOLE_NAME, password_hash=UNUSABLE_PASSWORD_HASH, roles_held=[], teams=[]
        )
        db.session.add(found)
        db.session.flush()
    return found


def get_or_create_team(name: str, *, by: Actor) -> Team:
    """Return the team with a name, ignoring case; create it if needed."""
    same = func.lower(Team.name) == name.strip().lower()
    team: Team | None = db.session.scalars(select(Team).where(same)).first()
    if team is None:
        if not name.strip():
            raise InvalidInput(team=_("Give the team a name."))
        team = Team(name=name.strip())
        with audited_change(team, "team:create", by=by):
            pass
    return team


def create_team(name: str, *, by: Actor) -> Team:
    """Create a team and return it; raise InvalidInput if a team has this name already."""
    taken = select(Team).where(func.lower(Team.name) == name.strip().lower())
    if db.session.scalars(taken).first() is not None:
        raise InvalidInput(name=_("There is already a team with this name."))
    return get_or_create_team(name, by=by)


def find_command_actor(name: str | None) -> User:
    """Return the user in whose name a command acts; the console account if no name is given. Raise
    InvalidInput if no enabled user has the name.
    """
    if name is None:
        return get_or_create_console_user()
    found = queries.find_user_by_name(db.session(), name)
    if found is None or found.disabled_at is not None:
        raise InvalidInput(
            by=_("There is no user of this name who may sign in: %(name)s", name=name)
        )
    return found


def create_user(
    name: str,
    password_hash: str,
    *,
    roles: list[Role],
    teams: list[Team],
    must_change_password: bool = False,
    by: Actor,
) -> User:
    """Create a user who signs in with the password of a hash, and return them; raise InvalidInput
    if the name is invalid or taken, or without a role. `must_change_password`: they are asked for a
    password of their own at their first sign-in.
    """
    name = name.strip().lower()
    if not USER_NAME_PATTERN.fullmatch(name):
        raise InvalidInput(
            name=_("A user name has 2 to 40 letters a–z, digits, dots, dashes; a letter first.")
        )
    if name == CONSOLE_NAME or queries.find_user_by_name(db.session(), name) is not None:
        raise InvalidInput(name=_("There is already a user with this name."))
    if not roles:
        raise InvalidInput(roles=_("Choose at least one role."))
    user = User(
        name=name,
        password_hash=password_hash,
        must_change_password=must_change_password,
        roles_held=[UserRole(role=role) for role in dict.fromkeys(roles)],
        teams=list(teams),
    )
    details = {key: [[], held] for key, held in _role_and_team_names(user).items()}
    with audited_change(user, "user:create", details=details, by=by):
        pass
    return user


def change_user(user: User, *, roles: list[Role], teams: list[Team], by: Actor) -> None:
    """Change the roles and teams of a user; a change of roles ends their sessions. Raise
    InvalidInput without a role, or if the only administrator would lose that role.
    """
    if not roles:
        raise InvalidInput(roles=_("Choose at least one role."))
    if Role.ADMIN not in roles:
        _require_other_administrator(user, "roles")
    before = _role_and_team_names(user)
    kept = {held.role: held for held in user.roles_held}
    user.roles_held = [kept.get(role) or UserRole(role=role) for role in dict.fromkeys(roles)]
    user.teams = list(teams)
    after = _role_and_team_names(user)
    if before != after:
        # Roles and teams are separate rows: only a change of the user's own row raises the version.
        flag_modified(user, "name")
        changes = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
        record_event("user:edit", user.name, by=by, changes=changes)
    if before["roles"] != after["roles"]:
        end_sessions(user)


def hash_password(password: str, name: str, *, hasher: PasswordHasher) -> str:
    """Return the hash of a user's new password; raise InvalidInput if it is too weak.

    Hashing takes a while, in which others could not save: a view calls it without the write lock.
    """
    return hasher.hash(require_strong_password(password, name))


def change_password(
    user: User, password_hash: str, *, keep_token: str | None = None, by: Actor
) -> None:
    """Set the hash of a user's new password; end all sessions of the user except the one with the
    token `keep_token`.

    A user whose password somebody else sets is asked for a new one at the next sign-in.
    """
    user.password_hash = password_hash
    user.must_change_password = by.id != user.id
    end_sessions(user, keep_token=keep_token)
    record_event("user:password", user.name, by=by)


def disable_user(user: User, *, by: Actor) -> None:
    """Disable a user and end their sessions; their records and log entries stay. Raise InvalidInput
    if there is no other administrator.
    """
    if user.disabled_at is not None:
        return
    _require_other_administrator(user, "user")
    user.disabled_at = clock.utc_now()
    end_sessions(user)
    record_event("user:disable", user.name, by=by)


def enable_user(user: User, *, by: Actor) -> None:
    """Enable a disabled user."""
    if user.disabled_at is None:
        return
    user.disabled_at = None
    record_event("user:enable", user.name, by=by)


def authenticate_user(name: str, password: str, *, hasher: PasswordHasher) -> User | None:
    """Return the enabled user with a name and password; None if there is none. Rolls back the open
    transaction.
    """
    user = queries.find_user_by_name(db.session(), name)
    stored = user.password_hash if user else None
    # Hashing takes a while, in which others could not save: the write lock is released first.
    db.session.rollback()
    if not is_correct_password(hasher, stored, password):
        return None
    user = queries.find_user_by_name(db.session(), name)
    if user is None or user.password_hash != stored or user.disabled_at is not None:
        return None
    return user


def start_session(user: User, *, device: str) -> NewSession:
    """Start a session for a user whose password was right, and return it. `device`: browser and
    system. If the user has a second factor, the session gives access to nothing before that is
    given too.
    """
    token = secrets.token_urlsafe(32)
    now = clock.utc_now()
    begun = UserSession(
        token_hash=hash_token(token), user_id=user.id, created_at=now, seen_at=now,
        verified_at=now,
        device=device,
    )  # fmt: skip
    db.session.add(begun)
    awaits_code = queries.has_second_factor(db.session(), user.id)
    record_event("session:half" if awaits_code else "session:begin", user.name, by=user)
    return NewSession(user, token, awaits_code)


def sign_out(token: str, *, by: Actor) -> None:
    """End the session of a token, and log it."""
    ended = db.session.get(UserSession, hash_token(token))
    if ended is not None:
        ended.ended_at = clock.utc_now()
    record_event("session:end", by.name, by=by)


def end_sessions(user: User, *, keep_token: str | None = None) -> None:
    """End all sessions of a user, except the one with the token `keep_token`; delete all known
    browsers, sign-in links, the calendar link and the mail address of the user.
    """
    running = [UserSession.user_id == user.id, UserSession.ended_at.is_(None)]
    if keep_token is not None:
        running.append(UserSession.token_hash != hash_token(keep_token))
    db.session.execute(update(UserSession).where(*running).values(ended_at=clock.utc_now()))
    for table in (KnownDevice, SignInLink, CalendarLink, MailAddress):
        db.session.execute(delete(table).where(table.user_id == user.id))


def renew_session(token: str) -> str:
    """Record that the second factor was given; replace the session's token, and return it."""
    new = secrets.token_urlsafe(32)
    mine = UserSession.token_hash == hash_token(token)
    shown = {"token_hash": hash_token(new), "second_factor_at": clock.utc_now()}
    db.session.execute(update(UserSession).where(mine).values(**shown))
    return new


def complete_sign_in(user: User, token: str, *, method: str) -> str:
    """Complete a sign-in by its second factor, and return the session's new token; `method`: which
    second factor was given, as `use_second_factor` returns it, for the log.
    """
    record_event("session:begin", user.name, by=user, changes={"second_factor": method})
    return renew_session(token)


def record_password_confirmation(token: str, *, session: Session) -> None:
    """Record that the password was given again in the session of a token."""
    mine = UserSession.token_hash == hash_token(token)
    session.execute(update(UserSession).where(mine).values(verified_at=clock.utc_now()))


def end_session(user: User, form_id: str, *, by: Actor) -> bool:
    """End a session of a user; return whether there was one with this id. `form_id`: a text
    that names the session without revealing its token, as `session_form_id` returns it.
    """
    for found in queries.list_live_sessions(user):
        if queries.session_form_id(found) == form_id:
            found.ended_at = clock.utc_now()
            record_event("session:end", user.name, by=by)
            return True
    return False


def end_other_sessions(user: User, *, keep_token: str) -> None:
    """End all sessions of a user except the one with the token `keep_token`, and log it."""
    end_sessions(user, keep_token=keep_token)
    record_event("session:end_others", user.name, by=user)


def end_all_sessions(user: User, *, by: Actor) -> None:
    """End all sessions of a user, and log who did it."""
    end_sessions(user)
    record_event("session:end_all", user.name, by=by)


def create_calendar_link(user: User) -> str:
    """Create a secret calendar link of a user in place of an earlier one; return its token."""
    db.session.execute(delete(CalendarLink).where(CalendarLink.user_id == user.id))
    token = secrets.token_urlsafe(32)
    db.session.add(CalendarLink(token_hash=hash_token(token), user_id=user.id))
    record_event("calendar:make", user.name, by=user)
    return token


def revoke_calendar_link(user: User) -> None:
    """Delete the secret calendar link of a user."""
    link = queries.find_calendar_link(user)
    if link is not None:
        db.session.delete(link)
        record_event("calendar:revoke", user.name, by=user)


def set_mail_address(user: User, address: str) -> None:
    """Set the address for mail about changes in what a user follows; "" for no mail."""
    stored = db.session.get(MailAddress, user.id)
    if address == (stored.address if stored else ""):
        return
    if stored is not None:
        db.session.delete(stored)
        db.session.flush()
    if address:
        db.session.add(MailAddress(user_id=user.id, address=address))
    record_event("mail:on" if address else "mail:off", user.name, by=user)


def end_previous_session(token: str) -> None:
    """End the earlier session of a browser in which somebody signs in again."""
    mine = UserSession.token_hash == hash_token(token)
    db.session.execute(
        update(UserSession)
        .where(mine, UserSession.ended_at.is_(None))
        .values(ended_at=clock.utc_now())
    )


def remember_device(user: User, device_token: str) -> str:
    """Record that a user signed in with a browser; return the token for its device cookie.
    `device_token`: the token in the cookie that the browser sent. If it is not known for this user,
    it is replaced by a new one, since somebody else may have set it.
    """
    now = clock.utc_now()
    db.session.execute(
        delete(KnownDevice).where(KnownDevice.seen_at < now - DEVICE_COOKIE_LIFETIME)
    )
    mine = select(KnownDevice).where(
        KnownDevice.token_hash == hash_token(device_token), KnownDevice.user_id == user.id
    )
    known: KnownDevice | None = db.session.scalars(mine).first()
    if known is not None:
        known.seen_at = now
        return device_token
    fresh = secrets.token_urlsafe(32)
    db.session.add(KnownDevice(token_hash=hash_token(fresh), user_id=user.id))
    db.session.flush()
    return fresh


def require_strong_password(password: str, name: str) -> str:
    """Return a password; raise InvalidInput if it is too weak for a user with this name."""
    words = {
        PasswordWeakness.SHORT: _("A password has at least %(n)d characters.", n=SHORTEST_PASSWORD),
        PasswordWeakness.NAME: _("A password must not contain the user name."),
        PasswordWeakness.COMMON: _("This password is easy to guess. Choose another."),
    }
    found = find_password_weakness(password, name)
    if found is not None:
        raise InvalidInput(password=words[found])
    return password


def _require_other_administrator(user: User, field: str) -> None:
    """Raise InvalidInput at a field if a user is the only administrator."""
    if not queries.count_other_administrators(db.session(), user) and Role.ADMIN in user.roles:
        raise InvalidInput(
            **{
                field: _(
                    "This is the only administrator. Make somebody else an administrator first."
                )
            }
        )


def _role_and_team_names(user: User) -> dict[str, list[str]]:
    """Return the sorted names of a user's roles and teams, under `roles` and `teams`."""
    return {
        "roles": sorted(role.value for role in user.roles),
        "teams": sorted(team.name for team in user.teams),
    }
