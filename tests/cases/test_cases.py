"""The pages of cases: list, filters, one case, revising it, links, who sees what."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from tests.cases.records_made import (
    found,
    make_account,
    make_case,
    make_incident,
    make_response,
)
from tests.factories import (
    as_user,
    hidden_in,
    make_article,
    make_journalist,
    post,
    sign_in_directly,
    token_in,
)
from tests.kit.pages_read import chips
from tests.statements import counted
from tracker.articles.models import Article
from tracker.audit.models import AuditEvent
from tracker.cases.models import Case
from tracker.cases.queries import incident_ids_of, placements_by_record
from tracker.cases.service import file_records, set_main_case, share_case
from tracker.db import db
from tracker.errors import Forbidden
from tracker.incidents.models import Incident
from tracker.people.models import Journalist
from tracker.people.queries import journalist_by_ref
from tracker.permissions import Role, Visibility
from tracker.review.codes import EditorialState
from tracker.scoping import Viewer, set_viewer

EDIT = {
    "title": "An affair", "country": "KZ", "summary": "", "lead": "", "lifecycle": "open",
    "accountability": "", "accountability_reason": "",
}  # fmt: skip


@pytest.fixture
def staff(app, client):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    return client


@pytest.fixture
def case(app, staff):
    """Return the ref of a case that everybody may see."""
    with as_user(app) as by:
        ref = make_case(by=by).ref
        db.session.commit()
        return ref


def titles(text):
    return re.findall(r'<a id="[^"]+" href="/cases/CAS-[^"]+/">([^<]+)</a>', text)


def version_in(text):
    return found(r'name="version"[^>]*value="(\d+)"', text)


def test_an_empty_list_says_what_to_do(staff):
    assert "Log what an article reports" in staff.get("/cases/").text


def test_a_case_is_opened_and_shown(app, staff):
    team = found(r'<option selected value="(\d+)">Desk', staff.get("/cases/new").text)

    answer = post(
        staff, "/cases/new", title="The editor's door", country="KZ", summary="Two men came.",
        visibility="restricted", team=team,
    )  # fmt: skip

    shown = staff.get(answer.headers["Location"]).text
    assert "The editor&#39;s door" in shown
    assert "Two men came." in shown
    records = staff.get(answer.headers["Location"] + "records/").text
    assert "Only your team sees this case." in records


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": ""}, "This field is required"),
        ({"title": "x" * 301}, "longer than 300"),
        ({"country": "ZZ"}, "Not a valid choice"),
        ({"country": ""}, "Choose the country"),
        ({"visibility": "public"}, "Not a valid choice"),
        ({"team": "999"}, "Not a valid choice"),
        ({"summary": "a\x00b"}, "control characters"),
    ],
)
def test_a_bad_new_case_comes_back_with_what_was_typed(app, staff, changed, said):
    team = found(r'<option selected value="(\d+)">Desk', staff.get("/cases/new").text)
    sent = {
        "title": "The door", "country": "KZ", "summary": "Two men.", "visibility": "internal",
        "team": team,
    }  # fmt: skip

    answer = post(staff, "/cases/new", **(sent | changed))

    assert answer.status_code == 422
    assert said in answer.text
    assert "Two men." in answer.text or "summary" in changed
    with as_user(app):
        assert db.session.scalars(select(Case)).all() == []


def test_a_case_is_revised_and_its_history_tells_it(app, staff, case):
    page = staff.get(f"/cases/{case}/edit").text

    answer = post(
        staff, f"/cases/{case}/edit",
        **(EDIT | {
            "version": version_in(page), "title": "A new name", "lead": "staff",
            "lifecycle": "dormant", "accountability": "statements_only",
            "accountability_reason": "Only words so far.",
        }),
    )  # fmt: skip

    shown = staff.get(answer.headers["Location"]).text
    assert "A new name" in shown
    assert "Only words so far." in staff.get(f"/cases/{case}/official-response/").text
    assert "Dormant" in shown
    assert "A new name" in staff.get(f"/cases/{case}/history").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"accountability": "trial"}, "Say why this is set by hand"),
        ({"accountability_reason": "Because"}, "Choose what the reason is for"),
        ({"title": ""}, "This field is required"),
        ({"lead": "nobody"}, "Not a valid choice"),
        ({"lifecycle": "gone"}, "Not a valid choice"),
    ],
)
def test_a_bad_revision_comes_back_with_what_was_typed(app, staff, case, changed, said):
    page = staff.get(f"/cases/{case}/edit").text
    sent = EDIT | {"version": version_in(page), "summary": "Typed for minutes."} | changed

    answer = post(staff, f"/cases/{case}/edit", **sent)

    assert answer.status_code == 422
    assert said in answer.text
    assert "Typed for minutes." in answer.text
    with as_user(app):
        assert db.session.scalars(select(Case)).one().summary == ""


def test_whoever_saves_second_is_shown_both_texts(app, staff, case):
    version = version_in(staff.get(f"/cases/{case}/edit").text)
    first, second = (EDIT | {"version": version, "title": title} for title in ("Theirs", "Mine"))
    post(staff, f"/cases/{case}/edit", **first)

    answer = post(staff, f"/cases/{case}/edit", **second)

    assert answer.status_code == 409
    assert "Theirs" in answer.text
    assert "Mine" in answer.text
    with as_user(app):
        assert db.session.scalars(select(Case)).one().title == "Theirs"


def test_the_list_is_filtered_by_an_address_and_says_the_filter(app, staff):
    with as_user(app) as by:
        asem = make_journalist("Asem Doe", by=by)
        about = make_case("About Asem", by=by)
        file_records(about, [make_incident("A call", by=by, journalist=asem)], by=by)
        make_case("Elsewhere", country="KG", by=by)
        db.session.commit()
        ref = asem.ref

    assert titles(staff.get(f"/cases/?journalist={ref}").text) == ["About Asem"]
    assert "about Asem Doe" in chips(staff.get(f"/cases/?journalist={ref}").text)
    assert titles(staff.get("/cases/?country=KG").text) == ["Elsewhere"]
    assert titles(staff.get("/cases/?q=elsewh").text) == ["Elsewhere"]
    assert titles(staff.get("/cases/?lifecycle=closed").text) == []
    assert "No case that you may see fits" in staff.get("/cases/?lifecycle=closed").text


@pytest.mark.parametrize("query", ["lifecycle=x", "country=XX", "journalist=INC-0000000000", "x=1"])
def test_an_unknown_filter_is_named_and_never_ignored(staff, query):
    answer = staff.get(f"/cases/?{query}")

    assert answer.status_code == 400
    assert query.split("=")[0] in answer.text


def test_pages_lose_no_case_and_double_none(app, staff):
    with as_user(app) as by:
        for number in range(52):
            make_case(f"Affair {number:02}", by=by)
        db.session.commit()

    first = staff.get("/cases/").text
    after = found(r"after=(CAS-\w+)", first)
    second = staff.get(f"/cases/?after={after}").text

    assert len(titles(first)) == 50
    assert sorted(titles(first) + titles(second)) == [f"Affair {number:02}" for number in range(52)]


def test_the_number_of_queries_does_not_grow_with_the_cases_nor_with_what_is_in_them(app, staff):
    def queries(address):
        with app.app_context(), counted() as seen:
            assert staff.get(address).status_code == 200
        return len(seen)

    with as_user(app) as by:
        source = make_article(by=by)
        big = make_case("Big", by=by)
        fill(big, source, by=by)
        db.session.commit()
        ref = big.ref
    pages = ["/cases/", f"/cases/{ref}/", f"/cases/{ref}/records/"]
    pages.append(f"/articles/{source_ref(app)}/")
    before = [queries(page) for page in pages]
    with as_user(app) as by:
        case = db.session.scalars(select(Case)).one()
        source = db.session.scalars(select(Article)).one()
        for number in range(4):
            fill(case, source, by=by)
            make_case(f"Another {number}", by=by)
        db.session.commit()

    assert [queries(page) for page in pages] == before


def source_ref(app):
    with as_user(app):
        return db.session.scalars(select(Article)).one().ref


def fill(case, source, *, by):
    asem = make_journalist(f"Asem {id(object())}", by=by)
    file_records(
        case,
        [
            make_incident("A call", by=by, journalist=asem, cites=source),
            make_account("Asem the second", by=by, cites=source, quote="2"),
            make_response(by=by, cites=source, quote="3"),
        ],
        by=by,
    )


@pytest.fixture
def other(app):
    """Return a browser in which a monitor of no team is signed in."""
    with as_user(app, "monitor", Role.MONITOR, team=None):
        pass
    browser = app.test_client()
    sign_in_directly(browser, "monitor")
    return browser


def test_a_hidden_case_is_like_a_missing_one_and_uncounted(app, staff, other):
    with as_user(app) as by:
        ref = make_case("Hidden", visibility=Visibility.RESTRICTED, by=by).ref
        db.session.commit()

    assert "Hidden" not in other.get("/cases/").text
    hidden, missing = other.get(f"/cases/{ref}/"), other.get("/cases/CAS-0000000000/")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    key = r'name="(?:submission|csrf_token)"[^>]*'
    bodies = [re.sub(f"{ref}|CAS-0000000000|{key}", "", one.text) for one in (hidden, missing)]
    assert bodies[0] == bodies[1]
    for page in (
        "edit",
        "history",
        "records/",
        "official-response/",
        "timeline",
        "timeline.svg",
        "timeline.json",
        "share",
    ):
        assert other.get(f"/cases/{ref}/{page}").status_code in {403, 404}


def test_a_hidden_record_is_uncounted_and_unseen_in_a_case_that_everybody_sees(
    app, staff, other, case
):
    with as_user(app) as by:
        inside = db.session.scalars(select(Case)).one()
        file_records(
            inside,
            [
                make_incident("Seen by all", by=by),
                make_incident("For the team", by=by, visibility=Visibility.RESTRICTED),
            ],
            by=by,
        )
        db.session.commit()

    assert "2 incidents" in staff.get("/cases/").text
    assert re.search(r">\s*1 incident\s*<", other.get("/cases/").text)
    page = other.get(f"/cases/{case}/records/").text
    assert "Seen by all" in page
    assert "For the team" not in page
    assert "For the team" not in other.get(f"/cases/{case}/").text
    assert "For the team" not in other.get(f"/cases/{case}/timeline.svg").text
    assert "For the team" not in other.get(f"/cases/{case}/timeline.json").text


def test_a_case_is_opened_to_all_with_what_it_shows_named(app, staff, other):
    with as_user(app) as by:
        asem = make_journalist("Asem Doe", by=by, visibility=Visibility.RESTRICTED)
        source = make_article(by=by, visibility=Visibility.RESTRICTED)
        incident = make_incident(
            "A call", by=by, journalist=asem, cites=source, visibility=Visibility.RESTRICTED,
            state=EditorialState.IN_REVIEW,
        )  # fmt: skip
        hidden = make_case("Hidden", visibility=Visibility.RESTRICTED, by=by)
        file_records(hidden, [incident], by=by)
        db.session.commit()
        ref = hidden.ref

    page = staff.get(f"/cases/{ref}/share").text
    named = re.findall(r'name="refs" value="([^"]+)"', page)
    assert {one[:3] for one in named} == {"INC", "JRN", "ART"}
    short = post(staff, f"/cases/{ref}/share", version=version_in(page), refs=named[:1])
    assert short.status_code == 422
    assert "shows more than was listed" in short.text
    assert other.get(f"/cases/{ref}/").status_code == 404

    post(staff, f"/cases/{ref}/share", version=version_in(page), refs=named)

    shown = other.get(f"/cases/{ref}/").text
    assert "A call" in shown
    assert "Asem Doe" in shown
    with as_user(app):
        actions = set(db.session.scalars(select(AuditEvent.action)))
        assert {"case:widen", "incident:widen", "journalist:widen", "article:widen"} <= actions
        assert db.session.scalars(select(Journalist)).one().visibility is Visibility.INTERNAL
        assert db.session.scalars(select(Incident)).one().state is EditorialState.IN_REVIEW

    post(staff, f"/cases/{ref}/restrict", page=f"/cases/{ref}/records/")

    assert other.get(f"/cases/{ref}/").status_code == 404


def test_what_is_opened_with_a_case_is_named_in_the_trail_as_everywhere(app, staff):
    with as_user(app) as by:
        kept: dict[str, Any] = {"by": by, "visibility": Visibility.RESTRICTED}
        account, response = make_account("Asem the second", **kept), make_response(**kept)
        hidden = make_case("Hidden", **kept)
        file_records(hidden, [account, response], by=by)
        db.session.commit()
        ref, named = hidden.ref, [account.ref, response.ref]

    page = staff.get(f"/cases/{ref}/share").text
    post(staff, f"/cases/{ref}/share", version=version_in(page), refs=named)

    with as_user(app):
        assert widened() == {"fake_account:widen", "response:widen", "case:widen"}


def widened():
    """Return the acts of opening something that the trail holds."""
    return {one for one in db.session.scalars(select(AuditEvent.action)) if "widen" in one}


def test_what_its_editor_does_not_see_is_not_opened_through_a_case_either(app, staff):
    with as_user(app, "other", team="Elsewhere") as them:
        vera = make_journalist("Vera Hidden", by=them, visibility=Visibility.RESTRICTED)
        db.session.commit()
        vera_ref, elsewhere = vera.ref, them.team_ids[0]
    with as_user(app) as by:
        # Filed while the editor saw more than now.
        set_viewer(Viewer((*by.team_ids, elsewhere)))
        incident = make_incident(
            "A call",
            by=by,
            visibility=Visibility.RESTRICTED,
            journalist=journalist_by_ref(vera_ref),
        )
        hidden = make_case("Hidden", visibility=Visibility.RESTRICTED, by=by)
        file_records(hidden, [incident], by=by)
        db.session.commit()
        ref, named = hidden.ref, incident.ref

    page = staff.get(f"/cases/{ref}/share").text
    answer = post(staff, f"/cases/{ref}/share", version=version_in(page), refs=[named])

    assert answer.status_code == 422
    assert "It shows a person or source that you may not see" in answer.text
    with as_user(app):
        assert db.session.scalars(select(Case)).one().visibility is Visibility.RESTRICTED
        assert db.session.scalars(select(Incident)).one().visibility is Visibility.RESTRICTED
        assert widened() == set()


def test_what_another_team_keeps_is_not_opened_with_a_case(app):
    with as_user(app, "other", team="Elsewhere") as them:
        make_incident("Kept elsewhere", by=them, visibility=Visibility.RESTRICTED)
        db.session.commit()
        elsewhere = them.team_ids[0]
    with as_user(app) as by:
        # Pages never read with more eyes than the editor's: the service has to hold by itself.
        set_viewer(Viewer((*by.team_ids, elsewhere)))
        theirs = db.session.scalars(select(Incident)).one()
        hidden = make_case("Hidden", visibility=Visibility.RESTRICTED, by=by)
        file_records(hidden, [theirs], by=by)
        db.session.commit()

        with pytest.raises(Forbidden, match="Only staff of a record’s team"):
            share_case(hidden, listed_refs=[theirs.ref], by=by)
        db.session.rollback()

        assert hidden.visibility is Visibility.RESTRICTED
        assert theirs.visibility is Visibility.RESTRICTED
        assert widened() == set()


def test_only_staff_of_its_team_change_a_case(app, staff, case, other):
    with as_user(app, "stranger", team="Elsewhere"):
        pass
    stranger = app.test_client()
    sign_in_directly(stranger, "stranger")

    for browser in (other, stranger):
        shown = browser.get(f"/cases/{case}/records/").text
        assert f"/cases/{case}/edit" not in shown
        assert browser.get(f"/cases/{case}/edit").status_code == 403
        token = token_in(shown)
        for act in (
            "add",
            "remove",
            "main-case",
            "link",
            "reference",
            "restrict",
            "links/1/remove",
        ):
            answer = browser.post(f"/cases/{case}/{act}", data={"csrf_token": token})
            assert answer.status_code == 403, act


def test_a_link_reads_from_both_sides(app, staff, case):
    with as_user(app) as by:
        second = make_case("The second affair", by=by).ref
        db.session.commit()

    post(
        staff, f"/cases/{second}/link", page=f"/cases/{second}/records/", kind="follows", other=case
    )

    assert re.search(r"follows\s+<a[^>]+>An affair", staff.get(f"/cases/{second}/records/").text)
    here = staff.get(f"/cases/{case}/records/").text
    assert re.search(r"is followed by\s+<a[^>]+>The second affair", here)
    assert "/links/" not in here

    page = staff.get(f"/cases/{second}/records/").text
    remove = found(r'action="([^"]+/links/\d+/remove)"', page)
    staff.post(remove, data=hidden_in(page))

    assert "The second affair" not in staff.get(f"/cases/{case}/records/").text


@pytest.mark.parametrize(
    ("act", "sent", "said"),
    [
        ("link", {"kind": "follows", "other": "CAS-0000000000"}, "There is no such case"),
        ("link", {"kind": "follows", "other": "itself"}, "cannot be linked to itself"),
        ("link", {"kind": "x", "other": "itself"}, "Not a valid choice"),
        ("add", {"record": "INC-0000000000"}, "There is no such record"),
        ("add", {"record": "JRN-0000000000"}, "There is no such record"),
        ("add", {"record": "\x00"}, "control characters"),
        ("add", {"record": ""}, "This field is required"),
        ("remove", {"what": "INC-0000000000"}, "There is no such record"),
        ("main-case", {"what": "ACC-0000000000"}, "There is no such record"),
        (
            "reference",
            {"scheme": "CPJ", "identifier": "1", "url": "javascript:1"},
            "not the address",
        ),
        ("reference", {"scheme": "", "identifier": "1"}, "This field is required"),
        ("links/77/remove", {}, "There is no such link"),
        ("references/77/remove", {}, "There is no such reference"),
    ],
)
def test_a_bad_change_is_said_on_the_cases_page(staff, case, act, sent, said):
    sent = {key: case if value == "itself" else value for key, value in sent.items()}

    answer = post(staff, f"/cases/{case}/{act}", page=f"/cases/{case}/records/", **sent)

    assert answer.status_code == 422
    assert said in answer.text
    assert "An affair" in answer.text


def test_a_record_is_filed_by_its_ref_and_taken_out_again(app, staff, case):
    with as_user(app) as by:
        ref = make_account("Asem the second", by=by).ref
        db.session.commit()

    post(staff, f"/cases/{case}/add", page=f"/cases/{case}/records/", record=ref)
    assert "Asem the second" in staff.get(f"/cases/{case}/records/").text

    post(staff, f"/cases/{case}/remove", page=f"/cases/{case}/records/", what=ref)
    assert "Asem the second" not in staff.get(f"/cases/{case}/records/").text

    again = post(staff, f"/cases/{case}/remove", page=f"/cases/{case}/records/", what=ref)
    assert "not filed in this case" in again.text


def test_only_the_main_case_of_an_incident_is_marked(app, staff, case):
    with as_user(app) as by:
        first = db.session.scalars(select(Case)).one()
        second = make_case("The second affair", by=by)
        incident = make_incident("A call", by=by)
        account = make_account("Asem the second", by=by)
        for one in (first, second):
            file_records(one, [incident, account], by=by)
        set_main_case(second, incident, by=by)
        set_main_case(second, incident, by=by)

        assert [
            (one.case.title, one.is_home) for one in placements_by_record([incident])[incident]
        ] == [
            ("An affair", False),
            ("The second affair", True),
        ]
        assert [one.case.title for one in placements_by_record([account])[account]] == [
            "An affair",
            "The second affair",
        ]
        assert db.session.scalars(incident_ids_of(second)).all() == [incident.id]


def test_nothing_is_filed_in_a_closed_case(app, staff, case):
    with as_user(app) as by:
        ref = make_account("Asem the second", by=by).ref
        db.session.commit()
    page = staff.get(f"/cases/{case}/edit").text
    post(
        staff,
        f"/cases/{case}/edit",
        **(EDIT | {"version": version_in(page), "lifecycle": "closed"}),
    )

    answer = post(staff, f"/cases/{case}/add", page=f"/cases/{case}/records/", record=ref)

    assert answer.status_code == 422
    assert "open it again first" in answer.text


def test_a_reference_leads_out_safely_and_is_removed(app, staff, case):
    sent = {"scheme": "CPJ", "identifier": "17-204", "url": "https://example.org/17-204"}
    post(staff, f"/cases/{case}/reference", page=f"/cases/{case}/records/", **sent)

    page = staff.get(f"/cases/{case}/records/").text
    link = '<a href="https://example.org/17-204" rel="noreferrer noopener">17-204</a>'
    assert link in page
    again = post(staff, f"/cases/{case}/reference", page=f"/cases/{case}/records/", **sent)
    assert "there already" in again.text

    remove = found(r'action="([^"]+/references/\d+/remove)"', page)
    staff.post(remove, data=hidden_in(page))

    assert "17-204" not in staff.get(f"/cases/{case}/records/").text
