"""The picture: well-formed, without script or style, two lanes, honest intervals."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from tests.timelines.facts_made import fact
from tracker.fake_accounts.codes import AccountEvent
from tracker.incidents.codes import Extent
from tracker.timelines.build import build_timeline
from tracker.timelines.canvas import COLOUR_OF_TONE, SHAPE_OF_TONE, PictureTexts, build_axis
from tracker.timelines.codes import EntryKind, Lane, Tone
from tracker.timelines.picture import draw_timeline

NS = "{http://www.w3.org/2000/svg}"
WORDS = PictureTexts(
    title="Timeline of a case",
    description="Two lanes",
    lanes={Lane.DONE: "What was done", Lane.AUTHORITIES: "What the authorities did"},
    tones={tone: tone.value.capitalize() for tone in Tone},
    empty_lane_note="Nothing recorded",
    undated_heading="Date unknown",
    tick_label_lines=lambda tick: [str(tick.day)],
    entry_label=lambda entry: f"{entry.fact.title}, {entry.fact.when.latest}",
    month_label=lambda first: first.isoformat()[:7],
    scale_note=lambda most: f"at most {most}",
)
CAMPAIGN = fact("INC-1", "2024-12/2025-05", EntryKind.INCIDENT, "threat", extent=Extent.REPEATED)
DAY = fact("INC-2", "2025-03-04", EntryKind.INCIDENT, "visit")
ANSWER = fact("RSP-1", "2025-06-05", EntryKind.RESPONSE, "condemnation")


def draw(*facts, standalone=False):
    text = draw_timeline(build_timeline(facts), WORDS, standalone=standalone)
    return ET.fromstring(text)


def lane(picture, name):
    return next(g for g in picture.iter(f"{NS}g") if g.get("class") == f"timeline-lane {name}")


def said(element):
    return [one.text for one in element.iter(f"{NS}text")]


def test_the_picture_is_well_formed_and_says_in_words_what_it_is():
    picture = draw(CAMPAIGN, DAY, ANSWER)

    assert picture.get("role") == "img"
    named = picture.get("aria-labelledby").split()
    texts = {one.get("id"): one.text for one in picture if one.get("id")}
    assert [texts[name] for name in named] == ["Timeline of a case", "Two lanes"]


def test_nothing_in_it_needs_what_the_content_policy_forbids():
    text = draw_timeline(build_timeline([CAMPAIGN, DAY, ANSWER]), WORDS, standalone=True)

    assert not re.search(
        r"<script|<style|\bstyle=|\bon\w+=|https?://(?!www\.w3\.org/2000/svg)", text
    )


def test_hostile_words_stay_words():
    picture = draw(fact("INC-1", "2025-03-04", title='</svg><script>1</script>"&\x00\ud800'))

    assert "</svg><script>1</script>" in lane(picture, "done").find(f"{NS}g/{NS}title").text
    assert picture.find(f".//{NS}script") is None


def test_each_entry_stands_in_its_lane_under_its_number():
    picture = draw(CAMPAIGN, DAY, ANSWER)

    assert said(lane(picture, "done")) == ["What was done", "1. Visit", "2. Threat"]
    assert said(lane(picture, "authorities")) == ["What the authorities did", "3. Condemnation"]


def test_an_empty_lane_is_shown_as_empty():
    assert said(lane(draw(DAY), "authorities"))[1:] == ["Nothing recorded"]


def test_lanes_differ_by_shape_as_well_as_by_colour():
    counter = fact("RSP-2", "2025-06-06", EntryKind.RESPONSE, "countermeasure")
    picture = draw(DAY, ANSWER, counter)

    shapes = {
        one.get("id").removeprefix("timeline-point-"): (one.tag, one.get("points"))
        for one in picture.find(f"{NS}defs")
        if "point" in one.get("id")
    }
    assert set(shapes) == {"done", "authorities", "countermeasure"}
    assert len(set(shapes.values())) == 3


@pytest.mark.parametrize("colour", COLOUR_OF_TONE.values())
def test_colours_stand_out_from_white(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    assert 1.05 / (luminance + 0.05) >= 7


def test_an_interval_is_a_bar_as_wide_as_its_days_and_a_day_is_a_point():
    picture = draw(CAMPAIGN, DAY)
    axis = build_axis([CAMPAIGN.when, DAY.when])
    assert axis is not None
    start, width = axis.start_and_width_of(CAMPAIGN.when)

    (bar,) = [one for one in picture.iter(f"{NS}rect") if one.get("class") == "timeline-bar"]
    (point,) = picture.iter(f"{NS}use")

    assert (bar.get("x"), bar.get("width")) == (f"{start:.2f}%", f"{width:.2f}%")
    assert point.get("x") == f"{axis.middle_of(DAY.when.latest):.2f}%"


@pytest.mark.parametrize(
    ("typed", "more", "fill"),
    [
        ("2025-01/2025-03", {"extent": Extent.LASTING}, COLOUR_OF_TONE[Tone.DONE]),
        ("2025-01/2025-03", {"extent": Extent.LASTING, "is_ongoing": True}, "fade-right"),
        ("2025-03~", {}, "fade-both"),
        ("2025-03-04~", {}, "fade-both"),
        ("before 2025-03", {}, "fade-left"),
        ("after 2025-03", {}, "fade-right"),
        ("before 2025-03", {"is_ongoing": True}, "fade-both"),
    ],
)
def test_ends_that_are_not_known_fade(typed, more, fill):
    picture = draw(fact("INC-1", typed, **more), DAY)
    (bar,) = [one for one in picture.iter(f"{NS}rect") if one.get("class") == "timeline-bar"]

    assert fill in bar.get("fill")
    if "fade" in fill:
        gradient = bar.get("fill").removeprefix("url(#").removesuffix(")")
        assert picture.find(f".//{NS}linearGradient[@id='{gradient}']") is not None


def test_some_day_within_a_month_is_drawn_hollow():
    (bar,) = [
        one
        for one in draw(fact("INC-1", "2025-03"), DAY).iter(f"{NS}rect")
        if one.get("class") == "timeline-bar"
    ]

    assert (bar.get("fill-opacity"), bar.get("stroke")) == ("0.15", COLOUR_OF_TONE[Tone.DONE])


def test_what_has_no_date_stands_in_a_box_of_its_own():
    picture = draw(DAY, fact("ACC-1", "", EntryKind.ACCOUNT, title="Accounts nobody names"))
    box = next(g for g in picture.iter(f"{NS}g") if g.get("class") == "timeline-undated")

    assert said(box) == ["Date unknown", "2. Accounts nobody names"]
    assert said(lane(picture, "done")) == ["What was done", "1. Visit"]


def test_without_any_date_there_is_no_axis_and_still_a_picture():
    picture = draw(fact("INC-1", "", EntryKind.INCIDENT, "threat"))

    assert picture.find(f".//{NS}line") is None
    assert float(picture.get("height")) > 50


def test_a_takedown_is_drawn_among_what_the_authorities_did():
    event = fact(
        "ACC-1", "2025-03-04", EntryKind.ACCOUNT_EVENT, "blocked", event=AccountEvent.BLOCKED
    )

    assert said(lane(draw(event), "authorities"))[1:] == ["1. Blocked"]


def test_long_words_are_cut_in_the_picture_and_whole_in_its_title():
    picture = draw(fact("INC-1", "2025-03-04", title="A very long heading " * 6))
    entry = lane(picture, "done").find(f"{NS}g")

    assert entry.find(f"{NS}text").text.endswith("…")
    assert len(entry.find(f"{NS}text").text) <= 120
    assert ("A very long heading " * 6) in entry.find(f"{NS}title").text


def test_on_a_page_it_takes_the_width_there_is_and_as_a_file_it_has_a_size():
    on_page, standalone = draw(DAY), draw(DAY, standalone=True)

    assert (on_page.get("width"), on_page.get("viewBox")) == ("100%", None)
    assert standalone.get("viewBox") == f"0 0 {standalone.get('width')} {standalone.get('height')}"
    assert on_page.get("height") == standalone.get("height")


def test_the_last_mark_is_not_cut_off_at_the_edge():
    anchors = [one.get("text-anchor") for one in draw(DAY).findall(f"{NS}text")]

    assert (anchors[0], anchors[-1]) == ("start", "end")


def test_a_silence_is_hatched_and_says_its_days():
    silence = fact(
        "INC-2", "2025-03-04/2025-06-05", EntryKind.SILENCE, title="No response for 93 days"
    )
    picture = draw(DAY, silence, ANSWER)
    entries = lane(picture, "authorities").findall(f"{NS}g")

    assert entries[0].find(f"{NS}text").text == "2. No response for 93 days"
    assert "hatch" in entries[0].find(f"{NS}rect").get("fill")
    assert picture.find(f".//{NS}pattern[@id='timeline-hatch-silence']/{NS}line") is not None


def test_what_no_lane_is_named_after_is_named_below():
    counter = fact("RSP-2", "2025-06-06", EntryKind.RESPONSE, "countermeasure")
    appeal = fact("APP-1", "2025-06-07", EntryKind.APPEAL, "letter")
    picture = draw(DAY, counter, appeal)
    legend = next(g for g in picture.iter(f"{NS}g") if g.get("class") == "timeline-legend")

    assert said(legend) == ["Countermeasure", "Asked"]
    assert said(next(g for g in draw(DAY).iter(f"{NS}g") if "legend" in g.get("class"))) == []


@pytest.mark.parametrize("tone", Tone)
def test_each_tone_has_a_colour_and_a_shape_of_its_own(tone):
    others = [one for one in Tone if one is not tone]

    assert COLOUR_OF_TONE[tone] not in {COLOUR_OF_TONE[one] for one in others}
    assert SHAPE_OF_TONE[tone] not in [SHAPE_OF_TONE[one] for one in others]


def test_a_lane_can_be_drawn_by_itself_on_the_axis_of_all():
    entries = build_timeline([CAMPAIGN, ANSWER, fact("ACC-1", "", EntryKind.ACCOUNT)])
    parts = [ET.fromstring(draw_timeline(entries, WORDS, lanes=[lane])) for lane in Lane]
    ids = [one.get("id") for part in parts for one in part.iter() if one.get("id")]

    assert [part.findtext(f"{NS}title") for part in parts] == [
        "Timeline of a case. What was done", "Timeline of a case. What the authorities did",
    ]  # fmt: skip
    assert [[text.text for text in part.findall(f"{NS}text")] for part in parts] == [
        [text.text for text in draw(CAMPAIGN, ANSWER).findall(f"{NS}text")]
    ] * 2
    assert len(ids) == len(set(ids))
    assert [len(list(part.iter(f"{NS}use"))) for part in parts] == [0, 2]
