"""Mail about changes: who gets it and when, and that it says nothing."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_string
from email.message import Message

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.architecture.source import ROOT
from tests.cases.test_following import follow, user_named
from tests.factories import as_user, make_journalist, post, sign_in_directly
from tracker.audit.models import AuditEvent
from tracker.audit.service import audited_change
from tracker.cases import mail_service
from tracker.config import Settings
from tracker.db import db
from tracker.errors import BadSettings
from tracker.people.models import Journalist
from tracker.permissions import Role, Visibility
from tracker.users.models import MailAddress
from tracker.users.service import change_user, disable_user, set_mail_address
from tracker.web.guards import PanicState, panic_switch

ADDRESS, SECOND = "monitor@desk.example", "second@desk.example"
# Encoded words (RFC 2047), which a header would decode: to another address, and to two lines.
ANOTHER, TWO_LINES = "=?utf-8?q?v=40evil.example=2C?=@x.example", "=?utf-8?q?a=0Ab?=@x.example"


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mails as a server on the same machine does, except to those who are refused; at those
    who are dropped it closes the connection.
    """

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Dialog)
        self.mails: list[tuple[str, Message]] = []
        self.refused: set[str] = set()
        self.dropped: set[str] = set()
        self.greetings: list[str] = []
        self.commands: list[str] = []
        self.after_mail: Callable[[], None] = lambda: None


class Dialog(socketserver.StreamRequestHandler):
    """One connection, RFC 5321."""

    server: MailServer

    def answer(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self) -> None:
        self.answer("220 here")
        to = ""
        while line := self.rfile.readline().decode().strip():
            word, _space, rest = line.partition(" ")
            self.server.commands.append(word.upper())
            if word.upper() == "EHLO":
                self.server.greetings.append(rest)
                self.answer("250-here\r\n250 AUTH PLAIN")
            elif word.upper() == "RCPT":
                to = rest.partition("<")[2].partition(">")[0]
                if to in self.server.dropped:
                    return
                self.answer("550 no" if to in self.server.refused else "250 ok")
            elif word.upper() == "DATA":
                self.answer("354 go on")
                rows = list(iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), "."))
                self.server.mails.append((to, message_from_string("\n".join(rows))))
                self.server.after_mail()
                self.answer("250 ok")
            else:
                self.answer("221 bye" if word.upper() == "QUIT" else "250 ok")


@pytest.fixture
def server(app: Flask) -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"smtp://127.0.0.1:{server.server_address[1]}"
        app.config["TRACKER"] = replace(app.config["TRACKER"], smtp_url=url)
        yield server
        server.shutdown()


def set_address(client: FlaskClient, address: str) -> None:
    answer = post(client, "/account/mail", page="/account/mail", mail_address=address)
    assert answer.location == "/account/"


@pytest.fixture
def followed(app: Flask, client: FlaskClient) -> str:
    """Return the name of a journalist that a monitor with an address follows."""
    with as_user(app, "monitor", Role.MONITOR):
        pass
    with as_user(app) as staff:
        ref = make_journalist(by=staff).ref
        db.session.commit()
    sign_in_directly(client, "monitor")
    set_address(client, ADDRESS)
    follow(client, ref)
    return ref


@pytest.fixture
def second(app: Flask, client: FlaskClient, followed: str) -> str:
    """Return the address of a second user who follows the same."""
    with as_user(app, "second", Role.MONITOR):
        pass
    sign_in_directly(client, "second")
    set_address(client, SECOND)
    follow(client, followed)
    return SECOND


def change(app: Flask, ref: str, notes: str = "More") -> None:
    """Edit the followed record as staff do."""
    with as_user(app) as staff:
        journalist = db.session.scalars(select(Journalist).where(Journalist.ref == ref)).one()
        with audited_change(journalist, "journalist:edit", by=staff):
            journalist.notes = notes
            journalist.mark_revised(by=staff)
        db.session.commit()


def sent(app: Flask) -> str:
    """Return what the command says."""
    answer = app.test_cli_runner().invoke(args=["mail", "send"])
    return answer.output.strip() if answer.exit_code == 0 else f"failed: {answer.stderr.strip()}"


def test_a_change_is_told_once_and_without_a_word_about_it(app, server, followed):
    assert sent(app) == "ok 0"
    change(app, followed, "Asem was followed home.")

    assert sent(app) == "ok 1"
    [(to, mail)] = server.mails
    assert to == ADDRESS
    assert mail.get_payload().strip() == "Something changed in what you follow. Sign in to see it."
    assert sorted(mail.keys()) == sorted(
        ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
         "Content-Type", "Content-Transfer-Encoding"]
    )  # fmt: skip
    assert (mail["Subject"], mail["From"]) == ("Something changed", "tracker@example.org")
    assert set(server.greetings) == {"example.org"}
    assert sent(app) == "ok 0"
    change(app, followed, "And to the office.")
    assert sent(app) == "ok 1"


def test_it_is_in_the_language_of_the_tracker(app, server, followed):
    app.config["TRACKER"] = replace(app.config["TRACKER"], language="ru")
    change(app, followed)
    assert sent(app) == "ok 1"
    body = server.mails[0][1].get_payload(decode=True)
    assert isinstance(body, bytes)
    assert "Войдите" in body.decode()


def leave_teams(app: Flask, name: str) -> None:
    with as_user(app, "boss", Role.ADMIN) as boss:
        change_user(user_named(name), roles=[Role.MONITOR], teams=[], by=boss)
        db.session.commit()


def test_who_leaves_the_team_of_a_restricted_record_hears_no_more_of_it(
    app, client, server, second
):
    with as_user(app) as staff:
        hidden = make_journalist("Hidden One", by=staff, visibility=Visibility.RESTRICTED).ref
        db.session.commit()
    for name in ("monitor", "second"):
        sign_in_directly(client, name)
        follow(client, hidden)
    change(app, hidden)
    assert sent(app) == "ok 2"
    leave_teams(app, "second")
    change(app, hidden, "Even more")
    assert sent(app) == "ok 1"
    assert [to for to, _mail in server.mails] == [ADDRESS, SECOND, ADDRESS]
    leave_teams(app, "monitor")
    change(app, hidden, "The most")
    assert sent(app) == "ok 0"
    with as_user(app):
        assert len(db.session.scalars(select(MailAddress)).all()) == 2


def test_nothing_is_sent_to_whom_may_not_read(app, server, followed):
    change(app, followed)
    app.config["TRACKER"] = replace(app.config["TRACKER"], require_two_factor=True)
    assert sent(app) == "ok 0"
    app.config["TRACKER"] = replace(app.config["TRACKER"], require_two_factor=False)
    with as_user(app, "boss", Role.ADMIN) as boss:
        disable_user(user_named("monitor"), by=boss)
        db.session.commit()
        assert db.session.scalars(select(MailAddress)).all() == []
    assert sent(app) == "ok 0"
    assert server.mails == []


def test_a_refused_address_stops_no_other_and_is_tried_again(app, server, followed, second):
    change(app, followed)
    server.refused.add(ADDRESS)

    assert sent(app) == "failed: 1 sent, 1 could not be sent"
    assert [to for to, _mail in server.mails] == [SECOND]
    server.refused.clear()
    assert sent(app) == "ok 1"


def test_a_bad_address_in_the_database_stops_no_other_and_means_nobody_else(
    app, server, followed, second
):
    for bad, answer in ((TWO_LINES, "failed: 1 sent, 1 could not be sent"), (ANOTHER, "ok 2")):
        with as_user(app):
            mine = MailAddress.user_id == user_named("monitor").id
            db.session.execute(update(MailAddress).where(mine).values(address=bad))
            db.session.commit()
        change(app, followed, bad)
        assert sent(app) == answer
    assert sorted(to for to, _mail in server.mails) == sorted([ANOTHER, SECOND, SECOND])


def test_a_dropped_connection_costs_one_mail_and_those_who_wait_longest_come_first(
    app, client, server, followed, second
):
    sign_in_directly(client, "monitor")
    set_address(client, "")
    set_address(client, ADDRESS)
    change(app, followed)
    server.dropped.add(SECOND)

    assert sent(app) == "failed: 1 sent, 1 could not be sent"
    assert [to for to, _mail in server.mails] == [ADDRESS]
    server.dropped.clear()
    change(app, followed, "Even more")
    assert sent(app) == "ok 2"
    assert [to for to, _mail in server.mails] == [ADDRESS, SECOND, ADDRESS]


def test_a_server_elsewhere_gets_neither_password_nor_mail_without_tls(
    app, server, followed, monkeypatch
):
    change(app, followed)
    monkeypatch.setattr(mail_service, "LOCAL_HOSTS", frozenset())
    url = f"smtp://me:secret@127.0.0.1:{server.server_address[1]}"
    app.config["TRACKER"] = replace(app.config["TRACKER"], smtp_url=url)

    answer = "failed: the mail server cannot be used (SMTPNotSupportedError)"
    assert (sent(app), server.mails) == (answer, [])
    assert not {"AUTH", "MAIL"} & set(server.commands)


def test_a_server_that_is_down_is_said_and_the_mail_is_sent_later(app, server, followed):
    change(app, followed)
    up = app.config["TRACKER"]
    app.config["TRACKER"] = replace(up, smtp_url="smtp://127.0.0.1:1")
    assert sent(app) == ("failed: the mail server cannot be used (ConnectionRefusedError)")
    app.config["TRACKER"] = up
    assert sent(app) == "ok 1"


@pytest.mark.parametrize("state", [PanicState.READ_ONLY, PanicState.CLOSED])
def test_a_closed_tracker_sends_nothing(app, server, followed, state):
    change(app, followed)
    with app.app_context():
        panic_switch().set_state(state)
    try:
        assert sent(app) == "failed: the tracker is closed (flask panic): no mail is sent"
    finally:
        with app.app_context():
            panic_switch().set_state(PanicState.OFF)
    assert server.mails == []
    assert sent(app) == "ok 1"


def test_an_address_removed_while_mail_is_sent_gets_none(app, server, followed, second):
    def remove_second() -> None:
        with as_user(app, "second") as user:
            set_mail_address(user, "")
            db.session.commit()

    server.after_mail = remove_second
    change(app, followed)
    assert sent(app) == "ok 1"
    assert [to for to, _mail in server.mails] == [ADDRESS]


def test_closing_the_tracker_stops_a_run(app, server, followed, second):
    def close() -> None:
        with app.app_context():
            panic_switch().set_state(PanicState.CLOSED)

    server.after_mail = close
    change(app, followed)
    try:
        assert sent(app) == "failed: the tracker is closed (flask panic): no mail is sent"
    finally:
        with app.app_context():
            panic_switch().set_state(PanicState.OFF)
    assert [to for to, _mail in server.mails] == [ADDRESS]
    server.after_mail = lambda: None
    assert sent(app) == "ok 1"


def test_signing_out_everywhere_else_ends_it(app, client, server, followed):
    change(app, followed)
    post(client, "/account/sessions/end-others", page="/account/")
    assert sent(app) == "ok 0"


def test_an_address_is_checked_kept_as_typed_and_removed(app, client, server, followed):
    several = ("a@b.example, c@d.example", "a b@c.example")
    for wrong in ("nobody", "a@b", "a@127.0.0.1", *several, ANOTHER, TWO_LINES, "x" * 255):
        answer = post(client, "/account/mail", page="/account/mail", mail_address=wrong)
        assert answer.status_code == 422
        assert f'value="{wrong}"' in answer.text
    page = client.get("/account/").text
    assert f"Mail goes to {ADDRESS}." in page
    set_address(client, "")
    change(app, followed)
    assert sent(app) == "ok 0"
    with as_user(app):
        entries = db.session.scalars(select(AuditEvent).where(AuditEvent.action.like("mail:%")))
        assert [(one.action, ADDRESS in str(one.changes)) for one in entries] == [
            ("mail:on", False), ("mail:off", False),
        ]  # fmt: skip


def test_without_a_server_an_address_can_be_removed_and_then_there_is_no_page(
    app, client, followed
):
    app.config["TRACKER"] = replace(app.config["TRACKER"], smtp_url=None, mail_from=None)
    assert sent(app) == "failed: no mail server is set: TRACKER_SMTP_URL"
    assert f"No mail is sent now. Your address is kept: {ADDRESS}." in client.get("/account/").text
    set_address(client, "")
    assert client.get("/account/mail").status_code == 404
    assert "Mail about changes" not in client.get("/account/").text


def test_nobody_else_is_shown_the_address(app, followed):
    with as_user(app, "boss", Role.ADMIN):
        pass
    browser = app.test_client()
    sign_in_directly(browser, "boss")
    own = ["/account/", "/account/mail"]
    for page in ("/users/", "/users/monitor/edit", "/users/monitor/password", "/audit-log/", *own):
        answer = browser.get(page)
        assert (answer.status_code, ADDRESS in answer.text) == (200, False), page


def test_the_unit_that_sends_mail_is_as_closed_as_the_server_but_for_connections():
    rules = {
        name: {
            line
            for line in (ROOT / f"deploy/{name}.service").read_text().splitlines()
            if "=" in line and not line.startswith("#")
        }
        for name in ("tracker", "tracker-mail")
    }
    assert rules["tracker"] - rules["tracker-mail"] == {
        "Description=Tracker", "After=network.target", "Restart=on-failure", "KillMode=mixed",
        "ExecStart=/srv/tracker/.venv/bin/python -m flask --app wsgi serve",
        "IPAddressDeny=any", "IPAddressAllow=localhost", "WantedBy=multi-user.target",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mail.example", "a@b.example"), ("mail.example", "a@b.example"),
        ("smtp://", "a@b.example"), ("smtp://mail.example:x", "a@b.example"),
        ("smtps://me:secret@mail.example", None), ("smtps://mail.example", "nobody"),
        ("smtps://м:secret@mail.example", "a@b.example"),
        ("smtps://me:secret%C3%A9@mail.example", "a@b.example"),
        ("smtps://me:secret@почта.example", "a@b.example"),
        ("smtps://mail.example", ANOTHER),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_said_without_its_password(app, url, sender):
    settings: Settings = app.config["TRACKER"]
    with pytest.raises(BadSettings) as raised:
        replace(settings, smtp_url=url, mail_from=sender)
    assert "TRACKER_SMTP_URL" in str(raised.value) or "TRACKER_MAIL_FROM" in str(raised.value)
    assert "secret" not in str(raised.value)
