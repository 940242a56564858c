"""Every form that stands on a page, found by asking for the pages: where it goes, what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from flask import Flask
from lxml import html
from sqlalchemy import select

from tests.safety.addresses import address, routes_of
from tests.safety.copies import copy_of_world, once_a_run
from tests.safety.looked import SOME_PAGES, looked
from tests.safety.pages_found import Page, rule_of
from tests.safety.world import Place, World
from tracker.permissions import Permission
from tracker.records import record_models
from tracker.scoping import system_session

SHOWN_TO = ("staff", "monitor", "admin", *SOME_PAGES)
WHO_MAY = {Permission.REVIEW: "monitor", Permission.ADMINISTER: "admin"}
BUTTONS = ("version", "number", "note", "reason")
# A key of its own for each page that was opened, and the token: not for those who attack the rest.
OURS = {"csrf_token", "submission"}


@dataclass(frozen=True, slots=True)
class Field:
    """One name of a form, as what it stands there, what it may be, and whether it may repeat."""

    name: str
    kind: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A form that changes something: as whom it was found, and what an untouched one sends."""

    viewer: str
    rule: str
    action: str
    fields: tuple[Field, ...]
    held: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        return f"{self.rule} ({self.viewer})"


def forms_of(kind: str) -> list[Form]:
    """Return one form for each address that takes one and each set of fields, as they stand on the
    pages of this run.
    """

    def find() -> list[Form]:
        pages = looked(kind).pages
        found: dict[tuple[str, frozenset[str]], Form] = {}
        with copy_of_world(kind) as (app, world):
            for name in SHOWN_TO:
                for form in (one for page in pages[name] for one in _forms_on(app, page, name)):
                    names = frozenset(field.name for field in form.fields)
                    found.setdefault((form.rule, names), form)
            shown = {form.rule for form in found.values()}
            return [*found.values(), *_not_shown(app, world, shown)]

    return once_a_run(f"forms.{kind}", find)


def _not_shown(app: Flask, world: World, shown: set[str]) -> Iterator[Form]:
    """Return what stands on no page of this world as forms with the fields that buttons have."""
    for route in routes_of(app):
        if "POST" in route.methods and route.rule.rule not in shown:
            needed = getattr(app.view_functions[route.endpoint], "requires", Permission.LOG)
            fields = tuple(Field(name, "hidden") for name in BUTTONS)
            at = address(app, world, route, Place.PUBLISHED)
            yield Form(WHO_MAY.get(needed, "staff"), route.rule.rule, at, fields, ())


def _forms_on(app: Flask, page: Page, viewer: str) -> Iterator[Form]:
    if not page.is_html:
        return
    for form in html.fromstring(page.text).iter("form"):
        for action in _post_addresses(form, page.at):
            target = urljoin(page.at, action)
            fields, held = _controls(form)
            rule = rule_of(app, urlsplit(target).path, "POST")
            yield Form(viewer, rule, target, tuple(fields), tuple(held))


def _post_addresses(form: html.HtmlElement, page: str) -> set[str]:
    method, action = form.get("method", "get").lower(), form.get("action") or page
    buttons = [
        *form.iter("button"),
        *form.getroottree().xpath("//button[@form=$form]", form=form.get("id", "")),
    ]
    sent = [(method, action)] + [
        (one.get("formmethod", method), one.get("formaction") or action) for one in buttons
    ]
    return {address for how, address in sent if how == "post"}


def _controls(form: html.HtmlElement) -> tuple[list[Field], list[tuple[str, str]]]:
    fields: dict[str, Field] = {}
    held: list[tuple[str, str]] = []
    for one in form.xpath(".//input | .//select | .//textarea | .//button"):
        name, kind = one.get("name"), one.get("type", one.tag)
        if not name or name in OURS:
            continue
        options = tuple(option.get("value", "") for option in one.iter("option"))
        fields.setdefault(name, Field(name, kind, options))
        if kind in {"checkbox", "radio"}:
            if one.get("checked") is not None:
                held.append((name, one.get("value", "on")))
        elif one.tag == "select":
            chosen = one.xpath(".//option[@selected]/@value")
            if not chosen and one.get("multiple") is None:
                chosen = list(options[:1])
            held.extend((name, value) for value in chosen)
        elif one.tag == "textarea":
            held.append((name, (one.text or "").removeprefix("\n")))
        elif one.tag == "input" and kind not in {"file", "submit"}:
            held.append((name, one.get("value", "")))
    return list(fields.values()), held


def up_to_date(app: Flask, form: Form) -> list[tuple[str, str]]:
    """Return what an untouched form sends, with the version that its record has by now."""
    ref = re.search(r"[A-Z]{3}-[0-9A-Z]{10}", form.action)
    if ref is None:
        return list(form.held)
    model = record_models()[ref[0][:3]]
    with app.app_context(), system_session("the version of a record", reading=True) as session:
        version = session.scalar(select(model.version).where(model.ref == ref[0]))
    return [(name, str(version) if name == "version" else value) for name, value in form.held]
