"""Shared by the tests of fake accounts: an article with incidents, and accounts."""

from __future__ import annotations

from typing import Any

from tests.factories import make_article
from tracker.articles.models import Article
from tracker.articles.service import build_citation
from tracker.clock import current_date
from tracker.db import db
from tracker.fake_accounts.codes import AccountEvent, AccountKind
from tracker.fake_accounts.models import AccountCitation, FakeAccount
from tracker.fake_accounts.service import AccountFacts, add_event, record_account
from tracker.permissions import Visibility
from tracker.users.models import User
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import find_term, list_active_terms
from tracker.when import parse_when

TEXT = (
    "Pages with the name of Anna Smirnova appeared on Telegram. One of them said that she had died. "
    "The ministry orders such pages to be blocked.\n"
    "Her newsroom wrote to the platform."
)


def make_platforms() -> dict[str, Term]:
    for code, name in (("telegram", "Telegram"), ("facebook", "Facebook")):
        if find_term(TermSet.PLATFORM, code) is None:
            words = dict.fromkeys(("label_en", "label_ru", "label_kk"), name)
            db.session.add(Term(term_set=TermSet.PLATFORM, code=code, rank=10, **words))
    return {term.code: term for term in list_active_terms(TermSet.PLATFORM)}


def make_report(*, by: User, **given: Any) -> Article:
    """Return an article about fake pages."""
    values = {
        "text": TEXT,
        "published": parse_when("2025-06-04", latest_possible_date=current_date()),
    }
    return make_article("False pages", by=by, **(values | given))


def make_account(
    handle: str = "anna_true", *events: tuple[str, str], by: User, cites: Article | None = None,
    quote: str = "1", impersonates: Any = (), incidents: Any = (), visibility: Visibility = Visibility.INTERNAL,
    **facts: Any,
) -> FakeAccount:  # fmt: skip
    """Return a profile with that handle, and events such as ("blocked", "2025-06-01")."""
    values = {"kind": AccountKind.PROFILE, "handle": handle} | facts
    if not handle:
        values["identified"] = Answer.NO
    account = record_account(
        AccountFacts(**values),
        impersonates=impersonates,
        incidents=incidents,
        citations=[build_citation(AccountCitation, cites, quote)] if cites else [],
        team_id=by.team_ids[0],
        visibility=visibility,
        by=by,
    )
    for event, when in events:
        add_event(
            account,
            AccountEvent(event),
            when=parse_when(when, latest_possible_date=current_date()),
            by=by,
        )
    return account
