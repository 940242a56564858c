"""No browser keeps what is typed about people: every field of every form says so."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from lxml import html

from tests.safety.forms_found import SHOWN_TO
from tests.safety.looked import looked
from tracker.users.forms import SignInForm

# What people sign in with, so that a password manager knows it.
OF_SIGNING_IN = {"username", "current-password", "new-password", "one-time-code"}
# What a browser keeps of these names nobody, or is chosen from a list.
HARMLESS = {
    "hidden", "checkbox", "radio", "file", "submit", "button", "date", "month", "number", "color",
}  # fmt: skip


def kept_by_browsers(page: str) -> Iterator[str]:
    """Yield the fields of a page of which a browser would keep what is typed."""
    for form in html.fromstring(page).iter("form"):
        for one in form.xpath(".//input | .//textarea"):
            if one.get("type", "text") in HARMLESS or one.get("readonly") is not None:
                continue
            if one.get("list") is not None:
                # Partners that the tracker lists itself; some browsers would hide the list.
                continue
            said = one.get("autocomplete") or form.get("autocomplete") or "on"
            if said != "off" and said not in OF_SIGNING_IN:
                yield f"{form.get('action')}: {one.get('name')}"


def test_no_form_of_any_page_lets_a_browser_keep_what_is_typed() -> None:
    pages = [page for name in SHOWN_TO for page in looked("sqlite").pages[name] if page.is_html]
    found = {(page.at, one) for page in pages for one in kept_by_browsers(page.text)}

    assert len(pages) > 100
    assert sorted(found) == []


def test_a_field_that_a_browser_would_keep_is_found() -> None:
    page = '<form action="/a"><input name="q"><input name="d" type="date"></form>'
    assert list(kept_by_browsers(page)) == ["/a: q"]
    assert list(kept_by_browsers(page.replace("/a", '/a" autocomplete="off'))) == []


def test_a_field_says_off_unless_its_form_says_what_it_is(app: Flask) -> None:
    with app.test_request_context():
        field = SignInForm().username
        assert 'autocomplete="off"' in str(field())
        assert 'autocomplete="username"' in str(field(autocomplete="username"))
