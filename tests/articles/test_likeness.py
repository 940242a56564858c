"""Nearly the same text is found by its marks, within what the viewer may see and without a scan."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, func, select, text

from tests.articles.sources_made import make_citing
from tests.databases import Database
from tests.factories import as_user, make_article, post, sign_in_directly
from tests.migrations.rows import ROWS
from tests.migrations.test_every_migration import fill, put
from tests.statements import counted
from tracker import schema
from tracker.articles import queries
from tracker.articles.incoming import read_pasted_text
from tracker.articles.masking_service import mask_passages, resolve_passages
from tracker.articles.models import Article, ArticleFingerprint
from tracker.articles.queries import (
    citing_record_counts,
    citing_records_by_article,
    duplicates_by_article,
    similar_articles,
)
from tracker.articles.rules import (
    MAX_FINGERPRINTS_PER_TEXT,
    MIN_SHARED_FINGERPRINTS,
    MIN_WORDS_TO_COMPARE,
    text_fingerprints,
)
from tracker.articles.service import DuplicateArticle, validate_not_duplicate
from tracker.db import db, set_full_access
from tracker.permissions import Visibility

REPORT = (
    "An editor in Almaty has received eleven letters that threaten her family, her paper said on "
    "Tuesday. Two men who said they were police asked her neighbours which windows were hers and "
    "at what hour she comes home. The city police replied that no officer had been sent to the "
    "house on that or any other day. Her paper had written about the sale of land at the lake."
)
SECOND = "\nThe paper asks everybody who saw the two men to call the newsroom, by day or by night."
# The same event in other words.
ANOTHER = (
    "Someone keeps writing to the chief editor of a city newspaper that her children will not live "
    "to see the summer. Last week strangers with police badges went from door to door in her block "
    "and wanted to know where she lived; officials deny having sent anybody. Colleagues link it to "
    "a series of articles on plots by the shore, which ended up with relatives of a deputy mayor."
)
KAZAKH = "Алматыда редакторға қауіп төндіретін он бір хат келді. " * 8


def shared(one: str, other: str) -> int:
    return len(set(text_fingerprints(one)) & set(text_fingerprints(other)))


def test_a_text_has_marks_that_nothing_but_its_words_decides():
    assert len(text_fingerprints(REPORT)) == MAX_FINGERPRINTS_PER_TEXT
    assert text_fingerprints(REPORT) == sorted(text_fingerprints(REPORT))
    assert text_fingerprints(
        REPORT.upper().replace(" ", " \n ").replace(".", " …")
    ) == text_fingerprints(REPORT)
    assert text_fingerprints("Ёлка " * 10 + KAZAKH) == text_fingerprints("елка " * 10 + KAZAKH)
    assert all(0 <= mark < 2**63 for mark in text_fingerprints(REPORT))


def test_a_text_of_a_few_words_has_none():
    assert text_fingerprints("") == []
    assert text_fingerprints("word " * (MIN_WORDS_TO_COMPARE - 1)) == []
    assert text_fingerprints(" ".join(REPORT.split()[:MIN_WORDS_TO_COMPARE])) != []


@pytest.mark.parametrize(
    ("other", "is_alike"),
    [
        (REPORT + SECOND, True),
        (REPORT.replace("Tuesday", "3 June").replace("eleven", "11"), True),
        (REPORT[: len(REPORT) * 2 // 3], True),
        (
            "Home News Contacts Latest: rain in Astana\n" + REPORT + "\nShare Read also: floods",
            True,
        ),
        (ANOTHER, False),
        (KAZAKH, False),
    ],
)
def test_reprints_share_marks_and_other_reports_do_not(other: str, is_alike: bool):
    assert (shared(REPORT, other) >= MIN_SHARED_FINGERPRINTS) is is_alike


def test_a_reprint_is_found_and_the_likest_comes_first(app: Flask):
    with as_user(app) as user:
        far = make_article("Far", by=user, text=REPORT + SECOND + "\n" + ANOTHER[:250])
        near = make_article("Near", by=user, text=REPORT + SECOND)
        make_article("Other", by=user, text=ANOTHER)
        assert similar_articles(text_fingerprints(REPORT)) == [near, far]
        assert similar_articles([]) == []


def test_what_others_keep_to_themselves_or_masked_is_not_told(app: Flask):
    with as_user(app, "abroad", team="Abroad") as other:
        make_article("Hidden", by=other, text=REPORT, visibility=Visibility.RESTRICTED)
        open_one = make_article("Open", by=other, text=REPORT, url="https://a.example/1")
        db.session.commit()
        ref = open_one.ref
    with as_user(app) as user:
        mine = make_article("Mine", by=user, text=REPORT + SECOND, url="https://a.example/1")
        assert [one.ref for one in similar_articles(text_fingerprints(REPORT))] == [mine.ref, ref][
            ::-1
        ]
        assert [one.ref for one in duplicates_by_article([mine])[mine.id]] == [ref]
        db.session.commit()
    with as_user(app, "abroad", team="Abroad") as other:
        db.session.rollback()
        set_full_access()
        article = db.session.scalars(select(Article).where(Article.ref == ref)).one()
        mask_passages(article, resolve_passages(article, "Two men"), reason="a name", by=other)
        db.session.commit()
        assert ref in [one.ref for one in similar_articles(text_fingerprints(REPORT))]
    with as_user(app):
        mine = db.session.scalars(select(Article).where(Article.title == "Mine")).one()
        assert ref not in [one.ref for one in similar_articles(text_fingerprints(REPORT))]
        assert duplicates_by_article([mine]) == {}


def test_the_marks_of_words_that_are_masked_go(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user, text=REPORT)
        db.session.commit()
        before = set(db.session.scalars(select(ArticleFingerprint.mark)))
        db.session.rollback()
        set_full_access()
        mask_passages(article, resolve_passages(article, "2"), reason="a name", by=user)
        db.session.commit()
        after = set(db.session.scalars(select(ArticleFingerprint.mark)))
        assert before == set(text_fingerprints(REPORT)) != after
        assert after == set(text_fingerprints(article.text))


def test_marks_follow_their_article_when_it_is_opened(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user, text=REPORT, visibility=Visibility.RESTRICTED)
        db.session.commit()
        article.visibility = Visibility.INTERNAL
        db.session.commit()
    with as_user(app, "abroad", team="Abroad"):
        assert len(similar_articles(text_fingerprints(REPORT))) == 1


def test_what_says_the_same_is_named_once_by_whatever_it_is_known(app: Flask):
    with as_user(app, "abroad", team="Abroad") as other:
        elsewhere = make_article("B", by=other, text=ANOTHER, url="https://a.example/1")
        db.session.commit()
        other_ref = elsewhere.ref
    with as_user(app) as user:
        first = make_article("A", by=user, text=REPORT, url="https://a.example/1")
        twin = make_article("Twin", by=user, text=REPORT)
        short, shorter = (make_article(name, by=user, text="Few words.") for name in "CD")
        found = duplicates_by_article([first, short])
        assert [one.ref for one in found[first.id]] == [other_ref, twin.ref]
        assert found[short.id] == [shorter]
        assert duplicates_by_article([]) == {}
        without_text = make_article("Call", by=user, text="Told.", url="")
        assert duplicates_by_article([without_text]) == {}


def test_what_is_known_a_hundred_times_hides_no_other_on_the_page(
    app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queries, "MAX_DUPLICATE_PAIRS", 2)
    with as_user(app) as user:
        often = [make_article(str(n), by=user, text=REPORT) for n in range(4)]
        twice = [make_article(name, by=user, text="Few words.") for name in "CD"]
        alike = [make_article("E", by=user, text=ANOTHER + SECOND * n) for n in range(2)]
        found = duplicates_by_article([often[0], twice[0], alike[0]])
        assert found[often[0].id] == often[1:3]
        assert found[twice[0].id] == [twice[1]]
        assert found[alike[0].id] == [alike[1]]


def test_records_are_counted_once_each_and_only_those_that_are_seen(app: Flask):
    with as_user(app, "abroad", team="Abroad") as other:
        article = make_article(by=other, text=REPORT)
        make_citing(article, "1", by=other, visibility=Visibility.RESTRICTED)
        db.session.commit()
        ref = article.ref
    with as_user(app) as user:
        article = db.session.scalars(select(Article).where(Article.ref == ref)).one()
        make_citing(article, "1", "2", by=user)
        make_citing(article, "3", by=user)
        assert citing_record_counts([article, make_article(by=user)]) == {article.id: 2}
        assert citing_record_counts([]) == {}


def test_looking_takes_as_many_queries_for_a_page_as_for_one(app: Flask):
    with as_user(app) as user:
        articles = [make_article(str(n), by=user, text=REPORT + SECOND * n) for n in range(6)]
        for article in articles:
            make_citing(article, "1", by=user)
        db.session.commit()
        refs = [article.id for article in articles]
    with as_user(app):
        one = db.session.scalars(select(Article).where(Article.id.in_(refs[:1]))).all()
        every = db.session.scalars(select(Article).where(Article.id.in_(refs))).all()
        with counted() as for_one:
            duplicates_by_article(one)
            citing_records_by_article(one)
        with counted() as for_all:
            found = duplicates_by_article(every)
            assert all(len(found[article.id]) == 5 for article in every)
            assert set(citing_records_by_article(every)) == set(refs)
    assert len(for_all) <= len(for_one)


# The other database scans a small table, whatever its indexes.
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_equal_marks_are_found_by_an_index(app: Flask):
    with app.app_context():
        plan = db.session.execute(
            text("EXPLAIN QUERY PLAN SELECT article_id FROM article_marks WHERE mark IN (1, 2, 3)")
        ).all()
    assert "USING COVERING INDEX ix_article_marks_mark_article_id" in str(plan)


def test_nearly_the_same_is_refused_unless_it_is_wanted(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user, text=REPORT)
        reprint = read_pasted_text(REPORT + SECOND)
        asked: dict[str, Any] = {"url": "", "team_id": user.team_ids[0]}
        with pytest.raises(DuplicateArticle) as error:
            validate_not_duplicate(reprint, allow_duplicate=False, **asked)
        assert list(error.value.found) == [article]
        assert error.value.may_keep
        assert error.value.by_similarity
        assert "Nearly the same text is already here" in str(error.value)
        validate_not_duplicate(reprint, allow_duplicate=True, **asked)
        validate_not_duplicate(reprint, allow_duplicate=False, by_similarity=False, **asked)
        validate_not_duplicate(read_pasted_text(ANOTHER), allow_duplicate=False, **asked)


def test_the_page_says_so_with_what_was_recorded(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        article = make_article("Letters", by=user, text=REPORT)
        incident = make_citing(article, "1", by=user, title="Threats by letter")
        db.session.commit()
        refs = article.ref, incident.ref
    sign_in_directly(client, "staff")
    answer = post(client, "/articles/new", text=REPORT + SECOND, title="Reprint")
    assert answer.status_code == 422
    assert "A similar article is already here" in answer.text
    assert "1 record cites it:" in answer.text
    for ref in refs:
        assert ref in answer.text
    assert post(client, "/articles/new", text=REPORT + SECOND, keep=refs[0]).status_code in {
        303,
        422,
    }


def test_articles_that_are_there_before_are_given_their_marks(empty_database: Database):
    engine = create_engine(empty_database.url)
    schema.upgrade(engine, "0013")
    with engine.begin() as connection:
        for revision in ("0001", "0002", "0003"):
            fill(connection, revision)
        row = ROWS["0004"]["articles"]
        put(connection, "articles", row | {"text": REPORT})
        more = {"id": 2, "ref": "ART-0000000002", "canonical_url": None, "text": "Few words."}
        put(connection, "articles", row | more)
    schema.upgrade(engine, "0014")
    with engine.connect() as connection:
        rows = connection.execute(
            select(
                ArticleFingerprint.article_id,
                ArticleFingerprint.mark,
                ArticleFingerprint.visibility,
            )
        ).all()
        count = connection.execute(select(func.count()).select_from(ArticleFingerprint)).scalar()
    engine.dispose()
    assert count == MAX_FINGERPRINTS_PER_TEXT
    assert {(row[0], row[2]) for row in rows} == {(1, Visibility.RESTRICTED)}
    assert sorted(row[1] for row in rows) == text_fingerprints(REPORT)
