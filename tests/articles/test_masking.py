"""A masked passage is gone from pages, search and quotes, and comes back when the mask is taken off."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_user,
    sign_in_directly,
    token_in,
)
from tests.responses.responses_made import TEXT, make_report, make_response
from tracker import clock
from tracker.articles import masking_service
from tracker.articles.incoming import read_pasted_text
from tracker.articles.models import (
    Article,
    ArticleMask,
    ArticleMaskConfidential,
    ArticleOriginal,
)
from tracker.articles.queries import articles_with_same_text
from tracker.articles.rules import (
    DISPLAYED_MASK,
    MASK_CHARACTER,
    displayed_span,
    find_whole_words,
    mask_text,
    shorten_masks,
    text_digest,
    uncovered_spans,
    updated_quote,
)
from tracker.articles.sentences import locate_quote, split_sentences
from tracker.audit.models import AuditEvent
from tracker.db import db, set_full_access
from tracker.errors import InvalidInput
from tracker.incidents.models import IncidentCitation
from tracker.permissions import Role, Visibility
from tracker.responses.codes import ActType
from tracker.responses.models import ResponseAct
from tracker.responses.service import ActFacts

SAID = "They said that they were police"


def test_letters_and_digits_are_covered_and_the_length_stays():
    assert mask_text("Bota, 12 Абай!") == "████, ███████!"


def test_a_masked_line_stays_a_sentence_with_its_number():
    text = "One came. Two came.\nThree came."
    covered = "One came. " + mask_text("Two came.") + "\n" + mask_text("Three came.")

    assert [one[:3] for one in split_sentences(covered)] == [
        one[:3] for one in split_sentences(text)
    ]


@pytest.mark.parametrize(
    ("covered", "left"),
    [([], [(2, 9)]), ([(0, 4)], [(4, 9)]), ([(3, 5)], [(2, 3), (5, 9)]), ([(0, 20)], [])],
)
def test_masks_never_overlap(covered, left):
    assert uncovered_spans((2, 9), covered) == left


def test_words_are_found_wherever_they_stand_whole():
    assert find_whole_words("Ann met Anna and ANN.", "Ann") == [(0, 3), (17, 20)]


def test_what_was_not_taken_from_the_text_stays_as_it_is():
    assert updated_quote("b c", "a b c", "a █ c", []) == "█ c"
    assert updated_quote("other", "a b c", "a █ c", []) == "other"
    # Passages that do not follow one another are found each for itself.
    assert updated_quote("a […] c d", "a b c d", "a b █ d", []) == "a […] █ d"


@pytest.mark.parametrize(("place", "reads"), [((0, 8), "Ann left"), ((10, 18), "███ left")])
def test_words_that_stand_twice_are_masked_in_the_quote_that_was_taken_there(place, reads):
    before, after = "Ann left. Ann left.", "Ann left. ███ left."
    assert updated_quote("Ann left", before, after, [place]) == reads


@pytest.fixture
def ref(app: Flask) -> str:
    """Return the ref of an article of everybody's, cited by the own team and by another one."""
    with as_user(app) as staff:
        article = make_article(by=staff)
        make_incident(article=article, quote="1-2", by=staff)
        make_user("monitor", Role.MONITOR)
        db.session.commit()
        ref = article.ref
    with as_user(app, "other", team="Elsewhere") as other:
        article = db.session.scalars(sa.select(Article).where(Article.ref == ref)).one()
        make_incident(
            article=article, quote="2", visibility=Visibility.RESTRICTED, by=other
        )  # fmt: skip
        db.session.commit()
    return ref


def mask(client: FlaskClient, ref: str, passage: str = SAID, **typed: str) -> TestResponse:
    at = f"/articles/{ref}/mask"
    page = client.get(at).text
    version = page.split('name="version"')[1].split('value="')[1].split('"')[0]
    sent = {"passage": passage, "reason": "asked to", "every": "y", "version": version}
    return client.post(at, data=sent | {"csrf_token": token_in(page)} | typed)


def quotes(app: Flask, name: str = "staff", team: str = "Desk") -> list[str]:
    with as_user(app, name, team=team):
        rows = sa.select(IncidentCitation).order_by(IncidentCitation.id)
        return [one.quote for one in db.session.scalars(rows)]


def test_the_words_are_gone_from_the_page_the_search_and_every_quote(app, client, ref):
    sign_in_directly(client, "staff")

    assert mask(client, ref).status_code == 303

    page = client.get(f"/articles/{ref}/").text
    assert "police" not in page
    assert DISPLAYED_MASK in page
    assert "Neighbours were asked" in page
    assert ref not in client.get("/articles/?q=police").text
    assert all("police" not in quote for quote in quotes(app))
    assert "Two men came" in quotes(app)[0]
    assert [quote for quote in quotes(app, "other", "Elsewhere") if "police" in quote] == []
    for listed in ("/incidents/?q=police", "/articles/?q=police"):
        assert "INC-" not in client.get(listed).text


def test_the_words_are_kept_for_staff_and_put_back(app, client, ref):
    sign_in_directly(client, "staff")
    before = quotes(app)
    mask(client, ref)
    page = client.get(f"/articles/{ref}/mask").text
    assert SAID in page
    action = page.split(f"/articles/{ref}/masks/")[1].split("/")[0]

    answer = client.post(
        f"/articles/{ref}/masks/{action}/remove",
        data={
            "csrf_token": token_in(page),
            "version": page.split('name="version"')[1].split('value="')[1].split('"')[0],
        },
    )

    assert answer.status_code == 303
    assert SAID in client.get(f"/articles/{ref}/").text
    assert quotes(app) == before
    assert ref in client.get("/articles/?q=police").text
    with as_user(app):
        db.session.commit()
        set_full_access()
        assert db.session.scalars(sa.select(ArticleMaskConfidential)).all() == []


def test_the_trail_never_holds_the_words(app, client, ref):
    sign_in_directly(client, "staff")
    mask(client, ref)

    with app.app_context():
        trail = db.session.scalars(sa.select(AuditEvent)).all()
        assert "police" not in str([event.changes for event in trail])
        acts = [event.action for event in trail]
    assert acts.count("article:mask") == 1
    # The incidents of both teams.
    assert acts.count("citation:mask") == 2
    assert "masked a passage of this source" in client.get(f"/articles/{ref}/history").text


def test_sentences_are_masked_by_their_numbers(client, ref):
    sign_in_directly(client, "staff")
    mask(client, ref, "3-4")

    page = client.get(f"/articles/{ref}/").text
    assert "Neighbours" not in page
    assert "ministry" not in page
    assert SAID in page


def test_what_is_masked_already_and_what_is_not_there_is_refused(client, ref):
    sign_in_directly(client, "staff")
    mask(client, ref, "2")

    again = mask(client, ref, "2")
    missing = mask(client, ref, "no such words")
    no_reason = mask(client, ref, "1", reason=" ")

    assert (again.status_code, missing.status_code, no_reason.status_code) == (422, 422, 422)
    assert "masked already" in again.text


def test_only_staff_of_the_team_mask(client, ref):
    for name in ("monitor", "other"):
        someone = client.application.test_client()
        sign_in_directly(someone, name)
        assert someone.get(f"/articles/{ref}/mask").status_code == 403
        assert "Mask a passage" not in someone.get(f"/articles/{ref}/").text


def test_the_original_of_a_masked_article_is_for_staff_alone(app, client, ref):
    with as_user(app) as staff:
        came = read_pasted_text("A page as it came in, with what is masked.")
        article = make_article("Kept", text="", incoming=came, by=staff)
        if article.original is None:
            article.original = ArticleOriginal(
                media_type="text/plain", sha256="0" * 64, content=b"what is masked"
            )
        db.session.commit()
        kept = article.ref
    monitor = client.application.test_client()
    sign_in_directly(monitor, "monitor")
    sign_in_directly(client, "staff")
    assert monitor.get(f"/articles/{kept}/original").status_code == 200

    mask(client, kept, "what is masked")

    assert monitor.get(f"/articles/{kept}/original").status_code == 403
    assert f"/articles/{kept}/original" not in monitor.get(f"/articles/{kept}/").text
    assert client.get(f"/articles/{kept}/original").status_code == 200

    # Neither the digest nor the question whether it is here already tells when a guess is right.
    assert "SHA-256" in client.get(f"/articles/{kept}/").text
    assert "SHA-256" not in monitor.get(f"/articles/{kept}/").text
    for name, team, found in (("staff", "Desk", 1), ("other", "Abroad", 0)):
        with as_user(app, name, team=team):
            assert len(articles_with_same_text(text_digest(came.text), came.sha256)) == found


def test_the_quote_of_an_act_that_stands_in_the_passage_is_masked_too(app, client):
    with as_user(app) as staff:
        article = make_report(by=staff)
        act = ActFacts(act=ActType.CONDEMNATION, quote="wants to harm the state")
        make_response(act, cites=article, by=staff)
        db.session.commit()
        ref = article.ref
    sign_in_directly(client, "staff")

    mask(client, ref, "harm the state")

    with as_user(app):
        assert db.session.scalars(sa.select(ResponseAct.quote)).all() == ["wants to ██████████████"]
    assert "harm the state" in TEXT


def test_where_own_words_say_it_too_is_told(app, client, ref):
    with as_user(app) as staff:
        article = db.session.scalars(sa.select(Article).where(Article.ref == ref)).one()
        incident = make_incident(article=article, title=f"{SAID}!", quote="1", by=staff)
        db.session.commit()
        told = incident.ref
    sign_in_directly(client, "staff")

    mask(client, ref)

    page = client.get(f"/articles/{ref}/mask").text
    assert "Text in these records still contains the masked words" in page
    assert told in page


def test_one_word_of_a_closed_name_is_not_put_back(app):
    """By itself it names nobody; where it was masked, it stood for her."""
    with as_user(app) as staff:
        db.session.commit()
        set_full_access()
        article = make_article(text="Bazhkenova was not at home. Ann was.", by=staff)
        for words in ("Bazhkenova", "Ann"):
            passages = masking_service.resolve_passages(article, words)
            masking_service.mask_passages(article, passages, reason="asked to", by=staff)
        journalist = make_journalist(
            "Gulnara Bazhkenova", visibility=Visibility.RESTRICTED, by=staff
        )
        journalist.name_closed_on = clock.current_date()
        db.session.commit()
        hers, anns = db.session.scalars(sa.select(ArticleMask).order_by(ArticleMask.start))

        with pytest.raises(InvalidInput, match="must not be named outside the team"):
            masking_service.unmask_passage(article, hers, by=staff)
        masking_service.unmask_passage(article, anns, by=staff)

        assert article.text == "██████████ was not at home. Ann was."


def test_what_readers_see_tells_no_length():
    shown = shorten_masks(f"They say that {mask_text('Bota Li')} left.")

    assert shown == f"They say that {DISPLAYED_MASK} left."
    assert shown == shorten_masks(f"They say that {mask_text('Gulnara Bazhkenova')} left.")


def test_a_passage_keeps_its_place_in_what_readers_see():
    text = f"{mask_text('Ann')} met {mask_text('Gulnara Bazhkenova')}. Both left."
    shown = shorten_masks(text)

    for words in ("met", ". Both left", mask_text("Gulnara Bazhkenova") + ". Both"):
        start = text.index(words)
        begin, end = displayed_span(text, (start, start + len(words)))
        assert shown[begin:end] == shorten_masks(words)
    # A citation that ends within the passage has it whole.
    begin, end = displayed_span(text, (4, 12))
    assert shown[begin:end] == f"met {DISPLAYED_MASK}"


def test_words_taken_from_a_page_are_found_behind_the_mask():
    text = f"Ann is here. They say that {mask_text('Gulnara Bazhkenova')} left. Nobody else did."

    passage = locate_quote(text, split_sentences(text), f"that {DISPLAYED_MASK} left. Nobody")

    assert passage.quote == f"that {mask_text('Gulnara Bazhkenova')} left. Nobody"
    assert text[passage.start : passage.end] == passage.quote
    assert passage.numbers == (2, 3)


def test_two_names_of_different_length_leave_the_same_pages_and_files(app, client):
    names = ("Bota Li", "Gulnara Bazhkenova")
    refs = []
    with as_user(app) as staff:
        for name in names:
            article = make_article(text=f"One man called. {name} left. He came back.", by=staff)
            incident = make_incident(article=article, quote="2-3", by=staff)
            refs.append((article.ref, incident.ref))
        db.session.commit()
    sign_in_directly(client, "staff")
    for (article_ref, _incident), name in zip(refs, names, strict=True):
        assert mask(client, article_ref, name).status_code == 303

    for article_ref, incident_ref in refs:
        read = client.get(f"/articles/{article_ref}/").text
        quoted = client.get(f"/incidents/{incident_ref}/").text
        told = client.get(f"/incidents/{incident_ref}/timeline.json").get_data(as_text=True)
        packed = client.get(f"/articles/sources/{incident_ref}").get_data()
        listed = zipfile.ZipFile(io.BytesIO(packed)).read("manifest.json").decode()
        assert f"{DISPLAYED_MASK} left." in re.sub("<[^>]+>", "", read)
        for text in (quoted, told, listed):
            assert f"{DISPLAYED_MASK} left. He came back." in text
        for text in (read, quoted, told, listed):
            assert set(re.findall(f"{MASK_CHARACTER}+", text)) == {DISPLAYED_MASK}


def test_several_sentence_numbers_are_as_many_passages(app: Flask):
    with as_user(app) as user:
        article = make_article(text="One here. Two there. Three.", by=user)
        assert masking_service.resolve_passages(article, "1, 3") == [(0, 9), (21, 27)]
