"""Merge two incidents that are the same: one stays, the other is retracted and redirects there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import flag_modified

from tracker.articles.queries import full_record_load_options
from tracker.audit.service import audited_change, get_confidential_row, save_confidential_values
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.incidents.codes import NameReach
from tracker.incidents.guarded_models import IncidentConfidential, TargetNamingDecision
from tracker.incidents.models import Incident, IncidentJoinMixin, IncidentLink, IncidentTarget
from tracker.incidents.publication_rules import EXTERNAL_REACHES, is_collateral, reach_after_edit
from tracker.incidents.rules import is_sexual_act
from tracker.incidents.service import set_types, target_identity_key
from tracker.kit.fields import fill_unset_fields
from tracker.permissions import Actor, can_edit
from tracker.records import validate_linked_visibility
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.queries import published_texts_of
from tracker.review.service import shown_people_and_sources

# Fields with witnesses and contacts, whose texts are joined.
CONFIDENTIAL_FIELDS = ("witness_names", "addresses", "contacts", "source_notes")
# Fields of a naming decision, which are copied together.
NAMING_FIELDS = ("decision", "scope", "decided_on", "how_asked", "is_written", "is_minor")
# If both incidents have a text, the one of the remaining incident is kept; if only the retracted
# incident has a text, it is copied.
TEXT_FIELDS = ("narrative", "place")
# Fields by which an actor of one incident is compared with those of the other: of actors with equal
# values only one is kept.
ACTOR_FIELDS = ("actor_type", "purported_as", "name", "attributed_by")
CITATION_FIELDS = ("article_id", "quote", "field", "bearing")  # by which citations are compared
REFERENCE_FIELDS = ("scheme", "identifier")  # by which external references are compared
STATUS_FIELDS = ("status", "earliest", "latest", "precision")  # by which statuses are compared


def merge_incidents(remaining: Incident, other: Incident, *, by: Actor) -> None:
    """Merge the incident `other` into `remaining`; `other` is retracted as a duplicate. Cases,
    accounts and responses that refer to `other` refer to `remaining` afterwards, if the actor may
    edit them, and keep their status of review; their version rises, so that a form opened before
    fails. Raises InvalidInput if the two cannot be merged.
    """
    validate_merge(remaining, other)
    with (
        audited_change(remaining, "incident:merge", by=by),
        audited_change(other, "incident:merge", by=by),
    ):
        for name in TEXT_FIELDS:
            if not getattr(remaining, name):
                setattr(remaining, name, getattr(other, name))
        fill_unset_fields(remaining, other)
        remaining.summarised_by_id = remaining.summarised_by_id or other.summarised_by_id
        # Types before targets: whether a target needs consent to be named depends on the types.
        set_types(remaining, [row.term for row in (*remaining.types, *other.types)])
        _merge_targets(remaining, other, by=by)
        _merge_confidential(remaining, other, by=by)
        _move_rows(remaining.actors, other.actors, ACTOR_FIELDS)
        _move_rows(remaining.citations, other.citations, CITATION_FIELDS)
        _move_rows(remaining.references, other.references, REFERENCE_FIELDS)
        _merge_links(remaining, other)
        remaining.mark_revised(by=by)
        other.mark_revised(by=by)
        other.state, other.retract_reason = EditorialState.RETRACTED, RetractReason.DUPLICATE
        other.merged_into = remaining
        for published in published_texts_of(other):
            published.withdraw()
    for model in IncidentJoinMixin.__subclasses__():
        _move_join_rows(model, remaining, other, by=by)
    _redirect_links(remaining, other, by=by)


def validate_merge(remaining: Incident, other: Incident) -> None:
    """Raise InvalidInput if two incidents cannot be merged."""
    if remaining is other:
        raise InvalidInput(other=_("This is the same record."))
    if remaining.team_id != other.team_id:
        raise InvalidInput(other=_("That one belongs to another team."))
    if remaining.is_retracted or other.is_retracted:
        raise InvalidInput(other=_("One of the two is retracted."))
    validate_linked_visibility(remaining.visibility, shown_people_and_sources(other), field="other")
    validate_linked_visibility(remaining.visibility, [other], field="other")


def _move_rows(kept_rows: list[Any], other_rows: list[Any], fields: tuple[str, ...]) -> None:
    """Move rows from the list `other_rows` to the list `kept_rows`, except those that are equal in
    these fields to one of `kept_rows`.
    """
    known = {row_values(row, fields) for row in kept_rows}
    for row in [row for row in other_rows if row_values(row, fields) not in known]:
        _move_row(row, other_rows, kept_rows)


def row_values(row: Any, fields: tuple[str, ...]) -> tuple[Any, ...]:  # noqa: ANN401 (a row)
    """Return the values of some fields of a row, by which rows are compared."""
    return tuple(getattr(row, name) for name in fields)


def _move_row(row: Any, from_rows: list[Any], to_rows: list[Any]) -> None:  # noqa: ANN401 (a row that hangs on an incident)
    """Move a row from the list of one incident to the same list of another."""
    # Removed by hand: the other record's list may not have been refreshed, and it is in the audit
    # log.
    from_rows.remove(row)
    to_rows.append(row)


def _merge_targets(remaining: Incident, other: Incident, *, by: Actor) -> None:
    """Move the targets that the remaining incident lacks. If it has the same target already, move
    only the target's statuses and naming decision.

    A name that either incident withholds stays withheld.
    """
    was = is_sexual_act({row.term.code for row in other.types})
    becomes = was or is_sexual_act({row.term.code for row in remaining.types})
    mine = {target_identity_key(target): target for target in remaining.targets}
    for target in list(other.targets):
        existing = mine.get(target_identity_key(target))
        if existing is not None:
            _move_rows(existing.statuses, target.statuses, STATUS_FIELDS)
            _merge_naming(
                remaining,
                existing,
                target,
                needed_consent=was or is_collateral(target.role),
                needs_consent=becomes or is_collateral(existing.role),
                by=by,
            )
            continue
        guarded = is_collateral(target.role)
        target.name_reach = reach_after_edit(
            target.name_reach, needed_consent=guarded or was, needs_consent=guarded or becomes
        )
        _move_row(target, other.targets, remaining.targets)


def _merge_naming(
    remaining: Incident,
    same_target: IncidentTarget,
    target: IncidentTarget,
    *,
    needed_consent: bool,
    needs_consent: bool,
    by: Actor,
) -> None:
    """Copy the naming decision of `target` in the other incident to `same_target`, the same person
    in the remaining one; if both have a decision, the stricter one applies.
    `needed_consent`: naming `target` required written consent; `needs_consent`:
    naming `same_target` now requires it.
    """
    mine, theirs = (
        get_confidential_row(same_target, TargetNamingDecision),
        get_confidential_row(target, TargetNamingDecision),
    )
    if theirs.version and not mine.version:
        values = {name: getattr(theirs, name) for name in NAMING_FIELDS}
        save_confidential_values(
            same_target,
            mine,
            values,
            action=TargetNamingDecision.AUDIT_ACTION,
            subject=remaining.ref,
            by=by,
        )
        same_target.name_reach = reach_after_edit(
            target.name_reach, needed_consent=needed_consent, needs_consent=needs_consent
        )
    elif (
        theirs.version
        and target.name_reach not in EXTERNAL_REACHES
        and same_target.name_reach in EXTERNAL_REACHES
    ):
        same_target.name_reach = NameReach.HOUSE
    if target.name_reach is NameReach.TEAM:
        same_target.name_reach = NameReach.TEAM
    same_target.named_as = same_target.named_as or target.named_as


def _merge_confidential(remaining: Incident, other: Incident, *, by: Actor) -> None:
    """Append the witnesses and contacts of the other incident to the witnesses and contacts of the
    remaining one.
    """
    theirs = get_confidential_row(other, IncidentConfidential)
    if theirs.version:
        mine = get_confidential_row(remaining, IncidentConfidential)
        values = {
            name: _join_texts(getattr(mine, name), getattr(theirs, name))
            for name in CONFIDENTIAL_FIELDS
        }
        save_confidential_values(remaining, mine, values, by=by)


def _join_texts(mine: str | None, theirs: str | None) -> str:
    """Join two texts by a line break; empty and repeated ones are left out."""
    return "\n".join(dict.fromkeys(text for text in (mine, theirs) if text))


def _merge_links(remaining: Incident, other: Incident) -> None:
    """Move the links that the other incident has to third incidents to the remaining one, and
    remove the links between the two.
    """
    for link in [one for one in remaining.links if one.other_id == other.id]:
        remaining.links.remove(link)
    known = {(link.other_id, link.kind) for link in remaining.links}
    for link in list(other.links):
        if link.other_id == remaining.id:
            other.links.remove(link)
        elif (link.other_id, link.kind) not in known:
            _move_row(link, other.links, remaining.links)


def _redirect_links(remaining: Incident, other: Incident, *, by: Actor) -> None:
    """Make the links that third incidents have to the other incident lead to the remaining one."""
    rows = select(IncidentLink).where(IncidentLink.other_id == other.id)
    options = selectinload(IncidentLink.incident).options(
        *full_record_load_options(type(remaining))
    )
    for link in db.session.scalars(rows.options(options)).all():
        third = link.incident
        if third is remaining or third.is_retracted or not can_edit(by, third):
            continue
        with audited_change(third, "incident:edit", by=by):
            if any((one.other_id, one.kind) == (remaining.id, link.kind) for one in third.links):
                third.links.remove(link)
            else:
                link.other = remaining
            flag_modified(third, "updated_at")


def _move_join_rows(
    model: type[IncidentJoinMixin], remaining: Incident, other: Incident, *, by: Actor
) -> None:
    """Make the cases, accounts or responses that refer to `other` refer to `remaining`. `model`:
    the model of the rows by which one of these kinds of record refers to incidents.
    """
    owner: Any = getattr(model, model.OWNER_ATTRIBUTE)
    rows = (
        select(model)
        .where(model.incident_id.in_([remaining.id, other.id]))
        .order_by(model.id)
        .options(
            selectinload(owner).options(*full_record_load_options(owner.property.mapper.class_))
        )
    )
    found = db.session.scalars(rows).all()
    mine = [row for row in found if row.incident_id == remaining.id]
    for row in [row for row in found if row.incident_id == other.id]:
        record = getattr(row, model.OWNER_ATTRIBUTE)
        if not can_edit(by, record) or record.is_retracted:
            continue
        existing = next(
            (one for one in mine if getattr(one, model.OWNER_ATTRIBUTE) is record), None
        )
        with audited_change(record, f"{record.ENDPOINT.removesuffix('s')}:edit", by=by):
            row.adapt_before_move(mine, existing)
            if existing is None:
                row.incident = remaining
                mine.append(row)
            else:
                collection_of_row(record, row).remove(row)
            flag_modified(record, "updated_at")


def collection_of_row(record: Any, row: IncidentJoinMixin) -> list[Any]:  # noqa: ANN401 (a record of a higher feature)
    """Return the list of rows to which a row belongs. `record`: the case, account or response that
    has the list; `row`: one of the rows by which it refers to incidents.
    """
    relation = type(row).__mapper__.relationships[row.OWNER_ATTRIBUTE]  # type: ignore[attr-defined]  # mapped
    found: list[Any] = getattr(record, str(relation.back_populates))
    return found
