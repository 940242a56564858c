"""What was typed into the confirm page as rows that can be split, joined and added to; pure.

It works on the names and texts that a form sends, so that nothing typed is lost on the way, not
even what no field would take.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.audit.chain import digest
from tracker.characters import normalised
from tracker.intake.passages import LONGEST_QUOTE, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Typed = list[tuple[str, str]]

# The list of small rows that a row of each kind has.
INNER = {"incidents": "targets", "accounts": "impersonates", "responses": "acts"}
# The fields of a row that a waiting suggestion fills in.
FILLS = {
    "incidents": {"when": "occurred-when", "place": "place", "posed": "purported_as"},
    "accounts": {"event": "event"},
    "responses": {"when": "made-when"},
}
MOST_ROWS = 30
MOST_PARTS = 20
ROW = re.compile(r"(incidents|accounts|responses)-([0-9]{1,4})-(.+)", re.DOTALL)
PART = re.compile(r"(?:targets|impersonates|acts)-([0-9]{1,4})-(.+)", re.DOTALL)
TICKED = "y"
# The value of the box that accepts all that is suggested in a row.
ALL = "all"
# Of a row, what says nothing of the record, and what the page alone put there.
UNTYPED = frozenset({"use", "came", "dated", "suggested_extent", "answers", "was", "leave"})
# Of the incident before, what the next one from the same article probably shares.
CARRIED = ("country", "region", "place", "occurred-when", "occurred-as_stated")


@dataclass(slots=True)
class Row:
    """One incident, account or response as it was typed, with its small rows by their numbers."""

    typed: Typed = field(default_factory=list)
    parts: dict[int, Typed] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Return what was typed into a field, "" where nothing was."""
        return next((text for key, text in self.typed if key == name), "")

    def all(self, name: str) -> list[str]:
        """Return everything ticked in a field."""
        return [text for key, text in self.typed if key == name]

    def put(self, name: str, *texts: str) -> None:
        """Write over a field."""
        self.typed = [pair for pair in self.typed if pair[0] != name]
        self.typed += [(name, text) for text in texts]

    def is_ticked(self) -> bool:
        """Say whether the row is to be recorded."""
        return bool(self.get("use")) or ALL in self.all("take")

    def mark(self) -> str:
        """Return the mark of what the row holds now, see `mark_of`."""
        parts = enumerate(self.parts[one] for one in sorted(self.parts))
        inner = ((f"{place}-{name}", text) for place, part in parts for name, text in part)
        return mark_of([*self.typed, *inner])

    def names(self) -> set[str]:
        """Return the names of whoever is named in the row."""
        typed = [*self.typed, *(pair for part in self.parts.values() for pair in part)]
        return {text.casefold() for name, text in typed if name.endswith("-name") and text}

    def add(self, typed: Typed) -> None:
        """Add a small row."""
        self.parts[max(self.parts, default=-1) + 1] = typed


class Sheet:
    """All rows of a form, each kind in its order, by the numbers that the form gave them."""

    def __init__(self, typed: Iterable[tuple[str, str]]) -> None:
        self.rows: dict[str, dict[int, Row]] = {kind: {} for kind in INNER}
        self.rest: Typed = []
        for name, text in typed:
            found = ROW.fullmatch(name)
            if found is None:
                self.rest.append((name, text))
                continue
            row = self.rows[found[1]].setdefault(int(found[2]), Row())
            part = PART.fullmatch(found[3])
            if part is None:
                row.typed.append((found[3], text))
            else:
                row.parts.setdefault(int(part[1]), []).append((part[2], text))

    def typed(self) -> Typed:
        """Return all names and texts, the rows numbered anew in their order."""
        return [*self.rest, *(pair for kind in INNER for pair in self._numbered(kind))]

    def forget_unchanged(self) -> None:
        """Empty `was` in each row that is as the page showed it. Who is meant by a name may be
        chosen here for a row that is ticked and has the same name.
        """
        rows = [row for kind in self.rows.values() for row in kind.values()]
        used = set().union(*(row.names() for row in rows if row.is_ticked()))
        for row in rows:
            was, now = row.get("was").split(), row.mark().split()
            if was == now or (was[:1] == now[:1] and row.names() & used):
                row.put("was", "")

    def split_part(self, kind: str, number: int, place: int) -> bool:
        """Make a row of its own of a small row, with the rest of the row it was in."""
        row = self.rows[kind].get(number)
        if row is None or place not in row.parts or len(row.parts) == 1 or self.is_full(kind):
            return False
        new = Row(list(row.typed), {0: row.parts.pop(place)})
        self._put_behind(kind, number, new)
        return True

    def split_type(self, number: int, code: str) -> bool:
        """Make an incident of its own of one of the types, with the same targets."""
        row = self.rows["incidents"].get(number)
        if row is None or code not in row.all("types") or len(row.all("types")) == 1:
            return False
        if self.is_full("incidents"):
            return False
        new = Row(list(row.typed), {place: list(part) for place, part in row.parts.items()})
        new.put("types", code)
        row.put("types", *(one for one in row.all("types") if one != code))
        came = row.get("came").split()
        its = [key for key in came if key.partition("-")[2] == code]
        others = [key for key in came if "-" in key and key not in its]
        new.put("came", " ".join(key for key in came if key not in others))
        row.put("came", " ".join(key for key in came if key not in its))
        self._put_behind("incidents", number, new)
        return True

    def join(self, kind: str, number: int) -> bool:
        """Take a row into the one before it; what both say, the one before says."""
        before = self.before(kind, number)
        if before is None:
            return False
        row = self.rows[kind][number]
        parts = _both(before, row)
        longest = max(len(one.get("quote")) for one in (before, row))
        if len(parts) > MOST_PARTS or longest > LONGEST_QUOTE:
            return False
        del self.rows[kind][number]
        before.put("types", *dict.fromkeys([*before.all("types"), *row.all("types")]))
        keys = dict.fromkeys([*before.get("came").split(), *row.get("came").split()])
        before.put("came", " ".join(keys))
        before.put("quote", joined(before.get("quote"), row.get("quote")))
        for name, text in row.typed:
            if text and not before.get(name):
                before.put(name, text)
        before.parts = dict(enumerate(parts))
        return True

    def before(self, kind: str, number: int) -> Row | None:
        """Return the row before one, None where there is none."""
        numbers = sorted(self.rows[kind])
        if number not in numbers or numbers[0] == number:
            return None
        return self.rows[kind][numbers[numbers.index(number) - 1]]

    def is_full(self, kind: str) -> bool:
        """Say whether a form has no room for another row of a kind."""
        return len(self.rows[kind]) >= MOST_ROWS

    def add_part(self, kind: str, number: int) -> bool:
        """Add an empty small row."""
        row = self.rows[kind].get(number)
        if row is None or len(row.parts) >= MOST_PARTS:
            return False
        row.add([("use", TICKED)])
        return True

    def add_row(self, kind: str, quote: str, *, types: Iterable[str] = ()) -> bool:
        """Add what was missed, on the sentences that tell it."""
        rows = self.rows[kind]
        if self.is_full(kind):
            return False
        new = Row([("use", TICKED)], {0: [("use", TICKED)]})
        if kind == "responses":
            new.parts[0].append(("quote", quote))
        else:
            new.put("quote", quote)
        if kind == "incidents":
            new.put("types", *dict.fromkeys(types))
            if rows:
                self._carry(rows[max(rows)], new)
        rows[max(rows, default=-1) + 1] = new
        return True

    def _carry(self, row: Row, new: Row) -> None:
        for name in CARRIED:
            new.put(name, row.get(name))
        new.parts = {place: list(part) for place, part in row.parts.items()}

    def _put_behind(self, kind: str, number: int, new: Row) -> None:
        ordered = [self.rows[kind][one] for one in sorted(self.rows[kind])]
        place = sorted(self.rows[kind]).index(number) + 1
        self.rows[kind] = dict(enumerate([*ordered[:place], new, *ordered[place:]]))

    def _numbered(self, kind: str) -> Iterator[tuple[str, str]]:
        for number, row in enumerate(self.rows[kind][one] for one in sorted(self.rows[kind])):
            for name, text in row.typed:
                yield f"{kind}-{number}-{name}", text
            for place, part in enumerate(row.parts[one] for one in sorted(row.parts)):
                for name, text in part:
                    yield f"{kind}-{number}-{INNER[kind]}-{place}-{name}", text


def mark_of(typed: Iterable[tuple[str, str]]) -> str:
    """Return a short digest of what is typed and ticked in a row, and one of whoever is chosen at
    its names; a field that is left empty counts as one that is not there.
    """
    told = [
        [name, " ".join(normalised(text).split())]
        for name, text in typed
        if text.strip() and name not in UNTYPED and not name.endswith(("-came", "-chosen_for"))
    ]
    chosen = [one for one in told if one[0].endswith("-chosen")]
    rest = [one for one in told if one not in chosen]
    return f"{digest(sorted(rest))[:16]} {digest(sorted(chosen))[:16]}"


def _both(before: Row, row: Row) -> list[Typed]:
    """Return the small rows of both that say something, who is named in both once."""
    parts = [part for part in before.parts.values() if _says(part)]
    known = [_who(part) for part in parts if _who(part)]
    more = [part for part in row.parts.values() if _says(part) and _who(part) not in known]
    return [*parts, *more]


def _says(part: Typed) -> bool:
    """Say whether anything was typed into a small row; what it offers by itself does not count."""
    return any(text for name, text in part if name in {"who-name", "number", "act", "quote"})


def _who(part: Typed) -> tuple[str, ...]:
    """Return who is named in a small row, "" for an act."""
    names = [text.casefold() for name, text in part if name == "who-name" and text]
    kinds = [text for name, text in part if name == "kind"] if names else []
    return (*names, *kinds)
