"""The inbox: what comes in is kept once, somebody has it, and it ends with a reason or a record."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import undefer

from tests.articles.sources_made import make_citing
from tests.factories import as_user, make_article
from tests.intake.inbox_made import ADDED, ANOTHER, REPORT, make_item, make_unread
from tracker.articles.extraction import MAX_FILE_BYTES, ExtractionReason
from tracker.articles.incoming import NO_CONTENT, read_pasted_text
from tracker.articles.models import Article, ArticleOriginal
from tracker.articles.service import DuplicateArticle
from tracker.audit.models import AuditEvent
from tracker.audit.proof_queries import LoggedState, find_differing_records
from tracker.audit.queries import stream_entries
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.intake import inbox_service
from tracker.intake.codes import InboxState, UnreadReason
from tracker.intake.inbox_service import fallback_title, import_file, stored_file_name
from tracker.intake.models import IntakeItem
from tracker.intake.queries import item_of_article
from tracker.permissions import Role, Visibility
from tracker.scoping import Viewer, set_viewer, system_session
from tracker.users.service import get_or_create_console_user, get_or_create_team

SAVED = f"<html><head><title>Letters</title></head><body><article><p>{REPORT}</p></article></body></html>"


def acts(ref: str) -> list[str]:
    rows = select(AuditEvent).where(AuditEvent.subject == ref).order_by(AuditEvent.sequence)
    return [event.action for event in db.session.scalars(rows)]


def refused(field: str, act: Any, *args: Any, **given: Any) -> str:
    with pytest.raises(InvalidInput) as error:
        act(*args, **given)
    assert set(error.value.fields) == {field}
    return str(error.value)


def test_a_text_becomes_an_article_that_waits_in_the_inbox_of_its_team(app: Flask):
    with as_user(app) as user:
        item = make_item(
            by=user, visibility=Visibility.INTERNAL, url="https://a.example/1?utm_source=x"
        )
        db.session.commit()
        article = item.article
        assert article is not None
        assert (article.title, article.visibility) == ("Letters to an editor", Visibility.INTERNAL)
        assert article.canonical_url == "https://a.example/1"
        assert item.state is InboxState.RECEIVED
        assert item.visibility is Visibility.RESTRICTED
        assert item.content is None
        assert item.sha256 == hashlib.sha256(REPORT.encode()).hexdigest()
        assert item.heading == "Letters to an editor"
        assert item_of_article(article) is item
        assert acts(item.ref) == ["intake:receive"]


def test_what_is_here_is_not_taken_in_again_unless_it_is_wanted(app: Flask):
    with as_user(app) as user:
        article = make_item(by=user, url="https://a.example/1").article
        with pytest.raises(DuplicateArticle) as error:
            make_item(by=user)
        assert list(error.value.found) == [article]
        with pytest.raises(DuplicateArticle):
            make_item(
                ANOTHER, by=user, url="http://www.a.example/1/?fbclid=7", allow_duplicate=True
            )
        again = make_item(by=user, allow_duplicate=True).article
        assert again is not article
        reprint = make_item(REPORT + ADDED, by=user).article
        assert reprint not in {article, again}


def test_what_only_another_team_sees_is_not_told(app: Flask):
    with as_user(app, "abroad", team="Abroad") as other:
        hidden = make_item(by=other)
        db.session.commit()
        ref = hidden.ref
    with as_user(app) as user:
        item = make_item(by=user)
        db.session.commit()
        assert db.session.scalars(select(IntakeItem)).all() == [item]
        assert ref != item.ref


def test_a_file_is_read_and_keeps_its_name_without_its_folder(app: Flask):
    with as_user(app) as user:
        taken = import_file(
            SAVED.encode(), "C:\\Users\\asem\\letters.html",
            team_id=user.team_ids[0], visibility=Visibility.RESTRICTED, by=user,
        )  # fmt: skip
        db.session.commit()
        assert taken.item is not None
        assert taken.item.article is not None
        assert (taken.item.file_name, taken.item.media_type) == ("letters.html", "text/html")
        assert "eleven letters" in taken.item.article.text


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"words", "article.docx", UnreadReason.KIND),
        (b"words", "article", UnreadReason.KIND),
        (b"\x00\x01\x02" * 100, "article.html", UnreadReason.BINARY),
        (b"", "article.html", UnreadReason.EMPTY),
        (b"<html><script>words</script></html>", "article.html", UnreadReason.EMPTY),
        (b"word " * 250_000, "article.txt", UnreadReason.TOO_LONG),
    ],
)
def test_what_cannot_be_read_is_kept_with_the_reason(
    app: Flask, content: bytes, name: str, why: UnreadReason
):
    with as_user(app) as user:
        given: dict[str, Any] = {
            "team_id": user.team_ids[0], "visibility": Visibility.RESTRICTED, "by": user
        }  # fmt: skip
        taken = import_file(content, name, **given)
        db.session.commit()
        assert import_file(content, "again-" + name, **given).item is taken.item
        (item,) = db.session.scalars(select(IntakeItem).options(undefer(IntakeItem.content)))
        assert (item.state, item.unread_reason) == (InboxState.UNREADABLE, why)
        assert (item.content, item.file_name) == (content, name)
        assert item.heading == name
        assert db.session.scalars(select(Article)).all() == []


def test_what_is_larger_than_anything_kept_is_not_stored(app: Flask):
    with as_user(app) as user:
        taken = import_file(
            b"x" * (MAX_FILE_BYTES + 1), "a.html",
            team_id=user.team_ids[0], visibility=Visibility.RESTRICTED, by=user,
        )  # fmt: skip
        assert taken.item is None
        assert taken.error_message == "At most 10 MB. It was not stored."


def test_every_reason_of_an_extraction_has_its_place_in_the_inbox():
    # A busy server says nothing of the file, which is not kept then.
    reasons = {one.value for one in ExtractionReason} - {ExtractionReason.BUSY}
    assert reasons <= {one.value for one in UnreadReason}


def test_the_text_that_somebody_gives_makes_the_article_and_the_file_stays_its_original(app: Flask):
    with as_user(app) as user:
        item = make_unread(by=user)
        db.session.commit()
        assert "Paste the text" in refused(
            "text", inbox_service.set_item_text, item, NO_CONTENT, by=user
        )
        made = inbox_service.set_item_text(
            item, read_pasted_text(ANOTHER), url="https://b.example/2", by=user
        )
        db.session.commit()
        assert item.article is made
        assert (item.state, item.unread_reason) == (InboxState.RECEIVED, None)
        (original,) = db.session.scalars(
            select(ArticleOriginal).options(undefer(ArticleOriginal.content))
        )
        assert (original.content, original.sha256) == (b"\x00\x01", item.sha256)
        assert made.text == ANOTHER
        assert made.title == "Camera broken"
        assert acts(item.ref) == ["intake:receive", "intake:read"]
        refused("version", inbox_service.set_item_text, item, read_pasted_text(ANOTHER), by=user)


def test_the_text_that_somebody_gives_may_be_here_already(app: Flask):
    with as_user(app) as user:
        make_item(by=user)
        item = make_unread(by=user)
        with pytest.raises(DuplicateArticle):
            inbox_service.set_item_text(item, read_pasted_text(REPORT), by=user)
        made = inbox_service.set_item_text(
            item, read_pasted_text(REPORT), allow_duplicate=True, by=user
        )
        db.session.commit()
        assert item.article is made


def test_bytes_that_were_given_their_text_are_known_when_they_come_again(app: Flask):
    with as_user(app) as user:
        item = make_unread(by=user)
        made = inbox_service.set_item_text(item, read_pasted_text(ANOTHER), by=user)
        db.session.commit()
        with pytest.raises(DuplicateArticle) as error:
            make_unread("again.html", by=user)
        assert list(error.value.found) == [made]
        assert set(error.value.fields) == {"files"}
        assert error.value.may_keep
        again = make_unread("again.html", allow_duplicate=True, by=user)
        assert again is not item
        assert make_unread("more.html", allow_duplicate=True, by=user) is again


def test_the_same_bytes_are_another_thing_in_the_inbox_of_another_team(app: Flask):
    with as_user(app) as user:
        user.teams = [*user.teams, get_or_create_team("Abroad", by=get_or_create_console_user())]
        db.session.commit()
        set_viewer(Viewer(tuple(user.team_ids)))
        one, other = user.team_ids
        abroad = make_unread(team_id=other, by=user)
        here = make_unread(team_id=one, by=user)
        assert (here is abroad, here.team_id) == (False, one)
        inbox_service.set_item_text(abroad, read_pasted_text(ANOTHER), by=user)
        db.session.commit()
        assert make_unread(team_id=one, by=user) is here


def test_somebody_takes_it_and_puts_it_back(app: Flask):
    with as_user(app) as user:
        item, unread = make_item(by=user), make_unread(by=user)
        for one, waits in ((item, InboxState.RECEIVED), (unread, InboxState.UNREADABLE)):
            inbox_service.assign_item(one, by=user)
            db.session.flush()
            assert (one.state, one.taken_by) == (InboxState.TAKEN, user)
            inbox_service.unassign_item(one, by=user)
            db.session.flush()
            assert (one.state, one.taken_by) == (waits, None)
        assert acts(item.ref) == ["intake:receive", "intake:take", "intake:release"]
        inbox_service.assign_item(unread, by=user)
        inbox_service.set_item_text(unread, read_pasted_text(ANOTHER), by=user)
        assert unread.state is InboxState.TAKEN


def test_a_colleague_may_take_it_over(app: Flask):
    with as_user(app) as user:
        item = make_item(by=user)
        inbox_service.assign_item(item, by=user)
        db.session.commit()
        ref = item.ref
    with as_user(app, "second") as colleague:
        item = db.session.scalars(select(IntakeItem).where(IntakeItem.ref == ref)).one()
        inbox_service.assign_item(item, by=colleague)
        db.session.commit()
        assert item.taken_by is colleague


def test_out_of_scope_needs_a_reason_in_words(app: Flask):
    with as_user(app) as user:
        item = make_item(by=user)
        assert refused(
            "reason", inbox_service.close_item, item, InboxState.OUT_OF_SCOPE, reason=" ", by=user
        )
        inbox_service.close_item(
            item, InboxState.OUT_OF_SCOPE, reason=" It is about sport. ", by=user
        )
        db.session.commit()
        assert (item.state, item.reason) == (InboxState.OUT_OF_SCOPE, "It is about sport.")
        assert item.ended_by is user
        assert item.ended_at is not None
        for act in (inbox_service.assign_item, inbox_service.unassign_item):
            refused("version", act, item, by=user)
        refused(
            "version", inbox_service.close_item, item, InboxState.OUT_OF_SCOPE, reason="x", by=user
        )


def test_nothing_is_logged_of_which_no_record_is_there(app: Flask):
    with as_user(app) as user:
        item, unread = make_item(by=user), make_unread(by=user)
        assert refused("ending", inbox_service.close_item, item, InboxState.LOGGED, by=user)
        assert refused("ending", inbox_service.close_item, unread, InboxState.LOGGED, by=user)
        assert item.article is not None
        make_citing(item.article, "1", by=user, visibility=Visibility.RESTRICTED)
        inbox_service.close_item(item, InboxState.LOGGED, by=user)
        db.session.commit()
        assert item.state is InboxState.LOGGED
        inbox_service.close_item(unread, InboxState.OUT_OF_SCOPE, reason="a receipt", by=user)
        db.session.commit()


def test_what_adds_a_source_is_cited_at_the_records_of_the_earlier_article(app: Flask):
    with as_user(app) as user:
        earlier = make_article(by=user, text=REPORT, visibility=Visibility.RESTRICTED)
        incident = make_citing(earlier, "3", by=user, visibility=Visibility.RESTRICTED)
        item = make_item(REPORT + ADDED, by=user)
        assert refused("earlier", inbox_service.close_item, item, InboxState.ADDS_SOURCE, by=user)
        attached = inbox_service.close_item(item, InboxState.ADDS_SOURCE, earlier=earlier, by=user)
        db.session.commit()
        assert attached is not None
        assert attached.changed_records == [incident]
        assert item.state is InboxState.ADDS_SOURCE
        assert [one.article for one in incident.citations] == [earlier, item.article]
        assert item.article is not None
        assert item.article.repeats is earlier


def test_what_has_ended_can_be_opened_again_and_no_record_is_undone(app: Flask):
    with as_user(app) as user:
        item = make_item(by=user)
        refused("version", inbox_service.reopen_item, item, by=user)
        inbox_service.assign_item(item, by=user)
        inbox_service.close_item(item, InboxState.OUT_OF_SCOPE, reason="sport", by=user)
        inbox_service.reopen_item(item, by=user)
        db.session.commit()
        assert (item.state, item.reason, item.ended_at) == (InboxState.RECEIVED, "", None)
        assert item.taken_by is None
        assert acts(item.ref)[-2:] == ["intake:out_of_scope", "intake:reopen"]


def ended(app: Flask, name: str, ref: str, *roles: Role, team: str = "Desk") -> None:
    with as_user(app, name, *roles, team=team) as user:
        article = db.session.scalars(select(Article).where(Article.ref == ref)).one()
        inbox_service.close_item_of_article(article, InboxState.LOGGED, by=user)
        db.session.commit()


def test_whoever_saves_the_records_of_an_article_ends_it_in_their_own_inbox_alone(app: Flask):
    with as_user(app) as user:
        item = make_item(by=user, visibility=Visibility.INTERNAL)
        assert item.article is not None
        article_ref, ref = item.article.ref, item.ref
        other = make_article(by=user)
        inbox_service.close_item_of_article(other, InboxState.LOGGED, by=user)
        db.session.commit()

    def state() -> InboxState:
        with as_user(app):
            return db.session.scalars(select(IntakeItem)).one().state

    ended(app, "abroad", article_ref, team="Abroad")
    assert state() is InboxState.RECEIVED
    ended(app, "monitor", article_ref, Role.MONITOR)
    assert state() is InboxState.RECEIVED
    ended(app, "staff", article_ref)
    assert state() is InboxState.LOGGED
    ended(app, "staff", article_ref)
    with as_user(app):
        assert acts(ref) == ["intake:receive", "intake:logged"]


def test_the_trail_proves_the_inbox_too(app: Flask):
    with as_user(app) as user:
        item, unread = make_item(by=user), make_unread(by=user)
        inbox_service.assign_item(item, by=user)
        inbox_service.set_item_text(unread, read_pasted_text(ANOTHER), by=user)
        inbox_service.close_item(item, InboxState.OUT_OF_SCOPE, reason="sport", by=user)
        db.session.commit()
    with app.app_context(), system_session("test", reading=True) as session:
        left = LoggedState()
        list(left.observe(stream_entries(session)))
        assert list(find_differing_records(session, left)) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("/home/asem/page.html", "page.html"),
        ("C:\\pages\\page.html", "page.html"),
        ("a\x00b\n\u202ec.html", "a b c.html"),
        ("\ud800.txt", ".txt"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("Мақала.html", "Мақала.html"),
        ("", ""),
    ],
)
def test_the_name_of_a_file_is_kept_without_what_cannot_be_seen(name: str, kept: str):
    assert stored_file_name(name) == kept


def test_what_says_no_title_is_called_by_its_beginning():
    assert fallback_title("First words of it", "a.txt") == "First words of it"
    assert fallback_title("", "a.txt") == "a.txt"
    long = fallback_title("word " * 100, "a.txt")
    assert len(long) <= 121
    assert long.endswith("word…")
    assert read_pasted_text("word " * 100).title == ""


def test_an_article_comes_in_once(app: Flask):
    with as_user(app) as user:
        item = make_item(by=user)
        db.session.commit()
        twin = IntakeItem(article=item.article, sha256="x", team_id=user.team_ids[0])
        twin.recorded_by_id = twin.revised_by_id = user.id
        db.session.add(twin)
        with pytest.raises(Exception, match=r"(?i)unique"):
            db.session.flush()
