"""Who took which file with which rows, and what became of them since."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from python_calamine import CalamineWorkbook

from tests.cases.records_made import make_case
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_outlet,
    make_type,
    sign_in_directly,
)
from tests.incidents.namings_made import close, decide, deciding, her, stored, visit
from tests.reports.pressing import press
from tests.reports.test_package import rows, taken
from tests.statements import counted
from tracker.audit.models import AuditEvent
from tracker.bulk_insert import prepare_insert
from tracker.db import db
from tracker.incidents.codes import NamingDecision, NamingScope, TargetKind
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.merging_service import merge_incidents
from tracker.incidents.publication_service import publish
from tracker.incidents.service import TargetFacts, write_public_summary
from tracker.people.models import Journalist
from tracker.permissions import Role, Visibility
from tracker.reports import export_log_service, flat_queries
from tracker.reports.models import ExportedRow, ExportRun
from tracker.reports.packages import changes_queries, service
from tracker.reports.queries import OPTIONS_HIDDEN_FROM_OTHERS, previous_identical_runs
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.service import restore_record, retract_record

EXPORT_LOG = "/reports/export-log"
FOR_THEM = "?profile=partner&drafts=yes&recipient=A+network"
FLAT = "/reports/incidents.csv"


def runs(app: Flask) -> list[ExportRun]:
    with app.app_context():
        return list(db.session.scalars(sa.select(ExportRun).order_by(ExportRun.id)))


def take(client: FlaskClient, address: str) -> None:
    with client.get(address) as answer:
        assert answer.status_code == 200
        answer.get_data()


@pytest.fixture
def taker(app: Flask, client: FlaskClient) -> FlaskClient:
    """Sign in as staff who export for others as well."""
    with as_user(app, "taker", Role.STAFF, Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    return client


def test_a_file_is_written_down_before_it_leaves_and_closed_after(app, taker):
    with as_user(app) as staff:
        made = make_incident(by=staff)
        ref = made.ref
        db.session.commit()
    take(taker, f"{FLAT}?country=KZ")
    take(taker, "/reports/published.csv")
    taken(taker, FOR_THEM)

    flat, published, package = runs(app)
    assert (flat.kind, flat.asked, flat.rows) == ("incidents", {"country": "KZ"}, 1)
    assert flat.columns["incidents.csv"][0] == "ref"
    assert (published.kind, published.profile, published.rows) == ("published", "public", 0)
    assert (package.kind, package.profile) == ("package", "partner")
    assert "narrative" not in package.columns["incidents"]
    with app.app_context():
        held = sa.select(ExportedRow.run_id).where(ExportedRow.ref == ref)
        assert set(db.session.scalars(held)) == {flat.id, package.id}
        last = sa.select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)
        event = db.session.scalars(last).one()
        assert (event.action, event.subject) == ("export:package", "package.zip")
        assert event.changes == {
            "profile": "partner", "drafts": "yes", "recipient": "A network"
        }  # fmt: skip
    page = taker.get(EXPORT_LOG).text
    assert "A network" in page
    assert "no end was logged" not in page


def test_the_log_tells_the_choices_of_a_file_in_words(app, taker):
    with as_user(app):
        make_type("threat.death")
        db.session.commit()
    asked = "type=threat.&country=KZ&columns=ref,type_labels&labels=ru&format=xlsx"
    take(taker, f"/reports/incidents.xlsx?{asked}")

    page = html.fromstring(taker.get(EXPORT_LOG).text)
    [told] = [" ".join(one.text_content().split()) for one in page.xpath('//li[@class="entry"]')]
    for words in ("Types: Threats", "Country: Kazakhstan", "Columns: Ref, Types", "Русский"):
        assert words in told
    assert "incidents.csv" not in told
    [again] = page.xpath('//a[.="Open again with the same choices"]/@href')
    assert taker.get(again).status_code == 200


def test_the_log_says_of_what_a_checksum_is(app, taker):
    with as_user(app) as staff:
        made = make_case("Letters", by=staff).ref
        db.session.commit()
    addresses = (
        FLAT,
        "/reports/package.zip",
        "/reports/package.xlsx",
        f"/reports/dossier/{made}.zip",
    )
    files = [taker.get(one).data for one in addresses]
    flat, archive, workbook, dossier = (
        re.sub("<[^>]+>", "", one) for one in _details(taker.get(EXPORT_LOG).text)[::-1]
    )
    for told, content in ((flat, files[0]), (dossier, files[3])):
        assert f"SHA-256 of the file: {hashlib.sha256(content).hexdigest()}" in told
    of_tables = "Checksum of the tables, the same for ZIP and Excel: "
    [first, second] = [one.partition(of_tables)[2].split()[0] for one in (archive, workbook)]
    assert first == second
    assert "SHA-256 of the file" not in archive + workbook


def _details(page: str) -> list[str]:
    return re.findall(
        "<details>(?:(?!</details>).)*Checksum and columns.*?</details>", page, re.DOTALL
    )


def test_a_file_that_broke_off_stays_unfinished(app, taker, monkeypatch):
    with as_user(app) as staff:
        make_incident(by=staff)
        db.session.commit()

    def fail(*_args: Any, **_how: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(flat_queries._BatchReader, "_find_case_refs", fail)
    monkeypatch.setattr(service, "exported_row_batches", fail)
    for address in (FLAT, f"/reports/package.zip{FOR_THEM}"):
        with pytest.raises(ZeroDivisionError):
            take(taker, address)

    assert [(run.ended_at, run.sha256) for run in runs(app)] == [(None, "")] * 2
    assert taker.get(EXPORT_LOG).text.count("no end was logged") == 2
    monkeypatch.undo()
    # What never arrived whole is nothing that they have.
    assert "changes.csv" not in taken(taker, FOR_THEM).namelist()


def test_a_row_of_a_file_that_broke_off_is_none_that_they_have(app, taker, monkeypatch):
    with as_user(app) as staff:
        ref = make_incident(by=staff).ref
        db.session.commit()

    def fail(**_how: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(service, "build_readme", fail)
    with pytest.raises(ZeroDivisionError):
        taken(taker, FOR_THEM)
    monkeypatch.undo()
    assert re.search(r"\d records? may have been sent\.", taker.get(EXPORT_LOG).text)
    taken(taker, f"{FOR_THEM}&country=KG")
    assert changes_of(taken(taker, FOR_THEM))[ref] == ("added", "")


def test_a_list_of_rows_that_broke_off_is_none(app, taker, monkeypatch):
    with as_user(app) as staff:
        refs = {make_incident(by=staff).ref for _number in range(2)}
        db.session.commit()
    written: list[bool] = []

    def once(*what: Any, **how: Any) -> Any:
        if written:
            raise ZeroDivisionError
        written.append(True)
        return prepare_insert(*what, **how)

    monkeypatch.setattr(export_log_service, "STORED_BATCH_SIZE", 1)
    monkeypatch.setattr(export_log_service, "prepare_insert", once)
    with pytest.raises(ZeroDivisionError):
        take(taker, FLAT)
    monkeypatch.undo()
    with app.app_context():
        [listed] = db.session.scalars(sa.select(ExportedRow.ref))
    unsaid = "1 unfinished file has no list of its rows, and may hold this one as well."
    for ref in refs - {listed}:
        assert unsaid in taker.get(f"{EXPORT_LOG}?holds={ref}").text
    assert "It is not known which records were sent before that" in taker.get(EXPORT_LOG).text
    # It is told to nobody who may not know of the file.
    with as_user(app, "another", team="Elsewhere"):
        pass
    sign_in_directly(taker, "another")
    assert unsaid not in taker.get(f"{EXPORT_LOG}?holds={listed}").text


def test_run_again_it_says_whether_it_is_the_same(app, taker):
    with as_user(app) as staff:
        made = make_incident(title="Calls", by=staff)
        db.session.commit()
        ref = made.ref
    for _time in range(2):
        take(taker, FLAT)
        taken(taker)
    page = taker.get(EXPORT_LOG).text
    flat, package = runs(app)[:2]
    assert f"The same as {flat.ref}." in page
    assert f"The same as {package.ref}." in page
    with as_user(app) as staff:
        write_public_summary(stored(ref), {"public_summary_en": "Calls at night."}, by=staff)
        db.session.commit()
    taken(taker)
    page = taker.get(EXPORT_LOG).text
    assert f"Different from {runs(app)[3].ref}." in page
    assert 'href="/reports/package?profile=internal' in page


def test_a_file_is_compared_with_the_last_whole_one_before_it(app, taker):
    with as_user(app) as staff:
        ref = make_incident(by=staff).ref
        db.session.commit()
    for asked in ("", "", "?country=KZ", "", ""):
        take(taker, FLAT + asked)
    first, second, narrow, cut_off, last = runs(app)
    with as_user(app) as staff:
        unfinished = sa.update(ExportRun).where(ExportRun.id == cut_off.id)
        db.session.execute(unfinished.values(ended_at=None, sha256=""))
        write_public_summary(stored(ref), {"public_summary_en": "More."}, by=staff)
        db.session.commit()
    take(taker, FLAT)
    changed = runs(app)[-1]

    with app.app_context():
        found = previous_identical_runs([changed, last, *runs(app)[:4]])
    assert found == {
        second.id: (first.ref, True), last.id: (second.ref, True), changed.id: (last.ref, False)
    }  # fmt: skip
    assert narrow.id not in found


def test_the_export_log_says_how_each_file_was_written(app, taker):
    with as_user(app) as staff:
        ref = make_incident(by=staff).ref
        db.session.commit()
    take(taker, "/reports/incidents.xlsx")
    take(taker, "/reports/incidents.jsonl?country=KZ")
    take(taker, "/reports/published.csv")
    page = taker.get(EXPORT_LOG).text
    for words in (
        "Incidents · Excel (XLSX) · Internal", "Incidents · JSON Lines · Internal",
        "What is published · CSV (comma) · Public",
    ):  # fmt: skip
        assert f"<h2>{words}</h2>" in page
    # Whoever asks in small letters asks for the same record.
    assert taker.get(f"{EXPORT_LOG}?holds={ref.lower()}").text.count('class="entry"') == 2


def test_what_they_have_is_told_of_and_nothing_else(app, taker):
    with deciding(app) as staff:
        named = make_journalist("Aida Named", by=staff)
        about: dict[str, Any] = {"targets": [TargetFacts(journalist=named)], "by": staff}
        article = make_article(by=staff)
        made = {
            name: make_incident(article=article, **about)
            for name in ("kept", "changed", "hidden", "gone", "twin")
        }
        refs = {name: one.ref for name, one in made.items()} | {"journalist": named.ref}
        never = make_incident(visibility=Visibility.RESTRICTED, by=staff)
        refs["never"] = never.ref
        db.session.commit()
        for one in made.values():
            decide(one, NamingDecision.CONSENTED, scope=NamingScope.PARTNER, by=staff)
    assert "changes.csv" not in taken(taker, FOR_THEM).namelist()
    # Nobody else's package, and none of another profile, is what these people have.
    assert (
        "changes.csv" not in taken(taker, "?profile=partner&drafts=yes&recipient=Others").namelist()
    )
    assert rows(taken(taker, FOR_THEM), "changes") == []

    with deciding(app) as staff:
        merge_incidents(stored(refs["kept"]), stored(refs["twin"]), by=staff)
        write_public_summary(stored(refs["changed"]), {"public_summary_en": "More."}, by=staff)
        db.session.commit()
        decide(stored(refs["hidden"]), NamingDecision.NOT_ASKED, by=staff)
        stored(refs["hidden"]).visibility = Visibility.RESTRICTED
        refs["new"] = make_incident(by=staff).ref
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        retract_record(
            stored(refs["gone"]), reason=RetractReason.DID_NOT_HAPPEN, note="", by=monitor
        )
        db.session.commit()

    page = taker.get(f"/reports/package{FOR_THEM}").text
    before = len(runs(app))
    changes = {
        one["ref"]: (one["change"], one["reason"], one["merged_into"])
        for one in rows(taken(taker, FOR_THEM), "changes")
    }
    assert len(runs(app)) == before + 1
    expected = {
        refs["kept"]: ("changed", "", ""),
        refs["changed"]: ("changed", "", ""),
        refs["hidden"]: ("redacted", "not_shared", ""),
        refs["gone"]: ("retracted", "did_not_happen", ""),
        refs["twin"]: ("merged", "duplicate", refs["kept"]),
        refs["journalist"]: ("redacted", "not_shared", ""),
        refs["new"]: ("added", "", ""),
    }
    assert {ref: changes.get(ref) for ref in expected} == expected
    assert refs["never"] not in changes
    assert all(ref in page for ref in changes)
    assert "It may no longer leave" in page
    assert "not_shared" not in page
    # A narrower filter loses rows that they have: that is said, and said of no other.
    narrower = rows(taken(taker, f"{FOR_THEM}&country=KG"), "changes")
    said = {one["ref"]: (one["change"], one["reason"]) for one in narrower}
    assert said[refs["kept"]] == ("changed", "outside_filter")
    assert refs["gone"] not in said
    assert changes_of(taken(taker, f"{FOR_THEM}&country=KG")) == said
    # Once, where something changed since: what they have still stands.
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        retract_record(
            stored(refs["changed"]), reason=RetractReason.CODING_ERROR, note="", by=monitor
        )
        db.session.commit()
    told = changes_of(taken(taker, f"{FOR_THEM}&country=KG"))
    assert told == {refs["changed"]: ("retracted", "coding_error")}
    assert refs["kept"] not in changes_of(taken(taker, FOR_THEM))


def test_a_workbook_says_what_changed_as_the_zip_does(app, taker):
    with as_user(app) as staff:
        article = make_article(by=staff)
        gone, stays = (make_incident(article=article, by=staff).ref for _one in range(2))
        never = make_incident(article=article, visibility=Visibility.RESTRICTED, by=staff).ref
        db.session.commit()
    assert "changes" not in sheets_of(taker, FOR_THEM).sheet_names
    again = sheets_of(taker, FOR_THEM).get_sheet_by_name("changes").to_python()
    assert again == [["ref", "change", "reason", "merged_into"]]
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        for ref in (gone, never):
            reason = RetractReason.DID_NOT_HAPPEN
            retract_record(stored(ref), reason=reason, note="", by=monitor)
        db.session.commit()
    with as_user(app) as staff:
        new = make_incident(article=stored(stays).citations[0].article, by=staff).ref
        db.session.commit()

    page = taker.get(f"/reports/package{FOR_THEM}").text
    [_header, *told] = sheets_of(taker, FOR_THEM).get_sheet_by_name("changes").to_python()
    assert {one[0]: (one[1], one[2]) for one in told} == {
        gone: ("retracted", "did_not_happen"), new: ("added", "")
    }  # fmt: skip
    assert never not in page
    # What is taken once more, in whichever form, says the same: it may be the one that is sent.
    said = {one[0]: (one[1], one[2]) for one in told}
    page = taker.get(f"/reports/package{FOR_THEM}").text
    assert f"Nothing changed since {runs(app)[2].ref}: earlier changes" in page
    assert gone in page
    assert changes_of(taken(taker, FOR_THEM.replace("A+net", "a+NET"))) == said
    assert len(sheets_of(taker, FOR_THEM).get_sheet_by_name("changes").to_python()) == 3
    assert f"The same as {runs(app)[3].ref}." in taker.get(EXPORT_LOG).text
    # Once something changed since, it is told and no more.
    with as_user(app) as staff:
        write_public_summary(stored(stays), {"public_summary_en": "More."}, by=staff)
        db.session.commit()
    assert changes_of(taken(taker, FOR_THEM)) == {stays: ("changed", "")}


def test_whose_name_may_leave_is_asked_as_often_however_much_was_left_out(app, taker, monkeypatch):
    with as_user(app) as staff:
        article = make_article(by=staff)
        for _one in range(3):
            make_incident(article=article, by=staff)
        db.session.commit()
    taken(taker, FOR_THEM)

    def asked() -> int:
        with app.app_context(), counted() as seen:
            page = taker.get(f"/reports/package{FOR_THEM}&country=KG").text
        assert page.count("It no longer fits the filter") >= 3
        return sum(one.startswith("SELECT DISTINCT incident_targets.") for one in seen)

    together = asked()
    monkeypatch.setattr(changes_queries, "REFS_PER_BATCH", 1)
    assert asked() == together > 0


def sheets_of(client: FlaskClient, asked: str) -> CalamineWorkbook:
    with client.get(f"/reports/package.xlsx{asked}") as answer:
        assert answer.status_code == 200
        return CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data()))


def changes_of(package: zipfile.ZipFile) -> dict[str, tuple[str, str]]:
    return {one["ref"]: (one["change"], one["reason"]) for one in rows(package, "changes")}


def test_what_they_have_of_another_profile_is_another_matter(app, taker):
    with as_user(app) as staff:
        made = make_incident(by=staff)
        write_public_summary(made, {"public_summary_en": "Letters came."}, by=staff)
        made.state = EditorialState.APPROVED
        ref = made.ref
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        publish(stored(ref), by=monitor)
        db.session.commit()
    public = FOR_THEM.replace("partner", "public")
    for asked in (FOR_THEM, public):
        taken(taker, asked)
    assert changes_of(taken(taker, FOR_THEM)) == changes_of(taken(taker, public)) == {}

    with as_user(app, "monitor", Role.MONITOR) as monitor:
        retract_record(stored(ref), reason=RetractReason.DID_NOT_HAPPEN, note="", by=monitor)
        db.session.commit()
    # What was published keeps its row, and says of itself that it was retracted.
    again = taken(taker, public)
    assert [one["ref"] for one in rows(again, "published")] == [ref]
    assert changes_of(again)[ref][0] == "retracted"
    assert changes_of(taken(taker, public)) == changes_of(again)
    assert changes_of(taken(taker, FOR_THEM))[ref] == ("retracted", "did_not_happen")


@pytest.mark.parametrize(
    ("button", "suffix"),
    [("Download ZIP", "zip"), ("Download Excel (a sheet each table)", "xlsx")],
)
def test_the_package_is_for_whom_it_was_chosen(app, taker, button, suffix):
    chosen = {"profile": "partner", "recipient": "A network"}
    with press(taker, "/reports/package", button, **chosen) as answer:
        said = answer.headers["Content-Disposition"]
        assert "package-partner-" in said
        assert said.endswith(f'.{suffix}"')
        answer.get_data()
    page = taker.get(EXPORT_LOG).text
    assert f"Data package · {suffix.upper()} · Partner · A network" in page
    [again] = re.findall('href="([^"]*)">Open again with the same choices', page)
    assert taker.get(unescape(again)).status_code == 200


def test_what_others_have_is_nothing_that_they_have(app, taker):
    with as_user(app) as staff:
        ref = make_incident(by=staff).ref
        db.session.commit()
    taken(taker, FOR_THEM)
    others = FOR_THEM.replace("A+network", "Others")
    taken(taker, f"{others}&country=KG")
    assert changes_of(taken(taker, others))[ref] == ("added", "")


def test_a_narrow_package_in_between_hides_nothing(app, taker):
    with deciding(app) as staff:
        article = make_article(by=staff)
        gone, _stays = (make_incident(article=article, by=staff).ref for _one in range(2))
        db.session.commit()
    taken(taker, FOR_THEM)
    # They have neither from this one, and both from the one before.
    assert changes_of(taken(taker, f"{FOR_THEM}&country=KG"))[gone] == ("changed", "outside_filter")
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        retract_record(stored(gone), reason=RetractReason.DID_NOT_HAPPEN, note="", by=monitor)
        db.session.commit()

    told = changes_of(taken(taker, f"{FOR_THEM}&country=KG"))
    assert told == {gone: ("retracted", "did_not_happen")}
    assert taker.get(f"{EXPORT_LOG}?holds={gone}").text.count('class="entry"') == 1
    # Said again as long as nothing else changed; what comes back is new to them.
    assert changes_of(taken(taker, FOR_THEM)) == told
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        restore_record(stored(gone), note="It did.", by=monitor)
        db.session.commit()
    assert changes_of(taken(taker, FOR_THEM)) == {gone: ("added", "")}


def test_who_holds_a_row_is_said_to_whom_it_may_be_said(app, client):
    with as_user(app) as staff:
        open_ref = make_incident(title="Asked", by=staff).ref
        own = make_incident(visibility=Visibility.RESTRICTED, by=staff).ref
        db.session.commit()
    sign_in_directly(client, "staff")
    take(client, f"{FLAT}?q=telling&country=KZ")
    take(client, FLAT)
    assert client.get(f"{EXPORT_LOG}?holds={own}").text.count('class="entry"') == 1
    assert "telling" in client.get(EXPORT_LOG).text
    for who, role in (("monitor", Role.MONITOR), ("boss", Role.ADMIN)):
        with as_user(app, who, role, team="Elsewhere"):
            pass
        sign_in_directly(client, who)
        page = client.get(EXPORT_LOG).text
        assert page.count('class="entry"') == 2
        assert "telling" not in page
        assert "Country: Kazakhstan" in page
        assert client.get(f"{EXPORT_LOG}?holds={open_ref}").text.count('class="entry"') == 1
        # As if there were no such record.
        hidden, missing = (
            client.get(f"{EXPORT_LOG}?holds={ref}").text.partition("<main")[2].replace(ref, "")
            for ref in (own, "INC-0000000000")
        )
        assert hidden == missing
    with as_user(app, "another", team="Elsewhere"):
        pass
    sign_in_directly(client, "another")
    assert 'class="entry"' not in client.get(EXPORT_LOG).text
    assert client.get(f"{EXPORT_LOG}?holds={open_ref}").text.count('class="entry"') == 0
    assert client.get(f"{EXPORT_LOG}?holds=nobody").status_code == 400


def test_records_selected_for_a_file_are_shown_only_to_whoever_took_it(app, client):
    with as_user(app) as staff:
        own = make_incident(visibility=Visibility.RESTRICTED, by=staff).ref
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR, team="Elsewhere"):
        pass
    sign_in_directly(client, "staff")
    take(client, f"{FLAT}?record={own}")
    assert own in client.get(EXPORT_LOG).text
    sign_in_directly(client, "monitor")
    page = client.get(EXPORT_LOG).text
    assert "Selected records: …" in page
    assert own not in page


def test_each_field_of_the_filter_is_shown_to_all_or_to_whoever_took_the_file():
    """The code of a closed set names nobody. Any other new field belongs in
    `OPTIONS_HIDDEN_FROM_OTHERS` if it may name somebody, else here.
    """
    others = {one.name for one in IncidentFilter.declared_fields() if one.codes is None}
    assert others - OPTIONS_HIDDEN_FROM_OTHERS == {
        "country", "figure", "from", "logged_from", "primary", "region", "reported", "shared", "to",
        "type",
    }  # fmt: skip


def test_files_that_hold_what_was_done_to_her_are_found_by_her(app, client):
    with deciding(app, "taker", Role.STAFF, Role.EXPORTER) as taker:
        journalist, outlet = her(taker), make_outlet(by=taker)
        closed = visit(journalist, by=taker)
        visit(
            TargetFacts(kind=TargetKind.OUTLET, outlet=outlet),
            title="The outlet",
            country="KG",
            by=taker,
        )
        make_journalist("Dana Serik", by=taker)
        db.session.commit()
        her_ref, outlet_ref, closed_ref = journalist.ref, outlet.ref, closed.ref
        other = db.session.scalars(sa.select(Journalist).where(Journalist.name == "Dana Serik"))
        other_ref = other.one().ref
    sign_in_directly(client, "taker")
    take(client, f"{FLAT}?country=KZ")
    take(client, f"{FLAT}?country=KG")

    def found(ref: str, browser: FlaskClient = client) -> int:
        return browser.get(f"{EXPORT_LOG}?holds={ref}").text.count('class="entry"')

    with as_user(app, "monitor", Role.MONITOR, team="Elsewhere"):
        pass
    monitor = app.test_client()
    sign_in_directly(monitor, "monitor")
    for browser in (client, monitor):
        assert [found(ref, browser) for ref in (her_ref, outlet_ref, other_ref)] == [1, 1, 0]
    assert "named in them or not" in client.get(f"{EXPORT_LOG}?holds={her_ref}").text
    assert "named in them or not" not in client.get(f"{EXPORT_LOG}?holds={closed_ref}").text

    with deciding(app, "taker") as taker:
        close(stored(closed_ref), by=taker)
    take(monitor, f"{FLAT}?country=KZ")
    # Her team sees who is meant; others do not, in files of their own either.
    assert (found(her_ref), found(her_ref, monitor), found(closed_ref, monitor)) == (1, 0, 2)


def test_a_file_that_held_what_was_merged_since_is_found_by_her(app, client):
    with deciding(app, "taker", Role.STAFF, Role.EXPORTER) as taker:
        journalist = her(taker)
        paper = TargetFacts(kind=TargetKind.OUTLET, outlet=make_outlet(by=taker))
        made = [visit(whom, by=taker, country=at)
                for whom, at in ((paper, "KG"), (paper, "UZ"), (journalist, "KZ"))]  # fmt: skip
        db.session.commit()
        her_ref, (kept, between, twin) = journalist.ref, [one.ref for one in made]
    sign_in_directly(client, "taker")
    take(client, f"{FLAT}?country=KZ")
    with deciding(app, "taker") as taker:
        for one, other in ((between, twin), (kept, between)):
            merge_incidents(stored(one), stored(other), by=taker)
        db.session.commit()

    assert client.get(f"{EXPORT_LOG}?holds={her_ref}").text.count('class="entry"') == 1


def test_asking_for_the_headers_alone_writes_nothing(app, taker):
    answer = taker.head(f"/reports/package.zip{FOR_THEM}")
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    assert runs(app) == []


def test_what_is_internal_has_no_recipient(app, taker):
    for page in ("package", "package.zip"):
        answer = taker.get(f"/reports/{page}?recipient=A+network")
        assert answer.status_code == 400
        assert "An internal package has no recipient" in answer.text
        too_long = f"/reports/{page}?profile=partner&recipient={'x' * 121}"
        assert taker.get(too_long).status_code == 400
    assert runs(app) == []


def test_how_many_rows_an_internal_file_had_is_for_whoever_took_it(app, taker):
    with as_user(app) as staff:
        make_incident(visibility=Visibility.RESTRICTED, by=staff)
        db.session.commit()
    take(taker, FLAT)
    assert "1 row<" in taker.get(EXPORT_LOG).text.replace("\n", "")
    taken(taker, FOR_THEM)
    shared = runs(app)[1].rows
    with as_user(app, "monitor", Role.MONITOR, team="Elsewhere"):
        pass
    sign_in_directly(taker, "monitor")
    page = taker.get(EXPORT_LOG).text
    assert page.count('class="entry"') == 2
    assert re.findall(r"(\d+) rows?<", page) == [str(shared)]
    # Nor of one that broke off.
    with app.app_context():
        db.session.execute(sa.update(ExportRun).values(ended_at=None, sha256=""))
        db.session.commit()
    page = taker.get(EXPORT_LOG).text
    assert page.count("The records that may have been sent are known.") == 1
    assert len(re.findall(r"\d+ records? may have been sent\.", page)) == 1
