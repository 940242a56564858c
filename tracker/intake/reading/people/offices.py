"""Whether words between a noun and a name only say whose or where: "editor of the site X, A"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.articles.codes import Language
from tracker.intake.reading.capitals import words_of_list
from tracker.intake.reading.gaps import behind, between

if TYPE_CHECKING:
    from tracker.intake.reading.kinds import Part
    from tracker.intake.reading.text import Line

LONGEST_APPOSITION = 6
QUOTED = re.compile(r"«[^»]{0,300}»|“[^”]{0,300}”|\"[^\"]{0,300}\"")
AGED = re.compile(r"\d{1,3}(?:[-–‑](?:летн\w+|year-old|жастағы|жасар)|\s+(?:жастағы|жасар|лет))")
# "A, until 2020 the editor of …", "до 2020 года".
DATED = re.compile(
    r"(?:(?:until|from|since|in|до|с|в|по) \d{4}(?:[-–]\w+)?(?: (?:года|году|to \d{4}))?|в прошлом"
    r"|\d{4} жылға дейін)\s"
)
VERB = re.compile(
    r"(?:[аеиоуыя]л(?:а|о|и|ся|ась|ось|ись)?|ет|ёт|ют|ит|ят|ется|ится|ются|атся|ятся|ать|ить|еть|ться"
    r"|ают|ут|ён|ена|ено|ены|аны|ана)$"
)
NOT_VERB = re.compile(
    r"^(?:отдел|портал|(?:[\w]+-?)?канал|журнал|совет|комитет|департамент|кабинет|университет|интернет"
    r"|филиал|сельсовет|факультет|парламент|бюджет|проект|мониторинг|акимат|капитал|нацсовет|село|тыл"
    r"|медиа|скотланд|легал|дела|школ|сил|персонал|рынка|отделения|материал|вокзал|генерал|штат"
    r"|газет|институт|маршрут|статут|правител|сената|палата|палаты|магистрат|прокурат|адвокат|нефт|вет|област|стран|района)"
)
ENGLISH_VERB = re.compile(
    r"(?<!bas)(?<!own)(?<!fund)(?<!unit)(?<!retir)(?<!limit)(?<!run)(?<!call)(?<!turn)ed$"
)
# How a Russian apposition may begin before its noun: adjectives and a few small words.
ADJECTIVE = re.compile(r"(?:ый|ий|ой|ая|яя|ого|его|ому|ему|ым|им|ую|юю|ом|ем|ей|ых|их|ые|ие)$")
SMALL_RU = frozenset(
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
MARK = re.compile(r"[,.;:!?()—–]")
JOINING = frozenset({"and", "и", "who", "has", "whose", "мен"})
DASH = re.compile(r"\s[–—-](?:\s|$)")
OPENS = re.compile(r"^\s*(?:,|\(|–|—|-)\s*")
COPULA = {
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
NEGATION = re.compile(r"\b(?:not|never|no longer|не|емес)\b")
PREPOSITIONS = frozenset({"of", "for", "at", "from", "with", "in", "and"})


@dataclass(frozen=True)
class Role:
    """A noun of a part: words `first` to `end` of a line."""

    part: Part
    first: int
    end: int
    is_plural: bool
    # Nominative; None where the language does not tell.
    is_bare: bool | None
    # It belongs to a noun behind it: "журналистің".
    is_owner: bool
    is_feminine: bool


def is_said(line: Line, first: int, end: int, language: Language) -> bool:
    """Say whether words `first` to `end` between a noun and a name make them one person's."""
    text = AGED.sub("", QUOTED.sub("Q", between(line, first, end))).strip(' \u00a0«“„"')
    if language is Language.KK:
        return text.strip(" ,") in {"", "болып"}
    if text in {"", ","}:
        return not text or language is Language.EN or is_set_off(line, end)
    if language is Language.EN:
        text = text.rstrip(", ")
        return not re.search(r"[;:!?]|[,.]\s", text) and is_office(line, first, end, language)
    return not re.search(r"[;:!?]|[,.]\s|,$", text) and is_office(line, first, end, language)


def is_set_off(line: Line, first: int) -> bool:
    """Say whether a name between commas ends at one: "её матери, Тамары Кравчук, отвечали"."""
    capital = first
    while capital < len(line.words) and line.words[capital].is_capital:
        capital += 1
    rest = behind(line, line.words[capital - 1].end).lstrip()
    return rest[:1] in {",", ".", ")", "", "»", "—", "–"}


def is_office(line: Line, first: int, end: int, language: Language) -> bool:
    """Say whether words can be an office and nothing more: no verb, no other thought."""
    words = line.words[first:end]
    if not words:
        return True
    if language is Language.EN:
        opener = words[0]
        if (
            opener.folded not in PREPOSITIONS
            and not opener.is_capital
            and not _quoted(line, first, first + 1)
        ):
            return False
    if words[-1].folded == "и":
        return False
    return all(belongs(line, place, language) for place in range(first, end))


def belongs(line: Line, place: int, language: Language) -> bool:
    """Say whether a word can belong to an office: it is no verb and opens no other thought."""
    word = line.words[place]
    if word.is_capital or _quoted(line, place, place + 1):
        return True
    if word.folded in words_of_list(language, "office"):
        return False
    if language is Language.EN:
        return not ENGLISH_VERB.search(word.folded)
    return not VERB.search(word.folded) or bool(NOT_VERB.match(word.folded))


def _quoted(line: Line, first: int, end: int) -> set[int]:
    """Return the offsets of the words that stand between quotation marks."""
    offset = line.sentence.start
    spans = [
        (found.start() + offset, found.end() + offset)
        for found in QUOTED.finditer(line.sentence.text)
    ]
    return {
        word.start
        for word in line.words[first:end]
        if any(start < word.start < stop for start, stop in spans)
    }


def _closes(line: Line, end: int, language: Language) -> bool:
    """Say whether a mark ends an apposition: in "A, the minister said" the noun is a subject."""
    for place in range(end, len(line.words)):
        if MARK.search(between(line, place, place)) or line.words[place].folded in JOINING:
            return True
        if not belongs(line, place, language):
            return False
    return True


def is_apposition(line: Line, first: int, role: Role, language: Language) -> bool:
    """Say whether a noun behind a name is said of it: "A, editor of X", "A — журналист", "A is"."""
    text = between(line, first, role.first)
    if COPULA[language].match(text) and not NEGATION.search(text):
        return not role.is_owner
    plain = DATED.sub("", AGED.sub("", QUOTED.sub("Q", text)))
    opened = OPENS.match(plain)
    if opened is None or (opened[0].strip() == "," and not _closes(line, role.end, language)):
        return False
    inside = plain[opened.end() :].strip(" ,\u00a0")
    words = inside.split()
    if len(words) > LONGEST_APPOSITION or re.search(r"[,;:]|\.\s", inside):
        return False
    if language is Language.EN:
        small = words_of_list(language, "office")
        return words[:1] != ["and"] and not any(
            word in small or ENGLISH_VERB.search(word) for word in words
        )
    if language is Language.KK:
        # "One is A, the other – his assistant": behind a dash stands somebody else.
        return not role.is_owner and not DASH.search(inside)
    return all(word[:1].isupper() or ADJECTIVE.search(word) or word in SMALL_RU for word in words)
