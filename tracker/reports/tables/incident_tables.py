"""Incidents and fake accounts, with their parts."""

from __future__ import annotations

from tracker.fake_accounts import codes as fake_account_codes
from tracker.incidents import codes as incident_codes
from tracker.incidents.models import Incident
from tracker.reports.tables import shape
from tracker.vocabulary.codes import Answer

ACCOUNTS = shape.Table(
    name="fake_accounts",
    says=(
        "Fake profiles, channels, sites and numbers. `withheld`: the handle or address may hold a "
        "name that does not leave."
    ),
    key=("ref",),
    columns=(
        shape.ref_column("The account, for ever."),
        *shape.revision_columns(),
        *shape.review_columns(),
        shape.code_column("kind", fake_account_codes.AccountKind, "What it is."),
        shape.code_column("identified", Answer, "Whether a source identifies it."),
        shape.number_column("accounts_at_least", "How many at least, where none is identified."),
        shape.term_column("platform", "platform", "In codes: platform."),
        shape.handle_column("handle", "Without @; a number as tel:+….", outside=True),
        shape.handle_column("url", "The address.", outside=True),
        shape.handle_column("displayed_name", "The name it shows."),
        shape.text_column("spreads", "What it spreads."),
    ),
)
ACCOUNT_EVENTS = shape.Table(
    name="fake_account_events",
    says="What an account did or underwent, and when.",
    key=("account", "number"),
    owner="account",
    columns=(
        shape.reference_column("account", "fake_accounts", "The account."),
        shape.ordinal_column(
            "number", "Counts the events of one account from 1.", of="id", outside=True
        ),
        shape.code_column("event", fake_account_codes.AccountEvent, "What happened."),
        *shape.date_columns(),
        shape.reference_column("institution", "institutions", "Who did that, where a body did."),
        shape.reference_column("article", "articles", "The source that says so."),
        shape.text_column("note", "A note of the house."),
    ),
)
IMPERSONATIONS = shape.Table(
    name="account_impersonations",
    says="As whom an account poses.",
    owner="account",
    meant=("journalist", "outlet", "institution", "official"),
    columns=(
        shape.reference_column("account", "fake_accounts", "The account.", outside=False),
        shape.reference_column("journalist", "journalists", "The journalist.", outside=False),
        shape.reference_column("outlet", "outlets", "The outlet.", outside=False),
        shape.reference_column("institution", "institutions", "The institution.", outside=False),
        shape.text_column(
            "official", "An official, in words; `withheld`: somebody who is not named here."
        ),
    ),
)
SUCCESSIONS = shape.Table(
    name="account_successions",
    says="Which account came back as which.",
    key=("account", "successor"),
    owner="account",
    columns=(
        shape.reference_column("account", "fake_accounts", "The account.", outside=False),
        shape.reference_column(
            "successor", "fake_accounts", "As which it came back.", outside=False
        ),
        shape.code_column(
            "certainty", fake_account_codes.SuccessionCertainty, "How surely.", outside=False
        ),
        shape.code_column(
            "basis",
            fake_account_codes.SuccessionBasis,
            "From what that is concluded.",
            outside=False,
        ),
    ),
)
ACCOUNT_USES = shape.Table(
    name="incident_accounts",
    says="Which account was used in which incident.",
    key=("incident", "account"),
    owner="account",
    columns=(
        shape.reference_column("account", "fake_accounts", "The account."),
        shape.reference_column("incident", "incidents", "The incident."),
    ),
)
INCIDENTS = shape.Table(
    name="incidents",
    says="What the same actors did to the same targets, in one act or one course of conduct.",
    key=("ref",),
    columns=(
        shape.ref_column("The incident, for ever."),
        *shape.revision_columns(),
        *shape.review_columns(),
        shape.text_column(
            "title", "The title that somebody gave it; empty: it is proposed from the rest."
        ),
        shape.text_column("narrative", "What happened, for the house."),
        *shape.date_columns(),
        shape.code_column("extent", incident_codes.Extent, "Once, again and again, or lasting."),
        shape.number_column("occurrences_at_least", "How often at least, where repeated."),
        shape.code_column("is_ongoing", Answer, "Whether it still goes on."),
        shape.date_column("ongoing_as_of", "The day as of which that was so."),
        shape.reference_column(
            "relative_to", "articles", "The source to whose day the words of the date refer."
        ),
        shape.Column(name="country", says="ISO 3166-1 alpha-2.", profiles=shape.OUTSIDE),
        shape.term_column("region", "region", "ISO 3166-2; in codes: region."),
        shape.text_column("place", "The place within the region."),
        *shape.declared(Incident, "circumstances"),
        *shape.declared(Incident, "summary"),
        shape.reference_column(
            "merged_into", "incidents", "The incident that this one turned out to be."
        ),
    ),
)
TYPES = shape.Table(
    name="incident_types",
    says="The types of each incident; the lowest rank is the primary one.",
    key=("incident", "type"),
    owner="incident",
    columns=(
        shape.reference_column("incident", "incidents", "The incident."),
        shape.term_column("type", "incident_type", "In codes: incident_type.", of="term_id"),
        shape.number_column("rank", "The lowest is primary."),
    ),
)
TARGETS = shape.Table(
    name="targets",
    says=(
        "Everybody at whom an incident was aimed or whom it touched. Whoever is not to be named "
        "keeps the row and is counted: neither journalist nor outlet is then given."
    ),
    key=("incident", "number"),
    owner="incident",
    meant=("journalist", "outlet", "words"),
    columns=(
        shape.reference_column("incident", "incidents", "The incident."),
        shape.ordinal_column(
            "number", "Counts the targets of one incident from 1.", of="id", outside=True
        ),
        shape.code_column("kind", incident_codes.TargetKind, "What the target is."),
        shape.reference_column(
            "journalist", "journalists", "The journalist; empty where none, or withheld."
        ),
        shape.reference_column("outlet", "outlets", "The outlet attacked, or hers at the time."),
        shape.text_column(
            "words", "Somebody unnamed, in words; `withheld`: somebody who is not named here."
        ),
        shape.text_column("named_as", "What stands where the name may not.", outside=True),
        shape.number_column("number_at_least", "How many at least, of a group."),
        shape.code_column(
            "role",
            incident_codes.TargetRole,
            "Collateral targets are not counted among those attacked.",
        ),
        shape.code_column(
            "basis", incident_codes.TargetBasis, "Whether a source names the target."
        ),
        shape.text_column("harm", "What harm was done."),
        shape.text_column("place", "Where the target was met."),
    ),
)
STATUSES = shape.Table(
    name="target_statuses",
    says="What became of a target, from when to when.",
    owner="incident",
    columns=(
        shape.reference_column("incident", "incidents", "The incident.", outside=False),
        shape.ordinal_column("target", "The number of the target in its incident.", of="target_id"),
        shape.code_column(
            "status", incident_codes.StatusOfTarget, "What became of the target.", outside=False
        ),
        *shape.date_columns(outside=False),
        shape.date_column("expected_end", "Until when it is to last.", outside=False),
    ),
)
ACTORS = shape.Table(
    name="actors",
    says="The perpetrators, how certain, and attributed by whom.",
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
            "Whom they said they were: not who they were.",
        ),
        shape.code_column("certainty", incident_codes.Certainty, "How certain that is."),
        shape.text_column("name", "The name, where somebody gives it."),
        shape.code_column("attributed_by", incident_codes.AttributedBy, "Whose word it is."),
        shape.code_column("degree", incident_codes.Degree, "What part they had.", outside=False),
    ),
)
PUBLICATIONS = shape.Table(
    name="publications",
    says="What the world reads of an incident, as it was vetted.",
    key=("incident",),
    owner="incident",
    columns=(
        shape.reference_column("incident", "incidents", "The incident.", outside=False),
        shape.number_column("revision", "How often it was published.", outside=False),
        shape.number_column(
            "version", "The revision of the incident whose text this is.", outside=False
        ),
        shape.text_column("title", "The title."),
        shape.text_column("summary_en", "What happened, in English."),
        shape.text_column("summary_ru", "The same in Russian."),
        shape.text_column("summary_kk", "The same in Kazakh."),
        shape.text_column("sources", "The sources that say so; separated by “ | ”."),
        shape.text_column("targets", "Whom it was aimed at, as far as they may be named."),
        shape.number_column(
            "n_journalists", "How many named journalists it was aimed at.", outside=False
        ),
        shape.Column(name="primary_type", says="The type by which it is counted."),
        shape.Column(name="types", says="All its types, separated by “ | ”."),
        shape.Column(name="occurred_edtf", says="When it was, as EDTF."),
        shape.Column(name="reported_month", says="The month in which it counts."),
        shape.Column(name="country", says="ISO 3166-1 alpha-2."),
        shape.Column(name="region", says="ISO 3166-2."),
        shape.code_column(
            "verification",
            incident_codes.Verification,
            "How well sources bear it out.",
            outside=False,
        ),
        shape.timestamp_column("published_at", "When it was published, in UTC."),
        shape.timestamp_column("withdrawn_at", "Since when it says nothing any more, in UTC."),
    ),
)
