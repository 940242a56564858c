"""The official responses of an article: who responded, in which words, how and when.

Acts of one authority on one occasion are one response.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from tracker.reader import found as reader_found
from tracker.reader.answers import stances
from tracker.reader.answers.conversation import Conversation, ResolvedSentence, SayingVerb
from tracker.reader.answers.speakers import (
    BYSTANDER_KIND,
    OFFICIAL,
    TARGET,
    SpeakerIndex,
    SpeakerMention,
)
from tracker.reader.answers.speech import find_direct_speech, institution_of_speaker
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.targets.finding import TargetingResult
from tracker.reader.text import ArticleText, Line, Word
from tracker.responses.codes import ActType, Stance, Standing

# The most characters between words that only announce a quotation ("The police denied it:") and the
# quotation.
MAX_ANNOUNCEMENT_GAP_CHARACTERS = 4
# In what capacity a body of one of these kinds answers. A body of any other kind answers as an
# authority of the responsible state.
STANDING_OF_KIND = {
    "foreign": Standing.OTHER_STATE,
    "intergovernmental": Standing.INTERGOVERNMENTAL,
    "platform": Standing.PLATFORM,
}
# The most words between a date and the verb that it belongs to; the most before a date that opens a
# sentence ("In a statement on 11 November, the ministry said"); and between that date and its verb.
DATE_VERB_REACH, OPENING_DATE_WORDS, OPENING_DATE_REACH = 3, 4, 12
# The beginning of another clause, beyond which a date does not belong to a verb.
CLAUSE_START_PATTERN = re.compile(
    r"[;:—–()«»“”\"]|\b(?:that|which|who|when|after|before|where|because|while|but|"
    r"что|котор\w+|когда|после|где|но|деп|екенін)\b",
    re.IGNORECASE,
)
# A date and a verb with a comma between them do not belong together, unless the date opens the
# sentence.
COMMA = ","
# If a quotation of an authority has fewer words, it is an act of response only if it contains a
# phrase of `responses.toml`, or the rest of its sentence does. The words of the act are then the
# whole sentence.
MIN_QUOTED_WORDS = 4
# The most acts that one sentence reports in its own words.
MAX_ACTS_PER_SENTENCE = 2
# A response without a known phrase, or in a quotation, is at most this many sentences away from a
# sentence about the journalist or the incident.
INCIDENT_REACH_SENTENCES = 2
# The fewest words of a statement beside speaker and verb: without "that", with it, and of a foreign
# body.
MIN_STATEMENT_WORDS, MIN_WORDS_AFTER_THAT, MIN_FOREIGN_STATEMENT_WORDS = 5, 3, 2
# Words for "that". A sentence with such a word is a statement from `MIN_WORDS_AFTER_THAT` words on,
# beside speaker and verb; without one, from `MIN_STATEMENT_WORDS` words on.
CONJUNCTIONS_OF_REPORTED_SPEECH = frozenset({"that", "что", "будто", "деп", "екенін"})
# Capacities (see `STANDING_OF_KIND`) of foreign bodies, for which even "called" is a statement.
FOREIGN_STANDINGS = frozenset({Standing.OTHER_STATE, Standing.INTERGOVERNMENTAL})
# Types of incidents that consist of words of officials. A sentence that repeats these words is not
# a response.
HOSTILE_STATEMENT_TYPES = frozenset({"smear.official", "threat.legal", "censorship.pressure"})
# What separates the clauses of a sentence, each of which may report an act.
CLAUSE_BREAK_REGEXES = {
    "en": r"[;:]|,? (?:and|but|while|though|although|whereas|adding|however)(?= )|, ",
    "ru": r"[;:]|, (?:а|но|и|однако|добавив|хотя|при этом)(?= )| и (?=\w+(?:л|ла|ли|ло|ют|ет)\b)",
    "kk": r"[;:]|, (?:ал|бірақ|алайда|сондай-ақ)(?= )|(?<=ып),? |(?<=іп),? ",
}


def find_responses(
    article: ArticleText, people: list[reader_found.FoundPerson], targeting: TargetingResult
) -> list[reader_found.FoundResponse]:
    """Return the official responses in an article, in order; none if `targeting` says that the
    article reports no incident. `people`: everybody whom the article names.
    """
    if not targeting.is_incident:
        return []
    spans = find_direct_speech(article)
    speakers = SpeakerIndex(article, people, targeting)
    conversation = Conversation(article, speakers, spans)
    finder = _ResponseFinder(article, speakers, conversation, targeting)
    drafts = [
        draft
        for position in range(len(conversation.sentences))
        for draft in finder.draft_acts(position)
    ]
    return group_by_authority(article, remove_redundant_drafts(drafts))


class _ResponseFinder:
    """The search for what authorities said and did in response, sentence by sentence."""

    def __init__(
        self,
        article: ArticleText,
        speakers: SpeakerIndex,
        conversation: Conversation,
        targeting: TargetingResult,
    ) -> None:
        self.article, self.speakers, self.conversation, self.targeting = (
            article,
            speakers,
            conversation,
            targeting,
        )
        self.language = article.language.value
        self.newest_year = article.newest_year
        about = [self._is_about_incident(sentence) for sentence in conversation.sentences]
        self.is_near_target = [
            any(
                about[
                    max(0, position - INCIDENT_REACH_SENTENCES) : position
                    + INCIDENT_REACH_SENTENCES
                    + 1
                ]
            )
            for position in range(len(about))
        ]

    def draft_acts(self, position: int) -> list[ResponseActDraft]:
        """Return the acts of response in a sentence; `position`: its index among the sentences."""
        sentence = self.conversation.sentences[position]
        if self.speakers.is_headline(sentence.view.line) or stances.is_about_past(
            self.language, sentence, self.newest_year
        ):
            return []
        hits = stances.find_response_acts(self.language, sentence, self.targeting)
        found: list[ResponseActDraft] = []
        for spoken in sentence.quotes:
            if (
                spoken.speaker is not None
                and spoken.speaker.category == OFFICIAL
                and self.is_near_target[position]
            ):
                found += self._quoted_acts(
                    sentence, spoken.span.start, spoken.span.end, spoken.speaker, hits
                )
        found += self._reported_acts(position, hits, is_quoted=bool(found))
        words = sentence.view.words
        verbs: list[SayingVerb | stances.ResponseMatch] = [
            *(verb for verb, _mark in sentence.saying_verbs),
            *hits,
        ]
        reporting_verb_spans = [
            (words[one.first].start, words[one.end - 1].end) for one in verbs if _covers_words(one)
        ]
        return [draft._replace(reporting_verb_spans=tuple(reporting_verb_spans)) for draft in found]

    def _is_about_incident(self, sentence: ResolvedSentence) -> bool:
        """Return whether a sentence is about the journalist or the incident."""
        line = sentence.view.line.sentence
        return (
            any(mention.category == TARGET for mention in sentence.view.mentions.values())
            or any(line.start <= act.passage.start < line.end for act in self.targeting.acts)
            or "about"
            in stances.headings_matching(self.language, "gates", sentence.view.line.words)
        )

    def _quoted_acts(
        self,
        sentence: ResolvedSentence,
        start: int,
        end: int,
        mention: SpeakerMention,
        matches: list[stances.ResponseMatch],
    ) -> list[ResponseActDraft]:
        """Return the act that an authority's quotation from offset `start` to `end` expresses, as a
        list of one, or [] if it expresses none. `mention`: the authority; `matches`: the phrases of
        response acts in the sentence outside of quotations.
        """
        words = [word for word in sentence.view.line.words if start <= word.start < end]
        hit = stances.most_specific_match(
            stances.find_acts_in_quote(self.language, words, self.targeting)
        ) or stances.most_specific_match(
            one for one in matches if one.rule.required_context == stances.OFFICIAL_ACT_RULE
        )
        if hit is None and len(words) < MIN_QUOTED_WORDS:
            return []
        if hit is None and (
            (mention.kind == BYSTANDER_KIND and not mention.name) or self._is_hostile(sentence)
        ):
            return []
        kind = stances.downgrade_foreign_act(
            hit.rule.kind if hit else stances.fallback_kind(self.language, words), mention.kind
        )
        stance = stances.stance_of_act(
            self.language, kind, hit.rule.stance if hit else Stance.UNCLEAR, words
        )
        last = max(words[-1].end, start + len(self.article.text[start:end].rstrip(" ,;—–-")))
        quote_start = next(
            (one.start for one in self.conversation.spans if one.start <= start < one.end), start
        )
        first = words[0].start
        if len(words) < MIN_QUOTED_WORDS:
            # Two words mean too little without their speaker.
            first, last = sentence.view.line.sentence.start, sentence.view.line.sentence.end
        return [ResponseActDraft(kind, first, last, quote_start, stance, mention, 0.8, "quoted")]

    def _reported_acts(
        self, position: int, matches: list[stances.ResponseMatch], *, is_quoted: bool
    ) -> list[ResponseActDraft]:
        """Return the acts that a sentence reports in its own words, outside of quotations.
        `position`: the index of the sentence; `matches`: the phrases of response acts in it;
        `is_quoted`: whether a quotation in the sentence is an act already.
        """
        sentence = self.conversation.sentences[position]
        if is_quoted:
            matches = [
                hit
                for hit in matches
                if hit.rule.required_context in (stances.ANYONE_RULE, stances.IMPERSONAL_RULE)
            ]
        chosen = self._best_matches(sentence, matches)
        if chosen:
            return [
                self._draft_reported_act(sentence, hit, is_only=len(chosen) == 1) for hit in chosen
            ]
        mention = next(
            (one for verb, one in sentence.saying_verbs if _is_statement_by_itself(verb, one)), None
        )
        if (
            is_quoted
            or mention is None
            or not self.is_near_target[position]
            or not self._is_statement(sentence)
        ):
            return []
        line, words = sentence.view.line.sentence, sentence.view.line.words
        kind = stances.downgrade_foreign_act(
            stances.fallback_kind(self.language, words), mention.kind
        )
        stance = stances.stance_of_act(self.language, kind, Stance.UNCLEAR, words)
        start, end = self._embedded_quote(sentence, line.start, line.end) or (line.start, line.end)
        quote_start = start if start > line.start else -1
        return [ResponseActDraft(kind, start, end, quote_start, stance, mention, 0.5, "reported")]

    def _is_statement(self, sentence: ResolvedSentence) -> bool:
        """Return whether a sentence reports a statement, not an order or a repeated insult."""
        line = sentence.view.line.sentence
        is_outside = any(
            mention and STANDING_OF_KIND.get(mention.kind) in FOREIGN_STANDINGS
            for _c, mention in sentence.saying_verbs
        )
        is_led = any(verb.introduces_source for verb, _mark in sentence.saying_verbs)
        is_led |= any(
            word.folded in CONJUNCTIONS_OF_REPORTED_SPEECH for word in sentence.view.words
        )
        # Kazakh needs three words for what takes five elsewhere.
        needed = MIN_WORDS_AFTER_THAT if is_led or self.language == "kk" else MIN_STATEMENT_WORDS
        needed = MIN_FOREIGN_STATEMENT_WORDS if is_outside else needed
        used = {k for verb, _mark in sentence.saying_verbs for k in range(verb.first, verb.end)}
        speakers = {mention for _verb, mention in sentence.saying_verbs}
        used |= {k for k, mention in sentence.view.mentions.items() if mention in speakers}
        return (
            not self._is_hostile(sentence)
            and not line.text.rstrip().endswith(":")
            and len(sentence.view.words) - len(used) >= needed
            and "order"
            not in stances.headings_matching(self.language, "gates", sentence.view.words)
        )

    def _is_hostile(self, sentence: ResolvedSentence) -> bool:
        """Return whether a sentence repeats the insult or threat that is the incident."""
        line = sentence.view.line.sentence
        return any(
            act.code in HOSTILE_STATEMENT_TYPES and line.start <= act.passage.start < line.end
            for act in self.targeting.acts
        )

    def _best_matches(
        self, sentence: ResolvedSentence, matches: list[stances.ResponseMatch]
    ) -> list[stances.ResponseMatch]:
        """Return the most specific of the `matches` in each clause, at most
        `MAX_ACTS_PER_SENTENCE`, in order.
        """
        clauses: dict[tuple[int, int], list[stances.ResponseMatch]] = {}
        for hit in matches:
            clauses.setdefault(self._clause_bounds(sentence, hit), []).append(hit)
        kinds: dict[ActType, stances.ResponseMatch] = {}
        for one in map(stances.most_specific_match, clauses.values()):
            if one is not None:
                kinds.setdefault(one.rule.kind, one)
        ranked = sorted(kinds.values(), key=lambda one: stances.ACT_ORDER.index(one.rule.kind))[
            :MAX_ACTS_PER_SENTENCE
        ]
        return sorted(ranked, key=lambda one: one.first)

    def _clause_bounds(
        self, sentence: ResolvedSentence, match: stances.ResponseMatch
    ) -> tuple[int, int]:
        """Return the start and end offset of the clause that contains the words of an act."""
        line = sentence.view.line.sentence
        first, last = sentence.view.words[match.first].start, sentence.view.words[match.end - 1].end
        start, end = line.start, line.end
        for one in re.finditer(CLAUSE_BREAK_REGEXES[self.language], line.text):
            if line.start + one.end() <= first:
                start = line.start + one.end()
            elif line.start + one.start() >= last:
                end = line.start + one.start()
                break
        return start + len(self.article.text[start:end]) - len(
            self.article.text[start:end].lstrip()
        ), end

    def _draft_reported_act(
        self, sentence: ResolvedSentence, match: stances.ResponseMatch, *, is_only: bool
    ) -> ResponseActDraft:
        """Return the draft of an act that a sentence reports in its own words. `is_only`: whether
        the sentence reports no other act, so that the draft covers all of it; else it covers only
        the clause of the act.
        """
        line = sentence.view.line.sentence
        start, end = (line.start, line.end) if is_only else self._clause_bounds(sentence, match)
        # If an authority reports that others are investigating, the response is that of the
        # authority.
        mention = stances.speaker_of_act(sentence, match)
        if mention is None:
            doer = stances.actor_of_act(self.language, sentence, match)
            mention = (
                doer
                if doer is not None and doer.category == OFFICIAL
                else sentence.nearest_authority
            )
        kind = stances.downgrade_foreign_act(match.rule.kind, mention.kind if mention else "")
        stance = stances.stance_of_act(self.language, kind, match.rule.stance, sentence.view.words)
        first, last = sentence.view.words[match.first].start, sentence.view.words[match.end - 1].end
        woven = self._embedded_quote(sentence, first, last)
        if woven is not None:
            start, end = woven if is_only else (max(start, woven[0]), min(end, woven[1]))
        quote_start = start if woven else -1
        return ResponseActDraft(
            kind, start, end, quote_start, stance, mention, 0.6, match.rule.required_context
        )

    def _embedded_quote(
        self, sentence: ResolvedSentence, start: int, end: int
    ) -> tuple[int, int] | None:
        """Return the start and end offset of the longest quotation that contains the text from
        `start` to `end` or lies within this text, or None.
        """
        found = [
            (one.start, one.end)
            for one in sentence.view.embedded_quotes
            if start <= one.start < one.end <= end or one.start <= start < end <= one.end
        ]
        return max(found, key=lambda one: one[1] - one[0], default=None)


def _covers_words(match: SayingVerb | stances.ResponseMatch) -> bool:
    """Return whether a match covers words: the verb of saying that is only a colon ("The police:
    “…”") covers none.
    """
    return match.first < match.end


def _is_statement_by_itself(verb: SayingVerb, mention: SpeakerMention | None) -> bool:
    """Return whether a verb of saying with its speaker is a statement by itself."""
    if (
        mention is None
        or mention.category != OFFICIAL
        or (mention.kind == BYSTANDER_KIND and not mention.name)
    ):
        return False
    return not verb.is_weak or STANDING_OF_KIND.get(mention.kind) in FOREIGN_STANDINGS


class ResponseActDraft(NamedTuple):
    """An act of response at offsets `start` to `end`, before the acts of one authority are put
    together. `quote_start`: the offset at which the quotation with the act begins, -1 if the act is
    in none; `mention`: the authority.
    """

    kind: ActType
    start: int
    end: int
    quote_start: int
    stance: Stance
    mention: SpeakerMention | None
    score: float
    # See `FoundResponseAct.reason`.
    reason: str
    # The start and end offsets of the verbs that report it.
    reporting_verb_spans: tuple[tuple[int, int], ...] = ()


def remove_redundant_drafts(drafts: list[ResponseActDraft]) -> list[ResponseActDraft]:
    """Return the acts without those that add nothing. Of the acts in one quotation, statements are
    left out if there are acts of other types, and all but the first if there are none. Outside of
    quotations, an act that only announces the next one is left out.
    """
    quoted: dict[int, list[ResponseActDraft]] = {}
    for one in drafts:
        quoted.setdefault(one.quote_start, []).append(one)
    kept: list[ResponseActDraft] = []
    for number, draft in enumerate(drafts):
        if draft.quote_start < 0:
            after = drafts[number + 1] if number + 1 < len(drafts) else None
            is_kept = after is None or not _announces_next(draft, after)
        else:
            same = quoted[draft.quote_start]
            is_dull = all(one.kind is ActType.STATEMENT for one in same)
            is_kept = draft is same[0] if is_dull else draft.kind is not ActType.STATEMENT
        if is_kept:
            kept.append(draft)
    return kept


def _announces_next(draft: ResponseActDraft, following: ResponseActDraft) -> bool:
    """Return whether an act only announces the following one, a quotation of the same type and kind
    of speaker: "The police denied it: “…”".
    """
    kinds = [one.mention.kind if one.mention else "" for one in (draft, following)]
    is_same = (
        draft.kind == following.kind
        and kinds[0] == kinds[1]
        and draft.reason == stances.OFFICIAL_ACT_RULE
    )
    return (
        is_same
        and following.quote_start >= 0
        and 0 <= following.start - draft.end <= MAX_ANNOUNCEMENT_GAP_CHARACTERS
    )


def group_by_authority(
    article: ArticleText, drafts: list[ResponseActDraft]
) -> list[reader_found.FoundResponse]:
    """Return one response for each authority, with all of its acts. Two bodies of the same kind in
    two countries are two authorities. A body without a country is taken for the body of its kind
    that was mentioned last.
    """
    language = article.language.value
    found: dict[tuple[str, ...], reader_found.FoundResponse] = {}
    stances_by_key: dict[tuple[str, ...], list[Stance]] = {}
    for draft in drafts:
        mention = draft.mention
        # Two embassies are two, while "the police" and the police department are mostly one.
        key: tuple[str, ...] = ()
        if mention is not None:
            body = mention.body if mention.kind in STANDING_OF_KIND else ""
            key = (mention.name, mention.kind, body)
            key = _response_key_for_country(key, mention.country, found)
        if key not in found:
            found[key] = reader_found.FoundResponse(
                speaker=mention.name if mention else "",
                office=mention.office if mention else "",
                institution=institution_of_speaker(language, mention) if mention else "",
                standing=STANDING_OF_KIND.get(
                    mention.kind if mention else "", Standing.RESPONSIBLE_STATE
                ),
                stance=Stance.UNCLEAR,
                country=mention.country if mention else "",
            )
        passage = article.get_passage(draft.start, draft.end)
        said = reader_found.FoundResponseAct(
            draft.kind, passage, draft.quote_start >= 0, draft.score, draft.reason
        )
        found[key].acts.append(said)
        found[key].reporting_verb_spans += draft.reporting_verb_spans
        stances_by_key.setdefault(key, []).append(draft.stance)
    for key, response in found.items():
        response.stance = stances.primary_stance(stances_by_key[key])
    return list(found.values())


def mark_foreign_authorities(
    responses: list[reader_found.FoundResponse], places: list[reader_found.FoundPlace]
) -> None:
    """Set the `standing` of a response to `OTHER_STATE` if the authority belongs to a country in
    which none of the `places` is. A place that is only named beside an authority does not count.
    """
    elsewhere = {
        (one.country, act.quote.sentence_number)
        for one in responses
        for act in one.acts
        if one.country
    }
    # A country next to the body only says to which country the body belongs.
    home = {
        one.country for one in places if (one.country, one.passage.sentence_number) not in elsewhere
    }
    home.discard("")
    for one in responses:
        is_of_state = one.standing is Standing.RESPONSIBLE_STATE and one.country
        if is_of_state and home and one.country not in home:
            one.standing = Standing.OTHER_STATE


def _response_key_for_country(
    key: tuple[str, ...], country: str, found: dict[tuple[str, ...], reader_found.FoundResponse]
) -> tuple[str, ...]:
    """Return the key in `found` of the last response by the same speaker whose country is
    `country`, or with one of the two countries unknown. Without such a response, return `key` with
    `country` added. A response that had no country gets `country`.

    `key` has the speaker's name, the kind of the body and its name, or nothing if the speaker is
    unknown.
    """
    same = [one for one in reversed(found) if one[: len(key)] == key]
    for one in same:
        known = found[one]
        if not country or known.country in ("", country):
            known.country = known.country or country
            return one
    return (*key, country)


def response_date(
    article: ArticleText,
    response: reader_found.FoundResponse,
    dates: Sequence[reader_found.FoundDate],
    acts: Iterable[reader_found.FoundAct],
) -> reader_found.FoundDate | None:
    """Return the date of a response, the one of `dates` that belongs to a verb that reports the
    response, or None. `acts`: the acts in the article, to which a date may belong instead.
    """
    done = [(act.passage.start, act.passage.end) for act in acts]
    for start, end in response.reporting_verb_spans:
        line = article.lines[article.get_passage(start, end).sentence_number - 1]
        here = [
            one
            for one in dates
            if one.passage.sentence_number == line.number
            and not article.is_quoted(one.passage.start)
        ]
        found = [one for one in here if _is_date_of_verb(article, line, one, (start, end), done)]
        if found:
            return min(found, key=lambda one: abs(one.passage.start - start))
    return None


def _is_date_of_verb(
    article: ArticleText,
    line: Line,
    date: reader_found.FoundDate,
    verb_span: tuple[int, int],
    act_spans: Sequence[tuple[int, int]],
) -> bool:
    """Return whether a date belongs to the verb that reports a response. `verb_span`: the start and
    end offset of the verb; `act_spans`: the start and end offsets of acts. If such an act is
    between the date and the verb, the date belongs to the act.
    """
    at = date.passage
    if _is_beside_occasion_word(article.language.value, line, at.start, at.end):
        return True
    start, end = min(at.end, verb_span[1]), max(at.start, verb_span[0])
    between = article.text[start:end]
    if CLAUSE_START_PATTERN.search(between) or any(
        start <= one and last <= end for one, last in act_spans
    ):
        return False
    words = len(_words_inside(line, start, end))
    opens = (
        at.end <= verb_span[0]
        and len(_words_inside(line, line.sentence.start, at.start)) <= OPENING_DATE_WORDS
    )
    return (
        words <= OPENING_DATE_REACH if opens else words <= DATE_VERB_REACH and COMMA not in between
    )


def _is_beside_occasion_word(language: str, line: Line, start: int, end: int) -> bool:
    """Return whether the date at offsets `start` to `end` is next to a word such as "briefing"."""
    if language == "kk":
        beside = [word for word in line.words if word.start >= end][:DATE_VERB_REACH]
    else:
        beside = [word for word in line.words if word.end <= start][-DATE_VERB_REACH:]
    return bool(_load_occasion_phrases(language).find(beside))


def _words_inside(line: Line, start: int, end: int) -> list[Word]:
    """Return the words of a sentence between two offsets."""
    return [word for word in line.words if start <= word.start and word.end <= end]


@cache
def _load_occasion_phrases(language: str) -> Phrases:
    """Return the words of a language for occasions, such as "briefing"."""
    rows = load_lexicon(language, "speakers").get("occasions", ())
    return Phrases((phrase, None) for phrase in rows)
