"""Combine suggestions into drafts of records, without a database."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from tracker.fake_accounts.codes import AccountEvent, AccountKind
from tracker.incidents.codes import OFFICIAL_IMPERSONATION_TYPE, Extent
from tracker.intake import drafts as intake_drafts
from tracker.intake.codes import SuggestionKind
from tracker.intake.quoting import format_sentence_numbers
from tracker.intake.response_drafting import positions_of_mentioned_incidents, response_drafts
from tracker.reader import found as reader_found
from tracker.reader import grouping
from tracker.reader.acts.objects import mentions_fake_account
from tracker.reader.suggest import Suggestions
from tracker.reader.text import ArticleText, Passage
from tracker.responses.codes import ActType, Standing
from tracker.vocabulary.codes import Answer
from tracker.when import OPEN_START, Precision, When, format_when

# The least number of accounts in a draft if the article mentions several without a handle.
MIN_ACCOUNTS_IF_SEVERAL = 2
# The score from which an act is likely: an incident quotes only its likely acts, if it has any.
MIN_SCORE_OF_LIKELY_ACT = 0.5
# Kinds of accounts that impersonate nobody: a caller or sender is not a page with a name.
ACCOUNT_KINDS_WITHOUT_IMPERSONATION = frozenset({AccountKind.PHONE_NUMBER, AccountKind.EMAIL})
# The event of an account that an act of a response reports.
ACCOUNT_EVENT_BY_ACT_TYPE = {
    ActType.BLOCKED: AccountEvent.BLOCKED,
    ActType.TAKEDOWN: AccountEvent.REMOVED_BY_PLATFORM,
}


def build_drafts(article_text: ArticleText, suggestions: Suggestions) -> intake_drafts.Drafts:
    """Return the drafts of records that an article suggests."""
    groups = grouping.group_incidents(article_text, suggestions)
    people = _target_suggestions(suggestions, groups)
    incidents = [_incident_draft(article_text, group, people, suggestions) for group in groups]
    responses = response_drafts(article_text, suggestions.responses, suggestions.people)
    for one in responses:
        numbers = {act.act.passage.sentence_number for act in one.acts}
        answered = positions_of_mentioned_incidents(article_text, groups, suggestions.acts, numbers)
        one.answered_type_keys = tuple(
            part.key for place in answered for part in incidents[place].types
        )
        if article_text.published:
            one.date_from_publication = format_when(
                When(OPEN_START, article_text.published, Precision.BEFORE)
            )
    accounts = _account_drafts(article_text, suggestions, groups, people)
    _set_account_events(article_text, suggestions, accounts, responses)
    return intake_drafts.Drafts(incidents=incidents, accounts=accounts, responses=responses)


def draft_of_sentences(
    article_text: ArticleText, suggestions: Suggestions, sentence_numbers: Collection[int]
) -> intake_drafts.IncidentDraft:
    """Return the draft of the incident that the sentences with these numbers report."""
    group = grouping.group_sentences(article_text, suggestions, sentence_numbers)
    return _incident_draft(
        article_text, group, _target_suggestions(suggestions, [group]), suggestions
    )


def reported_country(suggestions: Suggestions) -> str:
    """Return the country of the first place in the article whose country is known. If no place has
    one, return the country of the responding institutions if they share one country, else "".
    """
    places = [one.country for one in suggestions.places if one.country]
    countries = {one.country for one in suggestions.responses if one.country}
    return next(iter(places), "") or (countries.pop() if len(countries) == 1 else "")


def _target_suggestions(
    suggestions: Suggestions, groups: Sequence[grouping.IncidentGroup]
) -> dict[str, intake_drafts.Suggestion]:
    """Return a suggestion for each target of the incidents, by the name of the target."""
    sentences_of: dict[str, set[int]] = {}
    for group in groups:
        for name in group.target_name_set:
            sentences_of.setdefault(name, set()).update(group.sentence_numbers)
    people = {one.name: one for group in groups for one in group.people if one.mentions}
    newsrooms = {one.name: one for group in groups for one in group.newsrooms if one.mentions}
    suggested = [
        *(_person_suggestion(one, sentences_of[one.name], suggestions) for one in people.values()),
        *(_outlet_suggestion(one, suggestions) for one in newsrooms.values()),
    ]
    return {one.value: one for one in suggested}


def _person_suggestion(
    person: reader_found.FoundPerson, sentence_numbers: Collection[int], suggestions: Suggestions
) -> intake_drafts.Suggestion:
    """Return the suggestion that a person is a target. `sentence_numbers`: the numbers of the
    sentences that report what was done to this person.
    """
    named = [mention.passage for mention in person.mentions if mention.is_name]
    first, *more = named or [mention.passage for mention in person.mentions]
    return intake_drafts.Suggestion(
        key=f"j{first.start}",
        kind=SuggestionKind.JOURNALIST,
        code="",
        value=person.name,
        passage=first,
        score=person.score,
        reason=intake_drafts.person_reason(person, sentence_numbers),
        other_passages=tuple(more),
        is_strong=intake_drafts.is_strong_suggestion(
            SuggestionKind.JOURNALIST,
            "",
            score=person.score,
            sentence_count=len({mention.passage.sentence_number for mention in person.mentions}),
            article_score=suggestions.targeting.score,
        ),
    )


def _outlet_suggestion(
    outlet: reader_found.FoundOutlet, suggestions: Suggestions
) -> intake_drafts.Suggestion:
    """Return the suggestion that an outlet is a target."""
    first, *more = outlet.mentions
    return intake_drafts.Suggestion(
        key=f"o{first.start}",
        kind=SuggestionKind.OUTLET,
        code="",
        value=outlet.name,
        passage=first,
        score=outlet.score,
        reason=intake_drafts.outlet_reason(first),
        other_passages=tuple(more),
        is_strong=intake_drafts.is_strong_suggestion(
            SuggestionKind.OUTLET,
            "",
            score=outlet.score,
            sentence_count=len({passage.sentence_number for passage in outlet.mentions}),
            article_score=suggestions.targeting.score,
        ),
    )


def _incident_draft(
    article_text: ArticleText,
    group: grouping.IncidentGroup,
    target_by_name: dict[str, intake_drafts.Suggestion],
    suggestions: Suggestions,
) -> intake_drafts.IncidentDraft:
    """Return the draft of an incident. `group`: the acts of the incident; `target_by_name`: the
    suggestions of the targets of all incidents, by name.
    """
    codes = list(dict.fromkeys(act.code for act in group.acts))
    # The type for impersonating officials is a means: it follows from whom the actors posed as.
    shown = [code for code in codes if code != OFFICIAL_IMPERSONATION_TYPE] or codes
    draft = intake_drafts.IncidentDraft(
        types=[_type_suggestion(code, group, suggestions) for code in shown],
        targets=[target_by_name[name] for name in group.target_names if name in target_by_name],
        quote=format_sentence_numbers(_quoted_sentence_numbers(group)),
        purported_as=group.purported_as,
        uses_accounts=group.actor_key == grouping.ACCOUNTS_ACTOR_KEY,
        found_place=group.place,
        extent=_incident_extent(article_text, group),
    )
    if group.when is not None:
        when = group.when
        draft.when = _text_suggestion(
            "d", SuggestionKind.DATE, format_when(when.when), when.passage, when.score
        )
        draft.date_as_stated = when.when.as_stated or when.passage.text
    if group.place is not None:
        place = group.place
        draft.place = _text_suggestion("p", SuggestionKind.PLACE, place.name, place.passage, 1.0)
    return draft


def _incident_extent(article_text: ArticleText, group: grouping.IncidentGroup) -> Extent:
    """Return whether an incident happened once, repeatedly, or throughout a period."""
    if group.when is None or not group.when.is_period:
        return Extent.ONCE
    lines = [article_text.lines[number - 1] for number in group.sentence_numbers]
    many = any(grouping.mentions_repetition(article_text.language, line.words) for line in lines)
    return Extent.REPEATED if many else Extent.LASTING


def _quoted_sentence_numbers(group: grouping.IncidentGroup) -> list[int]:
    """Return the numbers of the sentences that an incident quotes: sentences with likely acts (if
    no act is likely, sentences with any act), and the sentence that gives its period.
    """
    likely = [
        act.passage.sentence_number for act in group.acts if act.score >= MIN_SCORE_OF_LIKELY_ACT
    ]
    period = [group.when.passage.sentence_number] if group.when and group.when.is_period else []
    return [*(likely or group.sentence_numbers), *period]


def _type_suggestion(
    code: str, group: grouping.IncidentGroup, suggestions: Suggestions
) -> intake_drafts.Suggestion:
    """Return the suggestion of an incident type, made from the acts of this type in `group`."""
    acts = sorted((act for act in group.acts if act.code == code), key=lambda act: -act.score)
    best, *rest = acts
    alike = intake_drafts.similar_types(code)
    sentences = {
        act.passage.sentence_number for act in suggestions.targeting.acts if act.code in alike
    }
    return intake_drafts.Suggestion(
        key=f"t{best.passage.start}-{code}",
        kind=SuggestionKind.TYPE,
        code=code,
        value=code,
        passage=best.passage,
        score=best.score,
        reason=intake_drafts.type_reason(best.passage, group.purported_as),
        other_passages=tuple(act.passage for act in rest),
        is_strong=intake_drafts.is_strong_suggestion(
            SuggestionKind.TYPE,
            code,
            score=best.score,
            sentence_count=len(sentences),
            article_score=suggestions.targeting.score,
        ),
    )


def _text_suggestion(
    key_letter: str, kind: SuggestionKind, value: str, passage: Passage, score: float
) -> intake_drafts.Suggestion:
    """Return the suggestion of a date, place or account; its reason is the words of the passage.
    `key_letter`: the letter that begins its key, one for each kind of value.
    """
    return intake_drafts.Suggestion(
        key=f"{key_letter}{passage.start}",
        kind=kind,
        code="",
        value=value,
        passage=passage,
        score=score,
        reason=intake_drafts.text_reason(passage),
    )


def _account_drafts(
    article_text: ArticleText,
    suggestions: Suggestions,
    groups: Sequence[grouping.IncidentGroup],
    target_by_name: dict[str, intake_drafts.Suggestion],
) -> list[intake_drafts.AccountDraft]:
    """Return one draft for each hostile account with a handle, and one draft for all accounts
    without a handle together. `target_by_name`: the suggestions of all targets, by name.
    """
    posed_as = [
        target_by_name[name]
        for group in groups
        if not grouping.ACTS_BY_ACCOUNTS.isdisjoint(group.incident_types)
        for name in group.target_names
        if name in target_by_name
    ]
    used = list(dict.fromkeys(posed_as))
    hostile = [one for one in suggestions.accounts if one.is_hostile]
    named = {one.handle.casefold(): one for one in reversed(hostile) if one.handle}
    drafts = [_account_draft(one, used) for one in reversed(named.values())]
    nameless = [one.passage for one in hostile if not one.handle]
    if not hostile:
        nameless = [
            act.passage
            for group in groups
            for act in group.acts
            if act.code in grouping.ACTS_BY_ACCOUNTS
        ]
    if nameless:
        drafts.append(_unidentified_accounts_draft(article_text, nameless, used))
    return drafts


def _account_draft(
    account: reader_found.FoundAccount, impersonated: list[intake_drafts.Suggestion]
) -> intake_drafts.AccountDraft:
    """Return the draft of an account with a handle; `impersonated`: the suggestions of the parties
    that it may impersonate.
    """
    # Letters alone may be the name of the person who is impersonated.
    has_handle = not account.handle.replace(" ", "").isalpha()
    said = replace(
        _text_suggestion(
            "a", SuggestionKind.ACCOUNT, account.handle, account.passage, account.score
        ),
        is_strong=has_handle
        and intake_drafts.is_strong_suggestion(
            SuggestionKind.ACCOUNT, account.kind, score=account.score
        ),
    )
    return intake_drafts.AccountDraft(
        account=said,
        kind=account.kind,
        platform=account.platform,
        quote=format_sentence_numbers([account.passage.sentence_number]),
        impersonates=[] if account.kind in ACCOUNT_KINDS_WITHOUT_IMPERSONATION else impersonated,
    )


def _unidentified_accounts_draft(
    article_text: ArticleText,
    passages: Sequence[Passage],
    impersonated: list[intake_drafts.Suggestion],
) -> intake_drafts.AccountDraft:
    """Return one draft for all accounts that the passages mention without a handle. `impersonated`:
    the suggestions of the parties that these accounts impersonate.
    """
    first, *more = passages
    lines = [article_text.lines[one.sentence_number - 1] for one in passages]
    many = any(
        grouping.mentions_several_accounts(article_text.language, line.words) for line in lines
    )
    said = intake_drafts.Suggestion(
        key=f"a{first.start}",
        kind=SuggestionKind.ACCOUNT,
        code="",
        value="",
        passage=first,
        score=1.0,
        reason=intake_drafts.unidentified_accounts_reason(first),
        other_passages=tuple(more),
    )
    return intake_drafts.AccountDraft(
        account=said,
        kind="profile",
        platform="",
        quote=format_sentence_numbers(one.sentence_number for one in passages),
        identified=Answer.NO,
        accounts_at_least=MIN_ACCOUNTS_IF_SEVERAL if many else None,
        impersonates=impersonated,
    )


def _set_account_events(
    article_text: ArticleText,
    suggestions: Suggestions,
    accounts: Sequence[intake_drafts.AccountDraft],
    responses: Sequence[intake_drafts.ResponseDraft],
) -> None:
    """Set the event of each account that a response says was blocked or removed.

    The response names its handle, or "the fake account" if the article identifies only one.
    """
    identified = [one for one in accounts if one.identified is Answer.YES]
    of_press = {
        act.passage.sentence_number
        for act in suggestions.acts
        if act.code.startswith("censorship.")
    }
    for response in responses:
        for act in response.acts:
            event, line = (
                ACCOUNT_EVENT_BY_ACT_TYPE.get(act.kind),
                article_text.lines[act.act.passage.sentence_number - 1],
            )
            if act.kind is ActType.TAKEDOWN and response.standing is not Standing.PLATFORM:
                event = None
            is_of_many = grouping.mentions_several_accounts(article_text.language, line.words)
            if event is None or is_of_many or line.number in of_press:
                continue
            named = [
                one
                for one in identified
                if _is_handle_mentioned(one.account.value, line.sentence.text)
            ]
            is_told = named or mentions_fake_account(article_text.language.value, line.words)
            meant = (named or identified) if is_told else []
            if len(meant) == 1 and meant[0].event is None:
                meant[0].event, meant[0].event_suggestion = event, act.act
                meant[0].when, meant[0].date_as_stated = response.when, response.date_as_stated
                meant[0].quote = format_sentence_numbers(
                    [meant[0].account.passage.sentence_number, line.number]
                )


def _is_handle_mentioned(handle: str, text: str) -> bool:
    """Return whether a text mentions a handle, and not as part of another handle."""
    bare = handle.casefold().lstrip("@")
    return re.search(rf"(?<![\w.]){re.escape(bare)}(?!\w)", text.casefold()) is not None
