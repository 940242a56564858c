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
    """What an entry tells of."""

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
    """What a clock waits for."""

    NO_RESPONSE = "no_response"
    NOT_SUBSTANTIVE = "not_substantive"
    ANNOUNCED = "announced"


class ClockStart(StrEnum):
    """From when a clock counts."""

    PUBLIC = "public"
    TOLD = "told"
