"""The list of proceedings, and what other pages show of them: no direction beside another."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cases.records_made import make_case
from tests.factories import as_user, make_incident, make_institution, sign_in_directly
from tests.responses.proceedings_made import make_docket, make_proceeding, step
from tests.statements import counted
from tracker.cases.service import file_records
from tracker.db import db
from tracker.permissions import Visibility
from tracker.responses.codes import ProceedingKind
from tracker.responses.proceeding_service import add_step

HEADINGS = {
    "against_perpetrators": "Proceedings against perpetrators",
    "against_target": "Proceedings against the target",
    "by_target": "Proceedings brought by the target",
}


def numbers_in(text: str) -> list[str]:
    """Return the numbers of the proceedings of a page, in its order."""
    return re.findall(r", no\. ([^<]+)</a>", text)


def numbers_under(heading: str, text: str) -> list[str]:
    """Return the numbers of the proceedings under a heading, up to the next one."""
    found = re.search(rf"<h[23][^>]*>{heading}(.*?)(?:<h[23]|</section>)", text, re.DOTALL)
    assert found, f"there is no heading {heading}"
    return numbers_in(found.group(1))


def same(text: str, ref: str = "PRC-0000000000") -> str:
    """Return a page without what differs between any two: the address asked for, and tokens."""
    return re.sub(r'value="[^"]+"', "", text).replace(ref, "")


def test_the_list_is_filtered_and_says_how(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        court = make_institution("District Court", by=user)
        police = make_institution("City Police", by=user)
        make_proceeding(
            "against_perpetrators", ("opened", "2025-06-02"), ("closed", "2025-07-02"),
            by=user, number="one", institution=police, legal_basis="Art. 147",
        )  # fmt: skip
        charged = make_proceeding(
            "against_target", by=user, number="two", country="KG",
            kind=ProceedingKind.ADMINISTRATIVE,
        )  # fmt: skip
        add_step(charged, step("trial", "2025-06-09", institution=court, note="a fine"), by=user)
        make_proceeding("by_target", by=user, number="three", summary="Silence of the ministry")
        db.session.commit()
        court_ref, police_ref = court.ref, police.ref
    sign_in_directly(client, "staff")

    def ask(query: str) -> tuple[list[str], str]:
        text = client.get(f"/proceedings/?{query}").text
        return numbers_in(text), text

    assert ask("")[0] == ["three", "two", "one"]
    for query, number, said in (
        ("direction=against_perpetrators", "one", "Against perpetrators"),
        ("direction=by_target", "three", "By the target"),
        ("kind=administrative", "two", "Administrative offence case"),
        ("step=opened", "one", "step taken: Opened"),
        ("step=trial", "two", "step taken: Before a court"),
        ("country=KG", "two", "Kyrgyzstan"),
        (f"institution={court_ref}", "two", "by District Court"),
        (f"institution={police_ref}", "one", "by City Police"),
        ("q=silence", "three", "with the words “silence”"),
        ("q=147", "one", "with the words “147”"),
        ("q=fine", "two", "with the words “fine”"),
        ("q=district", "two", "with the words “district”"),
    ):
        found, text = ask(query)
        assert found == [number], query
        assert said in text
    assert "No proceeding fits" in ask("q=nothing")[1]
    assert "Closed, 2 July 2025" in ask("q=one")[1]


@pytest.mark.parametrize(
    "query",
    ["direction=sideways", "kind=x", "step=x", "country=QQ", "institution=x",
     "institution=INS-0000000000", "from=2025-01-01", "after=PRC-0000000000", "q=%00"],
)  # fmt: skip
def test_an_unknown_filter_is_said(app: Flask, client: FlaskClient, query: str):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    answer = client.get(f"/proceedings/?{query}")

    assert answer.status_code == 400
    assert query.split("=", maxsplit=1)[0] in answer.text


def test_paging_by_twos_loses_and_doubles_none(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "tracker.web.paging.paginate.__kwdefaults__", {"descending": True, "size": 2}
    )
    with as_user(app) as user:
        moment = datetime(2025, 6, 1, tzinfo=UTC)
        for number in range(5):
            proceeding = make_proceeding(by=user, number=str(number))
            # Two of them at the same moment.
            proceeding.recorded_at = moment + timedelta(days=number // 2)
        db.session.commit()
    client = app.test_client()
    sign_in_directly(client, "staff")
    seen, address = [], "/proceedings/"
    while address:
        text = client.get(address).text
        seen += numbers_in(text)
        older = re.search(r'rel="next" href="([^"]+)"', text)
        address = older.group(1) if older else ""

    assert sorted(seen) == list("01234")


def test_what_is_hidden_is_not_listed_and_answers_like_nothing(app: Flask, client: FlaskClient):
    with as_user(app, "other", team="Elsewhere") as user:
        incident = make_incident(title="A false death", by=user)
        hidden = make_proceeding(
            by=user, number="hidden", visibility=Visibility.RESTRICTED, incidents=(incident,)
        )
        db.session.commit()
        ref, shown = hidden.ref, incident.ref
    with as_user(app):
        pass
    sign_in_directly(client, "staff")

    assert numbers_in(client.get("/proceedings/").text) == []
    assert "Proceedings against" not in client.get(f"/incidents/{shown}/").text
    answer = client.get(f"/proceedings/{ref}/")
    assert answer.status_code == 404
    assert same(answer.text, ref) == same(client.get("/proceedings/PRC-0000000000/").text)
    for page in ("edit", "history", "share"):
        assert client.get(f"/proceedings/{ref}/{page}").status_code == 404


@pytest.mark.parametrize("where", ["incidents", "cases"])
def test_each_direction_has_a_heading_of_its_own(app: Flask, client: FlaskClient, where: str):
    with as_user(app) as user:
        incident, case = make_incident(by=user), make_case(by=user)
        made = [
            make_proceeding(
                direction, ("opened", "2025-06-02"), by=user, number=number, incidents=(incident,)
            )
            for number, direction in (
                ("1", "by_target"), ("2", "against_target"), ("3", "against_perpetrators"),
                ("4", "against_target"),
            )
        ]  # fmt: skip
        file_records(case, made, by=user)
        db.session.commit()
        address = f"/incidents/{incident.ref}/"
        if where == "cases":
            address = f"/cases/{case.ref}/records/"
    sign_in_directly(client, "staff")
    text = client.get(address).text

    assert {name: numbers_under(heading, text) for name, heading in HEADINGS.items()} == {
        "against_perpetrators": ["3"], "against_target": ["2", "4"], "by_target": ["1"],
    }  # fmt: skip
    assert "Opened, 2 June 2025" in text


def test_a_direction_without_any_has_no_heading(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        incident = make_incident(by=user)
        make_proceeding("by_target", by=user, incidents=(incident,))
        db.session.commit()
        ref = incident.ref
    sign_in_directly(client, "staff")
    text = client.get(f"/incidents/{ref}/").text

    assert f">{HEADINGS['by_target']}</h2>" in text
    assert HEADINGS["against_target"] not in text
    assert HEADINGS["against_perpetrators"] not in text


def test_a_case_counts_its_proceedings_and_opens_them_with_itself(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        case = make_case(visibility=Visibility.RESTRICTED, by=user)
        kept = make_proceeding(by=user, number="kept", visibility=Visibility.RESTRICTED)
        file_records(case, [kept], by=user)
        db.session.commit()
        case_ref, ref = case.ref, kept.ref
    sign_in_directly(client, "staff")

    assert "1 proceeding" in client.get("/cases/").text
    assert "An affair" in client.get(f"/proceedings/{ref}/").text
    assert ref in client.get(f"/cases/{case_ref}/share").text


def test_an_article_offers_to_log_one_and_shows_those_that_cite_it(app, client):
    with as_user(app) as user:
        article = make_docket(by=user)
        make_proceeding(by=user, cites=article, number="42")
        db.session.commit()
        ref = article.ref
    sign_in_directly(client, "staff")
    text = client.get(f"/articles/{ref}/").text

    assert "Log a proceeding from this article" in text
    assert "no. 42" in text


def test_the_number_of_queries_does_not_grow_with_the_list(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        ref = make_incident(by=user).ref
        db.session.commit()

    def more(number: int) -> None:
        with as_user(app) as user:
            from_page = make_incident(by=user, title=f"Batch {number}")
            for place in range(number):
                court = make_institution(f"Court {number} {place}", by=user)
                made = make_proceeding(
                    "against_target", ("trial", "2025-06-02"), by=user, institution=court,
                    incidents=(from_page,),
                )  # fmt: skip
                add_step(made, step("verdict", "2025-06-03", institution=court), by=user)
            db.session.commit()
            refs.append(from_page.ref)

    def queries(address: str) -> int:
        client.get(address)
        with app.app_context(), counted() as sent:
            assert client.get(address).status_code == 200
        return len(sent)

    refs: list[str] = [ref]
    more(2)
    sign_in_directly(client, "staff")
    few = queries("/proceedings/"), queries(f"/incidents/{refs[-1]}/")
    more(8)

    assert min(few) > 0
    assert (queries("/proceedings/"), queries(f"/incidents/{refs[-1]}/")) == few
