"""Fake accounts, and what befell them."""

from __future__ import annotations

from tracker.fake_accounts.codes import (
    AccountEvent,
    AccountKind,
    SuccessionBasis,
    SuccessionCertainty,
)
from tracker.reports.tables.dated import dated, reviewed
from tracker.reports.tables.shape import (
    Table,
    code,
    glued,
    number,
    ordinal,
    points,
    ref,
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
EVENTS = Table(
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
USES = Table(
    name="incident_accounts",
    says="Which account was used in which incident.",
    key=("incident", "account"),
    owner="account",
    columns=(
        points("account", "fake_accounts", "The account."),
        points("incident", "incidents", "The incident."),
    ),
)
