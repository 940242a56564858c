"""What is kept of a source: when it was last looked for, and its original with the digest."""

from __future__ import annotations

import io
import json
import subprocess
import time
import zipfile
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.factories import PASSWORD, as_user, make_article, make_incident, post, sign_in_directly
from tests.journeys.browser import Browser
from tracker import clock
from tracker.articles.models import Article
from tracker.db import db
from tracker.permissions import Role, Visibility


@pytest.fixture
def cited(app: Flask) -> tuple[str, str]:
    """Return the refs of an incident and of the article that it cites."""
    with as_user(app) as user:
        article = make_article(by=user)
        incident = make_incident(article=article, by=user)
        db.session.commit()
        return incident.ref, article.ref


def unpacked(client: FlaskClient, ref: str) -> zipfile.ZipFile:
    with client.get(f"/articles/sources/{ref}") as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{ref}-sources.zip"'
        return zipfile.ZipFile(io.BytesIO(answer.data))


def test_the_package_of_a_record_proves_itself(
    client: FlaskClient, cited: tuple[str, str], tmp_path: Path
) -> None:
    sign_in_directly(client, "staff")
    incident, article = cited
    packed = unpacked(client, incident)
    packed.extractall(tmp_path)

    proved = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert proved.returncode == 0, proved.stdout
    assert f"originals/{article}.txt: OK" in proved.stdout
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["record"] == incident
    (source,) = manifest["sources"]
    assert source["quotes"]
    assert source["sha256"] in (tmp_path / "SHA256SUMS").read_text(encoding="utf-8")


def test_who_takes_an_original_or_the_sources_is_in_the_trail(
    client: FlaskClient, cited: tuple[str, str]
) -> None:
    sign_in_directly(client, "staff")
    incident, article = cited
    for address in (f"/articles/{article}/original", f"/articles/sources/{incident}"):
        client.head(address).close()
        client.get(address).close()

    browser = Browser(client)
    browser.open(f"/articles/{article}/history")
    assert browser.words.count("downloaded the original") == 1
    browser.open(f"/incidents/{incident}/history")
    assert browser.words.count("downloaded the sources of this with their originals") == 1


def test_the_same_sources_give_the_same_bytes(
    client: FlaskClient, cited: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in_directly(client, "staff")
    address = f"/articles/sources/{cited[0]}"
    with client.get(address) as first:
        before = first.data
    monkeypatch.setattr(time, "localtime", lambda *_given: time.gmtime(0))
    with client.get(address) as second:
        assert second.data == before


def test_another_team_has_the_list_and_no_original(app: Flask, cited: tuple[str, str]) -> None:
    with as_user(app, "other", Role.MONITOR, team="Other"):
        pass
    client = app.test_client()
    sign_in_directly(client, "other")
    packed = unpacked(client, cited[0])
    assert packed.namelist() == ["manifest.json", "SHA256SUMS"]
    (source,) = json.loads(packed.read("manifest.json"))["sources"]
    assert source["ref"] == cited[1]
    assert source["sha256"] == source["file"] == ""


def test_a_monitor_of_the_team_has_no_original_with_a_masked_passage(
    app: Flask, cited: tuple[str, str]
) -> None:
    with as_user(app, "monitor", Role.MONITOR):
        pass
    client = app.test_client()
    sign_in_directly(client, "monitor")
    assert f"originals/{cited[1]}.txt" in unpacked(client, cited[0]).namelist()
    staff = app.test_client()
    sign_in_directly(staff, "staff")
    post(staff, f"/articles/{cited[1]}/mask", passage="3", reason="A neighbour")
    assert unpacked(client, cited[0]).namelist() == ["manifest.json", "SHA256SUMS"]


def test_a_source_that_the_reader_may_not_see_is_not_in_the_package(
    app: Flask, cited: tuple[str, str]
) -> None:
    incident, article = cited
    with as_user(app):
        # Rules refuse to hide an article that such a record cites; the package relies on none.
        hide = update(Article).values(visibility=Visibility.RESTRICTED)
        db.session.execute(hide.where(Article.ref == article))
        db.session.commit()
    with as_user(app, "other", Role.MONITOR, team="Other"):
        pass
    client = app.test_client()
    sign_in_directly(client, "other")
    packed = unpacked(client, incident)
    assert json.loads(packed.read("manifest.json"))["sources"] == []
    assert article not in str([packed.read(name) for name in packed.namelist()])


def test_the_package_asks_for_the_password_again(
    client: FlaskClient, cited: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in_directly(client, "staff")
    unpacked(client, cited[0])
    later = clock.utc_now() + timedelta(minutes=16)
    monkeypatch.setattr(clock, "utc_now", lambda: later)
    address = f"/articles/sources/{cited[0]}"
    answer = client.get(address)
    assert (answer.status_code, answer.location) == (303, f"/confirm?next={quote(address)}")
    post(client, answer.location, confirm_password=PASSWORD)
    unpacked(client, cited[0])


def test_a_check_has_a_day_and_a_result(client: FlaskClient, cited: tuple[str, str]) -> None:
    sign_in_directly(client, "staff")
    browser = Browser(client)
    browser.open(f"/articles/{cited[1]}/edit")
    browser.press("Save", {"checked_on": "2025-06-05"})
    assert "Enter the day of the check and its result." in browser.words
    browser.press("Save", {"checked_on": "2999-06-05", "check_result": "gone"})
    assert "This day is in the future." in browser.words
    browser.press("Save", {"checked_on": "2025-06-05"})
    assert "5 June 2025: Gone" in browser.words
