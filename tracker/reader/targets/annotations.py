"""The references to possible targets in each sentence of an article."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from tracker.reader.found import FoundOutlet, FoundPerson, PersonRole
from tracker.reader.lexicon import PhraseMatch, Phrases, load_lexicon
from tracker.reader.text import ArticleText, Line, Passage


class ReferentKind(StrEnum):
    """The kind of person or outlet that words of an article refer to, as a possible target."""

    JOURNALIST = "journalist"
    UNKNOWN = "unknown"
    RELATIVE = "relative"
    BYSTANDER = "bystander"
    # Officials and lawyers, who are rarely harmed in such articles but often act or report.
    OFFICIAL = "official"
    NEWSROOM = "newsroom"
    # The press without a name: "the journalist", "a film crew", "the newsroom"; a page ("the site")
    # is the press only if the text has named one.
    UNNAMED_JOURNALIST = "unnamed_journalist"
    UNNAMED_GROUP = "unnamed_group"
    UNNAMED_NEWSROOM = "unnamed_newsroom"
    UNNAMED_SITE = "unnamed_site"
    # The press as addressees of statements.
    AUDIENCE = "audience"
    # Others without a name: "an activist", "the suspect".
    OTHER = "other"
    # The author, writing in the first person.
    AUTHOR = "author"


# Kinds of words ("the newsroom", "the site") that refer to a newsroom named elsewhere.
UNNAMED_NEWSROOM_KINDS = frozenset({ReferentKind.UNNAMED_NEWSROOM, ReferentKind.UNNAMED_SITE})
# The most words between a speaker's name and a verb such as "said".
SPEECH_VERB_REACH = 3
# Kinds of the press: journalists and outlets, with or without a name.
PRESS_KINDS = frozenset(
    {
        ReferentKind.JOURNALIST,
        ReferentKind.NEWSROOM,
        ReferentKind.UNNAMED_JOURNALIST,
        ReferentKind.UNNAMED_GROUP,
        ReferentKind.UNNAMED_NEWSROOM,
        ReferentKind.AUTHOR,
    }
)


# The kind of a person by the first of the person's roles in the text.
KIND_OF_ROLE = {
    PersonRole.JOURNALIST: ReferentKind.JOURNALIST,
    PersonRole.OFFICIAL: ReferentKind.OFFICIAL,
    PersonRole.LAWYER: ReferentKind.OFFICIAL,
    PersonRole.RELATIVE: ReferentKind.RELATIVE,
    PersonRole.SUSPECT: ReferentKind.BYSTANDER,
    PersonRole.AUTHOR: ReferentKind.AUTHOR,
    PersonRole.ADVOCATE: ReferentKind.BYSTANDER,
    PersonRole.OTHER: ReferentKind.BYSTANDER,
}
# If a person is also called a journalist, these roles do not count, even if the text gives one of
# them first.
ROLES_BELOW_JOURNALIST = frozenset({PersonRole.RELATIVE, PersonRole.SUSPECT, PersonRole.OTHER})


class Reference(NamedTuple):
    """Words of a sentence, `first` up to but not `end`, that refer to a `person` or `newsroom`, or
    to somebody unnamed (both None). `kind`: what the words refer to; `is_name`: whether they are a
    name, and not "she".
    """

    first: int
    end: int
    kind: ReferentKind
    person: FoundPerson | None = None
    newsroom: FoundOutlet | None = None
    is_name: bool = True


@dataclass
class ArticleAnnotations:
    """The sentences of an article with references to people and outlets, and with phrases, both by
    the sentence's number.
    """

    article: ArticleText
    lines: tuple[Line, ...]
    references: dict[int, list[Reference]] = field(default_factory=dict)
    # The phrases of `targets.toml` in each sentence, labelled as by `topic_phrases`.
    phrases: dict[int, list[PhraseMatch]] = field(default_factory=dict)
    # The person whom the article is about, if it names the person only late.
    person_named_late: FoundPerson | None = None
    # The first person named after a headline on an unnamed "editor".
    person_named_after_lead: FoundPerson | None = None

    def references_in(self, number: int) -> list[Reference]:
        """Return the references in the sentence with a number, from left to right."""
        return self.references.get(number, [])

    def is_about_supporter(self, number: int) -> bool:
        """Return whether a sentence, by number, is about people who only support a colleague."""
        return any(name == "ally" for name, _first, _end in self.phrases.get(number, ()))

    def is_speaker(self, number: int, reference: Reference) -> bool:
        """Return whether a verb of saying is next to a reference in the sentence with a number."""
        return any(
            name == "said"
            and (
                0 <= first - reference.end <= SPEECH_VERB_REACH
                or 0 <= reference.first - end <= SPEECH_VERB_REACH
            )
            for name, first, end in self.phrases.get(number, ())
        )


def referent_kind_of(person: FoundPerson) -> ReferentKind:
    """Return the kind of a person by their roles; the first role counts most."""
    parts = sorted(person.roles, key=lambda part: person.roles[part].start)
    if not parts:
        return ReferentKind.UNKNOWN
    if PersonRole.JOURNALIST in parts and parts[0] in ROLES_BELOW_JOURNALIST:
        # Accused journalists are called suspects, and many are somebody's wife.
        parts = [PersonRole.JOURNALIST]
    if PersonRole.AUTHOR in parts:
        return ReferentKind.AUTHOR
    return KIND_OF_ROLE[parts[0]]


def annotate_article(
    article: ArticleText,
    lines: tuple[Line, ...],
    people: list[FoundPerson],
    newsrooms: list[FoundOutlet],
) -> ArticleAnnotations:
    """Return the sentences with every reference to a person, a newsroom or a group."""
    annotations = ArticleAnnotations(article, lines, {line.number: [] for line in lines})
    tales = topic_phrases(article.language.value)
    annotations.phrases = {line.number: tales.find(line.words) for line in lines}
    by_number = {line.number: line for line in lines}
    starts = [line.sentence.start for line in lines]
    for person in people:
        kind = referent_kind_of(person)
        for mention in person.mentions:
            line = _sentence_at(mention.passage, lines, starts)
            if line is not None:
                first, end = _word_range_of(line, mention.passage)
                reference = Reference(first, end, kind, person=person, is_name=mention.is_name)
                annotations.references[line.number].append(reference)
    for newsroom in newsrooms:
        for passage in newsroom.mentions:
            line = _sentence_at(passage, lines, starts)
            if line is not None:
                first, end = _word_range_of(line, passage)
                annotations.references[line.number].append(
                    Reference(first, end, ReferentKind.NEWSROOM, newsroom=newsroom)
                )
    for number, references in annotations.references.items():
        references.extend(_unnamed_references(article, by_number[number], references))
        references.sort(key=lambda reference: (reference.first, reference.end))
    return annotations


def _unnamed_references(
    article: ArticleText, line: Line, named_references: list[Reference]
) -> list[Reference]:
    """Return the references without a name ("the journalist", "a film crew") in a sentence, on
    words that are not in the `named_references` references.
    """
    taken = {
        place for reference in named_references for place in range(reference.first, reference.end)
    }
    found: list[Reference] = []
    for kind, first, end in unnamed_press_phrases(article.language.value).find(line.words):
        if taken.isdisjoint(range(first, end)) and not (
            kind is ReferentKind.AUTHOR and article.is_quoted(line.words[first].start)
        ):
            found.append(Reference(first, end, kind))
    # A film crew is not also an editor, nor an addressee also a victim: the longest phrase wins.
    return [
        one
        for one in found
        if one.kind is not ReferentKind.AUDIENCE
        and not any(
            two.first <= one.first and one.end <= two.end and two[:2] != one[:2] for two in found
        )
    ]


# Headings of `targets.toml` whose phrases are counted but do not belong to a "frame". A frame is a
# kind of text that is about something other than incidents, such as a film or a match.
SECTIONS_WITHOUT_FRAME = ("work", "complaint", "unharmed")


@cache
def frame_names(language: str) -> tuple[str, ...]:
    """Return the names of the "frames" in `targets.toml`: the kinds of text that are about
    something other than incidents.
    """
    return tuple(load_lexicon(language, "targets")["frames"])


@cache
def topic_phrases(language: str) -> Phrases:
    """Return the phrases of a language that show what an article is about, labelled by their
    headings in `targets.toml`.
    """
    words = load_lexicon(language, "targets")
    lists = [(name, words[name]["phrases"]) for name in SECTIONS_WITHOUT_FRAME]
    lists += [(name, words["frames"][name]["phrases"]) for name in frame_names(language)]
    lists += [("said", words["speech"]["said"]), ("noun", words["work"]["nouns"])]
    lists.append(("does", words["press"]["does"]))
    lists.append(("trade", words["press"].get("trade", ())))
    lists.append(("ally", words["press"].get("ally", ())))
    lists.append(("befell", words["press"].get("befell", ())))
    lists.append(("report", words["press"].get("report", ())))
    lists.append(("public", words["others"].get("public", ())))
    return Phrases((phrase, name) for name, phrases in lists for phrase in phrases)


@cache
def unnamed_press_phrases(language: str) -> Phrases:
    """Return the words for unnamed people of the press and others, labelled by `ReferentKind`."""
    words = load_lexicon(language, "targets")
    lists = [
        (ReferentKind.UNNAMED_JOURNALIST, words["press"]["one"]),
        (ReferentKind.UNNAMED_GROUP, words["press"]["many"]),
        (ReferentKind.UNNAMED_NEWSROOM, words["press"]["newsroom"]),
        (ReferentKind.UNNAMED_SITE, words["press"]["pages"]),
        (ReferentKind.OTHER, words["others"]["words"]),
        (ReferentKind.AUTHOR, words["self"]["words"]),
        (ReferentKind.AUDIENCE, words["press"]["audience"]),
    ]
    return Phrases((phrase, kind) for kind, phrases in lists for phrase in phrases)


def _sentence_at(passage: Passage, lines: tuple[Line, ...], starts: list[int]) -> Line | None:
    """Return the sentence that contains a passage, or None. `starts`: the start offset of each of
    `lines`.
    """
    place = bisect_right(starts, passage.start) - 1
    if place < 0 or passage.start >= lines[place].sentence.end:
        return None
    return lines[place]


def _word_range_of(line: Line, passage: Passage) -> tuple[int, int]:
    """Return the positions of a passage's first word and of the word after its last."""
    return word_range_between(line, passage.start, passage.end)


def word_range_between(line: Line, start: int, end: int) -> tuple[int, int]:
    """Return the positions of the first word between two offsets of the article, and of the word
    after the last.
    """
    first = bisect_right([word.end for word in line.words], start)
    last = bisect_left([word.start for word in line.words], end)
    return first, max(first + 1, last)


def is_only_employer(
    annotations: ArticleAnnotations, line: Line, reference: Reference, references: list[Reference]
) -> bool:
    """Return whether `reference` names a newsroom only as somebody's employer. `references`: all
    references in the same sentence.
    """
    if reference.kind not in (
        ReferentKind.NEWSROOM,
        ReferentKind.UNNAMED_NEWSROOM,
        ReferentKind.UNNAMED_SITE,
    ):
        return False
    language = annotations.article.language.value
    around = line.words[max(0, reference.first - 3) : reference.first]
    after = line.words[reference.end : reference.end + 2]
    staff = _load_staff_phrases(language)
    if any(found.end >= len(around) - 1 for found in staff.find(around)):
        return not _has_comma_between(annotations, line, reference.first - 3, reference.first)
    if any(
        found.first == 0
        or not _has_comma_between(annotations, line, reference.end, reference.end + 2)
        for found in staff.find(after)
    ):
        return True
    return any(
        one.first == reference.end
        and one.person is not None
        and not _has_comma_between(annotations, line, reference.end - 1, one.first)
        for one in references
    )


def _has_comma_between(annotations: ArticleAnnotations, line: Line, first: int, end: int) -> bool:
    """Return whether a comma is between the end of word `first` and the start of word `end`."""
    first, end = max(0, first), min(end, len(line.words) - 1)
    return "," in annotations.article.text[line.words[first].end : line.words[end].start]


@cache
def _load_staff_phrases(language: str) -> Phrases:
    """Return the words of a language for people who work at a newsroom ("editor of")."""
    return Phrases((phrase, None) for phrase in load_lexicon(language, "targets")["press"]["staff"])
