"""Incidents and fake accounts, and what belongs to them."""

from __future__ import annotations

from tracker.fake_accounts.codes import (
    AccountEvent,
    AccountKind,
    SuccessionBasis,
    SuccessionCertainty,
)
from tracker.incidents.codes import (
    ActorType,
    AttributedBy,
    Certainty,
    Degree,
    Extent,
    PurportedAs,
    StatusOfTarget,
    TargetBasis,
    TargetKind,
    TargetRole,
    Verification,
)
from tracker.incidents.models import Incident
from tracker.reports.tables.shape import (
    OUTSIDE,
    Column,
    Table,
    code_column,
    date_column,
    date_columns,
    declared,
    handle_column,
    number_column,
    ordinal_column,
    ref_column,
    reference_column,
    review_columns,
    revision_columns,
    term_column,
    text_column,
    timestamp_column,
)
from tracker.vocabulary.codes import Answer

ACCOUNTS = Table(
    name="fake_accounts",
    says=(
        "Fake profiles, channels, sites and numbers. `withheld`: the handle or address may hold a "
        "name that does not leave."
    ),
    key=("ref",),
    columns=(
        ref_column("The account, for ever."),
        *revision_columns(),
        *review_columns(),
        code_column("kind", AccountKind, "What it is."),
        code_column("identified", Answer, "Whether a source identifies it."),
        number_column("accounts_at_least", "How many at least, where none is identified."),
        term_column("platform", "platform", "In codes: platform."),
        handle_column("handle", "Without @; a number as tel:+….", outside=True),
        handle_column("url", "The address.", outside=True),
        handle_column("displayed_name", "The name it shows."),
        text_column("spreads", "What it spreads."),
    ),
)
ACCOUNT_EVENTS = Table(
    name="fake_account_events",
    says="What an account did or underwent, and when.",
    key=("account", "number"),
    owner="account",
    columns=(
        reference_column("account", "fake_accounts", "The account."),
        ordinal_column("number", "Counts the events of one account from 1.", of="id", outside=True),
        code_column("event", AccountEvent, "What happened."),
        *date_columns(),
        reference_column("institution", "institutions", "Who did that, where a body did."),
        reference_column("article", "articles", "The source that says so."),
        text_column("note", "A note of the house."),
    ),
)
IMPERSONATIONS = Table(
    name="account_impersonations",
    says="As whom an account poses.",
    owner="account",
    meant=("journalist", "outlet", "institution", "official"),
    columns=(
        reference_column("account", "fake_accounts", "The account.", outside=False),
        reference_column("journalist", "journalists", "The journalist.", outside=False),
        reference_column("outlet", "outlets", "The outlet.", outside=False),
        reference_column("institution", "institutions", "The institution.", outside=False),
        text_column(
            "official", "An official, in words; `withheld`: somebody who is not named here."
        ),
    ),
)
SUCCESSIONS = Table(
    name="account_successions",
    says="Which account came back as which.",
    key=("account", "successor"),
    owner="account",
    columns=(
        reference_column("account", "fake_accounts", "The account.", outside=False),
        reference_column("successor", "fake_accounts", "As which it came back.", outside=False),
        code_column("certainty", SuccessionCertainty, "How surely.", outside=False),
        code_column("basis", SuccessionBasis, "From what that is concluded.", outside=False),
    ),
)
ACCOUNT_USES = Table(
    name="incident_accounts",
    says="Which account was used in which incident.",
    key=("incident", "account"),
    owner="account",
    columns=(
        reference_column("account", "fake_accounts", "The account."),
        reference_column("incident", "incidents", "The incident."),
    ),
)
INCIDENTS = Table(
    name="incidents",
    says="What the same actors did to the same targets, in one act or one course of conduct.",
    key=("ref",),
    columns=(
        ref_column("The incident, for ever."),
        *revision_columns(),
        *review_columns(),
        text_column(
            "title", "The title that somebody gave it; empty: it is proposed from the rest."
        ),
        text_column("narrative", "What happened, for the house."),
        *date_columns(),
        code_column("extent", Extent, "Once, again and again, or lasting."),
        number_column("occurrences_at_least", "How often at least, where repeated."),
        code_column("is_ongoing", Answer, "Whether it still goes on."),
        date_column("ongoing_as_of", "The day as of which that was so."),
        reference_column(
            "relative_to", "articles", "The source to whose day the words of the date refer."
        ),
        Column(name="country", says="ISO 3166-1 alpha-2.", profiles=OUTSIDE),
        term_column("region", "region", "ISO 3166-2; in codes: region."),
        text_column("place", "The place within the region."),
        *declared(Incident, "circumstances"),
        *declared(Incident, "summary"),
        reference_column(
            "merged_into", "incidents", "The incident that this one turned out to be."
        ),
    ),
)
TYPES = Table(
    name="incident_types",
    says="The types of each incident; the lowest rank is the primary one.",
    key=("incident", "type"),
    owner="incident",
    columns=(
        reference_column("incident", "incidents", "The incident."),
        term_column("type", "incident_type", "In codes: incident_type.", of="term_id"),
        number_column("rank", "The lowest is primary."),
    ),
)
TARGETS = Table(
    name="targets",
    says=(
        "Everybody at whom an incident was aimed or whom it touched. Whoever is not to be named "
        "keeps the row and is counted: neither journalist nor outlet is then given."
    ),
    key=("incident", "number"),
    owner="incident",
    meant=("journalist", "outlet", "words"),
    columns=(
        reference_column("incident", "incidents", "The incident."),
        ordinal_column(
            "number", "Counts the targets of one incident from 1.", of="id", outside=True
        ),
        code_column("kind", TargetKind, "What the target is."),
        reference_column(
            "journalist", "journalists", "The journalist; empty where none, or withheld."
        ),
        reference_column("outlet", "outlets", "The outlet attacked, or hers at the time."),
        text_column(
            "words", "Somebody unnamed, in words; `withheld`: somebody who is not named here."
        ),
        text_column("named_as", "What stands where the name may not.", outside=True),
        number_column("number_at_least", "How many at least, of a group."),
        code_column("role", TargetRole, "Collateral targets are not counted among those attacked."),
        code_column("basis", TargetBasis, "Whether a source names the target."),
        text_column("harm", "What harm was done."),
        text_column("place", "Where the target was met."),
    ),
)
STATUSES = Table(
    name="target_statuses",
    says="What became of a target, from when to when.",
    owner="incident",
    columns=(
        reference_column("incident", "incidents", "The incident.", outside=False),
        ordinal_column("target", "The number of the target in its incident.", of="target_id"),
        code_column("status", StatusOfTarget, "What became of the target.", outside=False),
        *date_columns(outside=False),
        date_column("expected_end", "Until when it is to last.", outside=False),
    ),
)
ACTORS = Table(
    name="actors",
    says="The perpetrators, how certain, and attributed by whom.",
    owner="incident",
    columns=(
        reference_column("incident", "incidents", "The incident."),
        code_column("actor_type", ActorType, "The kind of perpetrator, as far as a source shows."),
        code_column("purported_as", PurportedAs, "Whom they said they were: not who they were."),
        code_column("certainty", Certainty, "How certain that is."),
        text_column("name", "The name, where somebody gives it."),
        code_column("attributed_by", AttributedBy, "Whose word it is."),
        code_column("degree", Degree, "What part they had.", outside=False),
    ),
)
PUBLICATIONS = Table(
    name="publications",
    says="What the world reads of an incident, as it was vetted.",
    key=("incident",),
    owner="incident",
    columns=(
        reference_column("incident", "incidents", "The incident.", outside=False),
        number_column("revision", "How often it was published.", outside=False),
        number_column("version", "The revision of the incident whose text this is.", outside=False),
        text_column("title", "The title."),
        text_column("summary_en", "What happened, in English."),
        text_column("summary_ru", "The same in Russian."),
        text_column("summary_kk", "The same in Kazakh."),
        text_column("sources", "The sources that say so; separated by “ | ”."),
        text_column("targets", "Whom it was aimed at, as far as they may be named."),
        number_column(
            "n_journalists", "How many named journalists it was aimed at.", outside=False
        ),
        Column(name="primary_type", says="The type by which it is counted."),
        Column(name="types", says="All its types, separated by “ | ”."),
        Column(name="occurred_edtf", says="When it was, as EDTF."),
        Column(name="reported_month", says="The month in which it counts."),
        Column(name="country", says="ISO 3166-1 alpha-2."),
        Column(name="region", says="ISO 3166-2."),
        code_column("verification", Verification, "How well sources bear it out.", outside=False),
        timestamp_column("published_at", "When it was published, in UTC."),
        timestamp_column("withdrawn_at", "Since when it says nothing any more, in UTC."),
    ),
)
