"""Validate domains, channels and references; find names in texts, in any script and case."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

from tracker.people.matching import WORD_PATTERN, is_same_word, name_keys

# The matching key and the loose key of a name or a word, as `name_keys` returns them.
NameKeys = tuple[str, str]
# The characters before a word that is part of a handle or an address.
MARKS_BEFORE_HANDLE = ("@", "_", "/")
# The most characters between two words of one name: a space, a comma, the full stop of an initial.
MAX_WORD_GAP = 3
# Letters of a word of a name that may be a mention by itself: shorter ones ("de", "al") identify
# nobody.
MIN_SINGLE_WORD_LETTERS = 3
# The fewest letters of a word of a name that is found within a longer word of a handle; "Ali" must
# not be found in "Alibi". Letters are counted in the key of the word: "Anna" has three.
MIN_WITHIN_WORD_LETTERS = 4
MAX_NAME_LENGTH = 200  # characters
# The longest line with a domain or channel of an outlet.
MAX_DOMAIN_OR_CHANNEL_LENGTH = 300  # characters
# A host name: labels of letters and digits of any script, with dashes inside; at least two of them.
DOMAIN_PATTERN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
URL_PATTERN = re.compile(r"https?://[^\s\\<>\"@]+", re.IGNORECASE)


def unique_lines(text: str) -> list[str]:
    """Return the non-empty lines of a text, without white space at their ends and duplicates."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def parse_domain(line: str) -> str | None:
    """Return the host name in an address, or of a host alone, in lower case and without `www.`;
    None if there is none.
    """
    bare = re.sub(r"^[a-z]+://", "", line.strip().casefold())
    name = re.split(r"[/?#:]", bare, maxsplit=1)[0].rstrip(".").removeprefix("www.")
    return (
        name
        if len(name) <= MAX_DOMAIN_OR_CHANNEL_LENGTH and DOMAIN_PATTERN.fullmatch(name)
        else None
    )


def is_web_address(text: str) -> bool:
    """Return whether a text may be a link: one that begins with http:// or https://, and has no
    white space, double quotation mark, backslash, `<`, `>` or `@`. The host is not checked.
    """
    return bool(URL_PATTERN.fullmatch(text))


class _Token(NamedTuple):
    """A word of a text, with the offsets of its start and end."""

    start: int
    end: int
    text: str


def find_mentions(
    text: str,
    names: Collection[str],
    *,
    allow_single_words: bool = False,
    allow_within_words: bool = False,
) -> list[tuple[int, int]]:
    """Return where a text names a person, as (start, end) offsets in order without overlaps.
    `names`: all names of the person; `allow_single_words`: find one word of a name ("Doe said …")
    also if the text has no full name; `allow_within_words`: find a word of a name also in a longer
    word, for handles and addresses such as `adoe1980`.

    A single word must begin with a capital, if its script has capitals and the text has spaces.
    """
    if not names:
        return []
    tokens = [_Token(one.start(), one.end(), one[0]) for one in WORD_PATTERN.finditer(text)]
    wanted = [words for name in names if (words := name_word_keys(name))]
    found = [span for words in wanted for span in _full_name_spans(text, tokens, words)]
    glued = _joined_name_keys(names)
    if allow_within_words:
        longer = {
            word[0] for words in wanted for word in words if len(word[0]) >= MIN_WITHIN_WORD_LETTERS
        }
        glued |= longer
    found += [(one.start, one.end) for one in tokens if _contains_joined_name(one.text, glued)]
    if found or allow_single_words:
        # In prose a name has a capital; in an address or a handle it has none.
        is_prose = any(letter.isspace() for letter in text)
        parts = {
            word for words in wanted for word in words if len(word[0]) >= MIN_SINGLE_WORD_LETTERS
        }
        found += [
            (token.start, token.end)
            for token in tokens
            if not (is_prose and token.text[0].islower() and not _is_in_handle(text, token))
            and any(is_same_word(word, name_keys(token.text)) for word in parts)
        ]
    return _merge_spans(text, found)


def is_named_in_address(address: str, names: Collection[str], *, allow_parts: bool = True) -> bool:
    """Return whether an address or handle has one of the names of a person, also percent-encoded.
    `allow_parts`: also one word of a name, alone or within a longer word.
    """
    return bool(
        find_mentions(
            unquote(address),
            names,
            allow_single_words=allow_parts,
            allow_within_words=allow_parts,
        )
    )


def may_mention(text: str, names: Collection[str]) -> bool:
    """Return whether a text may contain a word of one of some names: a quick check before
    `find_mentions`.
    """
    wanted = {word for name in names for word in name_word_keys(name)}
    longer = [word for word in wanted if len(word[0]) >= MIN_SINGLE_WORD_LETTERS] or list(wanted)
    found = {one[0] for one in WORD_PATTERN.finditer(text)}
    glued = _joined_name_keys(names)
    return any(
        _contains_joined_name(one, glued)
        or any(is_same_word(word, name_keys(one)) for word in longer)
        for one in found
    )


def replace_names(
    text: str, names: Sequence[str], *, replacement: str, allow_single_words: bool = True
) -> str:
    """Return a text with each mention of a person replaced. `names`: all names of the person;
    `allow_single_words`: replace one word of a name ("Doe said …") also if the text has no full
    name.
    """
    for start, end in reversed(find_mentions(text, names, allow_single_words=allow_single_words)):
        text = text[:start] + replacement + text[end:]
    return text


def name_word_keys(name: str) -> list[NameKeys]:
    """Return the matching key and the loose key of each word of a name, without words of which no
    key remains.
    """
    return [key for word in WORD_PATTERN.findall(name) if (key := name_keys(word))[0]]


def _is_in_handle(text: str, token: _Token) -> bool:
    """Return whether a word is part of a handle or an address: `@doe`, `anna_doe`."""
    return text[: token.start].endswith(MARKS_BEFORE_HANDLE) or text.startswith("_", token.end)


def _joined_name_keys(names: Iterable[str]) -> set[str]:
    """Return the matching keys of full names written as one word, as in handles. Each name is
    joined in its own order and in reverse: `annadoe`, `doeanna`.
    """
    several = [words for name in names if len(words := WORD_PATTERN.findall(name)) > 1]
    orders = [order for words in several for order in (words, words[::-1])]
    return {key for order in orders if (key := name_keys("".join(order))[0])}


def _contains_joined_name(word: str, joined_keys: Collection[str]) -> bool:
    """Return whether the matching key of a word contains one of some keys."""
    key = name_keys(word)[0]
    return any(one in key for one in joined_keys)


def _full_name_spans(
    text: str, tokens: Sequence[_Token], words: Sequence[NameKeys]
) -> list[tuple[int, int]]:
    """Return the (start, end) offsets at which all words of a name are next to each other, in any
    order. `tokens`: all words of the text; `words`: the keys of each word of the name.
    """
    found = []
    fits = {word: _may_be_name_word(word, words) for word in {token.text for token in tokens}}
    for place in range(len(tokens) - len(words) + 1):
        window = tokens[place : place + len(words)]
        # Most words of a text belong to no name: only the others are compared.
        if not all(fits[token.text] for token in window):
            continue
        if all(
            right.start - left.end <= MAX_WORD_GAP and "\n" not in text[left.end : right.start]
            for left, right in pairwise(window)
        ) and _matches_name(window, words):
            found.append((window[0].start, window[-1].end))
    return found


def _may_be_name_word(text: str, words: Sequence[NameKeys]) -> bool:
    """Return whether a word (`text`) may be a word of a name, or the initial of such a word.
    `words`: the keys of each word of the name.
    """
    mine = name_keys(text)
    return any(
        (len(text) == 1 and word[0][:1] == mine[0][:1]) or is_same_word(word, mine)
        for word in words
    )


def _matches_name(window: Sequence[_Token], words: Sequence[NameKeys]) -> bool:
    """Return whether some words of a text are all words of a name, in any order. An initial may
    stand for a word, but not for every word. `window`: the words of the text, as many as the name
    has; `words`: the keys of each word of the name.
    """
    left = list(words)
    initials = 0
    # Long words choose first, so that an initial does not take the surname's place.
    for token in sorted(window, key=lambda one: len(one.text), reverse=True):
        mine = name_keys(token.text)
        is_initial = len(token.text) == 1
        match = next(
            (
                word
                for word in left
                if (is_initial and word[0][:1] == mine[0][:1]) or is_same_word(word, mine)
            ),
            None,
        )
        if match is None or not mine[0]:
            return False
        left.remove(match)
        initials += is_initial and len(match[0]) > 1
    return initials < len(words)


def _merge_spans(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in order, joining those that touch or have only a space between them."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and (start <= found[-1][1] or text[found[-1][1] : start] == " "):
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
