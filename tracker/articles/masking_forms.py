"""Which passage of a source is masked, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import BooleanField

from tracker.articles.quotes import LONGEST
from tracker.i18n import lazy
from tracker.web.forms import LongTextField, TextField, VersionedForm

if TYPE_CHECKING:
    from tracker.articles.models import Article


class MaskForm(VersionedForm):
    """A passage, by the numbers of its sentences or its words."""

    passage = LongTextField(
        lazy("Passage"), most=LONGEST, needed=True,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the article."),
    )  # fmt: skip
    every = BooleanField(lazy("Everywhere these words stand in the article"), default=True)
    reason = TextField(
        lazy("Why"), most=300, needed=True,
        description=lazy("For staff of the team. Do not repeat what is masked."),
    )  # fmt: skip

    def show(self, record: Article) -> None:
        """Fill the form with the version that is masked."""
        self.version.data = str(record.version)
