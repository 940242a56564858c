"""Find terms: those that may be chosen, and those with given codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import func, select

from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _, alphabetical, country_name, language
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.models import Term


def terms_of(term_set: TermSet) -> list[Term]:
    """Return the terms of a set that may be chosen, by rank, without retired ones."""
    return [term for term in every_term_of(term_set) if term.retired_at is None]


def every_term_of(term_set: TermSet) -> list[Term]:
    """Return all terms of a set by rank, including retired ones."""
    rows = select(Term).where(Term.term_set == term_set).order_by(Term.rank, Term.code)
    return list(db.session.scalars(rows))


def every_term() -> dict[TermSet, list[Term]]:
    """Return all terms of all sets, each set by rank."""
    found: dict[TermSet, list[Term]] = {}
    for term in db.session.scalars(select(Term).order_by(Term.term_set, Term.rank, Term.code)):
        found.setdefault(term.term_set, []).append(term)
    return found


def term_choices(
    term_set: TermSet, language: str, *, keep: Iterable[Term] = ()
) -> list[tuple[str, str]]:
    """Return code and label of the terms that may be chosen, by rank.

    `keep`: terms that a record already has; they are offered even if retired, so that editing the
    record does not drop them.
    """
    return [(code, words) for code, _country, words in _choices(term_set, language, keep)]


def region_choices(*, keep: Iterable[Term] = ()) -> list[tuple[str, dict[str, str]]]:
    """Return the regions that may be chosen by name of their country: labels by code.

    Countries and regions are in the order of the alphabet. `keep`: as for other terms.
    """
    found: dict[str, dict[str, str]] = {}
    choices = _choices(TermSet.REGION, language(), keep)
    for code, country, words in sorted(choices, key=lambda one: alphabetical(one[2])):
        found.setdefault(country_name(country) if country else "\N{EM DASH}", {})[code] = words
    return sorted(found.items(), key=lambda one: alphabetical(one[0]))


def _choices(
    term_set: TermSet, language: str, keep: Iterable[Term]
) -> Iterator[tuple[str, str | None, str]]:
    """Yield code, country and label of the terms that may be chosen, by rank, and of those kept."""
    labels = {"ru": Term.label_ru, "kk": Term.label_kk}
    label = func.coalesce(func.nullif(labels.get(language, Term.label_en), ""), Term.label_en)
    rows = (
        select(Term.code, Term.country, label)
        .where(Term.term_set == term_set, Term.retired_at.is_(None))
        .order_by(Term.rank, Term.code)
    )
    yield from db.session.execute(rows)
    for term in keep:
        if term.retired_at is not None:
            yield term.code, term.country, term.label(language)


def regions_by_country() -> dict[str, list[Term]]:
    """Return the regions that may be chosen, by their country, "" for any."""
    found: dict[str, list[Term]] = {}
    for term in terms_of(TermSet.REGION):
        found.setdefault(term.country or "", []).append(term)
    return found


def terms_by_code(term_set: TermSet, codes: Sequence[str], *, field: str = "terms") -> list[Term]:
    """Return the terms with these codes, in their order, without duplicates, even retired ones.

    Raises InvalidInput at `field` for a code that the set does not have.
    """
    wanted = list(dict.fromkeys(codes))
    rows = select(Term).where(Term.term_set == term_set, Term.code.in_(wanted))
    found = {term.code: term for term in db.session.scalars(rows)}
    for code in wanted:
        if code not in found:
            raise InvalidInput(**{field: _("Unknown value: %(value)s", value=code[:40])})
    return [found[code] for code in wanted]


def term_of(term_set: TermSet, code: str) -> Term | None:
    """Return one term, retired or not."""
    rows = select(Term).where(Term.term_set == term_set, Term.code == code)
    return db.session.scalars(rows).first()
