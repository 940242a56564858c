"""Recording and editing official responses with their acts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from tracker.articles.models import Article
from tracker.articles.service import join_quotes, make_citations
from tracker.audit.service import audited_change
from tracker.errors import InvalidInput
from tracker.i18n import _, language
from tracker.incidents.models import Incident
from tracker.people.models import Institution
from tracker.permissions import Actor, Visibility
from tracker.records import row_by_id, set_record_author, validate_linked_visibility
from tracker.responses import models
from tracker.responses.codes import ActType, AnswerScope, QuoteIs, Stance, Standing
from tracker.responses.rules import contradicts_type, substantive
from tracker.review.service import validate_nothing_hidden
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.labels import label
from tracker.when import When


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFacts:
    """The facts of a response: institution, date and stance."""

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
    """One act; `said` is a person's decision on its substance, if its type requires one."""

    act: ActType
    said: Answer | None = None
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
    """Record one occasion on which an institution spoke or acted.

    Raises InvalidInput at `acts`, `acts-N-substantive` or `answers_scope`.
    """
    validate_linked_visibility(visibility, [one.article for one in citations])
    if incidents and facts.answers_scope is not AnswerScope.INCIDENTS:
        raise InvalidInput(
            answers_scope=_(
                "You ticked incidents that it answers: choose that here, or untick them."
            )
        )
    _validate_state(facts, incidents)
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


def _validate_state(facts: ResponseFacts, incidents: Iterable[Incident]) -> None:
    """Raise InvalidInput if the institution is of another country than all the incidents.

    Only for the standing of a responsible state.
    """
    countries = {one.country for one in incidents}
    country = facts.institution.country
    if facts.standing is not Standing.RESPONSIBLE_STATE or not country or not countries:
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
    """Edit a response, including its acts."""
    validate_linked_visibility(visibility, [one.article for one in response.citations])
    if response.answers and facts.answers_scope is not AnswerScope.INCIDENTS:
        raise InvalidInput(
            answers_scope=_("It answers named incidents: remove those from its page first.")
        )
    validate_nothing_hidden(visibility, response)
    # Not validated if the editor changes neither institution nor standing.
    if (facts.institution, facts.standing) != (response.institution, response.standing):
        _validate_state(facts, [one.incident for one in response.answers if one.incident])
    with audited_change(response, "response:edit", by=by):
        _set_values(response, facts)
        _set_acts(response, acts)
        response.visibility = visibility
        response.mark_revised(by=by)


def add_answer(response: models.OfficialResponse, incident: Incident, *, by: Actor) -> None:
    """Link a response to an incident that it answers; its scope becomes these incidents."""
    if any(one.incident_id == incident.id for one in response.answers):
        raise InvalidInput(incident=_("This is recorded already."))
    with audited_change(response, "response:edit", by=by):
        response.answers.append(models.ResponseAnswer(incident=incident))
        response.answers_scope = AnswerScope.INCIDENTS
        response.mark_revised(by=by)


def remove_answer(response: models.OfficialResponse, number: int, *, by: Actor) -> None:
    """Unlink a response from an incident."""
    answer = row_by_id(response.answers, number)
    with audited_change(response, "response:edit", by=by):
        response.answers.remove(answer)
        response.mark_revised(by=by)


def resolve_substantive(act: ActType, said: Answer | None, *, field: str) -> Answer:
    """Return whether an act is substantive.

    Raises InvalidInput at the field for a decision against what its type implies.
    """
    if contradicts_type(act, said):
        name = label(act, language())
        raise InvalidInput(
            **{
                field: _("“%(act)s” is never substantive.", act=name)
                if substantive(act, said).value == "no"
                else _("“%(act)s” is always substantive.", act=name)
            }
        )
    return substantive(act, said)


def resolve_quote(
    user_input: str, articles: Iterable[Article], *, kept: Iterable[str] = (), field: str
) -> str:
    """Return the words of an act: sentence numbers or words of one of the articles, in their order.

    Recorded words (`kept`) stay as they are; without any article any words are accepted. Raises
    InvalidInput at the field.
    """
    user_input = user_input.strip()
    if not user_input or user_input in kept:
        return user_input
    refused: InvalidInput | None = None
    for article in articles:
        try:
            return join_quotes(
                make_citations(models.ResponseCitation, article, user_input, error_field=field)
            )
        except InvalidInput as error:
            refused = error
    if refused is not None:
        raise refused
    return user_input


def _set_values(response: models.OfficialResponse, facts: ResponseFacts) -> None:
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
    """Set the acts of a response, in order; existing rows are updated, not replaced."""
    if not acts:
        raise InvalidInput(acts=_("Choose what the institution said or did: at least one act."))
    rows = []
    for place, (row, facts) in enumerate(zip_longest(response.acts, acts)):
        if facts is None:
            break
        act = row or models.ResponseAct()
        act.act = facts.act
        act.is_substantive = resolve_substantive(
            facts.act, facts.said, field=f"acts-{place}-substantive"
        )
        act.quote, act.quote_is = facts.quote, facts.quote_is
        act.acting_institution = facts.acting_institution
        rows.append(act)
    response.acts = rows
