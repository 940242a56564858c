"""A name field: likely matches are offered before anybody new is created."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from wtforms import FormField, StringField

from tracker.errors import InvalidInput
from tracker.i18n import _, lazy
from tracker.web.filters import REF
from tracker.web.forms import SubForm, TextField

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Named(Protocol):
    """Whatever can be offered: it has a ref and a name."""

    @property
    def ref(self) -> str:
        """Return the ref that the choice carries."""

    @property
    def name(self) -> str:
        """Return the name shown."""


N = TypeVar("N", bound=Named)
NEW = "new"


@dataclass(frozen=True, slots=True)
class NameChoice(Generic[N]):
    """The result of a name field: an existing record, or the name of a new one."""

    record: N | None
    name: str


class NameForm(SubForm):
    """A name, and which of the offered records is meant ("new": none of them; "" not asked yet)."""

    name = TextField(lazy("Name"), most=200)
    chosen = StringField()


class NameField(FormField):  # type: ignore[type-arg]  # generic in its stubs alone
    """A name that may already be on record under another spelling.

    `resolve` returns None for an empty name. With likely matches and no choice yet it raises
    InvalidInput at the name; the template (`macros/naming.html`) then shows them as radio buttons,
    everything typed still there. Nothing is ever matched by itself.
    """

    offers: Sequence[Any] = ()
    # Whether the same name stands further up on the page, and is asked about there.
    is_asked_above = False

    def __init__(self, label: Any = "", **kw: Any) -> None:  # noqa: ANN401 (lazy strings, WTForms options)
        super().__init__(NameForm, label, **kw)

    def process(self, formdata: Any, *args: Any, **kw: Any) -> None:  # noqa: ANN401 (WTForms' own signature)
        """Take what was typed; what was chosen for the name that was here before is forgotten."""
        super().process(formdata, *args, **kw)
        # Beside a choice the page sends the name for which it shows it.
        shown_for = formdata.get(f"{self.name}-chosen_for") if formdata else None
        if shown_for and shown_for != self.form.name.data:
            self.form.chosen.data = ""

    def populate(self, record: Named) -> None:
        """Fill the field with a record that is already known, so that nothing is asked."""
        self.form.name.data, self.form.chosen.data = record.name, record.ref

    def chosen_shown(self) -> str:
        """Return the current choice, "" if there is none."""
        chosen = self.form.chosen.data or ""
        if self.offers:
            return chosen if chosen in {NEW, *(one.ref for one in self.offers)} else ""
        return "" if self.is_asked_above else chosen

    def resolve(
        self, likely: Callable[[str], Sequence[N]], by_ref: Callable[[str], N | None]
    ) -> NameChoice[N] | None:
        """Return the chosen record or new name; raise InvalidInput if a choice is needed."""
        name, chosen = self.form.name.data or "", self.form.chosen.data or ""
        if not name:
            return None
        if chosen == NEW:
            return NameChoice(None, name)
        # Only a ref is looked up: PostgreSQL does not take just any text.
        record = by_ref(chosen) if REF.fullmatch(chosen) else None
        if record is not None and record.name == name:
            return NameChoice(record, name)
        self.offers = likely(name)
        if record is not None and record.ref in {offer.ref for offer in self.offers}:
            return NameChoice(record, name)
        if not self.offers:
            return NameChoice(None, name)
        self.form.chosen.data = ""
        raise InvalidInput(
            **{f"{self.name}-name": _("Is this one of those on record? Choose below.")}
        )
