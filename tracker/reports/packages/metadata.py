"""The metadata of a package: schema, README and data dictionary; pure.

Always in English: headers and schemas are for programs, and are never translated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from tracker.reports.codes import Profile
from tracker.reports.tables import CHANGES, FLAT, TABLES, Column, Kind, Table

# By reason, tables or columns as patterns. The first that matches is the reason.
LEFT_OUT_BY_REASON: dict[str, tuple[str, ...]] = {
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
        "search_*", "article_marks", "case_figures", "articles.text_digest",
        "articles.canonical_url", "*.sort_key", "*_names.*_key",
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
# Raised with a change of any table, and mentioned in the changelog.
PACKAGE_VERSION = "1.1"
JSON_TYPE_OF_KIND = {
    Kind.NUMBER: "integer",
    Kind.ORDINAL: "integer",
    Kind.DAY: "date",
    Kind.MOMENT: "datetime",
}
AUDIENCE_OF_PROFILE = {
    Profile.INTERNAL: "internal: for the house alone, with all that whoever took it may see",
    Profile.PARTNER: "partner: nobody is named who did not agree, and no words of the house",
    Profile.PUBLIC: "public: what is published, for anybody",
}


def audience_label(profile: Profile, *, drafts: bool) -> str:
    """Return the audience of a package as text."""
    of = {
        True: "; drafts included: rows whose state is neither approved nor published",
        False: "; without drafts: only what is approved or published",
    }
    return AUDIENCE_OF_PROFILE[profile] + (of[drafts] if profile is Profile.PARTNER else "")


def datapackage(
    tables: Sequence[Table],
    profile: Profile,
    files: Mapping[str, Mapping[str, Any]],
    created: str,
    *,
    drafts: bool = False,
) -> str:
    """Return `datapackage.json` (Frictionless).

    `files`: bytes and sha256 of each file; `drafts`: whether one for partners includes records that
    are not approved.
    """
    present = {table.name for table in tables}
    return _json({
        "profile": "tabular-data-package",
        "name": "incidents-against-journalists",
        "version": PACKAGE_VERSION,
        "created": created,
        "description": audience_label(profile, drafts=drafts),
        "resources": [
            _resource(one, profile, present, files[f"{one.name}.csv"]) for one in tables
        ],
    })  # fmt: skip


def readme(
    *,
    facts: Iterable[tuple[str, str]],
    rows: Mapping[str, int],
    files: Mapping[str, Mapping[str, Any]],
) -> str:
    """Return the README: audience, time, filter and content of the package."""
    said = [f"{name}: {words}" for name, words in facts]
    lines = [
        "Incidents against journalists: a data package",
        "=============================================",
        "",
        *said,
        "",
        "Tables are CSV (RFC 4180, UTF-8, comma, CR LF), described in datapackage.json.",
        "An empty cell: not recorded, or not in this file. `withheld`: it is there, and not told.",
        "In a file for others a person is named where every record against them allows it. Who is",
        "not named has a row among the targets, which points to nobody.",
        "Values are raw. A spreadsheet may run a cell that begins with = + - or @: import the",
        "files as text, or take the CSV of incidents, which guards against that.",
        "",
        *(f"{rows[name]:>9} rows  {name}" for name in rows),
        "",
        "SHA-256",
        *(f"{about['hash'].removeprefix('sha256:')}  {name}" for name, about in files.items()),
    ]
    return "\r\n".join(lines) + "\r\n"


def dictionary() -> str:
    """Return docs/data-dictionary.md: every exported table and column, and for whom."""
    lines = [
        "# Data dictionary",
        "",
        (
            f"Version {PACKAGE_VERSION}. Written by `flask reports dictionary` from "
            "`tracker/reports/tables/`,"
        ),
        "as headers and schemas are: change it there.",
        "",
        "Who gets a column: i = internal, p = partner, w = the world.",
        "What is not listed never leaves; why, is said at the end.",
    ]
    for table in (*TABLES, CHANGES, FLAT):
        key = f" Key: `{', '.join(table.key)}`." if table.key else ""
        lines += ["", f"## {table.name}", "", table.says + key, ""]
        lines += ["| column | type | for | what it says |", "|---|---|---|---|"]
        lines += [_line(one) for one in table.columns]
    lines += ["", "## What stays at home", ""]
    lines += [
        f"- {', '.join(f'`{name}`' for name in names)}: {reason}"
        for reason, names in LEFT_OUT_BY_REASON.items()
    ]
    return "\n".join(lines) + "\n"


def _line(column: Column) -> str:
    kind = JSON_TYPE_OF_KIND.get(column.kind, "string")
    of = f" → `{column.refers}`" if column.refers in {one.name for one in TABLES} else ""
    marks = "".join(
        mark for mark, profile in zip("ipw", Profile, strict=True) if profile in column.profiles
    )
    says = column.says.replace("|", "\\|")
    if column.codes:
        says += " " + ", ".join(f"`{code.value}`" for code in column.codes) + "."
    return f"| `{column.name}` | {kind}{of} | {marks} | {says} |"


def _resource(
    table: Table, profile: Profile, present: set[str], about: Mapping[str, Any]
) -> dict[str, Any]:
    columns = table.columns_for(profile)
    keys = [
        {
            "fields": [one.name],
            "reference": {
                "resource": "" if one.refers == table.name else one.refers, "fields": ["ref"]
            },
        }
        for one in columns
        if one.refers in present - {"codes"}
    ]  # fmt: skip
    if table.name == "target_statuses":
        both = {"resource": "targets", "fields": ["incident", "number"]}
        keys.append({"fields": ["incident", "target"], "reference": both})
    schema: dict[str, Any] = {"fields": [_field(one, one.name in table.key) for one in columns]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    if keys:
        schema["foreignKeys"] = keys
    return {
        "name": table.name,
        "type": "table",
        "profile": "tabular-data-resource",
        "path": f"{table.name}.csv",
        "description": table.says,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "doubleQuote": True},
        **about,
        "schema": schema,
    }


def _field(column: Column, is_key: bool) -> dict[str, Any]:  # noqa: FBT001 (one caller, above)
    kind = JSON_TYPE_OF_KIND.get(column.kind, "string")
    found: dict[str, Any] = {"name": column.name, "type": kind, "description": column.says}
    constraints: dict[str, Any] = {"required": True} if is_key else {}
    if column.codes:
        constraints["enum"] = [code.value for code in column.codes]
    if constraints:
        found["constraints"] = constraints
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def reason_left_out(table: str, column: str) -> str | None:
    """Return why a column is in no package, None if there is no reason."""
    for reason, patterns in LEFT_OUT_BY_REASON.items():
        for pattern in patterns:
            name = f"{table}.{column}" if "." in pattern else table
            if fnmatchcase(name, pattern):
                return reason
    return None
