"""Asking two worlds the same, to find out whether an answer tells what is hidden in one of them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from flask.testing import FlaskClient

from tests.safety.crawling import Answer, Form, ask, plainly
from tests.safety.planted import Aviary

# What was made a moment ago has a ref that nobody could have known.
MADE = re.compile(r"(?m)^(Location: .*)[A-Z]{3}-[0-9A-Z]{10}")
# Where hidden words are typed: the kind of word by how the field is called.
TYPED = {
    # All names that somebody has, the first among them; by these others are found.
    "name": ("journalist_names.name", "outlet_names.name"),
    "publisher": ("outlet_names.name",),
    "url": ("articles.url", "fake_accounts.url"),
    "handle": ("fake_accounts.handle",),
    "identifier": ("journalist_references.identifier", "case_references.identifier"),
    "title": ("cases.title", "articles.title"),
    "other": ("incidents.ref", "cases.ref"),
    "incident": ("incidents.ref",),
    "successor": ("fake_accounts.ref",),
    "earlier": ("articles.ref",),
    "case": ("cases.ref",),
    "what": ("incidents.ref", "fake_accounts.ref", "responses.ref"),
}


def differences(one: Answer, other: Answer) -> list[str]:
    """Return a line that says where two answers differ, none where they say the same."""
    mine, theirs = _without_refs(plainly(one)), _without_refs(plainly(other))
    if mine == theirs:
        return []
    where = f"{one.method} {one.address} {one.status}/{other.status} {one.sent}"
    lines = difflib.unified_diff(
        "\n".join(map(str, mine)).splitlines(), "\n".join(map(str, theirs)).splitlines(), n=0
    )
    said = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return [f"{where}: {' | '.join(said[:6])[:400]}"]


def told_apart(whole: Aviary, other: Aviary, name: str, addresses: Iterable[str]) -> list[str]:
    """Return where somebody gets another answer in another world."""
    return [
        line
        for address in addresses
        for line in differences(
            ask(whole.browser(name), address), ask(other.browser(name), address)
        )
    ]


def send(browser: FlaskClient, page: str, number: int, typed: dict[str, str]) -> Answer:
    """Send a form of a page, which one by `number`, with some of its fields typed."""
    form = ask(browser, page).forms[number]
    data = [(field, typed.get(field, value)) for field, value in form.values]
    missing = typed.keys() - dict(form.values).keys()
    return ask(browser, form.action, data=[*data, *((one, typed[one]) for one in missing)])


def hidden_words(birds: Aviary, wanted: str) -> Iterator[str]:
    """Yield the hidden texts of a column, as somebody would type them."""
    table, _, column = wanted.partition(".")
    known = birds.planted.refs if column == "ref" else birds.planted.canaries
    for one in known.values():
        is_hidden = (one.place.team, one.place.visibility) == ("Desk", "restricted")
        if is_hidden and (one.table, one.column) == (table, column):
            yield f"https://example.org/{one.text}" if column == "url" else one.text


def typings(birds: Aviary, form: Form) -> Iterator[dict[str, str]]:
    """Yield what somebody may type into a form to find out what is hidden."""
    for field in form.texts:
        last = field.rpartition("-")[2]
        for wanted in TYPED.get(last, ()):
            for word in hidden_words(birds, wanted):
                yield {field: word}


def _without_refs(said: tuple[int, str, str]) -> tuple[int, str, str]:
    status, headers, body = said
    # Browsers do not show the body of a redirect; it repeats where to go.
    is_redirect = status in {302, 303}
    return status, MADE.sub(r"\1", headers), "" if is_redirect else body
