"""Commands of the database, search index, stored figures and vocabulary; registers all commands."""

from __future__ import annotations

from collections import Counter

import click
from flask import Flask

from tracker import schema
from tracker.audit.chain import report_accepted_heads
from tracker.audit.commands import group as audit
from tracker.audit.sealing_service import upgrade_database
from tracker.cases.mail_service import send_notices
from tracker.console import CommandGroup, fail
from tracker.db import current_engines, current_settings, db, set_read_only
from tracker.intake.commands import group as intake
from tracker.operating.commands import backup, doctor, panic, restore
from tracker.reports.commands import group as reports
from tracker.sample.commands import group as sample
from tracker.scoping import system_session
from tracker.search.index import rebuild_index
from tracker.serving import prepare_to_serve, serve
from tracker.timelines.figures_service import check_figures
from tracker.users.commands import group as users
from tracker.users.queries import find_user_by_name
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.service import load_vocabulary
from tracker.web.guards import PanicState, panic_switch

figures = CommandGroup("figures", help="The figures of open cases, which are kept.")
mail = CommandGroup("mail", help="Mail about changes in what users follow.")
search = CommandGroup("search", help="The index by whose words records are found.")
vocabulary = CommandGroup("vocabulary", help="Bring the terms that ship into the database.")
database = CommandGroup("db", help="Bring the database up or down.")
# Refs of differing cases that `flask figures check` names.
MAX_REFS_PRINTED = 10


@database.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Apply the migrations up to a revision."""
    settings = current_settings()
    with report_accepted_heads(settings, click.echo):
        upgrade_database(current_engines().full_writing, settings, revision)
    click.echo(f"at {schema.current_revision(current_engines().full_writing)}")


@database.command("prepare")
def prepare_database() -> None:
    """Apply the migrations and fill a new database, as the server does when it starts."""
    prepare_to_serve(current_settings())


@database.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Revert migrations down to a revision, or to base."""
    schema.downgrade(current_engines().full_writing, revision)
    click.echo(f"at {schema.current_revision(current_engines().full_writing)}")


@database.command("revision")
@click.argument("message")
def write_revision(message: str) -> None:
    """Write a new migration from the difference between models and database."""
    schema.write_migration(message)


@database.command("check")
def check_revision() -> None:
    """Check that the database is at the newest revision; exit with an error if it is not."""
    at, newest = schema.current_revision(current_engines().full_writing), schema.newest_revision()
    if at != newest:
        fail(f"the database is at {at}, the newest revision is {newest}")
    click.echo(f"ok {at}")


def init_app(app: Flask) -> None:
    """Register the commands of all features."""
    for group in (
        database,
        audit,
        users,
        vocabulary,
        search,
        intake,
        figures,
        mail,
        reports,
        sample,
        panic,
    ):
        app.cli.add_command(group)
    for command in (serve, backup, restore, doctor):
        app.cli.add_command(command)


@search.command("rebuild")
def rebuild_search_index() -> None:
    """Index every record again; the tracker can be used meanwhile."""
    count = 0
    with system_session("rebuild the search index") as session:
        for done in rebuild_index(session):
            session.commit()
            count = done
    click.echo(f"ok {count}")


@figures.command("check")
@click.option("--repair", is_flag=True, help="Store what was counted where it differs.")
def check_stored_figures(*, repair: bool) -> None:
    """Count all cases again; exit with an error if the stored figures of one differ."""
    if not repair:
        set_read_only()
    count, differing = 0, list[str]()
    for number, refs in check_figures(repair=repair):
        db.session.commit()
        count, differing = count + number, differing + refs
    named = ", ".join(
        [*differing[:MAX_REFS_PRINTED], *(["…"] if differing[MAX_REFS_PRINTED:] else [])]
    )
    if differing and not repair:
        fail(f"other figures are kept of {len(differing)} of {count} cases: {named}")
    click.echo(f"ok {count}" + (f", repaired {len(differing)}: {named}" if differing else ""))


@mail.command("send")
def send_mail() -> None:
    """Tell users by mail that something changed in what they follow, once for each change."""
    count = Counter[bool]()
    for is_sent in send_notices(_require_tracker_open):
        db.session.commit()
        count[is_sent] += 1
    if count[False]:
        fail(f"{count[True]} sent, {count[False]} could not be sent")
    click.echo(f"ok {count[True]}")


def _require_tracker_open() -> None:
    """Exit with an error if the tracker is closed (`flask panic`)."""
    if panic_switch().get_state() is not PanicState.OFF:
        fail("the tracker is closed (flask panic): no mail is sent")


@vocabulary.command("load")
@click.option("--by", "user_name", metavar="NAME", help="In whose name; the console without it.")
def load_shipped_terms(user_name: str | None) -> None:
    """Add new terms and update known ones; nothing is deleted."""
    actor = (
        find_user_by_name(db.session(), user_name) if user_name else get_or_create_console_user()
    )
    if actor is None:
        fail(f"there is no user {user_name}")
    loaded = load_vocabulary(actor)
    db.session.commit()
    click.echo(f"{loaded.added} terms added, {loaded.changed} changed")
