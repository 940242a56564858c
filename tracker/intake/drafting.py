"""Suggestions put together as drafts of the records that a person may confirm; pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.fake_accounts.codes import AccountEvent, AccountKind
from tracker.incidents.codes import Extent
from tracker.incidents.rules import MEANS
from tracker.intake import reasons
from tracker.intake.codes import SuggestionKind
from tracker.intake.drafts import (
    AccountDraft,
    Drafts,
    IncidentDraft,
    Suggested,
    is_strong,
    types_counted_together,
)
from tracker.intake.grouping import ACCOUNTS, BY_ACCOUNT, incidents_in, incidents_spoken_of
from tracker.intake.passages import typed_numbers
from tracker.intake.reading.acts.objects import names_fake
from tracker.intake.response_drafting import responses_in_drafts
from tracker.intake.together import tells_of_many_accounts, tells_of_many_times
from tracker.responses.codes import ActType, Standing
from tracker.vocabulary.codes import Answer
from tracker.when import typed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tracker.intake.drafts import ResponseDraft
    from tracker.intake.grouping import Group
    from tracker.intake.reading.found import Account, Newsroom, Person
    from tracker.intake.reading.text import Passage, Reading
    from tracker.intake.suggest import Suggestions

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
    """Return of which country an article tells: that of its first place, else that of the bodies
    that answer, where they are of one; "" where neither says so.
    """
    places = [one.country for one in found.places if one.country]
    bodies = {one.country for one in found.responses if one.country}
    return next(iter(places), "") or (bodies.pop() if len(bodies) == 1 else "")


def _targets(found: Suggestions, groups: Sequence[Group]) -> dict[str, Suggested]:
    """Return everybody at whom something was aimed, as a suggestion, by name."""
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
        reason=reasons.of_person(person, numbers),
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
        reason=reasons.of_newsroom(first),
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
    """Return the sentences that tell what is likely, or any where nothing is, and the one that
    tells over which period.
    """
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
        reason=reasons.of_type(best.passage, group.posed),
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
        reason=reasons.of_words(passage),
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
        reason=reasons.of_unidentified(first),
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
    """Say whether a handle stands in a text, and is no part of another one."""
    bare = handle.casefold().lstrip("@")
    return re.search(rf"(?<![\w.]){re.escape(bare)}(?!\w)", text.casefold()) is not None
