"""Form fields for codes, records and teams, and forms for the declared fields of a model."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

from tracker.db import Base
from tracker.kit.fields import MAX_SINGLE_LINE_LENGTH, Field, code_label, declared_fields
from tracker.web import forms

# A field for one code of a closed set, with the labels of the vocabulary.
code_input = partial(forms.CodeField, label_of=code_label)


class DeclaredFieldsForm(forms.TrackerForm):
    """A form with the declared fields of one section of a model, after its own fields."""

    MODEL: ClassVar[type[Base]]
    SECTION: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if hasattr(cls, "MODEL"):
            for field in declared_fields(cls.MODEL, cls.SECTION):
                setattr(cls, field.name, _build_form_field(field))

    def declared_fields(self) -> list[Any]:
        """Return the form fields of the model's declared fields."""
        return [self[one.name] for one in declared_fields(self.MODEL, self.SECTION)]

    def populate_declared_fields(self, record: Any) -> None:  # noqa: ANN401 (any Record)
        """Fill the declared fields with the values of a record."""
        populate_fields(self.declared_fields(), record)

    def submitted_values(self) -> dict[str, Any]:
        """Return the submitted values of the declared fields by field name: codes as members of
        their StrEnum, else texts.
        """
        return field_values(self.declared_fields())


class SectionForm(DeclaredFieldsForm, forms.VersionedForm):
    """A form that edits one section of a record."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        fields = declared_fields(cls.MODEL, cls.SECTION)
        cls.LINKED_FIELD_GROUPS = tuple(
            (one.depends_on, one.name) for one in fields if one.depends_on
        )

    def populate(self, record: Any) -> None:  # noqa: ANN401 (any Record)
        """Fill the form with the values and the version of a record."""
        self.version.data = str(record.version)
        self.populate_declared_fields(record)


def populate_fields(fields: Iterable[Any], record: Any) -> None:  # noqa: ANN401 (any Record)
    """Fill form fields with the attributes of a record that have the same names."""
    for one in fields:
        one.data = str(getattr(record, one.name) or "")


def field_values(fields: Iterable[Any]) -> dict[str, Any]:
    """Return the submitted values by field name: codes as members of their StrEnum, else texts."""
    return {
        one.name: one.chosen_code() if isinstance(one, forms.CodeField) else one.data or ""
        for one in fields
    }


def _build_form_field(field: Field) -> Any:  # noqa: ANN401 (an unbound field)
    """Return the form field of a declared field, to be an attribute of a form class."""
    if field.codes:
        return code_input(field.label, field.codes, default=field.default, description=field.hint)
    kind = forms.TextField if field.max_length <= MAX_SINGLE_LINE_LENGTH else forms.LongTextField
    return kind(field.label, max_length=field.max_length, description=field.hint)


class RecordsField(forms.ChoicesField):
    """A field for choosing several of the offered records."""

    def __init__(self, label: Any, **kw: Any) -> None:  # noqa: ANN401 (lazy string, WTForms options)
        super().__init__(label, choices=[], **kw)
        self.records: dict[str, Any] = {}

    def set_choices(self, records: Iterable[Any]) -> None:
        """Set the records to choose from."""
        self.records = {one.ref: one for one in records}
        self.choices = [(ref, one.heading) for ref, one in self.records.items()]

    def preselect(self, refs: Iterable[str]) -> None:
        """Select the offered records with these refs."""
        self.data = [ref for ref in refs if ref in self.records]

    def chosen_records(self) -> list[Any]:
        """Return the records that were chosen."""
        return [self.records[ref] for ref in self.data or () if ref in self.records]


class SourceField(forms.ChoiceField):
    """A field for choosing one of the articles that a record cites, or none."""

    def __init__(self, label: Any, **kw: Any) -> None:  # noqa: ANN401 (lazy string, WTForms options)
        super().__init__(label, default="", **kw)
        self.articles: dict[str, Any] = {}

    def set_choices(self, citations: Iterable[Any]) -> None:
        """Set the articles of these citations as choices, each article once."""
        self.articles = {one.article.ref: one.article for one in citations if one.article}
        named = [(ref, one.title) for ref, one in self.articles.items()]
        self.choices = [("", "—"), *named]

    def chosen_article(self) -> Any:  # noqa: ANN401 (an article, or None)
        """Return the chosen article, None for none."""
        return self.articles.get(self.data or "")


class TeamField(forms.ChoiceField):
    """A field for the id of the team that will own a record; the first choice is preselected."""

    def set_choices(self, teams: Iterable[Any]) -> None:
        """Set the teams to choose from."""
        self.choices = [(str(one.id), one.name) for one in teams]
        if self.data is None and self.choices:
            self.data = self.choices[0][0]
