"""The tracker's modules as syntax trees, so that rules about code can be tests."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tracker"
TEMPLATES = ROOT / "templates"
FEATURES = [
    "audit",
    "users",
    "vocabulary",
    "search",
    "people",
    "articles",
    "review",
    "incidents",
    "fake_accounts",
    "responses",
    "cases",
    "bulk",
    "everywhere",
    "timelines",
    "reader",
    "intake",
    "reports",
    "sample",
    "operating",
    "help",
]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One module: its dotted name, its words, its tree."""

    name: str
    text: str
    tree: ast.Module

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.name.split("."))

    @property
    def feature(self) -> str | None:
        """The feature it belongs to, if any."""
        return self.parts[1] if len(self.parts) > 1 and self.parts[1] in FEATURES else None

    @property
    def last(self) -> str:
        return self.parts[-1]


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, as far as its name can be told from the text."""

    target: str
    line: int
    for_types: bool
    in_function: bool


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of the tracker."""
    return tuple(
        module(_dotted(path), path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    )


def module(name: str, text: str) -> Module:
    """Read one module; examples of bad code come in here too."""
    text = textwrap.dedent(text)
    return Module(name, text, ast.parse(text))


def imports(of: Module) -> Iterator[Import]:
    """Return what a module imports: under TYPE_CHECKING and inside functions as well."""
    yield from _imports_in(of.tree, for_types=False, in_function=False)


def functions(of: Module) -> Iterator[Function]:
    for node in ast.walk(of.tree):
        if isinstance(node, Function):
            yield node


def calls(of: Module) -> Iterator[tuple[str, ast.Call]]:
    """Return every call with the last part of the name it calls: `commit` for `session.commit()`."""
    for node in ast.walk(of.tree):
        if isinstance(node, ast.Call):
            name = called(node)
            if name:
                yield name, node


def called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _names() -> frozenset[str]:
    return frozenset(_dotted(path) for path in PACKAGE.rglob("*.py"))


def _imports_in(node: ast.AST, *, for_types: bool, in_function: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, node.lineno, for_types, in_function)
    elif isinstance(node, ast.ImportFrom):
        source = "." * node.level + (node.module or "")
        for alias in node.names:
            # `from tracker.users import views` is about tracker.users.views.
            whole = f"{source}.{alias.name}"
            target = whole if whole in _names() else source
            yield Import(target, node.lineno, for_types, in_function)
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        for line in node.body:
            yield from _imports_in(line, for_types=True, in_function=in_function)
        for line in node.orelse:
            yield from _imports_in(line, for_types=for_types, in_function=in_function)
    else:
        inside = in_function or isinstance(node, Function)
        for child in ast.iter_child_nodes(node):
            yield from _imports_in(child, for_types=for_types, in_function=inside)
