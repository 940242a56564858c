"""Split, merge and add rows of the submitted confirm form, without a database.

The rows are the names and values that a browser sends, so that nothing entered is lost, even if
invalid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tracker.articles.sentences import MAX_QUOTE_LENGTH
from tracker.audit.chain import json_digest
from tracker.i18n import _, normalise_text
from tracker.intake.codes import SuggestionKind
from tracker.intake.drafts import Suggestion
from tracker.intake.quoting import (
    format_sentence_numbers,
    join_passages,
    quoted_sentence_numbers,
    sentence_ranges,
)
from tracker.responses.codes import AnswerScope
from tracker.when import has_open_start

# Characters of the field for the sentence numbers of a missing record.
MAX_SENTENCE_NUMBERS_LENGTH = 200
# The names and values of fields, as a browser sends them.
FormPairs = list[tuple[str, str]]
# The field with the sub-rows of each kind of row.
SUBROW_FIELD_BY_ROW_KIND = {"incidents": "targets", "accounts": "impersonates", "responses": "acts"}
# The fields of an incident that a suggested date or place fills in.
INCIDENT_FIELDS_BY_SUGGESTION_KIND = {
    SuggestionKind.DATE: ("occurred-when", "occurred-as_stated"),
    SuggestionKind.PLACE: ("place", "region"),
}
MAX_ROWS_PER_KIND = 30  # of each kind of record
MAX_SUBROWS = 20  # targets or acts of a row
# The name of a field of a row: incidents-0-place is the place of incident 0.
ROW_FIELD_PATTERN = re.compile(r"(incidents|accounts|responses)-([0-9]{1,4})-(.+)", re.DOTALL)
# The name within a row of a field of a sub-row: targets-1-kind is the kind of target 1.
SUBROW_FIELD_PATTERN = re.compile(r"(?:targets|impersonates|acts)-([0-9]{1,4})-(.+)", re.DOTALL)
# The values of a row that is accepted, and of one that is skipped on purpose.
TICKED_VALUE, SKIPPED_VALUE = "y", "skip"
# Fields of a row that are not saved in the record, and so are left out of the digest of the row.
UNSAVED_FIELDS = frozenset({"use", "came", "key", "dated", "suggested_extent", "filled", "was"})


@dataclass(slots=True)
class SubmittedRow:
    """One record as entered. `form_fields`: its own fields; `subrows`: the fields of its sub-rows,
    by number.
    """

    form_fields: FormPairs = field(default_factory=list)
    subrows: dict[int, FormPairs] = field(default_factory=dict)

    def get_value(self, name: str) -> str:
        """Return the value of a field, "" if it is empty."""
        return next((text for key, text in self.form_fields if key == name), "")

    def get_values(self, name: str) -> list[str]:
        """Return all values of a field."""
        return [text for key, text in self.form_fields if key == name]

    def set_field(self, name: str, *texts: str) -> None:
        """Replace the values of a field."""
        self.form_fields = [pair for pair in self.form_fields if pair[0] != name]
        self.form_fields += [(name, text) for text in texts]

    def is_ticked(self) -> bool:
        """Return whether the row is to be recorded."""
        return self.get_value("use") not in {"", SKIPPED_VALUE}

    def compute_digest(self) -> str:
        """Return two digests of the row: of its values, and of the existing records chosen."""
        parts = enumerate(self.subrows[one] for one in sorted(self.subrows))
        inner = ((f"{place}-{name}", text) for place, part in parts for name, text in part)
        return row_digest([*self.form_fields, *inner])

    def party_names(self) -> set[str]:
        """Return the names of people, outlets and institutions in the row, in lower case."""
        form_fields = [
            *self.form_fields,
            *(pair for part in self.subrows.values() for pair in part),
        ]
        return {text.casefold() for name, text in form_fields if name.endswith("-name") and text}

    def add_field(self, name: str, text: str) -> None:
        """Add a value of a field of the row or of one of its sub-rows."""
        part = SUBROW_FIELD_PATTERN.fullmatch(name)
        if part is None:
            self.form_fields.append((name, text))
        else:
            self.subrows.setdefault(int(part[1]), []).append((part[2], text))

    def add_subrow(self, pairs: FormPairs) -> None:
        """Add a sub-row with these names and values of fields."""
        self.subrows[max(self.subrows, default=-1) + 1] = pairs


class SubmittedRows:
    """The submitted rows of the confirm form. `rows`: by kind ("incidents", "accounts" or
    "responses") and by number; `rest`: the fields that are in no row.
    """

    def __init__(self, form_fields: Iterable[tuple[str, str]]) -> None:
        self.rows: dict[str, dict[int, SubmittedRow]] = {
            kind: {} for kind in SUBROW_FIELD_BY_ROW_KIND
        }
        self.rest: FormPairs = []
        for name, text in form_fields:
            found = ROW_FIELD_PATTERN.fullmatch(name)
            if found is None:
                self.rest.append((name, text))
                continue
            row = self.rows[found[1]].setdefault(int(found[2]), SubmittedRow())
            row.add_field(found[3], text)

    def form_pairs(self) -> FormPairs:
        """Return all names and values, with the rows renumbered in their order."""
        return [
            *self.rest,
            *(pair for kind in SUBROW_FIELD_BY_ROW_KIND for pair in self._renumbered_pairs(kind)),
        ]

    def clear_unchanged_digests(self) -> None:
        """Clear the field `was`, the digest of the values first shown, in each row that the user
        has not changed. So changes that a button makes in these rows do not count as changes by the
        user.

        A record chosen for a name in it may be another one: if a ticked row has the same name, the
        choice may have been copied from there.
        """
        rows = [row for kind in self.rows.values() for row in kind.values()]
        used = set().union(*(row.party_names() for row in rows if row.is_ticked()))
        for row in rows:
            was, now = row.get_value("was").split(), row.compute_digest().split()
            if was == now or (was[:1] == now[:1] and row.party_names() & used):
                row.set_field("was", "")

    def split_subrow(self, kind: str, number: int, position: int) -> bool:
        """Move the sub-row at `position` out of a row into a copy of that row. `kind`: such as
        "incidents"; `number`: of the row. Return False if there is no such sub-row, only one
        sub-row, or no room.
        """
        row = self.rows[kind].get(number)
        if (
            row is None
            or position not in row.subrows
            or len(row.subrows) == 1
            or self.is_full(kind)
        ):
            return False
        new = SubmittedRow(list(row.form_fields), {0: row.subrows.pop(position)})
        self._insert_after(kind, number, new)
        return True

    def split_type(
        self, number: int, code: str, suggestion_by_key: Mapping[str, Suggestion]
    ) -> bool:
        """Move one type (`code`) from the incident with this number, and the sentences that report
        it, into a new incident with the same targets. Return False if the incident does not have
        the type, has no other, or there is no room.
        """
        row = self.rows["incidents"].get(number)
        if row is None or code not in row.get_values("types") or len(row.get_values("types")) == 1:
            return False
        if self.is_full("incidents"):
            return False
        new = SubmittedRow(
            list(row.form_fields), {place: list(part) for place, part in row.subrows.items()}
        )
        new.set_field("types", code)
        row.set_field("types", *(one for one in row.get_values("types") if one != code))
        came = row.get_value("came").split()
        its = [key for key in came if key.partition("-")[2] == code]
        others = [key for key in came if "-" in key and key not in its]
        new.set_field("came", " ".join(key for key in came if key not in others))
        row.set_field("came", " ".join(key for key in came if key not in its))
        _divide_sentences(row, new, suggestion_by_key)
        self._insert_after("incidents", number, new)
        return True

    def merge_with_previous(self, kind: str, number: int) -> bool:
        """Merge a row, of a kind such as "incidents", into the previous row, whose values have
        priority. Return False if there is no previous row, or the merged row would be too large.
        """
        before = self.previous_row(kind, number)
        if before is None:
            return False
        row = self.rows[kind][number]
        parts = _merged_subrows(before, row)
        longest = max(len(one.get_value("quote")) for one in (before, row))
        if len(parts) > MAX_SUBROWS or longest > MAX_QUOTE_LENGTH:
            return False
        # A response of whose incidents none is ticked answers all.
        all_answered = any(
            one.get_value("answers_scope") == AnswerScope.INCIDENTS
            and not one.get_values("answers")
            for one in (before, row)
        )
        del self.rows[kind][number]
        for name in ("types", "answers"):
            both = [*before.get_values(name), *row.get_values(name)]
            before.set_field(name, *dict.fromkeys(both))
        if kind == "incidents":
            self.replace_answered_incident(row.get_value("key"), before.get_value("key"))
        keys = dict.fromkeys([*before.get_value("came").split(), *row.get_value("came").split()])
        before.set_field("came", " ".join(keys))
        before.set_field("quote", join_passages(before.get_value("quote"), row.get_value("quote")))
        made = before.get_value("made-when")
        if made == before.get_value("dated") and has_open_start(made):
            # The other response may have a date in the article.
            before.form_fields = [
                pair for pair in before.form_fields if pair[0] not in {"made-when", "dated"}
            ]
        for name, text in row.form_fields:
            if text and not before.get_value(name):
                before.set_field(name, text)
        if all_answered:
            before.set_field("answers")
        before.subrows = dict(enumerate(parts))
        return True

    def previous_row(self, kind: str, number: int) -> SubmittedRow | None:
        """Return the row of a kind such as "incidents" before this number, None for none."""
        numbers = sorted(self.rows[kind])
        if number not in numbers or numbers[0] == number:
            return None
        return self.rows[kind][numbers[numbers.index(number) - 1]]

    def next_incident_key(self) -> str:
        """Return a key that no incident has yet."""
        keys = [parse_row_number(row.get_value("key")) for row in self.rows["incidents"].values()]
        return str(max(keys, default=0) + 1)

    def replace_answered_incident(self, key: str, *keys: str) -> None:
        """Let the responses that answer the incident with this key answer those with other keys."""
        for row in self.rows["responses"].values():
            answers = row.get_values("answers")
            meant = [new for one in answers for new in (keys if one == key else (one,))]
            row.set_field("answers", *dict.fromkeys(meant))

    def is_full(self, kind: str) -> bool:
        """Return whether there is no room for another row of a kind such as "incidents"."""
        return len(self.rows[kind]) >= MAX_ROWS_PER_KIND

    def add_subrow(self, kind: str, number: int) -> bool:
        """Add an empty sub-row to a row of a kind such as "incidents"; return False if there is no
        such row, or no room in it.
        """
        row = self.rows[kind].get(number)
        if row is None or len(row.subrows) >= MAX_SUBROWS:
            return False
        row.add_subrow([("use", TICKED_VALUE)])
        return True

    def add_row(self, kind: str, pairs: Iterable[tuple[str, str]]) -> bool:
        """Add a ticked row, of a kind such as "incidents", with these names and values of fields.
        Return False if there is no room.
        """
        rows = self.rows[kind]
        if self.is_full(kind):
            return False
        new = SubmittedRow()
        for name, text in [("use", TICKED_VALUE), *pairs]:
            new.add_field(name, text)
        if not new.subrows:
            new.add_subrow([("use", TICKED_VALUE)])
        rows[max(rows, default=-1) + 1] = new
        return True

    def _insert_after(self, kind: str, number: int, new: SubmittedRow) -> None:
        """Insert a row that was split from the row with this number, after that row, and renumber
        all rows of the kind. Responses that answered a split incident answer both halves.
        """
        if kind == "incidents":
            key, new_key = new.get_value("key"), self.next_incident_key()
            new.set_field("key", new_key)
            self.replace_answered_incident(key, key, new_key)
        ordered = [self.rows[kind][one] for one in sorted(self.rows[kind])]
        place = sorted(self.rows[kind]).index(number) + 1
        self.rows[kind] = dict(enumerate([*ordered[:place], new, *ordered[place:]]))

    def _renumbered_pairs(self, kind: str) -> Iterator[tuple[str, str]]:
        """Yield the names and values of the rows of a kind, numbered from 0 like their sub-rows."""
        for number, row in enumerate(self.rows[kind][one] for one in sorted(self.rows[kind])):
            for name, text in row.form_fields:
                yield f"{kind}-{number}-{name}", text
            for place, part in enumerate(row.subrows[one] for one in sorted(row.subrows)):
                for name, text in part:
                    yield f"{kind}-{number}-{SUBROW_FIELD_BY_ROW_KIND[kind]}-{place}-{name}", text


def row_digest(pairs: Iterable[tuple[str, str]]) -> str:
    """Return two short digests of a row, separated by a space: of its values, and of the existing
    records that are chosen in its name fields. `pairs`: the names and values of its fields.
    """
    values = [
        [name, " ".join(normalise_text(text).split())]
        for name, text in pairs
        if text.strip()
        and name not in UNSAVED_FIELDS
        and not name.endswith(("-came", "-chosen_for"))
    ]
    chosen = [one for one in values if one[0].endswith("-chosen")]
    rest = [one for one in values if one not in chosen]
    return f"{json_digest(sorted(rest))[:16]} {json_digest(sorted(chosen))[:16]}"


def _divide_sentences(
    row: SubmittedRow, new: SubmittedRow, suggestion_by_key: Mapping[str, Suggestion]
) -> None:
    """Divide the quoted sentences between the halves of a split incident: `new` quotes those that
    report its type, `row` the rest. A suggested date or place stays with the half whose types its
    sentence reports; with both halves if it reports neither or both.
    """
    came = [
        [
            suggestion_by_key[key]
            for key in one.get_value("came").split()
            if key in suggestion_by_key
        ]
        for one in (row, new)
    ]
    its, own = (
        {
            said.sentence_number
            for part in parts
            if part.kind is SuggestionKind.TYPE
            for said in part.passages
        }
        for parts in came
    )
    quoted = quoted_sentence_numbers(row.get_value("quote"))
    if quoted & own:
        new.set_field("quote", format_sentence_numbers(quoted & own))
        rest = quoted - (own - its) or quoted
        row.set_field("quote", format_sentence_numbers(rest))
    for part in came[1]:
        first, *others = INCIDENT_FIELDS_BY_SUGGESTION_KIND.get(part.kind, ("",))
        for half, elsewhere in ((row, own - its), (new, its - own)):
            if part.passage.sentence_number in elsewhere and half.get_value(first) == part.value:
                for name in (first, *others):
                    half.set_field(name)


def _merged_subrows(before: SubmittedRow, row: SubmittedRow) -> list[FormPairs]:
    """Return the filled sub-rows of two rows; a name that is in both rows is kept only once."""
    parts = [part for part in before.subrows.values() if _is_subrow_filled(part)]
    known = [_name_and_kind_in_subrow(part) for part in parts if _name_and_kind_in_subrow(part)]
    more = [
        part
        for part in row.subrows.values()
        if _is_subrow_filled(part) and _name_and_kind_in_subrow(part) not in known
    ]
    return [*parts, *more]


def _is_subrow_filled(subrow: FormPairs) -> bool:
    """Return whether a sub-row has any entered text."""
    return any(text for name, text in subrow if name in {"who-name", "number", "act", "quote"})


def _name_and_kind_in_subrow(subrow: FormPairs) -> tuple[str, ...]:
    """Return the name and the kind in a sub-row, () for an act or if no name is entered."""
    names = [text.casefold() for name, text in subrow if name == "who-name" and text]
    kinds = [text for name, text in subrow if name == "kind"] if names else []
    return (*names, *kinds)


def apply_button(
    submitted: SubmittedRows, button: Sequence[str], suggestion_by_key: Mapping[str, Suggestion]
) -> str:
    """Change the rows as a button asks; return the error message, "" if it was done. `button`: the
    words in the value of the button, such as ["join", "incidents", "1"].
    """
    match button:
        case ["split-part", kind, number, place] if kind in submitted.rows:
            is_done = submitted.split_subrow(
                kind, parse_row_number(number), parse_row_number(place)
            )
            return "" if is_done else _split_error(submitted, kind)
        case ["split-type", number, code]:
            is_done = submitted.split_type(parse_row_number(number), code, suggestion_by_key)
            return "" if is_done else _split_error(submitted, "incidents")
        case ["join", kind, number] if kind in submitted.rows:
            is_done = submitted.merge_with_previous(kind, parse_row_number(number))
            return "" if is_done else _merge_error(submitted, kind, parse_row_number(number))
        case ["part", kind, number] if kind in submitted.rows:
            return (
                "" if submitted.add_subrow(kind, parse_row_number(number)) else _no_room_message()
            )
        case _:
            return ""


def add_missing_row(
    submitted: SubmittedRows,
    sentence_count: int,
    read_incident: Callable[[set[int]], Iterable[tuple[str, str]]],
) -> str:
    """Add a row for the missing record entered in the form; return the error message, "" if done.
    `sentence_count`: the number of sentences in the article; `read_incident`: returns the names and
    values of the fields of the incident that sentences with these numbers report.
    """
    form_fields = dict(submitted.rest)
    kind, quote = form_fields.get("more", ""), form_fields.get("more_quote", "").strip()
    if len(quote) > MAX_SENTENCE_NUMBERS_LENGTH:
        return str(_("This is too long: give the numbers of the sentences."))
    runs = sentence_ranges(quote)
    if any(not 1 <= one <= sentence_count for run in runs for one in run):
        return str(_("The article has no sentence with this number."))
    if kind not in submitted.rows:
        return str(_("Choose what is missing."))
    pairs = [("acts-0-use", TICKED_VALUE)] if kind == "responses" else []
    pairs.append(("acts-0-quote" if kind == "responses" else "quote", quote))
    if kind == "incidents":
        pairs += read_incident(quoted_sentence_numbers(quote))
    if not submitted.add_row(kind, pairs):
        return _no_room_message()
    submitted.rest = [(name, text) for name, text in submitted.rest if name != "more_quote"]
    return ""


def _split_error(submitted: SubmittedRows, kind: str) -> str:
    """Return the message why a row of a kind such as "incidents" cannot be split."""
    return (
        _no_room_message() if submitted.is_full(kind) else str(_("There is nothing to split here."))
    )


def _merge_error(submitted: SubmittedRows, kind: str, number: int) -> str:
    """Return the message why a row of a kind such as "incidents" cannot be merged."""
    if submitted.previous_row(kind, number) is None:
        return str(_("There is no previous record to merge it with."))
    return str(
        _(
            "Merged they would be too large: at most %(most)d rows and quotes of a few pages. "
            "Nothing was merged.",
            most=MAX_SUBROWS,
        )
    )


def _no_room_message() -> str:
    return str(_("There is no room for more in one form: save this first."))


def parse_row_number(text: str) -> int:
    """Return the number of a row, -1 if the text is no such number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1  # noqa: PLR2004 (rows have at most four digits)
