"""Views to follow records, panels with news of followed records, and the calendar of deadlines."""

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
from tracker.cases.forms import MailForm, MarkReadForm
from tracker.cases.views import bp as cases_bp
from tracker.db import current_settings
from tracker.errors import NotFound
from tracker.i18n import _, current_language
from tracker.incidents.filters import IncidentFilter
from tracker.kit.lists import Table
from tracker.permissions import Permission
from tracker.records import Record, record_models
from tracker.scoping import Viewer, set_viewer
from tracker.users import service as users_service
from tracker.users.models import User
from tracker.users.passwords import reserve_anonymous_slot
from tracker.users.queries import find_calendar_link, find_calendar_owner, find_mail_address
from tracker.users.throttle_service import network_of
from tracker.vocabulary.labels import get_label
from tracker.web import saving
from tracker.web.forms import ButtonForm, render_form
from tracker.web.guards import current_actor, file_response, require_permission
from tracker.web.layout import register_panel

MAX_CHANGED_RECORDS_SHOWN = 20  # changed records on the overview
# How long deadlines stay in the calendar after they passed.
PAST_DEADLINES_KEPT_FOR = timedelta(days=90)
TOO_MANY_REQUESTS_STATUS = 429  # HTTP status
# The longest line of a calendar file (RFC 5545), without its line end.
MAX_OCTETS_IN_LINE = 75
# The first lines of a calendar file.
CALENDAR_HEADER_LINES = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Tracker//Deadlines//EN",
    "CALSCALE:GREGORIAN",
)
# A calendar without any component is invalid: the time zone is always included.
TIME_ZONE_LINES = (
    "BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip
bp = Blueprint("following", __name__)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A one-day event in a calendar file. `uid`: an id that is the same in later files."""

    uid: str
    day: date
    title: str


@register_panel("follow")
def follow_panel(record: Record) -> str:
    """Render the button that follows or unfollows a record."""
    is_followed = record.ref in current_user.followed
    return render_template("cases/follow_panel.html", record=record, is_followed=is_followed)


@register_panel("overview")
def followed_overview_panel(_nothing: None) -> str:
    """Render on the overview the changes by others in what the viewer follows; return "" if the
    viewer follows nothing. `_nothing`: panels of the overview get no record.
    """
    news = news_queries.followed_news(by=current_actor(), limit=MAX_CHANGED_RECORDS_SHOWN)
    if not news.followed:
        return ""
    until = news.until.isoformat() if news.until else ""
    form = MarkReadForm(formdata=None, until=until)
    return render_template("cases/followed_on_overview.html", news=news, form=form)


@bp.post("/follow/<ref>")
@require_permission(Permission.READ)
def follow(ref: str) -> Response:
    """Follow a case, journalist, outlet or institution."""
    return _handle_follow_button(
        ref, service.follow_record, _("You follow this. The overview shows what others change.")
    )


@bp.post("/unfollow/<ref>")
@require_permission(Permission.READ)
def unfollow(ref: str) -> Response:
    """Unfollow a case, journalist, outlet or institution."""
    return _handle_follow_button(ref, service.unfollow_record, _("You no longer follow this."))


@register_panel("incident-list")
def list_panel(filters: IncidentFilter) -> str:
    """Render the button that follows or unfollows the list of a filter; return "" if it cannot be
    followed.
    """
    query = news_queries.followed_query_string(filters)
    if not query:
        return ""
    is_followed = news_queries.is_list_followed(query, by=current_actor())
    args = filters.to_args()
    return render_template("cases/list_panel.html", args=args, is_followed=is_followed)


@register_panel("saved-views")
def saved_views_panel(table: Table) -> str:
    """Render the lists that the viewer follows as saved views of a table; return "" for none, and
    for a table of other records than incidents.
    """
    if not isinstance(table.filters, IncidentFilter):
        return ""
    views = news_queries.list_saved_views(by=current_actor())
    if not views:
        return ""
    query = news_queries.followed_query_string(table.filters)
    return render_template("cases/saved_views_panel.html", views=views, query=query, table=table)


@bp.post("/following/incidents")
@require_permission(Permission.READ)
def follow_list() -> Response:
    """Follow the list of incidents with the filter in the query parameters."""
    return _handle_list_button(
        service.follow_list,
        _("You follow this list. The overview shows the incidents that others record."),
    )


@bp.post("/following/incidents/remove")
@require_permission(Permission.READ)
def unfollow_list() -> Response:
    """Unfollow the list of incidents with the filter in the query parameters."""
    return _handle_list_button(service.unfollow_list, _("You no longer follow this list."))


@bp.post("/following/read")
@require_permission(Permission.READ)
def read() -> Response:
    """Mark all that the user follows as read, up to the newest change shown."""
    form, back = MarkReadForm(), url_for("timelines.overview")
    if not saving.is_button_valid(form):
        return redirect(back, code=saving.SEE_OTHER)
    service.mark_read(form.parse_until(), by=current_actor())
    return saving.redirect_saved(back, _("Marked as read."))


@register_panel("account")
def calendar_panel(user: User) -> str:
    """Render on the account page the buttons that make and revoke the calendar address."""
    return render_template("cases/calendar_panel.html", calendar=find_calendar_link(user))


def _calendar_link_not_shown_message() -> str:
    """Return the message that is shown if the form is submitted again: the address made the first
    time may not have been shown.
    """
    return str(_("A calendar address was made, and may not have been shown: make it again."))


@bp.post("/account/calendar")
@require_permission(Permission.READ, fresh=True)
@saving.set_resubmit_message(_calendar_link_not_shown_message)
def make_calendar_link() -> str | Response:
    """Make a secret address for the user's calendar, and show the address this one time."""
    back = url_for("users.account")
    if not saving.is_button_valid(ButtonForm()):
        return redirect(back, code=saving.SEE_OTHER)
    token = users_service.create_calendar_link(current_user.user)
    saving.commit_with_result_url(back)
    link = url_for("cases.calendar", token=token, _external=True)
    return render_template("cases/calendar_link.html", link=link)


@bp.post("/account/calendar/revoke")
@require_permission(Permission.READ)
def revoke_calendar_link() -> Response:
    """Revoke the secret address of the user's calendar."""
    back = url_for("users.account")
    if not saving.is_button_valid(ButtonForm()):
        return redirect(back, code=saving.SEE_OTHER)
    users_service.revoke_calendar_link(current_user.user)
    return saving.redirect_saved(back, _("The calendar address is revoked."))


@register_panel("account")
def mail_panel(user: User) -> str:
    """Render on the account page the mail address for changes; "" if there is neither an address
    nor a mail server.
    """
    address, has_server = find_mail_address(user), current_settings().smtp_url is not None
    if not address and not has_server:
        return ""
    return render_template("cases/mail_panel.html", address=address, has_server=has_server)


@bp.route("/account/mail", methods=["GET", "POST"])
@require_permission(Permission.READ, fresh=True)
def edit_mail() -> tuple[str, int] | Response:
    """Set the address to which mail about changes in followed records is sent."""
    user, form = current_user.user, MailForm()
    address = find_mail_address(user)
    # Without a server an address can still be removed.
    if not address and current_settings().smtp_url is None:
        raise NotFound
    if not form.is_submitted():
        form.mail_address.data = address

    def apply_change() -> None:
        users_service.set_mail_address(user, form.mail_address.data or "")

    answer = saving.handle_form(form, apply_change, to=url_for("users.account"))
    return answer or render_form("cases/mail.html", form=form)


@cases_bp.get("/calendar/<token>.ics")
def calendar(token: str) -> Response:
    """Send a calendar file with the deadlines in the records that the owner of the token follows.

    Calendar servers are third parties: the file holds refs, days and kinds, and no names.
    """
    required = current_settings().require_two_factor
    with reserve_anonymous_slot(network_of(request.remote_addr), is_known=False) as has_room:
        if not has_room:
            return Response(status=TOO_MANY_REQUESTS_STATUS, headers={"Retry-After": "1"})
        owner = find_calendar_owner(token, require_two_factor=required)
        if owner is None:
            raise NotFound
        set_viewer(Viewer(tuple(owner.team_ids)))
        found = news_queries.followed_deadlines(
            clock.current_date() - PAST_DEADLINES_KEPT_FOR, by=owner
        )
    events = [
        CalendarEvent(f"{one.ref}-{one.kind}-{one.day:%Y%m%d}", one.day, _deadline_label(one))
        for one in found
    ]
    file = calendar_file(events, made_at=clock.utc_now())
    return file_response(file, "deadlines.ics", content_type="text/calendar; charset=utf-8")


def _deadline_label(deadline: news_queries.Deadline) -> str:
    """Return the title of a deadline in the calendar: its localized kind, and the ref."""
    return f"{get_label(deadline.kind, current_language())}: {deadline.ref}"


def _handle_follow_button(ref: str, apply_change: Callable[..., None], message: str) -> Response:
    """Follow or unfollow a record after a click on its button, and redirect to the record.
    `apply_change`: the service that follows or unfollows, called with the record, and the user as
    `by`; `message`: shown afterwards.
    """
    model: Any = record_models().get(ref.partition("-")[0])
    if model not in news_queries.FOLLOWABLE_MODELS:
        raise NotFound
    record: Record = saving.load(model, ref)
    if not saving.is_button_valid(ButtonForm()):
        return redirect(saving.record_url(record), code=saving.SEE_OTHER)
    apply_change(record, by=current_actor())
    return saving.redirect_saved(saving.record_url(record), message)


def _handle_list_button(apply_change: Callable[..., None], message: str) -> Response:
    """Save a follow or unfollow button of a list, and redirect to the list. `apply_change`: called
    with the query string of the list, and the user as `by`; `message`: shown afterwards.
    """
    filters = IncidentFilter.from_args(request.args)
    query, back = (
        news_queries.followed_query_string(filters),
        url_for("incidents.index", **filters.to_args()),
    )
    if not query:
        raise NotFound
    if not saving.is_button_valid(ButtonForm()):
        return redirect(back, code=saving.SEE_OTHER)
    apply_change(query, by=current_actor())
    return saving.redirect_saved(back, message)


def calendar_file(events: Iterable[CalendarEvent], *, made_at: datetime) -> bytes:
    """Return the events as an iCalendar file (RFC 5545); `made_at`: the time of its making."""
    timestamp = f"{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    lines = [
        *CALENDAR_HEADER_LINES,
        *TIME_ZONE_LINES,
        *(line for one in events for line in _event_lines(one, timestamp)),
        "END:VCALENDAR",
    ]
    return b"".join(_fold_line(line) for line in lines)


def _event_lines(event: CalendarEvent, timestamp: str) -> Iterator[str]:
    """Yield the lines of an event, not folded; `timestamp`: when the file was made, as iCalendar
    text.
    """
    yield "BEGIN:VEVENT"
    yield f"UID:{_escape_text(event.uid)}"
    yield f"DTSTAMP:{timestamp}"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    # The end is the first day after it.
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escape_text(event.title)}"
    yield "CLASS:PRIVATE"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _escape_text(text: str) -> str:
    """Return a text escaped as an iCalendar value, without control characters."""
    marked = re.sub(r"([\\;,])", r"\\\1", text)
    return re.sub(r"[\x00-\x1f\x7f]", "", re.sub(r"\r\n|\r|\n", r"\\n", marked))


def _fold_line(line: str) -> bytes:
    """Return a line with its line end, folded at `MAX_OCTETS_IN_LINE` octets."""
    rows, room = [b""], MAX_OCTETS_IN_LINE
    for sign in line:
        octets = sign.encode()
        if len(rows[-1]) + len(octets) > room:
            rows.append(b"")
            # The space that begins the next row counts.
            room = MAX_OCTETS_IN_LINE - 1
        rows[-1] += octets
    return b"\r\n ".join(rows) + b"\r\n"
