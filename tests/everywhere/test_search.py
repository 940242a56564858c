"""A search everywhere: what it finds, for whom, and what it does with odd input."""

from __future__ import annotations

import logging
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from tests.conftest import prepared
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_institution,
    make_journalist,
    sign_in_directly,
)
from tests.safety.world import Place, World, build, enter
from tests.statements import counted
from tracker.db import db
from tracker.everywhere.queries import SEARCHED_KINDS, SearchHighlighter
from tracker.people.codes import NameKind
from tracker.people.service import add_name
from tracker.search.index import word_stem

# Whoever is signed in sees these lists.
ENDPOINTS = {one.model.ENDPOINT for one in SEARCHED_KINDS}


def results(client: FlaskClient, q: str) -> html.HtmlElement:
    answer = client.get(f"/search?q={quote(q)}")
    assert answer.status_code == 200, q
    return html.fromstring(answer.text)


def headings(page: html.HtmlElement, endpoint: str) -> list[str]:
    found = page.xpath(f'//section[h2/@id="{endpoint}"]//li/h3')
    return [one.text_content() for one in found]


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app) as user:
        asem = make_journalist("Асем Бажкенова", by=user)
        add_name(asem, "Asem B.", kind=NameKind.OTHER, by=user)
        make_journalist("Anna Smith", by=user)
        make_institution("Министерство информации", by=user)
        text = "Вечером в редакцию пришли двое. Полицию вызвала Бажкенова. <b>Она</b> ждала."
        make_article("Двое у двери", text=text, by=user)
        make_incident(article=make_article("Letters", by=user), narrative="A letter.", by=user)
        db.session.commit()
    sign_in_directly(client, "staff")
    return client


@pytest.mark.parametrize(
    "q", ["Бажкенова", "бажкеновой", "БАЖКЕНОВУ", "Bazhkenova", "Асема Бажкенова", "baj"]
)
def test_a_name_is_found_in_any_case_and_script(staff: FlaskClient, q: str) -> None:
    assert headings(results(staff, q), "journalists") == ["Асем Бажкенова"]


def test_texts_are_found_with_the_words_around_marked_and_escaped(staff: FlaskClient) -> None:
    page = results(staff, "полицией бажкеновой")

    assert headings(page, "articles") == ["Двое у двери"]
    [passage] = page.xpath('//section[h2/@id="articles"]//li/p[not(@class)]')
    assert passage.text_content() == (
        "Вечером в редакцию пришли двое. Полицию вызвала Бажкенова. <b>Она</b> ждала."
    )
    assert passage.xpath("./mark/text()") == ["Полицию", "Бажкенова"]


def test_only_the_names_of_a_journalist_are_shown_and_no_keys(staff: FlaskClient) -> None:
    page = results(staff, "bazhkenova")

    [passage] = page.xpath('//section[h2/@id="journalists"]//li/p[not(@class)]')
    assert passage.text_content() == "Асем Бажкенова, Asem B."
    assert passage.xpath("./mark/text()") == ["Бажкенова"]


def test_more_than_five_lead_to_the_list_with_the_same_search(
    app: Flask, staff: FlaskClient
) -> None:
    with as_user(app) as user:
        for number in range(6):
            make_journalist(f"Dana Namesake{number}", by=user)
        db.session.commit()

    page = results(staff, "namesake")

    assert len(headings(page, "journalists")) == 5
    [link] = page.xpath('//section[h2/@id="journalists"]/p/a')
    assert (link.text, link.get("href")) == ("All 6 in Journalists", "/journalists/?q=namesake")
    assert staff.get(link.get("href")).text.count("Namesake") >= 6


def test_numbers_beyond_a_thousand_are_not_counted(
    staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.everywhere.queries.MAX_HITS_PER_KIND", 0)
    monkeypatch.setattr("tracker.everywhere.queries.MAX_COUNTED_HITS", 1)

    page = results(staff, "a")

    assert "More than 1 in Journalists" in page.text_content()


def test_a_ref_leads_straight_to_its_record(app: Flask, staff: FlaskClient) -> None:
    with as_user(app) as user:
        ref = make_journalist("Dana Other", by=user).ref
        db.session.commit()

    for typed in (ref, f" {ref.lower()} "):
        answer = staff.get(f"/search?q={quote(typed)}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/journalists/{ref}/")
    assert staff.get("/search?q=JRN-0000000000").status_code == 200


@pytest.mark.parametrize(
    ("q", "status"),
    [
        ("", 200),
        ("   ", 200),
        ("?!…", 200),
        ("%", 200),
        ("\"'%_*) OR NEAR(", 200),
        ("ab" * 100, 200),
        ("слово " * 33, 200),
        ("🙂", 200),
        ("a" * 201, 400),
        ("a\x00b", 400),
        ("INC-7K3F9QAB2D'--", 200),
    ],
)
def test_odd_input_gets_a_clear_page(staff: FlaskClient, q: str, status: int) -> None:
    answer = staff.get(f"/search?q={quote(q)}")

    assert answer.status_code == status
    said = html.fromstring(answer.text).xpath('//main//*[@class="empty" or @role="alert"]')
    assert said[0].text_content().strip()


def test_an_unknown_parameter_is_refused_and_the_page_stays(staff: FlaskClient) -> None:
    assert staff.get("/search?q=letter&nonsense=1").status_code == 400
    assert staff.get("/search?q=%FF").status_code < 500


def test_nothing_typed_is_logged(staff: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="tracker")
    caplog.set_level(logging.INFO)

    results(staff, "Zhanbolatova")

    assert "zhanbolatov" not in caplog.text.lower()


def test_a_quote_that_is_folded_on_its_page_is_not_shown(app: Flask, client: FlaskClient) -> None:
    with as_user(app) as user:
        article = make_article("A call", text="He said he would murder her.", by=user)
        make_incident("threat.death", article=article, title="A threat", by=user)
        db.session.commit()
    sign_in_directly(client, "staff")

    page = results(client, "murder")

    assert headings(page, "incidents") == ["A threat"]
    assert not page.xpath('//section[h2/@id="incidents"]//mark')
    assert page.xpath('//section[h2/@id="articles"]//mark/text()') == ["murder"]


@pytest.mark.parametrize("name", ["staff", "monitor", "exporter", "admin", "teamless"])
def test_records_that_only_another_team_sees_are_not_found(app: Flask, name: str) -> None:
    world: World = prepared(app, "world of pages", lambda: build(app))
    hidden, own = (
        # Institutions are in no team, and hidden from nobody.
        {made.ref for kind, made in world.records[place].items() if kind != "institutions"}
        for place in (Place.HIDDEN, Place.OWN)
    )
    browser = enter(app, name)

    for word in ("hidden", "own", "desk", "abroad"):
        text = browser.get(f"/search?q={word}").text
        assert not [ref for ref in hidden if ref in text], word
        if name == "teamless":
            assert not [ref for ref in own if ref in text], word
    for ref in hidden:
        assert browser.get(f"/search?q={ref}").status_code == 200, ref


def test_a_team_finds_a_record_of_every_kind_of_its_own(app: Flask) -> None:
    world: World = prepared(app, "world of pages", lambda: build(app))
    text = enter(app, "other-staff").get("/search?q=hidden").text

    kinds = ENDPOINTS & set(world.records[Place.HIDDEN])
    missing = {one for one in kinds if world.ref(one, Place.HIDDEN) not in text}
    assert missing == set()


def test_each_kind_is_asked_for_a_bounded_number_of_times(app: Flask, staff: FlaskClient) -> None:
    with app.app_context(), counted() as asked:
        results(staff, "nothing that is there")
    assert len(asked) <= len(SEARCHED_KINDS) + 5


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("бажкеновой", "бажкенов"),
        ("бажкенов", "бажкенов"),
        ("ивановым", "иванов"),
        ("асемнің", "асем"),
        ("анну", "анн"),
        ("полицией", "полиц"),
        ("редакциями", "редакц"),
        ("журналистов", "журналист"),
        ("редакциялардың", "редакция"),
        ("дом", "дом"),
        ("threats", "threats"),
        ("2025", "2025"),
    ],
)
def test_a_word_loses_the_ending_of_its_case(word: str, stem: str) -> None:
    assert word_stem(word) == stem


def test_a_passage_is_cut_between_words() -> None:
    text = f"{'before ' * 40}needle {'after ' * 60}"
    pieces = SearchHighlighter("needle").highlighted_passage(text)
    words = "".join(piece.text for piece in pieces)

    assert words.startswith("… before ")
    assert words.endswith("after …")
    assert len(words) < 230
    assert [piece.text for piece in pieces if piece.is_hit] == ["needle"]


def test_a_short_word_is_marked_only_where_it_stands_alone() -> None:
    pieces = SearchHighlighter("и дом").highlight("и инцидент у дома")
    assert [piece.text for piece in pieces if piece.is_hit] == ["и", "дома"]


def test_the_length_of_a_mask_cannot_be_told_from_a_passage() -> None:
    long, short = (f"needle {'█' * width} {'word ' * 60}" for width in (60, 4))
    assert SearchHighlighter("needle").highlighted_passage(long) == SearchHighlighter(
        "needle"
    ).highlighted_passage(short)
