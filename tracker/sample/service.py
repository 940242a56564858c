"""Loading the sample case through the same services as everything else, and taking it out again."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker import clock
from tracker.articles.codes import Language
from tracker.articles.queries import known_by
from tracker.articles.service import add_article, make_citation
from tracker.audit.service import record_event
from tracker.cases.service import file_records, open_case
from tracker.fake_accounts.codes import AccountKind
from tracker.fake_accounts.models import AccountCitation
from tracker.fake_accounts.service import AccountFacts, record_account
from tracker.incidents.actors_service import ActorFacts
from tracker.incidents.codes import Extent, PurportedAs, Setting, TargetKind, TargetRole, WorkLink
from tracker.incidents.service import report_incident, set_circumstances
from tracker.incidents.targets_service import TargetFacts
from tracker.people.codes import Gender, JournalistKind, NameKind
from tracker.people.queries import institution_named
from tracker.people.service import (
    add_journalist,
    add_name,
    add_outlet,
    affiliate,
    law_enforcement_of,
)
from tracker.permissions import Role, Visibility
from tracker.responses.codes import ActType, AnswerScope, QuoteIs, Stance
from tracker.responses.models import ResponseCitation
from tracker.responses.service import ActFacts, ResponseFacts, record_response
from tracker.review.service import submit
from tracker.scoping import Viewer, set_viewer
from tracker.users.service import console_actor, create_user, team_named
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.queries import terms_by_code
from tracker.when import When, parse_when

if TYPE_CHECKING:
    from argon2 import PasswordHasher

    from tracker.articles.models import Article
    from tracker.cases.models import Case
    from tracker.fake_accounts.models import FakeAccount
    from tracker.incidents.models import Incident
    from tracker.people.models import Journalist, Outlet
    from tracker.permissions import Actor
    from tracker.records import Record
    from tracker.responses.models import OfficialResponse
    from tracker.users.models import User

TEAM = "Sample"
USERS = {
    "admin": Role.ADMIN,
    "staff": Role.STAFF,
    "monitor": Role.MONITOR,
    "exporter": Role.EXPORTER,
}
LOADED = "sample:load"
PERIOD, WORDS = "2024-12/2025-06", "for the past six months"
CASE = Path(__file__).with_name("case.toml")
Told = dict[str, Any]


def load_sample(password: str, *, argon: PasswordHasher) -> Case:
    """Make the four users and log the sample as `staff` would; the trail keeps every ref made."""
    told = tomllib.loads(CASE.read_text(encoding="utf-8"))
    console = console_actor()
    staff = _make_users(password, argon=argon, by=console)
    set_viewer(Viewer(tuple(staff.team_ids)))
    kept: Told = {"team_id": staff.team_ids[0], "visibility": Visibility.INTERNAL, "by": staff}

    outlet = add_outlet(**told["outlet"], **kept)
    people = {one["name"]: _add_person(one, outlet, kept) for one in told["journalists"]}
    article = _add_article(told["article"], outlet, kept)
    incidents = [_report(one, article, outlet, people, kept) for one in told["incidents"]]
    account = _record_account(told["account"], article, incidents, people, kept)
    response = _record_response(told["response"], article, console, kept)
    case = open_case(
        told["title"], summary=told["summary"].strip(), country=told["country"], **kept
    )
    logged: list[Record] = [*incidents, account, response]
    file_records(case, logged, by=staff)
    for record in (incidents[-1], response):
        # So that the monitor finds something to review.
        submit(record, by=staff)
    made: list[Record] = [outlet, *people.values(), article, *logged, case]
    record_event(LOADED, TEAM, by=console, changes={"refs": sorted(one.ref for one in made)})
    return case


def _make_users(password: str, *, argon: PasswordHasher, by: Actor) -> User:
    team = team_named(TEAM, by=by)
    made = {
        name: create_user(name, password, roles=[role], teams=[team], argon=argon, by=by)
        for name, role in USERS.items()
    }
    return made["staff"]


def _add_person(one: Told, outlet: Outlet, kept: Told) -> Journalist:
    person = add_journalist(
        one["name"],
        country="KZ",
        kind=JournalistKind(one["kind"]),
        gender=Gender(one["gender"]),
        **kept,
    )
    for name in one["variants"]:
        add_name(person, name, kind=NameKind.TRANSLITERATION, by=kept["by"])
    if "position" in one:
        since = parse_when("before 2025-07", known_by=clock.today())
        affiliate(person, outlet, when=since, position=one["position"], by=kept["by"])
    return person


def _add_article(one: Told, outlet: Outlet, kept: Told) -> Article:
    return add_article(
        one["title"],
        text=one["text"].strip(),
        publisher=outlet,
        published=parse_when(one["published"], known_by=clock.today()),
        language=Language(one["language"]),
        **kept,
    )


def _report(
    one: Told, article: Article, outlet: Outlet, people: dict[str, Journalist], kept: Told
) -> Incident:
    posed_as = PurportedAs(one["purported_as"]) if "purported_as" in one else None
    incident = report_incident(
        types=terms_by_code(TermSet.INCIDENT_TYPE, one["types"]),
        occurred=_period(article),
        country="KZ",
        targets=_targets(one, outlet, people),
        article=article,
        quote=one["quote"],
        extent=Extent(one["extent"]),
        actor=ActorFacts(purported_as=posed_as),
        **kept,
    )
    set_circumstances(
        incident,
        setting=Setting(one.get("setting", "unknown")),
        work_link=WorkLink(one["work_link"]),
        is_gendered=incident.is_gendered,
        is_coordinated=incident.is_coordinated,
        is_ai_made=incident.is_ai_made,
        detention_form=incident.detention_form,
        work_link_said_by=incident.work_link_said_by,
        verification=incident.verification,
        by=kept["by"],
    )
    return incident


def _targets(one: Told, outlet: Outlet, people: dict[str, Journalist]) -> list[TargetFacts]:
    targets = [TargetFacts(journalist=people[name]) for name in one["targets"]]
    if "outlet" in one:
        targets.append(TargetFacts(kind=TargetKind.OUTLET, outlet=outlet))
    if "group" in one:
        targets.append(TargetFacts(kind=TargetKind.UNNAMED_GROUP, words=one["group"]))
    if "neighbours" in one:
        targets.append(
            TargetFacts(
                kind=TargetKind.UNNAMED_GROUP,
                words=one["neighbours"],
                role=TargetRole.COLLATERAL_NEIGHBOUR,
            )
        )
    return targets


def _period(article: Article) -> When:
    return parse_when(PERIOD, known_by=known_by(article), as_stated=WORDS)


def _record_account(
    one: Told,
    article: Article,
    incidents: list[Incident],
    people: dict[str, Journalist],
    kept: Told,
) -> FakeAccount:
    return record_account(
        AccountFacts(
            kind=AccountKind.PROFILE,
            identified=Answer.NO,
            accounts_at_least=one["accounts_at_least"],
            spreads=one["spreads"],
        ),
        impersonates=[people[name] for name in one["impersonates"]],
        first_seen=_period(article),
        citations=[make_citation(AccountCitation, article, one["quote"])],
        incidents=[incidents[place - 1] for place in one["used_in"]],
        **kept,
    )


def _record_response(one: Told, article: Article, console: Actor, kept: Told) -> OfficialResponse:
    ministry = institution_named(one["institution"], "KZ")
    assert ministry is not None, "it ships with the tracker"  # noqa: S101 (a slip in our own data)
    citation = make_citation(ResponseCitation, article, one["quote"])
    acts = [
        ActFacts(
            act=ActType(act["act"]),
            quote=make_citation(ResponseCitation, article, act["quote"]).quote,
            quote_is=QuoteIs.REPORTED,
            acting_institution=law_enforcement_of("KZ", by=console) if "acting" in act else None,
        )
        for act in one["acts"]
    ]
    facts = ResponseFacts(
        institution=ministry,
        official=one["official"],
        office=one["office"],
        made=article.when,
        stance=Stance(one["stance"]),
        other_stances=[Stance(code) for code in one["other_stances"]],
        answers_scope=AnswerScope.CASE,
    )
    return record_response(facts, acts=acts, citations=[citation], **kept)
