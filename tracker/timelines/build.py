"""Build a timeline from facts: entries in two lanes, grouped by month if there are many; pure.

Only this module decides from codes what effects a fact has on response clocks and accountability.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Flag, auto
from itertools import groupby

from tracker.articles.codes import Bearing
from tracker.fake_accounts.codes import AccountEvent
from tracker.i18n import next_month
from tracker.incidents.codes import Extent, Verification
from tracker.responses.codes import ActType, ProceedingDirection, Standing, StepOfProceeding
from tracker.responses.rules import ACTS_NOT_COUNTED_AS_ANSWER, STEPS_BY_A_PARTY
from tracker.review.codes import APPROVED_STATES, EditorialState
from tracker.timelines.codes import EntryKind, Lane, Tone
from tracker.vocabulary.codes import Answer
from tracker.when import OPEN_START, Precision, When

# If there are more entries than this, they are grouped by month, in the picture and in the list.
MAX_ENTRIES_UNGROUPED = 100
# The most entries that one page shows with all their text; the entries of further months are on
# pages of their own.
MAX_ENTRIES_IN_FULL = 500
# Events of an account that a platform or authority causes.
EVENTS_BY_AUTHORITY_OR_PLATFORM = frozenset(
    {
        AccountEvent.BLOCK_ORDERED,
        AccountEvent.BLOCKED,
        AccountEvent.SUSPENDED,
        AccountEvent.REMOVED_BY_PLATFORM,
    }
)
# Events that ask a platform or authority to act.
REPORT_EVENTS = frozenset({AccountEvent.REPORTED_TO_PLATFORM, AccountEvent.REPORTED_TO_AUTHORITY})
# Kinds of entries that are always in the lane of the authorities, one of the two rows of a
# timeline.
AUTHORITY_ENTRY_KINDS = frozenset(
    {EntryKind.RESPONSE, EntryKind.COUNTERMEASURE, EntryKind.APPEAL, EntryKind.SILENCE}
)
# The tone (the kind of colour and shape) of entries of these kinds; for all other kinds see
# `tone_of`.
TONE_OF_KIND = {
    EntryKind.COUNTERMEASURE: Tone.COUNTERMEASURE,
    EntryKind.APPEAL: Tone.ASKED,
    EntryKind.SILENCE: Tone.SILENCE,
}
# Acts of a response that promise action.
PROMISE_ACTS = frozenset({ActType.PLEDGE, ActType.INVESTIGATION_ANNOUNCED})
# Events of an account that count as an answer if a body of the state caused them.
BLOCK_EVENTS = frozenset({AccountEvent.BLOCK_ORDERED, AccountEvent.BLOCKED})
# Events that show an account active; all others are outcomes, such as a report or takedown.
ACTIVITY_EVENTS = frozenset(
    {
        AccountEvent.FIRST_SEEN,
        AccountEvent.SEEN_AGAIN,
        AccountEvent.RESTORED,
        AccountEvent.CHECKED_ACTIVE,
    }
)


class Effects(Flag):
    """The effects of a fact on response clocks, which count the days without an answer of the
    state.

    NOTIFIED: an authority was notified. RESPONDED: an authority answered, which stops the clocks
    without any response. ANNOUNCED: an authority promised to act. ACTED: an authority did something
    substantive, which stops all clocks.
    """

    NOTHING = 0
    NOTIFIED = auto()
    RESPONDED = auto()
    ANNOUNCED = auto()
    ACTED = auto()


def effects_of_response(standing: Standing, acts: Iterable[tuple[ActType, Answer]]) -> Effects:
    """Return the effects of an official response on response clocks. `standing`: in which capacity
    the institution responds; only a response of the responsible state has effects; `acts`: the type
    of each act, and whether the act is substantive.
    """
    effects = Effects.NOTHING
    if standing is not Standing.RESPONSIBLE_STATE:
        return effects
    for act, is_substantive in acts:
        if act in ACTS_NOT_COUNTED_AS_ANSWER:
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
    """Return the effects of a step of a proceeding on response clocks. `direction`: against whom
    the proceeding is; only a proceeding against perpetrators has effects.

    A step against perpetrators is an act of the authority, unless a party takes the step. A
    registered complaint is an answer, but not substantive.
    """
    if direction is not ProceedingDirection.AGAINST_PERPETRATORS:
        return Effects.NOTHING
    if step is StepOfProceeding.FILED:
        return Effects.NOTIFIED
    if step is StepOfProceeding.REGISTERED:
        return Effects.NOTIFIED | Effects.RESPONDED
    return Effects.NOTHING if step in STEPS_BY_A_PARTY else Effects.RESPONDED | Effects.ACTED


def effects_of_event(event: AccountEvent, *, by_state: bool, identified: Answer) -> Effects:
    """Return the effects of an event of a fake account on response clocks. `by_state`: whether a
    body of a state caused the event; `identified`: whether a source identifies the account.
    """
    if event is AccountEvent.REPORTED_TO_AUTHORITY:
        return Effects.NOTIFIED
    if event not in BLOCK_EVENTS or not by_state:
        return Effects.NOTHING
    return Effects.RESPONDED | (Effects.ACTED if identified is Answer.YES else Effects.NOTHING)


@dataclass(frozen=True, slots=True)
class LabelledCode:
    """A code, such as the type of an incident or act. `label`: the label in the viewer's language,
    "" if the fact is only counted and not shown.
    """

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Source:
    """The source of a quote; `is_public`: the source is published for everybody."""

    ref: str
    title: str
    publisher: str
    url: str
    published: When
    archive_url: str = ""
    is_public: bool = True


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote from a source. `words`: the quote, "" for a source cited without a quote; `source`:
    None if the viewer may not see it; `quoted_act`: the act of a response that is quoted;
    `content_warning`: the content warning shown before the quote, if any; `is_direct`: the words
    are the speaker's own; `cited_on`: when the source was cited.
    """

    words: str
    source: Source | None
    bearing: Bearing = Bearing.SUPPORTS
    quoted_act: LabelledCode | None = None
    content_warning: str = ""
    is_direct: bool = True
    cited_on: date | None = None

    @property
    def contradicts(self) -> bool:
        """Whether the source disputes the entry."""
        return self.bearing is Bearing.CONTRADICTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact of a timeline: one dated event of one record, with texts in the viewer's language.

    `part_key` distinguishes the facts of one record; `endpoint` is the blueprint of the record's
    page. `country` is the country in which it happened, or that acted or was asked ("" if it is the
    responsible one); `incident_refs` has the refs of the incidents that it concerns. `recorded_on`
    and `changed_on` are the days on which the record was first and last saved. `is_outline`:
    without texts and quotes, to be counted if there are too many to show. `lacks_answer`: an appeal
    marked as answered or referred without a recorded response. `reported_to`: to whom an account
    was reported. `answers_case`: False for a response to another case or its incidents.
    """

    kind: EntryKind
    ref: str
    endpoint: str
    title: str
    when: When
    part_key: str = ""
    event: AccountEvent | None = None
    direction: ProceedingDirection | None = None
    step: StepOfProceeding | None = None
    types: tuple[LabelledCode, ...] = ()
    targets: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    reported_to: str = ""
    quotes: tuple[Quote, ...] = ()
    state: EditorialState | None = None
    extent: Extent = Extent.ONCE
    is_ongoing: bool = False
    verification: Verification | None = None
    note: str = ""
    country: str = ""
    institution_ref: str = ""
    answer_due_on: date | None = None
    lacks_answer: bool = False
    incident_refs: frozenset[str] = frozenset()
    effects: Effects = Effects.NOTHING
    answers_case: bool = True
    recorded_on: date | None = None
    changed_on: date | None = None
    is_changed_later: bool = False
    is_outline: bool = False

    @property
    def is_unapproved(self) -> bool:
        """Whether the record of the fact has not been approved yet."""
        return self.state is not None and self.state not in APPROVED_STATES

    @property
    def is_dated(self) -> bool:
        """Whether the date of the fact is known, exactly or not."""
        return self.when.precision is not Precision.UNKNOWN

    @property
    def has_open_start(self) -> bool:
        """Whether nothing is known about when the fact began."""
        return self.when.earliest == OPEN_START

    @property
    def has_lasted(self) -> bool:
        """Whether the fact lasted for its whole date range; False if it happened on one day in the
        range.
        """
        if self.kind is EntryKind.TARGET_STATUS:
            return self.when.precision in {Precision.RANGE, Precision.AFTER}
        return self.extent is not Extent.ONCE


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a timeline: a fact with its number and its lane, one of the two rows of the
    timeline.
    """

    number: int
    lane: Lane
    fact: Fact

    @property
    def tone(self) -> Tone:
        """The tone of the entry, which decides its colour and shape."""
        return tone_of(self.fact)


def build_timeline(facts: Iterable[Fact]) -> list[Entry]:
    """Return the numbered entries of a timeline in chronological order, each fact once."""
    parts = {
        (part.kind, part.ref, part.part_key): part
        for fact in facts
        for part in _split_countermeasures(fact)
    }
    began = {
        fact.ref: fact.when.earliest for fact in parts.values() if fact.kind is EntryKind.INCIDENT
    }
    ordered = sorted(parts.values(), key=lambda fact: _entry_sort_key(fact, began))
    return [Entry(number, lane_of(fact), fact) for number, fact in enumerate(ordered, start=1)]


def _entry_sort_key(fact: Fact, began: Mapping[str, date]) -> tuple[object, ...]:
    """Return the sort key of a fact in a timeline: that of `sort_key_of`, but a response comes
    after the incidents that it answers where its dates allow it. `began`: the first possible day of
    each incident, by its ref.
    """
    latest, earliest, *rest = sort_key_of(fact)
    answered: list[date] = []
    if fact.kind in {EntryKind.RESPONSE, EntryKind.COUNTERMEASURE}:
        days = (began[ref] for ref in fact.incident_refs if ref in began)
        answered = [day for day in days if day <= latest]
    return (latest, max([earliest, *answered]), bool(answered), *rest)


def lane_of(fact: Fact) -> Lane:
    """Return the row of the timeline (lane) to which a fact belongs, by its kind, direction and
    event.
    """
    if fact.kind is EntryKind.PROCEEDING_STEP:
        return (
            Lane.DONE if fact.direction is ProceedingDirection.AGAINST_TARGET else Lane.AUTHORITIES
        )
    return (
        Lane.AUTHORITIES
        if fact.kind in AUTHORITY_ENTRY_KINDS or fact.event in EVENTS_BY_AUTHORITY_OR_PLATFORM
        else Lane.DONE
    )


def tone_of(fact: Fact) -> Tone:
    """Return the tone (the kind of colour and shape) of a fact. Requests, measures against the
    target, and silences have tones of their own; every other fact has the tone of its lane.

    Appeals, silences and measures against the target never have the tone of an answer.
    """
    if fact.event in REPORT_EVENTS:
        return Tone.ASKED
    if fact.kind in TONE_OF_KIND:
        return TONE_OF_KIND[fact.kind]
    lane = lane_of(fact)
    # An appeal is a request to a court; a filing against the target is an act against the target. A
    # proceeding without steps shows no act of an authority.
    is_request = (
        fact.step in STEPS_BY_A_PARTY
        or fact.direction is ProceedingDirection.BY_TARGET
        or (fact.kind is EntryKind.PROCEEDING_STEP and fact.step is None)
        if lane is Lane.AUTHORITIES
        else fact.step is StepOfProceeding.APPEAL
    )
    return Tone.ASKED if is_request else Tone(lane.value)


def facts_as_known_on(facts: Iterable[Fact], day: date) -> list[Fact]:
    """Return the facts that had been recorded by the end of a day, with today's texts.

    Facts of records that changed later are marked, and later quotes are left out.
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
    """Return a response with measures against the target as two facts: first its other acts, if
    any, then these measures. Return any other fact unchanged.
    """
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
            # The quoted act is the only type, so the quotes do not name it.
            quotes=tuple(
                replace(quote, quoted_act=None)
                for quote in fact.quotes
                if _is_quote_of_acts(quote, counter)
            ),
        )
    ]
    if rest:
        quotes = tuple(quote for quote in fact.quotes if _is_quote_of_acts(quote, rest))
        parts.insert(0, replace(fact, types=rest, quotes=quotes))
    return parts


def _is_quote_of_acts(quote: Quote, acts: tuple[LabelledCode, ...]) -> bool:
    """Return whether a quote is of one of these acts, or of no act in particular."""
    return quote.quoted_act is None or quote.quoted_act in acts


def sort_key_of(fact: Fact) -> tuple[date, date, str, str, str]:
    """Return the chronological sort key of a fact: its last and first possible day, then the ref,
    the kind and `part_key`, which distinguishes the facts of one record.
    """
    return (fact.when.latest, fact.when.earliest, fact.ref, fact.kind.value, fact.part_key)


@dataclass(frozen=True, slots=True)
class MonthOfEntries:
    """The entries that end in one month; `is_in_full`: they are shown with all their text."""

    first: date
    entries: Sequence[Entry]
    is_in_full: bool

    @property
    def last_day(self) -> date:
        """The last day of the month."""
        return next_month(self.first) - timedelta(days=1)

    @property
    def entries_in_full(self) -> list[Entry]:
        """The entries that have texts."""
        return [entry for entry in self.entries if not entry.fact.is_outline]

    def count_entries(self, lane: Lane) -> int:
        """Return the number of entries in a lane."""
        return sum(entry.lane is lane for entry in self.entries)


def is_grouped_by_month(entries: Sequence[Entry]) -> bool:
    """Return whether there are too many entries to show them without grouping by month."""
    return len(entries) > MAX_ENTRIES_UNGROUPED


def group_by_month(entries: Iterable[Entry], *, unfolded: bool = False) -> list[MonthOfEntries]:
    """Return the entries grouped by the month in which each ends, in order. The newest months, with
    at most `MAX_ENTRIES_IN_FULL` entries together, are shown with all their text; with `unfolded`,
    all months are. A month with an entry that has no texts is shown so only if there is no other
    month.
    """
    found = [(first, list(ended)) for first, ended in groupby(entries, key=_month_of_end)]
    room, months = MAX_ENTRIES_IN_FULL, []
    for first, ended in reversed(found):
        room -= len(ended)
        is_whole = not any(entry.fact.is_outline for entry in ended)
        is_in_full = (is_whole and (unfolded or room >= 0)) or len(found) == 1
        months.append(MonthOfEntries(first, ended, is_in_full))
    return months[::-1]


def _month_of_end(entry: Entry) -> date:
    """Return the first day of the month in which an entry ends."""
    return entry.fact.when.latest.replace(day=1)
