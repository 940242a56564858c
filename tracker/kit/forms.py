"""The form of a section, with inputs for the fields that the model declares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from tracker.db import Base
from tracker.kit.fields import LONGEST_LINE, Field, code_label, fields_of
from tracker.web.forms import CodeField, LongTextField, TextField, TrackerForm, VersionedForm


class DeclaredFields(TrackerForm):
    """The declared fields of one section of a record; fields written by hand come before them."""

    MODEL: ClassVar[type[Base]]
    SECTION: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if hasattr(cls, "MODEL"):
            for field in fields_of(cls.MODEL, cls.SECTION):
                setattr(cls, field.name, _form_field(field))

    def declared(self) -> list[Any]:
        """Return the form fields that the model declares."""
        return [self[one.name] for one in fields_of(self.MODEL, self.SECTION)]

    def populate_declared(self, record: Any) -> None:  # noqa: ANN401 (any Record)
        """Fill the declared fields with the stored values."""
        populate_fields(self.declared(), record)

    def values(self) -> dict[str, Any]:
        """Return the submitted values of the declared fields, as `set_fields` expects them."""
        return field_values(self.declared())


class SectionForm(DeclaredFields, VersionedForm):
    """A form that edits one section of a record."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        fields = fields_of(cls.MODEL, cls.SECTION)
        cls.COMPARED_TOGETHER = tuple((one.goes_with, one.name) for one in fields if one.goes_with)

    def populate(self, record: Any) -> None:  # noqa: ANN401 (any Record)
        """Fill the form with the stored values and version."""
        self.version.data = str(record.version)
        self.populate_declared(record)


def populate_fields(fields: Iterable[Any], record: Any) -> None:  # noqa: ANN401 (any Record)
    """Fill fields with the stored values of the same names."""
    for one in fields:
        one.data = str(getattr(record, one.name) or "")


def field_values(fields: Iterable[Any]) -> dict[str, Any]:
    """Return the submitted values by name."""
    return {
        one.name: one.code() if isinstance(one, CodeField) else one.data or "" for one in fields
    }


def _form_field(field: Field) -> Any:  # noqa: ANN401 (an unbound field)
    if field.codes:
        return CodeField(
            field.label,
            field.codes,
            words=code_label,
            default=field.default,
            description=field.hint,
        )
    kind = TextField if field.most <= LONGEST_LINE else LongTextField
    return kind(field.label, most=field.most, description=field.hint)
