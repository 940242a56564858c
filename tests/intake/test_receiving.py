"""Importing a text, a file, or many files with a line for each as it is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.articles.sources_made import make_citing
from tests.factories import as_user, make_article, post, sign_in_directly, token_in
from tests.intake.inbox_made import ADDED, ANOTHER, REPORT, file, make_unread, put, stored
from tracker.articles import extraction
from tracker.articles.extraction import MAX_FILE_BYTES
from tracker.articles.incoming import read_pasted_text
from tracker.articles.models import Article
from tracker.articles.queries import duplicates_by_article
from tracker.db import db
from tracker.intake import inbox_service, views
from tracker.intake.codes import InboxState
from tracker.intake.models import IntakeItem
from tracker.parsing import ParsingError, ParsingReason
from tracker.permissions import Role, Visibility
from tracker.scoping import system_session
from tracker.web.guards import MAX_REQUEST_BYTES

NEW = "/intake/new"
LINK = "https://gazeta.example/news/7"


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    return client


def sent(client: FlaskClient, *files: tuple[Any, str], **data: Any) -> TestResponse:
    """Send files; of what the answer says nothing has been read yet."""
    return post(client, NEW, files=list(files), **data)


def send(client: FlaskClient, *files: tuple[Any, str], **data: Any) -> TestResponse:
    """Send files, and wait for the whole answer."""
    answer = sent(client, *files, **data)
    answer.get_data()
    return answer


def send_whole(client: FlaskClient, *files: tuple[bytes, str]) -> TestResponse:
    """Send large files as one body: the client of the tests would put them into files of its own."""
    fields = {"csrf_token": token_in(client.get(NEW).text)}
    parts = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    parts += [(f'name="files"; filename="{name}"', content) for content, name in files]
    body = b"".join(
        f"--BOUND\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    answer = client.post(
        NEW, data=body + b"--BOUND--\r\n", content_type="multipart/form-data; boundary=BOUND"
    )
    answer.get_data()
    return answer


def lines(answer: TestResponse) -> list[str]:
    """Return the lines of a page that tells of many files, without their tags."""
    found = re.findall(
        r'<li class="entry"><strong>.*?(?=<li class="entry"><strong>|</ol>)', answer.text, re.DOTALL
    )
    return [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in found]


def error_at(answer: TestResponse, field: str) -> str:
    found = re.search(rf'id="{field}-error">([^<]*)<', answer.text)
    assert found, answer.text
    return found[1]


def test_a_pasted_text_leads_to_the_work_on_it(app: Flask, staff: FlaskClient):
    answer = post(staff, NEW, text=REPORT, url=LINK + "?utm_source=x", visibility="internal")
    assert answer.status_code == 303
    (item,) = stored(app)
    assert item.article is not None
    assert answer.location == f"/intake/{item.article.ref}/"
    assert (item.state, item.file_name) == (InboxState.RECEIVED, "")
    assert item.article.canonical_url == LINK
    assert item.article.visibility is Visibility.INTERNAL
    assert item.article.text == REPORT


def test_the_form_says_what_may_be_sent(staff: FlaskClient):
    page = staff.get(NEW).text
    assert "up to 50 at once and 10 MB together" in page
    assert 'enctype="multipart/form-data"' in page
    assert re.search(r'<input(?=[^>]*type="file")[^>]*multiple', page)
    # What is said fits into what is let in, with the form around it.
    assert MAX_REQUEST_BYTES > 10 * 1024 * 1024 + 100_000


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({}, "text", "Paste the text of the article, or choose files."),
        ({"text": " \n "}, "text", "Paste the text of the article, or choose files."),
        ({"text": "typed\x00"}, "text", "control characters"),
        ({"text": "typed", "url": "no address"}, "url", "not the address of a web page"),
        ({"text": "typed", "team": "99"}, "team", "Not a valid choice."),
        ({"text": "typed", "visibility": "all"}, "visibility", "Not a valid choice."),
        ({"text": "x" * 1_000_001}, "text", "1000000"),
        ({"url": LINK}, "text", "This address is not here yet"),
    ],
)
def test_what_is_nothing_is_refused_at_its_field_and_kept(
    app: Flask, staff: FlaskClient, given: dict[str, str], field: str, said: str
):
    answer = post(staff, NEW, **given)
    assert answer.status_code == 422
    assert said in error_at(answer, field)
    if given.get("text") == "typed":
        assert (
            ">\r\ntyped</textarea>" in answer.text.replace("\n", "\r\n")
            or "typed</textarea>" in answer.text
        )
    assert stored(app) == []


def test_a_text_and_files_are_not_both_taken(app: Flask, staff: FlaskClient):
    answer = send(staff, file(ANOTHER, "a.txt"), text="As typed")
    assert answer.status_code == 422
    assert "not both" in error_at(answer, "files")
    assert "As typed" in answer.text
    assert stored(app) == []


def test_one_address_is_not_that_of_several_files(app: Flask, staff: FlaskClient):
    answer = send(staff, file(ANOTHER, "a.txt"), file(REPORT, "b.txt"), url=LINK)
    assert answer.status_code == 422
    assert "one article" in error_at(answer, "url")
    assert LINK in answer.text
    assert stored(app) == []


def test_one_date_is_not_that_of_several_files(app: Flask, staff: FlaskClient):
    answer = send(staff, file(ANOTHER, "a.txt"), file(REPORT, "b.txt"), published="2026-04-07")
    assert answer.status_code == 422
    assert "one article" in error_at(answer, "published")
    assert "2026-04-07" in answer.text
    assert stored(app) == []


def test_too_many_files_are_refused_before_any_is_read(app: Flask, staff: FlaskClient):
    answer = send(staff, *(file(f"{ANOTHER} {n}", f"{n}.txt") for n in range(51)))
    assert answer.status_code == 422
    assert "At most 50 files at once." in error_at(answer, "files")
    assert stored(app) == []


def test_an_address_by_itself_is_looked_up(app: Flask, staff: FlaskClient):
    with as_user(app) as user:
        article = make_article("Letters", by=user, url="https://алма.example/a")
        make_citing(article, "1", by=user, title="Threats by letter")
        db.session.commit()
        ref = article.ref
    answer = post(staff, NEW, url="http://www.xn--80aa6ae.example./x/../a/?fbclid=1#top")
    assert answer.status_code == 422
    assert "Known already" in answer.text
    assert f'href="/articles/{ref}/"' in answer.text
    assert "Threats by letter" in answer.text


def test_what_is_known_is_said_with_what_was_recorded_and_kept_only_as_another_source(
    app: Flask, staff: FlaskClient
):
    with as_user(app) as user:
        article = make_article("Letters", by=user, text=REPORT)
        make_citing(article, "2", by=user, title="Threats by letter")
        db.session.commit()
        ref = article.ref
    for answer in (post(staff, NEW, text=REPORT, url=LINK), send(staff, file(REPORT, "a.txt"))):
        assert answer.status_code == 422
        assert "Known already" in answer.text
        assert f'href="/articles/{ref}/"' in answer.text
        assert "1 record cites it:" in answer.text
        assert "Threats by letter" in answer.text
    assert stored(app) == []
    kept = post(staff, NEW, text=REPORT, url=LINK, keep="y")
    # It is looked at before it is worked on: it may only add a source.
    (item,) = stored(app)
    assert kept.location == f"/intake/items/{item.ref}/"
    assert "Known already" in staff.get(kept.location).text


def addresses(app: Flask) -> Iterator[str]:
    with app.app_context(), system_session("test: addresses") as session:
        yield from session.scalars(select(Article.url))


def test_a_saved_page_is_known_by_its_own_address(app: Flask, staff: FlaskClient):
    head = '<link rel="canonical" href="https://gazeta.example/news/7?utm_source=a">'
    body = "".join(f"<p>{line}</p>" for line in REPORT.splitlines())
    page = f"<html><head>{head}<title>Letters</title></head><body>{body}</body></html>"
    assert send(staff, file(page, "a.html")).status_code == 303
    assert [*addresses(app)] == [f"{LINK}?utm_source=a"]

    assert "Known already" in post(staff, NEW, url=LINK).text
    again = page.replace("<p>", "<p>Added later. ")
    assert "Known already" in send(staff, file(again, "b.html")).text
    # A page may be wrong about itself: it can be kept, and then has no address.
    assert send(staff, file(again, "b.html"), keep="y").status_code == 303
    assert sorted(addresses(app)) == ["", f"{LINK}?utm_source=a"]


def test_nearly_the_same_text_is_taken_in_and_said_first(app: Flask, staff: FlaskClient):
    first, _article = put(app)
    answer = post(staff, NEW, text=REPORT + ADDED)
    assert answer.status_code == 303
    item = stored(app)[-1]
    assert item.ref != first
    assert answer.location == f"/intake/items/{item.ref}/"
    assert "Known already" in staff.get(answer.location).text


def test_what_another_team_hides_is_not_known(app: Flask, staff: FlaskClient):
    put(app, "abroad", url=LINK)
    assert "This address is not here yet" in post(staff, NEW, url=LINK).text
    assert post(staff, NEW, text=REPORT, url=LINK).status_code == 303


def test_one_file_that_cannot_be_read_waits_with_the_reason(app: Flask, staff: FlaskClient):
    answer = send(staff, file(b"PK\x03\x04\x00\x00", "/home/asem/report.docx"))
    (item,) = stored(app)
    assert answer.location == f"/intake/items/{item.ref}/"
    page = staff.get(answer.location).text
    assert "It was saved, but could not be read." in page
    assert "not a kind of file that can be read here" in page
    assert "report.docx" in page
    assert "/home/asem" not in page


SCAN = b"\x00\x01\x02" * 50


def test_a_file_that_was_given_its_text_is_known(app: Flask, staff: FlaskClient):
    with as_user(app) as user:
        item = make_unread(content=SCAN, by=user)
        ref = inbox_service.set_item_text(item, read_pasted_text(ANOTHER), by=user).ref
        db.session.commit()
    answer = send(staff, file(SCAN, "again.html"))
    assert answer.status_code == 422
    assert f'href="/articles/{ref}/"' in answer.text
    assert "tick the box below" in answer.text
    many = send(staff, file(SCAN, "again.html"), file(REPORT, "a.txt"))
    assert "is known already, and was not stored again" in lines(many)[0]
    assert len(stored(app)) == 2
    assert send(staff, file(SCAN, "again.html"), keep="y").status_code == 303
    assert len(stored(app)) == 3


def test_a_file_that_has_ended_is_not_said_to_wait(app: Flask, staff: FlaskClient):
    with as_user(app) as user:
        item = make_unread(content=SCAN, by=user)
        inbox_service.close_item(item, InboxState.OUT_OF_SCOPE, reason="a receipt", by=user)
        db.session.commit()
        ref = item.ref
    answer = send(staff, file(SCAN, "again.html"))
    assert answer.location == f"/intake/items/{ref}/"
    page = staff.get(answer.location).text
    assert "The same file was imported before and is closed. It was not stored again." in page
    assert "It was saved" not in page
    many = send(staff, file(SCAN, "again.html"), file(REPORT, "a.txt"))
    assert (
        "was imported before, is closed, and was not stored again: Out of scope" in lines(many)[0]
    )
    assert "1 is known already." in many.text
    assert "with the reason" not in many.text


def test_the_box_that_keeps_all_the_same_is_there_once_something_was_found(
    app: Flask, staff: FlaskClient
):
    assert 'name="keep"' not in staff.get(NEW).text
    assert 'name="keep"' not in post(staff, NEW, text="typed", url="no address").text
    put(app, url=LINK)
    told = post(staff, NEW, text=REPORT).text
    assert re.search(r'name="keep"[^>]*> *Import even if it is here already', told)
    # One address is one article within a team: nothing is to be ticked.
    assert 'name="keep"' not in post(staff, NEW, text=ANOTHER, url=LINK).text
    again = post(staff, NEW, text=REPORT, url="no address", keep="y").text
    assert re.search(r'<input checked[^>]*name="keep"', again)


def test_a_form_that_comes_back_says_at_the_files_that_they_are_gone(
    app: Flask, staff: FlaskClient
):
    one = send(staff, file(ANOTHER, "a.txt"), url="no address")
    assert error_at(one, "files") == "Choose the file again."
    two = send(staff, file(ANOTHER, "a.txt"), file(REPORT, "b.txt"), url=LINK)
    assert error_at(two, "files") == "Choose the files again."
    # Without the token of the form nothing typed is lost, but the files are.
    answer = staff.post(NEW, data={"files": [file(ANOTHER, "a.txt")], "csrf_token": ""})
    assert answer.status_code == 400
    assert error_at(answer, "files") == "Choose the file again."
    assert 'id="files-error"' not in post(staff, NEW, text="typed", url="no address").text
    assert "again" not in error_at(send(staff, file(ANOTHER, "a.txt"), text="typed"), "files")
    assert stored(app) == []


def test_whoever_is_in_no_team_is_told_before_anything_is_pasted(app: Flask):
    with as_user(app, "nobody", team=None):
        pass
    client = app.test_client()
    sign_in_directly(client, "nobody")
    page = client.get(NEW).text
    assert "You are in no team, so you cannot import" in page
    assert 'name="text"' not in page
    answer = post(client, NEW, text="As typed")
    assert answer.status_code == 422
    assert "As typed" in answer.text


def test_one_file_that_is_too_large_is_refused(app: Flask, staff: FlaskClient):
    answer = send_whole(staff, (b"x" * (MAX_FILE_BYTES + 1), "a.txt"))
    assert answer.status_code == 422
    assert "At most 10 MB." in error_at(answer, "files")
    assert stored(app) == []


def test_a_request_that_is_too_large_is_refused_in_words(app: Flask, staff: FlaskClient):
    half = b"x" * (MAX_REQUEST_BYTES // 2)
    answer = send_whole(staff, (half, "a.txt"), (half, "b.txt"))
    assert answer.status_code == 413
    assert "Send less than 10 MB at once." in answer.text


MANY = (
    (REPORT.encode(), "letters.txt"),
    (b"\x00\x01\x02" * 50, "scan.html"),
    (ANOTHER.encode(), "camera.txt"),
    (REPORT.encode(), "again.txt"),
    ((REPORT + ADDED).encode(), "reprint.txt"),
    (b"x" * (MAX_FILE_BYTES + 1), "large.txt"),
    (b"words", "table.xlsx"),
)


def test_each_of_many_files_has_a_line_whatever_becomes_of_the_others(
    app: Flask, staff: FlaskClient
):
    answer = send_whole(staff, *MANY)
    assert answer.status_code == 200
    items = stored(app)
    letters = items[0].article
    assert letters is not None
    told = lines(answer)
    assert [line.split()[0] for line in told] == [
        "letters.txt", "scan.html", "camera.txt", "again.txt", "reprint.txt", "large.txt", "table.xlsx"
    ]  # fmt: skip
    assert "was read: Letters to an editor English" in told[0]
    assert "It is not what its name says" in told[1]
    assert "was read: Camera broken" in told[2]
    assert "is known already, and was not stored again" in told[3]
    assert letters.ref in told[3]
    assert "was read" in told[4]
    assert "known already" in told[4]
    assert letters.ref in told[4]
    assert "was not stored: At most 10 MB." in told[5]
    assert "not a kind of file that can be read here" in told[6]
    assert [one.file_name for one in items] == [
        "letters.txt", "scan.html", "camera.txt", "reprint.txt", "table.xlsx"
    ]  # fmt: skip
    for said in ("3 were read.", "1 is known already.", "2 could not be read", "1 was not stored."):
        assert said in answer.text
    assert answer.text.rstrip().endswith("</html>")
    assert f'href="/intake/{letters.ref}/"' in answer.text


def test_a_line_is_there_before_the_next_file_is_read(app: Flask, staff: FlaskClient):
    answer = sent(staff, file(REPORT, "a.txt"), file(ANOTHER, "b.txt"))
    parts = iter(answer.response)
    head = str(next(parts))
    assert "Importing 2 files" in head
    assert stored_elsewhere(app) == 0
    assert "a.txt" in str(next(parts))
    assert stored_elsewhere(app) == 1
    assert "b.txt" in str(next(parts))
    assert stored_elsewhere(app) == 2
    assert "Done." in str(next(parts))


def stored_elsewhere(app: Flask) -> int:
    """Count what another request would find, past the session of this one."""
    with app.app_context():
        engine = db.engine
    with engine.connect() as connection:
        return len(connection.execute(select(IntakeItem.id)).all())


def test_whoever_leaves_has_sent_the_rest_all_the_same(app: Flask, staff: FlaskClient):
    answer = sent(
        staff, file(REPORT, "a.txt"), file(ANOTHER, "b.txt"), file("Short words.", "c.txt")
    )
    parts = iter(answer.response)
    next(parts)
    next(parts)
    answer.close()
    assert [one.file_name for one in stored(app)] == ["a.txt", "b.txt", "c.txt"]


def with_key(staff: FlaskClient) -> dict[str, str]:
    page = staff.get(NEW).text
    key = re.search(r'name="submission"[^>]*value="([^"]+)"', page)
    assert key
    return {"csrf_token": token_in(page), "submission": key[1]}


def test_files_sent_again_after_the_server_was_stopped_are_not_said_to_be_saved(
    app: Flask, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    def files() -> dict[str, list[Any]]:
        return {"files": [file(REPORT, "a.txt"), file(ANOTHER, "b.txt")]}

    given = with_key(staff)
    with failing_at("b.txt", SystemExit(), monkeypatch), pytest.raises(SystemExit):
        staff.post(NEW, data=given | files()).get_data()
    assert [one.file_name for one in stored(app)] == ["a.txt"]

    again = staff.post(NEW, data=given | files())

    assert (again.status_code, again.location) == (303, "/intake/")
    page = staff.get(again.location).text
    assert "the import may have stopped midway" in page
    assert "saved already" not in page
    # What the page asks for then: a new form takes in the rest, and none of them twice.
    assert "is known already" in lines(send(staff, *files()["files"]))[0]
    assert [one.file_name for one in stored(app)] == ["a.txt", "b.txt"]


def test_one_file_sent_again_leads_to_what_it_made(app: Flask, staff: FlaskClient):
    given = with_key(staff)

    first, second = (staff.post(NEW, data=given | {"files": file(REPORT, "a.txt")}) for _ in "12")

    assert first.status_code == 303
    assert second.location == first.location
    assert "This form was saved already." in staff.get(second.location).text


def test_files_sent_twice_are_taken_in_once(app: Flask, staff: FlaskClient):
    given = with_key(staff) | {"keep": "y"}

    def once() -> TestResponse:
        files = [file(REPORT, "a.txt"), file(ANOTHER, "b.txt")]
        answer = staff.post(NEW, data=given | {"files": files})
        answer.get_data()
        return answer

    assert once().status_code == 200
    again = once()
    assert (again.status_code, again.location) == (303, "/intake/")
    assert len(stored(app)) == 2


@contextmanager
def failing_at(name: str, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the storing of one file fail."""
    kept = inbox_service.receive_article

    def receive(came: Any, *, file_name: str = "", **given: Any) -> IntakeItem:
        item = kept(came, file_name=file_name, **given)
        if file_name == name:
            raise error
        return item

    with monkeypatch.context() as patch:
        patch.setattr("tracker.intake.inbox_service.receive_article", receive)
        yield


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("secret words"), "Something went wrong here: it was not stored."),
        (OperationalError("INSERT secret words", {}, Exception("locked")), "Something went wrong"),
        (OSError(28, "No space left on device"), "The disk of the tracker is full"),
    ],
)
def test_a_mishap_with_one_file_is_said_at_its_line_and_stops_no_other(
    app: Flask, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
):
    with failing_at("b.txt", error, monkeypatch):
        answer = send(
            staff, file(REPORT, "a.txt"), file(ANOTHER, "b.txt"), file("Short words here.", "c.txt")
        )
        told = lines(answer)
    assert said in told[1]
    assert "secret words" not in answer.text
    assert "was read" in told[2]
    assert [one.file_name for one in stored(app)] == ["a.txt", "c.txt"]
    with as_user(app):
        assert len(db.session.scalars(select(Article)).all()) == 2


def test_a_line_that_cannot_be_shown_stops_no_other(
    app: Flask, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    def failing(articles: list[Article]) -> Any:
        if articles[0].title == "Camera broken":
            raise RuntimeError("secret words")
        return duplicates_by_article(articles)

    monkeypatch.setattr(views, "duplicates_by_article", failing)
    answer = send(
        staff, file(REPORT, "a.txt"), file(ANOTHER, "b.txt"), file("Short words here.", "c.txt")
    )
    told = lines(answer)
    assert "b.txt The result cannot be shown here: check the inbox." in told[1]
    assert "not stored" not in told[1]
    assert "secret words" not in answer.text
    assert "was read" in told[2]
    assert "3 were read." in answer.text
    assert [one.file_name for one in stored(app)] == ["a.txt", "b.txt", "c.txt"]


def test_the_rest_is_taken_in_where_no_line_can_be_shown_at_all(
    app: Flask, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    def failing(*_given: Any) -> str:
        raise RuntimeError("no line")

    monkeypatch.setattr(views, "_result_line", failing)
    answer = sent(staff, file(REPORT, "a.txt"), file(ANOTHER, "b.txt"))
    with pytest.raises(RuntimeError, match="no line"):
        answer.get_data()
    assert [one.file_name for one in stored(app)] == ["a.txt", "b.txt"]


def test_nobody_waits_while_a_file_is_read(
    app: Flask, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    """Another request writes while one is at reading: no transaction is open meanwhile."""
    read = inbox_service.read_upload

    def slowly(content: bytes, name: str) -> Any:
        assert not db.session().in_transaction()
        return read(content, name)

    monkeypatch.setattr("tracker.intake.inbox_service.read_upload", slowly)
    monkeypatch.setattr(inbox_service, "read_upload", slowly)
    answer = send(staff, file(REPORT, "a.txt"), file(ANOTHER, "b.txt"))
    assert [("was read" in line) for line in lines(answer)] == [True, True]
    assert send(staff, file("Short words here.", "c.txt")).status_code == 303
    assert len(stored(app)) == 3


def test_no_transaction_is_open_while_a_line_is_on_its_way(app: Flask, staff: FlaskClient):
    answer = sent(staff, file(REPORT, "a.txt"), file(ANOTHER, "b.txt"))
    for part in answer.response:
        assert part
        assert not db.session().in_transaction()
    assert len(stored(app)) == 2


def test_hostile_names_do_no_harm(app: Flask, staff: FlaskClient):
    names = ['<b>"x"</b>.txt', "../../etc/passwd.txt"]
    answer = send(staff, *(file(f"{ANOTHER} {name}", name) for name in names))
    assert "<b>" not in answer.text
    assert "&lt;b&gt;" in answer.text
    assert [one.file_name for one in stored(app)][1] == "passwd.txt"


def test_only_staff_take_in(app: Flask):
    with as_user(app, "monitor", Role.MONITOR):
        pass
    monitor = app.test_client()
    sign_in_directly(monitor, "monitor")
    assert monitor.get(NEW).status_code == 403
    token = token_in(monitor.get("/cases/").text)
    answer = monitor.post(NEW, data={"csrf_token": token, "text": REPORT})
    assert answer.status_code == 403
    assert stored(app) == []


def test_whoever_is_in_two_teams_says_whose_inbox(app: Flask, staff: FlaskClient):
    with as_user(app, "both") as user:
        from tracker.users.service import get_or_create_console_user, get_or_create_team

        user.teams = [*user.teams, get_or_create_team("Abroad", by=get_or_create_console_user())]
        db.session.commit()
        (other,) = [team.id for team in user.teams if team.name == "Abroad"]
    both = app.test_client()
    sign_in_directly(both, "both")
    assert 'name="team"' in both.get(NEW).text
    assert 'name="team"' not in staff.get(NEW).text
    assert post(both, NEW, text=REPORT, team=str(other)).status_code == 303
    assert stored(app) == []
    with as_user(app, "abroad", team="Abroad"):
        assert len(db.session.scalars(select(IntakeItem)).all()) == 1
    assert post(staff, NEW, text=REPORT, team=str(other)).status_code == 422


def test_a_file_that_a_busy_server_cannot_read_now_is_not_kept_as_unreadable(
    app: Flask, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_args: object, **_options: object) -> NoReturn:
        raise ParsingError(ParsingReason.BUSY)

    said = "The server is busy reading other files. Try again in a minute."
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(extraction, "parse", busy)
        alone = send(staff, file(REPORT.encode(), "a.txt"), url=LINK)
        among = send(staff, file(REPORT.encode(), "a.txt"), file(ANOTHER.encode(), "b.txt"))
    assert alone.status_code == 422
    assert said in error_at(alone, "files")
    assert LINK in alone.text
    assert [said in line for line in lines(among)] == [True, True]
    with as_user(app):
        assert db.session.scalars(select(IntakeItem)).all() == []
    assert send(staff, file(REPORT.encode(), "a.txt")).status_code == 303
