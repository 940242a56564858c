"""Modules and functions stay small, named, typed and explained."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import Module, functions, module, modules

# Smaller ones were cut where no meaning ended, and had one neighbour as their only reader.
LONGEST_MODULE = 600
LONGEST_FUNCTION = 40
MOST_FIELDS = 15
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "misc"}


def too_long(of: Module) -> list[str]:
    lines = len(of.text.splitlines())
    return [f"{of.name} has {lines} lines"] if lines > LONGEST_MODULE else []


def long_functions(of: Module) -> list[str]:
    return [
        f"{of.name}:{one.lineno} {one.name} has {lines} lines"
        for one in functions(of)
        if (lines := (one.end_lineno or one.lineno) - one.lineno + 1) > LONGEST_FUNCTION
    ]


def crowded_forms(of: Module) -> list[str]:
    wrong = []
    for node in ast.walk(of.tree):
        if isinstance(node, ast.ClassDef) and any(
            "Form" in ast.unparse(base) for base in node.bases
        ):
            fields = sum(
                isinstance(line, ast.Assign | ast.AnnAssign) and "Field(" in ast.unparse(line)
                for line in node.body
            )
            if fields > MOST_FIELDS:
                wrong.append(f"{of.name}:{node.lineno} {node.name} has {fields} fields")
    return wrong


def unexplained(of: Module) -> list[str]:
    """Say where a module does not open with a sentence."""
    said = ast.get_docstring(of.tree) or ""
    first = said.split("\n\n")[0]
    return [] if first.endswith((".", "!", "?")) else [f"{of.name} does not say what it is for"]


def is_empty_line(of: Module) -> list[str]:
    words = set(of.last.split("_"))
    return [f"{of.name} is called after nothing"] if words & SAYS_NOTHING else []


def untyped(of: Module) -> list[str]:
    wrong = []
    for one in functions(of):
        given = one.args
        named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        bare = [
            argument.arg
            for argument in named
            if argument and not argument.annotation and argument.arg not in {"self", "cls"}
        ]
        if bare or one.returns is None:
            wrong.append(f"{of.name}:{one.lineno} {one.name} is not typed {bare}")
    return wrong


def not_finished(of: Module) -> list[str]:
    """Say where something was left for later."""
    return [
        f"{of.name}:{number} {line.strip()}"
        for number, line in enumerate(of.text.splitlines(), 1)
        if any(word in line for word in ("# TODO", "# FIXME", "# XXX", "NotImplementedError("))
    ]


RULES = [
    too_long,
    long_functions,
    crowded_forms,
    unexplained,
    is_empty_line,
    untyped,
    not_finished,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_modules_have_the_shape_agreed_on(rule):
    assert [wrong for one in modules() for wrong in rule(one)] == []


FIELDS = "\n".join(f"    field_{number} = StringField()" for number in range(16))


@pytest.mark.parametrize(
    ("rule", "name", "code"),
    [
        (too_long, "tracker.big", "\n" * 601),
        (long_functions, "tracker.big", "def long():\n" + "    pass\n" * 40),
        (crowded_forms, "tracker.cases.forms", f"class CaseForm(TrackerForm):\n{FIELDS}"),
        (unexplained, "tracker.quiet", "import os"),
        (unexplained, "tracker.quiet", '"""Things"""'),
        (is_empty_line, "tracker.cases.utils", ""),
        (is_empty_line, "tracker.cases.view_helpers", ""),
        (untyped, "tracker.loose", "def of(one) -> int: return 1"),
        (untyped, "tracker.loose", "def of(one: int): return 1"),
        (untyped, "tracker.loose", "def of(*all, **named: int) -> int: return 1"),
        (not_finished, "tracker.later", "x = 1  # TODO: think"),
    ],
)
def test_the_rule_bites(rule, name, code):
    assert rule(module(name, code)) != []
