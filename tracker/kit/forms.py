"""A field for codes, and forms with inputs for the fields that a model declares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar

from tracker.db import Base
from tracker.i18n import language
from tracker.kit.fields import LONGEST_LINE, Field, fields_of
from tracker.vocabulary.labels import label as label_of_code
from tracker.web.forms import ChoiceField, LongTextField, TextField, TrackerForm, VersionedForm

# Closed sets that forms offer, in each language.
MOST_CODE_SETS = 500


class CodeField(ChoiceField):
    """One code of a closed set, given back as the StrEnum member, or None if none is chosen."""

    def __init__(
        self,
        label: Any,  # noqa: ANN401 (lazy string)
        codes: type[StrEnum],
        *,
        blank: Any = None,  # noqa: ANN401 (lazy string)
        only: Sequence[StrEnum] | None = None,
        **kw: Any,  # noqa: ANN401 (WTForms options)
    ) -> None:
        def choices() -> list[tuple[str, str]]:
            named = _labelled(tuple(only or codes), language())
            return [("", str(blank)), *named] if blank is not None else [*named]

        self.codes = codes
        if blank is not None:
            # A request without the field chooses nothing, as the blank does.
            kw.setdefault("default", "")
        super().__init__(label, choices=choices, **kw)

    def code(self) -> Any:  # noqa: ANN401 (a member of self.codes)
        """Return the member chosen, or None."""
        return next((one for one in self.codes if one == self.data), None)


@lru_cache(maxsize=MOST_CODE_SETS)
def _labelled(codes: tuple[StrEnum, ...], in_language: str) -> tuple[tuple[str, str], ...]:
    """Return codes with their labels, which never change."""
    return tuple((code.value, label_of_code(code, in_language)) for code in codes)


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
        return CodeField(field.label, field.codes, default=field.default, description=field.hint)
    kind = TextField if field.most <= LONGEST_LINE else LongTextField
    return kind(field.label, most=field.most, description=field.hint)
