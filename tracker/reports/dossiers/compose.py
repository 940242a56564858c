"""A dossier out of the records of a case, in the order in which lawyers ask; pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tracker.cases.codes import Accountability
from tracker.dates import span_between, span_words, when_words
from tracker.i18n import _, country_name, ngettext
from tracker.reports.dossiers.leaving import words_of
from tracker.reports.dossiers.parts import Asked, Dossier, Remedy, Silence, Told
from tracker.reports.dossiers.persons import people_of, perpetrators_of
from tracker.reports.dossiers.telling import facts_that_leave, proceeding_words
from tracker.responses.appeal_rules import days_overdue
from tracker.responses.codes import AppealOutcome
from tracker.review.codes import EditorialState
from tracker.timelines.build import Effects
from tracker.timelines.codes import EntryKind
from tracker.timelines.situation import situation_of_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from tracker.reports.dossiers.leaving import Leaving
    from tracker.timelines.build import Entry, Fact
    from tracker.timelines.situation import Situation

# Of these an answer is still to come, or never came.
UNANSWERED = frozenset({AppealOutcome.PENDING, AppealOutcome.NO_REPLY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a dossier is made of: the facts of a case, the records from which they were taken and
    the articles that they quote, by ref; and what the world reads of its incidents.
    """

    facts: Sequence[Fact]
    records: Mapping[str, Any]
    articles: Mapping[str, Any]
    published: Mapping[str, str] = field(default_factory=dict)

    def of(self, prefix: str) -> list[Any]:
        """Return the records of one kind, the earliest first."""
        found = [one for ref, one in self.records.items() if ref.startswith(prefix)]
        return sorted(found, key=lambda one: (one.latest, one.earliest, one.ref))


def dossier(case: Any, material: Material, leaving: Leaving, *, today: date) -> Dossier:  # noqa: ANN401 (a Case)
    """Return what a dossier of a case says."""
    facts = facts_that_leave(material.facts, material.records, leaving)
    is_cut = any(_is_answer_left_out(one, leaving) for one in material.facts)
    situation = situation_of_case(facts, case.country, today=today, is_cut=is_cut)
    entries = [_spoken(entry) for entry in situation.entries]
    numbers = _numbers(entries)
    incidents = [one for one in material.of("INC") if one.ref in numbers]
    is_outside, said = leaving.is_outside, leaving.text
    return Dossier(
        ref=case.ref,
        title="" if is_outside else said(case.title),
        country=country_name(case.country),
        summary="" if is_outside else said(case.summary),
        as_of=today,
        lifecycle=words_of(case.lifecycle),
        accountability=_step_words(case, situation),
        accountability_reason="" if is_outside else said(case.accountability_reason),
        incidents=len(incidents),
        people=people_of(incidents, numbers, leaving),
        entries=entries,
        descriptions={
            numbers[one.ref]: words
            for one in incidents
            if (words := _description(one, material, leaving))
        },
        perpetrators=list(perpetrators_of(incidents, numbers, leaving)),
        asked=[
            _asked(one, _only_said(facts, one), numbers[one.ref], leaving, today)
            for one in material.of("APP")
            if one.ref in numbers
        ],
        remedies=_remedies(material, entries, leaving),
        silences=_silences(situation),
        said_answered=[f"{one.title}: {one.note}" for one in situation.said_answered],
        is_waiting=situation.is_waiting,
        lacks_answers=is_cut,
        sources=_sources(entries, material.articles),
    )


def _is_answer_left_out(fact: Fact, leaving: Leaving) -> bool:
    """Say whether a fact is an answer that counts and is not in the file."""
    counts = Effects.RESPONDED in fact.effects and fact.state is not EditorialState.RETRACTED
    return counts and fact.ref not in leaving.records


def _numbers(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the number of the first entry of each record, by ref."""
    found: dict[str, int] = {}
    for entry in entries:
        if entry.fact.kind is not EntryKind.SILENCE:
            found.setdefault(entry.fact.ref, entry.number)
    return found


def _spoken(entry: Entry) -> Entry:
    """Return an entry without the quotes whose words do not leave: clocks have read their days."""
    quotes = tuple(one for one in entry.fact.quotes if one.words)
    return replace(entry, fact=replace(entry.fact, quotes=quotes))


def _step_words(case: Any, situation: Situation) -> str:  # noqa: ANN401 (a Case)
    """Return how far the authorities have come, as far as this file tells."""
    if case.accountability:
        return words_of(case.accountability)
    if situation.rung is None:
        return str(_("Not in this file"))
    if situation.rung.step is Accountability.NO_RESPONSE:
        return str(_("No response in this file"))
    return words_of(situation.rung.step)


def _description(incident: Any, material: Material, leaving: Leaving) -> str:  # noqa: ANN401 (an Incident)
    """Return what happened: in the words of the house, or in those that were published."""
    if not leaving.is_outside:
        return leaving.text(incident.narrative)
    return leaving.text(material.published.get(incident.ref, ""))


def _only_said(facts: Iterable[Fact], appeal: Any) -> str:  # noqa: ANN401 (an Appeal)
    """Return what is said to have come of an appeal, where nothing on record did."""
    return next((one.note for one in facts if one.ref == appeal.ref and one.lacks_answer), "")


def _asked(appeal: Any, note: str, entry: int, leaving: Leaving, today: date) -> Asked:  # noqa: ANN401 (an Appeal)
    """Return what was asked; `note`: what is only said to have come of it."""
    named = "" if leaving.is_outside else leaving.text(appeal.sender)
    return Asked(
        entry=entry,
        title=appeal.heading(),
        sender=", ".join(filter(None, [words_of(appeal.sender_kind), named])),
        outcome=note or words_of(appeal.outcome),
        waiting=_waiting(appeal, today),
    )


def _waiting(appeal: Any, today: date) -> str:  # noqa: ANN401 (as above)
    if appeal.outcome not in UNANSWERED:
        return ""
    span = span_between(appeal.when, None, today)
    waits = _("unanswered, for how long is not known")
    if span.is_told:
        waits = _("unanswered for %(days)s", days=span_words(span))
    late = days_overdue(appeal, today)
    overdue = ngettext("overdue by %(num)d day", "overdue by %(num)d days", late) if late else ""
    return ", ".join(filter(None, [str(waits), str(overdue)]))


def _remedies(material: Material, entries: Iterable[Entry], leaving: Leaving) -> list[Remedy]:
    steps: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.fact.kind is EntryKind.PROCEEDING_STEP:
            steps.setdefault(entry.fact.ref, []).append(entry)
    return [
        Remedy(
            heading=_proceeding(material.records[ref], leaving),
            steps=tuple(sorted(of, key=lambda one: one.fact.part)),
        )
        for ref, of in steps.items()
    ]


def _proceeding(proceeding: Any, leaving: Leaving) -> str:  # noqa: ANN401 (a Proceeding)
    if leaving.is_outside:
        return proceeding_words(proceeding)
    return leaving.text(proceeding.heading())


def _silences(situation: Situation) -> list[Silence]:
    return [
        Silence(
            start=words_of(one.start),
            kind=words_of(one.kind),
            days=span_words(one.days),
            ended_by=_ended_by(one.stopped) if one.stopped else "",
        )
        for one in situation.clocks
    ]


def _ended_by(stopped: Any) -> str:  # noqa: ANN401 (a Mark)
    """Return what ended a clock, with what may have done so earlier."""
    titles = dict.fromkeys(_with_mark(one.fact) for one in stopped.parts)
    return f", {_('if not earlier by:')} ".join(titles)


def _with_mark(fact: Fact) -> str:
    mark = f" ({_('not yet approved by a second person')})" if fact.is_unapproved else ""
    return fact.title + mark


def _sources(entries: Iterable[Entry], articles: Mapping[str, Any]) -> list[Told]:
    """Return the sources in the order in which they are first cited, as the text numbers them."""
    cited: dict[str, list[Any]] = {}
    for entry in entries:
        for quote in entry.fact.quotes:
            if quote.source is not None:
                cited.setdefault(quote.source.ref, []).append(quote)
    return [
        Told(
            number=number,
            ref=ref,
            kind=words_of(articles[ref].kind),
            title=quotes[0].source.title,
            publisher=quotes[0].source.publisher,
            published=when_words(quotes[0].source.published),
            url=quotes[0].source.url,
            archive_url=quotes[0].source.archive_url,
            captured_on=articles[ref].captured_on,
            quotes=tuple(dict.fromkeys(one.words for one in quotes)),
        )
        for number, (ref, quotes) in enumerate(cited.items(), start=1)
    ]
