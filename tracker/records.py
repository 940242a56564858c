"""Base classes of records: a ref, a version, an author, times, and a range of dates."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar, TypeVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, Text
from sqlalchemy.orm import (
    Composite,
    Mapped,
    MappedColumn,
    composite,
    declared_attr,
    mapped_column,
    relationship,
)

from tracker import clock
from tracker.db import INTERNAL, PUBLIC, UTCDateTime, code_point_string, text_enum
from tracker.errors import InvalidInput, NotFound
from tracker.i18n import _
from tracker.permissions import Actor, Visibility
from tracker.scoping import ScopedRecord, more_restricted_records
from tracker.when import Precision, When

# Crockford base32: no I, L, O, U, so that a ref can be read aloud.
REF_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# For `bytes.translate`: the letter for each of the 256 values of a random byte. Each of the 32
# letters stands for 8 values, so that all are equally likely: a ref has 50 random bits.
REF_LETTER_BY_BYTE = REF_ALPHABET.encode() * (256 // len(REF_ALPHABET))
REF_RANDOM_LENGTH = 10  # letters after the prefix and the dash
REF_LENGTH = 4 + REF_RANDOM_LENGTH  # letters of the whole ref
RowType = TypeVar("RowType", bound=Any)  # a row with an `id`


def generate_ref(prefix: str) -> str:
    """Return a new random ref such as INC-7K3F9QAB2D, the public id of a record."""
    return (
        f"{prefix}-{secrets.token_bytes(REF_RANDOM_LENGTH).translate(REF_LETTER_BY_BYTE).decode()}"
    )


def child_relationship(
    back_populates: str, *, order_by: str, foreign_keys: str | None = None
) -> Any:  # noqa: ANN401 (Mapped)
    """Return a relationship from a record to rows that it owns, which are deleted with the record
    and shown in its history. `back_populates`: the attribute of such a row that refers to the
    record; `order_by`, `foreign_keys`: arguments of SQLAlchemy's `relationship`.
    """
    return relationship(
        back_populates=back_populates,
        cascade="all, delete-orphan",
        order_by=order_by,
        foreign_keys=foreign_keys,
        info={"audited": True},
    )


class Record:
    """The columns of every record: private id, public ref, version, author, last editor, times."""

    # The three letters with which its refs begin.
    PREFIX: ClassVar[str]
    # The blueprint whose `show` view is the record's page.
    ENDPOINT: ClassVar[str]
    # The relationships that `heading` and `content_warning` read: paths, separated by spaces.
    HEADING_RELATIONSHIPS: ClassVar[str] = ""

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    version: Mapped[int] = mapped_column(Integer, nullable=False, info=INTERNAL)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=PUBLIC)

    # The columns that `mark_revised` sets, and whether it was called since a change began: the
    # values are restored if the change turns out to be empty (see `audited_change`).
    REVISION_FIELDS: ClassVar[frozenset[str]] = frozenset({"revised_by_id", "updated_at"})
    is_marked_revised = False
    # A retracted record cannot be edited; only kinds that are reviewed can be retracted.
    is_retracted = False

    def mark_revised(self, *, by: Actor) -> None:
        """Set the last editor and the time of the last change, also if only a child row changed.

        The UPDATE of these columns raises the version.
        """
        self.is_marked_revised = True
        self.revised_by_id = by.id
        self.updated_at = clock.utc_now()

    @property
    def heading(self) -> str:
        """The title of the record on pages, in the viewer's language."""
        raise NotImplementedError

    def content_warning(self) -> str:
        """Return the warning shown before the quotes of the record, "" if none is needed."""
        return ""

    @declared_attr
    def ref(cls) -> Mapped[str]:
        """Return the random public id, used in addresses and exports."""
        prefix = cls.PREFIX
        return mapped_column(
            code_point_string(REF_LENGTH),
            default=lambda: generate_ref(prefix),
            unique=True,
            info=PUBLIC,
        )

    @declared_attr
    def recorded_by_id(cls) -> Mapped[int]:
        """Return the id of the user who created the record."""
        return mapped_column(ForeignKey("users.id"), info=INTERNAL)

    @declared_attr
    def revised_by_id(cls) -> Mapped[int]:
        """Return the id of the user who changed the record last."""
        return mapped_column(ForeignKey("users.id"), info=INTERNAL)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        """Return the mapper options that make an UPDATE of an outdated version fail."""
        column = cls.version
        assert isinstance(column, MappedColumn)  # noqa: S101 (tells mypy what declarative hands over)
        return {"version_id_col": column.column}


class DateRangeMixin:
    """The columns of a date range: first and last day, precision, and the source's own words.

    Lists sort by (latest, earliest, ref), all in the same direction, so that a page is one
    row-value comparison. An open start is 0001-01-01; neither end is ever NULL.
    """

    earliest: Mapped[date] = mapped_column(Date, info=PUBLIC)
    latest: Mapped[date] = mapped_column(Date, info=PUBLIC)
    precision: Mapped[Precision] = mapped_column(text_enum(Precision), info=PUBLIC)
    as_stated: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)

    @declared_attr
    def when(cls) -> Mapped[When]:
        """Return the four columns as one `When`."""
        made: Composite[When] = composite(When, "earliest", "latest", "precision", "as_stated")
        return made


def date_order_check() -> CheckConstraint:
    """Return the CHECK constraint that `earliest` is not after `latest`."""
    return CheckConstraint("earliest <= latest", name="earliest_before_latest")


def set_record_author(record: Record, *, by: Actor) -> None:
    """Set a user as the author and last editor of a new record."""
    record.recorded_by_id = record.revised_by_id = by.id


def validate_linked_visibility(
    visibility: Visibility,
    linked_records: Iterable[ScopedRecord | None],
    *,
    field: str = "visibility",
) -> None:
    """Raise InvalidInput at `field` if a record of this visibility would show a more restricted
    record. `linked_records`: the records that it shows; None in place of a record is ignored.
    """
    hidden: list[Any] = more_restricted_records(visibility, linked_records)
    if hidden:
        names = ", ".join(f"{one.heading} ({one.ref})" for one in hidden)
        raise InvalidInput(
            **{
                field: _(
                    "Only its team may see %(names)s: share that with all users first, or "
                    "restrict this to the team.",
                    names=names,
                )
            }
        )


def row_by_id(rows: Iterable[RowType], row_id: int) -> RowType:
    """Return the row with an id (`row_id`); raise NotFound if there is none."""
    found = next((one for one in rows if one.id == row_id), None)
    if found is None:
        raise NotFound
    return found


def record_models() -> dict[str, type[Record]]:
    """Return the model of each kind of record, by the prefix of its refs, such as INC."""
    found: dict[str, type[Record]] = {}
    waiting = list(Record.__subclasses__())
    while waiting:
        model = waiting.pop()
        waiting.extend(model.__subclasses__())
        if hasattr(model, "PREFIX"):
            found[model.PREFIX] = model
    return found
