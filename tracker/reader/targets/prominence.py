"""The prominence of each journalist and outlet in an article, and its protagonist.

Prominence is how much an article mentions somebody; the protagonist is the person or outlet that
the whole article is about. Some are named only at the end: "He was Marat Ivin, 44, the
correspondent".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from tracker.reader.lexicon import load_lexicon
from tracker.reader.name_words import load_word_list
from tracker.reader.targets import recognising
from tracker.reader.targets.annotations import (
    UNNAMED_NEWSROOM_KINDS,
    ArticleAnnotations,
    Reference,
    ReferentKind,
    is_only_employer,
)
from tracker.reader.text import Line

# "He was Marat Ivin" may name a person who was only "he" in this many paragraphs before it.
MAX_STORY_PARAGRAPHS = 2
# The position of the first word of a name in a sentence that begins with "He was".
NAME_POSITION_AFTER_PRONOUN = 2
# The weight of a mention in the headline, in the `LEAD_PARAGRAPHS`, and after them.
TITLE_WEIGHT, LEAD_WEIGHT, BODY_WEIGHT = 3.0, 2.0, 1.0
# How many paragraphs after the headline are the beginning of an article.
LEAD_PARAGRAPHS = 3
# The weight of a mention without the name ("she") is multiplied by this.
UNNAMED_MENTION_FACTOR = 0.5
# The factor of the weight of a mention: of a newsroom, which is named for everything its people do,
# and of one named only as somebody's employer.
NEWSROOM_WEIGHT, EMPLOYER_WEIGHT = 0.5, 0.2
# The weight of an author in a sentence is multiplied by this, since authors also say "I" about what
# happens to others.
AUTHOR_FACTOR = 0.3
# A person who is "she" or "he" this often is a subject of the article, and not only a speaker.
MIN_SUBJECT_PRONOUNS = 3
# The lowest sum of weights that the mentions of an article's protagonist have.
MIN_PROMINENCE = 2.0
# The fewest mentions of a protagonist, and of a newsroom that is mentioned often.
MIN_MENTIONS, MIN_FREQUENT_MENTIONS = 2, 4
# A protagonist is first named within this share of the article's paragraphs, from the beginning.
MAX_SHARE_BEFORE_NAME = 0.6
# The lowest share of a protagonist in the weight of all people, and the share from which others do
# not matter.
MIN_PROTAGONIST_SHARE, LARGE_PROTAGONIST_SHARE = 0.4, 0.6
# Person A, whom only one paragraph mentions, is not the protagonist if the weight of person B, whom
# only other paragraphs mention, is at least this share of the weight of A.
MIN_RIVAL_SHARE = 0.4
# If several other people are mentioned only in other paragraphs, somebody mentioned in fewer
# paragraphs than this is mostly one case of many, not the protagonist.
MIN_PARAGRAPHS_AMONG_OTHERS = 3
# If journalists are first named in at least this many different paragraphs, each is one case of an
# article on several.
MIN_DIGEST_PARAGRAPHS = 3
# Kinds of people who may be targets, or turn out to be journalists.
POSSIBLE_TARGET_KINDS = frozenset(
    {ReferentKind.JOURNALIST, ReferentKind.UNKNOWN, ReferentKind.NEWSROOM, ReferentKind.AUTHOR}
)


@dataclass
class Prominence:
    """How much an article mentions a person or newsroom: the number of `mention_count` and the sum
    of their weights (`weight`). `named_count`: how many are by name; `mentions_as_speaker`: how
    many of these name a speaker or a supporter of somebody; `pronoun_mentions`: how many are
    without a name and not of a speaker.
    """

    reference: Reference
    weight: float = 0.0
    paragraphs: set[int] = field(default_factory=set)
    mention_count: int = 0
    named_count: int = 0
    mentions_as_speaker: int = 0
    pronoun_mentions: int = 0

    @property
    def is_only_speaker(self) -> bool:
        """Whether somebody is named only as a speaker or supporter of somebody. It is False if
        there are at least `MIN_SUBJECT_PRONOUNS` pronouns for a person who is not speaking: the
        article then reports more about this person.
        """
        return (
            0 < self.named_count == self.mentions_as_speaker
            and self.pronoun_mentions < MIN_SUBJECT_PRONOUNS
        )

    @property
    def kind(self) -> ReferentKind:
        """The kind of the person or outlet in the first mention."""
        return self.reference.kind


def measure_prominence(annotations: ArticleAnnotations) -> list[Prominence]:
    """Mark people as journalists by what the article says of them. Return the possible targets,
    which are its journalists, authors and newsrooms, with how much it mentions them; the most
    mentioned first.
    """
    recognising.recognise_journalists(annotations)
    resolve_delayed_name(annotations)
    found = _count_prominence(annotations)
    star = next(
        (one for one in found if one.kind in (ReferentKind.UNKNOWN, ReferentKind.JOURNALIST)), None
    )
    person = None
    if star is not None and star.kind is ReferentKind.UNKNOWN and _is_prominent(star):
        person = star.reference.person
    late = (
        None
        if _has_protagonist(annotations, found) or _has_frequent_newsroom(found)
        else recognising.journalist_named_late(annotations)
    )
    if late is None and not any(
        one.kind is ReferentKind.JOURNALIST and one.weight >= MIN_PROMINENCE for one in found
    ):
        late = recognising.first_person_speaker(annotations)
    if recognising.mark_journalist_by_activity(annotations, person, late) is not None:
        found = _count_prominence(annotations)
    return [one for one in found if one.kind is not ReferentKind.UNKNOWN]


def _has_protagonist(annotations: ArticleAnnotations, found: list[Prominence]) -> bool:
    """Return whether an article may have a protagonist: its first half names a journalist or author
    mentioned twice, or several people of unknown kind mentioned often; or it first names
    journalists in at least `MIN_DIGEST_PARAGRAPHS` paragraphs.
    """
    half = annotations.lines[len(annotations.lines) // 2].paragraph if annotations.lines else 0
    early = [one for one in found if not one.is_only_speaker and min(one.paragraphs) <= half]
    unknown = [
        one
        for one in early
        if one.kind is ReferentKind.UNKNOWN and one.mention_count > MIN_MENTIONS
    ]
    cases = {
        min(one.paragraphs)
        for one in found
        if one.kind is ReferentKind.JOURNALIST and not one.is_only_speaker
    }
    return (
        len(unknown) > 1
        or len(cases) >= MIN_DIGEST_PARAGRAPHS
        or any(
            one.kind in (ReferentKind.JOURNALIST, ReferentKind.AUTHOR) and one.mention_count > 1
            for one in early
        )
    )


def _has_frequent_newsroom(found: list[Prominence]) -> bool:
    """Return whether an article mentions one newsroom at least `MIN_FREQUENT_MENTIONS` times, and
    the mentions have at least the weight `MIN_PROMINENCE`.
    """
    return any(
        one.kind is ReferentKind.NEWSROOM
        and one.mention_count >= MIN_FREQUENT_MENTIONS
        and one.weight >= MIN_PROMINENCE
        for one in found
    )


def _is_prominent(prominence: Prominence) -> bool:
    """Return whether somebody is mentioned as much as a protagonist (`MIN_PROMINENCE`,
    `MIN_MENTIONS`), and not only as a speaker.
    """
    return (
        prominence.weight >= MIN_PROMINENCE
        and prominence.mention_count >= MIN_MENTIONS
        and not prominence.is_only_speaker
    )


def _count_prominence(annotations: ArticleAnnotations) -> list[Prominence]:
    """Return the prominence of each person or newsroom that may be a target, the greatest first."""
    found: dict[int, Prominence] = {}
    first = annotations.lines[0].paragraph if annotations.lines else 0
    newsroom = None
    for line in annotations.lines:
        references = annotations.references_in(line.number)
        place = line.paragraph - first
        worth = (
            TITLE_WEIGHT if place == 0 else LEAD_WEIGHT if place <= LEAD_PARAGRAPHS else BODY_WEIGHT
        )
        for reference in references:
            newsroom = reference.newsroom or newsroom
            if reference.kind in UNNAMED_NEWSROOM_KINDS and newsroom is not None:
                # "The newsroom" is the one named last.
                room = found[id(newsroom)]
                room.weight += worth * NEWSROOM_WEIGHT * UNNAMED_MENTION_FACTOR
                room.mention_count += 1
                room.paragraphs.add(line.paragraph)
            who = reference.person or reference.newsroom
            if who is None or reference.kind not in POSSIBLE_TARGET_KINDS:
                continue
            one = found.setdefault(id(who), Prominence(reference))
            one.paragraphs.add(line.paragraph)
            one.mention_count += 1
            one.weight += worth * _weight_factor(annotations, line, reference, references)
            if reference.is_name:
                one.named_count += 1
                one.mentions_as_speaker += annotations.is_speaker(
                    line.number, reference
                ) or annotations.is_about_supporter(line.number)
            else:
                one.pronoun_mentions += not annotations.is_speaker(line.number, reference)
    return sorted(found.values(), key=lambda one: -one.weight)


def _weight_factor(
    annotations: ArticleAnnotations, line: Line, reference: Reference, references: list[Reference]
) -> float:
    """Return the factor of the weight of a mention. `references`: all those in the sentence."""
    if reference.newsroom is not None:
        is_staff = is_only_employer(annotations, line, reference, references)
        return EMPLOYER_WEIGHT if is_staff else NEWSROOM_WEIGHT
    factor = 1.0 if reference.is_name else UNNAMED_MENTION_FACTOR
    if reference.kind is not ReferentKind.AUTHOR:
        return factor
    # "I kept what she allowed me to keep" mentions the author once.
    first = next(one for one in references if one.kind is ReferentKind.AUTHOR)
    return factor * AUTHOR_FACTOR if reference is first else 0.0


def find_protagonist(annotations: ArticleAnnotations, found: list[Prominence]) -> Prominence | None:
    """Return the person or newsroom in `found` that the whole article is about, or None."""
    if not found:
        return None
    first, last = annotations.lines[0].paragraph, annotations.lines[-1].paragraph
    early = [
        one
        for one in found
        if min(one.paragraphs) - first
        <= max(LEAD_PARAGRAPHS, MAX_SHARE_BEFORE_NAME * (last - first))
    ]
    people = [one for one in early if one.reference.person is not None and not one.is_only_speaker]
    newsrooms = [one for one in early if one.reference.newsroom is not None]
    hidden = [one for one in found if one.reference.person is not None and one not in early]
    late = next(
        (one for one in found if one.reference.person is annotations.person_named_late), None
    )
    if late is not None and annotations.person_named_late is not None:
        return late
    if (
        people
        and annotations.person_named_after_lead is not None
        and people[0].reference.person is annotations.person_named_after_lead
    ):
        return people[0]
    if not people and recognising.has_unnamed_lead(annotations):
        subjects = [one for one in hidden if not one.is_only_speaker] or hidden
        if len(subjects) == 1:
            return subjects[0]
    protagonist = next(
        (one for one in people[:1] + newsrooms[:1] if _is_protagonist(one, found)), None
    )
    if protagonist is None and newsrooms and recognising.newsroom_writes_as_we(annotations):
        return min(newsrooms, key=lambda one: min(one.paragraphs))
    return protagonist


def _is_protagonist(prominence: Prominence, found: list[Prominence]) -> bool:
    """Return whether the whole article is about somebody. The mentions must be at least
    `MIN_MENTIONS`, with at least the weight `MIN_PROMINENCE` and `MIN_PROTAGONIST_SHARE` of the
    weight of all people; and the article must not be about several people in different paragraphs.
    `found`: everybody mentioned.
    """
    people = [
        other for other in found if other.reference.person is not None and not other.is_only_speaker
    ]
    total = sum(other.weight for other in people if other is not prominence) + prominence.weight
    if prominence.mention_count < MIN_MENTIONS or prominence.weight < max(
        MIN_PROMINENCE, MIN_PROTAGONIST_SHARE * total
    ):
        return False
    others = [other for other in people if not other.paragraphs & prominence.paragraphs]
    n_paragraphs = len(prominence.paragraphs)
    if n_paragraphs == 1:
        return len(others) <= 1 and not any(
            other.weight >= MIN_RIVAL_SHARE * prominence.weight for other in others
        )
    return (
        len(others) <= 1
        or n_paragraphs >= MIN_PARAGRAPHS_AMONG_OTHERS
        or (n_paragraphs > 1 and prominence.weight >= LARGE_PROTAGONIST_SHARE * total)
    )


def resolve_delayed_name(annotations: ArticleAnnotations) -> None:
    """Make earlier pronouns refer to the journalist whom a later sentence names: "He was Marat
    Ivin".
    """
    for place, line in enumerate(annotations.lines):
        named = _journalist_named_in_line(annotations, line)
        if named is None:
            continue
        before = annotations.lines[:place]
        near = [one for one in before if line.paragraph - one.paragraph <= MAX_STORY_PARAGRAPHS]
        after = [one for one in annotations.lines[place:] if one.paragraph == line.paragraph]
        for one in [*near, *after]:
            if one.paragraph == line.paragraph or not _names_somebody(annotations, one.paragraph):
                _assign_pronouns(annotations, one, named, line.words[0].folded)


def _journalist_named_in_line(annotations: ArticleAnnotations, line: Line) -> Reference | None:
    """Return the journalist whom a sentence such as "He was Marat Ivin" names, or None."""
    words = line.words
    if len(words) <= NAME_POSITION_AFTER_PRONOUN or words[1].folded not in _past_copulas(
        annotations.article.language.value
    ):
        return None
    if words[0].folded not in _pronouns_of_gender(annotations, words[0].folded):
        return None
    return next(
        (
            reference
            for reference in annotations.references_in(line.number)
            if reference.first == NAME_POSITION_AFTER_PRONOUN
            and reference.is_name
            and reference.kind is ReferentKind.JOURNALIST
        ),
        None,
    )


def _names_somebody(annotations: ArticleAnnotations, paragraph: int) -> bool:
    """Return whether the paragraph with the number `paragraph` names somebody to whom the pronouns
    in it may refer.
    """
    return any(
        reference.is_name
        and reference.person is not None
        and reference.kind is not ReferentKind.RELATIVE
        for line in annotations.lines
        if line.paragraph == paragraph
        for reference in annotations.references_in(line.number)
    )


def _assign_pronouns(
    annotations: ArticleAnnotations, line: Line, journalist: Reference, pronoun: str
) -> None:
    """Make those pronouns of a sentence refer to a journalist that have the gender of `pronoun`."""
    words = _pronouns_of_gender(annotations, pronoun)
    annotations.references[line.number][:] = [
        reference._replace(person=journalist.person, kind=journalist.kind)
        if reference.person is not None
        and not reference.is_name
        and line.words[reference.first].folded in words
        else reference
        for reference in annotations.references_in(line.number)
    ]


def _pronouns_of_gender(annotations: ArticleAnnotations, pronoun: str) -> frozenset[str]:
    """Return the pronouns of the same gender as `pronoun`, an empty set if it is neither a form of
    "he" nor of "she".
    """
    language = annotations.article.language
    both = (load_word_list(language, "he"), load_word_list(language, "she"))
    return next((frozenset(words) for words in both if pronoun in words), frozenset())


@cache
def _past_copulas(language: str) -> frozenset[str]:
    """Return the words of a language for "was", between "he" and the name."""
    return frozenset(load_lexicon(language, "targets")["press"].get("was", ()))
