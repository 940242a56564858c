"""Recognise boilerplate lines of a page: menus, buttons, counters, copyright, lists of articles.

Lines are judged by their words alone; a line that is not certainly boilerplate is text. The word
lists are in `languages/*.toml`; those of all languages apply to every text.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

# The files of word lists, one for each language.
LANGUAGES_FOLDER = Path(__file__).parent / "languages"
# Endings of phrases in the lists that match the start of a line: before any text, and before a
# colon.
ANY_TEXT_SUFFIX, COLON_SUFFIX = " …", " …:"
# Everything between words.
NON_WORD_PATTERN = re.compile(r"[^\w]+|_+")
NUMBER_PATTERN = re.compile(r"\b\d[\d.,]*\b")
# Longer lines are paragraphs, whatever they begin with.
MAX_BOILERPLATE_LINE_LENGTH = 300  # characters
# A line of more characters is no headline, and not the heading of a list of headlines.
MAX_HEADLINE_LENGTH = 160
# The most words of the heading of a list, if it begins with a phrase such as "more …". A longer
# line that begins so is text of the article.
MAX_LIST_HEADING_WORDS = 5
# The number of characters at the end of a line that are examined for punctuation.
EXAMINED_LINE_END_LENGTH = 10
# The word lists of labels: words of menus, of buttons and beside counters.
LABEL_LIST_NAMES = ("menu", "buttons", "counters")
# A line of more words than this is boilerplate if all of its words are labels of menus, buttons or
# counters. A shorter line may be a sentence.
MAX_LABELS_IN_SENTENCE = 2
# The fewest items of a line that is a menu.
MIN_MENU_ITEMS = 3
# The most words of each item in a line that is a menu.
MAX_MENU_ITEM_WORDS = 3
# The separators between the items of a menu, or between author and date in the line below a title.
SEPARATOR_PATTERN = re.compile(
    r"\s*(?:\t|[|•·▪●►▸⋅¦]|(?<=\s)[»›→>/\\](?=\s)|\s(?:[-–—]{1,2})\s|\s{2,})\s*"
)
# A bullet, a number or a time at the start of a line of a list.
BULLET_PATTERN = re.compile(
    r"^\s*(?:[-–—•·*▪●■◆►▸>›→»✓]+\s|\d{1,2}[.)]\s|\[?\d{1,2}:\d{2}\b|\d{1,2}\.\d{2}\s)"
)
# The dash before direct speech.
DASH_PATTERN = re.compile(r"^\s*[—–]\s")
COPYRIGHT_PATTERN = re.compile(r"©|\([cс]\)\s*\d{4}|\bcopyright\s+\d{4}", re.IGNORECASE)
# The punctuation that ends a sentence, at the end of a line.
SENTENCE_END_PATTERN = re.compile(r"(?<![.!?…])[.!?…]+[\"'”“’»)\]]*$")
# A full stop, comma, colon and the like at the end of a line, which no headline has; a headline may
# end with ? or !, or with a quotation.
NON_HEADLINE_END_PATTERN = re.compile(r"[.;:,…][\"'”“’»)\]]*$")
# The end of a sentence before another one in the same line.
SENTENCE_BOUNDARY_PATTERN = re.compile(r"[.!?…][\"'”’»)]*\s+[«“\"(]?[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]")
LETTER_PATTERN = re.compile(r"[^\W\d_]")


def is_boilerplate(line: str) -> bool:
    """Return whether the words of a line show that it is boilerplate: labels of menus and buttons,
    a number of views, a copyright notice, a request to subscribe and the like. Headings of lists of
    other articles do not count: `is_list_heading` recognises them.
    """
    if not line or len(line) > MAX_BOILERPLATE_LINE_LENGTH:
        return False
    if COPYRIGHT_PATTERN.search(line):
        return True
    words = normalize_phrase(line)
    if not LETTER_PATTERN.search(line):
        # Dashes and stars between parts of an article stay; a number alone is a counter.
        return bool(words)
    return (
        starts_with_phrase("begins", words)
        or starts_with_colon_phrase("begins", line)
        or has_only_labels(line)
    )


def has_only_labels(line: str) -> bool:
    """Return whether a line consists only of words of menus and buttons, and numbers."""
    if _is_speech_or_sentence(line):
        return False
    labels = load_phrases(*LABEL_LIST_NAMES)
    if remove_numbers(normalize_phrase(line)) in labels:
        # A single word may be a heading of the text, unless it is a button.
        return not line.strip().isalpha() or normalize_phrase(line) in load_phrases("buttons")
    if len(words := normalize_phrase(line).split()) > MAX_LABELS_IN_SENTENCE and all(
        word in labels for word in words
    ):
        # "Share Facebook Telegram X"
        return True
    parts = [
        remove_numbers(normalize_phrase(part))
        for one in split_by_separators(re.sub(r"\([^)]{0,200}\)", " ", line))
        for part in one.split(":")
    ]
    return len(parts) > 1 and all(part in labels or not part for part in parts)


def is_menu(line: str) -> bool:
    """Return whether a line is a row of short items, as in a menu."""
    if ends_sentence(line):
        return False
    parts = split_by_separators(line)
    labels = load_phrases(*LABEL_LIST_NAMES)
    known = sum(remove_numbers(normalize_phrase(part)) in labels for part in parts)
    short = all(len(part.split()) <= MAX_MENU_ITEM_WORDS for part in parts)
    return short and len(parts) >= MIN_MENU_ITEMS and known * 2 >= len(parts) - 1


def is_menu_word(line: str) -> bool:
    """Return whether a line is a single item of a menu, apart from numbers."""
    words = remove_numbers(normalize_phrase(line))
    return not _is_speech_or_sentence(line) and words in load_phrases(*LABEL_LIST_NAMES)


def _is_speech_or_sentence(line: str) -> bool:
    """Return whether a line begins with the dash of direct speech, as in "— All?", or ends with a
    full stop. Such a line is never a menu.
    """
    return bool(DASH_PATTERN.match(line)) or line.endswith(".")


def is_list_heading(line: str) -> bool:
    """Return whether a line is the heading of a list of other articles."""
    if len(line) > MAX_HEADLINE_LENGTH:
        return False
    words = normalize_phrase(line)
    return words in load_phrases("lists")


def may_be_list_heading(line: str) -> bool:
    """Return whether a line is the heading of a list of other articles if headlines follow it."""
    if len(line) > MAX_HEADLINE_LENGTH or ends_sentence(line):
        return False
    words = normalize_phrase(line)
    return len(words.split()) <= MAX_LIST_HEADING_WORDS and starts_with_phrase("lists", words)


def is_related_link(line: str) -> bool:
    """Return whether a line is a link to another article, such as "Read also: …"."""
    before, colon, after = line.partition(":")
    if len(line) > 2 * MAX_BOILERPLATE_LINE_LENGTH or not colon or not after.strip():
        return False
    words = normalize_phrase(before)
    heads = words in load_phrases("lists")
    open_heads = len(words.split()) <= MAX_LIST_HEADING_WORDS and starts_with_phrase("lists", words)
    # A paragraph may begin "Related: …" or "More to the point: …"; headlines are not so long.
    return (heads or (open_heads and "•" in after)) and not SENTENCE_BOUNDARY_PATTERN.search(after)


def is_headline(line: str) -> bool:
    """Return whether a line under the heading of a list of articles looks like a headline."""
    if len(line) > MAX_HEADLINE_LENGTH:
        return False
    if BULLET_PATTERN.match(line) and not DASH_PATTERN.match(line):
        return not SENTENCE_BOUNDARY_PATTERN.search(BULLET_PATTERN.sub("", line))
    return not NON_HEADLINE_END_PATTERN.search(
        line[-EXAMINED_LINE_END_LENGTH:]
    ) and not SENTENCE_BOUNDARY_PATTERN.search(line)


def ends_sentence(line: str) -> bool:
    """Return whether a line ends with the punctuation of a sentence."""
    return bool(SENTENCE_END_PATTERN.search(line[-EXAMINED_LINE_END_LENGTH:]))


def split_by_separators(line: str) -> list[str]:
    """Return the parts of a line between separators such as | and •."""
    return [part.strip() for part in SEPARATOR_PATTERN.split(line) if part.strip()]


def normalize_phrase(text: str) -> str:
    """Return a text normalized for comparison: casefolded, ё as е, only words and single spaces."""
    return NON_WORD_PATTERN.sub(" ", text.casefold().replace("ё", "е")).strip()


@cache
def load_word_list(list_name: str) -> tuple[str, ...]:
    """Return the phrases of the list `list_name`, as they are written in the files of all
    languages.
    """
    found: list[str] = []
    for path in sorted(LANGUAGES_FOLDER.glob("*.toml")):
        found += tomllib.loads(path.read_text(encoding="utf-8")).get(list_name, [])
    return tuple(found)


@cache
def load_phrases(*list_names: str) -> frozenset[str]:
    """Return the normalized phrases of the lists `list_names`, such as "menu". Phrases with "…",
    which only match the beginning of a line, are left out.
    """
    whole = (phrase for name in list_names for phrase in load_word_list(name) if "…" not in phrase)
    return frozenset(normalize_phrase(phrase) for phrase in whole)


@cache
def load_prefixes_by_first_word(
    list_name: str,
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the normalized phrases of the list `list_name` that match the beginning of a line, in
    two dicts by first word: phrases that any text may follow (written "more …" in the list), and
    phrases that a colon must follow (written "photo …:").
    """
    free: dict[str, list[str]] = {}
    with_colon: dict[str, list[str]] = {}
    for phrase in load_word_list(list_name):
        if not phrase.endswith((ANY_TEXT_SUFFIX, COLON_SUFFIX)):
            continue
        words = normalize_phrase(phrase)
        into = with_colon if phrase.endswith(COLON_SUFFIX) else free
        into.setdefault(words.partition(" ")[0], []).append(words)
    return free, with_colon


def starts_with_phrase(list_name: str, words: str) -> bool:
    """Return whether normalized words begin with a phrase of the list `list_name` that any text may
    follow, such as "more …".
    """
    free, _with_colon = load_prefixes_by_first_word(list_name)
    return _starts_with_any_phrase(free, words)


def starts_with_colon_phrase(list_name: str, line: str) -> bool:
    """Return whether the text before the first colon of a line is a phrase of the list `list_name`
    that a colon must follow, such as "photo …:".
    """
    before, colon, _after = line.partition(":")
    words = normalize_phrase(before)
    return bool(colon) and words in load_prefixes_by_first_word(list_name)[1].get(
        words.partition(" ")[0], ()
    )


def remove_numbers(words: str) -> str:
    """Return a normalized text without numbers, such as "comments" for "comments 27"."""
    return " ".join(NUMBER_PATTERN.sub(" ", words).split())


def _starts_with_any_phrase(phrases_by_first_word: dict[str, list[str]], words: str) -> bool:
    """Return whether normalized words begin with one of the normalized phrases."""
    some = phrases_by_first_word.get(words.partition(" ")[0], ())
    return any(words == phrase or words.startswith(phrase + " ") for phrase in some)
