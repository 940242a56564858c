"""Closed sets of review: where a record stands, and why one is retracted."""

from enum import StrEnum


class EditorialState(StrEnum):
    """Where a record stands between being typed and being published."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETRACTED = "retracted"


# What a second person looked at, and has let through.
LET_THROUGH = frozenset({EditorialState.APPROVED, EditorialState.PUBLISHED})


class RetractReason(StrEnum):
    """Why a record no longer counts; it stays in the history."""

    NOT_JOURNALIST = "not_journalist"
    NOT_WORK_RELATED = "not_work_related"
    DID_NOT_HAPPEN = "did_not_happen"
    DUPLICATE = "duplicate"
    CODING_ERROR = "coding_error"
    WITHDRAWN = "withdrawn"
    LEGAL = "legal"
