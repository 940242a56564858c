"""Send mails to users that records they follow changed, without saying what changed."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from smtplib import SMTP, SMTP_SSL, SMTPException
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from sqlalchemy import select, update

from tracker import clock
from tracker.cases.news_queries import followed_news
from tracker.config import Settings
from tracker.db import current_settings, db, set_read_only
from tracker.errors import TrackerError
from tracker.i18n import _, use_language
from tracker.scoping import Viewer, set_viewer
from tracker.users.models import MailNotice, User
from tracker.users.queries import can_read_unattended

SMTP_TIMEOUT_SECONDS = 30.0  # seconds
# Without TLS only a mail server on the same machine is used.
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class DueNotice(NamedTuple):
    """A mail to send to a user; `until`: the moment of the latest change that it is about."""

    user_id: int
    address: str
    until: datetime


def send_notices() -> Iterator[bool]:
    """Send a mail to each user with unread changes that no mail was sent about yet; yield, for each
    mail, whether the server accepted it, for the caller to commit.

    Raises TrackerError if the server cannot be used. No transaction is open meanwhile.
    """
    settings = current_settings()
    if settings.smtp_url is None:
        raise TrackerError("no mail server is set: TRACKER_SMTP_URL")
    set_read_only()
    notices = list(_due_notices(settings))
    db.session.remove()
    if not notices:
        return
    try:
        with _connect_to_server(settings) as server:
            for notice in notices:
                is_sent = _send_notice(server, notice, settings)
                if is_sent:
                    mine = MailNotice.user_id == notice.user_id
                    db.session.execute(update(MailNotice).where(mine).values(sent_at=notice.until))
                yield is_sent
    except (SMTPException, OSError) as error:
        raise TrackerError(f"the mail server cannot be used ({type(error).__name__})") from error


def _due_notices(settings: Settings) -> Iterator[DueNotice]:
    """Yield the mails to send; each user's changes are read with the rights of that user."""
    rows = select(MailNotice, User).join(User, User.id == MailNotice.user_id)
    for kept, user in db.session.execute(rows.order_by(User.id)).all():
        if not can_read_unattended(user, settings.require_two_factor):
            continue
        set_viewer(Viewer(tuple(user.team_ids)))
        until = followed_news(by=user, most=0).until
        if until is not None and until > kept.sent_at:
            yield DueNotice(user.id, kept.address, until)


@contextmanager
def _connect_to_server(settings: Settings) -> Iterator[SMTP]:
    """Connect to the mail server, over TLS unless it is on this machine; yield the connection."""
    url = urlsplit(settings.smtp_url or "")
    host, port, secure = url.hostname or "", url.port or 0, ssl.create_default_context()
    # The name of this machine is not sent to the server.
    name = (settings.mail_from or "").partition("@")[2]
    server = (
        SMTP_SSL(host, port, local_hostname=name, timeout=SMTP_TIMEOUT_SECONDS, context=secure)
        if url.scheme == "smtps"
        else SMTP(host, port, local_hostname=name, timeout=SMTP_TIMEOUT_SECONDS)
    )
    with server:
        if url.scheme == "smtp" and host not in LOCAL_HOSTS:
            server.starttls(context=secure)
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        yield server


def _send_notice(server: SMTP, notice: DueNotice, settings: Settings) -> bool:
    """Send a mail and return whether the server accepted it; a refused address raises nothing."""
    try:
        server.send_message(_build_message(notice.address, settings))
    except SMTPException:
        server.rset()
        return False
    return True


def _build_message(address: str, settings: Settings) -> EmailMessage:
    """Return the mail to an address, in the language of the installation, without details."""
    mail = EmailMessage()
    with use_language(settings.language):
        mail["Subject"] = str(_("Something changed"))
        mail.set_content(str(_("Something changed in what you follow. Sign in to see it.")))
    mail["From"], mail["To"] = settings.mail_from or "", address
    mail["Date"] = format_datetime(clock.utc_now())
    mail["Message-ID"] = make_msgid(domain=(settings.mail_from or "").partition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    return mail
