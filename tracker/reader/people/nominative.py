"""Put Russian names that are in other cases, such as «Аиде Сериковой», into the nominative.

This follows rules of Russian cases, not a dictionary: given names in the word lists are recognised
in all their cases, surnames and patronymics by their endings. All words of a name must agree in
gender and case, and only one name may be possible: «Темирова» alone may be a woman or a man and is
left unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

from tracker.articles.codes import Language
from tracker.reader.lexicon import load_lexicon
from tracker.reader.name_words import FEMALE, KAZAKH_CASE_ENDING_PATTERN, MALE, NameWord
from tracker.reader.text import fold_word

# One letter for each Russian case other than the nominative: genitive, dative, accusative,
# instrumental and prepositional.
OBLIQUE_CASES = "GDAIP"
# Consonants after which the ending of the instrumental has е in place of о: «Сашей».
CONSONANTS_BEFORE_E = tuple("жшчщц")
# Consonants after which the ending of the genitive is и in place of ы: «Ольги».
CONSONANTS_BEFORE_I = tuple("гкхжшчщ")
VOWELS = tuple("аеёиоуыэюя")
# A surname with one of these endings may have the same form in all cases; so may a given name that
# is in no word list.
INDECLINABLE_ENDINGS = ("о", "и", "э", "их", "ых")
# Endings of adjectives in oblique cases, also of surnames that are adjectives.
ADJECTIVE_ENDINGS = ("ой", "ую", "ого", "ому", "ым", "им")
# Words for the son or daughter of the person named before, with the gender.
GENDER_OF_CHILD_WORD = {"уулу": MALE, "улы": MALE, "оглы": MALE, "кызы": FEMALE, "гызы": FEMALE}
# Given names that lose a vowel in other cases, with their stems.
FLEETING_VOWEL_STEMS = {"Павел": "Павл", "Лев": "Льв"}
# Endings of surnames in cases other than the nominative, by gender. Each has three parts: the
# ending as a pattern, the letters of its cases (see `OBLIQUE_CASES`), and the ending that replaces
# it in the nominative.
SURNAME_ENDINGS = {
    FEMALE: (
        (r"(?<=[оеё]в)ой|(?<=[иы]н)ой", "GDIP", "а"), (r"(?<=[оеё]в)у|(?<=[иы]н)у", "A", "а"),
        (r"(?<=[сц]к)ой", "GDIP", "ая"), (r"ую", "A", "ая"),
    ),
    MALE: (
        (r"(?<=[оеё]в)а|(?<=[иы]н)а", "GA", ""), (r"(?<=[оеё]в)у|(?<=[иы]н)у", "D", ""),
        (r"(?<=[оеё]в)ым|(?<=[иы]н)ым", "I", ""), (r"(?<=[оеё]в)е|(?<=[иы]н)е", "P", ""),
        (r"(?<=[сц]к)ого", "GA", "ий"), (r"(?<=[сц]к)ому", "D", "ий"), (r"(?<=[сц]к)им", "I", "ий"),
        (r"(?<=[сц]к)ом", "P", "ий"),
    ),
}  # fmt: skip
# Endings of patronymics in cases other than the nominative, by gender. Each has three parts: the
# ending as a pattern, the letters of its cases (see `OBLIQUE_CASES`), and the ending that replaces
# it in the nominative.
PATRONYMIC_ENDINGS = {
    FEMALE: (
        (r"(?<=вн)ы", "G", "а"), (r"(?<=вн)е", "DP", "а"), (r"(?<=вн)у", "A", "а"),
        (r"(?<=вн)ой", "I", "а"),
    ),
    MALE: (
        (r"(?<=ич)а", "GA", ""), (r"(?<=ич)у", "D", ""), (r"(?<=ич)ем", "I", ""),
        (r"(?<=ич)е", "P", ""),
    ),
}  # fmt: skip
# Endings of nouns for people (журналист, редактор, ведущий; журналистка, ведущая) in cases other
# than the nominative, by gender, each with the letters of its cases (see `OBLIQUE_CASES`).
NOUN_ENDINGS = {
    MALE: (
        ("ого", "GA"), ("его", "GA"), ("ому", "D"), ("ему", "D"), ("ым", "I"), ("им", "I"),
        ("ом", "I"), ("ем", "I"), ("а", "GA"), ("я", "GA"), ("у", "D"), ("ю", "D"), ("е", "P"),
    ),
    FEMALE: (
        ("ую", "A"), ("ой", "I"), ("ей", "GDIP"), ("у", "A"), ("ю", "A"), ("е", "DP"),
        ("и", "G"), ("ы", "G"),
    ),
}  # fmt: skip
# The endings that cases add to a masculine name if its last letter is a hard consonant, each with
# the letters of its cases (see `OBLIQUE_CASES`).
HARD_CONSONANT_ENDINGS = (("а", "GA"), ("у", "D"), ("ом", "I"), ("ем", "I"), ("е", "P"))
# The endings that cases put in place of й or ь, the last letter of a masculine name, each with the
# letters of its cases (see `OBLIQUE_CASES`).
SOFT_CONSONANT_ENDINGS = (("я", "GA"), ("ю", "D"), ("ем", "I"))
# The endings that cases put in place of а, the last letter of a name, each with the letters of its
# cases (see `OBLIQUE_CASES`).
ENDINGS_OF_NAMES_IN_A = (("ы", "G"), ("и", "G"), ("е", "DP"), ("у", "A"), ("ой", "I"), ("ей", "I"))
# The endings in `ENDINGS_OF_NAMES_IN_A` before which any consonant may be; before the other endings
# only one of `CONSONANTS_BEFORE_I` may be.
ENDINGS_AFTER_ANY_CONSONANT = frozenset({"ы", "е", "у", "ой"})
# The endings that cases put in place of я, the last letter of a name, each with the letters of its
# cases (see `OBLIQUE_CASES`).
ENDINGS_OF_NAMES_IN_YA = (("и", "G"), ("е", "DP"), ("ю", "A"), ("ей", "I"))
# Endings of Kazakh surnames and patronymics in the nominative.
KAZAKH_SURNAME_PATTERN = re.compile(r"(?:[оеё]ва?|[иы]на?|ұлы|улы|қызы|кызы|тегі|ский|ская)$")
# The end of a Russian patronymic, which looks like a Kazakh case.
PATRONYMIC_CASE_PATTERN = re.compile(r"(?:[оеё]вн|ичн)[ае]$")
# A woman's given name whose last letter is none of these has one form for all cases: Айнур,
# Салтанат.
SOFT_OR_VOWEL_LETTERS = tuple("аеёиоуыэюяь")
# A given name whose last letter is one of these has one form for all cases, so that only the
# surname can show the case.
INDECLINABLE_VOWELS = tuple("оуиыэюё")
# Endings of surnames that are not in the nominative.
OBLIQUE_SURNAME_PATTERN = re.compile(r"(?:ой|ою|ей|ею|ому|ого|ым|ую|у|ю|ом|ем|е|ым|их|ых|ому)$")
# Endings of women's surnames that are not in the nominative.
FEMININE_OBLIQUE_PATTERN = re.compile(r"(?:(?:[оеё]в|[иы]н|[сц]к)ой|[сц]кую|(?:[оеё]в|[иы]н)у)$")
# Endings of men's surnames in the nominative.
MASCULINE_SURNAME_PATTERN = re.compile(
    r"(?:[оеё]в|[иы]н|ский|цкий|ич|улы|ян|енко|ук|юк|швили|дзе|ман|берг)$"
)
# Endings of names in the genitive.
GENITIVE_PATTERN = re.compile(r"[ыиая]$")


def gender_of_name(forms: Sequence[NameWord]) -> str:
    """Return the gender of the given name in a name, "" if unknown."""
    if may_be_of_either_gender(forms):
        return ""
    return next((one.gender for one in forms if one.is_given and one.gender), "")


def may_be_of_either_gender(forms: Sequence[NameWord]) -> bool:
    """Return whether a woman's Russian name in the nominative may also be a man's in the genitive:
    «Александра Иванова».
    """
    if len(forms) == 1 or forms[0].gender != FEMALE:
        return False
    given = _declined_given_names().get(fold_word(forms[0].text), ())
    surname = tuple(_guess_by_endings(forms[-1].text, SURNAME_ENDINGS))
    return all(
        any(guess.gender == MALE and "G" in guess.cases for guess in guesses)
        for guesses in (given, surname)
    )


def is_nominative(forms: Sequence[NameWord]) -> bool | None:
    """Return whether a Russian name is in the nominative; None if the form does not show it."""
    if may_be_of_either_gender(forms):
        return None
    gender = gender_of_name(forms)
    given = next((one for one in forms if one.is_given and not one.is_surname), None)
    last = forms[-1].text.casefold()
    if given is None or given.is_ambiguous:
        return _is_surname_nominative(last, gender)
    if len(forms) == 1:
        return given.is_in_nominative or None
    text = given.text.casefold()
    if given.is_in_nominative and gender != MALE and FEMININE_OBLIQUE_PATTERN.search(last):
        # «Айгуль Сериковой»: her given name has one form for all cases.
        return False
    if given.is_in_nominative and (
        text.endswith(INDECLINABLE_VOWELS)
        or (gender == FEMALE and not text.endswith(SOFT_OR_VOWEL_LETTERS))
    ):
        return _is_surname_nominative(last, gender)
    return given.is_in_nominative


def _is_surname_nominative(surname: str, gender: str) -> bool | None:
    """Return whether a surname is in the nominative; None if its form and gender do not show it."""
    if OBLIQUE_SURNAME_PATTERN.search(surname) and not surname.endswith(("ский", "цкий", "енко")):
        return False
    if gender == FEMALE:
        return (
            True if surname.endswith(("ова", "ева", "ёва", "ина", "ына", "ская", "цкая")) else None
        )
    if MASCULINE_SURNAME_PATTERN.search(surname):
        return True
    return False if gender == MALE and surname.endswith(("ова", "ева", "ина")) else None


def is_genitive_like(forms: Sequence[NameWord]) -> bool:
    """Return whether the first word of a name ends like a genitive."""
    return bool(GENITIVE_PATTERN.search(forms[0].text.casefold()))


class NominativeGuess(NamedTuple):
    """A possible nominative (`text`) of a word. `cases`: the letters of the cases in which the word
    itself may be (see `OBLIQUE_CASES`); `gender`: the gender of the nominative, "" if it may be
    either.
    """

    text: str
    cases: str
    gender: str


def to_nominative(
    forms: Sequence[NameWord],
    language: Language,
    known_words: Collection[str] = (),
    noun_cases: str = "",
) -> str:
    """Return a name in the nominative, or "" if it is in the nominative already, or if no single
    nominative can be found. If there are several, one of `known_words` must be in it: the words
    with which the article names the person elsewhere. `noun_cases`: the letters of the cases of the
    noun beside the name («журналисту»), "" if unknown.
    """
    if language is Language.KK:
        return _strip_kazakh_ending(forms)
    is_in_nominative = is_nominative(forms)
    if (
        language is not Language.RU
        or is_in_nominative
        or (is_in_nominative is None and not noun_cases)
    ):
        return ""
    cases = noun_cases or OBLIQUE_CASES
    found = {
        tuple(guess.text for guess in guesses)
        for guesses in product(*_possible_nominatives(forms))
        if _guesses_agree(guesses, cases)
    }
    if len(found) > 1:
        found = {name for name in found if not set(map(fold_word, name)).isdisjoint(known_words)}
    return " ".join(found.pop()) if len(found) == 1 else ""


def cases_of_noun(noun: str, *, is_feminine: bool) -> str:
    """Return the letters of the cases that the ending of a Russian noun for a person shows, "" for
    the nominative or if unknown.
    """
    rows = NOUN_ENDINGS[FEMALE if is_feminine else MALE]
    return next((cases for ending, cases in rows if noun.endswith(ending)), "")


def _guesses_agree(guesses: Sequence[NominativeGuess], noun_cases: str) -> bool:
    """Return whether guesses, one for each word of a name, have a gender in common, and a case that
    is also in `noun_cases`.
    """
    cases, genders = set(noun_cases), set()
    for one in guesses:
        cases &= set(one.cases)
        genders |= {one.gender} - {""}
    return bool(cases) and len(genders) == 1


def _possible_nominatives(forms: Sequence[NameWord]) -> list[list[NominativeGuess]]:
    """Return the guesses for each word of a name, or [] if a word has no guess. Given names in the
    word lists are tried first. If they give no guess, any given name may be guessed, but the
    surname must have one of `SURNAME_ENDINGS`.
    """
    for must_be_listed in (True, False):
        found = [
            _guess_word(forms, place, must_be_listed=must_be_listed) for place in range(len(forms))
        ]
        if all(found):
            return found
    return []


def _guess_word(
    forms: Sequence[NameWord], position: int, *, must_be_listed: bool
) -> list[NominativeGuess]:
    """Return the guesses for the word at `position` of a name. `must_be_listed`: whether its given
    name must be in the word lists; if not, its surname must have one of `SURNAME_ENDINGS`.
    """
    one, last = forms[position], len(forms) - 1
    text, folded = one.text, fold_word(one.text)
    surname_at = 0 if last and forms[0].is_surname and forms[1].is_given else last
    if one.is_initial:
        # The dot after an initial is not part of the word.
        found = [NominativeGuess(f"{text.rstrip('.')}.", OBLIQUE_CASES, "")]
    elif folded in GENDER_OF_CHILD_WORD:
        found = [NominativeGuess(text, OBLIQUE_CASES, GENDER_OF_CHILD_WORD[folded])]
    elif position < last and fold_word(forms[position + 1].text) in GENDER_OF_CHILD_WORD:
        # «Максата Турсунбека уулу»: his father's name.
        fathers = [
            guess._replace(gender="")
            for guess in (*_guess_listed_given_name(text), *_guess_masculine_name(text))
        ]
        found = fathers or [NominativeGuess(text, OBLIQUE_CASES, "")]
    elif not last:
        found = [*_guess_listed_given_name(text), *_guess_by_endings(text, SURNAME_ENDINGS)]
    elif position == surname_at:
        found = list(
            _guess_surname(text) if must_be_listed else _guess_by_endings(text, SURNAME_ENDINGS)
        )
    elif one.is_patronymic and position:
        found = list(_guess_by_endings(text, PATRONYMIC_ENDINGS))
    else:
        found = list(
            _guess_listed_given_name(text) if must_be_listed else _guess_unlisted_given_name(text)
        )
    return found


def _guess_by_endings(
    text: str, endings: Mapping[str, Sequence[tuple[str, str, str]]]
) -> Iterator[NominativeGuess]:
    """Yield the guesses for a word by its ending. `endings`: a table such as `SURNAME_ENDINGS`."""
    for gender, rows in endings.items():
        for ending, cases, instead in rows:
            if match := re.search(rf"(?:{ending})$", text.casefold()):
                yield NominativeGuess(text[: match.start()] + instead, cases, gender)


def _guess_surname(text: str) -> Iterator[NominativeGuess]:
    """Yield the guesses for a surname."""
    sure = list(_guess_by_endings(text, SURNAME_ENDINGS))
    yield from sure
    if sure:
        return
    folded = fold_word(text)
    # Women's surnames in a consonant («Айнур Ким») and all in о, и, у are indeclinable.
    if folded.endswith(INDECLINABLE_ENDINGS):
        yield NominativeGuess(text, OBLIQUE_CASES, MALE)
        yield NominativeGuess(text, OBLIQUE_CASES, FEMALE)
    elif not folded.endswith((*VOWELS, *ADJECTIVE_ENDINGS)):
        yield NominativeGuess(text, OBLIQUE_CASES, FEMALE)
    yield from _guess_masculine_name(text)
    for one in _guess_name_ending_in_a(text):
        # «Глоба» is a surname of both.
        yield one
        yield one._replace(gender=MALE)


def _guess_listed_given_name(text: str) -> Iterator[NominativeGuess]:
    """Yield the given names in the word lists that have a word as one of their case forms."""
    yield from _declined_given_names().get(fold_word(text), ())


def _guess_unlisted_given_name(text: str) -> Iterator[NominativeGuess]:
    """Yield the guesses for a given name that is in no list, by its ending."""
    folded = fold_word(text)
    if folded.endswith(INDECLINABLE_ENDINGS):
        yield NominativeGuess(text, OBLIQUE_CASES, MALE)
        yield NominativeGuess(text, OBLIQUE_CASES, FEMALE)
    elif not folded.endswith((*VOWELS, "ой", "ей", "ом", "ем")):
        yield NominativeGuess(text, OBLIQUE_CASES, FEMALE)
    yield from _guess_masculine_name(text)
    yield from _guess_name_ending_in_a(text)
    if match := re.search(r"(?<=и)(?:и|ю|ей)$", text):
        cases = {"и": "GDP", "ю": "A", "ей": "I"}[match[0]]
        yield NominativeGuess(f"{text[: match.start()]}я", cases, FEMALE)


def _guess_masculine_name(text: str) -> Iterator[NominativeGuess]:
    """Yield the guesses for a word whose nominative is masculine and ends with a consonant or ь."""
    for ending, cases in HARD_CONSONANT_ENDINGS:
        stem = text.removesuffix(ending)
        if stem != text and stem and not fold_word(stem).endswith((*VOWELS, "ь", "й")):
            yield NominativeGuess(stem, cases, MALE)
    for ending, cases in SOFT_CONSONANT_ENDINGS:
        stem = text.removesuffix(ending)
        if stem != text and stem and (ending != "ем" or fold_word(stem).endswith(VOWELS)):
            yield NominativeGuess(
                stem + ("й" if fold_word(stem).endswith(VOWELS) else "ь"), cases, MALE
            )


def _guess_name_ending_in_a(text: str) -> Iterator[NominativeGuess]:
    """Yield the guesses for a word whose nominative ends with а."""
    for ending, cases in ENDINGS_OF_NAMES_IN_A:
        stem = text.removesuffix(ending)
        takes_i = fold_word(stem).endswith(CONSONANTS_BEFORE_I)
        if (
            stem != text
            and not fold_word(stem).endswith(VOWELS)
            and (ending in ENDINGS_AFTER_ANY_CONSONANT or takes_i)
        ):
            yield NominativeGuess(f"{stem}а", cases, FEMALE)


@cache
def _declined_given_names() -> dict[str, tuple[NominativeGuess, ...]]:
    """Return what each case form of the Russian given names in the word lists may be: the guesses
    for it, by the form in lower case.
    """
    found: dict[str, set[NominativeGuess]] = {}
    for gender, field in ((FEMALE, "female"), (MALE, "male")):
        for name in str(load_lexicon(Language.RU.value, "given_names").get(field, "")).split():
            for text, cases in _oblique_name_forms(name, gender):
                found.setdefault(fold_word(text), set()).add(NominativeGuess(name, cases, gender))
    return {text: tuple(sorted(guesses)) for text, guesses in found.items()}


def _oblique_name_forms(name: str, gender: str) -> Iterator[tuple[str, str]]:
    """Yield the forms of a given name in cases other than the nominative, each with the letters of
    its cases (see `OBLIQUE_CASES`).
    """
    stem, rows = name[:-1], list[tuple[str, str]]()
    if name.endswith("ия"):
        rows = [("и", "GDP"), ("ю", "A"), ("ей", "I")]
    elif name.endswith("я"):
        rows = list(ENDINGS_OF_NAMES_IN_YA)
    elif name.endswith("а"):
        genitive = "и" if stem.endswith(CONSONANTS_BEFORE_I) else "ы"
        instrumental = "ей" if stem.endswith(CONSONANTS_BEFORE_E) else "ой"
        rows = [(genitive, "G"), ("е", "DP"), ("у", "A"), (instrumental, "I")]
    elif gender == FEMALE and name.endswith("ь"):
        # «Любови», but «Айгуль» in all cases.
        rows = [("и", "GDP"), ("ью", "I"), ("ь", OBLIQUE_CASES)]
    elif gender == MALE and name.endswith(("й", "ь")):
        rows = [*SOFT_CONSONANT_ENDINGS, ("и" if name.endswith("ий") else "е", "P")]
    elif gender == MALE and not name.endswith(VOWELS):
        stem = FLEETING_VOWEL_STEMS.get(name, name)
        rows = [
            ("а", "GA"),
            ("у", "D"),
            ("ем" if name.endswith(CONSONANTS_BEFORE_E) else "ом", "I"),
            ("е", "P"),
        ]
    else:
        yield name, OBLIQUE_CASES
    yield from ((stem + ending, cases) for ending, cases in rows)


def _strip_kazakh_ending(forms: Sequence[NameWord]) -> str:
    """Return a Kazakh name without the case ending of its last word, or "" if the last word has no
    case ending.
    """
    last = forms[-1]
    folded = fold_word(last.text)
    match = KAZAKH_CASE_ENDING_PATTERN.search(folded)
    if match is None or PATRONYMIC_CASE_PATTERN.search(folded):
        return ""
    bare = last.text[: match.start()]
    is_name = KAZAKH_SURNAME_PATTERN.search(fold_word(bare)) or (
        last.is_given and not last.is_in_nominative
    )
    is_whole = KAZAKH_SURNAME_PATTERN.search(folded) and not bare.endswith(("ұлы", "қызы"))
    if not is_name or is_whole:
        return ""
    return " ".join([*(one.text for one in forms[:-1]), bare])
