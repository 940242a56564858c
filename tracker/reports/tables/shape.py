"""The parts of a table declaration, and columns that several tables have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tracker.db import Base
from tracker.kit.fields import Export, fields_of
from tracker.permissions import Visibility
from tracker.reports.codes import Profile
from tracker.review.codes import EditorialState, RetractReason
from tracker.when import Precision

INSIDE = frozenset({Profile.INTERNAL})
OUTSIDE = frozenset({Profile.INTERNAL, Profile.PARTNER})
ANYBODY = frozenset({Profile.PUBLIC})
ALL = frozenset(Profile)


class Kind(StrEnum):
    """The kind of value in a column."""

    TEXT = "text"  # Free text: closed names are removed.
    GLUED = "glued"  # A handle or an address: the same, however names are joined to other words.
    WHOLE = "whole"  # A text that offsets refer to: empty if it contains such a name.
    CODE = "code"
    NUMBER = "number"
    ORDINAL = "ordinal"  # Counted within the record of the row.
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; `of`: the attribute of the model, if its name differs."""

    name: str
    says: str
    kind: Kind = Kind.CODE
    of: str = ""
    # A closed set, whose codes are the only values.
    codes: type[StrEnum] | None = None
    # The table whose key is here; `codes`: the code of a term, of the set `term_set`; `teams`: the
    # name of a team.
    refers: str = ""
    term_set: str = ""
    # Several values, separated by “ | ” in a cell.
    is_list: bool = False
    profiles: frozenset[Profile] = INSIDE

    @property
    def attribute(self) -> str:
        """Return the attribute of the model."""
        return self.of or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: its columns in order, its key, and the owner of its rows."""

    name: str
    says: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    # The column with the record that owns a row; "" if rows are records.
    owner: str = ""
    # Columns that must refer to a row in the file, as keys must, or the row is left out.
    needs: tuple[str, ...] = ()
    # One of these identifies the person; the last, as text, is `withheld` if nobody is left.
    meant: tuple[str, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """Return the names of all columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def is_of_records(self) -> bool:
        """Return whether each row is a record, with a ref."""
        return self.key == ("ref",)

    def columns_for(self, profile: Profile) -> tuple[Column, ...]:
        """Return the columns that may be shared with a profile."""
        return tuple(column for column in self.columns if profile in column.profiles)


def ref_column(says: str) -> Column:
    """Return the key of a table of records."""
    return Column(name="ref", says=says, profiles=OUTSIDE)


def reference_column(
    name: str, table: str, says: str, *, of: str = "", outside: bool = True
) -> Column:
    """Return a column with the key of another table; empty if that row is not in the file."""
    profiles = OUTSIDE if outside else INSIDE
    return Column(name=name, says=says, of=of or f"{name}_id", refers=table, profiles=profiles)


def term_column(name: str, term_set: str, says: str, *, of: str = "") -> Column:
    """Return a column that holds the code of a term."""
    return Column(
        name=name, says=says, of=of or f"{name}_id", refers="codes", term_set=term_set,
        profiles=OUTSIDE,
    )  # fmt: skip


def code_column(
    name: str, codes: type[StrEnum], says: str, *, of: str = "", outside: bool = True
) -> Any:  # noqa: ANN401 (a Column)
    """Return a column of a closed set."""
    profiles = OUTSIDE if outside else INSIDE
    return Column(name=name, says=says, of=of, codes=codes, profiles=profiles)


def text_column(name: str, says: str, *, of: str = "", outside: bool = False) -> Column:
    """Return a column of free text."""
    profiles = OUTSIDE if outside else INSIDE
    return Column(name=name, says=says, of=of, kind=Kind.TEXT, profiles=profiles)


def handle_column(name: str, says: str, *, outside: bool = False) -> Column:
    """Return a column of handles or addresses."""
    profiles = OUTSIDE if outside else INSIDE
    return Column(name=name, says=says, kind=Kind.GLUED, profiles=profiles)


def number_column(name: str, says: str, *, outside: bool = True) -> Column:
    """Return a column of counts."""
    profiles = OUTSIDE if outside else INSIDE
    return Column(name=name, says=says, kind=Kind.NUMBER, profiles=profiles)


def date_column(name: str, says: str, *, outside: bool = True) -> Column:
    """Return a column of dates."""
    profiles = OUTSIDE if outside else INSIDE
    return Column(name=name, says=says, kind=Kind.DAY, profiles=profiles)


def timestamp_column(name: str, says: str, *, outside: bool = False) -> Column:
    """Return a column of times."""
    profiles = OUTSIDE if outside else INSIDE
    return Column(name=name, says=says, kind=Kind.MOMENT, profiles=profiles)


def ordinal_column(name: str, says: str, *, of: str, outside: bool = False) -> Column:
    """Return a column that counts within the record of the row, from 1."""
    profiles = OUTSIDE if outside else INSIDE
    return Column(name=name, says=says, of=of, kind=Kind.ORDINAL, profiles=profiles)


def declared(model: type[Base], section: str) -> tuple[Column, ...]:
    """Return the columns of the declared fields of a section that may be shared."""
    return tuple(
        Column(
            name=one.name,
            says=one.says,
            kind=Kind.CODE if one.codes else Kind.TEXT,
            codes=one.codes,
            profiles=OUTSIDE if one.export is Export.PARTNERS else INSIDE,
        )
        for one in fields_of(model, section)
        if one.export is not Export.NEVER
    )


def ownership_columns() -> tuple[Column, ...]:
    """Return the columns for the team that owns a record, and for its visibility."""
    return (
        Column(name="team", says="The team that it belongs to.", of="team_id", refers="teams"),
        code_column(
            "visibility", Visibility, "Whether all users or only the team see it.", outside=False
        ),
    )


def revision_columns() -> tuple[Column, ...]:
    """Return the columns for version, last change and creation of a record."""
    return (
        Column(
            name="revision",
            says="Increases by one with each change.",
            of="version",
            kind=Kind.NUMBER,
            profiles=OUTSIDE,
        ),
        timestamp_column("updated_at", "When it was last changed, in UTC.", outside=True),
        timestamp_column("recorded_at", "When it was logged, in UTC."),
    )


def date_columns(*, outside: bool = True) -> tuple[Column, ...]:
    """Return the columns of a date: never more precise than its source."""
    return (
        date_column(
            "earliest",
            "The first day on which it may have been; 0001-01-01: open.",
            outside=outside,
        ),
        date_column("latest", "The last day on which it may have been.", outside=outside),
        code_column("precision", Precision, "How closely the date is known.", outside=outside),
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
