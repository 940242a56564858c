"""Closed sets of sources and citations."""

from enum import StrEnum


class SourceKind(StrEnum):
    """The kinds of sources that can be cited."""

    ARTICLE = "article"
    DOCUMENT = "document"
    SCREENSHOT = "screenshot"
    PHONE_CALL = "phone_call"
    OWN_KNOWLEDGE = "own_knowledge"


class Independence(StrEnum):
    """The independence of a source from the events: published by a target (`TARGET_ITSELF`), by
    another party to the matter (`PARTY`), or a repeat, which counts as the source that it repeats.
    """

    INDEPENDENT = "independent"
    TARGET_ITSELF = "target_itself"
    PARTY = "party"
    REPEATS_ANOTHER = "repeats_another"


# The values that forms offer: a repeat is set by choosing the other source, see `same_story`.
INDEPENDENCE_CHOICES = [one for one in Independence if one is not Independence.REPEATS_ANOTHER]


class Bearing(StrEnum):
    """The relation of quoted words to what the citing record says: they support or contradict it,
    or only mention it.
    """

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    MENTIONS = "mentions"


class CheckResult(StrEnum):
    """What a person found at the address of a source when they last checked it."""

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
