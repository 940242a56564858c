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
    code,
    dated,
    day,
    declared,
    glued,
    moment,
    number,
    ordinal,
    points,
    ref,
    reviewed,
    signed,
    term,
    words,
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
        ref("The account, for ever."),
        *signed(),
        *reviewed(),
        code("kind", AccountKind, "What it is."),
        code("identified", Answer, "Whether a source identifies it."),
        number("accounts_at_least", "How many at least, where none is identified."),
        term("platform", "platform", "In codes: platform."),
        glued("handle", "Without @; a number as tel:+….", outside=True),
        glued("url", "The address.", outside=True),
        glued("displayed_name", "The name it shows."),
        words("spreads", "What it spreads."),
    ),
)
ACCOUNT_EVENTS = Table(
    name="fake_account_events",
    says="What an account did or underwent, and when.",
    key=("account", "number"),
    owner="account",
    columns=(
        points("account", "fake_accounts", "The account."),
        ordinal("number", "Counts the events of one account from 1.", of="id", outside=True),
        code("event", AccountEvent, "What happened."),
        *dated(),
        points("institution", "institutions", "Who did that, where a body did."),
        points("article", "articles", "The source that says so."),
        words("note", "A note of the house."),
    ),
)
IMPERSONATIONS = Table(
    name="account_impersonations",
    says="As whom an account poses.",
    owner="account",
    meant=("journalist", "outlet", "institution", "official"),
    columns=(
        points("account", "fake_accounts", "The account.", outside=False),
        points("journalist", "journalists", "The journalist.", outside=False),
        points("outlet", "outlets", "The outlet.", outside=False),
        points("institution", "institutions", "The institution.", outside=False),
        words("official", "An official, in words; `withheld`: somebody who is not named here."),
    ),
)
SUCCESSIONS = Table(
    name="account_successions",
    says="Which account came back as which.",
    key=("account", "successor"),
    owner="account",
    columns=(
        points("account", "fake_accounts", "The account.", outside=False),
        points("successor", "fake_accounts", "As which it came back.", outside=False),
        code("certainty", SuccessionCertainty, "How surely.", outside=False),
        code("basis", SuccessionBasis, "From what that is concluded.", outside=False),
    ),
)
ACCOUNT_USES = Table(
    name="incident_accounts",
    says="Which account was used in which incident.",
    key=("incident", "account"),
    owner="account",
    columns=(
        points("account", "fake_accounts", "The account."),
        points("incident", "incidents", "The incident."),
    ),
)
INCIDENTS = Table(
    name="incidents",
    says="What the same actors did to the same targets, in one act or one course of conduct.",
    key=("ref",),
    columns=(
        ref("The incident, for ever."),
        *signed(),
        *reviewed(),
        words("title", "The title that somebody gave it; empty: it is proposed from the rest."),
        words("narrative", "What happened, for the house."),
        *dated(),
        code("extent", Extent, "Once, again and again, or lasting."),
        number("occurrences_at_least", "How often at least, where repeated."),
        code("is_ongoing", Answer, "Whether it still goes on."),
        day("ongoing_as_of", "The day as of which that was so."),
        points("relative_to", "articles", "The source to whose day the words of the date refer."),
        Column(name="country", says="ISO 3166-1 alpha-2.", profiles=OUTSIDE),
        term("region", "region", "ISO 3166-2; in codes: region."),
        words("place", "The place within the region."),
        *declared(Incident, "circumstances"),
        *declared(Incident, "summary"),
        points("merged_into", "incidents", "The incident that this one turned out to be."),
    ),
)
TYPES = Table(
    name="incident_types",
    says="The types of each incident; the lowest rank is the primary one.",
    key=("incident", "type"),
    owner="incident",
    columns=(
        points("incident", "incidents", "The incident."),
        term("type", "incident_type", "In codes: incident_type.", of="term_id"),
        number("rank", "The lowest is primary."),
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
        points("incident", "incidents", "The incident."),
        ordinal("number", "Counts the targets of one incident from 1.", of="id", outside=True),
        code("kind", TargetKind, "What the target is."),
        points("journalist", "journalists", "The journalist; empty where none, or withheld."),
        points("outlet", "outlets", "The outlet attacked, or hers at the time."),
        words("words", "Somebody unnamed, in words; `withheld`: somebody who is not named here."),
        words("named_as", "What stands where the name may not.", outside=True),
        number("number_at_least", "How many at least, of a group."),
        code("role", TargetRole, "Collateral targets are not counted among those attacked."),
        code("basis", TargetBasis, "Whether a source names the target."),
        words("harm", "What harm was done."),
        words("place", "Where the target was met."),
    ),
)
STATUSES = Table(
    name="target_statuses",
    says="What became of a target, from when to when.",
    owner="incident",
    columns=(
        points("incident", "incidents", "The incident.", outside=False),
        ordinal("target", "The number of the target in its incident.", of="target_id"),
        code("status", StatusOfTarget, "What became of the target.", outside=False),
        *dated(outside=False),
        day("expected_end", "Until when it is to last.", outside=False),
    ),
)
ACTORS = Table(
    name="actors",
    says="The perpetrators, how certain, and attributed by whom.",
    owner="incident",
    columns=(
        points("incident", "incidents", "The incident."),
        code("actor_type", ActorType, "The kind of perpetrator, as far as a source shows."),
        code("purported_as", PurportedAs, "Whom they said they were: not who they were."),
        code("certainty", Certainty, "How certain that is."),
        words("name", "The name, where somebody gives it."),
        code("attributed_by", AttributedBy, "Whose word it is."),
        code("degree", Degree, "What part they had.", outside=False),
    ),
)
PUBLICATIONS = Table(
    name="publications",
    says="What the world reads of an incident, as it was vetted.",
    key=("incident",),
    owner="incident",
    columns=(
        points("incident", "incidents", "The incident.", outside=False),
        number("revision", "How often it was published.", outside=False),
        number("version", "The revision of the incident whose text this is.", outside=False),
        words("title", "The title."),
        words("summary_en", "What happened, in English."),
        words("summary_ru", "The same in Russian."),
        words("summary_kk", "The same in Kazakh."),
        words("sources", "The sources that say so; separated by “ | ”."),
        words("targets", "Whom it was aimed at, as far as they may be named."),
        number("n_journalists", "How many named journalists it was aimed at.", outside=False),
        Column(name="primary_type", says="The type by which it is counted."),
        Column(name="types", says="All its types, separated by “ | ”."),
        Column(name="occurred_edtf", says="When it was, as EDTF."),
        Column(name="reported_month", says="The month in which it counts."),
        Column(name="country", says="ISO 3166-1 alpha-2."),
        Column(name="region", says="ISO 3166-2."),
        code("verification", Verification, "How well sources bear it out.", outside=False),
        moment("published_at", "When it was published, in UTC."),
        moment("withdrawn_at", "Since when it says nothing any more, in UTC."),
    ),
)
