"""Canaries: a string found nowhere else in every text that the database holds, and the search for
them in whatever leaves.
"""

from __future__ import annotations

import base64
import codecs
import html
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_plus

import sqlalchemy as sa

from tracker.people.matching import name_keys
from tracker.users.models import User

CANARY = re.compile(r"cnry[a-z0-9_-]*", re.IGNORECASE)
# Of what begins like this in its first letters, no other text does by chance.
TOLD_APART = len("cnry-inc")
ENCODED = re.compile(r"[A-Za-z0-9+/_-]{16,}")

# All of them: whatever holds rows is imported with the models.
TABLES = User.metadata
# Texts left as they are, and why; `*.` stands for every table.
LEFT_ALONE = {
    "*.ref": "the key of addresses; refs of hidden records are searched for as they are",
    "*.country": "a code of two letters",
    "*.sort_key": "made from the name, which has a canary",
    "*.matching_key": "made from the name, which has a canary",
    "*.loose_key": "made from the name, which has a canary",
    "*.field": "the name of a field, a code",
    "*.sha256": "a digest",
    "suggestion_outcomes.record_ref": "the ref of a record, which is searched for as it is",
    "*.text_digest": "a digest",
    "*.media_type": "a code",
    "*.reported_month": "a month",
    "publications.region": "a code",
    "export_recipients.name": "to whom files are given, for everybody who may give them",
    "export_runs.question": "a digest",
    "export_runs.language": "a code",
    "exported_rows.digest": "a digest",
    "import_batches.encoding": "a code",
    "import_batches.separator": "a sign or two",
    "audit_events.*": "hashed into the chain; entries with canaries are written after planting",
    "audit_values_confidential.commitment": "a digest",
    "case_figures.public_ref": "the ref of a record, which is searched for as it is",
    "case_figures.last_ref": "the ref of a record, which is searched for as it is",
    "search_entries.*": "made from the records, which have canaries",
    "sign_in_failures.key": "a digest",
    "submissions.key_hash": "a digest",
    "teams.name": "named on every page of teams; not of any record",
    "terms.*": "the vocabulary, public",
    "institutions.*": "public bodies, in no team",
    "institution_names.*": "public bodies, in no team",
    "users.name": "by which the crawl signs in",
}
# A team's word, which everybody in the house reads.
FOR_THE_HOUSE = {"monthly_texts"}
# Empty where it is empty: of what came in, the article keeps the bytes where there is one.
STAYS_EMPTY = {"intake_items.content"}
# Values that sign somebody in: the real ones are searched for, so that the crawl can sign in.
AS_THEY_ARE = {"users.password_hash", "sessions.token_hash"}
ADDRESSES = {"url", "canonical_url", "archive_url"}


@dataclass(frozen=True, slots=True)
class Place:
    """Who keeps a row (None: no team does), who sees it, and whose it is, where it is one user's."""

    team: str | None
    visibility: str
    owner: str = ""

    @property
    def tag(self) -> str:
        return (self.team or "nobody")[:5].lower() + self.visibility[:1]


@dataclass(frozen=True, slots=True)
class Canary:
    """One planted text: where it lies, and the class of its column."""

    text: str
    table: str
    column: str
    level: str
    place: Place


@dataclass
class Planted:
    """Every canary, secret of signing in, and ref of a record of some team; by text in lower case."""

    canaries: dict[str, Canary] = field(default_factory=dict)
    secrets: dict[str, Canary] = field(default_factory=dict)
    refs: dict[str, Canary] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: their name ("" for nobody), roles and teams."""

    name: str
    roles: frozenset[str]
    teams: frozenset[str]


def is_left_alone(table: str, column: str) -> bool:
    return any(name in LEFT_ALONE for name in (f"*.{column}", f"{table}.*", f"{table}.{column}"))


def text_columns(table: sa.Table) -> Iterator[sa.Column[Any]]:
    """Yield the columns that hold free text, or a file."""
    for column in table.columns:
        is_text = isinstance(column.type, sa.String) and not isinstance(column.type, sa.Enum)
        if is_text or isinstance(column.type, sa.LargeBinary):
            yield column


def columns_to_plant() -> Iterator[tuple[sa.Table, sa.Column[Any]]]:
    for table in TABLES.sorted_tables:
        for column in text_columns(table):
            if not is_left_alone(table.name, column.name) and not column.foreign_keys:
                yield table, column


def name_canary(table: str, column: sa.Column[Any], tag: str) -> str:
    """Return the canary of a column and a row, within the length of the column."""
    whole = f"CNRY-{table}-{column.name}-{tag}"
    room = getattr(column.type, "length", None) or len(whole)
    if len(whole) > room:
        whole = f"CNRY-{zlib.crc32(whole.encode()):08x}-{tag}"
    if column.name == "name":
        # One word that is like no other: whoever is called by a word of her name is she.
        whole = f"CNRY{sha256(whole.encode()).hexdigest()[:24]}{tag[:-3]}"
    assert len(whole) <= room, f"no canary fits into {table}.{column.name}"
    return whole


def as_stored(column: sa.Column[Any], canary: str, now: Any) -> Any:
    """Return the canary in the shape that the column holds."""
    if isinstance(column.type, sa.LargeBinary):
        return canary.encode()
    if column.name in ADDRESSES:
        return f"https://example.org/{canary}"
    if column.name == "domains":
        return f"{canary}.example"
    # What is quoted from a text lies in it at the same place as before.
    return f"{now} {canary}" if column.name == "text" and now else canary


def plant(connection: sa.Connection, planted: Planted) -> None:
    """Write a canary into every text of every row, but for those left alone; note every ref."""
    teams = {row.id: row.name for row in connection.execute(sa.text("SELECT id, name FROM teams"))}
    users = {row.id: row.name for row in connection.execute(sa.text("SELECT id, name FROM users"))}
    for table in TABLES.sorted_tables:
        wanted = [column for one, column in columns_to_plant() if one is table]
        for number, row in enumerate(connection.execute(sa.select(table)).mappings().all(), 1):
            house = "internal" if table.name in FOR_THE_HOUSE else ""
            place = Place(
                teams.get(row.get("team_id", 0)),
                str(row.get("visibility", house)),
                users.get(row.get("user_id", 0), ""),
            )
            if place.team and "ref" in row:
                ref = Canary(row["ref"], table.name, "ref", "public", place)
                planted.refs[ref.text.lower()] = ref
            values = {}
            for column in wanted:
                now, tag = row[column.name], f"{place.tag}{number:03}"
                if now is None and f"{table.name}.{column.name}" in STAYS_EMPTY:
                    continue
                secret = f"{table.name}.{column.name}" in AS_THEY_ARE
                text = now if secret else name_canary(table.name, column, tag)
                canary = Canary(text, table.name, column.name, column.info["class"], place)
                if not secret:
                    planted.canaries[text.lower()] = canary
                    values[column.name] = as_stored(column, text, now)
                elif len(text) > 1:
                    # The console's "!" matches no password and is no secret.
                    planted.secrets[text.lower()] = canary
            if "matching_key" in row and "name" in values:
                # So that whoever types the name is offered its bearer.
                plain, loose = name_keys(values["name"])
                values |= {"matching_key": plain, "loose_key": loose}
            if values:
                key = [column == row[column.name] for column in table.primary_key]
                connection.execute(sa.update(table).where(*key).values(values))


def may_read(canary: Canary, viewer: Viewer, address: str) -> bool:
    """Say whether a page may show it, from the class of the column and the row's team alone."""
    place = canary.place
    if not viewer.name:
        return False
    if place.team is None:
        # The name of one's own browser, in the list of one's own sessions.
        return canary.level == "internal" and place.owner == viewer.name
    if canary.level == "confidential":
        is_its_page = address.partition("?")[0].endswith(("/confidential", "/mask", "/naming"))
        return is_its_page and "staff" in viewer.roles and place.team in viewer.teams
    return place.visibility == "internal" or place.team in viewer.teams


def readings(text: str) -> Iterator[str]:
    """Yield a text and what stands in it under another spelling."""
    yield text
    for other in (html.unescape(text), unquote_plus(text), _without_escapes(text)):
        if other != text:
            yield other
    for run in ENCODED.findall(text):
        yield from _decoded(run)


def found_in(text: str, planted: Planted) -> set[str]:
    """Return every canary and ref in a text, in lower case; of one that is cut what is left."""
    found: set[str] = set()
    for reading in readings(text):
        lower = reading.lower()
        if "cnry" in lower:
            matches = {match.rstrip("-") for match in CANARY.findall(lower)}
            # Tokens are random: once in many thousand answers one spells the first letters.
            begun = _beginnings(frozenset(planted.canaries))
            found |= {one for one in matches if one[:TOLD_APART] in begun}
        found |= {ref for ref in planted.refs if ref in lower}
        found |= {one for one in planted.secrets if one in lower}
    return found


@lru_cache(maxsize=8)
def _beginnings(canaries: frozenset[str]) -> frozenset[str]:
    """Return by what canaries are known, also where more of one is cut off."""
    lengths = range(len("cnry-") + 1, TOLD_APART + 1)
    return frozenset(text[:length] for text in canaries for length in lengths)


def meant(found: str, planted: Planted) -> list[Canary]:
    """Return what a finding may be: one canary, or all that begin with what was left of it."""
    for known in (planted.canaries, planted.secrets, planted.refs):
        if found in known:
            return [known[found]]
    return [one for text, one in planted.canaries.items() if text.startswith(found)]


def _without_escapes(text: str) -> str:
    if "\\" not in text:
        return text
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda one: chr(int(one[1], 16)), text).replace("\\", "")


def _decoded(run: str) -> Iterator[str]:
    """Yield what a run of letters says as base64 (packed or not) or hex."""
    padded = run + "=" * (-len(run) % 4)
    with suppress(ValueError, zlib.error):
        raw = base64.urlsafe_b64decode(padded.replace("+", "-").replace("/", "_"))
        yield raw.decode("latin-1")
        yield zlib.decompress(raw).decode("latin-1")
    with suppress(ValueError):
        yield codecs.decode(run, "hex").decode("latin-1")
