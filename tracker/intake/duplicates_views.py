"""Duplicates among journalists, outlets and institutions: administrators merge them and undo it."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField
from wtforms.validators import InputRequired

from tracker.errors import InvalidInput, NotFound, StaleRecord, collect_errors
from tracker.i18n import _, lazy
from tracker.intake import duplicates_service, queries
from tracker.intake.views import bp
from tracker.people.service import NamedModel
from tracker.permissions import Permission
from tracker.web.filters import reject_unknown_parameters
from tracker.web.forms import (
    MAX_REF_LENGTH,
    ButtonForm,
    PartForm,
    TextField,
    TrackerForm,
    render_form,
)
from tracker.web.guards import current_actor, require_permission
from tracker.web.layout import register_panel
from tracker.web.saving import handle_form, load, record_url


class MergeForm(PartForm):
    """The form of the merge button, with the versions of both records as shown."""

    CAN_OVERWRITE = False

    other_version = HiddenField(validators=[InputRequired()])

    def require_current_other(self, other: NamedModel) -> NamedModel:
        """Return the other record; raise StaleRecord if it was saved since the page was shown."""
        if self.other_version.data != str(other.version):
            raise StaleRecord([], record=other)
        return other


class CompareForm(TrackerForm):
    """The form for the refs of two records to compare."""

    stays = TextField(
        lazy("Ref of the record to keep"), max_length=MAX_REF_LENGTH, required=True,
        description=lazy("JRN-…, OUT-… or INS-…, from its list or page."),
    )  # fmt: skip
    duplicate = TextField(lazy("Ref of the duplicate"), max_length=MAX_REF_LENGTH, required=True)


@bp.route("/duplicates/", methods=["GET", "POST"])
@require_permission(Permission.ADMINISTER)
def duplicates() -> Response | tuple[str, int]:
    """List possible duplicates by kind."""
    reject_unknown_parameters(request.args, ())
    form = CompareForm()
    if form.validate_on_submit():
        try:
            into, gone = _read_entered_records(form)
        except InvalidInput as error:
            form.reject(error)
        else:
            return redirect(url_for(".merge_duplicates", ref=into.ref, other=gone.ref), code=303)
    return render_form("intake/duplicates.html", form=form, comparing=form, **_duplicate_lists())


@bp.route("/duplicates/<ref>/<other>", methods=["GET", "POST"])
@require_permission(Permission.ADMINISTER)
def merge_duplicates(ref: str, other: str) -> Response | tuple[str, int]:
    """Compare two records, and merge the second into the first."""
    into, gone, form = _load_party(ref), _load_party(other), MergeForm()
    done = handle_form(
        form,
        lambda: duplicates_service.merge_duplicates(
            form.require_current_other(gone), into, by=current_actor()
        ),
        to=record_url(into),
        message=_("Merged. An administrator can undo this on the page of the other record."),
        record=into,
    )
    if done is None and not form.is_submitted():
        form.other_version.data = str(gone.version)
    return done or _render_comparison(form, into, gone)


@bp.post("/duplicates/<ref>/<other>/mark-different")
@require_permission(Permission.ADMINISTER)
def mark_not_duplicates(ref: str, other: str) -> Response | tuple[str, int]:
    """Mark two records as not duplicates."""
    into, gone, form = _load_party(ref), _load_party(other), MergeForm()
    done = handle_form(
        form,
        lambda: duplicates_service.mark_not_duplicates(
            into, form.require_current_other(gone), by=current_actor()
        ),
        to=url_for(".duplicates"),
        message=_("Marked as two; you can undo this in the list below."),
        record=into,
    )
    return done or _render_comparison(form, into, gone)


@bp.post("/duplicates/<ref>/<other>/unmark")
@require_permission(Permission.ADMINISTER)
def remove_not_duplicates(ref: str, other: str) -> Response | tuple[str, int]:
    """Remove the mark that two records are not duplicates."""
    one, another, form = _load_party(ref), _load_party(other), ButtonForm()
    decision = queries.find_not_duplicates_decision(one, another)
    if decision is None:
        raise NotFound
    done = handle_form(
        form,
        lambda: duplicates_service.remove_not_duplicates(
            decision, one, another, by=current_actor()
        ),
        to=url_for(".duplicates"),
        message=_("Undone: they are proposed again if their names are similar."),
    )
    comparing = CompareForm(formdata=None)
    return done or render_form(
        "intake/duplicates.html", form=form, comparing=comparing, **_duplicate_lists()
    )


@bp.post("/duplicates/<ref>")
@require_permission(Permission.ADMINISTER)
def undo_merge(ref: str) -> Response | tuple[str, int]:
    """Undo a merge."""
    gone, form = _load_party(ref), PartForm()
    answer = handle_form(
        form,
        lambda: duplicates_service.undo_merge(gone, by=current_actor()),
        to=record_url(gone),
        message=_("The merge is undone."),
        record=gone,
    )
    return answer or render_form("intake/undo_merge.html", form=form, gone=gone)


@register_panel("journalist")
@register_panel("outlet")
@register_panel("institution")
def merged_into_panel(owner: NamedModel) -> str:
    """Render a link from a merged record to the record that it was merged into."""
    if owner.merged_into is None:
        return ""
    return render_template("intake/merged_into_panel.html", owner=owner)


def _duplicate_lists() -> dict[str, Any]:
    """Return variables of the template. `pairs`: for each kind of record a tuple of the kind, its
    possible duplicates, and its pairs that are marked as different; `most`: the greatest number of
    marked pairs shown.
    """
    return {
        "pairs": [
            (
                kind,
                queries.duplicate_pairs(kind),
                queries.list_not_duplicates(kind),
            )
            for kind in queries.DUPLICATE_KINDS
        ],
        "most": queries.MAX_NOT_DUPLICATES_SHOWN,
    }


def _render_comparison(form: MergeForm, kept: NamedModel, duplicate: NamedModel) -> tuple[str, int]:
    """Render the page that compares the record to keep with the duplicate."""
    decision = queries.find_not_duplicates_decision(kept, duplicate)
    return render_form(
        "intake/merge_duplicates.html", form=form, into=kept, gone=duplicate, decision=decision
    )


def _read_entered_records(form: CompareForm) -> list[NamedModel]:
    """Return the two records whose refs were entered, the one to keep first.

    Raises InvalidInput if they cannot be merged.
    """
    into, gone = collect_errors(
        partial(_load_entered_record, form.stays), partial(_load_entered_record, form.duplicate)
    )
    try:
        duplicates_service.validate_merge(gone, into)
    except InvalidInput as error:
        raise InvalidInput(duplicate=" ".join(error.fields.values())) from error
    return [into, gone]


def _load_entered_record(field: TextField) -> NamedModel:
    """Return the record whose ref was entered; raise InvalidInput if there is none."""
    try:
        return _load_party((field.data or "").upper())
    except NotFound:
        words = _("There is no such record, or it is not for you.")
        raise InvalidInput(**{field.name: words}) from None


def _load_party(ref: str) -> NamedModel:
    """Return the journalist, outlet or institution with a ref; raise NotFound for none."""
    kind: Any = next((one for one in queries.DUPLICATE_KINDS if ref.startswith(one.PREFIX)), None)
    if kind is None:
        raise NotFound
    found: NamedModel = load(kind, ref)
    return found
