"""What leaves with every answer: cookies, policies, caches; and for whom nothing is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import encode_multipart

from tests.conftest import SECRET
from tests.factories import as_user, post, sign_in_directly
from tracker.config import Settings
from tracker.errors import BadSettings

TLS = {"proxy_hops": 1, "trusted_hosts": ("tracker.example",)}
BY_PROXY = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Host": "tracker.example"}
STYLESHEET = re.compile(r'href="(/static/tracker\.css\?v=[0-9a-f]{16})"')


def test_nothing_may_be_asked_of_the_browser(client: FlaskClient) -> None:
    allowed = client.get("/sign-in").headers["Permissions-Policy"].split(", ")
    assert {"camera=()", "geolocation=()", "microphone=()", "clipboard-read=()"} < set(allowed)
    assert all(one.endswith("=()") for one in allowed)
    # Chromium warns on the console of names that it does not know.
    assert not {"bluetooth=()", "web-share=()"} & set(allowed)


def test_behind_tls_the_browser_is_told_to_stay_there(make_app: Callable[..., Flask]) -> None:
    client = make_app(**TLS).test_client()
    by_tls = client.get("/health", headers={**BY_PROXY, "X-Forwarded-Proto": "https"})
    assert by_tls.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    in_clear = client.get("/health", headers={**BY_PROXY, "X-Forwarded-Proto": "http"})
    assert "Strict-Transport-Security" not in in_clear.headers


def test_without_a_proxy_nobody_makes_us_say_that_there_is_tls(client: FlaskClient) -> None:
    answer = client.get("/health", headers={"X-Forwarded-Proto": "https"}, base_url="https://x")
    assert "Strict-Transport-Security" not in answer.headers


def test_the_cookie_behind_tls_belongs_to_this_host_alone(make_app: Callable[..., Flask]) -> None:
    client = make_app(**TLS).test_client()
    answer = client.get("/sign-in", headers={**BY_PROXY, "X-Forwarded-Proto": "https"})
    name, *marks = answer.headers["Set-Cookie"].replace("=", "; ", 1).split("; ")
    assert name == "__Host-tracker"
    assert set(marks[1:]) == {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}


def test_the_cookie_without_tls_is_closed_to_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("tracker=")
    assert set(cookie.split("; ")[1:]) == {"HttpOnly", "SameSite=Lax", "Path=/"}


def test_the_stylesheet_is_kept_under_the_address_of_its_content_alone(client: FlaskClient) -> None:
    found = STYLESHEET.search(client.get("/sign-in").text)
    assert found is not None
    with client.get(found[1]) as kept:
        assert kept.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        etag = kept.headers["ETag"]
    with client.get(found[1], headers={"If-None-Match": etag}) as unchanged:
        assert unchanged.status_code == 304
        assert "immutable" in unchanged.headers["Cache-Control"]
    for other in ("/static/tracker.css", "/static/tracker.css?v=0000000000000000"):
        with client.get(other) as answer:
            assert answer.headers["Cache-Control"] == "no-store"


def test_signing_out_empties_the_cache_and_keeps_the_cookie_of_the_device(
    app: Flask, client: FlaskClient
) -> None:
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    answer = post(client, "/sign-out", page="/journalists/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_a_foreign_host_gets_a_plain_page_that_names_nothing(
    make_app: Callable[..., Flask],
) -> None:
    client = make_app(trusted_hosts=("tracker.example",)).test_client()
    assert client.get("/sign-in", base_url="http://tracker.example").status_code == 200
    for address in ("/sign-in", "/nowhere", "/health"):
        answer = client.get(address, base_url="http://evil.example")
        assert answer.status_code == 400
        assert "racker" not in answer.text
        assert "evil" not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_behind_a_proxy_the_hosts_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="TRACKER_TRUSTED_HOSTS"):
        Settings(database_url="sqlite://", secret_key=SECRET * 2, instance=tmp_path, proxy_hops=1)


@pytest.fixture
def signed_in(app: Flask, client: FlaskClient) -> FlaskClient:
    """Lend the browser of somebody who may send large forms."""
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    return client


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("username=" + "x" * (2 * 1024 * 1024), id="two megabytes of text"),
        pytest.param("&".join(f"a{n}=" for n in range(2001)), id="two thousand and one fields"),
        pytest.param("&" * 3000, id="three thousand empty fields"),
    ],
)
def test_a_form_larger_than_any_of_ours_is_refused_in_words(
    signed_in: FlaskClient, body: str
) -> None:
    kind = "application/x-www-form-urlencoded"
    answer = signed_in.post("/articles/new", data=body, content_type=kind)
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_a_form_of_many_fields_with_an_upload_is_refused_in_words(signed_in: FlaskClient) -> None:
    boundary, body = encode_multipart({f"a{number}": "x" for number in range(2001)})
    kind = f"multipart/form-data; boundary={boundary}"
    assert signed_in.post("/articles/new", data=body, content_type=kind).status_code == 413


def test_the_largest_form_of_ours_is_read(signed_in: FlaskClient) -> None:
    body = "&".join(f"a{n}=" for n in range(1999))
    kind = "application/x-www-form-urlencoded"
    assert signed_in.post("/articles/new", data=body, content_type=kind).status_code == 400
    boundary, text = encode_multipart({"text": "ж" * 1_000_000})
    kind = f"multipart/form-data; boundary={boundary}"
    assert signed_in.post("/articles/new", data=text, content_type=kind).status_code == 400


def test_only_the_script_of_ours_may_run_and_only_for_who_is_signed_in(
    app: Flask, client: FlaskClient
) -> None:
    page = client.get("/sign-in")
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    [address] = re.findall(
        r'<script src="(/static/tracker\.js\?v=[0-9a-f]{16})"', client.get("/help").text
    )
    with client.get(address) as script:
        assert script.headers["Content-Type"].startswith("text/javascript")
        assert "immutable" in script.headers["Cache-Control"]
