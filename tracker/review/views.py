"""Views of the review queue, review decisions, comments and assignments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from sqlalchemy.orm import joinedload, undefer
from werkzeug.wrappers import Response

from tracker import clock
from tracker.articles.models import Article, Citation
from tracker.articles.queries import list_citing_records
from tracker.articles.rules import SENTENCES_PER_PART, text_part_count
from tracker.errors import BadQuery, InvalidInput, NotFound
from tracker.i18n import _, ngettext
from tracker.permissions import Permission
from tracker.review import queries, rules, service
from tracker.review.codes import EditorialState
from tracker.review.forms import (
    CommentForm,
    DecisionForm,
    DecisionRowForm,
    DecisionsForm,
    VersionsForm,
)
from tracker.review.models import Comment, Reviewable
from tracker.users.models import User
from tracker.web import saving
from tracker.web.filters import reject_unknown_parameters
from tracker.web.forms import ButtonForm, render_form
from tracker.web.guards import current_actor, require_editor, require_permission
from tracker.web.layout import register_panel

# The records that cite an article, each with its citations of this article.
CitationsByRecord = dict[Reviewable, list[Citation]]

bp = Blueprint("review", __name__, url_prefix="/review")


@bp.record
def _register_globals(state: BlueprintSetupState) -> None:
    """Let templates call functions of review."""
    state.app.jinja_env.globals["may_move"] = rules.is_allowed_transition
    state.app.jinja_env.globals["comments_url"] = comments_url
    state.app.jinja_env.globals["is_own_work"] = _is_own_work
    state.app.jinja_env.globals["other_reviewers"] = _other_reviewers
    state.app.jinja_env.globals["own_drafts"] = lambda records: rules.own_drafts(
        records, current_actor()
    )
    state.app.jinja_env.globals["is_author_or_last_editor"] = rules.is_author_or_last_editor
    state.app.jinja_env.globals["publication_checks"] = service.publication_checks
    state.app.jinja_env.globals["publication_needs"] = rules.publication_needs
    state.app.jinja_env.globals["latest_returns_by_record"] = queries.latest_returns_by_record
    state.app.jinja_env.globals["reviews_waiting"] = _count_reviews_waiting


def _count_reviews_waiting() -> int:
    """Return the number of records in review; the database is asked once per HTTP request."""
    if "reviews_waiting" not in g:
        g.reviews_waiting = queries.count_records_in_review()
    count: int = g.reviews_waiting
    return count


def _is_own_work(record: Reviewable) -> bool:
    """Return whether a record is the viewer's own work."""
    return current_actor().id in _contributor_ids(record)


def _contributor_ids(record: Reviewable) -> frozenset[int]:
    """Return the ids of the users who must not review a record, read once per HTTP request."""
    known: dict[Any, frozenset[int]] = g.setdefault("contributor_ids", {})
    key = (record.ref, record.version)
    if key not in known:
        known[key] = record.contributor_ids
    return known[key]


def _possible_assignees(record: Any) -> list[User]:  # noqa: ANN401 (a record that is discussed)
    """Return the users who can be assigned something about a record, by name."""
    known: dict[Any, list[User]] = g.setdefault("possible_assignees", {})
    key = (record.team_id, record.visibility)  # nothing else decides who sees a record
    if key not in known:
        known[key] = queries.possible_assignees([record])
    return known[key]


def _other_reviewers(record: Reviewable) -> list[str]:
    """Return the names of the other monitors who see a record and did not work on it."""
    worked = {*_contributor_ids(record), current_actor().id}
    return [
        one.name
        for one in _possible_assignees(record)
        if one.id not in worked and one.has_permission(Permission.REVIEW)
    ]


@bp.get("/")
@require_permission(Permission.READ)
def index() -> str:
    """Show the viewer's assignments, returned records, and the review queue."""
    reject_unknown_parameters(request.args, ())
    by = current_actor()
    assignments = queries.open_assignments(by)
    waiting = queries.review_queue(by)
    records = [record for group in waiting for record in group.records]
    return render_template(
        "review/index.html",
        assigned=[one for one in assignments if one.assigned_to_id == by.id],
        asked=[one for one in assignments if one.assigned_to_id != by.id],
        waiting=waiting,
        authors=queries.author_names_by_id(records),
        checks=service.publication_checks(records) if by.has_permission(Permission.REVIEW) else {},
        returned=queries.records_returned_to_actor(by),
        by=by,
        today=clock.current_date(),
        local_date=clock.local_date,
        may_be_asked=rules.can_be_assigned,
    )


@bp.post("/")
@require_permission(Permission.REVIEW)
def approve_group() -> Response:
    """Approve the records of one group of the queue. The message says why some were left out."""
    form = VersionsForm()
    if saving.is_button_valid(form):
        return saving.redirect_saved(
            url_for(".index"), _approve_records(form.versions_by_record(), {})
        )
    return redirect(url_for(".index"), code=saving.SEE_OTHER)


@bp.post("/submit")
@require_permission(Permission.LOG)
def submit_drafts() -> Response:
    """Submit several drafts, such as all that cite an article. The message says why some were left
    out.
    """
    form, back = VersionsForm(), request.form.get("back", "")
    to = back if saving.is_local_path(back) else url_for(".index")
    if saving.is_button_valid(form):
        outcome = service.submit_records(form.versions_by_record(), by=current_actor())
        return saving.redirect_saved(to, _outcome_message(outcome))
    return redirect(to, code=saving.SEE_OTHER)


@register_panel("inbox")
def inbox_drafts_panel(_nothing: None) -> str:
    """Render the viewer's drafts by article, with a button for each article that submits them."""
    by = current_actor()
    if not by.has_permission(Permission.LOG):
        return ""
    drafts = queries.own_drafts_by_article_id(by)
    articles = queries.articles_by_id(list(drafts)[:MAX_ARTICLES_WITH_DRAFTS])
    groups = [(one, drafts[one.id]) for one in articles]
    return render_template("review/drafts_panel.html", groups=groups) if groups else ""


@bp.post("/<ref>/submit")
@require_permission(Permission.LOG)
def submit(ref: str) -> Response | tuple[str, int]:
    """Submit a draft for review."""
    record = _load_reviewable(ref)
    require_editor(record)  # type: ignore[arg-type]
    return _save_decision(
        record,
        lambda _form: service.submit_record(record, by=current_actor()),
        _("Submitted for review: somebody else decides on it."),
    )


@bp.post("/<ref>/approve")
@require_permission(Permission.REVIEW)
def approve(ref: str) -> Response | tuple[str, int]:
    """Approve a record as a second person."""
    return _save_decision_with_note(ref, service.approve_record, _("Approved."))


@bp.post("/<ref>/publish")
@require_permission(Permission.REVIEW)
def publish(ref: str) -> Response | tuple[str, int]:
    """Publish an approved record, or approve and publish one in review."""
    return _save_decision_with_note(ref, service.publish_record, _("Added to the public file."))


@bp.post("/<ref>/request-changes")
@require_permission(Permission.REVIEW)
def request_changes(ref: str) -> Response | tuple[str, int]:
    """Request changes with a note."""
    message = _("Changes requested: the author sees it with your note.")
    return _save_decision_with_note(ref, service.request_changes, message)


@bp.post("/<ref>/retract")
@require_permission(Permission.REVIEW)
def retract(ref: str) -> Response | tuple[str, int]:
    """Retract a record with a reason."""
    record = _load_reviewable(ref)
    return _save_decision(
        record,
        lambda form: service.retract_record(
            record, reason=form.reason.chosen_code(), note=form.note.data or "", by=current_actor()
        ),
        _("Retracted: it is no longer counted."),
    )


@bp.post("/<ref>/restore")
@require_permission(Permission.REVIEW)
def restore(ref: str) -> Response | tuple[str, int]:
    """Make a retracted record a draft again."""
    return _save_decision_with_note(
        ref, service.restore_record, _("Restored: it is a draft again.")
    )


@bp.get("/<ref>/comments")
@require_permission(Permission.READ)
def comments(ref: str) -> str:
    """Show the comments on a record."""
    reject_unknown_parameters(request.args, ())
    return render_template("review/comments.html", record=_load_commentable(ref))


@bp.post("/<ref>/comments")
@require_permission(Permission.READ)
def comment(ref: str) -> Response | tuple[str, int]:
    """Comment on a record, or assign something."""
    record, by = _load_commentable(ref), current_actor()
    service.require_can_comment(record, by=by)
    form = CommentForm()
    form.set_choices(_possible_assignees(record))

    answer = saving.handle_form(form, lambda: _add_comment(record, form), to=comments_url(record))
    # A note that was entered beside the comment is shown again.
    decision = DecisionForm() if isinstance(record, Reviewable) else None
    return answer or render_form("review/comment.html", record=record, form=form, decision=decision)


@bp.post("/<ref>/comments/<int:number>/done")
@require_permission(Permission.READ)
def finish_assignment(ref: str, number: int) -> Response | tuple[str, int]:
    """Mark an assignment as done."""
    return _handle_comment_button(
        ref, number, service.finish_assignment, message=_("Marked as done.")
    )


@bp.post("/<ref>/comments/<int:number>/retract")
@require_permission(Permission.READ)
def retract_comment(ref: str, number: int) -> Response | tuple[str, int]:
    """Retract a comment."""
    return _handle_comment_button(
        ref, number, service.retract_comment, message=_("Comment retracted.")
    )


@register_panel("decided")
def decision_panel(record: Reviewable) -> str:
    """Render the decisions on a record for those who may comment: reviewers, and staff of its team.
    Its comments belong to the same form.
    """
    if not rules.can_comment(record, current_actor()):
        return ""
    decision = DecisionForm(formdata=None)
    decision.version.data = str(record.version)
    return render_template("review/decision_panel.html", record=record, decision=decision)


@register_panel("discussed")
def comments_panel(record: Any) -> str:  # noqa: ANN401 (a record that is discussed)
    """Render the comments on a record, with the form for those who may comment."""
    by, form = current_actor(), None
    if rules.can_comment(record, by):
        form = CommentForm(formdata=None)
        form.set_choices(_possible_assignees(record))
    return render_template(
        "review/comments_panel.html",
        record=record,
        comments=queries.comments_of(record),
        form=form,
        today=clock.current_date(),
        may_finish=lambda one: rules.can_finish_assignment(one, by),
        may_retract=lambda one: rules.can_retract_comment(one, by),
    )


# Digits, at most, of the query parameter `part`: the number of a part of an article's text.
MAX_PART_NUMBER_DIGITS = 6
# Refs in a message at most; a cookie holds the message until it is shown.
MAX_REFS_IN_MESSAGE = 10
# Articles with drafts shown beside the inbox at most.
MAX_ARTICLES_WITH_DRAFTS = 20
# The value of the button that approves and publishes several records.
PUBLISH_BUTTON_VALUE = "publish"


@bp.get("/articles/<ref>")
@require_permission(Permission.READ)
def article(ref: str) -> str:
    """Show an article beside the visible records that cite it, with a form for decisions."""
    reject_unknown_parameters(request.args, {"part"})
    source = _load_article_with_text(ref)
    return _render_article_page(
        source, _reviewable_records_citing(source), DecisionsForm(formdata=None)
    )


@bp.post("/articles/<ref>")
@require_permission(Permission.REVIEW)
def decide_article(ref: str) -> Response | tuple[str, int]:
    """Save all decisions on the records of an article, or none if any is invalid."""
    source, form = _load_article_with_text(ref), DecisionsForm()
    citing = _reviewable_records_citing(source)
    shown = form.rows_by_ref()
    rows = {record: shown[record.ref] for record in citing if record.ref in shown}
    chosen = {record: row for record, row in rows.items() if row.choice.data}
    if not form.validate_on_submit():
        status = 400 if "csrf_token" in form.errors else 422
        return _render_article_page(source, citing, form), status
    stale = [one for one, row in chosen.items() if row.version.data != str(one.version)]
    if stale:
        return _render_article_page(source, citing, form, stale_records=stale), 409
    try:
        words = _save_article_decisions(
            chosen, {one: row for one, row in rows.items() if one not in chosen}
        )
    except InvalidInput as error:
        form.reject(InvalidInput(**_errors_by_field(form, error.fields)))
        return _render_article_page(source, _reviewable_records_citing(source), form), 422
    return saving.redirect_saved(url_for(".article", ref=ref), words)


def _save_article_decisions(
    chosen: Mapping[Reviewable, DecisionRowForm], undecided: Mapping[Reviewable, DecisionRowForm]
) -> str:
    """Save decisions on records that cite an article, and return the message. `chosen`: by record
    with a decision, its row of the form; `undecided`: by record without a decision, its row; the
    button *Approve all* approves these records.
    """
    words = []
    if "rest" in request.form:
        # First, so that the chosen records are not among those left.
        versions = {record: row.version.data or "" for record, row in undecided.items()}
        notes = {record: row.note.data or "" for record, row in undecided.items()}
        words.append(_approve_records(versions, notes))
    else:
        _reject_notes_without_decision(
            [one.ref for one, row in undecided.items() if row.has_note_without_decision()]
        )
    if chosen or not words:
        words.append(_outcome_message(_save_decisions(chosen)))
    return " ".join(words)


def _approve_records(versions: Mapping[Reviewable, str], notes: Mapping[Reviewable, str]) -> str:
    """Approve records and return the message; after the button *Approve and publish*, publish them
    too. `versions`: the version shown of each record; `notes`: the reviewer's note on it.
    """
    apply_change = service.approve_records
    if request.form.get("rest") == PUBLISH_BUTTON_VALUE:
        apply_change = service.approve_and_publish_records
    return _outcome_message(apply_change(versions, notes, by=current_actor()))


def _outcome_message(outcome: service.DecisionOutcome) -> str:
    """Return the message with the numbers of records by outcome, and why others were left.

    It has refs and no headings, which may name people: messages are stored until they are shown.
    """
    words, count = [], len(outcome.submitted)
    if count:
        words.append(ngettext("%(num)d draft submitted.", "%(num)d drafts submitted.", count))
        words += filter(None, [rules.publication_needs(outcome.submitted)])
    if count := len(outcome.approved):
        words.append(ngettext("%(num)d record approved.", "%(num)d records approved.", count))
    if count := len(outcome.published):
        words.append(
            ngettext(
                "%(num)d record added to the public file.",
                "%(num)d records added to the public file.",
                count,
            )
        )
    if count := len(outcome.returned):
        words.append(
            ngettext(
                "Changes requested in %(num)d record.",
                "Changes requested in %(num)d records.",
                count,
            )
        )
    words = words or [_("Nothing was changed.")]
    if outcome.not_publishable:
        refs = _refs_in_message(outcome.not_publishable)
        words.append(_("Not published, for the reasons shown there: %(refs)s.", refs=refs))
    by_reason: dict[str, list[Reviewable]] = {}
    for record, reason in outcome.skip_reasons.items():
        by_reason.setdefault(reason, []).append(record)
    for reason, skipped in by_reason.items():
        refs = _refs_in_message(skipped)
        words.append(_("Left, %(reason)s: %(refs)s.", reason=reason, refs=refs))
    return " ".join(str(one) for one in words)


def _refs_in_message(records: list[Reviewable]) -> str:
    """Return the refs of the first ten records, and "…" if there are more."""
    shown = ", ".join(one.ref for one in records[:MAX_REFS_IN_MESSAGE])
    return shown + (", …" if len(records) > MAX_REFS_IN_MESSAGE else "")


def _save_decision(
    record: Reviewable, apply_change: Callable[[DecisionForm], None], message: str
) -> Response | tuple[str, int]:
    """Save a decision on a record by calling `apply_change` with the form, and the comment entered
    with it; return a redirect with a message, or the form with errors.
    """
    form = DecisionForm()
    form.set_choices(_possible_assignees(record))

    def decide() -> None:
        if form.has_comment:
            _add_comment(record, form)
        apply_change(form)

    answer = saving.handle_form(
        form, decide, to=saving.record_url(record), message=message, record=record
    )
    if answer and current_actor().has_permission(Permission.REVIEW):
        _flash_next_record()
    return answer or render_form("review/comment.html", record=record, form=form, decision=form)


def _flash_next_record() -> None:
    """Show a link to the next record in review below the message, or else to the queue."""
    following = queries.next_record_in_review(current_actor())
    if following:
        flash(saving.record_url(following), "next in review")
    else:
        flash(url_for(".index"), "none in review")


def _save_decision_with_note(
    ref: str, decide: Callable[..., None], message: str
) -> Response | tuple[str, int]:
    """Save a decision on a record, and the comment entered with it; return a redirect with a
    message, or the form with errors. `decide`: the function that saves the decision, such as
    `service.approve_record`, called with the record and the note.
    """
    record = _load_reviewable(ref)
    return _save_decision(
        record,
        lambda form: decide(record, note=form.note.data or "", by=current_actor()),
        message,
    )


def _add_comment(record: Any, form: CommentForm | DecisionForm) -> Comment:  # noqa: ANN401 (a record that is discussed)
    """Add the comment in a form, with its assignee and due date, to a record."""
    return service.add_comment(
        record,
        form.comment.data or "",
        assigned_to=form.assigned_to.data or "",
        due_on=form.due_on.data,
        by=current_actor(),
    )


def _load_reviewable(ref: str) -> Reviewable:
    """Return the record with a ref; raise NotFound if there is none of a kind that is reviewed."""
    for model in queries.reviewable_models():
        if ref.startswith(model.PREFIX + "-"):
            return saving.load(model, ref)
    raise NotFound


def _handle_comment_button(
    ref: str, number: int, apply_change: Callable[..., None], *, message: str
) -> Response | tuple[str, int]:
    """Handle a button beside a comment; return a redirect with a message, or the form with errors.
    `number`: the id of the comment; `apply_change`: the function to call with the comment, such as
    `service.retract_comment`.
    """
    record, form, by = _load_commentable(ref), ButtonForm(), current_actor()
    meant = queries.get_comment(record, number)
    if meant is None:
        raise NotFound
    to = url_for(".index") if request.form.get("then") == "queue" else comments_url(record)
    answer = saving.handle_form(form, lambda: apply_change(meant, by=by), to=to, message=message)
    return answer or render_form("review/comment.html", record=record, form=form)


def comments_url(record: Any) -> str:  # noqa: ANN401 (a record that is discussed)
    """Return the address of the page that shows the comments on a record."""
    if isinstance(record, Reviewable):
        return saving.record_url(record)
    return url_for("review.comments", ref=record.ref)


def _load_commentable(ref: str) -> Any:  # noqa: ANN401 (a record that is discussed)
    """Return the record with a ref; raise NotFound if there is none that can have comments."""
    kind = queries.commentable_model_of(ref)
    if kind is None:
        raise NotFound
    return saving.load(kind, ref)


def _reject_notes_without_decision(refs: list[str]) -> None:
    """Raise InvalidInput at the refs of records that have a note without a decision, if any."""
    if refs:
        words = _("Approve it or request changes: a note alone is not kept.")
        raise InvalidInput(**dict.fromkeys(refs, words))


def _save_decisions(chosen: Mapping[Reviewable, DecisionRowForm]) -> service.DecisionOutcome:
    """Save the decisions in the rows of some records, and return what was decided; raise
    InvalidInput if there are none.
    """
    if not chosen:
        raise InvalidInput(decisions=_("Approve one of the records at least, or request changes."))
    notes: dict[str, dict[Reviewable, str]] = {"approve": {}, "publish": {}, "return": {}}
    for record, row in chosen.items():
        notes[row.choice.data][record] = row.note.data or ""
    service.save_decisions(notes["approve"], notes["return"], notes["publish"], by=current_actor())
    return service.DecisionOutcome(
        approved=[*notes["approve"]], published=[*notes["publish"]], returned=[*notes["return"]]
    )


def _errors_by_field(form: DecisionsForm, messages: Mapping[str, str]) -> dict[str, str]:
    """Return error messages by the name of a field. `messages`: by the name of a field, or by the
    ref of a record; the message on a record is put at the field with the note on this record.
    """
    rows = form.rows_by_ref()
    return {rows[at].note.name if at in rows else at: said for at, said in messages.items()}


def _render_article_page(
    article: Article,
    citing: CitationsByRecord,
    form: DecisionsForm,
    *,
    stale_records: list[Reviewable] | None = None,
) -> str:
    """Return the page of an article beside the records that cite it. `citing`: these records with
    their citations; `stale_records`: those that somebody changed after the form was shown.
    """
    form.populate(citing)
    parts = text_part_count(len(article.sentences))
    part, by = _parse_requested_part(parts), current_actor()
    own = {record for record in citing if rules.is_own_work(record, by)}
    checks = service.publication_checks(citing) if by.has_permission(Permission.REVIEW) else {}
    return render_template(
        "review/article.html",
        article=article,
        drawn=citing,
        form=form,
        rows=form.rows_by_ref(),
        stale=stale_records or [],
        sentences=article.sentences[(part - 1) * SENTENCES_PER_PART : part * SENTENCES_PER_PART],
        cited={
            number for ones in citing.values() for one in ones for number in one.sentence_numbers()
        },
        part=part,
        parts=parts,
        waits=any(one.state is EditorialState.IN_REVIEW for one in citing if one not in own),
        checks=checks,
        can_publish=any(not one.obstacles for record, one in checks.items() if record not in own),
        next_article=queries.next_article_ref_in_review(article, by),
    )


def _load_article_with_text(ref: str) -> Article:
    """Return an article with its text and publisher; raise NotFound if there is none."""
    return saving.load(Article, ref, undefer(Article.text), joinedload(Article.publisher))


def _reviewable_records_citing(source: Article) -> CitationsByRecord:
    """Return the records of reviewed kinds that cite an article, with their citations; those in
    review come first.
    """
    found = [
        (one, cited) for one, cited in list_citing_records(source) if isinstance(one, Reviewable)
    ]
    return dict(sorted(found, key=lambda pair: pair[0].state is not EditorialState.IN_REVIEW))


def _parse_requested_part(part_total: int) -> int:
    """Return the number of the part of the text in the address, 1 if not given; raise BadQuery
    unless it is from 1 to `part_total`.
    """
    asked = request.args.get("part", "1")
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= MAX_PART_NUMBER_DIGITS
    if not is_number or not 1 <= int(asked) <= part_total:
        raise BadQuery("part", _("There is no such part of this text."))
    return int(asked)
