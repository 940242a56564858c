"""The list of responses, its count, and the panels that other pages show of them."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.articles.sources_made import make_citing
from tests.factories import as_user, make_institution, sign_in_directly
from tests.responses.responses_made import make_report, make_response
from tests.statements import counted
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.permissions import Visibility
from tracker.responses.codes import ActType, Stance, Standing
from tracker.responses.service import ActFacts


def refs_in(text: str) -> list[str]:
    """Return the refs of a list, in its order."""
    return re.findall(r'href="/responses/(RSP-\w{10})/"', text)


def same(text: str, ref: str = "RSP-0000000000") -> str:
    """Return a page without what differs between any two: the address asked for, and tokens."""
    return re.sub(r'value="[^"]+"', "", text).replace(ref, "")


def test_the_list_is_filtered_and_says_how(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        ministry = make_institution("Night Ministry", by=user)
        abroad = make_institution("Far Office", by=user, country="KG")
        first = make_response(
            by=user, when="2025-06-10", institution=ministry, official="Vera Minister"
        )
        second = make_response(
            by=user, when="2025-06-12", institution=abroad, standing=Standing.OTHER_STATE
        )
        third = make_response(
            by=user, when="2025-05", institution=ministry, stance=Stance.CONDEMNS,
            other_stances=[Stance.DENIES],
        )  # fmt: skip
        db.session.commit()
        one, two, three = first.ref, second.ref, third.ref
        body = ministry.ref
    sign_in_directly(client, "staff")

    def ask(query: str) -> tuple[list[str], str]:
        text = client.get(f"/responses/?{query}").text
        return refs_in(text), text

    assert ask("")[0] == [two, one, three]
    for query, refs, said in (
        (f"institution={body}", [one, three], "by Night Ministry"),
        ("standing=other_state", [two], "Another state"),
        ("stance=condemns", [three], "stance: Condemns"),
        ("stance=denies", [three], "stance: Denies"),
        ("country=KG", [two], "Kyrgyzstan"),
        ("from=2025-06-11", [two], "from 11 June 2025"),
        ("to=2025-05-20", [three], "until 20 May 2025"),
        ("from=2025-05-31&to=2025-06-10", [one, three], "until 10 June"),
        ("q=vera+min", [one], "with the words"),
    ):
        found, text = ask(query)
        assert found == refs, query
        assert said in text
    assert "No response fits" in ask("q=nothing")[1]


@pytest.mark.parametrize(
    "query",
    ["institution=x", "institution=INS-0000000000", "country=kz", "country=XX", "standing=x", "stance=x",
     "from=yesterday", "from=2025-02-30", "platform=telegram", "after=RSP-0000000000"],
)  # fmt: skip
def test_an_unknown_filter_is_said(app: Flask, client: FlaskClient, query: str):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    answer = client.get(f"/responses/?{query}")

    assert answer.status_code == 400
    assert query.split("=", maxsplit=1)[0] in answer.text


def test_the_end_of_a_filter_is_not_before_its_beginning(app: Flask, client: FlaskClient):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    answer = client.get("/responses/?from=2025-06-02&to=2025-06-01")
    assert answer.status_code == 400
    assert "<strong>To</strong>: The end" in answer.text


def test_responses_are_counted_by_occasions_and_types_by_acts(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        act = ActFacts(act=ActType.PLEDGE)
        make_response(
            act, ActFacts(act=ActType.DENIAL), by=user, institution=make_institution(by=user)
        )
        make_response(act, by=user, institution=make_institution("Day Council", by=user))
        make_response(
            act, by=user, visibility=Visibility.RESTRICTED,
            institution=make_institution("Third Office", by=user),
        )  # fmt: skip
        db.session.commit()
    with as_user(app, "guest", team="Elsewhere"):
        pass
    sign_in_directly(client, "guest")
    text = client.get("/responses/").text

    assert "2 occasions that you may see" in text
    assert re.search(r"Denial 1, Promise to act 2", text)


def test_paging_by_twos_loses_and_doubles_none(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "tracker.web.paging.paginate.__kwdefaults__", {"descending": True, "size": 2}
    )
    with as_user(app) as user:
        body = make_institution(by=user)
        whens = ("2025-06-10", "2025-06-10", "", "2024-12/2025-06", "2025-06")
        made = [make_response(by=user, when=when, institution=body).ref for when in whens]
        db.session.commit()
    client = app.test_client()
    sign_in_directly(client, "staff")
    seen, address = [], "/responses/"
    while address:
        text = client.get(address).text
        seen += refs_in(text)
        older = re.search(r'rel="next" href="([^"]+)"', text)
        address = older.group(1) if older else ""

    assert seen[0] == made[2]
    assert sorted(seen) == sorted(made)


def test_what_is_hidden_is_not_listed_and_answers_like_nothing(app: Flask, client: FlaskClient):
    with as_user(app, "other", team="Elsewhere") as user:
        ref = make_response(by=user, visibility=Visibility.RESTRICTED).ref
        db.session.commit()
    with as_user(app):
        pass
    sign_in_directly(client, "staff")

    assert refs_in(client.get("/responses/").text) == []
    for page in ("", "edit", "history", "share"):
        hidden = client.get(f"/responses/{ref}/{page}")
        missing = client.get(f"/responses/RSP-0000000000/{page}")
        assert hidden.status_code == 404
        assert same(hidden.text, ref) == same(missing.text)


def test_articles_incidents_and_bodies_show_the_responses(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        article = make_report(by=user)
        incident = make_citing(article, "1", by=user)
        silent = make_citing(article, "1", by=user)
        police = make_institution("Day Police", by=user)
        acts = ActFacts(act=ActType.INVESTIGATION_ANNOUNCED, acting_institution=police)
        response = make_response(acts, by=user, cites=article, incidents=(incident,))
        db.session.commit()
        ref, article_ref = response.ref, article.ref
        pages = [
            f"/incidents/{incident.ref}/", f"/institutions/{response.institution.ref}/",
            f"/institutions/{police.ref}/", f"/articles/{article_ref}/",
        ]  # fmt: skip
        other = silent.ref
    sign_in_directly(client, "staff")

    for page in pages:
        assert ref in client.get(page).text, page
    assert "it is said to act" in client.get(pages[2]).text
    assert "Log an official response from this article" in client.get(pages[3]).text
    assert "No response to it" in client.get(f"/incidents/{other}/").text


def test_a_body_that_answers_often_links_to_all_of_it(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        body = make_institution(by=user)
        for _number in range(21):
            make_response(by=user, institution=body)
        db.session.commit()
        ref = body.ref
    sign_in_directly(client, "staff")
    text = client.get(f"/institutions/{ref}/").text

    assert len(refs_in(text)) == 20
    assert f"/responses/?institution={ref}" in text


def test_the_number_of_queries_does_not_grow_with_the_list(app: Flask, client: FlaskClient):
    def more(number: int) -> None:
        with as_user(app) as user:
            for place in range(number):
                body = make_institution(f"Office {number} {place}", by=user)
                make_response(
                    ActFacts(act=ActType.PLEDGE),
                    ActFacts(act=ActType.DENIAL),
                    by=user,
                    institution=body,
                )
            db.session.commit()

    def queries() -> int:
        with app.app_context(), counted() as sent:
            assert client.get("/responses/").status_code == 200
        return len(sent)

    more(2)
    sign_in_directly(client, "staff")
    queries()
    few = queries()
    more(8)

    assert queries() == few


def test_a_body_of_another_state_is_not_said_to_be_responsible_for_what_happened_here(app: Flask):
    with as_user(app) as user:
        abroad = make_institution("Far Office", by=user, country="FR")
        here = make_citing(make_report(by=user), "1", by=user)
        with pytest.raises(InvalidInput) as refused:
            make_response(by=user, institution=abroad, incidents=(here,))
        response = make_response(
            by=user, institution=abroad, incidents=(here,), standing=Standing.OTHER_STATE
        )
        db.session.commit()

        assert set(refused.value.fields) == {"standing"}
        assert response.standing is Standing.OTHER_STATE
