"""What `flask serve` refuses before it makes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tracker import create_app
from tracker.config import Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "TRACKER_SAMPLE_PASSWORD: A password has at least"),
        ("password12345", "TRACKER_SAMPLE_PASSWORD: This password is among the first"),
        ("the-monitor-of-nights", "TRACKER_SAMPLE_PASSWORD: A password must not contain"),
    ],
)
def test_a_weak_password_of_the_sample_makes_no_database(
    tmp_path: Path, password: str, words: str
) -> None:
    file = tmp_path / "tracker.db"
    settings = Settings(
        database_url=f"sqlite:///{file}",
        secret_key="5f1c9e0b7d2a48c6" * 4,
        instance=tmp_path,
        sample_password=password,
    )

    app = create_app(settings)
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["serve"])

    assert result.exit_code == 1
    assert result.stderr.startswith(words)
    assert len(result.stderr.splitlines()) == 1
    assert not file.exists()
