"""The queue, and one set of buttons for every kind of record that is reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request

from tracker import clock
from tracker.errors import NotFound
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.review import service
from tracker.review.comment_queries import open_assignments
from tracker.review.forms import DecisionForm, RetractForm
from tracker.review.queries import count_returned_to, returned_to, reviewable_models, waiting
from tracker.review.rules import by_source, is_own_work, may_be_asked, may_move
from tracker.web.filters import refuse_unknown
from tracker.web.forms import page
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.panels import panel
from tracker.web.records import load, record_url
from tracker.web.saving import saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.blueprints import BlueprintSetupState
    from werkzeug.wrappers import Response

    from tracker.review.models import Reviewable

bp = Blueprint("review", __name__, url_prefix="/review")


@bp.record
def _offer(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(review_forms=_forms, may_move=may_move)
    state.app.jinja_env.globals["is_own_work"] = lambda record: is_own_work(record, current_actor())


@bp.get("/")
@requires(Permission.READ)
def index() -> str:
    """Show what whoever looks is to do, what came back to them, what waits for a second person."""
    refuse_unknown(request.args, ())
    by = current_actor()
    assignments = open_assignments(by)
    return render_template(
        "review/index.html",
        assigned=[one for one in assignments if one.assigned_to_id == by.id],
        asked=[one for one in assignments if one.assigned_to_id != by.id],
        waiting=by_source(waiting()),
        returned=returned_to(by),
        by=by,
        today=clock.today(),
        may_be_asked=may_be_asked,
    )


@panel("overview")
def on_the_overview(_nothing: None) -> str:
    """Say on the overview how much came back to somebody."""
    count = count_returned_to(current_actor())
    return render_template("review/returned_on_overview.html", count=count) if count else ""


@bp.post("/<ref>/submit")
@requires(Permission.LOG)
def submit(ref: str) -> Response | tuple[str, int]:
    """Hand a draft in for review."""
    record = _load(ref)
    refuse_unless_editor(record)  # type: ignore[arg-type]
    return _decide(
        record,
        lambda _form: service.submit(record, by=current_actor()),
        _("Handed in for review: somebody else decides on it."),
    )


@bp.post("/<ref>/approve")
@requires(Permission.REVIEW)
def approve(ref: str) -> Response | tuple[str, int]:
    """Approve a record as a second person."""
    record = _load(ref)
    return _decide(
        record,
        lambda form: service.approve(record, note=form.note.data or "", by=current_actor()),
        _("Approved."),
    )


@bp.post("/<ref>/return")
@requires(Permission.REVIEW)
def send_back(ref: str) -> Response | tuple[str, int]:
    """Return a record to its author with a note."""
    record = _load(ref)
    return _decide(
        record,
        lambda form: service.send_back(record, note=form.note.data or "", by=current_actor()),
        _("Returned: whoever logged it finds it with your note."),
    )


@bp.post("/<ref>/retract")
@requires(Permission.REVIEW)
def retract(ref: str) -> Response | tuple[str, int]:
    """Let a record count no longer, with a reason."""
    record, form = _load(ref), RetractForm()
    return _decide(
        record,
        lambda form: service.retract(
            record, reason=form.reason.code(), note=form.note.data or "", by=current_actor()
        ),
        _("Retracted: it counts no longer."),
        form,
    )


@bp.post("/<ref>/bring-back")
@requires(Permission.REVIEW)
def bring_back(ref: str) -> Response | tuple[str, int]:
    """Make a retracted record a draft again."""
    record = _load(ref)
    return _decide(
        record,
        lambda form: service.bring_back(record, note=form.note.data or "", by=current_actor()),
        _("Brought back: it is a draft again."),
    )


def _decide(
    record: Reviewable, act: Callable[[Any], None], said: str, form: DecisionForm | None = None
) -> Response | tuple[str, int]:
    """Do one decision on the version that was read, or show the form with what is wrong."""
    used = form or DecisionForm()
    answer = saved(used, lambda: act(used), to=record_url(record), said=said, record=record)
    return answer or page("review/decide.html", record=record, form=used)


def _forms(record: Reviewable, used: DecisionForm | None = None) -> tuple[DecisionForm, ...]:
    """Return the forms of a decision and of a retraction on the version shown; the one that was
    used is given back, with what is wrong in it.
    """
    forms = DecisionForm(formdata=None), RetractForm(formdata=None)
    for form in forms:
        form.version.data = str(record.version)
    return tuple(used if type(used) is type(form) else form for form in forms)


def _load(ref: str) -> Reviewable:
    for model in reviewable_models():
        if ref.startswith(model.PREFIX + "-"):
            return load(model, ref)
    raise NotFound
