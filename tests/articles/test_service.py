"""Sources are kept as they came, known when they come again, and cited in their own words."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.articles.sources_made import make_citing
from tests.factories import ARTICLE, as_user, make_article, make_outlet
from tracker import clock
from tracker.articles.codes import Bearing, Independence, Language, SourceKind
from tracker.articles.incoming import IncomingArticle, read_pasted_text
from tracker.articles.models import Article
from tracker.articles.queries import (
    cited_article_ids,
    latest_possible_event_date,
    list_citing_records,
    outlet_by_url,
)
from tracker.articles.service import (
    ArticleDetails,
    DuplicateArticle,
    build_citation,
    edit_article,
    recognize_publisher_line,
    validate_not_duplicate,
)
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.incidents.models import IncidentCitation
from tracker.permissions import Visibility
from tracker.users.models import User
from tracker.when import OPEN_START, Precision, When, format_when

LINK = "https://gazeta.example/news/7"


def edit(article: Article, *, by: User, **given: Any) -> None:
    """Save the article with everything as it is but what is given."""
    values: dict[str, Any] = {
        "publisher": article.publisher,
        "publisher_words": article.publisher_words,
        "published": article.when,
        "repeats": article.repeats,
    }
    for name in (
        "title", "kind", "url", "archive_url", "captured_on", "checked_on", "check_result", "authors", "language",
        "independence", "visibility",
    ):  # fmt: skip
        values[name] = getattr(article, name)
    edit_article(article, ArticleDetails(**(values | given)), by=by)


def test_a_pasted_text_is_kept_as_its_bytes_and_as_numbered_sentences(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user)
        db.session.commit()
        db.session.expire_all()

        assert article.original is not None
        assert article.original.content == ARTICLE.encode()
        assert article.original.media_type == "text/plain"
        assert article.original.sha256 == hashlib.sha256(ARTICLE.encode()).hexdigest()
        assert article.text == ARTICLE
        assert [sentence.text for sentence in article.sentences][
            3
        ] == "The ministry did not answer."
        assert article.language is Language.EN
        created = db.session.scalars(
            select(AuditEvent).where(AuditEvent.subject == article.ref)
        ).one()
        assert (created.action, created.actor) == ("article:create", "staff")


def test_what_is_typed_wins_and_what_is_empty_is_filled_from_what_came_in(app: Flask):
    came = IncomingArticle(
        content=b"<p>...</p>", media_type="text/html", text=ARTICLE, title="Found", authors="A. Found",
        publisher="Found Daily", published=date(2025, 6, 3), language=Language.EN,
    )  # fmt: skip
    typed_day = When(date(2025, 6, 1), date(2025, 6, 1), Precision.DAY)
    with as_user(app) as user:
        found = make_article("", incoming=came, by=user)
        named = make_article(
            "Typed", incoming=came, authors="B. Typed", publisher_words="Typed Weekly",
            published=typed_day, language=Language.OTHER, by=user,
        )  # fmt: skip

        assert (found.title, found.authors, found.publisher_name()) == (
            "Found",
            "A. Found",
            "Found Daily",
        )
        assert (latest_possible_event_date(found), found.precision) == (
            date(2025, 6, 3),
            Precision.DAY,
        )
        assert (named.title, named.authors, named.publisher_name()) == (
            "Typed",
            "B. Typed",
            "Typed Weekly",
        )
        assert named.when == typed_day
        assert named.language is Language.OTHER


def test_a_date_found_in_the_future_is_not_taken(app: Flask):
    came = IncomingArticle(text=ARTICLE, title="Found", published=date(9999, 1, 1))
    with as_user(app) as user:
        article = make_article("", incoming=came, by=user)

        assert (article.earliest, article.precision) == (OPEN_START, Precision.UNKNOWN)


def test_a_year_that_the_article_does_not_give_is_shown_as_assumed(app: Flask):
    first = "АЛМАТЫ, 16 мая. Степьинформ – Неизвестные облили краской дверь корреспондента газеты."
    with as_user(app) as user:
        text = f"Дверь облили краской\n{first}\nПолиция ищет их."
        article = make_article("", incoming=read_pasted_text(text), by=user)

        year = max(
            one
            for one in (2025, clock.current_date().year)
            if date(one, 5, 16) <= clock.current_date()
        )
        assert format_when(article.when) == f"{year}-05-16~"


def test_an_article_needs_its_text_and_every_source_a_title(app: Flask):
    with as_user(app) as user:
        with pytest.raises(InvalidInput) as refused:
            make_article("", text=" \n ", by=user)
        assert set(refused.value.fields) == {"text", "title"}

        call = make_article("Call of 3 June", text="", kind=SourceKind.PHONE_CALL, by=user)
        assert call.original is None
        assert (
            make_article("", text="A short line\nand the rest of it.", by=user).title
            == "A short line"
        )


def test_words_and_numbers_of_sentences_become_citations(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user)
        incident = make_citing(article, "2-3", "they were   police", by=user)
        db.session.commit()

        by_number, by_words = incident.citations
        assert (
            by_number.quote == "They said that they were police. Neighbours were asked about her."
        )
        assert by_number.sentence_numbers() == (2, 3)
        assert (by_words.quote, by_words.sentence_numbers()) == ("they were police", (2,))
        assert by_words.bearing is Bearing.SUPPORTS
        assert ARTICLE[by_words.start : by_words.end] == by_words.quote


def test_what_does_not_stand_in_the_article_is_refused_at_the_field_asked_for(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user)
        for typed in ("", "   ", "99", "3-2", "no such words", "0", "x" * 20_000):
            with pytest.raises(InvalidInput) as refused:
                build_citation(IncidentCitation, article, typed, error_field="acts-0-quote")
            assert list(refused.value.fields) == ["acts-0-quote"]


def test_a_passage_as_long_as_a_book_is_no_quote(app: Flask):
    with as_user(app) as user:
        article = make_article(text="One more sentence stands here.\n" * 1000, by=user)
        with pytest.raises(InvalidInput, match="not the whole article"):
            build_citation(IncidentCitation, article, "1-1000")


def test_a_source_without_text_is_cited_in_whatever_words_are_typed(app: Flask):
    with as_user(app) as user:
        call = make_article("Call", text="", kind=SourceKind.PHONE_CALL, by=user)
        citation = build_citation(IncidentCitation, call, " They came twice ")
        assert (citation.quote, citation.start, citation.end) == ("They came twice", None, None)
        for typed in ("  ", "x" * 20_000):
            with pytest.raises(InvalidInput):
                build_citation(IncidentCitation, call, typed)


def known(
    incoming: IncomingArticle, *, by: User, url: str = "", allow_duplicate: bool = False
) -> DuplicateArticle | None:
    try:
        validate_not_duplicate(
            incoming, url=url, team_id=by.team_ids[0], allow_duplicate=allow_duplicate
        )
    except DuplicateArticle as here:
        return here
    return None


def test_an_address_of_the_own_team_is_known_however_it_is_written(app: Flask):
    with as_user(app) as user:
        article = make_article(url=LINK, by=user)
        here = known(
            read_pasted_text("Quite another text."),
            url="http://www.gazeta.example/news/7/?utm_source=x",
            allow_duplicate=True,
            by=user,
        )
        assert here is not None
        assert (list(here.fields), here.found, here.may_keep) == (["url"], [article], False)
        assert article.ref in here.fields["url"]


def test_a_text_is_known_by_its_words_and_a_file_by_its_bytes(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user)
        spaced = read_pasted_text(ARTICLE.replace(" ", "  "))
        same_bytes = IncomingArticle(content=ARTICLE.encode(), text="Otherwise extracted.")
        for came in (spaced, same_bytes):
            here = known(came, url=LINK, by=user)
            assert here is not None
            assert (list(here.fields), here.found, here.may_keep) == (["text"], [article], True)
            assert known(came, url=LINK, allow_duplicate=True, by=user) is None
        assert known(read_pasted_text("Quite another text."), by=user) is None
        assert known(IncomingArticle(), by=user) is None


def test_what_another_team_keeps_to_itself_is_not_known(app: Flask):
    with as_user(app, "other", team="Other") as user:
        make_article(url=LINK, visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
    with as_user(app) as user:
        assert known(read_pasted_text(ARTICLE), url=LINK, by=user) is None
        make_article(url=LINK, by=user)
        db.session.commit()


def test_what_another_team_shows_is_said_and_may_be_kept_all_the_same(app: Flask):
    with as_user(app, "other", team="Other") as user:
        make_article(url=LINK, by=user)
        db.session.commit()
    with as_user(app) as user:
        here = known(read_pasted_text("Quite another text."), url=LINK, by=user)
        assert here is not None
        assert here.may_keep
        assert (
            known(read_pasted_text("Quite another text."), url=LINK, allow_duplicate=True, by=user)
            is None
        )


def test_a_colleague_who_was_faster_is_said_in_words(app: Flask):
    with as_user(app) as user:
        make_article(url=LINK, by=user)
        db.session.commit()
        with pytest.raises(InvalidInput) as refused:
            make_article(url=LINK, by=user)
        assert list(refused.value.fields) == ["url"]
        db.session.rollback()
        assert len(db.session.scalars(select(Article)).all()) == 1


def test_what_is_no_address_is_refused(app: Flask):
    with as_user(app) as user:
        for url in ("gazeta.example/1", "javascript:alert(1)", "https://a@b.example/"):
            with pytest.raises(InvalidInput) as refused:
                make_article(url=url, by=user)
            assert list(refused.value.fields) == ["url"]


def test_an_address_says_which_outlet_on_record_published_it(app: Flask):
    with as_user(app) as user:
        gazeta = make_outlet("Gazeta", domains="gazeta.example\nold.example", by=user)
        make_outlet("Ta", domains="ta.example", by=user)

        assert make_article(url="https://m.gazeta.example/1", by=user).publisher is gazeta
        assert outlet_by_url("https://ta.example.org/1") is None
        assert outlet_by_url("") is None
        typed = make_article(
            "Typed", url=LINK, text="Other words.", publisher_words="Somebody", by=user
        )
        assert typed.publisher is None


def test_a_first_line_that_is_an_outlet_on_record_is_the_publisher(app: Flask):
    text = "Дала жулдызы\nMen asked for an editor\nTwo men asked for her, and wrote down what they heard."
    with as_user(app) as user:
        dala = make_outlet("Dala Juldyzy", by=user)
        came = recognize_publisher_line(read_pasted_text(text))
        assert (came.title, came.publisher) == ("Men asked for an editor", "Dala Juldyzy")
        assert came.text == text.partition("\n")[2]
        assert make_article("", incoming=came, by=user).publisher is dala

        make_outlet("Дала Жулдызы", by=user)
        assert recognize_publisher_line(read_pasted_text(text)).title == "Дала жулдызы"
        hidden = make_outlet("Cellar", visibility=Visibility.RESTRICTED, by=user)
        came = recognize_publisher_line(read_pasted_text(text.replace("Дала жулдызы", "Cellar")))
        shown = make_article("", incoming=came, by=user)
        assert (shown.publisher, shown.publisher_words) == (None, "Cellar")
        restricted = Visibility.RESTRICTED
        assert make_article("", incoming=came, visibility=restricted, by=user).publisher is hidden


def test_an_article_for_everybody_does_not_show_an_outlet_of_the_team_alone(app: Flask):
    with as_user(app) as user:
        hidden = make_outlet("Cellar Press", visibility=Visibility.RESTRICTED, by=user)
        with pytest.raises(InvalidInput, match="Cellar Press"):
            make_article(publisher=hidden, by=user)
        kept = make_article(publisher=hidden, visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
        with pytest.raises(InvalidInput, match="Cellar Press"):
            edit(kept, visibility=Visibility.INTERNAL, by=user)


def test_an_edit_changes_what_is_said_and_is_audited_and_leaves_the_text(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user)
        db.session.commit()
        edit(article, title="Men at the door", archive_url="https://archive.example/1", by=user)
        db.session.commit()

        assert (article.title, article.text) == ("Men at the door", ARTICLE)
        assert article.version > 1
        last = db.session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
        assert last is not None
        assert last.changes["title"] == ["Two men at the door", "Men at the door"]
        assert last.changes["archive_url"] == ["", "https://archive.example/1"]


def test_an_edit_to_an_address_that_the_team_has_is_refused(app: Flask):
    with as_user(app) as user:
        make_article(url=LINK, by=user)
        other = make_article("Other", text="Other words.", by=user)
        with pytest.raises(DuplicateArticle):
            edit(other, url=LINK + "?utm_medium=x", by=user)
        edit(other, url=LINK + "8", by=user)
        edit(other, url=LINK + "8", by=user)


def test_an_article_that_everybody_s_records_cite_is_not_hidden(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user)
        make_citing(article, "1", title="Seen by all", by=user)
        with pytest.raises(InvalidInput, match="Seen by all"):
            edit(article, visibility=Visibility.RESTRICTED, by=user)
        other = make_article("Other", text="Other words stand here.", by=user)
        make_citing(other, "1", visibility=Visibility.RESTRICTED, by=user)
        edit(other, visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
        db.session.expire_all()
        assert other.original is not None
        assert other.original.visibility is Visibility.RESTRICTED


def test_a_publisher_that_the_editor_may_not_see_stays(app: Flask):
    with as_user(app, "other", team="Other") as user:
        hidden = make_outlet("Cellar Press", visibility=Visibility.RESTRICTED, by=user).id
        db.session.commit()
    with as_user(app) as user:
        make_article(by=user).publisher_id = hidden
        db.session.commit()
    with as_user(app) as user:
        article = db.session.scalars(select(Article)).one()
        assert article.publisher_name() == ""
        edit(article, title="Men", by=user)
        db.session.commit()
        assert article.publisher_id == hidden
        edit(article, publisher_words="Somebody", by=user)
        db.session.commit()
        assert article.publisher_words == "Somebody"
    with as_user(app):
        assert db.session.scalars(select(Article.publisher_id)).one() is None


def test_a_repeating_article_names_the_other_and_never_itself(app: Flask):
    repeating = Independence.REPEATS_ANOTHER
    with as_user(app) as user:
        first = make_article(by=user)
        second = make_article("Second", text="Other words.", by=user)
        for wrong in (
            {"independence": repeating, "repeats": None},
            {"independence": Independence.PARTY, "repeats": second},
            {"independence": repeating, "repeats": first},
        ):
            with pytest.raises(InvalidInput) as refused:
                edit(first, **wrong, by=user)
            assert list(refused.value.fields) == ["repeats"]
        edit(second, independence=repeating, repeats=first, by=user)
        with pytest.raises(InvalidInput, match="cannot repeat itself"):
            edit(first, independence=repeating, repeats=second, by=user)
        edit(second, independence=Independence.PARTY, repeats=None, by=user)
        assert second.repeats_id is None


def test_the_article_repeated_stays_where_the_editor_may_not_see_it(app: Flask):
    with as_user(app, "other", team="Other") as user:
        hidden = make_article(visibility=Visibility.RESTRICTED, by=user).id
        db.session.commit()
    with as_user(app) as user:
        article = make_article("Reprint", text="Other words.", by=user)
        article.independence, article.repeats_id = Independence.REPEATS_ANOTHER, hidden
        db.session.commit()
    with as_user(app) as user:
        article = db.session.scalars(select(Article)).one()
        edit(article, title="A reprint", by=user)
        db.session.commit()
        assert article.repeats_id == hidden


def test_records_stand_in_the_order_of_the_text_and_only_those_the_viewer_may_see(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user)
        unread = make_article("Unread", text="Other words.", by=user)
        make_citing(article, "3", title="Second", by=user)
        make_citing(article, "4", "1", title="First", by=user)
        make_citing(article, "2", title="Hidden", visibility=Visibility.RESTRICTED, by=user)
        make_citing(unread, "1", title="Alone", visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
        assert cited_article_ids([article, unread]) == {article.id, unread.id}
    with as_user(app, "other", team="Other"):
        article, unread = db.session.scalars(select(Article).order_by(Article.id)).all()
        found = list_citing_records(article)
        assert [record.heading for record, _citations in found] == ["First", "Second"]
        assert [one.sentence_numbers() for one in found[0][1]] == [(1,), (4,)]
        assert cited_article_ids([article, unread]) == {article.id}
