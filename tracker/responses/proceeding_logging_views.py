"""Logging a proceeding, from an article, an incident or a case, and changing what is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request, url_for

from tracker import clock
from tracker.articles.queries import known_by
from tracker.articles.rules import PART
from tracker.articles.service import make_citations
from tracker.errors import InvalidInput, gathered
from tracker.fake_accounts.fields import posed, read_posed
from tracker.i18n import _
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Permission, Visibility
from tracker.responses import proceeding_service as service
from tracker.responses.fields import Bodies, chosen, read_body
from tracker.responses.origin_forms import Origin, origin_asked_for
from tracker.responses.proceeding_forms import (
    EditProceedingForm,
    NewProceedingForm,
    doubt_early,
)
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
    from tracker.fake_accounts.fields import Meant
    from tracker.people.models import Institution
    from tracker.responses.proceeding_forms import ProceedingFields
    from tracker.responses.proceeding_service import Concerned, ProceedingFacts, StepFacts


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def new() -> Response | tuple[str, int]:
    """Record a proceeding; from an article, its words are the source."""
    origin, form = origin_asked_for(), NewProceedingForm()
    form.offer(origin)
    answer = None
    if "another" in request.form:
        form.one_more()
    elif form.is_submitted():
        answer = saved(
            form,
            lambda: _record(form, origin),
            to=origin.leads_to,
            said=lambda proceeding: _("Saved: %(name)s", name=proceeding.heading()),
            check=lambda: _read_new(form, origin),
        )
    else:
        form.propose(origin)
        if origin.article and request.args.get("like"):
            form.carry(load(Proceeding, request.args["like"], *with_everything()))
    lines = origin.article.sentences[:PART] if origin.article else []
    return answer or page("proceedings/new.html", form=form, origin=origin, lines=lines)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit(ref: str) -> Response | tuple[str, int]:
    """Change what is said about the proceeding itself."""
    proceeding = load_to_edit(Proceeding, ref, *with_everything())
    form, answer = EditProceedingForm(), None
    if "another" in request.form:
        form.one_more()
    else:
        answer = saved(
            form,
            lambda: _save(form, proceeding),
            to=url_for(".show", ref=ref),
            record=proceeding,
            check=lambda: _read(form, proceeding.team_id, but=proceeding),
        )
    return answer or page("proceedings/edit.html", form=form, proceeding=proceeding)


def _record(form: NewProceedingForm, origin: Origin) -> Proceeding:
    by = current_actor()
    team_id, visibility = _whose(form, origin)
    (make, meant), steps, citations = _read_new(form, origin)
    return service.record_proceeding(
        make(),
        parties=_concerned(meant, team_id, visibility, form.country.data),
        steps=steps,
        incidents=form.chosen(),
        citations=citations,
        team_id=team_id,
        visibility=visibility,
        by=by,
    )


def _save(form: EditProceedingForm, proceeding: Proceeding) -> None:
    make, meant = _read(form, proceeding.team_id, but=proceeding)
    visibility = form.visibility.code()
    service.edit_proceeding(
        proceeding,
        make(),
        parties=_concerned(meant, proceeding.team_id, visibility, form.country.data),
        visibility=visibility,
        by=current_actor(),
    )


def _whose(form: NewProceedingForm, origin: Origin) -> tuple[int, Visibility]:
    """Return the team and visibility of what is logged."""
    wanted = form.visibility.code() if origin.article is None else None
    return origin.whose(by=current_actor(), wanted=wanted or Visibility.RESTRICTED)


def _read_new(form: NewProceedingForm, origin: Origin) -> list[Any]:
    """Return all that was typed about a new proceeding, which stores nothing; raise InvalidInput at
    whatever is wrong.
    """
    team_id, _visibility = _whose(form, origin)
    return gathered(
        lambda: _read(form, team_id),
        lambda: _steps(form, origin.article),
        lambda: _cited(form, origin.article),
    )


def _read(
    form: ProceedingFields, team_id: int, *, but: Proceeding | None = None
) -> tuple[Callable[[], ProceedingFacts], list[Meant]]:
    """Return what makes the facts of all that was typed, and whom it concerns; raise InvalidInput
    at whatever is wrong. Bodies and people who are new are made only then.
    """
    direction, kind, country, body, meant = gathered(
        lambda: chosen(form.direction, _("Choose whose proceeding it is.")),
        lambda: chosen(form.kind, _("Choose what it is.")),
        lambda: _country(form),
        lambda: read_body(form.institution, form.institution_kind),
        lambda: read_posed(form.lines()),
    )

    def facts(institution: Institution | None) -> ProceedingFacts:
        return service.ProceedingFacts(
            direction=direction,
            kind=kind,
            country=country,
            institution=institution,
            number=form.number.data or "",
            legal_basis=form.legal_basis.data or "",
            summary=form.summary.data or "",
        )

    if body is None or body.wanted.record:
        service.refuse_known(facts(body and body.wanted.record), team_id=team_id, but=but)
    return lambda: facts(Bodies(country, by=current_actor()).of(body) if body else None), meant


def _concerned(
    meant: list[Meant], team_id: int, visibility: Visibility, country: str | None
) -> list[Concerned]:
    """Return those whom it concerns, those who are new made now."""
    whose: dict[str, Any] = {"team_id": team_id, "visibility": visibility, "country": country}
    found = posed(meant, **whose, by=current_actor())
    return [one for one in found if isinstance(one, Journalist | Outlet)]


def _country(form: ProceedingFields) -> str:
    if not form.country.data:
        raise InvalidInput(country=_("Choose the country."))
    return str(form.country.data)


def _steps(form: NewProceedingForm, article: Article | None) -> list[StepFacts]:
    """Return the step told of, if any; an article that tells of it was written after that."""
    step = form.step.code()
    if step is not None:
        when = form.taken.read_when(known_by(article) if article else clock.today())
        doubt_early(form, when, form.chosen())
        return [service.StepFacts(step=step, when=when, article=article)]
    if form.taken.form.when.data or form.taken.form.as_stated.data:
        raise InvalidInput(step=_("Choose which step was taken then."))
    return []


def _cited(form: NewProceedingForm, article: Article | None) -> list[ProceedingCitation]:
    if article is None:
        return []
    return make_citations(ProceedingCitation, article, form.quote.data or "")
