"""What of a case may leave: which records and sources, whose names, which words; pure.

Decided by the queries of packages, and kept to by everything that a dossier says.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tracker.i18n import _, language, ngettext
from tracker.incidents.codes import TargetKind
from tracker.incidents.naming_rules import is_named_outside
from tracker.people.mention_rules import may_mention
from tracker.reports.closed_names import WITHHELD, Closed, glued_without, without_closed
from tracker.vocabulary.labels import label

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from tracker.when import When


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What may leave. By ref: `records`, sources that are `spoken` with words, title and address,
    and `handles` of accounts that spell no name. By id: `named` targets, and those `with_outlet`.
    """

    is_outside: bool
    closed: Closed
    records: frozenset[str]
    spoken: frozenset[str]
    named: frozenset[int]
    with_outlet: frozenset[int]
    handles: Mapping[str, str] = field(default_factory=dict)

    def text(self, words: str) -> str:
        """Return words of people without whoever is not to be named."""
        return without_closed(words, self.closed)

    def texts(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return several of them."""
        return tuple(map(self.text, words))

    def glued(self, words: str) -> str:
        """Return a handle or an address, or that it is withheld."""
        kept = glued_without(words, self.closed)
        return withheld() if kept == WITHHELD else kept

    def names_nobody(self, text: str) -> bool:
        """Say whether nobody stands in a text who is not to be named."""
        here = [name for names, _instead in self.closed.here for name in names]
        return not may_mention(text, [*here, *self.closed.everywhere]) or self.text(text) == text

    def when(self, when: When) -> When:
        """Return a date; a partner has it without the words of its source."""
        return replace(when, as_stated="" if self.is_outside else self.text(when.as_stated))

    def names(self, target: Any) -> bool:  # noqa: ANN401 (an IncidentTarget)
        """Say whether a target may be named: here, and by all that was decided elsewhere."""
        bearer = bearer_of(target)
        return target.id in self.named and bearer is not None and self.names_nobody(bearer.name)

    def target(self, target: Any) -> str:  # noqa: ANN401 (as above)
        """Return who a target is: named, or by what stands for the name."""
        if self.names(target):
            name = str(bearer_of(target).name)
            is_hers = target.kind is TargetKind.JOURNALIST and target.id in self.with_outlet
            return f"{name} ({target.outlet.name})" if is_hers and target.outlet else name
        who = self._unnamed(target)
        if target.number_at_least:
            number = target.number_at_least
            return f"{who} ({ngettext('at least %(num)d', 'at least %(num)d', number)})"
        return who

    def _unnamed(self, target: Any) -> str:  # noqa: ANN401 (as above)
        if target.kind in {TargetKind.JOURNALIST, TargetKind.OUTLET}:
            return self.text(target.named_as) or instead_of(target.kind)
        words = target.named_as if self.is_outside else target.words
        return self.text(words) or words_of(target.kind)

    def actor_name(self, actor: Any) -> str:  # noqa: ANN401 (an IncidentActor)
        """Return the name of an actor; outside only of officials in office and of the convicted."""
        if self.is_outside and not is_named_outside(actor):
            return ""
        return self.text(actor.name)


def bearer_of(target: Any) -> Any:  # noqa: ANN401 (as above; a Journalist, an Outlet or None)
    """Return whose name a target has."""
    return target.outlet if target.kind is TargetKind.OUTLET else target.journalist


def instead_of(kind: TargetKind) -> str:
    """Return what stands for a name that does not leave."""
    if kind is TargetKind.OUTLET:
        return str(_("an outlet (name withheld)"))
    return str(_("a journalist (name withheld)"))


def withheld() -> str:
    """Return what stands for anything else that does not leave."""
    return f"[{_('name withheld')}]"


def words_of(code: StrEnum) -> str:
    """Return the label of a code in the language of the dossier."""
    return label(code, language())
