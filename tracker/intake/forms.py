"""Forms of the inbox: importing, closing, and text of unreadable files."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import BooleanField
from wtforms.validators import ValidationError

from tracker.articles.extraction import MAX_FILE_BYTES
from tracker.articles.incoming import MAX_TEXT_LENGTH
from tracker.articles.service import canonical_url_or_none
from tracker.errors import InvalidInput
from tracker.i18n import _, lazy, ngettext
from tracker.intake.codes import InboxState
from tracker.intake.fields import PublicationDateField
from tracker.intake.models import CLOSED_STATES
from tracker.kit.forms import TeamField, code_input
from tracker.permissions import Visibility
from tracker.web import forms

MAX_FILES_PER_IMPORT = 50
# The label of the checkbox `keep`: an article is stored even if the tracker has it already.
IMPORT_ANYWAY_LABEL = lazy("Import even if it is here already")
# The name and the content of an uploaded file.
Upload = tuple[str, bytes]


class ImportForm(forms.TrackerForm):
    """The form that imports a pasted text or files."""

    text = forms.LongTextField(lazy("Text of the article"), max_length=MAX_TEXT_LENGTH)
    files = MultipleFileField(
        lazy("or files"),
        description=lazy("Saved pages (.html), .pdf or .txt, up to 50 at once and 10 MB together."),
    )
    url = forms.TextField(
        lazy("Web address"), max_length=2000,
        description=lazy("Enter only an address to look up whether the article is here already."),
    )  # fmt: skip
    published = PublicationDateField()
    visibility = code_input(
        lazy("Who can see the articles"), Visibility,
        default=Visibility.RESTRICTED.value,
    )  # fmt: skip
    team = TeamField(lazy("Team"))
    keep = BooleanField(IMPORT_ANYWAY_LABEL)

    def __init__(self, *args: Any, **kw: Any) -> None:  # noqa: ANN401 (WTForms' own signature)
        super().__init__(*args, **kw)
        self.uploads: list[Upload] = []

    def has_pasted_text(self) -> bool:
        """Return whether a text was pasted."""
        return bool((self.text.data or "").strip())

    def validate_files(self, field: Any) -> None:  # noqa: ANN401 (WTForms' own signature)
        """Read the uploaded files into `uploads`. Reject files beside a pasted text, and too many
        files.
        """
        chosen = [one for one in field.data or [] if one and one.filename]
        if chosen and self.has_pasted_text():
            raise ValidationError(
                _("Paste a text or choose files, not both; the files were left out.")
            )
        if len(chosen) > MAX_FILES_PER_IMPORT:
            raise ValidationError(_("At most %(n)d files at once.", n=MAX_FILES_PER_IMPORT))
        for one in chosen:
            # A form may be validated twice.
            one.seek(0)
        self.uploads = [(str(one.filename), one.read(MAX_FILE_BYTES + 1)) for one in chosen]

    def ask_for_files_again(self) -> None:
        """Add an error that the files must be chosen again, unless the field has an error."""
        chosen = [one for one in self.files.data or [] if one and one.filename]
        if chosen and not self.files.errors:
            said = ngettext("Choose the file again.", "Choose the files again.", len(chosen))
            self.files.errors = [said]

    def validate_url(self, field: forms.TextField) -> None:
        """Reject an invalid address, and any address for several files; it belongs to one only."""
        if field.data and len(self.uploads) > 1:
            raise ValidationError(
                _("An address belongs to one article: leave it empty, and choose the files again.")
            )
        try:
            canonical_url_or_none(field.data or "")
        except InvalidInput as error:
            raise ValidationError(str(error)) from error

    def validate_published(self, field: PublicationDateField) -> None:
        """Reject an invalid date, and any date for several files; it belongs to one article."""
        if field.data and len(self.uploads) > 1:
            raise ValidationError(
                _("A date belongs to one article: leave it empty, and choose the files again.")
            )
        if unread := field.date_error():
            raise ValidationError(unread)


class CloseItemForm(forms.PartForm):
    """The form that closes an inbox item."""

    ending = code_input(lazy("Close as"), InboxState, only=CLOSED_STATES, blank="—")
    earlier = forms.TextField(
        lazy("The earlier article"), max_length=2000,
        description=lazy("Where it adds a source: the ref (ART-…) or web address of that article."),
    )  # fmt: skip
    # Several lines: in a single one Enter would close the item.
    reason = forms.LongTextField(
        lazy("Why it is out of scope"), max_length=500, description=lazy("In words.")
    )

    def validate_ending(self, field: forms.CodeField) -> None:
        """Reject a form without a state to close the item with."""
        # An unknown code is rejected by the field itself.
        if not field.data:
            raise ValidationError(_("Choose how to close it."))


class PastedTextForm(forms.PartForm):
    """The form for pasting the text of a file that could not be read."""

    text = forms.LongTextField(
        lazy("Text of the article"), max_length=MAX_TEXT_LENGTH, required=True
    )
    url = forms.TextField(lazy("Web address"), max_length=2000)
    keep = BooleanField(IMPORT_ANYWAY_LABEL)
