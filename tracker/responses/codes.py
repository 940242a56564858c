"""Closed sets of official responses: acts, stances and what they answer."""

from enum import StrEnum


class ActType(StrEnum):
    """What a body did or said when it responded; `rules.py` says which acts are substantive."""

    STATEMENT = "statement"
    CONDEMNATION = "condemnation"
    ACKNOWLEDGEMENT = "acknowledgement"
    APOLOGY = "apology"
    DENIAL = "denial"
    NO_COMMENT = "no_comment"
    NO_REPLY = "no_reply"
    PLEDGE = "pledge"
    COMPLAINT_REGISTERED = "complaint_registered"
    REFERRAL = "referral"
    INVESTIGATION_ANNOUNCED = "investigation_announced"
    INFORMATION_REQUEST = "information_request"
    COUNTERMEASURE = "countermeasure"
    INVESTIGATION_OPENED = "investigation_opened"
    INVESTIGATION_REFUSED = "investigation_refused"
    INVESTIGATION_SUSPENDED = "investigation_suspended"
    INVESTIGATION_CLOSED = "investigation_closed"
    SUSPECT = "suspect"
    ARREST = "arrest"
    CHARGE = "charge"
    TRIAL = "trial"
    VERDICT = "verdict"
    DISCIPLINARY = "disciplinary"
    PROTECTION_OFFERED = "protection_offered"
    PROTECTION_GIVEN = "protection_given"
    MEASURE_REVERSED = "measure_reversed"
    BLOCKING_ORDERED = "blocking_ordered"
    BLOCKED = "blocked"
    TAKEDOWN = "takedown"
    FORMAL_REPLY = "formal_reply"


class Standing(StrEnum):
    """Who answers; only the responsible state stops a clock."""

    RESPONSIBLE_STATE = "responsible_state"
    OTHER_STATE = "other_state"
    INTERGOVERNMENTAL = "intergovernmental"
    PLATFORM = "platform"
    OTHER = "other"


class Stance(StrEnum):
    """How the answer stands to what was done; one is primary, any others are added."""

    CONDEMNS = "condemns"
    ACKNOWLEDGES = "acknowledges"
    ACKNOWLEDGES_DENIES_RESPONSIBILITY = "acknowledges_denies_responsibility"
    ALTERNATIVE_EXPLANATION = "alternative_explanation"
    PROCEDURAL = "procedural"
    DENIES = "denies"
    DEFLECTS = "deflects"
    BLAMES_TARGET = "blames_target"
    THREATENS = "threatens"
    MIXED = "mixed"
    UNCLEAR = "unclear"


class QuoteIs(StrEnum):
    """Whether the words are the speaker's own."""

    DIRECT = "direct"
    REPORTED = "reported"
    TRANSLATED = "translated"


class AnswerScope(StrEnum):
    """What a response answers."""

    INCIDENTS = "incidents"
    CASE = "case"
    SITUATION = "situation"
