"""Codes of reports: audiences, kinds of files, and what happened to exported rows."""

from enum import StrEnum


class Profile(StrEnum):
    """The audience of an export; each profile has its own list of columns."""

    INTERNAL = "internal"
    PARTNER = "partner"
    PUBLIC = "public"


class ExportKind(StrEnum):
    """The kind of a file in the export log: a table of incidents, a table of published incidents,
    or a package. A case dossier is logged as `PACKAGE`, a download of the rows of an imported file
    and a chart whose rows are records as `INCIDENTS`.
    """

    INCIDENTS = "incidents"
    PUBLISHED = "published"
    PACKAGE = "package"


class PublicStatus(StrEnum):
    """What has happened to an incident since it was published."""

    PUBLISHED = "published"
    UNDER_REVISION = "under_revision"
    RETRACTED = "retracted"
    WITHDRAWN = "withdrawn"


class RowChange(StrEnum):
    """What happened to a row that a recipient has from an earlier package."""

    ADDED = "added"
    CHANGED = "changed"
    REDACTED = "redacted"
    RETRACTED = "retracted"
    MERGED = "merged"


class ExclusionReason(StrEnum):
    """Why a record that still exists is not in a package, although an earlier one had it."""

    OUTSIDE_FILTER = "outside_filter"
    NOT_SHARED = "not_shared"
    NOT_APPROVED = "not_approved"
