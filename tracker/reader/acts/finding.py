"""What an article says was done to somebody: the passages that name an act, and how real it is.

Of several acts that the same words name, the fuller phrase and the narrower type are meant. An
outlet's own channel is no fake of it, and who tells of an act is no part of it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from tracker.incidents.codes import PurportedAs
from tracker.reader.acts.book import book
from tracker.reader.acts.objects import (
    by_object,
    deeds_in,
    is_half_quoted,
    is_of_fake,
    is_over_harm,
)
from tracker.reader.acts.reality import is_supposed, reality_of
from tracker.reader.found import Act, Reality
from tracker.reader.lexicon import Phrases, lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.reader.acts.book import Hit
    from tracker.reader.text import Line, Reading, Word

# A phrase that is longer by more words holds another act, not a part of itself.
FULLER = 4
NEAR = 6
# Words that score less say too little to push another type aside.
PLAIN = 0.5
# Where the same words name both, the first is said of the second: a false report "of a murder" that
# brings the police is no hoax about a death. The second may be a family, ending in a dot.
YIELDS = {
    "threat.other": ("threat.death", "threat.sexual", "threat.physical", "threat.legal"),
    "threat.legal": ("legal.warning",),
    "harassment.mob": ("threat.",),
    "harassment.doxxing": ("harassment.flooding",),
    "disinformation.death_hoax": ("harassment.swatting", "threat.death"),
    "disinformation.fabricated": (
        "legal.",
        "impersonation.",
        "harassment.swatting",
        "disinformation.death_hoax",
    ),
    "intimidation.other": ("threat.", "harassment.", "censorship.", "legal.", "surveillance."),
    "intimidation.visit": ("legal.search", "property.", "intimidation.contacts", "harassment."),
    "intimidation.contacts": ("threat.death",),
    "employment.dismissal": ("intimidation.contacts",),
    "digital.account_attack": ("property.break_in",),
    "digital.phishing": ("digital.spyware",),
    "digital.spyware": ("harassment.doxxing",),
    "harassment.mass_reporting": ("impersonation.",),
    "impersonation.outlet": ("property.break_in",),
    "physical.assault": ("physical.killing",),
    "property.seizure": ("property.break_in",),
    "access.denied": ("legal.border",),
    "legal.criminal": ("threat.legal",),
    "legal.civil": ("threat.legal",),
    "legal.economic": ("censorship.blocking",),
    "censorship.closure": ("censorship.blocking",),
}
# These yield wherever the other stands in the sentence: a site that does not open under a flood of
# requests is not blocked, and goods ordered in her name are no account of hers.
YIELDS_ANYWHERE = {
    "censorship.blocking": "digital.ddos",
    "impersonation.journalist": "harassment.flooding",
}
# The body may stand so many words behind "he said he was a major of …".
BEHIND = 5
# Whose people show badges and give ranks as well.
ALSO = (PurportedAs.SECURITY_SERVICE, PurportedAs.PROSECUTOR)
# Posing as a newsroom or as somebody in it; as officials nobody has a channel of her own.
FAKED = frozenset({"impersonation.outlet", "impersonation.journalist"})
# So near to the words of an act stands whose channel it is.
BESIDE = 4
# A comma, dash or quotation mark stands before "she told the newspaper", and its clause is short.
BEFORE = re.compile(r"[,»”\"—–]\s*$")
CLAUSE = re.compile(r"[^,.;:!?—–«“\"]*")
LONGEST_CLAUSE = 5
# What is done by words alone may be told by who says them and by what is said.
OF_WORDS = ("threat.", "smear.official", "harassment.mob", "censorship.pressure")


def acts_in(reading: Reading) -> list[Act]:
    """Return every act in order; one passage may name acts of several types, each type once."""
    acts = [act for line in reading.lines for act in _in_sentence(reading, line)]
    if is_supposed(reading):
        return [replace(act, reality=Reality.HYPOTHETICAL) for act in acts]
    return acts


def _in_sentence(reading: Reading, line: Line) -> list[Act]:
    language = reading.language.value
    hits = [
        hit
        for hit in book(language).find(without_telling(reading, line))
        if not _is_across(reading, line, hit)
    ]
    codes = {hit.rule.code for hit in hits}
    # What a phrase says is not said once more by a verb and a thing.
    hits += [hit for hit in deeds_in(reading, line) if hit.rule.code not in codes]
    hits = [by_object(language, line.words, hit) for hit in hits]
    hits = told([hit for hit in hits if not _only_looks_like_an_act(language, line.words, hit)])
    return [_act(reading, line, hit) for hit in sorted(hits, key=_position)]


def _only_looks_like_an_act(language: str, words: tuple[Word, ...], hit: Hit) -> bool:
    return (
        is_own(language, words, hit)
        or is_over_harm(language, words, hit)
        or is_of_fake(language, words, hit)
    )


def _is_across(reading: Reading, line: Line, hit: Hit) -> bool:
    """Say whether one half of an act is what somebody says and the other is not."""
    if hit.is_whole or hit.rule.code.startswith(OF_WORDS):
        return False
    words = line.words
    return is_half_quoted(reading.text[words[hit.first].start : words[hit.end - 1].end])


def _position(hit: Hit) -> tuple[int, int, str]:
    return hit.first, hit.end, hit.rule.code


def _act(reading: Reading, line: Line, hit: Hit) -> Act:
    start, end = line.words[hit.first].start, line.words[hit.end - 1].end
    reality = reality_of(reading, line, hit)
    # A lie that is denied has been told all the same.
    is_untrue = reality in (Reality.DENIED, Reality.NEGATED)
    if is_untrue and hit.rule.code.startswith("disinformation."):
        reality = Reality.HAPPENED
    return Act(
        code=hit.rule.code,
        passage=reading.passage(start, end),
        reality=reality,
        score=hit.rule.score,
        toward=hit.rule.toward,
        purported_as=posed_as(reading.language.value, line.words, hit),
    )


def told(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits of a sentence without those that others of the same words say already."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=_by_certainty):
        is_again = any(other.rule.code == hit.rule.code and _overlap(other, hit) for other in kept)
        if not is_again and not any(_says_it_already(other, hit) for other in hits):
            kept.append(hit)
    return kept


def _by_certainty(hit: Hit) -> tuple[float, bool, int]:
    """Return which of several of one type goes first: as whom people posed is worth more words."""
    return -hit.rule.score, hit.rule.purported_as is None, hit.first - hit.end


def _says_it_already(other: Hit, hit: Hit) -> bool:
    if YIELDS_ANYWHERE.get(hit.rule.code) == other.rule.code:
        return True
    if other.rule.code == hit.rule.code or not _overlap(other, hit):
        return False
    return _yields(hit, other) or _is_part_of(other, hit)


def _yields(hit: Hit, other: Hit) -> bool:
    code = other.rule.code
    # Two words far apart say nothing of what stands between them.
    is_near = other.is_whole or other.end - other.first <= NEAR
    return (
        is_near
        and other.rule.score >= PLAIN
        and any(
            code.startswith(one) if one.endswith(".") else code == one
            for one in YIELDS.get(hit.rule.code, ())
        )
    )


def _is_part_of(outer: Hit, inner: Hit) -> bool:
    """Say whether a fuller phrase holds this one: "arrest" in "threatened with arrest"."""
    longer = (outer.end - outer.first) - (inner.end - inner.first)
    return (
        outer.is_whole
        and outer.first <= inner.first
        and inner.end <= outer.end
        and 0 < longer <= FULLER
        and outer.rule.score >= inner.rule.score
    )


def _overlap(one: Hit, other: Hit) -> bool:
    return one.first < other.end and other.first < one.end


def posed_as(language: str, words: Sequence[Word], hit: Hit) -> PurportedAs | None:
    """Return as whom the people of an act posed, None where they posed as nobody.

    The rules say "police" also of whoever shows a badge or gives a rank. Where another service is
    named, and the police are not, they posed as its people: "a major of the security service".
    """
    supposed = hit.rule.purported_as
    if supposed is not PurportedAs.POLICE:
        return supposed
    near = words[hit.first : hit.end + BEHIND]
    named = [one.label for one in _bodies(language).find(near)]
    return supposed if not named or supposed in named else named[0]


@cache
def _bodies(language: str) -> Phrases:
    """Return the words by which the police and other services are known."""
    kinds = lexicon(language, "together").get("bodies", {})
    known = (PurportedAs.POLICE, *ALSO)
    return Phrases((phrase, kind) for kind in known for phrase in kinds.get(kind.value, ()))


def is_own(language: str, words: Sequence[Word], hit: Hit) -> bool:
    """Say whether what looks like a fake is said to be their own, and nothing in the sentence says
    that anything is false: "it reported so on its Telegram channel, under the newspaper's logo".
    """
    if hit.rule.code not in FAKED:
        return False
    own, false = _own_and_false(language)
    near = words[max(0, hit.first - BESIDE) : hit.end + BESIDE]
    return bool(own.find(near)) and not false.find(words)


@cache
def _own_and_false(language: str) -> tuple[Phrases, Phrases]:
    """Return what says that something is one's own, and what says that something is false."""
    data = lexicon(language, "reality").get("own", {})
    own, false = (
        Phrases((phrase, None) for phrase in data.get(name, ())) for name in ("phrases", "but")
    )
    return own, false


def without_telling(reading: Reading, line: Line) -> Sequence[Word]:
    """Return the words of a sentence, those emptied in which it only says who tells it: "I was
    asked at the border, she told the newspaper".
    """
    rows, spoken_to = _telling_phrases(reading.language.value)
    woven = [
        place
        for _label, first, end in rows.find(line.words)
        if _is_woven(reading, line, first, end, spoken_to)
        for place in range(first, end)
    ]
    if not woven:
        return line.words
    return [
        word._replace(folded="") if place in woven else word
        for place, word in enumerate(line.words)
    ]


def _is_woven(
    reading: Reading, line: Line, first: int, end: int, spoken_to: frozenset[str]
) -> bool:
    """Say whether words stand between commas or quotation marks and say nothing more."""
    before = reading.text[line.sentence.start : line.words[first].start]
    rest = reading.text[line.words[end - 1].end : line.sentence.end]
    clause = CLAUSE.match(rest)
    words = clause[0].casefold().split() if clause else []
    is_apart = BEFORE.search(before) is not None
    return is_apart and len(words) <= LONGEST_CLAUSE and spoken_to.isdisjoint(words)


@cache
def _telling_phrases(language: str) -> tuple[Phrases, frozenset[str]]:
    """Return how it is said who tells something, and what shows that more than that is said."""
    data = lexicon(language, "reality").get("telling", {})
    phrases = Phrases((phrase, None) for phrase in data.get("phrases", ()))
    return phrases, frozenset(data.get("but", ()))
