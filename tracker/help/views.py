"""The help pages for signed-in users: a tour, what each role does, and what terms mean."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import LazyString

from tracker.cases.codes import Lifecycle
from tracker.fake_accounts.codes import AccountFate
from tracker.i18n import current_language, lazy
from tracker.incidents import codes as incident_codes
from tracker.permissions import Permission, Role, Visibility
from tracker.responses import codes as response_codes
from tracker.review.codes import EditorialState
from tracker.vocabulary.labels import get_definition, get_label
from tracker.web.filters import reject_unknown_parameters
from tracker.web.guards import current_actor, require_permission

bp = Blueprint("help", __name__)
# The enums whose codes are explained, each with its heading, in the order in which a reader meets
# them.
EXPLAINED_CODE_SETS: tuple[tuple[LazyString, type[StrEnum]], ...] = (
    (lazy("Status of a record"), EditorialState),
    (lazy("Visibility"), Visibility),
    (lazy("Verification"), incident_codes.Verification),
    (lazy("Link to the work"), incident_codes.WorkLink),
    (lazy("Frequency"), incident_codes.Extent),
    (lazy("Roles of targets"), incident_codes.TargetRole),
    (lazy("People in figures"), incident_codes.PeopleCounted),
    (lazy("Naming consent"), incident_codes.NamingDecision),
    (lazy("Official responses: acts"), response_codes.ActType),
    (lazy("Standing"), response_codes.Standing),
    (lazy("Proceedings: kinds"), response_codes.ProceedingKind),
    (lazy("Proceedings: direction"), response_codes.ProceedingDirection),
    (lazy("Proceedings: steps"), response_codes.StepOfProceeding),
    (lazy("Cases: status"), Lifecycle),
    (lazy("Fake accounts in figures"), AccountFate),
)


@bp.get("/help")
@require_permission(Permission.READ)
def index() -> str:
    """Show the viewer's roles, and links to the other help pages."""
    return _render_page("help/index.html", roles=_roles_of_viewer())


@bp.get("/help/tour")
@require_permission(Permission.READ)
def tour() -> str:
    """Show a tour of the tracker that takes five minutes."""
    return _render_page("help/tour.html")


@bp.get("/help/roles")
@require_permission(Permission.READ)
def roles() -> str:
    """Explain what each role does, those of the viewer first."""
    own = _roles_of_viewer()
    return _render_page(
        "help/roles.html", roles=[*own, *(role for role in Role if role not in own)]
    )


@bp.get("/help/terms")
@require_permission(Permission.READ)
def terms() -> str:
    """Explain the terms of the tracker in the language of the page."""
    spoken = current_language()
    sets = [
        (codes.__name__, heading, [
            (get_label(code, spoken), get_definition(code, spoken))
            for code in codes if get_definition(code)
        ])
        for heading, codes in EXPLAINED_CODE_SETS
    ]  # fmt: skip
    return _render_page("help/terms.html", sets=sets)


def _roles_of_viewer() -> list[Role]:
    held: Any = current_actor()
    return [role for role in Role if role in held.roles]


def _render_page(template: str, **values: object) -> str:
    """Render a help page; raise BadQuery for an unknown query parameter."""
    reject_unknown_parameters(request.args, ())
    return render_template(template, **values)
