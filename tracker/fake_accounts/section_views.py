"""One fake account whole, and the sections of its page: events, successors, uses; who sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import url_for

from tracker import clock
from tracker.articles.queries import known_by
from tracker.articles.service import make_citations
from tracker.errors import InvalidInput, gathered
from tracker.fake_accounts import life_service
from tracker.fake_accounts.forms import EventForm, SuccessionForm
from tracker.fake_accounts.lineage_rules import chains_in, picture_of
from tracker.fake_accounts.models import AccountCitation, FakeAccount
from tracker.fake_accounts.queries import (
    account_by_ref,
    accounts_in_order,
    incidents_of_sources,
    links_about,
    predecessors_of,
    with_everything,
)
from tracker.fake_accounts.views import bp
from tracker.i18n import _
from tracker.incidents.queries import incident_meant
from tracker.people.queries import institution_by_ref, likely_institutions
from tracker.permissions import Permission, may_edit
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
    from tracker.fake_accounts.lineage_rules import Picture
    from tracker.people.models import Institution
    from tracker.web.versioned_forms import PartForm

    Answer = Response | tuple[str, int]


@bp.get("/<ref>/")
@requires(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show all that is recorded about an account."""
    return _page(_load(ref))


@bp.post("/<ref>/events")
@requires(Permission.LOG)
def add_event(ref: str) -> Answer:
    """Record what the account did or underwent."""
    account, form = _load_to_edit(ref), EventForm()
    form.offer(_articles(account))

    def act() -> None:
        when, body, words = _read_event(form)
        life_service.add_event(
            account,
            form.event.code(),
            when=when,
            institution=body,
            article=form.source(),
            words=words,
            note=form.note.data or "",
            by=current_actor(),
        )

    answer = _saved(account, form, act, check=lambda: _read_event(form))
    return answer or _page(account, event=form)


@bp.post("/<ref>/events/remove")
@requires(Permission.LOG)
def remove_event(ref: str) -> Answer:
    """Take out an event recorded by mistake."""
    return _remove(ref, life_service.remove_event)


@bp.post("/<ref>/successors")
@requires(Permission.LOG)
def add_succession(ref: str) -> Answer:
    """Say as which other account this one reappeared."""
    account, form = _load_to_edit(ref), SuccessionForm()

    def act() -> None:
        successor = account_by_ref(form.successor.data or "")
        if successor is None:
            raise InvalidInput(successor=_("There is no such account."))
        life_service.add_succession(
            account,
            successor,
            certainty=form.certainty.code(),
            basis=form.basis.code(),
            by=current_actor(),
        )

    return _saved(account, form, act) or _page(account, succession=form)


@bp.post("/<ref>/successors/remove")
@requires(Permission.LOG)
def remove_succession(ref: str) -> Answer:
    """Take out a succession recorded by mistake."""
    return _remove(ref, life_service.remove_succession)


@bp.post("/<ref>/incidents")
@requires(Permission.LOG)
def add_use(ref: str) -> Answer:
    """Say in which incident the account was used."""
    account, form = _load_to_edit(ref), IncidentForm()
    _offer_incidents(form, account)

    def act() -> None:
        life_service.add_use(account, incident_meant(form.wanted()), by=current_actor())

    return _saved(account, form, act) or _page(account, use=form)


@bp.post("/<ref>/incidents/remove")
@requires(Permission.LOG)
def remove_use(ref: str) -> Answer:
    """Take out that the account was used in an incident."""
    return _remove(ref, life_service.remove_use)


@bp.route("/<ref>/widen", methods=["GET", "POST"])
@requires(Permission.LOG)
def widen(ref: str) -> Answer:
    """Open the account to everybody who signs in, with the people and sources it shows."""
    account, form = _load_to_edit(ref), WidenForm()
    answer = saved(
        form,
        lambda: open_to_all(account, named=form.named(), by=current_actor()),
        to=url_for(".show", ref=ref),
        said=_("Everybody who signs in sees it now."),
    )
    if answer is not None:
        return answer
    shown = to_open(account)
    form.show(shown)
    return page("fake_accounts/widen.html", form=form, account=account, shown=shown)


def _saved(
    account: FakeAccount,
    form: PartForm,
    act: Callable[[], None],
    check: Callable[[], object] | None = None,
) -> Response | None:
    """Do one change of a section; None where the form stands open with what is wrong."""
    to = url_for(".show", ref=account.ref)
    return saved(form, act, to=to, record=account, check=check)


def _remove(ref: str, remove: Callable[..., None]) -> Answer:
    account, form = _load_to_edit(ref), RemoveForm()

    def act() -> None:
        remove(account, form.number.data or 0, by=current_actor())

    return _saved(account, form, act) or _page(account, removing=form)


def _page(
    account: FakeAccount,
    *,
    event: EventForm | None = None,
    succession: SuccessionForm | None = None,
    use: IncidentForm | None = None,
    removing: RemoveForm | None = None,
) -> tuple[str, int]:
    """Render the page with the form that was sent, and fresh ones beside it."""
    sent: PartForm | None = event or succession or use or removing
    if may_edit(current_actor(), account):
        if event is None:
            event = EventForm.on(account)
            event.offer(_articles(account))
        if use is None:
            use = IncidentForm.on(account)
            _offer_incidents(use, account)
        succession = succession or SuccessionForm.on(account)
    return page(
        "fake_accounts/show.html",
        form=sent or RemoveForm.on(account),
        account=account,
        lineage=_lineage(account),
        predecessors=predecessors_of(account),
        event_form=event,
        succession_form=succession,
        use_form=use,
    )


def _lineage(account: FakeAccount) -> Picture | None:
    """Return the picture of the whole chain in which an account stands, None where in none; what is
    retracted counts in none.
    """
    links = links_about(account, counting=True)
    if not links:
        return None
    whole = chains_in(links)[0]
    drawn = accounts_in_order(whole.drawn(account.id))
    return picture_of(drawn, links, today=clock.today(), in_all=len(whole.members))


def _articles(account: FakeAccount) -> list[Article]:
    cited = [one.article for one in account.citations if one.article]
    return list(dict.fromkeys(cited))


def _offer_incidents(form: IncidentForm, account: FakeAccount) -> None:
    used = [use.incident_id for use in account.incidents]
    form.offer(incidents_of_sources(account.citations, but=used))


def _read_event(form: EventForm) -> list[Any]:
    """Return what was typed about an event, which stores nothing; raise InvalidInput at whatever is
    wrong.
    """
    source = form.source()
    return gathered(
        lambda: form.occurred.read_when(known_by(source) if source else clock.today()),
        lambda: _body(form),
        lambda: _words(form, source),
    )


def _words(form: EventForm, source: Article | None) -> list[AccountCitation]:
    """Return the words of the source; a source is named with them, and they with their source."""
    typed = form.quote.data or ""
    if source is not None:
        return make_citations(AccountCitation, source, typed)
    if typed:
        raise InvalidInput(article=_("Choose in which source these words stand."))
    return []


def _body(form: EventForm) -> Institution | None:
    wanted = form.institution.want(likely_institutions, institution_by_ref)
    if wanted is None:
        return None
    if wanted.record is None:
        name = form.institution.form.name.name
        raise InvalidInput(**{name: _("There is no such institution yet: record it first.")})
    return wanted.record


def _load(ref: str) -> FakeAccount:
    return load(FakeAccount, ref, *with_everything())


def _load_to_edit(ref: str) -> FakeAccount:
    return load_to_edit(FakeAccount, ref, *with_everything())
