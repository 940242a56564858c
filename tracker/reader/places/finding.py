"""The places where the events of an article happened, most likely first, countries last.

Unlisted places are found by a noun next to the name: "the village of X", "X ауданында".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple

from tracker.reader.found import FoundAct, FoundPlace, Reality
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.lines import dateline_length, lines_with_bylines
from tracker.reader.places.gazetteer import GazetteerMatch, load_gazetteer
from tracker.reader.text import ArticleText, Line, Passage, Word

# The most words of a name before its noun: "Nauryzbay district".
MAX_NAME_WORDS = 2
# What may be between a noun for a place and the name of the place: "аэропорт «Манас»", "с. Кенсай".
SEPARATORS_AFTER_NOUN = (" ", ". ", " «", ' "', " “")
# Patterns of Russian nouns for places, in all cases. The group of each pattern is the stem of the
# noun. The mapping after it has the nominative by the stem; a stem that is not in it is the
# nominative itself.
RUSSIAN_PLACE_NOUNS = (
    (re.compile(r"(район|округ|уезд|кра)\w*$"), {"кра": "край"}),
    (re.compile(r"(област|волост)\w*$"), {"област": "область", "волост": "волость"}),
)
# The end of a Russian adjective that names a place: «Уйгурском районе».
ADJECTIVE_PATTERN = re.compile(r"(ск|цк|н|в)(?:ом|ого|ой|ую|ий|ый|ая|им|ым)$")
# The case ending of the noun for a place: «Панфилов ауданында».
KAZAKH_PLACE_NOUN_ENDING_PATTERN = re.compile(
    r"(?<=[ыі])(?:нда|нде|ндағы|ндегі|нан|нен|на|не|нің|ның)$"
)
# Marks that are left out of the name of a place.
QUOTATION_MARK_PATTERN = re.compile(r"[«»“”\"]")
# The Russian words for "in", which before an accusative mean "to"; and how a name of which the
# accusative is the nominative ends.
RUSSIAN_WORDS_FOR_IN = frozenset({"в", "во", "на"})
ACCUSATIVE_CONSONANT_PATTERN = re.compile("[бвгджзйклмнпрстфхцчшщь]$")
# The weight of a mention: of a place in which something is ("in"), to or from which somebody goes,
# directly after another place, in a dateline, and without any such word.
WITHIN_WEIGHT, TOWARD_WEIGHT, NEXT_TO_WEIGHT, DATELINE_WEIGHT, VAGUE_WEIGHT = (
    1.0,
    0.5,
    0.7,
    0.9,
    0.2,
)
# The weight of a mention of a place as a destination, in Russian («в Прагу»).
DESTINATION_WEIGHT = 0.4
# The weight is multiplied by `LEAD_WEIGHT` in this many first paragraphs, elsewhere by 1; in the
# sentence of an act `NEAR_ACT_WEIGHT` is added to this factor.
LEAD_PARAGRAPHS, LEAD_WEIGHT, NEAR_ACT_WEIGHT = 4, 1.3, 1.0
# The weight of a mention of a country is multiplied by this, so that countries count only if
# nothing more precise is named.
COUNTRY_WEIGHT = 0.2
# The most words of a phrase such as "in the city of" before a place.
MAX_CUE_WORDS = 5
# A word this short may be between two places: "and", "и", "мен", "және".
MAX_CONJUNCTION_LETTERS = 4
# The most characters of a title in quotation marks; the most words of a heading that names a place.
MAX_QUOTED_TITLE_CHARACTERS, MAX_HEADING_WORDS = 45, 6


class PlaceCues(NamedTuple):
    """The words of a language that show whether something happened at a place named beside them."""

    # Phrases before the name of a place, in Kazakh after it: "in".
    location_phrases: Phrases
    # The phrases that are needed if the name may also be a person's: "in the city of".
    unambiguous_phrases: Phrases
    # Words that may be between such a phrase and the name: "the".
    words_between: frozenset[str]
    # First words of the phrases that only say from or to where somebody goes: "from".
    direction_words: frozenset[str]
    # Words for courts, police and the like, after and before the name: something may have happened
    # elsewhere.
    body_words_after_name: Phrases
    body_words_before_name: Phrases


@dataclass
class WeightedPlace:
    """The first mention of a place, and the sum of the weights of all mentions. The place with the
    greatest sum is the most likely place of the events. `event_passages`: as in `FoundPlace`.
    """

    place: FoundPlace
    weight: float = 0.0
    event_passages: list[Passage] = field(default_factory=list)


def find_places(article: ArticleText, acts: Sequence[FoundAct] = ()) -> list[FoundPlace]:
    """Return the places of events, most likely first. A place is more likely if it is named in the
    sentence of one of `acts` that happened.
    """
    acted = {act.passage.sentence_number for act in acts if act.reality is Reality.HAPPENED}
    lines = lines_with_bylines(article)
    first = lines[0].paragraph if lines else 0
    found: dict[str, WeightedPlace] = {}
    for line in lines:
        factor = LEAD_WEIGHT if line.paragraph - first < LEAD_PARAGRAPHS else 1.0
        factor += NEAR_ACT_WEIGHT if line.number in acted else 0.0
        for place, weight in _places_in_sentence(article, line):
            known = found.setdefault(place.name, WeightedPlace(place))
            known.weight += weight * factor
            known.event_passages += place.event_passages
    ordered = sorted(found.values(), key=lambda one: (-one.weight, one.place.passage.start))
    return [replace(one.place, event_passages=tuple(one.event_passages)) for one in ordered]


def _places_in_sentence(article: ArticleText, line: Line) -> list[tuple[FoundPlace, float]]:
    """Return the places of a sentence, each with a weight, 0 to 1: how much the words around the
    name show that something happened there.
    """
    language = article.language.value
    named = load_gazetteer(language).find(line.words)
    opening = line.sentence.start + dateline_length(article, line)
    found: list[tuple[FoundPlace, float]] = []
    accepted = 0
    for one in named:
        if _is_in_quoted_title(article, line.words[one.first]):
            continue
        weight = _place_weight(language, line.words, one, article.text)
        if found and _directly_follows(line.words, accepted, one.first):
            weight = max(weight, NEXT_TO_WEIGHT)
        if line.words[one.first].start < opening or _is_heading_place(line, one):
            weight = max(weight, DATELINE_WEIGHT)
        if weight:
            accepted = one.end
            place = _build_place(article, line, one, is_within=weight != DESTINATION_WEIGHT)
            found.append((place, weight * (COUNTRY_WEIGHT if one.entry.is_country else 1.0)))
    if opening > line.sentence.start and (not named or named[0].first > 0):
        found += _find_dateline_place(article, line)
    return found + _find_unlisted_places(article, line, named)


def _find_unlisted_places(
    article: ArticleText, line: Line, named: Sequence[GazetteerMatch]
) -> list[tuple[FoundPlace, float]]:
    """Return the places of a sentence that are in no word list, each with its weight, 0 to 1. A
    place gets the country of the listed place next to it, if there is one. `named`: the listed
    places of the sentence.
    """
    language = article.language.value
    taken = {k for one in named for k in range(one.first, one.end)}
    found: list[tuple[FoundPlace, float]] = []
    for locality in find_localities(language, line.words, article.text):
        if not taken.isdisjoint(range(locality.first, locality.end)):
            continue
        beside = next((one.entry for one in named if _is_adjacent(one, locality)), None)
        # A Kazakh locality has its "in" in the ending of its noun.
        if (
            language == "kk"
            or beside
            or _has_place_cue_before(language, line.words, locality.first)
        ):
            passage = article.get_passage(
                line.words[locality.first].start, line.words[locality.end - 1].end
            )
            country, region = (beside.country, beside.region) if beside else ("", "")
            place = FoundPlace(
                locality.name, passage, country, region, is_area=True, event_passages=(passage,)
            )
            found.append((place, NEXT_TO_WEIGHT))
    return found


def _has_place_cue_before(language: str, words: Sequence[Word], name_first: int) -> bool:
    """Return whether a word such as "in" is before the name at word `name_first`."""
    return (
        _cue_start(_load_cues(language).location_phrases, language, words, name_first) is not None
    )


def _find_dateline_place(article: ArticleText, line: Line) -> list[tuple[FoundPlace, float]]:
    """Return a list of the place of a dateline ("RIDGEWAY, Ga. —") that is in no word list, with
    its weight, 0 to 1. The list is empty if the sentence does not begin with a long word in
    capitals.
    """
    word = line.words[0]
    if not word.text.isupper() or len(word.text) < MAX_CONJUNCTION_LETTERS:
        return []
    passage = article.get_passage(word.start, word.end)
    return [(FoundPlace(word.text.title(), passage, event_passages=(passage,)), DATELINE_WEIGHT)]


def _is_adjacent(gazetteer_match: GazetteerMatch, locality: Locality) -> bool:
    """Return whether a listed place is directly before or after an unlisted one."""
    return (
        gazetteer_match.end == locality.first
        or locality.end <= gazetteer_match.first <= locality.end + 1
    )


def _build_place(
    article: ArticleText, line: Line, gazetteer_match: GazetteerMatch, *, is_within: bool
) -> FoundPlace:
    """Return a listed place that was found in a sentence. `is_within`: whether the sentence says
    that something happened in it.
    """
    start, end = line.words[gazetteer_match.first].start, line.words[gazetteer_match.end - 1].end
    entry, passage = gazetteer_match.entry, article.get_passage(start, end)
    within = (passage,) if is_within else ()
    return FoundPlace(entry.name, passage, entry.country, entry.region, entry.is_area, within)


def _place_weight(
    language: str, words: Sequence[Word], gazetteer_match: GazetteerMatch, text: str
) -> float:
    """Return how much the words around a mention of a place show that something happened there, 0
    to 1. `language`: a code such as "kk"; `words`: the words of the sentence; `text`: the text of
    the article.
    """
    cues = _load_cues(language)
    behind = _next_word_position(words, gazetteer_match.end, text)
    # "The Kyiv Post": in languages without cases, another capital makes it part of a name.
    if language == "en" and behind is not None and words[behind].is_capital:
        return 0.0
    # A place of a court or police, or a place without any word before it, may be where it was.
    vague = (
        0.0 if gazetteer_match.is_ambiguous or gazetteer_match.entry.is_country else VAGUE_WEIGHT
    )
    if behind is not None and next(cues.body_words_after_name.matches_at(words, behind), None):
        return vague
    if language == "kk":
        return _kazakh_place_weight(cues, words, gazetteer_match, behind) or vague
    wanted = cues.unambiguous_phrases if gazetteer_match.is_ambiguous else cues.location_phrases
    at = _cue_start(wanted, language, words, gazetteer_match.first)
    if at is None or _is_part_of_body_name(cues, words, at):
        return vague
    if language == "ru" and _is_destination(words, gazetteer_match):
        return DESTINATION_WEIGHT
    return TOWARD_WEIGHT if words[at].folded in cues.direction_words else WITHIN_WEIGHT


def _is_destination(words: Sequence[Word], gazetteer_match: GazetteerMatch) -> bool:
    """Return whether a Russian place with «в» before it is in the accusative («в Прагу», «в
    Бишкек»), so that somebody only goes there.
    """
    last = words[gazetteer_match.end - 1]
    if gazetteer_match.first == 0 or last.text.isupper():
        return False
    is_led = words[gazetteer_match.first - 1].folded in RUSSIAN_WORDS_FOR_IN
    return is_led and (
        ACCUSATIVE_CONSONANT_PATTERN.search(last.folded) is not None
        or (last.folded.endswith(("у", "ю")) and gazetteer_match.entry.name.endswith(("а", "я")))
    )


def _is_in_quoted_title(article: ArticleText, word: Word) -> bool:
    """Return whether a word is in a short text between quotation marks, such as a title."""
    return any(
        first <= word.start < last and last - first <= MAX_QUOTED_TITLE_CHARACTERS
        for first, last in article.quoted_spans
    )


def _is_heading_place(line: Line, gazetteer_match: GazetteerMatch) -> bool:
    """Return whether a listed place says where the text after it happened: the place is a heading
    ("2. Osh."), or opens a sentence before a dash, colon or bracket ("Almaty: …").
    """
    after = line.sentence.text[
        line.words[gazetteer_match.end - 1].end - line.sentence.start :
    ].lstrip()
    if gazetteer_match.first > 1:
        return False
    return after[:1] in "–—:(" or (after[:1] in ".," and len(line.words) <= MAX_HEADING_WORDS)


def _kazakh_place_weight(
    cues: PlaceCues, words: Sequence[Word], gazetteer_match: GazetteerMatch, next_word: int | None
) -> float:
    """Return how much the case ending of a Kazakh place, and the noun after it, show that something
    happened there, 0 to 1. `next_word`: the position of the word after the place, None if no word
    directly follows.
    """
    nouns = cues.unambiguous_phrases if gazetteer_match.is_ambiguous else cues.location_phrases
    noun = next_word is not None and next(nouns.matches_at(words, next_word), None)
    if noun or (gazetteer_match.ending == "in" and not gazetteer_match.is_ambiguous):
        return WITHIN_WEIGHT
    return (
        TOWARD_WEIGHT
        if gazetteer_match.ending == "from" and not gazetteer_match.is_ambiguous
        else 0.0
    )


def _next_word_position(words: Sequence[Word], end: int, text: str) -> int | None:
    """Return `end` if only a space is between word `end - 1` and the next word, else None. `text`:
    the text of the article.
    """
    is_next = end < len(words) and text[words[end - 1].end : words[end].start] == " "
    return end if is_next else None


def _cue_start(cues: Phrases, language: str, words: Sequence[Word], first: int) -> int | None:
    """Return the position at which a phrase such as "in the city of" begins before the place at
    word `first`, or None. `cues`: the phrases to look for.
    """
    between = _load_cues(language).words_between
    while first > 0 and words[first - 1].folded in between:
        if any(found.end == first for found in cues.matches_at(words, first - 1)):
            break
        first -= 1
    return next(
        (
            at
            for at in range(max(0, first - MAX_CUE_WORDS), first)
            if any(found.end == first for found in cues.matches_at(words, at))
        ),
        None,
    )


def _is_part_of_body_name(cues: PlaceCues, words: Sequence[Word], cue_first: int) -> bool:
    """Return whether a place only says which court or police is meant: "суд города Астаны".
    `cue_first`: the position of the first of the words that introduce the place, here "города".
    """
    return (
        cue_first > 0
        and words[cue_first].folded.startswith(("город", "г"))
        and next(cues.body_words_before_name.matches_at(words, cue_first - 1), None) is not None
    )


def _directly_follows(words: Sequence[Word], end: int, first: int) -> bool:
    """Return whether the name at word `first` directly follows the place before word `end`: "in
    Talgar, Almaty Region".
    """
    return first - end <= 1 and all(
        len(word.text) <= MAX_CONJUNCTION_LETTERS for word in words[end:first]
    )


@cache
def _load_cues(language: str) -> PlaceCues:
    """Return the words of a language that show whether something happened at a place named beside
    them.
    """
    words = load_lexicon(language, "places").get("cues", {})

    def phrases(name: str) -> Phrases:
        return Phrases((one, None) for one in words.get(name, "").split("|") if one)

    def single(name: str) -> frozenset[str]:
        return frozenset(words.get(name, "").split("|"))

    return PlaceCues(
        phrases("in"),
        phrases("clear"),
        single("between"),
        single("toward"),
        phrases("not_before"),
        phrases("not_after"),
    )


class Locality(NamedTuple):
    """An unlisted place in a sentence, at words `first` up to but not `end`."""

    name: str
    first: int
    end: int


class _PlaceNouns(NamedTuple):
    """The nouns for places in lower case. `after`: nouns after a name ("district"); `before`: nouns
    before a name, each as a tuple of its words ("village", "of").
    """

    after: frozenset[str]
    before: frozenset[tuple[str, ...]]


def find_localities(language: str, words: Sequence[Word], text: str) -> list[Locality]:
    """Return the places of a sentence that are recognised by a noun beside the name: "Nauryzbay
    district". `language`: a code such as "kk"; `text`: the text of the article.
    """
    nouns = _load_place_nouns(language)
    return [
        found
        for place in range(len(words))
        for found in (
            *_names_before_noun(language, words, place, text, nouns.after),
            *_names_after_noun(words, place, text, nouns.before),
        )
    ]


@cache
def _load_place_nouns(language: str) -> _PlaceNouns:
    """Return the nouns of a language for places."""
    cues = load_lexicon(language, "places").get("cues", {})
    return _PlaceNouns(
        frozenset(cues.get("after_name", "").split("|")),
        frozenset(
            tuple(one.rstrip(".").split()) for one in cues.get("before_name", "").split("|") if one
        ),
    )


def _names_before_noun(
    language: str, words: Sequence[Word], position: int, text: str, nouns: frozenset[str]
) -> Iterable[Locality]:
    """Yield the place whose noun is at word `position`, with the capitalised words before it:
    "Nauryzbay district". `text`: the text of the article; `nouns`: the nouns after a name.
    """
    if words[position].folded not in nouns:
        return
    first = position
    while first > max(0, position - MAX_NAME_WORDS) and _is_joined_to_next(words, first - 1, text):
        # The first word of a sentence is always capitalised, so it is dropped unless it is the
        # whole name.
        if first == 1 and position > 1:
            break
        first -= 1
    if first < position:
        name = QUOTATION_MARK_PATTERN.sub("", text[words[first].start : words[position].end])
        yield Locality(_to_nominative(language, name), first, position + 1)


def _names_after_noun(
    words: Sequence[Word], position: int, text: str, nouns: frozenset[tuple[str, ...]]
) -> Iterable[Locality]:
    """Yield the place whose noun begins at word `position`, with the capitalised word after it:
    "the village of Kensai". `text`: the text of the article; `nouns`: the nouns before a name, each
    as its words.
    """
    for noun in nouns:
        first = position + len(noun)
        if first >= len(words) or tuple(word.folded for word in words[position:first]) != noun:
            continue
        between = text[words[first - 1].end : words[first].start]
        if words[first].is_capital and between in SEPARATORS_AFTER_NOUN:
            end = first + 1
            yield Locality(text[words[first].start : words[end - 1].end], position, end)


def _is_joined_to_next(words: Sequence[Word], position: int, text: str) -> bool:
    """Return whether the word at `position` has a capital and is directly before the next word.
    `text`: the text of the article.
    """
    between = text[words[position].end : words[position + 1].start]
    is_name = words[position].is_capital and not words[position].folded.endswith("'s")
    return is_name and between in (" ", "» ", '" ', "” ")


def _to_nominative(language: str, name: str) -> str:
    """Return the name of a place in the nominative."""
    if language == "kk":
        return KAZAKH_PLACE_NOUN_ENDING_PATTERN.sub("", name)
    if language != "ru":
        return name
    *adjectives, noun = name.split()
    for pattern, whole in RUSSIAN_PLACE_NOUNS:
        if found := pattern.match(noun):
            noun = whole.get(found[1], found[1])
    ending = "ая" if noun.endswith("ь") else "ий"
    return " ".join(
        [
            *(
                ADJECTIVE_PATTERN.sub(
                    lambda found: (
                        found[1] + (ending if found[1] in ("ск", "цк") or ending == "ая" else "ый")
                    ),
                    word,
                )
                for word in adjectives
            ),
            noun,
        ]
    )
