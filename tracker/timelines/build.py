"""Build a timeline from facts: entries in two lanes, by month if there are many; pure.

`Effects` says how a fact changes clocks and accountability: whether an authority was told,
responded, announced or acted. It is decided only here, from codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Flag, auto
from itertools import groupby

from tracker.articles.codes import Bearing
from tracker.dates import next_month
from tracker.fake_accounts.codes import AccountEvent
from tracker.incidents.codes import Extent, Verification
from tracker.responses.codes import ActType, ProceedingDirection, Standing, StepOfProceeding
from tracker.responses.rules import NEVER_STOPS_A_CLOCK, STEPS_BY_A_PARTY
from tracker.review.codes import EditorialState
from tracker.timelines.codes import EntryKind, Lane, Tone
from tracker.vocabulary.codes import Answer
from tracker.when import OPEN_START, Precision, When

# A picture with more rows, or a list with more entries, is grouped by month.
MOST_UNFOLDED = 100
# At most this many entries are on one page in full; further months have pages of their own.
MOST_IN_FULL = 500
SETTLED_STATES = frozenset({EditorialState.APPROVED, EditorialState.PUBLISHED})
# Events of an account caused by a platform or authority; all others are the account's own.
TAKEDOWN_EVENTS = frozenset(
    {
        AccountEvent.BLOCK_ORDERED,
        AccountEvent.BLOCKED,
        AccountEvent.SUSPENDED,
        AccountEvent.REMOVED_BY_PLATFORM,
    }
)
# Events that ask a platform or authority to act: a body named in one was told about the account.
REPORT_EVENTS = frozenset({AccountEvent.REPORTED_TO_PLATFORM, AccountEvent.REPORTED_TO_AUTHORITY})
AUTHORITY_ENTRY_KINDS = frozenset(
    {EntryKind.RESPONSE, EntryKind.COUNTERMEASURE, EntryKind.APPEAL, EntryKind.SILENCE}
)
TONE_OF_KIND = {
    EntryKind.COUNTERMEASURE: Tone.COUNTERMEASURE,
    EntryKind.APPEAL: Tone.ASKED,
    EntryKind.SILENCE: Tone.SILENCE,
}
PROMISE_ACTS = frozenset({ActType.PLEDGE, ActType.INVESTIGATION_ANNOUNCED})
BLOCK_EVENTS = frozenset({AccountEvent.BLOCK_ORDERED, AccountEvent.BLOCKED})
# Events that show an account active; all others are outcomes.
ACTIVITY_EVENTS = frozenset(
    {
        AccountEvent.FIRST_SEEN,
        AccountEvent.SEEN_AGAIN,
        AccountEvent.RESTORED,
        AccountEvent.CHECKED_ACTIVE,
    }
)


class Effects(Flag):
    """Effects of a fact on clocks.

    NOTIFIED: an authority learned of it. RESPONDED: it answered, which stops the first clock.
    ANNOUNCED: it promised. ACTED: it did something substantive, which stops all clocks.
    """

    NOTHING = 0
    NOTIFIED = auto()
    RESPONDED = auto()
    ANNOUNCED = auto()
    ACTED = auto()


def effects_of_response(standing: Standing, acts: Iterable[tuple[ActType, Answer]]) -> Effects:
    """Return the effects of a response; only the responsible state ever stops a clock."""
    effects = Effects.NOTHING
    if standing is not Standing.RESPONSIBLE_STATE:
        return effects
    for act, is_substantive in acts:
        if act in NEVER_STOPS_A_CLOCK:
            continue
        effects |= Effects.RESPONDED
        if act is ActType.COMPLAINT_REGISTERED:
            effects |= Effects.NOTIFIED
        if act in PROMISE_ACTS:
            effects |= Effects.ANNOUNCED
        if is_substantive is Answer.YES:
            effects |= Effects.ACTED
    return effects


def effects_of_step(direction: ProceedingDirection, step: StepOfProceeding) -> Effects:
    """Return the effects of a step of a proceeding.

    Against perpetrators it is an act of the authority, unless somebody only asks for one. A
    registered complaint is an answer, and not substantive.
    """
    if direction is not ProceedingDirection.AGAINST_PERPETRATORS:
        return Effects.NOTHING
    if step is StepOfProceeding.FILED:
        return Effects.NOTIFIED
    if step is StepOfProceeding.REGISTERED:
        return Effects.NOTIFIED | Effects.RESPONDED
    return Effects.NOTHING if step in STEPS_BY_A_PARTY else Effects.RESPONDED | Effects.ACTED


def effects_of_event(event: AccountEvent, *, by_state: bool, identified: Answer) -> Effects:
    """Return the effects of an account's event; a platform, or an unknown body, is no state."""
    if event is AccountEvent.REPORTED_TO_AUTHORITY:
        return Effects.NOTIFIED
    if event not in BLOCK_EVENTS or not by_state:
        return Effects.NOTHING
    return Effects.RESPONDED | (Effects.ACTED if identified is Answer.YES else Effects.NOTHING)


@dataclass(frozen=True, slots=True)
class Tag:
    """A code with its label."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Source:
    """The source of a quote; `is_public`: anybody can read it there."""

    ref: str
    title: str
    publisher: str
    url: str
    published: When
    archive_url: str = ""
    is_public: bool = True


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote, "" if its source is named without one.

    `source` is None if it may not be shown, `about` names one act of several; `closed` is the
    content warning shown before the words, `is_direct`: they are the speaker's own, `cited_on`:
    when they were cited.
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
        """Return whether the source disputes the entry."""
        return self.bearing is Bearing.CONTRADICTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A dated fact from one record, with texts in the viewer's language.

    `part` distinguishes the facts of one record; `endpoint` is the blueprint of the record's page.
    `country` is the country in which it happened, or that acted or was asked ("" if it is the
    responsible one); `about` has the refs of the incidents that it concerns. `recorded_on` and
    `changed_on` are the days on which the record was first and last saved. `is_outline`: without
    texts and quotes, to be counted if there are too many to show. `lacks_answer`: an appeal marked
    as answered or referred without a recorded response. `to`: to whom an account was reported.
    `answers_case`: False for a response to another case or its incidents.
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
    effects: Effects = Effects.NOTHING
    answers_case: bool = True
    recorded_on: date | None = None
    changed_on: date | None = None
    is_changed_later: bool = False
    is_outline: bool = False

    @property
    def is_unapproved(self) -> bool:
        """Return whether nobody has approved its record yet."""
        return self.state is not None and self.state not in SETTLED_STATES

    @property
    def is_dated(self) -> bool:
        """Return whether a source gives any date."""
        return self.when.precision is not Precision.UNKNOWN

    @property
    def has_open_start(self) -> bool:
        """Return whether its start is unknown."""
        return self.when.earliest == OPEN_START

    @property
    def lasted(self) -> bool:
        """Return whether it lasted for the whole interval, rather than one day in it."""
        if self.kind is EntryKind.TARGET_STATUS:
            return self.when.precision in {Precision.RANGE, Precision.AFTER}
        return self.extent is not Extent.ONCE


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact with its number and lane."""

    number: int
    lane: Lane
    fact: Fact

    @property
    def tone(self) -> Tone:
        """Return its colour: that of its lane, with exceptions for countermeasures."""
        return tone_of(self.fact)


def build_timeline(facts: Iterable[Fact]) -> list[Entry]:
    """Return the entries in chronological order, each fact once."""
    parts = {
        (part.kind, part.ref, part.part): part
        for fact in facts
        for part in _split_countermeasures(fact)
    }
    ordered = sorted(parts.values(), key=sort_key_of)
    return [Entry(number, lane_of(fact), fact) for number, fact in enumerate(ordered, start=1)]


def lane_of(fact: Fact) -> Lane:
    """Return the lane, by the kind of record."""
    if fact.kind is EntryKind.PROCEEDING_STEP:
        return (
            Lane.DONE if fact.direction is ProceedingDirection.AGAINST_TARGET else Lane.AUTHORITIES
        )
    return (
        Lane.AUTHORITIES
        if fact.kind in AUTHORITY_ENTRY_KINDS or fact.event in TAKEDOWN_EVENTS
        else Lane.DONE
    )


def tone_of(fact: Fact) -> Tone:
    """Return the tone.

    Appeals, silences and measures against the target never look like an answer, whatever their
    lane.
    """
    if fact.event in REPORT_EVENTS:
        return Tone.ASKED
    if fact.kind in TONE_OF_KIND:
        return TONE_OF_KIND[fact.kind]
    lane = lane_of(fact)
    # An appeal asks a court for something. What is filed against the target is an act against them.
    # A proceeding without steps shows no act of an authority.
    asks = (
        fact.step in STEPS_BY_A_PARTY
        or fact.direction is ProceedingDirection.BY_TARGET
        or (fact.kind is EntryKind.PROCEEDING_STEP and fact.step is None)
        if lane is Lane.AUTHORITIES
        else fact.step is StepOfProceeding.APPEAL
    )
    return Tone.ASKED if asks else Tone(lane.value)


def as_known_on(facts: Iterable[Fact], day: date) -> list[Fact]:
    """Return what had been recorded by the end of a day, in today's words.

    Later changes are marked, and later quotes are left out.
    """
    return [
        replace(
            fact,
            quotes=tuple(one for one in fact.quotes if one.cited_on is None or one.cited_on <= day),
            is_changed_later=fact.changed_on is not None and fact.changed_on > day,
        )
        for fact in facts
        # Steps, events and statuses have no recording date but their record's: one that is dated
        # after the day was certainly added later.
        if (fact.recorded_on is None or fact.recorded_on <= day) and fact.when.earliest <= day
    ]


def _split_countermeasures(fact: Fact) -> list[Fact]:
    """Split a response, so that measures against the target never appear in an answer."""
    if fact.kind is not EntryKind.RESPONSE:
        return [fact]
    counter = tuple(tag for tag in fact.types if tag.code == ActType.COUNTERMEASURE)
    if not counter:
        return [fact]
    rest = tuple(tag for tag in fact.types if tag.code != ActType.COUNTERMEASURE)
    parts = [
        replace(
            fact,
            kind=EntryKind.COUNTERMEASURE,
            types=counter[:1],
            # Its only type is above them.
            quotes=tuple(
                replace(quote, about=None) for quote in fact.quotes if _quotes_acts(quote, counter)
            ),
        )
    ]
    if rest:
        quotes = tuple(quote for quote in fact.quotes if _quotes_acts(quote, rest))
        parts.insert(0, replace(fact, types=rest, quotes=quotes))
    return parts


def _quotes_acts(quote: Quote, acts: tuple[Tag, ...]) -> bool:
    return quote.about is None or quote.about in acts


def sort_key_of(fact: Fact) -> tuple[date, date, str, str, str]:
    """Return the sort key of a fact in all lists."""
    return (fact.when.latest, fact.when.earliest, fact.ref, fact.kind.value, fact.part)


@dataclass(frozen=True, slots=True)
class Month:
    """The entries that end in one month; `is_in_full`: shown with all their text."""

    first: date
    entries: Sequence[Entry]
    is_in_full: bool

    @property
    def last(self) -> date:
        """Return its last day."""
        return next_month(self.first) - timedelta(days=1)

    @property
    def in_full(self) -> list[Entry]:
        """Return the entries with text."""
        return [entry for entry in self.entries if not entry.fact.is_outline]

    def count(self, lane: Lane) -> int:
        """Return how many entries are in a lane."""
        return sum(entry.lane is lane for entry in self.entries)


def is_long(entries: Sequence[Entry]) -> bool:
    """Return whether there are so many entries that they are grouped by month."""
    return len(entries) > MOST_UNFOLDED


def months_of(entries: Iterable[Entry], *, unfolded: bool = False) -> list[Month]:
    """Return the months in which entries end, in order.

    The newest months with at most `MOST_IN_FULL` entries together are shown in full; `unfolded`:
    all. A month with entries in outline is shown in full on its own page.
    """
    found = [(first, list(ended)) for first, ended in groupby(entries, key=_month)]
    room, months = MOST_IN_FULL, []
    for first, ended in reversed(found):
        room -= len(ended)
        is_whole = not any(entry.fact.is_outline for entry in ended)
        is_in_full = (is_whole and (unfolded or room >= 0)) or len(found) == 1
        months.append(Month(first, ended, is_in_full))
    return months[::-1]


def _month(entry: Entry) -> date:
    return entry.fact.when.latest.replace(day=1)
