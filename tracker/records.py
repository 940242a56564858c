"""What every record has: a ref, a version, its author and times; if dated, a When."""

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

# Crockford base32: no I, L, O, U, so that a ref can be read aloud. 50 random bits; 32 letters
# divide a byte evenly.
REF_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTER_OF_BYTE = REF_ALPHABET.encode() * (256 // len(REF_ALPHABET))
REF_LETTERS = 10
REF_LENGTH = 4 + REF_LETTERS
Row = TypeVar("Row", bound=Any)


def new_ref(prefix: str) -> str:
    """Return a new random ref such as INC-7K3F9QAB2D, the only id that addresses contain."""
    return f"{prefix}-{secrets.token_bytes(REF_LETTERS).translate(LETTER_OF_BYTE).decode()}"


def parts(owner: str, *, order_by: str, foreign_keys: str | None = None) -> Any:  # noqa: ANN401 (Mapped)
    """Return the relationship to rows that belong to a record, deleted with it and in its history.

    `owner` is the attribute of such a row that leads back to the record.
    """
    return relationship(
        back_populates=owner,
        cascade="all, delete-orphan",
        order_by=order_by,
        foreign_keys=foreign_keys,
        info={"trail": True},
    )


class Record:
    """A record: a private id, a public ref, and a version that each save must know."""

    PREFIX: ClassVar[str]
    # The blueprint whose `show` view is the record's page.
    ENDPOINT: ClassVar[str]
    # The relationships that `heading` and `content_warning` read, as paths.
    HEADING_FROM: ClassVar[str] = ""

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    version: Mapped[int] = mapped_column(Integer, nullable=False, info=INTERNAL)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=PUBLIC)

    # What `revised` writes, and whether it did since a change began: a save without changes is not
    # signed (see `audited`).
    SIGNED: ClassVar[frozenset[str]] = frozenset({"revised_by_id", "updated_at"})
    is_signed = False
    # A retracted record cannot be edited; only kinds that are reviewed can be retracted.
    is_retracted = False

    def revised(self, *, by: Actor) -> None:
        """Sign a change, also one of a child row alone: the version rises with the row itself."""
        self.is_signed = True
        self.revised_by_id = by.id
        self.updated_at = clock.utc_now()

    def heading(self) -> str:
        """Return what pages call this record, in the viewer's language."""
        raise NotImplementedError

    def content_warning(self) -> str:
        """Return the warning shown before its quotes, "" if none is needed."""
        return ""

    @declared_attr
    def ref(cls) -> Mapped[str]:
        """Return the opaque id used in addresses and exports."""
        prefix = cls.PREFIX
        return mapped_column(
            code_point_string(REF_LENGTH), default=lambda: new_ref(prefix), unique=True, info=PUBLIC
        )

    @declared_attr
    def recorded_by_id(cls) -> Mapped[int]:
        """Return who recorded it."""
        return mapped_column(ForeignKey("users.id"), info=INTERNAL)

    @declared_attr
    def revised_by_id(cls) -> Mapped[int]:
        """Return who changed it last."""
        return mapped_column(ForeignKey("users.id"), info=INTERNAL)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        """Make an UPDATE of an outdated version fail."""
        column = cls.version
        assert isinstance(column, MappedColumn)  # noqa: S101 (tells mypy what declarative hands over)
        return {"version_id_col": column.column}


class Dated:
    """A fact with a time: a closed interval of days, its precision, and the source's own words.

    Lists sort by (latest, earliest, ref), all in the same direction, so that a page is one
    row-value comparison. An open start is 0001-01-01; neither end is ever NULL.
    """

    earliest: Mapped[date] = mapped_column(Date, info=PUBLIC)
    latest: Mapped[date] = mapped_column(Date, info=PUBLIC)
    precision: Mapped[Precision] = mapped_column(text_enum(Precision), info=PUBLIC)
    as_stated: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)

    @declared_attr
    def when(cls) -> Mapped[When]:
        """Return the four columns as one value."""
        made: Composite[When] = composite(When, "earliest", "latest", "precision", "as_stated")
        return made


def date_order_check() -> CheckConstraint:
    """Return the CHECK that an interval does not end before it begins."""
    return CheckConstraint("earliest <= latest", name="earliest_before_latest")


def sign_new_record(record: Record, *, by: Actor) -> None:
    """Set the author of a new record, who is also its last editor."""
    record.recorded_by_id = record.revised_by_id = by.id


def validate_shown_visibility(
    visibility: Visibility,
    shown_records: Iterable[ScopedRecord | None],
    *,
    field: str = "visibility",
) -> None:
    """Raise InvalidInput if a record would show restricted others to more people."""
    hidden: list[Any] = more_restricted_records(visibility, shown_records)
    if hidden:
        names = ", ".join(f"{one.heading()} ({one.ref})" for one in hidden)
        raise InvalidInput(
            **{
                field: _(
                    "Only its team may see %(names)s: share that with all users first, or "
                    "restrict this to the team.",
                    names=names,
                )
            }
        )


def row_by_id(rows: Iterable[Row], number: int) -> Row:
    """Return the row of a record with this id; raise NotFound if there is none."""
    found = next((one for one in rows if one.id == number), None)
    if found is None:
        raise NotFound
    return found


def record_models() -> dict[str, type[Record]]:
    """Return every model with a ref, by the prefix of its refs."""
    found: dict[str, type[Record]] = {}
    waiting = list(Record.__subclasses__())
    while waiting:
        model = waiting.pop()
        waiting.extend(model.__subclasses__())
        if hasattr(model, "PREFIX"):
            found[model.PREFIX] = model
    return found
