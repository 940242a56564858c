"""What a takedown dossier reads beside its account: digests of originals, names kept inside."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker.articles.models import ArticleMask, ArticleOriginal
from tracker.db import db
from tracker.fake_accounts.models import AccountImpersonation, FakeAccount, IncidentAccount
from tracker.fake_accounts.queries import with_everything
from tracker.incidents.models import Incident, IncidentTarget
from tracker.people.mention_queries import closed_journalists, names_of
from tracker.people.models import Journalist, Outlet
from tracker.scoping import team_ids_of_viewer


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
    ]


def digests_of(account: FakeAccount) -> dict[int, str]:
    """Return the SHA-256 of the originals of an account's sources, by article: of those that the
    viewer's teams keep and in which nothing is masked.
    """
    masked = select(ArticleMask.article_id)
    rows = select(ArticleOriginal.article_id, ArticleOriginal.sha256).where(
        ArticleOriginal.article_id.in_([one.article_id for one in account.citations]),
        ArticleOriginal.article_id.not_in(masked),
        ArticleOriginal.team_id.in_(team_ids_of_viewer()),
    )
    return {row.article_id: row.sha256 for row in db.session.execute(rows)}


def closed_names() -> list[str]:
    """Return the names of those whom the viewer's teams name to nobody outside."""
    return [name for one in closed_journalists() for name in names_of(one)]
