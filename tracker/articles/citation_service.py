"""Add and remove citations of any kind of record, and cite a reprint next to its original."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tracker.articles import queries
from tracker.articles.addresses import AddressError, canonicalize_url
from tracker.articles.codes import Bearing, Independence
from tracker.articles.models import Article, Citation
from tracker.articles.sentences import SENTENCE_RANGE_PATTERN, QuoteError, locate_quote
from tracker.articles.service import (
    build_citation,
    build_citations,
    build_located_citation,
    validate_repeats,
)
from tracker.audit.service import audited_change
from tracker.errors import InvalidInput, NotFound
from tracker.i18n import _, ngettext
from tracker.permissions import Actor, can_edit
from tracker.records import Record, row_by_id
from tracker.scoping import more_restricted_records


@dataclass(frozen=True, slots=True)
class ReprintResult:
    """What happened to the records that cite the earlier article of a reprint. `changed_records`:
    the records that now cite the reprint too; `unchanged_records`: the records of other teams,
    which are unchanged.
    """

    changed_records: list[Record]
    unchanged_records: list[Record]

    def build_message(self) -> str:
        """Return the message with the numbers of changed and unchanged records."""
        said = ngettext(
            "Saved, and cited in %(num)d record.",
            "Saved, and cited in %(num)d records.",
            len(self.changed_records),
        )
        drafts = sum(
            getattr(record, "was_returned_to_draft", False) for record in self.changed_records
        )
        if drafts:
            said += " " + back_to_draft_message(drafts)
        if self.unchanged_records:
            said += " " + ngettext(
                "%(num)d record belongs to another team and stays as it is.",
                "%(num)d records belong to another team and stay as they are.",
                len(self.unchanged_records),
            )
        return str(said)


def back_to_draft_message(number: int) -> str:
    """Return the message that a new source returned this number of records to draft."""
    words = ngettext(
        "%(num)d record is a draft again: submit it for review.",
        "%(num)d records are drafts again: submit them for review.",
        number,
    )
    return str(words)


def add_citations(
    record: Any,  # noqa: ANN401 (a record of any feature that has citations)
    article: Article,
    user_input: str,
    *,
    bearing: Bearing = Bearing.SUPPORTS,
    by: Actor,
) -> list[Citation]:
    """Add citations of an article to a record, one for each passage; return the new citations.
    `user_input`: the passages, as sentence numbers or words of the article; `bearing`: whether the
    passages support or contradict the record, or only mention it.

    Raises InvalidInput at `quote` for words that the article does not contain, and for passages
    that are cited already.
    """
    model = queries.find_citation_model(type(record))
    if model is None:
        raise NotFound
    if more_restricted_records(record.visibility, [article]):
        raise InvalidInput(quote=_restricted_records_message([record]))
    made = build_citations(model, article, user_input, bearing=bearing)
    new = [one for one in made if not _has_citation(record.citations, one)]
    if not new:
        raise InvalidInput(quote=_("These words are cited here already."))
    with audited_change(record, "citation:add", by=by):
        record.citations += new
        record.mark_revised(by=by)
    return new


def is_quote_cited(record: Any, article: Article, user_input: str) -> bool:  # noqa: ANN401 (as above)
    """Return whether a record already cites the passage of an article given by `user_input`."""
    model = queries.find_citation_model(type(record))
    return model is not None and _has_citation(
        record.citations, build_citation(model, article, user_input)
    )


def remove_citation(record: Any, citation_id: int, *, by: Actor) -> None:  # noqa: ANN401 (as above)
    """Remove a citation from a record; raise InvalidInput if it is the only one."""
    citation = row_by_id(record.citations, citation_id)
    if len(record.citations) == 1:
        raise InvalidInput(version=_("This is its only source: cite another one first."))
    with audited_change(record, "citation:remove", by=by):
        record.citations.remove(citation)
        record.mark_revised(by=by)


def find_article(user_input: str, *, field: str) -> Article:
    """Return the article with the entered ref or URL; raise InvalidInput at `field` for none."""
    found = queries.article_by_ref(user_input)
    if found is None:
        try:
            found = next(iter(queries.articles_at_url(canonicalize_url(user_input))), None)
        except AddressError:
            found = None
    if found is None:
        raise InvalidInput(**{field: _("There is no such article.")})
    return found


def mark_as_reprint(reprint: Article, earlier_article: Article, *, by: Actor) -> ReprintResult:
    """Mark `reprint` as such, and cite it in every record that cites the earlier article.

    The new citations quote the same words if the reprint contains them, else its title. Raises
    InvalidInput at `earlier`, without changing anything.
    """
    if reprint is earlier_article:
        raise InvalidInput(earlier=_("An article cannot repeat itself."))
    validate_repeats(reprint, Independence.REPEATS_ANOTHER, earlier_article)
    found: list[tuple[Any, list[Citation]]] = list(queries.list_citing_records(earlier_article))
    ours = [pair for pair in found if can_edit(by, pair[0])]
    wider = [
        record
        for record, _citations in ours
        if more_restricted_records(record.visibility, [reprint])
    ]
    if wider:
        raise InvalidInput(earlier=_restricted_records_message(wider))
    if more_restricted_records(reprint.visibility, [earlier_article]):
        raise InvalidInput(
            earlier=_("The earlier article is seen by its team only; this one is not.")
        )
    with audited_change(reprint, "article:repeat", by=by):
        reprint.independence, reprint.repeats = Independence.REPEATS_ANOTHER, earlier_article
        reprint.mark_revised(by=by)
    for record, citations in ours:
        with audited_change(record, "citation:add", by=by):
            for citation in citations:
                new = _build_reprint_citation(citation, reprint)
                if not _has_citation(record.citations, new):
                    record.citations.append(new)
                    record.mark_revised(by=by)
    unchanged = [record for record, _citations in found if not can_edit(by, record)]
    return ReprintResult([record for record, _citations in ours], unchanged)


def _build_reprint_citation(citation: Citation, article: Article) -> Citation:
    """Return a citation of the reprint `article`, made from a citation of the earlier article. It
    quotes the same words or, if the reprint does not contain them, the title of the reprint.
    """
    words = _find_quote(citation.quote, article) or (None, None, article.title)
    return build_located_citation(
        type(citation), article, words, bearing=citation.bearing, field=citation.field
    )


def _find_quote(quote: str, article: Article) -> tuple[int, int, str] | None:
    """Return start, end and words of a quote in an article, None if it is not there."""
    # A quote such as "12" would be read as the number of a sentence.
    if not SENTENCE_RANGE_PATTERN.fullmatch(quote.strip()):
        try:
            passage = locate_quote(article.text, article.sentences, quote)
        except QuoteError:
            return None
        return passage.start, passage.end, passage.quote
    start = article.text.find(quote)
    return (start, start + len(quote), quote) if start >= 0 else None


def _has_citation(citations: list[Any], new: Citation) -> bool:
    """Return whether one of the citations has the same article, quote, start, field and bearing as
    the citation `new`.
    """
    return any(
        (one.article, one.quote, one.start, one.field, one.bearing)
        == (new.article, new.quote, new.start, new.field, new.bearing)
        for one in citations
    )


def _restricted_records_message(records: list[Any]) -> str:
    """Return the message that more people see these records than the article to be cited."""
    names = ", ".join(record.heading for record in records)
    return str(
        _(
            "More people see %(names)s than this article: share the article with all users first.",
            names=names,
        )
    )
