"""Sums of a monthly report, what is frozen of them, and how they differ from it later; pure."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Cell(NamedTuple):
    """One number, and the refs of the records behind it with what each of them adds."""

    number: int
    refs: dict[str, int]


NOTHING = Cell(0, {})
# Each table of the report, by its name: the cells by the codes of their rows.
Tables = dict[str, dict[str, Cell]]


class Member(NamedTuple):
    """What one record adds to a row: who is counted there, and as how many."""

    ref: str
    code: str
    who: int | str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Revision:
    """What a number was when it was published, and what it is now; the refs that make it so."""

    table: str
    code: str
    was: int
    now: int
    added: list[str]
    gone: list[str]
    changed: list[str]

    @property
    def refs(self) -> list[str]:
        """Return all that make it so."""
        return [*self.added, *self.gone, *self.changed]


def tallied(rows: Iterable[Member]) -> dict[str, Cell]:
    """Return the cells of a table: whoever is counted stands once in each row."""
    counted: dict[str, dict[int | str, int]] = defaultdict(dict)
    refs: dict[str, dict[str, set[tuple[int | str, int]]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        counted[row.code][row.who] = row.number
        refs[row.code][row.ref].add((row.who, row.number))
    return {
        code: Cell(
            sum(numbers.values()),
            {ref: sum(number for _who, number in of) for ref, of in sorted(refs[code].items())},
        )
        for code, numbers in counted.items()
    }


def regrouped(cells: Mapping[str, Cell], headings: Mapping[str, str]) -> dict[str, Cell]:
    """Return a table of codes by the headings under which they stand, each record once."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for code, cell in cells.items():
        found[headings[code]] |= cell.refs
    return {heading: Cell(len(refs), refs) for heading, refs in found.items()}


def refs_behind(tables: Tables) -> set[str]:
    """Return the refs of all records that some tables count."""
    return {ref for cells in tables.values() for cell in cells.values() for ref in cell.refs}


def to_keep(tables: Tables) -> dict[str, Any]:
    """Return tables as they are kept."""
    return {
        table: {code: list(cell) for code, cell in sorted(cells.items())}
        for table, cells in tables.items()
    }


def digest_of_kept(figures: Mapping[str, Any]) -> str:
    """Return the SHA-256 of tables as they are kept."""
    return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()


def kept(figures: Mapping[str, Any]) -> Tables:
    """Return tables that were kept."""
    return {
        table: {code: Cell(number, refs) for code, (number, refs) in cells.items()}
        for table, cells in figures.items()
    }


def compared(was: Tables, now: Tables, hiding: Mapping[str, str]) -> Tables:
    """Return what today's tables may be compared with. `hiding`: by tables that say something of
    people, the row of those of whom it is not told. Where one of them is counted who was not when
    the tables were kept, both sides together would tell it: such a table is left out.
    """
    return {
        table: cells
        for table, cells in was.items()
        if table not in hiding or not _hides_more(cells, now.get(table, {}), hiding[table])
    }


def _hides_more(was: Mapping[str, Cell], now: Mapping[str, Cell], code: str) -> bool:
    before = was.get(code, NOTHING).refs
    return any(number > before.get(ref, 0) for ref, number in now.get(code, NOTHING).refs.items())


def revisions(was: Tables, now: Tables) -> list[Revision]:
    """Return every number that is no longer what it was, or comes from other records."""
    found = []
    for table, cells in was.items():
        today = now.get(table, {})
        for code in dict.fromkeys([*cells, *today]):
            before, after = cells.get(code, NOTHING), today.get(code, NOTHING)
            if before != after:
                both = before.refs.keys() & after.refs.keys()
                found.append(
                    Revision(
                        table,
                        code,
                        before.number,
                        after.number,
                        added=sorted(after.refs.keys() - both),
                        gone=sorted(before.refs.keys() - both),
                        changed=sorted(ref for ref in both if before.refs[ref] != after.refs[ref]),
                    )
                )
    return found
