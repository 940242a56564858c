"""The date phrases of a language, from `languages/LANGUAGE/dates.toml`, and the search for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

from tracker.reader.lexicon import PhraseError, load_lexicon

# What a space in a date phrase matches.
SPACE_REGEX = r"(?:,?\s+)"
# What a dash between two numbers of a date phrase, such as "5-9 May", matches.
DASH_REGEX = r"\s*[-–—‑]\s*"
# A day of the month in figures, with the ending of an ordinal number.
DAY_REGEX = (
    r"(?:0?[1-9]|[12][0-9]|3[01])"
    r"(?:st|nd|rd|th|-го|-е|-ое|-му|-ом|-ші|-шы|-сі|-сы|-і|-ы|-інде|-ында|-нде)?"
)
# A year from 1950 to 2049.
YEAR_REGEX = r"(?:19[5-9]|20[0-4])[0-9]"
# A number of days, weeks or the like in figures.
NUMBER_REGEX = r"[0-9]{1,3}"
# The heading of `dates.toml` for phrases that are not dates of events: they are about the future
# ("next week"), or not dates at all. If a phrase under another heading matches as many words, the
# other phrase is taken.
NO_EVENT_SECTION = "ahead"
# Dates in figures, each as its kind and a regular expression. They are the same in every language,
# so no data file has them.
NUMERIC_DATE_PHRASES = (
    ("day", r"(?P<day>0?[1-9]|[12][0-9]|3[01])[./](?P<figures>0?[1-9]|1[0-2])[./](?P<year>YEAR)"),
    ("day", r"(?P<year>YEAR)-(?P<figures>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"),
)
# A slot is a place for a word in a date phrase, such as `<month>` in "<day> <month>". For each
# slot, the section of `dates.toml` with the words that may be there.
SECTION_OF_SLOT = {
    "month": "months",
    "weekday": "weekdays",
    "season": "seasons",
    "n": "numbers",
    "unit": "units",
    "yearsago": "years_ago",
    "part": "parts",
    "ordinal": "ordinals",
    "quarter": "ordinals",
    "half": "ordinals",
}
# Slots (places for a word in a phrase) whose words are looked for first, to save time: a phrase
# with `<month>` is searched for only in a sentence that names a month.
PREFILTER_SLOTS = ("month", "weekday", "season", "unit", "year")
# A slot (a place for a word) in a phrase: its name, its number if there are several, and a list of
# endings that the word must have: `<day>`, `<day2>`, `<month-of>`.
SLOT_PATTERN = re.compile(r"<([a-z_]+)(\d?)(?:-([a-z]+))?>")


class DatePattern(NamedTuple):
    """A date phrase as a regular expression, with its kind (a heading of `dates.toml`).
    `needed_slots`: the slots of the phrase that are in `PREFILTER_SLOTS`; a sentence without a word
    for each of them is not searched.
    """

    kind: str
    pattern: re.Pattern[str]
    needed_slots: frozenset[str]


class DateMatch(NamedTuple):
    """A date phrase found in a text: its kind (a heading of `dates.toml`), its offsets, and the
    words of the text in its slots, such as {"day": "5", "month": "may"}.
    """

    kind: str
    start: int
    end: int
    slots: dict[str, str]


class DateLexicon:
    """The searchable date phrases of a language."""

    def __init__(self, language: str) -> None:
        self.data = load_lexicon(language, "dates")
        self._keys_by_word = {
            slot: _keys_by_word(self.data.get(section, {}))
            for slot, section in SECTION_OF_SLOT.items()
        }
        self.patterns = [
            DatePattern(
                kind,
                re.compile(rf"(?<![\w№])(?<![0-9][.,:/-])(?:{pattern})(?![\w])"),
                frozenset({"year"} if kind == "day" else ()),
            )
            for kind, pattern in (
                (kind, text.replace("YEAR", YEAR_REGEX)) for kind, text in NUMERIC_DATE_PHRASES
            )
        ]
        if self.data:
            self.patterns += list(self._compile_phrases())
        self._present = {
            slot: re.compile(
                YEAR_REGEX if slot == "year" else _alternatives_regex(self._keys_by_word[slot])
            )
            for slot in PREFILTER_SLOTS
        }

    def get_key(self, slot: str, word: str) -> str:
        """Return the key under which `dates.toml` lists a word, such as "5" for "may". `slot`: the
        slot for which the word stands, such as "month".
        """
        return self._keys_by_word[slot][" ".join(word.split())]

    def build_regex(self, section: str, name: str) -> str:
        """Return a regular expression for the words of the list `name` in a section of
        `dates.toml`, "" if there is no such list.
        """
        words = self.data.get(section, {}).get(name, "")
        return _word_regex(words) if words else ""

    def find(self, text: str) -> list[DateMatch]:
        """Return the date phrases in a text, which must be as `fold_text` returns it. Of
        overlapping phrases the longest is taken.
        """
        present = {slot for slot, pattern in self._present.items() if pattern.search(text)}
        found = [
            DateMatch(pattern.kind, match.start(), match.end(), match.groupdict())
            for pattern in self.patterns
            if pattern.needed_slots <= present
            for match in pattern.pattern.finditer(text)
        ]
        kept: list[DateMatch] = []
        for one in sorted(
            found, key=lambda one: (one.start - one.end, one.kind == NO_EVENT_SECTION)
        ):
            if all(one.end <= other.start or other.end <= one.start for other in kept):
                kept.append(one)
        return sorted(kept, key=lambda one: one.start)

    def _compile_phrases(self) -> Iterable[DatePattern]:
        """Yield every date phrase of the data file as a pattern."""
        for kind, phrases in self.data["phrases"].items():
            # Phrases without slots are searched together, which is much faster.
            fixed = [phrase for phrase in phrases if not SLOT_PATTERN.search(phrase)]
            yield from (
                self._compile_phrase(kind, phrase) for phrase in phrases if phrase not in fixed
            )
            yield from self._compile_fixed_phrases(kind, fixed)
        for section in ("days_ago", "nights", "years_back"):
            for number, phrases in self.data[section].items():
                yield from self._compile_fixed_phrases(f"{section}:{number}", phrases)

    def _compile_fixed_phrases(self, kind: str, phrases: list[str]) -> Iterable[DatePattern]:
        """Yield one pattern for all `phrases`, which have no slots; nothing if there are none."""
        longest_first = sorted(phrases, key=len, reverse=True)
        if phrases:
            body = "|".join(_phrase_regex(phrase, self._slot_regex) for phrase in longest_first)
            yield _compile_pattern(kind, body, frozenset())

    def _compile_phrase(self, kind: str, phrase: str) -> DatePattern:
        """Return a phrase with slots, such as "<day> <month>", as a pattern."""
        slots = {found[1] for found in SLOT_PATTERN.finditer(phrase)}
        return _compile_pattern(
            kind,
            _phrase_regex(phrase, self._slot_regex),
            frozenset(slots.intersection(PREFILTER_SLOTS)),
        )

    def _slot_regex(self, name: str, number: str, ending: str | None) -> str:
        """Return the regular expression for `<name number-ending>` in a phrase: a slot such as
        `<month>`, or the name of a list of words. `ending`: the name of a list of endings, of which
        one must follow the word, or None.
        """
        group = f"?P<{name}{number}>"
        if name in ("day", "year"):
            return f"({group}{DAY_REGEX if name == 'day' else YEAR_REGEX})"
        if name in SECTION_OF_SLOT:
            words = _alternatives_regex(self._keys_by_word[name])
            if name == "n":
                words = f"{NUMBER_REGEX}|{words}"
            endings = f"(?:{self.data['endings'][ending]})" if ending else ""
            return f"({group}{words}){endings}"
        return f"(?:{_word_regex(self.data['lists'][name])})"


@cache
def load_date_lexicon(language: str) -> DateLexicon:
    """Return the date phrases of a language; without a file only numeric dates."""
    return DateLexicon(language)


def _compile_pattern(kind: str, body: str, needed_slots: frozenset[str]) -> DatePattern:
    """Return the regular expression `body` as a pattern that matches whole words. `needed_slots`:
    the slots in it that are in `PREFILTER_SLOTS`.
    """
    return DatePattern(
        kind, re.compile(rf"(?<![\w№])(?<![0-9][.,:/-])(?:{body})(?!\w)"), needed_slots
    )


def _keys_by_word(section: dict[str, str]) -> dict[str, str]:
    """Return, for each word in a section of `dates.toml`, the key under which it is listed."""
    return {word: key for key, words in section.items() for word in words.split("|")}


def _alternatives_regex(words: Iterable[str]) -> str:
    """Return a regular expression that matches any of the words, the longest first."""
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(_literal_regex(word) for word in longest_first) or r"(?!)"


def _literal_regex(words: str) -> str:
    """Return words, in which `*` is any ending, as a regular expression."""
    return re.escape(words).replace(r"\*", r"\w*").replace(r"\ ", SPACE_REGEX)


def _word_regex(words: str) -> str:
    """Return alternatives, such as "a|b c|d*" (`*`: any ending), as a regular expression."""
    return "|".join(_literal_regex(word) for word in words.split("|"))


def _phrase_regex(phrase: str, build_slot: Callable[[str, str, str | None], str]) -> str:
    """Return a phrase as a regular expression; raise `PhraseError` for unbalanced brackets.
    `build_slot` returns the regular expression for a slot, given its name, its number, and the name
    of a list of endings.
    """
    if phrase.count("(") != phrase.count(")") or phrase.count("[") != phrase.count("]"):
        raise PhraseError(phrase)
    pieces: list[str] = []
    last = 0
    for found in SLOT_PATTERN.finditer(phrase):
        pieces += [
            _text_regex(phrase[last : found.start()]),
            build_slot(found[1], found[2], found[3]),
        ]
        last = found.end()
    pieces.append(_text_regex(phrase[last:]))
    return "".join(pieces)


def _text_regex(text: str) -> str:
    """Return the text between two slots as a regular expression; a word in square brackets is
    optional.
    """
    if text == "-":
        return DASH_REGEX
    escaped = re.sub(r"([.+?])", r"\\\1", text).replace("*", r"\w*").replace("(", "(?:")
    return escaped.replace("[", "(?:").replace("] ", " )?").replace(" ", SPACE_REGEX)
