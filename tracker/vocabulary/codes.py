"""Closed sets that every feature uses: the taxonomies there are, and yes, no or unknown."""

from enum import StrEnum


class TermSet(StrEnum):
    """The open taxonomies that editors own."""

    INCIDENT_TYPE = "incident_type"
    PLATFORM = "platform"
    REGION = "region"
    TOPIC = "topic"


class Answer(StrEnum):
    """A fact that may be unknown, which a boolean cannot say."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
