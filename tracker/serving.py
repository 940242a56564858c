"""The command of `make run`: migrate the database, seed a new one, and start the server."""

from __future__ import annotations

import gc
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from werkzeug.serving import is_running_from_reloader, run_simple

from tracker.audit import sealing_service
from tracker.audit.chain import report_accepted_heads
from tracker.config import Settings
from tracker.console import Command, fail
from tracker.db import current_engines, current_settings, db, purge_deleted_pages
from tracker.errors import InvalidInput
from tracker.log_redaction import configure_logging
from tracker.people.service import add_shipped_institutions
from tracker.sample.commands import load_and_describe
from tracker.sample.service import SAMPLE_USERS
from tracker.scoping import Viewer, set_viewer
from tracker.timelines.figures_service import store_missing_figures
from tracker.users.models import User
from tracker.users.service import get_or_create_console_user, require_strong_password
from tracker.vocabulary.models import Term
from tracker.vocabulary.service import load_vocabulary
from tracker.web.guards import MAX_ANONYMOUS_REQUEST_BYTES, has_session_cookie

HOST = "127.0.0.1"
# Eight threads for downloads, and eight for pages.
SERVER_THREADS = 16
# How long a thread keeps the processor while another one waits for it.
THREAD_SWITCH_SECONDS = 0.0005
# New objects after which garbage is collected. A page of many cases makes some 60,000 objects and
# no cycles: collecting after every 2,000 took a tenth of its time.
GC_THRESHOLD = 20_000
# How much of a response is buffered in a temporary file until the client reads it, so that a slow
# client (a CSV over Tor) holds no thread. With more than this, the thread waits for the client.
OUTPUT_BUFFER_BYTES = 2 * 1024**3
# The largest request that the server reads; up to here, a request that is too large gets an error
# page.
LARGEST_BODY_BYTES = 64 * 1024**2
LARGEST_HEADER_BYTES = 32 * 1024  # of all headers of a request
# A longer body is received into a temporary file.
LARGEST_BODY_BYTES_IN_MEMORY = 64 * 1024
# Beyond the first number each new connection closes the one that has been idle longest; beyond the
# second, which only running requests can reach, new ones wait.
SOFT_CONNECTION_LIMIT, HARD_CONNECTION_LIMIT = 300, 400
# Connections accepted in one round of the server's loop.
MAX_ACCEPTED_PER_ROUND = 100
# Seconds for a whole header, for an idle connection after an answer, and for a client that stops
# receiving.
HEADER_TIMEOUT_SECONDS, IDLE_TIMEOUT_SECONDS, STALL_TIMEOUT_SECONDS = 10.0, 60.0, 120.0
# Seconds during which a rejected body is received and discarded.
DRAIN_SECONDS = 2.0
# The fewest bytes per second, on average, at which the body of a request must arrive. A body may
# take `HEADER_TIMEOUT_SECONDS` longer than that.
LEAST_BODY_BYTES_PER_SECOND = 1024
# Seconds that running requests have once the server is told to stop.
SHUTDOWN_SECONDS = 30.0
CREATE_ADMINISTRATOR_COMMAND = (
    ".venv/bin/python -m flask --app wsgi users create NAME --role admin --role staff --team TEAM"
)
log = logging.getLogger(__name__)


@click.command("serve", cls=Command)
@click.option(
    "--reload", "reload_on_change", is_flag=True, help="Start again when code or a page changes."
)
def serve(*, reload_on_change: bool) -> None:
    """Apply the migrations, fill a database just created, and serve on PORT."""
    settings = current_settings()
    configure_logging(as_json=settings.log_as_json)
    forbid_debug_mode(is_on=current_app.debug and not settings.testing)
    require_strong_sample_password(settings.sample_password)
    # The reloader is listening already when it restarts the server.
    if not is_running_from_reloader():
        require_free_port(settings.port)
    prepare_to_serve(settings)
    click.echo(f"The tracker is at http://{HOST}:{settings.port} (stop it with Ctrl-C).")
    if reload_on_change:
        app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 (the proxy's own way)
        pages = [str(file) for file in Path(app.root_path).with_name("templates").rglob("*.html")]
        run_simple(HOST, settings.port, app, use_reloader=True, threaded=True, extra_files=pages)
        return
    # What was loaded until here is never garbage, so collections skip it.
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    # A page releases the processor at each row it reads; with this it gets it back soon, whatever
    # file is generated meanwhile.
    sys.setswitchinterval(THREAD_SWITCH_SECONDS)
    server = Server(current_app._get_current_object(), port=settings.port)  # type: ignore[attr-defined]  # noqa: SLF001 (the proxy's own way)

    def finish(number: int, _frame: object) -> None:
        # The same signal again stops it at once.
        signal.signal(number, signal.SIG_DFL)
        server.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, finish)
    server.run()


def prepare_to_serve(settings: Settings) -> None:
    """Migrate the database, fill a new one, and store the figures of open cases that have none yet,
    before the server starts.
    """
    with report_accepted_heads(settings, click.echo):
        sealing_service.upgrade_database(current_engines().full_writing, settings)
    seed_database(settings)
    store_missing_figures()
    db.session.commit()
    # Purge what was deleted before a server was killed from SQLite's log.
    purge_deleted_pages()
    db.session.remove()


def require_audit_key(app: Flask) -> None:
    """Raise AuditKeyMissing if the key of the audit log is missing; called before a server other
    than that of `serve` (such as gunicorn) starts.
    """
    settings: Settings = app.config["TRACKER"]
    with app.app_context():
        engine = current_engines().full_reading
        # Without a database, or before its upgrade, `/ready` says what is missing.
        with suppress(SQLAlchemyError):
            sealing_service.require_audit_key(engine, settings)
        # Processes forked from this one must not share connections.
        engine.dispose()


def forbid_debug_mode(*, is_on: bool) -> None:
    """Exit with a message if debug mode is on, which shows errors and a console."""
    if is_on:
        fail("Debug mode is on. The tracker is not served in it: take FLASK_DEBUG away.")


def require_strong_sample_password(password: str | None) -> None:
    """Exit with a message if the password for the sample's users is weak."""
    if password is None:
        return
    for name in SAMPLE_USERS:
        try:
            require_strong_password(password, name)
        except InvalidInput as error:
            fail(f"TRACKER_SAMPLE_PASSWORD: {error}")


def require_free_port(port: int) -> None:
    """Exit with a message if another program uses the port."""
    with socket.socket() as probe:
        # As the server does: a port in TIME_WAIT is free, one with a listener is not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            fail(f"Port {port} is taken. Stop the other program, or: PORT={port + 1} make run")


def seed_database(settings: Settings) -> None:
    """Fill a new database with vocabulary and institutions, and the sample if the settings ask.

    In one transaction: after a killed start, the next start does it again.
    """
    if db.session.scalar(select(Term.id).limit(1)) is not None:
        return
    has_users = db.session.scalar(select(User.id).limit(1)) is not None
    console = get_or_create_console_user()
    set_viewer(Viewer(()))
    load_vocabulary(by=console)
    add_shipped_institutions(by=console)
    if settings.load_sample and not has_users:
        # Printed before it is stored: if the process were killed in between, nobody would know the
        # password.
        click.echo(load_and_describe(settings.sample_password))
    db.session.commit()
    if not settings.load_sample:
        click.echo(
            "The database is empty. Make the first administrator:\n"
            f"  {CREATE_ADMINISTRATOR_COMMAND}"
        )


class RequestParser(HTTPRequestParser):
    """A parser of one request; it skips large bodies of clients that are not signed in.
    `has_session_cookie`: returns whether a client is signed in, given its Cookie header.
    """

    headers: dict[str, str]

    def __init__(self, adj: Adjustments, *, has_session_cookie: Callable[[str], bool]) -> None:
        super().__init__(adj)
        self._has_session_cookie = has_session_cookie
        # Whether the client is signed in, and whether the body was skipped.
        self.is_known = self.has_unread_body = False
        # When its first byte arrived, and later when its header was complete.
        self.since = time.monotonic()

    def received(self, data: bytes) -> int:
        """Parse the next bytes, and return how many of them belong to this request."""
        had_header = self.headers_finished
        consumed = super().received(data)
        if self.headers_finished and not had_header:
            self.since = time.monotonic()
            self.is_known = self._has_session_cookie(self.headers.get("COOKIE", ""))
        size = max(self.content_length, self.body_bytes_received)
        if not self.completed and not self.is_known and size > MAX_ANONYMOUS_REQUEST_BYTES:
            self._skip_body(size)
        return consumed

    def _skip_body(self, size: int) -> None:
        """End the request without reading its body, which is longer than
        `MAX_ANONYMOUS_REQUEST_BYTES`. `size`: the number of bytes of the body. It is put into the
        header `Content-Length`; the application compares it with that limit, and rejects the
        request.
        """
        self.close()
        self.body_rcv = None
        self.expect_continue = False
        self.headers |= {"CONTENT_LENGTH": str(size), "CONNECTION": "close"}
        self.completed = self.has_unread_body = True


class Channel(HTTPChannel):
    """A connection, which the server closes if the client is too slow."""

    server: Server
    request: RequestParser | None
    requests: list[RequestParser]
    parser_class: Any
    # Whether the client was signed in at its last request, and whether a request was answered.
    is_known = False
    has_answered = False
    # Whether a body was not read, and whether it is being discarded now, after the answer.
    has_unread_body = is_draining = False

    def __init__(self, server: Server, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (the library's own signature)
        self.parser_class = partial(RequestParser, has_session_cookie=server.has_session_cookie)
        # Since when the client has been awaited, apart from a request that it has begun.
        self.free_since = time.monotonic()
        super().__init__(server, *args, **kwargs)

    def readable(self) -> bool:
        """Return whether the server may read more from the client; not once it is stopping."""
        return self.is_draining or (self.server.stops_at is None and super().readable())

    def handle_read(self) -> None:
        """Read the data that arrived; discard the rest of a rejected body."""
        if self.is_draining:
            self.recv(LARGEST_BODY_BYTES_IN_MEMORY)
        else:
            super().handle_read()

    def handle_close(self) -> None:
        """Close the connection.

        If a body was not read, the rest is discarded first; otherwise the answer would be lost.
        """
        if not self.has_unread_body:
            super().handle_close()
            return
        self.has_unread_body, self.is_draining, self.will_close = False, True, False
        self.free_since = time.monotonic()
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)  # type: ignore[union-attr]

    def service(self) -> None:
        """Answer one request; runs in a thread of the pool."""
        request = self.requests[0]
        self.is_known, self.has_unread_body = request.is_known, request.has_unread_body
        if self.server.stops_at is not None:
            request.headers["CONNECTION"] = "close"
        super().service()
        self.has_answered, self.free_since = True, time.monotonic()

    @property
    def closing_order_key(self) -> tuple[bool, float]:
        """The sort key of connections; the connection to close first has the smallest. It has
        whether the client is signed in, and since when it has been idle, in monotonic seconds.

        A request that has begun does not reset the time: otherwise new connections would be closed
        first.
        """
        return (self.request or self).is_known, self.free_since

    def is_late(self, now: float) -> bool:
        """Return whether the client has been too slow; `now`: monotonic time in seconds."""
        request = self.request
        if self.total_outbufs_len:
            return time.time() - self.last_activity > STALL_TIMEOUT_SECONDS
        if self.is_draining:
            return now - self.free_since > DRAIN_SECONDS
        if request is None:
            return now - self.free_since > (
                IDLE_TIMEOUT_SECONDS if self.has_answered else HEADER_TIMEOUT_SECONDS
            )
        allowed = HEADER_TIMEOUT_SECONDS + request.body_bytes_received / LEAST_BODY_BYTES_PER_SECOND
        return now - max(self.free_since, request.since) > allowed


class Server(TcpWSGIServer):
    """The Waitress server with limits on connections; a hundred idle ones would block it otherwise.

    Connections are closed between two rounds of its loop: within a round, a new socket may already
    have the number of a closed one.
    """

    channel_class = Channel
    effective_port: int
    # The type stubs say that the former is one channel.
    active_channels: dict[int, Channel]  # type: ignore[assignment]
    trigger: Any
    _map: Any
    # When running requests are cut off; None unless the server was told to stop.
    stops_at: float | None = None

    def __init__(self, app: Flask, *, port: int) -> None:
        settings: Settings = app.config["TRACKER"]
        self.has_session_cookie = partial(has_session_cookie, app)
        adjustments = Adjustments(
            host=HOST,
            port=port,
            threads=SERVER_THREADS,
            outbuf_high_watermark=OUTPUT_BUFFER_BYTES,
            inbuf_overflow=LARGEST_BODY_BYTES_IN_MEMORY,
            max_request_header_size=LARGEST_HEADER_BYTES,
            max_request_body_size=LARGEST_BODY_BYTES,
            connection_limit=HARD_CONNECTION_LIMIT,
            asyncore_use_poll=True,
            # The application reads what a proxy says about the request, if there is a proxy.
            clear_untrusted_proxy_headers=settings.proxy_hops == 0,
            ident=None,
        )
        super().__init__(app, adj=adjustments)

    def stop(self) -> None:
        """Stop accepting connections, and let running requests finish within their time."""
        self.stops_at = time.monotonic() + SHUTDOWN_SECONDS
        # If this is called twice, the server may have ended in the meantime.
        with suppress(OSError):
            self.pull_trigger()

    def handle_accept(self) -> None:
        """Accept all waiting connections, up to a limit per round; Waitress accepts only one."""
        for _ in range(MAX_ACCEPTED_PER_ROUND):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                return

    def run(self) -> None:
        """Serve requests until `stop` is called and running requests have ended."""
        while not self._is_finished():
            self._close_connections(time.monotonic())
            wasyncore.loop(timeout=1, map=self._map, use_poll=True, count=1)
        if self.active_channels:
            log.warning("%d requests were cut off", len(self.active_channels))
        self.task_dispatcher.shutdown(timeout=1)
        for one in list(self.active_channels.values()):
            one.handle_close()
        # A thread that is still running would use the trigger.
        if not self.task_dispatcher.threads:
            self.trigger.close()

    def maintenance(self, _now: float) -> None:
        """Do nothing: connections are not closed within a round of the loop."""

    def _is_finished(self) -> bool:
        """Return whether the server was told to stop, and no request is running or the time for
        running requests is over.
        """
        if self.stops_at is None or self.accepting:
            return False
        return not self.active_channels or time.monotonic() > self.stops_at

    def _close_connections(self, now: float) -> None:
        """Close connections that are too slow or too many and, once the server stops, idle ones.
        `now`: monotonic time in seconds.
        """
        if self.stops_at is not None and self.accepting:
            wasyncore.dispatcher.close(self)
            self.accepting = False
        waiting = [one for one in self.active_channels.values() if not one.requests]
        if self.stops_at is not None:
            ended = [one for one in waiting if not one.total_outbufs_len]
        else:
            ended = [one for one in waiting if one.is_late(now)]
            surplus = len(self.active_channels) - len(ended) - SOFT_CONNECTION_LIMIT
            if surplus > 0:
                left = sorted(set(waiting) - set(ended), key=lambda one: one.closing_order_key)
                ended += left[:surplus]
        for one in ended:
            one.handle_close()
