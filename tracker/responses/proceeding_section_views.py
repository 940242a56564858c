"""One proceeding whole, and the sections of its page: its steps, its incidents; who sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import url_for

from tracker import clock
from tracker.articles.queries import known_by
from tracker.articles.service import make_citations
from tracker.errors import InvalidInput, gathered
from tracker.fake_accounts.queries import incidents_of_sources
from tracker.i18n import _
from tracker.incidents.queries import incident_meant
from tracker.permissions import Permission, may_edit
from tracker.responses import proceeding_service as service
from tracker.responses.fields import Bodies, chosen, read_body
from tracker.responses.proceeding_forms import StepForm, doubt_early
from tracker.responses.proceeding_models import Proceeding, ProceedingCitation
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
    from tracker.responses.proceeding_service import StepFacts
    from tracker.web.versioned_forms import PartForm
    from tracker.when import When

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
        service.add_step(proceeding, _step_facts(form, proceeding), by=current_actor())

    answer = _saved(proceeding, form, act, check=lambda: _read_step(form, proceeding))
    return answer or _page(proceeding, step=form)


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


def _step_facts(form: StepForm, proceeding: Proceeding) -> StepFacts:
    step, when, body, words = _read_step(form, proceeding)
    return service.StepFacts(
        step=step,
        when=when,
        institution=Bodies(proceeding.country, by=current_actor()).of(body) if body else None,
        article=form.source(),
        words=words,
        note=form.note.data or "",
    )


def _read_step(form: StepForm, proceeding: Proceeding) -> list[Any]:
    """Return what was typed about a step, which stores nothing; raise InvalidInput at whatever is
    wrong.
    """
    return gathered(
        lambda: chosen(form.step, _("Choose which step was taken.")),
        lambda: _taken(form, proceeding),
        lambda: read_body(form.institution, form.institution_kind),
        lambda: _words(form),
    )


def _taken(form: StepForm, proceeding: Proceeding) -> When:
    source = form.source()
    when = form.taken.read_when(known_by(source) if source else clock.today())
    doubt_early(form, when, [one.incident for one in proceeding.incidents if one.incident])
    return when


def _words(form: StepForm) -> list[ProceedingCitation]:
    """Return the words of the source; a source is named with them, and they with their source."""
    source, typed = form.source(), form.quote.data or ""
    if source is not None:
        return make_citations(ProceedingCitation, source, typed)
    if typed:
        raise InvalidInput(article=_("Choose in which source these words stand."))
    return []


def _saved(
    proceeding: Proceeding,
    form: PartForm,
    act: Callable[[], None],
    check: Callable[[], object] | None = None,
) -> Response | None:
    """Do one change of a section; None where the form stands open with what is wrong."""
    to = url_for(".show", ref=proceeding.ref)
    return saved(form, act, to=to, record=proceeding, check=check)


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
