"""The names of people in an article, with a score for each.

A run of capitalised words is split into names: "Марии Ивановой Айман Умарова" are two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from tracker.articles.codes import Language
from tracker.reader import name_words
from tracker.reader.lexicon import LANGUAGES_FOLDER, Phrases, load_lexicon
from tracker.reader.outlets import OutletMention
from tracker.reader.people.nominative import is_nominative
from tracker.reader.people.roles import RoleNoun, is_linked_to_name
from tracker.reader.text import ArticleText, Line, text_after

# How certain a name is that of a person, about 0 to 1: a known given name with a surname, with
# another word, an unknown word before a surname, a single known word, and a single unknown one.
SURE_SCORE, FAIR_SCORE, LIKELY_SCORE, MAYBE_SCORE, UNKNOWN_SCORE = 1.0, 0.85, 0.75, 0.35, 0.1
# The end of an adjective for a country.
NATIONAL_ADJECTIVE_PATTERN = re.compile(r"[сц]к\w{2,3}$")
# The most words of a name that begins with a given name.
MAX_NAME_WORDS = 5
# In English, a second surname is added to a name of fewer words than this: "Ernesto Villanueva
# Ruiz".
MAX_WORDS_WITH_TWO_SURNAMES = 4
# In English, the last capitalised word is added to a name of fewer words than this: "Ibrahim Tanko
# Gaya".
MAX_ENGLISH_NAME_WORDS = 3
# Endings of words that are not given names, for unknown words that open a sentence.
NOT_GIVEN_NAME_PATTERNS = {
    Language.EN: re.compile(
        r"(?:ed|ing|ly|tion|ions?|ics?|als?|ments?|ness|ies|ers?|ous|ive|ists?)$"
    ),
    Language.RU: re.compile(
        r"(?:ние|ния|нию|нием|ний|ение|ого|его|ому|ему|ый|ой|ая|ое|ые|ых|ими|ами|ах|ость|ости|ть|тся"
        r"|л|ла|ло|ли|лся|лась|ство|ства|ций|ции|ция|цию|ку|ки|ка|но|во|же)$"
    ),
    Language.KK: re.compile(
        r"(?:ған|ген|қан|кен|ып|іп|ті|ты|ді|ды|дан|ден|нан|нен|тан|тен|да|де|та|те|ның|нің|дың|дің|тың"
        r"|тің|лар|лер|дар|дер|тар|тер|лық|лік|ша|ше|ғы|гі|сы|сі|нда|нде|міз|мыз)$"
    ),
}
# The score of a name in a headline, where every word has a capital, unless the name is sure.
HEADLINE_NAME_SCORE = 0.0
# A longer text in quotation marks is not a title.
MAX_QUOTED_TITLE_WORDS = 4
# Words with a lower score do not introduce a new person.
MIN_NAME_SCORE = 0.6
# What is added to the score of an unknown full name if its surname appears alone elsewhere in the
# article.
SURNAME_ALONE_BONUS = 0.4
# The numbers of words that a full name may have.
FULL_NAME_LENGTHS = (2, 3)
# An age after a name: ", 38,".
AGE_PATTERN = re.compile(
    r"\s*[,(]\s*(?:aged? )?\d{1,2}\b\s*(?:-year-old|лет|год|жас)?\s*[,).]|\s\d{1,2} жас(?:та|қа)\b"
)
# What follows a name that opens an entry of a report on several incidents: "Rakiya Sule
# (Maiduguri).".
ENTRY_OPENING_PATTERN = re.compile(r"\s\([A-Z][a-z][^)]{2,30}\)[.:]")
# The text before a name that opens a sentence.
SENTENCE_OPENING_PATTERN = re.compile(r"(?:^|[.!?…:]\s|[«“\"„—–-]\s?)$")
# "ФОКа", "КНБшник": an acronym with a case ending is not a name.
DECLINED_ACRONYM_PATTERN = re.compile(r"[А-ЯЁ]{2,}(?:[аеуыи]|ом|ами|ах|шник\w*)")


@dataclass(frozen=True)
class NameSpan:
    """A possible name of a person: the words `first` up to but not `end` of the sentence `line`.
    `forms`: what each word can be in a name; `score`: how certain it is, about 0 to 1, that the
    words name a person.
    """

    line: Line
    first: int
    end: int
    forms: tuple[name_words.NameWord, ...]
    score: float

    @property
    def start_offset(self) -> int:
        """The offset of the first letter."""
        return self.line.words[self.first].start

    @property
    def end_offset(self) -> int:
        """The offset after the last letter, without a possessive ending."""
        last = self.line.words[self.end - 1]
        return last.start + len(self.forms[-1].text)

    @property
    def text(self) -> str:
        """The name as written, with single spaces."""
        offset = self.line.sentence.start
        return " ".join(
            self.line.sentence.text[self.start_offset - offset : self.end_offset - offset].split()
        )

    @property
    def opens_sentence(self) -> bool:
        """Whether the name opens a sentence, where any word has a capital."""
        offset = self.line.sentence.start
        return bool(
            SENTENCE_OPENING_PATTERN.search(self.line.sentence.text[: self.start_offset - offset])
        )

    def drop_first_word(self) -> NameSpan:
        """Return the span without its first word, with a low score."""
        return replace(self, first=self.first + 1, forms=self.forms[1:], score=MAYBE_SCORE)


@cache
def _organisation_phrases() -> Phrases:
    """Return the names of organisations, in all languages."""
    return Phrases(
        (phrase, None)
        for folder in sorted(LANGUAGES_FOLDER.iterdir())
        for phrase in (
            *load_lexicon(folder.name, "organisations").get("names", ()),
            *load_lexicon(folder.name, "newsrooms").get("never", ()),
        )
    )


def find_name_spans(
    article: ArticleText, roles: Sequence[Sequence[RoleNoun]], outlets: Sequence[OutletMention]
) -> list[NameSpan]:
    """Return all words that may name a person, in order, with their scores. `roles`: the role nouns
    of each line; `outlets`: the mentions of outlets, which are not names of people.
    """
    lower_case_words = {
        word.folded for line in article.lines for word in line.words if word.text.islower()
    }
    by_line: dict[int, list[OutletMention]] = {}
    for one in outlets:
        by_line.setdefault(one.line.number, []).append(one)
    found = []
    for number, line in enumerate(article.lines):
        excluded = _excluded_words(
            line, roles[number], by_line.get(line.number, []), article.language
        )
        is_title = name_words.is_headline(line, article.language)
        for first, last in name_words.capitalised_runs(line, article.language):
            for segment in _split_segments(line, first, last, excluded, article.language):
                for span in _spans_of_segment(line, segment, article.language, lower_case_words):
                    score = span.score + _context_score(span, article, roles[number])
                    if is_title and span.score < SURE_SCORE:
                        score = HEADLINE_NAME_SCORE
                    found.append(replace(span, score=score))
    return _confirm_by_surname(found) if article.language is Language.EN else found


def _confirm_by_surname(spans: list[NameSpan]) -> list[NameSpan]:
    """Return the spans, with a higher score for full names whose surname is also used alone:
    "Rodrigo Tampos" and "Tampos".
    """
    alone = {
        span.forms[0].phonetic_key
        for span in spans
        if len(span.forms) == 1 and span.score > HEADLINE_NAME_SCORE
    }
    return [
        replace(span, score=span.score + SURNAME_ALONE_BONUS)
        if UNKNOWN_SCORE < span.score < MIN_NAME_SCORE
        and len(span.forms) in FULL_NAME_LENGTHS
        and span.forms[-1].phonetic_key in alone
        else span
        for span in spans
    ]


def _excluded_words(
    line: Line, roles: Sequence[RoleNoun], outlets: Sequence[OutletMention], language: Language
) -> set[int]:
    """Return the positions of words of a line that are outlets, organisations or role nouns."""
    excluded = {i for one in outlets for i in range(one.first, one.end)}
    for found in _organisation_phrases().find(line.words):
        if line.words[found.first].is_capital:
            excluded.update(range(found.first, found.end))
    for role in roles:
        if not _is_used_as_surname(line, role.first, language):
            excluded.update(range(role.first, role.end))
    return excluded


def _is_used_as_surname(line: Line, position: int, language: Language) -> bool:
    """Return whether the noun for a role at word `position` is a surname, since a given name is
    before it: "king" in "Larry King".
    """
    if position == 0 or not line.words[position].is_capital or language is Language.RU:
        return False
    before = line.words[position - 1]
    return before.is_capital and name_words.analyse_name_word(before.text, language).is_given


def _split_segments(
    line: Line, first: int, last: int, excluded: set[int], language: Language
) -> Iterator[tuple[int, int]]:
    """Yield the parts of a run of capitalised words that may be names, each as the positions of its
    first word and of the word after it. `first`, `last`: the run, given in the same way;
    `excluded`: the positions of words that are in no name.
    """
    start = first
    for number in range(first, last):
        word = line.words[number]
        if number in excluded or _is_not_name_word(line, number, language):
            if start < number:
                yield start, number
            start = number + 1
        elif language is Language.EN and word.text.endswith(("'s", "’s")):
            # A possessive ends a name: "Orda's Maria Ivanova".
            yield start, number + 1
            start = number + 1
    if start < last:
        yield start, last


def _is_not_name_word(line: Line, position: int, language: Language) -> bool:
    """Return whether a capitalised word cannot be part of a name."""
    word = line.words[position]
    if any(letter.isdecimal() for letter in word.text):
        return True
    one = name_words.analyse_name_word(word.text, language)
    if one.is_initial and "." not in word.text:
        return not text_after(line, word.end).startswith(".")
    if name_words.is_stop_word(
        word.folded, language
    ) and word.folded not in name_words.load_particles(language):
        return not (
            (one.is_given and one.is_in_nominative and _has_surname_after(line, position, language))
            or (one.is_surname and _has_given_name_before(line, position, language))
        )
    if DECLINED_ACRONYM_PATTERN.fullmatch(word.text):
        return True
    if (
        word.text.isupper()
        and 1 < len(word.text) <= name_words.MAX_ACRONYM_LETTERS
        and not one.is_initial
    ):
        return not one.is_given and not one.is_surname
    return "." in word.text and not one.is_surname and not one.is_initial


def _has_surname_after(line: Line, position: int, language: Language) -> bool:
    """Return whether a surname follows a word, which may be both a given name and a common word."""
    if position + 1 >= len(line.words):
        return False
    word = line.words[position + 1]
    other = name_words.analyse_name_word(word.text, language)
    is_name = other.is_surname or other.is_patronymic
    return word.is_capital and is_name and not name_words.is_stop_word(word.folded, language)


def _has_given_name_before(line: Line, position: int, language: Language) -> bool:
    """Return whether a given name is directly before a word, which may be both a surname and a word
    for somebody's country: «Сергей Литвинчук», but not «Сергея Литовской».
    """
    if position == 0 or NATIONAL_ADJECTIVE_PATTERN.search(line.words[position].folded):
        return False
    before = line.words[position - 1]
    is_beside = line.words[position].start - before.end == 1
    return is_beside and name_words.analyse_name_word(before.text, language).is_given


def _spans_of_segment(
    line: Line, segment: tuple[int, int], language: Language, lower_case_words: set[str]
) -> Iterator[NameSpan]:
    """Yield the names in a part of a run of capitalised words. `segment`: the positions of the
    first word of this part and of the word after it; `lower_case_words`: the words that the article
    also writes without a capital.
    """
    first, last = segment
    forms = [name_words.analyse_name_word(line.words[i].text, language) for i in range(first, last)]
    is_common_word = [line.words[i].folded in lower_case_words for i in range(first, last)]
    for begin, end, score in split_into_names(
        forms, is_common_word, opens_sentence=first == 0, language=language
    ):
        yield NameSpan(line, first + begin, first + end, tuple(forms[begin:end]), score)


def _context_score(span: NameSpan, article: ArticleText, roles: Sequence[RoleNoun]) -> float:
    """Return how much the words around a span raise its score, or lower it (negative)."""
    line, language, words = span.line, article.language, span.line.words
    before = words[span.first - 1].folded if span.first else ""
    after = words[span.end].folded if span.end < len(words) else ""
    rest = text_after(line, span.end_offset)
    score = 0.0
    if before in name_words.load_word_list(language, "titles"):
        score += 0.5
    if span.score > UNKNOWN_SCORE:
        saying = name_words.load_word_list(language, "saying")
        score += 0.35 * (before in saying or after in saying)
        score += 0.4 * any(_role_fits_name(role, span, language) for role in roles)
        is_followed = any(span.end <= role.first <= span.end + 2 for role in roles)
        score += 0.3 * (is_followed and rest.startswith(","))
        score += 0.4 * bool(AGE_PATTERN.match(rest))
        score += 0.3 * (
            language is Language.EN
            and span.opens_sentence
            and bool(ENTRY_OPENING_PATTERN.match(rest))
        )
    streets = name_words.load_word_list(language, "streets")
    if before in streets or after in streets:
        score -= 1.0
    if before in name_words.load_word_list(language, "places") or before == "the":
        score -= 0.3 if len(span.forms) > 1 else 0.6
    if (span.start_offset, span.end_offset) in article.quoted_spans:
        score -= 0.3 if len(span.forms) > 1 else 0.5
    elif span.score < SURE_SCORE and _is_in_quoted_title(span, article):
        score -= 0.5
    return score


def _is_in_quoted_title(span: NameSpan, article: ArticleText) -> bool:
    """Return whether a name is part of a short title between quotation marks."""
    return any(
        span.end_offset <= end
        and " " in article.text[start:end].strip()
        and len(article.text[start:end].split()) <= MAX_QUOTED_TITLE_WORDS
        for start, end in article.quoted_spans_around(span.start_offset)
    )


def _role_fits_name(role: RoleNoun, span: NameSpan, language: Language) -> bool:
    """Return whether a noun before a name can say what the named person is. «жителя Учалов» ("of a
    resident of Uchaly") cannot: noun and name would be in different cases.
    """
    if role.end > span.first or role.is_possessor or (role.is_plural and span.score < LIKELY_SCORE):
        return False
    if not is_linked_to_name(span.line, role.end, span.first, language):
        return False
    if language is not Language.RU or role.is_plural:
        return True
    bare = is_nominative(span.forms)
    return bare is None or role.is_in_nominative is None or bare == role.is_in_nominative


def split_into_names(
    forms: Sequence[name_words.NameWord],
    is_common_word: Sequence[bool],
    *,
    opens_sentence: bool,
    language: Language,
) -> Iterator[tuple[int, int, float]]:
    """Yield the names in a run of words, each as the positions of its first word and of the word
    after it, with its score. `forms`: what each word can be in a name; `is_common_word`: for each
    word, whether the article also writes it in lower case.
    """
    at = 0
    while at < len(forms):
        end, score = _match_name_at(
            forms,
            at,
            language,
            opens_sentence=opens_sentence and at == 0,
            is_common_word=is_common_word[at],
        )
        if end > at:
            yield at, end, score
        at = max(end, at + 1)


def _match_name_at(
    forms: Sequence[name_words.NameWord],
    first: int,
    language: Language,
    *,
    opens_sentence: bool,
    is_common_word: bool,
) -> tuple[int, float]:
    """Return the position after the name that begins at word `first` of a run, and the score of the
    name. The position is `first` itself if no name begins there. `forms`: what each word can be in
    a name.
    """
    one = forms[first]
    following = forms[first + 1] if first + 1 < len(forms) else None
    if (
        opens_sentence
        and is_common_word
        and not (one.is_given and following and following.is_surname)
    ):
        return first, UNKNOWN_SCORE
    if following is None:
        is_likely = one.is_name_part and not one.is_initial
        # At the beginning of a sentence a word is easily mistaken for another case of a name.
        is_likely = is_likely and (
            not opens_sentence or one.is_in_nominative or not one.is_given or one.is_surname
        )
        return first + 1, MAYBE_SCORE if is_likely else UNKNOWN_SCORE
    is_surname_first = _is_surname_first(forms, first)
    if (is_surname_first and opens_sentence and not one.is_surname) or _is_list_letter(
        forms, first
    ):
        return first, UNKNOWN_SCORE
    if is_surname_first:
        return _match_surname_first(forms, first)
    if one.is_given or one.is_initial:
        return _match_given_first(forms, first, language)
    return _match_unknown_first(forms, first, language, opens_sentence=opens_sentence)


def _is_list_letter(forms: Sequence[name_words.NameWord], first: int) -> bool:
    """Return whether the initial at word `first` only numbers an entry of a list: "Case B. Roza
    Yusupova".
    """
    if not forms[first].is_initial or first + 2 >= len(forms) or "." in forms[first].text:
        return False
    return forms[first + 1].is_given and not forms[first + 2].is_patronymic


def _is_surname_first(forms: Sequence[name_words.NameWord], first: int) -> bool:
    """Return whether the name at word `first` begins with the surname: "Иванов Иван"."""
    one, following = forms[first], forms[first + 1]
    if one.is_initial or not (following.is_given or following.is_initial):
        return False
    after = forms[first + 2] if first + 2 < len(forms) else None
    if one.is_given:
        return one.is_surname and following.is_given and not following.is_surname and after is None
    return after is None or one.is_surname or after.is_patronymic or following.is_initial


def _match_surname_first(forms: Sequence[name_words.NameWord], first: int) -> tuple[int, float]:
    """Return the position after a name whose surname, at word `first`, is its first word; and the
    score of the name.
    """
    end = first + 2
    while end < len(forms) and (forms[end].is_patronymic or forms[end].is_initial):
        end += 1
    return end, SURE_SCORE if forms[first].is_surname else MAYBE_SCORE + 0.25


def _match_given_first(
    forms: Sequence[name_words.NameWord], first: int, language: Language
) -> tuple[int, float]:
    """Return the position after a name that begins with a given name or initial, and the score."""
    end = first + 1
    surname = False
    while end < len(forms) and end - first < MAX_NAME_WORDS:
        one, before = forms[end], forms[end - 1]
        if one.is_initial or one.is_patronymic or one.text.islower():
            surname = surname or one.is_patronymic
        elif (
            surname
            and end + 1 == len(forms)
            and language is Language.EN
            and end - first < MAX_ENGLISH_NAME_WORDS
        ):
            # In English two people are never side by side: "Ibrahim Tanko Gaya".
            pass
        elif (
            surname
            and language is Language.EN
            and not one.is_given
            and end - first < MAX_WORDS_WITH_TWO_SURNAMES
        ):
            # "Ernesto Villanueva Ruiz".
            pass
        elif surname and not (before.is_patronymic and not _begins_another_name(forms, end)):
            break
        elif not surname and _is_middle_name(forms, end):
            pass
        else:
            surname = True
        end += 1
    last = forms[end - 1]
    if end == first + 1:
        return end, MAYBE_SCORE
    if forms[first].is_initial and not last.is_surname:
        return end, MAYBE_SCORE + 0.3
    return end, SURE_SCORE if last.is_surname or last.is_given or last.is_patronymic else FAIR_SCORE


def _is_middle_name(forms: Sequence[name_words.NameWord], first: int) -> bool:
    """Return whether the word at `first`, which comes after a given name, is a second given name
    with a surname after it.
    """
    one = forms[first]
    return (
        one.is_given
        and not one.is_surname
        and first + 1 < len(forms)
        and not forms[first + 1].is_given
        and not forms[first + 1].is_initial
    )


def _begins_another_name(forms: Sequence[name_words.NameWord], first: int) -> bool:
    """Return whether the word at `first` begins another person's name."""
    return forms[first].is_given and not forms[first].is_surname


def _match_unknown_first(
    forms: Sequence[name_words.NameWord], first: int, language: Language, *, opens_sentence: bool
) -> tuple[int, float]:
    """Return the position after a name whose first word, at `first`, is in no word list, and the
    score of the name. The position is `first` itself if there is no name.
    """
    following = forms[first + 1]
    if opens_sentence and NOT_GIVEN_NAME_PATTERNS[language].search(forms[first].text.casefold()):
        return first, UNKNOWN_SCORE
    if following.is_patronymic or following.is_surname:
        end = first + 2
        while end < len(forms) and forms[end].is_surname and following.is_patronymic:
            end += 1
        return end, LIKELY_SCORE
    end = min(len(forms), first + 3)
    if any(one.is_name_part for one in forms[first + 1 : end]):
        return first, UNKNOWN_SCORE
    if language is not Language.EN and forms[first].text.isascii():
        return end, MAYBE_SCORE - 0.05
    # English capitalises institutions in full; in Russian and Kazakh two capitals are mostly a
    # person.
    return (
        end,
        MAYBE_SCORE - 0.05 if language is Language.EN or opens_sentence else MAYBE_SCORE + 0.15,
    )
