"""Acts whose type depends on the object of the verb.

`languages/LANGUAGE/deeds.toml` has groups of verbs and of objects, and the type of each pair:
pouring something into a letterbox is damage, whatever is poured. The file also has the objects that
change the type of an act found by a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from tracker.reader.acts.phrases import ActMatch, ActRule, expand_lists
from tracker.reader.lexicon import PhraseMatch, Phrases, load_lexicon
from tracker.reader.text import ArticleText, Line, Word

# A verb and its object are at most this many words apart, in one clause.
VERB_OBJECT_REACH = 7
# The certainty, 0 to 1, of an act found by verb and object, lower than that of most phrases.
VERB_OBJECT_SCORE = 0.6
# Marks between two clauses: a noun beyond one of them is not the object of the verb.
CLAUSE_BREAK_PATTERN = re.compile(r"[;:—()!?]")
# Any mark with which a quotation may open.
OPENING_QUOTE_PATTERN = re.compile('[«“„"]')
# Marks that open and that close a quotation. English opens with the mark by which German closes, so
# identical marks are distinguished by their side.
OPENING_MARK_PATTERN, CLOSING_MARK_PATTERN = (
    re.compile(r"[«„]|“(?=\w)"),
    re.compile(r"[»”]|(?<=\S)“(?!\w)"),
)
# The thing that an assault hits is at most this many words after the verb ("over the door"), in
# Kazakh before it; in Russian it may be among this many last words of the act.
OBJECT_REACH_AFTER, OBJECT_REACH_BEFORE, OWNER_REACH = 3, 1, 2
# How many words after "sentenced" the term may be: "to eight years".
PRISON_TERM_REACH = 3
# Types of incidents: with a term in prison a detention is a sentence.
DETENTION_ACT, PRISON_SENTENCE_ACT = "legal.detention", "legal.criminal"
# The type of incident of a threat with court or police.
LEGAL_THREAT_ACT = "threat.legal"
# Types of acts in which somebody is prosecuted, or threatened with this. If the case is about harm
# to somebody ("over death threats"), there is no act against the press.
PROSECUTION_ACTS = frozenset({PRISON_SENTENCE_ACT, "legal.administrative", LEGAL_THREAT_ACT})
# Types of acts in which something is blocked, removed or closed. If what is blocked is a fake
# account, there is no act against the press.
TAKEDOWN_ACTS = frozenset({"censorship.blocking", "censorship.removal", "censorship.closure"})
# In words: how near before "against her" the harm must be, and how near an act its object.
AGAINST_REACH_WORDS, ACT_OBJECT_REACH = 3, 5
# Types of incidents: an assault that hits a thing is damage.
ASSAULT_ACT, DAMAGE_ACT = "physical.assault", "property.damage"


def retype_by_object(language: str, words: tuple[Word, ...], match: ActMatch) -> ActMatch:
    """Return a match, with another incident type if the object of its verb requires one: paint over
    a door is damage, not an assault; years in prison are a sentence, not a detention.
    """
    said = words[match.first : match.end + PRISON_TERM_REACH]
    if match.rule.code == DETENTION_ACT and _load_object_phrases(language, "terms").find(said):
        return match._replace(rule=match.rule._replace(code=PRISON_SENTENCE_ACT))
    if match.rule.code == ASSAULT_ACT and _is_done_to_thing(language, words, match):
        return match._replace(rule=match.rule._replace(code=DAMAGE_ACT))
    return match


def is_case_about_harm(language: str, words: tuple[Word, ...], match: ActMatch) -> bool:
    """Return whether a case, or the threat of one, is about harm to somebody: "Police opened a
    criminal case over death threats against the reporter".
    """
    if match.rule.code not in PROSECUTION_ACTS or not mentions_case_about_harm(language, words):
        return False
    return match.rule.code != LEGAL_THREAT_ACT or bool(
        _load_object_phrases(language, "opened").find(words)
    )


def mentions_case_about_harm(language: str, words: Sequence[Word]) -> bool:
    """Return whether a sentence reports a case about harm to somebody."""
    if not _load_object_phrases(language, "over_harm").find(words):
        return False
    harm = _load_object_phrases(language, "harm")
    # "A case over threats against her" is not a case against her.
    return all(
        harm.find(words[max(0, first - AGAINST_REACH_WORDS) : first])
        for _label, first, _end in _load_object_phrases(language, "against").find(words)
    )


def is_takedown_of_fake(language: str, words: tuple[Word, ...], match: ActMatch) -> bool:
    """Return whether the blocked or removed thing is a fake account or channel."""
    if match.rule.code not in TAKEDOWN_ACTS:
        return False
    return mentions_fake_account(
        language, words[max(0, match.first - ACT_OBJECT_REACH) : match.end + ACT_OBJECT_REACH]
    )


def mentions_fake_account(language: str, words: Sequence[Word]) -> bool:
    """Return whether words mention a fake account, channel or page."""
    return bool(_load_object_phrases(language, "fakes").find(words))


def _is_done_to_thing(language: str, words: tuple[Word, ...], match: ActMatch) -> bool:
    """Return whether the object of an assault is a thing, such as a door or a car, not a person."""
    before = (
        words[max(0, match.first - OBJECT_REACH_BEFORE) : match.first] if language == "kk" else ()
    )
    # In Russian the last word of an act may be the owner of the object: «облили дверь редактора».
    whose = OWNER_REACH if language == "ru" else 0
    beside = (*before, *words[max(match.first, match.end - whose) : match.end + OBJECT_REACH_AFTER])
    things = _load_object_phrases(language, "things")
    return (
        bool(things.find(beside))
        and _load_object_phrases(language, "throws").find(words[match.first : match.end]) != []
    )


@cache
def _load_object_phrases(language: str, name: str) -> Phrases:
    """Return the phrases of one list under [objects] in `deeds.toml`, such as "fakes" or "harm"."""
    lists = load_lexicon(language, "lists")
    found = load_lexicon(language, "deeds").get("objects", {}).get(name, ())
    return Phrases((expand_lists(phrase, lists), None) for phrase in found)


class VerbObjectAct(NamedTuple):
    """A pair of word groups of `deeds.toml`: any verb of the group `verb_group` with an object of
    the group `object_group` reports the act of `rule`. `needs_quote`: only in a sentence with a
    quotation mark.
    """

    verb_group: str
    object_group: str
    rule: ActRule
    needs_quote: bool


def find_verb_object_acts(article: ArticleText, line: Line) -> list[ActMatch]:
    """Return the acts that a verb and its object express together."""
    language = article.language.value
    if not _load_verb_object_acts(language):
        return []
    verbs, things = _load_word_groups(language, "verbs"), _load_word_groups(language, "things")
    done = [
        one
        for one in verbs.find(line.words)
        if not _is_subject_journalist(language, line.words, one)
    ]
    met = things.find(line.words) if done else []
    has_quote = OPENING_QUOTE_PATTERN.search(line.sentence.text) is not None
    return [
        _build_match(pair.rule, verb, thing)
        for pair in _load_verb_object_acts(language)
        if has_quote or not pair.needs_quote
        for verb in done
        if verb.label == pair.verb_group
        for thing in met
        if thing.label == pair.object_group and _is_object_of_verb(article, line, verb, thing, pair)
    ]


def _build_match(rule: ActRule, verb: PhraseMatch, thing: PhraseMatch) -> ActMatch:
    """Return the match that spans a verb and its object."""
    first, end = min(verb.first, thing.first), max(verb.end, thing.end)
    return ActMatch(rule, first, end, frozenset(), is_contiguous=False)


def _is_object_of_verb(
    article: ArticleText, line: Line, verb: PhraseMatch, thing: PhraseMatch, pair: VerbObjectAct
) -> bool:
    """Return whether a noun is the object of a verb: near the verb, in the same clause, and, unless
    their `pair` needs a quotation, both inside or both outside of quotation marks.
    """
    low, high = sorted((verb, thing), key=lambda one: one.first)
    if not 0 <= high.first - low.end <= VERB_OBJECT_REACH:
        return False
    gap = article.text[line.words[low.end - 1].end : line.words[high.first].start]
    is_parted = CLAUSE_BREAK_PATTERN.search(gap) or (not pair.needs_quote and is_half_quoted(gap))
    return not is_parted


def is_half_quoted(text: str) -> bool:
    """Return whether a text contains one end of a quotation without the other."""
    return (
        len(OPENING_MARK_PATTERN.findall(text)) != len(CLOSING_MARK_PATTERN.findall(text))
        or text.count('"') % 2 == 1
    )


def _is_subject_journalist(language: str, words: Sequence[Word], verb: PhraseMatch) -> bool:
    """Return whether a word such as "she" or "we" is directly before a verb. The subject is then
    mostly the journalist, whose act ("she took her camera") is not hostile.
    """
    doers = load_lexicon(language, "deeds").get("own", {}).get("doers", ())
    return verb.first > 0 and words[verb.first - 1].folded in doers


@cache
def _load_word_groups(language: str, section: str) -> Phrases:
    """Return the phrases of a section of `deeds.toml`, "verbs" or "things", labelled by group."""
    lists = load_lexicon(language, "lists")
    return Phrases(
        (expand_lists(phrase, lists), name)
        for name, phrases in load_lexicon(language, "deeds").get(section, {}).items()
        for phrase in phrases
    )


@cache
def _load_verb_object_acts(language: str) -> tuple[VerbObjectAct, ...]:
    """Return the pairs of verbs and objects of a language that are acts."""
    nothing = Phrases(())
    return tuple(
        VerbObjectAct(
            entry["verb"],
            entry["thing"],
            ActRule(entry["type"], VERB_OBJECT_SCORE, "", None, VERB_OBJECT_REACH, nothing, None),
            bool(entry.get("quote")),
        )
        for entry in load_lexicon(language, "deeds").get("deed", ())
    )
