"""The parts of a case dossier as text, and the scope of what may be shared of a case; pure.

Everything in a dossier is limited by `ShareableScope`, which follows the scope of packages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tracker.i18n import _, ngettext
from tracker.incidents.codes import PeopleCounted, TargetKind
from tracker.incidents.publication_rules import may_name_actor_outside
from tracker.kit.fields import code_label
from tracker.people.rules import may_mention
from tracker.reports.cells import (
    WITHHELD,
    RedactedNames,
    name_placeholder,
    redact_handle,
    redact_names,
)
from tracker.timelines.build import Entry
from tracker.when import When


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person, group or outlet that incidents of the case targeted or affected.

    Somebody whom several incidents targeted is one `Person`.

    `group`: the group in which they are counted, as `people_count` people; `is_withheld`: whether
    the name is recorded and withheld; `entry_numbers`: the numbers of their incidents in the
    chronology; `ref`: only if named.
    """

    label: str
    roles: tuple[str, ...]
    group: PeopleCounted
    is_withheld: bool
    people_count: int
    entry_numbers: tuple[int, ...]
    harm: tuple[str, ...] = ()
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Perpetrator:
    """An alleged perpetrator, with certainty and attribution, in one entry of the chronology."""

    label: str
    certainty: str
    attributed_by: str
    entry_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealPart:
    """An appeal and its outcome; `waiting_time`: how long it has been without an answer, as text.

    `entry_number`: the number of the appeal in the chronology.
    """

    entry_number: int
    title: str
    sender: str
    outcome: str
    waiting_time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingPart:
    """A proceeding with its steps, which are entries of the chronology."""

    heading: str
    steps: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A time without an answer of the responsible state, as text."""

    start: str
    kind: str
    days: str
    ended_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePart:
    """A numbered source; with `sha256`, `file` and `size` if the original is included."""

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
    """The content of a case dossier: the chronology (`entries`), people, perpetrators, appeals,
    proceedings, times without an answer (`silences`), and sources.

    `description_by_entry_number`: of incidents, by the number of their entry. `claimed_answers`:
    appeals marked as answered without a recorded response, which count as unanswered while
    `is_waiting`. `has_omitted_responses`: whether a recorded response is left out, so that no
    silence is counted.
    """

    ref: str
    title: str
    country: str
    summary: str
    as_of: date
    lifecycle: str
    accountability: str
    accountability_reason: str
    incident_count: int
    people: Sequence[Person]
    entries: Sequence[Entry]
    description_by_entry_number: dict[int, str]
    perpetrators: Sequence[Perpetrator]
    appeals: Sequence[AppealPart]
    proceedings: Sequence[ProceedingPart]
    silences: Sequence[Silence]
    claimed_answers: Sequence[str]
    is_waiting: bool
    has_omitted_responses: bool
    sources: Sequence[SourcePart]

    def count_people(self, group: PeopleCounted, *, withheld: bool = False) -> int:
        """Return how many people or outlets are in `group`. With `withheld`, only people
        whose recorded name is withheld are counted; without, all others.
        """
        return sum(
            one.people_count
            for one in self.people
            if one.group is group and one.is_withheld is withheld
        )

    def source_numbers(self) -> dict[str, int]:
        """Return the number of each source, by ref."""
        return {one.ref: one.number for one in self.sources}

    @property
    def withheld_count(self) -> int:
        """The number of people and outlets whose name is recorded and withheld."""
        return sum(one.people_count for one in self.people if one.is_withheld)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareableScope:
    """What a dossier may share about a case. `shareable_refs`, `quotable_sources`: refs of records,
    and of sources with text, title and address; `nameable_targets`, `targets_with_outlet`: ids of
    targets who, or whose outlet, may be named; `handle_by_account_ref`: handles without names, by
    ref of account; `redacted`: names to leave out; `is_outside`: whether it is for partners.
    """

    is_outside: bool
    redacted: RedactedNames
    shareable_refs: frozenset[str]
    quotable_sources: frozenset[str]
    nameable_targets: frozenset[int]
    targets_with_outlet: frozenset[int]
    handle_by_account_ref: Mapping[str, str] = field(default_factory=dict)

    def redact_text(self, words: str) -> str:
        """Return a text in which placeholders replace the names that must not be shown."""
        return redact_names(words, self.redacted)

    def redact_texts(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return texts in which placeholders replace the names that must not be shown."""
        return tuple(map(self.redact_text, words))

    def redact_handle(self, words: str) -> str:
        """Return a handle or address, or a placeholder if it contains a name that must not be
        shown.
        """
        kept = redact_handle(words, self.redacted)
        return withheld_placeholder() if kept == WITHHELD else kept

    def has_no_redacted_name(self, text: str) -> bool:
        """Return whether a text contains no name that must not be shown."""
        here = [name for names, _placeholder in self.redacted.target_names for name in names]
        return (
            not may_mention(text, [*here, *self.redacted.other_names])
            or self.redact_text(text) == text
        )

    def redact_date(self, when: When) -> When:
        """Return a date whose wording in the source (`as_stated`) has placeholders for the names
        that must not be shown. For partners, the wording is left out.
        """
        return replace(when, as_stated="" if self.is_outside else self.redact_text(when.as_stated))

    def can_be_named(self, target: Any) -> bool:  # noqa: ANN401 (an IncidentTarget)
        """Return whether the dossier may name a target."""
        owner = target_name_owner(target)
        return (
            target.id in self.nameable_targets
            and owner is not None
            and self.has_no_redacted_name(owner.name)
        )

    def target_label(self, target: Any) -> str:  # noqa: ANN401 (as above)
        """Return the name of a target, or its placeholder."""
        if self.can_be_named(target):
            name = str(target_name_owner(target).name)
            is_hers = target.kind is TargetKind.JOURNALIST and target.id in self.targets_with_outlet
            return f"{name} ({target.outlet.name})" if is_hers and target.outlet else name
        who = self._unnamed_label(target)
        if target.number_at_least:
            number = target.number_at_least
            return f"{who} ({ngettext('at least %(num)d', 'at least %(num)d', number)})"
        return who

    def _unnamed_label(self, target: Any) -> str:  # noqa: ANN401 (as above)
        """Return what the dossier calls a target that it does not name. For a recorded journalist
        or outlet: the placeholder that staff chose, else "a journalist (name withheld)". For other
        targets: their description (for partners, the chosen placeholder), else their kind.
        """
        if target.kind in {TargetKind.JOURNALIST, TargetKind.OUTLET}:
            return self.redact_text(target.named_as) or name_placeholder(target.kind)
        words = target.named_as if self.is_outside else target.words
        return self.redact_text(words) or code_label(target.kind)

    def actor_name(self, actor: Any) -> str:  # noqa: ANN401 (an IncidentActor)
        """Return the name of an actor, "" if it may not be shared.

        Outside, only officials in office and convicted people are named.
        """
        if self.is_outside and not may_name_actor_outside(actor):
            return ""
        return self.redact_text(actor.name)


def target_name_owner(target: Any) -> Any:  # noqa: ANN401 (as above; a Journalist, an Outlet or None)
    """Return the record whose name a target has: the outlet of a target that is an outlet, else the
    journalist; None if there is no such record.
    """
    return target.outlet if target.kind is TargetKind.OUTLET else target.journalist


def withheld_placeholder() -> str:
    """Return the placeholder for any other withheld text."""
    return f"[{_('name withheld')}]"
