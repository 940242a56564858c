"""Closed sets of timelines: lanes and tones, kinds of entries, and the clocks."""

from enum import StrEnum


class Lane(StrEnum):
    """The lane of an entry, decided by the kind of record."""

    DONE = "done"
    AUTHORITIES = "authorities"


class Tone(StrEnum):
    """The colour of an entry: that of its lane, with exceptions."""

    DONE = "done"
    AUTHORITIES = "authorities"
    COUNTERMEASURE = "countermeasure"
    ASKED = "asked"
    SILENCE = "silence"


class EntryKind(StrEnum):
    """The kind of an entry."""

    INCIDENT = "incident"
    TARGET_STATUS = "target_status"
    ACCOUNT = "account"
    ACCOUNT_EVENT = "account_event"
    RESPONSE = "response"
    COUNTERMEASURE = "countermeasure"
    APPEAL = "appeal"
    PROCEEDING_STEP = "proceeding_step"
    SILENCE = "silence"


class ClockKind(StrEnum):
    """The event that a clock waits for."""

    NO_RESPONSE = "no_response"
    NOT_SUBSTANTIVE = "not_substantive"
    ANNOUNCED = "announced"


class ClockStart(StrEnum):
    """The event from which a clock counts."""

    PUBLIC = "public"
    NOTIFIED = "told"
