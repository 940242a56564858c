"""The start page, and the timeline of a case as a picture and as data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, render_template, request, url_for

from tracker import clock
from tracker.cases.models import Case
from tracker.cases.queries import SHELVES, counts_in, latest_cases
from tracker.permissions import Permission
from tracker.review.queries import count_waiting, waiting
from tracker.timelines.build import build_timeline
from tracker.timelines.picture_views import picture
from tracker.timelines.queries import facts_of_case, is_empty, latest
from tracker.web.filters import refuse_unknown
from tracker.web.guards import requires
from tracker.web.records import load

if TYPE_CHECKING:
    from tracker.timelines.build import Entry, Quote

bp = Blueprint("timelines", __name__)
SHOWN = 6


@bp.get("/")
@requires(Permission.READ)
def overview() -> str:
    """Show what to do next, and what came in last."""
    cases = latest_cases(SHOWN)
    of_incidents, _of_accounts, of_responses = SHELVES
    return render_template(
        "timelines/overview.html",
        nothing_yet=is_empty() and not cases,
        cases=cases,
        counts=counts_in(cases),
        incidents=latest(of_incidents, SHOWN),
        responses=latest(of_responses, SHOWN),
        waiting=waiting(SHOWN),
        waiting_count=count_waiting(),
        as_of=clock.now(),
    )


@bp.get("/cases/<ref>/timeline.svg")
@requires(Permission.READ)
def svg(ref: str) -> Response:
    """Draw the timeline of a case as a file of its own."""
    refuse_unknown(request.args, ())
    case = load(Case, ref)
    entries = build_timeline(facts_of_case(case).facts)
    return Response(picture(entries, case.heading(), saved=True), mimetype="image/svg+xml")


@bp.get("/cases/<ref>/timeline.json")
@requires(Permission.READ)
def data(ref: str) -> Response:
    """Give the entries of a case's timeline as the viewer sees them."""
    refuse_unknown(request.args, ())
    case = load(Case, ref)
    told = facts_of_case(case)
    content = {
        "case": case.ref,
        "title": case.title,
        "as_of": clock.now().isoformat(),
        "is_cut": told.is_cut,
        "entries": [_plain(entry) for entry in build_timeline(told.facts)],
    }
    return Response(json.dumps(content, ensure_ascii=False), mimetype="application/json")


def _plain(entry: Entry) -> dict[str, Any]:
    fact = entry.fact
    return {
        "number": entry.number,
        "lane": entry.lane.value,
        "kind": fact.kind.value,
        "ref": fact.ref,
        "address": url_for(f"{fact.endpoint}.show", ref=fact.ref),
        "title": fact.title,
        "earliest": None if fact.has_open_start else fact.when.earliest.isoformat(),
        "latest": fact.when.latest.isoformat(),
        "precision": fact.when.precision.value,
        "as_stated": fact.when.as_stated,
        "types": [{"code": tag.code, "label": tag.words} for tag in fact.types],
        "targets": list(fact.targets),
        "actors": list(fact.actors),
        "state": fact.state.value if fact.state else None,
        "quotes": [_plain_quote(quote) for quote in fact.quotes],
    }


def _plain_quote(quote: Quote) -> dict[str, Any]:
    source = quote.source
    return {
        "quote": quote.words,
        "bearing": quote.bearing.value,
        "about": quote.about.code if quote.about else None,
        "source": source
        and {
            "ref": source.ref,
            "title": source.title,
            "publisher": source.publisher,
            "url": source.url,
        },
    }
