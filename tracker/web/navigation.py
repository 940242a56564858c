"""The menus of the header: every list and report, and what can be added, with its permission; and
where the icons are.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g, url_for

from tracker.i18n import lazy
from tracker.permissions import Permission
from tracker.records import record_models

READ, LOG, EXPORT, ADMINISTER = (
    Permission.READ, Permission.LOG, Permission.EXPORT, Permission.ADMINISTER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in a menu, and the permission without which it is not shown."""

    endpoint: str
    label: str
    permission: Permission = READ


@dataclass(frozen=True, slots=True)
class Menu:
    """Some pages under one label; without a label, a single page."""

    label: str
    entries: tuple[Entry, ...]


MENUS = (
    Menu("", (Entry("intake.index", lazy("Inbox"), LOG),)),
    Menu("", (Entry("cases.index", lazy("Cases")),)),
    Menu(
        lazy("Records"),
        (
            Entry("incidents.index", lazy("Incidents")),
            Entry("fake_accounts.index", lazy("Fake accounts")),
            Entry("responses.index", lazy("Official responses")),
            Entry("appeals.index", lazy("Appeals")),
            Entry("proceedings.index", lazy("Proceedings")),
            Entry("articles.index", lazy("Articles")),
        ),
    ),
    Menu(
        lazy("People"),
        (
            Entry("journalists.index", lazy("Journalists")),
            Entry("outlets.index", lazy("Outlets")),
            Entry("institutions.index", lazy("Institutions")),
        ),
    ),
    Menu("", (Entry("review.index", lazy("Review")),)),
    Menu(
        lazy("Reports"),
        (
            Entry("charts.index", lazy("Charts")),
            Entry("reports.monthly", lazy("Monthly report")),
            Entry("timelines.open_cases", lazy("Cases by status")),
            Entry("fake_accounts.register", lazy("Register of fake accounts")),
            Entry("reports.index", lazy("Export"), EXPORT),
            Entry("reports.package", lazy("Data package"), EXPORT),
            Entry("reports.export_log", lazy("Export log")),
            Entry("imports.index", lazy("Imports")),
            Entry("vocabulary.index", lazy("Vocabulary")),
            Entry("timelines.indicators", lazy("How it is counted")),
        ),
    ),
    Menu(
        lazy("Admin"),
        (
            Entry("users.index", lazy("Users"), ADMINISTER),
            Entry("users.teams", lazy("Teams"), ADMINISTER),
            Entry("intake.duplicates", lazy("Duplicates"), ADMINISTER),
            Entry("audit.index", lazy("Audit log"), ADMINISTER),
        ),
    ),
)
NEW = Menu(
    lazy("New"),
    (
        Entry("intake.new", lazy("Import articles"), LOG),
        Entry("incidents.new", lazy("Incident"), LOG),
        Entry("fake_accounts.new", lazy("Fake account"), LOG),
        Entry("responses.new", lazy("Official response"), LOG),
        Entry("appeals.new", lazy("Appeal"), LOG),
        Entry("proceedings.new", lazy("Proceeding"), LOG),
        Entry("cases.new", lazy("Case"), LOG),
        Entry("journalists.new", lazy("Journalist"), LOG),
        Entry("outlets.new", lazy("Outlet"), LOG),
        Entry("institutions.new", lazy("Institution"), LOG),
        Entry("imports.new", lazy("Upload a file"), LOG),
        Entry("users.new", lazy("User"), ADMINISTER),
    ),
)
# The list of each feature, which stands above its records in the breadcrumb.
LIST_OF_FEATURE = {
    feature: one
    for menu in MENUS
    for one in menu.entries
    for feature, _dot, view in [one.endpoint.partition(".")]
    if view == "index"
}


def icons_url() -> str:
    """Return the address of the file with all icons, built once for each page."""
    if "icons_url" not in g:
        g.icons_url = url_for("static", filename="icons.svg")
    address: str = g.icons_url
    return address


def init_app(app: Flask) -> None:
    """Offer the menus to the templates, which show what the viewer's roles include."""
    features = {prefix: model.ENDPOINT for prefix, model in record_models().items()}
    app.jinja_env.globals.update(
        menus=MENUS,
        new_menu=NEW,
        lists=LIST_OF_FEATURE,
        features_by_prefix=features,
        icons_url=icons_url,
    )
