"""What the confirm page proposes: drafts of incidents, accounts and responses, part by part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.incidents.codes import Extent
from tracker.vocabulary.codes import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.incidents.codes import PurportedAs
    from tracker.intake.codes import SuggestionKind
    from tracker.intake.reading.found import Place
    from tracker.intake.reading.text import Passage
    from tracker.people.codes import InstitutionKind
    from tracker.responses.codes import ActType, Stance, Standing

# What is less sure than this is shown, but not ticked.
LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Suggested:
    """One thing that the article suggests; `key` is how a form names it, and holds no words.

    `value` is what stands in the form where it is taken as it is; `also` are further passages that
    say the same.
    """

    key: str
    kind: SuggestionKind
    code: str
    value: str
    passage: Passage
    score: float
    reason: str
    also: tuple[Passage, ...] = ()

    @property
    def percent(self) -> int:
        """Return the score as people read it."""
        return round(100 * min(1.0, max(0.0, self.score)))

    @property
    def is_likely(self) -> bool:
        """Say whether it is ticked beforehand."""
        return self.score >= LIKELY

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Return every passage that says it."""
        return (self.passage, *self.also)


@dataclass(slots=True)
class IncidentDraft:
    """One incident: what the same actors did to the same targets; `quote` is sentence numbers."""

    types: list[Suggested]
    targets: list[Suggested]
    quote: str
    when: Suggested | None = None
    as_stated: str = ""
    place: Suggested | None = None
    where: Place | None = None
    purported_as: PurportedAs | None = None
    extent: Extent = Extent.ONCE
    with_accounts: bool = False

    def parts(self) -> Iterator[Suggested]:
        """Yield every suggestion in it."""
        yield from self.types
        yield from self.targets
        yield from (one for one in (self.when, self.place) if one)


@dataclass(slots=True)
class AccountDraft:
    """One account, or all those that the article does not identify as one record."""

    account: Suggested
    kind: str
    platform: str
    quote: str
    identified: Answer = Answer.YES
    at_least: int | None = None
    impersonates: list[Suggested] = field(default_factory=list)

    def parts(self) -> Iterator[Suggested]:
        """Yield the suggestion in it; whom it poses as are targets of incidents as well."""
        yield self.account


@dataclass(slots=True)
class ActDraft:
    """One act of a response, with its words."""

    act: Suggested
    kind: ActType
    is_direct: bool
    by_law_enforcement: bool
    # Another act of this type is likelier, or this is a plain statement beside another type.
    adds_nothing: bool = False


@dataclass(slots=True)
class ResponseDraft:
    """One institution on one occasion, with its acts."""

    response: Suggested
    official: str
    office: str
    institution: str
    institution_kind: InstitutionKind | None
    standing: Standing
    stance: Stance
    acts: list[ActDraft]
    # The country named beside the institution, which goes before that of the article.
    country: str = ""
    when: Suggested | None = None
    as_stated: str = ""

    def parts(self) -> Iterator[Suggested]:
        """Yield every suggestion in it."""
        yield self.response
        yield from (one for one in (self.when,) if one)
        yield from (one.act for one in self.acts)


@dataclass(slots=True)
class Drafts:
    """All that an article suggests, put together as it would be recorded."""

    incidents: list[IncidentDraft] = field(default_factory=list)
    accounts: list[AccountDraft] = field(default_factory=list)
    responses: list[ResponseDraft] = field(default_factory=list)

    def suggested(self) -> dict[str, Suggested]:
        """Return every suggestion by its key, in the order of the page."""
        return {
            part.key: part
            for drafts in (self.incidents, self.accounts, self.responses)
            for draft in drafts
            for part in draft.parts()
        }
