"""Logging a proceeding, from an article, an incident or a case, and changing what is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request, url_for

from tracker import clock
from tracker.articles.queries import known_by
from tracker.articles.rules import PART
from tracker.articles.service import make_citation
from tracker.errors import InvalidInput, gathered
from tracker.i18n import _
from tracker.permissions import Permission, Visibility
from tracker.responses import proceeding_service as service
from tracker.responses.fields import Bodies, read_body
from tracker.responses.origin_forms import Origin, origin_asked_for
from tracker.responses.proceeding_forms import EditProceedingForm, NewProceedingForm
from tracker.responses.proceeding_models import Proceeding, ProceedingCitation
from tracker.responses.proceeding_queries import with_everything
from tracker.responses.proceeding_views import bp
from tracker.web.forms import page
from tracker.web.guards import current_actor, requires
from tracker.web.records import load, load_to_edit
from tracker.web.saving import saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from tracker.articles.models import Article
    from tracker.responses.codes import ProceedingDirection
    from tracker.responses.proceeding_forms import ProceedingFields
    from tracker.responses.proceeding_service import ProceedingFacts, StepFacts


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def new() -> Response | tuple[str, int]:
    """Record a proceeding; from an article, its words are the source."""
    origin, form = origin_asked_for(), NewProceedingForm()
    form.offer(origin)
    if not form.is_submitted():
        form.propose(origin)
        if origin.article and request.args.get("like"):
            form.carry(load(Proceeding, request.args["like"], *with_everything()))
    answer = saved(
        form,
        lambda: _record(form, origin),
        to=origin.leads_to,
        said=lambda proceeding: _("Saved: %(name)s", name=proceeding.heading()),
    )
    lines = origin.article.sentences[:PART] if origin.article else []
    return answer or page("proceedings/new.html", form=form, origin=origin, lines=lines)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit(ref: str) -> Response | tuple[str, int]:
    """Change what is said about the proceeding itself."""
    proceeding = load_to_edit(Proceeding, ref, *with_everything())
    form = EditProceedingForm()
    to = url_for(".show", ref=ref)
    answer = saved(form, lambda: _save(form, proceeding), to=to, record=proceeding)
    return answer or page("proceedings/edit.html", form=form, proceeding=proceeding)


def _record(form: NewProceedingForm, origin: Origin) -> Proceeding:
    by, article = current_actor(), origin.article
    wanted = form.visibility.code() if article is None else Visibility.RESTRICTED
    team_id, visibility = origin.whose(by=by, wanted=wanted)
    make, steps, citations = gathered(
        lambda: _read(form), lambda: _steps(form, article), lambda: _cited(form, article)
    )
    return service.record_proceeding(
        make(),
        steps=steps,
        incidents=form.chosen(),
        citations=citations,
        team_id=team_id,
        visibility=visibility,
        by=by,
    )


def _save(form: EditProceedingForm, proceeding: Proceeding) -> None:
    make, visibility = _read(form), form.visibility.code()
    service.edit_proceeding(proceeding, make(), visibility=visibility, by=current_actor())


def _read(form: ProceedingFields) -> Callable[[], ProceedingFacts]:
    """Return what makes the facts of all that was typed; raise InvalidInput at whatever is wrong.

    A body that is new is made only then.
    """
    direction, country, body = gathered(
        lambda: _direction(form),
        lambda: _country(form),
        lambda: read_body(form.institution, form.institution_kind),
    )
    return lambda: service.ProceedingFacts(
        direction=direction,
        kind=form.kind.code(),
        country=country,
        institution=Bodies(country, by=current_actor()).of(body) if body else None,
        number=form.number.data or "",
        legal_basis=form.legal_basis.data or "",
        summary=form.summary.data or "",
    )


def _direction(form: ProceedingFields) -> ProceedingDirection:
    direction: ProceedingDirection | None = form.direction.code()
    if direction is None:
        raise InvalidInput(direction=_("Choose whose proceeding it is."))
    return direction


def _country(form: ProceedingFields) -> str:
    if not form.country.data:
        raise InvalidInput(country=_("Choose the country."))
    return str(form.country.data)


def _steps(form: NewProceedingForm, article: Article | None) -> list[StepFacts]:
    """Return the step told of, if any; an article that tells of it was written after that."""
    step = form.step.code()
    if step is not None:
        when = form.taken.read_when(known_by(article) if article else clock.today())
        return [service.StepFacts(step=step, when=when, article=article)]
    if form.taken.form.when.data or form.taken.form.as_stated.data:
        raise InvalidInput(step=_("Choose which step was taken then."))
    return []


def _cited(form: NewProceedingForm, article: Article | None) -> list[ProceedingCitation]:
    if article is None:
        return []
    return [make_citation(ProceedingCitation, article, form.quote.data or "")]
