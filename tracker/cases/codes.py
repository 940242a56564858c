"""Closed sets of cases."""

from enum import StrEnum


class Lifecycle(StrEnum):
    """Whether a case is being followed."""

    OPEN = "open"
    DORMANT = "dormant"
    CLOSED = "closed"
    REOPENED = "reopened"


class Accountability(StrEnum):
    """How far accountability has come; derived, or set by hand with a reason."""

    NO_RESPONSE = "no_response"
    STATEMENTS_ONLY = "statements_only"
    INVESTIGATION_ANNOUNCED = "investigation_announced"
    INVESTIGATION_REGISTERED = "investigation_registered"
    SUSPECTS_OR_CHARGES = "suspects_or_charges"
    TRIAL = "trial"
    FULL_JUSTICE = "full_justice"
    PARTIAL_JUSTICE = "partial_justice"
    COMPLETE_IMPUNITY = "complete_impunity"
    CLOSED_WITHOUT_RESULT = "closed_without_result"
    JUSTICE_DISPUTED = "justice_disputed"


class DeadlineKind(StrEnum):
    """What happens on a day of the calendar of deadlines; it names nobody."""

    ANSWER_DUE = "answer_due"
    PROCEEDING_STEP = "proceeding_step"
    EXPECTED_END = "expected_end"


class CaseLinkKind(StrEnum):
    """How one case relates to another; the inverse is derived."""

    FOLLOWS = "follows"
    PARALLEL = "parallel"
    RETALIATION_FOR = "retaliation_for"
    SAME_PERPETRATOR = "same_perpetrator"
