"""A clock that tests of limits move forward and back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tracker import clock

TOO_OLD = "The page had been open for too long; press the button again."


class Clock:
    """The time of the tracker, fixed until a test moves it."""

    def __init__(self) -> None:
        self.at: datetime = clock.utc_now()

    def move(self, **by: float) -> None:
        """Move forward, or back by a negative amount: seconds, minutes, hours, days."""
        self.at += timedelta(**by)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Provide the clock, which the application then uses."""
    own = Clock()
    monkeypatch.setattr(clock, "utc_now", lambda: own.at)
    return own
