"""Pages of articles: list, article, history, original, and citing an article in a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from tracker.articles import queries, rules
from tracker.articles.citation_service import add_citations, remove_citation
from tracker.articles.evidence import ManifestSource, iter_file_chunks, pack_originals
from tracker.articles.forms import CiteForm, SameStoryForm
from tracker.articles.models import Article, ArticleOriginal, Citation
from tracker.articles.queries import ArticleFilter
from tracker.articles.rules import SENTENCES_PER_PART, shorten_masks
from tracker.articles.sentences import Sentence
from tracker.articles.service import is_independence_known
from tracker.audit.service import log_download
from tracker.db import db
from tracker.errors import BadQuery, Forbidden, NotFound
from tracker.i18n import _, lazy, localized_date
from tracker.kit.fields import code_label
from tracker.kit.lists import REF_COLUMN, Column, Facet, RecordList
from tracker.kit.sections import ViewResponse, add_history_page
from tracker.people.models import Outlet
from tracker.people.queries import outlet_by_ref
from tracker.permissions import Permission, can_edit
from tracker.records import Record, record_models
from tracker.search.index import MAX_SEARCH_CANDIDATES, select_for_filtered_list
from tracker.web.filters import reject_unknown_parameters
from tracker.web.forms import PartForm, render_form
from tracker.web.guards import (
    current_actor,
    file_response,
    require_editor,
    require_permission,
    shows_filter_errors,
)
from tracker.web.paging import paginate
from tracker.web.saving import handle_form, load, record_url
from tracker.when import format_edtf

bp = Blueprint("articles", __name__, url_prefix="/articles")


add_history_page(bp, lambda ref: load(Article, ref))


# The columns by which the list of articles is sorted.
SORT_ORDER: tuple[Any, ...] = (Article.latest, Article.earliest, Article.ref)


# The most digits of the query parameter `part`: which part of a long text a page shows.
MAX_PART_DIGITS = 6


@dataclass(frozen=True, slots=True)
class SentenceLine:
    """A sentence as the page shows it; `opens_paragraph`: a paragraph begins with the sentence."""

    number: int
    opens_paragraph: bool
    pieces: list[rules.SentencePiece]


@bp.record
def _register_globals(state: BlueprintSetupState) -> None:
    """Make functions for quotes and masks available to templates, and shorten the masks in every
    text that a template shows.
    """
    pages = state.app.jinja_env
    pages.globals.update(
        passage_url=passage_url,
        of_one_width=rules.shorten_masks,
        group_by_source=rules.group_by_source,
    )
    # Applied in every page that quotes a source. Form input is kept as submitted: fields render
    # themselves, and text that a page sends on unchanged is escaped there.
    pages.finalize = _shorten_masks_in


def _shorten_masks_in(value: Any) -> Any:  # noqa: ANN401 (what a template shows)
    """Return a value that a template shows, with masks shortened if it is text."""
    return rules.shorten_masks(value) if type(value) is str else value


def _load_citation_cells(articles: Sequence[Article]) -> Callable[[Article], str]:
    """Return the function that gives the content of the column "Citations" for an article: "not
    cited yet" if no record that the viewer may see cites it, else "". `articles`: all articles of
    the page.
    """
    cited = queries.cited_article_ids(articles)
    return lambda article: "" if article.id in cited else _("not cited yet")


# The columns and filters of the list of articles.
ARTICLE_LIST = RecordList(
    endpoint="articles.index",
    id_column=Article.id,
    order=SORT_ORDER,
    columns=(
        Column(
            name="date", label=lazy("Date"), cell=lambda one: localized_date(one.when),
            order=SORT_ORDER,
        ),
        Column(name="article", label=lazy("Article"), kind="title", cell=lambda one: one.title),
        Column(name="publisher", label=lazy("Publisher"), cell=Article.publisher_name),
        Column(name="kind", label=lazy("Kind"), cell=lambda one: code_label(one.kind)),
        Column(name="language", label=lazy("Language"), cell=lambda one: code_label(one.language)),
        Column(name="cited", label=lazy("Citations"), load=_load_citation_cells),
        REF_COLUMN,
    ),
    facets=(
        Facet(
            name="outlet", value_column=Outlet.ref, id_column=Article.id,
            relationship=Article.publisher, label_column=lambda: Outlet.name,
        ),
    ),
)  # fmt: skip


@bp.get("/")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """List the articles, the latest first."""
    filters = ArticleFilter.from_args(request.args)
    outlet = filters.get_named_record("outlet", outlet_by_ref)
    rows, is_truncated = select_for_filtered_list(Article, filters, queries.articles_matching)
    return render_template(
        "articles/index.html",
        table=ARTICLE_LIST.build_table(rows, filters, {outlet.ref: outlet.name} if outlet else {}),
        is_truncated=is_truncated,
        most_candidates=MAX_SEARCH_CANDIDATES,
        choices={"outlet": [(one.ref, one.name) for one in queries.list_publishers()]},
    )


@bp.get("/<ref>/")
@require_permission(Permission.READ)
def show(ref: str) -> str:
    """Show an article: its numbered sentences, the cited passages, and the citing records."""
    reject_unknown_parameters(request.args, {"part"})
    return article_page(load_article(ref), SameStoryForm(formdata=None))


@bp.get("/<ref>/original")
@require_permission(Permission.READ, fresh=True)
def original(ref: str) -> Response:
    """Download the original bytes of an article, for the team that owns the article.

    If a passage is masked, only staff of the team may download the original.
    """
    article = load(Article, ref)
    if not can_download_original(article):
        raise Forbidden(_("Only the team that keeps this article has its original."))
    kept = db.session.scalars(
        select(ArticleOriginal)
        .where(ArticleOriginal.article_id == article.id)
        .options(undefer(ArticleOriginal.content))
    ).first()
    if kept is None:
        raise NotFound
    if request.method == "GET":
        # HEAD asks for the headers only: nothing is downloaded.
        log_download("article:original", article.ref, by=current_actor())
    return file_response(kept.content, article.ref)


def can_download_original(article: Article) -> bool:
    """Return whether the viewer may download the original of an article."""
    actor = current_actor()
    if article.team_id not in actor.team_ids:
        return False
    return can_edit(actor, article) or not queries.is_masked(article)


def load_article(ref: str) -> Article:
    """Return an article, loaded with everything that its page shows; raise NotFound for none."""
    return load(
        Article,
        ref,
        undefer(Article.text),
        joinedload(Article.publisher),
        joinedload(Article.repeats),
        joinedload(Article.original),
    )


def article_page(article: Article, form: SameStoryForm) -> str:
    """Render the page of an article, with the requested part of its text. `form`: the form that
    marks the article as a reprint.
    """
    parts = rules.text_part_count(len(article.sentences))
    part = _requested_part(parts)
    found = queries.list_citing_records_for_headings(article)
    same = [
        one for one in queries.articles_with_same_text(article.text_digest) if one is not article
    ]
    return render_template(
        "articles/show.html",
        article=article,
        is_independence_known=is_independence_known(article),
        form=form,
        lines=_sentence_lines(article.sentences, part, found),
        part=part,
        parts=parts,
        records=found,
        has_original=article.original is not None and can_download_original(article),
        reprints=queries.list_reprints(article),
        same=[one for one in same if article.repeats_id is None and one.repeats_id != article.id],
    )


def passage_url(citation: Citation) -> str:
    """Return the URL of the sentence in which the quote of a citation begins."""
    article = citation.article
    if article is None:
        raise NotFound
    numbers = citation.sentence_numbers()
    if not numbers:
        return url_for("articles.show", ref=article.ref)
    return sentence_url(article, numbers[0])


def sentence_url(article: Article, number: int) -> str:
    """Return the URL of a sentence on the page of an article."""
    part = rules.text_part_number(number)
    return url_for(
        "articles.show", ref=article.ref, part=part if part > 1 else None, _anchor=f"s{number}"
    )


def _sentence_lines(
    sentences: Sequence[Sentence], part: int, records: list[tuple[Record, list[Citation]]]
) -> list[SentenceLine]:
    """Return the sentences of a part of the text, split by the passages that records cite."""
    cited = [
        rules.CitedPassage(citation.start, citation.end, place)
        for place, (_record, citations) in enumerate(records)
        for citation in citations
        if citation.start is not None and citation.end is not None
    ]
    first = (part - 1) * rules.SENTENCES_PER_PART
    lines = []
    for place in range(first, min(first + rules.SENTENCES_PER_PART, len(sentences))):
        sentence = sentences[place]
        opens_paragraph = place == 0 or sentences[place - 1].paragraph != sentence.paragraph
        lines.append(
            SentenceLine(
                sentence.number, opens_paragraph, rules.split_by_citations(sentence, cited)
            )
        )
    return lines


def _requested_part(part_count: int) -> int:
    """Return the number of the requested part of the text, 1 by default; raise BadQuery if the text
    has no such part.
    """
    asked = request.args.get("part", "1")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= MAX_PART_DIGITS):
        raise BadQuery("part", _("There is no such part of this text."))
    if not 1 <= int(asked) <= part_count:
        raise BadQuery("part", _("There is no such part of this text."))
    return int(asked)


@bp.get("/cite/<record_ref>")
@require_permission(Permission.LOG)
@shows_filter_errors
def choose(record_ref: str) -> str:
    """List articles to choose one that is then cited in a record."""
    record = load_citing_record(record_ref)
    require_editor(record)
    filters = ArticleFilter.from_args(request.args)
    order: Any = (Article.latest, Article.earliest, Article.ref)
    return render_template(
        "articles/choose.html",
        record=record,
        filters=filters,
        choices={"outlet": [(one.ref, one.name) for one in queries.list_publishers()]},
        page=paginate(queries.articles_matching(filters), order, request.args),
    )


@bp.route("/<ref>/cite/<record_ref>", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def cite(ref: str, record_ref: str) -> ViewResponse:
    """Cite an article in a record."""
    article = load(Article, ref, undefer(Article.text))
    record = load_citing_record(record_ref)
    require_editor(record)
    form = CiteForm()

    def apply_change() -> None:
        typed, bearing = form.quote.data or "", form.bearing.chosen_code()
        add_citations(record, article, typed, bearing=bearing, by=current_actor())

    answer = handle_form(form, apply_change, to=record_url(record), record=record)
    lines = article.sentences[:SENTENCES_PER_PART]
    return answer or render_form(
        "articles/cite.html", form=form, article=article, record=record, lines=lines
    )


@bp.post("/uncite/<record_ref>/<int:citation_id>")
@require_permission(Permission.LOG)
def uncite(record_ref: str, citation_id: int) -> ViewResponse:
    """Remove a citation from a record."""
    record = load_citing_record(record_ref)
    require_editor(record)
    form = PartForm()
    answer = handle_form(
        form,
        lambda: remove_citation(record, citation_id, by=current_actor()),
        to=record_url(record),
        message=_("The citation was removed."),
        record=record,
    )
    return answer or render_form("articles/uncite.html", form=form, record=record)


def load_citing_record(ref: str) -> Any:  # noqa: ANN401 (a record of any feature that has citations)
    """Return the record with a ref, of any kind that can cite; raise NotFound for none."""
    kind = record_models().get(ref[:3])
    if kind is None or queries.find_citation_model(kind) is None:
        raise NotFound
    return load(kind, ref, *queries.full_record_load_options(kind))


@bp.get("/sources/<record_ref>")
@require_permission(Permission.READ, fresh=True)
def sources(record_ref: str) -> Response:
    """Download a ZIP of the sources of a record that the viewer may see, with originals."""
    record = load_citing_record(record_ref)
    if request.method == "GET":
        # HEAD asks for the headers only: nothing is downloaded.
        log_download("citation:sources", record.ref, by=current_actor())
    file = iter_file_chunks(pack_originals(record.ref, _manifest_sources(record.citations)))
    return file_response(file, f"{record.ref}-sources.zip", content_type="application/zip")


def _manifest_sources(citations: list[Citation]) -> Iterator[tuple[ManifestSource, bytes]]:
    """Yield the visible cited sources with their originals, b"" where none may be downloaded."""
    cited: dict[Article, list[str]] = {}
    for one in citations:
        if one.article is not None:
            cited.setdefault(one.article, []).append(shorten_masks(one.quote))
    kept = select(ArticleOriginal).where(
        ArticleOriginal.article_id.in_([article.id for article in cited])
    )
    originals = {one.article_id: one for one in db.session.scalars(kept)}
    for article, quotes in cited.items():
        original = originals.get(article.id)
        if original is not None and not can_download_original(article):
            original = None
        content = queries.original_content(original.article_id) if original is not None else b""
        yield _manifest_source(article, original, quotes), content


def _manifest_source(
    article: Article, original: ArticleOriginal | None, quotes: list[str]
) -> ManifestSource:
    """Return the description of a source for the list of sources in a ZIP file. `original`: the
    original file of the source, None if it is not in the ZIP file; `quotes`: the words that the
    record quotes from the source.
    """
    return ManifestSource(
        ref=article.ref,
        kind=article.kind.value,
        title=article.title,
        publisher=article.publisher_name(),
        published=format_edtf(article.when),
        url=article.url,
        archive_url=article.archive_url,
        captured_on=article.captured_on,
        checked_on=article.checked_on,
        check_result=article.check_result.value if article.check_result else "",
        retrieved_at=article.retrieved_at,
        sha256=original.sha256 if original else "",
        media_type=original.media_type if original else "",
        quotes=quotes,
    )
