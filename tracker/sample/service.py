"""Load the sample case through the same services as all data, and remove it again."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import delete, func, select, update

from tracker import clock
from tracker.articles.codes import Language
from tracker.articles.models import Article, ArticleMask
from tracker.articles.queries import latest_possible_date
from tracker.articles.service import add_article, make_citation
from tracker.audit.models import AuditEvent
from tracker.audit.service import delete_committed_values, record_event
from tracker.cases.models import Case, CaseLastSeen
from tracker.cases.service import file_records, open_case
from tracker.db import Base, db, renew_statistics_after_commit
from tracker.errors import InvalidInput
from tracker.fake_accounts.codes import AccountKind
from tracker.fake_accounts.models import AccountCitation, FakeAccount
from tracker.fake_accounts.service import AccountFacts, record_account
from tracker.i18n import _, ngettext
from tracker.incidents.codes import Extent, PurportedAs, Setting, TargetKind, TargetRole, WorkLink
from tracker.incidents.guarded_models import Publication
from tracker.incidents.models import Incident
from tracker.incidents.section_service import ActorFacts, TargetFacts
from tracker.incidents.service import report_incident, set_circumstances
from tracker.intake.models import (
    InstitutionNotDuplicates,
    IntakeItem,
    JournalistNotDuplicates,
    OutletNotDuplicates,
    SuggestionOutcome,
)
from tracker.people.codes import Gender, JournalistKind, NameKind
from tracker.people.models import Erasure, Journalist, Outlet
from tracker.people.queries import institution_by_name
from tracker.people.service import (
    add_journalist,
    add_name,
    add_outlet,
    affiliate,
    law_enforcement_of,
)
from tracker.permissions import Actor, Role, Visibility
from tracker.records import Record
from tracker.reports.imports.models import ImportBatch
from tracker.reports.models import ExportedRow, ExportRun
from tracker.responses.codes import ActType, AnswerScope, QuoteIs, Stance
from tracker.responses.models import Appeal, OfficialResponse, Proceeding, ResponseCitation
from tracker.responses.service import ActFacts, ResponseFacts, record_response
from tracker.review.service import submit_record
from tracker.scoping import TeamOnly, Viewer, set_viewer, system_session
from tracker.users.models import (
    KnownDevice,
    RecoveryCode,
    SecondFactor,
    SignInLink,
    Submission,
    Team,
    TeamMember,
    User,
    UserRole,
    UserSession,
)
from tracker.users.service import console_actor, create_user, get_or_create_team
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.queries import terms_by_code
from tracker.when import When, parse_when

# Every kind of record that a team owns; referring records come before those they refer to.
FROM_THE_TOP: tuple[type[Record], ...] = (
    ImportBatch,
    Case,
    Proceeding,
    Appeal,
    OfficialResponse,
    FakeAccount,
    Incident,
    IntakeItem,
    Article,
    Journalist,
    Outlet,
)
OF_USERS: tuple[Any, ...] = (
    UserSession, UserRole, TeamMember, SecondFactor, RecoveryCode, KnownDevice, SignInLink,
    Submission,
)  # fmt: skip
KEPT_APART: tuple[Any, ...] = (
    JournalistNotDuplicates, OutletNotDuplicates, Publication, ArticleMask, SuggestionOutcome,
    Erasure,
    CaseLastSeen,
)  # fmt: skip
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
    """Create the four users and record the sample as `staff` would."""
    renew_statistics_after_commit()
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
        # So that the monitor has something to review.
        submit_record(record, by=staff)
    made: list[Record] = [outlet, *people.values(), article, *logged, case]
    record_event(LOADED, TEAM, by=console, changes={"refs": sorted(one.ref for one in made)})
    return case


def _make_users(password: str, *, argon: PasswordHasher, by: Actor) -> User:
    team = get_or_create_team(TEAM, by=by)
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
        since = parse_when("before 2025-07", latest_possible_date=clock.today())
        affiliate(person, outlet, when=since, position=one["position"], by=kept["by"])
    return person


def _add_article(one: Told, outlet: Outlet, kept: Told) -> Article:
    return add_article(
        one["title"],
        text=one["text"].strip(),
        publisher=outlet,
        published=parse_when(one["published"], latest_possible_date=clock.today()),
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
        {
            "setting": Setting(one.get("setting", "unknown")),
            "work_link": WorkLink(one["work_link"]),
        },
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
    return parse_when(PERIOD, latest_possible_date=latest_possible_date(article), as_stated=WORDS)


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
    ministry = institution_by_name(one["institution"], "KZ")
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


def remove_sample() -> None:
    """Delete the sample's records, users and team; the audit log keeps that they existed.

    Raises InvalidInput without the sample, or if anything else was recorded since, which might
    depend on it.
    """
    team = db.session.scalars(select(Team).where(Team.name == TEAM)).first()
    loaded = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == LOADED).order_by(AuditEvent.sequence.desc())
    ).first()
    if team is None or loaded is None:
        raise InvalidInput(sample=_("The sample is not in this database."))
    others = _count_others(set(loaded.changes["refs"]))
    if others:
        raise InvalidInput(
            sample=ngettext(
                "The database holds %(num)d record besides the sample; nothing was removed.",
                "The database holds %(num)d records besides the sample; nothing was removed.",
                others,
            )
        )
    set_viewer(Viewer((team.id,)))
    # No relationship leads to these from a record, so that none is loaded by accident: they are
    # deleted first.
    confidential = [one.class_ for one in Base.registry.mappers if issubclass(one.class_, TeamOnly)]
    for model in (*confidential, *KEPT_APART):
        db.session.execute(delete(model).where(model.team_id == team.id))
    for ref in loaded.changes["refs"]:
        delete_committed_values(ref)
    for mergeable in (Incident, Journalist, Outlet):
        db.session.execute(update(mergeable).values(merged_into_id=None))
    for kind in FROM_THE_TOP:
        for record in db.session.scalars(select(kind)):
            db.session.delete(record)
        db.session.flush()
    _delete_users(team)
    removed = {"removed": sorted(loaded.changes["refs"])}
    record_event("sample:remove", TEAM, by=console_actor(), changes=removed)


def _count_others(refs: set[str]) -> int:
    """Return the number of records that do not belong to the sample."""
    with system_session("sample: is anything else recorded?", reading=True) as session:
        counts = [
            session.scalar(select(func.count()).select_from(model).where(model.ref.not_in(refs)))
            or 0
            for model in FROM_THE_TOP
        ]
    return sum(counts)


def _delete_users(team: Team) -> None:
    ids = list(db.session.scalars(select(User.id).where(User.name.in_(USERS))))
    for model in OF_USERS:
        db.session.execute(delete(model).where(model.user_id.in_(ids)))
    # Institutions stay: they have no team.
    decided = InstitutionNotDuplicates.told_by_id.in_(ids)
    db.session.execute(delete(InstitutionNotDuplicates).where(decided))
    # Exports with only the sample in them; that they were downloaded stays in the audit log.
    taken = select(ExportRun.id).where(ExportRun.by_id.in_(ids))
    db.session.execute(delete(ExportedRow).where(ExportedRow.run_id.in_(taken)))
    db.session.execute(delete(ExportRun).where(ExportRun.by_id.in_(ids)))
    db.session.execute(delete(User).where(User.id.in_(ids)))
    if not db.session.scalar(select(TeamMember.user_id).where(TeamMember.team_id == team.id)):
        db.session.execute(delete(Team).where(Team.id == team.id))
