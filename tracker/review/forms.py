"""Forms for review decisions, comments and assignments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import DateField, FormField, HiddenField, RadioField
from wtforms.validators import Optional

from tracker.i18n import _, lazy
from tracker.kit.forms import code_input
from tracker.review.codes import RetractReason
from tracker.review.models import Reviewable
from tracker.review.queries import records_by_refs
from tracker.users.models import User
from tracker.web import forms
from tracker.web.filters import REF_PATTERN

MAX_NOTE_LENGTH = 2000  # characters
MAX_COMMENT_LENGTH = 4000  # characters
MAX_RECORDS_IN_FORM = 500  # in one form


class AssignmentFields:
    """The fields that assign a comment: the assignee and the due date."""

    # The service validates the assignee, and reports errors at the field.
    assigned_to = forms.ChoiceField(
        lazy("Assign to"), choices=[], default="", validate_choice=False
    )
    due_on = DateField(lazy("Due date"), validators=[Optional()])

    def set_choices(self, people: Iterable[User]) -> None:
        """Set the choices of the assignee: these users."""
        self.assigned_to.choices = [("", "—"), *((one.name, one.name) for one in people)]

    @property
    def has_assignment(self) -> bool:
        """Whether an assignee or a due date was entered; if so, these fields are shown unfolded."""
        return bool(self.assigned_to.data or self.due_on.data or self.due_on.errors)


class DecisionForm(AssignmentFields, forms.VersionedForm):
    """A decision on a record in the version that was shown, with a note and a comment. `reason`:
    required to retract the record.
    """

    CAN_OVERWRITE = False

    note = forms.LongTextField(lazy("Note on the decision"), max_length=MAX_NOTE_LENGTH)
    reason = code_input(
        lazy("Why it does not count"), RetractReason, blank=lazy("—"),

    )  # fmt: skip
    comment = forms.LongTextField(lazy("Comment"), max_length=MAX_COMMENT_LENGTH)

    def populate(self, record: Reviewable) -> None:
        """Fill the form with the version and the last note of a record."""
        self.version.data = str(record.version)
        self.note.data = record.review_note

    @property
    def has_comment(self) -> bool:
        """Whether a comment, an assignee or a due date was entered."""
        return bool((self.comment.data or "").strip() or self.assigned_to.data or self.due_on.data)


def _decision_choices() -> list[tuple[str, str]]:
    """Return value and label of each decision on one of several records, in the order shown."""
    return [
        ("", _("Decide later")),
        ("approve", _("Approve")),
        ("publish", _("Publish")),
        ("return", _("Request changes")),
    ]


class VersionRowForm(forms.SubForm):
    """A row with the ref of a record and the version that was shown."""

    ref = HiddenField()
    version = HiddenField()


class DecisionRowForm(VersionRowForm):
    """A row with the decision on one of several records, and a note."""

    choice = RadioField(lazy("Decision"), choices=_decision_choices, default="")
    note = forms.LongTextField(lazy("Note to the author"), max_length=MAX_NOTE_LENGTH)

    def has_note_without_decision(self) -> bool:
        """Return whether a note was entered without a decision."""
        return bool((self.note.data or "").strip()) and not self.choice.data


class VersionsForm(forms.TrackerForm):
    """A button for several records, with the version of each that was shown."""

    rows = forms.RowsField(FormField(VersionRowForm), max_entries=MAX_RECORDS_IN_FORM)

    def rows_by_ref(self) -> dict[str, Any]:
        """Return the row of each record, by ref; rows with malformed refs are left out."""
        refs = {str(row.form.ref.data): row.form for row in self.rows.entries}
        return {ref: row for ref, row in refs.items() if REF_PATTERN.fullmatch(ref)}

    def versions_by_record(self) -> dict[Reviewable, str]:
        """Return the version shown of each record that the viewer may see."""
        rows = self.rows_by_ref()
        return {one: rows[one.ref].version.data or "" for one in records_by_refs(rows)}


class DecisionsForm(VersionsForm):
    """The decisions on several records, such as all records citing an article."""

    rows = forms.RowsField(FormField(DecisionRowForm), max_entries=MAX_RECORDS_IN_FORM)

    def populate(self, records: Iterable[Reviewable]) -> None:
        """Add a row for each record. Notes that were entered stay in the form. A decision on an
        older version of a record is removed, since the reviewer did not see the current version.
        """
        rows = self.rows_by_ref()
        for record in records:
            if record.ref not in rows:
                self.rows.append_entry({"ref": record.ref, "version": str(record.version)})
            elif rows[record.ref].version.data != str(record.version):
                # The reviewer has not read this version: the note stays, the decision does not.
                rows[record.ref].version.data = str(record.version)
                rows[record.ref].choice.data = ""


class CommentForm(AssignmentFields, forms.TrackerForm):
    """A comment, optionally assigned to somebody."""

    comment = forms.LongTextField(lazy("Comment"), max_length=MAX_COMMENT_LENGTH, required=True)
