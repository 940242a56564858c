"""The steps of a proceeding stand in the order in which they were taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tracker.responses.codes import StepOfProceeding
from tracker.responses.rules import STEP_ORDER, steps_in_order

FILED, REGISTERED, OPENED, CHARGED = (
    StepOfProceeding(code) for code in ("filed", "registered", "opened", "charged")
)


@dataclass(frozen=True)
class Step:
    step: StepOfProceeding
    earliest: date
    latest: date


def on(step: StepOfProceeding, first: int, last: int | None = None) -> Step:
    return Step(step, date(2025, 6, first), date(2025, 6, last or first))


def test_certain_days_decide_and_where_they_overlap_the_step():
    steps = [on(CHARGED, 9), on(OPENED, 1, 9), on(REGISTERED, 3), on(FILED, 2, 3)]

    assert [one.step for one in steps_in_order(steps)] == [FILED, REGISTERED, OPENED, CHARGED]


def test_where_days_are_coarse_a_proceeding_stands_at_the_furthest_step():
    sentenced, charged = on(StepOfProceeding.SENTENCE, 20), on(CHARGED, 1, 30)

    assert steps_in_order([sentenced, charged]) == [charged, sentenced]
    # No order keeps both the days and the places of all three: the days are kept.
    opened = on(OPENED, 25, 26)
    assert steps_in_order([charged, opened, sentenced]) == [sentenced, opened, charged]


def test_steps_of_one_day_stand_as_a_proceeding_takes_them():
    steps = [on(CHARGED, 4), on(OPENED, 4), on(FILED, 4), on(REGISTERED, 4)]

    assert [one.step for one in steps_in_order(steps)] == [FILED, REGISTERED, OPENED, CHARGED]


def test_what_ends_a_proceeding_without_a_judgment_comes_after_what_it_ended():
    closed, suspended, quashed = (
        StepOfProceeding(code) for code in ("closed", "suspended", "quashed")
    )
    arrested, imposed = (StepOfProceeding(code) for code in ("arrested", "restraint_imposed"))
    steps = [on(one, 4) for one in (quashed, closed, suspended, CHARGED, imposed, arrested)]

    assert [one.step for one in steps_in_order(steps)] == [
        arrested, imposed, CHARGED, suspended, closed, quashed,
    ]  # fmt: skip


def test_every_step_has_one_place_in_the_order():
    assert sorted(STEP_ORDER) == sorted(StepOfProceeding)


@given(
    st.lists(
        st.builds(on, st.sampled_from(StepOfProceeding), st.integers(1, 10), st.integers(11, 20))
    ).flatmap(lambda steps: st.tuples(st.just(steps), st.permutations(steps)))
)
def test_the_order_does_not_depend_on_that_of_recording(two: tuple[list[Step], list[Step]]):
    steps, shuffled = two

    assert steps_in_order(steps) == steps_in_order(shuffled)
    assert sorted(map(str, steps_in_order(steps))) == sorted(map(str, steps))
