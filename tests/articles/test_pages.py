"""The pages of articles, as staff, monitors and strangers meet them."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select

from tests.articles.sources_made import make_citing
from tests.factories import (
    ARTICLE,
    as_user,
    make_article,
    make_outlet,
    post,
    sign_in_directly,
    token_in,
)
from tests.kit.pages_read import is_named_as_wrong
from tests.statements import counted
from tracker.articles.models import Article
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.permissions import Role, Visibility

LINK = "https://gazeta.example/news/7"
WRONG_FILTERS = [
    ("language=xx", "language"),
    ("from=2025-02-30", "from"),
    ("to=soon", "to"),
    ("outlet=7", "outlet"),
    ("colour=red", "colour"),
    ("after=ART-0000000000", "after"),
    ("from=2025-02-01&to=2025-01-01", "to"),
    ("q=a%00", "q"),
]
SAVED_PAGE = """<!doctype html><html lang="en"><head><title>Night visit</title>
<meta property="og:site_name" content="Gazeta"><meta name="author" content="Anna Petrova">
<meta property="article:published_time" content="2025-06-03T10:00:00+05:00"></head><body><article>
<h1>Night visit</h1>
<p>An editor in Almaty has received eleven letters that threaten her family, her paper said.</p>
<p>Two men who said they were police asked her neighbours which windows were hers, and left.</p>
<p>The city police replied that no officer had been sent to the house on that or any other day.</p>
</article></body></html>"""


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    return client


def stored(app: Flask) -> list[Article]:
    with as_user(app):
        return list(db.session.scalars(select(Article).order_by(Article.id)))


def put(app: Flask, name: str = "staff", **given: Any) -> str:
    """Add an article as somebody of the Desk, or of their own team, and return its ref."""
    team = "Desk" if name == "staff" else name.title()
    with as_user(app, name, team=team) as user:
        article = make_article(by=user, **given)
        db.session.commit()
        return article.ref


def sources_shown(app: Flask, record: Incident, *, can_edit: bool) -> str:
    """Render the macro, outside any page and whoever is signed in."""
    app.jinja_env.globals["can_edit"] = lambda _record: can_edit
    # An overlay has a cache of its own, and so none of the globals that pages were made with.
    module: Any = app.jinja_env.overlay().get_template("macros/citations.html").module
    return str(module.citations(record))


def cited(app: Flask, ref: str, *typed: str, **given: Any) -> str:
    """Add an incident that cites the article, and return its ref."""
    with as_user(app) as user:
        article = db.session.scalars(select(Article).where(Article.ref == ref)).one()
        incident = make_citing(article, *typed, by=user, **given)
        db.session.commit()
        return incident.ref


def test_a_pasted_article_is_saved_in_one_form(app: Flask, staff: FlaskClient):
    answer = post(
        staff, "/articles/new", text=ARTICLE, title="Two men", url=LINK, authors="A. Petrova",
        visibility="internal", **{"published-when": "2025-06-03", "publisher-name": "Gazeta"},
    )  # fmt: skip
    assert answer.status_code == 303
    page = staff.get(answer.location).text
    for shown in ("Two men", LINK, "A. Petrova", "Gazeta", "SHA-256", "English"):
        assert shown in page
    assert re.search(r'<li id="s2" value="2"[^>]*><a class="number" href="#s2">2</a>', page)
    assert "No record that you may see cites this article yet." in page


def test_a_saved_page_fills_what_was_left_empty(app: Flask, staff: FlaskClient):
    file = (BytesIO(SAVED_PAGE.encode()), "saved.html")
    answer = post(staff, "/articles/new", file=file, title="As typed")
    assert answer.status_code == 303
    (article,) = stored(app)
    assert (article.title, article.authors) == ("As typed", "Anna Petrova")
    assert (article.publisher_words, str(article.latest)) == ("Gazeta", "2025-06-03")
    download = staff.get(f"/articles/{article.ref}/original")
    assert download.data == SAVED_PAGE.encode()
    assert download.headers["Content-Type"] == "application/octet-stream"
    assert download.headers["Content-Disposition"] == f'attachment; filename="{article.ref}"'
    assert download.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_already_here_is_said_with_a_link_before_anything_is_stored(
    app: Flask, staff: FlaskClient
):
    ref = put(app, url=LINK)
    answer = post(
        staff,
        "/articles/new",
        text="Told quite otherwise.",
        title="Typed",
        url=LINK + "?utm_source=x",
    )
    assert answer.status_code == 422
    assert f'href="/articles/{ref}/"' in answer.text
    assert "This article is already here" in answer.text
    for typed in ("Told quite otherwise.", "Typed", "utm_source=x"):
        assert typed in answer.text
    assert 'name="keep"' not in answer.text
    assert len(stored(app)) == 1


def test_the_same_text_elsewhere_may_be_kept_as_another_source(app: Flask, staff: FlaskClient):
    ref = put(app)
    given = {"text": ARTICLE, "title": "Elsewhere", "url": LINK}
    answer = post(staff, "/articles/new", **given)
    assert answer.status_code == 422
    assert f'href="/articles/{ref}/"' in answer.text
    assert 'name="keep" value="another"' in answer.text
    # Enter presses the first button, which keeps nothing.
    (first, *_others) = html.fromstring(answer.text).xpath("//form[@enctype]//button")
    assert first.get("name") is None
    answer = post(staff, "/articles/new", **given, keep="another")
    assert answer.status_code == 303
    assert len(stored(app)) == 2
    # Whatever else is sent as a decision is none.
    assert (
        post(staff, "/articles/new", **given | {"url": LINK + "8"}, keep="ART-x").status_code == 422
    )


def test_the_same_story_is_kept_and_cited_at_the_records_of_the_earlier_in_one_click(
    app: Flask, staff: FlaskClient
):
    ref = put(app)
    incident = cited(app, ref, "2", title="Visit to a home")
    given = {"text": ARTICLE, "title": "Elsewhere", "url": LINK}
    assert f'name="keep" value="{ref}"' in post(staff, "/articles/new", **given).text

    refused = post(staff, "/articles/new", **given, keep=ref)
    assert refused.status_code == 422
    assert "More people see Visit to a home than this article" in refused.text
    assert f'name="keep" type="hidden" value="{ref}"' in refused.text
    assert len(stored(app)) == 1

    answer = post(staff, "/articles/new", **given, visibility="internal", keep=ref)
    assert answer.status_code == 303
    page = staff.get(answer.location).text
    assert "Saved, and cited in 1 record." in page
    assert "They said that they were police." in page
    assert incident in page
    assert "repeats another" in page.lower()
    assert stored(app)[1].ref in staff.get(f"/articles/{ref}/").text


def test_a_file_once_sent_stays_with_the_form(app: Flask, staff: FlaskClient):
    put(app, text="First line of a saved page\n" + ARTICLE, title="Earlier")
    content = ("First line of a saved page\n" + ARTICLE).encode()
    first = post(staff, "/articles/new", file=(BytesIO(content), "page.txt"))
    assert first.status_code == 422
    assert "The file page.txt is still here" in first.text
    kept = re.search(r'name="kept_file"[^>]*value="([^"]+)"', first.text)
    assert kept
    second = post(
        staff,
        "/articles/new",
        kept_file=kept[1],
        kept_name="page.txt",
        title="Again",
        keep="another",
    )
    assert second.status_code == 303
    (article,) = [one for one in stored(app) if one.title == "Again"]
    assert staff.get(f"/articles/{article.ref}/original").data == content


def test_the_passages_cited_are_marked_and_the_records_stand_beside(app: Flask, staff: FlaskClient):
    ref = put(app)
    first = cited(app, ref, "2", title="Visit to a home")
    second = cited(app, ref, "they were police. Neighbours", title="Questions")
    page = staff.get(f"/articles/{ref}/").text
    assert 'id="s2"' in page
    marks = re.findall(r"<mark>(.*?)</mark>", page)
    text = [re.sub(r"<[^>]+>", "", mark) for mark in marks]
    assert text == ["They said that ", "they were police. [2]", "Neighbours"]
    assert f'title="{first}"' in marks[0]
    assert f'title="{second}"' in marks[2]
    assert "sentences 2–3" in page
    assert "Visit to a home" in page
    assert '<section aria-labelledby="text-heading">' in page


def test_same_story_is_a_form_on_the_page_and_takes_a_ref_or_an_address(
    app: Flask, staff: FlaskClient
):
    ref = put(app, url=LINK)
    cited(app, ref, "1")
    reprint = put(app, title="Reprint", text=ARTICLE + "\nAnd more.")
    page = f"/articles/{reprint}/"
    wrong = post(staff, page + "same-story", page=page, earlier="ART-0000000000")
    assert wrong.status_code == 422
    assert "There is no such article." in wrong.text
    assert 'value="ART-0000000000"' in wrong.text
    assert post(staff, page + "same-story", page=page, earlier="no address").status_code == 422
    answer = post(staff, page + "same-story", page=page, earlier="http://www.gazeta.example/news/7")
    assert answer.status_code == 303
    assert "Saved, and cited in 1 record." in staff.get(answer.location).text
    assert staff.post(page + "same-story", data={"earlier": ref}).status_code == 400


def test_an_article_with_the_same_text_is_offered_as_the_same_story(app: Flask, staff: FlaskClient):
    ref = put(app)
    twin = put(app, title="Twin")
    page = staff.get(f"/articles/{twin}/").text
    assert "The same text stands in:" in page
    assert f'name="earlier" value="{ref}"' in page


def test_an_edit_on_an_old_version_is_answered_with_both_texts(app: Flask, staff: FlaskClient):
    address = f"/articles/{put(app, url=LINK)}/edit"
    form = staff.get(address).text
    assert LINK in form
    given = {
        "csrf_token": token_in(form), "version": "1", "kind": "article", "language": "en", "url": LINK,
        "independence": "independent", "visibility": "internal",
    }  # fmt: skip
    saved = staff.post(address, data={**given, "title": "Mine"})
    assert saved.status_code == 303
    late = staff.post(address, data={**given, "title": "Theirs"})
    assert late.status_code == 409
    assert "Mine" in late.text
    assert "Theirs" in late.text
    assert stored(app)[0].title == "Mine"
    history = staff.get(address.replace("edit", "history")).text
    assert "Mine" in history


def test_an_edit_keeps_the_publisher_in_words_and_refuses_what_does_not_fit(
    app: Flask, staff: FlaskClient
):
    ref = put(app, publisher_words="Gazeta")
    address = f"/articles/{ref}/edit"
    form = staff.get(address).text
    assert 'value="Gazeta"' in form
    given = {
        "csrf_token": token_in(form), "version": "1", "kind": "article", "language": "en",
        "independence": "repeats_another", "visibility": "internal", "title": "Two men",
        "publisher-name": "Gazeta", "publisher-chosen": "new",
    }  # fmt: skip
    refused = staff.post(address, data={**given, "repeats": "ART-0000000000"})
    assert refused.status_code == 422
    assert "There is no such article." in refused.text
    earlier = put(app, title="Earlier", text="Told otherwise.")
    assert staff.post(address, data={**given, "repeats": earlier}).status_code == 303
    page = staff.get(f"/articles/{ref}/").text
    assert "Gazeta" in page
    assert f'href="/articles/{earlier}/"' in page


def test_a_hidden_article_answers_like_one_that_does_not_exist(app: Flask, staff: FlaskClient):
    hidden = put(app, "other", visibility=Visibility.RESTRICTED, url=LINK, title="Secret heading")
    missing = "ART-0000000000"
    for tail in ("/", "/edit", "/history", "/original"):
        answers = [staff.get(f"/articles/{ref}{tail}") for ref in (hidden, missing)]
        assert [one.status_code for one in answers] == [404, 404]
        # The token of the sign-out button changes with the second.
        bodies = [re.sub(r'(?<=value=")[^"]{20,}', "", one.text) for one in answers]
        bodies = [body.replace(hidden, "").replace(missing, "") for body in bodies]
        assert bodies[0] == bodies[1]
    assert "Secret heading" not in staff.get("/articles/").text
    assert "Secret heading" not in staff.get("/articles/?q=police").text
    saved = post(staff, "/articles/new", text=ARTICLE, title="Ours", url=LINK)
    assert saved.status_code == 303


def test_the_original_is_for_the_team_of_the_record_alone(app: Flask, staff: FlaskClient):
    theirs = put(app, "other")
    assert staff.get(f"/articles/{theirs}/").status_code == 200
    assert f"/articles/{theirs}/original" not in staff.get(f"/articles/{theirs}/").text
    assert staff.get(f"/articles/{theirs}/original").status_code == 403
    assert staff.get(f"/articles/{theirs}/edit").status_code == 403


def test_monitors_read_and_do_not_write(app: Flask, client: FlaskClient):
    ref = put(app)
    incident = cited(app, ref, "1", "2")
    with as_user(app, "monitor", Role.MONITOR):
        pass
    sign_in_directly(client, "monitor")
    page = client.get(f"/articles/{ref}/")
    assert page.status_code == 200
    assert "/edit" not in page.text
    assert client.get("/articles/new").status_code == 403
    assert client.get(f"/articles/{ref}/edit").status_code == 403
    assert client.get(f"/articles/cite/{incident}").status_code == 403


def test_the_list_is_filtered_and_says_so(app: Flask, staff: FlaskClient):
    assert "import the first" in staff.get("/articles/").text
    ref = put(app, title="Two men")
    put(app, title="Две женщины", text="Совсем другой текст о двух женщинах.")
    cited(app, ref, "1")
    entries = staff.get("/articles/").text.split("<tr>")[2:]
    assert {"Две женщины" in entry: "not cited yet" in entry for entry in entries} == {
        True: True,
        False: False,
    }
    by_words = staff.get("/articles/?q=neighbours").text
    assert "Two men" in by_words
    assert "Две женщины" not in by_words
    assert "with the words “neighbours”" in by_words
    by_language = staff.get("/articles/?language=ru").text
    assert "Две женщины" in by_language
    assert "Two men" not in by_language
    assert (
        "No article that you may see fits" in staff.get("/articles/?to=1990-01-01&q=nowhere").text
    )


def test_an_unknown_filter_is_refused_with_its_name(staff: FlaskClient):
    for query, named in WRONG_FILTERS:
        answer = staff.get(f"/articles/?{query}")
        assert answer.status_code == 400
        assert is_named_as_wrong(answer.text, named)


def test_the_list_pages_both_ways_and_costs_the_same_however_long(app: Flask, staff: FlaskClient):
    put(app, title="Title 0")
    staff.get("/articles/")
    with app.app_context(), counted() as few:
        staff.get("/articles/")
    with as_user(app) as user:
        for number in range(1, 60):
            make_article(f"Title {number}", text=f"Text {number}.", by=user)
        db.session.commit()
    with app.app_context(), counted() as many:
        page = staff.get("/articles/").text
    assert len(many) == len(few) > 0
    titles = re.findall(r">(Title \d+)</a>", page)
    further = re.search(r'rel="next" href="([^"]+)"', page)
    assert further
    rest = staff.get(further[1].replace("&amp;", "&")).text
    titles += re.findall(r">(Title \d+)</a>", rest)
    assert sorted(titles) == sorted(f"Title {number}" for number in range(60))
    assert 'rel="prev"' in rest


def test_a_page_costs_the_same_however_many_records_cite_it(app: Flask, staff: FlaskClient):
    ref = put(app)
    cited(app, ref, "1")
    staff.get(f"/articles/{ref}/")
    with app.app_context(), counted() as few:
        staff.get(f"/articles/{ref}/")
    for number in range(4):
        cited(app, ref, "2", title=f"Visit {number}")
    with app.app_context(), counted() as many:
        assert "Visit 3" in staff.get(f"/articles/{ref}/").text
    assert len(many) == len(few) > 0


def test_a_record_gets_another_source_and_loses_one(app: Flask, staff: FlaskClient):
    ref = put(app)
    other = put(app, title="Other", text="Told otherwise by others.")
    incident = cited(app, ref, "1")
    choose = staff.get(f"/articles/cite/{incident}").text
    address = f"/articles/{other}/cite/{incident}"
    assert address in choose
    assert "Told otherwise by others." in staff.get(address).text
    wrong = post(staff, address, version="1", quote="not there", bearing="supports")
    assert wrong.status_code == 422
    assert "The article does not contain these words." in wrong.text
    assert "not there</textarea>" in wrong.text
    assert post(staff, address, version="1", quote="1", bearing="contradicts").status_code == 303
    assert post(staff, address, version="1", quote="1", bearing="supports").status_code == 409

    with as_user(app):
        record = db.session.scalars(select(Incident)).one()
        version, (first, second) = record.version, [one.id for one in record.citations]
    remove = f"/articles/uncite/{incident}/"
    assert post(staff, remove + str(first), page=address, version="1").status_code == 409
    assert post(staff, remove + str(2**70), page=address, version=str(version)).status_code == 404
    assert post(staff, remove + str(first), page=address, version=str(version)).status_code == 303
    last = post(staff, remove + str(second), page=address, version=str(version + 1))
    assert last.status_code == 422
    assert "This is its only source" in last.text


def test_only_records_that_cite_are_offered_articles(app: Flask, staff: FlaskClient):
    ref = put(app)
    for wrong in (ref, "INC-0000000000", "nonsense", "INC"):
        assert staff.get(f"/articles/cite/{wrong}").status_code == 404
        assert staff.get(f"/articles/{ref}/cite/{wrong}").status_code == 404


def test_the_sources_of_a_record_stand_in_one_macro(app: Flask, staff: FlaskClient):
    ref = put(app, publisher_words="Gazeta")
    incident = cited(app, ref, "2-3", "1")
    with app.test_request_context(), as_user(app):
        record = db.session.scalars(select(Incident).where(Incident.ref == incident)).one()
        shown = sources_shown(app, record, can_edit=True)
        assert "They said that they were police." in shown
        assert f'href="/articles/{ref}/#s2"' in shown
        assert "sentences 2–3" in shown
        assert "Gazeta" in shown
        assert shown.count("Remove this citation") == 2


def test_a_publisher_on_record_is_offered_before_the_words_are_kept(app: Flask, staff: FlaskClient):
    with as_user(app) as user:
        outlet = make_outlet("Степь", by=user).ref
        db.session.commit()
    given = {"text": ARTICLE, "title": "Two men", "publisher-name": "Step"}
    asked = post(staff, "/articles/new", **given)
    assert asked.status_code == 422
    assert f'value="{outlet}"> Степь' in asked.text
    assert ARTICLE.splitlines()[0] in asked.text
    chosen = post(staff, "/articles/new", **given, **{"publisher-chosen": outlet})
    assert chosen.status_code == 303
    assert f'href="/outlets/{outlet}/">Степь</a>' in staff.get(chosen.location).text
    assert "published by Степь" in staff.get(f"/articles/?outlet={outlet}").text
    in_words = post(
        staff, "/articles/new", **given | {"text": "Other words."}, **{"publisher-chosen": "new"}
    )
    assert in_words.status_code == 303
    assert stored(app)[1].publisher_words == "Step"
    edit = staff.get(f"{chosen.location}edit").text
    assert f'value="{outlet}"' in edit


def test_a_source_without_text_has_no_original_and_no_numbers(app: Flask, staff: FlaskClient):
    answer = post(
        staff, "/articles/new", kind="phone_call", title="Call of 3 June", visibility="internal"
    )
    assert answer.status_code == 303
    page = staff.get(answer.location).text
    assert "This source has no text here." in page
    assert "/original" not in page
    assert staff.get(f"{answer.location}original").status_code == 404
    ref = answer.location.split("/")[-2]
    incident = cited(app, ref, "They came twice.")
    assert "They came twice." in staff.get(answer.location).text
    with app.test_request_context(), as_user(app):
        record = db.session.scalars(select(Incident).where(Incident.ref == incident)).one()
        shown = sources_shown(app, record, can_edit=False)
        assert f'href="/articles/{ref}/"' in shown
        assert "sentence" not in shown
        assert "Cite another article" not in shown


def test_a_source_that_the_viewer_may_not_see_is_said_to_be_hidden(app: Flask, staff: FlaskClient):
    ref = put(app)
    cited(app, ref, "1")
    with as_user(app) as user:
        # The record was shared before its article: an older state of the house.
        hidden = make_article("Hidden", text="One.", visibility=Visibility.RESTRICTED, by=user)
        db.session.scalars(select(Incident)).one().citations[0].article = hidden
        db.session.commit()
    with app.test_request_context(), as_user(app, "other", team="Other"):
        record = db.session.scalars(select(Incident)).one()
        assert "a source that is not shown to you" in sources_shown(app, record, can_edit=False)


def test_records_of_another_team_are_said_to_stay_as_they_are(app: Flask, staff: FlaskClient):
    ref = put(app, "other", url=LINK)
    with as_user(app, "other", team="Other") as user:
        article = db.session.scalars(select(Article).where(Article.ref == ref)).one()
        make_citing(article, "1", by=user)
        db.session.commit()
    given = {"text": ARTICLE, "title": "Elsewhere", "visibility": "internal"}
    answer = post(staff, "/articles/new", **given, keep=ref)
    assert answer.status_code == 303
    page = staff.get(answer.location).text
    assert "Saved, and cited in 0 records." in page
    assert "1 record belongs to another team and stays as it is." in page
