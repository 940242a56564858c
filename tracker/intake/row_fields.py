"""What every row of the confirm page asks: whether it is recorded, and the words that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
)

from tracker.articles.rules import MOST_PASSAGES
from tracker.errors import InvalidInput
from tracker.i18n import _, language, lazy
from tracker.intake.passages import LONGEST_QUOTE, passages_in
from tracker.intake.sheet import TICKED, mark_of
from tracker.permissions import may_edit
from tracker.scoping import narrower
from tracker.vocabulary.labels import label
from tracker.web.forms import LongTextField, SubForm
from tracker.web.naming import NEW, NameField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from enum import StrEnum

    from tracker.articles.models import Article
    from tracker.intake.drafts import Waiting
    from tracker.permissions import Actor


def words(code: StrEnum) -> str:
    """Return the label of a code in the viewer's language."""
    return label(code, language())


def use_field() -> BooleanField:
    """Return the box that says whether something is recorded."""
    return BooleanField(lazy("Record this"))


class RecordRow(SubForm):
    """One record of a kind, recorded or left out, or said to be one that is on record already."""

    # Records that may be this one, set before the form is read.
    on_record: Sequence[Any] = ()
    # Those of them that are surely this one.
    same: Sequence[Any] = ()
    # What is suggested for empty fields and waits to be taken, set for the page.
    waiting: Sequence[Waiting] = ()

    use = use_field()
    # The keys of the suggestions that it came from.
    came = HiddenField(default="")
    # The ref of the record that it is, NEW for none of them, "" where nothing was chosen yet.
    same_as = HiddenField(lazy("Existing record?"), default="")

    # The mark of what the page showed in it, "" where that was not changed since.
    was = HiddenField(default="")
    leave = BooleanField(lazy("Leave it out, and drop the changes"))

    def note_shown(self) -> None:
        """Keep the mark of what the page shows, unless something was changed since it was first
        shown.
        """
        self.was.data = self.was.data or mark_of(_sent_by(self))

    def refuse_dropped(self) -> None:
        """Raise InvalidInput where something was changed in a record that is not ticked."""
        if self.was.data and not self.use.data and not self.leave.data:
            raise InvalidInput(
                **{
                    self.use.name: _(
                        "Something was changed here, but the record is not ticked. Tick it to save "
                        "it, or leave it out."
                    )
                }
            )

    def is_on_record(self) -> bool:
        """Say whether it was chosen among those on record."""
        return (self.same_as.data or "") not in {"", NEW}

    def is_more_open_than(self, article: Article) -> bool:
        """Say whether it is ticked as a record on record that more people see than the article."""
        chosen = [one for one in self.on_record if one.ref == self.same_as.data]
        return bool(self.use.data) and any(narrower(one.visibility, [article]) for one in chosen)

    def choose_the_same(self, by: Actor, taken: set[str]) -> None:
        """Choose the record that this surely is, where it is only one, may be changed, and no other
        row took it.
        """
        if len(self.same) == 1 and may_edit(by, self.same[0]) and self.same[0].ref not in taken:
            self.same_as.data = self.same[0].ref
            taken.add(self.same[0].ref)

    def require_choice(self) -> None:
        """Raise InvalidInput where it may be one of those on record and nothing was chosen."""
        if self.on_record and not self.same_as.data:
            raise InvalidInput(
                **{self.same_as.name: _("Is this one of those on record? Choose below.")}
            )


def _sent_by(fields: Iterable[Any], at: str = "") -> Iterator[tuple[str, str]]:
    """Yield the names and texts that a browser sends of fields as the page shows them."""
    for one in fields:
        name = at + one.short_name
        if isinstance(one, NameField):
            yield f"{name}-name", one.form.name.data or ""
            yield f"{name}-chosen", one.chosen_shown()
        elif isinstance(one, FormField):
            yield from _sent_by(one.form, f"{name}-")
        elif isinstance(one, FieldList):
            for place, entry in enumerate(one.entries):
                yield from _sent_by(entry.form, f"{place}-")
        elif isinstance(one, BooleanField):
            yield name, TICKED if one.data else ""
        elif isinstance(one, SelectField):
            choices = list(one.iter_choices())
            shown = [choice for choice in choices if choice[2]]
            if not shown and not isinstance(one, SelectMultipleField):
                # A list from which nothing is chosen shows its first line.
                shown = choices[:1]
            yield from ((name, str(choice[0])) for choice in shown)
        else:
            yield name, "" if one.data is None else str(one.data)


def refs_meant(names: Iterable[Any]) -> set[str]:
    """Return the refs of those on record who are chosen at names, or who bear the very names."""
    found: set[str] = set()
    for who in names:
        chosen = who.form.chosen.data or ""
        found |= {chosen} if chosen else set(getattr(who, "exact", ()))
    return found


def quote_field() -> LongTextField:
    """Return the box for one passage of the article, or several."""
    return LongTextField(
        lazy("Quote"), most=LONGEST_QUOTE,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the article."),
    )  # fmt: skip


def cited(quote: LongTextField) -> list[str]:
    """Return the passages typed for one record; raise InvalidInput where they are too many."""
    passages = passages_in(quote.data or "")
    if len(passages) > MOST_PASSAGES:
        few = _("One record cites at most %(most)d passages.", most=MOST_PASSAGES)
        raise InvalidInput(**{quote.name: few})
    return passages
