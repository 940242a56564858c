"""The parts of a dossier, already as text, and what of a case may be shared; pure.

`ShareableScope` (records and sources, names, texts) is decided by the scope of packages, and
everything in a dossier is limited by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tracker.i18n import _, ngettext
from tracker.incidents.codes import PeopleCounted, TargetKind
from tracker.incidents.publication_rules import may_be_named_outside
from tracker.kit.fields import code_label
from tracker.people.rules import may_mention
from tracker.reports.cells import WITHHELD, ClosedNames, redact_handle, redact_names
from tracker.timelines.build import Entry
from tracker.when import When


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person or outlet concerned, once for all incidents.

    `counted`: in which of the four figures; `is_withheld`: the name is known here, and withheld.
    `entries`: the numbers of the incidents in the chronology; `ref`: only of those who are named.
    """

    words: str
    roles: tuple[str, ...]
    counted: PeopleCounted
    is_withheld: bool
    number: int
    entries: tuple[int, ...]
    harm: tuple[str, ...] = ()
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Perpetrator:
    """An alleged perpetrator, with certainty and attribution."""

    words: str
    certainty: str
    attributed_by: str
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealPart:
    """An appeal and its outcome; `waiting`: for how long there was none."""

    entry: int
    title: str
    sender: str
    outcome: str
    waiting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A proceeding with its steps, which are entries of the chronology."""

    heading: str
    steps: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A clock as text."""

    start: str
    kind: str
    days: str
    ended_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePart:
    """A numbered source; `sha256`, `file` and `size` if its original is included."""

    number: int
    ref: str
    kind: str
    title: str
    publisher: str
    published: str
    url: str
    archive_url: str
    captured_on: date | None
    quotes: tuple[str, ...]
    media_type: str = ""
    sha256: str = ""
    file: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """The content of a dossier; `descriptions` of incidents by the number of their entry.

    `said_answered`: appeals marked as answered without a recorded response, which count as
    unanswered while the case `is_waiting`. `lacks_answers`: a recorded response is not in this
    file, so that it counts no silence.
    """

    ref: str
    title: str
    country: str
    summary: str
    as_of: date
    lifecycle: str
    accountability: str
    accountability_reason: str
    incidents: int
    people: Sequence[Person]
    entries: Sequence[Entry]
    descriptions: dict[int, str]
    perpetrators: Sequence[Perpetrator]
    asked: Sequence[AppealPart]
    remedies: Sequence[Remedy]
    silences: Sequence[Silence]
    said_answered: Sequence[str]
    is_waiting: bool
    lacks_answers: bool
    sources: Sequence[SourcePart]

    def counted(self, figure: PeopleCounted, *, withheld: bool = False) -> int:
        """Return how many people or outlets are in one figure, named or withheld."""
        return sum(
            one.number
            for one in self.people
            if one.counted is figure and one.is_withheld is withheld
        )

    def numbers(self) -> dict[str, int]:
        """Return the numbers of the sources, by ref."""
        return {one.ref: one.number for one in self.sources}

    @property
    def withheld(self) -> int:
        """Return how many people and outlets are known here and withheld."""
        return sum(one.number for one in self.people if one.is_withheld)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareableScope:
    """What may be shared.

    By ref: `records`, sources that are `spoken` with words, title and address, and `handles` of
    accounts that contain no name. By id: `named` targets, and those `with_outlet`.
    """

    is_outside: bool
    closed: ClosedNames
    records: frozenset[str]
    spoken: frozenset[str]
    named: frozenset[int]
    with_outlet: frozenset[int]
    handles: Mapping[str, str] = field(default_factory=dict)

    def text(self, words: str) -> str:
        """Return a text without names that must not be shared."""
        return redact_names(words, self.closed)

    def texts(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return several texts without names that must not be shared."""
        return tuple(map(self.text, words))

    def handle(self, words: str) -> str:
        """Return a handle or an address, or the placeholder if it contains such a name."""
        kept = redact_handle(words, self.closed)
        return withheld_placeholder() if kept == WITHHELD else kept

    def names_nobody(self, text: str) -> bool:
        """Return whether a text names nobody who must not be named."""
        here = [name for names, _instead in self.closed.here for name in names]
        return not may_mention(text, [*here, *self.closed.everywhere]) or self.text(text) == text

    def when(self, when: When) -> When:
        """Return a date; for partners without the source's words."""
        return replace(when, as_stated="" if self.is_outside else self.text(when.as_stated))

    def names(self, target: Any) -> bool:  # noqa: ANN401 (an IncidentTarget)
        """Return whether a target may be named, by all decisions here and elsewhere."""
        owner = owner_of_name(target)
        return target.id in self.named and owner is not None and self.names_nobody(owner.name)

    def target(self, target: Any) -> str:  # noqa: ANN401 (as above)
        """Return the name of a target or its placeholder."""
        if self.names(target):
            name = str(owner_of_name(target).name)
            is_hers = target.kind is TargetKind.JOURNALIST and target.id in self.with_outlet
            return f"{name} ({target.outlet.name})" if is_hers and target.outlet else name
        who = self._unnamed(target)
        if target.number_at_least:
            number = target.number_at_least
            return f"{who} ({ngettext('at least %(num)d', 'at least %(num)d', number)})"
        return who

    def _unnamed(self, target: Any) -> str:  # noqa: ANN401 (as above)
        if target.kind in {TargetKind.JOURNALIST, TargetKind.OUTLET}:
            return self.text(target.named_as) or name_placeholder(target.kind)
        words = target.named_as if self.is_outside else target.words
        return self.text(words) or code_label(target.kind)

    def actor_name(self, actor: Any) -> str:  # noqa: ANN401 (an IncidentActor)
        """Return the name of an actor, if it may be shared.

        Outside only officials in office and the convicted are named.
        """
        if self.is_outside and not may_be_named_outside(actor):
            return ""
        return self.text(actor.name)


def owner_of_name(target: Any) -> Any:  # noqa: ANN401 (as above; a Journalist, an Outlet or None)
    """Return the journalist or outlet that a target names."""
    return target.outlet if target.kind is TargetKind.OUTLET else target.journalist


def name_placeholder(kind: TargetKind) -> str:
    """Return the placeholder for a withheld name."""
    if kind is TargetKind.OUTLET:
        return str(_("an outlet (name withheld)"))
    return str(_("a journalist (name withheld)"))


def withheld_placeholder() -> str:
    """Return the placeholder for anything else withheld."""
    return f"[{_('name withheld')}]"
