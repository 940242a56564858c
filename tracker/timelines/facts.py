"""Records as facts: what each of them contributes to a timeline, in the viewer's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker import clock
from tracker.i18n import _, format_date, language
from tracker.incidents.codes import TargetRole
from tracker.responses.codes import Stance
from tracker.timelines.build import Fact, Quote, Source, Tag
from tracker.timelines.codes import EntryKind
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.labels import label
from tracker.when import OPEN_START, Precision, When

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date
    from enum import StrEnum

    from tracker.articles.models import Article, Citation
    from tracker.fake_accounts.models import FakeAccount, FakeAccountEvent
    from tracker.incidents.models import Incident, IncidentTarget
    from tracker.responses.models import OfficialResponse, ResponseAct


def facts_of_incident(
    incident: Incident, is_told: Callable[[IncidentTarget], bool]
) -> Iterator[Fact]:
    """Yield the incident, and what became of those of its targets that are told of."""
    yield Fact(
        kind=EntryKind.INCIDENT,
        ref=incident.ref,
        endpoint=incident.ENDPOINT,
        title=incident.heading(),
        when=incident.when,
        types=tuple(Tag(one.term.code, one.term.label(language())) for one in incident.types),
        targets=tuple(_target(target) for target in incident.targets),
        actors=tuple(actor.in_words() for actor in incident.actors),
        quotes=_quotes(incident.citations, incident.before_quotes()),
        state=incident.state,
        extent=incident.extent,
        is_ongoing=incident.is_ongoing is Answer.YES,
    )
    for target in filter(is_told, incident.targets):
        for status in target.statuses:
            yield Fact(
                kind=EntryKind.TARGET_STATUS,
                ref=incident.ref,
                endpoint=incident.ENDPOINT,
                title=f"{_words(status.status)}: {target.in_words()}",
                when=status.when,
                part=f"{target.id}-{status.id}",
                types=(_tag(status.status),),
                targets=(_target(target),),
                state=incident.state,
                note=_until(status.expected_end),
            )


def facts_of_account(account: FakeAccount) -> Iterator[Fact]:
    """Yield what the account did and underwent; an account without any dated event is told once, as
    something known by the day on which the first source spoke of it.
    """
    quotes = list(account.citations)
    for place, event in enumerate(account.events):
        # Words of an article about the account stand at the event for which it is the source, and
        # those of no event at the first one, so that none is lost.
        mine = [one for one in quotes if place == 0 or one.article_id == event.article_id]
        if place == 0:
            later = {one.article_id for one in account.events[1:]} - {event.article_id}
            mine = [one for one in mine if one.article_id not in later]
        yield _event(account, event, place, mine)
    if not account.events:
        yield Fact(
            kind=EntryKind.ACCOUNT,
            ref=account.ref,
            endpoint=account.ENDPOINT,
            title=account.heading(),
            when=When(OPEN_START, _known_by(account), Precision.UNKNOWN),
            types=(_tag(account.kind),),
            targets=_posed_as(account),
            quotes=_quotes(quotes),
            state=account.state,
        )


def facts_of_response(response: OfficialResponse) -> Iterator[Fact]:
    """Yield the response once, whatever the number of its acts."""
    speaker = ", ".join(
        filter(None, [response.official, response.office, response.institution.name])
    )
    yield Fact(
        kind=EntryKind.RESPONSE,
        ref=response.ref,
        endpoint=response.ENDPOINT,
        title=response.heading(),
        when=response.when,
        types=tuple(_act(act) for act in response.acts),
        actors=(speaker,),
        quotes=_quotes_of_response(response),
        state=response.state,
        note=", ".join(
            _words(stance)
            for stance in [response.stance, *(one.stance for one in response.other_stances)]
            if stance is not Stance.UNCLEAR
        ),
    )


def _event(
    account: FakeAccount, event: FakeAccountEvent, place: int, citations: Iterable[Citation]
) -> Fact:
    return Fact(
        kind=EntryKind.ACCOUNT_EVENT,
        ref=account.ref,
        endpoint=account.ENDPOINT,
        title=f"{_words(event.event)}: {account.heading()}",
        when=event.when,
        part=f"{place:04}",
        event=event.event,
        types=(_tag(event.event),),
        targets=_posed_as(account),
        actors=(event.institution.name,) if event.institution else (),
        quotes=_quotes(citations),
        state=account.state,
        note=event.note,
    )


def _quotes(citations: Iterable[Citation], closed: str = "") -> tuple[Quote, ...]:
    return tuple(
        Quote(one.quote, _source(one.article), one.bearing, closed=closed) for one in citations
    )


def _quotes_of_response(response: OfficialResponse) -> tuple[Quote, ...]:
    """Return the words of each act, then what the sources say beside them, nothing twice."""
    sources = {one.article_id: _source(one.article) for one in response.citations}
    only = next(iter(sources.values())) if len(sources) == 1 else None
    acts = []
    for act in filter(lambda one: one.quote, response.acts):
        said_in = [one for one in response.citations if act.quote in one.quote]
        source = _source(said_in[0].article) if said_in else only
        acts.append(Quote(act.quote, source, about=_act(act)))
    told = {quote.words for quote in acts}
    return (*acts, *(one for one in _quotes(response.citations) if one.words not in told))


def _source(article: Article | None) -> Source | None:
    if article is None:
        return None
    return Source(article.ref, article.title, article.publisher_name(), article.url, article.when)


def _act(act: ResponseAct) -> Tag:
    words = _words(act.act)
    if act.acting_institution is not None:
        words = f"{words} ({act.acting_institution.name})"
    return Tag(act.act.value, words)


def _target(target: IncidentTarget) -> str:
    """Return who a target is, with the role of those at whom it was not aimed."""
    if target.role is TargetRole.DIRECT:
        return target.in_words()
    return f"{target.in_words()} ({_words(target.role)})"


def _posed_as(account: FakeAccount) -> tuple[str, ...]:
    """Return whose name or photograph the account uses."""
    found = ((one.meant(), one.official) for one in account.impersonates)
    return tuple(
        (bearer.name if bearer else official) or str(_("not shown to you"))
        for bearer, official in found
    )


def _known_by(account: FakeAccount) -> date:
    """Return the day by which it was there: that of its earliest source, else of the record."""
    spoken = [one.article.latest for one in account.citations if one.article is not None]
    return min(spoken, default=clock.day_of(account.recorded_at))


def _until(day: date | None) -> str:
    return str(_("until %(day)s, as announced", day=format_date(day))) if day else ""


def _tag(code: StrEnum) -> Tag:
    return Tag(code.value, _words(code))


def _words(code: StrEnum) -> str:
    return label(code, language())
