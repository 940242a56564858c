"""Forms for a source, a citation of one, and a passage to mask."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, HiddenField, StringField
from wtforms.validators import Optional, ValidationError

from tracker.articles import codes
from tracker.articles.extraction import MAX_FILE_BYTES
from tracker.articles.incoming import (
    MAX_TEXT_LENGTH,
    file_type_error_message,
    media_type_by_file_name,
)
from tracker.articles.models import Article
from tracker.articles.sentences import MAX_QUOTE_LENGTH
from tracker.articles.service import has_stated_independence
from tracker.i18n import _, lazy
from tracker.kit.fields import code_label
from tracker.kit.forms import TeamField, code_input
from tracker.permissions import Visibility
from tracker.web import forms

# The label of the choice for a source whose independence no user has stated.
UNSTATED_INDEPENDENCE_LABEL = lazy("Automatic: by publisher and targets")


class NewArticleForm(forms.TrackerForm):
    """A form to add a source, pasted or uploaded. An uploaded file is kept while the form has
    errors.
    """

    text = forms.LongTextField(
        lazy("Text of the article"), max_length=MAX_TEXT_LENGTH,
        description=lazy(
            "Paste it as copied: menus and buttons are removed from the text; the original is "
            "kept."
        ),
    )  # fmt: skip
    file = FileField(
        lazy("or a file"),
        description=lazy("A .txt file, a saved .html page or a .pdf, at most 10 MB."),
    )
    kept_file = HiddenField()
    kept_name = HiddenField()
    url = forms.TextField(lazy("Web address"), max_length=2000)
    title = forms.TextField(lazy("Title"), max_length=300)
    publisher = forms.NameField(lazy("Publisher"))
    authors = forms.TextField(lazy("Authors"), max_length=300)
    published = forms.WhenField(lazy("Published"))
    kind = code_input(
        lazy("Kind of source"),
        codes.SourceKind,
        default=codes.SourceKind.ARTICLE.value,
    )
    language = code_input(
        lazy("Language"), codes.Language, blank=lazy("as the text shows"), default=""
    )
    independence = code_input(
        lazy("Independence"), codes.Independence, only=codes.INDEPENDENCE_CHOICES,
        blank=UNSTATED_INDEPENDENCE_LABEL,
    )  # fmt: skip
    visibility = code_input(lazy("Who can see it"), Visibility, default=Visibility.RESTRICTED.value)
    team = TeamField(lazy("Team"))
    # What to do with a duplicate: "" (undecided), "another", or the ref of an article that reports
    # the same story; set by the submit button.
    keep = StringField(default="")

    def validate_file(self, field: Any) -> None:  # noqa: ANN401 (WTForms' own signature)
        """Keep the uploaded file in the form, so that it is still there if the form has errors."""
        typed = bool((self.text.data or "").strip())
        if typed:
            self.drop_file()
        chosen = field.data
        if not chosen:
            return
        if typed:
            raise ValidationError(
                _("Paste the text or choose a file, not both; the file was left out.")
            )
        name = str(chosen.filename or "")
        if media_type_by_file_name(name) is None:
            raise ValidationError(file_type_error_message())
        content = chosen.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise ValidationError(_("At most 10 MB."))
        self.kept_file.data = base64.b64encode(zlib.compress(content)).decode("ascii")
        self.kept_name.data = name[-200:]

    def uploaded_content(self) -> bytes | None:
        """Return the bytes of the file uploaded in this or an earlier submission, None for none."""
        packed = self.kept_file.data or ""
        if not packed:
            return None
        try:
            raw = base64.b64decode(packed, validate=True)
            content = zlib.decompressobj().decompress(raw, MAX_FILE_BYTES + 1)
        except (binascii.Error, zlib.error, ValueError):
            return None
        return content if len(content) <= MAX_FILE_BYTES else None

    def drop_file(self) -> None:
        """Remove the uploaded file from the form."""
        self.kept_file.data = self.kept_name.data = ""


class EditArticleForm(forms.VersionedForm):
    """A form to edit the details of a source, but not its text, since citations refer to it."""

    LINKED_FIELD_GROUPS = (
        ("archive_url", "captured_on"),
        ("checked_on", "check_result"),
        ("independence", "repeats"),
    )

    title = forms.TextField(lazy("Title"), max_length=300, required=True)
    url = forms.TextField(lazy("Web address"), max_length=2000)
    publisher = forms.NameField(lazy("Publisher"))
    authors = forms.TextField(lazy("Authors"), max_length=300)
    published = forms.WhenField(lazy("Published"))
    kind = code_input(lazy("Kind of source"), codes.SourceKind)
    language = code_input(lazy("Language"), codes.Language)
    archive_url = forms.TextField(lazy("Archive address"), max_length=2000)
    captured_on = DateField(lazy("Archived on"), validators=[Optional()])
    checked_on = DateField(lazy("Last checked on"), validators=[Optional()])
    check_result = code_input(
        lazy("What was found there"), codes.CheckResult, blank=lazy("not checked"),
        default="",
    )  # fmt: skip
    independence = code_input(
        lazy("Independence"), codes.Independence, blank=UNSTATED_INDEPENDENCE_LABEL
    )
    repeats = forms.TextField(
        lazy("Repeats"), max_length=14, description=lazy("The ref of the earlier article: ART-…")
    )
    visibility = code_input(lazy("Who can see it"), Visibility)

    def populate(self, record: Article) -> None:
        """Fill the form with the stored values."""
        self.version.data = str(record.version)
        self.title.data, self.url.data = record.title, record.url
        if record.publisher is not None:
            self.publisher.populate(record.publisher)
        elif record.publisher_words:
            self.publisher.form.name.data = record.publisher_words
            self.publisher.form.chosen.data = forms.NEW_CHOICE
        self.authors.data = record.authors
        self.published.populate(record.when)
        self.kind.data, self.language.data = record.kind.value, record.language.value
        self.archive_url.data, self.captured_on.data = record.archive_url, record.captured_on
        self.checked_on.data = record.checked_on
        self.check_result.data = record.check_result.value if record.check_result else ""
        self.independence.data = ""
        if has_stated_independence(record):
            self.independence.data = record.independence.value
            # What a person stated can be changed, but not removed.
            self.independence.choices = [(one.value, code_label(one)) for one in codes.Independence]
        self.repeats.data = record.repeats.ref if record.repeats else ""
        self.visibility.data = record.visibility.value


class SameStoryForm(forms.TrackerForm):
    """A form to name the earlier article that an article repeats."""

    earlier = forms.TextField(
        lazy("The earlier article"), max_length=2000, required=True,
        description=lazy("Its ref (ART-…) or its web address."),
    )  # fmt: skip


class CiteForm(forms.PartForm):
    """A form to cite a source in a record: the quote, and how it relates to the record."""

    quote = forms.LongTextField(
        lazy("Quote"), max_length=MAX_QUOTE_LENGTH, required=True,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the article."),
    )  # fmt: skip
    bearing = code_input(lazy("It"), codes.Bearing, default=codes.Bearing.SUPPORTS.value)


class MaskForm(forms.VersionedForm):
    """A form to mask a passage, given by sentence numbers or by words, with the reason."""

    passage = forms.LongTextField(
        lazy("Passage"), max_length=MAX_QUOTE_LENGTH, required=True,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the article."),
    )  # fmt: skip
    every = BooleanField(lazy("Everywhere in the article"), default=True)
    reason = forms.TextField(
        lazy("Why"), max_length=300, required=True,
        description=lazy("For staff of the team. Do not repeat what is masked."),
    )  # fmt: skip

    def populate(self, record: Article) -> None:
        """Fill in the version of the article, by which a change made meanwhile is noticed."""
        self.version.data = str(record.version)
