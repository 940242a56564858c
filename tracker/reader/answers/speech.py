"""The grammar by which a language marks speech and its speaker.

Quotation marks, dashes and set-off paragraphs; cases, prepositions and verbs of saying.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from tracker.reader.answers.body_names import nominative_of_body
from tracker.reader.answers.speakers import OFFICIAL, OTHER, TARGET, SpeakerMention
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.text import ArticleText, Line, Word

# Endings of Russian nouns by which «в» before the noun means "into" («в полицию»), not "in".
DIRECTION_ENDING_PATTERN = re.compile("(?:ую|у|ю|ство|ение|нт|т|д)$")
# Fewer words between quotation marks are a title or scare quotes, unless a comma or full stop shows
# that they were spoken.
MIN_SPOKEN_WORDS = 5
# The end of quoted words that were spoken.
SPOKEN_END_PATTERN = re.compile(r"""[,.!?…]["»”’]?$""")
# The end of a quotation with a dash before its speaker.
ATTRIBUTION_PATTERN = re.compile(r"""["»”’]\s*[,.!?…]?\s*[—–-]\s""")
# An opening quotation mark at the beginning of a line or after another mark.
LEADING_QUOTE_PATTERN = re.compile(r"""(?:^|[\n,:.!?…—–»”])\s*["«“„‘]$""")
# How many characters before quoted words are searched for `LEADING_QUOTE_PATTERN`.
LEADING_QUOTE_CHARACTERS = 6
# A dash between the spoken and the reported parts of a paragraph.
SPEECH_DASH_PATTERN = re.compile(r"(?:^|(?<=[,.!?…»”:])\s*)[—–-]\s+")
# The dash with which a paragraph of direct speech opens.
OPENING_DASH_PATTERN = re.compile(r"[—–-]\s+")
# A paragraph that begins with a small letter may continue the quotation of the previous one.
CONTINUATION_PATTERN = re.compile(r"[a-zа-яёәғқңөұүһі]")
# A quotation without marks is followed by a verb of saying among this many words of the next
# paragraph.
SPEECH_VERB_REACH = 4


class QuotedSpan(NamedTuple):
    """The start and end offset of quoted words in the article."""

    start: int
    end: int


def find_direct_speech(article: ArticleText) -> list[QuotedSpan]:
    """Return every passage of direct speech in an article, in order."""
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
    """Return the parts of the `spans` of direct speech that lie in a sentence, in order."""
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
    """Return whether the text in quotation marks from `start` to `end` is speech: a comma, colon,
    full stop or dash is before or after it. Other quoted words ("called it “an attack on us”") are
    read with the sentence.
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
    """Return the spoken parts of paragraphs that open with a dash: first, third and so on."""
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
            and verbs.find(after[0].words[:SPEECH_VERB_REACH])
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
    """The words and patterns of a language by which the speaker of a quotation or statement is
    found: verbs of saying, words before or after a speaker, endings of grammatical cases.
    """

    # Words before somebody who is addressed or spoken of: "told", "against".
    words_before_addressee: frozenset[str]
    # The Russian «в», after which a body may speak: «в полиции сообщили».
    words_for_in: frozenset[str]
    # Words after a platform that make it something else: "Telegram channel".
    phrases_after_platform: Phrases
    # Verbs of saying; the label says whether the verb alone is not yet a statement ("called").
    speech_verbs: Phrases
    # Verbs without a speaker: "it reads".
    impersonal_verbs: Phrases
    # Words before a source ("according to") and after one, the placeholder included.
    phrases_before_source: Phrases
    phrases_after_source: Phrases
    # "In her words": the last speaker continues.
    phrases_for_last_speaker: Phrases
    # Endings of words that cannot be the subject: those of all oblique cases, and those of the
    # genitive alone.
    oblique_pattern: re.Pattern[str]
    genitive_pattern: re.Pattern[str]
    person_genitive_pattern: re.Pattern[str]
    # Kazakh words in the nominative that look like another case.
    nominative_words: frozenset[str]
    # Endings of a place: «в полиции».
    prepositional_pattern: re.Pattern[str]


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


def is_kazakh_subject(word: str, *, allows_place: bool) -> bool:
    """Return whether a Kazakh word can be the subject of a verb, by its ending. `allows_place`:
    whether a word with the ending of a place ("in the ministry") can be, too.
    """
    grammar = load_grammar("kk")
    if word in grammar.nominative_words:
        return True
    if not allows_place and grammar.prepositional_pattern.search(word):
        return False
    return not (grammar.oblique_pattern.search(word) or grammar.genitive_pattern.search(word))


def is_russian_location(noun: Word) -> bool:
    """Return whether a Russian word after «в» is a location («в полиции»), not a direction."""
    return (
        noun.text.isupper()
        or load_grammar("ru").prepositional_pattern.search(noun.folded) is not None
        or DIRECTION_ENDING_PATTERN.search(noun.folded) is None
    )


def institution_of_speaker(language: str, mention: SpeakerMention) -> str:
    """Return the name of the body that somebody speaks for (the ministry of a minister), or ""."""
    office = mention.office.removeprefix("the ").strip()
    if mention.body or not office:
        return nominative_of_body(language, mention.body)
    rows = load_lexicon(language, "speakers").get("institutions", {})
    for pattern, name in rows.items():
        found = re.fullmatch(pattern, office, re.IGNORECASE)
        if found is not None:
            return found.expand(str(name))
    return ""
