"""The two files of one table: incidents for spreadsheets, and what is published."""

from __future__ import annotations

from tracker.incidents.codes import Extent, Verification, WorkLink
from tracker.incidents.models import Incident
from tracker.permissions import Visibility
from tracker.reports.tables.shape import (
    ANYBODY,
    INSIDE,
    OUTSIDE,
    Column,
    Kind,
    Table,
    code,
    day,
    declared,
    number,
    words,
)
from tracker.review.codes import EditorialState
from tracker.when import Precision


def _coded(
    name: str, says: str, *, kind: Kind = Kind.CODE, is_list: bool = False, outside: bool = True
) -> Column:
    profiles = OUTSIDE if outside else INSIDE
    return Column(name=name, says=says, kind=kind, is_list=is_list, profiles=profiles)


# Fixed and never translated; the declared circumstances that are not among these follow.
FIXED = (
    _coded("ref", "The incident, for ever."),
    number("revision", "Rises by one with each change."),
    words("title", "The title, proposed ones in the language that was asked for."),
    _coded("types", "The codes of its types, the primary one first.", is_list=True),
    _coded("type_labels", "The same in words.", is_list=True),
    _coded("primary_type", "The type by which it is counted."),
    code("extent", Extent, "Once, again and again, or lasting."),
    number("occurrences_at_least", "How often at least, where repeated."),
    _coded("occurred_edtf", "When it was, as EDTF."),
    day("occurred_earliest", "The first day on which it may have been; empty: open."),
    day("occurred_latest", "The last day on which it may have been."),
    code("occurred_precision", Precision, "How closely the date is known."),
    words("occurred_as_stated", "The date in the words of the source."),
    _coded("reported_month", "The month in which it counts, by the sources in the file."),
    _coded("country", "ISO 3166-1 alpha-2."),
    _coded("region", "ISO 3166-2."),
    words("place", "The place within the region."),
    code("work_link", WorkLink, "Whether it has to do with the work."),
    code("verification", Verification, "How well sources bear it out."),
    code("state", EditorialState, "Where it stands between being typed and being published."),
    _coded(
        "targets",
        "Everybody at whom it was aimed or whom it touched, as far as they may be named.",
        kind=Kind.TEXT,
        is_list=True,
    ),
    _coded("target_roles", "Their roles, in the same order.", is_list=True),
    number("n_journalists", "How many named journalists it was aimed at."),
    _coded("outlets", "The outlets of the targets.", kind=Kind.TEXT, is_list=True),
    _coded("actor_types", "Who did it.", is_list=True),
    _coded("purported_as", "Whom they said they were.", is_list=True),
    _coded(
        "articles",
        "The addresses of its sources, or their refs.",
        kind=Kind.GLUED,
        is_list=True,
    ),
    _coded("cases", "The refs of its cases, the home case first.", is_list=True),
    _coded("updated_at", "When it was last changed, in UTC.", kind=Kind.MOMENT),
    _coded("address", "Its page in the tracker.", outside=False),
    code("visibility", Visibility, "Who in the house sees it.", outside=False),
)
NAMES = {one.name for one in FIXED}
DECLARED = tuple(one for one in declared(Incident, "circumstances") if one.name not in NAMES)
FLAT = Table(
    name="incidents.csv",
    says="One row an incident, for spreadsheets; lists stand in one cell, separated by “ | ”.",
    key=("ref",),
    columns=FIXED + DECLARED,
)


def _told(name: str, says: str, kind: Kind = Kind.CODE, *, is_list: bool = False) -> Column:
    return Column(name=name, says=says, kind=kind, is_list=is_list, profiles=ANYBODY)


# Exactly the columns of the view of what is published.
PUBLISHED = Table(
    name="published",
    says="What was published, in the words that were approved; what was retracted keeps its row.",
    key=("ref",),
    columns=(
        _told("ref", "The incident, for ever."),
        _told("revision", "How often it was published.", Kind.NUMBER),
        _told("status", "published, under_revision, retracted or withdrawn."),
        _told("retract_reason", "Why it no longer counts."),
        _told("title", "The title."),
        _told("summary_en", "What happened, in English."),
        _told("summary_ru", "The same in Russian."),
        _told("summary_kk", "The same in Kazakh."),
        _told("sources", "The sources that say so; separated by “ | ”.", is_list=True),
        _told("targets", "Whom it was aimed at, as far as they may be named.", is_list=True),
        _told("n_journalists", "How many named journalists it was aimed at.", Kind.NUMBER),
        _told("primary_type", "The type by which it is counted."),
        _told("types", "All its types, separated by “ | ”.", is_list=True),
        _told("occurred_edtf", "When it was, as EDTF."),
        _told("reported_month", "The month in which it counts."),
        _told("country", "ISO 3166-1 alpha-2."),
        _told("region", "ISO 3166-2."),
        _told("verification", "How well sources bear it out."),
        _told("published_at", "When it was published, in UTC.", Kind.MOMENT),
    ),
)
