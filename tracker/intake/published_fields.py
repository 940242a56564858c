"""When an article was published, as far as somebody knows: its dates are counted from that."""

from __future__ import annotations

from typing import Any

from tracker import clock
from tracker.errors import InvalidInput
from tracker.i18n import lazy
from tracker.web.forms import TextField, when_words
from tracker.when import LONGEST_TYPED, When, WhenError, parse_when


class PublishedField(TextField):
    """The date of publication, empty where it is not known."""

    def __init__(self, **kw: Any) -> None:  # noqa: ANN401 (WTForms options)
        hint = lazy(
            "18 May 2026, 2026-05-18 or 2026-05. “Last winter” and the like are counted from it."
        )
        super().__init__(lazy("Published"), most=LONGEST_TYPED, description=hint, **kw)

    def why_not(self) -> str:
        """Return why what was typed is no date, "" where it is one."""
        try:
            self.read()
        except InvalidInput as error:
            return str(error)
        return ""

    def read(self) -> When:
        """Return the date typed; raise InvalidInput at the field where it is none."""
        try:
            return parse_when(self.data or "", known_by=clock.today())
        except WhenError as error:
            raise InvalidInput(**{self.name: when_words(error)}) from error
