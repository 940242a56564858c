"""What is stored beside the values of records is proved as well: an edit of any of it is shown."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.audit.test_trail import rebuild_hashes, tamper, verify
from tests.factories import as_user, make_article
from tracker.articles.codes import SourceKind
from tracker.articles.masking_service import mask_passages, resolve_passages
from tracker.articles.models import Article
from tracker.db import current_engines, db, set_full_access
from tracker.intake.codes import UnreadReason
from tracker.intake.inbox_service import store_unreadable_file

FORGED = b"Another page."


@pytest.fixture
def source(app: Flask) -> str:
    """Return the ref of an article with a text and its original."""
    with as_user(app) as user:
        ref = make_article(text="Two men came. They said that they were police.", by=user).ref
        db.session.commit()
    return ref


def edit(app: Flask, statement: str, **values: object) -> None:
    """Do what only somebody with the database file or password can do."""
    with app.app_context(), current_engines().full_writing.begin() as connection:
        assert connection.execute(sa.text(statement), values).rowcount == 1


def test_a_text_replaced_is_shown(app: Flask, source: str) -> None:
    assert verify(app)[0] == 0
    edit(app, "UPDATE articles SET text = 'Nobody came.'")

    assert verify(app) == (1, f"text of {source} differs from the audit log")


def test_a_text_replaced_with_its_digest_is_shown(app: Flask, source: str) -> None:
    digest = hashlib.sha256(b"Nobody came.").hexdigest()
    edit(app, "UPDATE articles SET text = 'Nobody came.', text_digest = :digest", digest=digest)

    assert verify(app) == (1, f"record {source} differs from its last entry")


def test_an_original_replaced_is_shown(app: Flask, source: str) -> None:
    edit(app, "UPDATE article_originals SET content = :content", content=FORGED)

    assert verify(app) == (1, f"original of {source} differs from the audit log")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE article_originals SET content = :content, sha256 = :digest",
        "UPDATE article_originals SET sha256 = :digest",
        "UPDATE article_originals SET media_type = 'text/html'",
        "DELETE FROM article_originals",
    ],
)
def test_an_original_replaced_with_its_digest_or_taken_away_is_shown(
    app: Flask, source: str, statement: str
) -> None:
    edit(app, statement, content=FORGED, digest=hashlib.sha256(FORGED).hexdigest())

    assert verify(app) == (1, f"original of {source} differs from the audit log")


def test_an_original_slipped_in_is_shown(app: Flask, source: str) -> None:
    with as_user(app) as user:
        bare = make_article("A call", text="", kind=SourceKind.PHONE_CALL, by=user).ref
        db.session.commit()
    assert verify(app)[0] == 0
    edit(
        app,
        "INSERT INTO article_originals (article_id, team_id, visibility, media_type, sha256, content) "
        "SELECT bare.id, bare.team_id, bare.visibility, media_type, sha256, content "
        "FROM articles AS bare, article_originals WHERE bare.ref = :ref",
        ref=bare,
    )

    assert verify(app) == (1, f"original of {bare} differs from the audit log")


def test_an_original_is_proved_by_its_digest_alone_where_its_entry_is_older(
    app: Flask, source: str
) -> None:
    tamper(app, "UPDATE audit_events SET changes = '{}' WHERE action = 'article:create'")
    rebuild_hashes(app)
    assert verify(app)[0] == 0
    edit(app, "UPDATE article_originals SET content = :content", content=FORGED)

    assert verify(app) == (1, f"original of {source} differs from the audit log")


@pytest.fixture
def masked(app: Flask, source: str) -> str:
    """Return the ref of the article with two passages masked."""
    with as_user(app) as user:
        db.session.rollback()
        set_full_access()
        article = db.session.scalars(sa.select(Article)).one()
        for words in ("Two men", "police"):
            mask_passages(article, resolve_passages(article, words), reason="She asked.", by=user)
        db.session.commit()
    return source


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles SET text = replace(text, 'said', 'sang')",
        "UPDATE article_masks_confidential SET words = 'Six men' WHERE words = 'Two men'",
        'UPDATE article_masks SET start = start - 1, "end" = "end" - 1 WHERE start > 0',
        "DELETE FROM article_masks_confidential WHERE words = 'police'",
    ],
)
def test_a_masked_text_is_proved_with_the_words_under_its_masks(
    app: Flask, masked: str, statement: str
) -> None:
    assert verify(app)[0] == 0
    edit(app, statement)

    code, said = verify(app)

    assert (code, said) == (1, f"text of {masked} differs from the audit log")
    assert "men" not in said


def test_a_file_that_waits_for_its_text_is_proved(app: Flask) -> None:
    with as_user(app) as user:
        ref = store_unreadable_file(
            b"%PDF-", "a.pdf", UnreadReason.UNREADABLE, team_id=user.team_ids[0], by=user
        ).ref
        db.session.commit()
    assert verify(app)[0] == 0
    edit(app, "UPDATE intake_items SET content = :content", content=FORGED)

    assert verify(app) == (1, f"file of {ref} differs from the audit log")
