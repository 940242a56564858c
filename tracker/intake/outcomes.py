"""What a person made of each suggestion, told from what was suggested and what was saved; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.intake.codes import SuggestionKind, SuggestionVerdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tracker.intake.drafts import Suggested


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was saved; `key` is that of the suggestion it came from, "" for none, and
    `is_same` says that it was taken as it was suggested. `start`/`end`: the words it stands on.
    """

    kind: SuggestionKind
    code: str = ""
    key: str = ""
    is_same: bool = False
    ref: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one suggestion, or one thing that nothing had suggested."""

    kind: SuggestionKind
    code: str
    start: int | None
    end: int | None
    score: int | None
    verdict: SuggestionVerdict
    ref: str


def outcomes(suggested: Mapping[str, Suggested], said: Sequence[Said]) -> list[Outcome]:
    """Return the outcome of every suggestion, in their order, and then what was added.

    One that was taken over into several records was accepted if any of them took it as it was.
    """
    best: dict[str, Said] = {}
    added: list[Said] = []
    for one in said:
        if one.key not in suggested:
            added.append(one)
        elif one.key not in best or (one.is_same and not best[one.key].is_same):
            best[one.key] = one
    return [
        *(_outcome(one, best.get(key)) for key, one in suggested.items()),
        *(_added(one) for one in added),
    ]


def types_said(suggested: Iterable[Suggested], ticked: Sequence[str]) -> list[Said]:
    """Return what became of the types suggested for one incident, of which these were ticked.

    A type ticked in the place of one that was not is a change of that one.
    """
    kind = SuggestionKind.TYPE
    types = [one for one in suggested if one.kind is kind]
    wanted = {one.code for one in types}
    extra = [code for code in ticked if code not in wanted]
    taken = [one for one in types if one.code in ticked]
    left = [one for one in types if one.code not in ticked]
    changed = left[: len(extra)]
    return [
        *(Said(kind, one.code, one.key, is_same=True) for one in taken),
        *(Said(kind, one.code, one.key) for one in changed),
        *(Said(kind, code) for code in extra[len(changed) :]),
    ]


def at(record_ref: str, place: tuple[int | None, int | None], said: Iterable[Said]) -> list[Said]:
    """Return what was said with the record that says it now and the words on which that stands."""
    return [replace(one, ref=record_ref, start=place[0], end=place[1]) for one in said]


def _outcome(one: Suggested, said: Said | None) -> Outcome:
    verdict = SuggestionVerdict.REFUSED
    if said is not None:
        verdict = SuggestionVerdict.ACCEPTED if said.is_same else SuggestionVerdict.CHANGED
    return Outcome(
        kind=one.kind,
        code=one.code,
        start=one.passage.start,
        end=one.passage.end,
        score=one.percent,
        verdict=verdict,
        ref=said.ref if said else "",
    )


def _added(said: Said) -> Outcome:
    return Outcome(
        said.kind, said.code, said.start, said.end, None, SuggestionVerdict.ADDED, said.ref
    )
