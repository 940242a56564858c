"""What of a journalist only staff of the team that keeps her record reads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tracker.audit.confidential_service import confidential_of, keep_confidential, note_viewing
from tracker.i18n import lazy
from tracker.people.journalists_views import bp
from tracker.people.models import Journalist, JournalistConfidential
from tracker.permissions import Permission
from tracker.web.confidential_views import ConfidentialForm, confidential_page
from tracker.web.forms import LongTextField, TextField
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.records import load

if TYPE_CHECKING:
    from werkzeug.wrappers import Response


class JournalistConfidentialForm(ConfidentialForm):
    """Her legal name, and where and how she is found."""

    legal_name = TextField(lazy("Legal name"), most=200)
    home_address = LongTextField(lazy("Home address"), most=10_000)
    contacts = LongTextField(lazy("Contacts"), most=10_000)
    notes = LongTextField(lazy("Notes"), most=10_000)


@bp.route("/<ref>/confidential", methods=["GET", "POST"])
@requires(Permission.LOG, confidential=True)
def confidential(ref: str) -> Response | tuple[str, int]:
    """Show and change her legal name, and where and how she is found."""
    journalist, actor = load(Journalist, ref), current_actor()
    refuse_unless_editor(journalist)
    return confidential_page(
        journalist,
        JournalistConfidentialForm(),
        note=partial(note_viewing, journalist, by=actor),
        find=partial(confidential_of, journalist, JournalistConfidential),
        keep=partial(keep_confidential, journalist, by=actor),
    )
