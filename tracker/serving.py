"""What `make run` starts: the migrations, the contents of a new database, the server."""

from __future__ import annotations

import gc
import socket
import sys
from typing import TYPE_CHECKING

import click
import waitress
from flask import current_app

from tracker import schema
from tracker.console import fail
from tracker.db import db, engines, forget_pages
from tracker.errors import InvalidInput
from tracker.people.service import load_institutions
from tracker.sample.commands import loaded
from tracker.sample.service import USERS
from tracker.scoping import Viewer, set_viewer
from tracker.traces import log_discreetly
from tracker.users.service import console_actor, strong
from tracker.vocabulary.service import load_vocabulary

if TYPE_CHECKING:
    from tracker.config import Settings

HOST = "127.0.0.1"
# Eight who take files, and as many left for pages.
THREADS = 16
SWITCHED = 0.0005
# A page of many cases makes some 60,000 things and leaves none in circles: looking for these after
# every 2,000 took a tenth of its time.
GARBAGE = 20_000
# Slow readers (a CSV over Tor) spill to a temporary file instead of holding one of the threads.
HIGH_WATERMARK = 2 * 1024**3
# The server reads no more of a request; up to here, what is too large is refused by a page.
FARTHEST_READ = 64 * 1024**2
FIRST_ADMINISTRATOR = (
    ".venv/bin/python -m flask --app wsgi users create NAME --role admin --role staff --team TEAM"
)


@click.command("serve")
def serve() -> None:
    """Apply the migrations, fill a database just created, and serve on PORT."""
    settings: Settings = current_app.config["TRACKER"]
    log_discreetly()
    refuse_debug_mode(is_on=current_app.debug and not settings.testing)
    refuse_weak_password(settings.sample_password)
    refuse_taken_port(settings.port)
    is_new = schema.current_revision(engines().full_writing) is None
    schema.bring_up(engines().full_writing, settings)
    if is_new:
        fill(settings)
    # Of what was erased before a server was killed nothing is left in SQLite's log.
    forget_pages()
    db.session.remove()
    # What was loaded until here stays: whoever answers need not look through it for garbage.
    gc.freeze()
    gc.set_threshold(GARBAGE)
    # A page gives the processor away at each row that it reads, and has it back that soon, whatever
    # file is made beside it.
    sys.setswitchinterval(SWITCHED)
    click.echo(f"The tracker is at http://{HOST}:{settings.port} (stop it with Ctrl-C).")
    waitress.serve(
        current_app._get_current_object(),  # type: ignore[attr-defined]  # noqa: SLF001 (the proxy's own way)
        host=HOST,
        port=settings.port,
        threads=THREADS,
        outbuf_high_watermark=HIGH_WATERMARK,
        max_request_body_size=FARTHEST_READ,
        # What a proxy says of the request is read by the application, if there is a proxy.
        clear_untrusted_proxy_headers=settings.proxy_hops == 0,
        ident=None,
    )


def refuse_debug_mode(*, is_on: bool) -> None:
    """Refuse to serve what would show its errors, and a console, to whoever causes one."""
    if is_on:
        fail("Debug mode is on. The tracker is not served in it: take FLASK_DEBUG away.")


def refuse_weak_password(password: str | None) -> None:
    """Refuse a sample password that the sample's users may not have, before anything is made."""
    if password is None:
        return
    for name in USERS:
        try:
            strong(password, name)
        except InvalidInput as error:
            fail(f"TRACKER_SAMPLE_PASSWORD: {error}")


def refuse_taken_port(port: int) -> None:
    """Say in words that another program listens there, and what to do."""
    with socket.socket() as probe:
        # As the server does: a port in TIME_WAIT is free, one that is listened on is not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            fail(f"Port {port} is taken. Stop the other program, or: PORT={port + 1} make run")


def fill(settings: Settings) -> None:
    """Put into a database just created what everybody needs, and the sample unless refused."""
    console = console_actor()
    set_viewer(Viewer(()))
    load_vocabulary(by=console)
    load_institutions(by=console)
    db.session.commit()
    if not settings.load_sample:
        click.echo(f"The database is empty. Make the first administrator:\n  {FIRST_ADMINISTRATOR}")
        return
    click.echo(loaded(settings.sample_password))
