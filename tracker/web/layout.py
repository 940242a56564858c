"""The parts of pages beside the content of their view: menus, icons, and panels of other features.

A panel is a section that a higher feature adds to the pages of a lower feature.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask, current_app, g, url_for
from markupsafe import Markup

from tracker.i18n import lazy
from tracker.permissions import Permission
from tracker.records import record_models

# Short names of the permissions that pages need.
READ, LOG, EXPORT, ADMINISTER = (
    Permission.READ, Permission.LOG, Permission.EXPORT, Permission.ADMINISTER,
)  # fmt: skip
PanelT = TypeVar(
    "PanelT", bound="Callable[..., str]"
)  # a function that returns the HTML of a panel
# By page, the functions that render its panels.
_panels_of_page: dict[str, list[Callable[..., str]]] = defaultdict(list)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A page in a menu, shown only to users with its permission. `figure`: the value of the query
    parameter `figure`, "" for none.
    """

    endpoint: str
    label: str
    permission: Permission = READ
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu of pages under one label; without a label it is a single page."""

    label: str
    entries: tuple[MenuEntry, ...]


# The menus of the header, from left to right.
MENUS = (
    Menu("", (MenuEntry("intake.index", lazy("Inbox"), LOG),)),
    Menu("", (MenuEntry("cases.index", lazy("Cases")),)),
    Menu(
        lazy("Records"),
        (
            MenuEntry("incidents.index", lazy("Incidents")),
            MenuEntry("fake_accounts.index", lazy("Fake accounts")),
            MenuEntry("responses.index", lazy("Official responses")),
            MenuEntry("appeals.index", lazy("Appeals")),
            MenuEntry("proceedings.index", lazy("Proceedings")),
            MenuEntry("articles.index", lazy("Articles")),
        ),
    ),
    Menu(
        lazy("People"),
        (
            MenuEntry("journalists.index", lazy("Journalists")),
            MenuEntry("outlets.index", lazy("Outlets")),
            MenuEntry("institutions.index", lazy("Institutions")),
        ),
    ),
    Menu("", (MenuEntry("review.index", lazy("Review")),)),
    Menu(
        lazy("Reports"),
        (
            MenuEntry("charts.index", lazy("Charts"), figure="all:all"),
            MenuEntry("reports.monthly", lazy("Monthly report")),
            MenuEntry("timelines.open_cases", lazy("Cases by status")),
            MenuEntry("fake_accounts.register", lazy("Register of fake accounts")),
            MenuEntry("reports.index", lazy("Export"), EXPORT),
            MenuEntry("reports.package", lazy("Data package"), EXPORT),
            MenuEntry("reports.export_log", lazy("Export log")),
            MenuEntry("imports.index", lazy("Imports")),
            MenuEntry("vocabulary.index", lazy("Vocabulary")),
            MenuEntry("timelines.indicators", lazy("How it is counted")),
        ),
    ),
    Menu(
        lazy("Admin"),
        (
            MenuEntry("users.index", lazy("Users"), ADMINISTER),
            MenuEntry("users.teams", lazy("Teams"), ADMINISTER),
            MenuEntry("intake.duplicates", lazy("Duplicates"), ADMINISTER),
            MenuEntry("audit.index", lazy("Audit log"), ADMINISTER),
        ),
    ),
)
# The menu of the pages that record something new.
NEW_MENU = Menu(
    lazy("New"),
    (
        MenuEntry("intake.new", lazy("Import articles"), LOG),
        MenuEntry("incidents.new", lazy("Incident"), LOG),
        MenuEntry("fake_accounts.new", lazy("Fake account"), LOG),
        MenuEntry("responses.new", lazy("Official response"), LOG),
        MenuEntry("appeals.new", lazy("Appeal"), LOG),
        MenuEntry("proceedings.new", lazy("Proceeding"), LOG),
        MenuEntry("cases.new", lazy("Case"), LOG),
        MenuEntry("journalists.new", lazy("Journalist"), LOG),
        MenuEntry("outlets.new", lazy("Outlet"), LOG),
        MenuEntry("institutions.new", lazy("Institution"), LOG),
        MenuEntry("imports.new", lazy("Upload a file"), LOG),
        MenuEntry("users.new", lazy("User"), ADMINISTER),
    ),
)
# The links on the page of an article that log what it reports.
ARTICLE_LINKS = (
    MenuEntry("incidents.new", lazy("Log an incident from this article"), LOG),
    MenuEntry("fake_accounts.new", lazy("Log a fake account from this article"), LOG),
    MenuEntry("responses.new", lazy("Log an official response from this article"), LOG),
    MenuEntry("appeals.new", lazy("Log an appeal from this article"), LOG),
    MenuEntry("proceedings.new", lazy("Log a proceeding from this article"), LOG),
)
# By feature, the menu entry of its list. The page of a record links to this list above its title.
LIST_ENTRY_OF_FEATURE = {
    feature: one
    for menu in MENUS
    for one in menu.entries
    for feature, _dot, view in [one.endpoint.partition(".")]
    if view == "index"
}


def init_app(app: Flask) -> None:
    """Make the menus, of which templates show what the viewer's permissions allow, the address of
    the icons and `render_panels("journalist", journalist)` available to templates.
    """
    features = {prefix: model.ENDPOINT for prefix, model in record_models().items()}
    app.jinja_env.globals.update(
        menus=MENUS,
        new_menu=NEW_MENU,
        lists=LIST_ENTRY_OF_FEATURE,
        article_links=ARTICLE_LINKS,
        features_by_prefix=features,
        icons_url=icons_url,
        render_panels=render_panels,
    )


def icons_url() -> str:
    """Return the address of the file with all icons; built once for each request."""
    if "icons_url" not in g:
        g.icons_url = url_for("static", filename="icons.svg")
    address: str = g.icons_url
    return address


def register_panel(page: str) -> Callable[[PanelT], PanelT]:
    """Decorate a function that returns the HTML of a panel on a page for a record, or "" for none.
    `page`: the name that templates give to `render_panels`.
    """

    def register(render: PanelT) -> PanelT:
        _panels_of_page[page].append(render)
        return render

    return register


def render_panels(page: str, record: object) -> Markup:
    """Return the HTML of all panels of a page for a record, in the order of the features."""
    # Features are imported in alphabetical order; blueprints are registered in architecture order.
    modules = [one.import_name for one in current_app.blueprints.values()]
    order = list(dict.fromkeys(map(_feature_of_module, modules)))
    ordered = sorted(
        _panels_of_page[page], key=lambda one: order.index(_feature_of_module(one.__module__))
    )
    # Panels return what templates rendered with escaping.
    return Markup("").join(Markup(render(record)) for render in ordered)  # noqa: S704  # nosec B704


def _feature_of_module(module: str) -> str:
    """Return the name of the feature of a module: `people` of `tracker.people.views`."""
    return module.split(".")[1]
