"""The nouns for roles in a sentence: journalist, minister, адвокат, әйелі.

Words between a noun and a name may only say whose or where: "editor of the site X, A".
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from tracker.articles.codes import Language
from tracker.reader.found import PersonRole
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.name_words import analyse_name_word, load_word_list
from tracker.reader.people.nominative import cases_of_noun
from tracker.reader.text import Line, has_punctuation_before, text_after, text_between

# The most words between a name and the noun that describes it.
MAX_APPOSITION_WORDS = 6
# How many words before a noun are searched for "another", which introduces somebody unnamed.
MAX_ANOTHER_PHRASE_WORDS = 4
# What follows a noun for a person whose name is withheld: "блогер А.", "блогер X".
WITHHELD_NAME_PATTERN = re.compile(r" (?:[A-ZА-ЯЁӘІҢҒҮҰҚӨҺ]\.|[NXYZ]\b)")
# A text in quotation marks, which may be part of the words for a person's job.
QUOTED_PATTERN = re.compile(r"«[^»]{0,300}»|“[^”]{0,300}”|\"[^\"]{0,300}\"")
# An age between a name and a noun: "38-year-old".
AGE_PATTERN = re.compile(
    r"\d{1,3}(?:[-–‑](?:летн\w+|year-old|жастағы|жасар)|\s+(?:жастағы|жасар|лет))"
)
# A time before a noun that describes a name: "A, until 2020 the editor", «до 2020 года».
TIME_BEFORE_NOUN_PATTERN = re.compile(
    r"(?:(?:until|from|since|in|до|с|в|по) \d{4}(?:[-–]\w+)?(?: (?:года|году|to \d{4}))?|в прошлом"
    r"|\d{4} жылға дейін)\s"
)
# Endings of Russian verbs and short participles.
RUSSIAN_VERB_PATTERN = re.compile(
    r"(?:[аеиоуыя]л(?:а|о|и|ся|ась|ось|ись)?|ет|ёт|ют|ит|ят|ется|ится|ются|атся|ятся|ать|ить|еть|ться"
    r"|ают|ут|ён|ена|ено|ены|аны|ана)$"
)
# The beginnings of Russian nouns that end like verbs.
NOT_VERB_PATTERN = re.compile(
    r"^(?:отдел|портал|(?:[\w]+-?)?канал|журнал|совет|комитет|департамент|кабинет|университет|интернет"
    r"|филиал|сельсовет|факультет|парламент|бюджет|проект|мониторинг|акимат|капитал|нацсовет|село|тыл"
    r"|медиа|скотланд|легал|дела|школ|сил|персонал|рынка|отделения|материал|вокзал|генерал|штат"
    r"|газет|институт|маршрут|статут|правител|сената|палата|палаты|магистрат|прокурат|адвокат|нефт|вет|област|стран|района)"
)
# The ending of English verbs in the past, except in words such as "based" and "retired".
ENGLISH_VERB_PATTERN = re.compile(
    r"(?<!bas)(?<!own)(?<!fund)(?<!unit)(?<!retir)(?<!limit)(?<!run)(?<!call)(?<!turn)ed$"
)
# Endings of Russian adjectives, which may be between a name and the noun that describes it.
ADJECTIVE_ENDING_PATTERN = re.compile(
    r"(?:ый|ий|ой|ая|яя|ого|его|ому|ему|ым|им|ую|юю|ом|ем|ей|ых|их|ые|ие)$"
)
# Russian words beside adjectives that may be between a name and the noun that describes it.
SMALL_RUSSIAN_WORDS = frozenset(
    [
        "экс",
        "ныне",
        "теперь",
        "тогда",
        "также",
        "тоже",
        "давно",
        "он",
        "она",
        "же",
        "и",
        "а",
        "ещё",
        "еще",
        "сейчас",
        "раньше",
    ]
)
# Punctuation marks that end the description of a name.
PUNCTUATION_PATTERN = re.compile(r"[,.;:!?()—–]")
# Words before which the description of a name may end without a punctuation mark.
WORDS_ENDING_DESCRIPTION = frozenset({"and", "и", "who", "has", "whose", "мен"})
# A dash between words.
DASH_PATTERN = re.compile(r"\s[–—-](?:\s|$)")
# The punctuation mark between a name and the noun that describes it.
APPOSITION_START_PATTERN = re.compile(r"^\s*(?:,|\(|–|—|-)\s*")
# The text between a name and the noun that describes it: "is the", "worked as an".
COPULA_PATTERNS = {
    Language.EN: re.compile(
        r"^\s*(?:,\s*)?(?:who )?(?:is|was|has been|had been|became|becomes|works?|worked|serves"
        r"|served|has worked|began|started|remains|works now)(?! not\b|n.t\b)"
        r"(?: (?:also|now|then|once|currently|still))?"
        r"(?: as)?\s+(?:an?|the|its|their|one of the|his|her)?\b[^,.;:]{0,40}$"
    ),
    Language.RU: re.compile(
        r"^\s*(?:,\s*)?(?:котор\w+ )?(?:является|являлся|являлась|работает|работала?|была?|стала?"
        r"|до \d{4} года работал\w*|служит|трудится)\s(?!в|на|по|у|с|к)[^,.;:]{0,30}$"
    ),
    Language.KK: re.compile(r"^\s*(?:–|—|-)\s[^,.;:]{0,40}$"),
}
# Words that say that a person is not what the noun names.
NEGATION_PATTERN = re.compile(r"\b(?:not|never|no longer|не|емес)\b")
# English words that may follow a noun for a job and begin what belongs to it: "editor of".
PREPOSITIONS_AFTER_JOB_NOUN = frozenset({"of", "for", "at", "from", "with", "in", "and"})
# If the same words are nouns for two roles, the role that is first here counts: it better explains
# why the person is in the article.
ROLE_ORDER = (
    PersonRole.LAWYER,
    PersonRole.OFFICIAL,
    PersonRole.ADVOCATE,
    PersonRole.JOURNALIST,
    PersonRole.SUSPECT,
    PersonRole.RELATIVE,
    PersonRole.OTHER,
)
# Lists under [heads] in `people.toml`. A head's role depends on the organisation: "director of the
# (newspaper|fund|plant)"; a founder mostly is of the outlet that the article is about.
HEAD_SECTION, FOUNDER_SECTION, AUTHOR_SECTION, PRESIDENT_SECTION = (
    "heads",
    "founders",
    "authors",
    "presidents",
)
# The roles that a director may have, depending on the kind of organisation.
ROLES_OF_DIRECTORS = (
    PersonRole.JOURNALIST,
    PersonRole.ADVOCATE,
    PersonRole.OFFICIAL,
    PersonRole.OTHER,
)
# How many words after a noun such as "director" are searched for the organisation, which decides
# the role.
ORGANISATION_REACH_AFTER = 9
# How many words before a noun such as "director" are searched for the organisation.
ORGANISATION_REACH_BEFORE = 6
# Endings of nouns in the plural.
PLURAL_PATTERNS = {
    Language.EN: re.compile(r"(?:[^s]s|men|women|crew)$"),
    Language.RU: re.compile(r"(?:ы|и|ов|ев|ей|ам|ям|ами|ями|ах|ях|ок|ие|ых|их|ими|групп\w+)$"),
    Language.KK: re.compile(
        r"\w{2}(?<!репор)(?<!ли)(?:[лтд][ае]р)(?:[ыі]\w{0,4}|[ғг][ае]|[дн][ае]н?|[нмп][ае]?н)?$|^(?:топ|тобы)"
    ),
}
# Endings of nouns that only look like a plural.
NOT_PLURAL_PATTERN = re.compile(
    r"(?:ки|ицы|шки|ши|жены|мамы|сестры|вдовы|актрисы|тещи|матери|дочери|главы|судьи|руководителей"
    r"|press|witness|actress|boss|akim's|[^s]ss|ший|щий|ний|кий)$"
)
# Endings of Russian adjectives, which are not the main word of a role noun.
ADJECTIVE_PATTERN = re.compile(r"(?:ый|ий|ой|ая|яя|ого|его|ому|ему|ым|им|ую|юю|ых|их)$")
# Endings of Russian nouns in the nominative.
NOMINATIVE_PATTERN = re.compile(
    r"(?:[бвгджзклмнпрстфхцчшщ]|[аеиоу]й|ь|щий|щая|вший|вшая|ка|ша|ица|глава|судья|жена|мама"
    r"|сестра|вдова|актриса|супруга|теща|тетя|дядя|папа|няня|емый|емая|ный|ная|ый|ий)$"
)
# Endings of Russian nouns in other cases that `NOMINATIVE_PATTERN` matches although it should not.
NOT_NOMINATIVE_PATTERN = re.compile(
    r"(?<!строн)(?<!кон)[оеы]м$|(?<!ак)(?<!хок)им$|[оеё]в$|[ая]х$|(?<!им)ам$"
)
# Endings of Russian nouns for women.
FEMININE_PATTERN = re.compile(
    r"(?:(?:[кш]|ниц|вщиц|тис)(?:а|и|ы|е|у|ой|ей)|жен\w|матер\w*|мать|мам\w|мамой|женой|сестр\w|сестрой"
    r"|дочер\w*|дочь|вдов\w|вдовой|супруг(?:а|и|е|у|ой)|тещ\w|тещей|тет[яию]|тетей|невест\w*|подруг\w"
    r"|бабушк\w+|внучк\w+|свекров\w*|сноха|нян[яию]|журналистк\w+)$"
)
# Russian words within a role noun that are not its main word.
SMALL_PREPOSITIONS = frozenset({"по", "в", "на"})
# The ending of the Kazakh genitive: «журналистің» ("the journalist's").
KAZAKH_GENITIVE_PATTERN = re.compile(r"[нтд][ыі]ң$")
# Words that only begin like a role noun: "editorial", "министерство", "журналистика".
NOT_A_ROLE_PATTERNS = {
    Language.EN: re.compile(
        r"(?:[oe]rials?|entials?|idency|entially|istic|istically|isms?|ships?|ories|ed|ing|ly|[dt]ory|tise|izing"
        r"|poetry|poetic|economics|analytics?|historic\w*|politics|academia|diplomacy|diplomatic|resistance"
        r"|ministry|ministries|residences?|commissions?|relatively)$"
    ),
    Language.RU: re.compile(
        r"(?:ств[аоуе]м?|ствами?|ствах|изы?|изу|изой|изе|[иа]тур[аыуе]|турой|ическ\w+|ичн\w+"
        r"|(?<!полицей)ск(?:ий|ого|ому|им|ом|ая|ой|ую|ие|их|ими|ое)|ия|ии|ию|ией|ность|ности"
        r"|[^нм]ная|тный|тного|тную|тной|тные|иат\w{0,2}|(?<!н)ик[аиуе]|икой|нный|ировать|ировал\w*)$"
    ),
    Language.KK: re.compile(
        r"^(?:министрлі|президентті|депутатты|журналисти|редакторлы|генералды|адвокатты|сараптам"
        r"|тілшілі|психологи|экологи|студентті|инженерлі|редакция|сарапшылы|блогерлі|режиссерл)"
    ),
}


@cache
def _load_role_phrases(language: Language) -> tuple[Phrases, Phrases]:
    """Return the nouns of a language for roles, and the words that only look like nouns for roles.
    A noun is labelled with its role. If the role depends on the organisation ("director"), the
    label is the name of the noun's list under [heads] in `people.toml`.
    """
    words = load_lexicon(language.value, "people")
    labelled = [
        (phrase, part) for part in ROLE_ORDER for phrase in words["parts"].get(part.value, ())
    ]
    heads = [(phrase, name) for name, list_ in words["heads"].items() for phrase in list_]
    not_parts = [(phrase, None) for phrase in words["no_part"]["phrases"]]
    return Phrases([*labelled, *heads]), Phrases(not_parts)


@cache
def _load_organisation_phrases(language: Language) -> Phrases:
    """Return the words of a language for organisations, each labelled with the role that a director
    of such an organisation has.
    """
    words = load_lexicon(language.value, "people")["kinds"]
    return Phrases(
        (phrase, part) for part in ROLES_OF_DIRECTORS for phrase in words.get(part.value, ())
    )


def find_role_nouns(
    line: Line, language: Language, outlets: Collection[int] = ()
) -> list[RoleNoun]:
    """Return the role nouns of a line, in order. If nouns overlap, only the longest is returned.
    `outlets`: the positions of words that name outlets.
    """
    nouns, not_nouns = _load_role_phrases(language)
    masked = [(found.first, found.end) for found in not_nouns.find(line.words)]
    found = sorted(
        nouns.find(line.words),
        key=lambda one: (one.first - one.end, _label_rank(one.label), one.first),
    )
    chosen: list[RoleNoun] = []
    for one in found:
        span = (one.first, one.end)
        if any(_is_overlapping(span, other) for other in masked):
            continue
        if any(_is_overlapping(span, (other.first, other.end)) for other in chosen):
            continue
        if _is_given_name(line, one.first, one.end, language):
            continue
        main_word = _main_word(line, one.first, one.end, language)
        if NOT_A_ROLE_PATTERNS[language].search(main_word) and not _is_listed_in_full(one.label):
            continue
        part = _role_of_noun(one.label, line, span, language, outlets)
        if part is not None:
            chosen.append(_build_role_noun(part, line, span, main_word, language))
    return sorted(chosen, key=lambda role: role.first)


def _is_given_name(line: Line, first: int, end: int, language: Language) -> bool:
    """Return whether the noun at words `first` up to `end` is a given name: "Султан Ахметов"."""
    if end - first > 1 or end == len(line.words) or not line.words[first].is_capital:
        return False
    following = line.words[end]
    other = analyse_name_word(following.text, language)
    is_name = following.is_capital and (other.is_surname or other.is_patronymic)
    return (
        is_name
        and not other.is_given
        and analyse_name_word(line.words[first].text, language).is_in_nominative
    )


def introduces_another_person(line: Line, first: int, end: int, language: Language) -> bool:
    """Return whether words `first` up to `end` introduce another person without a name: "another
    blogger", "blogger A.".
    """
    if WITHHELD_NAME_PATTERN.match(text_after(line, line.words[end - 1].end)):
        return True
    before = max(0, first - MAX_ANOTHER_PHRASE_WORDS)
    return any(
        first - before - found.end <= 1
        for found in _load_another_phrases(language).find(line.words[before:end])
    )


@cache
def _load_another_phrases(language: Language) -> Phrases:
    """Return the words of a language for "another"."""
    phrases = load_lexicon(language.value, "people")["another"]["phrases"]
    return Phrases((phrase, None) for phrase in phrases)


def _label_rank(label: PersonRole | str) -> int:
    """Return the rank of a noun with this label among nouns of the same length; the lowest rank
    comes first. A role has its place in `ROLE_ORDER` as rank; the name of a list of nouns such as
    "director" comes last.
    """
    return ROLE_ORDER.index(label) if isinstance(label, PersonRole) else len(ROLE_ORDER)


def _is_listed_in_full(label: PersonRole | str) -> bool:
    """Return whether the word lists contain every form of the nouns with this label. This is so
    only for nouns for relatives.
    """
    return label is PersonRole.RELATIVE


def _is_overlapping(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Return whether two ranges of words overlap, each given as the positions of its first word and
    of the word after it.
    """
    return one[0] < other[1] and other[0] < one[1]


def _main_word(line: Line, first: int, end: int, language: Language) -> str:
    """Return the main word of the role noun at words `first` up to `end`: in Russian the first
    noun, otherwise the last word.
    """
    words = [word.folded.removesuffix("'s") for word in line.words[first:end]]
    if language is not Language.RU:
        return words[-1]
    noun = next((word for word in words if not ADJECTIVE_PATTERN.search(word)), words[0])
    return words[0] if noun in SMALL_PREPOSITIONS else noun


def _role_of_noun(
    label: PersonRole | str,
    line: Line,
    span: tuple[int, int],
    language: Language,
    outlets: Collection[int],
) -> PersonRole | None:
    """Return the role of the noun at `span`, the positions of its first word and of the word after
    it. It is the `label` if this is a role. For a noun such as "director", the organisation near it
    decides, and the role may be None. `outlets`: the positions of words that name outlets.
    """
    if isinstance(label, PersonRole):
        return label
    if any(place in outlets for place in _organisation_positions(line, span, language)):
        return PersonRole.JOURNALIST
    for place in _organisation_positions(line, span, language):
        kinds = list(_load_organisation_phrases(language).matches_at(line.words, place))
        if kinds:
            kind: PersonRole = max(kinds, key=lambda one: one.end).label
            return kind if label != AUTHOR_SECTION or kind is PersonRole.JOURNALIST else None
    return {
        HEAD_SECTION: PersonRole.OTHER,
        FOUNDER_SECTION: PersonRole.JOURNALIST,
        PRESIDENT_SECTION: PersonRole.OFFICIAL,
    }.get(str(label))


def _organisation_positions(line: Line, span: tuple[int, int], language: Language) -> list[int]:
    """Return the positions of words that may name the organisation of a "director", the most likely
    first. `span`: the positions of the first word of this noun and of the word after it.
    """
    first, end = span
    behind, before = [], []
    for place in range(end, min(end + ORGANISATION_REACH_AFTER, len(line.words))):
        if has_punctuation_before(line, place) or not can_belong_to_office(line, place, language):
            break
        behind.append(place)
    for place in range(first - 1, max(-1, first - ORGANISATION_REACH_BEFORE), -1):
        if has_punctuation_before(line, place + 1) or not can_belong_to_office(
            line, place, language
        ):
            break
        before.append(place)
    if language is Language.RU:
        return behind
    if language is Language.KK or (
        behind and line.words[behind[0]].folded not in PREPOSITIONS_AFTER_JOB_NOUN
    ):
        return before
    return behind + before


def _is_nominative(noun: str) -> bool:
    """Return whether a Russian noun has the ending of a nominative."""
    return bool(NOMINATIVE_PATTERN.search(noun)) and not NOT_NOMINATIVE_PATTERN.search(noun)


def _build_role_noun(
    person_role: PersonRole, line: Line, span: tuple[int, int], main_word: str, language: Language
) -> RoleNoun:
    """Return the role noun at `span`, the positions of its first word and of the word after it.
    `main_word`: the word in it that shows its number, grammatical case and gender.
    """
    first, end = span
    is_possessor = (
        language is Language.KK and bool(KAZAKH_GENITIVE_PATTERN.search(main_word))
    ) or (language is Language.EN and line.words[end - 1].folded.endswith(("'s", "s'")))
    plural = bool(PLURAL_PATTERNS[language].search(main_word)) and not NOT_PLURAL_PATTERN.search(
        main_word
    )
    is_feminine = language is Language.RU and bool(FEMININE_PATTERN.search(main_word))
    is_in_nominative = (
        None
        if language is not Language.RU or main_word.startswith("зам")
        else _is_nominative(main_word)
    )
    cases = cases_of_noun(main_word, is_feminine=is_feminine) if is_in_nominative is False else ""
    return RoleNoun(
        person_role, first, end, plural, is_in_nominative, cases, is_possessor, is_feminine
    )


@dataclass(frozen=True)
class RoleNoun:
    """A noun for the role `person_role` ("chief editor"), at the words `first` up to but not `end`
    of a line.
    """

    person_role: PersonRole
    first: int
    end: int
    is_plural: bool
    # Whether it is in the nominative; None if the language does not show it.
    is_in_nominative: bool | None
    # The letters of its cases (see `nominative.OBLIQUE_CASES`) if it is in no nominative.
    cases: str
    # Whether it belongs to a noun after it: «журналистің», "the journalist's".
    is_possessor: bool
    is_feminine: bool


def is_linked_to_name(line: Line, first: int, end: int, language: Language) -> bool:
    """Return whether a noun and a name after it can mean one person, by what is between them:
    nothing, commas or more words for the job; in Kazakh only commas or «болып». `first`: the
    position of the word after the noun; `end`: the position of the name's first word.
    """
    text = AGE_PATTERN.sub("", QUOTED_PATTERN.sub("Q", text_between(line, first, end))).strip(
        ' \u00a0«“„"'
    )
    if language is Language.KK:
        return text.strip(" ,") in {"", "болып"}
    if text in {"", ","}:
        return not text or language is Language.EN or is_set_off_by_commas(line, end)
    if language is Language.EN:
        text = text.rstrip(", ")
        return not re.search(r"[;:!?]|[,.]\s", text) and can_be_office(line, first, end, language)
    return not re.search(r"[;:!?]|[,.]\s|,$", text) and can_be_office(line, first, end, language)


def is_set_off_by_commas(line: Line, first: int) -> bool:
    """Return whether a name after a comma is followed by a punctuation mark or the end of the
    sentence: "мать, Тамара Ким, …". `first`: the position of the name's first word.
    """
    capital = first
    while capital < len(line.words) and line.words[capital].is_capital:
        capital += 1
    rest = text_after(line, line.words[capital - 1].end).lstrip()
    return rest[:1] in {",", ".", ")", "", "»", "—", "–"}


def can_be_office(line: Line, first: int, end: int, language: Language) -> bool:
    """Return whether the words `first` up to `end` can belong to the words for a job: no word is a
    verb or begins a clause.
    """
    words = line.words[first:end]
    if not words:
        return True
    if language is Language.EN:
        opener = words[0]
        if (
            opener.folded not in PREPOSITIONS_AFTER_JOB_NOUN
            and not opener.is_capital
            and not _quoted_word_offsets(line, first, first + 1)
        ):
            return False
    if words[-1].folded == "и":
        return False
    return all(can_belong_to_office(line, place, language) for place in range(first, end))


def can_belong_to_office(line: Line, position: int, language: Language) -> bool:
    """Return whether the word at `position` can belong to the words for a job: it is not a verb and
    does not begin a clause.
    """
    word = line.words[position]
    if word.is_capital or _quoted_word_offsets(line, position, position + 1):
        return True
    if word.folded in load_word_list(language, "office"):
        return False
    if language is Language.EN:
        return not ENGLISH_VERB_PATTERN.search(word.folded)
    return not RUSSIAN_VERB_PATTERN.search(word.folded) or bool(NOT_VERB_PATTERN.match(word.folded))


def _quoted_word_offsets(line: Line, first: int, end: int) -> set[int]:
    """Return the start offsets of the words that are in quotation marks, of the words `first` up to
    `end`.
    """
    offset = line.sentence.start
    spans = [
        (found.start() + offset, found.end() + offset)
        for found in QUOTED_PATTERN.finditer(line.sentence.text)
    ]
    return {
        word.start
        for word in line.words[first:end]
        if any(start < word.start < stop for start, stop in spans)
    }


def _ends_apposition(line: Line, end: int, language: Language) -> bool:
    """Return whether the description of a name ends without a verb: after its noun, a punctuation
    mark, a word such as "and" or the end of the sentence comes before any verb. `end`: the position
    of the word after the noun.
    """
    for place in range(end, len(line.words)):
        if (
            PUNCTUATION_PATTERN.search(text_between(line, place, place))
            or line.words[place].folded in WORDS_ENDING_DESCRIPTION
        ):
            return True
        if not can_belong_to_office(line, place, language):
            return False
    return True


def is_apposition(line: Line, first: int, role: RoleNoun, language: Language) -> bool:
    """Return whether a noun describes the person named before word `first`: "A, editor of X", "A —
    журналист", "A is".
    """
    text = text_between(line, first, role.first)
    if COPULA_PATTERNS[language].match(text) and not NEGATION_PATTERN.search(text):
        return not role.is_possessor
    plain = TIME_BEFORE_NOUN_PATTERN.sub("", AGE_PATTERN.sub("", QUOTED_PATTERN.sub("Q", text)))
    opened = APPOSITION_START_PATTERN.match(plain)
    if opened is None or (
        opened[0].strip() == "," and not _ends_apposition(line, role.end, language)
    ):
        return False
    inside = plain[opened.end() :].strip(" ,\u00a0")
    words = inside.split()
    if len(words) > MAX_APPOSITION_WORDS or re.search(r"[,;:]|\.\s", inside):
        return False
    if language is Language.EN:
        small = load_word_list(language, "office")
        return words[:1] != ["and"] and not any(
            word in small or ENGLISH_VERB_PATTERN.search(word) for word in words
        )
    if language is Language.KK:
        # "One is A, the other – his assistant": another person follows the dash.
        return not role.is_possessor and not DASH_PATTERN.search(inside)
    return all(
        word[:1].isupper() or ADJECTIVE_ENDING_PATTERN.search(word) or word in SMALL_RUSSIAN_WORDS
        for word in words
    )
