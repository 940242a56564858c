"""The address of a source leaves only if nobody whom it tells of is kept back, in every file alike."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cases.records_made import make_case
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_outlet,
    sign_in_directly,
)
from tests.fake_accounts.accounts_made import make_account
from tests.incidents.namings_made import stored
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding, step
from tests.responses.responses_made import make_response
from tracker.articles.codes import SourceKind
from tracker.articles.models import Article
from tracker.cases.service import file_records
from tracker.clock import current_date
from tracker.db import db
from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.service import add_event
from tracker.incidents.codes import ActorType, AttributedBy, Certainty, NameReach, TargetKind
from tracker.incidents.models import Incident
from tracker.incidents.publication_service import publish
from tracker.incidents.section_service import add_actor
from tracker.incidents.service import ActorFacts, TargetFacts, write_public_summary
from tracker.permissions import Role, Visibility
from tracker.responses.proceeding_service import add_step
from tracker.review.codes import EditorialState
from tracker.users.models import User
from tracker.when import parse_when

ADDRESS = "https://canary.example/2025/letters"


def accuse(incident: Incident, name: str, by: User) -> None:
    facts = ActorFacts(
        actor_type=ActorType.PRIVATE_PERSON, certainty=Certainty.ALLEGED, name=name,
        attributed_by=AttributedBy.TARGET,
    )  # fmt: skip
    add_actor(incident, facts, by=by)


def against_berik(article: Article | None, by: User, **given: Any) -> Incident:
    """Return an incident of somebody whom nobody has asked."""
    targets = [TargetFacts(journalist=make_journalist("Berik Kept", by=by))]
    return make_incident(article=article, targets=targets, by=by, **given)


def in_the_same_incident(incident: Incident, article: Article, by: User) -> None:
    incident.targets[0].name_reach = NameReach.HOUSE


def in_another_incident(incident: Incident, article: Article, by: User) -> None:
    against_berik(article, by)


def as_an_outlet(incident: Incident, article: Article, by: User) -> None:
    outlet = make_outlet("Steppe Herald", by=by)
    make_incident(
        article=article, targets=[TargetFacts(kind=TargetKind.OUTLET, outlet=outlet)], by=by
    )


def of_another_team(incident: Incident, article: Article, by: User) -> None:
    against_berik(article, by, visibility=Visibility.RESTRICTED)


def as_whom_an_account_poses(incident: Incident, article: Article, by: User) -> None:
    make_account("b", cites=article, impersonates=[make_journalist("Berik Kept", by=by)], by=by)


def in_an_event_of_the_account(incident: Incident, article: Article, by: User) -> None:
    account = make_account("b", impersonates=[make_journalist("Berik Kept", by=by)], by=by)
    when = parse_when("2025-06-01", latest_possible_date=current_date())
    add_event(account, AccountEvent.BLOCKED, when=when, article=article, by=by)


def whom_a_proceeding_concerns(incident: Incident, article: Article, by: User) -> None:
    make_proceeding(cites=article, parties=(make_journalist("Berik Kept", by=by),), by=by)


def in_a_step_of_the_proceeding(incident: Incident, article: Article, by: User) -> None:
    file = make_proceeding(parties=(make_journalist("Berik Kept", by=by),), by=by)
    add_step(file, step("opened", "2025-06-02", article=article), by=by)


def whom_a_response_answers(incident: Incident, article: Article, by: User) -> None:
    make_response(cites=article, incidents=(against_berik(None, by),), by=by)


def whom_an_appeal_is_about(incident: Incident, article: Article, by: User) -> None:
    make_appeal(against_berik(None, by), cites=article, by=by)


def accused_in_the_address(incident: Incident, article: Article, by: User) -> None:
    accuse(incident, "Иван Петров", by)
    article.url = ADDRESS + "/" + quote("петров-угрожал")


def accused_within_a_word(incident: Incident, article: Article, by: User) -> None:
    accuse(make_incident(article=article, by=by), "Ivan Petrov", by)
    article.url = ADDRESS + "/ivanpetrov1980"


def closed_in_the_address(incident: Incident, article: Article, by: User) -> None:
    article.url = ADDRESS + "/danaserik"
    dana = make_journalist("Dana Serik", visibility=Visibility.RESTRICTED, by=by)
    db.session.flush()
    dana.name_closed_on = current_date()


def closed_by_another_team(incident: Incident, article: Article, by: User) -> None:
    closed_in_the_address(incident, article, by)


def told_by_telephone(incident: Incident, article: Article, by: User) -> None:
    article.kind = SourceKind.PHONE_CALL


KEPT_BACK = [
    in_the_same_incident, in_another_incident, as_an_outlet, of_another_team,
    as_whom_an_account_poses, in_an_event_of_the_account, whom_a_proceeding_concerns,
    in_a_step_of_the_proceeding, whom_a_response_answers, whom_an_appeal_is_about,
    accused_in_the_address, accused_within_a_word, closed_in_the_address, closed_by_another_team, told_by_telephone,
]  # fmt: skip


def files_with_address(app: Flask, client: FlaskClient, tell: Callable[..., None]) -> set[str]:
    """Return which files give the address of the source of a published incident of somebody whose
    name is on the public record. `tell`: says whom else the source tells of.
    """
    with as_user(app) as staff:
        paper = make_outlet("Dala News", by=staff)
        article = make_article(url=ADDRESS, publisher=paper, by=staff)
        aida = make_journalist("Aida Named", by=staff)
        made = make_incident(article=article, targets=[TargetFacts(journalist=aida)], by=staff)
        write_public_summary(made, {"public_summary_en": "Letters came."}, by=staff)
        made.targets[0].name_reach, made.state = NameReach.PUBLIC, EditorialState.APPROVED
        case = make_case("Letters", by=staff)
        file_records(case, [made], by=staff)
        db.session.commit()
        ref, of_case = made.ref, case.ref
        team = tell in (of_another_team, closed_by_another_team)
        if not team:
            tell(made, article, staff)
            made.state = EditorialState.APPROVED
            db.session.commit()
    if team:
        with as_user(app, "other", team="Elsewhere") as other:
            tell(stored(ref), stored(ref).citations[0].article, other)
            db.session.commit()
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        publish(stored(ref), by=monitor)
        db.session.commit()
    with as_user(app, "taker", Role.EXPORTER):
        pass
    sign_in_directly(client, "taker")
    found = set()
    for name, address in {
        "partner CSV": "/reports/incidents.csv?profile=partner",
        "partner package": "/reports/package.zip?profile=partner",
        "partner dossier": f"/reports/dossier/{of_case}.zip?profile=partner",
        "public CSV": "/reports/published.csv",
        "public package": "/reports/package.zip?profile=public",
    }.items():
        with client.get(address) as answer:
            assert answer.status_code == 200
            content = answer.get_data()
        texts = [content]
        if content.startswith(b"PK"):
            package = zipfile.ZipFile(io.BytesIO(content))
            texts = [package.read(one) for one in package.namelist()]
        assert any(ref.encode() in one for one in texts), name
        if any(b"canary.example" in one for one in texts):
            found.add(name)
    return found


def nobody_else(incident: Incident, article: Article, by: User) -> None:
    pass


def test_the_address_of_what_tells_of_nobody_else_leaves(app: Flask, client: FlaskClient) -> None:
    assert files_with_address(app, client, nobody_else) == {
        "partner CSV", "partner package", "partner dossier", "public CSV", "public package"
    }  # fmt: skip


@pytest.mark.parametrize("tell", KEPT_BACK, ids=lambda one: one.__name__)
def test_an_address_that_leads_to_somebody_kept_back_leaves_in_no_file(
    app: Flask, client: FlaskClient, tell: Callable[..., None]
) -> None:
    assert files_with_address(app, client, tell) == set()


def test_who_agreed_for_partners_alone_is_found_by_partners_alone(
    app: Flask, client: FlaskClient
) -> None:
    def for_partners(incident: Incident, article: Article, by: User) -> None:
        made = against_berik(article, by)
        made.targets[0].name_reach = NameReach.PARTNER

    assert files_with_address(app, client, for_partners) == {
        "partner CSV", "partner package", "partner dossier"
    }  # fmt: skip
