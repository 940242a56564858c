"""Record and edit official responses with their acts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from tracker.articles.models import Article
from tracker.articles.service import build_citations, join_quotes
from tracker.audit.service import audited_change
from tracker.errors import InvalidInput
from tracker.i18n import _, current_language
from tracker.incidents.models import Incident
from tracker.people.models import Institution
from tracker.permissions import Actor, Visibility
from tracker.records import row_by_id, set_record_author, validate_linked_visibility
from tracker.responses import models
from tracker.responses.codes import ActType, AnswerScope, QuoteIs, Stance, Standing
from tracker.responses.rules import contradicts_act_type, resolve_substantive
from tracker.review.service import validate_nothing_hidden
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.labels import get_label
from tracker.when import When


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFacts:
    """The details of a response. `official`: who spoke; `office`: the job title of the speaker at
    that time; `made`: when the response was made.
    """

    institution: Institution
    official: str = ""
    office: str = ""
    made: When
    standing: Standing = Standing.RESPONSIBLE_STATE
    stance: Stance = Stance.UNCLEAR
    other_stances: Sequence[Stance] = ()
    answers_scope: AnswerScope = AnswerScope.INCIDENTS
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFacts:
    """An act of a response. `substantive_choice`: whether the act is substantive, None if its type
    decides; `acting_institution`: the institution that acts, None if it is the one that speaks.
    """

    act: ActType
    substantive_choice: Answer | None = None
    quote: str = ""
    quote_is: QuoteIs = QuoteIs.REPORTED
    acting_institution: Institution | None = None


def record_response(
    facts: ResponseFacts,
    *,
    acts: Sequence[ActFacts],
    incidents: Sequence[Incident] = (),
    citations: Sequence[models.ResponseCitation] = (),
    team_id: int,
    visibility: Visibility,
    by: Actor,
) -> models.OfficialResponse:
    """Record a response with its acts, and link it to incidents; raise InvalidInput at `acts`,
    `acts-N-substantive`, `answers_scope`, `standing` or `visibility`.
    """
    validate_linked_visibility(visibility, [one.article for one in citations])
    if incidents and facts.answers_scope is not AnswerScope.INCIDENTS:
        raise InvalidInput(
            answers_scope=_(
                "You ticked incidents that it answers: choose that here, or untick them."
            )
        )
    validate_responsible_state(
        facts.standing, facts.institution.country, (one.country for one in incidents)
    )
    response = models.OfficialResponse(
        other_stances=[],
        acts=[],
        answers=[models.ResponseAnswer(incident=one) for one in dict.fromkeys(incidents)],
        citations=list(citations),
        team_id=team_id,
        visibility=visibility,
    )
    _set_values(response, facts)
    _set_acts(response, acts)
    set_record_author(response, by=by)
    with audited_change(response, "response:create", by=by):
        pass
    return response


def validate_responsible_state(
    standing: Standing, country: str | None, incident_countries: Iterable[str]
) -> None:
    """Raise InvalidInput at `standing` if that is RESPONSIBLE_STATE, but there are incidents and
    all of them happened in other countries than `country`, the country of the institution.
    """
    countries = set(incident_countries)
    if standing is not Standing.RESPONSIBLE_STATE or not country or not countries:
        return
    if country not in countries and "" not in countries:
        raise InvalidInput(
            standing=_(
                "This institution belongs to another state than the country of the incident: "
                "choose that, or correct the country."
            )
        )


def edit_response(
    response: models.OfficialResponse,
    facts: ResponseFacts,
    *,
    acts: Sequence[ActFacts],
    visibility: Visibility,
    by: Actor,
) -> None:
    """Edit a response and replace its acts; raise InvalidInput as `record_response` does."""
    validate_linked_visibility(visibility, [one.article for one in response.citations])
    if response.answers and facts.answers_scope is not AnswerScope.INCIDENTS:
        raise InvalidInput(
            answers_scope=_("It answers named incidents: remove those from its page first.")
        )
    validate_nothing_hidden(visibility, response)
    # Not validated if the editor changes neither institution nor standing.
    if (facts.institution, facts.standing) != (response.institution, response.standing):
        validate_responsible_state(
            facts.standing,
            facts.institution.country,
            (one.incident.country for one in response.answers if one.incident),
        )
    with audited_change(response, "response:edit", by=by):
        _set_values(response, facts)
        _set_acts(response, acts)
        response.visibility = visibility
        response.mark_revised(by=by)


def add_answer(response: models.OfficialResponse, incident: Incident, *, by: Actor) -> None:
    """Link a response to an incident that it answers, and set its scope to incidents.

    Raises InvalidInput if it is linked already.
    """
    if any(one.incident_id == incident.id for one in response.answers):
        raise InvalidInput(incident=_("This is recorded already."))
    with audited_change(response, "response:edit", by=by):
        response.answers.append(models.ResponseAnswer(incident=incident))
        response.answers_scope = AnswerScope.INCIDENTS
        response.mark_revised(by=by)


def remove_answer(response: models.OfficialResponse, answer_id: int, *, by: Actor) -> None:
    """Unlink a response from an incident, given the id of the ResponseAnswer."""
    answer = row_by_id(response.answers, answer_id)
    with audited_change(response, "response:edit", by=by):
        response.answers.remove(answer)
        response.mark_revised(by=by)


def validated_substantive(act: ActType, substantive_choice: Answer | None, *, field: str) -> Answer:
    """Return whether an act is substantive, YES or NO: as the user chose, or by its type. Raise
    InvalidInput at `field` if the user's choice contradicts the type.
    """
    if contradicts_act_type(act, substantive_choice):
        name = get_label(act, current_language())
        raise InvalidInput(
            **{
                field: _("“%(act)s” is never substantive.", act=name)
                if resolve_substantive(act, substantive_choice).value == "no"
                else _("“%(act)s” is always substantive.", act=name)
            }
        )
    return resolve_substantive(act, substantive_choice)


def resolve_quote(
    user_input: str, articles: Iterable[Article], *, stored_quotes: Iterable[str] = (), field: str
) -> str:
    """Return the quote of an act. `user_input`: sentence numbers or words of one of the `articles`;
    raise InvalidInput at `field` if no article contains them. If the input is one of
    `stored_quotes`, or if there is no article, it is returned unchanged.
    """
    user_input = user_input.strip()
    if not user_input or user_input in stored_quotes:
        return user_input
    refused: InvalidInput | None = None
    for article in articles:
        try:
            return join_quotes(
                build_citations(models.ResponseCitation, article, user_input, error_field=field)
            )
        except InvalidInput as error:
            refused = error
    if refused is not None:
        raise refused
    return user_input


def _set_values(response: models.OfficialResponse, facts: ResponseFacts) -> None:
    """Set the columns and other stances of a response to its details."""
    response.institution, response.when = facts.institution, facts.made
    response.official, response.office = facts.official, facts.office
    response.standing, response.stance = facts.standing, facts.stance
    response.answers_scope, response.summary = facts.answers_scope, facts.summary
    others = [one for one in dict.fromkeys(facts.other_stances) if one is not facts.stance]
    kept = [row for row in response.other_stances if row.stance in others]
    known = {row.stance for row in kept}
    new = [models.ResponseStance(stance=one) for one in others if one not in known]
    response.other_stances = [*kept, *new]


def _set_acts(response: models.OfficialResponse, acts: Sequence[ActFacts]) -> None:
    """Set the acts of a response, in order; existing rows are updated, surplus ones removed.

    Raises InvalidInput at `acts`, or at `acts-N-substantive`.
    """
    if not acts:
        raise InvalidInput(acts=_("Choose what the institution said or did: at least one act."))
    rows = []
    for place, (row, facts) in enumerate(zip_longest(response.acts, acts)):
        if facts is None:
            break
        act = row or models.ResponseAct()
        act.act = facts.act
        act.is_substantive = validated_substantive(
            facts.act, facts.substantive_choice, field=f"acts-{place}-substantive"
        )
        act.quote, act.quote_is = facts.quote, facts.quote_is
        act.acting_institution = facts.acting_institution
        rows.append(act)
    response.acts = rows
