"""An appeal and a proceeding about an incident, for every place of the world."""

from __future__ import annotations

from datetime import date
from typing import Any

from tracker.articles.models import Article
from tracker.articles.service import build_citation
from tracker.clock import current_date
from tracker.incidents.models import Incident
from tracker.people.models import Institution, Journalist
from tracker.responses.appeal_service import AppealFacts, record_appeal
from tracker.responses.codes import (
    AppealKind,
    AppealSender,
    ProceedingDirection,
    ProceedingKind,
    StepOfProceeding,
)
from tracker.responses.models import Appeal, AppealCitation, Proceeding, ProceedingCitation
from tracker.responses.proceeding_service import ProceedingFacts, StepFacts, record_proceeding
from tracker.when import parse_when

CITED = "2"


def appeal_about(
    word: str, article: Article, incident: Incident, body: Institution, **whose: Any
) -> Appeal:
    """Record that an outlet appealed to an institution about an incident, without an answer yet."""
    return record_appeal(
        AppealFacts(
            sender_kind=AppealSender.OUTLET,
            sender=f"{word} Newsroom",
            institution=body,
            kind=AppealKind.LETTER,
            sent=parse_when("2025-06-05", latest_possible_date=current_date()),
            due_on=date(2025, 6, 20),
            reference=f"{word}-77",
            summary=f"{word} asks",
        ),
        incidents=(incident,),
        citations=[build_citation(AppealCitation, article, CITED)],
        **whose,
    )


def proceeding_about(
    word: str,
    article: Article,
    incident: Incident,
    body: Institution,
    *,
    concerns: Journalist,
    **whose: Any,
) -> Proceeding:
    """Record that an institution opened a case about an incident against its unknown actor."""
    step = StepFacts(
        step=StepOfProceeding.OPENED,
        when=parse_when("2025-06-18", latest_possible_date=current_date()),
        institution=body,
        article=article,
        quotes=[build_citation(ProceedingCitation, article, "1")],
        note=f"{word} file",
    )
    return record_proceeding(
        ProceedingFacts(
            direction=ProceedingDirection.AGAINST_PERPETRATORS,
            kind=ProceedingKind.CRIMINAL,
            country="KZ",
            institution=body,
            number=f"{word}-88",
            legal_basis=f"{word} article",
            summary=f"{word} proceeding",
        ),
        parties=[concerns],
        steps=[step],
        incidents=(incident,),
        citations=[build_citation(ProceedingCitation, article, CITED)],
        **whose,
    )
