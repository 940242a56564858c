"""Closed sets of intake: kinds of suggestions, their outcomes, and states of inbox items."""

from enum import StrEnum


class SuggestionKind(StrEnum):
    """What a suggestion proposes to record."""

    TYPE = "type"
    JOURNALIST = "journalist"
    OUTLET = "outlet"
    DATE = "date"
    PLACE = "place"
    ACCOUNT = "account"
    RESPONSE = "response"
    ACT = "act"


class SuggestionVerdict(StrEnum):
    """What a person decided about a suggestion, or that something was added without one."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REFUSED = "refused"
    ADDED = "added"


class InboxState(StrEnum):
    """The state of an inbox item."""

    RECEIVED = "received"
    TAKEN = "taken"
    UNREADABLE = "unreadable"
    LOGGED = "logged"
    ADDS_SOURCE = "adds_source"
    OUT_OF_SCOPE = "out_of_scope"


class UnreadReason(StrEnum):
    """The reason why no article could be read from a file."""

    KIND = "kind"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    TIMEOUT = "timeout"
    BINARY = "binary"
    ENCRYPTED = "encrypted"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
