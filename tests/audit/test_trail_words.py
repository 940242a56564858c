"""Every act of the trail is told in words, beside its code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

import tracker
from tests.factories import as_user, sign_in_directly
from tracker.audit.chain import ROTATE_ACTION, SEAL_ACTION, UPGRADE_ACTION
from tracker.audit.service import record_event
from tracker.audit.words import GLOBAL_ACTION_TEXTS, action_text
from tracker.db import db
from tracker.permissions import Role

ACT = re.compile(r"[a-z_]+:[a-z_-]+")
# Of these the history of the record says what was changed.
CHANGES = {
    "edit", "add", "remove", "file", "unfile", "home", "link", "unlink", "assess", "widen",
    "narrow", "retire", "restore", "write", "repeat", "reopen-name",
}  # fmt: skip


def acts_in_code() -> set[str]:
    found = set()
    for path in Path(tracker.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            called = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
            if called in {"record_event", "audited_change"}:
                found |= {
                    str(one.value)
                    for argument in call.args
                    for one in ast.walk(argument)
                    if isinstance(one, ast.Constant) and ACT.fullmatch(str(one.value))
                }
    return found


def test_every_act_has_words_or_is_a_change() -> None:
    acts = acts_in_code()
    assert len(acts) > 50
    plain = {act for act in acts if action_text(act) == "changed this"}
    assert {act.partition(":")[2] for act in plain} <= CHANGES


def test_words_that_stand_only_here_are_of_acts_that_there_are() -> None:
    assert {one for one in GLOBAL_ACTION_TEXTS if not one.endswith(":")} <= acts_in_code() | {
        "session:refuse",
        "access:refuse",
        "sample:load",
        "sample:remove",
        SEAL_ACTION,
        ROTATE_ACTION,
        UPGRADE_ACTION,
    }


def test_an_administrator_reads_the_act_and_its_code(app: Flask, client: FlaskClient) -> None:
    with as_user(app, "boss", Role.ADMIN) as admin:
        record_event("session:half", admin.name, by=admin)
        record_event("export:incidents", "internal", by=admin)
        db.session.commit()
    sign_in_directly(client, "boss")

    text = client.get("/audit-log/").text

    assert "entered the right password, and not yet the code" in text
    assert "session:half" in text
    assert "exported a file" in text
