"""Filters of lists: each field is declared once, with its query parameter, label and condition.

A filter is a frozen dataclass on `ListFilter`; the functions below declare its fields. What they
cannot express is written by hand: a method of the filter, a condition in `queries`, a field in the
list's own template. `templates/macros/filters.html` renders the other fields.
"""

from __future__ import annotations

import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Self, TypeVar

from sqlalchemy import select

from tracker import clock
from tracker.errors import BadQuery
from tracker.i18n import (
    MonthRange,
    add_quotation_marks,
    country_name,
    current_language,
    lazy,
    localized_day,
)
from tracker.vocabulary.labels import code_choices, get_label
from tracker.web import filters as values

# The type of the values of a filter field.
ValueType = TypeVar("ValueType")
# A closed set of codes.
CodeType = TypeVar("CodeType", bound="StrEnum")
# The type of a record that a filter field names by its ref, such as `Journalist`.
NamedRecordType = TypeVar("NamedRecordType")
# No names of records and terms are given: headings show refs and codes instead.
NO_NAMES: Mapping[str, str] = MappingProxyType({})
# The default of a field that must be given.
REQUIRED_DEFAULT: Any = MISSING
# Templates for a filter in the heading of a list: its value alone, or its label and its value.
# `%(words)s` is replaced by the text of the value.
VALUE_ONLY_TEXT = "%(words)s"
LABEL_AND_VALUE_TEXT = "%(label)s: %(words)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterField:
    """The declaration of one field of a filter: how its value is read from the query parameters of
    a list, shown in the form and in the heading of the list, and compared with a column.
    """

    label: object
    # Returns the value, given the query parameters and `name`.
    read: Callable[[Any, str], Any]
    # Returns the query parameter for a value.
    write: Callable[[Any], str | list[str]] = str
    # Returns the text for a value, given the names of records and terms by ref or code.
    value_text: Callable[[Any, Mapping[str, str]], str] = lambda value, _names: str(value)
    # The template for this text in the heading of the list, "" to leave the field out.
    heading: object = VALUE_ONLY_TEXT
    # The text in the heading of the list if the field has no value.
    unset_heading: object = ""
    # The kind of form input, "" if only links set the field.
    control: str = ""
    # The explanation at the input of the field.
    hint: object = ""
    # The closed set to choose from.
    codes: type[StrEnum] | None = None
    # The column of the record that `compare` compares with the value, "" if the condition is
    # written by hand.
    column: str = ""
    compare: Callable[[Any, Any], Any] = operator.eq
    # The name of the query parameter.
    name: str = ""
    # The name of the attribute of the filter that has the value.
    attribute: str = ""

    def code_choices(self) -> list[tuple[str, str]]:
        """Return the codes of the field's closed set with labels in the viewer's language."""
        return code_choices(self.codes, current_language()) if self.codes else []

    def parse_value(self, args: Mapping[str, str]) -> Any:  # noqa: ANN401 (whatever the field holds)
        """Return the field's value, given the query parameters; raise BadQuery if it is invalid."""
        try:
            return self.read(args, self.name)
        except BadQuery as error:
            error.label = error.label or self.label
            raise

    def describe_value(self, value: Any, names: Mapping[str, str] = NO_NAMES) -> str:  # noqa: ANN401 (as above)
        """Return the text for a value in the heading of the list.
        `names`: the names of records and terms by ref or code.
        """
        if not value:
            return str(self.unset_heading)
        text, label = self.value_text(value, names), str(self.label)
        # There is one placeholder for the value, whatever its name.
        return str(self.heading) % defaultdict(lambda: text, label=label[:1].lower() + label[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """A filter of a list of records; empty fields do not filter."""

    @classmethod
    def declared_fields(cls) -> tuple[FilterField, ...]:
        """Return the declarations of the filter's fields, in order."""
        filter_class: Any = cls
        return _declared_fields(filter_class)

    @classmethod
    def get_field(cls, name: str) -> FilterField:
        """Return the declaration of the field with this name in query parameters."""
        return next(one for one in cls.declared_fields() if one.name == name)

    @classmethod
    @values.collect_query_errors
    def from_args(cls, args: Mapping[str, str]) -> Self:
        """Return the filter given by query parameters or command options.
        Raise BadQuery, with all errors, for invalid ones.
        """
        values.reject_unknown_parameters(args, (one.name for one in cls.declared_fields()))
        return cls(**{one.attribute: one.parse_value(args) for one in cls.declared_fields()})

    def to_args(self) -> dict[str, Any]:
        """Return the query parameters of the fields that are set."""
        asked = ((one, getattr(self, one.attribute)) for one in self.declared_fields())
        return {one.name: one.write(value) for one, value in asked if value}

    def describe(self, names: Mapping[str, str] = NO_NAMES, *, only_set: bool = False) -> str:
        """Return a description of the filter in the viewer's language, "" for none. `names`: the
        names of records and terms by ref or code; `only_set`: leave out what fields without a value
        mean.
        """
        asked = ((one, getattr(self, one.attribute)) for one in self.declared_fields())
        said = (one.describe_value(value, names) for one, value in asked if value or not only_set)
        return ", ".join(text for text in said if text)

    def build_conditions(self, model: Any) -> Iterator[Any]:  # noqa: ANN401 (a model, conditions)
        """Yield an SQL condition for each set field that has a column in the model."""
        for one in self.declared_fields():
            value = getattr(self, one.attribute)
            if one.column and value:
                yield one.compare(getattr(model, one.column), value)

    def get_named_record(
        self, name: str, find_by_ref: Callable[[str], NamedRecordType | None]
    ) -> NamedRecordType | None:
        """Return the record whose ref is the value of the field `name`, None if that is unset.
        `find_by_ref`: finds the record. Raise BadQuery if the viewer cannot see it.
        """
        one = self.get_field(name)
        return values.require_record(
            name, getattr(self, one.attribute), find_by_ref, label=one.label
        )

    def unknown_value_error(self, name: str, value: str, hint: str = "") -> BadQuery:
        """Return a BadQuery, for the caller to raise, for an unknown value of the field `name`.
        `hint`: which values are valid.
        """
        return values.invalid_value_error(name, value, hint, label=self.get_field(name).label)

    def form_fields(self, first: Sequence[str] = ("q",)) -> list[tuple[FilterField, Any]]:
        """Return the fields with their values, in the order of the form.
        `first`: the names of the fields before all others.
        """
        every = {one.name: one for one in self.declared_fields()}
        ordered = {name: every[name] for name in first if name in every} | every
        return [(one, getattr(self, one.attribute)) for one in ordered.values()]


@cache
def _declared_fields(filter_class: Any) -> tuple[FilterField, ...]:  # noqa: ANN401 (a class of filters)
    """Return the declarations of a filter's fields, in order, with their names filled in."""
    return tuple(
        replace(declared, attribute=one.name, name=declared.name or one.name)
        for one in fields(filter_class)
        if (declared := one.metadata.get("filter"))
    )


def declare_field(default: ValueType, **field_options: Any) -> ValueType:  # noqa: ANN401 (see FilterField)
    """Return a dataclass field with a `FilterField`.
    `**field_options`: the attributes of the `FilterField`.

    The functions below declare the usual kinds of fields; they pass `**field_options` on.
    """
    made: Any = field(default=default, metadata={"filter": FilterField(**field_options)})
    return made  # type: ignore[no-any-return]


def text_filter(
    label: object = lazy("Search"),
    *,
    max_length: int = 200,
    **field_options: Any,  # noqa: ANN401
) -> str:
    """Declare a filter field for a full-text search.
    `max_length`: the most characters; `**field_options`: other attributes of the `FilterField`.
    """

    def read(args: Any, name: str) -> str:  # noqa: ANN401 (query parameters)
        return values.parse_text(args, name, max_length=max_length)

    options = {"control": "search"} | field_options
    if "heading" not in options:
        options |= {"heading": lazy("with the words %(words)s"), "value_text": quote_value}
    return declare_field("", label=label, read=read, **options)


def quote_value(value: str, _names: Mapping[str, str]) -> str:
    """Return the value of a text filter in quotation marks, unless it brings its own."""
    return add_quotation_marks(value)


def code_filter(codes: type[CodeType], label: object, **field_options: Any) -> CodeType | None:  # noqa: ANN401
    """Declare a filter field for a code of a closed set.
    `**field_options`: other attributes of the `FilterField`.
    """

    def read(args: Any, name: str) -> CodeType | None:  # noqa: ANN401 (query parameters)
        return values.parse_code(args, name, codes)

    def value_text(value: CodeType, _names: Mapping[str, str]) -> str:
        return get_label(value, current_language())

    options = {"control": "select"} | field_options
    return declare_field(
        None, label=label, read=read, value_text=value_text, codes=codes, **options
    )


def country_filter(**field_options: Any) -> str:  # noqa: ANN401
    """Declare a filter field for a two-letter country code.
    `**field_options`: other attributes of the `FilterField`.
    """

    def value_text(value: str, _names: Mapping[str, str]) -> str:
        return country_name(value)

    options = {"control": "select"} | field_options
    return declare_field(
        "", label=lazy("Country"), read=values.parse_country, value_text=value_text, **options
    )


def term_filter(label: object, pattern: re.Pattern[str], **field_options: Any) -> str:  # noqa: ANN401
    """Declare a filter field for the code of a term; queries check whether the term exists.
    `pattern`: matches every code that may exist; `**field_options`: other attributes of the
    `FilterField`.
    """

    def read(args: Any, name: str) -> str:  # noqa: ANN401 (query parameters)
        found = values.parse_text(args, name)
        if found and not pattern.fullmatch(found):
            raise values.invalid_value_error(name, found, values.choices_hint())
        return found

    options = {"control": "select"} | field_options
    return declare_field("", label=label, read=read, value_text=_name_or_value, **options)


def ref_filter(prefix: str, label: object, **field_options: Any) -> str:  # noqa: ANN401
    """Declare a filter field for the ref of a record; queries check whether the record exists.
    `prefix`: the beginning of such refs, such as INC; `**field_options`: other attributes of the
    `FilterField`.
    """

    def read(args: Any, name: str) -> str:  # noqa: ANN401 (query parameters)
        return values.parse_ref(args, name, prefix)

    return declare_field("", label=label, read=read, value_text=_name_or_value, **field_options)


def records_filter(**field_options: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Declare a filter field for the refs of records that a user selected in the list.
    `**field_options`: other attributes of the `FilterField`.

    Hidden and missing records match nothing; the heading names none of them.
    """

    def is_one_of(column: Any, refs: tuple[str, ...]) -> Any:  # noqa: ANN401 (a column, a condition)
        return column.in_(refs)

    own = {"write": " ".join, "heading": lazy("selected records"), "column": "ref"}
    options, label = own | field_options, lazy("Selected records")
    return declare_field((), label=label, read=values.parse_refs, compare=is_one_of, **options)


def day_filter(label: object, **field_options: Any) -> date | None:  # noqa: ANN401
    """Declare a filter field for a day.
    `**field_options`: other attributes of the `FilterField`.
    """

    def value_text(value: date, _names: Mapping[str, str]) -> str:
        return localized_day(value)

    options = {"read": values.parse_day, "control": "date"} | field_options
    return declare_field(None, label=label, value_text=value_text, **options)


def first_day_filter(**field_options: Any) -> date | None:  # noqa: ANN401
    """Declare a filter field for the first day of a period.
    `**field_options`: other attributes of the `FilterField`, with `column`: the column that has the
    latest possible day of a record.
    """
    heading = lazy("from %(day)s")
    return day_filter(
        lazy("From"), name="from", heading=heading, compare=operator.ge, **field_options
    )


def last_day_filter(**field_options: Any) -> date | None:  # noqa: ANN401
    """Declare a filter field for the last day of a period.
    `**field_options`: other attributes of the `FilterField`, with `column`: the column that has the
    earliest possible day of a record.
    """
    heading, read = lazy("until %(day)s"), values.parse_last_day
    return day_filter(
        lazy("To"), name="to", heading=heading, read=read, compare=operator.le, **field_options
    )


def logged_from_filter() -> date | None:
    """Declare a filter field for the first day on which the records of a list were logged."""

    def is_since(column: Any, day: date) -> Any:  # noqa: ANN401 (a column, a condition)
        return column >= datetime.combine(day, time(), clock.local_time_zone())

    return day_filter(
        lazy("Logged from"),
        heading=lazy("logged from %(day)s"),
        column="recorded_at",
        compare=is_since,
    )


def logged_by_filter() -> str:
    """Declare a filter field for the name of the user who logged a record; the form offers the name
    of the viewer. A name that nobody has matches nothing.
    """

    def is_author(column: Any, name: str) -> Any:  # noqa: ANN401 (a column, a condition)
        (key,) = column.property.columns[0].foreign_keys
        users = key.column.table
        return column == select(users.c.id).where(users.c.name == name).scalar_subquery()

    return declare_field(
        "",
        label=lazy("Logged by"),
        heading=lazy("logged by %(name)s"),
        read=values.parse_text,
        control="user_name",
        column="recorded_by_id",
        compare=is_author,
    )


def months_filter(label: object, **field_options: Any) -> MonthRange | None:  # noqa: ANN401
    """Declare a filter field for consecutive months.
    `**field_options`: other attributes of the `FilterField`.
    """

    def value_text(value: MonthRange, _names: Mapping[str, str]) -> str:
        return value.localized_text()

    return declare_field(
        None, label=label, read=values.parse_months, value_text=value_text, **field_options
    )


def flag_filter(label: object, **field_options: Any) -> bool:  # noqa: ANN401
    """Declare a yes/no filter field; the heading shows its label unless `heading` is given.
    `**field_options`: other attributes of the `FilterField`.
    """
    options = {"heading": label, "control": "checkbox"} | field_options
    return declare_field(
        default=False, label=label, read=values.parse_yes, write=lambda _yes: "yes", **options
    )


def _name_or_value(value: str, names: Mapping[str, str]) -> str:
    """Return the name of the record or term with the ref or code `value`, or `value` without one.
    `names`: the names of records and terms by ref or code.
    """
    return names.get(value, value)
