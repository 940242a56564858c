"""Find terms by set and code, and build choices of terms for forms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import func, select

from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _, alphabet_sort_key, country_name, current_language
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.models import Term


def list_active_terms(term_set: TermSet) -> list[Term]:
    """Return the terms of a set that are not retired, sorted by rank."""
    return [term for term in list_all_terms(term_set) if term.retired_at is None]


def list_all_terms(term_set: TermSet) -> list[Term]:
    """Return all terms of a set, including retired ones, sorted by rank."""
    rows = select(Term).where(Term.term_set == term_set).order_by(Term.rank, Term.code)
    return list(db.session.scalars(rows))


def terms_by_set() -> dict[TermSet, list[Term]]:
    """Return all terms, including retired ones, by their set; each set is sorted by rank."""
    found: dict[TermSet, list[Term]] = {}
    for term in db.session.scalars(select(Term).order_by(Term.term_set, Term.rank, Term.code)):
        found.setdefault(term.term_set, []).append(term)
    return found


def term_choices(
    term_set: TermSet, language: str, *, terms_to_keep: Iterable[Term] = ()
) -> list[tuple[str, str]]:
    """Return the code and label of each term that is not retired, sorted by rank. `terms_to_keep`:
    terms that a record already has; they are included even if retired, so that editing the record
    does not remove them.
    """
    return [
        (code, words) for code, _country, words in _iter_choices(term_set, language, terms_to_keep)
    ]


def region_choices(*, terms_to_keep: Iterable[Term] = ()) -> list[tuple[str, dict[str, str]]]:
    """Return the labels of regions by code, grouped by the name of their country. Countries and
    regions are sorted alphabetically. `terms_to_keep`: regions that a record already has; they are
    included even if retired.
    """
    found: dict[str, dict[str, str]] = {}
    choices = _iter_choices(TermSet.REGION, current_language(), terms_to_keep)
    for code, country, words in sorted(choices, key=lambda one: alphabet_sort_key(one[2])):
        found.setdefault(country_name(country) if country else "\N{EM DASH}", {})[code] = words
    return sorted(found.items(), key=lambda one: alphabet_sort_key(one[0]))


def _iter_choices(
    term_set: TermSet, language: str, terms_to_keep: Iterable[Term]
) -> Iterator[tuple[str, str | None, str]]:
    """Yield the code, country and label of each term that is not retired, then of each retired term
    in `terms_to_keep`.
    """
    labels = {"ru": Term.label_ru, "kk": Term.label_kk}
    label = func.coalesce(func.nullif(labels.get(language, Term.label_en), ""), Term.label_en)
    rows = (
        select(Term.code, Term.country, label)
        .where(Term.term_set == term_set, Term.retired_at.is_(None))
        .order_by(Term.rank, Term.code)
    )
    yield from db.session.execute(rows)
    for term in terms_to_keep:
        if term.retired_at is not None:
            yield term.code, term.country, term.label_in(language)


def regions_by_country() -> dict[str, list[Term]]:
    """Return the regions that are not retired by country code, "" for regions without a country."""
    found: dict[str, list[Term]] = {}
    for term in list_active_terms(TermSet.REGION):
        found.setdefault(term.country or "", []).append(term)
    return found


def terms_with_codes(
    term_set: TermSet, codes: Sequence[str], *, field: str = "terms"
) -> list[Term]:
    """Return the terms with these codes, also retired ones, in the order of the codes.
    Duplicates are left out. Raise InvalidInput at `field` for a code that the set does not have.
    """
    wanted = list(dict.fromkeys(codes))
    rows = select(Term).where(Term.term_set == term_set, Term.code.in_(wanted))
    found = {term.code: term for term in db.session.scalars(rows)}
    for code in wanted:
        if code not in found:
            raise InvalidInput(**{field: _("Unknown value: %(value)s", value=code[:40])})
    return [found[code] for code in wanted]


def find_term(term_set: TermSet, code: str) -> Term | None:
    """Return the term of a set with this code, retired or not, None if there is none."""
    rows = select(Term).where(Term.term_set == term_set, Term.code == code)
    return db.session.scalars(rows).first()
