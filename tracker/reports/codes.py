"""Closed sets of reports: for whom a file is, what it holds, and the outcome of a row and why."""

from enum import StrEnum


class Profile(StrEnum):
    """For whom a file is made; each profile has its list of columns."""

    INTERNAL = "internal"
    PARTNER = "partner"
    PUBLIC = "public"


class FileFormat(StrEnum):
    """How a file of one table is written."""

    CSV = "csv"
    SEMICOLONS = "csv_semicolons"
    XLSX = "xlsx"
    JSONL = "jsonl"

    @property
    def suffix(self) -> str:
        """Return what the name of the file ends in."""
        return "csv" if self is FileFormat.SEMICOLONS else self.value


class ExportKind(StrEnum):
    """Which file left."""

    INCIDENTS = "incidents"
    PUBLISHED = "published"
    PACKAGE = "package"


class RowChange(StrEnum):
    """The outcome of a row that somebody has of an earlier package."""

    ADDED = "added"
    CHANGED = "changed"
    REDACTED = "redacted"
    RETRACTED = "retracted"
    MERGED = "merged"


class LeftOut(StrEnum):
    """Why an existing row is no longer in a package."""

    OUTSIDE_FILTER = "outside_filter"
    NOT_SHARED = "not_shared"
    NOT_APPROVED = "not_approved"
