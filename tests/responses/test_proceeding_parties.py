"""Whom a proceeding concerns: on the form, on their pages and timelines, and under their names."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import as_user, make_journalist, make_outlet, post, sign_in_directly
from tests.incidents.namings_made import STANDS, close, deciding, elsewhere, her, visit
from tests.responses.proceedings_made import make_docket, make_proceeding, step
from tests.statements import counted
from tracker.articles.service import build_citation
from tracker.audit.queries import list_record_history
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.intake.duplicates_service import merge_duplicates, undo_merge
from tracker.people.models import Journalist
from tracker.permissions import Role, Visibility
from tracker.responses.models import Proceeding, ProceedingCitation, ProceedingParty
from tracker.responses.proceeding_service import add_step
from tracker.review.service import records_to_share

SUIT = {"direction": "by_target", "kind": "civil", "country": "KZ", "visibility": "internal"}
SURNAME = "bazhkenov"


def logged() -> Proceeding:
    return db.session.scalars(select(Proceeding)).one()


def test_whom_it_concerns_is_named_on_the_form_and_stands_on_their_pages(
    app: Flask, client: FlaskClient
):
    with as_user(app) as user:
        asem = make_journalist("Asem Doe", by=user).ref
        db.session.commit()
    sign_in_directly(client, "staff")
    who = {
        "parties-0-who-name": "Asem Doe", "parties-0-who-chosen": asem,
        "parties-1-kind": "outlet", "parties-1-who-name": "Steppe Post",
    }  # fmt: skip
    more = post(client, "/proceedings/new", another="name", **SUIT, **who)
    assert 'name="parties-2-who-name"' in more.text
    answer = post(client, "/proceedings/new", **SUIT, **who)

    assert answer.status_code == 303, answer.text
    page = client.get(answer.location).text
    assert f'<a href="/journalists/{asem}/">Asem Doe</a>' in page
    assert "Steppe Post" in page
    assert "added whom it concerns" not in client.get(answer.location + "history").text
    with as_user(app):
        outlet = logged().parties[1].outlet
        assert outlet
        bearers = {f"/journalists/{asem}/": asem, f"/outlets/{outlet.ref}/": outlet.ref}
        ref, version = logged().ref, logged().version
    for address, bearer in bearers.items():
        text = client.get(address).text
        assert "Proceedings brought by the target" in text, address
        assert ref in text
        kind = address.split("/")[1].removesuffix("s")
        assert ref in client.get(f"/proceedings/?{kind}={bearer}").text
    listed = client.get(f"/proceedings/?journalist={asem}&direction=by_target").text
    assert "By the target" in listed
    assert "Asem Doe" in listed
    assert ref in client.get("/proceedings/?q=asem").text
    assert client.get("/proceedings/?journalist=JRN-0000000000").status_code == 400
    # One of the two is taken out again.
    address = f"/proceedings/{ref}/edit"
    assert "Steppe Post" in client.get(address).text
    kept = {name: value for name, value in who.items() if name.startswith("parties-0")}
    assert post(client, address, version=version, **SUIT, **kept).status_code == 303
    with as_user(app):
        assert [one.display_name() for one in logged().parties] == ["Asem Doe"]
    assert "removed whom it concerns" in client.get(f"/proceedings/{ref}/history").text


def test_a_proceeding_without_any_incident_is_told_on_her_timeline_in_its_own_words(
    app: Flask, client: FlaskClient
):
    with as_user(app) as user:
        asem, article = make_journalist(by=user), make_docket(by=user)
        made = make_proceeding(
            "against_target", by=user, number="1", cites=article, parties=(asem,),
        )  # fmt: skip
        for code, day, typed in (("opened", "2025-05-02", None), ("charged", "2025-05-10", "3")):
            words = [build_citation(ProceedingCitation, article, typed)] if typed else []
            add_step(made, step(code, day, article=article, quotes=words), by=user)
        db.session.commit()
        address, ref = f"/journalists/{asem.ref}/timeline", made.ref
    sign_in_directly(client, "staff")
    entries = client.get(address + ".json").get_json()["entries"]

    told = {one["title"].partition(":")[0]: one for one in entries if one["ref"] == ref}
    assert list(told) == ["Opened", "Charged"]
    assert [one["quote"] for one in told["Charged"]["quotes"]] == [
        "The editor herself was charged with spreading false information on 10 May."
    ]
    # What the article says of the whole is no words of a step, but its source stands there.
    (source,) = told["Opened"]["quotes"]
    assert (source["quote"], source["source"]["title"]) == (None, "Three cases at once")
    assert told["Charged"]["targets"] == ["Asem Doe"]
    for form in ("", ".txt"):
        text = client.get(address + form).text
        assert text.count("The editor herself was charged") == 1
        assert "registered a pre-trial" not in text


def test_what_concerns_her_goes_to_the_one_who_stays_and_back(app: Flask):
    with as_user(app) as user:
        into, gone = make_journalist("Asem Doeva", by=user), make_journalist("Асем Доева", by=user)
        made = make_proceeding("by_target", by=user, parties=(gone,))
        both = make_proceeding("by_target", by=user, number="2", parties=(into, gone))
        db.session.commit()

        def meant() -> Journalist | None:
            db.session.expire_all()
            return db.session.get_one(Proceeding, made.id).parties[0].journalist

        with pytest.raises(InvalidInput, match=both.ref):
            merge_duplicates(gone, into, by=user)
        db.session.rollback()
        db.session.delete(both.parties[0])
        db.session.commit()
        assert merge_duplicates(gone, into, by=user) == 2
        db.session.commit()
        assert meant() is into
        assert "proceeding:edit" in [one.action for one in list_record_history(made.ref)]
        undo_merge(gone, by=user)
        db.session.commit()
        assert meant() is gone


def test_nobody_reads_of_a_closed_name_in_what_concerns_her(app: Flask):
    """Her surname alone is hers there, though no incident says so; she herself stays a party."""
    with deciding(app) as staff:
        journalist = her(staff)
        incident = visit(journalist, by=staff)
        named = make_proceeding(
            by=staff, number="1", parties=(journalist,), summary="The case of Bazhkenova"
        )
        silent = make_proceeding(by=staff, number="2", parties=(journalist,), incidents=(incident,))
        apart = make_proceeding(by=staff, number="3", parties=(journalist,))
        db.session.commit()

        assert named in close(incident, by=staff).records_to_edit
        assert named.visibility is Visibility.RESTRICTED
        silent.summary = "Bazhkenova’s complaint"
        with pytest.raises(InvalidInput, match="must not be named outside"):
            db.session.flush()
        db.session.rollback()
        refs = [silent.ref, apart.ref]
    assert SURNAME not in elsewhere(app).casefold()
    with as_user(app, "guest", team="Elsewhere"):
        pass
    guest = app.test_client()
    sign_in_directly(guest, "guest")
    for ref, said in zip(refs, (STANDS, "a journalist (name withheld)"), strict=True):
        assert said in guest.get(f"/proceedings/{ref}/").text
    assert not re.findall(r"PRC-\w+", guest.get("/proceedings/?q=bazhkenova").text)


def test_whoever_is_hidden_is_neither_opened_nor_lost_by_others(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        hidden = make_journalist("Hidden Writer", visibility=Visibility.RESTRICTED, by=user)
        with pytest.raises(InvalidInput, match="Only its team may see Hidden Writer"):
            make_proceeding(by=user, parties=(hidden,))
        kept = make_proceeding(by=user, parties=(hidden,), visibility=Visibility.RESTRICTED)
        assert records_to_share(kept) == [hidden]
        # As it is left where a name was closed.
        db.session.rollback()
        hidden = make_journalist("Hidden Writer", visibility=Visibility.RESTRICTED, by=user)
        made = make_proceeding(by=user)
        made.parties.append(ProceedingParty(journalist=hidden))
        db.session.commit()
        ref, team = made.ref, user.team_ids[0]
    with as_user(app, "both", team="Elsewhere"):
        shown = db.session.scalars(select(Proceeding)).one()
        shown_to = [one.concerned_party() for one in shown.parties]
        assert shown_to == [None]
        assert shown.team_id == team
        assert "Hidden" not in shown.search_text()
    with as_user(app, "reader", Role.MONITOR, team="Elsewhere"):
        pass
    sign_in_directly(client, "reader")
    assert "Hidden Writer" not in client.get(f"/proceedings/{ref}/").text


def test_the_pages_take_as_many_queries_for_many_as_for_few(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        asem, outlet = make_journalist(by=user), make_outlet(by=user)
        made = make_proceeding(by=user, number="few", parties=(asem, outlet))
        db.session.commit()
        addresses = [f"/proceedings/{made.ref}/", f"/journalists/{asem.ref}/"]
    sign_in_directly(client, "staff")

    def queries() -> list[int]:
        found = []
        for address in addresses:
            client.get(address)
            with app.app_context(), counted() as sent:
                assert client.get(address).status_code == 200
            found.append(len(sent))
        return found

    few = queries()
    with as_user(app) as user:
        asem = db.session.scalars(select(Journalist)).one()
        stored = logged()
        for number in range(5):
            outlet = make_outlet(f"Outlet {number}", by=user)
            stored.parties.append(ProceedingParty(outlet=outlet))
        for number in range(5):
            make_proceeding(by=user, number=str(number), parties=(asem,))
        db.session.commit()

    assert queries() == few
