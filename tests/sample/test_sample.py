"""The sample case comes in as staff would log it, and goes out again when nothing else is there."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from tests.factories import as_user, make_journalist
from tracker.audit.service import record_commitments
from tracker.clock import now
from tracker.db import db, use_full_access
from tracker.models import (
    AuditEvent,
    Case,
    CaseLastSeen,
    CommittedValue,
    Erasure,
    ExportedRow,
    ExportRun,
    FakeAccount,
    Incident,
    IncidentConfidential,
    IncidentTarget,
    Institution,
    InstitutionNotDuplicates,
    OfficialResponse,
    SearchEntry,
    SignInLink,
    TargetNaming,
    Team,
    User,
)
from tracker.people.service import load_institutions
from tracker.records import record_models
from tracker.reports.codes import ExportKind, Profile
from tracker.review.service import comment_on
from tracker.sample.service import FROM_THE_TOP
from tracker.scoping import Scoped, Viewer, set_viewer
from tracker.users.service import console_actor
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.service import load_vocabulary


def ship(app: Flask) -> None:
    """Put in what `flask serve` puts into every new database."""
    with app.app_context():
        console = console_actor()
        load_vocabulary(by=console)
        load_institutions(by=console)
        db.session.commit()


def load(runner: FlaskCliRunner) -> str:
    answer = runner.invoke(args=["sample", "load"])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_the_sample_is_what_the_article_says(app: Flask, runner: FlaskCliRunner) -> None:
    ship(app)
    told = load(runner)
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


def test_the_sample_can_be_taken_out_while_nothing_else_is_there(
    app: Flask, runner: FlaskCliRunner
) -> None:
    ship(app)
    with app.app_context():
        before = db.session.scalar(select(func.count()).select_from(SearchEntry)) or 0
    load(runner)
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
    assert runner.invoke(args=["audit", "verify"]).output.startswith("ok ")
    assert runner.invoke(args=["sample", "remove"]).exit_code == 1


def test_the_sample_stays_when_anything_else_was_recorded(
    app: Flask, runner: FlaskCliRunner
) -> None:
    ship(app)
    load(runner)
    with as_user(app, "anna", team="Another") as anna:
        make_journalist("Somebody Else", by=anna)
        db.session.commit()
    answer = runner.invoke(args=["sample", "remove"])
    assert answer.exit_code == 1
    assert "1 record besides the sample" in answer.stderr
    with app.app_context():
        set_viewer(Viewer(()))
        assert db.session.scalar(select(func.count()).select_from(Incident)) == 4


def test_every_kind_of_record_that_a_team_keeps_is_taken_out() -> None:
    kept = {kind for kind in record_models().values() if issubclass(kind, Scoped)}
    assert kept == set(FROM_THE_TOP)


def test_what_is_kept_apart_from_the_samples_records_goes_with_them(
    app: Flask, runner: FlaskCliRunner
) -> None:
    ship(app)
    load(runner)
    with as_user(app, "staff") as staff:
        db.session.rollback()
        use_full_access()
        target = db.session.scalars(select(IncidentTarget)).first()
        assert target is not None
        assert target.journalist is not None
        incident = target.incident
        team = incident.team_id
        db.session.add_all([
            IncidentConfidential(incident_id=incident.id, team_id=team, witness_names="Bota"),
            TargetNaming(target_id=target.id, team_id=team),
            Erasure(
                journalist_id=target.journalist.id, team_id=team, reason="asked",
                asked_by_id=staff.id, visibility=target.journalist.visibility,
            ),
            CaseLastSeen(
                user_id=staff.id, case=db.session.scalars(select(Case)).first(), looked_at=now()
            ),
            SignInLink(token_hash="0" * 64, user_id=staff.id),
        ])  # fmt: skip
        one, other = db.session.scalars(select(Institution).order_by(Institution.id).limit(2))
        db.session.add(
            InstitutionNotDuplicates(one_id=one.id, other_id=other.id, told_by_id=staff.id)
        )
        record_commitments(incident.ref, "incident:confidential", {}, {"a": "Bota"}, by=staff)
        comment_on(incident, "Ask her again.", assigned_to="monitor", by=staff)
        run = ExportRun(
            by_id=staff.id, kind=ExportKind.INCIDENTS, profile=Profile.INTERNAL, asked={},
            columns={}, language="en", question="0",
        )  # fmt: skip
        db.session.add(run)
        db.session.flush()
        db.session.add(ExportedRow(run_id=run.id, ref=incident.ref, digest="0"))
        db.session.commit()
    answer = runner.invoke(args=["sample", "remove"])
    assert answer.exit_code == 0, answer.output
    with app.app_context():
        use_full_access()
        assert db.session.scalar(select(func.count()).select_from(CommittedValue)) == 0
