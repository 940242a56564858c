"""Search records of every kind by their words, and highlight these words in their texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import undefer

from tracker.articles.models import Article
from tracker.articles.queries import ArticleFilter, articles_matching
from tracker.articles.rules import shorten_masks
from tracker.cases.models import Case
from tracker.cases.queries import CaseFilter, cases_matching
from tracker.db import db
from tracker.fake_accounts.filters import AccountFilter
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.queries import accounts_matching
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident
from tracker.incidents.queries import incidents_matching
from tracker.kit.filters import ListFilter, text_filter
from tracker.people.matching import name_keys
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.queries import (
    InstitutionFilter,
    JournalistOrOutletFilter,
    institutions_matching,
    journalists_matching,
    outlets_matching,
    search_spellings,
)
from tracker.records import Record
from tracker.responses.appeal_queries import appeals_matching
from tracker.responses.filters import AppealFilter, ProceedingFilter, ResponseFilter
from tracker.responses.models import Appeal, OfficialResponse, Proceeding
from tracker.responses.proceeding_queries import proceedings_matching
from tracker.responses.queries import responses_matching
from tracker.search.index import (
    WORD_PATTERN,
    latest_matching_ids,
    normalized_words,
    query_words,
    select_with_search_text,
)

# Records shown of each kind, and passages shown of each record.
MAX_HITS_PER_KIND, MAX_PASSAGES_PER_HIT = 5, 2
# The records found of one kind are counted exactly up to this number, as in lists.
MAX_COUNTED_HITS = 1_000
# A searched word with fewer letters is found only as a whole word, not as the beginning of one.
MIN_PREFIX_LENGTH = 3
# Letters shown before and after the word that was found.
LETTERS_BEFORE_HIT, LETTERS_AFTER_HIT = 60, 140
# In longer texts the passage to show is found only by the words as typed, not by other spellings.
MAX_TEXT_LENGTH_FOR_OTHER_SPELLINGS = 2_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilter(ListFilter):
    """The filter of the search page: the words to search for."""

    q: str = text_filter()


@dataclass(frozen=True, slots=True)
class SearchedKind:
    """A kind of record that is searched: its model, and the filter class of its list.
    `select_matching`: returns the select of the records that match a filter.
    """

    model: type[Any]
    filter_class: type[Any]
    select_matching: Callable[[Any], Select[Any]]


# The kinds of records that are searched, in the order of the page.
SEARCHED_KINDS = (
    SearchedKind(Incident, IncidentFilter, incidents_matching),
    SearchedKind(Case, CaseFilter, cases_matching),
    SearchedKind(Journalist, JournalistOrOutletFilter, journalists_matching),
    SearchedKind(Outlet, JournalistOrOutletFilter, outlets_matching),
    SearchedKind(Institution, InstitutionFilter, institutions_matching),
    SearchedKind(Article, ArticleFilter, articles_matching),
    SearchedKind(FakeAccount, AccountFilter, accounts_matching),
    SearchedKind(OfficialResponse, ResponseFilter, responses_matching),
    SearchedKind(Appeal, AppealFilter, appeals_matching),
    SearchedKind(Proceeding, ProceedingFilter, proceedings_matching),
)


class TextPiece(NamedTuple):
    """A part of a text; `is_hit`: it is a searched word."""

    text: str
    is_hit: bool


class SearchHighlighter:
    """A highlighter of words in texts; `q`: the search with these words, as the user typed it."""

    def __init__(self, q: str) -> None:
        self._words = query_words(q)
        self._keys = {key for way in search_spellings(q)[1:] for key in way.split()}
        # The index reads ё as е.
        longest_first = sorted(self._words, key=len, reverse=True)
        self._places = [
            re.compile(rf"(?<![^\W_]){re.escape(word).replace('е', '[её]')}", re.IGNORECASE)
            for word in longest_first
            if len(word) >= MIN_PREFIX_LENGTH
        ]

    def highlight(self, text: str) -> list[TextPiece]:
        """Return the text in pieces, with each searched word as a separate piece."""
        pieces, end = [], 0
        for word in WORD_PATTERN.finditer(text):
            if self._is_searched_word(word[0]):
                pieces += [
                    TextPiece(text[end : word.start()], is_hit=False),
                    TextPiece(word[0], is_hit=True),
                ]
                end = word.end()
        return [one for one in [*pieces, TextPiece(text[end:], is_hit=False)] if one.text]

    def highlighted_passage(self, text: str) -> list[TextPiece]:
        """Return a passage of a text in pieces, [] if the text has no searched word. The passage is
        around the longest searched word that the text has as typed, else around the first word
        that it has in another spelling.
        """
        # The width of a mask must not reveal the length of the masked words.
        text = shorten_masks(text)
        place = self._best_match_offset(text)
        if place is None:
            return []
        start, end = place - LETTERS_BEFORE_HIT, place + LETTERS_AFTER_HIT
        start = text.find(" ", start, place) + 1 or place if start > 0 else 0
        end = max(text.rfind(" ", place, end), place) if end < len(text) else len(text)
        if end == place:
            end = min(place + LETTERS_AFTER_HIT, len(text))
        shown = " ".join(text[start:end].split())
        opening, closing = "… " if start else "", " …" if end < len(text) else ""
        return self.highlight(f"{opening}{shown}{closing}")

    def _best_match_offset(self, text: str) -> int | None:
        """Return the offset of the longest searched word that is in the text as typed, else of the
        first one in another spelling; None if the text has none.
        """
        for pattern in self._places:
            if found := pattern.search(text):
                return found.start()
        if len(text) > MAX_TEXT_LENGTH_FOR_OTHER_SPELLINGS:
            return None
        return next(
            (one.start() for one in WORD_PATTERN.finditer(text) if self._is_searched_word(one[0])),
            None,
        )

    def _is_searched_word(self, word: str) -> bool:
        """Return whether the search finds a word of a text, in this spelling or another script."""
        forms = normalized_words(word)
        return any(
            _is_word_beginning(form, asked) for form in forms for asked in self._words
        ) or any(_is_word_beginning(key, asked) for key in name_keys(word) for asked in self._keys)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A record that was found: its heading and passages with searched words, in pieces."""

    record: Any
    heading: list[TextPiece]
    passages: list[list[TextPiece]]


@dataclass(frozen=True, slots=True)
class HitGroup:
    """The records found of one kind; `hits`: the first `MAX_HITS_PER_KIND`. `endpoint`: the
    blueprint of their pages; `hit_count`: how many were found, 1,001 if there are more than 1,000.
    """

    endpoint: str
    hit_count: int
    hits: list[SearchHit]


def search(q: str) -> list[HitGroup]:
    """Return a group for each kind of record, if any record of the kind has all words of a search.
    The records whose texts were indexed last come first in each group.
    """
    ways, highlighter, groups = search_spellings(q), SearchHighlighter(q), []
    for kind in SEARCHED_KINDS:
        rows = kind.select_matching(kind.filter_class())
        ids = latest_matching_ids(kind.model, ways, candidates=rows, limit=MAX_COUNTED_HITS + 1)
        if ids:
            found = [
                _build_hit(one, highlighter)
                for one in _load_records(kind.model, ids[:MAX_HITS_PER_KIND])
            ]
            groups.append(HitGroup(kind.model.ENDPOINT, len(ids), found))
    return groups


def find_record_by_ref(ref: str) -> Record | None:
    """Return the record with this ref, whatever its kind; None if the viewer may see none."""
    model = next(
        (one.model for one in SEARCHED_KINDS if ref.startswith(f"{one.model.PREFIX}-")), None
    )
    found: Record | None = (
        None if model is None else db.session.scalars(select(model).where(model.ref == ref)).first()
    )
    return found


def _load_records(model: type[Any], ids: list[int]) -> list[Any]:
    """Return the records with these ids, in this order, with all texts by which they are found."""
    rows = select_with_search_text(model).where(model.id.in_(ids))
    if model is Article:
        rows = rows.options(undefer(Article.text))
    return sorted(db.session.scalars(rows).unique(), key=lambda one: ids.index(one.id))


def _build_hit(record: Any, highlighter: SearchHighlighter) -> SearchHit:  # noqa: ANN401 (a Searchable)
    """Return a found record with its highlighted heading and passages."""
    title = record.heading
    heading, passages = highlighter.highlight(title), list[list[TextPiece]]()
    # A name in the heading is not repeated in other scripts.
    has_name = any(piece.is_hit for piece in heading)
    for text in _readable_texts(record, with_names=not has_name):
        if len(passages) == MAX_PASSAGES_PER_HIT:
            break
        passage = highlighter.highlighted_passage(text) if text not in title else []
        if passage and passage not in passages:
            passages.append(passage)
    return SearchHit(record, heading, passages)


def _readable_texts(record: Any, *, with_names: bool) -> Iterator[str]:  # noqa: ANN401 (a Searchable)
    """Yield the texts by which a record is found, line by line, as the viewer may read them.
    `with_names`: also the names of the journalists, outlets and institutions in these texts.

    Names are without the keys under which they are indexed, and quotes that the page of the record
    shows only on a click are left out.
    """
    folded = [one.quote for one in record.citations] if record.content_warning() else []
    names = {
        one.search_text(): ", ".join(row.name for row in one.names)
        if with_names or one is record
        else ""
        for one in _named_parties(record)
    }
    for line in record.search_text().split("\n"):
        if not any(line in quote for quote in folded):
            yield names.get(line, line)


def _named_parties(record: Any) -> Iterator[Any]:  # noqa: ANN401 (a Searchable)
    """Yield the journalists, outlets and institutions whose names are in a record's texts."""
    for path in record.SEARCH_TEXT_PATHS.split():
        *way, last = path.removeprefix("+").split(".")
        rows = [record] if last == "names" else []
        for name in way:
            nexts = [getattr(row, name) for row in rows]
            rows = [
                one for found in nexts for one in (found if isinstance(found, list) else [found])
            ]
            rows = [one for one in rows if one is not None]
        yield from rows


def _is_word_beginning(word: str, query_word: str) -> bool:
    """Return whether a word is a query word or, unless that is too short, begins with it."""
    return word == query_word or (
        len(query_word) >= MIN_PREFIX_LENGTH and word.startswith(query_word)
    )
