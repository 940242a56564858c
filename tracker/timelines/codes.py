"""Closed sets of timelines: lanes and tones, kinds of entries, and the clocks."""

from enum import StrEnum


class Lane(StrEnum):
    """The side on which an entry stands: the kind of record decides, never the actor."""

    DONE = "done"
    AUTHORITIES = "authorities"


class Tone(StrEnum):
    """How an entry is coloured and called: as its lane, unless it must never pass for that."""

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
    """Since when a clock counts."""

    PUBLIC = "public"
    TOLD = "told"
