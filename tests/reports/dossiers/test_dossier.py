"""The dossier of a case: whole for the house, cut for partners, and silent about who refused."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.cases.records_made import make_case
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_institution,
    make_journalist,
    make_outlet,
    post,
    sign_in_directly,
)
from tests.fake_accounts.accounts_made import make_account
from tests.incidents.namings_made import NAME, STANDS, close, decide, deciding, her, let_out, stored
from tests.reports.dossiers.case_made import (
    FREE,
    THREAT,
    everything,
    make_told,
    taken,
)
from tests.reports.pressing import press
from tests.reports.test_export_log import changes_of
from tests.reports.test_package import taken as taken_package
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding, step
from tests.responses.responses_made import make_response
from tracker.articles.citation_service import add_citations
from tracker.articles.codes import Bearing
from tracker.articles.models import Article, ArticleOriginal
from tracker.audit.models import AuditEvent
from tracker.audit.service import record_event
from tracker.cases.codes import Accountability
from tracker.cases.models import Case
from tracker.cases.service import file_records
from tracker.db import db
from tracker.incidents.codes import (
    ActorType,
    AttributedBy,
    Certainty,
    NamingDecision,
    NamingScope,
    TargetKind,
)
from tracker.incidents.models import Incident, IncidentActor, IncidentTarget
from tracker.incidents.service import TargetFacts, write_public_summary
from tracker.people.codes import InstitutionKind, NameKind
from tracker.people.service import add_name
from tracker.permissions import Role, Visibility
from tracker.reports.dossiers import service
from tracker.reports.dossiers.queries import possible_decodings
from tracker.reports.models import ExportedRow, ExportRun
from tracker.responses.codes import AppealOutcome
from tracker.responses.models import Appeal, OfficialResponse, Proceeding
from tracker.responses.proceeding_service import add_step
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.service import retract_record

HERS = re.compile("azhkenov", re.IGNORECASE)
PARTNER = "?profile=partner&drafts=yes"


@pytest.fixture
def taker(app: Flask, client: FlaskClient) -> FlaskClient:
    """Sign in as staff who export for others as well."""
    with as_user(app, "taker", Role.STAFF, Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    return client


def plainly(text: str) -> str:
    """Return a page without its token."""
    return re.sub(r'value="[^"]*"', "", text)


def runs(app: Flask) -> list[ExportRun]:
    with app.app_context():
        return list(db.session.scalars(sa.select(ExportRun).order_by(ExportRun.id)))


def test_it_proves_itself_and_holds_what_the_house_knows(app, taker, tmp_path: Path):
    made = make_told(app)
    packed = taken(taker, made.case)
    packed.extractall(tmp_path)

    proved = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert proved.returncode == 0, proved.stdout
    original = f"originals/{made.articles['free']}.txt"
    assert f"{original}: OK" in proved.stdout
    assert packed.read(original).decode() == FREE
    page = packed.read("dossier.html").decode()
    headings = re.findall(r"<h2>(\d)", page)
    assert headings == list("12345678")
    for word in ("CANARY affair", "CANARY narrative", "CANARY street", "Berik Kept", "Zhanat"):
        assert word in page
    assert THREAT.partition(".")[0] in page.partition('<details class="closed">')[2]
    assert "<script" not in page
    manifest = json.loads(packed.read("manifest.json"))
    assert {one["ref"] for one in manifest["sources"]} == set(made.articles.values())
    assert "[1] Of " in packed.read("dossier.txt").decode()


def test_it_says_on_its_face_for_whom_it_is(app, taker):
    made = make_told(app)
    of_case = f"/reports/dossier/{made.case}"
    for asked, words in (("", "Internal: do not share outside."), (PARTNER, "For whom: Partner")):
        packed = taken(taker, made.case, asked)
        for text in (
            packed.read("dossier.html").decode().partition("<h2>")[0],
            packed.read("dossier.txt").decode().partition("\n\n")[0],
            taker.get(f"{of_case}/print{asked}").text.partition("<h2>")[0],
        ):
            assert words in text
    # Nobody is preselected, and without a choice nothing is made.
    refused = press(taker, of_case, "Download ZIP", language="kk")
    assert refused.status_code == 400
    assert "<strong>For whom</strong>: Choose for whom the file is." in refused.text
    assert 'value="kk" lang="kk" selected' in refused.text
    # It is made for whom it was chosen, also by who did not look what would leave.
    page = press(taker, of_case, "The page to print", profile="partner", drafts="yes").text
    assert "For whom: Partner" in page
    with press(taker, of_case, "Download ZIP", profile="partner", drafts="yes") as answer:
        assert f"dossier-{made.case}-partner-with-drafts-" in answer.headers["Content-Disposition"]


def test_the_extract_of_the_trail_has_hashes_and_no_values(app, taker):
    made = make_told(app)
    [head, *rows] = csv.reader(io.StringIO(taken(taker, made.case).read("audit.csv").decode()))

    assert head == ["seq", "at", "by", "action", "ref", "hash"]
    told = {row[4]: row for row in rows}
    assert {made.case, *made.incidents.values(), *made.articles.values()} <= told.keys()
    assert {row[2] for row in rows} == {"zarina"}
    assert not [row for row in rows if row[3].endswith(":naming")]
    with app.app_context():
        event = db.session.get(AuditEvent, int(rows[0][0]))
        assert event is not None
        assert (event.subject, event.hash) == (rows[0][4], rows[0][5])
    partner = taken(taker, made.case, PARTNER).read("audit.csv").decode()
    # What was filed together with something that stays at home is not told.
    assert [row for row in rows if row[4] == made.case and row[3] != "case:create"]
    assert [row[3] for row in extract(partner) if row[4] == made.case] == ["case:create"]


def extract(text: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(text))][1:]


def test_the_extract_for_partners_tells_no_user_also_by_acts_without_changes(app, taker):
    made = make_told(app)
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        # Changes nothing: all that is hashed of it can be known, but for who did it and when.
        for ref in made.incidents.values():
            record_event("review:comment", ref, by=monitor)
        db.session.commit()
    asked = {
        "one": "&recipient=Human+Rights+House", "same": "&recipient=human+rights+house",
        "other": "&recipient=Another+House", "none": "", "none again": "",
    }  # fmt: skip
    files = {
        name: taken(taker, made.case, f"{PARTNER}{of}").read("audit.csv").decode()
        for name, of in asked.items()
    }
    inside = extract(taken(taker, made.case).read("audit.csv").decode())
    rows = {name: extract(text) for name, text in files.items()}
    users = {name: {row[2] for row in found} for name, found in rows.items()}

    assert [row for row in rows["one"] if row[3] == "review:comment"]
    assert len(users["one"]) == 2
    for text in files.values():
        assert not re.search(r"zarina|monitor|staff|exporter|admin|console", text)
        assert not [row for row in inside if row[5] in text or row[1] in text]
    # Counted in the file, by the day: nothing says how much was done in between, or when.
    assert [row[0] for row in rows["one"]] == [str(n + 1) for n in range(len(rows["one"]))]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row[1]) for row in rows["one"])
    assert files["one"] == files["same"]
    for first, second in (("one", "other"), ("one", "none"), ("none", "none again")):
        assert not users[first] & users[second]
        assert not {row[5] for row in rows[first]} & {row[5] for row in rows[second]}


def test_the_export_log_says_who_received_a_dossier(app, taker):
    made = make_told(app)
    taken(taker, made.case, f"{PARTNER}&recipient=Human+Rights+House")

    assert "Human Rights House" in taker.get("/reports/export-log").text


def test_it_says_for_whom_it_was_prepared_and_how_much_is_not_in_it(app, taker):
    made = make_told(app)
    asked = f"{PARTNER}&recipient=Human+Rights+House"

    def left_out() -> str:
        packed = taken(taker, made.case, asked)
        page, text = (packed.read(name).decode() for name in ("dossier.html", "dossier.txt"))
        for one in (page, text):
            assert "Prepared for Human Rights House." in one
        [said] = {
            re.findall("Not in this file: ([^.]+) of this case", one)[0] for one in (page, text)
        }
        return str(said)

    assert left_out() == "1 source"
    for state, visibility, said in (
        (EditorialState.RETRACTED, Visibility.INTERNAL, "1 record, 2 sources"),
        # Of what only a team sees a partner reads nothing, not even a number.
        (EditorialState.APPROVED, Visibility.RESTRICTED, "1 source"),
    ):
        with as_user(app, "zarina"):
            one = stored(made.incidents["free"])
            one.state, one.visibility = state, visibility
            one.retract_reason = RetractReason.CODING_ERROR if said != "1 source" else None
            db.session.commit()
        assert left_out() == said


def test_a_dossier_is_no_package_with_which_the_next_one_is_compared(app, taker):
    made = make_told(app)
    options = f"{PARTNER}&recipient=Human+Rights+House"
    taken_package(taker, options)
    taken(taker, made.case, options)

    assert changes_of(taken_package(taker, options)) == {}


def test_an_internal_dossier_has_no_recipient(app, taker):
    made = make_told(app)

    answer = taker.get(f"/reports/dossier/{made.case}.zip?recipient=Another+House")

    assert answer.status_code == 400
    assert "has no recipient" in answer.text


def test_a_partner_has_whom_and_what_may_leave_and_no_words_of_the_house(app, taker):
    made = make_told(app)
    packed = taken(taker, made.case, PARTNER)
    text, page = everything(packed), packed.read("dossier.html").decode()

    for word in ("CANARY", "Berik", "Zhanat", "zarina", made.incidents["own"], "bury"):
        files = [name for name in packed.namelist() if word in packed.read(name).decode()]
        # The letter stands in the article that tells of it, and nowhere else.
        assert files == ([f"originals/{made.articles['threat']}.txt"] if word == "bury" else [])
    assert "Aida Named" in page
    assert "a journalist (name withheld)" in page
    assert FREE.partition(".")[0] in page
    assert "closed quote" in page
    assert "Captain Serik" in page
    assert "https://dala.example/free" in page
    assert "https://dala.example/both" not in text
    assert "unanswered for" in page
    assert "@aida_named" in page
    assert "berik_kept" not in text
    assert "@withheld" not in page
    # An original that names somebody who may not be named stays at home.
    assert {name for name in packed.namelist() if name.startswith("originals/")} == {
        f"originals/{made.articles[name]}.txt" for name in ("free", "threat")
    }
    printed = taker.get(f"/reports/dossier/{made.case}/print{PARTNER}").text
    assert not [word for word in ("CANARY", "Berik", "Zhanat", "bury") if word in printed]


def test_whatever_else_records_say_is_cut_for_partners_too(app, taker):
    made = make_told(app)
    with deciding(app, "zarina") as staff:
        case, free = db.session.query(Case).one(), stored(made.incidents["free"])
        aida = free.targets[0].journalist
        assert aida is not None
        case.accountability = Accountability.PARTIAL_JUSTICE
        case.accountability_reason = "CANARY reason"
        free.as_stated, free.targets[0].harm = "CANARY days", "CANARY harm"
        gone = make_outlet("Old Herald", by=staff)
        free.targets[0].outlet, gone.merged_into_id = gone, make_outlet(by=staff).id
        free.targets.append(
            IncidentTarget(kind=TargetKind.UNNAMED_PERSON, words="CANARY neighbour")
        )
        stored(made.incidents["both"]).targets[1].named_as = "a friend of Zhanat Private"
        # Its words are about one who may be named; they, and all around them, name others.
        told = make_article(
            "Of Berik Kept", url="https://dala.example/berik-kept", by=staff,
            text="Dana Posed of Hidden Weekly saw Aida Named with Berik Kept. It was late.",
            publisher=make_outlet("Berik Kept Daily", by=staff),
        )  # fmt: skip
        seen = make_incident(
            "intimidation.visit", article=told, targets=[TargetFacts(journalist=aida)], by=staff
        )
        seen.actors = [
            IncidentActor(name=name, actor_type=who, certainty=sure, attributed_by=by)
            for name, who, sure, by in (
                ("Major Accused", ActorType.POLICE, Certainty.ALLEGED, AttributedBy.JUDGMENT),
                ("Known Private", ActorType.PRIVATE_PERSON, Certainty.KNOWN, AttributedBy.TARGET),
                ("Convicted One", ActorType.PRIVATE_PERSON, Certainty.KNOWN, AttributedBy.JUDGMENT),
                ("Minister Known", ActorType.MINISTRY, Certainty.KNOWN, AttributedBy.TARGET),
            )
        ]
        posing = make_account(
            "dana_posed", impersonates=[make_journalist("Dana Posed", by=staff)], by=staff
        )
        sued = make_proceeding(
            "against_target", ("opened", "2025-06-03"), by=staff,
            parties=(make_outlet("Hidden Weekly", by=staff),),
        )  # fmt: skip
        answer = make_response(official="Zhanat Private", office="of Berik Kept", by=staff)
        db.session.flush()
        file_records(case, [seen, posing, sued, answer], by=staff)
        db.session.commit()
        decide(seen, NamingDecision.CONSENTED, scope=NamingScope.PARTNER, by=staff)
        new, hers = told.ref, aida.ref
    inside, outside = (taken(taker, made.case, asked) for asked in ("", PARTNER))
    page = outside.read("dossier.html").decode()

    for word in ("CANARY", "Old Herald", "Zhanat", "Berik", "berik", "Dana", "dana_posed", "Hidden",
                 "Major", "Known Private"):  # fmt: skip
        assert word in everything(inside), word
        assert word not in everything(outside), word
    assert "Convicted One" in page
    assert "Minister Known" in page
    sources = json.loads(outside.read("manifest.json"))["sources"]
    # What is not told in words is only read for its day.
    assert {one["ref"] for one in sources} == {
        new, *(made.articles[name] for name in ("free", "threat", "accused"))
    }  # fmt: skip
    assert {one["retrieved_at"] for one in sources} == {None}
    assert None not in {
        one["retrieved_at"] for one in json.loads(inside.read("manifest.json"))["sources"]
    }
    # Whoever is named in it holds a row of her.
    with app.app_context():
        assert db.session.scalars(
            sa.select(ExportedRow.run_id).where(ExportedRow.ref == hers)
        ).all()


def test_the_page_says_in_numbers_what_leaves_and_what_does_not(app, taker):
    made = make_told(app)
    text = taker.get(f"/reports/dossier/{made.case}{PARTNER}").text
    said = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", text))

    assert (said["Incidents"], said["Persons and outlets concerned"]) == ("4", "2")
    size = len(FREE) + len(THREAT)
    assert said["Originals"] == f"2, {size} bytes"
    assert "1 name: there is no consent to share it, or a record prevents it." in text
    assert "1 record: retracted, or kept by its team." in text
    assert "1 source with its words" in text
    assert "Berik" not in text
    assert "1 original:" in text


def test_who_refused_is_in_no_byte_and_still_counted(app, taker):
    with deciding(app) as staff:
        journalist = her(staff)
        kept = make_article("More of Bazhkenova, G.", by=staff, visibility=Visibility.RESTRICTED,
                            url="https://paper.example/gulnara-bazhkenova")  # fmt: skip
        hers = make_incident(
            "intimidation.visit", targets=[TargetFacts(journalist=journalist)], article=kept,
            title=f"Visit to {NAME}", narrative="Bazhkenova was at home.", by=staff,
            visibility=Visibility.RESTRICTED,
        )  # fmt: skip
        case = make_case(f"The affair of {NAME}", visibility=Visibility.RESTRICTED, by=staff)
        db.session.flush()
        file_records(case, [hers], by=staff)
        close(hers, by=staff)
        ref = case.ref
    packed = taken(taker, ref)
    printed = taker.get(f"/reports/dossier/{ref}/print").text

    assert not HERS.search(everything(packed))
    main = printed.partition("<main")[2]
    assert not HERS.search(main)
    assert STANDS in main
    assert re.search(r"Journalists, name withheld</dt><dd>1<", main)
    assert not [name for name in packed.namelist() if name.startswith("originals/")]


def test_of_a_pdf_the_text_that_was_read_from_it_is_searched(app, taker):
    made = make_told(app)
    with as_user(app):
        db.session.execute(sa.update(ArticleOriginal).values(media_type="application/pdf"))
        db.session.commit()
    names = taken(taker, made.case, PARTNER).namelist()
    assert {name for name in names if name.startswith("originals/")} == {
        f"originals/{made.articles[name]}.pdf" for name in ("free", "threat")
    }


@pytest.mark.parametrize(
    "content",
    [
        b"<meta>Berik Kept",
        b"&#66;&#x65;rik Kept",
        b"Ber<b>ik</b> Ke<i>pt</i>",
        b"/berik/Berik%20Kept",
        "<meta charset=utf-16>Berik Kept".encode("utf-16"),
    ],
    ids=["plain", "references", "tags", "escapes", "utf-16"],
)
def test_an_original_that_only_its_bytes_give_away_stays_at_home(app, taker, monkeypatch, content):
    made = make_told(app)
    monkeypatch.setattr(
        "tracker.reports.dossiers.queries.original_content", lambda _number: content
    )
    names = taken(taker, made.case, PARTNER).namelist()
    assert not [name for name in names if name.startswith("originals/")]


def test_a_source_of_an_answer_about_somebody_kept_back_is_not_told_to_partners(app, taker):
    made = make_told(app)
    with deciding(app, "zarina") as staff:
        free, other = stored(made.incidents["free"]), make_journalist("Dana Kept", by=staff)
        told = make_article(
            "Of Dana Kept", url="https://dala.example/answer", by=staff,
            text="The minister spoke of Aida Named. He said that Dana Kept was not beaten.",
        )  # fmt: skip
        add_citations(free, told, "1", bearing=Bearing.SUPPORTS, by=staff)
        # She is in no record of this case.
        beaten = make_incident(targets=[TargetFacts(journalist=other)], by=staff)
        answer = make_response(incidents=(free, beaten), cites=told, by=staff)
        file_records(db.session.query(Case).one(), [answer], by=staff)
        db.session.commit()
        ref = answer.ref
    text = everything(taken(taker, made.case, PARTNER))
    assert ref in text
    assert [
        word for word in ("Dana", "dala.example/answer", "The minister spoke") if word in text
    ] == []


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-r", "cp866", "utf-16-le"])
def test_an_original_in_any_encoding_of_the_region_is_searched_for_names(encoding):
    assert any("Берик" in one for one in possible_decodings("<p>Берик</p>".encode(encoding)))


def test_of_whoever_refused_partners_read_neither_the_name_nor_that_it_was_closed(app, taker):
    with deciding(app) as staff:
        told = make_article(text="Gulnara Bazhkenova was visited. It was late.", by=staff)
        hers = make_incident(
            "intimidation.visit", targets=[TargetFacts(journalist=her(staff))], article=told,
            by=staff,
        )  # fmt: skip
        case = make_case(by=staff)
        db.session.flush()
        file_records(case, [hers], by=staff)
        close(hers, by=staff)
        ref, hers_ref = case.ref, hers.ref
    inside, outside = (taken(taker, ref, asked) for asked in ("", PARTNER))
    for packed in (inside, outside):
        assert not HERS.search(everything(packed))
        assert STANDS in packed.read("dossier.html").decode()
    assert ":close-name" in inside.read("audit.csv").decode()
    assert ":close-name" not in outside.read("audit.csv").decode()

    # The journalist agrees later, and the record is shared again: partners do not read of the refusal.
    with deciding(app, "zarina") as staff:
        decide(stored(hers_ref), by=staff)
        closed = stored(hers_ref).targets[0].journalist
        assert closed is not None
        closed.visibility = Visibility.INTERNAL
        db.session.commit()
    inside, outside = (taken(taker, ref, asked) for asked in ("", PARTNER))
    assert ":reopen-name" in inside.read("audit.csv").decode()
    assert "-name," not in outside.read("audit.csv").decode()


def test_an_original_goes_out_with_its_team_alone_and_unmasked(app, taker, client):
    made = make_told(app)
    with as_user(app, "other", Role.EXPORTER, team="Other"):
        pass
    other = app.test_client()
    sign_in_directly(other, "other")
    original = f"originals/{made.articles['free']}.txt"
    assert original in taken(taker, made.case, PARTNER).namelist()
    for asked in ("", PARTNER):
        names = taken(other, made.case, asked).namelist()
        assert not [name for name in names if name.startswith("originals/")]
    post(client, f"/articles/{made.articles['free']}/mask", passage="2", reason="A neighbour")
    assert original not in taken(taker, made.case).namelist()


def test_what_was_published_describes_an_incident_to_partners(app, taker):
    made = make_told(app)
    with as_user(app, "zarina") as staff:
        free = stored(made.incidents["free"])
        write_public_summary(free, {"public_summary_en": "Two men came at night."}, by=staff)
        write_public_summary(
            stored(made.incidents["threat"]), {"public_summary_en": "CANARY"}, by=staff
        )
        free.title = ""
        let_out(free)
    packed = taken(taker, made.case, PARTNER)
    for name in ("dossier.html", "dossier.txt"):
        text = packed.read(name).decode()
        assert "Two men came at night." in text
        assert "CANARY" not in text


def test_where_no_source_may_be_told_none_is_promised(app, taker):
    made = make_told(app)
    beside = "each named beside its statement"
    assert beside in taken(taker, made.case, PARTNER).read("dossier.html").decode()
    with as_user(app, "zarina"):
        for article in db.session.scalars(sa.select(Article)):
            article.visibility = Visibility.RESTRICTED
        db.session.commit()
    page = taken(taker, made.case, PARTNER).read("dossier.html").decode()
    assert beside not in page
    assert "what sources say; none of them is in this file" in page


def test_the_export_log_tells_others_no_case(app, taker):
    with as_user(app) as staff:
        ref = make_case("Hidden", visibility=Visibility.RESTRICTED, by=staff).ref
        db.session.commit()
    taken(taker, ref)
    with as_user(app, "watcher", Role.MONITOR, team="Other"):
        pass
    watcher = app.test_client()
    sign_in_directly(watcher, "watcher")
    page = watcher.get("/reports/export-log").text
    assert "Case dossier" in page
    assert ref not in page


def test_what_is_retracted_is_out(app, taker):
    made = make_told(app)
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        retract_record(
            stored(made.incidents["free"]), reason=RetractReason.CODING_ERROR, note="no", by=monitor
        )
        db.session.commit()
    for asked in ("", PARTNER):
        text = everything(taken(taker, made.case, asked))
        assert made.incidents["free"] not in text
        assert made.incidents["threat"] in text


def test_it_is_in_the_export_log_before_its_first_byte_and_closed_after_the_last(
    app, taker, monkeypatch
):
    made = make_told(app)
    address = f"/reports/dossier/{made.case}.zip{PARTNER}"
    assert taker.head(address).status_code == 200
    assert runs(app) == []
    with taker.get(address, buffered=False) as answer:
        [run] = runs(app)
        assert run.ended_at is None
        next(answer.iter_encoded())
    assert runs(app)[0].ended_at is None
    taken(taker, made.case, PARTNER)
    taker.get(f"/reports/dossier/{made.case}/print")
    taker.get(f"/reports/dossier/{made.case}/print")

    _broken, whole, printed, again = runs(app)
    assert printed.sha256 == again.sha256 != ""
    assert (whole.ended_at is not None, whole.profile, whole.asked["case"]) == (
        True, "partner", made.case
    )  # fmt: skip
    assert (printed.ended_at is not None, printed.asked["form"]) == (True, "HTML")
    with app.app_context():
        refs = sa.select(ExportedRow.ref).where(ExportedRow.run_id == whole.id)
        held = set(db.session.scalars(refs))
    assert {made.case, made.incidents["free"], made.articles["free"]} <= held
    assert made.incidents["own"] not in held
    page = taker.get("/reports/export-log").text
    assert f"/reports/dossier/{made.case}?profile=partner" in page
    assert page.count("Case dossier") == 4

    def fail(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(service, "original_content", fail)
    assert taker.get(address).status_code == 500
    assert runs(app)[-1].ended_at is None


def test_a_case_that_is_not_shown_answers_like_one_that_is_not_there(app, client):
    with as_user(app) as staff:
        hidden = make_case("Hidden", visibility=Visibility.RESTRICTED, by=staff).ref
        db.session.commit()
    with as_user(app, "other", Role.EXPORTER, team="Other"):
        pass
    sign_in_directly(client, "other")
    for form in ("", "/print", ".zip"):
        found, missing = (
            client.get(f"/reports/dossier/{ref}{form}") for ref in (hidden, "CAS-0000000000")
        )
        assert plainly(found.text) == plainly(missing.text)
        assert found.status_code == missing.status_code == 404


def test_what_may_not_leave_is_refused_with_its_reason(app, client, taker):
    with as_user(app) as staff:
        ref = make_case("Ours", visibility=Visibility.RESTRICTED, by=staff).ref
        db.session.commit()
    assert "Only its team may see this case" in taker.get(f"/reports/dossier/{ref}{PARTNER}").text
    for form in ("/print", ".zip"):
        assert taker.get(f"/reports/dossier/{ref}{form}{PARTNER}").status_code == 403
        assert taker.get(f"/reports/dossier/{ref}{form}?profile=public").status_code == 400
        assert taker.get(f"/reports/dossier/{ref}{form}?language=xx").status_code == 400
        assert taker.get(f"/reports/dossier/{ref}{form}?nothing=1").status_code == 400
    other = app.test_client()
    sign_in_directly(other, "staff")
    assert other.get(f"/reports/dossier/{ref}{PARTNER}").status_code == 403
    assert runs(app) == []


def test_its_language_is_chosen(app, taker):
    made = make_told(app)
    page = taken(taker, made.case, "?language=ru").read("dossier.html").decode()
    assert '<html lang="ru">' in page
    assert "Казахстан" in page
    assert "Смертельная угроза" in page or "Угроза" in page


@pytest.mark.parametrize("asked", ["", f"{PARTNER}&"])
def test_bodies_are_called_by_their_official_names_in_its_language(app, taker, asked):
    legal = {"ru": "Совет по делам печати", "kk": "Баспасөз ісі жөніндегі кеңес"}
    with as_user(app, "zarina") as staff:
        body = make_institution("Council of the Press", by=staff)
        for name in legal.values():
            add_name(body, name, kind=NameKind.LEGAL, by=staff)
        case = make_case(by=staff)
        incident = make_incident(by=staff)
        cites = make_article("It answers", by=staff)
        made: list[Any] = [
            make_response(institution=body, incidents=(incident,), cites=cites, by=staff),
            make_appeal(incident, institution=body, by=staff),
            make_proceeding(incidents=(incident,), institution=body, by=staff),
        ]
        file_records(case, [incident, *made], by=staff)
        db.session.commit()
        ref = case.ref

    for code, name in legal.items():
        page = taken(taker, ref, f"{asked or '?'}language={code}").read("dossier.html").decode()
        assert page.count(name) >= 3
        assert "Council of the Press" not in page


@pytest.mark.parametrize("asked", ["", PARTNER])
def test_a_silence_that_an_unapproved_response_ended_is_marked_like_it(app, taker, asked):
    mark = "not yet approved by a second person"
    with as_user(app, "zarina") as staff:
        incident = make_incident(by=staff)
        answer = make_response(incidents=(incident,), cites=make_article("It", by=staff), by=staff)
        case = make_case(by=staff)
        file_records(case, [incident, answer], by=staff)
        db.session.commit()
        ref, answered = case.ref, answer.ref

    def marked() -> tuple[bool, bool]:
        page = taken(taker, ref, asked).read("dossier.html").decode()
        entries = page.split('<li id="entry-')
        silence = [one.partition("</h3>")[0] for one in entries if "No response" in one]
        told = page.partition("<h2>7.")[2].partition("<h2>8.")[0]
        return bool(silence) and all(mark in one for one in silence), mark in told

    assert marked() == (True, True)
    with as_user(app):
        stored_response = sa.select(OfficialResponse).where(OfficialResponse.ref == answered)
        db.session.scalars(stored_response).one().state = EditorialState.APPROVED
        db.session.commit()
    assert marked() == (False, False)


def test_whoever_may_export_finds_it_on_the_page_of_the_case(app, taker):
    made = make_told(app)
    assert f"/reports/dossier/{made.case}" in taker.get(f"/cases/{made.case}/").text
    with as_user(app, "boss", Role.ADMIN):
        pass
    boss = app.test_client()
    sign_in_directly(boss, "boss")
    assert "/reports/dossier/" not in boss.get(f"/cases/{made.case}/").text


@pytest.mark.parametrize("asked", ["", PARTNER])
def test_steps_stand_in_their_turn_and_what_is_only_said_to_be_answered_is_said_so(
    app, taker, asked
):
    made = make_told(app)
    with as_user(app) as by:
        db.session.query(Appeal).one().outcome = AppealOutcome.ANSWERED
        file = db.session.query(Proceeding).one()
        # Of June, and so after the opening of the 2nd by its last day; it opened what was refused.
        add_step(file, step("refused", "2025-06"), by=by)
        db.session.commit()
    text = re.sub(r"<[^>]+>", " ", taker.get(f"/reports/dossier/{made.case}/print{asked}").text)
    remedies = text.partition("Remedies: proceedings")[2].partition("7. Official response")[0]

    assert re.findall("Refused|Opened|refused|opened", remedies)[0].casefold() == "refused"
    only_said = "reported as answered, but you see no recorded answer"
    if asked:
        only_said = "Answered; the answer is not in this file"
    assert f"Outcome: {only_said}" in text
    silences = text.partition("7. Official response")[2]
    assert only_said in silences
    assert "counts as unanswered" not in silences


def test_of_an_answer_that_stays_at_home_partners_read_that_it_is_not_in_the_file(app, taker):
    made = make_told(app)
    with as_user(app) as by:
        letter = db.session.query(Appeal).one()
        incident = db.session.query(Incident).filter_by(ref=made.incidents["free"]).one()
        meta = make_institution("Meta", by=by, kind=InstitutionKind.PLATFORM, country=None)
        to_meta = make_appeal(incident, institution=meta, by=by)
        file_records(db.session.query(Case).one(), [to_meta], by=by)
        for one in (letter, to_meta):
            one.response = make_response(by=by, visibility=Visibility.RESTRICTED)
            one.outcome = AppealOutcome.ANSWERED
        db.session.commit()
    inside, outside = (
        re.sub(r"<[^>]+>", " ", taker.get(f"/reports/dossier/{made.case}/print{asked}").text)
        for asked in ("", PARTNER)
    )
    only_said = "Answered; the answer is not in this file"
    assert only_said not in inside
    # Both are told so in the chronology; a platform owes no answer that a clock would count.
    silences = outside.partition("7. Official response")[2]
    assert (outside.count(only_said), silences.count(only_said)) == (4, 1)


def in_sources(client: FlaskClient, ref: str, asked: str = "") -> tuple[str, str]:
    """Return what the page and the text of a dossier say."""
    packed = taken(client, ref, asked)
    page = re.sub(r"<[^>]+>", " ", packed.read("dossier.html").decode())
    return re.sub(r"\s+", " ", page), packed.read("dossier.txt").decode()


def test_what_was_merely_not_recorded_is_laid_to_no_source(app, taker):
    with as_user(app, "zarina") as staff:
        case, incident = make_case(by=staff), make_incident(by=staff)
        file_records(case, [incident], by=staff)
        db.session.commit()
        ref = case.ref
    page, _text = in_sources(taker, ref)

    assert "No source says" not in page
    assert "No alleged perpetrator is recorded in this file." in page
    assert "No appeal in this file." in page
    assert "No proceeding in this file." in page


def make_answered(app: Flask, **states: EditorialState) -> str:
    """Record a case with one incident and the response to it, each in a state."""
    with as_user(app, "zarina") as staff:
        incident = make_incident(by=staff)
        answer = make_response(incidents=(incident,), cites=make_article("It", by=staff), by=staff)
        asked = make_appeal(incident, by=staff)
        asked.response, asked.outcome = answer, AppealOutcome.ANSWERED
        case = make_case(by=staff)
        file_records(case, [incident, answer, asked], by=staff)
        db.session.flush()
        made: dict[str, Any] = {"incident": incident, "response": answer, "appeal": asked}
        for name, state in states.items():
            made[name].state = state
        db.session.commit()
        return case.ref


def test_an_empty_file_is_refused_where_it_was_chosen_and_says_what_to_do(app, taker):
    ref = make_answered(app)
    address, reason = f"/reports/dossier/{ref}", "Nothing in this case is approved"
    preview = taker.get(f"{address}?profile=partner").text
    assert "No record would be in this file." in preview
    assert reason in preview
    assert "Download ZIP" not in preview
    assert "Incidents</dt>" not in preview
    # Who chooses and does not look first is told on the page with their choices.
    for button in ("Download ZIP", "The page to print"):
        refused = press(
            taker, address, button, profile="partner", recipient="A network", language="kk"
        )
        assert refused.status_code == 403
        for words in (
            "Nothing was downloaded: no record would be in this file.", reason,
            'value="A network"', '<option value="partner" selected', 'value="kk" lang="kk" selected',
        ):  # fmt: skip
            assert words in refused.text
    assert runs(app) == []
    [drafts] = re.findall('href="([^"]*drafts=yes[^"]*)">Preview with drafts', refused.text)
    assert "recipient=A" in drafts
    told = taker.get(unescape(drafts)).text
    assert "Download ZIP" in told
    assert "No record would be in this file" not in told
    assert "No record would be in this file" not in taker.get(address).text


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("nothing", "You see no record in this case: add records to it."),
        ("restricted", "What is in this case is retracted, or only its team may see it"),
        ("retracted", "What is in this case is retracted, or only its team may see it"),
    ],
)
def test_it_is_said_why_no_record_may_leave(app, taker, what, reason):
    with as_user(app) as staff:
        case = make_case("Ours", by=staff)
        if what != "nothing":
            made = make_incident(by=staff)
            file_records(case, [made], by=staff)
            if what == "restricted":
                made.visibility = Visibility.RESTRICTED
            else:
                made.state = EditorialState.RETRACTED
                made.retract_reason = RetractReason.DUPLICATE
        db.session.commit()
        ref = case.ref
    answer = taker.get(f"/reports/dossier/{ref}.zip{PARTNER}")
    assert answer.status_code == 403
    assert reason in answer.text
    assert f'href="/cases/{ref}/records/"' in answer.text
    assert "Preview with drafts" not in answer.text


def test_no_silence_is_counted_where_the_answer_stays_at_home(app, taker):
    approved = EditorialState.APPROVED
    ref = make_answered(app, incident=approved, appeal=approved)
    page, text = in_sources(taker, ref, "?profile=partner")

    assert "Nothing of this case is approved" not in taker.get(
        f"/reports/dossier/{ref}?profile=partner"
    ).text  # fmt: skip
    assert "Accountability Not in this file" in page
    assert "A response on record is not in this file" in page
    assert "the answer is not in this file" in page
    for wrong in ("No response", "and counting", "is on record", "counts as unanswered"):
        assert wrong not in page + text
    # With the answer in it, its clocks are told, and what the accountability was counted by.
    page, text = in_sources(taker, ref, PARTNER)
    assert "ended by:" in page
    for told in (page, text):
        assert re.search("Accountability:? Answered, no investigation; reached by: [A-Z]", told)


def test_what_only_its_team_sees_leaves_no_trace_and_no_absence_is_stated_of_the_world(app, taker):
    ref = make_answered(app)
    with as_user(app, "zarina"):
        db.session.query(OfficialResponse).one().visibility = Visibility.RESTRICTED
        db.session.commit()
    page, text = in_sources(taker, ref, PARTNER)

    assert "Accountability No response in this file" in page
    assert "Accountability: No response in this file" in text
    assert "Counted over the records in this file alone." in page
    assert "A response on record is not in this file" not in page


def test_the_preview_says_nothing_of_a_file_before_it_is_chosen_for_whom(app, taker):
    approved = EditorialState.APPROVED
    address = f"/reports/dossier/{make_answered(app, incident=approved, appeal=approved)}"
    assert not re.findall("(?:What is in it|Left out): ", taker.get(address).text)

    [included] = re.findall(
        '<section aria-labelledby="in-heading">.*?</section>',
        taker.get(f"{address}?profile=partner").text,
        re.DOTALL,
    )
    assert "What is in it: " in included
    assert "Only approved and published records are included." in included
