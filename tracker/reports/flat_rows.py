"""What is read of an incident for a flat file, and of what hangs on it; pure.

Words and rules that are made for the models read these as well: they have the same names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tracker.reports.closed_names import Closed
from tracker.when import When

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime


class Named(NamedTuple):
    """Somebody or something by name."""

    name: str


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
    """A target, with the names of whom it means as far as they may be named."""

    incident_id: int
    kind: Any
    role: Any
    journalist_id: int | None
    outlet_id: int | None
    name_reach: Any
    named_as: str
    words: str
    journalist_name: str | None
    outlet_name: str | None

    @property
    def journalist(self) -> Named | None:
        """Return the journalist, where she may be named."""
        return None if self.journalist_name is None else Named(self.journalist_name)

    @property
    def outlet(self) -> Named | None:
        """Return the outlet, where it may be named."""
        return None if self.outlet_name is None else Named(self.outlet_name)


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


@dataclass(slots=True)
class Row:
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
    recorded_at: datetime
    updated_at: datetime
    # What hangs on it.
    region: str = ""
    types: Sequence[Any] = ()
    targets: Sequence[Any] = ()
    actors: Sequence[Any] = ()
    citations: Sequence[Any] = ()
    cases: Sequence[str] = ()
    closed: Closed = field(default_factory=Closed)
    # Of the file: the language of its labels, and the beginning of every address.
    language: str = "en"
    root: str = ""

    @property
    def when(self) -> When:
        """Return when it was."""
        return When(self.earliest, self.latest, self.precision, self.as_stated)
