"""Fields of the import form and the confirm page, and the base of the rows of that page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import wtforms

from tracker import clock
from tracker.articles.rules import MAX_CITED_PASSAGES
from tracker.articles.sentences import MAX_QUOTE_LENGTH
from tracker.errors import InvalidInput
from tracker.i18n import _, lazy
from tracker.intake import sheet
from tracker.intake.codes import SuggestionKind
from tracker.intake.drafts import Suggestion, WeakSuggestion
from tracker.intake.quoting import parse_sentence_numbers, split_passages
from tracker.permissions import Actor, can_edit
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
        super().__init__(lazy("Published"), max_length=MAX_DATE_LENGTH, description=hint, **kw)


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
            yield name, sheet.TICKED_VALUE if one.data else ""
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
        lazy("Quote"), max_length=MAX_QUOTE_LENGTH,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the article."),
    )  # fmt: skip


def parse_quoted_passages(quote: forms.LongTextField) -> list[str]:
    """Return the passages in a quote field; raise InvalidInput if there are too many."""
    passages = split_passages(quote.data or "")
    if len(passages) > MAX_CITED_PASSAGES:
        few = _("One record cites at most %(most)d passages.", most=MAX_CITED_PASSAGES)
        raise InvalidInput(**{quote.name: few})
    return passages


def record_checkbox() -> wtforms.BooleanField:
    """Return the checkbox of a target or an act; only if ticked it is saved with its row."""
    return wtforms.BooleanField(lazy("Record this"))


class AcceptOrSkipField(wtforms.BooleanField):
    """A field to accept or skip a row, shown as two radio buttons; both may be unselected."""

    false_values = (False, "false", "", sheet.SKIPPED_VALUE)
    is_skipped = False

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read whether the row is accepted (`data`) and whether it was skipped (`is_skipped`)."""
        super().process_formdata(valuelist)
        self.is_skipped = sheet.SKIPPED_VALUE in valuelist


class RecordRow(forms.SubForm):
    """A row of the confirm page: a record to create, or an existing record to add a source to."""

    # The existing records that the row may be, set before the form is read.
    matching_records: Sequence[Any] = ()
    # Those of the matching records that are certainly the same, and those that more users can see
    # than the article.
    certain_matches: Sequence[Any] = ()
    more_visible_matches: Sequence[Any] = ()
    # The suggestions for empty fields, filled in once ticked; set for the page.
    weak_suggestions: Sequence[WeakSuggestion] = ()

    use = AcceptOrSkipField(lazy("Record this"))
    # The keys of the suggestions that the row was made from, separated by spaces.
    came = wtforms.HiddenField(default="")
    # The ref of the existing record, NEW for a new one, "" if nothing was chosen yet.
    same_as = wtforms.HiddenField(lazy("Existing record?"), default="")

    # The weak suggestions (`WeakSuggestion.name`) that were filled in once: not offered again.
    filled = wtforms.HiddenField(default="")
    # The digest of the row as the page showed it, "" if it was not changed since.
    was = wtforms.HiddenField(default="")

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 (WTForms' own signature)
        """Return whether the row is valid; what is skipped is not validated."""
        return self.use.is_skipped or bool(super().validate(extra_validators))

    def store_shown_digest(self) -> None:
        """Store a digest of the row as first shown, to detect later changes."""
        self.was.data = self.was.data or sheet.row_digest(shown_form_pairs(self))

    def validate_changes_accepted(self) -> None:
        """Raise InvalidInput if the row was changed, but neither accepted nor skipped."""
        if self.was.data and not self.use.data and not self.use.is_skipped:
            raise InvalidInput(
                **{
                    self.use.name: _(
                        "You changed this record but did not accept it. Accept it to save it, "
                        "or skip it to drop the changes."
                    )
                }
            )

    def is_expanded(self) -> bool:
        """Return whether the row is shown with its fields: one of them has an error, or must still
        be filled in.
        """
        if any(name not in {"use", "same_as"} for name in self.errors):
            return True
        is_decided = self.use.is_skipped or self.has_existing_record()
        return not is_decided and bool(self.missing_fields())

    def remaining_steps(self) -> list[str]:
        """Return in words what a user must still do to save the row."""
        if self.use.is_skipped or self.has_existing_record():
            return []
        is_open = bool(self.matching_records) and not self.same_as.data
        chosen = [str(_("choose whether it is an existing record"))] if is_open else []
        return [*chosen, *self.missing_fields()]

    def missing_fields(self) -> list[str]:
        """Return in words which fields of a new record must still be filled in."""
        is_open = any(one.offers and not one.form.chosen.data for one in self.party_name_fields())
        return [str(_("choose who is meant"))] if is_open else []

    def party_name_fields(self) -> list[Any]:
        """Return the name fields of the people, outlets and institutions in the row."""
        return []

    def suggestions_of_kind(
        self, suggestion_by_key: Mapping[str, Suggestion], kind: SuggestionKind
    ) -> list[Suggestion]:
        """Return the suggestions of one kind from which the row was made."""
        keys = (self.came.data or "").split()
        return [
            suggestion_by_key[key]
            for key in keys
            if key in suggestion_by_key and suggestion_by_key[key].kind == kind
        ]

    def cited_sentence_numbers(self, _suggestion_by_key: Mapping[str, Suggestion]) -> list[str]:
        """Return the sentence numbers and ranges in the quote field of the row, such as "5" or
        "9-11". Return an empty list if the field has words. `_suggestion_by_key`: used only by rows
        of responses.
        """
        return parse_sentence_numbers(self["quote"].data or "")

    def has_existing_record(self) -> bool:
        """Return whether an existing record was chosen for the row."""
        return (self.same_as.data or "") not in {"", forms.NEW_CHOICE}

    def needs_sharing(self) -> bool:
        """Return whether the row is accepted, and adds the article to an existing record that more
        users can see than the article.
        """
        chosen = self.same_as.data
        return bool(self.use.data) and any(one.ref == chosen for one in self.more_visible_matches)

    def preselect_certain_match(self, by: Actor, taken_refs: set[str]) -> None:
        """Choose the existing record that certainly matches the row, if there is only one, the
        actor may edit it, and its ref is not in `taken_refs` (the records already chosen in other
        rows). Add the ref of the chosen record to `taken_refs`.
        """
        if (
            len(self.certain_matches) == 1
            and can_edit(by, self.certain_matches[0])
            and self.certain_matches[0].ref not in taken_refs
        ):
            self.same_as.data = self.certain_matches[0].ref
            taken_refs.add(self.certain_matches[0].ref)

    def require_match_choice(self) -> None:
        """Raise InvalidInput if the row has matching records and no choice was made."""
        if self.matching_records and not self.same_as.data:
            raise InvalidInput(
                **{self.same_as.name: _("Is this an existing record? Choose below.")}
            )


def existing_party_refs(name_fields: Iterable[Any]) -> set[str]:
    """Return the refs of the existing journalists, outlets and institutions in name fields. For
    each field: the chosen record, or if none is chosen, the records that have exactly the entered
    name.
    """
    found: set[str] = set()
    for who in name_fields:
        chosen = who.form.chosen.data or ""
        found |= {chosen} if chosen else set(getattr(who, "exact", ()))
    return found
