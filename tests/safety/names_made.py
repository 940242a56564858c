"""Names with a naming decision: released, or closed to all but their team."""

from __future__ import annotations

from typing import Any

from tests.factories import make_article, make_incident, make_journalist
from tracker.articles.service import build_citation
from tracker.db import db
from tracker.fake_accounts.codes import AccountKind
from tracker.fake_accounts.models import AccountCitation
from tracker.fake_accounts.service import AccountFacts, record_account
from tracker.incidents import section_service
from tracker.incidents.codes import NamingDecision, NamingScope
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.naming_queries import plan_name_redaction
from tracker.incidents.publication_service import (
    NamingInput,
    RedactionConfirmation,
    save_naming_decision,
)
from tracker.incidents.service import TargetFacts
from tracker.people.models import Journalist
from tracker.permissions import Visibility
from tracker.records import Record
from tracker.users.models import User
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import find_term

# The placeholder of a withheld name, without any word of a name.
INSTEAD = "somebody who edits"


def refusing(word: str) -> str:
    """Return the name of a person who refuses to be named; one word, so that nobody shares it."""
    return f"Refusing{word.lower()}"


def close_names(
    incident: Incident, word: str, *, team_id: int, visibility: Visibility, by: User
) -> None:
    """Add two closed targets: one who refused, and one who withdrew her consent."""
    whose = {"team_id": team_id, "visibility": visibility}
    close(incident, make_journalist(refusing(word), **whose, by=by), by=by)
    withdrawing = make_journalist(f"Withdrawing{word.lower()}", **whose, by=by)
    agreed = NamingInput(decision=NamingDecision.CONSENTED, scope=NamingScope.PUBLIC)
    target = _aim_at(incident, withdrawing, by=by)
    for decided in (agreed, NamingInput(decision=NamingDecision.WITHDRAWN)):
        _decide(incident, target, decided, by=by)


def close(incident: Incident, journalist: Journalist, *, by: User) -> None:
    """Add a target to an incident who refuses to be named."""
    target = _aim_at(incident, journalist, by=by)
    _decide(incident, target, NamingInput(decision=NamingDecision.REFUSED), by=by)


def let_out(word: str, *, by: User, **whose: Any) -> list[Record]:
    """Record an incident whose names may be shared: one with partners, one with the public.

    With its source, and an account that impersonates one of them.
    """
    agreed, known = (
        make_journalist(f"{name} {word}", **whose, by=by) for name in ("Agreed", "Known")
    )
    article = make_article(
        f"{word} letters", url=f"https://{word.lower()}.example/letters", **whose, by=by
    )
    incident = make_incident(
        "intimidation.visit",
        article=article,
        targets=[TargetFacts(journalist=one) for one in (agreed, known)],
        **whose,
        by=by,
    )
    account = record_account(
        AccountFacts(
            kind=AccountKind.PROFILE,
            platform=find_term(TermSet.PLATFORM, "telegram"),
            handle=f"agreed_{word.lower()}",
        ),
        impersonates=[agreed],
        incidents=[incident],
        citations=[build_citation(AccountCitation, article, "1")],
        **whose,
        by=by,
    )
    db.session.flush()
    for target, scope in zip(
        incident.targets, (NamingScope.PARTNER, NamingScope.PUBLIC), strict=True
    ):
        consented = NamingInput(
            decision=NamingDecision.CONSENTED, scope=scope, how_asked="By letter"
        )
        _decide(incident, target, consented, by=by)
    return [incident, account, article, agreed, known]


def _aim_at(incident: Incident, journalist: Journalist, *, by: User) -> IncidentTarget:
    section_service.add_target(incident, TargetFacts(journalist=journalist), by=by)
    db.session.flush()
    return incident.targets[-1]


def _decide(incident: Incident, target: IncidentTarget, decided: NamingInput, *, by: User) -> None:
    """Record a naming decision; for a closed name, restrict all that has it to the team."""
    assert target.journalist is not None
    plan = plan_name_redaction(target.journalist)
    confirmation = RedactionConfirmation(
        listed_refs=plan.affected_refs(), refs_to_restrict=[one.ref for one in plan.records_to_edit]
    )
    save_naming_decision(
        incident, target, decided, named_as=INSTEAD, confirmation=confirmation, by=by
    )
