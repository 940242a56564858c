"""Load the sample case through the services, and remove the sample.

What other records refer to is not removed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import aliased

from tracker import clock
from tracker.articles.codes import Language
from tracker.articles.models import Article, ArticleMask
from tracker.articles.queries import latest_possible_event_date
from tracker.articles.service import add_article, build_citation
from tracker.audit.models import AuditEvent
from tracker.audit.service import delete_committed_values, record_event
from tracker.cases.models import Case, StoredCaseFigures
from tracker.cases.service import file_records, open_case
from tracker.db import Base, db, renew_statistics_after_commit
from tracker.errors import InvalidInput
from tracker.fake_accounts.codes import AccountKind
from tracker.fake_accounts.models import AccountCitation, FakeAccount
from tracker.fake_accounts.service import AccountFacts, record_account
from tracker.i18n import _
from tracker.incidents.codes import Extent, PurportedAs, Setting, TargetKind, TargetRole, WorkLink
from tracker.incidents.guarded_models import Publication
from tracker.incidents.models import Incident
from tracker.incidents.service import ActorFacts, TargetFacts, record_incident, set_circumstances
from tracker.intake import models as intake_models
from tracker.people import service as people_service
from tracker.people.codes import Gender, JournalistKind, NameKind
from tracker.people.models import Erasure, Institution, InstitutionName, Journalist, Outlet
from tracker.people.queries import institution_by_name
from tracker.permissions import CONSOLE_NAME, Actor, Role, Visibility
from tracker.records import Record
from tracker.reports.imports.models import ImportBatch
from tracker.reports.models import ExportedRow, ExportRun, SavedExport
from tracker.responses.codes import ActType, AnswerScope, QuoteIs, Stance
from tracker.responses.models import Appeal, OfficialResponse, Proceeding, ResponseCitation
from tracker.responses.service import ActFacts, ResponseFacts, record_response
from tracker.review.service import submit_record
from tracker.scoping import ConfidentialRow, Viewer, set_viewer, viewing_everything
from tracker.users import models as user_models
from tracker.users.queries import count_other_administrators
from tracker.users.service import (
    create_user,
    get_or_create_console_user,
    get_or_create_team,
    hash_password,
)
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.queries import terms_with_codes
from tracker.when import When, parse_when

# The models of all records that a team owns. A model whose records refer to other records comes
# before the model of these.
MODELS_IN_DELETION_ORDER: tuple[type[Record], ...] = (
    ImportBatch,
    Case,
    Proceeding,
    Appeal,
    OfficialResponse,
    FakeAccount,
    Incident,
    intake_models.IntakeItem,
    Article,
    Journalist,
    Outlet,
)
# The models of rows of a user, which are deleted with the user.
USER_MODELS: tuple[Any, ...] = (
    user_models.UserSession, user_models.UserRole, user_models.TeamMember,
    user_models.SecondFactor, user_models.RecoveryCode, user_models.KnownDevice,
    user_models.SignInLink, user_models.CalendarLink, user_models.MailAddress,
    user_models.Submission,
    user_models.Follow, SavedExport,
)  # fmt: skip
# The models of rows that say: a user marked two records as no duplicates.
NOT_DUPLICATES_MODELS: tuple[Any, ...] = (
    intake_models.JournalistNotDuplicates,
    intake_models.OutletNotDuplicates,
)
# The models of rows of a record that are deleted before the record, since the model of the record
# has no relationship to them.
MODELS_DELETED_FIRST: tuple[Any, ...] = (
    Publication,
    ArticleMask,
    intake_models.SuggestionOutcome,
    Erasure,
)
# The name of the team that owns the sample.
SAMPLE_TEAM = "Sample"
# The role of each of the users, by name.
SAMPLE_USERS = {
    "admin": Role.ADMIN,
    "staff": Role.STAFF,
    "monitor": Role.MONITOR,
    "exporter": Role.EXPORTER,
}
REMOVE_COMMAND = ".venv/bin/python -m flask --app wsgi sample remove"
# The actions in the audit log.
LOAD_ACTION, REMOVE_ACTION = "sample:load", "sample:remove"
# When the events of the case happened, as a date and in the words of its article.
REPORTED_PERIOD, REPORTED_PERIOD_WORDS = "2024-12/2025-06", "for the past six months"
# The texts and values of the sample case, and of the records in it.
CASE_FILE = Path(__file__).with_name("case.toml")
# By name: the values in a part of `case.toml`, or keyword arguments of a service.
Values = dict[str, Any]


def load_sample(
    password: str, *, hasher: PasswordHasher, must_change_password: bool = False
) -> Case:
    """Create the four users, record the sample as `staff` would, and return its case. `password`:
    of all four; `hasher`: hashes it; `must_change_password`: each of them is asked for a password
    of their own at first.
    """
    renew_statistics_after_commit()
    data = tomllib.loads(CASE_FILE.read_text(encoding="utf-8"))
    console = get_or_create_console_user()
    staff = _create_users(password, hasher, must_change_password=must_change_password, by=console)
    set_viewer(Viewer(tuple(staff.team_ids)))
    common: Values = {"team_id": staff.team_ids[0], "visibility": Visibility.INTERNAL, "by": staff}

    outlet = people_service.add_outlet(**data["outlet"], **common)
    people = {one["name"]: _add_person(one, outlet, common) for one in data["journalists"]}
    article = _add_article(data["article"], outlet, common)
    incidents = [
        _report_incident(one, article, outlet, people, common) for one in data["incidents"]
    ]
    account = _record_account(data["account"], article, incidents, people, common)
    response = _record_response(data["response"], article, console, common)
    case = open_case(
        data["title"], summary=data["summary"].strip(), country=data["country"], **common
    )
    logged: list[Record] = [*incidents, account, response]
    file_records(case, logged, by=staff)
    for record in (incidents[-1], response):
        # So that the monitor has something to review.
        submit_record(record, by=staff)
    made: list[Record] = [outlet, *people.values(), article, *logged, case]
    record_event(
        LOAD_ACTION, SAMPLE_TEAM, by=console, changes={"refs": sorted(one.ref for one in made)}
    )
    return case


def _create_users(
    password: str, hasher: PasswordHasher, *, must_change_password: bool, by: Actor
) -> user_models.User:
    """Create the team and the users of the sample; return the user `staff`."""
    team = get_or_create_team(SAMPLE_TEAM, by=by)
    made = {
        name: create_user(
            name,
            hash_password(password, name, hasher=hasher),
            roles=[role],
            teams=[team],
            must_change_password=must_change_password,
            by=by,
        )
        for name, role in SAMPLE_USERS.items()
    }
    return made["staff"]


def _add_person(values: Values, outlet: Outlet, common: Values) -> Journalist:
    """Add a journalist. `values`: the entry of the journalist in `case.toml`; `common`: the team,
    visibility and user, as keyword arguments of services.
    """
    person = people_service.add_journalist(
        values["name"],
        country="KZ",
        kind=JournalistKind(values["kind"]),
        gender=Gender(values["gender"]),
        **common,
    )
    for name in values["variants"]:
        people_service.add_name(person, name, kind=NameKind.TRANSLITERATION, by=common["by"])
    if "position" in values:
        since = parse_when("before 2025-07", latest_possible_date=clock.current_date())
        people_service.add_affiliation(
            person, outlet, when=since, position=values["position"], by=common["by"]
        )
    return person


def _add_article(values: Values, outlet: Outlet, common: Values) -> Article:
    """Add the article that reports the case. `common`: team, visibility and user, for services."""
    return add_article(
        values["title"],
        text=values["text"].strip(),
        publisher=outlet,
        published=parse_when(values["published"], latest_possible_date=clock.current_date()),
        language=Language(values["language"]),
        **common,
    )


def _report_incident(
    values: Values, article: Article, outlet: Outlet, people: dict[str, Journalist], common: Values
) -> Incident:
    """Record an incident. `people`: the journalists by name; `common`: the team, visibility and
    user, as keyword arguments of services.
    """
    posed_as = PurportedAs(values["purported_as"]) if "purported_as" in values else None
    incident = record_incident(
        types=terms_with_codes(TermSet.INCIDENT_TYPE, values["types"]),
        occurred=_reported_period(article),
        country="KZ",
        targets=_target_facts(values, outlet, people),
        article=article,
        quote=values["quote"],
        extent=Extent(values["extent"]),
        actor=ActorFacts(purported_as=posed_as),
        **common,
    )
    set_circumstances(
        incident,
        {
            "setting": Setting(values.get("setting", "unknown")),
            "work_link": WorkLink(values["work_link"]),
        },
        by=common["by"],
    )
    return incident


def _target_facts(
    values: Values, outlet: Outlet, people: dict[str, Journalist]
) -> list[TargetFacts]:
    """Return the targets of an incident; `people`: the journalists by name."""
    targets = [TargetFacts(journalist=people[name]) for name in values["targets"]]
    if "outlet" in values:
        targets.append(TargetFacts(kind=TargetKind.OUTLET, outlet=outlet))
    if "group" in values:
        targets.append(TargetFacts(kind=TargetKind.UNNAMED_GROUP, words=values["group"]))
    if "neighbours" in values:
        targets.append(
            TargetFacts(
                kind=TargetKind.UNNAMED_GROUP,
                words=values["neighbours"],
                role=TargetRole.COLLATERAL_NEIGHBOUR,
            )
        )
    return targets


def _reported_period(article: Article) -> When:
    """Return when the events of the case happened, which its article reports."""
    return parse_when(
        REPORTED_PERIOD,
        latest_possible_date=latest_possible_event_date(article),
        as_stated=REPORTED_PERIOD_WORDS,
    )


def _record_account(
    values: Values,
    article: Article,
    incidents: list[Incident],
    people: dict[str, Journalist],
    common: Values,
) -> FakeAccount:
    """Record the fake account. `people`: the journalists by name; `common`: the team, visibility
    and user, as keyword arguments of services.
    """
    return record_account(
        AccountFacts(
            kind=AccountKind.PROFILE,
            identified=Answer.NO,
            accounts_at_least=values["accounts_at_least"],
            spreads=values["spreads"],
        ),
        impersonates=[people[name] for name in values["impersonates"]],
        first_seen=_reported_period(article),
        citations=[build_citation(AccountCitation, article, values["quote"])],
        incidents=[incidents[place - 1] for place in values["used_in"]],
        **common,
    )


def _record_response(
    values: Values, article: Article, console: Actor, common: Values
) -> OfficialResponse:
    """Record the official response. `console`: the actor who records the institution for an unnamed
    police force, if an act in `values` needs it; `common`: the team, visibility and user, as
    keyword arguments of services.
    """
    ministry = institution_by_name(values["institution"], "KZ")
    assert ministry is not None, "it ships with the tracker"  # noqa: S101 (a slip in our own data)
    citation = build_citation(ResponseCitation, article, values["quote"])
    acts = [
        ActFacts(
            act=ActType(act["act"]),
            quote=build_citation(ResponseCitation, article, act["quote"]).quote,
            quote_is=QuoteIs.REPORTED,
            acting_institution=people_service.get_or_create_law_enforcement("KZ", by=console)
            if "acting" in act
            else None,
        )
        for act in values["acts"]
    ]
    facts = ResponseFacts(
        institution=ministry,
        official=values["official"],
        office=values["office"],
        made=article.when,
        stance=Stance(values["stance"]),
        other_stances=[Stance(code) for code in values["other_stances"]],
        answers_scope=AnswerScope.CASE,
    )
    return record_response(facts, acts=acts, citations=[citation], **common)


@dataclass(frozen=True, slots=True)
class RemovalResult:
    """The result of removing the sample: the number of removed records, and what stays.
    `referrer_by_kept_ref`: the ref of each record that stays, with the ref of one that refers to
    it; `kept_users`: the names of the users who stay.
    """

    removed_count: int
    referrer_by_kept_ref: Mapping[str, str]
    kept_users: Sequence[str]


@dataclass(frozen=True, slots=True)
class _ForeignKey:
    """A foreign key. `model`, `column`: the model that has it, and the column; `referred_model`:
    the model to which it refers; `refers_to_owner`: the row to which it refers owns the row that
    has it.
    """

    model: Any
    column: Any
    referred_model: Any
    refers_to_owner: bool


def is_sample_loaded() -> bool:
    """Return whether the team of the sample has any records."""
    number = db.session.scalar(
        select(user_models.Team.id).where(user_models.Team.name == SAMPLE_TEAM)
    )
    kinds: tuple[Any, ...] = MODELS_IN_DELETION_ORDER if number else ()
    return any(
        db.session.scalar(select(kind.id).where(kind.team_id == number).limit(1)) for kind in kinds
    )


def remove_sample() -> RemovalResult:
    """Delete the sample's records, users and team, except what other records refer to.
    Raise InvalidInput if no sample is loaded.

    The audit log still names them.
    """
    team = db.session.scalars(
        select(user_models.Team).where(user_models.Team.name == SAMPLE_TEAM)
    ).first()
    refs, users = _loaded_refs_and_users()
    if team is None or not (refs or users):
        raise InvalidInput(sample=_("The sample is not in this database."))
    set_viewer(Viewer((team.id,)))
    with viewing_everything("sample: which records of any team refer to it?"):
        kept = _refs_used_by_other_records(refs)
        gone = refs - kept.keys()
        has_only_sample = not any(
            db.session.scalar(select(model.id).where(model.ref.not_in(refs)).limit(1))
            for model in MODELS_IN_DELETION_ORDER
        )
        _delete_records(gone)
        exports = _delete_exports(users, refs, has_only_sample=has_only_sample)
        removed_users, left = _delete_users(team, users)
    changes = {
        "removed": sorted(gone),
        "removed_exports": exports,
        "removed_users": removed_users,
        "users": left,
    }
    record_event(REMOVE_ACTION, SAMPLE_TEAM, by=get_or_create_console_user(), changes=changes)
    return RemovalResult(len(gone), kept, left)


def _loaded_refs_and_users() -> tuple[set[str], list[str]]:
    """Return the refs and users of the sample that were loaded and not removed since."""
    refs: set[str] = set()
    users: list[str] = []
    for event in db.session.scalars(
        select(AuditEvent)
        .where(AuditEvent.action.in_([LOAD_ACTION, REMOVE_ACTION]))
        .order_by(AuditEvent.sequence)
    ):
        if event.action == LOAD_ACTION:
            refs |= set(event.changes["refs"])
            users = list(SAMPLE_USERS)
        else:
            refs -= set(event.changes["removed"])
            users = event.changes.get("users", [])
    return refs, users


def _refs_used_by_other_records(refs: Collection[str]) -> dict[str, str]:
    """Return, by each of `refs` that other records use (directly or indirectly), the ref of one
    record that uses it.
    """
    pairs = [
        pair
        for key in _foreign_keys()
        if _prevents_removal(key)
        for pair in _referring_pairs(key, refs)
    ]
    kept: dict[str, str] = {}
    waiting = [(source, ref) for source, ref in pairs if source not in refs]
    while waiting:
        source, ref = waiting.pop()
        if ref not in kept:
            kept[ref] = source
            waiting += [(one, other) for one, other in pairs if one == ref]
    return kept


def _prevents_removal(key: _ForeignKey) -> bool:
    """Return whether a foreign key keeps the record to which it refers from being removed."""
    is_not_duplicates = key.model in {
        *NOT_DUPLICATES_MODELS,
        intake_models.InstitutionNotDuplicates,
    }
    is_part = key.refers_to_owner or key.model in {InstitutionName, StoredCaseFigures}
    return issubclass(key.referred_model, Record) and not (is_not_duplicates or is_part)


def _referring_pairs(key: _ForeignKey, refs: Collection[str]) -> list[tuple[str, str]]:
    """Return pairs of refs: the ref of a record that refers to another record by a foreign key, and
    the ref of this other record, one of `refs`. A record also refers to another one if a row that
    it owns has the foreign key.
    """
    there: Any = aliased(key.referred_model)
    owner: Any = key.model
    query: Any = select(owner)
    if not issubclass(key.model, Record):
        by = _owner_foreign_key(key.model)
        owner = aliased(by.referred_model)
        query = query.join(owner, by.column == owner.id)
    query = query.join(there, key.column == there.id).where(there.ref.in_(refs))
    pairs = query.with_only_columns(owner.ref, there.ref, maintain_column_froms=True)
    return [(source, ref) for source, ref in db.session.execute(pairs)]


@cache
def _foreign_keys() -> list[_ForeignKey]:
    """Return every foreign key of any model to an `id`."""
    models = {one.class_.__tablename__: one.class_ for one in Base.registry.mappers}
    return [
        _ForeignKey(
            one.class_,
            getattr(one.class_, one.get_property_by_column(column).key),
            models[key.column.table.name],
            "team_id" in key.constraint.column_keys if key.constraint is not None else False,
        )
        for one in Base.registry.mappers
        for column in one.columns
        for key in column.foreign_keys
        if key.column.name == "id"
    ]


def _owner_foreign_key(model: Any) -> _ForeignKey:  # noqa: ANN401 (a model)
    """Return the foreign key by which rows of a model refer to the record that owns them."""
    return next(key for key in _foreign_keys() if key.model is model and key.refers_to_owner)


def _delete_records(refs: Collection[str]) -> None:
    """Delete the records with these refs, and all rows that belong to them."""
    # Records have no relationship to these rows, so they are not deleted with the records.
    confidential = [
        one.class_ for one in Base.registry.mappers if issubclass(one.class_, ConfidentialRow)
    ]
    for model in (*confidential, *MODELS_DELETED_FIRST):
        db.session.execute(delete(model).where(_belonging_condition(model, refs)))
    for model in (*NOT_DUPLICATES_MODELS, intake_models.InstitutionNotDuplicates):
        for key in (
            one
            for one in _foreign_keys()
            if one.model is model and one.referred_model is not user_models.User
        ):
            numbers = select(key.referred_model.id).where(key.referred_model.ref.in_(refs))
            db.session.execute(delete(model).where(key.column.in_(numbers)))
    db.session.execute(delete(user_models.Follow).where(user_models.Follow.ref.in_(refs)))
    for ref in refs:
        delete_committed_values(ref)
    for mergeable in (Incident, Journalist, Outlet, Institution):
        merged = update(mergeable).where(mergeable.ref.in_(refs))
        db.session.execute(merged.values(merged_into_id=None))
    kinds: tuple[type[Record], ...] = (*MODELS_IN_DELETION_ORDER, Institution)
    for kind in kinds:
        # All of a kind at once, since some refer to each other.
        with db.session.no_autoflush:
            for record in db.session.scalars(select(kind).where(kind.ref.in_(refs))):
                db.session.delete(record)
        db.session.flush()


def _belonging_condition(model: Any, refs: Collection[str]) -> ColumnElement[bool]:  # noqa: ANN401 (a model)
    """Return the condition that a row of a model belongs to one of the records with these refs."""
    key = _owner_foreign_key(model)
    if issubclass(key.referred_model, Record):
        owners = select(key.referred_model.id).where(key.referred_model.ref.in_(refs))
    else:
        owners = select(key.referred_model.id).where(_belonging_condition(key.referred_model, refs))
    is_one: ColumnElement[bool] = key.column.in_(owners)
    return is_one


def _delete_exports(
    users: Collection[str], refs: Collection[str], *, has_only_sample: bool
) -> list[str]:
    """Delete the exports of the users that have only the sample in them; return their refs.
    `users`: the names; `refs`: of the sample's records; `has_only_sample`: the tracker has no other
    records, so that all exports of these users are deleted.

    The audit log still has their downloads.
    """
    ids = select(user_models.User.id).where(user_models.User.name.in_(users))
    taken = select(ExportRun.id, ExportRun.ref).where(ExportRun.by_id.in_(ids))
    if not has_only_sample:
        rows = select(ExportedRow.run_id)
        others = rows.where(ExportedRow.ref.not_in(refs))
        taken = taken.where(ExportRun.id.in_(rows), ExportRun.id.not_in(others))
    runs = {row.id: row.ref for row in db.session.execute(taken)}
    db.session.execute(delete(ExportedRow).where(ExportedRow.run_id.in_(runs)))
    db.session.execute(delete(ExportRun).where(ExportRun.id.in_(runs)))
    return sorted(runs.values())


def _delete_users(team: user_models.Team, names: Collection[str]) -> tuple[list[str], list[str]]:
    """Delete the sample's users and team. Return the names of the deleted users, and of the users
    who stay.

    A user stays if another row refers to them, or if they are the only administrator.
    """
    users = list(
        db.session.scalars(
            select(user_models.User)
            .where(user_models.User.name.in_(names))
            .order_by(user_models.User.name)
        )
    )
    # Institutions stay: they have no team.
    decided = intake_models.InstitutionNotDuplicates.told_by_id.in_([one.id for one in users])
    db.session.execute(delete(intake_models.InstitutionNotDuplicates).where(decided))
    left = [
        one
        for one in users
        if _is_referenced(user_models.User, one.id) or _is_last_administrator(one, names)
    ]
    gone = {one.id: one.name for one in users if one not in left}
    for model in USER_MODELS:
        db.session.execute(delete(model).where(model.user_id.in_(gone)))
    db.session.execute(delete(user_models.User).where(user_models.User.id.in_(gone)))
    if not left and not _is_referenced(user_models.Team, team.id):
        db.session.execute(delete(user_models.Team).where(user_models.Team.id == team.id))
    return [*gone.values()], [one.name for one in left]


def _is_last_administrator(user: user_models.User, names: Collection[str]) -> bool:
    """Return whether a user is the only administrator, while there are users outside the sample.
    `names`: of the sample's users.
    """
    others = (
        select(user_models.User.id)
        .where(user_models.User.name.not_in([*names, CONSOLE_NAME]))
        .limit(1)
    )
    is_admin = any(one.role == Role.ADMIN for one in user.roles_held)
    return (
        is_admin
        and db.session.scalar(others) is not None
        and not count_other_administrators(db.session(), user)
    )


def _is_referenced(model: type[user_models.User | user_models.Team], row_id: int) -> bool:
    """Return whether any row refers to a user or team, except rows deleted with a user."""
    return any(
        db.session.scalar(select(key.column).where(key.column == row_id).limit(1))
        for key in _foreign_keys()
        if key.referred_model is model
        and (model is user_models.Team or key.model not in USER_MODELS)
    )
