"""Choosing on a page and pressing one of its buttons, as a browser without scripts sends it."""

from __future__ import annotations

from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse


def press(client: FlaskClient, page: str, button: str, **chosen: str) -> TestResponse:
    """Open a page, choose in the form that has this button, press it, and follow where it leads."""
    root = html.fromstring(client.get(page).text)
    [pressed] = (one for one in root.iter("button") if one.text_content().strip() == button)
    [form] = pressed.iterancestors("form")
    form.fields.update(chosen)
    sent = form.form_values()
    if pressed.get("name"):
        sent.append((pressed.get("name"), pressed.get("value", "")))
    to = pressed.get("formaction") or form.get("action")
    answer: TestResponse = client.get(to, query_string=sent, follow_redirects=True)
    return answer
