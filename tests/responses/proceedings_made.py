"""Shared by the tests of proceedings: an article, and proceedings."""

from __future__ import annotations

from typing import Any

from tests.factories import make_article
from tracker.articles.models import Article
from tracker.articles.service import build_citation
from tracker.clock import current_date
from tracker.incidents.models import Incident
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Visibility
from tracker.responses.codes import ProceedingDirection, ProceedingKind, StepOfProceeding
from tracker.responses.models import Proceeding, ProceedingCitation
from tracker.responses.proceeding_service import ProceedingFacts, StepFacts, record_proceeding
from tracker.users.models import User
from tracker.when import parse_when

TEXT = (
    "The police registered a pre-trial investigation over the false pages. "
    "Its number is 257500031000042. "
    "The editor herself was charged with spreading false information on 10 May. "
    "She sued the ministry for its silence."
)


def make_docket(*, by: User, **given: Any) -> Article:
    """Return an article that reports three proceedings."""
    values = {
        "text": TEXT,
        "published": parse_when("2025-06-20", latest_possible_date=current_date()),
    }
    return make_article("Three cases at once", by=by, **(values | given))


def step(code: str, when: str, **given: Any) -> StepFacts:
    """Return a step such as ("opened", "2025-06-02")."""
    return StepFacts(
        step=StepOfProceeding(code),
        when=parse_when(when, latest_possible_date=current_date()),
        **given,
    )


def make_proceeding(
    direction: str = "against_perpetrators", *steps: tuple[str, str], by: User,
    cites: Article | None = None, incidents: tuple[Incident, ...] = (),
    parties: tuple[Journalist | Outlet, ...] = (),
    visibility: Visibility = Visibility.INTERNAL, **facts: Any,
) -> Proceeding:  # fmt: skip
    """Return a criminal case of Kazakhstan with steps such as ("opened", "2025-06-02")."""
    values: dict[str, Any] = {"kind": ProceedingKind.CRIMINAL, "country": "KZ"}
    return record_proceeding(
        ProceedingFacts(direction=ProceedingDirection(direction), **(values | facts)),
        parties=parties,
        steps=[step(*one) for one in steps],
        incidents=incidents,
        citations=[build_citation(ProceedingCitation, cites, "1")] if cites else [],
        team_id=by.team_ids[0],
        visibility=visibility,
        by=by,
    )
