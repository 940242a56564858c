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

    from sqlalchemy.orm import Session


def code_rows(session: Session) -> Iterator[list[str]]:
    """Yield set, code, labels and definition: of the closed sets, and of those editors own."""
    sets = [one.codes for table in (*TABLES, CHANGES) for one in table.columns if one.codes]
    for codes in sorted(set(sets), key=lambda one: one.__name__):
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", codes.__name__).lower()
        for code in codes:
            labels = [label(code, language) for language in LABEL_LANGUAGES]
            yield [name, code.value, *labels, definition(code), *[""] * 4]
    for term in session.scalars(select(Term).order_by(Term.term_set, Term.code)):
        labels = [term.label_en, term.label_ru, term.label_kk]
        place = [str(term.rank), term.country or "", typed_crosswalk(term.crosswalk)]
        yield [term.term_set, term.code, *labels, term.definition, *place, plain(term.retired_at)]
