"""The register of fake accounts: how long they were up, how many reappeared, and their chains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from flask import render_template, request

from tracker import clock
from tracker.fake_accounts.codes import AccountFate, Reappearance
from tracker.fake_accounts.filters import AccountFilter
from tracker.fake_accounts.lineage_rules import Chain, LineageChart, chains_in, lineage_chart
from tracker.fake_accounts.queries import Register, accounts_by_ids, register_of, resolve_filter
from tracker.fake_accounts.rules import CountedAccount, Figures, figures_of
from tracker.fake_accounts.views import bp
from tracker.i18n import language
from tracker.people.models import Institution, Journalist, Outlet
from tracker.permissions import Permission
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import every_term_of
from tracker.web.guards import requires

# More charts would not be read: the chain of each account is on its page.
MOST_CHAINS = 20
# Longer tables would not be read either: other parties have their figures on a filtered page.
MOST_PEOPLE = 50
PARAMETER_OF = {Journalist: "journalist", Outlet: "outlet", Institution: "institution"}


class Group(NamedTuple):
    """A row of a table: some accounts, the filter that shows them, and their figures."""

    name: str
    asked: dict[str, str]
    figures: Figures


@bp.get("/register")
@requires(Permission.READ)
def register() -> str:
    """Show figures of the accounts that match a filter, and their chains."""
    filters = AccountFilter.from_args(request.args)
    found = register_of(filters)
    chains = _chains(found)
    return render_template(
        "fake_accounts/register.html",
        filters=filters,
        said=filters.describe(resolve_filter(filters).in_words()),
        figures=figures_of(found.accounts),
        by_platform=_by_platform(found, filters),
        by_person=_by_person(found, filters)[:MOST_PEOPLE],
        people=len(found.by_person),
        chains=chains,
        pictures=_pictures(found, chains[:MOST_CHAINS]),
        fates=AccountFate,
        reappearances=Reappearance,
        as_of=clock.now(),
    )


def _chains(found: Register) -> list[Chain]:
    """Return the complete chains that contain one of the accounts."""
    ids = {one.id for one in found.accounts}
    return [chain for chain in chains_in(found.links) if not ids.isdisjoint(chain.members)]


def _pictures(found: Register, chains: list[Chain]) -> list[tuple[Chain, LineageChart]]:
    drawn = [chain.visible_members() for chain in chains]
    accounts = {one.id: one for one in accounts_by_ids([one for of in drawn for one in of])}
    today = clock.today()
    return [
        (
            chain,
            lineage_chart(
                [accounts[one] for one in members],
                found.links,
                today=today,
                in_all=len(chain.members),
            ),
        )
        for chain, members in zip(chains, drawn, strict=True)
    ]


def _by_platform(found: Register, filters: AccountFilter) -> list[Group]:
    """Return a row for each platform, none if the filter has one."""
    if filters.platform:
        return []
    return _sorted_groups(
        (term.label(language()), replace(filters, platform=term.code), found.by_platform[term.id])
        for term in every_term_of(TermSet.PLATFORM)
        if term.id in found.by_platform
    )


def _by_person(found: Register, filters: AccountFilter) -> list[Group]:
    """Return a row for each impersonated party, none if the filter has one."""
    if filters.poses_as:
        return []
    return _sorted_groups(
        (whom, replace(filters, official=whom), of)
        if isinstance(whom, str)
        else (whom.name, replace(filters, **{PARAMETER_OF[type(whom)]: whom.ref}), of)
        for whom, of in found.by_person.items()
    )


def _sorted_groups(rows: Iterable[tuple[str, AccountFilter, list[CountedAccount]]]) -> list[Group]:
    found = [Group(name, filters.to_args(), figures_of(of)) for name, filters, of in rows]
    return sorted(found, key=lambda one: (-one.figures.accounts, one.name))
