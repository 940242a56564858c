"""The takedown dossier of a fake account: a page to print, for a platform or an authority."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request

from tracker import clock
from tracker.audit.service import note_taking
from tracker.fake_accounts.dossier_queries import beside, for_a_dossier
from tracker.fake_accounts.dossier_rules import (
    dossier_of,
    named_targets_kept_back,
    reasons_against,
)
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.views import bp
from tracker.permissions import Permission
from tracker.web.guards import current_actor, requires
from tracker.web.records import load

if TYPE_CHECKING:
    from tracker.fake_accounts.dossier_rules import Dossier


@bp.get("/<ref>/dossier")
@requires(Permission.EXPORT, fresh=True)
def dossier(ref: str) -> str:
    """Tell what may leave the house about an account, or why nothing may."""
    account = load(FakeAccount, ref, *for_a_dossier())
    reasons = reasons_against(account)
    told: Dossier | None = None
    kept_back: list[tuple[Any, Any]] = []
    if not reasons:
        read = beside(account)
        told = dossier_of(account, read)
        kept_back = named_targets_kept_back(account, read) if told.is_cut else []
        if request.method == "GET":
            # HEAD asks for the headers alone: nothing leaves.
            note_taking("fake_account:dossier", account.ref, by=current_actor())
    return render_template(
        "fake_accounts/dossier.html",
        account=account,
        reasons=reasons,
        dossier=told,
        kept_back=kept_back,
        as_of=clock.today(),
    )
