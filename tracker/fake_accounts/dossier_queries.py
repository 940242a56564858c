"""What a takedown dossier reads: its account with all that decides on names, and what is beside."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import selectinload

from tracker.articles.queries import originals_kept
from tracker.db import db
from tracker.fake_accounts.dossier_rules import Beside
from tracker.fake_accounts.models import AccountImpersonation, FakeAccount, IncidentAccount
from tracker.fake_accounts.queries import with_everything
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.naming_queries import closed_names, held_back_beside, unasked_beside
from tracker.people.models import Journalist, Outlet


def for_a_dossier() -> list[Any]:
    """Return what loads an account with all that decides what may be said of it outside."""
    used_in = selectinload(FakeAccount.incidents).selectinload(IncidentAccount.incident)
    targets = used_in.selectinload(Incident.targets)
    posing = selectinload(FakeAccount.impersonates)
    return [
        *with_everything(),
        posing.joinedload(AccountImpersonation.journalist).selectinload(Journalist.names),
        posing.joinedload(AccountImpersonation.outlet).selectinload(Outlet.names),
        targets.joinedload(IncidentTarget.journalist).selectinload(Journalist.names),
        targets.joinedload(IncidentTarget.outlet).selectinload(Outlet.names),
        used_in.selectinload(Incident.actors),
    ]


def beside(account: FakeAccount) -> Beside:
    """Return what a dossier reads beside its account, as far as the viewer sees: digests are those
    of originals that the viewer's teams keep and in which nothing is masked.
    """
    return Beside(
        digests={
            row.article_id: row.sha256
            for row in originals_kept(one.article_id for one in account.citations)
        },
        closed=closed_names(db.session()),
        told_of=held_back_beside(account.citations),
        unasked=unasked_beside(account.citations),
    )
