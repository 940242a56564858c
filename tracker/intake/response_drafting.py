"""Combine suggestions into drafts of official responses, without a database.

An official response is one institution on one occasion, with all that it said there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from tracker.intake import drafts as intake_drafts
from tracker.intake.codes import SuggestionKind
from tracker.people.matching import is_same_name, is_same_word, name_keys
from tracker.reader import found as reader_found
from tracker.reader.answers import body_names
from tracker.reader.grouping import IncidentGroup
from tracker.reader.text import ArticleText, Line, fold_word
from tracker.responses.codes import ActType
from tracker.when import format_when

# The beginning of the codes of acts (`ActType`) of an investigation.
INVESTIGATION_ACT_PREFIX = "investigation_"


@dataclass(frozen=True, slots=True)
class SpeakerDetails:
    """The name, job title (`office`) and institution of a speaker, "" if unknown."""

    name: str
    office: str
    institution: str


def response_drafts(
    article_text: ArticleText,
    responses: Iterable[reader_found.FoundResponse],
    people: Sequence[reader_found.FoundPerson],
) -> list[intake_drafts.ResponseDraft]:
    """Return one draft for each speaker or institution, with all acts in the article."""
    drafts: list[intake_drafts.ResponseDraft] = []
    for one in responses:
        if not one.acts:
            continue
        speaker = _speaker_details(article_text, one, people)
        acts = [_act_draft(article_text, said) for said in one.acts]
        known = next(
            (draft for draft in drafts if _is_same_speaker(article_text, draft, one, speaker)), None
        )
        if known is None:
            drafts.append(_response_draft(article_text, one, speaker, acts))
            continue
        keys = {act.act.key for act in known.acts}
        known.acts += [act for act in acts if act.act.key not in keys]
        known.country = known.country or one.country
        if known.when is None and one.when is not None:
            _set_response_date(known, one.when)
    for draft in drafts:
        draft.acts.sort(key=lambda act: act.act.passage.start)
        _mark_redundant_acts(draft.acts)
    return drafts


def _mark_redundant_acts(acts: list[intake_drafts.ActDraft]) -> None:
    """Set `is_redundant` of each act that a response need not repeat: of several acts of one type
    all except the most certain, and a plain statement if there are acts of other types.
    """
    best: dict[ActType, intake_drafts.ActDraft] = {}
    for act in acts:
        known = best.setdefault(act.kind, act)
        if known is not act:
            worse = known if act.act.score > known.act.score else act
            best[act.kind] = act if worse is known else known
            worse.is_redundant = True
    if len(best) > 1 and ActType.STATEMENT in best:
        best[ActType.STATEMENT].is_redundant = True


def _speaker_details(
    article_text: ArticleText,
    found_response: reader_found.FoundResponse,
    people: Sequence[reader_found.FoundPerson],
) -> SpeakerDetails:
    """Return the speaker of a response, with details from other sentences of the article."""
    speaker = _find_speaker(found_response, people)
    name = found_response.speaker or (speaker.name if speaker else "")
    office = max((found_response.office, speaker.office if speaker else ""), key=len)
    return SpeakerDetails(
        name,
        office,
        body_names.represented_institution(
            article_text.language, found_response.institution, office
        ),
    )


def _find_speaker(
    found_response: reader_found.FoundResponse, people: Sequence[reader_found.FoundPerson]
) -> reader_found.FoundPerson | None:
    """Return the person who speaks in a response, found by name or job title, None if unknown."""
    if found_response.speaker:
        return next((who for who in people if is_same_name(who.name, found_response.speaker)), None)
    if not found_response.office or found_response.institution:
        return None
    # "The minister stated:" may be in the sentence before the quote.
    near = {
        found_response.acts[0].quote.sentence_number,
        found_response.acts[0].quote.sentence_number - 1,
    }
    office = fold_word(found_response.office)
    return next(
        (
            who
            for who in people
            if reader_found.PersonRole.OFFICIAL in who.roles
            and any(
                mention.passage.sentence_number in near
                and fold_word(mention.passage.text) in office
                for mention in who.mentions
                if not mention.is_name
            )
        ),
        None,
    )


def _response_draft(
    article_text: ArticleText,
    found_response: reader_found.FoundResponse,
    speaker: SpeakerDetails,
    acts: list[intake_drafts.ActDraft],
) -> intake_drafts.ResponseDraft:
    """Return the draft of a response with this speaker and these acts."""
    first = found_response.acts[0].quote
    draft = intake_drafts.ResponseDraft(
        response=intake_drafts.Suggestion(
            key=f"r{first.start}",
            kind=SuggestionKind.RESPONSE,
            code="",
            value=speaker.institution,
            passage=first,
            score=max(said.score for said in found_response.acts),
            reason=intake_drafts.response_reason(
                speaker.name or speaker.office, len(found_response.acts)
            ),
        ),
        official=speaker.name,
        office=speaker.office,
        institution=speaker.institution,
        institution_kind=body_names.institution_kind(
            article_text.language, speaker.institution, speaker.office
        ),
        standing=found_response.standing,
        stance=found_response.stance,
        acts=acts,
        country=found_response.country,
    )
    if found_response.when is not None:
        _set_response_date(draft, found_response.when)
    return draft


def _set_response_date(
    draft: intake_drafts.ResponseDraft, found_date: reader_found.FoundDate
) -> None:
    """Set the suggested date of a response to a date found in the article."""
    draft.when = intake_drafts.Suggestion(
        key=f"w{found_date.passage.start}",
        kind=SuggestionKind.DATE,
        code="",
        value=format_when(found_date.when),
        passage=found_date.passage,
        score=found_date.score,
        reason=intake_drafts.text_reason(found_date.passage),
    )
    draft.date_as_stated = found_date.when.as_stated or found_date.passage.text


def _is_same_speaker(
    article_text: ArticleText,
    draft: intake_drafts.ResponseDraft,
    found_response: reader_found.FoundResponse,
    speaker: SpeakerDetails,
) -> bool:
    """Return whether a draft and a found response have the same speaker, compared by name, job
    title or institution. `speaker`: the speaker of the found response.
    """
    if draft.country and found_response.country and draft.country != found_response.country:
        return False
    if draft.official and speaker.name:
        return is_same_name(draft.official, speaker.name)
    if speaker.name:
        return False
    if speaker.office and fold_word(draft.office).startswith(fold_word(speaker.office)):
        return True
    if body_names.mentions_unspecified_police(article_text.language, speaker.institution):
        return _is_attributed_to_speaker(article_text, draft, found_response)
    return (
        bool(speaker.institution)
        and bool(draft.institution)
        and is_same_name(draft.institution, speaker.institution)
    )


def _is_attributed_to_speaker(
    article_text: ArticleText,
    draft: intake_drafts.ResponseDraft,
    found_response: reader_found.FoundResponse,
) -> bool:
    """Return whether the sentence of a response contains the surname of the speaker of the draft.
    The response is by an unnamed law enforcement service, such as "the police".
    """
    if not draft.official:
        return False
    surname = name_keys(draft.official.split()[-1])
    words = _sentence_of_act(article_text, found_response.acts[0]).words
    return any(is_same_word(surname, name_keys(word.text)) for word in words if word.is_capital)


def _act_draft(
    article_text: ArticleText, found_act: reader_found.FoundResponseAct
) -> intake_drafts.ActDraft:
    """Return the draft of an act of a response, with its suggestion."""
    return intake_drafts.ActDraft(
        act=intake_drafts.Suggestion(
            key=f"s{found_act.quote.start}-{found_act.kind}",
            kind=SuggestionKind.ACT,
            code=found_act.kind.value,
            value=found_act.quote.text,
            passage=found_act.quote,
            score=found_act.score,
            reason=intake_drafts.act_reason(found_act),
            is_strong=intake_drafts.is_strong_suggestion(
                SuggestionKind.ACT, found_act.kind.value, score=found_act.score
            ),
        ),
        kind=found_act.kind,
        is_direct_quote=found_act.is_direct,
        is_by_law_enforcement=found_act.kind.value.startswith(INVESTIGATION_ACT_PREFIX)
        and body_names.mentions_unspecified_police(
            article_text.language, _sentence_of_act(article_text, found_act).sentence.text
        ),
    )


def _sentence_of_act(article_text: ArticleText, found_act: reader_found.FoundResponseAct) -> Line:
    """Return the sentence of the article that reports an act."""
    return article_text.lines[found_act.quote.sentence_number - 1]


def positions_of_mentioned_incidents(
    article: ArticleText,
    groups: Sequence[IncidentGroup],
    acts: Iterable[reader_found.FoundAct],
    sentence_numbers: Collection[int],
) -> list[int]:
    """Return the positions in `groups` of the incidents that a response is about: the only one;
    else those with a class of acts (first part of the type) that its sentences report; else those
    reported last before it in the paragraph. `sentence_numbers`: the sentences of the response;
    `acts`: all acts of the article.
    """
    if len(groups) == 1:
        return [0]
    kinds = {
        act.code.partition(".")[0]
        for act in acts
        if act.passage.sentence_number in sentence_numbers
    }
    alike = [
        place
        for place, group in enumerate(groups)
        if not kinds.isdisjoint(code.partition(".")[0] for code in group.incident_types)
    ]
    if alike:
        return alike
    beside: set[int] = set()
    for number in sentence_numbers:
        line = article.lines[number - 1]
        before = [
            (earlier, place)
            for place, group in enumerate(groups)
            for earlier in group.sentence_numbers
            if earlier <= number and article.lines[earlier - 1].paragraph == line.paragraph
        ]
        last = max((earlier for earlier, _place in before), default=0)
        beside |= {place for earlier, place in before if earlier == last}
    return sorted(beside)
