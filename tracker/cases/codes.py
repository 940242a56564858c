"""Codes of cases: status, accountability steps, kinds of deadlines and links."""

from enum import StrEnum


class Lifecycle(StrEnum):
    """The status of a case: open, dormant, closed or reopened."""

    OPEN = "open"
    DORMANT = "dormant"
    CLOSED = "closed"
    REOPENED = "reopened"


class Accountability(StrEnum):
    """How far a case has come in holding the perpetrators to account. It is derived from the
    records of the case, or set by hand with a reason.
    """

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
    """The kind of a deadline in the calendar file. Labels of kinds contain no name of a person."""

    ANSWER_DUE = "answer_due"
    PROCEEDING_STEP = "proceeding_step"
    EXPECTED_END = "expected_end"


class CaseLinkKind(StrEnum):
    """The relation of one case to another, such as "follows". The inverse relation ("is followed
    by") is not stored.
    """

    FOLLOWS = "follows"
    PARALLEL = "parallel"
    RETALIATION_FOR = "retaliation_for"
    SAME_PERPETRATOR = "same_perpetrator"
