"""What the buttons within the confirm page do with its rows, and why that cannot be done; pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tracker.articles.rules import MOST_PASSAGES
from tracker.i18n import _
from tracker.incidents.codes import Extent
from tracker.intake.drafts import IncidentDraft
from tracker.intake.passages import joined, passages_in, runs_in
from tracker.intake.sheet import ALL, FILLS, MOST_PARTS, TICKED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tracker.intake.drafts import Drafts
    from tracker.intake.reading.found import Act
    from tracker.intake.sheet import Row, Sheet

# As many characters as the field for sentence numbers takes.
LONGEST_NUMBERS = 200
# The rows that have a date, and what the field is called there.
DATED = {"incidents": "occurred", "responses": "made"}


def rearrange(sheet: Sheet, do: Sequence[str]) -> str:
    """Do with the rows what a button asks for; return why that cannot be done, "" if it was."""
    match do:
        case ["split-part", kind, number, place] if kind in sheet.rows:
            is_done = sheet.split_part(kind, _number(number), _number(place))
            return "" if is_done else _no_split(sheet, kind)
        case ["split-type", number, code]:
            is_done = sheet.split_type(_number(number), code)
            return "" if is_done else _no_split(sheet, "incidents")
        case ["join", kind, number] if kind in sheet.rows:
            is_done = sheet.join(kind, _number(number))
            return "" if is_done else _no_join(sheet, kind, _number(number))
        case ["part", kind, number] if kind in sheet.rows:
            return "" if sheet.add_part(kind, _number(number)) else _no_room()
        case _:
            return ""


def add(sheet: Sheet, sentences: int, acts: Iterable[Act]) -> str:
    """Add what was missed, on the sentences typed; return why that cannot be done."""
    typed = dict(sheet.rest)
    kind, quote = typed.get("more", ""), typed.get("more_quote", "").strip()
    if len(quote) > LONGEST_NUMBERS:
        return str(_("This is too long: give the numbers of the sentences."))
    runs = runs_in(quote)
    if any(not 1 <= one <= sentences for run in runs for one in run):
        return str(_("The article has no sentence with this number."))
    if kind not in sheet.rows:
        return str(_("Choose what was missed."))
    told = [
        act.code for act in acts if any(first <= act.passage.number <= last for first, last in runs)
    ]
    if not sheet.add_row(kind, quote, types=told):
        return _no_room()
    sheet.rest = [(name, text) for name, text in sheet.rest if name != "more_quote"]
    return ""


def date_anew(sheet: Sheet, drafts: Drafts) -> bool:
    """Write into each incident and response the date that is suggested for it now, unless somebody
    typed another one, and into an incident what its period says; say whether anything changed.
    """
    of_kind: dict[str, list[Any]] = {"incidents": drafts.incidents, "responses": drafts.responses}
    is_changed = False
    for kind, name in DATED.items():
        of_key = _by_key(of_kind[kind])
        for row in sheet.rows[kind].values():
            is_changed |= _date_anew(row, name, of_key)
    return is_changed


def _date_anew(row: Row, name: str, of_key: Mapping[str, Any]) -> bool:
    came = row.get("came").split()
    draft = _draft_of(row, of_key)
    is_empty = not row.get(f"{name}-when")
    if draft is None or (not is_empty and row.get(f"{name}-when") != row.get("dated")):
        return False
    told = draft.when.value if draft.when else ""
    if told == row.get("dated"):
        return False
    row.put("dated", told)
    keys = [draft.when.key] if draft.when else []
    row.put("came", " ".join(dict.fromkeys([*came, *keys])))
    is_changed = _put_period(row, draft)
    if is_empty and draft.when and not draft.when.is_strong:
        # It waits beside the field until somebody takes it.
        return is_changed and row.is_ticked()
    row.put(f"{name}-when", told)
    if not row.get(f"{name}-as_stated"):
        row.put(f"{name}-as_stated", draft.as_stated)
    return True


def _put_period(row: Row, draft: Any) -> bool:  # noqa: ANN401 (an incident or a response)
    """Write what the date says of how often it happened, unless somebody chose another answer, and
    quote the sentence that tells the period; say whether anything changed.
    """
    if not isinstance(draft, IncidentDraft):
        return False
    before, told = (row.get("extent"), row.get("quote")), draft.extent.value
    if row.get("extent") == row.get("suggested_extent"):
        row.put("extent", told)
    row.put("suggested_extent", told)
    if draft.when and draft.extent is not Extent.ONCE:
        number = draft.when.passage.number
        quote = joined(row.get("quote"), str(number))
        is_quoted = any(first <= number <= last for first, last in runs_in(row.get("quote")))
        if not is_quoted and len(passages_in(quote)) <= MOST_PASSAGES:
            row.put("quote", quote)
    return before != (row.get("extent"), row.get("quote"))


def take(sheet: Sheet, drafts: Drafts) -> None:
    """Fill in what is suggested for empty fields and was ticked; of a row that is accepted as it is
    suggested, tick all of it.
    """
    of_kind: dict[str, list[Any]] = {
        "incidents": drafts.incidents,
        "accounts": drafts.accounts,
        "responses": drafts.responses,
    }
    for kind, found in of_kind.items():
        of_key = _by_key(found)
        for row in sheet.rows[kind].values():
            if ALL in row.all("take"):
                _accept(row, [of_key[key] for key in row.get("came").split() if key in of_key])
            _take(row, FILLS[kind], _draft_of(row, of_key))


def _accept(row: Row, drafts: Sequence[Any]) -> None:
    """Tick a row and all that is suggested in it."""
    row.put("use", TICKED)
    came = row.get("came").split()
    types = [one for draft in drafts for one in getattr(draft, "types", ()) if one.key in came]
    row.put("types", *dict.fromkeys([*row.all("types"), *(one.code for one in types)]))
    acts = [act for draft in drafts for act in getattr(draft, "acts", ())]
    needless = {act.act.key for act in acts if act.adds_nothing}
    for place, part in row.parts.items():
        typed = dict(part)
        if typed.get("came") and typed["came"] not in needless and "use" not in typed:
            row.parts[place] = [*part, ("use", TICKED)]


def _take(row: Row, fills: Mapping[str, str], draft: Any) -> None:  # noqa: ANN401 (a draft with `waiting`)
    ticked = row.all("take")
    row.put("take")
    for one in draft.waiting() if draft else ():
        if {one.what, ALL}.isdisjoint(ticked) or row.get(fills[one.what]):
            continue
        row.put(fills[one.what], one.value)
        if one.what == "when":
            stated = fills["when"].replace("-when", "-as_stated")
            row.put(stated, row.get(stated) or draft.as_stated)
        if one.what == "event" and draft.when:
            row.put("event_on-when", row.get("event_on-when") or draft.when.value)
            row.put("event_on-as_stated", row.get("event_on-as_stated") or draft.as_stated)
        if one.what == "place" and draft.where:
            row.put("country", row.get("country") or draft.where.country)
            is_there = row.get("country") == draft.where.country
            row.put("region", row.get("region") or (draft.where.region if is_there else ""))


def _by_key(drafts: Sequence[Any]) -> dict[str, Any]:
    """Return the drafts by the keys of what is in them; a date or place of several tells none."""
    told = Counter(key for draft in drafts for key in {part.key for part in draft.parts()})
    return {part.key: draft for draft in drafts for part in draft.parts() if told[part.key] == 1}


def _draft_of(row: Row, of_key: Mapping[str, Any]) -> Any:  # noqa: ANN401 (an incident or a response)
    """Return the draft that a row came from; of rows that were joined, whichever has a date."""
    drafts = [of_key[key] for key in row.get("came").split() if key in of_key]
    return next((one for one in drafts if one.when), drafts[0] if drafts else None)


def _no_split(sheet: Sheet, kind: str) -> str:
    return _no_room() if sheet.is_full(kind) else str(_("There is nothing to split off here."))


def _no_join(sheet: Sheet, kind: str, number: int) -> str:
    if sheet.before(kind, number) is None:
        return str(_("There is nothing before it with which it could be joined."))
    return str(
        _(
            "These are too much for one: at most %(most)d rows and quotes of a few pages. Nothing "
            "was joined.",
            most=MOST_PARTS,
        )
    )


def _no_room() -> str:
    return str(_("There is no room for more in one form: save this first."))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1  # noqa: PLR2004 (rows have at most four digits)
