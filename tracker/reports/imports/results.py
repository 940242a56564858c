"""The result of checking a file, and the records to create from its rows; pure.

Computed before the write lock is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

from tracker.articles.codes import Bearing
from tracker.i18n import _, localized_date
from tracker.incidents.codes import ActorType, AttributedBy, NameReach, TargetKind
from tracker.incidents.rules import incident_search_text
from tracker.people.codes import NameKind
from tracker.people.matching import detect_script, name_keys, name_sort_key
from tracker.permissions import Visibility
from tracker.records import generate_ref
from tracker.reports.imports.cells import is_ambiguous_name, is_ambiguous_outlet
from tracker.reports.imports.codes import ImportField
from tracker.reports.imports.rows import MAX_IDENTIFIER_LENGTH, Problem, RowDraft
from tracker.reports.imports.tables import TableError, pause_gc
from tracker.search.index import indexed_words
from tracker.when import Precision, When

# The prefixes of the refs of new people and outlets.
REF_PREFIXES = {"journalists": "JRN", "outlets": "OUT"}
MAX_UNNAMED_TEXT_LENGTH = 200  # characters of the text for a row that names nobody
# How many rows the page of a file shows in each list about its check: of problems, of rows with
# existing records, of names.
MAX_ROWS_IN_CHECK_LIST = 200
# How many words without a code the page of a file shows.
MAX_SHOWN_UNKNOWN_WORDS = 200
# The page of a file shows what incidents the first rows would become: for this many rows.
MAX_EXAMPLE_ROWS = 5
# Two rows with the same identifier are compared in these fields, and in their dates, to show how
# the rows differ. By field, the name of the attribute of `RowDraft`.
COMPARED_FIELDS = {
    ImportField.TYPES: "types", ImportField.COUNTRY: "country", ImportField.PLACE: "place",
    ImportField.JOURNALISTS: "journalists", ImportField.OUTLETS: "outlets",
    ImportField.ACTOR: "actor",
}  # fmt: skip


@dataclass(slots=True)
class CheckResult:
    """The result of checking a file: new records, problems, and existing records.

    `existing_by_row`: by row, the incident with the same identifier, or the earlier row with it.
    `incident_by_identifier`: the existing incident for each of `identifiers`.
    `differing_fields_by_row`: the fields in which a row with a known identifier differs.
    `earlier_row_by_repeated_row`: rows without an identifier that equal an earlier one. `left_out`:
    wrong rows that are skipped, whose `problems` are only shown. `the_same`: rows that a user
    skipped as duplicates.
    """

    drafts: list[RowDraft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    wrong_row_numbers: list[int] = field(default_factory=list)
    left_out: tuple[int, ...] = ()
    the_same: tuple[int, ...] = ()
    identifiers: list[str] = field(default_factory=list)
    incident_by_identifier: dict[str, tuple[int, str]] = field(default_factory=dict)
    existing_by_row: dict[int, tuple[int, str] | int] = field(default_factory=dict)
    differing_fields_by_row: dict[int, list[ImportField]] = field(default_factory=dict)
    similar_ref_by_row: dict[int, str] = field(default_factory=dict)
    earlier_row_by_repeated_row: dict[int, int] = field(default_factory=dict)
    journalists: dict[str, ExistingPerson] = field(default_factory=dict)
    outlets: dict[str, ExistingPerson] = field(default_factory=dict)
    unknown_word_counts: dict[str, dict[str, int]] = field(default_factory=dict)
    row_count: int = 0

    def add(
        self,
        found: RowDraft | list[Problem],
        row: int,
        above: dict[str | tuple[str, str], RowDraft],
    ) -> None:
        """Add what was read from the row with the number `row`. `found`: the draft or the problems
        of the row; `above`: the drafts of earlier rows, by identifier, or by quote and narrative if
        a row has no identifier. Rows that repeat one of them are stored in `existing_by_row` or
        `earlier_row_by_repeated_row`; the draft of any other row is added to `above`.
        """
        if isinstance(found, list):
            self.problem_count += len(found)
            self.wrong_row_numbers.append(row)
            self.problems += found[: MAX_ROWS_IN_CHECK_LIST - len(self.problems)]
            return
        if found.identifier:
            first = above.setdefault(found.identifier, found)
            if first is not found:
                self.existing_by_row[row] = first.row
                self.add_difference(row, differing_fields(first, found))
                return
        elif (first := above.setdefault((found.quote, found.narrative), found)) is not found:
            self.earlier_row_by_repeated_row[row] = first.row
        self.drafts.append(found)

    def add_difference(self, row: int, fields: list[ImportField]) -> None:
        """Store in which fields a row differs from the record with the same identifier."""
        if fields:
            self.differing_fields_by_row[row] = fields

    @pause_gc()
    def to_json(self) -> dict[str, Any]:
        """Return what the page of the file shows of the result, as JSON data: counts and lists."""
        return {
            "rows": self.row_count,
            "drafts": len(self.drafts),
            "problem_count": self.problem_count,
            "problems": [[one.row, one.column, str(one.kind), one.value] for one in self.problems],
            "left_out_count": len(self.left_out),
            **self._known_rows_as_json(),
            "repeated_count": len(self.earlier_row_by_repeated_row),
            "repeated": [*self.earlier_row_by_repeated_row.items()][:MAX_ROWS_IN_CHECK_LIST],
            "alike_count": len(self.similar_ref_by_row),
            "alike": [
                [row, ref]
                for row, ref in list(self.similar_ref_by_row.items())[:MAX_ROWS_IN_CHECK_LIST]
            ],
            "people": [
                [name, one.ref]
                for name, one in [*self.journalists.items(), *self.outlets.items()][
                    :MAX_ROWS_IN_CHECK_LIST
                ]
            ],
            **self._names_as_json(),
            "examples": [_example_as_json(one) for one in self.drafts[:MAX_EXAMPLE_ROWS]],
            "unknown": {
                what: sorted(words, key=lambda word: (-words[word], word))[:MAX_SHOWN_UNKNOWN_WORDS]
                for what, words in self.unknown_word_counts.items()
            },
        }

    def _names_as_json(self) -> dict[str, Any]:
        """Return the part of `to_json` about names: new people and outlets, and names that may
        belong to several people.
        """
        people, outlets = (
            _first_row_by_name(self.drafts, name) for name in ("journalists", "outlets")
        )
        new = [name for name in people if name not in self.journalists]
        new_outlets = [name for name in outlets if name not in self.outlets]
        doubtful = [[row, name] for name, row in people.items() if is_ambiguous_name(name)]
        doubtful += [[row, name] for name, row in outlets.items() if is_ambiguous_outlet(name)]
        elsewhere = _possibly_shared_names(self.drafts)
        return {
            "new_journalists": len(new),
            "new_outlets": len(new_outlets),
            "new_names": {
                "journalists": new[:MAX_ROWS_IN_CHECK_LIST],
                "outlets": new_outlets[:MAX_ROWS_IN_CHECK_LIST],
            },
            "doubtful_count": len(doubtful),
            "doubtful": doubtful[:MAX_ROWS_IN_CHECK_LIST],
            "elsewhere_count": len(elsewhere),
            "elsewhere": elsewhere[:MAX_ROWS_IN_CHECK_LIST],
        }

    def _known_rows_as_json(self) -> dict[str, Any]:
        """Return the part of `to_json` about rows whose identifier is known. `on_record`: rows with
        the identifier of an existing incident; `twice`: rows with the identifier of an earlier row.
        Rows that differ from this incident or earlier row come first.
        """
        rows = sorted(self.existing_by_row, key=lambda row: row not in self.differing_fields_by_row)
        twice = [row for row in rows if isinstance(self.existing_by_row[row], int)]
        on_record = [
            (row, found) for row in rows if isinstance(found := self.existing_by_row[row], tuple)
        ]
        return {
            "twice_count": len(twice),
            "twice": [
                [row, self.existing_by_row[row], self._differing_fields(row)]
                for row in twice[:MAX_ROWS_IN_CHECK_LIST]
            ],
            "on_record_count": len(on_record),
            "on_record": [
                [row, ref, self._differing_fields(row)]
                for row, (_id, ref) in on_record[:MAX_ROWS_IN_CHECK_LIST]
            ],
            "differing_count": len(self.differing_fields_by_row),
        }

    def _differing_fields(self, row: int) -> list[str]:
        """Return the names of the fields in which a row differs from the existing incident or the
        earlier row with the same identifier.
        """
        return [str(one) for one in self.differing_fields_by_row.get(row, ())]


def differing_fields(first: RowDraft, second: RowDraft) -> list[ImportField]:
    """Return the fields in which two rows differ; `OCCURRED` stands for the date."""
    found = [
        wanted
        for wanted, name in COMPARED_FIELDS.items()
        if getattr(first, name) != getattr(second, name)
    ]
    return (
        [ImportField.OCCURRED, *found]
        if draft_day_bounds(first) != draft_day_bounds(second)
        else found
    )


def draft_day_bounds(draft: RowDraft) -> tuple[date, date]:
    """Return the first and last possible day of a row."""
    return draft.when.earliest, draft.when.latest


def _first_row_by_name(drafts: Iterable[RowDraft], kind: str) -> dict[str, int]:
    """Return all names of journalists or outlets, each with the number of the first row that has
    it; `kind`: the attribute of the drafts, "journalists" or "outlets".
    """
    found: dict[str, int] = {}
    for one in drafts:
        for name in getattr(one, kind):
            found.setdefault(name, one.row)
    return found


def _possibly_shared_names(drafts: Iterable[RowDraft]) -> list[list[Any]]:
    """Return names of journalists that may belong to two people: the rows with the same name have
    no outlet in common. Each item is a list of the name and of its rows; each of these rows is a
    list of the row number and the outlets as text.
    """
    rows: dict[str, dict[tuple[str, ...], int]] = {}
    for one in drafts:
        for name in one.journalists if one.outlets else ():
            rows.setdefault(name, {}).setdefault(one.outlets, one.row)
    return [
        [name, [[row, ", ".join(outlets)] for outlets, row in found.items()]]
        for name, found in rows.items()
        if not set.intersection(*map(set, found))
    ]


def _example_as_json(draft: RowDraft) -> dict[str, Any]:
    """Return a row as JSON data for `examples` in the check result: date, types, place, names and
    title.
    """
    when = draft.when
    return {
        "row": draft.row, "types": draft.types, "country": draft.country, "place": draft.place,
        "when": [when.earliest.isoformat(), when.latest.isoformat(), str(when.precision)],
        "journalists": draft.journalists, "outlets": draft.outlets, "title": draft.title,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExistingPerson:
    """An existing journalist or outlet whose name is exactly a name in the file."""

    id: int
    ref: str
    name: str
    search_text: str
    is_withheld: bool


@dataclass(frozen=True, slots=True)
class RecordOwner:
    """The team, the visibility, the author and the time of the records that an import creates;
    `authorship`: author and time, as the values of columns, such as "recorded_by_id".
    """

    team_id: int
    visibility: Visibility
    authorship: Mapping[str, Any]

    def ownership_values(self) -> dict[str, Any]:
        """Return team and visibility, which all rows of a record have."""
        return {"team_id": self.team_id, "visibility": self.visibility}


@dataclass(slots=True)
class ImportedPerson:
    """A journalist or outlet that the file names: an existing record, or a new one (`is_new`).

    `indexed_text`: the text for the search index; of new ones, `values`: the columns of the record,
    and `name_row_values`: those of the row with the name.
    """

    name: str
    indexed_text: str
    id: int = 0
    ref: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    name_row_values: dict[str, Any] = field(default_factory=dict)
    is_withheld: bool = False
    is_new: bool = False

    def search_text(self) -> str:
        """Return the text for the search index, as `Searchable.search_text` does for a model."""
        return self.indexed_text


@dataclass(slots=True)
class NewIncident:
    """An incident to create from a row: the values of its columns and parts.

    `indexed_words`: those of the search index.
    """

    row: int
    values: dict[str, Any]
    types: list[dict[str, Any]]
    targets: list[dict[str, Any]]
    actors: list[dict[str, Any]]
    citation: dict[str, Any]
    references: list[dict[str, Any]]
    indexed_words: list[str]

    def set_ids(self, number: int, article_id: int) -> None:
        """Set the id of the incident in all parts, and the id of the article that it cites."""
        self.values["id"] = number
        self.values["relative_to_id"] = article_id if self.values["as_stated"] else None
        self.citation |= {"record_id": number, "article_id": article_id}
        for row in self.references:
            row["record_id"] = number
        for row in (*self.types, *self.targets, *self.actors):
            row["incident_id"] = number


def resolve_people(
    names: Sequence[str], known: Mapping[str, ExistingPerson], kind: str, owner: RecordOwner
) -> dict[str, ImportedPerson]:
    """Return, by name, the journalist or outlet for each of the names in a file: an existing record
    or a new one. `known`: the existing records, by name; `kind`: "journalists" or "outlets".
    """
    found: dict[str, ImportedPerson] = {}
    for name in names:
        one = known.get(name)
        found[name] = (
            _new_person(name, kind, owner)
            if one is None
            else ImportedPerson(
                one.name, one.search_text, one.id, one.ref, is_withheld=one.is_withheld
            )
        )
    return found


def _new_person(name: str, kind: str, owner: RecordOwner) -> ImportedPerson:
    """Return a new journalist or outlet with a name; `kind`: "journalists" or "outlets"."""
    plain, loose = name_keys(name)
    ref = generate_ref(REF_PREFIXES[kind])
    values = {
        **owner.authorship,
        **owner.ownership_values(),
        "ref": ref,
        "name": name,
        "sort_key": name_sort_key(name),
        "moved": {},
    }
    name_row_values = {
        **owner.ownership_values(), "name": name, "kind": NameKind.OTHER,
        "script": detect_script(name), "matching_key": plain, "loose_key": loose,
    }  # fmt: skip
    return ImportedPerson(
        name,
        f"{name} {plain} {loose}",
        ref=ref,
        values=values,
        name_row_values=name_row_values,
        is_new=True,
    )


def build_incident(
    draft: RowDraft,
    *,
    terms: Mapping[str, Any],
    regions: Mapping[str, Any],
    people: Mapping[str, ImportedPerson],
    outlets: Mapping[str, ImportedPerson],
    unnamed_words: str,
    scheme: str,
    attributed_by: str,
    owner: RecordOwner,
) -> NewIncident:
    """Return the incident to create from a row. `terms`, `regions`: types and regions, by code;
    `people`, `outlets`: by name; `unnamed_words`: the text for a row that names nobody; `scheme`:
    the name of the list to which the row's identifier belongs; `attributed_by`: the code of who
    says that the actor did it.
    """
    region = regions.get(draft.region)
    seen, when = owner.ownership_values(), draft.when
    values = {
        **owner.authorship, **seen, "ref": generate_ref("INC"), "title": draft.title,
        "narrative": draft.narrative, "country": draft.country, "place": draft.place,
        "region_id": region.id if region else None,
        "earliest": when.earliest, "latest": when.latest, "precision": when.precision,
        "as_stated": when.as_stated,
    }  # fmt: skip
    types = [terms[code] for code in draft.types]
    targets = _build_targets(draft, people, outlets, unnamed_words, seen)
    called = draft.identifier or draft.url[:MAX_IDENTIFIER_LENGTH]
    reference = {**seen, "scheme": scheme, "identifier": called, "url": draft.url}
    made = NewIncident(
        row=draft.row, values=values, indexed_words=[],
        types=[{**seen, "term_id": term.id, "rank": term.rank} for term in types],
        targets=[row for row, *_ in targets],
        actors=[_build_actor(draft, attributed_by, seen)] if draft.actor else [],
        citation=_build_citation(draft, owner), references=[reference] if called else [],
    )  # fmt: skip
    source = _search_text_source(made, types, region, targets)
    made.indexed_words = indexed_words(incident_search_text(source))
    return made


def _build_citation(draft: RowDraft, owner: RecordOwner) -> dict[str, Any]:
    """Return the column values of a citation: an incident cites the imported file as its source.
    The ids of the incident and of the source are not set yet.
    """
    return {
        **owner.ownership_values(), "quote": draft.quote, "bearing": Bearing.SUPPORTS, "field": "",
        "cited_at": owner.authorship["recorded_at"],
    }  # fmt: skip


def _build_actor(
    draft: RowDraft, attributed_by: str, ownership: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the column values of the actor of an incident. `attributed_by`: the code of who says
    that the actor did it; `ownership`: the team and the visibility.
    """
    return {
        **ownership,
        "actor_type": ActorType(draft.actor),
        "attributed_by": AttributedBy(attributed_by),
    }  # fmt: skip


def _search_text_source(
    incident: NewIncident,
    types: Sequence[Any],
    region: Any,  # noqa: ANN401 (a term)
    targets: Sequence[tuple[dict[str, Any], ImportedPerson | None, ImportedPerson | None]],
) -> SimpleNamespace:
    """Return an object with the attributes of the model `Incident`, from which
    `incident_search_text` makes the text to index. `types`: terms; `region`: a term, or None;
    `targets`: the result of `_build_targets`.
    """
    return SimpleNamespace(
        **incident.values, public_summary_en="", public_summary_ru="", public_summary_kk="",
        work_link_said_by="", actors=(), region=region,
        types=[SimpleNamespace(term=term) for term in types],
        targets=[
            SimpleNamespace(journalist=who, outlet=where, place="", harm="", words=row["words"])
            for row, who, where in targets
        ],
        citations=[SimpleNamespace(**incident.citation)],
        references=[SimpleNamespace(**one) for one in incident.references],
    )  # fmt: skip


def _build_targets(
    draft: RowDraft,
    people: Mapping[str, ImportedPerson],
    outlets: Mapping[str, ImportedPerson],
    unnamed_words: str,
    ownership: Mapping[str, Any],
) -> list[tuple[dict[str, Any], ImportedPerson | None, ImportedPerson | None]]:
    """Return the targets of an incident: for each, the column values, the journalist and the
    outlet. `unnamed_words`: the text for an incident that names nobody; `ownership`: the team and
    the visibility.

    The journalists, all with the first outlet; else the outlets; else an unnamed person.
    """
    where = [outlets[name] for name in draft.outlets]
    if draft.journalists:
        first = where[0] if where else None
        return [
            _build_target(TargetKind.JOURNALIST, ownership, people[name], first)
            for name in draft.journalists
        ]
    if where:
        return [_build_target(TargetKind.OUTLET, ownership, None, one) for one in where]
    return [
        _build_target(
            TargetKind.UNNAMED_PERSON, ownership, words=unnamed_words[:MAX_UNNAMED_TEXT_LENGTH]
        )
    ]


def _build_target(
    kind: TargetKind,
    ownership: Mapping[str, Any],
    journalist: ImportedPerson | None = None,
    outlet: ImportedPerson | None = None,
    *,
    words: str = "",
) -> tuple[dict[str, Any], ImportedPerson | None, ImportedPerson | None]:
    """Return the column values of a target, and the given journalist and outlet. `words`: the text
    for an unnamed target; `ownership`: the team and the visibility.
    """
    is_withheld = journalist is not None and journalist.is_withheld
    row = {
        **ownership, "kind": kind, "words": words,
        "name_reach": NameReach.TEAM if is_withheld else NameReach.HOUSE,
        "journalist_id": journalist.id if journalist else None,
        "outlet_id": outlet.id if outlet else None,
    }  # fmt: skip
    return row, journalist, outlet


def table_error_message(error: TableError) -> str:
    """Return the message for a file that could not be read as a table, by `error.reason`."""
    words = {
        "empty": _("The file is empty."),
        "kind": _("Only .csv, .tsv, .txt, .xlsx, .json and .jsonl files are read."),
        "encoding": _("It is not in the encoding %(name)s: choose another one.", name=error.detail),
        "separator": _("The line sep= names an invalid separator: remove that line."),
        "half_character": _(
            "Row %(n)d contains an incomplete character (such as \\ud800), which cannot be stored.",
            n=error.row,
        ),
        "broken": _(
            "The table cannot be read up to line %(n)d: a quotation mark is not closed, or text "
            "follows a closing one.",
            n=error.row,
        ),
        "json": _("A JSON file must be one list of objects, or one object per line."),
        "xlsx": _("This Excel file cannot be read; save it as .xlsx without a password."),
        "sheets": _(
            "It has several sheets: %(names)s. Save the sheet that you want as a file of its own.",
            names=error.detail,
        ),
        "unfolds": _("It unpacks to more than 500 MB: save the sheet as .csv."),
        "one_column": _(
            "There is only one column: choose another separator, or add a header as the first line."
        ),
        "title": _(
            "The first line has only one cell: if that is a title, remove the line, so that the "
            "names of the columns stand first."
        ),
        "too_many_columns": _("It has more than 200 columns."),
        "too_many": _("It has more than 100,000 rows: cut it into several files."),
        "header": _(
            "The first line is not a header: a name is too long or contains control characters."
        ),
        "too_wide": _("Row %(n)d has more cells than the header.", n=error.row),
        "long_cell": _("Row %(n)d has a cell of more than 100,000 characters.", n=error.row),
        "no_rows": _("There are no rows below the header."),
    }
    return str((words | _limit_error_messages(error))[error.reason])


def _limit_error_messages(error: TableError) -> dict[str, str]:
    """Return the messages for a file that exceeds a limit, by `error.reason`."""
    return {
        "far_cell": _(
            "The cell %(name)s is far from the others: delete the rows and columns outside the "
            "table, or save the sheet as .csv.",
            name=error.detail,
        ),
        "too_large": _("Reading it takes too much memory: cut it into several files."),
        "timeout": _("Reading it takes too long: cut it into several files, or save it as .csv."),
        "unreadable": _("It cannot be read; it may be damaged or too large."),
        "busy": _("The server is busy reading other files. Try again in a minute."),
    }


def example_label(
    stored: Mapping[str, Any], *, types: Mapping[str, str], countries: Mapping[str, str]
) -> str:
    """Return, as text, the incident that a row would become. `stored`: a row from `examples` in the
    stored check result; `types`, `countries`: labels by code.
    """
    first, last, precision = stored["when"]
    when = When(date.fromisoformat(first), date.fromisoformat(last), Precision(precision))
    return " · ".join(
        part
        for part in (
            localized_date(when),
            ", ".join(types.get(code, code) for code in stored["types"]),
            ", ".join(filter(None, (stored["place"], countries.get(stored["country"], "")))),
            "; ".join(stored["journalists"]),
            "; ".join(stored["outlets"]),
            stored["title"],
        )
        if part
    )
