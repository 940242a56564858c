"""What the stylesheet does to pages: places and sizes as a browser measures them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chromium.visitor import NARROW, WIDE, Visitor

# The sizes of the scale, as the stylesheet declares them.
SCALE = {14, 17, 20, 24, 32}
PAPER = 794  # A4 at 96 dpi
CASE = "False news around a talk show (sample)"
SIZES = """ones => [...new Set(ones
  .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .filter(one => one.checkVisibility() && !one.closest("svg"))
  .map(one => parseFloat(getComputedStyle(one).fontSize)))]"""
# How far the baseline of a badge is from that of the text around it.
OFF_BASELINE = """ones => ones.map(one => {
  const [around, within] = [0, 1].map(() => document.createElement("span"));
  for (const mark of [around, within]) mark.style.display = "inline-block";
  one.after(around); one.append(within);
  return Math.abs(around.getBoundingClientRect().bottom - within.getBoundingClientRect().bottom);
})"""
SMALL = """ones => ones.filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect())
  .filter(box => box.width < 24 || box.height < 24).length"""


def sign_in(visitor: Visitor) -> Visitor:
    visitor.sign_in("staff")
    return visitor


def test_a_table_wider_than_its_box_has_a_shadow_at_its_side(
    sample: str, visit: Callable[..., Visitor]
) -> None:
    staff = sign_in(visit(sample, width=600))
    staff.open("/incidents/")
    box = staff.page.locator("main > .table-wrap")
    assert box.evaluate("one => one.scrollWidth > one.clientWidth")
    assert box.evaluate("one => getComputedStyle(one).backgroundImage") != "none"


def test_paper_has_the_last_column_and_the_head_of_a_case(
    sample: str, visit: Callable[..., Visitor]
) -> None:
    staff = sign_in(visit(sample, width=PAPER))
    staff.open("/incidents/")
    staff.page.emulate_media(media="print")
    last = staff.page.locator(".list tbody td.ref").first.bounding_box()
    assert last
    assert last["x"] + last["width"] <= PAPER
    staff.page.emulate_media(media="screen")
    staff.open("/cases/")
    staff.follow(CASE)
    staff.page.emulate_media(media="print")
    head = staff.page.locator("main").inner_text()
    for words in ("Kazakhstan", "Lead: staff", "Open"):
        assert words in head
    assert not staff.page.get_by_role("button", name="Follow").is_visible()
    assert not staff.page.get_by_role("link", name="Edit", exact=True).is_visible()


@pytest.mark.parametrize("path", ["/incidents/", "/style"])
def test_a_badge_stands_on_the_line_of_its_text(
    sample: str, visit: Callable[..., Visitor], path: str
) -> None:
    staff = sign_in(visit(sample))
    staff.open(path)
    badges = staff.page.locator("main .badge:has(.icon)")
    assert max(badges.evaluate_all(OFF_BASELINE)) < 0.5


@pytest.mark.parametrize("path", ["/", "/incidents/", "/reports/monthly", "/style"])
def test_letters_are_of_few_sizes(sample: str, visit: Callable[..., Visitor], path: str) -> None:
    staff = sign_in(visit(sample))
    staff.open(path)
    found = {round(size) for size in staff.page.locator("main *").evaluate_all(SIZES)}
    assert found <= SCALE


def test_figures_of_the_monthly_report_stand_under_one_another(
    sample: str, visit: Callable[..., Visitor]
) -> None:
    staff = sign_in(visit(sample))
    staff.open("/reports/monthly")
    first = staff.page.locator(".figures tbody tr:first-child td:nth-child(2)")
    assert first.count() > 5
    right = "ones => ones.filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect().right)"
    assert len({round(one) for one in first.evaluate_all(right)}) == 1


@pytest.mark.parametrize("path", ["/incidents/?counts=yes", "/reports/monthly", "/cases/"])
def test_links_in_tables_can_be_touched(
    sample: str, visit: Callable[..., Visitor], path: str
) -> None:
    staff = sign_in(visit(sample, width=NARROW))
    staff.open(path)
    assert staff.page.locator("td a, .facets a").evaluate_all(SMALL) == 0


def test_ticked_rows_are_marked_and_their_number_is_said(
    sample: str, visit: Callable[..., Visitor]
) -> None:
    staff = sign_in(visit(sample))
    staff.open("/incidents/")
    rows = staff.page.locator(".list tbody tr")
    colour = "one => getComputedStyle(one.querySelector('td.title')).backgroundColor"
    before = rows.nth(2).evaluate(colour)
    for at in (0, 1):
        staff.click(rows.nth(at).get_by_role("checkbox"))
    assert rows.nth(0).evaluate(colour) != before == rows.nth(2).evaluate(colour)
    assert "Selected rows: 2" in staff.page.locator("#bulk").inner_text()


def test_a_row_of_the_list_is_low_and_its_badges_stand_after_the_link(
    sample: str, visit: Callable[..., Visitor]
) -> None:
    staff = sign_in(visit(sample))
    staff.open("/incidents/")
    lowest = "rows => Math.min(...rows.map(row => row.offsetHeight))"
    assert staff.page.locator(".list tbody tr").evaluate_all(lowest) <= 40


def test_counts_stand_beside_the_list_where_there_is_room(
    sample: str, visit: Callable[..., Visitor]
) -> None:
    staff = sign_in(visit(sample))
    staff.open("/incidents/?counts=yes&country=KZ")
    assert staff.top_of(".beside > .facets") == staff.top_of(".beside > .table-wrap")
    cut = "one => one.scrollWidth - one.clientWidth"
    assert staff.page.locator(".beside > .table-wrap").evaluate(cut) == 0
    narrow = sign_in(visit(sample, width=NARROW))
    narrow.open("/incidents/?counts=yes&country=KZ")
    assert narrow.top_of(".beside > .facets") < narrow.top_of(".beside > .table-wrap")


@pytest.mark.parametrize("path", ["/incidents/", "/reports/monthly", "/reports/"])
def test_labels_and_controls_beside_one_another_stand_at_one_height(
    sample: str, visit: Callable[..., Visitor], path: str
) -> None:
    somebody = visit(sample)
    somebody.sign_in("exporter")
    somebody.open(path)
    if path == "/incidents/":
        somebody.unfold("Filters")
    for part, edge in (("label:not(.check)", "bottom"), (":is(input, select)", "top")):
        places = somebody.page.locator(f".filters > div.field > {part}").evaluate_all(
            """(ones, edge) => ones.filter(one => one.checkVisibility()).map(one => [
              one.closest(".field").getBoundingClientRect().top,
              one.getBoundingClientRect()[edge]].map(Math.round))""",
            edge,
        )
        rows = {row for row, _place in places}
        assert len({(row, place) for row, place in places}) == len(rows) > 0


def test_one_button_removes_whichever_record_of_a_case_is_chosen(
    sample: str, visit: Callable[..., Visitor]
) -> None:
    staff = sign_in(visit(sample, scripts=False))
    staff.open("/cases/")
    staff.follow(CASE)
    staff.follow("Records", "nav.tabs")
    rows = staff.page.locator(".filed tbody tr")
    before, name = rows.count(), rows.nth(1).locator("td.title a").inner_text()
    staff.click(rows.nth(1).get_by_role("radio"))
    staff.press("Remove from case")
    assert rows.count() == before - 1
    assert not staff.page.locator(".filed").get_by_text(name, exact=True).count()
    lefts = "ones => new Set(ones.map(one => Math.round(one.getBoundingClientRect().left))).size"
    assert staff.page.locator(".filed td.ref").evaluate_all(lefts) == 1


@pytest.mark.parametrize(
    ("menu", "entry"),
    [
        ("Cases", ""), ("People", "Journalists"), ("People", "Outlets"),
        ("Records", "Incidents"), ("Records", "Fake accounts"), ("Records", "Articles"),
    ],
)  # fmt: skip
def test_edit_stands_at_the_right_of_the_title_of_every_record(
    sample: str, visit: Callable[..., Visitor], menu: str, entry: str
) -> None:
    staff = sign_in(visit(sample))
    staff.choose(menu, entry)
    staff.load_by(staff.page.locator("td.title a").first)
    edit = staff.page.locator("main .head").get_by_role("link", name="Edit", exact=True)
    title = staff.page.locator("main h1")
    at, named = edit.bounding_box(), title.bounding_box()
    assert at
    assert named
    assert abs(at["y"] - named["y"]) < 24
    assert at["x"] > WIDE / 2
