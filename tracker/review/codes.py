"""Closed sets of review: where a record is, and why one is retracted."""

from enum import StrEnum


class EditorialState(StrEnum):
    """The state of a record between draft and publication."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETRACTED = "retracted"


# What a second person looked at, and has let through.
LET_THROUGH = frozenset({EditorialState.APPROVED, EditorialState.PUBLISHED})


class RetractReason(StrEnum):
    """Why a record was retracted; it stays in the history."""

    NOT_JOURNALIST = "not_journalist"
    NOT_WORK_RELATED = "not_work_related"
    DID_NOT_HAPPEN = "did_not_happen"
    DUPLICATE = "duplicate"
    CODING_ERROR = "coding_error"
    WITHDRAWN = "withdrawn"
    LEGAL = "legal"
