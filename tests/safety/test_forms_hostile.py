"""No form breaks, whatever is sent, and nothing is stored by a refusal.

By day each form is sent 5 times to SQLite: a request takes 40 ms, 200 of each form would take longer
than all other tests. A night sends it 400 times to SQLite and 100 times to PostgreSQL, always others:
docs/decisions/0032.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

import hypothesis
import pytest
from flask import Flask

from tests.nightly import IS_NIGHT, KINDS_BY_DAY, size
from tests.safety.copies import copy_of_world, nothing_lasts
from tests.safety.forms_found import SHOWN_TO, Form, forms_of, up_to_date
from tests.safety.hostile import VALUES, Pairs, bodies, encoded, lengthened
from tests.safety.kept import kept_writes
from tests.safety.pages_found import pages_of
from tests.safety.viewers import Viewer, viewer
from tests.safety.world import World
from tracker.db import current_engines

# PostgreSQL has its turn at night alone.
EXAMPLES = {"sqlite": size(day=5, night=400), "postgresql": 100}
# So that all workers have something to do.
SHARES = size(day=2, night=16)
# What a refusal may leave behind: when somebody was last seen, and that they were refused.
OF_A_REFUSAL = ("sessions", "audit_events")
# Whoever guesses is slowed down, which is counted; a code is taken in one statement, or not.
OF_GUESSING = ("sign_in_failures", "recovery_codes", "second_factors")
GUESSED = ("/sign-in", "/sign-in/code", "/confirm", "/account/")
TYPED = {"text", "textarea", "search", "url", "email", "number", "date"}


@pytest.fixture(params=KINDS_BY_DAY)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def attacked(kind: str) -> Iterator[tuple[Flask, World, dict[str, Viewer], list[Form]]]:
    """Lend a world that answers a mishap with its page, and all its forms."""
    forms = forms_of(kind)
    with copy_of_world(kind) as (app, world):
        people = {name: viewer(app, world, name) for name in SHOWN_TO}
        app.config["PROPAGATE_EXCEPTIONS"] = False
        try:
            yield app, world, people, forms
        finally:
            app.config["PROPAGATE_EXCEPTIONS"] = None


def send(by: Viewer, form: Form, pairs: Pairs, kind: str = "urlencoded") -> int:
    body, content_type = encoded([("csrf_token", by.token), *pairs], kind)
    by.forget()
    with by.client.post(form.action, data=body, content_type=content_type) as response:
        return response.status_code


def attack(form: Form, by: Viewer, kept: list[str], times: int) -> None:
    """Send a form in every wrong way that comes up."""

    @hypothesis.settings(max_examples=times, database=None, derandomize=not IS_NIGHT)
    @hypothesis.given(bodies(form))
    def try_once(sent: tuple[Pairs, str, bool]) -> None:
        pairs, kind, is_long = sent
        kept.clear()
        status = send(by, form, lengthened(pairs) if is_long else pairs, kind)
        assert status < 500, form.name
        if status >= 400:
            may = OF_A_REFUSAL + (OF_GUESSING if form.rule in GUESSED else ())
            left = [one for one in kept if not any(name in one for name in may)]
            assert not left, form.name

    try_once()


@pytest.mark.parametrize("share", range(SHARES))
def test_no_form_breaks_and_a_refusal_stores_nothing(database_kind: str, share: int) -> None:
    with (
        attacked(database_kind) as (_app, _world, people, forms),
        nothing_lasts(),
        kept_writes() as kept,
    ):
        for form in forms[share::SHARES]:
            attack(form, people[form.viewer], kept, EXAMPLES[database_kind])


def test_whatever_was_stored_can_be_shown(database_kind: str) -> None:
    values = cycle(VALUES)
    stored = 0
    with attacked(database_kind) as (app, world, people, forms):
        for form in forms:
            typed = [field.name for field in form.fields if field.kind in TYPED]
            for name in typed[:: size(day=3, night=1)]:
                pairs = [pair for pair in up_to_date(app, form) if pair[0] != name]
                status = send(people[form.viewer], form, [*pairs, (name, next(values))])
                assert status < 500, (form.name, name)
                stored += status == 303
        for name in ("staff", "admin") if IS_NIGHT else ("staff",):
            assert [*pages_of(app, world, people[name])]
    assert stored > size(day=15, night=30)


def test_a_write_that_a_refusal_keeps_is_found(database_kind: str) -> None:
    with copy_of_world(database_kind) as (app, _world), kept_writes() as kept, app.app_context():
        with current_engines().writing.begin() as connection:
            connection.exec_driver_sql("UPDATE teams SET name = name")
        with current_engines().writing.connect() as connection:
            connection.exec_driver_sql("UPDATE users SET name = name")
            connection.rollback()
    assert kept == ["UPDATE teams SET name = name"]
