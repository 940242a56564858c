"""An address that asks for what there is not: what is wrong in the words of the form, and the way
back with everything else kept.
"""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.architecture.source import TEMPLATES, modules
from tests.factories import as_user, make_incident, make_type, sign_in_directly
from tests.kit.every_filter import FILTERS
from tests.kit.pages_read import chips
from tracker.db import db
from tracker.errors import BadQuery
from tracker.permissions import Visibility
from tracker.reports.filters import FIELD_LABELS
from tracker.vocabulary import labels
from tracker.web.filters import collect_query_errors, parse_months

# Fields that one list calls otherwise than the others do, and the form of each list.
ELSEWHERE = {
    "/appeals/": "kind",
    "/articles/": "outlet",
    "/intake/": "state",
    "/journalists/": "q",
    "/cases-by-status": "step",
}
LABEL = re.compile(
    r"""<label\ for="(?P<name>\w+)">\{\{\ _\("(?P<words>[^"]+)"\)
      | choo?[si]\w+\("(?P<name2>\w+)",\ _\("(?P<words2>[^"]+)"\)
      | type="checkbox"\ name="(?P<name3>\w+)"\ value="yes".*?>\ \{\{\ _\("(?P<words3>[^"]+)"\)""",
    re.VERBOSE,
)


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    return client


def links(page: str) -> dict[str, str]:
    """Return where each link of a page leads, by its words."""
    return {
        words: unescape(address)
        for address, words in re.findall(r'<a href="([^"]+)">([^<]+)</a>', page)
    }


def test_a_closed_set_is_shown_and_each_of_its_values_leads_to_the_list(staff: FlaskClient) -> None:
    answer = staff.get("/incidents/?country=KZ&verification=surely&q=a+letter")

    assert answer.status_code == 400
    assert "<strong>Verification</strong>: Unknown value: “surely”" in answer.text
    assert "In the address" not in answer.text, (
        "the value is in the message, the error at its field"
    )
    found = links(answer.text)
    assert found["confirmed"] == "/incidents/?country=KZ&q=a+letter&verification=confirmed"
    assert found["Continue without it"] == "/incidents/?country=KZ&q=a+letter"
    assert staff.get(found["confirmed"]).status_code == 200


def test_what_is_missing_in_an_address_is_told_once() -> None:
    @collect_query_errors
    def read(_kind: type[None], _args: object) -> None:
        raise BadQuery("month", "Say which month.")

    with pytest.raises(BadQuery) as told:
        read(type(None), {"country": "KZ"})
    assert told.value.others == []


def test_all_that_is_wrong_in_an_address_is_told_at_once(staff: FlaskClient) -> None:
    wrong = "&".join(f"x{number}=1" for number in range(2000))
    answer = staff.get("/incidents/?country=Z1&verification=surely&from=3+March&colour=red&q=x")

    assert answer.status_code == 400
    for said in (
        "<strong>Country</strong>: Unknown value: “Z1”",
        "<strong>Verification</strong>: Unknown value: “surely”",
        "<strong>From</strong>: Write a day as 2025-03-04.",
        "There is no such filter here.",
        "<code>colour=red</code>",
    ):
        assert said in answer.text
    found = links(answer.text)
    assert found["Continue without it"] == "/incidents/?q=x"
    assert found["confirmed"] == "/incidents/?q=x&verification=confirmed"
    # It is named as it stands in the address, not as a filter of another page is called.
    assert "<strong>status</strong>: There is no" in staff.get("/cases/?status=zzz").text
    # However many they are, the page stays short.
    many = staff.get(f"/incidents/?{wrong}")
    assert many.status_code == 400
    assert many.text.count("There is no such filter here.") == 10


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("2025-06", "2025-06"),
        ("June 2025", "2025-06"),
        ("июнь 2025", "2025-06"),
        ("2025-06/2025-08", "2025-06/2025-08"),
        ("June 2025 – August 2025", "2025-06/2025-08"),
        ("2025", "2025-01/2025-12"),
        ("2024/June 2025", "2024-01/2025-06"),
    ],
)
def test_a_month_is_read_as_people_write_it(text: str, months: str) -> None:
    assert str(parse_months({"month": text}, "month")) == months


@pytest.mark.parametrize(
    "text", ["20256", "2025-13", "4 June 2025", "before June 2025", "2025-06/", "9999-12", "June"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(BadQuery):
        parse_months({"month": text}, "month")


def test_the_list_stays_with_its_form_and_what_was_typed_and_each_error_at_its_field(
    staff: FlaskClient,
) -> None:
    answer = staff.get("/incidents/?from=2025-03-04&to=2025-03-03&verification=surely&q=a+letter")

    assert answer.status_code == 400
    form = re.search(r'<form method="get" action="/incidents/".*?</form>', answer.text, re.DOTALL)
    assert form
    for kept in ("2025-03-04", "2025-03-03", "a letter"):
        assert f'value="{kept}"' in form[0]
    at = dict(re.findall(r'<p class="error" id="(\w+)-error">([^<]+)</p>', form[0]))
    assert at == {
        "to": "The end lies before the beginning.",
        "verification": "Unknown value: “surely”",
    }
    assert form[0].count('aria-invalid="true"') == 2
    # The chips say what the list below was asked for; the filters stand open.
    said = ["from 4 March 2025", "retracted excluded", "with the words “a letter”"]
    assert chips(answer.text) == said
    assert "<details open><summary>Filters</summary>" in form[0]


def test_a_list_shown_beside_an_error_holds_no_more_than_the_viewer_may_see(
    app: Flask, staff: FlaskClient
) -> None:
    with as_user(app, "other", team="Elsewhere") as user:
        make_incident("other", title="In the open", by=user)
        hidden = make_incident("other", title="Behind doors", by=user)
        hidden.visibility = Visibility.RESTRICTED
        db.session.commit()
    answer = staff.get("/incidents/?colour=red")

    assert answer.status_code == 400
    assert "In the open" in answer.text
    assert "Behind doors" not in answer.text


@pytest.mark.parametrize(
    "address",
    ["/appeals/", "/articles/", "/cases/", "/fake-accounts/", "/incidents/", "/institutions/",
     "/intake/", "/journalists/", "/outlets/", "/proceedings/", "/responses/", "/cases-by-status"],
)  # fmt: skip
def test_the_page_of_each_list_says_what_is_wrong_in_its_filter(
    staff: FlaskClient, address: str
) -> None:
    answer = staff.get(f"{address}?colour=red")

    assert answer.status_code == 400
    assert "<code>colour=red</code>" in answer.text
    assert '<button class="quiet">Filter</button>' in answer.text


def test_of_several_types_those_that_there_are_stay_asked_for(
    app: Flask, staff: FlaskClient
) -> None:
    with as_user(app):
        make_type("threat.death")
        db.session.commit()
    answer = staff.get("/incidents/?type=threat.&type=theft.&from=2025-01-01")

    assert "<strong>Types</strong>: Unknown value: “theft.”" in answer.text
    kept = links(answer.text)["Continue without it"]
    assert kept == "/incidents/?type=threat.&from=2025-01-01"


def test_a_date_is_told_how_dates_are_written(staff: FlaskClient) -> None:
    answer = staff.get("/responses/?from=3+March&to=2025-04-01&before=")

    assert "<strong>From</strong>: Write a day as 2025-03-04." in answer.text
    kept = links(answer.text)["Continue without it"]
    assert kept == "/responses/?to=2025-04-01&before="


def test_somebody_who_is_not_there_is_told_how_records_are_named(staff: FlaskClient) -> None:
    for address, name in (
        ("/articles/?outlet=OUT-0000000000", "Publisher"),
        ("/cases/?journalist=JRN-0000000000", "Journalist"),
        ("/fake-accounts/?institution=INS-0000000000", "Institution"),
        ("/incidents/?journalist=JRN-0000000000", "Journalist"),
    ):
        page = staff.get(address)
        assert page.status_code == 400
        assert f"<strong>{name}</strong>: Unknown value: " in page.text
        assert "ref of a record that you may see" in page.text


def test_what_is_no_filter_is_said_and_left_out_by_one_link(staff: FlaskClient) -> None:
    # The queue of review has none at all.
    for address, back in (
        ("/review/?kind=zz", "/review/"),
        ("/incidents/?colour=red&q=x", "/incidents/?q=x"),
        ("/incidents/?after=INC-0000000000&q=x", "/incidents/?q=x"),
    ):
        answer = staff.get(address)
        assert answer.status_code == 400
        assert back in links(answer.text).values()
        assert f"<code>{address.partition('?')[2].partition('&')[0]}</code>" in answer.text


def test_what_was_asked_stands_on_the_page_as_text_alone(staff: FlaskClient) -> None:
    answer = staff.get("/incidents/", query_string={"state": "<b>\x01\u202e" + "x" * 5000})

    assert answer.status_code == 400
    assert "<b>" not in answer.text
    assert "\x01" not in answer.text
    assert "\u202e" not in answer.text
    assert "x" * 250 not in re.sub(r'href="[^"]*"', "", answer.text)


def test_the_page_says_it_in_the_words_of_the_form(staff: FlaskClient) -> None:
    staff.get("/language/ru")
    for address, field in {**ELSEWHERE, "/incidents/": "verification"}.items():
        form, wrong = staff.get(address).text, staff.get(f"{address}?{field}=%01")
        label = re.search(rf'<label for="{field}">([^<]+)</label>', form)
        assert label, address
        assert wrong.status_code == 400
        assert f"<strong>{label[1]}</strong>: " in wrong.text


def test_every_field_of_a_form_of_filters_is_called_as_in_its_declaration() -> None:
    """Most forms are drawn from what is declared; of the others each field is called the same."""
    declared = {
        (one.name, str(one.label)) for kind in FILTERS for one in kind.declared_fields()
    } | {(name, str(words)) for name, words in FIELD_LABELS.items()}
    others = set()
    for path in TEMPLATES.rglob("*.html"):
        for form in re.findall(r'<form method="get".*?</form>', path.read_text(), re.DOTALL):
            for found in LABEL.finditer(form):
                name, words = filter(None, found.groups())
                if (name, words) not in declared:
                    others.add(name)

    # Of the export log.
    assert others == {"holds"}


def test_every_closed_set_that_is_asked_for_has_words() -> None:
    sets = {
        one.codes.__name__ for kind in FILTERS for one in kind.declared_fields() if one.codes
    } | {
        code
        for one in modules()
        for code in re.findall(r'parse_code\(\s*(?:request\.)?args, "\w+", (\w+)', one.text)
    }

    assert len(sets) > 15
    for name in sets:
        file = re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()
        assert (labels.DATA_FOLDER / "sets" / f"{file}.toml").exists(), name
