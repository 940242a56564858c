"""The authors of an article by its bylines, and journalists by what they do.

As in "writes for", "её статьи", "арнасын жүргізеді".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from tracker.articles.codes import Language
from tracker.people.matching import is_same_name
from tracker.reader.found import PersonRole
from tracker.reader.lexicon import PhraseMatch, Phrases, load_lexicon
from tracker.reader.name_words import analyse_name_word, load_word_list
from tracker.reader.people.naming import NameSpan
from tracker.reader.people.references import (
    PersonMentions,
    is_name_with_patronymic,
    is_same_name_word,
)
from tracker.reader.text import (
    NAME_LIST_JOIN_PATTERNS,
    ArticleText,
    Line,
    Word,
    split_words,
    text_after,
    text_between,
)

# The lists under [works] in `people.toml`: what shows that somebody runs an outlet, does a
# journalist's work, or has written something ("her articles"); what an author says in the first
# person; and phrases that count only near the name of an outlet ("works for").
WORK_SECTIONS = ("running", "doing", "owned", "mine", "of_outlet")
# A line of direct speech may begin with one of these.
DASHES = frozenset("—–-")
# The lists of `WORK_SECTIONS` that show a journalist even if the text gives the person a role such
# as engineer or pensioner (`PersonRole.OTHER`).
STRONG_WORK_SECTIONS = frozenset({"running", "of_outlet"})
# The most words between a verb of work and the outlet.
VERB_OUTLET_REACH = 4
# The most words between a subject and its verb.
SUBJECT_VERB_REACH = 14
# The most words between an owner and the thing owned.
OWNER_REACH = 3
# Endings of Kazakh participles, which describe the name after them.
PARTICIPLE_PATTERN = re.compile(r"(?:[аеий]т[ыі]н|[ғгқк][ае]н)$")
# The possessive of a name in English, and the genitive in Kazakh.
POSSESSIVE_PATTERN = re.compile(r"(?:['’]s|s['’]|[нтд][ыі]ң)$")
# What is between a name and its outlet: "Ivanov of Vlast".
NAME_OUTLET_GAP_PATTERNS = {
    Language.EN: re.compile(r"(?:,? (?:of|from|with) (?:the )?[“\"]?|,? \((?:the )?)$"),
    Language.RU: re.compile(r"(?: из (?:\w+ )?[«\"]?| \([«\"]?)$"),
    Language.KK: re.compile(r" \([«\"]?$"),
}
# The possessive ending of an outlet's name before a person's name: "Vlast's Ivanov".
POSSESSIVE_OUTLET_PATTERN = re.compile(r"['’]s$")
# Roles of people who have another reason to speak, write and publish.
ROLES_NOT_AUTHORS = frozenset(
    {
        PersonRole.OFFICIAL,
        PersonRole.LAWYER,
        PersonRole.RELATIVE,
        PersonRole.SUSPECT,
        PersonRole.ADVOCATE,
        PersonRole.OTHER,
    }
)
# In a line of more words than this, a byline ("Text by Ivanov") must be at the end of the line.
MAX_BYLINE_WORDS = 16
# A line of more words than this is not a signature.
MAX_SIGNATURE_WORDS = 12
# How many lines at the beginning and end of an article may be bylines.
SIGNATURE_LINES = 6
# The end of a whole sentence; somebody named in this many is a subject of the text.
SENTENCE_END_MARKS = (".", "!", "?", "…", "»", "”", '"')
MIN_SENTENCES_OF_SUBJECT = 2
# A signature has at most this many words that are not in a person's name.
MAX_SIGNATURE_WORDS_OUTSIDE_NAMES = 4
# An author who writes in the first person has at least this many words for "I".
MIN_FIRST_PERSON_WORDS = 3
# What may be between "Автор" and the name.
BYLINE_SEPARATOR_PATTERN = re.compile(r"^[\s:—–«»(-]*(?:(?:and|и|және|мен)\s)?$")
# A line with nothing but the characters of a signature.
SIGNATURE_PATTERN = re.compile(r"[\w\s,.«»“”\"/|:()–—&№·•☉◉👁-]*")
# A time of day or a year, after which a byline may begin within a line.
TIME_OR_YEAR_PATTERN = re.compile(r"\d{1,2}[:.]\d{2}|\d{4}")


@cache
def _byline_phrases(language: Language) -> Phrases:
    """Return the phrases that introduce authors ("Text by", "Автор")."""
    phrases = load_lexicon(language.value, "people")["bylines"]["phrases"]
    return Phrases((phrase, None) for phrase in phrases)


@cache
def _byline_context_words(language: Language) -> frozenset[str]:
    """Return the small words that a signature may have besides the names of people."""
    return frozenset(load_lexicon(language.value, "people")["bylines"]["around"].split())


def mark_authors(article: ArticleText, people: Sequence[PersonMentions]) -> None:
    """Add the role of author to the people who signed the article."""
    numbers = {line.number: i for i, line in enumerate(article.lines)}
    for one in people:
        for span in one.spans:
            place = numbers[span.line.number]
            if _is_byline(span, article.language, people) or (
                not _is_subject_of_text(one) and _is_signature(span, people, place, article)
            ):
                one.roles.setdefault(
                    PersonRole.AUTHOR, article.get_passage(span.start_offset, span.end_offset)
                )
        if one.spans and any(
            is_same_name(author, one.longest_span.text) for author in article.authors
        ):
            span = one.spans[-1]
            one.roles.setdefault(
                PersonRole.AUTHOR, article.get_passage(span.start_offset, span.end_offset)
            )


def _is_subject_of_text(person_mentions: PersonMentions) -> bool:
    """Return whether at least `MIN_SENTENCES_OF_SUBJECT` whole sentences name a person. A line with
    only the name and a year is then the caption of a picture, not a signature.
    """
    sentences = {
        span.line.number
        for span in person_mentions.spans
        if span.line.sentence.text.rstrip().endswith(SENTENCE_END_MARKS)
    }
    return len(sentences) >= MIN_SENTENCES_OF_SUBJECT


def find_first_person_author(
    article: ArticleText, people: list[PersonMentions]
) -> PersonMentions | None:
    """Return the author of an article in the first person, or None. An author whom the text does
    not name is added to `people`.
    """
    authors = [one for one in people if PersonRole.AUTHOR in one.roles]
    said = [word for line in article.lines for word in first_person_words(line, article)]
    is_signed = len(article.authors) == 1 and bool(article.authors[0].strip())
    if len(said) < MIN_FIRST_PERSON_WORDS or len(authors) > 1 or not (authors or is_signed):
        return None
    if authors:
        return authors[0]
    name = [
        analyse_name_word(word.text, article.language) for word in split_words(article.authors[0])
    ]
    known = next(
        (
            one
            for one in people
            if any(
                is_name_with_patronymic(span) and is_same_name_word(span.forms[0], word)
                for span in one.spans
                for word in name
            )
        ),
        None,
    )
    if known is None:
        known = PersonMentions(gender=next((one.gender for one in name if one.gender), ""))
        people.append(known)
    known.signature = article.authors[0]
    known.roles = {PersonRole.AUTHOR: article.get_passage(said[0].start, said[0].end)}
    return known


def first_person_words(line: Line, article: ArticleText) -> list[Word]:
    """Return the words for "I" in a line, outside of direct speech: "I", "мне", "менің"."""
    if line.sentence.text[:1] in "—–-":
        return []
    words = load_word_list(article.language, "i")
    return [
        word for word in line.words if word.folded in words and not article.is_quoted(word.start)
    ]


def _is_byline(span: NameSpan, language: Language, people: Sequence[PersonMentions]) -> bool:
    """Return whether a phrase such as "Text by" is before a name, or before the list of names that
    contains this name. `people`: the people of the article, with all their names.
    """
    line = span.line
    if len(line.words) > MAX_BYLINE_WORDS and span.end < len(line.words) - 1:
        return False
    starts = {found.end for found in _byline_phrases(language).find(line.words)}
    taken = {
        place
        for one in people
        for other in one.spans
        if other.line is line
        for place in range(other.first, other.end)
    }
    place = span.first
    while place > 0:
        if place in starts and BYLINE_SEPARATOR_PATTERN.match(text_between(line, place, place)):
            return _is_at_line_start(line, place, language)
        if place - 1 in taken or line.words[place - 1].folded in {"and", "и", "мен", "және"}:
            place -= 1
            continue
        return False
    return False


def _is_at_line_start(line: Line, end: int, language: Language) -> bool:
    """Return whether a phrase such as "Text by" is where a byline may be: it begins the line,
    follows a bracket, a bar or a date, or is before a colon or dash. `end`: the position of the
    word after the phrase.
    """
    offset = line.sentence.start
    for found in _byline_phrases(language).find(line.words):
        if found.end != end:
            continue
        before = line.sentence.text[: line.words[found.first].start - offset].rstrip()
        after = text_after(line, line.words[end - 1].end).lstrip()
        if (
            not before
            or before[-1] in "(|;·•"
            or TIME_OR_YEAR_PATTERN.search(before)
            or after[:1] in ":—"
        ):
            return True
    return False


def _is_followed_by_text(article: ArticleText, position: int) -> bool:
    """Return whether another sentence follows a sentence in the same line of the article: "Amina
    Gaya (Kano). In May a man …". `position`: the index of the first sentence in `article.lines`.
    """
    if position + 1 >= len(article.lines):
        return False
    end, start = article.lines[position].sentence.end, article.lines[position + 1].sentence.start
    return "\n" not in article.text[end:start]


def _is_signature(
    span: NameSpan, people: Sequence[PersonMentions], position: int, article: ArticleText
) -> bool:
    """Return whether the line of a name is a signature: it is near the beginning or end of the
    article and has only names, a date and a town. `span`: the name; `people`: the people of the
    article; `position`: the index of the line in `article.lines`.
    """
    line, text = span.line, span.line.sentence.text.strip()
    if (
        SIGNATURE_LINES <= position < len(article.lines) - SIGNATURE_LINES
        or len(line.words) > MAX_SIGNATURE_WORDS
    ):
        return False
    if len(span.forms) < len(("given", "surname")) or text == article.title.strip():
        return False
    if position == 0 or not SIGNATURE_PATTERN.fullmatch(text) or text.endswith((":", "?", "!")):
        return False
    if _is_followed_by_text(article, position):
        return False
    own = {
        i
        for one in people
        for other in one.spans
        if other.line is line
        for i in range(other.first, other.end)
    }
    rest = [word for i, word in enumerate(line.words) if i not in own]
    known = _byline_context_words(article.language)
    small = [word for word in rest if word.text.islower() and word.folded not in known]
    return (
        not small
        and len([word for word in rest if word.text.isalpha()]) <= MAX_SIGNATURE_WORDS_OUTSIDE_NAMES
    )


class PersonReference(NamedTuple):
    """Words that refer to a person (`person`), from offset `start` to offset `end` of the article.
    `is_name`: whether the words are the person's name, and not "she".
    """

    start: int
    end: int
    person: PersonMentions
    is_name: bool


@cache
def _load_work_phrases(language: Language) -> Phrases:
    """Return the phrases of a language for a journalist's work, labelled by `WORK_SECTIONS`."""
    words = load_lexicon(language.value, "people")["works"]
    return Phrases((phrase, name) for name in WORK_SECTIONS for phrase in words[name])


def mark_staff_of_outlets(
    article: ArticleText, people: Sequence[PersonMentions], outlets: Mapping[int, Collection[int]]
) -> None:
    """Add the role of journalist to people who are named with their outlet ("Ivanov of Vlast",
    "Vlast's Ivanov"). `outlets`: the positions of the words that name outlets, by line number.
    """
    owners = [(span, one) for one in people for span in one.spans]
    owners.sort(key=lambda item: item[0].start_offset)
    listed: list[tuple[NameSpan, PersonMentions]] = []
    for span, one in owners:
        if listed and not _are_in_one_list(listed[-1][0], span, article.language):
            listed = []
        listed.append((span, one))
        found = _outlet_beside(span, outlets.get(span.line.number, ()), article.language)
        if found is not None:
            for _span, person in listed:
                if not ROLES_NOT_AUTHORS & person.roles.keys():
                    person.roles.setdefault(PersonRole.JOURNALIST, article.get_passage(*found))


def _are_in_one_list(name_span: NameSpan, following: NameSpan, language: Language) -> bool:
    """Return whether a name and the following one are in one list: "A, B and C of Vlast"."""
    if name_span.line is not following.line or name_span.end > following.first:
        return False
    return bool(
        NAME_LIST_JOIN_PATTERNS[language].match(
            text_between(name_span.line, name_span.end, following.first)
        )
    )


def _outlet_beside(
    span: NameSpan, outlet_words: Collection[int], language: Language
) -> tuple[int, int] | None:
    """Return the start and end offset of a name together with the outlet beside it ("Ivanov of
    Vlast"), or None if no outlet is beside it. `outlet_words`: the positions of the words in the
    line that name outlets.
    """
    words = span.line.words
    at = next((place for place in range(span.end, len(words)) if place in outlet_words), None)
    if at is not None:
        gap = text_after(span.line, span.end_offset)[: words[at].start - span.end_offset]
        if NAME_OUTLET_GAP_PATTERNS[language].match(gap):
            return span.start_offset, words[_last_outlet_word(outlet_words, at)].end
    before = span.first - 1
    if before in outlet_words and POSSESSIVE_OUTLET_PATTERN.search(words[before].text):
        return words[before].start, span.end_offset
    return None


def _last_outlet_word(outlet_words: Collection[int], position: int) -> int:
    """Return the position of the last word of the outlet that begins at `position`. `outlet_words`:
    the positions of the words in the line that name outlets.
    """
    while position + 1 in outlet_words:
        position += 1
    return position


def find_journalists_by_work(
    line: Line,
    mentions: Sequence[PersonReference],
    article: ArticleText,
    author: PersonMentions | None,
    outlets: Collection[int],
) -> Iterator[tuple[PersonMentions, int, int]]:
    """Yield each person whom a line shows at a journalist's work, with the start and end offset of
    the words for the work. `mentions`: the references to people in the line, in order; `author`:
    who writes in the first person; `outlets`: the positions of words that name outlets.
    """
    language = article.language
    for found in _load_work_phrases(language).find(line.words):
        start, end = line.words[found.first].start, line.words[found.end - 1].end
        is_quoted = article.is_quoted(start)
        if found.label == "mine":
            one = (
                _speaker_of_quote(mentions, article)
                if is_quoted or _begins_with_dash(line)
                else author
            )
        elif is_quoted:
            continue
        elif found.label in {"doing", "running"} or (
            found.label == "of_outlet" and _has_outlet_nearby(found, outlets, language)
        ):
            one = _person_named_after(line, found.end, mentions, language) or _subject_before_verb(
                line, found.first, mentions
            )
        elif found.label == "owned":
            one = _find_possessor(line, found.first, found.end, mentions, language)
        else:
            continue
        others = (
            ROLES_NOT_AUTHORS - {PersonRole.OTHER}
            if found.label in STRONG_WORK_SECTIONS
            else ROLES_NOT_AUTHORS
        )
        if one is not None and not others & one.roles.keys():
            yield one, start, end


def _begins_with_dash(line: Line) -> bool:
    """Return whether a line begins with a dash."""
    return line.sentence.text[:1] in DASHES


def _speaker_of_quote(
    mentions: Sequence[PersonReference], article: ArticleText
) -> PersonMentions | None:
    """Return the person to whom all references outside quotation marks refer; None if there are no
    such references or they refer to several people. `mentions`: the references to people in the
    line of a quotation.
    """
    beside = [meant.person for meant in mentions if not article.is_quoted(meant.start)]
    return beside[0] if beside and all(one is beside[0] for one in beside) else None


def _has_outlet_nearby(verb: PhraseMatch, outlets: Collection[int], language: Language) -> bool:
    """Return whether an outlet is named within `VERB_OUTLET_REACH` words after a verb; in Kazakh,
    before the verb. `outlets`: the positions of the words in the line that name outlets.
    """
    if language is Language.KK:
        return any(
            place in outlets for place in range(verb.first - VERB_OUTLET_REACH - 1, verb.first)
        )
    return any(place in outlets for place in range(verb.end, verb.end + VERB_OUTLET_REACH))


def _subject_before_verb(
    line: Line, first: int, mentions: Sequence[PersonReference]
) -> PersonMentions | None:
    """Return the person referred to last before the verb at word `first`, or None if nobody is
    near. `mentions`: the references to people in the line, in order.
    """
    start = line.words[first].start
    before = [meant for meant in mentions if meant.start <= start]
    if not before:
        return None
    near = before[-1]
    between = sum(near.end <= word.start < start for word in line.words)
    return near.person if between <= SUBJECT_VERB_REACH else None


def _person_named_after(
    line: Line, end: int, mentions: Sequence[PersonReference], language: Language
) -> PersonMentions | None:
    """Return the person whose name begins at word `end` if the word before it is a Kazakh
    participle, else None: "арнасын жүргізетін Айнамкөз Ербол". `mentions`: the references to people
    in the line.
    """
    if language is not Language.KK or end >= len(line.words):
        return None
    if not PARTICIPLE_PATTERN.search(line.words[end - 1].folded):
        return None
    start = line.words[end].start
    return next(
        (meant.person for meant in mentions if meant.is_name and meant.start == start), None
    )


def _find_possessor(
    line: Line, first: int, end: int, mentions: Sequence[PersonReference], language: Language
) -> PersonMentions | None:
    """Return the person to whom the thing at words `first` up to `end` belongs, or None: "Brandt's
    phone", "статьи Омирзаковой". `mentions`: the references to people in the line.
    """
    start, stop = line.words[first].start, line.words[end - 1].end
    for meant in mentions:
        gap = sum(meant.end <= word.start < start for word in line.words)
        if meant.end <= start and gap <= OWNER_REACH and _is_possessor(line, meant, language):
            return meant.person
        is_behind = language is Language.RU and meant.is_name and meant.start >= stop
        if is_behind and not text_after(line, stop)[: meant.start - stop].strip():
            return meant.person
    return None


def _is_possessor(line: Line, reference: PersonReference, language: Language) -> bool:
    """Return whether a reference is a possessive: "her", "Өтеевтің"."""
    text = _reference_text(line, reference)
    return (
        text.casefold() in load_word_list(language, "own")
        or bool(POSSESSIVE_PATTERN.search(text))
        or _has_possessive(line, reference)
    )


def _reference_text(line: Line, reference: PersonReference) -> str:
    """Return the words of a reference to a person, as the line has them."""
    offset = line.sentence.start
    return line.sentence.text[reference.start - offset : reference.end - offset]


def _has_possessive(line: Line, reference: PersonReference) -> bool:
    """Return whether a possessive 's follows a reference."""
    return bool(re.match(r"['’]s?\b", text_after(line, reference.end)))
