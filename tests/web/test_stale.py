"""Two editors of one record: the second is told what differs, loses nothing, and may save over it.

Every form of every page is found by walking the addresses: a new one is held to it from the start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.cases.records_made import make_case
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_institution,
    make_journalist,
    make_outlet,
    make_type,
    sign_in_directly,
)
from tests.fake_accounts.accounts_made import make_account, make_platforms
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tests.responses.responses_made import make_response
from tracker.audit.models import AuditEvent
from tracker.cases.service import file_records
from tracker.db import db
from tracker.permissions import Role, Visibility
from tracker.users.models import User
from tracker.web.forms import VersionedForm

REFS = {
    "articles": "ART", "cases": "CAS", "fake_accounts": "ACC", "incidents": "INC",
    "institutions": "INS", "journalists": "JRN", "outlets": "OUT", "responses": "RSP",
    "appeals": "APP", "proceedings": "PRC",
}  # fmt: skip
# In which field each form of its own page gets two different texts; a form that is not named here
# gets them in its first long or short text.
TYPED = {
    "responses.edit": "official",
    "incidents.edit_target": "harm",
    "incidents.add_target": "who-name",
    "incidents.add_status": "when-as_stated",
    "incidents.add_link": "other",
    "incidents.add_reference": "identifier",
    "articles.cite": "quote",
}
# What such a form needs besides, to be saved at all.
NEEDED: dict[str, dict[str, str]] = {
    "incidents.add_target": {"kind": "unnamed_person"},
    "incidents.add_reference": {"scheme": "CPJ"},
    "incidents.add_actor": {"attributed_by": "judgment"},
    "articles.mask": {"reason": "She asked for it."},
    "incidents.circumstances": {"work_link": "confirmed"},
}
# What stands for the two texts where any words will not do.
WORDS = {"articles.cite": ("2", "3"), "articles.mask": ("4", "Two men came")}
# Forms that choose and hold no text: who saves second is told so and may do it all the same.
WITHOUT_TEXT = {"users.edit", "incidents.set_degree", "incidents.assess", "incidents.restrict"}
# Nobody does these to anything but what stood on the page.
AS_READ = {
    "cases.share",
    "incidents.publish",
    "review.submit",
    "review.approve",
    "review.request_changes",
    "review.retract",
}
# A comment revises nothing; it is typed in the form of the decisions, which are on a version.
ON_ANY_VERSION = {"review.comment"}
# Forms whose fields are one statement, or a list of their own: mine is saved as a whole.
AS_A_WHOLE = {
    "articles.cite", "incidents.add_actor", "incidents.add_link", "incidents.add_reference",
    "incidents.add_status", "incidents.add_target", "incidents.edit_target", "incidents.naming",
}  # fmt: skip
# A version that nothing has.
OLD = "4711"
INSIST = "Save merged version"
# Whose text the button saves, as the last column of the page says it.
THEIRS, MINE = "theirs: only they changed it", "yours: only you changed it"
BOTH = "yours: both of you changed it"


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page, on a version: where it goes, and its fields as a browser sends them."""

    endpoint: str
    action: str
    values: MultiDict[str, str]
    texts: list[str]


@pytest.fixture
def refs(app: Flask) -> dict[str, str]:
    """Return the ref of a record of each kind, each with a row in every section, by prefix."""
    with as_user(app, "staff", Role.STAFF, Role.MONITOR, Role.ADMIN) as by:
        made = [one.ref for one in records(by)]
        db.session.commit()
    return {ref[:3]: ref for ref in made}


def records(by: User) -> list[Any]:
    make_platforms()
    article = make_article(by=by)
    incident = make_incident(article=article, by=by)
    case = make_case(by=by)
    make_type("threat.other")
    file_records(case, [incident], by=by)
    return [
        article,
        incident,
        make_account(by=by, cites=article),
        make_response(by=by, cites=article),
        case,
        make_journalist(by=by),
        make_outlet(by=by),
        make_institution("Another council", by=by),
        make_appeal(by=by),
        make_proceeding(by=by),
    ]


@pytest.fixture
def staff(app: Flask, client: FlaskClient, refs: dict[str, str]) -> FlaskClient:
    sign_in_directly(client, "staff")
    return client


def addresses(app: Flask, refs: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield endpoint and address of every page about a record of ours, a user or a term."""
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.partition(".")[0]
        if not rule.arguments or "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        address = re.sub(r"<int:\w+>", "1", rule.rule)
        if "<record_ref>" in address:
            address = address.replace("<record_ref>", refs["INC"])
        if "<ref>" in address:
            if blueprint not in REFS and blueprint != "review":
                continue
            address = address.replace("<ref>", refs[REFS.get(blueprint, "INC")])
        address = address.replace("<term_set>/<code>", "incident_type/threat.other")
        yield rule.endpoint, address.replace("<name>", "staff")


def forms_of(app: Flask, address: str, text: str) -> Iterator[Form]:
    """Yield the forms of a page that are on a version."""
    urls = app.url_map.bind("localhost")
    for one in html.fromstring(text).forms:
        # As browsers do, the line end is dropped with which a text area begins.
        values = MultiDict(
            (name, (value or "").removeprefix("\n")) for name, value in one.form_values()
        )
        if (one.method or "").upper() != "POST" or "version" not in values:
            continue
        texts = [
            str(field.name)
            for field in one.inputs
            if field.name
            and (field.tag == "textarea" or (field.tag, field.get("type")) == ("input", "text"))
        ]
        # A form may have several buttons that lead elsewhere.
        for to in dict.fromkeys([one.get("action") or "", *one.xpath(".//button/@formaction")]):
            action = urljoin(address, to)
            endpoint = urls.match(action.partition("?")[0], method="POST")[0]
            if endpoint not in ON_ANY_VERSION:
                yield Form(endpoint, action, values, texts)


def every_form(app: Flask, browser: FlaskClient, refs: dict[str, str]) -> dict[str, Form]:
    """Return each form on a version, by the name of the view that takes it."""
    found: dict[str, Form] = {}
    for _endpoint, address in addresses(app, refs):
        answer = browser.get(address)
        if is_page(answer):
            for form in forms_of(app, address, answer.text):
                found.setdefault(form.endpoint, form)
    return found


def is_page(answer: TestResponse) -> bool:
    return answer.status_code == 200 and answer.mimetype == "text/html"


def written(form: Form, text: str) -> MultiDict[str, str]:
    """Return what a person sends who typed a text into the form."""
    sent = form.values.copy()
    for name, value in NEEDED.get(form.endpoint, {}).items():
        sent[name] = value
    sent[TYPED.get(form.endpoint, form.texts[0] if form.texts else "")] = text
    return sent


def pressed(browser: FlaskClient, text: str, button: str = INSIST) -> TestResponse:
    """Press a button of a page: its form is sent as it stands."""
    for one in html.fromstring(text).forms:
        if button in " ".join(one.text_content().split()):
            return browser.post(one.action, data=MultiDict(one.form_values()))
    raise AssertionError(f"no button {button}")


def errors_in(answer: TestResponse) -> list[str]:
    page = html.fromstring(answer.text)
    return [one.text_content() for one in page.xpath("//*[@role='alert'] | //h1")]


def pairs_of(form: Form) -> tuple[str, str]:
    # Other words in each form: a save that changes nothing makes no other version.
    return WORDS.get(form.endpoint, (f"theirs {form.endpoint}", f"mine {form.endpoint}"))


def fresh(app: Flask, browser: FlaskClient, form: Form, page: str) -> Form:
    """Return the same form as somebody else opens it now."""
    found = {one.endpoint: one for one in forms_of(app, page, browser.get(page).text)}
    return found[form.endpoint]


def test_who_saves_second_sees_both_texts_and_may_save_over_the_other(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    tried, unsaved = set(), {}
    for endpoint, address in addresses(app, refs):
        answer = staff.get(address)
        for form in forms_of(app, address, answer.text) if is_page(answer) else ():
            if form.endpoint != endpoint or endpoint in WITHOUT_TEXT | AS_READ:
                continue
            theirs, mine = pairs_of(form)
            first = staff.post(form.action, data=written(fresh(app, staff, form, address), theirs))
            if first.status_code != 303:
                # It needs more than a text; what is below of old versions holds for it too.
                unsaved[endpoint] = errors_in(first)
                continue

            second = staff.post(form.action, data=written(form, mine))
            assert second.status_code == 409, endpoint
            cells = [one.text_content() for one in html.fromstring(second.text).xpath("//td")]
            assert mine in cells, (endpoint, cells)

            saved = pressed(staff, second.text)
            assert saved.status_code == 303, (endpoint, errors_in(saved))
            tried.add(endpoint)

    assert tried >= {
        "articles.edit", "articles.cite", "cases.edit", "fake_accounts.edit", "incidents.edit",
        "incidents.circumstances", "incidents.summary", "incidents.edit_target",
        "institutions.edit", "journalists.edit", "outlets.edit", "responses.edit",
        "vocabulary.edit", "incidents.add_target", "incidents.add_status",
        "incidents.add_actor", "incidents.add_reference", "articles.mask",
        "incidents.edit_actor", "journalists.confidential", "incidents.confidential", "articles.confidential",
    }, unsaved  # fmt: skip


def test_every_form_on_an_old_version_is_refused_and_stores_nothing(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    found = every_form(app, staff, refs)
    with as_user(app):
        before = db.session.scalar(select(func.count(AuditEvent.sequence)))

    for endpoint, form in found.items():
        sent = written(form, pairs_of(form)[1])
        sent["version"] = OLD
        answer = staff.post(form.action, data=sent)
        if answer.status_code == 422:
            # It needs a text that this test does not know; the version is asked for all the same.
            continue
        assert answer.status_code == 409, (endpoint, answer.status_code)
        assert (INSIST in answer.text) is (endpoint not in AS_READ), endpoint

    with as_user(app):
        assert db.session.scalar(select(func.count(AuditEvent.sequence))) == before
    assert len(found) > 30


def test_sections_ask_for_the_version(app: Flask, staff: FlaskClient, refs: dict[str, str]) -> None:
    found = every_form(app, staff, refs)

    assert set(found) >= {
        "fake_accounts.add_event", "fake_accounts.add_succession", "fake_accounts.add_incident",
        "responses.add_incident", "cases.add", "cases.remove", "cases.link",
        "cases.add_reference", "journalists.add_name", "journalists.add_affiliation",
        "journalists.add_reference", "outlets.add_name", "outlets.add_reference",
        "institutions.add_name",
    }  # fmt: skip


def test_nothing_is_stored_until_it_is_insisted_on_and_then_it_is(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    address = f"/journalists/{refs['JRN']}/edit"
    (mine,) = forms_of(app, address, staff.get(address).text)
    (theirs,) = forms_of(app, address, staff.get(address).text)
    theirs.values["notes"], mine.values["notes"] = "Their note.", "My note,\nof two lines."
    staff.post(address, data=theirs.values)

    stale = staff.post(address, data=mine.values)
    assert "Their note." in staff.get(f"/journalists/{refs['JRN']}/").text

    assert pressed(staff, stale.text).status_code == 303
    (after,) = forms_of(app, address, staff.get(address).text)
    assert after.values["notes"].replace("\r", "") == "My note,\nof two lines."


def test_whoever_changed_nothing_puts_nothing_back(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    tried, whole = set(), set()
    for endpoint, address in addresses(app, refs):
        answer = staff.get(address)
        for form in forms_of(app, address, answer.text) if is_page(answer) else ():
            if form.endpoint != endpoint or endpoint in WITHOUT_TEXT | AS_READ:
                continue
            if not form.values.get("shown"):
                whole.add(endpoint)
                continue
            theirs = written(fresh(app, staff, form, address), pairs_of(form)[0])
            if staff.post(form.action, data=theirs).status_code != 303:
                continue
            stored = typed_in(fresh(app, staff, form, address))

            second = staff.post(form.action, data=form.values)
            if second.status_code == 422:
                # What is masked has to be said anew.
                continue
            assert second.status_code == 409, endpoint
            assert set(whose(second)) == {THEIRS}, endpoint

            assert pressed(staff, second.text).status_code == 303, endpoint
            assert typed_in(fresh(app, staff, form, address)) == stored, endpoint
            tried.add(endpoint)

    assert tried >= {
        "articles.edit", "cases.edit", "fake_accounts.edit", "incidents.edit",
        "incidents.circumstances", "incidents.summary", "institutions.edit",
        "journalists.edit", "outlets.edit", "responses.edit",
        "vocabulary.edit", "journalists.confidential", "incidents.confidential",
        "articles.confidential", "appeals.edit", "proceedings.edit",
    }  # fmt: skip
    assert whole == AS_A_WHOLE


def opened_by_two(app: Flask, browser: FlaskClient, address: str) -> tuple[Form, Form]:
    """Return the form of a page as two people open it, one after the other."""
    mine, theirs = (next(forms_of(app, address, browser.get(address).text)) for _ in range(2))
    return mine, theirs


def typed_in(form: Form) -> dict[str, list[str]]:
    """Return what a form shows, without its token, its key and its version."""
    unseen = {"csrf_token", "submission", "version", "shown"}
    return {name: texts for name, texts in form.values.lists() if name not in unseen}


def whose(answer: TestResponse) -> list[str]:
    """Return of each row of the page whose text the button saves."""
    cells = html.fromstring(answer.text).xpath("//tbody/tr/td[last()]")
    return [cell.text_content().strip() for cell in cells]


def test_what_only_one_of_two_changed_stays_and_what_both_changed_is_of_the_second(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    address = f"/incidents/{refs['INC']}/edit"
    mine, theirs = opened_by_two(app, staff, address)
    theirs.values["narrative"] = "What they wrote."
    theirs.values["occurred-when"] = mine.values["occurred-when"] = "2025-04"
    theirs.values["occurred-as_stated"] = "in April"
    mine.values["place"] = "Where I put it"
    assert staff.post(address, data=theirs.values).status_code == 303

    stale = staff.post(address, data=mine.values)

    # A date is one thing, whichever of its two inputs was touched.
    assert whose(stale) == [BOTH, MINE, THEIRS]
    assert pressed(staff, stale.text).status_code == 303
    after = fresh(app, staff, mine, address).values
    assert after["narrative"] == "What they wrote."
    assert after["place"] == "Where I put it"
    assert (after["occurred-when"], after["occurred-as_stated"]) == (
        "2025-04",
        mine.values["occurred-as_stated"],
    )


def test_what_only_the_other_changed_stays_whatever_kind_of_field_it_is(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    address = f"/responses/{refs['RSP']}/edit"
    mine, theirs = opened_by_two(app, staff, address)
    theirs.values["made-when"], theirs.values["made-as_stated"] = "2025-05", "in May"
    theirs.values["institution-name"] = "Another council"
    theirs.values["institution-chosen"] = refs["INS"]
    theirs.values["institution-chosen_for"] = "Another council"
    theirs.values.setlist("other_stances", ["denies", "condemns"])
    theirs.values["acts-0-act"], theirs.values["acts-0-quote"] = "condemnation", ""
    mine.values["summary"] = "What I wrote."
    assert staff.post(address, data=theirs.values).status_code == 303
    expected = typed_in(fresh(app, staff, mine, address)) | {"summary": ["What I wrote."]}

    stale = staff.post(address, data=mine.values)

    assert sorted(set(whose(stale))) == [THEIRS, MINE]
    assert pressed(staff, stale.text).status_code == 303
    assert typed_in(fresh(app, staff, mine, address)) == expected
    assert expected["made-when"] == ["2025-05"]
    assert set(expected["other_stances"]) == {"denies", "condemns"}


def test_ticked_types_of_the_other_stay(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    with as_user(app):
        make_type("legal.civil")
        db.session.commit()
    address = f"/incidents/{refs['INC']}/edit"
    mine, theirs = opened_by_two(app, staff, address)
    theirs.values.setlist("types", ["legal.civil"])
    mine.values["narrative"] = "What I wrote."
    assert staff.post(address, data=theirs.values).status_code == 303

    pressed(staff, staff.post(address, data=mine.values).text)

    after = fresh(app, staff, mine, address).values
    assert (after.getlist("types"), after["narrative"]) == (["legal.civil"], "What I wrote.")


def test_fields_that_only_together_say_something_are_never_of_two_people(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    address = f"/incidents/{refs['INC']}/circumstances"
    mine, theirs = opened_by_two(app, staff, address)
    theirs.values["work_link"], mine.values["work_link_said_by"] = "confirmed", "her editor"
    theirs.values["is_gendered"] = "yes"
    assert staff.post(address, data=theirs.values).status_code == 303

    stale = staff.post(address, data=mine.values)

    assert sorted(whose(stale)) == sorted([BOTH, BOTH, THEIRS])
    pressed(staff, stale.text)
    after = fresh(app, staff, mine, address).values
    assert after["work_link"] == mine.values["work_link"]
    assert after["work_link_said_by"] == "her editor"
    assert after["is_gendered"] == "yes"


def test_what_belongs_together_is_named_by_its_fields() -> None:
    waiting, found = [VersionedForm], 0
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        for names in kind.LINKED_FIELD_GROUPS:
            assert all(hasattr(kind, name) for name in names), (kind, names)
            found += 1
    assert found > 10


def test_a_third_save_in_between_is_told_apart_as_well(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    address = f"/incidents/{refs['INC']}/edit"
    mine, theirs = opened_by_two(app, staff, address)
    theirs.values["narrative"] = "What they wrote."
    mine.values["place"] = "Where I put it"
    staff.post(address, data=theirs.values)
    stale = staff.post(address, data=mine.values)
    third = fresh(app, staff, mine, address)
    third.values["title"] = "What a third one wrote"
    assert staff.post(address, data=third.values).status_code == 303

    again = pressed(staff, stale.text)

    assert again.status_code == 409
    assert sorted(whose(again)) == [THEIRS, MINE]
    assert pressed(staff, again.text).status_code == 303
    after = fresh(app, staff, mine, address).values
    assert after["title"] == "What a third one wrote"
    assert after["narrative"] == "What they wrote."
    assert after["place"] == "Where I put it"


def test_a_form_that_says_not_what_it_showed_saves_what_was_typed(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    address = f"/incidents/{refs['INC']}/edit"
    mine, theirs = opened_by_two(app, staff, address)
    theirs.values["narrative"] = "What they wrote."
    staff.post(address, data=theirs.values)
    mine.values["shown"] = "narrative == \u2028 place title=0 =x csrf_token=y"

    stale = staff.post(address, data=mine.values)

    assert stale.status_code == 409
    assert pressed(staff, stale.text).status_code == 303
    assert fresh(app, staff, mine, address).values["narrative"] == mine.values["narrative"]


def test_two_names_added_on_one_version_are_never_lost(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    page = f"/journalists/{refs['JRN']}/"
    form = next(
        one for one in forms_of(app, page, staff.get(page).text)
        if one.endpoint == "journalists.add_name"
    )  # fmt: skip
    for name in ("Asem First", "Asem Second"):
        form.values["name"] = name
        form.values["submission"] = name
        answer = staff.post(form.action, data=form.values)

    assert answer.status_code == 409
    assert "Asem Second" in answer.text
    assert "Asem Second" not in staff.get(page).text
    pressed(staff, answer.text)
    shown = staff.get(page).text
    assert "Asem First" in shown
    assert "Asem Second" in shown


def test_rows_are_compared_row_by_row(app: Flask, staff: FlaskClient, refs: dict[str, str]) -> None:
    address = f"/responses/{refs['RSP']}/edit"
    mine, theirs = opened_by_two(app, staff, address)
    theirs.values["official"] = "A speaker"
    assert staff.post(address, data=theirs.values).status_code == 303

    stale = staff.post(address, data=mine.values)

    rows = [
        [cell.text_content() for cell in row.xpath("./th|./td")]
        for row in html.fromstring(stale.text).xpath("//tbody/tr")
    ]
    # Rows that nobody touched, the empty ones among them, differ in nothing.
    assert rows == [["Who spoke", "A speaker", "", THEIRS]]


def test_the_way_back_leads_to_a_page_that_is_there(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    for form in every_form(app, staff, refs).values():
        sent = written(form, pairs_of(form)[1])
        sent["version"] = OLD
        answer = staff.post(form.action, data=sent)
        if answer.status_code == 409:
            for link in html.fromstring(answer.text).xpath("//main//p[@class='actions']/a/@href"):
                assert staff.get(link).status_code == 200, (form.endpoint, link)


def test_what_is_carried_over_is_escaped(
    app: Flask, staff: FlaskClient, refs: dict[str, str]
) -> None:
    address = f"/articles/{refs['ART']}/edit"
    form = next(forms_of(app, address, staff.get(address).text))
    form.values["version"] = OLD
    form.values["title"] = '"><script>alert(1)</script>'

    answer = staff.post(address, data=form.values)

    assert answer.status_code == 409
    # The only script is the tracker's own.
    assert answer.text.count("<script") == answer.text.count('<script src="/static/')
    assert "&lt;script&gt;alert(1)" in answer.text
    assert Visibility.INTERNAL.value in form.values["visibility"]
