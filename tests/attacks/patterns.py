"""Every pattern of the tracker, and texts made to take it longest: what `test_patterns.py` tries."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# Notes each pattern that code of ours compiles while every module is loaded and every word list.
NOTING = """
import json, pkgutil, re, sys
from pathlib import Path
import re._compiler
plain, noted = re._compiler.compile, {}
def compile(pattern, flags=0):
    made = plain(pattern, flags)
    frame = sys._getframe(1)
    while frame and frame.f_code.co_filename.endswith(("re/__init__.py", "re.py")):
        frame = frame.f_back
    where = frame.f_code.co_filename if frame else ""
    if "/tracker/" in where and isinstance(pattern, (str, bytes)):
        is_bytes = isinstance(pattern, bytes)
        text = pattern.decode("latin-1") if is_bytes else pattern
        noted[text, made.flags, is_bytes] = f"{where}:{frame.f_lineno}"
    return made
re._compiler.compile = compile
import tracker
for found in pkgutil.walk_packages(tracker.__path__, "tracker."):
    if not found.name.endswith("install"):
        __import__(found.name)
from tracker.articles import extract
from tracker.reader import suggest
extract.preload_libraries()
for language in suggest.SAMPLE_TEXTS:
    suggest.preload(language.value)
json.dump([[*key, where] for key, where in noted.items()], sys.stdout)
"""
INLINE = {"search", "match", "fullmatch", "split", "sub", "subn", "findall", "finditer"}
# So many texts for each pattern; so deep into alternatives.
MOST_TEXTS = 120
BRANCHES = 3
WILD = (" ", "a", "0", ".", "\n", "\0")


@dataclass(frozen=True)
class Made:
    """A pattern with where it is made."""

    pattern: re.Pattern[Any]
    where: str


def every_pattern() -> list[Made]:
    """Return every pattern that is compiled as the tracker loads, or stands where it is used."""
    told = subprocess.run(
        [sys.executable, "-c", NOTING], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    found: dict[tuple[str, int, bool], Made] = {}
    for text, flags, is_bytes, where in json.loads(told):
        pattern: Any = text.encode("latin-1") if is_bytes else text
        keep = flags & ~(0 if is_bytes else re.UNICODE.value)
        place = str(Path(where.rpartition(":")[0]).relative_to(ROOT)) + where[where.rindex(":") :]
        found[text, keep, is_bytes] = Made(re.compile(pattern, keep), place)
    for file in sorted((ROOT / "tracker").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if is_inline(node):
                made = re.compile(node.args[0].value)  # type: ignore[attr-defined]
                key = (str(made.pattern), made.flags & ~re.UNICODE.value, False)
                where = f"{file.relative_to(ROOT)}:{node.lineno}"  # type: ignore[attr-defined]
                found.setdefault(key, Made(made, where))
    return list(found.values())


def is_inline(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) == "re"
        and node.func.attr in INLINE
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    )


def hostile_pieces(made: re.Pattern[Any]) -> list[str]:
    """Return what is to be repeated: what each part of the pattern reads, alone and in pairs."""
    text = made.pattern.decode("latin-1") if isinstance(made.pattern, bytes) else made.pattern
    tree = parser.parse(text, made.flags & ~re.DEBUG.value)
    whole = list(islice(samples(tree), BRANCHES))
    parts = [one for part in repeated(tree) for one in islice(samples(part), BRANCHES)]
    parts = list(dict.fromkeys(one for one in parts if one))
    letters = list(dict.fromkeys(letter for one in (*parts, *whole) for letter in one))[:12]
    pairs = ["".join(pair) for pair in product(letters[:8], letters[:8]) if pair[0] != pair[1]]
    starts = [one[:cut] for one in whole for cut in range(1, min(len(one), 12))]
    found = dict.fromkeys((*parts, *whole, *letters, *WILD, *pairs, *starts))
    return [piece for piece in found if piece][:MOST_TEXTS]


def repeated(tree: Iterable[Any]) -> Iterator[Any]:
    """Yield what stands under a repetition, the outermost first."""
    for op, given in tree:
        if op in {code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT}:
            yield given[2]
            yield from repeated(given[2])
        elif op is code.SUBPATTERN:
            yield from repeated(given[3])
        elif op is code.BRANCH:
            for branch in given[1]:
                yield from repeated(branch)
        elif op in {code.ASSERT, code.ASSERT_NOT}:
            yield from repeated(given[1])
        elif op is code.ATOMIC_GROUP:
            yield from repeated(given)


def samples(tree: Iterable[Any]) -> Iterator[str]:
    """Yield words that a part of a pattern reads, a few of each choice."""
    found = [""]
    for op, given in tree:
        more = list(islice(sample(op, given), BRANCHES)) or [""]
        found = [one + other for one, other in islice(product(found, more), BRANCHES * BRANCHES)]
    yield from dict.fromkeys(found)


def sample(op: Any, given: Any) -> Iterator[str]:  # noqa: C901 (a line a kind)
    if op is code.LITERAL:
        yield chr(given)
    elif op is code.NOT_LITERAL:
        yield next(letter for letter in "a0 ." if ord(letter) != given)
    elif op is code.ANY:
        yield from ("a", " ")
    elif op is code.IN:
        yield from of_class(given)
    elif op in {code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT}:
        least, _most, part = given
        for one in islice(samples(part), BRANCHES):
            yield one * max(1, least)
    elif op is code.SUBPATTERN:
        yield from islice(samples(given[3]), BRANCHES)
    elif op is code.ATOMIC_GROUP:
        yield from islice(samples(given), BRANCHES)
    elif op is code.BRANCH:
        branches = given[1]
        for branch in (*branches[:BRANCHES], branches[-1]):
            yield from islice(samples(branch), 1)


def of_class(given: Any) -> Iterator[str]:
    """Yield a letter of each part of a class; of one that says what is not, common letters."""
    parts = list(given)
    if parts and parts[0][0] is code.NEGATE:
        made = re.compile("".join(("[^", *map(_written, parts[1:]), "]")))
        yield from (letter for letter in "a 0.\n<" if made.match(letter))
        return
    for op, value in parts:
        if op is code.LITERAL:
            yield chr(value)
        elif op is code.RANGE:
            yield chr(value[0])
        elif op is code.CATEGORY:
            yield {
                code.CATEGORY_SPACE: " ", code.CATEGORY_DIGIT: "1", code.CATEGORY_WORD: "a",
                code.CATEGORY_NOT_WORD: ".", code.CATEGORY_NOT_SPACE: "a",
                code.CATEGORY_NOT_DIGIT: "a",
            }[value]  # fmt: skip


def _written(part: Any) -> str:
    op, value = part
    if op is code.LITERAL:
        return re.escape(chr(value))
    if op is code.RANGE:
        return re.escape(chr(value[0])) + "-" + re.escape(chr(value[1]))
    return {
        code.CATEGORY_SPACE: r"\s", code.CATEGORY_DIGIT: r"\d", code.CATEGORY_WORD: r"\w",
        code.CATEGORY_NOT_WORD: r"\W", code.CATEGORY_NOT_SPACE: r"\S",
        code.CATEGORY_NOT_DIGIT: r"\D",
    }[value]  # fmt: skip
