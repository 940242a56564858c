"""Codes of review: the editorial state, and reasons for retracting."""

from enum import StrEnum


class EditorialState(StrEnum):
    """The state of a record between draft and publication."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETRACTED = "retracted"


# States of a record that a second person has approved.
APPROVED_STATES = frozenset({EditorialState.APPROVED, EditorialState.PUBLISHED})


class RetractReason(StrEnum):
    """The reason why a record was retracted."""

    NOT_JOURNALIST = "not_journalist"
    NOT_WORK_RELATED = "not_work_related"
    DID_NOT_HAPPEN = "did_not_happen"
    DUPLICATE = "duplicate"
    CODING_ERROR = "coding_error"
    WITHDRAWN = "withdrawn"
    LEGAL = "legal"
