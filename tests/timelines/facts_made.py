"""Facts made by hand, for tests that need no database."""

from __future__ import annotations

from datetime import date

from tracker.timelines.build import Fact, Tag
from tracker.timelines.codes import EntryKind
from tracker.when import When, parse_when

KNOWN_BY = date(2025, 6, 20)


def at(typed: str) -> When:
    return parse_when(typed, known_by=KNOWN_BY)


def fact(ref: str, typed: str, kind: EntryKind = EntryKind.INCIDENT, *types: str, **more) -> Fact:
    defaults = {"endpoint": "incidents", "title": f"Record {ref}"}
    tags = tuple(Tag(code, code.replace("_", " ").capitalize()) for code in types)
    return Fact(kind=kind, ref=ref, when=at(typed), types=tags, **(defaults | more))
