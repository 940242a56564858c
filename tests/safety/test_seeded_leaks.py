"""Every leak that is switched on is found, and nothing is found while none is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.architecture.test_routes import unmarked
from tests.safety.comparing import differences, hidden_words, send
from tests.safety.copies import nothing_lasts
from tests.safety.crawling import Answer, ask
from tests.safety.findings import findings, get_addresses
from tests.safety.leaks import GLOBALS, LEAKS, Ask, Leak
from tests.safety.planted import Aviary, viewer_named
from tests.safety.variants import Worlds, remove_hidden, worlds
from tests.safety.world import Place
from tracker import clock
from tracker.web.guards import PUBLIC_ENDPOINTS, SECURITY_HEADERS

LEAST = 40
# Of what may be answered to somebody who is not signed in.
OPEN_TO_ALL = {"/sign-in", "/health", "/ready"}
# What a GET writes on purpose: that somebody was here, and that somebody took something.
WRITTEN = (
    "UPDATE sessions", "INSERT INTO audit_events", "INSERT INTO export_runs", "UPDATE export_runs",
    "INSERT INTO exported_rows",
)  # fmt: skip
READS = ("SELECT", "PRAGMA", "BEGIN", "WITH", "SAVEPOINT", "RELEASE", "ROLLBACK")


BREAKS = " breaks: "


@pytest.fixture(scope="module")
def made() -> Iterator[Worlds]:
    with pytest.MonkeyPatch.context() as patch, worlds("sqlite", bare=remove_hidden) as made:
        moment = clock.utc_now()
        patch.setattr(clock, "utc_now", lambda: moment)
        for birds in (made.whole, made.others["bare"]):
            birds.app.jinja_env.globals.update(GLOBALS)
            for who in {one.who for leak in LEAKS for one in leak.asks}:
                birds.browser(who)
        with nothing_lasts():
            yield made


def found(made: Worlds, asks: tuple[Ask, ...]) -> list[str]:
    """Return all that the proofs say about some requests."""
    whole, bare = made.whole, made.others["bare"]
    lines: list[str] = []
    for one in asks:
        try:
            with _listening() as written:
                mine, theirs = (_sent(birds, one, made) for birds in (whole, bare))
        except Exception as error:  # noqa: BLE001 (a leak may break what it goes past)
            lines.append(f"{one.address}{BREAKS}{error!r}")
            continue
        lines += findings(whole, viewer_named(one.who), mine)
        lines += differences(mine, theirs)
        lines += [f"{one.address} writes: {line}" for line in written if one.only_reads]
        lines += _of_headers(mine)
        if not one.who and mine.status == 200 and mine.address not in OPEN_TO_ALL:
            lines.append(f"{mine.address} answers to nobody")
    lines += unmarked(whole.app)
    return lines


def told_by(lines: list[str]) -> list[str]:
    """Return the lines without those of what broke: a page that is no answer shows no leak."""
    return [line for line in lines if BREAKS not in line]


def _sent(birds: Aviary, one: Ask, made: Worlds) -> Answer:
    words = words_of(made.whole)
    browser, address = birds.browser(one.who), one.address.format(**words)
    if one.field:
        forms = ask(browser, address).forms
        number, field = next(
            (number, name)
            for number, form in enumerate(forms)
            for name in form.texts
            if name.rpartition("-")[2] == one.field and form.method == "POST"
        )
        return send(browser, address, number, {field: one.typed.format(**words)})
    if one.method == "POST":
        form = next(form for form in ask(browser, "/account/").forms if form.method == "POST")
        return ask(browser, address, data=[("csrf_token", dict(form.values)["csrf_token"])])
    return ask(browser, address)


def words_of(birds: Aviary) -> dict[str, str]:
    """Return what is shown instead of the names in the addresses of leaks."""
    world = birds.world
    refs = {f"hidden_{kind}": world.ref(kind, Place.OWN) for kind in world.kinds}
    refs |= {f"shown_{kind}": world.ref(kind, Place.INTERNAL) for kind in world.kinds}
    typed = {
        "word": "incidents.place", "name": "journalists.name", "outlet": "outlet_names.name",
        "known_as": "journalist_names.name", "case": "cases.title",
    }  # fmt: skip
    return refs | {name: next(hidden_words(birds, column)) for name, column in typed.items()}


def _of_headers(answer: Answer) -> list[str]:
    """Return the headers that every answer has and this one has not."""
    said = answer.surfaces["headers"]
    return [
        f"{answer.address} without {name}"
        for name, value in SECURITY_HEADERS.items()
        if f"{name}: {value}" not in said
    ]


class _listening:  # noqa: N801 (used as a function)
    """Hear what is written to the database meanwhile."""

    def __enter__(self) -> list[str]:
        self.heard: list[str] = []
        event.listen(Engine, "before_cursor_execute", self._hear)
        return self.heard

    def __exit__(self, *_error: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._hear)

    def _hear(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.lstrip().startswith((*READS, *WRITTEN)):
            self.heard.append(statement[:80])


def test_there_are_as_many_leaks_as_were_promised() -> None:
    assert len({leak.name for leak in LEAKS}) == len(LEAKS) >= LEAST


def test_nothing_is_found_while_no_leak_is_on(made: Worlds) -> None:
    asks = dict.fromkeys(one for leak in LEAKS for one in leak.asks)
    assert "\n".join(found(made, tuple(asks))) == ""


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name.replace(" ", "-"))
def test_a_leak_is_found(made: Worlds, leak: Leak) -> None:
    with ExitStack() as stack:
        for birds in (made.whole, made.others["bare"]):
            stack.enter_context(leak.switch(birds.app))
        assert told_by(found(made, leak.asks))


@pytest.mark.nightly
@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name.replace(" ", "-"))
def test_a_leak_is_found_by_whoever_goes_everywhere(made: Worlds, leak: Leak) -> None:
    """A walk to all pages finds it as well, up to the first page that shows it.

    At last it goes where the leak is known to show: some show only in answer to a form.
    """
    who = leak.asks[0].who
    everywhere = [Ask(who, address) for address in get_addresses(made.whole)]
    with ExitStack() as stack:
        for birds in (made.whole, made.others["bare"]):
            stack.enter_context(leak.switch(birds.app))
        assert any(told_by(found(made, (one,))) for one in (*everywhere, *leak.asks))


def test_a_route_without_its_mark_is_found(made: Worlds) -> None:
    app = made.whole.app
    kept = app.view_functions["cases.index"]
    app.view_functions["cases.index"] = lambda: ""
    try:
        assert unmarked(app) == ["cases.index"]
    finally:
        app.view_functions["cases.index"] = kept
    assert "cases.index" not in PUBLIC_ENDPOINTS
