"""Panels: sections that a higher feature adds to the pages of a lower feature."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app
from markupsafe import Markup

Panel = TypeVar("Panel", bound="Callable[..., str]")  # a function that returns the HTML of a panel
# By page, the functions that render its panels.
_panels: dict[str, list[Callable[..., str]]] = defaultdict(list)


def register_panel(page: str) -> Callable[[Panel], Panel]:
    """Decorate a function that returns the HTML of a panel on a page for a record, or "" for none.
    `page`: the name that templates give to `render_panels`.
    """

    def register(render: Panel) -> Panel:
        _panels[page].append(render)
        return render

    return register


def render_panels(page: str, record: object) -> Markup:
    """Return the HTML of all panels of a page for a record, in the order of the features."""
    # Features are imported in alphabetical order; blueprints are registered in architecture order.
    modules = [one.import_name for one in current_app.blueprints.values()]
    order = list(dict.fromkeys(map(_feature_of_module, modules)))
    ordered = sorted(_panels[page], key=lambda one: order.index(_feature_of_module(one.__module__)))
    # Panels return what templates rendered with escaping.
    return Markup("").join(Markup(render(record)) for render in ordered)  # noqa: S704  # nosec B704


def _feature_of_module(module: str) -> str:
    """Return the name of the feature of a module: `people` of `tracker.people.views`."""
    return module.split(".")[1]


def init_app(app: Flask) -> None:
    """Make `render_panels("journalist", journalist)` available to templates."""
    app.jinja_env.globals["render_panels"] = render_panels
