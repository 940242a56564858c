"""Convert records to facts of timelines, with texts in the viewer's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any

from tracker import clock, i18n
from tracker.articles.codes import SourceKind
from tracker.articles.models import Article, Citation
from tracker.articles.rules import shorten_masks
from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.models import FakeAccount, FakeAccountEvent
from tracker.i18n import _, ngettext
from tracker.incidents.codes import TargetRole
from tracker.incidents.models import Incident, IncidentTarget
from tracker.kit.fields import code_label
from tracker.people.codes import InstitutionKind
from tracker.responses import codes as response_codes
from tracker.responses import models as response_models
from tracker.responses.rules import (
    STEPS_BY_A_PARTY,
    STEPS_BY_OTHER_INSTITUTIONS,
    unrecorded_outcome_label,
)
from tracker.review.codes import EditorialState
from tracker.timelines import build
from tracker.timelines.build import REPORT_EVENTS, Fact, LabelledCode, Quote, Source
from tracker.timelines.clocks import ResponseClock
from tracker.timelines.codes import EntryKind
from tracker.vocabulary.codes import Answer
from tracker.when import OPEN_START, Precision, When

# Kinds of institutions that belong to no state: their acts are no answer of a state.
NON_STATE_KINDS = frozenset({InstitutionKind.PLATFORM, InstitutionKind.INTERGOVERNMENTAL})


def facts_of_incident(
    incident: Incident, is_target_included: Callable[[IncidentTarget], bool]
) -> Iterator[Fact]:
    """Yield the fact of an incident, and one for each status of the targets for which
    `is_target_included` returns True.
    """
    yield replace(
        fact_of_incident_for_figures(incident),
        title=incident.heading,
        types=tuple(
            LabelledCode(one.term.code, one.term.label_in(i18n.current_language()))
            for one in incident.types
        ),
        targets=tuple(_target_label(target) for target in incident.targets),
        actors=tuple(actor.describe() for actor in incident.actors),
        quotes=quotes_of(incident.citations, incident.content_warning()),
    )
    for target in filter(is_target_included, incident.targets):
        for status in target.statuses:
            yield Fact(
                kind=EntryKind.TARGET_STATUS,
                ref=incident.ref,
                endpoint=incident.ENDPOINT,
                title=f"{code_label(status.status)}: {target.describe()}",
                when=status.when,
                part_key=f"{target.id}-{status.id}",
                types=(labelled_code(status.status),),
                targets=(_target_label(target),),
                state=incident.state,
                verification=incident.verification,
                note=_expected_end_note(status.expected_end),
                country=incident.country,
                incident_refs=frozenset({incident.ref}),
                **recorded_days(incident),
            )


def fact_of_incident_for_figures(incident: Incident) -> Fact:
    """Return the fact of an incident with its dates and sources but without texts: it is used to
    count, not to be shown.
    """
    return Fact(
        kind=EntryKind.INCIDENT,
        ref=incident.ref,
        endpoint=incident.ENDPOINT,
        title="",
        when=incident.when,
        quotes=quotes_of(incident.citations),
        state=incident.state,
        extent=incident.extent,
        is_ongoing=incident.is_ongoing is Answer.YES,
        verification=incident.verification,
        country=incident.country,
        **recorded_days(incident),
    )


def facts_of_account(
    account: FakeAccount, incident_refs: frozenset[str], *, is_quoted: bool = True
) -> Iterator[Fact]:
    """Yield a fact for each event of an account; if it has no events, one fact for the account.
    `incident_refs`: the refs of the incidents in which the account was used; `is_quoted`: include
    the quotes about the events.
    """
    shares = citations_by_part(account.citations if is_quoted else [], account.events)
    for place, (event, mine) in enumerate(zip(account.events, shares, strict=True)):
        yield _fact_of_event(account, event, place, mine, incident_refs)
    if not account.events:
        yield Fact(
            kind=EntryKind.ACCOUNT,
            ref=account.ref,
            endpoint=account.ENDPOINT,
            title=account.heading,
            when=date_of_undated_record(account),
            types=(labelled_code(account.kind),),
            targets=_impersonated_names(account),
            quotes=quotes_of(account.citations),
            state=account.state,
            incident_refs=incident_refs,
            **recorded_days(account),
        )


def facts_of_response(
    response: response_models.OfficialResponse,
    incident_refs: frozenset[str],
    *,
    is_quoted: bool = True,
) -> Iterator[Fact]:
    """Yield one fact for a response, with all its acts. `incident_refs`: the refs of the incidents
    that the response answers; `is_quoted`: include the quotes of the response.
    """
    speaker = ", ".join(
        filter(None, [response.official, response.office, response.institution.heading])
    )
    yield Fact(
        kind=EntryKind.RESPONSE,
        ref=response.ref,
        endpoint=response.ENDPOINT,
        title=response.heading,
        when=response.when,
        types=tuple(_labelled_act(act) for act in response.acts),
        actors=(speaker,),
        quotes=_quotes_of_response(response) if is_quoted else (),
        state=response.state,
        note=", ".join(
            code_label(stance)
            for stance in [response.stance, *(one.stance for one in response.other_stances)]
            if stance is not response_codes.Stance.UNCLEAR
        ),
        country=response.institution.country or "",
        institution_ref=response.institution.ref,
        incident_refs=incident_refs,
        effects=build.effects_of_response(
            response.standing, [(act.act, act.is_substantive) for act in response.acts]
        ),
        **recorded_days(response),
    )


def _fact_of_event(
    account: FakeAccount,
    event: FakeAccountEvent,
    position: int,
    citations: Iterable[Citation],
    incident_refs: frozenset[str],
) -> Fact:
    """Return the fact of the event at `position` among the events of an account."""
    body = event.institution
    name = body.heading if body else ""
    is_report = event.event in REPORT_EVENTS
    return Fact(
        kind=EntryKind.ACCOUNT_EVENT,
        ref=account.ref,
        endpoint=account.ENDPOINT,
        title=f"{code_label(event.event)}: {account.heading}",
        when=event.when,
        part_key=f"{position:04}",
        event=event.event,
        types=(labelled_code(event.event),),
        targets=_impersonated_names(account),
        actors=(name,) if name and not is_report else (),
        reported_to=name if is_report else "",
        quotes=quotes_of(citations),
        state=account.state,
        note=event.note,
        country=(body.country or "") if body else "",
        institution_ref=body.ref if body else "",
        incident_refs=incident_refs,
        effects=effects_of_account_event(event.event, body, account.identified),
        **recorded_days(account),
    )


def effects_of_account_event(
    event: AccountEvent,
    institution: Any,  # noqa: ANN401 (an Institution, or its kind in a row)
    identified: Answer,
) -> build.Effects:
    """Return the effects of an account event on response clocks. `institution`: the institution
    that caused the event, or to which the account was reported; `identified`: whether a source
    identifies the account.
    """
    by_state = is_state_body(institution)
    # A platform or an observer is no authority; an unknown recipient may be an authority.
    if event is AccountEvent.REPORTED_TO_AUTHORITY and institution and not by_state:
        return build.Effects.NOTHING
    return build.effects_of_event(event, by_state=by_state, identified=identified)


def citations_by_part(citations: Iterable[Any], parts: Sequence[Any]) -> list[list[Citation]]:
    """Return the citations of each dated part of a record, such as a step or an event, in the order
    of `parts`.

    A part without citations of its own has those of the record from the same article; citations of
    no part go to the first part.
    """
    known = list(citations)
    of_all = [one for one in known if one.part_id is None]
    shares = []
    for part in parts:
        own = [one for one in known if one.part_id == part.id]
        shares.append(own or [one for one in of_all if one.article_id == part.article_id])
    if shares:
        shared = [one for share in shares for one in share]
        shares[0] = [one for one in known if one in shares[0] or one not in shared]
    return shares


def date_of_undated_record(record: Any) -> When:  # noqa: ANN401 (a record with citations)
    """Return the date of a record without a date of its own: some unknown day up to the day of its
    first source, or without sources up to the day of recording.
    """
    spoken = [one.article.latest for one in record.citations if one.article is not None]
    latest_possible_date = min(spoken, default=clock.local_date(record.recorded_at))
    return When(OPEN_START, latest_possible_date, Precision.UNKNOWN)


def recorded_days(record: Any) -> dict[str, Any]:  # noqa: ANN401 (any record)
    """Return the days on which a record was created and last changed, as the fields `recorded_on`
    and `changed_on` of `Fact`.
    """
    return {
        "recorded_on": clock.local_date(record.recorded_at),
        "changed_on": clock.local_date(record.updated_at),
    }


def is_state_body(institution: Any) -> bool:  # noqa: ANN401 (an Institution or None, or its kind in a row)
    """Return whether an institution belongs to a state; False for None."""
    return institution is not None and institution.kind not in NON_STATE_KINDS


def quotes_of(citations: Iterable[Citation], content_warning: str = "") -> tuple[Quote, ...]:
    """Return the quotes of citations; `content_warning`: the warning shown before them, "" for
    none.
    """
    return tuple(
        Quote(
            shorten_masks(one.quote),
            _build_source(one.article),
            one.bearing,
            content_warning=content_warning,
            cited_on=clock.local_date(one.cited_at),
        )
        for one in citations
    )


def _quotes_of_response(response: response_models.OfficialResponse) -> tuple[Quote, ...]:
    """Return the quotes of each act of a response, then the other quotes of its sources."""
    sources = {one.article_id: _build_source(one.article) for one in response.citations}
    only = next(iter(sources.values())) if len(sources) == 1 else None
    acts = []
    for act in filter(lambda one: one.quote, response.acts):
        said_in = [one for one in response.citations if act.quote in one.quote]
        acts.append(
            Quote(
                shorten_masks(act.quote),
                _build_source(said_in[0].article) if said_in else only,
                quoted_act=_labelled_act(act),
                is_direct=act.quote_is is response_codes.QuoteIs.DIRECT,
                cited_on=clock.local_date(said_in[0].cited_at) if said_in else None,
            )
        )
    quoted = {act.quote for act in response.acts if act.quote}
    return (*acts, *quotes_of(one for one in response.citations if one.quote not in quoted))


def _build_source(article: Article | None) -> Source | None:
    """Return an article as the source of a quote; None for None, an article that is hidden."""
    if article is None:
        return None
    return Source(
        article.ref,
        article.title,
        article.publisher_name(),
        article.url,
        article.when,
        archive_url=article.archive_url,
        is_public=article.kind is SourceKind.ARTICLE,
    )


def _labelled_act(act: response_models.ResponseAct) -> LabelledCode:
    """Return the type of an act with its label, which names the acting institution if recorded."""
    words = code_label(act.act)
    if act.acting_institution is not None:
        words = f"{words} ({act.acting_institution.heading})"
    return LabelledCode(act.act.value, words)


def _target_label(target: IncidentTarget) -> str:
    """Return the name of a target, with the role if the target was not attacked directly."""
    if target.role is TargetRole.DIRECT:
        return target.describe()
    return f"{target.describe()} ({code_label(target.role)})"


def _impersonated_names(account: FakeAccount) -> tuple[str, ...]:
    """Return the names of the people and bodies that an account impersonates."""
    found = ((one.impersonated_party(), one.official) for one in account.impersonates)
    return tuple(
        (owner.heading if owner else official) or str(_("not shown to you"))
        for owner, official in found
    )


def _expected_end_note(day: date | None) -> str:
    """Return the note on the announced end of a status, "" for None."""
    return str(_("until %(day)s, as announced", day=i18n.localized_day(day))) if day else ""


def labelled_code(code: StrEnum) -> LabelledCode:
    """Return a code with its label in the viewer's language."""
    return LabelledCode(code.value, code_label(code))


def fact_of_appeal(appeal: response_models.Appeal, incident_refs: frozenset[str]) -> Fact:
    """Return the fact of an appeal; `incident_refs`: the incidents that it is about."""
    to = appeal.institution
    is_awaited = appeal.outcome is response_codes.AppealOutcome.PENDING and not appeal.is_retracted
    return Fact(
        kind=EntryKind.APPEAL,
        ref=appeal.ref,
        endpoint=appeal.ENDPOINT,
        title=appeal.heading,
        when=appeal.when,
        types=(labelled_code(appeal.kind),),
        actors=(", ".join(filter(None, [code_label(appeal.sender_kind), appeal.sender])),),
        quotes=quotes_of(appeal.citations),
        state=appeal.state,
        note=_outcome_note(appeal, is_awaited=is_awaited),
        country=to.country or "",
        institution_ref=to.ref,
        answer_due_on=appeal.due_on if is_awaited else None,
        lacks_answer=appeal.has_unrecorded_response and is_state_body(to),
        incident_refs=incident_refs,
        effects=build.Effects.NOTIFIED if is_state_body(to) else build.Effects.NOTHING,
        **recorded_days(appeal),
    )


def with_due_note(fact: Fact, day: date) -> Fact:
    """Return a fact that awaits an answer with a note on when it is due, or overdue on `day`; any
    other fact is returned unchanged.
    """
    if fact.answer_due_on is None:
        return fact
    due = i18n.localized_day(fact.answer_due_on)
    is_late = fact.answer_due_on < day
    words = _("overdue since %(day)s", day=due) if is_late else _("due on %(day)s", day=due)
    return replace(fact, note=", ".join(filter(None, [fact.note, str(words)])))


def facts_of_proceeding(
    proceeding: response_models.Proceeding,
    incident_refs: frozenset[str],
    *,
    includes_names: bool = True,
) -> Iterator[Fact]:
    """Yield a fact for each step of a proceeding; if it has no steps, one fact for the proceeding.
    `incident_refs`: the refs of the incidents that the proceeding is about; `includes_names`:
    include the names of the people and outlets in the proceeding.
    """
    steps = proceeding.steps_by_date()
    concerned = tuple(one.display_name() for one in proceeding.parties) if includes_names else ()
    shares = citations_by_part(proceeding.citations, steps)
    for place, (step, mine) in enumerate(zip(steps, shares, strict=True)):
        yield replace(
            _fact_of_step(proceeding, step, place, mine, incident_refs), targets=concerned
        )
    if not steps:
        yield Fact(
            kind=EntryKind.PROCEEDING_STEP,
            ref=proceeding.ref,
            endpoint=proceeding.ENDPOINT,
            title=proceeding.heading,
            when=date_of_undated_record(proceeding),
            direction=proceeding.direction,
            types=(labelled_code(proceeding.direction),),
            targets=concerned,
            quotes=quotes_of(proceeding.citations),
            state=proceeding.state,
            note=str(_("no step recorded")),
            country=proceeding.country,
            incident_refs=incident_refs,
            **recorded_days(proceeding),
        )


def fact_of_silence(
    silence: ResponseClock, waiting: Sequence[ResponseClock], facts: Iterable[Fact]
) -> Fact:
    """Return the fact of a silence: the time from publication to the answer, or to today.
    `silence`: one of `silence_clocks`; `waiting`: the clocks of the incidents that were unanswered
    in this time, empty if only the case as a whole was; `facts`: all facts of the timeline.
    """
    begun, ended = silence.start_event, silence.stop_event
    earliest = begun.earliest
    title = _("No response, for how long is not known")
    if silence.days.is_informative:
        title = _("No response for %(days)s", days=i18n.localized_day_count(silence.days))
    precision = Precision.BEFORE if earliest == OPEN_START else Precision.RANGE
    return Fact(
        kind=EntryKind.SILENCE,
        ref=begun.fact.ref,
        endpoint=begun.fact.endpoint,
        title=str(title),
        when=When(earliest, max(earliest, ended.latest if ended else silence.today), precision),
        part_key=f"until {ended.fact.ref} {ended.fact.part_key}" if ended else "",
        targets=_unanswered_labels(waiting),
        # The answer that ended the silence may not have been approved yet.
        state=ended.fact.state if ended and ended.fact.is_unapproved else None,
        is_ongoing=silence.is_running,
        note=str(
            _("ended by: %(title)s", title=ended.fact.title)
            if ended
            else _silence_so_far(silence, waiting, facts)
        ),
    )


def _silence_so_far(
    silence: ResponseClock, waiting: Sequence[ResponseClock], facts: Iterable[Fact]
) -> str:
    """Return the note of a silence that lasts: no response counts, and what was done since in
    proceedings by the target, which never counts. Arguments as in `fact_of_silence`.
    """
    note = str(_("no response that counts is on record"))
    refs = {clock.start_event.fact.ref for clock in waiting}
    steps = [
        fact.step
        for fact in sorted(facts, key=build.sort_key_of)
        if fact.direction is response_codes.ProceedingDirection.BY_TARGET
        and fact.step is not None
        and fact.step not in STEPS_BY_A_PARTY
        and fact.state is not EditorialState.RETRACTED
        and fact.when.latest >= silence.start_event.earliest
        and (not refs or not fact.incident_refs or fact.incident_refs & refs)
    ]
    if steps:
        named = ", ".join(dict.fromkeys(code_label(step) for step in steps))
        note += "; " + _("in proceedings by the target: %(steps)s", steps=named)
    return note


def _unanswered_labels(waiting: Sequence[ResponseClock]) -> tuple[str, ...]:
    """Return the labels of the unanswered incidents: the first incident, and how many more.
    `waiting`: the clocks of these incidents; if there are none, the label of the whole case is
    returned.
    """
    if not waiting:
        return (str(_("the case as a whole")),)
    first = min(
        waiting,
        key=lambda one: (
            one.start_event.latest,
            one.start_event.earliest,
            one.start_event.fact.ref,
        ),
    )
    named = f"{first.start_event.fact.title} ({first.start_event.fact.ref})"
    more = len(waiting) - 1
    others = ngettext("%(num)d more incident", "%(num)d more incidents", more)
    return (named, str(others)) if more else (named,)


def _fact_of_step(
    proceeding: response_models.Proceeding,
    step: response_models.ProceedingStep,
    position: int,
    citations: Sequence[Citation],
    incident_refs: frozenset[str],
) -> Fact:
    """Return the fact of the step at `position` among the steps of a proceeding, by date."""
    body = step.institution or (
        None if step.step in STEPS_BY_OTHER_INSTITUTIONS else proceeding.institution
    )
    is_by_party = step.step in STEPS_BY_A_PARTY
    to = str(_("to %(name)s", name=body.heading)) if body and is_by_party else ""
    return Fact(
        kind=EntryKind.PROCEEDING_STEP,
        ref=proceeding.ref,
        endpoint=proceeding.ENDPOINT,
        title=f"{code_label(step.step)}: {proceeding.heading}",
        when=step.when,
        part_key=f"{position:04}",
        direction=proceeding.direction,
        step=step.step,
        types=(labelled_code(step.step),),
        actors=_acting_party(proceeding, step) if is_by_party else (body.heading,) if body else (),
        quotes=_quotes_of_step(citations),
        state=proceeding.state,
        note=", ".join(filter(None, [step.note, to])),
        country=proceeding.country,
        institution_ref=body.ref if body else "",
        incident_refs=incident_refs,
        effects=build.effects_of_step(proceeding.direction, step.step),
        **recorded_days(proceeding),
    )


def _acting_party(
    proceeding: response_models.Proceeding, step: response_models.ProceedingStep
) -> tuple[str, ...]:
    """Return a tuple with a label for the person or body that took a step of a proceeding; an empty
    tuple if the type of step does not say who.
    """
    if step.step is response_codes.StepOfProceeding.APPEAL:
        return (str(_("one of the parties")),)
    if proceeding.direction is response_codes.ProceedingDirection.BY_TARGET:
        return (str(_("the target, or somebody in the target’s name")),)
    return ()


def _quotes_of_step(citations: Sequence[Any]) -> tuple[Quote, ...]:
    """Return the quotes about a step, then, without words, the other sources of the proceeding."""
    own = [one for one in citations if one.part_id is not None]
    named = {(one.article_id, one.bearing) for one in own}
    others: dict[object, Any] = {}
    for one in citations:
        source = (one.article_id, one.bearing)
        if source not in named:
            others.setdefault(source, one)
    return (*quotes_of(own), *(replace(one, words="") for one in quotes_of(others.values())))


def _outcome_note(appeal: response_models.Appeal, *, is_awaited: bool) -> str:
    """Return the outcome of an appeal as text, with how late the answer was or when it was due.
    `is_awaited`: the answer may still come; the day on which it is due is then left out, since
    `with_due_note` adds it.
    """
    said = [code_label(appeal.outcome)]
    if appeal.answer:
        said.append(i18n.localized_date(appeal.answer.when))
    elif appeal.has_unrecorded_response:
        # The date and the substance of the answer are unknown: it is shown and not counted.
        said = [unrecorded_outcome_label(appeal.outcome)]
    late = appeal.days_late
    if late:
        said.append(str(ngettext("at least %(num)d day late", "at least %(num)d days late", late)))
    elif appeal.due_on and not is_awaited:
        said.append(str(_("due on %(day)s", day=i18n.localized_day(appeal.due_on))))
    return ", ".join(said)
