"""The grammar by which a language marks speech and its speaker.

Quotation marks, dashes and set-off paragraphs; cases, prepositions and verbs of saying.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from tracker.reader.answers.speakers import OFFICIAL, OTHER, TARGET, SpeakerMention
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.text import ArticleText, Line, Word

OBJECT_ENDING_PATTERN = re.compile("(?:ую|у|ю|ство|ение|нт|т|д)$")
# Fewer words between quotation marks are a title or scare quotes, unless a comma or full stop shows
# that they were spoken.
MIN_SPOKEN_WORDS = 5
SPOKEN_END_PATTERN = re.compile(r"""[,.!?…]["»”’]?$""")
ATTRIBUTION_PATTERN = re.compile(r"""["»”’]\s*[,.!?…]?\s*[—–-]\s""")
LEADING_QUOTE_PATTERN = re.compile(r"""(?:^|[\n,:.!?…—–»”])\s*["«“„‘]$""")
LEADING_QUOTE_CHARACTERS = 6
SPEECH_DASH_PATTERN = re.compile(r"(?:^|(?<=[,.!?…»”:])\s*)[—–-]\s+")
OPENING_DASH_PATTERN = re.compile(r"[—–-]\s+")
# A paragraph that begins so continues the quotation of the previous one.
CONTINUATION_PATTERN = re.compile(r"[a-zа-яёәғқңөұүһі]")
OPENING_WORDS = 4


class QuotedSpan(NamedTuple):
    """The start and end of quoted words in the text of the article."""

    start: int
    end: int


def find_direct_speech(article: ArticleText) -> list[QuotedSpan]:
    """Return the start and end of every passage of direct speech, in order."""
    found = [
        QuotedSpan(*one) for one in article.quoted_spans if _is_direct_speech(article.text, *one)
    ]
    found += _dialogue_parts(article.text)
    found += _unmarked_quotations(article)
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[QuotedSpan] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def speech_in_sentence(spans: list[QuotedSpan], line: Line) -> list[QuotedSpan]:
    """Return the parts of direct speech that lie in a sentence, in order."""
    start, end = line.sentence.start, line.sentence.end
    place = bisect_right(spans, (start, start))
    found = []
    for k in range(max(0, place - 1), len(spans)):
        one = spans[k]
        if one.start >= end:
            break
        if start < one.end:
            found.append(QuotedSpan(max(one.start, start), min(one.end, end)))
    return found


def _is_direct_speech(text: str, start: int, end: int) -> bool:
    """Return whether the text between quotation marks is speech.

    Speech is introduced or followed by a comma, colon, full stop or dash. Quoted words that are
    part of the sentence ("called it “an attack on us”") are read with the sentence.
    """
    words = text[start:end]
    if ATTRIBUTION_PATTERN.match(text, end):
        return True
    is_led = (
        LEADING_QUOTE_PATTERN.search(text, max(0, start - LEADING_QUOTE_CHARACTERS), start)
        is not None
    )
    is_whole = SPOKEN_END_PATTERN.search(words) is not None or text[end + 1 : end + 2] == ","
    return is_led and (is_whole or len(words.split()) >= MIN_SPOKEN_WORDS)


def _dialogue_parts(text: str) -> list[QuotedSpan]:
    """Return the spoken parts of paragraphs that open with a dash.

    Such a paragraph alternates: spoken, reported, spoken again.
    """
    found = []
    offset = 0
    for paragraph in text.split("\n"):
        lead = len(paragraph) - len(paragraph.lstrip())
        opened = OPENING_DASH_PATTERN.match(paragraph, lead)
        cuts = [] if opened is None else list(SPEECH_DASH_PATTERN.finditer(paragraph, opened.end()))
        # A hyphen alone opens an item of a list.
        if opened is not None and (cuts or not opened[0].startswith("-")):
            starts = [opened.end(), *(one.end() for one in cuts)]
            ends = [*(one.start() for one in cuts), len(paragraph.rstrip())]
            for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
                if number % 2 == 0 and start < end:
                    found.append(QuotedSpan(offset + start, offset + end))
        offset += len(paragraph) + 1
    return found


def _unmarked_quotations(article: ArticleText) -> list[QuotedSpan]:
    """Return paragraphs quoted without marks: after a colon, or before "said Ivanova."."""
    paragraphs = [list(lines) for _n, lines in groupby(article.lines, lambda line: line.paragraph)]
    verbs = _load_speech_verbs(article.language.value)
    found = []
    for lines, after in pairwise(paragraphs):
        start, end = lines[0].sentence.start, lines[-1].sentence.end
        text = article.text[start:end]
        if (
            CONTINUATION_PATTERN.match(after[0].sentence.text)
            and text.endswith((",", ".", "!", "?", "…"))
            and verbs.find(after[0].words[:OPENING_WORDS])
        ):
            found.append(QuotedSpan(start, end))
        if text.endswith(":") and verbs.find(lines[-1].words):
            found.append(QuotedSpan(after[0].sentence.start, after[-1].sentence.end))
    return found


@cache
def _load_speech_verbs(language: str) -> Phrases:
    """Return the verbs of saying of a language."""
    speech = load_lexicon(language, "speakers").get("speech", {})
    return Phrases((phrase, None) for phrase in speech.get("verbs", ()))


class SpeechGrammar(NamedTuple):
    """The words and patterns of a language by which speakers are found."""

    spoken_to: frozenset[str]
    into: frozenset[str]
    not_platform: Phrases
    verbs: Phrases
    impersonal: Phrases
    before: Phrases
    after: Phrases
    again: Phrases
    oblique: re.Pattern[str]
    genitive: re.Pattern[str]
    genitive_person: re.Pattern[str]
    nominative: frozenset[str]
    prepositional: re.Pattern[str]


@cache
def load_grammar(language: str) -> SpeechGrammar:
    """Return the words and patterns of a language by which speakers are found."""
    data: dict[str, Any] = load_lexicon(language, "speakers")
    speech: dict[str, Any] = data.get("speech", {})
    weak = frozenset(speech.get("weak", ()))
    never = r"(?!)"

    def phrases(name: str) -> Phrases:
        return Phrases((one, None) for one in speech.get(name, ()))

    return SpeechGrammar(
        frozenset(speech.get("spoken_to", ())),
        frozenset(speech.get("into", ())),
        phrases("not_platform"),
        Phrases((one, one in weak) for one in speech.get("verbs", ())),
        phrases("impersonal"),
        phrases("before"),
        Phrases(
            (f"@{side} {one}", None)
            for one in speech.get("after", ())
            for side in (OFFICIAL, TARGET, OTHER)
        ),
        Phrases((one, None) for one in data.get("pronouns", {}).get("again", ())),
        re.compile(speech.get("oblique", never)),
        re.compile(speech.get("genitive", never)),
        re.compile(speech.get("genitive_person", speech.get("genitive", never))),
        frozenset(speech.get("nominative", ())),
        re.compile(speech.get("prepositional", never)),
    )


def is_kazakh_subject(word: str, *, speaks: bool) -> bool:
    """Return whether the case of a Kazakh word allows it to be a subject; see `can_be_subject`."""
    grammar = load_grammar("kk")
    if word in grammar.nominative:
        return True
    if not speaks and grammar.prepositional.search(word):
        return False
    return not (grammar.oblique.search(word) or grammar.genitive.search(word))


def is_russian_location(head: Word) -> bool:
    """Return whether a Russian word after «в» is a location, not a direction."""
    return (
        head.text.isupper()
        or load_grammar("ru").prepositional.search(head.folded) is not None
        or OBJECT_ENDING_PATTERN.search(head.folded) is None
    )


def institution_of_speaker(language: str, mention: SpeakerMention) -> str:
    """Return the name of the body that somebody speaks for: the ministry of a minister."""
    office = mention.office.removeprefix("the ").strip()
    if mention.body or not office:
        return mention.body
    rows = load_lexicon(language, "speakers").get("institutions", {})
    for pattern, name in rows.items():
        found = re.fullmatch(pattern, office, re.IGNORECASE)
        if found is not None:
            return found.expand(str(name))
    return ""
