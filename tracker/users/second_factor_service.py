"""The second factor: one-time passwords and recovery codes."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime

import pyotp
import segno
from sqlalchemy import delete, func, select, update

from tracker import clock
from tracker.audit.service import record_event
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.permissions import Actor
from tracker.users.models import RecoveryCode, SecondFactor, User, hash_token
from tracker.users.service import end_sessions

# What was given as the second factor, as the audit log has it.
AUTHENTICATOR_METHOD, RECOVERY_METHOD = "phone", "recovery code"
# The length of a time step, in which a phone shows one code.
STEP_SECONDS = 30
CODE_DIGITS = 6  # of a code that a phone shows
# The width of the white border of a QR code, in modules (its small squares), as phones need it.
QR_BORDER_MODULES = 4
# Time steps whose code is accepted, relative to now: a phone's clock may be half a minute early or
# late.
ACCEPTED_STEP_OFFSETS = (-1, 0, 1)
RECOVERY_CODE_COUNT = 10  # codes of a user
RECOVERY_CODE_BYTES = 15  # 120 bits cannot be guessed, so a plain hash is enough.
LETTERS_PER_GROUP = 4  # in secrets and recovery codes as they are shown


def generate_secret() -> str:
    """Return a random secret of 160 bits in base32, the form that phones expect."""
    return pyotp.random_base32()


def find_matching_time_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the number of the time step in which a code is right, None if it is wrong.

    Takes the same time for every code; spaces in it are ignored.
    """
    given = "".join(code.split()).encode()
    right: int | None = None
    for offset in ACCEPTED_STEP_OFFSETS:
        step = int(now.timestamp()) // STEP_SECONDS + offset
        wanted = pyotp.HOTP(secret, digits=CODE_DIGITS).at(step).encode()
        if hmac.compare_digest(wanted, given):
            right = step
    return right


def otpauth_url(secret: str, user_name: str, issuer: str) -> str:
    """Return the otpauth URL of a QR code that sets up a phone; the phone shows `issuer`."""
    return pyotp.TOTP(secret, digits=CODE_DIGITS, interval=STEP_SECONDS).provisioning_uri(
        name=user_name, issuer_name=issuer
    )


def qr_code_svg_path(text: str) -> tuple[str, int]:
    """Return the SVG path of the dark modules (small squares) of a QR code, and the width of the
    code in modules.
    """
    rows = [
        list(row) for row in segno.make_qr(text, error="m").matrix_iter(border=QR_BORDER_MODULES)
    ]
    dark = [
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module
    ]
    return "".join(dark), len(rows)


def generate_recovery_code() -> str:
    """Return a random recovery code in groups of four letters and digits."""
    return group_letters(base64.b32encode(secrets.token_bytes(RECOVERY_CODE_BYTES)).decode(), "-")


def normalize_recovery_code(code: str) -> str:
    """Return a recovery code in the form in which it is hashed: capital letters and digits, without
    spaces and hyphens.
    """
    return "".join(letter for letter in code.upper() if letter.isalnum())


def group_letters(text: str, separator: str = " ") -> str:
    """Return a text in groups of four letters, which are easier to read and type."""
    return separator.join(
        text[at : at + LETTERS_PER_GROUP] for at in range(0, len(text), LETTERS_PER_GROUP)
    )


def find_second_factor(user: User) -> SecondFactor | None:
    """Return the second factor of a user, whether or not it is confirmed."""
    found: SecondFactor | None = db.session.get(SecondFactor, user.id)
    return found


def count_unused_recovery_codes(user: User) -> int:
    """Return how many recovery codes of a user are unused."""
    unused = select(func.count()).where(
        RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
    )
    return db.session.scalar(unused) or 0


def start_second_factor_setup(user: User) -> None:
    """Store a new secret for a user's phone; it takes effect once a first code confirms it.

    Raises InvalidInput if a second factor is set up already.
    """
    found = find_second_factor(user)
    if found is not None and found.confirmed_at is not None:
        raise InvalidInput(second_factor=_("A second factor is set up. Remove it first."))
    if found is None:
        found = SecondFactor(user_id=user.id)
        db.session.add(found)
    found.secret = generate_secret()
    db.session.flush()


def confirm_second_factor(user: User, code: str, *, keep_token: str) -> list[str]:
    """Confirm a user's phone by a first code, and return new recovery codes; raise InvalidInput if
    the code is wrong. Every session except the one with the token `keep_token` ends, since it was
    started without the phone.
    """
    found = find_second_factor(user)
    if found is None or found.confirmed_at is not None or not _use_authenticator_code(found, code):
        raise InvalidInput(one_time_code=_("This is not the code that the phone shows now."))
    found.confirmed_at = clock.utc_now()
    codes = _create_recovery_codes(user)
    end_sessions(user, keep_token=keep_token)
    record_event("second_factor:set", user.name, by=user)
    return codes


def use_second_factor(user: User, code: str) -> str | None:
    """Accept a code of an authenticator or for recovery, once; return `AUTHENTICATOR_METHOD` or
    `RECOVERY_METHOD`, None if it is wrong.
    """
    found = find_second_factor(user)
    if found is None or found.confirmed_at is None:
        return None
    if _use_authenticator_code(found, code):
        return AUTHENTICATOR_METHOD
    unused = update(RecoveryCode).where(
        RecoveryCode.code_hash == hash_token(normalize_recovery_code(code)),
        RecoveryCode.user_id == user.id,
        RecoveryCode.used_at.is_(None),
    )
    used = unused.values(used_at=clock.utc_now()).returning(RecoveryCode.user_id)
    return RECOVERY_METHOD if db.session.scalars(used).first() is not None else None


def replace_recovery_codes(user: User) -> list[str]:
    """Return new recovery codes of a user; the old ones become invalid. Raise InvalidInput if the
    user has no second factor.
    """
    found = find_second_factor(user)
    if found is None or found.confirmed_at is None:
        raise InvalidInput(second_factor=_("There is no second factor."))
    codes = _create_recovery_codes(user)
    record_event("second_factor:codes", user.name, by=user)
    return codes


def remove_second_factor(user: User, *, keep_token: str) -> None:
    """Remove the user's own second factor, and end all sessions of the user except the one with the
    token `keep_token`.
    """
    if _delete_second_factor(user):
        end_sessions(user, keep_token=keep_token)
        record_event("second_factor:remove", user.name, by=user)


def reset_second_factor(user: User, *, by: Actor) -> None:
    """Remove another user's second factor, and end their sessions; raise InvalidInput if the user
    has none.
    """
    if not _delete_second_factor(user):
        raise InvalidInput(second_factor=_("There is no second factor."))
    end_sessions(user)
    record_event("second_factor:reset", user.name, by=by)


def _use_authenticator_code(found: SecondFactor, code: str) -> bool:
    """Accept a code of the phone once; return whether it was right and not used before."""
    step = find_matching_time_step(found.secret, code, clock.utc_now())
    if step is None:
        return False
    # In one statement: of two simultaneous requests, only one is accepted.
    newer = update(SecondFactor).where(
        SecondFactor.user_id == found.user_id, SecondFactor.last_step < step
    )
    used = newer.values(last_step=step).returning(SecondFactor.user_id)
    return db.session.scalars(used).first() is not None


def _create_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes of a user by new ones, and return these."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [generate_recovery_code() for _number in range(RECOVERY_CODE_COUNT)]
    rows = [
        RecoveryCode(code_hash=hash_token(normalize_recovery_code(code)), user_id=user.id)
        for code in codes
    ]
    db.session.add_all(rows)
    db.session.flush()
    return codes


def _delete_second_factor(user: User) -> bool:
    """Delete secret and codes; return whether the second factor was in use."""
    found = find_second_factor(user)
    if found is None:
        return False
    was_confirmed = found.confirmed_at is not None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    db.session.delete(found)
    db.session.flush()
    return was_confirmed
