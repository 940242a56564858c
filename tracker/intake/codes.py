"""Codes of intake: kinds of suggestions, decisions on them, states of inbox items."""

from enum import StrEnum


class SuggestionKind(StrEnum):
    """The kind of record or value that a suggestion proposes; `TYPE` is an incident type, `ACT` one
    act of an official response.
    """

    TYPE = "type"
    JOURNALIST = "journalist"
    OUTLET = "outlet"
    DATE = "date"
    PLACE = "place"
    ACCOUNT = "account"
    RESPONSE = "response"
    ACT = "act"


class SuggestionVerdict(StrEnum):
    """What a user did with a suggestion. `CHANGED`: saved another value instead of the suggested
    one; `ADDED`: saved a value that was not suggested.
    """

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REFUSED = "refused"
    ADDED = "added"


class InboxState(StrEnum):
    """The state of an inbox item. Open: `RECEIVED`, `TAKEN` (assigned to a user), `UNREADABLE` (no
    text could be read from the file). Closed: `LOGGED` (records cite the article), `ADDS_SOURCE`
    (the article repeats an earlier one), `OUT_OF_SCOPE`.
    """

    RECEIVED = "received"
    TAKEN = "taken"
    UNREADABLE = "unreadable"
    LOGGED = "logged"
    ADDS_SOURCE = "adds_source"
    OUT_OF_SCOPE = "out_of_scope"


class UnreadReason(StrEnum):
    """The reason why no article could be read from a file. `KIND`: the file type is not supported;
    `TOO_LARGE`: the file has too many bytes; `TOO_LONG`: the text in the file is too long.
    """

    KIND = "kind"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    TIMEOUT = "timeout"
    BINARY = "binary"
    ENCRYPTED = "encrypted"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
