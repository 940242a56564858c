"""Codes of sources and citations."""

from enum import StrEnum


class SourceKind(StrEnum):
    """The kinds of sources that can be cited."""

    ARTICLE = "article"
    DOCUMENT = "document"
    SCREENSHOT = "screenshot"
    PHONE_CALL = "phone_call"
    OWN_KNOWLEDGE = "own_knowledge"


class Independence(StrEnum):
    """The independence of a source from the events. The source is independent, or published by the
    person or outlet that was attacked (`TARGET_ITSELF`) or by somebody else involved (`PARTY`), or
    it repeats another source (`REPEATS_ANOTHER`), and both count as one source.
    """

    INDEPENDENT = "independent"
    TARGET_ITSELF = "target_itself"
    PARTY = "party"
    REPEATS_ANOTHER = "repeats_another"


# The values that the form for a new source offers. REPEATS_ANOTHER is left out: it is set when a
# user names the source that this one repeats.
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
