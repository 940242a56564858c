"""The type and the stance of what an authority said or did in response.

What the authority did to the journalist is an incident, not a response.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from tracker.reader.acts.finding import MIN_BACKGROUND_AGE_YEARS
from tracker.reader.acts.objects import mentions_case_about_harm
from tracker.reader.answers.conversation import (
    QUOTE_PLACEHOLDER,
    ResolvedSentence,
    expand_placeholders,
    find_verb_subject,
)
from tracker.reader.answers.speakers import OFFICIAL, OTHER, PRONOUN, TARGET, SpeakerMention
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.targets.finding import TargetingResult
from tracker.reader.text import YEAR_PATTERN, Word
from tracker.responses.codes import ActType, Stance

# Values of `by` in `responses.toml`, for what must be in the sentence with a phrase: words that an
# authority says; an authority as its subject; an authority or nobody as its subject; and nothing.
SPEECH_RULE, OFFICIAL_ACT_RULE, IMPERSONAL_RULE, ANYONE_RULE = (
    "speech",
    "official",
    "impersonal",
    "anyone",
)
# Headings of `responses.toml` that are not types of acts: word lists ("lists"), words that show a
# stance ("stances"), words that show against whom a measure is ("direction"), and words that decide
# whether a sentence counts as a response ("gates").
SECTIONS_WITHOUT_ACTS = ("lists", "stances", "direction", "gates")
# The types of acts that have phrases in `responses.toml`, and statements, from the most specific to
# the least. Of several acts in one clause, the most specific one counts.
ACT_ORDER = (
    ActType.NO_COMMENT, ActType.NO_REPLY, ActType.MEASURE_REVERSED, ActType.DISCIPLINARY,
    ActType.INVESTIGATION_SUSPENDED, ActType.INVESTIGATION_CLOSED, ActType.INVESTIGATION_REFUSED,
    ActType.VERDICT, ActType.TRIAL, ActType.CHARGE, ActType.ARREST, ActType.SUSPECT,
    ActType.PROTECTION_GIVEN, ActType.PROTECTION_OFFERED, ActType.INVESTIGATION_OPENED,
    ActType.TAKEDOWN, ActType.BLOCKED, ActType.BLOCKING_ORDERED, ActType.COMPLAINT_REGISTERED,
    ActType.REFERRAL, ActType.APOLOGY, ActType.DENIAL, ActType.INVESTIGATION_ANNOUNCED,
    ActType.CONDEMNATION, ActType.PLEDGE, ActType.INFORMATION_REQUEST, ActType.ACKNOWLEDGEMENT,
    ActType.FORMAL_REPLY, ActType.STATEMENT,
)  # fmt: skip
# Types of acts that are more than words. If "not" or "will" is in the phrase, the measure was not
# taken. Types such as silence or a refusal are left out: "did not reply" is silence, too.
ACTUAL_MEASURES = frozenset(ACT_ORDER[: ACT_ORDER.index(ActType.REFERRAL)]) - {
    ActType.NO_COMMENT, ActType.NO_REPLY, ActType.INVESTIGATION_REFUSED,
    ActType.INVESTIGATION_SUSPENDED,
}  # fmt: skip
# Measures against somebody; against the journalist they are not a response.
ACTS_AGAINST_SOMEBODY = frozenset({
    ActType.INVESTIGATION_OPENED, ActType.INVESTIGATION_ANNOUNCED, ActType.SUSPECT, ActType.ARREST,
    ActType.CHARGE, ActType.TRIAL, ActType.VERDICT,
})  # fmt: skip
# If words show several stances, or if as many acts have one stance as another, the stance that is
# first in this order counts.
STANCE_ORDER = (
    Stance.THREATENS, Stance.BLAMES_TARGET, Stance.CONDEMNS,
    Stance.ACKNOWLEDGES_DENIES_RESPONSIBILITY, Stance.DENIES, Stance.ALTERNATIVE_EXPLANATION,
    Stance.DEFLECTS, Stance.ACKNOWLEDGES, Stance.PROCEDURAL, Stance.UNCLEAR,
)  # fmt: skip
# Types of acts that only a body of the state concerned can do. An apology or denial by a foreign
# body is only a statement.
ACTS_OF_OWN_STATE = frozenset(
    {ActType.APOLOGY, ActType.DENIAL, ActType.PLEDGE, ActType.DISCIPLINARY}
)
# A year of birth, which dates no event.
BIRTH_YEAR_PATTERN = re.compile(
    r"\b(?:19|20)\d\d(?:\s(?:жылы\s|жылғы\s)?туған|\s(?:года|г\.)\s?р(?:ождения|\.))"
    r"|\bborn\s(?:in|on)\s(?:\w+\s){0,2}(?:19|20)\d\d|\bродивш\w+\sв\s(?:19|20)\d\d"
)
# A sentence with "earlier" among this many first words is about past events.
EARLIER_WORD_REACH = 4
# Words such as "demanded" or "if" make an act unreal up to this many words before it.
UNREAL_CUE_REACH_WORDS = 6
# The end of a clause, which no phrase spans: "the passport: an officer returned".
CLAUSE_END_PATTERN = re.compile(r"[:;]|[.!?…]\s|, (?:а|но|and|but|ал|бірақ)\b")
# Proceedings against the journalist: if an article has them, a bare "charged" may be one.
MEASURES_AGAINST_TARGET = frozenset({
    "legal.criminal", "legal.administrative", "legal.detention", "legal.civil", "legal.slapp",
})  # fmt: skip
# Types of acts against suspects: a person whom they name is not the journalist, unless the sentence
# has words for the journalist.
ACTS_NAMING_SUSPECTS = frozenset({ActType.INVESTIGATION_ANNOUNCED, ActType.ARREST, ActType.SUSPECT})
# Acts that name a defendant; a journalist named with such an act is the defendant.
COURT_ACTS = frozenset({ActType.CHARGE, ActType.TRIAL, ActType.VERDICT})
# Types of acts that are not a response if the journalist's own content was blocked.
BLOCKING_RESPONSES = frozenset({ActType.BLOCKED, ActType.TAKEDOWN, ActType.BLOCKING_ORDERED})
# Types of incidents in which the journalist's own content is blocked.
CENSORSHIP_ACTS = frozenset(
    {"censorship.blocking", "censorship.removal", "harassment.mass_reporting"}
)
# Words that show that an act is still to come.
FUTURE_WORDS = frozenset({"will", "would", "shall", "будет", "будут"})
# Endings of Kazakh participles, which describe the next word.
PARTICIPLE_PATTERN = re.compile("(?:ған|ген|қан|кен)$")
# Words before which a Kazakh participle is a verb.
FINITE_KAZAKH_WORDS = frozenset({"екен", "еді", "болатын", "деп", "деді", "дейді", "деген"})
# Words that show that an act did not happen.
NEGATION_WORDS = frozenset({"no", "not", "never", "не", "нет", "ни", "жоқ", "емес"})


def find_response_acts(
    language: str, sentence: ResolvedSentence, targeting: TargetingResult
) -> list[ResponseMatch]:
    """Return the response acts that a sentence reports outside of quotations. The words at which a
    match begins and ends are counted in `sentence.view`.
    """
    view = sentence.view
    plain = [
        word for word in view.line.words
        if not any(span.start <= word.start < span.end for span in view.direct_speech)
    ]  # fmt: skip
    found = set(match_acts(language, view.words))
    starts = [word.start for word in view.words]
    for hit in match_acts(language, plain):
        first = _word_position(starts, plain[hit.first].start)
        end = _word_position(starts, plain[hit.end - 1].start) + 1
        if end - first > 1 or view.words[first].folded != QUOTE_PLACEHOLDER:
            found.add(ResponseMatch(hit.rule, first, end))
    whole = [hit for hit in found if not CLAUSE_END_PATTERN.search(_matched_text(sentence, hit))]
    return sorted(
        (
            reclassify_closed_case(language, sentence.view.words, hit, targeting)
            for hit in whole
            if _meets_conditions(language, sentence, hit, targeting)
        ),
        key=lambda one: (one.first, one.end, one.rule.kind.value),
    )


def find_acts_in_quote(
    language: str, words: Sequence[Word], targeting: TargetingResult
) -> list[ResponseMatch]:
    """Return the response acts that an authority's own words (`words`) express."""
    return [
        reclassify_closed_case(language, words, hit, targeting)
        for hit in match_acts(language, words)
        if hit.rule.required_context != OFFICIAL_ACT_RULE
        and not hit.rule.needs_official
        and not (hit.rule.kind in ACTUAL_MEASURES and _is_negated_or_future(language, words, hit))
        and (
            hit.rule.kind not in ACTS_AGAINST_SOMEBODY
            or _is_against_others(language, words, hit, targeting)
        )
    ]


def reclassify_closed_case(
    language: str, words: Sequence[Word], match: ResponseMatch, targeting: TargetingResult
) -> ResponseMatch:
    """Return a match as a measure withdrawn, if a case against the journalist was closed."""
    if match.rule.kind not in {ActType.INVESTIGATION_CLOSED, ActType.INVESTIGATION_REFUSED}:
        return match
    labels = headings_matching(language, "direction", words)
    is_hers = "target" in labels or "perpetrator" not in labels
    if (
        is_hers
        and _is_journalist_prosecuted(targeting)
        and (match.rule.kind == ActType.INVESTIGATION_CLOSED or "target" in labels)
    ):
        rule = match.rule._replace(kind=ActType.MEASURE_REVERSED, stance=Stance.ACKNOWLEDGES)
        return match._replace(rule=rule)
    return match


def is_about_past(language: str, sentence: ResolvedSentence, newest_year: int) -> bool:
    """Return whether a sentence is about past events: it has a word such as "earlier" at its start,
    or its years are all at least `MIN_BACKGROUND_AGE_YEARS` before `newest_year`.
    """
    if "earlier" in headings_matching(
        language, "gates", sentence.view.line.words[:EARLIER_WORD_REACH]
    ):
        return True
    text = BIRTH_YEAR_PATTERN.sub(" ", sentence.view.line.sentence.text)
    years = [int(year) for year in YEAR_PATTERN.findall(text)]
    return bool(years) and max(years) <= newest_year - MIN_BACKGROUND_AGE_YEARS


def speaker_of_act(sentence: ResolvedSentence, match: ResponseMatch) -> SpeakerMention | None:
    """Return the authority whose reported words contain an act, or None."""
    saying_verbs = [
        (verb, mention) for verb, mention in sentence.saying_verbs if mention is not None
    ]
    if not saying_verbs:
        return None
    _verb, mention = min(
        saying_verbs, key=lambda one: _count_words_between(one[0].first, one[0].end, match)
    )
    return mention if mention.category == OFFICIAL else None


def actor_of_act(
    language: str, sentence: ResolvedSentence, match: ResponseMatch
) -> SpeakerMention | None:
    """Return the person or body that does an act, the subject of its verb in the sentence, or
    None.
    """
    # In Russian, bodies also act in the locative case: «в акимате отказались».
    allows_place = language == "ru"
    mention = find_verb_subject(
        sentence.view, language, match.first, match.end, allows_place=allows_place
    )
    if mention is None and allows_place:
        # «От комментариев в полиции отказались».
        inside = [one for k, one in sentence.view.mentions.items() if match.first <= k < match.end]
        mention = next((one for one in inside if one.category == OFFICIAL), None)
    return sentence.complete_name(sentence.resolve(mention))


def _meets_conditions(
    language: str, sentence: ResolvedSentence, match: ResponseMatch, targeting: TargetingResult
) -> bool:
    """Return whether a match meets the conditions of its entry in `responses.toml`."""
    rule, words = match.rule, sentence.view.words
    if rule.required_context == SPEECH_RULE:
        return speaker_of_act(sentence, match) is not None
    is_undone = rule.kind in ACTUAL_MEASURES and _is_negated_or_future(language, words, match)
    is_silent = rule.kind in {ActType.NO_REPLY, ActType.NO_COMMENT}
    if is_undone or (not is_silent and _is_unreal(language, sentence, match)):
        return False
    if rule.kind is ActType.INVESTIGATION_OPENED and mentions_case_about_harm(language, words):
        # "A case over the threats to the reporter was opened": a named person opened nothing.
        return True
    doer = actor_of_act(language, sentence, match)
    if not _can_be_done_by(sentence, match, doer) or (
        rule.kind in BLOCKING_RESPONSES and _is_blocking_of_journalist(sentence, targeting)
    ):
        return False
    if rule.kind == ActType.COMPLAINT_REGISTERED:
        return "suit" not in headings_matching(language, "gates", words)
    return rule.kind not in ACTS_AGAINST_SOMEBODY or (
        _is_done_to_another(language, sentence, match, doer)
        and _is_against_others(language, words, match, targeting)
    )


def _can_be_done_by(
    sentence: ResolvedSentence, match: ResponseMatch, actor: SpeakerMention | None
) -> bool:
    """Return whether `actor`, the subject of the words of a match (None if unknown), can do the
    act, as the entry in `responses.toml` requires (`ResponseRule.required_context`).
    """
    if match.rule.required_context == OFFICIAL_ACT_RULE:
        return actor is not None and actor.category == OFFICIAL
    if (
        match.rule.required_context == IMPERSONAL_RULE
        and actor is not None
        and actor.category in (TARGET, OTHER)
    ):
        return False
    return not match.rule.needs_official or sentence.nearest_authority is not None


def _is_done_to_another(
    language: str, sentence: ResolvedSentence, match: ResponseMatch, actor: SpeakerMention | None
) -> bool:
    """Return whether the person who is charged, held or tried is not the journalist. `actor`: the
    subject of the words of the match, such as "she" in "she was charged".
    """
    if (
        match.rule.required_context != ANYONE_RULE
        or match.rule.kind == ActType.INVESTIGATION_ANNOUNCED
    ):
        return True
    is_hers = actor is not None and actor.category in (TARGET, PRONOUN)
    if match.rule.kind in COURT_ACTS:
        is_hers |= any(
            one.category == TARGET and one.name for one in sentence.view.mentions.values()
        )
    return not is_hers or "perpetrator" in headings_matching(
        language, "direction", sentence.view.words
    )


def _is_negated_or_future(language: str, words: Sequence[Word], match: ResponseMatch) -> bool:
    """Return whether a match has "not" or "will", or in Kazakh only describes the next word."""
    if any(word.folded in NEGATION_WORDS | FUTURE_WORDS for word in words[match.first : match.end]):
        return True
    if language != "kk" or match.end >= len(words):
        return False
    last, after = words[match.end - 1], words[match.end]
    is_participle = (
        PARTICIPLE_PATTERN.search(last.folded) is not None
        and after.folded not in FINITE_KAZAKH_WORDS
    )
    return after.folded in NEGATION_WORDS or (is_participle and after.start - last.end == 1)


def _is_blocking_of_journalist(sentence: ResolvedSentence, targeting: TargetingResult) -> bool:
    """Return whether a sentence is about the blocking of the journalist's own content."""
    line = sentence.view.line.sentence
    return any(
        act.code in CENSORSHIP_ACTS and line.start <= act.passage.start < line.end
        for act in targeting.acts
    )


def _is_unreal(language: str, sentence: ResolvedSentence, match: ResponseMatch) -> bool:
    """Return whether words before a match make the act requested or supposed."""
    words = sentence.view.words[max(0, match.first - UNREAL_CUE_REACH_WORDS) : match.first]
    return "unreal" in headings_matching(language, "gates", words)


def _is_against_others(
    language: str, words: Sequence[Word], match: ResponseMatch, targeting: TargetingResult
) -> bool:
    """Return whether a measure is directed against somebody other than the journalist."""
    labels = headings_matching(language, "direction", words)
    # "One man, born in 1998, was arrested; he faces three years."
    names_others = "perpetrator" in labels and match.rule.kind is ActType.ARREST
    if mentions_case_about_harm(language, words):
        return True
    if "target" in labels and not names_others:
        return False
    if "perpetrator" in labels or match.rule.kind in ACTS_NAMING_SUSPECTS:
        return True
    return not _is_journalist_prosecuted(targeting)


def _is_journalist_prosecuted(targeting: TargetingResult) -> bool:
    """Return whether the article reports proceedings against the journalist."""
    return any(act.code in MEASURES_AGAINST_TARGET for act in targeting.acts)


def _word_position(word_starts: list[int], offset: int) -> int:
    """Return the position of the word that contains an offset. `word_starts`: the offset at which
    each word begins.
    """
    return max((k for k, one in enumerate(word_starts) if one <= offset), default=0)


def _matched_text(sentence: ResolvedSentence, match: ResponseMatch) -> str:
    """Return the text from the first to the last word of a match."""
    view, start = sentence.view, sentence.view.line.sentence.start
    return view.line.sentence.text[
        view.words[match.first].start - start : view.words[match.end - 1].end - start
    ]


def _count_words_between(first: int, end: int, match: ResponseMatch) -> int:
    """Return the number of words between the words `first` up to `end` and a match."""
    return match.first - end if first < match.first else first - match.end


class ResponseRule(NamedTuple):
    """An entry of `responses.toml`: the type (`kind`) and stance of the act that its phrases
    report, what must be in the sentence beside the phrase (`required_context`, a constant such as
    `SPEECH_RULE`), and whether an authority must be mentioned there or shortly before
    (`needs_official`).
    """

    kind: ActType
    required_context: str
    stance: Stance
    needs_official: bool


class ResponseMatch(NamedTuple):
    """An entry of `responses.toml` whose phrase is at words `first` up to but not `end`."""

    rule: ResponseRule
    first: int
    end: int


@cache
def _load_act_phrases(language: str) -> Phrases:
    """Return the phrases of a language for acts of response, labelled with `ResponseRule`."""
    data = load_lexicon(language, "responses")
    lists = data.get("lists", {})
    rows: list[tuple[str, ResponseRule]] = []
    for kind, entries in data.items():
        if kind in SECTIONS_WITHOUT_ACTS:
            continue
        for entry in entries:
            rule = ResponseRule(
                ActType(kind), entry["by"], Stance(entry["stance"]), bool(entry.get("needs"))
            )
            rows += [(expand_placeholders(one, lists), rule) for one in entry["phrases"]]
    return Phrases(rows)


@cache
def load_labelled_phrases(language: str, section: str) -> Phrases:
    """Return the phrases of a section of `responses.toml`, labelled by their headings."""
    data: dict[str, Any] = load_lexicon(language, "responses")
    lists = data.get("lists", {})
    return Phrases(
        (expand_placeholders(one, lists), label)
        for label, phrases in data.get(section, {}).items()
        for one in phrases
    )


def match_acts(language: str, words: Sequence[Word]) -> list[ResponseMatch]:
    """Return every act of response whose phrase is in a sentence, from left to right."""
    return [ResponseMatch(*one) for one in _load_act_phrases(language).find(words)]


def fallback_kind(language: str, words: Sequence[Word]) -> ActType:
    """Return the act type of words without a known phrase: denial with a "not", else statement."""
    endings = load_lexicon(language, "speakers").get("speech", {}).get("negated")
    is_negative = "negation" in headings_matching(language, "gates", words) or (
        endings is not None and any(re.search(endings, word.folded) for word in words)
    )
    return ActType.DENIAL if is_negative else ActType.STATEMENT


def downgrade_foreign_act(kind: ActType, body_kind: str) -> ActType:
    """Return `kind`, but `STATEMENT` if it is a type of `ACTS_OF_OWN_STATE`, such as an apology,
    and the act is by a foreign body. `body_kind`: the kind of body in `speakers.toml`, such as
    "foreign".
    """
    is_outside = body_kind in ("foreign", "intergovernmental")
    return ActType.STATEMENT if is_outside and kind in ACTS_OF_OWN_STATE else kind


def headings_matching(language: str, section: str, words: Sequence[Word]) -> set[str]:
    """Return the headings in a section of `responses.toml` under which there is a phrase that
    occurs in the words.
    """
    return {one.label for one in load_labelled_phrases(language, section).find(words)}


def most_specific_match(matches: Iterable[ResponseMatch]) -> ResponseMatch | None:
    """Return the most specific match, measures before words, or None."""
    return min(matches, key=_specificity_key, default=None)


def _specificity_key(match: ResponseMatch) -> tuple[int, int, int]:
    """Return a sort key that puts the most specific match first."""
    order, length = ACT_ORDER.index(match.rule.kind), match.end - match.first
    if order < ACT_ORDER.index(ActType.REFERRAL):
        return 0, order, -length
    if order < ACT_ORDER.index(ActType.FORMAL_REPLY):
        return 1, -length, order
    return 2, order, -length


def stance_of_act(
    language: str, kind: ActType, phrase_stance: Stance, words: Sequence[Word]
) -> Stance:
    """Return the stance of an act: the one that the words show, else the one that `responses.toml`
    gives for the phrase of the act (`phrase_stance`).
    """
    if kind in {ActType.NO_COMMENT, ActType.NO_REPLY, ActType.APOLOGY, ActType.MEASURE_REVERSED}:
        return phrase_stance
    found = headings_matching(language, "stances", words)
    known = next((one for one in STANCE_ORDER if one.value in found), None)
    if known is None or (phrase_stance == Stance.CONDEMNS and known != Stance.BLAMES_TARGET):
        return phrase_stance
    return known


def primary_stance(stances: Iterable[Stance]) -> Stance:
    """Return one stance for a response with several acts: the stance that most acts have, or mixed
    if as many acts condemn as deny.
    """
    telling = Counter(one for one in stances if one not in {Stance.UNCLEAR, Stance.PROCEDURAL})
    if not telling:
        return Stance.PROCEDURAL if Stance.PROCEDURAL in set(stances) else Stance.UNCLEAR
    (first, most), *others = telling.most_common()
    if (
        others
        and others[0][1] == most
        and {first, others[0][0]} >= {Stance.CONDEMNS, Stance.DENIES}
    ):
        return Stance.MIXED
    return min((one for one, count in telling.items() if count == most), key=STANCE_ORDER.index)
