"""Publish and withdraw incidents; save naming decisions, redact names and restore them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import delete, select

from tracker import clock
from tracker.articles.masking_service import mask_passages
from tracker.audit import service as audit_service
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.incidents import naming_queries, publication_rules, source_queries
from tracker.incidents.codes import NameReach, NamingDecision, NamingScope, TargetKind
from tracker.incidents.guarded_models import Publication, TargetNamingDecision
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget
from tracker.incidents.queries import (
    page_load_options,
    publication_load_options,
    publication_of,
)
from tracker.incidents.rules import has_sexual_type
from tracker.people.models import Journalist
from tracker.people.queries import journalists_with_redacted_name, names_of
from tracker.people.rules import find_mentions, is_named_in_address
from tracker.permissions import Actor, Visibility
from tracker.records import record_models
from tracker.review.codes import EditorialState
from tracker.review.models import SUBMITTED_STATES, Reviewable
from tracker.review.service import (
    PUBLICATION_HANDLERS,
    PublicationHandlers,
    change_state,
    require_not_own_work,
    restrict_records,
)
from tracker.scoping import system_session, viewing_everything
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.codes import Answer

# The states from which an incident can be published: an approved one at once, and one in review
# together with its approval.
PUBLISHABLE_STATES = frozenset({EditorialState.IN_REVIEW, EditorialState.APPROVED})


def public_preview(incident: Incident) -> publication_rules.PublicText:
    """Return the public text that an incident would have if published now."""
    return _public_texts([incident])[0]


def _public_texts(incidents: Sequence[Incident]) -> list[publication_rules.PublicText]:
    """Return the public text that each incident would have if published now, in the same order."""
    cited = [one.citations for one in incidents]
    held_back = naming_queries.withheld_names_for_each(cited, publication_rules.PUBLIC_REACHES)
    source_ids_with_public_url = _source_ids_with_public_url(
        row for citations in cited for row in citations
    )
    return [
        publication_rules.public_text(one, withheld, source_ids_with_public_url)
        for one, withheld in zip(incidents, held_back, strict=True)
    ]


def _source_ids_with_public_url(citations: Iterable[IncidentCitation]) -> set[int]:
    """Return the ids of the cited sources whose address may be published."""
    cited = {one.article_id: one.article for one in citations}
    with system_session(
        "an address that leads to a name is not published", reading=True
    ) as session:
        found = source_queries.source_ids_with_shareable_url(
            session, publication_rules.PUBLIC_REACHES, source_ids=cited
        )
        redacted = naming_queries.redacted_names(session) if found else []
    return {
        number
        for number in found
        if (article := cited[number]) and not is_named_in_address(article.url, redacted)
    }


@dataclass(frozen=True, slots=True)
class PublicationCheck:
    """The text that an incident would publish, the obstacles to publishing, and further notes."""

    text: publication_rules.PublicText
    obstacles: list[publication_rules.PublicationObstacle]
    notes: list[publication_rules.PublicationObstacle]


def check_publications(
    incidents: Sequence[Incident], *, as_if_approved: bool = False
) -> list[PublicationCheck]:
    """Return the publication check of each incident, in the same order. `as_if_approved`: ignore
    that an incident is not approved yet, to show the other obstacles early. Names that other teams
    redacted are reported only by `publish`: here they would reveal to anybody who writes a name
    into a summary whether that name is redacted somewhere.
    """
    redacted = [names_of(one) for one in journalists_with_redacted_name()]
    return [
        PublicationCheck(
            text,
            publication_rules.publication_obstacles(
                one, text, redacted, as_if_approved=as_if_approved
            ),
            publication_rules.publication_notes(one),
        )
        for one, text in zip(incidents, _public_texts(incidents), strict=True)
    ]


def publication_check_by_incident(
    incidents: Sequence[Incident],
) -> dict[Reviewable, PublicationCheck]:
    """Return the publication check of each incident that is approved or in review; other incidents
    are left out. The keys are these incidents, loaded again with all that a publication needs.

    Pages load their records without the data that decides on publication.
    """
    ids = [one.id for one in incidents if one.state in PUBLISHABLE_STATES]
    if not ids:
        return {}
    rows = select(Incident).where(Incident.id.in_(ids)).order_by(Incident.id)
    # With the data for the page too, which `populate_existing` would otherwise drop.
    loaded = rows.options(*page_load_options(), *publication_load_options())
    loaded = loaded.execution_options(populate_existing=True)
    found = db.session.scalars(loaded).unique().all()
    return dict(zip(found, check_publications(found, as_if_approved=True), strict=True))


def would_publish_withheld_name(incident: Incident) -> bool:
    """Return whether an incident's public text would name a person who may not be named.

    Within the limits of `check_publications`.
    """
    text, redacted = (
        public_preview(incident),
        [names_of(one) for one in journalists_with_redacted_name()],
    )
    return bool(
        publication_rules.withheld_names_in(incident, text)
        or publication_rules.redacted_names_in(text, redacted)
    )


def publish(incident: Incident, *, by: Actor) -> Publication:
    """Publish an approved incident: copy its public text as a new revision. Raise InvalidInput if
    there are obstacles, and Forbidden if the incident is the actor's own work.

    The copy stays unchanged when the incident changes, until the incident is published again.
    """
    require_not_own_work(incident, by=by)
    read = public_preview(incident)
    _raise_if_blocked(
        publication_rules.publication_obstacles(incident, read, _redacted_names_per_person())
    )
    text = asdict(read)
    with audit_service.audited_change(incident, "incident:publish", by=by):
        # Check again under the lock of the audit log: a redaction either is done, or waits for it.
        _raise_if_blocked(
            publication_rules.publication_obstacles(incident, read, _redacted_names_per_person())
        )
        published = publication_of(incident)
        if published is None:
            published = Publication(incident=incident, revision=0, **text)
            db.session.add(published)
        for name, value in text.items():
            setattr(published, name, value)
        published.revision += 1
        published.version, published.withdrawn_at = incident.version, None
        published.published_at, published.published_by_id = clock.utc_now(), by.id
        change_state(incident, EditorialState.PUBLISHED, by=by)
        details = {
            "revision": published.revision,
            "sha256": publication_rules.public_text_digest(read),
            "at": published.published_at.isoformat(),
            "version": published.version,
        }
        audit_service.record_event("publication:copy", incident.ref, by=by, changes=details)
    return published


PUBLICATION_HANDLERS[Incident] = PublicationHandlers(publication_check_by_incident, publish)


def _redacted_names_per_person() -> list[list[str]]:
    """Return all names of each person whose name any team redacted."""
    with system_session("a name that any team redacted is not published", reading=True) as session:
        return [names_of(one) for one in journalists_with_redacted_name(session)]


def _raise_if_blocked(reasons: Sequence[publication_rules.PublicationObstacle]) -> None:
    """Raise InvalidInput with the messages of these obstacles, if there are any."""
    if reasons:
        raise InvalidInput(version=" ".join(one.message for one in reasons))


def withdraw_if_name_withheld(incident: Incident, *, by: Actor) -> None:
    """Withdraw an incident's publication if it names somebody who may no longer be named.

    For example because the scope was reduced, the incident now requires written consent, or an
    accused person is neither in office nor convicted.
    """
    published = publication_of(incident)
    if published is not None and publication_rules.withheld_names_in(incident, published):
        withdraw_publication(incident, by=by)


def withdraw_publication(incident: Incident, *, by: Actor) -> None:
    """Withdraw the publication of an incident, if any; the incident must be reviewed again.

    Call it outside of any audited change of the same incident.
    """
    published = publication_of(incident)
    if published is None or published.withdrawn_at is not None:
        return
    with audit_service.audited_change(incident, "review:draft", by=by):
        published.withdraw()
        if incident.state in SUBMITTED_STATES:
            incident.state = EditorialState.DRAFT
            incident.end_approval()
        # A separate log entry: the state of the incident may be unchanged.
        audit_service.record_event("incident:withdraw", incident.ref, by=by)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingInput:
    """A submitted decision on whether a target may be named, with its grounds."""

    decision: NamingDecision = NamingDecision.NOT_ASKED
    scope: NamingScope | None = None
    decided_on: date | None = None
    how_asked: str = ""
    is_written: Answer = Answer.UNKNOWN
    is_minor: Answer = Answer.UNKNOWN


def redacts_name(target: IncidentTarget, decision_input: NamingInput) -> bool:
    """Return whether a decision is one of `REDACTING_DECISIONS`, about a journalist whose name is
    not redacted yet.
    """
    journalist = target.journalist
    return (
        decision_input.decision in publication_rules.REDACTING_DECISIONS
        and target.kind is TargetKind.JOURNALIST
        and journalist is not None
        and not journalist.is_withheld
    )


def validate_naming_decision(
    incident: Incident, target: IncidentTarget, decision_input: NamingInput, *, named_as: str
) -> None:
    """Raise InvalidInput for a decision that is invalid, or impossible for the target. `named_as`:
    the text shown instead of the name.
    """
    if (decision_input.decision is NamingDecision.CONSENTED) != (decision_input.scope is not None):
        raise InvalidInput(scope=_("Set “To whom they may be named” only for somebody who agreed."))
    if decision_input.decided_on and decision_input.decided_on > clock.current_date():
        raise InvalidInput(decided_on=_("This day is in the future."))
    journalist = target.journalist
    if journalist is not None and find_mentions(
        named_as, names_of(journalist), allow_single_words=True
    ):
        raise InvalidInput(named_as=_("This text has the name: write the role and place instead."))
    if decision_input.decision not in publication_rules.REDACTING_DECISIONS:
        return
    if target.kind is not TargetKind.JOURNALIST:
        raise InvalidInput(
            decision=_(
                "There is no journalist’s record to close: describe the target without a name, "
                "and nothing has to be closed."
            )
        )
    if journalist is None or journalist.team_id != incident.team_id:
        raise InvalidInput(
            decision=_(
                "Another team owns this journalist’s record: add the journalist as a restricted "
                "record of your own team, put it in place of this one, and then close the name."
            )
        )
    if not named_as:
        raise InvalidInput(
            named_as=_("Enter what is shown instead of the name, such as “an editor in Almaty”.")
        )


def save_naming_decision(
    incident: Incident,
    target: IncidentTarget,
    decision_input: NamingInput,
    *,
    named_as: str,
    confirmation: RedactionConfirmation,
    by: Actor,
) -> None:
    """Save a naming decision, and redact or restore the name. `named_as`: the text shown instead of
    the name; `confirmation`: what the user confirmed for a redaction.

    The incident stays approved.
    """
    validate_naming_decision(incident, target, decision_input, named_as=named_as)
    is_redaction = redacts_name(target, decision_input)
    naming = audit_service.get_confidential_row(target, TargetNamingDecision)
    was_redacted = naming.decision in publication_rules.REDACTING_DECISIONS
    audit_service.save_confidential_values(
        target,
        naming,
        asdict(decision_input),
        action="incident:naming",
        subject=incident.ref,
        by=by,
    )
    with audit_service.audited_change(incident, "incident:naming", by=by):
        target.named_as = named_as
        target.name_reach = target_name_reach(naming, incident, target)
        bump_version_if_targets_changed(incident)
    withdraw_if_name_withheld(incident, by=by)
    journalist = target.journalist
    if is_redaction and journalist is not None:
        redact_name(journalist, named_as=named_as, confirmation=confirmation, by=by)
    elif (
        was_redacted
        and journalist is not None
        and decision_input.decision not in publication_rules.REDACTING_DECISIONS
    ):
        restore_name(journalist, excluding=target, by=by)


def delete_naming_decision(target: IncidentTarget) -> None:
    """Delete the naming decision of a target that is about to be removed."""
    db.session.execute(
        delete(TargetNamingDecision).where(TargetNamingDecision.target_id == target.id)
    )
    # Erasure cannot find them later: nothing leads from the journalist to this incident any more.
    ref, parts = target.incident.ref, [TargetNamingDecision.audit_part_name(target.id)]
    audit_service.delete_committed_fields(
        [ref], TargetNamingDecision.AUDIT_ACTION, TargetNamingDecision.ERASED_COLUMNS, parts=parts
    )


@dataclass(frozen=True, slots=True)
class RedactionConfirmation:
    """What a user confirmed for a redaction. `listed_refs`: the refs of the articles and records
    that the page listed; `refs_to_restrict`: the refs of the records to restrict to the team.
    """

    listed_refs: Collection[str] = ()
    refs_to_restrict: Collection[str] = ()


def redact_name(
    journalist: Journalist, *, named_as: str, confirmation: RedactionConfirmation, by: Actor
) -> None:
    """Hide a journalist's name outside the owning team; the team's incidents show `named_as`.

    Raises InvalidInput if a passage or record is affected that the plan did not show, or if a
    record names the journalist and is neither edited before nor restricted to the team.
    """
    plan = naming_queries.plan_name_redaction(journalist)
    if not set(confirmation.listed_refs) >= set(plan.affected_refs()):
        raise InvalidInput(
            closing=_("The name is in more places than listed. Read the list again.")
        )
    refs = ", ".join(
        one.ref for one in plan.records_to_edit if one.ref not in confirmation.refs_to_restrict
    )
    if refs:
        raise InvalidInput(
            closing=_("Edit these first, or restrict them to the team: %(refs)s", refs=refs)
        )
    for article, spans in plan.passages_by_article.items():
        mask_passages(article, spans, reason=_("A name that must not be shared"), by=by)
    restrict_records(plan.records_to_edit, by=by)
    incidents = naming_queries.team_incidents_targeting(journalist)
    for incident in incidents:
        withdraw_publication(incident, by=by)
        _set_name_reach(incident, journalist, NameReach.TEAM, named_as=named_as, by=by)
    refs_with_former_name = {*plan.refs_with_former_name, *(one.ref for one in incidents)}
    with audit_service.audited_change(journalist, "journalist:close-name", by=by):
        journalist.visibility = Visibility.RESTRICTED
        journalist.name_closed_on = clock.current_date()
        journalist.updated_at = clock.utc_now()
    _hide_earlier_history(refs_with_former_name, by=by)
    with viewing_everything("redacting a name withdraws the publications of every team"):
        for published in naming_queries.publications_naming(journalist):
            is_own = published.incident.team_id == journalist.team_id
            # Readers of another team's record are not told who did this.
            actor = by if is_own else get_or_create_console_user()
            withdraw_publication(published.incident, by=actor)


def restore_name(journalist: Journalist, *, excluding: IncidentTarget, by: Actor) -> None:
    """Undo the redaction of a journalist's name, unless the decision for another target forbids it.
    `excluding`: the target whose decision was just changed and saved; it is ignored.
    """
    namings = _naming_decision_by_target_id(journalist)
    if any(
        one.decision in publication_rules.REDACTING_DECISIONS
        for number, one in namings.items()
        if number != excluding.id
    ):
        return
    with audit_service.audited_change(journalist, "journalist:reopen-name", by=by):
        journalist.name_closed_on = None
        journalist.updated_at = clock.utc_now()
    for incident in naming_queries.team_incidents_targeting(journalist):
        for target in incident.targets:
            if target.journalist_id == journalist.id and target is not excluding:
                reach = target_name_reach(namings.get(target.id), incident, target)
                _set_name_reach(incident, journalist, reach, named_as="", by=by)


def _naming_decision_by_target_id(journalist: Journalist) -> dict[int, TargetNamingDecision]:
    """Return the naming decisions about a journalist, by the target's id."""
    target_ids = select(IncidentTarget.id).where(IncidentTarget.journalist_id == journalist.id)
    rows = select(TargetNamingDecision).where(TargetNamingDecision.target_id.in_(target_ids))
    return {row.target_id: row for row in db.session.scalars(rows)}


def target_name_reach(
    naming: TargetNamingDecision | None, incident: Incident, target: IncidentTarget
) -> NameReach:
    """Return how far a target's name may be shared according to the naming decision, if any."""
    if naming is None:
        return NameReach.HOUSE
    return publication_rules.name_reach_of_decision(
        naming.decision,
        naming.scope,
        is_collateral=publication_rules.is_collateral(target.role),
        is_minor=naming.is_minor is Answer.YES,
        is_sexual=has_sexual_type({row.term.code for row in incident.types}),
        is_written=naming.is_written is Answer.YES,
    )


def _set_name_reach(
    incident: Incident, journalist: Journalist, reach: NameReach, *, named_as: str, by: Actor
) -> None:
    """Set how far a journalist's name may be shared in one incident, which stays approved.
    `named_as`: the text shown instead of the name, unless the target already has one.
    """
    with audit_service.audited_change(incident, "incident:naming", by=by):
        for target in incident.targets:
            if target.journalist_id == journalist.id:
                target.name_reach = reach
                target.named_as = target.named_as or named_as
        bump_version_if_targets_changed(incident)


def bump_version_if_targets_changed(incident: Incident) -> None:
    """Raise the version of an incident if one of its targets was changed in the session.

    An export with a changed target in an unchanged version would reveal a naming decision.
    """
    if any(db.session.is_modified(target) for target in incident.targets):
        incident.updated_at = clock.utc_now()


def _hide_earlier_history(refs: Collection[str], *, by: Actor) -> None:
    """Hide the earlier history of the records with these refs from other teams, by an entry in the
    audit log.
    """
    kinds = record_models()
    for ref in sorted(refs):
        kind = kinds[ref.partition("-")[0]].ENDPOINT.removesuffix("s")
        audit_service.record_event(f"{kind}:close-name", ref, by=by)
