"""What a check of a file found: what is to be made, what is wrong, what is told before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tracker.reports.imports.cells import is_doubtful, is_doubtful_outlet
from tracker.reports.imports.codes import ImportField
from tracker.reports.imports.memory import uncollected

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tracker.reports.imports.checking import Draft, Problem
    from tracker.reports.imports.values import KnownPerson

# Of problems, and of rows that are on record already, that a page shows.
MOST_SHOWN = 200
MOST_UNKNOWN = 200
MOST_EXAMPLES = 5
# What two rows of one number are compared by, besides their days.
COMPARED = {
    ImportField.TYPES: "types", ImportField.COUNTRY: "country", ImportField.PLACE: "place",
    ImportField.JOURNALISTS: "journalists", ImportField.OUTLETS: "outlets",
    ImportField.ACTOR: "actor",
}  # fmt: skip


@dataclass(slots=True)
class Checked:
    """What a check found: what is to be made, what is wrong, and what is on record already.

    `known`: by row, the incident that has the same key, or the row above that has it. `by_key`: the
    incident on record for each of `keys` that has one. `differing`: in what a row of a known key
    says something else. `repeated`: rows without a key, to the letter alike one above.
    `left_out`: wrong rows that become nothing, whose `problems` are only told. `the_same`: rows
    that become nothing because somebody took them for others.
    """

    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    wrong_rows: list[int] = field(default_factory=list)
    left_out: tuple[int, ...] = ()
    the_same: tuple[int, ...] = ()
    keys: list[str] = field(default_factory=list)
    by_key: dict[str, tuple[int, str]] = field(default_factory=dict)
    known: dict[int, tuple[int, str] | int] = field(default_factory=dict)
    differing: dict[int, list[ImportField]] = field(default_factory=dict)
    alike: dict[int, str] = field(default_factory=dict)
    repeated: dict[int, int] = field(default_factory=dict)
    journalists: dict[str, KnownPerson] = field(default_factory=dict)
    outlets: dict[str, KnownPerson] = field(default_factory=dict)
    unknown: dict[str, dict[str, int]] = field(default_factory=dict)
    row_count: int = 0

    def add(
        self, found: Draft | list[Problem], row: int, above: dict[str | tuple[str, str], Draft]
    ) -> None:
        """Sort in what a row became; `above`: the first row of each key, and of those without any
        the first that says the same.
        """
        if isinstance(found, list):
            self.problem_count += len(found)
            self.wrong_rows.append(row)
            self.problems += found[: MOST_SHOWN - len(self.problems)]
            return
        if found.identifier:
            first = above.setdefault(found.identifier, found)
            if first is not found:
                self.known[row] = first.row
                self.differ(row, differences(first, found))
                return
        elif (first := above.setdefault((found.quote, found.narrative), found)) is not found:
            self.repeated[row] = first.row
        self.drafts.append(found)

    def differ(self, row: int, fields: list[ImportField]) -> None:
        """Note in what a row says something else than what has its key."""
        if fields:
            self.differing[row] = fields

    @uncollected()
    def to_json(self) -> dict[str, Any]:
        """Return what a page shows of it."""
        return {
            "rows": self.row_count,
            "drafts": len(self.drafts),
            "problem_count": self.problem_count,
            "problems": [[one.row, one.column, str(one.kind), one.value] for one in self.problems],
            "left_out_count": len(self.left_out),
            **self._on_record_as_json(),
            "repeated_count": len(self.repeated),
            "repeated": [*self.repeated.items()][:MOST_SHOWN],
            "alike_count": len(self.alike),
            "alike": [[row, ref] for row, ref in list(self.alike.items())[:MOST_SHOWN]],
            "people": [
                [name, one.ref]
                for name, one in [*self.journalists.items(), *self.outlets.items()][:MOST_SHOWN]
            ],
            **self._names_as_json(),
            "examples": [_example(one) for one in self.drafts[:MOST_EXAMPLES]],
            "unknown": {
                what: sorted(words, key=lambda word: (-words[word], word))[:MOST_UNKNOWN]
                for what, words in self.unknown.items()
            },
        }

    def _names_as_json(self) -> dict[str, Any]:
        """Return who is new, and which names may mean others than whom they would be taken for."""
        people, outlets = (_first_rows(self.drafts, name) for name in ("journalists", "outlets"))
        new = [name for name in people if name not in self.journalists]
        new_outlets = [name for name in outlets if name not in self.outlets]
        doubtful = [[row, name] for name, row in people.items() if is_doubtful(name)]
        doubtful += [[row, name] for name, row in outlets.items() if is_doubtful_outlet(name)]
        elsewhere = _elsewhere(self.drafts)
        return {
            "new_journalists": len(new),
            "new_outlets": len(new_outlets),
            "new_names": {"journalists": new[:MOST_SHOWN], "outlets": new_outlets[:MOST_SHOWN]},
            "doubtful_count": len(doubtful),
            "doubtful": doubtful[:MOST_SHOWN],
            "elsewhere_count": len(elsewhere),
            "elsewhere": elsewhere[:MOST_SHOWN],
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


def _first_rows(drafts: Iterable[Draft], kind: str) -> dict[str, int]:
    """Return every name of journalists or outlets, with the first row that has it."""
    found: dict[str, int] = {}
    for one in drafts:
        for name in getattr(one, kind):
            found.setdefault(name, one.row)
    return found


def _elsewhere(drafts: Iterable[Draft]) -> list[list[Any]]:
    """Return the names of journalists whose rows have no outlet in common: maybe of two people."""
    rows: dict[str, dict[tuple[str, ...], int]] = {}
    for one in drafts:
        for name in one.journalists if one.outlets else ():
            rows.setdefault(name, {}).setdefault(one.outlets, one.row)
    return [
        [name, [[row, ", ".join(outlets)] for outlets, row in found.items()]]
        for name, found in rows.items()
        if not set.intersection(*map(set, found))
    ]


def _example(draft: Draft) -> dict[str, Any]:
    when = draft.when
    return {
        "row": draft.row, "types": draft.types, "country": draft.country, "place": draft.place,
        "when": [when.earliest.isoformat(), when.latest.isoformat(), str(when.precision)],
        "journalists": draft.journalists, "outlets": draft.outlets, "title": draft.title,
    }  # fmt: skip
