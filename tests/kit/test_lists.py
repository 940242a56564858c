"""Lists as tables: facets that count what the list shows and nothing else, sorting, chips."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.cases.records_made import make_case
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_institution,
    make_journalist,
    make_outlet,
    sign_in_directly,
)
from tests.kit.pages_read import chips, chosen, facets, titles
from tests.statements import counted
from tracker import clock
from tracker.db import db
from tracker.incidents.codes import TargetKind, Verification
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts
from tracker.kit import lists
from tracker.permissions import Visibility
from tracker.web import paging
from tracker.when import parse_when

COUNTS = "/incidents/?counts=yes"


@pytest.fixture
def four(app: Flask, client: FlaskClient) -> FlaskClient:
    """Return somebody of staff, who sees four incidents that differ in what facets count."""
    with as_user(app) as user:
        article, anna = make_article(by=user), make_journalist("Anna Roe", by=user)
        paper = make_outlet("Dala News", by=user)
        twice = [
            TargetFacts(journalist=anna, outlet=paper),
            TargetFacts(kind=TargetKind.OUTLET, outlet=paper),
        ]
        nobody = [TargetFacts(kind=TargetKind.UNNAMED_GROUP, words="neighbours")]
        for year, types, targets, country in (
            ("2021", ("threat.death", "legal.search"), twice, "KZ"),
            ("2022", ("threat.death",), [TargetFacts(journalist=anna)], "KZ"),
            ("2023", ("legal.search",), nobody, "KZ"),
            ("2024", ("threat.death",), nobody, "UZ"),
        ):
            when = parse_when(year, latest_possible_date=clock.current_date())
            make_incident(
                *types, title=year, targets=targets, occurred=when, country=country,
                article=article, by=user,
            )  # fmt: skip
        db.session.commit()
    sign_in_directly(client, "staff")
    return client


def numbers(page: str) -> dict[str, dict[str, int]]:
    return {
        label: {words: number for _, words, number in values}
        for label, values in facets(page).items()
    }


def test_facets_count_the_records_of_each_value_the_most_frequent_first(four: FlaskClient) -> None:
    found = numbers(four.get(COUNTS).text)

    in_form = [str(one.label) for one in IncidentFilter.declared_fields()]
    assert list(found) == sorted(found, key=in_form.index)
    assert found["Country"] == {"Kazakhstan": 3, "Uzbekistan": 1}
    assert list(found["Types"].items()) == [("Death threat", 3), ("Search of home or newsroom", 2)]
    assert found["Verification"] == {"not assessed": 4}
    # An outlet that is a target beside its editor is one target of one incident.
    assert found["Journalist"] == {"Anna Roe": 2}
    assert found["Outlet"] == {"Dala News": 1}


def test_the_number_of_a_facet_is_that_of_the_list_to_which_it_leads(four: FlaskClient) -> None:
    for asked in ("", "&country=KZ", "&type=threat.&q=2021"):
        found = facets(four.get(COUNTS + asked).text)
        assert found
        for values in found.values():
            for address, words, number in values:
                assert len(titles(four.get(address).text)) == number, words


def test_what_is_asked_for_is_a_chip_also_in_its_facet_and_is_not_counted(
    four: FlaskClient,
) -> None:
    page = four.get(COUNTS + "&country=KZ&type=threat.death&type=legal.").text

    assert chips(page) == ["Death threat", "Legal measures", "Kazakhstan", "retracted excluded"]
    assert numbers(page)["Country"] == numbers(page)["Types"] == {}
    above, beside = page.split('<div class="facets">')
    assert chosen(beside) == ["Death threat", "Legal measures", "Kazakhstan"]
    for part in (above, beside):
        without = [unescape(one) for one in re.findall(r'class="chip" href="([^"]+)"', part)]
        assert without == [
            "/incidents/?type=legal.&country=KZ&counts=yes",
            "/incidents/?type=threat.death&country=KZ&counts=yes",
            "/incidents/?type=threat.death&type=legal.&counts=yes",
        ]


def test_of_many_values_a_facet_folds_those_after_the_first_and_says_how_many(
    app: Flask, four: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "more</summary>" not in four.get(COUNTS).text
    with as_user(app) as user:
        for number in range(11):
            target = TargetFacts(journalist=make_journalist(f"Reporter {number}", by=user))
            make_incident(targets=[target], by=user)
        db.session.commit()
    page = four.get(COUNTS).text
    assert "4 more</summary>" in page
    assert len(numbers(page)["Journalist"]) == 12

    monkeypatch.setattr(lists, "MAX_FACET_VALUES", 10)
    page = four.get(COUNTS).text
    assert "4 more</summary>" in page
    assert len(numbers(page)["Journalist"]) == 10


@pytest.mark.parametrize(
    "path", ["/cases/", "/journalists/", "/outlets/", "/institutions/", "/articles/"]
)
def test_a_list_says_how_many_records_it_has(
    app: Flask, four: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    with as_user(app) as user:
        for name in ("One", "Two", "Three"):
            make_journalist(name, by=user)
            make_outlet(name, by=user)
            make_article(title=name, by=user)
            make_institution(name, by=user)
            make_case(name, by=user)
        db.session.commit()
    page = four.get(path).text
    number = len(titles(page))
    assert f"{number} records that you may see." in page

    # Also on a page of some of them; more than a thousand are not counted.
    for paged in ("paginate", "paginate_list"):
        defaults = getattr(paging, paged).__kwdefaults__
        monkeypatch.setitem(defaults, "size", 2)
    page = four.get(path).text
    assert len(titles(page)) == 2
    assert f"{number} records that you may see." in page
    monkeypatch.setattr(lists, "count_up_to_limit", lambda *_: paging.MAX_COUNTED_RECORDS + 1)
    assert "More than 1000 records that you may see." in four.get(path).text


def test_of_the_codes_of_a_row_only_the_first_is_a_badge(app: Flask, four: FlaskClient) -> None:
    with as_user(app):
        found = db.session.scalars(select(Incident)).all()
        found[0].verification = Verification.LIKELY
        db.session.commit()
    cell = next(
        one
        for one in re.findall(
            r'<td class="state codes".*?</td>', four.get("/incidents/").text, re.DOTALL
        )
        if "likely" in one
    )
    assert cell.count('class="badge') == 1
    assert '<span class="meta">likely</span>' in cell


def test_a_list_without_records_has_no_box_of_counts(four: FlaskClient) -> None:
    assert 'class="facets"' in four.get(COUNTS).text
    assert 'class="facets"' not in four.get(COUNTS + "&country=UA").text


def test_the_types_asked_for_are_ticked_so_that_searching_again_keeps_them(
    four: FlaskClient,
) -> None:
    page = four.get("/incidents/?type=threat.death").text
    assert re.search(r'name="type" value="threat.death" checked', page)
    assert page.count(" checked>") == 1


def test_each_type_and_class_has_its_number_beside_it_where_counts_are_shown(
    app: Flask, four: FlaskClient
) -> None:
    with as_user(app) as user:
        make_incident("threat.death", "threat.other", country="UZ", by=user)
        db.session.commit()

    def type_numbers(asked: str) -> dict[str, str]:
        box = r'name="type" value="([^"]+)"[^>]*> [^<]+ <span class="meta">(\d+)</span>'
        return dict(re.findall(box, four.get(asked).text))

    # A class counts an incident of two of its types once.
    shown = {"threat.": "4", "threat.death": "4", "threat.other": "1"}
    assert type_numbers(COUNTS) == shown | {"legal.": "2", "legal.search": "2"}
    assert type_numbers(COUNTS + "&country=UZ") == {
        "threat.": "2", "threat.death": "2", "threat.other": "1", "legal.": "0", "legal.search": "0"
    }  # fmt: skip
    assert type_numbers("/incidents/") == {}
    # More types asked for find more incidents: what is found says nothing of these.
    assert type_numbers(COUNTS + "&type=legal.") == {}


def test_that_counts_are_cut_is_said_also_where_no_field_of_the_record_is_counted(
    four: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.kit.lists.MAX_FACET_RECORDS", 1)
    asked = COUNTS + "&country=KZ&verification=unknown&state=draft"
    assert "Counted: the first" in four.get(asked).text


def test_no_facet_counts_a_restricted_record_of_another_team(
    app: Flask, client: FlaskClient, four: FlaskClient
) -> None:
    shown = numbers(four.get(COUNTS).text)
    with as_user(app, "other", team="Elsewhere") as user:
        hidden = make_journalist("Asem Doe", visibility=Visibility.RESTRICTED, by=user)
        secret = make_outlet("Secret Post", visibility=Visibility.RESTRICTED, by=user)
        for country in ("KZ", "KG"):
            make_incident(
                "physical.assault", "threat.death", country=country,
                targets=[TargetFacts(journalist=hidden, outlet=secret)],
                visibility=Visibility.RESTRICTED, by=user,
            )  # fmt: skip
        db.session.commit()

    assert numbers(four.get(COUNTS).text) == shown
    sign_in_directly(client, "other")
    theirs = numbers(client.get(COUNTS).text)
    assert theirs["Country"] == {"Kazakhstan": 4, "Uzbekistan": 1, "Kyrgyzstan": 1}
    assert theirs["Journalist"] == {"Anna Roe": 2, "Asem Doe": 2}
    # Asked for what all users may see, no more than that is counted for whoever sees more.
    assert numbers(client.get(COUNTS + "&shared=yes").text) == shown


def test_no_facet_names_somebody_whose_name_is_closed(
    app: Flask, client: FlaskClient, four: FlaskClient
) -> None:
    with as_user(app) as user:
        her = make_journalist("Gulnara Closed", visibility=Visibility.RESTRICTED, by=user)
        her.name_closed_on = clock.current_date()
        ref = her.ref
        make_incident(
            title="against her", targets=[TargetFacts(journalist=her)],
            visibility=Visibility.INTERNAL, by=user,
        )  # fmt: skip
        db.session.commit()
    with as_user(app, "stranger", team="Elsewhere"):
        pass
    sign_in_directly(client, "stranger")
    page = client.get(COUNTS).text

    assert "against her" in titles(page)
    assert numbers(page)["Journalist"] == {"Anna Roe": 2}
    assert "Gulnara" not in page
    assert ref not in page


def test_of_very_many_records_facets_count_the_first(
    four: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MAX_FACET_RECORDS", 3)
    page = four.get(COUNTS).text

    assert "Counted: the first" in page
    assert numbers(page)["Country"] == {"Kazakhstan": 2, "Uzbekistan": 1}


def test_facets_take_one_query_together_and_one_for_each_that_counts_rows_of_records(
    app: Flask, four: FlaskClient
) -> None:
    def asked(address: str) -> int:
        with app.app_context(), counted() as statements:
            four.get(address)
        return len(statements)

    related = ("type", "type in the form", "journalist", "outlet")
    assert asked(COUNTS) - asked("/incidents/") == 1 + len(related)


def test_a_click_on_its_head_sorts_by_a_column_and_pages_follow(
    four: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = four.get("/incidents/?country=KZ").text
    assert titles(first) == ["2023", "2022", "2021"]
    head = re.search(r'aria-sort="descending"><a href="([^"]+)">Date</a>', first)
    assert head
    monkeypatch.setattr(
        "tracker.web.paging.paginate.__kwdefaults__", {"descending": True, "size": 2}
    )
    sorted_by_it = four.get(unescape(head[1])).text
    assert titles(sorted_by_it) == ["2021", "2022"]
    assert 'aria-sort="ascending"' in sorted_by_it
    onward = re.search(r'rel="next" href="([^"]+)"', sorted_by_it)
    assert onward
    last = four.get(unescape(onward[1])).text
    assert titles(last) == ["2023"]
    back = re.search(r'rel="prev" href="([^"]+)"', last)
    assert back
    assert titles(four.get(unescape(back[1])).text) == ["2021", "2022"]


@pytest.mark.parametrize("sort", ["country", "-", "--date", "date desc"])
def test_a_list_is_sorted_by_nothing_else(four: FlaskClient, sort: str) -> None:
    answer = four.get("/incidents/", query_string={"sort": sort})

    assert answer.status_code == 400
    assert "<strong>Sort by</strong>: Unknown value" in answer.text
    assert titles(answer.text) == ["2024", "2023", "2022", "2021"]


def test_the_form_keeps_how_the_list_is_sorted(four: FlaskClient) -> None:
    page = four.get("/incidents/?sort=date&counts=yes").text

    for name, value in (("sort", "date"), ("counts", "yes")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
