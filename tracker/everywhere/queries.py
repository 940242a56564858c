"""Find records of every kind by their words, each kind within what its own list shows, and mark the
words in their texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import undefer

from tracker.articles.filters import ArticleFilter
from tracker.articles.models import Article
from tracker.articles.queries import articles_matching
from tracker.articles.rules import collapse_mask_width
from tracker.cases.filters import CaseFilter
from tracker.cases.models import Case
from tracker.cases.queries import cases_matching
from tracker.db import db
from tracker.fake_accounts.filters import AccountFilter
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.queries import accounts_matching
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident
from tracker.incidents.queries import incidents_matching
from tracker.kit.filters import ListFilter, free_text
from tracker.people.filters import InstitutionFilter, PeopleFilter
from tracker.people.matching import name_keys
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.queries import (
    institutions_matching,
    journalists_matching,
    outlets_matching,
    ways_to_spell,
)
from tracker.records import Record
from tracker.responses.appeal_queries import appeals_matching
from tracker.responses.filters import AppealFilter, ProceedingFilter, ResponseFilter
from tracker.responses.models import Appeal, OfficialResponse, Proceeding
from tracker.responses.proceeding_queries import proceedings_matching
from tracker.responses.queries import responses_matching
from tracker.search.queries import (
    WORD_PATTERN,
    latest_matching,
    normal_words,
    query_words,
    select_with_words,
)

# Of each kind so many are shown, with so many passages each.
MOST_SHOWN, MOST_PASSAGES = 5, 2
# Counted exactly up to this number, as in lists.
MOST_COUNTED = 1_000
# Shorter words are marked only where they stand alone: every other word begins with "a".
SHORTEST_BEGINNING = 3
# Letters shown before and after the word that was found.
LETTERS_BEFORE, LETTERS_AFTER = 60, 140
# In longer texts only words in the script of the search are looked for.
MOST_COMPARED = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilter(ListFilter):
    """The words of a search everywhere."""

    q: str = free_text()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record that is searched, with the filter and the select of its list."""

    model: type[Any]
    filter: type[Any]
    matching: Callable[[Any], Select[Any]]


SEARCHED_KINDS = (
    Kind(Incident, IncidentFilter, incidents_matching),
    Kind(Case, CaseFilter, cases_matching),
    Kind(Journalist, PeopleFilter, journalists_matching),
    Kind(Outlet, PeopleFilter, outlets_matching),
    Kind(Institution, InstitutionFilter, institutions_matching),
    Kind(Article, ArticleFilter, articles_matching),
    Kind(FakeAccount, AccountFilter, accounts_matching),
    Kind(OfficialResponse, ResponseFilter, responses_matching),
    Kind(Appeal, AppealFilter, appeals_matching),
    Kind(Proceeding, ProceedingFilter, proceedings_matching),
)


class Piece(NamedTuple):
    """A part of a text, and whether it is a word that was searched for."""

    text: str
    is_hit: bool


class Hits:
    """The words of a search, by which texts are marked."""

    def __init__(self, q: str) -> None:
        self._words = query_words(q)
        self._keys = {key for way in ways_to_spell(q)[1:] for key in way.split()}
        # The index reads ё as е.
        longest_first = sorted(self._words, key=len, reverse=True)
        self._places = [
            re.compile(rf"(?<![^\W_]){re.escape(word).replace('е', '[её]')}", re.IGNORECASE)
            for word in longest_first
            if len(word) >= SHORTEST_BEGINNING
        ]

    def marked(self, text: str) -> list[Piece]:
        """Return the text in pieces, each word that was searched for one of its own."""
        pieces, end = [], 0
        for word in WORD_PATTERN.finditer(text):
            if self._is_hit(word[0]):
                pieces += [
                    Piece(text[end : word.start()], is_hit=False),
                    Piece(word[0], is_hit=True),
                ]
                end = word.end()
        return [one for one in [*pieces, Piece(text[end:], is_hit=False)] if one.text]

    def passage(self, text: str) -> list[Piece]:
        """Return the words around the first that was searched for, in pieces; none without one."""
        # The width of a mask must not say how long the masked words are.
        text = collapse_mask_width(text)
        place = self._first_place(text)
        if place is None:
            return []
        start, end = place - LETTERS_BEFORE, place + LETTERS_AFTER
        start = text.find(" ", start, place) + 1 or place if start > 0 else 0
        end = max(text.rfind(" ", place, end), place) if end < len(text) else len(text)
        if end == place:
            end = min(place + LETTERS_AFTER, len(text))
        shown = " ".join(text[start:end].split())
        opening, closing = "… " if start else "", " …" if end < len(text) else ""
        return self.marked(f"{opening}{shown}{closing}")

    def _first_place(self, text: str) -> int | None:
        """Return where the longest word of the search stands first, or any other of its words."""
        for pattern in self._places:
            if found := pattern.search(text):
                return found.start()
        if len(text) > MOST_COMPARED:
            return None
        return next(
            (one.start() for one in WORD_PATTERN.finditer(text) if self._is_hit(one[0])), None
        )

    def _is_hit(self, word: str) -> bool:
        forms = normal_words(word)
        return any(_begins(form, asked) for form in forms for asked in self._words) or any(
            _begins(key, asked) for key in name_keys(word) for asked in self._keys
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found: its heading in pieces, and passages with the words asked for."""

    record: Any
    heading: list[Piece]
    passages: list[list[Piece]]


@dataclass(frozen=True, slots=True)
class Group:
    """The records found of one kind; `number` is 1,001 if there are more than 1,000."""

    endpoint: str
    number: int
    hits: list[Hit]


def search(q: str) -> list[Group]:
    """Return what has all these words, by kind, the last indexed of each."""
    ways, hits, groups = ways_to_spell(q), Hits(q), []
    for kind in SEARCHED_KINDS:
        rows = kind.matching(kind.filter())
        ids = latest_matching(kind.model, ways, within=rows, most=MOST_COUNTED + 1)
        if ids:
            found = [_hit(one, hits) for one in _load(kind.model, ids[:MOST_SHOWN])]
            groups.append(Group(kind.model.ENDPOINT, len(ids), found))
    return groups


def record_with_ref(ref: str) -> Record | None:
    """Return the record with this ref that the viewer may see, whatever its kind."""
    model = next(
        (one.model for one in SEARCHED_KINDS if ref.startswith(f"{one.model.PREFIX}-")), None
    )
    found: Record | None = (
        None if model is None else db.session.scalars(select(model).where(model.ref == ref)).first()
    )
    return found


def _load(model: type[Any], ids: list[int]) -> list[Any]:
    """Return the records with these ids, in this order, with all texts by which they are found."""
    rows = select_with_words(model).where(model.id.in_(ids))
    if model is Article:
        rows = rows.options(undefer(Article.text))
    return sorted(db.session.scalars(rows).unique(), key=lambda one: ids.index(one.id))


def _hit(record: Any, hits: Hits) -> Hit:  # noqa: ANN401 (a Searchable)
    title = record.heading()
    heading, passages = hits.marked(title), list[list[Piece]]()
    # A name that the heading has is not said again in every script.
    has_name = any(piece.is_hit for piece in heading)
    for text in _texts_of(record, with_names=not has_name):
        if len(passages) == MOST_PASSAGES:
            break
        passage = hits.passage(text) if text not in title else []
        if passage and passage not in passages:
            passages.append(passage)
    return Hit(record, heading, passages)


def _texts_of(record: Any, *, with_names: bool) -> Iterator[str]:  # noqa: ANN401 (a Searchable)
    """Yield the texts by which a record is found, line by line, as the viewer may read them.

    Without the keys of names; and without the quotes that its page shows only on a click.
    """
    folded = [one.quote for one in record.citations] if record.content_warning() else []
    names = {
        one.search_text(): ", ".join(row.name for row in one.names)
        if with_names or one is record
        else ""
        for one in _named(record)
    }
    for line in record.search_text().split("\n"):
        if not any(line in quote for quote in folded):
            yield names.get(line, line)


def _named(record: Any) -> Iterator[Any]:  # noqa: ANN401 (a Searchable)
    """Yield the journalists, outlets and institutions whose names are among its texts."""
    for path in record.WORDS_FROM.split():
        *way, last = path.removeprefix("+").split(".")
        rows = [record] if last == "names" else []
        for name in way:
            nexts = [getattr(row, name) for row in rows]
            rows = [
                one for found in nexts for one in (found if isinstance(found, list) else [found])
            ]
            rows = [one for one in rows if one is not None]
        yield from rows


def _begins(word: str, query_word: str) -> bool:
    return word == query_word or (
        len(query_word) >= SHORTEST_BEGINNING and word.startswith(query_word)
    )
