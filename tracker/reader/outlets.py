"""The outlets that an article names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

from tracker.articles.codes import Language
from tracker.people.matching import is_same_word, name_keys
from tracker.reader import name_words
from tracker.reader.found import FoundOutlet
from tracker.reader.lexicon import LANGUAGES_FOLDER, Phrases, load_lexicon
from tracker.reader.text import (
    ArticleText,
    Line,
    Passage,
    Word,
    has_punctuation_before,
    text_between,
)

# The English articles "the", "a" and "an".
ENGLISH_ARTICLES = frozenset({"the", "a", "an"})
# The word after one of these only describes something and is not a name: "a Kutaisi site".
INDEFINITE_ARTICLES = frozenset({"a", "an"})
# The end of a word that only describes an outlet: "Russian-language channel".
DESCRIPTIVE_SUFFIX_PATTERN = re.compile(
    r"-(?:language|based|registered|owned|run|funded|born|speaking|area|led|backed|era)$"
)
# Nouns for a company or a person: "veteran broadcaster Len Abbott".
WORDS_FOR_OUTLETS_AND_PEOPLE = frozenset({"broadcaster"})
# First words of outlets ("Sunday Times") that are a time after `WORDS_BEFORE_DAY`.
DAY_WORDS = frozenset({"sunday", "evening", "daily"})
# After one of these words, a word such as "Sunday" or "evening" is a time, and does not begin the
# name of an outlet: "on Sunday Arif Haque said".
WORDS_BEFORE_DAY = frozenset(
    {"on", "by", "since", "until", "last", "this", "next", "late", "early"}
)
# The ending of a domain, which an article may leave out of the name.
DOMAIN_ENDING_PATTERN = re.compile(r"\.(?:kz|kg|uz|ru|com|org)$", re.IGNORECASE)
# A domain, with or without a Kazakh case ending: orda.kz, Orda.kz-тің.
DOMAIN_PATTERN = re.compile(
    r"(?:www\.)?((?:[\w-]+\.)+(?:kz|kg|uz|tj|tm|ru|ua|by|az|am|ge|com|org|net|info|media|press|news|tv"
    r"|live|io|қаз|рф|ca|uk|de|eu|lv|me|daily|орг))(?:['’-]\w+)?",
    re.IGNORECASE,
)
# Domains of authorities, platforms and companies, which are not outlets.
NOT_OUTLET_PATTERN = re.compile(
    r"(?:^|\.)(?:gov|mil|edu|egov|adilet|akorda|parlam|sud|facebook|fb|instagram|telegram|t|youtube"
    r"|youtu|twitter|x|tiktok|whatsapp|wa|vk|ok|google|gmail|mail|yandex|yahoo|outlook|proton|apple"
    r"|change|hulu|microsoft|netflix|cloudflare|wordpress|blogspot|bit|petition|zoom|krisha|kolesa"
    r"|olx|wikipedia)\.\w+$"
)
# The most words of an outlet's name in quotation marks; the words of a person's full name.
MAX_NAME_WORDS, FULL_NAME_WORDS = 5, 2
# The certainty, 0 to 1, that a name is an outlet: one in the lists, one beside a noun for outlets,
# and others.
KNOWN_SCORE, CUE_SCORE, BARE_SCORE = 1.0, 0.9, 0.7
# The list in `newsrooms.toml` of names that are not outlets.
NOT_OUTLETS_SECTION = "never"


@dataclass(frozen=True)
class OutletMention:
    """A mention of an outlet: the words `first` up to but not `end` of the sentence `line`.
    `score`: how certain it is, 0 to 1, that these words name an outlet.
    """

    line: Line
    first: int
    end: int
    score: float
    # If the name is part of a single word, its characters: "Orda.kz" of "Orda.kz-тің".
    name_length: int | None = None


@cache
def _known_outlets() -> Phrases:
    """Return the names of known outlets and of other organisations, labelled with their list in
    `newsrooms.toml`: "outlets" or `NOT_OUTLETS_SECTION`.
    """
    return Phrases(
        (phrase, name)
        for folder in sorted(LANGUAGES_FOLDER.iterdir())
        for name in ("outlets", NOT_OUTLETS_SECTION)
        for phrase in load_lexicon(folder.name, "newsrooms").get(name, ())
    )


@cache
def _outlet_cue_phrases(language: Language) -> Phrases:
    """Return the nouns by which a name is recognised as an outlet ("newspaper"), labelled by their
    place: "before" the name, "before_quoted" if the name after them is mostly in quotation marks,
    or "after" the name.
    """
    words = load_lexicon(language.value, "newsrooms")
    names = ("before", "before_quoted", "after")
    return Phrases((phrase, name) for name in names for phrase in words.get(name, ()))


@cache
def _load_words(language: Language, name: str) -> frozenset[str]:
    """Return the list of words called `name` in `newsrooms.toml`."""
    return frozenset(load_lexicon(language.value, "newsrooms").get(name, ()))


@cache
def _known_quoted_names() -> frozenset[str]:
    """Return the outlets whose names count only between quotation marks."""
    folders = sorted(LANGUAGES_FOLDER.iterdir())
    return frozenset(
        name
        for folder in folders
        for name in load_lexicon(folder.name, "newsrooms").get("quoted", ())
    )


def find_outlet_mentions(article: ArticleText) -> list[OutletMention]:
    """Return every mention of an outlet in an article, in order."""
    found = [named for line in article.lines for named in _find_mentions_in_line(line, article)]
    return sorted(
        [*found, *_find_repeated_mentions(article, found)],
        key=lambda one: (one.line.number, one.first),
    )


def _find_repeated_mentions(
    article: ArticleText, found: list[OutletMention]
) -> Iterator[OutletMention]:
    """Yield the other places where the article names an outlet of `found`. They are not in `found`
    because nothing beside the name shows that it is an outlet.
    """
    taken = {(one.line.number, place) for one in found for place in range(one.first, one.end)}
    sure = [one for one in found if one.score > BARE_SCORE and one.name_length is None]
    names = {_word_keys(one.line, one.first, one.end): one for one in sure}
    for line in article.lines:
        for first, end in (
            *_short_quotations(line, article),
            *_capitalised_ranges(line, article, names),
        ):
            words = _word_keys(line, first, end)
            name = next((one for one in names if is_same_outlet_name(one, words)), None)
            places = {(line.number, place) for place in range(first, end)}
            if name is not None and not places & taken:
                taken |= places
                yield OutletMention(line, first, end, BARE_SCORE)


def _word_keys(line: Line, first: int, end: int) -> tuple[tuple[str, str], ...]:
    """Return the two phonetic keys of each of the words `first` up to `end`, without a possessive
    ending: the matching key, and the loose key, in which o is written u.
    """
    return tuple(
        name_keys(name_words.POSSESSIVE_PATTERN.sub("", word.text))
        for word in line.words[first:end]
    )


def _capitalised_ranges(
    line: Line,
    article: ArticleText,
    outlets_by_keys: dict[tuple[tuple[str, str], ...], OutletMention],
) -> Iterator[tuple[int, int]]:
    """Yield the ranges of capitalised words that have as many words as the known name of an outlet,
    each as the positions of its first word and of the word after it. `outlets_by_keys`: a mention
    of each known outlet, by the phonetic keys of the words of its name.
    """
    lengths = {
        len(name)
        for name, one in outlets_by_keys.items()
        if len(name) > 1 or _begins_in_latin_letters(one, article.language)
    }
    for first, last in name_words.capitalised_runs(line, article.language):
        for length in lengths:
            for start in range(first, last - length + 1):
                yield start, start + length


def _short_quotations(line: Line, article: ArticleText) -> Iterator[tuple[int, int]]:
    """Yield the texts in quotation marks in a line that are short enough for a name and begin with
    a capital, each as the positions of its first word and of the word after it.
    """
    for start, end in article.quoted_spans_within(line.sentence.start, line.sentence.end):
        inside = [i for i, word in enumerate(line.words) if start <= word.start < end]
        if inside and len(inside) <= MAX_NAME_WORDS and line.words[inside[0]].is_capital:
            yield inside[0], inside[-1] + 1


def _begins_in_latin_letters(mention: OutletMention, language: Language) -> bool:
    """Return whether the first word of a mention is in Latin letters and is not also part of a
    person's name.
    """
    word = mention.line.words[mention.first].text
    return word.isascii() and not name_words.analyse_name_word(word, language).is_name_part


def is_same_outlet_name(
    name: tuple[tuple[str, str], ...], other: tuple[tuple[str, str], ...]
) -> bool:
    """Return whether two names differ in nothing but grammatical cases. `name`, `other`: the two
    phonetic keys of each word of the name.
    """
    return len(name) == len(other) and all(
        is_same_word(mine, theirs) or is_same_word(theirs, mine)
        for mine, theirs in zip(name, other, strict=True)
    )


def strip_ending(word: Word, language: Language) -> Word:
    """Return a word without its grammatical ending: "Azattyq's", "КТК-ның"."""
    if language is Language.EN:
        return word._replace(folded=name_words.POSSESSIVE_PATTERN.sub("", word.folded))
    stem, hyphen, ending = word.folded.rpartition("-")
    is_glued = (
        hyphen
        and language is Language.KK
        and name_words.KAZAKH_CASE_ENDING_PATTERN.fullmatch(ending)
    )
    return word._replace(folded=stem) if is_glued else word


def _find_mentions_in_line(line: Line, article: ArticleText) -> list[OutletMention]:
    """Return the outlets of a line; of overlapping mentions the most certain one."""
    words = [strip_ending(word, article.language) for word in line.words]
    known = [one for one in _known_outlets().find(words) if words[one.first].is_capital]
    taken = [(one.first, one.end) for one in known if one.label == NOT_OUTLETS_SECTION]
    found = [
        OutletMention(line, one.first, one.end, KNOWN_SCORE)
        for one in known
        if one.label != NOT_OUTLETS_SECTION
    ]
    found += _find_domains(line)
    beside = _outlet_cue_phrases(article.language).find(words)
    labels_by_name_start = {
        one.end: str(one.label)
        for one in beside
        if one.label != "after" and not has_punctuation_before(line, one.end)
    }
    name_ends = {
        one.first
        for one in beside
        if one.label == "after" and not has_punctuation_before(line, one.first)
    }
    found += _find_quoted_names(line, article, labels_by_name_start, name_ends)
    found += _find_capitalised_names(line, article.language, labels_by_name_start, name_ends)
    chosen: list[OutletMention] = []
    for one in sorted(found, key=lambda named: (-named.score, named.first - named.end)):
        if not any(one.first < end and first < one.end for first, end in taken):
            chosen.append(one)
            taken.append((one.first, one.end))
    return sorted(chosen, key=lambda named: named.first)


def _find_domains(line: Line) -> Iterator[OutletMention]:
    """Yield the web domains of a line that may be outlets."""
    text, offset = line.sentence.text, line.sentence.start
    for number, word in enumerate(line.words):
        match = DOMAIN_PATTERN.fullmatch(word.text)
        if match is None or NOT_OUTLET_PATTERN.search(match[1].casefold()):
            continue
        around = (
            text[max(0, word.start - offset - 1) : word.start - offset],
            text[word.end - offset :][:1],
        )
        if around[0] != "@" and around[1] != "/":
            yield OutletMention(line, number, number + 1, BARE_SCORE, match.end(1))


def _find_quoted_names(
    line: Line, article: ArticleText, labels_by_name_start: dict[int, str], name_ends: set[int]
) -> Iterator[OutletMention]:
    """Yield the names in quotation marks that are known outlets, look like outlets, or are beside a
    noun such as "newspaper". `labels_by_name_start`: the label of such a noun ("before", or
    "before_quoted" if mostly a quoted name follows), by the position of the word after the noun;
    `name_ends`: the positions of such nouns that may follow a name.
    """
    for first, last in _short_quotations(line, article):
        folded = [word.folded for word in line.words[first:last]]
        if first in labels_by_name_start or last in name_ends:
            yield OutletMention(line, first, last, CUE_SCORE)
        elif " ".join(folded) in _known_quoted_names() or (
            last - first > 1 and _is_outlet_like(folded, article.language)
        ):
            yield OutletMention(line, first, last, BARE_SCORE)


def _is_outlet_like(words: list[str], language: Language) -> bool:
    """Return whether the first or the last of the `words` of a name is typical of outlets: "Kursk
    Times", "Radio Tau". The words are in lower case, as `fold_word` gives them.
    """
    if words[0] in _load_words(language, "generic"):
        return False
    whole, begins = _outlet_last_words(language)
    return (
        words[-1] in whole
        or words[-1].startswith(begins)
        or words[0] in _load_words(language, "begins")
    )


@cache
def _outlet_last_words(language: Language) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return what is typical of the last word of an outlet's name ("Times"): a set of whole words,
    and a tuple of beginnings of words.
    """
    words = _load_words(language, "ends")
    begins = tuple(word[:-1] for word in words if word.endswith("*"))
    return words, begins or ("\0",)


def _find_capitalised_names(
    line: Line, language: Language, labels_by_name_start: dict[int, str], name_ends: set[int]
) -> Iterator[OutletMention]:
    """Yield the capitalised names that have a word typical of outlets, or are beside a noun such as
    "newspaper". `labels_by_name_start`: the label of such a noun ("before", or "before_quoted" if
    mostly a quoted name follows), by the position of the word after the noun; `name_ends`: the
    positions of such nouns that may follow a name.
    """
    for found in _split_at_possessive(line, language):
        run = strip_opening_word(line, found, language, _load_words(language, "begins"))
        words = line.words[run[0] : run[1]]
        if any(DOMAIN_PATTERN.fullmatch(word.text) for word in words):
            continue
        folded = [word.folded.removesuffix("'s") for word in words]
        if is_day_word(line, run[0], folded[0]):
            continue
        if len(words) > 1 and _is_outlet_like(folded, language):
            if len([word for word in folded if word not in ENGLISH_ARTICLES]) > 1:
                yield OutletMention(line, *run, BARE_SCORE)
            continue
        first, last = _trim_run(line, run, language)
        if first < last and (
            score := _score_by_neighbours(
                line, (first, last), labels_by_name_start, name_ends, language
            )
        ):
            yield OutletMention(line, first, last, score)


def _split_at_possessive(line: Line, language: Language) -> Iterator[tuple[int, int]]:
    """Yield the runs of capitalised words in a line, each as the positions of its first word and of
    the word after it. An English possessive ends a run: "Azattyq's Maria" is two runs.
    """
    for first, last in name_words.capitalised_runs(line, language):
        start = first
        for place in range(first, last):
            if language is Language.EN and line.words[place].folded.endswith("'s"):
                yield start, place + 1
                start = place + 1
        if start < last:
            yield start, last


def _trim_run(line: Line, run: tuple[int, int], language: Language) -> tuple[int, int]:
    """Return a run of capitalised words without stop words at its ends. `run` and the result are
    the positions of the first word and of the word after the run. The two are equal if no word is
    left, or only one that may have its capital because it opens a sentence.
    """
    first, last = run
    while first < last and (
        name_words.is_stop_word(line.words[first].folded, language)
        or is_descriptive_word(line.words[first].folded)
    ):
        first += 1
    while first < last and name_words.is_stop_word(line.words[last - 1].folded, language):
        last -= 1
    is_opening = last - first == 1 and (first == 0 or has_punctuation_before(line, first))
    return (first, first) if is_opening else (first, last)


def _score_by_neighbours(
    line: Line,
    run: tuple[int, int],
    labels_by_name_start: dict[int, str],
    name_ends: set[int],
    language: Language,
) -> float:
    """Return how certain it is, 0 to 1, that the words in `run` name an outlet, by nouns such as
    "newspaper" beside them. `labels_by_name_start`: the label of such a noun ("before", or
    "before_quoted" if mostly a quoted name follows), by the position of the word after the noun;
    `name_ends`: the positions of such nouns that may follow a name.
    """
    first, last = run
    is_sure = (
        labels_by_name_start.get(first) == "before" and text_between(line, first, first).isspace()
    )
    is_surnamed = language is Language.RU and name_words.SURNAME_ENDING_PATTERN.search(
        line.words[last - 1].folded
    )
    if is_sure and is_surnamed and last - first == FULL_NAME_WORDS:
        # One of its people: "сотрудник радио Оразмухаммед Гельдыев".
        return 0.0
    if is_sure and not is_full_person_name(line, first, last, language):
        return CUE_SCORE - 0.1
    if not is_sure and has_person_name(line, first, last, language):
        return 0.0
    if language is Language.EN and (
        is_not_outlet_name(line, first, last, language)
        or describes_next_name(line, last, labels_by_name_start)
    ):
        return 0.0
    is_behind = first in labels_by_name_start and language is Language.EN
    return BARE_SCORE if is_behind or (last in name_ends and language is not Language.RU) else 0.0


def is_descriptive_word(folded: str) -> bool:
    """Return whether a word only describes an outlet, as "Russian-language" does."""
    return DESCRIPTIVE_SUFFIX_PATTERN.search(folded) is not None


def strip_opening_word(
    line: Line, run: tuple[int, int], language: Language, first_words: Collection[str]
) -> tuple[int, int]:
    """Return a run of capitalised words without a first word that only opens the sentence: "В Arna
    Press". `run` and the result are the positions of the first word and of the word after the run.
    `first_words`: words with which names of outlets begin, which are kept.
    """
    first, last = run
    folded = line.words[first].folded
    is_small = first == 0 and last - first > 1 and folded not in first_words
    if language is not Language.EN and is_small and name_words.is_stop_word(folded, language):
        return first + 1, last
    return run


def is_day_word(line: Line, first: int, word: str) -> bool:
    """Return whether `word`, at position `first`, is a time ("on Sunday"), not part of a name."""
    return first > 0 and word in DAY_WORDS and line.words[first - 1].folded in WORDS_BEFORE_DAY


def is_not_outlet_name(line: Line, first: int, end: int, language: Language) -> bool:
    """Return whether the words `first` up to `end` cannot be an outlet's name, because "a" or "an"
    stands before them or because they name a person.
    """
    before = line.words[first - 1].folded if first else ""
    if (
        before in WORDS_FOR_OUTLETS_AND_PEOPLE
        and end - first > 1
        and name_words.analyse_name_word(line.words[first].text, language).is_given
    ):
        return True
    return before in INDEFINITE_ARTICLES or is_full_person_name(line, first, end, language)


def describes_next_name(line: Line, end: int, labels_by_name_start: dict[int, str]) -> bool:
    """Return whether the noun at word `end`, after a name, describes the next name: "the Lagos
    weekly Lantern". `labels_by_name_start`: the label of a noun such as "weekly", by the position
    of the word after it, where a name may begin.
    """
    words = line.words
    following = end + 1
    if following < len(words) and words[following].folded in ENGLISH_ARTICLES:
        following += 1
    return (
        labels_by_name_start.get(end + 1) == "before"
        and following < len(words)
        and words[following].is_capital
        and text_between(line, end + 1, end + 1).isspace()
    )


def has_person_name(line: Line, first: int, end: int, language: Language) -> bool:
    """Return whether the words `first` up to `end` contain part of a person's name."""
    forms = [name_words.analyse_name_word(word.text, language) for word in line.words[first:end]]
    return any(one.is_given or one.is_patronymic or one.is_initial for one in forms) or (
        forms[-1].is_surname
    )


def is_full_person_name(line: Line, first: int, end: int, language: Language) -> bool:
    """Return whether the words `first` up to `end` are a given name and a surname or patronymic."""
    forms = [name_words.analyse_name_word(word.text, language) for word in line.words[first:end]]
    return (
        len(forms) > 1 and forms[0].is_given and (forms[-1].is_surname or forms[-1].is_patronymic)
    )


def find_outlets(article: ArticleText) -> list[FoundOutlet]:
    """Return the outlets that an article names, each once, with all mentions."""
    found: list[FoundOutlet] = []
    by_keys: list[tuple[tuple[str, str], ...]] = []
    for named in find_outlet_mentions(article):
        passage = _mention_passage(article, named)
        mine = _outlet_name_keys(passage.text)
        at = next((i for i, theirs in enumerate(by_keys) if _is_short_name_of(mine, theirs)), None)
        if at is None:
            found.append(FoundOutlet(passage.text, [passage], named.score))
            by_keys.append(mine)
            continue
        known = found[at]
        known.mentions.append(passage)
        known.score = max(known.score, named.score)
        if len(mine) > len(by_keys[at]):
            known.name, by_keys[at] = passage.text, mine
        # Cases make a name longer, in Kazakh always.
        if article.language is Language.KK and len(passage.text) < len(known.name):
            known.name = passage.text
    return found


def _mention_passage(article: ArticleText, mention: OutletMention) -> Passage:
    """Return the words of a mention and their place in the article, without "the", "a" or "an" at
    the beginning and without a grammatical ending.
    """
    words = mention.line.words
    first = mention.first + (
        words[mention.first].folded in ENGLISH_ARTICLES and mention.end - mention.first > 1
    )
    start, end = words[first].start, words[mention.end - 1].end
    if mention.name_length is not None:
        end = words[mention.first].start + mention.name_length
    else:
        last = words[mention.end - 1]
        end -= len(last.folded) - len(strip_ending(last, article.language).folded)
    return article.get_passage(start, end)


def _outlet_name_keys(name: str) -> tuple[tuple[str, str], ...]:
    """Return the two phonetic keys of each word of an outlet's name: the matching key, and the
    loose key, in which o is written u. A domain ending such as ".kz" is left out.
    """
    return tuple(
        name_keys(word) for word in re.findall(r"[\w.-]+", DOMAIN_ENDING_PATTERN.sub("", name))
    )


def _is_short_name_of(
    name: tuple[tuple[str, str], ...], other: tuple[tuple[str, str], ...]
) -> bool:
    """Return whether two names are the same, or one is the last words of the other: "Courier",
    "Ridgeway Courier". `name`, `other`: the two phonetic keys of each word of the name.
    """
    fewer = min(len(name), len(other))
    return is_same_outlet_name(name[-fewer:], other[-fewer:])
