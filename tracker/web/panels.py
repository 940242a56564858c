"""Sections of a page that a higher feature adds to a lower one's."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

Panel = TypeVar("Panel", bound="Callable[..., str]")
_panels: dict[str, list[Callable[..., str]]] = defaultdict(list)


def panel(page: str) -> Callable[[Panel], Panel]:
    """Register a function that renders one section of the named page; "" for nothing."""

    def register(render: Panel) -> Panel:
        _panels[page].append(render)
        return render

    return register


def panels(page: str, record: object) -> Markup:
    """Render every section registered for the page, in the order of the features."""
    # What panels return was rendered by templates that escape.
    return Markup("").join(Markup(render(record)) for render in _panels[page])  # noqa: S704


def init_app(app: Flask) -> None:
    """Offer `panels("journalist", journalist)` to the templates."""
    app.jinja_env.globals["panels"] = panels
