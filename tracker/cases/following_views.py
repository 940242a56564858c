"""Following records: the button on their pages, the news on the overview, and the calendar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from tracker import clock
from tracker.cases import news_queries, service
from tracker.cases.forms import MarkReadForm
from tracker.cases.views import bp as cases_bp
from tracker.db import current_settings
from tracker.errors import NotFound
from tracker.i18n import _, language
from tracker.permissions import Permission
from tracker.records import Record, record_models
from tracker.scoping import Viewer, set_viewer
from tracker.users import service as users_service
from tracker.users.models import User
from tracker.users.passwords import reserve_anonymous_slot
from tracker.users.queries import find_calendar_link, find_calendar_owner
from tracker.users.throttle_service import network_of
from tracker.vocabulary.labels import label
from tracker.web.forms import ButtonForm
from tracker.web.guards import current_actor, require_permission
from tracker.web.hardening import file_response
from tracker.web.panels import register_panel
from tracker.web.saving import (
    SEE_OTHER,
    commit_and_redirect,
    is_button_valid,
    load,
    record_url,
    redirect_saved,
    set_resubmit_message,
)

MOST_SHOWN = 20
# Deadlines stay in the calendar for this long after they passed.
KEPT_FOR = timedelta(days=90)
TOO_MANY = 429
# The calendar is a file of whole days (RFC 5545). The longest line in octets, without its end.
LONGEST_LINE = 75
HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tracker//Deadlines//EN", "CALSCALE:GREGORIAN")
# A calendar without any component is invalid: this one is always there.
ZONE = (
    "BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip
bp = Blueprint("following", __name__)


@dataclass(frozen=True, slots=True)
class Event:
    """A whole day; `uid` stays the same whenever the file is made."""

    uid: str
    day: date
    words: str


@register_panel("follow")
def follow_panel(record: Record) -> str:
    """Render the button by which the viewer follows a record, or does so no longer."""
    is_followed = record.ref in current_user.followed
    return render_template("cases/follow_panel.html", record=record, is_followed=is_followed)


@register_panel("overview")
def followed_overview_panel(_nothing: None) -> str:
    """Render on the overview what others did in what the viewer follows."""
    if not current_user.followed:
        return ""
    news = news_queries.news_followed(by=current_actor(), most=MOST_SHOWN)
    if not news.followed:
        return ""
    until = news.until.isoformat() if news.until else ""
    form = MarkReadForm(formdata=None, until=until)
    return render_template("cases/followed_on_overview.html", news=news, form=form)


@bp.post("/follow/<ref>")
@require_permission(Permission.READ)
def follow(ref: str) -> Response:
    """Follow a case, journalist, outlet or institution."""
    return _handle_button(
        ref, service.follow, _("You follow this. The overview shows what others change.")
    )


@bp.post("/unfollow/<ref>")
@require_permission(Permission.READ)
def unfollow(ref: str) -> Response:
    """Follow it no longer."""
    return _handle_button(ref, service.unfollow, _("You no longer follow this."))


@bp.post("/following/read")
@require_permission(Permission.READ)
def read() -> Response:
    """Mark everything that the user follows as read, up to the newest change shown."""
    form, back = MarkReadForm(), url_for("timelines.overview")
    if not is_button_valid(form):
        return redirect(back, code=SEE_OTHER)
    service.mark_read(form.moment(), by=current_actor())
    return redirect_saved(back, _("Marked as read."))


@register_panel("account")
def calendar_panel(user: User) -> str:
    """Render on the page of an account what there is to do with the address of its calendar."""
    return render_template("cases/calendar_panel.html", calendar=find_calendar_link(user))


def _address_not_shown() -> str:
    return str(_("A calendar address was made, and may not have been shown: make it again."))


@bp.post("/account/calendar")
@require_permission(Permission.READ, fresh=True)
@set_resubmit_message(_address_not_shown)
def make_calendar_link() -> str | Response:
    """Make a secret address for the user's calendar; it is shown only now."""
    back = url_for("users.account")
    if not is_button_valid(ButtonForm()):
        return redirect(back, code=SEE_OTHER)
    token = users_service.create_calendar_link(current_user.user)
    commit_and_redirect(back)
    link = url_for("cases.calendar", token=token, _external=True)
    return render_template("cases/calendar_link.html", link=link)


@bp.post("/account/calendar/revoke")
@require_permission(Permission.READ)
def revoke_calendar_link() -> Response:
    """Make the secret address of the user's calendar invalid."""
    back = url_for("users.account")
    if not is_button_valid(ButtonForm()):
        return redirect(back, code=SEE_OTHER)
    users_service.revoke_calendar_link(current_user.user)
    return redirect_saved(back, _("The calendar address is revoked."))


@cases_bp.get("/calendar/<token>.ics")
def calendar(token: str) -> Response:
    """Send the deadlines in what the owner of a secret address follows.

    Calendar servers are third parties: the file holds refs, days and kinds, and no names.
    """
    required = current_settings().require_two_factor
    with reserve_anonymous_slot(network_of(request.remote_addr), is_known=False) as has_room:
        if not has_room:
            return Response(status=TOO_MANY, headers={"Retry-After": "1"})
        owner = find_calendar_owner(token, require_two_factor=required)
        if owner is None:
            raise NotFound
        set_viewer(Viewer(tuple(owner.team_ids)))
        found = news_queries.deadlines_followed(clock.current_date() - KEPT_FOR, by=owner)
    events = [
        Event(f"{one.ref}-{one.kind}-{one.day:%Y%m%d}", one.day, _deadline_words(one))
        for one in found
    ]
    file = calendar_file(events, made_at=clock.utc_now())
    return file_response(file, "deadlines.ics", content_type="text/calendar; charset=utf-8")


def _deadline_words(deadline: news_queries.Deadline) -> str:
    return f"{label(deadline.kind, language())}: {deadline.ref}"


def _handle_button(ref: str, act: Callable[..., None], message: str) -> Response:
    """Handle a button on the page of a record that can be followed."""
    model: Any = record_models().get(ref.partition("-")[0])
    if model not in news_queries.FOLLOWABLE:
        raise NotFound
    record: Record = load(model, ref)
    if not is_button_valid(ButtonForm()):
        return redirect(record_url(record), code=SEE_OTHER)
    act(record, by=current_actor())
    return redirect_saved(record_url(record), message)


def calendar_file(events: Iterable[Event], *, made_at: datetime) -> bytes:
    """Return the file, made at a moment."""
    stamp = f"{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    lines = [
        *HEAD,
        *ZONE,
        *(line for one in events for line in _event(one, stamp)),
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _event(event: Event, stamp: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(event.uid)}"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    # The end is the first day after it.
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(event.words)}"
    yield "CLASS:PRIVATE"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    """Return a text as a value: line ends are written out, other control characters left out."""
    marked = re.sub(r"([\\;,])", r"\\\1", text)
    return re.sub(r"[\x00-\x1f\x7f]", "", re.sub(r"\r\n|\r|\n", r"\\n", marked))


def _folded(line: str) -> bytes:
    """Return a line with its end, folded between characters where it is too long."""
    rows, room = [b""], LONGEST_LINE
    for sign in line:
        octets = sign.encode()
        if len(rows[-1]) + len(octets) > room:
            rows.append(b"")
            # The space that begins the next row counts.
            room = LONGEST_LINE - 1
        rows[-1] += octets
    return b"\r\n ".join(rows) + b"\r\n"
