"""The speaker of each verb of saying, of each sentence and of each quotation.

"She added" continues with the same speaker.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tracker.reader.acts.phrases import expand_lists
from tracker.reader.answers import speech
from tracker.reader.answers.speakers import (
    COMPANY_KIND,
    GENERIC_KIND,
    KINDS_WITHOUT_BODY,
    OFFICIAL,
    ORGANISATION_KIND,
    OTHER,
    OUTLET_KIND,
    PRONOUN,
    SPOKESPERSON_KIND,
    TARGET,
    SpeakerIndex,
    SpeakerMention,
)
from tracker.reader.answers.speech import QuotedSpan
from tracker.reader.text import ArticleText, Line, Word

# The word of a `SentenceView` that stands for a quotation.
QUOTE_PLACEHOLDER = "@quote"
# The words of a `SentenceView` that stand for people and bodies, by `SpeakerMention.category`.
PLACEHOLDERS = {OFFICIAL: "@official", TARGET: "@target", OTHER: "@other"}
# The most words between a verb and its speaker: before the verb, and after it.
SPEAKER_REACH_BEFORE, SPEAKER_REACH_AFTER = 14, 4
# The fewest words of a quotation that is not direct speech: "called it “an attack on us all”".
MIN_EMBEDDED_QUOTE_WORDS = 4
# After one of these, a verb has the first subject of its sentence: "She met him and said".
CONJUNCTIONS_KEEPING_SUBJECT = frozenset({"and", "but", "и", "но"})
# Marks beyond which no subject of a verb is searched, except in Kazakh.
CLAUSE_BREAK_PATTERN = re.compile(r"[;:]|\s[—–-]\s")
# Marks beyond which no subject of a Kazakh verb is searched.
KAZAKH_CLAUSE_BREAK_PATTERN = re.compile(r"[;:]")
# Words that may be between a preposition and an authority: "to the local police".
WORDS_BETWEEN_PREPOSITION_AND_BODY = frozenset({"the", "a", "an", "local", "city"})
# Endings of Russian verbs in the plural.
PLURAL_VERB_ENDINGS = ("ли", "ют", "ят", "ут", "ат", "ются", "ятся")
# The name of the online platforms in `speakers.toml`, where it is one of the kinds of bodies.
PLATFORM_KIND = "platform"
# How many sentences back the speaker may be, and the authority that "there" means.
SPEAKER_REACH_SENTENCES, AUTHORITY_REACH_SENTENCES = 3, 2
# Names of authorities are searched for in this many previous sentences, or previous mentions.
NAME_SEARCH_SENTENCES = 200


class SpokenQuote(NamedTuple):
    """A quotation in one sentence, with its speaker (None if unknown)."""

    span: QuotedSpan
    speaker: SpeakerMention | None


@dataclass
class ResolvedSentence:
    """A sentence in which it is known whom a pronoun or "the spokesman" means: its verbs of saying
    (`saying_verbs`) and quotations (`quotes`), each with its speaker, None if unknown.
    """

    view: SentenceView
    saying_verbs: list[tuple[SayingVerb, SpeakerMention | None]] = field(default_factory=list)
    quotes: list[SpokenQuote] = field(default_factory=list)
    # The authority mentioned just before, for "there", "the reply" and steps without a subject.
    nearest_authority: SpeakerMention | None = None
    # The people that "he", "she" and "they" refer to in it.
    pronoun_referent: SpeakerMention | None = None
    # Gives "the ministry" the name with which it was introduced.
    complete_name: Callable[[SpeakerMention | None], SpeakerMention | None] = field(
        default=lambda mention: mention
    )
    speakers: SpeakerIndex | None = None

    @property
    def speaker(self) -> SpeakerMention | None:
        """The last speaker in the sentence, None if nobody speaks."""
        if self.quotes and self.quotes[-1].speaker is not None and not self.saying_verbs:
            return self.quotes[-1].speaker
        return next(
            (mention for _verb, mention in reversed(self.saying_verbs) if mention is not None), None
        )

    def resolve(self, mention: SpeakerMention | None) -> SpeakerMention | None:
        """Return the person or body that a mention in the sentence refers to, or None."""
        if mention is None or mention.category != PRONOUN:
            return mention
        if mention.kind == "place":
            return self.nearest_authority
        if mention.kind == COMPANY_KIND:
            nearest = self.nearest_authority
            is_platform = nearest is not None and nearest.kind == PLATFORM_KIND
            return nearest if is_platform else mention._replace(category=OTHER)
        if mention.kind == "body":
            # "At city hall they said".
            here = [one for one in self.view.list_officials() if one.first < mention.first]
            if here and not here[-1].is_person:
                return here[-1]
        known = (
            self.speakers.find_pronoun_referent(self.view.line.words[mention.first].start)
            if self.speakers
            else None
        )
        if known is not None:
            return known
        # "The spokesman said he would": the speaker is in the sentence already.
        said = [
            one for verb, one in self.saying_verbs
            if one is not None and verb.speaker is not None and verb.speaker.first < mention.first
        ]  # fmt: skip
        return said[-1] if said else self.pronoun_referent

    def impersonal_speaker(self) -> SpeakerMention | None:
        """Return the speaker of an impersonal statement ("it should be …"): the lawyer or other
        speaker named in this sentence, else the authority named last.
        """
        said = next(
            (mention for _verb, mention in reversed(self.saying_verbs) if mention is not None), None
        )
        return said if said is not None and said.category != OFFICIAL else self.nearest_authority


class Conversation:
    """The sentences of an article with their speakers; `spans` is all direct speech in it."""

    def __init__(
        self, article: ArticleText, speakers: SpeakerIndex, spans: list[QuotedSpan]
    ) -> None:
        self.sentences: list[ResolvedSentence] = []
        self.spans = spans
        self.speakers = speakers
        self._known: list[SpeakerMention] = []
        quoted = [QuotedSpan(*one) for one in article.quoted_spans]
        for line in article.lines:
            self._add_sentence(build_sentence_view(line, speakers, spans, quoted), speakers)
        for position, sentence in enumerate(self.sentences):
            self._assign_quotation_speakers(position, sentence)

    def _add_sentence(self, view: SentenceView, speakers: SpeakerIndex) -> None:
        """Add the next sentence, and find the speaker of each of its verbs of saying."""
        sentence = ResolvedSentence(
            view,
            nearest_authority=self._last_authority(view),
            pronoun_referent=self._continuing_speaker(),
            complete_name=self.complete_name,
            speakers=speakers,
        )
        for verb in view.saying_verbs:
            impersonal = sentence.impersonal_speaker
            mention = impersonal() if verb.is_impersonal else sentence.resolve(verb.speaker)
            sentence.saying_verbs.append((verb, self.complete_name(mention)))
        self._known += [one for one in view.mentions.values() if _is_body(one) or one.name]
        self.sentences.append(sentence)

    def complete_name(self, mention: SpeakerMention | None) -> SpeakerMention | None:
        """Return a mention of an authority ("the ministry") with the name that the article gave
        before. A spokesman of no known authority gets the side `OTHER`.
        """
        if mention is None or mention.category != OFFICIAL:
            return mention
        if mention.kind == GENERIC_KIND or (mention.kind == SPOKESPERSON_KIND and not mention.body):
            body = self._last_body()
            if body is not None and body.category == OFFICIAL:
                return mention._replace(kind=body.kind, body=body.body)
            return mention if mention.kind == GENERIC_KIND else mention._replace(category=OTHER)
        known = [
            one
            for one in self._known[-NAME_SEARCH_SENTENCES:]
            if one.category == OFFICIAL and one.kind == mention.kind
        ]
        return mention if mention.name else _with_fuller_name(mention, known)

    def _last_body(self) -> SpeakerMention | None:
        """Return the body (authority, outlet, organisation) for which "the spokesman" speaks, or
        None: the first body in the last sentence that names any.
        """
        for sentence in reversed(self.sentences[-NAME_SEARCH_SENTENCES:]):
            for _place, one in sorted(sentence.view.mentions.items()):
                if _is_body(one) and one.kind not in KINDS_WITHOUT_BODY:
                    return self.complete_name(one)
        return None

    def _last_authority(self, view: SentenceView) -> SpeakerMention | None:
        """Return the authority that "there" or "the reply" means, or None: the first one in the
        sentence `view`, else the last one in one of the few sentences before.
        """
        here = view.list_officials()
        own = [one for one in here if one.kind not in KINDS_WITHOUT_BODY] or here
        if own:
            return self.complete_name(own[0])
        for sentence in reversed(self.sentences[-AUTHORITY_REACH_SENTENCES:]):
            if sentence.view.list_officials():
                return self.complete_name(sentence.view.list_officials()[-1])
            if sentence.speaker is not None and sentence.speaker.category == OFFICIAL:
                return sentence.speaker
        return None

    def _continuing_speaker(self) -> SpeakerMention | None:
        """Return whom "he" or "she" in the next sentence means, or None. The nearest previous
        sentence with a speaker or a person decides: its speaker, else its first person.
        """
        for sentence in reversed(self.sentences[-SPEAKER_REACH_SENTENCES:]):
            if sentence.speaker is not None:
                return sentence.speaker
            people = [one for one in sentence.view.mentions.values() if one.is_person]
            if people and people[0].category != PRONOUN:
                return self.complete_name(people[0])
        return None

    def _assign_quotation_speakers(self, position: int, sentence: ResolvedSentence) -> None:
        """Add to the sentence at `position` its quotations with their speakers."""
        for span in sentence.view.direct_speech:
            nearest = self._nearest_speaker(sentence, span)
            mention = nearest or self._speaker_from_neighbours(position, span)
            sentence.quotes.append(SpokenQuote(span, mention))

    def _nearest_speaker(
        self, sentence: ResolvedSentence, span: QuotedSpan
    ) -> SpeakerMention | None:
        """Return the speaker of the nearest verb of saying in a quotation's sentence, or None."""
        places = [
            k for k, word in enumerate(sentence.view.words)
            if word.folded == QUOTE_PLACEHOLDER and word.start == span.start
        ]  # fmt: skip
        if not places or not sentence.saying_verbs:
            return None
        place = places[0]

        def distance(verb: SayingVerb) -> int:
            return place - verb.end if verb.first < place else verb.first - place

        nearest = min(sentence.saying_verbs, key=lambda one: (distance(one[0]), one[1] is None))
        return nearest[1]

    def _person_named_before_quote(
        self, sentence: ResolvedSentence, span: QuotedSpan
    ) -> SpeakerMention | None:
        """Return the last person or body named before a quotation in its sentence, or None."""
        named = [
            (k, mention) for k, mention in sorted(sentence.view.mentions.items())
            if sentence.view.words[k].start < span.start
        ]  # fmt: skip
        return sentence.resolve(named[-1][1]) if named else None

    def _speaker_from_neighbours(self, position: int, span: QuotedSpan) -> SpeakerMention | None:
        """Return who says the quotation `span` in sentence `position`, by the text around it."""
        sentence = self.sentences[position]
        paragraph = sentence.view.line.paragraph
        inside = self._person_named_before_quote(sentence, span)
        if inside is not None:
            return inside
        before = self.sentences[position - 1] if position else None
        after = self.sentences[position + 1] if position + 1 < len(self.sentences) else None
        if after is not None and after.saying_verbs and _is_same_quotation(sentence, after):
            return self._nearest_speaker(after, after.view.direct_speech[0])
        if before is not None and before.speaker is not None:
            is_close = before.view.line.paragraph == paragraph
            is_led = before.view.line.sentence.text.rstrip().endswith(":")
            if is_close or is_led or before.view.direct_speech:
                return before.speaker
        led_out = (
            self._speaker_named_after(position)
            if after is not None and _can_continue_quotation(sentence, after)
            else None
        )
        return led_out or (before.speaker if before is not None else None)

    def _speaker_named_after(self, position: int) -> SpeakerMention | None:
        """Return the first speaker after the quotation in the sentence at `position`, or None."""
        for after in self.sentences[position + 1 : position + 1 + SPEAKER_REACH_SENTENCES]:
            if after.saying_verbs:
                return next(
                    (mention for _verb, mention in after.saying_verbs if mention is not None), None
                )
            if not after.view.direct_speech:
                break
        return None


def _with_fuller_name(mention: SpeakerMention, earlier: list[SpeakerMention]) -> SpeakerMention:
    """Return a mention with a fuller name, if one of the `earlier` mentions has it: for a person,
    the last earlier mention with a name; for a body, `mention` with the last longer name.
    """
    for one in reversed([one for one in earlier if one.category == OFFICIAL]):
        if mention.is_person and one.name:
            return one
        if not mention.is_person and len(one.body) > len(mention.body):
            return mention._replace(body=one.body)
    return mention


def _is_body(mention: SpeakerMention) -> bool:
    """Return whether a mention is a body, an outlet or an organisation, not a person."""
    return bool(mention.body) or mention.kind in (OUTLET_KIND, ORGANISATION_KIND)


def _is_same_quotation(sentence: ResolvedSentence, following: ResolvedSentence) -> bool:
    """Return whether a quotation at the end of a sentence goes on in the following one."""
    spans, line = following.view.direct_speech, following.view.line.sentence
    return (
        bool(spans)
        and spans[0].start <= line.start + 1
        and sentence.view.direct_speech[-1].end >= sentence.view.line.sentence.end
    )


def _can_continue_quotation(sentence: ResolvedSentence, following: ResolvedSentence) -> bool:
    """Return whether the next sentence is in the same paragraph or begins with a small letter."""
    line = following.view.line
    return line.paragraph == sentence.view.line.paragraph or line.sentence.text[:1].islower()


class SayingVerb(NamedTuple):
    """A verb of saying at words `first` up to `end` of a `SentenceView`, with its speaker (None if
    unknown). `is_weak`: alone it shows no statement ("called"); `is_impersonal`: its subject is a
    text mentioned before, such as a letter ("it reads").
    """

    first: int
    end: int
    speaker: SpeakerMention | None
    is_weak: bool = False
    is_impersonal: bool = False
    # "According to the police": a verb or preposition that names a source.
    introduces_source: bool = False


@dataclass
class SentenceView:
    """A sentence in which each person and each quotation counts as one word. `words` has these
    words, `mentions` the people and bodies by position in `words`, `direct_speech` direct speech.
    """

    line: Line
    words: list[Word] = field(default_factory=list)
    mentions: dict[int, SpeakerMention] = field(default_factory=dict)
    direct_speech: list[QuotedSpan] = field(default_factory=list)
    # Quoted words that are part of the sentence: verbs there give no speaker.
    embedded_quotes: list[QuotedSpan] = field(default_factory=list)
    saying_verbs: list[SayingVerb] = field(default_factory=list)

    def is_embedded_quote(self, position: int) -> bool:
        """Return whether a word is in quoted words that are not direct speech."""
        return any(
            one.start <= self.words[position].start < one.end for one in self.embedded_quotes
        )

    def list_officials(self) -> list[SpeakerMention]:
        """Return the authorities mentioned in the sentence, outside of quotations."""
        return [mention for mention in self.mentions.values() if mention.category == OFFICIAL]


def build_sentence_view(
    line: Line, speakers: SpeakerIndex, direct_speech: list[QuotedSpan], quoted: list[QuotedSpan]
) -> SentenceView:
    """Return a sentence's view; `quoted` is all text in quotation marks."""
    view = SentenceView(line, direct_speech=speech.speech_in_sentence(direct_speech, line))
    view.embedded_quotes = [
        one for one in speech.speech_in_sentence(quoted, line)
        if len(line.sentence.text[one.start - line.sentence.start :][: one.end - one.start].split())
        >= MIN_EMBEDDED_QUOTE_WORDS
        and not any(span.start <= one.start < span.end for span in view.direct_speech)
    ]  # fmt: skip
    mentions = {mention.first: mention for mention in speakers.find_mentions(line)}
    place = 0
    last_span: QuotedSpan | None = None
    while place < len(line.words):
        word = line.words[place]
        inside = next((s for s in view.direct_speech if s.start <= word.start < s.end), None)
        mention = mentions.get(place)
        if inside is not None:
            if inside != last_span:
                both = (QUOTE_PLACEHOLDER, QUOTE_PLACEHOLDER)
                view.words.append(Word(inside.start, inside.end, *both))
            last_span = inside
            place += 1
        elif mention is not None and _can_speak(mention, line, speakers.language):
            view.mentions[len(view.words)] = mention
            # "Two men" stay words: they may be suspects that the phrases mention.
            is_one = mention.category in (OFFICIAL, TARGET) or bool(mention.name)
            is_named = is_one and mention.category != PRONOUN
            folded = PLACEHOLDERS[mention.category] if is_named else word.folded
            place = mention.end if is_one else place + 1
            view.words.append(Word(word.start, line.words[place - 1].end, word.text, folded))
        else:
            view.words.append(word)
            place += 1
    view.saying_verbs = [
        one for one in _find_saying_verbs(view, speakers.language)
        if one.first >= len(view.words) or not view.is_embedded_quote(one.first)
    ]  # fmt: skip
    return view


def find_verb_subject(
    view: SentenceView, language: str, first: int, end: int, *, allows_place: bool = True
) -> SpeakerMention | None:
    """Return the subject of the verb at words `first` up to `end`, before or after the verb, or
    None. `allows_place`: whether a place ("in the ministry they said") can be the subject.
    """
    if language == "ru":
        # "В полиции сообщили", but not "в полиции сообщила".
        verbs = view.words[first : max(end, first + 1)]
        allows_place = allows_place and any(
            word.folded.endswith(PLURAL_VERB_ENDINGS) for word in verbs
        )
    behind = _subject_after(view, language, end, allows_place=allows_place)
    if behind is not None and (language == "kk" or _is_subject_after_verb(view, first)):
        return behind
    before = _subject_before(view, language, first, allows_place=allows_place)
    return before or behind


def _is_subject_after_verb(view: SentenceView, first: int) -> bool:
    """Return whether the subject of the verb at word `first` follows it, as after a quotation."""
    if first == 0 or view.words[first - 1].folded == QUOTE_PLACEHOLDER:
        return True
    gap = _text_between(view, first - 1, first)
    return "," in gap or "—" in gap or "–" in gap


def _subject_before(
    view: SentenceView, language: str, first: int, *, allows_place: bool = True
) -> SpeakerMention | None:
    """Return the subject before the verb at word `first`, or None. `allows_place`: whether a place
    ("in the ministry they said") can be the subject.
    """
    # "Met her and said": the subject comes first, as in Kazakh.
    is_headed = language == "kk" or (
        first > 0 and view.words[first - 1].folded in CONJUNCTIONS_KEEPING_SUBJECT
    )
    jump = first if is_headed else _start_before_apposition(view, first)
    breaks = KAZAKH_CLAUSE_BREAK_PATTERN if language == "kk" else CLAUSE_BREAK_PATTERN
    found: SpeakerMention | None = None
    for place in range(jump - 1, max(-1, jump - 1 - SPEAKER_REACH_BEFORE), -1):
        is_quote = view.words[min(place + 1, len(view.words) - 1)].folded == QUOTE_PLACEHOLDER
        gap = _text_between(view, place, place + 1) if place + 1 < first else ""
        if not is_quote and breaks.search(gap):
            break
        if found is not None and "," in gap and language != "kk":
            break
        if place in view.mentions and can_be_subject(
            view, language, place, allows_place=allows_place
        ):
            # A Kazakh sentence begins with the subject of its final verb.
            if not is_headed:
                return view.mentions[place]
            found = view.mentions[place]
    return found


def _start_before_apposition(view: SentenceView, first: int) -> int:
    """Return the position before which the subject of the verb at word `first` is searched:
    `first`, or the start of a clause between commas before the verb ("…, who met her, said").
    """
    if not first or "," not in _text_between(view, first - 1, first):
        return first
    for place in range(first - 2, max(0, first - SPEAKER_REACH_BEFORE), -1):
        if "," in _text_between(view, place, place + 1):
            return place + 1
    return first


def _subject_after(
    view: SentenceView, language: str, end: int, *, allows_place: bool
) -> SpeakerMention | None:
    """Return the subject after a verb, from word `end` on, or None. `allows_place`: whether a place
    ("in the ministry they said") can be the subject.
    """
    reach = 3 if language == "kk" else SPEAKER_REACH_AFTER
    for place in range(end, min(end + reach, len(view.words))):
        gap = _text_between(view, place - 1, place) if place else ""
        if CLAUSE_BREAK_PATTERN.search(gap) or (place > end and "," in gap) or "." in gap:
            return None
        if view.words[place].folded == QUOTE_PLACEHOLDER:
            return None
        if place in view.mentions and can_be_subject(
            view, language, place, allows_place=allows_place
        ):
            return view.mentions[place]
    return None


def _text_between(view: SentenceView, first: int, second: int) -> str:
    """Return the text between two words of a sentence view."""
    start = view.line.sentence.start
    return view.line.sentence.text[view.words[first].end - start : view.words[second].start - start]


def can_be_subject(
    view: SentenceView, language: str, position: int, *, allows_place: bool = True
) -> bool:
    """Return whether the person or body at a word can be the subject of a verb, so is not addressed
    ("to the ministry"). `allows_place`: whether a place ("in the ministry") can be the subject.
    """
    mention = view.mentions[position]
    if view.is_embedded_quote(position):
        return False
    if mention.category == PRONOUN:
        return True
    if language == "kk":
        last = view.line.words[mention.end - 1].folded
        return speech.is_kazakh_subject(last, allows_place=allows_place)
    grammar = speech.load_grammar(language)
    before = view.words[position - 1].folded if position else ""
    if before in WORDS_BETWEEN_PREPOSITION_AND_BODY and position > 1:
        before = view.words[position - 2].folded
    if before in grammar.words_before_addressee or language == "en":
        return before not in grammar.words_before_addressee and before != "by"
    head = view.line.words[mention.first]
    if before in grammar.words_for_in:
        return allows_place and speech.is_russian_location(head)
    genitive = grammar.person_genitive_pattern if mention.is_person else grammar.genitive_pattern
    is_case = grammar.oblique_pattern.search(head.folded) or genitive.search(head.folded)
    return head.text.isupper() or not is_case


def _can_speak(mention: SpeakerMention, line: Line, language: str) -> bool:
    """Return whether a person or body can speak: not "a Telegram channel", not "on Facebook"."""
    if mention.kind != PLATFORM_KIND or mention.is_person:
        return True
    grammar = speech.load_grammar(language)
    before = line.words[mention.first - 1].folded if mention.first else ""
    behind = line.words[mention.end : mention.end + 1]
    if behind and any(grammar.phrases_after_platform.matches_at(behind, 0)):
        return False
    if language == "kk":
        last = line.words[mention.end - 1].folded
        return not re.search(r"-?(?:да|де|та|те|дағы|дегі|тағы|тегі|ға|ге|қа|ке)$", last)
    if before in grammar.words_for_in:
        # "В Meta ответили": a company answers, on a platform one writes.
        beside = line.words[max(0, mention.first - 2) : mention.first - 1]
        beside += line.words[mention.end : mention.end + SPEAKER_REACH_AFTER]
        return any(word.folded.endswith(("ли", "ют")) for word in beside)
    return before not in grammar.words_before_addressee


def _find_saying_verbs(view: SentenceView, language: str) -> list[SayingVerb]:
    """Return the verbs of saying in a sentence with their speakers, in order."""
    grammar = speech.load_grammar(language)
    found = _find_speakers_before_colon(view, language)
    for is_weak, first, end in _longest_matches(grammar.speech_verbs.find(view.words)):
        found.append(SayingVerb(first, end, find_verb_subject(view, language, first, end), is_weak))
    for _label, first, end in _longest_matches(grammar.impersonal_verbs.find(view.words)):
        # «Не сообщается» ("it is not reported whether …") is nobody's statement.
        is_denied = first > 0 and view.words[first - 1].folded == "не"
        if not is_denied and not any(
            one.speaker and one.first < end and first < one.end for one in found
        ):
            found = [one for one in found if not (one.first < end and first < one.end)]
            found.append(SayingVerb(first, end, None, is_impersonal=True))
    for _label, first, end in _longest_matches(grammar.phrases_before_source.find(view.words)):
        reach = range(end, min(end + SPEAKER_REACH_AFTER, len(view.words)))
        mention = next((view.mentions[k] for k in reach if k in view.mentions), None)
        if mention is not None and mention.category != PRONOUN:
            found.append(SayingVerb(first, end, mention, introduces_source=True))
    for _label, first, end in _longest_matches(grammar.phrases_after_source.find(view.words)):
        found.append(SayingVerb(first, end, view.mentions.get(first), introduces_source=True))
    for _label, first, end in _longest_matches(grammar.phrases_for_last_speaker.find(view.words)):
        again = SpeakerMention(first, end, PRONOUN, "person", is_person=True)
        found.append(SayingVerb(first, end, again, introduces_source=True))
    return sorted(found, key=lambda one: one.first)


def _find_speakers_before_colon(view: SentenceView, language: str) -> list[SayingVerb]:
    """Return the speakers before a colon and quotation: "The press service: “…”"."""
    found = []
    for place in range(1, len(view.words)):
        if view.words[place].folded == QUOTE_PLACEHOLDER and ":" in _text_between(
            view, place - 1, place
        ):
            mention = _subject_before(view, language, place)
            if mention is not None:
                found.append(SayingVerb(place, place, mention))
    return found


def _longest_matches(found: list[Any]) -> list[Any]:
    """Return the matches (with `first` and `end`) without those that a longer match overlaps."""
    kept: list[Any] = []
    for one in sorted(found, key=lambda hit: hit.first - hit.end):
        if not any(one.first < other.end and other.first < one.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda hit: hit.first)


def expand_placeholders(phrase: str, lists: dict[str, Any]) -> str:
    """Return a phrase with words in place of `<name>`: the words of the list with this name, or,
    for `<official>`, `<target>` and `<other>`, the word that stands for such people.
    """
    return expand_lists(phrase, {**lists, **PLACEHOLDERS})
