"""Send mails to users that records they follow changed, without saying what changed."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
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
from tracker.users.models import MailAddress, User
from tracker.users.queries import can_read_without_sign_in

SMTP_TIMEOUT_SECONDS = 30.0  # seconds
# Without TLS only a mail server on the same machine is used.
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class DueNotice(NamedTuple):
    """A mail to send to a user; `until`: the moment of the latest change that it is about."""

    address: str
    until: datetime


def send_notices(require_open: Callable[[], None]) -> Iterator[bool]:
    """Send a mail to each user with unread changes that no mail was sent about yet; yield, for each
    mail, whether the server accepted it, for the caller to commit.
    `require_open`: called before each mail; raises if the tracker is closed.

    Raises TrackerError if the server cannot be used. No transaction is open while the server is
    waited for. Two runs at once would mail twice; as a systemd unit it runs once.
    """
    settings = current_settings()
    if settings.smtp_url is None:
        raise TrackerError("no mail server is set: TRACKER_SMTP_URL")
    require_open()
    try:
        with ExitStack() as connections:
            server: SMTP | None = None
            for user_id in _list_user_ids():
                notice = _find_due_notice(user_id, settings)
                if notice and (server is None or server.sock is None):
                    server = connections.enter_context(_connect_to_server(settings))
                    # Connecting takes a while, in which the address may have been removed.
                    notice = _find_due_notice(user_id, settings)
                if server is None or notice is None:
                    continue
                require_open()
                is_sent = _send_notice(server, notice, settings)
                if is_sent:
                    mine = MailAddress.user_id == user_id
                    db.session.execute(update(MailAddress).where(mine).values(sent_at=notice.until))
                yield is_sent
    except (SMTPException, OSError) as error:
        raise TrackerError(f"the mail server cannot be used ({type(error).__name__})") from error


def _list_user_ids() -> list[int]:
    """Return the ids of the users with an address for mail, the one whose last mail was sent
    longest ago first.
    """
    set_read_only()
    rows = select(MailAddress.user_id).order_by(MailAddress.sent_at, MailAddress.user_id)
    found = list(db.session.scalars(rows))
    db.session.remove()
    return found


def _find_due_notice(user_id: int, settings: Settings) -> DueNotice | None:
    """Return the mail to send to a user, None if there is none. The mail is about changes in
    records that this user may see.
    """
    set_read_only()
    try:
        kept, user = db.session.get(MailAddress, user_id), db.session.get(User, user_id)
        if not kept or not user or not can_read_without_sign_in(user, settings.require_two_factor):
            return None
        set_viewer(Viewer(tuple(user.team_ids)))
        until = followed_news(by=user, limit=0).until
        return DueNotice(kept.address, until) if until and until > kept.sent_at else None
    finally:
        db.session.remove()


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
    """Send a mail and return whether the server accepted it; a refused or invalid address raises
    nothing, nor does a connection that is dropped.
    """
    try:
        mail = _build_message(notice.address, settings)
        server.send_message(mail, settings.mail_from, [notice.address])
    except (SMTPException, ValueError):
        with suppress(SMTPException):
            server.rset()
        return False
    return True


def _build_message(address: str, settings: Settings) -> EmailMessage:
    """Return the mail to an address, in the language of the installation. It says only that
    something changed, and not what.
    """
    mail = EmailMessage()
    with use_language(settings.language):
        mail["Subject"] = str(_("Something changed"))
        mail.set_content(str(_("Something changed in what you follow. Sign in to see it.")))
    mail["From"], mail["To"] = settings.mail_from or "", address
    mail["Date"] = format_datetime(clock.utc_now())
    mail["Message-ID"] = make_msgid(domain=(settings.mail_from or "").partition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    return mail
