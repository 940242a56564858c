"""Responses, appeals and proceedings; cases and what is in them; what all codes mean."""

from __future__ import annotations

from tracker.cases.codes import Accountability, Lifecycle
from tracker.reports.codes import RowChange
from tracker.reports.tables.shape import (
    ALL,
    OUTSIDE,
    Column,
    Kind,
    Table,
    code_column,
    date_column,
    date_columns,
    ordinal_column,
    ownership_columns,
    ref_column,
    reference_column,
    review_columns,
    revision_columns,
    text_column,
)
from tracker.responses.codes import (
    ActType,
    AnswerScope,
    AppealKind,
    AppealOutcome,
    AppealSender,
    ProceedingDirection,
    ProceedingKind,
    QuoteIs,
    Stance,
    Standing,
    StepOfProceeding,
)
from tracker.vocabulary.codes import Answer

CASES = Table(
    name="cases",
    says="One affair around one set of targets or one group of perpetrators.",
    key=("ref",),
    columns=(
        ref_column("The case, for ever."),
        *revision_columns(),
        *ownership_columns(),
        text_column("title", "The title."),
        text_column("summary", "A summary of the house."),
        Column(name="country", says="ISO 3166-1 alpha-2.", profiles=OUTSIDE),
        code_column("lifecycle", Lifecycle, "Whether it is followed."),
        code_column(
            "accountability", Accountability, "Set by hand; empty where it follows from the rest."
        ),
        text_column("accountability_reason", "Why it was set by hand."),
    ),
)
MEMBERS = Table(
    name="incident_cases",
    says="Which incident is in which case; it is counted in its home case alone.",
    key=("case", "incident"),
    owner="case",
    columns=(
        reference_column("case", "cases", "The case."),
        reference_column("incident", "incidents", "The incident."),
        code_column("is_home", Answer, "Whether it is counted here."),
    ),
)
FILED = Table(
    name="case_records",
    says="Which account, response, appeal or proceeding is in which case.",
    key=("case", "record"),
    owner="case",
    columns=(
        reference_column("case", "cases", "The case."),
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
RESPONSES = Table(
    name="responses",
    says="One institution speaking or acting on one occasion.",
    key=("ref",),
    columns=(
        ref_column("The response, for ever."),
        *revision_columns(),
        *review_columns(),
        reference_column("institution", "institutions", "Whose response it is."),
        text_column("official", "Who spoke, in office.", outside=True),
        text_column("office", "The office then held.", outside=True),
        *date_columns(),
        code_column("standing", Standing, "Only the responsible state ends a silence."),
        code_column("stance", Stance, "The main stance."),
        code_column("answers_scope", AnswerScope, "What it answers."),
        text_column("summary", "A summary of the house."),
    ),
)
STANCES = Table(
    name="response_stances",
    says="The stances of a response besides the main one.",
    key=("response", "stance"),
    owner="response",
    columns=(
        reference_column("response", "responses", "The response."),
        code_column("stance", Stance, "One more stance."),
    ),
)
ACTS = Table(
    name="response_acts",
    says="What was said or done on the occasion.",
    owner="response",
    columns=(
        reference_column("response", "responses", "The response."),
        code_column("act", ActType, "What was said or done."),
        code_column("is_substantive", Answer, "Whether it is more than words."),
        text_column("quote", "The words that show it."),
        code_column("quote_is", QuoteIs, "Whose words these are."),
        reference_column("acting_institution", "institutions", "Who acts, if not who speaks."),
    ),
)
ANSWERS = Table(
    name="response_answers",
    says="Which incidents a response answers.",
    key=("response", "incident"),
    owner="response",
    columns=(
        reference_column("response", "responses", "The response."),
        reference_column("incident", "incidents", "The incident."),
    ),
)
APPEALS = Table(
    name="appeals",
    says="What somebody asked of an authority, and what came of it.",
    key=("ref",),
    columns=(
        ref_column("The appeal, for ever."),
        *revision_columns(),
        *review_columns(),
        code_column("sender_kind", AppealSender, "Who asked."),
        text_column("sender", "Who that is, in words."),
        reference_column("institution", "institutions", "Who was asked."),
        code_column("kind", AppealKind, "How it was asked."),
        *date_columns(),
        date_column("due_on", "By when an answer was due."),
        text_column("reference", "The number that the authority gave it."),
        code_column("outcome", AppealOutcome, "What came of it."),
        reference_column("response", "responses", "What answers it."),
        text_column("summary", "A summary of the house."),
    ),
)
APPEAL_INCIDENTS = Table(
    name="appeal_incidents",
    says="Which incidents an appeal is about.",
    key=("appeal", "incident"),
    owner="appeal",
    columns=(
        reference_column("appeal", "appeals", "The appeal."),
        reference_column("incident", "incidents", "The incident."),
    ),
)
PROCEEDINGS = Table(
    name="proceedings",
    says="A case before police, prosecutor or court; its direction says against whom.",
    key=("ref",),
    columns=(
        ref_column("The proceeding, for ever."),
        *revision_columns(),
        *review_columns(),
        code_column(
            "direction", ProceedingDirection, "Against perpetrators, against or by the target."
        ),
        code_column("kind", ProceedingKind, "Of which law."),
        text_column("number", "Its number there."),
        Column(name="country", says="ISO 3166-1 alpha-2.", profiles=OUTSIDE),
        reference_column("institution", "institutions", "The body that runs it."),
        text_column("legal_basis", "The law."),
        text_column("summary", "A summary of the house."),
    ),
)
PROCEEDING_INCIDENTS = Table(
    name="proceeding_incidents",
    says="Which incidents a proceeding is about.",
    key=("proceeding", "incident"),
    owner="proceeding",
    columns=(
        reference_column("proceeding", "proceedings", "The proceeding."),
        reference_column("incident", "incidents", "The incident."),
    ),
)
PARTIES = Table(
    name="proceeding_parties",
    says="Whom a proceeding concerns, of those who may be named in this file.",
    key=("proceeding", "party"),
    owner="proceeding",
    columns=(
        reference_column("proceeding", "proceedings", "The proceeding.", outside=False),
        Column(name="party", says="The journalist or outlet."),
    ),
)
STEPS = Table(
    name="proceeding_steps",
    says="The dated steps of a proceeding; where it stands is the last one.",
    key=("proceeding", "number"),
    owner="proceeding",
    columns=(
        reference_column("proceeding", "proceedings", "The proceeding."),
        ordinal_column(
            "number", "Counts the steps of one proceeding from 1.", of="id", outside=True
        ),
        code_column("step", StepOfProceeding, "What was done."),
        *date_columns(),
        reference_column("institution", "institutions", "By which body."),
        reference_column("article", "articles", "The source that says so."),
        text_column("note", "A note of the house."),
    ),
)
