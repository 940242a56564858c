"""Compose a dossier from the records of a case; pure.

An internal dossier has the facts of the records. For partners, each fact is rebuilt from what the
tables of a package share: codes, dates and institutions, no free text. Each person is counted once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tracker import i18n
from tracker.cases.codes import Accountability
from tracker.i18n import _, ngettext
from tracker.incidents import codes as incident_codes
from tracker.incidents.publication_rules import is_collateral
from tracker.incidents.rules import describe_actor
from tracker.kit.fields import code_label
from tracker.reports.dossiers.parts import (
    AppealPart,
    Dossier,
    Perpetrator,
    Person,
    ProceedingPart,
    ShareableScope,
    Silence,
    SourcePart,
    target_name_owner,
)
from tracker.responses.codes import OUTCOMES_WITH_RESPONSE, AppealOutcome
from tracker.review.codes import EditorialState
from tracker.timelines.build import Effects, Entry, Fact, Quote, Source
from tracker.timelines.codes import EntryKind
from tracker.timelines.situation import Situation, situation_of_case

# Outcomes of appeals that are still pending, or were never answered.
UNANSWERED_OUTCOMES = frozenset({AppealOutcome.PENDING, AppealOutcome.NO_REPLY})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMaterial:
    """The material of a dossier about a case. `facts`: what happened in the case; `record_by_ref`:
    its records by ref; `article_by_ref`: the cited articles by ref; `published_text_by_ref`: the
    published text of each incident, by the ref of the incident.
    """

    facts: Sequence[Fact]
    record_by_ref: Mapping[str, Any]
    article_by_ref: Mapping[str, Any]
    published_text_by_ref: Mapping[str, str] = field(default_factory=dict)

    def records_of_kind(self, prefix: str) -> list[Any]:
        """Return the records whose ref begins with `prefix`, such as "INC", sorted by date."""
        found = [one for ref, one in self.record_by_ref.items() if ref.startswith(prefix)]
        return sorted(found, key=lambda one: (one.latest, one.earliest, one.ref))


def compose(case: Any, material: CaseMaterial, scope: ShareableScope, *, today: date) -> Dossier:  # noqa: ANN401 (a Case)
    """Return the dossier of a case as of `today`, with only what the scope allows to share."""
    facts = shareable_facts(material.facts, material.record_by_ref, scope)
    is_truncated = any(_is_answer_left_out(one, scope) for one in material.facts)
    situation = situation_of_case(facts, case.country, today=today, is_truncated=is_truncated)
    entries = [_entry_without_empty_quotes(entry) for entry in situation.entries]
    numbers = _entry_numbers(entries)
    incidents = [one for one in material.records_of_kind("INC") if one.ref in numbers]
    is_outside, said = scope.is_outside, scope.redact_text
    return Dossier(
        ref=case.ref,
        title="" if is_outside else said(case.title),
        country=i18n.country_name(case.country),
        summary="" if is_outside else said(case.summary),
        as_of=today,
        lifecycle=code_label(case.lifecycle),
        accountability=_accountability_label(case, situation),
        accountability_reason="" if is_outside else said(case.accountability_reason),
        incident_count=len(incidents),
        people=people_of_incidents(incidents, numbers, scope),
        entries=entries,
        description_by_entry_number={
            numbers[one.ref]: words
            for one in incidents
            if (words := _incident_description(one, material, scope))
        },
        perpetrators=list(perpetrators_of_incidents(incidents, numbers, scope)),
        appeals=[
            _appeal_part(one, _unrecorded_outcome(facts, one), numbers[one.ref], scope, today)
            for one in material.records_of_kind("APP")
            if one.ref in numbers
        ],
        proceedings=_proceeding_parts(material, entries, scope),
        silences=_silence_parts(situation),
        claimed_answers=[f"{one.title}: {one.note}" for one in situation.claimed_answers],
        is_waiting=situation.is_waiting,
        has_omitted_responses=is_truncated,
        sources=_source_parts(entries, material.article_by_ref),
    )


def _is_answer_left_out(fact: Fact, scope: ShareableScope) -> bool:
    """Return whether a fact is a valid answer of an authority that the dossier leaves out: it is
    not retracted, and `scope` does not include its record.
    """
    counts = Effects.RESPONDED in fact.effects and fact.state is not EditorialState.RETRACTED
    return counts and fact.ref not in scope.shareable_refs


def _entry_numbers(entries: Iterable[Entry]) -> dict[str, int]:
    """Return, by ref of each record, the number of its first entry in the chronology."""
    found: dict[str, int] = {}
    for entry in entries:
        if entry.fact.kind is not EntryKind.SILENCE:
            found.setdefault(entry.fact.ref, entry.number)
    return found


def _entry_without_empty_quotes(entry: Entry) -> Entry:
    """Return an entry without the quotes that have no text."""
    quotes = tuple(one for one in entry.fact.quotes if one.words)
    return replace(entry, fact=replace(entry.fact, quotes=quotes))


def _accountability_label(case: Any, situation: Situation) -> str:  # noqa: ANN401 (a Case)
    """Return the label of the accountability step of a case: the step set by hand, else the one
    derived from the facts in the dossier, with the fact that reached it. If these facts show no
    step or no response, the text says that it is not in this file.
    """
    if case.accountability:
        return code_label(case.accountability)
    derived = situation.derived_step
    if derived is None:
        return str(_("Not in this file"))
    if derived.step is Accountability.NO_RESPONSE:
        return str(_("No response in this file"))
    fact = derived.reached_by
    by = f"; {_('reached by:')} {_title_with_state(fact)}" if fact else ""
    return code_label(derived.step) + by


def _incident_description(incident: Any, material: CaseMaterial, scope: ShareableScope) -> str:  # noqa: ANN401 (an Incident)
    """Return the description of an incident: the recorded one, or the published one in a dossier
    for partners.
    """
    if not scope.is_outside:
        return scope.redact_text(incident.narrative)
    return scope.redact_text(material.published_text_by_ref.get(incident.ref, ""))


def _unrecorded_outcome(facts: Iterable[Fact], appeal: Any) -> str:  # noqa: ANN401 (an Appeal)
    """Return, as text, the outcome of an appeal to an authority that is marked as answered or
    referred although no response is recorded; "" for any other appeal.
    """
    return next((one.note for one in facts if one.ref == appeal.ref and one.lacks_answer), "")


def _appeal_part(
    appeal: Any,  # noqa: ANN401 (an Appeal)
    note: str,
    entry: int,
    scope: ShareableScope,
    today: date,
) -> AppealPart:
    """Return an appeal as a part of the dossier. `note`: the text from `_unrecorded_outcome`, which
    replaces the recorded outcome unless it is ""; `entry`: the number of the appeal in the
    chronology.
    """
    named = "" if scope.is_outside else scope.redact_text(appeal.sender)
    return AppealPart(
        entry_number=entry,
        title=appeal.heading,
        sender=", ".join(filter(None, [code_label(appeal.sender_kind), named])),
        outcome=note or code_label(appeal.outcome),
        waiting_time=_waiting_time(appeal, today),
    )


def _waiting_time(appeal: Any, today: date) -> str:  # noqa: ANN401 (as above)
    """Return for how long an appeal is unanswered and overdue, as text, "" if it was answered."""
    if appeal.outcome not in UNANSWERED_OUTCOMES:
        return ""
    span = i18n.days_between(appeal.when, None, today)
    waits = _("unanswered, for how long is not known")
    if span.is_informative:
        waits = _("unanswered for %(days)s", days=i18n.localized_day_count(span))
    late = appeal.days_overdue(today)
    overdue = ngettext("overdue by %(num)d day", "overdue by %(num)d days", late) if late else ""
    return ", ".join(filter(None, [str(waits), str(overdue)]))


def _proceeding_parts(
    material: CaseMaterial, entries: Iterable[Entry], scope: ShareableScope
) -> list[ProceedingPart]:
    """Return the proceedings of the case, each with the entries of the chronology about it."""
    steps: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.fact.kind is EntryKind.PROCEEDING_STEP:
            steps.setdefault(entry.fact.ref, []).append(entry)
    return [
        ProceedingPart(
            heading=_proceeding_heading(material.record_by_ref[ref], scope),
            steps=tuple(sorted(of, key=lambda one: one.fact.part_key)),
        )
        for ref, of in steps.items()
    ]


def _proceeding_heading(proceeding: Any, scope: ShareableScope) -> str:  # noqa: ANN401 (a Proceeding)
    """Return the heading of a proceeding in the dossier. For partners, it does not contain the
    number that the court or authority gave the proceeding.
    """
    if scope.is_outside:
        return proceeding_label(proceeding)
    return scope.redact_text(proceeding.heading)


def _silence_parts(situation: Situation) -> list[Silence]:
    """Return the times without an answer of the responsible state, as text."""
    return [
        Silence(
            start=code_label(one.start),
            kind=code_label(one.kind),
            days=i18n.localized_day_count(one.days),
            ended_by=_clock_end_label(one.stop_event) if one.stop_event else "",
        )
        for one in situation.clocks
    ]


def _clock_end_label(stopped: Any) -> str:  # noqa: ANN401 (a ClockEvent)
    """Return, as text, the fact that ended a time without an answer. If the dates do not show which
    of several facts was the first, all of them are in the text. `stopped`: the `ClockEvent` with
    these facts.
    """
    titles = dict.fromkeys(_title_with_state(one.fact) for one in stopped.parts)
    return f", {_('if not earlier by:')} ".join(titles)


def _title_with_state(fact: Fact) -> str:
    """Return the title of a fact, with a note if no second person approved it."""
    mark = f" ({_('not yet approved by a second person')})" if fact.is_unapproved else ""
    return fact.title + mark


def _source_parts(entries: Iterable[Entry], articles: Mapping[str, Any]) -> list[SourcePart]:
    """Return the cited sources, numbered in the order of their first citation."""
    cited: dict[str, list[Any]] = {}
    for entry in entries:
        for quote in entry.fact.quotes:
            if quote.source is not None:
                cited.setdefault(quote.source.ref, []).append(quote)
    return [
        SourcePart(
            number=number,
            ref=ref,
            kind=code_label(articles[ref].kind),
            title=quotes[0].source.title,
            publisher=quotes[0].source.publisher,
            published=i18n.localized_date(quotes[0].source.published),
            url=quotes[0].source.url,
            archive_url=quotes[0].source.archive_url,
            captured_on=articles[ref].captured_on,
            quotes=tuple(dict.fromkeys(one.words for one in quotes)),
        )
        for number, (ref, quotes) in enumerate(cited.items(), start=1)
    ]


def people_of_incidents(
    incidents: Iterable[Any], numbers: Mapping[str, int], scope: ShareableScope
) -> list[Person]:
    """Return the people and outlets that incidents targeted or affected, named ones first;
    `numbers`: the number of each incident in the chronology, by ref.
    """
    by_person: dict[object, list[tuple[int, Any]]] = {}
    for incident in incidents:
        for target in incident.targets:
            by_person.setdefault(_target_key(target), []).append((numbers[incident.ref], target))
    found = [_person_part(of, scope) for of in by_person.values()]
    return sorted(
        found,
        key=lambda one: (one.is_withheld, list(incident_codes.PeopleCounted).index(one.group)),
    )


def perpetrators_of_incidents(
    incidents: Iterable[Any], numbers: Mapping[str, int], scope: ShareableScope
) -> Iterator[Perpetrator]:
    """Yield the alleged perpetrators of incidents; `numbers`: the number of each incident in the
    chronology, by ref.
    """
    for incident in incidents:
        for actor in incident.actors:
            by = actor.attributed_by
            yield Perpetrator(
                label=actor_label(actor, scope, attributed=False),
                certainty=code_label(actor.certainty),
                attributed_by=code_label(by) if by else "",
                entry_number=numbers[incident.ref],
            )


def _target_key(target: Any) -> object:  # noqa: ANN401 (an IncidentTarget)
    """Return a key that is equal for all targets that are the same journalist or outlet; each
    unnamed target has a key of its own.
    """
    if target.kind is incident_codes.TargetKind.JOURNALIST:
        return "journalist", target.journalist_id
    if target.kind is incident_codes.TargetKind.OUTLET:
        return "outlet", target.outlet_id
    return "unnamed", target.id


def _person_part(numbered_targets: list[tuple[int, Any]], scope: ShareableScope) -> Person:
    """Return a person, group or outlet as a part of the dossier; `numbered_targets`: all targets
    that are this person, each with the number of its incident in the chronology.
    """
    targets = [target for _number, target in numbered_targets]
    # Named if one incident allows it; else by their placeholder, if any.
    first = next((one for one in targets if scope.can_be_named(one)), None)
    is_known = targets[0].kind in {
        incident_codes.TargetKind.JOURNALIST,
        incident_codes.TargetKind.OUTLET,
    }
    is_withheld = is_known and first is None
    shown = first or next((one for one in targets if one.named_as), targets[0])
    harm = [] if scope.is_outside else [scope.redact_text(one.harm) for one in targets if one.harm]
    return Person(
        label=scope.target_label(shown),
        roles=tuple(dict.fromkeys(code_label(one.role) for one in targets)),
        group=_counted_group(targets),
        is_withheld=is_withheld,
        people_count=1 if is_known else targets[0].number_at_least or 1,
        entry_numbers=tuple(sorted({number for number, _target in numbered_targets})),
        harm=tuple(harm),
        ref=target_name_owner(first).ref if first else "",
    )


def _counted_group(targets: list[Any]) -> incident_codes.PeopleCounted:
    """Return the group in which a person or outlet is counted: named, outlets, unnamed, or affected
    without being targeted. `targets`: all targets that are this person or outlet.
    """
    if all(is_collateral(one.role) for one in targets):
        return incident_codes.PeopleCounted.COLLATERAL
    of = {
        incident_codes.TargetKind.JOURNALIST: incident_codes.PeopleCounted.NAMED,
        incident_codes.TargetKind.OUTLET: incident_codes.PeopleCounted.OUTLETS,
    }
    return of.get(targets[0].kind, incident_codes.PeopleCounted.UNNAMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareableActor:
    """A perpetrator with the attributes from which `describe_actor` makes a text; `name` is "" if
    it may not be shared.
    """

    name: str
    actor_type: incident_codes.ActorType
    purported_as: incident_codes.PurportedAs | None
    certainty: incident_codes.Certainty = incident_codes.Certainty.UNKNOWN
    attributed_by: incident_codes.AttributedBy | None = None


def shareable_facts(
    facts: Iterable[Fact], records: Mapping[str, Any], scope: ShareableScope
) -> list[Fact]:
    """Return the facts whose records are in the scope, without the details that may not be shared;
    `records`: the record of each fact, by ref.
    """
    found = []
    for fact in facts:
        if fact.ref not in scope.shareable_refs:
            continue
        if not scope.is_outside:
            found.append(_internal_fact(fact, records[fact.ref], scope))
        elif fact.kind in SHAREABLE_FACT_OF_KIND:
            shared = SHAREABLE_FACT_OF_KIND[fact.kind](fact, records[fact.ref], scope)
            found.append(
                replace(
                    shared,
                    when=scope.redact_date(fact.when),
                    quotes=tuple(_shareable_quotes(fact.quotes, scope)),
                )
            )
    return found


def actor_label(actor: Any, scope: ShareableScope, *, attributed: bool = True) -> str:  # noqa: ANN401 (an IncidentActor)
    """Return an actor as text; `attributed`: whether the text says how certain it is that this
    actor did it, and who says so.
    """
    shown = ShareableActor(
        name=scope.actor_name(actor),
        actor_type=actor.actor_type,
        purported_as=actor.purported_as,
        certainty=actor.certainty if attributed else incident_codes.Certainty.UNKNOWN,
        attributed_by=actor.attributed_by if attributed else None,
    )
    return describe_actor(shown)


def place_label(incident: Any, *, is_outside: bool) -> str:  # noqa: ANN401 (an Incident)
    """Return the location of an incident as text: place, region and country. `is_outside`: whether
    the text is for partners, who do not get the place, which is free text.
    """
    region = incident.region.label_in(i18n.current_language()) if incident.region else ""
    parts = ["" if is_outside else incident.place, region, i18n.country_name(incident.country)]
    return ", ".join(part for part in parts if part)


def _internal_fact(fact: Fact, record: Any, scope: ShareableScope) -> Fact:  # noqa: ANN401 (a record)
    """Return a fact for an internal dossier, in whose texts placeholders replace the names that
    must not be shown; `record`: the record that the fact is about.
    """
    title, note = fact.title, fact.note
    if fact.kind in {EntryKind.ACCOUNT, EntryKind.ACCOUNT_EVENT} and record.display_name():
        title = title.replace(record.display_name(), scope.redact_handle(record.display_name()))
    targets, actors = fact.targets, fact.actors
    if fact.kind is EntryKind.INCIDENT:
        note = place_label(record, is_outside=False)
        actors = tuple(actor_label(one, scope) for one in record.actors)
    return replace(
        fact,
        title=scope.redact_text(title),
        note=scope.redact_text(note),
        targets=scope.redact_texts(targets),
        actors=scope.redact_texts(actors),
        reported_to=scope.redact_text(fact.reported_to),
        when=scope.redact_date(fact.when),
        quotes=tuple(
            replace(
                one,
                words=scope.redact_text(one.words),
                source=_shareable_source(one.source, scope) if one.source else None,
            )
            for one in fact.quotes
        ),
    )


def _shareable_incident(fact: Fact, record: Any, scope: ShareableScope) -> Fact:  # noqa: ANN401 (a record)
    """Return an incident for partners: its types, location, targets and perpetrators."""
    return replace(
        fact,
        title=" · ".join(one.label for one in fact.types) or str(_("Incident")),
        note=place_label(record, is_outside=True),
        targets=tuple(scope.target_label(one) for one in record.targets),
        actors=tuple(actor_label(one, scope) for one in record.actors),
    )


def _shareable_account(fact: Fact, record: Any, scope: ShareableScope) -> Fact:  # noqa: ANN401 (a record)
    """Return a fact about an account for partners: event, kind, platform, shareable handle."""
    kind = code_label(record.kind)
    platform = record.platform.label_in(i18n.current_language()) if record.platform else ""
    called = " · ".join(
        filter(None, [kind, platform, scope.handle_by_account_ref.get(record.ref, "")])
    )
    event = code_label(fact.event) if fact.event else ""
    return replace(fact, title=f"{event}: {called}" if event else called, note="", targets=())


def _shareable_response(fact: Fact, record: Any, scope: ShareableScope) -> Fact:  # noqa: ANN401 (a record)
    """Return a response for partners: speaker and institution."""
    speaker = [
        scope.redact_text(record.official),
        scope.redact_text(record.office),
        record.institution.heading,
    ]
    return replace(fact, actors=(", ".join(filter(None, speaker)),), note="", title=record.heading)


def _shareable_appeal(fact: Fact, record: Any, scope: ShareableScope) -> Fact:  # noqa: ANN401 (a record)
    """Return an appeal for partners: kind of sender, outcome, and the date of an answer."""
    shared = replace(
        fact, actors=(code_label(record.sender_kind),), note=code_label(record.outcome)
    )
    if record.outcome not in OUTCOMES_WITH_RESPONSE:
        return shared
    answer = record.answer
    if answer is not None and answer.ref in scope.shareable_refs:
        return replace(shared, note=f"{shared.note}, {i18n.localized_date(answer.when)}")
    return replace(shared, note=f"{shared.note}; {_('the answer is not in this file')}")


def _shareable_step(fact: Fact, record: Any, _scope: ShareableScope) -> Fact:  # noqa: ANN401 (a record)
    """Return a step of a proceeding for partners, with branch of law, direction and body."""
    step = f"{code_label(fact.step)}: " if fact.step else ""
    return replace(fact, title=step + proceeding_label(record), note="", targets=())


# For each kind of fact: the function that returns a fact as partners may see it. Its parameters are
# the fact, the record of the fact, and what the dossier may share. Facts of other kinds are left
# out: no table of a package shares them.
SHAREABLE_FACT_OF_KIND: dict[EntryKind, Callable[[Fact, Any, ShareableScope], Fact]] = {
    EntryKind.INCIDENT: _shareable_incident,
    EntryKind.ACCOUNT: _shareable_account,
    EntryKind.ACCOUNT_EVENT: _shareable_account,
    EntryKind.RESPONSE: _shareable_response,
    EntryKind.APPEAL: _shareable_appeal,
    EntryKind.PROCEEDING_STEP: _shareable_step,
}


def proceeding_label(proceeding: Any) -> str:  # noqa: ANN401 (a Proceeding)
    """Return a proceeding as text, without its number."""
    body = proceeding.institution.heading if proceeding.institution else ""
    parts = [code_label(proceeding.kind), code_label(proceeding.direction), body]
    return ", ".join(filter(None, parts))


def _shareable_quotes(quotes: Iterable[Quote], scope: ShareableScope) -> Iterator[Quote]:
    """Yield the quotes of a fact for partners. A quote from a source that may not be quoted has no
    text, and its source has only the dates, which are needed to count days without an answer.
    """
    for one in quotes:
        source = one.source
        if source is None:
            continue
        if source.ref not in scope.quotable_sources:
            blank = replace(source, title="", publisher="", url="", archive_url="")
            yield replace(one, words="", source=blank)
        elif one.content_warning:
            # No content warning is needed: the text is not included.
            words = str(_("(closed quote; it is in the source)"))
            shared = _shareable_source(source, scope)
            yield replace(one, words=words, content_warning="", is_direct=False, source=shared)
        else:
            yield replace(
                one, words=scope.redact_text(one.words), source=_shareable_source(source, scope)
            )


def _shareable_source(source: Source, scope: ShareableScope) -> Source:
    """Return a source in which placeholders replace the names that must not be shown."""
    return replace(
        source,
        title=scope.redact_text(source.title),
        publisher=scope.redact_text(source.publisher),
        url=scope.redact_handle(source.url),
        archive_url=scope.redact_handle(source.archive_url),
        published=scope.redact_date(source.published),
    )
