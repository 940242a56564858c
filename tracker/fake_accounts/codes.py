"""The closed sets of codes of fake accounts and their events."""

from enum import StrEnum


class AccountKind(StrEnum):
    """The kind of a fake account, which may also be a website, phone number or document."""

    PROFILE = "profile"
    CHANNEL = "channel"
    GROUP = "group"
    WEBSITE = "website"
    PHONE_NUMBER = "phone_number"
    EMAIL = "email"
    ADVERT = "advert"
    DOCUMENT = "document"
    APP = "app"


class AccountEvent(StrEnum):
    """The type of an event of a fake account."""

    FIRST_SEEN = "first_seen"
    REPORTED_TO_PLATFORM = "reported_to_platform"
    REPORTED_TO_AUTHORITY = "reported_to_authority"
    BLOCK_ORDERED = "block_ordered"
    BLOCKED = "blocked"
    SUSPENDED = "suspended"
    REMOVED_BY_PLATFORM = "removed_by_platform"
    REMOVED_BY_OWNER = "removed_by_owner"
    RESTORED = "restored"
    SEEN_AGAIN = "seen_again"
    CHECKED_ACTIVE = "checked_active"
    CHECKED_GONE = "checked_gone"


class AccountStatus(StrEnum):
    """The status of a fake account, derived from its events, never entered."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    SUSPENDED = "suspended"
    REMOVED = "removed"
    GONE = "gone"
    UNKNOWN = "unknown"


class AccountFate(StrEnum):
    """The category of a fake account in figures about takedowns; derived, never entered.

    `UNDATED`: taken down, but unknown since when it was up; `NOT_COUNTED`: not identified by its
    source, or without such events.
    """

    TAKEN_DOWN = "taken_down"
    STILL_UP = "still_up"
    UNDATED = "undated"
    NOT_COUNTED = "not_counted"


class Reappearance(StrEnum):
    """Whether an account that was taken down reappeared as another account. YES: it has a successor
    that is confirmed or likely; POSSIBLY: it has only possible successors.
    """

    YES = "yes"
    POSSIBLY = "possibly"


class SuccessionCertainty(StrEnum):
    """How certain it is that one account reappeared as another account; entered by the user."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    POSSIBLE = "possible"


class SuccessionBasis(StrEnum):
    """The reason why one account is considered the successor of another."""

    SAME_NAME = "same_name"
    SAME_PHOTOGRAPH = "same_photograph"
    SAME_TEXT = "same_text"
    HANDLE_PATTERN = "handle_pattern"
    ADMITTED = "admitted"
