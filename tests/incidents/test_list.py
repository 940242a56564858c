"""The list of incidents: its filter, its heading, its pages, and what a viewer learns of the rest."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_outlet,
    make_type,
    sign_in_directly,
)
from tests.kit.pages_read import chips
from tests.statements import collected, counted
from tracker.db import current_engines, db
from tracker.errors import BadQuery
from tracker.i18n import use_language
from tracker.incidents.codes import AttributedBy, TargetKind, Verification
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident, IncidentActor
from tracker.incidents.queries import (
    SORT_ORDER,
    count_incidents,
    export_load_options,
    filter_labels_by_code,
    incidents_citing,
    incidents_matching,
    incidents_of_journalist,
    incidents_of_outlet,
    row_load_options,
    sort_latest_first,
)
from tracker.incidents.service import TargetFacts
from tracker.kit.filters import FilterField
from tracker.permissions import Visibility
from tracker.review.codes import EditorialState
from tracker.search import index as search
from tracker.users.models import User
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import get_label
from tracker.vocabulary.models import Term
from tracker.vocabulary.service import retire_term
from tracker.web import paging
from tracker.web.paging import paginate
from tracker.when import parse_when

KNOWN_BY = date(2025, 8, 1)
NOWHERE = "JRN-0123456789"


def asked(text: str) -> IncidentFilter:
    return IncidentFilter.from_args(
        MultiDict(
            [
                (name, value)
                for name, _, value in (pair.partition("=") for pair in text.split("&") if pair)
            ]
        )
    )


def found(text: str) -> set[str]:
    rows = sort_latest_first(incidents_matching(asked(text)))
    return {incident.title for incident in db.session.scalars(rows)}


def on(typed: str) -> Any:
    return parse_when(typed, latest_possible_date=KNOWN_BY)


def make_region(code: str = "KZ-75") -> Term:
    labels = {"label_en": "Almaty city", "label_ru": "Алматы", "label_kk": "Алматы қаласы"}
    term = Term(term_set=TermSet.REGION, code=code, rank=1, country="KZ", **labels)
    db.session.add(term)
    return term


def fill(user: User) -> dict[str, str]:
    """Record four incidents that differ in everything one can ask for, and return refs."""
    article = make_article(by=user)
    anna, paper = make_journalist("Anna Roe", by=user), make_outlet("Dala News", by=user)
    make_incident(
        "threat.death",
        title="letters",
        article=article,
        targets=[TargetFacts(journalist=anna, outlet=paper)],
        occurred=on("2025-03-04"),
        region=make_region(),
        by=user,
    )
    make_incident(
        "threat.other",
        "legal.search",
        title="search",
        article=article,
        targets=[TargetFacts(kind=TargetKind.OUTLET, outlet=paper)],
        occurred=on("2024-12/2025-06"),
        by=user,
    )
    abroad = make_incident(
        "harassment.mob",
        title="mob",
        article=article,
        occurred=on("2023"),
        country="KG",
        quote="3",
        by=user,
    )
    abroad.verification, abroad.state = Verification.POSSIBLE, EditorialState.IN_REVIEW
    make_incident("other", title="undated", article=article, occurred=on(""), by=user)
    db.session.commit()
    return {"anna": anna.ref, "paper": paper.ref, "article": article.ref}


# What is asked for by a code of a closed set: each is tried, those to come as well.
CODED = [one for one in IncidentFilter.declared_fields() if one.codes]
ASKED = [
    ("", "letters search mob undated"),
    ("type=threat.death", "letters"),
    ("type=threat.", "letters search"),
    ("type=other&type=harassment.mob", "undated mob"),
    ("from=2025-03-04&to=2025-03-05", "letters search undated"),
    ("from=2025-07-01", "undated"),
    ("to=2023-12-31", "mob undated"),
    ("journalist={anna}", "letters"),
    ("outlet={paper}", "letters search"),
    ("country=KG", "mob"),
    ("region=KZ-75", "letters"),
    ("verification=possible", "mob"),
    ("state=in_review", "mob"),
    ("q=neighbours asked", "mob"),
    ("q=death anna", "letters"),
    ("q=угроза", "letters search"),
    ("q=nobody", ""),
    ("type=threat.&outlet={paper}&from=2025-06-15", "search"),
]


def test_a_filter_lets_through_what_it_says(app: Flask):
    with as_user(app) as user:
        refs = fill(user)
        for query, titles in ASKED:
            assert found(query.format(**refs)) == set(titles.split()), query


# Columns of perpetrators, of which an incident may have several.
ACTOR_COLUMNS = {"actor": "actor_type", "posing_as": "purported_as"}


@pytest.mark.parametrize("one", CODED, ids=lambda one: one.name)
def test_each_code_narrows_the_list_and_stands_in_its_form_heading_and_file(
    app: Flask, client: FlaskClient, one: FilterField
):
    assert one.codes is not None
    wanted, other = list(one.codes)[:2]
    with as_user(app) as user:
        fill(user)
        for incident in db.session.scalars(select(Incident)):
            code = wanted if incident.title == "letters" else other
            if one.column:
                setattr(incident, one.column, code)
            else:
                said = {ACTOR_COLUMNS[one.name]: code, "attributed_by": AttributedBy.TARGET}
                incident.actors = [IncidentActor(**said)]
        db.session.commit()
    sign_in_directly(client, "staff")
    query = f"{one.name}={wanted.value}"
    page = client.get(f"/incidents/?{query}").text

    assert "1 incident that you may see." in page
    assert "letters" in page
    assert any(get_label(wanted) in chip for chip in chips(page))
    assert f'<option value="{wanted.value}" selected>{get_label(wanted)}</option>' in page
    assert f"/reports/incidents.csv?{query}" in page
    rows = client.get(f"/reports/incidents.csv?{query}").text
    assert "letters" in rows
    assert "undated" not in rows


def test_a_filter_within_a_case_stays_in_it(app: Flask):
    with as_user(app) as user:
        fill(user)
        within = select(Incident.id).where(Incident.country == "KG")
        rows = incidents_matching(asked(""), within=within)
        assert [one.title for one in db.session.scalars(rows)] == ["mob"]
        assert count_incidents(rows) == 1


UNKNOWN = [
    ("type=threat.nothing", "type"),
    ("type=threat", "type"),
    ("type=nothing.", "type"),
    ("type=threat.death&type=%00", "type"),
    ("from=yesterday", "from"),
    ("from=2025-02-30", "from"),
    ("to=٢٠٢٥-01-01", "to"),
    ("from=2025-03-04&to=2025-03-03", "to"),
    ("journalist=anna", "journalist"),
    (f"journalist={NOWHERE}", "journalist"),
    ("outlet=OUT-0123456789", "outlet"),
    (f"outlet={NOWHERE}", "outlet"),
    ("country=XX", "country"),
    ("country=kz", "country"),
    ("region=KZ-00", "region"),
    ("region=%00", "region"),
    *((f"{one.name}=surely", one.name) for one in CODED),
    ("q=%00", "q"),
    ("q=" + "x" * 201, "q"),
    ("colour=red", "colour"),
    ("after=INC-0123456789", "after"),
    ("after=%00", "after"),
    ("before=INC-0123456789", "before"),
]


def test_a_value_that_does_not_exist_is_refused_with_the_field_named(
    app: Flask, client: FlaskClient
):
    with as_user(app) as user:
        make_incident(by=user)
        db.session.commit()
    sign_in_directly(client, "staff")
    labels = {one.name: str(one.label) for one in IncidentFilter.declared_fields()}
    for query, field in UNKNOWN:
        answer = client.get(f"/incidents/?{query}")
        assert answer.status_code == 400, query
        called = f"<strong>{labels.get(field)}</strong>"
        assert called in answer.text or f"<code>{field}=" in answer.text, query


def test_too_many_types_are_refused():
    with pytest.raises(BadQuery):
        asked("&".join(f"type=a.{number}" for number in range(61)))


def test_a_filter_comes_back_from_its_own_link(app: Flask):
    query = (
        "type=threat.&type=other&from=2025-01-02&to=2025-03-04&journalist=JRN-0123456789&outlet=OUT-0123456789"
        "&country=KZ&region=KZ-75&verification=likely&state=draft&q=letters"
    )
    with app.test_request_context():
        filters = asked(query)
        assert IncidentFilter.from_args(MultiDict(filters.to_args())) == filters
        assert IncidentFilter().to_args() == {}
        assert IncidentFilter().describe() == "retracted excluded"


def test_the_chips_say_the_filter_in_words_and_the_list_counts(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        refs = fill(user)
    sign_in_directly(client, "staff")
    page = client.get(
        f"/incidents/?type=threat.&type=harassment.mob&journalist={refs['anna']}&outlet={refs['paper']}&country=KZ"
        "&region=KZ-75&from=2025-01-01&to=2025-12-31&verification=unknown&state=draft&q=anna"
    ).text
    assert ", ".join(chips(page)) == (
        "Threats, Insults, hate speech, dogpiling, against Anna Roe, against Dala News, Almaty city, "
        "Kazakhstan, from 1 January 2025, until 31 December 2025, verification: not assessed, status: Draft, "
        "with the words “anna”"
    )
    assert "1 incident that you may see." in page
    offered = '<option value="KZ-75" selected>Almaty city</option>'
    assert f'<optgroup label="Kazakhstan">{offered}</optgroup>' in page
    for shown in (
        "letters",
        "Death threat",
        "4 March 2025",
        "Anna Roe (Dala News)",
        "not assessed",
    ):
        assert shown in page
    with app.test_request_context(), use_language("ru"):
        assert "Қ" not in asked("type=threat.").describe()


def folded_types(page: str) -> dict[str, tuple[bool, bool, list[str]]]:
    """Return the classes of the filter by type: whether each is ticked and open, and its types."""
    return {
        line.xpath("string(label/input/@value)"): (
            bool(line.xpath("label/input/@checked")),
            bool(line.xpath("details/@open")),
            line.xpath("details//input/@value"),
        )
        for line in html.fromstring(page).xpath(
            "//fieldset//div[label/input[contains(@value, '.')]]"
        )
    }


@pytest.mark.parametrize("address", ["/incidents/", "/charts"])
def test_types_are_folded_under_their_class_open_where_one_is_chosen(
    app: Flask, client: FlaskClient, address: str
):
    with as_user(app) as user:
        fill(user)
    sign_in_directly(client, "staff")
    page = client.get(f"{address}?type=threat.other&type=legal.").text

    assert folded_types(page) == {
        "threat.": (False, True, ["threat.death", "threat.other"]),
        "legal.": (True, False, ["legal.search"]),
        "harassment.": (False, False, ["harassment.mob"]),
    }
    assert '<label class="check"><input type="checkbox" name="type" value="other"> ' in page


def test_a_retired_type_that_is_asked_for_is_offered_so_that_searching_again_keeps_it(
    app: Flask, client: FlaskClient
):
    with as_user(app) as user:
        fill(user)
        retire_term(make_type("legal.search"), by=user)
        db.session.commit()
    sign_in_directly(client, "staff")

    assert "legal." not in folded_types(client.get("/incidents/").text)
    asked_for = folded_types(client.get("/incidents/?type=legal.search").text)
    assert asked_for["legal."] == (False, True, ["legal.search"])
    assert folded_types(client.get("/incidents/?type=legal.").text)["legal."] == (True, False, [])


def test_words_of_a_filter_are_the_viewers(app: Flask):
    with as_user(app):
        make_type("threat.death")
        make_region()
        with app.test_request_context(), use_language("kk"):
            filters = asked("type=threat.death&region=KZ-75&verification=likely")
            assert filters.describe(filter_labels_by_code(filters)) == (
                "Өлтіремін деп қорқыту, Алматы қаласы, расталу дәрежесі: ықтимал, қайтарып алынғандарсыз"
            )


def test_an_empty_list_says_what_to_do_next(app: Flask, client: FlaskClient):
    with as_user(app):
        make_type("threat.death")
        db.session.commit()
    sign_in_directly(client, "staff")
    assert "No incidents yet." in client.get("/incidents/").text
    assert "fits this filter" in client.get("/incidents/?type=threat.death").text


def walk(args: dict[str, str], step: str) -> list[list[str]]:
    """Return the titles of each page of two, from the given one on."""
    pages = []
    while True:
        shown = paginate(
            incidents_matching(asked("")).options(*row_load_options()), SORT_ORDER, args, size=2
        )
        pages.append([one.title for one in shown.items])
        keys = {"before": shown.previous_page_key, "after": shown.next_page_key}
        onward = keys[step]
        if onward is None:
            return pages
        args = {step: onward}


def test_paging_by_twos_loses_and_doubles_none_in_the_same_order(app: Flask):
    with as_user(app) as user:
        article = make_article(published=on("2025-06-30"), by=user)
        dates = {
            "undated": parse_when("", latest_possible_date=date(2025, 6, 30)),
            "campaign": on("2024-12/2025-06"),
            "last day": on("2025-06-30"),
            "month": on("2025-06"),
            "long ago": on("2019-05-01"),
        }
        for title, when in dates.items():
            make_incident(title=title, occurred=when, article=article, by=user)
        db.session.commit()
        forwards = walk({}, "after")
        assert forwards == [["last day", "month"], ["campaign", "undated"], ["long ago"]]
        last = db.session.scalars(select(Incident).where(Incident.title == "long ago")).one()
        backwards = walk({"before": last.ref}, "before")
        assert backwards == [["campaign", "undated"], ["last day", "month"]]


def test_the_pager_keeps_the_filter(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        "tracker.web.paging.paginate.__kwdefaults__", {"descending": True, "size": 2}
    )
    with as_user(app) as user:
        article = make_article(by=user)
        for number in range(3):
            make_incident(
                "threat.death", "legal.search", title=f"number {number}", article=article, by=user
            )
        db.session.commit()
    sign_in_directly(client, "staff")
    first = client.get("/incidents/?type=threat.death&type=legal.&country=KZ").text
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward is not None
    second = client.get(onward[1].replace("&amp;", "&")).text
    shown = sorted(re.findall(r"number \d", first) + re.findall(r"number \d", second))
    assert shown == ["number 0", "number 1", "number 2"]
    assert "Legal measures" in second
    assert 'rel="prev"' in second


def add_rows(app: Flask, count: int) -> None:
    with as_user(app) as user:
        article, anna, paper = make_article(by=user), make_journalist(by=user), make_outlet(by=user)
        targets = [
            TargetFacts(journalist=anna, outlet=paper),
            TargetFacts(kind=TargetKind.OUTLET, outlet=paper),
        ]
        for _ in range(count):
            make_incident("threat.death", "legal.search", article=article, targets=targets, by=user)
        db.session.commit()


def test_the_list_asks_as_much_of_the_database_for_many_rows_as_for_few(
    app: Flask, client: FlaskClient
):
    counts = []
    add_rows(app, 2)
    sign_in_directly(client, "staff")
    for _ in range(2):
        with app.app_context(), counted() as statements:
            assert client.get("/incidents/").status_code == 200
        counts.append(len(statements))
        add_rows(app, 8)
    assert counts[0] == counts[1]


def test_a_row_of_an_export_is_loaded_whole(app: Flask):
    with as_user(app) as user:
        fill(user)
        db.session.expire_all()
        db.session.remove()
    with as_user(app):
        rows = list(
            db.session.scalars(
                incidents_matching(asked("")).options(*export_load_options())
            ).unique()
        )
        with counted() as statements:
            for one in rows:
                assert one.title_in_language("en")
                assert [citation.article.ref for citation in one.citations if citation.article]
                assert [actor.actor_type for actor in one.actors] == []
                assert one.region is None or one.region.code
        assert statements == []


def test_incidents_are_found_by_their_people_and_their_source(app: Flask):
    with as_user(app) as user:
        make_incident(title="elsewhere", by=user)
        refs = fill(user)
        letters = db.session.scalars(select(Incident).where(Incident.title == "letters")).one()
        target = letters.targets[0]
        article = letters.citations[0].article
        assert target.journalist is not None
        assert target.outlet is not None
        assert article is not None
        assert article.ref == refs["article"]
        assert count_incidents(incidents_of_journalist(target.journalist)) == 1
        assert count_incidents(incidents_of_outlet(target.outlet)) == 2
        titles = [one.title for one in incidents_citing(article)]
        assert titles == ["undated", "search", "letters", "mob"]


def test_the_pages_of_people_show_their_incidents(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        refs = fill(user)
    sign_in_directly(client, "staff")
    anna = client.get(f"/journalists/{refs['anna']}/").text
    assert "letters" in anna
    assert f"/incidents/?journalist={refs['anna']}" in anna
    paper = client.get(f"/outlets/{refs['paper']}/").text
    assert "search" in paper
    assert "All 2 incidents that you may see" in paper
    assert (
        f"/incidents/new?article={refs['article']}"
        in client.get(f"/articles/{refs['article']}/").text
    )


def test_a_title_of_type_target_and_date_is_not_repeated_below_it(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        anna = make_journalist("Anna Roe", by=user)
        target = [TargetFacts(journalist=anna)]
        make_incident("threat.death", targets=target, by=user)
        make_incident("threat.death", "legal.search", title="letters", targets=target, by=user)
        db.session.commit()
        ref = anna.ref
    sign_in_directly(client, "staff")
    page = html.fromstring(client.get(f"/journalists/{ref}/").text)
    rows = page.xpath("//*[@aria-labelledby='incidents-heading']//tbody/tr")
    made, own = (
        [" ".join(row.find_class(name)[0].text_content().split()) for name in ("title", "targets")]
        for row in sorted(rows, key=lambda one: "letters" in one.text_content())
    )
    assert made == ["Death threat", "Anna Roe"]
    assert own[0].startswith("letters ")
    assert "Search of home or newsroom" in own[0]
    assert own[1] == "Anna Roe"


def same(text: str) -> str:
    """Return a page without its token, which tells the second in which it was made."""
    return re.sub(r'name="(csrf_token|submission)"[^>]*', "", text)


def test_a_restricted_incident_of_another_team_is_absent_uncounted_and_like_a_missing_one(
    app: Flask, client: FlaskClient
):
    with as_user(app) as user:
        hidden = make_journalist("Asem Doe", visibility=Visibility.RESTRICTED, by=user)
        ref = make_incident(
            title="kept to the desk", targets=[TargetFacts(journalist=hidden)], visibility=Visibility.RESTRICTED, by=user,
        ).ref  # fmt: skip
        seen = make_incident(title="for everybody", by=user).ref
        person = hidden.ref
        db.session.commit()
    with as_user(app, "stranger", team="Elsewhere"):
        pass
    sign_in_directly(client, "stranger")
    page = client.get("/incidents/").text
    assert "for everybody" in page
    assert "kept to the desk" not in page
    assert "1 incident that you may see." in page
    assert client.get("/incidents/?q=desk").text.count("entry") == 0
    missing = client.get("/incidents/INC-0123456789/")
    assert missing.status_code == 404
    for address in (ref, f"{ref[:4]}{ref[4:].lower()}", "nothing"):
        answer = client.get(f"/incidents/{address}/")
        assert answer.status_code == 404
        assert same(answer.text) == same(missing.text).replace("INC-0123456789", address)
    for rest in ("history", "edit", "share", "circumstances", "targets/new", "targets/1/edit"):
        assert client.get(f"/incidents/{ref}/{rest}").status_code == 404
    for parameter in (f"journalist={person}", f"after={ref}"):
        assert client.get(f"/incidents/?{parameter}").status_code == 400
    assert client.get(f"/incidents/{seen}/").status_code == 200
    assert client.get(f"/incidents/{seen}/edit").status_code == 403


def test_of_many_incidents_the_list_says_only_that_there_are_more(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    add_rows(app, 3)
    sign_in_directly(client, "staff")
    assert "3 incidents that you may see." in client.get("/incidents/").text
    monkeypatch.setattr(paging, "MAX_COUNTED_RECORDS", 2)
    app.jinja_env.globals["most_counted"] = 2
    assert "More than 2 incidents that you may see." in client.get("/incidents/").text


def test_what_has_the_words_is_looked_up_one_by_one(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    with as_user(app) as user:
        for number in (1, 2):
            make_incident(title=f"letters {number}", by=user)
        db.session.commit()
    sign_in_directly(client, "staff")
    monkeypatch.setattr(search, "MAX_INLINE_IDS", 1)
    with app.app_context(), collected() as statements:
        assert "letters 2<" in client.get("/incidents/?q=letters").text
    listed = [one for one in statements if "json_each" in one[0]]
    with app.app_context(), current_engines().reading.connect() as connection:
        if connection.dialect.name == "sqlite":
            plans = [
                connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
                for statement, values in listed
            ]
            # The page, and how many there are.
            assert len(plans) == 2
            assert not any("LIST SUBQUERY" in row.detail for plan in plans for row in plan)


def test_of_many_with_the_words_those_logged_last_are_listed(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    with as_user(app) as user:
        for number in (1, 2, 3):
            make_incident(title=f"letters {number}", by=user)
            db.session.flush()
        db.session.commit()
    with as_user(app, "other", team="Abroad") as user:
        make_incident(title="letters hidden", visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
    sign_in_directly(client, "staff")
    cut = "only the latest 5000 are searched"
    monkeypatch.setattr(search, "MAX_SEARCH_CANDIDATES", 3)
    page = client.get("/incidents/?q=letters").text
    assert all(f"letters {number}<" in page for number in (1, 2, 3))
    assert cut not in page
    monkeypatch.setattr(search, "MAX_SEARCH_CANDIDATES", 2)
    monkeypatch.setattr(search, "MAX_INLINE_IDS", 1)
    page = client.get("/incidents/?q=letters").text
    assert ["letters 1<" in page, "letters 2<" in page, "letters 3<" in page] == [False, True, True]
    assert cut in page
    assert "letters hidden" not in page
    assert "letters 2<" not in client.get("/incidents/?q=letters+3").text


def test_a_row_says_types_once_beside_date_and_targets(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        alma = make_journalist("Alma Dauren", by=user)
        for title in ("", "The letter of May"):
            make_incident(
                "threat.death",
                title=title,
                targets=[TargetFacts(journalist=alma)],
                by=user,
            )
        db.session.commit()
    sign_in_directly(client, "staff")

    rows = html.fromstring(client.get("/incidents/").text).xpath("//table/tbody/tr")

    links = {row.xpath('.//td[contains(@class, "title")]/a')[0].text for row in rows}
    assert links == {"Death threat", "The letter of May"}
    for row in rows:
        words = " ".join(row.text_content().split())
        assert (words.count("Death threat"), words.count("Alma Dauren")) == (1, 1)
        assert words.count("June 2025") == 1
    # Checkboxes and screen readers tell rows apart by the whole heading.
    names = [
        name for row in rows for name in row.xpath('.//td[contains(@class, "title")]/a/@aria-label')
    ]
    assert names == ["Death threat: Alma Dauren, June 2025"]


def test_what_i_logged_today_is_listed_alone(app: Flask, client: FlaskClient) -> None:
    with as_user(app, "other") as other:
        make_incident(title="By somebody else", by=other)
        db.session.commit()
    with as_user(app) as user:
        before = make_incident(title="Logged in May", by=user)
        before.recorded_at = datetime(2025, 5, 31, 18, 59, tzinfo=UTC)
        # In Almaty it was the first of June.
        since = make_incident(title="Logged in June", by=user)
        since.recorded_at = datetime(2025, 5, 31, 19, 0, tzinfo=UTC)
        db.session.commit()
    sign_in_directly(client, "staff")

    def titles(query: str) -> set[str]:
        page = html.fromstring(client.get(f"/incidents/?{query}").text)
        found = page.xpath("//main//a[contains(@href, '/incidents/INC-')]/text()")
        return {str(one).strip() for one in found} & {
            "By somebody else",
            "Logged in May",
            "Logged in June",
        }

    page = html.fromstring(client.get("/incidents/").text)
    (box,) = page.xpath('//input[@name="logged_by"]')
    assert box.get("value") == "staff"
    assert "Logged by me" in box.getparent().text_content()
    assert titles("logged_by=staff") == {"Logged in May", "Logged in June"}
    assert titles("logged_by=staff&logged_from=2025-06-01") == {"Logged in June"}
    assert titles("logged_by=other") == {"By somebody else"}
    assert titles("logged_by=nobody") == set()
    assert "logged by other" in client.get("/incidents/?logged_by=other").text
