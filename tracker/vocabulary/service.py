"""Load the shipped terms; add, edit and retire terms, which are never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tracker import clock
from tracker.audit.service import audited_change, record_event
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.permissions import Actor
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import (
    ShippedTerm,
    is_valid_code,
    load_shipped_terms,
    parse_crosswalk,
)
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import find_term, terms_by_set


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """The numbers of terms that a load added and changed."""

    added: int
    changed: int


def load_vocabulary(by: Actor) -> LoadCounts:
    """Load the shipped terms into the database, for the first time or again.

    New codes are added; labels, definition, rank, country and crosswalk of known ones are updated.
    Nothing is deleted, and retired terms stay retired. One log entry covers the whole load.
    """
    known = {
        (term.term_set, term.code): term for terms in terms_by_set().values() for term in terms
    }
    added: list[str] = []
    changed: dict[str, Any] = {}
    for term_set in TermSet:
        for row in load_shipped_terms(term_set):
            term = known.get((term_set, row.code))
            if term is None:
                term = Term(term_set=term_set, code=row.code, **_term_values(row))
                db.session.add(term)
                added.append(term.name)
            elif differences := _update_term(term, row):
                changed[term.name] = differences
    db.session.flush()
    if added or changed:
        changes: dict[str, Any] = dict(changed)
        if added:
            changes["terms"] = [[], added]
        record_event("vocabulary:load", "vocabulary", by=by, changes=changes)
    return LoadCounts(len(added), len(changed))


def add_term(
    term_set: TermSet,
    code: str,
    *,
    rank: int,
    label_en: str,
    label_ru: str,
    label_kk: str,
    definition: str = "",
    country: str | None = None,
    crosswalk: str = "",
    by: Actor,
) -> Term:
    """Add a term and return it; its code is permanent, since exports and partners use it.
    `crosswalk`: the ids of the term in external lists, one per line as `jfj = N`. Raise
    InvalidInput for an invalid code, a code in use, or an invalid `crosswalk`.
    """
    if not is_valid_code(code):
        raise InvalidInput(code=_("A code has letters, digits, dots, dashes; like threat.death."))
    if find_term(term_set, code) is not None:
        raise InvalidInput(code=_("There is a term with this code; a retired one can be restored."))
    term = Term(
        term_set=term_set,
        code=code,
        rank=rank,
        label_en=label_en,
        label_ru=label_ru,
        label_kk=label_kk,
        definition=definition,
        country=country,
        crosswalk=_parse_crosswalk_field(crosswalk),
    )
    with audited_change(term, "term:create", by=by):
        pass
    return term


def edit_term(
    term: Term,
    *,
    rank: int,
    label_en: str,
    label_ru: str,
    label_kk: str,
    definition: str,
    country: str | None,
    crosswalk: str,
    by: Actor,
) -> None:
    """Edit the labels, definition and other details of a term; its code is permanent. `crosswalk`:
    the ids of the term in external lists, one per line as `jfj = N`. Raise InvalidInput for an
    invalid `crosswalk`.
    """
    places = _parse_crosswalk_field(crosswalk)
    with audited_change(term, "term:edit", by=by):
        term.rank = rank
        term.label_en, term.label_ru, term.label_kk = label_en, label_ru, label_kk
        term.definition, term.country, term.crosswalk = definition, country, places


def retire_term(term: Term, *, by: Actor) -> None:
    """Retire a term: records keep it, but it can no longer be chosen."""
    with audited_change(term, "term:retire", by=by):
        term.retired_at = term.retired_at or clock.utc_now()


def restore_term(term: Term, *, by: Actor) -> None:
    """Restore a retired term, so that it can be chosen again."""
    with audited_change(term, "term:restore", by=by):
        term.retired_at = None


def _term_values(row: ShippedTerm) -> dict[str, Any]:
    """Return the values of a shipped term by the column names of `Term`, without set and code."""
    return {
        "rank": row.rank,
        "label_en": row.labels["en"],
        "label_ru": row.labels["ru"],
        "label_kk": row.labels["kk"],
        "definition": row.definitions.get("en", ""),
        "country": row.country,
        "crosswalk": row.crosswalk,
    }


def _update_term(term: Term, row: ShippedTerm) -> dict[str, Any]:
    """Set a term to its shipped values. Return the changes: for each changed field a list of the
    value before and the value after.
    """
    differences = {
        field: [getattr(term, field), value]
        for field, value in _term_values(row).items()
        if getattr(term, field) != value
    }
    for field, (_before, value) in differences.items():
        setattr(term, field, value)
    return differences


def _parse_crosswalk_field(text: str) -> dict[str, str]:
    """Return the external ids of a term by list name; raise InvalidInput if a line is invalid."""
    places = parse_crosswalk(text)
    if places is None:
        raise InvalidInput(crosswalk=_("Write one list per line, like: jfj = N"))
    return places
