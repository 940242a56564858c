"""What the plain values of the trail stand for: codes, days, and records the viewer may see."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Enum, inspect, select

from tracker.audit.fields import UNSAID
from tracker.audit.snapshot import SKIPPED
from tracker.audit.words import Field, Kind
from tracker.dates import day_words, when_words
from tracker.db import Base, db
from tracker.i18n import _, language
from tracker.records import kinds_of_record
from tracker.when import Precision, When

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from enum import StrEnum

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Mapper

LONGEST_SHOWN = 300


def fields_of(model: type[Any], path: str = "") -> dict[str, Field]:
    """Return the fields that a snapshot of this model has, those of children as `targets.role`."""
    found: dict[str, Field] = {}
    mapper: Mapper[Any] = inspect(model)
    if hasattr(model, "precision"):
        found[path + "when"] = Field(Kind.WHEN)
    for attribute in mapper.column_attrs:
        if attribute.key not in UNSAID | SKIPPED:
            found[path + attribute.key] = _field_of_column(attribute.columns[0])
    for relation in mapper.relationships:
        if relation.info.get("trail"):
            found[path + relation.key] = Field(Kind.CHILDREN)
            found |= fields_of(relation.mapper.class_, f"{path}{relation.key}.")
        elif relation.direction.name == "MANYTOONE":
            target = relation.mapper.class_
            is_record = hasattr(target, "PREFIX")
            found[path + relation.key] = Field(Kind.RECORD if is_record else Kind.ROW, target)
    return found


def _field_of_column(column: ColumnElement[Any]) -> Field:
    if column.info.get("class") == "confidential":
        return Field(Kind.CONFIDENTIAL)
    if column.info.get("trail") == "digest":
        return Field(Kind.DIGEST)
    if isinstance(column.type, Enum) and column.type.enum_class is not None:
        return Field(Kind.CODE, column.type.enum_class)
    for key in column.foreign_keys:
        for mapper in Base.registry.mappers:
            if mapper.local_table is key.column.table:
                return Field(Kind.ROW, mapper.class_)
    plain = {int: Kind.NUMBER, date: Kind.DAY}
    return Field(plain.get(column.type.python_type, Kind.TEXT))


class Meanings:
    """The words for every value of some changes to one kind of record.

    Built once a page: each model that the changes name is asked once, within the viewer's rows.
    `label` gives the words of a code in the viewer's language.
    """

    def __init__(
        self,
        model: type[Any],
        changes: Iterable[Mapping[str, Any]],
        label: Callable[[StrEnum], str],
    ) -> None:
        self.fields = fields_of(model)
        self.label = label
        named: dict[type[Any], set[Any]] = {}
        for change in changes:
            for key, pair in change.items():
                for value in pair if isinstance(pair, list) else []:
                    self._collect(key, value, named)
        self.headings = {model: _headings(model, keys) for model, keys in named.items()}

    def field(self, path: str) -> Field:
        """Return what a field holds; one that is no longer there is text."""
        return self.fields.get(path) or Field(Kind.TEXT)

    def say(self, path: str, value: Any) -> str:  # noqa: ANN401 (JSON)
        """Return a value in words."""
        field = self.field(path)
        if field.kind is Kind.WHEN:
            return when_words(when_of(value))
        if field.kind is Kind.CODE and value in set(field.of):
            return self.label(field.of(value))
        if field.kind in {Kind.RECORD, Kind.ROW}:
            unknown = _("a record not shown to you")
            return str(self.headings.get(self._model(field, value), {}).get(value, unknown))
        if field.kind is Kind.DAY:
            return day_words(date.fromisoformat(value))
        text = str(value)
        return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN].rstrip() + "…"

    def hides(self, path: str, value: Any) -> bool:  # noqa: ANN401 (JSON)
        """Say whether a value names a record that the viewer may not see."""
        field = self.field(path)
        if field.kind is not Kind.RECORD or value is None:
            return False
        return value not in self.headings.get(self._model(field, value), {})

    def _collect(self, path: str, value: Any, named: dict[type[Any], set[Any]]) -> None:  # noqa: ANN401 (JSON)
        """Note every row that a value names, by its model."""
        if isinstance(value, list):
            for child in value:
                for key, inner in child.items():
                    self._collect(f"{path}.{key}", inner, named)
        elif self.field(path).kind in {Kind.RECORD, Kind.ROW} and value is not None:
            named.setdefault(self._model(self.field(path), value), set()).add(value)

    @staticmethod
    def _model(field: Field, value: Any) -> type[Any]:  # noqa: ANN401 (JSON)
        """Return the model of a value: by the prefix of a ref, else that of the field."""
        by_prefix = kinds_of_record().get(str(value).split("-", maxsplit=1)[0])
        found: type[Any] = by_prefix if by_prefix and field.kind is Kind.RECORD else field.of
        return found


def when_of(parts: Mapping[str, Any]) -> When:
    """Return the interval that a snapshot's three fields say."""
    return When(
        date.fromisoformat(parts["earliest"]),
        date.fromisoformat(parts["latest"]),
        Precision(parts["precision"]),
    )


def _headings(model: type[Any], keys: set[Any]) -> dict[Any, str]:
    """Return what each row is called, for those that the viewer may see."""
    if hasattr(model, "PREFIX"):
        refs = {key for key in keys if isinstance(key, str)}
        records = db.session.scalars(select(model).where(model.ref.in_(refs))).unique()
        return {record.ref: record.heading() for record in records}
    if hasattr(model, "code"):
        terms = db.session.scalars(select(model).where(model.code.in_(keys))).unique()
        return {term.code: term.label(language()) for term in terms}
    # Users and teams stand in the trail by name, in columns of their own by number.
    numbers = {key for key in keys if isinstance(key, int)}
    rows = db.session.scalars(select(model).where(model.id.in_(numbers))).unique()
    return {key: key for key in keys if isinstance(key, str)} | {row.id: row.name for row in rows}
