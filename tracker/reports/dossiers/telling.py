"""The facts of a case as a dossier tells them: as they are in the house, or cut for partners; pure.

For partners a fact is made anew from what the tables of a package let out: codes, dates and bodies;
no words of the house.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tracker.dates import when_words
from tracker.i18n import _, country_name, language
from tracker.incidents.codes import Certainty
from tracker.incidents.words import actor_words
from tracker.reports.dossiers.leaving import words_of
from tracker.responses.codes import BY_A_RESPONSE
from tracker.timelines.codes import EntryKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tracker.incidents.codes import ActorType, AttributedBy, PurportedAs
    from tracker.reports.dossiers.leaving import Leaving
    from tracker.timelines.build import Fact, Quote, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """An actor as `actor_words` reads one, with the name that may leave."""

    name: str
    actor_type: ActorType
    purported_as: PurportedAs | None
    certainty: Certainty = Certainty.UNKNOWN
    attributed_by: AttributedBy | None = None


def facts_that_leave(
    facts: Iterable[Fact], records: Mapping[str, Any], leaving: Leaving
) -> list[Fact]:
    """Return what may be told of these facts; `records`: from which they were taken, by ref."""
    found = []
    for fact in facts:
        if fact.ref not in leaving.records:
            continue
        if not leaving.is_outside:
            found.append(_inside(fact, records[fact.ref], leaving))
        elif fact.kind in OUTSIDE:
            told = OUTSIDE[fact.kind](fact, records[fact.ref], leaving)
            found.append(
                replace(
                    told,
                    when=leaving.when(fact.when),
                    quotes=tuple(_quotes(fact.quotes, leaving)),
                )
            )
    return found


def actor_of(actor: Any, leaving: Leaving, *, attributed: bool = True) -> str:  # noqa: ANN401 (an IncidentActor)
    """Return who did it in words; `attributed`: with how certain that is, and on whose word."""
    shown = Actor(
        name=leaving.actor_name(actor),
        actor_type=actor.actor_type,
        purported_as=actor.purported_as,
        certainty=actor.certainty if attributed else Certainty.UNKNOWN,
        attributed_by=actor.attributed_by if attributed else None,
    )
    return actor_words(shown)


def place_of(incident: Any, *, is_outside: bool) -> str:  # noqa: ANN401 (an Incident)
    """Return where it was; a partner has no words for the place within the region."""
    region = incident.region.label(language()) if incident.region else ""
    parts = ["" if is_outside else incident.place, region, country_name(incident.country)]
    return ", ".join(part for part in parts if part)


def _inside(fact: Fact, record: Any, leaving: Leaving) -> Fact:  # noqa: ANN401 (a record)
    """Return a fact as the house tells it, without whoever is named in no file."""
    title, note = fact.title, fact.note
    if fact.kind in {EntryKind.ACCOUNT, EntryKind.ACCOUNT_EVENT} and record.called():
        title = title.replace(record.called(), leaving.glued(record.called()))
    targets, actors = fact.targets, fact.actors
    if fact.kind is EntryKind.INCIDENT:
        note = place_of(record, is_outside=False)
        actors = tuple(actor_of(one, leaving) for one in record.actors)
    return replace(
        fact,
        title=leaving.text(title),
        note=leaving.text(note),
        targets=leaving.texts(targets),
        actors=leaving.texts(actors),
        to=leaving.text(fact.to),
        when=leaving.when(fact.when),
        quotes=tuple(
            replace(
                one,
                words=leaving.text(one.words),
                source=_source(one.source, leaving) if one.source else None,
            )
            for one in fact.quotes
        ),
    )


def _incident(fact: Fact, record: Any, leaving: Leaving) -> Fact:  # noqa: ANN401 (a record)
    return replace(
        fact,
        title=" · ".join(one.words for one in fact.types) or str(_("Incident")),
        note=place_of(record, is_outside=True),
        targets=tuple(leaving.target(one) for one in record.targets),
        actors=tuple(actor_of(one, leaving) for one in record.actors),
    )


def _account(fact: Fact, record: Any, leaving: Leaving) -> Fact:  # noqa: ANN401 (a record)
    kind = words_of(record.kind)
    platform = record.platform.label(language()) if record.platform else ""
    called = " · ".join(filter(None, [kind, platform, leaving.handles.get(record.ref, "")]))
    event = words_of(fact.event) if fact.event else ""
    return replace(fact, title=f"{event}: {called}" if event else called, note="", targets=())


def _response(fact: Fact, record: Any, leaving: Leaving) -> Fact:  # noqa: ANN401 (a record)
    speaker = [
        leaving.text(record.official),
        leaving.text(record.office),
        record.institution.heading(),
    ]
    return replace(
        fact, actors=(", ".join(filter(None, speaker)),), note="", title=record.heading()
    )


def _appeal(fact: Fact, record: Any, leaving: Leaving) -> Fact:  # noqa: ANN401 (a record)
    told = replace(fact, actors=(words_of(record.sender_kind),), note=words_of(record.outcome))
    if record.outcome not in BY_A_RESPONSE:
        return told
    answer = record.answer
    if answer is not None and answer.ref in leaving.records:
        return replace(told, note=f"{told.note}, {when_words(answer.when)}")
    return replace(told, note=f"{told.note}; {_('the answer is not in this file')}")


def _step(fact: Fact, record: Any, _leaving: Leaving) -> Fact:  # noqa: ANN401 (a record)
    step = f"{words_of(fact.step)}: " if fact.step else ""
    return replace(fact, title=step + proceeding_words(record), note="", targets=())


# What became of a target, and when, no table lets out.
OUTSIDE: dict[EntryKind, Callable[[Fact, Any, Leaving], Fact]] = {
    EntryKind.INCIDENT: _incident,
    EntryKind.ACCOUNT: _account,
    EntryKind.ACCOUNT_EVENT: _account,
    EntryKind.RESPONSE: _response,
    EntryKind.APPEAL: _appeal,
    EntryKind.PROCEEDING_STEP: _step,
}


def proceeding_words(proceeding: Any) -> str:  # noqa: ANN401 (a Proceeding)
    """Return what a proceeding is without its number."""
    body = proceeding.institution.heading() if proceeding.institution else ""
    parts = [words_of(proceeding.kind), words_of(proceeding.direction), body]
    return ", ".join(filter(None, parts))


def _quotes(quotes: Iterable[Quote], leaving: Leaving) -> Iterator[Quote]:
    """Yield the quotes whose words may leave, and of others the day of their source alone, by which
    clocks begin.
    """
    for one in quotes:
        source = one.source
        if source is None:
            continue
        if source.ref not in leaving.spoken:
            blank = replace(source, title="", publisher="", url="", archive_url="")
            yield replace(one, words="", source=blank)
        elif one.closed:
            # Nobody outside comes upon it: it stands in the source.
            words = str(_("(a quote that is kept closed; it stands in the source)"))
            told = _source(source, leaving)
            yield replace(one, words=words, closed="", is_direct=False, source=told)
        else:
            yield replace(one, words=leaving.text(one.words), source=_source(source, leaving))


def _source(source: Source, leaving: Leaving) -> Source:
    return replace(
        source,
        title=leaving.text(source.title),
        publisher=leaving.text(source.publisher),
        url=leaving.glued(source.url),
        archive_url=leaving.glued(source.archive_url),
        published=leaving.when(source.published),
    )
