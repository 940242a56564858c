"""Find records of every kind by their words, each kind within what its own list shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import undefer

from tracker.articles.filters import ArticleFilter
from tracker.articles.models import Article
from tracker.articles.queries import articles_matching
from tracker.cases.filters import CaseFilter
from tracker.cases.models import Case
from tracker.cases.queries import cases_matching
from tracker.db import db
from tracker.everywhere.hits import Hits, Piece
from tracker.fake_accounts.filters import AccountFilter
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.queries import accounts_matching
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident
from tracker.incidents.queries import incidents_matching
from tracker.people.filters import InstitutionFilter, PeopleFilter
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
from tracker.search.queries import latest_matching, select_with_words

# Of each kind so many are shown, with so many passages each.
MOST_SHOWN, MOST_PASSAGES = 5, 2
# Counted exactly up to this number, as in lists.
MOST_COUNTED = 1_000


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
