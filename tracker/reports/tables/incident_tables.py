"""The tables of incidents and fake accounts with their parts, and the two files of incidents."""

from __future__ import annotations

from enum import StrEnum
from functools import partial

from tracker.fake_accounts import codes as fake_account_codes
from tracker.i18n import LazyString, lazy, mark
from tracker.incidents import codes as incident_codes
from tracker.incidents.models import Incident
from tracker.permissions import Visibility
from tracker.reports.codes import Profile, PublicStatus
from tracker.reports.tables import shape
from tracker.review.codes import EditorialState, RetractReason
from tracker.vocabulary.codes import Answer
from tracker.when import Precision

FAKE_ACCOUNTS = shape.Table(
    name="fake_accounts",
    description=(
        "Fake profiles, channels, sites and numbers. `withheld`: the handle or address may hold a "
        "name that must not be shared."
    ),
    key=("ref",),
    columns=(
        shape.ref_column("The account (permanent ref)."),
        *shape.revision_columns(),
        *shape.review_columns(),
        shape.code_column("kind", fake_account_codes.AccountKind, "What it is."),
        shape.code_column("identified", Answer, "Whether a source identifies it."),
        shape.number_column("accounts_at_least", "How many at least, where none is identified."),
        shape.term_column("platform", "platform", "In codes: platform."),
        shape.handle_column("handle", "Without @; a number as tel:+….", for_partners=True),
        shape.handle_column("url", "The address.", for_partners=True),
        shape.handle_column("displayed_name", "The displayed name."),
        shape.text_column("spreads", "What content it spreads."),
    ),
)
FAKE_ACCOUNT_EVENTS = shape.Table(
    name="fake_account_events",
    description="What an account did or underwent, and when.",
    key=("account", "number"),
    owner="account",
    columns=(
        shape.reference_column("account", "fake_accounts", "The account."),
        shape.ordinal_column(
            "number",
            "Counts the events of one account from 1.",
            model_attribute="id",
            for_partners=True,
        ),
        shape.code_column("event", fake_account_codes.AccountEvent, "What happened."),
        *shape.date_columns(),
        shape.reference_column(
            "institution", "institutions", "The institution that did it, if any."
        ),
        shape.reference_column("article", "articles", "The source that says so."),
        shape.text_column("note", "An internal note."),
    ),
)
ACCOUNT_IMPERSONATIONS = shape.Table(
    name="account_impersonations",
    description="Whom an account impersonates.",
    owner="account",
    person_columns=("journalist", "outlet", "institution", "official"),
    columns=(
        shape.reference_column("account", "fake_accounts", "The account.", for_partners=False),
        shape.reference_column("journalist", "journalists", "The journalist.", for_partners=False),
        shape.reference_column("outlet", "outlets", "The outlet.", for_partners=False),
        shape.reference_column(
            "institution", "institutions", "The institution.", for_partners=False
        ),
        shape.text_column(
            "official", "An official, in words; `withheld`: somebody who is not named here."
        ),
    ),
)
ACCOUNT_SUCCESSIONS = shape.Table(
    name="account_successions",
    description="Which account reappeared as which.",
    key=("account", "successor"),
    owner="account",
    columns=(
        shape.reference_column("account", "fake_accounts", "The account.", for_partners=False),
        shape.reference_column(
            "successor", "fake_accounts", "The account as which it reappeared.", for_partners=False
        ),
        shape.code_column(
            "certainty",
            fake_account_codes.SuccessionCertainty,
            "How certain that is.",
            for_partners=False,
        ),
        shape.code_column(
            "basis",
            fake_account_codes.SuccessionBasis,
            "The basis of that conclusion.",
            for_partners=False,
        ),
    ),
)
INCIDENT_ACCOUNTS = shape.Table(
    name="incident_accounts",
    description="Which account was used in which incident.",
    key=("incident", "account"),
    owner="account",
    columns=(
        shape.reference_column("account", "fake_accounts", "The account."),
        shape.reference_column("incident", "incidents", "The incident."),
    ),
)
INCIDENTS = shape.Table(
    name="incidents",
    description=(
        "What the same actors did to the same targets, in one act or one course of conduct."
    ),
    key=("ref",),
    columns=(
        shape.ref_column("The incident (permanent ref)."),
        *shape.revision_columns(),
        *shape.review_columns(),
        shape.text_column("title", "The title that a user entered; empty: it is generated."),
        shape.text_column("narrative", "What happened (internal)."),
        *shape.date_columns(),
        shape.code_column("extent", incident_codes.Extent, "Once, repeated, or lasting."),
        shape.number_column("occurrences_at_least", "How often at least, if repeated."),
        shape.code_column("is_ongoing", Answer, "Whether it is ongoing."),
        shape.date_column("ongoing_as_of", "The day as of which that was so."),
        shape.reference_column(
            "relative_to", "articles", "The source to whose day the words of the date refer."
        ),
        shape.Column(
            name="country", description="ISO 3166-1 alpha-2.", profiles=shape.INTERNAL_AND_PARTNER
        ),
        shape.term_column("region", "region", "ISO 3166-2; in codes: region."),
        shape.text_column("place", "The place within the region."),
        *shape.form_field_columns(Incident, "circumstances"),
        *shape.form_field_columns(Incident, "summary"),
        shape.reference_column(
            "merged_into", "incidents", "The incident that this one was merged into."
        ),
    ),
)
INCIDENT_TYPES = shape.Table(
    name="incident_types",
    description="The types of each incident; the lowest rank is the primary one.",
    key=("incident", "type"),
    owner="incident",
    columns=(
        shape.reference_column("incident", "incidents", "The incident."),
        shape.term_column(
            "type", "incident_type", "In codes: incident_type.", model_attribute="term_id"
        ),
        shape.number_column("rank", "The lowest is primary."),
    ),
)
TARGETS = shape.Table(
    name="targets",
    description=(
        "All targets of an incident, direct or collateral. A target who must not be named "
        "keeps the row and is counted: neither journalist nor outlet is then given."
    ),
    key=("incident", "number"),
    owner="incident",
    person_columns=("journalist", "outlet", "words"),
    columns=(
        shape.reference_column("incident", "incidents", "The incident."),
        shape.ordinal_column(
            "number",
            "Counts the targets of one incident from 1.",
            model_attribute="id",
            for_partners=True,
        ),
        shape.code_column("kind", incident_codes.TargetKind, "What the target is."),
        shape.reference_column(
            "journalist", "journalists", "The journalist; empty where none, or withheld."
        ),
        shape.reference_column(
            "outlet", "outlets", "The outlet attacked, or the outlet of the journalist at the time."
        ),
        shape.text_column(
            "words", "Somebody unnamed, in words; `withheld`: somebody who is not named here."
        ),
        shape.text_column("named_as", "What is shown instead of the name.", for_partners=True),
        shape.number_column("number_at_least", "How many at least, of a group."),
        shape.code_column(
            "role",
            incident_codes.TargetRole,
            "Collateral targets are not counted among those attacked.",
        ),
        shape.code_column(
            "basis", incident_codes.TargetBasis, "Whether a source names the target."
        ),
        shape.text_column("harm", "The harm done."),
        shape.text_column("place", "Where the target was."),
    ),
)
TARGET_STATUSES = shape.Table(
    name="target_statuses",
    description="Consequences for a target, with their dates.",
    owner="incident",
    columns=(
        shape.reference_column("incident", "incidents", "The incident.", for_partners=False),
        shape.ordinal_column(
            "target", "The number of the target in its incident.", model_attribute="target_id"
        ),
        shape.code_column(
            "status",
            incident_codes.StatusOfTarget,
            "The consequence for the target.",
            for_partners=False,
        ),
        *shape.date_columns(for_partners=False),
        shape.date_column("expected_end", "The expected end.", for_partners=False),
    ),
)
ACTORS = shape.Table(
    name="actors",
    description="The perpetrators, how certain, and attributed by whom.",
    owner="incident",
    columns=(
        shape.reference_column("incident", "incidents", "The incident."),
        shape.code_column(
            "actor_type",
            incident_codes.ActorType,
            "The kind of perpetrator, as far as a source shows.",
        ),
        shape.code_column(
            "purported_as",
            incident_codes.PurportedAs,
            "Whom they claimed to be, not who they were.",
        ),
        shape.code_column("certainty", incident_codes.Certainty, "How certain that is."),
        shape.text_column("name", "The name, if a source gives it."),
        shape.code_column("attributed_by", incident_codes.AttributedBy, "Who attributes it."),
        shape.code_column(
            "degree", incident_codes.Degree, "Their degree of involvement.", for_partners=False
        ),
    ),
)
PUBLICATIONS = shape.Table(
    name="publications",
    description="The published text of an incident, as approved.",
    key=("incident",),
    owner="incident",
    columns=(
        shape.reference_column("incident", "incidents", "The incident.", for_partners=False),
        shape.number_column("revision", "How often it was published.", for_partners=False),
        shape.number_column(
            "version", "The revision of the incident whose text this is.", for_partners=False
        ),
        shape.text_column("title", "The title."),
        shape.text_column("summary_en", "What happened, in English."),
        shape.text_column("summary_ru", "The same in Russian."),
        shape.text_column("summary_kk", "The same in Kazakh."),
        shape.text_column("sources", "The sources that say so; separated by “ | ”."),
        shape.text_column("targets", "The targets, as far as they may be named."),
        shape.number_column(
            "n_journalists", "How many named journalists it was aimed at.", for_partners=False
        ),
        shape.Column(name="primary_type", description="The type by which it is counted."),
        shape.Column(name="types", description="All its types, separated by “ | ”."),
        shape.Column(name="occurred_edtf", description="When it was, as EDTF."),
        shape.Column(name="reported_month", description="The month in which it counts."),
        shape.Column(name="country", description="ISO 3166-1 alpha-2."),
        shape.Column(name="region", description="ISO 3166-2."),
        shape.code_column(
            "verification",
            incident_codes.Verification,
            "How well sources support it.",
            for_partners=False,
        ),
        shape.timestamp_column("published_at", "When it was published, in UTC."),
        shape.timestamp_column("withdrawn_at", "When it was withdrawn, in UTC."),
    ),
)


def _flat_column(
    name: str,
    label: LazyString,
    description: str,
    kind: shape.ColumnKind = shape.ColumnKind.CODE,
    *,
    codes: type[StrEnum] | None = None,
    term_set: str = "",
    is_list: bool = False,
    readable: str = "",
    profiles: frozenset[Profile] = shape.INTERNAL_AND_PARTNER,
) -> shape.Column:
    """Return a column of a file of incidents. `label`: the heading in workbooks for reading,
    `readable`: the description in these, if it differs;
    `codes`, `term_set`: the enumeration or taxonomy of its codes; `is_list`: whether a cell has
    several values.
    """
    return shape.Column(
        name=name, label=label, description=description, readable_description=readable, kind=kind,
        codes=codes, term_set=term_set, is_list=is_list, profiles=profiles,
    )  # fmt: skip


# The form fields about the circumstances of an incident, as columns by name.
CIRCUMSTANCE_COLUMN_OF_NAME = {
    one.name: one for one in shape.form_field_columns(Incident, "circumstances")
}
# The columns of the file of incidents, with names that are never translated.
FIXED_COLUMNS = (
    _flat_column("ref", lazy("Ref"), mark("The incident (permanent ref).")),
    _flat_column(
        "revision", lazy("Revision"), mark("Increases by one with each change."),
        shape.ColumnKind.NUMBER,
    ),
    _flat_column(
        "title", lazy("Title"),
        mark("The title, proposed ones in the language that was asked for."),
        shape.ColumnKind.TEXT, profiles=shape.INTERNAL_ONLY,
    ),
    _flat_column(
        "types",
        lazy("Types (codes)"),
        mark("The codes of its types, the primary one first."),
        is_list=True,
    ),
    _flat_column(
        "type_labels", lazy("Types"), mark("The same in words."), is_list=True,
        readable=mark("Its types, the primary one first."),
    ),
    _flat_column(
        "primary_type", lazy("Primary type"), mark("The type by which it is counted."),
        term_set="incident_type",
    ),
    _flat_column(
        "extent", lazy("Frequency"), mark("Once, repeated, or lasting."),
        codes=incident_codes.Extent,
    ),
    _flat_column(
        "occurrences_at_least", lazy("Number of occurrences, at least"),
        mark("How often at least, if repeated."), shape.ColumnKind.NUMBER,
    ),
    _flat_column(
        "occurred_edtf", lazy("Date"), mark("When it was, as EDTF."), shape.ColumnKind.WHEN,
        readable=mark("When it was."),
    ),
    _flat_column(
        "occurred_earliest", lazy("First possible day"),
        mark(
            "The first day on which it may have been; empty: open. For an approximate date, the "
            "first day as stated: it may have been earlier."
        ),
        shape.ColumnKind.DAY,
    ),
    _flat_column(
        "occurred_latest", lazy("Last possible day"),
        mark(
            "The last day on which it may have been. For an approximate date, the last day as "
            "stated: it may have been later."
        ),
        shape.ColumnKind.DAY,
    ),
    _flat_column(
        "occurred_precision", lazy("Precision of the date"), mark("How closely the date is known."),
        codes=Precision,
    ),
    _flat_column(
        "occurred_as_stated", lazy("Date in the source’s words"),
        mark("The date in the words of the source."),
        shape.ColumnKind.TEXT, profiles=shape.INTERNAL_ONLY,
    ),
    _flat_column(
        "reported_month", lazy("Month reported"),
        mark("The month in which it counts, by the sources in the file."), shape.ColumnKind.MONTH,
    ),
    _flat_column(
        "country", lazy("Country"), mark("ISO 3166-1 alpha-2."), shape.ColumnKind.COUNTRY,
        readable=mark("The country."),
    ),
    _flat_column(
        "region", lazy("Region"), mark("ISO 3166-2."), term_set="region",
        readable=mark("The region of the country."),
    ),
    _flat_column(
        "place", lazy("Place"), mark("The place within the region."), shape.ColumnKind.TEXT,
        profiles=shape.INTERNAL_ONLY,
    ),
    CIRCUMSTANCE_COLUMN_OF_NAME["work_link"],
    CIRCUMSTANCE_COLUMN_OF_NAME["verification"],
    _flat_column(
        "state", lazy("Status"), mark("The step of review, from draft to published."),
        codes=EditorialState,
    ),
    _flat_column(
        "targets", lazy("Targets"), mark("All targets, as far as they may be named."),
        shape.ColumnKind.TEXT, is_list=True,
    ),
    _flat_column(
        "target_roles", lazy("Roles of the targets"), mark("Their roles, in the same order."),
        codes=incident_codes.TargetRole, is_list=True,
    ),
    _flat_column(
        "n_journalists", lazy("Journalists targeted"),
        mark("How many named journalists it was aimed at."), shape.ColumnKind.NUMBER,
    ),
    _flat_column(
        "outlets", lazy("Outlets"), mark("The outlets of the targets."), shape.ColumnKind.TEXT,
        is_list=True,
    ),
    _flat_column(
        "actor_types", lazy("Perpetrator"), mark("Who did it."), codes=incident_codes.ActorType,
        is_list=True,
    ),
    _flat_column(
        "purported_as", lazy("Posing as"), mark("Whom they claimed to be."),
        codes=incident_codes.PurportedAs, is_list=True,
    ),
    _flat_column(
        "articles", lazy("Sources"), mark("The addresses of its sources, or their refs."),
        shape.ColumnKind.HANDLE, is_list=True,
    ),
    _flat_column(
        "cases", lazy("Cases"), mark("The refs of its cases, the main case first."), is_list=True,
    ),
    _flat_column(
        "updated_at", lazy("Last changed"), mark("When it was last changed, in UTC."),
        shape.ColumnKind.MOMENT,
    ),
    _flat_column(
        "address", lazy("Page in the tracker"), mark("Its page in the tracker."),
        profiles=shape.INTERNAL_ONLY,
    ),
    _flat_column(
        "visibility", lazy("Visibility"), mark("Whether all users or only the team see it."),
        codes=Visibility, profiles=shape.INTERNAL_ONLY,
    ),
)  # fmt: skip
# The names of `FIXED_COLUMNS`.
FIXED_COLUMN_NAMES = {one.name for one in FIXED_COLUMNS}
# The further columns of the file of incidents: the other form fields about the circumstances.
FURTHER_CIRCUMSTANCE_COLUMNS = tuple(
    one for name, one in CIRCUMSTANCE_COLUMN_OF_NAME.items() if name not in FIXED_COLUMN_NAMES
)
FLAT_INCIDENTS = shape.Table(
    name="incidents.csv",
    description=(
        "One row per incident, for spreadsheets; lists are in one cell, separated by “ | ”."
    ),
    key=("ref",),
    columns=FIXED_COLUMNS + FURTHER_CIRCUMSTANCE_COLUMNS,
)
_published_column = partial(_flat_column, profiles=shape.PUBLIC_ONLY)
# The public file: exactly the columns of the database view `public_export`.
PUBLISHED_INCIDENTS = shape.Table(
    name="published",
    description="The approved published text; retracted incidents keep their row.",
    key=("ref",),
    columns=(
        _published_column("ref", lazy("Ref"), mark("The incident (permanent ref).")),
        _published_column(
            "revision", lazy("Revision"), mark("How often it was published."),
            shape.ColumnKind.NUMBER,
        ),
        _published_column(
            "status", lazy("Status"), mark("Whether it is still published."), codes=PublicStatus,
        ),
        _published_column(
            "retract_reason", lazy("Reason for retracting"), mark("Why it no longer counts."),
            codes=RetractReason,
        ),
        _published_column("title", lazy("Title"), mark("The title."), shape.ColumnKind.TEXT),
        _published_column(
            "summary_en", lazy("Summary in English"), mark("What happened, in English."),
            shape.ColumnKind.TEXT,
        ),
        _published_column(
            "summary_ru", lazy("Summary in Russian"), mark("The same in Russian."),
            shape.ColumnKind.TEXT,
        ),
        _published_column(
            "summary_kk", lazy("Summary in Kazakh"), mark("The same in Kazakh."),
            shape.ColumnKind.TEXT,
        ),
        _published_column(
            "sources", lazy("Sources"), mark("The sources that say so; separated by “ | ”."),
            is_list=True,
        ),
        _published_column(
            "targets", lazy("Targets"), mark("The targets, as far as they may be named."),
            is_list=True,
        ),
        _published_column(
            "n_journalists", lazy("Journalists targeted"),
            mark("How many named journalists it was aimed at."), shape.ColumnKind.NUMBER,
        ),
        _published_column(
            "primary_type", lazy("Primary type"), mark("The type by which it is counted."),
            term_set="incident_type",
        ),
        _published_column(
            "types", lazy("Types"), mark("All its types, separated by “ | ”."),
            term_set="incident_type", is_list=True,
        ),
        _published_column(
            "occurred_edtf", lazy("Date"), mark("When it was, as EDTF."), shape.ColumnKind.WHEN,
            readable=mark("When it was."),
        ),
        _published_column(
            "reported_month", lazy("Month reported"), mark("The month in which it counts."),
            shape.ColumnKind.MONTH,
        ),
        _published_column(
            "country", lazy("Country"), mark("ISO 3166-1 alpha-2."), shape.ColumnKind.COUNTRY,
            readable=mark("The country."),
        ),
        _published_column(
            "region", lazy("Region"), mark("ISO 3166-2."), term_set="region",
            readable=mark("The region of the country."),
        ),
        _published_column(
            "verification", lazy("Verification"), mark("How well sources support it."),
            codes=incident_codes.Verification,
        ),
        _published_column(
            "published_at", lazy("Published"), mark("When it was published, in UTC."),
            shape.ColumnKind.MOMENT,
        ),
    ),
)  # fmt: skip
