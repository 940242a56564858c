"""What of the database is in no package, and why: every other column is in a declared table."""

from __future__ import annotations

from fnmatch import fnmatchcase

# By reason the tables, or columns of them, as patterns. The first that fits is the reason.
STAYS: dict[str, tuple[str, ...]] = {
    "Confidential: for staff of the team alone, on pages of their own.": ("*_confidential",),
    "The trail is proven where it was written.": ("audit_*",),
    "People of the house, and how they sign in.": (
        "team_members", "user*", "known_devices", "recovery_codes", "second_factors", "sessions",
        "sign_in_failures", "sign_in_links", "submissions", "cases.lead_id",
    ),
    "Who did it in the house, says the trail.": (
        "*.recorded_by_id", "*.revised_by_id", "*.approved_by_id", "*.masked_by_id",
        "*.published_by_id", "*.summarised_by_id",
    ),
    "What colleagues say to each other, ask of each other and have looked at.": (
        "*_comments", "case_looks",
    ),
    "Who asked that something be erased; what was erased is nowhere.": ("erasures",),
    "What left, and the figures of published months, which have files of their own.": (
        "export*", "published_months", "monthly_texts",
    ),
    "What came in and is no record yet, and how well the tracker suggests.": (
        "import_*", "intake_items", "suggestion_outcomes",
    ),
    "The bytes that came in: the sources of a record go out with them.": ("article_originals",),
    "That two of one name are two is asked anew where they are entered.": ("*_namesakes",),
    "Made of what is in the package.": (
        "search_*", "article_marks", "articles.text_digest", "articles.canonical_url",
        "*.sort_key", "*_names.*_key",
    ),
    "Whoever is not to be named has no row.": ("journalists.name_closed_on",),
    "Whoever stands twice has one row: the one that stays.": (
        "*.moved", "journalists.merged_into_id", "outlets.merged_into_id",
        "institutions.merged_into_id",
    ),
    "Follows from what was decided about a name, which is confidential: whoever receives a package "
    "decides anew.": ("incident_targets.name_reach",),
    "The open sets are in `codes`, and each record says its team by name.": ("terms", "teams"),
    "Rows are called by refs, and by numbers within their record.": ("*.id",),
    "Rows have the team and are seen as the record on which they hang.": (
        "*.team_id", "*.visibility",
    ),
}  # fmt: skip


def why_it_stays(table: str, column: str) -> str | None:
    """Return why a column is in no package, None where nothing says so."""
    for reason, patterns in STAYS.items():
        for pattern in patterns:
            name = f"{table}.{column}" if "." in pattern else table
            if fnmatchcase(name, pattern):
                return reason
    return None
