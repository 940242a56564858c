"""Closed sets of timelines: the two lanes, and what kinds of entries stand in them."""

from enum import StrEnum


class Lane(StrEnum):
    """The side on which an entry stands: the kind of record decides, never the actor."""

    DONE = "done"
    AUTHORITIES = "authorities"


class EntryKind(StrEnum):
    """What an entry tells of."""

    INCIDENT = "incident"
    TARGET_STATUS = "target_status"
    ACCOUNT = "account"
    ACCOUNT_EVENT = "account_event"
    RESPONSE = "response"
    COUNTERMEASURE = "countermeasure"
