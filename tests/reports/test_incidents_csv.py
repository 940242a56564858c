"""The file is exactly the list: its rows, its order, its viewer; and a spreadsheet reads it."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select

from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_type,
    sign_in_directly,
)
from tests.statements import counted
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.incidents.codes import Extent, NameReach, PurportedAs, TargetKind, TargetRole
from tracker.incidents.models import Incident
from tracker.incidents.service import ActorFacts, TargetFacts
from tracker.permissions import Role, Visibility
from tracker.reports import scope_queries
from tracker.reports.codes import Profile
from tracker.reports.flat_queries import incident_batches
from tracker.reports.formats import BOM
from tracker.scoping import Viewer
from tracker.when import parse_when

HEADER = (
    "ref,revision,title,types,type_labels,primary_type,extent,occurrences_at_least,occurred_edtf,"
    "occurred_earliest,occurred_latest,occurred_precision,occurred_as_stated,reported_month,"
    "country,region,place,work_link,verification,state,targets,target_roles,n_journalists,outlets,"
    "actor_types,purported_as,articles,cases,updated_at,address,visibility,setting,is_gendered,"
    "is_coordinated,is_ai_made,detention_form,work_link_said_by"
)
ADDRESS = "/reports/incidents.csv"
TODAY = date(2025, 6, 30)


@pytest.fixture
def logged(app: Flask) -> dict[str, str]:
    """Log a campaign of six months, an exact day and an undated incident; return their refs."""
    with as_user(app) as user:
        make_type("impersonation.official")
        article = make_article(
            published=parse_when("2025-06-17", latest_possible_date=TODAY),
            url="https://paper.example/1",
            by=user,
        )
        anna = make_journalist("=Anna Q", by=user)
        campaign = make_incident(
            "threat.death",
            "surveillance.physical",
            article=article,
            occurred=parse_when(
                "2024-12/2025-05", latest_possible_date=TODAY, as_stated="for six months"
            ),
            extent=Extent.LASTING,
            targets=[
                TargetFacts(journalist=anna),
                TargetFacts(
                    kind=TargetKind.UNNAMED_GROUP,
                    words="her neighbours",
                    role=TargetRole.COLLATERAL_NEIGHBOUR,
                ),
            ],
            actor=ActorFacts(purported_as=PurportedAs.POLICE),
            by=user,
        )
        day = make_incident(
            article=article, occurred=parse_when("2025-03-04", latest_possible_date=TODAY), by=user
        )
        undated = make_incident(
            article=article, occurred=parse_when("", latest_possible_date=TODAY), by=user
        )
        hidden = make_incident(article=article, visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
        refs = {"campaign": campaign.ref, "day": day.ref, "undated": undated.ref}
        refs["hidden"] = hidden.ref
    with as_user(app, "exporter", Role.EXPORTER, team="Office"):
        pass
    return refs


def read(client: FlaskClient, address: str = ADDRESS) -> list[dict[str, str]]:
    with client.get(address) as answer:
        assert answer.status_code == 200
        return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def test_the_file_has_one_row_an_incident_under_a_header_that_stays(
    client: FlaskClient, logged: dict[str, str]
) -> None:
    sign_in_directly(client, "staff")
    with client.get(ADDRESS) as answer:
        text = answer.get_data().decode()
    assert text.startswith(BOM)
    # New columns may follow, so that what others read of the file stays where it was.
    assert text.removeprefix(BOM).split("\r\n")[0].startswith(HEADER)
    assert [row["ref"] for row in read(client)] == [
        logged["hidden"],
        logged["undated"],
        logged["campaign"],
        logged["day"],
    ]


def test_a_row_says_what_is_recorded(client: FlaskClient, logged: dict[str, str]) -> None:
    sign_in_directly(client, "staff")
    row = next(row for row in read(client) if row["ref"] == logged["campaign"])
    expected = {
        "types": "threat.death | surveillance.physical | impersonation.official",
        "type_labels": "Death threat | Followed or watched | Posing as officials",
        "primary_type": "threat.death",
        "extent": "lasting",
        "occurrences_at_least": "",
        "occurred_edtf": "2024-12/2025-05",
        "occurred_earliest": "2024-12-01",
        "occurred_latest": "2025-05-31",
        "occurred_precision": "range",
        "occurred_as_stated": "for six months",
        "reported_month": "2025-06",
        "country": "KZ",
        "targets": "'=Anna Q | her neighbours",
        "target_roles": "direct | collateral_neighbour",
        "n_journalists": "1",
        "actor_types": "unknown",
        "purported_as": "police",
        "articles": "https://paper.example/1",
        "cases": "",
        "address": f"http://localhost/incidents/{logged['campaign']}/",
    }
    assert {name: row[name] for name in expected} == expected


def test_an_open_beginning_is_an_empty_cell(client: FlaskClient, logged: dict[str, str]) -> None:
    sign_in_directly(client, "staff")
    row = next(row for row in read(client) if row["ref"] == logged["undated"])
    assert (row["occurred_earliest"], row["occurred_precision"]) == ("", "unknown")


@pytest.mark.parametrize("asked", ["?type=threat.&from=2025-03-01&to=2025-03-31", "?q=neighbours"])
def test_the_file_is_what_the_list_shows(
    client: FlaskClient, logged: dict[str, str], asked: str
) -> None:
    sign_in_directly(client, "exporter")
    listed = client.get("/incidents/" + asked).text
    taken = {row["ref"] for row in read(client, ADDRESS + asked)}
    assert taken == {ref for ref in logged.values() if f"/incidents/{ref}/" in listed}


def test_what_is_restricted_is_in_nobody_elses_file(
    client: FlaskClient, logged: dict[str, str]
) -> None:
    sign_in_directly(client, "exporter")
    assert logged["hidden"] not in {row["ref"] for row in read(client)}


@pytest.mark.parametrize(
    ("asked", "field"),
    [("?type=no.such", "type"), ("?colour=red", "colour"), ("?from=2025-13-01", "from")],
)
def test_a_filter_that_does_not_exist_is_refused_by_name(
    client: FlaskClient, logged: dict[str, str], asked: str, field: str
) -> None:
    sign_in_directly(client, "staff")
    answer = client.get(ADDRESS + asked)
    assert answer.status_code == 400
    assert f"<code>{field}=" in answer.text


def test_labels_follow_the_language_and_the_header_does_not(
    client: FlaskClient, logged: dict[str, str]
) -> None:
    sign_in_directly(client, "staff")
    client.get("/language/ru")
    row = next(row for row in read(client) if row["ref"] == logged["day"])
    assert row["type_labels"] == "Угроза убийством"


def test_who_takes_a_file_stands_in_the_trail(
    app: Flask, client: FlaskClient, logged: dict[str, str]
) -> None:
    sign_in_directly(client, "exporter")
    read(client, ADDRESS + "?country=KZ")
    with app.app_context():
        event = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "export:incidents")
        ).one()
        assert (event.actor, event.changes) == ("exporter", {"country": "KZ"})


def test_an_administrator_takes_no_file(app: Flask, client: FlaskClient) -> None:
    with as_user(app, "root", Role.ADMIN):
        pass
    sign_in_directly(client, "root")
    assert client.get(ADDRESS).status_code == 403


def test_the_command_gives_the_same_file(
    client: FlaskClient, runner: FlaskCliRunner, logged: dict[str, str], tmp_path: Path
) -> None:
    sign_in_directly(client, "exporter")
    with client.get(ADDRESS + "?type=threat.") as answer:
        page = answer.get_data().replace(b"http://localhost/", b"http://127.0.0.1:8000/")
    file = tmp_path / "incidents.csv"
    given = ["reports", "export", "--by", "exporter", "--output", str(file), "type=threat."]
    assert runner.invoke(args=given).exit_code == 0
    assert file.read_bytes() == page
    assert runner.invoke(args=["reports", "export", "type=threat."]).stdout_bytes == page
    assert runner.invoke(args=["reports", "export", "type=no.such"]).exit_code == 1
    assert runner.invoke(args=["reports", "export", "nonsense"]).exit_code == 1
    assert runner.invoke(args=["reports", "export", "--by", "nobody"]).exit_code == 1


def test_batches_neither_lose_nor_double_and_cost_the_same(
    app: Flask, logged: dict[str, str]
) -> None:
    with as_user(app) as user:
        viewer = Viewer(tuple(user.team_ids))
        rows = select(Incident)
        extent = scope_queries.ExportScope(Profile.INTERNAL)
        whole = [one.ref for found in incident_batches(rows, viewer, extent) for one in found]
        by_one = [
            one.ref for found in incident_batches(rows, viewer, extent, size=1) for one in found
        ]
        assert whole == by_one
        assert len(set(whole)) == len(logged)
        with counted() as few:
            next(incident_batches(rows, viewer, extent, size=1))
        with counted() as many:
            next(incident_batches(rows, viewer, extent, size=4))
        assert len(many) <= len(few) + 1


def test_a_file_tells_the_state_in_which_it_was_begun(app: Flask, logged: dict[str, str]) -> None:
    """Whatever is changed before its end: also what hangs on the incidents, which is read last."""
    with as_user(app) as user:
        viewer = Viewer(tuple(user.team_ids))
        extent = scope_queries.ExportScope(Profile.INTERNAL)
        batches = incident_batches(select(Incident), viewer, extent, size=1)
        found = next(batches)
        of_them = select(Incident).where(Incident.ref == logged["campaign"])
        campaign = db.session.scalars(of_them).one()
        campaign.title, campaign.actors[0].purported_as = "Told anew", PurportedAs.MILITARY
        make_incident(occurred=parse_when("2025-01-01", latest_possible_date=TODAY), by=user)
        db.session.commit()

        found += [one for batch in batches for one in batch]

        assert {one.ref for one in found} == set(logged.values())
        told = next(one for one in found if one.ref == logged["campaign"])
        assert told.title != "Told anew"
        assert [one.purported_as for one in told.actors] == [PurportedAs.POLICE]


def test_the_page_says_how_many_rows_will_come(client: FlaskClient, logged: dict[str, str]) -> None:
    sign_in_directly(client, "exporter")
    assert "3 rows." in client.get("/reports/").text
    assert "0 rows." in client.get("/reports/?verification=confirmed").text


def test_somebody_whose_name_is_closed_is_withheld_where_she_is_no_target(
    app: Flask, runner: FlaskCliRunner
) -> None:
    """In her own team's file too, of what only the team reads."""
    with as_user(app) as staff:
        berta = make_journalist("Berta Doeva", visibility=Visibility.RESTRICTED, by=staff)
        berta.name_closed_on = clock.current_date()
        make_incident(
            title="Letters to a colleague of Berta Doeva",
            who="the driver of Doeva, Berta",
            visibility=Visibility.RESTRICTED,
            by=staff,
        )
        db.session.commit()

    written = runner.invoke(args=["reports", "export", "--by", "staff"]).stdout

    assert "Letters to a colleague of withheld" in written
    assert "the driver of withheld" in written
    assert "Doeva" not in written


def test_in_the_row_of_a_closed_target_any_word_of_her_name_is_withheld_and_every_other_name(
    app: Flask, runner: FlaskCliRunner
) -> None:
    """Whether she closed her name herself, or it stays with the team in this incident alone."""
    with as_user(app) as staff:
        berta, clara, dana = (
            make_journalist(name, visibility=Visibility.RESTRICTED, by=staff)
            for name in ("Berta Doeva", "Clara Poeva", "Dana Roeva")
        )
        berta.name_closed_on = dana.name_closed_on = clock.current_date()
        make_incident(
            title="Poeva was searched",
            targets=[TargetFacts(journalist=clara)],
            visibility=Visibility.RESTRICTED,
            by=staff,
        ).targets[0].name_reach = NameReach.TEAM
        make_incident(
            title="Doeva was asked",
            place="At Dana Roeva",
            targets=[TargetFacts(journalist=berta)],
            visibility=Visibility.RESTRICTED,
            by=staff,
        ).targets[0].name_reach = NameReach.HOUSE
        db.session.commit()

    written = runner.invoke(args=["reports", "export", "--by", "staff"]).stdout

    assert "withheld was searched" in written
    assert "withheld was asked," in written
    assert "At withheld" in written
    for name in ("Doeva", "Poeva", "Roeva"):
        assert name not in written
