"""Charts of any filter of incidents: each number is that of the list behind it, for the viewer."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.cases.records_made import make_response
from tests.conftest import prepared
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_institution,
    make_journalist,
    make_outlet,
    make_user,
    sign_in_directly,
)
from tests.incidents.namings_made import NAME, close, deciding, her, visit
from tests.incidents.test_list import make_region
from tests.statements import counted
from tests.timelines.conftest import act
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.audit.queries import cache_slot
from tracker.config import LANGUAGES
from tracker.db import db
from tracker.i18n import alphabet_sort_key
from tracker.incidents.codes import ActorType, AttributedBy, PurportedAs, TargetKind
from tracker.incidents.models import Incident, IncidentActor, IncidentTarget
from tracker.incidents.service import TargetFacts
from tracker.permissions import Role, Visibility
from tracker.reports import chart_views
from tracker.reports.models import ExportedRow, ExportRun
from tracker.responses.codes import ActType, AnswerScope
from tracker.responses.models import ResponseAnswer
from tracker.review.codes import EditorialState, RetractReason
from tracker.timelines import chart_queries
from tracker.timelines.charts import TILE_OF_REGION, TILES, Cell, Chart, ChartKind, Row, Series
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import load_shipped_terms
from tracker.vocabulary.queries import find_term
from tracker.vocabulary.service import load_vocabulary
from tracker.when import parse_when

SVG = "{http://www.w3.org/2000/svg}"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CANARY = "Zharyk Canary"


@pytest.fixture
def recorded(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Record incidents of several months, types, countries and people, and sign staff in."""
    monkeypatch.setattr(clock, "utc_now", lambda: NOW)
    prepared(app, "charted", lambda: _record(app))
    sign_in_directly(client, "staff")


def _record(app: Flask) -> None:
    with as_user(app) as by:
        asem, dala = make_journalist("Asem Doe", by=by), make_outlet("Dala News", by=by)
        hidden = make_journalist(CANARY, by=by, visibility=Visibility.RESTRICTED)
        for month, country, types, given in (
            ("2026-11", "KZ", ("threat.death", "legal.search"), {"region": make_region()}),
            ("2026-11", "KZ", ("legal.search",), {}),
            ("2026-10", "KZ", ("threat.other",), {"retracted": True}),
            ("2026-03", "KG", ("threat.other",), {}),
            ("2025-01", "UZ", ("other",), {}),
            ("2019-01", "KZ", ("harassment.mob",), {}),
            ("2026-11", "TM", ("physical.assault",), {"visibility": Visibility.RESTRICTED}),
        ):
            at = parse_when(month, latest_possible_date=NOW.date())
            article = make_article(f"{month} {types}", text=f"Of {types}", published=at, by=by)
            of_team = given.get("visibility", Visibility.INTERNAL)
            one = make_incident(*types, article=article, country=country, visibility=of_team, by=by)
            region: Any = given.get("region")
            one.region = region
            if given.get("retracted"):
                one.state, one.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
            whom = hidden if country == "TM" else asem
            one.targets += [
                IncidentTarget(kind=TargetKind.JOURNALIST, journalist=whom),
                IncidentTarget(kind=TargetKind.OUTLET, outlet=dala),
            ]
            posing = PurportedAs.POLICE if country == "KZ" else None
            one.actors = [
                IncidentActor(
                    actor_type=ActorType.PRIVATE_PERSON, purported_as=posing,
                    attributed_by=AttributedBy.TARGET,
                ),
                IncidentActor(actor_type=ActorType.UNKNOWN),
            ]  # fmt: skip
            if country == "KG":
                answer = make_response(act(ActType.PLEDGE), by=by, when="2026-04-10")
                answer.answers_scope = AnswerScope.INCIDENTS
                answer.answers = [ResponseAnswer(incident=one)]
        make_user("reader", Role.EXPORTER, team="Elsewhere")
        db.session.commit()


def sections(page: str) -> dict[str, str]:
    """Return the charts of a page by name."""
    found = re.findall(
        r'<section[^>]*aria-labelledby="([\w-]+)-heading">(.*?)</section>', page, re.DOTALL
    )
    return dict(found)


def marks(html: str) -> dict[str, int]:
    """Return the numbers of a table by the address of the list behind each."""
    found = re.findall(r'<td><a href="([^"]+)">(\d+)</a>', html)
    return {unescape(address): int(number) for address, number in found}


@pytest.mark.parametrize(
    "asked",
    ["", "?country=KZ", "?type=threat.", "?primary=threat.&reported=2026-01/2026-11",
     "?actor=unknown&posing_as=police", "?state=retracted", "?shared=yes"],
)  # fmt: skip
def test_each_number_is_that_of_the_list_behind_it(
    client: FlaskClient, recorded: None, asked: str
) -> None:
    charts = sections(client.get(f"/charts{asked}").text)
    every = {address: number for html in charts.values() for address, number in marks(html).items()}

    assert charts.keys() >= {
        "months", "grid", "types", "countries", "map", "targets", "perpetrators"
    }  # fmt: skip
    assert len(every) >= 6
    for address, number in every.items():
        said = f"{number} incident{'' if number == 1 else 's'} that you may see."
        assert said in client.get(address).text, address


def test_of_many_incidents_the_first_of_the_list_are_counted(
    client: FlaskClient, recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "Counted: the first 2 records of this list."
    assert said not in client.get("/charts").text
    monkeypatch.setattr(chart_views, "MAX_FACET_RECORDS", 2)
    cache_slot.cache_clear()
    charts = sections(client.get("/charts").text)

    assert sum(marks(charts["types"]).values()) == 2
    assert all(said in charts[name] for name in ("months", "types", "map"))


def test_a_chart_of_months_says_which_and_its_file_that_drafts_count(
    client: FlaskClient, recorded: None
) -> None:
    charts = sections(client.get("/charts?reported=2025").text)
    assert "Shown: January 2025 to December 2025." in charts["months"]
    for asked, is_said in (("", True), ("?state=approved", False)):
        file = re.sub(r"<[^>]+>", " ", client.get(f"/charts/months.svg{asked}").text)
        assert ("Drafts are counted." in " ".join(file.split())) is is_said


def test_months_begin_where_the_filter_does_and_say_what_is_outside(
    client: FlaskClient, recorded: None
) -> None:
    charts = sections(client.get("/charts").text)
    assert "Shown: December 2024 to November 2026." in charts["months"]
    assert "Incidents counted in other months: 1." in charts["months"]
    assert "Incidents counted in other months: 2." in charts["grid"]
    charts = sections(client.get("/charts?from=2025-05-05").text)
    assert "Shown: May 2025 to November 2026." in charts["months"]


def test_a_group_of_types_looks_alike_whichever_groups_are_there(
    client: FlaskClient, recorded: None
) -> None:
    def looks(address: str) -> dict[str, str]:
        legend = r'<rect[^>]*fill="([^"]+)"[^>]*/?>(?:</rect>)?</svg>\s*([^<]+)<'
        return {
            label.strip(): fill
            for fill, label in re.findall(legend, sections(client.get(address).text)["months"])
        }

    every = looks("/charts")
    assert len(set(every.values())) == len(every) >= 3
    for country in ("KZ", "KG", "UZ"):
        some = looks(f"/charts?country={country}")
        assert some
        assert some.items() <= every.items()


def test_regions_of_all_countries_have_one_scale(app: Flask, client: FlaskClient, recorded: None):
    with as_user(app) as by:
        load_vocabulary(by=by)
        for region, number in (("KZ-75", 2), ("KG-GB", 1)):
            for _one in range(number):
                made = make_incident("threat.death", country=region[:2], by=by)
                made.region = find_term(TermSet.REGION, region)
        db.session.commit()
    charts = sections(client.get("/charts").text)
    shades = [set(re.findall(r'class="n(\d)"', charts[f"regions-{of}"])) for of in ("kz", "kg")]
    # The legends are alike, and the darkest shade is that of the highest number of all countries.
    assert shades[0] == shades[1]
    assert charts["regions-kg"].count('class="n5"') == 1


def test_a_picture_says_how_many_bars_it_leaves_out(app: Flask) -> None:
    rows = [Row(str(one), str(one), [Cell(1)]) for one in range(15)]
    with app.test_request_context():
        chart = Chart(
            name="types", kind=ChartKind.BARS, title="Types", note="Each once.", label_heading="Type",
            series=[Series("n", "Number")], rows=rows,
        )  # fmt: skip
        assert "The first 12 of 15 are drawn." in chart.render_svg(standalone=True)
        assert "are drawn" not in replace(chart, max_bars=15).render_svg(standalone=True)


@pytest.mark.parametrize(
    ("asked", "link"),
    [
        ("?country=KZ", "/charts?country=KZ&figure=all:all"),
        ("?country=KZ&figure=all:all", "/charts?country=KZ"),
        ("?state=draft", None),
    ],
)
def test_charts_say_whether_drafts_count_and_lead_to_the_other(
    client: FlaskClient, recorded: None, asked: str, link: str | None
) -> None:
    page = unescape(client.get(f"/charts{asked}").text)
    said = re.findall(r'<p class="meta">([^<]+)<a href="([^"]+)">(?:Only|Count)', page)

    assert [one[1] for one in said] == ([link] if link else [])
    assert ("Drafts count here" in page) is (asked == "?country=KZ")


def test_the_incidents_are_found_once_for_all_charts(
    app: Flask, client: FlaskClient, recorded: None
) -> None:
    with app.app_context(), counted() as sent:
        client.get("/charts")

    assert sum("ORDER BY incidents.latest DESC" in one and "LIMIT" in one for one in sent) == 2
    assert sum("AS type_id" in one and "country" in one for one in sent) == 1
    assert sum("AS month" in one for one in sent) == 1


def test_no_answers_are_read_of_too_many_incidents(
    app: Flask, client: FlaskClient, recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart_queries, "MAX_INCIDENTS_WITH_RESPONSES", 2)
    with app.app_context(), counted() as sent:
        charts = sections(client.get("/charts").text)

    assert charts.keys().isdisjoint({"answers", "delays"})
    assert not any("responses" in one for one in sent)


def test_the_picture_has_the_marks_and_links_of_its_table(
    client: FlaskClient, recorded: None
) -> None:
    for name, html in sections(client.get("/charts").text).items():
        drawn = fromstring(re.findall(r"^<svg xmlns.*</svg>$", html, re.MULTILINE)[0])
        assert drawn.get("role") == "group"
        title, description = (one.text or "" for one in list(drawn)[:2])
        assert title in html
        assert "The table has the same figures." in description
        links = [one for one in drawn.iter() if one.tag.endswith("}a")]
        assert {one.get("tabindex") for one in links} == {"-1"}
        if name not in {"answers", "delays"}:
            table = {address for address, number in marks(html).items() if number}
            assert {one.get("href") for one in links} <= table, name


def test_months_are_stacked_by_primary_type_and_sum_to_all(
    client: FlaskClient, recorded: None
) -> None:
    found = marks(sections(client.get("/charts?country=KZ").text)["months"])

    assert found == {
        "/incidents/?primary=legal.&country=KZ&reported=2026-11": 1,
        "/incidents/?primary=threat.&country=KZ&reported=2026-11": 1,
        "/incidents/?country=KZ&reported=2026-11": 2,
    }


def test_the_map_shades_countries_by_their_number_and_tiles_the_regions(
    client: FlaskClient, recorded: None
) -> None:
    charts = sections(client.get("/charts").text)
    drawn = re.findall(r'<a href="([^"]+)" tabindex="-1"><title>([^<]+)</title>', charts["map"])

    assert [words for _address, words in drawn] == [
        "Kazakhstan: 3", "Kyrgyzstan: 1", "Turkmenistan: 1", "Uzbekistan: 1",
    ]  # fmt: skip
    assert len(re.findall('class="none"', charts["map"])) == 1
    assert marks(charts["regions-kz"]) == {"/incidents/?region=KZ-75": 1}
    assert "<title>Almaty city: 1</title>" in charts["regions-kz"]
    assert [name for name in charts if name.startswith("regions")] == ["regions-kz"]


def test_each_region_has_a_square_of_its_own_and_a_short_name_in_each_language() -> None:
    assert TILE_OF_REGION.keys() == {row.code for row in load_shipped_terms(TermSet.REGION)}
    for country, tiles in TILES.items():
        assert {code.partition("-")[0] for code in tiles} == {country}
        assert len({tuple(tile["at"]) for tile in tiles.values()}) == len(tiles)
        for language in LANGUAGES:
            names = [tile[language] for tile in tiles.values()]
            assert len(set(names)) == len(names)
            assert all(name.count("/") <= 1 for name in names)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["Luhansk Region: 1", "Lu-", "hansk", "1"]),
     ("kk", ["Луганск облысы: 1", "Лу-", "ганск", "1"])],
)  # fmt: skip
def test_regions_of_each_country_are_a_chart_sorted_as_the_page_reads(
    client: FlaskClient, recorded: None, app: Flask, language: str, words: list[str]
) -> None:
    with as_user(app) as by:
        load_vocabulary(by=by)
        for code in ("UA-09", "KG-GB"):
            one = make_incident(article=make_article(code, text=code, by=by), by=by)
            one.country, one.region = code[:2], find_term(TermSet.REGION, code)
        db.session.commit()
    client.get(f"/language/{language}")
    charts = sections(client.get("/charts").text)
    drawn = fromstring(re.findall(r"^<svg xmlns.*</svg>$", charts["regions-ua"], re.MULTILINE)[0])
    [tile] = list(drawn.iter(f"{SVG}a"))
    rows = re.findall(r'<th scope="row">([^<]+)</th>', charts["regions-ua"])

    assert marks(charts["regions-ua"]) == {"/incidents/?region=UA-09": 1}
    assert [one.text for one in tile.iter() if one.text] == words
    assert len(rows) == len(TILES["UA"])
    assert rows == sorted(rows, key=alphabet_sort_key)
    assert "regions-kg" in charts
    assert "regions-uz" not in charts
    assert "regions-ua" not in sections(client.get("/charts?country=KG").text)
    assert f"UA-09,{words[0][:-3]},incidents" in client.get("/charts/regions-ua.csv").text


def test_institutions_stand_with_rate_and_time_of_their_answers(
    client: FlaskClient, recorded: None
) -> None:
    charts = sections(client.get("/charts").text)

    assert "100 % (1 of 1)" in charts["answers"]
    assert "10 to 40 days" in charts["delays"]
    assert "answers" not in sections(client.get("/charts?country=KZ").text)


def test_nobody_learns_of_what_they_may_not_see(
    app: Flask, client: FlaskClient, recorded: None
) -> None:
    assert CANARY in client.get("/charts").text
    assert "Turkmenistan" in sections(client.get("/charts").text)["countries"]
    for address in ("/charts?shared=yes", "/charts"):
        reader = app.test_client()
        sign_in_directly(reader, "reader")
        page = (client if "shared" in address else reader).get(address).text
        assert "5 incidents that you may see." in page
        assert CANARY not in page
        assert "Turkmenistan" not in "".join(sections(page).values())


def test_answers_of_what_all_users_see_leave_out_restricted_responses(
    app: Flask, client: FlaskClient, recorded: None
) -> None:
    with as_user(app) as by:
        incident = db.session.scalars(select(Incident).where(Incident.country == "UZ")).one()
        body = make_institution(CANARY, by=by)
        answer = make_response(
            act(ActType.PLEDGE), by=by, institution=body, visibility=Visibility.RESTRICTED
        )
        answer.answers_scope = AnswerScope.INCIDENTS
        answer.answers = [ResponseAnswer(incident=incident)]
        db.session.commit()

    assert CANARY in sections(client.get("/charts").text)["answers"]
    charts = sections(client.get("/charts?shared=yes").text)
    assert "100 % (1 of 1)" in charts["answers"]
    assert CANARY not in charts["answers"] + charts["delays"]
    for name in ("answers", "delays"):
        assert CANARY not in client.get(f"/charts/{name}.csv?shared=yes").text


@pytest.mark.parametrize("kind", [ChartKind.BARS, ChartKind.GRID])
def test_a_long_label_stands_whole_on_lines_that_fit_a_phone(app: Flask, kind: ChartKind) -> None:
    label = "Угроза уголовным преследованием или иным наказанием за публикацию"
    rows = [Row(one, one, [Cell(1)]) for one in (label, "Short")]
    with app.test_request_context():
        chart = Chart(
            name="types", kind=kind, title="Types", note="Each once.", label_heading="Type",
            series=[Series("n", "Number")], rows=rows,
        )  # fmt: skip
        picture = fromstring(chart.render_svg())
    texts = [(one.text or "", float(one.get("y", 0))) for one in picture.iter(f"{SVG}text")]
    lines = [(words, y) for words, y in texts if words in label]
    assert " ".join(words for words, _y in lines) == label
    assert max(len(words) for words, _y in texts) <= 34
    bars = [float(one.get("y", 0)) for one in picture.iter(f"{SVG}rect")]
    [short] = [y for words, y in texts if words == "Short"]
    assert [y for _words, y in lines] == sorted({y for _words, y in lines})
    assert lines[-1][1] < bars[0] < short < bars[1]


def test_the_files_of_a_chart_are_logged_and_say_what_the_page_says(
    app: Flask, client: FlaskClient, recorded: None
) -> None:
    page = client.get("/charts?country=KZ").text
    assert 'href="/charts/types.csv?country=KZ"' in page
    file = client.get("/charts/types.csv?country=KZ")
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
    drawn = client.get("/charts/months.svg?country=KZ")

    assert sorted((one["row"], one["number"]) for one in rows) == [
        ("harassment.mob", "1"), ("legal.search", "1"), ("threat.death", "1"),
    ]  # fmt: skip
    assert {one["list"] for one in rows} == {
        f"http://localhost/incidents/?primary={one['row']}&country=KZ" for one in rows
    }
    assert drawn.mimetype == "image/svg+xml"
    assert "Threats" in drawn.text
    # Whoever sees it in a report reads there what was counted.
    below = " ".join("".join(one.itertext()) for one in fromstring(drawn.text).iter(f"{SVG}text"))
    assert "Incidents that you may see: Kazakhstan, retracted excluded. As of " in below
    assert "An incident counts once, in the month of its earliest article" in below
    named = client.get("/charts/months.svg?q=Asem").text
    assert "Incidents that you may see" not in named
    client.head("/charts/types.csv")
    with as_user(app):
        logged = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "export:chart"))
        assert [(one.subject, one.changes) for one in logged] == [
            ("types.csv", {"country": "KZ"}), ("months.svg", {"country": "KZ"}),
            ("months.svg", {"q": "Asem"}),
        ]  # fmt: skip
        # They hold no rows, as the export log says.
        assert db.session.scalars(select(ExportRun)).all() == []
    told = client.get("/reports/export-log").text
    assert "Not listed: charts of figures alone, and the monthly report." in told
    assert client.get("/charts/nothing.csv").status_code == 404


def file_rows(client: FlaskClient, address: str) -> list[dict[str, str]]:
    """Return the rows of the CSV of a chart."""
    return list(csv.DictReader(io.StringIO(client.get(address).text.removeprefix("\ufeff"))))


@pytest.fixture
def closed(app: Flask, client: FlaskClient) -> dict[str, str]:
    """Close the name of a journalist who works for an outlet, beside an open one of another; sign
    her team in, and return the refs of all of them by name.
    """
    with deciding(app) as staff:
        asem, radio = make_journalist("Asem Doe", by=staff), make_outlet(f"Radio {NAME}", by=staff)
        hers = TargetFacts(journalist=her(staff), outlet=make_outlet("Dala News", by=staff))
        both = TargetFacts(journalist=asem, outlet=radio)
        incident = visit(hers, both, title=f"A visit to {NAME}", by=staff)
        owners = [one for target in incident.targets for one in (target.journalist, target.outlet)]
        refs = {one.name: one.ref for one in owners if one}
        close(incident, by=staff)
    sign_in_directly(client, "staff")
    return refs


def test_no_file_of_a_chart_names_somebody_whose_name_is_closed(
    client: FlaskClient, closed: dict[str, str]
) -> None:
    assert NAME in client.get("/charts").text
    assert "1 incident that you may see." in client.get("/charts?q=Bazhkenova").text
    by_filter = [f"?journalist={closed[NAME]}", f"?outlet={closed['Dala News']}", "?q=Bazhkenova"]
    for asked in ("", *by_filter):
        for name in ("targets", "months"):
            for suffix in ("csv", "svg"):
                answer = client.get(f"/charts/{name}.{suffix}{asked}")
                file = answer.text
                assert answer.status_code == 200
                assert "Bazhkenova" not in file
                assert closed[NAME] not in file
                # Her employer, whom no table of incidents names beside her.
                assert closed["Dala News"] not in file
                assert "Dala News" not in file

    found = {one["row_label"]: one for one in file_rows(client, "/charts/targets.csv")}
    # In this order, which tells nothing of the names.
    assert [(label, one["number"]) for label, one in found.items()] == [
        ("Asem Doe", "1"), ("Radio withheld", "1"),
        ("a journalist (name withheld)", "1"), ("an outlet (name withheld)", "1"),
    ]  # fmt: skip
    assert found["a journalist (name withheld)"]["row"] == "withheld"
    assert found["a journalist (name withheld)"]["list"] == ""
    assert found["Asem Doe"]["list"].endswith(f"/incidents/?journalist={closed['Asem Doe']}")
    assert "a journalist (name withheld): 1" in client.get("/charts/targets.svg").text


def test_an_outlet_has_a_bar_for_incidents_against_those_who_work_for_it(
    client: FlaskClient, closed: dict[str, str]
) -> None:
    targets = sections(client.get("/charts").text)["targets"]

    assert "outlets as targets or as employers of targets" in targets
    address = f"/incidents/?outlet={closed[f'Radio {NAME}']}"
    assert marks(targets)[address] == 1
    assert "1 incident that you may see." in client.get(address).text


def test_the_export_log_has_the_records_of_a_chart(
    client: FlaskClient, closed: dict[str, str]
) -> None:
    for address in ("targets.csv?country=KZ", "targets.svg"):
        assert client.get(f"/charts/{address}").text
    client.head("/charts/targets.csv")

    log = client.get("/reports/export-log").text
    assert re.findall(r"<h2>(Incidents by target · (?:CSV|SVG) · Internal)</h2>", log) == [
        "Incidents by target · SVG · Internal", "Incidents by target · CSV · Internal",
    ]  # fmt: skip
    assert log.count("4 rows") == 2
    assert 'href="/charts?country=KZ"' in log
    # Named in the file or not.
    for ref in closed.values():
        assert client.get(f"/reports/export-log?holds={ref}").text.count("<h2>Incidents by") == 2
    assert "<h2>" not in client.get("/reports/export-log?holds=JRN-0000000000").text


def test_the_export_log_has_the_institutions_of_a_chart(
    client: FlaskClient, recorded: None
) -> None:
    for name, title in (("answers", "Response rate"), ("delays", "Response time")):
        [row] = {one["row"] for one in file_rows(client, f"/charts/{name}.csv")}
        log = client.get(f"/reports/export-log?holds={row}").text
        assert f"<h2>{title} by institution · CSV · Internal</h2>" in log


def test_a_picture_is_logged_with_the_bars_that_it_has(
    app: Flask, client: FlaskClient, recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar_chart = chart_queries._bar_chart
    monkeypatch.setattr(
        chart_queries, "_bar_chart", lambda *given: replace(bar_chart(*given), max_bars=1)
    )
    [first, *others] = [one["row"] for one in file_rows(client, "/charts/targets.csv")]
    assert others
    assert client.get("/charts/targets.svg").text

    with as_user(app):
        run = db.session.scalars(select(ExportRun).order_by(ExportRun.id.desc())).first()
        assert run is not None
        logged = db.session.scalars(select(ExportedRow.ref).where(ExportedRow.run_id == run.id))
        assert list(logged) == [first]


def test_only_who_exports_takes_files(app: Flask, recorded: None) -> None:
    with as_user(app, "boss", Role.ADMIN, team=None):
        pass
    boss = app.test_client()
    sign_in_directly(boss, "boss")

    assert sections(boss.get("/charts").text)
    assert ".csv" not in "".join(sections(boss.get("/charts").text).values())
    assert boss.get("/charts/types.csv").status_code == 403


def test_list_and_charts_of_a_filter_lead_to_each_other(
    client: FlaskClient, recorded: None
) -> None:
    assert 'href="/charts?country=KG"' in client.get("/incidents/?country=KG").text
    page = client.get("/charts?country=KG").text
    assert 'href="/incidents/?country=KG"' in page
    assert '<a class="chip" href="/charts"' in page
    wrong = client.get("/charts?country=XX")
    assert wrong.status_code == 400
    assert "XX" in wrong.text


def test_a_filter_without_incidents_says_so(client: FlaskClient, recorded: None) -> None:
    page = client.get("/charts?country=US").text

    assert "No incident that you may see fits this filter." in page
    assert sections(page) == {}


def test_incidents_without_a_type_are_in_no_group_whose_link_cannot_find_them(app: Flask):
    """No filter asks for incidents without a type, so they are in none of the other groups."""
    month = datetime(2026, 11, 1, tzinfo=UTC).date()
    counts = {(month, "threat"): 5, (month, "legal"): 3, (month, "other"): 2, (month, ""): 1}

    with app.test_request_context():
        groups = chart_queries._type_groups(counts, most=3)

    assert [one.code for one in groups] == ["threat", "", "others"]
    assert set(groups[-1].filter_codes) == {"legal.", "other"}
