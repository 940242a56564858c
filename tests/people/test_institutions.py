"""Institutions: shared by all teams, found under every name, changed by whoever logs."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import as_user, make_institution, make_user, post, sign_in_directly, token_in
from tests.kit.pages_read import titles
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import use_language
from tracker.people import service
from tracker.people.codes import InstitutionKind, InstitutionLevel, NameKind, Script
from tracker.people.matching import name_keys
from tracker.people.models import Institution, InstitutionName
from tracker.people.queries import likely_institutions
from tracker.people.service import shipped_institutions
from tracker.permissions import Role
from tracker.web.paging import paginate_list

NEW = {"kind": "regulator", "level": "national", "country": "KZ"}


@pytest.fixture
def ref(app: Flask) -> str:
    """Record one institution, and return its ref."""
    with as_user(app) as staff:
        made = make_institution("Media Council", by=staff)
        db.session.commit()
        return made.ref


def names_of(app: Flask, ref: str) -> dict[str, NameKind]:
    with app.app_context():
        rows = db.session.scalars(
            select(InstitutionName).join(Institution).where(Institution.ref == ref)
        )
        return {row.name: row.kind for row in rows}


def edited(client: FlaskClient, ref: str, **changes: str) -> dict[str, str]:
    """Return what a browser would send back from the edit form, with changes."""
    page = client.get(f"/institutions/{ref}/edit").text
    version = page.split('name="version"')[1].split('value="')[1].split('"')[0]
    values = {"name": "Media Council", "kind": "regulator", "level": "national", "country": "KZ"}
    return values | {"csrf_token": token_in(page), "version": version} | changes


def test_staff_record_an_institution_and_see_it_in_the_list(app, client):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")

    answer = post(client, "/institutions/new", **NEW, **{"who-name": "Press Authority"})

    assert answer.status_code == 303
    assert "Press Authority" in client.get(answer.headers["Location"]).text
    listed = client.get("/institutions/").text
    assert "Press Authority" in listed
    assert "Kazakhstan" in listed


def test_a_new_institution_keeps_its_name_as_a_row_with_its_keys(app, ref):
    with app.app_context():
        row = db.session.scalars(select(InstitutionName)).one()
        assert (row.name, row.kind, row.script) == ("Media Council", NameKind.OTHER, Script.LATIN)
        assert (row.matching_key, row.loose_key) == name_keys("Media Council")
        assert row.bearer.sort_key == "meda council"


def test_a_likely_match_is_offered_before_a_new_one_is_made(app, client, ref):
    sign_in_directly(client, "staff")

    page = post(client, "/institutions/new", **NEW, **{"who-name": "Media  Council"})

    assert page.status_code == 422
    assert ref in page.text
    chosen = client.post(
        "/institutions/new",
        data={
            **NEW,
            "who-name": "Media Council",
            "who-chosen": ref,
            "csrf_token": token_in(page.text),
        },
    )
    assert chosen.headers["Location"].endswith(f"/institutions/{ref}/")
    other = client.post(
        "/institutions/new",
        data={
            **NEW,
            "who-name": "Media Council",
            "who-chosen": "new",
            "csrf_token": token_in(page.text),
        },
    )
    assert not other.headers["Location"].endswith(f"/institutions/{ref}/")


def test_renaming_keeps_the_name_before_as_a_former_one(app, client, ref):
    sign_in_directly(client, "staff")

    answer = client.post(
        f"/institutions/{ref}/edit", data=edited(client, ref, name="Council for the Media")
    )

    assert answer.status_code == 303
    assert names_of(app, ref) == {
        "Media Council": NameKind.FORMER,
        "Council for the Media": NameKind.OTHER,
    }


def test_a_correction_leaves_no_former_name(app, client, ref):
    sign_in_directly(client, "staff")

    client.post(
        f"/institutions/{ref}/edit",
        data=edited(client, ref, name="Media Councils", is_correction="y"),
    )

    assert names_of(app, ref) == {"Media Councils": NameKind.OTHER}


def test_going_back_to_a_former_name_makes_it_current_again(app, ref):
    with as_user(app) as staff:
        one = db.session.scalars(select(Institution)).one()
        for name in ("Council for the Media", "Media Council"):
            service.edit_institution(
                one, name=name, is_correction=False, kind=one.kind, level=one.level,
                country=None, by=staff,
            )  # fmt: skip
        db.session.commit()

    assert names_of(app, ref) == {
        "Media Council": NameKind.OTHER,
        "Council for the Media": NameKind.FORMER,
    }


def test_a_second_save_from_an_old_page_shows_both_texts(app, client, ref):
    sign_in_directly(client, "staff")
    mine = edited(client, ref, name="Mine of the Media")
    client.post(f"/institutions/{ref}/edit", data=edited(client, ref, name="Theirs of the Media"))

    answer = client.post(f"/institutions/{ref}/edit", data=mine)

    assert answer.status_code == 409
    assert "Mine of the Media" in answer.text
    assert "Theirs of the Media" in answer.text


def test_names_are_added_and_removed_but_never_the_main_one(app, client, ref):
    sign_in_directly(client, "staff")
    page = f"/institutions/{ref}/"

    added = post(client, f"{page}names/add", page=page, name="Кеңес", kind="legal")

    assert added.status_code == 303
    assert names_of(app, ref)["Кеңес"] is NameKind.LEGAL
    with app.app_context():
        numbers = {row.name: row.id for row in db.session.scalars(select(InstitutionName))}
    main = post(client, f"{page}names/remove", page=page, number=numbers["Media Council"])
    assert main.status_code == 422
    gone = post(client, f"{page}names/remove", page=page, number=numbers["Кеңес"])
    assert gone.status_code == 303
    assert list(names_of(app, ref)) == ["Media Council"]
    again = post(client, f"{page}names/remove", page=page, number=numbers["Кеңес"])
    assert again.status_code == 422


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ({"name": ""}, ""),
        ({"name": "x" * 201}, "x" * 201),
        ({"name": "NUL\0here"}, "NUL\ufffdhere"),
        ({"name": "!!!"}, "!!!"),
        ({"name": "Media Council"}, "Media Council"),
        ({"name": "Council", "kind": "nickname"}, "Council"),
    ],
)
def test_a_bad_name_is_said_at_its_field_with_what_was_typed(app, client, ref, sent, typed):
    sign_in_directly(client, "staff")
    page = f"/institutions/{ref}/"

    answer = post(client, f"{page}names/add", page=page, **({"kind": "other"} | sent))

    assert answer.status_code == 422
    assert "could not be saved yet" in answer.text
    assert f'value="{typed}"' in answer.text
    assert list(names_of(app, ref)) == ["Media Council"]


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\0b", "!!!", "\ufffd"])
def test_a_bad_new_institution_stores_nothing(app, client, name):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")

    answer = post(client, "/institutions/new", **NEW, **{"who-name": name})

    assert answer.status_code == 422
    assert "could not be saved yet" in answer.text
    assert '<option selected value="KZ">' in answer.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Institution)) == 0


def test_the_list_is_filtered_by_name_in_either_script_kind_and_country(app, client):
    with as_user(app) as staff:
        service.add_shipped_institutions(staff)
        db.session.commit()
    sign_in_directly(client, "staff")

    by_name = client.get("/institutions/", query_string={"q": "мвд"}).text
    by_beginning = client.get("/institutions/", query_string={"q": "Telegr"}).text
    by_kind = client.get("/institutions/?kind=court&country=KZ").text

    assert "Ministry of Internal Affairs" in by_name
    assert "Ministry of Justice" not in by_name
    assert "Telegram" in by_beginning
    assert "Supreme Court" in by_kind
    assert "Prosecutor General" not in by_kind
    assert client.get("/institutions/?q=zzzz").text.count("No institution fits") == 1


@pytest.mark.parametrize(
    "query", ["kind=club", "country=XX", "country=kz", "q=%00", "page=2", "after=INS-0000000000"]
)
def test_a_filter_that_does_not_exist_is_refused_by_name(app, client, query):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")

    answer = client.get(f"/institutions/?{query}")

    assert answer.status_code == 400
    assert query.split("=")[0] in answer.text


def test_pages_follow_each_other_without_losing_or_doubling_any(app, client, monkeypatch):
    monkeypatch.setattr("tracker.kit.lists.paginate_list", partial(paginate_list, size=2))
    with as_user(app) as staff:
        for name in ("Alpha", "Бета", "Gamma", "Дельта", "Epsilon"):
            make_institution(name, by=staff)
        db.session.commit()
    sign_in_directly(client, "staff")
    seen, address = [], "/institutions/"
    while address:
        page = client.get(address).text
        seen += titles(page)
        address = page.split('rel="next" href="')[1].split('"')[0] if 'rel="next"' in page else ""

    assert seen == ["Alpha", "Epsilon", "Gamma", "Бета", "Дельта"]


@pytest.mark.parametrize(
    ("language", "first_to_last"),
    [
        ("en", ["arbitration Court", "Ministry of Justice", "Zonal Bureau", "Әділет комитеті"]),
        ("ru", ["Zonal Bureau", "Агентство юстиции", "Әділет комитеті", "Верховный суд"]),
        ("kk", ["Zonal Bureau", "Әділет комитеті", "Бас әділет агенттігі", "Өңір соты"]),
    ],
)
def test_the_list_is_sorted_by_the_names_that_it_shows(app, client, language, first_to_last):
    with as_user(app) as staff:
        for name, *official in (
            ("Zonal Bureau",),
            ("Ministry of Justice", "Агентство юстиции", "Бас әділет агенттігі"),
            ("arbitration Court", "Верховный суд", "Өңір соты"),
            ("Әділет комитеті",),
        ):
            made = make_institution(name, by=staff)
            for one in official:
                service.add_name(made, one, kind=NameKind.LEGAL, by=staff)
        db.session.commit()
    sign_in_directly(client, "staff")
    client.get(f"/language/{language}")

    assert titles(client.get("/institutions/").text) == first_to_last
    assert titles(client.get("/institutions/?sort=-name").text) == first_to_last[::-1]


def test_the_bodies_that_ship_are_loaded_once_and_stay_as_people_left_them(app):
    with as_user(app) as staff:
        first = service.add_shipped_institutions(staff)
        named = db.session.scalars(select(Institution).where(Institution.name == "Telegram")).one()
        service.edit_institution(
            named, name="Telegram Messenger", is_correction=False, kind=named.kind,
            level=named.level, country=None, by=staff,
        )  # fmt: skip
        second = service.add_shipped_institutions(staff)
        db.session.commit()

        assert first == len(shipped_institutions())
        assert second == 0
        assert likely_institutions("Министерство внутренних дел")[0].name.startswith(
            "Ministry of Internal Affairs"
        )


def test_unspecified_law_enforcement_is_one_body_for_each_country(app):
    with as_user(app) as staff:
        one = service.get_or_create_law_enforcement("KZ", staff)
        same = service.get_or_create_law_enforcement("KZ", staff)
        other = service.get_or_create_law_enforcement("KG", staff)
        db.session.commit()

        assert one is same
        assert other.country == "KG"
        assert one.kind is InstitutionKind.POLICE
        assert one.level is InstitutionLevel.NATIONAL


def test_a_name_without_a_letter_or_with_invisible_ones_is_refused_by_the_service(app):
    with as_user(app) as staff:
        for bad in ("", "…", "Me\u200bdia", "x" * 201):
            with pytest.raises(InvalidInput):
                make_institution(bad, by=staff)
        one = make_institution("Media Council", by=staff)
        with pytest.raises(InvalidInput):
            service.add_name(one, "media\u202ecouncil", kind=NameKind.OTHER, by=staff)


def test_the_history_says_who_added_which_name(app, client, ref):
    sign_in_directly(client, "staff")
    page = f"/institutions/{ref}/"
    post(client, f"{page}names/add", page=page, name="Кеңес", kind="legal")

    told = client.get(f"{page}history").text

    assert "Кеңес" in told
    assert "staff" in told
    with app.app_context():
        acts = db.session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject == ref).order_by(AuditEvent.sequence)
        )
        assert list(acts) == ["institution:create", "institution:edit"]


def test_whoever_only_reads_sees_it_and_changes_nothing(app, client, ref):
    with app.app_context():
        make_user("monitor", Role.MONITOR, team="Other")
        db.session.commit()
    sign_in_directly(client, "monitor")

    page = client.get(f"/institutions/{ref}/")

    assert page.status_code == 200
    assert "names/add" not in page.text
    assert client.get(f"/institutions/{ref}/edit").status_code == 403
    assert (
        post(
            client, f"/institutions/{ref}/names/add", page=f"/institutions/{ref}/", name="X"
        ).status_code
        == 403
    )


@pytest.mark.parametrize(
    "address", ["INS-0000000000", "INS-nothing", "ins-0000000000", "JRN-0000000000", "1"]
)
def test_a_missing_or_malformed_ref_is_not_found(app, client, address):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")

    for page in ("", "edit", "history"):
        assert client.get(f"/institutions/{address}/{page}").status_code == 404


RUSSIAN = "Министерство культуры и информации Республики Казахстан"
KAZAKH = "Қазақстан Республикасының Мәдениет және ақпарат министрлігі"


@pytest.mark.parametrize(
    ("language", "called"), [("en", "Ministry of Culture"), ("ru", RUSSIAN), ("kk", KAZAKH)]
)
def test_an_institution_is_called_by_its_official_name_in_the_language_of_the_page(
    app, language, called
):
    with as_user(app) as staff, use_language(language):
        made = make_institution("Ministry of Culture", by=staff)
        for name, kind in [
            ("МКИ", NameKind.OTHER), (KAZAKH, NameKind.LEGAL), (RUSSIAN, NameKind.LEGAL),
        ]:  # fmt: skip
            service.add_name(made, name, kind=kind, by=staff)
        assert made.heading == called


def test_without_an_official_name_in_a_language_an_institution_keeps_its_main_one(app):
    with as_user(app) as staff, use_language("ru"):
        made = make_institution("Қазақстан Республикасының Бас прокуратурасы", by=staff)
        service.add_name(made, "Генпрокуратура", kind=NameKind.OTHER, by=staff)
        service.add_name(made, "General Prosecutor", kind=NameKind.LEGAL, by=staff)
        assert made.heading == "Қазақстан Республикасының Бас прокуратурасы"
        with use_language("en"):
            assert made.heading == "General Prosecutor"
