"""What of the database `flask audit verify` does not hold against the trail, and why."""

from __future__ import annotations

# By reason the tables, of which at most team and visibility are proved, and columns as
# `table.column` or `*.column`. Every other column is proved: a test holds that none is in neither.
UNPROVED: dict[str, tuple[str, ...]] = {
    "The trail holds that it was asked and agreed, when and by whom; not the reason.": (
        "erasures",
    ),
    "The trail holds that a file left, when and by whose hand; not with which rows.": (
        "export_runs", "exported_rows", "export_recipients", "export_choices",
    ),
    "Many terms are loaded by one entry that names them; what a label was can be read in the files "
    "that ship and in the entries of its edits.": ("terms",),
    "Words about a month, of which an entry has a short digest of each part alone.": (
        "monthly_texts",
    ),
    "Each cell as it came: the digest of the file is in the record of its import, and what was "
    "made of it are records.": ("import_rows",),
    "Habits of reading files, no evidence.": ("import_mappings",),
    "What colleagues say to each other and have looked at proves nothing.": (
        "appeal_comments", "case_comments", "fake_account_comments", "incident_comments",
        "proceeding_comments", "response_comments", "case_looks",
    ),
    "That two of one name are two, and how well the tracker suggests, is no evidence.": (
        "journalist_namesakes", "outlet_namesakes", "institution_namesakes", "suggestion_outcomes",
    ),
    "How people sign in: written at each sign-in, and good only until the next.": (
        "sessions", "known_devices", "second_factors", "recovery_codes", "sign_in_failures",
        "sign_in_links",
        "submissions",
    ),
    "Written with each save, also one that changes nothing else.": ("*.version", "*.updated_at"),
    "Numbers and times of rows that an edit may put in the place of others that say the same.": (
        "*.id", "*.cited_at",
    ),
    "A hash that changes with each password; when an account was made stands in its entry.": (
        "users.password_hash", "users.created_at",
    ),
    "What the last check of a file found, which is checked again.": ("import_batches.found",),
    "Made of what is proved, and made anew from it.": ("article_marks", "search_entries"),
}  # fmt: skip
