"""Record and edit appeals to authorities, and set their outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.audit.service import audited_change
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.incidents.models import Incident
from tracker.people.models import Institution
from tracker.permissions import Actor, Visibility
from tracker.records import row_by_id, set_record_author, validate_linked_visibility
from tracker.responses.codes import OUTCOMES_WITH_RESPONSE, AppealKind, AppealOutcome, AppealSender
from tracker.responses.models import Appeal, AppealCitation, AppealIncident, OfficialResponse
from tracker.responses.rules import is_answer_too_early, is_due_before_sent
from tracker.review.service import validate_nothing_hidden
from tracker.when import When


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFacts:
    """The details of an appeal: sender, recipient, form (`kind`), date and due date. `sender`: the
    name of the sender; `reference`: the authority's own number of the appeal.
    """

    sender_kind: AppealSender
    sender: str = ""
    institution: Institution
    kind: AppealKind
    sent: When
    due_on: date | None = None
    reference: str = ""
    summary: str = ""


def record_appeal(
    facts: AppealFacts,
    *,
    outcome: AppealOutcome = AppealOutcome.PENDING,
    incidents: Sequence[Incident] = (),
    citations: Sequence[AppealCitation] = (),
    team_id: int,
    visibility: Visibility,
    by: Actor,
) -> Appeal:
    """Record an appeal to one authority; raise InvalidInput at `due_on` or `visibility`."""
    validate_linked_visibility(visibility, [one.article for one in citations])
    appeal = Appeal(
        outcome=outcome,
        response=None,
        incidents=[AppealIncident(incident=one) for one in dict.fromkeys(incidents)],
        citations=list(citations),
        team_id=team_id,
        visibility=visibility,
    )
    _set_values(appeal, facts)
    set_record_author(appeal, by=by)
    with audited_change(appeal, "appeal:create", by=by):
        pass
    return appeal


def edit_appeal(appeal: Appeal, facts: AppealFacts, *, visibility: Visibility, by: Actor) -> None:
    """Edit an appeal. Raise InvalidInput at `due_on` if the answer is due before the appeal was
    sent, at `sent-when` if the appeal was sent after its recorded response was made, or at
    `visibility`.
    """
    validate_linked_visibility(visibility, [one.article for one in appeal.citations])
    validate_nothing_hidden(visibility, appeal)
    validate_sent_before_answer(appeal, facts.sent)
    with audited_change(appeal, "appeal:edit", by=by):
        _set_values(appeal, facts)
        appeal.visibility = visibility
        appeal.mark_revised(by=by)


def validate_due_date(due_on: date | None, sent: When) -> None:
    """Raise InvalidInput at `due_on` if this date is certainly before the appeal was sent."""
    if due_on and is_due_before_sent(due_on, sent):
        raise InvalidInput(due_on=_("An answer cannot be due before the appeal was sent."))


def validate_sent_before_answer(appeal: Appeal, sent: When) -> None:
    """Raise InvalidInput at `sent-when` if the recorded response was made before `sent`."""
    if appeal.response and is_answer_too_early(appeal.response.when, sent):
        raise InvalidInput(**{"sent-when": _("The response to it was made before that date.")})


def set_outcome(
    appeal: Appeal, outcome: AppealOutcome, response: OfficialResponse | None, *, by: Actor
) -> None:
    """Set the outcome of an appeal and the response that answers it, None if none is recorded.
    Raise InvalidInput at `outcome` if a response is given, but this outcome excludes one; at
    `response` if the response is retracted or older than the appeal, or if the appeal has a
    response already that the viewer cannot see.

    The response may be of another institution.
    """
    if response is not None:
        if appeal.response_id is not None and appeal.response is None:
            raise InvalidInput(response=already_answered_message())
        if outcome not in OUTCOMES_WITH_RESPONSE:
            raise InvalidInput(
                outcome=_(
                    "A response came: choose “answered” or “passed to another body”, or choose no "
                    "response."
                )
            )
        if response.is_retracted:
            raise InvalidInput(response=_("That response is retracted."))
        if is_answer_too_early(response.when, appeal.when):
            raise InvalidInput(response=_("That response was made before the appeal was sent."))
    with audited_change(appeal, "appeal:edit", by=by):
        appeal.outcome = outcome
        # An editor cannot remove a response that they cannot see.
        if outcome not in OUTCOMES_WITH_RESPONSE or response or appeal.response:
            appeal.response = response
            # The key is set too: `appeal.response` is None for a hidden response.
            appeal.response_id = response.id if response else None
        appeal.mark_revised(by=by)


def already_answered_message() -> str:
    """Return the localized error message for an appeal that already has a response."""
    return str(_("A response to it is on record already, perhaps one that you may not see."))


def add_incident(appeal: Appeal, incident: Incident, *, by: Actor) -> None:
    """Link an appeal to an incident; raise InvalidInput at `other` if it is linked already."""
    if any(one.incident_id == incident.id for one in appeal.incidents):
        raise InvalidInput(other=_("This is recorded already."))
    with audited_change(appeal, "appeal:edit", by=by):
        appeal.incidents.append(AppealIncident(incident=incident))
        appeal.mark_revised(by=by)


def remove_incident(appeal: Appeal, link_id: int, *, by: Actor) -> None:
    """Unlink an appeal from an incident, given the id of the AppealIncident."""
    row = row_by_id(appeal.incidents, link_id)
    with audited_change(appeal, "appeal:edit", by=by):
        appeal.incidents.remove(row)
        appeal.mark_revised(by=by)


def _set_values(appeal: Appeal, facts: AppealFacts) -> None:
    """Set the columns of an appeal to its details; raise InvalidInput at `due_on`."""
    validate_due_date(facts.due_on, facts.sent)
    appeal.sender_kind, appeal.sender = facts.sender_kind, facts.sender
    appeal.institution, appeal.kind = facts.institution, facts.kind
    appeal.when, appeal.due_on = facts.sent, facts.due_on
    appeal.reference, appeal.summary = facts.reference, facts.summary
