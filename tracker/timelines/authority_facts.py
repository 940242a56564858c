"""Appeals, proceedings and silences as facts: what authorities were asked, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.dates import day_words, span_words, when_words
from tracker.i18n import _, ngettext
from tracker.responses.appeal_rules import days_late, said_only
from tracker.responses.codes import AppealOutcome, ProceedingDirection, StepOfProceeding
from tracker.responses.proceeding_rules import BY_A_PARTY, BY_ANOTHER
from tracker.timelines import means
from tracker.timelines.build import Fact, Quote
from tracker.timelines.codes import EntryKind
from tracker.timelines.facts import (
    is_of_state,
    quotes_of,
    shared_out,
    tag,
    undated,
    words_of,
    written,
)
from tracker.when import OPEN_START, Precision, When

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from typing import Any

    from tracker.articles.models import Citation
    from tracker.responses.appeal_models import Appeal
    from tracker.responses.proceeding_models import Proceeding, ProceedingStep
    from tracker.timelines.clocks import Clock


def fact_of_appeal(appeal: Appeal, about: frozenset[str]) -> Fact:
    """Return what was asked of an authority; `about`: about which incidents."""
    to = appeal.institution
    is_awaited = appeal.outcome is AppealOutcome.PENDING and not appeal.is_retracted
    return Fact(
        kind=EntryKind.APPEAL,
        ref=appeal.ref,
        endpoint=appeal.ENDPOINT,
        title=appeal.heading(),
        when=appeal.when,
        types=(tag(appeal.kind),),
        actors=(", ".join(filter(None, [words_of(appeal.sender_kind), appeal.sender])),),
        quotes=quotes_of(appeal.citations),
        state=appeal.state,
        note=_outcome(appeal, is_awaited=is_awaited),
        country=to.country or "",
        body=to.ref,
        awaited_by=appeal.due_on if is_awaited else None,
        lacks_answer=appeal.lacks_response and is_of_state(to),
        about=about,
        means=means.Means.TOLD if is_of_state(to) else means.Means.NOTHING,
        **written(appeal),
    )


def due_on(fact: Fact, day: date) -> Fact:
    """Return a fact that says of an answer that is awaited whether it was overdue on a day."""
    if fact.awaited_by is None:
        return fact
    due = day_words(fact.awaited_by)
    is_late = fact.awaited_by < day
    words = _("overdue since %(day)s", day=due) if is_late else _("due on %(day)s", day=due)
    return replace(fact, note=", ".join(filter(None, [fact.note, str(words)])))


def facts_of_proceeding(proceeding: Proceeding, about: frozenset[str]) -> Iterator[Fact]:
    """Yield the steps of a proceeding; one of which no step is known is told once."""
    steps = proceeding.in_turn()
    shares = shared_out(proceeding.citations, steps)
    for place, (step, mine) in enumerate(zip(steps, shares, strict=True)):
        yield _step(proceeding, step, place, mine, about)
    if not steps:
        yield Fact(
            kind=EntryKind.PROCEEDING_STEP,
            ref=proceeding.ref,
            endpoint=proceeding.ENDPOINT,
            title=proceeding.heading(),
            when=undated(proceeding),
            direction=proceeding.direction,
            types=(tag(proceeding.direction),),
            targets=_concerned(proceeding),
            quotes=quotes_of(proceeding.citations),
            state=proceeding.state,
            note=str(_("no step recorded")),
            country=proceeding.country,
            about=about,
            **written(proceeding),
        )


def fact_of_silence(silence: Clock, waiting: Sequence[Clock]) -> Fact:
    """Return a silence: from what was done to the answer, or to today; `waiting`: the clocks of the
    incidents of which nobody spoke in it, none where it is that of the case alone.
    """
    begun, ended = silence.begun, silence.stopped
    earliest = begun.earliest
    title = _("No response, for how long is not known")
    if silence.days.is_told:
        title = _("No response for %(days)s", days=span_words(silence.days))
    precision = Precision.BEFORE if earliest == OPEN_START else Precision.RANGE
    return Fact(
        kind=EntryKind.SILENCE,
        ref=begun.fact.ref,
        endpoint=begun.fact.endpoint,
        title=str(title),
        when=When(earliest, max(earliest, ended.latest if ended else silence.today), precision),
        part=f"until {ended.fact.ref} {ended.fact.part}" if ended else "",
        targets=_unanswered(waiting),
        # Of what ended it nobody but its author may have said yet that it is so.
        state=ended.fact.state if ended and ended.fact.is_unapproved else None,
        is_ongoing=silence.is_running,
        note=str(
            _("ended by: %(title)s", title=ended.fact.title)
            if ended
            else _("nobody of the responsible state has answered")
        ),
    )


def _unanswered(waiting: Sequence[Clock]) -> tuple[str, ...]:
    """Return what was not answered: the incident from which on nobody spoke, and how many more."""
    if not waiting:
        return (str(_("the case as a whole")),)
    first = min(waiting, key=lambda one: (one.begun.latest, one.begun.earliest, one.begun.fact.ref))
    named = f"{first.begun.fact.title} ({first.begun.fact.ref})"
    more = len(waiting) - 1
    others = ngettext("%(num)d more incident", "%(num)d more incidents", more)
    return (named, str(others)) if more else (named,)


def _step(
    proceeding: Proceeding,
    step: ProceedingStep,
    place: int,
    citations: Sequence[Citation],
    about: frozenset[str],
) -> Fact:
    body = step.institution or (None if step.step in BY_ANOTHER else proceeding.institution)
    is_by_party = step.step in BY_A_PARTY
    to = str(_("to %(name)s", name=body.heading())) if body and is_by_party else ""
    return Fact(
        kind=EntryKind.PROCEEDING_STEP,
        ref=proceeding.ref,
        endpoint=proceeding.ENDPOINT,
        title=f"{words_of(step.step)}: {proceeding.heading()}",
        when=step.when,
        part=f"{place:04}",
        direction=proceeding.direction,
        step=step.step,
        types=(tag(step.step),),
        targets=_concerned(proceeding),
        actors=_party(proceeding, step) if is_by_party else (body.heading(),) if body else (),
        quotes=_words_of(citations),
        state=proceeding.state,
        note=", ".join(filter(None, [step.note, to])),
        country=proceeding.country,
        body=body.ref if body else "",
        about=about,
        means=means.of_step(proceeding.direction, step.step),
        **written(proceeding),
    )


def _party(proceeding: Proceeding, step: ProceedingStep) -> tuple[str, ...]:
    """Return who took a step that no body takes, as far as its kind says so."""
    if step.step is StepOfProceeding.APPEAL:
        return (str(_("one of the parties")),)
    if proceeding.direction is ProceedingDirection.BY_TARGET:
        return (str(_("the target, or somebody in the target’s name")),)
    return ()


def _words_of(citations: Sequence[Any]) -> tuple[Quote, ...]:
    """Return what its sources say of a step alone; one that speaks of the whole proceeding is named
    without its words.
    """
    own = [one for one in citations if one.part_id is not None]
    named = {(one.article_id, one.bearing) for one in own}
    others: dict[object, Any] = {}
    for one in citations:
        source = (one.article_id, one.bearing)
        if source not in named:
            others.setdefault(source, one)
    return (*quotes_of(own), *(replace(one, words="") for one in quotes_of(others.values())))


def _concerned(proceeding: Proceeding) -> tuple[str, ...]:
    return tuple(one.in_words() for one in proceeding.parties)


def _outcome(appeal: Appeal, *, is_awaited: bool) -> str:
    """Return what came of an appeal, and by when an answer was due, or how late it came."""
    said = [words_of(appeal.outcome)]
    if appeal.answer:
        said.append(when_words(appeal.answer.when))
    elif appeal.lacks_response:
        # When it was, and whether it was of substance, nobody can read: it is told and not counted.
        said = [said_only(appeal.outcome)]
    late = days_late(appeal)
    if late:
        said.append(str(ngettext("at least %(num)d day late", "at least %(num)d days late", late)))
    elif appeal.due_on and not is_awaited:
        said.append(str(_("due on %(day)s", day=day_words(appeal.due_on))))
    return ", ".join(said)
