"""Rules on exports for others: who may make them, and which filters they reject; pure."""

from __future__ import annotations

from collections.abc import Mapping

from tracker.errors import BadQuery, Forbidden
from tracker.i18n import _, lazy
from tracker.incidents.codes import FigureTable
from tracker.incidents.filters import IncidentFilter
from tracker.permissions import Actor, Permission
from tracker.reports.codes import Profile
from tracker.web.filters import invalid_value_error

# The labels of fields in the forms of files.
FIELDS = {
    "columns": lazy("Columns"),
    "drafts": lazy("Include drafts"),
    "format": lazy("Format"),
    "labels": lazy("Language of titles and labels"),
    "language": lazy("Language"),
    "profile": lazy("For whom"),
    "recipient": lazy("Who receives it"),
}
# Filter fields that name somebody, and would by the file's content, or in its README.
NAMING = ("journalist", "outlet", "q")


def validate_external_filter(profile: Profile, incidents: IncidentFilter) -> None:
    """Raise BadQuery for a filter that a file for others cannot have.

    Public files have no filter; no filter names anybody, or depends on what the file itself does
    not contain.
    """
    if profile is Profile.PUBLIC and incidents.to_args():
        words = _("What is published is always whole: give no filter.")
        raise BadQuery("profile", words, label=FIELDS["profile"])
    if profile is not Profile.INTERNAL:
        for name in NAMING:
            if getattr(incidents, name):
                words = _("A file for others is not chosen by names or words: give neither.")
                raise BadQuery(name, words, label=incidents.field_named(name).label)
        if incidents.figure and incidents.figure.table is FigureTable.GENDER:
            words = _("A file for others says nobody's gender, and is not chosen by it.")
            raise BadQuery("figure", words, label=incidents.field_named("figure").label)


def drafts_from_query(args: Mapping[str, str], profile: Profile) -> bool:
    """Return whether a file for partners includes drafts; raise BadQuery if neither yes nor no.

    Internal files always include them, public ones never.
    """
    text = args.get("drafts", "").strip()
    if text not in {"", "yes", "no"}:
        raise invalid_value_error("drafts", text, label=FIELDS["drafts"])
    return profile is Profile.PARTNER and text == "yes"


def drafts_logged(profile: Profile, *, drafts: bool) -> dict[str, str]:
    """Return what the export log stores of it: for files for partners either answer."""
    return {"drafts": "yes" if drafts else "no"} if profile is Profile.PARTNER else {}


def require_share_permission(profile: Profile, actor: Actor) -> None:
    """Raise Forbidden if a user may not make files for others."""
    if profile is not Profile.INTERNAL and not actor.may(Permission.SHARE):
        raise Forbidden(_("Only whoever exports for others makes files for them."))
