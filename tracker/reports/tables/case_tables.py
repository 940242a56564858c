"""Cases, what is in them, how records stand to each other, and what all the codes mean."""

from __future__ import annotations

from tracker.cases.codes import Accountability, Lifecycle
from tracker.reports.codes import RowChange
from tracker.reports.tables.shape import (
    ALL,
    OUTSIDE,
    Column,
    Kind,
    Table,
    code,
    kept,
    points,
    ref,
    signed,
    words,
)
from tracker.vocabulary.codes import Answer

CASES = Table(
    name="cases",
    says="One affair around one set of targets or one group of perpetrators.",
    key=("ref",),
    columns=(
        ref("The case, for ever."),
        *signed(),
        *kept(),
        words("title", "The title."),
        words("summary", "A summary of the house."),
        Column(name="country", says="ISO 3166-1 alpha-2.", profiles=OUTSIDE),
        code("lifecycle", Lifecycle, "Whether it is followed."),
        code(
            "accountability", Accountability, "Set by hand; empty where it follows from the rest."
        ),
        words("accountability_reason", "Why it was set by hand."),
    ),
)
MEMBERS = Table(
    name="incident_cases",
    says="Which incident is in which case; it is counted in its home case alone.",
    key=("case", "incident"),
    owner="case",
    columns=(
        points("case", "cases", "The case."),
        points("incident", "incidents", "The incident."),
        code("is_home", Answer, "Whether it is counted here."),
    ),
)
FILED = Table(
    name="case_records",
    says="Which account, response, appeal or proceeding is in which case.",
    key=("case", "record"),
    owner="case",
    columns=(
        points("case", "cases", "The case."),
        Column(name="record", says="The record.", profiles=OUTSIDE),
    ),
)
LINKS = Table(
    name="links",
    says="How an incident stands to another, or a case to another.",
    key=("record", "other", "kind"),
    owner="record",
    columns=(
        Column(name="record", says="The incident or case."),
        Column(name="kind", says="How it stands to the other one."),
        Column(name="other", says="The other one.", of="other_id"),
    ),
)
CODES = Table(
    name="codes",
    says="What every code means: of closed sets, and of those that editors own.",
    key=("set", "code"),
    columns=(
        Column(name="set", says="The set of codes.", profiles=ALL),
        Column(name="code", says="The code.", profiles=ALL),
        *(
            Column(name=f"label_{language}", says=f"Its label ({language}).", profiles=ALL)
            for language in ("en", "ru", "kk")
        ),
        Column(name="definition", says="What it means.", profiles=ALL),
        Column(name="rank", says="The lowest comes first.", kind=Kind.NUMBER, profiles=ALL),
        Column(name="country", says="Of which country it is, if of one.", profiles=ALL),
        Column(name="crosswalk", says="Its place in other lists, one a line.", profiles=ALL),
        Column(
            name="retired_at",
            says="Since when it is no more on offer, in UTC.",
            kind=Kind.MOMENT,
            profiles=ALL,
        ),
    ),
)
CHANGES = Table(
    name="changes",
    says=(
        "What became of the rows that this recipient has of earlier packages. A ref that was never "
        "in one is not spoken of."
    ),
    key=("ref",),
    columns=(
        Column(name="ref", says="The record.", profiles=ALL),
        Column(name="change", says="What became of it.", codes=RowChange, profiles=ALL),
        Column(name="reason", says="Why, where that is known.", profiles=ALL),
        Column(
            name="merged_into",
            says="The record that stays, where two became one.",
            kind=Kind.CODE,
            profiles=ALL,
        ),
    ),
)
