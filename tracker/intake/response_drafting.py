"""Official responses put together: one body on one occasion, whatever it said there; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.intake import reasons
from tracker.intake.codes import SuggestionKind
from tracker.intake.drafts import ActDraft, ResponseDraft, Suggested, is_strong
from tracker.intake.reading.found import Part
from tracker.intake.reading.text import fold
from tracker.intake.together import body_spoken_for, kind_of_body, names_law_enforcement
from tracker.people.matching import is_same, is_same_word, keys
from tracker.responses.codes import ActType
from tracker.when import typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.intake.reading.found import Dated, Person, Response, Said
    from tracker.intake.reading.text import Line, Reading

INVESTIGATES = "investigation_"


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: a name, an office and a body, as far as the article tells."""

    name: str
    office: str
    body: str


def responses_in_drafts(
    reading: Reading, found: Iterable[Response], people: Sequence[Person]
) -> list[ResponseDraft]:
    """Return one draft for each institution, or speaker, on one occasion."""
    drafts: list[ResponseDraft] = []
    for one in found:
        if not one.acts:
            continue
        voice = _voice(reading, one, people)
        acts = [_act(reading, said) for said in one.acts]
        known = next((draft for draft in drafts if _is_same(reading, draft, one, voice)), None)
        if known is None:
            drafts.append(_draft(reading, one, voice, acts))
            continue
        keys = {act.act.key for act in known.acts}
        known.acts += [act for act in acts if act.act.key not in keys]
        known.country = known.country or one.country
        if known.when is None and one.when is not None:
            _date(known, one.when)
    for draft in drafts:
        draft.acts.sort(key=lambda act: act.act.passage.start)
        _leave_unticked(draft.acts)
    return drafts


def _leave_unticked(acts: list[ActDraft]) -> None:
    """Who says the same thing twice on one occasion has done it once; and a plain statement is what
    somebody said who did and said nothing else.
    """
    best: dict[ActType, ActDraft] = {}
    for act in acts:
        known = best.setdefault(act.kind, act)
        if known is not act:
            worse = known if act.act.score > known.act.score else act
            best[act.kind] = act if worse is known else known
            worse.adds_nothing = True
    if len(best) > 1 and ActType.STATEMENT in best:
        best[ActType.STATEMENT].adds_nothing = True


def _voice(reading: Reading, one: Response, people: Sequence[Person]) -> Voice:
    """Return who speaks, with what the article says elsewhere of the same person."""
    speaker = _person(one, people)
    name = one.speaker or (speaker.name if speaker else "")
    office = max((one.office, speaker.office if speaker else ""), key=len)
    return Voice(name, office, body_spoken_for(reading.language, one.institution, office))


def _person(one: Response, people: Sequence[Person]) -> Person | None:
    """Return who is meant by the name of a speaker, or by the office with the words."""
    if one.speaker:
        return next((who for who in people if is_same(who.name, one.speaker)), None)
    if not one.office or one.institution:
        return None
    # "The minister stated:", and then what she stated.
    near = {one.acts[0].quote.number, one.acts[0].quote.number - 1}
    office = fold(one.office)
    return next(
        (
            who
            for who in people
            if Part.OFFICIAL in who.parts
            and any(
                mention.passage.number in near and fold(mention.passage.words) in office
                for mention in who.mentions
                if not mention.is_name
            )
        ),
        None,
    )


def _draft(reading: Reading, one: Response, voice: Voice, acts: list[ActDraft]) -> ResponseDraft:
    first = one.acts[0].quote
    draft = ResponseDraft(
        response=Suggested(
            key=f"r{first.start}",
            kind=SuggestionKind.RESPONSE,
            code="",
            value=voice.body,
            passage=first,
            score=max(said.score for said in one.acts),
            reason=reasons.of_response(voice.name or voice.office, len(one.acts)),
        ),
        official=voice.name,
        office=voice.office,
        institution=voice.body,
        institution_kind=kind_of_body(reading.language, voice.body, voice.office),
        standing=one.standing,
        stance=one.stance,
        acts=acts,
        country=one.country,
    )
    if one.when is not None:
        _date(draft, one.when)
    return draft


def _date(draft: ResponseDraft, told: Dated) -> None:
    """Say when a response was given."""
    draft.when = Suggested(
        key=f"w{told.passage.start}",
        kind=SuggestionKind.DATE,
        code="",
        value=typed(told.when),
        passage=told.passage,
        score=told.score,
        reason=reasons.of_words(told.passage),
    )
    draft.as_stated = told.when.as_stated or told.passage.words


def _is_same(reading: Reading, draft: ResponseDraft, one: Response, voice: Voice) -> bool:
    """Say whether somebody speaks again: by name, by office or by body of the same state."""
    if draft.country and one.country and draft.country != one.country:
        return False
    if draft.official and voice.name:
        return is_same(draft.official, voice.name)
    if voice.name:
        return False
    if voice.office and fold(draft.office).startswith(fold(voice.office)):
        return True
    if names_law_enforcement(reading.language, voice.body):
        return _is_on_the_word_of(reading, draft, one)
    return bool(voice.body) and bool(draft.institution) and is_same(draft.institution, voice.body)


def _is_on_the_word_of(reading: Reading, draft: ResponseDraft, one: Response) -> bool:
    """Say whether the sentence in which an unnamed service acts names who says so."""
    if not draft.official:
        return False
    surname = keys(draft.official.split()[-1])
    words = _line(reading, one.acts[0]).words
    return any(is_same_word(surname, keys(word.text)) for word in words if word.is_capital)


def _act(reading: Reading, said: Said) -> ActDraft:
    return ActDraft(
        act=Suggested(
            key=f"s{said.quote.start}-{said.kind}",
            kind=SuggestionKind.ACT,
            code=said.kind.value,
            value=said.quote.words,
            passage=said.quote,
            score=said.score,
            reason=reasons.of_act(said),
            is_strong=is_strong(SuggestionKind.ACT, said.kind.value, score=said.score),
        ),
        kind=said.kind,
        is_direct=said.is_direct,
        by_law_enforcement=said.kind.value.startswith(INVESTIGATES)
        and names_law_enforcement(reading.language, _line(reading, said).sentence.text),
    )


def _line(reading: Reading, said: Said) -> Line:
    return reading.lines[said.quote.number - 1]
