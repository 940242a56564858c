"""What the page of a list shows: chips, facets, and the titles of its rows."""

from __future__ import annotations

import re
from html import unescape


def chips(page: str) -> list[str]:
    """Return the active filters in words, as they stand above the list."""
    above = "".join(re.findall(r'<p class="chips">.*?</p>', page, re.DOTALL))
    return chosen(above)


def chosen(part: str) -> list[str]:
    """Return the active filters in words on a part of a page."""
    return [unescape(one.strip()) for one in re.findall(r'class="chip"[^>]*>([^<]+)', part)]


def titles(page: str) -> list[str]:
    """Return the titles of the rows, in their order."""
    cells = re.findall(r'<td class="\w+ title">(.*?)</td>', page, re.DOTALL)
    return [unescape(re.findall(r"<a[^>]*>([^<]+)</a>", cell)[0]) for cell in cells]


def facets(page: str) -> dict[str, list[tuple[str, str, int]]]:
    """Return by its label each facet: where a value leads, its words, and its number."""
    found = re.findall(r"<section><h2>([^<]+)</h2>(.*?)</section>", page, re.DOTALL)
    value = r'<a href="([^"]+)">([^<]+)</a> <span class="meta">(\d+)</span>'
    return {
        label: [
            (unescape(address), unescape(words), int(number))
            for address, words, number in re.findall(value, values)
        ]
        for label, values in found
    }


def is_named_as_wrong(page: str, parameter: str) -> bool:
    """Return whether a page says that the value of a parameter is wrong: at its field, or where it
    has none by its name in the address.
    """
    return f'id="{parameter}-error"' in page or f"<code>{parameter}=" in page
