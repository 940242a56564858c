"""The look: the contrast of its colours, the weight of its stylesheet, and the page of its parts."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html

from tests.factories import as_user, sign_in_directly

TEMPLATES = Path(__file__).parents[2] / "templates"
MOST_BYTES = 40_000
STATUSES = ("info", "good", "warn", "bad", "none")
# Text and what it stands on: 4.5 to 1. Borders of controls and focus: 3 to 1 (WCAG 2.2).
TEXT = [
    *product(("ink", "quiet", "accent", "accent-dark", "bad"), ("paper", "ground")),
    *((one, f"{one}-soft") for one in (*STATUSES, "accent")),
    ("ink", "mark"), ("on-accent", "accent"), ("on-accent", "accent-dark"), ("paper", "bad"),
    *(("ink", f"{one}-soft") for one in ("good", "warn", "bad", "accent")),
    ("quiet", "warn-soft"), ("accent", "warn-soft"),
]  # fmt: skip
CONTROLS = list(
    product(
        ("control", "focus", "done", "answer", "counter", "asked", "silence"), ("paper", "ground")
    )
)


def stylesheet(app: Flask) -> str:
    return Path(app.static_folder or "", "tracker.css").read_text("utf-8")


def palette(css: str, *, dark: bool) -> dict[str, str]:
    """Return the colours by name, those of a dark screen over those of a light one."""
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[: 2 if dark else 1]
    return {
        name: value
        for block in blocks
        for name, value in re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)
    }


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_badge_of_a_draft_is_laid_out_as_the_others(app: Flask) -> None:
    """`draft` is the class of suggested records too: their cards are named as such."""
    assert not re.search(r"(?m)^\s*\.draft\b", stylesheet(app))


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (CONTROLS, 3)], ids=["text", "controls"])
def test_the_palette_can_be_read(
    app: Flask, pairs: list[tuple[str, str]], least: float, dark: bool
) -> None:
    colours = palette(stylesheet(app), dark=dark)
    found = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < least} == {}


def test_the_stylesheet_is_small_and_loads_nothing(app: Flask) -> None:
    css = stylesheet(app)
    assert len(css.encode()) <= MOST_BYTES
    assert not re.findall(r"url\(|@import|@font-face|https?:", css)
    # A colour has its name in one place: it is changed there, and for the dark too.
    outside = re.sub(r":root \{.*?\}", "", css, flags=re.DOTALL)
    assert re.findall(r"(?<!=\")#[0-9a-f]{3,8}\b", outside) == []


def test_the_card_of_a_suggestion_does_not_change_the_badge_of_a_draft(app: Flask) -> None:
    assert re.findall(r"(?<!fieldset)\.draft\b", stylesheet(app)) == []


def test_links_in_charts_and_figures_can_be_read(app: Flask) -> None:
    rules = dict(re.findall(r"([^{}]+?) \{ ([^{}]*?) \}", stylesheet(app)))
    # On a shade the colour of links cannot be read.
    assert "color: var(--ink);" in rules[" .chart [class^=on]"]
    # Only the large number goes without a line: the one in the text beside it has it.
    assert [name.strip() for name in rules if ".numbers" in name and " a" in name] == [
        ".numbers strong a"
    ]


def test_every_icon_that_a_page_names_is_drawn(app: Flask) -> None:
    drawn = etree.parse(Path(app.static_folder or "", "icons.svg")).getroot()
    known = {one.get("id") for one in drawn}
    texts = [path.read_text("utf-8") for path in Path(app.template_folder or "").rglob("*.html")]
    named = {name for text in texts for name in re.findall(r"\bicon\([\"'](\w+)[\"']\)", text)}
    parts = Path(app.template_folder or "", "macros", "parts.html").read_text("utf-8")
    named |= set(re.findall(r'": "(\w+)"', parts))
    assert named == known


def test_the_style_guide_shows_every_part(app: Flask, client: FlaskClient) -> None:
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    page = html.fromstring(client.get("/style").text)
    for part in (
        "head", "tabs", "badge", "chip", "notice", "done", "warning", "errors", "empty", "table-wrap",
        "figures", "list", "cards", "entry", "pager", "field", "actions", "filters",
    ):  # fmt: skip
        assert page.find_class(part), part
    assert page.xpath("//main//dl")
    assert len([one for one in page.xpath("//main//button") if not one.get("class")]) == 1


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda one: one.stem)
def test_a_table_that_is_wider_than_the_screen_is_moved_by_keyboard(file: Path) -> None:
    for opening in re.findall(r'<div class="table-wrap[^>]*', file.read_text("utf-8")):
        assert ' tabindex="0" role="group" aria-label' in opening
