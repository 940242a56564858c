"""The tables of responses, appeals, proceedings, cases with their records, and codes."""

from __future__ import annotations

from tracker.cases.codes import Accountability, Lifecycle
from tracker.reports.codes import RowChange
from tracker.reports.tables import shape
from tracker.responses import codes as response_codes
from tracker.vocabulary.codes import Answer

CASES = shape.Table(
    name="cases",
    description="One affair around one set of targets or one group of perpetrators.",
    key=("ref",),
    columns=(
        shape.ref_column("The case (permanent ref)."),
        *shape.revision_columns(),
        *shape.ownership_columns(),
        shape.text_column("title", "The title."),
        shape.text_column("summary", "An internal summary."),
        shape.Column(
            name="country", description="ISO 3166-1 alpha-2.", profiles=shape.INTERNAL_AND_PARTNER
        ),
        shape.code_column("lifecycle", Lifecycle, "Whether the case is active."),
        shape.code_column(
            "accountability", Accountability, "The step set by hand; empty where it is derived."
        ),
        shape.text_column("accountability_reason", "Why it was set by hand."),
    ),
)
INCIDENT_CASES = shape.Table(
    name="incident_cases",
    description="Which incident is in which case; it is counted only in its main case.",
    key=("case", "incident"),
    owner="case",
    columns=(
        shape.reference_column("case", "cases", "The case."),
        shape.reference_column("incident", "incidents", "The incident."),
        shape.code_column("is_home", Answer, "Whether it is counted here."),
    ),
)
CASE_RECORDS = shape.Table(
    name="case_records",
    description="Which account, response, appeal or proceeding is in which case.",
    key=("case", "record"),
    owner="case",
    columns=(
        shape.reference_column("case", "cases", "The case."),
        shape.Column(name="record", description="The record.", profiles=shape.INTERNAL_AND_PARTNER),
    ),
)
# The links between two incidents or between two cases.
RECORD_LINKS = shape.Table(
    name="links",
    description="How an incident stands to another, or a case to another.",
    key=("record", "other", "kind"),
    owner="record",
    columns=(
        shape.Column(name="record", description="The incident or case."),
        shape.Column(name="kind", description="How it relates to the other case."),
        shape.Column(name="other", description="The other one.", model_attribute="other_id"),
    ),
)
CODES = shape.Table(
    name="codes",
    description="What every code means: of closed sets, and of those that editors own.",
    key=("set", "code"),
    columns=(
        shape.Column(name="set", description="The set of codes.", profiles=shape.ALL_PROFILES),
        shape.Column(name="code", description="The code.", profiles=shape.ALL_PROFILES),
        *(
            shape.Column(
                name=f"label_{language}",
                description=f"Its label ({language}).",
                profiles=shape.ALL_PROFILES,
            )
            for language in ("en", "ru", "kk")
        ),
        shape.Column(name="definition", description="What it means.", profiles=shape.ALL_PROFILES),
        shape.Column(
            name="rank",
            description="The lowest comes first.",
            kind=shape.ColumnKind.NUMBER,
            profiles=shape.ALL_PROFILES,
        ),
        shape.Column(
            name="country",
            description="The country to which it belongs, if any.",
            profiles=shape.ALL_PROFILES,
        ),
        shape.Column(
            name="crosswalk",
            description="Its place in other lists, one a line.",
            profiles=shape.ALL_PROFILES,
        ),
        shape.Column(
            name="retired_at",
            description="When it was retired, in UTC.",
            kind=shape.ColumnKind.MOMENT,
            profiles=shape.ALL_PROFILES,
        ),
    ),
)
CHANGES = shape.Table(
    name="changes",
    description=(
        "What became of the rows that this recipient has of earlier packages. A ref that was never "
        "in one is not spoken of."
    ),
    key=("ref",),
    columns=(
        shape.Column(name="ref", description="The record.", profiles=shape.ALL_PROFILES),
        shape.Column(
            name="change",
            description="What happened to the row.",
            codes=RowChange,
            profiles=shape.ALL_PROFILES,
        ),
        shape.Column(
            name="reason", description="Why, where that is known.", profiles=shape.ALL_PROFILES
        ),
        shape.Column(
            name="merged_into",
            description="The record that stays, where two became one.",
            kind=shape.ColumnKind.CODE,
            profiles=shape.ALL_PROFILES,
        ),
    ),
)
RESPONSES = shape.Table(
    name="responses",
    description="One institution speaking or acting on one occasion.",
    key=("ref",),
    columns=(
        shape.ref_column("The response (permanent ref)."),
        *shape.revision_columns(),
        *shape.review_columns(),
        shape.reference_column("institution", "institutions", "Whose response it is."),
        shape.text_column("official", "Who spoke, in office.", for_partners=True),
        shape.text_column("office", "The office then held.", for_partners=True),
        *shape.date_columns(),
        shape.code_column(
            "standing", response_codes.Standing, "Only the responsible state ends a silence."
        ),
        shape.code_column("stance", response_codes.Stance, "The main stance."),
        shape.code_column("answers_scope", response_codes.AnswerScope, "What it answers."),
        shape.text_column("summary", "An internal summary."),
    ),
)
RESPONSE_STANCES = shape.Table(
    name="response_stances",
    description="The stances of a response besides the main one.",
    key=("response", "stance"),
    owner="response",
    columns=(
        shape.reference_column("response", "responses", "The response."),
        shape.code_column("stance", response_codes.Stance, "One more stance."),
    ),
)
RESPONSE_ACTS = shape.Table(
    name="response_acts",
    description="What was said or done on the occasion.",
    owner="response",
    columns=(
        shape.reference_column("response", "responses", "The response."),
        shape.code_column("act", response_codes.ActType, "What was said or done."),
        shape.code_column("is_substantive", Answer, "Whether it is substantive."),
        shape.text_column("quote", "The words that show it."),
        shape.code_column("quote_is", response_codes.QuoteIs, "Whose words these are."),
        shape.reference_column(
            "acting_institution", "institutions", "Who acts, if not who speaks."
        ),
    ),
)
RESPONSE_ANSWERS = shape.Table(
    name="response_answers",
    description="Which incidents a response answers.",
    key=("response", "incident"),
    owner="response",
    columns=(
        shape.reference_column("response", "responses", "The response."),
        shape.reference_column("incident", "incidents", "The incident."),
    ),
)
APPEALS = shape.Table(
    name="appeals",
    description="What somebody asked of an authority, and what came of it.",
    key=("ref",),
    columns=(
        shape.ref_column("The appeal (permanent ref)."),
        *shape.revision_columns(),
        *shape.review_columns(),
        shape.code_column("sender_kind", response_codes.AppealSender, "Who asked."),
        shape.text_column("sender", "Who that is, in words."),
        shape.reference_column("institution", "institutions", "Who was asked."),
        shape.code_column("kind", response_codes.AppealKind, "The form of the appeal."),
        *shape.date_columns(),
        shape.date_column("due_on", "By when an answer was due."),
        shape.text_column("reference", "The number that the authority gave it."),
        shape.code_column("outcome", response_codes.AppealOutcome, "Outcome of the appeal."),
        shape.reference_column("response", "responses", "What answers it."),
        shape.text_column("summary", "An internal summary."),
    ),
)
APPEAL_INCIDENTS = shape.Table(
    name="appeal_incidents",
    description="Which incidents an appeal is about.",
    key=("appeal", "incident"),
    owner="appeal",
    columns=(
        shape.reference_column("appeal", "appeals", "The appeal."),
        shape.reference_column("incident", "incidents", "The incident."),
    ),
)
PROCEEDINGS = shape.Table(
    name="proceedings",
    description="A case before police, prosecutor or court; its direction says against whom.",
    key=("ref",),
    columns=(
        shape.ref_column("The proceeding (permanent ref)."),
        *shape.revision_columns(),
        *shape.review_columns(),
        shape.code_column(
            "direction",
            response_codes.ProceedingDirection,
            "Against perpetrators, against or by the target.",
        ),
        shape.code_column("kind", response_codes.ProceedingKind, "The branch of law."),
        shape.text_column("number", "Its number there."),
        shape.Column(
            name="country", description="ISO 3166-1 alpha-2.", profiles=shape.INTERNAL_AND_PARTNER
        ),
        shape.reference_column("institution", "institutions", "The body that runs it."),
        shape.text_column("legal_basis", "The law."),
        shape.text_column("summary", "An internal summary."),
    ),
)
PROCEEDING_INCIDENTS = shape.Table(
    name="proceeding_incidents",
    description="Which incidents a proceeding is about.",
    key=("proceeding", "incident"),
    owner="proceeding",
    columns=(
        shape.reference_column("proceeding", "proceedings", "The proceeding."),
        shape.reference_column("incident", "incidents", "The incident."),
    ),
)
PROCEEDING_PARTIES = shape.Table(
    name="proceeding_parties",
    description="Whom a proceeding concerns, of those who may be named in this file.",
    key=("proceeding", "party"),
    owner="proceeding",
    columns=(
        shape.reference_column("proceeding", "proceedings", "The proceeding.", for_partners=False),
        shape.Column(name="party", description="The journalist or outlet."),
    ),
)
PROCEEDING_STEPS = shape.Table(
    name="proceeding_steps",
    description="The dated steps of a proceeding; where it stands is the last one.",
    key=("proceeding", "number"),
    owner="proceeding",
    columns=(
        shape.reference_column("proceeding", "proceedings", "The proceeding."),
        shape.ordinal_column(
            "number",
            "Counts the steps of one proceeding from 1.",
            model_attribute="id",
            for_partners=True,
        ),
        shape.code_column("step", response_codes.StepOfProceeding, "What was done."),
        *shape.date_columns(),
        shape.reference_column("institution", "institutions", "By which body."),
        shape.reference_column("article", "articles", "The source that says so."),
        shape.text_column("note", "An internal note."),
    ),
)
