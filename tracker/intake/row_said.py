"""What the rows of the confirm page say of the suggestions they came from.

`Any` stands for the rows of the form, which ask this module and so cannot be named here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.articles.masking_rules import of_one_width
from tracker.incidents.codes import TargetKind
from tracker.intake.codes import SuggestionKind
from tracker.intake.outcomes import Said, types_said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tracker.intake.drafts import Suggested

NAMED = {
    TargetKind.JOURNALIST.value: SuggestionKind.JOURNALIST,
    TargetKind.OUTLET.value: SuggestionKind.OUTLET,
}


def incident_said(row: Any, suggested: Mapping[str, Suggested]) -> list[Said]:  # noqa: ANN401 (an IncidentRow)
    """Return what an incident that is recorded says of types, date, place and targets."""
    came = _came(row, suggested)
    return [
        *types_said(came, row.types.data or []),
        *_value(SuggestionKind.DATE, row.occurred.form.when.data, came),
        *_value(SuggestionKind.PLACE, row.place.data, came),
        *(said for one in row.named() for said in _who(one.form, suggested)),
    ]


def account_said(row: Any, suggested: Mapping[str, Suggested]) -> list[Said]:  # noqa: ANN401 (an AccountRow)
    """Return what an account that is recorded says."""
    came = _first(_came(row, suggested))
    is_same = came is not None and (row.handle.data or "") == came.value
    return [Said(SuggestionKind.ACCOUNT, row.kind.data, came.key if came else "", is_same)]


def response_said(row: Any, suggested: Mapping[str, Suggested]) -> list[Said]:  # noqa: ANN401 (a ResponseRow)
    """Return what a response that is recorded says of itself, its date and its acts."""
    parts = _came(row, suggested)
    came = next((one for one in parts if one.kind is SuggestionKind.RESPONSE), None)
    name = row.institution.form.name.data or ""
    is_same = came is not None and name == came.value
    found = [Said(SuggestionKind.RESPONSE, row.standing.data, came.key if came else "", is_same)]
    found += _value(SuggestionKind.DATE, row.made.form.when.data, parts)
    for one in row.kept():
        act = _first(_came(one.form, suggested))
        told = (one.form.act.data, _folded(one.form.quote.data))
        is_same = act is not None and told == (act.code, _folded(act.value))
        key = act.key if act else ""
        found.append(Said(SuggestionKind.ACT, one.form.act.data, key, is_same))
    return found


def _who(row: Any, suggested: Mapping[str, Suggested]) -> list[Said]:  # noqa: ANN401 (a TargetRow)
    kind = NAMED.get(row.kind.data)
    came = _first(_came(row, suggested))
    if came is None:
        return [Said(kind)] if kind else []
    is_same = kind is came.kind and row.who.form.name.data == came.value
    return [Said(came.kind, "", came.key, is_same)]


def _value(kind: SuggestionKind, typed: str | None, came: Iterable[Suggested]) -> list[Said]:
    """Return what stands in a field that was filled in; one that was emptied says nothing."""
    if not typed:
        return []
    one = next((found for found in came if found.kind is kind), None)
    return [Said(kind, "", one.key, typed == one.value)] if one else [Said(kind)]


def _came(row: Any, suggested: Mapping[str, Suggested]) -> list[Suggested]:  # noqa: ANN401 (a row with `came`)
    """Return the suggestions that a row names; keys that nobody gave are left alone."""
    keys = (row.came.data or "").split()
    return [suggested[key] for key in dict.fromkeys(keys) if key in suggested]


def _first(found: list[Suggested]) -> Suggested | None:
    return found[0] if found else None


def _folded(text: str | None) -> str:
    """Return words as a form shows them, without what a browser makes of their line ends."""
    return " ".join(of_one_width(text or "").split())
