"""Imports run to the left: between features, between the roles inside one, and below them all."""

from __future__ import annotations

import ast
import graphlib
from functools import cache

import pytest

from tests.architecture.source import FEATURES, Module, imports, module, modules

ROLES = {
    "codes": 0,
    "pure": 1,
    "models": 2,
    "rules": 2,
    "filters": 3,  # what a list is asked for: read by queries, headings and exports
    "queries": 4,
    "service": 5,
    "fields": 6,
    "forms": 7,
    "views": 8,
    "commands": 8,
}
SHOWN_TO_OTHER_FEATURES = {"codes", "models", "rules", "filters", "queries", "service"}
# Parts of the name of a module that lies in no folder of its feature.
OWN = 3
WITHOUT_FLASK = {"codes", "pure", "models", "rules", "filters", "queries", "service"}
WITHOUT_SQLALCHEMY = {"codes", "pure", "rules", "filters"}
# Pure modules that other features need by the nature of the thing.
SHOWN_AS_WELL = {
    "tracker.articles.addresses",  # whether a cell of a file is the address of a page
    "tracker.articles.evidence",  # originals in a file that proves itself, in a dossier too
    "tracker.articles.extraction",  # bytes to an article, without a database
    "tracker.articles.incoming",  # the same for what is then stored
    "tracker.articles.sentences",  # citing is by the numbers of sentences everywhere
    "tracker.fake_accounts.addresses",  # one way of reading a handle or an address
    "tracker.fake_accounts.fields",  # confirming asks by the same fields as logging, for names,
    "tracker.incidents.fields",  # targets and types
    "tracker.responses.fields",  # and acts
    "tracker.timelines.build",  # a dossier tells a case by the same entries,
    "tracker.timelines.situation",  # the same clocks,
    "tracker.timelines.text",  # and the same text
    "tracker.timelines.charts",  # charts as pages, as files, and in the monthly report
    "tracker.people.matching",  # one skeleton of names
    "tracker.vocabulary.labels",  # the words of every code, on every page
    # What the reader is asked, what it answers, and the predicates by which an answer is drafted.
    "tracker.reader.suggest",
    "tracker.reader.grouping",
    "tracker.reader.found",
    "tracker.reader.text",
    "tracker.reader.acts.objects",
    "tracker.reader.answers.body_names",
    # A restored log is verified like the one in use, partners read salted pseudonyms of users, and
    # what the log calls a part of a record.
    "tracker.audit.chain",
    "tracker.users.passwords",  # whoever makes users asks for the hasher of the installation
}
# All that the reader may import of the tracker beside its own modules and the codes of features.
READER_NEEDS = {
    "tracker.when",  # dates as they are stated
    "tracker.errors",  # where a rule broke, without the words of the text
    "tracker.articles.sentences",  # citing is by the numbers of sentences
    "tracker.people.matching",  # one skeleton of names
    "tracker.fake_accounts.addresses",  # one way of reading a handle or an address
}
# Modules with a name of their own are pure, but for these; each takes the place of a role.
IN_PLACE_OF = {
    # Reads the marks of views, loads the session, refuses; reads and sets the cookie of a known
    # browser.
    "tracker.users.gate": "forms",
    "tracker.users.idempotency": "forms",  # asks for the key of a form before every view
    "tracker.audit.snapshot": "models",  # reads the columns of any model
    "tracker.search.index": "service",  # searches what it keeps current
}
# What pages share, and above it the kit of which features are made.
SHARED = ("tracker.web", "tracker.kit")
# The words of every code, which the kit shows wherever a field is declared with codes.
LABELS = "tracker.vocabulary.labels"
# The only modules outside the features that may know them.
KNOW_FEATURES = {
    "tracker", "tracker.models", "tracker.commands", "tracker.serving",
    "tracker.parsing_child",
}  # fmt: skip


def role_of(name: str) -> str:
    """Return the role: by the module's name, or by its last word (`target_forms`)."""
    last = name.rpartition(".")[2]
    if name in IN_PLACE_OF:
        return IN_PLACE_OF[name]
    word = last.rpartition("_")[2]
    return word if word in ROLES else "pure"


def feature_of(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if parts[0] == "tracker" and len(parts) > 1 and parts[1] in FEATURES else None


def between_features(of: Module) -> list[str]:
    """Say where a feature reaches to the right, or past what another one shows."""
    wrong = []
    for found in imports(of):
        other = feature_of(found.target)
        if of.feature is None or other is None or other == of.feature:
            continue
        if FEATURES.index(other) > FEATURES.index(of.feature):
            wrong.append(f"{of.name}:{found.line} {of.feature} is left of {found.target}")
        elif (
            found.target not in SHOWN_AS_WELL
            and role_of(found.target) not in SHOWN_TO_OTHER_FEATURES
        ):
            wrong.append(f"{of.name}:{found.line} {found.target} is not shown to other features")
    return wrong


def between_roles(of: Module) -> list[str]:
    """Say where a role of a feature reaches to a role on its right, or beside it."""
    wrong: list[str] = []
    if of.feature is None or len(of.parts) < 3:
        return wrong
    here = role_of(of.name)
    for found in imports(of):
        if feature_of(found.target) != of.feature:
            continue
        there = role_of(found.target)
        if {here, there} == {"models", "rules"}:
            # Beside each other: a rule may name the record it judges, a record may ask a rule.
            if here == "rules" and not found.for_types:
                wrong.append(f"{of.name}:{found.line} rules load models")
        elif here != there and ROLES[there] >= ROLES[here]:
            wrong.append(f"{of.name}:{found.line} {here} is left of {there}")
    return wrong


def outside_features(of: Module) -> list[str]:
    """Say where what all features stand on reaches up: the kit or web to a feature, web to the kit,
    the rest to either.
    """
    wrong: list[str] = []
    if of.feature is not None or of.name in KNOW_FEATURES:
        return wrong
    is_kit = of.name.startswith("tracker.kit")
    for found in imports(of):
        if is_kit and found.target == LABELS:
            continue
        if feature_of(found.target) or found.target in KNOW_FEATURES - {"tracker"}:
            wrong.append(f"{of.name}:{found.line} knows {found.target}")
        elif (found.target.startswith("tracker.kit") and not is_kit) or (
            found.target.startswith("tracker.web") and not of.name.startswith(SHARED)
        ):
            wrong.append(f"{of.name}:{found.line} is below {found.target}")
    return wrong


def up_from_features(of: Module) -> list[str]:
    """Say where a feature knows the modules that know every feature."""
    if of.feature is None:
        return []
    return [
        f"{of.name}:{found.line} knows {found.target}"
        for found in imports(of)
        if found.target in KNOW_FEATURES - {"tracker"}
    ]


@cache
def web_with_flask() -> frozenset[str]:
    """Return the shared modules of pages that bring Flask along; reading an address does not."""
    web = {
        one.name: {found.target for found in imports(one) if not found.for_types}
        for one in modules()
        if one.name.startswith(SHARED)
    }
    bring = {
        name
        for name, targets in web.items()
        if any(t.startswith(("flask", "wtforms")) for t in targets)
    }
    while more := {name for name, targets in web.items() if targets & bring} - bring:
        bring |= more
    return frozenset(bring)


def into_folders(of: Module) -> list[str]:
    """Say where the reports' own modules import one of their folders, which all stand on them; the
    commands put together whatever there is.
    """
    if of.feature != "reports" or len(of.parts) != OWN or role_of(of.name) == "commands":
        return []
    return [
        f"{of.name}:{found.line} imports {found.target}"
        for found in imports(of)
        if found.target.startswith("tracker.reports.")
        and found.target.count(".") >= OWN
        # Tables of columns, which are data.
        and not found.target.startswith("tracker.reports.tables.")
    ]


def frameworks(of: Module) -> list[str]:
    """Say where a role imports Flask or SQLAlchemy that must do without."""
    if of.feature is None or len(of.parts) < 3:
        return []
    role, wrong = role_of(of.name), []
    for found in imports(of):
        package = found.target.partition(".")[0]
        brings_flask = package.startswith(("flask", "wtforms")) or found.target in web_with_flask()
        if role in WITHOUT_FLASK and brings_flask:
            wrong.append(f"{of.name}:{found.line} {role} imports {found.target}")
        if role in WITHOUT_SQLALCHEMY and package in {"sqlalchemy", "alembic"}:
            wrong.append(f"{of.name}:{found.line} {role} imports {found.target}")
    return wrong


def from_reader(of: Module) -> list[str]:
    """Say where the reader imports more than its own modules, codes and what it is known to need."""
    if of.feature != "reader":
        return []
    return [
        f"{of.name}:{found.line} imports {found.target}"
        for found in imports(of)
        if found.target.partition(".")[0] == "tracker"
        and feature_of(found.target) != "reader"
        and found.target not in READER_NEEDS
        and role_of(found.target) != "codes"
    ]


def hidden(of: Module) -> list[str]:
    """Say where an import hides in a function, is relative, or is made from a string."""
    return [
        f"{of.name}:{found.line} hides {found.target}"
        for found in imports(of)
        if found.target.startswith(".")
        or (found.target in {"importlib", "tracker.importlib"} and of.name != "tracker")
        or (
            found.in_function
            and found.target.partition(".")[0] == "tracker"
            and of.name != "tracker"
        )
    ]


def cycles(of: tuple[Module, ...]) -> list[str]:
    """Say one cycle, if there is one; imports for types count."""
    names = {one.name for one in of}
    graph = {
        one.name: {found.target for found in imports(one)} & names - {one.name, "tracker"}
        for one in of
    }
    try:
        tuple(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        return [" > ".join(error.args[1])]
    return []


def shadowed(of: Module) -> list[str]:
    """Say where the package calls one of its modules by the name of another.

    Loading `tracker.records` sets `tracker.records`, over a `records` that came from `tracker.web`:
    what the name means would depend on what was imported last.
    """
    if of.name != "tracker":
        return []
    own = {one.name.rpartition(".")[2] for one in modules() if len(one.parts) == 2}
    return [
        f"{of.name}:{line.lineno} {alias.name} of {line.module}"
        for line in of.tree.body
        if isinstance(line, ast.ImportFrom) and line.module != "tracker"
        for alias in line.names
        if (alias.asname or alias.name) in own
    ]


RULES = [
    between_features,
    between_roles,
    outside_features,
    up_from_features,
    into_folders,
    frameworks,
    from_reader,
    hidden,
    shadowed,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_imports_run_to_the_left(rule):
    assert [wrong for one in modules() for wrong in rule(one)] == []


def test_no_modules_import_each_other_in_a_circle():
    assert cycles(modules()) == []


def test_features_show_nothing_by_their_package():
    assert [one.name for one in modules() if one.last in FEATURES and len(one.tree.body) > 1] == []


@pytest.mark.parametrize(
    ("rule", "name", "code"),
    [
        (between_features, "tracker.incidents.service", "from tracker.cases.models import Case"),
        (
            between_features,
            "tracker.incidents.service",
            "if TYPE_CHECKING:\n    from tracker.cases.models import Case",
        ),
        (
            between_features,
            "tracker.cases.views",
            "from tracker.incidents.forms import IncidentForm",
        ),
        (between_features, "tracker.cases.views", "from tracker.incidents import views"),
        (
            into_folders,
            "tracker.reports.service",
            "from tracker.reports.packages.service import question",
        ),
        (between_roles, "tracker.review.queries", "from tracker.review.service import approve"),
        (between_roles, "tracker.review.codes", "from tracker.review.models import Reviewable"),
        (between_roles, "tracker.review.rules", "from tracker.review.models import Reviewable"),
        (between_roles, "tracker.users.commands", "from tracker.users.views import bp"),
        (outside_features, "tracker.web.layout", "from tracker.users.models import User"),
        (outside_features, "tracker.scoping", "from tracker.users.models import User"),
        (outside_features, "tracker.scoping", "from tracker.web.guards import require_permission"),
        (outside_features, "tracker.scoping", "from tracker.kit.filters import ListFilter"),
        (outside_features, "tracker.web.layout", "from tracker.kit.filters import ListFilter"),
        (outside_features, "tracker.kit.filters", "from tracker.users.models import User"),
        (up_from_features, "tracker.users.service", "from tracker.models import User"),
        (frameworks, "tracker.users.service", "from flask import current_app"),
        (frameworks, "tracker.users.models", "from flask_login import UserMixin"),
        (frameworks, "tracker.users.queries", "from tracker.web.guards import current_actor"),
        (frameworks, "tracker.timelines.build", "from sqlalchemy import select"),
        (frameworks, "tracker.review.rules", "import sqlalchemy.orm"),
        (from_reader, "tracker.reader.suggest", "from tracker.i18n import _"),
        (from_reader, "tracker.reader.acts.phrases", "from tracker.incidents.rules import SUITS"),
        (from_reader, "tracker.reader.text", "from tracker.db import db"),
        (hidden, "tracker.users.service", "def f():\n    from tracker.users.models import User"),
        (hidden, "tracker.users.service", "from .models import User"),
        (shadowed, "tracker", "from tracker.web import errors"),
        (hidden, "tracker.users.service", "from importlib import import_module"),
    ],
)
def test_the_rule_bites(rule, name, code):
    assert rule(module(name, code)) != []


def test_the_rule_against_circles_bites():
    one = module("tracker.review.rules", "from tracker.review import models")
    other = module("tracker.review.models", "from tracker.review.rules import may_move")

    assert cycles((one, other)) != []


def test_the_rules_let_good_imports_pass():
    good = module(
        "tracker.cases.views",
        """
        from flask import render_template
        from tracker import clock
        from tracker.cases import service
        from tracker.cases.forms import CaseForm
        from tracker.incidents.queries import incidents_matching
        from tracker.web.guards import require_permission
        """,
    )

    assert [wrong for rule in RULES for wrong in rule(good)] == []
