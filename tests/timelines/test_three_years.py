"""An affair of three years, whole: all that is expected stands in `three_years.toml`, worked out by
hand from the definitions, with the reasons.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests import databases
from tests.conftest import let_go, new_app
from tests.factories import as_user, sign_in_directly
from tests.timelines.pages_read import SVG, Story, drawn_in, hidden_on_paper
from tests.timelines.three_years_made import CITED, DATA, TODAY, at, make_affair
from tracker import clock
from tracker.cases.queries import case_by_ref
from tracker.db import db
from tracker.timelines.build import facts_as_known_on
from tracker.timelines.open_case_queries import load_open_cases
from tracker.timelines.queries import facts_of_case
from tracker.timelines.situation import situation_of_case

STORY = DATA["story"]
# The page leaves out what is retracted, and the others keep their numbers.
TOLD = [number for number, row in enumerate(STORY, start=1) if row[0] != "wreath"]
UNDATED = [number for number, row in enumerate(STORY, start=1) if not row[1]]


@pytest.fixture(scope="module", params=databases.KINDS)
def database_kind(request):
    return request.param


@pytest.fixture(scope="module")
def app(database_kind):
    """Lend an application on a database of this module's own, on the file's day."""
    with databases.fresh(database_kind) as database, pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "utc_now", lambda: datetime.combine(TODAY, time(6), UTC))
        made = new_app(database)
        yield made
        let_go(made)


@pytest.fixture(scope="module")
def affair(app):
    with as_user(app) as by:
        made = make_affair(by=by)
        db.session.commit()
    return made


@pytest.fixture(scope="module")
def facts(app, affair):
    with as_user(app):
        found = case_by_ref(affair.refs["case"])
        assert found
        return facts_of_case(found).facts


@pytest.fixture(scope="module")
def page(app, affair):
    """Return what reads the case's pages as somebody of the team: the timeline, with what follows
    its address.
    """
    client = app.test_client()
    sign_in_directly(client, "staff")
    return lambda then: client.get(f"/cases/{affair.refs['case']}/{then}")


@pytest.fixture(scope="module")
def today(facts):
    return situation_of_case(facts, "KZ", today=TODAY)


@pytest.fixture(params=DATA["known"], ids=lambda known: known["day"].isoformat())
def earlier(request, facts):
    """Return how it stood on an earlier day, and what is expected of it."""
    day = request.param["day"]
    return situation_of_case(facts, "KZ", today=TODAY, known_on=day), request.param


def ran(affair, one):
    stopped = affair.name_of(one.stop_event.fact) if one.stop_event else ""
    return [one.days.at_least, one.days.at_most, stopped]


def clocks_in(affair, found):
    return {f"{one.kind} {one.start}": ran(affair, one) for one in found}


def test_sixty_entries_and_nine_silences_are_told_in_the_order_and_lanes_worked_out(affair, today):
    told = [[affair.name_of(e.fact), e.lane.value, e.tone.value] for e in today.entries]

    assert told == [[name, lane, tone] for name, _when, lane, tone, *_days in STORY]
    assert len(TOLD) == 60 + Counter(row[3] for row in STORY)["silence"]


def test_every_entry_stands_at_the_time_it_has_in_the_file(affair, today):
    for entry, (name, when, _lane, tone, *_days) in zip(today.entries, STORY, strict=True):
        if tone != "silence":
            expected = at(when, name.partition(" ")[0])
            assert (entry.fact.when.earliest, entry.fact.when.latest) == (
                expected.earliest, expected.latest,
            ), name  # fmt: skip


def test_each_silence_says_its_days_and_lasts_from_what_was_done_to_the_answer(today):
    silences = [e.fact for e in today.entries if e.tone == "silence"]
    rows = [row for row in STORY if row[3] == "silence"]

    for silence, (_name, when, _lane, _tone, days) in zip(silences, rows, strict=True):
        assert silence.title == f"No response for {days}"
        assert f"{silence.when.earliest}/{silence.when.latest}" == when
    assert [silence.is_ongoing for silence in silences] == [False] * 8 + [True]


def test_the_clocks_of_the_case_run_as_long_as_worked_out(affair, today):
    assert clocks_in(affair, today.clocks) == DATA["clocks"]["case"]


@pytest.mark.parametrize("name", [one for one in DATA["incidents"] if one != "wreath"])
def test_the_clocks_of_each_incident_run_as_long_as_worked_out(affair, today, name):
    assert clocks_in(affair, today.incident_clocks[affair.refs[name]]) == DATA["clocks"][name]
    # What is retracted has none.
    assert affair.refs["wreath"] not in today.incident_clocks


def test_each_promise_runs_until_it_is_kept(affair, today):
    found = {affair.name_of(one.start_event.fact): ran(affair, one) for one in today.promises}

    assert found == DATA["promises"]


def test_its_outline_has_the_same_clocks_and_stands_at_the_same_step(app, affair, today):
    with as_user(app):
        (outline,) = load_open_cases()

    assert clocks_in(affair, outline.clocks) == clocks_in(affair, today.clocks)
    assert outline.step is today.derived_step.step


def test_the_ladder_stands_at_the_trial_of_the_harasser(affair, today):
    assert today.derived_step.step == DATA["ladder"]["step"]
    assert affair.name_of(today.derived_step.reached_by) == DATA["ladder"]["by"]


def test_the_ladder_stood_lower_by_what_was_known_on_earlier_days(affair, earlier):
    then, expected = earlier

    assert then.derived_step.step == expected["step"]
    assert affair.name_of(then.derived_step.reached_by) == expected["by"]


def test_what_was_known_on_an_earlier_day_is_told_and_nothing_that_came_later(affair, earlier):
    then, expected = earlier
    names = [row[0] for row in STORY]
    told = expected.get("told") or [
        *names[: names.index(expected["told_until"]) + 1], *expected["told_then"]
    ]  # fmt: skip

    assert [affair.name_of(entry.fact) for entry in then.entries] == told


def test_what_was_changed_after_an_earlier_day_is_marked(affair, facts, earlier):
    _then, expected = earlier
    marked = {one.ref for one in facts_as_known_on(facts, expected["day"]) if one.is_changed_later}

    assert marked == {affair.refs[name] for name in expected["changed"]}


def test_a_source_that_was_cited_later_is_left_out(affair, earlier):
    then, expected = earlier
    quotes = {affair.name_of(entry.fact): len(entry.fact.quotes) for entry in then.entries}

    assert {name: quotes[name] for name in expected["quotes"]} == expected["quotes"]


def test_clocks_that_ran_on_an_earlier_day_are_read_on_it(affair, earlier):
    then, expected = earlier
    clocks = {name: value for name, value in expected.items() if name.count(" ") == 2}
    found = {}
    for name in clocks:
        of, _space, clock_of = name.partition(" ")
        running = then.clocks if of == "case" else then.incident_clocks[affair.refs[of]]
        found[name] = clocks_in(affair, running)[clock_of]

    assert clocks
    assert found == clocks


def test_the_data_tell_the_same_entries_with_lane_tone_and_bounds(page):
    told = page("timeline.json").get_json()["entries"]
    rows = [STORY[number - 1] for number in TOLD]

    assert [one["number"] for one in told] == TOLD
    assert [[one["lane"], one["tone"]] for one in told] == [row[2:4] for row in rows]
    by_name = {row[0]: one for row, one in zip(rows, told, strict=True)}
    assert by_name["watched"]["earliest"] is None
    assert by_name["watched"]["latest"] == "2023-07-31"
    assert by_name["doxxing"]["earliest"] == "2024-09-01"
    assert by_name["her sentence"]["direction"] == "against_target"
    assert [q["bearing"] for q in by_name["impostors"]["quotes"]] == ["supports", "contradicts"]
    assert "overdue since" in by_name["never"]["note"]


def test_the_data_tell_what_is_retracted_to_whoever_asks(affair, page):
    told = page("timeline.json?retracted=yes").get_json()["entries"]

    assert [one["number"] for one in told] == list(range(1, len(STORY) + 1))
    assert [one["ref"] for one in told if one["state"] == "retracted"] == [affair.refs["wreath"]]


def test_the_list_tells_each_entry_once_in_its_tone_and_in_no_fold_that_paper_would_keep_shut(page):
    story = Story()
    story.feed(page("timeline").text)

    assert story.entries == [[number, STORY[number - 1][3]] for number in TOLD]
    assert story.folded == []


def test_paper_hides_neither_the_picture_nor_the_story(app):
    told = {".picture", ".timeline", ".story", ".entry", "blockquote", "li", "ol", "svg"}

    assert told.isdisjoint(
        hidden_on_paper(Path(app.static_folder, "tracker.css").read_text("utf-8"))
    )


def test_the_page_sets_contradicting_sources_side_by_side_in_their_languages(page):
    entry = page("timeline").text.split('id="entry-2"')[1].split('id="entry-3"')[0]
    supports, contradicts = entry.split("Disputed by a source:")

    assert "Они назвались сотрудниками полиции" in supports
    assert "ешкім бармағанын" in contradicts
    assert "ешкім бармағанын" not in supports


def test_the_picture_has_each_entry_in_its_lane_and_tone(page):
    root = ET.fromstring(page("timeline.svg").text)
    groups = {one.get("class"): one for one in root.iter(f"{SVG}g")}
    dated = [number for number in TOLD if number not in UNDATED]

    for lane in ("done", "authorities"):
        drawn = [
            (number, tone) for number, tone, _fill in drawn_in(groups[f"timeline-lane {lane}"])
        ]
        rows = [(number, STORY[number - 1]) for number in dated]
        assert drawn == [(number, row[3]) for number, row in rows if row[2] == lane]
    assert [number for number, *_rest in drawn_in(groups["timeline-undated"])] == UNDATED


def test_the_picture_hatches_silences_and_lets_unknown_ends_fade(page):
    root = ET.fromstring(page("timeline.svg").text)
    fills = {STORY[number - 1][0]: (tone, fill) for number, tone, fill in drawn_in(root)}

    hatched = {name for name, (_tone, fill) in fills.items() if "hatch" in fill}
    assert hatched == {name for name, (tone, _fill) in fills.items() if tone == "silence"}
    # Fading: what has an open start, what is approximate, what had not ended; nothing else.
    assert {name for name, (_tone, fill) in fills.items() if "fade" in fill} == {
        "watched", "obituary", "reports",
    }  # fmt: skip


def test_the_text_tells_all_in_order_with_footnotes_and_marks_only_what_was_said(page):
    text = page("timeline.txt").text
    story, notes = text.split("\nSources\n")

    assert [int(one) for one in re.findall(r"^(\d+)\. ", story, re.MULTILINE)] == TOLD
    # Each source once, but the one of what is retracted; numbered as they are first cited.
    numbers = [str(number) for number in range(1, len(DATA["sources"]))]
    assert list(dict.fromkeys(re.findall(r"\[(\d+)\]", story))) == numbers
    assert re.findall(r"^\[(\d+)\]", notes, re.MULTILINE) == numbers
    assert "“an attack on the state”" in story
    assert "Her own taxes would be examined [" in story
    assert "“Her own taxes would be examined”" not in story
    assert "she will die" not in story.replace("A letter that says she will die", "")
    assert "Disputed by a source: “Полиция" in story


def test_the_page_of_the_case_says_clocks_and_step_in_words(today, page):
    panel = re.sub(
        r"<[^>]+>|\s+", " ", page("official-response/").text.split('id="answers-heading"')[1]
    )

    for days in ("91 to 118 days", "328 to 355 days", "36 days", "273 days", "47 days"):
        assert f" {days} " in panel
    assert re.search(
        rf"Accountability +Trial .{{0,30}}{re.escape(today.derived_step.reached_by.title)}", panel
    )


def test_every_record_of_the_file_is_in_the_story():
    named = {row[0].partition(" ")[0] for row in STORY}

    assert {name for kind in CITED for name in DATA[kind]} <= named
