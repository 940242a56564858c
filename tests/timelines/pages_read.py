"""What a page, a picture and the stylesheet show of a timeline, as tests read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree.ElementTree import Element

SVG = "{http://www.w3.org/2000/svg}"


class Story(HTMLParser):
    """Reads the entries of a page: their numbers and tones, and which of them lie in a fold."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[list[Any]] = []
        self.folded: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        self.depth += tag == "details"
        if tag == "li" and of.get("id", "").startswith("entry-"):
            self.entries.append([int(of["value"]), of["class"].split()[-1]])
            self.folded += [of["value"]] if self.depth else []

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "details"


def drawn_in(group: Element) -> Iterator[tuple[int, str, str]]:
    """Return the number, the tone and the fills of each entry that is drawn in a group."""
    for one in group.iter(f"{SVG}g"):
        kind, _space, tone = one.get("class", "").partition(" ")
        if kind == "timeline-entry":
            number = int(one.findtext(f"{SVG}title", "").partition(".")[0])
            yield number, tone, " ".join(bar.get("fill", "") for bar in one.iter(f"{SVG}rect"))


def hidden_on_paper(css: str) -> set[str]:
    """Return what the stylesheet leaves out in print."""
    rules = re.findall(r"([^{}]+)\{[^{}]*display: none", css.partition("@media print")[2])
    return {one.strip() for rule in rules for one in rule.split(",")}
