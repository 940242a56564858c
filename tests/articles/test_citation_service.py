"""Citations come and go on their record's trail; a reprint stands beside the article it repeats."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from tests.articles.sources_made import make_citing
from tests.factories import (
    ARTICLE,
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_user,
)
from tests.statements import counted
from tracker.articles.citation_service import add_citations, mark_as_reprint, remove_citation
from tracker.articles.codes import Bearing, Independence, SourceKind
from tracker.articles.models import Article
from tracker.articles.queries import list_citing_records
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.errors import InvalidInput, NotFound
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident, IncidentTarget
from tracker.permissions import Role, Visibility
from tracker.records import Record
from tracker.responses.service import resolve_quote
from tracker.review.codes import EditorialState

REPRINT = "Earlier today:\n“They said that they were police.” The rest is told otherwise."


def approve(incident: Incident) -> None:
    incident.state = EditorialState.APPROVED
    incident.approved_by_id = make_user("monitor", Role.MONITOR).id
    db.session.commit()


def acts_on(record: Record) -> list[str]:
    rows = select(AuditEvent.action).where(AuditEvent.subject == record.ref)
    return list(db.session.scalars(rows.order_by(AuditEvent.sequence)))


def test_a_citation_more_is_audited_at_the_record_and_returns_it_to_draft(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user)
        incident = make_citing(article, "1", by=user)
        approve(incident)
        add_citations(incident, article, "4", bearing=Bearing.CONTRADICTS, by=user)
        db.session.commit()

        assert [one.quote for one in incident.citations][1] == "The ministry did not answer."
        assert incident.citations[1].bearing is Bearing.CONTRADICTS
        assert incident.state is EditorialState.DRAFT
        assert acts_on(incident) == ["incident:create", "citation:add"]
        with pytest.raises(InvalidInput, match="already"):
            add_citations(
                incident,
                article,
                "The ministry did not answer.",
                bearing=Bearing.CONTRADICTS,
                by=user,
            )


def test_a_record_for_everybody_does_not_cite_what_only_the_team_may_see(app: Flask):
    with as_user(app) as user:
        incident = make_citing(make_article(by=user), "1", by=user)
        hidden = make_article(
            "Hidden", text="Other words.", visibility=Visibility.RESTRICTED, by=user
        )
        with pytest.raises(InvalidInput) as refused:
            add_citations(incident, hidden, "1", by=user)
        assert list(refused.value.fields) == ["quote"]
        with pytest.raises(NotFound):
            add_citations(hidden, hidden, "1", by=user)


def test_a_citation_is_removed_but_never_the_last_one(app: Flask):
    with as_user(app) as user:
        incident = make_citing(make_article(by=user), "1", "2", by=user)
        db.session.commit()
        first, second = incident.citations
        remove_citation(incident, first.id, by=user)
        db.session.commit()
        db.session.expire_all()

        assert incident.citations == [second]
        assert acts_on(incident)[-1] == "citation:remove"
        with pytest.raises(InvalidInput, match="only source"):
            remove_citation(incident, second.id, by=user)
        with pytest.raises(NotFound):
            remove_citation(incident, 2**70, by=user)


def test_a_reprint_is_cited_in_its_own_words_or_else_by_its_title(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user)
        first = make_citing(article, "2", title="First", by=user)
        second = make_citing(article, "1", "3", title="Second", by=user)
        approve(second)
        reprint = make_article("Told again", text=REPRINT, by=user)
        db.session.commit()
        attached = mark_as_reprint(reprint, article, by=user)
        db.session.commit()
        db.session.expire_all()

        assert {record.ref for record in attached.changed_records} == {first.ref, second.ref}
        assert attached.unchanged_records == []
        assert (reprint.independence, reprint.repeats) == (Independence.REPEATS_ANOTHER, article)
        located = first.citations[1]
        assert located.article is reprint
        assert located.quote == "They said that they were police."
        assert REPRINT[located.start : located.end] == located.quote
        by_title = [(one.quote, one.start) for one in second.citations if one.article is reprint]
        assert by_title == [("Told again", None)]
        assert second.state is EditorialState.DRAFT
        for record in (first, second):
            assert acts_on(record) == ["incident:create", "citation:add"]
        assert acts_on(reprint) == ["article:create", "article:repeat"]


def test_what_the_earlier_article_contradicts_the_reprint_does_not_support(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user)
        incident = make_citing(article, "1", by=user)
        incident.citations[0].bearing = Bearing.CONTRADICTS
        mark_as_reprint(reprint := make_article("Again", text=REPRINT, by=user), article, by=user)

        assert [one.bearing for one in incident.citations if one.article is reprint] == [
            Bearing.CONTRADICTS
        ]


def test_saying_twice_that_it_is_the_same_story_adds_nothing(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user)
        incident = make_citing(article, "2", by=user)
        reprint = make_article("Told again", text=REPRINT, by=user)
        db.session.commit()
        for _ in range(2):
            mark_as_reprint(reprint, article, by=user)
            db.session.commit()

        assert len(incident.citations) == 2
        assert acts_on(incident) == ["incident:create", "citation:add"]


def test_a_quote_that_is_a_number_is_not_read_as_the_number_of_a_sentence(app: Flask):
    with as_user(app) as user:
        call = make_article("Call", text="", kind=SourceKind.PHONE_CALL, by=user)
        incident = make_citing(call, "3", by=user)
        reprint = make_article("Told again", text="One. Two. Three came; 3 left.", by=user)
        other = make_article("And again", text="One. Two. Four came.", by=user)
        mark_as_reprint(reprint, call, by=user)
        mark_as_reprint(other, call, by=user)

        assert [one.quote for one in incident.citations] == ["3", "3", "And again"]
        assert incident.citations[1].start == reprint.text.index("3 left")


def test_records_of_another_team_stay_as_they_are(app: Flask):
    with as_user(app, "other", team="Other") as user:
        make_citing(make_article(by=user), "2", title="Theirs", by=user)
        db.session.commit()
    with as_user(app) as user:
        article = db.session.scalars(select(Article)).one()
        ours = make_citing(article, "2", title="Ours", by=user)
        reprint = make_article("Told again", text=REPRINT, by=user)
        db.session.commit()
        attached = mark_as_reprint(reprint, article, by=user)
        db.session.commit()

        assert [record.heading for record in attached.unchanged_records] == ["Theirs"]
        assert attached.changed_records == [ours]
        assert [record for record, _citations in list_citing_records(reprint)] == [ours]


def test_a_reprint_that_fewer_may_see_than_the_record_is_refused_with_nothing_done(app: Flask):
    with as_user(app) as user:
        article = make_article(by=user)
        incident = make_citing(article, "2", title="Seen by all", by=user)
        reprint = make_article("Again", text=REPRINT, visibility=Visibility.RESTRICTED, by=user)
        hidden = make_article("Hidden", text="Words.", visibility=Visibility.RESTRICTED, by=user)
        shown = make_article("Shown", text="Words.", by=user)
        db.session.commit()
        for one, earlier in ((reprint, article), (shown, hidden), (shown, shown)):
            with pytest.raises(InvalidInput) as refused:
                mark_as_reprint(one, earlier, by=user)
            assert list(refused.value.fields) == ["earlier"]
        db.session.commit()

        assert len(incident.citations) == 1
        assert reprint.independence is Independence.INDEPENDENT


def attach_anew(app: Flask, records: int) -> int:
    """Return how many statements it takes to read the records of an article that so many cite."""
    with as_user(app) as user:
        article = make_article(f"Cited by {records}", text=ARTICLE, by=user)
        for number in range(records):
            whom = make_journalist(f"Asem Number{number}", by=user)
            target = IncidentTarget(kind=TargetKind.JOURNALIST, journalist=whom)
            make_citing(article, "1", "2", title="", targets=[target], by=user)
        db.session.commit()
        ref = article.ref
    with as_user(app):
        article = db.session.scalars(select(Article).where(Article.ref == ref)).one()
        with counted() as sent:
            for record, citations in list_citing_records(article):
                assert record.heading
                assert all(one.article for one in citations)
        return len(sent)


def test_the_number_of_queries_does_not_grow_with_the_records_that_cite(app: Flask):
    assert attach_anew(app, 1) == attach_anew(app, 9)


def test_several_sentence_numbers_are_as_many_citations(app: Flask):
    with as_user(app) as user:
        text = "First of all. Then more. Nothing here. At last."
        article = make_article(text=text, by=user)
        made = make_incident(article=article, quote="1, 3-4", by=user)
        assert [one.sentence_numbers() for one in made.citations] == [(1,), (3, 4)]
        assert all(one.quote in text for one in made.citations)
        add_citations(made, article, "2; 1", by=user)
        assert [one.sentence_numbers() for one in made.citations] == [(1,), (3, 4), (2,)]
        with pytest.raises(InvalidInput) as refused:
            add_citations(made, article, "1, 9", by=user)
        assert list(refused.value.fields) == ["quote"]
        assert len(made.citations) == 3


def test_the_quote_of_an_act_may_leave_sentences_out(app: Flask):
    with as_user(app) as user:
        article = make_article(text="We regret it. It rained. We shall help.", by=user)
        assert resolve_quote("1, 3", [article], field="quote") == "We regret it. […] We shall help."
