"""What the words of an authority amount to: the type of act, and how it stands to what was done."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tracker.intake.reading.answers.voices import with_placeholders
from tracker.intake.reading.lexicon import Phrases, lexicon
from tracker.responses.codes import ActType, Stance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.intake.reading.text import Word

SPEECH, DOES, IMPERSONAL, ANYONE = "speech", "official", "impersonal", "anyone"
NOT_ACTS = ("lists", "stances", "direction", "gates")

# Of several types in one clause, the one that says most.
ORDER = (
    ActType.NO_COMMENT, ActType.NO_REPLY, ActType.MEASURE_REVERSED, ActType.DISCIPLINARY,
    ActType.INVESTIGATION_SUSPENDED, ActType.INVESTIGATION_CLOSED, ActType.INVESTIGATION_REFUSED,
    ActType.VERDICT, ActType.TRIAL, ActType.CHARGE, ActType.ARREST, ActType.SUSPECT,
    ActType.PROTECTION_GIVEN, ActType.PROTECTION_OFFERED, ActType.INVESTIGATION_OPENED,
    ActType.TAKEDOWN, ActType.BLOCKED, ActType.BLOCKING_ORDERED, ActType.COMPLAINT_REGISTERED,
    ActType.REFERRAL, ActType.APOLOGY, ActType.DENIAL, ActType.INVESTIGATION_ANNOUNCED,
    ActType.CONDEMNATION, ActType.PLEDGE, ActType.INFORMATION_REQUEST, ActType.ACKNOWLEDGEMENT,
    ActType.FORMAL_REPLY, ActType.STATEMENT,
)  # fmt: skip
# Deeds: a "not" or "will" among their words undoes them, save where they are a refusal.
DEEDS = frozenset(ORDER[: ORDER.index(ActType.REFERRAL)]) - {
    ActType.NO_COMMENT, ActType.NO_REPLY, ActType.INVESTIGATION_REFUSED,
    ActType.INVESTIGATION_SUSPENDED,
}  # fmt: skip
# Steps against somebody: they answer nothing when that somebody is the journalist.
AGAINST_SOMEBODY = frozenset({
    ActType.INVESTIGATION_OPENED, ActType.INVESTIGATION_ANNOUNCED, ActType.SUSPECT, ActType.ARREST,
    ActType.CHARGE, ActType.TRIAL, ActType.VERDICT,
})  # fmt: skip
# The order in which the stances of several acts are taken; what tells nothing comes last.
STANCES = (
    Stance.THREATENS, Stance.BLAMES_TARGET, Stance.CONDEMNS,
    Stance.ACKNOWLEDGES_DENIES_RESPONSIBILITY, Stance.DENIES, Stance.ALTERNATIVE_EXPLANATION,
    Stance.DEFLECTS, Stance.ACKNOWLEDGES, Stance.PROCEDURAL, Stance.UNCLEAR,
)  # fmt: skip


# What only the body concerned can do; a regret or denial of others is a statement.
OWN = frozenset({ActType.APOLOGY, ActType.DENIAL, ActType.PLEDGE, ActType.DISCIPLINARY})


class Rule(NamedTuple):
    """One entry of `responses.toml`."""

    kind: ActType
    by: str
    stance: Stance
    needs_official: bool


class Hit(NamedTuple):
    """An entry whose phrase stands at words `first` up to `end`."""

    rule: Rule
    first: int
    end: int


@cache
def _acts(language: str) -> Phrases:
    data = lexicon(language, "responses")
    lists = data.get("lists", {})
    rows: list[tuple[str, Rule]] = []
    for kind, entries in data.items():
        if kind in NOT_ACTS:
            continue
        for entry in entries:
            rule = Rule(
                ActType(kind), entry["by"], Stance(entry["stance"]), bool(entry.get("needs"))
            )
            rows += [(with_placeholders(one, lists), rule) for one in entry["phrases"]]
    return Phrases(rows)


@cache
def words_for(language: str, section: str) -> Phrases:
    """Return the phrases of a section of `responses.toml` with their headings as labels."""
    data: dict[str, Any] = lexicon(language, "responses")
    lists = data.get("lists", {})
    return Phrases(
        (with_placeholders(one, lists), label)
        for label, phrases in data.get(section, {}).items()
        for one in phrases
    )


def hits_in(language: str, words: Sequence[Word]) -> list[Hit]:
    """Return every act that a sentence's words name, from left to right."""
    return [Hit(*one) for one in _acts(language).find(words)]


def plain_kind(language: str, words: Sequence[Word]) -> ActType:
    """Return what words amount to that no entry knows: with a "not" in them mostly a denial."""
    endings = lexicon(language, "speakers").get("speech", {}).get("negated")
    is_negative = "negation" in labels_in(language, "gates", words) or (
        endings is not None and any(re.search(endings, word.folded) for word in words)
    )
    return ActType.DENIAL if is_negative else ActType.STATEMENT


def fitting(kind: ActType, body: str) -> ActType:
    """Return an act as the body can do it: another state does not apologise, it regrets."""
    is_outside = body in ("foreign", "intergovernmental")
    return ActType.STATEMENT if is_outside and kind in OWN else kind


def labels_in(language: str, section: str, words: Sequence[Word]) -> set[str]:
    """Return which headings of a section have words in a sentence."""
    return {one.label for one in words_for(language, section).find(words)}


def best(hits: Iterable[Hit]) -> Hit | None:
    """Return the hit that says most: a deed before words, of deeds by their order, of words the
    one with the longest phrase.
    """
    return min(hits, key=_rank, default=None)


def _rank(hit: Hit) -> tuple[int, int, int]:
    order, length = ORDER.index(hit.rule.kind), hit.end - hit.first
    if order < ORDER.index(ActType.REFERRAL):
        return 0, order, -length
    if order < ORDER.index(ActType.FORMAL_REPLY):
        return 1, -length, order
    return 2, order, -length


def stance_of(language: str, kind: ActType, given: Stance, words: Sequence[Word]) -> Stance:
    """Return how an act stands to what was done: by its words if they show it, else by its type."""
    if kind in {ActType.NO_COMMENT, ActType.NO_REPLY, ActType.APOLOGY, ActType.MEASURE_REVERSED}:
        return given
    found = labels_in(language, "stances", words)
    told = next((one for one in STANCES if one.value in found), None)
    if told is None or (given == Stance.CONDEMNS and told != Stance.BLAMES_TARGET):
        return given
    return told


def primary(stances: Iterable[Stance]) -> Stance:
    """Return the one stance of an occasion: that of most acts that show any."""
    telling = Counter(one for one in stances if one not in {Stance.UNCLEAR, Stance.PROCEDURAL})
    if not telling:
        return Stance.PROCEDURAL if Stance.PROCEDURAL in set(stances) else Stance.UNCLEAR
    (first, most), *others = telling.most_common()
    if (
        others
        and others[0][1] == most
        and {first, others[0][0]} >= {Stance.CONDEMNS, Stance.DENIES}
    ):
        return Stance.MIXED
    return min((one for one, count in telling.items() if count == most), key=STANCES.index)
