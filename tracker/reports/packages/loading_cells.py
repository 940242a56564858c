"""What a cell of a package stands for, as its column is declared; pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from tracker.articles.addresses import AddressError, canonical
from tracker.articles.rules import text_digest
from tracker.i18n import _
from tracker.people.matching import keys, sort_key
from tracker.records import ALPHABET, REF_LETTERS
from tracker.reports.tables import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from tracker.reports.tables import Column

NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LETTERS = re.compile(f"[{ALPHABET}]{{{REF_LETTERS}}}")
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
TELEPHONE = "tel:+"


NAMED = {"outlets", "journalists", "institutions", "names"}


class CellError(ValueError):
    """A cell cannot be what it says; in words."""


def value_of(column: Column, codes: type[StrEnum] | None, cell: str) -> Any:  # noqa: ANN401 (any value)
    """Return the value that a cell writes, which is not empty; raise CellError."""
    if codes is not None:
        if cell not in set(codes):
            words = _("“%(value)s” is none of the codes %(codes)s.")
            raise CellError(words % {"value": cell[:60], "codes": ", ".join(codes)})
        return codes(cell)
    try:
        return _read(column.kind, cell)
    except ValueError as error:
        words = _("“%(value)s” is not what the column holds.", value=cell[:60])
        raise CellError(words) from error


def is_ref(text: str, prefix: str) -> bool:
    """Say whether this may be the ref of a record of a kind."""
    return text.startswith(f"{prefix}-") and bool(LETTERS.fullmatch(text[len(prefix) + 1 :]))


def number_of(cell: str) -> int:
    """Return a count; raise ValueError."""
    if not NUMBER.fullmatch(cell):
        raise ValueError(cell)
    return int(cell)


def handle_of(cell: str) -> str:
    """Return a number as it is stored, without the `tel:` by which it leaves."""
    return cell.removeprefix("tel:") if cell.startswith(TELEPHONE) else cell


def derived(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a row that are made of its others, and so in no package. Raises
    CellError for a name that could not be found again.
    """
    if table in NAMED and not keys(values["name"])[0]:
        raise CellError(_("A name has at least one letter or digit."))
    if table in {"outlets", "journalists", "institutions"}:
        return {"sort_key": sort_key(values["name"])}
    if table == "names":
        plain, loose = keys(values["name"])
        return {"matching_key": plain, "loose_key": loose}
    if table == "articles":
        return {
            "canonical_url": _canonical(values["url"]), "text_digest": text_digest(values["text"])
        }  # fmt: skip
    return {}


def _read(kind: Kind, cell: str) -> Any:  # noqa: ANN401 (any value)
    if kind is Kind.NUMBER:
        return number_of(cell)
    if kind is Kind.DAY:
        if not DAY.fullmatch(cell):
            raise ValueError(cell)
        return date.fromisoformat(cell)
    if kind is Kind.MOMENT:
        return datetime.strptime(cell, MOMENT).replace(tzinfo=UTC)
    if "\0" in cell:
        raise ValueError(cell)
    return cell


def _canonical(url: str) -> str | None:
    try:
        return canonical(url) if url else None
    except AddressError:
        return None
