"""Whatever is sent, a page in words comes back with what was typed, and nothing is stored by half."""

from __future__ import annotations

import base64
import time
import zlib

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.articles.sources_made import make_citing
from tests.factories import ARTICLE, as_user, make_article, post, sign_in_directly, token_in
from tests.nightly import KINDS_BY_DAY, size
from tracker.articles.models import Article, ArticleOriginal
from tracker.articles.rules import SENTENCES_PER_PART
from tracker.audit.models import AuditEvent
from tracker.db import db

NEW = "/articles/new"
MEGABYTE = 1024 * 1024
WRONG: list[tuple[dict[str, str], str]] = [
    ({}, "text"),
    ({"text": " \n\t "}, "text"),
    ({"text": "Words with \x00 between."}, "text"),
    ({"title": "A\x00B"}, "title"),
    ({"title": "x" * 301}, "title"),
    ({"authors": "x" * 301}, "authors"),
    ({"url": "https://gazeta.example/" + "x" * 2000}, "url"),
    ({"url": "javascript:alert(1)"}, "url"),
    ({"url": "gazeta"}, "url"),
    ({"published-when": "2025-02-30"}, "published-when"),
    ({"published-when": "2025-06/2025-01"}, "published-when"),
    ({"published-when": "9999-01-01"}, "published-when"),
    ({"published-when": "0225-01-01"}, "published-when"),
    ({"published-when": "99999999999999999999"}, "published-when"),
    ({"published-as_stated": "x" * 301}, "published-as_stated"),
    ({"publisher-name": "x" * 201}, "publisher-name"),
    ({"kind": "rumour"}, "kind"),
    ({"language": "xx"}, "language"),
    ({"independence": "repeats_another"}, "independence"),
    ({"visibility": "everybody"}, "visibility"),
    ({"team": "99999999999999999999"}, "team"),
    ({"team": "x"}, "team"),
]
NO_ARTICLES = [
    ("photo.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "not a text"),
    ("photo.html", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40, "not a text"),
    ("empty.txt", b"", "choose a file"),
    ("blank.txt", b" \n ", "contains no text"),
    ("menu.html", b"<html><body></body></html>", "contains no text"),
    ("report.pdf", b"%PDF-1.7", "may be damaged"),
    ("letter.pdf", b"PK\x03\x04word/document.xml", "not a text"),
    ("report.doc", b"words", "Only .txt, .html and .pdf"),
    ("report", b"words", "Only .txt, .html and .pdf"),
    ("big.txt", b"word " * (11 * MEGABYTE // 5), "At most 10 MB"),
    ("long.txt", b"word " * (2 * MEGABYTE // 5), "1000000 characters"),
]
WRONG_EDITS: list[tuple[dict[str, str], str]] = [
    ({"title": ""}, "title"),
    ({"captured_on": "2025-02-30"}, "captured_on"),
    ({"checked_on": "2025-02-28"}, "check_result"),
    ({"check_result": "gone"}, "checked_on"),
    ({"check_result": "moved"}, "check_result"),
    ({"archive_url": "ftp://archive.example/1"}, "archive_url"),
    ({"repeats": "ART-0000000000"}, "repeats"),
    ({"independence": "repeats_another"}, "repeats"),
    ({"language": ""}, "language"),
    ({"published-when": "2025-13"}, "published-when"),
]


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    return client


def send_file(client: FlaskClient, name: str, content: bytes, **fields: str) -> TestResponse:
    """Send the form as a browser does (no file: no name), as one body without a temporary file."""
    parts = {"csrf_token": token_in(client.get(NEW).text)} | fields
    body = b"".join(
        f'--BOUND\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in parts.items()
    )
    disposition = f'form-data; name="file"; filename="{name}"'
    body += f"--BOUND\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content
    return client.post(
        NEW, data=body + b"\r\n--BOUND--\r\n", content_type="multipart/form-data; boundary=BOUND"
    )


def nothing_stored(app: Flask) -> bool:
    with as_user(app):
        created = select(AuditEvent).where(AuditEvent.action == "article:create")
        rows = [*db.session.scalars(select(Article)), *db.session.scalars(select(ArticleOriginal))]
        return not rows and not db.session.scalars(created).all()


def refused(answer: TestResponse, field: str) -> bool:
    """Say whether a form came back with an error at the field."""
    return answer.status_code == 422 and f'id="{field}-error"' in answer.text


def test_what_cannot_be_stored_is_said_at_its_field_with_the_rest_still_there(
    app: Flask, staff: FlaskClient
):
    for given, field in WRONG:
        values = {"text": "Words that stay.", "title": "A title that stays"} if given else {}
        answer = post(staff, NEW, **(values | given))
        assert refused(answer, field), given
        for name, value in values.items():
            assert value in answer.text or name == field, given
    assert nothing_stored(app)


def test_a_lone_surrogate_is_no_server_error(app: Flask, staff: FlaskClient):
    token = token_in(staff.get(NEW).text).encode()
    for name in (b"text", b"title", b"url", b"publisher-name", b"published-when", b"keep", b"team"):
        body = b"csrf_token=" + token + b"&text=Words&title=Title&" + name + b"=%ED%A0%80"
        answer = staff.post(NEW, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in {303, 422}
    with as_user(app):
        assert all(one.text.isprintable() for one in db.session.scalars(select(Article)))


def test_a_form_without_its_token_comes_back_with_everything_typed(app: Flask, staff: FlaskClient):
    answer = staff.post(NEW, data={"text": "Words that stay.", "title": "Title"})
    assert answer.status_code == 400
    assert "Words that stay." in answer.text
    assert "press the button again" in answer.text
    assert nothing_stored(app)


def test_a_paste_of_three_megabytes_is_refused_and_still_there(app: Flask, staff: FlaskClient):
    text = "Never again! " * (3 * MEGABYTE // 13)
    answer = send_file(staff, "", b"", text=text, title="Long")
    assert refused(answer, "text")
    assert "1000000" in answer.text
    assert text.strip() in answer.text
    assert nothing_stored(app)


@pytest.mark.parametrize("database_kind", KINDS_BY_DAY, indirect=True)
def test_a_file_that_is_no_article_is_refused_in_words(app: Flask, staff: FlaskClient):
    for name, content, words in NO_ARTICLES:
        answer = send_file(staff, name, content, title="A title that stays")
        assert answer.status_code == 422, name
        assert words in answer.text, name
        assert "A title that stays" in answer.text, name
        # A file that cannot be read does not come back again and again.
        assert "is still here" not in answer.text or name == "empty.txt"
    assert nothing_stored(app)


def test_a_request_beyond_all_bounds_is_refused_in_words(app: Flask, staff: FlaskClient):
    answer = send_file(staff, "big.txt", b"x" * (17 * MEGABYTE))
    assert answer.status_code == 413
    assert "too large" in answer.text
    assert nothing_stored(app)


def test_a_text_and_a_file_at_once_are_one_too_many(app: Flask, staff: FlaskClient):
    answer = send_file(staff, "other.txt", b"Other words.", text=ARTICLE)
    assert refused(answer, "file")
    assert ARTICLE.splitlines()[0] in answer.text
    assert "is still here" not in answer.text
    assert nothing_stored(app)


def test_a_kept_file_that_was_tampered_with_is_no_file(app: Flask, staff: FlaskClient):
    bomb = base64.b64encode(zlib.compress(bytes(11 * MEGABYTE))).decode()
    for kept in ("no base64", base64.b64encode(b"not compressed").decode(), bomb, "\x00"):
        answer = post(staff, NEW, kept_file=kept, kept_name="page.txt", title="Title")
        assert refused(answer, "text")
    assert nothing_stored(app)


def test_very_many_paragraphs_are_kept_and_read_in_parts(app: Flask, staff: FlaskClient):
    count = size(day=20_000, night=200_000)
    started = time.monotonic()
    answer = post(staff, NEW, text="No.\n" * count, title="Refrain", visibility="internal")
    assert answer.status_code == 303
    first = staff.get(answer.location)
    assert time.monotonic() - started < 15
    assert first.text.count("<li id=") == SENTENCES_PER_PART
    assert len(first.data) < MEGABYTE
    assert f"Part 1 of {count // SENTENCES_PER_PART}" in first.text

    with as_user(app) as user:
        article = db.session.scalars(select(Article)).one()
        make_citing(article, "2001", by=user)
        db.session.commit()
    last = staff.get(f"{answer.location}?part={count // SENTENCES_PER_PART}")
    assert f'id="s{count}"' in last.text
    assert 'rel="next"' not in last.text
    assert '?part=2#s2001"' in last.text
    assert "<mark>" not in last.text
    assert "<mark>" in staff.get(f"{answer.location}?part=2").text


def test_a_part_that_is_not_there_is_refused(app: Flask, staff: FlaskClient):
    with as_user(app) as user:
        ref = make_article(by=user).ref
        db.session.commit()
    for part in ("0", "2", "-1", "x", "٣", "99999999999999999999", ""):
        answer = staff.get(f"/articles/{ref}/", query_string={"part": part})
        assert answer.status_code == 400
        assert "There is no such part" in answer.text


def test_a_text_without_a_sentence_is_shown_empty(app: Flask, staff: FlaskClient):
    with as_user(app) as user:
        ref = make_article(text="* * *", by=user).ref
        db.session.commit()
    assert "This source has no text here." in staff.get(f"/articles/{ref}/").text


def test_markup_in_a_text_stays_words(app: Flask, staff: FlaskClient):
    answer = post(staff, NEW, text="He wrote <script>alert(1)</script> twice.", title="<b>Bold</b>")
    page = staff.get(answer.location).text
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page


def test_an_edit_that_cannot_be_stored_changes_nothing(app: Flask, staff: FlaskClient):
    with as_user(app) as user:
        ref = make_article(by=user).ref
        db.session.commit()
    values = {
        "version": "1", "title": "Changed", "kind": "article", "language": "en",
        "independence": "independent", "visibility": "internal",
    }  # fmt: skip
    for given, field in WRONG_EDITS:
        assert refused(post(staff, f"/articles/{ref}/edit", **(values | given)), field), given
    with as_user(app):
        assert db.session.scalars(select(Article)).one().title == "Two men at the door"
