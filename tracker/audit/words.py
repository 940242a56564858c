"""The text of log entries in the viewer's language: sentences, actions and field labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from tracker.audit.actions import fixed_action_text
from tracker.i18n import _, add_quotation_marks, lazy
from tracker.kit.fields import declared_field_label

# Fields that histories leave out: keys, fingerprints and copies that mean nothing to a reader.
HIDDEN_FIELDS = frozenset({
    "approved_at", "bearer", "canonical_url", "end", "ended_at", "header", "loose_key", "mapping",
    "matching_key", "part", "rank", "ref", "retrieved_at", "sha256", "sort_key", "start",
    "text_digest",
})  # fmt: skip
# The labels of fields in histories, also of fields of child rows. Declared fields (see
# `kit/fields.py`) have their labels on the model instead.
FIELD_LABELS: dict[str, Any] = {
    # All records
    "when": lazy("date"),
    "as_stated": lazy("the date in the source’s words"),
    "approved_by_id": lazy("approved by"),
    "summarised_by_id": lazy("public summary written by"),
    "review_note": lazy("note of the reviewer"),
    "state": lazy("editorial state"),
    "team_id": lazy("team"),
    "visibility": lazy("visibility"),
    "title": lazy("title"),
    "summary": lazy("summary"),
    "name": lazy("name"),
    "names": lazy("name"),
    "kind": lazy("kind"),
    "script": lazy("script"),
    "notes": lazy("notes"),
    "note": lazy("note"),
    "country": lazy("country"),
    "region": lazy("region"),
    "place": lazy("place"),
    "url": lazy("web address"),
    "references": lazy("external ID"),
    "scheme": lazy("list"),
    "identifier": lazy("identifier"),
    # Sources and citations
    "article": lazy("source"),
    "authors": lazy("authors"),
    "publisher": lazy("publisher"),
    "publisher_words": lazy("publisher in words"),
    "language": lazy("language"),
    "archive_url": lazy("archived copy"),
    "captured_on": lazy("day of the archive copy"),
    "checked_on": lazy("day of the last check"),
    "check_result": lazy("result of the last check"),
    "independence": lazy("independence of the source"),
    "repeats": lazy("repeats this source"),
    "citations": lazy("citation"),
    "quote": lazy("quote"),
    "field": lazy("field cited"),
    "bearing": lazy("bearing"),
    # People, outlets, institutions
    "journalist": lazy("journalist"),
    "outlet": lazy("outlet"),
    "institution": lazy("institution"),
    "affiliations": lazy("affiliation"),
    "position": lazy("position"),
    "domains": lazy("domains"),
    "channels": lazy("channels"),
    # Intake
    "file_name": lazy("name of the file"),
    "encoding": lazy("encoding"), "separator": lazy("separator"), "row_count": lazy("rows"),
    "media_type": lazy("kind of file"),
    "unread_reason": lazy("why it could not be read"),
    "taken_by": lazy("assigned to"),
    "ended_by": lazy("closed by"),
    "reason": lazy("reason"),
    # Incidents
    "narrative": lazy("narrative"),
    "extent": lazy("frequency"),
    "occurrences_at_least": lazy("number of occurrences, at least"),
    "is_ongoing": lazy("ongoing"),
    "ongoing_as_of": lazy("ongoing as of"),
    "relative_to": lazy("source whose publication the date is relative to"),
    "public_summary_en": lazy("public summary in English"),
    "public_summary_ru": lazy("public summary in Russian"),
    "public_summary_kk": lazy("public summary in Kazakh"),
    "public_summary": lazy("public summary"),
    "retract_reason": lazy("reason for retracting"),
    "merged_into": lazy("record that it is the same as"),
    "moved": lazy("moved contents"),
    "name_reach": lazy("how far the name may go"),
    "named_as": lazy("shown instead of the name"),
    "name_closed_on": lazy("not to be named since"),
    "types": lazy("type"),
    "term": lazy("type"),
    "targets": lazy("target"),
    "words": lazy("description"),
    "number_at_least": lazy("number, at least"),
    "role": lazy("role"),
    "basis": lazy("basis"),
    "harm": lazy("harm"),
    "statuses": lazy("consequences for the target"),
    "status": lazy("status"),
    "expected_end": lazy("expected end"),
    "actors": lazy("perpetrator"),
    "actor_type": lazy("type of actor"),
    "purported_as": lazy("posed as"),
    "certainty": lazy("certainty"),
    "attributed_by": lazy("attributed by"),
    "degree": lazy("degree of involvement"),
    "links": lazy("link"),
    "other": lazy("linked record"),
    "incident": lazy("incident"),
    "incidents": lazy("incident"),
    # Fake accounts
    "identified": lazy("identified"),
    "accounts_at_least": lazy("number of accounts, at least"),
    "platform": lazy("platform"),
    "handle": lazy("handle"),
    "displayed_name": lazy("displayed name"),
    "spreads": lazy("what it spreads"),
    "impersonates": lazy("impersonated"),
    "official": lazy("official"),
    "events": lazy("event"),
    "event": lazy("event"),
    "successors": lazy("successor"),
    "successor": lazy("successor"),
    "account": lazy("fake account"),
    "accounts": lazy("fake account"),
    # Official responses
    "office": lazy("office"),
    "standing": lazy("standing"),
    "stance": lazy("stance"),
    "answers_scope": lazy("what it answers"),
    "other_stances": lazy("further stance"),
    "acts": lazy("act"),
    "act": lazy("act"),
    "is_substantive": lazy("substantive"),
    "quote_is": lazy("wording of the quote"),
    "acting_institution": lazy("institution that acts"),
    "answers": lazy("incident answered"),
    "response": lazy("official response"),
    "responses": lazy("official response"),
    # Appeals
    "sender_kind": lazy("who asked"),
    "sender": lazy("name of who asked"),
    "due_on": lazy("reply due"),
    "reference": lazy("authority’s reference number"),
    "outcome": lazy("outcome"),
    "appeal": lazy("appeal"),
    "appeals": lazy("appeal"),
    # Proceedings
    "direction": lazy("direction of the proceeding"),
    "number": lazy("number"),
    "legal_basis": lazy("article of law"),
    "parties": lazy("whom it concerns"),
    "steps": lazy("step"),
    "step": lazy("step"),
    "proceeding": lazy("proceeding"),
    "proceedings": lazy("proceeding"),
    # Cases
    "lead": lazy("lead"),
    "lifecycle": lazy("stage"),
    "accountability": lazy("accountability"),
    "accountability_reason": lazy("reason for the accountability set by hand"),
    "is_home": lazy("main case"),
}  # fmt: skip
# Fields that histories leave out in entries of review and inbox, whose text implies them.
FIELDS_IMPLIED_BY_REVIEW = frozenset({"state", "approved_by_id"})
# Fields with the user who made the change: histories leave them out, as each entry names its actor.
FIELDS_NAMING_ACTOR = frozenset({"summarised_by_id"})
# The three fields of a record that make up its date.
WHEN_PARTS = ("earliest", "latest", "precision")
# The codes of enums that answer a question: shown with the label of their field.
ANSWER_CODES = frozenset({"yes", "no", "unknown"})


class FieldKind(StrEnum):
    """The kind of value that a field of a history contains. RECORD: the ref of a record; ROW: the
    key of another row; DIGEST: a digest in place of the value; CHILDREN: a list of child rows;
    WHEN: a date as interval.
    """

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    WHEN = "when"
    CODE = "code"
    RECORD = "record"
    ROW = "row"
    CONFIDENTIAL = "confidential"
    DIGEST = "digest"
    CHILDREN = "children"


@dataclass(frozen=True, slots=True)
class HistoryField:
    """A field in a history. `kind`: the kind of its values; `value_class`: the enum of its codes or
    the model of the rows to which it refers, None for other values.
    """

    kind: FieldKind
    value_class: Any = None


class ValueLabels(Protocol):
    """A source of the text of values in a log entry. Each field has a path: its name or, in child
    rows, the relationship and the name, as in `targets.role`.
    """

    def get_field(self, path: str) -> HistoryField:
        """Return the history field of a path."""

    def label_value(self, path: str, value: Any) -> str:  # noqa: ANN401 (JSON)
        """Return the value of a field as text in the viewer's language."""

    def is_value_hidden(self, path: str, value: Any) -> bool:  # noqa: ANN401 (JSON)
        """Return whether the value of a field names a record that the viewer may not see."""


def event_sentences(action: str, changes: Mapping[str, Any], labels: ValueLabels) -> list[str]:
    """Return the sentences of a log entry, without their subject, such as "approved this"; none if
    it is only about records that the viewer may not see. `changes`: {field: [before, after]}.
    """
    changes = {
        key: pair
        for key, pair in changes.items()
        if isinstance(pair, list) and key not in FIELDS_NAMING_ACTOR
    }
    act = fixed_action_text(action)
    if action.startswith(("review:", "intake:")):
        changes = {
            key: pair for key, pair in changes.items() if key not in FIELDS_IMPLIED_BY_REVIEW
        }
    shown = _remove_references_to_hidden_records(changes, labels)
    sentences = [str(act)] if act else []
    sentences += _change_sentences("", shown, labels)
    return sentences or ([] if changes and not shown else [action])


def _remove_references_to_hidden_records(
    changes: Mapping[str, Any], labels: ValueLabels
) -> dict[str, Any]:
    """Return changes without the values and child rows that refer to hidden records.

    A child row is dropped with its text: that of a citation may be read only with its source.
    """
    shown: dict[str, Any] = {}
    for key, pair in changes.items():
        if labels.get_field(key).kind is not FieldKind.CHILDREN:
            if not any(labels.is_value_hidden(key, value) for value in pair):
                shown[key] = pair
            continue
        left = [
            [child for child in children or [] if not _refers_to_hidden_record(key, child, labels)]
            for children in pair
        ]
        if any(left) or not any(pair):
            shown[key] = left
    return shown


def _refers_to_hidden_record(path: str, child: Mapping[str, Any], labels: ValueLabels) -> bool:
    """Return whether a value of a child row refers to a record that the viewer may not see. `path`:
    the path of the field that has the child rows.
    """
    return any(labels.is_value_hidden(f"{path}.{key}", value) for key, value in child.items())


def action_without_values(action: str) -> list[str]:
    """Return a list of one sentence on the action of an entry, for a viewer who may not see the
    changed values.
    """
    return [str(fixed_action_text(action) or _("changed this while only its team could see it"))]


def merge_date_parts(
    changes: Mapping[str, Any], after: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the changes of a log entry, with the changed parts of a date (`WHEN_PARTS`) as one
    field `when`; and the values of all parts before the change. `changes`: {field: [before, after]}
    of the entry, without the parts that did not change; `after`: the values of all parts after the
    change.
    """
    before = {part: changes[part][0] if part in changes else after[part] for part in after}
    whole = {key: pair for key, pair in changes.items() if key not in WHEN_PARTS}
    if before != after:
        whole["when"] = [before, after]
    return whole, before


def field_label(field: str) -> str:
    """Return the label of a field; for a field that no longer exists, its name with spaces."""
    return str(FIELD_LABELS.get(field) or declared_field_label(field) or field.replace("_", " "))


def compute_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return {field: [before, after]} for each field that differs between two snapshots. If the
    field contains child rows, `before` has only the removed rows, and `after` only the added ones.
    """
    changes: dict[str, Any] = {}
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if isinstance(old, list) and isinstance(new, list):
            gone = [one for one in old if one not in new]
            come = [one for one in new if one not in old]
            changes[key] = [gone, come]
        else:
            changes[key] = [old, new]
    return changes


def _change_sentences(path: str, changes: Mapping[str, Any], labels: ValueLabels) -> list[str]:
    """Return a sentence for each changed field. `path`: a prefix for the paths of the fields, such
    as `targets.`; `changes`: {field: [before, after]}.
    """
    found: list[str] = []
    for key, (old, new) in changes.items():
        if key in HIDDEN_FIELDS:
            continue
        field = labels.get_field(path + key)
        if field.kind is FieldKind.CHILDREN:
            found += _child_sentences(path + key, old or [], new or [], labels)
        elif field.kind is FieldKind.CONFIDENTIAL:
            found.append(_("changed %(field)s (confidential)", field=field_label(key)))
        elif field.kind is FieldKind.DIGEST:
            found.append(_("changed %(field)s", field=field_label(key)))
        else:
            found.append(_change_text(path + key, old, new, labels))
    return found


def _change_text(path: str, old: Any, new: Any, labels: ValueLabels) -> str:  # noqa: ANN401 (JSON)
    """Return the sentence on the change of one field: set, cleared or changed."""
    name = field_label(path.rsplit(".", maxsplit=1)[-1])
    if old in (None, ""):
        new_words = _quote_value(path, new, labels)
        return str(_("set %(field)s to %(new)s", field=name, new=new_words))
    if new in (None, ""):
        old_words = _quote_value(path, old, labels)
        return str(_("cleared %(field)s (it was %(old)s)", field=name, old=old_words))
    return str(
        _(
            "changed %(field)s from %(old)s to %(new)s",
            field=name,
            old=_quote_value(path, old, labels),
            new=_quote_value(path, new, labels),
        )
    )


def _child_sentences(
    path: str, removed: list[Any], added: list[Any], labels: ValueLabels
) -> list[str]:
    """Return a sentence for each child row that was added, changed or removed; a removed and an
    added row with the same name count as one change.
    """
    name = field_label(path.rsplit(".", maxsplit=1)[-1])
    waiting = list(added)
    found: list[str] = []
    for old in removed:
        main = _child_name(path, old, labels)
        successor = next(
            (new for new in waiting if main and _child_name(path, new, labels) == main), None
        )
        if successor is None:
            what = _child_text(path, old, labels)
            found.append(_("removed %(field)s: %(what)s", field=name, what=what))
            continue
        waiting.remove(successor)
        changes, _before = merge_date_parts(
            compute_changes(old, successor),
            {part: successor[part] for part in WHEN_PARTS if part in successor},
        )
        inner = "; ".join(_change_sentences(f"{path}.", changes, labels))
        found.append(_("%(field)s %(what)s: %(changes)s", field=name, what=main, changes=inner))
    for new in waiting:
        what = _child_text(path, new, labels)
        found.append(_("added %(field)s: %(what)s", field=name, what=what))
    return found


def _child_name(path: str, child: Mapping[str, Any], labels: ValueLabels) -> str:
    """Return the name of a child row: its records and texts, separated by commas."""
    parts = []
    for key, value in child.items():
        kind = labels.get_field(f"{path}.{key}").kind
        if (
            key in HIDDEN_FIELDS
            or value in (None, "")
            or kind not in {FieldKind.RECORD, FieldKind.ROW, FieldKind.TEXT}
        ):
            continue
        parts.append(_quote_value(f"{path}.{key}", value, labels))
    return ", ".join(parts)


def _child_text(path: str, child: Mapping[str, Any], labels: ValueLabels) -> str:
    """Return a child row as text: “Gulnara Bazhkenova (journalist, direct)”."""
    main = _child_name(path, child, labels)
    rest: list[str] = []
    if all(child.get(part) for part in WHEN_PARTS):
        whole = {part: child[part] for part in WHEN_PARTS}
        rest.append(labels.label_value(f"{path}.when", whole))
    for key, value in child.items():
        where, kind = f"{path}.{key}", labels.get_field(f"{path}.{key}").kind
        if key in HIDDEN_FIELDS or key in WHEN_PARTS or value in (None, "", []):
            continue
        if kind is FieldKind.CHILDREN:
            rest += [f"{field_label(key)}: {_child_text(where, one, labels)}" for one in value]
        elif kind is FieldKind.NUMBER or (
            kind is FieldKind.CODE and set(labels.get_field(where).value_class) == ANSWER_CODES
        ):
            rest.append(f"{field_label(key)}: {labels.label_value(where, value)}")
        elif kind in {FieldKind.CODE, FieldKind.DAY}:
            rest.append(labels.label_value(where, value))
    if not main:
        return ", ".join(rest)
    return f"{main} ({', '.join(rest)})" if rest else main


def _quote_value(path: str, value: Any, labels: ValueLabels) -> str:  # noqa: ANN401 (JSON)
    """Return the value of a field as text, in quotation marks if a user wrote it."""
    words = labels.label_value(path, value)
    return add_quotation_marks(words) if labels.get_field(path).kind is FieldKind.TEXT else words
