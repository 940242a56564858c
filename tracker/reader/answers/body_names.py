"""The names and kinds of bodies such as ministries.

A body named in another case («в Министерстве юстиции», «полициядан») is put into the nominative by
rules of the cases for the nouns under `[names]` of `speakers.toml`, not by a dictionary.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from tracker.articles.codes import Language
from tracker.people.codes import InstitutionKind
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.text import fold_word, split_words

# The file of each language with the kinds of bodies and the offices in them.
BODIES_FILE = "together"

# Shorter Russian nouns are not searched for at the end of a longer word: "суд" is a court, but
# "посуда" is not.
MIN_COMPOUND_NOUN_LETTERS = 5
# Prepositions that begin the field or place of a Russian body: the words after them have their own
# case.
PREPOSITIONS_INSIDE_BODY_NAME = frozenset({"по", "при", "в", "на", "за"})
# The endings of Kazakh cases after «-ы», «-і» ("its"), and after a noun without it.
CASE_AFTER_POSSESSIVE_PATTERN = re.compile(r"(?<=[ыі])(?:н[ыі]ң|нда(?:ғы)?|нде(?:гі)?|н[ае]н?|н)$")
CASE_PATTERN = re.compile(r"-?(?:[нтд][ыі]ң?|[ғқ]а|[гк]е|[дт][ае]н?|н[ае]н)")


class NounClass(NamedTuple):
    """Russian nouns with one ending. `case_endings`: the endings that replace it;
    `adjective_ending_pattern`: how an adjective before the noun ends in other cases; `hard_ending`,
    `soft_ending`: how it ends in the nominative.
    """

    ending: str
    case_endings: tuple[str, ...]
    adjective_ending_pattern: re.Pattern[str]
    hard_ending: str
    soft_ending: str


NEUTER = re.compile("(?:ого|его|ому|ему|ом|ем|ым|им)$"), "ое", "ее"
FEMININE = re.compile("(?:ой|ей|ую|юю)$"), "ая", "яя"
MASCULINE = re.compile("(?:ого|его|ому|ему|ом|ем|ым|им)$"), "ый", "ий"
PLURAL = re.compile("(?:ыми|ими|ых|их|ым|им)$"), "ые", "ие"
# The first class with the ending of a noun is its class.
NOUN_CLASSES = (
    NounClass("ие", ("ия", "ию", "ием", "ии"), *NEUTER),
    NounClass("о", ("а", "у", "ом", "е"), *NEUTER),
    NounClass("ия", ("ии", "ию", "ией"), *FEMININE),
    NounClass("а", ("ы", "и", "е", "у", "ой"), *FEMININE),
    NounClass("ы", ("ов", "ам", "ами", "ах"), *PLURAL),
    NounClass("и", ("ей", "ям", "ями", "ях"), *PLURAL),
    NounClass("ь", ("я", "ю", "ем", "е"), *MASCULINE),
    NounClass("", ("а", "у", "ом", "е"), *MASCULINE),
)
# After these letters an adjective has its soft ending in the masculine and in the plural.
LETTERS_BEFORE_SOFT_ENDING = tuple("кгх")


def nominative_of_body(language: str, body: str) -> str:
    """Return the name of a body in the nominative and without its press service: «Департамент
    полиции» for «пресс-службе департамента полиции». If no noun in it is known, its case stays.
    """
    names = load_lexicon(language, "speakers").get("names")
    if not names:
        return body
    name = re.sub(names["left_out"], "", body, flags=re.IGNORECASE) or body
    return _russian_nominative(name) if language == "ru" else _kazakh_nominative(name)


def _russian_nominative(name: str) -> str:
    """Return a Russian name with its first noun, and the adjectives before it, in the nominative.
    The words after the noun do not change.
    """
    words = name.split()
    for place, word in enumerate(words):
        if fold_word(word) in PREPOSITIONS_INSIDE_BODY_NAME:
            break
        form = next((one for one in _noun_forms() if _ends_with_form(word, one)), None)
        if form is not None:
            noun, kind = _noun_forms()[form]
            stem = word[: len(word) - len(form)]
            shown = stem + noun if stem or word.islower() else noun[:1].upper() + noun[1:]
            before = [_adjective_nominative(one, kind) for one in words[:place]]
            return " ".join([*before, shown, *words[place + 1 :]])
    return name


def _ends_with_form(word: str, form: str) -> bool:
    """Return whether a word is the form of a noun, or ends with it («генпрокуратуре»)."""
    folded = fold_word(word)
    return folded == form or (
        len(_noun_forms()[form][0]) >= MIN_COMPOUND_NOUN_LETTERS and folded.endswith(form)
    )


@cache
def _noun_forms() -> dict[str, tuple[str, NounClass]]:
    """Return the Russian nouns for bodies with their classes, by all their forms, the longest form
    first.
    """
    forms: dict[str, tuple[str, NounClass]] = {}
    for noun in load_lexicon("ru", "speakers")["names"]["nouns"]:
        kind = next(one for one in NOUN_CLASSES if noun.endswith(one.ending))
        stem = noun.removesuffix(kind.ending)
        forms |= {stem + ending: (noun, kind) for ending in (kind.ending, *kind.case_endings)}
    return dict(sorted(forms.items(), key=lambda one: -len(one[0])))


def _adjective_nominative(word: str, kind: NounClass) -> str:
    """Return the adjective before a noun of this class in the nominative; other words unchanged."""
    match = kind.adjective_ending_pattern.search(word)
    if match is None:
        return word
    stem = word[: match.start()]
    if kind.hard_ending == "ый" and fold_word(stem).endswith(_stems_with_stressed_ending()):
        return f"{stem}ой"
    is_soft = match[0][0] in "еи" or match[0] == "юю"
    if kind.hard_ending in ("ый", "ые"):
        is_soft |= stem.endswith(LETTERS_BEFORE_SOFT_ENDING)
    elif stem.endswith(LETTERS_BEFORE_SOFT_ENDING):
        is_soft = False
    return stem + (kind.soft_ending if is_soft else kind.hard_ending)


@cache
def _stems_with_stressed_ending() -> tuple[str, ...]:
    """Return the stems of Russian adjectives with the stress on the ending: «городской»."""
    return tuple(load_lexicon("ru", "speakers")["names"]["stressed"])


def _kazakh_nominative(name: str) -> str:
    """Return a Kazakh name without the case of its last word. A single noun also loses its "-ы",
    «-і» ("its"), since nothing before it says whose it is.
    """
    before, space, last = name.rpartition(" ")
    folded = fold_word(last)
    noun = next((one for one in _kazakh_nouns() if folded.startswith((one, f"{one[:-1]}г"))), "")
    if noun and not before:
        return noun[:1].upper() + noun[1:]
    bare = CASE_AFTER_POSSESSIVE_PATTERN.sub("", last)
    start = len(noun) or last.find("-")
    if bare == last and start > 0 and CASE_PATTERN.fullmatch(last[start:]):
        bare = last[:start]
    return before + space + bare


@cache
def _kazakh_nouns() -> tuple[str, ...]:
    """Return the Kazakh nouns for bodies."""
    return tuple(load_lexicon("kk", "speakers")["names"]["nouns"])


def mentions_unspecified_police(language: Language, text: str) -> bool:
    """Return whether a text has a word for law enforcement that does not show which service it is:
    "competent authorities".
    """
    rows = load_lexicon(language.value, BODIES_FILE).get("law_enforcement", ())
    return bool(Phrases((phrase, None) for phrase in rows).find(split_words(text)))


def institution_kind(language: Language, *names: str) -> InstitutionKind | None:
    """Return the kind of an institution, such as the police or a court, or None if it is unknown.
    `names`: its name, or a job title in it. They are tried in this order; the first one that has a
    word for a kind decides.
    """
    bodies = load_lexicon(language.value, BODIES_FILE).get("bodies", {})
    for name in filter(None, names):
        words = split_words(name)
        for kind in bodies:
            if _load_body_phrases(language.value, kind).find(words):
                return InstitutionKind(kind)
    return None


def represented_institution(language: Language, institution: str, office: str) -> str:
    """Return the name of an institution, without the name of the country. If `institution` is "",
    return the name of the institution to which `office`, a job title, belongs (the ministry of a
    minister), or "" if unknown.
    """
    words = load_lexicon(language.value, BODIES_FILE)
    name = institution
    if not name:
        for said, body in words.get("office_bodies", {}).items():
            found = re.search(rf"\b{re.escape(said)}\b", office, re.IGNORECASE)
            if found:
                name = office[: found.start()] + body + office[found.end() :]
                break
    for state in words.get("of_the_state", ()):
        name = re.sub(rf"\b{re.escape(state)}(?!\w)", "", name, flags=re.IGNORECASE)
    name = " ".join(name.split()).removeprefix("the ").removeprefix("The ")
    return name[:1].upper() + name[1:]


@cache
def _load_body_phrases(language: str, kind: str) -> Phrases:
    """Return the words of a language for one kind of institution, an `InstitutionKind`."""
    return Phrases((phrase, None) for phrase in load_lexicon(language, BODIES_FILE)["bodies"][kind])
