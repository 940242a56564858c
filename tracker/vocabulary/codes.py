"""Closed sets that every feature uses: the names of the taxonomies, and yes/no/unknown."""

from enum import StrEnum


class TermSet(StrEnum):
    """The names of the open taxonomies: administrators add, edit and retire their terms."""

    INCIDENT_TYPE = "incident_type"
    PLATFORM = "platform"
    REGION = "region"
    TOPIC = "topic"


class Answer(StrEnum):
    """The codes of a yes/no question whose answer may be unknown."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
