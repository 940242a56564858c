"""Logging a fake account, from an article or without one, and changing what is recorded of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import joinedload, undefer

from tracker import clock
from tracker.articles.models import Article
from tracker.articles.queries import known_by
from tracker.articles.rules import PART
from tracker.articles.service import make_citation
from tracker.db import db
from tracker.errors import InvalidInput, Refused, gathered
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
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.records import load

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
    article = _article_asked_for()
    incidents = incidents_citing(article) if article else []
    form = NewAccountForm()
    form.offer(article, incidents)
    if "another" in request.form:
        form.one_more()
    elif form.validate_on_submit():
        try:
            account = _record(form, article, incidents)
        except InvalidInput as error:
            form.reject(error)
        else:
            db.session.commit()
            flash(_("Saved: %(name)s", name=account.heading()))
            return redirect(_next(account, article), code=303)
    elif request.method == "GET" and article and request.args.get("like"):
        form.carry(load(FakeAccount, request.args["like"], *with_everything()))
    lines = article.sentences[:PART] if article else []
    return page("fake_accounts/new.html", form=form, article=article, lines=lines)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit(ref: str) -> Response | tuple[str, int]:
    """Change what is recorded about an account."""
    account = load(FakeAccount, ref, *with_everything())
    refuse_unless_editor(account)
    form = EditAccountForm()
    form.offer_platforms(account)
    if "another" in request.form:
        form.one_more()
    elif not form.is_submitted():
        form.show(account)
    elif form.validate():
        form.refuse_stale(account)
        try:
            _save(form, account)
        except InvalidInput as error:
            form.reject(error)
        else:
            db.session.commit()
            flash(_("Saved."))
            return redirect(url_for(".show", ref=ref), code=303)
    return page("fake_accounts/edit.html", form=form, account=account)


def _article_asked_for() -> Article | None:
    """Return the article of the address: whoever logs from it must be of the team that keeps it,
    since the record will be that team's.
    """
    ref = request.args.get("article")
    if ref is None:
        return None
    article = load(Article, ref, undefer(Article.text), joinedload(Article.publisher))
    refuse_unless_editor(article)
    return article


def _record(
    form: NewAccountForm, article: Article | None, incidents: Sequence[Incident]
) -> FakeAccount:
    by = current_actor()
    team_id, visibility = _whose(form, article)
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


def _whose(form: NewAccountForm, article: Article | None) -> tuple[int, Visibility]:
    """Return the team and visibility of a new account: the article's, else the actor's choice."""
    if article is not None:
        return article.team_id, article.visibility
    team_ids = current_actor().team_ids
    if not team_ids:
        raise Refused(_("Only a member of a team may log."))
    return team_ids[0], form.visibility.code()


def _first_seen(form: NewAccountForm, article: Article | None) -> When | None:
    """Return when it was first seen; an article that tells of it was written after that."""
    when = form.first_seen.read_when(known_by(article) if article else clock.today())
    typed = form.first_seen.form.when.data or form.first_seen.form.as_stated.data
    return when if article or typed else None


def _cited(form: NewAccountForm, article: Article | None) -> list[AccountCitation]:
    if article is None:
        return []
    return [make_citation(AccountCitation, article, form.quote.data or "")]


def _save(form: EditAccountForm, account: FakeAccount) -> None:
    by = current_actor()
    visibility = form.visibility.code()
    facts, meant = gathered(lambda: service.checked(form.facts()), lambda: read_posed(form.lines()))
    people = posed(meant, team_id=account.team_id, visibility=visibility, by=by)
    service.edit_account(account, facts, impersonates=people, visibility=visibility, by=by)


def _next(account: FakeAccount, article: Article | None) -> str:
    """Return where to go on after an account is saved."""
    then = request.form.get("then")
    if article is not None and then == "another":
        return url_for(".new", article=article.ref, like=account.ref)
    if article is not None and then == "article":
        return url_for("articles.show", ref=article.ref)
    return url_for(".show", ref=account.ref)
