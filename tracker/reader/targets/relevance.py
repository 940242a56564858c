"""Return whether an article reports an incident, by a few weighted signs.

First, impossible acts are dropped: what happened to the dead, a death that nobody calls untrue, an
injury without an actor, a word that is part of a name.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import exp
from typing import NamedTuple

from tracker.reader.found import FoundAct, Reality
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.targets.cast import Presence
from tracker.reader.targets.linking import (
    ADJACENT_VALUE,
    STRONG_SCORE,
    ActLink,
    combined_probability,
)
from tracker.reader.targets.spots import (
    PRESS_KINDS,
    SECTIONS_WITHOUT_FRAME,
    ArticleScene,
    Kind,
    frame_phrases,
    words_between,
)

KILLING_ACT = "physical.killing"
DEATH_THREAT_ACT = "threat.death"
# What an accident does as well as people.
ACTS_OF_ACCIDENTS = (
    "physical.assault",
    "physical.attempt",
    "property.damage",
    "property.break_in",
    "employment.dismissal",
)
# This many words about accidents make one; this many one that may have killed.
ACCIDENT_PHRASES, DEADLY_ACCIDENT_PHRASES = 2, 4
# If these are reported, a death is one of the lies.
ACTS_OF_LIES = ("impersonation.", "disinformation.fabricated")
# The actor is at most this many sentences from the act.
PERPETRATOR_REACH = 2
# A name of fewer words may just be a common word.
LONG_NAME_WORDS = 2
DEATH_HOAX_ACT = "disinformation.death_hoax"
# From this score on an article is suggested as an incident.
RELEVANT_SCORE = 0.5
# The weight of each sign in the score, which is then squashed between 0 and 1: round numbers, set
# by hand near a logistic regression on the articles for tuning (`tuned`).
BASE_SCORE = 0.2
WEIGHTS = {
    "acts": 1.2,  # an act against the press, all acts combined by their words
    "focus": 1.0,  # it is about one journalist or newsroom, or reports acts against several
    "headline": -1.0,  # the headline mentions the press and reports no act, as portraits' do
    "work": 0.4,  # their earlier publications are mentioned, at most FEW times
    "complaint": 0.5,  # somebody complained to an authority, or one was asked, at most FEW times
    "quiet": -1.0,  # only acts against a crowd, and nobody complained or was asked
    "unharmed": -1.6,  # it is said that nothing happened, at most FEW times
    "unreal": -2.8,  # share of acts that are negated, supposed or denied
    "others": -2.4,  # share of acts against others than the press
    "groundless": -4.4,  # only proceedings, and no work that they would be for
    "frame": -2.6,  # the text is of another kind: a film, a law, a training, a match
    "frames": -0.2,  # different words of all such kinds together, at most MANY
    "report": 1.4,  # the headline is that of a monitoring report on the press
    "absent": -1.6,  # the press is hardly mentioned
}
FEW_PHRASES = 4
MANY_PHRASES = 10
# If acts are reported, "nobody touched me" is only a part of the story.
HARMED_FACTOR = 0.6
# "Journalists were beaten and sued" is a statistic as often as a case.
CROWD_FACTOR = 0.3
DETENTION_ACT = "legal.detention"
PROCEEDING_ACTS = ("legal.administrative", "legal.criminal", "legal.civil", "legal.economic")
# From this amount of acts on, earlier publications are a reason for them.
LEAST_ACT_SUM = 0.6
# Below this amount of acts their shares mean nothing.
LEAST_SURE_ACT_SUM = 0.5
# This many different words of a kind of text, per hundred words, make the text one of that kind.
FULL_FRAME_RATE = 3.0
TITLE_FACTOR = 3
# These weigh the same everywhere; "was not detained" weighs more in the headline.
KINDS_WITHOUT_TITLE_WEIGHT = ("work", "complaint")
# Words with the same beginning are counted once.
STEM_LETTERS = 6
# Below this share of sentences with the press it is hardly mentioned.
LEAST_PRESS_SHARE = 0.12
# Above this one it is not merely a crime story.
CRIME_STORY_PRESS_SHARE = 0.4


class RelevanceFeatures(NamedTuple):
    """The signs read from an article; the names are those of `WEIGHTS`."""

    acts: float
    focus: float
    headline: float
    work: float
    complaint: float
    quiet: float
    unharmed: float
    unreal: float
    others: float
    groundless: float
    frame: float
    frames: float
    report: float
    absent: float


def relevance_score(signs: RelevanceFeatures) -> float:
    """Return how certain it is that the article reports an incident, 0 to 1."""
    total = BASE_SCORE + sum(WEIGHTS[name] * value for name, value in signs._asdict().items())
    return 1 / (1 + exp(-total))


def extract_features(
    scene: ArticleScene, links: list[ActLink], n_acts: int, focus: Presence | None
) -> RelevanceFeatures:
    """Return the signs of an article."""
    real = [one for one in links if one.act.reality is Reality.HAPPENED]
    old = [one for one in links if one.act.reality is Reality.BACKGROUND]
    in_title = any(_is_in_title(scene, one) for one in real)
    counts = count_phrases(scene, of_act=in_title)
    if has_named_doer(scene, real) or any(
        one.act.code == DEATH_HOAX_ACT and one.act.score >= STRONG_SCORE for one in real
    ):
        # A blow is no accident, and a hoax consists of mourning.
        counts["accident"] = 0
    of_crowd = all(spot.kind is Kind.MANY for one in real for spot in one.spots)
    acts = combined_probability(
        [one.act.score * one.worth for one in real if one.act.score >= STRONG_SCORE]
    )
    acts *= CROWD_FACTOR if of_crowd else 1
    not_real = [one for one in links if one not in real and one not in old]
    return RelevanceFeatures(
        acts=acts,
        focus=float(focus is not None or _count_targets(real) > 1),
        headline=float(_is_headline(scene) and not in_title),
        work=_work_score(counts["work"], acts),
        complaint=min(FEW_PHRASES, counts["complaint"]),
        quiet=float((of_crowd or not acts) and not counts["complaint"]),
        unharmed=min(FEW_PHRASES, counts["unharmed"]) * (1 - HARMED_FACTOR * acts),
        unreal=_share_of_links(not_real, links),
        others=(n_acts - len(links)) / (n_acts + 2 * LEAST_SURE_ACT_SUM),
        groundless=float(_is_groundless(real, counts["work"])),
        frame=_frame_score(scene, counts),
        frames=min(
            MANY_PHRASES,
            sum(counts.values()) - sum(counts[name] for name in SECTIONS_WITHOUT_FRAME),
        ),
        report=float(_is_report(scene)),
        absent=max(0.0, 1 - _presence_score(scene) / LEAST_PRESS_SHARE),
    )


def _work_score(mentions: int, acts: float) -> float:
    """Return the score of mentions of their work.

    Praise and portraits mention it too, without acts; there it counts once.
    """
    return min(1, mentions) + max(0, min(FEW_PHRASES, mentions) - 1) * min(
        1.0, acts / LEAST_ACT_SUM
    )


def _is_groundless(real: list[ActLink], work: int) -> bool:
    """Return whether all acts are proceedings against one person, and no work is mentioned.

    A presenter fined for speeding or tried for bribes is no target.
    """
    strong = [one.act.code for one in real if one.act.score >= STRONG_SCORE]
    return (
        not work
        and _count_targets(real) == 1
        and all(code in (*PROCEEDING_ACTS, DETENTION_ACT) for code in strong)
        and any(code in PROCEEDING_ACTS for code in strong)
    )


def _count_targets(links: list[ActLink]) -> int:
    """Return the number of named people against whom there are acts."""
    return len(
        {
            id(spot.person)
            for link in links
            if link.worth == ADJACENT_VALUE and link.act.score >= STRONG_SCORE
            for spot in link.spots
            if spot.person is not None
        }
    )


def _share_of_links(some: list[ActLink], links: list[ActLink]) -> float:
    """Return the share of some links in all; few acts mean little."""
    return sum(one.act.score * one.worth for one in some) / (
        LEAST_SURE_ACT_SUM + sum(one.act.score * one.worth for one in links)
    )


def _is_headline(scene: ArticleScene) -> bool:
    if not scene.lines:
        return False
    spots = scene.at(scene.lines[0].number)
    return any(spot.kind in PRESS_KINDS and spot.kind is not Kind.SELF for spot in spots)


def _is_report(scene: ArticleScene) -> bool:
    """Return whether the headline is that of a monitoring report on the press."""
    phrases = scene.phrases[scene.lines[0].number] if scene.lines else ()
    return any(name == "report" for name, _first, _end in phrases)


def _presence_score(scene: ArticleScene) -> float:
    with_press = sum(
        any(spot.kind in PRESS_KINDS for spot in scene.at(line.number)) for line in scene.lines
    )
    return with_press / max(1, len(scene.lines))


def _is_in_title(scene: ArticleScene, link: ActLink) -> bool:
    """Return whether the headline itself reports the act."""
    return link.act.score >= STRONG_SCORE and link.act.passage.number == scene.lines[0].number


def count_phrases(scene: ArticleScene, *, of_act: bool = False) -> dict[str, int]:
    """Return the number of different phrases of each kind in the article.

    Those of the headline count several times, unless it reports an act.
    """
    language = scene.reading.language.value
    count = dict.fromkeys((*SECTIONS_WITHOUT_FRAME, *frame_phrases(language)), 0)
    found: set[tuple[str, str]] = set()
    in_title = 1 if of_act else TITLE_FACTOR
    for place, line in enumerate(scene.lines):
        for name, first, end in scene.phrases[line.number]:
            words = " ".join(word.folded[:STEM_LETTERS] for word in line.words[first:end])
            if name in count and (name, words) not in found:
                found.add((name, words))
                count[name] += (
                    in_title if place == 0 and name not in KINDS_WITHOUT_TITLE_WEIGHT else 1
                )
    return count


def _frame_score(scene: ArticleScene, phrase_counts: dict[str, int]) -> float:
    """Return how much the article is of a kind in which the press is not harmed.

    Crime and fraud are such kinds only if the press is hardly mentioned.
    """
    n_words = sum(len(line.words) for line in scene.lines)
    absent = max(0.0, 1 - _presence_score(scene) / CRIME_STORY_PRESS_SHARE)
    most = max(
        (
            count * (absent if name in ("crime", "fraud") else 1.0)
            for name, count in phrase_counts.items()
            if name not in SECTIONS_WITHOUT_FRAME
        ),
        default=0.0,
    )
    return min(1.0, max(0.0, most - 1) / (FULL_FRAME_RATE * max(n_words, 100) / 100))


def without_acts_in_names(scene: ArticleScene, acts: list[FoundAct]) -> list[FoundAct]:
    """Return the acts without those that overlap the name of a newsroom.

    The "leader" of the Leinster Leader did nothing.
    """
    return [act for act in acts if not _is_in_name(scene, act)]


def _is_in_name(scene: ArticleScene, act: FoundAct) -> bool:
    line = next((one for one in scene.lines if one.number == act.passage.number), None)
    if line is None:
        return False
    first, end = words_between(line, act.passage.start, act.passage.end)
    return any(
        spot.newsroom is not None
        and spot.end - spot.first >= LONG_NAME_WORDS
        and (spot.first < first < spot.end <= end or first <= spot.first < end < spot.end)
        for spot in scene.at(line.number)
    )


def downgrade_unreal_links(scene: ArticleScene, links: list[ActLink]) -> list[ActLink]:
    """Return the links, with impossible ones marked as not real."""
    is_lie = _mentions(scene, "untrue") or any(
        link.act.code.startswith(ACTS_OF_LIES) for link in links
    )
    is_death = not is_lie and any(link.act.code == DEATH_HOAX_ACT for link in links)
    # Mourners mention wreaths and obituaries.
    untold = (DEATH_HOAX_ACT, DEATH_THREAT_ACT) if is_death else ()
    accident = _accident(scene)
    links = [
        _with_reality(link, Reality.NEGATED)
        if link.act.code in untold
        or (accident and _lacks_doer(scene, link, accident, PERPETRATOR_REACH))
        else link
        for link in links
    ]
    dead = _killed_earlier(links)
    return [
        _with_reality(link, Reality.BACKGROUND) if _whom(link) and _whom(link) <= dead else link
        for link in links
    ]


def _with_reality(link: ActLink, reality: Reality) -> ActLink:
    return link._replace(act=replace(link.act, reality=reality))


def _whom(link: ActLink) -> set[int]:
    return {id(spot.person) for spot in link.spots if spot.person is not None}


def _killed_earlier(links: list[ActLink]) -> set[int]:
    """Return who was killed in years before the article: nothing happens to them any more."""
    return {
        who
        for link in links
        if link.act.code == KILLING_ACT and link.act.reality is Reality.BACKGROUND
        for who in _whom(link)
    }


def _accident(scene: ArticleScene) -> tuple[str, ...]:
    """Return prefixes of act codes that an accident explains, if the article reports one."""
    phrases = {
        (name, *(word.folded for word in line.words[first:end]))
        for line in scene.lines
        for name, first, end in scene.phrases[line.number]
        if name == "accident"
    }
    if len(phrases) >= DEADLY_ACCIDENT_PHRASES:
        return (*ACTS_OF_ACCIDENTS, KILLING_ACT)
    return ACTS_OF_ACCIDENTS if len(phrases) >= ACCIDENT_PHRASES else ()


def _mentions(scene: ArticleScene, name: str) -> bool:
    find = _words(scene.reading.language.value, name).find
    return any(find(line.words) for line in scene.lines)


def has_named_doer(scene: ArticleScene, real: list[ActLink]) -> bool:
    """Return whether a sentence about an injury says who inflicted it."""
    return any(
        link.act.code.startswith(code) and not _lacks_doer(scene, link, (code,), reach)
        for link in real
        for code, reach in ((ACTS_OF_ACCIDENTS[0], 0), (KILLING_ACT, PERPETRATOR_REACH))
    )


def _lacks_doer(scene: ArticleScene, link: ActLink, codes: tuple[str, ...], reach: int) -> bool:
    """Return whether an act of these types has no actor, or blow, in a sentence around it."""
    if not link.act.code.startswith(codes):
        return False
    places = {line.number: place for place, line in enumerate(scene.lines)}
    place = places.get(link.act.passage.number, 0)
    find = _words(scene.reading.language.value, "doers").find
    near = scene.lines[max(0, place - reach) : place + reach + 1]
    return not any(find(line.words) for line in near)


@cache
def _words(language: str, name: str) -> Phrases:
    words = load_lexicon(language, "targets").get("sifting", {})
    return Phrases((phrase, None) for phrase in words.get(name, ()))
