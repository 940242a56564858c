"""The sample case and the invented records come in as staff would log them, and go out again; what
other records refer to stays.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import func, select

from tests.conftest import prepared
from tests.factories import as_user, make_journalist, sign_in_directly
from tracker.articles.codes import Language
from tracker.articles.models import Article
from tracker.audit.models import AuditEvent, CommittedValue
from tracker.audit.service import record_commitments
from tracker.cases.models import Case, CaseIncident
from tracker.cases.service import file_records, open_case, remove_from_case
from tracker.clock import utc_now
from tracker.db import db, set_full_access
from tracker.fake_accounts.models import FakeAccount
from tracker.incidents.guarded_models import IncidentConfidential, Publication, TargetNamingDecision
from tracker.incidents.models import Incident, IncidentTarget
from tracker.intake.models import InstitutionNotDuplicates
from tracker.people.models import Erasure, Institution, Journalist, Outlet
from tracker.people.service import add_shipped_institutions
from tracker.permissions import Role, Visibility
from tracker.records import record_models
from tracker.reports.codes import ExportKind, Profile
from tracker.reports.models import ExportedRow, ExportRun
from tracker.responses.models import OfficialResponse
from tracker.review.codes import EditorialState
from tracker.review.service import add_comment
from tracker.sample.service import MODELS_IN_DELETION_ORDER
from tracker.scoping import ScopedRecord, Viewer, set_viewer
from tracker.search.models import SearchEntry
from tracker.users.models import CalendarLink, Follow, SignInLink, Team, User
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.service import load_vocabulary


def ship(app: Flask) -> None:
    """Put in what `flask serve` puts into every new database."""
    prepared(app, "shipped", lambda: _ship(app))


def load(app: Flask, runner: FlaskCliRunner) -> str:
    """Put in the same and the sample case, and return what the command says."""

    def made() -> str:
        _ship(app)
        answer = runner.invoke(args=["sample", "load", "--case-only"])
        assert answer.exit_code == 0, answer.output
        return answer.output

    return prepared(app, "sample case", made)


def _ship(app: Flask) -> None:
    with app.app_context():
        console = get_or_create_console_user()
        load_vocabulary(by=console)
        add_shipped_institutions(by=console)
        db.session.commit()


def test_the_sample_is_what_the_article_says(app: Flask, runner: FlaskCliRunner) -> None:
    told = load(app, runner)
    assert "admin, staff, monitor, exporter" in told
    # Each record is as its last entry left it.
    assert runner.invoke(args=["audit", "verify"]).output.startswith("ok ")
    with app.app_context():
        set_viewer(Viewer(()))
        case = db.session.scalars(select(Case)).one()
        incidents = [row.incident for row in case.incidents if row.incident]
        types = [{row.term.code for row in one.types} for one in incidents]
        assert types == [
            {"threat.other"},
            {
                "intimidation.visit",
                "intimidation.contacts",
                "disinformation.false_wanted",
                "impersonation.official",
            },
            {"impersonation.journalist"},
            {"disinformation.death_hoax"},
        ]
        assert {(one.when.earliest.isoformat(), one.as_stated) for one in incidents} == {
            ("2024-12-01", "for the past six months")
        }
        assert all(one.citations[0].quote for one in incidents)
        account = db.session.scalars(select(FakeAccount)).one()
        assert (account.identified, account.accounts_at_least) == (Answer.NO, 2)
        response = db.session.scalars(select(OfficialResponse)).one()
        acts = {act.act.value: act.is_substantive.value for act in response.acts}
        assert acts == {
            "condemnation": "no",
            "blocking_ordered": "no",
            "investigation_announced": "no",
        }


def changes_of_removal() -> dict[str, Any]:
    removals = select(AuditEvent).where(AuditEvent.action == "sample:remove")
    return db.session.scalars(removals).one().changes


def test_the_sample_can_be_taken_out_while_nothing_else_is_there(
    app: Flask, runner: FlaskCliRunner
) -> None:
    ship(app)
    with app.app_context():
        before = db.session.scalar(select(func.count()).select_from(SearchEntry)) or 0
    assert runner.invoke(args=["sample", "load", "--case-only"]).exit_code == 0
    answer = runner.invoke(args=["sample", "remove"])
    assert answer.exit_code == 0, answer.output
    with app.app_context():
        set_viewer(Viewer(tuple(range(1, 9))))
        for model in (Case, Incident, IncidentTarget, FakeAccount, OfficialResponse, Team):
            assert db.session.scalar(select(func.count()).select_from(model)) == 0
        assert db.session.scalars(select(User.name)).all() == ["console"]
        # What ships besides (institutions) stays found; law enforcement came with the sample.
        assert db.session.scalar(select(func.count()).select_from(SearchEntry)) == before + 1
        actions = set(db.session.scalars(select(AuditEvent.action)))
        assert {"sample:load", "sample:remove"} <= actions
        assert changes_of_removal()["removed_users"] == ["admin", "exporter", "monitor", "staff"]
    assert runner.invoke(args=["audit", "verify"]).output.startswith("ok ")
    assert runner.invoke(args=["sample", "remove"]).exit_code == 1


def test_what_others_recorded_stays_when_the_sample_goes(
    app: Flask, runner: FlaskCliRunner
) -> None:
    load(app, runner)
    with as_user(app, "anna", Role.STAFF, Role.ADMIN, team="Another") as anna:
        make_journalist("Somebody Else", by=anna)
        db.session.commit()
    answer = runner.invoke(args=["sample", "remove"])
    assert answer.exit_code == 0, answer.output
    assert answer.output == "removed 11 records of the sample, its users and its team\n"
    with app.app_context():
        set_viewer(Viewer(tuple(range(1, 9))))
        assert db.session.scalar(select(func.count()).select_from(Incident)) == 0
        assert db.session.scalars(select(Journalist.name)).all() == ["Somebody Else"]
        assert db.session.scalars(select(Team.name)).all() == ["Another"]


def test_the_only_administrator_of_others_stays(
    app: Flask, runner: FlaskCliRunner, client: FlaskClient
) -> None:
    load(app, runner)
    with as_user(app, "anna", team="Another"):
        db.session.commit()
    answer = runner.invoke(args=["sample", "remove"])
    assert ": admin. They still sign in with their password" in answer.output
    with app.app_context():
        assert set(db.session.scalars(select(User.name))) == {"admin", "anna", "console"}
    # The sample itself is gone, and the overview no longer speaks of it.
    sign_in_directly(client, "anna")
    assert "sample remove" not in client.get("/").text


def test_what_other_records_refer_to_stays_and_is_named(app: Flask, runner: FlaskCliRunner) -> None:
    load(app, runner)
    with as_user(app, "anna", Role.STAFF, Role.ADMIN, team="Another") as anna:
        hoax = db.session.scalars(select(Incident).order_by(Incident.id.desc())).first()
        assert hoax is not None
        own = open_case(
            "Ours", country="KZ", team_id=anna.team_ids[0],
            visibility=Visibility.RESTRICTED, by=anna,
        )  # fmt: skip
        file_records(own, [hoax], by=anna)
        db.session.commit()
        ref, by = hoax.ref, own.ref
    answer = runner.invoke(args=["sample", "remove"])
    assert answer.exit_code == 0, answer.output
    # The incident, its article, the journalist and the outlet, without which it would say nothing.
    removed, kept, users = answer.output.splitlines()
    assert removed == "removed 7 records of the sample"
    assert kept.startswith("These stay, since other records refer to them: ")
    assert f"{ref} (in {by})" in kept
    assert users.startswith("These users stay")
    assert ": staff. They still sign in with their password" in users
    with app.app_context():
        set_viewer(Viewer(tuple(range(1, 9))))
        filed = select(Incident.ref).join(CaseIncident, CaseIncident.incident_id == Incident.id)
        assert db.session.scalars(filed).all() == [ref]
        assert db.session.scalars(select(Journalist.name)).all() == ["Gulnara Bazhkenova"]
        assert db.session.scalars(select(Outlet.name)).all() == ["Orda.kz"]
        assert db.session.scalars(select(func.count()).select_from(Article)).all() == [1]
    with as_user(app, "anna", team="Another") as anna:
        own = db.session.scalars(select(Case)).one()
        remove_from_case(own, db.session.scalars(select(Incident)).one(), by=anna)
        db.session.commit()
    answer = runner.invoke(args=["sample", "remove"])
    assert answer.output == "removed 4 records of the sample, its users and its team\n"


def loaded_texts() -> set[tuple[str, str]]:
    """Return the titles and texts of all articles."""
    return {(one.title, one.text) for one in db.session.scalars(select(Article))}


def test_the_invented_records_are_marked_and_the_same_each_time(
    app: Flask, runner: FlaskCliRunner, client: FlaskClient
) -> None:
    ship(app)
    answer = runner.invoke(args=["sample", "load"])
    assert answer.exit_code == 0, answer.output
    assert "invented records are loaded. To remove them: " in answer.output
    with app.app_context():
        set_viewer(Viewer(()))
        first = loaded_texts()
        _case, *cases = db.session.scalars(select(Case).order_by(Case.id))
        assert all(one.title.endswith("(sample)") for one in cases)
        _orda, *outlets = db.session.scalars(select(Outlet).order_by(Outlet.id))
        assert all(one.name.endswith("(sample)") for one in outlets)
        assert all(one.domains.endswith(".example") for one in outlets)
        _one, _other, *people = db.session.scalars(select(Journalist).order_by(Journalist.id))
        assert all(one.notes.startswith("Invented for the sample") for one in people)
        incidents = list(db.session.scalars(select(Incident)))
        assert {one.country for one in incidents} == {"KZ", "KG", "UZ", "RU", "UA", "TJ"}
        assert {one.state for one in incidents} == set(EditorialState)
        classes = {row.term.code.split(".")[0] for one in incidents for row in one.types}
        assert len(classes) >= 13
        months = {(one.when.latest.year, one.when.latest.month) for one in incidents}
        assert len(months) >= 24
        cited = [row for one in incidents for row in one.citations]
        assert all(row.quote in row.article.text for row in cited if row.article)
        languages = set(db.session.scalars(select(Article.language)))
        assert languages == {Language.EN, Language.RU, Language.KK}
    assert runner.invoke(args=["audit", "verify"]).output.startswith("ok ")

    with as_user(app, "reader", Role.MONITOR, Role.ADMIN, team="Another"):
        pass
    sign_in_directly(client, "reader")
    assert "This tracker holds a sample" in client.get("/").text

    answer = runner.invoke(args=["sample", "remove"])
    assert answer.exit_code == 0, answer.output
    assert "This tracker holds a sample" not in client.get("/").text
    with app.app_context():
        set_viewer(Viewer(tuple(range(1, 9))))
        kinds: list[Any] = [*MODELS_IN_DELETION_ORDER, Publication]
        for model in kinds:
            assert db.session.scalar(select(func.count()).select_from(model)) == 0
        names = db.session.scalars(select(Institution.name)).all()
        assert not [one for one in names if "(sample)" in one]
    assert runner.invoke(args=["audit", "verify"]).output.startswith("ok ")

    runner.invoke(args=["sample", "load"])
    with app.app_context():
        set_viewer(Viewer(()))
        assert loaded_texts() == first


def test_every_kind_of_record_that_a_team_keeps_is_taken_out() -> None:
    kept = {kind for kind in record_models().values() if issubclass(kind, ScopedRecord)}
    assert kept == set(MODELS_IN_DELETION_ORDER)


def test_what_is_kept_apart_from_the_samples_records_goes_with_them(
    app: Flask, runner: FlaskCliRunner
) -> None:
    load(app, runner)
    with as_user(app, "staff") as staff:
        db.session.rollback()
        set_full_access()
        target = db.session.scalars(select(IncidentTarget)).first()
        assert target is not None
        assert target.journalist is not None
        incident = target.incident
        team = incident.team_id
        db.session.add_all([
            IncidentConfidential(incident_id=incident.id, team_id=team, witness_names="Bota"),
            TargetNamingDecision(target_id=target.id, team_id=team),
            Erasure(
                journalist_id=target.journalist.id, team_id=team, reason="asked",
                asked_by_id=staff.id, visibility=target.journalist.visibility,
            ),
            Follow(user_id=staff.id, ref=incident.ref, read_at=utc_now()),
            SignInLink(token_hash="0" * 64, user_id=staff.id),
            CalendarLink(token_hash="0" * 64, user_id=staff.id),
        ])  # fmt: skip
        one, other = db.session.scalars(select(Institution).order_by(Institution.id).limit(2))
        db.session.add(
            InstitutionNotDuplicates(one_id=one.id, other_id=other.id, told_by_id=staff.id)
        )
        record_commitments(incident.ref, "incident:confidential", {}, {"a": "Bota"}, by=staff)
        add_comment(incident, "Ask her again.", assigned_to="monitor", by=staff)
        run = ExportRun(
            by_id=staff.id, kind=ExportKind.INCIDENTS, profile=Profile.INTERNAL, asked={},
            columns={}, language="en", question="0",
        )  # fmt: skip
        db.session.add(run)
        db.session.flush()
        db.session.add(ExportedRow(run_id=run.id, ref=incident.ref, digest="0"))
        db.session.commit()
        exported = run.ref
    answer = runner.invoke(args=["sample", "remove"])
    assert answer.exit_code == 0, answer.output
    with app.app_context():
        set_full_access()
        assert db.session.scalar(select(func.count()).select_from(CommittedValue)) == 0
        assert changes_of_removal()["removed_exports"] == [exported]
