"""Closed sets that every feature uses: the names of taxonomies, and yes, no or unknown."""

from enum import StrEnum


class TermSet(StrEnum):
    """The open taxonomies, which editors maintain."""

    INCIDENT_TYPE = "incident_type"
    PLATFORM = "platform"
    REGION = "region"
    TOPIC = "topic"


class Answer(StrEnum):
    """Yes, no or unknown."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
