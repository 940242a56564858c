"""Nothing is reachable without a mark or a place on the short public list, and GET changes nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pytest
from flask import Blueprint, Flask

from tests.architecture.source import Module, called, functions, imports, module, modules
from tests.conftest import SECRET
from tracker import create_app
from tracker.config import Settings
from tracker.permissions import Permission
from tracker.web.guards import PUBLIC_ENDPOINTS, require_permission

# Written out, so that the list grows only by a change to this test.
PUBLIC = {
    "static", "users.sign_in", "users.sign_in_link", "operating.health",
    "operating.choose_language", "operating.leave", "operating.ready",
    "cases.calendar",
}  # fmt: skip


@pytest.fixture
def unplugged(tmp_path: Path) -> Flask:
    """Make the application without opening a database."""
    return create_app(
        Settings(
            database_url=f"sqlite:///{tmp_path / 'unused.db'}",
            secret_key=SECRET * 2,
            instance=tmp_path,
            testing=True,
        )
    )


def unmarked(app: Flask) -> list[str]:
    """Return the endpoints that neither ask for a permission nor are public."""
    return [
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint not in PUBLIC and not isinstance(getattr(view, "requires", None), Permission)
    ]


ROUTES = {"route", "get", "post", "put", "patch", "delete"}


def unmarked_in(of: Module) -> list[str]:
    """Return the views of a module without a mark, whether or not its pages are registered."""
    wrong = []
    for one in functions(of):
        marks = {called(mark) for mark in one.decorator_list if isinstance(mark, ast.Call)}
        endpoint = f"{of.feature or of.last}.{one.name}"
        if marks & ROUTES and "require_permission" not in marks and endpoint not in PUBLIC:
            wrong.append(f"{of.name}:{one.lineno} {one.name}")
    return wrong


def blueprints() -> dict[str, Blueprint]:
    """Return every set of pages that a module declares."""
    loaded = [import_module(one.name) for one in modules() if one.last.endswith("views")]
    return {
        found.name: found
        for one in loaded
        for found in vars(one).values()
        if isinstance(found, Blueprint)
    }


def without_view(app: Flask) -> list[str]:
    return [
        rule.rule for rule in app.url_map.iter_rules() if rule.endpoint not in app.view_functions
    ]


def test_the_public_list_is_short_and_stands_here():
    assert set(PUBLIC_ENDPOINTS) == PUBLIC


def test_every_route_has_its_mark(unplugged):
    assert unmarked(unplugged) == []
    assert without_view(unplugged) == []


def test_every_view_has_its_mark_before_anybody_registers_it():
    assert [wrong for one in modules() for wrong in unmarked_in(one)] == []


def test_all_pages_that_are_written_are_reachable(unplugged):
    assert blueprints().keys() - unplugged.blueprints.keys() == set()


def test_the_public_list_names_only_what_exists(unplugged):
    assert set(unplugged.view_functions) >= PUBLIC


def test_a_route_without_its_mark_is_found():
    app = Flask("bad", static_folder=None)
    app.add_url_rule("/open", "notes.show", lambda: "")
    app.add_url_rule("/shut", "notes.edit", require_permission(next(iter(Permission)))(lambda: ""))

    assert unmarked(app) == ["notes.show"]


def test_a_view_without_its_mark_is_found_in_the_text():
    views = module(
        "tracker.cases.views",
        """
        @bp.get("/")
        @require_permission(Permission.READ)
        def index(): ...

        @bp.post("/new")
        def new(): ...
        """,
    )

    assert [line.rpartition(" ")[2] for line in unmarked_in(views)] == ["new"]


def test_whoever_is_not_signed_in_reaches_nothing_that_is_not_public(client, app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        address = app.url_map.bind("localhost").build(
            rule.endpoint,
            dict.fromkeys(rule.arguments, "1") | dict(rule.defaults or {}),
            force_external=False,
        )
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = client.open(address, method=method)
            # Without a token a POST may be refused before it is asked who sends it.
            assert answer.status_code in ({303} if method == "GET" else {303, 400}), rule.rule
            if answer.status_code == 303:
                assert answer.headers["Location"].startswith("/sign-in"), rule.rule


# What writes into the export log which records leave in a file, and what writes into the audit log
# alone that a file leaves.
LOGGING = {"start_export", "log_completion"}
AUDITING = {"log_download", "log_monthly_download"}
# Whose files are in the audit log alone: those of one record, whose history has the download, and
# those without records.
AUDITED = {
    "tracker.articles.views": "the original of an article, and the sources of a record",
    "tracker.intake.views": "the original of an item of the inbox",
    "tracker.reports.monthly.views": "figures without records",
}
# Files that hold nothing but what the page shows, of a record that the viewer has open; and one
# without a word about anybody.
SHOWN = {
    "tracker.cases.following_views": "refs and days, read every hour: making the address is logged",
    "tracker.timelines.views": "the picture of a timeline, and its entries as JSON",
    "tracker.web.guards": "where it is defined",
}


def unlogged_files(among: Iterable[Module]) -> list[str]:
    """Return the modules that hand out files, or read columns of exports, past the export log, or
    past the audit log if they are listed for it.
    """
    wrong = []
    for one in among:
        reads = one.last.endswith(("views", "commands")) and any(
            imported.target.startswith("tracker.reports.tables") for imported in imports(one)
        )
        wanted = LOGGING | AUDITING if one.name in AUDITED else LOGGING
        logs = any(names_in(function) & wanted for function in functions(one))
        hands_out = any(hands_out_file(function) for function in functions(one))
        if (hands_out or reads) and not logs and one.name not in SHOWN:
            wrong.append(one.name)
    return wrong


def names_in(function: ast.AST) -> set[str]:
    """Return the names that are used in a function, those of attributes too."""
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Name | ast.Attribute)
    }


def hands_out_file(function: ast.AST) -> bool:
    """Say whether a function answers with something else than a page."""
    if names_in(function) & {"file_response", "send_file", "send_from_directory", "jsonify"}:
        return True
    return any(
        keyword.arg in {"mimetype", "content_type"}
        and "text/html" not in ast.unparse(keyword.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and called(node) == "Response"
        for keyword in node.keywords
    )


def test_every_file_that_leaves_is_logged():
    assert unlogged_files(modules()) == []


@pytest.mark.parametrize(
    "bad",
    [
        "def original(): return file_response(b'', 'a')",
        "def chart(): log_download('a', 'b'); return file_response(b'', 'a')",
        "def rows(): return Response(lines, mimetype='application/json')",
        "def rows(): return Response(lines, content_type='text/csv')",
        "def rows(): return web.file_response(b'', 'a')",
        "def rows(): return send_file(lines)",
        "def rows(): return jsonify([])",
        "from tracker.reports.tables import FLAT_INCIDENTS\ndef rows(): return str(FLAT_INCIDENTS.header)",
    ],
)
def test_a_file_past_the_logs_is_seen(bad):
    assert unlogged_files([module("tracker.things.views", bad)]) == ["tracker.things.views"]
