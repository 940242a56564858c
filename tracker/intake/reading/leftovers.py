"""Lines of a pasted page that are no part of the article: "Read also", headline lists, footers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.lexicon import Phrases, lexicon

if TYPE_CHECKING:
    from tracker.intake.reading.text import Line, Reading

# Headings and links are short; the same words in a longer sentence belong to the article.
SHORT = 6
LONGEST_LINK = 25
# So many bars or bullets make a line a menu.
MENU = 2
# Above this share of the page a list would be the article itself.
LARGEST_LIST = 0.6
ENDS = (".", "!", "?", "…", "»", "”", '"', ":", ";", ")")
# A headline in a list of other articles has no full stop.
BULLETS = ("•", "▪", "·", "—", "–")
SIGNS = ("©", "→", "»", ">", "#", "|")


def article_lines(reading: Reading) -> tuple[Line, ...]:
    """Return the sentences of the article itself, in order."""
    lines = reading.lines
    if not lexicon(reading.language.value, "targets"):
        return lines
    end = next(
        (
            place
            for place, line in enumerate(lines)
            if place >= len(lines) * (1 - LARGEST_LIST) and _heads_list(reading, line)
        ),
        len(lines),
    )
    return tuple(line for line in lines[:end] if not _is_link(reading, line))


def without_leftovers(reading: Reading) -> Reading:
    """Return the article with spaces for the lines that are no part of it: offsets stay, sentences
    are numbered anew.
    """
    kept = {line.number for line in article_lines(reading)}
    text = reading.text
    for line in reading.lines:
        if line.number not in kept:
            start, end = line.sentence.start, line.sentence.end
            text = text[:start] + " " * (end - start) + text[end:]
    return replace(reading, text=text)


@cache
def _phrases(language: str, kind: str) -> Phrases:
    return Phrases((phrase, None) for phrase in lexicon(language, "targets")["leftovers"][kind])


def _heads_list(reading: Reading, line: Line) -> bool:
    """Say whether a line is nothing but the heading of a list of links."""
    words = line.words
    return 0 < len(words) <= SHORT and any(
        found.end == len(words) for found in _phrases(reading.language.value, "rest").at(words, 0)
    )


def _is_link(reading: Reading, line: Line) -> bool:
    text = line.sentence.text.strip()
    if text.startswith(SIGNS) or not line.words:
        return True
    if len(line.words) > LONGEST_LINK:
        return False
    if text.startswith(BULLETS) and not text.endswith(ENDS):
        return True
    if text.count("|") >= MENU or text.count("•") >= MENU:
        return True
    return next(
        _phrases(reading.language.value, "begins").at(line.words, 0), None
    ) is not None and (
        ":" in text or "|" in text or len(line.words) <= SHORT or not text.endswith(ENDS)
    )
