"""Filters of lists: a field is declared once, and its link, label, form and condition follow.

A filter is a frozen dataclass on `ListFilter`, its fields made by the functions below. What is not
plain is written beside it: a method of the filter, a condition in `queries`, a field drawn in the
list's own template. `templates/macros/filters.html` draws the others.
"""

from __future__ import annotations

import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Self, TypeVar

from tracker.dates import MonthRange, localized_day
from tracker.errors import BadQuery
from tracker.i18n import country_name, current_language, lazy
from tracker.vocabulary.labels import code_choices
from tracker.vocabulary.labels import get_label as label_of
from tracker.web import filters as values

Value = TypeVar("Value")
Code = TypeVar("Code", bound="StrEnum")
Named = TypeVar("Named")
NO_NAMES: Mapping[str, str] = MappingProxyType({})
# The default of a field that must be given.
REQUIRED_DEFAULT: Any = MISSING
# The heading shows the value alone.
VALUE_HEADING = "%(words)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterField:
    """The declaration of one field of a filter.

    `attribute`, `name`: what the filter and addresses call it. `read`: returns its value, given the
    values of an address and its name there; `write`: the text of a value in an address.
    `words`: a value in words, given the names of records and terms; `says`: what the heading puts
    around them, "" where it leaves the field out; `unset`: what it says where nothing is asked for.
    `control`: what draws it in the form, "" where only links ask for it; `codes`: what to choose
    from. `column`: the column of the record that `compare` holds against the value, "" where the
    condition is written by hand.
    """

    label: object
    read: Callable[[Any, str], Any]
    write: Callable[[Any], str | list[str]] = str
    words: Callable[[Any, Mapping[str, str]], str] = lambda value, _names: str(value)
    says: object = VALUE_HEADING
    unset: object = ""
    control: str = ""
    codes: type[StrEnum] | None = None
    column: str = ""
    compare: Callable[[Any, Any], Any] = operator.eq
    name: str = ""
    attribute: str = ""

    def options(self) -> list[tuple[str, str]]:
        """Return the codes to choose from, with labels in the viewer's language."""
        return code_choices(self.codes, current_language()) if self.codes else []

    def value_in(self, args: Mapping[str, str]) -> Any:  # noqa: ANN401 (whatever the field holds)
        """Return the field's value from query parameters; raise BadQuery, with its label, if
        wrong.
        """
        try:
            return self.read(args, self.name)
        except BadQuery as error:
            error.label = error.label or self.label
            raise

    def text_of(self, value: Any, names: Mapping[str, str] = NO_NAMES) -> str:  # noqa: ANN401 (as above)
        """Return the text that the heading shows for a value."""
        if not value:
            return str(self.unset)
        words = self.words(value, names)
        # There is one placeholder, whatever its name.
        return str(self.says) % defaultdict(lambda: words)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """A filter of a list of records; empty fields do not filter."""

    @classmethod
    def declared(cls) -> tuple[FilterField, ...]:
        """Return the declarations of its fields, in their order."""
        kind: Any = cls
        return _declared_by(kind)

    @classmethod
    def field_named(cls, name: str) -> FilterField:
        """Return the field with this name in query parameters."""
        return next(one for one in cls.declared() if one.name == name)

    @classmethod
    @values.collect_query_errors
    def from_args(cls, args: Mapping[str, str]) -> Self:
        """Read query parameters or the options of a command; raise BadQuery for invalid ones."""
        values.validate_known_parameters(args, (one.name for one in cls.declared()))
        return cls(**{one.attribute: one.value_in(args) for one in cls.declared()})

    def to_args(self) -> dict[str, Any]:
        """Return the query parameters that are set."""
        asked = ((one, getattr(self, one.attribute)) for one in self.declared())
        return {one.name: one.write(value) for one, value in asked if value}

    def describe(self, names: Mapping[str, str] = NO_NAMES) -> str:
        """Return the filter as text in the viewer's language, "" if no field is set."""
        asked = ((one, getattr(self, one.attribute)) for one in self.declared())
        said = (one.text_of(value, names) for one, value in asked)
        return ", ".join(words for words in said if words)

    def conditions(self, model: Any) -> Iterator[Any]:  # noqa: ANN401 (a model, conditions)
        """Yield a condition for each set field that has a column in the model."""
        for one in self.declared():
            value = getattr(self, one.attribute)
            if one.column and value:
                yield one.compare(getattr(model, one.column), value)

    def named(self, name: str, by_ref: Callable[[str], Named | None]) -> Named | None:
        """Return the record that a field names, None if unset.

        Raises BadQuery if the viewer cannot see it.
        """
        one = self.field_named(name)
        return values.require_record(name, getattr(self, one.attribute), by_ref, label=one.label)

    def unknown_value_error(self, name: str, value: str, hint: str = "") -> BadQuery:
        """Return the error, for the caller to raise, for an unknown value of a field."""
        return values.invalid_value_error(name, value, hint, label=self.field_named(name).label)

    def form_fields(self, first: Sequence[str] = ("q",)) -> list[tuple[FilterField, Any]]:
        """Return the fields in form order with their values: those in `first`, then the others."""
        every = {one.name: one for one in self.declared()}
        ordered = {name: every[name] for name in first if name in every} | every
        return [(one, getattr(self, one.attribute)) for one in ordered.values()]


@cache
def _declared_by(kind: Any) -> tuple[FilterField, ...]:  # noqa: ANN401 (a class of filters)
    return tuple(
        replace(declared, attribute=one.name, name=declared.name or one.name)
        for one in fields(kind)
        if (declared := one.metadata.get("filter"))
    )


def declare(default: Value, **how: Any) -> Value:  # noqa: ANN401 (see FilterField)
    """Declare a field of a filter; the functions below do so for the usual kinds.

    Further keyword arguments are passed to `FilterField` unchanged.
    """
    made: Any = field(default=default, metadata={"filter": FilterField(**how)})
    return made  # type: ignore[no-any-return]


def free_text(label: object = lazy("Search"), *, most: int = 200, **more: Any) -> str:  # noqa: ANN401
    """Declare a free-text field."""

    def read(args: Any, name: str) -> str:  # noqa: ANN401 (the values of an address)
        return values.parse_text(args, name, most=most)

    how = {"says": lazy("with the words “%(words)s”"), "control": "search"} | more
    return declare("", label=label, read=read, **how)


def code(codes: type[Code], label: object, **more: Any) -> Code | None:  # noqa: ANN401
    """Declare a code of a closed set."""

    def read(args: Any, name: str) -> Code | None:  # noqa: ANN401 (the values of an address)
        return values.parse_code(args, name, codes)

    def words(value: Code, _names: Mapping[str, str]) -> str:
        return label_of(value, current_language())

    how = {"control": "select"} | more
    return declare(None, label=label, read=read, words=words, codes=codes, **how)


def country(**more: Any) -> str:  # noqa: ANN401
    """Declare a country field, a two-letter code."""

    def words(value: str, _names: Mapping[str, str]) -> str:
        return country_name(value)

    how = {"control": "select"} | more
    return declare("", label=lazy("Country"), read=values.parse_country, words=words, **how)


def term(label: object, pattern: re.Pattern[str], **more: Any) -> str:  # noqa: ANN401
    """Declare a vocabulary term by its code; whether the term exists is checked elsewhere."""

    def read(args: Any, name: str) -> str:  # noqa: ANN401 (the values of an address)
        found = values.parse_text(args, name)
        if found and not pattern.fullmatch(found):
            raise values.invalid_value_error(name, found, values.choices_hint())
        return found

    how = {"control": "select"} | more
    return declare("", label=label, read=read, words=_named, **how)


def ref(prefix: str, label: object, **more: Any) -> str:  # noqa: ANN401
    """Declare a record by its ref; whether the record exists is checked elsewhere."""

    def read(args: Any, name: str) -> str:  # noqa: ANN401 (the values of an address)
        return values.parse_ref(args, name, prefix)

    return declare("", label=label, read=read, words=_named, **more)


def records(**more: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Declare several records of the list by their refs.

    Hidden and missing ones match alike: not at all. The heading says nothing that names them.
    """

    def is_one_of(column: Any, refs: tuple[str, ...]) -> Any:  # noqa: ANN401 (a column, a condition)
        return column.in_(refs)

    how = {"write": " ".join, "says": lazy("selected records"), "column": "ref"} | more
    label = lazy("Selected records")
    return declare((), label=label, read=values.parse_refs, compare=is_one_of, **how)


def day(label: object, **more: Any) -> date | None:  # noqa: ANN401
    """Declare a day."""

    def words(value: date, _names: Mapping[str, str]) -> str:
        return localized_day(value)

    how = {"read": values.parse_day, "control": "date"} | more
    return declare(None, label=label, words=words, **how)


def first_day(**more: Any) -> date | None:  # noqa: ANN401
    """Declare the first day of a period; its `column` is the latest possible day of a record."""
    says = lazy("from %(day)s")
    return day(lazy("From"), name="from", says=says, compare=operator.ge, **more)


def last_day(**more: Any) -> date | None:  # noqa: ANN401
    """Declare the last day of a period; its `column` is the earliest possible day of a record."""
    says, read = lazy("until %(day)s"), values.parse_last_day
    return day(lazy("To"), name="to", says=says, read=read, compare=operator.le, **more)


def months(label: object, **more: Any) -> MonthRange | None:  # noqa: ANN401
    """Declare a month, or several consecutive months."""

    def words(value: MonthRange, _names: Mapping[str, str]) -> str:
        return value.localized_text()

    return declare(None, label=label, read=values.parse_months, words=words, **more)


def yes(label: object, **more: Any) -> bool:  # noqa: ANN401
    """Declare a yes/no field; the heading shows its label unless another text is given."""
    how = {"says": label, "control": "checkbox"} | more
    return declare(
        default=False, label=label, read=values.parse_yes, write=lambda _yes: "yes", **how
    )


def _named(value: str, names: Mapping[str, str]) -> str:
    return names.get(value, value)
