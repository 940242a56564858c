"""What every code in a package means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from tracker.reports.packages.tidy_queries import plain
from tracker.reports.tables import CHANGES, TABLES
from tracker.vocabulary.labels import LABEL_LANGUAGES, definition, label
from tracker.vocabulary.models import Term
from tracker.vocabulary.rules import typed_crosswalk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import StrEnum

    from sqlalchemy.orm import Session


def closed_sets() -> dict[str, type[StrEnum]]:
    """Return the closed sets of all tables by the names under which they leave."""
    sets = {one.codes for table in (*TABLES, CHANGES) for one in table.columns if one.codes}
    return {
        re.sub(r"(?<!^)(?=[A-Z])", "_", one.__name__).lower(): one
        for one in sorted(sets, key=lambda one: one.__name__)
    }


def code_rows(session: Session) -> Iterator[list[str]]:
    """Yield set, code, labels and definition: of the closed sets, and of those editors own."""
    for name, codes in closed_sets().items():
        for code in codes:
            labels = [label(code, language) for language in LABEL_LANGUAGES]
            yield [name, code.value, *labels, definition(code), *[""] * 4]
    for term in session.scalars(select(Term).order_by(Term.term_set, Term.code)):
        labels = [term.label_en, term.label_ru, term.label_kk]
        place = [str(term.rank), term.country or "", typed_crosswalk(term.crosswalk)]
        yield [term.term_set, term.code, *labels, term.definition, *place, plain(term.retired_at)]
