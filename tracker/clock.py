"""The current time, from one place, so that tests can replace it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app, has_app_context


def utc_now() -> datetime:
    """Return the current time, aware and in UTC."""
    return datetime.now(UTC)


def local_time_zone() -> ZoneInfo:
    """Return the tracker's time zone (TRACKER_TIMEZONE)."""
    name = current_app.config["TRACKER"].timezone if has_app_context() else "Asia/Almaty"
    return ZoneInfo(name)


def local_date(moment: datetime) -> date:
    """Return the date of a moment in the tracker's time zone."""
    return moment.astimezone(local_time_zone()).date()


def current_date() -> date:
    """Return today's date in the tracker's time zone."""
    return local_date(utc_now())
