"""No pattern of the tracker takes more than in proportion to what it reads: twice the text, at most
2.5 times the time, whatever the text is.
"""

from __future__ import annotations

import ast
import re
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from tests.attacks.patterns import ROOT, Made, every_pattern, hostile_pieces
from tests.nightly import size
from tracker.articles.codes import Language
from tracker.articles.language import detect_language
from tracker.articles.pasted import parse_pasted_article
from tracker.articles.rules import text_fingerprints
from tracker.articles.sentences import split_sentences
from tracker.reader.lines import blank_boilerplate
from tracker.reader.suggest import suggest
from tracker.reader.text import ArticleText

LENGTHS = (4_000, 8_000, 16_000)
MOST_TIMES = 2.5
# What takes less for the short text than this, of seconds, is too quick to be compared.
QUICK = 0.002
METHODS = {"search", "match", "fullmatch", "split", "sub", "subn", "findall", "finditer"}
# Patterns that read a few characters only, by their names: how many, and who sees to it.
READ_LITTLE = {
    ("tracker/when.py", "DAY_MONTH_YEAR_PATTERN"): (60, "a date that is typed is no longer"),
    ("tracker/when.py", "MONTH_DAY_YEAR_PATTERN"): (60, "a date that is typed is no longer"),
    ("tracker/when.py", "PATTERNS_OF_PART"): (60, "a date that is typed is no longer"),
    ("tracker/articles/sentences.py", "LAST_WORD_PATTERN"): (
        12,
        "searches the twelve characters before",
    ),
    ("tracker/reader/answers/speech.py", "LEADING_QUOTE_PATTERN"): (
        6,
        "searches the six characters before",
    ),
    ("tracker/reader/lexicon.py", "PHRASE_WORD_PATTERN"): (200, "reads the words of our own lists"),
    ("tracker/reader/name_words.py", "SURNAME_PATTERNS"): (200, "words are no longer"),
    ("tracker/reader/people/roles.py", "FEMININE_PATTERN"): (200, "words are no longer"),
    ("tracker/reader/places/finding.py", "RUSSIAN_PLACE_NOUNS"): (200, "words are no longer"),
    ("tracker/reader/answers/speech.py", ""): (200, "words are no longer"),
    ("tracker/reader/dates/finding.py", ""): (60, "looks at what stands around a date"),
}


@cache
def patterns() -> list[Made]:
    return every_pattern()


@cache
def uses() -> dict[tuple[str, str], set[str]]:
    """Return by which methods the patterns of each name are used in a module, or anywhere ("")."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for file in (ROOT / "tracker").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                of = node.value.value if isinstance(node.value, ast.Subscript) else node.value
                name = of.id if isinstance(of, ast.Name) else getattr(of, "attr", "")
                found[str(file.relative_to(ROOT)), name].add(node.attr)
                found["", name].add(node.attr)
    return found


@cache
def names_in(path: str) -> list[tuple[int, int, str]]:
    """Return the lines of each value in a module that has a name."""
    return [
        (node.lineno, node.end_lineno or node.lineno, ast.unparse(target))
        for node in ast.parse((ROOT / path).read_text()).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]


def name_of(made: Made) -> str:
    path, _colon, line = made.where.rpartition(":")
    for first, last, name in names_in(path):
        if first <= int(line) <= last:
            return name
    return ""


def ways(made: Made) -> list[Callable[[Any], object]]:
    """Return how the tracker uses a pattern; each way where that is not plain."""
    path, name = made.where.rpartition(":")[0], name_of(made)
    used = (name and (uses().get((path, name)) or uses().get(("", name)))) or METHODS
    pattern: re.Pattern[Any] = made.pattern
    found: list[Callable[[Any], object]] = []
    if used & {"search", "split", "sub", "subn", "findall", "finditer"}:
        found.append(lambda text: [None for _one in pattern.finditer(text)])
    if "match" in used:
        found.append(pattern.match)
    if "fullmatch" in used:
        found.append(pattern.fullmatch)
    return found


def seconds(act: Callable[[Any], object], text: Any, times: int = 1) -> float:
    taken = []
    for _time in range(times):
        began = time.thread_time()
        act(text)
        taken.append(time.thread_time() - began)
    return min(taken)


def out_of_proportion(act: Callable[[Any], object], texts: Sequence[Any]) -> list[float]:
    """Return the seconds of each text where every one takes more than its share, [] otherwise.

    Measured up to three times: other work on the machine slows the longer texts once, not always.
    """
    taken: list[float] = []
    for _time in range(3):
        taken = [seconds(act, one, 3) for one in texts]
        if not all(later > MOST_TIMES * before for before, later in pairwise(taken)):
            return []
    return taken


def grows(made: Made, most_pieces: int) -> str:
    """Return on which text a pattern takes more than in proportion, "" for none."""
    path = made.where.rpartition(":")[0]
    little, _why = READ_LITTLE.get((path, name_of(made)), (0, ""))
    for piece in hostile_pieces(made.pattern)[:most_pieces]:
        for act in ways(made):
            if little:
                if seconds(act, text_of(made, piece, little), 3) > QUICK:
                    return f"{piece!r}: slow on {little} characters"
                continue
            if seconds(act, text_of(made, piece, LENGTHS[0])) < QUICK:
                continue
            texts = [text_of(made, piece, one) for one in LENGTHS]
            if taken := out_of_proportion(act, texts):
                return f"{piece!r}: {', '.join(f'{one:.3f}' for one in taken)} s for {LENGTHS}"
    return ""


def text_of(made: Made, piece: str, length: int) -> Any:
    # At its end what no pattern wants, so that what was begun must be taken back.
    text = (piece * (length // len(piece) + 1))[:length] + "\0"
    is_bytes = isinstance(made.pattern.pattern, bytes)
    return text.encode("utf-8", "replace") if is_bytes else text


def test_no_pattern_takes_more_than_in_proportion_to_the_text() -> None:
    found = patterns()
    assert len(found) > 900, "every module, and what the word lists make"
    # Seven hundred phrases of dates are made alike.
    phrases = [made for made in found if "dates/phrases" in made.where]
    others = [made for made in found if made not in phrases]
    wrong = {
        f"{made.where} {name_of(made)}": told
        for made in (*others, *phrases[:: size(day=20, night=1)])
        if (told := grows(made, size(day=12, night=120)))
    }
    assert wrong == {}


LINE_COUNTS = (1_000, 2_000, 4_000)
# Each of which is one line, of which a pasted text has very many.
LINES = (
    ".", "Gazeta.kz", "News", "Home | News | Sport", "Read also: a car", "12:30 A car went", "a",
    "The Daily Gazette", "Anna Petrova, Gazeta, 3 June 2025.", "3 June 2025", "By Anna Petrova",
    "© 2025 Gazeta", "• A car went", "More", "Гулнара Ахметова", "A car went by. He saw it.",
)  # fmt: skip
# A text begins or ends with a paragraph, or has none.
PARAGRAPH = "A man came to the door of an editor, they said, and asked her neighbours about her."


@pytest.mark.parametrize(
    "read", [parse_pasted_article, split_sentences, detect_language, text_fingerprints]
)
def test_what_reads_a_text_takes_in_proportion_to_its_lines(
    read: Callable[[str], object],
) -> None:
    wrong = {}
    for line in LINES[: size(day=3, night=len(LINES))]:
        for text in (f"{{}}{PARAGRAPH}\n", f"{PARAGRAPH}\n{{}}"):
            made = [text.format(f"{line}\n" * count) for count in LINE_COUNTS]
            if seconds(read, made[-1]) < QUICK:
                continue
            if taken := out_of_proportion(read, made):
                wrong[line, text] = taken
    assert wrong == {}


# Written on and on without a full stop, each time with another number in it.
ENDLESS = (
    "on 3 May Telegram blocked the fake channel @abc{n}_fake of reporter Anna Doe, ",
    "John Smith said that police beat the reporter Anna Doe and ",
    "since May 20{n} threats came from fake{n}.example.org, ",
)
ENDLESS_LENGTHS = (60_000, 120_000, 240_000)
# A child has ten seconds, and a text at most a million letters.
LONGEST_READING = 2.0


def test_an_endless_sentence_is_read_in_proportion_to_its_length_and_soon() -> None:
    wrong = {}
    for piece in ENDLESS:
        whole = "".join(piece.format(n=number) for number in range(ENDLESS_LENGTHS[-1] // 40))
        readings = [ArticleText(whole[:length], Language.EN) for length in (1000, *ENDLESS_LENGTHS)]
        # The first loads the words.
        _loaded, *taken = [seconds(suggest, one) for one in readings]
        grows_faster = all(later > MOST_TIMES * before for before, later in pairwise(taken))
        if grows_faster or max(taken) > LONGEST_READING:
            wrong[piece] = taken
    assert wrong == {}


# Articles of so many letters, over and over with other names: 116,000 letters and more.
PROSE_LETTERS = 14_500
PROSE_ROUNDS = (4, 8)
SYLLABLES = {
    Language.KK: "ба да га жа ка ла ма на",
    Language.RU: "ба да га жа ка ла ма на",
    Language.EN: "ba da ga ja ka la ma na",
}


def prose(language: Language) -> list[str]:
    """Return kept-back articles as one text, once for each syllable, which its names then have."""
    text = ""
    for file in sorted((ROOT / "tests/reader/articles/kept_back" / language).glob("*.txt")):
        article = ArticleText(file.read_text(encoding="utf-8"), language)
        # "Read also" would end the reading of all that comes after it.
        text += f"{blank_boilerplate(article).text.strip()}\n\n"
        if len(text) >= PROSE_LETTERS:
            break
    # Surnames, mostly.
    names = {
        last[:5]
        for first, last in pairwise(re.findall(r"\w+", text))
        if first.istitle() and last.istitle() and len(last) > 5
    }
    begins = re.compile(rf"\b(?={'|'.join(names)})\w\w")
    return [begins.sub(rf"\g<0>{one}", text) for one in SYLLABLES[language].split()]


def test_ordinary_prose_is_read_in_proportion_to_its_length() -> None:
    wrong = {}
    for language in list(SYLLABLES)[: size(day=1, night=len(SYLLABLES))]:
        rounds = prose(language)
        readings = [ArticleText("".join(rounds[:count]), language) for count in PROSE_ROUNDS]
        # The first loads the words.
        assert len(suggest(readings[0]).acts) > 100, "it tells of much"
        before, later = [seconds(suggest, one) for one in readings]
        if later > MOST_TIMES * before and (taken := out_of_proportion(suggest, readings)):
            wrong[language] = taken
    assert wrong == {}


def test_a_pattern_that_takes_the_square_is_found() -> None:
    assert grows(Made(re.compile(r"\w+-(?=\w)"), "tracker/when.py:0"), 120)
    assert grows(Made(re.compile(r"\s+[|]\s+"), "tracker/when.py:0"), 120)
    assert not grows(Made(re.compile(r"a+b?"), "tracker/when.py:0"), 120)
