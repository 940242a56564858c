"""The passages of an article that report an act against somebody, and whether each act is real.

If the same words match several acts, the fuller phrase and the narrower type win. An outlet's own
channel is not a fake, and a clause that only names the source is not an act. Phrases that show
whether an act is real ("did not", "would") are called cues.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from tracker.incidents.codes import PurportedAs
from tracker.reader.acts import objects
from tracker.reader.acts.phrases import ActMatch, load_act_phrases
from tracker.reader.found import FoundAct, Reality
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.text import YEAR_PATTERN, ArticleText, Line, Word

# How many words before or after an act a phrase such as "did not" or "if" applies to it, within the
# clause.
CUE_REACH_WORDS = 5
# How many words before or after an act a phrase under `far_before` or `far_after` in `reality.toml`
# applies to it, also across clauses.
FAR_CUE_REACH_WORDS = 14
# The name in `reality.toml` of the list of words for "until". A "not" after such a word does not
# deny an act.
UNTIL_SECTION = "until"
# Marks between two clauses.
CLAUSE_BREAK_PATTERN = re.compile(r"[;:—()]|, ")
# An event at least this many calendar years before the article is an older story
# (`Reality.BACKGROUND`).
MIN_BACKGROUND_AGE_YEARS = 2
# A sentence with a year among this many first words sets the time of the next sentence too.
MAX_WORDS_BEFORE_OPENING_YEAR = 3
# A greater number before the name of a month is not a day.
MAX_DAY_OF_MONTH = 31
# An article is about a film, a bill or a course if at least this many of its sentences have words
# for one.
MIN_TOPIC_SENTENCES = 4
# An article is about a film, a bill or a course only if this share of its sentences has words for
# one.
MIN_TOPIC_SHARE = 0.2
# If several of these apply to an act, the first one wins.
REALITY_ORDER = (Reality.NEGATED, Reality.DENIED, Reality.HYPOTHETICAL, Reality.BACKGROUND)
# If the match of one phrase contains the match of another ("arrest" in "threatened with arrest"),
# only the longer match counts. If it is more than this many words longer, both count, since there
# are then two acts.
MAX_EXTRA_PHRASE_WORDS = 4
# A phrase "a & b" may match with other words between "a" and "b". Such a match can replace the type
# of a match on the same words only if it is at most this many words long.
MAX_OVERRIDING_MATCH_WORDS = 6
# Matches with a lower score are too weak to replace another type.
MIN_OVERRIDING_SCORE = 0.5
# Each type of act, and the types that replace it if both match some of the same words: a false
# report "of a murder" that brings the police is not a hoax about a death. A replacing type that
# ends in a dot means a whole group of types.
OVERRIDDEN_BY = {
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
# Each type of act, and the type that removes it from a sentence that reports both, wherever the
# words are: a site under a flood of requests is not blocked, and goods ordered in a journalist's
# name are not a fake account.
OVERRIDDEN_IN_SENTENCE_BY = {
    "censorship.blocking": "digital.ddos",
    "impersonation.journalist": "harassment.flooding",
}
# How many words after "he said he was a major of …" the name of a service other than the police may
# be.
BODY_REACH_WORDS = 5
# Bodies other than the police whose people show badges and give ranks.
BODIES_WITH_RANKS = (PurportedAs.SECURITY_SERVICE, PurportedAs.PROSECUTOR)
# Types of acts in which somebody poses as a newsroom or its people. "Its own channel" in the
# sentence shows that there is no such act.
PRESS_IMPERSONATION_ACTS = frozenset({"impersonation.outlet", "impersonation.journalist"})
# How many words before or after an act "its own channel" may be.
OWN_CHANNEL_REACH_WORDS = 4
# What precedes a clause that only names the source: a comma, dash or quotation mark before "she
# told the newspaper".
REPORTING_CLAUSE_START_PATTERN = re.compile(r"[,»”\"—–]\s*$")
# A clause, up to the next mark.
CLAUSE_PATTERN = re.compile(r"[^,.;:!?—–«“\"]*")
# The most words after the verb of a clause that only names the source.
MAX_REPORTING_CLAUSE_WORDS = 5
# Beginnings of the types of acts done by words alone, which may be reported as the speaker's words.
VERBAL_ACTS = ("threat.", "smear.official", "harassment.mob", "censorship.pressure")


def find_acts(article: ArticleText) -> list[FoundAct]:
    """Return the acts that an article reports, in order. The same words may report acts of several
    types.
    """
    acts = [act for line in article.lines for act in _find_acts_in_sentence(article, line)]
    if is_hypothetical_article(article):
        return [replace(act, reality=Reality.HYPOTHETICAL) for act in acts]
    return acts


def _find_acts_in_sentence(article: ArticleText, line: Line) -> list[FoundAct]:
    """Return the acts of one sentence, without false and redundant matches."""
    language = article.language.value
    hits = [
        hit
        for hit in load_act_phrases(language).find(blank_attributions(article, line))
        if not _crosses_quotation(article, line, hit)
    ]
    codes = {hit.rule.code for hit in hits}
    # An act found by a phrase is not added again by verb and object.
    hits += [
        hit for hit in objects.find_verb_object_acts(article, line) if hit.rule.code not in codes
    ]
    hits = [objects.retype_by_object(language, line.words, hit) for hit in hits]
    hits = remove_redundant_matches(
        [hit for hit in hits if not _is_false_match(language, line.words, hit)]
    )
    return [_build_act(article, line, hit) for hit in sorted(hits, key=_position_key)]


def _is_false_match(language: str, words: tuple[Word, ...], match: ActMatch) -> bool:
    """Return whether the matched words report no act against the press."""
    return (
        is_own_channel(language, words, match)
        or objects.is_case_about_harm(language, words, match)
        or objects.is_takedown_of_fake(language, words, match)
    )


def _crosses_quotation(article: ArticleText, line: Line, match: ActMatch) -> bool:
    """Return whether a quotation begins or ends inside the words of a match."""
    if match.is_contiguous or match.rule.code.startswith(VERBAL_ACTS):
        return False
    words = line.words
    return objects.is_half_quoted(article.text[words[match.first].start : words[match.end - 1].end])


def _position_key(match: ActMatch) -> tuple[int, int, str]:
    """Return a sort key for the order of matches in a sentence."""
    return match.first, match.end, match.rule.code


def _build_act(article: ArticleText, line: Line, match: ActMatch) -> FoundAct:
    """Return the act of a match, with its reality and whom its actors posed as."""
    start, end = line.words[match.first].start, line.words[match.end - 1].end
    reality = classify_reality(article, line, match)
    # False information was spread even if it is denied.
    is_untrue = reality in (Reality.DENIED, Reality.NEGATED)
    if is_untrue and match.rule.code.startswith("disinformation."):
        reality = Reality.HAPPENED
    return FoundAct(
        code=match.rule.code,
        passage=article.get_passage(start, end),
        reality=reality,
        score=match.rule.score,
        target_side=match.rule.target_side,
        purported_as=impersonated_body(article.language.value, line.words, match),
    )


def remove_redundant_matches(matches: Sequence[ActMatch]) -> list[ActMatch]:
    """Return the matches of a sentence without redundant ones. A match is redundant if a more
    certain match of the same type is on some of the same words, or if `_makes_redundant` says so.
    """
    kept: list[ActMatch] = []
    for hit in sorted(matches, key=_certainty_key):
        is_again = any(
            other.rule.code == hit.rule.code and _is_overlapping(other, hit) for other in kept
        )
        if not is_again and not any(_makes_redundant(other, hit) for other in matches):
            kept.append(hit)
    return kept


def _certainty_key(match: ActMatch) -> tuple[float, bool, int]:
    """Return a sort key that puts the most certain match first. Of equally certain matches, a match
    whose phrase says whom the actors posed as comes first, then the longest.
    """
    return -match.rule.score, match.rule.purported_as is None, match.first - match.end


def _makes_redundant(rival: ActMatch, match: ActMatch) -> bool:
    """Return whether `match` is left out because of `rival`, another match in the sentence: the
    type of `rival` removes the type of `match` from any sentence with both, or, if the two share
    words, replaces it; or the phrase of `rival` contains the phrase of `match`.
    """
    if OVERRIDDEN_IN_SENTENCE_BY.get(match.rule.code) == rival.rule.code:
        return True
    if rival.rule.code == match.rule.code or not _is_overlapping(rival, match):
        return False
    return _is_overridden(match, rival) or _is_contained(rival, match)


def _is_overridden(match: ActMatch, rival: ActMatch) -> bool:
    """Return whether the type of `rival`, on the same words, replaces the type of `match`."""
    code = rival.rule.code
    # Two words far apart do not cover what is between them.
    is_near = rival.is_contiguous or rival.end - rival.first <= MAX_OVERRIDING_MATCH_WORDS
    return (
        is_near
        and rival.rule.score >= MIN_OVERRIDING_SCORE
        and any(
            code.startswith(one) if one.endswith(".") else code == one
            for one in OVERRIDDEN_BY.get(match.rule.code, ())
        )
    )


def _is_contained(outer: ActMatch, inner: ActMatch) -> bool:
    """Return whether a fuller phrase contains another: "arrest" in "threatened with arrest"."""
    longer = (outer.end - outer.first) - (inner.end - inner.first)
    return (
        outer.is_contiguous
        and outer.first <= inner.first
        and inner.end <= outer.end
        and 0 < longer <= MAX_EXTRA_PHRASE_WORDS
        and outer.rule.score >= inner.rule.score
    )


def _is_overlapping(match: ActMatch, other: ActMatch) -> bool:
    """Return whether two matches share words."""
    return match.first < other.end and other.first < match.end


def impersonated_body(language: str, words: Sequence[Word], match: ActMatch) -> PurportedAs | None:
    """Return the body (police, prosecutor, security service) whose people the actors of an act
    posed as, or None. If the phrase of the act means the police, but only another body is named in
    the words of the act or shortly after, return this other body.
    """
    supposed = match.rule.purported_as
    if supposed is not PurportedAs.POLICE:
        return supposed
    near = words[match.first : match.end + BODY_REACH_WORDS]
    named = [one.label for one in _load_body_phrases(language).find(near)]
    return supposed if not named or supposed in named else named[0]


@cache
def _load_body_phrases(language: str) -> Phrases:
    """Return the words for the police and other services, labelled with the body they name."""
    kinds = load_lexicon(language, "together").get("bodies", {})
    known = (PurportedAs.POLICE, *BODIES_WITH_RANKS)
    return Phrases((phrase, kind) for kind in known for phrase in kinds.get(kind.value, ()))


def is_own_channel(language: str, words: Sequence[Word], match: ActMatch) -> bool:
    """Return whether an apparent fake is a channel that the press itself owns: the sentence has
    "its channel" or the like, and calls nothing false.
    """
    if match.rule.code not in PRESS_IMPERSONATION_ACTS:
        return False
    own, false = _own_channel_phrases(language)
    near = words[
        max(0, match.first - OWN_CHANNEL_REACH_WORDS) : match.end + OWN_CHANNEL_REACH_WORDS
    ]
    return bool(own.find(near)) and not false.find(words)


@cache
def _own_channel_phrases(language: str) -> tuple[Phrases, Phrases]:
    """Return the phrases by which a channel belongs to the press itself ("its channel"), and those
    that call something false, which rule this out.
    """
    data = load_lexicon(language, "reality").get("own", {})
    own, false = (
        Phrases((phrase, None) for phrase in data.get(name, ())) for name in ("phrases", "but")
    )
    return own, false


def blank_attributions(article: ArticleText, line: Line) -> Sequence[Word]:
    """Return the words of a sentence, but with an empty `Word.folded` in the phrases that only name
    a source ("she told the newspaper"), or the reporters to whom somebody spoke, so that no phrase
    of an act matches there.
    """
    language = article.language.value
    rows, act_words = _attribution_phrases(language)
    woven = [
        place
        for _label, first, end in rows.find(line.words)
        if _is_pure_attribution(article, line, first, end, act_words)
        for place in range(first, end)
    ]
    woven += [
        place
        for _label, first, end in _load_telling_phrases(language, "to_press").find(line.words)
        for place in range(first, end)
    ]
    if not woven:
        return line.words
    return [
        word._replace(folded="") if place in woven else word
        for place, word in enumerate(line.words)
    ]


def _is_pure_attribution(
    article: ArticleText, line: Line, first: int, end: int, act_words: frozenset[str]
) -> bool:
    """Return whether the words from `first` up to `end` only name a source: they follow a comma,
    dash or quotation mark, and few words follow them in the clause, none of them in `act_words`,
    the words that show an act ("him" in "she told him to stop").
    """
    before = article.text[line.sentence.start : line.words[first].start]
    rest = article.text[line.words[end - 1].end : line.sentence.end]
    clause = CLAUSE_PATTERN.match(rest)
    words = clause[0].casefold().split() if clause else []
    is_apart = REPORTING_CLAUSE_START_PATTERN.search(before) is not None
    return is_apart and len(words) <= MAX_REPORTING_CLAUSE_WORDS and act_words.isdisjoint(words)


@cache
def _attribution_phrases(language: str) -> tuple[Phrases, frozenset[str]]:
    """Return the phrases that name a source ("she told"), and the words that show, if they follow
    such a phrase in the same clause, that it is an act: "him" in "she told him to stop".
    """
    words = load_lexicon(language, "reality").get("telling", {}).get("but", ())
    return _load_telling_phrases(language, "phrases"), frozenset(words)


@cache
def _load_telling_phrases(language: str, name: str) -> Phrases:
    """Return the phrases of a list under [telling] in `reality.toml`."""
    rows = load_lexicon(language, "reality").get("telling", {}).get(name, ())
    return Phrases((phrase, None) for phrase in rows)


class RealityCue(NamedTuple):
    """A phrase that shows whether an act is real ("did not", "would"). `side`: where the phrase
    must be, seen from the act, such as "before", "far_after" or "inside"; `reality.toml` explains
    each.
    """

    reality: Reality
    side: str


def classify_reality(article: ArticleText, line: Line, match: ActMatch) -> Reality:
    """Return whether an act in a sentence happened, did not happen, was denied, is only supposed,
    or is an older story.
    """
    language = article.language.value
    found = {
        cue.reality
        for cue, first, end in _load_reality_cues(language).find(line.words)
        if _cue_applies(article, line, cue.side, (first, end), match)
        and not _is_part_of_threat(cue, match)
        and not _is_month(language, line, first, end)
        and not (cue.reality is Reality.NEGATED and _is_until_clause(language, line, first))
    }
    if _is_about_past(article, line):
        found.add(Reality.BACKGROUND)
    if _has_negated_verb(language, line, match):
        found.add(Reality.NEGATED)
    if _is_retracted_in_next_sentence(article, line):
        found.add(Reality.DENIED)
    return next((one for one in REALITY_ORDER if one in found), Reality.HAPPENED)


def is_hypothetical_article(article: ArticleText) -> bool:
    """Return whether a whole article is about a film, a bill or a course, not about events."""
    topics = [topic.find for topic in _load_topic_phrases(article.language.value)]
    counts = [sum(bool(find(line.words)) for line in article.lines) for find in topics]
    most = max(counts, default=0)
    return most >= MIN_TOPIC_SENTENCES and most >= MIN_TOPIC_SHARE * len(article.lines)


@cache
def _load_reality_cues(language: str) -> Phrases:
    """Return the phrases of a language that show how real an act is, labelled with `RealityCue`."""
    return Phrases(
        (phrase, RealityCue(Reality(reality), side))
        for reality, sides in load_lexicon(language, "reality").items()
        if reality in set(Reality)
        for side, phrases in sides.items()
        if side != UNTIL_SECTION
        for phrase in phrases
    )


@cache
def _load_topic_phrases(language: str) -> tuple[Phrases, ...]:
    """Return the phrases of each topic that makes a whole article hypothetical."""
    topics = load_lexicon(language, "reality").get("topics", {})
    return tuple(Phrases((phrase, None) for phrase in phrases) for phrases in topics.values())


def _is_until_clause(language: str, line: Line, negation: int) -> bool:
    """Return whether the "not" at word `negation` comes after "until": «пока он не стёр запись»."""
    words = load_lexicon(language, "reality").get("negated", {}).get(UNTIL_SECTION, ())
    return any(
        word.folded in words for word in line.words[max(0, negation - CUE_REACH_WORDS) : negation]
    )


def _is_part_of_threat(cue: RealityCue, match: ActMatch) -> bool:
    """Return whether a "would" or "if" is part of a threat itself: "we will find you if you …"."""
    is_near = not cue.side.startswith("far_") and cue.side != "sentence"
    return is_near and cue.reality is Reality.HYPOTHETICAL and match.rule.code.startswith("threat.")


def _is_month(language: str, line: Line, first: int, end: int) -> bool:
    """Return whether a cue is only the name of a month: "on 15 May she was beaten"."""
    word = line.words[first]
    return (
        end - first == 1 and first > 0 and word.is_capital and word.folded in _month_names(language)
    )


def _cue_applies(
    article: ArticleText, line: Line, side: str, cue_span: tuple[int, int], match: ActMatch
) -> bool:
    """Return whether a cue applies to an act, since it is where its `side` (see `RealityCue`)
    requires. Words of the act's own phrase are not a cue. `cue_span`: the positions of the first
    word of the cue and of the word after its last.
    """
    before, after = match.first - cue_span[1], cue_span[0] - match.end
    if side == "inside":
        inside = match.is_contiguous and match.first < cue_span[0] < match.end
        return inside and line.words[cue_span[0]].folded not in match.stems
    if side == "sentence":
        return before >= 0 or after >= 0
    if side == "start":
        return cue_span[0] <= 1 and before >= 0
    if side in ("beside", "just_before"):
        return before == 0 or (after == 0 and side == "beside")
    distance = before if side.endswith("before") else after
    if side.startswith("far_"):
        return 0 <= distance <= FAR_CUE_REACH_WORDS
    gap = (cue_span[1], match.first) if side == "before" else (match.end, cue_span[0])
    return 0 <= distance <= CUE_REACH_WORDS and not _has_clause_break(article, line, *gap)


def _has_clause_break(article: ArticleText, line: Line, first: int, end: int) -> bool:
    """Return whether a new clause begins between word `first - 1` and word `end` of a sentence."""
    start, stop = line.words[first - 1].end, line.words[min(end, len(line.words) - 1)].start
    return CLAUSE_BREAK_PATTERN.search(article.text, start, max(start, stop)) is not None


def _is_retracted_in_next_sentence(article: ArticleText, line: Line) -> bool:
    """Return whether the next sentence of the paragraph retracts this one: "That was wrong"."""
    lines = article.lines
    after = lines[line.number] if line.number < len(lines) else None
    if after is None or after.paragraph != line.paragraph:
        return False
    found = _retraction_phrases(article.language.value).find(after.words)
    return any(first <= 1 for _label, first, _end in found)


@cache
def _retraction_phrases(language: str) -> Phrases:
    """Return the phrases that retract the previous sentence."""
    words = load_lexicon(language, "reality").get("taken_back", {})
    return Phrases((phrase, None) for phrase in words.get("phrases", ()))


def _is_about_past(article: ArticleText, line: Line) -> bool:
    """Return whether a sentence is about years at least `MIN_BACKGROUND_AGE_YEARS` before the
    article, or, without a date, continues one that begins with such a year: "In 1983 she read. They
    threw fish at her".
    """
    if _has_only_old_years(article, line):
        return True
    before = article.lines[line.number - 2] if line.number > 1 else None
    return (
        before is not None
        and before.paragraph == line.paragraph
        and _has_only_old_years(article, before)
        and any(
            YEAR_PATTERN.fullmatch(word.text)
            for word in before.words[:MAX_WORDS_BEFORE_OPENING_YEAR]
        )
        and not _has_year_or_day(article, line)
    )


def _has_year_or_day(article: ArticleText, line: Line) -> bool:
    """Return whether a sentence contains a year, a weekday or a day of a month."""
    language = article.language.value
    return (
        YEAR_PATTERN.search(line.sentence.text) is not None
        or any(word.folded in _weekday_names(language) for word in line.words)
        or _has_day_without_year(language, line)
    )


@cache
def _weekday_names(language: str) -> frozenset[str]:
    """Return the names of the weekdays in all their forms."""
    days = load_lexicon(language, "dates").get("weekdays", {})
    return frozenset(name for names in days.values() for name in names.split("|"))


def _has_only_old_years(article: ArticleText, line: Line) -> bool:
    """Return whether a sentence has years, all at least `MIN_BACKGROUND_AGE_YEARS` before the
    article, and no date such as "6 February", whose year is not written and would be the year of
    the article.
    """
    if _has_day_without_year(article.language.value, line):
        # "On 6 February" beside "an interview of 2019": the day is in the article's own year.
        return False
    years = [int(year) for year in YEAR_PATTERN.findall(line.sentence.text)]
    return bool(years) and max(years) <= article.newest_year - MIN_BACKGROUND_AGE_YEARS


def _has_day_without_year(language: str, line: Line) -> bool:
    """Return whether a sentence contains a day and month without a year."""
    words = line.words
    return any(
        words[place - 1].text.isdecimal()
        and int(words[place - 1].text) <= MAX_DAY_OF_MONTH
        and not (place + 1 < len(words) and YEAR_PATTERN.fullmatch(words[place + 1].text))
        for place in range(1, len(words))
        if words[place].folded in _month_names(language)
    )


@cache
def _month_names(language: str) -> frozenset[str]:
    """Return the names of the months in all their forms."""
    months = load_lexicon(language, "dates").get("months", {})
    return frozenset(name for names in months.values() for name in names.split("|"))


def _has_negated_verb(language: str, line: Line, match: ActMatch) -> bool:
    """Return whether the last verb of an act has a negative ending, as in Kazakh."""
    endings = load_lexicon(language, "reality").get("endings")
    if not endings:
        return False
    word = line.words[match.end - 1].folded
    stem = max((len(stem) for stem in match.stems if word.startswith(stem)), default=0)
    if stem > 0 and re.search(endings["negated"], word[stem:]) is not None:
        return True
    # "Made no threat": the noun is the act's, and the verb after it has the "not".
    after = line.words[match.end].folded if match.end < len(line.words) else ""
    return "light" in endings and re.match(endings["light"], after) is not None
