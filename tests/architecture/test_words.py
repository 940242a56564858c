"""Names are plain standard words: each name that was a riddle is refused, with its standard word."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.source import Function, Module, module, modules

# Of functions, classes, modules and parameters; those of classes are compared in snake case.
STANDARD_WORDS = {
    "acting": "as_user",
    "bearer": "owner",
    "before_quotes": "content_warning",
    "begun": "commit_with_result_url",
    "carry": "prefill_from",
    "closing": "name_redaction",
    "closing_of": "plan_name_redaction",
    "counts_condition": "is_not_retracted",
    "done": "redirect_saved (a function), is_done (a predicate)",
    "doubt_fewer": "confirm_removed_acts",
    "draw_marks": "update_fingerprints",
    "furniture": "boilerplate",
    "gathered": "collect_errors",
    "glued": "handle",
    "in_turn": "steps_by_date",
    "is_borne_out": "is_verification_supported",
    "keeps_filter": "shows_filter_errors",
    "known_by": "latest_possible_date",
    "let_in": "sign_in",
    "lets_through": "matching_entries",
    "means": "effects",
    "meanwhile": "without_write_lock",
    "namesakes": "not_duplicates",
    "narrow": "restrict",
    "offer": "set_choices",
    "one_by_one": "collect_errors",
    "part_twins": "undo_merge",
    "point_out": "set_matches",
    "put_types": "set_types",
    "saved": "handle_form",
    "refer": "add_reference",
    "says_nothing": "is_empty_line",
    "settle": "edit_outcome",
    "show_posed": "populate_impersonated_parties",
    "submissions": "idempotency",
    "sure_field": "confirm_field",
    "take": "assign (an item), run (an import)",
    "take_missing": "fill_unset_fields",
    "taking_service": "run_import",
    "tell_apart": "mark_not_duplicates",
    "told_apart": "not_duplicates",
    "traces": "log_redaction",
    "twins": "duplicates",
    "typed_numbers": "format_sentence_numbers",
    "uncollected": "gc_paused",
    "unprepared": "content_warning",
    "unrefer": "remove_reference",
    "whose": "default_team_and_visibility",
    "widen": "share",
    "without_silences": "no_silences_note",
    "worked_on_by": "contributor_ids",
}
# In no name at all, whatever stands beside them.
STANDARD_PARTS = {
    "befell": "happened",
    "likeliest": "most likely",
    "strayed": "misplaced",
    "surest": "most certain",
    "whoever": "who it is, as a noun",
}
# A function that raises says what it asks for, and one that decides says what it returns.
STANDARD_BEGINNINGS = {
    "refuse_": "validate_ (bad input), require_ (a condition) or reject_",
}
# A function of one word does something: its name is a verb in the imperative. What returns
# something is named by that, in two words or more.
VERBS = (
    "acquire", "add", "build", "canonicalize", "check", "claim", "close", "collect", "compare",
    "compose", "compute", "create", "describe", "downgrade", "draw", "execute", "fail", "find",
    "finish", "format", "get", "highlight", "inspect", "invoke", "load", "merge", "observe",
    "paginate", "parse", "populate", "preload", "prepare", "preselect", "process", "publish",
    "redact", "reject", "remove", "rename", "render", "resolve", "run", "save", "search", "send",
    "serve", "stop", "store", "suggest", "transliterate", "undo", "update", "upgrade", "validate",
    "withdraw", "write",
)  # fmt: skip
# Names that a framework reads: of pages, commands, listeners and what templates are given.
FRAMEWORK_DECORATORS = frozenset({
    "command", "context_processor", "get", "listens_for", "post", "record", "route",
    "route_for_each_kind",
})  # fmt: skip
PROPERTY_DECORATORS = frozenset({"cached_property", "declared_attr", "property", "setter"})
# Methods that a library calls by these names, and the entry point of a script.
NAMES_OF_OTHERS = {
    "tracker.install.main": "the entry point of a script",
    "tracker.log_redaction.RedactingFormatter.formatException": "logging",
    "tracker.reports.packages.service._ZipBuffer.writable": "io",
    "tracker.serving.Channel.readable": "Waitress",
    "tracker.serving.Channel.service": "Waitress",
    "tracker.serving.RequestParser.received": "Waitress",
    "tracker.serving.Server.maintenance": "Waitress",
}


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().lstrip("_")


def named(of: Module) -> list[tuple[str, str]]:
    """Return the names of a module, with the kind of each: its own, and those that it defines."""
    found = [("module", of.last)]
    for node in ast.walk(of.tree):
        if isinstance(node, ast.ClassDef):
            found.append(("class", node.name))
        elif isinstance(node, Function):
            found.append(("function", node.name))
            given = node.args
            found += [
                ("parameter", one.arg)
                for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)
            ]
    return found


def riddles(of: Module) -> list[str]:
    """Return the names that are refused, each with the standard word for it."""
    wrong = []
    for kind, name in named(of):
        plain = snake(name)
        standard = (
            [STANDARD_WORDS[plain]] if plain in STANDARD_WORDS and kind != "parameter" else []
        )
        if kind == "parameter" and plain in {"bearer", "known_by"}:
            standard = [STANDARD_WORDS[plain]]
        standard += [word for part, word in STANDARD_PARTS.items() if part in plain.split("_")]
        if kind == "function":
            standard += [
                word for start, word in STANDARD_BEGINNINGS.items() if plain.startswith(start)
            ]
        wrong += [f"{of.name}: {kind} {name}: say {word}" for word in standard]
    return wrong


def decorators(node: Function) -> set[str]:
    """Return the last words of a function's decorators: `get` of `@bp.get("/")`."""
    expressions = (one.func if isinstance(one, ast.Call) else one for one in node.decorator_list)
    return {ast.unparse(one).rpartition(".")[2] for one in expressions}


def one_word_functions(tree: ast.Module | ast.ClassDef, prefix: str) -> list[tuple[str, str]]:
    """Return the functions and methods of one word, each with its dotted name; none inside
    another function, no property, and none whose name a framework reads.
    """
    found = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found += one_word_functions(node, f"{prefix}.{node.name}")
        elif isinstance(node, Function) and not node.name.endswith("__"):
            word = node.name.lstrip("_")
            if "_" not in word and not decorators(node) & (
                FRAMEWORK_DECORATORS | PROPERTY_DECORATORS
            ):
                found.append((f"{prefix}.{node.name}", word))
    return found


def names_without_verb(of: Module) -> list[str]:
    """Return the functions and methods of one word that is no verb."""
    return [
        f"{name}: say what it does or returns, such as `find_{word}` or `{word}_title`"
        for name, word in one_word_functions(of.tree, of.name)
        if word not in VERBS and name not in NAMES_OF_OTHERS
    ]


def test_names_are_standard_words():
    assert [wrong for one in modules() for wrong in riddles(one)] == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("tracker.users.submissions", ""),
        ("tracker.cases.views", "def widen(ref: str) -> str: ..."),
        ("tracker.web.forms", "class SureField: ..."),
        ("tracker.web.saving", "def meanwhile(read: object) -> object: ..."),
        ("tracker.when", "def parse_when(text: str, *, known_by: object) -> object: ..."),
        ("tracker.people.queries", "def _likeliest_name() -> str: ..."),
        ("tracker.incidents.service", "class Reader:\n    def refuse_place(self) -> None: ..."),
    ],
)
def test_the_rule_bites(name, code):
    assert riddles(module(name, code)) != []


def test_the_rule_says_the_standard_word():
    assert riddles(module("tracker.cases.views", "def narrow(ref: str) -> str: ...")) == [
        "tracker.cases.views: function narrow: say restrict"
    ]


def test_a_function_of_one_word_is_a_verb():
    assert [wrong for one in modules() for wrong in names_without_verb(one)] == []


def test_verbs_are_sorted_and_each_exemption_is_used():
    found = [pair for one in modules() for pair in one_word_functions(one.tree, one.name)]
    assert list(VERBS) == sorted(set(VERBS))
    assert NAMES_OF_OTHERS.keys() - {name for name, _word in found} == set()


@pytest.mark.parametrize(
    "code",
    [
        "def _alike() -> bool: ...",
        "class Switch:\n    def state(self) -> str: ...",
        "@contextmanager\ndef audited(record: object) -> object: ...",
        "@cache\ndef _lists() -> object: ...",
    ],
)
def test_a_noun_is_no_name_of_a_function(code):
    assert names_without_verb(module("tracker.cases.queries", code)) != []


@pytest.mark.parametrize(
    "code",
    [
        "def merge() -> None: ...",
        "def similar_outlets() -> list[str]: ...",
        "class Form:\n    def __init__(self) -> None: ...",
        "class Case:\n    @property\n    def title(self) -> str: ...",
        '@bp.get("/")\ndef index() -> str: ...',
        '@event.listens_for(Session, "after_commit")\ndef _committed() -> None: ...',
        "def load_cases() -> None:\n    def key() -> int: ...",
    ],
)
def test_other_names_are_no_concern_of_the_rule(code):
    assert names_without_verb(module("tracker.cases.queries", code)) == []
