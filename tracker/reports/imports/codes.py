"""Codes of imports: fields of columns, problems of cells, and states of imports and rows."""

from enum import StrEnum


class ImportState(StrEnum):
    """The state of an import: file received, rows checked, incidents created, or import undone."""

    RECEIVED = "received"
    CHECKED = "checked"
    TAKEN = "taken"
    UNDONE = "undone"


class ImportField(StrEnum):
    """The field that a column of an imported file is mapped to."""

    OCCURRED = "occurred"
    UNTIL = "until"
    TYPES = "types"
    COUNTRY = "country"
    REGION = "region"
    PLACE = "place"
    JOURNALISTS = "journalists"
    OUTLETS = "outlets"
    ACTOR = "actor"
    TITLE = "title"
    NARRATIVE = "narrative"
    IDENTIFIER = "identifier"
    URL = "url"


class ListSeparator(StrEnum):
    """The separator of names or types in one cell."""

    NOTHING = "nothing"
    COMMA = "comma"
    SEMICOLON = "semicolon"
    BAR = "bar"
    LINE = "line"


class DayOrder(StrEnum):
    """The order of day and month in numeric dates: whether 3/4/2025 is in April or in March.
    `AS_SHOWN`: unknown, so that only dates which show it themselves are read, such as 3/25/2025.
    """

    AS_SHOWN = "as_shown"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class ProblemKind(StrEnum):
    """The kind of problem with a cell or row of an imported file."""

    NOT_A_DATE = "not_a_date"
    AMBIGUOUS_DATE = "ambiguous_date"
    IN_THE_FUTURE = "in_the_future"
    REVERSED = "reversed"
    NO_TYPE = "no_type"
    UNKNOWN_TYPE = "unknown_type"
    ASSESSED_TYPE = "assessed_type"
    NO_COUNTRY = "no_country"
    UNKNOWN_COUNTRY = "unknown_country"
    UNKNOWN_ACTOR = "unknown_actor"
    NO_NAME = "no_name"
    BAD_NAME = "bad_name"
    TOO_LONG = "too_long"
    BAD_ADDRESS = "bad_address"


class SkipReason(StrEnum):
    """Why rows are skipped: they have wrong cells, resemble an existing incident, or repeat an
    earlier row of the file.
    """

    WRONG = "wrong"
    ALIKE = "alike"
    REPEATED = "repeated"


class RowFate(StrEnum):
    """The outcome of a row: waiting, made into an incident, or known: it was recorded already."""

    WAITING = "waiting"
    MADE = "made"
    KNOWN = "known"
