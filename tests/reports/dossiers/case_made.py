"""Shared by the tests of dossiers: a case with records that may and may not be shared."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.cases.records_made import make_account, make_case
from tests.factories import make_article, make_incident, make_journalist, make_outlet
from tests.incidents.namings_made import decide, deciding
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tracker.cases.service import file_records
from tracker.db import db
from tracker.fake_accounts.models import IncidentAccount
from tracker.incidents.codes import ActorType, AttributedBy, Certainty, NamingDecision, NamingScope
from tracker.incidents.service import ActorFacts, TargetFacts
from tracker.permissions import Visibility
from tracker.responses.codes import AppealKind

FREE = "Aida Named was followed by two men. They said that they were police."
THREAT = "We will bury you, said the letter to Aida Named. It was not signed."
NOT_FREE = "Berik Kept was beaten. Aida Named saw it."
ACCUSED = "Zhanat Private followed Aida Named. She saw his face."


@dataclass(frozen=True, slots=True)
class Made:
    """Refs of the case's records; `articles` by topic."""

    case: str
    incidents: dict[str, str]
    articles: dict[str, str]


def make_told(app: Flask) -> Made:
    """Record a case by `zarina`.

    `free`, `threat` and `accused` are about a journalist who may be named, `both` also about
    another one, `own` is restricted to the team.
    """
    with deciding(app, "zarina") as staff:
        paper = make_outlet("Dala News", by=staff)
        aida, berik = (make_journalist(name, by=staff) for name in ("Aida Named", "Berik Kept"))
        texts = {"free": FREE, "threat": THREAT, "both": NOT_FREE, "accused": ACCUSED}
        articles = {
            name: make_article(
                f"Of {name}", url=f"https://dala.example/{name}", text=text, publisher=paper,
                by=staff,
            )
            for name, text in texts.items()
        }  # fmt: skip
        private = ActorFacts(
            actor_type=ActorType.PRIVATE_PERSON, certainty=Certainty.ALLEGED,
            name="Zhanat Private", attributed_by=AttributedBy.TARGET,
        )  # fmt: skip
        officer = ActorFacts(
            actor_type=ActorType.POLICE, certainty=Certainty.KNOWN,
            name="Captain Serik", attributed_by=AttributedBy.JUDGMENT,
        )  # fmt: skip
        facts: dict[str, dict[str, Any]] = {
            "free": {"actor": officer}, "threat": {}, "accused": {"actor": private},
            "both": {"targets": [TargetFacts(journalist=aida), TargetFacts(journalist=berik)]},
            "own": {"visibility": Visibility.RESTRICTED},
        }  # fmt: skip
        incidents = {
            name: make_incident(
                "threat.death" if name == "threat" else "intimidation.visit",
                article=articles.get(name, articles["free"]), title=f"CANARY {name}",
                narrative="CANARY narrative", place="CANARY street",
                **{"targets": [TargetFacts(journalist=aida)]} | given, by=staff,
            )
            for name, given in facts.items()
        }  # fmt: skip
        asked = make_appeal(incidents["free"], kind=AppealKind.UN, sender="CANARY lawyer", by=staff)
        file = make_proceeding(
            "against_perpetrators", ("opened", "2025-06-02"), incidents=(incidents["free"],),
            number="CANARY 1", by=staff,
        )  # fmt: skip
        for name, handle in (("free", "aida_named"), ("both", "berik_kept")):
            account = make_account("CANARY", handle=handle, by=staff)
            account.incidents.append(IncidentAccount(incident=incidents[name]))
        case = make_case("CANARY affair", summary="CANARY summary", by=staff)
        db.session.flush()
        file_records(case, [*incidents.values(), asked, file], by=staff)
        db.session.commit()
        for incident in incidents.values():
            decide(incident, NamingDecision.CONSENTED, scope=NamingScope.PARTNER, by=staff)
        return Made(
            case.ref,
            {name: one.ref for name, one in incidents.items()},
            {name: one.ref for name, one in articles.items()},
        )


def taken(client: FlaskClient, case: str, asked: str = "") -> zipfile.ZipFile:
    """Download the ZIP."""
    with client.get(f"/reports/dossier/{case}.zip{asked}") as answer:
        assert answer.status_code == 200
        return zipfile.ZipFile(io.BytesIO(answer.get_data()))


def everything(packed: zipfile.ZipFile) -> str:
    """Return all text in a ZIP, with the names of the files."""
    return "\n".join(name + packed.read(name).decode() for name in packed.namelist())
