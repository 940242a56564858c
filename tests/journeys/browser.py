"""A browser without scripts: it follows links, fills forms by their labels and counts what it did."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from tests.factories import as_user, sign_in_directly
from tracker.permissions import Role

# The boxes of what is suggested on the page that confirms it: records, types, dates and places.
SUGGESTED = ("-use", "-types", "-take")
FIELDS = ("input", "select", "textarea")
REDIRECTS = {301, 302, 303, 307, 308}


@dataclass
class Browser:
    """What a person does with a keyboard; `loads` counts rendered pages, `typed` fields filled."""

    client: FlaskClient
    loads: int = 0
    typed: int = 0
    address: str = "/"
    status: int = 0
    text: str = ""
    answers: dict[str, object] = field(default_factory=dict)

    @property
    def page(self) -> html.HtmlElement:
        """Return the page that is open."""
        return html.fromstring(self.text)

    @property
    def words(self) -> str:
        """Return what a person reads on the page."""
        return " ".join(self.page.text_content().split())

    @property
    def message(self) -> str:
        """Return the message that confirms what was done."""
        return " ".join(self.page.xpath("//*[@role='status']//text()"))

    def open(self, address: str) -> None:
        """Go to an address of the tracker."""
        self._take(self.client.get(address), address)

    def follow(self, words: str) -> None:
        """Follow the first link whose words contain these."""
        for link in self.page.iter("a"):
            if words in " ".join(link.text_content().split()):
                self.open(urljoin(self.address, link.get("href", "")))
                return
        raise AssertionError(f"no link “{words}” on {self.address}: {self.words[:2000]}")

    def press(self, button: str, values: dict[str, object] | None = None) -> None:
        """Fill the form that has the button, by the names of its fields, and press it.

        A list ticks those checkboxes (and clears the others of that name); each value that differs
        from what the form already holds is one field filled.
        """
        form, pressed = self._form_with(button)
        data = self._held(form)
        for name, value in (values or {}).items():
            fields = (one.get("name") for one in _controls(form, *FIELDS))
            assert name in fields, f"no field {name} on {self.address}"
            if data.get(name) != value:
                self.typed += 1
            data[name] = value
        if pressed.get("name"):
            data[pressed.get("name", "")] = pressed.get("value", "")
        action = pressed.get("formaction") or form.get("action") or self.address
        address = urljoin(self.address, action)
        if form.get("method", "get").lower() == "get":
            self._take(self.client.get(address, query_string=data), address)
        else:
            multipart = "multipart" in form.get("enctype", "")
            kind = "multipart/form-data" if multipart else None
            self._take(self.client.post(address, data=data, content_type=kind), address)

    def tick_suggested(self, excluding: tuple[str, ...] = ()) -> None:
        """Accept all that is suggested of an article, as somebody does who found it right.

        Not the records `excluding`, which are left alone.
        """
        page = self.page
        boxes = '//fieldset[@class="draft"]//input[@type="checkbox" or @value="y"]'
        for box in page.xpath(boxes):
            if (
                box.get("name").endswith(SUGGESTED)
                and not box.get("name").startswith(tuple(f"{row}-" for row in excluding))
                and not box.xpath("ancestor::details[not(@class)]")
            ):
                box.set("checked", "checked")
        self.text = html.tostring(page, encoding="unicode")

    def enter(self, name: str, text: str) -> None:
        """Type into a field and press Enter, which presses the first submit button of its form."""
        (one,) = self.page.xpath(f'//input[@name="{name}"]')
        (form,) = one.xpath(f"ancestor::form | //form[@id='{one.get('form')}']")
        first = next(
            button
            for button in _controls(form, "button", "input")
            if button.get("type", "submit" if button.tag == "button" else "text")
            in {"submit", "image"}
        )
        data = self._held(form) | {name: text}
        if first.get("name"):
            data[first.get("name", "")] = first.get("value", "")
        address = urljoin(self.address, first.get("formaction") or form.get("action", ""))
        self._take(self.client.post(address, data=data), address)

    def _form_with(self, button: str) -> tuple[html.HtmlElement, html.HtmlElement]:
        for form in self.page.iter("form"):
            for one in _controls(form, "button"):
                if " ".join(one.text_content().split()) == button:
                    return form, one
        raise AssertionError(f"no button “{button}” on {self.address}: {self.words[:2000]}")

    def _held(self, form: html.HtmlElement) -> dict[str, object]:
        """Return what the form would send untouched: lists where several boxes are ticked."""
        held: dict[str, object] = {}
        for one in _controls(form, *FIELDS):
            name, kind = one.get("name"), one.get("type", "text")
            if not name or kind in {"submit", "file"}:
                continue
            if kind in {"checkbox", "radio"}:
                if one.get("checked") is None:
                    continue
                if kind == "checkbox" and name in held:
                    held[name] = [*_listed(held[name]), one.get("value", "on")]
                    continue
                held[name] = one.get("value", "on")
            elif one.tag == "select":
                chosen = [
                    o.get("value", "") for o in one.iter("option") if o.get("selected") is not None
                ]
                if not chosen and one.get("multiple") is None:
                    chosen = [o.get("value", "") for o in one.iter("option")][:1]
                held[name] = chosen if one.get("multiple") is not None else (chosen or [""])[0]
            elif one.tag == "textarea":
                held[name] = (one.text or "").removeprefix("\n")
            else:
                held[name] = one.get("value", "")
        return held

    def _take(self, response: TestResponse, address: str) -> None:
        while response.status_code in REDIRECTS:
            address = urljoin(address, response.headers["Location"])
            parts = urlsplit(address)
            response = self.client.get(parts.path + (f"?{parts.query}" if parts.query else ""))
        self.loads += 1
        self.address, self.status, self.text = address, response.status_code, response.text


def _controls(form: html.HtmlElement, *tags: str) -> list[html.HtmlElement]:
    """Return the controls of a form in the order of the page, those elsewhere that name it too."""
    return [
        one
        for one in form.getroottree().iter(*tags)
        if (one.get("form") == form.get("id") if one.get("form") else form in one.iterancestors())
    ]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def browse(app: Flask, name: str, *roles: Role, team: str | None = "Desk") -> Browser:
    """Return a browser in which a user is signed in, created with these roles if need be."""
    with as_user(app, name, *roles, team=team):
        pass
    client = app.test_client()
    sign_in_directly(client, name)
    return Browser(client)
