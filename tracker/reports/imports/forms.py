"""Forms of imports: upload, and the mapping of columns and words of a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf.file import FileField
from wtforms import FieldList, FormField
from wtforms.validators import ValidationError

from tracker.articles.extraction import MAX_FILE_BYTES
from tracker.i18n import _, country_choices, current_language, lazy
from tracker.incidents.codes import ActorType, AttributedBy
from tracker.kit.fields import code_label
from tracker.kit.forms import TeamField, code_input
from tracker.reports.imports.codes import DayOrder, ImportField, ListSeparator, SkipReason
from tracker.reports.imports.mapping import (
    FIELDS_OF_SEVERAL_COLUMNS,
    LIST_FIELDS,
    ImportPlan,
)
from tracker.reports.imports.models import ImportBatch
from tracker.reports.imports.tables import ENCODINGS
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import code_choices
from tracker.vocabulary.queries import term_choices
from tracker.web import forms

# The labels of the separators of cells.
SEPARATOR_LABELS = {
    ",": lazy("commas"), ";": lazy("semicolons"), "\t": lazy("tabs"), "|": lazy("vertical bars"),
}  # fmt: skip
# A word in a file is read as the code whose label begins with this word, but only if the word has
# at least this many letters.
MIN_LABEL_PREFIX_LENGTH = 4
# The label of the choice to detect an option from the file.
DETECT_CHOICE_LABEL = lazy("as the file looks")


class UploadForm(forms.TrackerForm):
    """The form that uploads a file; options that are not set are detected from the file."""

    file = FileField(lazy("File"), description=lazy(".csv, .xlsx or .json, at most 10 MB."))
    mapping = forms.ChoiceField(lazy("What its columns mean"))
    encoding = forms.ChoiceField(lazy("Encoding"))
    separator = forms.ChoiceField(lazy("Cells are separated by"))
    team = TeamField(lazy("Team"))

    def __init__(self, *args: Any, **kw: Any) -> None:  # noqa: ANN401 (WTForms' own signature)
        super().__init__(*args, **kw)
        self.content = b""

    def set_choices(self, mappings: Iterable[str]) -> None:
        """Offer mappings by their names, and all encodings and separators."""
        guessed = ("", str(DETECT_CHOICE_LABEL))
        self.mapping.choices = [guessed, *((name, name) for name in mappings)]
        self.encoding.choices = [("", _("automatic")), *ENCODINGS.items()]
        self.separator.choices = [
            guessed,
            *((sign, str(word)) for sign, word in SEPARATOR_LABELS.items()),
        ]
        for one in (self.mapping, self.encoding, self.separator):
            one.data = one.data or ""

    def validate_file(self, field: FileField) -> None:
        """Read the uploaded file into `content`; reject a missing or too large one."""
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file."))
        field.data.seek(0)
        self.content = field.data.read(MAX_FILE_BYTES + 1)
        if len(self.content) > MAX_FILE_BYTES:
            raise ValidationError(
                _("At most 10 MB here. Larger files go by the command `flask reports import`.")
            )


class MappingForm(forms.PartForm):
    """The form that sets another mapping for an uploaded file."""

    mapping = forms.ChoiceField(lazy("Another mapping"))

    def set_choices(self, mappings: Iterable[str]) -> None:
        """Offer mappings by their names."""
        names = ((name, name) for name in mappings)
        self.mapping.choices = [("", str(DETECT_CHOICE_LABEL)), *names]
        self.mapping.data = self.mapping.data or ""


class ColumnForm(forms.SubForm):
    """The subform with the field that a column is mapped to."""

    field = code_input(lazy("is read as"), ImportField, blank=lazy("not imported"))


class WordCodeForm(forms.SubForm):
    """The subform in which the user chooses the code that a word in the file stands for, such as
    the code of an incident type.
    """

    code = forms.ChoiceField(lazy("means"))


class PlanForm(forms.VersionedForm):
    """The form for the mapping of a file: fields of columns, codes of words, and options."""

    columns = FieldList(FormField(ColumnForm), lazy("Columns"))
    type_words = FieldList(FormField(WordCodeForm), lazy("Words for types"))
    country_words = FieldList(FormField(WordCodeForm), lazy("Words for countries"))
    actor_words = FieldList(FormField(WordCodeForm), lazy("Words for perpetrators"))
    split_types = code_input(lazy("Types in one cell are separated by"), ListSeparator)
    split_journalists = code_input(lazy("Names in one cell are separated by"), ListSeparator)
    split_outlets = code_input(lazy("Outlets in one cell are separated by"), ListSeparator)
    day_order = code_input(lazy("Order of 03/04/2025"), DayOrder)
    country = forms.ChoiceField(lazy("Country, where a row has none"))
    type = forms.ChoiceField(lazy("Type, where a row has none"))
    unnamed = forms.TextField(
        lazy("Where a row names nobody"), max_length=200,
        description=lazy("What is written instead: “a journalist”."),
    )  # fmt: skip
    scheme = forms.TextField(
        lazy("Source list"), max_length=40,
        description=lazy("Short name (CPJ, USPFT): the row IDs are stored under it."),
    )  # fmt: skip
    attributed_by = code_input(lazy("Perpetrators attributed by"), AttributedBy, blank="—")
    # Rows by their number, and kinds of rows.
    left_out = forms.ChoicesField(lazy("Rows that are left out"))
    name = forms.TextField(
        lazy("Keep this mapping as"), max_length=80,
        description=lazy(
            "For other files of this kind, in place of one of that name; "
            "empty: for this file alone."
        ),
    )  # fmt: skip

    def set_choices(self, batch: ImportBatch) -> None:
        """Set all choices, and add a subform for each column and each unknown word of the file."""
        self.plan = ImportPlan.from_json(batch.mapping)
        self.header = list(batch.header)
        unknown = batch.found.get("unknown", {})
        self.words = {
            what: list(dict.fromkeys([*self.plan.values.get(what, {}), *unknown.get(what, [])]))
            for what in ("types", "country", "actor")
        }
        same = [*self.plan.the_same, *row_numbers_in_lists(batch.found, "alike", "repeated")]
        self.left_out.choices = [
            (str(one), str(one)) for one in (*SkipReason, *dict.fromkeys(same))
        ]
        types = [("", "—"), *term_choices(TermSet.INCIDENT_TYPE, current_language())]
        countries = country_choices()
        self.type.choices, self.country.choices = types, countries
        lists: tuple[tuple[Any, list[str]], ...] = (
            (self.columns, self.header),
            (self.type_words, self.words["types"]),
            (self.country_words, self.words["country"]),
            (self.actor_words, self.words["actor"]),
        )
        for field, names in lists:
            while len(field.entries) < len(names):
                field.append_entry()
        words: tuple[tuple[Any, Any], ...] = (
            (self.type_words, types),
            (self.country_words, countries),
            (self.actor_words, [("", "—"), *code_choices(ActorType, current_language())]),
        )
        for field, meanings in words:
            for entry in field.entries:
                entry.form.code.choices = meanings
                entry.form.code.data = entry.form.code.data or ""

    def _word_code_fields(self) -> tuple[tuple[Any, str], ...]:
        """Return the three form fields in which words of the file get codes. Each comes with the
        key under which `ImportPlan.values` stores these words: "types", "country" or "actor".
        """
        return (
            (self.type_words, "types"),
            (self.country_words, "country"),
            (self.actor_words, "actor"),
        )

    def populate(self, record: ImportBatch) -> None:
        """Fill the form with the stored mapping."""
        self.set_choices(record)
        plan = self.plan
        self.version.data = str(record.version)
        for entry, name in zip(self.columns.entries, self.header, strict=False):
            entry.form.field.data = str(plan.columns.get(name, ""))
        for field, what in self._word_code_fields():
            for meaning, word in zip(field.entries, self.words[what], strict=False):
                said = plan.values.get(what, {}).get(word)
                meaning.form.code.data = said or code_by_label_prefix(
                    word, meaning.form.code.choices
                )
        for what in LIST_FIELDS:
            self[f"split_{what}"].data = str(plan.split.get(what, ListSeparator.NOTHING))
        self.day_order.data, self.country.data = str(plan.day_order), plan.country
        self.type.data, self.unnamed.data = plan.type, plan.unnamed
        self.attributed_by.data = plan.attributed_by
        self.scheme.data, self.name.data = plan.scheme, plan.kept_as
        kinds = [SkipReason.WRONG.value] if plan.left_out else []
        self.left_out.data = [*kinds, *map(str, plan.the_same)]

    def validate_columns(self, field: FieldList) -> None:  # type: ignore[type-arg]  # generic in its stubs alone
        """Reject two columns for a field with a single value."""
        chosen = [entry.form.field.chosen_code() for entry in field.entries[: len(self.header)]]
        for entry in field.entries[: len(self.header)]:
            code = entry.form.field.chosen_code()
            if (
                code is not None
                and code not in FIELDS_OF_SEVERAL_COLUMNS
                and chosen.count(code) > 1
            ):
                entry.form.field.errors = [_("Another column is read as this already.")]
                raise ValidationError(
                    _("Two columns are read as “%(field)s”.", field=code_label(code))
                )

    def cleaned_data(self) -> ImportPlan:
        """Return the submitted mapping. The stored mapping may replace words that the form does not
        show, such as names; these replacements are kept.
        """
        codes = [entry.form.field.chosen_code() for entry in self.columns.entries]
        values: dict[str, dict[str, str]] = {
            what: dict(words) for what, words in self.plan.values.items()
        }
        for field, what in self._word_code_fields():
            pairs = zip(self.words[what], field.entries, strict=False)
            values[what] = {
                word: entry.form.code.data for word, entry in pairs if entry.form.code.data
            }
        return ImportPlan(
            columns={name: code for name, code in zip(self.header, codes, strict=False) if code},
            split={what: self[f"split_{what}"].chosen_code() for what in LIST_FIELDS},
            day_order=self.day_order.chosen_code(), values=values, country=self.country.data,
            attributed_by=str(self.attributed_by.chosen_code() or ""),
            type=self.type.data, scheme=self.scheme.data or "", unnamed=self.unnamed.data or "",
            kept_as=self.name.data or "",
            the_same=tuple(int(row) for row in self.left_out.data or () if row.isdigit()),
        )  # fmt: skip

    def skip_reasons(self) -> set[SkipReason]:
        """Return the submitted reasons for which rows are skipped."""
        return {SkipReason(kind) for kind in self.left_out.data or () if not kind.isdigit()}


def code_by_label_prefix(word: str, choices: Iterable[tuple[str, str]]) -> str:
    """Return the only code whose label begins with a word, else ""; `choices`: codes and labels."""
    if len(word) < MIN_LABEL_PREFIX_LENGTH:
        return ""
    found = [code for code, words in choices if words.casefold().startswith(word.casefold())]
    return found[0] if len(found) == 1 else ""


def row_numbers_in_lists(check_result: Mapping[str, Any], *lists: str) -> list[int]:
    """Return the row numbers in lists of a stored check result. `check_result`: the check result;
    `*lists`: the keys of the lists in it, such as "alike" and "repeated".
    """
    return [row for name in lists for row, _other in check_result.get(name, ())]
