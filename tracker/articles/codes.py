"""Closed sets of sources and of what a citation does."""

from enum import StrEnum


class SourceKind(StrEnum):
    """The kinds of sources; a fact learned by telephone can be cited too."""

    ARTICLE = "article"
    DOCUMENT = "document"
    SCREENSHOT = "screenshot"
    PHONE_CALL = "phone_call"
    OWN_KNOWLEDGE = "own_knowledge"


class Independence(StrEnum):
    """Whether a source is independent; a repeat counts as the source that it repeats."""

    INDEPENDENT = "independent"
    TARGET_ITSELF = "target_itself"
    PARTY = "party"
    REPEATS_ANOTHER = "repeats_another"


# Not offered here: a repeat is set by choosing the other source, see `same_story`.
INDEPENDENT_KINDS = [one for one in Independence if one is not Independence.REPEATS_ANOTHER]


class Bearing(StrEnum):
    """How the quoted words relate to the fact that they are cited for."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    MENTIONS = "mentions"


class CheckResult(StrEnum):
    """The result of the last check of a source's address by a person."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"


class Language(StrEnum):
    """The language of a source: ISO 639-1 codes, and `other`."""

    EN = "en"
    RU = "ru"
    KK = "kk"
    OTHER = "other"
