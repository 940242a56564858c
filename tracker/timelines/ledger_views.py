"""The ledger of an institution: a page, and the way to it from the institution's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template, request

from tracker import clock
from tracker.people.models import Institution
from tracker.permissions import Permission
from tracker.timelines.ledger import ledger_of
from tracker.timelines.ledger_queries import facts_of_institution, stances_of
from tracker.timelines.views import bp
from tracker.web.filters import refuse_unknown
from tracker.web.guards import requires
from tracker.web.panels import panel
from tracker.web.records import load

if TYPE_CHECKING:
    from typing import Any

# The latest, and the longest overdue; the lists of responses, proceedings and appeals have all.
MOST_SHOWN = 100
MOST_INCIDENTS = 20


@bp.get("/institutions/<ref>/ledger")
@requires(Permission.READ)
def ledger(ref: str) -> str:
    """Show what a body answered, how, after how long, and what is overdue."""
    refuse_unknown(request.args, ())
    institution = load(Institution, ref)
    return render_template(
        "timelines/ledger.html",
        stances=stances_of(institution),
        most=MOST_SHOWN,
        most_incidents=MOST_INCIDENTS,
        **_read(institution),
    )


@panel("institution")
def ledger_of_institution(institution: Institution) -> str:
    """Say in short how a body answers."""
    return render_template("timelines/ledger_panel.html", **_read(institution))


def _read(institution: Institution) -> dict[str, Any]:
    told = facts_of_institution(institution)
    return {
        "institution": institution,
        "ledger": ledger_of(institution.ref, told.facts, today=clock.today()),
        "is_cut": told.is_cut or any(fact.is_outline for fact in told.facts),
        "today": clock.today(),
        "as_of": clock.now(),
    }
