"""Logging a proceeding: whose it is a person says, and nothing typed is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.articles.sources_made import make_citing
from tests.cases.records_made import make_case
from tests.conftest import prepared_and_signed_in
from tests.factories import (
    as_user,
    hidden_in,
    make_article,
    make_incident,
    make_institution,
    make_outlet,
    post,
    sign_in_directly,
)
from tests.responses.proceedings_made import make_docket, make_proceeding
from tracker.articles.queries import article_by_ref
from tracker.audit.models import AuditEvent
from tracker.cases.service import file_records
from tracker.clock import current_date
from tracker.db import db
from tracker.people.models import Institution
from tracker.permissions import Role, Visibility
from tracker.responses.codes import ProceedingDirection, ProceedingKind, StepOfProceeding
from tracker.responses.models import Proceeding
from tracker.review.codes import RetractReason
from tracker.review.service import retract_record
from tracker.when import parse_when

CHARGES: dict[str, Any] = {
    "direction": "against_target", "kind": "criminal", "country": "KZ", "quote": "3",
}  # fmt: skip


@pytest.fixture
def source(client: FlaskClient) -> str:
    """Return the ref of an article; a member of its team is signed in."""
    return prepared_and_signed_in(client, "source of a proceeding", _source)


def _source(app: Flask) -> str:
    with as_user(app) as user:
        ref = make_docket(by=user).ref
        db.session.commit()
    return ref


def log(client: FlaskClient, source: str, **data: Any) -> TestResponse:
    return post(client, f"/proceedings/new?article={source}", **(CHARGES | data))


def logged() -> Proceeding:
    return db.session.scalars(select(Proceeding)).one()


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_proceeding_with_its_step_takes_quote_and_team_from_the_article(app, client, source):
    answer = log(
        client, source, step="charged", number="2575-1", legal_basis="Art. 274",
        **{"taken-when": "2025-05-10", "taken-as_stated": "on 10 May"},
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    page = client.get(answer.location).text
    for words in (
        "Criminal case against the target, Kazakhstan, no. 2575-1", "Art. 274",
        "10 May 2025: Charged", "on 10 May", "was charged with spreading false information",
    ):  # fmt: skip
        assert words in page, words
    with as_user(app):
        proceeding = logged()
        assert proceeding.direction is ProceedingDirection.AGAINST_TARGET
        assert proceeding.visibility is Visibility.INTERNAL
        [step] = proceeding.steps
        assert step.step is StepOfProceeding.CHARGED
        assert step.latest == date(2025, 5, 10)
        assert step.article is not None
        assert step.article.ref == source
        created = select(AuditEvent.subject).where(AuditEvent.action == "proceeding:create")
        assert db.session.scalars(created).all() == [proceeding.ref]


def test_a_step_is_told_of_later_than_the_article_at_no_price(app, client, source):
    assert log(client, source, step="charged").status_code == 303
    with as_user(app):
        assert logged().steps[0].latest == date(2025, 6, 20)


def test_a_body_that_is_new_is_made_with_the_country_of_the_proceeding(app, client, source):
    typed = {"institution-name": "Bishkek Court", "institution_kind": "court", "country": "KG"}
    assert log(client, source, **typed).status_code == 303
    with as_user(app):
        body = logged().institution
        assert body is not None
        assert (body.name, body.country) == ("Bishkek Court", "KG")


def test_incidents_of_the_article_are_offered_and_joined(app, client, source):
    with as_user(app) as user:
        article = article_by_ref(source)
        assert article
        incident = make_citing(article, "3", title="The charges", by=user)
        db.session.commit()
        ref = incident.ref
    form = client.get(f"/proceedings/new?article={source}").text
    assert f'name="incidents" value="{ref}"' in form
    assert '<option selected value="KZ">' in form
    log(client, source, incidents=ref)

    assert "Proceedings against the target" in client.get(f"/incidents/{ref}/").text


def test_from_an_incident_it_is_ticked_and_its_country_filled_in(app, client, source):
    with as_user(app) as user:
        ref = make_incident(title="A false death", country="KG", by=user).ref
        db.session.commit()
    address = f"/proceedings/new?incident={ref}"
    form = client.get(address).text
    assert f'value="{ref}" checked' in form
    assert '<option selected value="KG">' in form
    answer = post(
        client, address, direction="by_target", kind="civil", country="KG", incidents=ref,
        visibility="internal",
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    assert "A false death" in client.get(answer.location).text
    with as_user(app):
        assert logged().citations == []
        assert logged().visibility is Visibility.INTERNAL


@pytest.mark.parametrize("query", ["incident=INC-0000000000", "article=x", "incident=x"])
def test_what_is_not_there_or_hidden_is_no_place_to_log_from(client, source, query):
    assert client.get(f"/proceedings/new?{query}").status_code == 404


def test_an_unknown_word_in_the_address_is_said(client, source):
    assert client.get("/proceedings/new?cases=CAS-0000000000").status_code == 400


def test_from_a_case_its_incidents_are_offered_and_it_is_filed_there_next(app, client, source):
    with as_user(app) as user:
        case, incident = make_case(by=user), make_incident(title="A false death", by=user)
        file_records(case, [incident], by=user)
        db.session.commit()
        ref, case_ref = incident.ref, case.ref
    address = f"/proceedings/new?case={case_ref}"
    assert f'href="{address}"' in client.get(f"/cases/{case_ref}/records/").text
    assert f'name="incidents" value="{ref}"' in client.get(address).text
    answer = post(
        client, address, direction="by_target", kind="civil", country="KZ", visibility="internal"
    )

    assert answer.status_code == 303
    assert answer.location.startswith("/cases/file?record=PRC-")
    assert f'<option selected value="{case_ref}">' in client.get(answer.location).text


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"direction": ""}, "direction", "Choose the direction"),
        ({"direction": "sideways"}, "direction", "Not a valid choice"),
        ({"kind": "x"}, "kind", "Not a valid choice"),
        ({"kind": ""}, "kind", "Choose what it is"),
        ({"parties-0-kind": "institution"}, "parties-0-kind", "Not a valid choice"),
        ({"country": ""}, "country", "Choose the country"),
        ({"country": "QQ"}, "country", "Not a valid choice"),
        ({"number": "1" * 101}, "number", "longer than 100"),
        ({"number": "1\0"}, "number", "control characters"),
        ({"legal_basis": "1" * 501}, "legal_basis", "longer than 500"),
        ({"step": "x"}, "step", "Not a valid choice"),
        ({"taken-when": "2025-05-10"}, "step", "Choose the step taken then"),
        ({"step": "charged", "taken-when": "2025-02-30"}, "taken-when", "no such day"),
        ({"step": "charged", "taken-when": "2025-07-01"}, "taken-when", "after the day by which"),
        ({"institution-name": "Night Court"}, "institution_kind", "choose what kind it is"),
        ({"institution-name": "…", "institution_kind": "court"}, "institution-name", "at least one letter"),
        ({"quote": ""}, "quote", "Quote the article"),
        ({"quote": "99"}, "quote", "no sentence with this number"),
        ({"incidents": "INC-0000000000"}, "incidents", "is not a valid choice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_everything_typed_stays(
    app, client, source, *, typed, field, said
):
    if field == "incidents":
        with as_user(app) as user:
            article = article_by_ref(source)
            assert article
            make_citing(article, "3", by=user)
            db.session.commit()
    answer = log(client, source, **({"summary": "Tales of her sins"} | typed))

    assert answer.status_code == 422
    assert said in answer.text
    assert "Tales of her sins" in answer.text
    assert f'id="{field}"' in answer.text
    with as_user(app):
        assert count(Proceeding) == count(Institution) == 0


def test_all_that_is_wrong_is_said_at_once(app, client, source):
    with as_user(app) as user:
        make_proceeding(by=user, number="2575-1")
        db.session.commit()
    text = log(
        client, source, direction="", country="", quote="99", **{"institution-name": "New"}
    ).text
    for said in (
        "Choose the direction",
        "Choose the country",
        "no sentence with",
        "choose what kind",
    ):
        assert said in text
    # Also what only its rules refuse, beside what is wrong with a field itself.
    text = log(
        client, source, number="2575-1", legal_basis="l" * 501, quote="99", step="charged",
        direction="sideways", **{"taken-when": "2999"},
    ).text  # fmt: skip
    for said in ("longer than 500", "no sentence with", "after the day by which", "Not a valid"):
        assert said in text
    assert "Choose the direction" not in text
    text = log(client, source, number="2575-1", legal_basis="l" * 501).text
    for said in ("longer than 500", "It is on record already"):
        assert said in text


def test_neither_whose_it_is_nor_what_is_chosen_beforehand(client, source):
    form = client.get(f"/proceedings/new?article={source}").text

    for field in ("direction", "kind"):
        assert f'<select id="{field}" name="{field}"><option selected value="">—</option>' in form


def test_a_step_before_what_it_is_about_is_doubted_on_the_first_form_too(app, client, source):
    with as_user(app) as user:
        article = article_by_ref(source)
        assert article
        late = make_citing(
            article, "3", when=parse_when("2025-06", latest_possible_date=current_date()), by=user
        )
        db.session.commit()
        ref = late.ref
    early = {"step": "charged", "taken-when": "2025-05-10", "incidents": ref}
    assert "This date is before all its incidents" in log(client, source, **early).text
    assert log(client, source, early="y", **early).status_code == 303


@pytest.mark.parametrize(
    ("typed", "is_known"),
    [
        ({}, True),
        ({"institution-name": "City Police", "institution_kind": "police"}, True),
        ({"country": "KG"}, False),
        ({"kind": "civil"}, False),
        ({"number": "2575-2"}, False),
        ({"institution-name": "Other Police", "institution-chosen": "new", "institution_kind": "police"}, False),
    ],
)  # fmt: skip
def test_one_case_of_one_body_stands_once_on_record(app, client, source, *, typed, is_known):
    with as_user(app) as user:
        police = make_institution("City Police", by=user)
        ref = make_proceeding(by=user, number="2575-1", institution=police).ref
        db.session.commit()
        chosen = police.ref
    if typed.get("institution-name") == "City Police":
        typed = typed | {"institution-chosen": chosen}
    answer = log(client, source, **({"number": "2575-1"} | typed))

    assert answer.status_code == (422 if is_known else 303)
    if is_known:
        assert (
            f"It is on record already: Criminal case against perpetrators, City Police, no. 2575-1 ({ref})"
            in answer.text
        )


def test_the_case_of_another_team_or_one_retracted_does_not_stand_in_the_way(app, client, source):
    with as_user(app, "other", team="Elsewhere") as other:
        make_proceeding(by=other, number="2575-1")
        db.session.commit()
    with as_user(app) as user:
        make_proceeding(by=user, number="2575-1", summary="entered by mistake")
        db.session.commit()
    with as_user(app, "second", Role.MONITOR) as monitor:
        ours = select(Proceeding).where(Proceeding.summary != "")
        retract_record(
            db.session.scalars(ours).one(), reason=RetractReason.CODING_ERROR, note="", by=monitor
        )
        db.session.commit()

    assert log(client, source, number="2575-1").status_code == 303


def test_the_next_one_from_the_same_article_shares_country_kind_and_incidents(app, client, source):
    answer = log(client, source, kind="civil", country="KG", then="another")

    assert answer.status_code == 303
    assert "like=PRC-" in answer.location
    form = client.get(answer.location).text
    assert '<option selected value="KG">' in form
    assert '<option selected value="civil">' in form
    # Whose the next one is, is another matter.
    assert '<option selected value="">—</option>' in form


def test_a_form_without_its_token_stores_nothing(app, client, source):
    answer = client.post(f"/proceedings/new?article={source}", data=CHARGES)

    assert answer.status_code == 400
    with as_user(app):
        assert count(Proceeding) == 0


def test_a_monitor_reads_and_logs_nothing(app, client, source):
    with as_user(app, "reader", Role.MONITOR):
        pass
    browser = app.test_client()
    sign_in_directly(browser, "reader")

    assert browser.get("/proceedings/new").status_code == 403
    assert "/proceedings/new" not in browser.get("/proceedings/").text


def test_an_open_proceeding_from_a_restricted_source_is_refused(app, client):
    with as_user(app) as user:
        article = make_docket(by=user, visibility=Visibility.RESTRICTED)
        made = make_proceeding(by=user, cites=article, visibility=Visibility.RESTRICTED)
        db.session.commit()
        ref = made.ref
    sign_in_directly(client, "staff")
    address = f"/proceedings/{ref}/edit"
    answer = post(
        client, address, direction="by_target", kind="civil", country="KZ", visibility="internal"
    )

    assert answer.status_code == 422
    assert "Only its team may see" in answer.text
    with as_user(app):
        assert logged().visibility is Visibility.RESTRICTED


def test_editing_shows_what_is_stored_and_stores_what_is_typed(app, client):
    with as_user(app) as user:
        police = make_institution("City Police", by=user)
        made = make_proceeding(
            by=user, number="2575-1", institution=police, legal_basis="Art. 147", summary="Pages"
        )
        db.session.commit()
        ref, body = made.ref, police.ref
    sign_in_directly(client, "staff")
    address = f"/proceedings/{ref}/edit"
    form = client.get(address).text
    for stored in ('value="2575-1"', 'value="Art. 147"', "Pages</textarea>", 'value="City Police"'):
        assert stored in form
    # It does not stand in its own way.
    body_typed = {"institution-name": "City Police", "institution-chosen": body}
    same = {"direction": "by_target", "kind": "criminal", "country": "KZ", "number": "2575-1"}
    assert post(client, address, **same, **body_typed, visibility="internal").status_code == 303
    answer = post(
        client, address, direction="against_target", kind="administrative", country="KZ",
        number="2575-1", legal_basis="Art. 456", summary="", visibility="internal",
        **body_typed,
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    with as_user(app):
        proceeding = logged()
        assert proceeding.direction is ProceedingDirection.AGAINST_TARGET
        assert proceeding.kind is ProceedingKind.ADMINISTRATIVE
        assert (proceeding.legal_basis, proceeding.summary) == ("Art. 456", "")
    told = client.get(f"/proceedings/{ref}/history").text
    assert "changed direction of the proceeding from By the target to Against the target" in told
    assert "Art. 456" in told


def test_of_two_who_save_the_second_is_told_and_keeps_what_was_typed(app, client):
    with as_user(app) as user:
        ref = make_proceeding(by=user, number="2575-1").ref
        db.session.commit()
    sign_in_directly(client, "staff")
    address = f"/proceedings/{ref}/edit"
    read = hidden_in(client.get(address).text)
    typed = {"direction": "by_target", "kind": "civil", "country": "KZ", "visibility": "internal"}
    assert post(client, address, **typed, number="first").status_code == 303
    answer = client.post(address, data=read | typed | {"number": "second"})

    assert answer.status_code == 409
    assert "first" in answer.text
    assert "second" in answer.text
    with as_user(app):
        assert logged().number == "first"


def test_the_country_comes_from_the_publisher_where_no_incident_gives_it(app, client):
    with as_user(app) as user:
        outlet = make_outlet(by=user, country="UZ")
        ref = make_article(by=user, publisher=outlet).ref
        db.session.commit()
    sign_in_directly(client, "staff")

    assert '<option selected value="UZ">' in client.get(f"/proceedings/new?article={ref}").text
