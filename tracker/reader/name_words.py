"""The analysis of words as parts of personal names, and the runs of capitalised words."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from tracker.articles.codes import Language
from tracker.people.matching import name_keys
from tracker.reader.lexicon import LANGUAGES_FOLDER, load_lexicon
from tracker.reader.text import Line, Word, fold_word, text_between

# The fewest letters of a name without the ending of its grammatical case.
MIN_STEM_LETTERS = 3
# A shorter Russian word is not taken for a given name with the ending of a grammatical case.
MIN_INFLECTED_NAME_LETTERS = 4
# A word of only capitals is an acronym up to this length, and may be a name beyond it.
MAX_ACRONYM_LETTERS = 5
# A shorter word is not taken for a surname by its ending.
MIN_SURNAME_LETTERS = 5
# The English possessive at the end of a word.
POSSESSIVE_PATTERN = re.compile(r"(?:['’ʼ]s|['’ʼ])$")
# A capital letter of English, Russian or Kazakh, or of Uzbek or Tajik Cyrillic.
CAPITAL_REGEX = "[A-ZА-ЯЁӘҒҚҢӨҰҮҺІЎҲҶ]"
# An initial, or several joined by dots, without the last dot.
INITIAL_PATTERN = re.compile(
    rf"(?:{CAPITAL_REGEX}|Дж|Zh|Sh|Kh|Ch|Yu|Ya|Ye)(?:\.(?:{CAPITAL_REGEX}|Дж))*"
)
# Initials and a surname as one word: "А.Иванов".
JOINED_INITIALS_PATTERN = re.compile(rf"(?:{CAPITAL_REGEX}\.){{1,2}}{CAPITAL_REGEX}[\w’'-]{{2,}}")
# The endings of Russian surnames in -ов and -ин, in all grammatical cases.
CASE_ENDINGS_REGEX = "(?:а|у|ым|ом|е|ой|ою|ы|ых|ыми|ам|ами)?"
# Endings by which a surname is recognised without a first name: in Russian words, in Kazakh words,
# and in words in Latin letters.
SURNAME_PATTERNS = {
    "cyrillic": re.compile(
        rf"(?:(?:[оеё]в|[иы]н){CASE_ENDINGS_REGEX}"
        r"|(?:ск|цк)(?:ий|ого|ому|им|ом|ая|ой|ую|ие|их)|(?:енко|йко|чко|ько|хно)"
        r"|(?:ч?ук|юк|чак|щак|[аеи]нок|еня)(?:а|у|ом|е)?|[бкдгмнптхсзрл]ян(?:а|у|ом|е)?"
        r"|швили|[аи]дзе|(?:шв|дз)или|(?:ович|евич)(?:а|у|ем|е)?"
        r"|(?:ман|штейн|берг|сон|сен)(?:а|у|ом|е)?|заде|зода|оглы|пулат|пур|[иу]ллин\w{0,2}"
        r"|(?:улы|кызы|бек|бай|жан|хан)(?:а|у|ом|е|ем)?)$"
    ),
    "kazakh": re.compile(
        r"(?:[оеё]ва?|[иы]на?|ұлы|улы|қызы|кызы|тегі|бек|бай|жан|хан|ғали|болат|мұрат|мұхамбет"
        r"|әлі|алы|гелді|келді|берді|берген|ғазы|тай|қали|кәрім|бет|енко|ский|ская|швили)$"
    ),
    "latin": re.compile(
        r"(?:(?:[oe]v|yev|iev)a?|[a-z]{3,}[^aeiou]in|[a-z]{3,}ina"
        r"|(?:sk|ck|tsk|zk)(?:y|iy|yi|i|yj|aya|aia|a)|enko|chuk|[dlrn]uk|yuk|iuk"
        r"|[a-z]{3,}[rnklstdbhm]yan|[a-z]{3,}ian|shvili|[ai]dze|[oe]vich|[oe]vic|ić|ulin|ullina?"
        r"|uly|kyzy|qyzy|oglu|zoda|zade|zadeh|bek|bay|bai|stein|berg|[a-z]{2,}sson|[a-z]{2,}sen)$"
    ),
}
# Common words that end like surnames.
NOT_SURNAME_PATTERN = re.compile(
    r"(?:основа|готов\w?|снова|слова|голова|глава|один|одного|одной|причин\w*|половин\w*|картин\w*"
    r"|машин\w*|женщин\w*|мужчин\w*|магазин\w*|медицин\w*|община\w*|руин\w*|середин\w*|вершин\w*|любов\w*"
    r"|остров\w*|острова|покров\w*|морков\w*|условн\w*|нов\w{1,4}|здоров\w*|суров\w*|последн\w*"
    r"|мускулы|человек\w*|домен\w*|сезон\w*|район\w*|закон\w*|персон\w*|газон\w*|шпион\w*"
    r"|origin|again|within|maintain|certain|captain|britain|begin|cabin|berlin|bulletin|margin"
    r"|china|asian|russian|ukrainian|guardian|christian|iranian|christ|indian|median|civilian|bitcoin"
    r"|opinion|machine|magazine|online|airline|deadline|vaccine)"
)
# Endings of patronymics, also in other grammatical cases.
PATRONYMIC_PATTERN = re.compile(
    r"(?:(?:[оеё]в|ь)?ич(?:а|у|ем|е)?|(?:овн|евн|ичн)(?:а|ы|е|у|ой|ою)|(?:ұлы|улы|қызы|кызы)\w{0,4}"
    r"|[eo]vich|[eo]vna|ichna|uly|ulu|kyzy|qyzy|kizi)$"
)
# Kazakh compound given names, such as "Нұрбек" and "Нұргүл", in the Latin letters of their phonetic
# key (`name_keys`). They are too many for a list.
KAZAKH_COMPOUND_PATTERN = re.compile(
    r"^[a-z]{3,}(?:bek|jan|gul|kul|gali|bolat|murat|geldi|keldi|berdi|bergen|han|bai)$"
)
# Words, by phonetic key (`name_keys`), that only look like Kazakh compound given names.
NOT_COMPOUND_WORDS = frozenset(
    [
        "azerbaijan",
        "azerbaidjan",
        "afganistan",
        "turkmenbai",
        "zanjan",
        "erejan",
        "irejan",
        "kurban",
        "bezjan",
        "stakan",
        "orujbai",
        "tulkan",
        "vatikan",
        "ohan",
        "sohan",
        "orhan",
        "vulkan",
        "barhan",
    ]
)
# The ending of a Kazakh grammatical case after a name.
KAZAKH_CASE_ENDING_PATTERN = re.compile(
    r"(?:[нтд][ыі]ң|[ғг][аеә]|[қк][ае]|[нтд][ыі]|[дт][ае]н|н[ае]н|[дт][ае]|н[ае]|[мбп]ен|н)$"
)
# Endings of Russian grammatical cases after a name, in Latin letters.
TRANSLITERATED_CASE_ENDINGS = ("oiu", "om", "em", "oi", "ei", "im", "a", "u", "e", "i")
# The genders of names; "" is unknown.
MALE, FEMALE = "m", "f"
# An initial may have two letters: "Дж.".
MAX_INITIAL_LETTERS = 2
# Marks around a nickname, without the words between them.
OPENING_QUOTES, CLOSING_QUOTES = frozenset({"“", '"', "«", "‘"}), frozenset({"”", '"', "»", "’"})
# In the test for a headline only words of at least this many letters count.
MIN_LONG_WORD_LETTERS = 4
# A line with fewer words of `MIN_LONG_WORD_LETTERS` is not a headline.
MIN_HEADLINE_WORDS = 3
# At least this share of the long words of a headline has a capital.
MIN_HEADLINE_CAPITALS_SHARE = 0.7
# The beginning of an Arabic name whose first part is a small word such as "al", joined by a hyphen:
# "al-Masri", "аль-Фараби".
ARABIC_ARTICLE_PATTERN = re.compile(
    r"(?:al|el|ad|ar|as|at|ash|az|ul|аль|эль|әл|ад|ат|ас|аш|аз|ибн)[-‑]\w"
)
# The endings of Russian surnames in -ов and -ин. A word with such an ending may be a name even if
# it begins like a word that is never part of a name: Азаматов, but not "азаматтар".
SURNAME_ENDING_PATTERN = re.compile(r"(?:[оеё]в|[иы]н)(?:а|у|ым|ом|е|ой|ы|ых)?$")


@cache
def load_particles(language: Language) -> frozenset[str]:
    """Return the small words inside names: van, оглы, қызы."""
    return load_word_list(language, "particles")


@cache
def load_word_list(language: Language, name: str) -> frozenset[str]:
    """Return the list of single words called `name` in `people.toml`, in lower case."""
    words = load_lexicon(language.value, "people").get("words", {})
    return frozenset(str(words.get(name, "")).split())


@cache
def _load_stop_words(language: Language) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the words, and the beginnings of words, that are never part of a name."""
    words = str(
        load_lexicon(language.value, "people").get("not_names", {}).get("words", "")
    ).split()
    begins = tuple(word[:-1] for word in words if word.endswith("*"))
    return frozenset(word for word in words if not word.endswith("*")), begins


@lru_cache(maxsize=20_000)
def is_stop_word(word: str, language: Language) -> bool:
    """Return whether a word, as `fold_word` gives it, is never part of a name, even capitalised."""
    exact, begins = _load_stop_words(language)
    if word in exact or word.isdecimal():
        return True
    if not begins or not word.startswith(begins):
        return False
    one = analyse_name_word(word, language)
    return not (
        one.is_in_nominative
        or one.is_patronymic
        or (one.is_surname and SURNAME_ENDING_PATTERN.search(word))
    )


def capitalised_runs(line: Line, language: Language) -> list[tuple[int, int]]:
    """Return the runs of capitalised words, which may contain small words such as "van". Each run
    is the position of its first word and the position of the word after its last.
    """
    found: list[tuple[int, int]] = []
    words = line.words
    first: int | None = None
    for number, word in enumerate(words):
        is_joined = (
            first is None or _continues_name(line, number) or _is_nickname(line, number, language)
        )
        if first is not None and not is_joined:
            found.append((first, number))
            first = None
        if is_name_like(word):
            first = number if first is None else first
        elif first is not None and not _is_inside_name(line, number, language):
            found.append((first, number))
            first = None
    if first is not None:
        found.append((first, len(words)))
    return found


def is_name_like(word: Word) -> bool:
    """Return whether a word has the form of a name: capitalised, or with al-, аль- before it."""
    return (word.is_capital or bool(ARABIC_ARTICLE_PATTERN.match(word.text))) and word.text[
        0
    ] not in "@#"


def _continues_name(line: Line, position: int) -> bool:
    """Return whether only a space, or the dot of an initial, is between a word and the previous."""
    gap, before = text_between(line, position, position), line.words[position - 1].text
    if len(gap) == 1 and gap.isspace():
        return True
    return gap.strip() == "." and (len(before) <= MAX_INITIAL_LETTERS or "." in before)


def _is_nickname(line: Line, position: int, language: Language) -> bool:
    """Return whether a word is a nickname in quotation marks after a given name, or follows such a
    nickname: "Joselito “Jojo” Abordo".
    """
    for middle in (position, position - 1):
        if 0 < middle < len(line.words) - 1:
            gaps = text_between(line, middle, middle), text_between(line, middle + 1, middle + 1)
            is_quoted = gaps[0].strip() in OPENING_QUOTES and gaps[1].strip() in CLOSING_QUOTES
            if is_quoted and analyse_name_word(line.words[middle - 1].text, language).is_given:
                return is_name_like(line.words[middle]) and is_name_like(line.words[middle + 1])
    return False


def _is_inside_name(line: Line, position: int, language: Language) -> bool:
    """Return whether a word without a capital is part of a name: "van der Berg", "Али оглы"."""
    word = line.words[position]
    if word.folded not in load_particles(language):
        return False
    following = line.words[position + 1] if position + 1 < len(line.words) else None
    return word.folded in load_word_list(language, "suffixes") or (
        following is not None
        and _continues_name(line, position + 1)
        and (is_name_like(following) or following.folded in load_particles(language))
    )


def is_headline(line: Line, language: Language) -> bool:
    """Return whether a line is a headline, in which capitals do not mark names."""
    letters = [word for word in line.words if len(word.text) >= MIN_LONG_WORD_LETTERS]
    if len(letters) < MIN_HEADLINE_WORDS:
        return False
    capital = sum(word.is_capital for word in letters) / len(letters)
    if sum(word.text.isupper() for word in letters) / len(letters) >= MIN_HEADLINE_CAPITALS_SHARE:
        return True
    ends = line.sentence.text.rstrip()[-1:]
    return language.value == "en" and capital >= MIN_HEADLINE_CAPITALS_SHARE and ends not in ".!"


class NameWord(NamedTuple):
    """A word as part of a name. `phonetic_key`: its phonetic key, equal for words that sound alike
    (`name_keys`); `gender`: if it is a given name, whose it is: `MALE`, `FEMALE`, or "" if unknown.
    """

    text: str
    phonetic_key: str
    gender: str = ""
    is_given: bool = False
    is_surname: bool = False
    is_patronymic: bool = False
    is_initial: bool = False
    # It is a given name whose form is the nominative.
    is_in_nominative: bool = False
    # It may be one name as it is or another in another case: Мари, Мария.
    is_ambiguous: bool = False
    # The key without a Kazakh ending, if it may have one.
    stem: str = ""

    @property
    def is_name_part(self) -> bool:
        """Whether the word looks like a given name, surname, patronymic or initial."""
        return self.is_given or self.is_surname or self.is_patronymic or self.is_initial


@cache
def gender_by_given_name() -> dict[str, str]:
    """Return the gender of each given name in the word lists, by its phonetic key: `MALE`,
    `FEMALE`, or "" for a name of men and women.
    """
    found: dict[str, str] = {}
    for folder in sorted(LANGUAGES_FOLDER.iterdir()):
        lists = load_lexicon(folder.name, "given_names")
        for gender, field in ((FEMALE, "female"), (MALE, "male")):
            for name in str(lists.get(field, "")).split():
                for key in name_keys(name):
                    found[key] = gender if found.get(key, gender) == gender else ""
    return found


@cache
def _given_name_spellings() -> frozenset[str]:
    """Return the given names as the word lists spell them, in lower case."""
    return frozenset(
        fold_word(name)
        for folder in LANGUAGES_FOLDER.iterdir()
        for field in ("female", "male")
        for name in str(load_lexicon(folder.name, "given_names").get(field, "")).split()
    )


@cache
def gender_by_given_name_stem() -> dict[str, str]:
    """Return the gender of each given name in the word lists (`MALE`, `FEMALE` or "" for both), by
    the beginning of its phonetic key that all Russian cases of the name share: Мари-, Серге-.
    """
    found: dict[str, str] = {}
    for key, gender in gender_by_given_name().items():
        stems = {key[:-1], key[:-2]} if key.endswith(("ai", "ei", "oi")) else {key}
        if key.endswith(("a", "i", "e")):
            stems = {key[:-1]} | (stems if len(stems) > 1 else set())
        if key.endswith("vel"):
            stems.add(f"{key[:-2]}l")
        for stem in stems:
            if len(stem) >= MIN_STEM_LETTERS - 1:
                found[stem] = gender if found.get(stem, gender) == gender else ""
    return found


@lru_cache(maxsize=20_000)
def analyse_name_word(word: str, language: Language) -> NameWord:
    """Return what part of a name a word can be: given name, surname, patronymic or initial. An
    English possessive ending is removed first.
    """
    text = POSSESSIVE_PATTERN.sub("", word) if language is Language.EN else word
    if INITIAL_PATTERN.fullmatch(text):
        return NameWord(text, name_keys(text)[0][:1], is_initial=True)
    if JOINED_INITIALS_PATTERN.fullmatch(text):
        return NameWord(text, name_keys(text.rsplit(".", 1)[1])[0], is_surname=True)
    key = name_keys(text)[0].replace(" ", "")
    folded = fold_word(text)
    gender, is_in_nominative = _given_name_gender(key, folded, language)
    return NameWord(
        text,
        key,
        gender or "",
        is_given=gender is not None,
        is_surname=any(_is_surname(part, language) for part in folded.split("-")),
        is_patronymic=len(folded) > MIN_SURNAME_LETTERS and bool(PATRONYMIC_PATTERN.search(folded)),
        is_in_nominative=bool(is_in_nominative),
        is_ambiguous=is_in_nominative is None,
        stem=_name_stem(folded) if language is Language.KK else "",
    )


def _name_stem(folded: str) -> str:
    """Return the phonetic key of a word without its Kazakh case ending; "" if the word has no such
    ending, or if fewer than `MIN_STEM_LETTERS` letters are left. `folded`: the word in lower case,
    as `fold_word` gives it.
    """
    bare = KAZAKH_CASE_ENDING_PATTERN.sub("", folded)
    return name_keys(bare)[0] if MIN_STEM_LETTERS <= len(bare) < len(folded) else ""


def _given_name_gender(key: str, folded: str, language: Language) -> tuple[str | None, bool | None]:
    """Return the gender of a given name (None if the word is not a given name), and whether the
    name is in the nominative (None if its form does not show it). `key`: the phonetic key of the
    word; `folded`: the word in lower case, as `fold_word` gives it.
    """
    names = gender_by_given_name()
    if key in names:
        # "Дианы" sounds like another name, Дани, and is Диана's.
        other = (
            _russian_given_name_gender(key)
            if language is Language.RU and folded not in _given_name_spellings()
            else None
        )
        return names[key] if other is None else other, None if other is not None else True
    first, _hyphen, rest = folded.partition("-")
    if rest and (known := name_keys(first)[0]) in names and name_keys(rest)[0] in names:
        return names[known], True
    if (
        language is Language.RU
        and len(folded) >= MIN_INFLECTED_NAME_LETTERS
        and not folded.isascii()
    ):
        found = _russian_given_name_gender(key)
    elif language is Language.KK:
        found = _kazakh_given_name_gender(key, folded)
    else:
        found = None
    if found is not None:
        return found, False
    if _is_compound_name(key):
        return (FEMALE if key.endswith(("gul", "kul")) else ""), True
    return None, False


def _is_compound_name(key: str) -> bool:
    """Return whether a phonetic key looks like a Kazakh given name that is made of two words:
    "Нұрсерік".
    """
    return bool(KAZAKH_COMPOUND_PATTERN.match(key)) and key not in NOT_COMPOUND_WORDS


def _russian_given_name_gender(key: str) -> str | None:
    """Return the gender of a given name that is in a Russian case other than the nominative; None
    if the word is not such a name. `key`: the phonetic key of the word.
    """
    for ending in TRANSLITERATED_CASE_ENDINGS:
        stem = key.removesuffix(ending)
        if stem == key or len(stem) < MIN_STEM_LETTERS - 1:
            continue
        if stem in gender_by_given_name_stem():
            return gender_by_given_name_stem()[stem]
        if _is_compound_name(stem):
            return FEMALE if stem.endswith(("gul", "kul")) else ""
    return None


def _kazakh_given_name_gender(key: str, folded: str) -> str | None:
    """Return the gender of a given name that has a Kazakh case ending; None if the word is not such
    a name. `key`: the phonetic key of the word; `folded`: the word in lower case, as `fold_word`
    gives it.
    """
    bare = KAZAKH_CASE_ENDING_PATTERN.sub("", folded)
    if bare == folded or len(bare) < MIN_STEM_LETTERS:
        return None
    known = name_keys(bare)[0]
    if known in gender_by_given_name():
        return gender_by_given_name()[known]
    return "" if _is_compound_name(known) and key not in NOT_COMPOUND_WORDS else None


def _is_surname(folded: str, language: Language) -> bool:
    """Return whether a word, as `fold_word` gives it, has the ending of a surname."""
    if len(folded) < MIN_SURNAME_LETTERS or NOT_SURNAME_PATTERN.match(folded):
        return False
    if folded[0] < "\u0250":
        return bool(SURNAME_PATTERNS["latin"].search(folded))
    if language is Language.KK:
        bare = KAZAKH_CASE_ENDING_PATTERN.sub("", folded)
        return any(SURNAME_PATTERNS["kazakh"].search(one) for one in (folded, bare))
    return bool(SURNAME_PATTERNS["cyrillic"].search(folded))
