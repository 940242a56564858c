"""The timeline as a rule: facts in, entries out, told as one story in two lanes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.articles.codes import Bearing
from tracker.fake_accounts.codes import AccountEvent
from tracker.incidents.codes import Extent
from tracker.responses.codes import ActType, ProceedingDirection, StepOfProceeding
from tracker.responses.proceeding_rules import BY_A_PARTY
from tracker.review.codes import EditorialState
from tracker.timelines.codes import EntryKind, Lane, Tone
from tracker.timelines.means import Means
from tracker.when import OPEN_START, Precision

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tracker.incidents.codes import Verification
    from tracker.when import When

SETTLED = frozenset({EditorialState.APPROVED, EditorialState.PUBLISHED})
# Events of an account that somebody in charge brought about; all others tell what the account did.
TAKEDOWNS = frozenset(
    {
        AccountEvent.BLOCK_ORDERED,
        AccountEvent.BLOCKED,
        AccountEvent.SUSPENDED,
        AccountEvent.REMOVED_BY_PLATFORM,
    }
)
# Events that ask somebody in charge for something: whoever is named beside one was told of it.
REPORTS = frozenset({AccountEvent.REPORTED_TO_PLATFORM, AccountEvent.REPORTED_TO_AUTHORITY})
OF_AUTHORITIES = frozenset(
    {EntryKind.RESPONSE, EntryKind.COUNTERMEASURE, EntryKind.APPEAL, EntryKind.SILENCE}
)
OWN_TONES = {
    EntryKind.COUNTERMEASURE: Tone.COUNTERMEASURE,
    EntryKind.APPEAL: Tone.ASKED,
    EntryKind.SILENCE: Tone.SILENCE,
}


@dataclass(frozen=True, slots=True)
class Tag:
    """A code and its label in the viewer's language."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a quote stands; `is_public`: anybody could read it there."""

    ref: str
    title: str
    publisher: str
    url: str
    published: When
    archive_url: str = ""
    is_public: bool = True


@dataclass(frozen=True, slots=True)
class Quote:
    """A source's words, "" where it is named without any; `source` is None where it may not be
    shown, `about` names one act of several; `closed` stands before words upon which nobody should
    come unprepared, `is_direct` says that they are the speaker's own, `cited_on` when they were
    noted here.
    """

    words: str
    source: Source | None
    bearing: Bearing = Bearing.SUPPORTS
    about: Tag | None = None
    closed: str = ""
    is_direct: bool = True
    cited_on: date | None = None

    @property
    def contradicts(self) -> bool:
        """Say whether the source disputes what the entry tells."""
        return self.bearing is Bearing.CONTRADICTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that has a place in time, taken from one record; words are the viewer's already.

    `part` tells the facts of one record apart; `endpoint` is the blueprint of the record's page.
    `country` is the state in which it happened, or that acted or was asked ("" where it is the
    responsible one); `about` holds the refs of the incidents that it concerns. `recorded_on` and
    `changed_on` are the days on which the record was first and last written. `is_outline`: without
    words and quotes, to be counted where there are too many to be told. `lacks_answer`: an appeal
    that is said to be answered or passed on, by nothing that the viewer has on record. `to`: to
    whom an account was reported. `answers_case`: no response to another case or its incidents.
    """

    kind: EntryKind
    ref: str
    endpoint: str
    title: str
    when: When
    part: str = ""
    event: AccountEvent | None = None
    direction: ProceedingDirection | None = None
    step: StepOfProceeding | None = None
    types: tuple[Tag, ...] = ()
    targets: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    to: str = ""
    quotes: tuple[Quote, ...] = ()
    state: EditorialState | None = None
    extent: Extent = Extent.ONCE
    is_ongoing: bool = False
    verification: Verification | None = None
    note: str = ""
    country: str = ""
    body: str = ""
    awaited_by: date | None = None
    lacks_answer: bool = False
    about: frozenset[str] = frozenset()
    means: Means = Means.NOTHING
    answers_case: bool = True
    recorded_on: date | None = None
    changed_on: date | None = None
    is_changed_later: bool = False
    is_outline: bool = False

    @property
    def is_unapproved(self) -> bool:
        """Say whether no second person has approved its record yet."""
        return self.state is not None and self.state not in SETTLED

    @property
    def is_dated(self) -> bool:
        """Say whether a source gives any time at all."""
        return self.when.precision is not Precision.UNKNOWN

    @property
    def has_open_start(self) -> bool:
        """Say whether nobody knows when it began."""
        return self.when.earliest == OPEN_START

    @property
    def lasted(self) -> bool:
        """Say whether it went on for the whole interval, not on some day within it."""
        if self.kind is EntryKind.TARGET_STATUS:
            return self.when.precision in {Precision.RANGE, Precision.AFTER}
        return self.extent is not Extent.ONCE


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact at its place: the number under which picture and list show it, and its lane."""

    number: int
    lane: Lane
    fact: Fact

    @property
    def tone(self) -> Tone:
        """Return what colours it: its lane, except for what must not pass for the authorities'."""
        return tone_of(self.fact)


def build_timeline(facts: Iterable[Fact]) -> list[Entry]:
    """Return the entries in the order in which a story is told, each fact once."""
    parts = {
        (part.kind, part.ref, part.part): part for fact in facts for part in _without_counter(fact)
    }
    ordered = sorted(parts.values(), key=place_of)
    return [Entry(number, lane_of(fact), fact) for number, fact in enumerate(ordered, start=1)]


def lane_of(fact: Fact) -> Lane:
    """Return the lane: the kind of record decides, so a search by the police is what was done."""
    if fact.kind is EntryKind.PROCEEDING_STEP:
        return (
            Lane.DONE if fact.direction is ProceedingDirection.AGAINST_TARGET else Lane.AUTHORITIES
        )
    return Lane.AUTHORITIES if fact.kind in OF_AUTHORITIES or fact.event in TAKEDOWNS else Lane.DONE


def tone_of(fact: Fact) -> Tone:
    """Return the tone: what was asked, a silence and a measure against the target never look like
    an answer, in whatever lane they stand.
    """
    if fact.event in REPORTS:
        return Tone.ASKED
    if fact.kind in OWN_TONES:
        return OWN_TONES[fact.kind]
    lane = lane_of(fact)
    # Whoever appeals asks a court for something. What is filed against the target is done to her.
    # A proceeding without any step tells of no act of an authority.
    asks = (
        fact.step in BY_A_PARTY
        or fact.direction is ProceedingDirection.BY_TARGET
        or (fact.kind is EntryKind.PROCEEDING_STEP and fact.step is None)
        if lane is Lane.AUTHORITIES
        else fact.step is StepOfProceeding.APPEAL
    )
    return Tone.ASKED if asks else Tone(lane.value)


def known_on(facts: Iterable[Fact], day: date) -> list[Fact]:
    """Return what had been recorded by the end of a day, in today's words: what was changed later
    is marked, and what a source was only later found to say is left out.
    """
    return [
        replace(
            fact,
            quotes=tuple(one for one in fact.quotes if one.cited_on is None or one.cited_on <= day),
            is_changed_later=fact.changed_on is not None and fact.changed_on > day,
        )
        for fact in facts
        # Steps, events and states of affairs have no day of recording but their record's: one that
        # lies after the day was certainly added later.
        if (fact.recorded_on is None or fact.recorded_on <= day) and fact.when.earliest <= day
    ]


def _without_counter(fact: Fact) -> list[Fact]:
    """Split a response: measures against the target are told, but never as part of an answer."""
    if fact.kind is not EntryKind.RESPONSE:
        return [fact]
    counter = tuple(tag for tag in fact.types if tag.code == ActType.COUNTERMEASURE)
    if not counter:
        return [fact]
    rest = tuple(tag for tag in fact.types if tag.code != ActType.COUNTERMEASURE)
    told = [
        replace(
            fact,
            kind=EntryKind.COUNTERMEASURE,
            types=counter[:1],
            # Its only type stands above them.
            quotes=tuple(
                replace(quote, about=None) for quote in fact.quotes if _is_of(quote, counter)
            ),
        )
    ]
    if rest:
        quotes = tuple(quote for quote in fact.quotes if _is_of(quote, rest))
        told.insert(0, replace(fact, types=rest, quotes=quotes))
    return told


def _is_of(quote: Quote, acts: tuple[Tag, ...]) -> bool:
    return quote.about is None or quote.about in acts


def place_of(fact: Fact) -> tuple[date, date, str, str, str]:
    """Return the place of a fact in every story: the order of all lists, ascending; the last two
    make it total within one record.
    """
    return (fact.when.latest, fact.when.earliest, fact.ref, fact.kind.value, fact.part)
