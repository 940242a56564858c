"""A whole package goes into an empty tracker, and comes out of it as it was; or nothing of it does."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import let_go, new_app, prepared
from tests.databases import Database
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_user,
    sign_in_directly,
)
from tests.incidents.namings_made import NAME, STANDS, close, deciding, her
from tests.reports.test_package import HERS, rows, valid
from tests.safety.world import OTHER_TEAM, OWN_TEAM, build
from tests.sample.test_sample import ship
from tracker import schema
from tracker.articles.models import Article, ArticleOriginal
from tracker.db import current_engines, db
from tracker.fake_accounts.codes import AccountKind
from tracker.fake_accounts.models import FakeAccount
from tracker.incidents.codes import ActorType, AttributedBy
from tracker.incidents.models import IncidentTarget
from tracker.incidents.service import ActorFacts, TargetFacts
from tracker.permissions import Role, Visibility
from tracker.records import record_models, set_record_author
from tracker.reports.codes import Profile
from tracker.reports.tables import TABLES
from tracker.responses.codes import AppealOutcome, Stance
from tracker.responses.models import Appeal, OfficialResponse, ResponseStance
from tracker.review.codes import EditorialState
from tracker.scoping import system_session
from tracker.users.queries import list_teams
from tracker.users.service import change_user, get_or_create_console_user

# What says when and by which run a package left, and so of which digests.
OF_THE_DAY = {"README.txt", "datapackage.json"}


@pytest.fixture
def other(empty_database: Database) -> Iterator[Flask]:
    """Lend an application on a second database, as a new one is served: with what ships."""
    app = new_app(empty_database)
    with app.app_context():
        schema.upgrade_and_grant_privileges(current_engines().full_writing, app.config["TRACKER"])
    ship(app)
    yield app
    let_go(app)


def package_of(app: Flask, file: Path, *by: str) -> Path:
    taken = ["reports", "package", "--output", str(file), *by]
    result = app.test_cli_runner().invoke(args=taken)
    assert result.exit_code == 0, result.output
    return file


def loaded(app: Flask, file: Path) -> str:
    result = app.test_cli_runner().invoke(args=["reports", "load-package", str(file)])
    assert result.exit_code == 0, result.output
    return result.output


def refused(app: Flask, file: Path) -> str:
    result = app.test_cli_runner().invoke(args=["reports", "load-package", str(file)])
    assert result.exit_code == 1, result.output
    with app.app_context(), system_session("what is there?", reading=True) as session:
        counts = {
            prefix: session.scalar(sa.select(sa.func.count()).select_from(kind))
            for prefix, kind in record_models().items()
        }
    assert {prefix for prefix, count in counts.items() if count} == {"INS"}
    return result.output


def differing(one: Path, another: Path) -> list[str]:
    before, after = zipfile.ZipFile(one), zipfile.ZipFile(another)
    assert before.namelist() == after.namelist()
    names = set(before.namelist()) - OF_THE_DAY
    return sorted(name for name in names if before.read(name) != after.read(name))


def let_see(app: Flask, name: str, *roles: Role, teams: tuple[str, ...]) -> None:
    """Make somebody who is in these teams of the second tracker too."""
    with app.app_context():
        user = make_user(name, *roles, team=teams[0])
        theirs = [one for one in list_teams() if one.name in teams]
        change_user(user, roles=user.roles, teams=theirs, by=get_or_create_console_user())
        db.session.commit()


def everything(app: Flask) -> None:
    """Fill the first tracker: a record of every kind with all that hangs on it, and what is odd."""
    build(app)
    with as_user(app, "staff") as staff:
        response = db.session.scalars(sa.select(OfficialResponse).limit(1)).one()
        response.other_stances = [ResponseStance(stance=one) for one in list(Stance)[-2:]]
        sources = list(db.session.scalars(sa.select(Article).order_by(Article.id)))
        # It points to one that comes after it.
        sources[0].repeats = sources[-1]
        sources[0].authors = '=HYPERLINK("x"),\r\nя, 記者\n'
        appeal = db.session.scalars(sa.select(Appeal).limit(1)).one()
        appeal.outcome, appeal.response = AppealOutcome.ANSWERED, response
        number = FakeAccount(
            kind=AccountKind.PHONE_NUMBER, handle="+77010000000", team_id=appeal.team_id
        )
        set_record_author(number, by=staff)
        db.session.add(number)
        back = make_incident(by=staff)
        back.state, back.review_note = EditorialState.RETURNED, "Who says so?"
        db.session.commit()


@pytest.mark.parametrize(
    ("name", "teams"), [("of-both", (OWN_TEAM, OTHER_TEAM)), ("staff", (OWN_TEAM,))]
)
def test_it_comes_out_as_it_went_in(app: Flask, other: Flask, tmp_path: Path, name, teams):
    """Of somebody who sees all, and of somebody from whom much is hidden that theirs points to."""
    prepared(app, "everything", lambda: everything(app))
    first = package_of(app, tmp_path / "first.zip", "--by", name)
    if name == "of-both":
        package = zipfile.ZipFile(first)
        carried = [one.name for one in TABLES if one.columns_for(Profile.INTERNAL)]
        assert [table for table in carried if not rows(package, table)] == []
        report = valid(package, tmp_path / "tables")
        assert report.valid, report.flatten(["type", "message"])
    told = loaded(other, first)

    assert "no package" in told
    let_see(other, name, teams=teams)
    assert differing(first, package_of(other, tmp_path / "second.zip", "--by", name)) == []
    assert other.test_cli_runner().invoke(args=["audit", "verify"]).output.startswith("ok ")
    # Pages show what came in, also where it points to somebody who did not; and the index finds it.
    client = other.test_client()
    sign_in_directly(client, name)
    for table in (
        one for one in TABLES if one.is_record_table and one.columns_for(Profile.INTERNAL)
    ):
        for row in rows(zipfile.ZipFile(first), table.name)[:2]:
            page = f"/{table.name.replace('_', '-')}/{row['ref']}/"
            for address in (page, f"{page}history"):
                assert client.get(address).status_code == 200, address
    assert "Internal Writer" in client.get("/journalists/?q=internal+writ").text
    let_see(other, "boss", Role.ADMIN, teams=(OWN_TEAM,))
    sign_in_directly(client, "boss")
    assert "first.zip" in client.get("/audit-log/").text


def test_who_is_not_to_be_named_is_not_brought_along(app, other, tmp_path):
    ship(app)
    with deciding(app) as staff:
        hers = make_incident(
            targets=[TargetFacts(journalist=her(staff))], title=f"Visit to {NAME}",
            article=make_article(text=f"They came. {NAME} was out.", by=staff),
            visibility=Visibility.RESTRICTED, by=staff,
        )  # fmt: skip
        close(hers, by=staff)
        more = f"More of {NAME}."
        make_article(more, text=more, visibility=Visibility.RESTRICTED, by=staff)
        db.session.commit()
    first = package_of(app, tmp_path / "first.zip", "--by", "staff")
    loaded(other, first)

    with as_user(other) as staff:
        [target] = db.session.scalars(sa.select(IncidentTarget))
        assert (target.journalist_id, target.words, target.named_as) == (None, "withheld", STANDS)
        masked, whole = db.session.scalars(sa.select(Article).order_by(Article.id))
        # Numbers point into a text: cut, they would point beside what they mean.
        assert (HERS.search(masked.text), whole.title, whole.text) == (
            None,
            "More of withheld.",
            "withheld",
        )
        assert db.session.scalars(sa.select(ArticleOriginal)).all() == []
    assert differing(first, package_of(other, tmp_path / "second.zip", "--by", "staff")) == []


def changed(file: Path, name: str, change: Callable[[str], str]) -> Path:
    """Return a copy of a package with another table in it, of which it says the right digests."""
    before, copy = zipfile.ZipFile(file), file.with_name("changed.zip")
    contents = {one: before.read(one) for one in before.namelist()}
    table = f"{name}.csv"
    new = change(contents[table].decode()).encode()
    assert new != contents[table]
    schema = json.loads(contents["datapackage.json"])
    [said] = [one for one in schema["resources"] if one["name"] == name]
    said |= {"bytes": len(new), "hash": f"sha256:{hashlib.sha256(new).hexdigest()}"}
    contents |= {table: new, "datapackage.json": json.dumps(schema).encode()}
    readme = contents["README.txt"].decode()
    for one in (table, "datapackage.json"):
        digest = hashlib.sha256(contents[one]).hexdigest()
        readme = re.sub(f"[0-9a-f]{{64}}  {one}", f"{digest}  {one}", readme)
    contents["README.txt"] = readme.encode()
    with zipfile.ZipFile(copy, "w") as made:
        for one, content in contents.items():
            made.writestr(one, content)
    return copy


def test_what_cannot_be_right_is_refused_whole_with_its_place(app, other, tmp_path):
    with as_user(app) as staff:
        who = TargetFacts(journalist=make_journalist(by=staff))
        did_it = ActorFacts(actor_type=ActorType.POLICE, attributed_by=AttributedBy.TARGET)
        make_incident(targets=[who], actor=did_it, by=staff)
        db.session.commit()
    file = package_of(app, tmp_path / "whole.zip")
    incident = rows(zipfile.ZipFile(file), "incidents")[0]["ref"]
    cases: list[tuple[str, Callable[[str], str], str]] = [
        ("incidents", lambda text: text.replace("place,", "where,", 1), "does not know: where"),
        ("incidents", lambda text: text.replace("place,", "", 1), "lacks a column: place"),
        ("incidents", lambda text: text.replace(",KZ,", ",KZ,,", 1), "another number of cells"),
        (
            "incidents",
            lambda text: text.replace(",draft,", ",forgotten,", 1),
            "incidents.csv, row 2, state: “forgotten” is none of the codes",
        ),
        (
            "incidents",
            lambda text: text.replace(incident, "INC-lower00000"),
            "is no ref of its kind",
        ),
        ("incidents", lambda text: text + text.split("\r\n", 1)[1], "is there twice"),
        (
            "targets",
            lambda text: text.replace(incident, "INC-0000000000"),
            "targets.csv, row 2, incident: “INC-0000000000” is nothing",
        ),
        (
            "citations",
            lambda text: text.replace(incident, "JRN-0000000000"),
            "citations.csv, row 2",
        ),
        (
            "incident_types",
            lambda text: text.replace("threat.death", "threat.none"),
            "“threat.none” is nothing",
        ),
        ("codes", lambda text: text.replace("answer,yes", "answer,maybe"), "codes.csv"),
        (
            "targets",
            lambda text: text.replace(",1,journalist", ",2,journalist"),
            "do not count from 1",
        ),
        (
            "actors",
            lambda text: text.replace(",target,", ",,"),
            "says what no record can say",
        ),
        ("journalists", lambda text: text.replace("Asem Doe", "A" * 201), "longer than 200"),
        ("journalists", lambda text: text.replace("Asem Doe", ""), "at least one letter"),
        ("targets", lambda text: re.sub("JRN-\\w+", incident, text), "journalist: “INC"),
        ("citations", lambda text: re.sub("ART-\\w+", "", text), "row 2, article: it is empty"),
        ("articles", lambda text: text.replace(",Desk,", ",,"), "row 2, team: it is empty"),
        ("articles", lambda text: text.replace(",article,", ",,"), "row 2, kind: it is empty"),
        ("articles", lambda text: re.sub(",(....-..)-..,", r",\1,", text), "not what the column"),
        ("articles", lambda text: text.replace("Two men", "Two\0men"), "articles.csv"),
        ("citations", lambda text: text.replace(",supports,", "1,supports,"), "row 2"),
    ]
    for table, change, words in cases:
        assert words in refused(other, changed(file, table, change)), words
    # A digest that is not said so, a file that is not there or is none.
    content = file.read_bytes()
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(broken, "w") as made:
        for one in whole.namelist():
            made.writestr(one, whole.read(one) + (b"," if one == "cases.csv" else b""))
    assert "cases.csv is not the file that left" in refused(other, broken)
    for short in (content[: len(content) // 2], b"", b"PK"):
        broken.write_bytes(short)
        assert "no whole ZIP" in refused(other, broken)
    assert "cannot be read" in refused(other, tmp_path / "nothing.zip")
    partner = package_of(app, tmp_path / "partner.zip", "--profile", "partner")
    assert "no internal data package" in refused(other, partner)


def test_it_goes_into_an_empty_tracker_alone(app, other, tmp_path):
    with as_user(app) as staff:
        make_incident(by=staff)
        db.session.commit()
    file = package_of(app, tmp_path / "whole.zip")
    with as_user(other, "elsewhere", team="Far") as staff:
        make_journalist("Of another team", visibility=Visibility.RESTRICTED, by=staff)
        db.session.commit()
    result = other.test_cli_runner().invoke(args=["reports", "load-package", str(file)])
    assert result.exit_code == 1
    assert "this one has 1 records" in result.output
    by = ["reports", "load-package", "--by", "monitor", str(file)]
    with other.app_context():
        make_user("monitor", Role.MONITOR)
        db.session.commit()
    assert "monitor may not log" in other.test_cli_runner().invoke(args=by).output
