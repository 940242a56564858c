"""Merge two journalists, outlets or institutions, undo it, or mark two as different."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import RelationshipProperty
from sqlalchemy.orm.attributes import flag_modified

from tracker.articles.queries import full_record_load_options
from tracker.audit.service import audited_change, record_event
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.intake.models import NOT_DUPLICATES_MODELS, NotDuplicates
from tracker.intake.queries import (
    are_not_duplicates,
    relationships_to_party_kind,
    rows_referring_to,
)
from tracker.people.codes import NameKind
from tracker.people.models import Institution
from tracker.people.queries import owning_record
from tracker.people.service import NamedModel, attach_name, audit_action
from tracker.permissions import Actor, Visibility
from tracker.scoping import is_visible, viewing_everything

# A key of the dict `moved`, which a merged record keeps so that the merge can be undone. Under this
# key are the ids of the names that the other record got; under the names of relationships
# (`_relation_name`) are the ids of the rows that refer to the other record now.
MOVED_NAMES_KEY = "names"
# The reason for reading the rows of all teams, which is written to the log.
VIEW_ALL_REASON = "records of every team may refer to a duplicate"


def merge_duplicates(duplicate: NamedModel, remaining: NamedModel, *, by: Actor) -> int:
    """Merge `duplicate` into `remaining`; return the number of rows that now refer to `remaining`.

    `undo_merge` reverses it. `duplicate` stays, with its confidential values, and redirects to
    `remaining`, which gets its names too. Raises InvalidInput at `other` if the two cannot be
    merged.
    """
    validate_merge(duplicate, remaining)
    moved: dict[str, list[int]] = {}
    with viewing_everything(VIEW_ALL_REASON):
        for relation in relationships_to_party_kind(type(duplicate)):
            rows = rows_referring_to(relation, duplicate)
            if rows:
                moved[_relation_name(relation)] = sorted(row.id for row in rows)
                _set_party_of_rows(
                    relation,
                    rows,
                    remaining,
                    rows_already_referring=rows_referring_to(relation, remaining),
                    by=by,
                )
        with audited_change(remaining, audit_action(remaining, "merge"), by=by):
            known = {row.name for row in remaining.names}
            for row in duplicate.names:
                if row.name not in known:
                    attach_name(remaining, row.name, NameKind.OTHER)
            remaining.mark_revised(by=by)
        moved[MOVED_NAMES_KEY] = sorted(row.id for row in remaining.names if row.name not in known)
        with audited_change(duplicate, audit_action(duplicate, "merge"), by=by):
            duplicate.merged_into, duplicate.moved = remaining, moved
            duplicate.mark_revised(by=by)
    return sum(len(ids) for name, ids in moved.items() if name != MOVED_NAMES_KEY)


def validate_merge(duplicate: NamedModel, remaining: NamedModel) -> None:
    """Raise InvalidInput at the field `other` if two records cannot be merged."""
    if duplicate is remaining or type(duplicate) is not type(remaining):
        raise InvalidInput(other=_("These are not two records of one kind."))
    if duplicate.merged_into_id or remaining.merged_into_id:
        raise InvalidInput(other=_("One of the two is already merged into another record."))
    if are_not_duplicates(duplicate, remaining):
        raise InvalidInput(other=_("Somebody marked these as two. Undo that first."))
    if isinstance(duplicate, Institution) or isinstance(remaining, Institution):
        # All users see both.
        if duplicate.country and remaining.country and duplicate.country != remaining.country:
            raise InvalidInput(other=_("These are institutions of two countries."))
        return
    if duplicate.is_withheld or remaining.is_withheld:
        raise InvalidInput(other=_("The name of one of the two is closed: reopen it first."))
    # No name becomes visible to more people, and all readers of the moved rows see `remaining`.
    is_kept = remaining.visibility is Visibility.RESTRICTED
    if duplicate.visibility is not remaining.visibility or (
        is_kept and duplicate.team_id != remaining.team_id
    ):
        raise InvalidInput(
            other=_(
                "The two are visible to different users. Ask the team of the restricted one to "
                "share it first."
            )
        )


def undo_merge(duplicate: NamedModel, *, by: Actor) -> None:
    """Undo the merge of a duplicate: the moved rows refer to the duplicate again. Raise
    InvalidInput if it is not merged.
    """
    into = duplicate.merged_into
    if into is None:
        raise InvalidInput(version=_("It is not merged into another record."))
    with viewing_everything(VIEW_ALL_REASON):
        for relation in relationships_to_party_kind(type(duplicate)):
            ids = set(duplicate.moved.get(_relation_name(relation), ()))
            rows = [row for row in rows_referring_to(relation, into) if row.id in ids]
            _set_party_of_rows(
                relation,
                rows,
                duplicate,
                rows_already_referring=rows_referring_to(relation, duplicate),
                by=by,
            )
        added = set(duplicate.moved.get(MOVED_NAMES_KEY, ()))
        with audited_change(into, audit_action(into, "part"), by=by):
            names: list[Any] = into.names
            for row in [row for row in names if row.id in added and row.name != into.name]:
                names.remove(row)
            into.mark_revised(by=by)
        with audited_change(duplicate, audit_action(duplicate, "part"), by=by):
            duplicate.merged_into, duplicate.moved = None, {}
            duplicate.mark_revised(by=by)


def _set_party_of_rows(
    relation: RelationshipProperty[Any],
    rows: Iterable[Any],
    party: NamedModel,
    *,
    rows_already_referring: Iterable[Any],
    by: Actor,
) -> None:
    """Change rows so that they refer to `party` by a relationship, with a log entry for each record
    that has such rows. `rows_already_referring`: the rows that refer to `party` already.

    Raises InvalidInput if a record refers to both parties already, which only a person can resolve.
    """
    grouped = _rows_by_record(rows)
    twice = [
        owner
        for owner in _rows_by_record(rows_already_referring)
        if owner in grouped and _allows_party_once(relation)
    ]
    if twice:
        raise InvalidInput(other=_refers_to_both_message(twice))
    for owner, own in grouped.items():
        with audited_change(owner, f"{owner.ENDPOINT.removesuffix('s')}:edit", by=by):
            for row in own:
                setattr(row, relation.key, party)
            # A form that was opened before the merge must fail, not restore the duplicate.
            flag_modified(owner, "updated_at")


def _rows_by_record(rows: Iterable[Any]) -> dict[Any, list[Any]]:
    """Return rows by the record to which they belong. These records are loaded with all their
    related rows (`full_record_load_options`), in one query for each kind of record.
    """
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(owning_record(row), []).append(row)
    for kind in {type(owner) for owner in found}:
        ids = [owner.id for owner in found if type(owner) is kind]
        rows_of_kind: Any = kind
        db.session.scalars(
            select(rows_of_kind)
            .where(rows_of_kind.id.in_(ids))
            .options(*full_record_load_options(kind))
        ).all()
    return found


def _refers_to_both_message(owners: list[Any]) -> str:
    """Return the error message for records that refer to both parties of a merge. It lists the refs
    of the records that the user may see.
    """
    shown = [owner.ref for owner in owners if is_visible(owner)]
    if len(shown) < len(owners):
        shown.append(_("records that are not shown to you"))
    refs = ", ".join(shown)
    return str(
        _("Some records refer to both; remove one of the two from each first: %(refs)s", refs=refs)
    )


def _allows_party_once(relation: RelationshipProperty[Any]) -> bool:
    """Return whether the rows of a relationship are parts of a record that may refer to the same
    party only once.
    """
    may_repeat = relation.info.get("may_repeat", False)
    return not (may_repeat or hasattr(relation.parent.class_, "ref"))


def _relation_name(relation: RelationshipProperty[Any]) -> str:
    """Return the name of a relationship as a key of `moved`, such as "incident_targets.outlet"."""
    return f"{inspect(relation.parent.class_).local_table.name}.{relation.key}"


def mark_not_duplicates(party: NamedModel, other: NamedModel, *, by: Actor) -> NotDuplicates:
    """Mark two records as not duplicates, so that they are not proposed again.

    Raises InvalidInput at `other` for a pair that cannot be marked.
    """
    if party is other or type(party) is not type(other):
        raise InvalidInput(other=_("These are not two records of one kind."))
    if party.merged_into_id or other.merged_into_id:
        raise InvalidInput(other=_("One of the two is already merged into another record."))
    if are_not_duplicates(party, other):
        raise InvalidInput(other=_("They are already marked as two."))
    _log_decision(party, other, "tell-apart", by=by)
    first, second = sorted((party, other), key=lambda owner: owner.id)
    made: Any = NOT_DUPLICATES_MODELS[type(first)](
        one_id=first.id, other_id=second.id, told_by_id=by.id
    )
    if not isinstance(first, Institution):
        made.team_id, made.visibility = first.team_id, first.visibility
    db.session.add(made)
    db.session.flush()
    found: NotDuplicates = made
    return found


def remove_not_duplicates(
    decision: NotDuplicates, party: NamedModel, other: NamedModel, *, by: Actor
) -> None:
    """Remove the mark that two records are not duplicates."""
    db.session.delete(decision)
    _log_decision(party, other, "ask-again", by=by)


def _log_decision(party: NamedModel, other: NamedModel, action: str, *, by: Actor) -> None:
    """Log for both parties a decision on whether they are duplicates. `action`: "tell-apart" (they
    are not duplicates) or "ask-again" (this decision was removed).
    """
    for this, that in ((party, other), (other, party)):
        record_event(audit_action(this, action), this.ref, by=by, changes={"other": that.ref})
