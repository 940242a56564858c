"""Convert records to timeline facts in the viewer's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any

from tracker import clock
from tracker.articles.codes import SourceKind
from tracker.articles.models import Article, Citation
from tracker.articles.rules import collapse_mask_width
from tracker.dates import localized_date, localized_day, localized_day_count
from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.models import FakeAccount, FakeAccountEvent
from tracker.i18n import _, language, ngettext
from tracker.incidents.codes import TargetRole
from tracker.incidents.models import Incident, IncidentTarget
from tracker.kit.fields import code_label
from tracker.people.codes import InstitutionKind
from tracker.responses import codes as response_codes
from tracker.responses import models as response_models
from tracker.responses.rules import STEPS_BY_A_PARTY, STEPS_BY_ANOTHER, unrecorded_outcome_label
from tracker.timelines import build
from tracker.timelines.build import REPORT_EVENTS, Fact, Quote, Source, Tag
from tracker.timelines.clocks import Clock
from tracker.timelines.codes import EntryKind
from tracker.vocabulary.codes import Answer
from tracker.when import OPEN_START, Precision, When

# Bodies that belong to no state.
OF_NO_STATE = frozenset({InstitutionKind.PLATFORM, InstitutionKind.INTERGOVERNMENTAL})


def facts_of_incident(
    incident: Incident, is_included: Callable[[IncidentTarget], bool]
) -> Iterator[Fact]:
    """Yield the incident, and the statuses of its targets that are included."""
    yield replace(
        counted_fact_of_incident(incident),
        title=incident.heading,
        types=tuple(Tag(one.term.code, one.term.label(language())) for one in incident.types),
        targets=tuple(_target_label(target) for target in incident.targets),
        actors=tuple(actor.describe() for actor in incident.actors),
        quotes=quotes_of(incident.citations, incident.content_warning()),
    )
    for target in filter(is_included, incident.targets):
        for status in target.statuses:
            yield Fact(
                kind=EntryKind.TARGET_STATUS,
                ref=incident.ref,
                endpoint=incident.ENDPOINT,
                title=f"{code_label(status.status)}: {target.describe()}",
                when=status.when,
                part=f"{target.id}-{status.id}",
                types=(tag(status.status),),
                targets=(_target_label(target),),
                state=incident.state,
                verification=incident.verification,
                note=_until_label(status.expected_end),
                country=incident.country,
                about=frozenset({incident.ref}),
                **recorded_days(incident),
            )


def counted_fact_of_incident(incident: Incident) -> Fact:
    """Return what is counted of an incident: its dates and those of its sources."""
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
    account: FakeAccount, about: frozenset[str], *, is_quoted: bool = True
) -> Iterator[Fact]:
    """Yield the events of an account; without dated events, one fact known by its first source.

    `about`: the incidents in which it was used; `is_quoted`: whether events have their quotes.
    """
    shares = citations_by_part(account.citations if is_quoted else [], account.events)
    for place, (event, mine) in enumerate(zip(account.events, shares, strict=True)):
        yield _event(account, event, place, mine, about)
    if not account.events:
        yield Fact(
            kind=EntryKind.ACCOUNT,
            ref=account.ref,
            endpoint=account.ENDPOINT,
            title=account.heading,
            when=fallback_date(account),
            types=(tag(account.kind),),
            targets=_impersonated_names(account),
            quotes=quotes_of(account.citations),
            state=account.state,
            about=about,
            **recorded_days(account),
        )


def facts_of_response(
    response: response_models.OfficialResponse, about: frozenset[str], *, is_quoted: bool = True
) -> Iterator[Fact]:
    """Yield the response once, whatever the number of its acts.

    `about`: the incidents that it answers; `is_quoted`: whether it has its quotes.
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
        types=tuple(_act_label(act) for act in response.acts),
        actors=(speaker,),
        quotes=_quotes_of_response(response) if is_quoted else (),
        state=response.state,
        note=", ".join(
            code_label(stance)
            for stance in [response.stance, *(one.stance for one in response.other_stances)]
            if stance is not response_codes.Stance.UNCLEAR
        ),
        country=response.institution.country or "",
        body=response.institution.ref,
        about=about,
        effects=build.effects_of_response(
            response.standing, [(act.act, act.is_substantive) for act in response.acts]
        ),
        **recorded_days(response),
    )


def _event(
    account: FakeAccount,
    event: FakeAccountEvent,
    position: int,
    citations: Iterable[Citation],
    about: frozenset[str],
) -> Fact:
    body = event.institution
    name = body.heading if body else ""
    is_report = event.event in REPORT_EVENTS
    return Fact(
        kind=EntryKind.ACCOUNT_EVENT,
        ref=account.ref,
        endpoint=account.ENDPOINT,
        title=f"{code_label(event.event)}: {account.heading}",
        when=event.when,
        part=f"{position:04}",
        event=event.event,
        types=(tag(event.event),),
        targets=_impersonated_names(account),
        actors=(name,) if name and not is_report else (),
        to=name if is_report else "",
        quotes=quotes_of(citations),
        state=account.state,
        note=event.note,
        country=(body.country or "") if body else "",
        body=body.ref if body else "",
        about=about,
        effects=effects_of_account_event(event.event, body, account.identified),
        **recorded_days(account),
    )


def effects_of_account_event(event: AccountEvent, body: Any, identified: Answer) -> build.Effects:  # noqa: ANN401 (an Institution, or its kind in a row)
    """Return the effects of an account's event that some body caused, or was told of."""
    by_state = is_state_body(body)
    # A platform or observers are no authority; an unknown recipient may be one.
    if event is AccountEvent.REPORTED_TO_AUTHORITY and body and not by_state:
        return build.Effects.NOTHING
    return build.effects_of_event(event, by_state=by_state, identified=identified)


def citations_by_part(citations: Iterable[Any], parts: Sequence[Any]) -> list[list[Citation]]:
    """Return the citations of each dated part of a record (a step, an event)."""
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


def fallback_date(record: Any) -> When:  # noqa: ANN401 (a record with citations)
    """Return the date of a record that has none: known by that of its earliest source."""
    spoken = [one.article.latest for one in record.citations if one.article is not None]
    latest_possible_date = min(spoken, default=clock.local_date(record.recorded_at))
    return When(OPEN_START, latest_possible_date, Precision.UNKNOWN)


def recorded_days(record: Any) -> dict[str, Any]:  # noqa: ANN401 (any record)
    """Return on which days a record was created and last changed."""
    return {
        "recorded_on": clock.local_date(record.recorded_at),
        "changed_on": clock.local_date(record.updated_at),
    }


def is_state_body(body: Any) -> bool:  # noqa: ANN401 (an Institution or None, or its kind in a row)
    """Return whether an institution belongs to a state."""
    return body is not None and body.kind not in OF_NO_STATE


def quotes_of(citations: Iterable[Citation], closed: str = "") -> tuple[Quote, ...]:
    """Return the quotes of a record's sources."""
    return tuple(
        Quote(
            collapse_mask_width(one.quote),
            _source(one.article),
            one.bearing,
            closed=closed,
            cited_on=clock.local_date(one.cited_at),
        )
        for one in citations
    )


def _quotes_of_response(response: response_models.OfficialResponse) -> tuple[Quote, ...]:
    """Return the quotes of each act, then the sources' other quotes, without repetition."""
    sources = {one.article_id: _source(one.article) for one in response.citations}
    only = next(iter(sources.values())) if len(sources) == 1 else None
    acts = []
    for act in filter(lambda one: one.quote, response.acts):
        said_in = [one for one in response.citations if act.quote in one.quote]
        acts.append(
            Quote(
                collapse_mask_width(act.quote),
                _source(said_in[0].article) if said_in else only,
                about=_act_label(act),
                is_direct=act.quote_is is response_codes.QuoteIs.DIRECT,
                cited_on=clock.local_date(said_in[0].cited_at) if said_in else None,
            )
        )
    quoted = {act.quote for act in response.acts if act.quote}
    return (*acts, *quotes_of(one for one in response.citations if one.quote not in quoted))


def _source(article: Article | None) -> Source | None:
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


def _act_label(act: response_models.ResponseAct) -> Tag:
    words = code_label(act.act)
    if act.acting_institution is not None:
        words = f"{words} ({act.acting_institution.heading})"
    return Tag(act.act.value, words)


def _target_label(target: IncidentTarget) -> str:
    """Return the target's name, with the role if it was not attacked directly."""
    if target.role is TargetRole.DIRECT:
        return target.describe()
    return f"{target.describe()} ({code_label(target.role)})"


def _impersonated_names(account: FakeAccount) -> tuple[str, ...]:
    """Return the names of those whom the account impersonates."""
    found = ((one.party(), one.official) for one in account.impersonates)
    return tuple(
        (owner.heading if owner else official) or str(_("not shown to you"))
        for owner, official in found
    )


def _until_label(day: date | None) -> str:
    return str(_("until %(day)s, as announced", day=localized_day(day))) if day else ""


def tag(code: StrEnum) -> Tag:
    """Return a code with its label."""
    return Tag(code.value, code_label(code))


def fact_of_appeal(appeal: response_models.Appeal, about: frozenset[str]) -> Fact:
    """Return the fact of an appeal; `about`: the incidents that it is about."""
    to = appeal.institution
    is_awaited = appeal.outcome is response_codes.AppealOutcome.PENDING and not appeal.is_retracted
    return Fact(
        kind=EntryKind.APPEAL,
        ref=appeal.ref,
        endpoint=appeal.ENDPOINT,
        title=appeal.heading,
        when=appeal.when,
        types=(tag(appeal.kind),),
        actors=(", ".join(filter(None, [code_label(appeal.sender_kind), appeal.sender])),),
        quotes=quotes_of(appeal.citations),
        state=appeal.state,
        note=_outcome(appeal, is_awaited=is_awaited),
        country=to.country or "",
        body=to.ref,
        awaited_by=appeal.due_on if is_awaited else None,
        lacks_answer=appeal.lacks_response and is_state_body(to),
        about=about,
        effects=build.Effects.NOTIFIED if is_state_body(to) else build.Effects.NOTHING,
        **recorded_days(appeal),
    )


def with_due_state(fact: Fact, day: date) -> Fact:
    """Return an appeal's fact with a note whether the answer was overdue on a day."""
    if fact.awaited_by is None:
        return fact
    due = localized_day(fact.awaited_by)
    is_late = fact.awaited_by < day
    words = _("overdue since %(day)s", day=due) if is_late else _("due on %(day)s", day=due)
    return replace(fact, note=", ".join(filter(None, [fact.note, str(words)])))


def facts_of_proceeding(
    proceeding: response_models.Proceeding, about: frozenset[str], *, in_words: bool = True
) -> Iterator[Fact]:
    """Yield the steps of a proceeding; without steps, the proceeding once.

    `in_words`: whether it is said whom it concerns.
    """
    steps = proceeding.steps_by_date()
    concerned = tuple(one.in_words() for one in proceeding.parties) if in_words else ()
    shares = citations_by_part(proceeding.citations, steps)
    for place, (step, mine) in enumerate(zip(steps, shares, strict=True)):
        yield replace(_step(proceeding, step, place, mine, about), targets=concerned)
    if not steps:
        yield Fact(
            kind=EntryKind.PROCEEDING_STEP,
            ref=proceeding.ref,
            endpoint=proceeding.ENDPOINT,
            title=proceeding.heading,
            when=fallback_date(proceeding),
            direction=proceeding.direction,
            types=(tag(proceeding.direction),),
            targets=concerned,
            quotes=quotes_of(proceeding.citations),
            state=proceeding.state,
            note=str(_("no step recorded")),
            country=proceeding.country,
            about=about,
            **recorded_days(proceeding),
        )


def fact_of_silence(silence: Clock, waiting: Sequence[Clock]) -> Fact:
    """Return a silence: from the act to the answer, or to today.

    `waiting`: the clocks of the incidents without response in it, none if it is that of the case
    alone.
    """
    begun, ended = silence.begun, silence.stopped
    earliest = begun.earliest
    title = _("No response, for how long is not known")
    if silence.days.is_informative:
        title = _("No response for %(days)s", days=localized_day_count(silence.days))
    precision = Precision.BEFORE if earliest == OPEN_START else Precision.RANGE
    return Fact(
        kind=EntryKind.SILENCE,
        ref=begun.fact.ref,
        endpoint=begun.fact.endpoint,
        title=str(title),
        when=When(earliest, max(earliest, ended.latest if ended else silence.today), precision),
        part=f"until {ended.fact.ref} {ended.fact.part}" if ended else "",
        targets=_unanswered(waiting),
        # What ended it may not have been approved yet.
        state=ended.fact.state if ended and ended.fact.is_unapproved else None,
        is_ongoing=silence.is_running,
        note=str(
            _("ended by: %(title)s", title=ended.fact.title)
            if ended
            else _("nobody of the responsible state has answered")
        ),
    )


def _unanswered(waiting: Sequence[Clock]) -> tuple[str, ...]:
    """Return what was not answered: the first incident of the silence, and how many more."""
    if not waiting:
        return (str(_("the case as a whole")),)
    first = min(waiting, key=lambda one: (one.begun.latest, one.begun.earliest, one.begun.fact.ref))
    named = f"{first.begun.fact.title} ({first.begun.fact.ref})"
    more = len(waiting) - 1
    others = ngettext("%(num)d more incident", "%(num)d more incidents", more)
    return (named, str(others)) if more else (named,)


def _step(
    proceeding: response_models.Proceeding,
    step: response_models.ProceedingStep,
    position: int,
    citations: Sequence[Citation],
    about: frozenset[str],
) -> Fact:
    body = step.institution or (None if step.step in STEPS_BY_ANOTHER else proceeding.institution)
    is_by_party = step.step in STEPS_BY_A_PARTY
    to = str(_("to %(name)s", name=body.heading)) if body and is_by_party else ""
    return Fact(
        kind=EntryKind.PROCEEDING_STEP,
        ref=proceeding.ref,
        endpoint=proceeding.ENDPOINT,
        title=f"{code_label(step.step)}: {proceeding.heading}",
        when=step.when,
        part=f"{position:04}",
        direction=proceeding.direction,
        step=step.step,
        types=(tag(step.step),),
        actors=_party(proceeding, step) if is_by_party else (body.heading,) if body else (),
        quotes=_words_of(citations),
        state=proceeding.state,
        note=", ".join(filter(None, [step.note, to])),
        country=proceeding.country,
        body=body.ref if body else "",
        about=about,
        effects=build.effects_of_step(proceeding.direction, step.step),
        **recorded_days(proceeding),
    )


def _party(
    proceeding: response_models.Proceeding, step: response_models.ProceedingStep
) -> tuple[str, ...]:
    """Return the party that took a step which no institution takes, as far as its kind says so."""
    if step.step is response_codes.StepOfProceeding.APPEAL:
        return (str(_("one of the parties")),)
    if proceeding.direction is response_codes.ProceedingDirection.BY_TARGET:
        return (str(_("the target, or somebody in the target’s name")),)
    return ()


def _words_of(citations: Sequence[Any]) -> tuple[Quote, ...]:
    """Return the quotes about a step alone.

    A source about the whole proceeding is named without quote.
    """
    own = [one for one in citations if one.part_id is not None]
    named = {(one.article_id, one.bearing) for one in own}
    others: dict[object, Any] = {}
    for one in citations:
        source = (one.article_id, one.bearing)
        if source not in named:
            others.setdefault(source, one)
    return (*quotes_of(own), *(replace(one, words="") for one in quotes_of(others.values())))


def _outcome(appeal: response_models.Appeal, *, is_awaited: bool) -> str:
    """Return the outcome of an appeal, and when an answer was due or how late it came."""
    said = [code_label(appeal.outcome)]
    if appeal.answer:
        said.append(localized_date(appeal.answer.when))
    elif appeal.lacks_response:
        # Its date and substance cannot be read: it is shown and not counted.
        said = [unrecorded_outcome_label(appeal.outcome)]
    late = appeal.days_late
    if late:
        said.append(str(ngettext("at least %(num)d day late", "at least %(num)d days late", late)))
    elif appeal.due_on and not is_awaited:
        said.append(str(_("due on %(day)s", day=localized_day(appeal.due_on))))
    return ", ".join(said)
