"""The settings of an installation, read once from the environment."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyrage
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from tracker.errors import BadSettings

# The languages of the interface by code, each by its own name.
LANGUAGES = {"en": "English", "ru": "Русский", "kk": "Қазақша"}
# The fewest bytes of a secret, and the random bytes of one that is created.
SECRET_BYTES = 32
# The file beside the secret key with the keys of the audit log, the newest last.
AUDIT_KEYS_FILE = "audit_key"
# The file beside the secret key that names the heads (last entries) of unsigned audit logs which
# this installation accepts: one line `SEQ:HASH`, the number and the hash of the entry, for each.
ACCEPTED_HEADS_FILE = "audit_sealed"
# A secret with fewer different characters can be guessed.
MIN_DISTINCT_SECRET_CHARACTERS = 8
# Digits of a number in a setting.
MAX_SETTING_DIGITS = 9
MAX_MAIL_ADDRESS_LENGTH = 254  # characters
# One mail address. It has none of the characters `=` and `?`, with which RFC 2047 encodes words: a
# mail header would decode them.
MAIL_ADDRESS_PATTERN = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*", re.IGNORECASE | re.ASCII
)
# Bytes of the environment that Python could not decode.
UNDECODED_BYTE_PATTERN = re.compile("[\udc80-\udcff]")
# Published defaults; a secret that begins with one of them can be guessed.
PUBLISHED_SECRETS = frozenset({"dev", "secret", "changeme", "change-me", "secret-key", "tracker"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of an installation."""

    database_url: str
    secret_key: str
    instance: Path
    # The keys of the audit log, the newest first; if not given, they are read from the file.
    audit_key: str | None = None
    # On PostgreSQL, the URLs of the same database with restricted roles (see `db_privileges.py`);
    # on SQLite the connections restrict themselves.
    low_database_url: str | None = None
    export_database_url: str | None = None
    language: str = "en"
    timezone: str = "Asia/Almaty"
    port: int = 8000
    # The host names under which the tracker is reached; empty for any.
    trusted_hosts: tuple[str, ...] = ()
    # The number of proxies before the server.
    proxy_hops: int = 0
    # Whether a new database gets the sample, and the password of the sample's users.
    load_sample: bool = True
    sample_password: str | None = None
    # The public age key for which backups are encrypted.
    backup_recipient: str | None = None
    # The mail server and the sender of notices; without a server the tracker sends no mail.
    smtp_url: str | None = None
    mail_from: str | None = None
    require_two_factor: bool = False
    log_as_json: bool = False
    # The cost of Argon2id, which decides the seconds per hash; the defaults are the library's
    # (RFC 9106, low memory). Tests lower them.
    password_time_cost: int = 3
    password_memory_kib: int = 65536
    # Threads of one hash.
    password_lanes: int = 4
    testing: bool = False

    def __post_init__(self) -> None:
        """Raise BadSettings, with a message, for settings that would make the tracker unsafe."""
        if is_weak_secret(self.secret_key):
            raise BadSettings(
                "TRACKER_SECRET_KEY must be a random value of at least 32 bytes, and not a known "
                "default. Make one: python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
        if self.audit_key is not None and (
            not _split_list(self.audit_key) or any(map(is_weak_secret, _split_list(self.audit_key)))
        ):
            raise BadSettings(
                "TRACKER_AUDIT_KEY must be random values of at least 32 bytes, the newest first. "
                "Make one: python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
        if self.proxy_hops and not self.trusted_hosts:
            raise BadSettings(
                "TRACKER_TRUSTED_HOSTS must name the hosts under which the tracker is reached, "
                "since TRACKER_PROXY_HOPS says that a proxy stands before it"
            )
        _validate_database_url("TRACKER_DATABASE_URL", self.database_url)
        for name, url in (("LOW", self.low_database_url), ("EXPORT", self.export_database_url)):
            if url is not None:
                _validate_database_url(f"TRACKER_{name}_DATABASE_URL", url)
            if url is not None and not _is_same_database(url, self.database_url):
                raise BadSettings(
                    f"TRACKER_{name}_DATABASE_URL must name the database of TRACKER_DATABASE_URL, "
                    "by another role alone: what is saved would go to two databases"
                )
        if self.backup_recipient is not None:
            _validate_backup_recipient(self.backup_recipient)
        _validate_mail(self.smtp_url, self.mail_from)
        if self.language not in LANGUAGES:
            raise BadSettings("TRACKER_LANGUAGE must be one of: " + ", ".join(LANGUAGES))
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            # Folders of time zones and very long names are errors of the file system.
            raise BadSettings(
                f"TRACKER_TIMEZONE is not a known time zone: {self.timezone!r}"
            ) from None

    @classmethod
    def from_env(cls, root: Path | None = None) -> Settings:
        """Return the settings given by environment variables and by the files in `instance/`.
        `root`: the folder of `instance/`, by default the one of `wsgi.py`.
        """
        instance = (root or Path(__file__).resolve().parent.parent) / "instance"
        env = os.environ
        _require_utf8_settings(env)
        try:
            instance.mkdir(mode=0o700, exist_ok=True)
            secret_key = env.get("TRACKER_SECRET_KEY") or _load_or_create_secret(
                instance / "secret_key"
            )
            if not env.get("TRACKER_AUDIT_KEY"):
                _load_or_create_secret(instance / AUDIT_KEYS_FILE)
        except OSError as error:
            raise BadSettings(f"{error.filename or instance}: {error.strerror}") from None
        return cls(
            database_url=env.get("TRACKER_DATABASE_URL") or f"sqlite:///{instance / 'tracker.db'}",
            secret_key=secret_key,
            instance=instance,
            audit_key=env.get("TRACKER_AUDIT_KEY") or None,
            low_database_url=env.get("TRACKER_LOW_DATABASE_URL") or None,
            export_database_url=env.get("TRACKER_EXPORT_DATABASE_URL") or None,
            language=env.get("TRACKER_LANGUAGE") or "en",
            timezone=env.get("TRACKER_TIMEZONE") or "Asia/Almaty",
            port=_parse_number("PORT", env.get("PORT") or "8000", most=65535),
            trusted_hosts=tuple(_split_list(env.get("TRACKER_TRUSTED_HOSTS", ""))),
            proxy_hops=_parse_number(
                "TRACKER_PROXY_HOPS", env.get("TRACKER_PROXY_HOPS") or "0", most=10
            ),
            load_sample=_parse_yes_or_no("TRACKER_SAMPLE", env.get("TRACKER_SAMPLE") or "yes"),
            sample_password=env.get("TRACKER_SAMPLE_PASSWORD") or None,
            backup_recipient=env.get("TRACKER_BACKUP_RECIPIENT") or None,
            smtp_url=env.get("TRACKER_SMTP_URL") or None,
            mail_from=env.get("TRACKER_MAIL_FROM") or None,
            log_as_json=_read_choice("TRACKER_LOG_FORMAT", "text", "json") == "json",
            require_two_factor=_parse_yes_or_no(
                "TRACKER_REQUIRE_TWO_FACTOR", env.get("TRACKER_REQUIRE_TWO_FACTOR") or "no"
            ),
        )


def _require_utf8_settings(env: Mapping[str, str]) -> None:
    """Raise BadSettings for a setting that is not a text in UTF-8."""
    for name, text in env.items():
        if name.startswith("TRACKER_") and UNDECODED_BYTE_PATTERN.search(text):
            raise BadSettings(f"{name} must be a text in UTF-8")


def _validate_database_url(name: str, text: str) -> None:
    """Raise BadSettings for a text that is no database URL, without repeating the password in it.
    `name`: the environment variable with the text.
    """
    try:
        url = make_url(text)
        if url.get_backend_name() not in {"sqlite", "postgresql"}:
            raise BadSettings(f"{name} must begin with sqlite:/// or postgresql://")
        url.get_dialect().import_dbapi()
    except ModuleNotFoundError:
        raise BadSettings(
            f"{name} names PostgreSQL, whose driver is not installed: "
            ".venv/bin/python -I tracker/install.py requirements-postgres.txt"
        ) from None
    except (ArgumentError, ValueError):
        raise BadSettings(
            f"{name} is no address of a database: sqlite:////path/file.db or "
            "postgresql://user@host/name"
        ) from None


def _is_same_database(url: str, other_url: str) -> bool:
    """Return whether two URLs have the same kind, host, port and name of a database; the users and
    passwords may differ.
    """
    first, second = (
        (one.get_backend_name(), one.host, one.port, one.database)
        for one in (make_url(url), make_url(other_url))
    )
    return first == second


def is_weak_secret(key: str) -> bool:
    """Return whether a signing key is too short or can be guessed."""
    return len(key.encode()) < SECRET_BYTES or _is_guessable_secret(key)


def _validate_backup_recipient(recipient: str) -> None:
    """Raise BadSettings if a text is no public age key."""
    try:
        pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        raise BadSettings(
            "TRACKER_BACKUP_RECIPIENT must be the public key of an age identity: age1… (docs/"
            "deploying.md says how to make one)"
        ) from None


def _validate_mail(smtp_url: str | None, mail_from: str | None) -> None:
    """Raise BadSettings for an invalid mail server or sender, without repeating the password."""
    if smtp_url is None:
        return
    try:
        url = urlsplit(smtp_url)
        is_server = url.scheme in {"smtp", "smtps"} and bool(url.hostname) and url.port != 0
    except ValueError:
        is_server = False
    if not is_server or not unquote(smtp_url).isascii():
        raise BadSettings(
            "TRACKER_SMTP_URL must be smtps://user:password@host, or smtp:// with STARTTLS, and "
            "nothing but ASCII"
        )
    if not is_mail_address(mail_from or ""):
        raise BadSettings(
            "TRACKER_MAIL_FROM must be the address that mails are from, such as notices@example.org"
        )


def is_mail_address(text: str) -> bool:
    """Return whether a text is one address that mail can be sent to."""
    return len(text) <= MAX_MAIL_ADDRESS_LENGTH and bool(MAIL_ADDRESS_PATTERN.fullmatch(text))


def _is_guessable_secret(key: str) -> bool:
    """Return whether a key is a published default, a repeated word or a repeated letter."""
    folded = key.strip().casefold()
    return len(set(folded)) < MIN_DISTINCT_SECRET_CHARACTERS or any(
        folded.startswith(known) for known in PUBLISHED_SECRETS
    )


def _load_or_create_secret(path: Path) -> str:
    """Return the key in a file; create both if there is no file, readable only by its owner.

    The file gets its name only once the key is in it. An empty file was left by a killed start.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # Of two simultaneous starts, one creates the key.
        fcntl.flock(folder, fcntl.LOCK_EX)
        if not path.exists() or not path.stat().st_size:
            unfinished = path.with_name(path.name + ".new")
            unfinished.unlink(missing_ok=True)
            flags, mode = os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR
            with os.fdopen(os.open(unfinished, flags, mode), "w", encoding="ascii") as file:
                file.write(secrets.token_hex(SECRET_BYTES) + "\n")
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        return path.read_text(encoding="ascii", errors="replace").strip()
    finally:
        os.close(folder)


def _split_list(text: str) -> list[str]:
    """Return the words of a text that are separated by commas or white space."""
    return [word for word in text.replace(",", " ").split() if word]


def _parse_number(name: str, text: str, *, most: int) -> int:
    """Return a text as a whole number from 0 to `most`; raise BadSettings if it is none.
    `name`: the environment variable with the text.
    """
    # Python reads no number of thousands of digits.
    if (
        not (text.isascii() and text.isdigit())
        or len(text) > MAX_SETTING_DIGITS
        or int(text) > most
    ):
        raise BadSettings(f"{name} must be a whole number from 0 to {most}, not {text!r}")
    return int(text)


def _read_choice(name: str, *allowed: str) -> str:
    """Return the value of an environment variable, which must be one of the texts `allowed`.
    If it is not set, return the first of them; raise BadSettings for any other value.
    """
    text = os.environ.get(name) or allowed[0]
    if text not in allowed:
        raise BadSettings(f"{name} must be one of: {', '.join(allowed)}")
    return text


def _parse_yes_or_no(name: str, text: str) -> bool:
    """Return whether a text is "yes"; raise BadSettings if it is neither "yes" nor "no".
    `name`: the environment variable with the text.
    """
    if text not in {"yes", "no"}:
        raise BadSettings(f"{name} must be yes or no, not {text!r}")
    return text == "yes"
