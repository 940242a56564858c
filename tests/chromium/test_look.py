"""What the stylesheet does to pages: places and sizes as a browser measures them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chromium.visitor import NARROW, Visitor

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
    # The entries of a story are a pixel smaller than text, so that a case stays short.
    assert found <= SCALE | {16}


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
