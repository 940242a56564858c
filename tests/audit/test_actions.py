"""Every action of the audit log has a text of its own, which its page shows and its filter offers."""

from __future__ import annotations

import ast
from itertools import chain
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

import tracker
from tests.factories import as_user, make_incident, sign_in_directly
from tracker.audit.actions import ACTION_GROUPS, ACTION_TEXTS, VERBS_DESCRIBED_BY_CHANGES
from tracker.audit.service import record_event
from tracker.db import db
from tracker.permissions import Role
from tracker.records import record_models
from tracker.reports.codes import ExportKind
from tracker.web.guards import PanicState

LOGGING = {"record_event", "audited_change", "log_download", "prepare_creation_entry"}
SUBJECTS = {subject for _label, subjects in ACTION_GROUPS for subject in subjects}
# Made of a subject or an act that is known only when it is logged.
COMPOSED = {
    *(f"panic:{state}" for state in PanicState),
    *(f"export:{kind}" for kind in ExportKind),
    *(f"intake:{state}" for state in ("logged", "adds_source", "out_of_scope")),
    *(f"{subject}:{act}" for subject in ("article", "citation") for act in ("mask", "unmask")),
    *(
        f"{kind}:{act}"
        for kind in ("journalist", "outlet", "institution")
        for act in ("create", "merge", "part", "tell-apart", "ask-again")
    ),
    *(
        f"{kind}:{act}"
        for kind in ("incident", "article", "journalist")
        for act in ("confidential", "view-confidential")
    ),
}


def texts_in(tree: ast.AST) -> set[str]:
    """Return the constant texts in a part of a module that can be an action."""
    found = {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant)}
    return {one for one in found if isinstance(one, str) and ":" in one and " " not in one}


def actions_in_code() -> set[str]:
    """Return the actions that are logged by their whole name, or named by a constant."""
    found = set()
    for path in Path(tracker.__file__).parent.rglob("*.py"):
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(one, ast.Call):
                called = getattr(one.func, "id", "") or getattr(one.func, "attr", "")
                if called in LOGGING:
                    # A composed one ends or begins with a colon.
                    found |= set().union(*map(texts_in, one.args))
            elif isinstance(one, ast.Assign) and "ACTION" in ast.unparse(one.targets[0]):
                found |= texts_in(one.value)
    return {one for one in found if not one.startswith(":") and not one.endswith(":")}


def test_every_action_has_a_text() -> None:
    logged = actions_in_code()
    assert len(logged) > 80
    assert logged | COMPOSED <= ACTION_TEXTS.keys()
    # What any record can undergo.
    kinds = {one.ENDPOINT.removesuffix("s") for one in record_models().values()}
    assert {f"{kind}:edit" for kind in kinds - {"import", "intake"}} <= ACTION_TEXTS.keys()


def test_every_text_is_of_an_action_that_can_be_logged() -> None:
    anywhere = {"edit", "widen", "narrow", "close-name", "confidential", "view-confidential"}
    own = {one for one in ACTION_TEXTS if one.partition(":")[2] not in anywhere}
    assert own <= actions_in_code() | COMPOSED
    assert {one.partition(":")[2] for one in ACTION_TEXTS} >= VERBS_DESCRIBED_BY_CHANGES


def test_no_two_actions_of_a_group_have_one_text() -> None:
    for label, subjects in ACTION_GROUPS:
        texts = [str(one) for one in chain(*(acts.values() for acts in subjects.values()))]
        assert len(texts) == len(set(texts)), label


@pytest.fixture
def boss(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app, "boss", Role.ADMIN) as admin:
        record_event("session:half", admin.name, by=admin)
        record_event("export:incidents", "internal", by=admin)
        record_event("case:file", "CAS-1", by=admin)
        db.session.commit()
    with as_user(app) as user:
        make_incident(title="A covert one", by=user)
        record_event("case:file", "CAS-2", by=user)
        record_event("gone:long_ago", "CAS-3", by=user)
        db.session.commit()
    sign_in_directly(client, "boss")
    return client


def rows(page: str) -> list[tuple[str, str]]:
    """Return action and subject of each row."""
    cells = [row.xpath("td") for row in html.fromstring(page).xpath("//tbody/tr")]
    return [(row[3].text_content(), row[4].text_content()) for row in cells]


def test_an_administrator_reads_what_was_done_and_not_its_code(boss: FlaskClient) -> None:
    page = boss.get("/audit-log/").text
    read = dict(rows(page))

    assert read["entered the right password, and not yet the code"] == "boss"
    assert read["exported incidents"] == "internal"
    assert read["changed this"] == "CAS-3"
    assert "covert" not in page
    assert not [action for action, _subject in rows(page) if ":" in action]


def test_the_log_is_filtered_by_action_together_with_who_and_record(boss: FlaskClient) -> None:
    filed = "added records to this case"
    assert rows(boss.get("/audit-log/?action=case:file").text) == [
        (filed, "CAS-2"), (filed, "CAS-1")
    ]  # fmt: skip
    page = boss.get("/audit-log/?action=case:file&actor=staff").text
    assert rows(page) == [(filed, "CAS-2")]
    assert rows(boss.get("/audit-log/?action=case:file&subject=CAS-1").text) == [(filed, "CAS-1")]
    chosen = html.fromstring(page).xpath("//select[@name='action']/optgroup[option[@selected]]")
    assert [one.get("label") for one in chosen] == ["Cases"]
    assert chosen[0].xpath("option[@selected]/text()") == [filed]


def test_an_action_that_does_not_exist_is_refused_at_the_filter(boss: FlaskClient) -> None:
    answer = boss.get("/audit-log/?action=case:fly&actor=boss")

    assert answer.status_code == 400
    assert '<p class="error" id="action-error">Unknown value: “case:fly”' in answer.text
    assert 'name="actor" type="search" value="boss"' in answer.text
