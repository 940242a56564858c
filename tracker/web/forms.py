"""Base classes of forms and fields, which keep submitted text and check versions.

A name field offers likely matches before a new record is created.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, cast

import wtforms
from flask import Flask, render_template, request
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from flask_wtf.i18n import translations
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import HiddenInput

from tracker.db import db
from tracker.errors import InvalidInput, StaleRecord
from tracker.i18n import INVISIBLE_PATTERN, _, current_language, lazy, normalise_text
from tracker.web import edit_conflicts
from tracker.web.filters import REF_PATTERN
from tracker.when import When, WhenError, WhenErrorReason, format_when, parse_when

# The number of a row in the name of its input. `isdigit` accepts more characters than `int` reads.
NUMBER_PATTERN = re.compile(r"[0-9]{1,4}")
# The largest integer that both databases store.
LARGEST_ID = 2**31 - 1
MAX_REF_LENGTH = 14  # characters
# Fields that users do not type: tokens of the form, and an uploaded file, kept as text.
GENERATED_FIELDS = frozenset(
    {"csrf_token", "version", "shown", "submission", "kept_file", "kept_name"}
)
# Parts of the names of fields whose text is never shown again or logged.
SECRET_FIELDS = ("password", "one_time_code", "recovery_code")
# Characters that cannot be stored: NUL, other controls, lone surrogates. Line ends and TAB can.
UNSTORABLE_PATTERN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# Sets of codes of which the labels are cached, counted for each language.
MAX_CACHED_CODE_SETS = 500
# The field with the key by which a form submitted twice is saved once.
IDEMPOTENCY_FIELD = "submission"
HIDDEN_INPUT_HTML = Markup('<input name="%s" type="hidden" value="%s">')
# The hidden fields of every form.
HIDDEN_FIELDS = frozenset({"csrf_token", "version", "shown", IDEMPOTENCY_FIELD})


class _CleanTextMixin:
    """A mixin of text fields: normalises the text (NFC, LF), and rejects control characters."""

    data: Any
    raw_data: Any
    had_unstorable = False

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the submitted text, with a visible mark for each character that cannot be stored."""
        text = normalise_text(valuelist[0]) if valuelist else ""
        self.had_unstorable = bool(UNSTORABLE_PATTERN.search(text))
        self.data = UNSTORABLE_PATTERN.sub("\ufffd", text)

    def __call__(self, **kw: Any) -> Markup:  # noqa: ANN401 (WTForms' own signature)
        """Render the input without autocompletion."""
        return cast("Markup", super().__call__(**({"autocomplete": "off"} | kw)))  # type: ignore[misc]

    def pre_validate(self, _form: Any) -> None:  # noqa: ANN401 (WTForms' own signature)
        """Raise ValidationError if the text had a character that cannot be stored."""
        if self.had_unstorable:
            raise ValidationError(
                _("This contains control characters that cannot be saved; they are shown as �.")
            )


class TextField(_CleanTextMixin, wtforms.StringField):
    """One line of at most `max_length` characters; `required`: the text must not be empty."""

    def __init__(self, label: Any, *, max_length: int, required: bool = False, **kw: Any) -> None:  # noqa: ANN401 (lazy strings, WTForms options)
        super().__init__(label, validators=_length_validators(max_length, required=required), **kw)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read one line: collapse white space, treat invisible characters as control characters."""
        super().process_formdata(valuelist)
        self.had_unstorable = self.had_unstorable or bool(INVISIBLE_PATTERN.search(self.data))
        self.data = " ".join(INVISIBLE_PATTERN.sub("\ufffd", self.data).split())


class LongTextField(_CleanTextMixin, wtforms.TextAreaField):
    """Several lines of at most `max_length` characters; `required`: the text must not be empty."""

    def __init__(self, label: Any, *, max_length: int, required: bool = False, **kw: Any) -> None:  # noqa: ANN401 (lazy strings, WTForms options)
        super().__init__(label, validators=_length_validators(max_length, required=required), **kw)


class _PairChoicesMixin:
    """A mixin for select fields. It validates choices that are (value, label) pairs without
    rendering their labels. Choices of any other type are validated by WTForms.
    """

    data: Any
    choices: Any

    def pre_validate(self, form: Any) -> None:  # noqa: ANN401 (WTForms' own signature)
        """Raise ValidationError, with WTForms' message, for a value that is not offered."""
        chosen = self.data if isinstance(self.data, list) else [self.data]
        offered = {one[0] for one in self.choices or () if isinstance(one, tuple)}
        if not offered.issuperset(chosen):
            super().pre_validate(form)  # type: ignore[misc]  # of the other base class


@lru_cache(maxsize=MAX_CACHED_CODE_SETS)
def _labelled_codes(
    codes: tuple[StrEnum, ...], label_of: Callable[[StrEnum], str], _language: str
) -> tuple[tuple[str, str], ...]:
    """Return (code, label) pairs in the viewer's language. `_language`: used only as a part of the
    cache key, since `label_of` knows the language.
    """
    return tuple((code.value, label_of(code)) for code in codes)


class CodeField(_PairChoicesMixin, wtforms.SelectField):
    """A choice of one member of an enum (`codes`), or of one of the members in `only`. `label_of`:
    returns the label of a code; `blank`: the label of the choice that chooses no code, None if
    there is no such choice. Forms declare the field by `code_input` of the kit.
    """

    def __init__(
        self,
        label: Any,  # noqa: ANN401 (lazy string)
        codes: type[StrEnum],
        *,
        label_of: Callable[[StrEnum], str],
        blank: Any = None,  # noqa: ANN401 (lazy string)
        only: Sequence[StrEnum] | None = None,
        **kw: Any,  # noqa: ANN401 (WTForms options)
    ) -> None:
        def choices() -> list[tuple[str, str]]:
            named = _labelled_codes(tuple(only or codes), label_of, current_language())
            return [("", str(blank)), *named] if blank is not None else [*named]

        self.codes = codes
        if blank is not None:
            # A request without the field chooses nothing, as the blank does.
            kw.setdefault("default", "")
        super().__init__(label, choices=choices, coerce=str, **kw)

    def chosen_code(self) -> Any:  # noqa: ANN401 (a member of self.codes)
        """Return the chosen member of `codes`, None if none is chosen."""
        return next((one for one in self.codes if one == self.data), None)


class ChoiceField(_PairChoicesMixin, wtforms.SelectField):
    """A choice of one of the values (terms, countries, records) that are set as its `choices`."""

    def __init__(self, label: Any, **kw: Any) -> None:  # noqa: ANN401 (lazy string, WTForms options)
        super().__init__(label, coerce=str, **kw)


class ChoicesField(_PairChoicesMixin, wtforms.SelectMultipleField):
    """A choice of several of the values that are set as its `choices`."""

    def __init__(self, label: Any, **kw: Any) -> None:  # noqa: ANN401 (lazy string, WTForms options)
        super().__init__(label, coerce=str, **kw)


class ConfirmField(wtforms.BooleanField):
    """A checkbox that confirms a doubtful value."""

    is_asked = False

    def require_confirmation(self, **doubts: str) -> None:
        """Raise InvalidInput with the messages in `doubts`, by field, unless the box is ticked."""
        self.is_asked = True
        if not self.data:
            raise InvalidInput(**doubts)


class SubForm(wtforms.Form):
    """The base class of forms inside a form; its messages are in the viewer's language."""

    class Meta:
        """The options of the form, which WTForms reads."""

        def get_translations(self, _form: Any) -> Any:  # noqa: ANN401 (WTForms' own signature)
            """Return the translations of FlaskForm: messages in the viewer's language."""
            return translations


class RowsField(wtforms.FieldList):  # type: ignore[type-arg]  # generic in its stubs alone
    """A list of sub-forms, with inputs such as `targets-0-name`; submitted inputs without a row
    number in the name are ignored.
    """

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        """Yield the row numbers in the names of submitted inputs: 0 of `targets-0-name`, if
        `prefix` is `targets`.
        """
        start = len(prefix) + 1
        for name in formdata:
            if name.startswith(prefix + "-"):
                number = name[start:].partition("-")[0]
                if NUMBER_PATTERN.fullmatch(number):
                    yield int(number)


class WhenForm(SubForm):
    """The two inputs of a date: the date itself, and the words of the source."""

    when = TextField(
        lazy("When"), max_length=60,
        description=lazy(
            "4 March 2025 · March 2025 · 2025 · Dec 2024 – Jun 2025 · about May 2025 · "
            "mid-May 2025 · before May 2025"
        ),
    )  # fmt: skip
    as_stated = TextField(lazy("As the article says it"), max_length=300)


class WhenField(wtforms.FormField):  # type: ignore[type-arg]  # generic in its stubs alone
    """A date field; `read_when` parses the input and reports errors at it."""

    def __init__(self, label: Any = "", **kw: Any) -> None:  # noqa: ANN401 (lazy string, WTForms options)
        super().__init__(WhenForm, label, **kw)

    def read_when(self, latest_allowed_date: date) -> When:
        """Return the submitted date; raise InvalidInput if it is invalid or after the latest."""
        try:
            return parse_when(
                self.form.when.data or "",
                latest_possible_date=latest_allowed_date,
                as_stated=self.form.as_stated.data or "",
            )
        except WhenError as error:
            raise InvalidInput(**{f"{self.name}-when": date_error_message(error)}) from error

    def populate(self, when: When) -> None:
        """Fill the two inputs with a stored date."""
        self.form.when.data = format_when(when)
        self.form.as_stated.data = when.as_stated


class TrackerForm(FlaskForm):
    """The base class of forms: CSRF token, errors at the fields, submitted text kept.

    Each form shown has an idempotency key, which stays the same when the form is shown again with
    errors: a form that is submitted twice is saved once.
    """

    submission = wtforms.HiddenField(default=lambda: secrets.token_urlsafe(16))

    def hidden_tag(self, *fields: Any) -> Markup:  # noqa: ANN401 (WTForms' own signature)
        """Return hidden fields as HTML, by default all. They have no `id`, since several forms on a
        page would have the same ids.
        """
        hidden = fields or [one for one in self if isinstance(one.widget, HiddenInput)]
        return Markup("").join(Markup(one(id=False)) for one in hidden)  # noqa: S704 (WTForms renders and escapes them)  # nosec B704

    def reject(self, error: InvalidInput, *, skip_invalid_fields: bool = False) -> None:
        """Roll back, and add the messages of a rejected save to their fields or to the form.
        `skip_invalid_fields`: a field that already has an error gets no other.
        """
        db.session.rollback()
        for name, message in error.fields.items():
            field = self._find_field(name)
            if field is None:
                self.form_errors.append(message)
            elif not (skip_invalid_fields and field.errors):
                field.errors = [*field.errors, message]
        for rows in self:
            if hasattr(rows, "entries"):
                # WTForms does not update the errors of a list of rows.
                own = [one for one in rows.errors if isinstance(one, str)]
                rows.errors = [*own, *(row.errors for row in rows.entries if row.errors)]

    def _find_field(self, name: str) -> Any:  # noqa: ANN401 (a field)
        """Return the field with a name such as `occurred-when` or `targets-0-name`, if any."""

        def walk(fields: Any) -> Any:  # noqa: ANN401 (a form or a list field)
            for field in fields:
                if field.name == name:
                    return field
                if isinstance(getattr(field, "form", None), wtforms.Form) or hasattr(
                    field, "entries"
                ):
                    found = walk(getattr(field, "form", None) or field.entries)
                    if found is not None:
                        return found
            return None

        return walk(self)


class ButtonForm(TrackerForm):
    """A form of a single button, with the CSRF token and the idempotency key."""


class VersionedForm(TrackerForm):
    """A form that edits a record, with the version and a digest of each field as it was shown.

    By the digests, if two users edit at once, the second save keeps what only the first changed.
    """

    # Whether a user who has seen the differences may overwrite another user's save, and whether the
    # history then shows the replaced values.
    CAN_OVERWRITE = IS_KEPT_IN_HISTORY = True
    # Fields that depend on each other: two conflicting saves are never mixed within a group.
    LINKED_FIELD_GROUPS: ClassVar[tuple[tuple[str, ...], ...]] = ()

    version = wtforms.HiddenField(validators=[InputRequired()])
    shown: wtforms.HiddenField | None = wtforms.HiddenField()

    def populate_for_edit(self, record: Any) -> None:  # noqa: ANN401 (any Record)
        """Fill a form that was not submitted with the stored values, and store in the form a digest
        of each field as it will be shown.
        """
        self.populate(record)
        if self.shown is not None:
            self.shown.data = edit_conflicts.field_digests(self, excluded_fields=HIDDEN_FIELDS)

    def require_current_version(self, record: Any) -> None:  # noqa: ANN401 (any Record)
        """Raise StaleRecord if another user saved the record since the form was shown."""
        if self.version.data == str(record.version):
            return
        stored = type(self)(formdata=None)
        stored.populate_for_edit(record)
        changed_fields, instead = {}, {}
        if self.shown is not None and stored.shown is not None:
            shown = self.shown.data or ""
            changed_fields = edit_conflicts.find_changed_fields(
                stored,
                self,
                shown_digest=shown,
                excluded_fields=HIDDEN_FIELDS,
                linked_groups=self.LINKED_FIELD_GROUPS,
            )
            left = [
                name
                for name, who in changed_fields.items()
                if who is edit_conflicts.ChangedBy.THEIRS
            ]
            instead = {
                name: list(edit_conflicts.browser_form_pairs(stored[name]))
                for name in ("shown", *left)
            }
        raise StaleRecord(
            edit_conflicts.find_edit_conflicts(
                stored, self, excluded_fields=HIDDEN_FIELDS, changed_fields=changed_fields
            ),
            record=record,
            instead=instead,
            may_insist=self.CAN_OVERWRITE,
            in_history=self.IS_KEPT_IN_HISTORY,
        )

    def populate(self, record: Any) -> None:  # noqa: ANN401 (any Record)
        """Fill the form with the stored values and version; each subclass defines how."""
        raise NotImplementedError


class PartForm(VersionedForm):
    """A form that adds a part, such as a name, to a record, or removes one. It is rejected if the
    record has changed since the form was shown.
    """

    # No field shows values of the record, or all belong to one row that is saved as a whole.
    shown: wtforms.HiddenField | None = None

    @classmethod
    def for_record(cls, record: Any) -> Self:  # noqa: ANN401 (any Record)
        """Return a new form with the current version of a record."""
        form = cls(formdata=None)
        form.populate_for_edit(record)
        return form

    def populate(self, record: Any) -> None:  # noqa: ANN401 (any Record)
        """Fill the form with the current version of a record."""
        self.version.data = str(record.version)


class RemoveForm(PartForm):
    """A button that removes one row of a record; the id of the row is in the form."""

    number = wtforms.IntegerField(
        lazy("Number"), validators=[InputRequired(), NumberRange(min=1, max=LARGEST_ID)]
    )


class UnchangedRecordForm(PartForm):
    """A button that is rejected if the record was saved since the page was shown."""

    CAN_OVERWRITE = False


class ChooseIncidentForm(PartForm):
    """A form to choose an incident: one that cites the same sources, or any other by its ref."""

    incident = ChoiceField(lazy("An incident from the same sources"), default="")
    other = TextField(
        lazy("or another one"), max_length=MAX_REF_LENGTH,
        description=lazy("The ref of the incident: INC-…"),
    )  # fmt: skip

    def set_choices(self, incidents: Iterable[Any]) -> None:
        """Set the incidents to choose from, those that cite the same articles."""
        self.incident.choices = [("", "—"), *((one.ref, one.heading) for one in incidents)]

    def chosen_ref(self) -> str:
        """Return the ref that was entered or chosen, "" if none."""
        return self.other.data or self.incident.data or ""


class ShareForm(TrackerForm):
    """The button that shares records, with the refs of the records listed above it."""

    refs = wtforms.HiddenField()

    def listed_refs(self) -> list[str]:
        """Return the refs of the listed records."""
        return (self.refs.data or "").split()

    def populate(self, records: Iterable[Any]) -> None:
        """Store the refs of the listed records."""
        self.refs.data = " ".join(one.ref for one in records)


def init_app(app: Flask) -> None:
    """Make `csrf_field()` available to templates."""
    app.jinja_env.globals["csrf_field"] = csrf_field


def render_form(template: str, *, form: TrackerForm, **context: Any) -> tuple[str, int]:  # noqa: ANN401 (template context)
    """Return a page with a form, and its status: 200, with errors 422, without a CSRF token 400."""
    status = 200
    if form.errors or form.form_errors:
        status = 400 if "csrf_token" in form.errors else 422
    return render_template(template, form=form, **context), status


def csrf_field(record: Any = None) -> Markup:  # noqa: ANN401 (any Record)
    """Return the hidden inputs of a form as HTML: of a `PartForm` if `record` is given, otherwise
    of a `ButtonForm`.

    A page may have many, so they are rendered without creating the forms.
    """
    version = [] if record is None else [("version", record.version)]
    fields = [
        (IDEMPOTENCY_FIELD, secrets.token_urlsafe(16)),
        *version,
        ("csrf_token", generate_csrf()),
    ]
    return Markup("").join(HIDDEN_INPUT_HTML % one for one in fields)


def submitted_fields() -> list[tuple[str, str]]:
    """Return name and text of each submitted field that is not empty, without secrets and files."""
    if request.method != "POST":
        return []
    try:
        fields = list(request.form.items(multi=True))
    except (HTTPException, OSError):
        # The request is too large, or the disk is full; the error page says so.
        return []
    return [(name, text) for name, text in fields if text.strip() and not _is_secret_field(name)]


def date_error_message(error: WhenError) -> str:
    """Return the message for a date that is not valid, in the viewer's language."""
    words = {
        WhenErrorReason.NO_SUCH_DAY: _("There is no such day."),
        WhenErrorReason.TOO_EARLY: _("The year must be 1900 or later."),
        WhenErrorReason.REVERSED: _("The end lies before the beginning."),
        WhenErrorReason.IN_THE_FUTURE: _("This is after the day by which it was known."),
        WhenErrorReason.NOT_UNDERSTOOD: _(
            "Write a date like 4 March 2025, March 2025, 2025, Dec 2024 – Jun 2025, about May "
            "2025, mid-May 2025 or before May 2025."
        ),
        WhenErrorReason.AMBIGUOUS: _(
            "This may be one of several days. Write the month as a word and the year in full: "
            "5 June 2025, or 2025-06-05."
        ),
    }
    return str(words[error.reason])


def _length_validators(max_length: int, *, required: bool) -> list[Any]:
    """Return the validators of a text of at most `max_length` characters."""
    # WTForms ships these messages in Russian and Kazakh.
    return [*([InputRequired()] if required else []), Length(max=max_length)]


def _is_secret_field(name: str) -> bool:
    """Return whether the text of a field with this name is a secret or a token, never shown."""
    # A form inside a form has both names: `person-password`.
    last = name.rsplit("-", maxsplit=1)[-1]
    return last in GENERATED_FIELDS or any(secret in name.lower() for secret in SECRET_FIELDS)


class NamedRecord(Protocol):
    """A record with a ref and a name, which a choice can offer."""

    @property
    def ref(self) -> str:
        """The value of the choice."""

    @property
    def name(self) -> str:
        """The label of the choice."""


RecordT = TypeVar("RecordT", bound=NamedRecord)  # the record that a name field may choose
# What a name field sends if the user chose a new record; for an existing record it sends the ref.
NEW_CHOICE = "new"


@dataclass(frozen=True, slots=True)
class NameChoice(Generic[RecordT]):
    """The result of a name field: an existing record, or the name of a new one."""

    record: RecordT | None
    name: str


class NameForm(SubForm):
    """A name, and what the user chose: the ref of an existing record, "new" for a new record, or ""
    if the user has not been asked yet.
    """

    name = TextField(lazy("Name"), max_length=200)
    chosen = wtforms.StringField()


class NameField(wtforms.FormField):  # type: ignore[type-arg]  # generic in its stubs alone
    """A field for the name of a record, which may exist under another spelling.

    If there are likely matches and none is chosen yet, `resolve` raises InvalidInput at the name,
    and the template (`macros/naming.html`) shows the matches as radio buttons. No record is ever
    matched automatically.
    """

    offers: Sequence[Any] = ()
    # Whether the page has the same name further up, where the choice is made.
    is_asked_above = False

    def __init__(self, label: Any = "", **kw: Any) -> None:  # noqa: ANN401 (lazy strings, WTForms options)
        super().__init__(NameForm, label, **kw)

    def process(self, formdata: Any, *args: Any, **kw: Any) -> None:  # noqa: ANN401 (WTForms' own signature)
        """Read the submitted name; ignore a choice that was made for another name."""
        super().process(formdata, *args, **kw)
        # The page sends with a choice the name that it was made for.
        shown_for = formdata.get(f"{self.name}-chosen_for") if formdata else None
        if shown_for and shown_for != self.form.name.data:
            self.form.chosen.data = ""

    def populate(self, record: NamedRecord) -> None:
        """Fill the field with a record, so that no choice is needed."""
        self.form.name.data, self.form.chosen.data = record.name, record.ref

    def current_choice(self) -> str:
        """Return the ref of the chosen record or "new", "" if the user must choose."""
        chosen = self.form.chosen.data or ""
        if self.offers:
            return chosen if chosen in {NEW_CHOICE, *(one.ref for one in self.offers)} else ""
        return "" if self.is_asked_above else chosen

    def resolve(
        self,
        find_likely: Callable[[str], Sequence[RecordT]],
        find_by_ref: Callable[[str], RecordT | None],
    ) -> NameChoice[RecordT] | None:
        """Return the chosen record or new name, None for an empty name; raise InvalidInput if the
        user must choose, or for a name that no record can have. `find_likely`: finds the records
        that a name may match; `find_by_ref`: finds the record with a ref.
        """
        name, chosen = self.form.name.data or "", self.form.chosen.data or ""
        if not name:
            return None
        field = f"{self.name}-name"
        if not any(letter.isalnum() for letter in name):
            raise InvalidInput(**{field: _("A name has at least one letter or digit.")})
        if chosen == NEW_CHOICE:
            return NameChoice(None, name)
        # Only a valid ref is looked up: PostgreSQL rejects some texts.
        record = find_by_ref(chosen) if REF_PATTERN.fullmatch(chosen) else None
        if record is not None and record.name == name:
            return NameChoice(record, name)
        self.offers = find_likely(name)
        if record is not None and record.ref in {offer.ref for offer in self.offers}:
            return NameChoice(record, name)
        if not self.offers:
            return NameChoice(None, name)
        self.form.chosen.data = ""
        raise InvalidInput(**{field: _("Is this an existing record? Choose below.")})
