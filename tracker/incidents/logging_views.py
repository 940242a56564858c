"""Logging an incident from an article, one after the other, and revising what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request, session, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.articles.logging_rules import whose
from tracker.articles.models import Article
from tracker.articles.queries import known_by, to_log_from
from tracker.articles.rules import PART
from tracker.db import db
from tracker.errors import InvalidInput, gathered
from tracker.i18n import _
from tracker.incidents import service
from tracker.incidents.fields import refuse_full
from tracker.incidents.forms import CircumstancesForm, EditForm, NewIncidentForm
from tracker.incidents.models import Incident
from tracker.incidents.queries import for_its_page
from tracker.incidents.views import bp
from tracker.permissions import Permission, Visibility
from tracker.web.filters import refuse_unknown
from tracker.web.forms import page
from tracker.web.guards import current_actor, requires
from tracker.web.records import after_logging, load, load_to_edit
from tracker.web.saving import saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from tracker.web.forms import VersionedForm

LAST_COUNTRY = "last_country"
MOST_SOURCES = 20


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def new() -> Response | str | tuple[str, int]:
    """Log what an article reports; `like` is the incident from which the rest is carried over."""
    refuse_unknown(request.args, {"article", "like"})
    if "article" not in request.args:
        return _choose()
    article = load(Article, request.args["article"], *to_log_from())
    like = None
    if request.args.get("like"):
        like = load(Incident, request.args["like"], *for_its_page())
    form = NewIncidentForm()
    form.offer()
    answer = None
    if request.method == "GET":
        _begin(form, article, like)
    elif "add" in request.form:
        _add_row(form)
    else:
        answer = saved(
            form,
            lambda: _report(form, article),
            to=lambda incident: after_logging(incident, article),
            said=lambda incident: _("Saved: %(title)s", title=incident.heading()),
            check=lambda: _read(form, article),
        )
    if answer is not None:
        session[LAST_COUNTRY] = form.country.data
        return answer
    lines = article.sentences[:PART]
    return page("incidents/new.html", form=form, article=article, like=like, lines=lines)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit(ref: str) -> Response | tuple[str, int]:
    """Change what happened, when and where."""
    incident = _load_own(ref)
    form = EditForm()
    form.offer(incident)

    def act() -> None:
        facts = form.read(incident, service.known_by(incident))
        service.revise_incident(incident, **facts, by=current_actor())

    return _revise(incident, form, act, "incidents/edit.html")


@bp.route("/<ref>/circumstances", methods=["GET", "POST"])
@requires(Permission.LOG)
def circumstances(ref: str) -> Response | tuple[str, int]:
    """Say how it happened, and how well it is borne out."""
    incident, form = _load_own(ref), CircumstancesForm()

    def act() -> None:
        service.set_circumstances(incident, **form.read(), by=current_actor())

    heading = _("Circumstances and verification")
    return _revise(incident, form, act, "incidents/section.html", heading=heading)


def _load_own(ref: str) -> Incident:
    return load_to_edit(Incident, ref, *for_its_page())


def _revise(
    incident: Incident,
    form: VersionedForm,
    act: Callable[[], None],
    template: str,
    *,
    heading: str = "",
) -> Response | tuple[str, int]:
    """Show a form with what is stored, or save it and go back to the page."""
    answer = saved(form, act, to=url_for(".show", ref=incident.ref), record=incident)
    return answer or page(template, form=form, incident=incident, heading=heading)


def _choose() -> str:
    """Offer the latest sources: an incident is logged from what reports it."""
    rows = select(Article).options(joinedload(Article.publisher)).limit(MOST_SOURCES)
    ordered = rows.order_by(Article.recorded_at.desc(), Article.ref.desc())
    return render_template("incidents/choose.html", articles=db.session.scalars(ordered).all())


def _begin(form: NewIncidentForm, article: Article, like: Incident | None) -> None:
    """Fill in what need not be asked again."""
    if like is not None:
        form.carry(like)
        return
    publisher = article.publisher.country if article.publisher else None
    form.country.data = publisher or session.get(LAST_COUNTRY, "")


def _add_row(form: NewIncidentForm) -> None:
    try:
        refuse_full(form.targets)
    except InvalidInput as error:
        form.reject(error)
    else:
        form.targets.append_entry()


def _read(form: NewIncidentForm, article: Article) -> dict[str, Any]:
    """Return what was typed, or refuse all that is wrong with it at once."""
    facts: dict[str, Any]
    facts, *_rest = gathered(
        lambda: form.read(known_by(article)),
        lambda: service.validate_new_incident(article=article, **form.said()),
    )
    return facts


def _report(form: NewIncidentForm, article: Article) -> Incident:
    """Record what was typed, as open as `whose` says, unless the button kept it to the team."""
    by = current_actor()
    team_id, visibility = whose(article, by=by)
    if request.form.get("visibility") == Visibility.RESTRICTED:
        visibility = Visibility.RESTRICTED
    facts = _read(form, article)
    return service.report_incident(
        **facts, article=article, team_id=team_id, visibility=visibility, by=by
    )
