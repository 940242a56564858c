"""Drafts as the data of a form: what stands in its fields before anybody typed; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from tracker.articles.masking_rules import of_one_width
from tracker.incidents.codes import TargetKind
from tracker.intake.codes import SuggestionKind
from tracker.intake.drafts import Drafts
from tracker.intake.passages import first_of
from tracker.intake.sheet import MOST_PARTS, MOST_ROWS
from tracker.responses.codes import AnswerScope, QuoteIs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tracker.intake.drafts import (
        AccountDraft,
        ActDraft,
        IncidentDraft,
        ResponseDraft,
        Suggested,
    )

Data = dict[str, Any]
Draft = TypeVar("Draft")
KINDS = {
    SuggestionKind.JOURNALIST: TargetKind.JOURNALIST.value,
    SuggestionKind.OUTLET: TargetKind.OUTLET.value,
}
# Of unnamed people the article says no more than that they are there.
NOBODY_NAMED = {"use": True, "kind": TargetKind.UNNAMED_PERSON.value}


def fitted(drafts: Drafts) -> Drafts:
    """Return what one form has room for: of everything the surest, in the order of the article."""
    return Drafts(
        incidents=[
            replace(
                one, targets=_surest(one.targets, MOST_PARTS, _score), quote=first_of(one.quote)
            )
            for one in _surest(
                drafts.incidents, MOST_ROWS, lambda one: max(map(_score, one.types), default=0.0)
            )
        ],
        accounts=[
            replace(
                one,
                impersonates=_surest(one.impersonates, MOST_PARTS, _score),
                quote=first_of(one.quote),
            )
            for one in _surest(drafts.accounts, MOST_ROWS, lambda one: one.account.score)
        ],
        responses=[
            replace(one, acts=_surest(one.acts, MOST_PARTS, lambda act: act.act.score))
            for one in _surest(drafts.responses, MOST_ROWS, lambda one: one.response.score)
        ],
    )


def _surest(found: Sequence[Draft], most: int, sure: Callable[[Draft], float]) -> list[Draft]:
    kept = sorted(range(len(found)), key=lambda place: -sure(found[place]))[:most]
    return [found[place] for place in sorted(kept)]


def _score(one: Suggested) -> float:
    return one.score


def filled(drafts: Drafts, *, country: str, is_new: bool) -> Data:
    """Return the rows of a form; `is_new`: nothing was recorded from the article yet, so that what
    is strong is ticked. `country` is where it happened unless a place says otherwise.
    """
    return {
        "incidents": [_incident(one, country, is_new=is_new) for one in drafts.incidents],
        "accounts": [_account(one, is_new=is_new) for one in drafts.accounts],
        "responses": [_response(one) for one in drafts.responses],
    }


def _incident(draft: IncidentDraft, country: str, *, is_new: bool) -> Data:
    """Return an incident. It is ticked where both what was done and whom it was done to are strong:
    without either it could not be saved.
    """
    strong = [one.code for one in draft.types if one.is_strong]
    is_aimed = any(one.is_strong for one in draft.targets)
    return {
        "use": is_new and bool(strong) and is_aimed,
        "came": _keys([*draft.types, *(one for one in (draft.when, draft.place) if one)]),
        "types": strong,
        "quote": draft.quote,
        "occurred": _when(draft),
        "dated": draft.when.value if draft.when else "",
        "extent": draft.extent.value,
        "suggested_extent": draft.extent.value,
        "country": (draft.where.country if draft.where else "") or country,
        "targets": [_target(one) for one in draft.targets] or [NOBODY_NAMED],
        "with_accounts": draft.with_accounts,
    }


def _when(draft: IncidentDraft | ResponseDraft) -> Data:
    """Return a date that is strong; one that is weak waits beside the field until it is taken."""
    if draft.when is None or not draft.when.is_strong:
        return {}
    return {"when": draft.when.value, "as_stated": draft.as_stated}


def _target(one: Suggested) -> Data:
    return {
        "use": one.is_strong,
        "came": one.key,
        "kind": KINDS[one.kind],
        "who": {"name": one.value},
    }


def _account(draft: AccountDraft, *, is_new: bool) -> Data:
    """Return an account. Of one that is ticked only whoever is surely meant is filled in."""
    is_used = is_new and draft.account.is_strong
    return {
        "use": is_used,
        "came": draft.account.key,
        "kind": draft.kind,
        "identified": draft.identified.value,
        "accounts_at_least": draft.at_least,
        "platform": draft.platform,
        "handle": draft.account.value,
        "quote": draft.quote,
        "impersonates": [
            {"kind": KINDS[one.kind], "who": {"name": one.value}}
            for one in draft.impersonates
            if one.is_strong or not is_used
        ],
    }


def _response(draft: ResponseDraft) -> Data:
    return {
        # Whose response it is, is not read surely enough: no response is accepted beforehand.
        "use": False,
        "came": _keys([draft.response, *(one for one in (draft.when,) if one)]),
        "institution": {"name": draft.institution},
        "country": draft.country,
        "made": _when(draft),
        "dated": draft.when.value if draft.when else "",
        "institution_kind": draft.institution_kind.value if draft.institution_kind else "",
        "official": draft.official,
        "office": draft.office,
        "standing": draft.standing.value,
        "stance": draft.stance.value,
        "answers": " ".join(draft.answers),
        "answers_scope": (AnswerScope.INCIDENTS if draft.answers else AnswerScope.CASE).value,
        "acts": [_act(one) for one in draft.acts],
    }


def _act(draft: ActDraft) -> Data:
    return {
        "use": draft.act.is_strong and not draft.adds_nothing,
        "came": draft.act.key,
        "act": draft.kind.value,
        "quote": of_one_width(draft.act.value),
        "quote_is": (QuoteIs.DIRECT if draft.is_direct else QuoteIs.REPORTED).value,
        "unspecified": draft.by_law_enforcement,
    }


def _keys(parts: Iterable[Suggested]) -> str:
    return " ".join(one.key for one in parts)
