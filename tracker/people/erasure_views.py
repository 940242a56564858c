"""The page on which two people of the team erase what is kept in confidence of a journalist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for

from tracker.db import db, forget_pages
from tracker.errors import InvalidInput
from tracker.i18n import _, lazy
from tracker.people import erasure_service
from tracker.people.journalists_views import bp
from tracker.people.models import Journalist
from tracker.people.queries import erasures_of, erasures_to_agree_to, open_erasure
from tracker.permissions import Permission
from tracker.web.forms import PlainForm, TextField, TrackerForm, page
from tracker.web.guards import current_actor, requires
from tracker.web.panels import panel
from tracker.web.records import load_to_edit
from tracker.web.saving import saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response


class AskForm(TrackerForm):
    """Why it should go."""

    reason = TextField(
        lazy("Why it is to be erased"), most=500, needed=True,
        description=lazy(
            "Once it is erased, this reason stays: write nothing in it that is to be erased."
        ),
    )  # fmt: skip


@bp.route("/<ref>/erase", methods=["GET", "POST"])
@requires(Permission.LOG, confidential=True)
def erase(ref: str) -> Response | tuple[str, int]:
    """Show what is asked and was erased; ask for it."""
    journalist, form = _own(ref), AskForm()

    def act() -> None:
        erasure_service.ask_erasure(journalist, reason=form.reason.data or "", by=current_actor())

    answer = saved(
        form,
        act,
        to=url_for(".erase", ref=ref),
        said=_("Asked. Somebody else of the team has to agree on this page."),
    )
    return answer or _page(journalist, form)


@bp.post("/<ref>/erase/agree")
@requires(Permission.LOG, confidential=True)
def agree_to_erase(ref: str) -> Response | tuple[str, int]:
    """Erase it as the second person."""
    journalist, form = _own(ref), PlainForm()
    if form.validate_on_submit():
        try:
            tables = erasure_service.agree_erasure(journalist, by=current_actor())
        except InvalidInput as error:
            form.reject(error)
        else:
            db.session.commit()
            flash(
                _("It is erased.")
                if forget_pages(tables)
                else _("It is erased; copies in free space go when the database is less busy.")
            )
            return redirect(url_for(".erase", ref=ref), code=303)
    return _page(journalist, form)


@bp.post("/<ref>/erase/end")
@requires(Permission.LOG, confidential=True)
def end_erasure(ref: str) -> Response | tuple[str, int]:
    """End a request to erase it."""
    journalist, form = _own(ref), PlainForm()
    answer = saved(
        form,
        lambda: erasure_service.end_erasure(journalist, by=current_actor()),
        to=url_for(".erase", ref=ref),
        said=_("The request is ended; nothing was erased."),
    )
    return answer or _page(journalist, form)


@panel("overview")
def on_the_overview(_nothing: None) -> str:
    """Say on the overview what waits for a second person of the team."""
    actor = current_actor()
    asked = erasures_to_agree_to(actor) if actor.may(Permission.LOG) else []
    return render_template("journalists/erase_on_overview.html", asked=asked) if asked else ""


def _page(journalist: Journalist, form: TrackerForm) -> tuple[str, int]:
    asked = open_erasure(journalist)
    return page(
        "journalists/erase.html",
        form=form,
        asking=form if isinstance(form, AskForm) else AskForm(formdata=None),
        journalist=journalist,
        asked=asked,
        is_mine=asked is not None and asked.asked_by_id == current_actor().id,
        erasures=erasures_of(journalist),
    )


def _own(ref: str) -> Journalist:
    return load_to_edit(Journalist, ref)
