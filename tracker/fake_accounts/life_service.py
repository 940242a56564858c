"""What happens to a fake account: its events, its successors, the incidents it is used in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.audit.service import audited
from tracker.errors import InvalidInput, NotFound
from tracker.fake_accounts.models import AccountSuccession, FakeAccountEvent, IncidentAccount
from tracker.fake_accounts.queries import links_about
from tracker.fake_accounts.rules import comes_back
from tracker.i18n import _
from tracker.review.widening_service import refuse_showing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeVar

    from tracker.articles.models import Article
    from tracker.fake_accounts.codes import AccountEvent, SuccessionBasis, SuccessionCertainty
    from tracker.fake_accounts.models import AccountCitation, FakeAccount
    from tracker.incidents.models import Incident
    from tracker.people.models import Institution
    from tracker.permissions import Actor
    from tracker.when import When

    Child = TypeVar("Child", FakeAccountEvent, AccountSuccession, IncidentAccount)


def add_event(
    account: FakeAccount,
    event: AccountEvent,
    *,
    when: When,
    institution: Institution | None = None,
    article: Article | None = None,
    words: Sequence[AccountCitation] = (),
    note: str = "",
    by: Actor,
) -> FakeAccountEvent:
    """Record what an account did or underwent; its status follows. `words`: those of a source that
    speak of it alone.
    """
    refuse_showing(account.visibility, [article], field="article")
    happened = FakeAccountEvent(
        event=event, when=when, institution=institution, article=article, note=note
    )
    with audited(account, "fake_account:edit", by=by):
        account.events.append(happened)
        for one in words:
            one.part = happened
            account.citations.append(one)
        account.revised(by=by)
    return happened


def remove_event(account: FakeAccount, number: int, *, by: Actor) -> None:
    """Take out an event that was recorded by mistake, with the words that speak of it alone; but
    never the only source of the account.
    """
    happened = _numbered(account.events, number)
    left = [one for one in account.citations if one.part_id != happened.id]
    if account.citations and not left:
        raise InvalidInput(
            version=_("Its words are the only source of the account: cite another one first.")
        )
    with audited(account, "fake_account:edit", by=by):
        account.citations = left
        account.events.remove(happened)
        account.revised(by=by)


def add_succession(
    account: FakeAccount,
    successor: FakeAccount,
    *,
    certainty: SuccessionCertainty,
    basis: SuccessionBasis,
    by: Actor,
) -> AccountSuccession:
    """Say that an account reappeared as another one; the other's page shows the inverse."""
    if successor is account:
        raise InvalidInput(successor=_("An account does not succeed itself."))
    pairs = [link.pair for link in links_about(account)]
    if (account.id, successor.id) in pairs:
        raise InvalidInput(successor=_("This is recorded already."))
    if comes_back(pairs, account.id, successor.id):
        raise InvalidInput(successor=_("This account already came after that one."))
    succession = AccountSuccession(successor=successor, certainty=certainty, basis=basis)
    with audited(account, "fake_account:edit", by=by):
        account.successors.append(succession)
        account.revised(by=by)
    return succession


def remove_succession(account: FakeAccount, number: int, *, by: Actor) -> None:
    """Take out a succession that was recorded by mistake."""
    succession = _numbered(account.successors, number)
    with audited(account, "fake_account:edit", by=by):
        account.successors.remove(succession)
        account.revised(by=by)


def add_use(account: FakeAccount, incident: Incident, *, by: Actor) -> None:
    """Say that an account was used in an incident."""
    if any(use.incident_id == incident.id for use in account.incidents):
        raise InvalidInput(incident=_("This is recorded already."))
    with audited(account, "fake_account:edit", by=by):
        account.incidents.append(IncidentAccount(incident=incident))
        account.revised(by=by)


def remove_use(account: FakeAccount, number: int, *, by: Actor) -> None:
    """Take out that an account was used in an incident."""
    use = _numbered(account.incidents, number)
    with audited(account, "fake_account:edit", by=by):
        account.incidents.remove(use)
        account.revised(by=by)


def _numbered(children: Iterable[Child], number: int) -> Child:
    found = next((one for one in children if one.id == number), None)
    if found is None:
        raise NotFound
    return found
