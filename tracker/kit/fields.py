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
MAX_SINGLE_LINE_LENGTH = 300  # characters
# The key in the `info` of a column under which its `Field` is.
FIELD_INFO_KEY = "field"


class ExportAudience(StrEnum):
    """The readers of a field in exported files: nobody, users of the installation, or partners."""

    NEVER = "never"
    INTERNAL = "internal"
    PARTNERS = "partners"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A declared field of a model, and how it is labelled, shown, edited and exported. Its value is
    a code of the closed set `codes` or, if `codes` is None, a text.
    """

    name: str = ""
    label: Any
    # The description of the field in the data dictionary.
    meaning: str
    # The name of the section of form and page that shows the field.
    section: str
    # The people who may get the field in exported files.
    export_audience: ExportAudience
    codes: type[StrEnum] | None = None
    default: Any = ""
    # The most characters of a text.
    max_length: int = 0
    # The explanation at the input of the field.
    hint: Any = ""
    # If the field has this value, the page of a record leaves the field out.
    omitted_value: Any = ""
    # The name of the field whose value this field explains.
    depends_on: str = ""


class FieldInfo(TypedDict):
    """The keyword arguments that declare a field of any kind, with the names and meanings that they
    have in `Field`.
    """

    label: Any
    meaning: str
    section: str
    export_audience: ExportAudience
    hint: NotRequired[Any]
    omitted_value: NotRequired[Any]
    depends_on: NotRequired[str]


def code_field(
    codes: type[StrEnum],
    *,
    default: StrEnum | None = None,
    classification: dict[str, Any],
    index: bool | None = None,
    constraint_name: str | None = None,
    **declaration: Unpack[FieldInfo],
) -> MappedColumn[Any]:
    """Return a mapped column for a code of a closed set, with its declaration as a `Field`.
    `default`: if it is None, a code is required; `classification`: PUBLIC, INTERNAL or
    CONFIDENTIAL; `constraint_name`: the name of the CHECK constraint, needed if several columns of
    one table have the same `codes`.
    """
    info = classification | {FIELD_INFO_KEY: Field(codes=codes, default=default, **declaration)}
    return mapped_column(
        text_enum(codes, name=constraint_name), default=default, index=index, info=info
    )


def text_field(
    *,
    max_length: int,
    classification: dict[str, Any],
    server_default: str | None = None,
    **declaration: Unpack[FieldInfo],
) -> MappedColumn[Any]:
    """Return a mapped column for a text, "" if unknown, with its declaration as a `Field`.
    `max_length`: the most characters; `classification`: PUBLIC, INTERNAL or CONFIDENTIAL.
    """
    kind = String(max_length) if max_length <= MAX_SINGLE_LINE_LENGTH else Text
    info = classification | {FIELD_INFO_KEY: Field(max_length=max_length, **declaration)}
    return mapped_column(kind, default="", server_default=server_default, info=info)


def declared_fields(model: type[Any], section: str = "") -> tuple[Field, ...]:
    """Return the declared fields of a model, in order: all of them, or those of one section."""
    return tuple(one for one in _table_fields(model.__table__) if section in {"", one.section})


@cache
def _table_fields(table: Any) -> tuple[Field, ...]:  # noqa: ANN401 (mypy takes no type for hashable)
    """Return the declared fields of a table, in order, each named like its column."""
    return tuple(
        replace(column.info[FIELD_INFO_KEY], name=column.name)
        for column in table.columns
        if FIELD_INFO_KEY in column.info
    )


def set_fields(record: Any, values: dict[str, Any], *, section: str) -> None:  # noqa: ANN401 (any Record)
    """Set the given declared fields of a section; raise TypeError for any other name."""
    names = {one.name for one in declared_fields(type(record), section)}
    if unknown := values.keys() - names:
        raise TypeError(f"no fields of {section}: {', '.join(sorted(unknown))}")
    for name, value in values.items():
        setattr(record, name, value)


def fill_unset_fields(record: Any, source: Any) -> None:  # noqa: ANN401 (two Records of one model)
    """Set the declared fields that have their default value in `record` to their values in
    `source`. A field that depends on another field is only set if both have their default values in
    `record`.
    """
    fields = declared_fields(type(record))
    missing = {one.name for one in fields if getattr(record, one.name) == one.default}
    for field in fields:
        if field.name in missing and field.depends_on in missing | {""}:
            setattr(record, field.name, getattr(source, field.name))


def labelled_values(
    record: Any,  # noqa: ANN401 (any Record)
    section: str,
    *,
    without_defaults: bool = False,
) -> list[tuple[str, str]]:
    """Return the label and the value of each field of a section, in the viewer's language. Fields
    whose value is their `omitted_value` are left out; with `without_defaults`, fields whose value
    is their default are left out instead.
    """
    found = [(one, getattr(record, one.name)) for one in declared_fields(type(record), section)]
    return [
        (str(one.label), code_label(value) if one.codes else value)
        for one, value in found
        if value != (one.default if without_defaults else one.omitted_value)
    ]


def code_label(code: StrEnum | None) -> str:
    """Return the label of a code in the viewer's language, "" for none."""
    return get_label(code, current_language()) if code is not None else ""


def term_label(term: Any) -> str:  # noqa: ANN401 (a Term, or None)
    """Return the label of a term in the viewer's language, "" for none."""
    return term.label_in(current_language()) if term is not None else ""


def declared_field_label(name: str) -> str:
    """Return the label of a declared field of any model, its first letter in lower case.

    "" if no model declares a field with this name.
    """
    found = str(_labels_by_field_name().get(name, ""))
    return found[:1].lower() + found[1:]


@cache
def _labels_by_field_name() -> dict[str, Any]:
    """Return the labels of the declared fields of all models, by field name."""
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    return {
        one.name: one.info[FIELD_INFO_KEY].label for one in columns if FIELD_INFO_KEY in one.info
    }
