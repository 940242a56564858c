"""Journalists: recorded once under any spelling, seen by those who may, changed by their team."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import (
    as_user,
    make_journalist,
    make_outlet,
    make_user,
    post,
    sign_in_directly,
    token_in,
)
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.people import service
from tracker.people.codes import NameKind
from tracker.people.models import Affiliation, Journalist, JournalistName, Outlet
from tracker.people.queries import journalist_by_ref, likely_journalists, likely_outlets
from tracker.permissions import Role, Visibility
from tracker.when import OPEN_START, Precision, When

NEW = {"kind": "editor", "gender": "woman", "country": "KZ", "visibility": "internal", "notes": ""}
RECORDED = "Gulnara Bazhkenova"


@pytest.fixture
def ref(app: Flask) -> str:
    """Record one journalist whom everybody sees, and return her ref."""
    with as_user(app) as staff:
        made = make_journalist(RECORDED, by=staff)
        db.session.commit()
        return made.ref


@pytest.fixture
def hidden(app: Flask) -> str:
    """Record a journalist whom only another team sees, and return her ref."""
    with as_user(app, "other", team="Elsewhere") as other:
        made = make_journalist(RECORDED, visibility=Visibility.RESTRICTED, by=other)
        db.session.commit()
        return made.ref


def count(app: Flask, model: type = Journalist) -> int:
    """Count rows with the eyes of the first team."""
    with as_user(app):
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def edited(client: FlaskClient, ref: str, **changes: str) -> dict[str, str]:
    """Return what a browser would send back from the edit form, with changes."""
    page = client.get(f"/journalists/{ref}/edit").text
    version = page.split('name="version"')[1].split('value="')[1].split('"')[0]
    values = {**NEW, "name": RECORDED, "csrf_token": token_in(page), "version": version}
    return values | changes


def test_a_name_in_cyrillic_offers_the_journalist_recorded_in_latin(app, client, ref):
    sign_in_directly(client, "staff")

    page = post(client, "/journalists/new", **NEW, **{"who-name": "Гульнара Бажкенова"})

    assert page.status_code == 422
    assert f'value="{ref}"' in page.text
    assert RECORDED in page.text
    assert 'value="Гульнара Бажкенова"' in page.text
    assert count(app) == 1


def test_the_offered_journalist_is_taken_and_nobody_is_made(app, client, ref):
    sign_in_directly(client, "staff")

    answer = post(
        client, "/journalists/new", **NEW, **{"who-name": "Гульнара Бажкенова", "who-chosen": ref}
    )

    assert answer.headers["Location"] == f"/journalists/{ref}/"
    assert count(app) == 1


def test_a_namesake_is_recorded_when_none_of_the_offered_is_meant(app, client, ref):
    sign_in_directly(client, "staff")

    answer = post(client, "/journalists/new", **NEW, **{"who-name": RECORDED, "who-chosen": "new"})

    assert answer.status_code == 303
    assert answer.headers["Location"] != f"/journalists/{ref}/"
    assert count(app) == 2


@pytest.mark.parametrize(
    "typed",
    [
        "Гульнара Бажкенова", "Бажкенова Гульнара", "Гульнару Бажкенову", "Gulnara Bazkenova",
        "Бажкенова", "Gulnara Bazhkenova", "Г. Бажкенова", "Гүлнара Бажкенова",
    ],
)  # fmt: skip
def test_spellings_of_a_name_find_the_one_on_record(app, ref, typed):
    with as_user(app):
        assert [one.ref for one in likely_journalists(typed)] == [ref]


@pytest.mark.parametrize("typed", ["", "…", "Асель Жапишева", "Марат Ким"])
def test_another_name_finds_nobody(app, ref, typed):
    with as_user(app):
        assert likely_journalists(typed) == []


def test_a_surname_finds_a_journalist_whose_first_name_sorts_before_it(app):
    with as_user(app) as staff:
        made = make_journalist("Asel Zhapisheva", by=staff)
        db.session.commit()

        assert likely_journalists("Жапишева") == [made]


def test_equal_names_come_before_close_ones_and_at_most_six_are_offered(app):
    with as_user(app) as staff:
        for name in ("Aigul Omarova", "Aigul Omarov", "Aigul Omarovna"):
            make_journalist(name, by=staff)
        db.session.commit()
        assert likely_journalists("Айгул Омаров")[0].name == "Aigul Omarov"

        for _ in range(7):
            make_journalist("Aigul Omarova", by=staff)
        db.session.commit()
        assert len(likely_journalists("Айгул Омарова")) == 6


def test_a_former_name_is_found_too(app, client, ref):
    sign_in_directly(client, "staff")
    client.post(f"/journalists/{ref}/edit", data=edited(client, ref, name="Gulnara Seitova"))

    with as_user(app):
        assert [one.ref for one in likely_journalists("Бажкенова")] == [ref]
        assert [one.ref for one in likely_journalists("Сеитова")] == [ref]
        kinds = {row.name: row.kind for row in db.session.scalars(select(JournalistName))}
    assert kinds == {RECORDED: NameKind.FORMER, "Gulnara Seitova": NameKind.OTHER}


def test_a_restricted_journalist_of_another_team_is_nowhere(app, client, hidden):
    with as_user(app):
        assert likely_journalists(RECORDED) == []
        assert journalist_by_ref(hidden) is None
    sign_in_directly(client, "staff")

    assert client.get(f"/journalists/{hidden}/").status_code == 404
    for page in ("edit", "history"):
        assert client.get(f"/journalists/{hidden}/{page}").status_code == 404
    assert RECORDED not in client.get("/journalists/").text
    assert RECORDED not in client.get("/journalists/?q=bazh").text
    assert client.get(f"/journalists/?after={hidden}").status_code == 400
    made = post(client, "/journalists/new", **NEW, **{"who-name": RECORDED, "who-chosen": hidden})
    assert made.status_code == 303
    assert hidden not in made.headers["Location"]
    assert count(app) == 1


def test_a_hidden_journalist_answers_like_a_missing_one(app, client, hidden):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")

    def body(ref: str) -> str:
        text = client.get(f"/journalists/{ref}/").text
        return re.sub(r'value="[^"]+"', "", text).replace(ref, "")

    assert body(hidden) == body("JRN-0000000000")


def test_another_team_reads_an_internal_journalist_and_cannot_change_her(app, client, ref):
    with app.app_context():
        make_user("guest", team="Elsewhere")
        make_user("monitor", Role.MONITOR)
        db.session.commit()
    sign_in_directly(client, "guest")

    page = client.get(f"/journalists/{ref}/")

    assert page.status_code == 200
    assert "names/add" not in page.text
    assert client.get(f"/journalists/{ref}/edit").status_code == 403
    for section in ("names/add", "names/remove", "affiliations/add", "affiliations/remove",
                    "references/add", "references/remove"):  # fmt: skip
        answer = post(client, f"/journalists/{ref}/{section}", page="/journalists/", number=1)
        assert answer.status_code == 403


def test_editing_changes_what_is_recorded(app, client, ref):
    sign_in_directly(client, "staff")

    answer = client.post(
        f"/journalists/{ref}/edit",
        data=edited(client, ref, kind="freelance", country="", notes="Two lines.\nOf notes."),
    )

    assert answer.status_code == 303
    page = client.get(f"/journalists/{ref}/").text
    assert "Freelance" in page
    assert "Of notes." in page
    assert "Kazakhstan" not in page


def test_a_journalist_with_names_is_restricted_and_opened_again(app, client, ref):
    sign_in_directly(client, "staff")
    page = f"/journalists/{ref}/"
    post(client, f"{page}names/add", page=page, name="Гульнара Бажкенова", kind="transliteration")

    client.post(f"{page}edit", data=edited(client, ref, visibility="restricted"))
    with app.app_context():
        make_user("guest", team="Elsewhere")
        db.session.commit()
    guest = app.test_client()
    sign_in_directly(guest, "guest")

    assert guest.get(page).status_code == 404
    assert client.get(page).status_code == 200
    client.post(f"{page}edit", data=edited(client, ref, visibility="internal"))
    assert "Гульнара Бажкенова" in guest.get(page).text


def test_a_second_save_from_an_old_page_shows_both_texts(app, client, ref):
    sign_in_directly(client, "staff")
    mine = edited(client, ref, notes="Mine.")
    client.post(f"/journalists/{ref}/edit", data=edited(client, ref, notes="Theirs."))

    answer = client.post(f"/journalists/{ref}/edit", data=mine)

    assert answer.status_code == 409
    assert "Mine." in answer.text
    assert "Theirs." in answer.text


def test_a_name_added_by_somebody_else_makes_an_open_form_stale(app, client, ref):
    sign_in_directly(client, "staff")
    mine = edited(client, ref, notes="Mine.")
    page = f"/journalists/{ref}/"
    post(client, f"{page}names/add", page=page, name="Another", kind="other")

    assert client.post(f"{page}edit", data=mine).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "?!"}, "name"),
        ({"notes": "x" * 5001}, "notes"),
        ({"kind": "spy"}, "kind"),
        ({"gender": ""}, "gender"),
        ({"country": "XX"}, "country"),
        ({"visibility": "secret"}, "visibility"),
    ],
)
def test_bad_values_are_said_at_their_field_and_all_that_was_typed_stays(
    app, client, ref, changes, field
):
    sign_in_directly(client, "staff")
    sent = edited(client, ref, notes="Do not lose this.") | changes

    answer = client.post(f"/journalists/{ref}/edit", data=sent)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert changes.get("notes", "Do not lose this.") in answer.text
    with as_user(app):
        kept = journalist_by_ref(ref)
        assert kept is not None
        assert (kept.name, kept.notes) == (RECORDED, "")


def test_a_form_without_its_token_is_refused_and_shown_again(app, client, ref):
    sign_in_directly(client, "staff")
    sent = edited(client, ref, notes="Do not lose this.") | {"csrf_token": "old"}

    answer = client.post(f"/journalists/{ref}/edit", data=sent)

    assert answer.status_code == 400
    assert "Do not lose this." in answer.text


def test_staff_without_a_team_cannot_record_anybody(app, client):
    with app.app_context():
        make_user("lonely", team=None)
        db.session.commit()
    sign_in_directly(client, "lonely")

    assert post(client, "/journalists/new", **NEW, **{"who-name": "Ann Lee"}).status_code == 403


def test_an_outlet_is_added_with_its_dates_and_made_on_the_way(app, client, ref):
    sign_in_directly(client, "staff")
    page = f"/journalists/{ref}/"

    answer = post(
        client,
        f"{page}affiliations/add",
        page=page,
        position="editor in chief",
        **{"outlet-name": "Orda.kz", "period-when": "2020/2024", "period-as_stated": "four years"},
    )

    assert answer.status_code == 303
    shown = client.get(page).text
    assert "Orda.kz" in shown
    assert "editor in chief" in shown
    assert "four years" in shown
    with as_user(app):
        outlet = db.session.scalars(select(Outlet)).one()
        assert outlet.visibility is Visibility.INTERNAL
        one = db.session.scalars(select(Affiliation)).one()
        assert (one.earliest.year, one.latest.year, one.precision) == (2020, 2024, Precision.RANGE)
        address = f"/outlets/{outlet.ref}/"
    assert RECORDED in client.get(address).text
    assert "Orda.kz" in client.get("/journalists/").text


def test_an_outlet_on_record_is_offered_for_an_affiliation(app, client, ref):
    with as_user(app) as staff:
        outlet = make_outlet("Orda.kz", by=staff).ref
        db.session.commit()
    sign_in_directly(client, "staff")
    page = f"/journalists/{ref}/"
    sent = {"outlet-name": "Орда.kz", "period-when": "", "position": "editor"}

    asked = post(client, f"{page}affiliations/add", page=page, **sent)

    assert asked.status_code == 422
    assert outlet in asked.text
    assert 'value="editor"' in asked.text
    assert count(app, Outlet) == 1
    post(client, f"{page}affiliations/add", page=page, **sent, **{"outlet-chosen": outlet})
    assert count(app, Outlet) == 1
    assert count(app, Affiliation) == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"outlet-name": ""}, "outlet-name"),
        ({"outlet-name": "…"}, "outlet-name"),
        ({"outlet-name": "x" * 201}, "outlet-name"),
        ({"period-when": "2024/2020"}, "period-when"),
        ({"period-when": "2024-02-30"}, "period-when"),
        ({"period-when": "2999"}, "period-when"),
        ({"position": "x" * 121}, "position"),
    ],
)
def test_a_bad_affiliation_is_said_and_stores_nothing(app, client, ref, sent, field):
    sign_in_directly(client, "staff")
    page = f"/journalists/{ref}/"
    typed = {"outlet-name": "Orda.kz", "period-when": "2020", "position": "desk"} | sent

    answer = post(client, f"{page}affiliations/add", page=page, **typed)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'value="{typed["position"]}"' in answer.text
    assert count(app, Affiliation) == 0
    assert count(app, Outlet) == 0


def test_an_affiliation_is_removed_by_its_number_on_this_journalist_only(app, client, ref):
    when = When(OPEN_START, OPEN_START, Precision.UNKNOWN)
    with as_user(app) as staff:
        for name in (ref, "Somebody Else"):
            one = journalist_by_ref(name) or make_journalist(name, by=staff)
            service.add_affiliation(
                one, make_outlet(f"Outlet of {name}", by=staff), when=when, by=staff
            )
        db.session.commit()
        numbers = {row.journalist.name: row.id for row in db.session.scalars(select(Affiliation))}
    sign_in_directly(client, "staff")
    page = f"/journalists/{ref}/"

    foreign = post(client, f"{page}affiliations/remove", page=page, number=numbers["Somebody Else"])
    assert foreign.status_code == 422
    assert count(app, Affiliation) == 2
    for bad in ("", "-1", str(2**63), "x"):
        assert post(client, f"{page}affiliations/remove", page=page, number=bad).status_code == 422
    own = post(client, f"{page}affiliations/remove", page=page, number=numbers[RECORDED])
    assert own.status_code == 303
    assert count(app, Affiliation) == 1


def test_a_journalist_whom_all_see_does_not_show_a_restricted_outlet(app, client, ref):
    when = When(OPEN_START, OPEN_START, Precision.UNKNOWN)
    with as_user(app) as staff:
        outlet = make_outlet("Secret Desk", visibility=Visibility.RESTRICTED, by=staff)
        seen = db.session.scalars(select(Journalist)).one()
        kept = make_journalist("Kept Close", visibility=Visibility.RESTRICTED, by=staff)
        with pytest.raises(InvalidInput):
            service.add_affiliation(seen, outlet, when=when, by=staff)
        service.add_affiliation(kept, outlet, when=when, by=staff)
        db.session.commit()
        address = f"/journalists/{kept.ref}/edit"
        own = edited_values(kept)
    sign_in_directly(client, "staff")

    answer = client.post(
        address,
        data=own | {"visibility": "internal", "csrf_token": token_in(client.get(address).text)},
    )

    assert answer.status_code == 422
    assert "Secret Desk" in answer.text


def edited_values(one: Journalist) -> dict[str, str]:
    return {**NEW, "name": one.name, "version": str(one.version)}


def test_an_outlet_that_became_restricted_is_not_named_to_others(app, client, ref):
    when = When(OPEN_START, OPEN_START, Precision.UNKNOWN)
    with as_user(app) as staff:
        outlet = make_outlet("Orda.kz", by=staff)
        seen = db.session.scalars(select(Journalist)).one()
        service.add_affiliation(seen, outlet, when=when, by=staff)
        service.edit_outlet(
            outlet, name="Orda.kz", is_correction=False, country=None, domains="", channels="",
            reliability=outlet.reliability, notes="", visibility=Visibility.RESTRICTED, by=staff,
        )  # fmt: skip
        make_user("guest", team="Elsewhere")
        db.session.commit()
    sign_in_directly(client, "guest")

    page = client.get(f"/journalists/{ref}/").text

    assert "Orda.kz" not in page
    assert "not shown to you" in page
    assert "Orda.kz" not in client.get("/journalists/").text


def test_references_lead_to_other_lists(app, client, ref):
    sign_in_directly(client, "staff")
    page = f"/journalists/{ref}/"
    entry = {"scheme": "Wikidata", "identifier": "Q42", "url": "https://www.wikidata.org/wiki/Q42"}

    assert post(client, f"{page}references/add", page=page, **entry).status_code == 303

    shown = client.get(page).text
    assert 'href="https://www.wikidata.org/wiki/Q42" rel="noreferrer noopener"' in shown
    assert post(client, f"{page}references/add", page=page, **entry).status_code == 422
    number = shown.split("references/remove")[1].split('name="number" value="')[1].split('"')[0]
    assert post(client, f"{page}references/remove", page=page, number=number).status_code == 303
    assert post(client, f"{page}references/remove", page=page, number=number).status_code == 422
    assert "/wiki/Q42" not in client.get(page).text


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://orda.kz@example.org/"}, "url"),
        ({"url": "https://example.org/" + "x" * 2000}, "url"),
        ({"scheme": ""}, "scheme"),
        ({"identifier": "x" * 201}, "identifier"),
    ],
)
def test_a_bad_reference_is_said_at_its_field(app, client, ref, sent, field):
    sign_in_directly(client, "staff")
    page = f"/journalists/{ref}/"
    typed = {"scheme": "CPJ", "identifier": "gb", "url": ""} | sent

    answer = post(client, f"{page}references/add", page=page, **typed)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_the_trail_keeps_the_words_of_each_change(app, client, ref):
    sign_in_directly(client, "staff")
    page = f"/journalists/{ref}/"
    post(client, f"{page}affiliations/add", page=page, position="editor",
         **{"outlet-name": "Orda.kz", "period-when": "2020"})  # fmt: skip
    client.post(f"{page}edit", data=edited(client, ref, name="Gulnara Seitova"))

    told = client.get(f"{page}history").text

    for words in ("Orda.kz", "editor", "Gulnara Seitova", RECORDED, "staff"):
        assert words in told
    with app.app_context():
        acts = db.session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject == ref).order_by(AuditEvent.sequence)
        )
        assert list(acts) == ["journalist:create", "journalist:edit", "journalist:edit"]


def test_the_list_is_found_by_name_in_either_script_and_by_country(app, client, ref):
    with as_user(app) as staff:
        make_journalist("Марат Ким", country="KG", by=staff)
        db.session.commit()
    sign_in_directly(client, "staff")

    for q in ("Бажкен", "bazh", "baz", "gulnara bazhkenova", "Бажкенова Г"):
        listed = client.get("/journalists/", query_string={"q": q}).text
        assert RECORDED in listed, q
        assert "Марат Ким" not in listed, q
    listed = client.get("/journalists/?country=KG").text
    assert "Марат Ким" in listed
    assert RECORDED not in listed
    assert "Kyrgyzstan" in listed


@pytest.mark.parametrize(
    "query", ["country=XX", "q=%01", "kind=staff", "after=x", "q=" + "x" * 201]
)
def test_a_filter_that_does_not_exist_is_refused_by_name(app, client, ref, query):
    sign_in_directly(client, "staff")

    answer = client.get(f"/journalists/?{query}")

    assert answer.status_code == 400
    assert query.split("=")[0] in answer.text


def test_the_likely_ones_cost_the_same_number_of_queries_however_many_there_are(app, ref):
    with as_user(app) as staff:
        for number in range(30):
            make_journalist(f"Gulnara Bazhova {number}", by=staff)
        db.session.commit()
        db.session.expire_all()
        from sqlalchemy import event

        seen: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        likely_journalists("Гульнара Баженова")

    assert len([one for one in seen if one.startswith("SELECT")]) <= 4


def test_outlets_are_likely_across_scripts(app):
    with as_user(app) as staff:
        made = make_outlet("Власть", by=staff)
        db.session.commit()

        assert likely_outlets("Vlast") == [made]
        assert likely_outlets("Orda") == []
