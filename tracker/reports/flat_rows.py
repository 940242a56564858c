"""What is read of an incident for a flat file, and of what hangs on it; pure.

Words and rules that are made for the models read these as well: they have the same names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from tracker.reports.closed_names import Closed


class Named(NamedTuple):
    """Somebody or something by name."""

    name: str


def _named(name: str | None) -> Named | None:
    return None if name is None else Named(name)


class TermRead(NamedTuple):
    """A type or a region."""

    code: str
    labels: dict[str, str]

    def label(self, language: str) -> str:
        """Return the label in a language."""
        return self.labels[language]

    @property
    def term(self) -> TermRead:
        """Return itself: an incident has its types by a row of their own."""
        return self


class TargetRead(NamedTuple):
    """A target, with whom it means as far as they may be named."""

    incident_id: int
    kind: Any
    role: Any
    journalist_id: int | None
    outlet_id: int | None
    name_reach: Any
    named_as: str
    words: str
    journalist: Named | None
    outlet: Named | None

    @classmethod
    def of(cls, read: Sequence[Any]) -> TargetRead:
        """Return a target of what is read: the names of both come last."""
        return cls._make((*read[:-2], _named(read[-2]), _named(read[-1])))


class ActorRead(NamedTuple):
    """Who did it."""

    incident_id: int
    actor_type: Any
    purported_as: Any


class CitationRead(NamedTuple):
    """That a source tells of an incident, and the source, as far as it may be told of."""

    incident_id: int
    ref: str | None
    url: str
    latest: Any
    precision: Any

    @property
    def article(self) -> CitationRead | None:
        """Return the source; None for one that is not told of."""
        return None if self.ref is None else self


class Row(NamedTuple):
    """An incident as it is read for a file, with what hangs on it as far as it may leave. The first
    fields are columns of the model, in the order in which they are read.
    """

    id: int
    ref: str
    version: int
    title: str
    extent: Any
    is_ongoing: Any
    occurrences_at_least: int | None
    earliest: date
    latest: date
    precision: Any
    as_stated: str
    country: str
    region_id: int | None
    place: str
    work_link: Any
    verification: Any
    state: Any
    visibility: Any
    recorded_at: datetime
    updated_at: datetime
    # What hangs on it.
    region: str
    types: Sequence[TermRead]
    targets: Sequence[TargetRead]
    actors: Sequence[ActorRead]
    citations: Sequence[CitationRead]
    cases: Sequence[str]
    closed: Closed
    # Of the file: the language of its labels, and the beginning of every address.
    language: str
    root: str

    @property
    def when(self) -> Any:  # noqa: ANN401 (what has the fields of a When)
        """Return itself: it has both days, how closely they are known, and the words for them."""
        return self
