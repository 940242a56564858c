"""Closed sets of reports: audiences, file formats, and the outcome of rows with reasons."""

from enum import StrEnum


class Profile(StrEnum):
    """The audience of a file; each profile has its list of columns."""

    INTERNAL = "internal"
    PARTNER = "partner"
    PUBLIC = "public"


class FileFormat(StrEnum):
    """The format of a file with one table."""

    CSV = "csv"
    SEMICOLONS = "csv_semicolons"
    XLSX = "xlsx"
    JSONL = "jsonl"

    @property
    def suffix(self) -> str:
        """Return the extension of the file."""
        return "csv" if self is FileFormat.SEMICOLONS else self.value


class ExportKind(StrEnum):
    """The kind of exported file."""

    INCIDENTS = "incidents"
    PUBLISHED = "published"
    PACKAGE = "package"


class RowChange(StrEnum):
    """What happened to a row that a recipient has from an earlier package."""

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
