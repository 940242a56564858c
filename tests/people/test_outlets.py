"""Outlets: recorded once, with the domains by which their articles are known."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import as_user, make_outlet, make_user, post, sign_in_directly, token_in
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.people.models import Outlet, OutletName
from tracker.people.queries import likely_outlets, outlet_by_ref
from tracker.people.rules import is_web_address, parse_domain, unique_lines
from tracker.permissions import Visibility

NEW = {
    "country": "KZ",
    "domains": "orda.kz",
    "channels": "https://t.me/orda_kz",
    "reliability": "credible",
    "notes": "",
    "visibility": "internal",
}


@pytest.fixture
def ref(app: Flask) -> str:
    with as_user(app) as staff:
        made = make_outlet("Orda.kz", by=staff)
        db.session.commit()
        return made.ref


def edited(client: FlaskClient, ref: str, **changes: str) -> dict[str, str]:
    """Return what a browser would send back from the edit form, with changes."""
    page = client.get(f"/outlets/{ref}/edit").text
    version = page.split('name="version"')[1].split('value="')[1].split('"')[0]
    values = {**NEW, "name": "Orda.kz", "csrf_token": token_in(page), "version": version}
    return values | changes


def test_staff_record_an_outlet_with_its_domains_and_channels(app, client):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    sent = NEW | {"domains": "https://www.Orda.kz/about\n\northe.kz\northe.kz", "who-name": "Orda"}

    answer = post(client, "/outlets/new", **sent)

    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "orda.kz\northe.kz</dd>" in page
    assert "https://t.me/orda_kz" in page
    listed = client.get("/outlets/").text
    assert "Orda" in listed
    assert "Credible" in listed


def test_an_outlet_on_record_is_offered_and_can_be_chosen(app, client, ref):
    sign_in_directly(client, "staff")

    asked = post(client, "/outlets/new", **NEW, **{"who-name": "Орда.kz"})
    chosen = post(client, "/outlets/new", **NEW, **{"who-name": "Орда.kz", "who-chosen": ref})

    assert asked.status_code == 422
    assert ref in asked.text
    assert "https://t.me/orda_kz" in asked.text
    assert chosen.headers["Location"] == f"/outlets/{ref}/"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"who-name": ""}, ""),
        ({"who-name": "-"}, "who-name"),
        ({"who-name": "x" * 201}, "who-name"),
        ({"domains": "not a domain"}, "domains"),
        ({"domains": "a\0.kz"}, "domains"),
        ({"channels": "x" * 301}, "channels"),
        ({"channels": "x\n" * 3000}, "channels"),
        ({"country": "ZZ"}, "country"),
        ({"reliability": "best"}, "reliability"),
    ],
)
def test_bad_values_are_said_at_their_field_and_all_that_was_typed_stays(app, client, sent, field):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    typed = NEW | {"who-name": "Orda", "notes": "Do not lose this."} | sent

    answer = post(client, "/outlets/new", **typed)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text or not field
    assert "Do not lose this." in answer.text
    with as_user(app):
        assert db.session.scalar(select(func.count()).select_from(Outlet)) == 0


def test_editing_and_renaming_are_in_the_history(app, client, ref):
    sign_in_directly(client, "staff")

    answer = client.post(f"/outlets/{ref}/edit", data=edited(client, ref, name="Orda Media"))

    assert answer.status_code == 303
    told = client.get(f"/outlets/{ref}/history").text
    for words in ("Orda Media", "Orda.kz", "orda.kz", "staff"):
        assert words in told
    with as_user(app):
        assert [one.ref for one in likely_outlets("Orda.kz")] == [ref]
        acts = db.session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject == ref).order_by(AuditEvent.sequence)
        )
        assert list(acts) == ["outlet:create", "outlet:edit"]


def test_a_bad_edit_stores_nothing_and_a_stale_one_shows_both_texts(app, client, ref):
    sign_in_directly(client, "staff")
    mine = edited(client, ref, notes="Mine.")

    bad = client.post(f"/outlets/{ref}/edit", data=edited(client, ref, domains="not a domain"))
    assert bad.status_code == 422
    client.post(f"/outlets/{ref}/edit", data=edited(client, ref, notes="Theirs."))
    answer = client.post(f"/outlets/{ref}/edit", data=mine)

    assert answer.status_code == 409
    assert "Mine." in answer.text
    assert "Theirs." in answer.text


def test_names_and_references_come_and_go(app, client, ref):
    sign_in_directly(client, "staff")
    page = f"/outlets/{ref}/"

    assert post(client, f"{page}names/add", page=page, name="Орда", kind="legal").status_code == 303
    assert post(client, f"{page}names/add", page=page, name="Орда", kind="legal").status_code == 422
    entry = {"scheme": "MFRR", "identifier": "77", "url": ""}
    assert post(client, f"{page}references/add", page=page, **entry).status_code == 303
    assert post(client, f"{page}references/add", page=page, **entry).status_code == 422
    shown = client.get(page).text
    assert "MFRR: 77" in shown
    with as_user(app):
        number = db.session.scalars(select(OutletName.id).where(OutletName.name == "Орда")).one()
    reference = shown.split("references/remove")[1].split('name="number" value="')[1].split('"')[0]
    assert post(client, f"{page}names/remove", page=page, number=number).status_code == 303
    assert post(client, f"{page}references/remove", page=page, number=reference).status_code == 303
    left = client.get(page).text
    assert "MFRR" not in left.split("<h2")[-1].split("<details")[0]
    assert ">Орда" not in left


def test_a_restricted_outlet_of_another_team_is_nowhere(app, client):
    with as_user(app, "other", team="Elsewhere") as other:
        hidden = make_outlet("Hidden Desk", visibility=Visibility.RESTRICTED, by=other).ref
        db.session.commit()
    with as_user(app):
        assert likely_outlets("Hidden Desk") == []
        assert outlet_by_ref(hidden) is None
    sign_in_directly(client, "staff")

    assert client.get(f"/outlets/{hidden}/").status_code == 404
    assert "Hidden Desk" not in client.get("/outlets/").text
    assert "Hidden Desk" not in client.get("/outlets/?q=hidden").text
    assert client.get(f"/outlets/?before={hidden}").status_code == 400


def test_another_team_reads_an_internal_outlet_and_cannot_change_it(app, client, ref):
    with app.app_context():
        make_user("guest", team="Elsewhere")
        db.session.commit()
    sign_in_directly(client, "guest")

    assert "names/add" not in client.get(f"/outlets/{ref}/").text
    assert client.get(f"/outlets/{ref}/edit").status_code == 403
    for section in ("names/add", "names/remove", "references/add", "references/remove"):
        answer = post(client, f"/outlets/{ref}/{section}", page="/outlets/", number=1)
        assert answer.status_code == 403


def test_the_list_is_filtered_by_country(app, client, ref):
    with as_user(app) as staff:
        make_outlet("Kloop", country="KG", by=staff)
        db.session.commit()
    sign_in_directly(client, "staff")

    listed = client.get("/outlets/?country=KG").text

    assert "Kloop" in listed
    assert "Orda.kz" not in listed
    assert "No outlet fits" in client.get("/outlets/?q=zzz&country=KG").text


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("orda.kz", "orda.kz"),
        (" HTTPS://www.Orda.kz/path?x=1 ", "orda.kz"),
        ("m.orda.kz:8080", "m.orda.kz"),
        ("газета.рф", "газета.рф"),
        ("orda", None),
        ("orda .kz", None),
        ("-.kz", None),
        ("", None),
        ("a" * 400 + ".kz", None),
    ],
)
def test_a_domain_is_read_out_of_what_was_pasted(typed, domain):
    assert parse_domain(typed) == domain


@pytest.mark.parametrize(
    ("typed", "good"),
    [
        ("https://cpj.org/data/", True),
        ("http://cpj.org", True),
        ("ftp://cpj.org", False),
        ("javascript:alert(1)", False),
        ("https://a@b.org", False),
        ("https://a b", False),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(typed, good):
    assert is_web_address(typed) is good


def test_lines_are_kept_once_and_empty_ones_go():
    assert unique_lines(" a \n\nb\na") == ["a", "b"]
