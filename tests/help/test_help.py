"""Help is there for every role, says first what the reader does, and leads only to real pages."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import as_user, sign_in_directly
from tracker.config import LANGUAGES
from tracker.help.views import EXPLAINED_CODE_SETS
from tracker.permissions import Role
from tracker.responses.codes import ActType
from tracker.vocabulary.labels import get_definition, get_label

PAGES = ("/help", "/help/tour", "/help/roles", "/help/terms")


def main_of(text: str) -> str:
    return text.split("<main", 1)[1].split("</main>", maxsplit=1)[0]


def enter(app: Flask, client: FlaskClient, role: Role, language: str = "en") -> FlaskClient:
    with as_user(app, role, role):
        pass
    sign_in_directly(client, role)
    client.get(f"/language/{language}")
    return client


@pytest.mark.parametrize("role", Role)
def test_every_link_of_the_help_opens_for_each_role(app: Flask, client: FlaskClient, role: Role):
    enter(app, client, role)
    links = {
        address
        for page in PAGES
        for address in re.findall(r'href="(/[^"#]*)', main_of(client.get(page).text))
    }

    assert {"/help/tour", "/help/roles", "/help/terms", "/vocabulary/", "/indicators"} <= links
    assert {one: client.get(one).status_code for one in links} == dict.fromkeys(links, 200)


@pytest.mark.parametrize("role", Role)
def test_the_reader_finds_their_own_role_first(app: Flask, client: FlaskClient, role: Role):
    enter(app, client, role)

    text = client.get("/help").text
    # What a newcomer does first stands first.
    assert text.index(f"First steps: {get_label(role)}") < text.index("follow an article through")
    headings = re.findall(r'<h2 id="(\w+)-heading">', client.get("/help/roles").text)
    assert headings[0] == role
    assert sorted(headings) == sorted(Role)


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_terms_are_explained_in_the_language_of_the_page(
    app: Flask, client: FlaskClient, language: str
):
    text = enter(app, client, Role.STAFF, language).get("/help/terms").text

    assert get_definition(ActType.PLEDGE, language) in text
    assert get_definition(ActType.PLEDGE) not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_are_explained_by_their_labels_and_not_by_codes(
    app: Flask, client: FlaskClient, language: str
):
    text = main_of(enter(app, client, Role.STAFF, language).get("/help/terms").text)

    codes = {code for _heading, codes in EXPLAINED_CODE_SETS for code in codes}
    words = set(
        re.findall(r"\([a-z_.]+\)|[a-z]+_[a-z_]+|[a-z]+\.[a-z]+", re.sub("<[^>]+>", " ", text))
    )
    assert {one for one in words if one.strip("()") in codes or "." in one or "_" in one} == set()


def test_help_is_in_the_navigation_and_asks_for_signing_in(app: Flask, client: FlaskClient):
    assert client.get("/help").headers["Location"].startswith("/sign-in")
    enter(app, client, Role.EXPORTER)

    assert 'href="/help"' in client.get("/cases/").text
    assert client.get("/help?x=1").status_code == 400
