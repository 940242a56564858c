"""The references to possible targets in each sentence."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from tracker.reader.found import FoundOutlet, FoundPerson, PersonRole
from tracker.reader.lexicon import PhraseMatch, Phrases, load_lexicon
from tracker.reader.text import Line, Passage, ReaderText


class Kind(StrEnum):
    """The kind of a referent, as a possible target."""

    JOURNALIST = "journalist"
    UNKNOWN = "unknown"
    RELATIVE = "relative"
    BYSTANDER = "bystander"
    # Officials and lawyers, who are rarely harmed in such articles but often act or report.
    OFFICIAL = "official"
    NEWSROOM = "newsroom"
    # The press without a name: "the journalist", "a film crew", "the newsroom"; a page ("the site")
    # is the press only if the text has named one.
    ONE = "one"
    MANY = "many"
    ROOM = "room"
    PAGE = "page"
    # The press as addressees of statements.
    AUDIENCE = "audience"
    # Others without a name: "an activist", "the suspect".
    OTHER = "other"
    # The author writing about herself.
    SELF = "self"


# The distance of a speaker's name from a verb of speech.
SPEECH_VERB_REACH = 3
PRESS_KINDS = frozenset({Kind.JOURNALIST, Kind.NEWSROOM, Kind.ONE, Kind.MANY, Kind.ROOM, Kind.SELF})


KIND_OF_ROLE = {
    PersonRole.JOURNALIST: Kind.JOURNALIST,
    PersonRole.OFFICIAL: Kind.OFFICIAL,
    PersonRole.LAWYER: Kind.OFFICIAL,
    PersonRole.RELATIVE: Kind.RELATIVE,
    PersonRole.SUSPECT: Kind.BYSTANDER,
    PersonRole.AUTHOR: Kind.SELF,
    PersonRole.ADVOCATE: Kind.BYSTANDER,
    PersonRole.OTHER: Kind.BYSTANDER,
}
ROLES_BELOW_JOURNALIST = frozenset({PersonRole.RELATIVE, PersonRole.SUSPECT, PersonRole.OTHER})


class Reference(NamedTuple):
    """Words `first` up to, not including, `end` of a sentence that refer to somebody."""

    first: int
    end: int
    kind: Kind
    person: FoundPerson | None = None
    newsroom: FoundOutlet | None = None
    is_name: bool = True


@dataclass
class ArticleScene:
    """The sentences of the article and the references in each, by the sentence's number."""

    reading: ReaderText
    lines: tuple[Line, ...]
    spots: dict[int, list[Reference]] = field(default_factory=dict)
    # The phrases of `targets.toml` in each sentence: their heading and words.
    phrases: dict[int, list[PhraseMatch]] = field(default_factory=dict)
    # The protagonist who is named late.
    late: FoundPerson | None = None
    # The person that the first name after a headline on "the editor" refers to.
    led: FoundPerson | None = None

    def at(self, number: int) -> list[Reference]:
        """Return the references in a sentence, from left to right."""
        return self.spots.get(number, [])

    def supports_colleague(self, number: int) -> bool:
        """Return whether a sentence is about people who only support a colleague."""
        return any(name == "ally" for name, _first, _end in self.phrases.get(number, ()))

    def speaks(self, number: int, reference: Reference) -> bool:
        """Return whether a verb of speech is next to somebody."""
        return any(
            name == "said"
            and (
                0 <= first - reference.end <= SPEECH_VERB_REACH
                or 0 <= reference.first - end <= SPEECH_VERB_REACH
            )
            for name, first, end in self.phrases.get(number, ())
        )


def kind_of(person: FoundPerson) -> Kind:
    """Return the kind of a person by her roles; the first counts most."""
    parts = sorted(person.parts, key=lambda part: person.parts[part].start)
    if not parts:
        return Kind.UNKNOWN
    if PersonRole.JOURNALIST in parts and parts[0] in ROLES_BELOW_JOURNALIST:
        # Accused journalists are called suspects, and many are somebody's wife.
        parts = [PersonRole.JOURNALIST]
    if PersonRole.AUTHOR in parts:
        return Kind.SELF
    return KIND_OF_ROLE[parts[0]]


def build_scene(
    reading: ReaderText,
    lines: tuple[Line, ...],
    people: list[FoundPerson],
    newsrooms: list[FoundOutlet],
) -> ArticleScene:
    """Return the article with every mention of a person, a newsroom or a group, by sentence."""
    scene = ArticleScene(reading, lines, {line.number: [] for line in lines})
    tales = topic_phrases(reading.language.value)
    scene.phrases = {line.number: tales.find(line.words) for line in lines}
    by_number = {line.number: line for line in lines}
    starts = [line.sentence.start for line in lines]
    for person in people:
        kind = kind_of(person)
        for mention in person.mentions:
            line = _line_at(mention.passage, lines, starts)
            if line is not None:
                first, end = _reference_words(line, mention.passage)
                spot = Reference(first, end, kind, person=person, is_name=mention.is_name)
                scene.spots[line.number].append(spot)
    for newsroom in newsrooms:
        for passage in newsroom.mentions:
            line = _line_at(passage, lines, starts)
            if line is not None:
                first, end = _reference_words(line, passage)
                scene.spots[line.number].append(
                    Reference(first, end, Kind.NEWSROOM, newsroom=newsroom)
                )
    for number, spots in scene.spots.items():
        spots.extend(_unnamed_references(reading, by_number[number], spots))
        spots.sort(key=lambda spot: (spot.first, spot.end))
    return scene


def _unnamed_references(reading: ReaderText, line: Line, named: list[Reference]) -> list[Reference]:
    taken = {place for spot in named for place in range(spot.first, spot.end)}
    found: list[Reference] = []
    for kind, first, end in unnamed_press_phrases(reading.language.value).find(line.words):
        if taken.isdisjoint(range(first, end)) and not (
            kind is Kind.SELF and reading.is_spoken(line.words[first].start)
        ):
            found.append(Reference(first, end, kind))
    # A film crew is not also an editor, nor an addressee also a victim: the longest phrase wins.
    return [
        one
        for one in found
        if one.kind is not Kind.AUDIENCE
        and not any(
            two.first <= one.first and one.end <= two.end and two[:2] != one[:2] for two in found
        )
    ]


# Headings of phrases that are no kind of text.
SECTIONS_WITHOUT_FRAME = ("work", "complaint", "unharmed")


@cache
def frame_phrases(language: str) -> tuple[str, ...]:
    """Return the kinds of text that are about something else."""
    return tuple(load_lexicon(language, "targets")["frames"])


@cache
def topic_phrases(language: str) -> Phrases:
    """Return the phrases of a language that say what an article is about."""
    words = load_lexicon(language, "targets")
    lists = [(name, words[name]["phrases"]) for name in SECTIONS_WITHOUT_FRAME]
    lists += [(name, words["frames"][name]["phrases"]) for name in frame_phrases(language)]
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
    """Return the words of a language for unnamed people of the press and others."""
    words = load_lexicon(language, "targets")
    lists = [
        (Kind.ONE, words["press"]["one"]),
        (Kind.MANY, words["press"]["many"]),
        (Kind.ROOM, words["press"]["newsroom"]),
        (Kind.PAGE, words["press"]["pages"]),
        (Kind.OTHER, words["others"]["words"]),
        (Kind.SELF, words["self"]["words"]),
        (Kind.AUDIENCE, words["press"]["audience"]),
    ]
    return Phrases((phrase, kind) for kind, phrases in lists for phrase in phrases)


def _line_at(passage: Passage, lines: tuple[Line, ...], starts: list[int]) -> Line | None:
    place = bisect_right(starts, passage.start) - 1
    if place < 0 or passage.start >= lines[place].sentence.end:
        return None
    return lines[place]


def _reference_words(line: Line, passage: Passage) -> tuple[int, int]:
    return words_between(line, passage.start, passage.end)


def words_between(line: Line, start: int, end: int) -> tuple[int, int]:
    """Return the words of a sentence that are between two offsets of the text."""
    first = bisect_right([word.end for word in line.words], start)
    last = bisect_left([word.start for word in line.words], end)
    return first, max(first + 1, last)


def is_employer(
    scene: ArticleScene, line: Line, reference: Reference, spots: list[Reference]
) -> bool:
    """Return whether a newsroom is named only as somebody's employer."""
    if reference.kind not in (Kind.NEWSROOM, Kind.ROOM, Kind.PAGE):
        return False
    language = scene.reading.language.value
    around = line.words[max(0, reference.first - 3) : reference.first]
    after = line.words[reference.end : reference.end + 2]
    staff = _staff(language)
    if any(found.end >= len(around) - 1 for found in staff.find(around)):
        return not _is_separate(scene, line, reference.first - 3, reference.first)
    if any(
        found.first == 0 or not _is_separate(scene, line, reference.end, reference.end + 2)
        for found in staff.find(after)
    ):
        return True
    return any(one.first == reference.end and one.person is not None for one in spots)


def _is_separate(scene: ArticleScene, line: Line, first: int, end: int) -> bool:
    first, end = max(0, first), min(end, len(line.words) - 1)
    return "," in scene.reading.text[line.words[first].end : line.words[end].start]


@cache
def _staff(language: str) -> Phrases:
    return Phrases((phrase, None) for phrase in load_lexicon(language, "targets")["press"]["staff"])
