"""The data package: whole, valid, and silent about whoever is not to be named."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import frictionless
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from tests.cases.records_made import make_case
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_outlet,
    sign_in_directly,
)
from tests.fake_accounts.accounts_made import make_account
from tests.incidents.namings_made import NAME, STANDS, close, decide, deciding, her
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tests.responses.responses_made import make_response
from tests.sample.test_sample import load
from tests.statements import counted
from tracker.articles.masking_service import mask_passages, resolve_passages
from tracker.articles.models import Article
from tracker.articles.rules import DISPLAYED_MASK
from tracker.cases.service import file_records
from tracker.db import Base, db, set_full_access
from tracker.fake_accounts.codes import AccountKind
from tracker.fake_accounts.models import FakeAccount, IncidentAccount
from tracker.incidents.codes import NamingDecision, NamingScope
from tracker.incidents.merging_service import merge_incidents
from tracker.incidents.models import Incident
from tracker.incidents.publication_service import publish
from tracker.incidents.service import TargetFacts, write_public_summary
from tracker.people.models import Journalist
from tracker.permissions import Role, Visibility
from tracker.records import set_record_author
from tracker.reports import scope_queries
from tracker.reports.codes import Profile
from tracker.reports.flat_queries import PUBLIC_EXPORT_COLUMNS
from tracker.reports.flat_rows import VALUE_GETTER_OF_COLUMN
from tracker.reports.models import ExportRun
from tracker.reports.packages import queries, service
from tracker.reports.packages.metadata import NOT_EXPORTED_BY_REASON
from tracker.reports.packages.queries import SOURCES_OF_TABLE
from tracker.reports.scope_queries import NameableIds
from tracker.reports.tables import FLAT_INCIDENTS, TABLES, ColumnKind
from tracker.reports.tables.shape import INTERNAL_AND_PARTNER
from tracker.review.codes import EditorialState, RetractReason

ADDRESS = "/reports/package.zip"
HERS = re.compile("azhkenov", re.IGNORECASE)


def taken(client: FlaskClient, asked: str = "") -> zipfile.ZipFile:
    with client.get(ADDRESS + asked) as answer:
        assert answer.status_code == 200, asked
        return zipfile.ZipFile(io.BytesIO(answer.get_data()))


def rows(package: zipfile.ZipFile, table: str) -> list[dict[str, str]]:
    text = package.read(f"{table}.csv").decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def everything(package: zipfile.ZipFile) -> str:
    return "\n".join(package.read(name).decode() for name in package.namelist())


def valid(package: zipfile.ZipFile, folder: Path) -> frictionless.Report:
    package.extractall(folder)
    with frictionless.system.use_context(trusted=True):
        report: frictionless.Report = frictionless.validate(str(folder / "datapackage.json"))
        return report


@pytest.fixture
def sample(app: Flask, runner: FlaskCliRunner, client: FlaskClient) -> FlaskClient:
    """Load the sample case; sign in as somebody who exports for others too."""
    load(app, runner)
    with as_user(app, "taker", Role.EXPORTER, team="Office"):
        pass
    sign_in_directly(client, "taker")
    return client


@pytest.mark.parametrize("profile", ["internal", "partner", "public"])
def test_it_is_valid_whole_and_adds_up(app: Flask, sample: FlaskClient, tmp_path: Path, profile):
    package = taken(sample, f"?profile={profile}")

    report = valid(package, tmp_path)
    assert report.valid, report.flatten(["type", "message"])
    readme = package.read("README.txt").decode()
    described = json.loads(package.read("datapackage.json"))
    tables = {one["name"]: one for one in described["resources"]}
    assert set(package.namelist()) == {
        "README.txt", "datapackage.json", *(f"{name}.csv" for name in tables)
    }  # fmt: skip
    for name, about in tables.items():
        content = package.read(f"{name}.csv")
        digest = hashlib.sha256(content).hexdigest()
        assert (about["bytes"], about["hash"]) == (len(content), f"sha256:{digest}")
        assert f"{digest}  {name}.csv" in readme
        assert f"{len(rows(package, name)):>9} rows  {name}.csv" in readme
        header = content.decode().partition("\r\n")[0].split(",")
        assert header == [one["name"] for one in about["schema"]["fields"]]
    with app.app_context():
        run = db.session.scalars(sa.select(ExportRun)).one()
        assert (run.profile.value, run.rows) == (
            profile, sum(len(rows(package, name)) for name in tables)
        )  # fmt: skip
        assert run.ended_at is not None


def test_what_stays_at_home_is_not_called_everything(app: Flask, client: FlaskClient):
    with as_user(app, "taker", Role.STAFF, Role.EXPORTER) as by:
        make_incident(visibility=Visibility.RESTRICTED, by=by)
        db.session.commit()
    sign_in_directly(client, "taker")
    for profile, words in (
        ("partner", "everything that may be shared"),
        ("internal", "everything"),
    ):
        readme = taken(client, f"?profile={profile}").read("README.txt").decode()
        assert f"Incidents: {words}\r\n" in readme
        assert ("keep to themselves" in readme) == (profile == "partner")
        page = client.get(f"/reports/package?profile={profile}").text
        assert f"Data package: {words}</h1>" in page
        assert ("Everything that you may see is in it" in page) == (profile == "internal")


def test_a_row_that_points_to_nothing_would_not_be_valid(sample: FlaskClient, tmp_path: Path):
    """The schema has keys: what the test above finds valid is more than a list of columns."""
    package = taken(sample)
    valid(package, tmp_path)
    targets = tmp_path / "incidents.csv"
    header = targets.read_text().split("\r\n")[0].splitlines()[0]
    targets.write_text(header + "\r\n")

    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    found = {one[0] for one in report.flatten(["type"])}
    assert {"foreign-key", "hash-count"} <= found


def told(app: Flask) -> dict[str, Any]:
    """Record what a partner may have beside what stays; return the refs."""
    with deciding(app) as staff:
        outlet = make_outlet("Dala News", by=staff)
        named, kept = (
            make_journalist("Aida Named", by=staff),
            make_journalist("Berik Kept", by=staff),
        )
        article = make_article(by=staff, url="https://dala.example/berik-kept", publisher=outlet)
        open_article = make_article(
            "Other", by=staff, url="https://dala.example/1", text="Two. Three.",
            publisher=make_outlet("Dala Times", by=staff),
        )  # fmt: skip
        both = make_incident(
            article=article,
            title="CANARY title",
            narrative="CANARY narrative",
            targets=[TargetFacts(journalist=named), TargetFacts(journalist=kept)],
            by=staff,
        )
        alone = make_incident(
            article=open_article, targets=[TargetFacts(journalist=named)], by=staff
        )
        own = make_incident(article=article, visibility=Visibility.RESTRICTED, by=staff)
        file_records(make_case(by=staff), [both, own], by=staff)
        accounts = []
        for incident, handle in ((both, "berik_kept"), (alone, "aida_named")):
            account = FakeAccount(
                kind=AccountKind.PROFILE, handle=handle, team_id=both.team_id,
                visibility=Visibility.INTERNAL, displayed_name="CANARY", spreads="CANARY",
            )  # fmt: skip
            set_record_author(account, by=staff)
            account.incidents.append(IncidentAccount(incident=incident))
            db.session.add(account)
            accounts.append(account)
        db.session.commit()
        consent: dict[str, Any] = {"scope": NamingScope.PARTNER, "by": staff}
        decide(both, NamingDecision.CONSENTED, **consent)
        decide(alone, NamingDecision.CONSENTED, **consent)
        return {
            "both": both.ref, "own": own.ref, "named": named.ref, "kept": kept.ref,
            "article": article.ref, "open": open_article.ref,
            "accounts": [one.ref for one in accounts],
        }  # fmt: skip


def test_a_partner_has_no_name_that_may_not_leave_and_no_words_of_the_house(app, client, tmp_path):
    refs = told(app)
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    package = taken(client, "?profile=partner&drafts=yes")

    assert valid(package, tmp_path).valid
    text = everything(package)
    for word in ("CANARY", "Berik", "berik", refs["kept"], refs["own"]):
        assert word not in text
    assert [one["name"] for one in rows(package, "journalists")] == ["Aida Named"]
    targets = [one for one in rows(package, "targets") if one["incident"] == refs["both"]]
    assert [(one["kind"], one["journalist"], one["number"]) for one in targets] == [
        ("journalist", refs["named"], "1"), ("journalist", "", "2")
    ]  # fmt: skip
    urls = {one["ref"]: one["url"] for one in rows(package, "articles")}
    assert urls == {refs["article"]: "withheld", refs["open"]: "https://dala.example/1"}
    assert [one["name"] for one in rows(package, "outlets")] == ["Dala Times"]
    handles = {one["ref"]: one["handle"] for one in rows(package, "fake_accounts")}
    assert [handles[ref] for ref in refs["accounts"]] == ["withheld", "aida_named"]
    # Inside the house the same question gives all of it.
    inside = taken(client)
    assert {"Aida Named", "Berik Kept"} == {one["name"] for one in rows(inside, "journalists")}
    assert refs["own"] in {one["ref"] for one in rows(inside, "incidents")}
    assert "CANARY title" in everything(inside)


def test_however_many_may_be_named_the_statements_stay_the_same(app, client, monkeypatch):
    told(app)
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")

    def left(last: int) -> tuple[set[str], set[str]]:
        ids = list(range(1, last + 1))
        monkeypatch.setattr(scope_queries, "nameable_ids", lambda: NameableIds(ids, ids, ids))
        with app.app_context(), counted() as seen:
            package = taken(client, "?profile=partner&drafts=yes")
        people = {one["name"] for one in rows(package, "journalists")}
        return people, {one for one in seen if one.startswith("SELECT")}

    few = left(2)
    assert few[0] == {"Aida Named", "Berik Kept"}
    # Neither database takes that many parameters.
    assert left(70_000) == few


def test_who_published_what_is_withheld_is_not_said_either(app, client):
    """The outlet may be the one that is kept back; of what tells of nobody it stands."""
    refs = told(app)
    with as_user(app):
        articles = {one.ref: one for one in db.session.scalars(sa.select(Article))}
        articles[refs["article"]].publisher = articles[refs["open"]].publisher
        db.session.commit()
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    package = taken(client, "?profile=partner&drafts=yes")
    publishers = {one["ref"]: bool(one["publisher"]) for one in rows(package, "articles")}
    assert publishers == {refs["article"]: False, refs["open"]: True}


def test_who_is_kept_back_is_the_same_whoever_exports(app, client):
    with deciding(app) as staff:
        named, _kept = (make_journalist(name, by=staff) for name in ("Aida Named", "Berik Kept"))
        in_sources, sued = (
            make_article(name, by=staff, url=f"https://dala.example/{name}", text="One. Two.")
            for name in ("berik-beaten", "berik-sued")
        )
        made = [
            make_incident(article=one, targets=[TargetFacts(journalist=named)], by=staff)
            for one in (in_sources, sued)
        ]
        db.session.commit()
        for one in made:
            decide(one, NamingDecision.CONSENTED, scope=NamingScope.PARTNER, by=staff)
    for who, team in (("taker", "Desk"), ("other_taker", "Other")):
        with as_user(app, who, Role.EXPORTER, team=team):
            pass

    def left(who: str) -> tuple[set[str], list[str]]:
        sign_in_directly(client, who)
        package = taken(client, "?profile=partner&drafts=yes")
        people = [one["name"] for one in rows(package, "journalists")]
        return {one["url"] for one in rows(package, "articles")}, people

    both = {"https://dala.example/berik-beaten", "https://dala.example/berik-sued"}
    assert left("taker") == (both, ["Aida Named"])
    # A source of a proceeding that concerns somebody, of another team, who may not be named.
    with deciding(app, "other", team="Other") as other:
        articles = {one.title: one for one in db.session.scalars(sa.select(Article))}
        people = {one.name: one for one in db.session.scalars(sa.select(Journalist))}
        make_proceeding(
            cites=articles["berik-sued"], parties=(people["Berik Kept"],),
            visibility=Visibility.RESTRICTED, by=other,
        )  # fmt: skip
        db.session.commit()
    for who in ("taker", "other_taker"):
        assert left(who) == (
            {"https://dala.example/berik-beaten", "withheld"}, ["Aida Named"]
        )  # fmt: skip
    # An incident of another team keeps one back for whom it is about, and so her name as well.
    with deciding(app, "other", team="Other") as other:
        article = db.session.scalars(
            sa.select(Article).where(Article.title == "berik-beaten")
        ).one()
        people = {one.name: one for one in db.session.scalars(sa.select(Journalist))}
        make_incident(
            article=article,
            targets=[TargetFacts(journalist=one) for one in people.values()],
            visibility=Visibility.RESTRICTED, by=other,
        )  # fmt: skip
        db.session.commit()
    for who in ("taker", "other_taker"):
        assert left(who) == ({"withheld"}, [])


def test_a_source_that_tells_of_somebody_by_another_record_is_withheld(app, client):
    with deciding(app) as staff:
        named, kept, ours = (
            make_journalist(name, by=staff) for name in ("Aida Named", "Berik Kept", "Only Ours")
        )
        sources = {
            name: make_article(name, by=staff, url=f"https://dala.example/{name}", text="One. Two.")
            for name in (
                "free", "posing", "event", "step", "outlet",
                "used", "used_event", "sued", "sued_step", "answered", "asked",
            )
        }  # fmt: skip
        made = [
            make_incident(article=one, targets=[TargetFacts(journalist=named)], by=staff)
            for one in sources.values()
        ]
        own = make_incident(
            article=make_article("own", by=staff, visibility=Visibility.RESTRICTED),
            targets=[TargetFacts(journalist=ours)], visibility=Visibility.RESTRICTED, by=staff,
        )  # fmt: skip
        posing = make_account("berik", cites=sources["posing"], impersonates=[kept], by=staff)
        posing.incidents.append(IncidentAccount(incident=made[0]))
        seen = make_account("berik_2", ("first_seen", "2025-06-01"), impersonates=[kept], by=staff)
        seen.events[0].article = sources["event"]
        tried = make_proceeding(
            "against_target", ("opened", "2025-06-02"), parties=(kept,), by=staff
        )
        tried.steps[0].article = sources["step"]
        make_proceeding(
            cites=sources["outlet"], parties=(make_outlet("Hidden Weekly", by=staff),), by=staff
        )
        # Records that are about what befell somebody kept back, and name nobody themselves.
        beaten = make_article("beaten", by=staff, url="https://dala.example/beaten")
        hers = make_incident(article=beaten, targets=[TargetFacts(journalist=kept)], by=staff)
        about = made[0], hers
        used = make_account(
            "pages", ("first_seen", "2025-06-01"), cites=sources["used"], incidents=about, by=staff
        )
        used.events[0].article = sources["used_event"]
        sued = make_proceeding(
            "against_perpetrators", ("opened", "2025-06-02"), cites=sources["sued"],
            incidents=about, by=staff,
        )  # fmt: skip
        sued.steps[0].article = sources["sued_step"]
        make_response(incidents=about, cites=sources["answered"], by=staff)
        make_appeal(*about, cites=sources["asked"], by=staff)
        db.session.commit()
        for one in (*made, own):
            decide(one, NamingDecision.CONSENTED, scope=NamingScope.PARTNER, by=staff)
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    package = taken(client, "?profile=partner&drafts=yes")

    in_sources = [one["url"] for one in rows(package, "articles") if one["url"] != "withheld"]
    assert in_sources == ["https://dala.example/free"]
    assert {one["handle"] for one in rows(package, "fake_accounts")} == {"withheld"}
    # Who agreed in what only her team sees is not named by what everybody does.
    assert [one["name"] for one in rows(package, "journalists")] == ["Aida Named"]


def test_a_filter_that_names_somebody_stays_in_the_house(app, client):
    refs = told(app)
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    for asked in (
        f"journalist={refs['kept']}",
        "outlet=OUT-0000000000",
        "logged_by=staff",
        "q=Berik",
    ):
        for page in ("/reports/package", ADDRESS):
            answer = client.get(f"{page}?profile=partner&{asked}")
            assert answer.status_code == 400, (page, asked)
            assert "A file for others cannot be filtered by names or words" in answer.text
    # Whose name is withheld, her gender is too: no two files may tell it by what they have.
    for page in ("/reports/package", ADDRESS, "/reports/incidents.csv"):
        answer = client.get(f"{page}?profile=partner&figure=gender:woman")
        assert answer.status_code == 400, page
        assert "A file for others does not contain gender" in answer.text
    assert client.get("/reports/incidents.csv?figure=gender:woman").status_code == 200
    assert "incidents.csv" in taken(client, f"?journalist={refs['kept']}").namelist()


def test_who_refused_is_in_no_file_and_still_counted(app, client):
    with deciding(app) as staff:
        # What the team keeps to itself may hold her name: a file, its own included, may not.
        hers = make_incident(
            targets=[TargetFacts(journalist=her(staff))], title=f"Visit to {NAME}",
            visibility=Visibility.RESTRICTED, by=staff,
        )  # fmt: skip
        close(hers, by=staff)
        ref = hers.ref
        make_article("More of Bazhkenova, G.", by=staff, visibility=Visibility.RESTRICTED,
                     text="Bazhkenova, G. was at home.",
                     url="https://paper.example/gulnara-bazhkenova")  # fmt: skip
        db.session.commit()
        handle = FakeAccount(
            kind=AccountKind.PROFILE, handle="gbazhkenova77", team_id=hers.team_id,
        )  # fmt: skip
        set_record_author(handle, by=staff)
        db.session.add(handle)
        db.session.commit()
    with as_user(app, "taker", Role.STAFF, Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    package = taken(client)

    assert not HERS.search(everything(package))
    [target] = rows(package, "targets")
    assert (target["incident"], target["kind"], target["journalist"], target["named_as"]) == (
        ref, "journalist", "", STANDS
    )  # fmt: skip
    assert target["words"] == "withheld"
    [incident] = rows(package, "incidents")
    assert incident["title"] == f"Visit to {STANDS}"
    assert [one["handle"] for one in rows(package, "fake_accounts")] == ["withheld"]
    assert rows(package, "journalists") == []


def test_the_length_of_what_is_masked_is_in_no_table(app, client):
    text = "One man called. {} left. He came back."
    with as_user(app, "taker", Role.STAFF, Role.EXPORTER) as taker:
        db.session.commit()
        set_full_access()
        refs = []
        for name in ("Bota Li", "Gulnara Bazhkenova"):
            article = make_article(text=text.format(name), by=taker)
            make_incident(article=article, quote="2-3", by=taker)
            mask_passages(article, resolve_passages(article, name), reason="asked to", by=taker)
            refs.append(article.ref)
        db.session.commit()
    sign_in_directly(client, "taker")
    package = taken(client)

    told = []
    for ref in refs:
        read = next(one["text"] for one in rows(package, "articles") if one["ref"] == ref)
        cited = next(one for one in rows(package, "citations") if one["article"] == ref)
        covered = next(one for one in rows(package, "article_masks") if one["article"] == ref)
        assert read[int(cited["start"]) : int(cited["end"])] == cited["quote"]
        assert read[int(covered["start"]) : int(covered["end"])] == DISPLAYED_MASK
        told.append((read, cited["start"], cited["end"], covered["start"], covered["end"]))
    assert told[0] == told[1]
    assert told[0][0] == text.format(DISPLAYED_MASK)


def test_a_filter_takes_what_hangs_on_its_incidents_and_no_more(app, client, tmp_path):
    refs = told(app)
    with as_user(app) as staff:
        make_incident("intimidation.visit", country="KG", by=staff)
        make_journalist("Nobody Asked", by=staff)
        db.session.commit()
    sign_in_directly(client, "staff")
    package = taken(client, "?type=intimidation.visit&country=KG")

    assert valid(package, tmp_path).valid
    assert [one["country"] for one in rows(package, "incidents")] == ["KG"]
    assert len(rows(package, "articles")) == len(rows(package, "citations")) == 1
    assert rows(package, "journalists") == rows(package, "fake_accounts") == []
    assert refs["both"] not in everything(package)
    assert "Kyrgyzstan" in package.read("README.txt").decode()


def test_the_public_package_is_what_was_published(app, client):
    with as_user(app) as staff:
        made = make_incident(title="Letters", narrative="CANARY", by=staff)
        write_public_summary(made, {"public_summary_en": "Letters came."}, by=staff)
        make_incident(title="Another CANARY", by=staff)
        made.state = EditorialState.APPROVED
        ref = made.ref
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        publish(
            db.session.scalars(sa.select(Incident).where(Incident.ref == ref)).one(), by=monitor
        )
        db.session.commit()
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")

    package = taken(client, "?profile=public")
    assert "CANARY" not in everything(package)
    assert [(one["ref"], one["summary_en"]) for one in rows(package, "published")] == [
        (ref, "Letters came.")
    ]
    assert client.get(f"{ADDRESS}?profile=public&country=KZ").status_code == 400


def test_only_who_exports_for_others_makes_files_for_them(app, client):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    for page in ("/reports/package", ADDRESS):
        for profile in ("partner", "public"):
            assert client.get(f"{page}?profile={profile}").status_code == 403
        assert client.get(f"{page}?profile=everybody").status_code == 400
        assert client.get(f"{page}?nothing=1").status_code == 400
        # A package is of all that a filter finds, and not of the rest of a list.
        assert client.get(f"{page}?after=INC-0000000000").status_code == 400
    assert '<option value="partner"' not in client.get("/reports/package").text
    with app.app_context():
        assert db.session.scalars(sa.select(ExportRun)).all() == []


def test_the_page_says_what_leaves_and_what_does_not(app, client):
    told(app)
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    text = client.get("/reports/package?profile=partner&drafts=yes").text
    package = taken(client, "?profile=partner&drafts=yes")

    said = dict(re.findall(r"<code>(\w+)</code></th><td>(\d+)</td>", text))
    assert said == {name: str(len(rows(package, name))) for name in said}
    assert {f"{name}.csv" for name in said} == set(package.namelist()) - {
        "README.txt", "datapackage.json"
    }  # fmt: skip
    assert "1 incident is kept by its team." in text
    assert "narrative" in text


def test_the_page_says_which_records_hold_a_name_back_and_a_merged_one_does_not(app, client):
    with deciding(app) as staff:
        named = make_journalist("Aida Named", by=staff)
        free, held, twin = (
            make_incident(targets=[TargetFacts(journalist=named)], by=staff) for _each in range(3)
        )
        db.session.commit()
        decide(free, NamingDecision.CONSENTED, scope=NamingScope.PARTNER, by=staff)
        merge_incidents(free, twin, by=staff)
        db.session.commit()
        refs = held.ref, twin.ref
    for who, team in (("taker", "Desk"), ("other_taker", "Other")):
        with as_user(app, who, Role.EXPORTER, team=team):
            pass
    sign_in_directly(client, "taker")
    page = "/reports/package?profile=partner&drafts=yes"

    assert rows(taken(client, "?profile=partner&drafts=yes"), "journalists") == []
    text = client.get(page).text
    assert (
        "1 person may be named in one of these incidents, but another record prevents it:" in text
    )
    assert refs[0] in text
    assert refs[1] not in text
    # Of what somebody may not see the page says nothing but what it says always.
    with as_user(app):
        one = db.session.scalars(sa.select(Incident).where(Incident.ref == refs[0])).one()
        one.visibility = Visibility.RESTRICTED
        db.session.commit()
    sign_in_directly(client, "other_taker")
    text = client.get(page).text
    assert "may be named in one of these incidents" not in text
    assert "Records that you may not see may prevent naming too." in text
    assert rows(taken(client, "?profile=partner&drafts=yes"), "journalists") == []
    # The decision is the only thing that is in the way.
    with deciding(app) as staff:
        one = db.session.scalars(sa.select(Incident).where(Incident.ref == refs[0])).one()
        one.state, one.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        db.session.commit()
        decide(one, NamingDecision.CONSENTED, scope=NamingScope.PARTNER, by=staff)
    package = taken(client, "?profile=partner&drafts=yes")
    assert [one["name"] for one in rows(package, "journalists")] == ["Aida Named"]
    assert "named only if every record about them allows it" in package.read("README.txt").decode()


def test_the_command_writes_the_same_tables(app, client, runner, tmp_path):
    told(app)
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    file = tmp_path / "package.zip"
    result = runner.invoke(
        args=["reports", "package", "--by", "staff", "--output", str(file), "country=KZ"]
    )
    assert result.exit_code == 0, result.output

    by_page, by_command = taken(client, "?country=KZ"), zipfile.ZipFile(file)
    tables = [name for name in by_page.namelist() if name.endswith(".csv")]
    assert all(by_page.read(name) == by_command.read(name) for name in tables)
    assert file.stat().st_mode & 0o777 == 0o600
    refused = runner.invoke(
        args=["reports", "package", "--by", "staff", "--profile", "partner", "--output", str(file)]
    )
    assert refused.exit_code == 1


def test_a_table_is_read_in_pieces_as_it_is_in_one(app, client, monkeypatch):
    told(app)
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    whole = taken(client)
    real = queries.exported_row_batches
    monkeypatch.setattr(service, "exported_row_batches", lambda *given: real(*given, size=1))
    pieces = taken(client)

    assert all(
        whole.read(name) == pieces.read(name) for name in whole.namelist() if name.endswith(".csv")
    )


def test_what_is_declared_is_what_the_models_hold():
    """Closed sets and classes stand twice: here they are held together."""
    for table in TABLES:
        for source in SOURCES_OF_TABLE.get(table.name, ()):
            for one in table.columns:
                if one.kind is ColumnKind.ORDINAL or source.referenced_table(one):
                    continue
                column = source.get_expression(one).property.columns[0]
                where = f"{table.name}.{one.name}"
                if isinstance(column.type, sa.Enum) and table.name != "links":
                    assert one.codes is column.type.enum_class, where
                if one.profiles == INTERNAL_AND_PARTNER and one.kind in {
                    ColumnKind.TEXT,
                    ColumnKind.HANDLE,
                }:
                    may = column.info["class"] == "public" or where == "journalists.name"
                    assert may, where
                assert column.info["class"] != "confidential", where


def reason_left_out(table: str, column: str) -> str | None:
    """Return why a column is in no package, None if there is no reason."""
    for reason, patterns in NOT_EXPORTED_BY_REASON.items():
        for pattern in patterns:
            if fnmatchcase(f"{table}.{column}" if "." in pattern else table, pattern):
                return reason
    return None


def test_every_column_leaves_or_has_a_reason_to_stay():
    """The package is whole: a column that nobody thought of fails here."""
    read = [
        source.get_expression(one).property.columns[0]
        for table in TABLES
        for source in SOURCES_OF_TABLE.get(table.name, ())
        for one in table.columns
        if not isinstance(source.get_expression(one), sa.Null)
    ]
    carried = {f"{one.table.name}.{one.name}" for one in read}
    kept = {
        f"{table.name}.{one.name}": reason_left_out(table.name, one.name)
        for table in Base.metadata.sorted_tables
        for one in table.columns
    }
    forgotten = [name for name, why in kept.items() if why is None and name not in carried]
    assert forgotten == [], (
        "give each a column in tracker/reports/tables/, or a reason in NOT_EXPORTED_BY_REASON of packages/metadata.py"
    )
    # A reason for nothing is none.
    assert set(NOT_EXPORTED_BY_REASON) == {
        why for name, why in kept.items() if why and name not in carried
    }


def test_headers_are_the_declared_ones():
    assert set(FLAT_INCIDENTS.header) == set(VALUE_GETTER_OF_COLUMN)
    assert next(one for one in TABLES if one.name == "published").header == PUBLIC_EXPORT_COLUMNS
    for table in TABLES:
        assert {Profile.INTERNAL} <= set().union(*(one.profiles for one in table.columns)) or (
            table.name == "published"
        )
