"""What a takedown dossier reads beside its account: digests of originals, names kept inside."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import selectinload

from tracker.articles.queries import originals_kept
from tracker.fake_accounts.models import AccountImpersonation, FakeAccount, IncidentAccount
from tracker.fake_accounts.queries import with_everything
from tracker.incidents.models import Incident, IncidentTarget
from tracker.people.mention_queries import closed_journalists, names_of
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
    ]


def digests_of(account: FakeAccount) -> dict[int, str]:
    """Return the SHA-256 of the originals of an account's sources, by article: of those that the
    viewer's teams keep and in which nothing is masked.
    """
    ids = [one.article_id for one in account.citations]
    return {row.article_id: row.sha256 for row in originals_kept(ids)}


def closed_names() -> list[str]:
    """Return the names of those whom the viewer's teams name to nobody outside."""
    return [name for one in closed_journalists() for name in names_of(one)]
