"""Pages that add and edit a source, mask passages, mark reprints, and edit confidential notes."""

from __future__ import annotations

from functools import partial

from flask import request, url_for
from sqlalchemy.orm import undefer
from werkzeug.wrappers import Response

from tracker import clock
from tracker.articles import masking_service, queries, service
from tracker.articles.citation_service import ReprintResult, find_article, mark_as_reprint
from tracker.articles.forms import EditArticleForm, MaskForm, NewArticleForm, SameStoryForm
from tracker.articles.incoming import IncomingArticle, read_file, read_pasted_text_in_child
from tracker.articles.models import Article, ArticleConfidential
from tracker.articles.service import ArticleDetails, edit_article
from tracker.articles.views import article_page, bp, load_article
from tracker.audit.service import (
    get_confidential_row,
    log_confidential_view,
    save_confidential_values,
)
from tracker.errors import InvalidInput
from tracker.i18n import _, lazy
from tracker.kit.sections import ConfidentialForm, handle_confidential_form, log_before_reading
from tracker.people.models import Outlet
from tracker.people.queries import likely_outlets, outlet_by_ref
from tracker.permissions import Permission
from tracker.records import row_by_id
from tracker.users.queries import list_actor_teams
from tracker.web.filters import REF_PATTERN
from tracker.web.forms import LongTextField, NameField, PartForm, TrackerForm, render_form
from tracker.web.guards import current_actor, require_editor, require_permission
from tracker.web.saving import handle_form, load, load_to_edit, without_write_lock

# The value of the form field `keep` with which a duplicate is saved as a separate source.
KEEP_DUPLICATE_VALUE = "another"


@bp.route("/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def new() -> Response | tuple[str, int]:
    """Add a source; a duplicate is reported before anything is stored."""
    form = NewArticleForm()
    form.team.set_choices(list_actor_teams(current_actor()))
    here: service.DuplicateArticle | None = None

    def apply_change() -> tuple[Article, ReprintResult | None]:
        nonlocal here
        # Reading a file may take seconds.
        incoming = without_write_lock(lambda: _read_incoming(form))
        try:
            return _add_source(form, incoming)
        except service.DuplicateArticle as error:
            here = error
            raise

    answer = handle_form(
        form,
        apply_change,
        to=lambda added: _url_after_save(added[0]),
        message=lambda added: added[1].build_message() if added[1] else _("Saved."),
    )
    recorded = queries.citing_records_by_article(here.found) if here and not answer else {}
    return answer or render_form("articles/new.html", form=form, here=here, recorded=recorded)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def edit(ref: str) -> Response | tuple[str, int]:
    """Edit the details of a source."""
    article = load_article(ref)
    require_editor(article)
    form = EditArticleForm()
    to = url_for(".show", ref=ref)
    answer = handle_form(form, lambda: _save_details(form, article), to=to, record=article)
    return answer or render_form("articles/edit.html", form=form, article=article)


@bp.post("/<ref>/same-story")
@require_permission(Permission.LOG)
def same_story(ref: str) -> Response | tuple[str, int]:
    """Mark an article as a reprint, and cite it in every record that cites the earlier article."""
    article = load_article(ref)
    require_editor(article)
    form = SameStoryForm()

    def apply_change() -> ReprintResult:
        earlier = find_article(form.earlier.data or "", field="earlier")
        return mark_as_reprint(article, earlier, by=current_actor())

    answer = handle_form(
        form, apply_change, to=url_for(".show", ref=ref), message=ReprintResult.build_message
    )
    return answer or (article_page(article, form), 400 if "csrf_token" in form.errors else 422)


def _url_after_save(article: Article) -> str:
    """Return the URL to redirect to after an article was saved: the page of records suggested from
    its text if the user pressed the button for suggestions, else the page of the article.
    """
    goes_on = request.form.get("then") == "suggestions"
    return url_for("intake.confirm" if goes_on else ".show", ref=article.ref)


def _read_incoming(form: NewArticleForm) -> IncomingArticle:
    """Return the article in the uploaded file, or without a file in the pasted text. Raise
    InvalidInput if it cannot be read; a file is then also removed from the form.
    """
    content = form.uploaded_content()
    if content is None:
        return read_pasted_text_in_child(form.text.data or "")
    try:
        return read_file(content, form.kept_name.data or "")
    except InvalidInput:
        form.drop_file()
        raise


def _add_source(
    form: NewArticleForm, incoming: IncomingArticle
) -> tuple[Article, ReprintResult | None]:
    """Store a source; if it is a reprint, cite it where the original is cited. Return the source,
    and the result of citing or None.
    """
    by, keep = current_actor(), form.keep.data or ""
    incoming = service.recognize_publisher_line(incoming)
    earlier = queries.article_by_ref(keep) if REF_PATTERN.fullmatch(keep) else None
    team_id = int(form.team.data)
    allow_duplicate = keep == KEEP_DUPLICATE_VALUE or earlier is not None
    field = "file" if form.kept_file.data else "text"
    url = service.choose_url(
        incoming, url=form.url.data or "", allow_duplicate=allow_duplicate, field=field
    )
    service.validate_not_duplicate(
        incoming, url=url, team_id=team_id, allow_duplicate=allow_duplicate, field=field
    )
    publisher, words = _resolve_publisher(form.publisher)
    article = service.add_article(
        form.title.data or "",
        incoming=incoming,
        kind=form.kind.chosen_code(),
        url=url,
        authors=form.authors.data or "",
        publisher=publisher,
        publisher_words=words,
        published=form.published.read_when(clock.current_date()),
        language=form.language.chosen_code(),
        independence=form.independence.chosen_code(),
        team_id=team_id,
        visibility=form.visibility.chosen_code(),
        by=by,
    )
    return article, mark_as_reprint(article, earlier, by=by) if earlier else None


def _save_details(form: EditArticleForm, article: Article) -> None:
    """Store the submitted details of a source; raise InvalidInput if any are invalid."""
    publisher, words = _resolve_publisher(form.publisher)
    repeats = (form.repeats.data or "").strip()
    said = ArticleDetails(
        title=form.title.data or "",
        kind=form.kind.chosen_code(),
        url=form.url.data or "",
        archive_url=form.archive_url.data or "",
        captured_on=form.captured_on.data,
        checked_on=form.checked_on.data,
        check_result=form.check_result.chosen_code(),
        authors=form.authors.data or "",
        publisher=publisher,
        publisher_words=words,
        published=form.published.read_when(clock.current_date()),
        language=form.language.chosen_code(),
        independence=form.independence.chosen_code(),
        repeats=find_article(repeats, field="repeats") if repeats else None,
        visibility=form.visibility.chosen_code(),
    )
    edit_article(article, said, by=current_actor())


def _resolve_publisher(field: NameField) -> tuple[Outlet | None, str]:
    """Return the outlet chosen as publisher, or else the entered name; (None, "") for neither."""
    wanted = field.resolve(likely_outlets, outlet_by_ref)
    if wanted is None:
        return None, ""
    return wanted.record, "" if wanted.record else wanted.name


@bp.route("/<ref>/mask", methods=["GET", "POST"])
@require_permission(Permission.LOG, confidential=True)
def mask(ref: str) -> Response | tuple[str, int]:
    """Show the masked passages with their original words, and mask another passage."""
    article, form = _load_editable_article(ref), MaskForm()
    log_before_reading(form, partial(log_confidential_view, article, by=current_actor()))

    def apply_change() -> list[str]:
        passages = masking_service.resolve_passages(
            article, form.passage.data or "", all_occurrences=bool(form.every.data)
        )
        reason = form.reason.data or ""
        return masking_service.mask_passages(article, passages, reason=reason, by=current_actor())

    answer = handle_form(
        form,
        apply_change,
        to=url_for(".mask", ref=ref),
        message=lambda words: _mask_message(article, words),
        record=article,
    )
    return answer or _render_mask_page(article, form, form)


@bp.post("/<ref>/masks/<int:number>/remove")
@require_permission(Permission.LOG, confidential=True)
def unmask(ref: str, number: int) -> Response | tuple[str, int]:
    """Remove a mask, which restores the original words."""
    article, form = _load_editable_article(ref), PartForm()
    log_before_reading(form, partial(log_confidential_view, article, by=current_actor()))
    mark = row_by_id(queries.list_masks(article), number)
    answer = handle_form(
        form,
        lambda: masking_service.unmask_passage(article, mark, by=current_actor()),
        to=url_for(".mask", ref=ref),
        message=_("The passage is no longer masked."),
        record=article,
    )
    if answer is not None:
        return answer
    fresh = MaskForm(formdata=None)
    fresh.populate_for_edit(article)
    return _render_mask_page(article, form, fresh)


def _load_editable_article(ref: str) -> Article:
    """Return an article with its text; raise Forbidden if the user may not edit it."""
    return load_to_edit(Article, ref, undefer(Article.text))


def _render_mask_page(article: Article, submitted: TrackerForm, form: MaskForm) -> tuple[str, int]:
    """Return the page with the masks of an article, and the HTTP status. `submitted`: the form that
    was sent, whose errors are shown and set the status; `form`: the form that adds a mask.
    """
    masks = queries.list_masks(article)
    return render_form(
        "articles/mask.html",
        form=submitted,
        article=article,
        masking=form,
        masks=masks,
        words=queries.masked_words_by_mask(masks),
        places=[_sentence_number_at(article, one.start) for one in masks],
    )


def _sentence_number_at(article: Article, start: int) -> int:
    """Return the number of the sentence that contains an offset of the text, 0 for none."""
    return next((one.number for one in article.sentences if one.start <= start < one.end), 0)


def _mask_message(article: Article, words: list[str]) -> str:
    """Return the message after masking, with the refs of records that still contain the words."""
    done = _("Masked here, in search and in all quotes.")
    others = ", ".join(one.ref for one in queries.records_with_words(article, words))
    if not others:
        return str(done)
    left = _(
        "Text in these records still contains the masked words; edit it: %(refs)s", refs=others
    )
    return f"{done} {left}"


class ArticleConfidentialForm(ConfidentialForm):
    """The form of confidential notes: who provided the source and how to reach them."""

    source_notes = LongTextField(lazy("Notes on the source"), max_length=10_000)


@bp.route("/<ref>/confidential", methods=["GET", "POST"])
@require_permission(Permission.LOG, confidential=True)
def confidential(ref: str) -> Response | tuple[str, int]:
    """Show and edit who provided the source and how to reach them."""
    article, actor = load(Article, ref), current_actor()
    require_editor(article)
    return handle_confidential_form(
        article,
        ArticleConfidentialForm(),
        log_view=partial(log_confidential_view, article, by=actor),
        load_row=partial(get_confidential_row, article, ArticleConfidential),
        save_values=partial(save_confidential_values, article, by=actor),
    )
