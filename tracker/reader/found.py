"""The findings of the reader: people, outlets, acts, dates, places, accounts, responses."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tracker.incidents.codes import PurportedAs
from tracker.reader.text import Passage
from tracker.responses.codes import ActType, Stance, Standing
from tracker.when import When


@dataclass(frozen=True)
class Mention:
    """A mention of a person: by name (`is_name`), or as "the journalist", "she", "ол"."""

    passage: Passage
    is_name: bool = True


@dataclass
class FoundPerson:
    """A person named in the article, by the fullest name. `roles`: the person's roles, each with
    the words that show it.
    """

    name: str
    mentions: list[Mention] = field(default_factory=list)
    roles: dict[PersonRole, Passage] = field(default_factory=dict)
    # The longest description of the person's office: "editor-in-chief of Orda.kz".
    office: str = ""
    # How certain it is that this is a person's name at all, 0 to 1.
    score: float = 1.0


@dataclass
class FoundOutlet:
    """An outlet named in the article, targeted or not; `score` is its certainty, 0 to 1."""

    name: str
    mentions: list[Passage] = field(default_factory=list)
    score: float = 1.0


@dataclass(frozen=True)
class FoundAct:
    """A reported act: its incident type (`code`), its words, whether it happened, and how certain
    its type is (`score`, 0 to 1).
    """

    code: str
    passage: Passage
    reality: Reality
    score: float
    # On which side of the words the target is: "before" (passive), "after", or "" if on either.
    target_side: str = ""
    # Whom the actors posed as.
    purported_as: PurportedAs | None = None


@dataclass(frozen=True)
class FoundDate:
    """A date or period in the article, with its certainty (`score`, 0 to 1); relative dates are
    counted from the publication date.
    """

    passage: Passage
    when: When
    score: float = 1.0
    # Whether the words are a period ("since May", "for six months"), not only some time within it.
    is_period: bool = False


@dataclass(frozen=True)
class FoundPlace:
    """A place named in the article; `country` is an ISO 3166-1 code and `region` an ISO 3166-2
    code, "" if unknown. `is_area`: whether it is a country, a region or a part of a town;
    `event_passages`: the passages that say that something happened in it.
    """

    name: str
    passage: Passage
    country: str = ""
    region: str = ""
    is_area: bool = False
    event_passages: tuple[Passage, ...] = ()

    def may_contain(self, other: FoundPlace) -> bool:
        """Return whether another place may be in this area."""
        return (
            self.is_area
            and bool(self.country or other.country)
            and self.country in ("", other.country)
            and self.region in ("", other.region)
        )


@dataclass(frozen=True)
class FoundAccount:
    """A profile, channel, site, address or phone number (`handle`), as the article writes it;
    `kind` is an `AccountKind`, `platform` a code such as "telegram" or "other", and `score` is how
    likely it is hostile, 0 to 1.
    """

    handle: str
    kind: str
    platform: str
    passage: Passage
    # Whether the article says that it is fake or hostile; its own and others' accounts are not.
    is_hostile: bool
    score: float = 1.0


@dataclass(frozen=True)
class FoundResponseAct:
    """One act of an official response: its type and the words of the article that report it
    (`quote`). `is_direct`: whether these words are a quotation.
    """

    kind: ActType
    quote: Passage
    is_direct: bool
    score: float = 1.0
    # How the act was found: "quoted", "reported", or the `by` of its entry in `responses.toml`.
    reason: str = ""


@dataclass
class FoundResponse:
    """An official response of one body (such as the police) on one occasion. `speaker`: the name of
    the person; `office` and `institution`: the job title and the body, in the words of the article.
    """

    speaker: str
    office: str
    institution: str
    standing: Standing
    stance: Stance
    acts: list[FoundResponseAct] = field(default_factory=list)
    # The country of the body, ISO 3166-1, if one is named next to it.
    country: str = ""
    # The start and end offsets of the verbs that report it, and its date.
    reporting_verb_spans: list[tuple[int, int]] = field(default_factory=list)
    when: FoundDate | None = None


class PersonRole(StrEnum):
    """The role of a person in an article, by the nouns and verbs beside the name."""

    JOURNALIST = "journalist"
    OFFICIAL = "official"
    LAWYER = "lawyer"
    RELATIVE = "relative"
    SUSPECT = "suspect"
    AUTHOR = "author"
    ADVOCATE = "advocate"
    OTHER = "other"


class Reality(StrEnum):
    """Whether a reported act happened, did not happen (negated), is only supposed, is denied by
    somebody, or is an older story.
    """

    HAPPENED = "happened"
    NEGATED = "negated"
    HYPOTHETICAL = "hypothetical"
    DENIED = "denied"
    BACKGROUND = "background"
