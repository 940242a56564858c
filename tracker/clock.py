"""The current time, from one place, so that tests can replace it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app, has_app_context


def now() -> datetime:
    """Return the current time, aware and in UTC."""
    return datetime.now(UTC)


def zone() -> ZoneInfo:
    """Return the tracker's time zone (TRACKER_TIMEZONE)."""
    name = current_app.config["TRACKER"].timezone if has_app_context() else "Asia/Almaty"
    return ZoneInfo(name)


def day_of(moment: datetime) -> date:
    """Return the date of a moment in the tracker's time zone."""
    return moment.astimezone(zone()).date()


def today() -> date:
    """Return today's date in the tracker's time zone."""
    return day_of(now())
