"""Combines suggestions into drafts of records; pure.

An official response is one body on one occasion, whatever it said there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.fake_accounts.codes import AccountEvent, AccountKind
from tracker.incidents.codes import MEANS, Extent
from tracker.intake import drafts
from tracker.intake.codes import SuggestionKind
from tracker.intake.drafts import (
    AccountDraft,
    ActDraft,
    Drafts,
    IncidentDraft,
    ResponseDraft,
    Suggested,
    is_strong,
    types_counted_together,
)
from tracker.intake.sheet import typed_numbers
from tracker.people.matching import is_same, is_same_word, keys
from tracker.reader.acts.objects import names_fake
from tracker.reader.found import Part
from tracker.reader.grouping import (
    ACCOUNTS,
    BY_ACCOUNT,
    body_spoken_for,
    incidents_in,
    incidents_spoken_of,
    kind_of_body,
    names_law_enforcement,
    tells_of_many_accounts,
    tells_of_many_times,
)
from tracker.reader.text import fold
from tracker.responses.codes import ActType, Standing
from tracker.vocabulary.codes import Answer
from tracker.when import typed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from tracker.reader.found import Account, Dated, Newsroom, Person, Response, Said
    from tracker.reader.grouping import Group
    from tracker.reader.suggest import Suggestions
    from tracker.reader.text import Line, Passage, Reading

INVESTIGATES = "investigation_"
ONE_MORE = 2
# An incident quotes the sentences whose words say this much, where it has any.
LIKELY = 0.5
# By these somebody says something: who rings or writes poses as nobody, unlike a page.
SAYING = frozenset({AccountKind.PHONE_NUMBER, AccountKind.EMAIL})
# What a response did to an account, by the type of its act.
DONE_TO_ACCOUNTS = {
    ActType.BLOCKED: AccountEvent.BLOCKED,
    ActType.TAKEDOWN: AccountEvent.REMOVED_BY_PLATFORM,
}


def drafts_of(reading: Reading, found: Suggestions) -> Drafts:
    """Return what an article suggests as the records that would be made of it."""
    groups = incidents_in(reading, found)
    people = _targets(found, groups)
    incidents = [_incident(reading, group, people, found) for group in groups]
    responses = responses_in_drafts(reading, found.responses, found.people)
    for one in responses:
        numbers = {act.act.passage.number for act in one.acts}
        answered = incidents_spoken_of(reading, groups, found.acts, numbers)
        one.answers = tuple(part.key for place in answered for part in incidents[place].types)
    accounts = _accounts(reading, found, groups, people)
    _put_events(reading, found, accounts, responses)
    return Drafts(incidents=incidents, accounts=accounts, responses=responses)


def country_told(found: Suggestions) -> str:
    """Return the country of the first place, else of the responding bodies; "" if unclear."""
    places = [one.country for one in found.places if one.country]
    bodies = {one.country for one in found.responses if one.country}
    return next(iter(places), "") or (bodies.pop() if len(bodies) == 1 else "")


def _targets(found: Suggestions, groups: Sequence[Group]) -> dict[str, Suggested]:
    """Return a suggestion for each target, by name."""
    told: dict[str, set[int]] = {}
    for group in groups:
        for name in group.names:
            told.setdefault(name, set()).update(group.numbers)
    people, newsrooms = found.aimed.people, found.aimed.newsrooms
    suggested = [
        *(
            _person(one, told[one.name], found)
            for one in people
            if one.name in told and one.mentions
        ),
        *(_newsroom(one, found) for one in newsrooms if one.name in told and one.mentions),
    ]
    return {one.value: one for one in suggested}


def _person(person: Person, numbers: Collection[int], found: Suggestions) -> Suggested:
    named = [mention.passage for mention in person.mentions if mention.is_name]
    first, *more = named or [mention.passage for mention in person.mentions]
    return Suggested(
        key=f"j{first.start}",
        kind=SuggestionKind.JOURNALIST,
        code="",
        value=person.name,
        passage=first,
        score=person.score,
        reason=drafts.of_person(person, numbers),
        also=tuple(more),
        is_strong=is_strong(
            SuggestionKind.JOURNALIST,
            "",
            score=person.score,
            sentences=len({mention.passage.number for mention in person.mentions}),
            article=found.aimed.score,
        ),
    )


def _newsroom(newsroom: Newsroom, found: Suggestions) -> Suggested:
    first, *more = newsroom.mentions
    return Suggested(
        key=f"o{first.start}",
        kind=SuggestionKind.OUTLET,
        code="",
        value=newsroom.name,
        passage=first,
        score=newsroom.score,
        reason=drafts.of_newsroom(first),
        also=tuple(more),
        is_strong=is_strong(
            SuggestionKind.OUTLET,
            "",
            score=newsroom.score,
            sentences=len({passage.number for passage in newsroom.mentions}),
            article=found.aimed.score,
        ),
    )


def _incident(
    reading: Reading, group: Group, people: dict[str, Suggested], found: Suggestions
) -> IncidentDraft:
    codes = list(dict.fromkeys(act.code for act in group.acts))
    # Posing as officials is a means: it comes by itself with whom they posed as.
    shown = [code for code in codes if code != MEANS] or codes
    draft = IncidentDraft(
        types=[_type(code, group, found) for code in shown],
        targets=[people[name] for name in group.in_order if name in people],
        quote=typed_numbers(_telling(group)),
        purported_as=group.posed,
        with_accounts=group.by == ACCOUNTS,
        where=group.place,
        extent=_extent(reading, group),
    )
    if group.when is not None:
        when = group.when
        draft.when = _words("d", SuggestionKind.DATE, typed(when.when), when.passage, when.score)
        draft.as_stated = when.when.as_stated or when.passage.words
    if group.place is not None:
        place = group.place
        draft.place = _words("p", SuggestionKind.PLACE, place.name, place.passage, 1.0)
    return draft


def _extent(reading: Reading, group: Group) -> Extent:
    """Return whether something happened once, or over all of the period that the text tells."""
    if group.when is None or not group.when.lasts:
        return Extent.ONCE
    lines = [reading.lines[number - 1] for number in group.numbers]
    many = any(tells_of_many_times(reading.language, line.words) for line in lines)
    return Extent.REPEATED if many else Extent.LASTING


def _telling(group: Group) -> list[int]:
    """Return the sentences that report the likely acts, and the one that gives the period."""
    likely = [act.passage.number for act in group.acts if act.score >= LIKELY]
    period = [group.when.passage.number] if group.when and group.when.lasts else []
    return [*(likely or group.numbers), *period]


def _type(code: str, group: Group, found: Suggestions) -> Suggested:
    acts = sorted((act for act in group.acts if act.code == code), key=lambda act: -act.score)
    best, *rest = acts
    alike = types_counted_together(code)
    told = {act.passage.number for act in found.aimed.acts if act.code in alike}
    return Suggested(
        key=f"t{best.passage.start}-{code}",
        kind=SuggestionKind.TYPE,
        code=code,
        value=code,
        passage=best.passage,
        score=best.score,
        reason=drafts.of_type(best.passage, group.posed),
        also=tuple(act.passage for act in rest),
        is_strong=is_strong(
            SuggestionKind.TYPE,
            code,
            score=best.score,
            sentences=len(told),
            article=found.aimed.score,
        ),
    )


def _words(
    letter: str, kind: SuggestionKind, value: str, passage: Passage, score: float
) -> Suggested:
    return Suggested(
        key=f"{letter}{passage.start}",
        kind=kind,
        code="",
        value=value,
        passage=passage,
        score=score,
        reason=drafts.of_words(passage),
    )


def _accounts(
    reading: Reading, found: Suggestions, groups: Sequence[Group], people: dict[str, Suggested]
) -> list[AccountDraft]:
    """Return the hostile accounts, each once; those without a name together as one record."""
    posed_as = [
        people[name]
        for group in groups
        if not BY_ACCOUNT.isdisjoint(group.codes)
        for name in group.in_order
        if name in people
    ]
    used = list(dict.fromkeys(posed_as))
    hostile = [one for one in found.accounts if one.is_hostile]
    named = {one.handle.casefold(): one for one in reversed(hostile) if one.handle}
    drafts = [_account(one, used) for one in reversed(named.values())]
    nameless = [one.passage for one in hostile if not one.handle]
    if not hostile:
        nameless = [act.passage for group in groups for act in group.acts if act.code in BY_ACCOUNT]
    if nameless:
        drafts.append(_unidentified(reading, nameless, used))
    return drafts


def _account(account: Account, posed_as: list[Suggested]) -> AccountDraft:
    # Letters alone may be the name of a person in whose name somebody writes.
    has_handle = not account.handle.replace(" ", "").isalpha()
    said = replace(
        _words("a", SuggestionKind.ACCOUNT, account.handle, account.passage, account.score),
        is_strong=has_handle
        and is_strong(SuggestionKind.ACCOUNT, account.kind, score=account.score),
    )
    return AccountDraft(
        account=said,
        kind=account.kind,
        platform=account.platform,
        quote=typed_numbers([account.passage.number]),
        impersonates=[] if account.kind in SAYING else posed_as,
    )


def _unidentified(
    reading: Reading, passages: Sequence[Passage], posed_as: list[Suggested]
) -> AccountDraft:
    first, *more = passages
    lines = [reading.lines[one.number - 1] for one in passages]
    many = any(tells_of_many_accounts(reading.language, line.words) for line in lines)
    said = Suggested(
        key=f"a{first.start}",
        kind=SuggestionKind.ACCOUNT,
        code="",
        value="",
        passage=first,
        score=1.0,
        reason=drafts.of_unidentified(first),
        also=tuple(more),
    )
    return AccountDraft(
        account=said,
        kind="profile",
        platform="",
        quote=typed_numbers(one.number for one in passages),
        identified=Answer.NO,
        at_least=ONE_MORE if many else None,
        impersonates=posed_as,
    )


def _put_events(
    reading: Reading,
    found: Suggestions,
    accounts: Sequence[AccountDraft],
    responses: Sequence[ResponseDraft],
) -> None:
    """Add to an account that it was blocked or removed where a response says so of it alone: by its
    handle, or of "the fake account" where the article identifies only one.
    """
    identified = [one for one in accounts if one.identified is Answer.YES]
    of_press = {act.passage.number for act in found.acts if act.code.startswith("censorship.")}
    for response in responses:
        for act in response.acts:
            event, line = DONE_TO_ACCOUNTS.get(act.kind), reading.lines[act.act.passage.number - 1]
            if act.kind is ActType.TAKEDOWN and response.standing is not Standing.PLATFORM:
                event = None
            is_of_many = tells_of_many_accounts(reading.language, line.words)
            if event is None or is_of_many or line.number in of_press:
                continue
            named = [one for one in identified if _is_named(one.account.value, line.sentence.text)]
            is_told = named or names_fake(reading.language.value, line.words)
            meant = (named or identified) if is_told else []
            if len(meant) == 1 and meant[0].event is None:
                meant[0].event, meant[0].told = event, act.act
                meant[0].when, meant[0].as_stated = response.when, response.as_stated
                meant[0].quote = typed_numbers([meant[0].account.passage.number, line.number])


def _is_named(handle: str, text: str) -> bool:
    """Return whether a handle is in a text, and is no part of another one."""
    bare = handle.casefold().lstrip("@")
    return re.search(rf"(?<![\w.]){re.escape(bare)}(?!\w)", text.casefold()) is not None


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
    """Unselect repeated acts of one occasion, and plain statements beside other acts."""
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
    speaker = _speaking_person(one, people)
    name = one.speaker or (speaker.name if speaker else "")
    office = max((one.office, speaker.office if speaker else ""), key=len)
    return Voice(name, office, body_spoken_for(reading.language, one.institution, office))


def _speaking_person(one: Response, people: Sequence[Person]) -> Person | None:
    """Return who is referred to by the name of a speaker, or by the office with the words."""
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
            reason=drafts.of_response(voice.name or voice.office, len(one.acts)),
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
    """Set the date of a response."""
    draft.when = Suggested(
        key=f"w{told.passage.start}",
        kind=SuggestionKind.DATE,
        code="",
        value=typed(told.when),
        passage=told.passage,
        score=told.score,
        reason=drafts.of_words(told.passage),
    )
    draft.as_stated = told.when.as_stated or told.passage.words


def _is_same(reading: Reading, draft: ResponseDraft, one: Response, voice: Voice) -> bool:
    """Return whether somebody speaks again: by name, by office or by body of the same state."""
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
    """Return whether the sentence about an unnamed service names its source."""
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
            reason=drafts.of_act(said),
            is_strong=is_strong(SuggestionKind.ACT, said.kind.value, score=said.score),
        ),
        kind=said.kind,
        is_direct=said.is_direct,
        by_law_enforcement=said.kind.value.startswith(INVESTIGATES)
        and names_law_enforcement(reading.language, _line(reading, said).sentence.text),
    )


def _line(reading: Reading, said: Said) -> Line:
    return reading.lines[said.quote.number - 1]
