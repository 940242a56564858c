"""The classes that declare tables and columns, and the columns that several tables have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tracker.db import Base
from tracker.kit.fields import ExportAudience, declared_fields
from tracker.permissions import Visibility
from tracker.reports.codes import Profile
from tracker.review.codes import EditorialState, RetractReason
from tracker.when import Precision

# The profiles of a column that is only in files for this organisation.
INTERNAL_ONLY = frozenset({Profile.INTERNAL})
# The profiles of a column that is in files for this organisation and for partners.
INTERNAL_AND_PARTNER = frozenset({Profile.INTERNAL, Profile.PARTNER})
# The profiles of a column of published incidents.
PUBLIC_ONLY = frozenset({Profile.PUBLIC})
# The profiles of a column that is in every file.
ALL_PROFILES = frozenset(Profile)


class ColumnKind(StrEnum):
    """The kind of value in a column."""

    # Free text, in which redacted names are replaced.
    TEXT = "text"
    # A handle or address: withheld if it contains a redacted name, even joined to other words.
    HANDLE = "handle"
    # The text that offsets refer to: withheld if it contains a redacted name.
    ARTICLE_TEXT = "article_text"
    CODE = "code"
    # The ISO code of a country.
    COUNTRY = "country"
    # A date as EDTF.
    WHEN = "when"
    # A month, as 2025-06.
    MONTH = "month"
    NUMBER = "number"
    # The number of a row within its record.
    ORDINAL = "ordinal"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of an exported table.

    `description`: the description; `label`: the heading in workbooks for reading,
    `readable_description`: the description in these, if it differs; `model_attribute`: the
    attribute of the model, if the name differs.
    """

    name: str
    description: str
    label: Any = ""
    readable_description: str = ""
    kind: ColumnKind = ColumnKind.CODE
    model_attribute: str = ""
    # The enumeration whose codes are the only values.
    codes: type[StrEnum] | None = None
    # The table whose key is here; `codes`: the code of a term, of the set `term_set`; `teams`: the
    # name of a team.
    referenced_table: str = ""
    term_set: str = ""
    # Several values, separated by “ | ” in a cell.
    is_list: bool = False
    profiles: frozenset[Profile] = INTERNAL_ONLY

    @property
    def attribute(self) -> str:
        """The attribute of the model that the column is read from."""
        return self.model_attribute or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An exported table: its columns in order; `key`: the columns that identify a row; `owner`: the
    column that refers to the record to which a row belongs.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    # The column that refers to the record which owns the row; "" if the rows are records.
    owner: str = ""
    # Columns, besides the key, that must refer to a row in the file, or the row is left out.
    required_columns: tuple[str, ...] = ()
    # Columns that say who is meant; if all are empty, the last one is exported as `withheld`.
    person_columns: tuple[str, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """The names of all columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def is_record_table(self) -> bool:
        """Whether the key of each row is a ref: the rows are records, not parts of records."""
        return self.key == ("ref",)

    def columns_for(self, profile: Profile) -> tuple[Column, ...]:
        """Return the columns that may be shared with a profile."""
        return tuple(column for column in self.columns if profile in column.profiles)


def columns_named_by_heading(columns: Iterable[Column]) -> list[Column]:
    """Return columns with their headings in the current language as their names."""
    return [replace(one, name=str(one.label)) for one in columns]


def ref_column(description: str) -> Column:
    """Return the column with the ref of the record of each row."""
    return Column(name="ref", description=description, profiles=INTERNAL_AND_PARTNER)


def reference_column(
    name: str, table: str, description: str, *, model_attribute: str = "", for_partners: bool = True
) -> Column:
    """Return a column with the key of a row of another table, empty if that row is not in the file.
    `model_attribute`: the attribute of the model that the column is read from, by default the
    `name` and `_id`; `for_partners`: whether partners get the column.
    """
    profiles = INTERNAL_AND_PARTNER if for_partners else INTERNAL_ONLY
    return Column(
        name=name,
        description=description,
        model_attribute=model_attribute or f"{name}_id",
        referenced_table=table,
        profiles=profiles,
    )


def term_column(name: str, term_set: str, description: str, *, model_attribute: str = "") -> Column:
    """Return a column with the code of a term of the taxonomy `term_set`. `model_attribute`: the
    attribute of the model that the column is read from, by default the `name` and `_id`.
    """
    return Column(
        name=name, description=description, model_attribute=model_attribute or f"{name}_id",
        referenced_table="codes", term_set=term_set, profiles=INTERNAL_AND_PARTNER,
    )  # fmt: skip


def code_column(
    name: str,
    codes: type[StrEnum],
    description: str,
    *,
    model_attribute: str = "",
    for_partners: bool = True,
) -> Column:
    """Return a column with a code of the enumeration `codes`. `model_attribute`: the attribute of
    the model that the column is read from, by default the `name`; `for_partners`: whether partners
    get the column.
    """
    profiles = INTERNAL_AND_PARTNER if for_partners else INTERNAL_ONLY
    return Column(
        name=name,
        description=description,
        model_attribute=model_attribute,
        codes=codes,
        profiles=profiles,
    )


def text_column(
    name: str, description: str, *, model_attribute: str = "", for_partners: bool = False
) -> Column:
    """Return a column of free text. `model_attribute`: the attribute of the model that the column
    is read from, by default the `name`; `for_partners`: whether partners get the column.
    """
    profiles = INTERNAL_AND_PARTNER if for_partners else INTERNAL_ONLY
    return Column(
        name=name,
        description=description,
        model_attribute=model_attribute,
        kind=ColumnKind.TEXT,
        profiles=profiles,
    )


def handle_column(name: str, description: str, *, for_partners: bool = False) -> Column:
    """Return a column of handles or addresses; `for_partners`: whether partners get the column."""
    profiles = INTERNAL_AND_PARTNER if for_partners else INTERNAL_ONLY
    return Column(name=name, description=description, kind=ColumnKind.HANDLE, profiles=profiles)


def number_column(name: str, description: str, *, for_partners: bool = True) -> Column:
    """Return a column of numbers; `for_partners`: whether partners get the column."""
    profiles = INTERNAL_AND_PARTNER if for_partners else INTERNAL_ONLY
    return Column(name=name, description=description, kind=ColumnKind.NUMBER, profiles=profiles)


def date_column(name: str, description: str, *, for_partners: bool = True) -> Column:
    """Return a column of dates; `for_partners`: whether partners get the column."""
    profiles = INTERNAL_AND_PARTNER if for_partners else INTERNAL_ONLY
    return Column(name=name, description=description, kind=ColumnKind.DAY, profiles=profiles)


def timestamp_column(name: str, description: str, *, for_partners: bool = False) -> Column:
    """Return a column of times; `for_partners`: whether partners get the column."""
    profiles = INTERNAL_AND_PARTNER if for_partners else INTERNAL_ONLY
    return Column(name=name, description=description, kind=ColumnKind.MOMENT, profiles=profiles)


def ordinal_column(
    name: str, description: str, *, model_attribute: str, for_partners: bool = False
) -> Column:
    """Return a column with the number of a row among the rows of its record, counted from 1.
    `model_attribute`: the attribute of the model with the id of the numbered row; `for_partners`:
    whether partners get the column.
    """
    profiles = INTERNAL_AND_PARTNER if for_partners else INTERNAL_ONLY
    return Column(
        name=name,
        description=description,
        model_attribute=model_attribute,
        kind=ColumnKind.ORDINAL,
        profiles=profiles,
    )


def form_field_columns(model: type[Base], section: str) -> tuple[Column, ...]:
    """Return the columns of the form fields that a model declares in a section of its form, without
    those that are declared as never exported.
    """
    return tuple(
        Column(
            name=one.name,
            description=one.meaning,
            label=one.label,
            kind=ColumnKind.CODE if one.codes else ColumnKind.TEXT,
            codes=one.codes,
            profiles=INTERNAL_AND_PARTNER
            if one.export_audience is ExportAudience.PARTNERS
            else INTERNAL_ONLY,
        )
        for one in declared_fields(model, section)
        if one.export_audience is not ExportAudience.NEVER
    )


def ownership_columns() -> tuple[Column, ...]:
    """Return the columns for the team that owns a record, and for its visibility."""
    return (
        Column(
            name="team",
            description="The team that it belongs to.",
            model_attribute="team_id",
            referenced_table="teams",
        ),
        code_column(
            "visibility",
            Visibility,
            "Whether all users or only the team see it.",
            for_partners=False,
        ),
    )


def revision_columns() -> tuple[Column, ...]:
    """Return the columns for version, last change and creation of a record."""
    return (
        Column(
            name="revision",
            description="Increases by one with each change.",
            model_attribute="version",
            kind=ColumnKind.NUMBER,
            profiles=INTERNAL_AND_PARTNER,
        ),
        timestamp_column("updated_at", "When it was last changed, in UTC.", for_partners=True),
        timestamp_column("recorded_at", "When it was logged, in UTC."),
    )


def date_columns(*, for_partners: bool = True) -> tuple[Column, ...]:
    """Return the columns of a date: its first and last possible day, precision and source text."""
    return (
        date_column(
            "earliest",
            "The first day on which it may have been; 0001-01-01: open. For an approximate date, "
            "the first day as stated: it may have been earlier.",
            for_partners=for_partners,
        ),
        date_column(
            "latest",
            "The last day on which it may have been. For an approximate date, the last day as "
            "stated: it may have been later.",
            for_partners=for_partners,
        ),
        code_column(
            "precision", Precision, "How closely the date is known.", for_partners=for_partners
        ),
        text_column("as_stated", "The date in the words of the source."),
    )


def review_columns() -> tuple[Column, ...]:
    """Return the columns for editorial state, team and visibility of a record."""
    return (
        code_column("state", EditorialState, "The step of review, from draft to published."),
        code_column("retract_reason", RetractReason, "Why it no longer counts."),
        text_column("review_note", "What a second person wrote about it."),
        timestamp_column("approved_at", "When a second person approved it, in UTC."),
        *ownership_columns(),
    )
