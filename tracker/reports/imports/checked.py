"""What a check of a file found: what is to be made, what is wrong, what is told before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tracker.reports.imports.codes import ImportField

if TYPE_CHECKING:
    from datetime import date

    from tracker.reports.imports.checking import Draft, Problem
    from tracker.reports.imports.values import KnownPerson

# Of problems, and of rows that are on record already, that a page shows.
MOST_SHOWN = 200
MOST_UNKNOWN = 200
# What two rows of one number are compared by, besides their days.
COMPARED = {
    ImportField.TYPES: "types", ImportField.COUNTRY: "country", ImportField.PLACE: "place",
    ImportField.JOURNALISTS: "journalists", ImportField.OUTLETS: "outlets",
}  # fmt: skip


@dataclass(slots=True)
class Checked:
    """What a check found: what is to be made, what is wrong, and what is on record already.

    `known`: by row, the incident that has the same key, or the row above that has it. `by_key`: the
    incident on record for each of `keys` that has one. `differing`: in what a row of a known key
    says something else.
    """

    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    keys: list[str] = field(default_factory=list)
    by_key: dict[str, tuple[int, str]] = field(default_factory=dict)
    known: dict[int, tuple[int, str] | int] = field(default_factory=dict)
    differing: dict[int, list[ImportField]] = field(default_factory=dict)
    alike: dict[int, str] = field(default_factory=dict)
    journalists: dict[str, KnownPerson] = field(default_factory=dict)
    outlets: dict[str, KnownPerson] = field(default_factory=dict)
    unknown: dict[str, dict[str, int]] = field(default_factory=dict)
    row_count: int = 0

    def add(self, found: Draft | list[Problem], row: int, above: dict[str, Draft]) -> None:
        """Sort in what a row became; `above`: the first row of each key."""
        if isinstance(found, list):
            self.problem_count += len(found)
            self.problems += found[: MOST_SHOWN - len(self.problems)]
            return
        if found.identifier:
            first = above.setdefault(found.identifier, found)
            if first is not found:
                self.known[row] = first.row
                self.differ(row, differences(first, found))
                return
        self.drafts.append(found)

    def differ(self, row: int, fields: list[ImportField]) -> None:
        """Note in what a row says something else than what has its key."""
        if fields:
            self.differing[row] = fields

    def to_json(self) -> dict[str, Any]:
        """Return what a page shows of it."""
        new = {
            "journalists": {name for one in self.drafts for name in one.journalists},
            "outlets": {name for one in self.drafts for name in one.outlets},
        }
        return {
            "rows": self.row_count,
            "drafts": len(self.drafts),
            "problem_count": self.problem_count,
            "problems": [[one.row, one.column, str(one.kind), one.value] for one in self.problems],
            **self._on_record_as_json(),
            "alike_count": len(self.alike),
            "alike": [[row, ref] for row, ref in list(self.alike.items())[:MOST_SHOWN]],
            "people": [
                [name, one.ref]
                for name, one in [*self.journalists.items(), *self.outlets.items()][:MOST_SHOWN]
            ],
            "new_journalists": len(new["journalists"] - self.journalists.keys()),
            "new_outlets": len(new["outlets"] - self.outlets.keys()),
            "unknown": {
                what: sorted(words, key=lambda word: (-words[word], word))[:MOST_UNKNOWN]
                for what, words in self.unknown.items()
            },
        }

    def _on_record_as_json(self) -> dict[str, Any]:
        """Return the rows that are not made again, those first that say something else."""
        rows = sorted(self.known, key=lambda row: row not in self.differing)
        twice = [row for row in rows if isinstance(self.known[row], int)]
        on_record = [(row, found) for row in rows if isinstance(found := self.known[row], tuple)]
        return {
            "twice_count": len(twice),
            "twice": [[row, self.known[row], self._fields(row)] for row in twice[:MOST_SHOWN]],
            "on_record_count": len(on_record),
            "on_record": [
                [row, ref, self._fields(row)] for row, (_id, ref) in on_record[:MOST_SHOWN]
            ],
            "differing_count": len(self.differing),
        }

    def _fields(self, row: int) -> list[str]:
        return [str(one) for one in self.differing.get(row, ())]


def differences(one: Draft, other: Draft) -> list[ImportField]:
    """Return in what two rows differ."""
    found = [
        wanted for wanted, name in COMPARED.items() if getattr(one, name) != getattr(other, name)
    ]
    return [ImportField.OCCURRED, *found] if days_of(one) != days_of(other) else found


def days_of(draft: Draft) -> tuple[date, date]:
    """Return the days of a row, however they are written."""
    return draft.when.earliest, draft.when.latest
