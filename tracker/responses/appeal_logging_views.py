"""Logging an appeal, from an article, an incident or a case, and changing what is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request, url_for

from tracker import clock
from tracker.articles.queries import known_by
from tracker.articles.rules import PART
from tracker.articles.service import make_citations
from tracker.errors import InvalidInput, gathered
from tracker.i18n import _
from tracker.permissions import Permission, Visibility
from tracker.responses import appeal_service as service
from tracker.responses.appeal_forms import AppealFields, EditAppealForm, NewAppealForm
from tracker.responses.appeal_models import Appeal, AppealCitation
from tracker.responses.appeal_queries import with_everything
from tracker.responses.appeal_views import bp
from tracker.responses.codes import AppealSender
from tracker.responses.fields import Bodies, BodyMeant, chosen, read_again, read_body
from tracker.responses.origin_forms import Origin, origin_asked_for
from tracker.web.forms import page
from tracker.web.guards import current_actor, requires
from tracker.web.records import load, load_to_edit
from tracker.web.saving import saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from tracker.articles.models import Article
    from tracker.responses.appeal_service import AppealFacts
    from tracker.when import When


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def new() -> Response | tuple[str, int]:
    """Record an appeal; from an article, its words are the source."""
    origin, form = origin_asked_for(), NewAppealForm()
    form.offer(origin)
    if not form.is_submitted():
        form.propose(origin)
        if origin.article and request.args.get("like"):
            form.carry(load(Appeal, request.args["like"], *with_everything()))
    answer = saved(
        form,
        lambda: _record(form, origin),
        to=origin.leads_to,
        said=lambda appeal: _("Saved: %(name)s", name=appeal.heading()),
        check=lambda: _read_new(form, origin),
    )
    lines = origin.article.sentences[:PART] if origin.article else []
    return answer or page("appeals/new.html", form=form, origin=origin, lines=lines)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit(ref: str) -> Response | tuple[str, int]:
    """Change what is recorded about an appeal."""
    appeal = load_to_edit(Appeal, ref, *with_everything())
    form = EditAppealForm()
    to = url_for(".show", ref=ref)
    answer = saved(
        form,
        lambda: _save(form, appeal),
        to=to,
        record=appeal,
        check=lambda: _read_again(form, appeal),
    )
    return answer or page("appeals/edit.html", form=form, appeal=appeal)


def _record(form: NewAppealForm, origin: Origin) -> Appeal:
    by = current_actor()
    wanted = Visibility.RESTRICTED if origin.article else form.visibility.code()
    team_id, visibility = origin.whose(by=by, wanted=wanted)
    make, citations = _read_new(form, origin)
    return service.record_appeal(
        make(),
        outcome=form.outcome.code(),
        incidents=form.chosen(),
        citations=citations,
        team_id=team_id,
        visibility=visibility,
        by=by,
    )


def _save(form: EditAppealForm, appeal: Appeal) -> None:
    make = _read_again(form, appeal)
    service.edit_appeal(appeal, make(), visibility=form.visibility.code(), by=current_actor())


def _read_new(form: NewAppealForm, origin: Origin) -> list[Any]:
    """Return all that was typed about a new appeal, which stores nothing; raise InvalidInput at
    whatever is wrong.
    """
    latest = known_by(origin.article) if origin.article else clock.today()
    return gathered(
        lambda: _read(form, origin.country, lambda: form.sent.read_when(latest)),
        lambda: _cited(form, origin.article),
    )


def _read_again(form: EditAppealForm, appeal: Appeal) -> Callable[[], AppealFacts]:
    """Return what makes the facts of all that was typed about an appeal on record."""
    sources = [one.article for one in appeal.citations if one.article]
    latest = max((known_by(one) for one in sources), default=clock.today())

    def sent() -> When:
        when = read_again(form.sent, appeal.when, latest)
        service.refuse_after_answer(appeal, when)
        return when

    return _read(form, appeal.institution.country, sent)


def _read(
    form: AppealFields, country: str | None, sent: Callable[[], When]
) -> Callable[[], AppealFacts]:
    """Return what makes the facts of all that was typed; raise InvalidInput at whatever is wrong.

    A body that is new is made only then.
    """
    sender_kind, kind, body, when, _due = gathered(
        lambda: chosen(form.sender_kind, _("Choose who asked.")),
        lambda: chosen(form.kind, _("Choose what was sent or said.")),
        lambda: _body(form),
        sent,
        lambda: service.refuse_early_due(form.due_on.data, sent()),
    )
    return lambda: service.AppealFacts(
        sender_kind=sender_kind,
        sender=form.sender.data or "",
        institution=Bodies(country, by=current_actor()).of(body),
        kind=kind,
        sent=when,
        due_on=form.due_on.data,
        reference=form.reference.data or "",
        summary=form.summary.data or "",
    )


def _body(form: AppealFields) -> BodyMeant:
    meant = read_body(form.institution, form.institution_kind)
    if meant is None:
        name = form.institution.form.name.name
        raise InvalidInput(**{name: _("Name the institution that was asked.")})
    return meant


def _cited(form: NewAppealForm, article: Article | None) -> list[AppealCitation]:
    if article is None:
        return []
    words = form.quote.data or ""
    if words:
        return make_citations(AppealCitation, article, words)
    if form.sender_kind.code() is not AppealSender.WE:
        raise InvalidInput(quote=_("Quote the words of the article that tell of it."))
    return []
