"""The two files of one table: incidents for spreadsheets, and published incidents."""

from __future__ import annotations

from tracker.incidents.codes import Extent, Verification, WorkLink
from tracker.incidents.models import Incident
from tracker.permissions import Visibility
from tracker.reports.tables import shape
from tracker.review.codes import EditorialState
from tracker.when import Precision


def _code_column(
    name: str,
    says: str,
    *,
    kind: shape.Kind = shape.Kind.CODE,
    is_list: bool = False,
    outside: bool = True,
) -> shape.Column:
    profiles = shape.OUTSIDE if outside else shape.INSIDE
    return shape.Column(name=name, says=says, kind=kind, is_list=is_list, profiles=profiles)


# Fixed and never translated; further declared circumstances follow.
FIXED = (
    _code_column("ref", "The incident, for ever."),
    shape.number_column("revision", "Rises by one with each change."),
    shape.text_column("title", "The title, proposed ones in the language that was asked for."),
    _code_column("types", "The codes of its types, the primary one first.", is_list=True),
    _code_column("type_labels", "The same in words.", is_list=True),
    _code_column("primary_type", "The type by which it is counted."),
    shape.code_column("extent", Extent, "Once, again and again, or lasting."),
    shape.number_column("occurrences_at_least", "How often at least, where repeated."),
    _code_column("occurred_edtf", "When it was, as EDTF."),
    shape.date_column("occurred_earliest", "The first day on which it may have been; empty: open."),
    shape.date_column("occurred_latest", "The last day on which it may have been."),
    shape.code_column("occurred_precision", Precision, "How closely the date is known."),
    shape.text_column("occurred_as_stated", "The date in the words of the source."),
    _code_column("reported_month", "The month in which it counts, by the sources in the file."),
    _code_column("country", "ISO 3166-1 alpha-2."),
    _code_column("region", "ISO 3166-2."),
    shape.text_column("place", "The place within the region."),
    shape.code_column("work_link", WorkLink, "Whether it has to do with the work."),
    shape.code_column("verification", Verification, "How well sources bear it out."),
    shape.code_column(
        "state", EditorialState, "Where it stands between being typed and being published."
    ),
    _code_column(
        "targets",
        "Everybody at whom it was aimed or whom it touched, as far as they may be named.",
        kind=shape.Kind.TEXT,
        is_list=True,
    ),
    _code_column("target_roles", "Their roles, in the same order.", is_list=True),
    shape.number_column("n_journalists", "How many named journalists it was aimed at."),
    _code_column("outlets", "The outlets of the targets.", kind=shape.Kind.TEXT, is_list=True),
    _code_column("actor_types", "Who did it.", is_list=True),
    _code_column("purported_as", "Whom they said they were.", is_list=True),
    _code_column(
        "articles",
        "The addresses of its sources, or their refs.",
        kind=shape.Kind.GLUED,
        is_list=True,
    ),
    _code_column("cases", "The refs of its cases, the home case first.", is_list=True),
    _code_column("updated_at", "When it was last changed, in UTC.", kind=shape.Kind.MOMENT),
    _code_column("address", "Its page in the tracker.", outside=False),
    shape.code_column("visibility", Visibility, "Who in the house sees it.", outside=False),
)
NAMES = {one.name for one in FIXED}
DECLARED = tuple(one for one in shape.declared(Incident, "circumstances") if one.name not in NAMES)
FLAT = shape.Table(
    name="incidents.csv",
    says="One row an incident, for spreadsheets; lists stand in one cell, separated by “ | ”.",
    key=("ref",),
    columns=FIXED + DECLARED,
)


def _published_column(
    name: str, says: str, kind: shape.Kind = shape.Kind.CODE, *, is_list: bool = False
) -> shape.Column:
    return shape.Column(name=name, says=says, kind=kind, is_list=is_list, profiles=shape.ANYBODY)


# Exactly the columns of the view of published incidents.
PUBLISHED = shape.Table(
    name="published",
    says="What was published, in the words that were approved; what was retracted keeps its row.",
    key=("ref",),
    columns=(
        _published_column("ref", "The incident, for ever."),
        _published_column("revision", "How often it was published.", shape.Kind.NUMBER),
        _published_column("status", "published, under_revision, retracted or withdrawn."),
        _published_column("retract_reason", "Why it no longer counts."),
        _published_column("title", "The title."),
        _published_column("summary_en", "What happened, in English."),
        _published_column("summary_ru", "The same in Russian."),
        _published_column("summary_kk", "The same in Kazakh."),
        _published_column("sources", "The sources that say so; separated by “ | ”.", is_list=True),
        _published_column(
            "targets", "Whom it was aimed at, as far as they may be named.", is_list=True
        ),
        _published_column(
            "n_journalists", "How many named journalists it was aimed at.", shape.Kind.NUMBER
        ),
        _published_column("primary_type", "The type by which it is counted."),
        _published_column("types", "All its types, separated by “ | ”.", is_list=True),
        _published_column("occurred_edtf", "When it was, as EDTF."),
        _published_column("reported_month", "The month in which it counts."),
        _published_column("country", "ISO 3166-1 alpha-2."),
        _published_column("region", "ISO 3166-2."),
        _published_column("verification", "How well sources bear it out."),
        _published_column("published_at", "When it was published, in UTC.", shape.Kind.MOMENT),
    ),
)
