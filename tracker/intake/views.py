"""The inbox: importing, listing, assigning and closing items."""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from sqlalchemy.orm import undefer

from tracker.articles.citation_service import article_meant
from tracker.articles.incoming import read_paste_in_child
from tracker.articles.queries import cited_among, counted_from, held_at, here_as_well, recorded_from
from tracker.articles.service import AlreadyHere, canonical_or_none
from tracker.audit.service import note_taking
from tracker.db import db
from tracker.errors import InvalidInput, NotFound, trace_of
from tracker.i18n import _, language
from tracker.intake import inbox_service
from tracker.intake.codes import InboxState, UnreadReason
from tracker.intake.filters import InboxFilter
from tracker.intake.forms import EndForm, ReceiveForm, TextForm
from tracker.intake.inbox_service import Taken, take_in
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
from tracker.scoping import Viewer, set_viewer
from tracker.storage import refused_by_disk
from tracker.users.models import Team
from tracker.users.queries import teams_by_name
from tracker.vocabulary.labels import choices
from tracker.web.filters import in_the_form
from tracker.web.forms import PartForm, page
from tracker.web.guards import current_actor, keeps_filter, refuse_unless_editor, requires
from tracker.web.headers import attachment
from tracker.web.paging import page_of
from tracker.web.panels import panel
from tracker.web.records import load, record_url
from tracker.web.saving import begun, meanwhile, saved, sent_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from werkzeug.wrappers import Response as Answer

    from tracker.articles.citation_service import Attached
    from tracker.articles.incoming import Incoming
    from tracker.articles.models import Article
    from tracker.intake.forms import Upload
    from tracker.permissions import Actor, Visibility

log = logging.getLogger(__name__)
bp = Blueprint("intake", __name__, url_prefix="/intake")


@bp.get("/")
@requires(Permission.READ)
@keeps_filter
def index() -> str:
    """List the open items, or those of a filter, latest first."""
    filters = InboxFilter.from_args(request.args)
    names = takers()
    own = current_actor().name
    if filters.taken_by and filters.taken_by not in {*names, own}:
        raise filters.no_such("taken_by", filters.taken_by, in_the_form())
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
        choices={
            "state": [("", _("Open items")), *choices(InboxState, language())],
            "taken_by": [(name, name) for name in names],
        },
        own=own,
        here=here,
        counts=counted_from(others),
    )


@bp.get("/items/<ref>/")
@requires(Permission.READ)
def show(ref: str) -> str:
    """Show an inbox item: duplicates, assignee, and what can be done."""
    return _page(load_item(ref))


@bp.get("/items/<ref>/history")
@requires(Permission.READ)
def history(ref: str) -> str:
    """Show who did what with it."""
    return render_template("layout/history.html", record=load_item(ref))


@bp.get("/items/<ref>/original")
@requires(Permission.READ, fresh=True)
def original(ref: str) -> Response:
    """Download an unreadable file, for the team that owns it."""
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
    """Assign it to the viewer, and go on to its suggestions where the button says so."""
    item = load_item(ref)
    said = _("Assigned to you.")
    to = record_url(item)
    if item.article is not None and request.form.get("then") == "work":
        to = work_url(item.article)
    return _do(item, lambda: inbox_service.take(item, by=current_actor()), said, to=to)


@bp.post("/items/<ref>/release")
@requires(Permission.LOG)
def release(ref: str) -> Answer | tuple[str, int]:
    """Unassign it."""
    item = load_item(ref)
    said = _("It waits for anybody again.")
    return _do(item, lambda: inbox_service.release(item, by=current_actor()), said)


@bp.post("/items/<ref>/reopen")
@requires(Permission.LOG)
def reopen(ref: str) -> Answer | tuple[str, int]:
    """Reopen a closed item."""
    item = load_item(ref)
    said = _("It waits again.")
    return _do(item, lambda: inbox_service.reopen(item, by=current_actor()), said)


@bp.post("/items/<ref>/end")
@requires(Permission.LOG)
def end(ref: str) -> Answer | tuple[str, int]:
    """Close it: logged, another source of known records, or out of scope."""
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
    """Save the text of a file that could not be read."""
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
    """Render the inbox state of an article on its page."""
    item = item_of(article)
    return render_template("intake/panel.html", item=item) if item else ""


@panel("overview")
def on_the_overview(_nothing: None) -> str:
    """Render the number of open items on the overview."""
    if not current_actor().may(Permission.LOG):
        return ""
    return render_template("intake/on_overview.html", count=count_waiting())


def offer_next(*, but: Article | None) -> None:
    """Flash a link to the next open item."""
    found = next_waiting(but=but, by=current_actor())
    if found is not None and found.article is not None:
        flash(work_url(found.article), "next in the inbox")


def load_item(ref: str, *options: Any) -> IntakeItem:  # noqa: ANN401 (loader options)
    """Return an inbox item with everything that its page shows."""
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
    """Handle a button on the version that was read."""
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form says of all that it sends."""

    team_id: int
    visibility: Visibility
    keep: bool


def _begun_before() -> str | None:
    """Return the note that some files sent again may have been imported before."""
    if len(request.files.getlist("files")) < 2:  # noqa: PLR2004 (many)
        return None
    return str(
        _(
            "These files were sent before, and it may have stopped midway. Look which of them are "
            "here, and take in what is missing."
        )
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LOG)
@sent_again(_begun_before)
def new() -> Answer | tuple[str, int]:
    """Import a text or files; what is known already is said before anything is typed."""
    form = ReceiveForm()
    form.offer(db.session.scalars(teams_by_name().where(Team.id.in_(current_actor().team_ids))))
    here: AlreadyHere | None = None
    if form.is_submitted() and form.validate() and len(form.uploads) > 1:
        return _one_after_another(form)

    def act() -> IntakeItem:
        nonlocal here
        try:
            return _receive(form)
        except AlreadyHere as error:
            here = error
            raise

    answer = saved(form, act, to=_where, said=_said)
    if answer:
        return answer
    form.ask_for_files_again()
    recorded = recorded_from(here.found) if here else {}
    return page("intake/new.html", form=form, here=here, recorded=recorded)


def _receive(form: ReceiveForm) -> IntakeItem:
    """Store the one thing that was sent; raise InvalidInput for what is here or is nothing."""
    url, wanted = form.url.data or "", _wanted(form)
    if not form.uploads and not form.is_pasted():
        raise _look_up(url)
    name, content = form.uploads[0] if form.uploads else ("", b"")
    # Reading a file may take seconds.
    came = meanwhile(lambda: _read(form, name, content))
    if isinstance(came, UnreadReason):
        team_id, keep = wanted.team_id, wanted.keep
        by = current_actor()
        return inbox_service.keep_unread(content, name, came, keep=keep, team_id=team_id, by=by)
    return inbox_service.receive(
        came,
        file_name=name,
        url=url,
        published=form.published.read(),
        keep=wanted.keep,
        team_id=wanted.team_id,
        visibility=wanted.visibility,
        by=current_actor(),
    )


def _read(form: ReceiveForm, name: str, content: bytes) -> Incoming | UnreadReason:
    return inbox_service.read(content, name) if name else read_paste_in_child(form.text.data or "")


def _wanted(form: ReceiveForm) -> Wanted:
    team_id, visibility = int(form.team.data), form.visibility.code()
    return Wanted(team_id, visibility, keep=bool(form.keep.data))


def _look_up(url: str) -> InvalidInput:
    """Return what is to be said where nothing but perhaps an address was given."""
    address = canonical_or_none(url)
    found = held_at(address) if address else []
    if found:
        return AlreadyHere("url", found, may_keep=False)
    if address:
        return InvalidInput(
            text=_("This address is not here yet: paste the text, or choose the saved page.")
        )
    return InvalidInput(text=_("Paste the text of the article, or choose files."))


def _where(item: IntakeItem) -> str:
    """Lead to the work on it, but for what must be looked at before: it may be known, or unread."""
    if item.article is None or here_as_well([item.article]):
        return record_url(item)
    return work_url(item.article)


def _said(item: IntakeItem) -> str:
    if item.has_ended:
        return str(_("The same file was imported before and is closed. It was not stored again."))
    return str(_("It was kept, but could not be read.") if item.article is None else _("Saved."))


def _one_after_another(form: ReceiveForm) -> Response:
    """Stream a page that grows by a line for each imported file."""
    uploads, wanted = form.uploads, _wanted(form)
    # Sent again, the form leads to what it has brought so far.
    begun(url_for(".index"))
    mark = secrets.token_hex(16)
    whole = meanwhile(partial(render_template, "intake/taking.html", mark=mark, uploads=uploads))
    lines = stream_with_context(_lines(whole.split(mark), uploads, wanted))
    # nginx would keep the lines to itself until the last one.
    return Response(lines, mimetype="text/html", headers={"X-Accel-Buffering": "no"})


def _lines(page_around: list[str], uploads: list[Upload], wanted: Wanted) -> Iterator[str]:
    """Yield the page: what comes before the lines, each line, and the rest.

    Whoever leaves meanwhile has sent the other files all the same: they are taken in, and so they
    are where a line cannot be shown.
    """
    before, after = page_around
    waiting, told = iter(uploads), Counter[str]()
    # The session of the view is gone once the answer is on its way: this is another one.
    with current_app.app_context():
        by = meanwhile(current_actor)
        set_viewer(Viewer(tuple(by.team_ids)))
        db.session.rollback()
        try:
            yield before
            for name, content in waiting:
                taken = _take_in(name, content, wanted, by)
                yield _told(taken, told)
        except (GeneratorExit, Exception):
            for name, content in waiting:
                _take_in(name, content, wanted, by)
            raise
        yield meanwhile(partial(render_template, "intake/taken.html", told=told)) + after


def _take_in(name: str, content: bytes, wanted: Wanted, by: Actor) -> Taken:
    """Store one file in a transaction of its own; whatever is wrong with it stops no other."""
    team_id, visibility, keep = wanted.team_id, wanted.visibility, wanted.keep
    try:
        taken = take_in(content, name, keep=keep, team_id=team_id, visibility=visibility, by=by)
        if taken.item is not None:
            db.session.commit()
    except Exception as error:  # noqa: BLE001 (the page has begun: there is no other to show)
        taken = Taken(name=name, words=_mishap(error))
    if taken.item is None:
        db.session.rollback()
    return taken


def _told(taken: Taken, told: Counter[str]) -> str:
    """Count the result of a file and return its line."""
    try:
        told[_kind(taken)] += 1
        return meanwhile(partial(_line, taken))
    except Exception as error:  # noqa: BLE001 (what was stored is stored: the other files follow)
        reference = _logged("a line was not shown", error)
        plain = Taken(name=taken.name)
        return meanwhile(
            partial(render_template, "intake/line.html", taken=plain, reference=reference)
        )


def _logged(what: str, error: Exception) -> str:
    """Log an error and return the reference by which it is found."""
    reference = secrets.token_hex(4)
    log.error("%s: %s\n%s", what, reference, trace_of(error))
    return reference


def _mishap(error: Exception) -> str:
    reference = _logged("a file was not taken in", error)
    if refused_by_disk(error):
        return str(_("The disk of the tracker is full or refuses to write: it was not stored."))
    return str(_("Something went wrong here: it was not stored. Reference: %(ref)s", ref=reference))


def _kind(taken: Taken) -> str:
    if taken.item is None:
        return "known" if taken.found else "refused"
    if taken.item.article_id is not None:
        return "read"
    return "known" if taken.item.has_ended else "unread"


def _line(taken: Taken) -> str:
    found: list[Article] = list(taken.found)
    if taken.item is not None and taken.item.article is not None:
        found = here_as_well([taken.item.article]).get(taken.item.article.id, [])
    return render_template(
        "intake/line.html", taken=taken, found=found, recorded=recorded_from(found)
    )
