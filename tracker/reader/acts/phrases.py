"""The acts of a language, read from `languages/LANGUAGE/acts/*.toml`: phrases with their types.

The file is the group of a code and the heading its rest: `[[death]]` in `threat.toml` is
`threat.death`. Beyond the language of `lexicon`, a phrase may name a list of `lists.toml` as
`<car>`, and `a & b` means both in one sentence, near each other, in either order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import count
from typing import Any, NamedTuple

from tracker.incidents.codes import PurportedAs
from tracker.reader.lexicon import LANGUAGES_FOLDER, PhraseError, Phrases, load_lexicon
from tracker.reader.text import Word, fold_word

# The name of a list of words in a phrase: `<car>`.
LIST_REFERENCE_PATTERN = re.compile(r"<(\w+)>")
# A choice in a phrase: `(by|with)`.
ALTERNATIVES_PATTERN = re.compile(r"\(([^()\[\]]*)\)")
# A word of a phrase, without a star, which stands for any beginning or ending.
STEM_PATTERN = re.compile(r"[\w'-]+")
# The most words from the first to the last word of a match of "a & b", unless the entry of the
# phrase in the acts file gives another number as "within".
DEFAULT_MAX_SPAN_WORDS = 12
# How near to an act, in words before or after it, a phrase in the `unless` list of its entry in the
# acts file excludes the act. A phrase within the act excludes it too.
UNLESS_REACH_WORDS = 4


class ActRule(NamedTuple):
    """A rule that a phrase reports an act: one entry of an acts file. `code`: the type of incident;
    `score`: how certain the type is, 0 to 1; `target_side`: where the sentence names the target,
    "before" or "after" the phrase, or "" for either; `purported_as`: whom the actors posed as. The
    other fields are conditions.
    """

    code: str
    score: float
    target_side: str
    purported_as: PurportedAs | None
    # The most words from the first to the last part of an "a & b" phrase.
    max_span_words: int
    # Phrases that exclude the act if they are beside it, and of which one must be in the sentence.
    excluding_phrases: Phrases
    required_phrases: Phrases | None


class PhrasePart(NamedTuple):
    """One part of a phrase "a & b", such as "a", or a whole phrase without "&". `position`: the
    number of the part, from 0; `part_count`: how many parts the phrase has; `phrase_number`: the
    number of the phrase in its language; `stems`: the words of the whole phrase.
    """

    rule: ActRule
    phrase_number: int
    stems: frozenset[str]
    position: int
    part_count: int


# The position of the first word of a match, and the position of the word after its last.
Span = tuple[int, int]


class ActMatch(NamedTuple):
    """A rule whose phrase is in a sentence, at words `first` up to but not `end`.

    `stems`: the words of the phrase; `is_contiguous`: whether the sentence has no other words
    between the parts of the phrase, such as verb and object.
    """

    rule: ActRule
    first: int
    end: int
    stems: frozenset[str]
    is_contiguous: bool


class ActPhrases:
    """The phrases of a language that report acts, prepared for the search in sentences."""

    def __init__(self, language: str) -> None:
        # A part shared by several phrases, such as `<press>`, is searched once.
        self._parts: dict[str, list[PhrasePart]] = {}
        self._firsts: dict[int, PhrasePart] = {}
        lists = load_lexicon(language, "lists")
        number = count()
        for path in sorted((LANGUAGES_FOLDER / language / "acts").glob("*.toml")):
            for heading, entries in load_lexicon(language, f"acts/{path.stem}").items():
                for entry in entries:
                    rule = _build_rule(f"{path.stem}.{heading}", entry, lists)
                    for phrase in entry["phrases"]:
                        for side, part in _phrase_parts(
                            expand_lists(phrase, lists), rule, next(number)
                        ):
                            self._parts.setdefault(side, []).append(part)
                            self._firsts.setdefault(part.phrase_number, part)
        self.phrases = Phrases((side, side) for side in self._parts)

    def find(self, words: Sequence[Word]) -> list[ActMatch]:
        """Return a match for each phrase that is in a sentence, if the sentence also meets the
        conditions of the entry with the phrase. Matches may overlap.
        """
        spans: dict[str, list[Span]] = {}
        for side, first, end in self.phrases.find(words):
            spans.setdefault(side, []).append((first, end))
        hits: list[ActMatch] = []
        met: dict[int, dict[int, list[Span]]] = {}
        for side, found in spans.items():
            for part in self._parts[side]:
                if part.part_count == 1:
                    hits += [
                        ActMatch(part.rule, *span, part.stems, is_contiguous=True) for span in found
                    ]
                else:
                    sides = met.setdefault(part.phrase_number, {})
                    sides.setdefault(part.position, []).extend(found)
        for phrase, places in met.items():
            part = self._firsts[phrase]
            if len(places) == part.part_count and (
                span := _shortest_span(places.values(), part.rule.max_span_words)
            ):
                hits.append(ActMatch(part.rule, *span, part.stems, is_contiguous=False))
        return [hit for hit in hits if _meets_conditions(hit, words)]


@cache
def load_act_phrases(language: str) -> ActPhrases:
    """Return the act phrases of a language."""
    return ActPhrases(language)


def expand_lists(phrase: str, lists: dict[str, Any]) -> str:
    """Return a phrase with the words of each `<list>` in place of its name: `(by|the <car>)` is
    "by", "the car", "the van" …; raise `PhraseError` for an unknown list.
    """
    while found := LIST_REFERENCE_PATTERN.search(phrase):
        if found[1] not in lists:
            raise PhraseError(phrase)
        start = max(phrase.rfind(sign, 0, found.start()) for sign in "([|)]")
        if start < 0 or phrase[start] in ")]":
            phrase = f"{phrase[: found.start()]}({lists[found[1]]}){phrase[found.end() :]}"
            continue
        end = min(place for sign in ")]|" if (place := phrase.find(sign, found.end())) >= 0)
        before, after = phrase[start + 1 : found.start()], phrase[found.end() : end]
        written = "|".join(before + word + after for word in lists[found[1]].split("|"))
        phrase = phrase[: start + 1] + written + phrase[end:]
    return phrase


def _phrase_parts(phrase: str, rule: ActRule, phrase_number: int) -> list[tuple[str, PhrasePart]]:
    """Return the phrases to search for in order to find `phrase`, each with its `PhrasePart`. For
    "a & b", these are "a" and "b", or the choices into which `_split_choices` splits them;
    otherwise only `phrase` itself. `phrase_number`: the number of `phrase` in its language.
    """
    sides = phrase.split(" & ")
    stems = frozenset(STEM_PATTERN.findall(fold_word(phrase)))
    return [
        (choice, PhrasePart(rule, phrase_number, stems, place, len(sides)))
        for place, side in enumerate(sides)
        for choice in (_split_choices(side) if len(sides) > 1 else [side])
    ]


def _split_choices(part: str) -> list[str]:
    """Return the phrases to search for instead of `part`, one part of a phrase "a & b". In a
    phrase, "(x|y)" means x or y. If the part is such a choice, each alternative of several words
    becomes a separate phrase, which is faster to search for: "(door|gate|garden wall)" gives
    "(door|gate)" and "garden wall".
    """
    inside = ALTERNATIVES_PATTERN.fullmatch(part)
    if inside is None:
        return [part]
    choices = inside[1].split("|")
    words = [choice for choice in choices if " " not in choice.strip()]
    longer = [choice for choice in choices if " " in choice.strip()]
    return ([f"({'|'.join(words)})"] if words else []) + longer


def _build_rule(code: str, entry: dict[str, Any], lists: dict[str, Any]) -> ActRule:
    """Return an entry of an acts file as a rule. `code`: its incident type; `lists`: the words that
    `<name>` in a phrase stands for, by name.
    """
    posing = entry.get("purported_as")
    needs = entry.get("needs")
    return ActRule(
        "other" if code == "other.other" else code,
        float(entry["score"]),
        entry.get("toward", ""),
        PurportedAs(posing) if posing else None,
        int(entry.get("within", DEFAULT_MAX_SPAN_WORDS)),
        _compile_phrases(entry.get("unless", ()), lists),
        _compile_phrases(needs, lists) if needs else None,
    )


def _compile_phrases(phrases: Iterable[str], lists: dict[str, Any]) -> Phrases:
    """Return phrases as a set that can be searched for. `lists`: the words that `<name>` in a
    phrase stands for, by name.
    """
    return Phrases((expand_lists(phrase, lists), None) for phrase in phrases)


def _shortest_span(part_matches: Iterable[list[Span]], max_words: int) -> Span | None:
    """Return the shortest run of words that has a match of each part of a phrase, or None if the
    run has more than `max_words` words. `part_matches`: for each part, its matches in the sentence.
    """
    spans: list[tuple[int, int, tuple[Span, ...]]] = [(0, 0, ())]
    for found in part_matches:
        spans = [
            (min(first, a) if taken else a, max(end, b), (*taken, (a, b)))
            for first, end, taken in spans
            for a, b in found
            if all(b <= x or y <= a for x, y in taken)
            and (not taken or max(end, b) - min(first, a) <= max_words)
        ]
    near = [(end - first, first, end) for first, end, _taken in spans]
    length, first, end = min(near, default=(max_words + 1, 0, 0))
    return (first, end) if length <= max_words else None


def _meets_conditions(match: ActMatch, words: Sequence[Word]) -> bool:
    """Return whether the sentence of a match has one of the phrases that the entry needs, and
    whether none of the phrases that exclude the act is near the match.
    """
    rule = match.rule
    if rule.required_phrases is not None and not rule.required_phrases.find(words):
        return False
    beside = words[max(0, match.first - UNLESS_REACH_WORDS) : match.end + UNLESS_REACH_WORDS]
    return not rule.excluding_phrases.find(beside)
