"""Requests that no page of ours makes: other methods, headers and names; doubled and missing fields."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from tests.factories import PASSWORD, as_user, make_journalist, post, sign_in
from tests.kit.pages_read import chips
from tests.operating.running import served
from tests.safety.observed import observations
from tracker.articles.extract import extract_as_json as read_page
from tracker.db import db
from tracker.people.models import Journalist
from tracker.permissions import Role
from tracker.reports.formats import CONTENT_TYPES

EVIL = "https://evil.example"


@pytest.fixture
def database_kind() -> str:
    """Lend the quicker database: what is asked here is refused before one is reached."""
    return "sqlite"


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app):
        pass
    sign_in(client, "staff")
    return client


@pytest.fixture
def ref(app: Flask) -> str:
    with as_user(app) as staff:
        made = make_journalist("Asem Doe", by=staff)
        db.session.commit()
        return made.ref


def test_every_answer_with_words_says_what_they_are() -> None:
    kinds = {
        dict(one.headers)["Content-Type"]
        for one in observations("sqlite")
        if (one.method, one.viewer, one.place) == ("GET", "staff", "own")
    }
    # JSON is UTF-8 by its own standard and takes no charset; bytes are no words.
    without = {
        "application/json", "application/octet-stream", "application/zip", CONTENT_TYPES["xlsx"]
    }  # fmt: skip
    with_words = kinds - without
    assert all(one.lower().endswith("; charset=utf-8") for one in with_words), kinds
    assert with_words >= {"text/html; charset=utf-8", "text/csv; charset=utf-8"}
    assert kinds - with_words == without


@pytest.mark.parametrize(
    "method", ["TRACE", "TRACK", "CONNECT", "DEBUG", "PROPFIND", "PUT", "PATCH"]
)
def test_methods_that_nothing_uses_are_refused(staff: FlaskClient, method: str) -> None:
    for address in ("/", "/sign-in", "/incidents/", "/account/"):
        answer = staff.open(address, method=method, headers={"X-Echo": "said-by-me"})
        assert answer.status_code == 405
        assert "said-by-me" not in answer.text


@pytest.mark.parametrize(
    "name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"]
)
def test_no_header_or_field_makes_another_method_of_a_request(
    app: Flask, staff: FlaskClient, name: str
) -> None:
    staff.get("/account/", headers={name: "POST"}, query_string={name: "POST"})
    answer = staff.get("/sign-out", headers={name: "POST"}, query_string={name: "POST"})

    assert answer.status_code == 405
    assert staff.get("/account/").status_code == 200


def test_no_header_makes_another_address_of_a_request(staff: FlaskClient, app: Flask) -> None:
    headers = {"X-Original-URL": "/users/", "X-Rewrite-URL": "/users/", "X-Forwarded-Prefix": "/x"}
    answer = staff.get("/health", headers=headers)

    assert answer.text == "ok\n"
    assert "/x/" not in staff.get("/account/", headers=headers).text


def test_no_other_origin_is_given_anything(staff: FlaskClient) -> None:
    for method in ("GET", "OPTIONS"):
        headers = {"Origin": EVIL, "Access-Control-Request-Method": "POST"}
        answer = staff.open("/account/", method=method, headers=headers)
        assert not [name for name, _value in answer.headers if name.lower().startswith("access-")]


@pytest.mark.parametrize(
    "address",
    [
        "/.git/HEAD", "/.git/config", "/.hg/", "/.svn/entries", "/.env", "/.gitignore", "/instance/",
        "/instance/secret_key", "/instance/tracker.db", "/tracker.db", "/wsgi.py", "/Makefile",
        "/requirements.txt", "/static/", "/static", "/static/../wsgi.py", "/static/%2e%2e/wsgi.py",
        "/static/..%2fwsgi.py", "/static/....//wsgi.py", "/static//etc/passwd", "/static/tracker.css%00",
        "/templates/", "/migrations/", "/docs/", "/console", "/debug", "/admin", "/metrics", "/status",
        "/openapi.json", "/swagger", "/server-status", "/robots.txt.bak", "/backup.age", "/%2e%2e/wsgi.py",
    ],
)  # fmt: skip
def test_no_file_of_the_installation_is_given_out(staff: FlaskClient, address: str) -> None:
    with staff.get(address) as answer:
        assert answer.status_code in {404, 308}
        text = answer.get_data(as_text=True)
    assert "tracker.css" not in text.replace("/static/tracker.css?v=", "")


def test_a_file_that_came_in_goes_out_as_bytes_under_a_name_of_ours(
    app: Flask, staff: FlaskClient
) -> None:
    name = '../../etc/cron.d/a"; filename="Анна.exe.html'
    page = b"<html><body><script>alert(1)</script><p>" + b"Two men came to the house. " * 20
    answer = post(staff, "/articles/new", file=(BytesIO(page), name), title="Two men")
    assert answer.status_code == 303
    ref = answer.location.strip("/").split("/")[-1]

    original = staff.get(f"/articles/{ref}/original")
    assert original.data == page
    assert original.headers["Content-Type"] == "application/octet-stream"
    assert original.headers["Content-Disposition"] == f'attachment; filename="{ref}"'
    assert [*app.config["TRACKER"].instance.rglob("*.exe.html")] == []


def test_a_saved_page_that_asks_for_more_reads_no_file_and_asks_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the-words-of-another-file")
    asked: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _socket, where: asked.append(where))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *where, **_how: asked.append(where))
    elsewhere = f"file://{secret}", "http://169.254.169.254/latest"
    for at in elsewhere:
        page = f"""<?xml version="1.0"?><!DOCTYPE html [<!ENTITY e SYSTEM "{at}">
        <!ENTITY % p SYSTEM "{at}"> %p;]><html xmlns:xi="http://www.w3.org/2001/XInclude"><head>
        <base href="{at}"><link rel="canonical amphtml stylesheet" href="{at}">
        <meta http-equiv="refresh" content="0;url={at}"></head><body><article><img src="{at}">
        <xi:include href="{at}" parse="text"/><iframe src="{at}"></iframe>
        <p>{"Two men came to the house of an editor. " * 20} Then &e; left.</p></article>"""
        found = read_page(page.encode(), "text/html")
        assert "Two men came" in str(found["text"])
        assert "the-words-of-another-file" not in str(found)
    assert asked == []


def edit(client: FlaskClient, whom: str, **changes: object) -> TestResponse:
    """Send the edit form of a journalist as it stands, but for the changes."""
    address = f"/journalists/{whom}/edit"
    form = html.fromstring(client.get(address).text).xpath("//main//form")[0]
    held: dict[str, object] = dict(form.form_values())
    address += str(changes.pop("and_in_the_address", ""))
    return client.post(address, data=held | changes)


def test_a_name_sent_twice_counts_once_and_a_query_is_no_form(
    app: Flask, staff: FlaskClient, ref: str
) -> None:
    assert edit(staff, ref, name=["First Name", "Second Name"]).status_code == 303
    refused = edit(staff, ref, name="", and_in_the_address="?name=Third+Name")
    assert refused.status_code == 422

    with as_user(app):
        names = {one.name for one in db.session.scalars(sa.select(Journalist)).one().names}
    assert "First Name" in names
    assert not names & {"Second Name", "Third Name"}


def test_a_filter_given_twice_is_the_same_one_for_list_and_file(staff: FlaskClient) -> None:
    address = "/incidents/?country=KZ&country=RU"
    page = staff.get(address).get_data(as_text=True)
    assert any("Kazakhstan" in chip for chip in chips(page))
    assert not any("Russia" in chip for chip in chips(page))
    assert "country=RU" not in page


def test_nobody_gives_themselves_a_role(app: Flask, staff: FlaskClient) -> None:
    other = "entirely-other-words-9"
    given = {"roles": "admin", "role": "admin", "teams": "2", "id": "1", "name": "boss"}
    answer = post(staff, "/account/", current=PASSWORD, password=other, **given)

    assert answer.status_code == 303
    with as_user(app) as user:
        assert (user.name, user.roles) == ("staff", [Role.STAFF])
        assert len(user.teams) == 1


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run one server for all that is asked of it below."""
    with served(tmp_path_factory.mktemp("served")) as (port, _log):
        yield port


@pytest.mark.parametrize("asked", [("GET", "/sign-in"), ("TRACE", "/"), ("GET", "/nowhere")])
def test_the_running_server_names_neither_itself_nor_its_version(
    port: int, asked: tuple[str, str]
) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(*asked, headers={"X-Echo": "said-by-me"})
    answer = connection.getresponse()
    text = answer.read().decode().lower()
    said = "\n".join(f"{name}: {value}" for name, value in answer.getheaders()).lower()
    connection.close()

    for name in ("server:", "x-powered-by", "waitress", "werkzeug", "flask", "python"):
        assert name not in said
    assert "said-by-me" not in text
    assert "werkzeug" not in text


POST = b"POST /sign-in HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        POST + b"Content-Length: +5\r\n\r\nabcde",
        POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        POST + b"Name : x\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["two lengths", "signed", "unknown", "space in a name"],
)
def test_a_request_that_can_be_read_in_two_ways_is_refused(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        answered = b"".join(iter(lambda: line.recv(65536), b""))

    assert answered.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ", b"HTTP/1.0 400 "))
    assert answered.count(b"HTTP/1.") == 1


def test_where_there_are_chunks_a_length_beside_them_is_not_believed(port: int) -> None:
    both = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(POST + both + b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        line.shutdown(socket.SHUT_WR)
        answered = b"".join(iter(lambda: line.recv(65536), b""))

    assert answered.count(b"HTTP/1.1 ") == 2
    assert answered.endswith(b"ok\n")
