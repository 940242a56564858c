"""Every answer of the matrix carries the strict headers, whoever asks and whatever it is."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.nightly import KINDS_BY_DAY
from tests.safety.copies import copy_of_world
from tests.safety.observed import Answer, observations

EXPECTED = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Whatever a page may load comes from here, or not at all.
SOURCES = {"'none'", "'self'"}
CLOSED = {"default-src", "base-uri", "frame-ancestors"}


def judged(answer: Answer) -> Iterable[str]:
    """Return what is wrong with the headers of one answer."""
    headers = dict(answer.headers)
    for name, value in EXPECTED.items():
        if headers.get(name) != value:
            yield f"{answer.asked}: {name} is {headers.get(name)}"
    yield from (f"{answer.asked}: {wrong}" for wrong in too_open(headers))
    cache = headers.get("Cache-Control", "")
    if "no-store" not in cache and not (
        answer.rule.startswith("/static/") and "immutable" in cache
    ):
        yield f"{answer.asked}: Cache-Control is {cache}"
    # A list of what is refused, with nothing granted to anybody.
    policy = headers.get("Permissions-Policy", "")
    if not policy or any(not one.strip().endswith("=()") for one in policy.split(",")):
        yield f"{answer.asked}: Permissions-Policy is {policy}"
    for name, value in answer.headers:
        if name == "Set-Cookie":
            yield from (f"{answer.asked}: a cookie {wrong}" for wrong in wrong_with(value))


def too_open(headers: dict[str, str]) -> Iterable[str]:
    """Return what the policy lets a page load from elsewhere."""
    directives = {
        words[0]: set(words[1:])
        for part in headers.get("Content-Security-Policy", "").split(";")
        if (words := part.split())
    }
    for name in CLOSED:
        if directives.get(name) != {"'none'"}:
            yield f"{name} is {directives.get(name)}"
    for name, allowed in directives.items():
        if allowed - SOURCES:
            yield f"{name} allows {allowed - SOURCES}"


def wrong_with(cookie: str) -> Iterable[str]:
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    for needed in ("httponly", "path=/"):
        if needed not in attributes:
            yield f"without {needed}"
    if not attributes & {"samesite=lax", "samesite=strict"}:
        yield "without SameSite"
    if any(one.startswith("domain=") for one in attributes):
        yield "for a whole domain"


@pytest.fixture(params=KINDS_BY_DAY)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def answers(database_kind: str) -> list[Answer]:
    return observations(database_kind)


def test_every_answer_carries_the_strict_headers(answers: list[Answer]) -> None:
    assert {one.status for one in answers} >= {200, 303, 403, 404, 422}
    assert [wrong for one in answers for wrong in judged(one)] == []


def test_no_redirect_leads_to_another_site(answers: list[Answer]) -> None:
    for one in answers:
        for name, value in one.headers:
            if name == "Location" and one.rule != "/leave":
                assert value.startswith("/"), one.asked
                assert not value.startswith(("//", "/\\")), one.asked


def test_what_goes_wrong_carries_them_too(database_kind: str) -> None:
    def break_down() -> str:
        raise RuntimeError

    with copy_of_world(database_kind) as (app, _world):
        kept = app.view_functions["operating.health"], app.config["PROPAGATE_EXCEPTIONS"]
        app.view_functions["operating.health"] = break_down
        app.config["PROPAGATE_EXCEPTIONS"] = False
        client = app.test_client()
        try:
            broken = [
                (500, client.get("/health")),
                (405, client.delete("/health")),
                (413, client.post("/sign-in", data={"username": "x" * (17 * 1024 * 1024)})),
                (404, client.get("/nowhere")),
            ]
        finally:
            app.view_functions["operating.health"], app.config["PROPAGATE_EXCEPTIONS"] = kept
        for status, response in broken:
            headers = tuple(response.headers.to_wsgi_list())
            assert response.status_code == status
            assert not [*judged(Answer("-", "-", "-", "-", "-", status, headers, ""))]
            assert "Traceback" not in response.text
            assert "RuntimeError" not in response.text


def test_a_loose_cookie_is_found() -> None:
    assert [*wrong_with("tracker=x; HttpOnly; Path=/; SameSite=Lax")] == []
    assert [*wrong_with("tracker=x; Path=/a; Domain=example.org")] == [
        "without httponly", "without path=/", "without SameSite", "for a whole domain"
    ]  # fmt: skip
