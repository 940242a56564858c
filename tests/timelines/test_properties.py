"""What holds of every timeline, however it was made."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.timelines.facts_made import appeal, event, incident, response, step
from tracker.fake_accounts.codes import AccountEvent
from tracker.responses.codes import ActType, ProceedingDirection, Standing, StepOfProceeding
from tracker.timelines.build import build_timeline, facts_as_known_on
from tracker.timelines.clocks import clocks_of_case, clocks_of_incidents, silence_clocks
from tracker.timelines.codes import EntryKind
from tracker.timelines.situation import derive_accountability_step, situation_of_case
from tracker.when import Precision, When

ANSWERS = {EntryKind.RESPONSE, EntryKind.COUNTERMEASURE}
FIRST, LAST = date(2024, 1, 1), date(2025, 6, 1)
TODAY = date(2025, 6, 20)
INCIDENTS = ("INC-1", "INC-2", "INC-3")

days = st.dates(FIRST, LAST)
spans = st.tuples(days, st.integers(0, 90)).map(
    lambda one: When(one[0], min(one[0] + timedelta(one[1]), LAST), Precision.RANGE)
)
refs = st.sets(st.sampled_from(INCIDENTS)).map(lambda some: " ".join(sorted(some)))
numbers = st.integers(1, 40)


def made(make, **given_to):
    """Return facts of a kind with a date of their own."""
    facts = st.builds(make, typed=st.just("2025"), **given_to)
    return st.tuples(facts, spans).map(lambda one: replace(one[0], when=one[1], part_key=""))


incidents = made(incident, ref=st.sampled_from(INCIDENTS), published=st.dates(FIRST, LAST).map(str))
acts = st.lists(st.sampled_from(ActType), min_size=1, max_size=3)
responses = st.tuples(numbers, acts, refs, st.sampled_from(Standing), spans).map(
    lambda one: replace(
        response(f"RSP-{one[0]}", "2025", *one[1], to=one[2], standing=one[3]), when=one[4]
    )
)
appeals = made(appeal, ref=numbers.map("APP-{}".format), to=refs)
steps = made(
    step, ref=numbers.map("PRC-{}".format), code=st.sampled_from(StepOfProceeding), to=refs,
    direction=st.sampled_from(ProceedingDirection),
)  # fmt: skip
events = made(
    event, ref=numbers.map("ACC-{}".format), code=st.sampled_from(AccountEvent), to=refs,
    by_state=st.booleans(),
)  # fmt: skip
# Of one ref at one part there is one fact, as in the database.
stories = st.lists(st.one_of(incidents, responses, appeals, steps, events), max_size=25).map(
    lambda facts: list({one.ref: one for one in facts}.values())
)


def plain(clocks):
    return Counter(
        (c.kind, c.start, c.days, c.start_event.fact.ref, c.stop_event and c.stop_event.fact.ref)
        for c in clocks
    )


def all_clocks(facts, today=TODAY):
    each = clocks_of_incidents(facts, today=today).values()
    return [*clocks_of_case(facts, "KZ", today=today), *(one for clocks in each for one in clocks)]


@given(stories)
def test_the_builder_loses_and_doubles_nothing(facts):
    entries = build_timeline(facts)

    told = Counter(entry.fact.ref for entry in entries)
    counter = {
        fact.ref for fact in facts
        if fact.kind is EntryKind.RESPONSE
        and {tag.code for tag in fact.types} > {"countermeasure"}
    }  # fmt: skip
    # A measure against the target is told beside the answer in which it came.
    assert told == Counter(fact.ref for fact in facts) + Counter(counter)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))


@given(stories, st.randoms())
def test_order_is_total_and_stable(facts, random):
    shuffled = list(facts)
    random.shuffle(shuffled)

    assert build_timeline(shuffled) == build_timeline(facts)
    entries = [entry.fact for entry in build_timeline(facts)]
    assert [one.when.latest for one in entries] == sorted(one.when.latest for one in entries)
    # Where an answer does not wait for what it answers, what began earlier stands first.
    others = [one.when for one in entries if one.kind not in ANSWERS]
    places = [(one.latest, one.earliest) for one in others]
    assert places == sorted(places)
    for place, answer in enumerate(entries):
        if answer.kind in ANSWERS:
            late = [one for one in entries[place:] if one.kind is EntryKind.INCIDENT]
            assert not any(
                one.ref in answer.incident_refs and one.when.latest == answer.when.latest
                for one in late
            )


@given(stories, st.one_of(responses, appeals, steps, events))
def test_what_comes_later_never_changes_a_clock_that_had_stopped(facts, more):
    later = replace(more, ref="XXX-1", when=When(TODAY, TODAY, Precision.DAY))
    closed = [one for one in all_clocks(facts) if not one.is_running]

    assert plain(closed) <= plain(all_clocks([*facts, later]))


@given(stories, incidents)
def test_a_later_incident_changes_no_clock_that_had_stopped(facts, more):
    later = replace(more, ref="INC-9", when=When(TODAY, TODAY, Precision.DAY), quotes=())
    closed = [one for one in all_clocks(facts) if not one.is_running]

    assert plain(closed) <= plain(all_clocks([*facts, later]))


@given(stories)
def test_bounds_hold_and_time_only_makes_running_clocks_longer(facts):
    now, tomorrow = all_clocks(facts), all_clocks(facts, TODAY + timedelta(1))

    for clock, later in zip(now, tomorrow, strict=True):
        assert 0 <= clock.days.at_least <= (clock.days.at_most or 0)
        grown = later.days.at_least - clock.days.at_least
        assert grown == (1 if clock.is_running else 0)


@given(stories, acts, refs, st.sampled_from(Standing))
def test_a_countermeasure_no_comment_or_another_state_never_stops_a_clock(
    facts, said, about, standing
):
    if standing is Standing.RESPONSIBLE_STATE:
        said = [
            one for one in said
            if one in {ActType.COUNTERMEASURE, ActType.NO_COMMENT, ActType.NO_REPLY}
        ]  # fmt: skip
    more = [
        replace(
            response(f"RSP-9{number}", "2025", *said, to=about, standing=standing),
            when=When(day, day, Precision.DAY),
        )
        for number, day in enumerate((FIRST, LAST, TODAY))
    ]

    assert plain(all_clocks([*facts, *more])) == plain(all_clocks(facts))
    assert derive_accountability_step([*facts, *more], "KZ") == derive_accountability_step(
        facts, "KZ"
    )


@given(stories, st.lists(st.tuples(days, days), max_size=25), days, days)
def test_as_known_on_only_ever_grows(facts, written, one, other):
    early, late = min(one, other), max(one, other)
    facts = [
        replace(fact, recorded_on=min(pair), changed_on=max(pair))
        for fact, pair in zip(facts, written, strict=False)
    ]
    then, later = facts_as_known_on(facts, early), facts_as_known_on(facts, late)

    assert {fact.ref for fact in then} <= {fact.ref for fact in later}
    assert all(fact.recorded_on <= early for fact in then)
    assert {f.ref for f in then if not f.is_changed_later} <= {
        f.ref for f in later if not f.is_changed_later
    }


@given(stories)
def test_silences_overlap_no_answer_that_ended_them_and_are_told_once(facts):
    gaps = silence_clocks(all_clocks(facts))
    ended = [
        (gap.stop_event.fact.ref, gap.stop_event.fact.part_key) if gap.stop_event else None
        for gap in gaps
    ]

    assert len(ended) == len(set(ended))
    shown = situation_of_case(facts, "KZ", today=TODAY).entries
    told = [entry for entry in shown if entry.fact.kind is EntryKind.SILENCE]
    assert len(told) == len(gaps)
