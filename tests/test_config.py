"""What the environment may and may not ask for."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tracker.config import Settings
from tracker.errors import BadSettings

GOOD = "5f1c9e0b7d2a48c6b3e4f90a1d8c7b6e"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("TRACKER_") or name == "PORT":
            monkeypatch.delenv(name)


def test_the_secret_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    first = Settings.from_env(tmp_path)
    kept = tmp_path / "instance" / "secret_key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert Settings.from_env(tmp_path).secret_key == first.secret_key
    assert len(first.secret_key) >= 64


@pytest.mark.parametrize("key", ["short", "dev", "changeme" * 8, "a" * 64, "secret-key" * 7])
def test_a_short_or_known_secret_key_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("TRACKER_SECRET_KEY", key)
    with pytest.raises(BadSettings, match=r"secrets\.token_hex"):
        Settings.from_env(tmp_path)


# Each setting that can be wrong. The last value of each is also given to a server that starts.
BAD_VALUES = [
    ("PORT", "٨٠"),
    ("PORT", "99999"),
    ("PORT", "9" * 5000),
    ("PORT", "eighty"),
    ("TRACKER_SAMPLE", "maybe"),
    ("TRACKER_LANGUAGE", "xx"),
    ("TRACKER_TIMEZONE", "Mars/Olympus"),
    ("TRACKER_TIMEZONE", "A" * 5000),
    ("TRACKER_TIMEZONE", "Asia/\nAlmaty"),
    # A folder of time zones.
    ("TRACKER_TIMEZONE", "Europe"),
    ("TRACKER_PROXY_HOPS", "-1"),
    ("TRACKER_TRUSTED_HOSTS", " , "),
    ("TRACKER_DATABASE_URL", "mysql://localhost/old"),
    ("TRACKER_DATABASE_URL", "tracker.db"),
    # What pages save would go there, and what is backed up comes from somewhere else.
    ("TRACKER_LOW_DATABASE_URL", "sqlite:////somewhere/old.db"),
    ("TRACKER_EXPORT_DATABASE_URL", "postgresql+psycopg://export@localhost/old"),
    # Bytes that are no text.
    ("TRACKER_SECRET_KEY", "\udcff"),
    ("TRACKER_SECRET_KEY", "short"),
    ("TRACKER_AUDIT_KEY", "\udcff"),
    ("TRACKER_AUDIT_KEY", f"{GOOD} short"),
    ("TRACKER_BACKUP_RECIPIENT", "\udcff"),
    ("TRACKER_BACKUP_RECIPIENT", "age1notakey"),
    ("TRACKER_BACKUP_RECIPIENT", "AGE-SECRET-KEY-1QQQ"),
    ("TRACKER_SMTP_URL", "https://mail.example.org"),
    ("TRACKER_MAIL_FROM", "notices"),
    ("TRACKER_LOG_FORMAT", "xml"),
    ("TRACKER_REQUIRE_TWO_FACTOR", "perhaps"),
]
# What another setting must say, so that one is read.
NEEDED = {
    "TRACKER_TRUSTED_HOSTS": {"TRACKER_PROXY_HOPS": "1"},
    "TRACKER_MAIL_FROM": {"TRACKER_SMTP_URL": "smtps://mail.example.org"},
}


@pytest.mark.parametrize(("name", "value"), BAD_VALUES)
def test_a_bad_value_is_refused_and_named_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    given = {"TRACKER_SECRET_KEY": GOOD} | NEEDED.get(name, {}) | {name: value}
    for one, text in given.items():
        monkeypatch.setenv(one, text)
    with pytest.raises(BadSettings, match=name) as refused:
        Settings.from_env(tmp_path)
    assert len(str(refused.value).splitlines()) == 1


def test_what_is_given_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_SECRET_KEY", GOOD)
    monkeypatch.setenv("TRACKER_TRUSTED_HOSTS", "a.example, b.example")
    monkeypatch.setenv("TRACKER_SAMPLE", "no")
    monkeypatch.setenv("PORT", "8123")
    settings = Settings.from_env(tmp_path)
    assert settings.secret_key == GOOD
    assert settings.trusted_hosts == ("a.example", "b.example")
    assert not settings.load_sample
    assert settings.port == 8123
    assert settings.database_url == f"sqlite:///{tmp_path / 'instance' / 'tracker.db'}"


def test_the_lesser_roles_reach_the_same_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_SECRET_KEY", GOOD)
    for name, role in (("", "owner"), ("LOW_", "low"), ("EXPORT_", "export")):
        url = f"postgresql+psycopg://{role}:word@localhost/tracker"
        monkeypatch.setenv(f"TRACKER_{name}DATABASE_URL", url)
    assert Settings.from_env(tmp_path).low_database_url is not None
