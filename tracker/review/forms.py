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

LONGEST_NOTE = 2000  # characters
LONGEST_COMMENT = 4000  # characters
MOST_ROWS = 500  # records


class AssignmentFields:
    """Assignment of a comment: to whom, and by when."""

    # The service validates the assignee, and reports errors at the field.
    assigned_to = forms.ChoiceField(
        lazy("Assign to"), choices=[], default="", validate_choice=False
    )
    due_on = DateField(lazy("Due date"), validators=[Optional()])

    def set_choices(self, people: Iterable[User]) -> None:
        """Offer the users who see the record."""
        self.assigned_to.choices = [("", "—"), *((one.name, one.name) for one in people)]

    @property
    def has_assignment(self) -> bool:
        """Return whether an assignment was entered, so that this part of the form is open."""
        return bool(self.assigned_to.data or self.due_on.data or self.due_on.errors)


class DecisionForm(AssignmentFields, forms.VersionedForm):
    """A decision on the version that was shown, with its note and a comment.

    `reason`: why a record is retracted, required for that decision.
    """

    CAN_OVERWRITE = False

    note = forms.LongTextField(lazy("Note"), most=LONGEST_NOTE)
    reason = code_input(
        lazy("Why it does not count"), RetractReason, blank=lazy("—"),

    )  # fmt: skip
    comment = forms.LongTextField(lazy("Comment"), most=LONGEST_COMMENT)

    def populate(self, record: Reviewable) -> None:
        """Fill the form with the version and the last note."""
        self.version.data = str(record.version)
        self.note.data = record.review_note

    @property
    def has_comment(self) -> bool:
        """Return whether something was entered into the fields of the comment."""
        return bool((self.comment.data or "").strip() or self.assigned_to.data or self.due_on.data)


def _choices() -> list[tuple[str, str]]:
    return [
        ("", _("Decide later")),
        ("approve", _("Approve")),
        ("publish", _("Publish")),
        ("return", _("Request changes")),
    ]


class VersionRow(forms.SubForm):
    """One of several records, in the version shown."""

    ref = HiddenField()
    version = HiddenField()


class RowForm(VersionRow):
    """A decision on one of several records."""

    choice = RadioField(lazy("Decision"), choices=_choices, default="")
    note = forms.LongTextField(lazy("Note to the author"), most=LONGEST_NOTE)

    def is_note_alone(self) -> bool:
        """Return whether there is a note without a decision."""
        return bool((self.note.data or "").strip()) and not self.choice.data


class VersionsForm(forms.TrackerForm):
    """A button for several records: nothing of it is typed."""

    rows = forms.RowsField(FormField(VersionRow), max_entries=MOST_ROWS)

    def by_ref(self) -> dict[str, Any]:
        """Return the row of each record, by ref; none for what cannot be one."""
        refs = {str(row.form.ref.data): row.form for row in self.rows.entries}
        return {ref: row for ref, row in refs.items() if REF_PATTERN.fullmatch(ref)}

    def versions(self) -> dict[Reviewable, str]:
        """Return the records that the viewer may see, each with the version shown."""
        rows = self.by_ref()
        return {one: rows[one.ref].version.data or "" for one in records_by_refs(rows)}


class DecisionsForm(VersionsForm):
    """The decisions on several records, such as all of an article, saved together."""

    rows = forms.RowsField(FormField(RowForm), max_entries=MOST_ROWS)

    def populate(self, records: Iterable[Reviewable]) -> None:
        """Add a row for each record in the version shown; what was entered for it stays."""
        rows = self.by_ref()
        for record in records:
            if record.ref not in rows:
                self.rows.append_entry({"ref": record.ref, "version": str(record.version)})
            elif rows[record.ref].version.data != str(record.version):
                # The reviewer has not read this version: the note stays, the decision does not.
                rows[record.ref].version.data = str(record.version)
                rows[record.ref].choice.data = ""


class CommentForm(AssignmentFields, forms.TrackerForm):
    """A comment, optionally assigned to somebody."""

    comment = forms.LongTextField(lazy("Comment"), most=LONGEST_COMMENT, needed=True)
