"""Codes of timelines: lanes, tones, kinds of entries, and kinds of response clocks."""

from enum import StrEnum


class Lane(StrEnum):
    """One of the two rows of a timeline: what was done to targets, or what authorities did."""

    DONE = "done"
    AUTHORITIES = "authorities"


class Tone(StrEnum):
    """The kind of colour and shape of an entry. Most entries have the tone of their lane, DONE or
    AUTHORITIES; measures against the target, requests (ASKED) and silences have their own.
    """

    DONE = "done"
    AUTHORITIES = "authorities"
    COUNTERMEASURE = "countermeasure"
    ASKED = "asked"
    SILENCE = "silence"


class EntryKind(StrEnum):
    """What an entry of a timeline shows, such as an incident or a step of a proceeding. SILENCE is
    a time without an answer.
    """

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
    """The event that a response clock waits for: any response, a substantive one, or promised
    action.
    """

    NO_RESPONSE = "no_response"
    NOT_SUBSTANTIVE = "not_substantive"
    ANNOUNCED = "announced"


class ClockStart(StrEnum):
    """The event from which a response clock counts days: publication, or notice to authorities."""

    PUBLIC = "public"
    NOTIFIED = "told"
