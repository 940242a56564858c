"""Fields of the import form and the confirm page, and what their rows hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import wtforms

from tracker import clock
from tracker.articles.rules import MAX_CITED_PASSAGES
from tracker.errors import InvalidInput
from tracker.i18n import _, lazy
from tracker.intake.sheet import MAX_QUOTE_LENGTH, TICKED_VALUE, split_passages
from tracker.web import forms
from tracker.when import MAX_DATE_LENGTH, When, WhenError, parse_when


class DateTextField(forms.TextField):
    """A text field for a date or period, empty if unknown."""

    def date_error(self) -> str:
        """Return the error message for an invalid date, "" for a valid one."""
        try:
            self.read_date()
        except InvalidInput as error:
            return str(error)
        return ""

    def read_date(self) -> When:
        """Return the entered date; raise InvalidInput at the field if it is invalid."""
        try:
            return parse_when(self.data or "", latest_possible_date=clock.current_date())
        except WhenError as error:
            raise InvalidInput(**{self.name: forms.date_error_message(error)}) from error


class PublicationDateField(DateTextField):
    """A text field for a publication date, empty if unknown."""

    def __init__(self, **kw: Any) -> None:  # noqa: ANN401 (WTForms options)
        hint = lazy(
            "18 May 2026, 18.05.2026 or May 2026. “Last winter” and the like are counted from it."
        )
        super().__init__(lazy("Published"), most=MAX_DATE_LENGTH, description=hint, **kw)


def shown_form_pairs(fields: Iterable[Any], field_prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name and the value that a browser sends for each shown field. `field_prefix`: what
    is put before each name.
    """
    for one in fields:
        name = field_prefix + one.short_name
        if isinstance(one, forms.NameField):
            yield f"{name}-name", one.form.name.data or ""
            yield f"{name}-chosen", one.current_choice()
        elif isinstance(one, wtforms.FormField):
            yield from shown_form_pairs(one.form, f"{name}-")
        elif isinstance(one, wtforms.FieldList):
            for place, entry in enumerate(one.entries):
                yield from shown_form_pairs(entry.form, f"{place}-")
        elif isinstance(one, wtforms.BooleanField):
            yield name, TICKED_VALUE if one.data else ""
        elif isinstance(one, wtforms.SelectField):
            choices = list(one.iter_choices())
            shown = [choice for choice in choices if choice[2]]
            if not shown and not isinstance(one, wtforms.SelectMultipleField):
                # A browser shows the first option of a list without a choice.
                shown = choices[:1]
            yield from ((name, str(choice[0])) for choice in shown)
        else:
            yield name, "" if one.data is None else str(one.data)


def text_fields_to_save(fields: Iterable[Any]) -> Iterator[Any]:
    """Yield the text fields of a row and of its ticked sub-rows, without the names of people,
    outlets and institutions.
    """
    for one in fields:
        if isinstance(one, wtforms.FieldList):
            ticked = (row.form for row in one.entries if "use" not in row.form or row.form.use.data)
            yield from (found for row in ticked for found in text_fields_to_save(row))
        elif isinstance(one, wtforms.FormField) and not isinstance(one, forms.NameField):
            yield from text_fields_to_save(one.form)
        elif isinstance(one, forms.TextField | forms.LongTextField):
            yield one


def entered_date(when_field: forms.WhenField) -> When | str:
    """Return the date entered in a field, "" if it is empty, the text itself if it is no date."""
    typed = when_field.form.when.data or ""
    try:
        return parse_when(typed, latest_possible_date=clock.current_date()) if typed else ""
    except WhenError:
        return typed


def quote_field() -> forms.LongTextField:
    """Return a text field for one or several quoted passages of the article."""
    return forms.LongTextField(
        lazy("Quote"), most=MAX_QUOTE_LENGTH,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the article."),
    )  # fmt: skip


def parse_quoted_passages(quote: forms.LongTextField) -> list[str]:
    """Return the passages in a quote field; raise InvalidInput if there are too many."""
    passages = split_passages(quote.data or "")
    if len(passages) > MAX_CITED_PASSAGES:
        few = _("One record cites at most %(most)d passages.", most=MAX_CITED_PASSAGES)
        raise InvalidInput(**{quote.name: few})
    return passages
