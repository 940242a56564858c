"""The separation of an article's sentences from bylines, dates and lists of links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from tracker.reader.dates.phrases import load_date_lexicon
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.text import ArticleText, Line

# The most words of two kinds of lines: the heading of a list of links, and a link that is known
# only by its beginning ("Read also"). A longer line with the same words belongs to the article.
MAX_SHORT_LINE_WORDS = 6
# A line of more words is not a link, unless it begins with one of `MENU_SIGNS`.
MAX_LINK_LINE_WORDS = 25
# This many bars or bullets make a line a menu.
MIN_MENU_SEPARATORS = 2
# The list of other articles at the end is at most this share of the sentences.
MAX_LIST_SHARE = 0.6
# A line that ends with one of these is a sentence rather than a link.
LINE_END_MARKS = (".", "!", "?", "…", "»", "”", '"', ":", ";", ")")
# Marks before an item of a list. An item without one of `LINE_END_MARKS` at its end is the headline
# of another article.
BULLET_MARKS = ("•", "▪", "·", "—", "–")
# Signs with which only menus, links and copyright notices begin.
MENU_SIGNS = ("©", "→", "»", ">", "#", "|")
# How many first paragraphs, beside the last one, may be boilerplate; the most words of its lines;
# and the most words of a line with a date but without an hour.
HEAD_PARAGRAPHS, MAX_BOILERPLATE_WORDS, MAX_DATE_LINE_WORDS = 6, 14, 8
# A time of day: 9:30.
TIME_OF_DAY_PATTERN = re.compile(r"(?<!\d)[0-2]?\d:[0-5]\d(?!\d)")
# A date or a year in figures.
DATE_FIGURES_PATTERN = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}-\d\d-\d\d|(?:19|20)\d\d")
# Characters that, beside a time of day, show a line with the date and the number of views.
VIEW_COUNTER_PATTERN = re.compile(r"[|•·👁©]| {2,}")
# A line that ends with one of these is not a byline, unless it ends with an abbreviated "year".
SENTENCE_END_MARKS = (".", "!", "?", "…", "»", "”", '"')
# "ALMATY, October 14 —", "МОСКВА, 30 янв." and similar before the first sentence.
DATELINE_PATTERN = re.compile(r"[^\W\d_a-zа-яәғқңөұүһі]{3,}(?:[\s,/-]+[^\W\d_]+\.?){0,4},?\s")
# The dash after a dateline is among these first characters of its sentence.
MAX_DATELINE_CHARACTERS = 60


def content_lines(article: ArticleText) -> tuple[Line, ...]:
    """Return the sentences of the article without links to other articles, bylines, publication
    dates and view counters.
    """
    lines = lines_with_bylines(article)
    if not lines:
        return ()
    first, last = lines[0].paragraph, lines[-1].paragraph
    sizes = _lines_per_paragraph(lines)
    return tuple(
        line
        for line in lines
        if not (sizes[line.paragraph] == 1 and _is_boilerplate(article, line, first, last))
    )


def lines_with_bylines(article: ArticleText) -> tuple[Line, ...]:
    """Return the sentences of the article without links and lists of other articles, but with
    bylines. Return all sentences if the language has no words for links (section [leftovers] of
    `targets.toml`).
    """
    has_words = "leftovers" in load_lexicon(article.language.value, "targets")
    return article_lines(article) if has_words else article.lines


def dateline_length(article: ArticleText, line: Line) -> int:
    """Return the number of characters of a sentence's dateline ("ALMATY, 14 October —"), or 0."""
    text = line.sentence.text
    start = DATELINE_PATTERN.match(text)
    if start is None:
        return 0
    dash = re.search(r"\s[—–-]\s|\)\s", text[:MAX_DATELINE_CHARACTERS])
    if dash:
        return dash.end()
    # A dateline that ends with a full stop is a sentence by itself: "МОСКВА, 30 янв."
    return (
        len(text)
        if len(text) < MAX_DATELINE_CHARACTERS and _has_day_and_month(article, text)
        else 0
    )


def _lines_per_paragraph(lines: Iterable[Line]) -> dict[int, int]:
    """Return the number of sentences of each paragraph, by the paragraph's number."""
    sizes: dict[int, int] = {}
    for line in lines:
        sizes[line.paragraph] = sizes.get(line.paragraph, 0) + 1
    return sizes


def _is_boilerplate(
    article: ArticleText, line: Line, first_paragraph: int, last_paragraph: int
) -> bool:
    """Return whether a line, alone in its paragraph, is only a date, byline or view counter; the
    article begins with `first_paragraph` and ends with `last_paragraph`.
    """
    text = line.sentence.text.strip()
    if len(line.words) > MAX_BOILERPLATE_WORDS or not (
        line.paragraph - first_paragraph < HEAD_PARAGRAPHS or line.paragraph == last_paragraph
    ):
        return False
    if TIME_OF_DAY_PATTERN.search(text) and (
        VIEW_COUNTER_PATTERN.search(text) or DATE_FIGURES_PATTERN.search(text)
    ):
        return True
    if text.endswith(SENTENCE_END_MARKS) and not text.endswith(("г.", "ж.")):
        return False
    return (
        _has_day_and_month(article, text)
        and len(line.words) <= MAX_DATE_LINE_WORDS
        and line.paragraph != first_paragraph
    )


def _has_day_and_month(article: ArticleText, text: str) -> bool:
    """Return whether a text contains a date with day and month ("5 May")."""
    spotted = load_date_lexicon(article.language.value).find(text.lower().replace("ё", "е"))
    return any(one.kind == "day" for one in spotted)


def article_lines(article: ArticleText) -> tuple[Line, ...]:
    """Return the sentences of the article without links and lists of other articles, or all if the
    language has no `targets.toml`.
    """
    lines = article.lines
    if not load_lexicon(article.language.value, "targets"):
        return lines
    end = next(
        (
            place
            for place, line in enumerate(lines)
            if place >= len(lines) * (1 - MAX_LIST_SHARE) and _is_link_list_heading(article, line)
        ),
        len(lines),
    )
    return tuple(line for line in lines[:end] if not _is_link_line(article, line))


def blank_boilerplate(article: ArticleText) -> ArticleText:
    """Return the article with spaces in place of links and lists of other articles: offsets stay
    the same, sentences are renumbered.
    """
    kept = {line.number for line in article_lines(article)}
    text = article.text
    for line in article.lines:
        if line.number not in kept:
            start, end = line.sentence.start, line.sentence.end
            text = text[:start] + " " * (end - start) + text[end:]
    return replace(article, text=text)


@cache
def _load_phrases(language: str, heading: str) -> Phrases:
    """Return the phrases of one heading of [leftovers] in `targets.toml`: "begins" for the
    beginnings of links, "rest" for the headings of lists of links.
    """
    return Phrases(
        (phrase, None) for phrase in load_lexicon(language, "targets")["leftovers"][heading]
    )


def _is_link_list_heading(article: ArticleText, line: Line) -> bool:
    """Return whether a line is nothing but the heading of a list of links."""
    words = line.words
    return 0 < len(words) <= MAX_SHORT_LINE_WORDS and any(
        found.end == len(words)
        for found in _load_phrases(article.language.value, "rest").matches_at(words, 0)
    )


def _is_link_line(article: ArticleText, line: Line) -> bool:
    """Return whether a line is a link, a menu or a promotion of another article."""
    text = line.sentence.text.strip()
    if text.startswith(MENU_SIGNS) or not line.words:
        return True
    if len(line.words) > MAX_LINK_LINE_WORDS:
        return False
    if text.startswith(BULLET_MARKS) and not text.endswith(LINE_END_MARKS):
        return True
    if text.count("|") >= MIN_MENU_SEPARATORS or text.count("•") >= MIN_MENU_SEPARATORS:
        return True
    return next(
        _load_phrases(article.language.value, "begins").matches_at(line.words, 0), None
    ) is not None and (
        ":" in text
        or "|" in text
        or len(line.words) <= MAX_SHORT_LINE_WORDS
        or not text.endswith(LINE_END_MARKS)
    )
