"""Merge two journalists, outlets or institutions, undo it, or mark two as different."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import RelationshipProperty
from sqlalchemy.orm.attributes import flag_modified

from tracker.articles.queries import full_record_options
from tracker.audit.service import audited, record_event
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.intake.models import NOT_DUPLICATES_OF_KIND, NotDuplicates
from tracker.intake.queries import are_not_duplicates, relations_to, rows_pointing_to
from tracker.people.codes import NameKind
from tracker.people.models import Institution
from tracker.people.queries import owner_of
from tracker.people.service import NamedRow, attach_name, audit_act
from tracker.permissions import Actor, Visibility
from tracker.scoping import is_visible, viewing_everything

NAMES_RELATION = "names"
MERGE_REASON = "somebody who stands twice may be meant by records of every team"


def merge_duplicates(gone: NamedRow, into: NamedRow, *, by: Actor) -> int:
    """Change every record that refers to `gone` to refer to `into`; return how many.

    `undo_merge` reverses it. `gone` stays, with its confidential values, and refers to the other;
    its names become names of the other one too. Raises InvalidInput at `other` if the two cannot be
    merged.
    """
    validate_merge(gone, into)
    moved: dict[str, list[int]] = {}
    with viewing_everything(MERGE_REASON):
        for relation in relations_to(type(gone)):
            rows = rows_pointing_to(relation, gone)
            if rows:
                moved[_relation_name(relation)] = sorted(row.id for row in rows)
                _repoint_rows(relation, rows, into, unless=rows_pointing_to(relation, into), by=by)
        with audited(into, audit_act(into, "merge"), by=by):
            known = {row.name for row in into.names}
            for row in gone.names:
                if row.name not in known:
                    attach_name(into, row.name, NameKind.OTHER)
            into.revised(by=by)
        moved[NAMES_RELATION] = sorted(row.id for row in into.names if row.name not in known)
        with audited(gone, audit_act(gone, "merge"), by=by):
            gone.merged_into, gone.moved = into, moved
            gone.revised(by=by)
    return sum(len(ids) for name, ids in moved.items() if name != NAMES_RELATION)


def validate_merge(gone: NamedRow, into: NamedRow) -> None:
    """Raise InvalidInput if two records cannot be merged."""
    if gone is into or type(gone) is not type(into):
        raise InvalidInput(other=_("These are not two records of one kind."))
    if gone.merged_into_id or into.merged_into_id:
        raise InvalidInput(other=_("One of the two is already merged into another record."))
    if are_not_duplicates(gone, into):
        raise InvalidInput(other=_("Somebody marked these as two. Undo that first."))
    if isinstance(gone, Institution) or isinstance(into, Institution):
        # All users see both.
        if gone.country and into.country and gone.country != into.country:
            raise InvalidInput(other=_("These are institutions of two countries."))
        return
    if gone.is_withheld or into.is_withheld:
        raise InvalidInput(other=_("The name of one of the two is closed: reopen it first."))
    # The names of the one become visible to no more people, and its records refer to one that all
    # their readers see.
    is_kept = into.visibility is Visibility.RESTRICTED
    if gone.visibility is not into.visibility or (is_kept and gone.team_id != into.team_id):
        raise InvalidInput(
            other=_(
                "The two are visible to different users. Ask the team of the restricted one to "
                "share it first."
            )
        )


def undo_merge(gone: NamedRow, *, by: Actor) -> None:
    """Undo a merge: rows that it moved refer to `gone` again."""
    into = gone.merged_into
    if into is None:
        raise InvalidInput(version=_("It is not merged into another record."))
    with viewing_everything(MERGE_REASON):
        for relation in relations_to(type(gone)):
            ids = set(gone.moved.get(_relation_name(relation), ()))
            rows = [row for row in rows_pointing_to(relation, into) if row.id in ids]
            _repoint_rows(relation, rows, gone, unless=rows_pointing_to(relation, gone), by=by)
        added = set(gone.moved.get(NAMES_RELATION, ()))
        with audited(into, audit_act(into, "part"), by=by):
            names: list[Any] = into.names
            for row in [row for row in names if row.id in added and row.name != into.name]:
                names.remove(row)
            into.revised(by=by)
        with audited(gone, audit_act(gone, "part"), by=by):
            gone.merged_into, gone.moved = None, {}
            gone.revised(by=by)


def _repoint_rows(
    relation: RelationshipProperty[Any],
    rows: Iterable[Any],
    who: NamedRow,
    *,
    unless: Iterable[Any],
    by: Actor,
) -> None:
    """Change rows to refer to another party, with a log entry for each record.

    Raises InvalidInput if a record refers to both already, which only a person can resolve.
    """
    grouped = _rows_by_record(rows)
    twice = [
        owner
        for owner in _rows_by_record(unless)
        if owner in grouped and _is_part_of_record(relation)
    ]
    if twice:
        raise InvalidInput(other=_both_used_error(twice))
    for owner, own in grouped.items():
        with audited(owner, f"{owner.ENDPOINT.removesuffix('s')}:edit", by=by):
            for row in own:
                setattr(row, relation.key, who)
            # A form that was opened before must not bring the other one back.
            flag_modified(owner, "updated_at")


def _rows_by_record(rows: Iterable[Any]) -> dict[Any, list[Any]]:
    """Return rows by the record that owns them, with the records loaded completely at once."""
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(owner_of(row), []).append(row)
    for kind in {type(owner) for owner in found}:
        ids = [owner.id for owner in found if type(owner) is kind]
        rows_of_kind: Any = kind
        db.session.scalars(
            select(rows_of_kind).where(rows_of_kind.id.in_(ids)).options(*full_record_options(kind))
        ).all()
    return found


def _both_used_error(owners: list[Any]) -> str:
    """Return the error, with the refs of those records that the viewer may see."""
    shown = [owner.ref for owner in owners if is_visible(owner)]
    if len(shown) < len(owners):
        shown.append(_("records that are not shown to you"))
    refs = ", ".join(shown)
    return str(
        _("Some records refer to both; remove one of the two from each first: %(refs)s", refs=refs)
    )


def _is_part_of_record(relation: RelationshipProperty[Any]) -> bool:
    """Return whether the rows are parts of a record, which may not refer to one person twice."""
    may_repeat = relation.info.get("may_repeat", False)
    return not (may_repeat or hasattr(relation.parent.class_, "ref"))


def _relation_name(relation: RelationshipProperty[Any]) -> str:
    return f"{inspect(relation.parent.class_).local_table.name}.{relation.key}"


def mark_not_duplicates(named_row: NamedRow, other: NamedRow, *, by: Actor) -> NotDuplicates:
    """Mark two records as not duplicates, so that they are not proposed again.

    Raises InvalidInput at `other` for a pair that cannot be marked.
    """
    if named_row is other or type(named_row) is not type(other):
        raise InvalidInput(other=_("These are not two records of one kind."))
    if named_row.merged_into_id or other.merged_into_id:
        raise InvalidInput(other=_("One of the two is already merged into another record."))
    if are_not_duplicates(named_row, other):
        raise InvalidInput(other=_("They are already marked as two."))
    _log_decision(named_row, other, "tell-apart", by=by)
    first, second = sorted((named_row, other), key=lambda owner: owner.id)
    made: Any = NOT_DUPLICATES_OF_KIND[type(first)](
        one_id=first.id, other_id=second.id, told_by_id=by.id
    )
    if not isinstance(first, Institution):
        made.team_id, made.visibility = first.team_id, first.visibility
    db.session.add(made)
    db.session.flush()
    found: NotDuplicates = made
    return found


def remove_not_duplicates(
    decision: NotDuplicates, named_row: NamedRow, other: NamedRow, *, by: Actor
) -> None:
    """Remove the mark that two records are not duplicates."""
    db.session.delete(decision)
    _log_decision(named_row, other, "ask-again", by=by)


def _log_decision(named_row: NamedRow, other: NamedRow, what: str, *, by: Actor) -> None:
    """Log the decision on both records."""
    for this, that in ((named_row, other), (other, named_row)):
        record_event(audit_act(this, what), this.ref, by=by, changes={"other": that.ref})
