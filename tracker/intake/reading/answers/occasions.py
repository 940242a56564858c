"""Acts of one authority on one occasion, put together as the response they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tracker.intake.reading.answers.grammar import institution_of
from tracker.intake.reading.answers.stances import DOES, primary
from tracker.intake.reading.found import Response, Said
from tracker.responses.codes import ActType, Stance, Standing

if TYPE_CHECKING:
    from tracker.intake.reading.answers.joining import Mark
    from tracker.intake.reading.found import Place
    from tracker.intake.reading.text import Reading

# So many characters between an announced denial and the denial itself.
SOON = 4
STANDING = {
    "foreign": Standing.OTHER_STATE,
    "intergovernmental": Standing.INTERGOVERNMENTAL,
    "platform": Standing.PLATFORM,
}


class Draft(NamedTuple):
    """An act before it joins the others of its occasion; `quotation` is where its speech begins."""

    kind: ActType
    start: int
    end: int
    quotation: int
    stance: Stance
    mark: Mark | None
    score: float
    reason: str
    # Where the verbs stand that tell of it.
    told_at: tuple[tuple[int, int], ...] = ()


def telling(drafts: list[Draft]) -> list[Draft]:
    """Leave out the sentences of a long quotation that say nothing, unless all of it does, and
    what only announces the words that follow.
    """
    quoted: dict[int, list[Draft]] = {}
    for one in drafts:
        quoted.setdefault(one.quotation, []).append(one)
    kept: list[Draft] = []
    for number, draft in enumerate(drafts):
        if draft.quotation < 0:
            after = drafts[number + 1] if number + 1 < len(drafts) else None
            is_kept = after is None or not _is_repeated(draft, after)
        else:
            same = quoted[draft.quotation]
            is_dull = all(one.kind is ActType.STATEMENT for one in same)
            is_kept = draft is same[0] if is_dull else draft.kind is not ActType.STATEMENT
        if is_kept:
            kept.append(draft)
    return kept


def _is_repeated(draft: Draft, after: Draft) -> bool:
    """Say whether the next act gives in the body's own words what this one only announces."""
    kinds = [one.mark.kind if one.mark else "" for one in (draft, after)]
    is_same = draft.kind == after.kind and kinds[0] == kinds[1] and draft.reason == DOES
    return is_same and after.quotation >= 0 and 0 <= after.start - draft.end <= SOON


def occasions(reading: Reading, drafts: list[Draft]) -> list[Response]:
    """Return the response of each authority; of the same kind of body in two states there are two,
    and one without a state is that which was spoken of last.
    """
    found: dict[tuple[str, ...], Response] = {}
    stances: dict[tuple[str, ...], list[Stance]] = {}
    for draft in drafts:
        mark = draft.mark
        # Two embassies are two, while "the police" and the police department are mostly one.
        key: tuple[str, ...] = ()
        if mark is not None:
            key = (mark.name, mark.kind, mark.body if mark.kind in STANDING else "")
            key = _of_state(key, mark.state, found)
        if key not in found:
            found[key] = Response(
                speaker=mark.name if mark else "",
                office=mark.office if mark else "",
                institution=institution_of(reading.language.value, mark) if mark else "",
                standing=STANDING.get(mark.kind if mark else "", Standing.RESPONSIBLE_STATE),
                stance=Stance.UNCLEAR,
                country=mark.state if mark else "",
            )
        passage = reading.passage(draft.start, draft.end)
        said = Said(draft.kind, passage, draft.quotation >= 0, draft.score, draft.reason)
        found[key].acts.append(said)
        found[key].told_at += draft.told_at
        stances.setdefault(key, []).append(draft.stance)
    for key, response in found.items():
        response.stance = primary(stances[key])
    return list(found.values())


def stand_apart(responses: list[Response], places: list[Place]) -> None:
    """Say of each body of a named state that it is no responsible one where the article tells of
    another country: "the foreign ministry of France", of what was done in Kazakhstan.
    """
    told = {(one.country, act.quote.number) for one in responses for act in one.acts if one.country}
    # A country beside the body only says whose it is.
    home = {one.country for one in places if (one.country, one.passage.number) not in told}
    home.discard("")
    for one in responses:
        is_of_state = one.standing is Standing.RESPONSIBLE_STATE and one.country
        if is_of_state and home and one.country not in home:
            one.standing = Standing.OTHER_STATE


def _of_state(
    key: tuple[str, ...], state: str, found: dict[tuple[str, ...], Response]
) -> tuple[str, ...]:
    """Return the key of the response that is of a state or may be."""
    same = [one for one in reversed(found) if one[: len(key)] == key]
    for one in same:
        known = found[one]
        if not state or known.country in ("", state):
            known.country = known.country or state
            return one
    return (*key, state)
