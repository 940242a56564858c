"""Group the acts of an article into incidents, by the rule of `docs/coding.md`.

Acts of the same actors against the same targets are one incident of several types. Another actor,
other targets, or an episode with its own date or place is another incident. The words by which this
is decided are in `languages/LANGUAGE/together.toml`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from tracker.articles.codes import Language
from tracker.incidents.codes import OFFICIAL_IMPERSONATION_TYPE, PurportedAs
from tracker.reader import found as reader_found
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.people.roles import find_role_nouns, introduces_another_person
from tracker.reader.suggest import Suggestions
from tracker.reader.text import ArticleText, Line, Passage, Word
from tracker.when import count_days, has_day_between

# The file of each language, `together.toml`, with the words for this module.
GROUPING_FILE = "together"
# Incident types of acts that are always done by the owner of an account, whatever else the sentence
# mentions.
ACTS_BY_ACCOUNTS = frozenset(
    {"impersonation.journalist", "impersonation.outlet", "impersonation.deepfake"}
)
# Incident types of acts that only an authority can do.
ACTS_BY_AUTHORITIES = frozenset(
    {"property.seizure", "censorship.blocking", "censorship.closure", "access.denied",
     "access.information"}
)  # fmt: skip
# Classes of acts (the first part of an incident type) that the owners of accounts did, if the
# sentence mentions accounts.
ONLINE_SPEECH_CLASSES = frozenset({"disinformation", "smear", "harassment"})
# Classes of acts by the authority that the same sentence mentions, if there is one.
CLASSES_DONE_BY_MENTIONED_AUTHORITY = frozenset(
    {"physical", "property", "intimidation", "surveillance", "access", "digital", "legal"}
)
# Beginnings of the types of acts whose target is the outlet, even if the sentence names one of its
# people.
ACTS_AGAINST_OUTLETS = ("censorship.", "digital.ddos", "digital.account_attack")
# The type of act whose target is always an outlet, if the article has one.
FLOOD_OF_REQUESTS_ACT = "digital.ddos"
# Values of `IncidentGroup.actor_key`: the owners of accounts, an authority, unknown people.
ACCOUNTS_ACTOR_KEY, AUTHORITY_ACTOR_KEY, STRANGERS_ACTOR_KEY = "accounts", "authority", "strangers"
# A date that spans more than this is a period, not the date of a separate episode.
MAX_EPISODE_DURATION = timedelta(days=3)
# Only a period of more days than this can be the date of incidents without a date that are reported
# after it.
MAX_SHORT_PERIOD_DAYS = 4
# Classes of acts (the first part of an incident type) that can last for a whole period. A search or
# a beating cannot, so a period is not the date of such an act.
LASTING_CLASSES = frozenset(
    {"threat", "harassment", "smear", "disinformation", "impersonation", "surveillance",
     "intimidation", "digital"}
)  # fmt: skip
# A text about this many outlets is a bulletin: each of its items has its own time.
MIN_BULLETIN_OUTLETS = 2
# How many sentences after an incident "It happened on 13 January" may be.
DATE_REACH_SENTENCES = 2
# In how many previous sentences of the paragraph the target of a sentence without a name is
# searched.
TARGET_REACH_SENTENCES = 3


@dataclass(slots=True)
class IncidentGroup:
    """The acts of one incident. `actor_key`: who did them, as a constant such as
    `STRANGERS_ACTOR_KEY`, or "as" with whom they posed as; `people` and `newsrooms`: the targets.
    """

    acts: list[reader_found.FoundAct]
    actor_key: str
    purported_as: PurportedAs | None
    people: list[reader_found.FoundPerson] = field(default_factory=list)
    newsrooms: list[reader_found.FoundOutlet] = field(default_factory=list)
    when: reader_found.FoundDate | None = None
    place: reader_found.FoundPlace | None = None

    @property
    def target_names(self) -> list[str]:
        """The names of the targets, people first."""
        return [*(one.name for one in self.people), *(one.name for one in self.newsrooms)]

    @property
    def target_name_set(self) -> frozenset[str]:
        """The names of the targets, without order."""
        return frozenset(self.target_names)

    @property
    def incident_types(self) -> frozenset[str]:
        """The incident types of the acts."""
        return frozenset(act.code for act in self.acts)

    @property
    def sentence_numbers(self) -> list[int]:
        """The numbers of the sentences that report the incident, in order."""
        return sorted({act.passage.sentence_number for act in self.acts})

    @property
    def is_dated(self) -> bool:
        """Whether the incident has its own date, rather than a long period or none."""
        if self.when is None:
            return False
        return self.when.when.latest - self.when.when.earliest <= MAX_EPISODE_DURATION


def group_incidents(article: ArticleText, found: Suggestions) -> list[IncidentGroup]:
    """Return the acts of an article grouped by incident, in the order of the article."""
    groups: list[IncidentGroup] = []
    for one in _group_by_sentence(article, found):
        known = next((group for group in groups if _is_same_incident(group, one)), None)
        if known is None:
            groups.append(one)
        else:
            _add_to_group(known, one)
    groups = _merge_impersonation(groups)
    _assign_dates_from_next_sentence(article, found, groups)
    _assign_periods(article, found, groups)
    return groups


def group_sentences(
    article: ArticleText, found: Suggestions, sentence_numbers: Collection[int]
) -> IncidentGroup:
    """Return what the sentences with these numbers report, as one incident. Its date and place are
    those nearest to its first act that has one, else the first in the sentences.
    """
    inside = [act for act in found.acts if act.passage.sentence_number in sentence_numbers]
    acts = sorted(inside, key=lambda act: act.passage.start)
    actors = [_ActorFinder(article, found.acts).find_actors(act) for act in acts]
    dates = [date for date in found.dates if date.passage.sentence_number in sentence_numbers]
    dates.sort(key=lambda date: date.passage.start)
    places = [
        place
        for place in found.places
        if any(passage.sentence_number in sentence_numbers for passage in place.event_passages)
    ]
    when_of_acts = filter(None, (_find_date(act, dates) for act in acts))
    place_of_acts = filter(None, (_find_place(act, places) for act in acts))
    return IncidentGroup(
        acts,
        actors[0][0] if actors else STRANGERS_ACTOR_KEY,
        next((purported_as for _key, purported_as in actors if purported_as), None),
        *_targets_in_sentences(found, acts, sentence_numbers),
        next(when_of_acts, dates[0] if dates else None),
        next(place_of_acts, places[0] if places else None),
    )


def _targets_in_sentences(
    found: Suggestions, acts: Sequence[reader_found.FoundAct], sentence_numbers: Collection[int]
) -> tuple[list[reader_found.FoundPerson], list[reader_found.FoundOutlet]]:
    """Return the people whom the sentences name, else the outlets. An outlet goes before people if
    an act is against it. The people are targets of the article, else journalists.
    """
    named = [
        one
        for one in found.people
        if any(_is_person_in_sentence(one, number) for number in sentence_numbers)
    ]
    outlets = [
        one
        for one in found.targeting.newsrooms
        if any(_is_outlet_in_sentence(one, number) for number in sentence_numbers)
    ]
    targets = {one.name for one in found.targeting.people}
    people = [one for one in named if one.name in targets] or [
        one for one in named if reader_found.PersonRole.JOURNALIST in one.roles
    ]
    is_against_outlet = any(act.code.startswith(ACTS_AGAINST_OUTLETS) for act in acts)
    return ([], outlets) if outlets and (is_against_outlet or not people) else (people, [])


def _assign_dates_from_next_sentence(
    article: ArticleText, found: Suggestions, groups: Sequence[IncidentGroup]
) -> None:
    """Set the date of undated incidents that the next sentence of the paragraph dates: "It happened
    on 13 January".
    """
    with_acts = {act.passage.sentence_number for act in found.targeting.acts}
    for date in found.dates:
        number = date.passage.sentence_number
        line = _get_sentence(article, number)
        if number in with_acts or not _load_phrases(article.language.value, "occasions").find(
            line.words
        ):
            continue
        before = {
            one.number
            for one in article.lines[max(0, number - 1 - DATE_REACH_SENTENCES) : number - 1]
            if one.paragraph == line.paragraph
        }
        for group in groups:
            if group.when is None and before.intersection(group.sentence_numbers):
                group.when = date


def _assign_periods(
    article: ArticleText, found: Suggestions, groups: Sequence[IncidentGroup]
) -> None:
    """Set the date of undated lasting incidents to the last period before them in the text.

    The period must be one of acts against journalists; in a bulletin, against the same journalists.
    """
    periods = [
        (one, _targets_in_period(article, found, groups, one))
        for one in sorted(found.dates, key=lambda one: one.passage.start, reverse=True)
        if one.is_period and count_days(one.when) > MAX_SHORT_PERIOD_DAYS
    ]
    is_bulletin = len(found.newsrooms) >= MIN_BULLETIN_OUTLETS
    for group in groups:
        if group.when or not {act.code.partition(".")[0] for act in group.acts} <= LASTING_CLASSES:
            continue
        last_start = max(act.passage.start for act in group.acts)
        fitting = (
            one
            for one, names in periods
            if one.passage.start < last_start
            and (names & group.target_name_set if is_bulletin else names)
        )
        group.when = next(fitting, None)


def _targets_in_period(
    article: ArticleText,
    found: Suggestions,
    groups: Sequence[IncidentGroup],
    period: reader_found.FoundDate,
) -> set[str]:
    """Return the names of the targets of acts in a period: the targets of the groups with this
    date. If there are none, and the sentence with the period is about attacks on journalists, the
    targets that this sentence names, or all targets if it names none.
    """
    names = {name for group in groups if group.when == period for name in group.target_name_set}
    line = _get_sentence(article, period.passage.sentence_number)
    if not names and mentions_attacks_on_press(article.language, line.words):
        people, newsrooms = found.targeting.people, found.targeting.newsrooms
        named = {one.name for one in people if _is_person_in_sentence(one, line.number)}
        named |= {one.name for one in newsrooms if _is_outlet_in_sentence(one, line.number)}
        everybody = {one.name for one in people} | {one.name for one in newsrooms}
        names = named or everybody
    return names


def _merge_impersonation(groups: list[IncidentGroup]) -> list[IncidentGroup]:
    """Merge each impersonation of officials into the nearest incident by unknown people that shares
    a target. The list itself is changed, and returned.
    """
    for one in [group for group in groups if group.incident_types == {OFFICIAL_IMPERSONATION_TYPE}]:
        did = [
            group
            for group in groups
            if group is not one
            and group.actor_key == STRANGERS_ACTOR_KEY
            and group.target_name_set & one.target_name_set
        ]
        if did:
            nearest = min(
                did, key=lambda group: abs(group.sentence_numbers[0] - one.sentence_numbers[0])
            )
            _add_to_group(nearest, one)
            nearest.actor_key = one.actor_key
            groups.remove(one)
    return groups


def _group_by_sentence(article: ArticleText, found: Suggestions) -> list[IncidentGroup]:
    """Return the acts of each sentence, grouped by actors, targets and date."""
    actors = _ActorFinder(article, found.targeting.acts)
    groups: list[IncidentGroup] = []
    for act in sorted(found.targeting.acts, key=lambda act: act.passage.start):
        actor_key, purported_as = actors.find_actors(act)
        people, newsrooms = _find_targets(article, found, act)
        one = IncidentGroup([act], actor_key, purported_as, people, newsrooms)
        if not _mentions_reaction(article, act.passage.sentence_number):
            one.when = _find_date(act, found.dates)
            one.place = _find_place(act, found.places)
        last = next((group for group in groups if _share_sentence_and_actors(group, one)), None)
        if last is None:
            groups.append(one)
        else:
            last.acts.append(act)
    return groups


def _share_sentence_and_actors(group: IncidentGroup, other: IncidentGroup) -> bool:
    """Return whether two groups share sentence, actors, targets and date."""
    return (group.sentence_numbers, group.actor_key, group.target_name_set, group.when) == (
        other.sentence_numbers, other.actor_key, other.target_name_set, other.when,
    )  # fmt: skip


def _is_same_incident(group: IncidentGroup, other: IncidentGroup) -> bool:
    """Return whether two groups of acts are one incident. The actors must be the same, and date and
    place must allow it (`_can_be_same_time`). The targets must also be the same, or the groups must
    have a common target and a common type of act.
    """
    if group.actor_key != other.actor_key or not _can_be_same_time(group, other):
        return False
    if group.target_name_set == other.target_name_set:
        return True
    # "Threats to both", and again "threats to her": she is one of the two.
    shares_type = bool(group.incident_types & other.incident_types)
    return shares_type and bool(group.target_name_set & other.target_name_set)


def _can_be_same_time(group: IncidentGroup, other: IncidentGroup) -> bool:
    """Return whether date and place allow two groups of acts to be one episode."""
    if group.is_dated and other.is_dated and group.when and other.when:
        return has_day_between(group.when.when, other.when.when.earliest, other.when.when.latest)
    if group.is_dated != other.is_dated:
        # Headlines and repetitions have no date: they belong to what has the same type.
        near = min(abs(a - b) for a in group.sentence_numbers for b in other.sentence_numbers) <= 1
        is_told_again = near or bool(group.incident_types & other.incident_types)
        return is_told_again and (group.when is None or other.when is None)
    return _can_be_same_place(group.place, other.place)


def _can_be_same_place(
    place: reader_found.FoundPlace | None, other: reader_found.FoundPlace | None
) -> bool:
    """Return whether two places can be one: the same, a place and its region, or one is unknown."""
    if place is None or other is None or place.name == other.name:
        return True
    return place.may_contain(other) or other.may_contain(place)


def _add_to_group(group: IncidentGroup, other: IncidentGroup) -> None:
    """Add the acts and targets of `other` to `group`, and its date and place where missing."""
    group.acts += other.acts
    group.purported_as = group.purported_as or other.purported_as
    # A copy: those of a sentence may be those of the whole article.
    group.people = [*group.people, *(who for who in other.people if who not in group.people)]
    known = group.newsrooms
    group.newsrooms = [*known, *(outlet for outlet in other.newsrooms if outlet not in known)]
    group.when = group.when or other.when
    if group.place is None or (other.place is not None and group.place.may_contain(other.place)):
        group.place = other.place


class _ActorFinder:
    """The search for the actors of each act, as far as the text distinguishes them."""

    def __init__(self, article: ArticleText, acts: Iterable[reader_found.FoundAct]) -> None:
        self.article = article
        self.acts_of_sentence: dict[int, list[reader_found.FoundAct]] = {}
        for act in acts:
            self.acts_of_sentence.setdefault(act.passage.sentence_number, []).append(act)

    def find_actors(self, act: reader_found.FoundAct) -> tuple[str, PurportedAs | None]:
        """Return who did an act, as an `actor_key` (a constant such as `STRANGERS_ACTOR_KEY`, or
        "as" with whom they posed as: "as police"), and whom they posed as, None if nobody.
        """
        line = _get_sentence(self.article, act.passage.sentence_number)
        if act.code in ACTS_BY_ACCOUNTS:
            return ACCOUNTS_ACTOR_KEY, None
        purported_as = self._find_impersonated(line)
        if purported_as is not None and not _is_act_by_authority(act.code):
            return f"as {purported_as}", purported_as
        if _is_act_by_authority(act.code):
            return AUTHORITY_ACTOR_KEY, None
        family = act.code.partition(".")[0]
        if family in ONLINE_SPEECH_CLASSES and mentions_accounts(self.article.language, line.words):
            return ACCOUNTS_ACTOR_KEY, None
        if family in CLASSES_DONE_BY_MENTIONED_AUTHORITY and any(
            _is_act_by_authority(other.code) for other in self._acts_nearby(line)
        ):
            return AUTHORITY_ACTOR_KEY, None
        return STRANGERS_ACTOR_KEY, None

    def _find_impersonated(self, line: Line) -> PurportedAs | None:
        """Return whom the actors in a sentence posed as, or None. If the sentence does not say it,
        but continues the previous sentence, the previous one counts.
        """
        purported_as = next(
            (act.purported_as for act in self._acts_in(line) if act.purported_as), None
        )
        before = self._continued_sentence(line)
        if purported_as is None and before is not None:
            return self._find_impersonated(before)
        return purported_as

    def _acts_nearby(self, line: Line) -> list[reader_found.FoundAct]:
        """Return the acts of a sentence and of the sentence that it continues."""
        before = self._continued_sentence(line)
        return [*self._acts_in(line), *(self._acts_in(before) if before else ())]

    def _continued_sentence(self, line: Line) -> Line | None:
        """Return the previous sentence, if this one begins with a word such as "they" for its
        actors, or None.
        """
        if not begins_with_previous_actors(self.article.language, line.words) or line.number == 1:
            return None
        before = _get_sentence(self.article, line.number - 1)
        return before if before.paragraph == line.paragraph else None

    def _acts_in(self, line: Line) -> list[reader_found.FoundAct]:
        """Return the acts of a sentence."""
        return self.acts_of_sentence.get(line.number, [])


def _is_act_by_authority(code: str) -> bool:
    """Return whether only an authority can do an act of this type."""
    return code in ACTS_BY_AUTHORITIES or code.startswith("legal.")


def _find_targets(
    article: ArticleText, found: Suggestions, act: reader_found.FoundAct
) -> tuple[list[reader_found.FoundPerson], list[reader_found.FoundOutlet]]:
    """Return the people and the outlets that an act targets. They are named in its sentence, or
    else in an earlier sentence of the paragraph.
    """
    people, newsrooms = found.targeting.people, found.targeting.newsrooms
    line = _get_sentence(article, act.passage.sentence_number)
    here = _people_on_target_side(
        act, [one for one in people if _is_person_in_sentence(one, line.number)]
    )
    outlets = [one for one in newsrooms if _is_outlet_in_sentence(one, line.number)]
    aimed = outlets if act.code.startswith(ACTS_AGAINST_OUTLETS) else []
    if not aimed and act.code == FLOOD_OF_REQUESTS_ACT:
        aimed = _last_outlets_before(newsrooms, line.number) or list(newsrooms)
    if aimed:
        return [], aimed
    if here:
        return here, []
    if not (people and mentions_all_journalists(article.language, line.words)):
        nouns = _journalist_nouns(line, article.language)
        if any(introduces_another_person(line, *noun, article.language) for noun in nouns):
            return [], outlets
        if outlets:
            # "Reporter of Sample Post beaten" is about the only person whom the article names.
            is_headline = line.number == 1 and nouns and len(people) == 1
            return (list(people), []) if is_headline else ([], outlets)
        before = _targets_named_before(article, found, line)
        if before is not None:
            return before
    return (list(people), []) if people else ([], list(newsrooms))


def _targets_named_before(
    article: ArticleText, found: Suggestions, line: Line
) -> tuple[list[reader_found.FoundPerson], list[reader_found.FoundOutlet]] | None:
    """Return the people, else the outlets, that the nearest previous sentence of the paragraph with
    a target names, or None.
    """
    for number in range(line.number - 1, max(0, line.number - 1 - TARGET_REACH_SENTENCES), -1):
        if _get_sentence(article, number).paragraph != line.paragraph:
            break
        people = [one for one in found.targeting.people if _is_person_in_sentence(one, number)]
        if people:
            return people, []
        newsrooms = found.targeting.newsrooms
        outlets = [one for one in newsrooms if _is_outlet_in_sentence(one, number)]
        if outlets:
            return [], outlets
    return None


def _last_outlets_before(
    newsrooms: Sequence[reader_found.FoundOutlet], number: int
) -> list[reader_found.FoundOutlet]:
    """Return the outlets that the last sentence before a sentence with a number names, if any."""
    last = max(
        (
            passage.sentence_number
            for one in newsrooms
            for passage in one.mentions
            if passage.sentence_number < number
        ),
        default=0,
    )
    return [one for one in newsrooms if _is_outlet_in_sentence(one, last)]


def _journalist_nouns(line: Line, language: Language) -> list[tuple[int, int]]:
    """Return the words for a journalist in a sentence, as the position of the first word and of the
    word after the last.
    """
    return [
        (role.first, role.end)
        for role in find_role_nouns(line, language)
        if role.person_role is reader_found.PersonRole.JOURNALIST
    ]


def _people_on_target_side(
    act: reader_found.FoundAct, people: list[reader_found.FoundPerson]
) -> list[reader_found.FoundPerson]:
    """Return the people who are named where an act has its target, before or after its words
    (`FoundAct.target_side`). Return all `people` if nobody is named there, or if the target may be
    on either side.
    """
    if act.target_side not in {"before", "after"}:
        return people
    start, number = act.passage.start, act.passage.sentence_number
    fitting = [
        one
        for one in people
        if any(
            (mention.passage.start < start) == (act.target_side == "before")
            for mention in one.mentions
            if mention.passage.sentence_number == number
        )
    ]
    return fitting or people


def _is_person_in_sentence(person: reader_found.FoundPerson, number: int) -> bool:
    """Return whether a person is mentioned in the sentence with a number."""
    return any(mention.passage.sentence_number == number for mention in person.mentions)


def _is_outlet_in_sentence(newsroom: reader_found.FoundOutlet, number: int) -> bool:
    """Return whether an outlet is mentioned in the sentence with a number."""
    return any(passage.sentence_number == number for passage in newsroom.mentions)


def _find_date(
    act: reader_found.FoundAct, dates: Sequence[reader_found.FoundDate]
) -> reader_found.FoundDate | None:
    """Return the date nearest to an act in the same sentence, or None."""
    here = [one for one in dates if one.passage.sentence_number == act.passage.sentence_number]
    return min(here, key=lambda one: _distance_between(act.passage, one.passage), default=None)


def _find_place(
    act: reader_found.FoundAct, places: Sequence[reader_found.FoundPlace]
) -> reader_found.FoundPlace | None:
    """Return the place nearest to an act among those of its sentence, or None."""
    here = [
        (_distance_between(act.passage, passage), place)
        for place, one in enumerate(places)
        for passage in one.event_passages
        if passage.sentence_number == act.passage.sentence_number
    ]
    return places[min(here)[1]] if here else None


def _distance_between(passage: Passage, other: Passage) -> int:
    """Return the number of characters between two passages, 0 if they overlap."""
    return max(passage.start - other.end, other.start - passage.end, 0)


def _get_sentence(article: ArticleText, number: int) -> Line:
    """Return a sentence of the article by its number, from 1."""
    return article.lines[number - 1]


def _mentions_reaction(article: ArticleText, number: int) -> bool:
    """Return whether the sentence with a number only reports what somebody thinks of an incident:
    its date and place are those of the statement.
    """
    words = _get_sentence(article, number).words
    return bool(_load_phrases(article.language.value, "reactions").find(words))


def mentions_all_journalists(language: Language, words: Sequence[Word]) -> bool:
    """Return whether a sentence is about all journalists of the article together."""
    return bool(_load_phrases(language.value, "everybody").find(words))


def begins_with_previous_actors(language: Language, words: Sequence[Word]) -> bool:
    """Return whether a sentence begins with a word for the actors of the previous sentence."""
    return (
        bool(words)
        and next(_load_phrases(language.value, "they").matches_at(words, 0), None) is not None
    )


def mentions_accounts(language: Language, words: Sequence[Word]) -> bool:
    """Return whether a sentence mentions profiles, channels or pages."""
    return bool(_load_phrases(language.value, "accounts").find(words))


def mentions_several_accounts(language: Language, words: Sequence[Word]) -> bool:
    """Return whether a sentence mentions several profiles, channels or pages."""
    return bool(_load_phrases(language.value, "accounts_many").find(words))


def mentions_attacks_on_press(language: Language, words: Sequence[Word]) -> bool:
    """Return whether a sentence mentions attacks on journalists in general."""
    return bool(_load_phrases(language.value, "pressure").find(words))


def mentions_repetition(language: Language, words: Sequence[Word]) -> bool:
    """Return whether a sentence says that something happened repeatedly."""
    return bool(_load_phrases(language.value, "repeated").find(words))


@cache
def _load_phrases(language: str, heading: str) -> Phrases:
    """Return the phrases of one heading of `together.toml`."""
    return Phrases(
        (phrase, None) for phrase in load_lexicon(language, GROUPING_FILE).get(heading, ())
    )
