"""Terms as rows: loaded as often as one likes, changed by administrators, retired, never deleted."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import prepared
from tests.factories import as_user, make_user, post, sign_in_directly, token_in
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import alphabet_sort_key, country_name, use_language
from tracker.people.codes import Reliability
from tracker.permissions import Role, Visibility
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import (
    format_crosswalk,
    is_valid_code,
    load_shipped_terms,
    parse_crosswalk,
)
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import (
    find_term,
    list_active_terms,
    list_all_terms,
    region_choices,
    term_choices,
    terms_with_codes,
)
from tracker.vocabulary.service import LoadCounts, load_vocabulary, restore_term, retire_term

ALL = sum(len(load_shipped_terms(one)) for one in TermSet)
TERM = {
    "label_en": "Drone over the home",
    "label_ru": "Дрон над домом",
    "label_kk": "Үй үстіндегі дрон",
    "definition": "A drone watches the home.",
    "rank": "455",
    "country": "",
    "crosswalk": "coe = 3\njfj: N",
}
DEATH = "/vocabulary/incident_type/threat.death"


@pytest.fixture
def loaded(app: Flask) -> Flask:
    """Load the terms that ship, and let an administrator in."""
    prepared(app, "terms", lambda: _load_terms(app))
    return app


def _load_terms(app: Flask) -> None:
    with as_user(app, "admin", Role.ADMIN) as admin:
        load_vocabulary(admin)
        db.session.commit()


@pytest.fixture
def admin(loaded: Flask, client: FlaskClient) -> FlaskClient:
    sign_in_directly(client, "admin")
    return client


def term(code: str, term_set: TermSet = TermSet.INCIDENT_TYPE) -> Term:
    found = find_term(term_set, code)
    assert found is not None
    return found


def edited(client: FlaskClient, **changes: str) -> dict[str, str]:
    """Return what a browser would send back from the form of the death threat, with changes."""
    page = client.get(f"{DEATH}/edit").text
    version = page.split('name="version"')[1].split('value="')[1].split('"')[0]
    return TERM | {"csrf_token": token_in(page), "version": version} | changes


def test_every_term_that_ships_becomes_a_row_once(app):
    with as_user(app, "admin", Role.ADMIN) as admin:
        first, second = load_vocabulary(admin), load_vocabulary(admin)
        db.session.commit()

        assert (first, second) == (LoadCounts(ALL, 0), LoadCounts(0, 0))
        assert db.session.scalar(select(func.count()).select_from(Term)) == ALL
        death = term("threat.death")
        assert death.label_in("ru") == "Угроза убийством"
        assert death.crosswalk == {"coe": "1", "jfj": "N", "ads": "threat", "sdg": "OHA"}
        assert term("KZ-10", TermSet.REGION).country == "KZ"


def test_a_load_brings_back_the_words_of_the_files_and_leaves_the_rest(loaded):
    with as_user(loaded, "admin") as admin:
        changed, own = term("threat.death"), term("threat.sexual")
        changed.label_en, changed.rank = "Something else", 1
        retire_term(own, by=admin)
        db.session.add(
            Term(term_set=TermSet.TOPIC, code="ours", rank=9, label_en="Ours", label_ru="Наше", label_kk="Біздікі")
        )  # fmt: skip
        db.session.commit()

        assert load_vocabulary(admin) == LoadCounts(0, 1)
        db.session.commit()

        assert changed.label_en == "Death threat"
        assert own.retired_at is not None
        assert term("ours", TermSet.TOPIC).label_en == "Ours"
        event = db.session.scalars(
            select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)
        ).one()
        assert event.action == "vocabulary:load"
        assert event.changes["incident_type:threat.death"]["label_en"] == [
            "Something else", "Death threat",
        ]  # fmt: skip


def test_the_command_loads_and_says_how_much(app, runner):
    with app.app_context():
        make_user("admin", Role.ADMIN)
        db.session.commit()

    first = runner.invoke(args=["vocabulary", "load"])
    again = runner.invoke(args=["vocabulary", "load", "--by", "admin"])
    nobody = runner.invoke(args=["vocabulary", "load", "--by", "nobody"])

    assert (first.exit_code, first.output) == (0, f"{ALL} terms added, 0 changed\n")
    assert (again.exit_code, again.output) == (0, "0 terms added, 0 changed\n")
    assert (nobody.exit_code, nobody.stderr) == (1, "there is no user nobody\n")


def test_terms_are_offered_by_rank_and_retired_ones_only_where_they_stand(loaded):
    with as_user(loaded, "admin") as admin:
        ranks = [one.rank for one in list_active_terms(TermSet.INCIDENT_TYPE)]
        assert ranks == sorted(ranks)
        death = term("threat.death")
        retire_term(death, by=admin)
        db.session.commit()

        assert "threat.death" not in dict(term_choices(TermSet.INCIDENT_TYPE, "en"))
        assert death in list_all_terms(TermSet.INCIDENT_TYPE)
        kept = dict(
            term_choices(TermSet.INCIDENT_TYPE, "kk", terms_to_keep=[death, term("threat.sexual")])
        )
        assert kept["threat.death"] == death.label_kk
        restore_term(death, by=admin)
        assert "threat.death" in dict(term_choices(TermSet.INCIDENT_TYPE, "en"))


@pytest.mark.parametrize(
    ("language", "first", "osh"),
    [("en", "Kazakhstan", "Osh (city)"), ("ru", "Казахстан", "город Ош"),
     ("kk", "Қазақстан", "Ош қаласы")],
)  # fmt: skip
def test_regions_are_offered_by_country_in_the_order_of_the_page(loaded, language, first, osh):
    with as_user(loaded, "admin"), use_language(language):
        astana = term("KZ-71", TermSet.REGION)
        astana.retired_at = clock.utc_now()
        offered = dict(region_choices())
        kept = dict(region_choices(terms_to_keep=[astana]))

        assert list(offered) == sorted(offered, key=alphabet_sort_key)
        assert next(iter(offered)) == first
        for regions in offered.values():
            assert list(regions.values()) == sorted(regions.values(), key=alphabet_sort_key)
        assert offered[country_name("KG")]["KG-GO"] == osh
        assert "KZ-71" not in offered[first]
        assert "KZ-71" in kept[first]


def test_codes_name_terms_in_their_order_and_an_unknown_one_is_said(loaded):
    with as_user(loaded, "admin"):
        codes = ["threat.sexual", "threat.death", "threat.sexual"]

        assert [one.code for one in terms_with_codes(TermSet.INCIDENT_TYPE, codes)] == codes[:2]
        assert terms_with_codes(TermSet.INCIDENT_TYPE, []) == []
        with pytest.raises(InvalidInput) as refused:
            terms_with_codes(TermSet.PLATFORM, ["threat.death"], field="types")
        assert list(refused.value.fields) == ["types"]


def test_whoever_reads_sees_every_set_and_changes_nothing(loaded, client):
    with loaded.app_context():
        make_user("reader", Role.EXPORTER)
        db.session.commit()
    sign_in_directly(client, "reader")

    page = client.get("/vocabulary/")

    assert page.status_code == 200
    for words in ("Death threat", "threat.death", "Telegram", "Abai Region", "funeral wreath"):
        assert words in page.text
    assert "/retire" not in page.text
    assert client.get("/vocabulary/topic/new").status_code == 403
    assert client.get(f"{DEATH}/edit").status_code == 403
    assert post(client, f"{DEATH}/retire", page="/vocabulary/").status_code == 403
    client.get("/language/kk")
    assert term_kk() in client.get("/vocabulary/").text


def term_kk() -> str:
    return next(
        one.labels["kk"]
        for one in load_shipped_terms(TermSet.INCIDENT_TYPE)
        if one.code == "threat.death"
    )


def test_an_empty_vocabulary_says_what_to_do(app, client):
    with as_user(app, "admin", Role.ADMIN):
        pass
    sign_in_directly(client, "admin")

    assert "No terms yet" in client.get("/vocabulary/").text


def test_an_administrator_adds_a_term(loaded, admin):
    answer = post(admin, "/vocabulary/incident_type/new", **TERM, code="surveillance.drone")

    assert answer.status_code == 303
    assert "Drone over the home" in admin.get("/vocabulary/").text
    with as_user(loaded, "admin"):
        made = term("surveillance.drone")
        assert (made.rank, made.crosswalk) == (455, {"coe": "3", "jfj": "N"})
        act = db.session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject == made.name)
        ).one()
        assert act == "term:create"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"code": "threat.death"}, "code"),
        ({"code": "with space"}, "code"),
        ({"code": "x" * 61}, "code"),
        ({"code": ""}, "code"),
        ({"label_en": ""}, "label_en"),
        ({"label_ru": "x" * 161}, "label_ru"),
        ({"label_kk": "a\0b"}, "label_kk"),
        ({"definition": "x" * 4001}, "definition"),
        ({"rank": "first"}, "rank"),
        ({"rank": "-1"}, "rank"),
        ({"rank": str(2**63)}, "rank"),
        ({"country": "XX"}, "country"),
        ({"crosswalk": "coe"}, "crosswalk"),
    ],
)
def test_a_bad_term_is_said_at_its_field_and_all_that_was_typed_stays(loaded, admin, sent, field):
    typed = TERM | {"code": "surveillance.drone"} | sent

    answer = post(admin, "/vocabulary/incident_type/new", **typed)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert typed["label_en"] in answer.text
    assert typed["definition"][:200] in answer.text
    with as_user(loaded, "admin"):
        assert db.session.scalar(select(func.count()).select_from(Term)) == ALL


@pytest.mark.parametrize(
    ("language", "words"), [("ru", "похоронный венок"), ("kk", "қаралы гүлшоқ")]
)
def test_a_definition_is_read_in_the_language_of_the_page(loaded, admin, language, words):
    admin.get(f"/language/{language}")
    assert words in admin.get("/vocabulary/").text

    admin.get("/language/en")
    admin.post(f"{DEATH}/edit", data=edited(admin))
    admin.get(f"/language/{language}")
    page = admin.get("/vocabulary/").text

    assert words not in page
    assert TERM["definition"] in page


def test_an_administrator_changes_what_a_term_is_called(loaded, admin):
    answer = admin.post(f"{DEATH}/edit", data=edited(admin))

    assert answer.status_code == 303
    with as_user(loaded, "admin"):
        assert term("threat.death").label_kk == TERM["label_kk"]
        change = db.session.scalars(
            select(AuditEvent).where(AuditEvent.subject == "incident_type:threat.death")
        ).one()
        assert change.action == "term:edit"
        assert change.changes["label_en"] == ["Death threat", TERM["label_en"]]


def test_a_bad_change_stores_nothing_and_a_stale_one_shows_both_texts(loaded, admin):
    mine = edited(admin, label_en="Mine of it")
    bad = admin.post(f"{DEATH}/edit", data=edited(admin, crosswalk="?"))
    assert bad.status_code == 422
    admin.post(f"{DEATH}/edit", data=edited(admin, label_en="Theirs of it"))

    answer = admin.post(f"{DEATH}/edit", data=mine)

    assert answer.status_code == 409
    assert "Mine of it" in answer.text
    assert "Theirs of it" in answer.text


def test_a_term_is_retired_and_restored_by_buttons(loaded, admin):
    assert post(admin, f"{DEATH}/retire", page="/vocabulary/").status_code == 303
    assert "retired" in admin.get("/vocabulary/").text
    with as_user(loaded, "admin"):
        assert term("threat.death").retired_at is not None

    # Without the token nothing changes, and the page says why.
    answer = admin.post(f"{DEATH}/restore", follow_redirects=True)
    assert "press the button again" in answer.text
    with as_user(loaded, "admin"):
        assert term("threat.death").retired_at is not None
    assert "press the button again" in admin.post(f"{DEATH}/retire", follow_redirects=True).text

    assert post(admin, f"{DEATH}/restore", page="/vocabulary/").status_code == 303
    with as_user(loaded, "admin"):
        assert term("threat.death").retired_at is None


@pytest.mark.parametrize(
    "address", ["nothing/new", "topic/no-such/edit", "topic/%00/edit", "nothing/x/edit"]
)
def test_a_term_that_does_not_exist_is_not_found(loaded, admin, address):
    assert admin.get(f"/vocabulary/{address}").status_code == 404


def test_labels_are_there_in_macros_imported_without_context(loaded):
    macro = "{% macro said(code, one) %}{{ label(code) }}|{{ term_label(one) }}{% endmacro %}"
    with as_user(loaded, "admin"), loaded.test_request_context(headers={"Accept-Language": "ru"}):
        text = render_template_string(
            macro + "{{ said(visible, death) }} {{ said(none, none) }}",
            visible=Visibility.INTERNAL,
            death=term("threat.death"),
        )

    assert text.endswith("|Угроза убийством |")
    assert not text.startswith("Internal")


def test_labels_outside_a_request_are_english(loaded):
    label = loaded.jinja_env.globals["label"]

    with loaded.app_context():
        assert label(Reliability.NOT_SURE) == "Not sure"


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("threat.death", True),
        ("KZ-10", True),
        ("a..b", False),
        (".a", False),
        ("а", False),
        ("x" * 61, False),
    ],
)
def test_a_code_is_short_and_plain(text, good):
    assert is_valid_code(text) is good


def test_a_crosswalk_reads_back_as_it_was_typed():
    assert parse_crosswalk("coe = 1\n\nsdg: enforced disappearance") == {
        "coe": "1", "sdg": "enforced disappearance",
    }  # fmt: skip
    assert parse_crosswalk("") == {}
    assert parse_crosswalk("= 1") is None
    assert format_crosswalk({"coe": "1", "jfj": "N"}) == "coe = 1\njfj = N"
