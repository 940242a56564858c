"""One page of each kind of address that links lead to, as somebody sees it who has every role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.chromium.visitor import NARROW, WIDE, Visitor
from tests.chromium.walking import walk

# Fewer would mean that the walk did not get about.
FEWEST = 80


@pytest.mark.nightly
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_one_page_of_each_kind_is_as_it_should_be(
    app: Flask, sample: str, visit: Callable[..., Visitor], width: int
) -> None:
    met = list(walk(app, visit(sample, width=width)))
    assert len(met) >= FEWEST, met
