"""Record and edit fake accounts; add and remove their events, successors and incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker.articles.addresses import MAX_URL_LENGTH
from tracker.articles.models import Article
from tracker.audit.service import audited_change
from tracker.errors import InvalidInput
from tracker.fake_accounts import codes, models
from tracker.fake_accounts.addresses import normalize_handle, parse_profile_url
from tracker.fake_accounts.queries import accounts_by_handle, successions_in_chain
from tracker.fake_accounts.rules import would_create_cycle
from tracker.i18n import _, current_language
from tracker.incidents.models import Incident
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.rules import is_web_address
from tracker.permissions import Actor, Visibility
from tracker.records import row_by_id, set_record_author, validate_linked_visibility
from tracker.review.service import validate_nothing_hidden
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import find_term
from tracker.when import When

MAX_HANDLE_LENGTH = 200  # characters
MAX_ACCOUNT_COUNT = 1_000_000  # accounts in one record, if the source does not identify them
MAX_SPREADS_LENGTH = 5000  # characters of the text on what an account spreads
# Whom an account impersonates: a record, or an official by name.
ImpersonatedParty = Journalist | Outlet | Institution | str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """The details of a fake account; `handle` may be the address of a profile. `identified`:
    whether the source identifies the account; `accounts_at_least`: the number of accounts if it
    does not.
    """

    kind: codes.AccountKind
    identified: Answer = Answer.YES
    accounts_at_least: int | None = None
    platform: Term | None = None
    handle: str = ""
    url: str = ""
    displayed_name: str = ""
    spreads: str = ""


def record_account(
    facts: AccountFacts,
    *,
    impersonates: Sequence[ImpersonatedParty] = (),
    first_seen: When | None = None,
    citations: Sequence[models.AccountCitation] = (),
    incidents: Sequence[Incident] = (),
    team_id: int,
    visibility: Visibility,
    by: Actor,
) -> models.FakeAccount:
    """Record a fake account; one record may stand for several that the source does not identify.

    The first citation is also the source of the first sighting. Raises InvalidInput at the fields
    of `AccountFacts` or at `impersonates`.
    """
    facts = validated_new_facts(facts, team_id=team_id)
    validate_linked_visibility(
        visibility, _journalists_and_outlets(impersonates), field="impersonates"
    )
    validate_linked_visibility(visibility, [one.article for one in citations])
    account = models.FakeAccount(
        impersonates=[_build_impersonation(one) for one in dict.fromkeys(impersonates)],
        events=[],
        citations=list(citations),
        incidents=[models.IncidentAccount(incident=one) for one in dict.fromkeys(incidents)],
        successors=[],
        team_id=team_id,
        visibility=visibility,
    )
    if first_seen is not None:
        source = citations[0].article if citations else None
        seen = codes.AccountEvent.FIRST_SEEN
        account.events.append(models.FakeAccountEvent(event=seen, when=first_seen, article=source))
    _set_values(account, facts)
    set_record_author(account, by=by)
    with audited_change(account, "fake_account:create", by=by):
        pass
    return account


def edit_account(
    account: models.FakeAccount,
    facts: AccountFacts,
    *,
    impersonates: Sequence[ImpersonatedParty],
    visibility: Visibility,
    by: Actor,
) -> None:
    """Edit a fake account; impersonated parties that the actor cannot see are unchanged.

    Raises InvalidInput as `record_account` does.
    """
    facts = validated_facts(facts)
    _validate_not_duplicate(facts, team_id=account.team_id, excluding=account)
    validate_linked_visibility(
        visibility, _journalists_and_outlets(impersonates), field="impersonates"
    )
    sources = [
        *(one.article for one in account.citations),
        *(one.article for one in account.events),
    ]
    validate_linked_visibility(visibility, sources)
    validate_nothing_hidden(visibility, account)
    with audited_change(account, "fake_account:edit", by=by):
        _set_values(account, facts)
        kept = [
            row
            for row in account.impersonates
            if row.is_hidden() or (row.impersonated_party() or row.official) in impersonates
        ]
        known = [row.impersonated_party() or row.official for row in kept]
        new = [_build_impersonation(one) for one in dict.fromkeys(impersonates) if one not in known]
        account.impersonates = [*kept, *new]
        account.visibility = visibility
        account.mark_revised(by=by)


def validated_new_facts(facts: AccountFacts, *, team_id: int) -> AccountFacts:
    """Return the details of a new account as they are stored; raise InvalidInput if they are
    invalid, or if the team has this account.
    """
    facts = validated_facts(facts)
    _validate_not_duplicate(facts, team_id=team_id)
    return facts


def validated_facts(facts: AccountFacts) -> AccountFacts:
    """Return the details as they are stored; raise InvalidInput if they are invalid.

    The handle has no @; an address given as the handle is split into platform and handle.
    """
    facts = _split_profile_url(facts)
    wrong: dict[str, str] = {}
    if len(facts.handle) > MAX_HANDLE_LENGTH:
        wrong["handle"] = _("At most %(n)d characters.", n=MAX_HANDLE_LENGTH)
    if facts.url and (not is_web_address(facts.url) or len(facts.url) > MAX_URL_LENGTH):
        wrong["url"] = _("This is not the address of a web page (https://…).")
    if facts.identified is Answer.YES and not (facts.handle or facts.url or facts.displayed_name):
        wrong["identified"] = _(
            "Give its handle, address or displayed name, or say that the source does not identify "
            "it."
        )
    if facts.identified is Answer.NO and (facts.handle or facts.url):
        wrong["identified"] = _("An account whose handle or address is known is identified.")
    if facts.accounts_at_least is not None:
        if facts.identified is not Answer.NO:
            wrong["accounts_at_least"] = _(
                "Only accounts that the source does not identify are counted in one record."
            )
        elif not 1 <= facts.accounts_at_least <= MAX_ACCOUNT_COUNT:
            wrong["accounts_at_least"] = _(
                "Give a number from 1 to %(most)d.", most=MAX_ACCOUNT_COUNT
            )
    if wrong:
        raise InvalidInput(**wrong)
    return facts


def _split_profile_url(facts: AccountFacts) -> AccountFacts:
    """Return the details with platform and handle taken from the address of a profile."""
    typed = parse_profile_url(facts.handle)
    profile = typed or (parse_profile_url(facts.url) if facts.url else None)
    if typed is None:
        facts = replace(facts, handle=normalize_handle(facts.handle))
    if profile is None:
        return facts
    platform = find_term(TermSet.PLATFORM, profile.platform)
    if platform and facts.platform and platform.code != facts.platform.code:
        name = platform.label_in(current_language())
        raise InvalidInput(platform=_("The address is one of %(name)s.", name=name))
    return replace(
        facts,
        platform=facts.platform or platform,
        handle=profile.handle if typed else facts.handle or profile.handle,
        url=facts.url or profile.url,
    )


def _validate_not_duplicate(
    facts: AccountFacts, *, team_id: int, excluding: models.FakeAccount | None = None
) -> None:
    """Raise InvalidInput at `handle` if the team has an account with this handle, kind and
    platform; `excluding`: the account that is edited.
    """
    if not facts.handle:
        return
    platform_id = facts.platform.id if facts.platform else None
    found = accounts_by_handle(facts.handle, platform_id=platform_id, team_id=team_id)
    known = [one for one in found if one is not excluding and one.kind is facts.kind]
    if known:
        raise InvalidInput(
            handle=_(
                "It is on record already: %(name)s (%(ref)s). Cite the article there.",
                name=known[0].heading,
                ref=known[0].ref,
            )
        )


def _set_values(account: models.FakeAccount, facts: AccountFacts) -> None:
    """Set the columns of an account to its details."""
    account.kind, account.identified = facts.kind, facts.identified
    account.accounts_at_least, account.platform = facts.accounts_at_least, facts.platform
    account.handle, account.url = facts.handle, facts.url
    account.displayed_name, account.spreads = facts.displayed_name, facts.spreads


def _journalists_and_outlets(
    impersonated: Sequence[ImpersonatedParty],
) -> list[Journalist | Outlet]:
    """Return the journalists and outlets among the impersonated parties."""
    return [one for one in impersonated if isinstance(one, Journalist | Outlet)]


def _build_impersonation(party: ImpersonatedParty) -> models.AccountImpersonation:
    """Return a new row that says that an account impersonates a party."""
    if isinstance(party, Journalist):
        return models.AccountImpersonation(journalist=party)
    if isinstance(party, Outlet):
        return models.AccountImpersonation(outlet=party)
    if isinstance(party, Institution):
        return models.AccountImpersonation(institution=party)
    return models.AccountImpersonation(official=party)


def add_event(
    account: models.FakeAccount,
    event: codes.AccountEvent,
    *,
    when: When,
    institution: Institution | None = None,
    article: Article | None = None,
    quotes: Sequence[models.AccountCitation] = (),
    note: str = "",
    by: Actor,
) -> models.FakeAccountEvent:
    """Add an event of an account, which may change the status of the account. `article`: the source
    of the event; `quotes`: new citations of this article.
    """
    validate_linked_visibility(account.visibility, [article], field="article")
    happened = models.FakeAccountEvent(
        event=event, when=when, institution=institution, article=article, note=note
    )
    with audited_change(account, "fake_account:edit", by=by):
        account.events.append(happened)
        for one in quotes:
            one.part = happened
            account.citations.append(one)
        account.mark_revised(by=by)
    return happened


def remove_event(account: models.FakeAccount, event_id: int, *, by: Actor) -> None:
    """Remove an event recorded by mistake, with the quotes about it alone.

    Raises InvalidInput if these are the only source of the account.
    """
    happened = row_by_id(account.events, event_id)
    left = [one for one in account.citations if one.part_id != happened.id]
    if account.citations and not left:
        raise InvalidInput(
            version=_("Its words are the only source of the account: cite another one first.")
        )
    with audited_change(account, "fake_account:edit", by=by):
        account.citations = left
        account.events.remove(happened)
        account.mark_revised(by=by)


def add_succession(
    account: models.FakeAccount,
    successor: models.FakeAccount,
    *,
    certainty: codes.SuccessionCertainty,
    basis: codes.SuccessionBasis,
    by: Actor,
) -> models.AccountSuccession:
    """Record that `account` reappeared as `successor`.

    Raises InvalidInput at `successor` if it is recorded already, the account itself or an earlier
    one.
    """
    if successor is account:
        raise InvalidInput(successor=_("An account does not succeed itself."))
    pairs = [link.pair for link in successions_in_chain(account)]
    if (account.id, successor.id) in pairs:
        raise InvalidInput(successor=_("This is recorded already."))
    if would_create_cycle(pairs, account.id, successor.id):
        raise InvalidInput(successor=_("This account already came after that one."))
    succession = models.AccountSuccession(successor=successor, certainty=certainty, basis=basis)
    with audited_change(account, "fake_account:edit", by=by):
        account.successors.append(succession)
        account.mark_revised(by=by)
    return succession


def remove_succession(account: models.FakeAccount, succession_id: int, *, by: Actor) -> None:
    """Remove a succession recorded by mistake."""
    succession = row_by_id(account.successors, succession_id)
    with audited_change(account, "fake_account:edit", by=by):
        account.successors.remove(succession)
        account.mark_revised(by=by)


def add_incident(account: models.FakeAccount, incident: Incident, *, by: Actor) -> None:
    """Link an account to an incident in which it was used; raise InvalidInput if it is linked."""
    if any(use.incident_id == incident.id for use in account.incidents):
        raise InvalidInput(incident=_("This is recorded already."))
    with audited_change(account, "fake_account:edit", by=by):
        account.incidents.append(models.IncidentAccount(incident=incident))
        account.mark_revised(by=by)


def remove_incident(account: models.FakeAccount, link_id: int, *, by: Actor) -> None:
    """Unlink an account from an incident, given the id of the IncidentAccount."""
    use = row_by_id(account.incidents, link_id)
    with audited_change(account, "fake_account:edit", by=by):
        account.incidents.remove(use)
        account.mark_revised(by=by)
