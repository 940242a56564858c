"""Taking the sample out of a database that holds nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from tracker.articles.models import Article, ArticleMask
from tracker.audit.commitment_service import forget_values
from tracker.audit.models import AuditEvent
from tracker.audit.service import record_event
from tracker.cases.models import Case, CaseLook
from tracker.db import Base, db
from tracker.errors import InvalidInput
from tracker.fake_accounts.models import FakeAccount
from tracker.i18n import _, ngettext
from tracker.incidents.guarded_models import Publication
from tracker.incidents.models import Incident
from tracker.intake.models import IntakeItem
from tracker.intake.namesake_models import (
    InstitutionNamesakes,
    JournalistNamesakes,
    OutletNamesakes,
)
from tracker.intake.outcome_models import SuggestionOutcome
from tracker.people.models import Erasure, Journalist, Outlet
from tracker.reports.imports.models import ImportBatch
from tracker.reports.ledger_models import ExportedRow, ExportRun
from tracker.responses.models import Appeal, OfficialResponse, Proceeding
from tracker.sample.service import LOADED, TEAM, USERS
from tracker.scoping import TeamOnly, Viewer, set_viewer, system_session
from tracker.users.models import (
    KnownDevice,
    RecoveryCode,
    SecondFactor,
    SignInLink,
    Submission,
    Team,
    TeamMember,
    User,
    UserRole,
    UserSession,
)
from tracker.users.service import console_actor

if TYPE_CHECKING:
    from tracker.records import Record

# Every kind of record that a team keeps; those that point at others come before them.
FROM_THE_TOP: tuple[type[Record], ...] = (
    ImportBatch,
    Case,
    Proceeding,
    Appeal,
    OfficialResponse,
    FakeAccount,
    Incident,
    IntakeItem,
    Article,
    Journalist,
    Outlet,
)

OF_USERS: tuple[Any, ...] = (
    UserSession, UserRole, TeamMember, SecondFactor, RecoveryCode, KnownDevice, SignInLink,
    Submission,
)  # fmt: skip
KEPT_APART: tuple[Any, ...] = (
    JournalistNamesakes, OutletNamesakes, Publication, ArticleMask, SuggestionOutcome, Erasure,
    CaseLook,
)  # fmt: skip


def remove_sample() -> None:
    """Delete the sample's records, users and team; the trail keeps that they were there.

    Raises InvalidInput when the sample is not there, or when anything else was recorded since: what
    was logged beside it might rest on it.
    """
    team = db.session.scalars(select(Team).where(Team.name == TEAM)).first()
    loaded = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == LOADED).order_by(AuditEvent.sequence.desc())
    ).first()
    if team is None or loaded is None:
        raise InvalidInput(sample=_("The sample is not in this database."))
    others = _count_others(set(loaded.changes["refs"]))
    if others:
        raise InvalidInput(
            sample=ngettext(
                "The database holds %(num)d record besides the sample; nothing was removed.",
                "The database holds %(num)d records besides the sample; nothing was removed.",
                others,
            )
        )
    set_viewer(Viewer((team.id,)))
    # Nothing reads these from a record, so that none is loaded by accident: they go first.
    confidential = [one.class_ for one in Base.registry.mappers if issubclass(one.class_, TeamOnly)]
    for model in (*confidential, *KEPT_APART):
        db.session.execute(delete(model).where(model.team_id == team.id))
    for ref in loaded.changes["refs"]:
        forget_values(ref)
    for mergeable in (Incident, Journalist, Outlet):
        db.session.execute(update(mergeable).values(merged_into_id=None))
    for kind in FROM_THE_TOP:
        for record in db.session.scalars(select(kind)):
            db.session.delete(record)
        db.session.flush()
    _delete_users(team)
    removed = {"removed": sorted(loaded.changes["refs"])}
    record_event("sample:remove", TEAM, by=console_actor(), changes=removed)


def _count_others(refs: set[str]) -> int:
    """Count the records of any team that the sample did not bring."""
    with system_session("sample: is anything else recorded?", reading=True) as session:
        counts = [
            session.scalar(select(func.count()).select_from(model).where(model.ref.not_in(refs)))
            or 0
            for model in FROM_THE_TOP
        ]
    return sum(counts)


def _delete_users(team: Team) -> None:
    ids = list(db.session.scalars(select(User.id).where(User.name.in_(USERS))))
    for model in OF_USERS:
        db.session.execute(delete(model).where(model.user_id.in_(ids)))
    # Institutions stay: they have no team.
    decided = InstitutionNamesakes.told_by_id.in_(ids)
    db.session.execute(delete(InstitutionNamesakes).where(decided))
    # Files with nothing but the sample in them; that they were taken stays in the trail.
    taken = select(ExportRun.id).where(ExportRun.by_id.in_(ids))
    db.session.execute(delete(ExportedRow).where(ExportedRow.run_id.in_(taken)))
    db.session.execute(delete(ExportRun).where(ExportRun.by_id.in_(ids)))
    db.session.execute(delete(User).where(User.id.in_(ids)))
    if not db.session.scalar(select(TeamMember.user_id).where(TeamMember.team_id == team.id)):
        db.session.execute(delete(Team).where(Team.id == team.id))
