"""Merge an incident into another one: the duplicate is retracted and redirects there."""

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
from tracker.incidents.rules import has_sexual_type
from tracker.incidents.service import set_types, target_identity_key
from tracker.kit.fields import fill_unset_fields
from tracker.permissions import Actor, can_edit
from tracker.records import validate_linked_visibility
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.queries import published_texts_of
from tracker.review.service import shown_people_and_sources

# Fields with witnesses and contacts, whose texts are joined.
JOINED_CONFIDENTIAL_FIELDS = ("witness_names", "addresses", "contacts", "source_notes")
# Fields of a naming decision, which are copied together.
NAMING_FIELDS = ("decision", "scope", "decided_on", "how_asked", "is_written", "is_minor")
# If both incidents have a text, the one of the remaining incident is kept; if only the retracted
# incident has a text, it is copied.
TEXT_FIELDS_COPIED_IF_EMPTY = ("narrative", "place")
# Fields by which an actor of one incident is compared with those of the other: of actors with equal
# values only one is kept.
COMPARED_ACTOR_FIELDS = ("actor_type", "purported_as", "name", "attributed_by")
COMPARED_CITATION_FIELDS = (
    "article_id",
    "quote",
    "field",
    "bearing",
)  # by which citations are compared
COMPARED_REFERENCE_FIELDS = ("scheme", "identifier")  # by which external references are compared
COMPARED_STATUS_FIELDS = (
    "status",
    "earliest",
    "latest",
    "precision",
)  # by which statuses are compared


def merge_incidents(remaining: Incident, duplicate: Incident, *, by: Actor) -> None:
    """Merge the incident `duplicate` into `remaining`, and retract it. Cases, accounts and
    responses that refer to `duplicate` refer to `remaining` afterwards, if the actor may edit them,
    and keep their status of review; their version rises, so that a form opened before fails. Raises
    InvalidInput if the two cannot be merged.
    """
    validate_merge(remaining, duplicate)
    with (
        audited_change(remaining, "incident:merge", by=by),
        audited_change(duplicate, "incident:merge", by=by),
    ):
        for name in TEXT_FIELDS_COPIED_IF_EMPTY:
            if not getattr(remaining, name):
                setattr(remaining, name, getattr(duplicate, name))
        fill_unset_fields(remaining, duplicate)
        remaining.summarised_by_id = remaining.summarised_by_id or duplicate.summarised_by_id
        # Types before targets: whether a target needs consent to be named depends on the types.
        set_types(remaining, [row.term for row in (*remaining.types, *duplicate.types)])
        _merge_targets(remaining, duplicate, by=by)
        _merge_confidential(remaining, duplicate, by=by)
        _move_rows(remaining.actors, duplicate.actors, COMPARED_ACTOR_FIELDS)
        _move_rows(remaining.citations, duplicate.citations, COMPARED_CITATION_FIELDS)
        _move_rows(remaining.references, duplicate.references, COMPARED_REFERENCE_FIELDS)
        _merge_outgoing_links(remaining, duplicate)
        remaining.mark_revised(by=by)
        duplicate.mark_revised(by=by)
        duplicate.state = EditorialState.RETRACTED
        duplicate.retract_reason = RetractReason.DUPLICATE
        duplicate.merged_into = remaining
        for published in published_texts_of(duplicate):
            published.withdraw()
    for model in IncidentJoinMixin.__subclasses__():
        _move_join_rows(model, remaining, duplicate, by=by)
    _redirect_incoming_links(remaining, duplicate, by=by)


def validate_merge(remaining: Incident, duplicate: Incident) -> None:
    """Raise InvalidInput if two incidents cannot be merged."""
    if remaining is duplicate:
        raise InvalidInput(other=_("This is the same record."))
    if remaining.team_id != duplicate.team_id:
        raise InvalidInput(other=_("That one belongs to another team."))
    if remaining.is_retracted or duplicate.is_retracted:
        raise InvalidInput(other=_("One of the two is retracted."))
    validate_linked_visibility(
        remaining.visibility, shown_people_and_sources(duplicate), field="other"
    )
    validate_linked_visibility(remaining.visibility, [duplicate], field="other")


def _move_rows(kept_rows: list[Any], duplicate_rows: list[Any], fields: tuple[str, ...]) -> None:
    """Move rows from the list `duplicate_rows` to the list `kept_rows`, except those that are equal
    in these fields to one of `kept_rows`.
    """
    known = {row_values(row, fields) for row in kept_rows}
    for row in [row for row in duplicate_rows if row_values(row, fields) not in known]:
        _move_row(row, duplicate_rows, kept_rows)


def row_values(row: Any, fields: tuple[str, ...]) -> tuple[Any, ...]:  # noqa: ANN401 (a row)
    """Return the values of some fields of a row, by which rows are compared."""
    return tuple(getattr(row, name) for name in fields)


def _move_row(row: Any, from_rows: list[Any], to_rows: list[Any]) -> None:  # noqa: ANN401 (a row that hangs on an incident)
    """Move a row from the list of one incident to the same list of another."""
    # Removed by hand: the other record's list may not have been refreshed, and it is in the audit
    # log.
    from_rows.remove(row)
    to_rows.append(row)


def _merge_targets(remaining: Incident, duplicate: Incident, *, by: Actor) -> None:
    """Move the targets that the remaining incident lacks. If it has the same target already, move
    only the target's statuses and naming decision.

    A name that either incident withholds stays withheld.
    """
    was = has_sexual_type({row.term.code for row in duplicate.types})
    becomes = was or has_sexual_type({row.term.code for row in remaining.types})
    mine = {target_identity_key(target): target for target in remaining.targets}
    for target in list(duplicate.targets):
        existing = mine.get(target_identity_key(target))
        if existing is not None:
            _move_rows(existing.statuses, target.statuses, COMPARED_STATUS_FIELDS)
            _merge_naming(
                remaining,
                existing,
                target,
                consent_was_needed=was or is_collateral(target.role),
                consent_is_needed=becomes or is_collateral(existing.role),
                by=by,
            )
            continue
        guarded = is_collateral(target.role)
        target.name_reach = reach_after_edit(
            target.name_reach,
            consent_was_needed=guarded or was,
            consent_is_needed=guarded or becomes,
        )
        _move_row(target, duplicate.targets, remaining.targets)


def _merge_naming(
    remaining: Incident,
    kept_target: IncidentTarget,
    target: IncidentTarget,
    *,
    consent_was_needed: bool,
    consent_is_needed: bool,
    by: Actor,
) -> None:
    """Copy the naming decision of `target` in the duplicate to `kept_target`, the same person
    in the remaining one; if both have a decision, the stricter one applies.
    `consent_was_needed`: naming `target` required written consent; `consent_is_needed`:
    naming `kept_target` now requires it.
    """
    mine = get_confidential_row(kept_target, TargetNamingDecision)
    theirs = get_confidential_row(target, TargetNamingDecision)
    if theirs.version and not mine.version:
        values = {name: getattr(theirs, name) for name in NAMING_FIELDS}
        save_confidential_values(
            kept_target,
            mine,
            values,
            action=TargetNamingDecision.AUDIT_ACTION,
            subject=remaining.ref,
            by=by,
        )
        kept_target.name_reach = reach_after_edit(
            target.name_reach,
            consent_was_needed=consent_was_needed,
            consent_is_needed=consent_is_needed,
        )
    elif (
        theirs.version
        and target.name_reach not in EXTERNAL_REACHES
        and kept_target.name_reach in EXTERNAL_REACHES
    ):
        kept_target.name_reach = NameReach.HOUSE
    if target.name_reach is NameReach.TEAM:
        kept_target.name_reach = NameReach.TEAM
    kept_target.named_as = kept_target.named_as or target.named_as


def _merge_confidential(remaining: Incident, duplicate: Incident, *, by: Actor) -> None:
    """Append the witnesses and contacts of the duplicate to the witnesses and contacts of the
    remaining one.
    """
    theirs = get_confidential_row(duplicate, IncidentConfidential)
    if theirs.version:
        mine = get_confidential_row(remaining, IncidentConfidential)
        values = {
            name: _join_texts(getattr(mine, name), getattr(theirs, name))
            for name in JOINED_CONFIDENTIAL_FIELDS
        }
        save_confidential_values(remaining, mine, values, by=by)


def _join_texts(text: str | None, other_text: str | None) -> str:
    """Join two texts by a line break; empty and repeated ones are left out."""
    return "\n".join(dict.fromkeys(one for one in (text, other_text) if one))


def _merge_outgoing_links(remaining: Incident, duplicate: Incident) -> None:
    """Move the links that the duplicate has to third incidents to the remaining one, and
    remove the links between the two.
    """
    for link in [one for one in remaining.links if one.other_id == duplicate.id]:
        remaining.links.remove(link)
    known = {(link.other_id, link.kind) for link in remaining.links}
    for link in list(duplicate.links):
        if link.other_id == remaining.id:
            duplicate.links.remove(link)
        elif (link.other_id, link.kind) not in known:
            _move_row(link, duplicate.links, remaining.links)


def _redirect_incoming_links(remaining: Incident, other: Incident, *, by: Actor) -> None:
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
    model: type[IncidentJoinMixin], remaining: Incident, duplicate: Incident, *, by: Actor
) -> None:
    """Make the cases, accounts or responses that refer to `duplicate` refer to `remaining`.
    `model`: the model of the rows by which one of these kinds of record refers to incidents.
    """
    owner: Any = getattr(model, model.OWNER_ATTRIBUTE)
    rows = (
        select(model)
        .where(model.incident_id.in_([remaining.id, duplicate.id]))
        .order_by(model.id)
        .options(
            selectinload(owner).options(*full_record_load_options(owner.property.mapper.class_))
        )
    )
    found = db.session.scalars(rows).all()
    mine = [row for row in found if row.incident_id == remaining.id]
    for row in [row for row in found if row.incident_id == duplicate.id]:
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
