"""The metadata of a package: schema, README and data dictionary; pure.

Always in English: headers and schemas are for programs, and are never translated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tracker.reports.codes import Profile
from tracker.reports.tables import CHANGES, FLAT_INCIDENTS, TABLES, Column, ColumnKind, Table

# By reason, patterns of the tables or columns that are in no package; the first match counts.
NOT_EXPORTED_BY_REASON: dict[str, tuple[str, ...]] = {
    "Confidential: only for staff of the team, on separate pages.": ("*_confidential",),
    "The audit log can be verified only in the tracker that wrote it.": ("audit_*",),
    "Users, and how they sign in.": (
        "team_members", "user*", "known_devices", "recovery_codes", "second_factors", "sessions",
        "sign_in_failures", "sign_in_links", "calendar_links", "mail_notices", "submissions",
        "cases.lead_id",
    ),
    "Which user did it is in the audit log.": (
        "*.recorded_by_id", "*.revised_by_id", "*.approved_by_id", "*.masked_by_id",
        "*.published_by_id", "*.summarised_by_id",
    ),
    "Internal discussion, assignments, and what users follow.": ("*_comments", "follow*"),
    "Requests for erasure; what was erased no longer exists.": ("erasures",),
    "The export log, and published months, which have separate files.": (
        "export*", "published_months", "monthly_texts",
    ),
    "Imported material that is no record yet, and the outcomes of suggestions.": (
        "import_*", "intake_items", "suggestion_outcomes",
    ),
    "Original files, which are downloaded with the sources of a record.": ("article_originals",),
    "Decisions that two records are not duplicates: the recipient decides again.": ("*_namesakes",),
    "Derived from other columns of the package.": (
        "search_*", "article_marks", "case_figures", "articles.text_digest",
        "articles.canonical_url", "*.sort_key", "*_names.*_key",
    ),
    "People whose name is redacted have no row.": ("journalists.name_closed_on",),
    "Merged records have one row: that of the remaining record.": (
        "*.moved", "journalists.merged_into_id", "outlets.merged_into_id",
        "institutions.merged_into_id",
    ),
    "Derived from the naming consent, which is confidential: the recipient decides again.": (
        "incident_targets.name_reach",
    ),
    "The terms are in `codes`, and each record has the name of its team.": ("terms", "teams"),
    "Rows are identified by refs, and by numbers within their record.": ("*.id",),
    "Rows have the team and visibility of their record.": (
        "*.team_id", "*.visibility",
    ),
}  # fmt: skip
# Raised with a change of any table, and mentioned in the changelog.
PACKAGE_VERSION = "1.1"
# By kind of column, its type in the schema; any other is a string.
JSON_TYPE_OF_KIND = {
    ColumnKind.NUMBER: "integer",
    ColumnKind.ORDINAL: "integer",
    ColumnKind.DAY: "date",
    ColumnKind.MOMENT: "datetime",
}
# By profile, the audience as text.
AUDIENCE_OF_PROFILE = {
    Profile.INTERNAL: "internal: for this organisation only, with all that its maker may see",
    Profile.PARTNER: "partner: only people who agreed are named, without internal texts",
    Profile.PUBLIC: "public: only what is published",
}


def audience_label(profile: Profile, *, drafts: bool) -> str:
    """Return the audience of a package as text, with whether drafts are included."""
    of = {
        True: "; drafts included: rows whose state is neither approved nor published",
        False: "; without drafts: only what is approved or published",
    }
    return AUDIENCE_OF_PROFILE[profile] + (of[drafts] if profile is Profile.PARTNER else "")


def build_datapackage(
    tables: Sequence[Table],
    profile: Profile,
    files: Mapping[str, Mapping[str, Any]],
    created: str,
    *,
    drafts: bool = False,
) -> str:
    """Return the content of `datapackage.json`, by the Frictionless standard. `files`: size and
    hash of each file by its name; `created`: the time, as ISO 8601.

    `drafts`: whether a package for partners includes records that are not approved.
    """
    present = {table.name for table in tables}
    return _format_json({
        "profile": "tabular-data-package",
        "name": "incidents-against-journalists",
        "version": PACKAGE_VERSION,
        "created": created,
        "description": audience_label(profile, drafts=drafts),
        "resources": [
            _resource_schema(one, profile, present, files[f"{one.name}.csv"]) for one in tables
        ],
    })  # fmt: skip


def build_readme(
    *,
    details: Iterable[tuple[str, str]],
    rows: Mapping[str, int],
    files: Mapping[str, Mapping[str, Any]],
) -> str:
    """Return the content of the README: `details`, as pairs of name and value, the number of rows,
    and the hashes of the files; `rows`, `files`: by the name of the file.
    """
    said = [f"{name}: {words}" for name, words in details]
    lines = [
        "Incidents against journalists: a data package",
        "=============================================",
        "",
        *said,
        "",
        "Tables are CSV (RFC 4180, UTF-8, comma, CR LF), described in datapackage.json.",
        "An empty cell: not recorded, or not in this file. `withheld`: recorded, but not shared.",
        "In a file for others a person is named only if every record about them allows it. Anybody",
        "else has a row among the targets that refers to nobody.",
        "Values are raw. A spreadsheet may run a cell that begins with = + - or @: import the",
        "files as text, or use the CSV of incidents, which is protected against that.",
        "",
        *(f"{rows[name]:>9} rows  {name}" for name in rows),
        "",
        "SHA-256",
        *(f"{about['hash'].removeprefix('sha256:')}  {name}" for name, about in files.items()),
    ]
    return "\r\n".join(lines) + "\r\n"


def build_dictionary() -> str:
    """Return the content of docs/data-dictionary.md: exported tables and columns, and for whom."""
    lines = [
        "# Data dictionary",
        "",
        (
            f"Version {PACKAGE_VERSION}. Written by `flask reports dictionary` from "
            "`tracker/reports/tables/`,"
        ),
        "which also define headers and schemas: change it there.",
        "",
        "Who gets a column: i = internal, p = partner, w = public.",
        "Columns that are not listed are in no file; the reasons are at the end.",
    ]
    for table in (*TABLES, CHANGES, FLAT_INCIDENTS):
        key = f" Key: `{', '.join(table.key)}`." if table.key else ""
        lines += ["", f"## {table.name}", "", table.description + key, ""]
        lines += ["| column | type | for | what it says |", "|---|---|---|---|"]
        lines += [_dictionary_line(one) for one in table.columns]
    lines += ["", "## Left out", ""]
    lines += [
        f"- {', '.join(f'`{name}`' for name in names)}: {reason}"
        for reason, names in NOT_EXPORTED_BY_REASON.items()
    ]
    return "\n".join(lines) + "\n"


def _dictionary_line(column: Column) -> str:
    """Return the line of a column in the data dictionary, as a row of a Markdown table."""
    kind = JSON_TYPE_OF_KIND.get(column.kind, "string")
    of = (
        f" → `{column.referenced_table}`"
        if column.referenced_table in {one.name for one in TABLES}
        else ""
    )
    marks = "".join(
        mark for mark, profile in zip("ipw", Profile, strict=True) if profile in column.profiles
    )
    meaning = column.description.replace("|", "\\|")
    if column.codes:
        meaning += " " + ", ".join(f"`{code.value}`" for code in column.codes) + "."
    return f"| `{column.name}` | {kind}{of} | {marks} | {meaning} |"


def _resource_schema(
    table: Table, profile: Profile, present: set[str], about: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the schema of a table; `present`: tables in the package; `about`: size and hash."""
    columns = table.columns_for(profile)
    keys = [
        {
            "fields": [one.name],
            "reference": {
                "resource": "" if one.referenced_table == table.name else one.referenced_table,
                "fields": ["ref"],
            },
        }
        for one in columns
        if one.referenced_table in present - {"codes"}
    ]  # fmt: skip
    if table.name == "target_statuses":
        both = {"resource": "targets", "fields": ["incident", "number"]}
        keys.append({"fields": ["incident", "target"], "reference": both})
    schema: dict[str, Any] = {
        "fields": [_field_schema(one, one.name in table.key) for one in columns]
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    if keys:
        schema["foreignKeys"] = keys
    return {
        "name": table.name,
        "type": "table",
        "profile": "tabular-data-resource",
        "path": f"{table.name}.csv",
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "doubleQuote": True},
        **about,
        "schema": schema,
    }


def _field_schema(column: Column, is_key: bool) -> dict[str, Any]:  # noqa: FBT001 (one caller, above)
    """Return the schema of a column; `is_key`: whether it belongs to the key of its table."""
    kind = JSON_TYPE_OF_KIND.get(column.kind, "string")
    found: dict[str, Any] = {"name": column.name, "type": kind, "description": column.description}
    constraints: dict[str, Any] = {"required": True} if is_key else {}
    if column.codes:
        constraints["enum"] = [code.value for code in column.codes]
    if constraints:
        found["constraints"] = constraints
    return found


def _format_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
