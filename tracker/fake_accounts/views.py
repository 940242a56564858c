"""Reading fake accounts: the list, one account whole, its history, and panels on other pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request

from tracker.fake_accounts.codes import (
    AccountFate,
    AccountKind,
    AccountStatus,
    Reappearance,
)
from tracker.fake_accounts.filters import AccountFilter
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.queries import (
    accounts_impersonating,
    accounts_matching,
    accounts_used_in,
    named_by,
)
from tracker.permissions import Permission
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import every_term_of
from tracker.web.guards import requires
from tracker.web.paging import page_of
from tracker.web.panels import panel
from tracker.web.records import load

if TYPE_CHECKING:
    from tracker.articles.models import Article
    from tracker.incidents.models import Incident
    from tracker.people.models import Journalist, Outlet
    from tracker.review.models import Reviewable

bp = Blueprint("fake_accounts", __name__, url_prefix="/fake-accounts")


@bp.get("/")
@requires(Permission.READ)
def index() -> str:
    """List the accounts, the last recorded first."""
    filters = AccountFilter.from_args(request.args)
    named = named_by(filters)
    order: Any = (FakeAccount.recorded_at, FakeAccount.ref)
    return render_template(
        "fake_accounts/index.html",
        page=page_of(accounts_matching(filters), order, request.args),
        filters=filters,
        said=filters.describe(named.in_words()),
        platforms=every_term_of(TermSet.PLATFORM),
        kinds=list(AccountKind),
        statuses=list(AccountStatus),
        fates=list(AccountFate),
        reappearances=list(Reappearance),
    )


@bp.get("/<ref>/history")
@requires(Permission.READ)
def history(ref: str) -> str:
    """Say who did what to this record."""
    return render_template("layout/history.html", record=load(FakeAccount, ref))


@panel("review")
def in_review(record: Reviewable) -> str:
    """Render what is said of a fake account, beside the article from which it was drawn."""
    if not isinstance(record, FakeAccount):
        return ""
    return render_template("fake_accounts/in_review.html", account=record)


@panel("article")
def of_article(article: Article) -> str:
    """Offer to log an account that an article tells of."""
    return render_template("fake_accounts/of_article.html", article=article)


@panel("incident")
def of_incident(incident: Incident) -> str:
    """List the accounts that were used in an incident."""
    accounts = accounts_used_in(incident)
    return render_template("fake_accounts/of_incident.html", accounts=accounts)


@panel("journalist")
@panel("outlet")
def of_bearer(bearer: Journalist | Outlet) -> str:
    """List the accounts that pose as a journalist or an outlet."""
    accounts = accounts_impersonating(bearer)
    return render_template("fake_accounts/of_bearer.html", accounts=accounts, bearer=bearer)
