"""The closed sets of intake: what is suggested, what became of it, and how what came in ends."""

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
    """What a person made of a suggestion, or that there was none of what was recorded."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REFUSED = "refused"
    ADDED = "added"


class InboxState(StrEnum):
    """How far somebody is with what came in, and how it ended."""

    RECEIVED = "received"
    TAKEN = "taken"
    UNREADABLE = "unreadable"
    LOGGED = "logged"
    ADDS_SOURCE = "adds_source"
    OUT_OF_SCOPE = "out_of_scope"


class UnreadReason(StrEnum):
    """Why no article came out of a file."""

    KIND = "kind"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    TIMEOUT = "timeout"
    BINARY = "binary"
    ENCRYPTED = "encrypted"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
