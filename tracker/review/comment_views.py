"""Comments on a record's page, what people are asked to do, and the buttons for both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for

from tracker import clock
from tracker.errors import NotFound
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.review import comment_queries, comment_service
from tracker.review.comment_queries import (
    comments_of,
    count_assigned,
    discussed_kind,
    who_may_be_asked,
)
from tracker.review.forms import CommentForm
from tracker.review.rules import may_comment, may_finish, may_take_back
from tracker.review.views import bp
from tracker.web.forms import PlainForm, page
from tracker.web.guards import current_actor, requires
from tracker.web.panels import panel
from tracker.web.records import load, record_url
from tracker.web.saving import saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from tracker.review.comment_models import Comment


@bp.post("/<ref>/comments")
@requires(Permission.READ)
def comment(ref: str) -> Response | tuple[str, int]:
    """Say something of a record, or ask somebody to do something about it."""
    record, by = _load(ref), current_actor()
    comment_service.refuse_unless_at_work(record, by=by)
    form = CommentForm()
    form.offer(who_may_be_asked(record))

    def act() -> Comment:
        return comment_service.comment_on(
            record,
            form.comment.data or "",
            assigned_to=form.assigned_to.data or "",
            due_on=form.due_on.data,
            by=by,
        )

    answer = saved(form, act, to=record_url(record))
    return answer or page("review/comment.html", record=record, form=form)


@bp.post("/<ref>/comments/<int:number>/done")
@requires(Permission.READ)
def finish(ref: str, number: int) -> Response | tuple[str, int]:
    """Say that what somebody was asked to do is done."""
    return _change(ref, number, comment_service.finish, said=_("Marked as done."))


@bp.post("/<ref>/comments/<int:number>/take-back")
@requires(Permission.READ)
def take_back(ref: str, number: int) -> Response | tuple[str, int]:
    """Erase what was said."""
    return _change(ref, number, comment_service.take_back, said=_("The comment is taken back."))


@panel("discussed")
def comments_on_it(record: Any) -> str:  # noqa: ANN401 (a record that is discussed)
    """Render what was said of a record, and the form of whoever works on it."""
    by, form = current_actor(), None
    if may_comment(record, by):
        form = CommentForm(formdata=None)
        form.offer(who_may_be_asked(record))
    return render_template(
        "review/comments_panel.html",
        record=record,
        comments=comments_of(record),
        form=form,
        today=clock.today(),
        may_finish=lambda one: may_finish(one, by),
        may_take_back=lambda one: may_take_back(one, by),
    )


@panel("overview")
def on_the_overview(_nothing: None) -> str:
    """Say on the overview how much somebody is asked to do."""
    count = count_assigned(current_actor())
    return render_template("review/on_overview.html", count=count) if count else ""


def _change(
    ref: str, number: int, act: Callable[..., None], *, said: str
) -> Response | tuple[str, int]:
    """Do what one button beside a comment asks for."""
    record, form, by = _load(ref), PlainForm(), current_actor()
    meant = comment_queries.comment_on(record, number)
    if meant is None:
        raise NotFound
    to = url_for(".index") if request.form.get("then") == "queue" else record_url(record)
    answer = saved(form, lambda: act(meant, by=by), to=to, said=said)
    return answer or page("review/comment.html", record=record, form=form)


def _load(ref: str) -> Any:  # noqa: ANN401 (a record that is discussed)
    kind = discussed_kind(ref)
    if kind is None:
        raise NotFound
    return load(kind, ref)
