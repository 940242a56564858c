"""Plain fields of records, each declared once on its model: a text, or a code of a closed set.

The declaration gives the column its type, and says how the field is labelled, in which section of
the form and page it appears, and in which exported files. `SectionForm` has an input for it, the
macro `section_facts` shows it, the history names it, merging fills it, and exported tables have a
column for it. Whatever is not plain is written by hand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any, NotRequired, TypedDict, Unpack

from sqlalchemy import String, Text
from sqlalchemy.orm import MappedColumn, mapped_column

from tracker.db import Base, text_enum
from tracker.i18n import current_language
from tracker.vocabulary.labels import get_label

# A longer text gets an input of several lines.
LONGEST_LINE = 300  # characters
INFO = "field"


class Export(StrEnum):
    """Who receives a field in a file: nobody, users of this installation, or partners too."""

    NEVER = "never"
    INTERNAL = "internal"
    PARTNERS = "partners"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A plain field; `codes` is None for a text.

    `says` is its line in the data dictionary, `hidden_at` the value that the page does not show,
    `goes_with` the field without which it says nothing.
    """

    name: str = ""
    label: Any
    says: str
    section: str
    export: Export
    codes: type[StrEnum] | None = None
    default: Any = ""
    most: int = 0
    hint: Any = ""
    hidden_at: Any = ""
    goes_with: str = ""


class FieldInfo(TypedDict):
    """What every declaration says of its field; see `Field`."""

    label: Any
    says: str
    section: str
    export: Export
    hint: NotRequired[Any]
    hidden_at: NotRequired[Any]
    goes_with: NotRequired[str]


def code_field(
    codes: type[StrEnum],
    *,
    default: StrEnum | None = None,
    classed: dict[str, Any],
    index: bool | None = None,
    set_name: str | None = None,
    **said: Unpack[FieldInfo],
) -> MappedColumn[Any]:
    """Declare a column that holds a code of a closed set.

    It is required if there is no default. `set_name` is needed if a table has several columns of
    the same set.
    """
    info = classed | {INFO: Field(codes=codes, default=default, **said)}
    return mapped_column(text_enum(codes, name=set_name), default=default, index=index, info=info)


def text_field(
    *,
    most: int,
    classed: dict[str, Any],
    server_default: str | None = None,
    **said: Unpack[FieldInfo],
) -> MappedColumn[Any]:
    """Declare a text column, empty if the value is unknown."""
    kind = String(most) if most <= LONGEST_LINE else Text
    info = classed | {INFO: Field(most=most, **said)}
    return mapped_column(kind, default="", server_default=server_default, info=info)


def fields_of(model: type[Any], section: str = "") -> tuple[Field, ...]:
    """Return the declared fields of a model in their order: all, or those of one section."""
    return tuple(one for one in _declared(model.__table__) if section in {"", one.section})


@cache
def _declared(table: Any) -> tuple[Field, ...]:  # noqa: ANN401 (mypy takes no type for hashable)
    return tuple(
        replace(column.info[INFO], name=column.name)
        for column in table.columns
        if INFO in column.info
    )


def set_fields(record: Any, values: dict[str, Any], *, section: str) -> None:  # noqa: ANN401 (any Record)
    """Set the given declared fields of a section; the others are unchanged."""
    names = {one.name for one in fields_of(type(record), section)}
    if unknown := values.keys() - names:
        raise TypeError(f"no fields of {section}: {', '.join(sorted(unknown))}")
    for name, value in values.items():
        setattr(record, name, value)


def fill_missing(record: Any, other: Any) -> None:  # noqa: ANN401 (two Records of one model)
    """Fill each declared field that is unknown with the value of the other record."""
    fields = fields_of(type(record))
    missing = {one.name for one in fields if getattr(record, one.name) == one.default}
    for field in fields:
        if field.name in missing and field.goes_with in missing | {""}:
            setattr(record, field.name, getattr(other, field.name))


def facts_of(record: Any, section: str, *, only_known: bool = False) -> list[tuple[str, str]]:  # noqa: ANN401 (any Record)
    """Return label and value, in the viewer's language, of each field of a section.

    `only_known`: only of fields that were set.
    """
    found = [(one, getattr(record, one.name)) for one in fields_of(type(record), section)]
    return [
        (str(one.label), code_label(value) if one.codes else value)
        for one, value in found
        if value != (one.default if only_known else one.hidden_at)
    ]


def code_label(code: StrEnum | None) -> str:
    """Return the label of a code in the viewer's language, "" for none."""
    return get_label(code, current_language()) if code is not None else ""


def term_label(term: Any) -> str:  # noqa: ANN401 (a Term, or None)
    """Return the label of a term in the viewer's language, "" for none."""
    return term.label_in(current_language()) if term is not None else ""


def label_of(name: str) -> str:
    """Return the lower-case label of a declared field of any model, "" if there is none."""
    found = str(_labels().get(name, ""))
    return found[:1].lower() + found[1:]


@cache
def _labels() -> dict[str, Any]:
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    return {one.name: one.info[INFO].label for one in columns if INFO in one.info}
