"""Whether an article reports an incident, by a few weighted features.

First, impossible acts are dropped: acts against the dead, a death that nobody calls untrue, an
injury without an actor, a word that is part of a name.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import exp
from typing import NamedTuple

from tracker.reader.found import FoundAct, Reality
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.targets.annotations import (
    PRESS_KINDS,
    SECTIONS_WITHOUT_FRAME,
    ArticleAnnotations,
    ReferentKind,
    frame_names,
    word_range_between,
)
from tracker.reader.targets.linking import (
    ADJACENT_CERTAINTY,
    MIN_STRONG_ACT_SCORE,
    ActLink,
    combine_probabilities,
)
from tracker.reader.targets.prominence import Prominence

# The type of incident of a killing.
KILLING_ACT = "physical.killing"
# The type of incident of a threat to kill.
DEATH_THREAT_ACT = "threat.death"
# Beginnings of the types of acts that an accident may look like.
ACTS_LIKE_ACCIDENTS = (
    "physical.assault",
    "physical.attempt",
    "property.damage",
    "property.break_in",
    "employment.dismissal",
)
# From this many different phrases for accidents on, an article reports one; from this many on, one
# that may have killed.
MIN_ACCIDENT_PHRASES, MIN_DEADLY_ACCIDENT_PHRASES = 2, 4
# Beginnings of the types of acts by which lies are spread. If an article reports one, a death that
# it mentions may be a lie.
LIE_SPREADING_ACTS = ("impersonation.", "disinformation.fabricated")
# The person who killed somebody is mentioned at most this many sentences before or after the
# killing.
PERPETRATOR_REACH_SENTENCES = 2
# Words in a newsroom's name are not an act if the name has at least this many words: a shorter name
# may just be a common word.
MIN_LONG_NAME_WORDS = 2
# The type of incident of an invented death.
DEATH_HOAX_ACT = "disinformation.death_hoax"
# An article with a lower score is not suggested as an incident.
MIN_RELEVANT_SCORE = 0.5
# The score of an article without any features, before it is turned into a probability.
BASE_RELEVANCE_SCORE = 0.2
# The weight of each feature in the score, which is then turned into a probability: round numbers,
# set by hand near a logistic regression on the articles for tuning (`tuned`). "Frames" are kinds of
# text about something other than incidents.
FEATURE_WEIGHTS = {
    "act_certainty": 1.2,  # an act against the press, all acts combined by their words
    "has_protagonist": 1.0,  # one journalist or newsroom is the subject, or several are targets
    "headline_without_act": -1.0,  # the headline mentions the press, but no act, as portraits do
    "work_mentions": 0.4,  # earlier publications are mentioned, up to MAX_COUNTED_PHRASES
    "complaint_phrases": 0.5,  # complaints and questions to authorities, up to MAX_COUNTED_PHRASES
    "only_crowd_acts": -1.0,  # only acts against a crowd, and nobody complained or was asked
    "unharmed_phrases": -1.6,  # phrases that nothing happened, up to MAX_COUNTED_PHRASES
    "unreal_share": -2.8,  # share of acts that are negated, supposed or denied
    "others_share": -2.4,  # share of acts against others than the press
    "proceedings_without_work": -4.4,  # only proceedings, and no work that they would be for
    "frame_score": -2.6,  # the text is of another kind: a film, a law, a training, a match
    "frame_phrases": -0.2,  # words of all such kinds, up to MAX_COUNTED_FRAME_PHRASES
    "is_monitoring_report": 1.4,  # the headline is that of a monitoring report on the press
    "press_absence": -1.6,  # the press is hardly mentioned
}
# How many phrases count at most in each of three features: mentions of earlier publications
# (`work_mentions`), complaints (`complaint_phrases`), and statements that nothing happened
# (`unharmed_phrases`).
MAX_COUNTED_PHRASES = 4
# How many phrases count at most in the feature `frame_phrases`, of all phrases for kinds of text
# about something other than incidents.
MAX_COUNTED_FRAME_PHRASES = 10
# The feature `unharmed_phrases` is multiplied by 1 - `HARMED_FACTOR` * `act_certainty`, with the
# value of the feature `act_certainty`: if acts are reported, "nobody touched me" is only a part of
# the story.
HARMED_FACTOR = 0.6
# The feature `act_certainty` is multiplied by this if all targets are unnamed groups: "journalists
# were beaten and sued" is a statistic as often as an incident.
UNNAMED_GROUPS_FACTOR = 0.3
# The type of incident of a detention.
DETENTION_ACT = "legal.detention"
# The type of incident of a refusal to give information.
INFORMATION_REFUSAL_ACT = "access.information"
# Types of proceedings, which may have reasons other than the work.
PROCEEDING_ACTS = ("legal.administrative", "legal.criminal", "legal.civil", "legal.economic")
# If the feature `act_certainty` is at least this, every mention of earlier publications counts
# fully in the feature `work_mentions`. If it is lower, each mention after the first counts less.
MIN_ACTS_FOR_FULL_WORK = 0.6
# This is added to the sum of all acts before a share of it is computed, so that the share is small
# if there are few acts.
SHARE_SMOOTHING = 0.5
# With about this many different phrases for one kind of text in a hundred words, the whole article
# is of this kind (feature `frame_score`).
FULL_FRAME_RATE = 3.0
# A phrase in the headline counts this many times.
HEADLINE_FACTOR = 3
# Kinds of phrases that count in the headline as they do elsewhere. Other phrases, such as "was not
# detained", do.
KINDS_WITHOUT_HEADLINE_FACTOR = ("work", "complaint")
# Phrases whose words have this many first letters in common are counted once.
STEM_LETTERS = 6
# If a smaller share of sentences mentions the press, the article hardly mentions it.
MIN_PRESS_SHARE = 0.12
# If a greater share of sentences mentions the press, the text is not merely a crime story.
MAX_CRIME_STORY_PRESS_SHARE = 0.4


class RelevanceFeatures(NamedTuple):
    """The numbers from which `relevance_score` computes how likely an article reports an incident.
    Comments in `FEATURE_WEIGHTS` explain each number.
    """

    act_certainty: float
    has_protagonist: float
    headline_without_act: float
    work_mentions: float
    complaint_phrases: float
    only_crowd_acts: float
    unharmed_phrases: float
    unreal_share: float
    others_share: float
    proceedings_without_work: float
    frame_score: float
    frame_phrases: float
    is_monitoring_report: float
    press_absence: float


def relevance_score(features: RelevanceFeatures) -> float:
    """Return the probability that an article reports an incident, 0 to 1."""
    total = BASE_RELEVANCE_SCORE + sum(
        FEATURE_WEIGHTS[name] * value for name, value in features._asdict().items()
    )
    return 1 / (1 + exp(-total))


def extract_features(
    annotations: ArticleAnnotations,
    links: list[ActLink],
    act_count: int,
    protagonist: Prominence | None,
) -> RelevanceFeatures:
    """Return an article's features. `links`: acts with targets; `act_count`: number of all acts."""
    happened = [one for one in links if one.act.reality is Reality.HAPPENED]
    in_title = any(_is_in_headline(annotations, one) for one in happened)
    counts = count_phrases(annotations, is_act_in_headline=in_title)
    if has_named_perpetrator(annotations, happened) or _includes_death_hoax(happened):
        # An assault is not an accident, and a death hoax consists of words of mourning.
        counts["accident"] = 0
    of_crowd = all(
        one.kind is ReferentKind.UNNAMED_GROUP for link in happened for one in link.targets
    )
    strong = [one for one in happened if one.act.score >= MIN_STRONG_ACT_SCORE]
    acts = combine_probabilities([one.act.score * one.certainty for one in strong])
    acts *= UNNAMED_GROUPS_FACTOR if of_crowd else 1
    told_as_fact = (Reality.HAPPENED, Reality.BACKGROUND)
    not_real = [one for one in links if one.act.reality not in told_as_fact]
    return RelevanceFeatures(
        act_certainty=acts,
        has_protagonist=float(protagonist is not None or _count_targets(happened) > 1),
        headline_without_act=float(_mentions_press_in_headline(annotations) and not in_title),
        work_mentions=_work_score(counts["work"], acts),
        complaint_phrases=min(MAX_COUNTED_PHRASES, counts["complaint"]),
        only_crowd_acts=float((of_crowd or not acts) and not counts["complaint"]),
        unharmed_phrases=min(MAX_COUNTED_PHRASES, counts["unharmed"]) * (1 - HARMED_FACTOR * acts),
        unreal_share=_share_of_links(not_real, links),
        others_share=(act_count - len(links)) / (act_count + 2 * SHARE_SMOOTHING),
        proceedings_without_work=float(_lacks_link_to_work(happened, counts["work"])),
        frame_score=_frame_score(annotations, counts),
        frame_phrases=min(
            MAX_COUNTED_FRAME_PHRASES,
            sum(counts.values()) - sum(counts[name] for name in SECTIONS_WITHOUT_FRAME),
        ),
        is_monitoring_report=float(_is_monitoring_report(annotations)),
        press_absence=max(0.0, 1 - _press_share(annotations) / MIN_PRESS_SHARE),
    )


def _includes_death_hoax(links: list[ActLink]) -> bool:
    """Return whether one of the acts is strongly suggested as a hoax about somebody's death."""
    return any(
        one.act.code == DEATH_HOAX_ACT and one.act.score >= MIN_STRONG_ACT_SCORE for one in links
    )


def _work_score(mentions: int, act_certainty: float) -> float:
    """Return the feature `work_mentions` for a number of mentions of the journalist's work. If the
    feature `act_certainty` is 0, all mentions count as one: praise and portraits mention work too.
    """
    return min(1, mentions) + max(0, min(MAX_COUNTED_PHRASES, mentions) - 1) * min(
        1.0, act_certainty / MIN_ACTS_FOR_FULL_WORK
    )


def _lacks_link_to_work(happened: list[ActLink], work_mentions: int) -> bool:
    """Return whether all acts that happened are proceedings against one person, and the article
    never mentions the person's work: a presenter fined for speeding or tried for bribes is not a
    target.
    """
    strong = [one.act.code for one in happened if one.act.score >= MIN_STRONG_ACT_SCORE]
    return (
        not work_mentions
        and _count_targets(happened) == 1
        and all(code in (*PROCEEDING_ACTS, DETENTION_ACT) for code in strong)
        and any(code in PROCEEDING_ACTS for code in strong)
    )


def _count_targets(links: list[ActLink]) -> int:
    """Return how many people with a name are the target of a strong act (`MIN_STRONG_ACT_SCORE`).
    Only people mentioned in the same sentence as the act count; the link then has the certainty
    `ADJACENT_CERTAINTY`.
    """
    return len(
        {
            id(reference.person)
            for link in links
            if link.certainty == ADJACENT_CERTAINTY and link.act.score >= MIN_STRONG_ACT_SCORE
            for reference in link.targets
            if reference.person is not None
        }
    )


def _share_of_links(part: list[ActLink], links: list[ActLink]) -> float:
    """Return the share that the links in `part` have in all `links`, each counted by its certainty.
    The share is small if there are few links.
    """
    return sum(one.act.score * one.certainty for one in part) / (
        SHARE_SMOOTHING + sum(one.act.score * one.certainty for one in links)
    )


def _mentions_press_in_headline(annotations: ArticleAnnotations) -> bool:
    """Return whether the headline mentions the press."""
    if not annotations.lines:
        return False
    references = annotations.references_in(annotations.lines[0].number)
    return any(
        reference.kind in PRESS_KINDS and reference.kind is not ReferentKind.AUTHOR
        for reference in references
    )


def _is_monitoring_report(annotations: ArticleAnnotations) -> bool:
    """Return whether the headline is that of a monitoring report on the press."""
    phrases = annotations.phrases[annotations.lines[0].number] if annotations.lines else ()
    return any(name == "report" for name, _first, _end in phrases)


def _press_share(annotations: ArticleAnnotations) -> float:
    """Return the share of sentences that mention the press."""
    with_press = sum(
        any(reference.kind in PRESS_KINDS for reference in annotations.references_in(line.number))
        for line in annotations.lines
    )
    return with_press / max(1, len(annotations.lines))


def _is_in_headline(annotations: ArticleAnnotations, link: ActLink) -> bool:
    """Return whether the headline itself reports an act."""
    return (
        link.act.score >= MIN_STRONG_ACT_SCORE
        and link.act.passage.sentence_number == annotations.lines[0].number
    )


def count_phrases(
    annotations: ArticleAnnotations, *, is_act_in_headline: bool = False
) -> dict[str, int]:
    """Return the number of different phrases of each kind in an article. A phrase in the headline
    counts `HEADLINE_FACTOR` times, unless the headline reports an act (`is_act_in_headline`).
    """
    language = annotations.article.language.value
    count = dict.fromkeys((*SECTIONS_WITHOUT_FRAME, *frame_names(language)), 0)
    found: set[tuple[str, str]] = set()
    in_title = 1 if is_act_in_headline else HEADLINE_FACTOR
    for place, line in enumerate(annotations.lines):
        for name, first, end in annotations.phrases[line.number]:
            words = " ".join(word.folded[:STEM_LETTERS] for word in line.words[first:end])
            if name in count and (name, words) not in found:
                found.add((name, words))
                count[name] += (
                    in_title if place == 0 and name not in KINDS_WITHOUT_HEADLINE_FACTOR else 1
                )
    return count


def _frame_score(annotations: ArticleAnnotations, phrase_counts: dict[str, int]) -> float:
    """Return how much an article is of one kind ("frame") in which the press is not harmed, 0 to 1.
    Crime and fraud are such kinds only if the press is hardly mentioned. `phrase_counts`: the
    number of different phrases of each kind.
    """
    n_words = sum(len(line.words) for line in annotations.lines)
    absent = max(0.0, 1 - _press_share(annotations) / MAX_CRIME_STORY_PRESS_SHARE)
    most = max(
        (
            count * (absent if name in ("crime", "fraud") else 1.0)
            for name, count in phrase_counts.items()
            if name not in SECTIONS_WITHOUT_FRAME
        ),
        default=0.0,
    )
    return min(1.0, max(0.0, most - 1) / (FULL_FRAME_RATE * max(n_words, 100) / 100))


def remove_acts_in_names(annotations: ArticleAnnotations, acts: list[FoundAct]) -> list[FoundAct]:
    """Return the acts without those whose words are part of a newsroom's name: the "leader" of the
    Leinster Leader did nothing.
    """
    return [act for act in acts if not _is_in_name(annotations, act)]


def _is_in_name(annotations: ArticleAnnotations, act: FoundAct) -> bool:
    """Return whether the words of an act are part of a newsroom's name."""
    line = next(
        (one for one in annotations.lines if one.number == act.passage.sentence_number), None
    )
    if line is None:
        return False
    first, end = word_range_between(line, act.passage.start, act.passage.end)
    return any(
        reference.newsroom is not None
        and reference.end - reference.first >= MIN_LONG_NAME_WORDS
        and (
            reference.first < first < reference.end <= end
            or first <= reference.first < end < reference.end
        )
        for reference in annotations.references_in(line.number)
    )


def downgrade_unreal_links(
    annotations: ArticleAnnotations, links: list[ActLink], protagonist: Prominence | None
) -> list[ActLink]:
    """Return the links, with acts that cannot have happened marked as negated or as background.
    Negated are a death "hoax" that nobody calls untrue, and an injury in an accident that nobody
    caused. Background are acts against people who were killed in earlier years, and questions of
    the reporter that nobody answered in an article about something else. `protagonist`: whom the
    article is about.
    """
    is_lie = _has_phrase(annotations, "untrue") or any(
        link.act.code.startswith(LIE_SPREADING_ACTS) for link in links
    )
    is_death = not is_lie and any(link.act.code == DEATH_HOAX_ACT for link in links)
    # Mourners mention wreaths and obituaries.
    untold = (DEATH_HOAX_ACT, DEATH_THREAT_ACT) if is_death else ()
    accident = _act_types_explained_by_accident(annotations)
    links = [
        _with_reality(link, Reality.NEGATED)
        if link.act.code in untold
        or (
            accident
            and _lacks_perpetrator(annotations, link, accident, PERPETRATOR_REACH_SENTENCES)
        )
        else link
        for link in links
    ]
    dead = _people_killed_earlier(links)
    is_about_more = protagonist is not None and any(
        link.act.code != INFORMATION_REFUSAL_ACT and link.act.reality is Reality.HAPPENED
        for link in links
    )
    return [
        _with_reality(link, Reality.BACKGROUND)
        if (_person_ids(link) and _person_ids(link) <= dead)
        or (is_about_more and _is_unanswered_question(annotations, link))
        else link
        for link in links
    ]


def _with_reality(link: ActLink, reality: Reality) -> ActLink:
    """Return a copy of a link. `reality`: what the copy says about whether its act happened."""
    return link._replace(act=replace(link.act, reality=reality))


def _person_ids(link: ActLink) -> set[int]:
    """Return the `id()` of each person whom a link targets."""
    return {id(reference.person) for reference in link.targets if reference.person is not None}


def _people_killed_earlier(links: list[ActLink]) -> set[int]:
    """Return the `id()` of each person killed in earlier years, to whom nothing more happens."""
    return {
        who
        for link in links
        if link.act.code == KILLING_ACT and link.act.reality is Reality.BACKGROUND
        for who in _person_ids(link)
    }


def _is_unanswered_question(annotations: ArticleAnnotations, link: ActLink) -> bool:
    """Return whether an act only says that somebody did not answer a question of the reporter: its
    sentence names nobody of the press.
    """
    return link.act.code == INFORMATION_REFUSAL_ACT and not any(
        reference.is_name
        and reference.kind in PRESS_KINDS
        and (reference.person is not None or reference.newsroom is not None)
        for reference in annotations.references_in(link.act.passage.sentence_number)
    )


def _act_types_explained_by_accident(annotations: ArticleAnnotations) -> tuple[str, ...]:
    """Return the beginnings of the types of acts that an accident in the article explains, () if
    there is no accident.
    """
    phrases = {
        (name, *(word.folded for word in line.words[first:end]))
        for line in annotations.lines
        for name, first, end in annotations.phrases[line.number]
        if name == "accident"
    }
    if len(phrases) >= MIN_DEADLY_ACCIDENT_PHRASES:
        return (*ACTS_LIKE_ACCIDENTS, KILLING_ACT)
    return ACTS_LIKE_ACCIDENTS if len(phrases) >= MIN_ACCIDENT_PHRASES else ()


def _has_phrase(annotations: ArticleAnnotations, list_name: str) -> bool:
    """Return whether an article has a phrase of the list `list_name` under [sifting] in
    `targets.toml`.
    """
    find = _load_phrases(annotations.article.language.value, list_name).find
    return any(find(line.words) for line in annotations.lines)


def has_named_perpetrator(annotations: ArticleAnnotations, happened: list[ActLink]) -> bool:
    """Return whether a sentence mentions who did one of the acts in `happened`. For an assault,
    this must be the sentence of the act; for a killing, it may be a sentence near it.
    """
    return any(
        link.act.code.startswith(code) and not _lacks_perpetrator(annotations, link, (code,), reach)
        for link in happened
        for code, reach in ((ACTS_LIKE_ACCIDENTS[0], 0), (KILLING_ACT, PERPETRATOR_REACH_SENTENCES))
    )


def _lacks_perpetrator(
    annotations: ArticleAnnotations, link: ActLink, act_types: tuple[str, ...], reach: int
) -> bool:
    """Return whether the type of an act begins with one of `act_types`, and nobody who did it is
    mentioned in its sentence or in `reach` sentences before and after it.
    """
    if not link.act.code.startswith(act_types):
        return False
    places = {line.number: place for place, line in enumerate(annotations.lines)}
    place = places.get(link.act.passage.sentence_number, 0)
    find = _load_phrases(annotations.article.language.value, "doers").find
    near = annotations.lines[max(0, place - reach) : place + reach + 1]
    return not any(find(line.words) for line in near)


@cache
def _load_phrases(language: str, list_name: str) -> Phrases:
    """Return the phrases of the list `list_name` under [sifting] in `targets.toml`."""
    words = load_lexicon(language, "targets").get("sifting", {})
    return Phrases((phrase, None) for phrase in words.get(list_name, ()))
