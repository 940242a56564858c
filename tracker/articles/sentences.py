"""An article's text as numbered sentences, so that typing a number is citing it."""

from __future__ import annotations

import re
from itertools import chain
from typing import NamedTuple


class Sentence(NamedTuple):
    """A sentence and where it stands: `text` is the article's text from `start` to `end`.

    Numbers and paragraphs count from 1; a tuple, since an article may have 200,000 of them.
    """

    number: int
    start: int
    end: int
    text: str
    paragraph: int


LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
# A stop with the quotation marks and brackets that close after it; white space; then what opens the
# next sentence. Every part but the stop may be empty, so that a long run of dots is read once.
STOP = re.compile(r"""([.!?…]+["'”“’»)\]]*)(\s*)[^\w█.!?…]*""")
LAST_WORD = re.compile(r"[\w.\-]+$")
LONGEST_ABBREVIATION = 12
# A masked passage stays the sentence that it was.
WORD_CHARACTER = re.compile(r"[\w█]")

# Never the end of a sentence: a name or a number follows.
ALWAYS = """
    mr mrs ms mx dr prof gen lt col sgt capt maj cmdr adm rev hon sen rep gov pres supt det insp
    st mt vs cf e.g i.e viz approx messrs
    ул им д кв пл пос пр-т просп б-р обл р-н респ мкр с п пп ч т тт ст см ср напр т.е т.к т.н т.о
    и.о вр.и.о проф доц акад канд инж полк подполк зам нач гл ред изд г-н г-жа тел тыс млн млрд
    қ көш ауд даңғ мыс ш.а
    дж zh sh kh yu ts
"""
# Words or abbreviations: only a number behind them says which.
WITH_NUMBER = """
    no nos fig art sec ch vol p pp para
    jan feb mar apr jun jul aug sep sept oct nov dec
    рис стр табл гл абз эт оф корп бет сур
"""
ABBREVIATIONS = frozenset(ALWAYS.split())
BEFORE_NUMBERS = frozenset(WITH_NUMBER.split())
# A town or person in "г. Алматы", a year in "2025 г."
AFTER_YEARS = frozenset(("г", "гг", "ж", "жж"))


def split(text: str) -> list[Sentence]:
    """Return every sentence in order; the same text always gives the same numbers."""
    return list(chain.from_iterable(paragraphs(text)))


def paragraphs(text: str) -> list[list[Sentence]]:
    """Return the sentences of each paragraph; a line break ends both, and a line without a letter
    or digit is neither.
    """
    found: list[list[Sentence]] = []
    number = 0
    for line in LINE.finditer(text):
        if not WORD_CHARACTER.search(line[0]):
            continue
        sentences = []
        for start, end in _spans(line[0]):
            number += 1
            first, last = line.start() + start, line.start() + end
            sentences.append(Sentence(number, first, last, text[first:last], len(found) + 1))
        found.append(sentences)
    return found


def _spans(line: str) -> list[tuple[int, int]]:
    """Return where the sentences of one line begin and end, without the white space around."""
    spans = []
    start = len(line) - len(line.lstrip())
    for stop in STOP.finditer(line):
        if _ends(line, start, stop):
            spans.append((start, stop.end(1)))
            start = stop.end(2)
    end = len(line.rstrip())
    if start < end:
        spans.append((start, end))
    return spans


def _ends(line: str, start: int, stop: re.Match[str]) -> bool:
    """Return whether this stop ends the sentence that began at `start`."""
    if stop.end() == len(line) or not stop[2]:
        return False
    after = line[stop.end()]
    if after in ".!?…" or (after.islower() and line[stop.end() - 1] not in "@#"):
        return False
    # A mark in brackets, such as (!), comments on one word.
    if stop.start() > start and line[stop.start() - 1] in "([":
        return False
    if not stop[0].startswith(".") or stop[0].startswith(".."):
        return True
    return not _abbreviates(line, start, stop.start(), after)


def _abbreviates(line: str, start: int, dot: int, after: str) -> bool:
    """Return whether the dot belongs to the word before it: an initial, a list number or such."""
    word = LAST_WORD.search(line, max(start, dot - LONGEST_ABBREVIATION), dot)
    if word is None:
        return False
    token = word[0].casefold()
    if token.isdecimal():
        return word.start() == start
    last = re.split(r"[.\-]", word[0])[-1]
    if len(last) == 1 and last.isupper():
        return True
    if token in AFTER_YEARS:
        return not line[start : word.start()].rstrip()[-1:].isdecimal()
    return token in ABBREVIATIONS or (token in BEFORE_NUMBERS and after.isdecimal())
