"""Logging an official response: one occasion, its acts, and what the type of each decides."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.articles.sources_made import make_citing
from tests.conftest import prepared_and_signed_in
from tests.factories import as_user, make_article, make_institution, post, sign_in_directly
from tests.responses.responses_made import make_report, make_response
from tracker.articles.masking_service import mask_passages, resolve_passages
from tracker.articles.queries import article_by_ref
from tracker.articles.rules import DISPLAYED_MASK, mask_text
from tracker.clock import current_date
from tracker.db import db, set_full_access
from tracker.errors import InvalidInput
from tracker.people.codes import InstitutionLevel
from tracker.people.models import Institution
from tracker.permissions import Role, Visibility
from tracker.responses.codes import ActType, AnswerScope, QuoteIs, Stance
from tracker.responses.models import OfficialResponse, ResponseAct
from tracker.responses.service import ActFacts, ResponseFacts, edit_response
from tracker.vocabulary.codes import Answer
from tracker.when import Precision, parse_when

RESPONSE = {
    "institution-name": "Night Ministry", "institution_kind": "ministry",
    "standing": "responsible_state", "stance": "condemns", "answers_scope": "case", "quote": "2",
    "acts-0-act": "condemnation",
}  # fmt: skip


@pytest.fixture
def source(client: FlaskClient) -> str:
    """Return the ref of an article; a member of its team is signed in."""
    return prepared_and_signed_in(client, "source of a response", _source)


def _source(app: Flask) -> str:
    with as_user(app) as user:
        ref = make_report(by=user).ref
        db.session.commit()
    return ref


def log(client: FlaskClient, source: str, **data: Any) -> TestResponse:
    return post(client, f"/responses/new?article={source}", **(RESPONSE | data))


def logged() -> OfficialResponse:
    return db.session.scalars(select(OfficialResponse)).one()


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_one_occasion_with_three_acts_is_one_response(app, client, source):
    with as_user(app) as user:
        article = article_by_ref(source)
        assert article
        incident = make_citing(article, "1", title="A false death", by=user).ref
        db.session.commit()
    answer = log(
        client, source, incidents=incident, answers_scope="incidents",
        official="Vera Minister", office="Minister of the Night",
        other_stances=["deflects", "condemns", "alternative_explanation"],
        **{
            "made-when": "2025-06-16", "made-as_stated": "on Monday",
            "acts-0-quote": "2", "acts-0-quote_is": "direct",
            "acts-1-act": "blocking_ordered", "acts-1-quote": "Such pages are blocked day and night",
            "acts-2-act": "investigation_announced", "acts-2-quote": "4", "acts-2-unspecified": "y",
        },
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    text = client.get(answer.location).text
    assert "Night Ministry: condemns what was done, 16 June 2025" in text
    for words in (
        "Vera Minister", "Minister of the Night", "on Monday", "Points to another body", "A false death",
        "Law enforcement, unspecified", "not substantive", "Such pages are blocked day and night",
    ):  # fmt: skip
        assert words in text
    with as_user(app):
        response = logged()
        assert response.visibility is Visibility.INTERNAL
        assert {row.stance for row in response.other_stances} == {
            Stance.DEFLECTS, Stance.ALTERNATIVE_EXPLANATION,
        }  # fmt: skip
        assert [act.is_substantive for act in response.acts] == [Answer.NO] * 3
        assert response.acts[2].acting_institution
        assert response.acts[2].acting_institution.country == "KZ"
        assert response.acts[2].quote == "The police, she said, are looking into it."
        assert [one.quote for one in response.citations] == [response.acts[0].quote]
        assert response.institution.country == "KZ"


def test_only_words_said_directly_stand_in_marks(client, source):
    answer = log(
        client, source,
        **{
            "acts-0-quote": "Such pages are blocked", "acts-0-quote_is": "direct",
            "acts-1-act": "statement", "acts-1-quote": "are looking into it",
        },
    )  # fmt: skip
    text = client.get(answer.location).text

    assert "“Such pages are blocked”" in text
    assert "“are looking into it”" not in text
    assert "are looking into it" in text


def test_without_a_quote_of_its_own_it_stands_on_those_of_its_acts_each_once(app, client, source):
    answer = log(
        client, source, quote="",
        **{"acts-0-quote": "2", "acts-1-act": "statement", "acts-1-quote": "2",
           "acts-2-act": "pledge", "acts-2-quote": "3"},
    )  # fmt: skip

    assert answer.status_code == 303
    with as_user(app):
        assert [one.sentence_numbers() for one in logged().citations] == [(2,), (3,)]


def test_the_date_is_at_the_latest_that_of_the_article(app, client, source):
    log(client, source)
    with as_user(app):
        response = logged()
        assert response.precision is Precision.UNKNOWN
        assert response.latest == date(2025, 6, 17)
        assert response.heading == "Night Ministry: condemns what was done"


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"institution-name": ""}, "institution-name", "Name the body"),
        ({"institution_kind": ""}, "institution_kind", "choose what kind it is"),
        ({"institution-name": "…"}, "institution-name", "at least one letter"),
        ({"acts-0-act": ""}, "acts-0-act", "Choose what the body said or did"),
        ({"acts-1-quote": "2"}, "acts-1-act", "Choose what it said or did"),
        (
            {"acts-0-substantive": "yes"},
            "acts-0-substantive",
            "“Condemnation” is never substantive",
        ),
        (
            {"acts-1-act": "verdict", "acts-1-substantive": "no"},
            "acts-1-substantive",
            "“Verdict” is always substantive",
        ),
        ({"acts-0-quote": "77"}, "acts-0-quote", "no sentence with this number"),
        ({"acts-0-quote": "never said"}, "acts-0-quote", "does not contain these words"),
        ({"acts-0-acting-name": "Day Police"}, "acts-0-acting_kind", "choose what kind it is"),
        (
            {"acts-0-acting-name": "Day Police", "acts-0-unspecified": "y"},
            "acts-0-acting-name",
            "not both",
        ),
        ({"acts-0-unspecified": "y"}, "acts-0-acting-name", "name the institution"),
        ({"acts-0-act": "shrug"}, "acts-0-act", "Not a valid choice"),
        ({"quote": ""}, "quote", "Quote the article"),
        ({"quote": "9-12"}, "quote", "no sentence with this number"),
        ({"made-when": "2025-06-31"}, "made-when", "no such day"),
        ({"made-when": "2025-06-18"}, "made-when", "after the day by which"),
        ({"stance": "angry"}, "stance", "Not a valid choice"),
        ({"other_stances": "angry"}, "other_stances", "angry"),
        ({"official": "a" * 201}, "official", "longer than 200"),
        ({"office": "a\0b"}, "office", "control characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_everything_typed_stays(
    app, client, source, *, typed, field, said
):
    answer = log(client, source, **({"made-as_stated": "last week"} | typed))

    assert answer.status_code == 422
    assert said in answer.text
    assert "last week" in answer.text
    assert f'id="{field}"' in answer.text
    with as_user(app):
        assert count(OfficialResponse) == count(Institution) == 0


def test_all_that_is_wrong_is_said_at_once(client, source):
    text = log(
        client, source, quote="99",
        **{"institution-name": "", "made-when": "soon", "acts-0-substantive": "yes", "acts-0-quote": "77"},
    ).text  # fmt: skip

    for said in (
        "Name the body",
        "Write a date like",
        "never substantive",
        "no sentence with this",
    ):
        assert said in text


def test_what_a_field_and_what_a_rule_refuses_is_said_in_one_round(client, source):
    text = log(client, source, official="o" * 201, quote="99", **{"made-when": "2999"}).text

    for said in ("longer than 200", "no sentence with this", "after the day by which"):
        assert said in text


def test_a_form_without_its_token_stores_nothing(app, client, source):
    answer = client.post(f"/responses/new?article={source}", data=RESPONSE)

    assert answer.status_code == 400
    assert "Night Ministry" in answer.text
    with as_user(app):
        assert count(OfficialResponse) == 0


def test_another_act_gives_one_more_and_keeps_the_rest(app, client, source):
    page = client.get(f"/responses/new?article={source}").text
    assert 'name="acts-2-act"' in page
    assert 'name="acts-3-act"' not in page
    more = log(client, source, another="act", official="Vera Minister", **{"acts-2-quote": "3"})

    assert more.status_code == 200
    assert 'name="acts-3-act"' in more.text
    assert "Vera Minister" in more.text
    with as_user(app):
        assert count(OfficialResponse) == 0


def test_where_the_type_asks_a_person_decides(app, client, source):
    log(client, source, **{"acts-0-act": "blocked", "acts-0-substantive": "yes"})
    with as_user(app):
        assert [act.is_substantive for act in logged().acts] == [Answer.YES]


def test_a_body_on_record_is_offered_first_and_made_only_once(app, client, source):
    with as_user(app) as user:
        known = make_institution("Night Ministry", by=user).ref
        db.session.commit()
    asked = log(client, source)
    assert asked.status_code == 422
    assert known in asked.text
    answer = log(
        client, source,
        **{
            "institution-chosen": known,
            "acts-1-act": "statement", "acts-1-acting-name": "Day Police", "acts-1-acting_kind": "police",
            "acts-2-act": "pledge", "acts-2-acting-name": "Day Police", "acts-2-acting_kind": "police",
        },
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    with as_user(app):
        assert count(Institution) == 2


def test_a_platform_that_is_new_belongs_to_no_country(app, client, source):
    with as_user(app) as user:
        article = article_by_ref(source)
        assert article
        make_citing(article, "1", by=user)
        db.session.commit()
    log(client, source, institution_kind="platform", standing="platform")
    with as_user(app):
        assert logged().institution.country is None
        assert logged().institution.level is InstitutionLevel.INTERNATIONAL


def test_law_enforcement_of_a_country_is_made_once(app, client, source):
    with as_user(app) as user:
        council = make_institution("Day Council", by=user).ref
        db.session.commit()
    body = {"institution-name": "Day Council", "institution-chosen": council}
    for act in ("statement", "pledge"):
        answer = log(client, source, **(body | {"acts-0-act": act, "acts-0-unspecified": "y"}))
        assert answer.status_code == 303, answer.text

    with as_user(app):
        acts = db.session.scalars(select(ResponseAct)).all()
        assert len({act.acting_institution_id for act in acts}) == 1
        assert count(Institution) == 2


def test_what_it_answers_is_ticked_or_said_otherwise(app, client, source):
    with as_user(app) as user:
        article = article_by_ref(source)
        assert article
        incident = make_citing(article, "1", by=user).ref
        elsewhere = make_citing(make_article(by=user), "1", by=user).ref
        db.session.commit()

    assert "Tick what it answers" in log(client, source, answers_scope="incidents").text
    both = log(client, source, answers_scope="situation", incidents=incident)
    assert "You ticked incidents that it answers" in both.text
    assert log(client, source, answers_scope="incidents", incidents=elsewhere).status_code == 422
    assert log(client, source, answers_scope="situation").status_code == 303


def test_the_next_one_from_the_same_article_starts_with_what_both_share(app, client, source):
    answer = log(
        client, source, then="another", standing="other_state", **{"made-when": "2025-06-16"}
    )

    assert answer.location.startswith(f"/responses/new?article={source}&like=RSP-")
    page = client.get(answer.location).text
    assert 'value="2025-06-16"' in page
    assert 'selected value="other_state"' in page
    assert 'selected value="case"' in page
    assert log(client, source, then="article", **{"institution-name": "Day Council"}).location == (
        f"/articles/{source}/"
    )


def test_a_response_without_an_article_keeps_what_was_typed_as_its_words(app, client, source):
    typed = {name: value for name, value in RESPONSE.items() if name != "quote"}
    answer = post(
        client,
        "/responses/new",
        visibility="restricted",
        **(typed | {"acts-0-quote": "We are sorry"}),
    )

    assert answer.status_code == 303, answer.text
    with as_user(app):
        response = logged()
        assert response.acts[0].quote == "We are sorry"
        assert response.citations == []
        assert response.visibility is Visibility.RESTRICTED
        assert response.latest == current_date()


def test_what_is_logged_from_an_article_of_another_team_is_kept_to_ones_own(app, source):
    with as_user(app, "guest", team="Elsewhere") as guest:
        own = guest.team_ids[0]
    browser = app.test_client()
    sign_in_directly(browser, "guest")

    assert log(browser, source).status_code == 303

    with as_user(app, "guest", team="Elsewhere"):
        response = logged()
        assert (response.team_id, response.visibility) == (own, Visibility.RESTRICTED)


def test_a_monitor_logs_nothing_from_an_article(app, source):
    with as_user(app, "reader", Role.MONITOR):
        pass
    browser = app.test_client()
    sign_in_directly(browser, "reader")
    assert browser.get(f"/responses/new?article={source}").status_code == 403


def test_an_unknown_article_or_parameter_is_said(client, source):
    assert client.get("/responses/new?article=ART-0000000000").status_code == 404
    assert client.get("/responses/new?colour=red").status_code == 400


def edit(
    client: FlaskClient, ref: str, body: str, *, version: str = "1", **data: Any
) -> TestResponse:
    values = {
        "version": version, "institution-name": "Media Council", "institution-chosen": body,
        "standing": "responsible_state", "stance": "unclear", "answers_scope": "case",
        "visibility": "internal", "acts-0-act": "statement",
        "acts-1-act": "blocked", "acts-1-substantive": "yes",
    }  # fmt: skip
    return post(client, f"/responses/{ref}/edit", **(values | data))


def recorded(app: Flask, source: str, **given: Any) -> tuple[str, str]:
    with as_user(app) as user:
        article = article_by_ref(source)
        response = make_response(
            ActFacts(act=ActType.STATEMENT, quote="She spoke", quote_is=QuoteIs.REPORTED),
            ActFacts(act=ActType.BLOCKED, substantive_choice=Answer.YES),
            by=user, cites=article, **given,
        )  # fmt: skip
        db.session.commit()
        return response.ref, response.institution.ref


def test_quotes_that_look_alike_where_they_are_masked_keep_their_own_words(app, client, source):
    names = ("Gulnara Bazhkenova", "Bota Li")
    with as_user(app) as user:
        db.session.commit()
        set_full_access()
        text = "Bota Li must go. Gulnara Bazhkenova must go. So said the ministry."
        article = make_report(text=text, by=user)
        acts = [ActFacts(act=ActType.STATEMENT, quote=f"{name} must go") for name in names]
        response = make_response(*acts, by=user, cites=article)
        spans = [span for name in names for span in resolve_passages(article, name)]
        mask_passages(article, spans, reason="asked to", by=user)
        db.session.commit()
        ref, body, version = response.ref, response.institution.ref, str(response.version)
    assert client.get(f"/responses/{ref}/edit").text.count(f">\r\n{DISPLAYED_MASK} must go<") == 2
    shown = {f"acts-{number}-quote": f"{DISPLAYED_MASK} must go" for number in (0, 1)}
    shown |= {"acts-1-act": "statement", "acts-1-substantive": ""}

    answer = edit(client, ref, body, version=version, **shown)

    assert answer.status_code == 303
    with as_user(app):
        quotes = db.session.scalars(select(ResponseAct.quote).order_by(ResponseAct.id)).all()
        assert quotes == [f"{mask_text(name)} must go" for name in names]
        version = str(logged().version)
    # One is typed anew: the other keeps its own all the same.
    shown |= {"acts-0-quote": "So said the ministry"}
    assert edit(client, ref, body, version=version, **shown).status_code == 303
    with as_user(app):
        quotes = db.session.scalars(select(ResponseAct.quote).order_by(ResponseAct.id)).all()
        assert quotes == ["So said the ministry", f"{mask_text(names[1])} must go"]


def test_editing_writes_over_acts_in_place_and_says_what_changed(app, client, source):
    ref, body = recorded(app, source, other_stances=[Stance.DENIES])
    page = client.get(f"/responses/{ref}/edit").text
    assert "She spoke" in page
    answer = edit(
        client, ref, body, stance="condemns", other_stances="mixed", summary="In short",
        **{"acts-0-quote": "She spoke", "acts-1-act": "pledge", "acts-1-quote": "3",
           "acts-1-substantive": "", "acts-2-act": "verdict"},
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    with as_user(app):
        response = logged()
        assert [(act.act, act.quote, act.is_substantive) for act in response.acts] == [
            (ActType.STATEMENT, "She spoke", Answer.NO),
            (ActType.PLEDGE, "Such pages are blocked day and night, she added.", Answer.NO),
            (ActType.VERDICT, "", Answer.YES),
        ]
        assert [row.stance for row in response.other_stances] == [Stance.MIXED]
    told = client.get(f"/responses/{ref}/history").text
    for words in ("Condemns what was done", "In short", "Verdict", "Mixed"):
        assert words in told


def test_all_acts_stand_in_the_form_and_there_is_an_end_to_them(app, client, source):
    with as_user(app) as user:
        acts = [ActFacts(act=act) for act in list(ActType)[:5]]
        response = make_response(*acts, by=user)
        db.session.commit()
        ref, body = response.ref, response.institution.ref
    text = client.get(f"/responses/{ref}/edit").text
    assert 'name="acts-4-act"' in text
    assert 'selected value="apology"' in text
    many = {f"acts-{place}-act": "pledge" for place in range(25)}
    assert 'name="acts-20-act"' not in edit(client, ref, body, another="act", **many).text
    assert edit(client, ref, body, official="a" * 201).status_code == 422


def test_without_a_source_any_words_may_be_a_quote(app, client):
    with as_user(app) as user:
        police = make_institution("Day Police", by=user)
        acting_one = ActFacts(act=ActType.PLEDGE, acting_institution=police)
        response = make_response(acting_one, by=user)
        db.session.commit()
        ref, body = response.ref, response.institution.ref
    sign_in_directly(client, "staff")
    assert "Day Police" in client.get(f"/responses/{ref}/edit").text
    assert edit(client, ref, body, **{"acts-0-quote": "So she said"}).status_code == 303
    with as_user(app):
        assert logged().acts[0].quote == "So she said"
        assert logged().acts[0].acting_institution is None


def test_a_response_has_at_least_one_act(app):
    with as_user(app) as user:
        response = make_response(by=user)
        facts = ResponseFacts(institution=response.institution, made=response.when)
        with pytest.raises(InvalidInput) as refused:
            edit_response(response, facts, acts=[], visibility=Visibility.INTERNAL, by=user)
        assert set(refused.value.fields) == {"acts"}


def test_somebody_without_a_team_has_nowhere_to_log(app):
    with as_user(app, "loner", team=None):
        pass
    browser = app.test_client()
    sign_in_directly(browser, "loner")
    typed = {name: value for name, value in RESPONSE.items() if name != "quote"}
    assert post(browser, "/responses/new", visibility="internal", **typed).status_code == 403


def test_an_act_whose_line_is_emptied_is_removed_once_somebody_says_so(app, client, source):
    ref, body = recorded(app, source)
    empty = {"acts-1-act": "", "acts-1-substantive": ""}
    asked = edit(client, ref, body, **empty)
    assert asked.status_code == 422
    assert "This would remove what is recorded: Blocked" in asked.text
    assert 'name="fewer"' in asked.text
    assert 'name="fewer"' not in client.get(f"/responses/{ref}/edit").text
    assert edit(client, ref, body, fewer="y", **empty).status_code == 303
    with as_user(app):
        assert [act.act for act in db.session.scalars(select(ResponseAct))] == [ActType.STATEMENT]


def test_a_date_left_as_it_was_shown_stays_as_it_was_known(app, client, source):
    ref, body = recorded(app, source)
    with as_user(app):
        response = logged()
        response.when = parse_when("", latest_possible_date=date(2025, 6, 10))
        db.session.commit()
    assert edit(client, ref, body, version="2", **{"made-as_stated": "once"}).status_code == 303
    with as_user(app):
        assert (logged().latest, logged().as_stated) == (date(2025, 6, 10), "once")
    assert edit(client, ref, body, version="3", **{"made-when": "2025-06-18"}).status_code == 422
    assert edit(client, ref, body, version="3", **{"made-when": "2025-06"}).status_code == 303
    with as_user(app):
        assert logged().latest == date(2025, 6, 17)


def test_a_quote_must_stand_in_one_of_the_sources(app, client, source):
    ref, body = recorded(app, source)
    wrong = edit(client, ref, body, summary="In short", **{"acts-0-quote": "never said"})

    assert wrong.status_code == 422
    assert "does not contain these words" in wrong.text
    assert "In short" in wrong.text
    more = edit(client, ref, body, another="act", summary="In short")
    assert more.status_code == 200
    assert 'name="acts-1-act"' in more.text


def test_a_second_save_gets_both_texts(app, client, source):
    ref, body = recorded(app, source)
    assert edit(client, ref, body, summary="The first").status_code == 303
    late = edit(client, ref, body, summary="The second")

    assert late.status_code == 409
    assert "The first" in late.text
    assert "The second" in late.text


def test_an_edit_does_not_open_a_restricted_source(app, client, source):
    with as_user(app) as user:
        article = make_report(
            by=user, text="Only here. It was said.", visibility=Visibility.RESTRICTED
        )
        response = make_response(by=user, cites=article, visibility=Visibility.RESTRICTED)
        db.session.commit()
        ref, body = response.ref, response.institution.ref
    answer = edit(client, ref, body)

    assert answer.status_code == 422
    assert "Only its team may see The minister answers" in answer.text


def test_the_scope_cannot_leave_incidents_that_are_named(app, client, source):
    with as_user(app) as user:
        article = article_by_ref(source)
        assert article
        incident = make_citing(article, "1", by=user)
        response = make_response(by=user, cites=article, incidents=(incident,))
        db.session.commit()
        ref, body = response.ref, response.institution.ref
    assert "remove those from its page first" in edit(client, ref, body).text
    with as_user(app):
        assert logged().answers_scope is AnswerScope.INCIDENTS
