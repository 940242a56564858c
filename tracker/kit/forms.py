"""Fields for codes, records and teams, and forms with inputs for what a model declares."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

from tracker.db import Base
from tracker.kit.fields import LONGEST_LINE, Field, code_label, fields_of
from tracker.web.forms import (
    ChoiceField,
    ChoicesField,
    CodeField,
    LongTextField,
    TextField,
    TrackerForm,
    VersionedForm,
)

# A field for one code of a closed set, with the labels of the vocabulary.
code_input = partial(CodeField, words=code_label)


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
        cls.LINKED_FIELD_GROUPS = tuple(
            (one.goes_with, one.name) for one in fields if one.goes_with
        )

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
        one.name: one.chosen_code() if isinstance(one, CodeField) else one.data or ""
        for one in fields
    }


def _form_field(field: Field) -> Any:  # noqa: ANN401 (an unbound field)
    if field.codes:
        return code_input(field.label, field.codes, default=field.default, description=field.hint)
    kind = TextField if field.most <= LONGEST_LINE else LongTextField
    return kind(field.label, most=field.most, description=field.hint)


class RecordsField(ChoicesField):
    """Several of some records, given back as the records."""

    def __init__(self, label: Any, **kw: Any) -> None:  # noqa: ANN401 (lazy string, WTForms options)
        super().__init__(label, choices=[], **kw)
        self.records: dict[str, Any] = {}

    def set_choices(self, records: Iterable[Any]) -> None:
        """Offer these records."""
        self.records = {one.ref: one for one in records}
        self.choices = [(ref, one.heading) for ref, one in self.records.items()]

    def preselect(self, refs: Iterable[str]) -> None:
        """Choose those of these records that are offered."""
        self.data = [ref for ref in refs if ref in self.records]

    def chosen(self) -> list[Any]:
        """Return the records chosen."""
        return [self.records[ref] for ref in self.data or () if ref in self.records]


class SourceField(ChoiceField):
    """One of the sources that a record cites, given back as the article, or None."""

    def __init__(self, label: Any, **kw: Any) -> None:  # noqa: ANN401 (lazy string, WTForms options)
        super().__init__(label, default="", **kw)
        self.articles: dict[str, Any] = {}

    def set_choices(self, citations: Iterable[Any]) -> None:
        """Offer the sources of these citations, each once."""
        self.articles = {one.article.ref: one.article for one in citations if one.article}
        named = [(ref, one.title) for ref, one in self.articles.items()]
        self.choices = [("", "—"), *named]

    def chosen(self) -> Any:  # noqa: ANN401 (an article, or None)
        """Return the article chosen."""
        return self.articles.get(self.data or "")


class TeamField(ChoiceField):
    """The team that will own a record, by its id: at first the first that is offered."""

    def set_choices(self, teams: Iterable[Any]) -> None:
        """Offer these teams."""
        self.choices = [(str(one.id), one.name) for one in teams]
        if self.data is None and self.choices:
            self.data = self.choices[0][0]
