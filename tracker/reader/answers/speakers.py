"""The people and bodies in a sentence: authorities, the press, others, and pronouns.

Adjacent mentions of one person are joined: an office with its body, its place and its holder's
name.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from tracker.reader.acts.phrases import expand_lists
from tracker.reader.found import FoundPerson, PersonRole
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.places.gazetteer import find_country_of_body
from tracker.reader.targets.finding import TargetingResult
from tracker.reader.text import ArticleText, Line, Word

# Values of `SpeakerMention.category`: an authority, the targeted press, anybody else, and a
# pronoun, whose person is not yet known.
OFFICIAL, TARGET, OTHER, PRONOUN = "official", "target", "other", "pronoun"
# Kinds of `speakers.toml`: people who take the kind of the body beside them ("head") or also of one
# named before ("spokesman"); people met on the spot, who speak for no body; and ranks, which are
# police beside a name.
HEAD_KIND, SPOKESPERSON_KIND, BYSTANDER_KIND, RANK_KIND = "any", "speaking", "scene", "rank"
# Kinds of `speakers.toml`: bodies without a name of their own ("the department"), press services,
# and words such as "the company".
GENERIC_KIND, PRESS_SERVICE_KIND, COMPANY_KIND = "generic", "press_service", "company"
# Kinds of mentions that do not show which body is meant: "the head", "a spokesman".
KINDS_WITHOUT_BODY = frozenset(
    {HEAD_KIND, SPOKESPERSON_KIND, BYSTANDER_KIND, GENERIC_KIND, PRESS_SERVICE_KIND}
)
# Kinds of `speakers.toml` for bodies that are not authorities.
OUTLET_KIND, ORGANISATION_KIND = "outlets", "organisations"
# With one of these before it, "head" means the head of an authority mentioned before: "its head".
POSSESSIVE_WORDS = frozenset({"its", "his", "her", "their", "его", "ее", "их", "оның", "олардың"})
# The most words of a name after an office; the words of one between commas.
MAX_NAME_WORDS, FULL_NAME_WORDS = 4, 2
# Words that may be between an office (a job title) and the body to which the office belongs, or
# between an office and a person's name.
WORDS_AFTER_OFFICE = frozenset({
    "of", "for", "the", "at", "in", "from", "and", "по", "при", "в", "во", "г", "города", "городу",
    "городе", "области", "край", "краю", "крае", "края", "района", "району", "районе", "республики",
    "республике", "region", "city", "district", "аға",
})  # fmt: skip
# The most words between an office (a job title) and the name of the person with this office.
MAX_OFFICE_NAME_GAP_WORDS = 4
# The most words between two parts of the name of one body, or between an office and the body to
# which the office belongs.
MAX_BODY_GAP_WORDS = 2
# Endings of the Kazakh genitive: a body with one is the owner of the body or the press service
# named after it.
KAZAKH_GENITIVE_PATTERN = re.compile("(?:ның|нің|дың|дің|тың|тің)$")
# Endings of the Russian genitive: a body with one is the owner of the body named before it.
RUSSIAN_GENITIVE_PATTERN = re.compile(
    "(?:ства|ения|ента|тета|уда|мата|ии|ры|жбы|ного|ской|вной|йской)$"
)
# A Russian word that names the owner if it follows "press service": a genitive or a name.
SERVICE_OWNER_PATTERN = re.compile(r"[«\"]?[а-яё-]+(?:а|я|ы|и|ов|ей|ого)|[А-ЯЁA-Z].*")
# A single letter, which is not a name by itself.
INITIAL_PATTERN = re.compile(r"[^\W\d_]\.?")
# Nouns for regions and towns, by their beginning.
REGION_NOUN_PATTERN = re.compile(
    "(?:области|района|края|округа|республики|region|oblast|province|district|city)"
)
# Kazakh nouns for regions and towns, by their beginning.
KAZAKH_REGION_NOUN_PATTERN = re.compile("(?:қала|облыс|аудан)")
# Words between a body and its place or field ("Ministry of"), and words within that place or field.
ENGLISH_OF_WORDS, ENGLISH_JOINING_WORDS = (
    frozenset({"of", "for"}),
    frozenset({"and", "of", "the", "for"}),
)
# Russian words between the name of a body and the name of the body's place.
WORDS_BEFORE_PLACE = frozenset({"по", "города", "г", "городу"})
# Surnames are compared without this many last letters (the second), but with at least so many first
# ones.
MIN_STEM_LETTERS, INFLECTED_LETTERS = 4, 2
# Weights of mentions, of which the greatest counts if two of the same length overlap: a known
# person, the short name of a body, and a surname that was introduced with an office.
LISTED_NAME_WEIGHT, SHORT_NAME_WEIGHT, LEARNED_NAME_WEIGHT = 100, 60, 50
# The short name of a body in brackets after its name: "(VDD)".
ACRONYM_PATTERN = re.compile(r"[^()]{0,40}\(([A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]{2,6})\)")
# A name after one of these words is part of the name of a body ("Ministry of …"), not a person's.
WORDS_INSIDE_BODY_NAMES = frozenset({"and", "of"})
# The English possessive at the end of a body's name.
POSSESSIVE_PATTERN = re.compile(r"['’]s?$")
# The longest name that is searched for.
MAX_NAME_CHARACTERS = 100
# A first line that ends with none of these is the headline.
SENTENCE_END_MARKS = '.!?…»”"'


class SpeakerLabel(NamedTuple):
    """What a phrase of `speakers.toml` means. `category`: an authority, the press, others or a
    pronoun (a constant such as `OFFICIAL`); `kind`: the kind of body, such as "police"; `weight`:
    of two phrases of one length on the same words, the one with the greater weight counts.
    """

    category: str
    kind: str
    is_person: bool
    weight: int


class PersonMention(NamedTuple):
    """A mention, at offsets of the article, of a person or outlet that the reader has found.
    `category`: an authority, the press, others or a pronoun (a constant such as `OFFICIAL`).
    """

    start: int
    end: int
    category: str
    name: str
    office: str


class SpeakerIndex:
    """The people and bodies of an article. The name of an official is added when a sentence gives
    it together with the office: "the minister Aida Serik".
    """

    def __init__(
        self, article: ArticleText, people: Iterable[FoundPerson], targeting: TargetingResult
    ) -> None:
        self.language = article.language.value
        self.title = article.title
        self.named: list[PersonMention] = []
        target_names = {one.name for one in targeting.people}
        for person in people:
            category = _category_of_person(person, is_target=person.name in target_names)
            for mention in person.mentions:
                at = mention.passage
                meant = category if mention.is_name else PRONOUN
                self.named.append(
                    PersonMention(at.start, at.end, meant, person.name, person.office)
                )
        for room in targeting.newsrooms:
            self.named += [
                PersonMention(one.start, one.end, TARGET, room.name, "") for one in room.mentions
            ]
        self.named.sort()
        self.categories = {one.name: one.category for one in self.named if one.category != PRONOUN}
        # By the stem of a surname, the mention that introduced its holder with an office.
        self.officials: dict[str, SpeakerMention] = {}
        # "The State Security Service (VDD)": the short name means the body from then on.
        self.short: dict[str, SpeakerMention] = {}

    def is_headline(self, line: Line) -> bool:
        """Return whether a sentence is the headline, where every word may have a capital."""
        text = line.sentence.text
        return line.number == 1 and (text == self.title or text[-1:] not in SENTENCE_END_MARKS)

    def find_mentions(self, line: Line) -> list[SpeakerMention]:
        """Return the people and bodies in a sentence, from left to right."""
        owned = [_strip_possessives(line.words)] if self.language == "en" else []
        found = [
            SpeakerMention(
                one.first, one.end, one.label.category, one.label.kind, one.label.is_person,
                weight=one.label.weight,
            )
            for words in (line.words, *owned)
            for one in _load_phrases(self.language).find(words)
        ]  # fmt: skip
        chosen = _longest_matches(found + self._mentions_of_known_names(line))
        # "Ministry of Youth and Digital Development": no such person.
        taken = {
            k for one in chosen for k in range(one.first, one.end)
            if not (
                one.category == OTHER
                and one.name
                and line.words[one.first - 1].folded in WORDS_INSIDE_BODY_NAMES
            )
        }  # fmt: skip
        is_headline = self.is_headline(line)
        known = [self._complete_mention(line, one, taken) for one in chosen]
        mentions = [
            self._add_country(line, one)
            for one in merge_mentions(known, line.words, self.language, takes_names=not is_headline)
        ]
        for one in mentions:
            if one.category == OFFICIAL and not is_headline:
                self._learn_name(line, one)
        return mentions

    def _add_country(self, line: Line, mention: SpeakerMention) -> SpeakerMention:
        """Return a body with the country named next to it."""
        if mention.category != OFFICIAL:
            return mention
        known = find_country_of_body(line.words, mention.first, mention.end, self.language)
        return mention._replace(country=known or mention.country)

    def find_pronoun_referent(self, start: int) -> SpeakerMention | None:
        """Return the person whom the pronoun at an offset refers to, or None."""
        for one in self._mentions_between(start, start + 1):
            if one.category == PRONOUN and one.name in self.categories:
                known = self.officials.get(_surname_stem(one.name.split()[-1]))
                if known is not None and self.categories[one.name] != TARGET:
                    return known
                category = self.categories[one.name]
                return SpeakerMention(
                    0, 0, category, is_person=True, office=one.office, name=one.name
                )
        return None

    def _mentions_between(self, start: int, end: int) -> list[PersonMention]:
        """Return the mentions of known people that overlap the text between two offsets."""
        first = bisect_left(self.named, (start - MAX_NAME_CHARACTERS,))
        found = []
        for place in range(first, len(self.named)):
            one = self.named[place]
            if one.start >= end:
                break
            if one.end > start:
                found.append(one)
        return found

    def _learn_name(self, line: Line, mention: SpeakerMention) -> None:
        """Remember the short name of a body, and the office (job title) of a named person, for the
        next sentences.
        """
        if mention.body:
            end = line.words[mention.end - 1].end - line.sentence.start
            short = ACRONYM_PATTERN.match(line.sentence.text, end)
            if short is not None:
                self.short[short[1]] = mention
        if mention.name and (mention.office or mention.body):
            self.officials.setdefault(_surname_stem(mention.name.split()[-1]), mention)

    def _mentions_of_known_names(self, line: Line) -> list[SpeakerMention]:
        """Return the mentions in a sentence of people whom the reader has found, of officials (by
        surname) whose office an earlier sentence gave, and of bodies by a short name that an
        earlier sentence gave.
        """
        found = []
        for one in self._mentions_between(line.sentence.start, line.sentence.end):
            inside = [k for k, word in enumerate(line.words) if one.start <= word.start < one.end]
            if inside and one.category != PRONOUN:
                at = inside[0], inside[-1] + 1
                found.append(
                    SpeakerMention(
                        *at, one.category, is_person=True, name=one.name, weight=LISTED_NAME_WEIGHT
                    )
                )
        known = {k for mention in found for k in range(mention.first, mention.end)}
        for k, word in enumerate(line.words):
            if word.text in self.short:
                official = self.short[word.text]._replace(first=k, end=k + 1, name="", office="")
                found.append(official._replace(is_person=False, weight=SHORT_NAME_WEIGHT))
            if k not in known and word.is_capital and _surname_stem(word.text) in self.officials:
                found.append(
                    SpeakerMention(
                        k,
                        k + 1,
                        OFFICIAL,
                        is_person=True,
                        name=word.text,
                        weight=LEARNED_NAME_WEIGHT,
                    )
                )
        return found

    def _complete_mention(
        self, line: Line, mention: SpeakerMention, used_words: set[int]
    ) -> SpeakerMention:
        """Return a mention with what is known about it. A person's name gets the office given in an
        earlier sentence. Other words are themselves an office or body, extended by the place beside
        them, but not by `used_words`, the positions of words in other mentions.
        """
        if mention.name:
            known = self.officials.get(_surname_stem(mention.name.split()[-1]))
            if known is None or mention.category == TARGET:
                return mention
            return mention._replace(
                category=OFFICIAL, kind=known.kind, office=known.office, body=known.body,
                name=known.name, country=known.country,
            )  # fmt: skip
        whole = mention
        if mention.category == OFFICIAL:
            whole = extend_with_place(mention, line.words, self.language, used_words)
        start, end = line.words[whole.first].start, line.words[whole.end - 1].end
        shown = line.sentence.text[start - line.sentence.start : end - line.sentence.start]
        if mention.is_person:
            return whole._replace(office=shown)
        shown = POSSESSIVE_PATTERN.sub("", shown)
        return whole._replace(body=shown if mention.category == OFFICIAL else "")


def _strip_possessives(words: Sequence[Word]) -> list[Word]:
    """Return the words without the possessive ending: "governor" for "governor's"."""
    return [word._replace(folded=word.folded.removesuffix("'s")) for word in words]


@cache
def _load_phrases(language: str) -> Phrases:
    """Return the phrases of a language for authorities, the press, others and pronouns."""
    data = load_lexicon(language, "speakers")
    lists = data.get("lists", {})
    rows: list[tuple[str, SpeakerLabel]] = []
    for section, category, is_person in (
        ("bodies", OFFICIAL, False),
        ("offices", OFFICIAL, True),
        ("others", OTHER, True),
    ):
        for kind, phrases in data.get(section, {}).items():
            meant = TARGET if kind in ("press", OUTLET_KIND) else category
            human = is_person and kind not in (OUTLET_KIND, ORGANISATION_KIND)
            rows += [
                (expand_lists(one, lists), SpeakerLabel(meant, kind, human, len(one)))
                for one in phrases
            ]
    for kind in ("person", "body", "place", COMPANY_KIND):
        for phrase in data.get("pronouns", {}).get(kind, ()):
            rows.append((phrase, SpeakerLabel(PRONOUN, kind, kind == "person", len(phrase) + 1)))
    return Phrases(rows)


def _category_of_person(person: FoundPerson, *, is_target: bool) -> str:
    """Return `TARGET` for a journalist and for anybody against whom an act is directed
    (`is_target`), `OFFICIAL` for an official, and `OTHER` for other people.
    """
    if is_target:
        return TARGET
    if PersonRole.OFFICIAL in person.roles and PersonRole.JOURNALIST not in person.roles:
        return OFFICIAL
    return TARGET if PersonRole.JOURNALIST in person.roles else OTHER


def _surname_stem(name: str) -> str:
    """Return a surname without its last letters, which are inflected."""
    folded = name.casefold().replace("ё", "е").removesuffix("'s").removesuffix("’s")
    return folded[: max(MIN_STEM_LETTERS, len(folded) - INFLECTED_LETTERS)]


def _longest_matches(found: list[SpeakerMention]) -> list[SpeakerMention]:
    """Return the mentions without those that overlap a longer mention, or one of the same length
    with a greater `weight`.
    """
    kept: list[SpeakerMention] = []
    for one in sorted(
        found, key=lambda mention: (mention.first - mention.end, -mention.weight, mention.first)
    ):
        if not any(one.first < other.end and other.first < one.end for other in kept):
            kept.append(one)
    return sorted(kept)


class SpeakerMention(NamedTuple):
    """A person or body (such as the police) at words `first` up to but not `end`. `category`: an
    authority, the press, others or a pronoun (a constant such as `OFFICIAL`); `kind`: the kind of
    body; `office`: the job title; `body`: the name of the body; `name`: the name of the
    person.
    """

    first: int
    end: int
    category: str
    kind: str = ""
    is_person: bool = False
    office: str = ""
    body: str = ""
    name: str = ""
    weight: int = 0
    # The country of a body (ISO 3166-1), if one is named next to it.
    country: str = ""


def merge_mentions(
    mentions: list[SpeakerMention], words: Sequence[Word], language: str, *, takes_names: bool
) -> list[SpeakerMention]:
    """Return the mentions of a sentence, with adjacent mentions of one person or body joined.
    `takes_names`: whether capitalised words after an office ("minister") are a person's name.
    """
    kept: list[SpeakerMention] = []
    for one in mentions:
        mention = one
        if takes_names and one.category == OFFICIAL and one.is_person and not one.name:
            mention = _extend_with_name(one, words, mentions)
        before = kept[-1] if kept else None
        if before is not None and _can_be_merged(before, mention, words, language):
            kept[-1] = _merge_two_mentions(before, mention)
        elif before is None or mention.first >= before.end:
            kept.append(mention)
    return [_resolve_kind(one, words, language) for one in kept]


def extend_with_place(
    mention: SpeakerMention, words: Sequence[Word], language: str, used_words: set[int]
) -> SpeakerMention:
    """Return a body or office extended by the place or field beside it ("Ministry of …"). It stays
    as it is if the added words are among `used_words`, the positions of words in other mentions.
    """
    first, end = mention.first, mention.end
    if language == "en":
        at = end + 2 if end + 1 < len(words) and words[end + 1].folded == "the" else end + 1
        if at < len(words) and words[end].folded in ENGLISH_OF_WORDS and words[at].is_capital:
            end = _end_of_capitals(words, at, ENGLISH_JOINING_WORDS)
        while first > 1 and words[first - 1].is_capital and _is_followed_by_space(words, first - 1):
            first -= 1
    elif language == "ru":
        at = end + 1 if end < len(words) and words[end].folded in WORDS_BEFORE_PLACE else end
        if at < len(words) and words[at].is_capital and _is_followed_by_space(words, at - 1):
            end = at + 1
        if end > mention.end and end < len(words) and REGION_NOUN_PATTERN.match(words[end].folded):
            end += 1
        elif mention.is_person and at == mention.end:
            # "Аким Бакыт Омаров" has no place in it.
            end = mention.end
    else:
        while first and (
            KAZAKH_REGION_NOUN_PATTERN.match(words[first - 1].folded)
            or (words[first - 1].is_capital and _is_followed_by_space(words, first - 1))
        ):
            first -= 1
    if used_words & (set(range(first, mention.first)) | set(range(mention.end, end))):
        return mention
    return mention._replace(first=first, end=end)


def _is_followed_by_space(words: Sequence[Word], position: int) -> bool:
    """Return whether only a space follows a word."""
    return words[position + 1].start - words[position].end == 1


def _end_of_capitals(words: Sequence[Word], start: int, joining_words: frozenset[str]) -> int:
    """Return where a run of capitalised words that begins at word `start` ends: the position after
    its last word. Nouns such as "region" and any `joining_words` ("of") may be in the run.
    """
    end = start + 1
    for k in range(start + 1, len(words)):
        if not _is_followed_by_space(words, k - 1):
            break
        if words[k].is_capital or REGION_NOUN_PATTERN.match(words[k].folded):
            end = k + 1
        elif words[k].folded not in joining_words:
            break
    return end


def _extend_with_name(
    mention: SpeakerMention, words: Sequence[Word], mentions: list[SpeakerMention]
) -> SpeakerMention:
    """Return an office (a job title) extended by the person's name after it. `mentions`: all
    mentions in the sentence.
    """
    end = mention.end
    taken = {k for one in mentions if one != mention for k in range(one.first, one.end)}
    people = {one.first for one in mentions if one.name}
    if people & {mention.end, mention.end + 1}:
        return mention
    while (
        end < len(words) and end - mention.end < MAX_NAME_WORDS and end not in taken
        and words[end].is_capital and _is_followed_by_space(words, end - 1)
    ):  # fmt: skip
        end += 1
    if end == mention.end:
        return _extend_with_name_after_comma(mention, words, taken)
    named = [word.text for word in words[mention.end : end]]
    if not named or all(INITIAL_PATTERN.fullmatch(one) for one in named):
        return mention
    return mention._replace(end=end, name=" ".join(named))


def _extend_with_name_after_comma(
    mention: SpeakerMention, words: Sequence[Word], used_words: set[int]
) -> SpeakerMention:
    """Return an office (a job title) extended by a name in commas: "the minister, Aida Serik,
    said". `used_words`: the positions of words in other mentions.
    """
    end = mention.end + FULL_NAME_WORDS
    if end >= len(words) or used_words & set(range(mention.end, end)):
        return mention
    gaps = [words[k].start - words[k - 1].end for k in (mention.end, mention.end + 1, end)]
    named = words[mention.end : end]
    if gaps != [len(", "), len(" "), len(", ")] or not all(word.is_capital for word in named):
        return mention
    return mention._replace(end=end, name=" ".join(word.text for word in named))


def _resolve_kind(mention: SpeakerMention, words: Sequence[Word], language: str) -> SpeakerMention:
    """Return a mention with the `kind` and `category` that the words beside it show. "Head" is an
    authority only next to a body or as "its head"; a rank is police only beside a name; a press
    service is not an authority if the word beside it names another owner.
    """
    before = words[mention.first - 1].folded if mention.first else ""
    if mention.kind == RANK_KIND:
        return mention._replace(kind="police") if mention.name else mention._replace(category=OTHER)
    if mention.kind == HEAD_KIND and not mention.body:
        return (
            mention._replace(kind=SPOKESPERSON_KIND)
            if before in POSSESSIVE_WORDS
            else mention._replace(category=OTHER)
        )
    if mention.kind == PRESS_SERVICE_KIND:
        after = words[mention.end].text if mention.end < len(words) else ""
        is_owned = {
            "en": before.endswith(("'s", "s'")) and before not in POSSESSIVE_WORDS,
            "ru": SERVICE_OWNER_PATTERN.fullmatch(after) is not None,
            "kk": KAZAKH_GENITIVE_PATTERN.search(before) is not None
            and before not in POSSESSIVE_WORDS,
        }[language]
        return (
            mention._replace(category=OTHER)
            if is_owned
            else mention._replace(kind=SPOKESPERSON_KIND, body="")
        )
    return mention


def _can_be_merged(
    mention: SpeakerMention, following: SpeakerMention, words: Sequence[Word], language: str
) -> bool:
    """Return whether a mention and the following one are of one person or body."""
    gap = words[mention.end : following.first]
    apart = words[following.first].start - words[mention.end - 1].end
    reach = 3 + sum(len(word.text) + 1 for word in gap)
    if apart > reach or len(gap) > MAX_OFFICE_NAME_GAP_WORDS or following.first < mention.end:
        return False
    is_linked = all(word.folded in WORDS_AFTER_OFFICE for word in gap)
    is_led = all(word.folded in WORDS_AFTER_OFFICE or word.is_capital for word in gap)
    is_short = len(gap) <= MAX_BODY_GAP_WORDS
    if following.name and not mention.name and mention.is_person and mention.category == OFFICIAL:
        # "The commissioner for human rights in the Altai Territory Olga Ch."
        return is_led and following.category in (OFFICIAL, OTHER) and not following.office
    if mention.name and not mention.office and mention.category in (OFFICIAL, OTHER):
        return (
            not gap
            and following.category == OFFICIAL
            and following.is_person
            and not following.name
        )
    if mention.category != OFFICIAL or following.category != OFFICIAL or not is_short:
        return False
    if mention.name:
        # "Colonel Serik Abish of the regional police".
        return bool(gap) and is_linked and not (mention.body or following.is_person)
    return _is_parent_body(mention, following, words, language) or (
        is_linked and _is_office_of_body(mention, following, language)
    )


def _is_office_of_body(mention: SpeakerMention, following: SpeakerMention, language: str) -> bool:
    """Return whether an office (a job title) and a body, or two offices, belong together by their
    order in the language.
    """
    if mention.is_person and following.is_person:
        return (
            bool({mention.kind, following.kind} & {HEAD_KIND, SPOKESPERSON_KIND})
            and following.first == mention.end
        )
    if mention.is_person:
        return language != "kk" and not following.is_person
    return following.is_person and following.first == mention.end and language != "ru"


def _is_parent_body(
    mention: SpeakerMention, following: SpeakerMention, words: Sequence[Word], language: str
) -> bool:
    """Return whether one body is part of the other: "Ішкі істер министрлігінің департаменті"."""
    if language == "kk":
        return KAZAKH_GENITIVE_PATTERN.search(words[mention.end - 1].folded) is not None
    if language == "ru":
        return (
            following.first == mention.end
            and RUSSIAN_GENITIVE_PATTERN.search(words[following.first].folded) is not None
        )
    return False


def _merge_two_mentions(speaker_mention: SpeakerMention, other: SpeakerMention) -> SpeakerMention:
    """Return two mentions of one person or body as one mention."""
    kinds = [
        kind
        for kind in (speaker_mention.kind, other.kind)
        if kind and kind not in KINDS_WITHOUT_BODY
    ]
    bodies = [
        mention.kind
        for mention in (speaker_mention, other)
        if mention.body and mention.kind not in KINDS_WITHOUT_BODY
    ]
    parts = [mention.body for mention in (speaker_mention, other) if mention.body]
    return SpeakerMention(
        speaker_mention.first,
        other.end,
        OFFICIAL,
        (bodies or kinds or sorted({speaker_mention.kind, other.kind} - {""}))[0],
        is_person=speaker_mention.is_person or other.is_person,
        office=speaker_mention.office or other.office,
        body=" ".join(parts),
        name=speaker_mention.name or other.name,
        country=speaker_mention.country or other.country,
    )
