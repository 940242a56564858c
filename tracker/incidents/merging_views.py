"""The pages for comparing two incidents and merging them."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField
from wtforms.validators import InputRequired

from tracker.errors import InvalidInput, StaleRecord
from tracker.i18n import _, lazy
from tracker.incidents import merging_service
from tracker.incidents.models import Incident
from tracker.incidents.queries import incident_by_ref, page_options
from tracker.incidents.views import bp
from tracker.permissions import Permission
from tracker.web.filters import REF, validate_known_parameters
from tracker.web.forms import PartForm, TextField, TrackerForm, page
from tracker.web.guards import current_actor, requires
from tracker.web.saving import handle_form, load_to_edit


class ChooseForm(TrackerForm):
    """Choose the other incident, which is the same."""

    other = TextField(
        lazy("The other incident"), most=14, needed=True, description=lazy("Its ref: INC-…")
    )


class MergeForm(PartForm):
    """The merge button below the comparison, for the versions shown."""

    CAN_OVERWRITE = False

    other_version = HiddenField(validators=[InputRequired()])


@bp.route("/<ref>/merge", methods=["GET", "POST"])
@requires(Permission.LOG)
def merge(ref: str) -> Response | tuple[str, int]:
    """Ask for the ref of the other incident."""
    validate_known_parameters(request.args, ())
    incident, form = _load_own_incident(ref), ChooseForm()
    if form.validate_on_submit():
        other = (form.other.data or "").upper()
        try:
            found = _other_incident(other)
            merging_service.validate_merge(incident, found)
        except InvalidInput as error:
            form.reject(error)
        else:
            return redirect(url_for(".merge_with", ref=ref, other=found.ref), code=303)
    return page("incidents/merge.html", form=form, incident=incident, other=None)


@bp.route("/<ref>/merge/<other>", methods=["GET", "POST"])
@requires(Permission.LOG, confidential=True)
def merge_with(ref: str, other: str) -> Response | tuple[str, int]:
    """Compare two incidents and merge them."""
    incident, gone, form = _load_own_incident(ref), _load_own_incident(other), MergeForm()
    merging_service.validate_merge(incident, gone)

    def act() -> None:
        if form.other_version.data != str(gone.version):
            raise StaleRecord([], record=gone)
        merging_service.merge_incidents(incident, gone, by=current_actor())

    done = handle_form(
        form,
        act,
        to=url_for(".show", ref=ref),
        message=_("Merged. The incident is a draft again; submit it for review."),
        record=incident,
    )
    if done is None and not form.is_submitted():
        form.other_version.data = str(gone.version)
    return done or page("incidents/merge.html", form=form, incident=incident, other=gone)


def _other_incident(ref: str) -> Incident:
    found = incident_by_ref(ref) if REF.fullmatch(ref) else None
    if found is None:
        raise InvalidInput(other=_("There is no such incident, or it is not for you."))
    return found


def _load_own_incident(ref: str) -> Incident:
    return load_to_edit(Incident, ref, *page_options())
