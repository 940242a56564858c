"""Fill the submitted rows of the confirm form: suggestions, and facts that all incidents share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tracker.articles.rules import MAX_CITED_PASSAGES
from tracker.incidents.codes import Extent
from tracker.intake.drafts import Drafts, IncidentDraft
from tracker.intake.quoting import join_passages, sentence_ranges, split_passages
from tracker.intake.sheet import SubmittedRow, SubmittedRows
from tracker.when import WhenError, has_open_start, has_two_dates, parse_when

# The date field of each kind of row that has one.
DATE_FIELD_BY_ROW_KIND = {"incidents": "occurred", "responses": "made"}
# By kind of row: the field that each weak suggestion fills in, by the name of the suggestion
# (`WeakSuggestion.name`).
WEAK_SUGGESTION_FIELDS_BY_ROW_KIND = {
    "incidents": {"when": "occurred-when", "place": "place", "posed": "purported_as"},
    "accounts": {"event": "event"},
    "responses": {"when": "made-when"},
}


def update_dates(submitted: SubmittedRows, drafts: Drafts) -> bool:
    """Set the suggested date in each row unless a person changed it; return whether any row has a
    change that a person must check.
    """
    of_kind: dict[str, list[Any]] = {"incidents": drafts.incidents, "responses": drafts.responses}
    is_changed = False
    for kind, name in DATE_FIELD_BY_ROW_KIND.items():
        of_key = _drafts_by_key(of_kind[kind])
        for row in submitted.rows[kind].values():
            is_changed |= _update_date(row, name, of_key)
    return is_changed


def _update_date(row: SubmittedRow, date_field: str, draft_by_key: Mapping[str, Any]) -> bool:
    """Set the suggested date of one row in the field `date_field`; return whether that changed
    anything that a person must check. `draft_by_key`: drafts by the keys of their suggestions.
    """
    came = row.get_value("came").split()
    draft = _draft_of_row(row, draft_by_key)
    shown, before = row.get_value(f"{date_field}-when"), row.get_value("dated")
    if draft is None or shown not in {"", before} or draft.suggested_date == before:
        return False
    stated = draft.suggested_date
    row.set_field("dated", stated)
    # Another date may be offered, even if a person deleted the one before.
    row.set_field("filled", row.get_value("filled").replace("when", "").strip())
    keys = [draft.when.key] if draft.when else []
    row.set_field("came", " ".join(dict.fromkeys([*came, *keys])))
    is_changed = _set_extent(row, draft)
    is_weak = not shown and draft.when is not None and not draft.when.is_strong
    if is_weak and row.is_ticked():
        # The user fills it in by ticking the weak suggestion.
        return is_changed
    row.set_field(f"{date_field}-when", stated)
    if not row.get_value(f"{date_field}-as_stated"):
        row.set_field(f"{date_field}-as_stated", draft.date_as_stated)
    # "Before 17 May 2025" only says when the article was published: no need to check it.
    return not is_weak and not (has_open_start(stated) and has_open_start(before))


def _set_extent(row: SubmittedRow, draft: Any) -> bool:  # noqa: ANN401 (an incident or a response)
    """Set the frequency (`extent`) that the date of an incident implies, unless a person chose
    another, and quote the sentence that states the period; return whether anything changed.
    """
    if not isinstance(draft, IncidentDraft):
        return False
    before, extent = (row.get_value("extent"), row.get_value("quote")), draft.extent.value
    if row.get_value("extent") == row.get_value("suggested_extent"):
        row.set_field("extent", extent)
    row.set_field("suggested_extent", extent)
    if draft.when and draft.extent is not Extent.ONCE:
        number = draft.when.passage.sentence_number
        quote = join_passages(row.get_value("quote"), str(number))
        is_quoted = any(
            first <= number <= last for first, last in sentence_ranges(row.get_value("quote"))
        )
        if not is_quoted and len(split_passages(quote)) <= MAX_CITED_PASSAGES:
            row.set_field("quote", quote)
    return before != (row.get_value("extent"), row.get_value("quote"))


def apply_common_facts(
    submitted: SubmittedRows, latest_possible_date: date, *, with_country: bool
) -> None:
    """Set the period and place entered for the whole article in each incident, and the country if
    `with_country`.

    A period that is invalid or after the latest possible date stays where it was typed.
    """
    typed = dict(submitted.rest)
    when, place = (typed.get(name, "").strip() for name in ("shared-when", "shared-place"))
    country = typed.get("country", "") if with_country else ""
    try:
        parse_when(when, latest_possible_date=latest_possible_date)
        kept: set[str] = set()
    except WhenError:
        when, kept = "", {"shared-when"}
    for row in submitted.rows["incidents"].values():
        if when:
            row.set_field("occurred-when", when)
            row.set_field("occurred-as_stated", "")
        if (
            has_two_dates(when)
            and row.get_value("extent") == row.get_value("suggested_extent") == Extent.ONCE
        ):
            row.set_field("extent", Extent.LASTING)
        if place:
            row.set_field("place", place)
        if country and row.get_value("country") != country:
            row.set_field("country", country)
            row.set_field("region", "")
    done = {"shared-when", "shared-place"} - kept
    submitted.rest = [(name, text) for name, text in submitted.rest if name not in done]


def fill_ticked_weak_suggestions(submitted: SubmittedRows, drafts: Drafts) -> None:
    """Fill in the ticked weak suggestions for empty fields."""
    of_kind: dict[str, list[Any]] = {
        "incidents": drafts.incidents,
        "accounts": drafts.accounts,
        "responses": drafts.responses,
    }
    for kind, found in of_kind.items():
        of_key = _drafts_by_key(found)
        for row in submitted.rows[kind].values():
            _fill_ticked_fields(
                row, WEAK_SUGGESTION_FIELDS_BY_ROW_KIND[kind], _draft_of_row(row, of_key)
            )


def _fill_ticked_fields(
    row: SubmittedRow,
    field_by_suggestion: Mapping[str, str],
    draft: Any,  # noqa: ANN401 (a draft of any kind)
) -> None:
    """Fill in the ticked weak suggestions of one row. `field_by_suggestion`: the field that each
    suggestion fills in; `draft`: the draft from which the row was made, or None.
    """
    ticked = row.get_values("take")
    row.set_field("take")
    for one in draft.weak_suggestions() if draft else ():
        if one.name not in ticked or row.get_value(field_by_suggestion[one.name]):
            continue
        row.set_field(field_by_suggestion[one.name], one.value)
        if one.name == "when":
            stated = field_by_suggestion["when"].replace("-when", "-as_stated")
            row.set_field(stated, row.get_value(stated) or draft.date_as_stated)
        if one.name == "event" and draft.when:
            row.set_field("event_on-when", row.get_value("event_on-when") or draft.when.value)
            row.set_field(
                "event_on-as_stated", row.get_value("event_on-as_stated") or draft.date_as_stated
            )
        if one.name == "place" and draft.found_place:
            row.set_field("country", row.get_value("country") or draft.found_place.country)
            is_there = row.get_value("country") == draft.found_place.country
            row.set_field(
                "region", row.get_value("region") or (draft.found_place.region if is_there else "")
            )


def _drafts_by_key(drafts: Sequence[Any]) -> dict[str, Any]:
    """Return the drafts by the keys of their suggestions; keys in several drafts are left out."""
    uses = Counter(
        key for draft in drafts for key in {part.key for part in draft.all_suggestions()}
    )
    return {
        part.key: draft
        for draft in drafts
        for part in draft.all_suggestions()
        if uses[part.key] == 1
    }


def _draft_of_row(row: SubmittedRow, draft_by_key: Mapping[str, Any]) -> Any:  # noqa: ANN401 (an incident or a response)
    """Return the draft from which a row was made, None if it is not found. For a row that was
    merged from several drafts, return the first draft that has a date.
    """
    drafts = [draft_by_key[key] for key in row.get_value("came").split() if key in draft_by_key]
    return next((one for one in drafts if one.when), drafts[0] if drafts else None)
