"""Importing a file and undoing that: long work, on a page that grows by a line as it goes on."""

from __future__ import annotations

import logging
import secrets
from functools import partial
from typing import TYPE_CHECKING

from flask import Response, current_app, render_template, stream_with_context
from sqlalchemy import select

from tracker.db import db
from tracker.errors import InvalidInput, trace_of
from tracker.i18n import _, ngettext
from tracker.permissions import Permission
from tracker.reports.imports import taking_service as service
from tracker.reports.imports import undoing_service as undoing
from tracker.reports.imports.forms import PlanForm
from tracker.reports.imports.models import ImportBatch
from tracker.reports.imports.undo_queries import untouched_of
from tracker.reports.imports.views import bp, render_page
from tracker.scoping import Viewer, set_viewer
from tracker.web.forms import PartForm
from tracker.web.guards import current_actor, requires
from tracker.web.records import load_to_edit, record_url
from tracker.web.saving import begun, meanwhile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.permissions import Actor

    Answer = Response | tuple[str, int]
    Steps = Callable[[int, Actor], Iterator[str]]

log = logging.getLogger(__name__)


@bp.post("/<ref>/take")
@requires(Permission.LOG)
def take(ref: str) -> Answer:
    """Make an incident of every row, or of none."""
    return _growing(ref, _taking, _("Importing a file"))


@bp.post("/<ref>/undo")
@requires(Permission.LOG)
def undo(ref: str) -> Answer:
    """Retract the incidents of a file that nobody has touched since."""
    return _growing(ref, _undoing, _("Undoing an import"))


def _growing(ref: str, steps: Steps, title: str) -> Answer:
    batch = load_to_edit(ImportBatch, ref)
    form = PartForm()
    if not form.validate():
        fresh = PlanForm(formdata=None)
        fresh.open_at(batch)
        return render_page(batch, fresh, status=400)
    form.refuse_stale(batch)
    number, address = batch.id, record_url(batch)
    # Sent again, the form leads to the file.
    begun(address)
    mark = secrets.token_hex(16)
    whole = meanwhile(
        partial(render_template, "imports/taking.html", mark=mark, title=title, address=address)
    )
    lines = stream_with_context(_lines(whole.split(mark), steps, number))
    # nginx would keep the lines to itself until the last one.
    return Response(lines, mimetype="text/html", headers={"X-Accel-Buffering": "no"})


def _lines(page_around: list[str], steps: Steps, number: int) -> Iterator[str]:
    """Yield the page with a line a step. Whatever goes wrong, nothing is stored by half."""
    before, after = page_around
    # The session of the view is gone once the answer is on its way: this is another one.
    with current_app.app_context():
        by = meanwhile(current_actor)
        set_viewer(Viewer(tuple(by.team_ids)))
        db.session.rollback()
        yield before
        try:
            for words in steps(number, by):
                yield _line(words)
        except InvalidInput as error:
            db.session.rollback()
            yield _line(str(error), is_wrong=True)
        except Exception as error:  # noqa: BLE001 (the page has begun: there is no other to show)
            db.session.rollback()
            reference = secrets.token_hex(4)
            _log(reference, error)
            words = _(
                "Something went wrong here; the rest was not done. Reference: %(ref)s",
                ref=reference,
            )
            yield _line(words, is_wrong=True)
        yield after


def _taking(number: int, by: Actor) -> Iterator[str]:
    yield _("Every row is checked once more.")
    prepared = meanwhile(lambda: service.prepare(_batch(number), by=by))
    made = len(prepared.checked.drafts)
    yield ngettext("%(num)d incident is written.", "%(num)d incidents are written.", made)
    prepared.store(_batch(number), by=by)
    db.session.commit()
    yield _("Done. They are drafts of your team; the file leads to each.")


def _undoing(number: int, by: Actor) -> Iterator[str]:
    after, done = 0, 0
    undoing.refuse_undoing(_batch(number))
    brought = meanwhile(lambda: undoing.whom_it_brought(_batch(number)))
    while some := untouched_of(number, after=after):
        undoing.retract_some(some, brought, by=by)
        db.session.commit()
        after, done = some[-1], done + len(some)
        yield ngettext("%(num)d incident is retracted.", "%(num)d incidents are retracted.", done)
    yield from _removing(brought, by)
    undoing.end_undoing(_batch(number), by=by)
    db.session.commit()
    yield _("Done. What somebody has changed or handed in stays as it is.")


def _removing(brought: undoing.Brought, by: Actor) -> Iterator[str]:
    """Remove the people and outlets that nothing leads to any more, and say who stays: not how
    many are meant by other records, of which some may be hidden from who reads it.
    """
    gone = 0
    for kind, some in undoing.parts_of(brought):
        gone += undoing.remove_some(kind, some, by=by)
        db.session.commit()
    yield ngettext(
        "%(num)d journalist or outlet that it brought is removed.",
        "%(num)d journalists and outlets that it brought are removed.",
        gone,
    )
    yield _("Whoever another record leads to stays, also where you may not see that record.")
    if brought.touched:
        yield ngettext(
            "%(num)d stays, since somebody has worked on it.",
            "%(num)d stay, since somebody has worked on them.",
            brought.touched,
        )


def _log(reference: str, error: Exception) -> None:
    log.error("an import stopped: %s\n%s", reference, trace_of(error))


def _batch(number: int) -> ImportBatch:
    return db.session.scalars(select(ImportBatch).where(ImportBatch.id == number)).one()


def _line(words: str, *, is_wrong: bool = False) -> str:
    return meanwhile(partial(render_template, "imports/line.html", words=words, is_wrong=is_wrong))
