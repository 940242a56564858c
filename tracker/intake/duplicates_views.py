"""Duplicates among journalists, outlets and institutions: administrators merge them and undo it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for
from wtforms import HiddenField
from wtforms.validators import InputRequired

from tracker.errors import InvalidInput, NotFound, Stale, gathered
from tracker.i18n import _, lazy
from tracker.intake import duplicates_service
from tracker.intake.duplicates_queries import KINDS, MOST_SHOWN, decision_on, pairs_of, told_apart
from tracker.intake.views import bp
from tracker.permissions import Permission
from tracker.web.filters import refuse_unknown
from tracker.web.forms import LONGEST_REF, PartForm, PlainForm, TextField, TrackerForm, page
from tracker.web.guards import current_actor, requires
from tracker.web.panels import panel
from tracker.web.records import load, record_url
from tracker.web.saving import saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from tracker.people.service import Bearing


class MergeForm(PartForm):
    """The button under two records, on the versions that were read."""

    MAY_INSIST = False

    other_version = HiddenField(validators=[InputRequired()])

    def still(self, other: Bearing) -> Bearing:
        """Return the other record; raise Stale if somebody saved it since the page was shown."""
        if self.other_version.data != str(other.version):
            raise Stale([], record=other)
        return other


class CompareForm(TrackerForm):
    """The two records that an administrator types into the list."""

    stays = TextField(
        lazy("Ref of the record to keep"), most=LONGEST_REF, needed=True,
        description=lazy("JRN-…, OUT-… or INS-…, as its list and its page say it."),
    )  # fmt: skip
    duplicate = TextField(lazy("Ref of the duplicate"), most=LONGEST_REF, needed=True)


@bp.route("/twins/", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def twins() -> Response | tuple[str, int]:
    """List possible duplicates by kind."""
    refuse_unknown(request.args, ())
    form = CompareForm()
    if form.validate_on_submit():
        try:
            into, gone = _meant(form)
        except InvalidInput as error:
            form.reject(error)
        else:
            return redirect(url_for(".merge_twins", ref=into.ref, other=gone.ref), code=303)
    return page("intake/twins.html", form=form, comparing=form, **_listed())


@bp.route("/twins/<ref>/<other>", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def merge_twins(ref: str, other: str) -> Response | tuple[str, int]:
    """Compare two records, and merge the second into the first."""
    into, gone, form = _bearer(ref), _bearer(other), MergeForm()
    done = saved(
        form,
        lambda: duplicates_service.merge(form.still(gone), into, by=current_actor()),
        to=record_url(into),
        said=_("Merged. An administrator can undo this on the page of the other record."),
        record=into,
    )
    if done is None and not form.is_submitted():
        form.other_version.data = str(gone.version)
    return done or _compared(form, into, gone)


@bp.post("/twins/<ref>/<other>/apart")
@requires(Permission.ADMINISTER)
def tell_apart(ref: str, other: str) -> Response | tuple[str, int]:
    """Mark the two as not duplicates."""
    into, gone, form = _bearer(ref), _bearer(other), MergeForm()
    done = saved(
        form,
        lambda: duplicates_service.tell_apart(into, form.still(gone), by=current_actor()),
        to=url_for(".twins"),
        said=_("They are two, and stand below as such, where that can be taken back."),
        record=into,
    )
    return done or _compared(form, into, gone)


@bp.post("/twins/<ref>/<other>/again")
@requires(Permission.ADMINISTER)
def ask_again(ref: str, other: str) -> Response | tuple[str, int]:
    """Remove the mark that two records are not duplicates."""
    one, another, form = _bearer(ref), _bearer(other), PlainForm()
    decision = decision_on(one, another)
    if decision is None:
        raise NotFound
    done = saved(
        form,
        lambda: duplicates_service.ask_again(decision, one, another, by=current_actor()),
        to=url_for(".twins"),
        said=_("Taken back: they are proposed again if their names are alike."),
    )
    comparing = CompareForm(formdata=None)
    return done or page("intake/twins.html", form=form, comparing=comparing, **_listed())


@bp.post("/twins/<ref>")
@requires(Permission.ADMINISTER)
def part_twins(ref: str) -> Response | tuple[str, int]:
    """Undo a merge."""
    gone, form = _bearer(ref), PartForm()
    answer = saved(
        form,
        lambda: duplicates_service.part(gone, by=current_actor()),
        to=record_url(gone),
        said=_("It stands for itself again."),
        record=gone,
    )
    return answer or page("intake/part_twins.html", form=form, gone=gone)


@panel("journalist")
@panel("outlet")
@panel("institution")
def leads_to(bearer: Bearing) -> str:
    """Show on a merged record which one it was merged into."""
    if bearer.merged_into is None:
        return ""
    return render_template("intake/twin_panel.html", bearer=bearer)


def _listed() -> dict[str, Any]:
    """Return what the list shows of each kind: who may be one, and who was found to be two."""
    return {
        "pairs": [(kind, pairs_of(kind), told_apart(kind)) for kind in KINDS],
        "most": MOST_SHOWN,
    }


def _compared(form: MergeForm, into: Bearing, gone: Bearing) -> tuple[str, int]:
    decision = decision_on(into, gone)
    return page("intake/merge_twins.html", form=form, into=into, gone=gone, decision=decision)


def _meant(form: CompareForm) -> list[Bearing]:
    """Return the two records whose refs were typed; raise InvalidInput if they are not two that
    can be merged.
    """
    into, gone = gathered(partial(_typed, form.stays), partial(_typed, form.duplicate))
    try:
        duplicates_service.validate_merge(gone, into)
    except InvalidInput as error:
        raise InvalidInput(duplicate=" ".join(error.fields.values())) from error
    return [into, gone]


def _typed(field: TextField) -> Bearing:
    try:
        return _bearer((field.data or "").upper())
    except NotFound:
        words = _("There is no such record, or it is not for you.")
        raise InvalidInput(**{field.name: words}) from None


def _bearer(ref: str) -> Bearing:
    kind: Any = next((one for one in KINDS if ref.startswith(one.PREFIX)), None)
    if kind is None:
        raise NotFound
    found: Bearing = load(kind, ref)
    return found
