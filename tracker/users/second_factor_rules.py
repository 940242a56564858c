"""One-time passwords of a phone (RFC 6238), and the recovery codes that stand in for a lost one."""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import TYPE_CHECKING

import pyotp

if TYPE_CHECKING:
    from datetime import datetime

SECONDS_A_STEP = 30
DIGITS = 6
# A phone may be half a minute early or late.
STEPS_AROUND = (-1, 0, 1)
RECOVERY_CODES = 10
RECOVERY_BYTES = 15  # 120 bits: nothing to guess, so that a plain hash keeps them
GROUP = 4


def new_secret() -> str:
    """Return a fresh secret of 160 bits, in the base32 that phones take."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose password this is, or None; each takes the same time."""
    given = "".join(code.split()).encode()
    right: int | None = None
    for offset in STEPS_AROUND:
        step = int(now.timestamp()) // SECONDS_A_STEP + offset
        wanted = pyotp.HOTP(secret, digits=DIGITS).at(step).encode()
        if hmac.compare_digest(wanted, given):
            right = step
    return right


def address_for_phone(secret: str, name: str, place: str) -> str:
    """Return the otpauth address that a QR code shows to the phone."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=SECONDS_A_STEP).provisioning_uri(
        name=name, issuer_name=place
    )


def new_recovery_code() -> str:
    """Return a fresh code in groups of four letters and digits."""
    return in_groups(base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode(), "-")


def bare(code: str) -> str:
    """Return a recovery code as it is hashed, however it was typed."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def in_groups(text: str, between: str = " ") -> str:
    """Return letters in groups of four, as people read and type them."""
    return between.join(text[at : at + GROUP] for at in range(0, len(text), GROUP))
