"""Recognise boilerplate lines of a page: menus, buttons, counters, copyright, lists of articles.

By the words alone, wherever the line is. A line that is not certainly boilerplate is text. The
words that newsrooms print around an article are in `languages/*.toml`, in all languages at once.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

LANGUAGES_FOLDER = Path(__file__).parent / "languages"
ANYTHING_SUFFIX, COLON_SUFFIX = " …", " …:"
NO_LETTER_PATTERN = re.compile(r"[^\w]+|_+")
NUMBER_PATTERN = re.compile(r"\b\d[\d.,]*\b")
# Longer lines are paragraphs, whatever they begin with.
LONGEST_LINE = 300  # characters
LONGEST_HEADLINE = 160  # characters
# An open phrase ("more …") is the heading of a list only if it is short.
MOST_WORDS_IN_HEADING = 5
# Marks at the end of a line; only so many are examined.
LONGEST_END = 10
LABEL_SECTIONS = ("menu", "buttons", "counters")
# More consecutive words, each a label, are still no sentence.
MOST_LABELS = 2
LEAST_MENU_PIECES = 3
MOST_WORDS_IN_MENU = 3
# Between the items of a menu, and between the details in the line below a title.
SEPARATOR_PATTERN = re.compile(
    r"\s*(?:\t|[|•·▪●►▸⋅¦]|(?<=\s)[»›→>/\\](?=\s)|\s(?:[-–—]{1,2})\s|\s{2,})\s*"
)
BULLET_PATTERN = re.compile(
    r"^\s*(?:[-–—•·*▪●■◆►▸>›→»✓]+\s|\d{1,2}[.)]\s|\[?\d{1,2}:\d{2}\b|\d{1,2}\.\d{2}\s)"
)
DASH_PATTERN = re.compile(r"^\s*[—–]\s")
COPYRIGHT_PATTERN = re.compile(r"©|\([cс]\)\s*\d{4}|\bcopyright\s+\d{4}", re.IGNORECASE)
SENTENCE_END_PATTERN = re.compile(r"(?<![.!?…])[.!?…]+[\"'”“’»)\]]*$")
# A headline may end with ? or !, or with a quotation; never with a full stop.
STOPPED_LINE_PATTERN = re.compile(r"[.;:,…][\"'”“’»)\]]*$")
SENTENCE_BREAK_PATTERN = re.compile(r"[.!?…][\"'”’»)]*\s+[«“\"(]?[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]")
LETTER_PATTERN = re.compile(r"[^\W\d_]")


def is_boilerplate(line: str) -> bool:
    """Return whether a line is boilerplate by its words; list headings are checked separately."""
    if not line or len(line) > LONGEST_LINE:
        return False
    if COPYRIGHT_PATTERN.search(line):
        return True
    words = normalize_phrase(line)
    if not LETTER_PATTERN.search(line):
        # Dashes and stars between parts of an article stay; a number alone is a counter.
        return bool(words)
    return (
        starts_with_phrase("begins", words)
        or is_label_before_colon("begins", line)
        or is_only_labels(line)
    )


def is_only_labels(line: str) -> bool:
    """Return whether a line consists only of words of menus and buttons, and numbers."""
    if _is_spoken(line):
        return False
    labels = load_phrases(*LABEL_SECTIONS)
    if without_numbers(normalize_phrase(line)) in labels:
        # One word alone may be the heading of a part; the caller decides.
        return not line.strip().isalpha() or normalize_phrase(line) in load_phrases("buttons")
    if len(words := normalize_phrase(line).split()) > MOST_LABELS and all(
        word in labels for word in words
    ):
        # "Share Facebook Telegram X"
        return True
    parts = [
        without_numbers(normalize_phrase(part))
        for one in split_pieces(re.sub(r"\([^)]{0,200}\)", " ", line))
        for part in one.split(":")
    ]
    return len(parts) > 1 and all(part in labels or not part for part in parts)


def is_menu(line: str) -> bool:
    """Return whether a line is a row of short items, as in a menu."""
    if ends_sentence(line):
        return False
    parts = split_pieces(line)
    labels = load_phrases(*LABEL_SECTIONS)
    known = sum(without_numbers(normalize_phrase(part)) in labels for part in parts)
    short = all(len(part.split()) <= MOST_WORDS_IN_MENU for part in parts)
    return short and len(parts) >= LEAST_MENU_PIECES and known * 2 >= len(parts) - 1


def is_label(line: str) -> bool:
    """Return whether a line is one word of a menu, as menus pasted downwards have it."""
    return not _is_spoken(line) and without_numbers(normalize_phrase(line)) in load_phrases(
        *LABEL_SECTIONS
    )


def _is_spoken(line: str) -> bool:
    """Return whether a menu word is part of speech or ends a sentence: "— All?", "Home."."""
    return bool(DASH_PATTERN.match(line)) or line.endswith(".")


def is_list_head(line: str) -> bool:
    """Return whether a line is the heading of a list of other articles."""
    if len(line) > LONGEST_HEADLINE:
        return False
    words = normalize_phrase(line)
    return words in load_phrases("lists")


def may_be_list_head(line: str) -> bool:
    """Return whether a line is such a heading if a list follows."""
    if len(line) > LONGEST_HEADLINE or ends_sentence(line):
        return False
    words = normalize_phrase(line)
    return len(words.split()) <= MOST_WORDS_IN_HEADING and starts_with_phrase("lists", words)


def is_related_link(line: str) -> bool:
    """Return whether a line by itself links to other articles: "Read also: …"."""
    before, colon, after = line.partition(":")
    if len(line) > 2 * LONGEST_LINE or not colon or not after.strip():
        return False
    words = normalize_phrase(before)
    heads = words in load_phrases("lists")
    open_heads = len(words.split()) <= MOST_WORDS_IN_HEADING and starts_with_phrase("lists", words)
    # A paragraph may begin "Related: …" or "More to the point: …"; headlines are not so long.
    return (heads or (open_heads and "•" in after)) and not SENTENCE_BREAK_PATTERN.search(after)


def is_headline(line: str) -> bool:
    """Return whether a line under the heading of a list looks like one of its headlines."""
    if len(line) > LONGEST_HEADLINE:
        return False
    if BULLET_PATTERN.match(line) and not DASH_PATTERN.match(line):
        return not SENTENCE_BREAK_PATTERN.search(BULLET_PATTERN.sub("", line))
    return not STOPPED_LINE_PATTERN.search(
        line[-LONGEST_END:]
    ) and not SENTENCE_BREAK_PATTERN.search(line)


def ends_sentence(line: str) -> bool:
    """Return whether a line ends as a sentence does."""
    return bool(SENTENCE_END_PATTERN.search(line[-LONGEST_END:]))


def split_pieces(line: str) -> list[str]:
    """Return the parts of a line between its separators."""
    return [part.strip() for part in SEPARATOR_PATTERN.split(line) if part.strip()]


def normalize_phrase(text: str) -> str:
    """Return the normal form in which phrases are compared: casefolded, ё as е, single spaces."""
    return NO_LETTER_PATTERN.sub(" ", text.casefold().replace("ё", "е")).strip()


@cache
def load_list(name: str) -> tuple[str, ...]:
    """Return a word list of all languages, as written in the files."""
    found: list[str] = []
    for path in sorted(LANGUAGES_FOLDER.glob("*.toml")):
        found += tomllib.loads(path.read_text(encoding="utf-8")).get(name, [])
    return tuple(found)


@cache
def load_phrases(*names: str) -> frozenset[str]:
    """Return the phrases that match a whole line or piece."""
    whole = (phrase for name in names for phrase in load_list(name) if "…" not in phrase)
    return frozenset(normalize_phrase(phrase) for phrase in whole)


@cache
def load_prefixes(name: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the phrases that match the start of a line, grouped by first word."""
    free: dict[str, list[str]] = {}
    with_colon: dict[str, list[str]] = {}
    for phrase in load_list(name):
        if not phrase.endswith((ANYTHING_SUFFIX, COLON_SUFFIX)):
            continue
        words = normalize_phrase(phrase)
        into = with_colon if phrase.endswith(COLON_SUFFIX) else free
        into.setdefault(words.partition(" ")[0], []).append(words)
    return free, with_colon


def starts_with_phrase(name: str, words: str) -> bool:
    """Return whether normalised text begins with a phrase of the list, up to a word boundary."""
    free, _with_colon = load_prefixes(name)
    return _starts_with_any(free, words)


def is_label_before_colon(name: str, line: str) -> bool:
    """Return whether the text before the first colon is a phrase of the list that needs a colon."""
    before, colon, _after = line.partition(":")
    words = normalize_phrase(before)
    return bool(colon) and words in load_prefixes(name)[1].get(words.partition(" ")[0], ())


def without_numbers(words: str) -> str:
    """Return normalised text without its numbers, as in "comments 27"."""
    return " ".join(NUMBER_PATTERN.sub(" ", words).split())


def _starts_with_any(by_first: dict[str, list[str]], words: str) -> bool:
    some = by_first.get(words.partition(" ")[0], ())
    return any(words == phrase or words.startswith(phrase + " ") for phrase in some)
