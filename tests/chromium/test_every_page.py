"""One page of each kind of address that links lead to, as somebody sees it who has every role."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.chromium.visitor import NARROW, WIDE, Visitor
from tests.factories import as_user
from tests.safety.pages_found import rule_of
from tracker.permissions import Role

# Fewer would mean that the walk did not get about.
FEWEST = 60


@pytest.mark.nightly
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_one_page_of_each_kind_is_as_it_should_be(
    app: Flask, sample: str, visit: Callable[..., Visitor], width: int
) -> None:
    with as_user(app, "everything", *Role, team="Sample"):
        pass
    visitor = visit(sample, width=width)
    visitor.sign_in("everything")
    waiting, met = deque(["/"]), {"/"}
    while waiting:
        address = waiting.popleft()
        kind = visitor.page.request.head(sample + address).headers.get("content-type", "")
        if not kind.startswith("text/html"):
            continue
        visitor.open(address)
        for link in visitor.page.locator("a[href^='/']").evaluate_all(
            "ones => ones.map(one => one.pathname)"
        ):
            rule = rule_of(app, urlsplit(link).path, "GET")
            if rule not in met and not rule.startswith("/language"):
                met.add(rule)
                waiting.append(link)
    assert len(met) >= FEWEST, met
