"""Forms that change a record: they know which version was read, and what they showed of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from wtforms import HiddenField
from wtforms.validators import InputRequired

from tracker.errors import Stale
from tracker.web.differences import Whose, changes, differences, digests, pairs
from tracker.web.forms import NOT_TYPED, PlainForm, TrackerForm

if TYPE_CHECKING:
    from flask import Flask
    from markupsafe import Markup


class VersionedForm(TrackerForm):
    """A form that edits a record: it knows the version it was opened with.

    It carries a digest of each field as it was shown. So of two who save at the same time the
    second need not put back what only the first one changed.
    """

    # Whether one may save over what somebody else saved meanwhile, having seen what differs, and
    # whether the history tells afterwards what was replaced.
    MAY_INSIST = IN_HISTORY = True
    # Fields that only together say something: of two who save, one's are kept, and all of them.
    TOGETHER: ClassVar[tuple[tuple[str, ...], ...]] = ()

    version = HiddenField(validators=[InputRequired()])
    shown: HiddenField | None = HiddenField()

    def open_at(self, record: Any) -> None:  # noqa: ANN401 (any Record)
        """Fill a fresh form with what is stored, and note what it shows."""
        self.show(record)
        if self.shown is not None:
            self.shown.data = digests(self, but=NOT_TYPED)

    def refuse_stale(self, record: Any) -> None:  # noqa: ANN401 (any Record)
        """Raise Stale, with both texts, when somebody saved the record since this form was opened.

        `show(record)`, which each subclass has, fills a fresh form with what is stored now.
        """
        if self.version.data == str(record.version):
            return
        stored = type(self)(formdata=None)
        stored.open_at(record)
        whose, instead = {}, {}
        if self.shown is not None and stored.shown is not None:
            shown = self.shown.data or ""
            whose = changes(stored, self, shown=shown, but=NOT_TYPED, together=self.TOGETHER)
            left = [name for name, who in whose.items() if who is Whose.THEIRS]
            instead = {name: list(pairs(stored[name])) for name in ("shown", *left)}
        raise Stale(
            differences(stored, self, but=NOT_TYPED, whose=whose),
            record=record,
            instead=instead,
            may_insist=self.MAY_INSIST,
            in_history=self.IN_HISTORY,
        )

    def show(self, record: Any) -> None:  # noqa: ANN401 (any Record)
        """Fill the form with what is stored, the version included."""
        raise NotImplementedError


class PartForm(VersionedForm):
    """A form that adds one thing to a record or takes one away, on the version that was read."""

    # It shows nothing of the record, or a row that is one statement: mine is saved as a whole.
    shown: HiddenField | None = None

    @classmethod
    def on(cls, record: Any) -> Self:  # noqa: ANN401 (any Record)
        """Return a fresh form for the page of a record."""
        form = cls(formdata=None)
        form.open_at(record)
        return form

    def show(self, record: Any) -> None:  # noqa: ANN401 (any Record)
        """Fill the form with the version that is read."""
        self.version.data = str(record.version)


def csrf_field(record: Any = None) -> Markup:  # noqa: ANN401 (any Record)
    """Return the hidden inputs for a form that is only a button, on a record where there is one."""
    # Without the request's own form: where that was too large, the page that says so has a button.
    form = PlainForm(formdata=None) if record is None else PartForm.on(record)
    return form.hidden_tag()


def init_app(app: Flask) -> None:
    """Offer `csrf_field()` to the templates."""
    app.jinja_env.globals["csrf_field"] = csrf_field
