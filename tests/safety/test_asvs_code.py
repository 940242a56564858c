"""What our own code never does: run what somebody typed, guess at chance, hash weakly, ask outside."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import pytest

from tests.architecture.source import Module, calls, imports, module, modules

# Where chance comes from that can be guessed, or is short of bits: nothing of ours may be made of it.
GUESSABLE = {"random", "uuid", "numpy.random"}
# What reads bytes as objects of any kind, or as code.
READS_OBJECTS = {"pickle", "marshal", "shelve", "yaml", "dill", "jsonpickle", "code", "codeop"}
# What asks another machine for something.
ASKS_OUTSIDE = {
    "urllib.request", "http.client", "ftplib", "smtplib", "imaplib", "poplib", "telnetlib",
    "requests", "httpx", "aiohttp", "urllib3", "ldap", "ldap3", "pymemcache", "memcache", "redis",
    "websockets", "xmlrpc",
}  # fmt: skip
MAY_OPEN_SOCKETS = {
    "tracker.serving": "looks whether the port is free on which the tracker is to be served",
    "tracker.parsing": "a pair without an address, to its own parser process",
    "tracker.parsing_child": "the other end of the pair",
}
MAY_SEND_MAIL = {
    "tracker.cases.mail_service": "tells users that something changed, if a mail server is set",
}
MAY_START_PROCESSES = {
    "tracker.parsing": "parses what others wrote in child processes, under limits",
    "tracker.install": "makes the virtual environment and calls pip",
    "tracker.operating.backup_service": "pg_dump and pg_restore",
}
WEAK_HASHES = {"md5", "sha1", "md4", "ripemd160", "crc32", "adler32", "new"}
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
SECRET_NAMES = re.compile(r"(?i)(password|secret|token|api_?key)$")


def of_package(of: Module, names: set[str]) -> list[str]:
    return [
        f"{of.name}:{one.line} imports {one.target}"
        for one in imports(of)
        if any(one.target == name or one.target.startswith(f"{name}.") for name in names)
    ]


def guesses(of: Module) -> list[str]:
    """Say where chance is used that is no secret."""
    return [] if of.name == MADE_BY_A_SEED else of_package(of, GUESSABLE)


def reads_objects(of: Module) -> list[str]:
    """Say where bytes may become any object."""
    return of_package(of, READS_OBJECTS)


def asks_outside(of: Module) -> list[str]:
    """Say where another machine might be asked for something."""
    sockets: set[str] = set() if of.name in MAY_OPEN_SOCKETS else {"socket"}
    mail: set[str] = {"smtplib"} if of.name in MAY_SEND_MAIL else set()
    return of_package(of, (ASKS_OUTSIDE | sockets) - mail)


def runs_text(of: Module) -> list[str]:
    """Say where text is run as code, by Python or by a shell."""
    wrong = [
        f"{of.name}:{call.lineno} {name}"
        for name, call in calls(of)
        if (name in RUNS_TEXT and isinstance(call.func, ast.Name))
        or name in {"system", "popen"}
        or any(word.arg == "shell" and getattr(word.value, "value", True) for word in call.keywords)
    ]
    if of.name not in MAY_START_PROCESSES:
        wrong += of_package(of, {"subprocess", "pty"})
    return wrong


def hashes_weakly(of: Module) -> list[str]:
    """Say where a hash is used for which two equal ones have been made, or could be."""
    return [
        f"{of.name}:{call.lineno} {ast.unparse(call.func)}"
        for name, call in calls(of)
        if name in WEAK_HASHES and ast.unparse(call.func).startswith(("hashlib.", "zlib.", name))
    ]


# Their patterns are made of the commented word lists that ship beside them, never of what comes in.
FROM_OUR_WORDS = (
    "tracker.articles.bylines", "tracker.articles.written_dates", "tracker.reader.",
    "tracker.sample.records_service",
)  # fmt: skip
# The records of the sample are the same each time: their chance has a fixed seed and no secret.
MADE_BY_A_SEED = "tracker.sample.records_service"


def makes_patterns(of: Module) -> list[str]:
    """Say where a pattern is made of something that is not written there, nor quoted."""
    wrong: list[str] = []
    if of.name.startswith(FROM_OUR_WORDS):
        return wrong
    for name, call in calls(of):
        if ast.unparse(call.func).partition("(")[0] != f"re.{name}" or name == "escape":
            continue
        pattern = next(iter(call.args), call)
        said = ast.unparse(pattern)
        names = [one.id for one in ast.walk(pattern) if isinstance(one, ast.Name)]
        loose = [one for one in names if not one.isupper() and one != "re"]
        if any(f"re.escape({one})" not in said for one in loose):
            wrong.append(f"{of.name}:{call.lineno} {ast.unparse(call)}")
    return wrong


def fills_anything(of: Module) -> list[str]:
    """Say where the names of fields decide what of a record is set."""
    return [
        f"{of.name}:{call.lineno} {ast.unparse(call)}"
        for name, call in calls(of)
        if name == "populate_obj"
        or any(kw.arg is None and "request." in ast.unparse(kw) for kw in call.keywords)
    ]


def holds_secrets(of: Module) -> list[str]:
    """Say where something that opens a door is written into the code."""
    wrong = []
    for node in ast.walk(of.tree):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(
            node.value, ast.Constant
        ):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        value = node.value.value
        # A word of a form or of the trail is no secret; a secret has digits.
        is_one = isinstance(value, str) and re.search(r"\d", value)
        if is_one and any(SECRET_NAMES.search(ast.unparse(one)) for one in targets):
            wrong.append(f"{of.name}:{node.lineno} {ast.unparse(node)}")
    return wrong


def logs_elsewhere(of: Module) -> list[str]:
    """Say where a log would go anywhere but to stderr, which is where it is said to go."""
    return [
        f"{of.name}:{call.lineno} {ast.unparse(call)}"
        for name, call in calls(of)
        if (name.endswith("Handler") and ast.unparse(call) != "logging.StreamHandler(sys.stderr)")
        or any(word.arg == "filename" and name == "basicConfig" for word in call.keywords)
    ]


def formats_what_was_typed(of: Module) -> list[str]:
    """Say where a text is filled in whose places were not written there, nor translated."""
    wrong: list[str] = []
    if of.name.startswith(FROM_OUR_WORDS):
        return wrong
    for name, call in calls(of):
        if name not in {"format", "format_map"} or not isinstance(call.func, ast.Attribute):
            continue
        if not isinstance(call.func.value, ast.Constant) and "super()" not in ast.unparse(call):
            wrong.append(f"{of.name}:{call.lineno} {ast.unparse(call)}")
    return wrong


RULES: list[Callable[[Module], list[str]]] = [
    guesses, reads_objects, asks_outside, runs_text, hashes_weakly, makes_patterns, fills_anything,
    holds_secrets, logs_elsewhere, formats_what_was_typed,
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_our_code_never_does_it(rule):
    assert [wrong for one in modules() for wrong in rule(one)] == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (guesses, "import random"),
        (guesses, "from uuid import uuid4"),
        (reads_objects, "import pickle"),
        (reads_objects, "from yaml import load"),
        (asks_outside, "from urllib.request import urlopen"),
        (asks_outside, "import socket"),
        (runs_text, "eval(request.args['x'])"),
        (runs_text, "os.system('ls ' + name)"),
        (runs_text, "run(words, shell=True)"),
        (runs_text, "import subprocess"),
        (hashes_weakly, "hashlib.md5(b'')"),
        (hashes_weakly, "hashlib.new('sha1')"),
        (makes_patterns, "re.search(typed, text)"),
        (makes_patterns, "re.compile(rf'{typed}x')"),
        (fills_anything, "form.populate_obj(record)"),
        (fills_anything, "Journalist(**request.form)"),
        (logs_elsewhere, "logging.FileHandler('/tmp/log')"),
        (logs_elsewhere, "SysLogHandler(address=where)"),
        (logs_elsewhere, "logging.basicConfig(filename='log')"),
        (formats_what_was_typed, "request.form['x'].format(user=user)"),
        (formats_what_was_typed, "typed.format_map(values)"),
        (holds_secrets, "api_key = 'k-12345'"),
    ],
)
def test_the_rule_bites(rule, code):
    assert rule(module("tracker.cases.views", code)) != []


def test_the_rules_let_good_code_pass():
    good = module(
        "tracker.cases.views",
        "import secrets, hashlib\nhashlib.sha256(b'')\nre.compile('a+')\nre.search(PATTERN, text)\n"
        "re.search(re.escape(typed), text)\n'{} of {}'.format(1, 2)\npassword = 'password'\nlookup(**given)\n",
    )

    assert [wrong for rule in RULES for wrong in rule(good)] == []
