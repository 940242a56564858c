"""Logging a fake account, from an article or without one, and changing what is recorded of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request, url_for

from tracker import clock
from tracker.articles.logging_rules import whose
from tracker.articles.models import Article
from tracker.articles.queries import known_by, to_log_from
from tracker.articles.rules import PART
from tracker.articles.service import make_citations
from tracker.errors import gathered
from tracker.fake_accounts import service
from tracker.fake_accounts.fields import posed, read_posed
from tracker.fake_accounts.forms import EditAccountForm, NewAccountForm
from tracker.fake_accounts.models import AccountCitation, FakeAccount
from tracker.fake_accounts.queries import with_everything
from tracker.fake_accounts.views import bp
from tracker.i18n import _
from tracker.incidents.queries import incidents_citing
from tracker.permissions import Permission, Visibility
from tracker.web.filters import refuse_unknown
from tracker.web.forms import page
from tracker.web.guards import current_actor, requires
from tracker.web.records import after_logging, asked_for, load, load_to_edit
from tracker.web.saving import saved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response

    from tracker.incidents.models import Incident
    from tracker.when import When


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def new() -> Response | tuple[str, int]:
    """Record an account; from an article, its words are the source."""
    refuse_unknown(request.args, {"article", "like"})
    article = asked_for(Article, "article", *to_log_from())
    incidents = incidents_citing(article) if article else []
    form = NewAccountForm()
    form.offer(article, incidents)
    answer = None
    if "another" in request.form:
        form.one_more()
    elif request.method == "GET" and article and request.args.get("like"):
        form.carry(load(FakeAccount, request.args["like"], *with_everything()))
    else:
        answer = saved(
            form,
            lambda: _record(form, article, incidents),
            to=lambda account: after_logging(account, article),
            said=lambda account: _("Saved: %(name)s", name=account.heading()),
        )
    lines = article.sentences[:PART] if article else []
    return answer or page("fake_accounts/new.html", form=form, article=article, lines=lines)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit(ref: str) -> Response | tuple[str, int]:
    """Change what is recorded about an account."""
    account = load_to_edit(FakeAccount, ref, *with_everything())
    form = EditAccountForm()
    form.offer_platforms(account)
    answer = None
    if "another" in request.form:
        form.one_more()
    else:
        to = url_for(".show", ref=ref)
        answer = saved(form, lambda: _save(form, account), to=to, record=account)
    return answer or page("fake_accounts/edit.html", form=form, account=account)


def _record(
    form: NewAccountForm, article: Article | None, incidents: Sequence[Incident]
) -> FakeAccount:
    by = current_actor()
    wanted = form.visibility.code() if article is None else Visibility.RESTRICTED
    team_id, visibility = whose(article, by=by, wanted=wanted)
    facts, first_seen, citations, meant = gathered(
        lambda: service.checked(form.facts()),
        lambda: _first_seen(form, article),
        lambda: _cited(form, article),
        lambda: read_posed(form.lines()),
    )
    country = next((one.country for one in incidents), None)
    return service.record_account(
        facts,
        impersonates=posed(meant, team_id=team_id, visibility=visibility, country=country, by=by),
        first_seen=first_seen,
        citations=citations,
        incidents=form.chosen(),
        team_id=team_id,
        visibility=visibility,
        by=by,
    )


def _first_seen(form: NewAccountForm, article: Article | None) -> When | None:
    """Return when it was first seen; an article that tells of it was written after that."""
    when = form.first_seen.read_when(known_by(article) if article else clock.today())
    typed = form.first_seen.form.when.data or form.first_seen.form.as_stated.data
    return when if article or typed else None


def _cited(form: NewAccountForm, article: Article | None) -> list[AccountCitation]:
    if article is None:
        return []
    return make_citations(AccountCitation, article, form.quote.data or "")


def _save(form: EditAccountForm, account: FakeAccount) -> None:
    by = current_actor()
    visibility = form.visibility.code()
    facts, meant = gathered(lambda: service.checked(form.facts()), lambda: read_posed(form.lines()))
    people = posed(meant, team_id=account.team_id, visibility=visibility, by=by)
    service.edit_account(account, facts, impersonates=people, visibility=visibility, by=by)
