"""One proceeding whole, and the sections of its page: its steps, its incidents; who sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from tracker import clock
from tracker.articles.queries import known_by
from tracker.errors import InvalidInput, gathered
from tracker.fake_accounts.queries import incidents_of_sources
from tracker.i18n import _
from tracker.incidents.queries import incident_meant
from tracker.permissions import Permission, may_edit
from tracker.responses import proceeding_service as service
from tracker.responses.fields import Bodies, read_body
from tracker.responses.proceeding_forms import StepForm
from tracker.responses.proceeding_models import Proceeding
from tracker.responses.proceeding_queries import with_everything
from tracker.responses.proceeding_views import bp
from tracker.review.widening_service import to_open
from tracker.review.widening_service import widen as open_to_all
from tracker.web.forms import page
from tracker.web.guards import current_actor, requires
from tracker.web.parts import IncidentForm, RemoveForm, WidenForm
from tracker.web.records import load, load_to_edit
from tracker.web.saving import saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from tracker.articles.models import Article
    from tracker.responses.codes import StepOfProceeding
    from tracker.responses.proceeding_service import StepFacts
    from tracker.web.forms import PartForm

    Answer = Response | tuple[str, int]


@bp.get("/<ref>/")
@requires(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show all that is recorded about a proceeding."""
    return _page(_load(ref))


@bp.post("/<ref>/steps")
@requires(Permission.LOG)
def add_step(ref: str) -> Answer:
    """Record a step."""
    proceeding, form = _load_to_edit(ref), StepForm()
    form.offer(_articles(proceeding))

    def act() -> None:
        facts = _read_step(form, proceeding.country)
        service.add_step(proceeding, facts, by=current_actor())

    return _saved(proceeding, form, act) or _page(proceeding, step=form)


@bp.post("/<ref>/steps/remove")
@requires(Permission.LOG)
def remove_step(ref: str) -> Answer:
    """Take out a step recorded by mistake."""
    return _remove(ref, service.remove_step)


@bp.post("/<ref>/incidents")
@requires(Permission.LOG)
def add_incident(ref: str) -> Answer:
    """Say which incident the proceeding is about."""
    proceeding, form = _load_to_edit(ref), IncidentForm()
    _offer_incidents(form, proceeding)

    def act() -> None:
        service.add_incident(proceeding, incident_meant(form.wanted()), by=current_actor())

    return _saved(proceeding, form, act) or _page(proceeding, joining=form)


@bp.post("/<ref>/incidents/remove")
@requires(Permission.LOG)
def remove_incident(ref: str) -> Answer:
    """Take out that the proceeding is about an incident."""
    return _remove(ref, service.remove_incident)


@bp.route("/<ref>/widen", methods=["GET", "POST"])
@requires(Permission.LOG)
def widen(ref: str) -> Answer:
    """Open the proceeding to everybody who signs in, with the sources it shows."""
    proceeding, form = _load_to_edit(ref), WidenForm()
    answer = saved(
        form,
        lambda: open_to_all(proceeding, named=form.named(), by=current_actor()),
        to=url_for(".show", ref=ref),
        said=_("Everybody who signs in sees it now."),
    )
    if answer is not None:
        return answer
    shown = to_open(proceeding)
    form.show(shown)
    return page("proceedings/widen.html", form=form, proceeding=proceeding, shown=shown)


def _read_step(form: StepForm, country: str) -> StepFacts:
    source = form.source()
    step, when, body = gathered(
        lambda: _step(form),
        lambda: form.taken.read_when(known_by(source) if source else clock.today()),
        lambda: read_body(form.institution, form.institution_kind),
    )
    return service.StepFacts(
        step=step,
        when=when,
        institution=Bodies(country, by=current_actor()).of(body) if body else None,
        article=source,
        note=form.note.data or "",
    )


def _step(form: StepForm) -> StepOfProceeding:
    step: StepOfProceeding | None = form.step.code()
    if step is None:
        raise InvalidInput(step=_("Choose which step was taken."))
    return step


def _saved(proceeding: Proceeding, form: PartForm, act: Callable[[], None]) -> Response | None:
    """Do one change of a section; None where the form stands open with what is wrong."""
    return saved(form, act, to=url_for(".show", ref=proceeding.ref), record=proceeding)


def _remove(ref: str, remove: Callable[..., None]) -> Answer:
    proceeding, form = _load_to_edit(ref), RemoveForm()

    def act() -> None:
        remove(proceeding, form.number.data or 0, by=current_actor())

    return _saved(proceeding, form, act) or _page(proceeding, removing=form)


def _page(
    proceeding: Proceeding,
    *,
    step: StepForm | None = None,
    joining: IncidentForm | None = None,
    removing: RemoveForm | None = None,
) -> tuple[str, int]:
    """Render the page with the form that was sent, and fresh ones beside it."""
    sent: PartForm | None = step or joining or removing
    if may_edit(current_actor(), proceeding):
        if step is None:
            step = StepForm.on(proceeding)
            step.offer(_articles(proceeding))
        if joining is None:
            joining = IncidentForm.on(proceeding)
            _offer_incidents(joining, proceeding)
    return page(
        "proceedings/show.html",
        form=sent or RemoveForm.on(proceeding),
        proceeding=proceeding,
        step_form=step,
        joining_form=joining,
    )


def _articles(proceeding: Proceeding) -> list[Article]:
    cited = [one.article for one in proceeding.citations if one.article]
    return list(dict.fromkeys(cited))


def _offer_incidents(form: IncidentForm, proceeding: Proceeding) -> None:
    joined = [one.incident_id for one in proceeding.incidents]
    form.offer(incidents_of_sources(proceeding.citations, but=joined))


def _load(ref: str) -> Proceeding:
    return load(Proceeding, ref, *with_everything())


def _load_to_edit(ref: str) -> Proceeding:
    return load_to_edit(Proceeding, ref, *with_everything())
