"""Closed sets that the rules alone reason about; no page shows them by their codes."""

from enum import StrEnum


class Part(StrEnum):
    """The part that a person plays in an article; who plays none has no part."""

    JOURNALIST = "journalist"
    OFFICIAL = "official"
    LAWYER = "lawyer"
    RELATIVE = "relative"
    SUSPECT = "suspect"
    AUTHOR = "author"
    ADVOCATE = "advocate"
    OTHER = "other"


class Reality(StrEnum):
    """Whether what a sentence names happened, as the article tells it."""

    HAPPENED = "happened"
    NEGATED = "negated"
    HYPOTHETICAL = "hypothetical"
    DENIED = "denied"
    BACKGROUND = "background"
