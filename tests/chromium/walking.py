"""A walk along the links, to one page of each kind of address."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from tests.chromium.unlinked import unlinked_addresses
from tests.chromium.visitor import Visitor
from tests.safety.pages_found import rule_of

# Somebody of the sample's team who has every role.
WALKER = "everything"
LINKS = "ones => ones.map(one => one.getAttribute('href'))"


def walk(app: Flask, visitor: Visitor) -> Iterator[str]:
    """Open one page of each kind; yield the rule of its address while it is open."""
    unlinked = unlinked_addresses(app, WALKER, team="Sample")
    visitor.open("/sign-in")
    yield "/sign-in"
    visitor.sign_in(WALKER)
    waiting = deque(["/", *unlinked])
    found = {_rule_of_link(app, address) for address in waiting}
    while waiting:
        address = waiting.popleft()
        if not _is_opened(visitor, address):
            continue
        yield _rule_of_link(app, address)
        for link in visitor.page.locator("a[href^='/']").evaluate_all(LINKS):
            rule = _rule_of_link(app, link)
            if rule not in found and not rule.startswith("/language") and not Path(rule).suffix:
                found.add(rule)
                waiting.append(link)


def _rule_of_link(app: Flask, link: str) -> str:
    return rule_of(app, urlsplit(link).path, "GET")


def _is_opened(visitor: Visitor, address: str) -> bool:
    """Open an address; return False if it is a file."""
    from playwright.sync_api import Error

    try:
        visitor.open(address)
    except Error as error:
        if "Download is starting" not in str(error):
            raise
        return False
    return visitor.is_on_page
