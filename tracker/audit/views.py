"""The page of the audit log for administrators, without values, and the history of a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import Blueprint, render_template, request
from flask.blueprints import BlueprintSetupState

from tracker.audit import queries, words
from tracker.audit.actions import action_choices, action_text
from tracker.audit.models import AuditEvent
from tracker.errors import BadQuery
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.records import Record
from tracker.scoping import viewer_team_ids
from tracker.web.guards import require_permission, shows_filter_errors
from tracker.web.paging import PAGE_SIZE, Page

bp = Blueprint("audit", __name__, url_prefix="/audit-log")
# Digits of a sequence number in an address: both databases can compare a number of so many.
MAX_SEQUENCE_DIGITS = 9


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An entry of a record's history as text: when, who, and a sentence for each change."""

    at: datetime
    actor: str
    sentences: list[str]


@bp.record
def _register_globals(state: BlueprintSetupState) -> None:
    """Let templates call `history_lines` and `action_text`."""
    state.app.jinja_env.globals.update(history_lines=history_lines, action_text=action_text)


def history_lines(record: Record, label_of: Callable[[StrEnum], str]) -> list[HistoryLine]:
    """Return the history of a record that the viewer may see, the newest entry first. `label_of`: a
    function that returns the text of a code.

    Templates pass it, since the audit log cannot import the vocabulary. Other teams see only action
    and date of entries before the record was shared.
    """
    is_outside_team = getattr(record, "team_id", None) not in viewer_team_ids()
    events = _visible_events(record.ref, is_outside_team=is_outside_team)
    # Computed backwards from the stored values: an entry has only the parts that it changed.
    date_now = {
        part: str(getattr(record, part)) for part in words.WHEN_PARTS if hasattr(record, part)
    }
    wholes: list[dict[str, Any]] = []
    for event in events:
        whole, date_now = words.merge_date_parts(event.changes, date_now)
        wholes.append(whole)
    shown: list[Mapping[str, Any] | None] = [*wholes]
    if is_outside_team:
        shown = queries.changes_since_shared(
            [(event.action, whole) for event, whole in zip(events, wholes, strict=True)]
        )
    labels = queries.RecordValueLabels(
        type(record), [changes for changes in shown if changes is not None], label_of
    )
    lines = [
        HistoryLine(
            event.at,
            event.actor,
            words.action_without_values(event.action)
            if changes is None
            else words.event_sentences(event.action, changes, labels),
        )
        for event, changes in zip(events, shown, strict=True)
    ]
    return [line for line in lines if line.sentences]


def _visible_events(ref: str, *, is_outside_team: bool) -> list[AuditEvent]:
    """Return the log entries of a record that the viewer may see, the newest first.
    `is_outside_team`: the viewer is not in the record's team.
    """
    events = queries.list_record_history(ref)
    if is_outside_team:
        events = [event for event in events if not queries.is_team_only_action(event.action)]
    others = [queries.other_record_ref(event.action, event.changes) for event in events]
    seen = queries.load_visible_records(other for other in others if other)
    return [
        event for event, other in zip(events, others, strict=True) if other is None or other in seen
    ]


@bp.get("/")
@require_permission(Permission.ADMINISTER)
@shows_filter_errors
def index() -> str:
    """List the log entries that match a filter, without the values that changed."""
    filters = queries.LogFilter.from_args(request.args)
    before, after = _parse_sequence("before"), _parse_sequence("after")
    if before is not None and after is not None:
        raise BadQuery("before", _("Give after or before, not both."))
    entries = queries.list_log_page(
        filters, limit=PAGE_SIZE + 1, newer_than=before, older_than=after
    )
    more = len(entries) > PAGE_SIZE
    if more:
        entries = entries[1:] if before is not None else entries[:PAGE_SIZE]
    newer, older = (more, True) if before is not None else (after is not None, more)
    page = Page(
        items=entries,
        previous_page_key=str(entries[0].sequence) if entries and newer else None,
        next_page_key=str(entries[-1].sequence) if entries and older else None,
    )
    choices = {"action": action_choices()}
    return render_template("audit/index.html", page=page, filters=filters, choices=choices)


def _parse_sequence(field: str) -> int | None:
    """Return the sequence number in a URL parameter, None for none, or raise BadQuery."""
    text = request.args.get(field, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_SEQUENCE_DIGITS):
        raise BadQuery(field, _("No such place in this list."))
    return int(text)
