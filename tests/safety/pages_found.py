"""Every page of the world as one person sees it: each address, and one link of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit

from flask import Flask
from lxml import html

from tests.safety.addresses import address, routes_of
from tests.safety.crawling import repeats
from tests.safety.viewers import Viewer
from tests.safety.world import LEAVER, Place, World


@dataclass(frozen=True, slots=True)
class Page:
    """What came back with 200: where it stands, what it says it is, and its text."""

    at: str
    kind: str
    text: str

    @property
    def is_html(self) -> bool:
        return self.kind == "text/html"


def pages_of(
    app: Flask, world: World, viewer: Viewer, only: list[str] | None = None
) -> Iterator[Page]:
    """Return the page of every address, and of one link of each kind that asks for more."""
    waiting = only or [
        *(
            address(app, world, route, place)
            for route in routes_of(app)
            for place in (Place.OWN, Place.PUBLISHED)
            if "GET" in route.methods and route.endpoint != "static"
        ),
        f"/users/{LEAVER}/edit",
        f"/incidents/{world.retracted}/",
        # Only forms lead to these.
        *(
            f"/bulk/incidents/{action}?all=yes"
            for action in ("submit", "assign", "file", "restrict")
        ),
        *(f"/bulk/{kind}/submit?all=yes" for kind in ("fake-accounts", "responses")),
    ]
    seen: set[tuple[str, frozenset[str]]] = set()
    asked: set[str] = set()
    for at in waiting:
        if at in asked:
            continue
        asked.add(at)
        with viewer.send("GET", at) as response:
            assert response.status_code < 500, at
            if response.status_code != 200:
                continue
            # Of a file that is no text, what may be text in it.
            text = response.get_data().decode(errors="replace")
            page = Page(at, response.mimetype or "", text)
        yield page
        if not page.is_html:
            continue
        for link in html.fromstring(page.text).xpath("//a/@href"):
            parts = urlsplit(urljoin(at, link))
            if parts.netloc or not parts.query:
                continue
            if "?" in at and repeats(urlsplit(at).query, link):
                continue
            kind = (rule_of(app, parts.path, "GET"), frozenset(dict(parse_qsl(parts.query))))
            if kind not in seen:
                seen.add(kind)
                waiting.append(f"{parts.path}?{parts.query}")


def rule_of(app: Flask, path: str, method: str) -> str:
    """Return the rule of the map that a path belongs to."""
    rule, _values = app.url_map.bind("localhost").match(path, method=method, return_rule=True)
    return rule.rule
