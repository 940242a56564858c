"""What of an incident only staff of its team reads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tracker.audit.confidential_service import confidential_of, keep_confidential, note_viewing
from tracker.i18n import lazy
from tracker.incidents.guarded_models import IncidentConfidential
from tracker.incidents.models import Incident
from tracker.incidents.queries import for_a_line
from tracker.incidents.views import bp
from tracker.permissions import Permission
from tracker.web.confidential_views import ConfidentialForm, confidential_page
from tracker.web.forms import LongTextField
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.records import load

if TYPE_CHECKING:
    from werkzeug.wrappers import Response


class IncidentConfidentialForm(ConfidentialForm):
    """Who saw it, and how they are reached."""

    witness_names = LongTextField(lazy("Names of witnesses"), most=10_000)
    addresses = LongTextField(lazy("Addresses"), most=10_000)
    contacts = LongTextField(lazy("Contacts"), most=10_000)
    source_notes = LongTextField(lazy("Notes on the source"), most=10_000)


@bp.route("/<ref>/confidential", methods=["GET", "POST"])
@requires(Permission.LOG, confidential=True)
def confidential(ref: str) -> Response | tuple[str, int]:
    """Show and change who saw it and how they are reached."""
    incident, actor = load(Incident, ref, *for_a_line()), current_actor()
    refuse_unless_editor(incident)
    return confidential_page(
        incident,
        IncidentConfidentialForm(),
        note=partial(note_viewing, incident, by=actor),
        find=partial(confidential_of, incident, IncidentConfidential),
        keep=partial(keep_confidential, incident, by=actor),
    )
