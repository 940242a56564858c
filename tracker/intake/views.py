"""The inbox: what came in and waits, who has it, how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, render_template, request, url_for
from sqlalchemy.orm import undefer

from tracker.articles.citation_service import article_meant
from tracker.articles.incoming import read_paste_in_child
from tracker.articles.known_queries import counted_from, here_as_well, recorded_from
from tracker.articles.queries import cited_among
from tracker.articles.service import AlreadyHere
from tracker.audit.service import note_taking
from tracker.errors import NotFound
from tracker.i18n import _
from tracker.intake import inbox_service
from tracker.intake.codes import InboxState
from tracker.intake.filters import InboxFilter
from tracker.intake.forms import EndForm, TextForm
from tracker.intake.models import IntakeItem
from tracker.intake.queries import (
    count_waiting,
    item_of,
    items_matching,
    next_waiting,
    takers,
    with_what_is_shown,
)
from tracker.permissions import Permission
from tracker.web.filters import in_the_form, no_such
from tracker.web.forms import PartForm
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.headers import attachment
from tracker.web.paging import page_of
from tracker.web.panels import panel
from tracker.web.records import load, record_url
from tracker.web.saving import meanwhile, saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from werkzeug.wrappers import Response as Answer

    from tracker.articles.citation_service import Attached
    from tracker.articles.models import Article

bp = Blueprint("intake", __name__, url_prefix="/intake")


@bp.get("/")
@requires(Permission.READ)
def index() -> str:
    """List what waits, or what a filter asks for, the latest first."""
    filters = InboxFilter.from_args(request.args)
    names = takers()
    own = current_actor().name
    if filters.taken_by and filters.taken_by not in {*names, own}:
        raise no_such("taken_by", filters.taken_by, in_the_form())
    order: Any = (IntakeItem.recorded_at, IntakeItem.ref)
    page = page_of(items_matching(filters), order, request.args)
    articles = [item.article for item in page.items if item.article is not None]
    here = here_as_well(articles)
    others = [article for found in here.values() for article in found]
    return render_template(
        "intake/index.html",
        page=page,
        filters=filters,
        said=filters.describe(),
        states=list(InboxState),
        takers=names,
        own=own,
        here=here,
        counts=counted_from(others),
    )


@bp.get("/items/<ref>/")
@requires(Permission.READ)
def show(ref: str) -> str:
    """Show one thing that came in: what is here already, who has it, and what can be done."""
    return _page(load_item(ref))


@bp.get("/items/<ref>/history")
@requires(Permission.READ)
def history(ref: str) -> str:
    """Show who did what with it."""
    return render_template("layout/history.html", record=load_item(ref))


@bp.get("/items/<ref>/original")
@requires(Permission.READ, fresh=True)
def original(ref: str) -> Response:
    """Hand out what could not be read, to the team that keeps it, as a file and nothing else."""
    item = load(IntakeItem, ref, undefer(IntakeItem.content))
    if item.content is None:
        raise NotFound
    if request.method == "GET":
        # HEAD asks for the headers alone: nothing leaves.
        note_taking("intake:original", item.ref, by=current_actor())
    return attachment(item.content, item.ref)


@bp.post("/items/<ref>/take")
@requires(Permission.LOG)
def take(ref: str) -> Answer | tuple[str, int]:
    """Take it on, and go on to the work where the button says so."""
    item = load_item(ref)
    said = _("Assigned to you.")
    to = record_url(item)
    if item.article is not None and request.form.get("then") == "work":
        to = work_url(item.article)
    return _do(item, lambda: inbox_service.take(item, by=current_actor()), said, to=to)


@bp.post("/items/<ref>/release")
@requires(Permission.LOG)
def release(ref: str) -> Answer | tuple[str, int]:
    """Put it back for anybody."""
    item = load_item(ref)
    said = _("It waits for anybody again.")
    return _do(item, lambda: inbox_service.release(item, by=current_actor()), said)


@bp.post("/items/<ref>/reopen")
@requires(Permission.LOG)
def reopen(ref: str) -> Answer | tuple[str, int]:
    """Open again what has ended."""
    item = load_item(ref)
    said = _("It waits again.")
    return _do(item, lambda: inbox_service.reopen(item, by=current_actor()), said)


@bp.post("/items/<ref>/end")
@requires(Permission.LOG)
def end(ref: str) -> Answer | tuple[str, int]:
    """End it: logged, another source of what is recorded already, or out of scope."""
    item, form = load_item(ref), EndForm()
    refuse_unless_editor(item)

    def act() -> Attached | None:
        state = form.ending.code()
        typed = (form.earlier.data or "").strip()
        adds = state is InboxState.ADDS_SOURCE and typed
        earlier = article_meant(typed, field="earlier") if adds else None
        reason = form.reason.data or ""
        by = current_actor()
        return inbox_service.end(item, state, reason=reason, earlier=earlier, by=by)

    def said(attached: Attached | None) -> str:
        offer_next(but=item.article)
        return attached.in_words() if attached else _("Saved.")

    answer = saved(
        form,
        act,
        to=record_url(item),
        said=said,
        record=item,
    )
    return answer or (_page(item, ending=form), _status(form))


@bp.post("/items/<ref>/text")
@requires(Permission.LOG)
def give_text(ref: str) -> Answer | tuple[str, int]:
    """Take the text of a file that could not be read."""
    item, form = load_item(ref), TextForm()
    refuse_unless_editor(item)
    known: AlreadyHere | None = None

    def act() -> Article:
        nonlocal known
        # Reading a text may take seconds, in which somebody else may save.
        pasted = meanwhile(lambda: read_paste_in_child(form.text.data or ""))
        form.refuse_stale(item)
        by, url, keep = current_actor(), form.url.data or "", bool(form.keep.data)
        try:
            return inbox_service.give_text(item, pasted, url=url, keep=keep, by=by)
        except AlreadyHere as error:
            known = error
            raise

    answer = saved(form, act, to=work_url, record=item)
    return answer or (_page(item, text=form, known=known), _status(form))


@panel("article")
def in_the_inbox(article: Article) -> str:
    """Say on an article's page how far it is in the inbox of its team."""
    item = item_of(article)
    return render_template("intake/panel.html", item=item) if item else ""


@panel("overview")
def on_the_overview(_nothing: None) -> str:
    """Say on the overview how many wait, to whoever may work on them."""
    if not current_actor().may(Permission.LOG):
        return ""
    return render_template("intake/on_overview.html", count=count_waiting())


def offer_next(*, but: Article | None) -> None:
    """Lead on to what waits next, on the page that says what was done."""
    found = next_waiting(but=but, by=current_actor())
    if found is not None and found.article is not None:
        flash(work_url(found.article), "next in the inbox")


def load_item(ref: str, *options: Any) -> IntakeItem:  # noqa: ANN401 (loader options)
    """Return what came in with all that its page shows."""
    return load(IntakeItem, ref, *with_what_is_shown(), *options)


def work_url(article: Article) -> str:
    """Return the address at which somebody works on an article."""
    return url_for("intake.confirm", ref=article.ref)


@bp.record
def _offer(state: Any) -> None:  # noqa: ANN401 (Flask's own type says no more)
    state.app.jinja_env.globals["work_url"] = work_url


def _do(
    item: IntakeItem, act: Callable[[], None], said: str, *, to: str = ""
) -> Answer | tuple[str, int]:
    """Do what one button asks for, on the version that was read."""
    refuse_unless_editor(item)
    form = PartForm()
    answer = saved(form, act, to=to or record_url(item), said=said, record=item)
    return answer or (_page(item, refused=form), _status(form))


def _page(
    item: IntakeItem,
    *,
    ending: EndForm | None = None,
    text: TextForm | None = None,
    known: AlreadyHere | None = None,
    refused: PartForm | None = None,
) -> str:
    articles = [item.article] if item.article is not None else []
    here = here_as_well(articles).get(articles[0].id, []) if articles else []
    return render_template(
        "intake/show.html",
        item=item,
        ending=ending or EndForm.on(item),
        text=text or TextForm.on(item),
        refused=refused,
        here=here,
        known=known,
        recorded=recorded_from([*articles, *here, *(known.found if known else [])]),
        is_cited=bool(cited_among(articles)),
    )


def _status(form: PartForm) -> int:
    return 400 if "csrf_token" in form.errors else 422
