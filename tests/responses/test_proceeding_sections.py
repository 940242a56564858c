"""The page of a proceeding: its steps in order, its incidents, and who sees it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.articles.sources_made import make_citing
from tests.cases.records_made import make_case
from tests.conftest import prepared_and_signed_in
from tests.factories import (
    as_user,
    make_incident,
    make_institution,
    make_journalist,
    make_outlet,
    post,
    sign_in_directly,
)
from tests.incidents.namings_made import deciding
from tests.responses.proceedings_made import make_docket, make_proceeding, step
from tracker import clock
from tracker.articles.models import Article
from tracker.articles.queries import article_by_ref
from tracker.articles.service import build_citation
from tracker.cases.models import CaseProceeding
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.incidents.merging_service import merge_incidents
from tracker.incidents.models import Incident
from tracker.incidents.naming_queries import plan_name_redaction
from tracker.people.models import Institution, Outlet
from tracker.permissions import Role, Visibility
from tracker.responses.codes import ProceedingDirection, ProceedingKind
from tracker.responses.models import (
    Proceeding,
    ProceedingCitation,
    ProceedingIncident,
)
from tracker.responses.proceeding_service import (
    ProceedingFacts,
    add_incident,
    add_step,
    record_proceeding,
    remove_step,
)
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.service import approve_record, retract_record, submit_record
from tracker.scoping import Viewer, set_viewer
from tracker.when import parse_when


@pytest.fixture
def refs(client: FlaskClient) -> dict[str, str]:
    """Return the refs of a proceeding, its article and others; staff of its team is signed in."""
    return prepared_and_signed_in(client, "proceeding and others", _refs)


def _refs(app: Flask) -> dict[str, str]:
    with as_user(app) as user:
        article = make_docket(by=user)
        made: dict[str, Any] = {
            "proceeding": make_proceeding("against_target", by=user, cites=article),
            "article": article,
            "incident": make_citing(article, "3", title="The charges", by=user),
            "court": make_institution("District Court", by=user),
        }
        db.session.commit()
        return {name: one.ref for name, one in made.items()}


def address_of(refs: dict[str, str]) -> str:
    return f"/proceedings/{refs['proceeding']}/"


def numbers_in(text: str, action: str) -> list[str]:
    """Return the numbers that the remove buttons of one kind would send."""
    return re.findall(rf'/{action}/remove".*?name="number" value="(\d+)"', text, re.DOTALL)


def stored() -> Proceeding:
    return db.session.scalars(select(Proceeding)).one()


def test_a_step_stands_with_its_day_body_words_and_note(client, refs):
    answer = post(
        client, address_of(refs) + "steps", page=address_of(refs), quote="3",
        step="restraint_imposed", article=refs["article"], note="house arrest until 1 August",
        **{
            "taken-when": "2025-06-02", "taken-as_stated": "on Monday",
            "institution-name": "District Court", "institution-chosen": refs["court"],
        },
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    text = client.get(address_of(refs)).text
    for words in (
        "2 June 2025: Restraint imposed", "on Monday", "house arrest until 1 August",
        "District Court", "Three cases at once",
    ):  # fmt: skip
        assert words in text, words
    # At the step, and among the sources.
    assert text.count("The editor herself was charged") == 2


def test_the_words_of_a_step_go_with_it_but_not_the_only_source(app, client, refs):
    with as_user(app) as user:
        article = article_by_ref(refs["article"])
        assert article
        words = [build_citation(ProceedingCitation, article, "3")]
        number = add_step(
            stored(), step("charged", "2025-05-10", article=article, quotes=words), by=user
        ).id
        db.session.commit()
    with as_user(app) as user:
        stored().citations = [one for one in stored().citations if one.part]
        with pytest.raises(InvalidInput, match="only source"):
            remove_step(stored(), number, by=user)
        db.session.rollback()
    address = address_of(refs)
    assert post(client, address + "steps/remove", page=address, number=number).status_code == 303
    text = client.get(address).text
    assert "The editor herself was charged" not in text
    assert "The police registered" in text


def test_a_removal_is_asked_for_twice(app, client, refs):
    with as_user(app) as user:
        add_step(stored(), step("charged", "2025-05-10"), by=user)
        db.session.commit()
    text = client.get(address_of(refs)).text
    box = re.search(r'<details class="remove">(.*?)</details>', text, re.DOTALL)

    assert box
    assert "Remove Charged" in box[1]
    assert "is removed with all its content" in box[1]
    assert 'steps/remove"' in box[1]


def test_a_step_before_the_incidents_is_taken_once_somebody_says_that_it_is_right(
    app, client, refs
):
    address = address_of(refs)
    with as_user(app) as user:
        early, late = (
            make_incident(
                occurred=parse_when(day, latest_possible_date=clock.current_date()), by=user
            )
            for day in ("2025-06-01", "2025-07")
        )
        for one in (early, late):
            add_incident(stored(), one, by=user)
        db.session.commit()

    def take(when: str, **typed: str) -> TestResponse:
        typed |= {"taken-when": when, "step": "opened"}
        return post(client, address + "steps", page=address, **typed)

    assert 'name="early"' not in client.get(address).text
    asked = take("2025-05-31", note="n" * 501)
    assert asked.status_code == 422
    assert "This date is before all its incidents" in asked.text
    assert "longer than 500" in asked.text
    assert 'name="early"' in asked.text
    # Some day of May or June, and a day after the first of the two.
    assert take("2025-05/2025-06").status_code == take("2025-06-02").status_code == 303
    assert take("2025-05-31", early="y").status_code == 303
    assert client.get(address).text.count("before all its incidents") == 1


def test_steps_stand_in_order_and_the_last_one_is_where_it_stands(client, refs):
    for code, when in (
        ("verdict", "2025-06-10"), ("opened", "2025-05"), ("trial", "2025-06-10"),
        ("charged", "2025-05-20"),
    ):  # fmt: skip
        post(
            client, address_of(refs) + "steps", page=address_of(refs), step=code,
            **{"taken-when": when},
        )  # fmt: skip
    text = client.get(address_of(refs)).text
    listed = re.search(r"<ol class=\"entries\">(.*?)</ol>", text, re.DOTALL)

    assert listed
    places = [
        listed.group(1).index(words)
        for words in (": Opened", ": Charged", ": Before a court", ": Verdict or judgment")
    ]
    assert places == sorted(places)
    assert "Verdict or judgment, 10 June 2025" in client.get("/proceedings/").text


def test_a_removed_step_is_gone_and_the_history_says_so(client, refs):
    address = address_of(refs)
    post(client, address + "steps", page=address, step="opened")
    number = numbers_in(client.get(address).text, "steps")[0]
    post(client, address + "steps/remove", page=address, number=number)

    assert "No step is recorded yet" in client.get(address).text
    told = client.get(address + "history").text
    assert "added step" in told
    assert "removed step" in told


def test_one_step_is_recorded_once_but_comes_again_on_another_day(client, refs):
    address = address_of(refs)

    def take(when: str, **typed: str) -> int:
        data = {"step": "suspended", "taken-when": when} | typed
        return post(client, address + "steps", page=address, **data).status_code

    court = {"institution-name": "District Court", "institution-chosen": refs["court"]}
    assert take("2025-06-02") == 303
    assert take("2025-06-02") == 422
    assert take("2025-06-02", **court) == 303
    assert take("2025-06-03") == 303


@pytest.mark.parametrize(
    ("section", "typed", "said"),
    [
        ("steps", {"step": ""}, "Choose the step"),
        ("steps", {"step": "exploded"}, "Not a valid choice"),
        ("steps", {"step": "opened", "taken-when": "2025-13"}, "no such day"),
        ("steps", {"step": "opened", "taken-when": "2999"}, "after the day by which"),
        ("steps", {"step": "opened", "institution-name": "Nobody’s Court"}, "choose what kind it is"),
        ("steps", {"step": "opened", "article": "ART-0000000000"}, "Not a valid choice"),
        ("steps", {"step": "opened", "note": "n" * 501}, "longer than 500"),
        ("steps", {"step": "opened", "quote": "3"}, "in which source these words stand"),
        ("incidents", {}, "Choose an incident"),
        ("incidents", {"other": "INC-0000000000"}, "Choose an incident"),
        ("steps/remove", {"number": "none"}, "Not a valid integer"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_section_is_said_on_the_page(app, client, refs, *, section, typed, said):
    answer = post(client, address_of(refs) + section, page=address_of(refs), **typed)

    assert answer.status_code == 422
    assert said in answer.text
    for word in typed.values():
        assert word in answer.text or word in {"exploded", "ART-0000000000", "none"}
    with as_user(app):
        assert (stored().steps, stored().incidents) == ([], [])
        assert [one.name for one in db.session.scalars(select(Institution))] == ["District Court"]


@pytest.mark.parametrize("section", ["steps", "incidents"])
def test_a_row_of_another_proceeding_cannot_be_removed(app, client, refs, section):
    with as_user(app) as user:
        article = make_docket(by=user, text="Another text.")
        other = make_proceeding(
            "by_target", ("filed", "2025-06-02"), by=user,
            incidents=(make_citing(article, "1", by=user),),
        )  # fmt: skip
        db.session.commit()
        number = (other.steps[0] if section == "steps" else other.incidents[0]).id
    answer = post(
        client, f"{address_of(refs)}{section}/remove", page=address_of(refs), number=number
    )

    assert answer.status_code == 404


def test_a_body_that_is_new_is_made_with_the_step(app, client, refs):
    post(
        client, address_of(refs) + "steps", page=address_of(refs), step="trial",
        institution_kind="court", **{"institution-name": "City Court"},
    )  # fmt: skip
    with as_user(app):
        body = stored().steps[0].institution
        assert body is not None
        assert (body.name, body.country) == ("City Court", "KZ")


def test_an_incident_of_the_same_source_is_offered_and_added_once(client, refs):
    address = address_of(refs)
    assert f'value="{refs["incident"]}"' in client.get(address).text
    post(client, address + "incidents", page=address, incident=refs["incident"])

    text = client.get(address).text
    assert "The charges" in text
    assert f'value="{refs["incident"]}"' not in text
    again = post(client, address + "incidents", page=address, other=refs["incident"])
    assert "recorded already" in again.text
    at_incident = f"/incidents/{refs['incident']}/"
    assert "Proceedings against the target" in client.get(at_incident).text
    post(
        client, address + "incidents/remove", page=address, number=numbers_in(text, "incidents")[0]
    )
    assert "Proceedings against the target" not in client.get(at_incident).text


def test_nobody_is_told_of_an_incident_that_is_hidden_from_them(app, client, refs):
    with as_user(app, "other", team="Elsewhere") as user:
        hidden = make_incident(
            title="A hidden search", visibility=Visibility.RESTRICTED, by=user,
            article=make_docket(by=user, visibility=Visibility.RESTRICTED),
        )  # fmt: skip
        ref = make_proceeding(by=user, incidents=(hidden,)).ref
        db.session.commit()
    text = client.get(f"/proceedings/{ref}/").text

    assert "No incidents are linked yet." in text
    assert "A hidden search" not in text


@pytest.mark.parametrize(
    ("is_approved", "before"), [(False, "This is in review."), (True, "This is approved.")]
)
def test_a_step_takes_a_proceeding_back_from_review_and_says_so(
    app, client, refs, *, is_approved, before
):
    with as_user(app, "second", Role.MONITOR) as monitor:
        submit_record(stored(), by=monitor)
        if is_approved:
            approve_record(stored(), note="", by=monitor)
        db.session.commit()
    address, said = address_of(refs), "It is a draft again: submit it for review."
    assert f"{before} Saving makes it a draft again" in client.get(address).text
    post(client, address + "steps", page=address, step="closed")
    after = client.get(address).text
    assert said in after
    assert "Draft" in after
    post(client, address + "steps", page=address, step="trial")
    assert said not in client.get(address).text


def test_it_is_reviewed_beside_its_article(app, client, refs):
    with as_user(app) as user:
        add_step(stored(), step("charged", "2025-05-10", note="Art. 274"), by=user)
        submit_record(stored(), by=user)
        db.session.commit()
    with as_user(app, "second", Role.MONITOR):
        pass
    monitor = app.test_client()
    sign_in_directly(monitor, "second")

    assert refs["proceeding"] in monitor.get("/review/").text
    text = monitor.get(f"/review/articles/{refs['article']}").text
    for words in ("Against the target", "10 May 2025: Charged", "Art. 274"):
        assert words in text
    post(monitor, f"/review/{refs['proceeding']}/approve", page=address_of(refs))
    with as_user(app):
        assert stored().state is EditorialState.APPROVED


def test_a_retracted_one_stays_as_it_was(app, client, refs):
    with as_user(app, "second", Role.MONITOR) as monitor:
        retract_record(stored(), reason=RetractReason.CODING_ERROR, note="", by=monitor)
        db.session.commit()

    assert "Retracted" in client.get(address_of(refs)).text
    assert "Add a step" not in client.get(address_of(refs)).text
    assert client.get(address_of(refs) + "edit").status_code == 403


def test_whoever_may_not_edit_sees_no_forms_and_is_refused(app, client, refs):
    with as_user(app, "guest", team="Elsewhere"):
        pass
    guest = app.test_client()
    sign_in_directly(guest, "guest")
    assert "Add a step" not in guest.get(address_of(refs)).text
    for section in ("steps", "steps/remove", "incidents", "incidents/remove", "share", "edit"):
        answer = post(guest, address_of(refs) + section, page=address_of(refs))
        assert answer.status_code == 403, section


def test_opening_one_opens_the_sources_it_shows_and_says_so_first(app, client):
    with as_user(app) as user:
        kept: dict[str, Any] = {"by": user, "visibility": Visibility.RESTRICTED}
        outlet = make_outlet(**kept)
        article = make_docket(publisher=outlet, **kept)
        # Of a source that only a step names, too.
        proceeding = make_proceeding(**kept)
        add_step(proceeding, step("opened", "2025-06-02", article=article), by=user)
        db.session.commit()
        ref, listed = proceeding.ref, [article.ref, outlet.ref]
    sign_in_directly(client, "staff")
    address = f"/proceedings/{ref}/share"
    text = client.get(address).text
    assert all(one in text for one in listed)
    assert "It shows more than was listed" in post(client, address, refs=listed[0]).text
    assert post(client, address, refs=" ".join(listed)).status_code == 303

    with as_user(app, "guest", team="Elsewhere"):
        models: tuple[type[Any], ...] = (Proceeding, Article, Outlet)
        for model in models:
            assert db.session.scalars(select(model)).one().visibility is Visibility.INTERNAL


def test_a_step_of_an_open_one_cites_no_source_of_the_team_alone(app, refs):
    with as_user(app) as user:
        article = make_docket(by=user, visibility=Visibility.RESTRICTED, text="Kept.")
        with pytest.raises(InvalidInput, match="Only its team may see"):
            add_step(stored(), step("opened", "2025-06-02", article=article), by=user)


@pytest.mark.parametrize("is_quote_cited", [True, False])
def test_an_open_one_is_not_recorded_from_a_source_of_the_team_alone(app, is_quote_cited):
    with as_user(app) as user:
        article = make_docket(by=user, visibility=Visibility.RESTRICTED)
        first = step("opened", "2025-06-02", article=article)
        with pytest.raises(InvalidInput, match="Only its team may see"):
            record_proceeding(
                ProceedingFacts(
                    direction=ProceedingDirection.BY_TARGET, kind=ProceedingKind.CIVIL, country="KZ"
                ),
                steps=[] if is_quote_cited else [first],
                citations=[build_citation(ProceedingCitation, article, "1")] if is_quote_cited else [],
                team_id=user.team_ids[0], visibility=Visibility.INTERNAL, by=user,
            )  # fmt: skip


def test_what_its_editor_does_not_see_is_not_opened_with_it(app, client):
    with as_user(app, "other", team="Elsewhere") as other:
        hidden, elsewhere = make_docket(by=other, visibility=Visibility.RESTRICTED).ref, other.teams
        db.session.commit()
        team_id = elsewhere[0].id
    with as_user(app, "both") as both:
        set_viewer(Viewer((*both.team_ids, team_id)))
        article = article_by_ref(hidden)
        ref = make_proceeding(by=both, visibility=Visibility.RESTRICTED, cites=article).ref
        db.session.commit()
    sign_in_directly(client, "both")
    address = f"/proceedings/{ref}/"

    assert "a source that is not shown to you" in client.get(address).text
    answer = post(client, address + "share", refs="")
    assert answer.status_code == 422
    assert "It shows a person or source that you may not see" in answer.text
    edited = post(
        client, address + "edit", direction="by_target", kind="civil", country="KZ",
        visibility="internal",
    )  # fmt: skip
    assert "It shows a person or source that you may not see" in edited.text


def test_of_two_incidents_made_one_it_is_about_the_one_that_stays(app, refs):
    with deciding(app) as user:
        kept, other = (make_incident(title=title, by=user) for title in ("Kept", "Other"))
        both = make_proceeding("by_target", by=user, incidents=(kept, other), number="1")
        one = make_proceeding("by_target", by=user, incidents=(other,), number="2")
        db.session.flush()
        merge_incidents(kept, other, by=user)
        db.session.commit()

        assert [row.incident for row in both.incidents] == [kept]
        assert [row.incident for row in one.incidents] == [kept]
        about = select(Incident.title).join(ProceedingIncident.incident)
        assert set(db.session.scalars(about)) == {"Kept"}


def test_a_name_that_is_closed_is_written_in_none_that_others_read(app, refs):
    with as_user(app) as user:
        closed = make_journalist("Gulnara Bazhkenova", visibility=Visibility.RESTRICTED, by=user)
        named = make_proceeding(by=user, summary="The charges against Gulnara Bazhkenova")
        db.session.commit()
        assert named in plan_name_redaction(closed).records_to_edit
        closed.name_closed_on = clock.current_date()
        db.session.commit()

        def naming(**facts: Any) -> None:
            make_proceeding(by=user, **facts)
            db.session.flush()

        def noting(note: str) -> None:
            add_step(named, step("charged", "2025-06-02", note=note), by=user)
            db.session.flush()

        for facts in (
            {"summary": "Gulnara Bazhkenova v. ministry"},
            {"number": "Gulnara Bazhkenova 1"},
            {"legal_basis": "Gulnara Bazhkenova"},
        ):
            with pytest.raises(InvalidInput, match="must not be named"):
                naming(**facts)
            db.session.rollback()
        with pytest.raises(InvalidInput, match="must not be named"):
            noting("Gulnara Bazhkenova, Art. 274")


def test_it_is_filed_in_a_case_and_taken_out_again(app, client, refs):
    with as_user(app) as user:
        ref = make_case("The three trials", by=user).ref
        db.session.commit()
    address = f"/cases/{ref}/"
    page = address + "records/"
    assert post(client, address + "add", page=page, record=refs["proceeding"]).status_code == 303
    assert "Proceedings against the target" in client.get(page).text
    assert "The three trials" in client.get(address_of(refs)).text
    again = client.get(f"/cases/file?record={refs['proceeding']}").text
    assert "already filed in: The three trials" in " ".join(again.split())

    assert post(client, address + "remove", page=page, what=refs["proceeding"]).status_code == 303
    with as_user(app):
        assert list(db.session.scalars(select(CaseProceeding))) == []
