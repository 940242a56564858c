"""Files that no table can be read from are refused in words, through the page."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import sign_in_directly
from tests.reports.imports.test_pages import bring
from tracker.db import db
from tracker.reports.imports.models import ImportBatch

pytestmark = pytest.mark.usefixtures("words")
HALF_SIGN = "an incomplete character"
SEPARATOR = "The line sep= names an invalid separator"


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b'sep="\r\na"b\r\n1"2\r\n', "a.csv", SEPARATOR),
        (b'sep="\na,b\n1,2\n', "a.txt", SEPARATOR),
        (b"sep=\r\r\na\rb\r\n", "a.csv", SEPARATOR),
        ('sep="\r\na"b\r\n1"2\r\n'.encode("utf-16"), "a.csv", SEPARATOR),
        (rb'[{"date": "2020", "note": "\ud800"}]', "a.json", HALF_SIGN),
        (rb'[{"date": "2020", "note": {"deep": ["\udfff"]}}]', "a.json", HALF_SIGN),
        (b'{"a": "2020", "b": "1"}\n' + rb'{"a": "2020", "b": "\ud83d"}', "a.jsonl", HALF_SIGN),
        (rb'[{"date": "2020", "note\ud800": "1"}]', "a.json", "The first line is not a header"),
    ],
)
def test_a_file_that_cannot_be_kept_is_refused_in_words(
    app: Flask, client: FlaskClient, content: bytes, name: str, said: str
) -> None:
    sign_in_directly(client, "staff")
    answer = bring(client, content, name)

    assert answer.status_code == 422
    assert said in answer.text
    with app.app_context():
        assert db.session.query(ImportBatch).count() == 0


def test_a_whole_character_of_two_halves_is_kept(client: FlaskClient) -> None:
    sign_in_directly(client, "staff")
    answer = bring(client, rb'[{"date": "2020", "note": "\ud83d\ude00"}]', "a.json")

    assert answer.status_code == 303
    assert "😀" in client.get(answer.headers["Location"]).text
