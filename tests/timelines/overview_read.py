"""Reading the start page: its sections, and where its numbers lead."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

NOW = datetime(2026, 3, 10, 6, tzinfo=UTC)


def words(text):
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(text)).split())


def section(page, name):
    """Return a section of the page by the id of its heading."""
    match = re.search(
        rf'<section[^>]* aria-labelledby="{name}-heading">.*?</section>', page, re.DOTALL
    )
    assert match, f"{name} is not on the page"
    return match.group()


def links(html):
    """Return where each number leads, by its address."""
    found = re.findall(r'<a href="([^"]+)">(\d+)[^<]*</a>', html)
    return {unescape(address): int(number) for address, number in found}
